//! Sheets as a workbook that spreadsheets open. Every cell is text: nothing in it is ever taken for a formula.

use policy::register::Sheet;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

/// How wide a column is at most, in letters.
const WIDEST: usize = 48;

/// The sheets as one workbook, Office Open XML.
///
/// # Errors
/// If a sheet is larger than a workbook takes.
pub fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(sheet.name)?;
        page.set_landscape().set_print_fit_to_pages(1, 0);
        let mut at = 0;
        for (label, value) in &sheet.head {
            page.write_string_with_format(at, 0, *label, &bold)?;
            page.write_string(at, 1, value)?;
            at += 1;
        }
        at += u32::from(!sheet.head.is_empty());
        for (column, name) in (0_u16..).zip(&sheet.columns) {
            page.write_string_with_format(at, column, *name, &bold)?;
            let cells = sheet.rows.iter().filter_map(|row| row.get(usize::from(column)));
            let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
            let width = u16::try_from(longest.max(name.len() / 2).clamp(12, WIDEST)).unwrap_or(12);
            page.set_column_width(column, f64::from(width))?;
        }
        page.set_freeze_panes(at + 1, 1)?;
        page.set_repeat_rows(at, at)?;
        for row in &sheet.rows {
            at += 1;
            for (column, cell) in (0_u16..).zip(row) {
                page.write_string_with_format(at, column, cell, &plain)?;
            }
        }
    }
    book.save_to_buffer()
}

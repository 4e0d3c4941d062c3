//! A table read from a file: headings, rows, and which rows cannot be taken as they stand.
//!
//! INVARIANT (no row is lost): every row of the file is a [`Row`], with a [`Problem`] or without.

use csv::StringRecord;

use super::decode::{Decoded, decode};
use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS};

/// Why a file, or one row of it, cannot be taken as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// A sentence for the person at the screen.
    pub message: String,
    /// The row, counting from 1 below the headings; `None` when it is the whole file.
    pub row: Option<usize>,
}

/// How a file was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dialect {
    /// What separates cells: comma, semicolon, tab or bar.
    pub separator: u8,
    /// The encoding's name.
    pub encoding: &'static str,
    /// Whether it began with a byte-order mark.
    pub had_bom: bool,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Counting from 1 below the headings.
    pub number: usize,
    /// The line of the file it starts on, counting from 1.
    pub line: u64,
    /// What is wrong with its shape, if anything.
    pub problem: Option<Problem>,
    cells: StringRecord,
}

impl Row {
    /// A row of these cells, as kept from a file that is gone.
    #[must_use]
    pub fn of(
        number: usize,
        cells: impl IntoIterator<Item = impl AsRef<str>>,
        problem: Option<Problem>,
    ) -> Self {
        let mut record = StringRecord::new();
        cells.into_iter().for_each(|cell| record.push_field(cell.as_ref()));
        Self { number, line: 0, problem, cells: record }
    }

    /// The cell of a column, trimmed; empty where the row is too short.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map(str::trim).unwrap_or_default()
    }

    /// Every cell, trimmed, surplus ones of a ragged row included.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(str::trim)
    }

    /// Whether nothing is written in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells().all(str::is_empty)
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// The headings, trimmed; a heading left empty is `column 4`.
    pub headers: Vec<String>,
    /// The rows below, blank ones left out.
    pub rows: Vec<Row>,
    /// How the file was written.
    pub dialect: Dialect,
}

/// Beginnings of files that are no text, and what to say of them.
const NOT_TEXT: &[(&[u8], &str)] = &[
    (
        b"PK\x03\x04",
        "this is a spreadsheet or zip file, not CSV; open it and save it as \"CSV (comma separated)\", then choose that file",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "this is an old Excel file, not CSV; open it and save it as \"CSV (comma separated)\", then choose that file",
    ),
    (b"%PDF", "this is a PDF, not CSV; ask for the list as CSV"),
    (b"{\\rtf", "this is a word-processor file, not CSV"),
    (b"BEGIN:VCARD", "this is a vCard file; export it as CSV instead"),
    (b"\x1f\x8b", "this file is compressed; unpack it and choose the CSV file inside"),
    (b"SQLite format 3", "this is a database, not CSV"),
];

impl Sheet {
    /// Reads a table.
    ///
    /// # Errors
    /// A [`Problem`] of the whole file: too large, no text, no headings, no rows.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.len() > MAX_FILE_BYTES {
            return Err(whole(format!(
                "the file is {}; at most {} are read at a time",
                size(bytes.len()),
                size(MAX_FILE_BYTES)
            )));
        }
        if let Some((_, message)) = NOT_TEXT.iter().find(|(start, _)| bytes.starts_with(start)) {
            return Err(whole((*message).to_owned()));
        }
        let Decoded { text, encoding, had_bom } = decode(bytes);
        if text.trim().is_empty() {
            return Err(whole("the file is empty".to_owned()));
        }
        if is_junk(&text) {
            return Err(whole(
                "this is not a text file; export the list as CSV and choose that file".to_owned(),
            ));
        }
        let separator = separator(&text);
        let mut records = reader(&text, separator);
        let headers = headings(&mut records)?;
        let mut sheet = Self { headers, rows: Vec::new(), dialect: Dialect { separator, encoding, had_bom } };
        sheet.take_rows(records)?;
        sheet.note_unclosed_quote(&text);
        if sheet.rows.is_empty() {
            return Err(whole("the file has headings and no rows below them".to_owned()));
        }
        Ok(sheet)
    }

    fn take_rows(&mut self, mut records: csv::Reader<&[u8]>) -> Result<(), Problem> {
        let mut record = StringRecord::new();
        loop {
            match records.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(whole(format!("the file cannot be read as CSV: {error}"))),
            }
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if self.rows.len() == MAX_ROWS {
                return Err(whole(format!(
                    "the file has more than {MAX_ROWS} rows; split it and import the parts one after another"
                )));
            }
            let number = self.rows.len() + 1;
            let line = record.position().map_or(0, csv::Position::line);
            let message = shape(&self.headers, &record);
            if record.iter().any(|cell| cell.len() > MAX_CELL_BYTES) {
                record = record.iter().map(|cell| clip(cell, MAX_CELL_BYTES)).collect();
            }
            let problem = message.map(|message| Problem { message, row: Some(number) });
            self.rows.push(Row { number, line, problem, cells: record.clone() });
        }
    }

    /// A quotation mark that is opened and never closed swallows the rest of the file into one cell.
    fn note_unclosed_quote(&mut self, text: &str) {
        let Some(last) = self.rows.last_mut() else { return };
        let swallowed = last.cells.iter().any(|cell| cell.contains('\n'));
        if swallowed && text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
            last.problem = Some(Problem {
                message: "a quotation mark is opened in this row and never closed, so that all lines after it were read as one cell".to_owned(),
                row: Some(last.number),
            });
        }
    }

    /// The row of a number.
    #[must_use]
    pub fn row(&self, number: usize) -> Option<&Row> {
        self.rows.get(number.checked_sub(1)?)
    }

    /// Puts a value into one cell of one row and takes the row's shape as right from now on: who looks at
    /// a row and corrects it has seen it. Surplus cells beyond the headings go.
    ///
    /// # Errors
    /// A [`Problem`] when there is no such row or column, or the value is too long.
    pub fn fix(&mut self, row: usize, column: usize, value: &str) -> Result<(), Problem> {
        let width = self.headers.len();
        let none = |message: &str| Problem { message: message.to_owned(), row: Some(row) };
        if column >= width {
            return Err(none("there is no such column"));
        }
        if value.len() > MAX_CELL_BYTES {
            return Err(none(&format!("a cell holds at most {}", size(MAX_CELL_BYTES))));
        }
        let found = row
            .checked_sub(1)
            .and_then(|at| self.rows.get_mut(at))
            .ok_or_else(|| none("there is no such row"))?;
        found.cells = (0..width)
            .map(|at| if at == column { value } else { found.cells.get(at).unwrap_or_default() })
            .collect();
        found.problem = None;
        Ok(())
    }
}

fn whole(message: String) -> Problem {
    Problem { message, row: None }
}

fn size(bytes: usize) -> String {
    if bytes < 1024 * 1024 {
        format!("{} kB", bytes.div_ceil(1024))
    } else {
        format!("{} MB", bytes.div_ceil(1024 * 1024))
    }
}

fn clip(cell: &str, most: usize) -> &str {
    let end = (0..=most.min(cell.len())).rev().find(|at| cell.is_char_boundary(*at)).unwrap_or(0);
    cell.get(..end).unwrap_or_default()
}

/// Text has line ends and tabs; more than one other control character in a thousand is something else.
fn is_junk(text: &str) -> bool {
    let odd = |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || c == '\u{fffd}';
    let (mut all, mut bad) = (0_usize, 0_usize);
    for c in text.chars() {
        all += 1;
        bad += usize::from(odd(c));
    }
    text.contains('\0') || bad * 1000 > all.max(1000)
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

const SEPARATORS: &[u8] = b",;\t|";
/// How many rows decide what separates cells.
const SNIFFED_ROWS: usize = 20;

/// The separator under which the first rows have the most cells and agree on how many.
fn separator(text: &str) -> u8 {
    let score = |separator: u8| {
        let mut records = reader(text, separator).into_records();
        let width = records.next().and_then(Result::ok).map_or(0, |first| first.len());
        let agreeing = records
            .take(SNIFFED_ROWS)
            .filter(|record| record.as_ref().is_ok_and(|record| record.len() == width))
            .count();
        if width < 2 { (0, 0) } else { (agreeing + 1, width) }
    };
    let mut best = (b',', (0, 0));
    for separator in SEPARATORS {
        let its = score(*separator);
        // Headings weigh most: a separator in the first line that no row follows is still likelier than none.
        if its > best.1 {
            best = (*separator, its);
        }
    }
    best.0
}

fn headings(records: &mut csv::Reader<&[u8]>) -> Result<Vec<String>, Problem> {
    let mut record = StringRecord::new();
    loop {
        match records.read_record(&mut record) {
            Ok(true) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(true) => break,
            Ok(false) => return Err(whole("the file is empty".to_owned())),
            Err(error) => return Err(whole(format!("the file cannot be read as CSV: {error}"))),
        }
    }
    if record.len() > MAX_COLUMNS {
        return Err(whole(format!("the file has {} columns; at most {MAX_COLUMNS} are read", record.len())));
    }
    if record.iter().any(|cell| cell.len() > MAX_CELL_BYTES) {
        return Err(whole("the first line is too long to be headings".to_owned()));
    }
    if record.iter().any(|cell| super::column::looks_like_email(cell.trim())) {
        return Err(whole("the first line looks like a person, not like headings; put a line of headings above it: Name, E-mail, Phone".to_owned()));
    }
    let mut headers: Vec<String> =
        record.iter().map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    while headers.len() > 1 && headers.last().is_some_and(String::is_empty) {
        headers.pop();
    }
    for (at, header) in headers.iter_mut().enumerate() {
        if header.is_empty() {
            *header = format!("column {}", at + 1);
        }
    }
    Ok(headers)
}

fn shape(headers: &[String], record: &StringRecord) -> Option<String> {
    if let Some(at) = record.iter().position(|cell| cell.len() > MAX_CELL_BYTES) {
        let (name, long) =
            (headers.get(at).map_or("the last column", String::as_str), record.get(at).map_or(0, str::len));
        return Some(format!(
            "the cell under {name} is {} long; a cell holds at most {}",
            size(long),
            size(MAX_CELL_BYTES)
        ));
    }
    let surplus = record.iter().skip(headers.len()).any(|cell| !cell.trim().is_empty());
    if surplus || record.len() < headers.len() {
        return Some(format!(
            "this row has {} cells where the headings have {}, so its values may stand in the wrong columns",
            record.len(),
            headers.len()
        ));
    }
    None
}

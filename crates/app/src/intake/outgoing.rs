//! Writing CSV that a spreadsheet opens as text: no cell of ours is ever run as a formula.

/// A cell made safe: one that a spreadsheet would take for a formula begins with an apostrophe.
#[must_use]
pub fn safe(cell: &str) -> std::borrow::Cow<'_, str> {
    match cell.trim_start_matches(['\t', '\r', '\n', ' ']).chars().next() {
        Some('=' | '+' | '-' | '@') => format!("'{cell}").into(),
        _ => cell.into(),
    }
}

/// Rows as CSV: UTF-8 with the mark that Excel asks for, CRLF, every cell [`safe`].
///
/// # Errors
/// When the writer fails, which writing to memory does not.
pub fn csv<R, C>(rows: R) -> Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item = C>,
    C: IntoIterator,
    C::Item: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer.write_record(row.into_iter().map(|cell| safe(cell.as_ref()).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for bad in ["=1+1", "+44", "-2", "@sum", " =cmd"] {
            assert_eq!(safe(bad), format!("'{bad}"));
        }
        assert_eq!(safe("Zoë"), "Zoë");
        let bytes = csv([["Name", "Phone"], ["O\"Neill", "+44 1632 960001"]]).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\u{feff}Name,Phone\r\n\"O\"\"Neill\",'+44 1632 960001\r\n"
        );
    }
}

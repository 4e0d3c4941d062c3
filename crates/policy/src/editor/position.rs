//! Places as editors count them: lines from 0, characters in UTF-16 units.

/// A place in a text as an editor counts it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Position {
    /// The line, from 0.
    pub line: u32,
    /// UTF-16 code units from the beginning of the line.
    pub character: u32,
}

/// Where a byte of the text is; past the end, the end.
#[must_use]
pub fn position_of(text: &str, byte: u32) -> Position {
    let mut byte = (byte as usize).min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    let before = text.get(..byte).unwrap_or_default();
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let character = before.get(start..).unwrap_or_default().encode_utf16().count();
    Position { line: small(line), character: small(character) }
}

/// The byte of a place; past the end of its line, the end of the line.
#[must_use]
pub fn offset_of(text: &str, place: Position) -> usize {
    let mut at = 0;
    for _ in 0..place.line {
        match text.get(at..).and_then(|rest| rest.find('\n')) {
            Some(end) => at += end + 1,
            None => return text.len(),
        }
    }
    let mut units = 0;
    for letter in text.get(at..).unwrap_or_default().chars() {
        if units >= place.character || letter == '\n' {
            break;
        }
        units += small(letter.len_utf16());
        at += letter.len_utf8();
    }
    at
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_bytes_are_the_same_both_ways() {
        let text = "é\na\u{1F600}b\n\nend";
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(offset_of(text, position_of(text, small(byte))), byte);
        }
        assert_eq!(position_of(text, 8), Position { line: 1, character: 3 });
        assert_eq!(offset_of(text, Position { line: 1, character: 99 }), 9);
        assert_eq!(offset_of(text, Position { line: 99, character: 0 }), text.len());
    }
}

//! The words of a text with their places, each also in the form that names are compared in.

use crate::normal;

/// A word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word<'a> {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, without what only says whose something is (`'s`).
    pub end: usize,
    /// As it stands in the text.
    pub raw: &'a str,
    /// Lower case, without accents, apostrophes and hyphens.
    pub plain: String,
    /// Whether it begins with a capital.
    pub capital: bool,
    /// Whether all its letters are capitals, of which there are two at least.
    pub shouted: bool,
    /// Whether a sentence or a line begins with it.
    pub first: bool,
}

/// Whether a letter shows nothing: a soft hyphen, a blank without width, a joiner. It may stand within a word.
#[must_use]
pub fn is_nothing(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// The words of a text. One that is broken at the end of a line is one word.
#[must_use]
pub fn words(text: &str) -> Vec<Word<'_>> {
    let mut found: Vec<Word<'_>> = Vec::new();
    let mut at = 0;
    while let Some(start) =
        text.get(at..).and_then(|rest| rest.find(char::is_alphanumeric)).map(|step| at + step)
    {
        let end = word_end(text, start);
        at = end.max(start + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
        let raw = text.get(start..end).unwrap_or_default();
        let stem = stem(raw);
        let raw = raw.get(..stem).unwrap_or(raw);
        let plain = plain(raw);
        if plain.is_empty() {
            continue;
        }
        let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
        let before = text.get(found.last().map_or(0, |last| last.end)..start).unwrap_or_default();
        found.push(Word {
            start,
            end: start + stem,
            raw,
            plain,
            capital: raw.chars().next().is_some_and(char::is_uppercase),
            shouted: letters > 1 && !raw.chars().any(char::is_lowercase),
            first: found.is_empty()
                || before.contains(['.', '!', '?', '\n', ':', '\u{2022}', '\u{201c}', '"', '*', '|', '\t']),
        });
    }
    found
}

fn word_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut chars = text.get(start..).unwrap_or_default().char_indices().peekable();
    while let Some((step, c)) = chars.next() {
        let after = start + step + c.len_utf8();
        if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
            end = after;
            continue;
        }
        // A soft hyphen may stand anywhere; a hyphen or an apostrophe between letters; a hyphen at the end of a line.
        let next = chars.peek().map(|(_, next)| *next);
        match c {
            _ if is_nothing(c) => {}
            '\'' | '\u{2019}' | '-' | '\u{2010}' | '\u{2011}' if next.is_some_and(char::is_alphanumeric) => {}
            '-' | '\u{2010}' if next.is_some_and(|next| matches!(next, '\n' | '\r')) => {
                let rest = text.get(after..).unwrap_or_default();
                let line = rest.trim_start_matches(['\r', '\n', ' ', '>']);
                let breaks = rest.len() - line.len();
                if breaks > 4 || !line.chars().next().is_some_and(char::is_alphabetic) {
                    break;
                }
                while chars.next_if(|(step, _)| start + step < after + breaks).is_some() {}
            }
            _ => break,
        }
    }
    end
}

/// The length of a word without what says whose something is.
fn stem(raw: &str) -> usize {
    for end in ["'s", "\u{2019}s", "'S", "\u{2019}S"] {
        if let Some(stem) = raw.strip_suffix(end) {
            return stem.len();
        }
    }
    raw.len()
}

/// A word in the form it is compared in.
#[must_use]
pub fn plain(raw: &str) -> String {
    normal::name(raw).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A word as names are kept: with its apostrophes and hyphens, without what breaks it at the end of a line.
#[must_use]
pub(super) fn spaced(raw: &str) -> String {
    let whole: String = raw.chars().filter(|c| !c.is_whitespace() && *c != '>' && !is_nothing(*c)).collect();
    normal::name(&if raw.contains('\n') { whole.replacen('-', "", 1) } else { whole })
}

/// The words of a value, as they are compared.
#[must_use]
pub fn parts(value: &str) -> Vec<String> {
    words(value).into_iter().map(|word| word.plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_places_and_one_form() {
        let text = "Zoë O\u{2019}Brien's note: El-\nlis rang, Anne-Marie too. (Tom)";
        let found = words(text);
        let plain: Vec<&str> = found.iter().map(|word| word.plain.as_str()).collect();
        assert_eq!(plain, ["zoe", "obrien", "note", "ellis", "rang", "annemarie", "too", "tom"]);
        for word in &found {
            assert_eq!(text.get(word.start..word.end), Some(word.raw));
        }
        assert!(found.first().is_some_and(|word| word.first) && found.get(3).is_some_and(|word| word.first));
        assert!(!found.get(4).is_some_and(|word| word.first));
        let hidden = words("Bai\u{200b}ns and Bai\u{ad}ns");
        assert_eq!(
            hidden.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>(),
            ["bains", "and", "bains"]
        );
    }
}

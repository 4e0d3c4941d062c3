//! The words of a text with their places, each also in the form that names are compared in.

use std::ops::Range;

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

/// A text with a blank for every hyphen between two letters, each at its place; nothing where there is none.
#[must_use]
pub fn unhyphened(text: &str) -> Option<String> {
    let mut made = String::with_capacity(text.len());
    let mut before = ' ';
    let mut any = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let ties = matches!(c, '-' | '\u{2010}' | '\u{2011}')
            && before.is_alphabetic()
            && chars.peek().is_some_and(|next| next.is_alphabetic());
        any |= ties;
        match ties {
            true => made.extend(std::iter::repeat_n(' ', c.len_utf8())),
            false => made.push(c),
        }
        before = c;
    }
    any.then_some(made)
}

/// The fewest letters in a row that stand apart on purpose: fewer are a list, or initials.
const APART_MIN: usize = 4;

/// A text in which letters that stood apart stand together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Together {
    /// The text.
    pub text: String,
    /// Where each of its bytes stands in the text it was made from.
    from: Vec<usize>,
    /// What of it stood apart.
    pub joined: Vec<Range<usize>>,
}

impl Together {
    /// A place of it, in the text it was made from.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.from.get(span.start).copied().unwrap_or(0);
        let end = span.end.checked_sub(1).and_then(|last| self.from.get(last)).map_or(start, |last| last + 1);
        start..end
    }

    /// Takes a run of letters together; where it ends.
    fn join(&mut self, text: &str, run: &[Range<usize>]) -> Option<usize> {
        let begins = self.text.len();
        let mut before: Option<(usize, char)> = None;
        let is_wide = |from: usize, to: usize| text.get(from..to).is_some_and(|gap| gap.chars().count() > 1);
        // Where wider blanks part the words, a capital within one is its own: "MacDonald".
        let any_wide =
            run.windows(2).any(|pair| matches!(pair, [one, other] if is_wide(one.end, other.start)));
        for place in run {
            let said = text.get(place.clone()).unwrap_or_default();
            let letter = said.chars().find(|c| c.is_alphanumeric()).unwrap_or(' ');
            if let Some((end, last)) = before {
                let begins_word = !any_wide && last.is_lowercase() && letter.is_uppercase();
                if is_wide(end, place.start) || begins_word {
                    self.text.push(' ');
                    self.from.push(end);
                }
            }
            self.text.push_str(said);
            self.from.extend(place.clone());
            before = Some((place.end, letter));
        }
        self.joined.push(begins..self.text.len());
        before.map(|(end, _)| end)
    }
}

/// A text with its letters together where they stand apart: `P r i y a   N a i r` is `Priya Nair`. Nothing where none do.
/// A wider blank ends a word, and so does a capital after a small letter.
#[must_use]
pub fn together(text: &str) -> Option<Together> {
    let mut tokens = tokens(text).peekable();
    let mut made = Together { text: String::new(), from: Vec::new(), joined: Vec::new() };
    let (mut at, mut run) = (0, Vec::<Range<usize>>::new());
    while let Some(token) = tokens.next() {
        let said = text.get(token.clone()).unwrap_or_default();
        let alone = letters(said) <= 1 && said.chars().nth(3).is_none();
        if alone {
            run.push(token.clone());
        }
        // What is set behind a letter ends what stands apart: "P r i y a, a b c".
        let ends = !alone || (letters(said) == 1 && !said.ends_with(char::is_alphanumeric));
        let goes_on = tokens.peek().is_some_and(|next| {
            let gap = text.get(token.end..next.start).unwrap_or_default();
            !gap.contains('\n') && gap.chars().count() <= 4
        });
        if !ends && goes_on {
            continue;
        }
        let apart =
            run.iter().filter(|place| text.get((*place).clone()).is_some_and(|said| letters(said) == 1));
        if apart.count() >= APART_MIN {
            let start = run.first().map_or(at, |first| first.start);
            made.text.push_str(text.get(at..start).unwrap_or_default());
            made.from.extend(at..start);
            at = made.join(text, &run).unwrap_or(start);
        }
        run.clear();
    }
    if made.joined.is_empty() {
        return None;
    }
    made.text.push_str(text.get(at..).unwrap_or_default());
    made.from.extend(at..text.len());
    Some(made)
}

fn letters(said: &str) -> usize {
    said.chars().filter(|c| c.is_alphanumeric()).count()
}

/// What stands between blanks.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(|c: char| !c.is_whitespace())?;
        let length = text.get(start..)?.find(char::is_whitespace).unwrap_or(text.len() - start);
        at = start + length;
        Some(start..at)
    })
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
        let apart = together("Seen by P r i y a  N a i r, and M A X; a b c.").unwrap();
        assert_eq!(apart.text, "Seen by Priya Nair, and M A X; a b c.");
        let at = apart.text.find("Priya Nair").unwrap();
        assert_eq!(apart.place(&(at..at + 10)), 8..26);
        assert_eq!(together("Z o ë K e e n").unwrap().text, "Zoë Keen");
        assert_eq!(together("E w a n  M a c D o n a l d").unwrap().text, "Ewan MacDonald");
        assert_eq!(together("A B C, and I am here"), None);
        let hidden = words("Bai\u{200b}ns and Bai\u{ad}ns");
        assert_eq!(
            hidden.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>(),
            ["bains", "and", "bains"]
        );
    }
}

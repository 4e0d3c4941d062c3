//! The author's own sentences: what they say that the law no longer does. Looks at texts in quotes only.

use std::ops::Range;

use super::Review;
use super::claims::OPENED;
use super::sayings::{REQUESTS, ROWS};
use super::wording;
use crate::source::{File, Span};

impl Review<'_> {
    pub(super) fn prose(&mut self) {
        let own = crate::parse::included(&self.policy.files);
        for (number, file) in self.policy.files.iter().enumerate().filter(|(at, _)| own.contains(at)) {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            for text in quoted(file, number) {
                if !self.policy.accepts.iter().any(|accept| within(text.span, accept.span)) {
                    self.sentence(&text);
                }
            }
        }
    }

    fn sentence(&mut self, text: &Text) {
        self.deadline(text);
        self.breach(text);
        self.abroad(text);
        let marks = Marks::of(&text.words);
        let says = |words: &[&str]| words.iter().any(|words| text.words.contains(words));
        let mut said: Vec<&str> = Vec::new();
        for row in ROWS.iter().chain(REQUESTS) {
            let Some((at, found)) = row
                .says
                .iter()
                .filter(|words| marks.may_have(words))
                .filter_map(|words| text.find(words).map(|at| (at, words)))
                .find(|(at, words)| {
                    let (start, end) = sentence_at(&text.words, *at);
                    let sentence = text.words.get(start..end).unwrap_or_default();
                    wording::stands(row.code, words)
                        || !wording::denied(&wording::words(sentence, start), (*at, at + words.len()))
                })
            else {
                continue;
            };
            // What is said in two ways in one text is one fault.
            if said.contains(&row.code) || says(row.unless) || !row.with.iter().all(|words| says(words)) {
                continue;
            }
            said.push(row.code);
            self.find(row.code, text.place(at, at + found.len()), row.message, row.help);
        }
        self.claims(text, &marks, &mut said);
    }

    /// What a sentence says by its words in their order, whatever stands elsewhere in the text.
    fn claims(&mut self, text: &Text, marks: &Marks, said: &mut Vec<&str>) {
        let opened = |letters: &[&str]| letters.iter().any(|letters| marks.may_have(letters));
        let may: Vec<_> = OPENED
            .iter()
            .filter_map(|known| {
                let says = known.says.iter().filter(|(_, letters)| opened(letters)).map(|(says, _)| *says);
                let says: Vec<&str> = says.collect();
                (!says.is_empty()).then_some((known.claim, says))
            })
            .collect();
        if may.is_empty() {
            return;
        }
        let mut before = 0;
        for (start, end) in sentences(&text.words) {
            let sentence = text.words.get(start..end).unwrap_or_default();
            let around = text.words.get(before..end).unwrap_or_default();
            before = start;
            let words = wording::words(sentence, start);
            let says = |patterns: &[&str]| wording::found(patterns, &words);
            for (claim, patterns) in &may {
                let about = claim.about.is_empty() || claim.about.iter().any(|mark| around.contains(mark));
                if !about || said.contains(&claim.code) {
                    continue;
                }
                let asserted = |pattern: &str| wording::asserted(claim.code, pattern, &words);
                let Some((from, to)) = patterns.iter().find_map(|pattern| asserted(pattern)) else {
                    continue;
                };
                if claim.with.iter().all(|patterns| says(patterns).is_some()) && says(claim.unless).is_none()
                {
                    said.push(claim.code);
                    self.find(claim.code, text.place(from, to), claim.message, claim.help);
                }
            }
        }
    }
}

/// Where each sentence of a text begins and ends. What stands within an address is no end.
fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, mark) in text.match_indices(['.', '?', '!', ';']) {
        let end = at + mark.len();
        if text.get(end..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')) {
            found.push((start, end));
            start = end;
        }
    }
    found.push((start, text.len()));
    found
}

/// The sentence of a text in which a place is: where it begins and ends.
pub(super) fn sentence_at(text: &str, at: usize) -> (usize, usize) {
    let all = sentences(text);
    all.iter().copied().find(|(_, end)| at < *end).or(all.last().copied()).unwrap_or((0, text.len()))
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end
}

/// The runs of three bytes a text has, roughly: most words can be ruled out without looking for them.
struct Marks([u64; 16]);

impl Marks {
    fn of(text: &str) -> Self {
        let mut marks = [0_u64; 16];
        for run in text.as_bytes().windows(3) {
            let (at, bit) = Self::place(run);
            if let Some(word) = marks.get_mut(at) {
                *word |= bit;
            }
        }
        Self(marks)
    }

    fn may_have(&self, words: &str) -> bool {
        words.as_bytes().windows(3).all(|run| {
            let (at, bit) = Self::place(run);
            self.0.get(at).is_some_and(|word| word & bit != 0)
        })
    }

    fn place(run: &[u8]) -> (usize, u64) {
        let mixed = run.iter().fold(7_u32, |mixed, byte| mixed.wrapping_mul(37) ^ u32::from(*byte));
        ((mixed >> 6 & 15) as usize, 1 << (mixed & 63))
    }
}

/// A text in quotes: lower case, white space as single blanks, and where each byte of it came from.
pub(super) struct Text {
    /// What it says.
    pub(super) words: String,
    from: Vec<(u32, u32)>,
    span: Span,
}

/// What a word may have at its end and still be the same word.
const ENDINGS: &[&str] = &["s", "es", "d", "ed", "ly", "y", "ing", "r", "rs", "led", "able", "ility"];

impl Text {
    /// Where some words stand, and not in other words; the last may have an ending.
    fn find(&self, words: &str) -> Option<usize> {
        let inner = |letter: &char| letter.is_alphanumeric();
        let open = !words.starts_with(char::is_alphanumeric);
        let letters = words.ends_with(char::is_alphabetic);
        self.words.match_indices(words).map(|(at, _)| at).find(|at| {
            let before = self.words.get(..*at).and_then(|text| text.chars().next_back());
            let rest = self.words.get(at + words.len()..).unwrap_or_default();
            let tail =
                rest.find(|letter| !inner(&letter)).map_or(rest, |end| rest.get(..end).unwrap_or_default());
            let ended = tail.is_empty() || (letters && ENDINGS.contains(&tail));
            let sign = !letters && !words.ends_with(char::is_alphanumeric);
            (open || !before.is_some_and(|letter| inner(&letter))) && (ended || sign)
        })
    }

    /// The same with `don't` said in full: `do not`. What is said of one is said of the other.
    fn in_full(self) -> Self {
        let mut full = Self { words: String::new(), from: Vec::new(), span: self.span };
        let mut done = 0;
        for (at, short) in self.words.match_indices("n't") {
            let rest = self.words.get(at + short.len()..).unwrap_or_default();
            if at < done || rest.starts_with(char::is_alphanumeric) {
                continue;
            }
            let before = self.words.get(..at).unwrap_or_default();
            let stem = before.rfind(|letter: char| !letter.is_alphanumeric()).map_or(0, |space| space + 1);
            let (keep, said) = match before.get(stem..) {
                Some("ca") => (at, "nnot"),
                Some("wo") => (stem, "will not"),
                Some("sha") => (stem, "shall not"),
                _ => (at, " not"),
            };
            full.take(&self, done..keep);
            let (from, to) = (self.from.get(keep), self.from.get(at + short.len() - 1));
            let place = from.zip(to).map_or((0, 0), |((from, _), (_, to))| (*from, *to));
            full.words.push_str(said);
            full.from.extend(std::iter::repeat_n(place, said.len()));
            done = at + short.len();
        }
        full.take(&self, done..self.words.len());
        full
    }

    fn take(&mut self, other: &Self, part: Range<usize>) {
        self.words.push_str(other.words.get(part.clone()).unwrap_or_default());
        self.from.extend_from_slice(other.from.get(part).unwrap_or_default());
    }

    pub(super) fn place(&self, start: usize, end: usize) -> Span {
        let first = self.from.get(start).map_or(self.span.start, |(from, _)| *from);
        let last = end.checked_sub(1).and_then(|at| self.from.get(at)).map_or(first, |(_, to)| *to);
        Span { file: self.span.file, start: first, end: last }
    }
}

fn quoted(file: &File, number: u16) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut open: Option<Text> = None;
    let mut comment = false;
    for (at, letter) in file.text.char_indices() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        match (&mut open, letter) {
            (None, '\n') => comment = false,
            (None, '#') => comment = true,
            (None, '"') if !comment => {
                open = Some(Text {
                    words: String::new(),
                    from: Vec::new(),
                    span: Span { file: number, start: at, end: at },
                });
            }
            (Some(_), '"') => {
                let text = open.take().map(|text| Text { span: Span { end: at, ..text.span }, ..text });
                texts.extend(text.map(Text::in_full));
            }
            (Some(text), letter) => {
                let plain = match letter {
                    letter if letter.is_whitespace() => ' ',
                    '\u{2019}' => '\'',
                    letter => letter,
                };
                if !(plain == ' ' && text.words.ends_with(' ')) {
                    let before = text.words.len();
                    text.words.extend(plain.to_lowercase());
                    let end = at.saturating_add(u32::try_from(letter.len_utf8()).unwrap_or(1));
                    text.from.extend(std::iter::repeat_n((at, end), text.words.len() - before));
                }
            }
            (None, _) => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_has_is_never_ruled_out() {
        let text = "we keep your data in perpetuity, for a fee of £10";
        let marks = Marks::of(text);
        for (start, _) in text.char_indices() {
            for (end, letter) in text.char_indices().skip(start) {
                let words = text.get(start..end + letter.len_utf8()).unwrap_or_default();
                assert!(marks.may_have(words), "{words}");
            }
        }
        assert!(!marks.may_have("indefinitely") && !marks.may_have("privacy shield"));
    }

    #[test]
    fn texts_are_found_across_lines_and_not_in_comments() {
        let text = "say \"kept\n   Forever\" # \"privacy shield\"\nsay \"é privacy  shield\"\n".to_owned();
        let file = File { name: "x".into(), text };
        let texts = quoted(&file, 3);
        assert_eq!(
            texts.iter().map(|text| text.words.as_str()).collect::<Vec<_>>(),
            ["kept forever", "é privacy shield"]
        );
        assert_eq!(
            quoted(&File { name: "x".into(), text: "say \"We can't, won't and don't\"".into() }, 0)[0].words,
            "we cannot, will not and do not"
        );
        let place = texts[1].place(texts[1].words.find("privacy").unwrap(), texts[1].words.len());
        assert_eq!(&file.text[place.start as usize..place.end as usize], "privacy  shield");
        assert_eq!(place.file, 3);
    }
}

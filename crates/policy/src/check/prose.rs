//! The author's own sentences: what they say that the law no longer does. Looks at texts in quotes only.

use super::Review;
use crate::source::{File, Span};

/// What to look for: code, words (any of them), words that excuse it, message, help.
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        "E-SHIELD",
        &["privacy shield"],
        &["no longer", "invalid", "struck down"],
        "the Privacy Shield no longer exists",
        "name the safeguard that holds today",
    ),
    (
        "W-EU-LAW",
        &["2016/679", "eu gdpr", "european general data protection", "eu general data protection"],
        &["as it forms part of", "uk gdpr"],
        "this is not the law of the United Kingdom",
        "say `UK GDPR and Data Protection Act 2018`",
    ),
    (
        "W-OLD-ARTICLE",
        &["article 77", "art 77", "art. 77", "article 22 ", "art 22 ", "art. 22 "],
        &[],
        "this article is no longer there",
        "complaints: s.165 of the Data Protection Act 2018; automated decisions: Arts 22A to 22D",
    ),
    (
        "W-AGREE",
        &[
            "read and agree",
            "agree to our privacy",
            "agree to the privacy",
            "agree to this privacy",
            "accept our privacy",
            "accept the privacy",
            "accept this privacy",
        ],
        &[],
        "nobody has to agree to a notice",
        "ask for each consent apart, and let people read the notice",
    ),
    (
        "W-WORDS-INDEFINITE",
        &["indefinitely", "for ever", "forever"],
        &["not keep", "never keep", "no data is kept"],
        "this says that data is kept with no end",
        "let `keep` say how long",
    ),
    (
        "W-THIRTY-DAYS",
        &["within 30 days", "within thirty days"],
        &["complaint", "acknowledge"],
        "the law's month is shorter in February",
        "say `within a month`",
    ),
    ("W-FEE", &["£"], &["free"], "requests are free", "take the fee out"),
    (
        "W-PDF",
        &["as pdf", "as a pdf", "in pdf"],
        &["csv", "json", "xml"],
        "a PDF is not machine-readable",
        "offer CSV or JSON too",
    ),
    (
        "W-BACKUP-WORDS",
        &["backups expire", "backups have expired", "backups age out", "until the backup", "when the backup"],
        &["beyond use", "out of use", "not used"],
        "erasure does not wait for backups",
        "say that what is left in backups is out of use until they go",
    ),
];

impl Review<'_> {
    pub(super) fn prose(&mut self) {
        for (number, file) in self.policy.files.iter().enumerate() {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            for text in quoted(file, number) {
                if !self.policy.accepts.iter().any(|accept| within(text.span, accept.span)) {
                    self.sentence(&text);
                }
            }
        }
    }

    fn sentence(&mut self, text: &Text) {
        for (code, words, excuses, message, help) in ROWS {
            let Some((at, found)) =
                words.iter().find_map(|words| text.words.find(words).map(|at| (at, words)))
            else {
                continue;
            };
            if excuses.iter().any(|excuse| text.words.contains(excuse))
                || (*code == "W-FEE" && !text.words.contains("request"))
            {
                continue;
            }
            self.find(code, text.place(at, at + found.trim_end().len()), *message, *help);
        }
    }
}

fn within(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end
}

/// A text in quotes: lower case, white space as single blanks, and where each byte of it came from.
struct Text {
    words: String,
    from: Vec<(u32, u32)>,
    span: Span,
}

impl Text {
    fn place(&self, start: usize, end: usize) -> Span {
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
                texts.extend(open.take().map(|text| Text { span: Span { end: at, ..text.span }, ..text }))
            }
            (Some(text), letter) => {
                let blank = letter.is_whitespace();
                if !(blank && text.words.ends_with(' ')) {
                    let before = text.words.len();
                    text.words.extend(if blank { ' ' } else { letter }.to_lowercase());
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
    fn texts_are_found_across_lines_and_not_in_comments() {
        let text = "say \"kept\n   Forever\" # \"privacy shield\"\nsay \"é privacy  shield\"\n".to_owned();
        let file = File { name: "x".into(), text };
        let texts = quoted(&file, 3);
        assert_eq!(
            texts.iter().map(|text| text.words.as_str()).collect::<Vec<_>>(),
            ["kept forever", "é privacy shield"]
        );
        let place = texts[1].place(texts[1].words.find("privacy").unwrap(), texts[1].words.len());
        assert_eq!(&file.text[place.start as usize..place.end as usize], "privacy  shield");
        assert_eq!(place.file, 3);
    }
}

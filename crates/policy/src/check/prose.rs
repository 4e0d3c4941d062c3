//! The author's own sentences: what they say that the law no longer does. Looks at texts in quotes only.

use super::Review;
use crate::source::{File, Span};

/// What to look for in a sentence. Words are lower case.
struct Row {
    code: &'static str,
    /// Any of these.
    says: &'static [&'static str],
    /// And any of these, where there are some.
    with: &'static [&'static str],
    /// And none of these.
    unless: &'static [&'static str],
    message: &'static str,
    help: &'static str,
}

const fn row(
    code: &'static str,
    says: &'static [&'static str],
    message: &'static str,
    help: &'static str,
) -> Row {
    Row { code, says, with: &[], unless: &[], message, help }
}

const ROWS: &[Row] = &[
    Row {
        unless: &["no longer", "invalid", "struck down"],
        ..row(
            "E-SHIELD",
            &["privacy shield", "safe harbour", "safe harbor"],
            "this framework no longer exists",
            "name the safeguard that holds today",
        )
    },
    Row {
        unless: &["as it forms part of", "uk gdpr"],
        ..row(
            "W-EU-LAW",
            &["2016/679", "eu gdpr", "european general data protection", "eu general data protection"],
            "this is not the law of the United Kingdom",
            "say `UK GDPR and Data Protection Act 2018`",
        )
    },
    row(
        "W-OLD-ARTICLE",
        &["article 77", "art 77", "art. 77", "article 22", "art 22", "art. 22"],
        "this article is no longer there",
        "complaints: s.165 of the Data Protection Act 2018; automated decisions: Arts 22A to 22D",
    ),
    row(
        "W-AGREE",
        &[
            "read and agree",
            "agree to our privacy",
            "agree to the privacy",
            "agree to this privacy",
            "accept our privacy",
            "accept the privacy",
            "accept this privacy",
            "tick to show that you have read",
            "tick to confirm that you have read",
            "tick the box to confirm",
        ],
        "nobody has to agree to a notice",
        "ask for each consent apart, and let people read the notice",
    ),
    Row {
        unless: &["not keep", "never keep", "no data is kept"],
        ..row(
            "W-WORDS-INDEFINITE",
            &["indefinitely", "for ever", "forever"],
            "this says that data is kept with no end",
            "let `keep` say how long",
        )
    },
    row(
        "W-VAGUE",
        &[
            "as long as necessary",
            "as long as is necessary",
            "as long as it is necessary",
            "as long as needed",
            "as long as we need",
            "as long as likely to be needed",
            "as long as they are likely to be needed",
            "longer than necessary",
            "longer than is necessary",
            "reasonable period",
        ],
        "this is neither a period nor how one is found",
        "leave it out: the notice says in words how long",
    ),
    row(
        "W-EXHAUSTIVE",
        &["not exhaustive", "non-exhaustive", "not limited to", "without limitation", "among other purposes"],
        "a list of purposes must be whole",
        "name every purpose, each in an activity",
    ),
    Row {
        with: &["notice", "policy", "this information"],
        ..row(
            "W-PASS-ON",
            &[
                "pass it on",
                "pass this on",
                "pass on this",
                "pass on our",
                "pass on the",
                "pass our",
                "forward this",
                "share this with your",
                "hand it on",
            ],
            "the duty to tell people stays with you",
            "tell them yourselves within a month",
        )
    },
    Row {
        unless: &["complaint", "acknowledge"],
        ..row(
            "W-THIRTY-DAYS",
            &["within 30 days", "within thirty days"],
            "the law's month is shorter in February",
            "say `within a month`",
        )
    },
    Row {
        with: &["request", "right", "see what", "your data"],
        unless: &["or in writing", "need not", "do not have to", "consent"],
        ..row(
            "W-WRITING",
            &[
                "must be in writing",
                "must be made in writing",
                "only in writing",
                "must write",
                "through your manager",
                "through your line manager",
                "must use our form",
                "must fill in our form",
            ],
            "a request counts in whatever way it comes",
            "say `in any way you like`",
        )
    },
    Row {
        with: &["withdraw", "take back", "take it back", "take your consent back"],
        unless: &["or in writing", "need not"],
        ..row(
            "W-WITHDRAW-WRITING",
            &["in writing", "by post", "by letter"],
            "withdrawing must be as easy as giving",
            "say `at any time, in any way`",
        )
    },
    Row {
        with: &["portab", "machine-readable", "machine readable", "another provider", "another organisation"],
        unless: &["contract"],
        ..row(
            "W-PORTABILITY",
            &["consent"],
            "what was given under a contract can be taken along too",
            "say `under your consent or a contract`",
        )
    },
    Row {
        with: &["request"],
        unless: &["free"],
        ..row("W-FEE", &["£"], "requests are free", "take the fee out")
    },
    Row {
        unless: &["csv", "json", "xml"],
        ..row(
            "W-PDF",
            &["as pdf", "as a pdf", "in pdf", "pdf format"],
            "a PDF is not machine-readable",
            "offer CSV or JSON too",
        )
    },
    Row {
        unless: &["beyond use", "out of use", "not used"],
        ..row(
            "W-BACKUP-WORDS",
            &[
                "backups expire",
                "backups have expired",
                "backups age out",
                "backups are gone",
                "until the backup",
                "when the backup",
            ],
            "erasure does not wait for backups",
            "say that what is left in backups is out of use until they go",
        )
    },
    Row {
        with: &["complain"],
        ..row(
            "W-ON-REQUEST",
            &["on request", "upon request", "if you ask for it"],
            "how to complain is told to everybody",
            "say in the notice how to complain to you",
        )
    },
    Row {
        with: &["detect", "severity", "confirmed", "investigated"],
        unless: &["aware"],
        ..row(
            "W-DETECTED",
            &["72 hours"],
            "the hours run from becoming aware",
            "say `within 72 hours of becoming aware`",
        )
    },
];

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
        let says = |words: &[&str]| words.iter().any(|words| text.words.contains(words));
        for row in ROWS {
            let Some((at, found)) = row.says.iter().find_map(|words| text.find(words).map(|at| (at, words)))
            else {
                continue;
            };
            if says(row.unless) || !(row.with.is_empty() || says(row.with)) {
                continue;
            }
            self.find(row.code, text.place(at, at + found.len()), row.message, row.help);
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
    /// Where some words stand; a number is not the beginning of another.
    fn find(&self, words: &str) -> Option<usize> {
        let number = words.ends_with(|last: char| last.is_ascii_digit());
        self.words.match_indices(words).map(|(at, _)| at).find(|at| {
            let next = self.words.get(at + words.len()..).and_then(|rest| rest.chars().next());
            !(number && next.is_some_and(char::is_alphanumeric))
        })
    }

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

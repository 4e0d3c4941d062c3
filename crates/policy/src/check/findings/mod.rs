//! Every code a finding can have, as data: the law it rests on, whether an author may live with it, what to
//! write instead, and what `probity check --explain` teaches. Decides nothing.

mod activity;
mod channel;
mod desk;
mod grammar;
mod head;
mod outside;
mod period;
mod words;

use crate::diagnostic::Severity;

/// What a code stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// The code: `E-SHIELD`.
    pub code: &'static str,
    /// The rule of law, in a line.
    pub law: Option<&'static str>,
    /// Whether `accept` may name it.
    pub acceptable: bool,
    /// What is wrong, in a few words, lower case.
    pub title: &'static str,
    /// A wording that would do.
    pub wording: &'static str,
    /// A paragraph for whoever asks.
    pub text: &'static str,
    /// A policy that has it, from the test suite.
    pub bad: &'static str,
    /// The same without, from the test suite.
    pub good: &'static str,
}

/// A row of a table: `law` may be accepted, `firm` not, `craft` rests on no law, `grammar` is the reader's.
macro_rules! row {
    (law $code:literal, $law:literal, $title:literal, $wording:literal, $text:literal) => {
        row!(@ $code, Some($law), true, $title, $wording, $text)
    };
    (firm $code:literal, $law:literal, $title:literal, $wording:literal, $text:literal) => {
        row!(@ $code, Some($law), false, $title, $wording, $text)
    };
    (craft $code:literal, $title:literal, $wording:literal, $text:literal) => {
        row!(@ $code, None, true, $title, $wording, $text)
    };
    (grammar $code:literal, $title:literal, $wording:literal, $text:literal) => {
        row!(@ $code, None, false, $title, $wording, $text)
    };
    (@ $code:literal, $law:expr, $acceptable:literal, $title:literal, $wording:literal, $text:literal) => {
        $crate::check::findings::Code {
            code: $code,
            law: $law,
            acceptable: $acceptable,
            title: $title,
            wording: $wording,
            text: $text,
            bad: include_str!(concat!("../../../tests/suite/", $code, "/bad.policy")),
            good: include_str!(concat!("../../../tests/suite/", $code, "/good.policy")),
        }
    };
}
use row;

/// The tables, in the order in which the reference lists them.
const TABLES: &[&[Code]] = &[
    head::ROWS,
    activity::ROWS,
    period::ROWS,
    channel::ROWS,
    outside::ROWS,
    desk::ROWS,
    words::ROWS,
    grammar::ROWS,
];

/// Every code there is.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    TABLES.iter().copied().flatten()
}

/// The code's entry.
#[must_use]
pub fn code(code: &str) -> Option<&'static Code> {
    codes().find(|known| known.code == code)
}

impl Code {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of_code(self.code)
    }
}

/// What a code means: what is wrong, why, the law, a wording, a bad and a good example, and how to live with it.
#[must_use]
pub fn explain(code: &str) -> Option<String> {
    let code = self::code(code)?;
    let mut said = format!("{}: {}\n\n{}\n", code.code, code.title, code.text);
    if let Some(law) = code.law {
        said.push_str(&format!("\nLaw: {law}\n"));
    }
    if !code.wording.is_empty() {
        said.push_str(&format!("Write: {}\n", code.wording));
    }
    said.push_str(&format!("\nFound here:\n\n{}\n", example(code.bad)));
    said.push_str(&format!("\nNot here:\n\n{}\n", example(code.good)));
    match (code.acceptable, code.law) {
        (true, _) => said.push_str(&format!(
            "\nTo live with it for a while: `accept {} in NAME because \"...\" until DATE`.\n",
            code.code
        )),
        (false, Some(_)) => {
            said.push_str("\nThis cannot be accepted: the program would have nothing to run on.\n");
        }
        (false, None) => {}
    }
    Some(said)
}

/// An example of the suite without what only its test needs, indented.
fn example(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("include ") && !line.starts_with("#!"));
    let shown: Vec<String> =
        lines.map(|line| if line.is_empty() { String::new() } else { format!("    {line}") }).collect();
    shown.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut seen = std::collections::BTreeSet::new();
        for code in codes() {
            assert!(seen.insert(code.code), "{}", code.code);
            assert!(code.text.len() > 30 && code.text.ends_with('.'), "{}", code.code);
            assert!(!code.title.is_empty() && !code.title.ends_with('.'), "{}", code.code);
            assert!(["E-", "W-", "A-"].iter().any(|letter| code.code.starts_with(letter)), "{}", code.code);
            let explained = explain(code.code).unwrap_or_default();
            assert!(
                explained.contains(code.text) && explained.contains("Found here:\n\n    "),
                "{explained}"
            );
        }
        assert_eq!(explain("E-NOTHING"), None);
    }
}

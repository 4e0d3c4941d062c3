//! Findings about a policy's text, and how a terminal or a script is told them.
//!
//! A diagnostic has a stable code, a place, a plain message and, where there is one, the rule of
//! law and a way out. This module never decides whether a policy is good.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use jiff::civil::Date;
use serde::Serialize;

use crate::source::{File, Span};

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// The policy cannot be adopted.
    Error,
    /// It can, and somebody should look.
    Warning,
    /// Nothing is wrong, and it might be said better.
    Advice,
}

impl Severity {
    /// The severity that a code's first letter stands for.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        match code.get(..2) {
            Some("E-") => Self::Error,
            Some("A-") => Self::Advice,
            _ => Self::Warning,
        }
    }

    /// `error`, `warning` or `advice`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Its stable code: `E-SHIELD`. Codes of errors begin with `E-`, of warnings with `W-`, of advice with `A-`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The place underlined.
    pub span: Span,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// What stands beside the underline; may be empty.
    pub label: String,
    /// The rule of law broken: `UK GDPR Art 44, 13(1)(f)`.
    pub law: Option<String>,
    /// What to do about it, code in backticks.
    pub help: Option<String>,
    /// The day until which the author has accepted it, by an `accept` in the policy.
    pub accepted: Option<Date>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message.into())
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message.into())
    }

    /// A finding whose severity its code tells.
    #[must_use]
    pub fn of_code(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::of_code(code), code, span, message.into())
    }

    fn new(severity: Severity, code: &'static str, span: Span, message: String) -> Self {
        Self { code, severity, span, message, label: String::new(), law: None, help: None, accepted: None }
    }

    /// With words beside the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With the rule of law.
    #[must_use]
    pub fn law(mut self, law: impl Into<String>) -> Self {
        self.law = Some(law.into());
        self
    }

    /// With the rule of law that its code rests on.
    #[must_use]
    pub fn lawful(mut self) -> Self {
        self.law = crate::check::code(self.code).and_then(|code| code.law).map(str::to_owned);
        self
    }

    /// With a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The word nearest to `wrong` among `known`, if one is near enough to have been meant.
#[must_use]
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::osa_distance(&wrong, word), word))
        .filter(|(distance, word)| *distance * 3 <= word.chars().count().max(wrong.chars().count()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many findings are shown; whoever has more puts these right first.
const RENDERED_MAX: usize = 200;

/// All findings not accepted, as a terminal shows them, with a line of counts at the end.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], files: &[File], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    let lines: Vec<Lines> = files.iter().map(|file| Lines::of(&file.text)).collect();
    let mut stand = diagnostics.iter().filter(|diagnostic| diagnostic.accepted.is_none());
    for diagnostic in stand.by_ref().take(RENDERED_MAX) {
        text.push_str(&renderer.render(&[group(diagnostic, files, &lines)]));
        text.push_str("\n\n");
    }
    let more = stand.count();
    if more > 0 {
        text.push_str(&format!("and {more} more\n\n"));
    }
    text.push_str(&summary(diagnostics));
    text.push('\n');
    text
}

fn group<'a>(diagnostic: &'a Diagnostic, files: &'a [File], lines: &[Lines]) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::INFO.with_name("advice"),
    };
    let title = level.primary_title(&*diagnostic.message).id(diagnostic.code);
    let at = usize::from(diagnostic.span.file);
    let mut group = match files.get(at).zip(lines.get(at)) {
        Some((file, lines)) => {
            // Only the lines it is about: whoever draws them reads all that is handed over.
            let span = within(&file.text, diagnostic.span);
            let (number, around) = lines.around(&file.text, &span);
            let shown = file.text.get(around.clone()).unwrap_or_default();
            let mut place = AnnotationKind::Primary.span(span.start - around.start..span.end - around.start);
            if !diagnostic.label.is_empty() {
                place = place.label(&*diagnostic.label);
            }
            title.element(Snippet::source(shown).line_start(number).path(&*file.name).annotation(place))
        }
        None => Group::with_title(title),
    };
    if let Some(law) = &diagnostic.law {
        group = group.element(Level::NOTE.with_name("law").message(&**law));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(&**help));
    }
    group
}

/// The span as a range that lies within the text, on character boundaries.
fn within(text: &str, span: Span) -> std::ops::Range<usize> {
    let settle = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = settle(span.start);
    start..settle(span.end).max(start)
}

/// `1 error, 1 warning, 3 accepted (next lapses 2027-03-01)`.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let open =
        |severity| diagnostics.iter().filter(|d| d.accepted.is_none() && d.severity == severity).count();
    let accepted = diagnostics.iter().filter_map(|d| d.accepted);
    let mut text = format!(
        "{}, {}",
        crate::count::counted_len(open(Severity::Error), "error"),
        crate::count::counted_len(open(Severity::Warning), "warning")
    );
    match open(Severity::Advice) {
        0 => {}
        1 => text.push_str(", 1 piece of advice"),
        count => text.push_str(&format!(", {count} pieces of advice")),
    }
    if let Some(next) = accepted.clone().min() {
        text.push_str(&format!(", {} accepted (next lapses {next})", accepted.count()));
    }
    text
}

/// Where the lines of a text begin, so that a place is found without reading the text again.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line and column of a byte, both counting from 1, columns in characters.
    pub(crate) fn place(&self, text: &str, at: u32) -> (usize, usize) {
        let at = within(text, Span { file: 0, start: at, end: at }).start;
        let line = self.0.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|line| self.0.get(line)).copied().unwrap_or(0);
        (line, text.get(start..at).unwrap_or_default().chars().count() + 1)
    }

    /// The number of the first line of a range, and the range of all its lines.
    fn around(&self, text: &str, range: &std::ops::Range<usize>) -> (usize, std::ops::Range<usize>) {
        let first = self.0.partition_point(|start| *start <= range.start);
        let start = first.checked_sub(1).and_then(|line| self.0.get(line)).copied().unwrap_or(0);
        let last = self.0.partition_point(|start| *start <= range.end);
        (first, start..self.0.get(last).copied().unwrap_or(text.len()))
    }
}

/// The line and column of a byte, both counting from 1, columns in characters.
#[must_use]
pub fn line_and_column(text: &str, at: u32) -> (usize, usize) {
    Lines::of(text).place(text, at)
}

/// One row of `check --format json`. The names are a contract with scripts.
#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    severity: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    law: Option<&'a str>,
    suggestion: Option<&'a str>,
    accepted: bool,
}

/// Every finding, accepted ones too, as the JSON array that `check --format json` prints.
#[must_use]
pub fn to_json(diagnostics: &[Diagnostic], files: &[File]) -> String {
    let lines: Vec<Lines> = files.iter().map(|file| Lines::of(&file.text)).collect();
    let rows: Vec<Row<'_>> = diagnostics
        .iter()
        .map(|diagnostic| {
            let at = usize::from(diagnostic.span.file);
            let file = files.get(at);
            let (line, column) = file
                .zip(lines.get(at))
                .map_or((1, 1), |(file, lines)| lines.place(&file.text, diagnostic.span.start));
            Row {
                code: diagnostic.code,
                severity: diagnostic.severity.word(),
                file: file.map_or("", |file| &file.name),
                line,
                column,
                message: &diagnostic.message,
                law: diagnostic.law.as_deref(),
                suggestion: diagnostic.help.as_deref(),
                accepted: diagnostic.accepted.is_some(),
            }
        })
        .collect();
    serde_json::to_string_pretty(&rows).unwrap_or_else(|_| "[]".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_underlined_with_law_and_help() {
        let text = "processor mailer in USA under privacy shield\n".to_owned();
        let files = [File { name: "acme.policy".to_owned(), text }];
        let finding = Diagnostic::error("E-SHIELD", Span { file: 0, start: 30, end: 44 }, "this safeguard no longer exists")
            .label("struck down on 16 July 2020 (CJEU C-311/18)")
            .law("UK GDPR Art 44, 13(1)(f)")
            .help("if the company is on the list, write `under data bridge, checked 2026-11-01`;\notherwise `under IDTA signed DATE`");
        let shown = render(&[finding], &files, false);
        assert_eq!(
            shown,
            "\
error[E-SHIELD]: this safeguard no longer exists
 --> acme.policy:1:31
  |
1 | processor mailer in USA under privacy shield
  |                               ^^^^^^^^^^^^^^ struck down on 16 July 2020 (CJEU C-311/18)
  |
  = law: UK GDPR Art 44, 13(1)(f)
  = help: if the company is on the list, write `under data bridge, checked 2026-11-01`;
          otherwise `under IDTA signed DATE`

1 error, 0 warnings
"
        );
    }

    #[test]
    fn a_span_outside_the_text_is_shown_at_its_end() {
        let files = [File { name: "a".to_owned(), text: "é".to_owned() }];
        let finding = Diagnostic::error("E-X", Span { file: 0, start: 1, end: 900 }, "odd");
        assert!(render(&[finding], &files, false).contains("odd"));
    }

    #[test]
    fn suggestions_are_near_or_absent() {
        assert_eq!(nearest("keeep", ["keep", "then"]), Some("keep"));
        assert_eq!(nearest("zebra", ["keep", "then"]), None);
    }
}

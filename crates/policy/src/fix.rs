//! One edit that answers a finding: what its suggestion says in backticks, put where it belongs. An edit is offered only
//! after it was tried: the finding is gone then, and nothing worse stands in its place. It never changes a file itself.

use jiff::civil::Date;

use crate::diagnostic::Diagnostic;
use crate::source::{File, Span};
use crate::{Policy, Severity, check};

/// An edit of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// The place that is replaced; empty where something is put in.
    pub span: Span,
    /// What stands there.
    pub old: String,
    /// What is to stand there.
    pub new: String,
}

impl Fix {
    /// The text with the edit made; none if something else stands there.
    #[must_use]
    pub fn apply(&self, text: &str) -> Option<String> {
        let (start, end) = (self.span.start as usize, self.span.end as usize);
        (text.get(start..end)? == self.old).then(|| {
            let (before, after) =
                (text.get(..start).unwrap_or_default(), text.get(end..).unwrap_or_default());
            [before, &self.new, after].concat()
        })
    }
}

/// Everything that stands against a text.
#[must_use]
pub fn findings(files: &[File], today: Date) -> Vec<Diagnostic> {
    looked(files, today).1
}

/// Whether a text can be read, and everything that stands against it.
fn looked(files: &[File], today: Date) -> (bool, Vec<Diagnostic>) {
    let (policy, mut found) = Policy::read(files.to_vec());
    if let Some(policy) = &policy {
        found.extend(check::check(policy, today));
    }
    (policy.is_some(), found)
}

/// The edit that answers a finding, among everything found before, if its suggestion is one.
#[must_use]
pub fn fix(files: &[File], finding: &Diagnostic, before: &[Diagnostic], today: Date) -> Option<Fix> {
    let text = &files.get(usize::from(finding.span.file))?.text;
    let help = finding.help.as_deref()?;
    let mut edits = snippets(help)
        .flat_map(|snippet| [replaced(text, finding.span, snippet), added(text, finding.span, snippet)])
        .flatten()
        .peekable();
    edits.peek()?;
    let readable = Policy::read(files.to_vec()).0.is_some();
    edits.find(|edit| answers(files, finding, (readable, before), edit, today))
}

/// What stands in backticks and is whole: no place in it is left open, and nothing in it is for the author alone to know,
/// as their own words and numbers in quotation marks are.
fn snippets(help: &str) -> impl Iterator<Item = &str> {
    help.split('`').skip(1).step_by(2).filter(|code| {
        !code.is_empty() && !code.contains('"') && !code.contains("...") && !code.contains('\u{2026}')
    })
}

fn replaced(text: &str, span: Span, with: &str) -> Option<Fix> {
    let old = span.of(text);
    (!old.is_empty() && !old.contains('\n') && old != with).then(|| Fix {
        span,
        old: old.to_owned(),
        new: with.to_owned(),
    })
}

/// A line of its own below the one underlined, as far to the right as that one; one more step below what begins at the margin.
fn added(text: &str, span: Span, line: &str) -> Option<Fix> {
    let start = text.get(..span.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(start..)?;
    let indent: &str = rest.split(|c: char| c != ' ').next().unwrap_or_default();
    let indent = if indent.is_empty() { "  " } else { indent };
    let at = u32::try_from(start + rest.find('\n').unwrap_or(rest.len())).ok()?;
    let place = Span { start: at, end: at, ..span };
    Some(Fix { span: place, old: String::new(), new: format!("\n{indent}{line}") })
}

fn answers(
    files: &[File],
    finding: &Diagnostic,
    (readable, before): (bool, &[Diagnostic]),
    edit: &Fix,
    today: Date,
) -> bool {
    let mut files = files.to_vec();
    let Some(file) = files.get_mut(usize::from(finding.span.file)) else { return false };
    let Some(text) = edit.apply(&file.text) else { return false };
    file.text = text;
    let (readable_then, after) = looked(&files, today);
    let counted = |found: &[Diagnostic], like: &dyn Fn(&Diagnostic) -> bool| {
        found.iter().filter(|one| one.accepted.is_none() && like(one)).count()
    };
    let same = |one: &Diagnostic| one.code == finding.code && one.message == finding.message;
    let error = |one: &Diagnostic| one.severity == Severity::Error;
    // What could not be read was not looked at by the lawyer: more may be said once it can be.
    counted(&after, &same) < counted(before, &same)
        && match (readable, readable_then) {
            (false, true) => true,
            (false, false) => counted(&after, &error) < counted(before, &error),
            (true, false) => false,
            (true, true) => {
                counted(&after, &error) <= counted(before, &error)
                    && counted(&after, &|_| true) < counted(before, &|_| true)
            }
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 22);

    fn fixed(text: &str, code: &str) -> Option<String> {
        let files = vec![File { name: "a.policy".to_owned(), text: text.to_owned() }];
        let found = findings(&files, TODAY);
        let finding =
            found.iter().find(|finding| finding.code == code).unwrap_or_else(|| panic!("{found:?}"));
        fix(&files, finding, &found, TODAY)?.apply(text)
    }

    #[test]
    fn a_misspelt_name_is_put_right() {
        let text = include_str!("../../../policies/cti.policy").replacen(
            "data      name, email",
            "data      name, emial",
            1,
        );
        assert_ne!(text, include_str!("../../../policies/cti.policy"));
        assert_eq!(fixed(&text, "E-UNKNOWN").unwrap(), text.replacen("emial", "email", 1));
    }

    #[test]
    fn an_edit_is_made_only_where_the_text_is_as_it_was() {
        let edit =
            Fix { span: Span { file: 0, start: 2, end: 4 }, old: "cd".to_owned(), new: "x".to_owned() };
        assert_eq!(edit.apply("abcdef").as_deref(), Some("abxef"));
        assert_eq!(edit.apply("abcxef"), None);
        assert_eq!(edit.apply("ab"), None);
    }
}

//! What the place under the cursor means: the finding there with its law, the statement, the name, and for a period
//! the date it would come to if its events happened today.

use jiff::civil::Date;

use super::define::define;
use super::keywords::keyword;
use super::names::declared;
use super::within::within;
use crate::activity::Purpose;
use crate::check::code;
use crate::clock::{Facts, say};
use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::{parse, sections};
use crate::phrase::read::read;
use crate::phrase::{Event, PERSON_EVENTS, Scope, read_alone};
use crate::policy::Policy;
use crate::source::{File, Span};
use crate::syntax::Statement;

/// The bases of the law, each with its article.
const BASES: &[(&str, &str)] = &[
    ("consent", "the person said yes, and may take it back. *UK GDPR Art 6(1)(a), 7*"),
    (
        "contract",
        "needed for a contract with the person, or before one at their request. *UK GDPR Art 6(1)(b)*",
    ),
    ("legal obligation", "a law demands it, and is named. *UK GDPR Art 6(1)(c)*"),
    ("vital interests", "somebody's life may depend on it. *UK GDPR Art 6(1)(d)*"),
    ("public task", "a task in the public interest that a law gives. *UK GDPR Art 6(1)(e)*"),
    ("recognised interest", "one of the five that the law lists. *UK GDPR Art 6(1)(ea), Annex 1*"),
    (
        "legitimate interests",
        "a reason of your own, weighed against the person's, who may object. *UK GDPR Art 6(1)(f), 21*",
    ),
];

/// Paragraphs of Markdown about a byte of a file, given what was found in it; `None` where there is nothing to say.
#[must_use]
pub fn hover(files: &[File], found: &[Diagnostic], file: u16, byte: usize, today: Date) -> Option<String> {
    let text = &files.get(usize::from(file))?.text;
    let over = |start: u32, end: u32| start as usize <= byte && byte <= end as usize;
    let mut said: Vec<String> = Vec::new();
    // No date where anything about the clause is wrong.
    let (policy, faults) = Policy::read(files.to_vec());
    let scope = policy.as_ref().map(Scope::of);
    let wrong = |span: Span| {
        found.iter().chain(&faults).any(|finding| {
            let inside = span.start <= finding.span.start && finding.span.start <= span.end;
            finding.severity == Severity::Error && finding.span.file == file && inside
        })
    };
    for finding in found {
        if finding.span.file == file && over(finding.span.start, finding.span.end) {
            said.extend(code(finding.code).map(|known| about(known, finding)));
        }
    }
    let (tree, _) = parse(file, text);
    for (head, clauses) in sections(&tree) {
        for statement in std::iter::once(head).chain(clauses) {
            let span = statement.span();
            if !over(span.start, span.end) {
                continue;
            }
            if let (true, Some((says, law))) =
                (over(statement.keyword_span.start, statement.keyword_span.end), keyword(statement.keyword))
            {
                let law = if law.is_empty() { String::new() } else { format!(" *{law}*") };
                said.push(format!("**{}**: {says}{law}", statement.keyword));
            }
            if !over(statement.keyword_span.start, statement.keyword_span.end) {
                said.extend(within(statement, text, byte));
            }
            if statement.keyword == "keep" {
                said.extend(example(statement, files, scope.as_ref(), &wrong, today));
            }
            if statement.keyword == "basis" && !over(statement.keyword_span.start, statement.keyword_span.end)
            {
                let words = statement.blanked(span, text);
                let known = BASES.iter().find(|(name, _)| words.contains(name));
                said.extend(known.map(|(name, says)| format!("**{name}**: {says}")));
            }
            if statement.keyword == "purpose" {
                let words = span.of(text);
                let purpose = Purpose::ALL.iter().find(|(_, name)| words.contains(name));
                said.extend(purpose.map(|(_, name)| {
                    format!("**{name}**: a purpose of the W3C Data Privacy Vocabulary, <https://w3id.org/dpv#{name}>")
                }));
            }
        }
    }
    if let Some(declared) = define(files, file, byte) {
        let words =
            if declared.words.is_empty() { String::new() } else { format!(": \"{}\"", declared.words) };
        said.push(format!("{} `{}`{words}", declared.what, declared.name));
    }
    (!said.is_empty()).then(|| said.join("\n\n"))
}

fn about(known: &crate::check::Code, finding: &Diagnostic) -> String {
    let mut said = format!("**{}** {}", known.code, known.text);
    said.extend(known.law.map(|law| format!("\n\n*{law}*")));
    if let Some(until) = finding.accepted {
        said.push_str(&format!("\n\nAccepted until {until}."));
    }
    said
}

/// The date a `keep` comes to if everything it waits for happened today.
fn example(
    statement: &Statement,
    files: &[File],
    scope: Option<&Scope>,
    wrong: &dyn Fn(Span) -> bool,
    today: Date,
) -> Option<String> {
    let span = statement.span();
    let text = &files.get(usize::from(span.file))?.text;
    let words = statement.blanked(span, text);
    let words = words.strip_prefix("keep").unwrap_or(&words);
    // The kinds that a `keep` may name stand before the phrase: the longest end of it that reads is the phrase.
    let starts = std::iter::once(0).chain(words.match_indices(' ').map(|(at, _)| at + 1)).take(60);
    let read = |rest: &str| match scope {
        Some(scope) => read(rest.trim(), Span::default(), scope).ok(),
        None => read_alone(rest.trim()).ok(),
    };
    let (rest, read) =
        starts.filter_map(|at| words.get(at..)).find_map(|rest| read(rest).map(|read| (rest, read)))?;
    let start = span.end.saturating_sub(u32::try_from(rest.len()).unwrap_or_default());
    if wrong(Span { start, ..span }) {
        return None;
    }
    let events = read.events();
    if scope.is_none() && !events.iter().all(|event| known(event, files)) {
        return None;
    }
    let facts = events.iter().fold(Facts::default(), |facts, event| facts.with(&event.name, today));
    let comes_to = say(&read.clock(&facts, today));
    let mut given: Vec<String> = Vec::new();
    for event in events.iter().map(|event| format!("`{}`", event.written())) {
        if !given.contains(&event) {
            given.push(event);
        }
    }
    Some(match given.is_empty() {
        true => format!("Comes to: {comes_to}"),
        false => format!("If {} were today, {today}: {comes_to}", given.join(", ")),
    })
}

/// Whether files that cannot be read as a policy yet declare an event all the same.
fn known(event: &Event, files: &[File]) -> bool {
    let name = event.name.strip_prefix("no longer ").unwrap_or(&event.name);
    event.birthday().is_some()
        || PERSON_EVENTS.iter().any(|(known, _)| *known == name)
        || declared(files).iter().any(|one| one.name == name)
}

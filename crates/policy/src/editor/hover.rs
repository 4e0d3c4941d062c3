//! What the place under the cursor means: the finding there with its law, the statement, the name, and for a period
//! the date it would come to if its events happened today.

use jiff::civil::Date;

use super::define::define;
use super::keywords::keyword;
use crate::activity::Purpose;
use crate::check::code;
use crate::clock::{Facts, say};
use crate::diagnostic::Diagnostic;
use crate::parse::{parse, sections};
use crate::phrase::read_alone;
use crate::source::File;
use crate::syntax::Statement;

/// Paragraphs of Markdown about a byte of a file, given what was found in it; `None` where there is nothing to say.
#[must_use]
pub fn hover(files: &[File], found: &[Diagnostic], file: u16, byte: usize, today: Date) -> Option<String> {
    let text = &files.get(usize::from(file))?.text;
    let over = |start: u32, end: u32| start as usize <= byte && byte <= end as usize;
    let mut said: Vec<String> = Vec::new();
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
            if statement.keyword == "keep" {
                said.extend(example(statement, text, today));
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
fn example(statement: &Statement, text: &str, today: Date) -> Option<String> {
    let words = statement.blanked(statement.span(), text);
    let words = words.strip_prefix("keep").unwrap_or(&words);
    // The kinds that a `keep` may name stand before the phrase: the longest end of it that reads is the phrase.
    let starts = std::iter::once(0).chain(words.match_indices(' ').map(|(at, _)| at + 1)).take(60);
    let read = starts.filter_map(|at| words.get(at..)).find_map(|rest| read_alone(rest.trim()).ok())?;
    let events = read.phrase.events();
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

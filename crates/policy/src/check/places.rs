//! Which section of the policy a place lies in: what `accept CODE in NAME` means.

use crate::lex::Shape;
use crate::parse::{parse, sections};
use crate::policy::Policy;
use crate::source::Span;

/// The sections of a policy with the names by which they are spoken of.
pub(super) struct Places(Vec<(Span, Vec<String>)>);

impl Places {
    pub(super) fn of(policy: &Policy) -> Self {
        let mut places = Vec::new();
        for (number, file) in policy.files.iter().enumerate() {
            let (tree, _) = parse(u16::try_from(number).unwrap_or(u16::MAX), &file.text);
            for (head, clauses) in sections(&tree) {
                let span = clauses.iter().fold(head.span(), |span, clause| span.to(clause.span()));
                places.push((span, names(head, &file.text)));
            }
        }
        places.sort_by_key(|(span, _)| *span);
        Self(places)
    }

    /// Whether a place lies in a section of that name.
    pub(super) fn within(&self, place: Span, name: &str) -> bool {
        let around = |span: &Span| {
            span.file == place.file && span.start <= place.start && place.start < span.end.max(span.start + 1)
        };
        // No two sections have a place in common: it lies in the last that begins before it, or in none.
        let next = self.0.partition_point(|(span, _)| (span.file, span.start) <= (place.file, place.start));
        let section = next.checked_sub(1).and_then(|at| self.0.get(at));
        section.is_some_and(|(span, names)| around(span) && names.iter().any(|known| known == name))
    }
}

/// `coaching` for `activity coaching "..."`; `requests`; each of `item name, email`; `head` for the head.
fn names(head: &crate::syntax::Statement, text: &str) -> Vec<String> {
    let keyword = if head.keyword == "policy" { "head" } else { head.keyword };
    let mut names = vec![keyword.to_owned(), String::new()];
    for token in head.tokens() {
        match (token.shape, names.last_mut()) {
            (Shape::Word, Some(name)) => {
                let word = token.span.of(text);
                // `processor mailer in USA`, where no text stands between.
                if word == "in" {
                    break;
                }
                if !name.is_empty() {
                    name.push(' ');
                }
                name.push_str(word);
            }
            (Shape::Comma, _) => names.push(String::new()),
            _ => break,
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

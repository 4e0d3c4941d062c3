//! The names a policy declares, read from its statements alone, so that they are known while the rest is broken.

use crate::kind::Sensitivity;
use crate::lex::{Shape, Token};
use crate::parse::{parse, sections};
use crate::source::{File, Span};
use crate::syntax::{Statement, unquote};

/// Something with a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declared {
    /// What it is: `category`, `item`, `entry`, `document`, `work`, `milestone`, `part`, `activity`, `channel`, `role`,
    /// `processor`, `recipient`, `form`.
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// Its words in quotes, if it has any.
    pub words: String,
    /// Where the name stands.
    pub span: Span,
}

/// Everything declared in some files, in their order.
#[must_use]
pub fn declared(files: &[File]) -> Vec<Declared> {
    let mut found = Vec::new();
    for (number, file) in files.iter().enumerate() {
        let (tree, _) = parse(u16::try_from(number).unwrap_or(u16::MAX), &file.text);
        for (head, clauses) in sections(&tree) {
            let what = match head.keyword {
                "category" | "item" | "entry" | "document" | "work" | "activity" | "channel" | "role"
                | "processor" | "recipient" | "form" => head.keyword,
                _ => continue,
            };
            names(what, head, &file.text, &mut found);
            for clause in clauses {
                match clause.keyword {
                    "milestones" => names("milestone", clause, &file.text, &mut found),
                    "people" => parts(clause, &file.text, &mut found),
                    _ => {}
                }
            }
        }
    }
    found
}

/// Names separated by commas, each ending before a text, before `in`, or before the sensitivity at the end.
fn names(what: &'static str, statement: &Statement, text: &str, found: &mut Vec<Declared>) {
    let tokens: Vec<Token> = statement.tokens().collect();
    let words = tokens.iter().find(|token| token.shape == Shape::Text);
    let words = words.map(|token| unquote(token.span.of(text))).unwrap_or_default();
    let outside = matches!(what, "processor" | "recipient");
    let mut run: Vec<Token> = Vec::new();
    let mut finish = |run: &mut Vec<Token>, last: bool| {
        let kind = matches!(what, "item" | "entry" | "document");
        let sensitive = |token: &Token| Sensitivity::named(token.span.of(text)).is_some();
        if last && kind && run.len() > 1 && run.last().is_some_and(sensitive) {
            run.pop();
        }
        if let (Some(first), Some(end)) = (run.first(), run.last()) {
            let name = run.iter().map(|token| token.span.of(text)).collect::<Vec<_>>().join(" ");
            found.push(Declared { what, name, words: words.clone(), span: first.span.to(end.span) });
        }
        run.clear();
    };
    for token in &tokens {
        match token.shape {
            Shape::Word if outside && token.span.of(text) == "in" => break,
            Shape::Word => run.push(*token),
            Shape::Comma => finish(&mut run, false),
            _ => break,
        }
    }
    finish(&mut run, true);
}

/// `client is coaching client; coach is associate`.
fn parts(statement: &Statement, text: &str, found: &mut Vec<Declared>) {
    let mut fresh = true;
    for token in statement.tokens() {
        match token.shape {
            Shape::Word if fresh => {
                let name = token.span.of(text).to_owned();
                found.push(Declared { what: "part", name, words: String::new(), span: token.span });
                fresh = false;
            }
            Shape::Semicolon => fresh = true,
            _ => {}
        }
    }
}

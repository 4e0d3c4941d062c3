//! From lines to the tree: which lines are statements, and which go on from the one before. Knows
//! which statement stands where, and nothing of what they mean.

pub(crate) mod promise;
pub mod statements;

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, nearest};
use crate::lex::{Line, Shape, Token, lex};
use crate::parse::statements::{CLAUSES, CONNECTIVES, OPENERS, clauses_of};
use crate::source::{File, Span, same_file};
use crate::syntax::{Item, Statement, StatementLine, Tree};

/// Parses one file.
#[must_use]
pub fn parse(file: u16, text: &str) -> (Tree, Vec<Diagnostic>) {
    let (lines, found) = lex(file, text);
    let mut parser = Parser { text, items: Vec::new(), section: None, joined: false, found };
    for line in lines {
        parser.line(line);
    }
    (Tree { file, items: parser.items }, parser.found)
}

struct Parser<'a> {
    text: &'a str,
    items: Vec<Item>,
    /// The keyword of the statement that opened the section we are in.
    section: Option<&'static str>,
    /// Whether the line before was a statement, or part of one.
    joined: bool,
    found: Vec<Diagnostic>,
}

impl Parser<'_> {
    fn line(&mut self, line: Line) {
        let Some(first) = line.tokens.first().copied() else {
            return self.bare(line);
        };
        if self.goes_on(first) {
            let (tokens, promises) = promise::split(line.tokens, self.text, true);
            if let Some(statement) = self.last() {
                statement.lines.push(StatementLine {
                    tokens,
                    promises: promises.ids,
                    promise_span: promises.span,
                    comment: line.comment,
                });
            }
            return;
        }
        self.joined = false;
        let Some((keyword, words, opens)) = self.keyword(&line.tokens) else {
            return self.unknown(first);
        };
        let keyword_span = line.tokens.iter().take(words).fold(first.span, |span, token| span.to(token.span));
        let after = line.tokens.into_iter().skip(words).collect();
        let (tokens, promises) = promise::split(after, self.text, keyword != "promise");
        let lines = vec![StatementLine {
            tokens,
            promises: promises.ids,
            promise_span: promises.span,
            comment: line.comment,
        }];
        if opens {
            self.section = Some(keyword);
        }
        self.joined = true;
        self.items.push(Item::Statement(Statement { keyword, keyword_span, opens, lines }));
    }

    /// A line without a statement: empty, or a comment.
    fn bare(&mut self, line: Line) {
        match line.comment {
            None => {
                self.joined = false;
                self.items.push(Item::Blank);
            }
            Some(comment) => {
                let inside = self.joined && self.last().is_some_and(|statement| statement.goes_on());
                match self.last() {
                    Some(statement) if inside => {
                        statement
                            .lines
                            .push(StatementLine { comment: Some(comment), ..StatementLine::default() });
                    }
                    _ => {
                        self.joined = false;
                        self.items.push(Item::Comment(comment));
                    }
                }
            }
        }
    }

    fn last(&mut self) -> Option<&mut Statement> {
        match self.items.last_mut() {
            Some(Item::Statement(statement)) => Some(statement),
            _ => None,
        }
    }

    /// Whether a line goes on from the statement before it: that one ends in a separator, or this one
    /// begins with a joining word, or with a quoted text.
    fn goes_on(&mut self, first: Token) -> bool {
        if !self.joined {
            return false;
        }
        let word = first.span.of(self.text);
        let clause = self.section.is_some_and(|section| clauses_of(section).contains(&word));
        let joins = first.shape != Shape::Word || (CONNECTIVES.contains(&word) && !clause);
        self.last().is_some_and(|statement| statement.goes_on()) || joins
    }

    /// The keyword a line begins with, how many words it has, and whether it opens a section.
    fn keyword(&self, tokens: &[Token]) -> Option<(&'static str, usize, bool)> {
        let begins = |keyword: &str| {
            let mut words = keyword.split(' ');
            let mut tokens = tokens.iter();
            words.all(|word| tokens.next().is_some_and(|token| token.span.of(self.text) == word))
        };
        let clauses = self.section.map_or(&[][..], clauses_of);
        let find = |keywords: &[&'static str], opens| {
            let keyword = keywords.iter().copied().find(|keyword| begins(keyword))?;
            Some((keyword, keyword.split(' ').count(), opens))
        };
        find(clauses, false).or_else(|| find(OPENERS, true))
    }

    fn unknown(&mut self, first: Token) {
        let word = first.span.of(self.text);
        let clauses = self.section.map_or(&[][..], clauses_of);
        let finding = match CLAUSES
            .iter()
            .find(|(_, clauses)| clauses.iter().any(|clause| clause.split(' ').next() == Some(word)))
        {
            Some((home, _)) => Diagnostic::error("E-STATEMENT", first.span, self.misplaced(word))
                .help(format!("it belongs under `{home}`")),
            None => {
                let finding = Diagnostic::error("E-STATEMENT", first.span, "no statement begins like this");
                match nearest(word, clauses.iter().chain(OPENERS).copied()) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding.help(
                        "a line goes on in the next one when it ends with a comma, a semicolon or a colon",
                    ),
                }
            }
        };
        self.found.push(finding);
    }

    fn misplaced(&self, word: &str) -> String {
        match self.section {
            Some(section) => format!("`{word}` does not belong under `{section}`"),
            None => format!("`{word}` stands before any section"),
        }
    }
}

/// Every place of a tree that opens a section, with the clauses under it.
#[must_use]
pub fn sections(tree: &Tree) -> Vec<(&Statement, Vec<&Statement>)> {
    let mut sections: Vec<(&Statement, Vec<&Statement>)> = Vec::new();
    for item in &tree.items {
        let Item::Statement(statement) = item else { continue };
        match sections.last_mut() {
            Some((_, clauses)) if !statement.opens => clauses.push(statement),
            _ => sections.push((statement, Vec::new())),
        }
    }
    sections
}

/// Whether a file's name leads out of the folder of what names it: a policy never reads anything else on the machine.
#[must_use]
pub fn leads_out(name: &str) -> bool {
    let drive = name.get(1..2) == Some(":");
    drive || name.starts_with(['/', '\\', '~']) || name.split(['/', '\\']).any(|step| step == "..")
}

/// The names of the files that a file includes, in order: what a caller must hand to `Policy::read`. Names that lead out
/// of the folder are not among them, so that nobody reads those files.
#[must_use]
pub fn includes(text: &str) -> Vec<String> {
    let (tree, _) = parse(0, text);
    let named = |statement: &Statement| {
        let token = statement.tokens().find(|token| token.shape == Shape::Text)?;
        Some(crate::syntax::unquote(token.span.of(text)))
    };
    sections(&tree)
        .iter()
        .filter(|(head, _)| head.keyword == "include")
        .filter_map(|(head, _)| named(head))
        .filter(|name| !leads_out(name))
        .collect()
}

/// Which of these files are read as policy: the first, and what it includes, each found by its name.
#[must_use]
pub fn included(files: &[File]) -> BTreeSet<usize> {
    let mut own = BTreeSet::new();
    let mut waiting = vec![0];
    while let Some(at) = waiting.pop() {
        let Some(file) = files.get(at).filter(|_| own.insert(at)) else { continue };
        if files.len() > 1 {
            let named = includes(&file.text);
            let place = |name: &String| files.iter().position(|file| same_file(&file.name, name));
            waiting.extend(named.iter().filter_map(place));
        }
    }
    own
}

/// The place of a whole file, for findings about what is missing from it.
#[must_use]
pub fn beginning(file: u16) -> Span {
    Span { file, start: 0, end: 0 }
}

//! The formatter: aligns a policy file, keeps its comments and line breaks, and changes no meaning.
//! What it wrote is parsed again and compared before anybody gets to see it.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::kind::Sensitivity;
use crate::lex::{Shape, Token};
use crate::parse::{beginning, parse};
use crate::source::{File, Span};
use crate::syntax::{Item, Statement, StatementLine, Tree, unquote};

/// Where the bodies of clauses begin, unless a longer keyword pushes them out.
const BODY: usize = 12;

/// The widest line that still pushes the column of promises out.
const WIDEST: usize = 92;

/// A file, formatted.
///
/// # Errors
/// What keeps the file from being parsed: a text that is never closed, a line that is no statement.
pub fn format(file: &File) -> Result<String, Vec<Diagnostic>> {
    let (tree, found) = parse(0, &file.text);
    if !found.is_empty() {
        return Err(found);
    }
    let written = Writer::new(&file.text, &tree).write(&tree);
    means_the_same(&tree, &file.text, written)
}

/// What was written, if it says what was read. No file is known of which it does not.
fn means_the_same(tree: &Tree, text: &str, written: String) -> Result<String, Vec<Diagnostic>> {
    let (again, found) = parse(0, &written);
    if found.is_empty() && meaning(&again, &written) == meaning(tree, text) {
        return Ok(written);
    }
    let message = "formatting would change what this file means";
    let finding = Diagnostic::error("E-FORMAT", beginning(0), message);
    Err(vec![finding.help("leave it as it is, and report this")])
}

/// Everything about a tree that a reader could care for: all but white space.
fn meaning(tree: &Tree, text: &str) -> Vec<Vec<String>> {
    let statement = |statement: &Statement| {
        let mut parts = vec![statement.keyword.to_owned()];
        for line in &statement.lines {
            parts.extend(line.tokens.iter().map(|token| word(*token, text)));
            parts.extend(line.promises.iter().map(|id| format!("promise {}", id.of(text))));
            parts.extend(line.comment.map(|comment| comment.of(text).to_owned()));
        }
        parts
    };
    tree.items
        .iter()
        .filter_map(|item| match item {
            Item::Blank => None,
            Item::Comment(comment) => Some(vec![comment.of(text).to_owned()]),
            Item::Statement(found) => Some(statement(found)),
        })
        .collect()
}

fn word(token: Token, text: &str) -> String {
    match token.shape {
        Shape::Text => format!("\"{}\"", unquote(token.span.of(text))),
        _ => token.span.of(text).to_owned(),
    }
}

/// One line to be written.
struct Row {
    words: String,
    promises: String,
    comment: String,
}

/// Which declarations share their columns.
fn company(keyword: &str) -> Option<u8> {
    match keyword {
        "category" => Some(0),
        "item" | "entry" | "document" => Some(1),
        "recipient" => Some(2),
        _ => None,
    }
}

/// The widths of a company's columns: keyword, names, text.
#[derive(Clone, Copy, Default)]
struct Columns {
    keyword: usize,
    names: usize,
    text: usize,
}

struct Writer<'a> {
    source: &'a str,
    columns: BTreeMap<u8, Columns>,
    rows: Vec<Row>,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str, tree: &Tree) -> Self {
        let mut writer = Self { source, columns: BTreeMap::new(), rows: Vec::new() };
        for item in &tree.items {
            if let Item::Statement(statement) = item
                && let Some(company) = company(statement.keyword)
            {
                let (names, text, _) = writer.cells(statement);
                // What runs over several lines stands apart from the columns.
                if text.contains('\n') {
                    continue;
                }
                let columns = writer.columns.entry(company).or_default();
                columns.keyword = columns.keyword.max(width(statement.keyword));
                if !text.is_empty() {
                    columns.names = columns.names.max(width(&names));
                    columns.text = columns.text.max(width(&text));
                }
            }
        }
        writer
    }

    fn write(mut self, tree: &Tree) -> String {
        for (at, item) in tree.items.iter().enumerate() {
            match item {
                Item::Blank => self.blank(),
                Item::Comment(comment) => {
                    let indent = if inside(tree, at) { "  " } else { "" };
                    let comment = comment.of(self.source);
                    self.push(format!("{indent}{comment}"), &StatementLine::default());
                }
                Item::Statement(statement) if statement.opens => {
                    let section = matches!(next(tree, at), Some(next) if !next.opens);
                    let after_comment = at
                        .checked_sub(1)
                        .is_some_and(|before| matches!(tree.items.get(before), Some(Item::Comment(_))));
                    if section && !after_comment {
                        self.blank();
                    }
                    self.opener(statement);
                }
                Item::Statement(statement) => {
                    let body = BODY.max(longest_keyword(tree, at) + 4);
                    let keyword = format!("  {:width$}", statement.keyword, width = body - 2);
                    self.statement(&keyword, statement, body);
                }
            }
        }
        self.finish()
    }

    /// An empty line, but never two, and none at the beginning.
    fn blank(&mut self) {
        let last_empty = self.rows.last().is_none_or(|row| row.words.is_empty() && row.comment.is_empty());
        if !last_empty {
            self.push(String::new(), &StatementLine::default());
        }
    }

    fn opener(&mut self, statement: &Statement) {
        let columns = company(statement.keyword).and_then(|company| self.columns.get(&company)).copied();
        let one_line =
            statement.lines.iter().all(|line| !line.tokens.is_empty()) && statement.lines.len() == 1;
        let (names, text, rest) = self.cells(statement);
        match columns {
            Some(columns) if one_line && !text.contains('\n') => {
                let keyword = format!("{:width$} ", statement.keyword, width = columns.keyword);
                let words = match text.is_empty() {
                    true => {
                        format!("{keyword}{names:width$}  {rest}", width = columns.names + 2 + columns.text)
                    }
                    false => {
                        format!("{keyword}{names:n$}  {text:t$}  {rest}", n = columns.names, t = columns.text)
                    }
                };
                for line in &statement.lines {
                    self.push(words.trim_end().to_owned(), line);
                }
            }
            _ => self.statement(&format!("{} ", statement.keyword), statement, 2),
        }
    }

    /// The names before the first quoted text, that text, and what follows.
    fn cells(&self, statement: &Statement) -> (String, String, String) {
        let tokens: Vec<Token> = statement.tokens().collect();
        let text = tokens.iter().position(|token| token.shape == Shape::Text);
        let at =
            text.unwrap_or(tokens.len() - usize::from(self.ends_in_sensitivity(statement.keyword, &tokens)));
        let (names, rest) = tokens.split_at(at);
        if text.is_none() {
            return (self.joined(names), String::new(), self.joined(rest));
        }
        let (text, rest) = rest.split_at(rest.len().min(1));
        (self.joined(names), self.joined(text), self.joined(rest))
    }

    /// Whether the last word says how sensitive the kinds before it are.
    fn ends_in_sensitivity(&self, keyword: &str, tokens: &[Token]) -> bool {
        let [.., name, last] = tokens else { return false };
        company(keyword) == company("item")
            && name.shape == Shape::Word
            && Sensitivity::named(last.span.of(self.source)).is_some()
    }

    fn joined(&self, tokens: &[Token]) -> String {
        let mut words = String::new();
        for token in tokens {
            let apart = matches!(token.shape, Shape::Word | Shape::Text) || words.ends_with(':');
            if !words.is_empty() && apart {
                words.push(' ');
            }
            words.push_str(token.span.of(self.source));
        }
        words
    }

    /// A statement over its lines, all but the first beginning at column `body`.
    fn statement(&mut self, keyword: &str, statement: &Statement, body: usize) {
        for (number, line) in statement.lines.iter().enumerate() {
            let words = self.joined(&line.tokens);
            let begin = if number == 0 { keyword.to_owned() } else { " ".repeat(body) };
            if line.tokens.is_empty() && number > 0 {
                let comment = line.comment.map_or("", |comment| comment.of(self.source));
                self.push(format!("{begin}{comment}"), &StatementLine::default());
                continue;
            }
            let mut parts = words.split('\n').map(str::trim).peekable();
            let mut first = true;
            while let Some(part) = parts.next() {
                let begin = if first { begin.clone() } else { " ".repeat(body + 1) };
                let rest = StatementLine::default();
                let last = parts.peek().is_none();
                self.push(format!("{begin}{part}").trim_end().to_owned(), if last { line } else { &rest });
                first = false;
            }
        }
    }

    fn push(&mut self, words: String, line: &StatementLine) {
        let of = |span: &Span| span.of(self.source).to_owned();
        let promises: Vec<String> = line.promises.iter().map(of).collect();
        let promises = match promises.is_empty() {
            true => String::new(),
            false => format!("promise {}", promises.join(", ")),
        };
        let comment = line.comment.as_ref().map(of).unwrap_or_default();
        self.rows.push(Row { words, promises, comment });
    }

    fn finish(mut self) -> String {
        while self.rows.last().is_some_and(|row| row.words.is_empty() && row.comment.is_empty()) {
            self.rows.pop();
        }
        let promising = self.rows.iter().filter(|row| !row.promises.is_empty());
        let column =
            promising.map(|row| width(&row.words)).filter(|width| *width <= WIDEST).max().unwrap_or(0) + 2;
        let mut text = String::new();
        for row in &self.rows {
            text.push_str(&row.words);
            if !row.promises.is_empty() {
                let gap = column.saturating_sub(width(&row.words)).max(2);
                text.push_str(&" ".repeat(gap));
                text.push_str(&row.promises);
            }
            if !row.comment.is_empty() {
                text.push_str("  ");
                text.push_str(&row.comment);
            }
            text.push('\n');
        }
        text
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// The next statement after a place.
fn next(tree: &Tree, at: usize) -> Option<&Statement> {
    tree.items.iter().skip(at + 1).find_map(|item| match item {
        Item::Statement(statement) => Some(statement),
        _ => None,
    })
}

/// Whether a comment stands among the clauses of a section.
fn inside(tree: &Tree, at: usize) -> bool {
    let mut after = tree.items.iter().skip(at + 1);
    let follows = after.find(|item| !matches!(item, Item::Comment(_)));
    matches!(follows, Some(Item::Statement(statement)) if !statement.opens)
}

/// The longest keyword of the section a clause is in, in characters.
fn longest_keyword(tree: &Tree, at: usize) -> usize {
    let clauses = |items: &mut dyn Iterator<Item = &Item>| {
        let statements = items.filter_map(|item| match item {
            Item::Statement(statement) => Some(statement),
            _ => None,
        });
        statements
            .take_while(|statement| !statement.opens)
            .map(|statement| width(statement.keyword))
            .max()
            .unwrap_or(0)
    };
    let before = clauses(&mut tree.items.iter().take(at + 1).rev());
    before.max(clauses(&mut tree.items.iter().skip(at + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str) -> String {
        format(&File { name: "a".to_owned(), text: text.to_owned() }).unwrap()
    }

    #[test]
    fn clauses_names_and_promises_stand_in_columns() {
        let text = "item   name \"your name\"\nentry coaching notes   \"notes\" confidential\n\
                    activity a   \"A\"\nfor everyone promise X-1\n  # why\n keep 6 months after completed ,\n or as agreed promise X-2 # so\n";
        let expected = "\
item  name            \"your name\"
entry coaching notes  \"notes\"      confidential

activity a \"A\"
  for       everyone      promise X-1
  # why
  keep      6 months after completed,
            or as agreed  promise X-2  # so
";
        assert_eq!(formatted(text), expected);
        assert_eq!(formatted(expected), expected);
    }

    #[test]
    fn what_would_mean_something_else_is_never_handed_out() {
        let text = "item name \"your name\" special\nentry notes \"notes\"\n";
        let (tree, _) = parse(0, text);
        for written in [
            "item name \"your name\"\nentry notes \"notes\"\n",
            "item name \"your name\" special\n",
            "item \"",
        ] {
            let refused = means_the_same(&tree, text, written.to_owned()).unwrap_err();
            assert_eq!(refused.first().unwrap().code, "E-FORMAT", "{written}");
        }
        assert!(means_the_same(&tree, text, text.to_owned()).is_ok());
    }

    #[test]
    fn a_long_text_keeps_its_lines() {
        let expected = "channel mailing\n  by        email\n  footer    \"one\n             two\"\n";
        assert_eq!(formatted("channel mailing\nby email\nfooter \"one\ntwo\"\n"), expected);
    }

    #[test]
    fn what_cannot_be_parsed_is_refused() {
        let file = File { name: "a".to_owned(), text: "zzz\n".to_owned() };
        assert_eq!(format(&file).unwrap_err().len(), 1);
    }
}

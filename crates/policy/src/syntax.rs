//! The one tree of a policy file: its statements in order, with every comment and blank line, each
//! with its place. The formatter writes it back; the reader gives it meaning.

use crate::lex::{Shape, Token};
use crate::source::Span;

/// One file.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Which file.
    pub file: u16,
    /// What stands in it, in order.
    pub items: Vec<Item>,
}

/// A line or lines of the file that belong together.
#[derive(Clone, Debug)]
pub enum Item {
    /// An empty line.
    Blank,
    /// A line with a comment only.
    Comment(Span),
    /// A statement.
    Statement(Statement),
}

/// One statement, with the lines it goes on over.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The word or words it begins with: `keep`, `so that`.
    pub keyword: &'static str,
    /// Where they stand.
    pub keyword_span: Span,
    /// Whether it opens a section, or stands by itself; else it belongs to the section above.
    pub opens: bool,
    /// Its lines; the first one without the keyword.
    pub lines: Vec<StatementLine>,
}

/// One line of a statement.
#[derive(Clone, Default, Debug)]
pub struct StatementLine {
    /// Its tokens, without promise ids.
    pub tokens: Vec<Token>,
    /// The promises named at its end.
    pub promises: Vec<Span>,
    /// From the word `promise` to the last id.
    pub promise_span: Option<Span>,
    /// Its comment.
    pub comment: Option<Span>,
}

impl Statement {
    /// Its tokens after the keyword, over all lines.
    pub fn tokens(&self) -> impl Iterator<Item = Token> + '_ {
        self.lines.iter().flat_map(|line| line.tokens.iter().copied())
    }

    /// The promises it carries.
    pub fn promises(&self) -> impl Iterator<Item = Span> + '_ {
        self.lines.iter().flat_map(|line| line.promises.iter().copied())
    }

    /// From its keyword to its last token, promises not counted.
    #[must_use]
    pub fn span(&self) -> Span {
        self.tokens().fold(self.keyword_span, |span, token| span.to(token.span))
    }

    /// Whether its last line asks for another.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        let last = self.lines.iter().rev().find_map(|line| line.tokens.last());
        last.is_some_and(|token| matches!(token.shape, Shape::Comma | Shape::Semicolon | Shape::Colon))
    }

    /// The source from `span.start` to `span.end`, byte for byte, with comments and promises blanked.
    #[must_use]
    pub fn blanked(&self, span: Span, source: &str) -> String {
        let mut text = span.of(source).as_bytes().to_vec();
        let hidden = self.lines.iter().flat_map(|line| [line.comment, line.promise_span]).flatten();
        for hide in hidden {
            for at in hide.start.max(span.start)..hide.end.min(span.end) {
                if let Some(byte) = text.get_mut((at - span.start) as usize) {
                    *byte = b' ';
                }
            }
        }
        String::from_utf8(text).unwrap_or_default()
    }
}

/// A quoted text without its quotes, its line breaks and runs of spaces made single spaces.
#[must_use]
pub fn unquote(text: &str) -> String {
    let inside = text.strip_prefix('"').unwrap_or(text);
    let inside = inside.strip_suffix('"').unwrap_or(inside);
    inside.split_whitespace().collect::<Vec<_>>().join(" ")
}

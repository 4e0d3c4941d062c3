//! The policy's text cut into lines of words, quoted texts and separators. Knows no statement.

use crate::diagnostic::Diagnostic;
use crate::source::{File, Span};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A run of anything else: `coaching`, `2026-12-01`, `<privacy@cti.example>`.
    Word,
    /// Text in straight quotes, which may run over several lines.
    Text,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `:` before white space, another separator or the end of the line.
    Colon,
}

/// One token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub shape: Shape,
    /// Where it is, quotes included.
    pub span: Span,
}

/// One line of the file; more than one where a quoted text runs on.
#[derive(Clone, Default, Debug)]
pub struct Line {
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Its comment, from the `#` to the end of the line.
    pub comment: Option<Span>,
}

/// Cuts a file into lines.
#[must_use]
pub fn lex(file: u16, text: &str) -> (Vec<Line>, Vec<Diagnostic>) {
    if text.len() > File::LONGEST {
        let start = Span { file, start: 0, end: 0 };
        let help = "move parts to other files and `include` them";
        return (
            Vec::new(),
            vec![Diagnostic::error("E-TEXT", start, "this file is longer than 1 MiB").help(help)],
        );
    }
    // Editors on Windows begin a file with a mark that is no part of it.
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Lexer { file, text, at, lines: Vec::new(), line: Line::default(), found: Vec::new() };
    lexer.run();
    lexer.unseen();
    (lexer.lines, lexer.found)
}

/// Characters that no editor shows, or that make what follows show in another order: what a person reads then is not
/// what the program reads, and the formatter cannot lay it out.
fn unseen(letter: char) -> bool {
    let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let empty = matches!(letter, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}');
    turns || empty || (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
}

struct Lexer<'a> {
    file: u16,
    text: &'a str,
    at: usize,
    lines: Vec<Line>,
    line: Line,
    found: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: offset(start), end: offset(end) }
    }

    fn run(&mut self) {
        while let Some(first) = self.rest().chars().next() {
            let start = self.at;
            match first {
                '\n' => {
                    self.at += 1;
                    self.lines.push(std::mem::take(&mut self.line));
                }
                '#' => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                    let end = start + self.text.get(start..self.at).unwrap_or_default().trim_end().len();
                    self.line.comment = Some(self.span(start, end));
                }
                '"' => self.quoted(),
                ',' => self.push(Shape::Comma, 1),
                ';' => self.push(Shape::Semicolon, 1),
                ':' if self.colon_ends() => self.push(Shape::Colon, 1),
                white if white.is_whitespace() => self.at += white.len_utf8(),
                _ => self.word(),
            }
        }
        if !self.line.tokens.is_empty() || self.line.comment.is_some() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }

    /// Finds every character that does not show, wherever it stands: in a name, a text or a comment.
    fn unseen(&mut self) {
        let body = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        let from = self.text.len() - body.len();
        for (at, letter) in body.char_indices().filter(|(_, letter)| unseen(*letter)).take(MOST_UNSEEN) {
            let span = self.span(from + at, from + at + letter.len_utf8());
            let message =
                format!("U+{:04X} does not show, and changes what the file means", u32::from(letter));
            let help = "take it out, and write the words around it again";
            self.found.push(Diagnostic::error("E-FORMAT", span, message).help(help));
        }
    }

    fn colon_ends(&self) -> bool {
        self.rest().chars().nth(1).is_none_or(separates)
    }

    fn push(&mut self, shape: Shape, length: usize) {
        let span = self.span(self.at, self.at + length);
        self.line.tokens.push(Token { shape, span });
        self.at += length;
    }

    fn word(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        let mut letters = rest.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let next = letters.peek().map(|(_, next)| *next);
            let colon_ends = letter == ':' && at > 0 && next.is_none_or(separates);
            if separates(letter) || colon_ends {
                break;
            }
            length = at + letter.len_utf8();
            if matches!(letter, '“' | '”') {
                let span = self.span(self.at + at, self.at + length);
                let help = "write straight quotes: `\"...\"`";
                self.found
                    .push(Diagnostic::error("E-TEXT", span, "curly quotes do not mark a text").help(help));
            }
        }
        self.push(Shape::Word, length);
    }

    fn quoted(&mut self) {
        let inside = self.rest().get(1..).unwrap_or_default();
        let close = inside.find('"');
        // Nothing beyond the text itself is looked at: a file may have a text on each of its lines.
        let within = inside.get(..close.unwrap_or(inside.len())).unwrap_or_default();
        #[cfg(test)]
        LOOKED_AT.with(|looked_at| looked_at.set(looked_at.get() + within.len()));
        let gap = blank_line(within);
        match close {
            Some(close) if gap.is_none_or(|gap| close < gap) => self.push(Shape::Text, close + 2),
            _ => {
                let length = self.rest().find('\n').unwrap_or(self.rest().len());
                let length = self.rest().get(..length).unwrap_or_default().trim_end().len();
                let open = self.span(self.at, self.at + 1);
                self.found.push(
                    Diagnostic::error("E-TEXT", open, "this text is never closed").label("opened here").help(
                        "end it with `\"`; a text may run over several lines, but not over an empty one",
                    ),
                );
                self.push(Shape::Text, length);
            }
        }
    }
}

#[cfg(test)]
thread_local! {
    /// How many bytes were looked through for the end of a text.
    static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// So many of them are told of one by one.
const MOST_UNSEEN: usize = 20;

/// Whether a word ends before this.
fn separates(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, ',' | ';' | '"')
}

/// Where the first empty line begins.
fn blank_line(text: &str) -> Option<usize> {
    let mut at = 0;
    text.split_inclusive('\n').enumerate().find_map(|(number, line)| {
        let start = at;
        at += line.len();
        (number > 0 && line.trim().is_empty()).then_some(start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_file_is_twice_the_work() {
        let looked_at = |lines: usize| {
            let before = LOOKED_AT.get();
            let (found, _) = lex(0, &"category somebody \"some people\"\n".repeat(lines));
            assert_eq!(found.len(), lines);
            LOOKED_AT.get() - before
        };
        assert!(looked_at(1_000) > 0);
        assert_eq!(looked_at(2_000), 2 * looked_at(1_000));
        assert_eq!(looked_at(30_000), 30 * looked_at(1_000));
    }

    fn words(text: &str) -> Vec<Vec<&str>> {
        let (lines, _) = lex(0, text);
        lines.iter().map(|line| line.tokens.iter().map(|token| token.span.of(text)).collect()).collect()
    }

    #[test]
    fn separators_stand_alone_and_colons_only_before_space() {
        assert_eq!(words("a, b: c; 03:00"), [vec!["a", ",", "b", ":", "c", ";", "03:00"]]);
    }

    #[test]
    fn a_text_runs_over_lines_but_not_over_an_empty_one() {
        assert_eq!(words("say \"one\n  two\" x\ny"), [vec!["say", "\"one\n  two\"", "x"], vec!["y"]]);
        let (lines, found) = lex(0, "say \"one\n\nkeep \"two\"\n");
        assert_eq!(found.len(), 1);
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn a_comment_ends_the_line() {
        let (lines, _) = lex(0, "a # b, \"c\nd");
        assert_eq!(lines.len(), 2);
        assert_eq!(lines.first().and_then(|line| line.comment).map(|span| span.start), Some(2));
    }
}

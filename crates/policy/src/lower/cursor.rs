//! Walking over the words of one statement: what is expected next, and a finding at its place if
//! something else stands there.

use jiff::{Span as Period, civil::Date};

use crate::diagnostic::{Diagnostic, nearest};
use crate::lex::{Shape, Token};
use crate::source::Span;
use crate::syntax::{Statement, unquote};

/// What reading a part of a statement yields. One finding ends the statement; others go on.
pub(super) type Read<T> = Result<T, Box<Diagnostic>>;

/// A finding as the error of a [`Read`].
pub(super) fn refuse<T>(finding: Diagnostic) -> Read<T> {
    Err(Box::new(finding))
}

/// A place among the tokens of a statement.
pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    /// The statement's keyword, for findings about what is missing behind it.
    keyword: Span,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(statement: &Statement, text: &'a str) -> Self {
        Self { text, tokens: statement.tokens().collect(), at: 0, keyword: statement.keyword_span }
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    /// The words of the next token, quotes included.
    pub(super) fn word(&self) -> &'a str {
        self.peek().filter(|token| token.shape == Shape::Word).map_or("", |token| token.span.of(self.text))
    }

    pub(super) fn step(&mut self) {
        self.at += 1;
    }

    pub(super) fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The place of the next token, or just behind the last one.
    pub(super) fn here(&self) -> Span {
        let last = self.tokens.last().map_or(self.keyword, |token| token.span);
        self.peek().map_or(last, |token| token.span)
    }

    /// From the next token to the end of the statement.
    pub(super) fn rest(&self) -> Span {
        let last = self.tokens.last().map_or(self.keyword, |token| token.span);
        self.peek().map_or(last.after(), |token| token.span.to(last))
    }

    /// The rest as words, comments and line breaks made single spaces; the cursor is then at the end.
    pub(super) fn take_rest(&mut self) -> String {
        let words = self.words_until(|_| false);
        self.at = self.tokens.len();
        words
    }

    /// The place of the token before.
    pub(super) fn before(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(self.keyword, |token| token.span)
    }

    /// Steps over the words of a phrase if they come next.
    pub(super) fn take(&mut self, phrase: &str) -> bool {
        let mut at = self.at;
        for word in phrase.split(' ') {
            match self.tokens.get(at) {
                Some(token) if token.shape == Shape::Word && token.span.of(self.text) == word => at += 1,
                _ => return false,
            }
        }
        self.at = at;
        true
    }

    /// Steps over a separator if it comes next.
    pub(super) fn separator(&mut self, shape: Shape) -> bool {
        let next = self.peek().is_some_and(|token| token.shape == shape);
        if next {
            self.at += 1;
        }
        next
    }

    /// The words of a phrase must come next.
    pub(super) fn expect(&mut self, phrase: &str) -> Read<()> {
        if self.take(phrase) {
            return Ok(());
        }
        refuse(self.unexpected(&format!("`{phrase}`")))
    }

    /// Nothing may come next.
    pub(super) fn end(&self) -> Read<()> {
        if self.done() {
            return Ok(());
        }
        refuse(
            Diagnostic::error("E-SYNTAX", self.rest(), "this is not understood here")
                .label("the sentence could end before this"),
        )
    }

    /// A finding that says what was expected.
    pub(super) fn unexpected(&self, expected: &str) -> Diagnostic {
        match self.peek() {
            None => Diagnostic::error("E-SYNTAX", self.here(), format!("expected {expected} after this")),
            Some(token) => Diagnostic::error("E-SYNTAX", token.span, format!("expected {expected} here")),
        }
    }

    /// A quoted text.
    pub(super) fn text(&mut self) -> Read<String> {
        match self.peek() {
            Some(token) if token.shape == Shape::Text => {
                self.at += 1;
                Ok(unquote(token.span.of(self.text)))
            }
            _ => refuse(self.unexpected("a text in quotes")),
        }
    }

    /// A quoted text that people will read: one that says something.
    pub(super) fn meant(&mut self) -> Read<String> {
        let blank = |token: Token| unquote(token.span.of(self.text)).trim().is_empty();
        if self.peek().is_some_and(|token| token.shape == Shape::Text && blank(token)) {
            return refuse(self.unexpected("a text that says something"));
        }
        self.text()
    }

    /// A quoted text if one comes next.
    pub(super) fn text_if(&mut self) -> Option<String> {
        self.peek().filter(|token| token.shape == Shape::Text)?;
        self.text().ok()
    }

    /// Words up to a separator, a quoted text, or one of the words in `stops`; may be none.
    pub(super) fn words_before(&mut self, stops: &[&str]) -> String {
        let mut words = Vec::new();
        while let Some(token) = self.peek() {
            let word = token.span.of(self.text);
            if token.shape != Shape::Word || stops.contains(&word) {
                break;
            }
            words.push(word);
            self.at += 1;
        }
        words.join(" ")
    }

    /// A name: words up to a separator, a quoted text or one of `stops`; at least one, all in lower case.
    pub(super) fn name(&mut self, what: &str, stops: &[&str]) -> Read<(String, Span)> {
        let start = self.here();
        let name = self.words_before(stops);
        if name.is_empty() {
            return refuse(self.unexpected(what));
        }
        let span = start.to(self.before());
        if name.chars().any(char::is_uppercase) {
            let help = format!("write `{}`", name.to_lowercase());
            return refuse(Diagnostic::error("E-SYNTAX", span, "names are written in lower case").help(help));
        }
        Ok((name, span))
    }

    /// The longest run of words ahead that is one of the names known, with its place.
    pub(super) fn known<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Option<(&'n str, Span)> {
        let best = names.filter(|name| self.ahead(name)).max_by_key(|name| name.split(' ').count())?;
        let start = self.here();
        self.at += best.split(' ').count();
        Some((best, start.to(self.before())))
    }

    fn ahead(&self, name: &str) -> bool {
        let mut tokens = self.tokens.iter().skip(self.at);
        name.split(' ').all(|word| {
            tokens.next().is_some_and(|token| token.shape == Shape::Word && token.span.of(self.text) == word)
        })
    }

    /// A whole number.
    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Read<N> {
        match self.word().parse() {
            Ok(number) => {
                self.at += 1;
                Ok(number)
            }
            Err(_) => refuse(Diagnostic { code: "E-NUMBER", ..self.unexpected("a whole number") }),
        }
    }

    /// A date: `2026-12-01`.
    pub(super) fn date(&mut self) -> Read<Date> {
        match self.word().parse() {
            Ok(date) => {
                self.at += 1;
                Ok(date)
            }
            Err(_) => {
                let finding = Diagnostic { code: "E-DATE", ..self.unexpected("a date") };
                refuse(finding.help("write year, month and day: `2026-12-01`"))
            }
        }
    }

    /// A period: `6 months`, `year` (one), `2 years`.
    pub(super) fn period(&mut self) -> Read<Period> {
        let start = self.here();
        let count: i64 = match self.word().parse::<u16>() {
            Ok(count) => {
                self.at += 1;
                i64::from(count)
            }
            Err(_) => {
                let _ = self.take("a") || self.take("an") || self.take("one");
                1
            }
        };
        let unit = self.word();
        let period = match unit {
            "hour" | "hours" => Period::new().try_hours(count),
            "day" | "days" | "night" => Period::new().try_days(count),
            "week" | "weeks" => Period::new().try_weeks(count),
            "month" | "months" => Period::new().try_months(count),
            "year" | "years" => Period::new().try_years(count),
            _ => {
                let units =
                    ["hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years"];
                let finding =
                    Diagnostic { code: "E-NUMBER", ..self.unexpected("a period such as `2 years`") };
                return refuse(match nearest(unit, units) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding,
                });
            }
        };
        self.at += 1;
        match period {
            Ok(period) if count > 0 => Ok(period),
            _ => refuse(Diagnostic::error(
                "E-NUMBER",
                start.to(self.before()),
                "this period is too long, or nothing",
            )),
        }
    }

    /// `every 2 years`, `every year`.
    pub(super) fn every(&mut self) -> Read<Period> {
        self.expect("every")?;
        self.period()
    }

    fn words_until(&self, stop: impl Fn(Token) -> bool) -> String {
        let mut words = String::new();
        for token in self.tokens.iter().skip(self.at).take_while(|token| !stop(**token)) {
            if !words.is_empty() && matches!(token.shape, Shape::Word | Shape::Text) {
                words.push(' ');
            }
            let word = token.span.of(self.text);
            words.push_str(&word.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        words
    }
}

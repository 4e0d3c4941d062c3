//! The words of a retention phrase with their places, and the pieces every clause is made of:
//! a word, a fault, a length of time.

use jiff::Span as Period;

use super::read::Reader;
use super::scope::Scope;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let (mut comment, mut quoted) = (false, false);
    for (at, letter) in text.char_indices().chain([(text.len(), '\n')]) {
        if comment {
            comment = letter != '\n';
            continue;
        }
        if quoted {
            // What stands in quotes is one word, quotes included; the end of the text ends it too.
            match word.as_mut() {
                Some((_, text)) if letter.is_whitespace() && text.ends_with(' ') => {}
                Some((_, text)) if letter.is_whitespace() => text.push(' '),
                Some((_, text)) => text.push(letter),
                None => {}
            }
            quoted = letter != '"';
            if !quoted && let Some((start, text)) = word.take() {
                tokens.push(Token { text, start, end: at + 1 });
            }
            continue;
        }
        if letter.is_whitespace() || matches!(letter, ',' | ';' | '#' | '"') {
            if let Some((start, text)) = word.take() {
                tokens.push(Token { text, start, end: at });
            }
            if matches!(letter, ',' | ';') {
                tokens.push(Token { text: letter.to_string(), start: at, end: at + 1 });
            }
            comment = letter == '#';
            if letter == '"' {
                quoted = true;
                word = Some((at, "\"".to_owned()));
            }
        } else {
            word.get_or_insert_with(|| (at, String::new())).1.extend(letter.to_lowercase());
        }
    }
    if let Some((start, words)) = word.take() {
        tokens.push(Token { text: words.trim_end().to_owned(), start, end: text.len() });
    }
    tokens
}

const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

impl<'a> Reader<'a> {
    pub(super) fn new(text: &str, base: Span, scope: &'a Scope, any: bool) -> Self {
        Self {
            tokens: tokens(text),
            at: 0,
            length: text.len(),
            base,
            scope,
            any,
            work: None,
            faults: Vec::new(),
        }
    }

    pub(super) fn peek(&self) -> &str {
        self.word(0)
    }

    pub(super) fn word(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    pub(super) fn eat(&mut self, phrase: &str) -> bool {
        let words: Vec<&str> = phrase.split(' ').collect();
        let there = words.iter().enumerate().all(|(ahead, word)| self.word(ahead) == *word);
        if there {
            self.at += words.len();
        }
        there
    }

    pub(super) fn place(&self, from: usize, to: usize) -> Span {
        let start = self.tokens.get(from).map_or(self.length, |token| token.start);
        let end = to
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |token| token.end)
            .max(start);
        let byte = |offset: usize| self.base.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Span { file: self.base.file, start: byte(start), end: byte(end) }
    }

    pub(super) fn fault(&mut self, from: usize, to: usize, message: impl Into<String>, help: Option<String>) {
        self.fault_of("E-PHRASE", from, to, message, help);
    }

    pub(super) fn fault_of(
        &mut self,
        code: &'static str,
        from: usize,
        to: usize,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let at = self.place(from, to);
        // What follows a slip is often only its echo.
        if !self.faults.iter().any(|fault| fault.span == at) {
            self.faults.push(Diagnostic { help, ..Diagnostic::error(code, at, message) });
        }
    }

    /// A text in quotes, without them.
    pub(super) fn quoted(&mut self) -> Option<String> {
        let text = self.peek().strip_prefix('"')?;
        let text = text.strip_suffix('"').unwrap_or(text).trim().to_owned();
        self.at += 1;
        (!text.is_empty()).then_some(text)
    }

    /// Leaves the broken part behind, so that what follows is read too.
    pub(super) fn skip(&mut self) {
        while self.at < self.tokens.len() && !matches!(self.peek(), "," | ";") {
            self.at += 1;
        }
    }

    /// Leaves everything behind.
    pub(super) fn skip_all(&mut self) {
        self.at = self.tokens.len();
    }

    pub(super) fn until_break(&mut self) -> String {
        let from = self.at;
        self.skip();
        // `client and coach` is one name: only the next clause ends it.
        self.text(from, self.at)
    }

    /// As [`Self::until_break`], up to a word too.
    pub(super) fn until_break_or(&mut self, word: &str) -> String {
        let from = self.at;
        while self.at < self.tokens.len() && !matches!(self.peek(), "," | ";") && self.peek() != word {
            self.at += 1;
        }
        self.text(from, self.at)
    }

    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let tokens = self.tokens.get(from..to).unwrap_or_default();
        tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// A number and a unit, perhaps another pair: `1 year and 6 months`.
    pub(super) fn span(&mut self) -> Option<Period> {
        let mut total = self.pair(Period::new())?;
        let back = self.at;
        let _ = self.eat("and");
        match self.pair(total) {
            Some(both) => total = both,
            None => self.at = back,
        }
        Some(total)
    }

    pub(super) fn pair(&mut self, onto: Period) -> Option<Period> {
        let word = self.peek();
        let number = word.parse::<i64>().ok().or_else(|| {
            let spelt =
                NUMBERS.iter().position(|number| *number == word).and_then(|at| i64::try_from(at + 1).ok());
            spelt.or_else(|| matches!(word, "a" | "an").then_some(1))
        })?;
        let unit = self.word(1).to_owned();
        let period = match unit.as_str() {
            "day" | "days" => onto.try_days(number),
            "week" | "weeks" => onto.try_weeks(number),
            "month" | "months" => onto.try_months(number),
            "year" | "years" => onto.try_years(number),
            "hour" | "hours" => onto.try_hours(number),
            "minute" | "minutes" => {
                let help = "say hours: `26 hours after recorded`".to_owned();
                self.fault(self.at, self.at + 2, "periods are counted in hours or longer", Some(help));
                self.at += 2;
                return Some(onto);
            }
            _ => {
                let help = nearest(&unit, ["days", "weeks", "months", "years"])
                    .map(|unit| format!("did you mean `{unit}`?"));
                self.fault(
                    self.at + 1,
                    self.at + 2,
                    "this is no unit of time",
                    help.or(Some("say days, weeks, months or years".into())),
                );
                self.at += 2;
                return Some(onto);
            }
        };
        self.at += 2;
        match period {
            Ok(period) if number > 0 => Some(period),
            _ => {
                self.fault(
                    self.at - 2,
                    self.at,
                    "this is no length of time",
                    Some("write a number from 1 up".into()),
                );
                Some(onto)
            }
        }
    }

    /// What follows `every`: `year`, `2 years`.
    pub(super) fn every(&mut self) -> Option<Period> {
        let _ = self.eat("every");
        let from = self.at;
        let single = match self.peek() {
            "day" => Some(Period::new().days(1)),
            "week" => Some(Period::new().weeks(1)),
            "month" => Some(Period::new().months(1)),
            "year" => Some(Period::new().years(1)),
            _ => None,
        };
        if single.is_some() {
            self.at += 1;
            return single;
        }
        let period = self.span();
        if period.is_none() {
            self.fault(from, from + 1, "how often", Some("say `every year`, or `every 2 years`".to_owned()));
            self.skip();
        }
        period
    }
}

//! Reading the name of an event, and of the year or month it falls in.

use super::read::Reader;
use super::scope::which;
use super::{Event, Which, Year, calendar};
use crate::diagnostic::nearest;

/// Words at which an event's name ends.
pub(super) const STOPS: &[&str] = &[
    "or",
    "and",
    "at",
    "normally",
    "review",
    "ask",
    "if",
    "whichever",
    "unless",
    "longer",
    "otherwise",
    "cleared",
    "except",
    "archived",
    ",",
    ";",
];

impl Reader<'_> {
    /// `the end of the tax year of`, `the end of the next month after`; nothing if no such words come next.
    pub(super) fn year(&mut self) -> Option<Year> {
        let _ = self.eat("the end of") || self.eat("end of");
        let _ = self.eat("the");
        let next = self.peek() == "next" && self.word(1) == "month";
        if next || (self.peek() == "month" && matches!(self.word(1), "after" | "following")) {
            self.at += if next { 2 } else { 1 };
            return (self.eat("after") || self.eat("following")).then_some(Year::NextMonth);
        }
        if self.eat("month of") || self.eat("month in which") || self.eat("month that") {
            return Some(Year::Month);
        }
        if self.eat("year to") {
            let (month, day) = calendar::day_of_year(self.peek(), self.word(1))?;
            self.at += 2;
            return (self.eat("of") || self.eat("in which")).then_some(Year::To { month, day });
        }
        let school = if self.peek() == "school" { "academic" } else { self.peek() };
        let (year, _) = Year::ALL.iter().find(|(_, name)| *name == school)?;
        self.at += 1;
        (self.eat("year of") || self.eat("year in which") || self.eat("year that")).then_some(*year)
    }

    /// The longest name that is known, else the words up to the next joining word.
    pub(super) fn event(&mut self) -> Option<Event> {
        const LONGEST: usize = 10;
        let from = self.at;
        if let Some(event) = self.birthday().or_else(|| self.of_all()) {
            return Some(event);
        }
        let run = (0..LONGEST).take_while(|ahead| !matches!(self.word(*ahead), "" | "," | ";")).count();
        for length in (1..=run).rev() {
            if let Some((event, work)) = self.scope.event(&self.text(from, from + length)) {
                self.at += length;
                self.work = self.work.or(work);
                return Some(event);
            }
        }
        loop {
            let ends = STOPS.contains(&self.peek()) && self.at > from && !self.no_longer();
            if ends || self.peek().is_empty() {
                break;
            }
            self.at += 1;
        }
        let words = self.text(from, self.at);
        let words = words.strip_prefix("the ").unwrap_or(&words);
        if words.is_empty() || STOPS.contains(&words) {
            self.at = from;
            self.fault(
                from,
                from + 1,
                "an event is missing here",
                Some("name one, such as `completed`".to_owned()),
            );
            self.skip();
            return None;
        }
        if self.any {
            let (which, name) = which(words).unwrap_or((Which::Only, words));
            return Some(Event { name: name.to_owned(), which });
        }
        let names = self.scope.names();
        let bare = which(words).map_or(words, |(_, rest)| rest);
        let near = |wrong| nearest(wrong, names.iter().map(String::as_str));
        let help = match near(words).or_else(|| near(bare)) {
            Some(near) if bare == words => format!("did you mean `{near}`?"),
            Some(near) => format!("did you mean `{}{near}`?", words.strip_suffix(bare).unwrap_or_default()),
            None => format!(
                "declare it as a milestone of work, or as `event {bare}` of a person; events here are: {}",
                names.join(", ")
            ),
        };
        self.fault(from, self.at, format!("nothing here is called `{words}`"), Some(help));
        None
    }

    /// `the last of their orders closed`.
    fn of_all(&mut self) -> Option<Event> {
        let back = self.at;
        let said = ["the last of their", "the last of the", "last of their", "all of their", "all their"]
            .iter()
            .any(|words| self.eat(words));
        if !said {
            return None;
        }
        let from = self.at;
        let run = (0..8).take_while(|ahead| !matches!(self.word(*ahead), "" | "," | ";")).count();
        for length in (1..=run).rev() {
            if let Some(event) = self.scope.of_all(&self.text(from, from + length)) {
                self.at += length;
                return Some(event);
            }
        }
        if self.any {
            while !STOPS.contains(&self.peek()) && !self.peek().is_empty() {
                self.at += 1;
            }
            let words = self.text(from, self.at);
            // `orders closed`: one of them is an order.
            let (many, rest) = words.split_once(' ').unwrap_or((&words, ""));
            let one = many.strip_suffix("ies").map(|stem| format!("{stem}y"));
            let one = one.unwrap_or_else(|| many.strip_suffix('s').unwrap_or(many).to_owned());
            return Some(Event { name: format!("{one} {rest}").trim().to_owned(), which: Which::All });
        }
        self.at = back;
        None
    }

    fn no_longer(&self) -> bool {
        self.peek() == "longer"
            && self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(|t| t.text == "no")
    }
}

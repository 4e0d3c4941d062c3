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
        if self.peek() == "financial" {
            return self.financial();
        }
        let school = if self.peek() == "school" { "academic" } else { self.peek() };
        let (year, _) = Year::ALL.iter().find(|(_, name)| *name == school)?;
        self.at += 1;
        (self.eat("year of") || self.eat("year in which") || self.eat("year that")).then_some(*year)
    }

    /// `financial year of`: whose end the policy must have said.
    fn financial(&mut self) -> Option<Year> {
        let from = self.at;
        self.at += 1;
        if !(self.eat("year of") || self.eat("year in which") || self.eat("year that")) {
            return None;
        }
        let (month, day) = self.scope.financial_year.unwrap_or_else(|| {
            let help = match self.any {
                true => "name the day on which it ends: `the end of the year to 31 March of ...`",
                false => {
                    "write `financial year ends 31 March` in the head, or name the day here: `the end of the year \
                     to 31 March of ...`"
                }
            };
            let message = "nothing says on which day your financial year ends";
            self.fault_of("E-AMBIGUOUS", from, from + 2, message, Some(help.to_owned()));
            (12, 31)
        });
        Some(Year::Financial { month, day })
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
        self.first_of_all().map_or(Some(()), |()| None)?;
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
            return Some(Event { name: one_of(&words), which: Which::All });
        }
        self.at = back;
        None
    }

    /// `the first of their orders closed` is counted from by nothing, with a policy or without: while a later one is open
    /// its end would pass. Says so, and goes on after it.
    fn first_of_all(&mut self) -> Option<()> {
        let from = self.at;
        let leads = ["the first of their", "the first of the", "first of their", "first of the"];
        leads.iter().any(|words| self.eat(words)).then_some(())?;
        let what = self.at;
        while !STOPS.contains(&self.peek()) && !self.peek().is_empty() {
            self.at += 1;
        }
        let words = self.text(what, self.at);
        let rest = words.split_once(' ').map_or(words.as_str(), |(_, rest)| rest);
        let help = format!(
            "say `the last of their {words}`, once all of them are; or `{rest}`, which counts for each by itself"
        );
        self.fault(from, self.at, "nothing is counted from the first of several pieces of work", Some(help));
        Some(())
    }

    fn no_longer(&self) -> bool {
        self.peek() == "longer"
            && self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(|t| t.text == "no")
    }
}

/// `orders closed`: one of them is an order.
fn one_of(words: &str) -> String {
    let (many, rest) = words.split_once(' ').unwrap_or((words, ""));
    let one = many.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let one = one.unwrap_or_else(|| many.strip_suffix('s').unwrap_or(many).to_owned());
    format!("{one} {rest}").trim().to_owned()
}

//! One period by itself: a span after an event, until, while, the earlier and the later of several, an
//! age, what another body says, hours, and what is not kept at all.

use jiff::Span as Period;

use super::read::Reader;
use super::{Event, Phrase, Year};
use crate::diagnostic::nearest;

const EARLIER: &[&str] = &["the earlier of", "the earliest of", "the sooner of", "earlier of"];
const LATER: &[&str] = &["the later of", "the latest of", "later of"];

impl Reader<'_> {
    /// One phrase without what may follow it. In a list, an event alone stands for `until EVENT`.
    pub(super) fn term(&mut self, listed: bool) -> Option<Phrase> {
        let from = self.at;
        if self.day_starts() {
            let day = self.fixed_day();
            if let (Some(_), false) = (&day, listed) {
                let said = self.text(from, self.at);
                self.fault(
                    from,
                    self.at,
                    "this day is no period by itself",
                    Some(format!("say `until {said}`")),
                );
            }
            return day.filter(|_| listed);
        }
        if self.hedge() || self.added_up() {
            return None;
        }
        if self.eat("until") {
            return self.until();
        }
        if self.eat("while") {
            return self.holding();
        }
        if let Some(parts) = self.several() {
            return Some(parts);
        }
        if self.eat("indefinitely") || self.eat("for ever") || self.eat("forever") {
            return Some(Phrase::Indefinitely);
        }
        if self.eat("review") && self.peek() != "every" {
            let _ = self.eat("at");
            let period = self.span()?;
            return self.after(from, |event| Phrase::Review { period, event }, |_| None);
        }
        self.at = from;
        if self.eat("as") {
            return self.outside(from);
        }
        // A cap with nothing to cap is a period.
        let _ = self.eat("at most");
        if let Some(period) = self.span() {
            if self.eat(", rolling") || self.eat("rolling") {
                return Some(Phrase::Rolling { period });
            }
            let year = |(year, event)| Some(Phrase::AfterYear { period, year, event });
            return self.after(from, |event| Phrase::After { period, event }, year);
        }
        self.at = from;
        if self.eat("never") {
            return Some(self.not_kept());
        }
        if listed { self.event().map(Phrase::Until) } else { None }
    }

    /// Whether a period begins here.
    pub(super) fn term_starts(&self) -> bool {
        let word = self.peek();
        matches!(
            word,
            "until" | "while" | "the" | "indefinitely" | "review" | "as" | "at" | "never" | "a" | "an"
        ) && !(word == "review" && self.word(1) == "every")
            || (matches!(
                self.word(1),
                "day" | "days" | "week" | "weeks" | "month" | "months" | "year" | "years" | "hours"
            ))
    }

    /// `never; charge it, note the result, discard`.
    fn not_kept(&mut self) -> Phrase {
        let mut instead = Vec::new();
        while self.eat(";") || self.eat(",") {
            let from = self.at;
            self.skip();
            let step = self.text(from, self.at);
            if step.is_empty() {
                self.fault(from, from + 1, "something is missing here", None);
                break;
            }
            instead.push(step);
        }
        Phrase::NotKept { instead }
    }

    /// `as "the funder" requires`.
    fn outside(&mut self, from: usize) -> Option<Phrase> {
        let by = self.quoted().or_else(|| {
            let start = self.at;
            while self.any && !matches!(self.peek(), "" | "," | ";" | "requires" | "require") {
                self.at += 1;
            }
            let words = self.text(start, self.at);
            (!words.is_empty()).then_some(words)
        });
        match by {
            Some(by)
                if self.eat("requires") || self.eat("require") || self.eat("asks") || self.eat("says") =>
            {
                Some(Phrase::Outside { by })
            }
            _ => {
                self.skip();
                let help = "say `as \"the funder\" requires, at most 12 years after paid`".to_owned();
                self.fault(from, self.at, "who requires what", Some(help));
                None
            }
        }
    }

    /// `the latest, and those of the last 3 years`.
    pub(super) fn latest(&mut self) -> Option<Phrase> {
        let from = self.at;
        self.at += 2;
        let _ = self.eat("version") || self.eat("one");
        let back = self.at;
        let _ = self.eat(",");
        if self.eat("and those of the last") || self.eat("and all of the last") {
            let and_last = self.every();
            return and_last.map(|period| Phrase::Latest { and_last: Some(period) });
        }
        self.at = back;
        if matches!(self.peek(), "" | "," | ";") {
            return Some(Phrase::Latest { and_last: None });
        }
        let help = "say `the latest, and those of the last 3 years`, or `the later of A and B`".to_owned();
        self.skip();
        self.fault(from, self.at, "the latest of what", Some(help));
        None
    }

    fn several(&mut self) -> Option<Phrase> {
        let from = self.at;
        let earlier = EARLIER.iter().any(|words| self.eat(words));
        if !earlier && !LATER.iter().any(|words| self.eat(words)) {
            return None;
        }
        let mut parts = vec![self.term(true)?];
        loop {
            let back = self.at;
            let comma = self.eat(",");
            if self.eat("and") || (comma && self.part_starts()) {
                parts.push(self.term(true)?);
            } else {
                self.at = back;
                break;
            }
        }
        if parts.len() < 2 {
            let help = "say `the earlier of A and B`".to_owned();
            self.fault(from, self.at, "there is only one to choose from", Some(help));
        }
        // `the later of A and B, whichever is later` says it twice.
        let back = self.at;
        if self.which_counts() == Some(earlier) {
            self.at = back;
        }
        Some(if earlier { Phrase::Earlier(parts) } else { Phrase::Later(parts) })
    }

    fn part_starts(&self) -> bool {
        !matches!(
            self.peek(),
            "at" | "or"
                | "normally"
                | "review"
                | "ask"
                | "no"
                | "if"
                | "unless"
                | "otherwise"
                | "longer"
                | "cleared"
                | "except"
                | "then"
                | "tell"
                | "archived"
                | "whichever"
                | ""
        )
    }

    fn until(&mut self) -> Option<Phrase> {
        if !self.day_starts() {
            if self.hedge() {
                return None;
            }
            if let Some(parts) = self.several() {
                return Some(parts);
            }
            if let Some(years) = self.age() {
                return Some(years);
            }
        }
        let mut parts = vec![self.until_one()?];
        while self.peek() == "or" && !matches!(self.word(1), "as" | "sooner") {
            self.at += 1;
            parts.push(self.until_one()?);
        }
        if self.peek() == "and" && self.word(1) != "then" {
            let help = "say `the later of A and B`, or `until A or B`".to_owned();
            self.fault_of(
                "E-AMBIGUOUS",
                self.at,
                self.at + 1,
                "it is not clear whether one is enough",
                Some(help),
            );
            self.skip();
        }
        if parts.len() == 1 {
            return parts.pop();
        }
        Some(if self.which_counts() == Some(true) { Phrase::Later(parts) } else { Phrase::Earlier(parts) })
    }

    fn until_one(&mut self) -> Option<Phrase> {
        let back = self.at;
        if !self.day_starts()
            && let Some(year) = self.year()
        {
            return self.event().map(|event| Phrase::AfterYear { period: Period::new(), year, event });
        }
        self.at = back;
        self.term(true)
    }

    fn holding(&mut self) -> Option<Phrase> {
        let from = self.at;
        if self.eat("consented") {
            return Some(Phrase::Until(Event::only("consent withdrawn")));
        }
        for lead in ["they are", "the person is", "an", "a"] {
            let _ = self.eat(lead);
        }
        let words = self.category_or_rest();
        if words.is_empty() {
            let help = "name a category: `while associate`".to_owned();
            self.fault(from, self.at, "while what", Some(help));
            return None;
        }
        let category = self.scope.categories.contains(&words);
        if category || (self.any && !words.contains(" is ") && !words.contains(" are ")) {
            return Some(Phrase::While(words));
        }
        if let Some(so) = self.is_so(&self.text(from, self.at)) {
            return Some(Phrase::WhileSo(so));
        }
        let known = self.scope.categories.iter().chain(self.scope.facts.iter().map(|fact| &fact.name));
        let near = nearest(&words, known.map(String::as_str)).map(|name| format!("did you mean `{name}`?"));
        let help =
            near.unwrap_or_else(|| format!("declare it: `category {words}`, or `fact {words}: yes or no`"));
        self.fault(from, self.at, format!("no category is called `{words}`"), Some(help));
        None
    }

    /// The category that stands here, where a list goes on after it; else all up to the next clause.
    fn category_or_rest(&mut self) -> String {
        let from = self.at;
        let whole = self.until_break();
        let ends = |to: &usize| {
            let word = |at: usize| self.tokens.get(at).map_or("", |token| token.text.as_str());
            let next = word(to + 1);
            let period = ["until", "while"].contains(&next) || next.parse::<u32>().is_ok();
            let known = self.any || self.scope.categories.contains(&self.text(from, *to));
            matches!(word(*to), "and" | "or") && period && known
        };
        if self.scope.categories.contains(&whole) {
            return whole;
        }
        match (from + 1..self.at).rev().find(ends) {
            Some(to) => {
                self.at = to;
                self.text(from, to)
            }
            None => whole,
        }
    }

    /// `after EVENT`, `after the end of the tax year of EVENT`, or `after the later of EVENT and EVENT`.
    pub(super) fn after(
        &mut self,
        from: usize,
        plain: impl Fn(Event) -> Phrase,
        yearly: impl FnOnce((Year, Event)) -> Option<Phrase>,
    ) -> Option<Phrase> {
        if !self.eat("after") {
            self.after_what(from);
            return None;
        }
        let back = self.at;
        if let Some(year) = self.year() {
            let event = self.event()?;
            return yearly((year, event));
        }
        self.at = back;
        let earlier = EARLIER.iter().any(|words| self.eat(words));
        if earlier || LATER.iter().any(|words| self.eat(words)) {
            let mut parts = vec![plain(self.event()?)];
            while self.eat("and") || (self.peek() == "," && self.event_follows()) {
                let _ = self.eat(",");
                parts.push(plain(self.event()?));
            }
            return Some(if earlier { Phrase::Earlier(parts) } else { Phrase::Later(parts) });
        }
        self.event().map(plain)
    }

    /// Whether a comma is followed by one more event of a list that ends with `and`.
    fn event_follows(&self) -> bool {
        let mut ahead = 1;
        while !matches!(self.word(ahead), "" | "," | ";" | "and") {
            ahead += 1;
        }
        self.word(ahead) == "and"
    }

    pub(super) fn after_what(&mut self, from: usize) {
        let to = self.at.max(from + 1);
        if matches!(self.peek(), "from" | "following" | "since" | "of") {
            let word = self.peek().to_owned();
            self.fault(
                self.at,
                self.at + 1,
                format!("`{word}` is not a word for this"),
                Some("say `after`".to_owned()),
            );
        } else {
            let said = self.text(from, to);
            self.fault(from, to, "after what", Some(format!("name the event: `{said} after completed`")));
        }
        self.skip();
    }
}

//! Reads a retention phrase. Gives every fault it finds, each with its place and where possible a remedy;
//! never guesses what an author meant.

use jiff::Span as Period;

use super::scope::{Scope, which};
use super::token::Token;
use super::{Event, Phrase, Which, Year};
use crate::diagnostic::{Diagnostic, nearest};
use crate::name::WorkId;
use crate::rule::AskAgain;
use crate::source::Span;

/// What a `keep` clause says.
#[derive(Clone, Debug)]
pub struct ReadPhrase {
    /// How long.
    pub phrase: Phrase,
    /// `review every 2 years`.
    pub review: Option<Period>,
    /// `ask again every 2 years, no answer ends it`.
    pub ask_again: Option<AskAgain>,
    /// The kind of work whose milestones the phrase speaks of.
    pub work: Option<WorkId>,
}

pub(super) struct Reader<'a> {
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) base: Span,
    pub(super) scope: &'a Scope,
    /// Any words will do for an event or a category.
    pub(super) any: bool,
    pub(super) work: Option<WorkId>,
    pub(super) faults: Vec<Diagnostic>,
}

/// Reads the words after `keep` and the kinds it names.
///
/// `text` is the source itself from `base.start` on, byte for byte, line breaks included: byte `i` of
/// `text` is byte `base.start + i` of the file. Comments are passed over.
///
/// # Errors
/// Every fault found, each at its place, under the code `E-PHRASE`.
pub fn read(text: &str, base: Span, scope: &Scope) -> Result<ReadPhrase, Vec<Diagnostic>> {
    Reader::new(text, base, scope, false).read()
}

/// Reads a phrase without a policy: any words stand for an event or a category.
///
/// # Errors
/// As [`read`], places counting from the beginning of the text.
pub fn read_alone(text: &str) -> Result<ReadPhrase, Vec<Diagnostic>> {
    Reader::new(text, Span::default(), &Scope::default(), true).read()
}

/// Reads a period: `6 months`, `a year`, `year` (as in "every year"), `1 year and 6 months`.
#[must_use]
pub fn period(text: &str) -> Option<Period> {
    let scope = Scope::default();
    let mut reader = Reader::new(text, Span::default(), &scope, false);
    let period = reader.every()?;
    (reader.at == reader.tokens.len() && reader.faults.is_empty()).then_some(period)
}

/// Words at which an event's name ends.
const STOPS: &[&str] = &[
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
    ",",
    ";",
];

impl<'a> Reader<'a> {
    fn read(mut self) -> Result<ReadPhrase, Vec<Diagnostic>> {
        match self.keep() {
            Some(keep) if self.faults.is_empty() => Ok(keep),
            _ => Err(self.faults),
        }
    }

    fn keep(&mut self) -> Option<ReadPhrase> {
        let start = self.at;
        let mut phrase = self.term(false);
        if phrase.is_none() {
            if self.faults.is_empty() {
                self.fault(start, self.tokens.len(), "this is no period", Some(FORMS.to_owned()));
            }
            self.skip();
        }
        let mut review = None;
        let mut ask_again = None;
        while self.at < self.tokens.len() {
            let from = self.at;
            let separated = self.eat(",") || self.eat(";");
            if self.eat("review every") {
                review = self.every();
            } else if self.eat("ask again every") {
                ask_again = self.every().map(|every| AskAgain { every });
                self.ends(from);
            } else if let Some(before) = phrase.take() {
                phrase = self.suffix(before, from, separated);
            } else if !self.suffix_starts() {
                self.skip();
            } else {
                // The first part is broken: the rest is read for its own faults only.
                self.suffix(Phrase::Indefinitely, from, separated);
            }
        }
        Some(ReadPhrase { phrase: phrase?, review, ask_again, work: self.work })
    }

    fn ends(&mut self, from: usize) {
        let back = self.at;
        let _ = self.eat(",") || self.eat(";");
        if !self.eat("no answer ends it") {
            self.at = back;
            let help = "say `ask again every 2 years, no answer ends it`".to_owned();
            self.fault(from, back, "what happens when nobody answers", Some(help));
        }
    }

    fn suffix_starts(&self) -> bool {
        matches!(self.peek(), "or" | "at" | "normally")
    }

    fn suffix(&mut self, before: Phrase, from: usize, separated: bool) -> Option<Phrase> {
        if self.eat("or as agreed") || self.eat("or as agreed,") {
            return self.agreed(before, from);
        }
        if self.eat("or sooner if") {
            let sooner = self.event()?;
            return Some(Phrase::Earlier(vec![before, Phrase::Until(sooner)]));
        }
        if self.eat("at most") {
            let cap = self.cap(&before)?;
            return Some(Phrase::AtMost(Box::new(before), Box::new(cap)));
        }
        if self.eat("at least") {
            let floor = self.cap(&before)?;
            return Some(Phrase::Later(vec![before, floor]));
        }
        let to = self.at + 1;
        match self.peek() {
            "normally" => {
                let help =
                    "say `at most`, or say before it who may agree on more: `or as agreed by ...`".to_owned();
                self.fault(self.at, to, "`normally at most` caps what is agreed, and nothing is", Some(help));
            }
            "or" | "and" => {
                let help = "say `the earlier of A and B`, or `the later of A and B`".to_owned();
                self.fault(self.at, to, "it is not clear which of the two counts", Some(help));
            }
            "if" | "unless" | "otherwise" | "longer" => {
                let help = "write one `keep` for each case, under an activity of its own".to_owned();
                self.fault(self.at, to, "a period cannot hang on a condition", Some(help));
            }
            "" if separated => self.fault(from, self.at, "something is missing here", None),
            _ => {
                let help = "after a period come `at most`, `at least`, `or as agreed by`, `or sooner if`, \
                            `review every` or `ask again every`";
                self.fault(self.at, to, "this cannot follow a period", Some(help.to_owned()));
            }
        }
        self.at += 1;
        self.skip();
        Some(before)
    }

    fn agreed(&mut self, default: Phrase, from: usize) -> Option<Phrase> {
        let mut by = if self.eat("by") || self.eat("with") { self.until_break() } else { String::new() };
        if by.is_empty() && self.any {
            // A phrase tried by itself may leave out whom it is agreed with; a policy must say.
            by = "the person".to_owned();
        }
        if by.is_empty() {
            let help = "say `or as agreed by client and coach`, or `or as agreed with the person`".to_owned();
            self.fault(from, self.at, "agreed by whom", Some(help));
        }
        if !matches!(default, Phrase::After { .. } | Phrase::AfterYear { .. }) {
            let help = "begin with what holds where nothing is agreed: `6 months after completed`".to_owned();
            self.fault(from, self.at, "an agreed period needs an event to be counted from", Some(help));
        }
        let back = self.at;
        let _ = self.eat(",") || self.eat(";");
        let normally = self.eat("normally at most");
        let at_most = if normally || self.eat("at most") {
            Some(Box::new(self.cap(&default)?))
        } else {
            self.at = back;
            None
        };
        Some(Phrase::Agreed { default: Box::new(default), by, at_most, normally })
    }

    /// A cap or a floor; `5 years` alone is counted from the event of what it caps.
    fn cap(&mut self, capped: &Phrase) -> Option<Phrase> {
        let from = self.at;
        if let Some(period) = self.span() {
            if self.peek() == "after" {
                self.at = from;
            } else if let Phrase::After { event, .. } = capped {
                return Some(Phrase::After { period, event: event.clone() });
            } else {
                self.after_what(from);
                return None;
            }
        }
        let before = self.faults.len();
        let term = self.term(false);
        if term.is_none() {
            if self.faults.len() == before {
                self.fault(from, self.at + 1, "this is no period", Some(FORMS.to_owned()));
            }
            self.skip();
        }
        term
    }

    /// One phrase without what may follow it. In a list, an event alone stands for `until EVENT`.
    fn term(&mut self, listed: bool) -> Option<Phrase> {
        let from = self.at;
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
            let period = self.span()?;
            return self.after(from, |event| Phrase::Review { period, event }, |_| None);
        }
        self.at = from;
        if let Some(period) = self.span() {
            let year = |(year, event)| Some(Phrase::AfterYear { period, year, event });
            return self.after(from, |event| Phrase::After { period, event }, year);
        }
        if self.peek() == "never" {
            let help = "leave it out of `data`: what no activity names cannot be stored".to_owned();
            self.fault(from, from + 1, "what is never kept needs no period", Some(help));
            self.at += 1;
            return None;
        }
        if listed { self.event().map(Phrase::Until) } else { None }
    }

    fn several(&mut self) -> Option<Phrase> {
        const EARLIER: &[&str] = &["the earlier of", "the earliest of", "the sooner of", "earlier of"];
        const LATER: &[&str] = &["the later of", "the latest of", "later of"];
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
        Some(if earlier { Phrase::Earlier(parts) } else { Phrase::Later(parts) })
    }

    fn part_starts(&self) -> bool {
        !matches!(self.peek(), "at" | "or" | "normally" | "review" | "ask" | "no" | "")
    }

    fn until(&mut self) -> Option<Phrase> {
        if let Some(parts) = self.several() {
            return Some(parts);
        }
        if let Some(years) = self.age() {
            return Some(years);
        }
        let mut parts = vec![self.until_one()?];
        while self.peek() == "or" && !matches!(self.word(1), "as" | "sooner") {
            self.at += 1;
            parts.push(self.until_one()?);
        }
        if self.peek() == "and" {
            let help = "say `the later of A and B`, or `until A or B`".to_owned();
            self.fault(self.at, self.at + 1, "it is not clear whether one is enough", Some(help));
            self.skip();
        }
        if parts.len() == 1 { parts.pop() } else { Some(Phrase::Earlier(parts)) }
    }

    fn until_one(&mut self) -> Option<Phrase> {
        let back = self.at;
        if let Some(year) = self.year() {
            return self.event().map(|event| Phrase::AfterYear { period: Period::new(), year, event });
        }
        self.at = back;
        self.term(true)
    }

    /// `until age 25`, `until the person is 25`: counted from the day they were born.
    fn age(&mut self) -> Option<Phrase> {
        let back = self.at;
        let said = self.eat("age") || self.eat("the person is") || self.eat("they are");
        let years = said.then(|| self.peek().parse::<i64>().ok()).flatten();
        let known = self.scope.event("born").map(|(event, _)| event);
        let born = known.or_else(|| self.any.then(|| Event::only("born")));
        match (years.and_then(|years| Period::new().try_years(years).ok()), born) {
            (Some(period), Some(event)) => {
                self.at += 1;
                Some(Phrase::After { period, event })
            }
            _ => {
                self.at = back;
                None
            }
        }
    }

    fn holding(&mut self) -> Option<Phrase> {
        let from = self.at;
        if self.eat("consented") {
            return Some(Phrase::Until(Event::only("consent withdrawn")));
        }
        for lead in ["they are", "the person is", "an", "a"] {
            let _ = self.eat(lead);
        }
        let words = self.until_break();
        if words.is_empty() {
            let help = "name a category: `while associate`".to_owned();
            self.fault(from, self.at, "while what", Some(help));
            return None;
        }
        if !self.any && !self.scope.categories.contains(&words) {
            let categories = self.scope.categories.iter().map(String::as_str);
            let near = nearest(&words, categories).map(|name| format!("did you mean `{name}`?"));
            let help = near.unwrap_or_else(|| format!("declare it: `category {words}`"));
            self.fault(from, self.at, format!("no category is called `{words}`"), Some(help));
        }
        Some(Phrase::While(words))
    }

    /// `after EVENT`, or `after the end of the tax year of EVENT`.
    fn after(
        &mut self,
        from: usize,
        plain: impl FnOnce(Event) -> Phrase,
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
        self.event().map(plain)
    }

    fn after_what(&mut self, from: usize) {
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
            let said = self.tokens.get(from..to).unwrap_or_default();
            let said = said.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
            self.fault(from, to, "after what", Some(format!("name the event: `{said} after completed`")));
        }
        self.skip();
    }

    fn year(&mut self) -> Option<Year> {
        let _ = self.eat("the end of") || self.eat("end of");
        let _ = self.eat("the");
        let (year, _) = Year::ALL.iter().find(|(_, name)| *name == self.peek())?;
        self.at += 1;
        (self.eat("year of") || self.eat("year in which") || self.eat("year that")).then_some(*year)
    }

    /// The longest name that is known, else the words up to the next joining word.
    fn event(&mut self) -> Option<Event> {
        const LONGEST: usize = 8;
        let from = self.at;
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
            None => format!("events here are: {}", names.join(", ")),
        };
        self.fault(from, self.at, format!("nothing here is called `{words}`"), Some(help));
        None
    }

    fn no_longer(&self) -> bool {
        self.peek() == "longer"
            && self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(|t| t.text == "no")
    }
}

const FORMS: &str = "say `6 months after completed`, `until consent withdrawn`, `while associate`, \
                     `the earlier of A and B` or `the later of A and B`";

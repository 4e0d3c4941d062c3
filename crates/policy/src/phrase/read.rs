//! Reads a retention phrase. Gives every fault it finds, each with its place and where possible a remedy;
//! never guesses what an author meant.

use jiff::Span as Period;

use super::{Event, PERSON_EVENTS, Phrase, Which, Year};
use crate::diagnostic::{Diagnostic, nearest};
use crate::name::WorkId;
use crate::policy::Policy;
use crate::rule::AskAgain;
use crate::source::Span;

/// The names a phrase may use beside [`PERSON_EVENTS`].
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Each kind of work with its milestones in order, and the parts people play on it.
    pub works: Vec<ScopeWork>,
    /// Names of categories: `while associate`.
    pub categories: Vec<String>,
}

/// A kind of work a phrase may speak of.
#[derive(Clone, Debug)]
pub struct ScopeWork {
    /// Its number.
    pub id: WorkId,
    /// Its name.
    pub name: String,
    /// Its milestones in order.
    pub milestones: Vec<String>,
    /// Its parts: `client`, `coach`.
    pub parts: Vec<String>,
}

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

impl Scope {
    /// Everything a policy declares.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let works = policy.works.iter().map(|work| ScopeWork {
            id: work.id,
            name: work.name.clone(),
            milestones: work.milestones.clone(),
            parts: work.parts.iter().map(|part| part.name.clone()).collect(),
        });
        let categories = policy.categories.iter().map(|category| category.name.clone());
        Self { works: works.collect(), categories: categories.collect() }
    }

    fn milestone(&self, name: &str) -> Option<(String, Option<WorkId>)> {
        self.works.iter().find_map(|work| {
            let bare = name.strip_prefix(work.name.as_str()).map_or(name, str::trim_start);
            let mut milestones = work.milestones.iter();
            let found = milestones.find(|milestone| *milestone == name || *milestone == bare)?;
            Some((found.clone(), Some(work.id)))
        })
    }

    fn known(&self, name: &str) -> Option<(String, Option<WorkId>)> {
        if let Some(category) = name.strip_prefix("no longer ") {
            return self.categories.iter().any(|held| held == category).then(|| (name.to_owned(), None));
        }
        let person = PERSON_EVENTS.iter().find(|(event, _)| *event == name);
        self.milestone(name).or_else(|| person.map(|(event, _)| ((*event).to_owned(), None)))
    }

    fn event(&self, words: &str) -> Option<(Event, Option<WorkId>)> {
        let words = words.strip_prefix("the ").unwrap_or(words);
        if let Some((name, work)) = self.known(words) {
            return Some((Event::only(name), work));
        }
        let (which, rest) = which(words)?;
        self.known(rest).map(|(name, work)| (Event { name, which }, work))
    }

    fn names(&self) -> Vec<String> {
        let milestones = self.works.iter().flat_map(|work| work.milestones.iter().cloned());
        let events = PERSON_EVENTS.iter().map(|(name, _)| (*name).to_owned());
        let ends = self.categories.iter().map(|category| format!("no longer {category}"));
        milestones.chain(events).chain(ends).collect()
    }
}

fn which(words: &str) -> Option<(Which, &str)> {
    words
        .strip_prefix("first ")
        .map(|rest| (Which::First, rest))
        .or_else(|| words.strip_prefix("last ").map(|rest| (Which::Last, rest)))
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Token {
    text: String,
    start: usize,
    end: usize,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word: Option<(usize, String)> = None;
    let mut comment = false;
    for (at, letter) in text.char_indices().chain([(text.len(), '\n')]) {
        if comment {
            comment = letter != '\n';
            continue;
        }
        if letter.is_whitespace() || matches!(letter, ',' | ';' | '#') {
            if let Some((start, text)) = word.take() {
                tokens.push(Token { text, start, end: at });
            }
            if matches!(letter, ',' | ';') {
                tokens.push(Token { text: letter.to_string(), start: at, end: at + 1 });
            }
            comment = letter == '#';
        } else {
            word.get_or_insert_with(|| (at, String::new())).1.extend(letter.to_lowercase());
        }
    }
    tokens
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

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    length: usize,
    base: Span,
    scope: &'a Scope,
    /// Any words will do for an event or a category.
    any: bool,
    work: Option<WorkId>,
    faults: Vec<Diagnostic>,
}

const NUMBERS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// Words at which an event's name ends.
const STOPS: &[&str] =
    &["or", "and", "at", "normally", "review", "ask", "if", "whichever", "unless", "longer", "otherwise", ",", ";"];

impl<'a> Reader<'a> {
    fn new(text: &str, base: Span, scope: &'a Scope, any: bool) -> Self {
        Self { tokens: tokens(text), at: 0, length: text.len(), base, scope, any, work: None, faults: Vec::new() }
    }

    fn read(mut self) -> Result<ReadPhrase, Vec<Diagnostic>> {
        match self.keep() {
            Some(keep) if self.faults.is_empty() => Ok(keep),
            _ => Err(self.faults),
        }
    }

    fn peek(&self) -> &str {
        self.word(0)
    }

    fn word(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text.as_str())
    }

    fn eat(&mut self, phrase: &str) -> bool {
        let words: Vec<&str> = phrase.split(' ').collect();
        let there = words.iter().enumerate().all(|(ahead, word)| self.word(ahead) == *word);
        if there {
            self.at += words.len();
        }
        there
    }

    fn place(&self, from: usize, to: usize) -> Span {
        let start = self.tokens.get(from).map_or(self.length, |token| token.start);
        let end = to.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.end).max(start);
        let byte = |offset: usize| self.base.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Span { file: self.base.file, start: byte(start), end: byte(end) }
    }

    fn fault(&mut self, from: usize, to: usize, message: impl Into<String>, help: Option<String>) {
        let at = self.place(from, to);
        // What follows a slip is often only its echo.
        if !self.faults.iter().any(|fault| fault.span == at) {
            self.faults.push(Diagnostic { help, ..Diagnostic::error("E-PHRASE", at, message) });
        }
    }

    /// Leaves the broken part behind, so that what follows is read too.
    fn skip(&mut self) {
        while self.at < self.tokens.len() && !matches!(self.peek(), "," | ";") {
            self.at += 1;
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
                let help = "say `at most`, or say before it who may agree on more: `or as agreed by ...`".to_owned();
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
        let by = if self.eat("by") || self.eat("with") { self.until_break() } else { String::new() };
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
            self.fault(self.at, self.at + 1, format!("`{word}` is not a word for this"), Some("say `after`".to_owned()));
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

    /// A number and a unit, perhaps another pair: `1 year and 6 months`.
    fn span(&mut self) -> Option<Period> {
        let mut total = self.pair(Period::new())?;
        let back = self.at;
        let _ = self.eat("and");
        match self.pair(total) {
            Some(both) => total = both,
            None => self.at = back,
        }
        Some(total)
    }

    fn pair(&mut self, onto: Period) -> Option<Period> {
        let word = self.peek();
        let number = word.parse::<i64>().ok().or_else(|| {
            let spelt = NUMBERS.iter().position(|number| *number == word).and_then(|at| i64::try_from(at + 1).ok());
            spelt.or_else(|| matches!(word, "a" | "an").then_some(1))
        })?;
        let unit = self.word(1).to_owned();
        let period = match unit.as_str() {
            "day" | "days" => onto.try_days(number),
            "week" | "weeks" => onto.try_weeks(number),
            "month" | "months" => onto.try_months(number),
            "year" | "years" => onto.try_years(number),
            "hour" | "hours" | "minute" | "minutes" => {
                let help = "say days: `2 days after recorded`".to_owned();
                self.fault(self.at, self.at + 2, "periods are counted in days or longer", Some(help));
                self.at += 2;
                return Some(onto);
            }
            _ => {
                let help = nearest(&unit, ["days", "weeks", "months", "years"]).map(|unit| format!("did you mean `{unit}`?"));
                self.fault(self.at + 1, self.at + 2, "this is no unit of time", help.or(Some("say days, weeks, months or years".into())));
                self.at += 2;
                return Some(onto);
            }
        };
        self.at += 2;
        match period {
            Ok(period) if number > 0 => Some(period),
            _ => {
                self.fault(self.at - 2, self.at, "this is no length of time", Some("write a number from 1 up".into()));
                Some(onto)
            }
        }
    }

    /// What follows `every`: `year`, `2 years`.
    fn every(&mut self) -> Option<Period> {
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

    fn until_break(&mut self) -> String {
        let from = self.at;
        self.skip();
        // `client and coach` is one name: only the next clause ends it.
        self.text(from, self.at)
    }

    fn text(&self, from: usize, to: usize) -> String {
        let tokens = self.tokens.get(from..to).unwrap_or_default();
        tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
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
        while !self.peek().is_empty() && !(STOPS.contains(&self.peek()) && self.at > from && !self.no_longer()) {
            self.at += 1;
        }
        let words = self.text(from, self.at);
        let words = words.strip_prefix("the ").unwrap_or(&words);
        if words.is_empty() || STOPS.contains(&words) {
            self.at = from;
            self.fault(from, from + 1, "an event is missing here", Some("name one, such as `completed`".to_owned()));
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
        self.peek() == "longer" && self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).is_some_and(|t| t.text == "no")
    }
}

const FORMS: &str = "say `6 months after completed`, `until consent withdrawn`, `while associate`, \
                     `the earlier of A and B` or `the later of A and B`";

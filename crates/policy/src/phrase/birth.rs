//! Birthdays and ages: whose they are, and how a phrase speaks of them. An age that is somebody else's is counted from
//! the birthday of whoever has that part on the work, never from the holder's own.

use jiff::Span as Period;

use super::event::STOPS;
use super::read::Reader;
use super::{Event, Phrase, Which};
use crate::diagnostic::nearest;
use crate::name::WorkId;

/// Whose birthday counts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Whose {
    /// The person's own.
    Own,
    /// The last of everybody on the work.
    Everybody,
    /// Of whoever has this part on the work; of several the last.
    Part(String),
}

impl Whose {
    /// The name of the day they were born.
    #[must_use]
    pub fn born(&self) -> String {
        match self {
            Self::Own => "born".to_owned(),
            Self::Everybody => "people born".to_owned(),
            Self::Part(part) => format!("born as {part}"),
        }
    }

    /// The day they were born, as an event.
    #[must_use]
    pub fn birth(&self) -> Event {
        Event { name: self.born(), which: self.which() }
    }

    /// The day they reach an age, as an event.
    #[must_use]
    pub fn turns(&self, years: i16) -> Event {
        let name = match self {
            Self::Own => format!("turns {years}"),
            Self::Everybody => format!("people turn {years}"),
            Self::Part(part) => format!("turns {years} as {part}"),
        };
        Event { name, which: self.which() }
    }

    fn which(&self) -> Which {
        if *self == Self::Everybody { Which::Last } else { Which::Only }
    }
}

impl Event {
    /// Whose birthday the event is, or (with years) who reaches which age; `None` for every other event.
    #[must_use]
    pub fn birthday(&self) -> Option<(Whose, Option<i16>)> {
        let name = self.name.as_str();
        let years = |text: &str| text.parse().ok();
        match name {
            "born" => return Some((Whose::Own, None)),
            "people born" => return Some((Whose::Everybody, None)),
            _ => {}
        }
        if let Some(part) = name.strip_prefix("born as ") {
            return Some((Whose::Part(part.to_owned()), None));
        }
        if let Some(age) = name.strip_prefix("people turn ") {
            return Some((Whose::Everybody, Some(years(age)?)));
        }
        let rest = name.strip_prefix("turns ")?;
        match rest.split_once(" as ") {
            Some((age, part)) => Some((Whose::Part(part.to_owned()), Some(years(age)?))),
            None => Some((Whose::Own, Some(years(rest)?))),
        }
    }
}

/// Who the person is called in an age of their own.
const OWN: &[&str] = &["they", "the person"];

/// Everybody on the work.
const EVERYBODY: &[&str] =
    &["the last of the people on it", "everybody on it", "everyone on it", "the youngest on it"];

const VERBS: &[&str] = &["is", "are", "turns", "turn", "reaches", "reach"];

/// The most words a part's name may have here.
const LONGEST: usize = 9;

impl Reader<'_> {
    /// `until age 25`, `until they are 25`, `until the child is 25`, `until the last of the people on it is 21`:
    /// counted from birthdays.
    pub(super) fn age(&mut self) -> Option<Phrase> {
        let back = self.at;
        let bare = self.eat("age") || self.peek().parse::<i16>().is_ok();
        let (whose, years) = match bare {
            // `until 20`.
            true => (Whose::Own, self.years()?),
            false => self.aged()?,
        };
        self.knows_births(back);
        Some(Phrase::After { period: Period::new().years(years), event: whose.birth() })
    }

    /// `they turn 18`, `the child turns 18`, `their 18th birthday`, `turning 18`, and of everybody on the work.
    pub(super) fn birthday(&mut self) -> Option<Event> {
        let back = self.at;
        if let Some(whose) = self.day_of_birth() {
            self.knows_births(back);
            return Some(whose.birth());
        }
        let found = match self.eat("turning") || self.eat("age") {
            true => self.years().map(|years| (Whose::Own, years)),
            false => self.aged().or_else(|| self.nth_birthday()),
        };
        let Some((whose, years)) = found else {
            self.at = back;
            return None;
        };
        self.knows_births(back);
        Some(whose.turns(years))
    }

    /// `date of birth`, `their date of birth`, `date of birth of the child`, `everybody's date of birth`.
    fn day_of_birth(&mut self) -> Option<Whose> {
        let from = self.at;
        if let Some(whose) = self.birth_of_somebody(from) {
            return Some(whose);
        }
        let everybody = self.eat("everybody's") || self.eat("everyone's");
        if !everybody {
            let _ = self.eat("their") || self.eat("the person's") || self.eat("the");
        }
        let ends = |word: &str| word.is_empty() || STOPS.contains(&word) || word == "then";
        if !self.eat("date of birth") || !(ends(self.peek()) || self.peek() == "of") {
            self.at = from;
            return None;
        }
        if everybody {
            return Some(self.whose("everybody on it", from, self.at));
        }
        if !self.eat("of") {
            return Some(Whose::Own);
        }
        let named = self.at;
        while !ends(self.peek()) {
            self.at += 1;
        }
        let words = self.text(named, self.at);
        Some(self.whose(&words, named, self.at))
    }

    /// `the child's date of birth`.
    fn birth_of_somebody(&mut self, from: usize) -> Option<Whose> {
        let told = ["date", "of", "birth"];
        let ahead = (0..LONGEST)
            .find(|ahead| told.iter().enumerate().all(|(at, word)| self.word(ahead + 1 + at) == *word))?;
        let words = self.text(from, from + ahead + 1);
        let words = words.strip_suffix("'s").or_else(|| words.strip_suffix("’s"))?;
        if ["the person", "everybody", "everyone"].contains(&words) {
            return None;
        }
        self.at = from + ahead + 4;
        Some(self.whose(words, from, from + ahead + 1))
    }

    /// `18`, `18 years old`, where nothing else is meant by it.
    fn years(&mut self) -> Option<i16> {
        let back = self.at;
        let years = self.peek().parse::<i16>().ok().filter(|years| (1..=150).contains(years));
        self.at += 1;
        let old = self.eat("years old") || self.eat("years of age");
        let ends = self.peek().is_empty() || STOPS.contains(&self.peek()) || self.peek() == "then";
        if years.is_none() || !(ends || old) {
            self.at = back;
            return None;
        }
        years
    }

    /// Somebody, a verb and a number of years. Who has no such part is refused, whatever the words.
    fn aged(&mut self) -> Option<(Whose, i16)> {
        let from = self.at;
        let ahead = (1..LONGEST).find(|ahead| VERBS.contains(&self.word(*ahead)))?;
        let words = self.text(from, from + ahead);
        if words.split(' ').any(|word| matches!(word, "," | ";" | "or" | "and" | "after")) {
            return None;
        }
        self.at = from + ahead + 1;
        let _ = self.eat("age");
        let Some(years) = self.years() else {
            self.at = from;
            return None;
        };
        Some((self.whose(&words, from, from + ahead), years))
    }

    /// `their 18th birthday`, `the child's 18th birthday`.
    fn nth_birthday(&mut self) -> Option<(Whose, i16)> {
        let from = self.at;
        let ahead = (1..LONGEST).find(|ahead| self.word(ahead + 1) == "birthday")?;
        let words = self.text(from, from + ahead);
        let nth = self.word(ahead).trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let years = nth.parse::<i16>().ok().filter(|years| (1..=150).contains(years))?;
        let words = match words.as_str() {
            "their" => "they",
            words => words.strip_suffix("'s").or_else(|| words.strip_suffix("’s"))?,
        };
        self.at = from + ahead + 2;
        Some((self.whose(words, from, from + ahead), years))
    }

    /// Whose birthday some words mean.
    fn whose(&mut self, words: &str, from: usize, to: usize) -> Whose {
        if OWN.contains(&words) {
            return Whose::Own;
        }
        if EVERYBODY.contains(&words) {
            self.work = self.work.or(self.only_work());
            if self.work.is_none() && !self.any {
                let help = "name an event of the work too: `the later of 6 years after completed and ...`";
                self.fault(from, to, "it is not clear which work is meant", Some(help.to_owned()));
            }
            return Whose::Everybody;
        }
        let named = words.strip_prefix("the ").unwrap_or(words);
        if self.any {
            return Whose::Part(named.to_owned());
        }
        let works: Vec<WorkId> = self.scope.with_part(named, self.work.or(self.scope.work));
        match works.as_slice() {
            [work] => {
                self.work = Some(*work);
                return Whose::Part(named.to_owned());
            }
            [] => self.nobody(named, from, to),
            _ => {
                let message = format!("several kinds of work have a part called `{named}`");
                let help = "call each part differently, or name an event of the work too".to_owned();
                self.fault(from, to, message, Some(help));
            }
        }
        // The phrase is refused: it stands for nobody.
        Whose::Own
    }

    fn nobody(&mut self, named: &str, from: usize, to: usize) {
        let parts = self.scope.parts(self.work.or(self.scope.work));
        let near = nearest(named, parts.iter().copied());
        let all: Vec<String> = parts.iter().map(|part| format!("`the {part}`")).collect();
        let help = match (near, all.is_empty()) {
            (Some(near), _) => format!("did you mean `the {near}`?"),
            (None, true) => {
                "say `the person`; of somebody else the part must be declared: `people child is pupil`"
                    .to_owned()
            }
            (None, false) => format!("say `the person`, or whose part on the work it is: {}", all.join(", ")),
        };
        let bare = from + usize::from(self.tokens.get(from).is_some_and(|word| word.text == "the"));
        self.fault(bare.min(to), to, format!("nobody on the work is called `{named}`"), Some(help));
    }

    fn only_work(&self) -> Option<WorkId> {
        match (self.scope.work, self.scope.works.as_slice()) {
            (Some(work), _) => Some(work),
            (None, [work]) => Some(work.id),
            _ => None,
        }
    }

    /// An age needs birthdays.
    pub(super) fn knows_births(&mut self, from: usize) {
        if !self.any && !self.scope.has_births() {
            let help = "declare `item date of birth`, and name it in the activity's `data`".to_owned();
            self.fault(from, self.at, "nobody's birthday is known here", Some(help));
        }
    }
}

//! What is known: the days on which things happened, and what is so. A fact that is not here is not known.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{Span as Period, Zoned};

use crate::phrase::{Condition, Event, Which, Whose, plain};

/// What is known. Dates are civil, in the organisation's time zone.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Each event's days, by its name; what was undone is not here.
    pub events: BTreeMap<String, Vec<Date>>,
    /// Events that can no longer happen.
    pub impossible: BTreeSet<String>,
    /// Events of every piece of work of a kind that have not happened on all of it: `order closed`.
    pub pending: BTreeSet<String>,
    /// The moment an event last happened, where it is known to the minute.
    pub times: BTreeMap<String, Zoned>,
    /// Categories with the day they were no longer held; `None` while held.
    pub categories: BTreeMap<String, Option<Date>>,
    /// What is so, by the plain form of the fact's name ([`plain`]).
    pub known: BTreeMap<String, Known>,
    /// The period agreed with the person, where one was.
    pub agreed: Option<Agreed>,
    /// The day the ground opened.
    pub opened: Option<Date>,
    /// The day of the last review.
    pub reviewed: Option<Date>,
    /// The day the person last gave or confirmed their consent.
    pub confirmed: Option<Date>,
}

/// A fact that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// What it is: `yes`, `no`, `upheld`, `2026-03-31`.
    pub value: String,
    /// The day on which a fact that was so no longer was; `None` where it never was, or is.
    pub ended: Option<Date>,
}

/// A period agreed with the person.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// How long, from the clause's own event.
    pub period: Period,
    /// Whether a reason is on record for more than a cap that takes one (`normally at most`).
    pub reasoned: bool,
}

impl Facts {
    /// The day of an event, by which of its days counts; `no longer CATEGORY` is the end of a category.
    #[must_use]
    pub fn day(&self, event: &Event) -> Option<Date> {
        if self.pending.contains(&event.name) && event.which == Which::All {
            return None;
        }
        if let Some((whose, years)) = event.birthday() {
            let born = self.days(&whose.born())?.max().copied()?;
            return years.map_or(Some(born), |years| reaches(born, years));
        }
        let written = event.written();
        let mut days = self.days(&event.name).or_else(|| self.days(&written));
        let ended = || {
            let category = event.name.strip_prefix("no longer ")?;
            self.categories.get(category).copied().flatten()
        };
        match (&mut days, event.which) {
            (Some(days), Which::First) => days.min().copied(),
            (Some(days), _) => days.max().copied(),
            (None, _) => ended(),
        }
    }

    fn days(&self, name: &str) -> Option<impl Iterator<Item = &Date>> {
        self.events.get(name).map(|days| days.iter()).filter(|days| days.len() > 0)
    }

    /// Adds a day on which an event happened.
    #[must_use]
    pub fn with(mut self, event: &str, on: Date) -> Self {
        self.events.entry(event.to_owned()).or_default().push(on);
        self
    }

    /// Puts the one moment in place of every day on which an event happened; nothing where it has not.
    pub fn put(&mut self, event: &str, on: Option<Date>, at: Option<Zoned>) {
        self.events.remove(event);
        self.times.remove(event);
        self.events.extend(on.map(|on| (event.to_owned(), vec![on])));
        self.times.extend(at.map(|at| (event.to_owned(), at)));
    }

    /// Adds a fact: `employed by the client`, `yes`.
    #[must_use]
    pub fn knowing(mut self, fact: &str, value: &str) -> Self {
        self.known.insert(plain(fact), Known { value: value.to_owned(), ended: None });
        self
    }

    /// Whether a condition is so.
    ///
    /// # Errors
    /// What would have to be known to tell.
    pub fn so(&self, condition: &Condition) -> Result<bool, Vec<String>> {
        match condition {
            Condition::Is { fact, value, written } => match self.known.get(fact) {
                Some(known) => Ok(known.value == *value),
                None => Err(vec![format!("whether {written}")]),
            },
            Condition::Not(inner) => self.so(inner).map(|so| !so),
            Condition::Any(parts) => {
                let mut unknown = Vec::new();
                for part in parts {
                    match self.so(part) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(awaited) => unknown.extend(awaited),
                    }
                }
                if unknown.is_empty() { Ok(false) } else { Err(unknown) }
            }
            Condition::Aged { from, under, at } => {
                let turned = |years: i16| self.day(&Whose::Own.turns(years));
                let old = |day: Date, years: i16| turned(years).map(|birthday| birthday <= day);
                let day = self.day(at);
                let so = day.and_then(|day| {
                    let enough = if *from == 0 { Some(true) } else { old(day, *from) };
                    let too_old = under.map_or(Some(false), |under| old(day, under));
                    Some(enough? && !too_old?)
                });
                so.ok_or_else(|| {
                    let born = self.day(&Whose::Own.birth()).is_none().then(|| Whose::Own.birth().written());
                    day.is_none().then(|| at.written()).into_iter().chain(born).collect()
                })
            }
            Condition::GivenBefore(event) => {
                let given = Event { name: "consent given".to_owned(), which: Which::First };
                match (self.day(&given), self.day(event)) {
                    (Some(given), Some(day)) => Ok(given <= day),
                    (Some(_), None) => Ok(true),
                    (None, Some(_)) => Ok(false),
                    (None, None) => Err(vec!["consent given".to_owned()]),
                }
            }
        }
    }

    /// The day a condition that was so no longer was: of several facts the last.
    pub(super) fn ended(&self, condition: &Condition) -> Option<Date> {
        let facts = condition.facts();
        facts.into_iter().filter_map(|fact| self.known.get(fact)?.ended).max()
    }
}

/// The day somebody reaches an age; who was born on 29 February does so on the 28th in other years.
fn reaches(born: Date, years: i16) -> Option<Date> {
    born.checked_add(Period::new().try_years(years).ok()?).ok()
}

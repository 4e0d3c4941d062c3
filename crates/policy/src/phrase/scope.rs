//! The names a retention phrase may use, and what each of them stands for.

use super::condition::plain;
use super::{Event, PERSON_EVENTS, Which};
use crate::name::WorkId;
use crate::policy::Policy;

/// The kind of item that says when somebody was born.
pub const BIRTH: &str = "date of birth";

/// The names a phrase may use beside [`PERSON_EVENTS`].
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Each kind of work with its milestones in order, and the parts people play on it.
    pub works: Vec<ScopeWork>,
    /// Names of categories: `while associate`.
    pub categories: Vec<String>,
    /// Events of a person that the policy declares itself: `event payment`.
    pub events: Vec<String>,
    /// Facts: `if employed by the client`.
    pub facts: Vec<ScopeFact>,
    /// Kinds of data: `and then only name, address`, `except those used in the report`.
    pub kinds: Vec<String>,
    /// The month and the day on which the financial year ends, where the policy says so.
    pub financial_year: Option<(i8, i8)>,
    /// The kind of work whose people are meant where a phrase names a part and no event of work.
    pub work: Option<WorkId>,
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

/// A fact a phrase may hang on.
#[derive(Clone, Debug)]
pub struct ScopeFact {
    /// Its name: `employed by the client`.
    pub name: String,
    /// What it may be; empty where it is a date.
    pub values: Vec<String>,
    /// The kind of work it is about, else it is about the person.
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
        let facts = policy.facts.iter().map(|fact| ScopeFact {
            name: fact.name.clone(),
            values: fact.values.clone(),
            work: fact.work,
        });
        Self {
            works: works.collect(),
            categories: policy.categories.iter().map(|category| category.name.clone()).collect(),
            events: policy.events.iter().map(|event| event.name.clone()).collect(),
            facts: facts.collect(),
            kinds: policy.kinds.iter().map(|kind| kind.name.clone()).collect(),
            financial_year: policy.financial_year,
            work: None,
        }
    }

    /// The parts on a kind of work, or on all of them.
    pub(super) fn parts(&self, of: Option<WorkId>) -> Vec<&str> {
        let works = self.works.iter().filter(|work| of.is_none_or(|of| of == work.id));
        works.flat_map(|work| work.parts.iter().map(String::as_str)).collect()
    }

    /// The kinds of work that have a part of this name, or that one alone.
    pub(super) fn with_part(&self, part: &str, of: Option<WorkId>) -> Vec<WorkId> {
        let works = self.works.iter().filter(|work| of.is_none_or(|of| of == work.id));
        works.filter(|work| work.parts.iter().any(|known| known == part)).map(|work| work.id).collect()
    }

    fn milestone(&self, name: &str) -> Option<(String, Option<WorkId>)> {
        self.works.iter().find_map(|work| {
            let bare = name.strip_prefix(work.name.as_str()).map_or(name, str::trim_start);
            let mut milestones = work.milestones.iter();
            let found = milestones.find(|milestone| *milestone == name || *milestone == bare)?;
            Some((found.clone(), Some(work.id)))
        })
    }

    /// A milestone of every piece of work of a kind that the person is on: `order closed`, `orders closed`.
    pub(super) fn of_all(&self, words: &str) -> Option<Event> {
        self.works.iter().find_map(|work| {
            let plural = crate::count::plural(&work.name);
            let rest = words
                .strip_prefix(plural.as_str())
                .or_else(|| words.strip_prefix(work.name.as_str()))?
                .trim_start();
            let milestone = work.milestones.iter().find(|milestone| {
                let bare = milestone.strip_prefix(work.name.as_str()).map(str::trim_start);
                *milestone == rest || bare == Some(rest)
            })?;
            Some(Event { name: of_work(&work.name, milestone), which: Which::All })
        })
    }

    fn known(&self, name: &str) -> Option<(String, Option<WorkId>)> {
        if let Some(category) = name.strip_prefix("no longer ") {
            return self.categories.iter().any(|held| held == category).then(|| (name.to_owned(), None));
        }
        if let Some(found) = self.milestone(name) {
            return Some(found);
        }
        if self.events.iter().any(|event| event == name) || (name == "born" && self.has_births()) {
            return Some((name.to_owned(), None));
        }
        // Without a policy any words are an event, as they stand.
        let short = SHORT.iter().find(|(short, _)| *short == name && !self.kinds.is_empty());
        let short = short.map_or(name, |(_, long)| long);
        PERSON_EVENTS.iter().find(|(event, _)| *event == short).map(|(event, _)| ((*event).to_owned(), None))
    }

    /// Whether the policy holds dates of birth.
    pub(super) fn has_births(&self) -> bool {
        self.kinds.iter().any(|kind| kind == BIRTH)
    }

    pub(super) fn event(&self, words: &str) -> Option<(Event, Option<WorkId>)> {
        let words = words.strip_prefix("the ").unwrap_or(words);
        if let Some((name, work)) = self.known(words) {
            return Some((Event::only(name), work));
        }
        let (which, rest) = which(words)?;
        if which == Which::Last
            && let Some(event) = self.of_all(rest)
        {
            return Some((event, None));
        }
        self.known(rest).map(|(name, work)| (Event { name, which }, work))
    }

    /// The fact of a text, and what it must be: `employed by the client`, `outcome is upheld`, `upheld`.
    pub(super) fn fact(&self, words: &str) -> Option<(&ScopeFact, String)> {
        let text = plain(words);
        let named = |fact: &&ScopeFact| plain(&fact.name) == text;
        if let Some(fact) =
            self.facts.iter().find(|fact| named(fact) && fact.values.iter().any(|v| v == "yes"))
        {
            return Some((fact, "yes".to_owned()));
        }
        self.facts.iter().find_map(|fact| {
            let value =
                fact.values.iter().filter(|value| *value != "yes" && *value != "no").find(|value| {
                    let value = plain(value);
                    text == value || text == format!("{} {value}", plain(&fact.name))
                })?;
            Some((fact, value.clone()))
        })
    }

    pub(super) fn names(&self) -> Vec<String> {
        let milestones = self.works.iter().flat_map(|work| work.milestones.iter().cloned());
        let events = PERSON_EVENTS.iter().map(|(name, _)| (*name).to_owned());
        let ends = self.categories.iter().map(|category| format!("no longer {category}"));
        milestones.chain(self.events.iter().cloned()).chain(events).chain(ends).collect()
    }
}

/// The name of a milestone that says of which work it is: `order closed`.
#[must_use]
pub fn of_work(work: &str, milestone: &str) -> String {
    match milestone.strip_prefix(work) {
        Some(rest) if rest.starts_with(' ') => milestone.to_owned(),
        _ => format!("{work} {milestone}"),
    }
}

/// Events that may be said in fewer words.
const SHORT: &[(&str, &str)] = &[("asked", "asked us to stop"), ("withdrawn", "consent withdrawn")];

pub(super) fn which(words: &str) -> Option<(Which, &str)> {
    words
        .strip_prefix("first ")
        .map(|rest| (Which::First, rest))
        .or_else(|| words.strip_prefix("last ").map(|rest| (Which::Last, rest)))
}

//! The names a retention phrase may use, and what each of them stands for.

use super::{Event, PERSON_EVENTS, Which};
use crate::name::WorkId;
use crate::policy::Policy;

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

    pub(super) fn event(&self, words: &str) -> Option<(Event, Option<WorkId>)> {
        let words = words.strip_prefix("the ").unwrap_or(words);
        if let Some((name, work)) = self.known(words) {
            return Some((Event::only(name), work));
        }
        let (which, rest) = which(words)?;
        self.known(rest).map(|(name, work)| (Event { name, which }, work))
    }

    pub(super) fn names(&self) -> Vec<String> {
        let milestones = self.works.iter().flat_map(|work| work.milestones.iter().cloned());
        let events = PERSON_EVENTS.iter().map(|(name, _)| (*name).to_owned());
        let ends = self.categories.iter().map(|category| format!("no longer {category}"));
        milestones.chain(events).chain(ends).collect()
    }
}

pub(super) fn which(words: &str) -> Option<(Which, &str)> {
    words
        .strip_prefix("first ")
        .map(|rest| (Which::First, rest))
        .or_else(|| words.strip_prefix("last ").map(|rest| (Which::Last, rest)))
}

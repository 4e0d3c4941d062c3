//! A grant: the only key to reading, changing, sending or disclosing personal data.
//!
//! INVARIANT (only a decision grants): the fields are private to the crate and only `decide` makes one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{KindId, KindSet};

use crate::act::{Actor, Verb};
use crate::id::PersonId;

/// What was granted, to whom, for what, when.
#[derive(Debug)]
pub struct Grant {
    pub(crate) actor: Actor,
    pub(crate) verb: Verb,
    pub(crate) purpose: Option<policy::activity::Purpose>,
    pub(crate) people: BTreeMap<PersonId, KindSet>,
    pub(crate) clauses: Vec<policy::policy::Clause>,
    pub(crate) at: Timestamp,
}

impl Grant {
    /// Whether this person's data of this kind may be opened.
    #[must_use]
    pub fn covers(&self, person: PersonId, kind: KindId) -> bool {
        self.people.get(&person).is_some_and(|kinds| kinds.contains(kind))
    }

    /// Who was granted it.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What for.
    #[must_use]
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The purpose it was granted for, where the act has one.
    #[must_use]
    pub fn purpose(&self) -> Option<policy::activity::Purpose> {
        self.purpose
    }

    /// The people it covers and the kinds of each.
    #[must_use]
    pub fn people(&self) -> &BTreeMap<PersonId, KindSet> {
        &self.people
    }

    /// The clauses it rests on.
    #[must_use]
    pub fn clauses(&self) -> &[policy::policy::Clause] {
        &self.clauses
    }

    /// When it was granted.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

//! A grant: the only key to reading, changing, sending or disclosing personal data.
//!
//! INVARIANT (only a decision grants): the fields are private to the crate and only `decide` makes one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use policy::{KindId, KindSet};

use crate::act::{Actor, Verb};
use crate::id::{EngagementId, PersonId, TaskId};

/// Why a member of staff may see somebody. What they open is written down with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Need {
    /// Their role sees everybody, or everybody of a category.
    Role,
    /// They have this piece of work, and the person is on it.
    Work(EngagementId),
    /// They answer a request, and the role opens them for that alone.
    Request,
    /// They hand over what this task asks for.
    Task(TaskId),
    /// They look into an incident that this person's data was part of.
    Incident,
}

impl std::fmt::Display for Need {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Role => out.write_str("role"),
            Self::Work(work) => write!(out, "work {work}"),
            Self::Request => out.write_str("request"),
            Self::Incident => out.write_str("incident"),
            Self::Task(task) => write!(out, "task {task}"),
        }
    }
}

impl std::str::FromStr for Need {
    type Err = ();

    fn from_str(words: &str) -> Result<Self, ()> {
        match words {
            "role" => Ok(Self::Role),
            "request" => Ok(Self::Request),
            "incident" => Ok(Self::Incident),
            _ => {
                let numbered =
                    |what: &str| words.strip_prefix(what).and_then(|number| number.parse::<i64>().ok());
                let work = numbered("work ").map(|work| Self::Work(EngagementId(work)));
                work.or_else(|| numbered("task ").map(|task| Self::Task(TaskId(task)))).ok_or(())
            }
        }
    }
}

/// What was granted, to whom, for what, when.
#[derive(Debug)]
pub struct Grant {
    pub(crate) actor: Actor,
    pub(crate) verb: Verb,
    pub(crate) purpose: Option<policy::activity::Purpose>,
    pub(crate) people: BTreeMap<PersonId, KindSet>,
    pub(crate) needs: BTreeSet<Need>,
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

    /// Why these people may be seen, where a member of staff sees them.
    #[must_use]
    pub fn needs(&self) -> &BTreeSet<Need> {
        &self.needs
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

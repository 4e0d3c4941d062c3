//! What the grounds cover: which data may stay, which must go and how.

use jiff::civil::Date;
use policy::{Disposal, KindId, Policy, RuleId};

use crate::id::{EngagementId, PersonId};
use crate::life::{Ground, Life};

/// How a person stands in a datum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// It is about them.
    Subject,
    /// They wrote or said it.
    Author,
    /// They occur in it.
    Mentioned,
}

/// One row about people, as grounds see it: where it is, of what kind, about whom, on which work. No value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Datum {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub id: i64,
    /// Its kind.
    pub kind: KindId,
    /// Whom it is about.
    pub people: Vec<(PersonId, Role)>,
    /// On which work, with the name of the kind it is there, where that is another (`appendix`).
    pub engagements: Vec<(EngagementId, Option<String>)>,
    /// Whether it is a paper file in a place: somebody must go there.
    pub paper: bool,
}

/// What happens to a datum that its person's grounds no longer cover.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// It goes.
    Dispose(Disposal),
    /// It goes, but a person must act first: return or deliver it, or destroy paper.
    Task(Disposal),
    /// It stays for somebody else; the link to this person is cut.
    CutLink,
}

/// Why something uncovered is nevertheless still there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Suspended {
    /// A hold stands.
    Hold,
    /// Processing is restricted: a person decides.
    Restriction,
    /// An access request is open: kept, unusable, until the pack is made.
    AccessRequest,
}

/// A datum no longer covered for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Uncovered {
    /// The table.
    pub table: &'static str,
    /// The row.
    pub id: i64,
    /// Its kind.
    pub kind: KindId,
    /// What happens to it.
    pub outcome: Outcome,
    /// The rule that covered it last, if one did.
    pub rule: Option<RuleId>,
    /// Why, for the certificate: `6 months after completed`.
    pub reason: String,
    /// What keeps it for now, though nothing may use it.
    pub suspended: Option<Suspended>,
}

/// Whether a ground covers a datum for a person, leaving aside whether it still holds.
#[must_use]
pub fn covers(policy: &Policy, ground: &Ground, person: PersonId, datum: &Datum) -> bool {
    let _ = (policy, ground, person, datum);
    false
}

/// What of these data the person's grounds do not cover today. `others` are the lives of other people in them.
#[must_use]
pub fn uncovered(policy: &Policy, life: &Life, others: &[&Life], data: &[Datum], today: Date) -> Vec<Uncovered> {
    let _ = (policy, life, others, data, today);
    Vec::new()
}

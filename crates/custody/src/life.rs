//! A life: every fact about one person that grounds and decisions rest on. Dates and names only, no values.

use jiff::{civil::Date, Span as Period};
use policy::{ActivityId, CategoryId, RuleId, WorkId};
use policy::activity::Purpose;
use policy::basis::ConsentForm;

use crate::id::{ConsentId, DocumentId, EngagementId, GroundId, ObjectionId, PersonId, StaffId};

/// A category the person has, or had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldCategory {
    /// Which.
    pub category: CategoryId,
    /// Since when.
    pub since: Date,
    /// The day it was no longer held.
    pub until: Option<Date>,
}

/// A part on a piece of work.
#[derive(Clone, Debug)]
pub struct OnWork {
    /// Which engagement.
    pub engagement: EngagementId,
    /// What kind of work.
    pub work: WorkId,
    /// In which part: `client`.
    pub part: String,
    /// Joined.
    pub since: Date,
    /// Left.
    pub until: Option<Date>,
    /// When the engagement was opened.
    pub opened_on: Date,
    /// Its milestones that have happened, oldest first; what was undone is not here.
    pub milestones: Vec<(String, Date)>,
    /// The period agreed with the person, where one was.
    pub agreed: Option<Agreed>,
}

/// A retention period agreed with the person for one piece of work.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// How long, from the clause's own event.
    pub period: Period,
    /// The reason, where it is over a cap that takes one.
    pub reason: Option<String>,
}

/// A consent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    /// Its record.
    pub id: ConsentId,
    /// For which activity.
    pub activity: ActivityId,
    /// For one engagement only, where its gate is an event of work.
    pub engagement: Option<EngagementId>,
    /// How it was given.
    pub form: ConsentForm,
    /// The signed document on file, for signed consent.
    pub document: Option<DocumentId>,
    /// Given.
    pub given_on: Date,
    /// The last day it stands without being renewed.
    pub lapses_on: Option<Date>,
    /// Withdrawn.
    pub withdrawn_on: Option<Date>,
}

/// What an objection is against.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Every use for one purpose, most often direct marketing.
    Purpose(Purpose),
    /// One activity.
    Activity(ActivityId),
    /// Being called, by anybody here, for marketing.
    Calls,
    /// Any contact at all.
    AllContact,
}

/// An objection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Objection {
    /// Its record.
    pub id: ObjectionId,
    /// Against what.
    pub scope: Scope,
    /// Made.
    pub made_on: Date,
    /// Lifted by the person's own later consent in the same scope.
    pub lifted_on: Option<Date>,
}

/// Why a ground stopped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StopCause {
    /// Its clock ran out.
    Due,
    /// The event it waited for happened: `left the organisation`.
    Event(String),
    /// Consent was withdrawn.
    Withdrawn,
    /// Consent lapsed unconfirmed.
    Lapsed,
    /// The person objected.
    Objected,
    /// Erasure was granted.
    Erased,
    /// It was annulled: the category never was, or a condition became known.
    Annulled,
    /// The rule is gone from the policy.
    RuleGone,
}

/// A ground's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// It covers data and allows its use.
    Active,
    /// It covers nothing and allows nothing, from this day on.
    Stopped {
        /// The first day it no longer holds.
        on: Date,
        /// Why.
        cause: StopCause,
    },
}

/// Why one person is held under one rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ground {
    /// Its row.
    pub id: GroundId,
    /// The rule.
    pub rule: RuleId,
    /// The engagement, for rules that speak of work's events.
    pub engagement: Option<EngagementId>,
    /// Opened.
    pub opened_on: Date,
    /// The stored cache of its clock: the last day, once known.
    pub due_on: Option<Date>,
    /// The stored cache of its review date.
    pub review_on: Option<Date>,
    /// As stored; [`Ground::active`] also looks at the clock, since decisions read facts, not a job's mark.
    pub state: State,
}

impl Ground {
    /// Whether the ground holds on a day: not stopped, and its last day not passed.
    #[must_use]
    pub fn active(&self, today: Date) -> bool {
        let stands = match &self.state {
            State::Active => true,
            State::Stopped { on, .. } => today < *on,
        };
        stands && self.due_on.is_none_or(|due| today <= due)
    }
}

/// A restriction (UK GDPR Art 18): storage only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restriction {
    /// Since.
    pub since: Date,
    /// Who decided.
    pub owner: StaffId,
    /// Looked at again.
    pub review_on: Date,
}

/// A hold: suspends disposal, enables nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Since.
    pub since: Date,
    /// Who answers for it.
    pub owner: StaffId,
    /// Looked at again.
    pub review_on: Date,
}

/// Everything about one person that grounds and decisions rest on.
#[derive(Clone, Debug)]
pub struct Life {
    /// Who.
    pub person: PersonId,
    /// Categories.
    pub categories: Vec<HeldCategory>,
    /// Work.
    pub works: Vec<OnWork>,
    /// Consents.
    pub consents: Vec<Consent>,
    /// Objections.
    pub objections: Vec<Objection>,
    /// Events of the person by name ([`policy::phrase::PERSON_EVENTS`]), oldest first.
    pub events: Vec<(String, Date)>,
    /// Grounds, stopped ones included until their data has gone.
    pub grounds: Vec<Ground>,
    /// A restriction standing today.
    pub restriction: Option<Restriction>,
    /// A hold standing today.
    pub hold: Option<Hold>,
    /// Members of staff the person is assigned to (through work, or directly).
    pub assigned: Vec<StaffId>,
    /// Records the program holds about the person, by built-in kind name: they open `for everyone` grounds.
    pub records: Vec<&'static str>,
}

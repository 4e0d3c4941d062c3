//! A life: every fact about one person that grounds and decisions rest on. Dates and names only, no values.

use jiff::{Span as Period, civil::Date};
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::{ActivityId, CategoryId, Policy, RuleId, WorkId};

use crate::coverage::Datum;
use crate::id::{ConsentId, DocumentId, EngagementId, GroundId, ObjectionId, PersonId, StaffId};
use crate::moment::{Last, Moment};

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
    /// The last day on which it can be confirmed, where it has to be.
    pub confirm_by: Option<Date>,
    /// Confirmed.
    pub confirmed_on: Option<Date>,
}

impl Consent {
    /// The day from which it counts: the one on which it was given, or on which it was confirmed where it has to be. Until then it
    /// is none.
    #[must_use]
    pub fn counts_from(&self) -> Option<Date> {
        match self.confirm_by {
            Some(_) => self.confirmed_on.map(|on| on.max(self.given_on)),
            None => Some(self.given_on),
        }
    }

    /// Whether it counts on a day.
    #[must_use]
    pub fn counts(&self, today: Date) -> bool {
        self.counts_from().is_some_and(|from| from <= today)
    }
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
    /// Decided in the person's favour: what was objected to ends for good. An objection to marketing needs no
    /// decision, every other one restricts until it has this date or the next.
    pub upheld_on: Option<Date>,
    /// Answered with reasons for going on, or lifted by the person's own later consent in the same scope.
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
    /// Whoever looked at it again decided that it is needed no more.
    LetGo,
    /// It was annulled: the category never was, or a condition became known.
    Annulled,
    /// The rule is gone from the policy.
    RuleGone,
}

impl StopCause {
    /// In a few words, for certificates and the log: `consent withdrawn`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Due => "the period ran out".to_owned(),
            Self::Event(event) => event.clone(),
            Self::Withdrawn => "consent withdrawn".to_owned(),
            Self::Lapsed => "consent not renewed".to_owned(),
            Self::Objected => "the person objected".to_owned(),
            Self::Erased => "erased at the person's request".to_owned(),
            Self::LetGo => "let go at its review".to_owned(),
            Self::Annulled => "its reason never was, or is known otherwise".to_owned(),
            Self::RuleGone => "the policy no longer has the clause".to_owned(),
        }
    }

    /// Its name in the database; [`StopCause::named`] reads it back.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Due => "due".to_owned(),
            Self::Event(event) => format!("event {event}"),
            Self::Withdrawn => "withdrawn".to_owned(),
            Self::Lapsed => "lapsed".to_owned(),
            Self::Objected => "objected".to_owned(),
            Self::Erased => "erased".to_owned(),
            Self::LetGo => "let go".to_owned(),
            Self::Annulled => "annulled".to_owned(),
            Self::RuleGone => "rule gone".to_owned(),
        }
    }

    /// The cause of a name, if it is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "due" => Self::Due,
            "withdrawn" => Self::Withdrawn,
            "lapsed" => Self::Lapsed,
            "objected" => Self::Objected,
            "erased" => Self::Erased,
            "let go" => Self::LetGo,
            "annulled" => Self::Annulled,
            "rule gone" => Self::RuleGone,
            other => Self::Event(other.strip_prefix("event ")?.to_owned()),
        })
    }
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
    /// The stored cache of the event its clock awaits, in words.
    pub awaiting: Option<String>,
    /// The last day on which someone reviewed it and decided to go on.
    pub reviewed_on: Option<Date>,
    /// The stored cache of the last day of the first row that goes by itself, where the clause counts from rows.
    pub row: Option<Last>,
    /// As stored; [`Ground::active`] also looks at the clock, since decisions read facts, not a job's mark.
    pub state: State,
    /// Whether a night has dealt with its end: what it covered has gone, and what ended it is taken back in vain.
    pub swept: bool,
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

/// A hold: suspends disposal, enables nothing but what it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Since.
    pub since: Date,
    /// Who answers for it.
    pub owner: StaffId,
    /// Who else may read and pass on what it keeps: named helpers, and the owners of other holds that stand.
    pub helpers: Vec<StaffId>,
    /// Looked at again.
    pub review_on: Date,
}

impl Hold {
    /// Whether somebody works on what the hold stands for.
    #[must_use]
    pub fn serves(&self, staff: StaffId) -> bool {
        self.owner == staff || self.helpers.contains(&staff)
    }
}

/// A row whose own dates open and end grounds: a record the program keeps, or an entry, document or detail under a
/// clause that counts from each row. Of entries and documents that no such clause names, one row stands for all of
/// its kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The row, as grounds see it.
    pub datum: Datum,
    /// The day it is of, where it has one of its own: what tells versions apart.
    pub dated: Option<Date>,
    /// When it was written, in the organisation's time; of a detail only the day is known.
    pub recorded: Moment,
    /// The day it was closed; `None` while open or where it never closes.
    pub closed_on: Option<Date>,
    /// When it was sent, where it is sent; until then, when it was put among what waits.
    pub sent: Option<Moment>,
}

/// A fact recorded of the person, by themselves or on one piece of work: `employed by the client`, `yes`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The fact, as the policy names it.
    pub name: String,
    /// On which work, for facts of work.
    pub engagement: Option<EngagementId>,
    /// What it is, one of the fact's values or a date.
    pub value: String,
    /// Since when it is so. The latest row counts.
    pub on: Date,
}

/// What an open request asks for that needs what is held of whoever asks. To be erased, to be corrected and to be left alone
/// need nothing to stay.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Needs {
    /// To see it (UK GDPR Art 15).
    Access,
    /// To take it elsewhere (Art 20).
    Portability,
    /// To have it kept and not used (Art 18).
    Restriction,
}

/// An open request that needs what is held: until it is answered, and no longer than its day, what is due is kept, unusable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OpenRequest {
    /// What it asks for.
    pub needs: Needs,
    /// The last day for answering it; no day ends it while its clock is paused.
    pub due_on: Date,
}

/// The birthday of somebody on a piece of work.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Birth {
    /// Which work.
    pub engagement: EngagementId,
    /// In which part they are on it: `child`.
    pub part: String,
    /// The day; `None` where it is not known.
    pub born: Option<Date>,
}

/// Everything about one person that grounds and decisions rest on.
#[derive(Clone, Debug)]
pub struct Life {
    /// Who.
    pub person: PersonId,
    /// Whether it is no person's but that of a piece of work, which holds what is kept for itself: then `person` is the
    /// number of the work, since no two things have the same, and `works` says which it is.
    pub alone: bool,
    /// Categories.
    pub categories: Vec<HeldCategory>,
    /// Work.
    pub works: Vec<OnWork>,
    /// Consents.
    pub consents: Vec<Consent>,
    /// Objections.
    pub objections: Vec<Objection>,
    /// Events of the person by name ([`policy::phrase::PERSON_EVENTS`]), oldest first. What consents, objections and
    /// kept records say by themselves (given, withdrawn, asked not to call, closed) need not be repeated here.
    /// A decision reads them for what a prohibition or a share names; what else it reads must be loaded `For::Decisions`.
    pub events: Vec<(String, Date)>,
    /// Facts that periods hang on, oldest first.
    pub facts: Vec<Told>,
    /// The person's birthday, where the policy holds dates of birth and theirs is known.
    pub born: Option<Date>,
    /// The birthdays of everybody on a piece of work the person is on.
    pub births: Vec<Birth>,
    /// Grounds, stopped ones included until their data has gone.
    pub grounds: Vec<Ground>,
    /// The grounds of the work itself, of the work they are on.
    pub of_work: Vec<Ground>,
    /// What was said to the person before grounds of theirs ended, where the policy has that said.
    pub said: Vec<crate::parting::Said>,
    /// A restriction standing today.
    pub restriction: Option<Restriction>,
    /// A hold standing today.
    pub hold: Option<Hold>,
    /// Activities the person was not entered in when they came, though their category would: nothing begins there
    /// until somebody enters them by hand.
    pub not_entered: Vec<ActivityId>,
    /// Members of staff the person is assigned to, each with the work through which.
    pub assigned: Vec<(StaffId, EngagementId)>,
    /// Rows about the person whose own dates count.
    pub records: Vec<Kept>,
    /// Open requests of theirs that need what is held.
    pub requests: Vec<OpenRequest>,
}

impl Life {
    /// A life with nothing in it.
    #[must_use]
    pub fn new(person: PersonId) -> Self {
        Self {
            person,
            alone: false,
            categories: Vec::new(),
            works: Vec::new(),
            consents: Vec::new(),
            objections: Vec::new(),
            events: Vec::new(),
            facts: Vec::new(),
            born: None,
            births: Vec::new(),
            grounds: Vec::new(),
            of_work: Vec::new(),
            said: Vec::new(),
            restriction: None,
            hold: None,
            not_entered: Vec::new(),
            assigned: Vec::new(),
            records: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// What an open request of theirs needs what is held for on a day: a copy first, whatever else they ask.
    #[must_use]
    pub fn needed(&self, today: Date) -> Option<Needs> {
        self.requests.iter().filter(|asked| today <= asked.due_on).map(|asked| asked.needs).min()
    }

    /// Whether the person has the category on a day.
    #[must_use]
    pub fn has(&self, category: CategoryId, today: Date) -> bool {
        self.categories.iter().any(|held| {
            held.category == category && held.since <= today && held.until.is_none_or(|until| today < until)
        })
    }

    /// Whether the person has or had the category, by itself or by a part on work.
    #[must_use]
    pub fn is_or_was(&self, policy: &Policy, category: CategoryId) -> bool {
        self.ever_had(category) || self.works.iter().any(|on| crate::part::plays(policy, on, category))
    }

    /// Whether the person has, or had, the category by itself.
    #[must_use]
    pub fn ever_had(&self, category: CategoryId) -> bool {
        self.categories.iter().any(|held| held.category == category)
    }
}

impl OnWork {
    /// The latest day a milestone happened, if it has.
    #[must_use]
    pub fn milestone(&self, name: &str) -> Option<Date> {
        self.milestones.iter().filter(|(milestone, _)| milestone == name).map(|(_, on)| *on).max()
    }
}

//! A person as the model knows them: what happened, in names and dates. Nothing here is a rule.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;

use super::held::Row;

#[derive(Clone, Debug, Default)]
pub struct Person {
    pub categories: Vec<Category>,
    pub works: Vec<Work>,
    pub consents: Vec<Consent>,
    pub objections: Vec<Objection>,
    /// Events by name.
    pub events: Vec<(String, Date)>,
    pub told: Vec<Told>,
    pub born: Option<Date>,
    /// The parts and birthdays of everybody on each work they are on.
    pub births: Vec<(i64, String, Option<Date>)>,
    /// Activities they were kept out of.
    pub kept_out: BTreeSet<String>,
    /// Rows about them from which clocks may count.
    pub kept: Vec<Kept>,
    pub restricted: bool,
    pub held: bool,
    /// Until when an open request that needs it (to see it, to take it elsewhere, to have it kept) keeps what is due.
    pub access_until: Option<Date>,
}

#[derive(Clone, Debug)]
pub struct Category {
    pub name: String,
    pub since: Date,
    pub until: Option<Date>,
}

#[derive(Clone, Debug)]
pub struct Work {
    pub number: i64,
    pub kind: String,
    pub part: String,
    pub since: Date,
    pub until: Option<Date>,
    pub milestones: Vec<(String, Date)>,
    pub agreed: Option<(Span, bool)>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Form {
    /// On a document of this kind, which is on file or not.
    Signed(String, bool),
    OptIn,
    Explicit,
}

#[derive(Clone, Debug)]
pub struct Consent {
    pub number: i64,
    pub activity: String,
    pub work: Option<i64>,
    pub form: Form,
    pub given: Date,
    pub withdrawn: Option<Date>,
    pub confirmed: Confirmed,
}

/// Whether what somebody agreed to had to be confirmed, and was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confirmed {
    NotAsked,
    Waits,
    On(Date),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Against {
    Marketing,
    Calls,
    AllContact,
    Activity(String),
}

#[derive(Clone, Debug)]
pub struct Objection {
    pub number: i64,
    pub against: Against,
    pub made: Date,
    pub upheld: Option<Date>,
    pub lifted: Option<Date>,
}

#[derive(Clone, Debug)]
pub struct Told {
    pub name: String,
    pub work: Option<i64>,
    pub value: String,
    pub on: Date,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    pub row: Row,
    /// The day it is of, where it has one of its own.
    pub dated: Option<Date>,
    /// The day it was written; of a detail the day it was collected.
    pub recorded: Date,
    pub closed: Option<Date>,
    pub sent: Option<Date>,
}

impl Person {
    pub fn is_now(&self, category: &str, today: Date) -> bool {
        let now = |held: &&Category| held.since <= today && held.until.is_none_or(|until| today < until);
        self.categories.iter().filter(|held| held.name == category).any(|held| now(&held))
    }

    pub fn ever_was(&self, category: &str) -> bool {
        self.categories.iter().any(|held| held.name == category)
    }

    pub fn on(&self, number: i64) -> Option<&Work> {
        self.works.iter().find(|on| on.number == number)
    }
}

//! Retention phrases: how long something is kept, as a tree an author wrote and a clock can evaluate.

use jiff::Span as Period;

pub mod read;

pub use read::{ReadPhrase, Scope, ScopeWork, read};

/// Something that happens on a day: a milestone of work, or an event of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Event {
    /// Its name: `completed`, `consent withdrawn`, `contact`.
    pub name: String,
    /// Which one, when it can happen often: `last contact`.
    pub which: Which,
}

/// Which of many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Which {
    /// It happens once, or the latest standing one counts: `completed`.
    Only,
    /// `first session` where `session` happens often.
    First,
    /// `last contact`.
    Last,
}

/// Events of a person that every policy may name, beside the milestones its work declares.
/// `(name, what it is)`.
pub const PERSON_EVENTS: &[(&str, &str)] = &[
    ("collected", "the day we first got the details"),
    ("contact", "what the person did towards us, or a two-way talk"),
    ("incoming contact", "what the person did towards us"),
    ("communication", "any message either way, ours included"),
    ("consent withdrawn", "the person took their consent back"),
    ("consent given", "the person agreed"),
    ("phone changes", "we learn that the number is no longer theirs"),
    ("asked not to call", "the person asked us not to call"),
    ("asked us to stop", "the person asked us to stop"),
    ("left the organisation", "we learn that the person has left their organisation"),
    ("closed", "the request, complaint or incident was closed"),
    ("left", "the member of staff left"),
    ("sent", "the message left us"),
    ("recorded", "the row was written"),
];

/// How long something is kept.
#[derive(Clone, Debug)]
pub enum Phrase {
    /// `6 months after completed`.
    After {
        /// How long.
        period: Period,
        /// After what.
        event: Event,
    },
    /// `until consent withdrawn`: ends at once when it happens.
    Until(Event),
    /// `while associate`: as long as the category is held; ends on the day it is no longer held.
    While(String),
    /// `the earlier of A and B`; also `until A or B`.
    Earlier(Vec<Phrase>),
    /// `the later of A and B`.
    Later(Vec<Phrase>),
    /// `A, at most B`: due on the earlier, and no act may set A later than B.
    AtMost(Box<Phrase>, Box<Phrase>),
    /// `A, or as agreed by client and coach, normally at most B`: the agreed period replaces A's, counted
    /// from the same event.
    Agreed {
        /// Without an agreement.
        default: Box<Phrase>,
        /// Who agrees, as written: `client and coach`.
        by: String,
        /// The cap.
        at_most: Option<Box<Phrase>>,
        /// Whether more than the cap is taken with a reason and a decider (`normally at most`).
        normally: bool,
    },
    /// `indefinitely`: never ends by itself. Always a finding.
    Indefinitely,
}

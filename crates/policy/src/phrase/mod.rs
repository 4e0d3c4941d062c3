//! Retention phrases: how long something is kept, as a tree an author wrote and a clock can evaluate.
//! [`read`] makes one from text, [`words`] says one in plain English, [`crate::clock`] turns one into a date.

pub mod read;
mod scope;
mod token;
mod words;

use jiff::Span as Period;

pub use read::{ReadPhrase, period, read, read_alone};
pub use scope::{Scope, ScopeWork};
pub use words::{Voice, event_words, keep_words, period_words, rule_words, words};

/// Something that happens on a day: a milestone of work, or an event of a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Event {
    /// Its name: `completed`, `consent withdrawn`, `contact`.
    pub name: String,
    /// Which one, when it can happen often: `last contact`.
    pub which: Which,
}

/// A year that ends on a fixed day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Year {
    /// To 31 December.
    Calendar,
    /// To 5 April (Income Tax Act 2007 s.4).
    Tax,
    /// To 31 March.
    Financial,
    /// To 31 August.
    Academic,
}

impl Year {
    /// Every year with the word a policy uses for it.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Calendar, "calendar"),
        (Self::Tax, "tax"),
        (Self::Financial, "financial"),
        (Self::Academic, "academic"),
    ];

    /// Its word: `tax`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(year, _)| *year == self).map_or("", |(_, name)| name)
    }

    /// The month and day it ends on.
    #[must_use]
    pub fn last_day(self) -> (i8, i8) {
        match self {
            Self::Calendar => (12, 31),
            Self::Tax => (4, 5),
            Self::Financial => (3, 31),
            Self::Academic => (8, 31),
        }
    }
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
    /// `6 years after the end of the tax year of paid`.
    AfterYear {
        /// How long.
        period: Period,
        /// Which sort of year.
        year: Year,
        /// The event that falls in it.
        event: Event,
    },
    /// `review 6 years after closed`: nothing goes by itself; somebody looks at it on that day.
    Review {
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

impl Event {
    /// An event that happens once.
    #[must_use]
    pub fn only(name: impl Into<String>) -> Self {
        Self { name: name.into(), which: Which::Only }
    }

    /// The event as a policy writes it: `last contact`.
    #[must_use]
    pub fn written(&self) -> String {
        match self.which {
            Which::Only => self.name.clone(),
            Which::First => format!("first {}", self.name),
            Which::Last => format!("last {}", self.name),
        }
    }
}

impl Phrase {
    /// Every event the phrase speaks of, in the order written. `while associate` speaks of `no longer associate`.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        match self {
            Self::After { event, .. }
            | Self::AfterYear { event, .. }
            | Self::Review { event, .. }
            | Self::Until(event) => {
                vec![event.clone()]
            }
            Self::While(category) => vec![Event::only(format!("no longer {category}"))],
            Self::Earlier(parts) | Self::Later(parts) => parts.iter().flat_map(Self::events).collect(),
            Self::AtMost(phrase, cap) => [phrase.events(), cap.events()].concat(),
            Self::Agreed { default, at_most, .. } => {
                let mut events = default.events();
                events.extend(at_most.iter().flat_map(|cap| cap.events()));
                events
            }
            Self::Indefinitely => Vec::new(),
        }
    }
}

//! Retention phrases: how long something is kept, as a tree an author wrote and a clock can evaluate.
//! [`read`] makes one from text, [`words`] says one in plain English, [`crate::clock`] turns one into a date.

mod ambiguous;
mod birth;
mod calendar;
mod case;
mod condition;
mod day;
mod event;
pub mod read;
mod scope;
mod stage;
mod suffix;
mod term;
mod token;
mod words;

use jiff::Span as Period;
use jiff::civil::Date;

pub use birth::Whose;
pub(crate) use calendar::day_of_year;
pub use calendar::{Batch, Year};
pub use condition::{Condition, ages, plain};
pub use read::{ReadPhrase, period, read, read_alone};
pub use scope::{BIRTH, Scope, ScopeFact, ScopeWork, of_work};
pub use words::{
    Voice, condition_words, counts_words, declared_words, event_of, event_words, keep_words, period_words,
    rule_words, words,
};

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
    /// `the last of their orders closed`: of every piece of work of this kind, once all have.
    All,
}

/// The event of somebody who has left the last organisation they belonged to.
pub const LEFT_THE_ORGANISATION: &str = "left the organisation";

/// Events of a person that every policy may name, beside the milestones its work declares.
/// `(name, what it is)`.
pub const PERSON_EVENTS: &[(&str, &str)] = &[
    ("collected", "the day we first got the details"),
    ("contact", "what the person did towards us, or a two-way talk"),
    ("incoming contact", "what the person did towards us"),
    ("communication", "any message either way, ours included"),
    ("confirmed", "the person confirmed that this is still right"),
    ("consent withdrawn", "the person took their consent back"),
    ("consent given", "the person agreed"),
    ("phone changes", "we learn that the number is no longer theirs"),
    ("asked not to call", "the person asked us not to call"),
    ("asked us to stop", "the person asked us to stop"),
    (LEFT_THE_ORGANISATION, "we learn that the person has left their organisation"),
    ("closed", "the request, complaint or incident was closed"),
    ("left", "the member of staff left"),
    ("sent", "the message left us"),
    ("recorded", "the row was written"),
    ("newer version", "a later version took its place"),
];

/// Of these, what happens to each row the instance keeps, and not to the person.
pub const ROW_EVENTS: &[&str] = &["recorded", "sent", "closed", "newer version"];

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
    /// `until 31 December 2030`: that day is the last, whatever happens.
    UntilDay(Date),
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
    /// `while under contract`: as long as a fact is so; ends on the day it no longer is.
    WhileSo(Condition),
    /// `A, longer while a dispute is open`: A's end, but not before the fact is no longer so.
    Longer {
        /// Without the fact.
        phrase: Box<Phrase>,
        /// While this is so.
        during: Condition,
    },
    /// `A; if under 16 then, B`: of the cases that are so the longest counts, in whatever order; where none is,
    /// `otherwise`.
    Cases {
        /// Each case with its period.
        cases: Vec<(Condition, Phrase)>,
        /// Where none of them is so.
        otherwise: Box<Phrase>,
    },
    /// `A, cleared out every 31 August`: on the first such day from A's end on.
    Batch {
        /// When it is due by itself.
        phrase: Box<Phrase>,
        /// The days on which it is done.
        day: Batch,
    },
    /// `A, archived for 5 years`: so much longer than A.
    More {
        /// What is counted from.
        phrase: Box<Phrase>,
        /// How much more.
        period: Period,
    },
    /// `as "the funder" requires`: until the day another body says.
    Outside {
        /// Who says, as quoted.
        by: String,
    },
    /// `the latest, and those of the last 3 years`: each version until a newer one takes its place, and
    /// not before it is so old.
    Latest {
        /// Older versions too, while they are no older than this.
        and_last: Option<Period>,
    },
    /// `26 hours, rolling`: each row by itself, from the moment it was written.
    Rolling {
        /// How long.
        period: Period,
    },
    /// `never; charge it, note the result, discard`: it is used and not kept.
    NotKept {
        /// What is done with it instead, a step each.
        instead: Vec<String>,
    },
}

/// A stage before the end: what stops first.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What stops.
    pub what: Ceases,
    /// When.
    pub phrase: Phrase,
}

/// What a stage stops while the data is still kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ceases {
    /// `stop using`: every use but keeping it. `archive`: every use but keeping and reading it.
    Use,
    /// `stop writing`: messages.
    Writing,
    /// `stop calling`: calls.
    Calling,
    /// `stop contacting`: messages and calls.
    Contacting,
    /// `stop sharing`: passing it on.
    Sharing,
}

impl Ceases {
    /// Every one with the word a policy uses after `stop`.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Use, "using"),
        (Self::Writing, "writing"),
        (Self::Calling, "calling"),
        (Self::Contacting, "contacting"),
        (Self::Sharing, "sharing"),
    ];
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
        match (self.birthday(), self.which) {
            (Some((Whose::Own, None)), _) => "date of birth".to_owned(),
            (Some((Whose::Everybody, None)), _) => "everybody's date of birth".to_owned(),
            (Some((Whose::Part(part), None)), _) => format!("date of birth of the {part}"),
            (Some((Whose::Part(part), Some(years))), _) => format!("the {part} turns {years}"),
            (_, Which::Only) => self.name.clone(),
            (_, Which::First) => format!("first {}", self.name),
            (_, Which::Last) => format!("last {}", self.name),
            (_, Which::All) => format!("last of all {}", self.name),
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
            Self::WhileSo(condition) => condition.events(),
            Self::Longer { phrase, during } => [phrase.events(), during.events()].concat(),
            Self::Cases { cases, otherwise } => {
                let of_cases = cases.iter().flat_map(|(condition, phrase)| {
                    condition.events().into_iter().chain(phrase.events()).collect::<Vec<_>>()
                });
                of_cases.chain(otherwise.events()).collect()
            }
            Self::Batch { phrase, .. } | Self::More { phrase, .. } => phrase.events(),
            Self::Latest { .. } => vec![Event::only("newer version"), Event::only("recorded")],
            Self::Rolling { .. } => vec![Event::only("recorded")],
            Self::UntilDay(_) | Self::Outside { .. } | Self::NotKept { .. } | Self::Indefinitely => {
                Vec::new()
            }
        }
    }

    /// Every fact it hangs on, in plain form.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        let own: Vec<&str> = match self {
            Self::WhileSo(condition) => condition.facts(),
            Self::Longer { during, .. } => during.facts(),
            Self::Cases { cases, .. } => cases.iter().flat_map(|(condition, _)| condition.facts()).collect(),
            _ => Vec::new(),
        };
        let mut facts: Vec<String> = own.into_iter().map(str::to_owned).collect();
        if let Self::Outside { by } = self {
            facts.push(plain(by));
        }
        facts.extend(self.parts().into_iter().flat_map(Self::facts));
        facts
    }

    /// The phrases this one is made of, one level down.
    #[must_use]
    pub fn parts(&self) -> Vec<&Phrase> {
        match self {
            Self::Earlier(parts) | Self::Later(parts) => parts.iter().collect(),
            Self::AtMost(phrase, cap) => vec![phrase, cap],
            Self::Agreed { default, at_most, .. } => {
                std::iter::once(&**default).chain(at_most.as_deref()).collect()
            }
            Self::Longer { phrase, .. } | Self::Batch { phrase, .. } | Self::More { phrase, .. } => {
                vec![phrase]
            }
            Self::Cases { cases, otherwise } => {
                cases.iter().map(|(_, phrase)| phrase).chain([&**otherwise]).collect()
            }
            Self::After { .. }
            | Self::AfterYear { .. }
            | Self::Review { .. }
            | Self::Until(_)
            | Self::UntilDay(_)
            | Self::While(_)
            | Self::WhileSo(_)
            | Self::Outside { .. }
            | Self::Latest { .. }
            | Self::Rolling { .. }
            | Self::NotKept { .. }
            | Self::Indefinitely => Vec::new(),
        }
    }

    /// The part of it that lets another period be agreed with the person, if any does.
    #[must_use]
    pub fn agreed(&self) -> Option<&Phrase> {
        match self {
            Self::Agreed { .. } => Some(self),
            _ => self.parts().into_iter().find_map(Self::agreed),
        }
    }

    /// The last day on which anything can be held under it, where a day it names ends it whatever happens.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        let parts = || self.parts().into_iter().map(Self::last_day);
        match self {
            Self::UntilDay(day) => Some(*day),
            Self::Earlier(_) | Self::AtMost(..) => parts().flatten().min(),
            Self::Later(_) | Self::Cases { .. } => {
                parts().collect::<Option<Vec<_>>>().and_then(|days| days.into_iter().max())
            }
            Self::Batch { phrase, day } => phrase.last_day().and_then(|last| day.next(last)),
            Self::More { phrase, period } => {
                phrase.last_day().and_then(|last| last.checked_add(*period).ok())
            }
            _ => None,
        }
    }

    /// Whether the phrase counts from something of each row. `milestones` are events of work, which are no row's.
    #[must_use]
    pub fn counts_from_rows(&self, milestones: &[String]) -> bool {
        self.events().iter().any(|event| {
            event.which == Which::Only
                && ROW_EVENTS.contains(&event.name.as_str())
                && !milestones.contains(&event.name)
        })
    }

    /// Whether it says in so many words that each row goes by itself.
    #[must_use]
    pub fn says_each(&self) -> bool {
        matches!(self, Self::Rolling { .. } | Self::Latest { .. })
            || self.parts().into_iter().any(Self::says_each)
    }

    /// Whether a period of it is in hours.
    #[must_use]
    pub fn in_hours(&self) -> bool {
        let hours = match self {
            Self::After { period, .. } | Self::Rolling { period } => period.get_hours() != 0,
            _ => false,
        };
        hours || self.parts().into_iter().any(Self::in_hours)
    }

    /// Whether a period in hours counts from something that is no row's: of that only the day is known.
    #[must_use]
    pub fn hours_of_days(&self, milestones: &[String]) -> bool {
        let hours = match self {
            Self::After { period, event } => {
                let of_row = matches!(event.name.as_str(), "recorded" | "sent")
                    && event.which == Which::Only
                    && !milestones.contains(&event.name);
                period.get_hours() != 0 && !of_row
            }
            _ => false,
        };
        hours || self.parts().into_iter().any(|part| part.hours_of_days(milestones))
    }

    /// Every condition the phrase hangs on.
    #[must_use]
    pub fn conditions(&self) -> Vec<&Condition> {
        let mut own: Vec<&Condition> = match self {
            Self::WhileSo(condition) => vec![condition],
            Self::Longer { during, .. } => vec![during],
            Self::Cases { cases, .. } => cases.iter().map(|(condition, _)| condition).collect(),
            _ => Vec::new(),
        };
        own.extend(self.parts().into_iter().flat_map(Self::conditions));
        own
    }

    /// Every body outside whose rule the phrase waits for.
    #[must_use]
    pub fn outsiders(&self) -> Vec<&str> {
        match self {
            Self::Outside { by } => vec![by],
            _ => self.parts().into_iter().flat_map(Self::outsiders).collect(),
        }
    }
}

//! Conditions: what must be known before it is clear which period holds. True, false, or not known yet;
//! what is not known is never guessed.

use super::{Event, Whose};

/// What a clause or a part of it hangs on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Condition {
    /// `if employed by the client`, `if outcome is upheld`.
    Is {
        /// The fact in its plain form: see [`plain`].
        fact: String,
        /// What it must be; `yes` for a fact that is so or not.
        value: String,
        /// As the author wrote it.
        written: String,
    },
    /// `if not ...`, `unless ...`, `otherwise`.
    Not(Box<Condition>),
    /// `if A or B`.
    Any(Vec<Condition>),
    /// `if under 16 then`: younger than so many years on the day of the event.
    Under {
        /// How many years.
        years: i16,
        /// On the day of which event.
        at: Event,
    },
    /// `given before EVENT`: the consent was given no later than it.
    GivenBefore(Event),
}

impl Condition {
    /// The condition as a policy writes it, for traces and keys: `employed by the client`.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Is { written, .. } => written.clone(),
            Self::Not(inner) => format!("not {}", inner.written()),
            Self::Any(parts) => parts.iter().map(Self::written).collect::<Vec<_>>().join(" or "),
            Self::Under { years, at } => format!("under {years} when {}", at.written()),
            Self::GivenBefore(event) => format!("consent given before {}", event.written()),
        }
    }

    /// Every event it speaks of.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        match self {
            Self::Is { .. } => Vec::new(),
            Self::Not(inner) => inner.events(),
            Self::Any(parts) => parts.iter().flat_map(Self::events).collect(),
            Self::Under { at, .. } => vec![at.clone(), Whose::Own.birth()],
            Self::GivenBefore(event) => vec![event.clone(), Event::only("consent given")],
        }
    }

    /// Every fact it speaks of, in plain form.
    #[must_use]
    pub fn facts(&self) -> Vec<&str> {
        match self {
            Self::Is { fact, .. } => vec![fact.as_str()],
            Self::Not(inner) => inner.facts(),
            Self::Any(parts) => parts.iter().flat_map(Self::facts).collect(),
            Self::Under { .. } | Self::GivenBefore(_) => Vec::new(),
        }
    }
}

/// Words that may stand in a fact's name or be left out, so that it reads aloud where it is used.
const FILLING: &[&str] = &[
    "a", "an", "the", "is", "are", "was", "were", "it", "they", "person", "ever", "then", "still", "been",
    "has", "have", "had", "their", "your", "you",
];

/// The plain form of a fact's name: `a dispute is open` and `dispute open` are one fact.
#[must_use]
pub fn plain(words: &str) -> String {
    let words = words.to_lowercase();
    let words = words.trim().trim_end_matches(" at the time").trim_end_matches(" at that time");
    let kept: Vec<&str> = words.split_whitespace().filter(|word| !FILLING.contains(word)).collect();
    match kept.is_empty() {
        true => words.to_owned(),
        false => kept.join(" "),
    }
}

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
    /// `if under 16 then`, `if 17 then`, `if 18 or over when completed`: how old on the day of the event.
    Aged {
        /// So many years at least; none where only the upper bound counts.
        from: i16,
        /// And younger than so many.
        under: Option<i16>,
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
            Self::Aged { from, under, at } => format!("{} when {}", ages(*from, *under), at.written()),
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
            Self::Aged { at, .. } => vec![at.clone(), Whose::Own.birth()],
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
            Self::Aged { .. } | Self::GivenBefore(_) => Vec::new(),
        }
    }
}

impl Condition {
    /// Whether it says that nobody for whom it is so is somebody for whom another is: two values of one fact, two ages
    /// on one day, something and its contrary.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is { fact, value, .. }, Self::Is { fact: same, value: another, .. }) => {
                fact == same && value != another
            }
            (Self::Aged { from, under, at }, Self::Aged { from: begins, under: ends, at: on }) => {
                let apart = |end: &Option<i16>, next: &i16| end.is_some_and(|end| end <= *next);
                at == on && (apart(under, begins) || apart(ends, from))
            }
            (Self::Not(inner), other) | (other, Self::Not(inner)) => **inner == *other,
            _ => false,
        }
    }
}

/// `under 16`, `17`, `16 or 17`, `12 to 15`, `18 or over`.
#[must_use]
pub fn ages(from: i16, under: Option<i16>) -> String {
    match (from, under) {
        (0, Some(under)) => format!("under {under}"),
        (from, Some(under)) if under == from + 1 => from.to_string(),
        (from, Some(under)) if under == from + 2 => format!("{from} or {}", from + 1),
        (from, Some(under)) => format!("{from} to {}", under - 1),
        (from, None) => format!("{from} or over"),
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

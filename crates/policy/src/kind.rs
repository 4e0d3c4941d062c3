//! Kinds of data: what may be held at all. A kind that no policy declares has no place in the program.

use crate::name::KindId;
use crate::source::Span;

/// What shape data of a kind has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    /// One value about a person: name, e-mail, date of birth.
    Item,
    /// A line of the timeline: call, letter, note.
    Entry,
    /// A file, or a paper document in a place.
    Document,
    /// A row the program itself keeps: consent, message, request. See [`RECORDS`].
    Record,
}

/// How careful one must be with a kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sensitivity {
    /// Contact details and the like.
    Ordinary,
    /// Told in confidence.
    Confidential,
    /// Financial details.
    Financial,
    /// Special category data (UK GDPR Art 9).
    Special,
    /// Criminal-offence data (UK GDPR Art 10).
    Criminal,
}

impl Sensitivity {
    /// Every sensitivity with the word a policy uses for it.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Ordinary, "ordinary"),
        (Self::Confidential, "confidential"),
        (Self::Financial, "financial"),
        (Self::Special, "special"),
        (Self::Criminal, "criminal"),
    ];

    /// The sensitivity of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == word).map(|(sensitivity, _)| *sensitivity)
    }
}

/// A kind of data, declared by `item`, `entry` or `document`, or built in (`record`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kind {
    /// Its number in this version of the policy.
    pub id: KindId,
    /// Its name in the policy, lower case: `life history`.
    pub name: String,
    /// Its words in the notice: "your career and life history". The name where the author gave none.
    pub words: String,
    /// What shape it has.
    pub sort: Sort,
    /// How careful one must be.
    pub sensitivity: Sensitivity,
    /// Where it is declared; a default span for built-in records.
    pub span: Span,
}

/// How values of a kind are written alike, judged by the kind's own name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shape {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Anything else, found by its words.
    Words,
}

impl Shape {
    /// The shape of a kind's values: `email`, `work e-mail` and `mobile phone` say it themselves.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        if says(kind, &["email", "e-mail"]) {
            Self::Email
        } else if says(kind, &["phone", "mobile", "telephone"]) {
            Self::Phone
        } else {
            Self::Words
        }
    }

    /// What keyed hashes of such values are made for, so that two shapes never collide; `None` for what is
    /// not hashed, since a name or a note is no identifier.
    #[must_use]
    pub fn identifies(self) -> Option<&'static str> {
        match self {
            Self::Email => Some("email"),
            Self::Phone => Some("phone"),
            Self::Words => None,
        }
    }
}

/// Whether somebody is reached by a value of a kind: by e-mail, by telephone or by post.
#[must_use]
pub fn reaches(kind: &str) -> bool {
    Shape::of(kind) != Shape::Words || says(kind, &["address"])
}

/// Whether one of these words stands in the name of a kind.
fn says(kind: &str, words: &[&str]) -> bool {
    kind.split(|c: char| !c.is_alphanumeric() && c != '-').any(|part| words.contains(&part))
}

/// The records the program keeps about people: each is a kind that some activity must hold.
/// `(name, words in the notice)`.
pub const RECORDS: &[(&str, &str)] = &[
    ("consent record", "what you agreed to, when and how"),
    ("objection record", "what you asked us to stop"),
    ("request record", "what you asked of us and how we answered"),
    ("complaint record", "your complaints and how we answered"),
    ("incident record", "what happened if your data was put at risk"),
    ("disclosure record", "whom we passed your details to"),
    ("message record", "the messages we sent you"),
    ("call record", "the calls we made to you"),
    ("paper record", "where a paper file about you is kept"),
    ("work record", "the dates of our work with you"),
    ("staff record", "your staff account and what you did with it"),
    ("certificate", "that we let your data go, without saying what it was"),
    ("suppression", "that you are not to be contacted, in a form nobody can read back"),
];

/// A set of kinds of one policy, as bits. At most 256 kinds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct KindSet([u64; 4]);

impl KindSet {
    /// The most kinds a policy may declare, records included.
    pub const MAX: u16 = 256;

    /// No kinds.
    #[must_use]
    pub const fn none() -> Self {
        Self([0; 4])
    }

    /// Every kind there can be.
    #[must_use]
    pub const fn all() -> Self {
        Self([u64::MAX; 4])
    }

    /// Adds a kind. Kinds past [`KindSet::MAX`] are never declared (the reader refuses them).
    pub fn insert(&mut self, kind: KindId) {
        if let Some(word) = self.0.get_mut(kind.index() / 64) {
            *word |= 1 << (kind.0 % 64);
        }
    }

    /// Whether a kind is in the set.
    #[must_use]
    pub fn contains(&self, kind: KindId) -> bool {
        self.0.get(kind.index() / 64).is_some_and(|word| word & (1 << (kind.0 % 64)) != 0)
    }

    /// The kinds in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0.get(i).unwrap_or(&0) | other.0.get(i).unwrap_or(&0)))
    }

    /// The kinds in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0.get(i).unwrap_or(&0) & other.0.get(i).unwrap_or(&0)))
    }

    /// The kinds in this set and not in the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0.get(i).unwrap_or(&0) & !other.0.get(i).unwrap_or(&0)))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The kinds, in the policy's order.
    pub fn iter(&self) -> impl Iterator<Item = KindId> + '_ {
        (0_u16..).zip(self.0).flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                let bit = u16::try_from(bits.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
                bits &= bits - 1;
                Some(KindId(word * 64 + bit))
            })
        })
    }
}

impl FromIterator<KindId> for KindSet {
    fn from_iter<I: IntoIterator<Item = KindId>>(kinds: I) -> Self {
        let mut set = Self::none();
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_says_itself_by_what_somebody_is_reached() {
        for (kind, shape, reached) in [
            ("email", Shape::Email, true),
            ("work e-mail", Shape::Email, true),
            ("email address", Shape::Email, true),
            ("mobile phone", Shape::Phone, true),
            ("telephone", Shape::Phone, true),
            ("home address", Shape::Words, true),
            ("address", Shape::Words, true),
            ("addressee", Shape::Words, false),
            ("emails", Shape::Words, false),
            ("name", Shape::Words, false),
            ("job title", Shape::Words, false),
        ] {
            assert_eq!((Shape::of(kind), reaches(kind)), (shape, reached), "{kind}");
        }
    }
}

//! Why somebody is erased: a choice from words the program knows, and a note beside it in which nothing says who they are.

use custody::id::PersonId;
use store::mention::own::Own;
use store::{Tx, mention};

use super::spoken::Masking;
use crate::fault::Fault;

/// The longest note, in bytes.
const NOTE_BYTES_MAX: usize = 500;

/// Why (UK GDPR Art 17(1)).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// They asked for it.
    Asked,
    /// It is no longer needed (Art 17(1)(a)).
    NotNeeded,
    /// They took back their consent (b).
    Withdrawn,
    /// They objected (c).
    Objected,
    /// It should not have been held (d).
    Unlawful,
    /// The law requires it (e).
    Law,
    /// They were a child when it was collected by a service for children (f).
    Child,
}

impl Reason {
    /// Every reason, with its word and how it reads.
    pub const ALL: &[(Self, &'static str, &'static str)] = &[
        (Self::Asked, "asked", "they asked for it"),
        (Self::NotNeeded, "not-needed", "it is no longer needed for what it was held for"),
        (Self::Withdrawn, "withdrawn", "they took back their consent"),
        (Self::Objected, "objected", "they objected, and nothing overrides that"),
        (Self::Unlawful, "unlawful", "it should not have been held"),
        (Self::Law, "law", "the law requires it"),
        (Self::Child, "child", "they were a child when an online service collected it"),
    ];

    fn row(self) -> (&'static str, &'static str) {
        let row = Self::ALL.iter().find(|(reason, ..)| *reason == self);
        row.map_or(("", ""), |(_, word, words)| (*word, *words))
    }

    /// The reason of a word.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for any other.
    pub fn named(word: &str) -> Result<Self, Fault> {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == word.trim());
        found.map(|(reason, ..)| *reason).ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|(_, word, _)| *word).collect();
            Fault::field(
                "why",
                format!("Choose why: one of {}. Anything else goes into the note.", words.join(", ")),
            )
        })
    }

    /// Its word, in forms and commands.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().0
    }

    /// How it reads.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.row().1
    }
}

/// Why, what whoever grants it notes beside, and what becomes of texts of others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Because<'a> {
    /// Why.
    pub reason: Reason,
    /// A note; nothing if it is empty.
    pub note: &'a str,
    /// Which texts of others are masked.
    pub masking: Masking<'a>,
    /// How whoever grants it knows who asks, a word of [`crate::acts::identity::WAYS`]; nothing where that is on record, or
    /// nobody asks.
    pub known: Option<&'a str>,
}

impl From<Reason> for Because<'_> {
    fn from(reason: Reason) -> Self {
        Self { reason, note: "", masking: Masking::default(), known: None }
    }
}

impl Reason {
    /// For this reason, of somebody whom whoever grants it knows.
    #[must_use]
    pub fn known(self) -> Because<'static> {
        Because { known: Some("known"), ..self.into() }
    }
}

impl<'a> Because<'a> {
    /// The note, if nothing in it says who they are.
    ///
    /// # Errors
    /// [`Fault::Invalid`] if something does, or it is too long.
    pub(super) fn checked(&self, tx: &Tx<'_>, person: PersonId) -> Result<Option<&'a str>, Fault> {
        let note = self.note.trim();
        if note.len() > NOTE_BYTES_MAX || note.contains('\0') {
            return Err(Fault::field("note", "A sentence is enough."));
        }
        nameless(&mention::own::own(tx, person)?, ("note", "The note"), note)?;
        Ok(Some(note).filter(|note| !note.is_empty()))
    }
}

/// Refuses words that outlive whoever is erased where they say who that is.
///
/// # Errors
/// [`Fault::Invalid`] on `field`.
pub(in crate::acts) fn nameless(own: &Own, (field, what): (&str, &str), text: &str) -> Result<(), Fault> {
    let Some(said) = own.said_in(text) else { return Ok(()) };
    let said: String = said.chars().take(60).collect();
    let words = format!(
        "{what} outlives them, and \u{201c}{said}\u{201d} says who they are: leave out their name, address and number."
    );
    Err(Fault::field(field, words))
}

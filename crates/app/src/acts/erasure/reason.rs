//! Why somebody is erased: a choice from words the program knows, a note beside it in which nothing says who they are, and how they asked
//! where no request says so yet.

use custody::id::{PersonId, RequestId};
use jiff::civil::Date;
use store::mention::own::Own;
use store::{Tx, mention, request};

use super::spoken::Masking;
use crate::acts::Acting;
use crate::acts::request::{Arrived, Meant, Who, who, written};
use crate::fault::Fault;

/// The longest note, in bytes.
const NOTE_BYTES_MAX: usize = 500;

/// The longest word for how they asked, in bytes.
const CHANNEL_BYTES_MAX: usize = 100;

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

/// How somebody asked to be erased, where no request says so yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asking<'a> {
    /// By what: `telephone`.
    pub channel: &'a str,
    /// The day it reached anybody here; today unless said.
    pub on: Option<Date>,
    /// In their words.
    pub words: &'a str,
}

/// Files what they ask like any request of theirs: by what and on which day it came, and its clock runs from then.
///
/// # Errors
/// [`Fault::Invalid`] unless it is said how they asked, or for a day to come; [`Fault::Refused`] if it may not be written down.
pub(super) fn filed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    asking: &Asking<'_>,
) -> Result<RequestId, Fault> {
    let channel = asking.channel.trim();
    if channel.is_empty() || channel.len() > CHANNEL_BYTES_MAX || channel == request::OUR_OWN {
        return Err(how_they_asked());
    }
    let on = asking.on.unwrap_or(acting.today);
    if on > acting.today {
        return Err(Fault::field("asked-on", "This day has not come yet."));
    }
    let new = Arrived {
        ask: "erasure".to_owned(),
        who: Who::Held(person),
        received_on: on,
        channel: channel.to_owned(),
        words: asking.words.to_owned(),
    };
    let whose = who(acting, tx, &new.who)?;
    written(acting, tx, &new, &whose, (&request::From::default(), Meant::Them))
}

/// What has to be said where they asked and nothing says how.
pub(super) fn how_they_asked() -> Fault {
    Fault::field(
        "asked-how",
        "They asked, so it is filed as their request: say how they asked, and on which day. Or choose why you erase them of your own \
         accord.",
    )
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
    /// How they asked, where they did and no request says so yet.
    pub asked: Option<Asking<'a>>,
}

impl From<Reason> for Because<'_> {
    fn from(reason: Reason) -> Self {
        Self { reason, note: "", masking: Masking::default(), known: None, asked: None }
    }
}

impl Reason {
    /// For this reason, of somebody whom whoever grants it knows, and who asked in person where they did.
    #[must_use]
    pub fn known(self) -> Because<'static> {
        let asked = Asking { channel: "in person", on: None, words: "" };
        Because { known: Some("known"), asked: Some(asked), ..self.into() }
    }
}

impl<'a> Because<'a> {
    /// How they asked, where that is why.
    pub(super) fn theirs(&self) -> Option<&Asking<'a>> {
        self.asked.as_ref().filter(|_| self.reason == Reason::Asked)
    }

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

//! Typesetting: a template and data in, a tagged PDF out.
//!
//! A leaf: it knows no person, policy or database, reads no file, asks no clock and no network. The
//! template and the data are the only two files it can see. What no font of ours can show is replaced and
//! listed, never dropped silently, and a document is never refused for a character.

mod paper;
mod world;

pub use paper::{PrintError, Printed, Replaced, Standard, pdf};

/// The documents that can be printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Template {
    /// What we hold about one person, with a letter: the answer to an access request.
    Pack,
    /// The privacy notice.
    Notice,
    /// A letter of ours to one person: an agreement.
    Letter,
    /// The recovery sheet of an instance: its key, and how to bring it back.
    Sheet,
    /// What became of each promise: the report for trustees.
    Proof,
    /// A document of others' set anew as text, without some of its words.
    Text,
}

impl Template {
    /// Every template with the name the command line uses.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Pack, "pack"),
        (Self::Notice, "notice"),
        (Self::Letter, "letter"),
        (Self::Sheet, "sheet"),
        (Self::Proof, "proof"),
        (Self::Text, "text"),
    ];

    /// The template of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, its)| *its == name).map(|(template, _)| *template)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(template, _)| *template == self).map_or("", |(_, name)| name)
    }

    /// Its text.
    fn source(self) -> &'static str {
        match self {
            Self::Pack => include_str!("../templates/pack.typ"),
            Self::Notice => include_str!("../templates/notice.typ"),
            Self::Letter => include_str!("../templates/letter.typ"),
            Self::Sheet => include_str!("../templates/sheet.typ"),
            Self::Proof => include_str!("../templates/proof.typ"),
            Self::Text => include_str!("../templates/text.typ"),
        }
    }
}

/// What every template shares: page, type, dates.
const HOUSE: &str = include_str!("../templates/house.typ");

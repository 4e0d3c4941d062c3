//! Reading the words of a `keep` clause into a [`Phrase`].

use jiff::Span as Period;

use crate::diagnostic::Diagnostic;
use crate::name::WorkId;
use crate::phrase::Phrase;
use crate::rule::AskAgain;
use crate::source::Span;

/// The names a phrase may use beside [`crate::phrase::PERSON_EVENTS`].
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Each kind of work with its milestones in order, and the parts people play on it.
    pub works: Vec<ScopeWork>,
    /// Names of categories: `while associate`.
    pub categories: Vec<String>,
}

/// A kind of work a phrase may speak of.
#[derive(Clone, Debug)]
pub struct ScopeWork {
    /// Its number.
    pub id: WorkId,
    /// Its name.
    pub name: String,
    /// Its milestones in order.
    pub milestones: Vec<String>,
    /// Its parts: `client`, `coach`.
    pub parts: Vec<String>,
}

/// What a `keep` clause says.
#[derive(Clone, Debug)]
pub struct ReadPhrase {
    /// How long.
    pub phrase: Phrase,
    /// `review every 2 years`.
    pub review: Option<Period>,
    /// `ask again every 2 years, no answer ends it`.
    pub ask_again: Option<AskAgain>,
    /// The kind of work whose milestones the phrase speaks of.
    pub work: Option<WorkId>,
}

/// Reads the words after `keep` and the kinds it names.
///
/// `text` is the source itself from `base.start` to `base.end`, byte for byte, line breaks included,
/// except that comments and promise ids are blanked with spaces: byte `i` of `text` is byte
/// `base.start + i` of the file.
///
/// # Errors
/// Every word not understood, each at its place.
pub fn read(text: &str, base: Span, scope: &Scope) -> Result<ReadPhrase, Vec<Diagnostic>> {
    let _ = scope;
    match text.trim() {
        "indefinitely" => Ok(ReadPhrase { phrase: Phrase::Indefinitely, review: None, ask_again: None, work: None }),
        _ => Err(vec![Diagnostic::error("E-PHRASE", base, "this period is not understood")]),
    }
}

//! What shows that somebody agreed: a line of their timeline, a document, a call, or what was said to a member of staff, in
//! words. What shows a consent is about whoever gave it, and nothing is made up here.

use custody::Life;
use jiff::civil::Date;
use policy::basis::ConsentForm;
use store::Tx;
use store::consent::{self, Evidence, Shows};

use super::Acting;
use crate::acts::engagement::reading;
use crate::fault::Fault;

/// The longest note of what was said, in characters.
pub const NOTE_MAX: usize = 500;

/// When and how somebody agreed, and what shows it.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The day.
    pub on: Date,
    /// How, in words: "by the link in our question".
    pub how: &'a str,
    /// What shows it.
    pub evidence: Evidence<'a>,
}

impl<'a> Given<'a> {
    /// They said so to a member of staff, who wrote down how.
    #[must_use]
    pub fn said(on: Date, how: &'a str) -> Self {
        Self { on, how, evidence: Evidence { shows: Shows::InPerson, row: None, note: Some(how) } }
    }

    /// They did it themselves, on a page of ours.
    #[must_use]
    pub fn themselves(on: Date, how: &'a str) -> Self {
        Self { on, how, evidence: Evidence::PAGE }
    }

    /// As something shows it that is on file, or that was said.
    #[must_use]
    pub fn shown(on: Date, evidence: Evidence<'a>) -> Self {
        Self { on, how: how(evidence.shows), evidence }
    }
}

/// What staff may say shows a consent, as forms name it, with the words for people.
#[must_use]
pub fn choices() -> Vec<(&'static str, &'static str)> {
    let offered = Shows::ALL.iter().filter(|(shows, _)| !matches!(shows, Shows::Page | Shows::Before));
    offered.map(|(shows, name)| (*name, how(*shows))).collect()
}

/// How somebody agrees who is shown to have by this.
#[must_use]
pub fn how(shows: Shows) -> &'static str {
    match shows {
        Shows::Page => "on our page",
        Shows::Form => "by a form",
        Shows::Paper => "on paper",
        Shows::Mail => "by e-mail or letter",
        Shows::Call => "by telephone",
        Shows::InPerson => "in person",
        Shows::Before => "not written down then",
    }
}

/// What a form or a program says shows it.
///
/// # Errors
/// [`Fault::Invalid`] if it says nothing that staff may say.
pub fn said<'a>(name: &str, row: Option<i64>, note: Option<&'a str>) -> Result<Evidence<'a>, Fault> {
    let offered = choices().iter().any(|(known, _)| *known == name);
    let shows = Shows::named(name).filter(|_| offered);
    let shows = shows.ok_or_else(|| {
        Fault::field("evidence", "Say what shows that they agreed: their mail, a paper, a form, a call.")
    })?;
    Ok(Evidence { shows, row, note: note.map(str::trim).filter(|note| !note.is_empty()) })
}

/// Refuses evidence that shows nothing: none, or what is not about them or not for whoever acts to see.
///
/// # Errors
/// [`Fault::Invalid`] with what is missing.
pub(super) fn check(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    form: &ConsentForm,
    evidence: &Evidence<'_>,
) -> Result<(), Fault> {
    if evidence.note.is_some_and(|note| note.chars().count() > NOTE_MAX) {
        return Err(Fault::field("note", format!("This is too long: {NOTE_MAX} characters at most.")));
    }
    if let Some(row) = evidence.row {
        let kind = consent::kind_of_evidence(tx, life.person, evidence.shows, row)?;
        let kind = kind.and_then(|kind| acting.policy.kind_named(&kind)).map(|kind| kind.id);
        let seen = match kind {
            Some(kind) => reading(acting, &[life])?.covers(life.person, kind),
            None => false,
        };
        if !seen {
            return Err(Fault::field("row", "Nothing of theirs has this number that could show it."));
        }
    }
    let (row, note) = (evidence.row.is_some(), evidence.note.is_some_and(|note| !note.trim().is_empty()));
    let missing = match evidence.shows {
        Shows::Before => Some(("evidence", "Say what shows that they agreed.")),
        Shows::Mail | Shows::Call | Shows::Form if !row => {
            Some(("row", "Choose what shows it. If it is not here yet, put it on their page first."))
        }
        Shows::Paper if !row && !note => Some(("note", "Choose the paper, or write where it is kept.")),
        Shows::InPerson if !note => Some(("note", "Write what they said, and to whom.")),
        _ if matches!(form, ConsentForm::Explicit) && !note && evidence.shows != Shows::Page => {
            Some(("note", "Write what they said, in their words: this needs a statement of theirs."))
        }
        _ => None,
    };
    missing.map_or(Ok(()), |(field, words)| Err(Fault::field(field, words)))
}

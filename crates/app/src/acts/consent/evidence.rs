//! What shows that somebody agreed: a line of their timeline, a document, a call, or what was said to a member of staff, in
//! words. What shows a consent is about whoever gave it, and nothing is made up here.

use custody::Life;
use custody::id::{DocumentId, EntryId};
use jiff::civil::Date;
use policy::KindId;
use policy::basis::ConsentForm;
use store::Tx;
use store::consent::{self, Evidence, Shows};

use super::Acting;
use crate::acts::engagement::reading;
use crate::acts::{document, entry};
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

/// What may show it of somebody who is only just added, of whom nothing is on file: as forms name it, with the words for people.
#[must_use]
pub fn choices_of_somebody_new() -> Vec<(&'static str, &'static str)> {
    let there = [Shows::InPerson, Shows::Paper];
    there.into_iter().map(|shows| (shows.name(), how(shows))).collect()
}

/// What a form or a program says shows that somebody agreed who is only just added; nothing where it says nothing.
///
/// # Errors
/// [`Fault::Invalid`] if it says what nobody new can have on file, or shows what they are not said to have agreed to.
pub fn said_of_somebody_new(
    agreed: &[String],
    name: &str,
    note: &str,
) -> Result<Option<(Shows, String)>, Fault> {
    if agreed.is_empty() && !(name.is_empty() && note.trim().is_empty()) {
        let words = "Say what they agreed to, or leave out what shows it: alone it would not be kept.";
        return Err(Fault::field("agreed", words));
    }
    if name.is_empty() {
        return Ok(None);
    }
    let offered = choices_of_somebody_new().iter().any(|(known, _)| *known == name);
    let shows = Shows::named(name).filter(|_| offered).ok_or_else(|| {
        let words = "Of somebody new only what they said or signed can show it; put the rest on their page afterwards.";
        Fault::field("agreed-by", words)
    })?;
    if note.trim().is_empty() {
        return Err(Fault::field(
            "agreed-note",
            "Write what they said, and to whom, or where the paper is kept.",
        ));
    }
    Ok(Some((shows, note.to_owned())))
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

/// Something of theirs that may show a consent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnFile {
    /// Its row.
    pub row: i64,
    /// Its kind.
    pub kind: KindId,
    /// Its day.
    pub on: Date,
}

/// How many lines and calls are offered.
const OFFERED: u32 = 200;

/// The lines, documents and calls of theirs that may show a consent, as far as whoever acts sees them where they stand. Of whom
/// nothing may be read now, none.
///
/// # Errors
/// Whatever the store says.
pub fn on_file(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<OnFile>, Fault> {
    let (policy, who) = (&acting.policy, life.person);
    let Ok(grant) = reading(acting, &[life]) else { return Ok(Vec::new()) };
    let lines = store::entry::of_person(tx, policy, who, (None, None), OFFERED)?;
    let lines = entry::shown(acting, &grant, life, lines).into_iter();
    let mut found: Vec<OnFile> =
        lines.map(|line| OnFile { row: line.id.0, kind: line.kind, on: line.on }).collect();
    let documents = store::document::of_person(tx, policy, who)?.into_iter();
    let documents = documents.filter(|held| entry::in_sight(acting, &grant, life, &document::datum(held)));
    found.extend(documents.map(|held| OnFile { row: held.id.0, kind: held.kind, on: held.on }));
    if let Some(kind) = policy.kind_named("call record").map(|kind| kind.id) {
        let calls = store::call::of_person(tx, policy, who, OFFERED)?.into_iter();
        let calls = calls.filter(|call| {
            entry::in_sight(acting, &grant, life, &entry::written(call.id, "call", kind, who, None))
        });
        found.extend(calls.map(|call| OnFile {
            row: call.id,
            kind,
            on: store::life::local_date(policy, call.at),
        }));
    }
    Ok(found)
}

/// Whether whoever acts sees a row where it stands that may show a consent of theirs in this way.
fn seen(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life, shows: Shows, row: i64) -> Result<bool, Fault> {
    let policy = &acting.policy;
    let Some((table, kind)) = consent::kind_of_evidence(tx, life.person, shows, row)? else {
        return Ok(false);
    };
    let Some(kind) = policy.kind_named(&kind).map(|kind| kind.id) else { return Ok(false) };
    let datum = match table {
        "entry" => entry::datum(&store::entry::one(tx, policy, EntryId(row))?),
        "document" => document::datum(&store::document::one(tx, policy, DocumentId(row))?),
        table => entry::written(row, table, kind, life.person, None),
    };
    Ok(entry::in_sight(acting, &reading(acting, &[life])?, life, &datum))
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
    if let Some(row) = evidence.row
        && !seen(acting, tx, life, evidence.shows, row)?
    {
        return Err(Fault::field("row", "Nothing of theirs has this number that could show it."));
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

//! Documents: files under a key of their own, papers in a place, or copies elsewhere, of kinds the policy declares, about one or
//! several people and on none, one or several pieces of work.

use custody::coverage::Role;
use custody::id::{DocumentId, EngagementId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindId, Policy};

use crate::files::StoredFile;
use crate::links::{self, Of};
use crate::{Error, Result, Row, Tx, Value, id, params};

/// Where a document is.
#[derive(Clone, Copy, Debug)]
pub enum Where<'a> {
    /// A file that [`crate::files::write`] encrypted, and its media type.
    File(&'a StoredFile, &'a str),
    /// Paper, in this place.
    Paper(&'a str),
    /// No paper, and not here: on a laptop, in another program, in this place.
    Elsewhere(&'a str),
}

/// A document about to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewDocument<'a> {
    /// Its kind.
    pub kind: KindId,
    /// What it is called.
    pub title: &'a str,
    /// Where it is.
    pub place: Where<'a>,
    /// The day it is of: a form's signature.
    pub on: Date,
    /// Where it came from.
    pub source: &'a str,
    /// Whom it is about, and how.
    pub people: &'a [(PersonId, Role)],
    /// On which work, with the kind it is there where that is another.
    pub engagements: &'a [(EngagementId, Option<&'a str>)],
    /// Who stores it.
    pub by: Option<StaffId>,
}

/// A document, its title sealed for one of its people.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its row.
    pub id: DocumentId,
    /// Its kind.
    pub kind: KindId,
    /// What it is called.
    pub title: Sealed,
    /// The file's media type.
    pub media: Option<String>,
    /// The file's size in bytes.
    pub size: Option<i64>,
    /// The file's name and wrapped key, for [`crate::files::read`].
    pub file: Option<(String, Vec<u8>)>,
    /// Where the paper is, or what lies elsewhere.
    pub paper_place: Option<Sealed>,
    /// Whether it is no paper there.
    pub elsewhere: bool,
    /// The day it is of.
    pub on: Date,
    /// Where it came from.
    pub source: String,
    /// Whether it may still be used: not once it is owed back or about to go.
    pub usable: bool,
    /// Whom it is about.
    pub people: Vec<(PersonId, Role)>,
    /// On which work.
    pub engagements: Vec<EngagementId>,
}

/// Stores a document.
///
/// # Errors
/// [`Error::Missing`] if the policy has no such kind; [`Error::Malformed`] if it is about nobody or its paper
/// has no place; [`Error::Referred`] if somebody or some work is not there.
pub fn add(tx: &Tx<'_>, policy: &Policy, new: &NewDocument<'_>, now: Timestamp) -> Result<DocumentId> {
    let kind = policy.kind(new.kind).ok_or(Error::Missing)?;
    if new.people.is_empty() {
        return Err(Error::Malformed("a document must be about somebody".into()));
    }
    let document = DocumentId(id::next());
    let (file, media, place) = match new.place {
        Where::File(file, media) => (Some(file), Some(media), None),
        Where::Paper(place) | Where::Elsewhere(place) if place.trim().is_empty() => {
            return Err(Error::Malformed("a document that is no file must have a place".into()));
        }
        Where::Paper(place) | Where::Elsewhere(place) => (None, None, Some(place.trim())),
    };
    let elsewhere = matches!(new.place, Where::Elsewhere(_));
    tx.exec(
        "INSERT INTO document (id, kind, title, media, size, file, file_key, on_date, paper_place, source, usable, recorded_by,
            version, recorded_at, elsewhere) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, ?11, 1, ?12, ?13)",
        params![
            document, &kind.name, new.title, media, file.map(|file| i64::try_from(file.size).unwrap_or(i64::MAX)),
            file.map(|file| &file.name), file.map(|file| &file.key), new.on, place, new.source, new.by, now, elsewhere
        ],
    )?;
    links::add(tx, "document", document.0, new.people, new.engagements)?;
    Ok(document)
}

const SELECT: &str = "SELECT d.id, d.kind, d.title, d.media, d.size, d.file, d.file_key, d.paper_place, d.on_date, d.source, d.usable,
    d.elsewhere FROM document d";

/// One document, sealed for the first person it is about.
///
/// # Errors
/// [`Error::Missing`] if there is none, or the policy no longer declares its kind.
pub fn one(tx: &Tx<'_>, policy: &Policy, document: DocumentId) -> Result<Document> {
    let found = listed(tx, policy, (None, None), &format!("{SELECT} WHERE d.id = ?1"), params![document])?;
    found.into_iter().next().ok_or(Error::Missing)
}

/// Whether a document is no paper, and not here: a copy on a laptop, in another program.
///
/// # Errors
/// Whatever the database says.
pub fn lies_elsewhere(tx: &Tx<'_>, document: DocumentId) -> Result<bool> {
    tx.any("SELECT 1 FROM document WHERE id = ?1 AND elsewhere = 1", params![document])
}

/// One document about a person, sealed for that person, or of a piece of work, sealed for the first person it is about; nothing if it is
/// none of theirs.
///
/// # Errors
/// Whatever the database says.
pub fn one_of(tx: &Tx<'_>, policy: &Policy, document: DocumentId, of: Of) -> Result<Option<Document>> {
    let sql = format!("{SELECT} WHERE d.id = ?1 AND {}", of.holds("document"));
    Ok(listed(tx, policy, of.either(), &sql, params![document, of.number()])?.pop())
}

/// The documents about a person, the newest first, sealed for that person.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Document>> {
    let sql = format!(
        "{SELECT} WHERE d.id IN (SELECT p.document_id FROM document_person p WHERE p.person_id = ?1) ORDER BY d.on_date DESC, d.id DESC"
    );
    listed(tx, policy, (Some(person), None), &sql, params![person])
}

/// The documents of a piece of work, the newest first, each sealed for the first person it is about.
///
/// # Errors
/// Whatever the database says.
pub fn of_engagement(tx: &Tx<'_>, policy: &Policy, engagement: EngagementId) -> Result<Vec<Document>> {
    let sql = format!(
        "{SELECT} WHERE d.id IN (SELECT w.document_id FROM document_work w WHERE w.engagement_id = ?1)
            ORDER BY d.on_date DESC, d.id DESC"
    );
    listed(tx, policy, (None, Some(engagement)), &sql, params![engagement])
}

fn listed(
    tx: &Tx<'_>,
    policy: &Policy,
    (for_whom, of): (Option<PersonId>, Option<EngagementId>),
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<Document>> {
    let rows = tx.all(sql, values, |row: &Row<'_>| {
        let file = row.opt_text(5)?.zip(row.opt_bytes(6)?);
        Ok((
            (DocumentId(row.int(0)?), row.text(1)?, row.text(2)?, row.opt_text(3)?, row.opt_int(4)?),
            (file, row.opt_text(7)?, row.date(8)?, row.text(9)?, row.bool(10)?, row.bool(11)?),
        ))
    })?;
    let mut links = links::of(tx, "document", rows.iter().map(|((id, ..), _)| id.0))?;
    let made = rows.into_iter().filter_map(
        |((id, kind, title, media, size), (file, place, on, source, usable, elsewhere))| {
            let kind = policy.kind_named(&kind)?.id;
            let people = links.people.remove(&id.0).unwrap_or_default();
            // What nobody is in any more is the work's, under its own number.
            let whose = for_whom
                .or_else(|| people.first().map(|(person, _)| *person))
                .or_else(|| of.map(|work| PersonId(work.0)))?;
            Some(Document {
                id,
                kind,
                title: Sealed::new(whose, kind, title),
                media,
                size,
                file,
                paper_place: place.map(|place| Sealed::new(whose, kind, place)),
                elsewhere,
                on,
                source,
                usable,
                people,
                engagements: links.engagements.remove(&id.0).unwrap_or_default(),
            })
        },
    );
    Ok(made.collect())
}

//! Letters about what people ask and complain about, and about what happened to their data: drafted, changed, and kept as they left. A
//! letter that has left is never changed again; nothing here sends anything.

use custody::id::{ComplaintId, IncidentId, LetterId, MessageId, PersonId, RequestId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::asked::{AT_ONCE, listed};
use crate::{Error, Result, Row, Tx, Value, id, params, ring_duty};

/// What a letter is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum About {
    /// A request.
    Request(RequestId),
    /// A complaint.
    Complaint(ComplaintId),
    /// An incident, and one of those whose data was part of it.
    Incident(IncidentId, PersonId),
}

impl About {
    fn columns(self) -> (Option<RequestId>, Option<ComplaintId>, Option<IncidentId>) {
        match self {
            Self::Request(request) => (Some(request), None, None),
            Self::Complaint(complaint) => (None, Some(complaint), None),
            Self::Incident(incident, _) => (None, None, Some(incident)),
        }
    }

    fn record(self) -> &'static str {
        match self {
            Self::Request(_) => "request record",
            Self::Complaint(_) => "complaint record",
            Self::Incident(..) => "incident record",
        }
    }
}

/// A letter about to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewLetter<'a> {
    /// About whom.
    pub person: PersonId,
    /// About what.
    pub about: About,
    /// What it says: `acknowledgement`, `extension`.
    pub sort: &'a str,
    /// The reason it was drafted with.
    pub why: Option<&'a str>,
    /// To whom, where that is not the person: a recipient who is told (Art 19).
    pub recipient: Option<&'a str>,
    /// Its subject.
    pub subject: &'a str,
    /// Its text.
    pub body: &'a str,
    /// The day.
    pub on: Date,
    /// Who.
    pub by: Option<StaffId>,
}

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Its row.
    pub id: LetterId,
    /// About whom.
    pub person: PersonId,
    /// About what.
    pub about: About,
    /// What it says.
    pub sort: String,
    /// The reason it was drafted with.
    pub why: Option<Sealed>,
    /// To whom, where that is not the person.
    pub recipient: Option<Sealed>,
    /// Its subject.
    pub subject: Sealed,
    /// Its text.
    pub body: Sealed,
    /// The day it was written.
    pub written_on: Date,
    /// The day it left.
    pub sent_on: Option<Date>,
    /// How it left, unless by e-mail: by post, read out.
    pub how: Option<Sealed>,
    /// The message it left as.
    pub message: Option<MessageId>,
    /// What became of that message, while it is on record: `queued`, `sent`, `failed`.
    pub state: Option<String>,
    /// Its version.
    pub version: i64,
}

impl Letter {
    /// Whether it was to leave by e-mail and did not.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.state.as_deref().is_some_and(|state| STOPPED.contains(&state))
    }
}

/// The states of a message that will not leave.
const STOPPED: &[&str] = &["failed", "refused"];

/// The key that a task of telling somebody otherwise goes by.
#[must_use]
pub fn otherwise(letter: LetterId) -> String {
    format!("letter {letter}")
}

/// Keeps a draft.
///
/// # Errors
/// [`Error::Referred`] if what it is about is not there.
pub fn draft(tx: &Tx<'_>, new: &NewLetter<'_>, now: Timestamp) -> Result<LetterId> {
    let letter = LetterId(id::next());
    let (request, complaint, incident) = new.about.columns();
    tx.exec(
        "INSERT INTO letter (id, person_id, request_id, complaint_id, incident_id, sort, why, recipient, subject, body, written_on,
            written_by, recorded_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1)",
        params![
            letter, new.person, request, complaint, incident, new.sort, new.why, new.recipient, new.subject, new.body, new.on,
            new.by, now
        ],
    )?;
    Ok(letter)
}

/// What came of changing a draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is kept.
    Stored,
    /// Somebody else changed it, or it has left: nothing was done.
    Conflict,
}

/// Changes a draft, if it is still as it was seen.
///
/// # Errors
/// [`Error::Missing`] if there is no such letter.
pub fn change(tx: &Tx<'_>, letter: LetterId, version: i64, subject: &str, body: &str) -> Result<Change> {
    let theirs = "id = ?1 AND version = ?2 AND sent_on IS NULL";
    ring_duty::lost(tx, "letter", theirs, params![letter, version])?;
    let sql = format!("UPDATE letter SET subject = ?3, body = ?4, version = version + 1 WHERE {theirs}");
    if tx.exec(&sql, params![letter, version, subject, body])? > 0 {
        return Ok(Change::Stored);
    }
    match tx.any("SELECT 1 FROM letter WHERE id = ?1", params![letter])? {
        true => Ok(Change::Conflict),
        false => Err(Error::Missing),
    }
}

/// Throws a draft away.
///
/// # Errors
/// [`Error::Missing`] if it is not as it was seen any more, or has left.
pub fn discard(tx: &Tx<'_>, letter: LetterId, version: i64) -> Result<()> {
    let theirs = "id = ?1 AND version = ?2 AND sent_on IS NULL";
    match ring_duty::delete(tx, "letter", theirs, params![letter, version])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// It has left: as a message, or otherwise, and how.
///
/// # Errors
/// [`Error::Missing`] if it is not as it was seen any more, or has left already.
pub fn left(
    tx: &Tx<'_>,
    letter: LetterId,
    version: i64,
    on: Date,
    (message, how): (Option<MessageId>, Option<&str>),
) -> Result<()> {
    let sql = "UPDATE letter SET sent_on = ?3, message_id = ?4, how = ?5, version = version + 1
        WHERE id = ?1 AND version = ?2 AND sent_on IS NULL";
    match tx.exec(sql, params![letter, version, on, message, how])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

const SELECT: &str = "SELECT id, person_id, request_id, complaint_id, sort, why, recipient, subject, body, written_on, sent_on, how,
    message_id, version, (SELECT m.state FROM message m WHERE m.id = letter.message_id), incident_id FROM letter";

fn read(policy: &Policy, row: &Row<'_>) -> Result<Letter> {
    let person = PersonId(row.int(1)?);
    let about = match (row.opt_int(2)?, row.opt_int(3)?, row.opt_int(15)?) {
        (Some(request), ..) => About::Request(RequestId(request)),
        (None, Some(complaint), _) => About::Complaint(ComplaintId(complaint)),
        (None, None, Some(incident)) => About::Incident(IncidentId(incident), person),
        (None, None, None) => return Err(Error::Malformed("a letter about nothing".into())),
    };
    let kind = policy.kind_named(about.record()).map(|kind| kind.id).ok_or(Error::Missing)?;
    let seal = |text: String| Sealed::new(person, kind, text);
    Ok(Letter {
        id: LetterId(row.int(0)?),
        person,
        about,
        sort: row.text(4)?,
        why: row.opt_text(5)?.map(seal),
        recipient: row.opt_text(6)?.map(seal),
        subject: seal(row.text(7)?),
        body: seal(row.text(8)?),
        written_on: row.date(9)?,
        sent_on: row.opt_date(10)?,
        how: row.opt_text(11)?.map(seal),
        message: row.opt_int(12)?.map(MessageId),
        version: row.int(13)?,
        state: row.opt_text(14)?,
    })
}

/// The letter that left as a message.
///
/// # Errors
/// Whatever the database says.
pub fn of_message(tx: &Tx<'_>, policy: &Policy, message: MessageId) -> Result<Option<Letter>> {
    tx.maybe(&format!("{SELECT} WHERE message_id = ?1"), params![message], |row| read(policy, row))
}

/// Letters of these sorts whose message did not leave, of which nobody was told otherwise: not by another of the sort, nor by
/// hand, nor is there still time today. What each is about, with its sort.
pub(crate) fn undelivered(tx: &Tx<'_>, sorts: &[&str], today: Date) -> Result<Vec<(String, String)>> {
    let (sorts, stopped) = (sorts.join("', '"), STOPPED.join("', '"));
    let sql = format!(
        "SELECT l.request_id, l.complaint_id, l.incident_id, l.sort FROM letter l JOIN message m ON m.id = l.message_id
            WHERE l.sort IN ('{sorts}') AND m.state IN ('{stopped}')
            AND NOT EXISTS (SELECT 1 FROM task k WHERE k.person_id = l.person_id AND k.rule = 'letter ' || CAST(l.id AS TEXT)
                AND (k.done_on IS NOT NULL OR k.due_on >= ?1))
            AND NOT EXISTS (SELECT 1 FROM letter n LEFT JOIN message w ON w.id = n.message_id
                WHERE n.person_id = l.person_id AND n.sort = l.sort AND n.id > l.id AND n.sent_on IS NOT NULL
                AND (n.request_id = l.request_id OR n.complaint_id = l.complaint_id OR n.incident_id = l.incident_id)
                AND (w.id IS NULL OR w.state NOT IN ('{stopped}'))) ORDER BY l.id"
    );
    tx.all(&sql, params![today], |row| {
        let about = match (row.opt_int(0)?, row.opt_int(1)?, row.opt_int(2)?) {
            (Some(request), ..) => format!("request {request}"),
            (None, Some(complaint), _) => format!("complaint {complaint}"),
            (None, None, incident) => format!("incident {}", incident.unwrap_or_default()),
        };
        Ok((about, row.text(3)?))
    })
}

/// Changes the reason that a draft is kept with, if it is still as it was seen.
///
/// # Errors
/// [`Error::Missing`] if it is not, or has left.
pub fn because(tx: &Tx<'_>, letter: LetterId, version: i64, why: &str) -> Result<()> {
    let theirs = "id = ?1 AND version = ?2 AND sent_on IS NULL";
    ring_duty::lost(tx, "letter", theirs, params![letter, version])?;
    match tx.exec(&format!("UPDATE letter SET why = ?3 WHERE {theirs}"), params![letter, version, why])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// One letter.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, policy: &Policy, letter: LetterId) -> Result<Letter> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![letter], |row| read(policy, row))
}

/// The letters about a request or a complaint, or about an incident to one of those whose data it was; the first first.
///
/// # Errors
/// Whatever the database says.
pub fn about(tx: &Tx<'_>, policy: &Policy, about: About) -> Result<Vec<Letter>> {
    match about {
        About::Request(request) => of(tx, policy, "request_id", request.0),
        About::Complaint(complaint) => of(tx, policy, "complaint_id", complaint.0),
        About::Incident(incident, person) => of_incident(tx, policy, incident, &[person]),
    }
}

/// The letters about an incident to some of those whose data it was; to each of them the first first.
///
/// # Errors
/// Whatever the database says.
pub fn of_incident(
    tx: &Tx<'_>,
    policy: &Policy,
    incident: IncidentId,
    people: &[PersonId],
) -> Result<Vec<Letter>> {
    let mut found = Vec::new();
    for some in people.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|person| Value::from(*person)));
        values.push(incident.into());
        let sql = format!(
            "{SELECT} WHERE incident_id IS NOT NULL AND incident_id = ?{} AND person_id IN ({list}) ORDER BY id",
            values.len()
        );
        found.extend(tx.all(&sql, &values, |row| read(policy, row))?);
    }
    Ok(found)
}

fn of(tx: &Tx<'_>, policy: &Policy, column: &str, number: i64) -> Result<Vec<Letter>> {
    let sql = format!("{SELECT} WHERE {column} IS NOT NULL AND {column} = ?1 ORDER BY id");
    tx.all(&sql, params![number], |row| read(policy, row))
}

/// Takes the letters about a request out of the records.
pub(crate) fn forget(tx: &Tx<'_>, request: RequestId) -> Result<()> {
    ring_duty::delete(tx, "letter", "request_id = ?1", params![request])?;
    Ok(())
}

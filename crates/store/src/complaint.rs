//! Complaints about how we handle somebody's data (Data Protection Act 2018 s.164A): by when the law wants to hear that we have
//! them, what was done since, and what came of it. They are never refused and never cost anything.

use custody::id::{ComplaintId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::law::uk;

use crate::request::{self, SOMEBODY, Step, TIED, UNKNOWN, UNTIED};
use crate::{Error, Result, Row, Tx, id, params, ring_duty};

/// The step that says that they know that we have it.
pub const ACKNOWLEDGED: &str = "acknowledged";

/// The step that says that they heard how it stands.
pub const PROGRESS: &str = "told how it stands";

/// A complaint about to be written down.
#[derive(Clone, Copy, Debug)]
pub struct NewComplaint<'a> {
    /// Whose data it is about. Whoever is not held yet is added first.
    pub person: PersonId,
    /// Their name, as the register keeps it.
    pub name: &'a str,
    /// The day it reached anybody here.
    pub received_on: Date,
    /// By what.
    pub channel: &'a str,
    /// In their words.
    pub words: Option<&'a str>,
    /// Where they want to be answered.
    pub reach: Option<&'a str>,
    /// Who complains for them.
    pub behalf: Option<&'a str>,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Who recorded it; nobody where the person did it themselves.
    pub by: Option<StaffId>,
}

/// A complaint.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// Its row.
    pub id: ComplaintId,
    /// Whose data it is about.
    pub person: Option<PersonId>,
    /// Their name, as the register keeps it.
    pub name: Option<Sealed>,
    /// The day it reached anybody here.
    pub received_on: Date,
    /// By what.
    pub channel: String,
    /// In their words.
    pub words: Option<Sealed>,
    /// Where they want to be answered.
    pub reach: Option<Sealed>,
    /// Who complains for them.
    pub behalf: Option<Sealed>,
    /// Since when nobody knows whose it is: nobody we hold was known by what they gave, or several were.
    pub unknown_since: Option<Date>,
    /// The day somebody here said whose it is.
    pub tied_on: Option<Date>,
    /// The last day for telling them that we have it; nothing for one from before the duty.
    pub due_on: Option<Date>,
    /// They know that we have it.
    pub acknowledged_on: Option<Date>,
    /// The outcome was told.
    pub answered_on: Option<Date>,
    /// The outcome.
    pub answer: Option<Sealed>,
    /// Closed.
    pub closed_on: Option<Date>,
    /// Who sees to it.
    pub owner: Option<StaffId>,
    /// Its version.
    pub version: i64,
}

/// By when the law wants somebody to hear that we have their complaint: 30 days, and on to a working day; nothing before the
/// duty began. The outcome told in that time needs no word of its own before.
#[must_use]
pub fn due(policy: &Policy, received: Date) -> uk::Deadline {
    uk::deadline(&uk::Asked::new(uk::Kind::Complaint, received, policy.nation))
}

/// Writes a complaint down.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn open(tx: &Tx<'_>, policy: &Policy, new: &NewComplaint<'_>, now: Timestamp) -> Result<ComplaintId> {
    let complaint = ComplaintId(id::next());
    tx.exec(
        "INSERT INTO complaint (id, person_id, asked_by, received_on, channel, words, reach, behalf, due_on, owner_id, recorded_by,
            recorded_at, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1)",
        params![
            complaint,
            new.person,
            new.name,
            new.received_on,
            new.channel,
            new.words,
            new.reach,
            new.behalf,
            due(policy, new.received_on).due,
            new.owner,
            new.by,
            now
        ],
    )?;
    step(tx, complaint, new.received_on, "received", None, new.by, now)?;
    Ok(complaint)
}

/// Writes down something done about a complaint.
///
/// # Errors
/// [`Error::Referred`] if there is no such complaint.
pub fn step(
    tx: &Tx<'_>,
    complaint: ComplaintId,
    on: Date,
    step: &str,
    note: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    tx.exec(
        "INSERT INTO complaint_step (id, complaint_id, on_date, step, note, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id::next(), complaint, on, step, note, by, now],
    )?;
    Ok(())
}

/// They know that we have it. The first time counts.
///
/// # Errors
/// [`Error::Missing`] if there is no such open complaint.
pub fn acknowledged(
    tx: &Tx<'_>,
    complaint: ComplaintId,
    on: Date,
    how: Option<&str>,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE complaint SET acknowledged_on = COALESCE(acknowledged_on, ?2), version = version + 1
        WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![complaint, on])? {
        0 => Err(Error::Missing),
        _ => step(tx, complaint, on, ACKNOWLEDGED, how, by, now),
    }
}

/// What was to say that we have it did not leave: it is not acknowledged, unless they were told on another day too.
///
/// # Errors
/// Whatever the database says.
pub fn unheard(tx: &Tx<'_>, complaint: ComplaintId, sent_on: Date) -> Result<()> {
    let sql = "UPDATE complaint SET acknowledged_on = NULL, version = version + 1
        WHERE id = ?1 AND acknowledged_on = ?2 AND closed_on IS NULL";
    tx.exec(sql, params![complaint, sent_on])?;
    Ok(())
}

/// The outcome was told: it is answered and closed.
///
/// # Errors
/// [`Error::Missing`] if there is no such open complaint.
pub fn answer(
    tx: &Tx<'_>,
    complaint: ComplaintId,
    on: Date,
    text: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE complaint SET answered_on = ?2, answer = ?3, closed_on = ?2, version = version + 1
        WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![complaint, on, text])? {
        0 => Err(Error::Missing),
        _ => step(tx, complaint, on, "answered", None, by, now),
    }
}

/// Writes down that nobody is known by what was given.
///
/// # Errors
/// [`Error::Missing`] if there is no such open complaint.
pub fn unknown(tx: &Tx<'_>, complaint: ComplaintId, on: Date, now: Timestamp) -> Result<()> {
    let sql = "UPDATE complaint SET unknown_since = ?2 WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![complaint, on])? {
        0 => Err(Error::Missing),
        _ => step(tx, complaint, on, UNKNOWN, None, None, now),
    }
}

/// Gives a complaint of nobody known to whoever it is of, with the letters about it and with how we know. No day of it moves. The
/// caller settles both.
///
/// # Errors
/// [`Error::Missing`] unless it is open and nobody's yet.
pub fn tie(
    tx: &Tx<'_>,
    complaint: ComplaintId,
    to: PersonId,
    (how, by): (&str, Option<StaffId>),
    (on, now): (Date, Timestamp),
) -> Result<()> {
    request::letters(tx, "complaint", complaint.0, to, i64::MAX)?;
    let sql = "UPDATE complaint SET person_id = ?2, unknown_since = NULL, tied_on = ?3, version = version + 1
        WHERE id = ?1 AND closed_on IS NULL AND unknown_since IS NOT NULL";
    match tx.exec(sql, params![complaint, to, on])? {
        0 => Err(Error::Missing),
        _ => step(tx, complaint, on, TIED, Some(how), by, now),
    }
}

/// Takes it back, or off whoever it was filed to: the complaint is somebody new's, of whom nothing else is held, and whose name nobody
/// knows where the one it has is of whom it is taken off. What the steps say of that one goes; letters that left to them stay theirs.
/// No day of it moves. The caller settles both.
///
/// # Errors
/// [`Error::Missing`] unless it is open and somebody's.
pub fn untie(
    tx: &Tx<'_>,
    complaint: ComplaintId,
    nobody: PersonId,
    (why, by): (&str, Option<StaffId>),
    (on, now): (Date, Timestamp),
) -> Result<()> {
    let theirs = request::tied_at(tx, "complaint", complaint.0)?;
    request::letters(tx, "complaint", complaint.0, nobody, theirs)?;
    // Why it was taken off somebody the register keeps.
    let said = format!("complaint_id = ?1 AND note IS NOT NULL AND step <> '{UNTIED}'");
    ring_duty::lost(tx, "complaint_step", &said, params![complaint])?;
    tx.exec(&format!("UPDATE complaint_step SET note = NULL WHERE {said}"), params![complaint])?;
    ring_duty::lost(tx, "complaint", "id = ?1 AND asked_by IS NOT NULL", params![complaint])?;
    let sql = "UPDATE complaint SET person_id = ?2, unknown_since = ?3, version = version + 1,
        asked_by = CASE WHEN asked_by IS NULL OR tied_on IS NOT NULL OR channel = 'form' THEN asked_by ELSE ?4 END, tied_on = NULL
        WHERE id = ?1 AND closed_on IS NULL AND unknown_since IS NULL";
    match tx.exec(sql, params![complaint, nobody, on, SOMEBODY])? {
        0 => Err(Error::Missing),
        _ => step(tx, complaint, on, UNTIED, Some(why), by, now),
    }
}

/// Gives a complaint to somebody, or to nobody.
///
/// # Errors
/// [`Error::Missing`] if there is no such open complaint.
pub fn assign(tx: &Tx<'_>, complaint: ComplaintId, owner: Option<StaffId>) -> Result<()> {
    let sql = "UPDATE complaint SET owner_id = ?2, version = version + 1 WHERE id = ?1 AND closed_on IS NULL";
    match tx.exec(sql, params![complaint, owner])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

const SELECT: &str = "SELECT id, person_id, asked_by, received_on, channel, words, reach, behalf, due_on, acknowledged_on, answered_on,
    answer, closed_on, owner_id, version, unknown_since, tied_on FROM complaint";

fn read(policy: &Policy, row: &Row<'_>) -> Result<Complaint> {
    let person = row.opt_int(1)?.map(PersonId);
    let whose = person.zip(policy.kind_named("complaint record").map(|kind| kind.id));
    let seal =
        |text: Option<String>| whose.zip(text).map(|((person, kind), text)| Sealed::new(person, kind, text));
    Ok(Complaint {
        id: ComplaintId(row.int(0)?),
        person,
        name: seal(row.opt_text(2)?),
        received_on: row.date(3)?,
        channel: row.text(4)?,
        words: seal(row.opt_text(5)?),
        reach: seal(row.opt_text(6)?),
        behalf: seal(row.opt_text(7)?),
        due_on: row.opt_date(8)?,
        acknowledged_on: row.opt_date(9)?,
        answered_on: row.opt_date(10)?,
        answer: seal(row.opt_text(11)?),
        closed_on: row.opt_date(12)?,
        owner: row.opt_int(13)?.map(StaffId),
        version: row.int(14)?,
        unknown_since: row.opt_date(15)?,
        tied_on: row.opt_date(16)?,
    })
}

/// One complaint.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, policy: &Policy, complaint: ComplaintId) -> Result<Complaint> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![complaint], |row| read(policy, row))
}

/// What was done about a complaint, oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn steps(tx: &Tx<'_>, policy: &Policy, complaint: &Complaint) -> Result<Vec<Step>> {
    let whose = complaint.person.zip(policy.kind_named("complaint record").map(|kind| kind.id));
    let sql = "SELECT on_date, step, note, recorded_by FROM complaint_step WHERE complaint_id = ?1 ORDER BY on_date, id";
    request::steps_by(tx, sql, complaint.id.0, whose)
}

/// Open complaints: first those still to be acknowledged, then the oldest.
///
/// # Errors
/// Whatever the database says.
pub fn open_ones(tx: &Tx<'_>, policy: &Policy, limit: u32) -> Result<Vec<Complaint>> {
    tx.all(
        &format!("{SELECT} WHERE closed_on IS NULL ORDER BY CASE WHEN acknowledged_on IS NULL THEN 0 ELSE 1 END, received_on, id LIMIT ?1"),
        params![limit],
        |row| read(policy, row),
    )
}

/// A page of the register of complaints, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn register(
    tx: &Tx<'_>,
    policy: &Policy,
    after: Option<ComplaintId>,
    limit: u32,
) -> Result<Vec<Complaint>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    tx.all(&format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"), params![after, limit], |row| {
        read(policy, row)
    })
}

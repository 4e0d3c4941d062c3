//! Entries: lines of the timeline, of kinds the policy declares, about one or several people and on none,
//! one or several pieces of work.

use std::collections::BTreeMap;

use custody::coverage::Role;
use custody::id::{EngagementId, EntryId, ImportId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindId, KindSet, Policy};

use crate::links::{self, Of};
use crate::{Error, Result, Row, Tx, Value, consent, id, params, ring_duty};

/// Which way something went, which decides whether it is a contact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// The person did it towards us.
    In,
    /// We did it towards them.
    Out,
    /// A two-way talk: a call, a meeting, a session.
    Both,
}

impl Direction {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::Both => "both",
        }
    }

    /// The direction of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::In, Self::Out, Self::Both].into_iter().find(|known| known.name() == name)
    }
}

/// The source of an entry that the program filed from the mailbox.
pub const BY_MAIL: &str = "e-mail";

/// The source of an entry that somebody wrote on a public form.
pub const BY_FORM: &str = "form";

/// An entry about to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// Its kind.
    pub kind: KindId,
    /// The day it is about.
    pub on: Date,
    /// Which way it went; nothing for a note to ourselves.
    pub direction: Option<Direction>,
    /// The text.
    pub body: &'a str,
    /// Where it came from.
    pub source: &'a str,
    /// The import that brings it.
    pub import: Option<ImportId>,
    /// Whom it is about, and how.
    pub people: &'a [(PersonId, Role)],
    /// On which work, with the kind it is there where that is another.
    pub engagements: &'a [(EngagementId, Option<&'a str>)],
    /// Who wrote it.
    pub author: Option<StaffId>,
}

/// An entry, its text sealed for one of its people.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its row.
    pub id: EntryId,
    /// Its kind.
    pub kind: KindId,
    /// The day it is about.
    pub on: Date,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// The text.
    pub body: Sealed,
    /// Who wrote it.
    pub author: Option<StaffId>,
    /// Where it came from.
    pub source: String,
    /// Its version.
    pub version: i64,
    /// When it was stored.
    pub recorded_at: Timestamp,
    /// Whom it is about.
    pub people: Vec<(PersonId, Role)>,
    /// On which work.
    pub engagements: Vec<EngagementId>,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Changed {
    /// It is stored, under this version.
    Stored(i64),
    /// Somebody changed it since the version seen: what it says now.
    Conflict(Box<Entry>),
}

/// Stores an entry.
///
/// # Errors
/// [`Error::Missing`] if the policy has no such kind; [`Error::Malformed`] if it is about nobody;
/// [`Error::Referred`] if somebody or some work is not there.
pub fn add(tx: &Tx<'_>, policy: &Policy, new: &NewEntry<'_>, now: Timestamp) -> Result<EntryId> {
    let kind = policy.kind(new.kind).ok_or(Error::Missing)?;
    if new.people.is_empty() {
        return Err(Error::Malformed("an entry must be about somebody".into()));
    }
    let entry = EntryId(id::next());
    tx.put(
        "INSERT INTO entry (id, kind, on_date, direction, body, author_id, source, import_id, version, recorded_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?9)",
        params![
            entry, &kind.name, new.on, new.direction.map(Direction::name), new.body, new.author, new.source, new.import, now
        ],
    )?;
    links::add(tx, "entry", entry.0, new.people, new.engagements)?;
    Ok(entry)
}

/// Changes an entry's text, if it still is at the version seen. What it said stays for undo.
///
/// # Errors
/// [`Error::Missing`] if there is no such entry.
pub fn set(
    tx: &Tx<'_>,
    policy: &Policy,
    entry: EntryId,
    seen: i64,
    body: &str,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Changed> {
    let was = one(tx, policy, entry)?;
    if was.version != seen {
        return Ok(Changed::Conflict(Box::new(was)));
    }
    tx.exec(
        "INSERT INTO entry_history (id, entry_id, version, body, changed_at, changed_by)
            SELECT ?2, id, version, body, ?3, ?4 FROM entry WHERE id = ?1",
        params![entry, id::next(), now, by],
    )?;
    tx.exec(
        "UPDATE entry SET body = ?2, version = version + 1, updated_at = ?3 WHERE id = ?1",
        params![entry, body, now],
    )?;
    Ok(Changed::Stored(seen + 1))
}

/// Takes the last change of an entry back. Undoing twice brings it back again.
///
/// # Errors
/// [`Error::Missing`] if it was never changed.
pub fn undo(
    tx: &Tx<'_>,
    policy: &Policy,
    entry: EntryId,
    seen: i64,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<Changed> {
    let before = "SELECT body FROM entry_history WHERE entry_id = ?1 ORDER BY version DESC, id DESC LIMIT 1";
    let body = tx.one(before, params![entry], |row| row.text(0))?;
    set(tx, policy, entry, seen, &body, by, now)
}

/// When an entry was changed last; nothing where it never was.
///
/// # Errors
/// Whatever the database says.
pub fn changed_at(tx: &Tx<'_>, entry: EntryId) -> Result<Option<Timestamp>> {
    tx.one("SELECT MAX(changed_at) FROM entry_history WHERE entry_id = ?1", params![entry], |row| {
        row.opt_at(0)
    })
}

/// Says which way an entry went, once it is known.
///
/// # Errors
/// [`Error::Missing`] if there is no such entry.
pub fn direct(tx: &Tx<'_>, entry: EntryId, direction: Direction) -> Result<()> {
    match tx.exec("UPDATE entry SET direction = ?2 WHERE id = ?1", params![entry, direction.name()])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Takes an entry away by hand, with what it said before and its links.
///
/// # Errors
/// [`Error::Missing`] if there is no such entry.
pub fn remove(tx: &Tx<'_>, entry: EntryId) -> Result<()> {
    for table in ["entry_history", "entry_work", "entry_person"] {
        ring_duty::delete(tx, table, "entry_id = ?1", params![entry])?;
    }
    consent::evidence_goes(tx, params![entry], "?1")?;
    match ring_duty::delete(tx, "entry", "id = ?1", params![entry])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

const SELECT: &str = "SELECT e.id, e.kind, e.on_date, e.direction, e.body, e.author_id, e.source, e.version, e.recorded_at FROM entry e";

/// One entry, sealed for the first person it is about.
///
/// # Errors
/// [`Error::Missing`] if there is none, or the policy no longer declares its kind.
pub fn one(tx: &Tx<'_>, policy: &Policy, entry: EntryId) -> Result<Entry> {
    let found = listed(tx, policy, (None, None), &format!("{SELECT} WHERE e.id = ?1"), params![entry])?;
    found.into_iter().next().ok_or(Error::Missing)
}

/// One entry of a person, its text sealed for that person, or of a piece of work, sealed for the first person it is about; nothing if it
/// is none of theirs.
///
/// # Errors
/// Whatever the database says.
pub fn one_of(tx: &Tx<'_>, policy: &Policy, entry: EntryId, of: Of) -> Result<Option<Entry>> {
    let sql = format!("{SELECT} WHERE e.id = ?1 AND {}", of.holds("entry"));
    Ok(listed(tx, policy, of.either(), &sql, params![entry, of.number()])?.pop())
}

/// Several entries in the order asked for, each sealed for the first person it is about; what is not there is passed over.
///
/// # Errors
/// Whatever the database says.
pub fn many(tx: &Tx<'_>, policy: &Policy, entries: &[EntryId]) -> Result<Vec<Entry>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, list) = crate::asked::listed(entries.iter().map(|entry| Value::from(*entry)));
    let found = listed(tx, policy, (None, None), &format!("{SELECT} WHERE e.id IN ({list})"), &ids)?;
    let mut found: BTreeMap<EntryId, Entry> = found.into_iter().map(|entry| (entry.id, entry)).collect();
    Ok(entries.iter().filter_map(|entry| found.remove(entry)).collect())
}

/// A page of a person's timeline, of one kind or of all, the newest first, after an entry of the page before, texts sealed
/// for that person.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    (kind, after): (Option<&str>, Option<EntryId>),
    limit: u32,
) -> Result<Vec<Entry>> {
    let mut sql =
        format!("{SELECT} WHERE e.id IN (SELECT p.entry_id FROM entry_person p WHERE p.person_id = ?1)");
    let mut values = params![person, limit].to_vec();
    if let Some(after) = after {
        values.push(after.into());
        sql.push_str(BEFORE);
    }
    if let Some(kind) = kind {
        values.push(kind.into());
        sql.push_str(&format!(" AND e.kind = ?{}", values.len()));
    }
    sql.push_str(" ORDER BY e.on_date DESC, e.id DESC LIMIT ?2");
    listed(tx, policy, (Some(person), None), &sql, &values)
}

/// The kinds of line that a person's timeline has.
///
/// # Errors
/// Whatever the database says.
pub fn kinds_of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<KindSet> {
    let names = tx.all(
        "SELECT DISTINCT e.kind FROM entry_person p JOIN entry e ON e.id = p.entry_id WHERE p.person_id = ?1",
        params![person],
        |row| row.text(0),
    )?;
    Ok(names.iter().filter_map(|name| policy.kind_named(name)).map(|kind| kind.id).collect())
}

/// How many lines somebody's timeline has.
///
/// # Errors
/// Whatever the database says.
pub fn count_of_person(tx: &Tx<'_>, person: PersonId) -> Result<i64> {
    tx.count("SELECT COUNT(DISTINCT entry_id) FROM entry_person WHERE person_id = ?1", params![person])
}

/// The day each of several people last came to us, or was talked with.
///
/// # Errors
/// Whatever the database says.
pub fn last_contacts(tx: &Tx<'_>, people: &[PersonId]) -> Result<BTreeMap<PersonId, Date>> {
    if people.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (ids, list) = crate::asked::listed(people.iter().map(Value::from));
    let sql = format!(
        "SELECT p.person_id, MAX(e.on_date) FROM entry_person p JOIN entry e ON e.id = p.entry_id
            WHERE p.person_id IN ({list}) AND e.direction IN ('in', 'both') GROUP BY p.person_id"
    );
    // A day that cannot be read of one keeps nobody else's from being told.
    let days = tx.all(&sql, &ids, |row| Ok((PersonId(row.int(0)?), row.date(1).ok())))?;
    Ok(days.into_iter().filter_map(|(person, day)| Some((person, day?))).collect())
}

/// A page of the timeline of a piece of work, the newest first, each text sealed for the first person it is about.
///
/// # Errors
/// Whatever the database says.
pub fn of_engagement(
    tx: &Tx<'_>,
    policy: &Policy,
    engagement: EngagementId,
    after: Option<EntryId>,
    limit: u32,
) -> Result<Vec<Entry>> {
    let sql = format!(
        "{SELECT} WHERE e.id IN (SELECT w.entry_id FROM entry_work w WHERE w.engagement_id = ?1) {} ORDER BY e.on_date DESC, e.id DESC LIMIT ?2",
        if after.is_some() { BEFORE } else { "" }
    );
    match after {
        Some(after) => listed(tx, policy, (None, Some(engagement)), &sql, params![engagement, limit, after]),
        None => listed(tx, policy, (None, Some(engagement)), &sql, params![engagement, limit]),
    }
}

const BEFORE: &str = " AND (e.on_date, e.id) < ((SELECT a.on_date FROM entry a WHERE a.id = ?3), ?3)";

/// Reads entries, then their links in two queries for all of them.
fn listed(
    tx: &Tx<'_>,
    policy: &Policy,
    (for_whom, of): (Option<PersonId>, Option<EngagementId>),
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<Entry>> {
    let rows = tx.all(sql, values, |row: &Row<'_>| {
        Ok((
            (EntryId(row.int(0)?), row.text(1)?, row.date(2)?, row.opt_text(3)?, row.text(4)?),
            (row.opt_int(5)?.map(StaffId), row.text(6)?, row.int(7)?, row.at(8)?),
        ))
    })?;
    let mut links = links::of(tx, "entry", rows.iter().map(|((id, ..), _)| id.0))?;
    let made = rows.into_iter().filter_map(
        |((id, kind, on, direction, body), (author, source, version, recorded_at))| {
            let kind = policy.kind_named(&kind)?.id;
            let people = links.people.remove(&id.0).unwrap_or_default();
            // What nobody is in any more is the work's, under its own number.
            let whose = for_whom
                .or_else(|| people.first().map(|(person, _)| *person))
                .or_else(|| of.map(|work| PersonId(work.0)))?;
            Some(Entry {
                id,
                kind,
                on,
                direction: direction.as_deref().and_then(Direction::named),
                body: Sealed::new(whose, kind, body),
                author,
                source,
                version,
                recorded_at,
                people,
                engagements: links.engagements.remove(&id.0).unwrap_or_default(),
            })
        },
    );
    Ok(made.collect())
}

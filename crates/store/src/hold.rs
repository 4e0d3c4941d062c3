//! Holds: what is due is not disposed of while a claim, an inquiry or a complaint needs it. Only the owners and
//! helpers of holds that stand for somebody may read and pass on what it keeps, for what it stands for; the night it ends the sweep goes on
//! where it stopped.

use custody::id::{EngagementId, PersonId, RequestId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::KindId;

use crate::asked::{AT_ONCE, listed};
use crate::{Error, Result, Row, Tx, Value, id, params, ring_duty};

/// A hold about to be placed, on a person or on a piece of work.
#[derive(Clone, Copy, Debug)]
pub struct NewHold<'a> {
    /// On whom.
    pub person: Option<PersonId>,
    /// Or on everybody on this work.
    pub engagement: Option<EngagementId>,
    /// Why.
    pub reason: &'a str,
    /// Who answers for it.
    pub owner: StaffId,
    /// Since when.
    pub since: Date,
    /// Looked at again.
    pub review_on: Date,
}

/// A hold, as it was placed and looked at again since.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Its row.
    pub id: i64,
    /// On whom.
    pub person: Option<PersonId>,
    /// Or on which work.
    pub engagement: Option<EngagementId>,
    /// Why, as it was last said; sealed for the person, or for whoever on the work it was asked for.
    pub reason: Option<Sealed>,
    /// Who answers for it.
    pub owner: StaffId,
    /// Since when.
    pub since: Date,
    /// Looked at again.
    pub review_on: Date,
    /// The day from which it stands no more.
    pub ended_on: Option<Date>,
}

const COLUMNS: &str = "h.id, h.person_id, h.engagement_id, COALESCE(h.reviewed_why, h.reason), h.owner_id, h.since, h.review_on, h.ended_on";

fn read(row: &Row<'_>, of: Option<PersonId>, kind: KindId) -> Result<Hold> {
    let person = row.opt_int(1)?.map(PersonId);
    let sealed = |person| row.text(3).map(|reason| Sealed::new(person, kind, reason));
    Ok(Hold {
        id: row.int(0)?,
        person,
        engagement: row.opt_int(2)?.map(EngagementId),
        reason: person.or(of).map(sealed).transpose()?,
        owner: StaffId(row.int(4)?),
        since: row.date(5)?,
        review_on: row.date(6)?,
        ended_on: row.opt_date(7)?,
    })
}

/// Places a hold.
///
/// # Errors
/// [`Error::Malformed`] unless it names a person or a piece of work; [`Error::Referred`].
pub fn place(tx: &Tx<'_>, new: &NewHold<'_>, now: Timestamp) -> Result<i64> {
    if new.person.is_some() == new.engagement.is_some() {
        return Err(Error::Malformed("a hold is on a person or on a piece of work".into()));
    }
    let hold = id::next();
    tx.exec(
        "INSERT INTO hold (id, person_id, engagement_id, reason, owner_id, since, review_on, sweep_due, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)",
        params![hold, new.person, new.engagement, new.reason, new.owner, new.since, new.review_on, now],
    )?;
    ring_duty::kept(tx, "hold", "id = ?1", params![hold])?;
    Ok(hold)
}

/// Names who, beside its owner, may read and pass on what a hold keeps: these and nobody else.
///
/// # Errors
/// [`Error::Referred`] if one of them is not there.
pub fn name_helpers(tx: &Tx<'_>, hold: i64, helpers: &[StaffId]) -> Result<()> {
    ring_duty::delete(tx, "hold_helper", "hold_id = ?1", params![hold])?;
    for staff in helpers {
        tx.exec(
            "INSERT INTO hold_helper (id, hold_id, staff_id) VALUES (?1, ?2, ?3)",
            params![id::next(), hold, *staff],
        )?;
    }
    ring_duty::kept(tx, "hold_helper", "hold_id = ?1", params![hold])
}

/// Who is named with a hold.
///
/// # Errors
/// Whatever the database says.
pub fn helpers(tx: &Tx<'_>, hold: i64) -> Result<Vec<StaffId>> {
    let sql = "SELECT DISTINCT staff_id FROM hold_helper WHERE hold_id = ?1 ORDER BY staff_id";
    tx.all(sql, params![hold], |row| row.int(0).map(StaffId))
}

/// Ends a hold from a day on, and why.
///
/// # Errors
/// [`Error::Missing`] if there is no such hold, or it ended already.
pub fn end(tx: &Tx<'_>, hold: i64, on: Date, why: &str, by: Option<StaffId>) -> Result<()> {
    let sql =
        "UPDATE hold SET ended_on = ?2, ended_why = ?3, ended_by = ?4 WHERE id = ?1 AND ended_on IS NULL";
    match tx.exec(sql, params![hold, on, why, by])? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "hold", "id = ?1", params![hold]),
    }
}

/// What somebody decided who looked at a hold again.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The day they looked.
    pub on: Date,
    /// Why it still has to stand.
    pub why: &'a str,
    /// Who decided.
    pub by: Option<StaffId>,
    /// Who answers for it from now on.
    pub owner: StaffId,
    /// Looked at again.
    pub next: Date,
}

/// A hold goes on until it is looked at again.
///
/// # Errors
/// [`Error::Missing`] if there is no such hold, or it ended already.
pub fn review(tx: &Tx<'_>, hold: i64, review: &Review<'_>) -> Result<()> {
    ring_duty::lost(tx, "hold", "id = ?1 AND reviewed_why IS NOT NULL AND ended_on IS NULL", params![hold])?;
    let sql =
        "UPDATE hold SET review_on = ?2, reviewed_on = ?3, reviewed_why = ?4, reviewed_by = ?5, owner_id = ?6
        WHERE id = ?1 AND ended_on IS NULL";
    match tx.exec(sql, params![hold, review.next, review.on, review.why, review.by, review.owner])? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "hold", "id = ?1", params![hold]),
    }
}

/// One hold. `kind` seals its reason, `of` says for whom where it is on a piece of work.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, hold: i64, of: Option<PersonId>, kind: KindId) -> Result<Hold> {
    let sql = format!("SELECT {COLUMNS} FROM hold h WHERE h.id = ?1");
    tx.maybe(&sql, params![hold], |row| read(row, of, kind))?.ok_or(Error::Missing)
}

/// Those of some pieces of work on which a hold stands or stood.
pub(crate) fn on_works(tx: &Tx<'_>, works: &[EngagementId]) -> Result<Vec<EngagementId>> {
    let mut found = Vec::new();
    for some in works.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|work| Value::from(work.0)));
        let sql = format!("SELECT DISTINCT engagement_id FROM hold WHERE engagement_id IN ({list})");
        found.extend(tx.all(&sql, &values, |row| Ok(EngagementId(row.int(0)?)))?);
    }
    Ok(found)
}

/// Every hold that stands, or those that somebody answers for, the ones to be looked at soonest first. `kind` seals the
/// reasons.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, kind: KindId, owner: Option<StaffId>, limit: u32) -> Result<Vec<Hold>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM hold h WHERE h.ended_on IS NULL AND h.owner_id = COALESCE(CAST(?2 AS BIGINT), h.owner_id)
            ORDER BY h.review_on, h.id LIMIT ?1"
    );
    tx.all(&sql, params![limit, owner], |row| read(row, None, kind))
}

/// How many holds stand whose day to be looked at has passed.
///
/// # Errors
/// Whatever the database says.
pub fn passed(tx: &Tx<'_>, today: Date) -> Result<i64> {
    tx.count("SELECT COUNT(*) FROM hold WHERE ended_on IS NULL AND review_on < ?1", params![today])
}

/// The holds that stand on a day for a person, their own and those of their work, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId, kind: KindId, today: Date) -> Result<Vec<Hold>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM hold h WHERE h.since <= ?2 AND (h.ended_on IS NULL OR h.ended_on > ?2) AND (h.person_id = ?1
            OR h.engagement_id IN (SELECT p.engagement_id FROM engagement_person p WHERE p.person_id = ?1))
            ORDER BY h.since, h.id"
    );
    tx.all(&sql, params![person, today], |row| read(row, Some(person), kind))
}

/// Whom a hold keeps: the one it is on, or everybody on its work.
///
/// # Errors
/// Whatever the database says.
pub fn people(tx: &Tx<'_>, hold: i64) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT person_id FROM hold WHERE id = ?1 AND person_id IS NOT NULL
            UNION SELECT p.person_id FROM hold h JOIN engagement_person p ON p.engagement_id = h.engagement_id WHERE h.id = ?1
            ORDER BY 1",
        params![hold],
        |row| row.int(0).map(PersonId),
    )
}

/// Writes down that a hold stood in the way of an erasure that was granted: somebody looks at it again when it ends.
///
/// # Errors
/// Whatever the database says.
pub fn stood_in_the_way(tx: &Tx<'_>, person: PersonId, request: RequestId, on: Date) -> Result<()> {
    let row = id::next();
    tx.exec(
        "INSERT INTO held_erasure (id, person_id, request_id, on_date) VALUES (?1, ?2, ?3, ?4)",
        params![row, person, request, on],
    )?;
    ring_duty::kept(tx, "held_erasure", "id = ?1", params![row])
}

/// The last erasure of each person whom a hold keeps that a hold stood in the way of, and who answered for it.
///
/// # Errors
/// Whatever the database says.
pub fn erasures(tx: &Tx<'_>, hold: i64) -> Result<Vec<(RequestId, PersonId, Option<StaffId>)>> {
    let mut found = Vec::new();
    for person in people(tx, hold)? {
        found.extend(tx.maybe(
            "SELECT e.request_id, q.owner_id FROM held_erasure e LEFT JOIN request q ON q.id = e.request_id
                WHERE e.person_id = ?1 ORDER BY e.id DESC LIMIT 1",
            params![person],
            |row| Ok((RequestId(row.int(0)?), person, row.opt_int(1)?.map(StaffId))),
        )?);
    }
    Ok(found)
}

/// What a hold stood in the way of for this person is looked at again.
///
/// # Errors
/// Whatever the database says.
pub fn looked_at(tx: &Tx<'_>, person: PersonId) -> Result<()> {
    ring_duty::delete(tx, "held_erasure", "person_id = ?1", params![person])?;
    Ok(())
}

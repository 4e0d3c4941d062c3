//! Restrictions (UK GDPR Art 18): a person's details are only stored until somebody decides.

use custody::id::{PersonId, RequestId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::KindId;

pub use crate::hold::Review;
use crate::{Error, Result, Row, Tx, id, params, ring_duty};

/// A restriction about to be placed.
#[derive(Clone, Copy, Debug)]
pub struct NewRestriction<'a> {
    /// On whom.
    pub person: PersonId,
    /// Why.
    pub reason: &'a str,
    /// Who answers for it.
    pub owner: StaffId,
    /// Since when.
    pub since: Date,
    /// Looked at again.
    pub review_on: Date,
    /// The request it answers.
    pub request: Option<RequestId>,
}

/// A restriction that stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its row.
    pub id: i64,
    /// On whom.
    pub person: PersonId,
    /// Why, as it was last said.
    pub reason: Sealed,
    /// Who answers for it.
    pub owner: StaffId,
    /// Since when.
    pub since: Date,
    /// Looked at again.
    pub review_on: Date,
    /// The request it answers.
    pub request: Option<RequestId>,
}

/// Places a restriction.
///
/// # Errors
/// [`Error::Referred`] if the person or the owner is not there.
pub fn place(tx: &Tx<'_>, new: &NewRestriction<'_>, now: Timestamp) -> Result<i64> {
    let restriction = id::next();
    tx.exec(
        "INSERT INTO restriction (id, person_id, reason, owner_id, since, review_on, request_id, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![restriction, new.person, new.reason, new.owner, new.since, new.review_on, new.request, now],
    )?;
    ring_duty::kept(tx, "restriction", "id = ?1", params![restriction])?;
    Ok(restriction)
}

/// Lifts a restriction, and writes down how the person was told before (Art 18(3)), as the last that was said of it.
///
/// # Errors
/// [`Error::Missing`] if there is no such restriction, or it was lifted already.
pub fn lift(tx: &Tx<'_>, restriction: i64, on: Date, told: &str, by: Option<StaffId>) -> Result<()> {
    let said = "id = ?1 AND reviewed_why IS NOT NULL AND lifted_on IS NULL";
    ring_duty::lost(tx, "restriction", said, params![restriction])?;
    let sql = "UPDATE restriction SET lifted_on = ?2, reviewed_on = ?2, reviewed_why = ?3, reviewed_by = ?4
        WHERE id = ?1 AND lifted_on IS NULL";
    match tx.exec(sql, params![restriction, on, format!("told that it is lifted: {told}"), by])? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "restriction", "id = ?1", params![restriction]),
    }
}

/// A restriction goes on until it is looked at again.
///
/// # Errors
/// [`Error::Missing`] if there is no such restriction, or it was lifted already.
pub fn review(tx: &Tx<'_>, restriction: i64, review: &Review<'_>) -> Result<()> {
    let said = "id = ?1 AND reviewed_why IS NOT NULL AND lifted_on IS NULL";
    ring_duty::lost(tx, "restriction", said, params![restriction])?;
    let sql =
        "UPDATE restriction SET review_on = ?2, reviewed_on = ?3, reviewed_why = ?4, reviewed_by = ?5, owner_id = ?6
        WHERE id = ?1 AND lifted_on IS NULL";
    match tx.exec(sql, params![restriction, review.next, review.on, review.why, review.by, review.owner])? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "restriction", "id = ?1", params![restriction]),
    }
}

const SELECT: &str =
    "SELECT id, person_id, COALESCE(reviewed_why, reason), owner_id, since, review_on, request_id FROM restriction
    WHERE lifted_on IS NULL";

fn read(kind: KindId, row: &Row<'_>) -> Result<Standing> {
    let person = PersonId(row.int(1)?);
    Ok(Standing {
        id: row.int(0)?,
        person,
        reason: Sealed::new(person, kind, row.text(2)?),
        owner: StaffId(row.int(3)?),
        since: row.date(4)?,
        review_on: row.date(5)?,
        request: row.opt_int(6)?.map(RequestId),
    })
}

/// Every restriction that stands, those to be looked at soonest first. `kind` seals the reasons.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, kind: KindId, limit: u32) -> Result<Vec<Standing>> {
    tx.all(&format!("{SELECT} ORDER BY review_on, id LIMIT ?1"), params![limit], |row| read(kind, row))
}

/// The restrictions that stand for a person, the newest first. `kind` seals the reasons.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId, kind: KindId) -> Result<Vec<Standing>> {
    tx.all(&format!("{SELECT} AND person_id = ?1 ORDER BY id DESC"), params![person], |row| read(kind, row))
}

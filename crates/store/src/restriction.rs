//! Restrictions (UK GDPR Art 18): a person's details are only stored until somebody decides.

use custody::id::{PersonId, RequestId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::KindId;

use crate::{Error, Result, Tx, id, params, ring_duty};

/// A restriction about to be placed.
#[derive(Clone, Copy, Debug)]
pub struct NewRestriction<'a> {
    /// On whom.
    pub person: PersonId,
    /// Why.
    pub reason: &'a str,
    /// Who decided.
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
    /// Why.
    pub reason: Sealed,
    /// Who decided.
    pub owner: StaffId,
    /// Since when.
    pub since: Date,
    /// Looked at again.
    pub review_on: Date,
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

/// Lifts a restriction. The person is told before (Art 18(3)): that is for the caller.
///
/// # Errors
/// [`Error::Missing`] if there is no such restriction, or it was lifted already.
pub fn lift(tx: &Tx<'_>, restriction: i64, on: Date) -> Result<()> {
    match tx.exec(
        "UPDATE restriction SET lifted_on = ?2 WHERE id = ?1 AND lifted_on IS NULL",
        params![restriction, on],
    )? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "restriction", "id = ?1", params![restriction]),
    }
}

/// Every restriction that stands, those to be looked at soonest first. `kind` seals the reasons.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, kind: KindId, limit: u32) -> Result<Vec<Standing>> {
    tx.all(
        "SELECT id, person_id, reason, owner_id, since, review_on FROM restriction WHERE lifted_on IS NULL
            ORDER BY review_on, id LIMIT ?1",
        params![limit],
        |row| {
            let person = PersonId(row.int(1)?);
            Ok(Standing {
                id: row.int(0)?,
                person,
                reason: Sealed::new(person, kind, row.text(2)?),
                owner: StaffId(row.int(3)?),
                since: row.date(4)?,
                review_on: row.date(5)?,
            })
        },
    )
}

/// The restrictions that stand for a person, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId) -> Result<Vec<i64>> {
    tx.all(
        "SELECT id FROM restriction WHERE person_id = ?1 AND lifted_on IS NULL ORDER BY id DESC",
        params![person],
        |row| row.int(0),
    )
}

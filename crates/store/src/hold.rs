//! Holds: what is due is not disposed of while a claim, an inquiry or a complaint needs it. A hold allows no
//! use of anything; the night it ends the sweep goes on where it stopped.

use custody::id::{EngagementId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::KindId;

use crate::{Error, Result, Tx, id, params, ring_duty};

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

/// A hold that stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its row.
    pub id: i64,
    /// On whom.
    pub person: Option<PersonId>,
    /// Or on which work.
    pub engagement: Option<EngagementId>,
    /// Why, sealed for the person.
    pub reason: Option<Sealed>,
    /// Who answers for it.
    pub owner: StaffId,
    /// Since when.
    pub since: Date,
    /// Looked at again.
    pub review_on: Date,
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

/// Ends a hold from a day on.
///
/// # Errors
/// [`Error::Missing`] if there is no such hold, or it ended already.
pub fn end(tx: &Tx<'_>, hold: i64, on: Date) -> Result<()> {
    match tx.exec("UPDATE hold SET ended_on = ?2 WHERE id = ?1 AND ended_on IS NULL", params![hold, on])? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "hold", "id = ?1", params![hold]),
    }
}

/// The day a hold is looked at again.
///
/// # Errors
/// [`Error::Missing`] if there is no such hold, or it ended already.
pub fn review(tx: &Tx<'_>, hold: i64, next: Date) -> Result<()> {
    match tx.exec("UPDATE hold SET review_on = ?2 WHERE id = ?1 AND ended_on IS NULL", params![hold, next])? {
        0 => Err(Error::Missing),
        _ => ring_duty::kept(tx, "hold", "id = ?1", params![hold]),
    }
}

/// Every hold that stands, those to be looked at soonest first. `kind` seals the reasons.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, kind: KindId, limit: u32) -> Result<Vec<Standing>> {
    tx.all(
        "SELECT id, person_id, engagement_id, reason, owner_id, since, review_on FROM hold WHERE ended_on IS NULL
            ORDER BY review_on, id LIMIT ?1",
        params![limit],
        |row| {
            let person = row.opt_int(1)?.map(PersonId);
            Ok(Standing {
                id: row.int(0)?,
                person,
                engagement: row.opt_int(2)?.map(EngagementId),
                reason: person.map(|person| row.text(3).map(|reason| Sealed::new(person, kind, reason))).transpose()?,
                owner: StaffId(row.int(4)?),
                since: row.date(5)?,
                review_on: row.date(6)?,
            })
        },
    )
}

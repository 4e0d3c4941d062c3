//! Paper files: where one about a person is kept, until somebody has destroyed it. The program never holds
//! what stands on the paper.

use custody::id::{EngagementId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::{Error, Result, Tx, id, params, ring_duty, task};

/// A paper file.
#[derive(Clone, Debug)]
pub struct Paper {
    /// Its row.
    pub id: i64,
    /// About whom.
    pub person: PersonId,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// What it is.
    pub what: Sealed,
    /// Where it is.
    pub place: Sealed,
    /// Since when.
    pub since: Date,
    /// The day it was destroyed.
    pub destroyed_on: Option<Date>,
}

/// A paper file about to be registered.
#[derive(Clone, Copy, Debug)]
pub struct NewPaper<'a> {
    /// About whom.
    pub person: PersonId,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// What it is.
    pub what: &'a str,
    /// Where it is: never empty.
    pub place: &'a str,
    /// Since when.
    pub since: Date,
    /// Who registers it.
    pub by: Option<StaffId>,
}

/// Registers a paper file and its place.
///
/// # Errors
/// [`Error::Malformed`] without a place; [`Error::Referred`] if there is no such person.
pub fn add(tx: &Tx<'_>, new: &NewPaper<'_>, now: Timestamp) -> Result<i64> {
    if new.place.trim().is_empty() {
        return Err(Error::Malformed("a paper file must have a place".into()));
    }
    let paper = id::next();
    tx.exec(
        "INSERT INTO paper (id, person_id, engagement_id, what, place, since, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![paper, new.person, new.engagement, new.what, new.place.trim(), new.since, new.by, now],
    )?;
    Ok(paper)
}

/// Records that a paper file was moved.
///
/// # Errors
/// [`Error::Missing`] if there is no such file, or it is destroyed; [`Error::Malformed`] without a place.
pub fn move_to(tx: &Tx<'_>, paper: i64, place: &str) -> Result<()> {
    if place.trim().is_empty() {
        return Err(Error::Malformed("a paper file must have a place".into()));
    }
    match tx.exec(
        "UPDATE paper SET place = ?2 WHERE id = ?1 AND destroyed_on IS NULL",
        params![paper, place.trim()],
    )? {
        0 => Err(Error::Missing),
        _ => task::moved(tx, paper),
    }
}

/// The paper files about a person, destroyed ones last.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Paper>> {
    let kind = policy.kind_named("paper record").map(|kind| kind.id).ok_or(Error::Missing)?;
    tx.all(
        "SELECT id, engagement_id, what, place, since, destroyed_on FROM paper WHERE person_id = ?1
            ORDER BY CASE WHEN destroyed_on IS NULL THEN 0 ELSE 1 END, id",
        params![person],
        |row| {
            Ok(Paper {
                id: row.int(0)?,
                person,
                engagement: row.opt_int(1)?.map(EngagementId),
                what: Sealed::new(person, kind, row.text(2)?),
                place: Sealed::new(person, kind, row.text(3)?),
                since: row.date(4)?,
                destroyed_on: row.opt_date(5)?,
            })
        },
    )
}

/// A paper file that still exists, as the program itself needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its row.
    pub id: i64,
    /// On which work.
    pub engagement: Option<EngagementId>,
    /// Since when.
    pub since: Date,
    /// What it is.
    pub(crate) what: String,
    /// Where it is.
    pub(crate) place: String,
}

/// Paper files of a person that still exist.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Standing>> {
    tx.all(
        "SELECT id, engagement_id, since, what, place FROM paper WHERE person_id = ?1 AND destroyed_on IS NULL ORDER BY id",
        params![person],
        |row| {
            Ok(Standing {
                id: row.int(0)?,
                engagement: row.opt_int(1)?.map(EngagementId),
                since: row.date(2)?,
                what: row.text(3)?,
                place: row.text(4)?,
            })
        },
    )
}

/// Records that a paper file is destroyed; where it was and what it was goes from the record. Whose it was.
pub(crate) fn destroyed(tx: &Tx<'_>, paper: i64, on: Date) -> Result<Option<PersonId>> {
    ring_duty::lost(tx, "paper", "id = ?1 AND destroyed_on IS NULL", params![paper])?;
    tx.exec(
        "UPDATE paper SET destroyed_on = ?2, what = '', place = '' WHERE id = ?1 AND destroyed_on IS NULL",
        params![paper, on],
    )?;
    tx.maybe("SELECT person_id FROM paper WHERE id = ?1", params![paper], |row| Ok(PersonId(row.int(0)?)))
}

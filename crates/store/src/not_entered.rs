//! What people were not entered in when their details came for something else: a fact about a person and an
//! activity, under which nothing begins until somebody enters them by hand and says why.

use custody::id::{PersonId, StaffId};
use jiff::civil::Date;

use crate::{Error, Result, Tx, id, params};

/// Writes down that a person is not entered in an activity, unless that stands already.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn keep_out(tx: &Tx<'_>, person: PersonId, activity: &str, since: Date) -> Result<()> {
    let stands = "SELECT 1 FROM not_entered WHERE person_id = ?1 AND activity = ?2 AND entered_on IS NULL";
    if tx.any(stands, params![person, activity])? {
        return Ok(());
    }
    add(tx, person, activity, since)
}

/// Writes down that somebody who is only being added is not entered in an activity.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn add(tx: &Tx<'_>, person: PersonId, activity: &str, since: Date) -> Result<()> {
    tx.put(
        "INSERT INTO not_entered (id, person_id, activity, since) VALUES (?1, ?2, ?3, ?4)",
        params![id::next(), person, activity, since],
    )?;
    Ok(())
}

/// The activities a person is not entered in, by name, with the day since when.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, person: PersonId) -> Result<Vec<(String, Date)>> {
    tx.all(
        "SELECT activity, since FROM not_entered WHERE person_id = ?1 AND entered_on IS NULL ORDER BY activity",
        params![person],
        |row| Ok((row.text(0)?, row.date(1)?)),
    )
}

/// Enters a person in an activity they were kept out of. The caller settles them.
///
/// # Errors
/// [`Error::Missing`] if nothing keeps them out.
pub fn enter(
    tx: &Tx<'_>,
    person: PersonId,
    activity: &str,
    on: Date,
    by: Option<StaffId>,
    reason: &str,
) -> Result<()> {
    let sql = "UPDATE not_entered SET entered_on = ?3, entered_by = ?4, reason = ?5
        WHERE person_id = ?1 AND activity = ?2 AND entered_on IS NULL";
    match tx.exec(sql, params![person, activity, on, by, reason])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

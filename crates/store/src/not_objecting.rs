//! What subscribers told us: that they do not, for now, object to our calls although their number is listed
//! (PECR reg 21(4)). It names who said so and when, and ends when they take it back.

use custody::id::StaffId;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::call::Line;
use crate::{Error, Result, Tx, id, normal, params, ring_duty};

/// Records that the subscriber of a number does not object.
///
/// # Errors
/// [`Error::Malformed`] if the number is none, or nobody is named who said so.
pub fn record(
    tx: &Tx<'_>,
    line: Line,
    number: &str,
    said_by: &str,
    said_on: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<i64> {
    let e164 = normal::phone(number).ok_or_else(|| Error::Malformed("this is no telephone number".into()))?;
    if said_by.trim().is_empty() {
        return Err(Error::Malformed("who said so must be recorded".into()));
    }
    let row = id::next();
    tx.exec(
        "INSERT INTO not_objecting (id, person_id, organisation_id, number, said_by, said_on, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![row, line.person, line.organisation, e164, said_by.trim(), said_on, by, now],
    )?;
    ring_duty::kept(tx, "not_objecting", "id = ?1", params![row])?;
    Ok(row)
}

/// Records that it was taken back. How many records that ends.
///
/// # Errors
/// [`Error::Malformed`] if the number is none.
pub fn withdraw(tx: &Tx<'_>, number: &str, on: Date) -> Result<u64> {
    let e164 = normal::phone(number).ok_or_else(|| Error::Malformed("this is no telephone number".into()))?;
    let withdrawn = tx.exec(
        "UPDATE not_objecting SET withdrawn_on = ?2 WHERE number = ?1 AND withdrawn_on IS NULL",
        params![&e164, on],
    )?;
    ring_duty::kept(tx, "not_objecting", "number = ?1 AND withdrawn_on IS NOT NULL", params![&e164])?;
    Ok(withdrawn)
}

/// The day the subscriber of a number (E.164) said so, while it stands.
///
/// # Errors
/// Whatever the database says.
pub fn standing(tx: &Tx<'_>, e164: &str) -> Result<Option<Date>> {
    tx.maybe(
        "SELECT said_on FROM not_objecting WHERE number = ?1 AND withdrawn_on IS NULL ORDER BY said_on DESC, id DESC LIMIT 1",
        params![e164],
        |row| row.date(0),
    )
}

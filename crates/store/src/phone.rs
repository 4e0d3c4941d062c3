//! Address books on phones of the staff: which phone may have whom, how many it had last, and that it is over. A password
//! arrives as a hash, and who is on a phone is written down nowhere but in the log: this file knows no person.

use custody::id::{StaffId, TaskId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Result, Row, Tx, id, params, ring_duty};

/// A phone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Phone {
    /// Its row.
    pub id: i64,
    /// Whose.
    pub staff: StaffId,
    /// People of which categories it may have, by the policy's names, with a comma between two.
    pub categories: String,
    /// Since when.
    pub since: Date,
    /// When it looked last, as far as that was noted.
    pub seen_at: Option<Timestamp>,
    /// How many people it was told of then.
    pub people: i64,
    /// The day on which it ended: from then on it is told that nobody is in it.
    pub ended_on: Option<Date>,
    /// The day on which it was told so.
    pub emptied_on: Option<Date>,
    /// The task of taking the copies off it.
    pub task: Option<TaskId>,
}

const COLUMNS: &str = "id, staff_id, categories, since, seen_at, people, ended_on, emptied_on, task_id";

fn read(row: &Row<'_>) -> Result<Phone> {
    Ok(Phone {
        id: row.int(0)?,
        staff: StaffId(row.int(1)?),
        categories: row.text(2)?,
        since: row.date(3)?,
        seen_at: row.opt_at(4)?,
        people: row.int(5)?,
        ended_on: row.opt_date(6)?,
        emptied_on: row.opt_date(7)?,
        task: row.opt_int(8)?.map(TaskId),
    })
}

/// Adds a phone.
///
/// # Errors
/// Whatever the database says.
pub fn add(
    tx: &Tx<'_>,
    staff: StaffId,
    hash: [u8; 32],
    categories: &str,
    since: Date,
    by: Option<StaffId>,
) -> Result<i64> {
    let phone = id::next();
    tx.exec(
        "INSERT INTO phone (id, staff_id, hash, categories, since, added_by, people) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
        params![phone, staff, hash, categories, since, by],
    )?;
    Ok(phone)
}

/// A phone.
///
/// # Errors
/// [`crate::Error::Missing`] if there is none of this id.
pub fn one(tx: &Tx<'_>, phone: i64) -> Result<Phone> {
    tx.one(&format!("SELECT {COLUMNS} FROM phone WHERE id = ?1"), params![phone], read)
}

/// The phone whose password has this hash, also one that has ended.
///
/// # Errors
/// Whatever the database says.
pub fn by_hash(tx: &Tx<'_>, hash: [u8; 32]) -> Result<Option<Phone>> {
    tx.maybe(&format!("SELECT {COLUMNS} FROM phone WHERE hash = ?1"), params![hash], read)
}

/// The phones of a member of staff, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_staff(tx: &Tx<'_>, staff: StaffId) -> Result<Vec<Phone>> {
    tx.all(&format!("SELECT {COLUMNS} FROM phone WHERE staff_id = ?1 ORDER BY id DESC"), params![staff], read)
}

/// Ends a phone, with the task of taking the copies off it, if there is one. No restore forgets that it ended.
///
/// # Errors
/// Whatever the database says.
pub fn end(tx: &Tx<'_>, phone: i64, on: Date, task: Option<TaskId>) -> Result<()> {
    tx.exec(
        "UPDATE phone SET ended_on = ?2, task_id = ?3 WHERE id = ?1 AND ended_on IS NULL",
        params![phone, on, task],
    )?;
    ring_duty::kept(tx, "phone", "id = ?1", params![phone])
}

/// Notes that a phone was told of so many people.
///
/// # Errors
/// Whatever the database says.
pub fn seen(tx: &Tx<'_>, phone: i64, people: i64, at: Timestamp) -> Result<()> {
    tx.exec("UPDATE phone SET seen_at = ?2, people = ?3 WHERE id = ?1", params![phone, at, people])?;
    Ok(())
}

/// Notes that a phone that has ended was told that nobody is in it.
///
/// # Errors
/// Whatever the database says.
pub fn emptied(tx: &Tx<'_>, phone: i64, on: Date) -> Result<()> {
    tx.exec(
        "UPDATE phone SET emptied_on = ?2, people = 0 WHERE id = ?1 AND emptied_on IS NULL",
        params![phone, on],
    )?;
    Ok(())
}

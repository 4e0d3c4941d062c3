//! Audiences kept to come back to: by what each is narrowed, and never who is in it. Who is, is decided whenever one is looked at
//! or written to. A name that speaks of somebody is found when they are erased ([`crate::mention::prose`]).

use custody::id::{MailingId, StaffId};
use jiff::Timestamp;

use crate::{Error, Result, Row, Tx, id, params, ring_duty};

/// The most that are listed.
pub const LISTED: u32 = 500;

/// A saved audience.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Saved {
    /// Its row.
    pub id: i64,
    /// What staff call it.
    pub name: String,
    /// For which activity, by name.
    pub activity: String,
    /// By what it is narrowed, as the application writes it.
    pub criteria: String,
    /// Whether colleagues see it.
    pub shared: bool,
    /// Whose it is.
    pub kept_by: Option<StaffId>,
    /// Since when.
    pub kept_at: Timestamp,
}

/// An audience about to be saved.
#[derive(Clone, Copy, Debug)]
pub struct NewSaved<'a> {
    /// What staff call it.
    pub name: &'a str,
    /// For which activity, by name.
    pub activity: &'a str,
    /// By what it is narrowed.
    pub criteria: &'a str,
    /// Whether colleagues see it.
    pub shared: bool,
    /// Whose it is.
    pub by: Option<StaffId>,
}

const SELECT: &str = "SELECT id, name, activity, criteria, shared, kept_by, kept_at FROM saved_audience";

fn read(row: &Row<'_>) -> Result<Saved> {
    Ok(Saved {
        id: row.int(0)?,
        name: row.text(1)?,
        activity: row.text(2)?,
        criteria: row.text(3)?,
        shared: row.bool(4)?,
        kept_by: row.opt_int(5)?.map(StaffId),
        kept_at: row.at(6)?,
    })
}

/// Saves one.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, new: &NewSaved<'_>, now: Timestamp) -> Result<i64> {
    let row = id::next();
    tx.exec(
        "INSERT INTO saved_audience (id, name, activity, criteria, shared, kept_by, kept_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![row, new.name, new.activity, new.criteria, new.shared, new.by, now],
    )?;
    Ok(row)
}

/// Lets go of one, here and in every backup.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn forget(tx: &Tx<'_>, row: i64) -> Result<()> {
    match ring_duty::delete(tx, "saved_audience", "id = ?1", params![row])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// One of them.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, row: i64) -> Result<Saved> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![row], read)
}

/// Those that a member of staff sees, by name: their own, and what colleagues share.
///
/// # Errors
/// Whatever the database says.
pub fn seen_by(tx: &Tx<'_>, staff: Option<StaffId>) -> Result<Vec<Saved>> {
    let sql = format!("{SELECT} WHERE shared = 1 OR kept_by = ?1 ORDER BY name, id LIMIT {LISTED}");
    tx.all(&sql, params![staff], read)
}

/// By what the audience of a mailing is narrowed; nothing where it goes to all of those its activity is for.
///
/// # Errors
/// [`Error::Missing`] if there is no such mailing.
pub fn of_mailing(tx: &Tx<'_>, mailing: MailingId) -> Result<Option<String>> {
    tx.one("SELECT whom FROM mailing WHERE id = ?1", params![mailing], |row| row.opt_text(0))
}

/// Narrows the audience of a draft that nobody has written at yet.
///
/// # Errors
/// [`Error::Missing`] if it is no such draft.
pub fn narrow(tx: &Tx<'_>, mailing: MailingId, criteria: &str) -> Result<()> {
    let sql = "UPDATE mailing SET whom = ?2 WHERE id = ?1 AND state = 'draft' AND version = 1";
    match tx.exec(sql, params![mailing, criteria])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

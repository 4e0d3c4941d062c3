//! The versions of the policy that were adopted, as text. Which one is in force is a question of the date.

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::source::File;

use crate::{Error, Result, Tx, params};

/// One adopted version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adopted {
    /// Its number.
    pub version: u32,
    /// The first day it is in force.
    pub from: Date,
    /// When it was adopted.
    pub at: Timestamp,
    /// By whom; `None` for the one the instance was made with.
    pub by: Option<StaffId>,
    /// Its text.
    pub files: Vec<File>,
}

/// Adopts a version: it is in force from its own date on.
///
/// # Errors
/// [`Error::Taken`] if a version of this number was adopted before.
pub fn adopt(tx: &Tx<'_>, policy: &Policy, at: Timestamp, by: Option<StaffId>) -> Result<()> {
    let files: Vec<(&str, &str)> =
        policy.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    let text = serde_json::to_string(&files).map_err(|error| Error::Malformed(error.to_string()))?;
    tx.exec(
        "INSERT INTO policy_version (version, from_on, adopted_at, adopted_by, files, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![policy.version, policy.from, at, by, &text, *blake3::hash(text.as_bytes()).as_bytes()],
    )?;
    Ok(())
}

/// The version in force on a day: the newest whose date has come, or the first of all before any has.
///
/// # Errors
/// [`Error::Missing`] if none was ever adopted.
pub fn in_force(tx: &Tx<'_>, today: Date) -> Result<Adopted> {
    let come = tx.maybe(
        "SELECT version, from_on, adopted_at, adopted_by, files, hash FROM policy_version WHERE from_on <= ?1 ORDER BY version DESC LIMIT 1",
        params![today],
        row,
    )?;
    match come {
        Some(adopted) => Ok(adopted),
        None => tx.one(
            "SELECT version, from_on, adopted_at, adopted_by, files, hash FROM policy_version ORDER BY version LIMIT 1",
            &[],
            row,
        ),
    }
}

/// Every version, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Adopted>> {
    tx.all("SELECT version, from_on, adopted_at, adopted_by, files, hash FROM policy_version ORDER BY version DESC", &[], row)
}

fn row(row: &crate::Row<'_>) -> Result<Adopted> {
    if row.hash(5)? != *blake3::hash(row.str(4)?.as_bytes()).as_bytes() {
        return Err(Error::Damaged("the text of an adopted policy is not what was adopted".into()));
    }
    let files: Vec<(String, String)> = serde_json::from_str(row.str(4)?)
        .map_err(|_| Error::Malformed("the text of a policy version".into()))?;
    Ok(Adopted {
        version: u32::try_from(row.int(0)?).map_err(|_| Error::Malformed("a policy's version".into()))?,
        from: row.date(1)?,
        at: row.at(2)?,
        by: row.opt_int(3)?.map(StaffId),
        files: files.into_iter().map(|(name, text)| File { name, text }).collect(),
    })
}

/// The version adopted and not begun yet, if there is one.
///
/// # Errors
/// Whatever the database says.
pub fn pending(tx: &Tx<'_>, today: Date) -> Result<Option<Adopted>> {
    let now = in_force(tx, today)?.version;
    tx.maybe(
        "SELECT version, from_on, adopted_at, adopted_by, files, hash FROM policy_version
            WHERE from_on > ?1 AND version > ?2 ORDER BY version DESC LIMIT 1",
        params![today, now],
        row,
    )
}

/// Takes an adoption back, which is possible until its day.
///
/// # Errors
/// [`Error::Missing`] if there is no such version, or it has begun.
pub fn withdraw(tx: &Tx<'_>, version: u32, today: Date) -> Result<()> {
    let gone =
        tx.exec("DELETE FROM policy_version WHERE version = ?1 AND from_on > ?2", params![version, today])?;
    if gone == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// To whom a version of the notice was shown when they agreed to something: who, when, for which activity.
///
/// # Errors
/// Whatever the database says.
pub fn shown(tx: &Tx<'_>, version: u32, limit: u32) -> Result<Vec<(PersonId, Date, String)>> {
    tx.all(
        "SELECT person_id, given_on, activity FROM consent WHERE notice_version = ?1 ORDER BY given_on DESC, id DESC LIMIT ?2",
        params![version, limit],
        |row| Ok((PersonId(row.int(0)?), row.date(1)?, row.text(2)?)),
    )
}

/// How many consents were given while a version of the notice was shown.
///
/// # Errors
/// Whatever the database says.
pub fn shown_count(tx: &Tx<'_>, version: u32) -> Result<i64> {
    tx.count("SELECT count(*) FROM consent WHERE notice_version = ?1", params![version])
}

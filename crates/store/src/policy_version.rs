//! The versions of the policy that were adopted, as text. Which one is in force is a question of the date.

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::source::File;

use crate::told::Way;
use crate::{Error, Result, Tx, params, ring_duty};

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

/// Adopts a version: it is in force from its own date on. Its notice is kept as it reads now.
///
/// # Errors
/// [`Error::Taken`] if a version of this number was adopted before.
pub fn adopt(tx: &Tx<'_>, policy: &Policy, at: Timestamp, by: Option<StaffId>) -> Result<()> {
    let files: Vec<(&str, &str)> =
        policy.files.iter().map(|file| (file.name.as_str(), file.text.as_str())).collect();
    let text = serde_json::to_string(&files).map_err(|error| Error::Malformed(error.to_string()))?;
    tx.exec(
        "INSERT INTO policy_version (version, from_on, adopted_at, adopted_by, files, hash, notice) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            policy.version, policy.from, at, by, &text, *blake3::hash(text.as_bytes()).as_bytes(),
            policy::notice::to_markdown(&policy::notice::of(policy))
        ],
    )?;
    Ok(())
}

/// The notice of a version as it was when the version was adopted, in Markdown; none if it was not kept.
///
/// # Errors
/// [`Error::Missing`] if there is no such version.
pub fn notice(tx: &Tx<'_>, version: u32) -> Result<Option<String>> {
    tx.one("SELECT notice FROM policy_version WHERE version = ?1", params![version], |row| row.opt_text(0))
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

/// Keeps the notice, as it reads now, of versions adopted before notices were kept. How many there were.
///
/// # Errors
/// Whatever the database says.
pub fn keep_notices(tx: &Tx<'_>) -> Result<usize> {
    let bare = tx.all("SELECT version FROM policy_version WHERE notice IS NULL", &[], |row| row.int(0))?;
    for adopted in all(tx)?.into_iter().filter(|adopted| bare.contains(&i64::from(adopted.version))) {
        if let (Some(policy), _) = Policy::read(adopted.files) {
            let notice = policy::notice::to_markdown(&policy::notice::of(&policy));
            let sql = "UPDATE policy_version SET notice = ?2 WHERE version = ?1";
            tx.exec(sql, params![adopted.version, &notice])?;
        }
    }
    Ok(bare.len())
}

/// The number of the version in force on a day.
///
/// # Errors
/// [`Error::Missing`] if none was ever adopted.
pub fn number_on(tx: &Tx<'_>, day: Date) -> Result<u32> {
    let sql = "SELECT COALESCE((SELECT MAX(version) FROM policy_version WHERE from_on <= ?1), (SELECT MIN(version) FROM policy_version))";
    let number = tx.one(sql, params![day], |row| row.opt_int(0))?.ok_or(Error::Missing)?;
    u32::try_from(number).map_err(|_| Error::Malformed("a policy's version".into()))
}

/// A version by its number.
///
/// # Errors
/// [`Error::Missing`] if there is no such version.
pub fn one(tx: &Tx<'_>, version: u32) -> Result<Adopted> {
    tx.one(
        "SELECT version, from_on, adopted_at, adopted_by, files, hash FROM policy_version WHERE version = ?1",
        params![version],
        row,
    )
}

/// The hash of a version's text, as it was adopted.
///
/// # Errors
/// [`Error::Missing`] if there is no such version.
pub fn hash(tx: &Tx<'_>, version: u32) -> Result<[u8; 32]> {
    tx.one("SELECT hash FROM policy_version WHERE version = ?1", params![version], |row| row.hash(0))
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
    let unbegun = "version = ?1 AND from_on > ?2";
    let gone = ring_duty::delete(tx, "policy_version", unbegun, params![version, today])?;
    if gone == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// That a version of the notice was shown to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Its number, to read on after it.
    pub id: i64,
    /// To whom.
    pub person: PersonId,
    /// On which day.
    pub on: Date,
    /// How it came to be shown.
    pub how: How,
}

/// How a notice came to be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// They agreed to this activity.
    Agreed(String),
    /// They were told in this way.
    Told(Way),
}

/// To whom a version of the notice was shown, what was written down last first, after one shown before.
///
/// # Errors
/// Whatever the database says; [`Error::Malformed`] for a way nobody knows.
pub fn shown(tx: &Tx<'_>, version: u32, after: Option<i64>, limit: u32) -> Result<Vec<Shown>> {
    tx.all(
        "SELECT id, person_id, on_date, activity, way FROM (
            SELECT id, person_id, given_on AS on_date, activity, NULL AS way FROM consent WHERE notice_version = ?1
            UNION ALL SELECT id, person_id, on_date, NULL, way FROM told WHERE notice_version = ?1) AS shown
            WHERE id < ?2 ORDER BY id DESC LIMIT ?3",
        params![version, after.unwrap_or(i64::MAX), limit],
        |row| {
            let unknown = || Error::Malformed("how somebody was told".into());
            let way = row.opt_str(4)?.map(|way| Way::named(way).ok_or_else(unknown));
            Ok(Shown {
                id: row.int(0)?,
                person: PersonId(row.int(1)?),
                on: row.date(2)?,
                how: match way.transpose()? {
                    Some(way) => How::Told(way),
                    None => How::Agreed(row.text(3)?),
                },
            })
        },
    )
}

/// How often a version of the notice was shown to somebody.
///
/// # Errors
/// Whatever the database says.
pub fn shown_count(tx: &Tx<'_>, version: u32) -> Result<i64> {
    let told = tx.count("SELECT count(*) FROM told WHERE notice_version = ?1", params![version])?;
    Ok(told + tx.count("SELECT count(*) FROM consent WHERE notice_version = ?1", params![version])?)
}

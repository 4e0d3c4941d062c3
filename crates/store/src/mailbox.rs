//! The mailbox that mail arrives in, as far as the program remembers it: how far each folder is read, which messages were
//! taken, by keyed hashes, and which wait for somebody to say whose they are.
//!
//! No address, no subject and no word of a message stands here: what waits is read from the mailbox when somebody looks.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Error, Result, Row, Tx, id, params, ring_duty};

/// How far a folder is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folder {
    /// The numbers of its messages hold as long as this does (RFC 9051, 2.3.1.1).
    pub validity: i64,
    /// The last number that was seen to.
    pub last: i64,
    /// Messages up to this number were there before the folder was numbered anew: of those only what arrived since it is
    /// read may be new.
    pub old_until: i64,
    /// Since when it is read. What lay there before is left alone.
    pub began_at: Timestamp,
}

/// A message that waits for somebody to say whose it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// In which folder it lies.
    pub folder: String,
    /// What its number holds by.
    pub validity: i64,
    /// Its number there.
    pub uid: i64,
    /// The day it arrived.
    pub arrived_on: Date,
    /// Why nobody has it: `unknown`, `several`, `refused`, `unread`, `challenge`.
    pub why: String,
    /// What it may be asking, where its words say so.
    pub asks: Option<String>,
}

/// Where a message lies.
#[derive(Clone, Copy, Debug)]
pub struct Lies<'a> {
    /// The folder.
    pub folder: &'a str,
    /// What its number holds by.
    pub validity: i64,
    /// Its number there.
    pub uid: i64,
}

/// How far a folder is read, as it stands now: one that is seen for the first time is read from its next message on, one
/// that was numbered anew from its beginning.
///
/// # Errors
/// Whatever the database says.
pub fn enter(tx: &Tx<'_>, folder: &str, validity: i64, next: i64, now: Timestamp) -> Result<Folder> {
    let sql = "SELECT validity, last_uid, old_until, began_at FROM mailbox WHERE folder = ?1";
    let known = tx.maybe(sql, params![folder], |row| {
        Ok(Folder { validity: row.int(0)?, last: row.int(1)?, old_until: row.int(2)?, began_at: row.at(3)? })
    })?;
    match known {
        None => {
            tx.exec(
                "INSERT INTO mailbox (folder, validity, last_uid, old_until, began_at) VALUES (?1, ?2, ?3, 0, ?4)",
                params![folder, validity, next - 1, now],
            )?;
            Ok(Folder { validity, last: next - 1, old_until: 0, began_at: now })
        }
        Some(known) if known.validity == validity => Ok(known),
        Some(known) => {
            tx.exec(
                "UPDATE mailbox SET validity = ?2, last_uid = 0, old_until = ?3 WHERE folder = ?1",
                params![folder, validity, next - 1],
            )?;
            Ok(Folder { validity, last: 0, old_until: next - 1, began_at: known.began_at })
        }
    }
}

/// A message was seen to, whatever became of it.
///
/// # Errors
/// Whatever the database says.
pub fn passed(tx: &Tx<'_>, lies: &Lies<'_>) -> Result<()> {
    tx.exec(
        "UPDATE mailbox SET last_uid = ?3 WHERE folder = ?1 AND validity = ?2 AND last_uid < ?3",
        params![lies.folder, lies.validity, lies.uid],
    )?;
    Ok(())
}

/// Notes that a message is taken, by the keyed hash of what tells it from others; false if it was before.
///
/// # Errors
/// Whatever the database says.
pub fn taken(tx: &Tx<'_>, hash: &[u8], on: Date) -> Result<bool> {
    let sql =
        "INSERT INTO mail_taken (hash, on_date, became) VALUES (?1, ?2, '') ON CONFLICT (hash) DO NOTHING";
    Ok(tx.exec(sql, params![hash, on])? > 0)
}

/// Writes down what became of a message that is taken.
///
/// # Errors
/// Whatever the database says.
pub fn became(tx: &Tx<'_>, hash: &[u8], word: &str) -> Result<()> {
    tx.exec("UPDATE mail_taken SET became = ?2 WHERE hash = ?1", params![hash, word])?;
    Ok(())
}

/// How many messages became what, since a day.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, since: Date) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT became, COUNT(*) FROM mail_taken WHERE on_date >= ?1 GROUP BY became ORDER BY became";
    tx.all(sql, params![since], |row| Ok((row.text(0)?, row.int(1)?)))
}

/// Forgets which messages were taken before a day.
///
/// # Errors
/// Whatever the database says.
pub fn forget(tx: &Tx<'_>, before: Date) -> Result<u64> {
    ring_duty::delete(tx, "mail_taken", "on_date < ?1", params![before])
}

/// A message waits.
///
/// # Errors
/// Whatever the database says.
pub fn wait(
    tx: &Tx<'_>,
    lies: &Lies<'_>,
    hash: &[u8],
    on: Date,
    (why, asks): (&str, Option<&str>),
) -> Result<i64> {
    let made = id::next();
    tx.exec(
        "INSERT INTO mail_waiting (id, folder, validity, uid, hash, arrived_on, why, asks)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![made, lies.folder, lies.validity, lies.uid, hash, on, why, asks],
    )?;
    Ok(made)
}

/// A message that is taken already was found again: where it waits, this is where it lies now.
///
/// # Errors
/// Whatever the database says.
pub fn lies_now(tx: &Tx<'_>, lies: &Lies<'_>, hash: &[u8]) -> Result<()> {
    tx.exec(
        "UPDATE mail_waiting SET folder = ?2, validity = ?3, uid = ?4 WHERE hash = ?1",
        params![hash, lies.folder, lies.validity, lies.uid],
    )?;
    Ok(())
}

const SELECT: &str = "SELECT id, folder, validity, uid, arrived_on, why, asks FROM mail_waiting";

fn read(row: &Row<'_>) -> Result<Waiting> {
    Ok(Waiting {
        id: row.int(0)?,
        folder: row.text(1)?,
        validity: row.int(2)?,
        uid: row.int(3)?,
        arrived_on: row.date(4)?,
        why: row.text(5)?,
        asks: row.opt_text(6)?,
    })
}

/// Messages that wait, those that arrived first before others.
///
/// # Errors
/// Whatever the database says.
pub fn waiting(tx: &Tx<'_>, limit: u32) -> Result<Vec<Waiting>> {
    tx.all(&format!("{SELECT} ORDER BY arrived_on, id LIMIT ?1"), params![limit], read)
}

/// How many wait, and since when the first of them.
///
/// # Errors
/// Whatever the database says.
pub fn how_many_wait(tx: &Tx<'_>) -> Result<Option<(i64, Date)>> {
    let first = waiting(tx, 1)?.into_iter().next();
    let Some(first) = first else { return Ok(None) };
    Ok(Some((tx.count("SELECT COUNT(*) FROM mail_waiting", &[])?, first.arrived_on)))
}

/// One that waits.
///
/// # Errors
/// [`Error::Missing`] if it does not, or not any more.
pub fn one(tx: &Tx<'_>, waiting: i64) -> Result<Waiting> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![waiting], read)
}

/// It waits no longer; what became of it is counted.
///
/// # Errors
/// [`Error::Missing`] if it does not wait.
pub fn settled(tx: &Tx<'_>, waiting: i64, became: &str) -> Result<()> {
    tx.exec(
        "UPDATE mail_taken SET became = ?2 WHERE hash = (SELECT w.hash FROM mail_waiting w WHERE w.id = ?1)",
        params![waiting, became],
    )?;
    match ring_duty::delete(tx, "mail_waiting", "id = ?1", params![waiting])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

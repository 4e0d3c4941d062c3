//! Webhooks: addresses of other programs that are told when something happened, and what they are still to be told.
//! Addresses and secrets arrive sealed, and a message is only a number of an event: this file holds no value about anybody and
//! reaches nothing outside.

use custody::id::StaffId;
use jiff::Timestamp;

use crate::{Error, Result, Row, Tx, id, log, params, ring_duty};

/// How many events of the log are looked through in one transaction.
const TOGETHER: u32 = 2_000;

/// A webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Its row.
    pub id: i64,
    /// The address that is told, sealed.
    pub url: Vec<u8>,
    /// Of what, by the names of events, with a space between two.
    pub events: String,
    /// What messages are signed with, sealed.
    pub secret: Vec<u8>,
    /// What they were signed with before, sealed, and until when they still are.
    pub old: Option<(Vec<u8>, Timestamp)>,
    /// When it was set up.
    pub added_at: Timestamp,
    /// When a message was taken last.
    pub taken_at: Option<Timestamp>,
    /// Since when none was taken, if the last was not.
    pub failing_since: Option<Timestamp>,
    /// Before this instant nothing is tried.
    pub wait_until: Option<Timestamp>,
    /// Why the last one was not taken.
    pub trouble: Option<String>,
    /// Since when it is off.
    pub off_at: Option<Timestamp>,
    /// Why the program switched it off; none where somebody did.
    pub off_why: Option<String>,
    /// Grows with every change that somebody else could overwrite.
    pub version: i64,
}

impl Webhook {
    /// Whether it is told of events of this name.
    #[must_use]
    pub fn is_told_of(&self, event: &str) -> bool {
        self.events.split(' ').any(|name| name == event)
    }
}

/// Something a webhook is still to be told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// The event of the log; none where it is only a trial.
    pub event: Option<i64>,
    /// When it was made.
    pub made_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
}

const COLUMNS: &str = "id, url, events, secret, old_secret, old_until, added_at, taken_at, failing_since, wait_until, trouble, off_at, \
                       off_why, version";

fn read(row: &Row<'_>) -> Result<Webhook> {
    Ok(Webhook {
        id: row.int(0)?,
        url: row.bytes(1)?,
        events: row.text(2)?,
        secret: row.bytes(3)?,
        old: row.opt_bytes(4)?.zip(row.opt_at(5)?),
        added_at: row.at(6)?,
        taken_at: row.opt_at(7)?,
        failing_since: row.opt_at(8)?,
        wait_until: row.opt_at(9)?,
        trouble: row.opt_text(10)?,
        off_at: row.opt_at(11)?,
        off_why: row.opt_text(12)?,
        version: row.int(13)?,
    })
}

/// Every webhook, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Webhook>> {
    tx.all(&format!("SELECT {COLUMNS} FROM webhook ORDER BY id"), &[], read)
}

/// A webhook.
///
/// # Errors
/// [`Error::Missing`] if there is none of this id.
pub fn one(tx: &Tx<'_>, webhook: i64) -> Result<Webhook> {
    tx.one(&format!("SELECT {COLUMNS} FROM webhook WHERE id = ?1"), params![webhook], read)
}

/// Sets a webhook up: it is told of what happens from now on.
///
/// # Errors
/// Whatever the database says.
pub fn add(
    tx: &Tx<'_>,
    (url, events): (&[u8], &str),
    sealed: &[u8],
    by: Option<StaffId>,
    at: Timestamp,
) -> Result<i64> {
    let webhook = id::next();
    tx.exec(
        "INSERT INTO webhook (id, url, events, secret, added_by, added_at, read_to, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)",
        params![webhook, url, events, sealed, by, at, log::last_place(tx)?],
    )?;
    Ok(webhook)
}

/// Changes the address and the events.
///
/// # Errors
/// [`Error::Contended`] if it is no longer at the version read.
pub fn change(tx: &Tx<'_>, webhook: i64, version: i64, url: &[u8], events: &str) -> Result<()> {
    let changed = tx.exec(
        "UPDATE webhook SET url = ?3, events = ?4, wait_until = NULL, version = version + 1 WHERE id = ?1 AND version = ?2",
        params![webhook, version, url, events],
    )?;
    if changed == 0 { Err(Error::Contended) } else { Ok(()) }
}

/// Puts another secret in the place of the one there is, with which messages are signed as well until an instant.
///
/// # Errors
/// Whatever the database says.
pub fn set_secret(tx: &Tx<'_>, webhook: i64, sealed: &[u8], old_until: Timestamp) -> Result<()> {
    tx.exec(
        "UPDATE webhook SET old_secret = secret, old_until = ?3, secret = ?2, version = version + 1 WHERE id = ?1",
        params![webhook, sealed, old_until],
    )?;
    Ok(())
}

/// Forgets secrets with which nothing is signed any more.
///
/// # Errors
/// Whatever the database says.
pub fn forget_old(tx: &Tx<'_>, now: Timestamp) -> Result<()> {
    let over = "old_until IS NOT NULL AND old_until <= ?1";
    ring_duty::lost(tx, "webhook", over, params![now])?;
    tx.exec(&format!("UPDATE webhook SET old_secret = NULL, old_until = NULL WHERE {over}"), params![now])?;
    Ok(())
}

/// Switches a webhook off, with why where the program does it: what it was still to be told goes.
///
/// # Errors
/// Whatever the database says.
pub fn turn_off(tx: &Tx<'_>, webhook: i64, at: Timestamp, why: Option<&str>) -> Result<()> {
    ring_duty::delete(tx, "webhook_message", "webhook_id = ?1", params![webhook])?;
    tx.exec(
        "UPDATE webhook SET off_at = ?2, off_why = ?3, version = version + 1 WHERE id = ?1 AND off_at IS NULL",
        params![webhook, at, why],
    )?;
    Ok(())
}

/// Switches a webhook on: it is told of what happens from now on, and not of what happened while it was off.
///
/// # Errors
/// Whatever the database says.
pub fn turn_on(tx: &Tx<'_>, webhook: i64) -> Result<()> {
    tx.exec(
        "UPDATE webhook SET off_at = NULL, off_why = NULL, failing_since = NULL, wait_until = NULL, trouble = NULL, read_to = ?2,
            version = version + 1 WHERE id = ?1 AND off_at IS NOT NULL",
        params![webhook, log::last_place(tx)?],
    )?;
    Ok(())
}

/// Takes a webhook away with what it was still to be told, and from every backup.
///
/// # Errors
/// Whatever the database says.
pub fn remove(tx: &Tx<'_>, webhook: i64) -> Result<()> {
    ring_duty::delete(tx, "webhook_message", "webhook_id = ?1", params![webhook])?;
    ring_duty::delete(tx, "webhook", "id = ?1", params![webhook])?;
    Ok(())
}

/// Whether the log has events that a webhook that is on has not been asked about.
///
/// # Errors
/// Whatever the database says.
pub fn behind(tx: &Tx<'_>) -> Result<bool> {
    let last = log::last_place(tx)?;
    tx.any("SELECT 1 FROM webhook WHERE off_at IS NULL AND read_to < ?1", params![last])
}

/// Takes the next events of the log that a webhook is to be told of; `named` says what an act of the log is called as an
/// event, if it is one. Whether there may be more.
///
/// # Errors
/// Whatever the database says.
pub fn collect(
    tx: &Tx<'_>,
    webhook: &Webhook,
    named: impl Fn(&str) -> Option<&'static str>,
    now: Timestamp,
) -> Result<bool> {
    let read_to = tx.count("SELECT read_to FROM webhook WHERE id = ?1", params![webhook.id])?;
    let events = log::after(tx, read_to, TOGETHER)?;
    for event in &events {
        let told = event.id > webhook.id && named(&event.act).is_some_and(|name| webhook.is_told_of(name));
        if told {
            put(tx, webhook.id, Some(event.id), now)?;
        }
    }
    if let Some(place) = events.last().and_then(|event| event.place) {
        tx.exec("UPDATE webhook SET read_to = ?2 WHERE id = ?1", params![webhook.id, place])?;
    }
    Ok(u32::try_from(events.len()).is_ok_and(|count| count == TOGETHER))
}

/// Has a webhook told something: an event of the log, or nothing but that it works.
///
/// # Errors
/// Whatever the database says.
pub fn put(tx: &Tx<'_>, webhook: i64, event: Option<i64>, now: Timestamp) -> Result<()> {
    tx.exec(
        "INSERT INTO webhook_message (id, webhook_id, event_id, made_at, next_at, attempts) VALUES (?1, ?2, ?3, ?4, ?5, 0)",
        params![id::next(), webhook, event, now, now],
    )?;
    Ok(())
}

/// What a webhook is to be told now, the longest due first.
///
/// # Errors
/// Whatever the database says.
pub fn due(tx: &Tx<'_>, webhook: i64, now: Timestamp, limit: u32) -> Result<Vec<Waiting>> {
    tx.all(
        "SELECT id, event_id, made_at, attempts FROM webhook_message WHERE webhook_id = ?1 AND next_at <= ?2
            ORDER BY next_at, id LIMIT ?3",
        params![webhook, now, limit],
        |row| {
            Ok(Waiting {
                id: row.int(0)?,
                event: row.opt_int(1)?,
                made_at: row.at(2)?,
                attempts: row.int(3)?,
            })
        },
    )
}

/// How much a webhook is still to be told.
///
/// # Errors
/// Whatever the database says.
pub fn waiting(tx: &Tx<'_>, webhook: i64) -> Result<i64> {
    tx.count("SELECT count(*) FROM webhook_message WHERE webhook_id = ?1", params![webhook])
}

/// Forgets a message: there is nothing to be said any more.
///
/// # Errors
/// Whatever the database says.
pub fn forget(tx: &Tx<'_>, message: i64) -> Result<()> {
    ring_duty::delete(tx, "webhook_message", "id = ?1", params![message])?;
    Ok(())
}

/// A message was taken.
///
/// # Errors
/// Whatever the database says.
pub fn taken(tx: &Tx<'_>, webhook: i64, message: i64, at: Timestamp) -> Result<()> {
    forget(tx, message)?;
    tx.exec(
        "UPDATE webhook SET taken_at = ?2, failing_since = NULL, wait_until = NULL, trouble = NULL WHERE id = ?1",
        params![webhook, at],
    )?;
    Ok(())
}

/// A message was not taken: it is tried again at an instant, or never.
///
/// # Errors
/// Whatever the database says.
pub fn failed(
    tx: &Tx<'_>,
    webhook: i64,
    (message, again): (i64, Option<Timestamp>),
    (now, wait_until): (Timestamp, Timestamp),
    why: &str,
) -> Result<()> {
    match again {
        None => forget(tx, message)?,
        Some(again) => {
            tx.exec(
                "UPDATE webhook_message SET attempts = attempts + 1, next_at = ?2 WHERE id = ?1",
                params![message, again],
            )?;
        }
    }
    tx.exec(
        "UPDATE webhook SET failing_since = coalesce(failing_since, ?2), wait_until = ?3, trouble = ?4 WHERE id = ?1",
        params![webhook, now, wait_until, why],
    )?;
    Ok(())
}

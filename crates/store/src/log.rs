//! The event log: what happened, to whom by number, never a value.
//!
//! An event is written in the transaction of its act. Later a sequencer gives it its place in a Merkle
//! tree and signs a checkpoint with the log's key (an HMAC: it proves the order to whoever holds the
//! keyring; a copy of a checkpoint kept elsewhere proves it to everyone). A leaf is made from a nonce
//! and the event, so that both can go when the log's own period ends and the leaf stays.

use std::collections::BTreeMap;

use custody::id::PersonId;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::asked::{AT_ONCE, listed};
use crate::keys::{Keys, random};
use crate::{Error, Result, Row, Tx, Value, id, params, ring_duty};

mod tree;
mod verify;
mod view;

pub use tree::{Frontier, Hash, leaf};
pub use verify::{Broken, Summary, verify};
pub(crate) use view::Together;
pub use view::View;

/// How many events the sequencer places in one transaction, so that writers never wait long for it.
const BATCH: i64 = 500;
/// How many people one statement writes down for an event.
const SUBJECTS: usize = 64;
/// How many events one statement lets go of.
const TOGETHER: usize = 400;

/// An event, as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its row; grows with time.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who acted: `staff 17`, `system sweep`, `subject`.
    pub actor: String,
    /// What was done: `person.read`.
    pub act: String,
    /// Numbers, kinds, clauses: data, never values. Empty once the log's period has ended.
    pub body: Option<serde_json::Value>,
    /// Its place in the tree; none until the sequencer has been.
    pub place: Option<i64>,
}

/// A signed statement of what the whole log hashed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Over how many events.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// When it was signed.
    pub at: Timestamp,
    /// HMAC-SHA-256 with the log's key over size, root and instant.
    pub signature: Hash,
}

/// Writes an event in the transaction of its act; its id.
///
/// `body` carries ids, kinds, counts and clauses; a value about a person has no place in it.
///
/// # Errors
/// Whatever the database says.
pub fn append(
    tx: &Tx<'_>,
    at: Timestamp,
    actor: &str,
    act: &str,
    subjects: &[PersonId],
    body: &serde_json::Value,
) -> Result<i64> {
    let event = id::next();
    let mut nonce = [0; 16];
    random(&mut nonce)?;
    tx.put(
        "INSERT INTO log_event (id, at, actor, act, body, nonce) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![event, at, actor, act, body.to_string(), nonce],
    )?;
    let subjects: Vec<i64> = subjects.iter().map(|person| person.0).collect();
    concerning(tx, event.into(), &subjects)?;
    Ok(event)
}

/// Writes whom an event concerns, each once, many in one statement.
pub(crate) fn concerning(tx: &Tx<'_>, event: Value<'static>, people: &[i64]) -> Result<()> {
    for some in people.chunks(SUBJECTS) {
        let (mut values, _) = listed(some.iter().map(|person| Value::from(*person)));
        let last = values.len() + 1;
        let rows: Vec<String> = (1..last).map(|at| format!("(?{at}, ?{last})")).collect();
        values.push(event.clone());
        let sql = format!(
            "INSERT INTO log_subject (person_id, event_id) VALUES {} ON CONFLICT DO NOTHING",
            rows.join(", ")
        );
        tx.put(&sql, &values)?;
    }
    Ok(())
}

/// The newest events about one person, before an id if one is given.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId, before: Option<i64>, limit: u32) -> Result<Vec<Event>> {
    tx.all(
        "SELECT e.id, e.at, e.actor, e.act, e.body, e.place FROM log_subject AS s JOIN log_event AS e ON e.id = s.event_id
         WHERE s.person_id IN (SELECT CAST(?1 AS BIGINT) UNION ALL SELECT id FROM person WHERE into_person_id = ?1)
            AND s.event_id < ?2 ORDER BY s.event_id DESC LIMIT ?3",
        params![person, before.unwrap_or(i64::MAX), limit],
        read,
    )
}

/// How many events concern each of some people of those whose ids are at least this; nobody of whom there is none. Where the number
/// is what it was, nothing was done to them meanwhile.
///
/// # Errors
/// Whatever the database says.
pub fn counts_since(tx: &Tx<'_>, people: &[PersonId], since: i64) -> Result<BTreeMap<PersonId, i64>> {
    let mut counts = BTreeMap::new();
    for some in people.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|person| Value::from(*person)));
        values.push(Value::from(since));
        let sql = format!(
            "SELECT person_id, COUNT(*) FROM log_subject WHERE person_id IN ({list}) AND event_id >= ?{} GROUP BY person_id",
            values.len()
        );
        tx.each(&sql, &values, |row| {
            counts.insert(PersonId(row.int(0)?), row.int(1)?);
            Ok::<(), Error>(())
        })?;
    }
    Ok(counts)
}

/// How many events there are of one act of those whose ids are at least this.
///
/// # Errors
/// Whatever the database says.
pub fn count_of(tx: &Tx<'_>, act: &str, since: i64) -> Result<i64> {
    tx.count("SELECT COUNT(*) FROM log_event WHERE act = ?1 AND id >= ?2", params![act, since])
}

/// The newest events, before an id if one is given.
///
/// # Errors
/// Whatever the database says.
pub fn newest(tx: &Tx<'_>, before: Option<i64>, limit: u32) -> Result<Vec<Event>> {
    tx.all(
        "SELECT id, at, actor, act, body, place FROM log_event WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
        params![before.unwrap_or(i64::MAX), limit],
        read,
    )
}

/// The last events of one act, newest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_act(tx: &Tx<'_>, act: &str, limit: u32) -> Result<Vec<Event>> {
    tx.all(
        "SELECT id, at, actor, act, body, place FROM log_event WHERE act = ?1 ORDER BY id DESC LIMIT ?2",
        params![act, limit],
        read,
    )
}

/// The events after a place in the log, in their order.
///
/// # Errors
/// Whatever the database says.
pub fn after(tx: &Tx<'_>, place: i64, limit: u32) -> Result<Vec<Event>> {
    tx.all(
        "SELECT id, at, actor, act, body, place FROM log_event WHERE place > ?1 ORDER BY place LIMIT ?2",
        params![place, limit],
        read,
    )
}

/// An event, unless the log has let go of it.
///
/// # Errors
/// Whatever the database says.
pub fn one(tx: &Tx<'_>, event: i64) -> Result<Option<Event>> {
    tx.maybe("SELECT id, at, actor, act, body, place FROM log_event WHERE id = ?1", params![event], read)
}

/// Whom an event concerns, by number, so many of them at most.
///
/// # Errors
/// Whatever the database says.
pub fn concerns(tx: &Tx<'_>, event: i64, limit: u32) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT person_id FROM log_subject WHERE event_id = ?1 ORDER BY person_id LIMIT ?2",
        params![event, limit],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// The last place of the log that is taken; -1 while it has none.
///
/// # Errors
/// Whatever the database says.
pub fn last_place(tx: &Tx<'_>) -> Result<i64> {
    tx.count("SELECT coalesce(max(place), -1) FROM log_event", &[])
}

fn read(row: &Row<'_>) -> Result<Event> {
    Ok(Event {
        id: row.int(0)?,
        at: row.at(1)?,
        actor: row.text(2)?,
        act: row.text(3)?,
        body: row
            .opt_str(4)?
            .map(serde_json::from_str)
            .transpose()
            .map_err(|_| Error::Malformed("an event's body".into()))?,
        place: row.opt_int(5)?,
    })
}

/// Gives events their places, in the order of their ids, and signs a checkpoint over them. Whether there
/// are more waiting than one call takes.
///
/// # Errors
/// [`Error::Damaged`] if the newest checkpoint is not one this instance signed.
pub fn sequence(tx: &Tx<'_>, keys: &Keys, now: Timestamp) -> Result<bool> {
    let mut tree = frontier(tx, keys)?;
    let waiting = tx.all(
        "SELECT id, at, actor, act, body, nonce FROM log_event WHERE place IS NULL ORDER BY id LIMIT ?1",
        params![BATCH],
        |row| Ok((row.int(0)?, hashed(row)?)),
    )?;
    if waiting.is_empty() {
        return Ok(false);
    }
    for (event, hash) in &waiting {
        let place = i64::try_from(tree.size()).map_err(|_| Error::Damaged("the log's size".into()))?;
        tx.put("INSERT INTO log_leaf (place, hash) VALUES (?1, ?2)", params![place, hash])?;
        tx.put("UPDATE log_event SET place = ?2 WHERE id = ?1", params![event, place])?;
        tree.push(*hash);
    }
    let signature = sign(keys, tree.size(), &tree.root(), now)?;
    tx.put(
        "INSERT INTO log_checkpoint (size, root, frontier, at, signature) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![size_of(&tree)?, tree.root(), tree.to_bytes(), now, signature],
    )?;
    Ok(i64::try_from(waiting.len()).unwrap_or(BATCH) == BATCH)
}

/// Lets go of what events before an instant said and of whom they concerned; their leaves stay. How many went.
///
/// # Errors
/// Whatever the database says.
pub fn let_go(tx: &Tx<'_>, before: Timestamp, limit: u32) -> Result<u64> {
    let gone = tx.all(
        "SELECT id FROM log_event WHERE id < ?1 AND at < ?2 AND place IS NOT NULL ORDER BY id LIMIT ?3",
        params![
            id::since(before.saturating_add(jiff::SignedDuration::from_hours(24)).unwrap_or(before)),
            before,
            limit
        ],
        |row| row.int(0),
    )?;
    for some in gone.chunks(TOGETHER) {
        let list = some.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        ring_duty::delete(tx, "log_subject", &format!("event_id IN ({list})"), &[])?;
        ring_duty::delete(tx, "log_event", &format!("id IN ({list})"), &[])?;
    }
    Ok(gone.len() as u64)
}

/// The newest checkpoint, if the log has one.
///
/// # Errors
/// Whatever the database says.
pub fn checkpoint(tx: &Tx<'_>) -> Result<Option<Checkpoint>> {
    tx.maybe(
        "SELECT size, root, at, signature FROM log_checkpoint ORDER BY size DESC LIMIT 1",
        &[],
        read_checkpoint,
    )
}

fn read_checkpoint(row: &Row<'_>) -> Result<Checkpoint> {
    Ok(Checkpoint {
        size: u64::try_from(row.int(0)?).map_err(|_| Error::Malformed("a checkpoint's size".into()))?,
        root: row.hash(1)?,
        at: row.at(2)?,
        signature: row.hash(3)?,
    })
}

fn frontier(tx: &Tx<'_>, keys: &Keys) -> Result<Frontier> {
    let Some(newest) = checkpoint(tx)? else { return Ok(Frontier::default()) };
    let stored =
        tx.one("SELECT frontier FROM log_checkpoint ORDER BY size DESC LIMIT 1", &[], |row| row.bytes(0))?;
    let tree = Frontier::from_bytes(&stored)?;
    let signed = signed(keys, &newest)?;
    if !signed || tree.size() != newest.size || tree.root() != newest.root {
        return Err(Error::Damaged(
            "the log's newest checkpoint is not one this instance signed: run `probity log verify`".into(),
        ));
    }
    Ok(tree)
}

fn size_of(tree: &Frontier) -> Result<i64> {
    i64::try_from(tree.size()).map_err(|_| Error::Damaged("the log's size".into()))
}

/// The hash of an event's leaf, from a row of id, at, actor, act, body, nonce.
fn hashed(row: &Row<'_>) -> Result<Hash> {
    let nonce = row.bytes(5)?;
    let mut data = nonce;
    data.extend_from_slice(&row.int(0)?.to_be_bytes());
    data.extend_from_slice(&row.int(1)?.to_be_bytes());
    for text in [row.str(2)?, row.str(3)?, row.str(4)?] {
        data.extend_from_slice(&(text.len() as u64).to_be_bytes());
        data.extend_from_slice(text.as_bytes());
    }
    Ok(leaf(&data))
}

fn mac(keys: &Keys, size: u64, root: &Hash, at: Timestamp) -> Result<Hmac<Sha256>> {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(keys.log().bytes())
        .map_err(|_| Error::Secret("the log's key has the wrong length".into()))?;
    Ok(mac
        .chain_update(b"probity checkpoint 1\n")
        .chain_update(size.to_be_bytes())
        .chain_update(root)
        .chain_update(at.as_millisecond().to_be_bytes()))
}

fn sign(keys: &Keys, size: u64, root: &Hash, at: Timestamp) -> Result<Hash> {
    Ok(mac(keys, size, root, at)?.finalize().into_bytes().into())
}

fn signed(keys: &Keys, checkpoint: &Checkpoint) -> Result<bool> {
    Ok(mac(keys, checkpoint.size, &checkpoint.root, checkpoint.at)?
        .verify_slice(&checkpoint.signature)
        .is_ok())
}

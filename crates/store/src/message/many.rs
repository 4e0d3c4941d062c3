//! Many messages of mailings at once: as the outbox takes them in hand, looks at them once more and writes down what became of
//! them. Nothing here decides whether one may leave.

use std::collections::BTreeSet;

use custody::id::{MailingId, MessageId, PersonId};
use jiff::Timestamp;
use policy::Policy;

use super::{Message, SELECT, STOPPED, kind, read};
use crate::asked::{AT_ONCE, listed};
use crate::{Error, Keys, Result, Tx, Value, params, ring_duty, suppression};

/// Some messages, in the order of their numbers; those that are gone are left out.
///
/// # Errors
/// Whatever the database says.
pub fn several(tx: &Tx<'_>, policy: &Policy, messages: &[MessageId]) -> Result<Vec<Message>> {
    let kind = kind(policy)?;
    let mut found = Vec::with_capacity(messages.len());
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|message| Value::from(*message)));
        let sql = format!("{SELECT} WHERE id IN ({list}) ORDER BY id");
        found.extend(tx.all(&sql, &values, |row| read(kind, row))?);
    }
    Ok(found)
}

/// Claims messages for sending, in the transaction that decided again that each may leave. They bear the number of their claim, so
/// that whoever made it finds them again.
///
/// # Errors
/// [`Error::Missing`] if one is not waiting any more, and then none may be claimed.
pub fn claim(tx: &Tx<'_>, messages: &[MessageId], claim: i64, now: Timestamp) -> Result<()> {
    for some in messages.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|message| Value::from(*message)));
        let next = values.len() + 1;
        values.extend([Value::from(claim), Value::from(now)]);
        let sql = format!(
            "UPDATE message SET state = 'claimed', claim = ?{next}, claimed_at = ?{}, attempts = attempts + 1
                WHERE id IN ({list}) AND state = 'queued'",
            next + 1
        );
        if tx.exec(&sql, &values)? != some.len() as u64 {
            return Err(Error::Missing);
        }
    }
    Ok(())
}

/// Those of some messages of one claim that may still leave as far as they themselves and their mailing go: nobody gave one up, and
/// the mailing neither pauses nor was called back.
///
/// # Errors
/// Whatever the database says.
pub fn still(tx: &Tx<'_>, messages: &[MessageId], claim: i64) -> Result<BTreeSet<MessageId>> {
    let mut found = BTreeSet::new();
    for some in messages.chunks(AT_ONCE) {
        let (mut values, list) = listed(some.iter().map(|message| Value::from(*message)));
        values.push(Value::from(claim));
        let sql = format!(
            "SELECT m.id FROM message m JOIN mailing g ON g.id = m.mailing_id
                WHERE m.id IN ({list}) AND m.state = 'claimed' AND m.claim = ?{} AND g.state = 'queued' AND g.paused_at IS NULL",
            values.len()
        );
        found.extend(tx.all(&sql, &values, |row| Ok(MessageId(row.int(0)?)))?);
    }
    Ok(found)
}

/// Some messages of a mailing that wait, those first that may leave first.
///
/// # Errors
/// Whatever the database says.
pub fn waiting_of(tx: &Tx<'_>, mailing: MailingId, limit: u32) -> Result<Vec<MessageId>> {
    tx.all(
        "SELECT id FROM message WHERE mailing_id = ?1 AND state = 'queued' ORDER BY not_before, id LIMIT ?2",
        params![mailing, limit],
        |row| Ok(MessageId(row.int(0)?)),
    )
}

/// Lets some messages of a mailing that wait for later leave at an instant; one that was tried since waits for its next try. How many
/// there were: fewer than may be at once where there are no more.
///
/// # Errors
/// Whatever the database says.
pub fn hurry(tx: &Tx<'_>, mailing: MailingId, at: Timestamp, limit: u32) -> Result<u64> {
    tx.exec(
        "UPDATE message SET not_before = ?2 WHERE id IN (SELECT id FROM message WHERE mailing_id = ?1 AND state = 'queued'
            AND not_before > ?2 AND (claimed_at IS NULL OR claimed_at < ?2) ORDER BY not_before, id LIMIT ?3)",
        params![mailing, at, limit],
    )
}

/// Lets go of messages that wait, and in every backup: their mailing was called back. How many.
///
/// # Errors
/// Whatever the database says.
pub fn call_back(tx: &Tx<'_>, messages: &[MessageId]) -> Result<u64> {
    let mut gone = 0;
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|message| Value::from(*message)));
        gone += ring_duty::delete(tx, "message", &format!("id IN ({list}) AND state = 'queued'"), &values)?;
    }
    Ok(gone)
}

/// Whoever has a message of a mailing that was not stopped at the moment of leaving.
///
/// # Errors
/// Whatever the database says.
pub fn to(tx: &Tx<'_>, mailing: MailingId) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT person_id FROM message WHERE mailing_id = ?1 AND state <> 'refused' AND person_id IS NOT NULL",
        params![mailing],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// Every message that bears the number of a claim, with that number: in hand, or counted as lost since, and nobody has said what became
/// of it.
///
/// # Errors
/// Whatever the database says.
pub fn claimed(tx: &Tx<'_>) -> Result<Vec<(MessageId, i64)>> {
    tx.all(
        "SELECT id, claim FROM message WHERE claim IS NOT NULL AND (state = 'claimed' OR (state = 'uncertain' AND trouble = ?1))
            ORDER BY id",
        params![STOPPED],
        |row| Ok((MessageId(row.int(0)?), row.int(1)?)),
    )
}

/// Takes messages for in hand again that counted as lost: it is known now what became of them.
///
/// # Errors
/// Whatever the database says.
pub fn found_again(tx: &Tx<'_>, messages: &[MessageId]) -> Result<()> {
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|message| Value::from(*message)));
        let sql = format!(
            "UPDATE message SET state = 'claimed', trouble = NULL WHERE id IN ({list}) AND state = 'uncertain'"
        );
        tx.exec(&sql, &values)?;
    }
    Ok(())
}

/// Records of claimed messages when each left: in that minute it counts as handed over, however long it was in hand.
///
/// # Errors
/// Whatever the database says.
pub fn sent(tx: &Tx<'_>, messages: &[(MessageId, Timestamp)]) -> Result<()> {
    let sql = "UPDATE message SET state = 'sent', sent_at = ?2, claimed_at = ?2, trouble = NULL, claim = NULL WHERE id = ?1 AND state = 'claimed'";
    messages.iter().try_for_each(|(message, at)| tx.put(sql, params![message, *at]))
}

/// Lets claimed messages wait again of which nothing was said to the mail server: as if they had not been claimed.
///
/// # Errors
/// Whatever the database says.
pub fn give_back(tx: &Tx<'_>, messages: &[MessageId]) -> Result<()> {
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|message| Value::from(*message)));
        let sql = format!(
            "UPDATE message SET state = 'queued', claim = NULL, claimed_at = NULL, attempts = attempts - 1
                WHERE id IN ({list}) AND state = 'claimed'"
        );
        tx.exec(&sql, &values)?;
    }
    Ok(())
}

/// When claimed messages were claimed; those that are in hand no more are left out.
///
/// # Errors
/// Whatever the database says.
pub fn claimed_at(tx: &Tx<'_>, messages: &[MessageId]) -> Result<Vec<(MessageId, Timestamp)>> {
    let mut found = Vec::with_capacity(messages.len());
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|message| Value::from(*message)));
        let sql = format!(
            "SELECT id, claimed_at FROM message WHERE id IN ({list}) AND state = 'claimed' AND claimed_at IS NOT NULL ORDER BY id"
        );
        found.extend(tx.all(&sql, &values, |row| Ok((MessageId(row.int(0)?), row.at(1)?)))?);
    }
    Ok(found)
}

/// Those of some messages of which the address that each goes to is none of its person's any more.
///
/// # Errors
/// Whatever the database says.
pub fn moved(tx: &Tx<'_>, keys: &Keys, messages: &[MessageId]) -> Result<BTreeSet<MessageId>> {
    let mut written = Vec::with_capacity(messages.len());
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|message| Value::from(*message)));
        let sql = format!(
            "SELECT id, person_id, address FROM message WHERE id IN ({list}) AND person_id IS NOT NULL ORDER BY id"
        );
        tx.each(&sql, &values, |row| {
            if let Some(hash) = suppression::hash(keys, "email", row.str(2)?) {
                written.push((MessageId(row.int(0)?), PersonId(row.int(1)?), hash));
            }
            Ok::<(), Error>(())
        })?;
    }
    let people: BTreeSet<PersonId> = written.iter().map(|(_, person, _)| *person).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let theirs = suppression::hashes_of_many(tx, keys, &people)?;
    let has = |person: &PersonId, hash: &(&'static str, [u8; 32])| {
        theirs.get(person).is_some_and(|theirs| theirs.contains(hash))
    };
    Ok(written.iter().filter(|(_, person, hash)| !has(person, hash)).map(|(message, ..)| *message).collect())
}

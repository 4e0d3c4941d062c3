//! Messages: the outbox. A message is queued in the transaction of its act, decided again and claimed at the
//! moment of leaving, and stays as the record of what left. Nothing here sends anything.

use std::collections::BTreeMap;

use custody::id::{MailingId, MessageId, PersonId, RequestId, StaffId};
use custody::sealed::Sealed;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use policy::{KindId, Policy};

use crate::asked::{AT_ONCE, listed};
use crate::{Error, Keys, Result, Row, Tx, Value, id, params, suppression};

pub mod many;
mod outlived;

pub use outlived::outlived;

/// What a message is for, which decides what it may carry and who may be left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    /// Part of a mailing.
    Mailing,
    /// One to one, about work or an offer.
    Personal,
    /// An answer to a rights request, or a notice the law demands: leaves whatever else stands.
    Rights,
    /// What is said to somebody before something of theirs ends: leaves on a ground of its own.
    Parting,
    /// To a member of staff.
    Staff,
}

impl Sort {
    const ALL: &[(Self, &'static str)] = &[
        (Self::Mailing, "mailing"),
        (Self::Personal, "personal"),
        (Self::Rights, "rights"),
        (Self::Parting, "parting"),
        (Self::Staff, "staff"),
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(sort, _)| *sort == self).map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name).map(|(sort, _)| *sort);
        found.ok_or_else(|| Error::Malformed("the sort of a message".into()))
    }
}

/// A message about to be queued.
#[derive(Clone, Copy, Debug)]
pub struct NewMessage<'a> {
    /// To whom; nobody where it goes to a member of staff.
    pub person: Option<PersonId>,
    /// Part of this mailing.
    pub mailing: Option<MailingId>,
    /// What it is for.
    pub sort: Sort,
    /// Under which activity, by name.
    pub activity: Option<&'a str>,
    /// By which channel, by name.
    pub channel: &'a str,
    /// The address it goes to.
    pub address: &'a str,
    /// Its subject.
    pub subject: &'a str,
    /// Its text, the footer in it.
    pub body: &'a str,
    /// The same as HTML.
    pub html: Option<&'a str>,
    /// What its links are known by, as random bytes.
    pub token: Option<&'a [u8]>,
    /// It leaves no earlier: time to call a mailing back.
    pub not_before: Option<Timestamp>,
    /// The request it answers.
    pub request: Option<RequestId>,
    /// Who queued it.
    pub by: Option<StaffId>,
}

/// A text of a message: sealed where it is about a person, plain where it goes to a member of staff.
#[derive(Clone, Debug)]
pub enum Text {
    /// For a person.
    Sealed(Sealed),
    /// For a member of staff.
    Plain(String),
}

/// A message on its way out or as a record.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its row.
    pub id: MessageId,
    /// To whom.
    pub person: Option<PersonId>,
    /// Part of this mailing.
    pub mailing: Option<MailingId>,
    /// What it is for.
    pub sort: Sort,
    /// Under which activity, by name.
    pub activity: Option<String>,
    /// By which channel, by name.
    pub channel: String,
    /// The address.
    pub address: Text,
    /// The subject.
    pub subject: Text,
    /// The text.
    pub body: Text,
    /// The same as HTML.
    pub html: Option<Text>,
    /// What its links are known by.
    pub token: Option<Vec<u8>>,
    /// `queued`, `claimed`, `sent`, `uncertain`, `failed`, `refused`.
    pub state: String,
    /// Why it did not leave.
    pub refusal: Option<String>,
    /// The day it was queued.
    pub queued_on: Date,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: i64,
    /// The request it answers.
    pub request: Option<RequestId>,
}

/// Queues a message.
///
/// # Errors
/// [`Error::Referred`] if there is no such person or mailing.
pub fn queue(tx: &Tx<'_>, new: &NewMessage<'_>, today: Date, now: Timestamp) -> Result<MessageId> {
    let message = MessageId(id::next());
    tx.exec(
        "INSERT INTO message (id, person_id, mailing_id, sort, activity, channel, address, subject, body, html, token, state, queued_on,
            queued_at, not_before, attempts, request_id, queued_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'queued', ?12, ?13, ?14, 0, ?15, ?16)",
        params![
            message, new.person, new.mailing, new.sort.name(), new.activity, new.channel, new.address, new.subject, new.body,
            new.html, new.token, today, now, new.not_before.unwrap_or(now), new.request, new.by
        ],
    )?;
    Ok(message)
}

const SELECT: &str = "SELECT id, person_id, mailing_id, sort, activity, channel, address, subject, body, html, token, state, refusal,
    queued_on, sent_at, attempts, request_id FROM message";

fn read(kind: KindId, row: &Row<'_>) -> Result<Message> {
    let person = row.opt_int(1)?.map(PersonId);
    let text = |text: String| match person {
        Some(person) => Text::Sealed(Sealed::new(person, kind, text)),
        None => Text::Plain(text),
    };
    Ok(Message {
        id: MessageId(row.int(0)?),
        person,
        mailing: row.opt_int(2)?.map(MailingId),
        sort: Sort::named(row.str(3)?)?,
        activity: row.opt_text(4)?,
        channel: row.text(5)?,
        address: text(row.text(6)?),
        subject: text(row.text(7)?),
        body: text(row.text(8)?),
        html: row.opt_text(9)?.map(text),
        token: row.opt_bytes(10)?,
        state: row.text(11)?,
        refusal: row.opt_text(12)?,
        queued_on: row.date(13)?,
        sent_at: row.opt_at(14)?,
        attempts: row.int(15)?,
        request: row.opt_int(16)?.map(RequestId),
    })
}

fn kind(policy: &Policy) -> Result<KindId> {
    policy.kind_named("message record").map(|kind| kind.id).ok_or(Error::Missing)
}

/// Messages that may leave now: those to one person first, then of each mailing that leaves those that waited longest, where it does
/// not pause, and no more of it than may leave in this minute.
///
/// # Errors
/// Whatever the database says.
pub fn waiting(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<MessageId>> {
    let mut found = waiting_by_itself(tx, now, limit)?;
    let room = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
    found.extend(waiting_of_mailings(tx, now, room)?);
    Ok(found)
}

/// Of those that may leave now the ones to one person or member of staff.
///
/// # Errors
/// Whatever the database says.
pub fn waiting_by_itself(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<MessageId>> {
    tx.all(
        "SELECT id FROM message WHERE state = 'queued' AND mailing_id IS NULL AND not_before <= ?1
            ORDER BY not_before, id LIMIT ?2",
        params![now, limit],
        |row| Ok(MessageId(row.int(0)?)),
    )
}

/// Of those that may leave now the ones of mailings that do not pause and are whole in the outbox.
///
/// # Errors
/// Whatever the database says.
pub fn waiting_of_mailings(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<MessageId>> {
    let mut found = Vec::new();
    let leaving = "SELECT id, per_minute FROM mailing WHERE state = 'queued' AND paused_at IS NULL AND filled_to IS NULL ORDER BY id";
    for (mailing, per_minute) in tx.all(leaving, &[], |row| Ok((MailingId(row.int(0)?), row.opt_int(1)?)))? {
        let mut room = i64::from(limit) - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if let Some(most) = per_minute {
            room = room.min(most - in_the_last_minute(tx, mailing, now)?);
        }
        if room > 0 {
            found.extend(tx.all(
                "SELECT id FROM message WHERE state = 'queued' AND mailing_id = ?1 AND not_before <= ?2
                    ORDER BY not_before, id LIMIT ?3",
                params![mailing, now, room],
                |row| Ok(MessageId(row.int(0)?)),
            )?);
        }
    }
    Ok(found)
}

/// How many messages of a mailing were handed to the mail server within a minute before now.
fn in_the_last_minute(tx: &Tx<'_>, mailing: MailingId, now: Timestamp) -> Result<i64> {
    let since = now.checked_sub(SignedDuration::from_secs(60)).unwrap_or(Timestamp::MIN);
    let sql = "SELECT COUNT(*) FROM message WHERE mailing_id = ?1 AND claimed_at > ?2";
    tx.count(sql, params![mailing, since])
}

/// Claims a message for sending, in the transaction that decided again that it may leave.
///
/// # Errors
/// [`Error::Missing`] if it is not waiting any more: another sender has it, it was called back, or its mailing pauses.
pub fn claim(tx: &Tx<'_>, policy: &Policy, message: MessageId, now: Timestamp) -> Result<Message> {
    let sql = "UPDATE message SET state = 'claimed', claim = NULL, claimed_at = ?2, attempts = attempts + 1 WHERE id = ?1 AND state = 'queued'
        AND NOT EXISTS (SELECT 1 FROM mailing WHERE mailing.id = message.mailing_id
            AND (mailing.paused_at IS NOT NULL OR mailing.state = 'called back'))";
    match tx.exec(sql, params![message, now])? {
        0 => Err(Error::Missing),
        _ => one(tx, policy, message),
    }
}

/// Refuses a waiting message for good: decided again, it may no longer leave.
///
/// # Errors
/// [`Error::Missing`] if it is not waiting any more.
pub fn refuse(tx: &Tx<'_>, message: MessageId, why: &str) -> Result<()> {
    match tx.exec(
        "UPDATE message SET state = 'refused', refusal = ?2 WHERE id = ?1 AND state = 'queued'",
        params![message, why],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Records that a claimed message left.
///
/// # Errors
/// [`Error::Missing`] if it was not claimed.
pub fn sent(tx: &Tx<'_>, message: MessageId, now: Timestamp) -> Result<()> {
    let sql =
        "UPDATE message SET state = 'sent', sent_at = ?2, trouble = NULL WHERE id = ?1 AND state = 'claimed'";
    match tx.exec(sql, params![message, now])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Records that a claimed message did not leave: it waits for `again`, or failed for good. That it was handed over then stays, so
/// that it counts in its minute.
///
/// # Errors
/// [`Error::Missing`] if it was not claimed.
pub fn failed(tx: &Tx<'_>, message: MessageId, trouble: &str, again: Option<Timestamp>) -> Result<()> {
    let state = if again.is_some() { "queued" } else { "failed" };
    let sql = "UPDATE message SET state = ?2, trouble = ?3, not_before = COALESCE(?4, not_before)
        WHERE id = ?1 AND state = 'claimed'";
    match tx.exec(sql, params![message, state, trouble, again])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Lets a waiting message wait until an instant: it could not be taken in hand.
///
/// # Errors
/// Whatever the database says.
pub fn put_off(tx: &Tx<'_>, message: MessageId, until: Timestamp) -> Result<()> {
    let sql = "UPDATE message SET not_before = ?2 WHERE id = ?1 AND state = 'queued'";
    tx.exec(sql, params![message, until]).map(drop)
}

/// Puts messages back that were claimed before an instant by a sender that never came back. How many. What is part of a mailing
/// is not put back: see [`lost`].
///
/// # Errors
/// Whatever the database says.
pub fn unclaim(tx: &Tx<'_>, before: Timestamp) -> Result<u64> {
    tx.exec(
        "UPDATE message SET state = 'queued', claimed_at = NULL WHERE state = 'claimed' AND claimed_at < ?1
            AND mailing_id IS NULL",
        params![before],
    )
}

/// What keeps a message from counting as sent that was in hand when the program was stopped.
pub const STOPPED: &str = "the program was stopped while the mail server was about to take it";

/// Messages of mailings that were claimed before an instant by a sender that never came back, and of which nobody knows
/// whether the mail server took them: they become uncertain, and leave no more by themselves. How many of which mailing.
///
/// # Errors
/// Whatever the database says.
pub fn lost(tx: &Tx<'_>, before: Timestamp) -> Result<Vec<(MailingId, i64)>> {
    let lost = tx.all(
        "SELECT mailing_id, COUNT(*) FROM message WHERE state = 'claimed' AND claimed_at < ?1 AND mailing_id IS NOT NULL
            GROUP BY mailing_id ORDER BY mailing_id",
        params![before],
        |row| Ok((MailingId(row.int(0)?), row.int(1)?)),
    )?;
    if !lost.is_empty() {
        tx.exec(
            "UPDATE message SET state = 'uncertain', trouble = ?2 WHERE state = 'claimed' AND claimed_at < ?1
                AND mailing_id IS NOT NULL",
            params![before, STOPPED],
        )?;
    }
    Ok(lost)
}

/// Records that nobody knows whether the mail server took a claimed message.
///
/// # Errors
/// [`Error::Missing`] if it was not claimed.
pub fn uncertain(tx: &Tx<'_>, message: MessageId, trouble: &str) -> Result<()> {
    let sql = "UPDATE message SET state = 'uncertain', trouble = ?2 WHERE id = ?1 AND state = 'claimed'";
    match tx.exec(sql, params![message, trouble])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// The messages of a mailing of which nobody knows whether they left.
///
/// # Errors
/// Whatever the database says.
pub fn uncertain_of(tx: &Tx<'_>, mailing: MailingId) -> Result<Vec<(MessageId, Option<PersonId>)>> {
    tx.all(
        "SELECT id, person_id FROM message WHERE mailing_id = ?1 AND state = 'uncertain' ORDER BY id",
        params![mailing],
        |row| Ok((MessageId(row.int(0)?), row.opt_int(1)?.map(PersonId))),
    )
}

/// Somebody says what became of an uncertain message: it left when it was handed over, or it is to be sent, again or for the
/// first time.
///
/// # Errors
/// [`Error::Missing`] if it is not uncertain.
pub fn say(tx: &Tx<'_>, message: MessageId, left: bool, now: Timestamp) -> Result<()> {
    let sql = if left {
        "UPDATE message SET state = 'sent', sent_at = COALESCE(claimed_at, ?2), trouble = NULL WHERE id = ?1 AND state = 'uncertain'"
    } else {
        "UPDATE message SET state = 'queued', not_before = ?2, claimed_at = NULL, trouble = NULL WHERE id = ?1 AND state = 'uncertain'"
    };
    match tx.exec(sql, params![message, now])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Messages after one that wait, are being handed over or may have arrived, whenever they may leave, those queued first first.
///
/// # Errors
/// Whatever the database says.
pub fn in_hand(tx: &Tx<'_>, after: MessageId, limit: u32) -> Result<Vec<MessageId>> {
    tx.all(
        "SELECT id FROM message WHERE state IN ('queued', 'claimed', 'uncertain') AND id > ?1 ORDER BY id LIMIT ?2",
        params![after, limit],
        |row| Ok(MessageId(row.int(0)?)),
    )
}

/// Lets a message that waits, is being handed over or may have arrived leave no more, and says why.
///
/// # Errors
/// [`Error::Missing`] if it is none of these.
pub fn give_up(tx: &Tx<'_>, message: MessageId, why: &str) -> Result<()> {
    match tx.exec(
        "UPDATE message SET state = 'failed', trouble = ?2, claimed_at = NULL WHERE id = ?1 AND state IN ('queued', 'claimed', 'uncertain')",
        params![message, why],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// One message.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, policy: &Policy, message: MessageId) -> Result<Message> {
    let kind = kind(policy)?;
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![message], |row| read(kind, row))
}

/// Who queued a message, where it was no job.
///
/// # Errors
/// [`Error::Missing`] if there is no such message.
pub fn queued_by(tx: &Tx<'_>, message: MessageId) -> Result<Option<StaffId>> {
    let sql = "SELECT queued_by FROM message WHERE id = ?1";
    tx.one(sql, params![message], |row| Ok(row.opt_int(0)?.map(StaffId)))
}

/// The message whose links are known by these bytes.
///
/// # Errors
/// Whatever the database says.
pub fn by_token(tx: &Tx<'_>, policy: &Policy, token: &[u8]) -> Result<Option<Message>> {
    let kind = kind(policy)?;
    tx.maybe(&format!("{SELECT} WHERE token = ?1"), params![token], |row| read(kind, row))
}

/// The keyed hash of the address a message went to; nothing where that is masked, or no address.
///
/// # Errors
/// [`Error::Missing`] if there is no such message.
pub fn address_hash(tx: &Tx<'_>, keys: &Keys, message: MessageId) -> Result<Option<[u8; 32]>> {
    let address = tx.one("SELECT address FROM message WHERE id = ?1", params![message], |row| row.text(0))?;
    Ok(suppression::hash(keys, "email", &address).map(|(_, hash)| hash))
}

/// Whether the address a message goes to is none of its person's any more.
///
/// # Errors
/// Whatever the database says.
pub fn moved(tx: &Tx<'_>, keys: &Keys, message: MessageId) -> Result<bool> {
    Ok(many::moved(tx, keys, &[message])?.contains(&message))
}

/// The messages that answer a request, those queued first first.
///
/// # Errors
/// Whatever the database says.
pub fn of_request(tx: &Tx<'_>, policy: &Policy, request: RequestId) -> Result<Vec<Message>> {
    let kind = kind(policy)?;
    tx.all(&format!("{SELECT} WHERE request_id = ?1 ORDER BY id"), params![request], |row| read(kind, row))
}

/// How many messages of each of some mailings are in which state. One that has none is not among them.
///
/// # Errors
/// Whatever the database says.
pub fn counts(tx: &Tx<'_>, mailings: &[MailingId]) -> Result<BTreeMap<MailingId, Vec<(String, i64)>>> {
    let mut counts: BTreeMap<MailingId, Vec<(String, i64)>> = BTreeMap::new();
    for some in mailings.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|mailing| Value::from(*mailing)));
        let sql = format!(
            "SELECT mailing_id, state, COUNT(*) FROM message WHERE mailing_id IN ({list}) GROUP BY mailing_id, state
                ORDER BY mailing_id, state"
        );
        tx.each(&sql, &values, |row| {
            let of_one = counts.entry(MailingId(row.int(0)?)).or_default();
            of_one.push((row.text(1)?, row.int(2)?));
            Ok::<(), Error>(())
        })?;
    }
    Ok(counts)
}

/// Writes down that the link of a message was pressed to have no more of what it is part of, and on which day first; or, with no
/// day, that it was a mistake.
///
/// # Errors
/// Whatever the database says.
pub fn stopped(tx: &Tx<'_>, message: MessageId, on: Option<Date>) -> Result<()> {
    let sql = match on {
        Some(_) => "UPDATE message SET stopped_on = ?2 WHERE id = ?1 AND stopped_on IS NULL",
        None => "UPDATE message SET stopped_on = ?2 WHERE id = ?1",
    };
    tx.exec(sql, params![message, on]).map(drop)
}

/// Whoever pressed the link of their message of a mailing to have no more of it, with the day.
///
/// # Errors
/// Whatever the database says.
pub fn stopped_of(tx: &Tx<'_>, mailing: MailingId) -> Result<Vec<(Option<PersonId>, Date)>> {
    tx.all(
        "SELECT person_id, stopped_on FROM message WHERE mailing_id = ?1 AND stopped_on IS NOT NULL ORDER BY id",
        params![mailing],
        |row| Ok((row.opt_int(0)?.map(PersonId), row.date(1)?)),
    )
}

/// The messages of a mailing that were refused at the moment of leaving, and why.
///
/// # Errors
/// Whatever the database says.
pub fn refused(tx: &Tx<'_>, mailing: MailingId) -> Result<Vec<(Option<PersonId>, String)>> {
    tx.all(
        "SELECT person_id, refusal FROM message WHERE mailing_id = ?1 AND state = 'refused' ORDER BY id",
        params![mailing],
        |row| Ok((row.opt_int(0)?.map(PersonId), row.opt_text(1)?.unwrap_or_default())),
    )
}

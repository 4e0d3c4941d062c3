//! What came back of the mail we sent: which message, when, and whether nobody has the address or it was refused for another reason;
//! at which of a person's addresses mail comes back until somebody says that it is right, or it is changed; and which mailings pause
//! because too much of them came back. Nothing here decides what follows.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{MailingId, MessageId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Activity, Policy};

use crate::asked::{AT_ONCE, asked, listed};
use crate::normal::Shape;
use crate::{Error, Keys, Result, Row, Tx, Value, line, params, suppression};

/// How many of a person's latest messages are gone through.
const LATEST: u32 = 50;

/// How a message came back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Back {
    /// It was refused, and the next may be taken: a full mailbox, a text that was disliked.
    Soft,
    /// Nobody has the address there.
    Hard,
}

impl Back {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }
}

/// A message of ours that may have come back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sent {
    /// Its row.
    pub message: MessageId,
    /// To whom it went.
    pub person: PersonId,
    /// Part of this mailing.
    pub mailing: Option<MailingId>,
}

fn sent(row: &Row<'_>) -> Result<Option<Sent>> {
    let Some(person) = row.opt_int(1)?.map(PersonId) else { return Ok(None) };
    Ok(Some(Sent { message: MessageId(row.int(0)?), person, mailing: row.opt_int(2)?.map(MailingId) }))
}

/// A message that was handed over, to somebody who is held.
///
/// # Errors
/// Whatever the database says.
pub fn message(tx: &Tx<'_>, message: MessageId) -> Result<Option<Sent>> {
    let sql = "SELECT id, person_id, mailing_id FROM message WHERE id = ?1 AND state IN ('sent', 'uncertain', 'failed')";
    Ok(tx.maybe(sql, params![message], sent)?.flatten())
}

/// The latest message to a person that left for an address since a day.
///
/// # Errors
/// Whatever the database says.
pub fn latest(
    tx: &Tx<'_>,
    keys: &Keys,
    (person, address): (PersonId, &str),
    since: Date,
) -> Result<Option<Sent>> {
    let Some(sought) = suppression::hash(keys, "email", address) else { return Ok(None) };
    let sql = "SELECT id, person_id, mailing_id, address FROM message WHERE person_id = ?1 AND queued_on >= ?2 AND state = 'sent'
        ORDER BY id DESC LIMIT ?3";
    let found =
        tx.all(sql, params![person, since, LATEST], |row| Ok((sent(row)?, row.text(3)?)))?.into_iter();
    let mut there = found.filter(|(_, to)| suppression::hash(keys, "email", to) == Some(sought));
    Ok(there.find_map(|(sent, _)| sent))
}

/// Notes of a message that it came back. Whether that is new: what came back for good stays so.
///
/// # Errors
/// Whatever the database says.
pub fn note(tx: &Tx<'_>, message: MessageId, on: Date, back: Back) -> Result<bool> {
    let before = match back {
        Back::Soft => "bounce IS NULL",
        Back::Hard => "(bounce IS NULL OR bounce = 'soft')",
    };
    let sql = format!("UPDATE message SET bounced_on = ?2, bounce = ?3 WHERE id = ?1 AND {before}");
    Ok(tx.exec(&sql, params![message, on, back.name()])? > 0)
}

/// On how many days in a row, to the latest on which something came back, all that was written to a message's address came back.
///
/// # Errors
/// [`Error::Missing`] if there is no such message.
pub fn days_in_a_row(tx: &Tx<'_>, keys: &Keys, of: Sent) -> Result<usize> {
    let Some(sought) = suppression::hash(keys, "email", &address(tx, of.message)?) else { return Ok(0) };
    let sql = "SELECT address, queued_on, bounced_on FROM message WHERE person_id = ?1 AND state IN ('sent', 'failed')
        AND (state = 'sent' OR bounced_on IS NOT NULL) ORDER BY id DESC LIMIT ?2";
    let all = tx.all(sql, params![of.person, LATEST], |row| {
        Ok((row.text(0)?, row.date(1)?, row.opt_date(2)?.is_some()))
    })?;
    let there = all.into_iter().filter(|(to, ..)| suppression::hash(keys, "email", to) == Some(sought));
    // What was written since may still come back.
    let since = there.skip_while(|(_, _, back)| !back);
    let days: BTreeSet<Date> = since.take_while(|(_, _, back)| *back).map(|(_, on, _)| on).collect();
    Ok(days.len())
}

/// Notes at a person's address, the one a message went to or one that is named, that mail to it comes back. Whether it is theirs.
///
/// # Errors
/// Whatever the database says.
pub fn mark(tx: &Tx<'_>, keys: &Keys, person: PersonId, address: &str, on: Date) -> Result<bool> {
    let Some(sought) = suppression::hash(keys, "email", address) else { return Ok(false) };
    let theirs = "SELECT id, kind, value FROM item WHERE person_id = ?1 ORDER BY id";
    let theirs = tx.all(theirs, params![person], |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?)))?;
    let mut marked = false;
    for (item, kind, value) in theirs {
        if Shape::of(&kind) == Shape::Email && suppression::hash(keys, &kind, &value) == Some(sought) {
            tx.exec("UPDATE item SET bounced_on = ?2 WHERE id = ?1", params![item, on])?;
            marked = true;
        }
    }
    Ok(marked)
}

/// The address that a message went to.
fn address(tx: &Tx<'_>, message: MessageId) -> Result<String> {
    tx.one("SELECT address FROM message WHERE id = ?1", params![message], |row| row.text(0))
}

/// As [`mark`], of the address that a message went to.
///
/// # Errors
/// [`Error::Missing`] if there is no such message.
pub fn mark_of(tx: &Tx<'_>, keys: &Keys, of: Sent, on: Date) -> Result<bool> {
    let address = address(tx, of.message)?;
    mark(tx, keys, of.person, &address, on)
}

/// Somebody says that a person's addresses are right: mail to them counts as arriving until the next comes back. How many it was
/// that mail came back at.
///
/// # Errors
/// Whatever the database says.
pub fn confirm(tx: &Tx<'_>, person: PersonId) -> Result<u64> {
    let sql = "UPDATE item SET bounced_on = NULL WHERE person_id = ?1 AND bounced_on IS NOT NULL";
    tx.exec(sql, params![person])
}

/// Since when mail comes back to those of some people, asked for in ascending order, of whom that is so at the address that mail for an
/// activity goes to.
///
/// # Errors
/// Whatever the database says.
pub fn of_people(
    tx: &Tx<'_>,
    policy: &Policy,
    activity: &Activity,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Date>> {
    let mut found = BTreeMap::new();
    if !tx.any("SELECT 1 FROM item WHERE bounced_on IS NOT NULL LIMIT 1", &[])? {
        return Ok(found);
    }
    for asked in asked(tx, people)? {
        let sql = asked.sql(
            "SELECT person_id, kind, normal, bounced_on FROM item WHERE bounced_on IS NOT NULL AND person_id {people} ORDER BY person_id, id",
        );
        let mut back: BTreeMap<PersonId, Vec<(String, Date)>> = BTreeMap::new();
        tx.each(&sql, &asked.values, |row| {
            if Shape::of(row.str(1)?) == Shape::Email {
                back.entry(PersonId(row.int(0)?)).or_default().push((row.text(2)?, row.date(3)?));
            }
            Ok::<(), Error>(())
        })?;
        if back.is_empty() {
            continue;
        }
        let goes_to = line::addresses(tx, policy, activity, &asked, |person| back.contains_key(&person))?;
        for (person, address) in goes_to {
            let on = back.get(&person).and_then(|back| back.iter().find(|(at, _)| *at == address.normal));
            found.extend(on.map(|(_, on)| (person, *on)));
        }
    }
    Ok(found)
}

/// Since when mail comes back at the address that a message goes to, where it is one of its person's: of messages to several people, each
/// by whom it is for.
///
/// # Errors
/// Whatever the database says.
pub fn of_messages(
    tx: &Tx<'_>,
    keys: &Keys,
    messages: &[(PersonId, MessageId)],
) -> Result<BTreeMap<PersonId, Date>> {
    let mut found = BTreeMap::new();
    for some in messages.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|(person, _)| Value::from(*person)));
        let sql = format!(
            "SELECT person_id, kind, value, bounced_on FROM item WHERE bounced_on IS NOT NULL AND person_id IN ({list}) ORDER BY id"
        );
        let mut back: BTreeMap<PersonId, Vec<_>> = BTreeMap::new();
        tx.each(&sql, &values, |row| {
            if let Some(there) = suppression::hash(keys, row.str(1)?, row.str(2)?) {
                back.entry(PersonId(row.int(0)?)).or_default().push((there, row.date(3)?));
            }
            Ok::<(), Error>(())
        })?;
        if back.is_empty() {
            continue;
        }
        let (values, list) = listed(some.iter().map(|(_, message)| Value::from(*message)));
        let sql = format!("SELECT id, address FROM message WHERE id IN ({list})");
        let mut goes_to = BTreeMap::new();
        tx.each(&sql, &values, |row| {
            goes_to.insert(MessageId(row.int(0)?), suppression::hash(keys, "email", row.str(1)?));
            Ok::<(), Error>(())
        })?;
        for (person, message) in some {
            let (Some(back), Some(Some(to))) = (back.get(person), goes_to.get(message)) else { continue };
            found.extend(back.iter().find(|(there, _)| there == to).map(|(_, on)| (*person, *on)));
        }
    }
    Ok(found)
}

/// How many messages of a mailing were handed over since an instant, and how many of them came back.
///
/// # Errors
/// Whatever the database says.
pub fn share(tx: &Tx<'_>, mailing: MailingId, since: Option<Timestamp>) -> Result<(i64, i64)> {
    // It is asked at each that comes back, of however many: those few, and what an index counts by itself.
    let back = "SELECT COUNT(*), COUNT(CASE WHEN state <> 'sent' THEN 1 END) FROM message
        WHERE mailing_id = ?1 AND bounced_on IS NOT NULL AND claimed_at > ?2";
    let from = since.unwrap_or(Timestamp::UNIX_EPOCH);
    let (back, refused) = tx.one(back, params![mailing, from], |row| Ok((row.int(0)?, row.int(1)?)))?;
    let left = "SELECT COUNT(*) FROM message WHERE mailing_id = ?1 AND state = 'sent'";
    let left = match since {
        None => tx.count(left, params![mailing])?,
        Some(since) => tx.count(&format!("{left} AND claimed_at > ?2"), params![mailing, since])?,
    };
    Ok((left + refused, back))
}

/// When and how a message came back, where that is said; and what else kept it from being sent.
pub type Kept = (Option<(Date, Back)>, Option<String>);

/// Whose messages of a mailing could not be sent, or came back later, and why.
///
/// # Errors
/// Whatever the database says.
pub fn of_mailing(tx: &Tx<'_>, mailing: MailingId) -> Result<Vec<(PersonId, Kept)>> {
    let sql =
        "SELECT person_id, bounced_on, bounce, trouble FROM message WHERE mailing_id = ?1 AND person_id IS NOT NULL
        AND (state = 'failed' OR bounced_on IS NOT NULL) ORDER BY id";
    tx.all(sql, params![mailing], |row| {
        let how =
            if row.opt_text(2)?.as_deref() == Some(Back::Hard.name()) { Back::Hard } else { Back::Soft };
        Ok((PersonId(row.int(0)?), (row.opt_date(1)?.map(|on| (on, how)), row.opt_text(3)?)))
    })
}

/// How many messages of a mailing the mail server took that came back later.
///
/// # Errors
/// Whatever the database says.
pub fn later(tx: &Tx<'_>, mailing: MailingId) -> Result<i64> {
    let sql =
        "SELECT COUNT(*) FROM message WHERE mailing_id = ?1 AND state = 'sent' AND bounced_on IS NOT NULL";
    tx.count(sql, params![mailing])
}

/// Lets nothing more of a mailing leave because too much of it came back. Whether anything of it was still to leave.
///
/// # Errors
/// Whatever the database says.
pub fn pause(tx: &Tx<'_>, mailing: MailingId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE mailing SET paused_at = ?2, paused_why = 'came back', version = version + 1
        WHERE id = ?1 AND state = 'queued' AND paused_at IS NULL
        AND EXISTS (SELECT 1 FROM message WHERE message.mailing_id = mailing.id AND message.state IN ('queued', 'claimed'))";
    Ok(tx.exec(sql, params![mailing, now])? > 0)
}

/// Whether a mailing pauses because too much of it came back.
///
/// # Errors
/// Whatever the database says.
pub fn pauses(tx: &Tx<'_>, mailing: MailingId) -> Result<bool> {
    let sql = "SELECT 1 FROM mailing WHERE id = ?1 AND state = 'queued' AND paused_at IS NOT NULL AND paused_why IS NOT NULL";
    tx.any(sql, params![mailing])
}

/// Lets a mailing go on of which too much came back; what comes back from now on is counted anew.
///
/// # Errors
/// [`Error::Missing`] if it does not pause for that.
pub fn go_on(tx: &Tx<'_>, mailing: MailingId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE mailing SET paused_at = NULL, paused_why = NULL, went_on_at = ?2, version = version + 1
        WHERE id = ?1 AND state = 'queued' AND paused_at IS NOT NULL AND paused_why IS NOT NULL";
    match tx.exec(sql, params![mailing, now])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Since when what comes back of a mailing is counted, where somebody let it go on.
///
/// # Errors
/// [`Error::Missing`] if there is no such mailing.
pub fn went_on_at(tx: &Tx<'_>, mailing: MailingId) -> Result<Option<Timestamp>> {
    tx.one("SELECT went_on_at FROM mailing WHERE id = ?1", params![mailing], |row| row.opt_at(0))
}

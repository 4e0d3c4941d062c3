//! Mailings: one text to many people under one activity. Whom it reaches is decided for each of them, before
//! sending and again at the moment of leaving; nobody is ever a member of a mailing.

use std::collections::BTreeSet;

use custody::id::{MailingId, PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::mention::own::Own;
use crate::{Error, Result, Row, Tx, Value, id, params, ring_duty, saved_audience};

/// What a mailing says, and under what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What staff call it.
    pub title: String,
    /// Under which activity, by name: it decides who can be written to.
    pub activity: String,
    /// By which channel, by name: it decides the footer.
    pub channel: String,
    /// The subject.
    pub subject: String,
    /// The text, without the footer.
    pub body: String,
}

/// A mailing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mailing {
    /// Its row.
    pub id: MailingId,
    /// What it says.
    pub draft: Draft,
    /// `draft`, `scheduled`, `queued`, `sent`, `called back`.
    pub state: String,
    /// Who wrote it.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Timestamp,
    /// When it was handed to the outbox.
    pub sent_at: Option<Timestamp>,
    /// When it is to leave, or was, if somebody said so: who may have it is decided then.
    pub leaves_at: Option<Timestamp>,
    /// Who has it leave then.
    pub scheduled_by: Option<StaffId>,
    /// Since when nothing of it leaves until somebody lets it go on.
    pub paused_at: Option<Timestamp>,
    /// How many of its messages leave in a minute at most.
    pub per_minute: Option<i64>,
    /// Which of the addresses that are set up it leaves from, where somebody chose.
    pub sender: Option<String>,
    /// Whether some of its messages are still to be queued.
    pub filling: bool,
    /// For how many people they are, once that is counted.
    pub filling_of: Option<i64>,
    /// Whether some of its messages are still to be called back.
    pub recalling: bool,
    /// Its version.
    pub version: i64,
}

/// What became of a change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It is stored.
    Stored(i64),
    /// Somebody changed it since the version seen: what it says now.
    Conflict(Box<Mailing>),
}

const SELECT: &str = "SELECT id, title, activity, channel, subject, body, state, created_by, created_at, sent_at, version, leaves_at,
    scheduled_by, paused_at, per_minute, sender, filled_to, recalled, filled_of FROM mailing";

fn read(row: &Row<'_>) -> Result<Mailing> {
    Ok(Mailing {
        id: MailingId(row.int(0)?),
        draft: Draft {
            title: row.text(1)?,
            activity: row.text(2)?,
            channel: row.text(3)?,
            subject: row.text(4)?,
            body: row.text(5)?,
        },
        state: row.text(6)?,
        created_by: row.opt_int(7)?.map(StaffId),
        created_at: row.at(8)?,
        sent_at: row.opt_at(9)?,
        version: row.int(10)?,
        leaves_at: row.opt_at(11)?,
        scheduled_by: row.opt_int(12)?.map(StaffId),
        paused_at: row.opt_at(13)?,
        per_minute: row.opt_int(14)?,
        sender: row.opt_text(15)?,
        filling: row.opt_int(16)?.is_some(),
        recalling: row.opt_int(17)?.is_some(),
        filling_of: row.opt_int(18)?,
    })
}

/// Starts a mailing.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, draft: &Draft, by: Option<StaffId>, now: Timestamp) -> Result<MailingId> {
    let mailing = MailingId(id::next());
    tx.exec(
        "INSERT INTO mailing (id, title, activity, channel, subject, body, state, created_by, created_at, version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'draft', ?7, ?8, 1)",
        params![mailing, &draft.title, &draft.activity, &draft.channel, &draft.subject, &draft.body, by, now],
    )?;
    Ok(mailing)
}

/// Changes a draft, if it still is at the version seen.
///
/// # Errors
/// [`Error::Missing`] if there is no such mailing; [`Error::Malformed`] if it is no draft any more.
pub fn set(tx: &Tx<'_>, mailing: MailingId, seen: i64, draft: &Draft) -> Result<Changed> {
    let was = one(tx, mailing)?;
    if was.state != "draft" {
        return Err(Error::Malformed("this mailing has left already: start another".into()));
    }
    if was.version != seen {
        return Ok(Changed::Conflict(Box::new(was)));
    }
    tx.exec(
        "UPDATE mailing SET title = ?2, activity = ?3, channel = ?4, subject = ?5, body = ?6, version = version + 1 WHERE id = ?1",
        params![mailing, &draft.title, &draft.activity, &draft.channel, &draft.subject, &draft.body],
    )?;
    Ok(Changed::Stored(seen + 1))
}

/// Takes somebody's name, addresses and numbers out of a mailing, a draft or one that has left, so that no backup brings them back. Whether it
/// had any.
///
/// # Errors
/// [`Error::Missing`] if there is no such mailing.
pub fn mask(tx: &Tx<'_>, own: &Own, mailing: MailingId, instead: &str) -> Result<bool> {
    let was = one(tx, mailing)?.draft;
    let masked = [&was.title, &was.subject, &was.body].map(|text| own.masked(text, instead));
    let whom = saved_audience::of_mailing(tx, mailing)?.and_then(|whom| own.masked(&whom, instead));
    if masked.iter().all(Option::is_none) && whom.is_none() {
        return Ok(false);
    }
    let [title, subject, body] = masked;
    let (title, subject) = (title.unwrap_or(was.title), subject.unwrap_or(was.subject));
    let body = body.unwrap_or(was.body);
    ring_duty::lost(tx, "mailing", "id = ?1", params![mailing])?;
    tx.exec(
        "UPDATE mailing SET title = ?2, subject = ?3, body = ?4, whom = COALESCE(?5, whom), version = version + 1 WHERE id = ?1",
        params![mailing, &title, &subject, &body, whom],
    )?;
    Ok(true)
}

/// Moves a mailing on: `queued` once its messages are in the outbox, `sent`, `called back`.
///
/// # Errors
/// [`Error::Missing`] if it is not in the state it is moved from: two people pressing send send once.
pub fn moved(tx: &Tx<'_>, mailing: MailingId, from: &str, to: &str, now: Timestamp) -> Result<()> {
    let sql = "UPDATE mailing SET state = ?3, sent_at = COALESCE(sent_at, ?4), version = version + 1 WHERE id = ?1 AND state = ?2";
    match tx.exec(sql, params![mailing, from, to, now])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// How far a mailing to more than a few is in the outbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filling {
    /// Up to whom, in the order of their numbers, those who may have it have their message.
    pub to: PersonId,
    /// Who sends it.
    pub by: StaffId,
    /// When its messages may leave, once all of them are there.
    pub not_before: Timestamp,
    /// For how many people they are, once that is counted.
    pub of: Option<i64>,
}

/// Notes how far a mailing that was handed to the outbox is in it.
///
/// # Errors
/// [`Error::Missing`] if it is not on its way.
pub fn fills(tx: &Tx<'_>, mailing: MailingId, filling: &Filling) -> Result<()> {
    let sql = "UPDATE mailing SET filled_to = ?2, filled_by = ?3, filled_for = ?4, filled_of = ?5 WHERE id = ?1 AND state = 'queued'";
    changed(tx.exec(sql, params![mailing, filling.to, filling.by, filling.not_before, filling.of])?)
}

/// How far a mailing is in the outbox; nothing where it is whole, or was called back.
///
/// # Errors
/// Whatever the database says.
pub fn filling(tx: &Tx<'_>, mailing: MailingId) -> Result<Option<Filling>> {
    tx.maybe(
        "SELECT filled_to, filled_by, filled_for, filled_of FROM mailing WHERE id = ?1 AND state = 'queued' AND filled_to IS NOT NULL",
        params![mailing],
        |row| {
            let (to, by) = (PersonId(row.int(0)?), StaffId(row.int(1)?));
            Ok(Filling { to, by, not_before: row.at(2)?, of: row.opt_int(3)? })
        },
    )
}

/// The mailings that are not whole in the outbox yet, the first first.
///
/// # Errors
/// Whatever the database says.
pub fn fillings(tx: &Tx<'_>) -> Result<Vec<MailingId>> {
    tx.all(
        "SELECT id FROM mailing WHERE state = 'queued' AND filled_to IS NOT NULL ORDER BY id",
        &[],
        |row| Ok(MailingId(row.int(0)?)),
    )
}

/// No more of a mailing is queued: it is whole, or stays a part.
///
/// # Errors
/// Whatever the database says.
pub fn filled(tx: &Tx<'_>, mailing: MailingId) -> Result<()> {
    let sql = "UPDATE mailing SET filled_to = NULL, filled_by = NULL, filled_for = NULL, filled_of = NULL WHERE id = ?1";
    tx.exec(sql, params![mailing]).map(drop)
}

/// Makes a mailing that was handed to the outbox, and of which nothing is in it, a draft again.
///
/// # Errors
/// [`Error::Missing`] if it is not on its way, or has a message.
pub fn draft_again(tx: &Tx<'_>, mailing: MailingId) -> Result<()> {
    filled(tx, mailing)?;
    let sql = "UPDATE mailing SET state = 'draft', sent_at = NULL, leaves_at = NULL, scheduled_by = NULL, paused_at = NULL,
            hurried_at = NULL, version = version + 1 WHERE id = ?1 AND state = 'queued'
            AND NOT EXISTS (SELECT 1 FROM message WHERE message.mailing_id = mailing.id)";
    changed(tx.exec(sql, params![mailing])?)
}

/// Calls every mailing sent of which no message waits any more; none of them pauses. How many.
///
/// # Errors
/// Whatever the database says.
pub fn finish(tx: &Tx<'_>) -> Result<u64> {
    tx.exec(
        "UPDATE mailing SET state = 'sent', paused_at = NULL, version = version + 1 WHERE state = 'queued' AND filled_to IS NULL AND NOT EXISTS
            (SELECT 1 FROM message WHERE message.mailing_id = mailing.id AND message.state IN ('queued', 'claimed'))",
        params![],
    )
}

/// Takes a mailing up again of which messages wait once more. Whether it was at its end.
///
/// # Errors
/// Whatever the database says.
pub fn again(tx: &Tx<'_>, mailing: MailingId) -> Result<bool> {
    let sql = "UPDATE mailing SET state = 'queued', version = version + 1 WHERE id = ?1 AND state = 'sent'";
    Ok(tx.exec(sql, params![mailing])? > 0)
}

/// Says that what waits of a mailing is to leave at once, and what is still to be queued; of its messages it is carried out some at a
/// time ([`crate::message::many::hurry`]).
///
/// # Errors
/// [`Error::Missing`] if it is not on its way.
pub fn hurry(tx: &Tx<'_>, mailing: MailingId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE mailing SET hurried_at = ?2 WHERE id = ?1 AND state = 'queued'";
    changed(tx.exec(sql, params![mailing, now])?)?;
    let coming = "UPDATE mailing SET filled_for = ?2 WHERE id = ?1 AND filled_to IS NOT NULL";
    tx.exec(coming, params![mailing, now]).map(drop)
}

/// Since when what waits of a mailing is to leave at once, while that is still to be carried out of some of it.
///
/// # Errors
/// Whatever the database says.
pub fn hurried(tx: &Tx<'_>, mailing: MailingId) -> Result<Option<Timestamp>> {
    let sql = "SELECT hurried_at FROM mailing WHERE id = ?1 AND hurried_at IS NOT NULL";
    tx.maybe(sql, params![mailing], |row| row.at(0))
}

/// All of a mailing that waits may leave at once.
///
/// # Errors
/// Whatever the database says.
pub fn hurried_whole(tx: &Tx<'_>, mailing: MailingId) -> Result<()> {
    tx.exec("UPDATE mailing SET hurried_at = NULL WHERE id = ?1", params![mailing]).map(drop)
}

/// Calls a mailing back: nothing more of it leaves or is queued. Of its messages it is carried out some at a time.
///
/// # Errors
/// [`Error::Missing`] if it is not on its way.
pub fn call_back(tx: &Tx<'_>, mailing: MailingId, now: Timestamp) -> Result<()> {
    moved(tx, mailing, "queued", "called back", now)?;
    filled(tx, mailing)?;
    tx.exec("UPDATE mailing SET hurried_at = NULL, recalled = 0 WHERE id = ?1", params![mailing]).map(drop)
}

/// How many messages of a mailing were called back by now, while there are more.
///
/// # Errors
/// Whatever the database says.
pub fn recalled(tx: &Tx<'_>, mailing: MailingId) -> Result<Option<i64>> {
    let sql = "SELECT recalled FROM mailing WHERE id = ?1 AND recalled IS NOT NULL";
    tx.maybe(sql, params![mailing], |row| row.int(0))
}

/// Notes how many messages of a mailing were called back by now; nothing where there are no more.
///
/// # Errors
/// Whatever the database says.
pub fn recalls(tx: &Tx<'_>, mailing: MailingId, recalled: Option<i64>) -> Result<()> {
    tx.exec("UPDATE mailing SET recalled = ?2 WHERE id = ?1", params![mailing, recalled]).map(drop)
}

/// The mailings of whose messages something that was said of all that wait is still to be carried out, the first first.
///
/// # Errors
/// Whatever the database says.
pub fn in_steps(tx: &Tx<'_>) -> Result<Vec<MailingId>> {
    let sql = "SELECT id FROM mailing WHERE hurried_at IS NOT NULL OR recalled IS NOT NULL ORDER BY id";
    tx.all(sql, &[], |row| Ok(MailingId(row.int(0)?)))
}

/// Has a draft leave at an instant, if it still is at the version seen.
///
/// # Errors
/// [`Error::Missing`] if it was changed, or is no draft any more.
pub fn schedule(tx: &Tx<'_>, mailing: MailingId, seen: i64, at: Timestamp, by: StaffId) -> Result<()> {
    let sql =
        "UPDATE mailing SET state = 'scheduled', leaves_at = ?3, scheduled_by = ?4, version = version + 1
        WHERE id = ?1 AND state = 'draft' AND version = ?2";
    changed(tx.exec(sql, params![mailing, seen, at, by])?)
}

/// Makes a mailing that is to leave later a draft again.
///
/// # Errors
/// [`Error::Missing`] if it is not waiting for its hour.
pub fn unschedule(tx: &Tx<'_>, mailing: MailingId) -> Result<()> {
    let sql =
        "UPDATE mailing SET state = 'draft', leaves_at = NULL, scheduled_by = NULL, version = version + 1
        WHERE id = ?1 AND state = 'scheduled'";
    changed(tx.exec(sql, params![mailing])?)
}

/// The mailings whose hour to leave has come, the earliest first.
///
/// # Errors
/// Whatever the database says.
pub fn due(tx: &Tx<'_>, now: Timestamp) -> Result<Vec<MailingId>> {
    tx.all(
        "SELECT id FROM mailing WHERE state = 'scheduled' AND leaves_at <= ?1 ORDER BY leaves_at, id",
        params![now],
        |row| Ok(MailingId(row.int(0)?)),
    )
}

/// Notes that the pictures of a draft changed, which whoever looked at it before has not seen.
///
/// # Errors
/// [`Error::Missing`] if it is no draft.
pub fn touched(tx: &Tx<'_>, mailing: MailingId) -> Result<()> {
    let sql = "UPDATE mailing SET version = version + 1 WHERE id = ?1 AND state = 'draft'";
    changed(tx.exec(sql, params![mailing])?)
}

/// Says which address a draft leaves from.
///
/// # Errors
/// [`Error::Missing`] if it is no draft at the version seen.
pub fn leaves_from(tx: &Tx<'_>, mailing: MailingId, seen: i64, sender: &str) -> Result<()> {
    let sql = "UPDATE mailing SET sender = ?3, version = version + 1 WHERE id = ?1 AND version = ?2 AND state = 'draft'";
    changed(tx.exec(sql, params![mailing, seen, sender])?)
}

/// Lets nothing more of a mailing leave until somebody lets it go on.
///
/// # Errors
/// [`Error::Missing`] if it is not leaving, or pauses already.
pub fn pause(tx: &Tx<'_>, mailing: MailingId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE mailing SET paused_at = ?2, paused_why = NULL, version = version + 1
        WHERE id = ?1 AND state = 'queued' AND paused_at IS NULL";
    changed(tx.exec(sql, params![mailing, now])?)
}

/// Lets a mailing go on that pauses.
///
/// # Errors
/// [`Error::Missing`] if it does not pause.
pub fn go_on(tx: &Tx<'_>, mailing: MailingId) -> Result<()> {
    let sql = "UPDATE mailing SET paused_at = NULL, version = version + 1
        WHERE id = ?1 AND state = 'queued' AND paused_at IS NOT NULL";
    changed(tx.exec(sql, params![mailing])?)
}

/// Says how many messages of a mailing leave in a minute at most; nothing for as many as the mail server takes. What it says
/// stays as it was seen, so its version does too.
///
/// # Errors
/// [`Error::Missing`] if nothing of it can leave any more.
pub fn pace(tx: &Tx<'_>, mailing: MailingId, per_minute: Option<i64>) -> Result<()> {
    let sql =
        "UPDATE mailing SET per_minute = ?2 WHERE id = ?1 AND state IN ('draft', 'scheduled', 'queued')";
    changed(tx.exec(sql, params![mailing, per_minute])?)
}

fn changed(rows: u64) -> Result<()> {
    if rows == 0 { Err(Error::Missing) } else { Ok(()) }
}

/// One mailing.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn one(tx: &Tx<'_>, mailing: MailingId) -> Result<Mailing> {
    tx.one(&format!("{SELECT} WHERE id = ?1"), params![mailing], read)
}

/// Which of the addresses that are set up a mailing leaves from, where somebody chose.
///
/// # Errors
/// [`Error::Missing`] if there is none.
pub fn sender(tx: &Tx<'_>, mailing: MailingId) -> Result<Option<String>> {
    tx.one("SELECT sender FROM mailing WHERE id = ?1", params![mailing], |row| row.opt_text(0))
}

/// A page of mailings, the newest first, after one of the page before.
///
/// # Errors
/// Whatever the database says.
pub fn page(tx: &Tx<'_>, after: Option<MailingId>, limit: u32) -> Result<Vec<Mailing>> {
    let after = after.map_or(i64::MAX, |after| after.0);
    tx.all(&format!("{SELECT} WHERE id < ?1 ORDER BY id DESC LIMIT ?2"), params![after, limit], read)
}

/// Whoever has a category on a day, and whoever has a part on work.
const OF_CATEGORY: &str =
    "SELECT person_id FROM person_category WHERE category = ?1 AND annulled_at IS NULL AND since <= ?2
    AND (until IS NULL OR until > ?2)";
const ON_WORK: &str =
    "SELECT p.person_id FROM engagement e JOIN engagement_person p ON p.engagement_id = e.id
    WHERE e.work = ?1 AND p.part = ?2 AND p.since <= ?3 AND (p.until IS NULL OR p.until > ?3)";

/// Whether an audience starts from more people than a few, of whom no more are looked for. Whoever is found again and again for one part,
/// on as much work as that, counts as more.
///
/// # Errors
/// Whatever the database says.
pub fn are_more_than(
    tx: &Tx<'_>,
    categories: &[&str],
    parts: &[(&str, &str)],
    today: Date,
    few: u32,
) -> Result<bool> {
    let (most, limit) = (usize::try_from(few).unwrap_or(usize::MAX), i64::from(few) + 1);
    let mut found = BTreeSet::new();
    let mut take = |sql: &str, values: &[Value<'_>]| {
        let some = tx.all(sql, values, |row| Ok(PersonId(row.int(0)?)))?;
        let more = some.len() > most;
        found.extend(some);
        Ok::<bool, Error>(more || found.len() > most)
    };
    for category in categories {
        if take(&format!("{OF_CATEGORY} LIMIT ?3"), params![*category, today, limit])? {
            return Ok(true);
        }
    }
    for (work, part) in parts {
        if take(&format!("{ON_WORK} LIMIT ?4"), params![*work, *part, today, limit])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everybody an audience starts from: whoever has one of these categories today, by a category or by a part on
/// work that is `(work, part)`. Who of them may be written to is decided for each.
///
/// # Errors
/// Whatever the database says.
pub fn candidates(
    tx: &Tx<'_>,
    categories: &[&str],
    parts: &[(&str, &str)],
    today: Date,
) -> Result<Vec<PersonId>> {
    let mut found = Vec::new();
    let mut take = |row: &Row<'_>| {
        found.push(PersonId(row.int(0)?));
        Ok::<(), Error>(())
    };
    for category in categories {
        tx.each(OF_CATEGORY, params![*category, today], &mut take)?;
    }
    for (work, part) in parts {
        tx.each(ON_WORK, params![*work, *part, today], &mut take)?;
    }
    // Most come in order.
    found.sort();
    found.dedup();
    Ok(found)
}

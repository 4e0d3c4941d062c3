//! Whoever sent us somebody's details gets the link to our notice to pass on: for whom, by which message or by whose hands, and
//! on which day. It tells nobody anything by itself: that we tell people is written down elsewhere, and stays ours to do.

use custody::id::{MessageId, OrganisationId, PersonId, TaskId};
use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::{Error, Result, Tx, Value, id, params, setting};

/// The setting that holds the day from which on it is on record who sent what and got the link for it.
const SINCE: &str = "senders told since";

/// How the link goes to whoever sent the details.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// By a message of ours.
    Message(MessageId),
    /// By somebody's hands.
    Task(TaskId),
}

/// That somebody's details came from somebody else, who gets the link.
#[derive(Clone, Copy, Debug)]
pub struct NewSender<'a> {
    /// Whose details.
    pub person: PersonId,
    /// The organisation that sent them, where that is clear.
    pub organisation: Option<OrganisationId>,
    /// From where, in the words of the policy.
    pub source: &'a str,
    /// The day they came.
    pub on: Date,
    /// How the link goes there.
    pub by: By,
    /// When it did, if it has.
    pub done_on: Option<Date>,
}

/// Writes it down.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn record(tx: &Tx<'_>, new: &NewSender<'_>, now: Timestamp) -> Result<()> {
    let (message, task) = match new.by {
        By::Message(message) => (Some(message), None),
        By::Task(task) => (None, Some(task)),
    };
    tx.exec(
        "INSERT INTO sender_told (id, person_id, organisation_id, source, on_date, message_id, task_id, done_on, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            id::next(), new.person, new.organisation, new.source, new.on, message, task, new.done_on, now
        ],
    )?;
    Ok(())
}

/// Whether it stands written down that this source of somebody's details gets the link, or got it.
///
/// # Errors
/// Whatever the database says.
pub fn stands(
    tx: &Tx<'_>,
    person: PersonId,
    (organisation, source): (Option<OrganisationId>, &str),
) -> Result<bool> {
    tx.any(
        "SELECT 1 FROM sender_told WHERE person_id = ?1 AND source = ?2
            AND COALESCE(organisation_id, -1) = COALESCE(CAST(?3 AS BIGINT), -1)",
        params![person, source, organisation],
    )
}

/// How the same sender gets the link for others whose details came on a day, and when it did.
///
/// # Errors
/// Whatever the database says.
pub fn of_day(
    tx: &Tx<'_>,
    (organisation, source): (Option<OrganisationId>, &str),
    on: Date,
) -> Result<Option<(By, Option<Date>)>> {
    // All of a day have the same: any of them says it, and none need be put in order however many there are.
    let sql = format!(
        "SELECT message_id, task_id, done_on FROM sender_told WHERE on_date = ?1 AND source = ?2 AND {} LIMIT 1",
        if organisation.is_some() { "organisation_id = ?3" } else { "organisation_id IS NULL" }
    );
    let mut values: Vec<Value<'_>> = vec![on.into(), source.into()];
    values.extend(organisation.map(Value::from));
    let found = tx.maybe(&sql, &values, |row| Ok((row.opt_int(0)?, row.opt_int(1)?, row.opt_date(2)?)))?;
    Ok(found.and_then(|(message, task, done)| {
        let by = message.map(|id| By::Message(MessageId(id))).or(task.map(|id| By::Task(TaskId(id))));
        by.map(|by| (by, done))
    }))
}

/// A message with the link left on a day.
///
/// # Errors
/// Whatever the database says.
pub fn left(tx: &Tx<'_>, message: MessageId, on: Date) -> Result<()> {
    let sql = "UPDATE sender_told SET done_on = ?2 WHERE message_id = ?1 AND done_on IS NULL";
    tx.exec(sql, params![message, on]).map(drop)
}

/// Somebody gave them the link on a day.
///
/// # Errors
/// Whatever the database says.
pub fn given_by_hand(tx: &Tx<'_>, task: TaskId, on: Date) -> Result<()> {
    let sql = "UPDATE sender_told SET done_on = ?2 WHERE task_id = ?1 AND done_on IS NULL";
    tx.exec(sql, params![task, on]).map(drop)
}

/// For whom a message has the link, if it has it for anybody: from which organisation, in which words, since which day.
///
/// # Errors
/// Whatever the database says.
pub fn of_message(tx: &Tx<'_>, message: MessageId) -> Result<Option<(Option<OrganisationId>, String, Date)>> {
    let sql =
        "SELECT organisation_id, source, on_date FROM sender_told WHERE message_id = ?1 ORDER BY id LIMIT 1";
    tx.maybe(sql, params![message], |row| {
        Ok((row.opt_int(0)?.map(OrganisationId), row.text(1)?, row.date(2)?))
    })
}

/// A message with the link does not leave: somebody gives it to them.
///
/// # Errors
/// Whatever the database says.
pub fn by_hand_instead(tx: &Tx<'_>, message: MessageId, task: TaskId) -> Result<()> {
    let sql =
        "UPDATE sender_told SET message_id = NULL, task_id = ?2 WHERE message_id = ?1 AND done_on IS NULL";
    tx.exec(sql, params![message, task]).map(drop)
}

/// Notes from which day on that is on record: the day an instance is made, or was brought forward.
///
/// # Errors
/// Whatever the database says.
pub fn since(tx: &Tx<'_>, day: Date) -> Result<()> {
    setting::set(tx, SINCE, &day.to_string())
}

/// Whether it is noted from which day on: not in an instance of an earlier release.
///
/// # Errors
/// Whatever the database says.
pub fn begun(tx: &Tx<'_>) -> Result<bool> {
    Ok(setting::get(tx, SINCE)?.is_some())
}

/// The day from which on that is on record; always, where nothing says otherwise.
///
/// # Errors
/// [`Error::Malformed`] if the setting is no date.
pub fn known_since(tx: &Tx<'_>) -> Result<Date> {
    let Some(text) = setting::get(tx, SINCE)? else { return Ok(date(1, 1, 1)) };
    text.parse().map_err(|_| Error::Malformed("setting senders told since".into()))
}

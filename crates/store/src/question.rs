//! Questions: messages that ask somebody for a yes: on a piece of work to our agreement, or to being written to; before
//! something of theirs ends, whether it shall go on. A
//! question is its message with what it asks and what came back; no answer is no.

use custody::id::{EngagementId, MessageId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Error, Result, Row, Tx, Value, params};

/// What is asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Asks {
    /// That they agree to the agreement in the message.
    Agreement,
    /// That they opt in to an activity, by name.
    OptIn(String),
    /// Whether something of theirs shall go on that ends otherwise.
    Stay,
}

impl Asks {
    /// As the database writes it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Agreement => "agreement".to_owned(),
            Self::OptIn(activity) => format!("opt-in {activity}"),
            Self::Stay => "stay".to_owned(),
        }
    }

    fn named(name: &str) -> Self {
        match name.strip_prefix("opt-in ") {
            Some(activity) => Self::OptIn(activity.to_owned()),
            None if name == "stay" => Self::Stay,
            None => Self::Agreement,
        }
    }
}

/// A question that was put to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// Its message.
    pub message: MessageId,
    /// Whom it asks.
    pub person: PersonId,
    /// On which work, if on any.
    pub engagement: Option<EngagementId>,
    /// What it asks.
    pub asks: Asks,
    /// How far the message is: `queued`, `claimed`, `sent`, `uncertain`, `failed`, `refused`.
    pub state: String,
    /// The day it was written.
    pub queued_on: Date,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// What they answered, and on which day.
    pub answer: Option<(bool, Date)>,
}

const SELECT: &str =
    "SELECT id, person_id, engagement_id, asks, state, queued_on, sent_at, answer, answered_on
    FROM message WHERE asks IS NOT NULL AND person_id IS NOT NULL";

fn read(row: &Row<'_>) -> Result<Question> {
    let answer = row.opt_text(7)?.map(|answer| answer == "yes");
    Ok(Question {
        message: MessageId(row.int(0)?),
        person: PersonId(row.int(1)?),
        engagement: row.opt_int(2)?.map(EngagementId),
        asks: Asks::named(row.str(3)?),
        state: row.text(4)?,
        queued_on: row.date(5)?,
        sent_at: row.opt_at(6)?,
        answer: answer.zip(row.opt_date(8)?),
    })
}

fn some(tx: &Tx<'_>, which: &str, values: &[Value<'_>]) -> Result<Vec<Question>> {
    tx.all(&format!("{SELECT} AND {which} ORDER BY id"), values, read)
}

/// Makes a queued message a question.
///
/// # Errors
/// [`Error::Missing`] if there is no such message.
pub fn mark(tx: &Tx<'_>, message: MessageId, engagement: Option<EngagementId>, asks: &Asks) -> Result<()> {
    let sql = "UPDATE message SET engagement_id = ?2, asks = ?3 WHERE id = ?1";
    match tx.exec(sql, params![message, engagement, asks.name()])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// The question a message asks, if it asks one.
///
/// # Errors
/// Whatever the database says.
pub fn of_message(tx: &Tx<'_>, message: MessageId) -> Result<Option<Question>> {
    Ok(some(tx, "id = ?1", params![message])?.into_iter().next())
}

/// The question whose link is known by these bytes.
///
/// # Errors
/// Whatever the database says.
pub fn by_token(tx: &Tx<'_>, token: &[u8]) -> Result<Option<Question>> {
    Ok(some(tx, "token = ?1", params![token])?.into_iter().next())
}

/// The questions put on a piece of work, the earliest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_engagement(tx: &Tx<'_>, engagement: EngagementId) -> Result<Vec<Question>> {
    some(tx, "engagement_id = ?1", params![engagement])
}

/// Writes down what they answered; a later answer takes the place of an earlier one.
///
/// # Errors
/// [`Error::Missing`] if there is no such question.
pub fn answer(tx: &Tx<'_>, message: MessageId, yes: bool, on: Date) -> Result<()> {
    let said = if yes { "yes" } else { "no" };
    let sql = "UPDATE message SET answer = ?2, answered_on = ?3 WHERE id = ?1 AND asks IS NOT NULL";
    match tx.exec(sql, params![message, said, on])? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// What the link of the last question of a kind to a person is known by.
///
/// # Errors
/// Whatever the database says.
pub fn last_link(tx: &Tx<'_>, person: PersonId, asks: &Asks) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT token FROM message WHERE person_id = ?1 AND asks = ?2 ORDER BY id DESC LIMIT 1";
    Ok(tx.maybe(sql, params![person, asks.name()], |row| row.opt_bytes(0))?.flatten())
}

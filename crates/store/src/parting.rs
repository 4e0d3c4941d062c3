//! Partings: what was said to a person before a ground of theirs ended, by a message or by hand, and what they
//! answered. One row for each ground, end and saying, so that nothing is said twice. Nothing here says anything.

use std::collections::BTreeSet;

use custody::id::{GroundId, MessageId, PersonId, TaskId};
use custody::parting::{self, Says};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use crate::{Error, Result, Row, Tx, id, params};

/// Something about to be said.
#[derive(Clone, Copy, Debug)]
pub struct NewParting<'a> {
    /// To whom.
    pub person: PersonId,
    /// Before the end of which ground.
    pub ground: GroundId,
    /// Under which clause, by its key.
    pub rule: &'a str,
    /// Under which activity, by name.
    pub activity: &'a str,
    /// What.
    pub says: Says,
    /// The last day of the ground.
    pub ends_on: Date,
    /// The message that says it.
    pub message: Option<MessageId>,
    /// The task of saying it by hand.
    pub task: Option<TaskId>,
}

/// Something said, or on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parting {
    /// To whom.
    pub person: PersonId,
    /// Before the end of which ground.
    pub ground: GroundId,
    /// Under which clause, by its key.
    pub rule: String,
    /// Under which activity, by name.
    pub activity: String,
    /// What.
    pub says: Says,
    /// The last day of the ground, as it stood then.
    pub ends_on: Date,
    /// The day it was begun.
    pub recorded_on: Date,
    /// The message that says it.
    pub message: Option<MessageId>,
    /// The task of saying it by hand.
    pub task: Option<TaskId>,
    /// The day it left us, or somebody said it.
    pub said_on: Option<Date>,
    /// What they answered, and on which day.
    pub answer: Option<(bool, Date)>,
}

/// How a consent is recorded that was confirmed by a question's link.
pub const CONFIRMED: &str = "confirmed by the link in our question";

/// How a withdrawal is recorded that was made by a question's link.
pub const DECLINED: &str = "answered no by the link in our question";

const SELECT: &str = "SELECT person_id, ground_id, rule, activity, says, ends_on, recorded_on, message_id, task_id, said_on, answer,
    answered_on FROM parting";

fn read(row: &Row<'_>) -> Result<Parting> {
    let answer = row.opt_text(10)?.map(|answer| answer == "yes");
    Ok(Parting {
        person: PersonId(row.int(0)?),
        ground: GroundId(row.int(1)?),
        rule: row.text(2)?,
        activity: row.text(3)?,
        says: says(row.str(4)?)?,
        ends_on: row.date(5)?,
        recorded_on: row.date(6)?,
        message: row.opt_int(7)?.map(MessageId),
        task: row.opt_int(8)?.map(TaskId),
        said_on: row.opt_date(9)?,
        answer: answer.zip(row.opt_date(11)?),
    })
}

pub(crate) fn says(name: &str) -> Result<Says> {
    Says::named(name).ok_or_else(|| Error::Malformed("what was said before an end".into()))
}

/// Everybody to whom something may have to be said today: an end comes near, or has come, and nothing is begun.
/// What this reads follows what ends soon, not what is held.
///
/// # Errors
/// Whatever the database says.
pub fn due(tx: &Tx<'_>, policy: &Policy, today: Date) -> Result<Vec<PersonId>> {
    let begun = "(SELECT COUNT(*) FROM parting p WHERE p.person_id = g.person_id AND p.ground_id = g.id AND p.ends_on = g.due_on)";
    let mut found = BTreeSet::new();
    let mut look = |row: &Row<'_>| {
        let says = policy.rule_keyed(row.str(1)?).map(parting::of_rule).unwrap_or_default();
        let Ok(due) = row.opt_date(2) else {
            // One date that cannot be read stops nobody else: what is to be said is looked at for this person alone.
            found.insert(PersonId(row.int(0)?));
            return Ok(());
        };
        let comes = |before: jiff::Span| {
            due.is_none_or(|due| due.checked_sub(before).is_ok_and(|from| from <= today))
        };
        let owed = says.iter().filter(|(_, before)| comes(*before)).count();
        if usize::try_from(row.int(3)?).unwrap_or(0) < owed {
            found.insert(PersonId(row.int(0)?));
        }
        Ok::<(), Error>(())
    };
    let sql = format!(
        "SELECT g.person_id, g.rule, g.due_on, {begun} FROM ground g
            WHERE g.state = 'active' AND g.due_on IS NOT NULL AND g.due_on <= ?1 AND g.person_id IS NOT NULL"
    );
    tx.each(&sql, params![parting::horizon(policy, today)], &mut look)?;
    let sql = format!(
        "SELECT g.person_id, g.rule, g.due_on, {begun} FROM ground g
            WHERE g.state = 'stopped' AND g.swept_at IS NULL AND g.stopped_on <= ?1 AND g.person_id IS NOT NULL
                AND (g.cause IN ('due', 'lapsed', 'let go') OR g.cause LIKE 'event %')"
    );
    tx.each(&sql, params![today], &mut look)?;
    Ok(found.into_iter().collect())
}

/// Writes down that something is being said.
///
/// # Errors
/// [`Error::Referred`] if there is no such person.
pub fn begin(tx: &Tx<'_>, new: &NewParting<'_>, today: Date, now: Timestamp) -> Result<()> {
    tx.exec(
        "INSERT INTO parting (id, person_id, ground_id, rule, activity, says, ends_on, recorded_on, recorded_at, message_id, task_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id::next(), new.person, new.ground, new.rule, new.activity, new.says.name(), new.ends_on, today, now, new.message,
            new.task
        ],
    )?;
    Ok(())
}

/// What was said to a person, the earliest first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Parting>> {
    tx.all(&format!("{SELECT} WHERE person_id = ?1 ORDER BY recorded_on, id"), params![person], read)
}

/// What a message says.
///
/// # Errors
/// Whatever the database says.
pub fn of_message(tx: &Tx<'_>, message: MessageId) -> Result<Vec<Parting>> {
    tx.all(&format!("{SELECT} WHERE message_id = ?1 ORDER BY id"), params![message], read)
}

/// Records that a message left: what it says is said.
///
/// # Errors
/// Whatever the database says.
pub fn left(tx: &Tx<'_>, message: MessageId, on: Date) -> Result<()> {
    tx.exec(
        "UPDATE parting SET said_on = ?2 WHERE message_id = ?1 AND said_on IS NULL",
        params![message, on],
    )?;
    Ok(())
}

/// Puts a task in the place of a message that cannot leave.
///
/// # Errors
/// Whatever the database says.
pub fn by_hand(tx: &Tx<'_>, message: MessageId, task: TaskId) -> Result<()> {
    tx.exec(
        "UPDATE parting SET task_id = ?2 WHERE message_id = ?1 AND said_on IS NULL",
        params![message, task],
    )?;
    Ok(())
}

/// Records that somebody said it: the task is done.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn said_by_hand(tx: &Tx<'_>, task: TaskId, on: Date) -> Result<()> {
    tx.exec("UPDATE parting SET said_on = ?2 WHERE task_id = ?1 AND said_on IS NULL", params![task, on])?;
    Ok(())
}

/// Writes down what they answered to a message; a later answer takes the place of an earlier one.
///
/// # Errors
/// Whatever the database says.
pub fn answered(tx: &Tx<'_>, message: MessageId, yes: bool, on: Date) -> Result<()> {
    let said = if yes { "yes" } else { "no" };
    tx.exec(
        "UPDATE parting SET answer = ?2, answered_on = ?3 WHERE message_id = ?1 AND says = 'asked'",
        params![message, said, on],
    )?;
    Ok(())
}

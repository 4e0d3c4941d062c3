//! What came by the public forms: which form, when, which version of the notice was shown with it, as what it was filed, what was
//! ticked, and the task of answering it. What was written stands in the lines and details, and not here.

use custody::id::{EntryId, PersonId, StaffId, TaskId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::reach::Reach;
use crate::{Result, Row, Tx, Value, id, params};

/// What somebody sent by a form, about to be written down.
#[derive(Clone, Copy, Debug)]
pub struct NewSubmission<'a> {
    /// Whose it is filed as.
    pub person: PersonId,
    /// The form, as the policy names it.
    pub form: &'a str,
    /// The day.
    pub on: Date,
    /// The version of the notice that was shown with it.
    pub version: u32,
    /// As what they were filed, as the policy names it.
    pub category: &'a str,
    /// Under which activity, as the policy names it.
    pub activity: &'a str,
    /// The kinds of what was given, as the policy names them.
    pub kinds: &'a [&'a str],
    /// Whether they were here already.
    pub known: bool,
    /// Whether they ticked that they read the notice. It agrees to nothing.
    pub ticked: bool,
    /// The line that says what they wrote.
    pub entry: Option<EntryId>,
    /// Who wrote it down; nobody where whoever it is sent it themselves.
    pub by: Option<StaffId>,
}

/// What somebody sent by a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Submission {
    /// Its row; the reference that whoever wrote was told is made from it.
    pub id: i64,
    /// Whose it is filed as.
    pub person: PersonId,
    /// The form.
    pub form: String,
    /// The day.
    pub on: Date,
    /// The version of the notice that was shown with it.
    pub version: Option<i64>,
    /// As what they were filed.
    pub category: String,
    /// Under which activity.
    pub activity: String,
    /// The kinds of what was given, as the policy names them.
    pub kinds: Vec<String>,
    /// Whether they were here already.
    pub known: bool,
    /// Whether they ticked that they read the notice.
    pub ticked: bool,
    /// The line that says what they wrote.
    pub entry: Option<EntryId>,
    /// The task of answering it.
    pub task: Option<TaskId>,
    /// When it was written down.
    pub recorded_at: Timestamp,
}

const SELECT: &str = "SELECT id, person_id, form, on_date, notice_version, category, activity, kinds, known, ticked, entry_id, task_id,
    recorded_at FROM submission";

fn read(row: &Row<'_>) -> Result<Submission> {
    Ok(Submission {
        id: row.int(0)?,
        person: PersonId(row.int(1)?),
        form: row.text(2)?,
        on: row.date(3)?,
        version: row.opt_int(4)?,
        category: row.text(5)?,
        activity: row.text(6)?,
        kinds: row.str(7)?.split(", ").filter(|kind| !kind.is_empty()).map(str::to_owned).collect(),
        known: row.bool(8)?,
        ticked: row.bool(9)?,
        entry: row.opt_int(10)?.map(EntryId),
        task: row.opt_int(11)?.map(TaskId),
        recorded_at: row.at(12)?,
    })
}

/// Writes down what somebody sent. The number of its row.
///
/// # Errors
/// [`crate::Error::Referred`] if there is no such person.
pub fn add(tx: &Tx<'_>, new: &NewSubmission<'_>, now: Timestamp) -> Result<i64> {
    let made = id::next();
    let kinds = new.kinds.join(", ");
    tx.exec(
        "INSERT INTO submission (id, person_id, form, on_date, notice_version, category, activity, kinds, known, ticked, entry_id,
            recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            made, new.person, new.form, new.on, new.version, new.category, new.activity, &kinds, new.known, new.ticked, new.entry,
            new.by, now
        ],
    )?;
    Ok(made)
}

/// Says which task answers it.
///
/// # Errors
/// Whatever the database says.
pub fn answered_by(tx: &Tx<'_>, submission: i64, task: TaskId) -> Result<()> {
    tx.exec("UPDATE submission SET task_id = ?2 WHERE id = ?1", params![submission, task])?;
    Ok(())
}

/// What came by a form, the first first.
///
/// # Errors
/// Whatever the database says.
pub fn of_form(tx: &Tx<'_>, form: &str) -> Result<Vec<Submission>> {
    tx.all(&format!("{SELECT} WHERE form = ?1 ORDER BY id"), params![form], read)
}

/// What somebody sent, the first first.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Submission>> {
    tx.all(&format!("{SELECT} WHERE person_id = ?1 ORDER BY on_date, id"), params![person], read)
}

/// Whose it is that has a reference, as whoever wrote was told it, if they are within reach.
///
/// # Errors
/// Whatever the database says.
pub fn referred(tx: &Tx<'_>, reference: &str, reach: &Reach) -> Result<Option<PersonId>> {
    let Some(sent) = id::referred(reference) else { return Ok(None) };
    let mut params: Vec<Value<'static>> = vec![sent.into()];
    let within = reach.sql("s.person_id", &mut params);
    let sql = format!("SELECT s.person_id FROM submission s WHERE s.id = ?1 AND {within}");
    tx.maybe(&sql, &params, |row| row.int(0).map(PersonId))
}

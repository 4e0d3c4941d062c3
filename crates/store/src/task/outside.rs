//! What is to be done by hand outside: an original given back, a copy delivered, paper destroyed, a text masked or looked through. No restore
//! makes it undone or unasked: each such task is noted for the safe whenever it changes. It never says that anything is done.

use custody::id::TaskId;
use jiff::civil::Date;

use super::{Kind, SELECT, Task, read};
use crate::{Result, Tx, Value, params, ring_duty};

/// Kinds of what is to be done by hand outside, whatever becomes of the database: every restore brings such a task as it stands. That a
/// recipient is to be told is made out anew of what was passed on and what was erased.
const OUTSIDE: &[Kind] = &[Kind::DestroyPaper, Kind::Return, Kind::Deliver, Kind::Mask];

/// Whether a task of a kind of this name is to be done outside.
pub(crate) fn is_outside(kind: &str) -> bool {
    OUTSIDE.contains(&Kind::named(kind))
}

/// A task was made or changed: if it is to be done outside, every restore must bring it.
pub(super) fn kept(tx: &Tx<'_>, task: TaskId) -> Result<()> {
    kept_where(tx, "id = ?1", params![task])
}

/// The same of the tasks under a condition that are about to change, or have.
pub(crate) fn kept_where(tx: &Tx<'_>, condition: &str, values: &[Value<'_>]) -> Result<()> {
    let kinds: Vec<String> = OUTSIDE.iter().map(|kind| format!("'{}'", kind.name())).collect();
    ring_duty::kept(tx, "task", &format!("({condition}) AND kind IN ({})", kinds.join(", ")), values)
}

/// The open tasks of masking a text once nothing keeps it as it is any more.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn masking(tx: &Tx<'_>) -> Result<Vec<Task>> {
    tx.all(&format!("{SELECT} WHERE done_on IS NULL AND mask IS NOT NULL ORDER BY +id"), &[], read)
}

/// Leaves a text that was to be masked by itself to somebody who looks through it.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn look_through(tx: &Tx<'_>, task: TaskId, what: &str, due_on: Date) -> Result<()> {
    tx.exec(
        "UPDATE task SET mask = NULL, what = ?2, due_on = ?3 WHERE id = ?1",
        params![task, what, due_on],
    )?;
    kept(tx, task)
}

//! What is put right because somebody asks for it: each change is a step of their request, by what was changed, and so is a note of
//! what they say beside what stays as it is. Nothing here changes what is held.

use custody::id::{EntryId, LetterId, PersonId, RequestId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Result, Tx, id, params};

/// The step that says that something was put right; its note says what.
pub const CORRECTED: &str = "corrected";

/// The step that says that such a change was taken back.
pub const UNCORRECTED: &str = "correction taken back";

/// The step that says that what they say stands beside what we hold; its note says in which kind of line.
pub const NOTED: &str = "correction note";

/// The open requests of a person to be corrected, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn correcting(tx: &Tx<'_>, person: PersonId) -> Result<Vec<RequestId>> {
    let sql = "SELECT id FROM request WHERE person_id = ?1 AND kind = 'rectification' AND closed_on IS NULL ORDER BY received_on, id";
    tx.all(sql, params![person], |row| Ok(RequestId(row.int(0)?)))
}

/// Whether a request's steps say that something of this kind was put right, and not that all of it was taken back.
///
/// # Errors
/// Whatever the database says.
pub fn stands_corrected(tx: &Tx<'_>, request: RequestId, kind: &str) -> Result<bool> {
    let count = |step: &str| {
        let sql = "SELECT COUNT(*) FROM request_step WHERE request_id = ?1 AND step = ?2 AND note = ?3";
        tx.count(sql, params![request, step, kind])
    };
    Ok(count(CORRECTED)? > count(UNCORRECTED)?)
}

/// Writes down on a request that what they say stands in a line, of this kind, beside what we hold.
///
/// # Errors
/// [`crate::Error::Referred`] if there is no such request.
pub fn noted(
    tx: &Tx<'_>,
    request: RequestId,
    on: Date,
    (kind, line): (&str, EntryId),
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    tx.exec(
        "INSERT INTO request_step (id, request_id, on_date, step, note, entry_id, recorded_by, recorded_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![id::next(), request, on, NOTED, kind, line, by, now],
    )?;
    tx.exec("UPDATE request SET version = version + 1 WHERE id = ?1", params![request])?;
    Ok(())
}

/// Whether a line that was written for a request, with what they say, is there.
///
/// # Errors
/// Whatever the database says.
pub fn stands_noted(tx: &Tx<'_>, request: RequestId) -> Result<bool> {
    let sql = "SELECT 1 FROM request_step s JOIN entry e ON e.id = s.entry_id WHERE s.request_id = ?1 AND s.step = ?2";
    tx.any(sql, params![request, NOTED])
}

/// Whether something was put right, taken back or noted on a request after what was written about it.
///
/// # Errors
/// Whatever the database says.
pub fn corrected_since(tx: &Tx<'_>, request: RequestId, letter: LetterId) -> Result<bool> {
    let sql = "SELECT 1 FROM request_step WHERE request_id = ?1 AND step IN (?2, ?3, ?4) AND id > ?5";
    tx.any(sql, params![request, CORRECTED, UNCORRECTED, NOTED, letter.0])
}

//! What goes into the copy of somebody's data, of texts that also speak of somebody else: included or withheld,
//! with the reason. A choice is about the text as it was read; once the text changes it has to be read again.

use custody::id::{EntryId, RequestId, StaffId};
use jiff::civil::Date;

use crate::{Result, Tx, id, params, ring_duty};

/// A choice that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    /// About which text.
    pub entry: EntryId,
    /// Of which version.
    pub version: i64,
    /// Whether it goes into the copy.
    pub included: bool,
    /// Why, for the person who asked.
    pub reason: String,
}

/// Writes a choice down, in place of an earlier one about the same text.
///
/// # Errors
/// [`crate::Error::Referred`] if there is no such request.
pub fn choose(tx: &Tx<'_>, request: RequestId, choice: &Choice, on: Date, by: Option<StaffId>) -> Result<()> {
    let before = "request_id = ?1 AND entry_id = ?2";
    ring_duty::delete(tx, "pack_choice", before, params![request, choice.entry])?;
    tx.exec(
        "INSERT INTO pack_choice (id, request_id, entry_id, entry_version, included, reason, on_date, recorded_by)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![id::next(), request, choice.entry, choice.version, choice.included, &choice.reason, on, by],
    )?;
    Ok(())
}

/// The choices made for a request.
///
/// # Errors
/// Whatever the database says.
pub fn of_request(tx: &Tx<'_>, request: RequestId) -> Result<Vec<Choice>> {
    tx.all(
        "SELECT entry_id, entry_version, included, reason FROM pack_choice WHERE request_id = ?1 ORDER BY entry_id",
        params![request],
        |row| {
            Ok(Choice {
                entry: EntryId(row.int(0)?),
                version: row.int(1)?,
                included: row.bool(2)?,
                reason: row.text(3)?,
            })
        },
    )
}

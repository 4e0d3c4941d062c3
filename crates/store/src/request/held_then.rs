//! What was held when somebody asked for a copy and is changed or removed before they have it: it stands in the copy as it was, with
//! the reason, and goes once they are answered.

use custody::id::{PersonId, RequestId, StaffId};
use jiff::civil::Date;

use super::Kind;
use crate::{Result, Tx, id, params, ring_duty};

/// The step that says that something was changed while its person waited.
pub const CHANGED: &str = "changed while they waited";

/// The step that says that something was removed while its person waited.
pub const REMOVED: &str = "removed while they waited";

/// A request for a copy that its person still waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Awaited {
    /// The request.
    pub request: RequestId,
    /// The day it reached us.
    pub received_on: Date,
}

/// The requests for a copy that a person still waits for, the oldest first.
///
/// # Errors
/// Whatever the database says.
pub fn awaited(tx: &Tx<'_>, person: PersonId) -> Result<Vec<Awaited>> {
    let sql = "SELECT id, received_on FROM request WHERE person_id = ?1 AND kind = ?2 AND answered_on IS NULL AND closed_on IS NULL
        ORDER BY received_on, id";
    tx.all(sql, params![person, Kind::Access.name()], |row| {
        Ok(Awaited { request: RequestId(row.int(0)?), received_on: row.date(1)? })
    })
}

/// A row that is about to change or go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Touched<'a> {
    /// `item` or `entry`.
    pub origin: &'static str,
    /// Its number.
    pub row: i64,
    /// Its kind, by name.
    pub kind: &'a str,
    /// `changed` or `removed`.
    pub how: &'static str,
    /// Why.
    pub why: &'a str,
}

/// Keeps what such a row says for a request, as it stood when it was asked for: once, however often it changes afterwards. Why is
/// kept each time.
///
/// # Errors
/// Whatever the database says.
pub fn keep_then(
    tx: &Tx<'_>,
    request: RequestId,
    touched: &Touched<'_>,
    on: Date,
    by: Option<StaffId>,
) -> Result<()> {
    let (table, value) = if touched.origin == "item" { ("item", "value") } else { ("entry", "body") };
    let sql = format!(
        "INSERT INTO held_then (id, request_id, kind, how, on_date, value, why, origin, row_id, recorded_by)
            SELECT ?1, ?2, ?3, ?4, ?5, CASE WHEN EXISTS (SELECT 1 FROM held_then h WHERE h.request_id = ?2 AND h.origin = ?7
                AND h.row_id = t.id) THEN '' ELSE t.{value} END, ?6, ?7, t.id, ?9 FROM {table} AS t WHERE t.id = ?8"
    );
    tx.exec(
        &sql,
        params![
            id::next(),
            request,
            touched.kind,
            touched.how,
            on,
            touched.why,
            touched.origin,
            touched.row,
            by
        ],
    )?;
    Ok(())
}

/// How many rows of what was held are kept so for a request.
///
/// # Errors
/// Whatever the database says.
pub fn kept_then(tx: &Tx<'_>, request: RequestId) -> Result<i64> {
    tx.count(
        "SELECT COUNT(*) FROM (SELECT DISTINCT origin, row_id FROM held_then WHERE request_id = ?1) AS kept",
        params![request],
    )
}

/// They have their answer, or are erased: nothing is kept for it any more.
pub(crate) fn forget_then(tx: &Tx<'_>, condition: &str, values: &[crate::Value<'_>]) -> Result<()> {
    ring_duty::delete(tx, "held_then", condition, values)?;
    Ok(())
}

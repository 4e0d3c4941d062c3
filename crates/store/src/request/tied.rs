//! Whose a request is where nobody was known by what was given: it is written down for somebody new of whom nothing else is
//! held, until somebody here says whose it is. That can be taken back, and whoever it was tied to by a slip keeps nothing of it.

use custody::id::{PersonId, RequestId};
use jiff::civil::Date;

use crate::{Error, Result, Tx, params, ring_duty};

/// The step that says that nobody was known by what they gave.
pub const UNKNOWN: &str = "nobody known by this";

/// The step that says whose it is, with how we know.
pub const TIED: &str = "said whose it is";

/// The step that takes that back.
pub const UNTIED: &str = "not theirs after all";

/// What hangs on a request and names whose it is.
const WITH_IT: &[&str] = &["letter", "task", "message"];

/// Writes down that nobody is known by what was given.
///
/// # Errors
/// [`Error::Missing`] if there is no such open request.
pub fn unknown(tx: &Tx<'_>, request: RequestId, on: Date) -> Result<()> {
    let sql = "UPDATE request SET unknown_since = ?2 WHERE id = ?1 AND closed_on IS NULL";
    once(tx.exec(sql, params![request, on])?)
}

/// Gives a request of nobody known to whoever it is of, with what hangs on it. Their initials and organisation are those of its
/// register from now on. Whoever it was written down for is left with nothing of it; the caller settles both.
///
/// # Errors
/// [`Error::Missing`] unless it is open and nobody's yet.
pub fn tie(
    tx: &Tx<'_>,
    request: RequestId,
    (person, initials, organisation): (PersonId, &str, Option<&str>),
    on: Date,
) -> Result<()> {
    let sql = "UPDATE request SET person_id = ?2, tied_from = COALESCE(initials, ''), initials = ?3, organisation = ?4,
        unknown_since = NULL, tied_on = ?5, version = version + 1 WHERE id = ?1 AND closed_on IS NULL AND unknown_since IS NOT NULL";
    once(tx.exec(sql, params![request, person, initials, organisation, on])?)?;
    ring_duty::delete(tx, "objection", "request_id = ?1 AND person_id <> ?2", params![request, person])?;
    with_it(tx, request, person)
}

/// Takes it back, or off whoever it was filed to by an address that several share: the request is somebody new's again, under `name`
/// and `initials` where those it has are of the one it is taken off, and what was decided for their copy goes.
///
/// # Errors
/// [`Error::Missing`] unless it is open and somebody's.
pub fn untie(
    tx: &Tx<'_>,
    request: RequestId,
    nobody: PersonId,
    (name, initials): (&str, &str),
    on: Date,
) -> Result<()> {
    ring_duty::lost(tx, "request", "id = ?1 AND asked_by IS NOT NULL", params![request])?;
    let sql = "UPDATE request SET person_id = ?2, organisation = NULL, unknown_since = ?3,
        asked_by = CASE WHEN asked_by IS NULL OR tied_on IS NOT NULL OR channel = 'form' THEN asked_by ELSE ?4 END,
        initials = CASE WHEN tied_on IS NOT NULL THEN tied_from WHEN channel = 'form' THEN initials ELSE ?5 END,
        tied_on = NULL, tied_from = NULL, version = version + 1 WHERE id = ?1 AND closed_on IS NULL AND unknown_since IS NULL";
    once(tx.exec(sql, params![request, nobody, on, name, initials])?)?;
    for table in ["pack_choice", "redaction", "objection"] {
        ring_duty::delete(tx, table, "request_id = ?1", params![request])?;
    }
    with_it(tx, request, nobody)
}

fn with_it(tx: &Tx<'_>, request: RequestId, person: PersonId) -> Result<()> {
    for table in WITH_IT {
        let sql =
            format!("UPDATE {table} SET person_id = ?2 WHERE request_id = ?1 AND person_id IS NOT NULL");
        tx.exec(&sql, params![request, person])?;
    }
    Ok(())
}

fn once(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Missing) }
}

//! Whose a request is where nobody was known by what was given: it is written down for somebody new of whom nothing else is
//! held, until somebody here says whose it is. That can be taken back, and whoever it was tied to by a slip keeps nothing of it.

use custody::id::{PersonId, RequestId};
use jiff::civil::Date;

use super::{CHANGED, CORRECTED, MOVES, NOTED, REMOVED, UNCORRECTED, forget_then};
use crate::{Error, Result, Tx, params, ring_duty};

/// The step that says that nobody was known by what they gave.
pub const UNKNOWN: &str = "nobody known by this";

/// The step that says whose it is, with how we know.
pub const TIED: &str = "said whose it is";

/// The step that takes that back.
pub const UNTIED: &str = "not theirs after all";

/// The name that stands where the one that was written down is somebody else's.
pub const SOMEBODY: &str = "Somebody else";

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
    with_it(tx, request, person, i64::MAX)?;
    let sql = "UPDATE request SET person_id = ?2, tied_from = COALESCE(initials, ''), initials = ?3, organisation = ?4,
        unknown_since = NULL, tied_on = ?5, version = version + 1 WHERE id = ?1 AND closed_on IS NULL AND unknown_since IS NOT NULL";
    once(tx.exec(sql, params![request, person, initials, organisation, on])?)?;
    ring_duty::delete(tx, "objection", "request_id = ?1 AND person_id <> ?2", params![request, person])?;
    Ok(())
}

/// Takes it back, or off whoever it was filed to by an address that several share: the request is somebody new's again, under `name`
/// and `initials` where those it has are of the one it is taken off. What was decided and kept for their copy goes, with what the steps
/// say of them; letters that left to them stay theirs.
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
    let theirs = tied_at(tx, "request", request.0)?;
    let to_tell = "request_id = ?1 AND kind = 'tell recipient' AND done_on IS NULL";
    ring_duty::delete(tx, "task", to_tell, params![request])?;
    with_it(tx, request, nobody, theirs)?;
    forget_then(tx, "request_id = ?1", params![request])?;
    // What of theirs changed is no business of whoever gets it, and neither is that it did.
    let touched = format!(
        "request_id = ?1 AND step IN ('{CHANGED}', '{REMOVED}', '{CORRECTED}', '{UNCORRECTED}', '{NOTED}')"
    );
    ring_duty::delete(tx, "request_step", &touched, params![request])?;
    // Why its day moved, and why it was taken off somebody, the register keeps.
    let said = format!(
        "request_id = ?1 AND note IS NOT NULL AND step NOT IN ('{}', '{UNTIED}')",
        MOVES.join("', '")
    );
    ring_duty::lost(tx, "request_step", &said, params![request])?;
    tx.exec(&format!("UPDATE request_step SET note = NULL WHERE {said}"), params![request])?;
    ring_duty::lost(tx, "request", "id = ?1 AND asked_by IS NOT NULL", params![request])?;
    let sql = "UPDATE request SET person_id = ?2, organisation = NULL, unknown_since = ?3,
        asked_by = CASE WHEN asked_by IS NULL OR tied_on IS NOT NULL OR channel = 'form' THEN asked_by ELSE ?4 END,
        initials = CASE WHEN tied_on IS NOT NULL THEN tied_from WHEN channel = 'form' THEN initials ELSE ?5 END,
        tied_on = NULL, tied_from = NULL, version = version + 1 WHERE id = ?1 AND closed_on IS NULL AND unknown_since IS NULL";
    once(tx.exec(sql, params![request, nobody, on, name, initials])?)?;
    for table in ["pack_choice", "redaction", "objection"] {
        ring_duty::delete(tx, table, "request_id = ?1", params![request])?;
    }
    Ok(())
}

/// What hangs on a request and is of whoever has it goes on to whoever gets it, but for what [`letters`] leaves with them.
fn with_it(tx: &Tx<'_>, request: RequestId, to: PersonId, theirs: i64) -> Result<()> {
    letters(tx, "request", request.0, to, theirs)?;
    let its = "request_id = ?1 AND person_id = (SELECT q.person_id FROM request q WHERE q.id = ?1)";
    let messages = format!(
        "UPDATE message SET person_id = ?2 WHERE {its} AND NOT EXISTS (SELECT 1 FROM letter l WHERE l.message_id = message.id)"
    );
    tx.exec(&messages, params![request, to])?;
    // Whom we passed on to is of whoever it was about.
    let tasks = format!("UPDATE task SET person_id = ?2 WHERE {its} AND kind <> 'tell recipient'");
    tx.exec(&tasks, params![request, to])?;
    Ok(())
}

/// Since which step a request or a complaint, as `what` says, is whose it is by the last that said so; 0 where none did.
pub(crate) fn tied_at(tx: &Tx<'_>, what: &str, id: i64) -> Result<i64> {
    let sql = format!("SELECT COALESCE(MAX(id), 0) FROM {what}_step WHERE {what}_id = ?1 AND step = ?2");
    tx.count(&sql, params![id, TIED])
}

/// The letters about a request or a complaint, as `what` says, go on with their messages to whoever gets it. From `theirs` on a draft
/// to whoever had it goes to nobody, and one that has left stays with them.
pub(crate) fn letters(tx: &Tx<'_>, what: &str, id: i64, to: PersonId, theirs: i64) -> Result<()> {
    let drafts = format!("{what}_id = ?1 AND sent_on IS NULL AND id > ?2");
    ring_duty::delete(tx, "letter", &drafts, params![id, theirs])?;
    let its = format!("person_id = (SELECT c.person_id FROM {what} c WHERE c.id = ?1)");
    let letters = format!(
        "UPDATE letter SET person_id = ?2 WHERE {what}_id = ?1 AND {its} AND (sent_on IS NULL OR id < ?3)"
    );
    tx.exec(&letters, params![id, to, theirs])?;
    let messages = format!(
        "UPDATE message SET person_id = ?2 WHERE {its} AND id IN (SELECT l.message_id FROM letter l
            WHERE l.{what}_id = ?1 AND l.person_id = ?2 AND l.message_id IS NOT NULL)"
    );
    tx.exec(&messages, params![id, to])?;
    Ok(())
}

fn once(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::Missing) }
}

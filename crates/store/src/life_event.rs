//! What happens in a person's life with us that a period counts from: they left their organisation, their number
//! changed. Dates and names only; the names are those of [`policy::phrase::PERSON_EVENTS`] and what the policy declares.

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::phrase::PERSON_EVENTS;

use crate::{Error, Result, Tx, id, params};

/// Records that something happened. The caller settles the person's grounds afterwards.
///
/// # Errors
/// [`Error::Malformed`] if neither the language nor the policy knows such an event; [`Error::Referred`] if there is no such person.
pub fn record(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    name: &str,
    on: Date,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<i64> {
    let declared = policy.events.iter().any(|event| event.name == name);
    if !declared && !PERSON_EVENTS.iter().any(|(known, _)| *known == name) {
        return Err(Error::Malformed(format!("the policy names no event `{name}`")));
    }
    let event = id::next();
    tx.exec(
        "INSERT INTO life_event (id, person_id, name, on_date, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![event, person, name, on, by, now],
    )?;
    Ok(event)
}

/// Takes an event back: it was recorded by mistake. Clocks await the next one.
///
/// # Errors
/// [`Error::Missing`] if there is none, or it was taken back already.
pub fn undo(tx: &Tx<'_>, event: i64, now: Timestamp) -> Result<()> {
    match tx.exec(
        "UPDATE life_event SET undone_at = ?2 WHERE id = ?1 AND undone_at IS NULL",
        params![event, now],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

//! What happens in a person's life with us that a period counts from: they left their organisation, their number
//! changed. Dates and names only; the names are those of [`policy::phrase::PERSON_EVENTS`] and what the policy declares.

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::phrase::{LEFT_THE_ORGANISATION, PERSON_EVENTS};

use crate::{Error, Result, Tx, id, params};

/// Whether what is written down in a row `v` still holds of its person, in SQL. That somebody left their organisation is remembered once
/// where they were is gone: it says nothing of whoever belongs to another since, unless somebody of the staff wrote it down.
pub(crate) fn speaks() -> String {
    format!(
        "v.undone_at IS NULL AND (v.name <> '{LEFT_THE_ORGANISATION}' OR v.recorded_by IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM belonging b WHERE b.person_id = v.person_id))"
    )
}

/// The day on which a person left the last organisation they belonged to, in SQL; nothing while they belong to one, or where nobody
/// knows of any.
pub(crate) fn day_left(person: &str) -> String {
    format!(
        "(SELECT MAX(b.until) FROM belonging b WHERE b.person_id = {person} HAVING COUNT(*) > 0 AND COUNT(*) = COUNT(b.until))"
    )
}

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

/// How often an event happened to a person, the latest first: each row's number and day.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(tx: &Tx<'_>, person: PersonId, name: &str) -> Result<Vec<(i64, Date)>> {
    tx.all(
        "SELECT id, on_date FROM life_event WHERE person_id = ?1 AND name = ?2 AND undone_at IS NULL ORDER BY on_date DESC, id DESC",
        params![person, name],
        |row| Ok((row.int(0)?, row.date(1)?)),
    )
}

/// Takes an event back: it was recorded by mistake. Clocks await the next one.
///
/// # Errors
/// [`Error::Missing`] if there is none of this number that happened to this person, or it was taken back already.
pub fn undo(tx: &Tx<'_>, person: PersonId, event: i64, now: Timestamp) -> Result<()> {
    match tx.exec(
        "UPDATE life_event SET undone_at = ?3 WHERE id = ?1 AND person_id = ?2 AND undone_at IS NULL",
        params![event, person, now],
    )? {
        0 => Err(Error::Missing),
        _ => Ok(()),
    }
}

/// Takes back what a person's own answer brought about on a day: nobody of the staff recorded it. How many.
///
/// # Errors
/// Whatever the database says.
pub fn undo_answer(tx: &Tx<'_>, person: PersonId, names: &[&str], on: Date, now: Timestamp) -> Result<u64> {
    let sql = "UPDATE life_event SET undone_at = ?4 WHERE person_id = ?1 AND name = ?2 AND on_date = ?3 AND recorded_by IS NULL
        AND undone_at IS NULL";
    let mut undone = 0;
    for name in names {
        undone += tx.exec(sql, params![person, *name, on, now])?;
    }
    Ok(undone)
}

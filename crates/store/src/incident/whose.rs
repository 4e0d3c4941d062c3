//! Whose data an incident is about: few, or very many, and which of them were told.

use std::collections::BTreeSet;

use custody::id::{IncidentId, PersonId};
use jiff::Timestamp;

use crate::asked::asked;
use crate::{Result, Tx, params};

/// All whose data was part of it, and when they were told.
///
/// # Errors
/// Whatever the database says.
pub fn people(tx: &Tx<'_>, incident: IncidentId) -> Result<Vec<(PersonId, Option<Timestamp>)>> {
    let sql = "SELECT person_id, told_at FROM incident_person WHERE incident_id = ?1 ORDER BY person_id";
    tx.all(sql, params![incident], |row| Ok((PersonId(row.int(0)?), row.opt_at(1)?)))
}

/// Those of some people, whose numbers ascend, whose data was part of it.
///
/// # Errors
/// Whatever the database says.
pub fn of_these(tx: &Tx<'_>, incident: IncidentId, people: &[PersonId]) -> Result<BTreeSet<PersonId>> {
    let mut found = BTreeSet::new();
    for mut some in asked(tx, people)? {
        some.values.push(incident.into());
        let last = some.values.len();
        let sql = format!(
            "SELECT person_id FROM incident_person WHERE incident_id = ?{last} AND person_id {{people}}"
        );
        let theirs = tx.all(&some.sql(&sql), &some.values, |row| Ok(PersonId(row.int(0)?)))?;
        found.extend(theirs.into_iter().filter(|person| people.binary_search(person).is_ok()));
    }
    Ok(found)
}

/// Some of them, in the order of their numbers, who come after somebody.
///
/// # Errors
/// Whatever the database says.
pub fn some_people(
    tx: &Tx<'_>,
    incident: IncidentId,
    after: PersonId,
    limit: u32,
) -> Result<Vec<(PersonId, Option<Timestamp>)>> {
    let sql = "SELECT person_id, told_at FROM incident_person WHERE incident_id = ?1 AND person_id > ?2 ORDER BY person_id LIMIT ?3";
    tx.all(sql, params![incident, after, limit], |row| Ok((PersonId(row.int(0)?), row.opt_at(1)?)))
}

/// How many they are.
///
/// # Errors
/// Whatever the database says.
pub fn how_many(tx: &Tx<'_>, incident: IncidentId) -> Result<u64> {
    let many = tx.count("SELECT COUNT(*) FROM incident_person WHERE incident_id = ?1", params![incident])?;
    Ok(u64::try_from(many).unwrap_or_default())
}

/// When one of them was told, if they were; nothing where it was not their data.
///
/// # Errors
/// Whatever the database says.
pub fn whether_told(
    tx: &Tx<'_>,
    incident: IncidentId,
    person: PersonId,
) -> Result<Option<Option<Timestamp>>> {
    let sql = "SELECT told_at FROM incident_person WHERE incident_id = ?1 AND person_id = ?2";
    tx.maybe(sql, params![incident, person], |row| row.opt_at(0))
}

/// When the last of them was told; nothing while somebody was not, or there is nobody.
///
/// # Errors
/// Whatever the database says.
pub fn all_told_at(tx: &Tx<'_>, incident: IncidentId) -> Result<Option<Timestamp>> {
    if tx.any(
        "SELECT 1 FROM incident_person WHERE incident_id = ?1 AND told_at IS NULL LIMIT 1",
        params![incident],
    )? {
        return Ok(None);
    }
    let last = "SELECT MAX(told_at) FROM incident_person WHERE incident_id = ?1";
    tx.one(last, params![incident], |row| row.opt_at(0))
}

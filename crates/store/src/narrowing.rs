//! Who of everybody fits one criterion of an audience, by number and in their order. Nobody is decided for here, and no value
//! leaves.

use std::collections::HashSet;

use custody::id::{OrganisationId, PersonId};
use jiff::civil::Date;

use crate::asked::listed;
use crate::{Error, Result, Row, Tx, Value, normal, params};

/// Before and after any day that somebody writes down.
const FIRST: Date = Date::constant(1, 1, 1);
const LAST: Date = Date::constant(9999, 12, 31);

/// Days from one on, and before another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Days {
    /// From this one on.
    pub since: Option<Date>,
    /// Before this one.
    pub before: Option<Date>,
}

impl Days {
    fn ends(self) -> (Date, Date) {
        (self.since.unwrap_or(FIRST), self.before.unwrap_or(LAST))
    }
}

fn people(tx: &Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<Vec<PersonId>> {
    Ok(ascending(
        tx.all(sql, values, |row| Ok(row.opt_int(0)?.map(PersonId)))?.into_iter().flatten().collect(),
    ))
}

fn ascending(mut people: Vec<PersonId>) -> Vec<PersonId> {
    people.sort_unstable();
    people.dedup();
    people
}

/// Whoever joined work of a kind on one of these days; or on whose work of that kind something happened then.
///
/// # Errors
/// Whatever the database says.
pub fn on_work(tx: &Tx<'_>, work: &str, happened: Option<&str>, days: Days) -> Result<Vec<PersonId>> {
    let (since, before) = days.ends();
    match happened {
        None => people(
            tx,
            "SELECT p.person_id FROM engagement e JOIN engagement_person p ON p.engagement_id = e.id
                WHERE e.work = ?1 AND p.since >= ?2 AND p.since < ?3",
            params![work, since, before],
        ),
        Some(milestone) => people(
            tx,
            "SELECT p.person_id FROM engagement e JOIN milestone m ON m.engagement_id = e.id
                JOIN engagement_person p ON p.engagement_id = e.id
                WHERE e.work = ?1 AND m.name = ?2 AND m.undone_at IS NULL AND m.on_date >= ?3 AND m.on_date < ?4",
            params![work, milestone, since, before],
        ),
    }
}

const BELONGS: &str = "(since IS NULL OR since <= ?1) AND (until IS NULL OR until > ?1)";

/// Whoever belongs to an organisation on a day.
///
/// # Errors
/// Whatever the database says.
pub fn at_organisation(tx: &Tx<'_>, organisation: OrganisationId, on: Date) -> Result<Vec<PersonId>> {
    let sql = format!("SELECT person_id FROM belonging WHERE organisation_id = ?2 AND {BELONGS}");
    people(tx, &sql, params![on, organisation])
}

/// Whoever belongs on a day to an organisation whose address says a place; nothing where none says it.
///
/// # Errors
/// Whatever the database says.
pub fn in_place(tx: &Tx<'_>, place: &str, on: Date) -> Result<Option<Vec<PersonId>>> {
    let place = words(place);
    let mut there = HashSet::new();
    tx.each("SELECT id, address FROM organisation WHERE address IS NOT NULL", &[], |row| {
        if words(row.str(1)?).contains(&place) {
            there.insert(row.int(0)?);
        }
        Ok::<(), Error>(())
    })?;
    if place.trim().is_empty() || there.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    let sql = format!("SELECT person_id, organisation_id FROM belonging WHERE {BELONGS}");
    tx.each(&sql, params![on], |row: &Row<'_>| {
        if there.contains(&row.int(1)?) {
            found.push(PersonId(row.int(0)?));
        }
        Ok::<(), Error>(())
    })?;
    Ok(Some(ascending(found)))
}

/// The words of a text between single spaces, in the form they are compared in.
fn words(text: &str) -> String {
    let plain = normal::name(text);
    let words: Vec<&str> =
        plain.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

/// Whoever was written to under an activity on a day or since, or is about to be.
///
/// # Errors
/// Whatever the database says.
pub fn written_since(tx: &Tx<'_>, activity: &str, since: Date) -> Result<Vec<PersonId>> {
    people(
        tx,
        "SELECT person_id FROM message WHERE activity = ?1 AND queued_on >= ?2 AND state IN ('queued', 'claimed', 'uncertain', 'sent')
            AND NOT (state = 'queued' AND EXISTS (SELECT 1 FROM mailing g WHERE g.id = message.mailing_id AND g.state = 'called back'))",
        params![activity, since],
    )
}

/// Whoever was in touch with us on a day or since, by lines of these kinds.
///
/// # Errors
/// Whatever the database says.
pub fn heard_since(tx: &Tx<'_>, kinds: &[&str], since: Date) -> Result<Vec<PersonId>> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let (mut values, list) = listed(kinds.iter().map(|kind| Value::from(*kind)));
    values.push(since.into());
    let sql = format!(
        "SELECT p.person_id FROM entry e JOIN entry_person p ON p.entry_id = e.id
            WHERE e.kind IN ({list}) AND e.direction IN ('in', 'both') AND e.on_date >= ?{}",
        values.len()
    );
    people(tx, &sql, &values)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_place_is_found_as_whole_words_of_an_address() {
        let address = words("Unit 4, Brook Yard\nLEEDS LS1 4CM");
        assert!(address.contains(&words("Leeds")) && address.contains(&words("brook  yard")));
        assert!(!address.contains(&words("Lee")) && !address.contains(&words("eeds")));
    }
}

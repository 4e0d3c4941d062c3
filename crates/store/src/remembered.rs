//! What outlives a row that goes: the day it says something happened. A period that counts from the last contact is not
//! unmade because the line about that contact had to go first. Names of events and dates, no value; it goes with the person.

use std::collections::BTreeMap;

use custody::id::PersonId;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use policy::phrase::LEFT_THE_ORGANISATION;

use crate::asked::listed;
use crate::{Error, Result, Tx, Value, id, life, params};

/// The first and the last day of something, by whom it concerns and what it was.
type Days = BTreeMap<(PersonId, &'static str), (Date, Date)>;

/// Remembers what rows about to go say about those who stay: contacts, consents, messages sent, the day something was first collected,
/// and that they left their organisation.
/// `stays` says who does.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn before(
    tx: &Tx<'_>,
    policy: &Policy,
    table: &str,
    ids: &[i64],
    stays: &dyn Fn(PersonId) -> bool,
    now: Timestamp,
) -> Result<()> {
    let mut days = Days::new();
    for some in ids.chunks(64) {
        let (values, list) = listed(some.iter().map(|id| Value::from(*id)));
        let mut found = |person: i64, name: &'static str, on: Date| {
            let person = PersonId(person);
            if stays(person) {
                let known = days.entry((person, name)).or_insert((on, on));
                *known = (known.0.min(on), known.1.max(on));
            }
        };
        match table {
            "entry" => {
                let sql = format!(
                    "SELECT p.person_id, e.direction, e.on_date FROM entry e JOIN entry_person p ON p.entry_id = e.id
                        WHERE e.id IN ({list}) AND e.direction IS NOT NULL"
                );
                tx.each(&sql, &values, |row| {
                    let name = match row.str(1)? {
                        "in" => "incoming contact",
                        "both" => "contact",
                        _ => "communication",
                    };
                    found(row.int(0)?, name, row.date(2)?);
                    Ok::<(), Error>(())
                })?;
            }
            "message" => {
                let sql = format!(
                    "SELECT person_id, sent_at FROM message WHERE id IN ({list}) AND sent_at IS NOT NULL AND person_id IS NOT NULL"
                );
                tx.each(&sql, &values, |row| {
                    found(row.int(0)?, "communication", life::local_date(policy, row.at(1)?));
                    Ok::<(), Error>(())
                })?;
            }
            // Whoever agreed to something came to us that day.
            "consent" => {
                let sql = format!("SELECT person_id, given_on FROM consent WHERE id IN ({list})");
                tx.each(&sql, &values, |row| {
                    found(row.int(0)?, "incoming contact", row.date(1)?);
                    Ok::<(), Error>(())
                })?;
            }
            "item" => {
                let sql = format!("SELECT person_id, collected_on FROM item WHERE id IN ({list})");
                tx.each(&sql, &values, |row| {
                    found(row.int(0)?, "collected", row.date(1)?);
                    Ok::<(), Error>(())
                })?;
            }
            // Else what ended when they left would begin again with the night that takes where they were.
            "belonging" => {
                let sql = format!(
                    "SELECT person_id, until FROM belonging WHERE id IN ({list}) AND until IS NOT NULL"
                );
                tx.each(&sql, &values, |row| {
                    found(row.int(0)?, LEFT_THE_ORGANISATION, row.date(1)?);
                    Ok::<(), Error>(())
                })?;
            }
            _ => return Ok(()),
        }
    }
    for ((person, name), (first, last)) in days {
        keep(tx, person, name, (first, last), now)?;
    }
    Ok(())
}

/// Keeps the first and the last day of an event the program itself remembers, in two rows at most.
fn keep(
    tx: &Tx<'_>,
    person: PersonId,
    name: &str,
    (first, last): (Date, Date),
    now: Timestamp,
) -> Result<()> {
    let sql = "SELECT id, on_date FROM life_event WHERE person_id = ?1 AND name = ?2 AND undone_at IS NULL AND recorded_by IS NULL
        ORDER BY on_date, id";
    let known = tx.all(sql, params![person, name], |row| Ok((row.int(0)?, row.date(1)?)))?;
    let put = |day: Date, over: Option<&(i64, Date)>| match over {
        Some((row, _)) => tx.put("UPDATE life_event SET on_date = ?2 WHERE id = ?1", params![*row, day]),
        None => {
            let new = "INSERT INTO life_event (id, person_id, name, on_date, recorded_by, recorded_at) VALUES (?1, ?2, ?3, ?4, NULL, ?5)";
            tx.put(new, params![id::next(), person, name, day, now])
        }
    };
    let several = known.len() > 1;
    if known.first().is_none_or(|(_, earliest)| first < *earliest) {
        put(first, known.first().filter(|_| several))?;
    }
    if known.last().map_or(first != last, |(_, latest)| last > *latest) {
        put(last, known.last().filter(|_| several))?;
    }
    Ok(())
}

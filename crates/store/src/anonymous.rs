//! What `then anonymise` leaves: how many people there were, and how many rows of theirs, by clause, kind, year and
//! whatever the clause counts by. A count stands only once it is of so many people as the policy asks; until then
//! it waits, under a keyed hash of what it is a count of. No person's number, no day.

use std::collections::BTreeMap;

use custody::anonymous::{Tally, counted_in};
use custody::coverage::Uncovered;
use custody::id::PersonId;
use jiff::civil::Date;
use policy::{Policy, Rule};

use crate::{Error, Keys, Result, Tx, params, ring_duty};

/// What stands for a value that is not known.
const UNKNOWN: &str = "not said";
/// The longest a value may be by which something is counted.
const LONGEST: usize = 80;

/// One count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Count {
    /// The kind of the rows.
    pub kind: String,
    /// The year they were of.
    pub year: i64,
    /// What they were counted by: values by the kind's name.
    pub by: BTreeMap<String, String>,
    /// How many people.
    pub people: i64,
    /// How many rows.
    pub rows: i64,
}

/// Counts what leaves a person under clauses that anonymise, before it is taken out. Several rows of one cell are one
/// person's.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn count(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    person: PersonId,
    leaving: &[Uncovered],
    today: Date,
) -> Result<()> {
    let mut cells: BTreeMap<(&str, &str, i64, String), u64> = BTreeMap::new();
    let mut by_rule: BTreeMap<&str, String> = BTreeMap::new();
    for one in leaving {
        let Some(rule) = one.rule.and_then(|rule| policy.rules.get(rule.index())) else { continue };
        let kind = policy.kind(one.kind).map_or("", |kind| kind.name.as_str());
        let year = i64::from(day_of(tx, one, today)?.year());
        let by = match by_rule.get(rule.key.as_str()) {
            Some(by) => by.clone(),
            None => {
                let by = serde_json::to_string(&values(tx, policy, rule, person)?)
                    .map_err(|error| Error::Database(error.to_string()))?;
                by_rule.insert(&rule.key, by.clone());
                by
            }
        };
        *cells.entry((rule.key.as_str(), kind, year, by)).or_insert(0) += 1;
    }
    for ((rule, kind, year, by), rows) in cells {
        let cell = keys.hash("anonymous", &by);
        let known = tx.maybe(
            "SELECT people, how_many FROM anonymous_waiting WHERE rule = ?1 AND kind = ?2 AND year = ?3 AND cell = ?4",
            params![rule, kind, year, &cell],
            |row| Ok(Tally { people: row.int(0)?.unsigned_abs(), rows: row.int(1)?.unsigned_abs() }),
        )?;
        let least = u64::from(policy.least_count());
        // Whose rows go on several nights is one person all the same, as long as the count waits.
        let who = keys.hash("anonymous who", &format!("{} {by}", person.0));
        let people = tx.exec(
            "INSERT INTO anonymous_who (rule, kind, year, cell, who) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (rule, kind, year, cell, who) DO NOTHING",
            params![rule, kind, year, &cell, &who],
        )?;
        let (waits, counted) = counted_in(known.unwrap_or_default(), Tally { people, rows }, least);
        tx.exec(
            "INSERT INTO anonymous_waiting (rule, kind, year, cell, people, how_many) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT (rule, kind, year, cell) DO UPDATE SET people = excluded.people, how_many = excluded.how_many",
            params![rule, kind, year, &cell, whole(waits.people), whole(waits.rows)],
        )?;
        if counted.people > 0 {
            let counted_now = "rule = ?1 AND kind = ?2 AND year = ?3 AND cell = ?4";
            ring_duty::delete(tx, "anonymous_who", counted_now, params![rule, kind, year, &cell])?;
            tx.exec(
                "INSERT INTO anonymous (rule, kind, year, counted_by, people, how_many) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    ON CONFLICT (rule, kind, year, counted_by) DO UPDATE SET people = anonymous.people + excluded.people,
                        how_many = anonymous.how_many + excluded.how_many",
                params![rule, kind, year, &by, whole(counted.people), whole(counted.rows)],
            )?;
        }
    }
    Ok(())
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The day a row was of.
fn day_of(tx: &Tx<'_>, one: &Uncovered, today: Date) -> Result<Date> {
    let column = match one.table {
        "item" => "collected_on",
        "entry" | "document" => "on_date",
        _ => return Ok(today),
    };
    let sql = format!("SELECT {column} FROM {} WHERE id = ?1", one.table);
    Ok(tx.maybe(&sql, params![one.id], |row| row.date(0))?.unwrap_or(today))
}

/// The values of a person that a clause counts by, in one way of writing; of several, the newest.
fn values(tx: &Tx<'_>, policy: &Policy, rule: &Rule, person: PersonId) -> Result<BTreeMap<String, String>> {
    let mut by = BTreeMap::new();
    for kind in rule.counts_by.iter().flatten().filter_map(|kind| policy.kind(*kind)) {
        let value = tx.maybe(
            "SELECT value FROM item WHERE person_id = ?1 AND kind = ?2 ORDER BY collected_on DESC, id DESC LIMIT 1",
            params![person, &kind.name],
            |row| row.text(0),
        )?;
        let value = value.map(|value| value.trim().to_lowercase());
        let value = value.filter(|value| !value.is_empty() && value.len() <= LONGEST);
        by.insert(kind.name.clone(), value.unwrap_or_else(|| UNKNOWN.to_owned()));
    }
    Ok(by)
}

/// The counts that stand for a clause, and how many rows wait until they can be counted without showing anybody.
///
/// # Errors
/// Whatever the database says.
pub fn of_rule(tx: &Tx<'_>, rule: &str) -> Result<(Vec<Count>, i64)> {
    let counts = tx.all(
        "SELECT kind, year, counted_by, people, how_many FROM anonymous WHERE rule = ?1 ORDER BY year, kind, counted_by",
        params![rule],
        |row| {
            Ok(Count {
                kind: row.text(0)?,
                year: row.int(1)?,
                by: serde_json::from_str(row.str(2)?).map_err(|_| Error::Malformed("an anonymous count".into()))?,
                people: row.int(3)?,
                rows: row.int(4)?,
            })
        },
    )?;
    let waits = tx.count(
        "SELECT CAST(COALESCE(SUM(how_many), 0) AS BIGINT) FROM anonymous_waiting WHERE rule = ?1",
        params![rule],
    )?;
    Ok((counts, waits))
}

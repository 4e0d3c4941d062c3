//! Links: whom an entry or a document is about, and on which work it is. The same for both.

use std::collections::BTreeMap;

use custody::coverage::Role;
use custody::id::{EngagementId, PersonId};

use crate::asked::listed;
use crate::engagement::{role_name, role_named};
use crate::{Error, Result, Tx, Value, params};

/// Whose a row is: a person's whom it is about, or a piece of work's that it is on.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// This person's.
    Person(PersonId),
    /// This work's.
    Work(EngagementId),
}

impl Of {
    /// Whether the row `?1` of `table` (`entry`, `document`) is that of `?2`, in SQL.
    pub(crate) fn holds(self, table: &str) -> String {
        let (links, whose) = match self {
            Self::Person(_) => ("person", "person_id"),
            Self::Work(_) => ("work", "engagement_id"),
        };
        format!("EXISTS (SELECT 1 FROM {table}_{links} l WHERE l.{table}_id = ?1 AND l.{whose} = ?2)")
    }

    /// The number of that person or work.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Person(person) => person.0,
            Self::Work(work) => work.0,
        }
    }

    /// The person, or the work.
    pub(crate) fn either(self) -> (Option<PersonId>, Option<EngagementId>) {
        match self {
            Self::Person(person) => (Some(person), None),
            Self::Work(work) => (None, Some(work)),
        }
    }
}

/// The links of several rows, by the row.
#[derive(Default)]
pub(crate) struct Links {
    /// Whom each is about, subjects first.
    pub people: BTreeMap<i64, Vec<(PersonId, Role)>>,
    /// On which work each is.
    pub engagements: BTreeMap<i64, Vec<EngagementId>>,
}

/// Links a row of `table` (`entry`, `document`) to people and work.
pub(crate) fn add(
    tx: &Tx<'_>,
    table: &str,
    row: i64,
    people: &[(PersonId, Role)],
    engagements: &[(EngagementId, Option<&str>)],
) -> Result<()> {
    for (person, role) in people {
        let sql = format!("INSERT INTO {table}_person ({table}_id, person_id, role) VALUES (?1, ?2, ?3)");
        tx.put(&sql, params![row, *person, role_name(*role)])?;
    }
    for (engagement, class) in engagements {
        let sql = format!("INSERT INTO {table}_work ({table}_id, engagement_id, class) VALUES (?1, ?2, ?3)");
        tx.put(&sql, params![row, *engagement, *class])?;
    }
    Ok(())
}

/// The links of rows of `table`, in two queries for all of them.
pub(crate) fn of(tx: &Tx<'_>, table: &str, rows: impl Iterator<Item = i64>) -> Result<Links> {
    let mut links = Links::default();
    let (ids, list) = listed(rows.map(Value::from));
    if ids.is_empty() {
        return Ok(links);
    }
    let people = format!(
        "SELECT {table}_id, person_id, role FROM {table}_person WHERE {table}_id IN ({list}) ORDER BY role DESC, person_id"
    );
    tx.each(&people, &ids, |row| {
        let about = (PersonId(row.int(1)?), role_named(row.str(2)?));
        links.people.entry(row.int(0)?).or_default().push(about);
        Ok::<(), Error>(())
    })?;
    let work = format!("SELECT {table}_id, engagement_id FROM {table}_work WHERE {table}_id IN ({list})");
    tx.each(&work, &ids, |row| {
        links.engagements.entry(row.int(0)?).or_default().push(EngagementId(row.int(1)?));
        Ok::<(), Error>(())
    })?;
    Ok(links)
}

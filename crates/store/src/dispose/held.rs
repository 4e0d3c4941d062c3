//! What the instance holds: every row about somebody, or that lies on a piece of work and nobody is in, found through the schema. It
//! takes nothing away.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use custody::coverage::{Datum, Role, Uncovered};
use custody::id::{EngagementId, PersonId};
use policy::Policy;

use super::has;
use crate::asked::listed;
use crate::engagement::role_named;
use crate::schema::{self, KindOf, Owner, Table};
use crate::{Error, Result, Tx, Value, params};

/// What the instance holds about somebody.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Rows of kinds the policy declares.
    pub data: Vec<Datum>,
    /// Rows of kinds it does not: which table, and the kind's name. Nobody can say what becomes of them.
    pub undeclared: Vec<(&'static str, i64, String)>,
}

impl Holdings {
    /// Whether any of it lies in a table.
    pub(crate) fn any_in(&self, table: &str) -> bool {
        self.data.iter().any(|datum| datum.table == table)
            || self.undeclared.iter().any(|(of, ..)| *of == table)
    }

    /// Whether anybody else is in any of it.
    pub(crate) fn others_in(&self, person: PersonId) -> bool {
        self.data.iter().flat_map(|datum| &datum.people).any(|(who, _)| *who != person)
    }
}

/// Every row about a person that is a datum of its own, from every table the schema declares, in one question.
///
/// # Errors
/// Whatever the database says.
pub fn holdings(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Holdings> {
    static SQL: OnceLock<(Vec<&'static Table>, String)> = OnceLock::new();
    let (tables, sql) = SQL.get_or_init(|| {
        let (mut tables, mut parts) = (Vec::new(), Vec::new());
        for (table, column) in own_tables() {
            parts.push(row_sql(tables.len(), table, &format!("t.{column} = ?1")));
            tables.push(table);
        }
        for linked in linked_tables() {
            let (table, links, column) = linked;
            let theirs = format!("SELECT l.{column} FROM {links} l WHERE l.person_id = ?1");
            parts.push(linked_sql(tables.len(), linked, &theirs));
            tables.push(table);
        }
        (tables, parts.join(" UNION ALL "))
    });
    read(tx, policy, tables, sql, params![person], Some(person))
}

/// Some entries or documents, whomever they are about; what is of a kind that the policy does not declare is left out.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn linked_rows(tx: &Tx<'_>, policy: &Policy, table: &str, ids: &[i64]) -> Result<Vec<Datum>> {
    let Some(linked) = linked_tables().find(|(linked, ..)| linked.name == table) else {
        return Ok(Vec::new());
    };
    let (values, list) = listed(ids.iter().map(|id| Value::from(*id)));
    Ok(read(tx, policy, &[linked.0], &linked_sql(0, linked, &list), &values, None)?.data)
}

/// The tables whose rows are data and name their person themselves, each with the column that does.
pub(super) fn own_tables() -> impl Iterator<Item = (&'static Table, &'static str)> {
    schema::personal().filter_map(|table| match table.owner {
        Owner::Person(column) if refers_to_person(table, column) && kind_sql(table).is_some() => {
            Some((table, column))
        }
        _ => None,
    })
}

/// The tables whose rows are data and that others link to people: which, and by which column.
fn linked_tables() -> impl Iterator<Item = (&'static Table, &'static str, &'static str)> {
    schema::personal().filter_map(|table| match table.owner {
        Owner::Links { table: links, column } if kind_sql(table).is_some() => Some((table, links, column)),
        _ => None,
    })
}

/// A certificate names a person who may be gone: its clock is its own, and it is not among their data.
pub(crate) fn refers_to_person(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|known| known.name == column && known.refers == Some("person"))
}

/// The column or the literal that says of which kind a row is; `None` for tables whose rows are no data.
fn kind_sql(table: &Table) -> Option<String> {
    match table.kind {
        KindOf::Column(column) => Some(format!("t.{column}")),
        KindOf::Record(name) => Some(format!("'{name}'")),
        KindOf::None | KindOf::Part => None,
    }
}

/// Whether a row is a paper file in a place.
fn paper_sql(table: &Table) -> &'static str {
    if has(table, "paper_place") { "CASE WHEN t.paper_place IS NULL THEN 0 ELSE 1 END" } else { "0" }
}

/// Rows of one table that are data: the place of the table among those asked, the row, its kind, its work, whether it is paper. Two
/// columns more are for whoever is in it, and the class it has on its work.
fn row_sql(place: usize, table: &Table, which: &str) -> String {
    let kind = kind_sql(table).unwrap_or_default();
    let engagement = match table.name {
        "engagement" => "t.id",
        _ if has(table, "engagement_id") => "t.engagement_id",
        _ => "CAST(NULL AS BIGINT)",
    };
    let paper = paper_sql(table);
    format!(
        "SELECT {place}, t.id, {kind}, {engagement}, {paper}, CAST(NULL AS BIGINT), CAST(NULL AS TEXT) FROM {} t WHERE {which}",
        table.name
    )
}

/// The same of rows that others link to people, with whoever is in each, in which role, and the work it lies on.
fn linked_sql(place: usize, (table, links, column): (&Table, &str, &str), theirs: &str) -> String {
    let role =
        if schema::table(links).is_some_and(|links| has(links, "role")) { "o.role" } else { "'subject'" };
    let rows = row_sql(place, table, &format!("t.id IN ({theirs})"));
    let people = format!(
        "SELECT {place}, o.{column}, {role}, CAST(NULL AS BIGINT), 0, o.person_id, CAST(NULL AS TEXT)
            FROM {links} o WHERE o.{column} IN ({theirs})"
    );
    let work = format!("{}_work", table.name);
    let work = schema::table(&work).map(|work| {
        format!(
            " UNION ALL SELECT {place}, w.{column}, CAST(NULL AS TEXT), w.engagement_id, 0, CAST(NULL AS BIGINT), w.class
                FROM {} w WHERE w.{column} IN ({theirs})",
            work.name
        )
    });
    format!("{rows} UNION ALL {people}{}", work.unwrap_or_default())
}

/// Reads rows of some tables, and who is in those that others link. What names its person itself is this person's.
fn read(
    tx: &Tx<'_>,
    policy: &Policy,
    tables: &[&'static Table],
    sql: &str,
    values: &[Value<'_>],
    person: Option<PersonId>,
) -> Result<Holdings> {
    let mut held = Holdings::default();
    let mut linked: BTreeMap<(i64, i64), Datum> = BTreeMap::new();
    let (mut people, mut works) = (Vec::new(), Vec::new());
    tx.each(sql, values, |row| {
        let (place, id) = (row.int(0)?, row.int(1)?);
        let table = usize::try_from(place).ok().and_then(|at| tables.get(at)).ok_or(Error::Missing)?;
        let engagement = row.opt_int(3)?.map(EngagementId);
        let name = match (row.opt_int(5)?, row.opt_str(2)?, engagement) {
            (Some(person), role, _) => {
                people.push(((place, id), (PersonId(person), role_named(role.unwrap_or_default()))));
                return Ok(());
            }
            (None, None, Some(on)) => {
                works.push(((place, id), (on, row.opt_text(6)?)));
                return Ok(());
            }
            (None, name, _) => name.unwrap_or_default(),
        };
        let Some(kind) = policy.kind_named(name) else {
            held.undeclared.push((table.name, id, name.to_owned()));
            return Ok(());
        };
        let own = matches!(table.owner, Owner::Person(_));
        let datum = Datum {
            table: table.name,
            id,
            kind: kind.id,
            people: person.filter(|_| own).map(|person| (person, Role::Subject)).into_iter().collect(),
            engagements: engagement.map(|on| (on, None)).into_iter().collect(),
            paper: row.bool(4)?,
        };
        match own {
            true => held.data.push(datum),
            false => drop(linked.insert((place, id), datum)),
        }
        Ok::<(), Error>(())
    })?;
    people.sort_unstable();
    people.dedup();
    for (of, person) in people {
        linked.entry(of).and_modify(|datum| datum.people.push(person));
    }
    for (of, work) in works {
        linked.entry(of).and_modify(|datum| datum.engagements.push(work));
    }
    held.data.extend(linked.into_values());
    Ok(held)
}

/// What lies on a piece of work and nobody is in any more: entries and documents, and then the record of the work.
///
/// # Errors
/// Whatever the database says.
pub fn of_work(tx: &Tx<'_>, policy: &Policy, engagement: EngagementId) -> Result<Holdings> {
    let mut held = Holdings::default();
    for table in ["entry", "document"].into_iter().filter_map(schema::table) {
        let name = table.name;
        let paper = paper_sql(table);
        let sql = format!(
            "SELECT t.id, t.kind, {paper}, w.engagement_id, w.class FROM {name}_work o JOIN {name} t ON t.id = o.{name}_id
                JOIN {name}_work w ON w.{name}_id = t.id
                WHERE o.engagement_id = ?1 AND NOT EXISTS (SELECT 1 FROM {name}_person p WHERE p.{name}_id = t.id)
                ORDER BY t.id, w.engagement_id"
        );
        let mut found: BTreeMap<i64, Datum> = BTreeMap::new();
        tx.each(&sql, params![engagement], |row| {
            let (id, kind) = (row.int(0)?, row.str(1)?);
            let Some(kind) = policy.kind_named(kind) else {
                held.undeclared.push((name, id, kind.to_owned()));
                return Ok(());
            };
            let paper = row.bool(2)?;
            let datum = found.entry(id).or_insert_with(|| Datum {
                table: name,
                id,
                kind: kind.id,
                people: Vec::new(),
                engagements: Vec::new(),
                paper,
            });
            datum.engagements.push((EngagementId(row.int(3)?), row.opt_text(4)?));
            Ok::<(), Error>(())
        })?;
        held.data.extend(found.into_values());
    }
    let nobody = "SELECT 1 FROM engagement e WHERE e.id = ?1
        AND NOT EXISTS (SELECT 1 FROM engagement_person p WHERE p.engagement_id = e.id)";
    if let (Some(kind), true) = (policy.kind_named("work record"), tx.any(nobody, params![engagement])?) {
        held.data.push(Datum {
            table: "engagement",
            id: engagement.0,
            kind: kind.id,
            people: Vec::new(),
            engagements: vec![(engagement, None)],
            paper: false,
        });
    }
    Ok(held)
}

/// Whether something is the record of work on which entries or documents lie that nobody is in: they are the work's own, or
/// wait for somebody's hand, and go before it.
pub(crate) fn work_holds(tx: &Tx<'_>, policy: &Policy, one: &Uncovered) -> Result<bool> {
    if one.table != "engagement" {
        return Ok(false);
    }
    let held = of_work(tx, policy, EngagementId(one.id))?;
    let mut theirs = held.data.iter().filter(|datum| datum.table != "engagement").peekable();
    if theirs.peek().is_none() {
        return Ok(!held.undeclared.is_empty());
    }
    // What lies on other work too loses only its place on this one, where this one keeps nothing for itself.
    let own = "SELECT 1 FROM ground WHERE person_id IS NULL AND engagement_id = ?1";
    Ok(theirs.any(|datum| datum.engagements.len() == 1) || tx.any(own, params![one.id])?)
}

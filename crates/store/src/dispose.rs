//! Disposal: what the instance holds about a person, found through the schema, and taking it out of every
//! table. It never decides what goes: the sweep and a granted erasure do, by what the grounds cover.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use custody::coverage::{Datum, Role};
use custody::id::{DocumentId, EngagementId, OrganisationId, PersonId};
use policy::Policy;

use crate::asked::listed;
use crate::engagement::role_named;
use crate::normal::Shape;
use crate::schema::{self, KindOf, Owner, Table};
use crate::{
    Error, Result, Tx, Value, certificate, consent, item, line, organisation, params, person, ring_duty, task,
};

/// How many rows one statement takes out.
const AT_ONCE: usize = 64;

/// What the instance holds about somebody.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Rows of kinds the policy declares.
    pub data: Vec<Datum>,
    /// Rows of kinds it does not: which table, and the kind's name. Nobody can say what becomes of them.
    pub undeclared: Vec<(&'static str, i64, String)>,
}

/// Every row about a person that is a datum of its own, from every table the schema declares.
///
/// # Errors
/// Whatever the database says.
pub fn holdings(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Holdings> {
    let mut held = Holdings::default();
    owned(tx, policy, person, &mut held)?;
    for table in schema::personal() {
        if let Owner::Links { table: links, column } = table.owner {
            let theirs = format!("SELECT l.{column} FROM {links} l WHERE l.person_id = ?1");
            linked(tx, policy, table, (links, column), (&theirs, params![person]), &mut held)?;
        }
    }
    Ok(held)
}

/// Some entries or documents, whomever they are about; what is of a kind that the policy does not declare is left out.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn linked_rows(tx: &Tx<'_>, policy: &Policy, table: &str, ids: &[i64]) -> Result<Vec<Datum>> {
    let mut held = Holdings::default();
    if let Some(table) = schema::table(table)
        && let Owner::Links { table: links, column } = table.owner
    {
        let (values, list) = listed(ids.iter().map(|id| Value::from(*id)));
        linked(tx, policy, table, (links, column), (&list, &values), &mut held)?;
    }
    Ok(held.data)
}

/// The tables whose rows are data and name their person themselves, each with the column that does.
fn own_tables() -> impl Iterator<Item = (&'static Table, &'static str)> {
    schema::personal().filter_map(|table| match table.owner {
        Owner::Person(column) if refers_to_person(table, column) && kind_sql(table).is_some() => {
            Some((table, column))
        }
        _ => None,
    })
}

/// Whether any row at all is held about a person: one query, whatever the number of tables.
fn any(tx: &Tx<'_>, person: PersonId) -> Result<bool> {
    static SQL: OnceLock<String> = OnceLock::new();
    let sql = SQL.get_or_init(|| {
        let own =
            own_tables().map(|(table, column)| format!("SELECT 1 FROM {} WHERE {column} = ?1", table.name));
        let links = schema::personal().filter_map(|table| match table.owner {
            Owner::Links { table: links, .. } => Some(format!("SELECT 1 FROM {links} WHERE person_id = ?1")),
            _ => None,
        });
        let active = "SELECT 1 FROM ground WHERE person_id = ?1 AND state = 'active'".to_owned();
        let all: Vec<String> = own.chain(links).chain([active]).collect();
        format!("{} LIMIT 1", all.join(" UNION ALL "))
    });
    tx.any(sql, params![person])
}

/// A certificate names a person who may be gone: its clock is its own, and it is not among their data.
pub(crate) fn refers_to_person(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|known| known.name == column && known.refers == Some("person"))
}

fn has(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|known| known.name == column)
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

/// Whether a document lies on paper in a place, or elsewhere: somebody must go there.
pub(crate) fn by_hand(tx: &Tx<'_>, document: DocumentId) -> Result<bool> {
    tx.any("SELECT 1 FROM document WHERE id = ?1 AND paper_place IS NOT NULL", params![document])
}

/// The rows of every such table in one query.
fn owned(tx: &Tx<'_>, policy: &Policy, person: PersonId, held: &mut Holdings) -> Result<()> {
    static SQL: OnceLock<String> = OnceLock::new();
    let sql = SQL.get_or_init(|| {
        let each = own_tables().enumerate().map(|(place, (table, column))| {
            let kind = kind_sql(table).unwrap_or_default();
            let engagement =
                if has(table, "engagement_id") { "t.engagement_id" } else { "CAST(NULL AS BIGINT)" };
            format!(
                "SELECT {place}, t.id, {kind}, {engagement}, {} FROM {} t WHERE t.{column} = ?1",
                paper_sql(table),
                table.name
            )
        });
        each.collect::<Vec<_>>().join(" UNION ALL ")
    });
    let tables: Vec<&'static str> = own_tables().map(|(table, _)| table.name).collect();
    tx.each(sql, params![person], |row| {
        let table =
            usize::try_from(row.int(0)?).ok().and_then(|place| tables.get(place)).ok_or(Error::Missing)?;
        let (id, name) = (row.int(1)?, row.str(2)?);
        match policy.kind_named(name) {
            Some(kind) => held.data.push(Datum {
                table,
                id,
                kind: kind.id,
                people: vec![(person, Role::Subject)],
                engagements: row.opt_int(3)?.map(|id| (EngagementId(id), None)).into_iter().collect(),
                paper: row.bool(4)?,
            }),
            None => held.undeclared.push((table, id, name.to_owned())),
        }
        Ok::<(), Error>(())
    })
}

/// Rows of one table that others link to people: which of them, as a list or a query with its values.
fn linked(
    tx: &Tx<'_>,
    policy: &Policy,
    table: &'static Table,
    (links, column): (&str, &str),
    (theirs, values): (&str, &[Value<'_>]),
    held: &mut Holdings,
) -> Result<()> {
    let Some(kind) = kind_sql(table) else { return Ok(()) };
    let mut found: BTreeMap<i64, Datum> = BTreeMap::new();
    let sql =
        format!("SELECT t.id, {kind}, {} FROM {} t WHERE t.id IN ({theirs})", paper_sql(table), table.name);
    tx.each(&sql, values, |row| {
        let (id, name) = (row.int(0)?, row.str(1)?);
        match policy.kind_named(name) {
            Some(kind) => {
                let datum = Datum {
                    table: table.name,
                    id,
                    kind: kind.id,
                    people: Vec::new(),
                    engagements: Vec::new(),
                    paper: row.bool(2)?,
                };
                found.insert(id, datum);
            }
            None => held.undeclared.push((table.name, id, name.to_owned())),
        }
        Ok::<(), Error>(())
    })?;
    if found.is_empty() {
        return Ok(());
    }
    let role =
        if schema::table(links).is_some_and(|links| has(links, "role")) { "o.role" } else { "'subject'" };
    let sql = format!(
        "SELECT o.{column}, o.person_id, {role} FROM {links} o WHERE o.{column} IN ({theirs}) ORDER BY o.person_id"
    );
    tx.each(&sql, values, |row| {
        if let Some(datum) = found.get_mut(&row.int(0)?) {
            let one = (PersonId(row.int(1)?), role_named(row.str(2)?));
            if !datum.people.contains(&one) {
                datum.people.push(one);
            }
        }
        Ok::<(), Error>(())
    })?;
    if table.name == "engagement" {
        for (id, datum) in &mut found {
            datum.engagements.push((EngagementId(*id), None));
        }
    } else if schema::table(&format!("{}_work", table.name)).is_some() {
        let sql = format!(
            "SELECT w.{column}, w.engagement_id, w.class FROM {}_work w WHERE w.{column} IN ({theirs})",
            table.name
        );
        tx.each(&sql, values, |row| {
            if let Some(datum) = found.get_mut(&row.int(0)?) {
                datum.engagements.push((EngagementId(row.int(1)?), row.opt_text(2)?));
            }
            Ok::<(), Error>(())
        })?;
    }
    held.data.extend(found.into_values());
    Ok(())
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
pub(crate) fn work_holds(tx: &Tx<'_>, policy: &Policy, one: &custody::coverage::Uncovered) -> Result<bool> {
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

/// What a disposal leaves to be done once it is committed: files whose rows, and with them their keys, are
/// gone. [`crate::files::remove`] takes the bytes; a crash in between leaves bytes that nobody can read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bytes {
    /// Names of files.
    pub files: BTreeSet<String>,
}

/// Takes a row out, with every row that is part of it and what was kept to undo its import.
///
/// # Errors
/// Whatever the database says.
pub fn remove(tx: &Tx<'_>, table: &'static str, id: i64, bytes: &mut Bytes) -> Result<()> {
    remove_all(tx, table, &[id], bytes)
}

/// Takes several rows of one table out, as [`remove`] does.
///
/// # Errors
/// Whatever the database says.
pub fn remove_all(tx: &Tx<'_>, table: &'static str, ids: &[i64], bytes: &mut Bytes) -> Result<()> {
    let Some(declared) = schema::table(table) else { return Err(Error::Missing) };
    for some in ids.chunks(AT_ONCE) {
        let (values, list) = listed(some.iter().map(|id| Value::from(*id)));
        if has(declared, "import_id") {
            forget_import(tx, table, &values, &list, bytes)?;
        }
        // A sole trader's organisation goes with the last row that needs it, whichever that is.
        let left = match table {
            "belonging" => "organisation_id",
            "engagement" => "paid_by_organisation_id",
            _ => "",
        };
        let left = if left.is_empty() {
            Vec::new()
        } else {
            let sql =
                format!("SELECT DISTINCT {left} FROM {table} WHERE id IN ({list}) AND {left} IS NOT NULL");
            tx.all(&sql, &values, |row| Ok(OrganisationId(row.int(0)?)))?
        };
        // What stood twice when two entries were put together goes with what it was about.
        if matches!(table, "engagement" | "entry" | "document" | "incident") {
            let linked = format!("table_name = '{table}_person' AND row_id IN ({list})");
            ring_duty::delete(tx, "merge_row", &linked, &values)?;
        }
        if matches!(table, "entry" | "document" | "call") {
            consent::evidence_goes(tx, &values, &list)?;
        }
        if table == "soft_opt_in" {
            line::reason_goes(tx, &values, &list)?;
        }
        if table == "request" {
            task::outlive(tx, &list, &values)?;
        }
        // Parts have no parts but those the schema declares under them; one level of those is all there is.
        for part in schema::personal().filter(|part| part.kind == KindOf::Part) {
            for column in part.columns.iter().filter(|column| column.refers == Some(table)) {
                let theirs = format!("{} IN ({list})", column.name);
                ring_duty::delete(tx, part.name, &theirs, &values)?;
            }
        }
        if table == "engagement" {
            // Nobody is held because of work that is gone, and why they were goes with it.
            let theirs = format!("engagement_id IN ({list})");
            let helpers = format!("hold_id IN (SELECT id FROM hold WHERE {theirs})");
            ring_duty::delete(tx, "hold_helper", &helpers, &values)?;
            ring_duty::delete(tx, "hold", &theirs, &values)?;
            ring_duty::delete(tx, "ground", &format!("person_id IS NULL AND {theirs}"), &values)?;
        }
        if has(declared, "file_key") {
            let sql = format!("SELECT file FROM {table} WHERE id IN ({list})");
            let names = tx.all(&sql, &values, |row| row.opt_text(0))?;
            bytes.files.extend(names.into_iter().flatten());
        }
        ring_duty::delete(tx, table, &format!("id IN ({list})"), &values)?;
        for organisation in left {
            organisation::leave_if_nobodys(tx, organisation)?;
        }
    }
    Ok(())
}

/// The line of the file that brought a row says all that the row said, and so does the file.
fn forget_import(tx: &Tx<'_>, table: &str, ids: &[Value<'_>], list: &str, bytes: &mut Bytes) -> Result<()> {
    let sql =
        format!("SELECT DISTINCT import_id FROM {table} WHERE id IN ({list}) AND import_id IS NOT NULL");
    let whose = match table {
        "item" => format!("SELECT i.person_id FROM item i WHERE i.id IN ({list})"),
        _ => format!("SELECT l.person_id FROM entry_person l WHERE l.entry_id IN ({list})"),
    };
    for import in tx.all(&sql, ids, |row| row.int(0))? {
        let mut values = ids.to_vec();
        values.push(import.into());
        let lines = format!("import_id = ?{} AND person_id IN ({whose})", values.len());
        ring_duty::lost(tx, "import_row", &lines, &values)?;
        tx.exec(&format!("UPDATE import_row SET raw = NULL WHERE {lines}"), &values)?;
        forget_import_file(tx, import, bytes)?;
    }
    Ok(())
}

pub(crate) fn forget_import_file(tx: &Tx<'_>, import: i64, bytes: &mut Bytes) -> Result<()> {
    let file = tx
        .maybe("SELECT file FROM import_batch WHERE id = ?1", params![import], |row| row.opt_text(0))?
        .flatten();
    // Its name may be somebody's, and goes with it.
    ring_duty::lost(tx, "import_batch", "id = ?1", params![import])?;
    tx.exec(
        "UPDATE import_batch SET file = NULL, file_key = NULL, name = '' WHERE id = ?1",
        params![import],
    )?;
    bytes.files.extend(file);
    Ok(())
}

/// Cuts the link between a person and a row that stays for somebody else.
///
/// # Errors
/// Whatever the database says.
pub fn cut(tx: &Tx<'_>, table: &'static str, id: i64, person: PersonId) -> Result<()> {
    if let Some(Owner::Links { table: links, column }) = schema::table(table).map(|table| table.owner) {
        let theirs = format!("{column} = ?1 AND person_id = ?2");
        ring_duty::delete(tx, links, &theirs, params![id, person])?;
    }
    if matches!(table, "entry" | "document") {
        consent::evidence_cut(tx, id, person)?;
    }
    if table == "incident" {
        ring_duty::delete(tx, "letter", "incident_id = ?1 AND person_id = ?2", params![id, person])?;
    }
    if table == "engagement" {
        ring_duty::delete(tx, "agreement", "engagement_id = ?1 AND person_id = ?2", params![id, person])?;
        tx.exec(
            "UPDATE engagement SET paid_by_person_id = NULL WHERE id = ?1 AND paid_by_person_id = ?2",
            params![id, person],
        )?;
    }
    Ok(())
}

/// Takes the person themselves out if nothing that is held needs them any more: no row, and no active ground.
/// Whether they are gone.
///
/// # Errors
/// Whatever the database says.
pub fn leave_if_empty(tx: &Tx<'_>, person: PersonId, bytes: &mut Bytes) -> Result<bool> {
    if any(tx, person)? {
        return Ok(false);
    }
    gone(tx, person, bytes)?;
    Ok(true)
}

/// Takes out a person of whom no datum is left: every part that was theirs, and their number wherever
/// somebody else's row mentions it.
fn gone(tx: &Tx<'_>, whom: PersonId, bytes: &mut Bytes) -> Result<()> {
    let imports =
        tx.all("SELECT DISTINCT import_id FROM import_row WHERE person_id = ?1", params![whom], |row| {
            row.int(0)
        })?;
    for import in imports {
        forget_import_file(tx, import, bytes)?;
    }
    tx.exec("DELETE FROM search_text WHERE id = ?1", params![whom])?;
    // What hangs on a part goes before it.
    for table in schema::personal() {
        let Owner::Via { column, table: part } = table.owner else { continue };
        let Some(part) = schema::table(part).filter(|part| part.kind == KindOf::Part) else { continue };
        if let Owner::Person(whose) = part.owner {
            let theirs = format!("{column} IN (SELECT id FROM {} WHERE {whose} = ?1)", part.name);
            ring_duty::delete(tx, table.name, &theirs, params![whom])?;
        }
    }
    for table in schema::personal().filter(|table| table.kind == KindOf::Part && table.name != "person") {
        match table.owner {
            Owner::Person(column) => {
                ring_duty::delete(tx, table.name, &format!("{column} = ?1"), params![whom])?;
            }
            Owner::None | Owner::Via { .. } | Owner::Links { .. } | Owner::Staff(_) | Owner::Hash(_) => {}
        }
    }
    certificate::forget_notes(tx, whom, "erasure")?;
    // Numbers that led to theirs lead nowhere now, and what was once put together with somebody else is theirs alone.
    ring_duty::delete(tx, "person", "into_person_id = ?1", params![whom])?;
    let others = "merge_id IN (SELECT id FROM merge WHERE was_person_id = ?1)";
    ring_duty::delete(tx, "merge_row", others, params![whom])?;
    ring_duty::delete(tx, "merge", "was_person_id = ?1", params![whom])?;
    for table in schema::personal() {
        for column in table.columns.iter().filter(|column| is_mention(table, column)) {
            tx.exec(
                &format!("UPDATE {0} SET {1} = NULL WHERE {1} = ?1", table.name, column.name),
                params![whom],
            )?;
        }
    }
    ring_duty::delete(tx, "person", "id = ?1", params![whom])?;
    Ok(())
}

/// A person's number in a row about somebody else: who paid, who was told, whose account it is.
pub(crate) fn is_mention(table: &Table, column: &schema::Column) -> bool {
    column.null
        && column.personal == schema::Personal::Identifier
        && column.name.ends_with("person_id")
        && table.owner != Owner::Person(column.name)
}

/// How many of each kind a list of rows has, by the kind's name: what a certificate counts.
#[must_use]
pub fn counted<'a>(
    policy: &Policy,
    kinds: impl Iterator<Item = &'a policy::KindId>,
) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for kind in kinds {
        let name = policy.kind(*kind).map_or("", |kind| kind.name.as_str());
        *counts.entry(name.to_owned()).or_insert(0) += 1;
    }
    counts
}

/// Refreshes what people are found by, after items or organisations of theirs went.
pub(crate) fn refind(
    tx: &Tx<'_>,
    policy: &Policy,
    whom: PersonId,
    tables: &BTreeSet<&'static str>,
) -> Result<()> {
    if tables.contains("item") || tables.contains("belonging") {
        person::refind(tx, policy, whom)?;
    }
    Ok(())
}

/// Values by kind.
type Identities = Vec<(String, String)>;

/// The values of items about to go, to be hashed, each with its kind: also what they said before they were changed, unless that is
/// somebody else's now. And the earliest day one was collected.
pub(crate) fn identities(tx: &Tx<'_>, items: &[i64]) -> Result<(Identities, Option<jiff::civil::Date>)> {
    let mut found = Vec::new();
    let mut earliest = None;
    for some in items.chunks(128) {
        let (values, list) = listed(some.iter().map(|id| Value::from(*id)));
        let sql = format!("SELECT kind, normal, value, collected_on FROM item WHERE id IN ({list})");
        tx.each(&sql, &values, |row| {
            let on = row.date(3)?;
            earliest = Some(earliest.map_or(on, |known: jiff::civil::Date| known.min(on)));
            found.push((row.text(0)?, row.text(2)?));
            Ok::<(), Error>(())
        })?;
        let sql = format!(
            "SELECT i.person_id, i.kind, h.value FROM item_history h JOIN item i ON i.id = h.item_id WHERE h.item_id IN ({list})"
        );
        let before = tx.all(&sql, &values, |row| Ok((PersonId(row.int(0)?), row.text(1)?, row.text(2)?)))?;
        for (person, kind, value) in before {
            // Nobody is asked for by anything else.
            let asked_by = Shape::of(&kind).identifies().is_some() || kind == "name";
            if asked_by && item::having(tx, &kind, &value)?.iter().all(|who| *who == person) {
                found.push((kind, value));
            }
        }
    }
    Ok((found, earliest))
}

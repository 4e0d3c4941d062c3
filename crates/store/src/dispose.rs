//! Disposal: what the instance holds about a person, found through the schema, and taking it out of every
//! table. It never decides what goes: the sweep and a granted erasure do, by what the grounds cover.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use custody::coverage::{Datum, Role};
use custody::id::{DocumentId, EngagementId, OrganisationId, PersonId};
use policy::Policy;

use crate::asked::{listed, standing};
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

impl Holdings {
    /// Whether any of it lies in a table.
    pub(crate) fn any_in(&self, table: &str) -> bool {
        self.data.iter().any(|datum| datum.table == table)
            || self.undeclared.iter().any(|(of, ..)| *of == table)
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
fn own_tables() -> impl Iterator<Item = (&'static Table, &'static str)> {
    schema::personal().filter_map(|table| match table.owner {
        Owner::Person(column) if refers_to_person(table, column) && kind_sql(table).is_some() => {
            Some((table, column))
        }
        _ => None,
    })
}

/// Whether the rows of a table name their person themselves, and are nobody else's.
pub(crate) fn names_its_person(table: &str) -> bool {
    schema::table(table).is_some_and(|table| matches!(table.owner, Owner::Person(_)))
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
        if matches!(table, "entry" | "document" | "call") {
            consent::evidence_goes(tx, &values, &list)?;
        }
        if table == "soft_opt_in" {
            line::reason_goes(tx, &values, &list)?;
        }
        if table == "request" {
            task::outlive(tx, &list, &values)?;
        }
        let hanging = hanging(declared, &list);
        let asked = hanging.iter().map(|(of, condition)| (*of, condition.as_str()));
        for (of, condition) in standing(tx, asked, &values)?.into_iter().filter_map(|at| hanging.get(at)) {
            match *of == table {
                true => forget_import(tx, table, &values, &list, bytes)?,
                false => ring_duty::take(tx, of, condition, &values)?,
            }
        }
        if has(declared, "file_key") {
            let sql = format!("SELECT file FROM {table} WHERE id IN ({list})");
            let names = tx.all(&sql, &values, |row| row.opt_text(0))?;
            bytes.files.extend(names.into_iter().flatten());
        }
        ring_duty::take(tx, table, &format!("id IN ({list})"), &values)?;
        for organisation in left {
            organisation::leave_if_nobodys(tx, organisation)?;
        }
    }
    Ok(())
}

/// What hangs on listed rows of a table and goes before them, each with its condition: first of all the file that brought them, where
/// the table is their own.
fn hanging(declared: &'static Table, list: &str) -> Vec<(&'static str, String)> {
    let table = declared.name;
    let mut hanging = Vec::new();
    if has(declared, "import_id") {
        hanging.push((table, format!("id IN ({list}) AND import_id IS NOT NULL")));
    }
    // What stood twice when two entries were put together goes with what it was about.
    if matches!(table, "engagement" | "entry" | "document" | "incident") {
        hanging.push(("merge_row", format!("table_name = '{table}_person' AND row_id IN ({list})")));
    }
    // Parts have no parts but those the schema declares under them; one level of those is all there is.
    for part in schema::personal().filter(|part| part.kind == KindOf::Part) {
        let columns = part.columns.iter().filter(|column| column.refers == Some(table));
        hanging.extend(columns.map(|column| (part.name, format!("{} IN ({list})", column.name))));
    }
    if table == "engagement" {
        // Nobody is held because of work that is gone, and why they were goes with it.
        let theirs = format!("engagement_id IN ({list})");
        hanging.push(("hold_helper", format!("hold_id IN (SELECT id FROM hold WHERE {theirs})")));
        hanging.push(("hold", theirs.clone()));
        hanging.push(("ground", format!("person_id IS NULL AND {theirs}")));
    }
    hanging
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
    static ASKED: OnceLock<(Vec<(&'static str, String)>, Vec<Left>)> = OnceLock::new();
    let (needs, left) = ASKED.get_or_init(|| (needs(), left()));
    let needs_them = needs.iter().map(|(table, theirs)| (*table, theirs.as_str()));
    let asked = needs_them.chain(left.iter().map(|left| (left.table, left.theirs.as_str())));
    let found = standing(tx, asked, params![person])?;
    if found.first().is_some_and(|first| *first < needs.len()) {
        return Ok(false);
    }
    gone(tx, person, found.into_iter().filter_map(|at| left.get(at - needs.len())), bytes)?;
    Ok(true)
}

/// What there must be nothing of before a person goes: rows of theirs, and active grounds.
fn needs() -> Vec<(&'static str, String)> {
    let own = own_tables().map(|(table, column)| (table.name, format!("{column} = ?1")));
    let links = schema::personal().filter_map(|table| match table.owner {
        Owner::Links { table: links, .. } => Some((links, "person_id = ?1".to_owned())),
        _ => None,
    });
    let active = ("ground", "person_id = ?1 AND state = 'active'".to_owned());
    own.chain(links).chain([active]).collect()
}

/// Takes out a person of whom no datum is left: every part that was theirs, and their number wherever
/// somebody else's row mentions it. `left` is what there is of these.
fn gone<'l>(
    tx: &Tx<'_>,
    whom: PersonId,
    left: impl Iterator<Item = &'l Left>,
    bytes: &mut Bytes,
) -> Result<()> {
    tx.put("DELETE FROM search_text WHERE id = ?1", params![whom])?;
    for Left { table, theirs, mention } in left {
        match (*table, mention) {
            ("certificate", _) => certificate::forget_notes(tx, whom, "erasure")?,
            (_, Some(column)) => {
                tx.put(&format!("UPDATE {table} SET {column} = NULL WHERE {theirs}"), params![whom])?;
            }
            (_, None) => {
                if *table == "import_row" {
                    let sql = "SELECT DISTINCT import_id FROM import_row WHERE person_id = ?1";
                    for import in tx.all(sql, params![whom], |row| row.int(0))? {
                        forget_import_file(tx, import, bytes)?;
                    }
                }
                ring_duty::take(tx, table, theirs, params![whom])?;
            }
        }
    }
    ring_duty::take(tx, "person", "id = ?1", params![whom])
}

/// What may be left of somebody of whom no datum is, in the order in which it goes.
struct Left {
    table: &'static str,
    theirs: String,
    /// The column that says their number in somebody else's row, which stays.
    mention: Option<&'static str>,
}

fn left() -> Vec<Left> {
    let mut left = Vec::new();
    let mut goes = |table, theirs: String| left.push(Left { table, theirs, mention: None });
    goes("certificate", format!("{} AND note IS NOT NULL", certificate::THEIRS));
    // What hangs on a part goes before it.
    for table in schema::personal() {
        let Owner::Via { column, table: part } = table.owner else { continue };
        let Some(part) = schema::table(part).filter(|part| part.kind == KindOf::Part) else { continue };
        if let Owner::Person(whose) = part.owner {
            goes(table.name, format!("{column} IN (SELECT id FROM {} WHERE {whose} = ?1)", part.name));
        }
    }
    for table in schema::personal().filter(|table| table.kind == KindOf::Part) {
        match table.owner {
            _ if matches!(table.name, "person" | "search_text") => {}
            Owner::Person(column) => goes(table.name, format!("{column} = ?1")),
            Owner::None | Owner::Via { .. } | Owner::Links { .. } | Owner::Staff(_) | Owner::Hash(_) => {}
        }
    }
    // Numbers that led to theirs lead nowhere now, and what was once put together with somebody else is theirs alone.
    goes("person", "into_person_id = ?1".to_owned());
    goes("merge_row", "merge_id IN (SELECT id FROM merge WHERE was_person_id = ?1)".to_owned());
    goes("merge", "was_person_id = ?1".to_owned());
    for table in schema::personal() {
        left.extend(table.columns.iter().filter(|column| is_mention(table, column)).map(|column| Left {
            table: table.name,
            theirs: format!("{} = ?1", column.name),
            mention: Some(column.name),
        }));
    }
    left
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
    let mut earliest: Option<jiff::civil::Date> = None;
    for some in items.chunks(128) {
        let (values, list) = listed(some.iter().map(|id| Value::from(*id)));
        let sql = format!(
            "SELECT kind, value, collected_on, CAST(NULL AS BIGINT) FROM item WHERE id IN ({list})
                UNION ALL SELECT i.kind, h.value, CAST(NULL AS TEXT), i.person_id FROM item_history h JOIN item i ON i.id = h.item_id
                    WHERE h.item_id IN ({list})"
        );
        let mut before = Vec::new();
        tx.each(&sql, &values, |row| {
            match (row.opt_date(2)?, row.opt_int(3)?) {
                (_, Some(person)) => before.push((PersonId(person), row.text(0)?, row.text(1)?)),
                (on, None) => {
                    earliest = earliest.into_iter().chain(on).min();
                    found.push((row.text(0)?, row.text(1)?));
                }
            }
            Ok::<(), Error>(())
        })?;
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

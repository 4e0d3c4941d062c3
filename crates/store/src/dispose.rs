//! Disposal: taking what the instance holds about a person out of every table, found through the schema. It never decides
//! what goes: the sweep and a granted erasure do, by what the grounds cover.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use custody::id::{OrganisationId, PersonId};
use policy::Policy;

use crate::asked::{listed, standing, standing_sql};
use crate::normal::Shape;
use crate::schema::{self, KindOf, Owner, Table};
use crate::{
    Error, Result, Tx, Value, certificate, consent, item, line, organisation, params, person, ring_duty,
    search, task,
};

mod held;

use held::own_tables;
pub use held::{Holdings, holdings, of_work};
pub(crate) use held::{linked_rows, refers_to_person, work_holds};

/// How many rows one statement takes out.
const AT_ONCE: usize = 64;

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
        if matches!(table, "entry" | "document" | "call") {
            consent::evidence_goes(tx, &values, &list)?;
        }
        if table == "soft_opt_in" {
            line::reason_goes(tx, &values, &list)?;
        }
        if table == "request" {
            task::outlive(tx, &list, &values)?;
        }
        let hanging = hanging(table, &list);
        let asked = standing_sql(hanging.iter().map(|(of, condition)| (*of, condition.as_str())));
        for (of, condition) in standing(tx, &asked, &values)?.into_iter().filter_map(|at| hanging.get(at)) {
            ring_duty::take(tx, of, condition, &values)?;
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

/// What hangs on listed rows of a table and goes before them, each table with its condition.
fn hanging(table: &'static str, list: &str) -> Vec<(&'static str, String)> {
    let mut hanging = Vec::new();
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
    // Not only where there is one: for that PostgreSQL goes through all that was ever imported.
    let sql = format!("SELECT DISTINCT import_id FROM {table} WHERE id IN ({list})");
    let whose = match table {
        "item" => format!("SELECT i.person_id FROM item i WHERE i.id IN ({list})"),
        _ => format!("SELECT l.person_id FROM entry_person l WHERE l.entry_id IN ({list})"),
    };
    for import in tx.all(&sql, ids, |row| row.opt_int(0))?.into_iter().flatten() {
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
    static ASKED: OnceLock<(usize, Vec<Left>, String)> = OnceLock::new();
    let (needs, left, asked) = ASKED.get_or_init(|| {
        let (needs, left) = (needs(), left());
        let needs_them = needs.iter().map(|(table, theirs)| (*table, theirs.as_str()));
        let asked = needs_them.chain(left.iter().map(|left| (left.table, left.theirs.as_str())));
        let asked = standing_sql(asked);
        (needs.len(), left, asked)
    });
    let found = standing(tx, asked, params![person])?;
    if found.first().is_some_and(|first| first < needs) {
        return Ok(false);
    }
    gone(tx, person, found.into_iter().filter_map(|at| left.get(at - needs)), bytes)?;
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
    search::forget(tx, whom)?;
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

fn has(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|known| known.name == column)
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

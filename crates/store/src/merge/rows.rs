//! The rows of one entry become another's, table by table as the schema declares them, and back. It never looks at what
//! stands in them.

use custody::id::PersonId;
use serde_json::{Value as Json, json};

use super::{MergeId, Merged};
use crate::backup::restore::SURVIVES;
use crate::dispose::{is_mention, refers_to_person};
use crate::schema::{self, KindOf, Owner, Table};
use crate::{Result, Tx, keys, params, ring_duty};

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Did {
    /// It is the other's now.
    Moved,
    /// It stood twice, and what it said is kept.
    Joined,
    /// It was written because they were put together.
    Said,
}

impl Did {
    fn name(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Joined => "joined",
            Self::Said => "said",
        }
    }
}

/// What is not moved row by row: the number itself, what is made from the rest, what is decided anew.
const NOT_MOVED: &[&str] = &["person", "search_text", "alike", "untold", "invitation"];

/// Links between somebody and what is also others': the table, the column beside, the rest of the key, and what else stands
/// in it.
const LINKS: &[(&str, &str, Option<&str>, &[&str])] = &[
    ("engagement_person", "engagement_id", Some("part"), &["since", "until"]),
    ("entry_person", "entry_id", Some("role"), &[]),
    ("document_person", "document_id", Some("role"), &[]),
    ("incident_person", "incident_id", None, &["told_at"]),
];

/// The tables whose rows are moved by their own identity, each with the column that says whose they are.
fn tables() -> impl Iterator<Item = (&'static Table, &'static str)> {
    let linking = |name: &str| LINKS.iter().any(|(known, ..)| *known == name);
    schema::personal().filter_map(move |table| match table.owner {
        Owner::Person(column)
            if refers_to_person(table, column)
                && !NOT_MOVED.contains(&table.name)
                && !linking(table.name) =>
        {
            Some((table, column))
        }
        _ => None,
    })
}

/// Every table whose rows go with somebody, with the column that says whose they are.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let linked = LINKS.iter().map(|(table, ..)| (*table, "person_id"));
    let also = [("invitation", "person_id"), ("untold", "person_id")];
    tables().map(|(table, column)| (table.name, column)).chain(linked).chain(also)
}

/// Columns that mention somebody in a row about somebody else.
fn mentions() -> impl Iterator<Item = (&'static Table, &'static str)> {
    schema::personal()
        .flat_map(|table| {
            let columns = table.columns.iter().filter(|column| is_mention(table, column));
            columns.map(move |column| (table, column.name))
        })
        .filter(|(table, _)| !["alike", "merge"].contains(&table.name))
}

/// The identity of a row and the rest of its key, in SQL.
fn key_of(table: &Table) -> (&'static str, String) {
    match table.key {
        [first, rest] => (first, format!("CAST({rest} AS TEXT)")),
        [first, ..] => (first, "''".to_owned()),
        [] => ("id", "''".to_owned()),
    }
}

/// Writes down what became of a row.
pub(super) fn note(tx: &Tx<'_>, merge: MergeId, table: &str, row: i64, did: Did) -> Result<()> {
    tx.put(
        "INSERT INTO merge_row (merge_id, table_name, row_id, part, did) VALUES (?1, ?2, ?3, '', ?4)
            ON CONFLICT (merge_id, table_name, row_id, part) DO NOTHING",
        params![merge.0, table, row, did.name()],
    )
}

/// The rows of a table of which that was written down.
pub(super) fn noted(tx: &Tx<'_>, merge: MergeId, table: &str) -> Result<Vec<i64>> {
    let sql = "SELECT row_id FROM merge_row WHERE merge_id = ?1 AND table_name = ?2 ORDER BY row_id";
    tx.all(sql, params![merge.0, table], |row| row.int(0))
}

/// Makes every row about `lose` one about `keep`.
pub(super) fn move_all(tx: &Tx<'_>, merge: MergeId, keep: PersonId, lose: PersonId) -> Result<()> {
    let again = "ON CONFLICT (merge_id, table_name, row_id, part) DO NOTHING";
    for (table, column) in tables() {
        let (row, part) = key_of(table);
        let name = table.name;
        tx.exec(
            &format!(
                "INSERT INTO merge_row (merge_id, table_name, row_id, part, did)
                    SELECT CAST(?2 AS BIGINT), '{name}', {row}, {part}, 'moved' FROM {name} WHERE {column} = ?1 {again}"
            ),
            params![lose, merge.0],
        )?;
        tx.exec(&format!("UPDATE {name} SET {column} = ?2 WHERE {column} = ?1"), params![lose, keep])?;
        survives(tx, merge, table, row)?;
    }
    for (table, column) in mentions() {
        let (row, _) = key_of(table);
        let name = table.name;
        tx.exec(
            &format!(
                "INSERT INTO merge_row (merge_id, table_name, row_id, part, did)
                    SELECT CAST(?2 AS BIGINT), '{name}', {row}, '{column}', 'moved' FROM {name} WHERE {column} = ?1 {again}"
            ),
            params![lose, merge.0],
        )?;
        tx.exec(&format!("UPDATE {name} SET {column} = ?2 WHERE {column} = ?1"), params![lose, keep])?;
        survives(tx, merge, table, row)?;
    }
    move_links(tx, merge, keep, lose)?;
    move_invitations(tx, merge, keep, lose)?;
    move_untold(tx, merge, keep, lose)
}

/// What every restore brings back as it stands now is told again, now that it is the other's.
fn survives(tx: &Tx<'_>, merge: MergeId, table: &Table, row: &str) -> Result<()> {
    if !SURVIVES.contains(&table.name) {
        return Ok(());
    }
    let moved = format!(
        "{row} IN (SELECT row_id FROM merge_row WHERE merge_id = ?1 AND table_name = '{}')",
        table.name
    );
    ring_duty::kept(tx, table.name, &moved, params![merge.0])
}

/// What somebody is in is the other's; where both are in it the same way, one of the two stays.
fn move_links(tx: &Tx<'_>, merge: MergeId, keep: PersonId, lose: PersonId) -> Result<()> {
    for (table, column, rest, also) in LINKS {
        let part = rest.unwrap_or("''");
        let columns: String = also.iter().map(|also| format!(", CAST({also} AS TEXT)")).collect();
        let sql = format!("SELECT {column}, {part}{columns} FROM {table} WHERE person_id = ?1");
        let read = |whom: PersonId| {
            tx.all(&sql, params![whom], |row| {
                let said =
                    (0..also.len()).map(|place| row.opt_text(place + 2)).collect::<Result<Vec<_>>>()?;
                Ok(((row.int(0)?, row.text(1)?), said))
            })
        };
        let held = read(keep)?;
        let one = match rest {
            Some(rest) => format!("{column} = ?1 AND {rest} = ?3 AND person_id = ?2"),
            None => format!("{column} = ?1 AND person_id = ?2 AND ?3 = ''"),
        };
        for ((row, part), said) in read(lose)? {
            let twin = held.iter().find(|(key, _)| *key == (row, part.clone())).map(|(_, said)| said);
            let (did, was) = match twin {
                None => (Did::Moved, None),
                Some(kept) => (Did::Joined, Some(json!({ "lose": said, "keep": kept }).to_string())),
            };
            tx.exec(
                "INSERT INTO merge_row (merge_id, table_name, row_id, part, did, was) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                    ON CONFLICT (merge_id, table_name, row_id, part) DO NOTHING",
                params![merge.0, *table, row, part.as_str(), did.name(), was],
            )?;
            match twin {
                None => {
                    let sql = format!("UPDATE {table} SET person_id = ?4 WHERE {one}");
                    tx.exec(&sql, params![row, lose, part.as_str(), keep])?;
                }
                Some(kept) => {
                    let (since, until) = (wider(&said, kept, 0), wider(&said, kept, 1));
                    if !also.is_empty() {
                        set_link(tx, table, also, &one, (row, keep, &part), &[since, until])?;
                    }
                    ring_duty::delete(tx, table, &one, params![row, lose, part.as_str()])?;
                }
            }
        }
    }
    Ok(())
}

/// Of two beginnings the earlier, of two ends the later: one that has not come is later than any. Of when both were told
/// the earlier.
fn wider(one: &[Option<String>], other: &[Option<String>], place: usize) -> Option<String> {
    let (one, other) = (one.get(place).cloned().flatten(), other.get(place).cloned().flatten());
    match (place, one, other) {
        (0, Some(one), Some(other)) => Some(one.min(other)),
        (0, one, other) => one.or(other),
        (_, Some(one), Some(other)) => Some(one.max(other)),
        _ => None,
    }
}

fn set_link(
    tx: &Tx<'_>,
    table: &str,
    also: &[&str],
    one: &str,
    (row, whose, part): (i64, PersonId, &str),
    said: &[Option<String>],
) -> Result<()> {
    for (column, value) in also.iter().zip(said) {
        let number = schema::table(table)
            .and_then(|table| table.columns.iter().find(|known| known.name == *column))
            .is_some_and(|known| known.form == schema::Form::At);
        let value: crate::Value<'_> = match value {
            None => crate::Value::Null,
            Some(value) if number => value.parse::<i64>().map_or(crate::Value::Null, crate::Value::Int),
            Some(value) => value.as_str().into(),
        };
        let typed = if number { "CAST(?4 AS BIGINT)" } else { "?4" };
        let mut values = params![row, whose, part].to_vec();
        values.push(value);
        tx.exec(&format!("UPDATE {table} SET {column} = {typed} WHERE {one}"), &values)?;
    }
    Ok(())
}

/// What stands in a link beside its key.
fn said_of(
    tx: &Tx<'_>,
    table: &str,
    also: &[&str],
    one: &str,
    (row, whose, part): (i64, PersonId, &str),
) -> Result<Vec<Option<String>>> {
    if also.is_empty() {
        return Ok(Vec::new());
    }
    let columns: Vec<String> = also.iter().map(|also| format!("CAST({also} AS TEXT)")).collect();
    let sql = format!("SELECT {} FROM {table} WHERE {one}", columns.join(", "));
    let found = tx.maybe(&sql, params![row, whose, part], |read| {
        (0..also.len()).map(|place| read.opt_text(place)).collect::<Result<Vec<_>>>()
    })?;
    Ok(found.unwrap_or_default())
}

/// Links that were sent lead to whoever has the row: they go with it, and come back with it.
fn move_invitations(tx: &Tx<'_>, merge: MergeId, keep: PersonId, lose: PersonId) -> Result<()> {
    let theirs =
        tx.all("SELECT hash FROM invitation WHERE person_id = ?1", params![lose], |row| row.bytes(0))?;
    for hash in theirs {
        tx.exec(
            "INSERT INTO merge_row (merge_id, table_name, row_id, part, did) VALUES (?1, 'invitation', 0, ?2, 'moved')
                ON CONFLICT (merge_id, table_name, row_id, part) DO NOTHING",
            params![merge.0, keys::hex(&hash)],
        )?;
        tx.exec("UPDATE invitation SET person_id = ?2 WHERE hash = ?1", params![&hash, keep])?;
        ring_duty::kept(tx, "invitation", "hash = ?1", params![&hash])?;
    }
    Ok(())
}

/// Who was not told yet of either is not told yet, since the earlier of the two days.
fn move_untold(tx: &Tx<'_>, merge: MergeId, keep: PersonId, lose: PersonId) -> Result<()> {
    let since = |whom: PersonId| {
        tx.maybe("SELECT since FROM untold WHERE person_id = ?1", params![whom], |row| row.text(0))
    };
    let Some(theirs) = since(lose)? else { return Ok(()) };
    let kept = since(keep)?;
    let was = json!({ "lose": [theirs], "keep": [kept] }).to_string();
    tx.exec(
        "INSERT INTO merge_row (merge_id, table_name, row_id, part, did, was) VALUES (?1, 'untold', 0, '', 'joined', ?2)
            ON CONFLICT (merge_id, table_name, row_id, part) DO NOTHING",
        params![merge.0, was],
    )?;
    ring_duty::delete(tx, "untold", "person_id = ?1", params![lose])?;
    let earlier = kept.map_or(theirs.clone(), |kept| kept.min(theirs));
    tx.exec(
        "INSERT INTO untold (person_id, since) VALUES (?1, ?2) ON CONFLICT (person_id) DO UPDATE SET since = excluded.since",
        params![keep, earlier],
    )?;
    Ok(())
}

/// What was written down of rows that are there and theirs no more: the condition on `merge_row` for each table, with the merge as ?1
/// and whose they became as ?2. What is part of something else is left to it.
fn not_there() -> impl Iterator<Item = String> {
    let of_tables = tables().filter(|(table, _)| table.kind != KindOf::Part).map(|(table, column)| {
        let (row, _) = key_of(table);
        format!(
            "merge_id = ?1 AND table_name = '{name}' AND did = 'moved' AND part = ''
                AND NOT EXISTS (SELECT 1 FROM {name} t WHERE t.{row} = merge_row.row_id AND t.{column} = ?2)",
            name = table.name
        )
    });
    let of_links = LINKS.iter().map(|(table, column, rest, _)| {
        let same = rest.map_or(String::new(), |rest| format!(" AND t.{rest} = merge_row.part"));
        format!(
            "merge_id = ?1 AND table_name = '{table}'
                AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.{column} = merge_row.row_id{same} AND t.person_id = ?2)"
        )
    });
    of_tables.chain(of_links)
}

/// Whether every datum that was moved, and every link, is still there and still theirs.
pub(super) fn all_there(tx: &Tx<'_>, merged: &Merged) -> Result<bool> {
    for gone in not_there() {
        let sql = format!("SELECT 1 FROM merge_row WHERE {gone}");
        if tx.any(&sql, params![merged.id.0, merged.kept])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// That something of theirs was let go of since they were put together, as a certificate says or the log.
const LET_GO: &str = "SELECT 1 FROM person p WHERE (p.id = ?2 OR p.into_person_id = ?2) AND (
    EXISTS (SELECT 1 FROM certificate c WHERE c.person_number = p.id AND c.at >= (SELECT m.merged_at FROM merge m WHERE m.id = ?1))
    OR EXISTS (SELECT 1 FROM log_subject s JOIN log_event e ON e.id = s.event_id WHERE s.person_id = p.id
        AND e.act = 'item.removed' AND e.at >= (SELECT m.merged_at FROM merge m WHERE m.id = ?1)))";

/// After a restore to an earlier point: forgets of what was put together what came after the point, and so never was there. Where
/// anything was let go of since, all that was written down stays, since nobody can tell the two apart.
pub(super) fn forget_what_came_later(tx: &Tx<'_>, merged: &Merged) -> Result<()> {
    if tx.any(LET_GO, params![merged.id.0, merged.kept])? {
        return Ok(());
    }
    for gone in not_there() {
        ring_duty::delete(tx, "merge_row", &gone, params![merged.id.0, merged.kept])?;
    }
    Ok(())
}

/// Gives back what was moved, and takes back what was said.
pub(super) fn move_back(tx: &Tx<'_>, merged: &Merged) -> Result<()> {
    let (merge, keep, lose) = (merged.id, merged.kept, merged.was);
    let said = "id IN (SELECT row_id FROM merge_row WHERE merge_id = ?1 AND table_name = 'objection' AND did = 'said')";
    ring_duty::delete(tx, "objection", said, params![merge.0])?;
    for (table, column) in tables() {
        let (row, part) = key_of(table);
        tx.exec(
            &format!(
                "UPDATE {name} SET {column} = ?3 WHERE {column} = ?2 AND EXISTS (SELECT 1 FROM merge_row r WHERE r.merge_id = ?1
                    AND r.table_name = '{name}' AND r.row_id = {name}.{row} AND r.part = {part} AND r.did = 'moved')",
                name = table.name
            ),
            params![merge.0, keep, lose],
        )?;
        survives(tx, merge, table, row)?;
    }
    // What a detail said before it was changed while they were one goes back with the detail.
    let changed = "UPDATE item_history SET person_id = ?2 WHERE person_id = ?1
        AND item_id IN (SELECT id FROM item WHERE person_id = ?2)";
    tx.exec(changed, params![keep, lose])?;
    for (table, column) in mentions() {
        let (row, _) = key_of(table);
        tx.exec(
            &format!(
                "UPDATE {name} SET {column} = ?3 WHERE {column} = ?2 AND EXISTS (SELECT 1 FROM merge_row r WHERE r.merge_id = ?1
                    AND r.table_name = '{name}' AND r.row_id = {name}.{row} AND r.part = '{column}')",
                name = table.name
            ),
            params![merge.0, keep, lose],
        )?;
        survives(tx, merge, table, row)?;
    }
    links_back(tx, merged)?;
    let theirs =
        tx.all("SELECT hash FROM invitation WHERE person_id = ?1", params![keep], |row| row.bytes(0))?;
    for hash in theirs {
        let was = "SELECT 1 FROM merge_row WHERE merge_id = ?1 AND table_name = 'invitation' AND part = ?2";
        if tx.any(was, params![merge.0, keys::hex(&hash)])? {
            tx.exec("UPDATE invitation SET person_id = ?2 WHERE hash = ?1", params![&hash, lose])?;
            ring_duty::kept(tx, "invitation", "hash = ?1", params![&hash])?;
        }
    }
    Ok(())
}

fn links_back(tx: &Tx<'_>, merged: &Merged) -> Result<()> {
    let (merge, keep, lose) = (merged.id, merged.kept, merged.was);
    let texts = |was: &Json, whose: &str| -> Vec<Option<String>> {
        let all = was.get(whose).and_then(Json::as_array).into_iter().flatten();
        all.map(|one| one.as_str().map(str::to_owned)).collect()
    };
    for (table, column, rest, also) in LINKS {
        let one = match rest {
            Some(rest) => format!("{column} = ?1 AND {rest} = ?3 AND person_id = ?2"),
            None => format!("{column} = ?1 AND person_id = ?2 AND ?3 = ''"),
        };
        let noted = tx.all(
            "SELECT row_id, part, did, was FROM merge_row WHERE merge_id = ?1 AND table_name = ?2",
            params![merge.0, *table],
            |row| Ok((row.int(0)?, row.text(1)?, row.text(2)?, row.opt_text(3)?)),
        )?;
        for (row, part, did, was) in noted {
            if did == Did::Moved.name() {
                let sql = format!("UPDATE {table} SET person_id = ?4 WHERE {one}");
                tx.exec(&sql, params![row, keep, part.as_str(), lose])?;
                continue;
            }
            let was: Json = was.and_then(|was| serde_json::from_str(&was).ok()).unwrap_or_default();
            let rest_of = rest.map(|rest| format!("{rest}, ")).unwrap_or_default();
            let columns: String = also.iter().map(|also| format!(", {also}")).collect();
            let copied = format!(
                "INSERT INTO {table} ({column}, {rest_of}person_id{columns}) SELECT {column}, {rest_of}CAST(?4 AS BIGINT){columns}
                    FROM {table} WHERE {one}"
            );
            tx.exec(&copied, params![row, keep, part.as_str(), lose])?;
            let (lost, held) = (texts(&was, "lose"), texts(&was, "keep"));
            let stands = said_of(tx, table, also, &one, (row, keep, &part))?;
            // What was changed since is of both: nobody knows whose it was.
            let back = |was: &[Option<String>]| -> Vec<Option<String>> {
                let of = |said: &[Option<String>], place: usize| said.get(place).cloned().flatten();
                let stayed = |place: usize| of(&stands, place) == wider(&lost, &held, place);
                (0..also.len())
                    .map(|place| if stayed(place) { of(was, place) } else { of(&stands, place) })
                    .collect()
            };
            set_link(tx, table, also, &one, (row, lose, &part), &back(&lost))?;
            set_link(tx, table, also, &one, (row, keep, &part), &back(&held))?;
        }
    }
    let untold = "SELECT was FROM merge_row WHERE merge_id = ?1 AND table_name = 'untold'";
    if let Some(was) = tx.maybe(untold, params![merge.0], |row| row.opt_text(0))?.flatten() {
        let was: Json = serde_json::from_str(&was).unwrap_or_default();
        let first = |whose: &str| texts(&was, whose).into_iter().next().flatten();
        let told = "SELECT 1 FROM told WHERE person_id = ?1 AND id > ?2";
        // Who was told since as one was told as both.
        if !tx.any(told, params![keep, merge.0])? {
            if let Some(since) = first("lose") {
                tx.exec(
                    "INSERT INTO untold (person_id, since) VALUES (?1, ?2) ON CONFLICT (person_id) DO NOTHING",
                    params![lose, since],
                )?;
            }
            match first("keep") {
                Some(since) => {
                    tx.exec("UPDATE untold SET since = ?2 WHERE person_id = ?1", params![keep, since])?;
                }
                None => drop(ring_duty::delete(tx, "untold", "person_id = ?1", params![keep])?),
            }
        }
    }
    Ok(())
}

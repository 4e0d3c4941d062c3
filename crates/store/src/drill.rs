//! Restores that were tried aside: the record of each, and what tells a restored database from the one that people work on.
//! It holds numbers of rows and never a value; it restores nothing itself.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::backup::row;
use crate::safe::Safe;
use crate::schema::Owner;
use crate::{Error, Result, Store, Tx, id, params};

/// How many rows are read in one statement.
const AT_ONCE: usize = 20_000;

/// The record of a drill.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drill {
    /// Its row.
    pub id: i64,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; nothing while it goes on, or if it was interrupted.
    pub ended_at: Option<Timestamp>,
    /// Who asked for it.
    pub actor: String,
    /// What it does now, or did last.
    pub step: String,
    /// How many things were not as they must be.
    pub failed: i64,
    /// What was looked at and found.
    pub report: Option<String>,
}

/// Notes that one begins.
///
/// # Errors
/// Whatever the database says.
pub fn begin(tx: &Tx<'_>, actor: &str, now: Timestamp) -> Result<i64> {
    let drill = id::next();
    tx.put(
        "INSERT INTO drill (id, began_at, actor, step, failed) VALUES (?1, ?2, ?3, 'beginning', 0)",
        params![drill, now, actor],
    )?;
    Ok(drill)
}

/// Notes what it does now.
///
/// # Errors
/// Whatever the database says.
pub fn step(tx: &Tx<'_>, drill: i64, words: &str) -> Result<()> {
    tx.exec("UPDATE drill SET step = ?2 WHERE id = ?1", params![drill, words])?;
    Ok(())
}

/// Notes what came of it.
///
/// # Errors
/// Whatever the database says.
pub fn end(tx: &Tx<'_>, drill: i64, failed: i64, report: &str, now: Timestamp) -> Result<()> {
    tx.exec(
        "UPDATE drill SET step = 'ended', ended_at = ?2, failed = ?3, report = ?4 WHERE id = ?1",
        params![drill, now, failed, report],
    )?;
    Ok(())
}

/// The last ones, the newest first.
///
/// # Errors
/// Whatever the database says.
pub fn newest(tx: &Tx<'_>, limit: u32) -> Result<Vec<Drill>> {
    select(tx, "ORDER BY id DESC LIMIT ?1", i64::from(limit))
}

/// One of them.
///
/// # Errors
/// [`Error::Missing`] if there is none of this number.
pub fn one(tx: &Tx<'_>, drill: i64) -> Result<Drill> {
    select(tx, "WHERE id = ?1", drill)?.pop().ok_or(Error::Missing)
}

fn select(tx: &Tx<'_>, which: &str, value: i64) -> Result<Vec<Drill>> {
    let sql = format!("SELECT id, began_at, ended_at, actor, step, failed, report FROM drill {which}");
    tx.all(&sql, params![value], |row| {
        Ok(Drill {
            id: row.int(0)?,
            began_at: row.at(1)?,
            ended_at: row.opt_at(2)?,
            actor: row.text(3)?,
            step: row.text(4)?,
            failed: row.int(5)?,
            report: row.opt_text(6)?,
        })
    })
}

/// The numbers of a table's rows from one on, in order, as many as one statement reads.
fn ids(tx: &Tx<'_>, table: &str, from: i64, before: i64) -> Result<Vec<i64>> {
    tx.all(
        &format!("SELECT id FROM {table} WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT {AT_ONCE}"),
        params![from, before],
        |row| row.int(0),
    )
}

/// What is in one database and not in the other, of rows made before an identity.
fn only_in(one: &Store, other: &Store, table: &str, before: i64) -> Result<Vec<i64>> {
    let (mut only, mut from) = (Vec::new(), 0);
    loop {
        let mine = one.read(|tx| ids(tx, table, from, before))?;
        let Some(last) = mine.last().copied() else { return Ok(only) };
        let theirs = other.read(|tx| {
            let sql = format!("SELECT id FROM {table} WHERE id >= ?1 AND id <= ?2");
            tx.all(&sql, params![from, last], |row| row.int(0))
        })?;
        let theirs: BTreeSet<i64> = theirs.into_iter().collect();
        only.extend(mine.into_iter().filter(|id| !theirs.contains(id)));
        from = last + 1;
    }
}

/// What came back although it was let go of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Back {
    /// How many rows of people were looked at.
    pub looked_at: u64,
    /// Rows that the restored database has and the other one has not: their table and number.
    pub rows: Vec<String>,
}

/// Rows about people in a restored database that the one people work on does not have. What was let go of while the drill
/// went on is none of them: the safe, as it is now, no longer gives its key. What was made since `before` came of the drill.
///
/// # Errors
/// Whatever the databases say.
pub fn back(restored: &Store, live: &Store, before: i64) -> Result<Back> {
    let mut found = Back::default();
    for table in row::tables().filter(|table| table.owner != Owner::None && table.key == ["id"]) {
        let sql = format!("SELECT count(*) FROM {} WHERE id < ?1", table.name);
        let all = restored.read(|tx| tx.count(&sql, params![before]))?;
        found.looked_at += all.unsigned_abs();
        let only = only_in(restored, live, table.name, before)?;
        if only.is_empty() {
            continue;
        }
        let safe = Safe::open(live)?;
        let given = |id: &i64| safe.trees.iter().any(|tree| tree.ring.gives(*id));
        found.rows.extend(only.iter().filter(|id| given(id)).map(|id| format!("{} {id}", table.name)));
    }
    Ok(found)
}

/// People who were held when a backup was made, are held now, and are not in what was restored of it; and how many there
/// should be.
///
/// # Errors
/// Whatever the databases say.
pub fn missing(restored: &Store, live: &Store, made: Timestamp) -> Result<(u64, Vec<i64>)> {
    // The second of the backup itself is left out: whoever came in it may be in it or not.
    let before = id::since(made);
    // A number that only leads to somebody must be there, and is nobody.
    let people = "SELECT count(*) FROM person WHERE id < ?1 AND into_person_id IS NULL";
    let all = live.read(|tx| tx.count(people, params![before]))?;
    Ok((all.unsigned_abs(), only_in(live, restored, "person", before)?))
}

/// Tables of which every restore has all rows, whichever point it is of, and whether a row is of one person.
const ALWAYS: &[(&str, bool)] = &[
    ("objection", true),
    ("restriction", true),
    ("hold", true),
    ("not_objecting", false),
    ("suppression", false),
    ("certificate", false),
];

/// Rows that no restore may forget and that this one has not, of those written before an identity; and how many there are.
/// A restore sweeps: what is of somebody who is `due` went in it, and goes here tonight. Where the other database was not
/// `swept` today, rows of nobody may have had their time, too.
///
/// # Errors
/// Whatever the databases say.
pub fn forgotten(
    restored: &Store,
    live: &Store,
    before: i64,
    (due, swept): (&BTreeSet<i64>, bool),
) -> Result<(u64, Vec<String>)> {
    let (mut all, mut rows) = (0, Vec::new());
    for (table, of_one) in ALWAYS {
        let sql = format!("SELECT count(*) FROM {table} WHERE id < ?1");
        all += live.read(|tx| tx.count(&sql, params![before]))?.unsigned_abs();
        for row in only_in(live, restored, table, before)? {
            let sql = format!("SELECT person_id FROM {table} WHERE id = ?1");
            let goes = match of_one {
                true => live
                    .read(|tx| tx.maybe(&sql, params![row], |found| found.opt_int(0)))?
                    .flatten()
                    .is_some_and(|who| due.contains(&who)),
                false => !swept,
            };
            if !goes {
                rows.push(format!("{table} {row}"));
            }
        }
    }
    Ok((all, rows))
}

/// So many different ranks among `all`, taken by chance; every one where there are no more.
fn chance(all: i64, most: usize) -> Result<BTreeSet<i64>> {
    let few = usize::try_from(all).is_ok_and(|all| all <= most);
    let mut ranks: BTreeSet<i64> = if few { (0..all).collect() } else { BTreeSet::new() };
    while ranks.len() < most && !few {
        let mut bytes = [0; 8];
        crate::keys::random(&mut bytes)?;
        ranks.insert(i64::from_le_bytes(bytes).rem_euclid(all));
    }
    Ok(ranks)
}

/// Details of people taken by chance, read in what was restored and held against what stands in the other database, if they
/// were not changed there since. How many were read, and which are not the same.
///
/// # Errors
/// Whatever the databases say.
pub fn sample(restored: &Store, live: &Store, made: Timestamp, most: usize) -> Result<(u64, Vec<i64>)> {
    let all = restored.read(|tx| tx.count("SELECT count(*) FROM item", &[]))?;
    let ranks = chance(all, most)?;
    // All numbers are gone through once, however many are taken: asking for the row of a rank would go through them each time.
    let (mut taken, mut passed, mut from) = (Vec::new(), 0, 0);
    loop {
        let some = restored.read(|tx| ids(tx, "item", from, i64::MAX))?;
        let Some(last) = some.last() else { break };
        from = last + 1;
        taken.extend((passed..).zip(&some).filter(|(rank, _)| ranks.contains(rank)).map(|(_, item)| *item));
        passed += i64::try_from(some.len()).unwrap_or(0);
    }
    let (mut read, mut differ) = (0, Vec::new());
    for item in taken {
        let sql = "SELECT id, value FROM item WHERE id = ?1";
        let found =
            restored.read(|tx| tx.maybe(sql, params![item], |row| Ok((row.int(0)?, row.text(1)?))))?;
        let Some((item, value)) = found else { continue };
        read += 1;
        let sql = "SELECT value FROM item WHERE id = ?1 AND updated_at < ?2";
        let now = live.read(|tx| tx.maybe(sql, params![item, made], |row| row.text(0)))?;
        if now.is_some_and(|now| now != value) {
            differ.push(item);
        }
    }
    Ok((read, differ))
}

/// Files of documents taken by chance and read to their end. How many, and which could not be.
///
/// # Errors
/// Whatever the database says.
pub fn sample_files(restored: &Store, most: usize) -> Result<(u64, Vec<i64>)> {
    let sql =
        "SELECT id, file, file_key FROM document WHERE file IS NOT NULL AND file_key IS NOT NULL ORDER BY id";
    let all = "SELECT count(*) FROM document WHERE file IS NOT NULL AND file_key IS NOT NULL";
    let all = restored.read(|tx| tx.count(all, &[]))?;
    let (mut read, mut broken) = (0, Vec::new());
    for at in chance(all, most)? {
        let one = format!("{sql} LIMIT 1 OFFSET ?1");
        let found = restored.read(|tx| {
            tx.maybe(&one, params![at], |row| Ok((row.int(0)?, row.text(1)?, row.bytes(2)?.to_vec())))
        })?;
        if let Some((document, name, key)) = found {
            read += 1;
            if crate::files::read_to(restored, &name, &key, std::io::sink()).is_err() {
                broken.push(document);
            }
        }
    }
    Ok((read, broken))
}

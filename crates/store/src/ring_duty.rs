//! What the ring of the backups' keys is still to be told: rows that went, rows that lost a value, and rows that
//! every restore must bring back. Written in the transaction of the act, carried out right after it and, if that could
//! not be, within seconds. It decides nothing about anybody.

use std::path::PathBuf;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::backup::row;
use crate::ring::Path;
use crate::safe::{self, Safe, Since};
use crate::schema::{self, Owner, Table};
use crate::{Error, Result, Store, Tx, Value, id, keys, params};

/// How many are carried out at once.
const AT_ONCE: usize = 20_000;

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    /// It went.
    Gone,
    /// A value in it went.
    Lost,
    /// It must not be forgotten.
    Kept,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Lost => "lost",
            Self::Kept => "kept",
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "lost" => Self::Lost,
            "kept" => Self::Kept,
            _ => Self::Gone,
        }
    }
}

/// The rows of a table under a condition are about to be deleted: no backup may bring them back.
///
/// # Errors
/// Whatever the database says.
pub fn gone(tx: &Tx<'_>, table: &str, condition: &str, values: &[Value<'_>]) -> Result<()> {
    note(tx, What::Gone, table, condition, values)
}

/// The rows of a table under a condition lose what stood in them and stay: no backup may bring back what it was.
///
/// # Errors
/// Whatever the database says.
pub fn lost(tx: &Tx<'_>, table: &str, condition: &str, values: &[Value<'_>]) -> Result<()> {
    note(tx, What::Lost, table, condition, values)
}

/// The rows of a table under a condition were written or changed, and every restore must bring them back.
///
/// # Errors
/// Whatever the database says.
pub fn kept(tx: &Tx<'_>, table: &str, condition: &str, values: &[Value<'_>]) -> Result<()> {
    note(tx, What::Kept, table, condition, values)
}

fn note(tx: &Tx<'_>, what: What, table: &str, condition: &str, values: &[Value<'_>]) -> Result<()> {
    let declared = schema::table(table).ok_or(Error::Missing)?;
    if declared.key == ["id"] {
        let sql = format!(
            "INSERT INTO ring_duty (table_name, row_id, part, what) SELECT '{table}', id, 0, '{}' FROM {table}
                WHERE {condition} ON CONFLICT DO NOTHING",
            what.name()
        );
        tx.exec(&sql, values)?;
        return Ok(());
    }
    let columns = declared.key.join(", ");
    let sql = format!("SELECT {columns} FROM {table} WHERE {condition}");
    let keys = tx.all(&sql, values, |row| {
        (0..declared.key.len()).map(|column| row.value(column)).collect::<Result<Vec<_>>>()
    })?;
    for key in keys {
        let path = row::path_of(declared, &key.iter().collect::<Vec<_>>())?;
        tx.exec(
            "INSERT INTO ring_duty (table_name, row_id, part, what) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![table, path.id(), path.hash(), what.name()],
        )?;
    }
    Ok(())
}

/// One thing to be done.
struct Duty {
    table: &'static Table,
    row: i64,
    part: i64,
    what: What,
}

impl Duty {
    fn path(&self) -> Path {
        Path::stored(self.row, self.part)
    }
}

/// What was carried out.
#[derive(Default, Debug)]
pub struct Done {
    /// Rows whose keys were destroyed.
    pub destroyed: u64,
    /// Rows written down for every restore.
    pub kept: u64,
    /// Places of the safe that could not be written, and why.
    pub unreached: Vec<(PathBuf, Error)>,
}

/// Carries out what waits: destroys keys, writes down what a restore must bring back, writes the safe. Where no backup
/// was ever made there is nothing to destroy.
///
/// # Errors
/// If the safe cannot be read or written beside the data; then everything waits still.
pub fn carry_out(store: &Store, others: &[PathBuf], now: Timestamp) -> Result<Done> {
    let _alone = safe::alone(store.data())?;
    carry_out_alone(store, others, now)
}

/// As [`carry_out`], by somebody who has the safe to themselves.
pub(crate) fn carry_out_alone(store: &Store, others: &[PathBuf], now: Timestamp) -> Result<Done> {
    let mut done = Done::default();
    loop {
        let duties = store.read(waiting)?;
        if duties.is_empty() {
            return Ok(done);
        }
        let mut safe = Safe::open(store)?;
        if !safe.trees.is_empty() {
            store.read(|tx| duties.iter().try_for_each(|duty| tell(tx, &mut safe, duty, now, &mut done)))?;
            safe.log = store.read(crate::log::checkpoint)?.map(|found| (found.size, keys::hex(&found.root)));
            done.unreached = safe.write(store, others, now)?;
        }
        store.write(|tx| {
            for duty in &duties {
                let row = params![duty.table.name, duty.row, duty.part, duty.what.name()];
                tx.exec(
                    "DELETE FROM ring_duty WHERE table_name = ?1 AND row_id = ?2 AND part = ?3 AND what = ?4",
                    row,
                )?;
                if duty.what != What::Kept {
                    let aliases =
                        "DELETE FROM ring_alias WHERE table_name = ?1 AND row_id = ?2 AND part = ?3";
                    tx.exec(aliases, params![duty.table.name, duty.row, duty.part])?;
                }
            }
            Ok::<(), Error>(())
        })?;
    }
}

/// How many wait.
///
/// # Errors
/// Whatever the database says.
pub fn count(tx: &Tx<'_>) -> Result<i64> {
    tx.count("SELECT count(*) FROM ring_duty", &[])
}

fn waiting(tx: &Tx<'_>) -> Result<Vec<Duty>> {
    let sql = format!(
        "SELECT table_name, row_id, part, what FROM ring_duty ORDER BY table_name, row_id, part LIMIT {AT_ONCE}"
    );
    tx.all(&sql, &[], |row| {
        Ok(Duty {
            table: schema::table(row.str(0)?).ok_or(Error::Missing)?,
            row: row.int(1)?,
            part: row.int(2)?,
            what: What::named(row.str(3)?),
        })
    })
}

fn tell(tx: &Tx<'_>, safe: &mut Safe, duty: &Duty, now: Timestamp, done: &mut Done) -> Result<()> {
    let path = duty.path();
    safe.since.retain(|since| since.table != duty.table.name || since.row != path);
    if duty.what != What::Kept {
        let aliases = tx.all(
            "SELECT alias FROM ring_alias WHERE table_name = ?1 AND row_id = ?2 AND part = ?3",
            params![duty.table.name, duty.row, duty.part],
            |row| row.int(0),
        )?;
        for tree in &mut safe.trees {
            // Nothing hangs on a row that went; what hangs on one that stays, stays.
            tree.ring.destroy(if duty.what == What::Gone { path.whole() } else { path });
            for alias in &aliases {
                tree.ring.destroy(Path::stored(*alias, 0).whole());
            }
        }
        done.destroyed += 1;
    }
    if duty.what != What::Gone {
        let first = duty.table.key.first().copied().unwrap_or("id");
        let own = found(tx, duty.table, first, duty.row)?.into_iter().filter(|(row, _)| *row == path);
        let mut rows: Vec<Since> = own.map(|(row, plain)| since(duty.table, row, plain, now)).collect();
        // What hangs on it without an identity of its own comes with it.
        for (table, column) in hanging(duty.table.name) {
            rows.extend(
                found(tx, table, column, duty.row)?
                    .into_iter()
                    .map(|(row, plain)| since(table, row, plain, now)),
            );
        }
        safe.since.retain(|known| !rows.iter().any(|new| new.table == known.table && new.row == known.row));
        done.kept += rows.len() as u64;
        safe.since.extend(rows);
    }
    Ok(())
}

fn since(table: &Table, row: Path, plain: Zeroizing<Vec<u8>>, at: Timestamp) -> Since {
    let columns = table.columns.iter().map(|column| column.name.to_owned()).collect();
    Since { table: table.name.to_owned(), row, at, columns, plain }
}

/// Tables of keyed hashes whose rows belong to one row of this table.
fn hanging(of: &str) -> impl Iterator<Item = (&'static Table, &'static str)> {
    let tables =
        schema::tables().filter(|table| matches!(table.owner, Owner::Hash(_)) && table.key != ["id"]);
    tables.flat_map(move |table| {
        let columns = table.columns.iter().filter(move |column| column.refers == Some(of));
        columns.map(move |column| (table, column.name))
    })
}

/// The rows of a table with a number in a column, as they stand now.
fn found(tx: &Tx<'_>, table: &Table, column: &str, number: i64) -> Result<Vec<(Path, Zeroizing<Vec<u8>>)>> {
    let sql = format!("SELECT {} FROM {} WHERE {column} = ?1", row::names(table), table.name);
    tx.all(&sql, params![number], |read| {
        let values = row::values(read, table)?;
        Ok((row::path(table, &values)?, row::written(&values)))
    })
}

/// A key of its own for a row whose earlier one was destroyed.
pub(crate) fn alias(tx: &Tx<'_>, table: &str, row: Path, alias: i64) -> Result<()> {
    tx.exec(
        "INSERT INTO ring_alias (table_name, row_id, part, alias) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![table, row.id(), row.hash(), alias],
    )?;
    Ok(())
}

/// A new number for such a key.
pub(crate) fn new_alias() -> i64 {
    id::next()
}

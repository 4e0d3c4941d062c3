//! What the ring of the backups' keys is still to be told: rows that went, rows that lost a value, and rows that
//! every restore must bring back. Written in the transaction of the act, carried out right after it and, if that could
//! not be, within seconds. It decides nothing about anybody.

use std::collections::BTreeSet;

use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::backup::row;
use crate::place::Place;
use crate::ring::Path;
use crate::safe::{self, Safe, Since};
use crate::schema::{self, Form, Owner, Table};
use crate::{Error, Result, Store, Tx, Value, id, keys, params, residue};

/// How many are carried out before the safe is written.
const AT_ONCE: usize = 20_000;
/// How many of what was carried out are crossed off in one transaction, so that nobody who writes something waits for long.
const CROSSED_OFF: usize = 1_000;
/// How many rows with keys of several columns are noted in one statement.
const NOTED: usize = 16;
/// How many are asked for in one statement.
const TOGETHER: usize = 400;

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

/// Deletes the rows of a table under a condition, and from every backup. How many went. This is how the program lets go
/// of rows: whatever a backup holds is deleted nowhere else.
///
/// # Errors
/// Whatever the database says.
pub fn delete(tx: &Tx<'_>, table: &str, condition: &str, values: &[Value<'_>]) -> Result<u64> {
    gone(tx, table, condition, values)?;
    tx.exec(&format!("DELETE FROM {table} WHERE {condition}"), values)
}

/// Deletes as [`delete`] does, where nobody asks how many went: on PostgreSQL it goes with the next question.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn take(tx: &Tx<'_>, table: &str, condition: &str, values: &[Value<'_>]) -> Result<()> {
    gone(tx, table, condition, values)?;
    tx.put(&format!("DELETE FROM {table} WHERE {condition}"), values)
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
    // What is noted once more is to be done once more: the row is another than it was.
    let again = "ON CONFLICT (table_name, row_id, part, what) DO UPDATE SET stamp = excluded.stamp";
    let stamp = id::next();
    if declared.key == ["id"] {
        let mut all = values.to_vec();
        all.push(stamp.into());
        let sql = format!(
            "INSERT INTO ring_duty (table_name, row_id, part, what, stamp)
                SELECT '{table}', id, 0, '{}', CAST(?{} AS BIGINT) FROM {table} WHERE {condition} {again}",
            what.name(),
            all.len()
        );
        return tx.put(&sql, &all);
    }
    let columns = declared.key.join(", ");
    let sql = format!("SELECT {columns} FROM {table} WHERE {condition}");
    let keys = tx.all(&sql, values, |row| {
        (0..declared.key.len()).map(|column| row.value(column)).collect::<Result<Vec<_>>>()
    })?;
    let paths = keys.iter().map(|key| row::path_of(declared, &key.iter().collect::<Vec<_>>()));
    let paths: Vec<Path> = paths.collect::<Result<BTreeSet<_>>>()?.into_iter().collect();
    for some in paths.chunks(NOTED) {
        let mut values: Vec<Value<'_>> = params![table, what.name(), stamp].to_vec();
        let mut rows = Vec::new();
        for path in some {
            values.extend([path.id().into(), path.hash().into()]);
            rows.push(format!("(?1, ?{}, ?{}, ?2, ?3)", values.len() - 1, values.len()));
        }
        let rows = rows.join(", ");
        let sql =
            format!("INSERT INTO ring_duty (table_name, row_id, part, what, stamp) VALUES {rows} {again}");
        tx.put(&sql, &values)?;
    }
    Ok(())
}

/// One thing to be done.
struct Duty {
    table: &'static Table,
    row: i64,
    part: i64,
    what: What,
    stamp: i64,
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
    /// Whether the safe was written.
    pub wrote: bool,
    /// Places of the safe that could not be written when it was, and why.
    pub unreached: Vec<(Place, Error)>,
}

/// Carries out what waits: destroys keys, writes down what a restore must bring back, writes the safe. Where no backup
/// was ever made there is nothing to destroy. A safe that was `behind` in some place is written there again, whether
/// anything waits or not.
///
/// # Errors
/// If the safe cannot be read or written beside the data; then everything waits still.
pub fn carry_out(store: &Store, others: &[Place], behind: bool, now: Timestamp) -> Result<Done> {
    let _alone = safe::alone(store.data())?;
    let mut done = carry_out_alone(store, others, now)?;
    if behind && !done.wrote {
        done.unreached = Safe::open(store)?.write(store, others, now)?;
        done.wrote = true;
    }
    Ok(done)
}

/// As [`carry_out`], by somebody who has the safe to themselves.
pub(crate) fn carry_out_alone(store: &Store, others: &[Place], now: Timestamp) -> Result<Done> {
    let mut done = Done::default();
    loop {
        let duties = store.read(waiting)?;
        if duties.is_empty() {
            return Ok(done);
        }
        let mut safe = Safe::open(store)?;
        let mut aliases = Vec::new();
        if !safe.trees.is_empty() {
            aliases = store.read(|tx| tell(tx, &mut safe, &duties, now, &mut done))?;
            safe.log = store.read(crate::log::checkpoint)?.map(|found| (found.size, keys::hex(&found.root)));
            done.unreached = safe.write(store, others, now)?;
            done.wrote = true;
        }
        // These first: where a stop comes in between, what is told once more has nothing left of them.
        for some in aliases.chunks(CROSSED_OFF) {
            store.write(|tx| forget_aliases(tx, some))?;
        }
        for some in duties.chunks(CROSSED_OFF) {
            store.write(|tx| finish(tx, some))?;
        }
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
        "SELECT table_name, row_id, part, what, stamp FROM ring_duty ORDER BY table_name, row_id, part, what LIMIT {AT_ONCE}"
    );
    tx.all(&sql, &[], |row| {
        Ok(Duty {
            table: schema::table(row.str(0)?).ok_or(Error::Missing)?,
            row: row.int(1)?,
            part: row.int(2)?,
            what: What::named(row.str(3)?),
            stamp: row.int(4)?,
        })
    })
}

/// Duties of one table at a time, as many as one statement asks for.
fn together(duties: &[Duty]) -> impl Iterator<Item = (&'static Table, &[Duty])> {
    let tables = duties.chunk_by(|one, next| one.table.name == next.table.name);
    tables.flat_map(|of_one| of_one.chunks(TOGETHER)).filter_map(|some| Some((some.first()?.table, some)))
}

fn list(numbers: impl IntoIterator<Item = i64>) -> String {
    let numbers: BTreeSet<i64> = numbers.into_iter().collect();
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// A key that a row got after its first: its table, its row, and the key's number.
type Alias = (&'static str, i64, i64);

/// Tells the safe, from what stands in the database now. The keys that rows had got since their first.
fn tell(
    tx: &Tx<'_>,
    safe: &mut Safe,
    duties: &[Duty],
    now: Timestamp,
    done: &mut Done,
) -> Result<Vec<Alias>> {
    let mut told = Vec::new();
    for (table, some) in together(duties) {
        let ended: BTreeSet<(i64, i64)> =
            some.iter().filter(|duty| duty.what != What::Kept).map(|duty| (duty.row, duty.part)).collect();
        if !ended.is_empty() {
            let sql = format!(
                "SELECT row_id, part, alias FROM ring_alias WHERE table_name = ?1 AND row_id IN ({})",
                list(ended.iter().map(|(row, _)| *row))
            );
            let aliases =
                tx.all(&sql, params![table.name], |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))?;
            for (row, _, alias) in aliases.into_iter().filter(|(row, part, _)| ended.contains(&(*row, *part)))
            {
                for tree in &mut safe.trees {
                    tree.ring.destroy(Path::stored(alias, 0).whole());
                }
                told.push((table.name, row, alias));
            }
        }
        for duty in some {
            safe.since.remove(&(table.name.to_owned(), duty.path()));
            if duty.what != What::Kept {
                for tree in &mut safe.trees {
                    // Nothing hangs on a row that went; what hangs on one that stays, stays.
                    let path = duty.path();
                    tree.ring.destroy(if duty.what == What::Gone { path.whole() } else { path });
                }
                done.destroyed += 1;
            }
        }
        let stay: BTreeSet<Path> =
            some.iter().filter(|duty| duty.what != What::Gone).map(Duty::path).collect();
        if stay.is_empty() {
            continue;
        }
        let first = table.key.first().copied().unwrap_or("id");
        for (row, plain) in found(tx, table, first, &stay)? {
            if stay.contains(&row) {
                safe.keep(since(table, row, plain, now));
                done.kept += 1;
            }
        }
        // What hangs on it without an identity of its own comes with it.
        for (table, column) in hanging(table.name) {
            for (row, plain) in found(tx, table, column, &stay)? {
                safe.keep(since(table, row, plain, now));
                done.kept += 1;
            }
        }
    }
    Ok(told)
}

/// What was told waits no more, unless an act has noted it anew in the meantime.
fn finish(tx: &Tx<'_>, duties: &[Duty]) -> Result<()> {
    let went = duties.iter().filter(|duty| duty.what != What::Kept).map(|duty| duty.stamp);
    if let Some(first) = went.min() {
        residue::stays(tx, first)?;
    }
    for (table, some) in together(duties) {
        let (Some(first), Some(last)) = (some.first(), some.last()) else { continue };
        let sql = format!(
            "DELETE FROM ring_duty WHERE table_name = ?1 AND (row_id, part, what) >= (?2, ?3, ?4)
                AND (row_id, part, what) <= (?5, ?6, ?7) AND stamp IN ({})",
            list(some.iter().map(|duty| duty.stamp))
        );
        let (one, other) = (first.what.name(), last.what.name());
        tx.exec(&sql, params![table.name, first.row, first.part, one, last.row, last.part, other])?;
    }
    Ok(())
}

/// Keys that rows had got since their first are no rows' any more: they were destroyed.
fn forget_aliases(tx: &Tx<'_>, aliases: &[Alias]) -> Result<()> {
    for of_one in aliases.chunk_by(|one, next| one.0 == next.0) {
        for some in of_one.chunks(TOGETHER) {
            let Some((table, _, _)) = some.first() else { continue };
            let (rows, aliases) =
                (list(some.iter().map(|(_, row, _)| *row)), list(some.iter().map(|(_, _, alias)| *alias)));
            let sql = format!(
                "DELETE FROM ring_alias WHERE table_name = ?1 AND row_id IN ({rows}) AND alias IN ({aliases})"
            );
            tx.exec(&sql, params![*table])?;
        }
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

/// The rows of a table with the identities of these paths in a column, as they stand now.
fn found(
    tx: &Tx<'_>,
    table: &Table,
    column: &str,
    of: &BTreeSet<Path>,
) -> Result<Vec<(Path, Zeroizing<Vec<u8>>)>> {
    let form = table.columns.iter().find(|declared| declared.name == column).map(|declared| declared.form);
    let condition = match form {
        Some(Form::Id | Form::Int) => format!("{column} IN ({})", list(of.iter().map(|path| path.id()))),
        // Of bytes a path says the first few only: whoever asks picks among the rows.
        _ => "1 = 1".to_owned(),
    };
    let sql = format!("SELECT {} FROM {} WHERE {condition}", row::names(table), table.name);
    tx.all(&sql, &[], |read| {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Keys;
    use crate::backup::{self, Keeping};
    use crate::keys::Secret;

    #[test]
    fn what_is_noted_while_it_is_being_told_is_told_again() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::create(directory.path(), &Secret::of([7; 32])).unwrap();
        let store = Store::create(directory.path(), None, keys).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let keeping = Keeping { to: directory.path().join("backups").into(), safes: vec![], days: 30 };
        let act = |sql: &str| {
            store.write(|tx| {
                tx.exec(sql, &[])?;
                kept(tx, "not_objecting", "id = 1", &[])
            })
        };
        backup::make(&store, &keeping, now).unwrap();
        act("INSERT INTO not_objecting (id, number, said_by, said_on, recorded_at) VALUES (1, '+441632960001', 'Sol', '2026-11-02', 0)").unwrap();
        let duties = store.read(waiting).unwrap();
        let mut safe = Safe::open(&store).unwrap();
        let told = store.read(|tx| tell(tx, &mut safe, &duties, now, &mut Done::default())).unwrap();
        safe.write(&store, &[], now).unwrap();
        // Taken back before what waited is crossed off.
        act("UPDATE not_objecting SET withdrawn_on = '2026-11-03' WHERE id = 1").unwrap();
        store
            .write(|tx| {
                forget_aliases(tx, &told)?;
                finish(tx, &duties)
            })
            .unwrap();
        assert_eq!(store.read(count).unwrap(), 1, "it is not as it was told");
        carry_out(&store, &[], false, now).unwrap();
        assert_eq!(store.read(count).unwrap(), 0);
        let safe = Safe::open(&store).unwrap();
        let held = safe.since.values().map(|since| String::from_utf8_lossy(&since.plain).into_owned());
        assert!(held.collect::<String>().contains(&date(2026, 11, 3).to_string()));
    }

    /// Nobody who writes waits for all of it: it is crossed off some at a time, and what is crossed off stays so.
    #[test]
    fn very_many_are_crossed_off_in_steps() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::create(directory.path(), &Secret::of([7; 32])).unwrap();
        let store = Store::create(directory.path(), None, keys).unwrap();
        store
            .write(|tx| {
                for row in 1..=2_500 {
                    tx.exec("INSERT INTO ring_duty (table_name, row_id, part, what, stamp) VALUES ('entry', ?1, 0, 'gone', 1)", params![row])?;
                }
                tx.batch("CREATE TRIGGER stops BEFORE DELETE ON ring_duty WHEN OLD.row_id = 2500 BEGIN SELECT RAISE(ABORT, 'stopped'); END")
            })
            .unwrap();
        assert!(carry_out(&store, &[], false, Timestamp::UNIX_EPOCH).is_err());
        assert_eq!(store.read(count).unwrap(), 500, "those of before the stop wait no more");
        store.write(|tx| tx.batch("DROP TRIGGER stops")).unwrap();
        carry_out(&store, &[], false, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(store.read(count).unwrap(), 0);
    }

    #[test]
    fn only_what_was_told_is_crossed_off() {
        let of = |row, part, stamp| Duty {
            table: schema::table("entry_person").unwrap(),
            row,
            part,
            what: What::Gone,
            stamp,
        };
        let duties: Vec<Duty> = (0..1000).map(|row| of(row / 3, row % 3, 7)).collect();
        let chunks: Vec<usize> = together(&duties).map(|(_, some)| some.len()).collect();
        assert_eq!(chunks, [400, 400, 200]);
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::create(directory.path(), &Secret::of([7; 32])).unwrap();
        let store = Store::create(directory.path(), None, keys).unwrap();
        store.write(|tx| {
            for duty in &duties {
                tx.exec("INSERT INTO ring_duty (table_name, row_id, part, what, stamp) VALUES ('entry_person', ?1, ?2, 'gone', ?3)", params![duty.row, duty.part, duty.stamp])?;
            }
            // Of the same act there were more than were told at once.
            finish(tx, duties.get(..800).unwrap())
        }).unwrap();
        assert_eq!(store.read(count).unwrap(), 200);
    }
}

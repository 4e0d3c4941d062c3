//! The database's shape: made new, or brought forward to what this program declares. Never backwards.
//!
//! What the declarations in [`schema`] have and a database has not is added when it is opened: tables, indexes, and
//! columns that may be empty or say what stands in them `otherwise`. Anything else (another form, a column that goes,
//! values computed anew) is a numbered [`Step`] written by hand, which runs first. Before anything changes, the database
//! is copied and the copy read back. A database that has what is not declared was written by a newer program; indexes that
//! nothing asks for any more are dropped by name.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::dialect::{Found, copy};
use crate::schema::{Column, Table};
use crate::{Error, Result, Store, Tx, dialect, disclosure, ground, params, schema, setting};

/// A step forward: the schema version it leads to, and what it does.
struct Step {
    to: i64,
    run: fn(&Tx<'_>) -> Result<()>,
}

/// Every step since the first release, in order. A step stays as it was released; it finds the columns of its time, and
/// adds itself what it needs of those declared since.
const STEPS: &[Step] = &[Step { to: 2, run: recipients }];

/// Tasks of telling a recipient say whom and what in columns of their own, and not in a sentence alone.
fn recipients(tx: &Tx<'_>) -> Result<()> {
    let there = dialect::columns(tx)?.remove("task").unwrap_or_default();
    let task = schema::table("task").ok_or(Error::Missing)?;
    let new = ["recipient", "told", "detail"];
    let lacks =
        |column: &&Column| new.contains(&column.name) && there.iter().all(|known| known.name != column.name);
    for column in task.columns.iter().filter(lacks) {
        let add = schema::add_column(task, column, tx.dialect()).ok_or(Error::Missing)?;
        tx.batch(&add)?;
    }
    disclosure::fill(tx)
}

/// The schema version of the database, or `None` if it holds no instance.
pub(crate) fn version(tx: &Tx<'_>) -> Result<Option<i64>> {
    if !dialect::has_table(tx, "setting")? {
        return Ok(None);
    }
    setting::get(tx, "schema")?
        .map(|text| text.parse().map_err(|_| Error::Malformed("setting schema".into())))
        .transpose()
}

/// Makes every table in an empty database, with settings that stand in it at once.
pub(crate) fn create(store: &Store, settings: &[(&str, &str)]) -> Result<()> {
    store.write(|tx| {
        if version(tx)?.is_some() {
            return Ok(());
        }
        let mut statements = Vec::new();
        for table in schema::tables() {
            statements.push(schema::create_table(table, tx.dialect()));
            statements.extend(schema::indexes(table).into_iter().map(|(_, create)| create));
        }
        tx.batch(&statements.join(";\n"))?;
        dialect::create_search(tx)?;
        dialect::samples(tx)?.iter().try_for_each(|statement| tx.batch(statement))?;
        tx.exec(
            "INSERT INTO setting (name, value) VALUES ('schema', ?1)",
            params![schema::VERSION.to_string()],
        )?;
        settings.iter().try_for_each(|(name, value)| setting::set(tx, name, value))
    })
}

/// Brings the database forward to this program's schema, after a verified backup.
pub(crate) fn up(store: &Store, now: Timestamp) -> Result<()> {
    run(store, schema::tables, STEPS, schema::VERSION, now)?;
    drop_indexes(store)?;
    forget_samples(store)
}

/// Drops the indexes of an older program that nothing asks for any more. It changes no row, and needs no backup.
fn drop_indexes(store: &Store) -> Result<()> {
    let there = |tx: &Tx<'_>| {
        let indexed = dialect::indexes(tx)?;
        Ok::<_, Error>(schema::LET_GO.iter().filter(|name| indexed.contains(**name)).collect::<Vec<_>>())
    };
    if store.read(there)?.is_empty() {
        return Ok(());
    }
    store.alone("schema", || {
        store.write(|tx| {
            dialect::unhurried(tx)?;
            there(tx)?.into_iter().try_for_each(|name| tx.batch(&format!("DROP INDEX {name}")))
        })
    })
}

/// Lets a database draw no samples of texts by which nobody searches: one that an older program made, or whose columns were
/// added just now. It changes no row and no column's form, and needs no backup.
fn forget_samples(store: &Store) -> Result<()> {
    if store.read(dialect::samples)?.is_empty() {
        return Ok(());
    }
    store.alone("schema", || {
        store.write(|tx| {
            dialect::unhurried(tx)?;
            dialect::samples(tx)?.iter().try_for_each(|statement| tx.batch(statement))
        })
    })?;
    store.as_postgres().map_or(Ok(()), |postgres| postgres.draw_anew())
}

fn run<T: Iterator<Item = &'static Table>>(
    store: &Store,
    declared: impl Fn() -> T,
    steps: &[Step],
    known: i64,
    now: Timestamp,
) -> Result<()> {
    let behind = |tx: &Tx<'_>| {
        let found = found(tx)?;
        match found.cmp(&known) {
            std::cmp::Ordering::Less => Ok(true),
            std::cmp::Ordering::Equal => Ok(!missing(tx, declared())?.is_empty()),
            std::cmp::Ordering::Greater => {
                Err(Error::Newer(format!("schema {found}, this program knows {known}")))
            }
        }
    };
    if !store.read(behind)? {
        return Ok(());
    }
    store.alone("schema", || {
        // Another process may have done it in the meantime.
        if !store.read(behind)? {
            return Ok(());
        }
        let copied = copy::database(store, &store.data().join("backups"), now)?;
        tracing::info!(to = known, backup = %copied.path.display(), "bringing the database forward");
        store.write(|tx| {
            dialect::unhurried(tx)?;
            let mut at = found(tx)?;
            for step in steps {
                if step.to == at + 1 {
                    (step.run)(tx)?;
                    at = step.to;
                }
            }
            if at != known {
                return Err(Error::Database(format!("there is no way from schema {at} to {known}")));
            }
            for statement in missing(tx, declared())? {
                tx.batch(&statement)?;
            }
            tx.exec("UPDATE setting SET value = ?1 WHERE name = 'schema'", params![at.to_string()])?;
            // What grounds cache was computed by an older program: the next night does it anew. A copy knows no keys to
            // meet on.
            setting::clear(tx, ground::SETTLE_ALL)?;
            tx.exec("INSERT INTO setting (name, value) VALUES (?1, 'yes')", params![ground::SETTLE_ALL])?;
            Ok(())
        })
    })
}

fn found(tx: &Tx<'_>) -> Result<i64> {
    version(tx)?.ok_or_else(|| {
        Error::Place("there is no instance in this database: make one with `probity init`".into())
    })
}

/// What the database lacks of the declared tables, as statements that only add.
fn missing(tx: &Tx<'_>, declared: impl Iterator<Item = &'static Table>) -> Result<Vec<String>> {
    let mut there = dialect::columns(tx)?;
    let indexed = dialect::indexes(tx)?;
    let (mut tables, mut columns, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for table in declared {
        match there.remove(table.name) {
            None => tables.push(schema::create_table(table, tx.dialect())),
            Some(found) => columns.extend(added(tx, table, found)?),
        }
        let lacking = schema::indexes(table).into_iter().filter(|(name, _)| !indexed.contains(name));
        indexes.extend(lacking.map(|(_, create)| create));
    }
    if let Some(table) = there.keys().next() {
        return Err(Error::Newer(format!("it has the table `{table}`, which this program does not know")));
    }
    Ok([tables, columns, indexes].concat())
}

/// The statements that add what a table lacks.
fn added(tx: &Tx<'_>, table: &Table, found: Vec<Found>) -> Result<Vec<String>> {
    let no_way = |column: &Column| {
        Error::Database(format!(
            "the column `{}` of the table `{}` cannot be brought forward by itself, and this program has no step that \
             does; nothing was changed",
            column.name, table.name
        ))
    };
    let mut there: BTreeMap<String, Found> =
        found.into_iter().map(|column| (column.name.clone(), column)).collect();
    let mut statements = Vec::new();
    for column in table.columns {
        match there.remove(column.name) {
            // One that may be empty takes whatever is declared: a copy of a PostgreSQL database has such columns only.
            Some(found) if found.form == schema::stored(column.form) && (found.null || !column.null) => {}
            Some(_) => return Err(no_way(column)),
            None => statements
                .push(schema::add_column(table, column, tx.dialect()).ok_or_else(|| no_way(column))?),
        }
    }
    if let Some(column) = there.keys().next() {
        return Err(Error::Newer(format!(
            "its table `{}` has the column `{column}`, which this program does not know",
            table.name
        )));
    }
    Ok(statements)
}

#[cfg(test)]
mod tests;

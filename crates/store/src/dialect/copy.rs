//! A copy of the database in one encrypted SQLite file, checked before it counts as a backup.
//!
//! From SQLite it is made page by page while others go on working; from PostgreSQL row by row out of one
//! moment, so that it can be read without PostgreSQL. The files and the keyring are not in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};

use crate::asked::placeholders;
use crate::dialect::{self, sqlite};
use crate::{Error, Result, Row, Store, Tx, Value};

/// Pages copied before others get a turn.
const PAGES: i32 = 2_000;

/// A backup that was read back and found whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Copied {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// Tables and their rows, as read back.
    pub rows: Vec<(String, i64)>,
}

/// Copies the database into a new file of a directory, under the same key, and reads it back.
///
/// # Errors
/// [`Error::Damaged`] if what was read back is not what should be there; then the copy is taken away again.
pub fn database(store: &Store, directory: &Path, now: Timestamp) -> Result<Copied> {
    std::fs::create_dir_all(directory).map_err(|error| Error::file(directory, error))?;
    let path = directory.join(format!("{}.db", now.strftime("%Y-%m-%dT%H-%M-%SZ")));
    if path.exists() {
        return Err(Error::Place(format!("{} exists already", path.display())));
    }
    let beside = path.with_extension("new");
    let _ = std::fs::remove_file(&beside);
    let copied = copy(store, &beside).and_then(|rows| {
        let file = std::fs::File::open(&beside).map_err(|error| Error::file(&beside, error))?;
        file.sync_all().map_err(|error| Error::file(&beside, error))?;
        let size = file.metadata().map_err(|error| Error::file(&beside, error))?.len();
        std::fs::rename(&beside, &path).map_err(|error| Error::file(&path, error))?;
        Ok(Copied { path: path.clone(), size, rows })
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    copied
}

fn copy(store: &Store, to: &Path) -> Result<Vec<(String, i64)>> {
    let key = store.keys().database();
    let source =
        store.as_sqlite().map(|sqlite| sqlite::connect(sqlite.path(), sqlite.key(), true)).transpose()?;
    let mut copy = sqlite::connect_copy(to, key, source.as_ref())?;
    let expected = match source {
        Some(source) => {
            // What is copied is what was there at one moment: the reading transaction holds it still.
            source.execute_batch("BEGIN; SELECT count(*) FROM setting;")?;
            let rows = counted(&Tx::sqlite(&source))?;
            let backup = Backup::new(&source, &mut copy)?;
            loop {
                match backup.step(PAGES)? {
                    StepResult::Done => break,
                    StepResult::More => {}
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
            rows
        }
        None => {
            let writer = Tx::sqlite(&copy);
            writer.batch("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE")?;
            let rows = store.read(|tx| {
                dialect::unhurried(tx)?;
                for (table, columns) in dialect::columns(tx)? {
                    rows_of(tx, &table, &columns, &writer)?;
                }
                counted(tx)
            })?;
            writer.batch("COMMIT")?;
            rows
        }
    };
    verified(&copy, &expected)?;
    Ok(expected)
}

/// Copies one table's rows, columns and forms as the source has them: it may be of an older schema.
fn rows_of(from: &Tx<'_>, table: &str, columns: &[dialect::Found], to: &Tx<'_>) -> Result<()> {
    let declared: Vec<String> =
        columns.iter().map(|column| format!("{} {}", column.name, column.form)).collect();
    to.batch(&format!("CREATE TABLE {table} ({}) STRICT", declared.join(", ")))?;
    let names = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    let places = placeholders(0, columns.len());
    let insert = format!("INSERT INTO {table} ({names}) VALUES ({places})");
    from.each(&format!("SELECT {names} FROM {table}"), &[], |row: &Row<'_>| {
        let values: Vec<Value<'static>> =
            (0..columns.len()).map(|column| row.value(column)).collect::<Result<_>>()?;
        to.exec(&insert, &values)?;
        Ok::<(), Error>(())
    })
}

fn counted(tx: &Tx<'_>) -> Result<Vec<(String, i64)>> {
    let mut rows = Vec::new();
    for table in dialect::tables(tx)? {
        let count = tx.count(&format!("SELECT count(*) FROM {table}"), &[])?;
        rows.push((table, count));
    }
    Ok(rows)
}

fn verified(copy: &rusqlite::Connection, expected: &[(String, i64)]) -> Result<()> {
    for check in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check"] {
        let mut statement = copy.prepare(check)?;
        let complaints: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if complaints.iter().any(|complaint| complaint != "ok") {
            return Err(Error::Damaged(format!("the backup just made: {}", complaints.join("; "))));
        }
    }
    let found = counted(&Tx::sqlite(copy))?;
    if found != expected {
        return Err(Error::Damaged("the backup just made does not hold the rows it should".into()));
    }
    Ok(())
}

/// Takes away backups of a directory that were made before an instant; how many went.
///
/// # Errors
/// Whatever the disk says.
pub fn tidy(directory: &Path, before: Timestamp) -> Result<u64> {
    let limit = format!("{}.db", before.strftime("%Y-%m-%dT%H-%M-%SZ"));
    let Ok(files) = std::fs::read_dir(directory) else { return Ok(0) };
    let mut gone = 0;
    for file in files {
        let path = file.map_err(|error| Error::file(directory, error))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.len() == limit.len() && name.ends_with("Z.db") && name < limit {
            std::fs::remove_file(&path).map_err(|error| Error::file(&path, error))?;
            gone += 1;
        }
    }
    Ok(gone)
}

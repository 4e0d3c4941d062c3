//! Events of what was opened, on SQLite: written at once into a small encrypted file of their own, and moved
//! into the log every few seconds.
//!
//! In the database itself each would wait for the disk, and would make every reader read and decrypt all its
//! pages again. A crash of the program loses none of them, a power cut those of the last seconds.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::sqlite::connect;
use crate::keys::Key;
use crate::tx::Tx;
use crate::{Error, Result, Value, params};

/// How many events are moved in one transaction, so that neither file is held for long.
const AT_ONCE: i64 = 500;

/// The log's two tables, as far as a new event fills them.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS log_event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL,
        act TEXT NOT NULL, body TEXT NOT NULL, nonce BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS log_subject (person_id INTEGER NOT NULL, event_id INTEGER NOT NULL,
        PRIMARY KEY (event_id, person_id)) STRICT, WITHOUT ROWID;";

/// The file beside the database.
pub(crate) struct Views {
    writer: Mutex<Connection>,
    /// Reads what is to be moved, and keeps the file small, while others go on writing.
    mover: Mutex<Connection>,
}

/// An event with those it concerns, on its way from one file to the other.
type Event = (Vec<Value<'static>>, Vec<i64>);

impl Views {
    pub(super) fn open(database: &Path, key: &Key) -> Result<Self> {
        let path = beside(database);
        let writer = connect(&path, key, false)?;
        // A commit goes to the operating system; only moving the events on waits for the disk.
        writer.execute_batch(
            "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -1000",
        )?;
        writer.execute_batch(TABLES)?;
        let mover = connect(&path, key, false)?;
        mover.execute_batch("PRAGMA cache_size = -1000")?;
        Ok(Self { writer: Mutex::new(writer), mover: Mutex::new(mover) })
    }

    /// Does something with the file in one transaction. What it wrote is kept when this returns, but not yet on
    /// the disk.
    pub(crate) fn write(&self, f: impl FnOnce(&Tx<'_>) -> Result<()>) -> Result<()> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = Tx::sqlite(&writer);
        tx.batch("BEGIN IMMEDIATE")?;
        let done = f(&tx).and_then(|()| tx.batch("COMMIT"));
        if !writer.is_autocommit() {
            tx.batch("ROLLBACK")?;
        }
        done
    }

    /// Moves every event into the log with a function that writes durably. One that was moved before a crash
    /// and is still here is moved once more, which changes nothing.
    pub(crate) fn gather(&self, write: impl Fn(&dyn Fn(&Tx<'_>) -> Result<()>) -> Result<()>) -> Result<()> {
        let mover = self.mover.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let events = oldest(&Tx::sqlite(&mover))?;
            if events.is_empty() {
                return Ok(());
            }
            write(&|tx| events.iter().try_for_each(|event| place(tx, event)))?;
            self.write(|tx| events.iter().try_for_each(|event| take_away(tx, event)))?;
            mover.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
    }
}

fn oldest(tx: &Tx<'_>) -> Result<Vec<Event>> {
    let sql = "SELECT id, at, actor, act, body, nonce FROM log_event ORDER BY id LIMIT ?1";
    let events =
        tx.all(sql, params![AT_ONCE], |row| (0..6).map(|at| row.value(at)).collect::<Result<Vec<_>>>())?;
    let whom = "SELECT person_id FROM log_subject WHERE event_id = ?1";
    events
        .into_iter()
        .map(|event| {
            let people = tx.all(whom, event.get(..1).unwrap_or_default(), |row| row.int(0))?;
            Ok((event, people))
        })
        .collect()
}

fn place(tx: &Tx<'_>, (event, people): &Event) -> Result<()> {
    tx.exec(
        "INSERT INTO log_event (id, at, actor, act, body, nonce) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        event,
    )?;
    crate::log::concerning(tx, event.first().cloned().unwrap_or(Value::Null), people)
}

fn take_away(tx: &Tx<'_>, (event, _): &Event) -> Result<()> {
    let id = event.get(..1).unwrap_or_default();
    tx.exec("DELETE FROM log_subject WHERE event_id = ?1", id)?;
    tx.exec("DELETE FROM log_event WHERE id = ?1", id)?;
    Ok(())
}

fn beside(database: &Path) -> PathBuf {
    database.with_file_name("probity-views.db")
}

/// Takes away what lies beside a database that is no longer there.
pub(crate) fn forget(database: &Path) -> Result<()> {
    let path = beside(database);
    for name in [path.clone(), suffixed(&path, "-wal"), suffixed(&path, "-shm")] {
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::file(&name, error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

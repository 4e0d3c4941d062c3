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

/// How many events are read at once.
const AT_ONCE: i64 = 500;

/// How many rows are written into the log in one transaction, so that nobody who writes waits for long: a list that was opened
/// concerns fifty people, and what was looked through may concern everybody.
const ROWS_AT_ONCE: usize = 1_000;

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
            for some in parts(&events) {
                write(&|tx| some.iter().try_for_each(|part| place(tx, part)))?;
            }
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

/// An event with some of those it concerns.
type Part<'e> = (&'e [Value<'static>], &'e [i64]);

/// Events in the order they are moved in, as many rows together as one transaction writes; one that concerns more people than that comes
/// several times, each time with others of them.
fn parts(events: &[Event]) -> Vec<Vec<Part<'_>>> {
    let mut all: Vec<Vec<Part<'_>>> = Vec::new();
    let mut rows = ROWS_AT_ONCE;
    for (event, people) in events {
        let mut some = people.chunks(ROWS_AT_ONCE).peekable();
        let event = event.as_slice();
        let nobody = some.peek().is_none().then_some(people.as_slice());
        for people in nobody.into_iter().chain(some) {
            rows += 1 + people.len();
            match all.last_mut().filter(|_| rows <= ROWS_AT_ONCE) {
                Some(last) => last.push((event, people)),
                None => {
                    all.push(vec![(event, people)]);
                    rows = 1 + people.len();
                }
            }
        }
    }
    all
}

fn place(tx: &Tx<'_>, (event, people): &Part<'_>) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_moved_in_parts_of_which_nobody_waits_long_for_one() {
        let concerning = [0, 50, 600, 600, 2_500, 1];
        let events: Vec<Event> = (0_i64..)
            .zip(concerning)
            .map(|(id, people)| (vec![Value::from(id)], (0..people).collect()))
            .collect();
        let parts = parts(&events);
        let rows = |part: &[Part<'_>]| part.iter().map(|(_, people)| 1 + people.len()).sum::<usize>();
        assert_eq!(parts.iter().map(|part| rows(part)).collect::<Vec<_>>(), [653, 601, 1_001, 1_001, 503]);
        // All of each event, and in their order.
        let mut together: Vec<Event> = Vec::new();
        for (event, people) in parts.into_iter().flatten() {
            match together.last_mut().filter(|(last, _)| last == event) {
                Some((_, all)) => all.extend(people),
                None => together.push((event.to_vec(), people.to_vec())),
            }
        }
        assert!(together == events);
    }
}

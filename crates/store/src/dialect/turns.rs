//! Turns at SQLite's one writing connection. Acts run one after another in the order they come, each
//! seeing what those before it wrote; those that wait together are made durable by one commit. No act
//! returns before what it wrote is durable, and one that fails takes back only itself.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::tx::Tx;
use crate::{Error, Result};

/// The most acts in one commit, so that the first never waits long for the last.
const ACTS: usize = 32;

pub(super) struct Turns {
    waiting: AtomicUsize,
    writer: Mutex<Writer>,
}

struct Writer {
    connection: Connection,
    /// The transaction left open for those who wait.
    open: Option<Open>,
}

struct Open {
    batch: Arc<Batch>,
    acts: usize,
}

/// Acts that become durable together, or not at all.
#[derive(Default)]
struct Batch {
    outcome: Mutex<Option<Result<(), String>>>,
    settled: Condvar,
}

impl Batch {
    fn settle(&self, outcome: Result<(), String>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        self.settled.notify_all();
    }

    fn wait(&self) -> Result<()> {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(outcome) = &*outcome {
                return outcome.clone().map_err(|why| match Error::Full {
                    full if why == full.to_string() => full,
                    _ => Error::Database(why),
                });
            }
            outcome = self.settled.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Writer {
    fn commit(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let done = self.connection.execute_batch("COMMIT").map_err(Error::from);
        if done.is_err() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        open.batch.settle(done.as_ref().map_err(ToString::to_string).copied());
        done
    }

    /// Takes back one act: all there is, or all since the act's own beginning.
    fn take_back(&mut self, alone: bool) -> Result<()> {
        if alone {
            self.open = None;
            self.connection.execute_batch("ROLLBACK")?;
        } else {
            self.connection.execute_batch("ROLLBACK TO SAVEPOINT act; RELEASE SAVEPOINT act")?;
        }
        Ok(())
    }

    /// Gives up a transaction that cannot be put right: everyone who waits for it is told.
    fn abandon(&mut self, why: &Error) {
        if let Some(open) = self.open.take() {
            open.batch.settle(Err(why.to_string()));
        }
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}

impl Turns {
    pub(super) fn new(connection: Connection) -> Self {
        Self { waiting: AtomicUsize::new(0), writer: Mutex::new(Writer { connection, open: None }) }
    }

    fn turn(&self) -> MutexGuard<'_, Writer> {
        self.waiting.fetch_add(1, SeqCst);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, SeqCst);
        writer
    }

    /// Does something with the connection outside any transaction.
    pub(super) fn alone<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut writer = self.turn();
        writer.commit()?;
        f(&writer.connection)
    }

    pub(super) fn take<T, E: From<Error>>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut writer = self.turn();
        let first = writer.open.is_none();
        writer.connection.execute_batch(if first { "BEGIN IMMEDIATE" } else { "SAVEPOINT act" }).map_err(
            |error| {
                let error = Error::from(error);
                writer.abandon(&error);
                error
            },
        )?;
        let open = writer.open.get_or_insert_with(|| Open { batch: Arc::default(), acts: 0 });
        open.acts += 1;
        let (batch, acts) = (Arc::clone(&open.batch), open.acts);

        // A panic in an act must not leave what it wrote in the transaction of those who wait.
        let done = catch_unwind(AssertUnwindSafe(|| f(&Tx::sqlite(&writer.connection))));
        let put_right = match &done {
            Ok(Ok(_)) if first => Ok(()),
            Ok(Ok(_)) => writer.connection.execute_batch("RELEASE SAVEPOINT act").map_err(Error::from),
            Ok(Err(_)) | Err(_) => writer.take_back(first),
        };
        if let Err(error) = put_right {
            writer.abandon(&error);
            return done.unwrap_or_else(|panic| resume_unwind(panic)).and(Err(error.into()));
        }
        // Whoever waits has been counted before this looks, and will commit, or leave it to the next.
        let last = acts >= ACTS || self.waiting.load(SeqCst) == 0;
        let committed = if last { writer.commit() } else { Ok(()) };
        drop(writer);
        match done {
            Err(panic) => resume_unwind(panic),
            Ok(Err(error)) => Err(error),
            Ok(Ok(done)) => {
                if last {
                    committed?;
                } else {
                    batch.wait()?;
                }
                Ok(done)
            }
        }
    }
}

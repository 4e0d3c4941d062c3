//! Turns at the one connection of this process that writes. Acts run one after another in the order they come, each
//! seeing what those before it wrote; those that wait together are made durable by one commit. No act
//! returns before what it wrote is durable, and one that fails takes back only itself.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::tx::Tx;
use crate::{Error, Result};

/// The most acts in one commit, so that the first never waits long for the last.
const ACTS: usize = 32;

/// A connection at which acts take turns.
pub(super) trait Turned {
    /// Begins a transaction that writes.
    fn begin(&mut self) -> Result<()>;
    /// The connection as acts see it.
    fn tx(&mut self) -> Result<Tx<'_>>;
    /// Whether there may be a transaction to take back.
    fn is_open(&self) -> bool;
}

pub(super) struct Turns<C> {
    waiting: AtomicUsize,
    writer: Mutex<Writer<C>>,
}

struct Writer<C> {
    connection: C,
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
    outcome: Mutex<Option<Result<()>>>,
    settled: Condvar,
}

impl Batch {
    fn settle(&self, outcome: Result<()>) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        self.settled.notify_all();
    }

    fn wait(&self) -> Result<()> {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*outcome {
                Some(outcome) => return outcome.as_ref().copied().map_err(likewise),
                None => outcome = self.settled.wait(outcome).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// What everybody is told whose act went with the one that failed so.
fn likewise(error: &Error) -> Error {
    match error {
        Error::Full => Error::Full,
        Error::Contended => Error::Contended,
        Error::Away(what) => Error::Away(what.clone()),
        other => Error::Database(other.to_string()),
    }
}

impl<C: Turned> Writer<C> {
    fn say(&mut self, words: &str) -> Result<()> {
        self.connection.tx()?.batch(words)
    }

    fn commit(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let done = self.say("COMMIT");
        if done.is_err() && self.connection.is_open() {
            let _ = self.say("ROLLBACK");
        }
        open.batch.settle(done.as_ref().map_err(likewise).copied());
        done
    }

    /// Takes back one act: all there is, or all since the act's own beginning.
    fn take_back(&mut self, alone: bool) -> Result<()> {
        if alone {
            self.open = None;
            self.say("ROLLBACK")
        } else {
            self.say("ROLLBACK TO SAVEPOINT act; RELEASE SAVEPOINT act")
        }
    }

    /// Gives up a transaction that cannot be put right: everyone who waits for it is told.
    fn abandon(&mut self, why: &Error) {
        if let Some(open) = self.open.take() {
            open.batch.settle(Err(likewise(why)));
        }
        if self.connection.is_open() {
            let _ = self.say("ROLLBACK");
        }
    }
}

impl<C: Turned> Turns<C> {
    pub(super) fn new(connection: C) -> Self {
        Self { waiting: AtomicUsize::new(0), writer: Mutex::new(Writer { connection, open: None }) }
    }

    fn turn(&self) -> MutexGuard<'_, Writer<C>> {
        self.waiting.fetch_add(1, SeqCst);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, SeqCst);
        writer
    }

    /// Does something with the connection outside any transaction.
    pub(super) fn alone<T>(&self, f: impl FnOnce(&mut C) -> Result<T>) -> Result<T> {
        let mut writer = self.turn();
        writer.commit()?;
        f(&mut writer.connection)
    }

    /// Does something with the connection at the end of its time.
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut C) -> T) -> T {
        f(&mut self.turn().connection)
    }

    /// Runs an act; nothing where it, or those whose transaction it shared, lost against another process.
    pub(super) fn take<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let mut writer = self.turn();
        let first = writer.open.is_none();
        let begun = if first { writer.connection.begin() } else { writer.say("SAVEPOINT act") };
        begun.inspect_err(|error| writer.abandon(error))?;
        let open = writer.open.get_or_insert_with(|| Open { batch: Arc::default(), acts: 0 });
        open.acts += 1;
        let (batch, acts) = (Arc::clone(&open.batch), open.acts);

        // A panic in an act must not leave what it wrote in the transaction of those who wait.
        let (done, lost) = {
            let tx = writer.connection.tx()?;
            let done = catch_unwind(AssertUnwindSafe(|| {
                let done = f(&tx)?;
                tx.flush()?;
                Ok(done)
            }));
            (done, tx.contended())
        };
        if lost {
            // Nothing of this transaction can be kept, whatever the act made of it.
            writer.abandon(&Error::Contended);
            return done.map_or_else(|panic| resume_unwind(panic), |_| Ok(None));
        }
        let put_right = match &done {
            Ok(Ok(_)) if first => Ok(()),
            Ok(Ok(_)) => writer.say("RELEASE SAVEPOINT act"),
            Ok(Err(_)) | Err(_) => writer.take_back(first),
        };
        if let Err(error) = put_right {
            writer.abandon(&error);
            let done = done.unwrap_or_else(|panic| resume_unwind(panic));
            return done.and(Err(error.into()));
        }
        // Whoever waits has been counted before this looks, and will commit, or leave it to the next.
        let last = acts >= ACTS || self.waiting.load(SeqCst) == 0;
        let committed = if last { writer.commit() } else { Ok(()) };
        drop(writer);
        match done {
            Err(panic) => resume_unwind(panic),
            Ok(Err(error)) => Err(error),
            Ok(Ok(done)) => match if last { committed } else { batch.wait() } {
                Ok(()) => Ok(Some(done)),
                Err(Error::Contended) => Ok(None),
                Err(error) => Err(error.into()),
            },
        }
    }
}

//! Moves what was committed out of the write-ahead log into the database while others go on writing, so that nobody's
//! commit waits for it. It never decides what is kept: without it SQLite would do the same in somebody's commit.

use std::ffi::c_int;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use super::sqlite::connect;
use crate::keys::Key;
use crate::{Error, Result};

/// From how many pages in the log they are moved, beside whoever writes.
const SOON: c_int = 500;
/// From how many whoever commits moves them, so that a log does not grow without end where the thread falls behind.
const AT_MOST: c_int = 8_000;

/// The thread that moves pages, and what it is told.
pub(super) struct Checkpoints {
    told: Arc<Told>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Told {
    next: Mutex<Next>,
    said: Condvar,
    /// Held by whoever moves pages: SQLite lets only one at a time, and sends a second one away.
    moving: Mutex<()>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Wait,
    Move,
    End,
}

impl Checkpoints {
    /// Starts moving what this connection commits to the file.
    pub(super) fn of(writer: &mut Connection, path: &Path, key: &Key) -> Result<Self> {
        let told = Arc::<Told>::default();
        let hooked = Arc::clone(&told);
        writer.wal_hook(Some(move |wal: &mut Wal, pages| {
            if pages >= SOON {
                hooked.say(Next::Move);
            }
            if pages >= AT_MOST {
                // It is committed; what cannot be moved now is moved by the next.
                let _ = wal.checkpoint();
            }
            Ok(())
        }))?;
        let (path, key, ours) = (path.to_owned(), key.clone(), Arc::clone(&told));
        let failed = |error| Error::file(&path, error);
        let thread = std::thread::Builder::new().name("checkpoint".to_owned());
        let thread = thread.spawn({
            let path = path.clone();
            move || ours.go_on(path, &key)
        });
        Ok(Self { told, thread: Some(thread.map_err(failed)?) })
    }

    /// Keeps the thread from moving anything until this is dropped.
    pub(super) fn hold(&self) -> MutexGuard<'_, ()> {
        self.told.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.told.say(Next::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Told {
    fn say(&self, what: Next) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if *next != Next::End {
            *next = what;
        }
        self.said.notify_all();
    }

    /// What to do, once there is something; to end stays to be done.
    fn wait(&self) -> Next {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        while *next == Next::Wait {
            next = self.said.wait(next).unwrap_or_else(PoisonError::into_inner);
        }
        let now = *next;
        if now == Next::Move {
            *next = Next::Wait;
        }
        now
    }

    fn go_on(&self, path: PathBuf, key: &Key) {
        let mut connection = None;
        while self.wait() == Next::Move {
            // Opened when it is first needed: most commands write little, and what fails now is tried again.
            if connection.is_none() {
                connection = connect(&path, key, false).ok();
            }
            let Some(connection) = &connection else { continue };
            let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }
}

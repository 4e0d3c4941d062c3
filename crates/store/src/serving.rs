//! Who works on an instance: one server at most on a SQLite database, any number on PostgreSQL, of which one at
//! a time does what the program does by itself; and a number of its own for every process, so that no two ever make
//! the same identity.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::dialect::Dialect;
use crate::{Error, Result, Store, id};

/// How long a process waits before it asks for its turn again.
const TURN: Duration = Duration::from_millis(200);

/// The right to serve an instance, for as long as it is kept. It goes with the process, however that ends.
#[derive(Debug)]
pub struct Serving(#[expect(dead_code, reason = "held for its lock")] Option<File>);

impl Store {
    /// Takes the right to serve this instance. On PostgreSQL several servers have it side by side.
    ///
    /// # Errors
    /// [`Error::Serving`] if another process has it.
    pub fn serving(&self) -> Result<Serving> {
        if self.dialect() == Dialect::Postgres {
            return Ok(Serving(None));
        }
        locked(&self.data().join("server.lock"))?
            .map(|file| Serving(Some(file)))
            .ok_or_else(|| Error::Serving(self.data().to_owned()))
    }

    /// Does a job that only one server may do at a time; `None` if another server is at it. On SQLite there is no
    /// other.
    ///
    /// # Errors
    /// [`Error::Away`] if the database cannot be asked; whatever the job says.
    pub fn one_at_a_time<T, E: From<Error>>(
        &self,
        job: &str,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        let Some(postgres) = self.as_postgres() else { return f().map(Some) };
        // The turn ends with the connection, and so with a server that is killed.
        match postgres.turn(job)? {
            Some(_turn) => f().map(Some),
            None => Ok(None),
        }
    }

    /// Does something that no two processes may do to one database at the same time: waits for its turn.
    pub(crate) fn alone<T>(&self, what: &str, f: impl FnOnce() -> Result<T>) -> Result<T> {
        let Some(postgres) = self.as_postgres() else {
            let path = self.data().join(format!("{what}.lock"));
            let file = lock(&path)?;
            file.lock().map_err(|error| Error::file(&path, error))?;
            return f();
        };
        loop {
            if let Some(_turn) = postgres.turn(what)? {
                return f();
            }
            std::thread::sleep(TURN);
        }
    }
}

/// Takes a number for this process among those working on a SQLite database.
pub(crate) fn number(data: &Path) -> Result<File> {
    let directory = data.join("processes");
    std::fs::create_dir_all(&directory).map_err(|error| Error::file(&directory, error))?;
    for number in 0..id::NODES {
        if let Some(file) = locked(&directory.join(number.to_string()))? {
            id::node(number);
            return Ok(file);
        }
    }
    Err(Error::Away(format!("{} processes work on this data directory already", id::NODES)))
}

fn lock(path: &Path) -> Result<File> {
    let opened = File::options().create(true).truncate(false).write(true).open(path);
    opened.map_err(|error| Error::file(path, error))
}

fn locked(path: &Path) -> Result<Option<File>> {
    let file = lock(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Error::file(path, error)),
    }
}

//! Who works on a data directory: one server at most, and a number of its own for every process, so that
//! no two ever make the same identity.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::{Error, Result, Store, id};

/// The right to serve a data directory, for as long as it is kept. It goes with the process, however that ends.
#[derive(Debug)]
pub struct Serving(#[expect(dead_code, reason = "held for its lock")] File);

impl Store {
    /// Takes the right to serve this data directory.
    ///
    /// # Errors
    /// [`Error::Serving`] if another process has it.
    pub fn serving(&self) -> Result<Serving> {
        locked(&self.data().join("server.lock"))?
            .map(Serving)
            .ok_or_else(|| Error::Serving(self.data().to_owned()))
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

fn locked(path: &Path) -> Result<Option<File>> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|error| Error::file(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Error::file(path, error)),
    }
}

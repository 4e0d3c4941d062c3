//! A data directory and a database that are being filled from a backup. Both say so until everything is done, so that
//! nothing half restored is ever opened, and a restore that was interrupted starts over. It takes away what it made
//! itself, and never what was there before.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::safe::Safe;
use crate::{Error, Keys, Result, Store, Tx, db, dialect, keys, setting};

/// The file that says so, in the data directory.
const MARK: &str = "restoring";
/// How its text begins: which restore it is comes after it, then what lay in the directory before.
const HEAD: &str = "probity restoring 1 ";
/// How its text ends. Without it nothing was made yet.
const END: &str = "that is all\n";
/// What the list has where the directory itself was there before.
const DIRECTORY: &str = ".";

/// The setting of a database that is being filled: by which restore.
pub(crate) const HALF: &str = "restoring";
/// The setting of a database that was filled: by which restore.
const WHOLE: &str = "restored";

/// What a restore makes in a data directory, or whoever opens an instance there.
const MADE: &[&str] = &[
    "keyring",
    "keyring.new",
    "salt",
    "salt.new",
    "probity.db",
    "probity.db-journal",
    "probity.db-wal",
    "probity.db-shm",
    "probity-views.db",
    "probity-views.db-journal",
    "probity-views.db-wal",
    "probity-views.db-shm",
    "files",
    "safe",
    "safe.new",
    "safe.lock",
    "schema.lock",
    "processes",
];

/// The right to fill a data directory. Dropped before its end, it takes back what was made.
pub struct Restoring {
    data: PathBuf,
    url: Option<String>,
    /// Held for its lock.
    mark: File,
    said: Said,
    /// Whether anything may have been made in the database.
    created: Cell<bool>,
    ended: bool,
}

/// What the mark says.
struct Said {
    which: String,
    before: BTreeSet<String>,
}

impl Said {
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix(END)?.strip_prefix(HEAD)?.lines();
        Some(Self { which: lines.next()?.to_owned(), before: lines.map(str::to_owned).collect() })
    }

    fn text(&self) -> String {
        let before: String = self.before.iter().map(|name| format!("{name}\n")).collect();
        format!("{HEAD}{}\n{before}{END}", self.which)
    }
}

/// Whether a restore works on a data directory, or was interrupted there.
fn marked(data: &Path) -> bool {
    data.join(MARK).exists()
}

/// Refuses a data directory that is not whole yet.
///
/// # Errors
/// [`Error::Place`] if a restore works on it or was interrupted there.
pub fn refuse_directory(data: &Path) -> Result<()> {
    match marked(data) {
        false => Ok(()),
        true => Err(Error::Place(format!(
            "what is in {} is not whole: `probity restore` is at work there or was interrupted. Run the same restore again: \
             it starts over",
            data.display()
        ))),
    }
}

/// Refuses a database that is not whole yet.
///
/// # Errors
/// [`Error::Place`] if a restore fills it or was interrupted.
pub fn refuse_database(tx: &Tx<'_>) -> Result<()> {
    match setting::get(tx, HALF)? {
        None => Ok(()),
        Some(_) => Err(Error::Place(
            "this database is not whole: `probity restore` is at work on it or was interrupted. Run the same restore again, \
             with the same data directory: it starts over"
                .into(),
        )),
    }
}

impl Restoring {
    /// Begins to restore into a data directory, and puts into it what opens the data: the keyring from the safe. What an
    /// interrupted restore left there is taken away first. Without a `url` the database will be a SQLite file.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the bytes are no safe; [`Error::Place`] if there is an instance already, or another restore
    /// is at work there.
    pub fn begin(data: &Path, url: Option<&str>, safe: &[u8]) -> Result<Self> {
        Safe::looks_whole(safe)?;
        let there = data.exists();
        let refused = || Error::Place(format!("there is an instance in {} already", data.display()));
        let taken = || data.join("keyring").exists() || db::file_in(data).exists();
        if taken() && !marked(data) {
            return Err(refused());
        }
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data);
        made.map_err(|error| Error::file(data, error))?;
        let path = data.join(MARK);
        let mut mark = lock(&path)?;
        let mut text = String::new();
        mark.read_to_string(&mut text).map_err(|error| Error::file(&path, error))?;
        let said = match Said::read(&text) {
            Some(said) => said,
            None if taken() => {
                let _ = std::fs::remove_file(&path);
                return Err(refused());
            }
            None => {
                let mut which = [0; 16];
                keys::random(&mut which)?;
                let found = MADE.iter().filter(|name| data.join(name).symlink_metadata().is_ok());
                let before = found.chain(there.then_some(&DIRECTORY)).map(|name| (*name).to_owned());
                let said = Said { which: keys::hex(&which), before: before.collect() };
                let write = |mark: &mut File| {
                    mark.set_len(0)?;
                    std::io::Seek::rewind(mark)?;
                    mark.write_all(said.text().as_bytes())?;
                    mark.sync_all()?;
                    File::open(data)?.sync_all()
                };
                write(&mut mark).map_err(|error| Error::file(&path, error))?;
                said
            }
        };
        let url = url.map(str::to_owned);
        let begun = Self { data: data.to_owned(), url, mark, said, created: Cell::new(false), ended: false };
        begun.take_away()?;
        Safe::put_keys_back(safe, data)?;
        Ok(begun)
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The database's address, if it is not SQLite.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Makes the database to be filled. What this restore left in it when it was interrupted is taken away first.
    ///
    /// # Errors
    /// [`Error::Place`] if an instance is in it that this restore has not made; whatever the database says.
    pub fn create(&self, keys: Keys) -> Result<Store> {
        self.take_away_tables()?;
        self.created.set(true);
        Store::create_saying(&self.data, self.url(), keys, &[(HALF, &self.said.which)])
    }

    /// Says that everything is done: from now on it may be opened.
    ///
    /// # Errors
    /// Whatever the database or the disk says; then it may not.
    pub fn end(mut self, store: &Store) -> Result<()> {
        store.write(|tx| {
            setting::clear(tx, HALF)?;
            setting::set(tx, WHOLE, &self.said.which)
        })?;
        self.unmark()?;
        self.ended = true;
        Ok(())
    }

    fn unmark(&self) -> Result<()> {
        let path = self.data.join(MARK);
        let gone = std::fs::remove_file(&path).and_then(|()| File::open(&self.data)?.sync_all());
        gone.map_err(|error| Error::file(&path, error))
    }

    /// Takes away what was made in the data directory.
    fn take_away(&self) -> Result<()> {
        for name in MADE.iter().filter(|name| !self.said.before.contains(**name)) {
            let path = self.data.join(name);
            let gone = match path.is_dir() {
                true => std::fs::remove_dir_all(&path),
                false => std::fs::remove_file(&path),
            };
            match gone {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::file(&path, error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes away the tables that this restore made in a database of a server. A SQLite file goes with the data directory.
    fn take_away_tables(&self) -> Result<()> {
        let Some(url) = self.url() else { return Ok(()) };
        dialect::drop_tables(url, |tx| {
            let ours = |name| Ok::<_, Error>(setting::get(tx, name)?.as_ref() == Some(&self.said.which));
            Ok(ours(HALF)? || ours(WHOLE)?)
        })
    }

    /// Leaves everything as it was found.
    fn undo(&self) -> Result<()> {
        if self.created.get() {
            self.take_away_tables()?;
        }
        self.take_away()?;
        self.unmark()?;
        if !self.said.before.contains(DIRECTORY) {
            // Where somebody has put something into it in the meantime, it stays.
            let _ = std::fs::remove_dir(&self.data);
        }
        Ok(())
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        if !self.ended
            && let Err(error) = self.undo()
        {
            tracing::warn!(%error, "what a restore began could not be taken back: the same restore starts over");
        }
        let _ = self.mark.unlock();
    }
}

/// Takes the mark for this process, making it if it is not there.
fn lock(path: &Path) -> Result<File> {
    let failed = |error| Error::file(path, error);
    loop {
        let mut options = File::options();
        let mark = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
        let mark = mark.map_err(failed)?;
        match mark.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Place(format!(
                    "another `probity restore` is at work on this data directory: {} is in use",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Whoever had it may have ended in between and taken it away: then it says nothing any more.
        let ours = mark.metadata().map_err(failed)?.ino();
        if std::fs::metadata(path).is_ok_and(|there| there.ino() == ours) {
            return Ok(mark);
        }
    }
}

//! The instance's database: opening it, and transactions on it.
//!
//! Acts that write take their turn one after another, and those waiting are made durable together. On PostgreSQL they
//! are serializable among several processes, and run again when they lost against another's. Nothing here decides
//! anything.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::dialect::Dialect;
use crate::dialect::postgres::Postgres;
use crate::dialect::sqlite::Sqlite;
use crate::dialect::views;
use crate::keys::Keys;
use crate::log::{Together, View};
use crate::tx::Tx;
use crate::{Error, Result};

/// How often a transaction that lost against another runs again before it gives up.
const ATTEMPTS: u32 = 24;
/// The longest it waits before it runs again, in milliseconds.
const WAIT_MAX: u32 = 200;

/// An open instance: its database, its keys and its data directory.
pub struct Store {
    data: PathBuf,
    keys: Keys,
    db: Database,
    views: Together,
}

enum Database {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

impl Store {
    /// Creates an instance in a data directory and opens it. `url` is a `postgres://` address; without
    /// one the database is a SQLite file in the directory.
    ///
    /// # Errors
    /// [`Error::Place`] if there is an instance already; whatever the disk or the database says.
    pub fn create(data: &Path, url: Option<&str>, keys: Keys) -> Result<Self> {
        Self::create_saying(data, url, keys, &[])
    }

    /// As [`Store::create`], with settings that are there from the first moment.
    pub(crate) fn create_saying(
        data: &Path,
        url: Option<&str>,
        keys: Keys,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        if url.is_none() && file_in(data).exists() {
            return Err(Error::Place(format!("there is an instance in {} already", data.display())));
        }
        // What an instance that was here before opened is none of the new one's log.
        if url.is_none() {
            views::forget(&file_in(data))?;
        }
        let store = Self::connect(data, url, keys)?;
        if store.read(crate::migrate::version)?.is_some() {
            return Err(Error::Place("there is an instance in this database already".into()));
        }
        crate::migrate::create(&store, settings)?;
        store.settle_identities()?;
        Ok(store)
    }

    /// Takes back a beginning that failed, so that the next one finds the place as it was: the keyring and the
    /// database file. For after [`Keys::create`] succeeded: before that neither was there.
    pub fn unmake(data: &Path) {
        let database = file_in(data);
        for end in ["db-journal", "db-wal", "db-shm", "db"] {
            let _ = std::fs::remove_file(database.with_extension(end));
        }
        let _ = std::fs::remove_file(data.join("keyring"));
    }

    /// Opens an instance, bringing its database up to this program's schema after a verified backup.
    ///
    /// # Errors
    /// [`Error::Place`] if there is none; [`Error::WrongKey`]; [`Error::Newer`]; [`Error::Away`].
    pub fn open(data: &Path, url: Option<&str>, keys: Keys, now: Timestamp) -> Result<Self> {
        if url.is_none() {
            let path = file_in(data);
            let size = std::fs::metadata(&path).map(|metadata| metadata.len()).map_err(|error| {
                match error.kind() {
                    std::io::ErrorKind::NotFound => Error::Place(format!(
                        "there is a keyring in {0} but no database: if `probity init` was interrupted there, remove {0} and \
                         run it again; otherwise put probity.db back from a backup",
                        data.display()
                    )),
                    _ => Error::file(&path, error),
                }
            })?;
            if size == 0 {
                return Err(Error::Damaged(format!(
                    "{} is empty: if `probity init` was interrupted there, remove {} and run it again; otherwise put the \
                     database back from a backup",
                    path.display(),
                    data.display()
                )));
            }
        }
        let store = Self::connect(data, url, keys)?;
        crate::migrate::up(&store, now)?;
        // What a process before this one opened in this very second is not in the log yet, and has its identities.
        store.gather()?;
        store.settle_identities()?;
        Ok(store)
    }

    fn connect(data: &Path, url: Option<&str>, keys: Keys) -> Result<Self> {
        let db = match url {
            None => Database::Sqlite(Box::new(Sqlite::open(&file_in(data), keys.database().clone())?)),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Database::Postgres(Box::new(Postgres::open(url)?))
            }
            Some(_) => {
                return Err(Error::Place(
                    "a database address starts with postgres://; leave it out for the SQLite file in the data directory".into(),
                ));
            }
        };
        Ok(Self { data: data.to_owned(), keys, db, views: Together::default() })
    }

    /// Identities made from now on are larger than every one there is, even if the clock went back or the program
    /// was killed within this second.
    fn settle_identities(&self) -> Result<()> {
        self.read(|tx| {
            for table in crate::schema::tables().filter(|table| table.key == ["id"]) {
                let newest = format!("SELECT max(id) FROM {}", table.name);
                if let Some(newest) = tx.one(&newest, &[], |row| row.opt_int(0))? {
                    crate::id::after(newest);
                }
            }
            Ok(())
        })
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where the database is if it is not in the data directory, in words, without any password.
    #[must_use]
    pub fn far_place(&self) -> Option<String> {
        self.as_postgres().map(Postgres::place)
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.db {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn as_sqlite(&self) -> Option<&Sqlite> {
        match &self.db {
            Database::Sqlite(sqlite) => Some(sqlite),
            Database::Postgres(_) => None,
        }
    }

    pub(crate) fn as_postgres(&self) -> Option<&Postgres> {
        match &self.db {
            Database::Sqlite(_) => None,
            Database::Postgres(postgres) => Some(postgres),
        }
    }

    /// Takes what was erased out of the places where a database leaves it behind: SQLite's write-ahead
    /// log, PostgreSQL's dead rows and what it has drawn for its plans. Whether all of it could be: a long read may stand in
    /// the way.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn scrub(&self) -> Result<bool> {
        match &self.db {
            Database::Sqlite(sqlite) => sqlite.scrub(),
            Database::Postgres(postgres) => postgres.scrub(),
        }
    }

    /// Does something in one writing transaction: all of it is kept, durably, or none. On PostgreSQL
    /// it may run several times, so it must not change anything but the database.
    ///
    /// # Errors
    /// Whatever the function says, and then nothing was written; [`Error::Contended`] if it lost
    /// against others again and again.
    pub fn write<T, E: From<Error>>(&self, mut f: impl FnMut(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        match &self.db {
            Database::Sqlite(sqlite) => sqlite.writing(f),
            Database::Postgres(postgres) => {
                for attempt in 1..=ATTEMPTS {
                    if let Some(done) = postgres.writing(&mut f)? {
                        return Ok(done);
                    }
                    // For a time of its own, so that those who lost against each other do not meet again.
                    let mut chance = [0; 1];
                    crate::keys::random(&mut chance)?;
                    let [chance] = chance;
                    let most = (attempt * attempt * 2).min(WAIT_MAX);
                    let wait = u64::from(most) * u64::from(chance) / 255;
                    std::thread::sleep(std::time::Duration::from_millis(wait));
                }
                Err(Error::Contended.into())
            }
        }
    }

    /// Writes down what was opened. It is kept when this returns, but nobody waits for the disk: a power cut may
    /// lose what was opened in the last seconds. On SQLite it reaches the log with the next [`Store::gather`].
    ///
    /// # Errors
    /// Whatever the database says, and then nothing may be shown.
    pub fn note(&self, views: Vec<View>) -> Result<()> {
        if views.is_empty() {
            return Ok(());
        }
        self.views.write(views, |views| {
            let write = |tx: &Tx<'_>| views.iter().try_for_each(|view| view.write(tx));
            match &self.db {
                Database::Sqlite(sqlite) => sqlite.views().write(write),
                Database::Postgres(postgres) => {
                    postgres.begin("BEGIN; SET LOCAL synchronous_commit = off", |client| {
                        let tx = Tx::postgres(client);
                        let done = write(&tx);
                        tx.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
                        done
                    })
                }
            }
        })
    }

    /// Brings what was noted into the log, durably. To be called before the log is read or given its order.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn gather(&self) -> Result<()> {
        match &self.db {
            Database::Sqlite(sqlite) => sqlite.views().gather(|act| self.write(act)),
            Database::Postgres(_) => Ok(()),
        }
    }

    /// Does something in one reading transaction: everything it reads is of one moment, and it cannot write.
    ///
    /// # Errors
    /// Whatever the function says.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        match &self.db {
            Database::Sqlite(sqlite) => sqlite.reading(|connection| {
                let tx = Tx::sqlite(connection);
                tx.batch("BEGIN")?;
                let done = f(&tx);
                tx.batch("ROLLBACK")?;
                done
            }),
            Database::Postgres(postgres) => {
                postgres.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", |client| {
                    let tx = Tx::postgres(client);
                    let done = f(&tx);
                    tx.let_go()?;
                    done
                })
            }
        }
    }
}

pub(crate) fn file_in(data: &Path) -> PathBuf {
    data.join("probity.db")
}

//! SQLite with SQLCipher: one connection that writes, a few that read.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};

use super::turns::{Turned, Turns};
use super::views::Views;
use crate::keys::Key;
use crate::tx::{Row, Tx, Value};
use crate::{Error, Result};

const READERS: usize = 6;
const STATEMENTS_CACHED: usize = 256;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// For how long those who read are waited for before the log is left as it is, until the next time.
const SCRUB_TIMEOUT: Duration = Duration::from_millis(500);
/// What proves of each page that nobody changed it. The cipher's own choice takes twice as long where the processor knows SHA-256,
/// and longer than all that decrypting takes beside it.
const SEAL: &str = "HMAC_SHA256";
/// What older files have: the cipher's own choice. They keep it for as long as they are.
const SEAL_BEFORE: &str = "HMAC_SHA512";

/// The connections to one database file.
pub(crate) struct Sqlite {
    path: PathBuf,
    key: Key,
    #[expect(dead_code, reason = "held for its lock")]
    number: std::fs::File,
    turns: Turns<Connection>,
    views: Views,
    readers: Mutex<Readers>,
    returned: Condvar,
}

struct Readers {
    idle: Vec<Connection>,
    open: usize,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, key: Key) -> Result<Self> {
        let writer = connect(path, &key, false)?;
        let number = crate::serving::number(path.parent().unwrap_or(path))?;
        Ok(Self {
            path: path.to_owned(),
            number,
            turns: Turns::new(writer),
            views: Views::open(path, &key)?,
            key,
            readers: Mutex::new(Readers { idle: Vec::new(), open: 0 }),
            returned: Condvar::new(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Runs an act on the one connection that writes, when it is its turn; it is durable when this returns.
    pub(crate) fn writing<T, E: From<Error>>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.turns.take(f)?.ok_or_else(|| Error::Contended.into())
    }

    /// What was opened, on its way into the log.
    pub(crate) fn views(&self) -> &Views {
        &self.views
    }

    /// Does something with a connection that only reads.
    pub(crate) fn reading<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = self.reader()?;
        let reader = Borrowed { from: self, connection: Some(connection) };
        match &reader.connection {
            Some(connection) => f(connection),
            None => Err(Error::Away("no connection".into()).into()),
        }
    }

    fn reader(&self) -> Result<Connection> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = readers.idle.pop() {
                return Ok(connection);
            }
            if readers.open < READERS {
                readers.open += 1;
                drop(readers);
                return connect(&self.path, &self.key, true).inspect_err(|_| self.lost());
            }
            readers = self.returned.wait(readers).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lost(&self) {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
        self.returned.notify_one();
    }

    /// Moves everything in the write-ahead log into the database and empties the log, so that what
    /// was erased is in neither. Whether it could: a long read may stand in the way. Nobody who writes waits for long.
    pub(crate) fn scrub(&self) -> Result<bool> {
        let blocked = self.turns.alone(|writer| {
            writer.busy_timeout(SCRUB_TIMEOUT)?;
            let blocked = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
            writer.busy_timeout(BUSY_TIMEOUT)?;
            Ok(blocked?)
        })?;
        Ok(blocked == 0)
    }
}

impl Turned for Connection {
    fn begin(&mut self) -> Result<()> {
        Ok(self.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn tx(&mut self) -> Result<Tx<'_>> {
        Ok(Tx::sqlite(self))
    }

    fn is_open(&self) -> bool {
        !self.is_autocommit()
    }
}

struct Borrowed<'a> {
    from: &'a Sqlite,
    connection: Option<Connection>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
            self.from.lost();
            return;
        }
        self.from.readers.lock().unwrap_or_else(PoisonError::into_inner).idle.push(connection);
        self.from.returned.notify_one();
    }
}

/// A connection to a file that is being made: one file, without a write-ahead log beside it. It takes the pages of another
/// as they are, if of one.
pub(crate) fn connect_copy(path: &Path, key: &Key, of: Option<&Connection>) -> Result<Connection> {
    let seal =
        of.map(|source| source.query_row("PRAGMA cipher_hmac_algorithm", [], |row| row.get::<_, String>(0)));
    let connection = sealed(path, key, seal.transpose()?.as_deref().unwrap_or(SEAL))?;
    connection.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

/// A connection with its key and everything the program relies on set.
pub(crate) fn connect(path: &Path, key: &Key, read_only: bool) -> Result<Connection> {
    let connection = keyed(path, key)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -12000; PRAGMA trusted_schema = OFF;",
    )?;
    if read_only {
        // There are several of them, and most of what one has read is of no use to the next question.
        connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -6000")?;
    }
    Ok(connection)
}

/// SQLite calls itself ready before its cipher is: a thread that opens a file while another is the first
/// to open one may find no cipher there. So the first opens nothing, and everybody waits for it.
fn ready() {
    static FIRST: std::sync::Once = std::sync::Once::new();
    FIRST.call_once(|| drop(Connection::open_in_memory()));
}

fn keyed(path: &Path, key: &Key) -> Result<Connection> {
    match sealed(path, key, SEAL) {
        Err(Error::WrongKey(_)) => sealed(path, key, SEAL_BEFORE),
        opened => opened,
    }
}

fn sealed(path: &Path, key: &Key, seal: &str) -> Result<Connection> {
    ready();
    if !path.exists() {
        // Before SQLite makes it readable for everybody who may enter the directory.
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(false);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map_err(|error| Error::file(path, error))?;
    }
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    let statement = zeroize::Zeroizing::new(format!("PRAGMA key = \"x'{}'\"", key.hex().as_str()));
    connection.execute_batch(&statement)?;
    // What is wrong comes back as an error; lines of the cipher's own say no more.
    connection
        .execute_batch(&format!("PRAGMA cipher_log_level = NONE; PRAGMA cipher_hmac_algorithm = {seal}"))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // The first page that is read shows whether the key is the right one.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)).map_err(
        |error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Error::WrongKey(path.to_owned()),
            _ => error.into(),
        },
    )?;
    Ok(connection)
}

struct Param<'a>(&'a Value<'a>);

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Real(value) => ValueRef::Real(*value),
        }))
    }
}

pub(crate) fn exec(connection: &Connection, sql: &str, params: &[Value<'_>]) -> Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    let changed = statement.execute(rusqlite::params_from_iter(params.iter().map(Param)))?;
    Ok(changed as u64)
}

pub(crate) fn each(
    connection: &Connection,
    sql: &str,
    params: &[Value<'_>],
    f: &mut dyn FnMut(&Row<'_>) -> bool,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params.iter().map(Param)))?;
    while let Some(row) = rows.next()? {
        if !f(&Row::Sqlite(row)) {
            break;
        }
    }
    Ok(())
}

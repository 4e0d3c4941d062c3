//! A transaction: the same SQL text on both databases, with values and rows of our own.
//!
//! Placeholders are `?1`, `?2`. A query inside the closure of another query is refused on both
//! databases, because only one of them could do it. A `Tx` never commits: [`crate::Store`] does.

use std::cell::{Cell, RefCell};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::dialect::{Dialect, postgres as pg, sqlite};
use crate::{Error, Result};

mod row;
mod value;
pub use row::Row;
pub use value::Value;

/// The values of a statement: `params![person, "name", today]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

/// A transaction on either database.
pub struct Tx<'c> {
    on: On<'c>,
    reading: Cell<bool>,
    contended: Cell<bool>,
}

enum On<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(RefCell<&'c mut pg::Client>),
}

impl<'c> Tx<'c> {
    pub(crate) fn sqlite(connection: &'c rusqlite::Connection) -> Self {
        Self { on: On::Sqlite(connection), reading: Cell::new(false), contended: Cell::new(false) }
    }

    pub(crate) fn postgres(client: &'c mut pg::Client) -> Self {
        Self {
            on: On::Postgres(RefCell::new(client)),
            reading: Cell::new(false),
            contended: Cell::new(false),
        }
    }

    /// Whether a statement lost against another transaction, so that all of it must run again.
    pub(crate) fn contended(&self) -> bool {
        self.contended.get()
    }

    /// Which database this is; only `dialect/`, `search` and `schema` should need to know.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.on {
            On::Sqlite(_) => Dialect::Sqlite,
            On::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn exec(&self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        keepable(params)?;
        self.guarded(|| match &self.on {
            On::Sqlite(connection) => sqlite::exec(connection, sql, params),
            On::Postgres(client) => client.borrow_mut().exec(sql, params),
        })
    }

    /// Runs a statement whose count nobody needs. On PostgreSQL it may be sent only with the next
    /// question, or at the end, and then says only there what it failed of.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn put(&self, sql: &str, params: &[Value<'_>]) -> Result<()> {
        keepable(params)?;
        self.guarded(|| match &self.on {
            On::Sqlite(connection) => sqlite::exec(connection, sql, params).map(drop),
            On::Postgres(client) => client.borrow_mut().put(sql, params),
        })
    }

    /// Runs what [`Tx::put`] still holds.
    pub(crate) fn flush(&self) -> Result<()> {
        self.guarded(|| match &self.on {
            On::Sqlite(_) => Ok(()),
            On::Postgres(client) => client.borrow_mut().flush(),
        })
    }

    /// Calls a function with each row, one at a time, without collecting them.
    ///
    /// # Errors
    /// Whatever the database says; whatever the function says, at once.
    pub fn each<E: From<Error>>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        keepable(params)?;
        let mut said = None;
        let ran = self.guarded(|| {
            let mut keep = |row: &Row<'_>| match f(row) {
                Ok(()) => true,
                Err(error) => {
                    said = Some(error);
                    false
                }
            };
            match &self.on {
                On::Sqlite(connection) => sqlite::each(connection, sql, params, &mut keep),
                On::Postgres(client) => client.borrow_mut().each(sql, params, &mut keep),
            }
        });
        match (said, ran) {
            (Some(error), _) => Err(error),
            (None, ran) => Ok(ran?),
        }
    }

    /// Every row.
    ///
    /// # Errors
    /// Whatever the database or the function says.
    pub fn all<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, params, |row| {
            rows.push(f(row)?);
            Ok::<(), Error>(())
        })?;
        Ok(rows)
    }

    /// The first row.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is none.
    pub fn one<T>(&self, sql: &str, params: &[Value<'_>], f: impl FnMut(&Row<'_>) -> Result<T>) -> Result<T> {
        self.maybe(sql, params, f)?.ok_or(Error::Missing)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// Whatever the database or the function says.
    pub fn maybe<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        mut f: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut first = None;
        self.each(sql, params, |row| {
            if first.is_none() {
                first = Some(f(row)?);
            }
            Ok::<(), Error>(())
        })?;
        Ok(first)
    }

    /// Whether a query gives any row.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn any(&self, sql: &str, params: &[Value<'_>]) -> Result<bool> {
        Ok(self.maybe(sql, params, |_| Ok(()))?.is_some())
    }

    /// The first column of the first row as a number: `SELECT count(*) ...`.
    ///
    /// # Errors
    /// [`Error::Missing`] if there is no row.
    pub fn count(&self, sql: &str, params: &[Value<'_>]) -> Result<i64> {
        self.one(sql, params, |row| row.int(0))
    }

    /// Runs statements that take no values, separated by semicolons.
    pub(crate) fn batch(&self, sql: &str) -> Result<()> {
        self.guarded(|| match &self.on {
            On::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            On::Postgres(client) => client.borrow_mut().batch(sql),
        })
    }

    /// The same, with the next question where the answer can wait.
    pub(crate) fn put_batch(&self, sql: &str) -> Result<()> {
        match &self.on {
            On::Sqlite(_) => self.batch(sql),
            On::Postgres(client) => {
                client.borrow_mut().put_batch(sql);
                Ok(())
            }
        }
    }

    /// Lets go of what was written here, unread and unsent.
    pub(crate) fn let_go(&self) -> Result<()> {
        match &self.on {
            On::Sqlite(_) => self.batch("ROLLBACK"),
            On::Postgres(client) => {
                client.borrow_mut().let_go();
                Ok(())
            }
        }
    }

    /// Does something that may fail without losing what came before it in this transaction: on an
    /// error everything it wrote is taken back. One row of an import, for example.
    ///
    /// # Errors
    /// Whatever the function says.
    pub fn attempt<T, E: From<Error>>(&self, f: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.batch("SAVEPOINT attempt")?;
        match f(self).and_then(|done| self.flush().map(|()| done).map_err(E::from)) {
            Ok(done) => {
                self.batch("RELEASE SAVEPOINT attempt")?;
                Ok(done)
            }
            Err(error) => {
                self.take_back()?;
                Err(error)
            }
        }
    }

    /// Does something only to see what comes of it: everything it wrote is taken back, whatever it says.
    ///
    /// # Errors
    /// Whatever the function says.
    pub fn tried<T, E: From<Error>>(&self, f: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        self.batch("SAVEPOINT attempt")?;
        let done = f(self).and_then(|done| self.flush().map(|()| done).map_err(E::from));
        self.take_back()?;
        done
    }

    fn take_back(&self) -> Result<()> {
        if let On::Postgres(client) = &self.on {
            client.borrow_mut().forget();
        }
        self.batch("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
    }

    fn guarded<T>(&self, f: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.reading.replace(true) {
            return Err(Error::Database("a query inside the rows of another: collect them first".into()));
        }
        let done = f();
        self.reading.set(false);
        if matches!(done, Err(Error::Contended)) {
            self.contended.set(true);
        }
        done
    }
}

/// A civil date as it is stored: `2026-12-01`.
pub(crate) fn date_text(date: Date) -> String {
    date.to_string()
}

/// An instant as it is stored: milliseconds since 1970, UTC.
pub(crate) fn instant(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// PostgreSQL's text cannot hold a NUL, and SQLite's functions stop at one: neither is given any.
fn keepable(params: &[Value<'_>]) -> Result<()> {
    let unkeepable = |value: &Value<'_>| matches!(value, Value::Text(text) if text.contains('\0'));
    if params.iter().any(unkeepable) { Err(Error::Unkeepable) } else { Ok(()) }
}

//! One client of PostgreSQL: what needs no answer waits and is sent together with the next question, so that a
//! person with all that belongs to them costs a few ways to the server and back instead of one a row.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, future};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Statement};

use super::address::Address;
use crate::tx::{Row, Value};
use crate::{Error, Result};

const STATEMENTS_CACHED: usize = 800;
/// How many statements wait at most.
const WAITING: usize = 64;
/// A connection used this lately is taken for whole without asking.
const LATELY: Duration = Duration::from_secs(1);

type Driver = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

/// One client and the statements it has prepared.
pub(crate) struct Client {
    runtime: Runtime,
    /// What carries messages to and fro; nothing once the connection is lost.
    driver: Option<Driver>,
    raw: tokio_postgres::Client,
    statements: HashMap<String, Statement>,
    waiting: Vec<Waiting>,
    used: Option<Instant>,
}

/// A statement whose answer nobody needs but for whether it failed.
enum Waiting {
    Words(String),
    Prepared(Statement, Vec<Value<'static>>),
}

impl Client {
    pub(super) fn connect(address: &Address) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Away(error.to_string()))?;
        let connected = runtime.block_on(async {
            Ok::<_, tokio_postgres::Error>(match &address.tls {
                Some(tls) => {
                    let (raw, connection) = address.config.connect(tls.clone()).await?;
                    (raw, Box::pin(connection) as Driver)
                }
                None => {
                    let (raw, connection) = address.config.connect(NoTls).await?;
                    (raw, Box::pin(connection) as Driver)
                }
            })
        });
        let (raw, driver) = connected.map_err(|error| match Error::from(error) {
            Error::Database(what) => Error::Away(what),
            other => other,
        })?;
        Ok(Self {
            runtime,
            driver: Some(driver),
            raw,
            statements: HashMap::new(),
            waiting: Vec::new(),
            used: None,
        })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.driver.is_none() || self.raw.is_closed()
    }

    /// Begins a transaction. A connection that was used lately, and has not said farewell since, is not asked first
    /// whether it is still there.
    pub(crate) fn begin(&mut self, words: &str) -> Result<()> {
        if self.used.is_some_and(|used| used.elapsed() < LATELY) && self.is_there() {
            self.waiting.push(Waiting::Words(words.to_owned()));
            return Ok(());
        }
        self.batch(words)
    }

    /// Takes in what has come meanwhile: whether the server has not ended the connection.
    fn is_there(&mut self) -> bool {
        let driver = &mut self.driver;
        let mut looked = false;
        self.runtime.block_on(poll_fn(|cx| {
            if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(cx).is_ready()) {
                *driver = None;
            }
            if looked {
                return Poll::Ready(());
            }
            // Once around, so that the runtime asks the system what has come.
            looked = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        !self.is_closed()
    }

    /// Runs statements that take no values, separated by semicolons, after all that waits.
    pub(crate) fn batch(&mut self, words: &str) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let raw = &self.raw;
        let asked = async {
            let (before, done) = future::join(all(raw, &waiting), raw.batch_execute(words)).await;
            before.and(done)
        };
        driven(&self.runtime, &mut self.driver, asked)?;
        self.used = Some(Instant::now());
        Ok(())
    }

    /// Lets a transaction go without waiting until it is gone; what waits is not sent any more.
    pub(crate) fn let_go(&mut self) {
        self.waiting.clear();
        let asked = self.raw.batch_execute("ROLLBACK");
        let mut asked = std::pin::pin!(asked);
        let driver = &mut self.driver;
        self.runtime.block_on(poll_fn(|cx| {
            let _ = asked.as_mut().poll(cx);
            if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(cx).is_ready()) {
                *driver = None;
            }
            Poll::Ready(())
        }));
    }

    /// What waits is not sent any more.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// Runs a statement with the next question, or at the end of the transaction.
    pub(crate) fn put(&mut self, sql: &str, params: &[Value<'_>]) -> Result<()> {
        let statement = self.prepared(sql)?;
        let params = params.iter().map(|value| value.clone().into_owned()).collect();
        self.waiting.push(Waiting::Prepared(statement, params));
        if self.waiting.len() >= WAITING { self.flush() } else { Ok(()) }
    }

    /// Runs statements that take no values with the next question.
    pub(crate) fn put_batch(&mut self, words: &str) {
        self.waiting.push(Waiting::Words(words.to_owned()));
    }

    /// Runs all that waits.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        driven(&self.runtime, &mut self.driver, all(&self.raw, &waiting))?;
        Ok(())
    }

    pub(crate) fn exec(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        let waiting = std::mem::take(&mut self.waiting);
        let raw = &self.raw;
        let asked = async {
            let (before, done) = future::join(all(raw, &waiting), raw.execute(&statement, &params)).await;
            before.and(done)
        };
        Ok(driven(&self.runtime, &mut self.driver, asked)?)
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        f: &mut dyn FnMut(&Row<'_>) -> bool,
    ) -> Result<()> {
        let statement = self.prepared(sql)?;
        let waiting = std::mem::take(&mut self.waiting);
        let raw = &self.raw;
        let asked = async {
            let (before, rows) =
                future::join(all(raw, &waiting), raw.query_raw(&statement, params.iter())).await;
            before?;
            let mut rows = std::pin::pin!(rows?);
            while let Some(row) = rows.next().await {
                if !f(&Row::Postgres(&row?)) {
                    break;
                }
            }
            Ok(())
        };
        Ok(driven(&self.runtime, &mut self.driver, asked)?)
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        // In a transaction that failed nothing can be prepared: what waits says first what it failed of.
        self.flush()?;
        if self.statements.len() >= STATEMENTS_CACHED {
            self.statements.clear();
        }
        let text = numbered(sql);
        let statement = driven(&self.runtime, &mut self.driver, self.raw.prepare(&text))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Sends every statement at once; the first failure, if one failed.
async fn all(raw: &tokio_postgres::Client, waiting: &[Waiting]) -> Result<(), tokio_postgres::Error> {
    let sent = waiting.iter().map(|waiting| async move {
        match waiting {
            Waiting::Words(words) => raw.batch_execute(words).await,
            Waiting::Prepared(statement, params) => raw.execute_raw(statement, params.iter()).await.map(drop),
        }
    });
    future::join_all(sent).await.into_iter().collect()
}

/// Waits for an answer, carrying messages to and fro meanwhile.
fn driven<T>(
    runtime: &Runtime,
    driver: &mut Option<Driver>,
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, tokio_postgres::Error> {
    let mut asked = std::pin::pin!(asked);
    runtime.block_on(poll_fn(|cx| {
        if let Poll::Ready(done) = asked.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if driver.as_mut().is_some_and(|driver| driver.as_mut().poll(cx).is_ready()) {
            *driver = None;
        }
        asked.as_mut().poll(cx)
    }))
}

/// `?1` as `$1`, outside quotes.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut quoted = false;
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                quoted = !quoted;
                out.push(c);
            }
            '?' if !quoted && chars.peek().is_some_and(char::is_ascii_digit) => out.push('$'),
            _ => out.push(c),
        }
    }
    out
}

//! PostgreSQL: a pool of blocking clients, serializable transactions, prepared statements kept per client.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::private::BytesMut;
use postgres::types::{Format, FromSql, IsNull, ToSql, Type, to_sql_checked};
use postgres::{NoTls, Statement};

use crate::tx::{Row, Value};
use crate::{Error, Result};

const CLIENTS: usize = 8;
const STATEMENTS_CACHED: usize = 800;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
const TURN_TIMEOUT: Duration = Duration::from_secs(30);
/// A statement that runs longer than this is a mistake; the sweep and imports work in batches.
const STATEMENT_TIMEOUT_MS: u32 = 120_000;

/// Clients of one PostgreSQL database.
pub(crate) struct Postgres {
    config: postgres::Config,
    pool: Mutex<Pool>,
    returned: Condvar,
    /// Holds this process's number among the servers of the database for as long as it is connected.
    number: Mutex<Option<Client>>,
}

#[derive(Default)]
struct Pool {
    idle: Vec<Client>,
    open: usize,
}

/// One client and the statements it has prepared.
pub(crate) struct Client {
    raw: postgres::Client,
    statements: HashMap<String, Statement>,
}

impl Client {
    pub(crate) fn raw(&mut self) -> &mut postgres::Client {
        &mut self.raw
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS_CACHED {
            self.statements.clear();
        }
        let statement = self.raw.prepare(&numbered(sql))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Postgres {
    pub(crate) fn open(url: &str) -> Result<Self> {
        let mut config: postgres::Config = url.parse().map_err(|error: postgres::Error| {
            let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            Error::Place(format!("the database address cannot be read: {why}"))
        })?;
        let far = config.get_hosts().iter().any(|host| match host {
            Host::Tcp(name) => !matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1"),
            Host::Unix(_) => false,
        });
        if far && config.get_ssl_mode() != SslMode::Disable {
            return Err(Error::Place(
                "the connection to this PostgreSQL would not be encrypted: use a socket or a tunnel on 127.0.0.1, \
                 or say sslmode=disable in the address if the network between is yours"
                    .into(),
            ));
        }
        let options = config.get_options().unwrap_or_default().to_owned();
        config
            // Compiling a plan that reads one row costs more than the row: measured 40 ms against 5 for a life.
            .options(&format!("{options} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=30000 -c client_encoding=UTF8 -c jit=off"))
            .application_name("probity")
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(SILENCE_TIMEOUT)
            .keepalives(true)
            .keepalives_idle(SILENCE_TIMEOUT)
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        let opened =
            Self { config, pool: Mutex::default(), returned: Condvar::new(), number: Mutex::default() };
        opened.keep_number()?;
        Ok(opened)
    }

    /// A client of its own, outside the pool.
    pub(crate) fn connect(&self) -> Result<Client> {
        let raw = self.config.connect(NoTls).map_err(|error| match Error::from(error) {
            Error::Database(what) => Error::Away(what),
            other => other,
        })?;
        Ok(Client { raw, statements: HashMap::new() })
    }

    /// Takes a number among the servers of this database, or takes one again after the connection that
    /// held it was lost, so that no two processes ever make the same identity.
    fn keep_number(&self) -> Result<()> {
        let mut held = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|client| !client.raw.is_closed()) {
            return Ok(());
        }
        let mut client = self.connect()?;
        for number in 0..crate::id::NODES {
            let sql = "SELECT pg_try_advisory_lock(hashtext('probity ' || current_schema()), $1)";
            let number_there = i32::try_from(number).unwrap_or(0);
            if client.raw.query_one(sql, &[&number_there])?.try_get(0)? {
                crate::id::node(number);
                *held = Some(client);
                return Ok(());
            }
        }
        Err(Error::Away(format!("{} processes work on this database already", crate::id::NODES)))
    }

    /// The turn at a job that one server does at a time, if no other has it; it is kept as long as the client.
    pub(crate) fn turn(&self, job: &str) -> Result<Option<Client>> {
        let mut client = self.connect()?;
        let sql = "SELECT pg_try_advisory_lock(hashtext('probity job ' || current_schema()), hashtext($1))";
        Ok(client.raw.query_one(sql, &[&job])?.try_get::<_, bool>(0)?.then_some(client))
    }

    /// Begins a transaction on a client, when one is free. A connection found lost before anything was
    /// done on it is replaced.
    pub(crate) fn begin<T, E: From<Error>>(
        &self,
        begin: &str,
        f: impl FnOnce(&mut Client) -> Result<T, E>,
    ) -> Result<T, E> {
        self.keep_number()?;
        let mut tries = 0;
        let client = loop {
            let mut client = self.take()?;
            match client.raw.batch_execute(begin).map_err(Error::from) {
                Ok(()) => break client,
                Err(error) => {
                    self.lost();
                    tries += 1;
                    if !matches!(error, Error::Away(_)) || tries > CLIENTS {
                        return Err(error.into());
                    }
                }
            }
        };
        let mut borrowed = Borrowed { from: self, client: Some(client) };
        match &mut borrowed.client {
            Some(client) => f(client),
            None => Err(Error::Away("no connection".into()).into()),
        }
    }

    fn take(&self) -> Result<Client> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while let Some(client) = pool.idle.pop() {
                if !client.raw.is_closed() {
                    return Ok(client);
                }
                pool.open -= 1;
            }
            if pool.open < CLIENTS {
                pool.open += 1;
                drop(pool);
                return self.connect().inspect_err(|_| self.lost());
            }
            let (waited, late) =
                self.returned.wait_timeout(pool, TURN_TIMEOUT).unwrap_or_else(PoisonError::into_inner);
            pool = waited;
            if late.timed_out() && pool.idle.is_empty() {
                return Err(Error::Away("every connection was busy for half a minute".into()));
            }
        }
    }

    fn lost(&self) {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner).open -= 1;
        self.returned.notify_one();
    }
}

struct Borrowed<'a> {
    from: &'a Postgres,
    client: Option<Client>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let Some(mut client) = self.client.take() else { return };
        // After a panic or a lost connection a transaction may be open; outside one this only warns.
        let sound = !client.raw.is_closed()
            && (!std::thread::panicking() || client.raw.batch_execute("ROLLBACK").is_ok());
        if !sound {
            self.from.lost();
            return;
        }
        self.from.pool.lock().unwrap_or_else(PoisonError::into_inner).idle.push(client);
        self.from.returned.notify_one();
    }
}

impl Drop for Postgres {
    /// Blocking clients must not close on a thread of an asynchronous runtime.
    fn drop(&mut self) {
        let idle = std::mem::take(&mut self.pool.lock().unwrap_or_else(PoisonError::into_inner).idle);
        let number = self.number.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ = std::thread::spawn(move || drop((idle, number))).join();
    }
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

pub(crate) fn exec(client: &mut Client, sql: &str, params: &[Value<'_>]) -> Result<u64> {
    let statement = client.prepared(sql)?;
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
    Ok(client.raw.execute(&statement, &params)?)
}

pub(crate) fn each(
    client: &mut Client,
    sql: &str,
    params: &[Value<'_>],
    f: &mut dyn FnMut(&Row<'_>) -> bool,
) -> Result<()> {
    let statement = client.prepared(sql)?;
    let mut rows = client.raw.query_raw(&statement, params.iter())?;
    while let Some(row) = rows.next()? {
        if !f(&Row::Postgres(&row)) {
            break;
        }
    }
    Ok(())
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => match *ty {
                Type::INT8 => value.to_sql(ty, out),
                Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*value)?.to_sql(ty, out),
                Type::BOOL => (*value != 0).to_sql(ty, out),
                _ => Err(format!("a number where the statement needs {ty}").into()),
            },
            Self::Text(text) => match *ty {
                Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                    text.as_ref().to_sql(ty, out)
                }
                _ => Err(format!("text where the statement needs {ty}").into()),
            },
            Self::Bytes(bytes) => match *ty {
                Type::BYTEA => bytes.as_ref().to_sql(ty, out),
                _ => Err(format!("bytes where the statement needs {ty}").into()),
            },
            Self::Real(value) => match *ty {
                Type::FLOAT8 => value.to_sql(ty, out),
                _ => Err(format!("a real number where the statement needs {ty}").into()),
            },
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Binary
    }

    to_sql_checked!();
}

/// A column of a row, as one of our own five shapes.
pub(crate) enum Column<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Real(f64),
}

impl<'a> FromSql<'a> for Column<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(match *ty {
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => Self::Int(bool::from_sql(ty, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN => {
                Self::Text(<&str>::from_sql(ty, raw)?)
            }
            Type::BYTEA => Self::Bytes(raw),
            Type::FLOAT8 => Self::Real(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => Self::Real(f32::from_sql(ty, raw)?.into()),
            _ => return Err(format!("a column of type {ty}: cast it in the statement").into()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

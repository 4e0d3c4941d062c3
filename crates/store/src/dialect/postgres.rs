//! PostgreSQL: one client that writes, acts taking turns at it, and a pool of clients that read. Transactions that
//! write are serializable; prepared statements are kept per client.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::config::Host;

use super::turns::{Turned, Turns};
use crate::tx::Tx;
use crate::{Error, Result, params, schema};

mod address;
mod client;
mod value;

use address::Address;

pub(crate) use client::Client;
pub(crate) use value::Column;

const CLIENTS: usize = 8;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
const TURN_TIMEOUT: Duration = Duration::from_secs(30);
/// A statement that runs longer than this is a mistake; the sweep and imports work in batches.
const STATEMENT_TIMEOUT_MS: u32 = 120_000;

/// How often it is looked whether anybody still sees what was deleted, and how long lies between.
const LOOKS: u32 = 100;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Clients of one PostgreSQL database.
pub(crate) struct Postgres {
    address: Address,
    turns: Turns<Writing>,
    pool: Mutex<Pool>,
    returned: Condvar,
    /// Holds this process's number among the servers of the database for as long as it is connected.
    number: Mutex<Option<Client>>,
}

/// The client that writes, connected again when it was lost.
struct Writing {
    address: Address,
    client: Option<Client>,
}

impl Turned for Writing {
    fn begin(&mut self) -> Result<()> {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        if let Some(client) = self.client.as_mut().filter(|client| !client.is_closed()) {
            match client.begin(BEGIN) {
                Err(Error::Away(_)) => {}
                done => return done,
            }
        }
        self.client = None;
        self.client.insert(Client::connect(&self.address)?).begin(BEGIN)
    }

    fn tx(&mut self) -> Result<Tx<'_>> {
        match &mut self.client {
            Some(client) => Ok(Tx::postgres(client)),
            None => Err(Error::Away("no connection".into())),
        }
    }

    fn is_open(&self) -> bool {
        // Outside a transaction taking it back only warns.
        self.client.as_ref().is_some_and(|client| !client.is_closed())
    }
}

#[derive(Default)]
struct Pool {
    idle: Vec<Client>,
    open: usize,
}

impl Postgres {
    /// Where it is, in words, without who signs in there.
    pub(crate) fn place(&self) -> String {
        let config = &self.address.config;
        let hosts = config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<String> = hosts.collect();
        format!(
            "PostgreSQL, the database {} on {}",
            config.get_dbname().unwrap_or("of that name"),
            hosts.join(", ")
        )
    }

    pub(crate) fn open(url: &str) -> Result<Self> {
        let mut address = address::read(url)?;
        let config = &mut address.config;
        let options = config.get_options().unwrap_or_default().to_owned();
        config
            // Compiling a plan that reads one row costs more than the row: measured 40 ms against 5 for a life. And an index
            // is nearly always the cheaper way here; a table read through would also lose serializable acts to each other.
            .options(format!("{options} -c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout=30000 -c client_encoding=UTF8 -c jit=off -c random_page_cost=1.1"))
            .application_name("probity")
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(SILENCE_TIMEOUT)
            .keepalives(true)
            .keepalives_idle(SILENCE_TIMEOUT)
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        let opened = Self {
            turns: Turns::new(Writing { address: address.clone(), client: None }),
            address,
            pool: Mutex::default(),
            returned: Condvar::new(),
            number: Mutex::default(),
        };
        opened.keep_number()?;
        Ok(opened)
    }

    /// A client of its own, outside the pool.
    pub(crate) fn connect(&self) -> Result<Client> {
        Client::connect(&self.address)
    }

    /// Waits until nobody in the database looks at it as it was before now, for a while: what was deleted cannot be cleared
    /// away under whoever may still see it. Whether nobody does.
    pub(crate) fn nobody_looks_back(&self, client: &mut Client) -> Result<bool> {
        let tx = Tx::postgres(client);
        let now = tx.one("SELECT txid_current()", &[], |row| row.int(0))?;
        for _ in 0..LOOKS {
            let older = tx.any(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND GREATEST(age(backend_xmin), age(backend_xid)) > age(CAST(CAST(CAST(?1 AS BIGINT) % 4294967296 AS TEXT) AS xid))",
                params![now],
            )?;
            if !older {
                return Ok(true);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Ok(false)
    }

    /// Clears away the rows of every table that nobody can see any more, and what was drawn of them for plans. Whether all of
    /// it could be: behind somebody who reads for long nothing is drawn anew, which may have to lock a table.
    pub(crate) fn scrub(&self) -> Result<bool> {
        let mut client = self.connect()?;
        client.batch("SET statement_timeout = 0")?;
        let alone = self.nobody_looks_back(&mut client)?;
        for table in schema::tables() {
            client.batch(&format!("VACUUM {}", table.name))?;
        }
        if alone {
            draw_anew(&mut client)?;
        }
        Ok(alone)
    }

    /// Draws anew what is drawn for plans of what is written of people.
    pub(crate) fn draw_anew(&self) -> Result<()> {
        let mut client = self.connect()?;
        client.batch("SET statement_timeout = 0")?;
        draw_anew(&mut client)
    }

    /// Takes a number among the servers of this database, or takes one again after the connection that
    /// held it was lost, so that no two processes ever make the same identity.
    fn keep_number(&self) -> Result<()> {
        let mut held = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_some_and(|client| !client.is_closed()) {
            return Ok(());
        }
        let mut client = self.connect()?;
        for number in 0..crate::id::NODES {
            let sql = "SELECT pg_try_advisory_lock(hashtext('probity ' || current_schema()), ?1)";
            if Tx::postgres(&mut client).one(sql, params![number], |row| row.bool(0))? {
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
        let sql = "SELECT pg_try_advisory_lock(hashtext('probity job ' || current_schema()), hashtext(?1))";
        let first = Tx::postgres(&mut client).one(sql, params![job], |row| row.bool(0))?;
        Ok(first.then_some(client))
    }

    /// Runs an act on the one client that writes, when it is its turn; it is durable when this returns. Nothing where
    /// it lost against another process and must run again.
    pub(crate) fn writing<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Tx<'_>) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        self.keep_number()?;
        self.turns.take(f)
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
            match client.begin(begin) {
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
                if !client.is_closed() {
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

/// Draws anew what was drawn for plans of what is written of people. Of a table without rows PostgreSQL draws nothing and
/// keeps what it has: that is forgotten. What it had lies as dead rows, which no statement can read, in a table of its own:
/// who owns the database may clear it, and for anybody else PostgreSQL does so in its own time.
fn draw_anew(client: &mut Client) -> Result<()> {
    for table in schema::tables() {
        let columns: Vec<&str> = table.sampled_anew().map(|column| column.name).collect();
        if columns.is_empty() {
            continue;
        }
        client.batch(&format!("ANALYZE {} ({})", table.name, columns.join(", ")))?;
        let left = format!(
            "SELECT 1 FROM pg_stats WHERE schemaname = current_schema() AND tablename = '{0}' AND attname IN ('{1}')
                AND NOT EXISTS (SELECT 1 FROM {0})",
            table.name,
            columns.join("', '")
        );
        let left = Tx::postgres(client).any(&left, &[])?;
        if let Some(forget) = schema::forget_samples(table, table.sampled_anew(), false).filter(|_| left) {
            client.batch(&forget)?;
        }
    }
    let owns =
        "SELECT 1 FROM pg_database WHERE datname = current_database() AND pg_has_role(datdba, 'USAGE')";
    if Tx::postgres(client).any(owns, &[])? {
        client.batch("VACUUM (SKIP_LOCKED) pg_catalog.pg_statistic")?;
    }
    Ok(())
}

struct Borrowed<'a> {
    from: &'a Postgres,
    client: Option<Client>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let Some(mut client) = self.client.take() else { return };
        // After a panic or a lost connection a transaction may be open; outside one this only warns.
        let sound = !client.is_closed() && (!std::thread::panicking() || client.batch("ROLLBACK").is_ok());
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
        let writer = self.turns.with(|writing| writing.client.take());
        let _ = std::thread::spawn(move || drop((idle, number, writer))).join();
    }
}

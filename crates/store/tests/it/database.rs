//! Databases of tests on PostgreSQL: each has one of its own, empty or copied from another.

use std::sync::Mutex;
use std::time::Duration;

use ::postgres::{Client, NoTls};

/// A database of its own on the PostgreSQL for tests. It goes with this.
pub struct Database {
    pub server: String,
    name: String,
}

impl Database {
    /// An empty one, or a copy of another that nobody has open.
    pub fn new(server: &str, of: Option<&Self>) -> Self {
        Self::called(named("test_app"), server, of)
    }

    fn called(name: String, server: &str, of: Option<&Self>) -> Self {
        let made = Self { server: server.to_owned(), name };
        let of = of.map_or_else(String::new, |of| format!(" TEMPLATE {}", of.name));
        let sql = format!("CREATE DATABASE {}{of}", made.name);
        // A connection to the template that was just closed may still be about to end.
        let mut tries = 0;
        while let Err(error) = asked(server, &sql) {
            tries += 1;
            assert!(tries < 100, "{sql}: {error}");
            std::thread::sleep(Duration::from_millis(50));
        }
        made
    }

    pub fn url(&self) -> String {
        let (address, options) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (address, _) = address.rsplit_once('/').unwrap();
        let options = if options.is_empty() { String::new() } else { format!("?{options}") };
        format!("{address}/{}{options}", self.name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = asked(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        if let Err(error) = dropped {
            eprintln!("database {} stays behind: {error}", self.name);
        }
    }
}

fn named(beginning: &str) -> String {
    format!("{beginning}_{:08x}", getrandom::u32().unwrap())
}

/// On a thread of its own: a blocking client may not work on one of an asynchronous test.
fn apart<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(f).join().unwrap())
}

fn asked(server: &str, sql: &str) -> Result<(), ::postgres::Error> {
    apart(|| Client::connect(server, NoTls)?.batch_execute(sql))
}

/// A database to be copied. When the last test has ended nobody is there to drop it: whoever makes the next one does, unless
/// the client that comes with it still holds its name.
pub fn original(server: &str) -> (Database, Mutex<Client>) {
    let name = named("test_original");
    let held = apart(|| {
        let mut client = Client::connect(server, NoTls)?;
        client.execute("SELECT pg_advisory_lock(hashtext($1))", &[&name])?;
        let others =
            "SELECT datname::text FROM pg_database WHERE datname LIKE 'test_original_%' AND datname <> $1";
        for row in client.query(others, &[&name])? {
            let other: String = row.get(0);
            let left = client.query_one("SELECT pg_try_advisory_lock(hashtext($1))", &[&other])?;
            if left.get::<_, bool>(0) {
                client.batch_execute(&format!("DROP DATABASE IF EXISTS {other} WITH (FORCE)"))?;
            }
        }
        Ok::<_, ::postgres::Error>(client)
    });
    let held = Mutex::new(held.unwrap());
    (Database::called(name, server, None), held)
}

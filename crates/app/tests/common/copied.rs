//! What is made once and copied for each test: making an instance's tables and living through its first night takes longer than
//! most of what is then tried on it.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::postgres::{Client, NoTls};

use super::Data;

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
fn original(server: &str) -> (Database, Mutex<Client>) {
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

/// An instance as it lies when nobody has it open: the files of its data directory, and its database if it has one elsewhere.
struct Original {
    files: Vec<(PathBuf, Vec<u8>, Permissions)>,
    database: Option<Database>,
    _held: Option<Mutex<Client>>,
}

impl Original {
    fn of(server: Option<&str>, make: impl FnOnce(&Data)) -> Self {
        let (database, held) = server.map(original).unzip();
        let data = Data { directory: tempfile::tempdir().unwrap(), database };
        make(&data);
        let read = |(path, bytes): (PathBuf, Vec<u8>)| {
            let permissions = std::fs::metadata(&path).unwrap().permissions();
            (path.strip_prefix(data.path()).unwrap().to_owned(), bytes, permissions)
        };
        let files = everything(data.path()).into_iter().map(read).collect();
        Self { files, database: data.database, _held: held }
    }

    fn copy(&self) -> Data {
        let directory = tempfile::tempdir().unwrap();
        for (path, bytes, permissions) in &self.files {
            put(&directory.path().join(path), bytes, permissions);
        }
        let database = self.database.as_ref().map(|of| Database::new(&of.server, Some(of)));
        Data { directory, database }
    }
}

/// A copy of what `make` leaves, and has closed, under a name. It is made when it is asked for first.
pub fn copy_of(name: &str, server: Option<&str>, make: impl FnOnce(&Data)) -> Data {
    static MADE: Mutex<BTreeMap<(String, bool), Arc<Original>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (name.to_owned(), server.is_some());
    let of = Arc::clone(made.entry(key).or_insert_with(|| Arc::new(Original::of(server, make))));
    drop(made);
    of.copy()
}

/// Every file below a directory with its bytes, but the numbers that processes take.
pub fn everything(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![data.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("processes") {
                continue;
            } else if path.is_dir() {
                waiting.push(path);
            } else {
                found.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// Copies an instance that nobody has open.
pub fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy(from, to.path());
    to
}

pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in everything(from) {
        let permissions = std::fs::metadata(&path).unwrap().permissions();
        put(&to.join(path.strip_prefix(from).unwrap()), &bytes, &permissions);
    }
}

fn put(place: &Path, bytes: &[u8], permissions: &Permissions) {
    std::fs::create_dir_all(place.parent().unwrap()).unwrap();
    std::fs::write(place, bytes).unwrap();
    std::fs::set_permissions(place, permissions.clone()).unwrap();
}

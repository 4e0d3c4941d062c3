//! What is made once and copied for each test: making an instance's tables and living through its first night takes longer than
//! most of what is then tried on it.

#[path = "../../../store/tests/it/database.rs"]
mod database;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::postgres::Client;

use super::Data;
pub use database::Database;
use database::original;

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
    static MADE: Mutex<BTreeMap<String, Arc<OnceLock<Original>>>> = Mutex::new(BTreeMap::new());
    let key = format!("{name} on {}", server.unwrap_or("SQLite"));
    let of = Arc::clone(MADE.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
    of.get_or_init(|| Original::of(server, make)).copy()
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

//! A store of its own for every test, on either database.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};

use store::keys::Secret;
use store::{Keys, Store};

use crate::database::{Database, original};

/// A store and the directory it lives in, which goes with it.
pub struct Instance {
    pub store: Store,
    pub directory: tempfile::TempDir,
    pub url: Option<String>,
    /// Its database, which goes with it, unless it lies in a schema of one that others use.
    #[expect(dead_code, reason = "kept only until it goes")]
    pub database: Option<Database>,
}

impl std::ops::Deref for Instance {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let schema =
            self.url.as_deref().and_then(|url| url.split("search_path%3D").nth(1)?.split(',').next());
        if let (Some(schema), Ok(url)) = (schema, std::env::var("PROBITY_TEST_POSTGRES")) {
            let dropped = ::postgres::Client::connect(&url, ::postgres::NoTls).and_then(|mut client| {
                client.batch_execute(&format!("SET lock_timeout = '5s'; DROP SCHEMA {schema} CASCADE"))
            });
            if let Err(error) = dropped {
                eprintln!("schema {schema} stays behind: {error}");
            }
        }
    }
}

impl Instance {
    pub fn data(&self) -> PathBuf {
        self.directory.path().to_owned()
    }
}

/// The operator's secret of every test.
pub fn secret() -> Secret {
    Secret::of([7; 32])
}

/// A new instance on SQLite.
pub fn sqlite() -> Instance {
    let directory = tempfile::tempdir().unwrap();
    let store = made(directory.path(), None);
    Instance { store, directory, url: None, database: None }
}

/// An empty instance on the same kind of database, with the keys that a safe carries.
pub fn beside(other: &Instance, safe: &[u8]) -> Instance {
    let database = other.url.as_ref().map(|_| Database::new(&server().unwrap(), None));
    let url = database.as_ref().map(Database::url);
    let directory = tempfile::tempdir().unwrap();
    store::safe::Safe::put_keys_back(safe, directory.path()).unwrap();
    let keys = Keys::open(directory.path(), &secret()).unwrap();
    let store = Store::create(directory.path(), url.as_deref(), keys).unwrap();
    Instance { store, directory, url, database }
}

/// A new instance in a database of its own on the PostgreSQL given, if one is. Its tables are made once, and copied.
pub fn postgres() -> Option<Instance> {
    static MADE: OnceLock<(Database, Mutex<::postgres::Client>)> = OnceLock::new();
    let server = server()?;
    let (empty, _) = MADE.get_or_init(|| {
        let (database, held) = original(&server);
        drop(made(tempfile::tempdir().unwrap().path(), Some(&database.url())));
        (database, held)
    });
    let database = Database::new(&server, Some(empty));
    let (directory, url) = (tempfile::tempdir().unwrap(), database.url());
    let keys = Keys::create(directory.path(), &secret()).unwrap();
    let store = Store::open(directory.path(), Some(&url), keys, jiff::Timestamp::UNIX_EPOCH).unwrap();
    Some(Instance { store, directory, url: Some(url), database: Some(database) })
}

fn server() -> Option<String> {
    std::env::var("PROBITY_TEST_POSTGRES").ok().filter(|server| !server.is_empty())
}

/// A schema of its own on the PostgreSQL given, if one is: the address that leads to it, and its name.
pub fn schema() -> Option<(String, String)> {
    let url = server()?;
    static SCHEMA: AtomicU32 = AtomicU32::new(0);
    let schema = format!("test_{}_{}", std::process::id(), SCHEMA.fetch_add(1, Relaxed));
    let mut client = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
    client.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")).unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    Some((format!("{url}{joint}options=-c%20search_path%3D{schema},public"), schema))
}

fn made(directory: &std::path::Path, url: Option<&str>) -> Store {
    let keys = Keys::create(directory, &secret()).unwrap();
    Store::create(directory, url, keys).unwrap()
}

/// Stamps a test on both databases.
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($store:ident) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what the file imports")]
            use super::*;

            fn on($store: &$crate::harness::Instance) $body

            #[test]
            $(#[$meta])*
            fn sqlite() {
                on(&$crate::harness::sqlite());
            }

            #[test]
            $(#[$meta])*
            fn postgres() {
                match $crate::harness::postgres() {
                    Some(instance) => on(&instance),
                    None => eprintln!("skipped: PROBITY_TEST_POSTGRES names no database"),
                }
            }
        }
    )*};
}

/// CTI's policy, as the repository has it.
pub fn policy() -> policy::Policy {
    pack("cti")
}

/// The policy of a pack with the texts it rests on, as the repository has them.
pub fn pack(name: &str) -> policy::Policy {
    let bare = bare_pack(name);
    let mut files = bare.files.clone();
    for document in policy::register::documents(&bare) {
        if !files.iter().any(|file| file.name == document.file) {
            let text = std::fs::read_to_string(format!("{PACKS}/{}", document.file)).unwrap();
            files.push(policy::source::File { name: document.file, text });
        }
    }
    read(files)
}

/// The policy of a pack with other words in it.
pub fn reworded(name: &str, words: &str, other: &str) -> policy::Policy {
    let mut files = pack(name).files.clone();
    let found = files.iter().map(|file| file.text.matches(words).count()).sum::<usize>();
    assert_eq!(found, 1, "{words}");
    for file in &mut files {
        file.text = file.text.replace(words, other);
    }
    read(files)
}

/// The policy of a pack alone, without the texts it rests on.
pub fn bare_pack(name: &str) -> policy::Policy {
    let name = format!("{name}.policy");
    let text = std::fs::read_to_string(format!("{PACKS}/{name}")).unwrap();
    read(vec![policy::source::File { name, text }])
}

const PACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");

fn read(files: Vec<policy::source::File>) -> policy::Policy {
    let (policy, findings) = policy::Policy::read(files);
    policy.unwrap_or_else(|| panic!("{findings:?}"))
}

//! Opening an instance: the right key, the right program, one server; and what is on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiff::Timestamp;
use store::dialect::copy;
use store::keys::Secret;
use store::{Error, Keys, Store, params};

use crate::harness::{self, Instance, secret};

fn reopen(instance: &Instance) -> store::Result<Store> {
    Store::open(
        &instance.data(),
        instance.url.as_deref(),
        Keys::open(&instance.data(), &secret())?,
        Timestamp::UNIX_EPOCH,
    )
}

fn every_file(directory: &Path, f: &mut impl FnMut(&Path, Vec<u8>)) {
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() { every_file(&path, f) } else { f(&path, std::fs::read(&path).unwrap()) }
    }
}

const CANARY: &str = "Wilhelmina Canary-Featherstone";

both! {
    fn an_instance_opens_again_and_is_not_made_twice(store) {
        store.write(|tx| store::setting::set(tx, "colour", "green")).unwrap();
        let again = reopen(store).unwrap();
        assert_eq!(again.read(|tx| store::setting::get(tx, "colour")).unwrap().as_deref(), Some("green"));
        let keys = Keys::open(&store.data(), &secret()).unwrap();
        assert!(matches!(Store::create(&store.data(), store.url.as_deref(), keys), Err(Error::Place(_))));
    }

    fn a_newer_database_is_refused(store) {
        store.write(|tx| store::setting::set(tx, "schema", "999")).unwrap();
        let refused = reopen(store).err().unwrap();
        assert!(matches!(refused, Error::Newer(_)));
        assert!(refused.to_string().contains("install that version"), "{refused}");
    }

    fn one_server_at_a_time_on_sqlite_and_one_at_a_job_on_either(store) {
        let again = reopen(store).unwrap();
        let serving = again.serving().unwrap();
        match (store.url.is_some(), store.serving()) {
            (true, second) => drop(second.unwrap()),
            (false, Ok(_)) => panic!("two servers on one SQLite database"),
            (false, Err(refused)) => {
                assert!(matches!(refused, Error::Serving(_)), "{refused}");
                assert!(refused.to_string().contains("stop it first"), "{refused}");
                drop(serving);
                store.serving().unwrap();
            }
        }
        let inner = again.one_at_a_time("night", || {
            let same = store.one_at_a_time("night", || Ok::<_, Error>(()))?;
            let other = store.one_at_a_time("backup", || Ok::<_, Error>(()))?;
            Ok::<_, Error>((same, other))
        });
        // On SQLite the right to serve has seen to it already.
        let same = store.url.is_none().then_some(());
        assert_eq!(inner.unwrap(), Some((same, Some(()))));
        assert!(matches!(store.one_at_a_time("night", || Ok::<_, Error>(())), Ok(Some(()))));
    }

    fn a_text_with_a_nul_is_refused_before_the_database_sees_it(store) {
        let refused = store.write(|tx| store::setting::set(tx, "colour", "gr\0een"));
        assert!(matches!(refused, Err(Error::Unkeepable)), "{refused:?}");
        let found = store.read(|tx| store::search::find(tx, "gre\0en", &store::reach::Reach::Everyone, 5));
        assert!(matches!(found, Ok(ref found) if found.is_empty()) || matches!(found, Err(Error::Unkeepable)), "{found:?}");
        assert_eq!(store.read(|tx| store::setting::get(tx, "colour")).unwrap(), None);
    }

    fn a_backup_holds_every_row_and_opens_with_the_same_key_alone(store) {
        store.write(|tx| {
            tx.exec("INSERT INTO person (id, created_at, version) VALUES (1, 0, 1)", &[])?;
            store::search::index(tx, custody::id::PersonId(1), &[(store::search::FoundBy::Words, CANARY)])
        }).unwrap();
        let to = store.data().join("backups");
        let copied = copy::database(store, &to, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(copied.rows.iter().find(|(table, _)| table == "person").unwrap().1, 1);
        assert!(matches!(copy::database(store, &to, Timestamp::UNIX_EPOCH), Err(Error::Place(_))), "the same moment twice");
        every_file(&to, &mut |path, bytes| {
            assert!(!bytes.windows(6).any(|window| window == b"wilhel" || window == b"SQLite"), "in clear in {}", path.display());
        });
        // The copy is an instance's database: put in a data directory with the keyring, it opens.
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::copy(&copied.path, elsewhere.path().join("probity.db")).unwrap();
        std::fs::copy(store.data().join("keyring"), elsewhere.path().join("keyring")).unwrap();
        let keys = Keys::open(elsewhere.path(), &secret()).unwrap();
        let opened = Store::open(elsewhere.path(), None, keys, Timestamp::UNIX_EPOCH).unwrap();
        let text = opened.read(|tx| tx.one("SELECT normal FROM search_text WHERE id = 1", &[], |row| row.text(0))).unwrap();
        assert!(text.starts_with("wilhelmina"));
        let other = Keys::create(tempfile::tempdir().unwrap().path(), &secret()).unwrap();
        assert!(matches!(Store::open(elsewhere.path(), None, other, Timestamp::UNIX_EPOCH), Err(Error::WrongKey(_))));
        assert_eq!(copy::tidy(&to, Timestamp::UNIX_EPOCH).unwrap(), 0);
        assert_eq!(copy::tidy(&to, Timestamp::from_second(1).unwrap()).unwrap(), 1);
    }
}

#[test]
fn nothing_readable_reaches_the_disk_and_what_is_erased_leaves_it() {
    let instance = harness::sqlite();
    instance.write(|tx| {
        tx.exec("INSERT INTO person (id, created_at, version) VALUES (1, 0, 1)", &[])?;
        tx.exec("INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                 VALUES (1, 1, 'name', ?1, ?1, 'the person', '2026-01-01', 1, 0)", params![CANARY])
    }).unwrap();
    let mut files = 0;
    every_file(&instance.data(), &mut |path, bytes| {
        files += 1;
        assert!(
            !bytes.windows(10).any(|window| CANARY.as_bytes().starts_with(window)),
            "in clear in {}",
            path.display()
        );
    });
    assert!(files >= 3, "database, write-ahead log, keyring");
    instance.write(|tx| tx.exec("DELETE FROM item WHERE id = 1", &[])).unwrap();
    assert!(instance.scrub().unwrap());
    assert_eq!(std::fs::metadata(instance.data().join("probity.db-wal")).unwrap().len(), 0);
}

#[test]
fn a_directory_without_an_instance_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let refused = Keys::open(directory.path(), &secret()).err().unwrap();
    assert!(refused.to_string().contains("probity init"), "{refused}");
    let keys = Keys::create(directory.path(), &secret()).unwrap();
    let refused = Store::open(directory.path(), None, keys, Timestamp::UNIX_EPOCH).err().unwrap();
    assert!(refused.to_string().contains("probity init"), "{refused}");
}

#[test]
fn a_keyring_opens_with_its_secret_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let keys = Keys::create(directory.path(), &secret()).unwrap();
    let hash = keys.hash("email", "ada@quill.example");
    let refused = Keys::open(directory.path(), &Secret::of([8; 32])).err().unwrap();
    assert!(refused.to_string().contains("does not open"), "{refused}");
    assert!(matches!(Keys::create(directory.path(), &secret()), Err(Error::Place(_))));
    keys.rewrap(directory.path(), &Secret::of([9; 32])).unwrap();
    assert!(matches!(Keys::open(directory.path(), &secret()), Err(Error::WrongKey(_))));
    let again = Keys::open(directory.path(), &Secret::of([9; 32])).unwrap();
    assert_eq!(again.hash("email", "ada@quill.example"), hash);
    assert_ne!(again.hash("phone", "ada@quill.example"), hash);
    let sealed = again.seal("code of staff 1", b"seed").unwrap();
    assert_eq!(again.unseal("code of staff 1", &sealed).unwrap().as_slice(), b"seed");
    assert!(again.unseal("code of staff 2", &sealed).is_err());
    let mode = std::fs::metadata(directory.path().join("keyring")).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    let secret = Secret::random().unwrap();
    secret.write_to(&path).unwrap();
    assert!(Secret::from_file(&path).is_ok());
    assert!(matches!(secret.write_to(&path), Err(Error::Place(_))), "it may be the only copy of another key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let refused = Secret::from_file(&path).err().unwrap();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
    for wrong in ["", "00", &"0".repeat(63), &"z".repeat(64), &"0".repeat(65)] {
        assert!(Secret::from_hex(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_postgres_that_goes_away_is_an_error_and_comes_back() {
    let Some(instance) = harness::postgres() else {
        return eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
    };
    let kill = || {
        let pid = instance.read(|tx| tx.one("SELECT pg_backend_pid()", &[], |row| row.int(0))).unwrap();
        let mut admin =
            ::postgres::Client::connect(&std::env::var("PROBITY_TEST_POSTGRES").unwrap(), ::postgres::NoTls)
                .unwrap();
        admin.execute("SELECT pg_terminate_backend($1)", &[&i32::try_from(pid).unwrap()]).unwrap();
    };
    kill();
    instance
        .write(|tx| store::setting::set(tx, "idle", "lost"))
        .expect("a connection lost while idle is replaced");
    let lost = instance.write(|tx| {
        store::setting::set(tx, "busy", "lost")?;
        let pid = tx.one("SELECT pg_backend_pid()", &[], |row| row.int(0))?;
        let mut admin =
            ::postgres::Client::connect(&std::env::var("PROBITY_TEST_POSTGRES").unwrap(), ::postgres::NoTls)
                .unwrap();
        admin.execute("SELECT pg_terminate_backend($1)", &[&i32::try_from(pid).unwrap()]).unwrap();
        store::setting::set(tx, "busy", "lost again")
    });
    assert!(matches!(lost, Err(Error::Away(_))), "{lost:?}");
    assert_eq!(instance.read(|tx| store::setting::get(tx, "busy")).unwrap(), None);
    assert_eq!(instance.read(|tx| store::setting::get(tx, "idle")).unwrap().as_deref(), Some("lost"));
}

#[test]
fn a_postgres_that_is_not_there_or_not_safe_is_an_error_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let open = |url| {
        let keys = Keys::open(directory.path(), &secret())
            .or_else(|_| Keys::create(directory.path(), &secret()))
            .unwrap();
        Store::open(directory.path(), Some(url), keys, Timestamp::UNIX_EPOCH).err().unwrap()
    };
    assert!(matches!(open("postgres://probity@127.0.0.1:1/probity"), Error::Away(_)));
    assert!(open("postgres://probity@db.cti.example/probity").to_string().contains("not be encrypted"));
    assert!(matches!(open("mysql://127.0.0.1/probity"), Error::Place(_)));
    assert!(matches!(open("postgres://[nonsense"), Error::Place(_)));
}

/// The address of the test server by a name, with TLS asked for as said; nothing where the server does none.
fn over_tls(name: &str, asks: &str) -> Option<(String, std::path::PathBuf)> {
    let (url, _) = harness::schema()?;
    let mut admin = ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap();
    let setting = |admin: &mut ::postgres::Client, name: &str| -> String {
        admin.query_one(&format!("SHOW {name}"), &[]).unwrap().get(0)
    };
    if setting(&mut admin, "ssl") != "on" {
        return None;
    }
    let data = std::path::PathBuf::from(setting(&mut admin, "data_directory"));
    let authority = data.parent().unwrap().join("authority.crt");
    let url = url.replace("127.0.0.1", name).replace('?', &format!("?sslmode={asks}&"));
    Some((url, authority))
}

#[test]
fn with_tls_the_database_must_show_who_it_is() {
    let Some((url, authority)) = over_tls("localhost", "verify-full") else {
        return eprintln!("skipped: PROBITY_TEST_POSTGRES names no database that does TLS");
    };
    let made = |url: &str| {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::create(directory.path(), &secret()).unwrap();
        Store::create(directory.path(), Some(url), keys)
    };
    let named = |url: &str, path: &Path| format!("{url}&sslrootcert={}", path.display());
    let store = made(&named(&url, &authority)).unwrap();
    let over = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(store.read(|tx| tx.one(over, &[], |row| row.text(0))).unwrap(), "true");

    let refused = |url: &str| made(url).err().unwrap();
    // Under a name that its certificate does not have.
    let (elsewhere, _) = over_tls("127.0.0.1", "verify-full").unwrap();
    let other_name = refused(&named(&elsewhere, &authority));
    assert!(matches!(other_name, Error::Away(_)), "{other_name}");
    assert!(other_name.to_string().contains("certificate"), "{other_name}");
    // Signed by an authority of which nothing is known.
    let stranger = tempfile::tempdir().unwrap();
    let made_up = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=somebody",
            "-keyout",
            "/dev/null",
            "-out",
        ])
        .arg(stranger.path().join("ca.crt"))
        .output()
        .unwrap();
    assert!(made_up.status.success());
    let unknown = refused(&named(&url, &stranger.path().join("ca.crt")));
    assert!(unknown.to_string().contains("certificate"), "{unknown}");
    // Without an authority there is nothing to look at.
    assert!(refused(&url).to_string().contains("sslrootcert"));
    std::fs::write(stranger.path().join("none.crt"), "no certificate").unwrap();
    let empty = refused(&named(&url, &stranger.path().join("none.crt")));
    assert!(empty.to_string().contains("no certificate"), "{empty}");
}

//! An instance kept from every release opens under this program and proves as it did: no promise that was kept is broken,
//! and none went missing. Where a later proof looks more closely, and rightly finds something in the old instance, a line
//! of the file `.stricter` beside it says what. The store's tests look at the tables; `bin/keep-release` keeps an instance.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what is wrong by failing"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use app::acts::proof;
use app::instance::Instance;
use store::keys::Secret;

fn releases() -> Vec<PathBuf> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/tests/fixtures/kept");
    let mut releases: Vec<PathBuf> =
        std::fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().path()).collect();
    releases.sort();
    assert!(!releases.is_empty());
    releases
}

/// A copy that only its owner reads.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&path, &to);
        } else {
            std::fs::copy(&path, &to).unwrap();
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
}

fn proves_as_before(release: &Path, database: &str, url: Option<&str>) {
    let data = tempfile::tempdir().unwrap();
    copy(&release.join(database), data.path());
    let secret = Secret::from_file(&data.path().join("key")).unwrap();
    let instance = Instance::open(data.path(), url, &secret).unwrap();
    let found: BTreeMap<String, proof::Found> = proof::look(&instance, None)
        .unwrap()
        .found
        .into_iter()
        .map(|found| (found.id.clone(), found))
        .collect();
    let before = std::fs::read_to_string(release.join(database).with_extension("proved")).unwrap();
    assert!(before.lines().count() > 20, "{before}");
    let stricter =
        std::fs::read_to_string(release.join(database).with_extension("stricter")).unwrap_or_default();
    let stricter: BTreeSet<&str> = stricter.lines().filter_map(|line| line.split(' ').next()).collect();
    for (id, verdict) in before.lines().filter_map(|line| line.split_once(' ')) {
        let now = found.get(id).unwrap_or_else(|| panic!("{}: {id} is gone", release.display()));
        let broke = verdict != "open" && verdict != "broken" && now.verdict == "broken";
        assert_eq!(
            broke,
            stricter.contains(id),
            "{}: {id} was {verdict}, and now: {now:?}",
            release.display()
        );
    }
    let verified =
        |tx: &store::Tx<'_>| Ok::<_, store::Error>(store::log::verify(tx, instance.store.keys(), None));
    let whole = instance.store.read(verified).unwrap().unwrap();
    assert!(whole.events > 0, "{whole:?}");
}

#[test]
fn an_instance_of_every_release_proves_as_before_on_sqlite() {
    for release in releases() {
        proves_as_before(&release, "sqlite", None);
    }
}

#[test]
fn an_instance_of_every_release_proves_as_before_on_postgres() {
    let Ok(url) = std::env::var("PROBITY_TEST_POSTGRES") else {
        eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
        return;
    };
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    for (number, release) in releases().into_iter().enumerate() {
        let schema = format!("upgrade_{}_{number}", std::process::id());
        let dump = std::fs::read_to_string(release.join("postgres.sql")).unwrap();
        client
            .batch_execute(&format!("CREATE SCHEMA {schema}; {}", dump.replace("release_kept", &schema)))
            .unwrap();
        proves_as_before(
            &release,
            "postgres",
            Some(&format!("{url}?options=-c%20search_path%3D{schema},public")),
        );
        client.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).unwrap();
    }
}

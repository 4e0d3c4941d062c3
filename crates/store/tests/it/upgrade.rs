//! Instances kept from every release open, are brought forward after a backup, and then have the shape of a new one.
//!
//! The comparison is of everything the database knows about its tables, so that it fails for what opening does not add by
//! itself: that needs a numbered step in `migrate.rs`. `bin/keep-release` keeps an instance.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use store::dialect::Dialect;
use store::keys::Secret;
use store::{Error, Keys, Store};

use crate::harness::{self, Instance};

/// The releases of which instances are kept, the oldest first.
fn releases() -> Vec<PathBuf> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kept");
    let mut releases: Vec<PathBuf> =
        std::fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().path()).collect();
    releases.sort();
    assert!(releases.len() >= 2, "{releases:?}");
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

fn open(data: &Path, url: Option<&str>) -> store::Result<Store> {
    let secret = Secret::from_file(&data.join("key")).unwrap();
    Store::open(data, url, Keys::open(data, &secret)?, Timestamp::UNIX_EPOCH)
}

fn kept_on_sqlite(release: &Path) -> Instance {
    let directory = tempfile::tempdir().unwrap();
    copy(&release.join("sqlite"), directory.path());
    Instance { store: open(directory.path(), None).unwrap(), directory, url: None, database: None }
}

fn kept_on_postgres(release: &Path) -> Option<Instance> {
    let (url, schema) = harness::schema()?;
    let directory = tempfile::tempdir().unwrap();
    copy(&release.join("postgres"), directory.path());
    let dump =
        std::fs::read_to_string(release.join("postgres.sql")).unwrap().replace("release_kept", &schema);
    ::postgres::Client::connect(&url, ::postgres::NoTls).unwrap().batch_execute(&dump).unwrap();
    let store = open(directory.path(), Some(&url)).unwrap();
    Some(Instance { store, directory, url: Some(url), database: None })
}

/// Everything the database knows about its tables, in an order of its own.
fn shape(store: &Store) -> BTreeSet<String> {
    let parts: &[&str] = match store.dialect() {
        Dialect::Sqlite => &["SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master"],
        Dialect::Postgres => &[
            "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, collation_name)
             FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
             WHERE connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
            "SELECT concat_ws(' ', 'samples', t.relname, c.attname, COALESCE(c.attstattarget, -1)) FROM pg_class t
             JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped WHERE t.relkind = 'r'
             AND t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())",
            "SELECT replace(indexdef, current_schema() || '.', '') FROM pg_indexes WHERE schemaname = current_schema()",
        ],
    };
    let found = parts.iter().flat_map(|sql| store.read(|tx| tx.all(sql, &[], |row| row.text(0))).unwrap());
    found.map(|found| ordered(&found)).collect()
}

/// A SQLite table's columns stand in the order in which they were added: here by name.
fn ordered(found: &str) -> String {
    let Some((head, rest)) = found.strip_prefix("table ").and_then(|table| table.split_once("(\n")) else {
        return found.to_owned();
    };
    let (columns, tail) = rest.rsplit_once(')').unwrap();
    let (mut depth, mut pieces) = (0, vec![String::new()]);
    for c in columns.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        match c {
            ',' if depth == 0 => pieces.push(String::new()),
            c => pieces.last_mut().unwrap().push(c),
        }
    }
    let mut pieces: Vec<&str> = pieces.iter().map(|piece| piece.trim()).collect();
    pieces.sort_unstable();
    format!("table {head}: {}{tail}", pieces.join(", "))
}

fn as_new(kept: &Instance, new: &Instance, release: &Path) {
    let (kept, new) = (shape(kept), shape(new));
    let lost: Vec<_> = new.difference(&kept).collect();
    let left: Vec<_> = kept.difference(&new).collect();
    assert!(
        lost.is_empty() && left.is_empty(),
        "an instance of {} does not come to the shape that is declared, and needs a numbered step in migrate.rs:\n\
         declared: {lost:#?}\nit has:   {left:#?}",
        release.display()
    );
}

fn backups(instance: &Instance) -> usize {
    std::fs::read_dir(instance.data().join("backups")).map_or(0, Iterator::count)
}

fn opens_once(kept: &Instance, new: &Instance, release: &Path) {
    as_new(kept, new, release);
    let people = |store: &Store| store.read(|tx| tx.count("SELECT count(*) FROM person", &[])).unwrap();
    assert!(people(kept) > 0);
    let before = backups(kept);
    let again = open(&kept.data(), kept.url.as_deref()).unwrap();
    assert_eq!(people(&again), people(kept));
    assert_eq!(backups(kept), before, "nothing was left to do the second time");
}

#[test]
fn an_instance_of_every_release_opens_on_sqlite() {
    let new = harness::sqlite();
    for release in releases() {
        opens_once(&kept_on_sqlite(&release), &new, &release);
    }
}

#[test]
fn an_instance_of_every_release_opens_on_postgres() {
    let Some(new) = harness::postgres() else {
        eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
        return;
    };
    for release in releases() {
        opens_once(&kept_on_postgres(&release).unwrap(), &new, &release);
    }
}

#[test]
fn the_backup_before_an_upgrade_is_what_was_there() {
    let kept = kept_on_sqlite(&releases()[0]);
    let backup = std::fs::read_dir(kept.data().join("backups")).unwrap().next().unwrap().unwrap().path();
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["keyring", "key"] {
        std::fs::copy(kept.data().join(name), elsewhere.path().join(name)).unwrap();
    }
    std::fs::copy(backup, elsewhere.path().join("probity.db")).unwrap();
    let before = open(elsewhere.path(), None).unwrap();
    assert_eq!(
        backups_in(elsewhere.path()),
        1,
        "the copy is of the old shape, and is brought forward in its turn"
    );
    assert_eq!(shape(&before), shape(&kept));
}

fn backups_in(data: &Path) -> usize {
    std::fs::read_dir(data.join("backups")).map_or(0, Iterator::count)
}

both! {
    fn what_is_missing_comes_back_and_what_is_too_much_is_refused(instance) {
        let as_declared = shape(instance);
        for sql in [
            "DROP TABLE pack_choice",
            "DROP INDEX message_by_engagement",
            "ALTER TABLE message DROP COLUMN engagement_id",
            "DROP INDEX item_by_normal",
        ] {
            instance.write(|tx| tx.exec(sql, &[])).unwrap();
        }
        let forward = Store::open(
            &instance.data(),
            instance.url.as_deref(),
            Keys::open(&instance.data(), &harness::secret()).unwrap(),
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(shape(&forward.unwrap()), as_declared);
        assert_eq!(backups(instance), 1);
        for (sql, named) in [("ALTER TABLE item ADD COLUMN moon BIGINT", "`moon`"), ("CREATE TABLE moon (id BIGINT)", "`moon`")] {
            let sql = match instance.dialect() { Dialect::Sqlite => sql.replace("BIGINT", "INTEGER"), Dialect::Postgres => sql.to_owned() };
            instance.write(|tx| tx.exec(&sql, &[])).unwrap();
            let refused = Store::open(
                &instance.data(),
                instance.url.as_deref(),
                Keys::open(&instance.data(), &harness::secret()).unwrap(),
                Timestamp::UNIX_EPOCH,
            );
            let refused = refused.err().unwrap();
            assert!(matches!(refused, Error::Newer(_)) && refused.to_string().contains(named), "{refused}");
            let undone = if sql.contains("item") { "ALTER TABLE item DROP COLUMN moon" } else { "DROP TABLE moon" };
            instance.write(|tx| tx.exec(undone, &[])).unwrap();
        }
        assert_eq!(backups(instance), 1, "nothing is begun that is refused");
    }
}

both! {
    fn what_a_task_says_of_a_recipient_gets_columns_of_its_own(instance) {
        use store::disclosure::Telling;
        use store::task::{self, Kind, NewTask};
        let now = Timestamp::UNIX_EPOCH;
        let said = [
            (Kind::TellRecipient, "Tell the coach that the phone we passed on is corrected", Some((Telling::Corrected, "the coach"))),
            (Kind::TellRecipient, "Tell The Mill that the details we passed on are erased", Some((Telling::Erased, "The Mill"))),
            (Kind::Other, "Have the tutor confirm that no copy of what they got is left", Some((Telling::NoCopy, "the tutor"))),
            (Kind::Other, "Call them back", None),
        ];
        let tasks: Vec<_> = said
            .iter()
            .map(|(kind, what, _)| instance.write(|tx| task::add(tx, &NewTask::new(*kind, what), now)).unwrap())
            .collect();
        // As the first release left them.
        for column in ["recipient", "told", "detail"] {
            instance.write(|tx| tx.exec(&format!("ALTER TABLE task DROP COLUMN {column}"), &[])).unwrap();
        }
        instance.write(|tx| store::setting::set(tx, "schema", "1")).unwrap();
        let keys = Keys::open(&instance.data(), &harness::secret()).unwrap();
        let forward = Store::open(&instance.data(), instance.url.as_deref(), keys, now).unwrap();
        for (task, (_, what, names)) in tasks.iter().zip(said) {
            let found = forward.read(|tx| task::one(tx, *task)).unwrap();
            let named = found.told.zip(found.recipient.as_deref());
            assert_eq!((found.what.as_str(), named), (what, names));
            assert_eq!(found.detail.as_deref(), (found.told == Some(Telling::Corrected)).then_some("phone"));
        }
    }
}

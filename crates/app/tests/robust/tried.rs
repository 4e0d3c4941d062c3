//! Trying a restore: it finds that all is well, and each thing that is not. Every finding is brought about behind the program's
//! back. It works beside a server, by one button, and leaves nothing behind but its report.

use std::path::PathBuf;

use app::acts::drill::{self, Of, Report};
use app::acts::{backup, restore};
use app::instance::Instance;
use app::world::Pack;
use store::drill as drills;
use store::keys::Secret;
use store::{id, params};

use super::WORLD;
use super::binary::{Server, made, request, run};
use super::common::{Data, account, played};

fn secret() -> Secret {
    Secret::of([9; 32])
}

/// An instance with a backup, a file among it, and a second place of its safe.
struct Place {
    instance: Instance,
    outside: tempfile::TempDir,
    data: Data,
}

impl Place {
    fn new(url: Option<String>) -> Self {
        let (outside, data) = (tempfile::tempdir().unwrap(), Data::on(url));
        for name in ["backups", "second"] {
            std::fs::create_dir(outside.path().join(name)).unwrap();
        }
        let at = |name: &str| outside.path().join(name);
        let toml = format!("[backups]\nto = {:?}\nsafe = [{:?}]\n", at("backups"), at("second"));
        std::fs::write(data.path().join("probity.toml"), toml).unwrap();
        let policy = Pack::named("cti").unwrap().policy().unwrap();
        let instance = played(&data, &secret(), policy, WORLD);
        // The identities of this second are in the backup, and so before it.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        let place = Self { instance, outside, data };
        place.back_up();
        place
    }

    fn back_up(&self) {
        backup::make(&self.instance, &self.at("backups").into(), "system backup").unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.outside.path().join(name)
    }

    fn tried(&self) -> Report {
        let of = Of { from: None, safe: None, until: None, by: "system command line" };
        let report = drill::run(&self.instance, &secret(), &of).unwrap();
        assert!(!self.data.path().join("drill").exists(), "it was thrown away");
        let kept = self.instance.store.read(|tx| drills::newest(tx, 1)).unwrap().remove(0);
        assert_eq!(drill::report(&kept), report);
        assert_eq!(kept.failed, report.failed().count() as i64);
        report
    }

    /// Does something to the database that no act does.
    fn behind_its_back(&self, sql: &str) {
        assert!(self.instance.store.write(|tx| tx.exec(sql, &[])).unwrap() > 0, "{sql}");
    }

    fn number(&self, sql: &str) -> i64 {
        self.instance.store.read(|tx| tx.one(sql, &[], |row| row.int(0))).unwrap()
    }

    #[track_caller]
    fn finds(&self, what: &str, words: &str) {
        let report = self.tried();
        let failed: Vec<_> = report.failed().collect();
        assert!(
            failed.iter().any(|check| check.what == what && check.found.contains(words)),
            "{what}: {words}\n{failed:#?}"
        );
    }
}

#[test]
fn all_is_well_on_both_databases_and_what_is_not_is_found() {
    let mut urls = vec![None];
    urls.extend(super::common::postgres().map(Some));
    for url in urls {
        let place = Place::new(url);
        let report = place.tried();
        assert_eq!(report.failed().count(), 0, "{report:#?}");
        assert_eq!((report.people, report.checks.len()), (2, 8), "{report:#?}");
        assert!(report.safe.contains("second") && report.rows > 20, "{report:#?}");
        let (state, said) = place.instance.store.read(|tx| drill::state(&place.instance, tx)).unwrap();
        assert!(state && said.contains("everything was found as it must be"), "{said}");
        // Somebody who is let go of is neither back nor missing.
        let priya = place.number("SELECT person_id FROM item WHERE value = 'priya.nair@northbank.example'");
        let helen = account(&place.instance, "helen.marsh");
        let acting = app::acts::Acting::staff(&place.instance, helen).unwrap();
        let gone = place.instance.store.write(|tx| {
            app::acts::erasure::carry_out(
                &acting,
                tx,
                custody::id::PersonId(priya),
                None,
                (app::acts::erasure::Reason::Asked.known(), None),
                app::acts::confirmation::Telling::Already("by letter"),
            )
        });
        gone.unwrap();
        let report = place.tried();
        assert_eq!((report.failed().count(), report.people), (0, 1), "{report:#?}");
        assert!(report.gone > 0);
        found_out(&place);
    }
}

fn found_out(place: &Place) {
    let item = place.number("SELECT id FROM item WHERE kind = 'email'");
    place.behind_its_back(&format!("UPDATE item SET value = 'x@y.example' WHERE id = {item}"));
    place.finds("Details taken by chance say what they say here", &format!("item {item}"));
    place.behind_its_back(&format!("DELETE FROM item WHERE id = {item}"));
    place.finds("Nothing that was let go of is back", &format!("item {item}"));
    place
        .instance
        .store
        .write(|tx| {
            tx.exec(
                "INSERT INTO objection (id, person_id, scope, made_on, how, recorded_at)
                SELECT ?1, id, 'marketing', '2026-02-01', 'letter', 0 FROM person",
                params![id::next()],
            )
        })
        .unwrap();
    place.finds("No objection, restriction, hold, suppression or certificate is forgotten", "objection");
    // The key of somebody's rows is destroyed although they are still here.
    let person = place.number("SELECT id FROM person");
    place.instance.store.write(|tx| store::ring_duty::gone(tx, "person", "1 = 1", &[])).unwrap();
    place.finds("Nobody is missing", &format!("person {person}"));
    place.behind_its_back("UPDATE log_event SET body = '{}' WHERE place = 3");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    place.back_up();
    place.finds("The log is whole", "not as it was written");
    std::fs::remove_file(place.at("second/probity.safe")).unwrap();
    place.finds("It can be brought back", "There is no safe in");
    let (state, said) = place.instance.store.read(|tx| drill::state(&place.instance, tx)).unwrap();
    assert!(!state && said.contains("was not as it must be"), "{said}");
}

#[test]
fn files_that_cannot_be_opened_are_named() {
    let place = Place::new(None);
    let report = place.tried();
    assert!(report.files > 0, "no file to be tried: {report:#?}");
    let mut waiting = vec![place.at("backups")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_none() && !path.ends_with("unreferred") {
                let mut bytes = std::fs::read(&path).unwrap();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                std::fs::write(&path, bytes).unwrap();
            }
        }
    }
    place.finds("Files taken by chance can be opened", "document");
}

#[test]
fn one_at_a_time_and_what_was_interrupted_is_taken_away() {
    let place = Place::new(None);
    let left = place.data.path().join("drill/files");
    std::fs::create_dir_all(&left).unwrap();
    let lock = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(place.data.path().join("drill.lock"))
        .unwrap();
    lock.lock().unwrap();
    assert!(drill::goes_on(&place.instance));
    let of = Of { from: None, safe: None, until: None, by: "system command line" };
    let refused = drill::run(&place.instance, &secret(), &of).unwrap_err().to_string();
    assert!(refused.contains("is being tried already"), "{refused}");
    drill::tidy(&place.instance);
    assert!(left.exists(), "somebody is at it");
    drop(lock);
    drill::tidy(&place.instance);
    assert!(!place.data.path().join("drill").exists());
    place.tried();
}

#[test]
fn what_a_drill_fills_opens_with_no_key_that_anybody_has() {
    let place = Place::new(None);
    let safe = std::fs::read(place.at("second/probity.safe")).unwrap();
    let aside = tempfile::tempdir().unwrap();
    let into = store::restoring::Restoring::begin(aside.path(), None, &safe).unwrap();
    let keys = store::Keys::open(aside.path(), &secret()).unwrap();
    let thrown_away = Secret::random().unwrap();
    keys.for_a_drill().unwrap().rewrap(aside.path(), &thrown_away).unwrap();
    restore::run(into, &thrown_away, &place.at("backups").into(), &safe, None, false).unwrap();
    assert!(Instance::open(aside.path(), None, &secret()).is_err());
    // Also not with the keyring as it was.
    std::fs::copy(place.data.path().join("keyring"), aside.path().join("keyring")).unwrap();
    assert!(Instance::open(aside.path(), None, &secret()).is_err());
}

#[test]
fn one_button_tries_a_restore_beside_a_server() {
    let data = tempfile::tempdir().unwrap();
    let key = made(WORLD, data.path(), None);
    let text = data.path().to_str().unwrap().to_owned();
    std::fs::create_dir(data.path().join("backups")).unwrap();
    run(&["backup", &format!("{text}/backups"), "--data", &text]).well();
    let server = Server::start(data.path(), &[]);
    let page = |path: &str| server.get(path, &key).unwrap();
    assert!(page("/admin/backups").1.contains("No restore has been tried yet"));
    let form = "application/x-www-form-urlencoded";
    let (status, said) = request(server.address, "POST", "/admin/backups/drill", &key, form, b"").unwrap();
    assert_eq!(status, 303, "{said} {:?}", server.logged("restore"));
    let mut shown = page("/admin/backups").1;
    for _ in 0..300 {
        if !shown.contains("data-refresh") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
        shown = page("/admin/backups").1;
    }
    assert!(shown.contains("Everything was as it must be"), "{shown}");
    let report = shown.split("/admin/backups/drills/").nth(1).unwrap().split('"').next().unwrap();
    let report = page(&format!("/admin/backups/drills/{report}")).1;
    assert!(
        report.contains("Nothing that was let go of is back") && report.contains("Helen Marsh"),
        "{report}"
    );
    assert!(!data.path().join("drill").exists());
    assert!(page("/admin/log").1.contains("drill: ended"));
}

//! Killed in the middle (SIGKILL, nothing is tidied up): of a sweep, an erasure, an import, a backup, a mailing, and
//! of people being added. Opened again, the database is whole, the log verifies, an act is there or it is not, and
//! nobody whose message is on record as sent gets it twice.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use app::instance::Instance;
use app::jobs::outbox;
use custody::id::PersonId;
use store::Store;

use super::binary::{Server, copied, made, opened, program, run};
use super::chance::{Chance, times};
use super::post_office::{PostOffice, queue, recorded, settings};

/// CTI's own world, played once.
fn cti() -> &'static (tempfile::TempDir, String) {
    static MADE: OnceLock<(tempfile::TempDir, String)> = OnceLock::new();
    MADE.get_or_init(|| {
        let data = tempfile::tempdir().unwrap();
        let key = made(app::world::Pack::named("cti").unwrap().world, data.path(), None);
        (data, key)
    })
}

/// Runs a command and kills it some time after it began. Whether it was still running.
fn kill(data: &Path, arguments: &[&str], after: Duration) -> bool {
    let mut child = program().args(arguments).arg("--data").arg(data).spawn().unwrap();
    std::thread::sleep(after);
    let running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    running
}

fn broken(instance: &Instance) -> BTreeSet<String> {
    let found = app::acts::proof::look(instance, None).unwrap().found;
    found.into_iter().filter(|found| found.verdict == "broken").map(|found| found.id).collect()
}

/// That the database is whole and the log is true.
#[track_caller]
fn sound(instance: &Instance) {
    let store = &instance.store;
    let dangling: i64 = store
        .read(|tx| Ok::<_, store::Error>(tx.all("PRAGMA foreign_key_check", &[], |_| Ok(()))?.len() as i64))
        .unwrap();
    assert_eq!(dangling, 0, "rows that refer to nothing");
    let whole = store.read(|tx| tx.one("PRAGMA integrity_check", &[], |row| row.text(0))).unwrap();
    assert_eq!(whole, "ok");
    let now = instance.clock.now();
    while store.write(|tx| store::log::sequence(tx, store.keys(), now)).unwrap() {}
    let verified =
        store.read(|tx| Ok::<_, store::Error>(store::log::verify(tx, store.keys(), None))).unwrap();
    assert!(verified.is_ok(), "{:?}", verified.err());
    let index =
        store.write(|tx| tx.exec("INSERT INTO search_index (search_index) VALUES ('integrity-check')", &[]));
    index.unwrap();
}

fn count(store: &Store, sql: &str) -> i64 {
    store.read(|tx| tx.count(sql, &[])).unwrap()
}

fn some_time(chance: &mut Chance, most: usize) -> Duration {
    Duration::from_millis(chance.below(most) as u64)
}

#[test]
fn a_sweep_goes_on_where_it_was_killed() {
    let (template, _) = cti();
    // Five years on nearly everything has run out.
    let sweep = ["sweep", "--clock", "2031-12-01"];
    let control = copied(template.path());
    run(&[&sweep[..], &["--data", control.path().to_str().unwrap()]].concat()).well();
    let rows = |store: &Store| -> Vec<i64> {
        ["person", "item", "entry", "document", "engagement", "ground", "message", "consent"]
            .map(|table| count(store, &format!("SELECT count(*) FROM {table}")))
            .into()
    };
    let look = |data: &Path| {
        let instance = opened(data, None);
        sound(&instance);
        instance.clock.set(instance.clock.at("2031-12-01".parse().unwrap(), 9));
        (rows(&instance.store), broken(&instance))
    };
    let expected = look(control.path());
    let mut chance = Chance::of("sweep");
    for _ in 0..2 * times() {
        let data = copied(template.path());
        let mut kills = 0;
        // On a slow machine it might never come to its end before it is killed.
        while kills < 8 {
            let after = Duration::from_millis(40) + some_time(&mut chance, 600);
            if !kill(data.path(), &sweep, after) {
                break;
            }
            kills += 1;
            sound(&opened(data.path(), None));
        }
        run(&[&sweep[..], &["--data", data.path().to_str().unwrap()]].concat()).well();
        assert_eq!(look(data.path()), expected, "after {kills} kills");
        eprintln!("a sweep killed {kills} times");
    }
}

#[test]
fn whoever_is_erased_is_gone_or_there() {
    let (template, _) = cti();
    let mut chance = Chance::of("erasure");
    let people = {
        let instance = opened(template.path(), None);
        let sql = "SELECT person_id, min(value) FROM item WHERE kind = 'email' GROUP BY person_id ORDER BY person_id";
        let all = instance.store.read(|tx| tx.all(sql, &[], |row| Ok((row.int(0)?, row.text(1)?))));
        all.unwrap()
    };
    for _ in 0..2 * times() {
        let data = copied(template.path());
        let (person, email) = chance.one(&people).clone();
        let number = person.to_string();
        let erase = ["erase", "person", &number, "--why", "they asked"];
        let before = traces(&opened(data.path(), None), PersonId(person), &email);
        assert!(before > 3);
        kill(data.path(), &erase, Duration::from_millis(30) + some_time(&mut chance, 250));
        let instance = opened(data.path(), None);
        sound(&instance);
        let left = traces(&instance, PersonId(person), &email);
        drop(instance);
        // What an erasure leaves that nobody disturbs: all of them gone, or what the law has us keep, or all of them
        // there where the policy refuses.
        let control = copied(template.path());
        let undisturbed = run(&[&erase[..], &["--data", control.path().to_str().unwrap()]].concat());
        assert!(matches!(undisturbed.code, Some(0 | 2)), "{undisturbed:?}");
        let after = traces(&opened(control.path(), None), PersonId(person), &email);
        assert!(left == before || left == after, "{left} of {before} rows, where an erasure leaves {after}");
        let again = run(&[&erase[..], &["--data", data.path().to_str().unwrap()]].concat());
        assert!(matches!(again.code, Some(0 | 2)), "{again:?}");
        assert_eq!(traces(&opened(data.path(), None), PersonId(person), &email), after, "done once more");
    }
}

/// Rows about a person, and rows anywhere that hold their address.
fn traces(instance: &Instance, person: PersonId, email: &str) -> usize {
    let policy = instance.policy();
    let rows = instance.store.read(|tx| store::dispose::holdings(tx, &policy, person)).unwrap().data.len();
    rows + by_value(instance, email)
}

fn by_value(instance: &Instance, value: &str) -> usize {
    let mut found = 0;
    for table in store::schema::tables() {
        for column in table.columns.iter().filter(|column| column.form == store::schema::Form::Text) {
            let sql = format!("SELECT count(*) FROM {} WHERE {} LIKE ?1", table.name, column.name);
            let n = instance.store.read(|tx| tx.count(&sql, &[format!("%{value}%").into()])).unwrap();
            found += usize::try_from(n).unwrap();
        }
    }
    found
}

#[test]
fn an_import_has_whole_rows_and_goes_on() {
    let (template, _) = cti();
    let mut chance = Chance::of("import");
    let list = tempfile::NamedTempFile::new().unwrap();
    let mut text = String::from("Name,Email,Phone\n");
    for n in 0..800 {
        text.push_str(&format!("Row Person{n},row{n}@import.example,01632 {:06}\n", 970_000 + n));
    }
    std::fs::write(list.path(), text).unwrap();
    let import = [
        "import",
        "people",
        list.path().to_str().unwrap(),
        "--activity",
        "enquiries",
        "--category",
        "organisation contact",
        "--source",
        "the person",
        "--collected",
        "2026-11-01",
    ];
    for _ in 0..2 * times() {
        let data = copied(template.path());
        kill(data.path(), &import, Duration::from_millis(300) + some_time(&mut chance, 2500));
        let check = |instance: &Instance| {
            sound(instance);
            let of = |kind: &str| {
                count(
                    &instance.store,
                    &format!("SELECT count(*) FROM item WHERE kind = '{kind}' AND import_id IS NOT NULL"),
                )
            };
            let (names, emails, phones) = (of("name"), of("email"), of("phone"));
            assert_eq!((names, emails), (emails, phones), "a row came in by half");
            let settled = count(&instance.store, "SELECT count(*) FROM import_row WHERE outcome = 'created'");
            assert_eq!(settled, names, "what is written of the rows is what became of them");
            names
        };
        let instance = opened(data.path(), None);
        check(&instance);
        // What a server does when it starts.
        app::acts::import::resume(&instance).unwrap();
        let unfinished = count(&instance.store, "SELECT count(*) FROM import_batch WHERE state = 'running'");
        assert_eq!(unfinished, 0);
        drop(instance);
        // Whatever came of it: once more brings in who is missing, and nobody twice.
        run(&[&import[..], &["--data", data.path().to_str().unwrap()]].concat()).well();
        assert_eq!(check(&opened(data.path(), None)), 800);
    }
}

#[test]
fn a_backup_is_whole_or_no_backup() {
    let (template, _) = cti();
    let mut chance = Chance::of("backup");
    let data = copied(template.path());
    for _ in 0..3 * times() {
        let to = tempfile::tempdir().unwrap();
        kill(
            data.path(),
            &["backup", to.path().to_str().unwrap()],
            Duration::from_millis(20) + some_time(&mut chance, 300),
        );
        for entry in std::fs::read_dir(to.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|end| end != "db") {
                continue;
            }
            let copy = copied(template.path());
            for end in ["db", "db-wal", "db-shm"] {
                let _ = std::fs::remove_file(copy.path().join("probity").with_extension(end));
            }
            std::fs::copy(&path, copy.path().join("probity.db")).unwrap();
            sound(&opened(copy.path(), None));
        }
    }
    sound(&opened(data.path(), None));
}

#[test]
fn nobody_on_record_as_mailed_is_mailed_again() {
    let mut chance = Chance::of("mailing");
    for _ in 0..times() {
        let office = PostOffice::open();
        let data = tempfile::tempdir().unwrap();
        made(super::WORLD, data.path(), None);
        std::fs::write(data.path().join("probity.toml"), settings(office.port)).unwrap();
        let everybody: Vec<String> = (0..60).map(|n| format!("p{n}@post.example")).collect();
        queue(&opened(data.path(), None), &everybody);
        let mut on_record = BTreeSet::new();
        let kills = 4;
        for _ in 0..kills {
            let mut server = Server::start(data.path(), &[]);
            // The outbox is looked at every two seconds.
            std::thread::sleep(Duration::from_millis(1950) + some_time(&mut chance, 250));
            server.kill();
            let instance = opened(data.path(), None);
            sound(&instance);
            on_record.extend(recorded(&instance).into_iter().filter(|address| everybody.contains(address)));
        }
        let sent_before = office.taken();
        let instance = opened(data.path(), None);
        outbox::take_back(&instance).unwrap();
        outbox::run(&instance).unwrap();
        outbox::run(&instance).unwrap();
        let taken = office.taken();
        assert!(everybody.iter().all(|address| taken.contains_key(address)), "nobody is left out: {taken:?}");
        for address in &on_record {
            assert_eq!(taken[address], sent_before[address], "{address} was on record and is mailed again");
        }
        let twice = taken.values().filter(|times| **times > 1).count();
        assert!(twice <= kills, "{twice} got it twice: more than one in hand at each kill");
        let recorded = recorded(&instance);
        assert!(everybody.iter().all(|address| recorded.contains(address)), "{recorded:?}");
    }
}

#[test]
fn who_was_added_before_the_kill_is_there_whole() {
    let (template, key) = cti();
    let mut chance = Chance::of("adding");
    for _ in 0..2 * times() {
        let data = copied(template.path());
        let mut server = Server::start(data.path(), &[]);
        let next = std::sync::atomic::AtomicUsize::new(0);
        let wait = Duration::from_millis(100) + some_time(&mut chance, 500);
        let added: Vec<usize> = std::thread::scope(|scope| {
            let (address, next) = (server.address, &next);
            let clients: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(move || {
                        let mut added = Vec::new();
                        loop {
                            let n = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                            let body = super::binary::somebody(n);
                            match super::binary::request(
                                address,
                                "POST",
                                "/api/v1/people",
                                key,
                                "application/json",
                                body.as_bytes(),
                            ) {
                                Some((201, _)) => added.push(n),
                                Some((status, words)) => panic!("{status} {words}"),
                                None => return added,
                            }
                        }
                    })
                })
                .collect();
            std::thread::sleep(wait);
            server.kill();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        let instance = opened(data.path(), None);
        sound(&instance);
        for n in &added {
            let sql = "SELECT count(*) FROM item WHERE value = ?1 OR value = ?2";
            let both = instance.store.read(|tx| {
                tx.count(sql, &[format!("p{n}@post.example").into(), format!("Person Number {n}").into()])
            });
            assert_eq!(both.unwrap(), 2, "person {n} was answered for");
        }
        let names = count(&instance.store, "SELECT count(*) FROM item WHERE value LIKE 'Person Number %'");
        let whole = "SELECT count(*) FROM item a JOIN item b ON a.person_id = b.person_id
            WHERE a.value LIKE 'Person Number %' AND b.kind = 'email' AND b.value LIKE 'p%@post.example'";
        assert_eq!(count(&instance.store, whole), names, "nobody by half");
        assert!(names >= added.len() as i64);
    }
}

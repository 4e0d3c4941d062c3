//! Buckets: what the tests of backups see in folders, on a real S3 server; and what only a bucket does: versions, keys
//! that are wrong, connections that break.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;

use jiff::civil::date;
use store::backup::restore;
use store::backup::{self, Keeping, Made, Point};
use store::params;
use store::place::{Place, Reach};
use store::safe::{self, Safe};
use store::{Error, Store, ring_duty};

use crate::backup::{at, readable_in, texts};
use crate::canary::{let_go, plant};
use crate::harness::{Instance, beside, policy};
use crate::restored::paper;
use crate::s3::{Server, Way, apart, reached};
use crate::story::{someone, tara};

/// The place of backups and that of the safe, of this test alone.
fn places(instance: &Instance) -> (Place, Place) {
    let server = Server::here();
    let name = instance.directory.path().file_name().unwrap().to_string_lossy().replace('.', "");
    (server.place(&format!("s3://backups/{name}")), server.place(&format!("s3://safe/{name}")))
}

fn make(instance: &Instance, days: i64, hours: i64) -> Made {
    let (to, second) = places(instance);
    let made = backup::make(instance, &Keeping { to, safes: vec![second], days }, at(hours)).unwrap();
    assert!(made.unreached.is_empty(), "{made:?}");
    made
}

fn carry_out(instance: &Instance, hours: i64) {
    let done = ring_duty::carry_out(instance, &[places(instance).1], false, at(hours)).unwrap();
    assert!(done.unreached.is_empty(), "{done:?}");
}

fn points(instance: &Instance) -> Vec<Point> {
    backup::points(&places(instance).0, instance.keys()).unwrap()
}

/// The instance as a restore of a backup in the bucket, counted from the oldest, brings it back.
fn back(instance: &Instance, number: usize) -> (Instance, restore::Restored) {
    let (from, second) = places(instance);
    let bytes = second.get(safe::NAME).unwrap().unwrap();
    let restored = beside(instance, &bytes);
    let safe = Safe::read(&bytes, restored.keys()).unwrap();
    let points = points(instance);
    assert_eq!(restore::uncovered(&safe, &points), None);
    let done = restore::fill(&restored, &from, &points, &points[number], &safe).unwrap();
    (restored, done)
}

fn words<T: std::fmt::Debug>(failed: store::Result<T>) -> String {
    match failed {
        Err(Error::Bucket(words)) => words,
        other => panic!("{other:?}"),
    }
}

both! {
    fn backups_in_a_bucket_bring_back_what_was_there_and_nothing_that_went(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let first = make(store, 90, 0);
        assert!(first.whole && first.vanished == 0);
        store.write(|tx| tx.exec("UPDATE item SET value = 'canary one changed' WHERE person_id = ?1", params![one.person])).unwrap();
        let second = make(store, 90, 24);
        assert!(!second.whole && second.written < 5, "{second:?}");
        assert_eq!((make(store, 90, 25).written, points(store).len()), (0, 3));
        let (from, kept) = places(store);
        let safe = || kept.get(safe::NAME).unwrap().unwrap();
        let earlier = safe();
        assert!(readable_in(store, &from, &earlier).iter().any(|text| text.contains("canary one changed")));

        assert!(let_go(store, &policy(), one.person));
        carry_out(store, 25);
        assert_eq!(std::fs::read(safe::place(&store.data())).unwrap(), safe());
        assert_ne!(earlier, safe());
        assert_eq!(kept.list().unwrap(), [safe::NAME], "one version and nothing beside it");
        let left: Vec<_> = readable_in(store, &from, &safe()).into_iter().filter(|text| text.contains("canary one")).collect();
        assert_eq!(left, Vec::<String>::new());
        for number in [0, 1, 2] {
            let (restored, done) = back(store, number);
            let of_staff = texts(&restored, "canary one");
            assert!(of_staff.iter().all(|text| text.contains("staff")), "{of_staff:?}");
            assert_eq!(texts(&restored, "canary other"), texts(store, "canary other"));
            assert!(done.gone > 20 && done.orphans == 0, "{done:?}");
            assert!(restored.read(|tx| tx.any("SELECT 1 FROM person WHERE id = ?1", params![other.person])).unwrap());
        }
    }

    fn what_must_not_be_forgotten_and_files_come_back_from_a_bucket(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let who = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed"), ("email", "sol@reed.example")]);
        paper(store, &tara);
        assert_eq!(make(store, 90, 0).files, 1);
        assert_eq!(make(store, 90, 24).files, 0, "it is there already");
        store.write(|tx| {
            let scope = custody::life::Scope::Purpose(policy::activity::Purpose::DirectMarketing);
            let new = store::objection::NewObjection { person: who, scope: &scope, made_on: date(2026, 11, 3), how: "by telephone", words: None, request: None, by: None };
            store::objection::record(tx, &policy, &new, at(26))
        }).unwrap();
        carry_out(store, 26);
        for number in [0, 1] {
            let (restored, done) = back(store, number);
            assert_eq!((done.since, done.files, done.files_missing), (1, 1, 0));
            assert!(restored.read(|tx| tx.any("SELECT 1 FROM objection WHERE person_id = ?1", params![who])).unwrap());
        }
    }
}

fn with(test: impl Fn(&Instance)) {
    test(&crate::harness::sqlite());
}

#[test]
fn backups_past_their_time_leave_a_bucket_and_what_is_not_ours_stays() {
    with(|store| {
        let (to, _) = places(store);
        let tara = tara(store, &policy());
        paper(store, &tara);
        let others = ["notes.backup", "2026-01-01T00-00-00Z.0001.new", "files/photos/a b.jpg"];
        for other in others {
            to.replace(other, b"not ours").unwrap();
        }
        let left: u64 = (0..16).map(|day| make(store, 12, day * 24).left).sum();
        assert!(left > 0);
        let oldest = points(store).iter().map(Point::at).min().unwrap();
        assert!(oldest > at(15 * 24 - 12 * 24), "{oldest}");
        let trees: BTreeSet<String> = points(store).iter().map(|point| point.header.tree.clone()).collect();
        let kept: BTreeSet<String> =
            Safe::open(store).unwrap().trees.iter().map(|tree| tree.name.clone()).collect();
        assert_eq!(trees, kept);
        for other in others {
            assert_eq!(to.get(other).unwrap().unwrap(), b"not ours");
        }
        // A file that no row refers to any more leaves after the same time.
        store
            .write(|tx| {
                tx.exec("DELETE FROM document_person", &[])?;
                tx.exec("DELETE FROM document_work", &[])?;
                tx.exec("DELETE FROM document", &[])
            })
            .unwrap();
        let copies = || to.under("").unwrap().iter().filter(|name| name.contains("/files/")).count();
        assert_eq!(copies(), 1);
        make(store, 12, 16 * 24);
        assert_eq!(copies(), 1, "an earlier backup may bring the row back");
        make(store, 12, 28 * 24);
        assert_eq!(copies(), 0);
    });
}

#[test]
fn a_bucket_that_keeps_versions_is_no_place_for_the_safe() {
    with(|store| {
        plant(store, "one");
        let server = Server::here();
        for (bucket, why) in [
            ("versioned", "keeps old versions"),
            ("suspended", "keeps old versions"),
            ("locked", "old versions"),
        ] {
            let second = server.place(&apart(bucket));
            assert!(words(second.latest_only()).contains(why));
            let (to, _) = places(store);
            let made = backup::make(store, &Keeping { to, safes: vec![second.clone()], days: 90 }, at(0));
            let made = made.unwrap_or_else(|error| panic!("{error}"));
            let [(_, Error::Bucket(said))] = &made.unreached[..] else { panic!("{made:?}") };
            assert!(said.contains(why) && said.contains("Make another bucket"), "{said}");
            assert_eq!(second.list().unwrap(), Vec::<String>::new(), "nothing was written there");
            places(store).0.delete(&made.name).unwrap();
        }
        server.place("s3://safe").latest_only().unwrap();
        // Backups may lie there: without their keys nobody reads an old version.
        let to = server.place(&apart("versioned"));
        assert!(matches!(&to, Place::Bucket(bucket) if bucket.is_versioned()));
        backup::make(store, &Keeping { to, safes: vec![], days: 90 }, at(48)).unwrap();
    });
}

#[test]
fn what_is_wrong_is_said_in_words() {
    let server = Server::here();
    let good = server.reach();
    let said = |name: &str, reach: Reach| words(reached(name, &reach).replace("probe", b"probe"));
    let wrong = said("s3://backups", Reach { key: "AKIANOBODYKNOWSTHIS0".into(), ..good.clone() });
    assert!(wrong.contains("does not know the key"), "{wrong}");
    let wrong = said("s3://backups", Reach { secret: "another".to_owned().into(), ..good.clone() });
    assert!(wrong.contains("the secret is not that of the key"), "{wrong}");
    let (key, secret) = server.reader.clone();
    let reader = Reach { key, secret: secret.into(), ..good.clone() };
    assert!(said("s3://backups", reader.clone()).contains("may not list, read, write"));
    reached("s3://backups", &reader).list().unwrap();
    let wrong = words(server.place("s3://no-such-bucket").list());
    assert!(wrong.contains("there is no bucket `no-such-bucket`"), "{wrong}");
    let wrong = said("s3://backups", Reach { endpoint: "https://nowhere.invalid".into(), ..good.clone() });
    assert!(wrong.contains("cannot be found"), "{wrong}");
    let wrong = said("s3://backups", Reach { endpoint: "http://127.0.0.1:9".into(), ..good.clone() });
    assert!(wrong.contains("cannot be reached"), "{wrong}");
    let tls = Reach { endpoint: format!("https://127.0.0.1:{}", server.port), ..good };
    let wrong = said("s3://backups", tls);
    assert!(wrong.contains("certificate"), "{wrong}");
    for said in [&wrong, &words(server.place("s3://no-such-bucket").list())] {
        assert!(!said.contains(&server.key.1) && !said.contains(&server.key.0), "{said}");
    }
    assert!(!format!("{:?}", server.place("s3://backups")).contains(&server.key.0));
}

#[test]
fn a_listing_goes_on_after_a_thousand() {
    let many = Server::here().place("s3://many");
    let names = many.under("some folder").unwrap();
    assert_eq!(names.len(), 2500);
    assert_eq!(names[1234], "some folder/1234&.txt");
    assert_eq!(many.list().unwrap(), Vec::<String>::new(), "nothing lies outside the folder");
}

#[test]
fn a_store_that_fails_for_a_moment_is_asked_again() {
    with(|store| {
        plant(store, "one");
        let server = Server::here();
        let way = Way::to(server.port);
        let to = reached(&apart("backups"), &way.reach(server));
        let second = reached(&apart("safe"), &way.reach(server));
        let keeping = Keeping { to: to.clone(), safes: vec![second.clone()], days: 90 };
        way.slow.store(20, SeqCst);
        for (hours, (fails, up, down, loses)) in
            (0..).zip([(2, 0, 0, 0), (0, 2, 0, 0), (0, 0, 2, 0), (0, 0, 0, 1), (1, 1, 1, 1)])
        {
            way.fails.store(fails, SeqCst);
            way.breaks_up.store(up, SeqCst);
            way.breaks_down.store(down, SeqCst);
            way.loses.store(loses, SeqCst);
            let made = backup::make(store, &keeping, at(hours)).unwrap();
            assert!(made.unreached.is_empty(), "{made:?}");
        }
        let points = backup::points(&to, store.keys()).unwrap();
        assert_eq!(points.len(), 5);
        let bytes = second.get(safe::NAME).unwrap().unwrap();
        let restored = beside(store, &bytes);
        let safe = Safe::read(&bytes, restored.keys()).unwrap();
        way.breaks_down.store(2, SeqCst);
        restore::fill(&restored, &to, &points, &points[4], &safe).unwrap();
        assert_eq!(texts(&restored, "canary one"), texts(store, "canary one"));
        // It gives up after a while, and says so; what was there stays.
        way.fails.store(1000, SeqCst);
        assert!(words(backup::make(store, &keeping, at(9))).contains("again and again"));
        way.fails.store(0, SeqCst);
        assert_eq!(backup::points(&to, store.keys()).unwrap().len(), 5);
    });
}

#[test]
fn an_upload_that_is_broken_off_leaves_nothing() {
    with(|store| {
        let server = Server::here();
        let way = Way::to(server.port);
        let to = reached(&apart("backups"), &way.reach(server));
        let large = store.data().join("large");
        // Three parts.
        let bytes: Vec<u8> =
            (0..40u32 << 20).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        std::fs::write(&large, &bytes).unwrap();
        // A part that cannot be sent: all is taken back.
        way.stops_after.store(0, SeqCst);
        way.breaks_up.store(100, SeqCst);
        assert!(words(to.put("large", &large, &store.data())).contains("broke off"));
        assert_eq!((to.size("large").unwrap(), to.list().unwrap().len()), (None, 0));
        way.breaks_up.store(0, SeqCst);
        let names = std::fs::read_dir(store.data()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!names.into_iter().any(|name| name.to_string_lossy().starts_with("backup.upload")));
        // Whole, once a part had to be sent twice; and never over what is there.
        way.breaks_up.store(1, SeqCst);
        assert!(to.put("large", &large, &store.data()).unwrap());
        assert!(to.get("large").unwrap().unwrap() == bytes);
        assert!(!to.put("large", &large, &store.data()).unwrap());
        assert!(!to.put("large", &safe::place(&store.data()), &store.data()).is_ok_and(|put| put));
        to.delete("large").unwrap();
        assert_eq!(to.get("large").unwrap(), None);
    });
}

/// Destroying keys waits for no upload, and what was on its way up opens no more.
#[test]
fn whoever_goes_while_a_backup_is_on_its_way_up_is_in_none() {
    with(|store| {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        paper(store, &tara(store, &policy()));
        let server = Server::here();
        let way = Way::to(server.port);
        let (name, kept) = (apart("backups"), server.place(&apart("safe")));
        let keeping = Keeping { to: reached(&name, &way.reach(server)), safes: vec![kept.clone()], days: 90 };
        way.slow.store(300, SeqCst);
        std::thread::scope(|scope| {
            let making = scope.spawn(|| backup::make(store, &keeping, at(0)));
            let up = || {
                way.asked
                    .lock()
                    .unwrap()
                    .iter()
                    .any(|line| line.starts_with("PUT ") && line.contains("/files/"))
            };
            while !up() {
                assert!(!making.is_finished(), "it ended and no file went up");
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            way.slow.store(8000, SeqCst);
            assert!(let_go(store, &policy(), one.person));
            let done = ring_duty::carry_out(store, std::slice::from_ref(&kept), false, at(1)).unwrap();
            assert!(done.destroyed > 0 && done.unreached.is_empty(), "{done:?}");
            assert!(!making.is_finished(), "the keys went only when the backup was up");
            way.slow.store(0, SeqCst);
            making.join().unwrap().unwrap();
        });
        let safe = kept.get(safe::NAME).unwrap().unwrap();
        let from = server.place(&name);
        assert_eq!(backup::points(&from, store.keys()).unwrap().len(), 1);
        let readable = readable_in(store, &from, &safe);
        assert!(readable.iter().any(|text| text.contains("canary other")), "{}", other.person);
        let left: Vec<_> = readable.into_iter().filter(|text| text.contains("canary one")).collect();
        assert_eq!(left, Vec::<String>::new());
        // The next one goes on from it.
        let next = backup::make(store, &Keeping { to: from, safes: vec![kept], days: 90 }, at(2)).unwrap();
        assert!(!next.whole && next.vanished == 0, "{next:?}");
    });
}

/// What goes to a store says nothing of the key's secret, and nothing in clear of anybody.
#[test]
fn nothing_goes_out_but_what_is_sealed() {
    with(|store| {
        plant(store, "one");
        let server = Server::here();
        let way = Way::to(server.port);
        let to = reached(&apart("backups"), &way.reach(server));
        let second = reached(&apart("safe"), &way.reach(server));
        backup::make(store, &Keeping { to: to.clone(), safes: vec![second.clone()], days: 90 }, at(0))
            .unwrap();
        assert!(way.uploads() >= 2);
        for line in way.asked.lock().unwrap().iter() {
            assert!(!line.contains("canary") && !line.contains(&server.key.0), "{line}");
        }
        for (place, name) in
            to.list().unwrap().iter().map(|name| (&to, name)).chain([(&second, &safe::NAME.to_owned())])
        {
            let bytes = place.get(name).unwrap().unwrap();
            assert!(bytes.len() > 100 && !bytes.windows(6).any(|some| some == b"canary"), "{name}");
        }
        let _: &Store = store;
    });
}

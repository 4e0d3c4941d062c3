//! Backups and restores where something else is in the way: other people's files, another instance, a safe that is
//! behind, rows that came and lost something after the backup, and acts that meet the writing of the safe.

use std::collections::BTreeSet;
use std::path::Path;

use custody::coverage::Role;
use custody::id::EntryId;
use jiff::civil::date;
use serde_json::json;
use store::backup::restore;
use store::backup::{self, Keeping, Point};
use store::document::{NewDocument, Where};
use store::entry::NewEntry;
use store::invitation::{self, Invitation};
use store::pack_choice::{self, Choice};
use store::request::{self, Kind, NewRequest};
use store::restriction::{self, NewRestriction};
use store::safe::{self, Safe};
use store::told::{self, Told, Way};
use store::{Error, Store, document, engagement, entry, erase, files, log, params, ring_duty, staff};

use crate::backup::{at, back, carry_out, make, place, readable, second, seconds, texts};
use crate::canary::let_go;
use crate::harness::{Instance, beside, policy};
use crate::story::{settle, someone, tara};

/// Another instance on the same kind of database.
fn another(instance: &Instance) -> Instance {
    match instance.url {
        Some(_) => crate::harness::postgres().unwrap(),
        None => crate::harness::sqlite(),
    }
}

/// Makes a backup of an instance into a place.
fn into(instance: &Instance, to: &Path, days: i64, hours: i64) -> backup::Made {
    let keeping = Keeping { to: to.into(), safes: seconds(instance), days };
    backup::make(instance, &keeping, at(hours)).unwrap()
}

fn points(instance: &Instance) -> Vec<Point> {
    backup::points(&place(instance).into(), instance.keys()).unwrap()
}

/// Stores a file about Tara.
pub fn paper(instance: &Instance, tara: &crate::story::Tara) -> String {
    let policy = policy();
    let file = files::write(instance, &b"what she wrote"[..]).unwrap();
    let on = date(2026, 6, 1);
    instance
        .write(|tx| {
            let new = NewDocument {
                kind: policy.kind_named("evaluation form").unwrap().id,
                title: "Evaluation",
                place: Where::File(&file, "text/plain"),
                on,
                source: "the person",
                people: &[(tara.person, Role::Subject)],
                engagements: &[(tara.programme, None)],
                by: None,
            };
            document::add(tx, &policy, &new, at(0))?;
            settle(tx, &policy, tara.person, on)
        })
        .unwrap();
    file.name
}

both! {
    fn what_lies_beside_backups_and_is_nobodys_stays(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let to = place(store);
        std::fs::create_dir_all(to.join("files/photos")).unwrap();
        let own = "0123456789abcdef0123456789abcdef";
        std::fs::create_dir_all(to.join("files/01")).unwrap();
        let others = ["files/photos/a.jpg", "notes.backup", "old.0001.backup", &format!("files/01/{own}")];
        for other in others {
            std::fs::write(to.join(other), "not ours").unwrap();
        }
        paper(store, &tara);
        for day in 0..20 {
            assert_eq!(into(store, &to, 12, day * 24).files, u64::from(day == 0));
        }
        for other in others {
            assert_eq!(std::fs::read_to_string(to.join(other)).unwrap(), "not ours");
        }
        let (_, done) = back(store, 0);
        assert_eq!((done.files, done.files_missing), (1, 0));
    }

    fn two_instances_share_a_place_and_neither_takes_from_the_other(store) {
        let policy = policy();
        let other = another(store);
        let to = place(store);
        let files: Vec<String> = [store, &other].into_iter().map(|one| paper(one, &tara(one, &policy))).collect();
        assert_ne!(files[0], files[1]);
        for day in 0..20 {
            into(store, &to, 12, day * 24);
            into(&other, &to, 12, day * 24 + 1);
        }
        for one in [store, &other] {
            let bytes = std::fs::read(second(one)).unwrap();
            let restored = beside(one, &bytes);
            let safe = Safe::read(&bytes, restored.keys()).unwrap();
            let points = backup::points(&to.clone().into(), one.keys()).unwrap();
            assert_eq!(points.len(), points.iter().filter(|point| safe.ring(&point.header.tree).is_some()).count());
            let done = restore::fill(&restored, &to.clone().into(), &points, &points[0], &safe).unwrap();
            assert_eq!((done.files, done.files_missing), (1, 0));
            assert!(texts(&restored, "Wants to leave the bank").len() == 1);
        }
        // Both at one moment: the second waits for the next.
        into(store, &to, 12, 480);
        let keeping = Keeping { to: to.clone().into(), safes: vec![], days: 1 };
        backup::make(store, &keeping, at(528)).unwrap();
        assert!(matches!(backup::make(&other, &keeping, at(528)), Err(Error::Place(_))));
    }

    fn a_document_that_vanished_behind_the_programs_back_comes_back_with_its_bytes(store) {
        let policy = policy();
        let name = paper(store, &tara(store, &policy));
        make(store, 0);
        store.write(|tx| {
            for links in ["document_person", "document_work"] {
                let sql = format!("DELETE FROM {links} WHERE document_id IN (SELECT id FROM document WHERE file = ?1)");
                tx.exec(&sql, params![&name])?;
            }
            tx.exec("DELETE FROM document WHERE file = ?1", params![&name])
        }).unwrap();
        files::remove(store, &name).unwrap();
        assert!(make(store, 24).vanished > 0);
        let (restored, done) = back(store, 0);
        assert_eq!((done.files, done.files_missing), (1, 0));
        assert!(files::exists(&restored, &name).unwrap());
        // It leaves when the backups do that knew it.
        let copies = || walk(&place(store)).into_iter().filter(|path| path.ends_with(&name)).count();
        make(store, 24 * 60);
        assert_eq!(copies(), 1);
        make(store, 24 * 91);
        assert_eq!(copies(), 0);
    }

    fn an_older_safe_takes_no_newer_backup_away(store) {
        let policy = policy();
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        into(store, &place(store), 12, 0);
        let old = std::fs::read(second(store)).unwrap();
        for day in 1..5 {
            into(store, &place(store), 12, day * 24);
        }
        let newer = points(store);
        // Brought back with the safe of the first day.
        let restored = beside(store, &old);
        let mut safe = Safe::read(&old, restored.keys()).unwrap();
        assert!(restore::uncovered(&safe, &newer).is_some());
        let opened = restore::opened(&safe, &newer);
        assert!(!opened.is_empty() && opened.len() < newer.len());
        restore::fill(&restored, &place(store).into(), &newer, opened.last().unwrap(), &safe).unwrap();
        assert_eq!(texts(&restored, "Sol Reed").len(), 1);
        safe.write(&restored, &[], at(5 * 24)).unwrap();
        into(&restored, &place(store), 12, 5 * 24);
        assert!(newer.iter().all(|point| place(store).join(&point.name).exists()));
        into(&restored, &place(store), 12, 20 * 24);
        assert!(newer.iter().all(|point| !place(store).join(&point.name).exists()), "past their time they leave, whoever has their keys");
    }

    fn who_came_and_lost_something_after_the_backup_fails_no_restore(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        make(store, 0);
        let ada = someone(store, &policy, "coaching client", date(2026, 11, 2), &[("name", "Ada Reed"), ("phone", "01632 960009")]);
        store.write(|tx| {
            let new = NewEntry {
                kind: policy.kind_named("coaching notes").unwrap().id, on: date(2026, 11, 2), direction: None, body: "Ada and Tara met",
                source: "the person", import: None, people: &[(tara.person, Role::Subject), (ada, Role::Subject)],
                engagements: &[(tara.programme, None)], author: None,
            };
            entry::add(tx, &policy, &new, at(1))?;
            tx.exec(
                "INSERT INTO call (id, person_id, activity, number, at, on_date, outcome) VALUES (77, ?1, 'coaching', '01632 960009', ?2, '2026-11-02', 'spoke')",
                params![ada, at(1)],
            )?;
            ring_duty::lost(tx, "call", "person_id = ?1", params![ada])?;
            tx.exec("UPDATE call SET number = '' WHERE person_id = ?1", params![ada])?;
            ring_duty::lost(tx, "entry", "body LIKE ?1", params!["Ada%"])?;
            tx.exec("UPDATE entry SET body = ?1 WHERE body LIKE ?2", params!["[removed] and Tara met", "Ada%"])
        }).unwrap();
        carry_out(store, 2);
        let (restored, done) = back(store, 0);
        assert_eq!(done.since, 0, "{done:?}");
        assert_eq!(texts(&restored, "and Tara met").len(), 0);
        let stray = restored.read(|tx| tx.count("SELECT count(*) FROM entry WHERE NOT EXISTS (SELECT 1 FROM entry_person p WHERE p.entry_id = entry.id)", &[]));
        assert_eq!(stray.unwrap(), 0, "a text about nobody");
        // From the next backup on they are in it, and the point before it is still what it was.
        make(store, 24);
        assert_eq!(texts(&back(store, 1).0, "and Tara met").len(), 1);
        assert_eq!(texts(&back(store, 0).0, "and Tara met").len(), 0);
    }

    fn a_row_changed_since_refers_to_what_is_there(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        make(store, 0);
        store.write(|tx| {
            let organisation = store::organisation::named(tx, "Quill Ltd", at(1))?;
            ring_duty::lost(tx, "engagement", "id = ?1", params![tara.programme])?;
            tx.exec("UPDATE engagement SET title = 'coaching', paid_by_organisation_id = ?2 WHERE id = ?1", params![tara.programme, organisation])
        }).unwrap();
        carry_out(store, 2);
        for _ in 0..2 {
            let (restored, _) = back(store, 0);
            let found = restored.read(|tx| tx.one("SELECT title, paid_by_organisation_id FROM engagement", &[], |row| Ok((row.text(0)?, row.opt_int(1)?))));
            assert_eq!(found.unwrap(), ("coaching".to_owned(), None));
            make(store, 24);
        }
    }

    fn a_key_that_a_row_got_later_goes_after_a_restore_too(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        make(store, 0);
        store.write(|tx| {
            ring_duty::lost(tx, "entry", "body LIKE ?1", params!["Wants%"])?;
            tx.exec("UPDATE entry SET body = ?1 WHERE body LIKE ?2", params!["Wants to leave [removed]", "Wants%"])
        }).unwrap();
        carry_out(store, 1);
        make(store, 24);
        let (restored, _) = back(store, 1);
        let mut safe = Safe::open(store).unwrap();
        safe.write(&restored, &[], at(25)).unwrap();
        let left = || {
            let safe = std::fs::read(safe::place(&restored.data())).unwrap();
            readable(&restored, &place(store), &safe).into_iter().filter(|text| text.contains("Wants to leave")).count()
        };
        assert_eq!(left(), 1);
        let_go(&restored, &policy, tara.person);
        ring_duty::carry_out(&restored, &[], false, at(26)).unwrap();
        assert_eq!(left(), 0, "the backup made before the disk died still gives it");
    }

    fn acts_that_meet_the_writing_of_the_safe_lose_nothing(store) {
        make(store, 0);
        let seconds = seconds(store);
        std::thread::scope(|scope| {
            for number in 0..2 {
                let seconds = &seconds;
                scope.spawn(move || {
                    for one in 0..20 {
                        let row = number * 100 + one;
                        store.write(|tx| {
                            tx.exec(
                                "INSERT INTO not_objecting (id, number, said_by, said_on, recorded_at) VALUES (?1, '+441632960001', 'Sol', '2026-11-02', 0)",
                                params![row],
                            )?;
                            ring_duty::kept(tx, "not_objecting", "id = ?1", params![row])
                        }).unwrap();
                        ring_duty::carry_out(store, seconds, false, at(1)).unwrap();
                    }
                });
            }
            // A second place could not be written, and is written again whatever else happens.
            scope.spawn(|| (0..40).for_each(|_| assert!(ring_duty::carry_out(store, &seconds, true, at(1)).unwrap().wrote)));
        });
        assert!(!ring_duty::carry_out(store, &seconds, false, at(2)).unwrap().wrote, "nothing waits, nothing is tried");
        let (restored, done) = back(store, 0);
        assert_eq!(done.since, 40);
        assert_eq!(restored.read(|tx| tx.count("SELECT count(*) FROM not_objecting", &[])).unwrap(), 40);
    }

    fn whatever_the_program_lets_go_of_counts_as_let_go_of(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let sue = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sue Dale")]);
        let (today, now) = (date(2026, 11, 2), at(0));
        let link = Invitation {
            hash: [3; 32], purpose: "password".into(), staff: Some(tara.coach), person: None, about: None, created_at: now, expires_at: at(9999),
        };
        let request = store.write(|tx| {
            tx.exec("INSERT INTO untold (person_id, since) VALUES (?1, '2026-11-01')", params![sue])?;
            invitation::add(tx, &link)?;
            log::append(tx, now, "staff 1", "entry.changed", &[sue], &json!({ "words": "canary of the log" }))?;
            let new = NewRequest {
                kind: Kind::Access, person: tara.person, name: "Tara Quill", organisation: None, received_on: today, channel: "letter",
                words: None, owner: None, by: None,
            };
            request::open(tx, &policy, &new, now)
        }).unwrap();
        while store.write(|tx| log::sequence(tx, store.keys(), now)).unwrap() {}
        let note = store.read(|tx| tx.one("SELECT id FROM entry", &[], |row| Ok(EntryId(row.int(0)?)))).unwrap();
        let choose = |included| store.write(|tx| {
            let choice = Choice { entry: note, version: 1, included, reason: "canary of a choice".into() };
            pack_choice::choose(tx, request, &choice, today, None)
        }).unwrap();
        choose(true);
        let all = || readable(store, &place(store), &std::fs::read(second(store)).unwrap());
        let said = |words: &str| all().iter().filter(|text| text.contains(words)).count();
        make(store, 0);
        assert_eq!((said("canary of the log"), said("canary of a choice")), (1, 1));
        choose(false);
        store.write(|tx| {
            told::record(tx, sue, &Told { on: today, way: Way::Staff, version: None }, None, now)?;
            staff::leave(tx, tara.coach, today)?;
            log::let_go(tx, at(24 * 60), 1000)
        }).unwrap();
        carry_out(store, 1);
        assert_eq!((said("canary of the log"), said("canary of a choice")), (0, 0));
        assert_eq!(make(store, 24).vanished, 0);
        let (restored, _) = back(store, 0);
        let left = restored.read(|tx| tx.one("SELECT until FROM staff WHERE id = ?1", params![tara.coach], |row| row.opt_text(0)));
        assert_eq!(left.unwrap().as_deref(), Some("2026-11-02"));
        assert!(restored.read(|tx| invitation::find(tx, link.hash, "password", now)).unwrap().is_none());
    }

    fn who_left_work_that_others_go_on_with_is_in_no_title_and_under_no_restriction(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let other = someone(store, &policy, "coaching client", date(2026, 1, 2), &[("name", "Ola Berg")]);
        let today = date(2026, 6, 1);
        let request = store.write(|tx| {
            engagement::join(tx, tara.programme, other, "client", date(2026, 1, 5))?;
            let new = NewRestriction {
                person: tara.person, reason: "asked for it", owner: tara.coach, since: today, review_on: today, request: None,
            };
            restriction::place(tx, &new, at(0))?;
            let new = NewRequest {
                kind: Kind::Erasure, person: tara.person, name: "Tara Quill", organisation: None, received_on: today, channel: "letter",
                words: None, owner: None, by: None,
            };
            let request = request::open(tx, &policy, &new, at(0))?;
            settle(tx, &policy, tara.person, today)?;
            settle(tx, &policy, other, today)?;
            Ok::<_, Error>(request)
        }).unwrap();
        make(store, 0);
        let titles = || {
            let all = readable(store, &place(store), &std::fs::read(second(store)).unwrap());
            all.iter().filter(|text| text.contains("Coaching of Tara")).count()
        };
        assert_eq!(titles(), 1);
        store.write(|tx| {
            erase::grant(tx, &policy, store.keys(), tara.person, &BTreeSet::new(), request, None, "staff 1", today, at(1))
        }).unwrap();
        carry_out(store, 2);
        assert_eq!(titles(), 0);
        let title = |store: &Store| store.read(|tx| tx.one("SELECT title FROM engagement", &[], |row| row.text(0))).unwrap();
        assert!(!title(store).contains("Tara"));
        let standing = |store: &Store| store.read(|tx| tx.count("SELECT count(*) FROM restriction WHERE lifted_on IS NULL", &[])).unwrap();
        assert_eq!(standing(store), 0);
        let (restored, _) = back(store, 0);
        assert_eq!(title(&restored), title(store));
        assert_eq!(standing(&restored), 0);
    }

    fn when_tables_or_columns_have_come_everything_is_written_anew(store) {
        let policy = policy();
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        let first = place(store).join(make(store, 0).name);
        assert!(!make(store, 24).whole);
        std::fs::remove_file(place(store).join(&points(store)[1].name)).unwrap();
        // As a program would have made it in whose declarations a column had another name.
        let bytes = std::fs::read(&first).unwrap();
        let head = bytes.windows(14).position(|some| some == b"\"collected_on\"").unwrap();
        let mut earlier = bytes.clone();
        earlier[head + 1..head + 13].copy_from_slice(b"received__on");
        std::fs::write(&first, earlier).unwrap();
        std::fs::write(store.data().join("backup-state"), [format!("{}/0\n", points(store)[0].header.tree).into_bytes(), vec![0; 49]].concat()).unwrap();
        assert!(make(store, 48).whole);
    }
}

/// Every file below a directory.
fn walk(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

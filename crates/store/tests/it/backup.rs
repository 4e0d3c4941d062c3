//! Backups: what was let go of cannot be read out of any of them, nothing else is missing, and what must not be
//! forgotten comes back.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use custody::life::Scope;
use custody::proof::Verdict;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use policy::Policy;
use policy::activity::Purpose;
use policy::source::File;
use store::backup::restore::{self, Restored};
use store::backup::{self, Keeping, Made, Reader, Record};
use store::hold::{self, NewHold};
use store::objection::{self, NewObjection};
use store::place::Place;
use store::request::{self, NewRequest};
use store::safe::{self, Safe};
use store::schema::{self, Owner};
use store::staff::{self, NewAccount};
use store::suppression::{self, Forbids};
use store::task::{self, Kind, NewTask};
use store::{Error, Store, alike, params, prove, ring_duty};

use crate::canary::{everything, let_go, plant};
use crate::harness::{Instance, beside, policy};
use crate::story::{noon, someone, tara};

pub fn at(hours: i64) -> Timestamp {
    noon(date(2026, 11, 2)) + hours.hours()
}

pub fn keeping(instance: &Instance, days: i64) -> Keeping {
    Keeping { to: place(instance).into(), safes: seconds(instance), days }
}

pub fn place(instance: &Instance) -> PathBuf {
    instance.directory.path().join("elsewhere")
}

pub fn second(instance: &Instance) -> PathBuf {
    instance.directory.path().join("second-place").join(safe::NAME)
}

/// The second places of the safe.
pub fn seconds(instance: &Instance) -> Vec<Place> {
    let folder = second(instance).parent().unwrap().to_owned();
    std::fs::create_dir_all(&folder).unwrap();
    vec![folder.into()]
}

pub fn make(instance: &Instance, hours: i64) -> Made {
    let made = backup::make(instance, &keeping(instance, 90), at(hours)).unwrap();
    assert!(made.unreached.is_empty());
    made
}

pub fn carry_out(instance: &Instance, hours: i64) {
    let done = ring_duty::carry_out(instance, &seconds(instance), false, at(hours)).unwrap();
    assert!(done.unreached.is_empty());
}

/// Every text that can be read out of the backups of a place with a safe.
pub fn readable(store: &Store, place: &Path, safe: &[u8]) -> Vec<String> {
    readable_in(store, &place.into(), safe)
}

/// As [`readable`].
pub fn readable_in(store: &Store, place: &Place, safe: &[u8]) -> Vec<String> {
    let safe = Safe::read(safe, store.keys()).unwrap();
    let mut found: Vec<String> =
        safe.since.values().map(|since| String::from_utf8_lossy(&since.plain).into_owned()).collect();
    for point in backup::points(place, store.keys()).unwrap() {
        let Some(ring) = safe.ring(&point.header.tree) else { continue };
        let mut reader = Reader::open(place, &point.name, Some(store.keys())).unwrap();
        while let Some(record) = reader.next().unwrap() {
            if let Record::Row { table, row, key, sealed } = record
                && let Some(plain) = backup::open(ring, &point.header.salt, table, row, key, &sealed).unwrap()
            {
                let name = &point.header.tables[usize::from(table)].0;
                // What a staff account says goes with the account.
                if !matches!(schema::table(name).unwrap().owner, Owner::Staff(_)) {
                    found.push(String::from_utf8_lossy(&plain).into_owned());
                }
            }
        }
    }
    found
}

/// The instance as a restore of a backup, counted from the oldest, brings it back.
pub fn back(instance: &Instance, number: usize) -> (Instance, Restored) {
    let bytes = std::fs::read(second(instance)).unwrap();
    let restored = beside(instance, &bytes);
    let safe = Safe::read(&bytes, restored.keys()).unwrap();
    let points = backup::points(&place(instance).into(), instance.keys()).unwrap();
    assert_eq!(restore::uncovered(&safe, &points), None);
    let done = restore::fill(&restored, &place(instance).into(), &points, &points[number], &safe).unwrap();
    (restored, done)
}

pub fn texts(store: &Store, of: &str) -> BTreeSet<String> {
    // Sessions end with the machine, and the search index is made anew.
    let kept =
        everything(store).into_iter().filter(|(table, _, _)| !["session", "search_text"].contains(table));
    kept.map(|(_, _, text)| text).filter(|text| text.contains(of)).collect()
}

/// Everything that stands in the tables a backup holds and a restore leaves as it was.
fn rows(store: &Store) -> Vec<(&'static str, i64)> {
    let left_out = ["search_text", "session", "sign_in_attempt", "ring_duty", "ring_alias", "job"];
    store
        .read(|tx| {
            schema::tables()
                .filter(|table| !left_out.contains(&table.name))
                .map(|table| {
                    Ok::<_, Error>((
                        table.name,
                        tx.count(&format!("SELECT count(*) FROM {}", table.name), &[])?,
                    ))
                })
                .collect()
        })
        .unwrap()
}

both! {
    fn what_was_let_go_of_is_in_no_backup_and_no_restore(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let first = make(store, 0);
        assert!(first.whole && first.vanished == 0);
        store.write(|tx| tx.exec("UPDATE item SET value = 'canary one changed' WHERE person_id = ?1", params![one.person])).unwrap();
        let second_made = make(store, 24);
        assert!(!second_made.whole && second_made.written < 5, "{second_made:?}");
        let safe = || std::fs::read(second(store)).unwrap();
        assert!(readable(store, &place(store), &safe()).iter().any(|text| text.contains("canary one changed")));

        assert!(let_go(store, &policy(), one.person));
        carry_out(store, 25);
        assert_eq!(std::fs::read(safe::place(&store.data())).unwrap(), safe());
        let left: Vec<_> = readable(store, &place(store), &safe()).into_iter().filter(|text| text.contains("canary one")).collect();
        assert_eq!(left, Vec::<String>::new());
        for number in [0, 1] {
            let (restored, done) = back(store, number);
            let of_staff = texts(&restored, "canary one");
            assert!(of_staff.iter().all(|text| text.contains("staff")), "{of_staff:?}");
            assert_eq!(texts(&restored, "canary other"), texts(store, "canary other"));
            assert!(done.gone > 20 && done.orphans == 0, "{done:?}");
            assert!(restored.read(|tx| tx.any("SELECT 1 FROM person WHERE id = ?1", params![other.person])).unwrap());
        }
    }

    fn a_restore_is_what_there_was(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        make(store, 0);
        let before = rows(store);
        someone(store, &policy, "supporter", date(2026, 11, 3), &[("name", "Sol Reed"), ("email", "sol@reed.example")]);
        let made = make(store, 24);
        assert!(made.written > 0 && made.written < 15, "{made:?}");
        let (earlier, _) = back(store, 0);
        let of_log = |(name, _): &(&str, i64)| name.starts_with("log_");
        assert_eq!(
            rows(&earlier).into_iter().filter(|row| !of_log(row)).collect::<Vec<_>>(),
            before.into_iter().filter(|row| !of_log(row)).collect::<Vec<_>>()
        );
        let (later, done) = back(store, 1);
        assert_eq!(rows(&later), rows(store));
        assert_eq!((done.gone, done.orphans), (0, 0));
        assert!(texts(&later, "Sol Reed").len() == 1 && texts(&later, "Wants to leave the bank").len() == 1);
        assert!(later.read(|tx| tx.any("SELECT 1 FROM person WHERE id = ?1", params![tara.person])).unwrap());
        let unchanged = make(store, 25);
        assert_eq!((unchanged.written, unchanged.vanished), (0, 0));
    }

    fn what_is_to_be_done_by_hand_since_is_there_after_a_restore_of_any_backup(store) {
        make(store, 0);
        let add = |kind| {
            let new = NewTask { about: Some("of 3 Mar 2024"), ..NewTask::new(kind, "See to it") };
            store.write(|tx| task::add(tx, &new, at(1))).unwrap()
        };
        let by_hand = [Kind::DestroyPaper, Kind::Return, Kind::Deliver, Kind::Mask].map(add);
        // What is only in the database is to be done again by whoever has to do with what came back.
        let inside = add(Kind::Other);
        carry_out(store, 2);
        let open = |of: &Store| {
            let open = of.read(|tx| task::open(tx, None, 50)).unwrap();
            open.into_iter().map(|task| task.id).collect::<BTreeSet<_>>()
        };
        let again = open(&back(store, 0).0);
        assert!(by_hand.iter().all(|task| again.contains(task)) && !again.contains(&inside), "{again:?}");
        // Somebody did two of them since, one with nothing in it that goes when it is done.
        let [paper, original, copy, text] = by_hand;
        store.write(|tx| tx.exec("UPDATE task SET about = NULL WHERE id = ?1", params![text])).unwrap();
        for done in [paper, text] {
            store.write(|tx| task::done(tx, done, date(2026, 11, 3), None, Some("done"))).unwrap();
        }
        carry_out(store, 26);
        let stand = |of: &Store| {
            let open = open(of);
            let outcome = "SELECT COUNT(*) FROM task WHERE outcome = 'done' AND done_on = '2026-11-03' AND about IS NULL";
            assert_eq!(of.read(|tx| tx.count(outcome, &[])).unwrap(), 2);
            assert!(open.contains(&original) && open.contains(&copy), "{open:?}");
            assert!(!open.contains(&paper) && !open.contains(&text), "{open:?}");
        };
        stand(&back(store, 0).0);
        // From the next backup on they stand in it, and an older one takes them from there.
        make(store, 48);
        make(store, 72);
        assert!(!Safe::open(store).unwrap().since.keys().any(|(table, _)| table == "task"));
        stand(&back(store, 0).0);
        stand(&back(store, 2).0);
    }

    fn who_does_by_hand_what_a_request_waits_for_is_after_a_restore_who_it_is_now(store) {
        let policy = policy();
        let who = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        let day = date(2026, 11, 2);
        let (ned, ina, asked, [handed, waited]) = store.write(|tx| {
            let account = |name: &str, email: &str| {
                let new = NewAccount { name, email, role: "coach", person: None, since: date(2026, 1, 5) };
                staff::add(tx, &new, at(0))
            };
            let (ned, ina) = (account("Ned Harker", "ned@cti.example")?, account("Ina Holt", "ina@cti.example")?);
            let new = NewRequest {
                kind: request::Kind::Erasure, person: who, name: "Sol Reed", organisation: None, received_on: day, channel: "letter",
                words: None, owner: None, by: None,
            };
            let asked = request::open(tx, &policy, &new, at(0))?;
            let task = NewTask { person: Some(who), owner: Some(ned), ..NewTask::new(Kind::DestroyPaper, "Destroy the paper file") };
            let review_on = date(2027, 3, 1);
            let kept = NewHold { person: Some(who), engagement: None, reason: "a claim", owner: ned, since: day, review_on };
            hold::place(tx, &kept, at(0))?;
            Ok::<_, Error>((ned, ina, asked, [task::add(tx, &task, at(0))?, task::add(tx, &task, at(0))?]))
        }).unwrap();
        make(store, 0);
        store.write(|tx| task::belongs(tx, waited, asked)).unwrap();
        carry_out(store, 1);
        let stands = |of: &Store, which| of.read(|tx| task::one(tx, which)).unwrap();
        assert_eq!(stands(&back(store, 0).0, waited).request, Some(asked));
        // Ned leaves, and Ina does it from now on.
        store.write(|tx| staff::hand_over(tx, ned, ina, day)).unwrap();
        carry_out(store, 2);
        let (restored, _) = back(store, 0);
        assert_eq!((stands(&restored, handed).owner, stands(&restored, waited).owner), (Some(ina), Some(ina)));
        let owner = "SELECT owner_id FROM hold";
        assert_eq!(restored.read(|tx| tx.one(owner, &[], |row| row.int(0))).unwrap(), ina.0);
    }

    fn objections_suppressions_and_who_is_two_since_hold_after_a_restore_of_any_backup(store) {
        let policy = policy();
        let who = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed"), ("email", "sol@reed.example")]);
        let namesake = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        make(store, 0);
        make(store, 24);
        store.write(|tx| {
            let scope = Scope::Purpose(Purpose::DirectMarketing);
            let new = NewObjection { person: who, scope: &scope, made_on: date(2026, 11, 3), how: "by telephone", words: None, request: None, by: None };
            objection::record(tx, &policy, &new, at(26))?;
            alike::apart(tx, who, namesake, date(2026, 11, 3), None, at(26))?;
            suppression::add(tx, store.keys(), "email", "gone@reed.example", Forbids::AllContact, date(2026, 11, 3), "objection", at(26))
        }).unwrap();
        carry_out(store, 26);
        for number in [0, 1] {
            let (restored, done) = back(store, number);
            assert_eq!(done.since, 4);
            let two = "SELECT COUNT(*) FROM alike WHERE state = 'apart'";
            assert_eq!(restored.read(|tx| tx.count(two, &[])).unwrap(), 2);
            let standing = restored.read(|tx| suppression::standing(tx, restored.keys(), "email", "gone@reed.example")).unwrap();
            assert!(standing.contains(&Forbids::AllContact));
            assert!(restored.read(|tx| tx.any("SELECT 1 FROM objection WHERE person_id = ?1", params![who])).unwrap());
        }
        // From the next backup on, they stand in it, and an older one takes them from there.
        make(store, 48);
        make(store, 72);
        assert!(back(store, 0).0.read(|tx| tx.any("SELECT 1 FROM objection WHERE person_id = ?1", params![who])).unwrap());
    }

    fn a_row_that_lost_a_value_comes_back_without_it(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        make(store, 0);
        let lose = |text: &str| store.write(|tx| {
            ring_duty::lost(tx, "entry", "body LIKE ?1", params!["Wants%"])?;
            tx.exec("UPDATE entry SET body = ?1 WHERE body LIKE ?2", params![text, "Wants%"])
        }).unwrap();
        lose("Wants to leave [removed] and teach");
        carry_out(store, 1);
        let all = || readable(store, &place(store), &std::fs::read(second(store)).unwrap());
        assert!(!all().iter().any(|text| text.contains("the bank")));
        let (restored, done) = back(store, 0);
        assert_eq!(texts(&restored, "Wants to leave [removed]").len(), 1, "{done:?}");
        // It gets another key in the next backup, and can lose that one too.
        make(store, 24);
        assert_eq!(texts(&back(store, 0).0, "Wants to leave [removed]").len(), 1);
        lose("Wants [removed]");
        carry_out(store, 25);
        assert!(!all().iter().any(|text| text.contains("and teach")));
        assert_eq!(texts(&back(store, 1).0, "Wants [removed]").len(), 1);
        let_go(store, &policy, tara.person);
        carry_out(store, 26);
        assert!(!all().iter().any(|text| text.contains("Wants")));
    }

    fn what_vanishes_behind_the_programs_back_is_reported_and_comes_back(store) {
        let policy = policy();
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed"), ("email", "sol@reed.example")]);
        make(store, 0);
        store.write(|tx| tx.exec("DELETE FROM item WHERE value = 'Sol Reed'", &[])).unwrap();
        let made = make(store, 24);
        assert_eq!(made.vanished, 1);
        assert_eq!(texts(&back(store, 0).0, "Sol Reed").len(), 1);
        assert_eq!(texts(&back(store, 1).0, "Sol Reed").len(), 0);
    }

    fn backups_past_their_time_leave_with_their_keys(store) {
        let policy = policy();
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        let mut left = 0;
        for day in 0..20 {
            left += backup::make(store, &keeping(store, 12), at(day * 24)).unwrap().left;
        }
        assert!(left > 0);
        let points = backup::points(&place(store).into(), store.keys()).unwrap();
        let oldest = points.iter().map(backup::Point::at).min().unwrap();
        assert!(oldest > at(19 * 24 - 12 * 24), "{oldest}");
        assert!(oldest < at(19 * 24 - 8 * 24), "too little is kept: {oldest}");
        let trees: BTreeSet<String> = points.iter().map(|point| point.header.tree.clone()).collect();
        let kept: BTreeSet<String> = Safe::open(store).unwrap().trees.iter().map(|tree| tree.name.clone()).collect();
        assert_eq!(trees, kept);
        back(store, 0);
    }

    fn a_backup_that_was_begun_and_no_more_goes_whose_it_is_and_no_other(store) {
        let policy = policy();
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        make(store, 0);
        let folder = place(store);
        let points = || backup::points(&place(store).into(), store.keys()).unwrap();
        let of = points()[0].header.of.clone();
        let tree = points()[0].header.tree.clone();
        let name = format!("{tree}.0001.backup");
        let half = Place::from(folder.clone()).half(&name, &of, &store.data());
        assert_eq!(half, folder.join(format!("{tree}.0001.{of}.new")));
        // Killed before anything was written into it, and in the middle of its beginning.
        let begun = [(half, b"".as_slice()), (folder.join(format!("{tree}.0007.{of}.new")), b"probity ba".as_slice())];
        // One of a release whose halves said it only in them.
        let whole = std::fs::read(folder.join(&points()[0].name)).unwrap();
        let earlier = [(folder.join(format!("{tree}.0009.new")), &whole[..whole.len() - 9])];
        let another = "0123456789abcdef0123456789abcdef";
        let others = [format!("{tree}.0001.{another}.new"), format!("{tree}.0001.new"), format!("notes.{of}.new"), format!("{of}.new")];
        for (path, bytes) in begun.iter().chain(&earlier) {
            std::fs::write(path, bytes).unwrap();
        }
        for other in &others {
            std::fs::write(folder.join(other), b"").unwrap();
        }
        assert_eq!(points().len(), 1, "what is not whole is no backup");
        make(store, 24);
        assert_eq!(points().len(), 2);
        for (path, _) in begun.iter().chain(&earlier) {
            assert!(!path.exists(), "{}", path.display());
        }
        for other in &others {
            assert!(folder.join(other).exists(), "{other} is not ours");
        }
    }

    fn a_safe_that_is_older_than_the_backups_is_noticed(store) {
        let policy = policy();
        let who = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        make(store, 0);
        let old = std::fs::read(second(store)).unwrap();
        let_go(store, &policy, who);
        carry_out(store, 1);
        make(store, 24);
        let old = Safe::read(&old, store.keys()).unwrap();
        let points = backup::points(&place(store).into(), store.keys()).unwrap();
        assert!(restore::uncovered(&old, &points).unwrap().contains("is not in it"));
    }

    fn a_backup_that_is_damaged_or_incomplete_is_refused(store) {
        let policy = policy();
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        let first = place(store).join(make(store, 0).name);
        someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Ada Reed")]);
        make(store, 24);
        let bytes = std::fs::read(second(store)).unwrap();
        let points = backup::points(&place(store).into(), store.keys()).unwrap();
        let whole = std::fs::read(&first).unwrap();
        let refused = |what: &str| {
            let restored = beside(store, &bytes);
            let safe = Safe::read(&bytes, restored.keys()).unwrap();
            let said = backup::points(&place(store).into(), store.keys()).and_then(|points| {
                restore::fill(&restored, &place(store).into(), &points, points.last().unwrap(), &safe)
            });
            assert!(matches!(said, Err(Error::Damaged(_))), "{what}: {said:?}");
        };
        for place in [whole.len() / 2, whole.len() - 3, whole.len() - 40] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            std::fs::write(&first, changed).unwrap();
            refused("changed");
        }
        std::fs::write(&first, &whole[..whole.len() - 50]).unwrap();
        refused("cut short");
        std::fs::remove_file(&first).unwrap();
        refused("missing");
        assert_eq!(points.len(), 2);
    }

    fn the_proof_looks_into_the_safe(store) {
        let text = policy().files[0].text.replace("kept 3 months", "kept 3 months    promise CTI-99");
        let (policy, found) = Policy::read(vec![File { name: "cti.policy".into(), text }]);
        let policy = policy.unwrap_or_else(|| panic!("{found:?}"));
        let who = someone(store, &policy, "supporter", date(2026, 10, 1), &[("name", "Sol Reed")]);
        let broken = |today: Date| {
            let looked = prove::promise(store, &policy, "CTI-99", noon(today), today).unwrap().unwrap();
            looked.counterexamples.join("; ")
        };
        make(store, 0);
        let before = std::fs::read(safe::place(&store.data())).unwrap();
        assert!(let_go(store, &policy, who));
        store.write(|tx| tx.exec(
            "INSERT INTO certificate (id, person_number, at, on_date, rules, cause, disposal, counts) VALUES (1, ?1, ?2, '2026-11-02', '[]', 'sweep', 'erase', '{}')",
            params![who, at(1)],
        )).unwrap();
        carry_out(store, 1);
        assert_eq!(broken(date(2026, 11, 3)), "");
        let after = std::fs::read(safe::place(&store.data())).unwrap();
        std::fs::write(safe::place(&store.data()), before).unwrap();
        assert!(broken(date(2026, 11, 3)).contains(&format!("could still give back {}", who.0)));
        std::fs::write(safe::place(&store.data()), "no safe at all").unwrap();
        let looked = prove::promise(store, &policy, "CTI-99", at(2), date(2026, 11, 3)).unwrap().unwrap();
        assert_eq!(looked.verdict, Verdict::Broken, "what cannot be looked at is not kept");
        std::fs::write(safe::place(&store.data()), after).unwrap();
        assert_eq!(broken(date(2026, 11, 6)), "the newest backup is of 2026-11-02");
        assert!(broken(date(2027, 2, 3)).contains("backups of 2026-11-02 are past their time"));
    }
}

//! What is due leaves, what is not stays, and twice is once.

use std::collections::BTreeMap;

use custody::coverage::Role;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use policy::Policy;
use store::entry::NewEntry;
use store::sweep::Report;
use store::{Store, certificate, engagement, entry, hold, item, life, person, search, sweep, task};

use crate::harness::policy;
use crate::story::{complete, noon, settle, someone, tara};

fn night(store: &Store, policy: &Policy, today: Date) -> Report {
    let clock = || -> Timestamp { noon(today) };
    let report = sweep::run(store, policy, today, &clock, false).unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
    report
}

both! {
    fn notes_go_six_months_after_the_programme(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        // The last day is 30 September: in its night nothing goes.
        assert_eq!(night(store, &policy, date(2026, 9, 30)).rows(), 0);
        assert_eq!(store.read(|tx| entry::of_person(tx, &policy, tara.person, (None, None), 9)).unwrap().len(), 1);

        let tried = sweep::run(store, &policy, date(2026, 10, 1), &|| noon(date(2026, 10, 1)), true).unwrap();
        assert_eq!(store.read(|tx| entry::of_person(tx, &policy, tara.person, (None, None), 9)).unwrap().len(), 1, "trying changes nothing");
        let swept = night(store, &policy, date(2026, 10, 1));
        assert_eq!(tried, swept);
        assert_eq!(swept.disposed.get("coaching notes"), Some(&1), "{swept:?}");
        assert_eq!(swept.disposed.get("name"), Some(&1), "{swept:?}");
        assert!(store.read(|tx| entry::of_person(tx, &policy, tara.person, (None, None), 9)).unwrap().is_empty());
        assert!(store.read(|tx| search::find(tx, "quill", &store::reach::Reach::Everyone, 9)).unwrap().is_empty());
        let left = store.read(|tx| certificate::of_person(tx, tara.person)).unwrap();
        assert!(left[0].reasons.iter().any(|reason| reason.contains("6 months after completed")), "{left:?}");
        assert_eq!(left[0].counts, swept.disposed);
        let known = store.read(|tx| certificate::known(tx, store.keys(), "email", "Tara.Quill@home.example")).unwrap().unwrap();
        assert!(!known.erased && known.on == date(2026, 10, 1));
        // The signed form is on paper: somebody must go there, and what is held of her stays until then.
        let open = store.read(|tx| task::open(tx, None, 9)).unwrap();
        assert_eq!((swept.tasks, open.len()), (1, 1), "{open:?}");
        let (_, bytes) = store.write(|tx| sweep::confirm(tx, &policy, open[0].id, date(2026, 10, 2), None, None, noon(date(2026, 10, 2)))).unwrap();
        assert!(bytes.files.is_empty());

        let again = night(store, &policy, date(2026, 10, 2));
        assert_eq!((again.rows(), again.tasks), (0, 0), "{again:?}");
        // The record of her consent is kept six years, and nothing else.
        let rest: BTreeMap<String, u32> = night(store, &policy, date(2032, 1, 7)).disposed;
        assert_eq!(rest.keys().collect::<Vec<_>>(), ["consent record"], "{rest:?}");
        assert!(!store.read(|tx| person::exists(tx, tara.person)).unwrap());
        // Certificates go by their own clock, six years after they were written.
        assert!(!store.read(|tx| certificate::of_person(tx, tara.person)).unwrap().is_empty());
        night(store, &policy, date(2038, 1, 8));
        assert!(store.read(|tx| certificate::of_person(tx, tara.person)).unwrap().is_empty());
    }

    fn what_ended_does_not_begin_again_while_a_paper_waits(store) {
        let policy = crate::harness::pack("cmp");
        let on = date(2026, 1, 2);
        let who = someone(store, &policy, "learner", on, &[("name", "Lena Moss")]);
        store.write(|tx| {
            let work = policy.work_named("qualification").unwrap().id;
            let new = engagement::NewEngagement { work, title: "A diploma", opened_on: on, paid_by_organisation: None, paid_by_person: None };
            let course = engagement::open(tx, &policy, &new, noon(on))?;
            engagement::join(tx, course, who, "learner", on)?;
            let new = store::document::NewDocument {
                kind: policy.kind_named("award").unwrap().id, on, title: "Award", place: store::document::Where::Paper("cabinet 2"),
                people: &[(who, Role::Subject)], engagements: &[(course, None)], source: "the person", by: None,
            };
            store::document::add(tx, &policy, &new, noon(on))?;
            let new = NewEntry {
                kind: policy.kind_named("contact record").unwrap().id, on, direction: Some(entry::Direction::Out), body: "Wrote to her.",
                source: "staff", import: None, people: &[(who, Role::Subject)], engagements: &[(course, None)], author: None,
            };
            entry::add(tx, &policy, &new, noon(on))?;
            engagement::record_milestone(tx, &policy, course, "certificated", on, None, noon(on))?;
            settle(tx, &policy, who, on)
        }).unwrap();
        // All that counts from the last communication has ended, and with it goes the line that says when that was.
        for day in [date(2036, 1, 3), date(2036, 1, 4), date(2040, 1, 1)] {
            night(store, &policy, day);
            let life = store.read(|tx| life::load(tx, &policy, who, day)).unwrap();
            assert!(!life.grounds.iter().any(|ground| ground.active(day)), "{day}: {:?}", life.grounds);
        }
        let open = store.read(|tx| task::open(tx, None, 9)).unwrap();
        assert_eq!(open.len(), 1, "{open:?}");
        store.write(|tx| sweep::confirm(tx, &policy, open[0].id, date(2040, 1, 1), None, None, noon(date(2040, 1, 1)))).unwrap();
        assert!(!store.read(|tx| person::exists(tx, who)).unwrap());
    }

    fn an_agreed_period_counts_instead(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        store.write(|tx| {
            let new = engagement::NewAgreement {
                engagement: tara.programme, person: tara.person, period: &jiff::Span::new().years(2), reason: None, decided_by: None,
                agreed_on: date(2026, 4, 1), by: None,
            };
            engagement::agree(tx, &new, noon(date(2026, 4, 1)))?;
            settle(tx, &policy, tara.person, date(2026, 4, 1))
        }).unwrap();
        assert_eq!(night(store, &policy, date(2028, 3, 31)).disposed.get("coaching notes"), None);
        assert_eq!(night(store, &policy, date(2028, 4, 1)).disposed.get("coaching notes"), Some(&1));
    }

    fn a_milestone_taken_back_stops_the_clock(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        store.write(|tx| {
            let done = engagement::milestones(tx, tara.programme)?.pop().unwrap();
            engagement::undo_milestone(tx, &policy, done.id, noon(date(2026, 4, 2)))?;
            settle(tx, &policy, tara.person, date(2026, 4, 2))
        }).unwrap();
        assert_eq!(night(store, &policy, date(2027, 1, 1)).disposed.get("coaching notes"), None);
    }

    fn a_hold_keeps_what_is_due_until_it_ends(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        let held = store.write(|tx| {
            let new = hold::NewHold {
                person: Some(tara.person), engagement: None, reason: "a claim", owner: tara.coach, since: date(2026, 6, 1),
                review_on: date(2026, 12, 1),
            };
            hold::place(tx, &new, noon(date(2026, 6, 1)))
        }).unwrap();
        let kept = night(store, &policy, date(2026, 10, 1));
        assert_eq!(kept.rows(), 0);
        assert!(kept.held > 4, "{kept:?}");
        assert_eq!(store.read(|tx| item::of_person(tx, &policy, tara.person)).unwrap().len(), 3);
        store.write(|tx| hold::end(tx, held, date(2026, 11, 1), "settled", None)).unwrap();
        assert_eq!(night(store, &policy, date(2026, 11, 1)).disposed.get("name"), Some(&1));
    }

    fn whoever_is_held_for_something_else_stays(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        store.write(|tx| {
            let supplier = policy.category_named("supplier").unwrap().id;
            person::give_category(tx, &policy, tara.person, supplier, date(2026, 5, 1), None)?;
            settle(tx, &policy, tara.person, date(2026, 5, 1))
        }).unwrap();
        let swept = night(store, &policy, date(2026, 10, 1));
        assert_eq!(swept.disposed.get("coaching notes"), Some(&1), "{swept:?}");
        assert_eq!(swept.disposed.get("name"), None);
        assert_eq!(store.read(|tx| search::find(tx, "quill", &store::reach::Reach::Everyone, 9)).unwrap(), [tara.person]);
    }

    /// Whoever writes meanwhile waits for some of it only, and what will not go stops nothing else.
    fn what_is_of_nobody_goes_some_at_a_time(store) {
        let policy = policy();
        let (old, today) = (date(2020, 1, 1), date(2026, 11, 1));
        store.write(|tx| (1..=120).try_for_each(|id| tx.put(
            "INSERT INTO message (id, sort, channel, address, subject, body, state, queued_on, queued_at, sent_at, attempts)
                VALUES (?1, 'staff', 'email', 'a@b.example', 's', 'b', 'sent', ?2, ?3, ?4, 1)",
            store::params![id, old, noon(old), noon(old)],
        ))).unwrap();
        let left = || store.read(|tx| tx.count("SELECT COUNT(*) FROM message", &[])).unwrap();
        let run = |dry| sweep::run(store, &policy, today, &|| noon(today), dry);
        assert_eq!(run(true).unwrap().disposed.get("message record"), Some(&120), "tried, all of it is counted");
        if store.url.is_none() {
            let stops = "CREATE TRIGGER stops BEFORE DELETE ON message WHEN OLD.id = 120 BEGIN SELECT RAISE(ABORT, 'stopped'); END";
            store.write(|tx| tx.exec(stops, &[])).unwrap();
            let problems = run(false).unwrap().problems;
            assert!(problems.iter().any(|one| one.starts_with("message 120: ")), "{problems:?}");
            assert_eq!(left(), 1, "one that will not go stops no other");
            store.write(|tx| tx.exec("DROP TRIGGER stops", &[])).unwrap();
        }
        run(false).unwrap();
        assert_eq!(left(), 0);
    }

    /// What cannot be read stays, is named, and stops nothing else of its table nor of the night.
    fn a_row_of_nobody_that_cannot_be_read_stops_no_other(store) {
        let policy = policy();
        let (old, today) = (date(2020, 1, 1), date(2026, 11, 1));
        store.write(|tx| (1..=3).try_for_each(|id| tx.put(
            "INSERT INTO message (id, sort, channel, address, subject, body, state, queued_on, queued_at, sent_at, attempts)
                VALUES (?1, 'staff', 'email', 'a@b.example', 's', 'b', 'sent', ?2, ?3, ?4, 1)",
            store::params![id, old, noon(old), noon(old)],
        ))).unwrap();
        let spoil = |day: &str| store.write(|tx| tx.exec("UPDATE message SET queued_on = ?1 WHERE id = 1", store::params![day])).unwrap();
        let left = || store.read(|tx| tx.all("SELECT id FROM message ORDER BY id", &[], |row| row.int(0))).unwrap();
        spoil("2019-13-99");
        let report = sweep::run(store, &policy, today, &|| noon(today), false).unwrap();
        assert_eq!(report.problems.iter().filter(|one| one.starts_with("message 1: a stored value")).count(), 1, "{report:?}");
        assert_eq!(left(), [1]);
        spoil("2020-01-01");
        night(store, &policy, today);
        assert_eq!(left(), [0_i64; 0]);
    }

    /// However many stay that are older, the others of their table go, and in a night that is only tried they are counted.
    fn what_stays_of_nobody_holds_up_nothing_that_is_due(store) {
        let policy = policy();
        let (old, today) = (date(2020, 1, 1), date(2026, 11, 1));
        let queued = |id: i64| if id <= 430 { "2019-13-99" } else { "2020-01-01" };
        store.write(|tx| (1..=500).try_for_each(|id| tx.put(
            "INSERT INTO message (id, sort, channel, address, subject, body, state, queued_on, queued_at, sent_at, attempts)
                VALUES (?1, 'staff', 'email', 'a@b.example', 's', 'b', 'sent', ?2, ?3, ?4, 1)",
            store::params![id, queued(id), noon(old), noon(old)],
        ))).unwrap();
        let run = |dry| sweep::run(store, &policy, today, &|| noon(today), dry).unwrap();
        let left = || store.read(|tx| tx.count("SELECT COUNT(*) FROM message", &[])).unwrap();
        let tried = run(true);
        assert_eq!((tried.disposed.get("message record"), left()), (Some(&70), 500));
        let done = run(false);
        assert_eq!((done.disposed.get("message record"), left()), (Some(&70), 430));
        let named = |report: &Report| report.problems.iter().filter(|one| one.starts_with("message ")).count();
        assert_eq!((named(&tried), named(&done)), (430, 430), "each is named once");
        assert_eq!(run(false).rows(), 0);
    }

    /// What is kept from the day on which it left, and left late, holds up nothing that was put in after it and left at once.
    fn what_left_late_of_nobody_holds_up_nothing_that_is_due(store) {
        let policy = policy();
        let (late, today) = (date(2026, 10, 1), date(2026, 11, 1));
        let old = |id: i64| date(2020, 1, i8::try_from(id).unwrap());
        store.write(|tx| (1..=4).try_for_each(|id| tx.put(
            "INSERT INTO message (id, sort, channel, address, subject, body, state, queued_on, queued_at, sent_at, attempts)
                VALUES (?1, 'staff', 'email', 'a@b.example', 's', 'b', 'sent', ?2, ?3, ?4, 1)",
            store::params![id, old(id), noon(old(id)), noon(if id == 2 { late } else { old(id) })],
        ))).unwrap();
        let left = || store.read(|tx| tx.all("SELECT id FROM message ORDER BY id", &[], |row| row.int(0))).unwrap();
        assert_eq!(night(store, &policy, today).disposed.get("message record"), Some(&3));
        assert_eq!(left(), [2]);
        night(store, &policy, date(2029, 1, 1));
        assert_eq!(left(), [0_i64; 0]);
    }

    /// A last day that is none, is as long as one and stands after every other would never come: it is looked at, and named.
    fn a_last_day_that_is_none_is_not_waited_for(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        complete(store, &policy, &tara, date(2026, 3, 31));
        let today = date(2026, 4, 1);
        night(store, &policy, today);
        let spoiled = "UPDATE ground SET due_on = 'never ever' WHERE person_id = ?1 AND state = 'active' AND due_on IS NOT NULL";
        assert!(store.write(|tx| tx.exec(spoiled, store::params![tara.person])).unwrap() > 0);
        let report = sweep::run(store, &policy, today, &|| noon(today), false).unwrap();
        assert_eq!(report.undecided, [tara.person.0].into(), "{report:?}");
    }

    fn only_what_is_due_is_read(store) {
        let policy = policy();
        let many: Vec<_> = (0..40).map(|n| {
            someone(store, &policy, "supplier", date(2026, 1, 1), &[("name", &format!("Supplier {n}")), ("email", &format!("s{n}@x.example"))])
        }).collect();
        assert!(store.read(|tx| sweep::due(tx, date(2026, 11, 1))).unwrap().is_empty());
        store.write(|tx| {
            for who in many.iter().take(20) {
                person::end_category(tx, *who, "supplier", date(2026, 10, 1))?;
                settle(tx, &policy, *who, date(2026, 10, 1))?;
            }
            Ok::<_, store::Error>(())
        }).unwrap();
        assert_eq!(store.read(|tx| sweep::due(tx, date(2026, 11, 1))).unwrap().len(), 20);
        let swept = night(store, &policy, date(2026, 11, 1));
        assert_eq!((swept.people, swept.gone), (20, 20), "{swept:?}");
        assert_eq!(store.read(person::count).unwrap(), 20);
        assert!(store.read(|tx| sweep::due(tx, date(2026, 11, 1))).unwrap().is_empty());
        assert_eq!(store.read(|tx| sweep::runs(tx, 1)).unwrap()[0].disposed, 40);
    }
}

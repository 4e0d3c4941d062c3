//! The log tells the truth, and shows it when somebody changed it behind the program's back.

use custody::id::PersonId;
use jiff::Timestamp;
use serde_json::json;
use store::log::{self, Broken, View};
use store::{Error, Keys, Store, params};

use crate::harness::secret;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn write(store: &Store, events: i64) {
    store
        .write(|tx| {
            for n in 0..events {
                log::append(
                    tx,
                    at(n),
                    "staff 17",
                    "person.read",
                    &[PersonId(7), PersonId(7), PersonId(8)],
                    &json!({"kinds": ["name"], "n": n}),
                )?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    store.write(|tx| log::sequence(tx, store.keys(), at(events))).unwrap();
}

fn sabotage(store: &Store, sql: &str) -> Broken {
    assert_ne!(store.write(|tx| tx.exec(sql, &[])).unwrap(), 0, "{sql}");
    store.read(|tx| log::verify(tx, store.keys(), None)).unwrap_err()
}

both! {
    fn what_was_written_verifies(store) {
        for round in 1..=5 {
            write(store, round);
        }
        store.write(|tx| log::append(tx, at(99), "system sweep", "sweep.ran", &[], &json!({}))).unwrap();
        let summary = store.read(|tx| log::verify(tx, store.keys(), None)).unwrap();
        assert_eq!((summary.size, summary.events, summary.waiting, summary.checkpoints), (15, 15, 1, 5));
        let mine = store.read(|tx| log::of_person(tx, PersonId(7), None, 4)).unwrap();
        assert_eq!(mine.len(), 4);
        assert_eq!(mine[0].body.as_ref().unwrap()["n"], 4);
        let older = store.read(|tx| log::of_person(tx, PersonId(7), Some(mine[3].id), 50)).unwrap();
        assert_eq!(older.len(), 11);
    }

    fn events_get_their_places_some_at_a_time(store) {
        store
            .write(|tx| (0..501).try_for_each(|n| log::append(tx, at(n), "staff 17", "person.read", &[], &json!({ "n": n })).map(drop)))
            .unwrap();
        let places = || store.write(|tx| log::sequence(tx, store.keys(), at(600))).unwrap();
        let waiting = || store.read(|tx| log::verify(tx, store.keys(), None)).unwrap().waiting;
        assert_eq!((places(), waiting()), (true, 1), "there are more than one turn takes");
        assert_eq!((places(), waiting()), (false, 0));
    }

    fn what_was_noted_reaches_the_log_once_and_outlives_the_program(store) {
        let opened = |n: i64| {
            let people = (1..=n).map(PersonId).collect();
            let (actor, role) = ("staff 17".to_owned(), Some("business manager".to_owned()));
            let needs = [custody::Need::Role].into();
            store.note(vec![View { at: at(n), actor, act: "people.listed", people, role, needs }])
        };
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| (1..=100).for_each(|_| opened(1).unwrap()));
            }
        });
        opened(70).unwrap();
        store.gather().unwrap();
        store.gather().unwrap();
        opened(2).unwrap();
        // Whoever opens the instance next finds what was not moved yet.
        if store.url.is_none() {
            let keys = Keys::open(&store.data(), &secret()).unwrap();
            drop(Store::open(&store.data(), None, keys, at(0)).unwrap());
        }
        let events = |person| store.read(|tx| log::of_person(tx, PersonId(person), None, 1000)).unwrap().len();
        assert_eq!((events(1), events(2), events(70), events(71)), (602, 2, 1, 0));
        while store.write(|tx| log::sequence(tx, store.keys(), at(600))).unwrap() {}
        let summary = store.read(|tx| log::verify(tx, store.keys(), None)).unwrap();
        assert_eq!((summary.events, summary.waiting), (602, 0));
    }

    fn an_event_that_was_changed_is_found(store) {
        write(store, 5);
        let broken = sabotage(store, "UPDATE log_event SET actor = 'staff 18' WHERE place = 3");
        assert!(matches!(broken, Broken::Event { place: 3, .. }), "{broken}");
    }

    fn a_leaf_that_was_taken_out_is_found(store) {
        write(store, 5);
        let broken = sabotage(store, "DELETE FROM log_leaf WHERE place = 2");
        assert!(matches!(broken, Broken::Leaf { place: 2 }), "{broken}");
    }

    fn the_newest_events_cut_off_are_found(store) {
        write(store, 5);
        let broken = sabotage(store, "DELETE FROM log_leaf WHERE place >= 3");
        assert!(matches!(broken, Broken::Length { signed: 5, found: 3 }), "{broken}");
    }

    fn an_event_changed_together_with_its_leaf_is_found(store) {
        write(store, 5);
        let other = store.write(|tx| {
            let forged = log::leaf(b"forged");
            tx.exec("UPDATE log_leaf SET hash = ?1 WHERE place = 1", params![forged])
        });
        assert_eq!(other.unwrap(), 1);
        let broken = store.read(|tx| log::verify(tx, store.keys(), None)).unwrap_err();
        assert!(matches!(broken, Broken::Root { size: 5 }), "{broken}");
    }

    fn a_checkpoint_signed_by_another_key_is_found_and_stops_the_sequencer(store) {
        write(store, 3);
        let broken = sabotage(store, "UPDATE log_checkpoint SET at = at + 1");
        assert!(matches!(broken, Broken::Signature { size: 3 }), "{broken}");
        store.write(|tx| log::append(tx, at(9), "subject", "consent.given", &[], &json!({}))).unwrap();
        let refused = store.write(|tx| log::sequence(tx, store.keys(), at(9)));
        assert!(matches!(refused, Err(Error::Damaged(_))), "{refused:?}");
    }

    fn a_log_cut_back_together_with_its_checkpoints_is_found_from_a_copy_elsewhere(store) {
        write(store, 3);
        let early = store.read(log::checkpoint).unwrap().unwrap();
        write(store, 4);
        let kept = store.read(log::checkpoint).unwrap().unwrap();
        let ask = |size, root| store.read(|tx| log::verify(tx, store.keys(), Some((size, root))));
        assert_eq!(ask(kept.size, kept.root).unwrap().size, 7);
        assert_eq!(ask(early.size, early.root).unwrap().size, 7);
        store.write(|tx| {
            tx.exec("DELETE FROM log_event WHERE place >= 3", &[])?;
            tx.exec("DELETE FROM log_leaf WHERE place >= 3", &[])?;
            tx.exec("DELETE FROM log_checkpoint WHERE size > 3", &[])
        }).unwrap();
        assert_eq!(ask(early.size, early.root).unwrap().size, 3);
        let broken = ask(kept.size, kept.root).unwrap_err();
        assert!(matches!(broken, Broken::Elsewhere { size: 7 }), "{broken}");
    }

    fn a_log_that_forgot_its_oldest_events_still_verifies(store) {
        write(store, 6);
        let gone = store.write(|tx| log::let_go(tx, at(4), 100)).unwrap();
        assert_eq!(gone, 4);
        let summary = store.read(|tx| log::verify(tx, store.keys(), None)).unwrap();
        assert_eq!((summary.size, summary.events), (6, 2));
        assert_eq!(store.read(|tx| tx.count("SELECT count(*) FROM log_subject", &[])).unwrap(), 4);
    }
}

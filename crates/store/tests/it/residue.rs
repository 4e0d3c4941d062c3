//! What went is cleared from where a database leaves it lying; as long as it is not, that is known.

use jiff::Timestamp;
use jiff::civil::date;
use store::{Error, params, prove, residue, ring_duty, setting};

use crate::harness::{self, policy};
use crate::story::noon;

fn now() -> Timestamp {
    store::id::made_at(store::id::next())
}

fn note(store: &store::Store) -> Option<Timestamp> {
    store.read(residue::since).unwrap()
}

fn let_something_go(store: &store::Store) {
    store
        .write(|tx| {
            tx.exec("INSERT INTO person (id, created_at, version) VALUES (1, 0, 1)", &[])?;
            tx.exec(
                "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                    VALUES (1, 1, 'name', 'Wilhelmina', '', 'x', '2026-01-01', 1, 0)",
                &[],
            )
        })
        .unwrap();
    store.write(|tx| ring_duty::delete(tx, "item", "id = 1", &[])).unwrap();
    store.write(|tx| tx.exec("DELETE FROM person WHERE id = 1", &[])).unwrap();
}

both! {
    fn what_went_is_known_to_lie_there_until_it_is_cleared(store) {
        assert_eq!(note(store), None);
        assert!(residue::clear(store).unwrap(), "nothing lies there");
        let_something_go(store);
        let since = note(store).expect("known from the transaction in which it went");
        // The keys of the backups are told, and it lies there all the same.
        ring_duty::carry_out(store, &[], false, now()).unwrap();
        assert_eq!(store.read(ring_duty::count).unwrap(), 0);
        assert_eq!(note(store), Some(since));
        assert!(residue::clear(store).unwrap());
        assert_eq!(note(store), None);
    }

    fn whoever_reads_for_long_stands_in_the_way_and_it_stays_known(store) {
        let_something_go(store);
        ring_duty::carry_out(store, &[], false, now()).unwrap();
        // Read from before it went, as far as the reader can tell.
        let_something_go(store);
        store.read(|tx| {
            tx.count("SELECT COUNT(*) FROM person", &[])?;
            let cleared = std::thread::scope(|scope| scope.spawn(|| {
                let_something_go(store);
                residue::clear(store).unwrap()
            }).join().unwrap());
            assert!(!cleared, "somebody still sees it");
            Ok::<_, Error>(())
        }).unwrap();
        assert!(note(store).is_some());
        assert!(residue::clear(store).unwrap());
        ring_duty::carry_out(store, &[], false, now()).unwrap();
        assert!(residue::clear(store).unwrap());
        assert_eq!(note(store), None);
    }

    fn what_is_added_while_it_is_cleared_is_cleared_the_next_time(store) {
        let_something_go(store);
        ring_duty::carry_out(store, &[], false, now()).unwrap();
        let before = store.read(|tx| setting::get(tx, residue::SINCE)).unwrap();
        let_something_go(store);
        ring_duty::carry_out(store, &[], false, now()).unwrap();
        let after = store.read(|tx| setting::get(tx, residue::SINCE)).unwrap();
        assert!(before.is_some() && after.is_some() && before != after, "{before:?} {after:?}");
    }

    fn older_than_a_day_it_breaks_the_promise(store) {
        let look = || prove::obligation(store, &policy(), &custody::proof::Obligation::NothingLeftBehind, noon(date(2026, 12, 1)), date(2026, 12, 1)).unwrap();
        assert!(look().broken.is_empty());
        let ago = |hours: i64| now().checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
        for (hours, broken) in [(23, 0), (25, 1)] {
            store.write(|tx| setting::set(tx, residue::SINCE, &format!("{} 1", ago(hours)))).unwrap();
            assert_eq!(look().broken.len(), broken, "{hours}");
        }
        store.write(|tx| setting::clear(tx, residue::SINCE)).unwrap();
        // What the backups' keys were never told of lies there too.
        store.write(|tx| {
            let stamp = store::id::since(ago(30));
            tx.exec("INSERT INTO ring_duty (table_name, row_id, part, what, stamp) VALUES ('item', 1, 0, 'gone', ?1)", params![stamp])
        }).unwrap();
        assert_eq!(look().broken.len(), 1);
        assert!(harness::policy().rule_keyed("coaching").is_some());
    }
}

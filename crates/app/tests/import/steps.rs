//! A file of very many rows is looked at some rows at a time, and so is what it leaves behind let go of: nobody who writes something
//! waits for long.

use app::acts::import::Planning;
use app::acts::undone::{self, Undone};
use custody::proof::Obligation;

use super::*;

#[test]
fn very_many_rows_are_looked_at_in_steps_and_are_no_plan_before_all_were() {
    let house = House::new();
    let store = &house.instance.store;
    let mut file: String = (0..250).map(|n| format!("Person {n},p{n}@many.example\r\n")).collect();
    // Somebody who stands in it far above.
    file.push_str("Person 3,p3@many.example\r\n");
    let file = format!("Name,Email\r\n{file}");
    let (received, sheet) =
        import::receive(&house.instance, &house.acting(), "many.csv", file.as_bytes()).unwrap();
    let naming = Naming {
        activity: "tailored offers".into(),
        source: "their organisation".into(),
        collected_on: Some(date(2026, 11, 20)),
        told: "nobody".into(),
        ..Naming::default()
    };
    let named = store.write(|tx| {
        let id = import::keep(&house.acting(), tx, &received)?;
        import::name_it(&house.acting(), tx, id, &naming)?;
        Ok::<_, Fault>(id)
    });
    let id = named.unwrap();
    let words = ["name:full".to_owned(), "item:email".to_owned()];
    let state = || store.read(|tx| batches::one(tx, id)).unwrap().state;

    // In the middle of it what was looked at stands, and nothing of it can be taken.
    let mut planning = store.write(|tx| Planning::begin(&house.acting(), tx, id, &sheet, &words)).unwrap();
    store.write(|tx| planning.look_at(&house.acting(), tx, &sheet.rows[..100])).unwrap();
    planning.keep();
    assert_eq!((house.rows(id).len(), state()), (100, State::Named));
    let started = store.write(|tx| import::start(&house.acting(), tx, id));
    assert!(matches!(started, Err(Fault::Changed)), "{started:?}");

    // Whoever begins again, after a stop or beside it, ends it.
    import::plan_whole(&house.instance, None, id, &sheet, &words).unwrap();
    let beside = store.write(|tx| planning.look_at(&house.acting(), tx, &sheet.rows[100..200]));
    assert!(matches!(beside, Err(Fault::Changed)), "{beside:?}");
    assert_eq!(
        (house.counts(id), state()),
        (of(&[(Outcome::Create, 250), (Outcome::Same, 1)]), State::Planned)
    );
    let last = house.rows(id).pop().unwrap().reason.unwrap();
    assert!(last.starts_with("the same person as in row"), "{last}");
    let policy = house.instance.policy();
    let said = store.read(|tx| Ok::<_, Fault>(Importing::load(&policy, tx, id)?.said)).unwrap();
    assert_eq!((said.emails, said.phones, said.planning), (250, 0, None));
    assert_eq!(house.run(id)[&Outcome::Created], 250);
}

#[test]
fn the_cells_of_old_rows_go_some_at_a_time() {
    let house = House::new();
    let store = &house.instance.store;
    let (id, _) = house.import("tailored offers", b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
    // As if it had had six hundred more.
    let more = "INSERT INTO import_row (import_id, line, outcome, raw) VALUES (?1, ?2, 'skipped', '{}')";
    store.write(|tx| (2..=601).try_for_each(|line| tx.put(more, store::params![id, line]))).unwrap();
    let cells =
        || store.read(|tx| tx.count("SELECT COUNT(*) FROM import_row WHERE raw IS NOT NULL", &[])).unwrap();
    assert!(cells() >= 600);
    let later = house.instance.clock.now() + jiff::SignedDuration::from_hours(24 * 40);
    if store.dialect() == store::dialect::Dialect::Sqlite {
        let stops = "CREATE TRIGGER stops BEFORE UPDATE ON import_row WHEN OLD.line = 601 BEGIN SELECT RAISE(ABORT, 'stopped'); END";
        store.write(|tx| tx.exec(stops, &[])).unwrap();
        assert!(import::tidy(&house.instance, later, &mut Undone::default()).is_err());
        assert!((1..100).contains(&cells()), "those of before the stop have gone: {}", cells());
        store.write(|tx| tx.exec("DROP TRIGGER stops", &[])).unwrap();
    }
    import::tidy(&house.instance, later, &mut Undone::default()).unwrap();
    assert_eq!(cells(), 0);
}

#[test]
fn a_preview_that_cannot_be_read_stays_and_stops_no_other() {
    let house = House::new();
    let store = &house.instance.store;
    let preview = |file: &[u8]| house.plan("tailored offers", file).unwrap();
    let one = preview(b"Name,Email\r\nJo Bell,jo@bell.example\r\n");
    let other = preview(b"Name,Email\r\nUna Reed,una@reed.example\r\n");
    let spoiled = "UPDATE import_batch SET collected_on = '2026-13-99' WHERE id = ?1";
    store.write(|tx| tx.exec(spoiled, store::params![one])).unwrap();
    let later = house.instance.clock.now() + jiff::SignedDuration::from_hours(24 * 8);
    let mut undone = Undone::default();
    import::tidy(&house.instance, later, &mut undone).unwrap();
    undone.keep(&house.instance).unwrap();
    let left = store.read(|tx| tx.all("SELECT id FROM import_batch", &[], |row| row.int(0))).unwrap();
    assert_eq!((left, one == other), (vec![one.0], false));
    let said = store.read(undone::latest).unwrap();
    assert!(matches!(&said[..], [line] if line.contains(&format!("import {}: ", one.0))), "{said:?}");
}

#[test]
fn what_is_left_of_a_file_goes_when_the_policy_says_and_the_proof_sees_what_stays() {
    let says =
        "\nperiods\n  imports   undone within 3 days\n  previews  forgotten after 2 days\n\nrequests\n";
    let data = common::Data::new();
    let instance = common::begun(&data, common::changed("cti", &[("\nrequests\n", says)]), TODAY);
    let house = House { instance, _data: data };
    let store = &house.instance.store;
    let preview = house.plan("tailored offers", b"Name,Email\r\nJo Bell,jo@bell.example\r\n").unwrap();
    let (taken, _) = house.import("tailored offers", b"Name,Email\r\nUna Reed,una@reed.example\r\n");
    let more = "INSERT INTO import_row (import_id, line, outcome, raw) VALUES (?1, 2, 'skipped', '{}')";
    store.write(|tx| tx.put(more, store::params![taken])).unwrap();
    let batch = store.read(|tx| batches::one(tx, taken)).unwrap();
    assert_eq!(import::undoable_until(&house.instance, &batch), Some(date(2026, 12, 4)));

    let at = |day: i8, hour: i8| house.instance.clock.at(date(2026, 12, day), hour);
    let tidy = |day: i8| import::tidy(&house.instance, at(day, 2), &mut Undone::default()).unwrap();
    let broken = |day: i8| {
        let (policy, promised) = (house.instance.policy(), Obligation::ImportsForgotten);
        let seen = store::prove::obligation(store, &policy, &promised, at(day, 4), date(2026, 12, day));
        seen.unwrap().broken
    };
    let never = format!("import {} was never taken, and stands too long", preview.0);
    let keeps = format!("import {} still keeps what stood in its rows, and is over too long", taken.0);
    tidy(3);
    assert_eq!(broken(3), Vec::<String>::new(), "the last day of the preview");
    assert_eq!(broken(4), std::slice::from_ref(&never));
    assert_eq!(broken(5), [never, keeps.clone()]);
    tidy(4);
    assert!(store.read(|tx| batches::one(tx, preview)).is_err());
    assert_eq!(broken(5), [keeps], "the last day of the rows was the day before");
    // One that was begun to be undone on its last day needs them until it is.
    let stands = "UPDATE import_batch SET state = ?2 WHERE id = ?1";
    let cells = || {
        let sql = "SELECT COUNT(*) FROM import_row WHERE import_id = ?1 AND raw IS NOT NULL";
        store.read(|tx| tx.count(sql, store::params![taken])).unwrap()
    };
    store.write(|tx| tx.exec(stands, store::params![taken, "undoing"])).unwrap();
    tidy(5);
    assert!(cells() > 0);
    store.write(|tx| tx.exec(stands, store::params![taken, "finished"])).unwrap();
    tidy(5);
    assert_eq!((cells(), broken(5)), (0, vec![]));
    house.instance.set_practice_clock(at(5, 9)).unwrap();
    let refused = store.write(|tx| import::start_undo(&house.acting(), tx, taken));
    let said = "An import can be undone for 3 days.";
    assert!(
        matches!(&refused, Err(Fault::Invalid(_))) && format!("{refused:?}").contains(said),
        "{refused:?}"
    );
}

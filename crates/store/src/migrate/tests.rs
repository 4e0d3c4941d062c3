//! Databases of other releases: brought forward after a verified backup, never backwards.

use super::*;
use crate::Keys;
use crate::keys::Secret;
use crate::schema::{Form, KindOf, Owner, Personal};

fn instance() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let keys = Keys::create(directory.path(), &Secret::of([7; 32])).unwrap();
    let store = Store::create(directory.path(), None, keys).unwrap();
    (directory, store)
}

const ID: Column =
    Column { name: "id", form: Form::Id, null: false, personal: Personal::No, refers: None, otherwise: None };

const fn moon(columns: &'static [Column]) -> Table {
    Table {
        name: "moon",
        what: "",
        owner: Owner::None,
        kind: KindOf::None,
        columns,
        key: &["id"],
        indexes: &[],
    }
}

static MOON: Table = moon(&[ID]);
static MOON_WITH_LIGHT: Table = moon(&[ID, Column { name: "light", ..ID }.otherwise("7")]);
static MOON_THAT_MUST_HAVE_A_NAME: Table = moon(&[ID, Column { name: "name", form: Form::Text, ..ID }]);
static MOON_BY_NAME: Table = moon(&[Column { name: "id", form: Form::Text, ..ID }]);

fn opened(store: &Store, also: &'static Table, steps: &[Step], known: i64) -> Result<()> {
    run(store, || schema::tables().chain([also]), steps, known, Timestamp::UNIX_EPOCH)
}

fn has_moon(store: &Store) -> bool {
    store.read(|tx| dialect::has_table(tx, "moon")).unwrap()
}

fn backups(store: &Store) -> usize {
    std::fs::read_dir(store.data().join("backups")).map_or(0, Iterator::count)
}

const NEXT: &[Step] = &[Step {
    to: schema::VERSION + 1,
    run: |tx| tx.batch("CREATE TABLE moon (id INTEGER PRIMARY KEY NOT NULL) STRICT"),
}];

#[test]
fn a_step_runs_once_after_a_backup_of_what_was_before() {
    let (_directory, store) = instance();
    opened(&store, &MOON, NEXT, schema::VERSION + 1).unwrap();
    opened(&store, &MOON, NEXT, schema::VERSION + 1).unwrap();
    assert!(has_moon(&store));
    assert_eq!(store.read(version).unwrap(), Some(schema::VERSION + 1));
    assert_eq!(backups(&store), 1);
}

#[test]
fn a_step_that_fails_leaves_everything_as_it_was() {
    let (_directory, store) = instance();
    let broken: &[Step] = &[Step {
        to: schema::VERSION + 1,
        run: |tx| tx.batch("CREATE TABLE moon (id INTEGER); SELECT nonsense"),
    }];
    assert!(opened(&store, &MOON, broken, schema::VERSION + 1).is_err());
    assert!(!has_moon(&store));
    assert_eq!(store.read(version).unwrap(), Some(schema::VERSION));
}

#[test]
fn without_a_backup_nothing_changes() {
    let (_directory, store) = instance();
    std::fs::write(store.data().join("backups"), "in the way").unwrap();
    assert!(opened(&store, &MOON, NEXT, schema::VERSION + 1).is_err());
    assert!(opened(&store, &MOON, &[], schema::VERSION).is_err());
    assert!(!has_moon(&store));
}

#[test]
fn what_is_declared_is_added_to_rows_that_are_there() {
    let (_directory, store) = instance();
    opened(&store, &MOON, &[], schema::VERSION).unwrap();
    store.write(|tx| tx.exec("INSERT INTO moon (id) VALUES (1)", &[])).unwrap();
    let another_second = Timestamp::from_second(1).unwrap();
    let lit = || schema::tables().chain([&MOON_WITH_LIGHT]);
    run(&store, lit, &[], schema::VERSION, another_second).unwrap();
    assert_eq!(store.read(|tx| tx.count("SELECT light FROM moon", &[])).unwrap(), 7);
    assert_eq!(backups(&store), 2);
}

#[test]
fn what_cannot_be_added_by_itself_is_refused_and_nothing_changes() {
    let (_directory, store) = instance();
    opened(&store, &MOON, &[], schema::VERSION).unwrap();
    for (declared, column) in [(&MOON_THAT_MUST_HAVE_A_NAME, "`name`"), (&MOON_BY_NAME, "`id`")] {
        let refused = opened(&store, declared, &[], schema::VERSION).unwrap_err().to_string();
        assert!(refused.contains(column) && refused.contains("nothing was changed"), "{refused}");
    }
    assert_eq!(backups(&store), 1);
}

#[test]
fn an_index_that_nothing_asks_for_is_dropped_and_no_other() {
    let (_directory, store) = instance();
    let indexed = |name: &str| store.read(|tx| Ok::<_, Error>(dialect::indexes(tx)?.contains(name))).unwrap();
    store.write(|tx| tx.batch("CREATE INDEX message_waiting ON message (not_before, id)")).unwrap();
    assert!(indexed("message_waiting"));
    up(&store, Timestamp::UNIX_EPOCH).unwrap();
    assert!(!indexed("message_waiting") && indexed("message_waiting_of"));
    assert_eq!(backups(&store), 0, "no row has changed");
}

#[test]
fn nothing_that_is_declared_is_let_go_of() {
    let declared: Vec<String> = schema::tables().flat_map(schema::indexes).map(|(name, _)| name).collect();
    assert!(schema::LET_GO.iter().all(|name| !declared.iter().any(|one| one == name)));
}

#[test]
fn the_steps_lead_to_the_schema_of_this_program() {
    assert_eq!(STEPS.last().map_or(1, |step| step.to), schema::VERSION);
    assert!(STEPS.iter().zip(2..).all(|(step, version)| step.to == version));
}

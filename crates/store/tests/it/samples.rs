//! What PostgreSQL draws of the rows for its plans (`pg_stats`), which whoever may read the tables may read: nothing of what
//! is written of people, but of what rows are searched by, and that not for longer than the rows are there.

use std::collections::BTreeSet;

use jiff::Timestamp;
use store::schema::{self, Owner};
use store::{Keys, Store, Tx};

use crate::canary::{let_go, plant, plant_typed, typed};

/// Lets PostgreSQL draw what it draws for its plans, as it does by itself now and then.
fn draw(store: &Store) {
    let analyze = |tx: &Tx<'_>| {
        schema::tables().try_for_each(|table| tx.exec(&format!("ANALYZE {}", table.name), &[]).map(drop))
    };
    store.write(analyze).unwrap();
}

/// The columns of which PostgreSQL keeps something of a planting beside the rows, but for what belongs to staff accounts.
fn drawn(store: &Store, tag: &str) -> BTreeSet<String> {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let kept = "SELECT tablename::text, attname::text,
        concat_ws(' ', most_common_vals::text, histogram_bounds::text, most_common_elems::text)
        FROM pg_stats WHERE schemaname = current_schema()";
    let kept =
        store.read(|tx| tx.all(kept, &[], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))).unwrap();
    assert!(!kept.is_empty());
    let canary = format!("canary {tag}");
    let theirs = kept.into_iter().filter(|(table, _, kept)| {
        let declared = schema::table(table).unwrap();
        let bytes = [hex(&canary), hex(&format!("{tag}{table}"))];
        let bytes = declared.about_person().is_some() && bytes.iter().any(|bytes| kept.contains(bytes));
        !matches!(declared.owner, Owner::Staff(_)) && (kept.contains(&canary) || bytes)
    });
    theirs.map(|(table, column, _)| format!("{table}.{column}")).collect()
}

#[test]
fn of_whatever_is_written_of_somebody_no_samples_are_drawn_or_they_are_drawn_anew() {
    let values = schema::tables().flat_map(|table| table.values().map(move |column| (table, column)));
    for (table, column) in values.chain(typed()) {
        let mut told = table.unsampled().chain(table.sampled_anew());
        assert!(told.any(|one| one.name == column.name), "{}.{}", table.name, column.name);
    }
}

#[test]
fn what_postgres_draws_for_its_plans_does_not_outlive_the_rows() {
    let Some(store) = crate::harness::postgres() else {
        eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
        return;
    };
    let policy = crate::harness::policy();
    let planted = ["one", "two", "three"].map(|tag| {
        let planted = plant(&store, tag);
        plant_typed(&store, &planted, tag);
        planted.person
    });
    let [one, two, three] = planted;
    draw(&store);
    let searched: BTreeSet<String> = schema::tables()
        .flat_map(|table| table.sampled_anew().map(move |column| format!("{}.{}", table.name, column.name)))
        .collect();
    let before = drawn(&store, "one");
    assert!(before.contains("item.normal") && before.contains("search_text.normal"), "{before:?}");
    assert!(before.is_subset(&searched), "{before:?}");
    assert!(let_go(&store, &policy, one));
    assert_eq!(drawn(&store, "one"), before, "it outlives the rows until it is drawn anew");
    store.scrub().unwrap();
    assert_eq!(drawn(&store, "one"), BTreeSet::new());
    assert!(drawn(&store, "two").contains("item.normal"), "of what is held it is drawn");

    // Of a table without rows PostgreSQL draws nothing anew.
    assert!(let_go(&store, &policy, two) && let_go(&store, &policy, three));
    draw(&store);
    assert!(drawn(&store, "two").contains("item.normal"));
    store.scrub().unwrap();
    assert_eq!(drawn(&store, "two"), BTreeSet::new());
    assert_eq!(drawn(&store, "three"), BTreeSet::new());
}

#[test]
fn a_database_that_drew_of_everything_forgets_it_when_it_is_opened() {
    let Some(store) = crate::harness::postgres() else {
        eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
        return;
    };
    let unsampled: Vec<(&str, &str)> = schema::tables()
        .flat_map(|table| table.unsampled().map(move |column| (table.name, column.name)))
        .collect();
    let as_before = |tx: &Tx<'_>| {
        unsampled.iter().try_for_each(|(table, column)| {
            let sql = format!("ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS -1");
            tx.exec(&sql, &[]).map(drop)
        })
    };
    store.write(as_before).unwrap();
    let one = plant(&store, "one");
    plant_typed(&store, &one, "one");
    plant(&store, "other");
    draw(&store);
    let names = ["item.value", "entry.body", "document.file_key"];
    let before = drawn(&store, "one");
    assert!(names.iter().all(|name| before.contains(*name)), "{before:?}");
    let keys = Keys::open(&store.data(), &crate::harness::secret()).unwrap();
    let opened = Store::open(&store.data(), store.url.as_deref(), keys, Timestamp::UNIX_EPOCH).unwrap();
    for _ in 0..2 {
        let after = drawn(&opened, "one");
        assert!(after.contains("item.normal"), "what rows are searched by is drawn: {after:?}");
        let left: Vec<_> =
            unsampled.iter().filter(|(table, column)| after.contains(&format!("{table}.{column}"))).collect();
        assert!(left.is_empty(), "{left:?}");
        draw(&opened);
    }
}

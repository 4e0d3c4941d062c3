//! Canaries: one row in every table about people, a text of its own in every column that holds a value.
//! What reaches people's data must reach all of them; what lets data go must leave none.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::PersonId;
use store::access::{self, Cell};
use store::reach::Reach;
use store::schema::{self, Form, KindOf, Owner, Personal, Table};
use store::{Error, Store, Value, dispose, id, params, search};

/// What was planted.
pub struct Planted {
    pub person: PersonId,
    /// The canary of every column that holds a value, by table and column.
    pub values: BTreeMap<(&'static str, &'static str), String>,
}

/// Plants a row in every table, all about one new person. `tag` makes the canaries of one planting its own.
pub fn plant(store: &Store, tag: &str) -> Planted {
    let mut ids: BTreeMap<&'static str, i64> = BTreeMap::new();
    let mut values = BTreeMap::new();
    let skipped: BTreeSet<&str> = [
        "setting",
        "policy_version",
        "log_event",
        "log_subject",
        "log_leaf",
        "log_checkpoint",
        "job",
        "visit_count",
        "mailbox",
        "ring_duty",
        "ring_alias",
        "cookie_set",
        "forgotten",
        "anonymous",
        "anonymous_waiting",
    ]
    .into();
    store
        .write(|tx| {
            for table in schema::tables().filter(|table| !skipped.contains(table.name)) {
                let row: Vec<(&str, Value<'static>)> = table
                    .columns
                    .iter()
                    .map(|column| (column.name, fill(table, column, tag, &mut ids, &mut values)))
                    .collect();
                let names = row.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let places = (1..=row.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
                let row: Vec<Value<'static>> = row.into_iter().map(|(_, value)| value).collect();
                tx.exec(&format!("INSERT INTO {} ({names}) VALUES ({places})", table.name), &row)?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    Planted { person: PersonId(ids["person"]), values }
}

fn fill(
    table: &'static Table,
    column: &'static schema::Column,
    tag: &str,
    ids: &mut BTreeMap<&'static str, i64>,
    values: &mut BTreeMap<(&'static str, &'static str), String>,
) -> Value<'static> {
    if let Some(other) = column.refers {
        return ids[other].into();
    }
    if column.name == "id" {
        return (*ids.entry(table.name).or_insert_with(id::next)).into();
    }
    if column.personal == Personal::Value && column.form == Form::Text {
        let canary = format!("canary {tag} {} {}", table.name, column.name).replace('_', "");
        values.insert((table.name, column.name), canary.clone());
        return canary.into();
    }
    if column.personal == Personal::Identifier && column.form == Form::Id {
        return (*ids.entry("person").or_insert_with(id::next)).into();
    }
    match column.form {
        Form::Text if table.kind == KindOf::Column(column.name) => match table.name {
            "item" => "name",
            "entry" => "coaching notes",
            _ => "consent form",
        }
        .into(),
        Form::Text if (table.name, column.name) == ("parting", "says") => "told".into(),
        Form::Bytes => [tag, table.name, column.name].concat().into_bytes().into(),
        _ if column.null => Value::Null,
        Form::Text => "x".into(),
        Form::Date => "2026-01-01".into(),
        Form::Int | Form::Id | Form::Bool | Form::At => 0_i64.into(),
    }
}

/// Every text in every table, as it stands.
pub fn everything(store: &Store) -> Vec<(&'static str, &'static str, String)> {
    let mut found = Vec::new();
    store
        .read(|tx| {
            for table in schema::tables() {
                for column in table.columns.iter().filter(|column| column.form == Form::Text) {
                    let sql = format!("SELECT {0} FROM {1} WHERE {0} IS NOT NULL", column.name, table.name);
                    found.extend(tx.all(&sql, &[], |row| Ok((table.name, column.name, row.text(0)?)))?);
                }
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    found
}

/// Takes out everything of a person, as when every ground has ended. Whether they are gone.
pub fn let_go(store: &Store, policy: &policy::Policy, person: PersonId) -> bool {
    store
        .write(|tx| {
            let held = dispose::holdings(tx, policy, person)?;
            assert_eq!(held.undeclared, vec![]);
            let mut bytes = dispose::Bytes::default();
            for datum in &held.data {
                dispose::remove(tx, datum.table, datum.id, &mut bytes)?;
            }
            dispose::leave_if_empty(tx, person, &mut bytes)
        })
        .unwrap()
}

both! {
    fn letting_everything_go_leaves_no_canary(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let policy = crate::harness::policy();
        assert!(let_go(store, &policy, one.person));
        // What a staff account says goes with the account.
        let left: Vec<_> = everything(store).into_iter()
            .filter(|(table, _, text)| text.contains("canary one") && !matches!(schema::table(table).unwrap().owner, Owner::Staff(_)))
            .collect();
        assert_eq!(left, vec![]);
        for query in ["canary one", "one searchtext"] {
            assert_eq!(store.read(|tx| search::find(tx, query, &Reach::Everyone, 9)).unwrap(), vec![], "{query}");
        }
        let others = everything(store).into_iter().filter(|(_, _, text)| text.contains("canary other")).count();
        assert_eq!(others, other.values.len(), "somebody else's rows went too");
    }

    fn every_value_is_planted_and_a_copy_reaches_every_row(store) {
        let (one, other) = (plant(store, "one"), plant(store, "other"));
        let planted: BTreeSet<(&str, &str)> = schema::tables().flat_map(|table| table.values().map(|column| (table.name, column.name))).collect();
        assert_eq!(one.values.keys().copied().collect::<BTreeSet<_>>(), planted);

        let policy = crate::harness::policy();
        let copy = store.read(|tx| access::of(tx, &policy, one.person)).unwrap();
        let reached: BTreeSet<(&str, &str)> = copy.iter().flat_map(|section| {
            assert_eq!(section.rows.len(), 1, "{}: somebody else's row", section.table.name);
            section.table.columns.iter().zip(&section.rows[0]).filter(|(_, cell)| matches!(cell, Cell::Sealed(_)))
                .map(|(column, _)| (section.table.name, column.name))
        }).collect();
        // What belongs to staff accounts, or to whoever a keyed hash belongs to, is asked for another way.
        let theirs: BTreeSet<(&str, &str)> = planted.into_iter().filter(|(table, _)| schema::table(table).unwrap().about_person().is_some()).collect();
        assert_eq!(reached, theirs);
        let shown = format!("{copy:?}");
        assert!(!shown.contains("canary"), "a value shows in what is meant to be sealed");
        assert_ne!(one.person, other.person);
    }

    fn no_column_that_is_said_to_say_nothing_refers_to_a_person(store) {
        let planted = plant(store, "one");
        for table in schema::tables() {
            for column in table.columns.iter().filter(|column| column.personal == Personal::No && column.form == Form::Id) {
                let sql = format!("SELECT 1 FROM {} WHERE {} = ?1", table.name, column.name);
                assert!(!store.read(|tx| tx.any(&sql, params![planted.person])).unwrap(), "{}.{}", table.name, column.name);
            }
            assert!(table.columns.iter().all(|column| !column.name.contains("person_id") || column.personal == Personal::Identifier || table.name == "log_subject"), "{}", table.name);
        }
    }
}

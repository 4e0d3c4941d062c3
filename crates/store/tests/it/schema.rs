//! Every table is declared, and what is declared reaches everything about people.

use std::collections::BTreeSet;

use store::dialect::Dialect;
use store::schema::{self, KindOf, Owner, Personal};

both! {
    fn every_table_and_column_in_the_database_is_declared(store) {
        let columns = match store.dialect() {
            Dialect::Sqlite => "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c
                WHERE t.type = 'table' AND t.name NOT LIKE 'search_index%' AND t.name NOT LIKE 'sqlite_%'",
            Dialect::Postgres => "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = current_schema()",
        };
        let found: BTreeSet<(String, String)> =
            store.read(|tx| tx.all(columns, &[], |row| Ok((row.text(0)?, row.text(1)?)))).unwrap().into_iter().collect();
        let declared: BTreeSet<(String, String)> = schema::tables()
            .flat_map(|table| table.columns.iter().map(|column| (table.name.to_owned(), column.name.to_owned())))
            .collect();
        assert_eq!(found, declared);
    }

    fn what_is_about_a_person_can_be_asked_for(store) {
        for table in schema::tables() {
            let Some(about) = table.about_person() else { continue };
            let sql = format!("SELECT count(*) FROM {} WHERE {about}", table.name);
            assert_eq!(store.read(|tx| tx.count(&sql, store::params![1])).unwrap(), 0, "{sql}");
        }
    }
}

#[test]
fn references_point_backwards_so_that_erasure_can_go_forwards() {
    let mut declared = BTreeSet::new();
    for table in schema::tables() {
        assert!(declared.insert(table.name), "{} twice", table.name);
        for refers in table.columns.iter().filter_map(|column| column.refers) {
            assert!(
                declared.contains(refers),
                "{} refers to {refers}, which is declared after it",
                table.name
            );
        }
    }
}

#[test]
fn a_table_with_values_about_people_has_an_owner_and_a_kind() {
    for table in schema::tables() {
        let personal = table.columns.iter().any(|column| column.personal != Personal::No);
        assert!(!personal || table.owner != Owner::None, "{}: about somebody, and nobody's", table.name);
        assert_eq!(
            table.kind == KindOf::None,
            table.owner == Owner::None,
            "{}: nobody's, or without a kind",
            table.name
        );
        if let KindOf::Record(kind) = table.kind {
            // Who belongs to an organisation is a datum of the item kind of that name, kept as rows.
            let built_in = policy::kind::RECORDS.iter().any(|(name, _)| *name == kind);
            assert!(built_in || kind == "organisation", "{}: no record kind {kind}", table.name);
        }
        let has = |column: &str| table.columns.iter().any(|c| c.name == column);
        for key in table.key {
            assert!(has(key), "{}: no column {key}", table.name);
        }
        match table.owner {
            Owner::Person(column) | Owner::Staff(column) | Owner::Hash(column) => {
                assert!(has(column), "{}: no {column}", table.name)
            }
            Owner::Via { column, table: other } => {
                assert!(has(column));
                assert!(schema::table(other).unwrap().about_person().is_some());
            }
            Owner::Links { table: other, column } => {
                let link = schema::table(other).unwrap();
                assert!(link.columns.iter().any(|c| c.name == column && c.refers == Some(table.name)));
                assert_eq!(link.owner, Owner::Person("person_id"));
            }
            Owner::None => {}
        }
    }
}

#[test]
fn every_record_kind_has_a_table() {
    let kept: BTreeSet<&str> = schema::tables()
        .filter_map(|table| match table.kind {
            KindOf::Record(kind) => Some(kind),
            _ => None,
        })
        .collect();
    let declared: BTreeSet<&str> = policy::kind::RECORDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(declared.difference(&kept).collect::<Vec<_>>(), Vec::<&&str>::new());
}

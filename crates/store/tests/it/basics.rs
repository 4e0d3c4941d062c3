//! Transactions mean the same on both databases.

use jiff::civil::date;
use store::{Error, Store, Tx, id, params};

fn person(tx: &Tx<'_>) -> store::Result<i64> {
    let person = id::next();
    tx.exec("INSERT INTO person (id, created_at, version) VALUES (?1, ?2, 1)", params![person, 1_000_i64])?;
    Ok(person)
}

fn item(tx: &Tx<'_>, person: i64, value: &str) -> store::Result<i64> {
    let item = id::next();
    tx.exec(
        "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
         VALUES (?1, ?2, 'name', ?3, ?3, 'the person', ?4, 1, 0)",
        params![item, person, value, date(2026, 1, 31)],
    )?;
    Ok(item)
}

fn setting(store: &Store, name: &str) -> Option<String> {
    store
        .read(|tx| tx.maybe("SELECT value FROM setting WHERE name = ?1", params![name], |row| row.text(0)))
        .unwrap()
}

both! {
    fn a_write_is_kept_and_read_back(store) {
        let person = store.write(|tx| {
            let person = person(tx)?;
            item(tx, person, "Ada O'Neill ?1")?;
            Ok::<_, Error>(person)
        }).unwrap();
        let (value, on) = store.read(|tx| {
            tx.one("SELECT value, collected_on FROM item WHERE person_id = ?1 AND value <> '?9'", params![person], |row| {
                Ok((row.text(0)?, row.date(1)?))
            })
        }).unwrap();
        assert_eq!((value.as_str(), on), ("Ada O'Neill ?1", date(2026, 1, 31)));
    }

    fn a_refused_act_leaves_nothing(store) {
        let refused = store.write(|tx| {
            tx.exec("INSERT INTO setting (name, value) VALUES ('colour', 'green')", &[])?;
            Err::<(), _>(Error::Missing)
        });
        assert!(matches!(refused, Err(Error::Missing)));
        assert_eq!(setting(store, "colour"), None);
    }

    fn an_attempt_that_fails_takes_back_only_itself(store) {
        store.write(|tx| {
            tx.exec("INSERT INTO setting (name, value) VALUES ('before', '1')", &[])?;
            let failed = tx.attempt(|tx| {
                tx.exec("INSERT INTO setting (name, value) VALUES ('inside', '1')", &[])?;
                tx.exec("INSERT INTO setting (name, value) VALUES ('before', '2')", &[])
            });
            assert!(matches!(failed, Err(Error::Taken(_))), "{failed:?}");
            tx.exec("INSERT INTO setting (name, value) VALUES ('after', '1')", &[])
        }).unwrap();
        assert_eq!(setting(store, "before").as_deref(), Some("1"));
        assert_eq!(setting(store, "inside"), None);
        assert_eq!(setting(store, "after").as_deref(), Some("1"));
    }

    fn an_upsert_is_one_text(store) {
        for value in ["one", "two"] {
            store.write(|tx| tx.exec(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params!["colour", value],
            )).unwrap();
        }
        assert_eq!(setting(store, "colour").as_deref(), Some("two"));
    }

    fn pages_follow_a_key(store) {
        let people: Vec<i64> = store.write(|tx| (0..25).map(|_| person(tx)).collect::<store::Result<_>>()).unwrap();
        let mut seen = Vec::new();
        let mut after = (0_i64, 0_i64);
        loop {
            let page = store.read(|tx| tx.all(
                "SELECT created_at, id FROM person WHERE (created_at, id) > (?1, ?2) ORDER BY created_at, id LIMIT ?3",
                params![after.0, after.1, 10],
                |row| Ok((row.int(0)?, row.int(1)?)),
            )).unwrap();
            let Some(last) = page.last() else { break };
            after = *last;
            seen.extend(page.iter().map(|(_, id)| *id));
        }
        assert_eq!(seen, people);
    }

    fn a_reading_transaction_cannot_write(store) {
        let refused = store.read(|tx| tx.exec("INSERT INTO setting (name, value) VALUES ('colour', 'green')", &[]));
        assert!(refused.is_err());
        assert_eq!(setting(store, "colour"), None);
    }

    fn nothing_refers_to_what_is_not_there(store) {
        let refused = store.write(|tx| item(tx, 4711, "nobody"));
        assert!(matches!(refused, Err(Error::Referred(_))), "{refused:?}");
        let person = store.write(|tx| { let person = person(tx)?; item(tx, person, "Ada")?; Ok::<_, Error>(person) }).unwrap();
        let refused = store.write(|tx| tx.exec("DELETE FROM person WHERE id = ?1", params![person]));
        assert!(matches!(refused, Err(Error::Referred(_))), "{refused:?}");
    }

    fn a_query_inside_a_query_is_refused(store) {
        let refused = store.read(|tx| tx.all("SELECT name FROM setting", &[], |_| tx.count("SELECT count(*) FROM person", &[])));
        assert!(matches!(refused, Err(Error::Database(_))), "{refused:?}");
    }

    fn every_shape_of_value_survives(store) {
        let read = store.read(|tx| tx.one(
            "SELECT CAST(?1 AS BIGINT), ?2, CAST(?3 AS TEXT), count(*), 1 = 1, coalesce(sum(1), 0) FROM setting",
            params![i64::MIN, "é\u{1F600}", None::<&str>],
            |row| Ok((row.int(0)?, row.text(1)?, row.opt_text(2)?, row.int(3)?, row.bool(4)?, row.int(5)?)),
        )).unwrap();
        assert_eq!(read, (i64::MIN, "é\u{1F600}".into(), None, 1, true, 1));
    }

    fn writers_at_once_lose_nothing(store) {
        store.write(|tx| tx.exec("INSERT INTO setting (name, value) VALUES ('count', '0')", &[])).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| for _ in 0..10 {
                    store.write(|tx| {
                        let count: i64 = tx.one("SELECT value FROM setting WHERE name = 'count'", &[], |row| {
                            Ok(row.str(0)?.parse().unwrap())
                        })?;
                        tx.exec("UPDATE setting SET value = ?1 WHERE name = 'count'", params![(count + 1).to_string()])
                    }).unwrap();
                });
            }
        });
        assert_eq!(setting(store, "count").as_deref(), Some("40"));
    }

    fn a_panic_in_an_act_leaves_the_store_usable(store) {
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: store::Result<()> = store.write(|tx| {
                tx.exec("INSERT INTO setting (name, value) VALUES ('colour', 'green')", &[])?;
                panic!("a mistake in an act");
            });
        }));
        assert!(panicked.is_err());
        assert_eq!(setting(store, "colour"), None);
        store.write(|tx| tx.exec("INSERT INTO setting (name, value) VALUES ('colour', 'blue')", &[])).unwrap();
        assert_eq!(setting(store, "colour").as_deref(), Some("blue"));
    }
}

both! {
    fn acts_that_fail_or_panic_among_others_take_back_only_themselves(store) {
        std::thread::scope(|scope| {
            for thread in 0..8 {
                scope.spawn(move || for n in 0..20 {
                    let name = format!("{thread}/{n}");
                    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| store.write(|tx| {
                        tx.exec("INSERT INTO setting (name, value) VALUES (?1, '')", params![&name])?;
                        match (thread, n % 3) {
                            (0, _) => panic!("a mistake in an act"),
                            (1, _) | (_, 0) => Err(Error::Missing),
                            _ => Ok(()),
                        }
                    })));
                    let kept = setting(store, &name).is_some();
                    assert_eq!(kept, matches!(done, Ok(Ok(()))), "{name}: what was answered is what is there");
                });
            }
        });
        let kept = store.read(|tx| tx.count("SELECT count(*) FROM setting WHERE name LIKE '%/%'", &[])).unwrap();
        assert_eq!(kept, 6 * 13);
    }
}

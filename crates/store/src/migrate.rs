//! The database's shape: made new, or brought forward to what this program knows. Never backwards.

use jiff::Timestamp;

use crate::{Error, Result, Store, Tx, backup, dialect, params, schema, setting};

/// A step forward: the schema version it leads to, and what it does.
struct Step {
    to: i64,
    run: fn(&Tx<'_>) -> Result<()>,
}

/// Every step since the first release, in order. A step stays as it was released.
const STEPS: &[Step] = &[];

/// The schema version of the database, or `None` if it holds no instance.
pub(crate) fn version(tx: &Tx<'_>) -> Result<Option<i64>> {
    if !dialect::has_table(tx, "setting")? {
        return Ok(None);
    }
    setting::get(tx, "schema")?
        .map(|text| text.parse().map_err(|_| Error::Malformed("setting schema".into())))
        .transpose()
}

/// Makes every table in an empty database.
pub(crate) fn create(store: &Store) -> Result<()> {
    store.write(|tx| {
        if version(tx)?.is_some() {
            return Ok(());
        }
        let statements: Vec<String> = schema::tables()
            .flat_map(|table| {
                std::iter::once(schema::create_table(table, tx.dialect())).chain(schema::create_index(table))
            })
            .collect();
        tx.batch(&statements.join(";\n"))?;
        dialect::create_search(tx)?;
        tx.exec(
            "INSERT INTO setting (name, value) VALUES ('schema', ?1)",
            params![schema::VERSION.to_string()],
        )?;
        Ok(())
    })
}

/// Brings the database forward to this program's schema, after a verified backup.
pub(crate) fn up(store: &Store, now: Timestamp) -> Result<()> {
    run(store, STEPS, schema::VERSION, now)
}

fn run(store: &Store, steps: &[Step], known: i64, now: Timestamp) -> Result<()> {
    let found = store.read(version)?.ok_or_else(|| {
        Error::Place("there is no instance in this database: make one with `probity init`".into())
    })?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    let copied = backup::database(store, &store.data().join("backups"), now)?;
    tracing::info!(from = found, to = known, backup = %copied.path.display(), "bringing the database forward");
    store.write(|tx| {
        dialect::alone(tx)?;
        // Another process may have done it in the meantime.
        let mut at = version(tx)?.unwrap_or(found);
        for step in steps {
            if step.to == at + 1 {
                (step.run)(tx)?;
                at = step.to;
            }
        }
        if at != known {
            return Err(Error::Database(format!("there is no way from schema {at} to {known}")));
        }
        setting::set(tx, "schema", &at.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keys;
    use crate::keys::Secret;

    fn instance() -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::create(directory.path(), &Secret::of([7; 32])).unwrap();
        let store = Store::create(directory.path(), None, keys).unwrap();
        (directory, store)
    }

    const NEXT: &[Step] =
        &[Step { to: schema::VERSION + 1, run: |tx| tx.batch("CREATE TABLE moon (id INTEGER PRIMARY KEY)") }];

    fn backups(store: &Store) -> usize {
        std::fs::read_dir(store.data().join("backups")).map_or(0, Iterator::count)
    }

    #[test]
    fn a_step_runs_once_after_a_backup_of_what_was_before() {
        let (_directory, store) = instance();
        run(&store, NEXT, schema::VERSION + 1, Timestamp::UNIX_EPOCH).unwrap();
        run(&store, NEXT, schema::VERSION + 1, Timestamp::UNIX_EPOCH).unwrap();
        assert!(store.read(|tx| dialect::has_table(tx, "moon")).unwrap());
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
        assert!(run(&store, broken, schema::VERSION + 1, Timestamp::UNIX_EPOCH).is_err());
        assert!(!store.read(|tx| dialect::has_table(tx, "moon")).unwrap());
        assert_eq!(store.read(version).unwrap(), Some(schema::VERSION));
    }

    #[test]
    fn without_a_backup_there_is_no_step() {
        let (_directory, store) = instance();
        std::fs::write(store.data().join("backups"), "in the way").unwrap();
        assert!(run(&store, NEXT, schema::VERSION + 1, Timestamp::UNIX_EPOCH).is_err());
        assert!(!store.read(|tx| dialect::has_table(tx, "moon")).unwrap());
    }

    #[test]
    fn the_steps_lead_to_the_schema_of_this_program() {
        assert_eq!(STEPS.last().map_or(1, |step| step.to), schema::VERSION);
        assert!(STEPS.iter().zip(2..).all(|(step, version)| step.to == version));
    }
}

//! The database's shape: made new, or brought forward to what this program knows. Never backwards.

use crate::{Error, Result, Store, Tx, params, schema};

/// The schema version of the database, or `None` if it holds no instance.
pub(crate) fn version(tx: &Tx<'_>) -> Result<Option<i64>> {
    if !crate::dialect::has_table(tx, "setting")? {
        return Ok(None);
    }
    let text = tx.maybe("SELECT value FROM setting WHERE name = 'schema'", &[], |row| row.text(0))?;
    text.map(|text| text.parse().map_err(|_| Error::Malformed("setting schema".into()))).transpose()
}

/// Makes every table in an empty database.
pub(crate) fn create(store: &Store) -> Result<()> {
    store.write(|tx| {
        if version(tx)?.is_some() {
            return Ok(());
        }
        for table in schema::tables() {
            tx.batch(&schema::create_table(table, tx.dialect()))?;
            for index in schema::create_index(table) {
                tx.batch(&index)?;
            }
        }
        crate::dialect::create_search(tx)?;
        tx.exec("INSERT INTO setting (name, value) VALUES ('schema', ?1)", params![schema::VERSION.to_string()])?;
        Ok(())
    })
}

/// Brings the database forward to this program's schema, after a verified backup.
pub(crate) fn up(store: &Store) -> Result<()> {
    match store.read(version)? {
        None => Err(Error::Place("there is no instance in this database: make one with `probity init`".into())),
        Some(found) if found > schema::VERSION => Err(Error::Newer { found, known: schema::VERSION }),
        Some(_) => Ok(()),
    }
}

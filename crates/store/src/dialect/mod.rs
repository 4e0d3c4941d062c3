//! What differs between the two databases. It lives here and nowhere else.

pub mod copy;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod turns;
pub(crate) mod views;

use std::collections::{BTreeMap, BTreeSet};

use crate::{Error, Result, Tx, Value, params, schema};

/// Which database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Embedded, encrypted with SQLCipher: the default.
    Sqlite,
    /// PostgreSQL, for several servers side by side.
    Postgres,
}

/// Whether the database has a table of this name.
pub(crate) fn has_table(tx: &Tx<'_>, name: &str) -> Result<bool> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1",
        Dialect::Postgres => "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?1",
    };
    tx.any(sql, params![name])
}

/// Takes every table of ours out of a PostgreSQL, if there are any and somebody says so. The SQLite file of an instance is
/// taken away with its data directory.
pub(crate) fn drop_tables(url: &str, may: impl Fn(&Tx<'_>) -> Result<bool>) -> Result<()> {
    let dropped = postgres::Postgres::open(url)?.writing(|tx| {
        if !has_table(tx, "setting")? || !may(tx)? {
            return Ok(());
        }
        let tables: Vec<&str> = schema::tables().map(|table| table.name).collect();
        tx.batch(&format!("DROP TABLE IF EXISTS {} CASCADE", tables.join(", ")))
    })?;
    dropped.ok_or(Error::Contended)
}

/// Bytes of a block of SQLite's search index: with what lies around it one page of the database, of which its cipher takes 80
/// bytes. FTS5's own 4,050 would take two, and a person who goes changes some sixty blocks.
const BLOCK: u32 = 3950;
/// How much of the search index is put together at a time, in blocks, so that whoever writes meanwhile does not wait for long.
const JOINED: u32 = 32;

/// Makes the index over `search_text` that finds any part of a text.
pub(crate) fn create_search(tx: &Tx<'_>) -> Result<()> {
    match tx.dialect() {
        // The index follows the table by triggers, so that nothing can be forgotten in it, and
        // `secure-delete` takes what is deleted out of its pages at once.
        Dialect::Sqlite => tx.batch(&format!(
            "CREATE VIRTUAL TABLE search_index USING fts5(
               normal, content = 'search_text', content_rowid = 'id', tokenize = 'trigram', columnsize = 0);
             INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1);
             INSERT INTO search_index (search_index, rank) VALUES ('pgsz', {BLOCK});
             CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN
               INSERT INTO search_index (rowid, normal) VALUES (new.id, new.normal);
             END;
             CREATE TRIGGER search_text_gone AFTER DELETE ON search_text BEGIN
               INSERT INTO search_index (search_index, rowid, normal) VALUES ('delete', old.id, old.normal);
             END;
             CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text BEGIN
               INSERT INTO search_index (search_index, rowid, normal) VALUES ('delete', old.id, old.normal);
               INSERT INTO search_index (rowid, normal) VALUES (new.id, new.normal);
             END;"
        )),
        Dialect::Postgres => tx.batch(
            "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
             CREATE INDEX search_index ON search_text USING gin (normal public.gin_trgm_ops);",
        ),
    }
}

/// Puts pieces of SQLite's search index together, a little of it, and says whether there may be more to do. Every commit that adds
/// somebody leaves a piece; a search, and a person who goes, look into every one of them.
pub(crate) fn join_search(tx: &Tx<'_>) -> Result<bool> {
    if tx.dialect() == Dialect::Postgres {
        return Ok(false);
    }
    // Two pieces of a size are enough to be put together: FTS5 waits for four. An index of an earlier release learns its block here too.
    if !tx.any("SELECT 1 FROM search_index_config WHERE k = 'usermerge'", &[])? {
        tx.batch(&format!(
            "INSERT INTO search_index (search_index, rank) VALUES ('usermerge', 2);
             INSERT INTO search_index (search_index, rank) VALUES ('pgsz', {BLOCK})"
        ))?;
    }
    let before = tx.count("SELECT total_changes()", &[])?;
    tx.batch(&format!("INSERT INTO search_index (search_index, rank) VALUES ('merge', {JOINED})"))?;
    // Asking changes one row by itself.
    Ok(tx.count("SELECT total_changes()", &[])? - before > 1)
}

/// The condition that every word of some length stands somewhere in `t.normal`.
pub(crate) fn containing(
    dialect: Dialect,
    words: &[String],
    length: usize,
    params: &mut Vec<Value<'static>>,
) -> String {
    let words = words.iter().filter(|word| word.chars().count() >= length);
    match dialect {
        Dialect::Sqlite => {
            let phrases: Vec<String> =
                words.map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
            params.push(phrases.join(" AND ").into());
            format!("i.normal MATCH ?{}", params.len())
        }
        Dialect::Postgres => {
            let mut all = Vec::new();
            for word in words {
                params.push(crate::search::part_of(word).into());
                all.push(format!("t.normal LIKE ?{} ESCAPE '\\'", params.len()));
            }
            all.join(" AND ")
        }
    }
}

/// Runs a query whose best plan hangs on its values, such as whether a word is rare. PostgreSQL keeps one plan
/// for all values of every other statement, since making a plan costs more than reading a few rows.
pub(crate) fn planned_by_values<T>(tx: &Tx<'_>, query: impl FnOnce() -> Result<T>) -> Result<T> {
    match tx.dialect() {
        Dialect::Sqlite => query(),
        Dialect::Postgres => {
            tx.put_batch("SET LOCAL plan_cache_mode = force_custom_plan")?;
            let found = query()?;
            tx.put_batch("SET LOCAL plan_cache_mode = auto")?;
            Ok(found)
        }
    }
}

/// The tables of the instance, in the order of their names; what the search index keeps for itself is left out.
pub(crate) fn tables(tx: &Tx<'_>) -> Result<Vec<String>> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search\\_index%' ESCAPE '\\'
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        }
        Dialect::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE \"C\"",
    };
    tx.all(sql, &[], |row| row.text(0))
}

/// A column as a database has it.
pub(crate) struct Found {
    /// Its name.
    pub(crate) name: String,
    /// The form it takes in SQLite: `INTEGER`, `TEXT` or `BLOB`.
    pub(crate) form: &'static str,
    /// Whether it may be empty.
    pub(crate) null: bool,
}

/// The tables of the instance and their columns in order; what the search index keeps for itself is left out.
pub(crate) fn columns(tx: &Tx<'_>) -> Result<BTreeMap<String, Vec<Found>>> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT t.name, c.name, c.type, c.\"notnull\" FROM sqlite_master AS t, pragma_table_info(t.name) AS c
             WHERE t.type = 'table' AND t.name NOT LIKE 'search\\_index%' ESCAPE '\\'
             AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid"
        }
        Dialect::Postgres => {
            "SELECT t.relname::text, c.attname::text, format_type(c.atttypid, NULL), c.attnotnull
             FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid
             WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.relkind = 'r'
             AND c.attnum > 0 AND NOT c.attisdropped ORDER BY t.relname, c.attnum"
        }
    };
    let mut tables: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    for (table, column) in tx.all(sql, &[], |row| {
        let form = match row.str(2)? {
            "INTEGER" | "bigint" => "INTEGER",
            "TEXT" | "text" => "TEXT",
            "BLOB" | "bytea" => "BLOB",
            other => return Err(crate::Error::Malformed(format!("column of type {other}"))),
        };
        Ok((row.text(0)?, Found { name: row.text(1)?, form, null: !row.bool(3)? }))
    })? {
        tables.entry(table).or_default().push(column);
    }
    Ok(tables)
}

/// The names of the indexes there are.
pub(crate) fn indexes(tx: &Tx<'_>) -> Result<BTreeSet<String>> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'index'",
        Dialect::Postgres => "SELECT indexname::text FROM pg_indexes WHERE schemaname = current_schema()",
    };
    Ok(tx.all(sql, &[], |row| row.text(0))?.into_iter().collect())
}

/// Lets this transaction's statements take the time they need: copying a table, or making an index over one.
pub(crate) fn unhurried(tx: &Tx<'_>) -> Result<()> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => tx.batch("SET LOCAL statement_timeout = 0"),
    }
}

/// The statements after which PostgreSQL draws no samples of texts by which nobody searches, and has none: it draws some of
/// every column for its plans, and whoever may read the table may read them, long after the rows went. None where all is
/// so, and none on SQLite, which draws samples only where somebody asks it to.
pub(crate) fn samples(tx: &Tx<'_>) -> Result<Vec<String>> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(Vec::new());
    }
    // The columns of which it would draw samples, or has some.
    let sql = "SELECT t.relname::text, c.attname::text FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid
         WHERE t.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND t.relkind = 'r'
         AND c.attnum > 0 AND NOT c.attisdropped AND (COALESCE(c.attstattarget, -1) <> 0 OR (t.relname, c.attname) IN
            (SELECT s.tablename, s.attname FROM pg_stats AS s WHERE s.schemaname = current_schema()))";
    let drawn: BTreeSet<(String, String)> =
        tx.all(sql, &[], |row| Ok((row.text(0)?, row.text(1)?)))?.into_iter().collect();
    let statements = schema::tables().filter_map(|table| {
        let columns = table
            .unsampled()
            .filter(|column| drawn.contains(&(table.name.to_owned(), column.name.to_owned())));
        schema::forget_samples(table, columns, true)
    });
    Ok(statements.collect())
}

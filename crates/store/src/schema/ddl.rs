//! The declarations as SQL, for either database.

use super::column::{Column, Form, Index, Table};
use crate::dialect::Dialect;

/// The statement that creates a table.
#[must_use]
pub fn create_table(table: &Table, dialect: Dialect) -> String {
    let mut lines: Vec<String> =
        table.columns.iter().map(|column| create_column(table, column, dialect)).collect();
    if !row_id(table) {
        lines.push(format!("PRIMARY KEY ({})", table.key.join(", ")));
    }
    let tail = match dialect {
        Dialect::Sqlite if row_id(table) => " STRICT",
        Dialect::Sqlite => " STRICT, WITHOUT ROWID",
        Dialect::Postgres => "",
    };
    format!("CREATE TABLE {} (\n  {}\n){tail}", table.name, lines.join(",\n  "))
}

/// The statement that adds a column to a table that may have rows. `None` where it cannot be: what is never empty
/// must say something in rows that are there already, and a key stays what it is.
#[must_use]
pub fn add_column(table: &Table, column: &Column, dialect: Dialect) -> Option<String> {
    let addable = (column.null || column.otherwise.is_some()) && !table.key.contains(&column.name);
    addable
        .then(|| format!("ALTER TABLE {} ADD COLUMN {}", table.name, create_column(table, column, dialect)))
}

/// A table's indexes, by name, and the statements that create them: those declared, and one for each column that
/// refers to another table and would otherwise be searched through whenever a row there goes.
#[must_use]
pub fn indexes(table: &Table) -> Vec<(String, String)> {
    let declared = table.indexes.iter().map(|index| (index.name.to_owned(), declared(table, index)));
    let led = |column: &Column| {
        table.key.first() == Some(&column.name)
            || table
                .indexes
                .iter()
                .any(|index| index.only.is_empty() && index.on.split(',').next() == Some(column.name))
    };
    let referring =
        table.columns.iter().filter(|column| column.refers.is_some() && !led(column)).map(|column| {
            let only =
                if column.null { format!(" WHERE {} IS NOT NULL", column.name) } else { String::new() };
            let name = format!("{}_by_{}", table.name, column.name);
            let create = format!("CREATE INDEX {name} ON {} ({}){only}", table.name, column.name);
            (name, create)
        });
    declared.chain(referring).collect()
}

fn declared(table: &Table, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let only = if index.only.is_empty() { String::new() } else { format!(" WHERE {}", index.only) };
    format!("CREATE {unique}INDEX {} ON {} ({}){only}", index.name, table.name, index.on)
}

/// The form a column takes in SQLite, which has a name for each of the three there are.
pub(crate) fn stored(form: Form) -> &'static str {
    match form {
        Form::Int | Form::Id | Form::Bool | Form::At => "INTEGER",
        Form::Text | Form::Date => "TEXT",
        Form::Bytes => "BLOB",
    }
}

/// Whether a single identity is the key, which SQLite then keeps as its row id.
fn row_id(table: &Table) -> bool {
    table.key == ["id"]
}

/// The type of a column.
fn form(column: &Column, dialect: Dialect) -> &'static str {
    match (stored(column.form), dialect) {
        ("INTEGER", Dialect::Postgres) => "BIGINT",
        // The same order of texts on both databases, whatever the server's locale.
        ("TEXT", Dialect::Postgres) => "TEXT COLLATE \"C\"",
        ("BLOB", Dialect::Postgres) => "BYTEA",
        (form, _) => form,
    }
}

/// The statement by which PostgreSQL loses the samples it has of these columns of a table, and draws none again where
/// it is `never` to. A column that is given the type it has loses its statistics, and no row is written anew.
pub(crate) fn forget_samples<'c>(
    table: &Table,
    columns: impl Iterator<Item = &'c Column>,
    never: bool,
) -> Option<String> {
    let each: Vec<String> = columns
        .map(|column| {
            let never = if never {
                format!("ALTER COLUMN {} SET STATISTICS 0, ", column.name)
            } else {
                String::new()
            };
            format!("{never}ALTER COLUMN {} TYPE {}", column.name, form(column, Dialect::Postgres))
        })
        .collect();
    (!each.is_empty()).then(|| format!("ALTER TABLE {} {}", table.name, each.join(", ")))
}

fn create_column(table: &Table, column: &Column, dialect: Dialect) -> String {
    let form = form(column, dialect);
    let key = if row_id(table) && column.name == "id" { " PRIMARY KEY" } else { "" };
    let null = if column.null { "" } else { " NOT NULL" };
    let otherwise = column.otherwise.map(|value| format!(" DEFAULT {value}")).unwrap_or_default();
    let check = match column.form {
        Form::Bool => format!(" CHECK ({} IN (0, 1))", column.name),
        Form::Date => format!(" CHECK (length({}) = 10)", column.name),
        _ => String::new(),
    };
    let refers = column.refers.map(|table| format!(" REFERENCES {table} (id)")).unwrap_or_default();
    format!("{} {form}{key}{null}{otherwise}{check}{refers}", column.name)
}

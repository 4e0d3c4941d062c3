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

/// The statements that create a table's indexes: those declared, and one for each column that refers to
/// another table and would otherwise be searched through whenever a row there goes.
#[must_use]
pub fn create_index(table: &Table) -> Vec<String> {
    let declared = table.indexes.iter().map(|index| declared(table, index));
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
            format!("CREATE INDEX {0}_by_{1} ON {0} ({1}){only}", table.name, column.name)
        });
    declared.chain(referring).collect()
}

fn declared(table: &Table, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let only = if index.only.is_empty() { String::new() } else { format!(" WHERE {}", index.only) };
    format!("CREATE {unique}INDEX {} ON {} ({}){only}", index.name, table.name, index.on)
}

/// Whether a single identity is the key, which SQLite then keeps as its row id.
fn row_id(table: &Table) -> bool {
    table.key == ["id"]
}

fn create_column(table: &Table, column: &Column, dialect: Dialect) -> String {
    let form = match (column.form, dialect) {
        (Form::Int | Form::Id | Form::Bool | Form::At, Dialect::Sqlite) => "INTEGER",
        (Form::Int | Form::Id | Form::Bool | Form::At, Dialect::Postgres) => "BIGINT",
        (Form::Text | Form::Date, Dialect::Sqlite) => "TEXT",
        // The same order of texts on both databases, whatever the server's locale.
        (Form::Text | Form::Date, Dialect::Postgres) => "TEXT COLLATE \"C\"",
        (Form::Bytes, Dialect::Sqlite) => "BLOB",
        (Form::Bytes, Dialect::Postgres) => "BYTEA",
    };
    let key = if row_id(table) && column.name == "id" { " PRIMARY KEY" } else { "" };
    let null = if column.null { "" } else { " NOT NULL" };
    let check = match column.form {
        Form::Bool => format!(" CHECK ({} IN (0, 1))", column.name),
        Form::Date => format!(" CHECK (length({}) = 10)", column.name),
        _ => String::new(),
    };
    let refers = column.refers.map(|table| format!(" REFERENCES {table} (id)")).unwrap_or_default();
    format!("{} {form}{key}{null}{check}{refers}", column.name)
}

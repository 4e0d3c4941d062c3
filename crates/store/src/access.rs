//! Everything held about one person, table by table, as the schema declares it: what a copy of a person's
//! data is made from. Values come out sealed; nothing is left out because somebody forgot a table.

use custody::Sealed;
use custody::id::PersonId;
use policy::Policy;

use crate::schema::{self, Column, Form, KindOf, Owner, Personal, Table};
use crate::{Error, Result, Row, Tx, params};

/// The kind under which a part of the person themselves is opened: their categories, their grounds.
const THE_PERSON: &str = "work record";

/// One table's rows about a person.
#[derive(Debug)]
pub struct Section {
    /// The table, with what its rows are in words.
    pub table: &'static Table,
    /// Its rows, oldest first: a cell for every column in the table's order.
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a column.
#[derive(Debug)]
pub enum Cell {
    /// Nothing, or bytes that say nothing to anyone.
    Empty,
    /// A date, a number, a word of the policy.
    Plain(String),
    /// A value about the person.
    Sealed(Sealed),
}

/// Everything held about a person, from every table that has any of it.
///
/// # Errors
/// [`Error::Malformed`] if the policy lacks the built-in kinds; whatever the database says.
pub fn of(tx: &Tx<'_>, policy: &Policy, person: PersonId) -> Result<Vec<Section>> {
    let mut held = Vec::new();
    for table in schema::tables() {
        let Some(about) = table.about_person() else { continue };
        let columns =
            table.columns.iter().map(|column| format!("t.{}", column.name)).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {}, {columns} FROM {} AS t WHERE {about} ORDER BY {}",
            kind_of(table),
            table.name,
            table.key.iter().map(|column| format!("t.{column}")).collect::<Vec<_>>().join(", ")
        );
        let rows = tx.all(&sql, params![person], |row| {
            let kind = row.opt_str(0)?.unwrap_or(THE_PERSON);
            let kind = policy.kind_named(kind).or_else(|| policy.kind_named(THE_PERSON));
            let kind = kind.ok_or_else(|| Error::Malformed("a policy without the built-in kinds".into()))?.id;
            (1..).zip(table.columns).map(|(place, column)| cell(row, place, column, person, kind)).collect()
        })?;
        if !rows.is_empty() {
            held.push(Section { table, rows });
        }
    }
    Ok(held)
}

/// The kind of a row of `t`, in SQL: its own, or that of the row it is part of.
fn kind_of(table: &Table) -> String {
    match table.kind {
        KindOf::Column(column) => format!("t.{column}"),
        KindOf::Record(kind) => format!("'{kind}'"),
        KindOf::None => format!("'{THE_PERSON}'"),
        KindOf::Part => {
            let whole = table.columns.iter().find_map(|column| {
                let whole = schema::table(column.refers?)?;
                (whole.owner != Owner::None && whole.name != "person" && whole.name != "staff")
                    .then_some((column, whole))
            });
            match whole.map(|(column, whole)| (column, whole, whole.kind)) {
                Some((_, _, KindOf::Record(kind))) => format!("'{kind}'"),
                Some((column, whole, KindOf::Column(kind))) => {
                    format!("(SELECT w.{kind} FROM {} AS w WHERE w.id = t.{})", whole.name, column.name)
                }
                _ => format!("'{THE_PERSON}'"),
            }
        }
    }
}

fn cell(
    row: &Row<'_>,
    place: usize,
    column: &Column,
    person: PersonId,
    kind: policy::KindId,
) -> Result<Cell> {
    let text = match column.form {
        Form::Bytes => return Ok(Cell::Empty),
        Form::Text | Form::Date => row.opt_text(place)?,
        Form::At => row.opt_at(place)?.map(|at| at.to_string()),
        Form::Int | Form::Id | Form::Bool => row.opt_int(place)?.map(|number| number.to_string()),
    };
    Ok(match text {
        None => Cell::Empty,
        Some(text) if column.personal == Personal::Value => Cell::Sealed(Sealed::new(person, kind, text)),
        Some(text) => Cell::Plain(text),
    })
}

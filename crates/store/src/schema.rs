//! Every table and column, declared once, as data: what it is for, whom it is about, what disposes of it.
//!
//! Both databases' tables, access, erasure, the canaries and the coverage of data by grounds derive from
//! these declarations. A table that is not declared here does not exist, and a test looks.

mod column;
mod ddl;
mod machine;
mod messages;
mod people;
mod records;
mod rights;
mod staff;
mod work;

pub use column::{Column, Form, Index, KindOf, Owner, Personal, Table};
pub use ddl::{add_column, create_table, indexes};
pub(crate) use ddl::{forget_samples, stored};

/// The schema's version: one more with every step written by hand. What is only added needs none: a table, an index,
/// a column that may be empty or says what stands in it `otherwise`. See [`crate::migrate`].
pub const VERSION: i64 = 2;

/// Indexes that older programs made and nothing asks for any more: an instance that has one lets go of it as it is opened.
pub(crate) const LET_GO: &[&str] = &["message_waiting", "letter_by_incident"];

/// Every table, those that others refer to first. Erasure goes the other way round.
pub fn tables() -> impl DoubleEndedIterator<Item = &'static Table> {
    [
        machine::FIRST,
        staff::TABLES,
        people::TABLES,
        work::TABLES,
        records::TABLES,
        rights::TABLES,
        messages::TABLES,
        machine::TABLES,
    ]
    .into_iter()
    .flatten()
}

/// The table of a name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    tables().find(|table| table.name == name)
}

/// The tables that hold data about people, in the order in which they can be emptied: children first.
pub fn personal() -> impl Iterator<Item = &'static Table> {
    tables().rev().filter(|table| table.owner != Owner::None)
}

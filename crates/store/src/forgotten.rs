//! What `then count and forget` leaves: how many rows of a kind there were on a day. Never whose they were.

use jiff::civil::Date;

use crate::{Result, Tx, params};

/// Adds one to the number of rows of a kind that were written on a day and have been let go under a rule.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn count(tx: &Tx<'_>, rule: &str, kind: &str, on: Date) -> Result<()> {
    tx.exec(
        "INSERT INTO forgotten (rule, kind, on_date, how_many) VALUES (?1, ?2, ?3, 1)
            ON CONFLICT (rule, kind, on_date) DO UPDATE SET how_many = forgotten.how_many + 1",
        params![rule, kind, on],
    )?;
    Ok(())
}

/// How many rows were counted and let go under a rule: the day they were written, their kind, and the number.
///
/// # Errors
/// Whatever the database says.
pub fn of_rule(tx: &Tx<'_>, rule: &str) -> Result<Vec<(Date, String, i64)>> {
    tx.all(
        "SELECT on_date, kind, how_many FROM forgotten WHERE rule = ?1 ORDER BY on_date, kind",
        params![rule],
        |row| Ok((row.date(0)?, row.text(1)?, row.int(2)?)),
    )
}

//! Settings of the instance, by name. Never a value about anybody, never a secret.

use crate::{Result, Tx, params};

/// The setting that holds a practice instance's instant, in milliseconds. Only practice instances have it.
pub const PRACTICE: &str = "practice instant";

/// What a setting says, if it was ever set.
///
/// # Errors
/// Whatever the database says.
pub fn get(tx: &Tx<'_>, name: &str) -> Result<Option<String>> {
    tx.maybe("SELECT value FROM setting WHERE name = ?1", params![name], |row| row.text(0))
}

/// Sets it.
///
/// # Errors
/// Whatever the database says.
pub fn set(tx: &Tx<'_>, name: &str, value: &str) -> Result<()> {
    tx.exec(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    )?;
    Ok(())
}

/// Forgets it.
///
/// # Errors
/// Whatever the database says.
pub fn clear(tx: &Tx<'_>, name: &str) -> Result<()> {
    tx.exec("DELETE FROM setting WHERE name = ?1", params![name])?;
    Ok(())
}

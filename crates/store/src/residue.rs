//! Residue: what a database leaves lying of rows that went. SQLite's write-ahead log has the pages as they were, PostgreSQL's
//! tables the dead rows, until they are cleared. What must be cleared is known from the transaction in which it went, so
//! that no crash forgets it. It clears, and decides nothing.

use jiff::{SignedDuration, Timestamp};

use crate::{Result, Store, Tx, id, params, setting};

/// The setting that says since when something lies there of whose rows the backups' keys were told already. Its second
/// word is another one each time something is added.
pub const SINCE: &str = "residue since";

/// How long something that went may lie there: longer, and somebody should know.
pub const AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// Since when something that went may still lie in the log or among the dead rows of the database.
///
/// # Errors
/// Whatever the database says.
pub fn since(tx: &Tx<'_>) -> Result<Option<Timestamp>> {
    // What went and what the backups' keys are still to be told of: it went when it was noted.
    let sql = "SELECT MIN(stamp) FROM ring_duty WHERE what <> 'kept'";
    let waiting = tx.one(sql, &[], |row| row.opt_int(0))?.map(id::made_at);
    let noted = setting::get(tx, SINCE)?.map(|said| noted(&said));
    Ok([waiting, noted].into_iter().flatten().min())
}

/// A setting that cannot be read is as old as can be: something lies there and nobody knows since when.
fn noted(said: &str) -> Timestamp {
    said.split(' ').next().and_then(|at| at.parse().ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Since when something has lain there for too long, by the clock of the machine.
///
/// # Errors
/// Whatever the database says.
pub fn overdue(tx: &Tx<'_>) -> Result<Option<Timestamp>> {
    let now = id::made_at(id::next());
    Ok(since(tx)?.filter(|since| now.duration_since(*since) > AT_MOST))
}

/// The backups' keys have been told of what went, the first of it with this identity: it lies there all the same.
pub(crate) fn stays(tx: &Tx<'_>, first: i64) -> Result<()> {
    let at = id::made_at(first);
    let since = setting::get(tx, SINCE)?.map_or(at, |said| noted(&said).min(at));
    setting::set(tx, SINCE, &format!("{since} {}", id::next()))
}

/// Clears what lies there, if anything does. Whether nothing is left: somebody who reads for long stands in the way.
///
/// # Errors
/// Whatever the database says.
pub fn clear(store: &Store) -> Result<bool> {
    let (since, known) = store.read(|tx| Ok::<_, crate::Error>((since(tx)?, setting::get(tx, SINCE)?)))?;
    if since.is_none() {
        return Ok(true);
    }
    if !store.scrub()? {
        return Ok(false);
    }
    let Some(known) = known else { return Ok(true) };
    // What was added meanwhile changed the setting, and is cleared the next time.
    store
        .write(|tx| tx.exec("DELETE FROM setting WHERE name = ?1 AND value = ?2", params![SINCE, &known]))?;
    Ok(true)
}

//! Sign-ins that last, known only by the hash of what the browser holds.

use custody::id::StaffId;
use jiff::Timestamp;

use crate::{Result, Tx, params};

/// A session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// BLAKE3 of the token in the cookie.
    pub hash: [u8; 32],
    /// Whose.
    pub staff: StaffId,
    /// Signed in.
    pub created_at: Timestamp,
    /// Last used, as far as it was noted.
    pub seen_at: Timestamp,
    /// Ends, whatever happens.
    pub expires_at: Timestamp,
    /// Whether a one-time code was given.
    pub second_factor: bool,
    /// The network address it was opened from.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub agent: Option<String>,
}

/// The hash under which a token is kept.
#[must_use]
pub fn hash(token: &[u8]) -> [u8; 32] {
    *blake3::hash(token).as_bytes()
}

/// Opens a session.
///
/// # Errors
/// Whatever the database says.
pub fn open(tx: &Tx<'_>, session: &Session) -> Result<()> {
    tx.exec(
        "INSERT INTO session (hash, staff_id, created_at, seen_at, expires_at, second_factor, address, agent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            session.hash,
            session.staff,
            session.created_at,
            session.seen_at,
            session.expires_at,
            session.second_factor,
            session.address.as_ref(),
            session.agent.as_ref()
        ],
    )?;
    Ok(())
}

/// The session of a token's hash, if it has not ended and its owner is still on the staff.
///
/// # Errors
/// Whatever the database says.
pub fn find(tx: &Tx<'_>, hash: [u8; 32], now: Timestamp) -> Result<Option<Session>> {
    tx.maybe(
        "SELECT e.staff_id, e.created_at, e.seen_at, e.expires_at, e.second_factor, e.address, e.agent
         FROM session AS e JOIN staff AS s ON s.id = e.staff_id
         WHERE e.hash = ?1 AND e.expires_at > ?2 AND s.until IS NULL",
        params![hash, now],
        |row| {
            Ok(Session {
                hash,
                staff: StaffId(row.int(0)?),
                created_at: row.at(1)?,
                seen_at: row.at(2)?,
                expires_at: row.at(3)?,
                second_factor: row.bool(4)?,
                address: row.opt_text(5)?,
                agent: row.opt_text(6)?,
            })
        },
    )
}

/// The sessions of a member of staff, the last used first.
///
/// # Errors
/// Whatever the database says.
pub fn of_staff(tx: &Tx<'_>, staff: StaffId) -> Result<Vec<Session>> {
    tx.all(
        "SELECT hash, created_at, seen_at, expires_at, second_factor, address, agent FROM session WHERE staff_id = ?1
         ORDER BY seen_at DESC",
        params![staff],
        |row| {
            Ok(Session {
                hash: row.hash(0)?,
                staff,
                created_at: row.at(1)?,
                seen_at: row.at(2)?,
                expires_at: row.at(3)?,
                second_factor: row.bool(4)?,
                address: row.opt_text(5)?,
                agent: row.opt_text(6)?,
            })
        },
    )
}

/// Notes that a session was used, and moves its end.
///
/// # Errors
/// Whatever the database says.
pub fn seen(tx: &Tx<'_>, hash: [u8; 32], at: Timestamp, expires_at: Timestamp) -> Result<()> {
    tx.exec(
        "UPDATE session SET seen_at = ?2, expires_at = ?3 WHERE hash = ?1",
        params![hash, at, expires_at],
    )?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// Whatever the database says.
pub fn end(tx: &Tx<'_>, hash: [u8; 32]) -> Result<()> {
    tx.exec("DELETE FROM session WHERE hash = ?1", params![hash])?;
    Ok(())
}

/// Ends every session of a member of staff.
///
/// # Errors
/// Whatever the database says.
pub fn end_all(tx: &Tx<'_>, staff: StaffId) -> Result<()> {
    tx.exec("DELETE FROM session WHERE staff_id = ?1", params![staff])?;
    Ok(())
}

/// Lets go of sessions that have expired, and of failed sign-ins before an instant; how many rows went.
///
/// # Errors
/// Whatever the database says.
pub fn tidy(tx: &Tx<'_>, now: Timestamp, attempts_before: Timestamp) -> Result<u64> {
    let sessions = tx.exec("DELETE FROM session WHERE expires_at <= ?1", params![now])?;
    let attempts = tx.exec("DELETE FROM sign_in_attempt WHERE at < ?1", params![attempts_before])?;
    Ok(sessions + attempts)
}

/// Notes a sign-in that failed: keyed hashes of the account tried and of the address it came from
/// ([`crate::Keys::hash`]), so that neither can be read back.
///
/// # Errors
/// Whatever the database says.
pub fn failed(tx: &Tx<'_>, who: [u8; 32], from_where: Option<[u8; 32]>, at: Timestamp) -> Result<()> {
    tx.exec(
        "INSERT INTO sign_in_attempt (id, at, who, from_where) VALUES (?1, ?2, ?3, ?4)",
        params![crate::id::next(), at, who, from_where],
    )?;
    Ok(())
}

/// How many sign-ins failed since an instant, for an account and from an address.
///
/// # Errors
/// Whatever the database says.
pub fn failures(tx: &Tx<'_>, who: [u8; 32], from_where: [u8; 32], since: Timestamp) -> Result<(i64, i64)> {
    Ok((
        tx.count("SELECT count(*) FROM sign_in_attempt WHERE who = ?1 AND at >= ?2", params![who, since])?,
        tx.count(
            "SELECT count(*) FROM sign_in_attempt WHERE from_where = ?1 AND at >= ?2",
            params![from_where, since],
        )?,
    ))
}

//! Links and codes that work once: choosing a password, confirming an address, answering a question, standing in for
//! a lost telephone. Only the hash of one is kept.

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;

use crate::{Result, Row, Tx, params, ring_duty};

/// A link that works once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// BLAKE3 of the token in the link ([`crate::session::hash`]).
    pub hash: [u8; 32],
    /// What it is for: `password`, `opt-in`, `fetch`, `recovery`.
    pub purpose: String,
    /// For which member of staff.
    pub staff: Option<StaffId>,
    /// For which person.
    pub person: Option<PersonId>,
    /// About which row, as the purpose defines.
    pub about: Option<i64>,
    /// Made.
    pub created_at: Timestamp,
    /// Works no longer from here on.
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "hash, purpose, staff_id, person_id, about_id, created_at, expires_at";

fn read(row: &Row<'_>) -> Result<Invitation> {
    Ok(Invitation {
        hash: row.hash(0)?,
        purpose: row.text(1)?,
        staff: row.opt_int(2)?.map(StaffId),
        person: row.opt_int(3)?.map(PersonId),
        about: row.opt_int(4)?,
        created_at: row.at(5)?,
        expires_at: row.at(6)?,
    })
}

/// Keeps an invitation. Earlier ones for the same purpose and member of staff stop working.
///
/// # Errors
/// Whatever the database says.
pub fn add(tx: &Tx<'_>, invitation: &Invitation) -> Result<()> {
    if let Some(staff) = invitation.staff {
        drop_all(tx, staff, &invitation.purpose)?;
    }
    add_another(tx, invitation)
}

/// Keeps one beside the earlier ones: the codes of a sheet work alike.
///
/// # Errors
/// Whatever the database says.
pub fn add_another(tx: &Tx<'_>, invitation: &Invitation) -> Result<()> {
    tx.exec(
        "INSERT INTO invitation (hash, purpose, staff_id, person_id, about_id, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            invitation.hash, &invitation.purpose, invitation.staff, invitation.person, invitation.about, invitation.created_at,
            invitation.expires_at
        ],
    )?;
    Ok(())
}

/// An invitation that still works, without using it up: to show the page behind the link.
///
/// # Errors
/// Whatever the database says.
pub fn find(tx: &Tx<'_>, hash: [u8; 32], purpose: &str, now: Timestamp) -> Result<Option<Invitation>> {
    tx.maybe(
        &format!("SELECT {COLUMNS} FROM invitation WHERE hash = ?1 AND purpose = ?2 AND used_at IS NULL AND expires_at > ?3"),
        params![hash, purpose, now],
        read,
    )
}

/// Uses an invitation up, if it still works.
///
/// # Errors
/// Whatever the database says.
pub fn take(tx: &Tx<'_>, hash: [u8; 32], purpose: &str, now: Timestamp) -> Result<Option<Invitation>> {
    let found = find(tx, hash, purpose, now)?;
    if found.is_some() {
        tx.exec("UPDATE invitation SET used_at = ?2 WHERE hash = ?1", params![hash, now])?;
        // After a restore it works no second time.
        ring_duty::kept(tx, "invitation", "hash = ?1", params![hash])?;
    }
    Ok(found)
}

/// Lets all for a purpose of a member of staff go, used or not.
///
/// # Errors
/// Whatever the database says.
pub fn drop_all(tx: &Tx<'_>, staff: StaffId, purpose: &str) -> Result<()> {
    ring_duty::delete(tx, "invitation", "staff_id = ?1 AND purpose = ?2", params![staff, purpose])?;
    Ok(())
}

/// Lets all for a purpose about a row go, used or not.
///
/// # Errors
/// Whatever the database says.
pub fn drop_about(tx: &Tx<'_>, purpose: &str, about: i64) -> Result<()> {
    ring_duty::delete(tx, "invitation", "purpose = ?1 AND about_id = ?2", params![purpose, about])?;
    Ok(())
}

/// Lets all for a purpose of a person go, used or not.
///
/// # Errors
/// Whatever the database says.
pub fn drop_person(tx: &Tx<'_>, purpose: &str, person: PersonId) -> Result<()> {
    ring_duty::delete(tx, "invitation", "purpose = ?1 AND person_id = ?2", params![purpose, person])?;
    Ok(())
}

/// Whether one for a purpose about a row still works.
///
/// # Errors
/// Whatever the database says.
pub fn stands(tx: &Tx<'_>, purpose: &str, about: i64, now: Timestamp) -> Result<bool> {
    tx.any(
        "SELECT 1 FROM invitation WHERE purpose = ?1 AND about_id = ?2 AND used_at IS NULL AND expires_at > ?3",
        params![purpose, about, now],
    )
}

/// How many for a purpose a member of staff has left.
///
/// # Errors
/// Whatever the database says.
pub fn left(tx: &Tx<'_>, staff: StaffId, purpose: &str, now: Timestamp) -> Result<i64> {
    tx.count(
        "SELECT count(*) FROM invitation WHERE staff_id = ?1 AND purpose = ?2 AND used_at IS NULL AND expires_at > ?3",
        params![staff, purpose, now],
    )
}

/// Lets go of invitations that were used or have expired before an instant: those of the staff by the machine's clock, those of
/// people by the instance's.
///
/// # Errors
/// Whatever the database says.
pub fn tidy(tx: &Tx<'_>, staff: Timestamp, people: Timestamp) -> Result<u64> {
    let old = "(expires_at < ?1 OR used_at < ?1)";
    let gone = ring_duty::delete(tx, "invitation", &format!("{old} AND person_id IS NULL"), params![staff])?;
    Ok(gone
        + ring_duty::delete(tx, "invitation", &format!("{old} AND person_id IS NOT NULL"), params![people])?)
}

//! Staff accounts. Passwords arrive as hashes and the seeds of one-time codes sealed: this file never
//! sees either in clear.

use custody::id::{PersonId, StaffId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::{Result, Row, Tx, id, normal, params, ring_duty, session, task};

/// A staff account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Who.
    pub id: StaffId,
    /// Their name, as colleagues see it.
    pub name: String,
    /// The address they sign in with, in its normal form.
    pub email: String,
    /// Their role, as the policy names it.
    pub role: String,
    /// The person they are among the people held, if they are one (an associate who coaches).
    pub person: Option<PersonId>,
    /// The hash of their password; none until they have chosen one.
    pub password: Option<String>,
    /// The sealed seed of their one-time codes.
    pub totp: Option<Vec<u8>>,
    /// Whether they have shown that their codes work; until then the seed asks nothing of them.
    pub totp_confirmed: bool,
    /// On the staff since.
    pub since: Date,
    /// The last day they were on the staff.
    pub until: Option<Date>,
    /// Sign-ins that failed in a row.
    pub failures: i64,
    /// No sign-in before this.
    pub locked_until: Option<Timestamp>,
    /// Grows with every change that someone else could overwrite.
    pub version: i64,
}

/// A new account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAccount<'a> {
    /// Their name.
    pub name: &'a str,
    /// The address they will sign in with.
    pub email: &'a str,
    /// Their role, as the policy names it.
    pub role: &'a str,
    /// The person they are among the people held.
    pub person: Option<PersonId>,
    /// On the staff since.
    pub since: Date,
}

const COLUMNS: &str = "id, name, email, role, person_id, password, totp, totp_confirmed, since, until, failures, locked_until, version";

fn read(row: &Row<'_>) -> Result<Account> {
    Ok(Account {
        id: StaffId(row.int(0)?),
        name: row.text(1)?,
        email: row.text(2)?,
        role: row.text(3)?,
        person: row.opt_int(4)?.map(PersonId),
        password: row.opt_text(5)?,
        totp: row.opt_bytes(6)?,
        totp_confirmed: row.bool(7)?,
        since: row.date(8)?,
        until: row.opt_date(9)?,
        failures: row.int(10)?,
        locked_until: row.opt_at(11)?,
        version: row.int(12)?,
    })
}

fn address(text: &str) -> String {
    normal::email(text).unwrap_or_else(|| text.trim().to_lowercase())
}

/// Adds an account, without a password: an invitation lets its owner choose one.
///
/// # Errors
/// [`crate::Error::Taken`] if someone on the staff signs in with this address already.
pub fn add(tx: &Tx<'_>, new: &NewAccount<'_>, at: Timestamp) -> Result<StaffId> {
    let id = StaffId(id::next());
    tx.exec(
        "INSERT INTO staff (id, name, email, role, person_id, totp_confirmed, since, failures, created_at, version)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, ?7, 1)",
        params![id, new.name.trim(), address(new.email), new.role, new.person, new.since, at],
    )?;
    Ok(id)
}

/// An account.
///
/// # Errors
/// [`crate::Error::Missing`] if there is none of this id.
pub fn get(tx: &Tx<'_>, id: StaffId) -> Result<Account> {
    tx.one(&format!("SELECT {COLUMNS} FROM staff WHERE id = ?1"), params![id], read)
}

/// Whether somebody we hold has an account here.
///
/// # Errors
/// Whatever the database says.
pub fn with_account(tx: &Tx<'_>, person: PersonId) -> Result<bool> {
    tx.any("SELECT 1 FROM staff WHERE person_id = ?1 AND until IS NULL", params![person])
}

/// The account that signs in with an address, if someone on the staff does.
///
/// # Errors
/// Whatever the database says.
pub fn by_email(tx: &Tx<'_>, email: &str) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE email = ?1 AND until IS NULL");
    let found = tx.maybe(&sql, params![address(email)], read)?;
    match (found, normal::forms("email", email).get(1)) {
        (None, Some(before)) => tx.maybe(&sql, params![before], read),
        (found, _) => Ok(found),
    }
}

/// Every account, those who left last.
///
/// # Errors
/// Whatever the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Account>> {
    tx.all(&format!("SELECT {COLUMNS} FROM staff ORDER BY coalesce(until, ''), name, id"), &[], read)
}

/// How many on the staff have one of these roles today.
///
/// # Errors
/// Whatever the database says.
pub fn count_in_role(tx: &Tx<'_>, role: &str) -> Result<i64> {
    tx.count("SELECT count(*) FROM staff WHERE role = ?1 AND until IS NULL", params![role])
}

/// Changes name, address and role.
///
/// # Errors
/// [`crate::Error::Contended`] if it is no longer at the version read; [`crate::Error::Taken`] for the address.
pub fn change(tx: &Tx<'_>, id: StaffId, version: i64, name: &str, email: &str, role: &str) -> Result<()> {
    let changed = tx.exec(
        "UPDATE staff SET name = ?3, email = ?4, role = ?5, version = version + 1 WHERE id = ?1 AND version = ?2",
        params![id, version, name.trim(), address(email), role],
    )?;
    if changed == 0 { Err(crate::Error::Contended) } else { Ok(()) }
}

/// Notes which version of the notice an account's owner was shown when they chose their password.
///
/// # Errors
/// Whatever the database says.
pub fn shown(tx: &Tx<'_>, id: StaffId, version: u32) -> Result<()> {
    tx.exec("UPDATE staff SET notice_version = ?2 WHERE id = ?1", params![id, version])?;
    Ok(())
}

/// Sets the hash of a password and forgets failed sign-ins; every session ends.
///
/// # Errors
/// Whatever the database says.
pub fn set_password(tx: &Tx<'_>, id: StaffId, hash: &str) -> Result<()> {
    tx.exec(
        "UPDATE staff SET password = ?2, failures = 0, locked_until = NULL WHERE id = ?1",
        params![id, hash],
    )?;
    session::end_all(tx, id)
}

/// Sets or takes away the sealed seed of one-time codes; it asks nothing until it is confirmed.
///
/// # Errors
/// Whatever the database says.
pub fn set_totp(tx: &Tx<'_>, id: StaffId, sealed: Option<&[u8]>) -> Result<()> {
    tx.exec("UPDATE staff SET totp = ?2, totp_confirmed = 0 WHERE id = ?1", params![id, sealed])?;
    Ok(())
}

/// Says that the one-time codes work.
///
/// # Errors
/// Whatever the database says.
pub fn confirm_totp(tx: &Tx<'_>, id: StaffId) -> Result<()> {
    tx.exec("UPDATE staff SET totp_confirmed = 1 WHERE id = ?1 AND totp IS NOT NULL", params![id])?;
    Ok(())
}

/// Counts a sign-in that failed, and locks the account until an instant if one is given; how many in a row now.
///
/// # Errors
/// Whatever the database says.
pub fn failed(tx: &Tx<'_>, id: StaffId, locked_until: Option<Timestamp>) -> Result<i64> {
    tx.exec(
        "UPDATE staff SET failures = failures + 1, locked_until = coalesce(?2, locked_until) WHERE id = ?1",
        params![id, locked_until],
    )?;
    tx.count("SELECT failures FROM staff WHERE id = ?1", params![id])
}

/// Forgets failed sign-ins.
///
/// # Errors
/// Whatever the database says.
pub fn succeeded(tx: &Tx<'_>, id: StaffId) -> Result<()> {
    tx.exec("UPDATE staff SET failures = 0, locked_until = NULL WHERE id = ?1 AND (failures > 0 OR locked_until IS NOT NULL)", params![id])?;
    Ok(())
}

/// Ends an account on a day: its sessions, password, codes, unused links and assignments go at once.
///
/// # Errors
/// Whatever the database says.
pub fn leave(tx: &Tx<'_>, id: StaffId, on: Date) -> Result<()> {
    tx.exec("UPDATE staff SET until = ?2, password = NULL, totp = NULL, totp_confirmed = 0, version = version + 1 WHERE id = ?1", params![id, on])?;
    // Whoever left does not come back with a backup, the newest neither.
    ring_duty::kept(tx, "staff", "id = ?1", params![id])?;
    ring_duty::delete(tx, "invitation", "staff_id = ?1", params![id])?;
    tx.exec(
        "UPDATE engagement_staff SET until = ?2 WHERE staff_id = ?1 AND (until IS NULL OR until > ?2)",
        params![id, on],
    )?;
    session::end_all(tx, id)
}

/// Hands what is open with one member of staff over to another, from a day on: assignments, requests, tasks,
/// complaints, incidents, holds and restrictions.
///
/// # Errors
/// Whatever the database says.
pub fn hand_over(tx: &Tx<'_>, from: StaffId, to: StaffId, on: Date) -> Result<()> {
    tx.exec(
        "INSERT INTO engagement_staff (engagement_id, staff_id, since, until)
         SELECT DISTINCT engagement_id, CAST(?2 AS BIGINT), CAST(?3 AS TEXT), NULL FROM engagement_staff AS a
         WHERE staff_id = ?1 AND (until IS NULL OR until > ?3)
           AND NOT EXISTS (SELECT 1 FROM engagement_staff AS b
                           WHERE b.engagement_id = a.engagement_id AND b.staff_id = ?2 AND (b.until IS NULL OR b.since = ?3))",
        params![from, to, on],
    )?;
    for (table, open) in [
        ("request", "closed_on IS NULL"),
        ("complaint", "closed_on IS NULL"),
        ("incident", "closed_on IS NULL"),
        ("task", "done_on IS NULL"),
        ("hold", "ended_on IS NULL"),
        ("restriction", "lifted_on IS NULL"),
    ] {
        // What comes back by a restore as it stands now comes back to whoever has it now.
        let theirs = format!("owner_id = ?1 AND {open}");
        match table {
            "task" => task::kept_where(tx, &theirs, params![from])?,
            "hold" | "restriction" => ring_duty::kept(tx, table, &theirs, params![from])?,
            _ => {}
        }
        tx.exec(&format!("UPDATE {table} SET owner_id = ?2 WHERE {theirs}"), params![from, to])?;
    }
    // Who goes is no longer named with what a hold keeps; its owner names somebody else, or nobody.
    ring_duty::delete(tx, "hold_helper", "staff_id = ?1", params![from])?;
    Ok(())
}

/// Those among the people held whose account this is: the one it says, and whoever has its address.
///
/// # Errors
/// Whatever the database says.
pub fn held_as(tx: &Tx<'_>, account: &Account) -> Result<Vec<PersonId>> {
    tx.all(
        "SELECT person_id FROM staff WHERE id = ?1 AND person_id IS NOT NULL
            UNION SELECT person_id FROM item WHERE kind = 'email' AND normal = ?2 ORDER BY 1",
        params![account.id, &account.email],
        |row| Ok(PersonId(row.int(0)?)),
    )
}

/// The day the last account of somebody among the people held ended: nothing if they never had one, or have one still.
///
/// # Errors
/// Whatever the database says.
pub fn account_ended(tx: &Tx<'_>, person: PersonId) -> Result<Option<Date>> {
    let all = tx.all(
        "SELECT id, until FROM staff WHERE person_id = ?1
            UNION SELECT s.id, s.until FROM item i JOIN staff s ON s.email = i.normal WHERE i.person_id = ?1 AND i.kind = 'email'",
        params![person],
        |row| row.opt_date(1),
    )?;
    let ended: Option<Vec<Date>> = all.into_iter().collect();
    Ok(ended.and_then(|days| days.into_iter().max()))
}

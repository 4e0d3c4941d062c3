//! Attestations: what no program can see, signed by a member of staff in the role the policy names, with
//! evidence and a day on which the signature lapses.

use custody::id::StaffId;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use policy::Policy;

use crate::{Error, Result, Tx, id, params};

/// A signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Its row.
    pub id: i64,
    /// What is attested, in the policy's words.
    pub what: String,
    /// In which role.
    pub role: String,
    /// By whom.
    pub staff: StaffId,
    /// Signed.
    pub on: Date,
    /// The last day it holds.
    pub lapses_on: Date,
    /// What was looked at.
    pub evidence: Option<String>,
}

/// Signs the attestation at this place of the policy. It lapses when the policy says it must be signed again.
///
/// # Errors
/// [`Error::Missing`] if the policy has none there; [`Error::Referred`] if there is no such member of staff.
pub fn sign(
    tx: &Tx<'_>,
    policy: &Policy,
    place: usize,
    staff: StaffId,
    on: Date,
    evidence: Option<&str>,
    now: Timestamp,
) -> Result<Signed> {
    let asked = policy.attestations.get(place).ok_or(Error::Missing)?;
    let lapses_on =
        on.checked_add(asked.every).map_err(|_| Error::Malformed("how often this is attested".into()))?;
    put(tx, (&asked.what, &asked.by), staff, (on, lapses_on), evidence, now)
}

/// Signs that the disk of the database server is encrypted, for a year: only somebody who looks there knows.
///
/// # Errors
/// [`Error::Referred`] if there is no such member of staff.
pub fn sign_disk(
    tx: &Tx<'_>,
    role: &str,
    staff: StaffId,
    on: Date,
    evidence: Option<&str>,
    now: Timestamp,
) -> Result<Signed> {
    let lapses_on = on.checked_add(1.year()).map_err(|_| Error::Malformed("a day a year from now".into()))?;
    put(tx, (crate::prove::DISK, role), staff, (on, lapses_on), evidence, now)
}

fn put(
    tx: &Tx<'_>,
    (what, role): (&str, &str),
    staff: StaffId,
    (on, lapses_on): (Date, Date),
    evidence: Option<&str>,
    now: Timestamp,
) -> Result<Signed> {
    let signed = Signed {
        id: id::next(),
        what: what.to_owned(),
        role: role.to_owned(),
        staff,
        on,
        lapses_on,
        evidence: evidence.map(str::to_owned),
    };
    tx.exec(
        "INSERT INTO attestation (id, what, role, staff_id, on_date, lapses_on, evidence, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![signed.id, &signed.what, &signed.role, staff, on, lapses_on, evidence, now],
    )?;
    Ok(signed)
}

/// The latest signature for what is attested in these words, lapsed or not.
///
/// # Errors
/// Whatever the database says.
pub fn latest(tx: &Tx<'_>, what: &str) -> Result<Option<Signed>> {
    tx.maybe(
        "SELECT id, what, role, staff_id, on_date, lapses_on, evidence FROM attestation WHERE what = ?1
            ORDER BY lapses_on DESC, id DESC LIMIT 1",
        params![what],
        |row| {
            Ok(Signed {
                id: row.int(0)?,
                what: row.text(1)?,
                role: row.text(2)?,
                staff: StaffId(row.int(3)?),
                on: row.date(4)?,
                lapses_on: row.date(5)?,
                evidence: row.opt_text(6)?,
            })
        },
    )
}

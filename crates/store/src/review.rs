//! Reviews: somebody looked whether what a ground covers is still needed, decided to go on, and said why.

use std::collections::BTreeMap;

use custody::id::{GroundId, PersonId, StaffId};
use custody::sealed::Sealed;
use jiff::civil::Date;
use policy::KindId;

use crate::{Error, Result, Tx, params, ring_duty};

/// A review after which somebody decided to go on.
#[derive(Clone, Debug)]
pub struct Reviewed {
    /// The day.
    pub on: Date,
    /// Why it is still needed; nothing of a review from before reasons were kept.
    pub why: Option<Sealed>,
    /// Who decided.
    pub by: Option<StaffId>,
}

/// Records that somebody looked at a ground on a day and decided to go on, and why. Whose ground it is. Settle afterwards:
/// the next review counts from it.
///
/// # Errors
/// [`Error::Missing`] if the ground is not active.
pub fn record(tx: &Tx<'_>, ground: GroundId, on: Date, why: &str, by: StaffId) -> Result<PersonId> {
    ring_duty::lost(tx, "ground", "id = ?1 AND reviewed_why IS NOT NULL", params![ground])?;
    let sql = "UPDATE ground SET reviewed_on = ?2, reviewed_why = ?3, reviewed_by = ?4, version = version + 1
        WHERE id = ?1 AND state = 'active' AND person_id IS NOT NULL";
    if tx.exec(sql, params![ground, on, why, by])? == 0 {
        return Err(Error::Missing);
    }
    tx.one("SELECT person_id FROM ground WHERE id = ?1", params![ground], |row| Ok(PersonId(row.int(0)?)))
}

/// The last review of each of a person's grounds that go on. A reason is sealed under the kind that `kind_of` gives for the
/// ground's rule, and left out where it gives none.
///
/// # Errors
/// Whatever the database says.
pub fn of_person(
    tx: &Tx<'_>,
    person: PersonId,
    kind_of: impl Fn(&str) -> Option<KindId>,
) -> Result<BTreeMap<GroundId, Reviewed>> {
    let sql = "SELECT id, reviewed_on, reviewed_why, reviewed_by, rule FROM ground
        WHERE person_id = ?1 AND state = 'active' AND reviewed_on IS NOT NULL";
    let found = tx.all(sql, params![person], |row| {
        let why =
            row.opt_text(2)?.zip(kind_of(row.str(4)?)).map(|(why, kind)| Sealed::new(person, kind, why));
        let by = row.opt_int(3)?.map(StaffId);
        Ok((GroundId(row.int(0)?), Reviewed { on: row.date(1)?, why, by }))
    })?;
    Ok(found.into_iter().collect())
}

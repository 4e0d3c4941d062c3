//! Of whom details were erased that others have from us, and nobody is to tell these others: a task was lost, as where a restore goes
//! back to before the erasure. It decides nothing, and names nobody.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::PersonId;
use jiff::civil::Date;
use policy::{Policy, Sort};

use super::{Telling, still_had};
use crate::{Error, Result, Tx, params};

/// The tasks that are about the person of a disclosure `d`, also where only the ground says of whom: each by an index of its own, since a
/// database that is asked for either goes through all tasks there are.
pub(crate) const OF_THEM: &str = "SELECT k.* FROM task k WHERE k.person_id = d.person_id
    UNION ALL SELECT k.* FROM ground tg JOIN task k ON k.ground_id = tg.id WHERE tg.person_id = d.person_id
        AND (k.person_id IS NULL OR k.person_id <> d.person_id)";

/// Nobody's entry was put together with that of the person of a disclosure `d`: what went to whom before, and of which of the two, is
/// not told apart any more.
pub(crate) const OF_ONE: &str = "NOT EXISTS (SELECT 1 FROM person o WHERE o.into_person_id = d.person_id)";

/// A recipient who has something that was erased here, and whom nobody is to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Untold {
    /// Of whom, by number: who they were nobody says any more.
    pub person: PersonId,
    /// The certificate of the erasure.
    pub certificate: i64,
    /// Its day.
    pub on: Date,
    /// The recipient, as the policy names them.
    pub recipient: String,
}

/// Those of erasures since a day, the oldest first. Once its request is closed, a task that is done says no more whom it told: of so many
/// recipients of one erasure as there are such tasks somebody was told.
///
/// # Errors
/// Whatever the database says.
pub fn untold(tx: &Tx<'_>, policy: &Policy, since: Date) -> Result<Vec<Untold>> {
    let of_it = format!(
        "({OF_THEM} UNION ALL SELECT k.* FROM task k WHERE k.person_id IS NULL AND k.ground_id IS NULL AND k.created_at = z.at) AS k
            WHERE k.created_at >= z.at"
    );
    let sql = format!(
        "SELECT DISTINCT z.id, z.person_number, z.on_date, z.counts, d.recipient,
            (SELECT COUNT(*) FROM {of_it} AND k.recipient IS NULL AND k.kind = 'tell recipient'
                AND (k.told IS NULL OR k.told = ?2))
            FROM certificate z
            JOIN disclosure d ON d.person_id = z.person_number AND d.id < z.id AND d.recorded_at <= z.at
            WHERE z.cause = 'erasure' AND z.on_date >= ?1 AND {OF_ONE} AND {}
            AND NOT EXISTS (SELECT 1 FROM {of_it} AND k.recipient = d.recipient AND k.told = ?2)
            ORDER BY z.id, d.recipient",
        still_had()
    );
    let mut never: Vec<(Untold, i64)> = Vec::new();
    tx.each(&sql, params![since, Telling::Erased.name()], |row| {
        if a_detail(policy, &counted(row.str(3)?)) {
            let one = Untold {
                certificate: row.int(0)?,
                person: PersonId(row.int(1)?),
                on: row.date(2)?,
                recipient: row.text(4)?,
            };
            never.push((one, row.int(5)?));
        }
        Ok::<_, Error>(())
    })?;
    let more = |some: &&[(Untold, i64)]| {
        let told = some.first().map_or(0, |(_, told)| *told);
        i64::try_from(some.len()).is_ok_and(|many| many > told)
    };
    let of_each = never.chunk_by(|(one, _), (next, _)| one.certificate == next.certificate);
    Ok(of_each.filter(more).flatten().map(|(one, _)| one.clone()).collect())
}

/// The kinds that a certificate counts.
pub(crate) fn counted(counts: &str) -> BTreeSet<String> {
    let counts: BTreeMap<String, u32> = serde_json::from_str(counts).unwrap_or_default();
    counts.into_keys().collect()
}

/// Whether something of these kinds is a detail: somebody's name, where they are reached.
pub(crate) fn a_detail(policy: &Policy, kinds: &BTreeSet<String>) -> bool {
    kinds.iter().any(|kind| policy.kind_named(kind).is_some_and(|kind| kind.sort == Sort::Item))
}

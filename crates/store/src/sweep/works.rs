//! The part of the night that takes what pieces of work held for themselves and nobody is in any more.

use custody::id::EngagementId;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use super::{ACTOR, Report};
use crate::departure::{self, Cause, Departed};
use crate::dispose::Bytes;
use crate::{Error, Keys, Result, Tx, ground, params};

/// The work of which something is due that it held for itself.
///
/// # Errors
/// Whatever the database says.
pub fn due_works(tx: &Tx<'_>, today: Date) -> Result<Vec<EngagementId>> {
    tx.all(
        "SELECT engagement_id FROM ground WHERE state = 'active' AND due_on IS NOT NULL AND due_on < ?1 AND person_id IS NULL
            UNION SELECT engagement_id FROM ground
                WHERE state = 'stopped' AND swept_at IS NULL AND stopped_on <= ?1 AND person_id IS NULL
            ORDER BY 1",
        params![today],
        |row| Ok(EngagementId(row.int(0)?)),
    )
}

/// Sweeps a piece of work: settles what it holds for itself, and lets go of what that no longer covers and nobody is in.
///
/// # Errors
/// Whatever the database says.
pub fn work(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    which: EngagementId,
    today: Date,
    now: Timestamp,
) -> Result<(u32, Departed)> {
    let settled = ground::settle_works(tx, policy, &[which], today, ACTOR, now)?.into_iter().next();
    let Some(settled) = settled else { return Err(Error::Missing) };
    let cause = Cause { name: "sweep", actor: ACTOR, by: None, request: None };
    let departed = departure::of_work(tx, policy, keys, &settled.life, &cause, today, now)?;
    // What waits for somebody's hand, or is kept, is looked at again the next night.
    let on_it = "SELECT 1 FROM engagement_person WHERE engagement_id = ?1";
    if departed.kept.is_empty() && departed.undeclared.is_empty() && tx.any(on_it, params![which])? {
        tx.exec(
            "UPDATE ground SET swept_at = ?3 WHERE person_id IS NULL AND engagement_id = ?1 AND state = 'stopped'
                AND swept_at IS NULL AND stopped_on <= ?2",
            params![which, today, now],
        )?;
    }
    Ok((u32::try_from(settled.changes.len()).unwrap_or(u32::MAX), departed))
}

/// Takes what some pieces of work held for themselves.
pub(super) fn works(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    some: &[EngagementId],
    today: Date,
    now: Timestamp,
) -> Result<(Report, Bytes)> {
    let mut report = Report::default();
    let mut bytes = Bytes::default();
    for which in some {
        match tx.attempt(|tx| work(tx, policy, keys, *which, today, now)) {
            Ok((settled, departed)) => {
                report.settled += settled;
                for (kind, rows) in &departed.undeclared {
                    report
                        .problems
                        .push(format!("work {which}: the policy declares no such kind: {rows} {kind}"));
                }
                report.add(&Departed { gone: false, ..departed.clone() });
                bytes.files.extend(departed.bytes.files);
            }
            Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
            Err(Error::Missing) => {}
            Err(error) => report.problems.push(format!("work {which}: {error}")),
        }
    }
    Ok((report, bytes))
}

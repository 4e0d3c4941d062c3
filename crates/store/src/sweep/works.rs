//! The part of the night that takes what pieces of work held for themselves and nobody is in any more.

use custody::id::{EngagementId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindSet, Policy};

use super::{ACTOR, Report, in_order};
use crate::departure::{self, Cause, Departed};
use crate::dispose::Bytes;
use crate::{Error, Keys, Result, Store, Tx, Value, ground, params};

/// How many pieces of work one transaction settles.
const SETTLED_AT_ONCE: u32 = 16;

/// The work of which something is due that it held for itself.
///
/// # Errors
/// Whatever the database says.
pub fn due_works(tx: &Tx<'_>, today: Date) -> Result<Vec<EngagementId>> {
    // As for people: by what is due, not by whose it is.
    let found = tx.all(
        "SELECT engagement_id FROM ground WHERE state = 'active' AND due_on IS NOT NULL AND due_on < ?1 AND +person_id IS NULL
            UNION ALL SELECT engagement_id FROM ground
                WHERE state = 'stopped' AND swept_at IS NULL AND stopped_on <= ?1 AND +person_id IS NULL",
        params![today],
        |row| Ok(EngagementId(row.int(0)?)),
    )?;
    Ok(in_order(found))
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
        swept(tx, policy, which, today, now)?;
    }
    Ok((u32::try_from(settled.changes.len()).unwrap_or(u32::MAX), departed))
}

/// Marks grounds as dealt with that stopped and have nothing left on the work: what somebody on it keeps, or must still be
/// handed over, is theirs to let go of on a later night.
fn swept(tx: &Tx<'_>, policy: &Policy, which: EngagementId, today: Date, now: Timestamp) -> Result<()> {
    let lying = tx.all(
        "SELECT COALESCE(w.class, d.kind) FROM document_work w JOIN document d ON d.id = w.document_id WHERE w.engagement_id = ?1
            UNION SELECT COALESCE(w.class, e.kind) FROM entry_work w JOIN entry e ON e.id = w.entry_id WHERE w.engagement_id = ?1",
        params![which],
        |row| row.text(0),
    )?;
    let lying: KindSet = lying.iter().filter_map(|kind| Some(policy.kind_named(kind)?.id)).collect();
    let mut values: Vec<Value<'_>> = vec![which.into(), today.into(), now.into()];
    let mut left = vec!["''".to_owned()];
    for rule in policy.rules.iter().filter(|rule| rule.for_work && !rule.kinds.and(lying).is_empty()) {
        values.push(rule.key.as_str().into());
        left.push(format!("?{}", values.len()));
    }
    let sql = format!(
        "UPDATE ground SET swept_at = ?3 WHERE person_id IS NULL AND engagement_id = ?1 AND state = 'stopped'
            AND swept_at IS NULL AND stopped_on <= ?2 AND rule NOT IN ({})",
        left.join(", ")
    );
    tx.exec(&sql, &values)?;
    Ok(())
}

/// Settles what all work holds for itself, some at a time. What could not be settled, each with why: it stops no other.
///
/// # Errors
/// Whatever the database says.
pub fn settle_all(
    store: &Store,
    policy: &Policy,
    today: Date,
    actor: &str,
    now: Timestamp,
) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut after = EngagementId(i64::MIN);
    loop {
        let some = store.read(|tx| ground::works_after(tx, policy, after, SETTLED_AT_ONCE))?;
        let Some(last) = some.last() else { return Ok(problems) };
        after = *last;
        problems.extend(store.write(|tx| {
            let mut problems = Vec::new();
            for which in &some {
                match tx.attempt(|tx| ground::settle_works(tx, policy, &[*which], today, actor, now)) {
                    Ok(_) | Err(Error::Missing) => {}
                    Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
                    Err(error) => problems.push(format!("work {which}: {error}")),
                }
            }
            Ok(problems)
        })?);
    }
}

/// Those of some pieces of work that these people are on.
pub(super) fn on(tx: &Tx<'_>, people: &[PersonId], works: &[EngagementId]) -> Result<Vec<EngagementId>> {
    let mut found = Vec::new();
    for who in people.iter().filter(|_| !works.is_empty()) {
        let sql = "SELECT engagement_id FROM engagement_person WHERE person_id = ?1";
        found.extend(tx.all(sql, params![*who], |row| Ok(EngagementId(row.int(0)?)))?);
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|work| works.contains(work));
    Ok(found)
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

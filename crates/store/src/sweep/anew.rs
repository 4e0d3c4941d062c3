//! Whom a night settles anew before anything else: everybody, after a newer program took the database over; else whoever could not
//! be settled before, then or as a version of the policy began. One record that cannot be read never stops the others.

use custody::id::PersonId;
use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;

use super::{ACTOR, Report, works};
use crate::{Error, Result, Store, Tx, ground, setting};

/// What stands for all work among the numbers of those who are still to be settled.
pub(crate) const ALL_WORK: i64 = 0;

/// Has the next night settle these anew, beside whoever it was to settle already.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn again(tx: &Tx<'_>, whom: &[i64]) -> Result<()> {
    let known = setting::get(tx, ground::SETTLE_ALL)?;
    let mut all: Vec<i64> = match known.as_deref().map(serde_json::from_str) {
        None => Vec::new(),
        Some(Ok(list)) => list,
        // Everybody is, anyway.
        Some(Err(_)) => return Ok(()),
    };
    all.extend(whom);
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        return Ok(());
    }
    let list = serde_json::to_string(&all).map_err(|error| Error::Database(error.to_string()))?;
    setting::set(tx, ground::SETTLE_ALL, &list)
}

/// Settles everybody once after a newer program took the database over: what it stores of a ground may be more than
/// the one before did, and what is due is found by it. Whoever could not be settled, then or as a version of the policy began, is
/// tried again the next night. Those of them who could be now: what lost its ground with that goes.
pub(super) fn settle_all(
    store: &Store,
    policy: &Policy,
    today: Date,
    clock: &dyn Fn() -> Timestamp,
    report: &mut Report,
) -> Result<Vec<PersonId>> {
    let Some(whom) = store.read(|tx| setting::get(tx, ground::SETTLE_ALL))? else { return Ok(Vec::new()) };
    let mut left: Vec<PersonId> = Vec::new();
    let mut anew: Vec<PersonId> = Vec::new();
    let mut all_work = true;
    // Once everybody was tried, only those who are left stand there, by number.
    let some_left: Option<Vec<i64>> = serde_json::from_str(&whom).ok();
    if let Some(some_left) = some_left {
        all_work = some_left.contains(&ALL_WORK);
        anew.extend(some_left.into_iter().filter(|who| *who != ALL_WORK).map(PersonId));
        for some in anew.chunks(16) {
            left.extend(settle_some(store, policy, some, today, clock(), report)?);
        }
        anew.retain(|who| !left.contains(who));
    } else {
        let mut after = PersonId(0);
        loop {
            let some = store.read(|tx| ground::held_after(tx, after, 16))?;
            let Some(last) = some.last() else { break };
            after = *last;
            left.extend(settle_some(store, policy, &some, today, clock(), report)?);
        }
    }
    let mut left: Vec<i64> = left.into_iter().map(|who| who.0).collect();
    if all_work {
        let problems = works::settle_all(store, policy, today, ACTOR, clock())?;
        left.extend((!problems.is_empty()).then_some(ALL_WORK));
        report.problems.extend(problems);
    }
    let list = serde_json::to_string(&left).map_err(|error| Error::Database(error.to_string()))?;
    store.write(|tx| {
        if setting::get(tx, ground::SETTLE_ALL)?.as_deref() != Some(whom.as_str()) {
            // A version that began meanwhile has left others: the next night settles all of them.
            again(tx, &left)
        } else if left.is_empty() {
            setting::clear(tx, ground::SETTLE_ALL)
        } else {
            setting::set(tx, ground::SETTLE_ALL, &list)
        }
    })?;
    Ok(anew)
}

/// Settles some people, and says who could not be.
fn settle_some(
    store: &Store,
    policy: &Policy,
    some: &[PersonId],
    today: Date,
    now: Timestamp,
    report: &mut Report,
) -> Result<Vec<PersonId>> {
    let (changes, problems) = store.write(|tx| {
        let (mut changes, mut problems) = (0, Vec::new());
        for who in some {
            match tx.attempt(|tx| ground::settle(tx, policy, *who, today, ACTOR, now)) {
                Ok(settled) => changes += settled.changes.len(),
                Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
                Err(Error::Missing) => {}
                // One record that cannot be decided never stops the others.
                Err(error) => problems.push((*who, format!("person {who}: {error}"))),
            }
        }
        Ok((u32::try_from(changes).unwrap_or(u32::MAX), problems))
    })?;
    report.settled += changes;
    let left = problems.iter().map(|(who, _)| *who).collect();
    for (who, problem) in problems {
        report.undecided.insert(who.0);
        report.problems.push(problem);
    }
    Ok(left)
}

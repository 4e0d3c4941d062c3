//! What a new version of the policy would do to the people held, counted and listed before it counts; and doing it
//! when its day has come. A preview writes nothing, and reads a few people at a time.

mod preview;

use std::collections::BTreeMap;

use custody::id::{EngagementId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::source::File;
use policy::{Policy, diff};
use serde_json::json;

use crate::{Error, Result, Store, Tx, files, ground, log, params, policy_version, setting, sweep};

pub use preview::{Begun, Ended, Groundless, OfWork, Preview, Shift, Unconsented, preview};

/// The setting that holds the version under whose clauses everybody's grounds were settled last.
const SETTLED: &str = "policy settled";

/// How many people or pieces of work one transaction sweeps, so that the writer is never held for long: as many as the night
/// does, which was measured beside people at work.
const AT_ONCE: u32 = sweep::AT_ONCE;

/// The name under which the change of versions stands in the log.
pub const ACTOR: &str = "system adoption";

/// Rules with live grounds that a version leaves out without saying what became of them: each with how many.
///
/// # Errors
/// Whatever the database says.
pub fn vanishing(tx: &Tx<'_>, old: &Policy, new: &Policy) -> Result<BTreeMap<String, i64>> {
    let mut live = BTreeMap::new();
    for key in diff::vanished(old, new) {
        let sql = "SELECT count(*) FROM ground WHERE rule = ?1 AND state = 'active'";
        let count = tx.count(sql, params![key.as_str()])?;
        if count > 0 {
            live.insert(key, count);
        }
    }
    Ok(live)
}

/// Roles that accounts in use have and a version does not: each with how many accounts.
///
/// # Errors
/// Whatever the database says.
pub fn roleless(tx: &Tx<'_>, new: &Policy) -> Result<BTreeMap<String, i64>> {
    let sql = "SELECT role, count(*) FROM staff WHERE until IS NULL GROUP BY role ORDER BY role";
    let roles = tx.all(sql, &[], |row| Ok((row.text(0)?, row.int(1)?)))?;
    Ok(roles.into_iter().filter(|(role, _)| new.role_named(role).is_none()).collect())
}

/// Notes that everybody's grounds follow this version: the one an instance begins with.
///
/// # Errors
/// Whatever the database says.
pub fn begins(tx: &Tx<'_>, version: u32) -> Result<()> {
    setting::set(tx, SETTLED, &version.to_string())
}

/// The version under which everybody's grounds were settled last.
fn settled(tx: &Tx<'_>) -> Result<Option<u32>> {
    let Some(text) = setting::get(tx, SETTLED)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Error::Malformed("setting policy settled".into()))
}

/// Gives grounds the names their rules have in the version in force, before anything is done under it. Done twice,
/// it does nothing the second time.
///
/// # Errors
/// Whatever the database says; [`Error::Malformed`] if an adopted version cannot be read.
pub fn carry_names(store: &Store, today: Date) -> Result<()> {
    let Some((old, new)) = store.read(|tx| waiting(tx, today))? else { return Ok(()) };
    let (old, new) = (read(old)?, read(new)?);
    let names = diff::renamed(&old, &new);
    if names.is_empty() {
        return Ok(());
    }
    store.write(|tx| {
        for rule in &new.rules {
            let (Some(was), Some(activity)) = (names.get(&rule.id), new.activity(rule.activity)) else {
                continue;
            };
            tx.exec(
                "UPDATE ground SET rule = ?2, activity = ?3, version = version + 1 WHERE rule = ?1",
                params![was.as_str(), rule.key.as_str(), activity.name.as_str()],
            )?;
            // What was agreed to under an activity's former name was agreed to all the same.
            let former = old.rule_keyed(was).and_then(|rule| old.activity(rule.activity));
            if let Some(former) = former.filter(|former| new.activity_named(&former.name).is_none()) {
                tx.exec(
                    "UPDATE consent SET activity = ?2 WHERE activity = ?1",
                    params![former.name.as_str(), activity.name.as_str()],
                )?;
            }
        }
        Ok(())
    })
}

/// The version everybody was settled under and the one in force, where they are not the same.
fn waiting(tx: &Tx<'_>, today: Date) -> Result<Option<(Vec<File>, Vec<File>)>> {
    let now = policy_version::in_force(tx, today)?;
    let Some(last) = settled(tx)?.filter(|last| *last != now.version) else { return Ok(None) };
    let all = policy_version::all(tx)?;
    let before = all.into_iter().find(|adopted| adopted.version == last).ok_or(Error::Missing)?;
    Ok(Some((before.files, now.files)))
}

/// Settles everybody's grounds under the version in force and lets go of what they no longer cover, if that was not
/// done yet; how many people. After a stop
/// it begins again, and finds those done before already as they should be.
///
/// # Errors
/// Whatever the database says.
pub fn settle_all(store: &Store, policy: &Policy, today: Date, now: Timestamp) -> Result<u32> {
    let last = store.read(settled)?;
    if last == Some(policy.version) {
        return Ok(0);
    }
    if last.is_none() {
        store.write(|tx| begins(tx, policy.version))?;
        return Ok(0);
    }
    let mut people = 0;
    let mut left = Vec::new();
    let mut after = i64::MIN;
    loop {
        let (some, gone, failed) = store.write(|tx| {
            let (mut gone, mut failed) = (Vec::new(), Vec::new());
            let some = tx.all(
                "SELECT id FROM person WHERE id > ?1 AND into_person_id IS NULL ORDER BY id LIMIT ?2",
                params![after, AT_ONCE],
                |row| row.int(0),
            )?;
            for person in &some {
                // Data may lose its ground though every ground goes on: each person is swept, not only settled.
                let swept =
                    tx.attempt(|tx| sweep::person(tx, policy, store.keys(), PersonId(*person), today, now));
                match swept {
                    Ok((_, departed)) => gone.extend(departed.bytes.files),
                    Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
                    Err(error) => {
                        tracing::error!(person, %error, "somebody could not be settled under a new version");
                        failed.push(*person);
                    }
                }
            }
            Ok::<_, Error>((some, gone, failed))
        })?;
        left.extend(failed);
        take(store, &gone);
        let Some(last) = some.last() else { break };
        after = *last;
        people += u32::try_from(some.len()).unwrap_or(0);
    }
    left.extend(settle_works(store, policy, today, now)?.then_some(sweep::ALL_WORK));
    store.write(|tx| {
        begins(tx, policy.version)?;
        // The next night tries them again, and says on Today whom it could not.
        sweep::settle_again(tx, &left)?;
        let body = json!({ "version": policy.version, "before": last, "people": people });
        log::append(tx, now, ACTOR, "policy.began", &[], &body)?;
        Ok::<_, Error>(())
    })?;
    Ok(people)
}

/// Settles what work holds for itself under the version in force, after everybody on it, and lets go of what it no longer
/// covers. Whether any of it could not be.
fn settle_works(store: &Store, policy: &Policy, today: Date, now: Timestamp) -> Result<bool> {
    let mut after = EngagementId(i64::MIN);
    let mut any_left = false;
    loop {
        let (some, gone, failed) = store.write(|tx| {
            let (mut gone, mut failed) = (Vec::new(), false);
            let some = ground::works_after(tx, policy, after, AT_ONCE)?;
            for work in &some {
                match tx.attempt(|tx| sweep::work(tx, policy, store.keys(), *work, today, now)) {
                    Ok((_, departed)) => gone.extend(departed.bytes.files),
                    Err(error @ (Error::Contended | Error::Away(_))) => return Err(error),
                    Err(error) => {
                        tracing::error!(work = work.0, %error, "work could not be settled under a new version");
                        failed = true;
                    }
                }
            }
            Ok::<_, Error>((some, gone, failed))
        })?;
        any_left |= failed;
        take(store, &gone);
        let Some(last) = some.last() else { return Ok(any_left) };
        after = *last;
    }
}

/// Takes the bytes of files whose rows are gone. What will not go stops nobody else: every night tries it again, and names it.
fn take(store: &Store, names: &[String]) {
    for name in names {
        if let Err(error) = files::remove(store, name) {
            tracing::error!(%error, "a file could not be removed");
        }
    }
}

fn read(files: Vec<File>) -> Result<Policy> {
    Policy::read(files).0.ok_or_else(|| Error::Malformed("the text of a policy version".into()))
}

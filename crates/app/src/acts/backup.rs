//! Backups: made at night as the policy says, read back before they count, let go when their period is over; and what
//! was let go of leaves every one of them at once. Where they lie is the operator's to say, how long is the policy's.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use serde_json::json;
use store::backup::{self, Keeping, Made, Point};
use store::dialect::copy;
use store::{log, ring_duty, setting};

use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// Where the backups lie in the data directory, unless `probity.toml` says otherwise.
const FOLDER: &str = "backups";
/// The name of the safe in a second place.
const SAFE: &str = "probity.safe";
/// Since when the safe could not be written to a place: shown to administrators until it could.
const UNREACHED: &str = "safe unreached since";
/// The local hour of the night from which a day's backup may be made: after the sweep.
const HOUR: i8 = 3;
/// How long backups stay where the policy says nothing of them, in days.
const DAYS: i64 = 30;

/// The folder of the nightly backups.
#[must_use]
pub fn folder(instance: &Instance) -> PathBuf {
    instance.config.backups.to.clone().unwrap_or_else(|| instance.store.data().join(FOLDER))
}

/// The files of the safe in its other places.
#[must_use]
pub fn safes(instance: &Instance) -> Vec<PathBuf> {
    instance.config.backups.safe.iter().map(|folder| folder.join(SAFE)).collect()
}

/// How many days the policy lets a backup stay, counted on a day.
fn days(policy: &Policy, today: Date) -> i64 {
    let stated = policy.backups.as_ref().and_then(|stated| today.checked_sub(stated.kept).ok());
    stated.and_then(|before| before.until(today).ok()).map_or(DAYS, |span| i64::from(span.get_days()).max(1))
}

/// How many days the policy in force lets a backup stay.
#[must_use]
pub fn days_kept(instance: &Instance) -> i64 {
    days(&instance.policy(), instance.clock.zone().to_datetime(machine()).date())
}

/// Makes a backup in a folder, reads it back, and notes it in the log.
///
/// # Errors
/// If it cannot be made or is not whole; then nothing new counts as a backup.
pub fn make(instance: &Instance, to: &Path, actor: &str) -> Result<Made, Fault> {
    super::restore::refused(instance)?;
    let now = machine();
    let today = instance.clock.zone().to_datetime(now).date();
    let keeping =
        Keeping { to: to.to_owned(), safes: safes(instance), days: days(&instance.policy(), today) };
    let made = backup::make(&instance.store, &keeping, now)?;
    reached(instance, &made.unreached, now)?;
    let body = json!({
        "bytes": made.size, "whole": made.whole, "rows": made.held, "written": made.written, "vanished": made.vanished, "left": made.left,
    });
    let now = instance.clock.now();
    instance.store.write(|tx| log::append(tx, now, actor, "backup.made", &[], &body))?;
    Ok(made)
}

/// Makes the night's backup where the policy promises one, once a day.
///
/// # Errors
/// As [`make`].
pub fn when_due(instance: &Instance) -> Result<(), Fault> {
    let policy = instance.policy();
    if policy.backups.is_none() || instance.is_practice() {
        return Ok(());
    }
    let now = machine();
    let zone = instance.clock.zone();
    let night = zone.to_datetime(now).date().at(HOUR, 0, 0, 0).to_zoned(zone.clone())?.timestamp();
    if now < night || newest(instance).is_some_and(|newest| newest >= night) {
        return Ok(());
    }
    make(instance, &folder(instance), "system backup")?;
    Ok(())
}

/// Destroys the keys of what was let go of, and writes down what every restore must bring back. It runs after each
/// act that lets go and every few seconds.
///
/// # Errors
/// If the safe beside the data cannot be written; then it is tried again.
pub fn forget(instance: &Instance) -> Result<(), Fault> {
    let waiting = instance.store.read(ring_duty::count)? > 0;
    let behind = instance.store.read(|tx| setting::get(tx, UNREACHED))?.is_some();
    if !waiting && !behind {
        return Ok(());
    }
    let done = ring_duty::carry_out(&instance.store, &safes(instance), behind, machine())?;
    // Where somebody else was quicker nothing was tried, and nothing is known of the places.
    if done.wrote { reached(instance, &done.unreached, machine()) } else { Ok(()) }
}

/// Takes away the copies made before the database was brought forward: they hold what has been let go of since.
///
/// # Errors
/// Whatever the disk says.
pub fn tidy(instance: &Instance) -> Result<(), Fault> {
    let yesterday = machine().saturating_sub(jiff::SignedDuration::from_hours(20))?;
    copy::tidy(&instance.store.data().join(FOLDER), yesterday)?;
    Ok(())
}

/// Notes since when a place of the safe cannot be written: until it can, a restore with what lies there would bring
/// back what was let go of since.
fn reached(instance: &Instance, unreached: &[(PathBuf, store::Error)], now: Timestamp) -> Result<(), Fault> {
    for (place, error) in unreached {
        tracing::error!(place = %place.display(), %error, "the safe of the backups cannot be written");
    }
    let since = instance.store.read(|tx| setting::get(tx, UNREACHED))?;
    match (unreached.is_empty(), since) {
        (true, Some(_)) => instance.store.write(|tx| setting::clear(tx, UNREACHED))?,
        (false, None) => instance.store.write(|tx| setting::set(tx, UNREACHED, &now.to_string()))?,
        _ => {}
    }
    Ok(())
}

/// Since when a second place of the safe could not be written.
///
/// # Errors
/// Whatever the database says.
pub fn behind(tx: &store::Tx<'_>) -> Result<Option<Timestamp>, Fault> {
    Ok(setting::get(tx, UNREACHED)?.and_then(|since| since.parse().ok()))
}

/// The backups in the instance's own folder, oldest first; none if they cannot be read.
#[must_use]
pub fn points(instance: &Instance) -> Vec<Point> {
    backup::points(&folder(instance), instance.store.keys()).unwrap_or_default()
}

/// When the newest backup of the instance's own folder was made.
#[must_use]
pub fn newest(instance: &Instance) -> Option<Timestamp> {
    points(instance).last().map(Point::at)
}

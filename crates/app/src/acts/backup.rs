//! Backups: made at night as the policy says, read back before they count, let go when their period is over; and what
//! was let go of leaves every one of them at once. Where they lie is the operator's to say, how long is the policy's.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use policy::Policy;
use serde_json::json;
use store::backup::{self, Keeping, Made, Point};
use store::dialect::copy;
use store::place::Place;
use store::{log, ring_duty, setting};

use crate::clock::machine;
use crate::config::Config;
use crate::fault::Fault;
use crate::instance::Instance;

/// Where the backups lie in the data directory, unless `probity.toml` says otherwise.
const FOLDER: &str = "backups";
/// Since when the safe could not be written to a place: shown to administrators until it could.
const UNREACHED: &str = "safe unreached since";
/// Since when no backup could be made in the instance's own place.
const FAILED: &str = "backup failed since";
/// When the newest backup was made, and in which place.
const NEWEST: &str = "newest backup";
/// Since when the keys of what went could not be destroyed beside the data, and why: shown until they could.
const UNFORGOTTEN: &str = "keys not destroyed since";
/// The local hour of the night from which a day's backup may be made: after the sweep.
const HOUR: i8 = 3;
/// How long backups stay where the policy says nothing of them, in days.
const DAYS: i64 = 30;

/// The place of the nightly backups.
///
/// # Errors
/// In words, if what is configured is no place.
pub fn place(instance: &Instance) -> Result<Place, Fault> {
    place_of(&instance.config, instance.store.data())
}

fn place_of(config: &Config, data: &Path) -> Result<Place, Fault> {
    match &config.backups.to {
        Some(named) => config.place(named).map_err(Fault::Other),
        None => Ok(Place::Folder(data.join(FOLDER))),
    }
}

/// The second places of the safe.
///
/// # Errors
/// In words, if what is configured is no place.
pub fn safes(instance: &Instance) -> Result<Vec<Place>, Fault> {
    safes_of(&instance.config)
}

fn safes_of(config: &Config) -> Result<Vec<Place>, Fault> {
    config.backups.safe.iter().map(|named| config.place(named).map_err(Fault::Other)).collect()
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

/// Makes a backup in a place, reads it back, and notes it in the log.
///
/// # Errors
/// If it cannot be made or is not whole; then nothing new counts as a backup.
pub fn make(instance: &Instance, to: &Place, actor: &str) -> Result<Made, Fault> {
    super::restore::refused(instance)?;
    let now = machine();
    let today = instance.clock.zone().to_datetime(now).date();
    let keeping = Keeping { to: to.clone(), safes: safes(instance)?, days: days(&instance.policy(), today) };
    let made = backup::make(&instance.store, &keeping, now)?;
    reached(instance, &made.unreached, now)?;
    if Some(to.to_string()) == place(instance).ok().map(|place| place.to_string()) {
        instance.store.write(|tx| setting::set(tx, NEWEST, &format!("{now} {to}")))?;
        note(instance, FAILED, None, now)?;
    }
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
    make_here(instance, "system backup").map(drop)
}

/// Makes a backup in the instance's own place. Why it could not be made is kept for whoever looks, until one is.
///
/// # Errors
/// As [`make`].
pub fn make_here(instance: &Instance, actor: &str) -> Result<Made, Fault> {
    let made = place(instance).and_then(|place| make(instance, &place, actor));
    if let Err(fault @ (Fault::Store(_) | Fault::Other(_))) = &made
        && let Err(error) = note(instance, FAILED, Some(&fault.to_string()), machine())
    {
        tracing::error!(%error, "why no backup could be made is not noted");
    }
    made
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
    let carried = ring_duty::carry_out(&instance.store, &safes(instance)?, behind, machine());
    remembered(instance, carried.as_ref().err())?;
    let done = carried?;
    // Where somebody else was quicker nothing was tried, and nothing is known of the places.
    if done.wrote { reached(instance, &done.unreached, machine()) } else { Ok(()) }
}

/// How a place is.
pub struct Tried {
    /// Its name.
    pub place: String,
    /// Whether the safe lies there, and not the backups.
    pub safe: bool,
    /// Whether all is well.
    pub well: bool,
    /// In a sentence.
    pub words: String,
}

/// Tries a place: puts something there, reads it back and takes it away. For the safe also whether anything stays of what
/// is replaced.
#[must_use]
pub fn tried(place: &Place, safe: bool) -> Tried {
    let what = if safe { "The safe goes" } else { "Backups go" };
    let kept = match place {
        Place::Bucket(bucket) if !safe && bucket.is_versioned() => {
            " It keeps old versions: a backup whose time is over stays there as one, and nobody can read it, until a rule of the \
             store takes it away."
        }
        _ => "",
    };
    let (well, words) = match store::place::probe(place, safe) {
        Ok(()) => (
            true,
            format!("{what} to {place}: something was put there, read back and taken away again.{kept}"),
        ),
        Err(error) => (false, format!("{what} to {place}, and that does not work. Why: {error}.")),
    };
    Tried { place: place.to_string(), safe, well, words }
}

/// Tries every place that is configured for an instance in a data directory.
///
/// # Errors
/// In words, if what is configured is no place.
pub fn tried_all(config: &Config, data: &Path) -> Result<Vec<Tried>, Fault> {
    let mut all = vec![tried(&place_of(config, data)?, false)];
    for second in safes_of(config)? {
        all.push(tried(&second, true));
    }
    Ok(all)
}

/// Remembers that the keys of what went could not be destroyed, or that they could again.
fn remembered(instance: &Instance, error: Option<&store::Error>) -> Result<(), Fault> {
    let known = instance.store.read(|tx| setting::get(tx, UNFORGOTTEN))?;
    match (error, known) {
        (Some(error), None) => {
            let said = format!("{} {error}", machine());
            instance.store.write(|tx| setting::set(tx, UNFORGOTTEN, &said))?;
        }
        (None, Some(_)) => instance.store.write(|tx| setting::clear(tx, UNFORGOTTEN))?,
        _ => {}
    }
    Ok(())
}

/// Since when the keys of what went could not be destroyed, and why.
///
/// # Errors
/// Whatever the database says.
pub fn unforgotten(tx: &store::Tx<'_>) -> Result<Option<(Timestamp, String)>, Fault> {
    let known = setting::get(tx, UNFORGOTTEN)?;
    Ok(known.and_then(|known| {
        let (since, why) = known.split_once(' ')?;
        Some((since.parse().ok()?, why.to_owned()))
    }))
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
fn reached(instance: &Instance, unreached: &[(Place, store::Error)], now: Timestamp) -> Result<(), Fault> {
    for (place, error) in unreached {
        tracing::error!(%place, %error, "the safe of the backups cannot be written");
    }
    let why: Vec<String> = unreached.iter().map(|(_, error)| error.to_string()).collect();
    note(instance, UNREACHED, (!why.is_empty()).then(|| why.join("; ")).as_deref(), now)
}

/// Notes since when something does not work, and why; or that it does.
fn note(instance: &Instance, what: &str, why: Option<&str>, now: Timestamp) -> Result<(), Fault> {
    let known = instance.store.read(|tx| setting::get(tx, what))?;
    let said = why.map(|why| {
        let since = known.as_deref().and_then(since).map_or(now, |(since, _)| since);
        format!("{since} {why}")
    });
    match &said {
        _ if said == known => Ok(()),
        None => Ok(instance.store.write(|tx| setting::clear(tx, what))?),
        Some(said) => Ok(instance.store.write(|tx| setting::set(tx, what, said))?),
    }
}

fn since(noted: &str) -> Option<(Timestamp, String)> {
    let (since, why) = noted.split_once(' ').unwrap_or((noted, ""));
    Some((since.parse().ok()?, why.to_owned()))
}

/// Since when a second place of the safe could not be written, and why.
///
/// # Errors
/// Whatever the database says.
pub fn behind(tx: &store::Tx<'_>) -> Result<Option<(Timestamp, String)>, Fault> {
    Ok(setting::get(tx, UNREACHED)?.and_then(|noted| since(&noted)))
}

/// Since when no backup could be made in the instance's own place, and why.
///
/// # Errors
/// Whatever the database says.
pub fn failing(tx: &store::Tx<'_>) -> Result<Option<(Timestamp, String)>, Fault> {
    Ok(setting::get(tx, FAILED)?.and_then(|noted| since(&noted)))
}

/// The backups in the instance's own folder, oldest first; none if they cannot be read, or lie in a bucket: a page does not
/// wait for a network.
#[must_use]
pub fn points(instance: &Instance) -> Vec<Point> {
    match place(instance) {
        Ok(folder @ Place::Folder(_)) => backup::points(&folder, instance.store.keys()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// When the newest backup in the instance's own place was made. A folder is looked into; of a bucket this is what was
/// noted when it was made.
#[must_use]
pub fn newest(instance: &Instance) -> Option<Timestamp> {
    match place(instance).ok()? {
        Place::Folder(_) => points(instance).last().map(Point::at),
        bucket @ Place::Bucket(_) => {
            let noted = instance.store.read(|tx| setting::get(tx, NEWEST)).ok().flatten()?;
            since(&noted).filter(|(_, place)| *place == bucket.to_string()).map(|(at, _)| at)
        }
    }
}

//! Backups of the database, each read back before it counts, and let go when the policy's period for them is over.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::json;
use store::backup::{self, Copied};
use store::log;

use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// Where the nightly backups lie, in the data directory.
const FOLDER: &str = "backups";

/// The local hour of the night from which a day's backup may be made: after the sweep.
const HOUR: i8 = 3;

/// The folder of the nightly backups.
#[must_use]
pub fn folder(instance: &Instance) -> PathBuf {
    instance.store.data().join(FOLDER)
}

/// Copies the database into a folder, reads the copy back, and notes it in the log.
///
/// # Errors
/// If the copy cannot be made or is not whole; then it does not stay.
pub fn make(instance: &Instance, to: &Path, actor: &str) -> Result<Copied, Fault> {
    instance.store.gather()?;
    let copied = backup::database(&instance.store, to, machine())?;
    let body = json!({ "bytes": copied.size, "tables": copied.rows.len() });
    let now = instance.clock.now();
    instance.store.write(|tx| log::append(tx, now, actor, "backup.made", &[], &body))?;
    Ok(copied)
}

/// Makes the night's backup where the policy promises one, once a day, and lets go of those past their period.
///
/// # Errors
/// As [`make`].
pub fn when_due(instance: &Instance) -> Result<(), Fault> {
    let policy = instance.policy();
    let Some(stated) = policy.backups.as_ref().filter(|_| !instance.is_practice()) else { return Ok(()) };
    let now = machine();
    let zone = instance.clock.zone();
    let today = zone.to_datetime(now).date();
    let night = today.at(HOUR, 0, 0, 0).to_zoned(zone.clone())?.timestamp();
    if now < night || newest(instance).is_some_and(|newest| newest >= night) {
        return Ok(());
    }
    make(instance, &folder(instance), "system backup")?;
    let before = today.checked_sub(stated.kept)?.at(0, 0, 0, 0).to_zoned(zone.clone())?.timestamp();
    backup::tidy(&folder(instance), before)?;
    Ok(())
}

/// When the newest backup of the instance's own folder was made.
#[must_use]
pub fn newest(instance: &Instance) -> Option<Timestamp> {
    let files = std::fs::read_dir(folder(instance)).ok()?;
    files
        .filter_map(Result::ok)
        .filter_map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            let at = civil::DateTime::strptime("%Y-%m-%dT%H-%M-%SZ.db", &name).ok()?;
            TimeZone::UTC.to_zoned(at).ok().map(|zoned| zoned.timestamp())
        })
        .max()
}

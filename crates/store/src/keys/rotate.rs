//! A new operator's secret in the place of the old one. The keys that it wraps stay as they are: what they encrypted is
//! not touched, and backups made before are read as before, by whoever has the new secret and the safe as it is now.
//!
//! The keyring in the data directory is replaced in one step, and at every moment exactly one of the two secrets opens
//! it. The safe follows, here and in its second places. Whoever was interrupted in between does it again.

use std::path::Path;

use jiff::Timestamp;

use super::{Keys, Secret, hex, place};
use crate::place::Place;
use crate::safe::{self, Safe};
use crate::{Error, Result, Store};

/// What came of it.
#[derive(Debug)]
pub struct Rotated {
    /// Whether the keyring was wrapped anew; not where an earlier attempt had done that.
    pub wrapped: bool,
    /// Whether there was a safe to be written.
    pub safe: bool,
}

/// Puts a new secret in the place of the one that opens this data directory, then writes the safe anew everywhere.
/// Where the new one opens it already, only the safe is written. A server may go on working: it has what it needs.
///
/// # Errors
/// Before anything is changed, if the safe cannot be written to one of its `others`: there it would open with the old
/// secret for as long as it lies there. Whatever the disk says afterwards; then it is to be done again.
pub fn rotate(store: &Store, new: &Secret, others: &[Place], now: Timestamp) -> Result<Rotated> {
    let _alone = safe::alone(store.data())?;
    let mut safe = Safe::open(store)?;
    let there = safe::place(store.data()).exists();
    let wrapped = Keys::open(store.data(), new).is_err();
    if wrapped {
        if there {
            refuse_unreached(safe.write(store, others, now)?, "Nothing was changed, and the old key holds")?;
        }
        store.keys().rewrap(store.data(), new)?;
    }
    if there {
        refuse_unreached(
            safe.write(store, others, now)?,
            "The new key holds here, and the old one opens the safe there",
        )?;
    }
    Ok(Rotated { wrapped, safe: there })
}

fn refuse_unreached(unreached: Vec<(Place, Error)>, so: &str) -> Result<()> {
    match unreached.into_iter().next() {
        None => Ok(()),
        Some((place, error)) => Err(Error::Place(format!(
            "the safe could not be written to {place}: {error}. {so}. Make that place reachable, or take it out of probity.toml if it \
             is lost for good, and rotate again"
        ))),
    }
}

/// Puts the file of a new secret in the place of the old one's, in one step, and nought over what the old one was as far
/// as the disk lets anybody.
///
/// # Errors
/// Whatever the disk says.
pub fn put_in_place(new: &Path, path: &Path) -> Result<()> {
    let failed = |error| Error::file(path, error);
    let old = std::fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
    std::fs::rename(new, path).map_err(failed)?;
    super::named_for_good(path).map_err(failed)?;
    let length = old.metadata().map_or(0, |found| found.len());
    let nought = vec![0; usize::try_from(length).unwrap_or(0)];
    std::io::Write::write_all(&mut &old, &nought).and_then(|()| old.sync_data()).map_err(failed)
}

/// What tells one wrapping of the keyring from every other: it changes with each new secret, and says nothing of either.
///
/// # Errors
/// If the keyring cannot be read.
pub fn wrapping_of(data: &Path) -> Result<String> {
    let path = place(data);
    let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
    Ok(hex(blake3::hash(&bytes).as_bytes().get(..16).unwrap_or_default()))
}

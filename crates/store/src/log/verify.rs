//! Whether the log is what was written: every leaf, every event that is still there, every checkpoint.

use crate::keys::Keys;
use crate::{Error, Result, Tx, params};

use super::{Checkpoint, Frontier, Hash, hashed, read_checkpoint, signed};

/// What was found in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Summary {
    /// Leaves in the tree.
    pub size: u64,
    /// Events of which body and nonce are still there and were recomputed.
    pub events: u64,
    /// Events written and not yet placed.
    pub waiting: u64,
    /// Checkpoints whose signature and root were recomputed.
    pub checkpoints: u64,
    /// The newest checkpoint.
    pub newest: Option<Checkpoint>,
}

/// What is not as it was written.
#[derive(Debug)]
pub enum Broken {
    /// A leaf is missing, or one is where none should be.
    Leaf {
        /// At which place.
        place: u64,
    },
    /// An event is not the one its leaf was made from.
    Event {
        /// Its row.
        id: i64,
        /// Its place.
        place: u64,
    },
    /// A checkpoint does not fit the leaves before it.
    Root {
        /// Over how many events.
        size: u64,
    },
    /// A checkpoint was not signed with this instance's key.
    Signature {
        /// Over how many events.
        size: u64,
    },
    /// Leaves stand behind the newest checkpoint, or it counts more than there are.
    Length {
        /// What the newest checkpoint counts.
        signed: u64,
        /// What is there.
        found: u64,
    },
    /// A checkpoint kept elsewhere is not part of this log.
    Elsewhere {
        /// Over how many events.
        size: u64,
    },
    /// It could not be read at all.
    Unreadable(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Unreadable(error)
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Leaf { place } => write!(f, "the leaf at place {place} is missing or out of place"),
            Self::Event { id, place } => {
                write!(f, "event {id} at place {place} is not the one its leaf was made from")
            }
            Self::Root { size } => {
                write!(f, "the checkpoint over {size} events does not fit the events before it")
            }
            Self::Signature { size } => {
                write!(f, "the checkpoint over {size} events was not signed with this instance's key")
            }
            Self::Length { signed, found } => {
                write!(f, "the newest checkpoint counts {signed} events, {found} are there")
            }
            Self::Elsewhere { size } => {
                write!(f, "the checkpoint kept elsewhere over {size} events is not part of this log")
            }
            Self::Unreadable(error) => write!(f, "the log cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Broken {}

/// Recomputes the whole log, and compares it with a checkpoint kept elsewhere if one is given.
///
/// # Errors
/// The first thing that is not as it was written.
pub fn verify(tx: &Tx<'_>, keys: &Keys, elsewhere: Option<(u64, Hash)>) -> Result<Summary, Broken> {
    let checkpoints =
        tx.all("SELECT size, root, at, signature FROM log_checkpoint ORDER BY size", &[], read_checkpoint)?;
    for checkpoint in &checkpoints {
        if !signed(keys, checkpoint)? {
            return Err(Broken::Signature { size: checkpoint.size });
        }
    }
    let mut tree = Frontier::default();
    let mut expected = checkpoints.iter().peekable();
    let mut outside = elsewhere;
    tx.each("SELECT place, hash FROM log_leaf ORDER BY place", &[], |row| {
        if u64::try_from(row.int(0)?).ok() != Some(tree.size()) {
            return Err(Broken::Leaf { place: tree.size() });
        }
        tree.push(row.hash(1)?);
        if let Some(checkpoint) = expected.next_if(|checkpoint| checkpoint.size == tree.size())
            && checkpoint.root != tree.root()
        {
            return Err(Broken::Root { size: checkpoint.size });
        }
        if let Some((size, root)) = outside
            && size == tree.size()
        {
            if root != tree.root() {
                return Err(Broken::Elsewhere { size });
            }
            outside = None;
        }
        Ok(())
    })?;
    if let Some((size, _)) = outside
        && size > 0
    {
        return Err(Broken::Elsewhere { size });
    }
    let newest = checkpoints.last().cloned();
    let counted = newest.as_ref().map_or(0, |checkpoint| checkpoint.size);
    if counted != tree.size() {
        return Err(Broken::Length { signed: counted, found: tree.size() });
    }
    let mut events = 0;
    tx.each(
        "SELECT e.id, e.at, e.actor, e.act, e.body, e.nonce, e.place, l.hash FROM log_event AS e
         LEFT JOIN log_leaf AS l ON l.place = e.place WHERE e.place IS NOT NULL",
        &[],
        |row| {
            let place = u64::try_from(row.int(6)?).unwrap_or(u64::MAX);
            if row.opt_bytes(7)?.is_none_or(|leaf| hashed(row).map_or(true, |hash| leaf != hash)) {
                return Err(Broken::Event { id: row.int(0)?, place });
            }
            events += 1;
            Ok(())
        },
    )?;
    let waiting = tx.count("SELECT count(*) FROM log_event WHERE place IS NULL", params![])?;
    Ok(Summary {
        size: tree.size(),
        events,
        waiting: u64::try_from(waiting).unwrap_or(0),
        checkpoints: checkpoints.len() as u64,
        newest,
    })
}

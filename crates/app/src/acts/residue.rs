//! What a database leaves lying of what went: cleared right after an erasure where that takes a moment, and by a job that
//! goes on asking as long as anything lies there.

use std::sync::atomic::{AtomicBool, Ordering};

use store::dialect::Dialect;

use crate::fault::Fault;
use crate::instance::Instance;

/// Clears what lies there, if anything does.
///
/// # Errors
/// Whatever the store says.
pub fn clear(instance: &Instance) -> Result<(), Fault> {
    static WAITING: AtomicBool = AtomicBool::new(false);
    let cleared = store::residue::clear(&instance.store)?;
    // Said once, not each time it is tried again: the page on how the instance is says since when.
    if !WAITING.swap(!cleared, Ordering::Relaxed) && !cleared {
        tracing::warn!(
            "somebody reads for long: what went is cleared from the database's log when they have done"
        );
    }
    Ok(())
}

/// Clears at once what an act has just let go of, where it takes a moment; else, and if somebody stands in the way, the job
/// does.
pub fn at_once(instance: &Instance) {
    if instance.store.dialect() != Dialect::Sqlite {
        return;
    }
    if let Err(fault) = clear(instance) {
        tracing::error!(%fault, "what went could not be cleared from the database's log yet");
    }
}

//! Where the C library takes memory from. By itself it has a place for nearly every thread, and what was used once in one of them is not
//! given to another: a server whose threads come and go holds on to much that nothing lies in. How many there are is asked for only as a
//! process begins, so a server begins anew as the same process.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// What the C library of GNU is told it by.
const SAID_BY: &str = "MALLOC_ARENA_MAX";

/// The fewest: those who take memory at the same time wait for each other.
const FEWEST: usize = 2;

/// Sees to it that there are no more than processors. Begins the program anew, with the same arguments, unless somebody said how many
/// there are to be; where that cannot be done it goes on as it is. To be called before anything else is done.
pub fn few() {
    if !cfg!(target_env = "gnu") || std::env::var_os(SAID_BY).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let most = std::thread::available_parallelism().map_or(FEWEST, |most| most.get().max(FEWEST));
    let mut anew = Command::new(program);
    let mut args = std::env::args_os();
    if let Some(called) = args.next() {
        anew.arg0(called);
    }
    // It comes back only where it could not be done.
    let error = anew.args(args).env(SAID_BY, most.to_string()).exec();
    tracing::debug!(%error, "the server holds more memory than it needs: it could not begin anew");
}

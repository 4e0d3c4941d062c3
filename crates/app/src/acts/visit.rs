//! Visits to our public pages, counted of whoever said yes. Those of the last seconds wait in memory and are written down
//! together, so that no page waits for the disk; a stop loses them, which a count can bear. Never an address, never who.

use std::sync::{Mutex, PoisonError};

use jiff::SignedDuration;
use jiff::civil::Date;
use store::Tx;
use store::visit::{self, Count, Visit};

use crate::attempts::{Attempts, household};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

/// How many wait at most; what comes beside them is not counted.
const WAITING_MAX: usize = 1000;

/// How many from one address are counted in an hour: a person reads no more pages.
const FROM_ONE_ADDRESS: u32 = 120;

/// How many a transaction writes.
const AT_ONCE: usize = 100;

/// Visits that are not written down yet.
#[derive(Debug)]
pub struct Waiting {
    visits: Mutex<Vec<Visit>>,
    from_one: Attempts,
}

impl Default for Waiting {
    fn default() -> Self {
        let from_one = Attempts::new(FROM_ONE_ADDRESS, SignedDuration::from_hours(1));
        Self { visits: Mutex::default(), from_one }
    }
}

impl Waiting {
    /// Takes a visit to be counted. The address is looked at so that one machine counts for no crowd, and not kept with it.
    pub fn add(&self, visit: Visit, address: Option<&str>) {
        let from = household(address.unwrap_or_default());
        let mut waiting = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX && self.from_one.count(&from, machine()).is_ok() {
            waiting.push(visit);
        }
    }

    fn take(&self) -> Vec<Visit> {
        std::mem::take(&mut *self.visits.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down the visits that wait.
///
/// # Errors
/// Whatever the store says; then those are not counted.
pub fn write_down(instance: &Instance) -> Result<(), Fault> {
    let (policy, waiting) = (instance.policy(), instance.visits.take());
    if policy.visits.is_none() {
        return Ok(());
    }
    for some in waiting.chunks(AT_ONCE) {
        instance.store.write(|tx| visit::record(tx, &policy, some))?;
    }
    Ok(())
}

/// Lets go of the single visits whose time has come, by the hour as by the night.
///
/// # Errors
/// Whatever the store says.
pub fn let_go(instance: &Instance) -> Result<(), Fault> {
    let (policy, now) = (instance.policy(), instance.clock.now());
    let before = visit::held_from(&policy, now)?;
    if instance.store.read(|tx| visit::any_before(tx, before))? {
        instance.store.write(|tx| visit::let_go(tx, &policy, now))?;
    }
    Ok(())
}

/// The counts from a day on, for whoever works here: they say nothing about anybody.
///
/// # Errors
/// Whatever the store says.
pub fn counts(tx: &Tx<'_>, from: Date) -> Result<Vec<Count>, Fault> {
    Ok(visit::counts(tx, from)?)
}

/// The other sites whose links were followed, of the single visits that are still held, and how many of each.
///
/// # Errors
/// Whatever the store says.
pub fn sites(tx: &Tx<'_>) -> Result<Vec<(String, u64)>, Fault> {
    Ok(visit::sites(tx)?)
}

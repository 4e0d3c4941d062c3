//! What a night could not do beside what its sweep could not decide: it is kept until a later night could, named on Today and among
//! how the instance is, and tried again every night. It holds whom it was about, by number, and why; never a value.

use std::collections::BTreeSet;

use custody::id::PersonId;
use store::{Tx, setting};

use crate::fault::Fault;
use crate::instance::Instance;

/// The setting that holds what the latest night could not do.
const LATEST: &str = "not done in the latest night";

/// What could not be done of one night.
#[derive(Debug, Default)]
pub struct Undone {
    said: BTreeSet<String>,
    failed: Option<Fault>,
}

impl Undone {
    /// What the latest night could not do, for what comes after it.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn of_latest(instance: &Instance) -> Result<Self, Fault> {
        let said = instance.store.read(latest)?.into_iter().collect();
        Ok(Self { said, failed: None })
    }

    /// Does a part of the night by itself, so that it stops no other. What came of it, unless it failed.
    pub fn part<T>(&mut self, what: &str, part: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Option<T> {
        match part(self) {
            Ok(done) => Some(done),
            Err(fault) => {
                tracing::error!(what, %fault, "a part of the night failed");
                self.said.insert(format!("{what}: {fault}"));
                self.failed.get_or_insert(fault);
                None
            }
        }
    }

    /// Notes that something of somebody could not be done while it was done for everybody else.
    pub fn of(&mut self, person: PersonId, what: &str, fault: &Fault) {
        tracing::error!(person = person.0, what, %fault, "a record could not be dealt with");
        self.said.insert(format!("person {person}: {what}: {fault}"));
    }

    /// Notes that one thing that is nobody's could not be dealt with while every other was.
    pub fn one(&mut self, what: &str, id: i64, fault: &Fault) {
        tracing::error!(what, id, %fault, "a record could not be dealt with");
        self.said.insert(format!("{what} {id}: {fault}"));
    }

    /// Keeps it in the place of what the night before could not do.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn keep(&self, instance: &Instance) -> Result<(), Fault> {
        let said: Vec<&str> = self.said.iter().map(String::as_str).collect();
        if instance.store.read(latest)? == said {
            return Ok(());
        }
        let kept = serde_json::to_string(&said).map_err(|error| Fault::Other(error.to_string()))?;
        Ok(instance.store.write(|tx| match said.is_empty() {
            true => setting::clear(tx, LATEST),
            false => setting::set(tx, LATEST, &kept),
        })?)
    }

    /// That every part was done, whatever single records could not be.
    ///
    /// # Errors
    /// Why the first part failed that did.
    pub fn failed(self) -> Result<(), Fault> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// What the latest night could not do, in order; nothing once a later one could.
///
/// # Errors
/// Whatever the store says.
pub fn latest(tx: &Tx<'_>) -> store::Result<Vec<String>> {
    let kept = setting::get(tx, LATEST)?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
}

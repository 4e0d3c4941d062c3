//! What the program does by itself, on one page. A job delegates to an act or to the store; what it did, and
//! that it failed, is kept where staff see it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::blocking;

pub mod night;
pub mod outbox;

/// Something done again and again.
pub struct Job {
    /// Its name, for the log of the program.
    pub name: &'static str,
    /// How long it waits between two runs.
    pub every: Duration,
    /// What it does. It runs on a thread that may block.
    pub run: fn(&Instance) -> Result<(), Fault>,
}

/// Every job.
pub const JOBS: &[Job] = &[
    Job { name: "policy", every: Duration::from_secs(10), run: crate::acts::adoption::begin_when_due },
    Job { name: "night", every: Duration::from_secs(30), run: night::when_due },
    Job { name: "outbox", every: Duration::from_secs(2), run: outbox::run },
    Job { name: "proof", every: Duration::from_secs(15), run: crate::acts::proof::when_due },
    Job { name: "backup", every: Duration::from_secs(300), run: crate::acts::backup::when_due },
    Job { name: "log", every: Duration::from_secs(5), run: place_events },
];

/// Starts every job. They end when the set is dropped; one that fails is tried again at its next turn.
#[must_use]
pub fn start(instance: &Arc<Instance>) -> JoinSet<()> {
    let mut running = JoinSet::new();
    let resumed = Arc::clone(instance);
    running.spawn(async move {
        if let Err(fault) = blocking(move || crate::acts::import::resume(&resumed).map(drop)).await {
            tracing::error!(%fault, "imports that a stop interrupted could not go on");
        }
    });
    for job in JOBS {
        let instance = Arc::clone(instance);
        running.spawn(async move {
            loop {
                tokio::time::sleep(job.every).await;
                let instance = Arc::clone(&instance);
                if let Err(fault) = blocking(move || (job.run)(&instance)).await {
                    tracing::error!(job = job.name, %fault, "a job failed");
                }
            }
        });
    }
    running
}

/// Gives the log's events their places and signs a checkpoint over them.
fn place_events(instance: &Instance) -> Result<(), Fault> {
    instance.store.gather()?;
    let waiting = instance.store.read(|tx| tx.any("SELECT 1 FROM log_event WHERE place IS NULL", &[]))?;
    if !waiting {
        return Ok(());
    }
    let now = instance.clock.now();
    while instance.store.write(|tx| store::log::sequence(tx, instance.store.keys(), now))? {}
    Ok(())
}

//! What the program does by itself, on one page. A job delegates to an act or to the store; what it did, and
//! that it failed, is kept where staff see it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::acts::mailing::{filling, second_thoughts};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::blocking;

pub mod mailbox;
pub mod night;
pub mod outbox;
pub mod subscribers;
pub mod webhooks;

/// Something done again and again.
pub struct Job {
    /// Its name, for the log of the program.
    pub name: &'static str,
    /// How long it waits between two runs.
    pub every: Duration,
    /// What it does. It runs on a thread that may block.
    pub run: fn(&Instance) -> Result<(), Fault>,
    /// Where several servers work on one database, whether one of them at a time is enough.
    pub alone: bool,
}

/// Every job.
pub const JOBS: &[Job] = &[
    Job {
        name: "policy",
        every: Duration::from_secs(10),
        run: crate::acts::adoption::begin_when_due,
        alone: false,
    },
    Job { name: "night", every: Duration::from_secs(30), run: night::when_due, alone: true },
    Job { name: "hour", every: Duration::from_secs(600), run: night::hour, alone: true },
    Job { name: "mailings", every: Duration::from_secs(2), run: mailings, alone: true },
    Job { name: "outbox", every: Duration::from_secs(2), run: outbox::run, alone: true },
    Job { name: "webhooks", every: Duration::from_secs(2), run: webhooks::run, alone: true },
    Job { name: "subscribers", every: Duration::from_secs(30), run: subscribers::run, alone: true },
    Job { name: "mailbox", every: Duration::from_secs(20), run: mailbox::when_due, alone: true },
    Job { name: "proof", every: Duration::from_secs(15), run: crate::acts::proof::when_due, alone: true },
    Job { name: "backup", every: Duration::from_secs(300), run: crate::acts::backup::when_due, alone: true },
    Job {
        name: "backup keys",
        every: Duration::from_secs(2),
        run: crate::acts::backup::forget,
        alone: false,
    },
    Job { name: "residue", every: Duration::from_secs(30), run: crate::acts::residue::clear, alone: true },
    Job { name: "visits", every: Duration::from_secs(5), run: crate::acts::visit::write_down, alone: false },
    Job { name: "log", every: Duration::from_secs(5), run: place_events, alone: true },
];

/// Starts every job. They end when the set is dropped; one that fails is tried again at its next turn.
#[must_use]
pub fn start(instance: &Arc<Instance>) -> JoinSet<()> {
    let mut running = JoinSet::new();
    let (looking, looked) = tokio::sync::watch::channel(());
    let resumed = Arc::clone(instance);
    running.spawn(async move {
        once(&resumed, outbox::take_back).await;
        // From here on whatever is in hand is in the hands of this server.
        drop(looking);
        once(&resumed, go_on).await;
    });
    for job in JOBS {
        let instance = Arc::clone(instance);
        let mut looked = looked.clone();
        running.spawn(async move {
            // Else what a job takes in hand would be taken for what the server before had. Nothing is ever said here: it ends.
            let _ended = looked.changed().await;
            loop {
                tokio::time::sleep(job.every).await;
                // After a restore that is not covered nothing leaves and nothing goes until somebody has looked.
                if instance.quarantine().is_some() {
                    continue;
                }
                let instance = Arc::clone(&instance);
                let turn = move || match job.alone {
                    true => instance.store.one_at_a_time(job.name, || (job.run)(&instance)).map(drop),
                    false => (job.run)(&instance),
                };
                if let Err(fault) = blocking(turn).await {
                    tracing::error!(job = job.name, %fault, "a job failed");
                }
            }
        });
    }
    running
}

/// Does once what a stop of the server before left to do.
async fn once(instance: &Arc<Instance>, what: fn(&Instance) -> Result<(), Fault>) {
    let instance = Arc::clone(instance);
    if instance.quarantine().is_none()
        && let Err(fault) = blocking(move || what(&instance)).await
    {
        tracing::error!(%fault, "what a stop interrupted could not go on");
    }
}

/// Goes on where the server before this one was stopped, in whatever way, besides with messages it had in hand.
fn go_on(instance: &Instance) -> Result<(), Fault> {
    crate::acts::drill::tidy(instance);
    instance.store.one_at_a_time("imports", || crate::acts::import::resume(instance)).map(drop)
}

/// Goes on with mailings that go in steps: what was said of all that waits first, then what is still to be queued.
///
/// # Errors
/// Whatever the store says as it is asked which they are.
pub fn mailings(instance: &Instance) -> Result<(), Fault> {
    second_thoughts::go_on(instance)?;
    filling::go_on(instance)
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

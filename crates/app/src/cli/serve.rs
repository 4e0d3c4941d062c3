//! `probity serve`: runs the server and its jobs on a data directory.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use super::Outcome;
use super::place::Place;
use crate::instance::Instance;
use crate::{jobs, routes, server};

/// What `serve` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Listen here instead of where probity.toml says.
    #[arg(long, env = "PROBITY_LISTEN")]
    listen: Option<SocketAddr>,
}

/// Runs until asked to stop.
///
/// # Errors
/// If the instance cannot be opened or the address is taken.
pub fn run(args: &Args) -> Outcome {
    super::arenas::few();
    let mut instance = args.place.open_to_look()?;
    // Two servers on one directory would both live through the night.
    let _alone = instance.store.serving()?;
    if let Some(listen) = args.listen {
        instance.config.listen = listen;
    }
    serve(instance, |address| super::say(format_args!("Listening on http://{address}")))
}

/// Serves an instance until asked to stop. `ready` is called with the address once it answers.
///
/// # Errors
/// If the address is taken.
pub fn serve(mut instance: Instance, ready: impl FnOnce(SocketAddr)) -> Outcome {
    super::runtime()?.block_on(async move {
        let listener = tokio::net::TcpListener::bind(instance.config.listen).await.map_err(|error| {
            super::Failure(format!("{}: {error}; choose another with --listen", instance.config.listen))
        })?;
        let address = listener.local_addr()?;
        instance.config.listen = address;
        let instance = Arc::new(instance);
        let app = server::layered(routes::routes(Arc::clone(&instance)), &instance.config);
        let _jobs = jobs::start(&instance);
        ready(address);
        server::serve(listener, app, server::asked_to_stop()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

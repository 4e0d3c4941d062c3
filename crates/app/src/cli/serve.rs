//! `probity serve`: runs the server and its jobs on a data directory.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use super::Outcome;
use crate::config::Config;

/// What `serve` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The data directory.
    #[arg(long, env = "PROBITY_DATA")]
    data: PathBuf,
    /// Listen here instead of where probity.toml says.
    #[arg(long)]
    listen: Option<SocketAddr>,
}

/// Runs until asked to stop.
///
/// # Errors
/// If the configuration is wrong or the address is taken.
pub fn run(args: Args) -> Outcome {
    let config = Config::read(&args.data)?;
    let listen = args.listen.unwrap_or(config.listen);
    super::runtime()?.block_on(async move {
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let app = crate::server::layered(crate::routes::routes(), &config);
        super::say(format_args!("Listening on http://{}", listener.local_addr()?));
        crate::server::serve(listener, app, crate::server::asked_to_stop()).await?;
        Ok(ExitCode::SUCCESS)
    })
}

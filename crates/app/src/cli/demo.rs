//! `probity demo`, and `probity` alone: a practice instance with a world in it, thrown away at the end unless kept.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::place::Place;
use super::{Failure, Outcome, serve};
use crate::instance::Instance;
use crate::world::{self, PASSWORD, Pack};

/// What `demo` takes.
#[derive(clap::Args, Debug, Default)]
pub struct Args {
    /// Whose world.
    #[arg(long, default_value = "cti")]
    org: String,
    /// The port to listen on; without one 8080, or another if that is taken.
    #[arg(long)]
    port: Option<u16>,
    /// Keep the instance here; one that is here already goes on where it stopped.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Make it and stop: no server.
    #[arg(long, requires = "data")]
    no_serve: bool,
}

impl Args {
    /// What `probity` alone means.
    #[must_use]
    pub fn alone() -> Self {
        Self { org: "cti".to_owned(), ..Self::default() }
    }
}

/// Makes the instance, and serves it until asked to stop.
///
/// # Errors
/// If there is no such world, or the instance cannot be made.
pub fn run(args: &Args) -> Outcome {
    let pack = Pack::named(&args.org).ok_or_else(|| {
        let known: Vec<_> = world::PACKS.iter().map(|pack| pack.name).collect();
        Failure(format!("there is no world called `{}`; there is {}", args.org, known.join(", ")))
    })?;
    let thrown_away = match args.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("probity-practice-").tempdir()?),
    };
    let data =
        args.data.as_deref().or(thrown_away.as_ref().map(tempfile::TempDir::path)).unwrap_or(Path::new("."));
    let mut instance = make(pack, data)?;
    if args.no_serve {
        super::say(format_args!(
            "Ready in {}. Start it: probity serve --data {}",
            data.display(),
            data.display()
        ));
        return Ok(ExitCode::SUCCESS);
    }
    instance.config.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(args.port)));
    let world = pack.world()?;
    let _alone = instance.store.serving()?;
    serve::serve(instance, |address| {
        super::say(format_args!(
            "\nOpen   http://{address}\nSign in with one of these, password: {PASSWORD}"
        ));
        for member in &world.staff {
            super::say(format_args!("  {:<28} {} ({})", member.email, member.name, member.role));
        }
        super::say("\nStop with Ctrl+C.");
        if args.data.is_none() {
            super::say("Everything is thrown away then; keep it with --data DIR.");
        }
    })
}

fn make(pack: &Pack, data: &Path) -> Result<Instance, Failure> {
    let place = Place::practice(data.to_owned());
    if data.join("keyring").exists() {
        return place.open();
    }
    let world = pack.world()?;
    super::say(format_args!("Making {}'s practice instance ...", pack.title));
    let secret = place.new_secret(true)?;
    let instance = Instance::create(data, None, &secret, pack.policy()?, Some(world.begins))?;
    world::play(&instance, &world)?;
    let made = world::made(&instance, &world)?;
    super::say(format_args!(
        "{} people and {} organisations, {} to {}. Nobody in it exists.",
        made.people, made.organisations, made.begins, made.today
    ));
    Ok(instance)
}

/// The port asked for; or 8080; or any, if that is taken.
fn free_port(asked: Option<u16>) -> u16 {
    let free = |port: u16| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    match asked {
        Some(port) => port,
        None if free(8080) => 8080,
        None => 0,
    }
}

//! `probity network`: a list for a social network, by the same act as the page: everybody is decided for, and what went is
//! written down. With `--dry-run` nothing is made: how many would be in it, and how many not and why.

use std::path::PathBuf;
use std::process::ExitCode;

use store::hashed::{self, Network};

use super::out::Out;
use super::place::Place;
use super::{Failure, Format, Outcome, say, who};
use crate::acts::hashed as acts;
use crate::web::api::network::counted;

/// What `network` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// To whom: a recipient, as the policy names it.
    to: String,
    /// The activity whose people go; not needed where only one shares with them.
    #[arg(long)]
    activity: Option<String>,
    /// The network whose list it is.
    #[arg(long, value_parser = ["meta", "linkedin", "google"])]
    network: String,
    /// The new file to write, which only its owner reads; standard output unless said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only say how many would be in it, and how many not and why.
    #[arg(long)]
    dry_run: bool,
    /// How to say that.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The member of staff who acts, by e-mail; the first administrator unless said.
    #[arg(long = "as", value_name = "EMAIL")]
    staff: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Does it.
///
/// # Errors
/// If the policy refuses, with the clause and the next step; if the file cannot be written.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let acting = who::acting(&instance, args.staff.as_deref())?;
    let network = Network::named(&args.network)
        .ok_or_else(|| Failure(format!("there is no network `{}`", args.network)))?;
    let mut ways = hashed::ways(&acting.policy);
    ways.retain(|way| way.recipient.name == args.to);
    if let Some(activity) = &args.activity {
        ways.retain(|way| way.activity.name == *activity);
    }
    let way = match ways.as_slice() {
        [way] => way,
        [] => return Err(Failure(format!("no activity of the policy passes an address to `{}`", args.to))),
        several => {
            let names: Vec<&str> = several.iter().map(|way| way.activity.name.as_str()).collect();
            return Err(Failure(format!("say which with `--activity`: {}", names.join(", "))));
        }
    };
    if args.dry_run {
        let found = instance.store.read(|tx| acts::audience(&acting, tx, way, network))?;
        if args.format == Format::Json {
            say(serde_json::to_string_pretty(&counted(&found))?);
            return Ok(ExitCode::SUCCESS);
        }
        say(format_args!("{} would be in it, {} not", found.will.len(), found.not()));
        for out in &found.left_out {
            say(format_args!("  {}: {}", out.people.len(), out.because));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let out = Out::to(args.out.as_deref())?;
    let whom = instance.store.read(|tx| acts::whom(&acting, tx, way, network))?;
    let mut rows = Vec::new();
    for some in whom.chunks(acts::AT_ONCE) {
        rows.extend(instance.store.write(|tx| acts::part(&acting, tx, (way, network), some))?);
    }
    let sheet = instance.store.write(|tx| acts::sheet(&acting, tx, (way, network), &rows))?;
    instance.store.note(acting.into_views())?;
    out.write(sheet.csv.as_bytes(), sheet.people)?;
    Ok(ExitCode::SUCCESS)
}

//! `probity statistics`: tables of what the policy lets be told of people in numbers, by the same act as the pages. It names nobody.

use std::process::ExitCode;

use serde_json::json;
use store::Tx;

use super::person::{Who, acting};
use super::{Failure, Format, Outcome, say};
use crate::acts::Acting;
use crate::acts::statistics as acts;
use crate::fault::Fault;
use crate::web::api::statistics as api;

/// What `statistics` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List the tables that were made.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Make a table as of today.
    Make {
        #[command(flatten)]
        who: Who,
        /// Of which statistics: their title in the policy.
        title: String,
    },
    /// Print a table: as CSV, or as JSON.
    Show {
        #[command(flatten)]
        who: Who,
        /// Its number.
        release: i64,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the role may not.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who } => {
            let (releases, all) =
                reading(who, |acting, tx| Ok((acts::releases(acting, tx)?, api::all(acting, tx)?)))?;
            if who.format == Format::Json {
                say(serde_json::to_string_pretty(&all)?);
                return Ok(ExitCode::SUCCESS);
            }
            for release in releases {
                say(format_args!("{}  {}  {}", release.id, release.made_on, release.title));
            }
        }
        What::Make { who, title } => {
            let instance = who.place.open()?;
            let acting = acting(&instance, who.staff.as_deref())?;
            let release = instance.store.write(|tx| acts::release(&acting, tx, title))?;
            match who.format {
                Format::Json => say(json!({ "release": release })),
                Format::Text => say(format_args!("table {release} is made")),
            }
        }
        What::Show { who, release } => {
            let (made, _) = reading(who, |acting, tx| acts::one(acting, tx, *release))?;
            match who.format {
                Format::Json => say(serde_json::to_string_pretty(&api::shown(&made))?),
                Format::Text => say(String::from_utf8_lossy(&acts::csv(&made)?).trim_end()),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn reading<T>(who: &Who, act: impl FnOnce(&Acting<'_>, &Tx<'_>) -> Result<T, Fault>) -> Result<T, Failure> {
    let instance = who.place.open()?;
    let acting = acting(&instance, who.staff.as_deref())?;
    Ok(instance.store.read(|tx| act(&acting, tx))?)
}

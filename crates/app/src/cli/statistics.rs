//! `probity statistics`: tables of what the policy lets be told of people in numbers, by the same act as the pages. It names nobody.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::who::{Who, each, number, words};
use super::{Format, Outcome, say};
use crate::acts::statistics as acts;
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
        What::List { who } => return who.show(api::all, list),
        What::Make { who, title } => {
            let release = who.write(|acting, tx| acts::release(acting, tx, title))?;
            match who.format {
                Format::Json => say(json!({ "release": release })),
                Format::Text => say(format_args!("table {release} is made")),
            }
        }
        What::Show { who, release } => {
            let (made, _) = who.read(|acting, tx| acts::one(acting, tx, *release))?;
            match who.format {
                Format::Json => say(serde_json::to_string_pretty(&api::shown(&made))?),
                Format::Text => say(String::from_utf8_lossy(&acts::csv(&made)?).trim_end()),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(all: &Value) {
    for made in each(all, "releases") {
        say(format_args!(
            "{}  {}  {}",
            number(made, "release"),
            words(made, "made_on"),
            words(made, "title")
        ));
    }
}

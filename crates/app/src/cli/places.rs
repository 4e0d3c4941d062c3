//! `probity place`: where backups and their safe go, each tried: something is put there, read back and taken away again.
//! It reads `probity.toml` and the environment alone, so that it can be asked before there is an instance.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::place::place_named;
use super::{Format, Outcome};
use crate::acts::backup::{self, Tried};
use crate::config::Config;

/// What `place` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A folder or a bucket to be tried as a place of backups, `s3://cti-backups/probity`; without it those of
    /// `probity.toml`.
    place: Option<String>,
    /// Try it as a place of the safe: nothing that is replaced there may stay as an old version.
    #[arg(long, requires = "place")]
    safe: bool,
    /// The data directory.
    #[arg(long, env = "PROBITY_DATA")]
    data: PathBuf,
    /// How to write what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Serialize)]
struct Line {
    place: String,
    holds: &'static str,
    well: bool,
    words: String,
}

/// Tries each and says how it is; fails if one is not well.
///
/// # Errors
/// If `probity.toml` cannot be read, or the name is none.
pub fn run(args: &Args) -> Outcome {
    let config = Config::read(&args.data)?;
    let tried = match &args.place {
        Some(text) => vec![backup::tried(&place_named(&config, text)?, args.safe)],
        None => backup::tried_all(&config, &args.data)?,
    };
    let lines: Vec<Line> = tried.into_iter().map(line).collect();
    match args.format {
        Format::Json => super::say(serde_json::to_string_pretty(&lines)?),
        Format::Text => {
            for line in &lines {
                let word = if line.well { "well" } else { "failed" };
                super::say(format_args!("{word:<9}  {}", line.words));
            }
        }
    }
    Ok(if lines.iter().all(|line| line.well) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(tried: Tried) -> Line {
    let holds = if tried.safe { "safe" } else { "backups" };
    Line { place: tried.place, holds, well: tried.well, words: tried.words }
}

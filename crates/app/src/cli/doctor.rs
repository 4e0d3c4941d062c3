//! `probity doctor`: how an instance is, in the sentences of its Admin page. Repairs nothing.

use std::process::ExitCode;

use super::place::Place;
use super::{Format, Outcome};
use crate::acts::health::{self, State};
use crate::fault::Fault;

/// What `doctor` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// How to write what was found.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints one sentence a line; fails if something needs somebody.
///
/// # Errors
/// If the instance cannot be opened.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open_to_look()?;
    let mut lines = instance.store.read(|tx| {
        let mut lines = health::look(&instance, tx)?;
        lines.push(health::log_line(&instance, tx));
        Ok::<_, Fault>(lines)
    })?;
    // Somewhere else answers or does not: nobody waits for it on a page.
    lines.extend(health::places(&instance)?);
    lines.extend(health::records::all(&instance.config));
    match args.format {
        Format::Json => super::say(serde_json::to_string_pretty(&lines)?),
        Format::Text => {
            for line in &lines {
                super::say(format_args!("{:<9}  {}", line.state.word().to_lowercase(), line.words));
            }
        }
    }
    let all_well = lines.iter().all(|line| line.state == State::Well);
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `probity rehearse`: plays scenarios on throw-away instances and says which line is not so. Touches no real data.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::{Failure, Format, Outcome, complain, policy_file, say};
use crate::scenario::{Played, play, read};

/// What `rehearse` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The scenarios, `NAME.scenario`.
    file: PathBuf,
    /// The policy; without it the one beside the scenarios, `NAME.policy`.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Play only the scenarios whose title has these words.
    #[arg(long)]
    only: Option<String>,
    /// How to write what came of them.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Plays every scenario of a file.
///
/// # Errors
/// If a file cannot be read, or the policy has errors. A story that is not so is no error: the exit code is 1.
pub fn run(args: &Args) -> Outcome {
    let beside = args.file.with_extension("policy");
    let policy = policy_file::adoptable(args.policy.as_deref().unwrap_or(&beside))?;
    let text = std::fs::read_to_string(&args.file).map_err(|error| Failure(at(&args.file, &error)))?;
    let told = read(&text).map_err(|error| Failure(at(&args.file, &error)))?;
    let wanted = |title: &str| args.only.as_ref().is_none_or(|words| title.contains(words.as_str()));
    let (mut all, mut not, mut rows) = (0, 0, Vec::new());
    for scenario in told.iter().filter(|scenario| wanted(&scenario.title)) {
        let played = play(&policy, scenario)?;
        all += 1;
        match (&played, args.format) {
            (Played::Kept, Format::Text) => say(format_args!("so       {}", scenario.title)),
            (Played::Not { line, said, instead }, Format::Text) => {
                say(format_args!("not so   {}", scenario.title));
                say(format_args!("         line {line}: {said}"));
                say(format_args!("         instead: {instead}"));
            }
            _ => rows.push(row(&scenario.title, &played)),
        }
        not += usize::from(played != Played::Kept);
    }
    match args.format {
        Format::Json => say(serde_json::Value::Array(rows)),
        Format::Text => say(format_args!("{all} scenarios, {not} not so")),
    }
    if all == 0 {
        complain("no scenario has these words");
    }
    Ok(if not == 0 && all > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn row(title: &str, played: &Played) -> serde_json::Value {
    match played {
        Played::Kept => json!({ "scenario": title, "so": true }),
        Played::Not { line, said, instead } => {
            json!({ "scenario": title, "so": false, "line": line, "said": said, "instead": instead })
        }
    }
}

fn at(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

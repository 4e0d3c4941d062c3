//! `probity check`: reads a policy as a compiler and as a lawyer would. Touches no data.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;
use policy::{Severity, diagnostic};

use super::{Failure, Outcome, policy_file};

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// An array of objects.
    Json,
    /// SARIF 2.1.0, for tools that gather findings.
    Sarif,
}

/// What `check` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy.
    #[arg(required_unless_present = "explain")]
    file: Option<PathBuf>,
    /// Explain a finding by its code: E-SHIELD.
    #[arg(long, value_name = "CODE", conflicts_with = "file")]
    explain: Option<String>,
    /// The day to look from: a finding accepted until an earlier one counts again.
    #[arg(long)]
    today: Option<Date>,
    /// How to write the findings.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints what was found; fails if an error stands.
///
/// # Errors
/// If a file cannot be read, or no finding has the code asked for.
pub fn run(args: &Args) -> Outcome {
    if let Some(code) = &args.explain {
        return explain(code);
    }
    let Some(file) = &args.file else { return Err(Failure("which policy? probity check FILE".to_owned())) };
    let read = policy_file::read(file, args.today.unwrap_or_else(crate::clock::today_here))?;
    match args.format {
        Format::Text => {
            use std::io::IsTerminal;
            let colour = std::io::stdout().is_terminal();
            super::say(diagnostic::render(&read.findings, &read.files, colour).trim_end());
            if read.policy.is_none() {
                super::say("More may be found once this can be read.");
            }
        }
        Format::Json => super::say(diagnostic::to_json(&read.findings, &read.files)),
        Format::Sarif => {
            super::say(policy::sarif::to_sarif(&read.findings, &read.files, env!("CARGO_PKG_VERSION")));
        }
    }
    let stands =
        |finding: &policy::Diagnostic| finding.severity == Severity::Error && finding.accepted.is_none();
    Ok(if read.findings.iter().any(stands) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn explain(code: &str) -> Outcome {
    let code = code.to_uppercase();
    match policy::check::explain(&code) {
        Some(text) => {
            super::say(text.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let known = policy::check::codes().map(|known| known.code);
            Err(Failure(match diagnostic::nearest(&code, known) {
                Some(near) => format!("no finding has the code `{code}`; did you mean `{near}`?"),
                None => format!("no finding has the code `{code}`"),
            }))
        }
    }
}

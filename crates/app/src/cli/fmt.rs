//! `probity fmt`: lays a policy out in the one way. Touches no data, and no meaning: what it wrote is read again first.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Failure, Outcome, complain, policy_file};

/// What `fmt` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy; files it includes are laid out too.
    file: PathBuf,
    /// Write nothing; fail if a file is laid out otherwise.
    #[arg(long)]
    check: bool,
    /// Write the result to standard output instead of the file.
    #[arg(long, conflicts_with = "check")]
    stdout: bool,
}

/// Lays the files out.
///
/// # Errors
/// If a file cannot be read or written.
pub fn run(args: &Args) -> Outcome {
    let mut verdict = ExitCode::SUCCESS;
    for file in policy_file::files(&args.file)? {
        let text = match policy::fmt::format(&file) {
            Ok(text) => text,
            Err(found) => {
                complain(policy::diagnostic::render(&found, &[file], false).trim_end());
                return Ok(ExitCode::FAILURE);
            }
        };
        if args.stdout {
            super::say(text.trim_end());
        } else if text != file.text {
            if args.check {
                complain(format_args!(
                    "{} is laid out otherwise; run `probity fmt {}`",
                    file.name, file.name
                ));
                verdict = ExitCode::FAILURE;
            } else {
                std::fs::write(&file.name, text)
                    .map_err(|error| Failure(format!("{}: {error}", file.name)))?;
            }
        }
    }
    Ok(verdict)
}

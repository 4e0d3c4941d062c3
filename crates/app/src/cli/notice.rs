//! `probity notice` and `probity register`: what a policy publishes, from the file alone. Touch no data.

use std::path::PathBuf;
use std::process::ExitCode;

use policy::{notice, register};

use super::{Outcome, policy_file};

/// How the notice is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum NoticeFormat {
    /// A page of its own.
    #[default]
    Html,
    /// Markdown.
    Md,
}

/// What `notice` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy.
    file: PathBuf,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    format: NoticeFormat,
}

/// Prints the notice.
///
/// # Errors
/// If the policy cannot be read or has errors.
pub fn run(args: &Args) -> Outcome {
    let notice = notice::of(&policy_file::adoptable(&args.file)?);
    let text = match args.format {
        NoticeFormat::Html => notice::to_page(&notice),
        NoticeFormat::Md => notice::to_markdown(&notice),
    };
    super::say(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// What `register` takes.
#[derive(clap::Args, Debug)]
pub struct RegisterArgs {
    /// The policy.
    file: PathBuf,
}

/// Prints the register of processing as CSV.
///
/// # Errors
/// If the policy cannot be read or has errors.
pub fn register(args: &RegisterArgs) -> Outcome {
    let register = register::of(&policy_file::adoptable(&args.file)?);
    super::say(register::to_csv(&register).trim_end());
    Ok(ExitCode::SUCCESS)
}

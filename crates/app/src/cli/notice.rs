//! `probity notice`: writes the privacy notice of a policy file. Touches no data.

use std::path::PathBuf;
use std::process::ExitCode;

use policy::notice;

use super::{Outcome, policy_file};

/// What `notice` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The policy.
    file: PathBuf,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    format: NoticeFormat,
}

/// How a notice is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum NoticeFormat {
    /// A whole page of HTML without styles or scripts.
    #[default]
    Html,
    /// Markdown.
    Md,
}

/// Writes it to standard output.
///
/// # Errors
/// If a file cannot be read or the policy has errors.
pub fn run(args: &Args) -> Outcome {
    let notice = notice::of(&policy_file::adoptable(&args.file)?);
    let text = match args.format {
        NoticeFormat::Html => notice::to_page(&notice),
        NoticeFormat::Md => notice::to_markdown(&notice),
    };
    super::say(text.trim_end());
    Ok(ExitCode::SUCCESS)
}

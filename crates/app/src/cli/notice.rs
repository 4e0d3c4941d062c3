//! `probity notice`: writes the privacy notice of a policy file. Touches no data.

use std::io::Write;
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
    /// Say too what changed since this earlier version.
    #[arg(long, value_name = "OLD")]
    since: Option<PathBuf>,
}

/// How a notice is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
enum NoticeFormat {
    /// A whole page of HTML without styles or scripts.
    #[default]
    Html,
    /// Markdown.
    Md,
    /// A tagged PDF.
    Pdf,
}

/// Writes it to standard output.
///
/// # Errors
/// If a file cannot be read, a policy has errors, or it cannot be printed.
pub fn run(args: &Args) -> Outcome {
    let policy = policy_file::adoptable(&args.file)?;
    let notice = match &args.since {
        Some(old) => notice::since(&policy, &policy_file::readable(old)?),
        None => notice::of(&policy),
    };
    match args.format {
        NoticeFormat::Html => super::say(notice::to_page(&notice).trim_end()),
        NoticeFormat::Md => super::say(notice::to_markdown(&notice).trim_end()),
        NoticeFormat::Pdf => {
            let data = notice::to_paper(&notice, &policy.controller);
            let day = policy.from.to_zoned(crate::instance::zone(&policy))?;
            let printed = ::print::pdf(::print::Template::Notice, &data, day.timestamp().as_millisecond())?;
            std::io::stdout().lock().write_all(&printed.pdf)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

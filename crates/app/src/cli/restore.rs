//! `probity restore`: brings an instance back from backups into a new data directory. What was let go of since stays
//! gone; what was objected to, restricted or withdrawn since holds. `--drill` does it aside, says how it went, and
//! throws it away.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::DateTime;
use store::restoring::Restoring;

use super::place::Place;
use super::{Failure, Outcome};
use crate::acts::restore::{self, Report};

/// What `restore` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of the backups.
    from: PathBuf,
    /// The safe: the file itself, or the folder it lies in.
    #[arg(long)]
    safe: PathBuf,
    /// The newest backup made until then, `2026-11-28` or `2026-11-28T03:00` in this machine's time; without it the newest.
    #[arg(long)]
    at: Option<String>,
    /// Restore although the safe does not cover everything that happened: only administrators get in, and only to read.
    #[arg(long)]
    quarantine: bool,
    /// Restore aside, look whether all is well, and throw it away again.
    #[arg(long)]
    drill: bool,
    #[command(flatten)]
    place: Place,
}

/// Restores, settles everybody, sweeps, and says what came back and what did not.
///
/// # Errors
/// If the safe or a backup does not open, the data directory is taken, or the safe is too old and `--quarantine` was not given.
pub fn run(args: &Args) -> Outcome {
    let bytes = restore::safe_bytes(&args.safe)?;
    let until = args.at.as_deref().map(instant).transpose()?;
    let mut place = args.place.clone();
    let aside =
        args.drill.then(|| std::env::temp_dir().join(format!("probity-drill-{}", std::process::id())));
    if let Some(aside) = &aside {
        place.data = aside.clone();
        place.database = None;
    }
    let into = Restoring::begin(&place.data, place.database.as_deref(), &bytes)?;
    let secret = place.secret_of(&args.place.data)?;
    let restored = restore::run(into, &secret, &args.from, &bytes, until, args.quarantine);
    if let Some(aside) = &aside {
        let _ = std::fs::remove_dir_all(aside);
    }
    let report = restored?;
    say(&report, args);
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(report: &Report, args: &Args) {
    let done = &report.restored;
    super::say(format_args!(
        "Backup of {}: {} rows and {} files came back, {} of them as they stand in the safe or a later backup.",
        report.point, done.rows, done.files, done.since
    ));
    super::say(format_args!(
        "{} rows stay gone: their keys were destroyed when they were let go of. {} more hung on those.",
        done.gone, done.orphans
    ));
    if done.files_missing > 0 {
        super::say(format_args!(
            "{} files of documents are not in {}.",
            done.files_missing,
            args.from.display()
        ));
    }
    super::say(format_args!(
        "{} people are held. Everybody was settled, and {} rows whose time was over left.",
        report.people, report.swept
    ));
    if report.messages > 0 {
        super::say(format_args!(
            "{} messages that were waiting may have left since: none of them leaves now, and a task says so.",
            report.messages
        ));
    }
    for line in &report.broken {
        super::say(format_args!("not well: {line}"));
    }
    if let Some(why) = &report.quarantine {
        super::say(format_args!(
            "QUARANTINE: {why}. Administrators may read; nothing is sent, changed or exported until one confirms the days that are not covered (Admin)."
        ));
    }
    match args.drill {
        true => super::say(format_args!("This was a drill: it was thrown away again.")),
        false => super::say(format_args!("Start it:  {}", args.place.to_start())),
    }
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure(format!("`{text}` is no day and no time: write 2026-11-28 or 2026-11-28T03:00"));
    let zone = jiff::tz::TimeZone::system();
    let at: DateTime = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains('T') => day.at(23, 59, 59, 0),
        _ => text.parse().map_err(|_| wrong())?,
    };
    zone.to_zoned(at).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

//! `probity restore`: brings an instance back from backups into a new data directory. What was let go of since stays
//! gone; what was objected to, restricted or withdrawn since holds. `--drill` does it aside, says how it went, and
//! throws it away.

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::DateTime;
use store::keys::Secret;
use store::restoring::Restoring;

use super::place::{Place, inside, place_named};
use super::{Failure, Format, Outcome};
use crate::acts::drill::{self, Of};
use crate::acts::restore::{self, Report};
use crate::config::Config;
use crate::instance::Instance;

/// What `restore` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of the backups, or the bucket: `s3://cti-backups/probity`; of a drill, the instance's own unless said.
    #[arg(required_unless_present = "drill")]
    from: Option<String>,
    /// The safe: the file itself, or the folder or the bucket it lies in; of a drill, the instance's own unless said.
    #[arg(long, required_unless_present = "drill")]
    safe: Option<String>,
    /// The newest backup made until then, `2026-11-28` or `2026-11-28T03:00` in this machine's time; without it the newest.
    #[arg(long)]
    at: Option<String>,
    /// Restore although the safe does not cover everything that happened: only administrators get in, and only to read.
    #[arg(long)]
    quarantine: bool,
    /// Restore aside, hold it against the instance in --data, and throw it away again. The report stays with that instance.
    #[arg(long, conflicts_with = "quarantine")]
    drill: bool,
    /// List the backups that can be brought back, and stop.
    #[arg(long, conflicts_with_all = ["drill", "quarantine"])]
    list: bool,
    /// Read the key from standard input, as it stands on the recovery sheet; it is written to --key-file, if that is given.
    #[arg(long)]
    key_from_stdin: bool,
    /// Who asked for the drill, for the log.
    #[arg(long, hide = true, default_value = "system command line")]
    by: String,
    /// How to write the report of a drill.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

/// Restores, settles everybody, sweeps, and says what came back and what did not.
///
/// # Errors
/// If the safe or a backup does not open, the data directory is taken, or the safe is too old and `--quarantine` was not given.
pub fn run(args: &Args) -> Outcome {
    // How buckets are reached may be said in the directory already, or in the environment.
    let config = Config::read(&args.place.data)?;
    let named = |text: &Option<String>| text.as_deref().map(|text| place_named(&config, text)).transpose();
    let (from, safe) = (named(&args.from)?, named(&args.safe)?);
    let until = args.at.as_deref().map(instant).transpose()?;
    if args.drill {
        return drill(args, from.as_ref(), safe.as_ref(), until);
    }
    let (Some(from), Some(safe)) = (from, safe) else {
        return Err(Failure("say where the backups and the safe are".to_owned()));
    };
    let bytes = restore::safe_bytes(&safe)?;
    let secret = || match args.key_from_stdin {
        true => typed(&args.place),
        false => Ok::<_, Failure>((args.place.secret()?, false)),
    };
    if args.list {
        return list(&from, &bytes, &secret()?.0);
    }
    let into = Restoring::begin(&args.place.data, args.place.database.as_deref(), &bytes)?;
    let (secret, sheet) = secret()?;
    let report = restore::run(into, &secret, &from, &bytes, until, args.quarantine)?;
    if args.key_from_stdin {
        keep(&args.place, &secret, sheet && report.quarantine.is_none())?;
    }
    say(&report, &from, args);
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tries a restore, and says what was looked at and found.
fn drill(
    args: &Args,
    from: Option<&store::place::Place>,
    safe: Option<&store::place::Place>,
    until: Option<Timestamp>,
) -> Outcome {
    let place = &args.place;
    let secret = if args.key_from_stdin { super::key::typed()?.0 } else { place.secret()? };
    let live = Instance::open(&place.data, place.database.as_deref(), &secret)
        .map_err(|fault| super::key::explained(place, fault))?;
    let of = Of { from, safe, until, by: &args.by };
    let report = drill::run(&live, &secret, &of)?;
    match args.format {
        Format::Json => super::say(serde_json::to_string_pretty(&report)?),
        Format::Text => {
            if let Some(made) = report.backup {
                let made = made.to_zoned(live.clock.zone().clone()).strftime("%-d %b %Y, %H:%M");
                super::say(format_args!(
                    "The backup of {made}: {} rows and {} files came back, {} stay gone. {} people are held.",
                    report.rows, report.files, report.gone, report.people
                ));
            }
            for check in &report.checks {
                let state = if check.well { "well" } else { "NOT WELL" };
                super::say(format_args!("{state:<9} {}: {}", check.what, check.found));
            }
            super::say(format_args!(
                "It took {} seconds. This was a drill: it was thrown away again, and its report is kept on the Admin page.",
                report.seconds
            ));
        }
    }
    Ok(if report.failed().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says which backups there are, and which of them this safe opens.
fn list(from: &store::place::Place, bytes: &[u8], secret: &Secret) -> Outcome {
    let (points, safe) = restore::points(from, bytes, secret)?;
    let opened = store::backup::restore::opened(&safe, &points);
    for point in &points {
        let at = point.at().to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S");
        let which = match (opened.contains(point), point.header.number) {
            (false, _) => "its keys are not in this safe",
            (true, 0) => "everything",
            (true, _) => "what changed since the one before",
        };
        super::say(format_args!("{at}  {which}  {}", from.at(&point.name)));
    }
    if points.is_empty() {
        super::say(format_args!("There is no backup of this instance in {from}."));
    }
    if let Some(why) = store::backup::restore::uncovered(&safe, &points) {
        super::say(format_args!("This safe is too old: {why}."));
    }
    Ok(if opened.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The key as somebody types it. A key file that is there already must hold the same one.
fn typed(place: &Place) -> Result<(Secret, bool), Failure> {
    let (secret, sheet) = super::key::typed()?;
    let Some(file) = &place.key_file else { return Ok((secret, sheet)) };
    if inside(file, &place.data) {
        return Err(Failure(format!(
            "{} lies inside the data directory: a key beside the data it locks protects nothing",
            file.display()
        )));
    }
    if file.exists() && Secret::from_file(file)?.lines() != secret.lines() {
        return Err(Failure(format!(
            "{} holds another key: name a new file, or move that one away",
            file.display()
        )));
    }
    Ok((secret, sheet))
}

/// Keeps the key that was typed, and notes that somebody holds the sheet, where it was typed from there.
fn keep(place: &Place, secret: &Secret, from_sheet: bool) -> Result<(), Failure> {
    if let Some(file) = place.key_file.as_ref().filter(|file| !file.exists()) {
        secret.write_to(file)?;
    }
    if from_sheet {
        let instance = Instance::open(&place.data, place.database.as_deref(), secret)?;
        crate::acts::key::typed_in(&instance)?;
    }
    Ok(())
}

fn say(report: &Report, from: &store::place::Place, args: &Args) {
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
        super::say(format_args!("{} files of documents are not in {from}.", done.files_missing));
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
    if !args.place.data.join(crate::config::FILE).exists() {
        super::say(format_args!(
            "There is no {} in {} yet: put yours there first. It says where backups and the second copy of the safe go, under \
             which address people come, and how mail leaves.",
            crate::config::FILE,
            args.place.data.display()
        ));
    }
    super::say(format_args!("Start it:  {}", args.place.to_start()));
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    let wrong = || Failure(format!("`{text}` is no day and no time: write 2026-11-28 or 2026-11-28T03:00"));
    let zone = jiff::tz::TimeZone::system();
    let at: DateTime = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains('T') => day.at(23, 59, 59, 0),
        _ => text.parse().map_err(|_| wrong())?,
    };
    // To the end of that second: a backup says when it was made to the second.
    let at = at.checked_add(jiff::SignedDuration::from_millis(999)).map_err(|_| wrong())?;
    zone.to_zoned(at).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

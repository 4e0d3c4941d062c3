//! `probity sweep`: lets go of what has run out, now instead of tonight, or says what would go.

use std::process::ExitCode;

use custody::moment::Now;
use store::reach::Reach;

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::forecast::{self, Forecast};

/// What `sweep` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
    /// Say what leaves in the months to come, and change nothing.
    #[arg(long, conflicts_with = "dry_run")]
    forecast: bool,
    /// How many months from today the forecast has.
    #[arg(long, value_name = "N", default_value_t = forecast::MONTHS, value_parser = clap::value_parser!(u16).range(1..=120), requires = "forecast")]
    months: u16,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Sweeps, and prints what came of it.
///
/// # Errors
/// If the instance cannot be opened or the database goes away.
pub fn run(args: &Args) -> Outcome {
    if args.forecast {
        return ahead(args);
    }
    let instance = args.place.open()?;
    let today = instance.clock.today();
    let clock = || instance.clock.now();
    if !args.dry_run {
        let due = instance.store.read(|tx| store::sweep::due(tx, today))?;
        crate::jobs::outbox::outlived(&instance, &due, Now::at(today, clock()))?;
    }
    let report = store::sweep::run(&instance.store, &instance.policy(), today, &clock, args.dry_run)?;
    let forgotten = if args.dry_run { Ok(()) } else { crate::acts::backup::forget(&instance) };
    crate::acts::residue::clear(&instance)?;
    if args.format == Format::Json {
        super::say(serde_json::to_string_pretty(&report)?);
    } else {
        let would = if args.dry_run { "would go" } else { "gone" };
        super::say(format_args!(
            "{today}: {} people looked at; {would}: {} rows, {} people altogether",
            report.people,
            report.rows(),
            report.gone
        ));
        for (kind, count) in &report.disposed {
            super::say(format_args!("  {count} {kind}"));
        }
        for (count, why) in [
            (report.held, "kept by a hold"),
            (report.restricted, "restricted: somebody decides"),
            (report.for_requests, "kept for an open request that needs it"),
            (report.untold, "kept until their person is told"),
            (report.tasks, "tasks made"),
            (report.cut, "links cut in what stays for somebody else"),
        ] {
            if count > 0 {
                super::say(format_args!("  {count} {why}"));
            }
        }
        report.problems.iter().for_each(|problem| super::say(format_args!("  not decided: {problem}")));
    }
    if let Err(fault) = &forgotten {
        super::complain(format_args!(
            "the keys of what went could not be destroyed, and a backup could still give it back: {fault}; it is tried again"
        ));
    }
    Ok(if report.problems.is_empty() && forgotten.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what leaves in the months to come.
fn ahead(args: &Args) -> Outcome {
    let instance = args.place.open_to_look()?;
    let today = instance.clock.today();
    let look = |tx: &store::Tx<'_>| forecast::look(tx, &Reach::Everyone, today, args.months, None);
    let ahead = instance.store.read(look).map_err(|fault| Failure(fault.to_string()))?;
    match args.format {
        Format::Json => super::say(serde_json::to_string_pretty(&ahead)?),
        Format::Text => lines(&ahead).iter().for_each(super::say),
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(ahead: &Forecast) -> Vec<String> {
    let mut lines = vec![format!(
        "{} to {}, as the facts stand today: {} last days; with {} of them a person leaves altogether",
        ahead.from,
        ahead.until,
        ahead.last_days(),
        ahead.altogether()
    )];
    for leaving in &ahead.months {
        lines.push(format!(
            "  {} to {}  {:>6}  {} ({} altogether)",
            leaving.from, leaving.until, leaving.last_days, leaving.activity, leaving.altogether
        ));
    }
    for (counted, words) in [
        (&ahead.reviews, "reviews due"),
        (&ahead.kept, "kept by a hold, a restriction or a request though the day comes"),
        (&ahead.ended, "ended and still here"),
        (&ahead.awaiting, "without a day yet"),
    ] {
        if forecast::sum(counted) > 0 {
            lines.push(format!("{} {words}", forecast::sum(counted)));
            lines.extend(counted.iter().map(|one| match one.awaiting.as_str() {
                "" => format!("  {:>6}  {}", one.count, one.activity),
                awaiting => format!("  {:>6}  {}, waits for {awaiting}", one.count, one.activity),
            }));
        }
    }
    lines
}

//! `probity sweep`: lets go of what has run out, now instead of tonight, or says what would go.

use std::process::ExitCode;

use super::place::Place;
use super::{Format, Outcome};

/// What `sweep` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Sweeps, and prints what came of it.
///
/// # Errors
/// If the instance cannot be opened or the database goes away.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let today = instance.clock.today();
    let clock = || instance.clock.now();
    let report = store::sweep::run(&instance.store, &instance.policy(), today, &clock, args.dry_run)?;
    crate::acts::backup::forget(&instance)?;
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
            (report.for_access, "kept for an open access request"),
            (report.tasks, "tasks made"),
            (report.cut, "links cut in what stays for somebody else"),
        ] {
            if count > 0 {
                super::say(format_args!("  {count} {why}"));
            }
        }
        report.problems.iter().for_each(|problem| super::say(format_args!("  not decided: {problem}")));
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

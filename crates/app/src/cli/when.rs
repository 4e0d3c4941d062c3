//! `probity when`: evaluates a retention phrase on dates given by hand. Touches no data.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;
use policy::clock::{Clock, Outcome as Ends, given, say};
use policy::phrase::Scope;
use policy::phrase::read::read_alone;

use super::{Failure, Format, Outcome};

/// What `when` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The phrase, as it would stand after `keep`: "6 months after completed".
    phrase: String,
    /// A policy whose events and categories the phrase may use; without one any words are an event.
    #[arg(long)]
    policy: Option<PathBuf>,
    /// An event and its day: completed=2026-08-31. May be given several times.
    #[arg(long, value_name = "EVENT=DATE")]
    on: Vec<String>,
    /// A fact: agreed="2 years", reason=yes, opened=DATE, reviewed=DATE, confirmed=DATE, birthday=DATE,
    /// birthdays="DATE, DATE" (of everybody on the work), "birthday of the child=DATE" (of a part), CATEGORY=held, CATEGORY=DATE (no longer held),
    /// EVENT=impossible, EVENT=pending (on some work), FACT=yes, FACT=no, FACT=VALUE, FACT=DATE (no longer so;
    /// or what another body says).
    #[arg(long, value_name = "NAME=VALUE")]
    fact: Vec<String>,
    /// The day to look from.
    #[arg(long)]
    today: Option<Date>,
    /// How to write the answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints when the phrase ends.
///
/// # Errors
/// If the phrase, an event or a fact cannot be read.
pub fn run(args: Args) -> Outcome {
    let text = args.phrase.strip_prefix("keep ").unwrap_or(&args.phrase);
    let mut zone = policy::law::uk::london();
    let mut scope = Scope::default();
    let read = match &args.policy {
        None => read_alone(text),
        Some(path) => {
            let policy = super::policy_file::adoptable(path)?;
            zone = store::life::zone(&policy);
            scope = Scope::of(&policy);
            policy::phrase::read::read(text, policy::Span::default(), &scope)
        }
    };
    let read = match read {
        Ok(read) => read,
        Err(faults) => {
            let file = policy::source::File { name: "the phrase".to_owned(), text: text.to_owned() };
            super::complain(policy::diagnostic::render(&faults, &[file], false).trim_end());
            return Ok(ExitCode::FAILURE);
        }
    };
    let today = args.today.unwrap_or_else(crate::clock::today_here);
    let facts = given(&read, &args.on, &args.fact, &zone, &scope).map_err(Failure)?;
    let clock = read.clock(&facts, today);
    match args.format {
        Format::Text => {
            super::say(say(&clock));
            clock.trace.iter().for_each(|line| super::say(format_args!("  {line}")));
        }
        Format::Json => super::say(json(&clock)),
    }
    Ok(ExitCode::SUCCESS)
}

fn json(clock: &Clock) -> serde_json::Value {
    let (outcome, date, awaiting) = match (&clock.outcome, clock.review_on) {
        (Ends::Due { on, .. }, _) => ("due", Some(*on), Vec::new()),
        (Ends::Awaiting(events), Some(review)) => ("review", Some(review), events.clone()),
        (Ends::Never, Some(review)) => ("review", Some(review), Vec::new()),
        (Ends::Awaiting(events), None) => ("awaiting", None, events.clone()),
        (Ends::Never, None) => ("never", None, Vec::new()),
    };
    serde_json::json!({ "outcome": outcome, "date": date, "awaiting": awaiting, "trace": clock.trace })
}

//! `probity duplicates`: who is perhaps here twice, by number and by what agrees; never by a name or an address.

use std::process::ExitCode;

use serde_json::json;
use store::alike;
use store::reach::Reach;

use super::place::Place;
use super::{Format, Outcome, say};
use crate::acts;

/// What `duplicates` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Compare everybody now instead of tonight.
    #[arg(long)]
    now: bool,
    /// How many pairs to list, the oldest first.
    #[arg(long, default_value_t = 1000)]
    limit: u32,
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Lists the pairs.
///
/// # Errors
/// If the instance cannot be opened or the database goes away.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let found = args.now.then(|| acts::duplicates::look(&instance)).transpose()?;
    let (at, count, pairs) = instance.store.read(|tx| {
        let everyone = Reach::Everyone;
        Ok::<_, store::Error>((
            alike::looked_at(tx)?,
            alike::open_count(tx, &everyone, i64::MAX)?,
            alike::open(tx, &everyone, args.limit)?,
        ))
    })?;
    if args.format == Format::Json {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|pair| {
                let why: Vec<&str> = pair.why.iter().map(|sign| sign.code()).collect();
                json!({ "one": pair.one.0, "other": pair.other.0, "why": why, "found_on": pair.found_on })
            })
            .collect();
        say(serde_json::to_string_pretty(&json!({
            "looked_at": at, "found": found, "count": count, "pairs": pairs
        }))?);
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(found) = found {
        say(format_args!(
            "{} people compared, {} new pairs; {} groups were too large to be compared whole",
            found.people, found.new, found.in_part
        ));
    }
    match at {
        None => say("nobody was compared yet: the night does it, or `--now`"),
        Some(at) => say(format_args!("compared last at {at}: {count} pairs to be looked at")),
    }
    for pair in pairs {
        let why: Vec<&str> = pair.why.iter().map(|sign| sign.words()).collect();
        say(format_args!("  {} and {}: {} (since {})", pair.one, pair.other, why.join(", "), pair.found_on));
    }
    Ok(ExitCode::SUCCESS)
}

//! `probity prove`: looks whether every promise of the policy is kept, and names what breaks one. Writes nothing.

use std::process::ExitCode;

use custody::Verdict;

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::proof::{self, Found};
use crate::fault::Fault;

/// How many counter-examples a line names.
const NAMED: usize = 3;

/// What `prove` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only this promise: CTI-07.
    #[arg(long, value_name = "ID")]
    promise: Option<String>,
    /// How to write the verdicts.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Proves, one line a promise; fails if any is broken.
///
/// # Errors
/// If the instance cannot be opened or has no promise of this name.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open_to_look()?;
    let promise = args.promise.as_deref().map(str::to_uppercase);
    let proof = proof::look(&instance, promise.as_deref()).map_err(|fault| match (fault, &promise) {
        (Fault::NotFound, Some(id)) => Failure(format!("the policy in force has no promise `{id}`")),
        (fault, _) => Failure(fault.to_string()),
    })?;
    match args.format {
        Format::Json => super::say(serde_json::to_string_pretty(&proof.found)?),
        Format::Text => {
            let wide = proof.found.iter().map(|found| found.id.chars().count()).max().unwrap_or(0);
            for found in &proof.found {
                super::say(line(found, wide));
            }
            if promise.is_none() {
                super::say(proof.sum());
            }
        }
    }
    Ok(if proof.is_broken() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// `CTI-07  kept      1204 marketing calls, each checked against files fewer than 28 days old`.
fn line(found: &Found, wide: usize) -> String {
    let mut said = found.figure.clone();
    if found.verdict == Verdict::Broken.word() {
        let named: Vec<&str> = found.counterexamples.iter().take(NAMED).map(String::as_str).collect();
        let mut broken = named.join("; ");
        match found.counterexamples.len().saturating_sub(NAMED) {
            0 => {}
            more => broken.push_str(&format!("; and {more} more")),
        }
        said = if said.is_empty() { broken } else { format!("{broken} ({said})") };
    }
    format!("{:<wide$}  {:<8}  {said}", found.id, found.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_promise_names_what_breaks_it() {
        let found = Found {
            id: "CTI-13".to_owned(),
            verdict: "broken".to_owned(),
            figure: "311 programmes".to_owned(),
            checked_at: jiff::Timestamp::UNIX_EPOCH,
            counterexamples: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
        };
        assert_eq!(line(&found, 6), "CTI-13  broken    a; b; c; and 1 more (311 programmes)");
    }
}

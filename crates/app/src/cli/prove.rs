//! `probity prove`: looks whether every promise of the policy is kept, and names what breaks one. It changes nothing that
//! it looks at; a look at every promise is written into the history.

use std::path::PathBuf;
use std::process::ExitCode;

use custody::Verdict;

use store::prove::MORE;

use super::place::Place;
use super::{Failure, Format, Outcome};
use crate::acts::proof::{self, Found, Proof};
use crate::acts::proof_report::{self as report, Report};
use crate::fault::Fault;
use crate::instance::Instance;

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
    /// Say what became of each promise over time, without looking again.
    #[arg(long)]
    history: bool,
    /// Look, and write the report for trustees into this file, a PDF.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["promise", "history"])]
    report: Option<PathBuf>,
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
    if args.history {
        return history(&instance, promise.as_deref(), args.format);
    }
    if args.report.is_some() && instance.quarantine().is_some() {
        return Err(Failure(
            "an instance in quarantine keeps nothing of what it finds, so there is no report to write: run this without --report"
                .to_owned(),
        ));
    }
    if args.report.is_some() && args.place.clock.is_some() {
        return Err(Failure(
            "what is found on a day that is only imagined is not kept, so there is no report of it: leave out --clock or --report"
                .to_owned(),
        ));
    }
    let proof = look(&instance, promise.as_deref(), args.place.clock.is_some())?;
    if let Some(file) = &args.report {
        let report = instance.store.read(|tx| report::report(&instance, tx));
        let report = report.map_err(|fault| Failure(fault.to_string()))?;
        write_report(file, &report, proof.at.as_millisecond())?;
        super::say(format_args!("{} written to {}", proof.sum(), file.display()));
        return Ok(if proof.is_broken() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
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

/// Looks at every promise, which is kept in the history, or at one. Where the date was only imagined, or the instance waits
/// in quarantine, nothing is kept.
fn look(instance: &Instance, promise: Option<&str>, imagined: bool) -> Result<Proof, Failure> {
    let found = match promise {
        None if !imagined && instance.quarantine().is_none() => proof::run(instance, proof::COMMAND),
        _ => proof::look(instance, promise),
    };
    found.map_err(|fault| match (fault, promise) {
        (Fault::NotFound, Some(id)) => Failure(format!("the policy in force has no promise `{id}`")),
        (fault, _) => Failure(fault.to_string()),
    })
}

/// What became of every promise, or of one.
fn history(instance: &Instance, promise: Option<&str>, format: Format) -> Outcome {
    let policy = instance.policy();
    let histories = instance.store.read(|tx| report::histories(tx, &policy));
    let mut histories = histories.map_err(|fault| Failure(fault.to_string()))?;
    if let Some(id) = promise {
        if !policy.promises.contains_key(id) {
            return Err(Failure(format!("the policy in force has no promise `{id}`")));
        }
        histories.retain(|known, _| known == id);
    }
    if format == Format::Json {
        super::say(serde_json::to_string_pretty(&histories)?);
        return Ok(ExitCode::SUCCESS);
    }
    if histories.is_empty() {
        super::say("The promises have never been looked at.");
    }
    for (id, history) in &histories {
        let said = [&history.since, &history.recently, &history.broken];
        let said: Vec<&str> =
            said.into_iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
        super::say(format_args!("{id}  {}", said.join("; ")));
    }
    Ok(ExitCode::SUCCESS)
}

fn write_report(file: &std::path::Path, report: &Report, stamp: i64) -> Result<(), Failure> {
    let data = serde_json::to_value(report)?;
    let printed = ::print::pdf(::print::Template::Proof, &data, stamp)?;
    std::fs::write(file, printed.pdf)
        .map_err(|error| Failure(format!("{} cannot be written: {error}", file.display())))
}

/// `CTI-07  kept      1204 marketing calls, each checked against files fewer than 28 days old`.
fn line(found: &Found, wide: usize) -> String {
    let mut said = found.figure.clone();
    if found.verdict == Verdict::Broken.word() {
        let named = found.counterexamples.iter().filter(|words| *words != MORE);
        let named: Vec<&str> = named.take(NAMED).map(String::as_str).collect();
        let mut broken = named.join("; ");
        if let Some(more) = proof::more(&found.counterexamples, NAMED) {
            broken.push_str(&format!("; {more}"));
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

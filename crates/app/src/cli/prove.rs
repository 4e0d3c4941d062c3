//! `probity prove`: looks at every promise of the policy and prints one line for each.

use std::process::ExitCode;

use custody::proof::{Finding, Verdict};

use super::place::Place;
use super::{Failure, Format, Outcome};

/// What `prove` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// Only this promise: CTI-13.
    #[arg(long)]
    promise: Option<String>,
    /// How to write the findings.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Kept => "kept",
        Verdict::Broken => "broken",
        Verdict::Attested => "attested",
        Verdict::Open => "open",
    }
}

/// Prints the findings; fails if any promise is broken.
///
/// # Errors
/// If the instance cannot be opened, or the policy has no such promise.
pub fn run(args: &Args) -> Outcome {
    let instance = args.place.open()?;
    let (policy, now, today) = (instance.policy(), instance.clock.now(), instance.clock.today());
    let found = match &args.promise {
        None => store::prove::run(&instance.store, &policy, now, today)?,
        Some(id) => {
            let found = store::prove::promise(&instance.store, &policy, id, now, today)?;
            vec![found.ok_or_else(|| Failure(format!("the policy has no promise `{id}`")))?]
        }
    };
    match args.format {
        Format::Text => text(&found),
        Format::Json => {
            let rows: Vec<_> = found
                .iter()
                .map(|finding| {
                    serde_json::json!({
                        "id": finding.id, "verdict": word(finding.verdict), "figure": finding.figure,
                        "checked_at": now.to_string(), "counterexamples": finding.counterexamples,
                    })
                })
                .collect();
            super::say(serde_json::to_string_pretty(&rows)?);
        }
    }
    let broken = found.iter().any(|finding| finding.verdict == Verdict::Broken);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(found: &[Finding]) {
    let width = found.iter().map(|finding| finding.id.len()).max().unwrap_or(0);
    for finding in found {
        let examples = match finding.counterexamples.as_slice() {
            [] => String::new(),
            some => format!(": {}", some.join("; ")),
        };
        super::say(format_args!(
            "{:<width$}  {:<8}  {}{examples}",
            finding.id,
            word(finding.verdict),
            finding.figure
        ));
    }
    if found.len() > 1 {
        super::say(crate::web::policy::sum(found));
    }
}

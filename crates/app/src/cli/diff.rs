//! `probity diff OLD NEW`: what two versions say differently, in words; with `--data`, what adopting the newer one
//! would do to the people held. Writes nothing.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;
use policy::diff::{self, Change};
use serde_json::json;
use store::adoption::{self, Preview};

use super::place::Place;
use super::{Format, Outcome, policy_file};

/// How many people a line names unless all are asked for.
const NAMED: usize = 5;

/// What `diff` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The older version.
    old: PathBuf,
    /// The newer version.
    new: PathBuf,
    /// The data directory of an instance: says what adopting the newer version would do to its people.
    #[arg(long, env = "PROBITY_DATA")]
    data: Option<PathBuf>,
    /// Its database, `postgres://...`.
    #[arg(long, env = "PROBITY_DATABASE")]
    database: Option<String>,
    /// The file that holds its key.
    #[arg(long, env = "PROBITY_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// On practice instances: act on this date.
    #[arg(long)]
    clock: Option<Date>,
    /// Name every person by number, not the first few.
    #[arg(long)]
    people: bool,
    /// How to write it.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Compares.
///
/// # Errors
/// If a version cannot be read or the instance cannot be opened.
pub fn run(args: &Args) -> Outcome {
    let (old, new) = (policy_file::readable(&args.old)?, policy_file::readable(&args.new)?);
    let changes = diff::diff(&old, &new);
    let (appear, vanish) = diff::promises(&old, &new);
    let preview = match &args.data {
        None => None,
        Some(data) => {
            let place = Place {
                data: data.clone(),
                database: args.database.clone(),
                key_file: args.key_file.clone(),
                clock: args.clock,
            };
            let instance = place.open()?;
            let on = new.from.max(instance.clock.today());
            Some(adoption::preview(&instance.store, &old, &new, on)?)
        }
    };
    match args.format {
        Format::Json => {
            let changes: Vec<_> = changes.iter().map(as_json).collect();
            let whole = json!({
                "from": old.version,
                "to": new.version,
                "changes": changes,
                "promises": { "appear": appear, "vanish": vanish },
                "vanished_rules": diff::vanished(&old, &new),
                "people": preview,
            });
            super::say(serde_json::to_string_pretty(&whole)?);
        }
        Format::Text => {
            for change in &changes {
                super::say(change.sentence());
            }
            if changes.is_empty() {
                super::say("Both versions say the same.");
            }
            for (word, ids) in [("appear", appear), ("vanish", vanish)] {
                if !ids.is_empty() {
                    super::say(format_args!("Promises that {word}: {}", ids.join(", ")));
                }
            }
            if let Some(preview) = &preview {
                super::say("");
                said(preview, args.people).iter().for_each(super::say);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(change: &Change) -> serde_json::Value {
    json!({
        "aspect": format!("{:?}", change.aspect).to_lowercase(),
        "activity": change.activity,
        "what": change.what,
        "old": change.old,
        "new": change.new,
        "told": change.is_told(),
    })
}

/// What a preview says, a line each.
fn said(preview: &Preview, all: bool) -> Vec<String> {
    let mut lines = vec![format!("On {}, of {} people held:", preview.on, preview.people)];
    let mut line = |count: usize, words: String, people: Vec<String>| {
        if count > 0 {
            lines.push(format!("  {words}"));
            let shown = if all { people.len() } else { NAMED.min(people.len()) };
            lines.extend(people.iter().take(shown).map(|person| format!("    {person}")));
            if people.len() > shown {
                lines.push(format!("    and {} more (--people names them)", people.len() - shown));
            }
        }
    };
    let day = |day: Option<Date>| day.map_or_else(|| "no end yet".to_owned(), |day| day.to_string());
    let shift = |shift: &adoption::Shift| {
        let kept = if shift.kept { ", kept by a hold, a restriction or a request" } else { "" };
        format!("person {}, {}: {} -> {}{kept}", shift.person, shift.rule, day(shift.was), day(shift.now))
    };
    let at_once = preview.earlier.iter().filter(|shift| shift.at_once).count();
    line(
        preview.earlier.len(),
        format!("{} periods end earlier; {at_once} of them on the day of adoption", preview.earlier.len()),
        preview.earlier.iter().map(shift).collect(),
    );
    line(
        preview.later.len(),
        format!("{} periods end later", preview.later.len()),
        preview.later.iter().map(shift).collect(),
    );
    line(
        preview.ended.len(),
        format!("{} grounds end with it", preview.ended.len()),
        preview.ended.iter().map(|one| format!("person {}, {}: {}", one.person, one.rule, one.why)).collect(),
    );
    line(
        preview.begun.len(),
        format!("{} grounds begin with it", preview.begun.len()),
        preview.begun.iter().map(|one| format!("person {}, {}", one.person, one.activity)).collect(),
    );
    line(
        preview.groundless.len(),
        format!("{} rows would have no ground any more and go", preview.groundless.len()),
        preview
            .groundless
            .iter()
            .map(|one| format!("person {}: {} ({} {})", one.person, one.kind, one.table, one.row))
            .collect(),
    );
    line(
        preview.of_works.len(),
        format!(
            "{} rows that work holds for itself would have no ground any more and go",
            preview.of_works.len()
        ),
        preview
            .of_works
            .iter()
            .map(|one| format!("work {}: {} ({} {})", one.work, one.kind, one.table, one.row))
            .collect(),
    );
    line(
        preview.unconsented.len(),
        format!("{} consents no longer cover their use", preview.unconsented.len()),
        preview
            .unconsented
            .iter()
            .map(|one| format!("person {}, {}: {}", one.person, one.activity, one.why))
            .collect(),
    );
    line(
        preview.unread.len(),
        format!("of {} nobody can say: what is stored of them cannot be read", preview.unread.len()),
        preview.unread.iter().map(|person| format!("person {person}")).collect(),
    );
    line(
        preview.unread_works.len(),
        format!(
            "of {} pieces of work nobody can say: what is stored cannot be read",
            preview.unread_works.len()
        ),
        preview.unread_works.iter().map(|work| format!("work {work}")).collect(),
    );
    for (activity, people) in &preview.told {
        line(
            people.len(),
            format!("{} people must be told: {activity}", people.len()),
            people.iter().map(|person| format!("person {person}")).collect(),
        );
    }
    for (rule, live) in &preview.vanishing {
        lines.push(format!(
            "  error: `{rule}` is gone, and {live} grounds are live under it: write `was` or `ends`"
        ));
    }
    for (role, accounts) in &preview.roleless {
        lines.push(format!(
            "  error: {accounts} accounts have the role {role}, which the new version does not have"
        ));
    }
    if lines.len() == 1 {
        lines.push("  nothing changes".to_owned());
    }
    lines
}

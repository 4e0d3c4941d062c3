//! `probity incident`: writing one down, looking at those there are, and adding many whose data it was, from the command line, by the
//! same acts as the pages.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use custody::id::IncidentId;
use jiff::civil::DateTime;
use serde_json::{Value, json};
use store::incident::{self, Sort};

use super::who::{Who, each, number, words};
use super::{Failure, Format, Outcome};
use crate::acts::incident::{self as acts, Seen, many};
use crate::web::api::incident as shown;

/// What `incident` takes.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// List the incidents, the newest first.
    List {
        #[command(flatten)]
        who: Who,
    },
    /// Show one with its steps, and what is still to be done.
    Show {
        #[command(flatten)]
        who: Who,
        /// Its number.
        incident: i64,
    },
    /// Write down that data was lost, seen by the wrong people, changed or is out of reach.
    Open {
        #[command(flatten)]
        who: Who,
        /// What happened, in a sentence. Name nobody.
        what: String,
        /// lost, seen, changed, out of reach or not clear.
        #[arg(long, default_value = "not clear")]
        sort: String,
        /// When somebody here first knew, where the organisation is: 2026-12-24T16:20; now unless said.
        #[arg(long, value_name = "DATETIME")]
        found: Option<DateTime>,
        /// Who found it; whoever writes it down unless said.
        #[arg(long, value_name = "NAME", default_value = "")]
        found_by: String,
    },
    /// Add whose data it was, too: many at once, by their e-mail addresses and telephone numbers.
    Add {
        #[command(flatten)]
        who: Who,
        /// Its number.
        incident: i64,
        /// A file with an address or a number on each line.
        file: PathBuf,
        /// Add nobody; only say how many that would be, and by what nobody was found.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does it.
///
/// # Errors
/// If the instance cannot be opened, or the policy refuses: then with the clause and the next step.
pub fn run(args: &Args) -> Outcome {
    match &args.what {
        What::List { who } => who.show(
            |acting, tx| Ok(Value::Array(shown::listed(acting, tx)?)),
            |all| {
                for one in all.as_array().into_iter().flatten() {
                    line(one);
                }
            },
        ),
        What::Show { who, incident } => {
            who.show(|acting, tx| shown::whole(acting, tx, IncidentId(*incident)), whole)
        }
        What::Add { who, incident, file, dry_run } => add(who, IncidentId(*incident), file, *dry_run),
        What::Open { who, what, sort, found, found_by } => {
            let known: Vec<&str> = Sort::ALL.iter().map(|(_, name, _)| *name).collect();
            let sort = Sort::named(sort)
                .ok_or_else(|| Failure(format!("`{sort}` is none of: {}", known.join(", "))))?;
            let (id, due, there) = who.write(|acting, tx| {
                let zone = acting.instance.clock.zone();
                let found_at = found.map_or(Ok(acting.now), |found| zone.to_timestamp(found))?;
                let (what, found_by) = (what.clone(), found_by.clone());
                let id = acts::open(acting, tx, &Seen { sort, what, found_at, found_by, happened_at: None })?;
                let due = incident::one(tx, &acting.policy, id)?.due_at;
                Ok((id, due, due.map(|due| zone.to_datetime(due))))
            })?;
            match who.format {
                Format::Text => super::say(format_args!(
                    "{id}  the regulator is to be told by {}, unless it is unlikely to hurt anybody",
                    there.map_or_else(String::new, |due| due.strftime("%Y-%m-%d %H:%M").to_string())
                )),
                Format::Json => super::say(json!({ "id": id.0, "due_at": due })),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Adds all behind a list, in steps, or only says who that is.
fn add(who: &Who, id: IncidentId, file: &Path, dry_run: bool) -> Outcome {
    let list = String::from_utf8(super::read_file(file)?)
        .map_err(|_| Failure(format!("{} is no text in UTF-8", file.display())))?;
    let found = who.read(|acting, tx| many::look(acting, tx, id, &list))?;
    let would = found.join.len();
    let joined: usize = match dry_run {
        true => 0,
        false => {
            let steps = found.join.chunks(many::AT_ONCE);
            who.write_each(steps, |acting, tx, some| many::join(acting, tx, id, some))?.iter().sum()
        }
    };
    match who.format {
        Format::Json => super::say(json!({
            "would_join": would, "joined": joined, "before": found.before, "not_found": found.unknown,
        })),
        Format::Text => {
            let before = found.before;
            match dry_run {
                true => super::say(format_args!("{would} would join; {before} in it already")),
                false => super::say(format_args!("{joined} joined; {before} in it before")),
            }
            for line in &found.unknown {
                super::say(format_args!("nobody found by {line}"));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(one: &Value) {
    let need_not = one.get("tell_regulator").and_then(Value::as_bool) == Some(false);
    let state = match (words(one, "closed_on"), words(one, "regulator_told_at")) {
        ("", "") if need_not => "open, the regulator need not be told".to_owned(),
        ("", "") => format!("open, due {}", words(one, "due_at")),
        ("", at) => format!("open, regulator told {at}"),
        (on, _) => format!("closed {on}"),
    };
    let id = number(one, "id");
    super::say(format_args!("{id}  {}  {state}  {}", words(one, "found_at"), words(one, "what")));
}

fn whole(one: &Value) {
    line(one);
    for step in each(one, "steps") {
        let said = [words(step, "outcome"), words(step, "note")];
        let said: Vec<&str> = said.into_iter().filter(|said| !said.is_empty()).collect();
        super::say(format_args!("{}  {}  {}", words(step, "at"), words(step, "step"), said.join(": ")));
    }
    for left in each(one, "still_to_do").filter_map(Value::as_str) {
        super::say(format_args!("still to do: {left}"));
    }
}

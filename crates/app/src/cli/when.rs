//! `probity when`: evaluates a retention phrase on dates given by hand. Touches no data.

use std::path::PathBuf;
use std::process::ExitCode;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use policy::clock::{Agreed, Clock, Facts, Known, Outcome as Ends, say};
use policy::phrase::read::{period, read_alone};
use policy::phrase::{Whose, plain};

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
    let read = match &args.policy {
        None => read_alone(text),
        Some(path) => {
            let policy = super::policy_file::adoptable(path)?;
            zone = store::life::zone(&policy);
            policy::phrase::read::read(text, policy::Span::default(), &policy::phrase::Scope::of(&policy))
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
    let facts = facts(&args.on, &args.fact, &zone)?;
    let events = read.phrase.events();
    if let Some(strange) = facts.events.keys().find(|given| !speaks_of(&events, given)) {
        return Err(strange_event(strange, &events));
    }
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

fn facts(on: &[String], given: &[String], zone: &TimeZone) -> Result<Facts, Failure> {
    let mut facts = Facts::default();
    for pair in on {
        let (event, day) = pair_of(pair)?;
        // Hours are counted from a moment: recorded=2026-08-31T14:30.
        if let Ok(at) = day.parse::<jiff::civil::DateTime>() {
            let moment = at.to_zoned(zone.clone())?;
            facts = facts.with(event, at.date());
            facts.times.insert(event.to_owned(), moment);
        } else {
            facts = facts.with(event, date(event, day)?);
        }
    }
    let mut reasoned = false;
    for pair in given {
        let (name, value) = pair_of(pair)?;
        match (name, value) {
            ("agreed", value) => {
                let period = period(value).ok_or_else(|| {
                    Failure(format!("`{value}` is no period; write `2 years` or `6 months`"))
                })?;
                facts.agreed = Some(Agreed { period, reasoned: false });
            }
            ("reason", value) => reasoned = value != "no",
            ("opened", value) => facts.opened = Some(date(name, value)?),
            ("reviewed", value) => facts.reviewed = Some(date(name, value)?),
            ("confirmed", value) => facts.confirmed = Some(date(name, value)?),
            ("birthday" | "born" | "date of birth", value) => facts = facts.with("born", date(name, value)?),
            ("birthdays" | "people born", value) => {
                for day in value.split(',') {
                    facts = facts.with("people born", date(name, day.trim())?);
                }
            }
            (name, value) if part_of(name).is_some() => {
                let part = part_of(name).unwrap_or_default().to_owned();
                facts = facts.with(&Whose::Part(part).born(), date(name, value)?);
            }
            (event, "pending") => {
                facts.pending.insert(event.to_owned());
            }
            (event, "impossible") => {
                facts.impossible.insert(event.to_owned());
            }
            (category, "held") => {
                facts.categories.insert(category.to_owned(), None);
            }
            (name, value) => {
                let day = value.parse::<Date>().ok();
                if day.is_some() || matches!(value, "yes" | "true") {
                    facts.categories.insert(name.to_owned(), day);
                }
                let value = if value == "true" { "yes" } else { value };
                // A day is when it stopped being so, unless somebody outside said it.
                let known = Known { value: value.to_owned(), ended: day };
                facts.known.insert(plain(name), known);
            }
        }
    }
    if let Some(agreed) = &mut facts.agreed {
        agreed.reasoned = reasoned;
    }
    Ok(facts)
}

/// Whether a phrase counts from an event of this name; days of birth and of collection are facts of their own.
fn speaks_of(events: &[policy::phrase::Event], name: &str) -> bool {
    let born_by =
        |event: &policy::phrase::Event| event.birthday().is_some_and(|(whose, _)| whose.born() == name);
    ["born", "people born", "collected", "recorded"].contains(&name)
        || events.iter().any(|event| event.written() == name || event.name == name || born_by(event))
}

/// What an event is called where it may be a day of birth: `birthday of the child`.
fn called(event: &policy::phrase::Event) -> String {
    match event.birthday() {
        Some((Whose::Own, _)) => "birthday".to_owned(),
        Some((Whose::Everybody, _)) => "birthdays".to_owned(),
        Some((Whose::Part(part), _)) => format!("birthday of the {part}"),
        None => event.written(),
    }
}

fn strange_event(name: &str, events: &[policy::phrase::Event]) -> Failure {
    let mut known: Vec<String> = events.iter().map(called).collect();
    known.dedup();
    let name = &called(&policy::phrase::Event::only(name));
    let near = policy::diagnostic::nearest(name, known.iter().map(String::as_str));
    Failure(match near {
        Some(near) => format!("the phrase speaks of no `{name}`: did you mean `{near}`?"),
        None => format!("the phrase speaks of no `{name}`; it counts from {}", known.join(", ")),
    })
}

/// Whose birthday a fact gives: `birthday of the child`.
fn part_of(name: &str) -> Option<&str> {
    let of = name.strip_prefix("birthday of ").or_else(|| name.strip_prefix("date of birth of "))?;
    Some(of.strip_prefix("the ").unwrap_or(of))
}

fn pair_of(pair: &str) -> Result<(&str, &str), Failure> {
    let (name, value) =
        pair.split_once('=').ok_or_else(|| Failure(format!("`{pair}` needs a name, `=` and a value")))?;
    Ok((name.trim(), value.trim()))
}

fn date(name: &str, value: &str) -> Result<Date, Failure> {
    value.parse().map_err(|_| Failure(format!("`{value}` is no date for `{name}`; write 2026-08-31")))
}

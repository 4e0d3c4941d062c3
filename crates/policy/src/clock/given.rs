//! What is told by hand of one phrase: `completed=2026-08-31`, `outcome=upheld`. What the phrase does not speak of, or
//! what cannot be understood, is refused: never is a date made of it.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Agreed, Facts, Known};
use crate::diagnostic::nearest;
use crate::phrase::read::{ReadPhrase, period};
use crate::phrase::{Condition, Event, Scope, Whose, plain};

/// The facts of a phrase from pairs `EVENT=DATE` and `NAME=VALUE`. `scope` says what a policy lets a fact be; without
/// one it is what the phrase names, `yes` or `no`.
///
/// # Errors
/// In words, what cannot be read.
pub fn given(
    read: &ReadPhrase,
    on: &[impl AsRef<str>],
    said: &[impl AsRef<str>],
    zone: &TimeZone,
    scope: &Scope,
) -> Result<Facts, String> {
    let mut facts = Facts::default();
    for pair in on {
        let (event, day) = pair_of(pair.as_ref())?;
        // Hours are counted from a moment: recorded=2026-08-31T14:30.
        if let Ok(at) = day.parse::<jiff::civil::DateTime>() {
            let moment = at.to_zoned(zone.clone()).map_err(|fault| fault.to_string())?;
            facts = facts.with(event, at.date());
            facts.times.insert(event.to_owned(), moment);
        } else {
            facts = facts.with(event, date(event, day)?);
        }
    }
    let mut reasoned = false;
    for pair in said {
        let (name, value) = pair_of(pair.as_ref())?;
        if name == "reason" {
            reasoned = value != "no";
            continue;
        }
        facts = one(facts, name, value)?;
        understood(read, scope, name, value)?;
    }
    if let Some(agreed) = &mut facts.agreed {
        agreed.reasoned = reasoned;
    }
    let events = read.events();
    match facts.events.keys().find(|given| !speaks_of(&events, given)) {
        Some(strange) => Err(strange_event(strange, &events)),
        None => Ok(facts),
    }
}

fn one(mut facts: Facts, name: &str, value: &str) -> Result<Facts, String> {
    match (name, value) {
        ("agreed", value) => {
            let period = period(value)
                .ok_or_else(|| format!("`{value}` is no period; write `2 years` or `6 months`"))?;
            facts.agreed = Some(Agreed { period, reasoned: false });
        }
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
    Ok(facts)
}

/// Whether a fact can be what it is said to be.
fn understood(read: &ReadPhrase, scope: &Scope, name: &str, value: &str) -> Result<(), String> {
    let fact = plain(name);
    let mut may: Vec<String> = Vec::new();
    for condition in read.phrase.conditions().into_iter().chain(&read.condition) {
        values(condition, &fact, &mut may);
    }
    if may.is_empty() || matches!(value, "no" | "true" | "pending" | "impossible" | "held") {
        return Ok(());
    }
    if let Some(declared) = scope.facts.iter().find(|declared| plain(&declared.name) == fact) {
        may.extend(declared.values.iter().cloned());
    }
    if value.parse::<Date>().is_ok() || may.iter().any(|one| one == value) {
        return Ok(());
    }
    may.push("no".to_owned());
    may.dedup();
    let may: Vec<String> = may.iter().map(|one| format!("`{name}={one}`")).collect();
    Err(format!("`{name}` cannot be `{value}` here; write {}", may.join(", ")))
}

/// What a condition asks a fact to be.
fn values(condition: &Condition, of: &str, found: &mut Vec<String>) {
    match condition {
        Condition::Is { fact, value, .. } if fact == of => found.push(value.clone()),
        Condition::Not(inner) => values(inner, of, found),
        Condition::Any(parts) => parts.iter().for_each(|part| values(part, of, found)),
        Condition::Is { .. } | Condition::Aged { .. } | Condition::GivenBefore(_) => {}
    }
}

/// Whether a phrase counts from an event of this name; days of birth and of collection are facts of their own.
fn speaks_of(events: &[Event], name: &str) -> bool {
    let born_by = |event: &Event| event.birthday().is_some_and(|(whose, _)| whose.born() == name);
    ["born", "people born", "collected", "recorded"].contains(&name)
        || events.iter().any(|event| event.written() == name || event.name == name || born_by(event))
}

/// What an event is called where it may be a day of birth: `birthday of the child`.
fn called(event: &Event) -> String {
    match event.birthday() {
        Some((Whose::Own, _)) => "birthday".to_owned(),
        Some((Whose::Everybody, _)) => "birthdays".to_owned(),
        Some((Whose::Part(part), _)) => format!("birthday of the {part}"),
        None => event.written(),
    }
}

fn strange_event(name: &str, events: &[Event]) -> String {
    let mut known: Vec<String> = events.iter().map(called).collect();
    known.dedup();
    let name = &called(&Event::only(name));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("the phrase speaks of no `{name}`: did you mean `{near}`?"),
        None => format!("the phrase speaks of no `{name}`; it counts from {}", known.join(", ")),
    }
}

/// Whose birthday a fact gives: `birthday of the child`.
fn part_of(name: &str) -> Option<&str> {
    let of = name.strip_prefix("birthday of ").or_else(|| name.strip_prefix("date of birth of "))?;
    Some(of.strip_prefix("the ").unwrap_or(of))
}

fn pair_of(pair: &str) -> Result<(&str, &str), String> {
    let (name, value) =
        pair.split_once('=').ok_or_else(|| format!("`{pair}` needs a name, `=` and a value"))?;
    Ok((name.trim(), value.trim()))
}

fn date(name: &str, value: &str) -> Result<Date, String> {
    value.parse().map_err(|_| format!("`{value}` is no date for `{name}`; write 2026-08-31"))
}

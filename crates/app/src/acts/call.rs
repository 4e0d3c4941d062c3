//! Marketing calls: the number is checked against the preference registers and our own list before it is shown,
//! the check is kept as evidence, and what came of the call is written down.

use std::io::{BufRead, Cursor, Read};

use custody::act::Asked;
use custody::explain;
use custody::gate::Screened;
use custody::id::{ItemId, PersonId};
use custody::life::Scope;
use custody::{Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::channel::{CallResult, Channel, Happened, Means, Screening};
use policy::role::Deed;
use policy::{Activity, Policy};
use read::NotAlone;
use serde_json::json;
use store::call::{self, Line, NewCall};
use store::register::{self, Found, Loaded};
use store::{Tx, life_event};

use super::Acting;
use super::audience::{self, Audience, Way};
use crate::fault::Fault;

/// How large a list may be that comes in an archive: some eighty million numbers.
const UNPACKED_MAX: u64 = 1024 * 1024 * 1024;

/// What can come of a call, as the policy says.
#[must_use]
pub fn results(policy: &Policy) -> &[CallResult] {
    way(policy).map_or(&[], |(way, _)| way.channel.results.as_slice())
}

/// What the policy has whoever calls say first; PECR 2003 reg 24 asks for who calls and how to reach them.
#[must_use]
pub fn script(policy: &Policy) -> Option<String> {
    let script = way(policy)?.0.channel.script.as_deref()?;
    let phone = policy.contact.phone.as_deref().unwrap_or(&policy.contact.email);
    Some(script.replace("{controller}", &policy.controller).replace("{phone}", phone))
}

/// The activity that calls people to promote us, with its channel and what that channel screens against.
#[must_use]
pub fn way(policy: &Policy) -> Option<(Way<'_>, &Screening)> {
    let by_phone = |activity: &Activity| -> Option<&Channel> {
        let mut channels = activity.channels.iter().filter_map(|id| policy.channels.get(id.index()));
        channels.find(|channel| channel.means == Means::Phone && channel.screening.is_some())
    };
    let marketing = policy.activities.iter().filter(|activity| activity.purpose == Purpose::DirectMarketing);
    marketing.into_iter().find_map(|activity| {
        let channel = by_phone(activity)?;
        Some((Way { activity, channel, footer_complete: true }, channel.screening.as_ref()?))
    })
}

/// The registers a policy screens against, by name.
#[must_use]
pub fn registers(policy: &Policy) -> Vec<String> {
    way(policy).map_or_else(Vec::new, |(_, screening)| screening.registers.clone())
}

/// Reads a register file, or the one in an archive; needs no instance, so that nobody waits while millions of lines are read.
///
/// # Errors
/// [`Fault::Invalid`] if it is no list of numbers.
pub fn read_register(mut file: impl BufRead) -> Result<Found, Fault> {
    let broken = |_| Fault::field("file", "The file did not arrive whole. Try again.");
    let mut first = Vec::new();
    file.by_ref().take(4).read_to_end(&mut first).map_err(broken)?;
    let archive = read::is_archive(&first);
    let mut whole = Cursor::new(first).chain(file);
    let found = if archive {
        let mut bytes = Vec::new();
        whole.read_to_end(&mut bytes).map_err(broken)?;
        read::alone(&bytes, UNPACKED_MAX, |file| register::read(file)).map_err(not_alone)?
    } else {
        register::read(whole)
    };
    found.map_err(|error| match error {
        store::Error::Malformed(words) => Fault::field("file", crate::web::error::sentence(&words)),
        error => Fault::Store(error),
    })
}

fn not_alone(why: NotAlone) -> Fault {
    let words = match why {
        NotAlone::Damaged => {
            "This archive does not open: fetch it again, or unpack it and choose the list.".to_owned()
        }
        NotAlone::Several(0) => "There is no file in this archive.".to_owned(),
        NotAlone::Several(files) => format!(
            "There are {} in this archive: unpack it, and choose the list.",
            policy::count::counted_len(files, "file")
        ),
        NotAlone::TooMuch => "This unpacks to more than any such list: look at it first.".to_owned(),
    };
    Fault::field("file", words)
}

/// The day of a file: as its head says it, or as was typed; where neither does, that of the newest number in it.
fn day_of(found: &Found, typed: Option<Date>) -> Result<Date, Fault> {
    let field = |words: String| Err(Fault::field("dated", words));
    match (found.says, typed, found.newest) {
        (Some(says), Some(typed), _) if says != typed => {
            field(format!("The file itself says {}: leave this empty, or look at it.", explain::day(says)))
        }
        (Some(says), ..) => Ok(says),
        (None, Some(typed), Some(newest)) if typed < newest => {
            field(format!("A number in it is of {}: the list is no older.", explain::day(newest)))
        }
        (None, Some(day), _) | (None, None, Some(day)) => Ok(day),
        (None, None, None) => field("The file does not say its day: choose it.".to_owned()),
    }
}

/// Puts a register file in the place of the last one.
///
/// # Errors
/// [`Fault::Invalid`] for a register the policy does not screen against, a day to come, or an older file than
/// the one there is.
pub fn load_register(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    register: &str,
    dated: Option<Date>,
    found: &Found,
    as_it_is: bool,
) -> Result<Loaded, Fault> {
    acting.must(Deed::Call)?;
    if !registers(&acting.policy).iter().any(|known| known == register) {
        return Err(Fault::field("register", "Choose a list the policy screens against."));
    }
    let dated_on = day_of(found, dated)?;
    if dated_on > acting.today {
        return Err(Fault::field("dated", "This day has not come yet."));
    }
    let mut doubt = doubtful(register::newest(tx, register)?.as_ref(), found);
    if found.changes && doubt.is_none() {
        doubt = does_not_follow(register::unfitting(tx, register, found)?, found);
    }
    if let Some(doubt) = doubt.filter(|_| !as_it_is) {
        return Err(Fault::field("as-it-is", doubt));
    }
    let loaded =
        register::load(tx, register, dated_on, found, acting.staff_id(), acting.now).map_err(|error| {
            match error {
                store::Error::Malformed(words) => Fault::field("dated", crate::web::error::sentence(&words)),
                error => Fault::Store(error),
            }
        })?;
    let body = json!({
        "register": register, "dated": dated_on.to_string(), "numbers": loaded.numbers, "changes": found.changes,
    });
    acting.log(tx, "register.loaded", &[], &body)?;
    Ok(loaded)
}

/// Why a file looks as if it were not the whole list: whoever is on a line that was not read could be called.
fn doubtful(before: Option<&Loaded>, found: &Found) -> Option<String> {
    let numbers = found.numbers.len() + found.removed.len();
    if found.junk > 0 && found.junk.saturating_mul(100) > numbers {
        let lines: Vec<String> = found.examples.iter().map(|junk| junk.line.to_string()).collect();
        return Some(format!(
            "{} of this file {} no number: line {}. Whoever stands there would be called. Look at the file; if it is right, tick this.",
            policy::count::counted_len(found.junk, "line"),
            if found.junk == 1 { "holds" } else { "hold" },
            lines.join(", ")
        ));
    }
    let before = before.map_or(0, |before| before.numbers);
    if !found.changes && before > 100 && i64::try_from(numbers).is_ok_and(|numbers| numbers < before / 2) {
        return Some(format!(
            "This file has {}, and the list before had {}. If it really is this short, tick this.",
            policy::count::counted_len(numbers, "number"),
            policy::count::counted(before.unsigned_abs(), "number"),
        ));
    }
    None
}

/// Why changes look as if they were not those that follow the list there is: whoever came in between could be called.
fn does_not_follow(unfitting: usize, found: &Found) -> Option<String> {
    let all = found.numbers.len() + found.removed.len();
    (unfitting.saturating_mul(10) > all).then(|| {
        format!(
            "Of {} in this file {unfitting} do not fit the list there is: what is to go is not on it, or what is to come is. A file in between \
             may be missing. Load the whole list; or if this is right, tick this.",
            policy::count::counted_len(all, "change")
        )
    })
}

/// Who may be called today, and who may not and why.
///
/// # Errors
/// [`Fault::NotFound`] if the policy calls nobody.
pub fn audience(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Audience, Fault> {
    acting.must(Deed::Call)?;
    let (way, _) = way(&acting.policy).ok_or(Fault::NotFound)?;
    audience::of(acting, tx, &way)
}

/// Decides whether a person may be called now, on the newest register files.
///
/// # Errors
/// [`Fault::Refused`] with the reason: listed, unchecked, checked against an old file, objected.
pub fn decide(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Grant, Fault> {
    let (way, _) = way(&acting.policy).ok_or(Fault::NotFound)?;
    audience::decide(acting, tx, &way, life)
}

/// The detail that a person is called at; nothing where no number of theirs is held for that.
///
/// # Errors
/// [`Fault::NotFound`] if the policy calls nobody.
pub fn called_at(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Option<ItemId>, Fault> {
    let (way, _) = way(&acting.policy).ok_or(Fault::NotFound)?;
    let at = call::called_at(tx, (&*acting.policy, way.activity), person)?;
    Ok(at.map(|(item, _)| item))
}

/// Checks a person's number, keeps the check as evidence, and decides on it.
///
/// # Errors
/// [`Fault::Refused`] with the reason; the check is kept by the caller's transaction only if it succeeds, so
/// the refusal is an inner result.
pub fn check(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
) -> Result<(Screened, Result<Grant, Fault>), Fault> {
    acting.must(Deed::Call)?;
    let (way, screening) = way(&acting.policy).ok_or(Fault::NotFound)?;
    let life = acting.life(tx, person)?;
    may_note(acting, &life)?;
    let keys = acting.instance.store.keys();
    let when = (acting.staff_id(), acting.today, acting.now);
    let of = (&*acting.policy, way.activity);
    let screened = call::screen_person(tx, keys, screening, of, person, when).map_err(no_number)?;
    let mut people = audience::reachable(acting, tx, &way, &[person])?;
    people.entry(person).or_default().screened = Some(screened.clone());
    let gate = Gate { footer_complete: true, people, ..Gate::default() };
    let decided = acting.decide(&audience::act(&acting.policy, &way), &[&life], &gate);
    let body = json!({ "registers": screened.registers.len(), "granted": decided.is_ok() });
    acting.log(tx, "number.checked", &[person], &body)?;
    acting.settle(tx, person)?;
    Ok((screened, decided))
}

pub(super) fn no_number(error: store::Error) -> Fault {
    match error {
        store::Error::Malformed(words) => Fault::field("phone", crate::web::error::sentence(&words)),
        error => error.into(),
    }
}

/// Writes a call down, decided at that moment, and does what follows from what was said.
///
/// # Errors
/// [`Fault::Refused`] if the person may not be called: then no call can be logged either.
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    result: &str,
    note: &str,
) -> Result<(), Fault> {
    let result = results(&acting.policy)
        .iter()
        .find(|known| known.name == result)
        .ok_or_else(|| Fault::field("result", "Choose what came of the call."))?;
    let (screened, decided) = check(acting, tx, person)?;
    let grant = decided?;
    let (way, _) = way(&acting.policy).ok_or(Fault::NotFound)?;
    let note = note.trim();
    let new = NewCall {
        line: Line::default(),
        number: "",
        activity: &way.activity.name,
        screened: Some(&screened),
        outcome: &result.name,
        note: (!note.is_empty()).then_some(note),
        by: acting.staff_id(),
        at: acting.now,
        on: acting.today,
    };
    let of = (&*acting.policy, way.activity);
    let call = call::record_to(tx, of, person, &new).map_err(no_number)?;
    follow(acting, tx, person, result.is)?;
    acting.opens("call.made", &grant);
    acting.settle(tx, person)?;
    acting.log(tx, "call.recorded", &[person], &json!({ "call": call, "result": result.name }))
}

/// What follows from what happened in the call.
fn follow(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, is: Option<Happened>) -> Result<(), Fault> {
    let Some(is) = is else { return Ok(()) };
    if is == Happened::DoesNotObject {
        return not_objecting(acting, tx, person, acting.today);
    }
    let event = Happened::ALL.iter().find(|(known, _)| *known == is).map_or("", |(_, event)| *event);
    life_event::record(tx, &acting.policy, person, event, acting.today, acting.staff_id(), acting.now)?;
    if is == Happened::AskedNotToCall {
        super::objection::record(acting, tx, person, &Scope::Calls, (acting.today, "on the telephone"))?;
    }
    Ok(())
}

/// Asks whether whoever calls may write down anything about a person: not while what we hold may only be stored.
///
/// # Errors
/// [`Fault::Refused`] with the reason.
pub(super) fn may_note(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let all = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let note = super::person::act(Verb::Change, Some(Deed::Call), Asked::WhatMayBeSeen(all));
    acting.decide(&note, &[life], &Gate::default()).map(drop)
}

/// Records, outside a call, that the subscriber of a person's number said that they do not object (PECR reg 21(4)).
///
/// # Errors
/// [`Fault::Invalid`] if no number of theirs is held.
pub fn does_not_object(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, on: Date) -> Result<(), Fault> {
    may_note(acting, &acting.life(tx, person)?)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    not_objecting(acting, tx, person, on)?;
    acting.log(tx, "not objecting.recorded", &[person], &json!({ "on": on.to_string() }))
}

fn not_objecting(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, on: Date) -> Result<(), Fault> {
    let (way, _) = way(&acting.policy).ok_or(Fault::NotFound)?;
    let of = (&*acting.policy, way.activity);
    call::not_objecting(tx, of, person, on, acting.staff_id(), acting.now).map(drop).map_err(no_number)
}

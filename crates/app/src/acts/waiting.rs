//! What waits for the answer to a request that needs it: an open one keeps what is due, unused, at most until the day it
//! must be answered. What would go then is said before, and what went is said after.

use std::collections::{BTreeMap, BTreeSet};

use custody::Life;
use custody::coverage::{self, Datum, Outcome, Role, Suspended, Uncovered};
use custody::id::{PersonId, RequestId};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use store::certificate::{self, Certificate};
use store::request::{self, Kind, SubjectRequest};
use store::{Tx, dispose, life};

use super::Acting;
use super::request::on_desk;
use crate::fault::Fault;

/// For how many months at most what waits is kept on before somebody looks again.
pub const MONTHS_MAX: i32 = 3;

/// How many rows of each kind.
pub type Counts = BTreeMap<String, u32>;

/// What goes in the night after the day a request must be answered by, if nobody has answered: by kind.
///
/// # Errors
/// Whatever the store says.
pub fn would_go(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
) -> Result<Option<(Date, Counts)>, Fault> {
    let (Some(_), Some(person), Some(due), None) =
        (asked.kind.needs(), asked.person, asked.due_on, asked.closed_on)
    else {
        return Ok(None);
    };
    if due < acting.today {
        return Ok(None);
    }
    let whose = acting.life(tx, person)?;
    let going = by_kind(acting, uncovered(acting, tx, &whose, due.tomorrow()?)?, |kept| kept.is_none());
    Ok(Some((due, going)).filter(|(_, going)| !going.is_empty()))
}

/// What is still here of somebody though its time has ended.
///
/// # Errors
/// Whatever the store says.
pub fn ended(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Uncovered>, Fault> {
    let mut ended = uncovered(acting, tx, life, acting.today)?;
    ended.retain(|one| !matches!(one.outcome, Outcome::CutLink) && one.table != "request");
    Ok(ended)
}

fn uncovered(acting: &Acting<'_>, tx: &Tx<'_>, whose: &Life, night: Date) -> Result<Vec<Uncovered>, Fault> {
    let policy = &acting.policy;
    let mut held = dispose::holdings(tx, policy, whose.person)?.data;
    let others: BTreeSet<PersonId> = held
        .iter()
        .flat_map(|datum| &datum.people)
        .map(|(who, _)| *who)
        .filter(|who| *who != whose.person)
        .collect();
    let others: Vec<PersonId> = others.into_iter().collect();
    let others = life::load_readable(tx, policy, &others, acting.today, life::For::Clocks)?;
    // What somebody is in who cannot be read stays for now: nobody can say what becomes of it.
    held.retain(|datum| datum.people.iter().all(|(who, _)| !others.unread.contains(who)));
    let others: Vec<_> = others.lives.iter().collect();
    Ok(coverage::uncovered(policy, whose, &others, &held, night))
}

/// What goes, or what something keeps, by kind.
fn by_kind(acting: &Acting<'_>, rows: Vec<Uncovered>, which: impl Fn(Option<Suspended>) -> bool) -> Counts {
    let mut counts = Counts::new();
    let rows = rows.iter().filter(|one| {
        which(one.suspended) && !matches!(one.outcome, Outcome::CutLink) && one.table != "request"
    });
    for kind in rows.filter_map(|one| acting.policy.kind(one.kind)) {
        *counts.entry(kind.name.clone()).or_insert(0) += 1;
    }
    counts
}

/// A request that waits for its person, where something is kept for it alone.
///
/// # Errors
/// Whatever the store says.
pub fn kept_for(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
) -> Result<Option<request::Waiting>, Fault> {
    let all = request::waiting(tx, None, acting.today)?;
    Ok(all.into_iter().find(|one| one.request == request))
}

/// What is kept of somebody for such a request alone, by kind.
///
/// # Errors
/// Whatever the store says.
pub fn kept(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Counts, Fault> {
    let life = acting.life(tx, person)?;
    let for_a_request = |kept| matches!(kept, Some(Suspended::Request(_)));
    Ok(by_kind(acting, uncovered(acting, tx, &life, acting.today)?, for_a_request))
}

/// Keeps on what waits for the answer to a request whose clock is paused: until a day, with the reason. The other way is to
/// answer, and what waits goes in the night after.
///
/// # Errors
/// [`Fault::Invalid`] without a reason, for a day that is past or too far, or where nothing is kept;
/// [`Fault::Refused`] unless the role answers requests.
pub fn keep_on(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    request: RequestId,
    (until, why): (Date, &str),
) -> Result<(), Fault> {
    let asked = on_desk(acting, tx, request)?;
    let why = why.trim();
    if why.is_empty() || why.len() > 500 {
        return Err(Fault::field("kept-why", "Say in a few words why we go on waiting for them."));
    }
    let last = acting.today.checked_add(MONTHS_MAX.months())?;
    if until <= acting.today || until > last {
        return Err(Fault::field("kept-until", "Choose a day within the next three months."));
    }
    if kept_for(acting, tx, request)?.is_none() {
        return Err(Fault::field("kept-until", "Nothing is kept for this request alone."));
    }
    request::keep_on(tx, request, until)?;
    request::step(tx, request, acting.today, "kept on", Some(why), acting.staff_id(), acting.now)?;
    if asked.owner.is_none() {
        request::assign(tx, request, acting.staff_id())?;
    }
    let people: Vec<PersonId> = asked.person.into_iter().collect();
    acting.log(tx, "request.kept on", &people, &json!({ "request": request.0, "until": until }))
}

/// The last day on which the program still knows who asked, where that day is known: after it the request has no name,
/// unless somebody answers. An open request that needs what is held keeps what is due until its own last day.
#[must_use]
pub fn named_until(acting: &Acting<'_>, life: &Life, asked: &SubjectRequest) -> Option<Date> {
    let policy = &acting.policy;
    if matches!(coverage::suspended(life, acting.today), Some(Suspended::Hold | Suspended::Restriction)) {
        return None;
    }
    let name = Datum {
        table: "item",
        id: 0,
        kind: policy.kind_named("name")?.id,
        people: vec![(life.person, Role::Subject)],
        engagements: Vec::new(),
        paper: false,
    };
    let waits = asked.due_on.filter(|_| asked.kind.needs().is_some());
    match coverage::covered(policy, life, &name, acting.today) {
        true => {
            let last = super::engagement::last_day(policy, life, &name, acting.today)?;
            Some(waits.map_or(last, |waits| waits.max(last)))
        }
        false => waits,
    }
}

/// What went by itself while a request was open: the certificates of those nights, the earliest first.
///
/// # Errors
/// Whatever the store says.
pub fn went(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Vec<Certificate>, Fault> {
    let (Kind::Access | Kind::Portability, Some(person)) = (asked.kind, asked.person) else {
        return Ok(Vec::new());
    };
    let until = asked.answered_on.or(asked.closed_on).unwrap_or(acting.today);
    let mut went = certificate::of_person(tx, person)?;
    went.retain(|gone| gone.cause == "sweep" && gone.on >= asked.received_on && gone.on <= until);
    went.reverse();
    Ok(went)
}

/// How many of a kind: its name may be one thing's (`email`) or already many's (`coaching notes`).
fn kinds(count: u64, kind: &str) -> String {
    if count == 1 { policy::count::said(1, kind) } else { policy::count::counted(count, kind) }
}

/// Counts by kind as a sentence lists them: `3 coaching notes, 1 name`.
#[must_use]
pub fn counted(counts: &BTreeMap<String, u32>) -> String {
    let each: Vec<String> = counts.iter().map(|(kind, count)| kinds(u64::from(*count), kind)).collect();
    each.join(", ")
}

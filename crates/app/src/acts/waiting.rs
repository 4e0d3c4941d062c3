//! What waits for the answer to an access request: an open one keeps what is due, unused, at most until the day it
//! must be answered. What would go then is said before, and what went is said after.

use std::collections::{BTreeMap, BTreeSet};

use custody::Life;
use custody::coverage::{self, Datum, Outcome, Role, Suspended};
use custody::id::PersonId;
use jiff::civil::Date;
use store::certificate::{self, Certificate};
use store::request::{Kind, SubjectRequest};
use store::{Tx, dispose, life};

use super::Acting;
use crate::fault::Fault;

/// How many rows of each kind.
type Counts = BTreeMap<String, u32>;

/// What goes in the night after the day a request must be answered by, if nobody has answered: by kind.
///
/// # Errors
/// Whatever the store says.
pub fn would_go(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
) -> Result<Option<(Date, Counts)>, Fault> {
    let (Kind::Access, Some(person), Some(due), None) =
        (asked.kind, asked.person, asked.due_on, asked.closed_on)
    else {
        return Ok(None);
    };
    if due < acting.today {
        return Ok(None);
    }
    let policy = &acting.policy;
    let mut whose = acting.life(tx, person)?;
    whose.access_due_on = None;
    let held = dispose::holdings(tx, policy, person)?;
    let others: BTreeSet<PersonId> = held
        .data
        .iter()
        .flat_map(|datum| &datum.people)
        .map(|(who, _)| *who)
        .filter(|who| *who != person)
        .collect();
    let others = life::load_many(tx, policy, &others.into_iter().collect::<Vec<_>>(), acting.today)?;
    let others: Vec<_> = others.iter().collect();
    let night = due.tomorrow()?;
    let mut going: BTreeMap<String, u32> = BTreeMap::new();
    for one in coverage::uncovered(policy, &whose, &others, &held.data, night) {
        let goes = one.suspended.is_none() && !matches!(one.outcome, Outcome::CutLink);
        if let Some(kind) = policy.kind(one.kind).filter(|_| goes && one.table != "request") {
            *going.entry(kind.name.clone()).or_insert(0) += 1;
        }
    }
    Ok(Some((due, going)).filter(|(_, going)| !going.is_empty()))
}

/// The last day on which the program still knows who asked, where that day is known: after it the request has no name,
/// unless somebody answers. An open request for a copy keeps what is due until its own last day.
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
    let waits = asked.due_on.filter(|_| asked.kind == Kind::Access);
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

//! Events of a person that periods count from and that somebody has to write down: those the policy declares itself, that
//! they confirmed to want to go on, that their number changed, and, of whoever is not known to be anywhere, that they left their
//! organisation. What follows from one is the policy's to say.

use custody::act::Asked;
use custody::id::PersonId;
use custody::{Gate, Life, Verb, known};
use jiff::civil::Date;
use policy::Sort;
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::role::Deed;
use serde_json::json;
use store::{Tx, life_event};

use super::{Acting, disclosure, organisation, person};
use crate::fault::Fault;

/// Records that something happened to a person on a day.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] for an event the policy does not know, or a day to come.
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (name, on): (&str, Date),
) -> Result<i64, Fault> {
    let life = acting.life(tx, person)?;
    may_record(acting, &life)?;
    let of_itself = name == LEFT_THE_ORGANISATION && may_have_left(acting, tx, &life)?;
    if name == LEFT_THE_ORGANISATION && !of_itself {
        return Err(Fault::field("event", "Record it with the organisation that they have left."));
    }
    if !of_itself && !known::recordable(&acting.policy).any(|known| known == name) {
        return Err(Fault::field("event", "The policy has no such event of a person."));
    }
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    // What ended before we knew them ends nothing of ours.
    let ends = [LEFT_THE_ORGANISATION, "phone changes"].contains(&name);
    if ends && life.categories.iter().map(|held| held.since).min().is_some_and(|since| on < since) {
        return Err(Fault::field("on", "We did not know them yet on this day."));
    }
    let event = life_event::record(tx, &acting.policy, person, name, on, acting.staff_id(), acting.now)?;
    acting.settle(tx, person)?;
    acting.log(tx, "event.recorded", &[person], &json!({ "event": event, "name": name }))?;
    Ok(event)
}

/// Whether that somebody left their organisation is recorded of themselves: a clause waits for it, and nobody knows where they are.
///
/// # Errors
/// Whatever the store says.
pub fn may_have_left(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<bool, Fault> {
    let waits = known::may_leave(&acting.policy, life, acting.today);
    Ok(waits && organisation::belongs(tx, life.person)?.is_empty())
}

/// Asks whether whoever acts may write down that something happened to a person: whoever may correct what we hold of them, also
/// while that is out of use, since its time may count from it.
///
/// # Errors
/// [`Fault::Refused`] naming the clause.
pub fn may_record(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let items =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
    let act = person::act(Verb::Happened, Some(Deed::AddPeople), Asked::WhatMayBeSeen(items));
    acting.decide(&act, &[life], &Gate::default()).map(drop)
}

/// Takes an event back that was recorded by mistake: periods await the next one.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::NotFound`] if it does not stand.
pub fn take_back(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, event: i64) -> Result<(), Fault> {
    may_record(acting, &acting.life(tx, person)?)?;
    undo(acting, tx, person, event)
}

pub(super) fn undo(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, event: i64) -> Result<(), Fault> {
    let before = acting.life(tx, person)?;
    life_event::undo(tx, person, event, acting.now)?;
    let after = acting.settle(tx, person)?;
    disclosure::taken_back(acting, tx, (&before, &after), None)?;
    acting.log(tx, "event.taken back", &[person], &json!({ "event": event }))
}

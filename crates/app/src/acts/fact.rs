//! Facts that periods hang on: recorded of a person, or of a person on a piece of work. What follows from one is
//! the policy's to say: the person's grounds are settled, nothing else is decided here.

use custody::act::Asked;
use custody::id::{EngagementId, PersonId};
use custody::{Gate, Life, Verb};
use jiff::civil::Date;
use policy::Sort;
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::fact::{self, NewFact};

use super::engagement::{may_run, on_hand};
use super::{Acting, disclosure, person};
use crate::fault::Fault;

/// A fact somebody wants to record.
#[derive(Clone, Debug)]
pub struct Telling {
    /// On which work, for facts of work.
    pub engagement: Option<EngagementId>,
    /// About whom; for facts of work, whom the work is for where nobody is named.
    pub person: Option<PersonId>,
    /// The fact, as the policy names it.
    pub name: String,
    /// One of its values, or a date.
    pub value: String,
    /// Since when it is so.
    pub on: Date,
}

/// Records a fact.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::Invalid`] for a fact, a value or a day that cannot be.
pub fn tell(acting: &Acting<'_>, tx: &Tx<'_>, new: &Telling) -> Result<i64, Fault> {
    let person = about(acting, tx, new.engagement, new.person)?;
    if new.on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let declared = acting
        .policy
        .facts
        .iter()
        .find(|fact| fact.name == new.name && fact.work.is_some() == new.engagement.is_some());
    let Some(declared) = declared else {
        return Err(Fault::field("fact", "The policy has no such fact."));
    };
    let fits = match declared.values.is_empty() {
        true => new.value.parse::<Date>().is_ok(),
        false => declared.values.contains(&new.value),
    };
    if !fits {
        let words = match declared.values.is_empty() {
            true => "Type a date, such as 2026-03-31.".to_owned(),
            false => format!("Choose one of: {}.", declared.values.join(", ")),
        };
        return Err(Fault::field("value", words));
    }
    let row = NewFact {
        person,
        engagement: new.engagement,
        name: &new.name,
        value: &new.value,
        on: new.on,
        by: acting.staff_id(),
    };
    let fact = fact::record(tx, &acting.policy, &row, acting.now)?;
    acting.settle(tx, person)?;
    let on_work = new.engagement.map(|engagement| engagement.0);
    acting.log(
        tx,
        "fact.recorded",
        &[person],
        &json!({ "fact": fact, "name": new.name, "engagement": on_work }),
    )?;
    Ok(fact)
}

/// About whom a fact is, whom whoever acts may write about.
fn about(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: Option<EngagementId>,
    person: Option<PersonId>,
) -> Result<PersonId, Fault> {
    match (engagement, person) {
        (Some(engagement), named) => {
            let hand = on_hand(acting, tx, engagement)?;
            may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
            let person = named.unwrap_or(hand.client);
            if !hand.people().contains(&person) {
                return Err(Fault::field("person", "This person is not on this work."));
            }
            let theirs = hand.lives.iter().find(|life| life.person == person && person != hand.client);
            theirs.map_or(Ok(()), |life| may_run(acting, Verb::Change, life, Some(engagement)))?;
            Ok(person)
        }
        (None, Some(person)) => {
            may_tell(acting, &acting.life(tx, person)?)?;
            Ok(person)
        }
        (None, None) => Err(Fault::field("person", "Say about whom this is.")),
    }
}

/// Asks whether whoever acts may write down what is so of a person, or happened to them: whoever may correct what we hold
/// of them.
///
/// # Errors
/// [`Fault::Refused`] naming the clause.
pub fn may_tell(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let items =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
    let act = person::act(Verb::Change, Some(Deed::AddPeople), Asked::WhatMayBeSeen(items));
    acting.decide(&act, &[life], &Gate::default())?;
    Ok(())
}

/// Takes a fact back that was recorded by mistake: the one before it counts again, and what it moved moves back. What
/// has gone stays gone.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::NotFound`] if it does not stand.
pub fn take_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (engagement, person): (Option<EngagementId>, Option<PersonId>),
    fact: i64,
) -> Result<(), Fault> {
    let person = about(acting, tx, engagement, person)?;
    undo(acting, tx, (engagement, person), fact)
}

pub(super) fn undo(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (engagement, person): (Option<EngagementId>, PersonId),
    fact: i64,
) -> Result<(), Fault> {
    let before = acting.life(tx, person)?;
    fact::undo(tx, (person, engagement), fact, acting.now)?;
    let after = acting.settle(tx, person)?;
    disclosure::taken_back(acting, tx, (&before, &after), None)?;
    let on_work = engagement.map(|engagement| engagement.0);
    acting.log(tx, "fact.taken back", &[person], &json!({ "fact": fact, "engagement": on_work }))
}

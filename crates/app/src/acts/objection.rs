//! Objections: what a person asked us to stop. Marketing and contact end at once, on every ground, and the
//! person's addresses and numbers are remembered as keyed hashes so that nothing brings them back.

use custody::act::Asked;
use custody::id::{ObjectionId, PersonId};
use custody::life::Scope;
use custody::{Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;
use serde_json::json;
use store::Tx;
use store::objection::{self, NewObjection};
use store::suppression::{self, Forbids};

use super::Acting;
use super::person::act;
use crate::fault::Fault;

/// The scope of a word: `marketing`, `calls`, `all contact`, or the name of an activity.
#[must_use]
pub fn scope(policy: &Policy, word: &str) -> Option<Scope> {
    match word {
        "marketing" => Some(Scope::Purpose(Purpose::DirectMarketing)),
        "calls" => Some(Scope::Calls),
        "all contact" => Some(Scope::AllContact),
        name => policy.activity_named(name).map(|activity| Scope::Activity(activity.id)),
    }
}

/// Records an objection. It is taken from anybody who may see the person: nobody is sent elsewhere with it.
///
/// # Errors
/// [`Fault::NotFound`] if they are out of reach; [`Fault::Invalid`] for a day to come.
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    scope: &Scope,
    (on, how): (Date, &str),
) -> Result<ObjectionId, Fault> {
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let life = acting.life(tx, person)?;
    seen(acting, &life)?;
    write(
        acting,
        tx,
        &NewObjection { person, scope, made_on: on, how, words: None, request: None, by: acting.staff_id() },
    )
}

/// Whether this actor may see anything of the person at all.
///
/// # Errors
/// [`Fault::NotFound`] if they are out of reach.
pub fn seen(acting: &Acting<'_>, life: &Life) -> Result<Grant, Fault> {
    let all = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let sees = acting.decide(&act(Verb::Answer, None, Asked::WhatMayBeSeen(all)), &[life], &Gate::default());
    sees.map_err(|_| Fault::NotFound)
}

/// Writes an objection down, suppresses what it forbids, and settles.
///
/// # Errors
/// Whatever the store says.
pub(super) fn write(acting: &Acting<'_>, tx: &Tx<'_>, new: &NewObjection<'_>) -> Result<ObjectionId, Fault> {
    let NewObjection { person, scope, made_on: on, .. } = *new;
    let objection = objection::record(tx, &acting.policy, new, acting.now)?;
    let keys = acting.instance.store.keys();
    if let Some(forbids) = Forbids::by(scope) {
        suppression::add_person(tx, keys, person, forbids, on, "objection", acting.now)?;
    }
    acting.settle(tx, person)?;
    let (kind, named) = objection::scope_name(&acting.policy, scope);
    acting.log(tx, "objection.recorded", &[person], &json!({ "scope": kind, "named": named }))?;
    Ok(objection)
}

/// The person's own later word: lifts what they objected to in a scope, and the suppression of their addresses
/// and numbers. Both records stay.
///
/// # Errors
/// [`Fault::NotFound`] if nothing stands in this scope; [`Fault::Invalid`] for a day to come or one before.
pub fn lift(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    scope: &Scope,
    on: Date,
) -> Result<(), Fault> {
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let life = acting.life(tx, person)?;
    seen(acting, &life)?;
    let standing: Vec<_> = life
        .objections
        .iter()
        .filter(|made| made.scope == *scope && made.lifted_on.is_none_or(|lifted| acting.today < lifted))
        .collect();
    if standing.is_empty() {
        return Err(Fault::NotFound);
    }
    if standing.iter().any(|made| on < made.made_on) {
        return Err(Fault::field("on", "This is before they objected: only a later word counts."));
    }
    for made in standing {
        objection::lift(tx, made.id, on)?;
    }
    if let Some(forbids) = Forbids::by(scope) {
        suppression::lift_person(tx, acting.instance.store.keys(), person, forbids, on)?;
    }
    acting.settle(tx, person)?;
    let (kind, named) = objection::scope_name(&acting.policy, scope);
    acting.log(tx, "objection.lifted", &[person], &json!({ "scope": kind, "named": named }))
}

//! Objections: what a person asked us to stop. Marketing and contact end at once, on every ground, and the
//! person's addresses and numbers are remembered as keyed hashes so that nothing brings them back.

use custody::act::Asked;
use custody::id::{ObjectionId, PersonId};
use custody::life::Scope;
use custody::{Gate, Verb};
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
    let all = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let sees = acting.decide(&act(Verb::Answer, None, Asked::WhatMayBeSeen(all)), &[&life], &Gate::default());
    sees.map_err(|_| Fault::NotFound)?;
    write(
        acting,
        tx,
        &NewObjection { person, scope, made_on: on, how, words: None, request: None, by: acting.staff_id() },
    )
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

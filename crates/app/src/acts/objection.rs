//! Objections: what a person asked us to stop. Marketing and contact end at once, on every ground, and the
//! person's addresses and numbers are remembered as keyed hashes so that nothing brings them back.

use custody::act::Asked;
use custody::id::{ItemId, ObjectionId, PersonId};
use custody::life::{Objection, Scope};
use custody::{Gate, Grant, Life, Verb, basis};
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;
use serde_json::json;
use store::Tx;
use store::objection::{self, NewObjection};
use store::suppression::{self, Forbids, Lifted, Said};

use super::person::act;
use super::{Acting, preference};
use crate::fault::Fault;
use crate::instance::Instance;

/// How many people one transaction takes.
const AT_ONCE: usize = 64;

/// Why an address is suppressed where somebody objected in any way but by a link.
const OBJECTION: &str = "objection";

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
    suppress(acting, tx, person, scope, (on, new.how))?;
    acting.settle(tx, person)?;
    let (kind, named) = objection::scope_name(&acting.policy, scope);
    acting.log(tx, "objection.recorded", &[person], &json!({ "scope": kind, "named": named }))?;
    Ok(objection)
}

/// Suppresses a person's addresses and numbers as an objection of theirs asks.
pub(super) fn suppress(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    scope: &Scope,
    (on, how): (Date, &str),
) -> Result<(), Fault> {
    // What a link did may be taken back by it, and nothing else with it.
    let cause = if how == preference::BY_LINK { preference::LINK } else { OBJECTION };
    if let Some(forbids) = Forbids::by(scope) {
        let keys = acting.instance.store.keys();
        suppression::add_person(tx, keys, person, forbids, on, cause, acting.now)?;
    }
    Ok(())
}

/// Whether an objection stands, in full: it was not lifted, and nothing that promotes us rests on a yes they gave later. No such yes
/// touches one to calls or to all contact: that they take back themselves.
pub(super) fn stands(acting: &Acting<'_>, life: &Life, made: &Objection) -> bool {
    let promoting = acting.policy.activities.iter().filter(|one| one.purpose == Purpose::DirectMarketing);
    let agreed = |activity| basis::lifted(activity, life, made, acting.today);
    made.lifted_on.is_none_or(|lifted| acting.today < lifted)
        && (matches!(made.scope, Scope::Calls | Scope::AllContact) || !promoting.into_iter().any(agreed))
}

/// Remembers what somebody objected to at the addresses and numbers that they gave since, so that it holds for whoever else
/// has them or brings them back.
///
/// # Errors
/// Whatever the store says.
pub(super) fn keep_up(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<(), Fault> {
    let objected = objected(acting, tx, life)?;
    if !objected.is_empty() {
        let keys = acting.instance.store.keys();
        suppression::keep_up(tx, keys, life.person, &objected, acting.now)?;
    }
    Ok(())
}

/// Remembers it at an address or number that they have from now on, whatever another's yes lifted there before.
///
/// # Errors
/// Whatever the store says.
pub(super) fn holds_at(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    item: ItemId,
) -> Result<(), Fault> {
    let keys = acting.instance.store.keys();
    for (forbids, since, cause) in objected(acting, tx, &acting.life(tx, person)?)? {
        suppression::add_item(tx, keys, item, forbids, since, cause, acting.now)?;
    }
    Ok(())
}

/// What somebody objected to, since when, and for which cause it is remembered.
fn objected(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
) -> Result<Vec<(Forbids, Date, &'static str)>, Fault> {
    let standing = life.objections.iter().filter(|made| stands(acting, life, made));
    let standing: Vec<_> = standing.filter_map(|made| Some((made, Forbids::by(&made.scope)?))).collect();
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let by_link = objection::reached(tx, life.person, preference::BY_LINK, Date::constant(1, 1, 1))?;
    let cause = |made: &Objection| if by_link.contains(&made.id) { preference::LINK } else { OBJECTION };
    Ok(standing.into_iter().map(|(made, forbids)| (forbids, made.made_on, cause(made))).collect())
}

/// The same of everybody who objected: a restore brings back addresses that they had given up since.
///
/// # Errors
/// Whatever the store says.
pub(super) fn keep_up_all(instance: &Instance) -> Result<(), Fault> {
    for some in instance.store.read(objection::who_objected)?.chunks(AT_ONCE) {
        instance.store.write(|tx| {
            let acting = Acting::system(instance, "restore");
            some.iter().try_for_each(|person| keep_up(&acting, tx, &acting.life(tx, *person)?))
        })?;
    }
    Ok(())
}

/// What was said at an address or number that a person had counts for them though they have it no more: no edit makes it unsaid.
///
/// # Errors
/// Whatever the store says.
pub(super) fn carried(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    said: Option<Said>,
) -> Result<(), Fault> {
    let Some(said) = said else { return Ok(()) };
    if suppression::still_has(tx, acting.instance.store.keys(), person, &said)? {
        return Ok(());
    }
    let life = acting.life(tx, person)?;
    // What a link of theirs says they may take back by it, and what was said at the address would go with it.
    let by_link = objection::reached(tx, person, preference::BY_LINK, Date::constant(1, 1, 1))?;
    for (forbids, since) in said.stands {
        // Of a number that many may share no more is known of this one than that they are not called.
        let scope =
            &if said.number && forbids == Forbids::Marketing { Scope::Calls } else { forbids.scope() };
        let known = life.objections.iter().any(|made| {
            made.scope == *scope
                && made.made_on >= since
                && !by_link.contains(&made.id)
                && stands(acting, &life, made)
        });
        if !known {
            let by = acting.staff_id();
            let how = "at an address or number they had";
            let new = NewObjection { person, scope, made_on: since, how, words: None, request: None, by };
            write(acting, tx, &new)?;
        }
    }
    Ok(())
}

/// What was said at an address that somebody has before they agreed to one thing goes on against everything else as their objection,
/// since their yes lifts what stands at the address. Whether an objection of theirs says it.
///
/// # Errors
/// Whatever the store says.
pub(super) fn goes_on(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    said: &[Said],
    on: Date,
) -> Result<bool, Fault> {
    let latest = |numbers: bool| {
        let said = said.iter().filter(|said| numbers || !said.number).flat_map(|said| &said.stands);
        said.filter(|(forbids, since)| *forbids == Forbids::Marketing && *since < on)
            .map(|(_, since)| *since)
            .max()
    };
    let Some(last) = latest(true) else { return Ok(false) };
    let scope = &Forbids::Marketing.scope();
    let life = acting.life(tx, person)?;
    let known = life.objections.iter().any(|made| {
        made.scope == *scope
            && made.made_on >= last
            && made.lifted_on.is_none_or(|lifted| acting.today < lifted)
    });
    if known {
        return Ok(true);
    }
    // Of a number that many may share it is not known whose word it was: it stands there.
    let Some(made_on) = latest(false) else { return Ok(false) };
    let by = acting.staff_id();
    let how = "at an address they have";
    write(acting, tx, &NewObjection { person, scope, made_on, how, words: None, request: None, by })?;
    Ok(true)
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
        suppression::lift_person(tx, acting.instance.store.keys(), person, forbids, Lifted::All, on)?;
    }
    acting.settle(tx, person)?;
    let (kind, named) = objection::scope_name(&acting.policy, scope);
    acting.log(tx, "objection.lifted", &[person], &json!({ "scope": kind, "named": named }))
}

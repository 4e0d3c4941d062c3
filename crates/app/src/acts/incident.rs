//! Incidents: somebody lost data, or the wrong people saw it. Anybody of the staff writes one down; the role that the policy names looks
//! into it, says how bad it is and who must be told, tells them, and sees that it does not happen again. Nobody is told by this, and
//! nothing is decided by the program: it counts the hours.

use std::collections::BTreeSet;

use custody::act::Asked;
use custody::id::{IncidentId, NOBODY, PersonId, StaffId};
use custody::{Actor, Gate, Grant, Life, Verb};
use jiff::Timestamp;
use jiff::civil::Date;
use policy::{KindSet, Sort as KindSort};
use serde_json::json;
use store::Tx;
use store::incident::{self, Considered, Done, Incident, NewIncident, Risk, Sort, Step, Whom};
use store::life::{For, load_readable};
use store::staff::Account;

use super::person::act;
use super::request::text;
use super::{Acting, staff};
use crate::fault::Fault;

pub mod many;

/// An incident as somebody saw it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// What went wrong.
    pub sort: Sort,
    /// What happened.
    pub what: String,
    /// When somebody here became aware of it.
    pub found_at: Timestamp,
    /// Who found it; whoever writes it down where nothing is said.
    pub found_by: String,
    /// When it happened, if anybody knows.
    pub happened_at: Option<Timestamp>,
}

/// The records of incidents.
fn records(acting: &Acting<'_>) -> Result<KindSet, Fault> {
    let kind = acting.policy.kind_named("incident record").ok_or(Fault::NotFound)?;
    Ok([kind.id].into_iter().collect())
}

/// Whether whoever acts looks into incidents.
#[must_use]
pub fn investigates(acting: &Acting<'_>) -> bool {
    match acting.actor {
        Actor::Staff { role, .. } => custody::decide::investigates(&acting.policy, role),
        Actor::System(_) | Actor::Subject => false,
    }
}

/// Those of the staff who look into incidents.
///
/// # Errors
/// Whatever the store says.
pub fn investigators(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Account>, Fault> {
    staff::whose_role(acting, tx, |role| custody::decide::investigates(&acting.policy, role.id))
}

/// Writes an incident down. Anybody of the staff may, at once: whoever finds it need not be who looks into it, and learns nothing by it.
///
/// # Errors
/// [`Fault::Invalid`] without what happened, or for a moment to come.
pub fn open(acting: &Acting<'_>, tx: &Tx<'_>, new: &Seen) -> Result<IncidentId, Fault> {
    let take = act(Verb::TakeDown, None, Asked::Exactly(records(acting)?));
    acting.decide(&take, &[], &Gate::default())?;
    if new.found_at > acting.now {
        return Err(Fault::field("found-on", "This moment has not come yet."));
    }
    if new.happened_at.is_some_and(|at| at > new.found_at) {
        return Err(Fault::field("happened", "It cannot have been found before it happened."));
    }
    let what =
        text("what", &new.what)?.ok_or_else(|| Fault::field("what", "Write in a sentence what happened."))?;
    let myself = acting.account.as_ref().map(|account| account.name.clone());
    let found_by = text("found-by", &new.found_by)?
        .or(myself)
        .ok_or_else(|| Fault::field("found-by", "Write who found it."))?;
    let may = investigators(acting, tx)?;
    let mine = may.iter().find(|account| Some(account.id) == acting.staff_id());
    let written = NewIncident {
        sort: new.sort,
        what: &what,
        found_at: new.found_at,
        found_by: &found_by,
        happened_at: new.happened_at,
        owner: mine.or(may.first()).map(|account| account.id),
        by: acting.staff_id(),
    };
    let incident = incident::open(tx, &acting.policy, &written, acting.now)?;
    acting.log(tx, "incident.opened", &[], &json!({ "incident": incident.0 }))?;
    Ok(incident)
}

/// What opens what is written of incidents, for whoever looks into them. The clock of the law does not wait for anybody: what is
/// restricted of those who were in it stays restricted, and who they are hidden.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents.
pub fn investigating(acting: &Acting<'_>, tx: &Tx<'_>, found: &[Incident]) -> Result<Grant, Fault> {
    let whose: BTreeSet<PersonId> = found.iter().map(|one| one.whose).collect();
    let held: Vec<PersonId> = whose.iter().copied().filter(|one| *one != NOBODY).collect();
    let read = load_readable(tx, &acting.policy, &held, acting.today, For::Decisions)?;
    let mut lives = read.lives;
    // Nor does it wait until what is stored of somebody can be read.
    lives.extend(read.unread.into_iter().map(Life::new));
    if whose.contains(&NOBODY) {
        lives.push(Life::new(NOBODY));
    }
    let look = act(Verb::Investigate, None, Asked::Exactly(records(acting)?));
    let grant = acting.decide(&look, &lives.iter().collect::<Vec<_>>(), &Gate::default())?;
    if !held.is_empty() {
        acting.opens("incident.read", &grant);
    }
    Ok(grant)
}

/// An incident, opened for whoever looks into it.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents; [`Fault::NotFound`] if there is none.
pub fn on_desk(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId) -> Result<(Incident, Grant), Fault> {
    let found = incident::one(tx, &acting.policy, incident)?;
    let grant = investigating(acting, tx, std::slice::from_ref(&found))?;
    Ok((found, grant))
}

/// Refuses what was decided on a page that showed the incident as it no longer is.
///
/// # Errors
/// [`Fault::Changed`] if somebody else was quicker.
pub fn unchanged(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, seen: i64) -> Result<(), Fault> {
    if on_desk(acting, tx, incident)?.0.version == seen { Ok(()) } else { Err(Fault::Changed) }
}

/// An incident that is still open.
fn open_one(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId) -> Result<Incident, Fault> {
    let (found, _) = on_desk(acting, tx, incident)?;
    if found.closed_on.is_some() { Err(Fault::Changed) } else { Ok(found) }
}

fn now<'a>(acting: &Acting<'_>, note: Option<&'a str>) -> Done<'a> {
    Done { at: acting.now, note, by: acting.staff_id(), now: acting.now }
}

fn said(field: &str, given: &str, otherwise: &str) -> Result<String, Fault> {
    text(field, given)?.ok_or_else(|| Fault::field(field, otherwise))
}

fn log(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    name: &str,
    more: &[(&str, &str)],
) -> Result<(), Fault> {
    let mut body = json!({ "incident": incident.0 });
    if let Some(body) = body.as_object_mut() {
        body.extend(more.iter().map(|(key, word)| ((*key).to_owned(), (*word).into())));
    }
    acting.log(tx, name, &whose(tx, incident)?, &body)
}

/// Those we hold whose data was part of it.
fn whose(tx: &Tx<'_>, incident: IncidentId) -> Result<Vec<PersonId>, Fault> {
    Ok(incident::people(tx, incident)?.into_iter().map(|(person, _)| person).collect())
}

/// What was found out so far, and what it is like where that is said anew: a letter to whose data it was says so too.
///
/// # Errors
/// [`Fault::Invalid`] without a word about it.
pub fn noted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    (sort, note): (Option<Sort>, &str),
) -> Result<(), Fault> {
    let found = open_one(acting, tx, incident)?;
    let note = said("note", note, "Write a sentence about it.")?;
    let sort = sort.filter(|sort| *sort != found.sort);
    incident::note(tx, incident, sort, now(acting, Some(&note)))?;
    log(acting, tx, incident, "incident.noted", &[])
}

/// Puts right when it was found, and when it happened, where that stood there wrongly. The hours are counted anew; what it said before
/// stays among the steps.
///
/// # Errors
/// [`Fault::Invalid`] without why, or for a moment at which it cannot have been.
pub fn put_right(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    (found_at, happened_at): (Timestamp, Option<Timestamp>),
    why: &str,
) -> Result<(), Fault> {
    let found = open_one(acting, tx, incident)?;
    let steps = incident::steps(tx, &acting.policy, &found)?;
    let written = steps.iter().find(|step| step.step == incident::WRITTEN).map_or(acting.now, |step| step.at);
    if found_at > written {
        return Err(Fault::field(
            "found-on",
            "Somebody knew when it was written down here: choose no later moment.",
        ));
    }
    if found.regulator_told_at.is_some_and(|told| told < found_at) {
        return Err(Fault::field("found-on", "The regulator was told before that moment."));
    }
    if happened_at.is_some_and(|at| at > found_at) {
        return Err(Fault::field("happened", "It cannot have been found before it happened."));
    }
    let why = said("hours-why", why, "Write what was wrong with it.")?;
    let before = found.found_at.to_zoned(acting.instance.clock.zone().clone());
    let note = format!("{why} (before, it said: found {})", before.strftime("%Y-%m-%d %H:%M"));
    incident::put_right(tx, &acting.policy, incident, (found_at, happened_at), now(acting, Some(&note)))?;
    log(acting, tx, incident, "incident.put right", &[])
}

/// How bad it may be for the people whose data it is, and why.
///
/// # Errors
/// [`Fault::Invalid`] without the reason.
pub fn assessed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    (risk, why): (Risk, &str),
) -> Result<(), Fault> {
    open_one(acting, tx, incident)?;
    let why = said("why", why, "Write why: what could happen to them, and how likely it is.")?;
    incident::assess(tx, incident, risk, now(acting, Some(&why)))?;
    log(acting, tx, incident, "incident.assessed", &[("risk", risk.name())])
}

/// About how many people it is, and what of theirs: the regulator is told that at least (Art 33(3)), whether or not we hold all of them.
///
/// # Errors
/// [`Fault::Invalid`] without a word about it.
pub fn extent(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, extent: &str) -> Result<(), Fault> {
    open_one(acting, tx, incident)?;
    let extent = said("extent", extent, "Write about how many people it is, and what of theirs.")?;
    incident::extent(tx, incident, &extent, now(acting, Some(&extent)))?;
    log(acting, tx, incident, "incident.measured", &[])
}

/// Whether somebody is to be told, and why.
///
/// # Errors
/// [`Fault::Invalid`] without the reason, or where the law has the regulator told.
pub fn considered(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    whom: Whom,
    (tell, why): (bool, &str),
) -> Result<(), Fault> {
    let found = open_one(acting, tx, incident)?;
    if whom == Whom::Regulator && !tell && found.risk != Some(Risk::Unlikely) {
        return Err(Fault::field(
            "tell",
            "The regulator is told unless it is unlikely to hurt anybody (UK GDPR Art 33(1)): say above how bad it may be.",
        ));
    }
    let why = said("why", why, "Write why: it goes into the register.")?;
    incident::consider(tx, incident, whom, tell, now(acting, Some(&why)))?;
    let outcome = if tell { incident::TELL } else { incident::NO_NEED };
    log(acting, tx, incident, "incident.considered", &[("whom", whom.name()), ("outcome", outcome)])
}

/// Somebody was told: when, and how. Of the regulator, who may be told too late, also why.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// When.
    pub at: Timestamp,
    /// How, and by whom.
    pub how: &'a str,
    /// Why so late, where it was.
    pub late: &'a str,
    /// How the regulator refers to it, if they said.
    pub reference: &'a str,
}

/// Writes down that they were told.
///
/// # Errors
/// [`Fault::Invalid`] without how, for a moment to come, or without the reason for which it was late.
pub fn told(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    whom: Whom,
    told: Told<'_>,
) -> Result<(), Fault> {
    let found = open_one(acting, tx, incident)?;
    if told.at > acting.now || told.at < found.found_at {
        return Err(Fault::field("on", "Choose a moment from when it was found until now."));
    }
    let mut how = said("how", told.how, "Write how they were told.")?;
    // What follows a first word in time is not late (Art 33(4)).
    let first = whom == Whom::Regulator && found.regulator_told_at.is_none();
    if first && found.due_at.is_some_and(|due| told.at > due) {
        let late =
            "The time was over: write why, as the law has the reason told with it (UK GDPR Art 33(1)).";
        how.push_str(&format!("\n\nLate, because: {}", said("late", told.late, late)?));
    }
    if let Some(reference) = text("reference", told.reference)?.filter(|_| whom == Whom::Regulator) {
        incident::referred(tx, incident, &reference)?;
    }
    let done = Done { at: told.at, ..now(acting, Some(&how)) };
    incident::told(tx, incident, whom, done)?;
    log(acting, tx, incident, "incident.told", &[("whom", whom.name())])
}

/// What keeps it from happening again.
///
/// # Errors
/// [`Fault::Invalid`] without a word about it.
pub fn prevented(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, what: &str) -> Result<(), Fault> {
    open_one(acting, tx, incident)?;
    let what = said("measures", what, "Write what is done so that it does not happen again.")?;
    incident::prevented(tx, incident, &what, now(acting, Some(&what)))?;
    log(acting, tx, incident, "incident.prevented", &[])
}

/// What is still to be done before an incident can be closed, first things first.
#[must_use]
pub fn still_to_do(policy: &policy::Policy, found: &Incident, steps: &[Step]) -> Vec<&'static str> {
    let mut left = Vec::new();
    if found.owner.is_none() {
        left.push("give it to somebody");
    }
    if found.risk.is_none() {
        left.push("say how bad it may be");
    }
    let police = policy.incidents.as_ref().is_some_and(|incidents| incidents.police);
    for (whom, ..) in Whom::ALL {
        let (decide, tell) = match whom {
            Whom::Regulator => ("decide whether the regulator must be told", "tell the regulator"),
            Whom::People => ("decide whether the people must be told", "tell the people"),
            Whom::Organisations => ("decide whether organisations must be told", "tell the organisations"),
            Whom::Police => ("decide whether the police must be told", "tell the police"),
        };
        match incident::considered(steps, *whom) {
            Considered::NotYet if *whom == Whom::Police && !police => {}
            Considered::NotYet => left.push(decide),
            Considered::ToTell => left.push(tell),
            Considered::NoNeed | Considered::Told => {}
        }
    }
    if found.measures.is_none() {
        left.push("write what keeps it from happening again");
    }
    left
}

/// Closes an incident of which nothing is left to do. From then on its record has a last day.
///
/// # Errors
/// [`Fault::Invalid`] with what is still to be done.
pub fn close(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId) -> Result<(), Fault> {
    let found = open_one(acting, tx, incident)?;
    let steps = incident::steps(tx, &acting.policy, &found)?;
    let left = still_to_do(&acting.policy, &found, &steps);
    if !left.is_empty() {
        return Err(Fault::field("close", format!("Still to do: {}.", left.join("; "))));
    }
    incident::close(tx, incident, acting.today, now(acting, None))?;
    acting.settle_records(tx, &whose(tx, incident)?)?;
    log(acting, tx, incident, "incident.closed", &[])
}

/// Opens an incident again that was not over: its record has no last day any more. Whoever saw to it does, if they still look into
/// incidents; else whoever opens it.
///
/// # Errors
/// [`Fault::Changed`] for one that is open; [`Fault::Invalid`] without why.
pub fn reopen(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, why: &str) -> Result<(), Fault> {
    let (found, _) = on_desk(acting, tx, incident)?;
    if found.closed_on.is_none() {
        return Err(Fault::Changed);
    }
    let why = said("reopen-why", why, "Write why it is not over.")?;
    incident::reopen(tx, incident, now(acting, Some(&why)))?;
    let may = investigators(acting, tx)?;
    let stays = may.iter().any(|account| Some(account.id) == found.owner);
    if let Some(owner) = acting.staff_id().filter(|_| !stays) {
        incident::assign(tx, incident, owner)?;
    }
    acting.settle_records(tx, &whose(tx, incident)?)?;
    log(acting, tx, incident, "incident.reopened", &[])
}

/// Gives an incident to somebody who looks into them.
///
/// # Errors
/// [`Fault::Invalid`] for anybody else.
pub fn assign(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    to: Option<StaffId>,
) -> Result<(), Fault> {
    open_one(acting, tx, incident)?;
    let may = investigators(acting, tx)?;
    let to = may.iter().find(|account| Some(account.id) == to);
    let to = to.ok_or_else(|| Fault::field("staff", "Choose somebody whose role looks into incidents."))?;
    incident::assign(tx, incident, to.id)?;
    acting.log(tx, "incident.assigned", &[], &json!({ "incident": incident.0, "to": to.id.0 }))
}

/// Somebody whom whoever acts may see, as everywhere.
fn in_sight(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Life, Fault> {
    let life = acting.life(tx, person)?;
    sees(acting, &life)?;
    Ok(life)
}

/// Refuses unless whoever acts may see somebody in a list.
fn sees(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let items = acting.policy.kinds.iter().filter(|kind| kind.sort == KindSort::Item);
    let items: KindSet = items.map(|kind| kind.id).collect();
    acting.decide(&act(Verb::List, None, Asked::WhatMayBeSeen(items)), &[life], &Gate::default()).map(drop)
}

/// Writes down that somebody's data was part of it. Once the people were told, they are to be told as well.
///
/// # Errors
/// [`Fault::Refused`] for somebody out of sight; [`Fault::NotFound`] if we hold nobody of this number.
pub fn link(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, person: PersonId) -> Result<(), Fault> {
    open_one(acting, tx, incident)?;
    let life = in_sight(acting, tx, person)?;
    let record = act(Verb::TakeDown, None, Asked::Exactly(records(acting)?));
    acting.decide(&record, &[&life], &Gate::default())?;
    incident::link(tx, incident, person, now(acting, None))?;
    acting.settle(tx, person)?;
    acting.log(tx, "incident.linked", &[person], &json!({ "incident": incident.0 }))
}

/// It was not their data after all. Whoever was told that it was stays.
///
/// # Errors
/// [`Fault::Refused`] for somebody out of sight; [`Fault::NotFound`] if it was never theirs; [`Fault::Invalid`] once they were told.
pub fn unlink(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, person: PersonId) -> Result<(), Fault> {
    open_one(acting, tx, incident)?;
    in_sight(acting, tx, person)?;
    if incident::whether_told(tx, incident, person)?.flatten().is_some() {
        return Err(Fault::field("whose", "They were told that it was their data: it stays so."));
    }
    incident::unlink(tx, incident, person)?;
    all_told(acting, tx, incident, "each of those we hold was told before")?;
    acting.settle(tx, person)?;
    acting.log(tx, "incident.unlinked", &[person], &json!({ "incident": incident.0 }))
}

/// A letter has told somebody on a day what happened to their data. With the last of those we hold, all of them were told.
pub(super) fn wrote_to(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (incident, person): (IncidentId, PersonId),
    on: Date,
) -> Result<(), Fault> {
    let found = incident::one(tx, &acting.policy, incident)?;
    let at = if on == acting.today { acting.now } else { acting.instance.clock.at(on, 12) };
    // Of the day it was found on, the hour is not known: nobody was told before.
    let at = at.max(found.found_at);
    incident::told_one(tx, incident, person, at)?;
    all_told(acting, tx, incident, "each of those we hold, by a letter of their own")
}

/// Writes down that the people were told, once each of those we hold was.
fn all_told(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, how: &str) -> Result<(), Fault> {
    let Some(at) = incident::all_told_at(tx, incident)? else { return Ok(()) };
    let found = incident::one(tx, &acting.policy, incident)?;
    let steps = incident::steps(tx, &acting.policy, &found)?;
    if found.closed_on.is_none() && incident::considered(&steps, Whom::People) != Considered::Told {
        incident::told(tx, incident, Whom::People, Done { at, ..now(acting, Some(how)) })?;
    }
    Ok(())
}

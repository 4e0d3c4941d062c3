//! Lists for social networks: addresses and numbers of whoever the policy lets be shown our adverts there, hashed as each network
//! publishes it. Everybody is decided for, what goes is written down for each before any of it does, and whoever may be there no more
//! is taken out again. A list is made once and kept nowhere; nothing here uploads it.

use std::collections::BTreeMap;

use custody::act::Asked;
use custody::gate::Reachable;
use custody::id::{GroundId, PersonId};
use custody::life::State;
use custody::{Act, Gate, Grant, Ground, Life, Refusal, Verb};
use jiff::ToSpan;
use policy::count::counted_len;
use policy::periods::Own;
use policy::role::Deed;
use policy::{KindSet, Policy};
use serde_json::json;
use store::disclosure::{self as passed, NewDisclosure, Telling};
use store::hashed::{self, Network, Row, Way};
use store::normal::Shape;
use store::task::{self, Kind, NewTask};
use store::{Tx, item, life, suppression};

use super::audience::{self, Audience};
use super::{Acting, disclosure, person};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print::copy;

/// How many people's parts are read and written down in one step, for which whoever writes something meanwhile waits.
pub const AT_ONCE: usize = 50;

/// A list on its way out.
#[derive(Debug)]
pub struct Sheet {
    /// What it says: CSV, all of it hashes but the line of column names.
    pub csv: String,
    /// A name for it: `meta-2026-11-20.csv`.
    pub name: String,
    /// Of how many people.
    pub people: usize,
}

/// What goes of each person: what the policy shares, as far as the network takes it.
#[must_use]
pub fn goes(policy: &Policy, way: &Way<'_>, network: Network) -> KindSet {
    way.kinds.iter().filter(|kind| network.takes(hashed::shape(policy, *kind))).collect()
}

fn act(policy: &Policy, way: &Way<'_>, network: Network) -> Act {
    Act {
        activity: Some(way.activity.id),
        purpose: Some(way.activity.purpose),
        recipient: Some(way.with.to_owned()),
        ..person::act(Verb::Disclose, Some(Deed::Export), Asked::Exactly(goes(policy, way, network)))
    }
}

/// Asks whether anything may go this way at all today: not to a network that takes nothing of it, and not while the policy
/// promises elsewhere that it never does.
///
/// # Errors
/// [`Fault::Refused`] unless the role may export; naming both clauses, where the policy says two things.
pub fn may_go(acting: &Acting<'_>, way: &Way<'_>, network: Network) -> Result<(), Fault> {
    acting.must(Deed::Export)?;
    custody::decide::contradicted(&acting.policy, &act(&acting.policy, way, network), acting.today)?;
    if goes(&acting.policy, way, network).is_empty() {
        let words = format!("{} takes none of what goes to {}.", network.words(), way.with);
        return Err(Fault::field("network", words));
    }
    Ok(())
}

/// Of whom something will go, and of whom not and why.
///
/// # Errors
/// As [`may_go`].
pub fn audience(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    network: Network,
) -> Result<Audience, Fault> {
    may_go(acting, way, network)?;
    audience::sorted(acting, tx, way.activity, |lives| {
        let gate = gate(acting, tx, goes(&acting.policy, way, network), &numbers(lives))?;
        answers(acting, tx, (way, network), lives, &gate)
    })
}

fn numbers(lives: &[Life]) -> Vec<PersonId> {
    lives.iter().map(|life| life.person).collect()
}

/// Whether something of each of some people goes, in their order.
fn answers(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (way, network): (&Way<'_>, Network),
    lives: &[Life],
    gate: &Gate,
) -> Result<Vec<Result<(), Fault>>, Fault> {
    let policy = &acting.policy;
    let (act, kinds) = (act(policy, way, network), goes(policy, way, network));
    let usable = hashed::usable(tx, policy, network, &numbers(lives), kinds)?;
    let answer = |life: &Life| match acting.decide(&act, &[life], gate) {
        Ok(_) if !usable.contains(&life.person) => Err(nothing(policy, kinds).into()),
        decided => decided.map(drop),
    };
    Ok(lives.iter().map(answer).collect())
}

/// What was said at some people's addresses or numbers of these kinds, by whomever; they are asked for in ascending order.
///
/// # Errors
/// Whatever the store says.
pub(super) fn gate(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    kinds: KindSet,
    whom: &[PersonId],
) -> Result<Gate, Fault> {
    let mut gate = Gate::default();
    for (shape, what) in [(Shape::Email, "email"), (Shape::Phone, "phone")] {
        if !kinds.iter().any(|kind| hashed::shape(&acting.policy, kind) == shape) {
            continue;
        }
        for person in suppression::barred(tx, acting.instance.store.keys(), whom, what, true, false)? {
            gate.people.insert(person, Reachable { suppressed: true, ..Reachable::default() });
        }
    }
    Ok(gate)
}

fn nothing(policy: &Policy, kinds: KindSet) -> Refusal {
    let names = custody::refusal::kind_names(policy, kinds);
    Refusal::by(
        policy,
        custody::refusal::Question::Disclosure,
        None,
        format!("nothing of theirs is held that a network can match ({names})"),
        "Ask them for it.".to_owned(),
    )
}

/// Of whom something goes today. It goes in steps: [`part`] for some of them at a time, then the [`sheet`] of all of it.
///
/// # Errors
/// As [`may_go`]; [`Fault::Invalid`] if there is nobody to go.
pub fn whom(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    network: Network,
) -> Result<Vec<PersonId>, Fault> {
    let found = audience(acting, tx, way, network)?;
    if found.will.is_empty() { Err(nobody()) } else { Ok(found.will) }
}

fn nobody() -> Fault {
    Fault::field("network", "There is nobody whose details may go there.")
}

/// What goes of some of them, and down for each that it went there: a step, in a transaction of its own. Each is decided for once
/// more; of whom nothing may go any more nothing does.
///
/// # Errors
/// As [`may_go`].
pub fn part(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (way, network): (&Way<'_>, Network),
    some: &[PersonId],
) -> Result<Vec<Row>, Fault> {
    may_go(acting, way, network)?;
    let policy = &acting.policy;
    let kinds = goes(policy, way, network);
    // Whoever cannot be read is in no step: nothing of theirs goes, and it could not be written down.
    let lives = life::load_readable(tx, policy, some, acting.today, life::For::Clocks)?.lives;
    let gate = gate(acting, tx, kinds, &numbers(&lives))?;
    let answers = answers(acting, tx, (way, network), &lives, &gate)?;
    let may = lives.iter().zip(answers).filter(|(_, answer)| answer.is_ok());
    let lives: Vec<&Life> = may.map(|(life, _)| life).collect();
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let grant = acting.decide(&act(policy, way, network), &lives, &gate)?;
    let rows = hashes(acting, tx, network, (&people, kinds), &grant)?;
    for life in &lives {
        told(acting, tx, way, network, life)?;
    }
    acting.opens("people.hashed", &grant);
    let body = json!({
        "recipient": way.with, "activity": way.activity.name, "network": network.name(), "people": people.len(),
    });
    acting.log(tx, "people.hashed", &people, &body)?;
    Ok(rows)
}

/// The list of all of it; somebody has the network confirm what it deleted.
///
/// # Errors
/// [`Fault::Invalid`] if there is nothing in it.
pub fn sheet(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (way, network): (&Way<'_>, Network),
    rows: &[Row],
) -> Result<Sheet, Fault> {
    if rows.is_empty() {
        return Err(nobody());
    }
    confirmed(acting, tx, way, network, rows.len())?;
    Ok(Sheet {
        csv: hashed::sheet(network, rows),
        name: format!("{}-{}.csv", network.name(), acting.today),
        people: rows.len(),
    })
}

/// What goes of each of some people.
fn hashes(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    network: Network,
    (people, kinds): (&[PersonId], KindSet),
    grant: &Grant,
) -> Result<Vec<Row>, Fault> {
    let mut rows: BTreeMap<PersonId, Row> = BTreeMap::new();
    for item in item::of_people(tx, &acting.policy, people)? {
        if kinds.contains(item.kind) {
            let text = copy::text(&item.value, grant)?;
            let shape = hashed::shape(&acting.policy, item.kind);
            rows.entry(item.person).or_default().add(network, shape, &text);
        }
    }
    Ok(rows.into_values().collect())
}

/// Writes down that this went there.
fn told(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>, network: Network, life: &Life) -> Result<(), Fault> {
    let mut shares = way.activity.shares.iter().filter(|share| share.is_with(way.with));
    let what_for = shares.find_map(|share| share.what_for.clone()).unwrap_or_default();
    let new = NewDisclosure {
        person: life.person,
        recipient: way.with,
        recipient_person: None,
        kinds: goes(&acting.policy, way, network),
        activity: &way.activity.name,
        reason: &what_for,
        engagement: None,
        safeguard: None,
        place: way.recipient.place.as_deref(),
        on: acting.today,
        by: acting.staff_id(),
    };
    disclosure::write(acting, tx, life, &new).map(drop)
}

/// The task of having the network confirm that it has deleted what it could not match.
fn confirmed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    network: Network,
    people: usize,
) -> Result<(), Fault> {
    let what = format!(
        "Have {} confirm that it deleted what it could not match of the list for {} of {} ({})",
        way.with,
        network.words(),
        acting.today,
        counted_len(people, "person")
    );
    owe(acting, tx, NewTask::new(Kind::Other, &what))
}

/// Ends what went to a network of whoever may be in its audience no more, and has them taken out there: of one person, or of
/// everybody. Of whom nothing says any more who they are, only a new list leaves out.
///
/// # Errors
/// Whatever the store says.
pub(super) fn keep_up(acting: &Acting<'_>, tx: &Tx<'_>, of: Option<PersonId>) -> Result<(), Fault> {
    for way in hashed::ways(&acting.policy) {
        let what = Telling::TakenOut.task(way.with, "");
        let mut unknown = of.is_none() && task::closed_as_gone(tx, &what, acting.today)?;
        for one in passed::outlived(tx, (&way.activity.name, way.with), of, acting.today)? {
            passed::end(tx, one.id, acting.today)?;
            if !one.known {
                unknown = true;
                continue;
            }
            if task::open_of_person(tx, one.person)?.iter().any(|open| open.what == what) {
                continue;
            }
            let new = Telling::TakenOut.new_task((way.with, None), &what);
            owe(acting, tx, NewTask { person: Some(one.person), ..new })?;
            let body = json!({ "disclosure": one.id, "activity": way.activity.name });
            acting.log(tx, "audience.left", &[one.person], &body)?;
        }
        if unknown {
            let what = format!(
                "Put a new list in the place of the one at {}: somebody in it is held here no more",
                way.with
            );
            if task::open_of_words(tx, &what)?.is_none() {
                owe(acting, tx, NewTask::new(Kind::Other, &what))?;
            }
        }
    }
    Ok(())
}

/// What ended that somebody may be in the audience of a network is taken back: they stay in it, unless they were taken out there.
///
/// # Errors
/// Whatever the store says.
pub(super) fn taken_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (before, after): (&Life, &Life),
) -> Result<(), Fault> {
    let (policy, today) = (&acting.policy, acting.today);
    for way in hashed::ways(policy) {
        let of_it = |ground: &&Ground| {
            policy.rules.get(ground.rule.index()).is_some_and(|rule| rule.activity == way.activity.id)
        };
        let held = |life: &Life| life.grounds.iter().filter(of_it).any(|ground| ground.active(today));
        if held(before) || !held(after) {
            continue;
        }
        let again = |id: GroundId| after.grounds.iter().any(|ground| ground.id == id && ground.active(today));
        let stopped = before.grounds.iter().filter(of_it).filter(|ground| again(ground.id));
        let stopped = stopped.filter_map(|ground| match &ground.state {
            State::Stopped { on, .. } => Some(*on),
            State::Active => None,
        });
        let Some(since) = stopped.min() else { continue };
        for one in passed::ended(tx, after.person)? {
            let this_way = one.recipient == way.with && one.activity == way.activity.name;
            let then = this_way && one.ended_on.is_some_and(|on| on >= since);
            if then && !disclosure::over_all_the_same(acting, tx, after, &one)? {
                passed::goes_on(tx, after.person, &one, Some(Telling::TakenOut))?;
            }
        }
    }
    Ok(())
}

fn owe(acting: &Acting<'_>, tx: &Tx<'_>, new: NewTask<'_>) -> Result<(), Fault> {
    // Whoever acts, if they may make such lists; else somebody who may.
    let first: Vec<_> = acting.staff_id().into_iter().collect();
    let new = NewTask {
        owner: super::task::whoever(acting, tx, Deed::Export, &first)?,
        due_on: acting.today.checked_add(acting.policy.days(Own::Recipients).days()).ok(),
        ..new
    };
    task::add(tx, &new, acting.now)?;
    Ok(())
}

/// The same of everybody, after a night in which periods ran out and consents lapsed.
///
/// # Errors
/// Whatever the store says.
pub fn night(instance: &Instance) -> Result<(), Fault> {
    if hashed::ways(&instance.policy()).is_empty() {
        return Ok(());
    }
    instance.store.write(|tx| keep_up(&Acting::system(instance, "sweep"), tx, None))
}

//! Many at once whose data was part of an incident: by a list of their addresses and numbers, as it lay on a lost computer or in a
//! message that went astray. It is looked at first, and nobody joins by that; then they join in steps, each a transaction of its own,
//! so that nobody who writes something waits for long. Nobody is found who may not be seen, and what was pasted is kept nowhere.

use std::collections::BTreeSet;

use custody::act::Asked;
use custody::id::{IncidentId, PersonId};
use custody::{Gate, Verb};
use policy::Sort;
use policy::count::grouped;
use serde_json::json;
use store::normal::{self, Shape};
use store::{Tx, incident, item, person};

use super::{now, open_one, records, sees};
use crate::acts::Acting;
use crate::acts::person::act;
use crate::fault::Fault;

/// How many addresses and numbers are looked for at once: all that is found joins while whoever asked waits.
pub const ASKED_MAX: usize = 5_000;

/// How many join in one step, for which whoever writes something meanwhile waits.
pub const AT_ONCE: usize = 50;

/// Of how many the lives are in memory together while it is looked who they are.
const LOOKED_AT_ONCE: usize = 256;

/// Who is behind a list.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Found {
    /// Who would join.
    pub join: Vec<PersonId>,
    /// How many of those found are in it already.
    pub before: usize,
    /// By what nobody was found who may be seen.
    pub unknown: Vec<String>,
}

impl Found {
    /// A mark of who would join: only where it is the same are they those who were looked at. It says nothing else of them.
    #[must_use]
    pub fn mark(&self) -> String {
        let hash = blake3::hash(format!("{:?}", self.join).as_bytes()).to_hex();
        hash.chars().take(16).collect()
    }
}

/// Looks who is behind a list of e-mail addresses, telephone numbers and our own numbers of people. Nothing is written.
///
/// # Errors
/// [`Fault::Refused`] unless the role looks into incidents; [`Fault::Invalid`] for a list of nothing, or of too much at once;
/// [`Fault::Changed`] once the incident is closed.
pub fn look(acting: &Acting<'_>, tx: &Tx<'_>, incident: IncidentId, list: &str) -> Result<Found, Fault> {
    open_one(acting, tx, incident)?;
    let kinds = acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item);
    let kinds: Vec<(&str, Shape)> = kinds.map(|kind| (kind.name.as_str(), Shape::of(&kind.name))).collect();
    let mut behind = Vec::new();
    for said in read(list)? {
        behind.push((said, whose(tx, &kinds, said)?));
    }
    let all: BTreeSet<PersonId> = behind.iter().flat_map(|(_, people)| people.iter().copied()).collect();
    let seen = seen(acting, tx, all)?;
    // However many are in it, only these are looked for.
    let within = incident::of_these(tx, incident, &seen.iter().copied().collect::<Vec<_>>())?;
    let unknown = behind.iter().filter(|(_, people)| !people.iter().any(|one| seen.contains(one)));
    Ok(Found {
        unknown: unknown.map(|(said, _)| (*said).to_owned()).collect(),
        before: seen.intersection(&within).count(),
        join: seen.difference(&within).copied().collect(),
    })
}

/// What a list says, each once and in its order. Of `Tara Quill <tara@post.example>` the address counts.
fn read(list: &str) -> Result<Vec<&str>, Fault> {
    let (mut once, mut said) = (BTreeSet::new(), Vec::new());
    for part in list.split(['\n', '\r', '\t', ',', ';']).map(str::trim) {
        let address = part.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
        let part = address.map_or(part, |(address, _)| address.trim());
        if !part.is_empty() && once.insert(part) {
            said.push(part);
        }
    }
    match said.len() {
        0 => Err(Fault::field("list", "Paste their addresses or numbers, one on each line.")),
        many if many > ASKED_MAX => {
            let (most, many) = (grouped(ASKED_MAX as u64), grouped(many as u64));
            let words = format!(
                "These are {many}; {most} are looked for at once. Paste the first of them, then the others."
            );
            Err(Fault::field("list", words))
        }
        _ => Ok(said),
    }
}

/// Whoever has this address or number, or is this number with us.
fn whose(tx: &Tx<'_>, kinds: &[(&str, Shape)], said: &str) -> Result<Vec<PersonId>, Fault> {
    let mut found = Vec::new();
    if let Some(number) = said.parse::<i64>().ok().map(PersonId)
        && person::exists(tx, number)?
    {
        found.push(number);
    }
    let shape = if normal::email(said).is_some() {
        Shape::Email
    } else if normal::phone(said).is_some() {
        Shape::Phone
    } else {
        return Ok(found);
    };
    for (kind, _) in kinds.iter().filter(|(_, of)| *of == shape) {
        found.extend(item::having(tx, kind, said)?);
    }
    Ok(found)
}

/// Those of some people whom whoever acts may see.
fn seen(acting: &Acting<'_>, tx: &Tx<'_>, all: BTreeSet<PersonId>) -> Result<BTreeSet<PersonId>, Fault> {
    let within = person::within(tx, &acting.reach(), all.into_iter().collect())?;
    let mut seen = BTreeSet::new();
    for some in within.chunks(LOOKED_AT_ONCE) {
        let lives = acting.lives(tx, some)?;
        seen.extend(lives.iter().filter(|life| sees(acting, life).is_ok()).map(|life| life.person));
    }
    Ok(seen)
}

/// The next of them join: a step, in a transaction of its own. Whoever went out of sight since it was looked, or was erased, stays out
/// of it. How many joined.
///
/// # Errors
/// [`Fault::Refused`] unless the role may write it down; [`Fault::Changed`] once the incident is closed.
pub fn join(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    incident: IncidentId,
    some: &[PersonId],
) -> Result<usize, Fault> {
    open_one(acting, tx, incident)?;
    let record = act(Verb::TakeDown, None, Asked::Exactly(records(acting)?));
    let mut joined = Vec::with_capacity(some.len());
    for life in acting.lives(tx, some)? {
        if sees(acting, &life).is_err() {
            continue;
        }
        acting.decide(&record, &[&life], &Gate::default())?;
        incident::link(tx, incident, life.person, now(acting, None))?;
        joined.push(life.person);
    }
    if !joined.is_empty() {
        acting.settle_records(tx, &joined)?;
        acting.log(tx, "incident.linked", &joined, &json!({ "incident": incident.0 }))?;
    }
    Ok(joined.len())
}

//! Statistics: one table of what the policy lets be told of people in numbers, made, kept and shown. Everybody is decided for before they are
//! counted, and what would say something of too few of them is hidden before it is kept; nobody can be told from it, and no name is in it.

use std::collections::BTreeSet;

use custody::act::Asked;
use custody::id::PersonId;
use custody::refusal::Question;
use custody::{Gate, Refusal, Verb};
use jiff::civil::Date;
use policy::policy::{Clause, Statistics};
use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::reach::Reach;
use store::statistics::{self, Made, Release};

use super::{Acting, person};
use crate::fault::Fault;
use crate::intake::outgoing;

/// How many people are decided for at once.
const BATCH: usize = 1024;

/// What stands where a number is hidden.
pub const HIDDEN: &str = "hidden";

/// Refuses whoever may not take numbers out, and whoever sees some of the people only: a table of these would differ from the others by
/// who made it.
///
/// # Errors
/// [`Fault::Refused`] naming the role's clause.
pub fn may(acting: &Acting<'_>) -> Result<(), Fault> {
    acting.must(Deed::Export)?;
    if acting.reach() == Reach::Everyone {
        return Ok(());
    }
    let role = acting.role();
    Err(Fault::Refused(Box::new(Refusal::by(
        &acting.policy,
        Question::Role,
        role.map(|role| Clause::Role(role.id)),
        format!("the role {} sees some of the people only", role.map_or("", |role| role.name.as_str())),
        "Ask somebody who sees everybody.".to_owned(),
    ))))
}

/// The statistics of a title, and their place in the policy.
///
/// # Errors
/// [`Fault::Invalid`] if the policy has none of this title.
fn stated<'p>(acting: &'p Acting<'_>, title: &str) -> Result<(usize, &'p Statistics), Fault> {
    let mut all = acting.policy.statistics.iter().enumerate();
    let none = || Fault::field("title", "Choose statistics that the policy states, by their title.");
    all.find(|(_, stated)| stated.title == title).ok_or_else(none)
}

/// Those of some people who may be counted: a ground holds the record of their work, and it is not restricted or objected to.
fn countable(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: &BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, Fault> {
    let record = acting.policy.kind_named("work record").ok_or(Fault::NotFound)?;
    let asked = Asked::Exactly([record.id].into_iter().collect());
    let act = person::act(Verb::List, Some(Deed::Export), asked);
    let people: Vec<PersonId> = people.iter().copied().collect();
    let mut may = BTreeSet::new();
    for batch in people.chunks(BATCH) {
        for life in acting.lives(tx, batch)? {
            match acting.decide(&act, &[&life], &Gate::default()) {
                Ok(_) => {
                    may.insert(life.person);
                }
                Err(Fault::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(may)
}

/// Makes a table of statistics that the policy states, as of today, and keeps what may be shown of it.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::Invalid`] if the policy states none of this title, or has no work to count by.
pub fn release(acting: &Acting<'_>, tx: &Tx<'_>, title: &str) -> Result<i64, Fault> {
    may(acting)?;
    let policy = &acting.policy;
    let (place, stated) = stated(acting, title)?;
    if statistics::works(policy, &stated.of).next().is_none() {
        return Err(Fault::field(
            "title",
            "None of these people has a part in any work of the policy, by which they would be counted.",
        ));
    }
    let from = Date::new(acting.today.year() - stated.years + 1, 1, 1)?;
    let found = statistics::reached(tx, policy, &stated.of, from)?;
    let people: BTreeSet<PersonId> = found.values().flat_map(|people| people.keys().copied()).collect();
    let may = countable(acting, tx, &people)?;
    let until = i64::from(acting.today.year());
    let parts = statistics::table(policy, stated, (&found, &may), until, &statistics::all(tx)?);
    let made = Release {
        id: 0,
        title: stated.title.clone(),
        whom: statistics::whom(policy, stated),
        least: u64::from(policy.least_count()),
        made_on: acting.today,
        made_by: acting.staff_id(),
    };
    let release = statistics::keep(tx, &made, &parts, acting.now)?;
    acting.log(tx, "statistics.released", &[], &json!({ "release": release, "statistics": place }))?;
    Ok(release)
}

/// The tables that were made, the newest first.
///
/// # Errors
/// [`Fault::Refused`] unless the role may.
pub fn releases(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Release>, Fault> {
    may(acting)?;
    Ok(statistics::releases(tx)?)
}

/// A table, and the one of the same people that was made before it.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::NotFound`] if there is none.
pub fn one(acting: &Acting<'_>, tx: &Tx<'_>, release: i64) -> Result<(Made, Option<Made>), Fault> {
    may(acting)?;
    let made = statistics::one(tx, release)?;
    let before = statistics::one_before(tx, &made)?;
    let before = before.map(|before| statistics::with_numbers(tx, before)).transpose()?;
    Ok((statistics::with_numbers(tx, made)?, before))
}

/// How many numbers of a table are hidden.
#[must_use]
pub fn hides(made: &Made) -> usize {
    made.parts.iter().map(|part| part.line.hides()).sum()
}

/// A table as CSV, a line for each number.
///
/// # Errors
/// If it cannot be written.
pub fn csv(made: &Made) -> Result<Vec<u8>, Fault> {
    let mut rows =
        vec![["Work", "Year in which it began", "How far it has come", "People"].map(str::to_owned)];
    for part in &made.parts {
        let cells = part.line.cells.iter().map(|(step, count)| (step.as_str(), *count));
        for (step, count) in cells.chain([("all", part.line.all)]) {
            let people = count.map_or_else(|| HIDDEN.to_owned(), |count| count.to_string());
            rows.push([part.work.clone(), part.year.to_string(), step.to_owned(), people]);
        }
    }
    outgoing::csv(rows).map_err(|error| Fault::Other(error.to_string()))
}

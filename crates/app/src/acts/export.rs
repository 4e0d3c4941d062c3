//! Exports: what a processor of the policy may hold of the people of one activity, as a sheet for it to read. Every
//! person is decided for, and each one's part is written down as a disclosure in the step that reads it, before any of it goes: where
//! something stops it on the way, more is written down than went, and never less.

use custody::act::Asked;
use custody::id::PersonId;
use custody::{Act, Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::policy::Processor;
use policy::role::Deed;
use policy::{Activity, KindId, KindSet, Sort};
use serde_json::json;
use store::disclosure::NewDisclosure;
use store::{Tx, item, life, organisation};

use super::audience::{self, Audience};
use super::{Acting, disclosure, person};
use crate::fault::Fault;
use crate::intake::outgoing;
use crate::print::copy;

/// How many people's parts are read and written down in one step, for which whoever writes something meanwhile waits.
pub const AT_ONCE: usize = 50;

/// To whom something goes, of the people of which activity.
#[derive(Clone, Copy, Debug)]
pub struct Way<'p> {
    /// The processor.
    pub processor: &'p Processor,
    /// The activity whose people go.
    pub activity: &'p Activity,
}

/// A sheet on its way out.
#[derive(Debug)]
pub struct Sheet {
    /// Its bytes: CSV that a spreadsheet opens as text.
    pub csv: Vec<u8>,
    /// A name for it: `address-book-2026-11-02.csv`.
    pub name: String,
    /// How many people it holds.
    pub people: usize,
}

/// The processor of a name.
///
/// # Errors
/// [`Fault::NotFound`] if the policy has none of this name; [`Fault::Refused`] unless the role may export.
pub fn processor<'p>(acting: &'p Acting<'_>, name: &str) -> Result<&'p Processor, Fault> {
    acting.must(Deed::Export)?;
    acting.policy.processors.iter().find(|processor| processor.name == name).ok_or(Fault::NotFound)
}

/// The activities with something a processor may hold, of which people can be exported to it.
#[must_use]
pub fn activities<'p>(acting: &'p Acting<'_>, processor: &Processor) -> Vec<&'p Activity> {
    let of_people = |activity: &&Activity| {
        !activity.for_everyone && goes(acting, &Way { processor, activity }).iter().next().is_some()
    };
    acting.policy.activities.iter().filter(of_people).collect()
}

/// What goes this way of each person: what the activity holds and the processor may hold, in the policy's order.
#[must_use]
pub fn goes(acting: &Acting<'_>, way: &Way<'_>) -> KindSet {
    let kinds = way.activity.kinds.and(way.processor.kinds);
    let is_item = |kind: &KindId| acting.policy.kind(*kind).is_some_and(|kind| kind.sort == Sort::Item);
    kinds.iter().filter(is_item).collect()
}

fn act(acting: &Acting<'_>, way: &Way<'_>) -> Act {
    Act {
        activity: Some(way.activity.id),
        recipient: Some(way.processor.name.clone()),
        ..person::act(Verb::Export, Some(Deed::Export), Asked::Exactly(goes(acting, way)))
    }
}

/// Decides for these people that their part goes this way.
///
/// # Errors
/// [`Fault::Refused`] naming the clause, if it may not of one of them.
pub(super) fn decide(acting: &Acting<'_>, way: &Way<'_>, lives: &[&Life]) -> Result<Grant, Fault> {
    acting.decide(&act(acting, way), lives, &Gate::default())
}

/// Asks whether anything may go to a processor today, whoever it is about.
///
/// # Errors
/// [`Fault::Refused`] naming the processor's clause, where its safeguard does not stand.
pub fn may_receive(acting: &Acting<'_>, processor: &Processor) -> Result<(), Fault> {
    custody::decide::may_receive(&acting.policy, &processor.name, acting.today)?;
    Ok(())
}

/// Of whom something will go, and of whom not and why.
///
/// # Errors
/// [`Fault::Refused`] if nothing may go there at all.
pub fn audience(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>) -> Result<Audience, Fault> {
    acting.must(Deed::Export)?;
    may_receive(acting, way.processor)?;
    let act = act(acting, way);
    audience::sorted(acting, tx, way.activity, |lives| {
        let may = |life| acting.decide(&act, &[life], &Gate::default()).map(drop);
        Ok(lives.iter().map(may).collect())
    })
}

/// Of whom something goes today. It goes in steps: [`part`] for some of them at a time, then the [`sheet`] of all of it.
///
/// # Errors
/// [`Fault::Refused`] if nothing may go there; [`Fault::Invalid`] if there is nobody to export.
pub fn whom(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>) -> Result<Vec<PersonId>, Fault> {
    let found = audience(acting, tx, way)?;
    if found.will.is_empty() { Err(nobody()) } else { Ok(found.will) }
}

fn nobody() -> Fault {
    Fault::field("activity", "There is nobody of this activity whose details may go there.")
}

/// What goes of some of them, a line for each, and down for each that this went there: a step, in a transaction of its own. Each is
/// decided for once more; of whom nothing may go any more nothing does.
///
/// # Errors
/// [`Fault::Refused`] if nothing may go there.
pub fn part(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    some: &[PersonId],
) -> Result<Vec<Vec<String>>, Fault> {
    acting.must(Deed::Export)?;
    may_receive(acting, way.processor)?;
    let (act, kinds) = (act(acting, way), goes(acting, way));
    // Whoever cannot be read is in no step: nothing of theirs goes, and it could not be written down.
    let mut lives = life::load_readable(tx, &acting.policy, some, acting.today, life::For::Clocks)?.lives;
    lives.retain(|life| acting.decide(&act, &[life], &Gate::default()).is_ok());
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let grant = acting.decide(&act, &lives.iter().collect::<Vec<_>>(), &Gate::default())?;
    let lines = lines(acting, tx, &people, kinds, &grant)?;
    for life in &lives {
        told(acting, tx, way, kinds, life)?;
    }
    acting.opens("people.exported", &grant);
    let body =
        json!({ "processor": way.processor.name, "activity": way.activity.name, "people": people.len() });
    acting.log(tx, "people.exported", &people, &body)?;
    Ok(lines)
}

/// The sheet of all their lines.
///
/// # Errors
/// [`Fault::Invalid`] if there is none.
pub fn sheet(acting: &Acting<'_>, way: &Way<'_>, lines: Vec<Vec<String>>) -> Result<Sheet, Fault> {
    if lines.is_empty() {
        return Err(nobody());
    }
    let people = lines.len();
    let heads = goes(acting, way);
    let heads = heads.iter().filter_map(|kind| acting.policy.kind(kind));
    let heads = heads.map(|kind| crate::web::people::capital(&kind.name)).collect::<Vec<_>>();
    let rows = std::iter::once(heads).chain(lines);
    let csv = outgoing::csv(rows).map_err(|error| Fault::Other(error.to_string()))?;
    let name = format!("{}-{}.csv", way.processor.name.replace(' ', "-"), acting.today);
    Ok(Sheet { csv, name, people })
}

/// One line for each person, a cell for each kind.
fn lines(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: &[PersonId],
    kinds: KindSet,
    grant: &Grant,
) -> Result<Vec<Vec<String>>, Fault> {
    let items = item::of_people(tx, &acting.policy, people)?;
    let belongings = organisation::of_people(tx, people)?;
    let mut lines = Vec::with_capacity(people.len());
    for person in people {
        let mut line = Vec::new();
        for kind in kinds.iter() {
            let mut cell = Vec::new();
            for item in items.iter().filter(|item| item.person == *person && item.kind == kind) {
                cell.push(copy::text(&item.value, grant)?);
            }
            let names_organisation = acting.policy.kind(kind).is_some_and(|kind| kind.name == "organisation");
            if names_organisation && grant.covers(*person, kind) {
                let stands = |until: Option<Date>| until.is_none_or(|until| acting.today < until);
                let theirs = belongings.iter().filter(|one| one.person == *person && stands(one.until));
                cell.extend(theirs.map(|belongs| belongs.name.clone()));
            }
            line.push(cell.join("; "));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// Writes down that this went there.
fn told(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>, kinds: KindSet, life: &Life) -> Result<(), Fault> {
    let new = NewDisclosure {
        person: life.person,
        recipient: &way.processor.name,
        recipient_person: None,
        kinds,
        activity: &way.activity.name,
        reason: &way.processor.does,
        engagement: None,
        safeguard: way.processor.safeguard.as_deref(),
        place: Some(&way.processor.place),
        on: acting.today,
        by: acting.staff_id(),
    };
    disclosure::write(acting, tx, life, &new).map(drop)
}

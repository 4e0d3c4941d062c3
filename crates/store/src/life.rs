//! Loading a life: every fact about a person that grounds and decisions rest on, in one question for all the
//! people asked for at once. Dates and names only; no value leaves here.

use custody::id::PersonId;
use custody::life::Life;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use policy::phrase::Whose;
use policy::{Policy, Sort};

use crate::asked::asked;
use crate::{Error, Result, Tx};

mod gather;
mod parts;
mod rows;
mod works;

use gather::{Gathering, Gone};
use parts::{Wanted, question};
pub(crate) use rows::in_lives;
pub use works::{kept_for, look_ahead, of_works, readable_works, works};
pub(crate) use works::{works_of, works_to_settle};

/// Everything about one person as of a day.
///
/// # Errors
/// [`Error::Missing`] if the instance holds nobody of this number.
pub fn load(tx: &Tx<'_>, policy: &Policy, person: PersonId, today: Date) -> Result<Life> {
    load_many(tx, policy, &[person], today)?.into_iter().next().ok_or(Error::Missing)
}

/// Everything about several people as of a day, in the order of their numbers; those nobody knows are left out.
///
/// # Errors
/// Whatever the database says.
pub fn load_many(tx: &Tx<'_>, policy: &Policy, people: &[PersonId], today: Date) -> Result<Vec<Life>> {
    Ok(loaded(tx, policy, people, today, true)?.0)
}

/// Everything about several people as [`load_many`] gives it, and beside it the active grounds of clauses that the
/// policy no longer has: no life can carry them.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn load_to_settle(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    today: Date,
) -> Result<(Vec<Life>, Vec<Gone>)> {
    loaded(tx, policy, people, today, true)
}

/// What is to be read of people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum For {
    /// What a decision asks: without the days on which something came in or went out and without what the program keeps of its own,
    /// which only clocks read; entries, documents and details that go one by one are there. Never to be settled.
    Decisions,
    /// Everything, as [`load_many`] gives it: also what only clocks read.
    Clocks,
}

/// Some people, as far as they can be read.
#[derive(Clone, Debug, Default)]
pub struct Readable {
    /// Those of whom everything can be read that was asked for, in the order of their numbers.
    pub lives: Vec<Life>,
    /// Those of whom something cannot be read, in the order of their numbers.
    pub unread: Vec<PersonId>,
}

/// Several people of whom what is damaged of one keeps no other from being read: they are told apart from those of whom
/// something cannot be read, and the program's own log names these by number.
///
/// # Errors
/// Whatever the database says but that something stored has the wrong form.
pub fn load_readable(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    today: Date,
    what: For,
) -> Result<Readable> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    let for_clocks = what == For::Clocks || decides_on_contacts(policy);
    let mut load = |some: &[PersonId]| loaded(tx, policy, some, today, for_clocks).map(|(lives, _)| lives);
    let (lives, unread) = apart(&people, &mut load, &|person: PersonId, error: &Error| {
        tracing::warn!(person = person.0, %error, "what is stored of somebody cannot be read: they are left out here");
    })?;
    Ok(Readable { lives, unread })
}

/// Loads some of several at once, and where something of them cannot be read each half by itself, until it is known of whom; `note` is
/// told of each and of what is wrong.
fn apart<Id: Copy>(
    some: &[Id],
    load: &mut impl FnMut(&[Id]) -> Result<Vec<Life>>,
    note: &dyn Fn(Id, &Error),
) -> Result<(Vec<Life>, Vec<Id>)> {
    match (load(some), some) {
        (Err(error), [one]) if error.is_unreadable() => {
            note(*one, &error);
            Ok((Vec::new(), vec![*one]))
        }
        (Err(error), [_, _, ..]) if error.is_unreadable() => {
            let (first, rest) = some.split_at(some.len() / 2);
            let (mut lives, mut unread) = apart(first, load, note)?;
            let (others, more) = apart(rest, load, note)?;
            lives.extend(others);
            unread.extend(more);
            Ok((lives, unread))
        }
        (loaded, _) => Ok((loaded?, Vec::new())),
    }
}

/// Whether a clause makes decisions read the days of contacts: a prohibition, a share or a stage that begins or ends by one.
fn decides_on_contacts(policy: &Policy) -> bool {
    let contact = |event: &str| CONTACTS.contains(&event);
    let shares = || policy.activities.iter().flat_map(|activity| &activity.shares);
    policy.prohibitions.iter().filter_map(|never| never.after.as_deref()).any(contact)
        || policy.rules.iter().any(|rule| rule.stage.is_some())
        || shares().any(|share| share.once_told || share.until.as_deref().is_some_and(contact))
}

/// The events that are read off what came in, went out and was collected.
const CONTACTS: &[&str] = &["collected", "incoming contact", "contact", "communication"];

fn loaded(
    tx: &Tx<'_>,
    policy: &Policy,
    people: &[PersonId],
    today: Date,
    for_clocks: bool,
) -> Result<(Vec<Life>, Vec<Gone>)> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    let wanted = Wanted {
        for_clocks,
        documents: for_clocks && rows::kinds_by_row(policy, Sort::Document).is_empty(),
        facts: !policy.facts.is_empty(),
        births: asks_for_births(policy),
        said: for_clocks && custody::parting::any(policy),
        of_work: kept_for(policy).next().is_some(),
    };
    let mut gathering = Gathering::new(policy, zone(policy), wanted, today, &people);
    let all = asked(tx, &people)?;
    for asked in &all {
        tx.each(&question(wanted, asked), &asked.values, |row| gathering.take(row))?;
    }
    let (mut lives, gone) = gathering.done();
    for asked in &all {
        rows::add(tx, policy, asked, &mut lives, for_clocks)?;
    }
    Ok((lives, gone))
}

/// Whether a period or a condition of the policy hangs on somebody's birthday.
pub(crate) fn asks_for_births(policy: &Policy) -> bool {
    births_asked(policy).next().is_some()
}

/// Whether one person's birthday may move another's clock: that of somebody else on the same work.
#[must_use]
pub fn births_of_others(policy: &Policy) -> bool {
    births_asked(policy).any(|whose| whose != Whose::Own)
}

/// Whose birthdays the periods, stages and conditions of the policy ask for.
fn births_asked(policy: &Policy) -> impl Iterator<Item = Whose> {
    let birthdays = policy.kind_named("date of birth").is_some();
    policy.rules.iter().filter(move |_| birthdays).flat_map(|rule| {
        let conditions = rule.condition.iter().flat_map(policy::phrase::Condition::events);
        let stages = rule.stage.iter().flat_map(|stage| stage.phrase.events());
        let events = rule.phrase.events().into_iter().chain(conditions).chain(stages);
        events.filter_map(|event| Some(event.birthday()?.0)).collect::<Vec<_>>()
    })
}

/// The organisation's time zone.
#[must_use]
pub fn zone(policy: &Policy) -> TimeZone {
    TimeZone::get(&policy.zone).unwrap_or_else(|_| policy::law::uk::london())
}

/// The local date on which an instant fell.
#[must_use]
pub fn local_date(policy: &Policy, at: Timestamp) -> Date {
    at.to_zoned(zone(policy)).date()
}

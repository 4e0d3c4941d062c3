//! Telling people that we hold their details (UK GDPR Art 13 and 14): who told them, when, and by which version of our
//! notice. What is written down here is never taken back; whoever is told again gets another line.

use std::collections::BTreeSet;

use custody::id::PersonId;
use jiff::civil::Date;
use serde_json::json;
use store::message::Message;
use store::told::{self, Told, Way};
use store::{Tx, policy_version};

use super::Acting;
use crate::fault::Fault;

pub mod sender;

/// Writes down how somebody was told as their details came, or that somebody still has to.
///
/// # Errors
/// Whatever the store says.
pub(super) fn as_they_came(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    way: Option<Way>,
    on: Date,
) -> Result<(), Fault> {
    let Some(way) = way else { return Ok(told::owe(tx, person, on)?) };
    // Somebody else's words are theirs: which of our versions they passed on is not known.
    let version = if way == Way::Source { None } else { Some(version_on(acting, tx, on)?) };
    told::record(tx, person, &Told { on, way, version }, acting.staff_id(), acting.now)?;
    Ok(())
}

fn version_on(acting: &Acting<'_>, tx: &Tx<'_>, on: Date) -> Result<u32, Fault> {
    if on == acting.today { Ok(acting.policy.version) } else { Ok(policy_version::number_on(tx, on)?) }
}

/// A member of staff writes down that somebody was told.
///
/// # Errors
/// [`Fault::Refused`] unless whoever acts may correct what we hold of them; [`Fault::Invalid`] for a day to come.
pub fn by_staff(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    (way, on): (Way, Date),
) -> Result<(), Fault> {
    super::fact::may_tell(acting, &acting.life(tx, person)?)?;
    if on > acting.today {
        return Err(Fault::field("told-on", "This day has not come yet."));
    }
    as_they_came(acting, tx, person, Some(way), on)?;
    acting.log(tx, "person.told", &[person], &json!({ "way": way.name(), "on": on.to_string() }))
}

/// The person did something on a page of ours, below which the notice in force stands.
///
/// # Errors
/// Whatever the store says.
pub fn on_page(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<(), Fault> {
    let version = Some(acting.policy.version);
    if told::of_person(tx, person)?.last().is_some_and(|last| last.version == version) {
        return Ok(());
    }
    told::record(tx, person, &Told { on: acting.today, way: Way::Page, version }, None, acting.now)?;
    Ok(())
}

/// A message left that ends with the way to the notice: whoever was not told before has been told by it.
///
/// # Errors
/// Whatever the store says.
pub fn by_message(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<(), Fault> {
    by_messages(acting, tx, std::slice::from_ref(held))
}

/// The same of several messages.
///
/// # Errors
/// Whatever the store says.
pub fn by_messages(acting: &Acting<'_>, tx: &Tx<'_>, held: &[Message]) -> Result<(), Fault> {
    let leads = |held: &&Message| {
        let channel = acting.policy.channel_named(&held.channel);
        channel.and_then(|channel| channel.footer.as_ref()).is_some_and(|footer| footer.contains("{notice}"))
    };
    let people: BTreeSet<PersonId> = held.iter().filter(leads).filter_map(|held| held.person).collect();
    let people: Vec<PersonId> = people.into_iter().collect();
    let before = told::ever_of(tx, &people)?;
    let told = Told { on: acting.today, way: Way::Message, version: Some(acting.policy.version) };
    for person in people.into_iter().filter(|person| !before.contains(person)) {
        told::record(tx, person, &told, None, acting.now)?;
    }
    Ok(())
}

/// What a form or a program says of it: `staff`, `source`; anything else is nobody.
#[must_use]
pub fn said(word: &str) -> Option<Way> {
    match word {
        // The words of imports made before, too.
        "staff" | "we" => Some(Way::Staff),
        "source" => Some(Way::Source),
        _ => None,
    }
}

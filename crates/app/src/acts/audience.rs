//! Audiences: who may be reached under one activity by one channel today, and why the others may not. Every
//! person is decided for; there is no list to be on and no way round a reason.

use std::collections::{BTreeMap, BTreeSet};

use custody::act::Asked;
use custody::explain::{self, Card};
use custody::gate::{self, Line, Reachable};
use custody::id::{MessageId, OrganisationId, PersonId};
use custody::refusal::Question;
use custody::{Act, Gate, Grant, Life, Refusal, Verb};
use policy::basis::{Basis, SoftOptIn};
use policy::channel::{Channel, Means};
use policy::role::Deed;
use policy::{Activity, KindSet, Policy};
use store::line::Rests;
use store::message::{Message, Sort};
use store::normal::Shape;
use store::{Tx, call, came_back, line, mailing, message, soft_opt_in, suppression};

use super::{Acting, person};
use crate::fault::Fault;

pub mod criteria;
mod sorting;

pub use criteria::Criteria;
pub use sorting::{
    Audience, LeftOut, at_a_glance, had, mailed, narrowed, of, of_mailing, one_by_one, one_each, sorted,
    undated,
};

/// What is about to go out: under which activity, by which channel.
#[derive(Clone, Copy, Debug)]
pub struct Way<'p> {
    /// The activity.
    pub activity: &'p Activity,
    /// The channel.
    pub channel: &'p Channel,
    /// Whether the text ends with the channel's footer.
    pub footer_complete: bool,
}

/// The kinds an act of this way asks for: the name, and where the channel goes.
#[must_use]
pub fn kinds(policy: &Policy, way: &Way<'_>) -> KindSet {
    let wanted = match way.channel.means {
        Means::Email => Some(Shape::Email),
        Means::Phone | Means::Text => Some(Shape::Phone),
        Means::Post => None,
    };
    let named = |name: &str| match wanted {
        Some(shape) => name == "name" || Shape::of(name) == shape,
        None => name == "name" || name == "address",
    };
    let kinds = policy.kinds.iter().filter(|kind| way.activity.kinds.contains(kind.id) && named(&kind.name));
    kinds.map(|kind| kind.id).collect()
}

/// The act of reaching somebody this way.
#[must_use]
pub fn act(policy: &Policy, way: &Way<'_>) -> Act {
    let (verb, deed) = match way.channel.means {
        Means::Phone => (Verb::Call, Deed::Call),
        _ => (Verb::Send, Deed::Send),
    };
    Act {
        activity: Some(way.activity.id),
        purpose: Some(way.activity.purpose),
        channel: Some(way.channel.id),
        ..person::act(verb, Some(deed), Asked::Exactly(kinds(policy, way)))
    }
}

/// The channel facts of some people.
///
/// # Errors
/// Whatever the store says.
pub fn reachable(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Reachable>, Fault> {
    let (policy, activity) = (&*acting.policy, way.activity);
    let (mut at_companies, mut got) = (BTreeSet::new(), BTreeSet::new());
    // Nobody says whose a telephone is that a text goes to.
    if way.channel.means == Means::Email && asks_whose(way) {
        at_companies = line::at_companies(tx, policy, activity, people, acting.today)?;
        if soft_opt_in_of(activity).is_some() {
            got = soft_opt_in::standing(tx, policy, activity, people, acting.today)?;
        }
    }
    facts(acting, tx, way, people, |person| (at_companies.contains(&person), got.contains(&person)))
}

/// The channel facts of some people, of whom it is known whether the address is a company's, and whether it is on record how we
/// got it.
fn facts(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    people: &[PersonId],
    known: impl Fn(PersonId) -> (bool, bool),
) -> Result<BTreeMap<PersonId, Reachable>, Fault> {
    let keys = acting.instance.store.keys();
    let is_call = way.channel.means == Means::Phone;
    let suppressed = suppressed(acting, tx, way, people)?;
    let back = if promotes(way) {
        came_back::of_people(tx, &acting.policy, way.activity, people)?
    } else {
        BTreeMap::new()
    };
    let facts = |person: &PersonId| {
        let screened = match &way.channel.screening {
            Some(screening) if is_call => {
                call::check_person(tx, keys, screening, (&*acting.policy, way.activity), *person)?
            }
            _ => None,
        };
        let (at_company, got) = known(*person);
        let line = if at_company { Line::Corporate } else { Line::Individual };
        let soft = got.then_some(way.activity.id).into_iter().collect();
        let suppressed = suppressed.contains(person);
        let came_back = back.get(person).copied();
        Ok((*person, Reachable { suppressed, moved: false, came_back, line, soft, screened }))
    };
    people.iter().map(facts).collect()
}

/// Whether it matters whose the address is: the law wants people asked first, and they were not.
fn asks_whose(way: &Way<'_>) -> bool {
    gate::must_ask(way.activity, way.channel, &Reachable::default()).is_some()
}

/// Whose details an activity writes to without having asked, where it does.
#[must_use]
pub fn soft_opt_in_of(activity: &Activity) -> Option<SoftOptIn> {
    match activity.basis {
        Basis::LegitimateInterests { soft_opt_in, .. } => soft_opt_in,
        _ => None,
    }
}

/// Whether it is mail that promotes us.
fn promotes(way: &Way<'_>) -> bool {
    way.channel.means == Means::Email && marketing(way)
}

fn marketing(way: &Way<'_>) -> bool {
    way.activity.purpose == policy::activity::Purpose::DirectMarketing
}

/// The channel facts of whoever a message is about to leave to; whose the address is that it was written to, and whether it is
/// theirs any more.
///
/// # Errors
/// Whatever the store says.
pub fn leaving(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    person: PersonId,
    message: MessageId,
) -> Result<BTreeMap<PersonId, Reachable>, Fault> {
    Ok(leaving_many(acting, tx, way, &BTreeMap::from([(person, message)]))?.0)
}

/// How each of some people is reached, and why nobody had to be asked before each message.
pub(crate) type Leave = (BTreeMap<PersonId, Reachable>, BTreeMap<MessageId, Rests>);

/// The same of several messages of one way, each with whom it is for; beside the facts of people why nobody had to be asked before a
/// message leaves, where that matters.
///
/// # Errors
/// Whatever the store says.
pub fn leaving_many(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    messages: &BTreeMap<PersonId, MessageId>,
) -> Result<Leave, Fault> {
    let to: Vec<(PersonId, MessageId)> = messages.iter().map(|(who, which)| (*who, *which)).collect();
    let (people, ids): (Vec<PersonId>, Vec<MessageId>) = to.iter().copied().unzip();
    let addresses = Addresses::of(acting, tx, way, &ids)?;
    let known = |person: PersonId| match messages.get(&person) {
        Some(message) => (addresses.companies.contains_key(message), addresses.got.contains_key(message)),
        None => (false, false),
    };
    let mut found = facts(acting, tx, way, &people, known)?;
    let keys = acting.instance.store.keys();
    let moved = message::many::moved(tx, keys, &ids)?;
    // Of the address it was written to, whichever mail goes to today.
    let back = if promotes(way) { came_back::of_messages(tx, keys, &to)? } else { BTreeMap::new() };
    for (person, facts) in &mut found {
        facts.moved = messages.get(person).is_some_and(|message| moved.contains(message));
        facts.came_back = back.get(person).copied();
    }
    let rests = ids.iter().filter_map(|message| Some((*message, addresses.rests(*message)?))).collect();
    Ok((found, rests))
}

/// Whose the addresses are that messages were written to, where that matters.
#[derive(Default)]
struct Addresses {
    /// The company at which it is.
    companies: BTreeMap<MessageId, OrganisationId>,
    /// The record of how we got it.
    got: BTreeMap<MessageId, i64>,
}

impl Addresses {
    fn of(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>, messages: &[MessageId]) -> Result<Self, Fault> {
        if way.channel.means != Means::Email || !asks_whose(way) {
            return Ok(Self::default());
        }
        Ok(Self {
            companies: line::companies_of(tx, messages, acting.today)?,
            got: soft_opt_in::of_messages(tx, messages, &way.activity.name, acting.today)?,
        })
    }

    /// Why nobody had to be asked before a message leaves.
    fn rests(&self, message: MessageId) -> Option<Rests> {
        let company = self.companies.get(&message).map(|organisation| Rests::Company(*organisation));
        company.or_else(|| self.got.get(&message).map(|row| Rests::SoftOptIn(*row)))
    }
}

/// Those of some people at one of whose addresses or numbers somebody said no to this.
fn suppressed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    people: &[PersonId],
) -> Result<BTreeSet<PersonId>, Fault> {
    let (what, is_call) = match way.channel.means {
        Means::Email | Means::Post => ("email", false),
        Means::Phone => ("phone", true),
        Means::Text => ("phone", false),
    };
    Ok(suppression::barred(tx, acting.instance.store.keys(), people, what, marketing(way), is_call)?)
}

/// What is said of a person's channels, with what stands against their addresses and numbers whoever they are to us: an
/// earlier no counts though they came anew, and what must be asked first has not been. Nor is anybody reached by an address that
/// its clause has put out of use.
///
/// # Errors
/// Whatever the store says.
pub fn as_suppressed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    mut cards: Vec<Card>,
) -> Result<Vec<Card>, Fault> {
    for card in &mut cards {
        let Some(activity) = acting.policy.activity(card.activity) else { continue };
        let channels = activity.channels.iter().filter_map(|id| acting.policy.channels.get(id.index()));
        for (channel, answer) in channels.zip(&mut card.channels).filter(|(_, answer)| answer.open) {
            let way = Way { activity, channel, footer_complete: true };
            let verb = if channel.means == Means::Phone { Verb::Call } else { Verb::Send };
            let kinds = kinds(&acting.policy, &way);
            if let Some(stopped) = explain::stopped(&acting.policy, life, activity, kinds, verb, acting.today)
            {
                answer.open = false;
                answer.reason = stopped;
                continue;
            }
            let whom = [life.person];
            let found = match asks_whose(&way) {
                true => reachable(acting, tx, &way, &whom)?.remove(&life.person).unwrap_or_default(),
                // Of the rest nothing is said here.
                false => Reachable {
                    suppressed: !suppressed(acting, tx, &way, &whom)?.is_empty(),
                    came_back: match promotes(&way) {
                        true => {
                            came_back::of_people(tx, &acting.policy, activity, &whom)?.remove(&life.person)
                        }
                        false => None,
                    },
                    ..Reachable::default()
                },
            };
            if found.suppressed {
                answer.open = false;
                answer.reason = "somebody at this address or number asked us not to".to_owned();
            } else if let Some(on) = found.came_back {
                answer.open = false;
                answer.reason = gate::comes_back(on);
            } else if let Some(because) = gate::must_ask(activity, channel, &found) {
                answer.open = false;
                answer.reason = because.to_owned();
            }
        }
    }
    Ok(cards)
}

/// Decides for one person.
///
/// # Errors
/// [`Fault::Refused`] with the first reason that stands.
pub fn decide(acting: &Acting<'_>, tx: &Tx<'_>, way: &Way<'_>, life: &Life) -> Result<Grant, Fault> {
    let people = reachable(acting, tx, way, &[life.person])?;
    let gate = Gate { footer_complete: way.footer_complete, people, ..Gate::default() };
    acting.decide(&act(&acting.policy, way), &[life], &gate)
}

/// Decides again for one person, at the moment a message to them leaves.
///
/// # Errors
/// As [`decide`].
pub fn decide_leaving(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    way: &Way<'_>,
    life: &Life,
    message: MessageId,
) -> Result<Grant, Fault> {
    let people = leaving(acting, tx, way, life.person, message)?;
    let gate = Gate { footer_complete: way.footer_complete, people, ..Gate::default() };
    acting.decide(&act(&acting.policy, way), &[life], &gate)
}

/// Writes down, as a message leaves, why nobody had to be asked before, where it promotes us to whom the law wants asked: what it
/// was decided on does not stay what it is.
///
/// # Errors
/// Whatever the store says.
pub fn note_rests(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<(), Fault> {
    let policy = &acting.policy;
    let activity = held.activity.as_deref().and_then(|name| policy.activity_named(name));
    let (Some(activity), Some(channel)) = (activity, policy.channel_named(&held.channel)) else {
        return Ok(());
    };
    if !matches!(held.sort, Sort::Mailing | Sort::Personal) {
        return Ok(());
    }
    let way = Way { activity, channel, footer_complete: true };
    match Addresses::of(acting, tx, &way, &[held.id])?.rests(held.id) {
        Some(rests) => Ok(line::rests(tx, held.id, rests)?),
        None => Ok(()),
    }
}

/// Everybody an activity is for, within reach, in the order of their numbers; nobody is decided for yet.
///
/// # Errors
/// Whatever the store says.
pub fn candidates(acting: &Acting<'_>, tx: &Tx<'_>, activity: &Activity) -> Result<Vec<PersonId>, Fault> {
    Ok(reached_and_beyond(acting, tx, activity)?.0)
}

/// The same, and how many more it is for whom whoever acts may not find.
fn reached_and_beyond(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    activity: &Activity,
) -> Result<(Vec<PersonId>, usize), Fault> {
    let (categories, parts) = whom(&acting.policy, activity);
    let found = mailing::candidates(tx, &categories, &parts, acting.today)?;
    let all = found.len();
    let within = store::person::within(tx, &acting.reach(), found)?;
    let beyond = all.saturating_sub(within.len());
    Ok((within, beyond))
}

/// Whether an activity is for more people than a few, within reach or not.
///
/// # Errors
/// Whatever the store says.
pub fn is_for_more_than(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    activity: &Activity,
    few: u32,
) -> Result<bool, Fault> {
    let (categories, parts) = whom(&acting.policy, activity);
    Ok(mailing::are_more_than(tx, &categories, &parts, acting.today, few)?)
}

/// Whom an activity is for: the names of categories, and those of parts on work.
fn whom<'p>(policy: &'p Policy, activity: &Activity) -> (Vec<&'p str>, Vec<(&'p str, &'p str)>) {
    let whom: Vec<_> = activity.for_whom.iter().map(|whom| whom.category).collect();
    let categories = whom
        .iter()
        .filter_map(|id| policy.categories.get(id.index()))
        .map(|category| category.name.as_str())
        .collect();
    let parts = policy
        .works
        .iter()
        .flat_map(|work| work.parts.iter().map(move |part| (work, part)))
        .filter(|(_, part)| whom.contains(&part.category))
        .map(|(work, part)| (work.name.as_str(), part.name.as_str()))
        .collect();
    (categories, parts)
}

/// The kinds somebody is reached at this way.
fn addresses(policy: &Policy, way: &Way<'_>) -> KindSet {
    let names = policy.kind_named("name").map(|kind| kind.id);
    kinds(policy, way).iter().filter(|kind| Some(*kind) != names).collect()
}

fn nowhere_to_reach(policy: &Policy, way: &Way<'_>) -> Refusal {
    let (what, next) = match way.channel.means {
        Means::Email => ("no e-mail address of theirs is held", "Ask them for one."),
        Means::Phone | Means::Text => ("no telephone number of theirs is held", "Ask them for one."),
        Means::Post => ("no postal address of theirs is held", "Ask them for one."),
    };
    Refusal::by(policy, Question::Gate, None, what.to_owned(), next.to_owned())
}

//! What a person's clauses want to know: the facts and events that decide how long they are held, whether they are known
//! already or not. Whoever is asked for nothing here has nothing that hangs on it.

use jiff::civil::Date;
use policy::phrase::{LEFT_THE_ORGANISATION, plain};
use policy::policy::Fact;
use policy::{Category, Policy, Rule};

use crate::id::EngagementId;
use crate::life::{Life, State};

/// Events that every policy may count from and that nothing the program keeps brings about: somebody writes them down.
const BY_WORD: &[&str] = &["confirmed", "phone changes"];

/// The clauses of every activity under which somebody is held today: also those that a fact has ruled out, which
/// another fact may bring back.
fn clauses<'p>(
    policy: &'p Policy,
    life: &Life,
    engagement: Option<EngagementId>,
    today: Date,
) -> impl Iterator<Item = &'p Rule> {
    let held = life.grounds.iter().filter(|ground| ground.state == State::Active && ground.active(today));
    let mut activities: Vec<_> = held
        .filter(|ground| engagement.is_none() || ground.engagement == engagement)
        .filter_map(|ground| policy.rules.get(ground.rule.index()))
        .map(|rule| rule.activity)
        .collect();
    activities.sort_unstable();
    activities.dedup();
    policy.rules.iter().filter(move |rule| activities.contains(&rule.activity))
}

/// The facts they want to know: of the person by themselves, or of the person on one piece of work.
#[must_use]
pub fn facts<'p>(
    policy: &'p Policy,
    life: &Life,
    engagement: Option<EngagementId>,
    today: Date,
) -> Vec<&'p Fact> {
    let asked: Vec<String> = clauses(policy, life, engagement, today).flat_map(Rule::facts).collect();
    let work = engagement.and_then(|id| life.works.iter().find(|on| on.engagement == id)).map(|on| on.work);
    let about = |fact: &&Fact| match engagement {
        Some(_) => fact.work.is_some() && fact.work == work,
        None => fact.work.is_none(),
    };
    policy.facts.iter().filter(about).filter(|fact| asked.contains(&plain(&fact.name))).collect()
}

/// The events they count from that somebody has to write down: those the policy declares, a confirmation, a number that changed.
#[must_use]
pub fn events<'p>(policy: &'p Policy, life: &Life, today: Date) -> Vec<&'p str> {
    let asked: Vec<String> = clauses(policy, life, None, today).flat_map(Rule::events).collect();
    recordable(policy).filter(|name| asked.iter().any(|event| event == name)).collect()
}

/// Whether a clause under which somebody is held waits for them to leave their organisation. That is recorded with the organisation; of
/// themselves only in a call, and where none is known.
#[must_use]
pub fn may_leave(policy: &Policy, life: &Life, today: Date) -> bool {
    clauses(policy, life, None, today).flat_map(Rule::events).any(|event| event == LEFT_THE_ORGANISATION)
}

/// The categories that some clause holds somebody by while they are one, or counts from the end of: only where that end can
/// be written down is anybody ever let go.
pub fn ending(policy: &Policy) -> impl Iterator<Item = &Category> {
    policy.categories.iter().filter(|category| {
        let end = format!("no longer {}", category.name);
        policy.rules.iter().any(|rule| rule.events().contains(&end))
    })
}

/// Every event that somebody may write down of a person.
pub fn recordable(policy: &Policy) -> impl Iterator<Item = &str> {
    policy.events.iter().map(|event| event.name.as_str()).chain(BY_WORD.iter().copied())
}

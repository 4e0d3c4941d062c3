//! When all that was done with somebody as one of a category has come to its end. What ends and by what, the policy says; nothing here
//! ends anything.

use jiff::civil::Date;
use policy::phrase::LEFT_THE_ORGANISATION;
use policy::{Activity, CategoryId, Policy};

use crate::known;
use crate::life::{Ground, Life, State, StopCause};

/// Whether nothing is done with somebody as one of a category any more: all of it has ended, or all of one activity did because they
/// left their organisation or by another event that somebody writes down, such as that their number changed, and a night has dealt with
/// that.
#[must_use]
pub fn is_over(policy: &Policy, life: &Life, category: CategoryId, today: Date) -> bool {
    let as_that = |activity: &&Activity| activity.for_whom.iter().any(|whom| whom.category == category);
    let ended = |ground: &&Ground| ground.swept && !ground.active(today);
    let activities = policy.activities.iter().filter(as_that);
    let each: Vec<Vec<&Ground>> = activities.map(|activity| grounds_of(policy, life, activity)).collect();
    let all = each.iter().flatten().all(&ended) && each.iter().any(|grounds| !grounds.is_empty());
    all || each
        .iter()
        .any(|grounds| grounds.iter().all(&ended) && grounds.iter().any(|ground| by_word(policy, ground)))
}

/// Whether a ground ended because its person left their organisation, or by an event that somebody writes down.
fn by_word(policy: &Policy, ground: &Ground) -> bool {
    let State::Stopped { cause: StopCause::Event(event), .. } = &ground.state else { return false };
    event == LEFT_THE_ORGANISATION || known::recordable(policy).any(|name| name == event)
}

/// The grounds of somebody for one activity.
fn grounds_of<'a>(policy: &Policy, life: &'a Life, activity: &Activity) -> Vec<&'a Ground> {
    let of = |ground: &&Ground| {
        policy.rules.get(ground.rule.index()).is_some_and(|rule| rule.activity == activity.id)
    };
    life.grounds.iter().filter(of).collect()
}

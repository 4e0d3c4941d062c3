//! Milestones: recorded in their order, with the consent the policy asks for before them, and taken back
//! where they were recorded by mistake. The last one ends the work and the staff's access to it.

use custody::Verb;
use custody::id::{EngagementId, PersonId};
use jiff::civil::Date;
use policy::Work;
use policy::basis::{Basis, ConsentForm};
use serde_json::json;
use store::engagement::{self, Milestone};
use store::task::{self, Kind, NewTask};
use store::{Tx, ground};

use super::{OnHand, may_run, on_hand};
use crate::acts::{Acting, disclosure, question};
use crate::fault::Fault;

/// How many days somebody has to ask what the policy says to ask at the end.
const ASK_DAYS: i64 = 14;

/// What has happened and was not taken back, the earliest first.
///
/// # Errors
/// Whatever the store says.
pub fn happened(tx: &Tx<'_>, engagement: EngagementId) -> Result<Vec<Milestone>, Fault> {
    Ok(engagement::milestones(tx, engagement)?.into_iter().filter(|milestone| !milestone.undone).collect())
}

/// Where a piece of work stands: the latest of its milestones, in their order, that has happened.
#[must_use]
pub fn stage<'w>(work: &'w Work, happened: &[Milestone]) -> Option<&'w str> {
    let there = |name: &&String| happened.iter().any(|milestone| milestone.name == **name);
    work.milestones.iter().rfind(there).map(String::as_str)
}

/// The first milestone that has not happened.
#[must_use]
pub fn next<'w>(work: &'w Work, happened: &[Milestone]) -> Option<&'w str> {
    let there = |name: &String| happened.iter().any(|milestone| milestone.name == *name);
    work.milestones.iter().find(|name| !there(name)).map(String::as_str)
}

/// Records a milestone on a day.
///
/// # Errors
/// [`Fault::Refused`] naming the basis, if a consent asked for before it is not on file; [`Fault::Invalid`]
/// for a day to come, one before an earlier milestone, or a milestone that stands already.
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    name: &str,
    on: Date,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
    let place = hand.work.milestones.iter().position(|known| known == name).ok_or(Fault::NotFound)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let there = happened(tx, engagement)?;
    if there.iter().any(|milestone| milestone.name == name) {
        return Err(Fault::field("on", "This is recorded already. Take it back first."));
    }
    let at = |name: &str| hand.work.milestones.iter().position(|known| known == name);
    if let Some(other) = there.iter().find(|other| match at(&other.name) {
        Some(then) if then < place => other.on > on,
        Some(_) => other.on < on,
        None => false,
    }) {
        let day = crate::web::frame::words(other.on);
        return Err(Fault::field("on", format!("This does not fit: {} was on {day}.", other.name)));
    }
    for life in &hand.lives {
        custody::decide::may_happen(&acting.policy, life, engagement, name, on)?;
    }
    engagement::record_milestone(tx, &acting.policy, engagement, name, on, acting.staff_id(), acting.now)?;
    let people = hand.people();
    for person in &people {
        acting.settle(tx, *person)?;
    }
    settle_alone(acting, tx, &hand)?;
    if place + 1 == hand.work.milestones.len() {
        // Who works on it keeps sight of it until the day is over.
        let until = on.max(acting.today).tomorrow()?;
        for staff in engagement::staff(tx, engagement, acting.today)? {
            engagement::unassign(tx, engagement, staff, until)?;
        }
    }
    disclosure::ended_by(acting, tx, &people, (engagement, name), on)?;
    // There is nobody to ask once they have gone.
    if people.contains(&hand.client) {
        ask(acting, tx, &hand, name)?;
    }
    let body = json!({ "engagement": engagement.0, "milestone": name, "on": on.to_string() });
    acting.log(tx, "milestone.recorded", &people, &body)
}

/// Settles what the work holds for itself: there may be nobody on it any more by whom it would be.
fn settle_alone(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>) -> Result<(), Fault> {
    if hand.alone.is_some() {
        let (actor, works) = (crate::acts::actor_words(&acting.actor), [hand.engagement.id]);
        ground::settle_works(tx, &acting.policy, &works, acting.today, &actor, acting.now)?;
    }
    Ok(())
}

/// What the policy asks the person once this has happened: a consent that an activity rests on.
#[must_use]
pub fn asked_once<'p>(
    acting: &'p Acting<'_>,
    work: &Work,
    milestone: &str,
) -> Vec<(&'p policy::Activity, String)> {
    let Some(whom) = work.parts.first() else { return Vec::new() };
    let policy = &acting.policy;
    let asked = policy.activities.iter().filter_map(|activity| {
        let theirs = |for_whom: &policy::activity::ForWhom| {
            for_whom.category == whom.category && for_whom.once.as_deref() == Some(milestone)
        };
        let Basis::Consent { form, .. } = &activity.basis else { return None };
        let with = match form {
            ConsentForm::OptIn { asked_with: Some(kind), .. } | ConsentForm::Signed(kind) => {
                policy.kind(*kind).map_or(String::new(), |kind| format!(" with the {}", kind.name))
            }
            _ => String::new(),
        };
        activity.for_whom.iter().any(theirs).then_some((activity, with))
    });
    asked.collect()
}

/// Asks in a message where one may leave, and otherwise has somebody ask.
fn ask(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>, milestone: &str) -> Result<(), Fault> {
    for (activity, with) in asked_once(acting, hand.work, milestone) {
        if !question::opt_in(acting, tx, hand, activity)? {
            ask_by_hand(acting, tx, (hand.client, hand.engagement.id), &activity.title, &with)?;
        }
    }
    Ok(())
}

/// A task to ask somebody by other means.
///
/// # Errors
/// Whatever the store says.
pub fn ask_by_hand(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (person, engagement): (PersonId, EngagementId),
    title: &str,
    with: &str,
) -> Result<(), Fault> {
    let what = format!("Ask{with} whether they agree to: {title}. Silence is no consent.");
    let due_on = acting.today.checked_add(jiff::Span::new().days(ASK_DAYS)).ok();
    let new = NewTask {
        person: Some(person),
        engagement: Some(engagement),
        due_on,
        ..NewTask::new(Kind::Other, &what)
    };
    task::add(tx, &new, acting.now)?;
    Ok(())
}

/// Takes a milestone back: what ended with it and is not gone begins again.
///
/// # Errors
/// [`Fault::NotFound`] if it does not stand; [`Fault::Refused`] if this role may not.
pub fn take_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    engagement: EngagementId,
    name: &str,
) -> Result<(), Fault> {
    let hand = on_hand(acting, tx, engagement)?;
    may_run(acting, Verb::Change, hand.life()?, Some(engagement))?;
    undo(acting, tx, &hand, name)
}

/// Takes it back for whoever is known to may.
pub(in crate::acts) fn undo(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    name: &str,
) -> Result<(), Fault> {
    let engagement = hand.engagement.id;
    let there = happened(tx, engagement)?;
    let last = there.iter().rev().find(|milestone| milestone.name == name).ok_or(Fault::NotFound)?;
    if let Some(after) = hand
        .work
        .milestones
        .iter()
        .skip_while(|known| *known != name)
        .skip(1)
        .find(|after| there.iter().any(|milestone| milestone.name == **after))
    {
        return Err(Fault::field("milestone", format!("Take back {after} first.")));
    }
    engagement::undo_milestone(tx, &acting.policy, last.id, acting.now)?;
    if hand.work.milestones.last().is_some_and(|ends| ends == name) {
        engagement::assign_again(tx, engagement, last.on)?;
        for open in task::of_engagement(tx, engagement)? {
            if open.kind == Kind::Other && open.what.starts_with("Ask") {
                task::done(tx, open.id, acting.today, acting.staff_id(), Some("taken back"))?;
            }
        }
    }
    let people: Vec<PersonId> = hand.people();
    for before in &hand.lives {
        let after = acting.settle(tx, before.person)?;
        disclosure::taken_back(acting, tx, (before, &after), Some((engagement, name, last.on)))?;
    }
    settle_alone(acting, tx, hand)?;
    acting.log(tx, "milestone.undone", &people, &json!({ "engagement": engagement.0, "milestone": name }))
}

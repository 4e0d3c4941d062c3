//! What has ended and may begin again: what was taken back goes on, and what the person ended waits for their own word.

use jiff::civil::Date;
use policy::{Activity, Policy, Rule};

use crate::facts::opening_records;
use crate::id::EngagementId;
use crate::life::{Ground, Life, State, StopCause};

/// The last ground of a rule, if what ended it was recorded and may have been a slip, and no night has dealt with it yet. One
/// that ended on the day it was to end, by its own clock, is over.
pub(super) fn taken_back(life: &Life, rule: &Rule, engagement: Option<EngagementId>) -> Option<Ground> {
    let same = life.grounds.iter().filter(|held| held.rule == rule.id && held.engagement == engagement);
    let last = same.max_by_key(|held| (held.opened_on, held.id))?;
    let State::Stopped { on, cause } = &last.state else { return None };
    let foreseen = match cause {
        StopCause::Event(_) => last.due_on == Some(*on),
        StopCause::Due => last.due_on.is_some() && last.due_on == on.yesterday().ok(),
        StopCause::Annulled => false,
        StopCause::Withdrawn
        | StopCause::Lapsed
        | StopCause::Objected
        | StopCause::Erased
        | StopCause::LetGo
        | StopCause::RuleGone => return None,
    };
    (!last.swept && !foreseen).then(|| Ground { state: State::Active, ..last.clone() })
}

/// What was ended by the person's own will, erased or let go at a review, begins again only by a later act.
pub(super) fn barred(
    policy: &Policy,
    life: &Life,
    activity: &Activity,
    rule: &Rule,
    engagement: Option<EngagementId>,
    today: Date,
) -> bool {
    let ended = life.grounds.iter().filter(|held| held.rule == rule.id && held.engagement == engagement);
    let last = ended.filter_map(|held| match &held.state {
        State::Stopped { on, cause } => Some((*on, cause)),
        State::Active => None,
    });
    let Some((on, cause)) = last.max_by_key(|(on, _)| *on) else { return false };
    let consented = |after: &dyn Fn(Date) -> bool| {
        life.consents.iter().any(|consent| {
            let theirs = consent.activity == activity.id && consent.counts(today);
            theirs && consent.counts_from().is_some_and(after)
        })
    };
    match cause {
        StopCause::Withdrawn => !consented(&|given| given >= on),
        StopCause::Objected => {
            let lifted = life
                .objections
                .iter()
                .any(|objection| objection.lifted_on.is_some_and(|day| day >= on && day <= today));
            !lifted && !consented(&|given| given >= on)
        }
        StopCause::Erased | StopCause::LetGo => {
            // What is written down since is new, as far as the program keeps it of everybody.
            let again = life.categories.iter().any(|held| held.since > on)
                || life.works.iter().any(|work| work.since > on)
                || (activity.for_everyone
                    && opening_records(policy, activity, rule, life).any(|kept| kept.recorded.day > on));
            !again && !consented(&|given| given > on)
        }
        StopCause::Due
        | StopCause::Event(_)
        | StopCause::Lapsed
        | StopCause::Annulled
        | StopCause::RuleGone => false,
    }
}

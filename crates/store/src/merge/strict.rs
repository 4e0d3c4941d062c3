//! What either of two entries was not to be used for when they are put together, by their own word, is not done to the one
//! they become. Which word was the later may be chance, or a slip of whoever wrote it into the wrong one.

use custody::basis::{self, Standing};
use custody::id::{ObjectionId, PersonId};
use custody::life::{Life, Scope};
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::{Activity, Policy};

use super::By;
use crate::objection::{self, NewObjection};
use crate::{Result, Tx};

/// How an objection reached us that is written down because two were put together.
pub const HOW: &str = "kept when two entries were put together";

/// What to say no to again: an objection to marketing of the one that a consent of the other would lift, and marketing that
/// one took their consent back to and the other did not.
pub(super) fn stays(policy: &Policy, before: &[Life], after: &Life, today: Date) -> Vec<Scope> {
    let marketing: Vec<&Activity> =
        policy.activities.iter().filter(|activity| activity.purpose == Purpose::DirectMarketing).collect();
    let mut stays: Vec<Scope> = Vec::new();
    for life in before {
        for objection in &life.objections {
            let lost = |activity: &&&Activity| {
                !basis::lifted(activity, life, objection, today)
                    && basis::lifted(activity, after, objection, today)
            };
            if marketing.iter().find(lost).is_some() && !stays.contains(&objection.scope) {
                stays.push(objection.scope.clone());
            }
        }
    }
    let standing = |activity: &Activity, life: &Life| basis::standing(policy, activity, life, None, today);
    for activity in marketing {
        let taken_back = |life: &Life| matches!(standing(activity, life), Standing::Withdrawn(_));
        let scope = Scope::Activity(activity.id);
        if before.iter().any(taken_back) && standing(activity, after).stands() && !stays.contains(&scope) {
            stays.push(scope);
        }
    }
    stays
}

/// Writes it down as an objection of today.
pub(super) fn say(
    tx: &Tx<'_>,
    policy: &Policy,
    person: PersonId,
    scope: &Scope,
    by: &By,
) -> Result<ObjectionId> {
    let new =
        NewObjection { person, scope, made_on: by.today, how: HOW, words: None, request: None, by: by.staff };
    objection::record(tx, policy, &new, by.now)
}

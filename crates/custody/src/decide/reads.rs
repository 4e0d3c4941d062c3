//! What a decision to write to somebody reads of them, so that of very many people a few are decided for: whoever has the same of
//! it gets the same answer. It decides nothing itself; where it cannot say what is read, everybody is to be decided for alone.

use policy::basis::Basis;
use policy::{Activity, CategoryId, KindSet, Policy, RuleId};

use crate::act::{Act, Actor, Asked, Verb};

use super::{never, role};

/// The most clauses of one activity that are told apart.
pub const CLAUSES_MAX: usize = 16;

/// What is read of everybody alike, and who has more read of them.
///
/// Beside what stands here a decision to write to somebody reads their objections and restrictions, whether they were not entered
/// in the activity, and what the channel's gate is told of their address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reads {
    /// The clauses of the activity: whether a ground of each stands.
    pub rules: Vec<RuleId>,
    /// Whether a consent to the activity is read.
    pub consent: bool,
    /// More is read of whoever has, or had, one of these categories, ...
    pub categories: Vec<CategoryId>,
    /// ... or has a ground of one of these clauses, ...
    pub besides: Vec<RuleId>,
    /// ... or, where this is so, is on any work or had something happen to them.
    pub lives: bool,
}

/// What a decision about an act that writes to people of one activity reads of them; nothing where it is read of each alone:
/// what may be seen differs from person to person, or a clause counts from days of theirs.
#[must_use]
pub fn reads(policy: &Policy, actor: &Actor, act: &Act) -> Option<Reads> {
    let activity = policy.activity(act.activity?)?;
    let Asked::Exactly(kinds) = act.kinds else { return None };
    let whom: Vec<CategoryId> = activity.for_whom.iter().map(|whom| whom.category).collect();
    let plain = act.verb == Verb::Send
        && act.engagement.is_none()
        && act.recipient.is_none()
        && activity.rules.len() <= CLAUSES_MAX
        && role::sees_alike(policy, actor, kinds, &whom)
        && counts_from_nothing(policy, activity, kinds);
    if !plain {
        return None;
    }
    let consent = match &activity.basis {
        Basis::Consent { before: Some(_), .. } => return None,
        Basis::Consent { before: None, .. } => true,
        _ => false,
    };
    let mut reads = Reads {
        rules: activity.rules.clone(),
        consent,
        categories: Vec::new(),
        besides: Vec::new(),
        lives: false,
    };
    for never in &policy.prohibitions {
        match never::reads(policy, never, act) {
            never::Read::Nothing => {}
            never::Read::Life => reads.lives = true,
            never::Read::Categories(named) if named.iter().all(|category| !whom.contains(category)) => {
                reads.categories.extend(named);
            }
            never::Read::Categories(_) | never::Read::Everything => return None,
        }
    }
    let held_as =
        |activity: &&Activity| activity.for_whom.iter().any(|whom| reads.categories.contains(&whom.category));
    reads.besides = policy
        .activities
        .iter()
        .filter(held_as)
        .flat_map(|activity| activity.rules.iter().copied())
        .collect();
    Some(reads)
}

/// Whether no clause of the activity reads more of somebody than whether its ground stands.
fn counts_from_nothing(policy: &Policy, activity: &Activity, kinds: KindSet) -> bool {
    activity.rules.iter().filter_map(|id| policy.rules.get(id.index())).all(|rule| {
        let theirs = !rule.kinds.and(kinds).is_empty();
        !rule.for_work && !(theirs && (rule.by_row || rule.stage.is_some()))
    })
}

//! The decision: five questions about one act, in their order, and a grant only if all agree.
//!
//! INVARIANT (only a decision grants): nothing else in the crate makes a [`Grant`].

mod cover;
mod disclosure;
mod handing;
mod never;
mod picking;
mod reads;
mod role;
mod why_not;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use policy::activity::Purpose;
use policy::basis::{Basis, ConsentForm};
use policy::policy::Clause;
use policy::{KindSet, Policy};

use crate::act::{Act, Actor, Asked, Verb};
use crate::basis;
use crate::gate::{self, Gate};
use crate::grant::Grant;
use crate::id::EngagementId;
use crate::life::Life;
use crate::moment::Now;
use crate::part::plays;
use crate::refusal::{Question, Refusal};

pub use disclosure::{may_receive, over as share_is_over};
pub use never::{contradicted, exempt, stands as prohibition_stands};
pub use picking::{By, heard_by, may_pick};
pub use reads::{CLAUSES_MAX, Reads, reads};
pub use role::{decides, investigates, reach, sees, sees_all_of, sees_any_of};

/// Grants an act on these people's data, or refuses with the first question that fails.
///
/// An act that asks for [`Asked::Exactly`] some kinds is granted for all of these people or refused. One that
/// asks for [`Asked::WhatMayBeSeen`] is narrowed for each person, and refused only if nothing is left of it.
///
/// # Errors
/// A [`Refusal`] naming that question, the clause and the next step.
pub fn decide(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    lives: &[&Life],
    gate: &Gate,
    now: Timestamp,
    today: Date,
) -> Result<Grant, Refusal> {
    role::may(policy, actor, act, lives)?;
    handing::may(policy, actor, act, gate)?;
    let mut grant = Grant {
        actor: actor.clone(),
        verb: act.verb,
        purpose: purpose(policy, act),
        people: BTreeMap::new(),
        needs: BTreeSet::new(),
        clauses: Vec::new(),
        at: now,
    };
    let mut refused = None;
    for life in lives {
        match about(policy, actor, act, life, gate, Now::at(today, now), &mut grant.clauses) {
            Ok(kinds) => {
                grant.needs.extend(role::needs(policy, actor, act, life, (kinds, gate)));
                grant.people.insert(life.person, kinds);
            }
            Err(refusal) if matches!(act.kinds, Asked::Exactly(_)) => return Err(refusal),
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    match refused {
        Some(refusal) if grant.people.is_empty() => Err(refusal),
        _ => Ok(grant),
    }
}

/// The kinds granted for one person.
fn about(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    gate: &Gate,
    now: Now,
    clauses: &mut Vec<Clause>,
) -> Result<KindSet, Refusal> {
    let today = now.today;
    let in_sight = role::in_sight(policy, actor, act, life)?;
    let undecided = cover::undecided(policy, actor, act, life, in_sight, today)
        .or(cover::resting(policy, actor, act, life, in_sight, today));
    let covered = match cover::covered(policy, actor, act, life, in_sight, now, clauses) {
        Ok(covered) => covered.or(undecided),
        Err(refusal) if undecided.is_empty() => return Err(refusal),
        Err(_) => undecided,
    };
    gate::passes(policy, act, life, gate, today)?;
    disclosure::allowed(policy, act, life, covered, today)?;
    Ok(covered)
}

/// What an act is for: as it says, or as the activity it names.
fn purpose(policy: &Policy, act: &Act) -> Option<Purpose> {
    act.purpose.or_else(|| Some(policy.activity(act.activity?)?.purpose))
}

impl Asked {
    /// The kinds asked for.
    #[must_use]
    pub fn kinds(&self) -> KindSet {
        match self {
            Self::Exactly(kinds) | Self::WhatMayBeSeen(kinds) => *kinds,
        }
    }

    /// Whether less than all will do.
    #[must_use]
    pub fn narrows(&self) -> bool {
        matches!(self, Self::WhatMayBeSeen(_))
    }
}

impl Verb {
    /// Whether the program or the person's own right stands behind it, so that no ground has to allow a use.
    fn needs_no_use(self) -> bool {
        matches!(self, Self::Answer | Self::Investigate | Self::Dispose | Self::Maintain)
    }

    /// Whether something new is kept by it.
    fn stores(self) -> bool {
        matches!(self, Self::Store | Self::TakeDown)
    }

    /// Whether it goes out to the person by a channel.
    pub(crate) fn reaches_out(self) -> bool {
        matches!(self, Self::Send | Self::Call | Self::Part)
    }
}

/// Whether a milestone may be recorded for a person on a day: a consent asked for before it must be on file.
///
/// # Errors
/// A [`Refusal`] naming the basis clause.
pub fn may_happen(
    policy: &Policy,
    life: &Life,
    engagement: EngagementId,
    milestone: &str,
    on: Date,
) -> Result<(), Refusal> {
    let Some(work) = life.works.iter().find(|work| work.engagement == engagement) else { return Ok(()) };
    for activity in &policy.activities {
        let Basis::Consent { before: Some(event), form } = &activity.basis else { continue };
        if event != milestone || !activity.for_whom.iter().any(|whom| plays(policy, work, whom.category)) {
            continue;
        }
        if !basis::standing(policy, activity, life, Some(engagement), on).stands() {
            let title = policy.works.get(work.work.index()).map_or("work", |work| work.name.as_str());
            let form = match form {
                ConsentForm::Signed(kind) => policy.kind(*kind).map_or("consent", |kind| kind.name.as_str()),
                _ => "consent",
            };
            return Err(Refusal::by(
                policy,
                Question::Basis,
                Some(Clause::Basis(activity.id)),
                format!("{milestone} may be recorded only once the {form} is on file"),
                format!("Record the signed {form} on the {title} first."),
            ));
        }
    }
    Ok(())
}

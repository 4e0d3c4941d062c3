//! By what an audience may be narrowed: only by what the role may see and the activity may use, and by nothing that was told in
//! confidence or is of a special category. A criterion never lets anybody in; each person is decided for all the same.

use policy::policy::Clause;
use policy::{Activity, CategoryId, Kind, KindSet, Policy, Sensitivity, Sort, WorkId};

use crate::act::Actor;
use crate::refusal::{Question, Refusal};

use super::role;

/// What an audience is narrowed by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By<'a> {
    /// What people are to us.
    Category(CategoryId),
    /// A kind of work they are or were on, what happened on it, and when.
    Work(WorkId),
    /// What is held of a kind, by its name: the organisation somebody belongs to.
    Kind(&'a str),
    /// When they were last in touch with us.
    Heard,
    /// When they were last written to under this very activity.
    Written,
}

/// Asks whether an audience of an activity may be narrowed by something.
///
/// # Errors
/// A [`Refusal`] naming the clause.
pub fn may_pick(policy: &Policy, actor: &Actor, activity: &Activity, by: By<'_>) -> Result<(), Refusal> {
    match by {
        By::Category(category) if activity.for_whom.iter().any(|whom| whom.category == category) => Ok(()),
        By::Category(category) => {
            let name = policy.categories.get(category.index()).map_or("", |category| category.name.as_str());
            let because = format!("{} is not for a {name}", activity.name);
            Err(ground(policy, Clause::For(activity.id), because))
        }
        By::Work(work) => {
            seen(policy, actor, "work record")?;
            by_work(policy, activity, work)
        }
        By::Kind(name) => {
            let Some(kind) = policy.kind_named(name) else {
                let because = format!("the policy declares no {name}");
                return Err(ground(policy, Clause::Data(activity.id), because));
            };
            ordinary(policy, kind)?;
            seen(policy, actor, name)?;
            if activity.kinds.contains(kind.id) {
                return Ok(());
            }
            let because = format!("the policy does not declare {name} for {}", activity.name);
            Err(ground(policy, Clause::Data(activity.id), because))
        }
        By::Heard if heard_by(policy, actor, activity).is_empty() => {
            let because = format!("the policy declares no lines of the timeline for {}", activity.name);
            Err(ground(policy, Clause::Data(activity.id), because))
        }
        By::Heard => Ok(()),
        // What an activity itself sent is its own.
        By::Written => seen(policy, actor, "message record"),
    }
}

/// The kinds of lines by which an activity may know when somebody was last in touch: its own, told in no confidence, that the
/// role may see.
#[must_use]
pub fn heard_by(policy: &Policy, actor: &Actor, activity: &Activity) -> KindSet {
    let plain = |kind: &policy::KindId| {
        policy
            .kind(*kind)
            .is_some_and(|kind| kind.sort == Sort::Entry && kind.sensitivity == Sensitivity::Ordinary)
    };
    activity.kinds.and(sight(policy, actor)).iter().filter(plain).collect()
}

/// The activity is for those on such work, or may use the record of it; and being on it says nothing of a special category.
fn by_work(policy: &Policy, activity: &Activity, work: WorkId) -> Result<(), Refusal> {
    let Some(work) = policy.works.get(work.index()) else {
        let because = "the policy declares no such work".to_owned();
        return Err(ground(policy, Clause::Data(activity.id), because));
    };
    let telling = policy.kinds_of(Sensitivity::Special).or(policy.kinds_of(Sensitivity::Criminal));
    let by_clause = |other: &Activity| {
        let mut rules = other.rules.iter().filter_map(|id| policy.rules.get(id.index()));
        rules.any(|rule| rule.work == Some(work.id))
    };
    let mut of_it = policy.activities.iter().filter(|other| other.work == Some(work.id) || by_clause(other));
    if let Some(other) = of_it.find(|other| !other.kinds.and(telling).is_empty()) {
        let because = format!(
            "a {} is work of which special categories of data or criminal-offence data are held: nobody is picked out by it",
            work.name
        );
        return Err(ground(policy, Clause::Data(other.id), because));
    }
    let theirs =
        work.parts.iter().any(|part| activity.for_whom.iter().any(|whom| whom.category == part.category));
    let record = policy.kind_named("work record").is_some_and(|kind| activity.kinds.contains(kind.id));
    if theirs || record {
        return Ok(());
    }
    let because = format!(
        "the policy does not declare work record for {}, nor is it for those on a {}",
        activity.name, work.name
    );
    Err(ground(policy, Clause::Data(activity.id), because))
}

/// What was told in confidence, is of a special category, about offences or about money picks nobody out.
fn ordinary(policy: &Policy, kind: &Kind) -> Result<(), Refusal> {
    let what = match kind.sensitivity {
        Sensitivity::Ordinary => return Ok(()),
        Sensitivity::Confidential => "was told in confidence",
        Sensitivity::Financial => "is about somebody\u{2019}s money",
        Sensitivity::Special => "is of a special category",
        Sensitivity::Criminal => "is about offences",
    };
    let because = format!("{} {what}: nobody is picked out by it", kind.name);
    Err(ground(policy, Clause::Kind(kind.id), because))
}

/// The kinds the actor may see of anybody.
fn sight(policy: &Policy, actor: &Actor) -> KindSet {
    match actor {
        Actor::Staff { role, .. } => role::sees(policy, *role),
        Actor::System(_) => KindSet::all(),
        Actor::Subject => KindSet::none(),
    }
}

fn seen(policy: &Policy, actor: &Actor, kind: &str) -> Result<(), Refusal> {
    let sight = sight(policy, actor);
    if policy.kind_named(kind).is_some_and(|kind| sight.contains(kind.id)) {
        return Ok(());
    }
    let (clause, name) = match actor {
        Actor::Staff { role, .. } => {
            (Some(Clause::Role(*role)), policy.roles.get(role.index()).map_or("", |role| role.name.as_str()))
        }
        Actor::System(_) | Actor::Subject => (None, ""),
    };
    let because = format!("the role {name} may not see {kind}");
    Err(Refusal::by(
        policy,
        Question::Role,
        clause,
        because,
        "Leave it out, or ask somebody whose role may.".to_owned(),
    ))
}

fn ground(policy: &Policy, clause: Clause, because: String) -> Refusal {
    Refusal::by(
        policy,
        Question::Ground,
        Some(clause),
        because,
        "Leave it out, or change the policy.".to_owned(),
    )
}

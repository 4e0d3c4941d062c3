//! The first question: does the actor's role allow this, within its reach?

use std::collections::BTreeSet;

use policy::policy::Clause;
use policy::role::{Deed, Reach, Role, Sight};
use policy::{CategoryId, KindSet, Policy, RoleId};

use crate::act::{Act, Actor, Verb};
use crate::gate::Gate;
use crate::grant::Need;
use crate::id::StaffId;
use crate::life::Life;
use crate::refusal::{Question, Refusal, kind_names, listed};

/// What the program does by itself, and no more.
const SYSTEM: &[(&str, &[Verb])] = &[
    ("sweep", &[Verb::Dispose, Verb::Maintain]),
    ("undo", &[Verb::Dispose, Verb::Maintain]),
    ("index", &[Verb::Maintain]),
    ("backup", &[Verb::Maintain]),
    ("restore", &[Verb::Maintain, Verb::Dispose]),
    ("migration", &[Verb::Maintain]),
    ("prove", &[Verb::Maintain]),
    ("sender", &[Verb::Send, Verb::Part, Verb::Store, Verb::Maintain]),
    ("parting", &[Verb::Part, Verb::Maintain]),
    ("processor", &[Verb::Send, Verb::Export, Verb::Maintain]),
    ("intake", &[Verb::Store, Verb::Change, Verb::Maintain]),
    ("form", &[Verb::Store]),
];

/// The kind of the records of incidents.
const INCIDENTS: &str = "incident record";

/// Whether the actor may do such a thing at all, whoever it is about.
pub(super) fn may(policy: &Policy, actor: &Actor, act: &Act, lives: &[&Life]) -> Result<(), Refusal> {
    match actor {
        Actor::Staff { role, .. } => {
            let found = known(policy, *role)?;
            if act.verb == Verb::Decide && !decides(policy, actor) {
                return Err(not_in_role(policy, found, Deed::AnswerRequests));
            }
            if act.verb == Verb::TakeDown && !act.kinds.kinds().minus(by_anybody(policy)).is_empty() {
                return Err(plain(
                    "only what somebody asks of us or complains of, and what went wrong, is written down by anybody"
                        .to_owned(),
                    "Write it on their page.".to_owned(),
                ));
            }
            if act.verb == Verb::Investigate {
                may_investigate(policy, found, act.kinds.kinds())?;
            }
            match act.deed {
                Some(deed) if !found.deeds.contains(&deed) => Err(not_in_role(policy, found, deed)),
                _ => Ok(()),
            }
        }
        Actor::System(name) => {
            if SYSTEM.iter().any(|(job, verbs)| job == name && verbs.contains(&act.verb)) {
                Ok(())
            } else {
                Err(plain(
                    format!("the program's {name} does not do this"),
                    "This is a fault in the program: report it.".to_owned(),
                ))
            }
        }
        Actor::Subject => {
            let own = matches!(
                act.verb,
                Verb::Read | Verb::List | Verb::Answer | Verb::Store | Verb::Change | Verb::Export
            );
            if own && act.deed.is_none() && lives.len() <= 1 {
                Ok(())
            } else {
                Err(plain(
                    "a person may act on their own data only".to_owned(),
                    "Ask us to do it for you.".to_owned(),
                ))
            }
        }
    }
}

/// The records of what people ask of us under their rights, and of what went wrong.
fn by_anybody(policy: &Policy) -> KindSet {
    let names = ["request record", "complaint record", INCIDENTS];
    names.iter().filter_map(|name| policy.kind_named(name)).map(|kind| kind.id).collect()
}

/// Whether a role looks into incidents: the one that the policy names; where it names none, whoever sees to the policy.
#[must_use]
pub fn investigates(policy: &Policy, role: RoleId) -> bool {
    match &policy.incidents {
        Some(incidents) => incidents.by == role,
        None => policy.roles.get(role.index()).is_some_and(|role| role.deeds.contains(&Deed::ManagePolicy)),
    }
}

/// Refuses whoever does not look into incidents, and whatever is no record of one.
fn may_investigate(policy: &Policy, role: &Role, kinds: KindSet) -> Result<(), Refusal> {
    let records: KindSet = policy.kind_named(INCIDENTS).map(|kind| kind.id).into_iter().collect();
    if !kinds.minus(records).is_empty() {
        return Err(plain(
            "looking into an incident opens what is written of it, and nothing else".to_owned(),
            "Open their page.".to_owned(),
        ));
    }
    match &policy.incidents {
        _ if investigates(policy, role.id) => Ok(()),
        None => Err(not_in_role(policy, role, Deed::ManagePolicy)),
        Some(incidents) => {
            let by = policy.roles.get(incidents.by.index()).map_or("", |by| by.name.as_str());
            Err(Refusal::by(
                policy,
                Question::Role,
                Some(Clause::Incidents),
                format!("the role {} does not look into incidents", role.name),
                format!("Ask the {by}."),
            ))
        }
    }
}

/// Whether the actor is one who decides about what is restricted or past its review. To anybody else such people are not there: a
/// list or a search says nothing of them.
#[must_use]
pub fn decides(policy: &Policy, actor: &Actor) -> bool {
    let Actor::Staff { role, .. } = actor else { return false };
    let role = policy.roles.get(role.index());
    role.is_some_and(|role| {
        role.deeds.contains(&Deed::AnswerRequests) || role.deeds.contains(&Deed::ManagePolicy)
    })
}

/// Whether the actor is one who writes down what happens to people.
pub(super) fn records(policy: &Policy, actor: &Actor) -> bool {
    let Actor::Staff { role, .. } = actor else { return false };
    policy.roles.get(role.index()).is_some_and(|role| role.deeds.contains(&Deed::AddPeople))
}

/// The kinds asked for that the actor may see of this person.
pub(super) fn in_sight(policy: &Policy, actor: &Actor, act: &Act, life: &Life) -> Result<KindSet, Refusal> {
    let asked = act.kinds.kinds();
    let Actor::Staff { id, role } = actor else { return Ok(asked) };
    let found = known(policy, *role)?;
    // Whoever was given a task does it, and whoever takes a call writes it down; nothing is opened by that. Whoever looks into an
    // incident reads what is written of it, whoever was in it; whoever hands something over opens that, and was asked before who.
    if matches!(act.verb, Verb::Finish | Verb::HandOver | Verb::TakeDown | Verb::Investigate) {
        return Ok(asked);
    }
    let sight = sight(policy, found, *id, act.verb, life);
    // Letting go reaches what the actor may not read, if the person is within reach at all.
    if act.verb == Verb::Dispose && !sight.is_empty() {
        return Ok(asked);
    }
    let missing = asked.minus(sight);
    if missing.is_empty() {
        return Ok(asked);
    }
    let left = asked.and(sight);
    if act.kinds.narrows() && !left.is_empty() {
        return Ok(left);
    }
    Err(out_of_sight(policy, found, missing))
}

/// The kinds a member of staff in this role may see of a person when doing this.
fn sight(policy: &Policy, role: &Role, staff: StaffId, verb: Verb, life: &Life) -> KindSet {
    open_to(policy, role, staff, verb, life).fold(KindSet::none(), |kinds, sight| kinds.or(sight.kinds))
}

/// Whether the actor sees these kinds of everybody who is of these categories, whoever is assigned to them.
pub(super) fn sees_alike(policy: &Policy, actor: &Actor, kinds: KindSet, whom: &[CategoryId]) -> bool {
    match actor {
        Actor::Staff { role, .. } => sees_all_of(policy, *role, kinds, whom),
        Actor::System(_) => true,
        Actor::Subject => false,
    }
}

/// Whether a role sees these kinds of everybody who is of these categories, whoever is assigned to them.
#[must_use]
pub fn sees_all_of(policy: &Policy, role: RoleId, kinds: KindSet, whom: &[CategoryId]) -> bool {
    let of_all = |sight: &&Sight| {
        let all = !whom.is_empty() && whom.iter().all(|category| sight.categories.contains(category));
        let theirs = sight.categories.is_empty() || all;
        theirs && sight.reach == Reach::All && !sight.only_to_answer
    };
    let role = policy.roles.get(role.index());
    let sights = role.into_iter().flat_map(|role| &role.sights).filter(of_all);
    let seen = sights.fold(KindSet::none(), |seen, sight| seen.or(sight.kinds));
    kinds.minus(seen).is_empty()
}

/// Whether a role sees anybody who is of a category, beside what somebody asks of us.
#[must_use]
pub fn sees_any_of(policy: &Policy, role: RoleId, category: CategoryId) -> bool {
    let role = policy.roles.get(role.index());
    let mut sights = role.into_iter().flat_map(|role| &role.sights).filter(|sight| !sight.only_to_answer);
    sights.any(|sight| sight.categories.is_empty() || sight.categories.contains(&category))
}

/// The lines of the role that let a member of staff see this person when doing this.
fn open_to<'p>(
    policy: &'p Policy,
    role: &'p Role,
    staff: StaffId,
    verb: Verb,
    life: &Life,
) -> impl Iterator<Item = &'p Sight> {
    role.sights.iter().filter(move |sight| {
        let theirs = sight.categories.is_empty()
            || sight.categories.iter().any(|category| life.is_or_was(policy, *category));
        let near = sight.reach == Reach::All || life.assigned.iter().any(|(near, _)| *near == staff);
        theirs && near && (!sight.only_to_answer || verb == Verb::Answer)
    })
}

/// Why a member of staff may see these kinds of this person.
pub(super) fn needs(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    (granted, gate): (KindSet, &Gate),
) -> BTreeSet<Need> {
    let Actor::Staff { id, role } = actor else { return BTreeSet::new() };
    let Some(found) = policy.roles.get(role.index()) else { return BTreeSet::new() };
    if act.verb == Verb::Investigate {
        return [Need::Incident].into();
    }
    if act.verb == Verb::HandOver {
        return gate.owed.iter().map(|owed| Need::Task(owed.task)).collect();
    }
    let opened =
        open_to(policy, found, *id, act.verb, life).filter(|sight| !sight.kinds.and(granted).is_empty());
    let need = |sight: &Sight| match (sight.only_to_answer, sight.reach) {
        (true, _) => vec![Need::Request],
        (false, Reach::All) => vec![Need::Role],
        (false, Reach::Assigned) => {
            let theirs = life.assigned.iter().filter(|(near, _)| near == id);
            theirs.map(|(_, work)| Need::Work(*work)).collect()
        }
    };
    opened.flat_map(need).collect()
}

/// How far a role reaches at most, so that lists are scoped in their query; `None` sees nobody.
#[must_use]
pub fn reach(policy: &Policy, role: RoleId) -> Option<Reach> {
    let sights = &policy.roles.get(role.index())?.sights;
    sights.iter().filter(|sight| !sight.only_to_answer).map(|sight| sight.reach).min()
}

/// The kinds a role may ever read of somebody, for laying out a page.
#[must_use]
pub fn sees(policy: &Policy, role: RoleId) -> KindSet {
    let sights = policy.roles.get(role.index()).map(|role| role.sights.as_slice()).unwrap_or_default();
    sights
        .iter()
        .filter(|sight| !sight.only_to_answer)
        .fold(KindSet::none(), |kinds, sight| kinds.or(sight.kinds))
}

fn known(policy: &Policy, role: RoleId) -> Result<&Role, Refusal> {
    policy.roles.get(role.index()).ok_or_else(|| {
        plain(
            "your role is not in the policy in force".to_owned(),
            "Ask an administrator to give you a role.".to_owned(),
        )
    })
}

fn not_in_role(policy: &Policy, role: &Role, deed: Deed) -> Refusal {
    let words = Deed::ALL.iter().find(|(known, _)| *known == deed).map_or("do this", |(_, words)| words);
    let who: Vec<&str> = policy
        .roles
        .iter()
        .filter(|other| other.deeds.contains(&deed))
        .map(|other| other.name.as_str())
        .collect();
    let next = if who.is_empty() {
        "No role of the policy may.".to_owned()
    } else {
        format!("Ask the {}.", listed(&who))
    };
    Refusal::by(
        policy,
        Question::Role,
        Some(Clause::Role(role.id)),
        format!("the role {} may not {words}", role.name),
        next,
    )
}

fn out_of_sight(policy: &Policy, role: &Role, missing: KindSet) -> Refusal {
    let only_to_answer =
        role.sights.iter().any(|sight| sight.only_to_answer && missing.minus(sight.kinds).is_empty());
    let near = role
        .sights
        .iter()
        .any(|sight| sight.reach == Reach::Assigned && missing.minus(sight.kinds).is_empty());
    let kinds = kind_names(policy, missing);
    let (because, next) = if only_to_answer {
        (
            format!("the role {} may see {kinds} only to answer a request", role.name),
            "Open the person's request on the rights desk.".to_owned(),
        )
    } else if near {
        let next = "Ask to be assigned to this person's work.".to_owned();
        (format!("the role {} may see {kinds} only of people on work assigned to them", role.name), next)
    } else {
        let sees = |other: &&Role| {
            other.sights.iter().any(|sight| !sight.only_to_answer && missing.minus(sight.kinds).is_empty())
        };
        let who: Vec<&str> = policy.roles.iter().filter(sees).map(|other| other.name.as_str()).collect();
        let next = if who.is_empty() {
            "No role of the policy may.".to_owned()
        } else {
            format!("Ask the {}.", listed(&who))
        };
        (format!("the role {} may not see {kinds}", role.name), next)
    };
    Refusal::by(policy, Question::Role, Some(Clause::Role(role.id)), because, next)
}

fn plain(because: String, next_step: String) -> Refusal {
    Refusal {
        question: Question::Role,
        clause: None,
        promises: Vec::new(),
        because,
        next_step,
        clause_words: String::new(),
    }
}

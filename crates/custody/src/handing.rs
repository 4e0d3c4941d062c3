//! What is handed over by hand before ours goes: which details say where it goes, and what goes only after it. It asks nobody for
//! anything, and says of nothing that it was handed over.

use std::collections::{BTreeMap, BTreeSet};

use policy::{Disposal, KindSet, Policy, Rule, Sort};

use crate::coverage::{Outcome, Uncovered};

/// The details that say to whom and where something goes: what somebody is called, and where they are reached.
#[must_use]
pub fn addressed(policy: &Policy) -> KindSet {
    let says = |name: &str| name == "name" || policy::kind::reaches(name);
    let kinds = policy.kinds.iter().filter(|kind| kind.sort == Sort::Item && says(&kind.name));
    kinds.map(|kind| kind.id).collect()
}

/// What somebody was asked before to hand over of one person's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Before {
    /// Of what is still to be handed over, the clause by its key; empty where none is noted.
    pub open: Vec<String>,
    /// The documents that somebody is asked to hand over, and how.
    pub asked: BTreeMap<i64, Disposal>,
    /// The documents and entries, by table and row, that were handed over to everybody who gets them.
    pub done: BTreeSet<(&'static str, i64)>,
    /// The documents and entries, by table and row, that were handed over to the person themselves, whoever else still gets them.
    pub theirs: BTreeSet<(&'static str, i64)>,
}

impl Before {
    /// Whether a row that would be handed over was: an entry, which goes in the night after, or a copy of what stays.
    fn is_over(&self, one: &Uncovered) -> bool {
        let alone = one.table == "entry" || (one.copy && one.engagement.is_none());
        alone && by_hand(one).is_some() && self.done.contains(&(one.table, one.id))
    }

    /// How a row is still to be handed over on the person's own account, if it is.
    fn waits(&self, one: &Uncovered) -> Option<Disposal> {
        let had = !one.copy && self.theirs.contains(&(one.table, one.id));
        by_hand(one).filter(|_| one.theirs && !had)
    }
}

/// How a row is handed over, if it is.
fn by_hand(one: &Uncovered) -> Option<Disposal> {
    match one.outcome {
        Outcome::Task(way) if way.hands_over() => Some(way),
        Outcome::Task(_) | Outcome::Dispose(_) | Outcome::CutLink => None,
    }
}

/// Whether a clause hands over what it keeps, and to whoever it is about.
#[must_use]
pub fn goes_to_them(policy: &Policy, rule: &Rule) -> bool {
    rule.then.hands_over() && rule.handed_to(policy).is_none()
}

/// Where something is still to be handed over to whoever it is about, what says where it goes stays until that is done: it goes
/// after it, as what the same clause keeps does.
pub fn address_stays(policy: &Policy, leaving: &mut [Uncovered], before: &Before) {
    let to_them = |rule: &&Rule| goes_to_them(policy, rule);
    let now = leaving.iter().filter(|one| !before.is_over(one)).find_map(|one| {
        let way = before.waits(one)?;
        policy.rules.get(one.rule?.index()).filter(to_them).map(|_| way)
    });
    let asked =
        || before.open.iter().filter_map(|key| policy.rule_keyed(key)).find(to_them).map(|rule| rule.then);
    let Some(way) = now.or_else(asked) else { return };
    let reached = addressed(policy);
    for one in leaving.iter_mut().filter(|one| one.table == "item" && reached.contains(one.kind)) {
        if matches!(one.outcome, Outcome::Dispose(_)) {
            one.outcome = Outcome::Dispose(way);
        }
    }
}

/// What leaves in a night, as that night finds it: what somebody is asked to hand over waits, what was handed over goes, and what goes after something waits only where
/// anything is still to be handed over. [`Outcome::Dispose`] of a way that hands over says that it waits.
pub fn foreseen(policy: &Policy, leaving: &mut [Uncovered], before: &Before) {
    // Whatever else lets go of it.
    let documents = leaving.iter_mut().filter(|one| one.table == "document");
    for one in documents.filter(|one| matches!(one.outcome, Outcome::Dispose(_))) {
        one.outcome = before.asked.get(&one.id).map_or(one.outcome, |way| Outcome::Task(*way));
    }
    address_stays(policy, leaving, before);
    for one in leaving.iter_mut().filter(|one| before.is_over(one)) {
        one.outcome = if one.copy { Outcome::CutLink } else { Outcome::Dispose(Disposal::Erase) };
    }
    let mut now = leaving.iter().filter(|one| one.suspended.is_none());
    if !before.open.is_empty() || now.any(|one| before.waits(one).is_some()) {
        return;
    }
    for one in leaving.iter_mut() {
        if matches!(one.outcome, Outcome::Dispose(way) if way.hands_over()) {
            one.outcome = Outcome::Dispose(Disposal::Erase);
        }
    }
}

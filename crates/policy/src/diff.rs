//! Two versions of a policy, clause by clause, in words. What a change means for the people held is not known
//! here: that needs their data.

mod stated;

use std::collections::BTreeMap;

use crate::name::RuleId;
use crate::policy::{Policy, Successor};

pub use stated::Aspect;
use stated::{Stated, stated};

/// One thing that two versions say differently.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What it is about.
    pub aspect: Aspect,
    /// The activity it belongs to, by the name the newer version gives it.
    pub activity: Option<String>,
    /// What it is called: "Coaching sessions, how long".
    pub what: String,
    /// What the older version says; `None` where it says nothing.
    pub old: Option<String>,
    /// What the newer version says; `None` where it says nothing any more.
    pub new: Option<String>,
}

impl Change {
    /// The change as a sentence for everybody.
    #[must_use]
    pub fn sentence(&self) -> String {
        let full = |text: &str| text.trim_end_matches('.').to_owned();
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("{}: before: {}. Now: {}.", self.what, full(old), full(new)),
            (None, Some(new)) => format!("{}: new: {}.", self.what, full(new)),
            (Some(old), None) => format!("{}: no longer: {}.", self.what, full(old)),
            (None, None) => format!("{}.", self.what),
        }
    }

    /// Whether the people concerned must hear of it (UK GDPR Art 13(3), 14(4), 5(1)(a)).
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.aspect.is_told()
    }
}

/// What the newer version says differently, in its own order; nothing when both mean the same.
#[must_use]
pub fn diff(old: &Policy, new: &Policy) -> Vec<Change> {
    let before_new = as_before(old, new);
    let (before, after) = (stated(old), stated(&before_new));
    let later: BTreeMap<&str, &Stated> = after.iter().map(|one| (one.key.as_str(), one)).collect();
    let earlier: BTreeMap<&str, &Stated> = before.iter().map(|one| (one.key.as_str(), one)).collect();
    let mut order: BTreeMap<&str, usize> = BTreeMap::new();
    for one in after.iter().chain(&before) {
        let next = order.len();
        order.entry(one.group.as_str()).or_insert(next);
    }
    // An activity that only one version has is said once, as a whole.
    let alone = |one: &Stated, other: &Policy| {
        one.activity.as_ref().is_some_and(|name| other.activity_named(name).is_none())
    };
    let mut changes: Vec<(&Stated, Change)> = Vec::new();
    for one in &before {
        match later.get(one.key.as_str()) {
            Some(now) if one.head || now.text == one.text => {}
            Some(now) => changes.push((one, change(now, Some(&one.text), Some(&now.text)))),
            None if alone(one, &before_new) && !one.head => {}
            None => changes.push((one, change(one, Some(&one.text), None))),
        }
    }
    for one in after.iter().filter(|one| !earlier.contains_key(one.key.as_str())) {
        if one.head || !alone(one, old) {
            changes.push((one, change(one, None, Some(&one.text))));
        }
    }
    changes.sort_by_key(|(one, _)| order.get(one.group.as_str()).copied());
    let mut changes: Vec<Change> = changes.into_iter().map(|(_, change)| change).collect();
    for activity in changes.iter_mut().filter_map(|change| change.activity.as_mut()) {
        let now = before_new.activities.iter().find(|known| known.name == *activity);
        if let Some(now) = now.and_then(|known| new.activity(known.id)) {
            activity.clone_from(&now.name);
        }
    }
    changes
}

/// A version under the names that an older one had for its activities and rules, where `was` says that they go on: what
/// only the policy's own files call otherwise is no change to anybody.
fn as_before(old: &Policy, new: &Policy) -> Policy {
    let mut named = new.clone();
    let former = renamed(old, new);
    for rule in &mut named.rules {
        if let Some(was) = former.get(&rule.id) {
            rule.key.clone_from(was);
        }
    }
    for activity in &mut named.activities {
        let mut was =
            activity.rules.iter().filter_map(|id| former.get(id)).filter_map(|key| key.split('/').next());
        let Some(first) = was.next().filter(|first| was.all(|other| other == *first)) else { continue };
        let gone_on = old.activity_named(first).is_some() && new.activity_named(first).is_none();
        if gone_on && old.activity_named(&activity.name).is_none() {
            first.clone_into(&mut activity.name);
        }
    }
    named
}

fn change(one: &Stated, old: Option<&String>, new: Option<&String>) -> Change {
    Change {
        aspect: one.aspect,
        activity: one.activity.clone(),
        what: one.what.clone(),
        old: old.cloned(),
        new: new.cloned(),
    }
}

/// The key under which the older version knew a rule of the newer one: its own, or the one its `was` names.
#[must_use]
pub fn renamed(old: &Policy, new: &Policy) -> BTreeMap<RuleId, String> {
    new.rules
        .iter()
        .filter_map(|rule| {
            let was = rule.was.iter().find(|was| old.rule_keyed(was).is_some())?;
            old.rule_keyed(&rule.key).is_none().then(|| (rule.id, was.clone()))
        })
        .collect()
}

/// Keys of rules that the older version has and the newer one neither has, renames nor ends.
#[must_use]
pub fn vanished(old: &Policy, new: &Policy) -> Vec<String> {
    let keys = old.rules.iter().map(|rule| rule.key.clone());
    keys.filter(|key| matches!(new.successor(key), Successor::Gone)).collect()
}

/// Promises that appear, and promises that vanish.
#[must_use]
pub fn promises(old: &Policy, new: &Policy) -> (Vec<String>, Vec<String>) {
    let only = |a: &Policy, b: &Policy| {
        a.promises.keys().filter(|id| !b.promises.contains_key(*id)).cloned().collect::<Vec<_>>()
    };
    (only(new, old), only(old, new))
}

//! Parts on work, and what they make of people: whoever plays one is of its category for as long as that work stands.

use jiff::civil::Date;
use policy::{CategoryId, Policy};

use crate::life::{Life, OnWork};

/// Whether the part the person plays on the work makes them one of the category.
#[must_use]
pub fn plays(policy: &Policy, on: &OnWork, category: CategoryId) -> bool {
    let parts = policy.works.get(on.work.index()).map(|work| work.parts.as_slice()).unwrap_or_default();
    parts.iter().any(|part| part.name == on.part && part.category == category)
}

/// The first day on which a part no longer makes the person one of the category: they left it, the work ended with its
/// last milestone, or somebody recorded since they joined that they are no longer of that category. The first of these.
#[must_use]
pub fn ends(policy: &Policy, life: &Life, on: &OnWork, category: CategoryId) -> Option<Date> {
    let last = policy.works.get(on.work.index()).and_then(|work| work.milestones.last());
    let over = last.and_then(|last| on.milestone(last));
    let own = life.categories.iter().filter(|held| held.category == category);
    let said = own.filter_map(|held| held.until).filter(|until| *until >= on.since).min();
    [on.until, over, said].into_iter().flatten().min()
}

/// The work on which the person plays a part of this category; with `now`, a part they have not left.
pub(crate) fn of_category<'a>(
    policy: &'a Policy,
    life: &'a Life,
    category: CategoryId,
    today: Date,
    now: bool,
) -> impl Iterator<Item = &'a OnWork> {
    life.works.iter().filter(move |on| {
        plays(policy, on, category)
            && on.since <= today
            && (!now || on.until.is_none_or(|until| today < until))
    })
}

//! Two entries that are one person: put together by whoever may see and change both, taken apart again while everything of
//! both is still there, or said to be two. What either is not to be used for stays so: see [`store::merge`].

use custody::act::Asked;
use custody::id::PersonId;
use custody::{Gate, Life, Verb};
use policy::KindSet;
use policy::role::Deed;
use serde_json::json;
use store::merge::{self, By, MergeId, Merged};
use store::{Tx, alike, ground, item, person, staff};

use super::person::act;
use super::{Acting, actor_words};
use crate::fault::Fault;

/// Puts two entries together. `seen` are the versions the form saw, the older entry's first; without them whatever stands. A
/// version counts how often somebody was put together or taken apart, and nothing else that changed.
///
/// # Errors
/// [`Fault::NotFound`] if either is out of reach; [`Fault::Refused`] if either may not be changed by this role;
/// [`Fault::Changed`] if either was since; [`Fault::Invalid`] if both have an account of the staff.
pub fn together(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (one, other): (PersonId, PersonId),
    seen: Option<(i64, i64)>,
) -> Result<Merged, Fault> {
    for who in [one, other] {
        may_change(acting, tx, who)?;
    }
    if one == other {
        return Err(Fault::NotFound);
    }
    let (keep, lose) = (one.min(other), one.max(other));
    if let Some(seen) = seen
        && seen != (person::version(tx, keep)?, person::version(tx, lose)?)
    {
        return Err(Fault::Changed);
    }
    if staff::with_account(tx, keep)? && staff::with_account(tx, lose)? {
        return Err(Fault::field("are", "Each of the two has an account here. End one of them first."));
    }
    let merged = merge::put_together(tx, &acting.policy, (keep, lose), &by(acting))?;
    settle(acting, tx, &[keep])?;
    let body = json!({ "merge": merged.id.0, "was": lose.0 });
    acting.log(tx, "people.merged", &[keep, lose], &body)?;
    Ok(merged)
}

/// Takes two entries apart that were put together.
///
/// # Errors
/// [`Fault::Refused`] if the entry may not be changed by this role; [`Fault::NotFound`] if there is no such merge;
/// [`Fault::Invalid`] if it cannot be taken apart any more.
pub fn apart(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId, merge: MergeId) -> Result<Merged, Fault> {
    may_change(acting, tx, who)?;
    let merged = merge::of_person(tx, who)?.into_iter().find(|merged| merged.id == merge);
    let merged = merged.ok_or(Fault::NotFound)?;
    if !merge::may_take_apart(tx, &merged)? {
        return Err(Fault::field(
            "apart",
            "Something that was put together has been let go of since, or another entry was put to them after: these two cannot \
             be taken apart any more.",
        ));
    }
    merge::take_apart(tx, &acting.policy, &merged, &by(acting))?;
    settle(acting, tx, &[merged.kept, merged.was])?;
    acting.log(tx, "people.parted", &[merged.kept, merged.was], &json!({ "merge": merge.0 }))?;
    Ok(merged)
}

/// Writes down that two are two: they are not proposed again.
///
/// # Errors
/// As [`together`].
pub fn two(acting: &Acting<'_>, tx: &Tx<'_>, (one, other): (PersonId, PersonId)) -> Result<(), Fault> {
    for who in [one, other] {
        may_change(acting, tx, who)?;
    }
    if one == other {
        return Err(Fault::NotFound);
    }
    alike::apart(tx, one, other, acting.today, acting.staff_id(), acting.now)?;
    acting.log(tx, "people.two", &[one, other], &json!({}))
}

/// Asks whether whoever acts may find somebody and change every detail of them: only then may what is theirs become another's.
/// Of whoever has no detail the decision has nothing to refuse.
fn may_change(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId) -> Result<Life, Fault> {
    let life = acting.life(tx, who)?;
    if person::within(tx, &acting.reach(), vec![who])?.is_empty() {
        return Err(Fault::NotFound);
    }
    let kinds: KindSet = item::of_person(tx, &acting.policy, who)?.iter().map(|item| item.kind).collect();
    acting.decide(
        &act(Verb::Change, Some(Deed::AddPeople), Asked::Exactly(kinds)),
        &[&life],
        &Gate::default(),
    )?;
    Ok(life)
}

fn by(acting: &Acting<'_>) -> By {
    By { staff: acting.staff_id(), today: acting.today, now: acting.now }
}

/// Settles them, so that what they objected to is remembered at every address they have now, and whoever is on work with them
/// and has periods that count from a birthday.
fn settle(acting: &Acting<'_>, tx: &Tx<'_>, people: &[PersonId]) -> Result<(), Fault> {
    let actor = actor_words(&acting.actor);
    for who in people {
        acting.settle(tx, *who)?;
        let beside = ground::moved_by_birth(tx, &acting.policy, *who)?;
        ground::settle_many(tx, &acting.policy, &beside, acting.today, &actor, acting.now)?;
    }
    Ok(())
}

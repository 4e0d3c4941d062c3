//! Reviews: somebody looks whether what is held is still needed. Passing one without a decision restricts
//! the data from the next day.

use custody::act::Asked;
use custody::id::{GroundId, PersonId};
use custody::{Gate, Life, Verb};
use policy::Sort;
use policy::role::Deed;
use serde_json::json;
use store::{Tx, ground, review};

use super::Acting;
use crate::fault::Fault;

/// Records that what a ground covers is still needed, and why; its next review is counted from today.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::Invalid`] without a reason; [`Fault::NotFound`] if the ground has ended
/// or is somebody else's.
pub fn still_needed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    which: GroundId,
    why: &str,
) -> Result<(), Fault> {
    may(acting, &acting.life(tx, person)?)?;
    let by = acting.staff_id().ok_or(Fault::NotFound)?;
    let why = why.trim();
    if why.is_empty() || why.len() > 500 {
        return Err(Fault::field("why", "Write why it is still needed, in a sentence."));
    }
    if review::record(tx, which, acting.today, why, by)? != person {
        return Err(Fault::NotFound);
    }
    acting.settle(tx, person)?;
    acting.log(tx, "ground.reviewed", &[person], &json!({ "ground": which.0 }))
}

/// Records that what a ground covers is needed no more: its use ends now, and what nothing else keeps goes in the night.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::NotFound`] if the ground has ended, is somebody else's, or has no review.
pub fn let_go(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId, which: GroundId) -> Result<(), Fault> {
    may(acting, &acting.life(tx, person)?)?;
    let when = (acting.today, acting.now);
    ground::let_go(tx, person, which, when, &super::actor_words(&acting.actor))?;
    acting.settle(tx, person)?;
    acting.log(tx, "ground.let go", &[person], &json!({ "ground": which.0 }))
}

/// Asks whether whoever acts may review what is held of a person: not while it may only be stored, and nobody out of reach.
pub(super) fn may(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    let items =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
    let act = super::person::act(Verb::Review, Some(Deed::ManagePolicy), Asked::WhatMayBeSeen(items));
    acting.decide(&act, &[life], &Gate::default()).map(drop)
}

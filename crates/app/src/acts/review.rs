//! Reviews: somebody looks whether what is held is still needed. Passing one without a decision restricts
//! the data from the next day.

use custody::id::{GroundId, PersonId};
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::{Tx, review};

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
    acting.must(Deed::ManagePolicy)?;
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

/// Records that somebody is no longer what they are held as, from a day on. What that ends, the policy says.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::Invalid`] if they are not that, or the day has not come.
pub fn no_longer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    category: &str,
    on: Date,
) -> Result<(), Fault> {
    acting.must(Deed::ManagePolicy)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let life = acting.life(tx, person)?;
    let held = acting.policy.category_named(category).filter(|held| life.has(held.id, acting.today));
    let Some(held) = held else {
        return Err(Fault::field("category", format!("They are no {category} today.")));
    };
    store::person::end_category(tx, person, &held.name, on)?;
    acting.settle(tx, person)?;
    acting.log(tx, "category.ended", &[person], &json!({ "category": held.name, "on": on.to_string() }))
}

//! Reviews: somebody looks whether what is held is still needed. Passing one without a decision restricts
//! the data from the next day.

use custody::id::{GroundId, PersonId};
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::{Tx, ground};

use super::Acting;
use crate::fault::Fault;

/// Records that what a ground covers is still needed; its next review is counted from today.
///
/// # Errors
/// [`Fault::Refused`] unless the role may; [`Fault::NotFound`] if the ground has ended or is somebody else's.
pub fn still_needed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    which: GroundId,
) -> Result<(), Fault> {
    acting.must(Deed::ManagePolicy)?;
    if ground::review(tx, which, acting.today)? != person {
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

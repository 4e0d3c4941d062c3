//! Reviews: somebody looks whether what is held is still needed. Passing one without a decision restricts
//! the data from the next day.

use custody::id::{GroundId, PersonId};
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

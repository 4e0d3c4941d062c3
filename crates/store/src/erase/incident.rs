//! What records of incidents say of somebody who is erased: that their data was part of one stays for as long as the law has us keep
//! that, and who they are goes from its words. It ends no record, and decides nothing.

use std::iter::once;

use custody::id::PersonId;
use policy::Policy;

use super::REMOVED;
use crate::mention::later::{self, Erasure};
use crate::mention::own::Own;
use crate::mention::{prose, texts};
use crate::{Keys, Result, Tx, life, params};

/// Who found it, where the first name of somebody else may stand before a surname of their own.
const FINDER: &str = "found_by";

/// Masks them in what is written of each incident that their data was part of, and of what was done about it. One that was also about
/// somebody of whom all has to stay as it is waits for that.
pub(super) fn mask(
    tx: &Tx<'_>,
    policy: &Policy,
    keys: &Keys,
    (person, own): (PersonId, &Own),
    erasure: &Erasure<'_>,
) -> Result<()> {
    let theirs = "SELECT incident_id FROM incident_person WHERE person_id = ?1 ORDER BY incident_id";
    // Also where only a part of their name stands: that it was their data somebody has said.
    let places = |column: &str, text: &str| match column {
        FINDER => own.places(text),
        _ => own.places_perhaps(text),
    };
    for incident in tx.all(theirs, params![person], |row| row.int(0))? {
        let about = prose::whom(tx, "incident", incident)?;
        let about = life::load_many(tx, policy, &about, erasure.today)?;
        let held = about.iter().find(|life| later::stays(life));
        let steps = "SELECT id FROM incident_step WHERE incident_id = ?1 ORDER BY id";
        let steps = tx.all(steps, params![incident], |row| row.int(0))?;
        let steps = steps.into_iter().map(|step| ("incident_step", step));
        for which in once(("incident", incident)).chain(steps) {
            match held {
                Some(held) => {
                    later::put_off(tx, policy, keys, own, which, held, erasure)?;
                }
                None => texts::mask_at(tx, which, places, REMOVED)?,
            }
        }
    }
    Ok(())
}

//! "Did you delete me?": an address, a number or a name is hashed and looked for among the certificates. The answer is
//! yes or no with the day, for the person who asks and for nobody else.

use policy::role::Deed;
use serde_json::json;
use store::Tx;
use store::certificate::{self, LetGo};

use super::Acting;
use crate::fault::Fault;

/// The longest thing somebody can be asked for by, in bytes.
const SAID_BYTES_MAX: usize = 300;

/// When somebody of this address, number or name was let go, the latest time first. What was typed is kept nowhere.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests; [`Fault::Invalid`] if nothing was typed.
pub fn asked(acting: &Acting<'_>, tx: &Tx<'_>, said: &str) -> Result<Vec<LetGo>, Fault> {
    acting.must(Deed::AnswerRequests)?;
    let said = said.trim();
    if said.is_empty() || said.len() > SAID_BYTES_MAX {
        return Err(Fault::field("said", "Type an e-mail address, a number or a whole name."));
    }
    let found = certificate::asked(tx, acting.instance.store.keys(), said)?;
    acting.log(tx, "gone.asked", &[], &json!({ "found": found.len() }))?;
    Ok(found)
}

/// The answer in a sentence.
#[must_use]
pub fn answer(found: &[LetGo]) -> String {
    let words = crate::web::frame::words;
    match found {
        [] => "No: nobody of this address, number or name was let go, as far as the certificates go back."
            .to_owned(),
        [last, ..] if last.erased => format!("Yes: erased on request on {}.", words(last.on)),
        [last, ..] => format!("Yes: let go on {}, when its time had come.", words(last.on)),
    }
}

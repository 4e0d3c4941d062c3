//! A letter that was to leave by e-mail and did not: nothing that it says has reached anybody, so somebody tells them otherwise
//! today. Nothing here sends it again.

use policy::role::Deed;
use serde_json::json;
use store::letter::{self, About};
use store::message::Message;
use store::task::{self, Kind, NewTask};
use store::{Tx, complaint, incident, request};

use super::Sort;
use crate::acts::{self, Acting};
use crate::fault::Fault;

/// The step that says that a letter did not leave.
const STEP: &str = "letter did not leave";

/// Makes the task, and takes back that they know. Whether the message was a letter of the desk.
///
/// # Errors
/// Whatever the store says.
pub fn stopped(acting: &Acting<'_>, tx: &Tx<'_>, held: &Message) -> Result<bool, Fault> {
    let Some(found) = letter::of_message(tx, &acting.policy, held.id)? else { return Ok(false) };
    let owner = match found.about {
        About::Request(id) => request::one(tx, &acting.policy, id).map(|asked| asked.owner),
        About::Complaint(id) => complaint::one(tx, &acting.policy, id).map(|made| made.owner),
        About::Incident(id, _) => incident::one(tx, &acting.policy, id).map(|found| found.owner),
    };
    let owner = match owner {
        // What it was about has gone since: nobody is to be told otherwise.
        Err(store::Error::Missing) => return Ok(true),
        owner => owner?,
    };
    let owner = match owner {
        Some(owner) => Some(owner),
        None => acts::task::whoever(acting, tx, Deed::AnswerRequests, &[])?,
    };
    let words = Sort::named(&found.sort).map_or("", Sort::button);
    let what = format!(
        "Tell them otherwise: the mail server did not take our letter \u{201c}{words}\u{201d}, so nothing that it says has reached them"
    );
    let key = letter::otherwise(found.id);
    let request = match found.about {
        About::Request(id) => {
            request::step(tx, id, acting.today, STEP, None, None, acting.now)?;
            Some(id)
        }
        About::Complaint(id) => {
            complaint::step(tx, id, acting.today, STEP, None, None, acting.now)?;
            if let Some(on) = found.sent_on.filter(|_| found.sort == Sort::Acknowledgement.name()) {
                complaint::unheard(tx, id, on)?;
            }
            None
        }
        About::Incident(id, person) => {
            let done = incident::Done { at: acting.now, note: None, by: None, now: acting.now };
            incident::unheard(tx, id, person, done)?;
            None
        }
    };
    let new = NewTask {
        person: Some(found.person),
        request,
        owner,
        due_on: Some(acting.today),
        rule: Some(&key),
        ..NewTask::new(Kind::Other, &what)
    };
    task::add(tx, &new, acting.now)?;
    acting.log(
        tx,
        "letter.stopped",
        &[found.person],
        &json!({ "letter": found.id.0, "sort": found.sort }),
    )?;
    Ok(true)
}

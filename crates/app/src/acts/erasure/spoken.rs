//! Texts of others that speak of whoever is erased: they stay, since they are about somebody else, and the name, addresses
//! and numbers in them are taken out where whoever grants the erasure says so. What is left alone is said.

use std::time::{Duration, Instant};

use custody::id::{MessageId, PersonId};
use policy::role::Deed;
use store::mention::own::Own;
use store::mention::prose;
use store::mention::texts::{self, Texts};
use store::request::Stayed;
use store::task::{self, Kind, NewTask};
use store::{Tx, message, person};

use crate::acts::Acting;
use crate::acts::request::answering;
use crate::fault::Fault;
use crate::jobs::outbox;

/// How long it looks before it says that it did not come to the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands in a text instead.
pub const INSTEAD: &str = "[somebody who asked to be erased]";

/// Which texts of others are masked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Masking<'a> {
    /// The texts, by table and row.
    pub these: &'a [(&'a str, i64)],
    /// How many were found, those that are left alone too.
    pub of: usize,
}

/// Looks for texts of others that speak of somebody, and changes nothing.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub fn spoken(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Texts, Fault> {
    answering(acting, &[&acting.life(tx, person)?])?;
    let began = Instant::now();
    Ok(texts::texts(tx, person, &|| began.elapsed() < PATIENCE)?)
}

/// Masks the texts that were chosen, but those of whoever is on hold or restricted: what is held is held as it is. How many
/// were masked.
pub(super) fn mask(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    own: &Own,
    masking: Masking<'_>,
) -> Result<usize, Fault> {
    let mut masked = 0;
    for (table, id) in masking.these {
        let whose = prose::whose(tx, table, *id)?;
        let life = whose.map(|whose| acting.life(tx, whose)).transpose()?;
        if life.is_some_and(|life| life.hold.is_some() || life.restriction.is_some())
            || !texts::mask(tx, own, (table, *id), INSTEAD)?
        {
            continue;
        }
        masked += 1;
        if *table == "message" {
            waited(acting, tx, MessageId(*id))?;
        }
        if let Some(whose) = whose.filter(|_| *table == "item") {
            person::refind(tx, &acting.policy, whose)?;
        }
    }
    Ok(masked)
}

/// A message that waits to leave and names them no more does not leave like this: somebody looks at what it says now.
fn waited(acting: &Acting<'_>, tx: &Tx<'_>, message: MessageId) -> Result<(), Fault> {
    let held = message::one(tx, &acting.policy, message)?;
    if held.state != "queued" {
        return Ok(());
    }
    outbox::withdraw(acting, tx, message, "it named somebody who was erased since")?;
    let mailing = held.mailing.map(|mailing| store::mailing::one(tx, mailing)).transpose()?;
    let what = match &mailing {
        Some(mailing) => format!(
            "Write messages of the mailing \u{201c}{}\u{201d} again: they waited to leave, named somebody who was erased, and were not sent like this",
            mailing.draft.title
        ),
        None => "Write them again what we had written: it waited to leave, named somebody who was erased, and was not sent like this".to_owned(),
    };
    if mailing.is_some() && task::open_of_words(tx, &what)?.is_some() {
        return Ok(());
    }
    let owner = crate::acts::task::whoever(acting, tx, Deed::Send, &[])?;
    let person = held.person.filter(|_| mailing.is_none());
    let new = NewTask { person, owner, due_on: Some(acting.today), ..NewTask::new(Kind::Other, &what) };
    task::add(tx, &new, acting.now)?;
    Ok(())
}

/// That texts were left as they are, as it is written down with the request.
pub(super) fn left(masked: usize, masking: Masking<'_>) -> Option<Stayed> {
    let left = masking.of.saturating_sub(masked);
    (left > 0).then(|| Stayed {
        activity: "Texts about others that speak of them".to_owned(),
        kinds: String::new(),
        count: left as u64,
        why: "They are about somebody else, and were left as they are by whoever granted this, or for a hold or a restriction".to_owned(),
        clause: None,
        until: None,
        awaiting: None,
    })
}

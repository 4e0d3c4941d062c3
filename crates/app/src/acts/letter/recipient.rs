//! To whoever got somebody's details from us (UK GDPR Art 19): the letter says what its task says, and of what was corrected what is
//! right now, where they may still have it. Nothing here leaves.

use custody::id::{RequestId, TaskId};
use store::task::{self, Kind, Task};
use store::{Tx, disclosure, item};

use super::Matter;
use super::words::Told;
use crate::acts::Acting;
use crate::acts::disclosure::{CORRECTED, Passing, decided};
use crate::fault::Fault;
use crate::print::copy;

/// Whom a task has somebody tell something, and what: `the coach`, `the phone we passed on is corrected`.
#[must_use]
pub fn addressed(task: &Task) -> Option<(&str, &str)> {
    let told = task.what.strip_prefix("Tell ").and_then(|rest| rest.split_once(" that "));
    told.filter(|_| task.kind == Kind::TellRecipient)
}

/// What the open task of a request has somebody tell a recipient.
pub(super) fn told(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    matter: &Matter,
    request: RequestId,
    which: Option<TaskId>,
) -> Result<Told, Fault> {
    let tasks = task::of_request(tx, request)?;
    let found = tasks.iter().find(|task| Some(task.id) == which && task.done_on.is_none());
    let (recipient, what) = addressed(found.ok_or(Fault::Changed)?).ok_or(Fault::NotFound)?;
    Ok(Told {
        right: right(acting, tx, matter, recipient, what)?,
        recipient: recipient.to_owned(),
        what: what.to_owned(),
    })
}

/// What is right now of a detail that was corrected: for a recipient whose leave to use it stands, and who may be passed it today.
fn right(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    matter: &Matter,
    recipient: &str,
    what: &str,
) -> Result<Vec<String>, Fault> {
    let kind = what.strip_prefix("the ").and_then(|rest| rest.strip_suffix(CORRECTED));
    let Some(kind) = kind.and_then(|kind| acting.policy.kind_named(kind)) else { return Ok(Vec::new()) };
    let had = disclosure::standing(tx, matter.person)?;
    let had = had.iter().any(|one| one.recipient == recipient && one.kinds.contains(&kind.name));
    let passing = Passing {
        to: recipient.to_owned(),
        to_person: None,
        kinds: [kind.id].into_iter().collect(),
        activity: None,
    };
    if !had || decided(acting, &matter.life, &passing).is_err() {
        return Ok(Vec::new());
    }
    let items = item::of_person(tx, &acting.policy, matter.person)?;
    let theirs = items.iter().filter(|item| item.kind == kind.id);
    Ok(theirs.filter_map(|item| copy::text(&item.value, &matter.grant).ok()).collect())
}

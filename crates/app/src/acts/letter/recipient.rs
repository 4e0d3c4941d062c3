//! To whoever got somebody's details from us (UK GDPR Art 19): the letter says what its task says, and of what was corrected what is
//! right now, where they may still have it. Of somebody who is erased the tasks keep the name and nothing else, until they are done, and
//! for thirty days at most. Nothing here leaves.

use custody::id::{RequestId, TaskId};
use custody::{Gate, Grant, Life};
use jiff::ToSpan;
use serde_json::json;
use store::disclosure::Telling;
use store::task::{self, Kind, Task};
use store::{Tx, disclosure, item, person, request};

use super::words::{self, Told};
use super::{Facts, Matter, Sort};
use crate::acts::Acting;
use crate::acts::disclosure::{Passing, decided};
use crate::acts::request::{answering, name_of};
use crate::acts::undone::Undone;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print::copy;

/// Whom a task has somebody tell something, and what: `the coach`, `the phone we passed on is corrected`.
#[must_use]
pub fn addressed(task: &Task) -> Option<(&str, String)> {
    let (recipient, telling) = task.recipient.as_deref().zip(task.told)?;
    let words = || telling.words(task.detail.as_deref().unwrap_or_default());
    (task.kind == Kind::TellRecipient).then(|| (recipient, words()))
}

/// What the open task of a request has somebody tell a recipient. Of whom it is erased that task alone still says, and has the letter.
pub(super) fn told(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    matter: &Matter,
    request: RequestId,
    which: Option<TaskId>,
) -> Result<Told, Fault> {
    if matter.facts.kind == Some(request::Kind::Erasure) {
        return Err(Fault::field(
            "sort",
            "The letter to whoever had it from us stands with its task: open it there.",
        ));
    }
    let tasks = task::of_request(tx, request)?;
    let found = tasks.iter().find(|task| Some(task.id) == which && task.done_on.is_none());
    let task = found.ok_or(Fault::Changed)?;
    let ((recipient, what), telling) = addressed(task).zip(task.told).ok_or(Fault::NotFound)?;
    let right = right(acting, tx, (&matter.life, &matter.grant), task)?;
    Ok(Told { right, recipient: recipient.to_owned(), telling, what })
}

/// What is right now of a detail that was corrected: for a recipient whose leave to use it stands, and who may be passed it today.
fn right(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (life, grant): (&Life, &Grant),
    task: &Task,
) -> Result<Vec<String>, Fault> {
    let kind = task.detail.as_deref().filter(|_| task.told == Some(Telling::Corrected));
    let kind = kind.and_then(|kind| acting.policy.kind_named(kind));
    let (Some(kind), Some(recipient)) = (kind, task.recipient.as_deref()) else { return Ok(Vec::new()) };
    let had = disclosure::standing(tx, life.person)?;
    let had = had.iter().any(|one| one.recipient == recipient && one.kinds.contains(&kind.name));
    let passing = Passing {
        to: recipient.to_owned(),
        to_person: None,
        kinds: [kind.id].into_iter().collect(),
        activity: None,
    };
    if !had || decided(acting, life, &passing, &Gate::default()).is_err() {
        return Ok(Vec::new());
    }
    let items = item::of_person(tx, &acting.policy, life.person)?;
    let theirs = items.iter().filter(|item| item.kind == kind.id);
    Ok(theirs.filter_map(|item| copy::text(&item.value, grant).ok()).collect())
}

/// What somebody who is about to be erased is called: nobody can be told of them otherwise.
///
/// # Errors
/// Whatever the store says.
pub fn called(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Option<String>, Fault> {
    let grant = match answering(acting, &[life]) {
        Ok(grant) => grant,
        // Whoever erases and may not read the name tells of nobody by it.
        Err(Fault::Refused(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    name_of(acting, tx, life.person, &grant)
}

/// The letter that stands with its task: to whoever had the details of somebody who is erased, while the task names them, and of
/// somebody who is held where no request has it. Its subject and its text. The task may outlive the record of the request: then the
/// letter has the task's own reference.
///
/// # Errors
/// Whatever the store says.
pub fn of_task(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> Result<Option<(String, String)>, Fault> {
    let Some(((recipient, what), telling)) = addressed(task).zip(task.told) else { return Ok(None) };
    let held = task.person.filter(|_| task.request.is_none() && task.done_on.is_none());
    let (name, right) = match (&task.about, held) {
        (Some(name), _) => (name.clone(), Vec::new()),
        (None, Some(whose)) if person::exists(tx, whose)? => {
            let life = acting.life(tx, whose)?;
            let Some(name) = called(acting, tx, &life)? else { return Ok(None) };
            let grant = answering(acting, &[&life])?;
            (name, right(acting, tx, (&life, &grant), task)?)
        }
        (None, _) => return Ok(None),
    };
    let asked = task.request.map(|asked| request::one(tx, &acting.policy, asked)).transpose()?;
    let (number, kind, received) = match asked {
        Some(asked) => (asked.id.0, asked.kind, asked.received_on),
        None => (task.id.0, request::Kind::Erasure, acting.today),
    };
    let facts = Facts {
        kind: Some(kind),
        told: Some(Told { recipient: recipient.to_owned(), telling, what, right }),
        ..Facts::new(acting, Some(name), number, received)
    };
    Ok(Some(words::write(&acting.policy, Sort::Recipient, &facts, None, false)))
}

/// Takes the name out of the tasks that have waited for too long to be told. How many.
///
/// # Errors
/// Whatever the store says.
pub fn forget_names(instance: &Instance, undone: &mut Undone) -> Result<usize, Fault> {
    let acting = Acting::system(instance, "confirmation");
    let before = instance.clock.today().saturating_sub(acting.policy.requests.confirming_days.days());
    instance.store.write(|tx| {
        let mut forgotten = 0;
        for (task, made) in task::naming(tx, &acting.policy)? {
            match made {
                Ok(made) if made < before => {
                    task::unname(tx, task)?;
                    acting.log(tx, "task.name forgotten", &[], &json!({ "task": task.0 }))?;
                    forgotten += 1;
                }
                Ok(_) => {}
                // It stays, and stops no other.
                Err(error) => undone.one("when a name was noted cannot be read: task", task.0, &error.into()),
            }
        }
        Ok(forgotten)
    })
}

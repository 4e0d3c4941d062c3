//! Tasks: what the program cannot do itself. Paper destroyed, an original given back, a recipient told. Confirming
//! one does what waited for it.

use custody::act::Asked;
use custody::id::{StaffId, TaskId};
use custody::{Gate, Verb};
use jiff::civil::Date;
use policy::role::Deed;
use serde_json::json;
use store::disclosure::UNTOLD;
use store::mention::own;
use store::task::{self, Task};
use store::{Tx, request, sweep};

use super::request::Done;
use super::{Acting, erasure, staff};
use crate::fault::Fault;

/// A task, for whoever may see to it: its owner, or a role that answers requests or runs work.
///
/// # Errors
/// [`Fault::NotFound`] if there is none, or it is somebody else's.
pub fn mine(acting: &Acting<'_>, tx: &Tx<'_>, task: TaskId) -> Result<Task, Fault> {
    let found = task::one(tx, task)?;
    if is_mine(acting, &found) { Ok(found) } else { Err(Fault::NotFound) }
}

/// Whether whoever acts may see to a task: its owner, or a role that answers requests or runs work.
#[must_use]
pub fn is_mine(acting: &Acting<'_>, task: &Task) -> bool {
    let own = task.owner.is_some() && task.owner == acting.staff_id();
    own || acting.may(Deed::AnswerRequests) || (task.request.is_none() && acting.may(Deed::RunWork))
}

/// Whether somebody may read what a task is about: whoever does it, and whoever answers for what people ask.
#[must_use]
pub fn may_know(acting: &Acting<'_>, task: &Task) -> bool {
    acting.may(Deed::AnswerRequests) || (task.owner.is_some() && task.owner == acting.staff_id())
}

/// Whether somebody may say whose a task is: one that opens what is handed over is given by whoever has it or answers requests.
#[must_use]
pub fn may_give(acting: &Acting<'_>, task: &Task) -> bool {
    !matches!(task.kind, task::Kind::Return | task::Kind::Deliver) || may_know(acting, task)
}

/// Confirms that it is done, and does what waited for it: the row goes, and an erasure that waited only for this
/// is answered and closed.
///
/// # Errors
/// [`Fault::Changed`] if it is done already; [`Fault::Invalid`] for a day to come, or an answer that says who was erased.
pub fn confirm(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    task: TaskId,
    (on, how): (Date, &str),
) -> Result<Done, Fault> {
    let found = mine(acting, tx, task)?;
    if found.done_on.is_some() {
        return Err(Fault::Changed);
    }
    may_finish(acting, tx, &found)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    if found.mask.is_some() {
        let words = "What it is about has to stay as it is for now. It is masked by itself the night after that has ended.";
        return Err(Fault::field("outcome", words));
    }
    let how = Some(how.trim()).filter(|how| !how.is_empty());
    if found.kind == task::Kind::Mask && how.is_none() {
        return Err(Fault::field("note", "Say that they are masked, or why they are kept."));
    }
    if how.is_some_and(|how| how.len() > 500) {
        return Err(Fault::field("note", "A few words are enough."));
    }
    // What they answered outlives the name that the task has.
    if let (task::Kind::TellRecipient, Some(name), Some(how)) = (found.kind, found.about.as_deref(), how) {
        let whom = own::called(name);
        erasure::nameless(&whom, ("note", "What they answered"), how)?;
        // Their address and number are known no more: any may be theirs.
        if let Some(said) = whom.could_be_said_in(how) {
            let said: String = said.chars().take(60).collect();
            let words = format!(
                "What they answered outlives whoever was erased, and \u{201c}{said}\u{201d} may say who that was: leave out initials, addresses \
                 and numbers."
            );
            return Err(Fault::field("note", words));
        }
    }
    let beside = sweep::in_document(tx, task)?;
    let elsewhere = match found.document {
        Some(document) => store::document::lies_elsewhere(tx, document)?,
        None => false,
    };
    let (found, mut bytes) =
        sweep::confirm(tx, &acting.policy, task, on, acting.staff_id(), how, acting.now)?;
    store::sender::given_by_hand(tx, task, on)?;
    acting.settle_if_held(tx, found.person)?;
    for who in beside.into_iter().filter(|who| Some(*who) != found.person) {
        acting.settle_if_held(tx, Some(who))?;
    }
    let mut done = Done::default();
    if let Some(request) = found.request {
        if request::one(tx, &acting.policy, request)?.closed_on.is_none() {
            let untold = found.outcome.as_deref().is_some_and(|outcome| outcome.starts_with(UNTOLD));
            let step = match found.kind {
                task::Kind::TellRecipient if untold => "recipient could no longer be told",
                task::Kind::DestroyPaper if elsewhere => "copy elsewhere deleted",
                task::Kind::DestroyPaper => "paper destroyed",
                task::Kind::Return => "given back",
                task::Kind::Deliver => "delivered",
                task::Kind::TellRecipient => "recipient told",
                task::Kind::Mask => "text looked through",
                task::Kind::Left
                | task::Kind::CameBack
                | task::Kind::Asks
                | task::Kind::Answer
                | task::Kind::Other => "done by hand",
            };
            request::step(tx, request, on, step, None, acting.staff_id(), acting.now)?;
        }
        done = erasure::finish(acting, tx, request)?;
    }
    // An erasure may wait for what was to be handed over before anybody asked for it.
    if let (task::Kind::Return | task::Kind::Deliver, Some(person)) = (found.kind, found.person) {
        for open in request::of_person(tx, &acting.policy, person)? {
            let other = Some(open.id) != found.request;
            if other && open.kind == request::Kind::Erasure && open.closed_on.is_none() {
                let mut more = erasure::finish(acting, tx, open.id)?;
                bytes.files.append(&mut more.bytes.files);
            }
        }
    }
    bytes.files.append(&mut done.bytes.files);
    Ok(Done { bytes, closed: done.closed })
}

/// Whether nobody can tell a recipient any more what a task has somebody tell: nothing says by now of whom.
///
/// # Errors
/// Whatever the store says.
pub fn too_late(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> Result<bool, Fault> {
    let open = task.kind == task::Kind::TellRecipient && task.done_on.is_none();
    match task.person {
        _ if !open || task.about.is_some() => Ok(false),
        Some(person) => Ok(store::person::names(tx, &acting.policy, &[person])?.is_empty()),
        None => Ok(true),
    }
}

/// Closes a task of telling a recipient that nobody can do any more, with the reason: the proof says of it that they could no longer be
/// told, and not that they were.
///
/// # Errors
/// [`Fault::Changed`] if it is done, or they can still be told; [`Fault::Invalid`] without the reason, or for a day to come.
pub fn untold(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    task: TaskId,
    (on, why): (Date, &str),
) -> Result<Done, Fault> {
    let found = mine(acting, tx, task)?;
    if !too_late(acting, tx, &found)? {
        return Err(Fault::Changed);
    }
    let why = why.trim();
    if why.is_empty() {
        return Err(Fault::field("note", "Write why they could not be told while it stood here of whom."));
    }
    confirm(acting, tx, task, (on, &format!("{UNTOLD}{why}")))
}

/// Asks whether what a task lets go of may go: not while it may only be stored, nor while a hold stands.
fn may_finish(acting: &Acting<'_>, tx: &Tx<'_>, task: &Task) -> Result<(), Fault> {
    let lets_go = matches!(task.kind, task::Kind::Return | task::Kind::Deliver | task::Kind::DestroyPaper);
    let Some(person) = task.person.filter(|_| lets_go) else { return Ok(()) };
    if !store::person::exists(tx, person)? {
        return Ok(());
    }
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let act = super::person::act(Verb::Finish, None, Asked::Exactly(kinds));
    acting.decide(&act, &[&acting.life(tx, person)?], &Gate::default()).map(drop)
}

/// Gives a task to a member of staff, or to nobody.
///
/// # Errors
/// [`Fault::NotFound`] if it is done, or somebody else's; [`Fault::Refused`] for one that hands something over, to whoever neither
/// has it nor answers requests.
pub fn assign(acting: &Acting<'_>, tx: &Tx<'_>, task: TaskId, to: Option<StaffId>) -> Result<(), Fault> {
    let found = mine(acting, tx, task)?;
    if !may_give(acting, &found) {
        acting.must(Deed::AnswerRequests)?;
    }
    task::assign(tx, task, to)?;
    let people: Vec<_> = found.person.into_iter().collect();
    acting.log(tx, "task.assigned", &people, &json!({ "task": task.0, "to": to.map(|to| to.0) }))
}

/// Somebody here whose role may do something: one of `first` who may, else whoever may.
///
/// # Errors
/// Whatever the store says.
pub fn whoever(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    deed: Deed,
    first: &[StaffId],
) -> Result<Option<StaffId>, Fault> {
    let may = staff::whose_role(acting, tx, |role| role.deeds.contains(&deed))?;
    let named = may.iter().find(|account| first.contains(&account.id));
    Ok(named.or(may.first()).map(|account| account.id))
}

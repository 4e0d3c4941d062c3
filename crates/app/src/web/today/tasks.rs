//! Tasks on the first screen: what somebody wrote by a form and waits for an answer, and what a hand is needed for. Nothing here does one.

use custody::id::StaffId;
use policy::role::Deed;
use store::staff::Account;
use store::{Tx, task};

use super::{Line, ROWS, Row};
use crate::acts::Acting;
use crate::fault::Fault;
use crate::web::{frame, people};

/// Whose tasks are listed: everybody's for whoever sees to all of it.
fn whose(acting: &Acting<'_>) -> Option<StaffId> {
    let all = acting.may(Deed::ManagePolicy) || acting.may(Deed::AnswerRequests);
    if all { None } else { acting.staff_id() }
}

/// What somebody wrote by a form, and waits for an answer.
pub(super) fn written(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    let open = task::open_kind(tx, whose(acting), task::Kind::Answer, ROWS)?;
    Ok(to_do(acting, staff, open, "Answer"))
}

/// What a hand is needed for before it can go.
pub(super) fn by_hand(acting: &Acting<'_>, tx: &Tx<'_>, staff: &[Account]) -> Result<Vec<Line>, Fault> {
    let mut open = task::open_of_ours(tx, whose(acting), ROWS)?;
    open.extend(task::open_kind(tx, whose(acting), task::Kind::Asks, ROWS)?);
    open.sort_by_key(|task| (task.due_on.is_none(), task.due_on, task.id.0));
    Ok(to_do(acting, staff, open, "Confirm"))
}

/// A line for each task of whoever acts.
fn to_do(acting: &Acting<'_>, staff: &[Account], open: Vec<task::Task>, action: &str) -> Vec<Line> {
    let open = open.into_iter().filter(|task| crate::acts::task::is_mine(acting, task));
    let lines = open.map(|task| {
        let due = task.due_on.unwrap_or(acting.today);
        let href = match task.request {
            Some(request) => format!("/requests/{request}"),
            None => format!("/tasks/{}", task.id),
        };
        let known = task.about.as_ref().filter(|_| crate::acts::task::may_know(acting, &task));
        let about = known.map_or_else(String::new, |about| format!(" ({about})"));
        let words = match task.kind {
            // Whoever called a message unwanted wrote no e-mail that could be looked at.
            task::Kind::Asks if task.entry.is_none() && task.person.is_some() => format!(": {}", task.what),
            task::Kind::Other if task.person.is_some() => format!(": {}", task.what),
            task::Kind::Other => task.what,
            kind if task.person.is_some() => format!(": {}{about}", words(kind)),
            kind => format!("{}{about}", people::capital(words(kind))),
        };
        Line {
            person: task.person,
            row: Row {
                words,
                due: frame::day(due, acting.today),
                late: due < acting.today,
                owner: frame::owner(staff, task.owner),
                action: action.to_owned(),
                action_href: format!("/tasks/{}", task.id),
                href,
                who: None,
            },
        }
    });
    lines.collect()
}

/// What is to be done, in words.
fn words(kind: task::Kind) -> &'static str {
    match kind {
        task::Kind::DestroyPaper => "destroy what lies on paper or elsewhere",
        task::Kind::Return => "give the original back",
        task::Kind::Deliver => "deliver the document",
        task::Kind::TellRecipient => "tell whoever received the data",
        task::Kind::Left => "find out whether they have left their organisation",
        task::Kind::CameBack => "find out whether their address is right: mail comes back",
        task::Kind::Asks => "decide whether what they wrote is a request",
        task::Kind::Answer => "answer what they wrote by our form",
        task::Kind::Mask => "decide what becomes of the name of somebody who has gone, in a text that stays",
        task::Kind::Other => "something to be done by hand",
    }
}

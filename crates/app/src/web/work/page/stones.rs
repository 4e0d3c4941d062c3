//! The milestones on the page of a piece of work: what happened, what comes next and what it waits for.

use custody::Life;
use store::{Tx, staff};

use crate::acts::Acting;
use crate::acts::engagement::{self as acts, OnHand};
use crate::fault::Fault;
use crate::web::frame;
use crate::web::page::{Day, Form, Link};
use crate::web::people::capital;

pub(super) struct Milestone {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) on: Day,
    pub(super) by: String,
    pub(super) may_undo: bool,
}

pub(super) struct NextStone {
    pub(super) name: String,
    pub(super) shown: String,
    pub(super) words: String,
    pub(super) blocked: String,
    pub(super) href: String,
    pub(super) means: &'static str,
    pub(super) form: Form,
}

pub(super) fn milestones(
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    happened: &[store::engagement::Milestone],
    runs: bool,
) -> Result<Vec<Milestone>, Fault> {
    let staff = staff::all(tx)?;
    let last =
        hand.work.milestones.iter().rev().find(|name| happened.iter().any(|there| there.name == **name));
    let each = happened.iter().map(|there| Milestone {
        key: there.name.clone(),
        name: capital(&there.name),
        on: Day { near: String::new(), ..frame::day(there.on, there.on) },
        by: staff
            .iter()
            .find(|staff| Some(staff.id) == there.by)
            .map_or_else(String::new, |staff| staff.name.clone()),
        may_undo: runs && last == Some(&there.name),
    });
    Ok(each.collect())
}

pub(super) fn next(
    acting: &Acting<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    happened: &[store::engagement::Milestone],
    form: Form,
    base: &str,
) -> Option<NextStone> {
    let name = acts::next(hand.work, happened)?;
    let may = custody::decide::may_happen(&acting.policy, life, hand.engagement.id, name, acting.today);
    let is_last = hand.work.milestones.last().is_some_and(|last| last == name);
    Some(NextStone {
        name: name.to_owned(),
        shown: capital(name),
        words: format!("Record {name}"),
        blocked: may.err().map_or_else(String::new, |refusal| refusal.next_step),
        href: if is_last {
            format!("{base}/completion")
        } else if acts::may_end(&acting.policy, hand.work, name) {
            // What may end something is seen before it is recorded.
            format!("{base}/completion?milestone={}", crate::web::people::escape(name))
        } else {
            String::new()
        },
        means: if is_last { "See what completing it means" } else { "See what it means, and record it" },
        form,
    })
}

pub(super) fn closing(
    hand: &OnHand<'_>,
    happened: &[store::engagement::Milestone],
    runs: bool,
    base: &str,
) -> Option<Link> {
    let last = hand.work.milestones.last()?;
    let over = happened.iter().any(|there| there.name == *last);
    (runs && !over).then(|| Link { href: format!("{base}/completion"), words: "Complete it".to_owned() })
}

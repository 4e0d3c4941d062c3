//! What the pack says of data whose time has ended and that is still here: under which activity it was held, when that
//! ended, and why it has not gone yet.

use std::collections::{BTreeMap, BTreeSet};

use custody::Life;
use custody::coverage::{Outcome, Suspended, Uncovered};
use custody::life::{Ground, Needs, State, StopCause};
use jiff::civil::Date;
use policy::RuleId;
use store::Tx;

use super::pack::Held;
use crate::acts::{Acting, waiting};
use crate::fault::Fault;
use crate::web::frame;

/// One section for each clause whose time has ended and of which something is still here.
///
/// # Errors
/// Whatever the store says.
pub fn sections(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Held>, Fault> {
    let mut of: BTreeMap<Option<RuleId>, Vec<Uncovered>> = BTreeMap::new();
    let mut ended = waiting::ended(acting, tx, life)?;
    let before = store::owing::asked_before(tx, &acting.policy, life.person)?;
    custody::handing::foreseen(&acting.policy, &mut ended, &before);
    for one in ended {
        of.entry(one.rule).or_default().push(one);
    }
    let each = of.into_iter().map(|(rule, rows)| section(acting, life, rule, &rows));
    Ok(each.collect())
}

fn section(acting: &Acting<'_>, life: &Life, rule: Option<RuleId>, rows: &[Uncovered]) -> Held {
    let policy = &acting.policy;
    let rule = rule.and_then(|rule| policy.rules.get(rule.index()));
    let activity = rule.and_then(|rule| policy.activity(rule.activity));
    let kinds: BTreeSet<String> =
        rows.iter().filter_map(|row| policy.kind(row.kind)).map(|kind| kind.name.clone()).collect();
    let grounds = life.grounds.iter().chain(&life.of_work);
    let last = grounds
        .filter(|ground| rule.is_some_and(|rule| ground.rule == rule.id) && !ground.active(acting.today))
        .filter_map(last_day)
        .max();
    let reason = rows.first().map_or("", |row| row.reason.as_str());
    let ended = match last {
        Some(on) => format!("until {} ({reason}): that time has ended", frame::words(on)),
        None => format!("its time has ended ({reason})"),
    };
    let mut why: Vec<&str> = Vec::new();
    for row in rows {
        let words = still_here(row);
        if !why.contains(&words) {
            why.push(words);
        }
    }
    Held {
        activity: activity.map_or_else(String::new, |activity| activity.name.clone()),
        title: format!(
            "{}: what has ended",
            activity.map_or("No activity", |activity| activity.title.as_str())
        ),
        why: Some("We do not use this any more.".to_owned()),
        basis: None,
        kinds: kinds.into_iter().collect(),
        sources: Vec::new(),
        recipients: Vec::new(),
        until: Some(format!("{ended}. {}", why.join(" "))),
    }
}

/// The last day on which a ground that ended was good.
fn last_day(ground: &Ground) -> Option<Date> {
    match &ground.state {
        State::Active => ground.due_on,
        State::Stopped { on, cause: StopCause::Due } => on.yesterday().ok(),
        State::Stopped { on, .. } => Some(*on),
    }
}

fn still_here(row: &Uncovered) -> &'static str {
    match (row.suspended, row.outcome) {
        (Some(Suspended::Request(Needs::Access)), _) => {
            "It is still here only because you asked to see it, and goes in the night after we have answered you."
        }
        (Some(Suspended::Request(Needs::Portability)), _) => {
            "It is still here only because you asked to take it elsewhere, and goes in the night after we have answered you."
        }
        (Some(Suspended::Request(Needs::Restriction)), _) => {
            "It is still here because you asked us to keep it, and we have not decided that yet."
        }
        (Some(Suspended::Hold), _) => {
            "It is still here only because it is on hold, and goes in the night after that ends."
        }
        (Some(Suspended::Restriction), _) => {
            "It is still here because we only store your data for now: somebody decides when that ends."
        }
        (Some(Suspended::Untold), _) => "It is still here only until you have been told that it goes.",
        (None, Outcome::Task(_)) => {
            "It is still here only until somebody has handed it over or destroyed the paper."
        }
        (None, Outcome::Dispose(way)) if way.hands_over() => {
            "It goes as soon as nothing of yours is left to be handed over."
        }
        (None, _) => "It goes tonight.",
    }
}

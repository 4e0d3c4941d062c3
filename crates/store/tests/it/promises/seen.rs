//! By whom: what somebody of the staff opened, they opened in a role that lets them, for a reason that stood.

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// Work that was taken from whoever had it before they opened anything.
fn taken_away(promise: &'static str) -> Sabotage {
    sabotage(
        promise,
        "which was not theirs",
        "UPDATE engagement_staff SET since = '2026-10-01', until = '2026-11-02'",
        "UPDATE engagement_staff SET since = '2026-11-03', until = NULL",
    )
}

/// A reason that is none.
fn reasonless(promise: &'static str, role: &str) -> Sabotage {
    let of = format!("WHERE body LIKE '%\"role\":\"{role}\"%'");
    sabotage(
        promise,
        "gives a reason that is none",
        format!("UPDATE log_event SET body = REPLACE(body, '\"by\":[\"', '\"by\":[\"no ') {of}"),
        format!("UPDATE log_event SET body = REPLACE(body, '\"by\":[\"no ', '\"by\":[\"') {of}"),
    )
}

/// Somebody who is on none of the work.
fn somebody_else(promise: &'static str, town: &Town, category: &str, role: &str) -> Sabotage {
    let (who, role) = (town.one(category), format!("body LIKE '%\"role\":\"{role}\"%'"));
    sabotage(
        promise,
        "with work that they are not on",
        format!("INSERT INTO log_subject (person_id, event_id) SELECT {who}, id FROM log_event WHERE {role}"),
        format!(
            "DELETE FROM log_subject WHERE person_id = {who} AND event_id IN (SELECT id FROM log_event WHERE {role})"
        ),
    )
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    let assigned = |promise, role: &'static str, stranger| {
        [taken_away(promise), reasonless(promise, role), somebody_else(promise, town, stranger, role)]
    };
    match pack {
        "cli" => [
            assigned("CLI-06", "support worker", "follower"),
            assigned("CLI-07", "quality reviewer", "follower"),
            assigned("CLI-08", "auditor", "follower"),
            assigned("CLI-16", "recruiter", "follower"),
        ]
        .into_iter()
        .flatten()
        .chain([reasonless("CLI-17", "people manager")])
        .collect(),
        "blue-turtle" => assigned("BT-17", "investigator", "reader").into(),
        "chorus" => vec![reasonless("CHO-19", "recruiter"), reasonless("CHO-26", "people manager")],
        _ => Vec::new(),
    }
}

//! What reaches people: nothing for an activity after somebody said no to it, and nothing by a way that it does not name.

use custody::id::PersonId;

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// A message that went out on 20 November 2026.
fn message(who: PersonId, activity: &str, channel: &str) -> String {
    format!(
        "INSERT INTO message (id, person_id, sort, activity, channel, address, subject, body, state, queued_on, queued_at, sent_at, attempts)
            VALUES (6, {who}, 'personal', '{activity}', '{channel}', '', '', '', 'sent', '2026-11-20', 1795176000000, 1795176000000, 1)"
    )
}

/// Written to after an objection, to this use or to a purpose, that was written down before.
fn against(
    promise: &'static str,
    who: PersonId,
    scope: (&str, &str),
    activity: &str,
    channel: &str,
) -> Sabotage {
    let (scope, named) = scope;
    sabotage(
        promise,
        "came after their objection of 2026-11-10",
        format!(
            "{}; INSERT INTO objection (id, person_id, scope, named, made_on, upheld_on, how, recorded_at)
                VALUES (4, {who}, '{scope}', '{named}', '2026-11-10', '2026-11-10', 'x', 1794312000000)",
            message(who, activity, channel)
        ),
        "DELETE FROM message WHERE id = 6; DELETE FROM objection WHERE id = 4",
    )
}

/// Written to by a way that the activity does not name.
fn by_another_way(promise: &'static str, who: PersonId, activity: &str, channel: &str) -> Sabotage {
    sabotage(promise, "message 6", message(who, activity, channel), "DELETE FROM message WHERE id = 6")
}

/// Written to after they took their consent back.
fn withdrawn(promise: &'static str, who: PersonId, activity: &str, channel: &str) -> Sabotage {
    sabotage(
        promise,
        "came after they withdrew their consent",
        format!(
            "{}; UPDATE consent SET withdrawn_on = '2026-11-10' WHERE activity = '{activity}'",
            message(who, activity, channel)
        ),
        format!(
            "DELETE FROM message WHERE id = 6; UPDATE consent SET withdrawn_on = NULL WHERE activity = '{activity}'"
        ),
    )
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cmp" => {
            let delegate = town.one("delegate");
            vec![
                against("CMP-14", delegate, ("purpose", "DirectMarketing"), "promotion", "mailing"),
                against("CMP-14", delegate, ("activity", "promotion"), "promotion", "mailing"),
                by_another_way("CMP-14", delegate, "promotion", "letter"),
            ]
        }
        "cli" => vec![withdrawn("CLI-28", town.one("follower"), "updates", "mailing")],
        "chorus" => vec![
            against(
                "CHO-16",
                town.one("customer"),
                ("all contact", ""),
                "service notices",
                "service mailing",
            ),
            by_another_way("CHO-16", town.one("customer"), "service notices", "letter"),
        ],
        _ => Vec::new(),
    }
}

//! Of whom: a category and an activity for everybody, told when they gave their details, on the basis that is stated.

use custody::id::PersonId;

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// Somebody whose category is none of the policy's.
fn stranger(promise: &'static str, category: &str) -> Sabotage {
    sabotage(
        promise,
        "is held as stranger, which the policy does not declare",
        format!("UPDATE person_category SET category = 'stranger' WHERE category = '{category}'"),
        format!("UPDATE person_category SET category = '{category}' WHERE category = 'stranger'"),
    )
}

/// Somebody who was never what the activity is for.
fn never_was(promise: &'static str, category: &str) -> Sabotage {
    sabotage(
        promise,
        "is not for anybody they are to us",
        format!("UPDATE person_category SET annulled_at = 0 WHERE category = '{category}'"),
        "UPDATE person_category SET annulled_at = NULL",
    )
}

/// Somebody none of whose grounds stands any more.
fn groundless(promise: &'static str, who: PersonId) -> Sabotage {
    sabotage(
        promise,
        "is held under no activity",
        format!(
            "UPDATE ground SET state = 'stopped', stopped_on = '2026-11-04', cause = 'event sabotage'
                WHERE person_id = {who} AND state = 'active'"
        ),
        "UPDATE ground SET state = 'active', stopped_on = NULL, cause = NULL WHERE cause = 'event sabotage'",
    )
}

/// Grounds under a clause that the activity does not have.
fn of_no_clause(promise: &'static str, activity: &str, rule: &str) -> Sabotage {
    sabotage(
        promise,
        "which is no clause of",
        format!("UPDATE ground SET rule = 'whim' WHERE rule = '{rule}' AND activity = '{activity}'"),
        format!("UPDATE ground SET rule = '{rule}' WHERE rule = 'whim'"),
    )
}

fn withdrawn(promise: &'static str, activity: &str) -> Sabotage {
    sabotage(
        promise,
        "rests on no standing consent",
        format!("UPDATE consent SET withdrawn_on = '2026-11-10' WHERE activity = '{activity}'"),
        format!("UPDATE consent SET withdrawn_on = NULL WHERE activity = '{activity}'"),
    )
}

fn against(promise: &'static str, who: PersonId, activity: &str) -> Sabotage {
    sabotage(
        promise,
        "stands against their objection",
        format!(
            "INSERT INTO objection (id, person_id, scope, named, made_on, upheld_on, how, recorded_at)
                VALUES (4, {who}, 'activity', '{activity}', '2026-11-10', '2026-11-12', 'x', 0)"
        ),
        "DELETE FROM objection WHERE id = 4",
    )
}

/// Given to a company outside for which nothing stands.
fn given_to(
    promise: &'static str,
    says: &'static str,
    who: PersonId,
    whom: &str,
    activity: &str,
) -> Sabotage {
    sabotage(
        promise,
        says,
        format!(
            "INSERT INTO disclosure (id, person_id, recipient, kinds, activity, reason, on_date, recorded_at)
                VALUES (5, {who}, '{whom}', 'name, email', '{activity}', 'x', '2026-11-20', 0)"
        ),
        "DELETE FROM disclosure WHERE id = 5",
    )
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cti" => {
            let contact = town.one("organisation contact");
            vec![
                withdrawn("CTI-25", "supporters"),
                of_no_clause("CTI-25", "suppliers", "suppliers"),
                against("CTI-25", town.one("supplier"), "suppliers"),
                given_to(
                    "CTI-04",
                    "went to mailer in USA: Privacy Shield ended",
                    contact,
                    "mailer",
                    "news for organisations",
                ),
                given_to(
                    "CTI-04",
                    "went to somebody the policy does not name",
                    contact,
                    "a cloud",
                    "enquiries",
                ),
            ]
        }
        "cmp" => {
            let delegate = town.one("delegate");
            vec![
                stranger("CMP-33", "case participant"),
                never_was("CMP-33", "commissioner"),
                groundless("CMP-33", town.one("enquirer")),
                of_no_clause("CMP-04", "casework", "casework"),
                against("CMP-04", town.one("case participant"), "casework"),
                given_to("CMP-03", "was forbidden", delegate, "survey service", "delegates"),
                given_to("CMP-25", "went to survey service in USA", delegate, "survey service", "delegates"),
            ]
        }
        "cli" => vec![
            withdrawn("CLI-19", "updates"),
            against("CLI-19", town.one("client"), "support"),
            of_no_clause("CLI-19", "volunteering", "volunteering"),
            sabotage(
                "CLI-37",
                "was not shown the notice by then",
                format!("UPDATE told SET on_date = '2026-11-20' WHERE person_id = {}", town.one("follower")),
                "UPDATE told SET on_date = '2026-11-03'",
            ),
            sabotage(
                "CLI-37",
                "was not shown the notice by then",
                "UPDATE told SET way = 'source'",
                "UPDATE told SET way = 'staff'",
            ),
            sabotage(
                "CLI-37",
                "names version 9 of the notice, not in force then",
                "UPDATE told SET notice_version = 9",
                "UPDATE told SET notice_version = 1",
            ),
            sabotage(
                "CLI-37",
                "names version 9 of the notice, which never was",
                "UPDATE staff SET notice_version = 9",
                "UPDATE staff SET notice_version = 1",
            ),
        ],
        "blue-turtle" => vec![
            stranger("BT-01", "witness"),
            never_was("BT-01", "reader"),
            withdrawn("BT-07", "sensitive advice"),
            of_no_clause("BT-07", "intake", "intake"),
        ],
        "chorus" => vec![
            stranger("CHO-25", "supplier"),
            never_was("CHO-25", "customer"),
            groundless("CHO-25", town.one("staff member")),
        ],
        _ => Vec::new(),
    }
}

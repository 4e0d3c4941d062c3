//! The notice as it was published, its versions, and what is set in a browser.

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// Words of the published notice that somebody took out.
fn without(promise: &'static str, says: &'static str, words: &str) -> Sabotage {
    sabotage(
        promise,
        says,
        format!("UPDATE policy_version SET notice = replace(notice, '{words}', 'zzzz')"),
        format!("UPDATE policy_version SET notice = replace(notice, 'zzzz', '{words}')"),
    )
}

pub(super) fn ways(_: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cmp" => vec![
            without("CMP-01", "has no section of its own for Casework participants", "Casework participants"),
            without("CMP-02", "does not state the registered", "the number is being looked up"),
            without("CMP-02", "does not state the controller", "CMP"),
        ],
        "cli" => vec![without("CLI-35", "does not state the review", "2 November 2026")],
        "blue-turtle" => vec![
            without("BT-01", "does not state the controller", "Blue Turtle"),
            without("BT-34", "does not state the decisions", "A person decides"),
            without("BT-24", "does not state the version", "ersion 1"),
            sabotage(
                "BT-24",
                "the text of an adopted policy is not what was adopted",
                "UPDATE policy_version SET files = replace(files, 'Blue Turtle', 'Green Turtle')",
                "UPDATE policy_version SET files = replace(files, 'Green Turtle', 'Blue Turtle')",
            ),
            sabotage(
                "BT-24",
                "names version 7 of the notice, not in force then",
                "UPDATE consent SET notice_version = 7",
                "UPDATE consent SET notice_version = 1",
            ),
            sabotage(
                "BT-24",
                "does not say which notice was shown",
                "UPDATE told SET notice_version = NULL",
                "UPDATE told SET notice_version = 1",
            ),
            sabotage(
                "BT-24",
                "the notice of version 1 was not kept",
                "UPDATE policy_version SET notice = ' ' || notice WHERE version = 1; INSERT INTO setting (name, value)
                    SELECT 'aside', notice FROM policy_version; UPDATE policy_version SET notice = ' '",
                "UPDATE policy_version SET notice = (SELECT value FROM setting WHERE name = 'aside');
                    DELETE FROM setting WHERE name = 'aside'",
            ),
            // The machine answered somebody by itself.
            sabotage(
                "BT-34",
                "was answered, and nobody's name stands behind the answer",
                "UPDATE request_step SET recorded_by = NULL, note = CAST(recorded_by AS TEXT) WHERE step = 'answered'",
                "UPDATE request_step SET recorded_by = (SELECT MIN(id) FROM staff), note = NULL WHERE step = 'answered'",
            ),
        ],
        "chorus" => vec![
            without("CHO-24", "does not state the contact", "privacy@chorus.example"),
            without("CHO-24", "does not state the officer", "no large-scale monitoring"),
            sabotage(
                "CHO-08",
                "cookie _ga was set by /privacy on 2026-11-20 and is not on the cookies page",
                "INSERT INTO cookie_set (name, page, first_on) VALUES ('_ga', '/privacy', '2026-11-20')",
                "DELETE FROM cookie_set WHERE name = '_ga'",
            ),
            sabotage(
                "CHO-08",
                "where nobody asked for it",
                "INSERT INTO cookie_set (name, page, first_on) VALUES ('probity', '/privacy', '2026-11-20')",
                "DELETE FROM cookie_set WHERE page = '/privacy'",
            ),
            sabotage(
                "CHO-08",
                "visit 1 of 2026-10-20 is still held",
                format!("INSERT INTO visit (id, at, path) VALUES (1, {}, '/privacy')", crate::story::noon(jiff::civil::date(2026, 10, 20)).as_millisecond()),
                "DELETE FROM visit",
            ),
        ],
        _ => Vec::new(),
    }
}

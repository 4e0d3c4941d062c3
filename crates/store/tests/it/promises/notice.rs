//! The notice as it was published, its versions, and what is set in a browser.

use custody::id::PersonId;
use jiff::civil::{Date, date};

use super::town::Town;
use crate::prove::{Sabotage, sabotage};
use crate::story::noon;

/// Words of the published notice that somebody took out.
fn without(promise: &'static str, says: &'static str, words: &str) -> Sabotage {
    sabotage(
        promise,
        says,
        format!("UPDATE policy_version SET notice = replace(notice, '{words}', 'zzzz')"),
        format!("UPDATE policy_version SET notice = replace(notice, 'zzzz', '{words}')"),
    )
}

/// Somebody's details from an organisation: what stands of the link for it, beside what the organisation got it by.
fn sent(says: &'static str, who: PersonId, stands: (&str, &str), by: &str) -> Sabotage {
    let (on, done) = stands;
    sabotage(
        "CMP-29",
        says,
        format!(
            "INSERT INTO sender_told (id, person_id, source, on_date, message_id, task_id, done_on, recorded_at)
                VALUES (1, {who}, 'their organisation', '{on}', 6, 6, {done}, 0); {by}"
        ),
        "DELETE FROM sender_told WHERE id = 1; DELETE FROM message WHERE id = 6; DELETE FROM task WHERE id = 6",
    )
}

/// The same with a message to the organisation that has this in it.
fn mailed(says: &'static str, who: PersonId, (state, body): (&str, &str)) -> Sabotage {
    let message = format!(
        "INSERT INTO message (id, sort, channel, address, subject, body, state, queued_on, queued_at, attempts)
            VALUES (6, 'rights', 'email', '', '', '{body}', '{state}', '2026-11-03', 0, 1)"
    );
    sent(says, who, ("2026-11-03", "'2026-11-03'"), &message)
}

/// A day of not long ago.
const DAY: Date = date(2026, 11, 20);

/// A visit to the notice on a day, with the day of the yes as SQL has it; counted nowhere.
fn visit(promise: &'static str, says: &'static str, on: Date, agreed: &str) -> Sabotage {
    let at = noon(on).as_millisecond();
    sabotage(
        promise,
        says,
        format!("INSERT INTO visit (id, at, path, agreed_on) VALUES (1, {at}, '/privacy', {agreed})"),
        "DELETE FROM visit",
    )
}

/// Whoever sent somebody's details has not got the link, in each way there is.
fn not_passed_on(who: PersonId) -> Vec<Sabotage> {
    let late = "2026-10-03";
    let by_hand = "INSERT INTO task (id, kind, what, blocks, created_at) VALUES (6, 'other', 'x', 0, 0)";
    vec![
        sabotage(
            "CMP-29",
            "and nothing says that it got the link to pass on",
            format!(
                "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                    VALUES (1, {who}, 'phone', 'x', '', 'their organisation', '2026-11-03', 1, 0)"
            ),
            "DELETE FROM item WHERE id = 1",
        ),
        sent("nobody has given it to them yet", who, (late, "NULL"), ""),
        sent("they got it only on 2026-11-20", who, (late, "'2026-11-20'"), ""),
        mailed("the message with it has not left", who, ("refused", "/privacy")),
        mailed("the message does not lead to the notice", who, ("sent", "Hello")),
        sent("whoever was to give it to them has not", who, ("2026-11-03", "'2026-11-03'"), by_hand),
    ]
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cmp" => {
            let mut ways = vec![
                without("CMP-01", "has no section of its own for Casework participants", "Casework participants"),
                without("CMP-02", "does not state the registered", "the number is being looked up"),
                without("CMP-02", "does not state the controller", "CMP"),
            ];
            ways.extend(not_passed_on(town.one("delegate")));
            ways
        }
        "cti" => vec![
            visit("CTI-05", "visit 1 of 2026-11-20 was counted before anybody had said yes", DAY, "NULL"),
            visit("CTI-05", "visit 1 of 2026-11-20 was counted before anybody had said yes", DAY, "'2026-11-21'"),
            sabotage(
                "CTI-05",
                "cookie _ga was set by /privacy on 2026-11-20 and is not on the cookies page",
                "INSERT INTO cookie_set (name, page, first_on) VALUES ('_ga', '/privacy', '2026-11-20')",
                "DELETE FROM cookie_set WHERE name = '_ga'",
            ),
        ],
        "cli" => vec![without("CLI-35", "does not state the review", "2 November 2026")],
        "blue-turtle" => vec![
            without("BT-01", "does not state the controller", "Blue Turtle"),
            without("BT-34", "does not state the decisions", "A person decides"),
            without("BT-24", "does not state the version", "ersion 1"),
            visit(
                "BT-25",
                "of /privacy on 2026-11-20 1 visits are held and 0 counted",
                DAY,
                "'2026-11-20'",
            ),
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
            visit("CHO-02", "visit 1 of 2026-10-20 is still held", date(2026, 10, 20), "'2026-10-20'"),
        ],
        _ => Vec::new(),
    }
}

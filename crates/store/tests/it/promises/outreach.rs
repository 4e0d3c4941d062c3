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

/// Written to without having been asked, and for no reason that holds: on a message, what it says that it rests on.
fn unasked(
    promise: &'static str,
    says: &'static str,
    (who, activity): (PersonId, &str),
    rests: (&str, i64),
    because: &str,
) -> Sabotage {
    let (on, row) = rests;
    sabotage(
        promise,
        says,
        format!(
            "{}; UPDATE message SET rests_on = '{on}', rests_row = {row} WHERE id = 6; {because}",
            message(who, activity, "mailing")
        ),
        "DELETE FROM message WHERE id IN (6, 7); DELETE FROM belonging WHERE id = 5; DELETE FROM organisation WHERE id = 5;
            DELETE FROM soft_opt_in WHERE id = 5",
    )
}

/// The same to somebody of CMP's delegates, in each way there is.
fn unasked_delegate(who: PersonId) -> Vec<Sabotage> {
    let firm = |subscriber: &str| {
        format!(
            "INSERT INTO organisation (id, name, normal, subscriber, created_at, version) VALUES (5, 'Firm', 'firm', '{subscriber}', 0, 1)"
        )
    };
    let belongs = format!(
        "INSERT INTO belonging (id, person_id, organisation_id, since) VALUES (5, {who}, 5, '2026-11-25')"
    );
    let got = format!(
        "INSERT INTO soft_opt_in (id, person_id, activity, address, on_date, how, refusal, recorded_at)
            VALUES (5, {who}, 'delegates', 'x', '2026-01-05', 'x', 'x', 0)"
    );
    let elsewhere = format!(
        "{}; UPDATE message SET address = 'at.home@post.example' WHERE id = 6",
        got.replace("'delegates', 'x'", "'promotion', 'at.work@post.example'")
    );
    // A message that says why, and a later one that does not.
    let earlier = message(who, "promotion", "mailing")
        .replace("VALUES (6,", "VALUES (7,")
        .replace("1795176000000, 1795176000000", "1795089600000, 1795089600000");
    let silent = format!(
        "{}; {earlier}; UPDATE message SET rests_on = 'company', rests_row = 5 WHERE id = 7; UPDATE message SET rests_on = NULL WHERE id = 6",
        firm("corporate")
    );
    let of = (who, "promotion");
    // Before any message said why, from the day on which they were to.
    let silent_from_the_first = sabotage(
        "CMP-14",
        "nothing says why nobody had to be asked",
        format!(
            "{}; INSERT INTO setting (name, value) VALUES ('reasons not to ask since', '2026-11-20')",
            message(who, "promotion", "mailing")
        ),
        "DELETE FROM message WHERE id = 6; DELETE FROM setting WHERE name = 'reasons not to ask since'",
    );
    vec![
        silent_from_the_first,
        unasked("CMP-14", "nothing says why nobody had to be asked", of, ("company", 5), &silent),
        unasked("CMP-14", "organisation 5 is no company", of, ("company", 5), &firm("individual")),
        unasked(
            "CMP-14",
            "they came to organisation 5 only later",
            of,
            ("company", 5),
            &format!("{}; {belongs}", firm("corporate")),
        ),
        unasked("CMP-14", "there is no record 99", of, ("soft opt-in", 99), ""),
        unasked(
            "CMP-14",
            "record 5 of how we got an address does not cover it",
            of,
            ("soft opt-in", 5),
            &got,
        ),
        unasked(
            "CMP-14",
            "it went to another address than the one of record 5",
            of,
            ("soft opt-in", 5),
            &elsewhere,
        ),
        unasked("CMP-14", "is no reason not to ask", of, ("a hunch", 5), ""),
    ]
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

/// Still on a list from which others send for us, days after an objection or after they took their consent back.
fn still_listed(promise: &'static str, who: PersonId, scope: (&str, &str)) -> Sabotage {
    let (scope, named) = scope;
    sabotage(
        promise,
        "is still on the list at the mailer for promotion, after their objection of 2026-11-10",
        format!(
            "INSERT INTO objection (id, person_id, scope, named, made_on, upheld_on, how, recorded_at)
                VALUES (4, {who}, '{scope}', '{named}', '2026-11-10', '2026-11-10', 'x', 1794312000000)"
        ),
        "DELETE FROM objection WHERE id = 4",
    )
}

fn listed_without_consent(promise: &'static str, activity: &str) -> Sabotage {
    sabotage(
        promise,
        "is still on the list at the mailer for updates, though they withdrew their consent",
        format!("UPDATE consent SET withdrawn_on = '2026-11-10' WHERE activity = '{activity}'"),
        format!("UPDATE consent SET withdrawn_on = NULL WHERE activity = '{activity}'"),
    )
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cmp" => {
            let delegate = town.one("delegate");
            let mut ways = vec![
                against("CMP-14", delegate, ("purpose", "DirectMarketing"), "promotion", "mailing"),
                against("CMP-14", delegate, ("activity", "promotion"), "promotion", "mailing"),
                by_another_way("CMP-14", delegate, "promotion", "letter"),
                still_listed("CMP-14", delegate, ("purpose", "DirectMarketing")),
                still_listed("CMP-14", delegate, ("activity", "promotion")),
                still_listed("CMP-14", delegate, ("all contact", "")),
            ];
            ways.extend(unasked_delegate(delegate));
            ways
        }
        "cli" => vec![
            withdrawn("CLI-28", town.one("follower"), "updates", "mailing"),
            listed_without_consent("CLI-28", "updates"),
        ],
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

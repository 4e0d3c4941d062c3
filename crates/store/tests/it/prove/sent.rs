//! What left: with its footer, after its check, to whoever wanted it.

use super::world::World;
use super::{Sabotage, sabotage};

pub(super) fn ways(w: &World) -> Vec<Sabotage> {
    let gwen = w.gwen;
    let omar = w.omar;
    let sue = w.sue;
    vec![
        // Sent to a former client who had not asked for it.
        sabotage(
            "CTI-15",
            "had not opted in",
            format!(
                "UPDATE consent SET given_on = '2026-11-28' WHERE person_id = {gwen} AND activity = 'greetings'"
            ),
            format!(
                "UPDATE consent SET given_on = '2026-11-01' WHERE person_id = {gwen} AND activity = 'greetings'"
            ),
        ),
        sabotage(
            "CTI-02",
            "never send anything",
            format!("UPDATE message SET person_id = {gwen}, activity = 'suppliers' WHERE person_id = {sue}"),
            format!(
                "UPDATE message SET person_id = {sue}, activity = 'supporters' WHERE activity = 'suppliers'"
            ),
        ),
        sabotage(
            "CTI-07",
            "was not checked against tps",
            "UPDATE screening SET register = 'x' WHERE register = 'tps'",
            "UPDATE screening SET register = 'tps' WHERE register = 'x'",
        ),
        sabotage(
            "CTI-07",
            "was checked against a file of ctps dated 2026-10-28",
            "UPDATE screening SET register_on = '2026-10-28' WHERE register = 'ctps'",
            "UPDATE screening SET register_on = '2026-11-20' WHERE register = 'ctps'",
        ),
        sabotage(
            "CTI-07",
            "reached a number listed in tps",
            "UPDATE screening SET listed = 1 WHERE register = 'tps'",
            "UPDATE screening SET listed = 0",
        ),
        sabotage(
            "CTI-09",
            "does not end with the footer",
            "UPDATE message SET subject = body, body = 'buy now' WHERE channel = 'personal email'",
            "UPDATE message SET body = subject WHERE channel = 'personal email'",
        ),
        sabotage(
            "CTI-10",
            "does not end with the footer",
            format!(
                "UPDATE message SET subject = body, body = replace(body, 'https://cti.example/u/abc', '') WHERE channel = 'mailing' AND person_id = {omar}"
            ),
            format!("UPDATE message SET body = subject WHERE channel = 'mailing' AND person_id = {omar}"),
        ),
        sabotage(
            "CTI-10",
            "no link that works",
            "UPDATE message SET token = NULL WHERE channel = 'mailing'",
            "UPDATE message SET token = html_token(id) WHERE channel = 'mailing'",
        ),
        // The agreement goes to whoever pays for themselves, and to nobody else.
        sabotage(
            "CTI-12",
            "no service agreement was sent",
            "UPDATE message SET state = 'queued' WHERE asks = 'agreement'",
            "UPDATE message SET state = 'sent' WHERE asks = 'agreement'",
        ),
        sabotage(
            "CTI-12",
            "not paid by client: a service agreement was written",
            format!("UPDATE engagement SET paid_by_person_id = NULL WHERE paid_by_person_id = {gwen}"),
            format!("UPDATE engagement SET paid_by_person_id = {gwen} WHERE title LIKE '%Gwen'"),
        ),
        // They were not asked, or their silence counted.
        sabotage(
            "CTI-15",
            "they were not asked",
            format!(
                "UPDATE message SET asks = 'x', answer = NULL WHERE asks LIKE 'opt-in%'; UPDATE consent SET given_on = '2026-10-01' WHERE person_id = {gwen} AND activity = 'greetings'"
            ),
            format!(
                "UPDATE message SET asks = 'opt-in greetings', answer = 'yes' WHERE asks = 'x'; UPDATE consent SET given_on = '2026-11-01' WHERE person_id = {gwen} AND activity = 'greetings'"
            ),
        ),
        sabotage(
            "CTI-15",
            "has no yes behind it",
            "UPDATE message SET answer = NULL WHERE asks LIKE 'opt-in%'",
            "UPDATE message SET answer = 'yes' WHERE asks LIKE 'opt-in%'",
        ),
    ]
}

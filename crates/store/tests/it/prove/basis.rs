//! What grounds rest on: consent in time and in its form, and nobody's objection against it.

use super::world::World;
use super::{Sabotage, sabotage};

pub(super) fn ways(w: &World) -> Vec<Sabotage> {
    let tara = w.tara.person;
    let gwen = w.gwen;
    let sue = w.sue;
    let programme = w.programme;
    vec![
        // The first session came before the form.
        sabotage(
            "CTI-14",
            "milestone",
            format!("UPDATE milestone SET on_date = '2026-01-04' WHERE engagement_id = {programme}"),
            format!("UPDATE milestone SET on_date = '2026-01-12' WHERE engagement_id = {programme}"),
        ),
        sabotage(
            "CTI-14",
            "coaching notes",
            format!("UPDATE consent SET document_id = NULL WHERE person_id = {tara}"),
            format!("UPDATE consent SET document_id = (SELECT MIN(d.document_id) FROM document_person d WHERE d.person_id = {tara}) WHERE person_id = {tara}"),
        ),
        sabotage(
            "CTI-15",
            "rests on no standing consent",
            format!("UPDATE consent SET withdrawn_on = '2026-11-30' WHERE person_id = {gwen} AND activity = 'greetings'"),
            format!("UPDATE consent SET withdrawn_on = NULL WHERE person_id = {gwen} AND activity = 'greetings'"),
        ),
        sabotage(
            "CTI-17",
            "stands against their objection",
            "INSERT INTO objection (id, person_id, scope, named, made_on, how, recorded_at)
                SELECT 4, person_id, 'purpose', 'DirectMarketing', '2026-11-20', 'x', 0 FROM person_category WHERE category = 'supplier'",
            "DELETE FROM objection WHERE id = 4",
        ),
        sabotage(
            "CTI-18",
            "not renewed",
            format!("UPDATE consent SET given_on = '2024-11-01' WHERE person_id = {sue}"),
            format!("UPDATE consent SET given_on = '2026-09-01' WHERE person_id = {sue}"),
        ),
        // What they agreed to is not known any more, or is said to have stood in another notice than that of the day.
        sabotage(
            "CTI-15",
            "has no words",
            format!("UPDATE consent SET wording = ' ' WHERE person_id = {gwen} AND activity = 'greetings'"),
            format!("UPDATE consent SET wording = 'Yes, write to me' WHERE person_id = {gwen} AND activity = 'greetings'"),
        ),
        sabotage(
            "CTI-18",
            "names version 4 of the notice, which was not the one of its day",
            format!("UPDATE consent SET notice_version = 4 WHERE person_id = {sue}"),
            format!("UPDATE consent SET notice_version = 3 WHERE person_id = {sue}"),
        ),
        sabotage(
            "CTI-18",
            "does not say which notice it stood in",
            format!("UPDATE consent SET notice_version = NULL WHERE person_id = {sue}"),
            format!("UPDATE consent SET notice_version = 3 WHERE person_id = {sue}"),
        ),
        // What shows it is not there, is somebody else's, or is only claimed.
        sabotage(
            "CTI-14",
            "said to be shown by form",
            format!("UPDATE consent SET evidence_id = 4 WHERE person_id = {tara}"),
            format!("UPDATE consent SET evidence_id = document_id WHERE person_id = {tara}"),
        ),
        sabotage(
            "CTI-14",
            "said to be shown by form",
            format!("UPDATE document_person SET person_id = {sue} WHERE document_id IN (SELECT document_id FROM consent WHERE person_id = {tara})"),
            format!("UPDATE document_person SET person_id = {tara} WHERE document_id IN (SELECT document_id FROM consent WHERE person_id = {tara})"),
        ),
        sabotage(
            "CTI-18",
            "said to be shown by in person",
            format!("UPDATE consent SET evidence = 'in person' WHERE person_id = {sue}"),
            format!("UPDATE consent SET evidence = 'page' WHERE person_id = {sue}"),
        ),
        sabotage(
            "CTI-18",
            "said to be shown by page",
            format!("UPDATE consent SET recorded_by = {} WHERE person_id = {sue}", w.manager),
            format!("UPDATE consent SET recorded_by = NULL WHERE person_id = {sue}"),
        ),
        sabotage(
            "CTI-25",
            "rests on no standing consent",
            format!("UPDATE consent SET lapses_on = '2026-11-20' WHERE person_id = {sue}"),
            format!("UPDATE consent SET lapses_on = NULL WHERE person_id = {sue}"),
        ),
    ]
}

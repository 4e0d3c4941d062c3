//! What is held: on a ground, no longer than it lasts.

use super::world::World;
use super::{Sabotage, sabotage};

pub(super) fn ways(w: &World) -> Vec<Sabotage> {
    let gwen = w.gwen;
    let omar = w.omar;
    let sue = w.sue;
    let item = |kind: &str| {
        format!(
            "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                VALUES (1, {omar}, '{kind}', 'a life', '', 'x', '2026-11-01', 1, 0)"
        )
    };
    let gone = "DELETE FROM item WHERE id = 1";
    let hold = |reason: &str, review: &str| {
        format!(
            "INSERT INTO hold (id, person_id, reason, owner_id, since, review_on, sweep_due, recorded_at)
                VALUES (5, {omar}, {reason}, (SELECT MIN(id) FROM staff WHERE until IS NULL), '2026-11-01', '{review}', 0, 0)"
        )
    };
    let unheld = "DELETE FROM hold WHERE id = 5".to_owned();
    vec![
        // Held without a ground, or of a kind nobody declared.
        sabotage("CTI-01", "life history 1 of person", item("life history"), gone),
        sabotage("CTI-01", "item 1 is of a kind the policy does not declare", item("shoe size"), gone),
        sabotage(
            "CTI-01",
            "is held without a ground",
            format!("UPDATE ground SET state = 'stopped', stopped_on = '2026-11-01', cause = 'withdrawn' WHERE person_id = {sue} AND activity = 'supporters'"),
            format!("UPDATE ground SET state = 'active', stopped_on = NULL, cause = NULL WHERE person_id = {sue} AND activity = 'supporters'"),
        ),
        sabotage(
            "CTI-01",
            "coaching notes 2 of person",
            format!(
                "INSERT INTO entry (id, kind, on_date, body, source, version, recorded_at, updated_at) VALUES (2, 'coaching notes', '2026-11-02', 'x', 'x', 1, 0, 0);
                 INSERT INTO entry_person (entry_id, person_id, role) VALUES (2, {omar}, 'subject')"
            ),
            "DELETE FROM entry_person WHERE entry_id = 2; DELETE FROM entry WHERE id = 2",
        ),
        sabotage(
            "CTI-01",
            "is no company and has details that nobody's ground covers",
            "UPDATE organisation SET phone = '01632 960275'",
            "UPDATE organisation SET phone = NULL",
        ),
        // Still to be done about somebody who went.
        sabotage(
            "CTI-02",
            "task 77 is about somebody or something that went",
            "INSERT INTO task (id, kind, what, engagement_id, blocks, created_at) VALUES (77, 'other', 'x', 1, 0, 0)",
            "DELETE FROM task WHERE id = 77",
        ),
        // A hold that nobody answers for.
        sabotage("CTI-08", "hold 5 was to be looked at again by 2026-11-30", hold("'a claim'", "2026-11-30"), unheld.clone()),
        sabotage("CTI-08", "hold 5 stands and nobody said why", hold("' '", "2027-03-01"), unheld.clone()),
        sabotage(
            "CTI-08",
            "hold 5 stands and nobody here answers for it",
            format!("{}; UPDATE staff SET until = '2026-11-01' WHERE id = (SELECT owner_id FROM hold WHERE id = 5)", hold("'a claim'", "2027-03-01")),
            format!("UPDATE staff SET until = NULL WHERE id = (SELECT owner_id FROM hold WHERE id = 5); {unheld}"),
        ),
        // What went lies in the database's log for good.
        sabotage(
            "CTI-08",
            "what went since 2026-01-01T00:00:00Z may still lie in the log",
            "INSERT INTO setting (name, value) VALUES ('residue since', '2026-01-01T00:00:00Z 7')",
            "DELETE FROM setting WHERE name = 'residue since'",
        ),
        sabotage(
            "CTI-08",
            "what went since 1970-01-01T00:00:00Z may still lie in the log",
            "INSERT INTO setting (name, value) VALUES ('residue since', 'never')",
            "DELETE FROM setting WHERE name = 'residue since'",
        ),
        sabotage(
            "CTI-08",
            "was kept on on 2026-11-01 and nobody said why",
            format!("UPDATE ground SET reviewed_on = '2026-11-01', reviewed_by = 1, reviewed_why = ' ' WHERE person_id = {omar} AND activity = 'offers by phone'"),
            format!("UPDATE ground SET reviewed_on = NULL, reviewed_by = NULL, reviewed_why = NULL WHERE person_id = {omar} AND activity = 'offers by phone'"),
        ),
        // The number changed, and the ground did not end.
        sabotage(
            "CTI-08",
            "outlived `phone changes`",
            format!("INSERT INTO life_event (id, person_id, name, on_date, recorded_at) VALUES (3, {omar}, 'phone changes', '2026-11-30', 0)"),
            "DELETE FROM life_event WHERE id = 3",
        ),
        sabotage(
            "CTI-08",
            "its review of 2026-11-01 was passed",
            format!("UPDATE ground SET review_on = '2026-11-01' WHERE person_id = {omar} AND activity = 'offers by phone'"),
            format!("UPDATE ground SET review_on = '2028-09-01' WHERE person_id = {omar} AND activity = 'offers by phone'"),
        ),
        sabotage(
            "CTI-09",
            "outlived `left the organisation`",
            format!("UPDATE belonging SET until = '2026-11-20' WHERE person_id = {omar}"),
            format!("UPDATE belonging SET until = NULL WHERE person_id = {omar}"),
        ),
        // Where they were has gone since, and the ground began again.
        sabotage(
            "CTI-09",
            "outlived `left the organisation`",
            format!(
                "UPDATE belonging SET person_id = {gwen} WHERE person_id = {omar};
                 INSERT INTO life_event (id, person_id, name, on_date, recorded_at) VALUES (3, {omar}, 'left the organisation', '2026-11-20', 0)"
            ),
            format!("DELETE FROM life_event WHERE id = 3; UPDATE belonging SET person_id = {omar} WHERE person_id = {gwen}"),
        ),
        sabotage(
            "CTI-13",
            "over the cap without a reason",
            "UPDATE agreement SET reason = NULL",
            "UPDATE agreement SET reason = 'a long project'",
        ),
        sabotage(
            "CTI-13",
            "was due 2026-11-30 and still stands",
            format!("UPDATE ground SET due_on = '2026-11-30' WHERE person_id = {gwen} AND activity = 'coaching'"),
            format!("UPDATE ground SET due_on = '2032-11-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
        ),
        sabotage(
            "CTI-13",
            "the facts say 2032-11-01",
            format!("UPDATE ground SET due_on = '2035-01-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
            format!("UPDATE ground SET due_on = '2032-11-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
        ),
        sabotage(
            "CTI-16",
            "outlived `no longer associate`",
            "UPDATE person_category SET until = '2026-11-20' WHERE category = 'associate'",
            "UPDATE person_category SET until = NULL WHERE category = 'associate'",
        ),
        // So is whoever cannot be read, by themselves.
        sabotage(
            "CTI-13",
            "could not be looked at: what is stored of it cannot be read",
            format!("UPDATE ground SET due_on = '2032-02-31' WHERE person_id = {gwen} AND activity = 'coaching'"),
            format!("UPDATE ground SET due_on = '2032-11-01' WHERE person_id = {gwen} AND activity = 'coaching'"),
        ),
        // Whatever cannot be looked at is broken, and says so.
        sabotage(
            "CTI-13",
            "could not be looked at",
            "UPDATE agreement SET period = 'a while'",
            "UPDATE agreement SET period = 'P6Y'",
        ),
    ]
}

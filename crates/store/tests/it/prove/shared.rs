//! What was passed on: to whom the policy names, no more, in its time.

use super::world::World;
use super::{Sabotage, sabotage};

pub(super) fn ways(w: &World) -> Vec<Sabotage> {
    let omar = w.omar;
    vec![
        // Given to a processor: more than it may hold, or where nothing protects it.
        sabotage(
            "CTI-04",
            "gave address book more than it may hold",
            "UPDATE disclosure SET kinds = 'name, job title' WHERE recipient = 'address book'",
            "UPDATE disclosure SET kinds = 'name, email' WHERE recipient = 'address book'",
        ),
        sabotage(
            "CTI-24",
            "gave address book more than it may hold",
            "UPDATE disclosure SET kinds = 'name, shoe size' WHERE recipient = 'address book'",
            "UPDATE disclosure SET kinds = 'name, email' WHERE recipient = 'address book'",
        ),
        sabotage(
            "CTI-04",
            "of 2026-11-25 went to mailer in USA: Privacy Shield ended 2020-07-16",
            "UPDATE disclosure SET recipient = 'mailer' WHERE recipient = 'address book'",
            "UPDATE disclosure SET recipient = 'address book' WHERE recipient = 'mailer'",
        ),
        sabotage(
            "CTI-24",
            "went to mailer in USA",
            format!(
                "INSERT INTO disclosure (id, person_id, recipient, kinds, activity, reason, on_date, recorded_at)
                    VALUES (5, {omar}, 'Mailer', 'name, email', 'news for organisations', 'x', '2026-11-26', 0)"
            ),
            "DELETE FROM disclosure WHERE id = 5",
        ),
        sabotage(
            "CTI-04",
            "went to somebody the policy does not name",
            "UPDATE disclosure SET recipient = 'a cloud' WHERE recipient = 'address book'",
            "UPDATE disclosure SET recipient = 'address book' WHERE recipient = 'a cloud'",
        ),
        sabotage(
            "CTI-11",
            "carried more than coaching names",
            "UPDATE disclosure SET kinds = 'name, life history' WHERE recipient = 'the coach'",
            "UPDATE disclosure SET kinds = 'name, email' WHERE recipient = 'the coach'",
        ),
        sabotage("CTI-11", "came after completed", "UPDATE disclosure SET on_date = '2026-11-15' WHERE recipient = 'the coach'", "UPDATE disclosure SET on_date = '2026-08-10' WHERE recipient = 'the coach'"),
        sabotage("CTI-11", "was not ended on completed", "UPDATE disclosure SET ended_on = NULL", "UPDATE disclosure SET ended_on = '2026-11-01' WHERE recipient = 'the coach'"),
        sabotage("CTI-11", "somebody it does not name", "UPDATE disclosure SET recipient = 'a friend' WHERE recipient = 'the coach'", "UPDATE disclosure SET recipient = 'the coach' WHERE recipient = 'a friend'"),
    ]
}

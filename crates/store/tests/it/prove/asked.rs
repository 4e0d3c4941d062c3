//! What people asked of us, the registers, and what the house itself promises.

use super::world::World;
use super::{Sabotage, sabotage};

pub(super) fn ways(w: &World) -> Vec<Sabotage> {
    let omar = w.omar;
    let nora = w.nora;
    vec![
        sabotage(
            "CTI-03",
            "is not kept as a slow hash",
            format!("UPDATE staff SET password = 'letmein' WHERE id = {}", w.manager),
            format!(
                "UPDATE staff SET password = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA' WHERE id = {}",
                w.manager
            ),
        ),
        sabotage(
            "CTI-03",
            "lapsed on 2026-11-30",
            "UPDATE attestation SET lapses_on = '2026-11-30' WHERE what LIKE 'paper%'",
            "UPDATE attestation SET lapses_on = '2027-11-02' WHERE what LIKE 'paper%'",
        ),
        sabotage(
            "CTI-19",
            "was due on 2026-11-22 and not answered",
            "UPDATE request SET due_on = '2026-11-22' WHERE kind = 'access'",
            "UPDATE request SET due_on = '2026-12-21' WHERE kind = 'access'",
        ),
        sabotage(
            "CTI-19",
            "has no answer in the register",
            "UPDATE request SET answer = NULL WHERE kind = 'access'",
            "UPDATE request SET answer = 'x' WHERE kind = 'access'",
        ),
        sabotage(
            "CTI-20",
            "says more than initials",
            "UPDATE request SET asked_by = 'Ed Vale' WHERE kind = 'erasure'",
            "UPDATE request SET asked_by = NULL WHERE kind = 'erasure'",
        ),
        sabotage(
            "CTI-20",
            "says more than initials",
            "UPDATE request SET initials = 'Ed Vale' WHERE kind = 'erasure'",
            "UPDATE request SET initials = 'E.V.' WHERE kind = 'erasure'",
        ),
        sabotage(
            "CTI-20",
            "was closed while task",
            "UPDATE task SET done_on = '2026-11-30' WHERE blocks = 1",
            "UPDATE task SET done_on = '2026-11-24' WHERE blocks = 1",
        ),
        sabotage(
            "CTI-21",
            "has no name in the register",
            "UPDATE request SET asked_by = NULL WHERE kind = 'no contact'",
            "UPDATE request SET asked_by = 'Nora Lamb' WHERE kind = 'no contact'",
        ),
        sabotage(
            "CTI-21",
            "on the block list",
            "UPDATE message SET address = 'Nora@lamb.example' WHERE channel = 'personal email'",
            "UPDATE message SET address = 'omar@harbour.example' WHERE channel = 'personal email'",
        ),
        sabotage(
            "CTI-21",
            "after they asked for no more contact",
            format!("UPDATE message SET person_id = {nora} WHERE channel = 'personal email'"),
            format!("UPDATE message SET person_id = {omar} WHERE channel = 'personal email'"),
        ),
    ]
}

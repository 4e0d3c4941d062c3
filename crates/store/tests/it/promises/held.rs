//! What is held and used: only kinds that are declared, with their source, sensitive ones on a condition, for what the
//! policy names.

use custody::id::PersonId;

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// A detail that somebody put into the table by hand.
fn detail(promise: &'static str, says: &'static str, who: PersonId, kind: &str) -> Sabotage {
    sabotage(
        promise,
        says,
        format!(
            "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                VALUES (1, {who}, '{kind}', 'x', '', 'x', '2026-11-03', 1, 0)"
        ),
        "DELETE FROM item WHERE id = 1",
    )
}

/// A disclosure or a message for something that nobody stated.
fn use_of(promise: &'static str, says: &'static str, table: &str) -> Sabotage {
    sabotage(
        promise,
        says,
        format!(
            "INSERT INTO setting (name, value) SELECT 'aside', activity FROM {table}; UPDATE {table} SET activity = 'selling it'"
        ),
        format!(
            "UPDATE {table} SET activity = (SELECT value FROM setting WHERE name = 'aside'); DELETE FROM setting WHERE name = 'aside'"
        ),
    )
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cli" => vec![
            detail(
                "CLI-01",
                "item 1 is of a kind the policy does not declare",
                town.one("client"),
                "shoe size",
            ),
            detail("CLI-02", "bank details 1 of person", town.one("client"), "bank details"),
            use_of("CLI-01", "was for selling it, which no version of the policy names", "message"),
            sabotage(
                "CLI-01",
                "left by mailing, which it does not name",
                "UPDATE message SET attempts = 7, channel = 'mailing'",
                "UPDATE message SET attempts = 0, channel = 'email'",
            ),
        ],
        "blue-turtle" => vec![
            detail(
                "BT-02",
                "item 1 is of a kind the policy does not declare",
                town.one("reader"),
                "shoe size",
            ),
            detail("BT-02", "gender 1 of person", town.one("reader"), "gender"),
            use_of("BT-26", "was for selling it, which no version of the policy names", "disclosure"),
            use_of("BT-26", "was for selling it, which no version of the policy names", "message"),
            detail("BT-08", "is held without a condition", town.one("reader"), "health"),
            detail("BT-08", "is held without a condition", town.one("reader"), "criminal record"),
            sabotage(
                "BT-06",
                "does not say where it came from",
                "UPDATE item SET source = '' WHERE kind = 'email'",
                "UPDATE item SET source = 'the person' WHERE kind = 'email'",
            ),
            sabotage(
                "BT-06",
                "came from where the policy lets no email come from",
                "UPDATE item SET source = 'a list we bought' WHERE kind = 'email'",
                "UPDATE item SET source = 'the person' WHERE kind = 'email'",
            ),
        ],
        _ => Vec::new(),
    }
}

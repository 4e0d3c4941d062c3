//! What is passed on: to whom the policy names, no more than it names, for no purpose that it forbids; and campaigns, which end.

use custody::id::PersonId;

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// Passed on to somebody by hand, on 20 November 2026.
fn passed(
    promise: &'static str,
    says: &'static str,
    who: PersonId,
    (kinds, whom): (&str, &str),
    activity: &str,
) -> Sabotage {
    sabotage(
        promise,
        says,
        format!(
            "INSERT INTO disclosure (id, person_id, recipient, kinds, activity, reason, on_date, recorded_at)
                VALUES (5, {who}, '{whom}', '{kinds}', '{activity}', 'x', '2026-11-20', 0)"
        ),
        "DELETE FROM disclosure WHERE id = 5",
    )
}

/// Told of the notice only after the first message to them.
fn told_late(promise: &'static str) -> Sabotage {
    sabotage(
        promise,
        "heard of us, and did not lead to the notice",
        "UPDATE told SET on_date = '2026-11-20'",
        "UPDATE told SET on_date = '2026-11-03'",
    )
}

pub(super) fn ways(town: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cmp" => vec![told_late("CMP-05")],
        "cli" => {
            let (follower, client, volunteer) =
                (town.one("follower"), town.one("client"), town.one("volunteer"));
            let (network, adverts) = (("email", "social network"), "adverts on social networks");
            let forbidden = "disclosure 5 of 2026-11-20 was forbidden";
            vec![
                // The sentence that says so and the one that says never are both published: any list breaks both promises.
                passed("CLI-10", forbidden, follower, network, adverts),
                passed("CLI-21", forbidden, follower, network, adverts),
                passed(
                    "CLI-10",
                    "carried more than adverts on social networks names",
                    follower,
                    ("name, email", "social network"),
                    adverts,
                ),
                passed(
                    "CLI-10",
                    "went to somebody it does not name",
                    follower,
                    ("email", "a list broker"),
                    adverts,
                ),
                passed(
                    "CLI-10",
                    "disclosure 5 to social network was not ended, though adverts on social networks holds them no more",
                    client,
                    network,
                    adverts,
                ),
                passed("CLI-21", forbidden, follower, ("name, address", "a printer"), "post"),
                passed("CLI-20", forbidden, volunteer, ("name", "a newspaper"), "volunteering"),
                passed(
                    "CLI-20",
                    "went to somebody it does not name",
                    client,
                    ("name, phone", "a newspaper"),
                    "support",
                ),
                passed(
                    "CLI-20",
                    "carried more than support names",
                    client,
                    ("name, date of birth", "police"),
                    "support",
                ),
            ]
        }
        "chorus" => vec![
            told_late("CHO-15"),
            sabotage(
                "CHO-15",
                "outlived `campaign ended` of 2026-11-20",
                "INSERT INTO milestone (id, engagement_id, name, on_date, recorded_at)
                    VALUES (9, (SELECT MIN(id) FROM engagement WHERE work = 'campaign'), 'campaign ended', '2026-11-20', 0)",
                "DELETE FROM milestone WHERE id = 9",
            ),
        ],
        _ => Vec::new(),
    }
}

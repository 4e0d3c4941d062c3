//! What came by the forms: filed as they say, with nothing that they do not ask, beside the notice of the day, agreeing to nothing.

use super::town::Town;
use crate::prove::{Sabotage, sabotage};

/// Each way in which what came by a pack's form is not as the form says. `as_what` and `under` are how it files, `other` is something
/// else that people are to this organisation.
fn of(promise: &'static str, (as_what, under): (&str, &str), other: &str) -> Vec<Sabotage> {
    let theirs = "person_id = (SELECT s.person_id FROM submission s)";
    let because = |says: &'static str, breaks: String, mends: String| sabotage(promise, says, breaks, mends);
    let of_day = "UPDATE submission SET notice_version = (SELECT MAX(v.version) FROM policy_version v)";
    vec![
        because(
            "which the form does not say",
            format!("UPDATE submission SET category = '{other}'"),
            format!("UPDATE submission SET category = '{as_what}'"),
        ),
        because(
            "which the form does not say",
            "UPDATE submission SET activity = 'correspondence'".to_owned(),
            format!("UPDATE submission SET activity = '{under}'"),
        ),
        because(
            "as which submission",
            format!("UPDATE person_category SET category = '{other}' WHERE {theirs}"),
            format!("UPDATE person_category SET category = '{as_what}' WHERE {theirs}"),
        ),
        because(
            "by it as well",
            format!(
                "INSERT INTO person_category (id, person_id, category, since) SELECT 1, person_id, '{other}', on_date FROM submission"
            ),
            "DELETE FROM person_category WHERE id = 1".to_owned(),
        ),
        because(
            "under which submission",
            format!("UPDATE ground SET activity = 'whim' WHERE activity = '{under}' AND {theirs}"),
            format!("UPDATE ground SET activity = '{under}' WHERE activity = 'whim'"),
        ),
        because(
            "does not say which notice was shown with it",
            "UPDATE submission SET notice_version = NULL".to_owned(),
            of_day.to_owned(),
        ),
        because(
            "which was not the one of its day",
            "UPDATE submission SET notice_version = 9".to_owned(),
            of_day.to_owned(),
        ),
        because(
            "brought address of person",
            "INSERT INTO item (id, person_id, kind, value, normal, source, collected_on, version, updated_at)
                SELECT 1, person_id, 'address', 'x', '', 'the person', on_date, 1, recorded_at FROM submission"
                .to_owned(),
            "DELETE FROM item WHERE id = 1".to_owned(),
        ),
        because(
            "brought address of person",
            "UPDATE submission SET kinds = kinds || ', address'".to_owned(),
            "UPDATE submission SET kinds = replace(kinds, ', address', '')".to_owned(),
        ),
        // The tick that the notice was read, taken for a yes.
        because(
            "which agrees to nothing of the sort",
            format!(
                "INSERT INTO consent (id, person_id, activity, form, given_on, wording, notice_version, how, evidence, recorded_at)
                    SELECT 1, person_id, '{under}', 'opt-in', on_date, 'x', notice_version, 'on our page', 'page', recorded_at
                        FROM submission"
            ),
            "DELETE FROM consent WHERE id = 1".to_owned(),
        ),
        because(
            "nobody was asked to answer submission",
            "UPDATE submission SET task_id = NULL".to_owned(),
            "UPDATE submission SET task_id = (SELECT MIN(t.id) FROM task t WHERE t.kind = 'answer')".to_owned(),
        ),
        because(
            "nobody was asked to answer submission",
            "UPDATE submission SET task_id = 1".to_owned(),
            "UPDATE submission SET task_id = (SELECT MIN(t.id) FROM task t WHERE t.kind = 'answer')".to_owned(),
        ),
        because(
            "counts as contact before task 1 says",
            "INSERT INTO task (id, kind, what, person_id, entry_id, blocks, created_at)
                SELECT 1, 'asks', 'x', person_id, entry_id, 0, 0 FROM submission"
                .to_owned(),
            "DELETE FROM task WHERE id = 1".to_owned(),
        ),
    ]
}

pub(super) fn ways(_: &Town, pack: &str) -> Vec<Sabotage> {
    match pack {
        "cti" => of("CTI-06", ("organisation contact", "enquiries"), "supplier"),
        "cmp" => {
            let unticked = "UPDATE submission SET ticked = 0".to_owned();
            let ticked = "UPDATE submission SET ticked = 1".to_owned();
            let says = "was taken without the tick that the form asks for";
            let mut all = of("CMP-19", ("enquirer", "website enquiries"), "commissioner");
            all.push(sabotage("CMP-19", says, unticked, ticked));
            all
        }
        "cli" => of("CLI-37", ("follower", "enquiries"), "professional contact"),
        "chorus" => {
            let both = ["CHO-01", "CHO-06"].map(|promise| of(promise, ("enquirer", "enquiries"), "supplier"));
            both.into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

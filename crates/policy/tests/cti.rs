//! The policy of CTI reads without a finding, and says what it is known to say.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use policy::kind::RECORDS;
use policy::policy::Clause;
use policy::source::File;
use policy::{Disposal, Policy};

fn cti() -> Policy {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let files = vec![File { name: "cti.policy".to_owned(), text }];
    let (policy, found) = Policy::read(files.clone());
    assert!(found.is_empty(), "{}", policy::diagnostic::render(&found, &files, false));
    policy.unwrap()
}

#[test]
fn every_promise_stands_on_a_clause() {
    let policy = cti();
    for number in 1..=25 {
        let id = format!("CTI-{number:02}");
        assert!(policy.promises.contains_key(&id), "{id}");
    }
    assert_eq!(policy.promises.len(), 25);
}

#[test]
fn promises_stand_where_they_are_kept() {
    let policy = cti();
    let words =
        |id: &str| policy.promises[id].iter().map(|clause| policy.clause_words(clause)).collect::<Vec<_>>();
    assert_eq!(words("CTI-13"), ["coaching: keep"]);
    assert_eq!(words("CTI-14"), ["coaching: basis"]);
    assert_eq!(words("CTI-11"), ["coach search: share", "coaching: share"]);
    assert_eq!(words("CTI-07"), ["call: screen"]);
    assert_eq!(words("CTI-10"), ["news for organisations: keep", "mailing: footer"]);
    assert_eq!(words("CTI-12"), ["programme: agreement"]);
    assert_eq!(words("CTI-25").len(), policy.activities.len());
    assert_eq!(words("CTI-01").len(), policy.activities.len());
}

#[test]
fn a_clause_is_quoted_without_its_promise() {
    let policy = cti();
    let coaching = policy.activity_named("coaching").unwrap();
    assert_eq!(
        policy.clause_text(&Clause::Keep(coaching.rules[0])),
        "keep 6 months after completed, or as agreed by client and coach, normally at most 5 years after completed"
    );
    assert_eq!(
        policy.clause_text(&Clause::Basis(coaching.id)),
        "basis consent, signed on consent form, before first session"
    );
    assert!(policy.places.keys().all(|clause| !policy.clause_text(clause).is_empty()));
}

#[test]
fn every_record_of_the_program_is_held_somewhere_and_every_rule_ends_in_something() {
    let policy = cti();
    for (record, _) in RECORDS {
        let kind = policy.kind_named(record).unwrap().id;
        let holders = policy.activities.iter().filter(|activity| activity.kinds.contains(kind)).count();
        assert!(holders >= 1, "{record}");
    }
    assert!(policy.rules.iter().all(|rule| rule.then == Disposal::Erase && !rule.kinds.is_empty()));
    let keys: BTreeSet<&str> = policy.rules.iter().map(|rule| rule.key.as_str()).collect();
    assert_eq!(keys.len(), policy.rules.len());
}

#[test]
fn only_coaching_holds_notes_of_sessions() {
    let policy = cti();
    let notes = policy.kind_named("coaching notes").unwrap().id;
    let holders: Vec<&str> = policy
        .activities
        .iter()
        .filter(|activity| activity.kinds.contains(notes))
        .map(|activity| &*activity.name)
        .collect();
    assert_eq!(holders, ["coaching"]);
    assert_eq!(policy.activity_named("coaching").unwrap().work, Some(policy.works[0].id));
}

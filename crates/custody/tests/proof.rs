//! Which obligations CTI's promises bring.

mod common;

use std::collections::BTreeSet;

use common::{activity, cti, rule};
use custody::{Obligation, obligations};
use policy::Sort;
use policy::policy::Clause;

#[test]
fn every_promise_that_must_be_proved_has_obligations() {
    let policy = cti();
    let all = obligations(&policy);
    for number in [1, 2, 3, 7, 8, 9, 10, 13, 14, 17, 18, 19, 20, 21, 23, 25] {
        let id = format!("CTI-{number:02}");
        assert!(!all[&id].is_empty(), "{id} has none");
    }
    assert_eq!(all.len(), 25);
}

#[test]
fn obligations_follow_from_the_clauses() {
    let policy = cti();
    let all = obligations(&policy);
    let names = |id: &str| {
        let mut names: Vec<&str> = all[id].iter().map(Obligation::name).collect();
        // One for each activity that writes by the same footer.
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        names
    };
    assert_eq!(names("CTI-07"), ["each-call-screened"]);
    assert_eq!(
        names("CTI-10"),
        [
            "gone-in-time",
            "cache-agrees",
            "holds-answered",
            "nothing-left-behind",
            "disposal-done",
            "certified",
            "ends-at-once",
            "footer-in-each",
            "none-after-no",
            "none-listed-after-no"
        ]
    );
    assert_eq!(
        names("CTI-13"),
        [
            "gone-in-time",
            "cache-agrees",
            "holds-answered",
            "nothing-left-behind",
            "disposal-done",
            "certified",
            "caps-reasoned"
        ]
    );
    assert_eq!(
        names("CTI-20"),
        ["register-shape", "initials-only", "erasure-waits-for-paper", "recipients-told"]
    );
    assert!(names("CTI-21").contains(&"suppressed-stay-suppressed"));
    assert!(names("CTI-17").contains(&"reviews-done"));
    assert!(names("CTI-18").contains(&"asked-again"));
    for (promise, asks) in [("CTI-16", true), ("CTI-17", true), ("CTI-18", false)] {
        assert_eq!(names(promise).contains(&"asked-first"), asks, "{promise}");
    }
    for by_consent in ["CTI-14", "CTI-15", "CTI-18"] {
        assert!(names(by_consent).contains(&"consent-shown"), "{by_consent}");
    }
    assert!(names("CTI-01").contains(&"nothing-undeclared"));
    let ends = all["CTI-08"].iter().find(|obligation| obligation.name() == "ends-at-once").unwrap();
    let events = ["phone changes".to_owned(), "asked not to call".to_owned()];
    assert_eq!(
        *ends,
        Obligation::EndsAtOnce { rule: rule(&policy, "offers by phone"), events: events.to_vec() }
    );
    assert_eq!(names("CTI-06"), ["filed-as-stated"]);
    assert!(names("CTI-12").contains(&"agreement-sent"), "{:?}", names("CTI-12"));
    assert_eq!(names("CTI-22"), ["incidents-seen-to"]);
    assert_eq!(names("CTI-05"), ["visits-as-stated", "cookies-listed"]);
}

#[test]
fn the_gate_of_coaching_names_what_cannot_be_there_for_another_reason() {
    let policy = cti();
    let all = obligations(&policy);
    let gate = all["CTI-14"].iter().find(|obligation| obligation.name() == "none-before-consent").unwrap();
    let Obligation::NoneBeforeConsent { activity: of, event, kinds, .. } = gate else { unreachable!() };
    assert_eq!((*of, event.as_str()), (activity(&policy, "coaching"), "first session"));
    let names: Vec<&str> = kinds.iter().map(|kind| policy.kind(kind).unwrap().name.as_str()).collect();
    assert!(names.contains(&"coaching notes") && names.contains(&"life history"), "{names:?}");
    assert!(!names.contains(&"consent form") && !names.contains(&"name"), "{names:?}");
    assert!(kinds.iter().all(|kind| policy.kind(kind).unwrap().sort != Sort::Record));
}

#[test]
fn every_obligation_says_what_must_be_so() {
    let policy = cti();
    for (id, found) in obligations(&policy) {
        for obligation in found {
            let sentence = obligation.sentence(&policy);
            assert!(
                sentence.ends_with('.') && !sentence.contains("  ") && !sentence.contains(" ."),
                "{id}: {sentence}"
            );
        }
    }
}

#[test]
fn safety_is_measured_where_it_can_be_and_attested_where_not() {
    let policy = cti();
    let names: Vec<&str> = obligations(&policy)["CTI-03"].iter().map(Obligation::name).collect();
    assert_eq!(names, ["encrypted-at-rest", "password-policy", "attested", "attested"]);
    let names: Vec<&str> = obligations(&policy)["CTI-23"].iter().map(Obligation::name).collect();
    assert_eq!(names, ["notice-says"]);
}

#[test]
fn a_promise_is_open_while_nothing_looks_at_one_of_its_clauses() {
    let mut policy = cti();
    let clauses = vec![Clause::Visits, Clause::Requests("by pigeon".to_owned())];
    policy.promises.insert("CTI-99".to_owned(), clauses);
    assert_eq!(custody::proof::not_looked_at(&policy, "CTI-99"), ["requests: by pigeon"]);
}

#[test]
fn every_clause_that_a_promise_of_ours_stands_on_is_looked_at() {
    let mut open = String::new();
    for pack in ["cti", "cmp", "cli", "blue-turtle", "chorus"] {
        let path = format!("{}/../../policies/{pack}.policy", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let file = policy::source::File { name: format!("{pack}.policy"), text };
        let policy = policy::Policy::read(vec![file]).0.unwrap();
        for (id, obligations) in obligations(&policy) {
            let unseen = custody::proof::not_looked_at(&policy, &id);
            if !unseen.is_empty() {
                let rest = if obligations.is_empty() { "" } else { ", the rest is" };
                open.push_str(&format!("{id}: {}{rest}\n", unseen.join("; ")));
            }
        }
    }
    assert_eq!(open, "");
}

#[test]
fn a_promise_may_stand_on_any_period_of_our_own_work() {
    use policy::periods::Own;
    let mut policy = cti();
    let mut names = |own: Own| {
        policy.promises.insert("CTI-99".to_owned(), vec![Clause::Period(own)]);
        let mut names: Vec<&str> = obligations(&policy)["CTI-99"].iter().map(Obligation::name).collect();
        names.dedup();
        names
    };
    for (own, looked_at) in [
        (Own::Recipients, "recipients-told"),
        (Own::ByHand, "disposal-done"),
        (Own::Traces, "disposal-done"),
        (Own::Imports, "imports-forgotten"),
        (Own::Previews, "imports-forgotten"),
        (Own::Visitors, "visits-as-stated"),
    ] {
        assert_eq!(names(own), [looked_at], "{own:?}");
    }
}

//! `keep ... for the work`: what a piece of work holds for itself, and what such a clause cannot say.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::source::File;
use policy::{Diagnostic, Policy};

const KEPT: &str =
    "keep       report, appendices for the work until handed over, at most 6 years after case closed";

fn read(instead: &str) -> (Option<Policy>, Vec<Diagnostic>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/blue-turtle.policy");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(KEPT), "the pack keeps its reports for the work");
    Policy::read(vec![File { name: "blue-turtle.policy".to_owned(), text: text.replace(KEPT, instead) }])
}

#[test]
fn a_clause_for_the_work_says_so_in_words() {
    let (policy, _) = read(KEPT);
    let policy = policy.unwrap();
    let rule = policy.rule_keyed("investigation/report, appendices").unwrap();
    assert!(rule.for_work);
    let words = policy::phrase::rule_words(&policy, rule, policy::phrase::Voice::They);
    assert!(words.ends_with(", for the work itself"), "{words}");
    assert_eq!(policy.rules.iter().filter(|rule| rule.for_work).count(), 1);
}

#[test]
fn what_a_clause_for_the_work_cannot_say() {
    let wrong = [
        ("keep name, report, appendices for the work until handed over", "only documents and entries"),
        ("keep report, appendices for the work 6 years after last contact", "counts from the milestones"),
        ("keep report, appendices for the work 6 years after recorded", "counts from the milestones"),
        (
            "keep report, appendices for the work indefinitely, review every 2 years",
            "counts from the milestones",
        ),
        (
            "keep report, appendices for the work 6 years after case closed, review every 2 years",
            "nobody to ask",
        ),
        (
            "keep report, appendices for the work 6 years after case closed; tell the person 30 days before",
            "nobody to ask",
        ),
    ];
    for (clause, says) in wrong {
        let (policy, found) = read(clause);
        assert!(policy.is_none(), "{clause} was taken");
        let said: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
        assert!(
            found.iter().any(|found| found.code == "E-PHRASE" && found.message.contains(says)),
            "{clause}: {said:?}"
        );
    }
}

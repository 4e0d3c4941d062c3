//! The order of clauses never changes what a rule says, and laying a policy out changes no rule.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;

use policy::phrase::{Voice, rule_words};
use policy::policy::Successor;
use policy::source::File;
use policy::{Policy, fmt};

fn retention() -> String {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/language/retention.policy"))
            .unwrap();
    let good = text.split("# What cannot stand.").next().unwrap();
    good.lines().filter(|line| !line.starts_with("#! ")).map(|line| format!("{line}\n")).collect()
}

fn files(text: &str) -> Vec<File> {
    let prelude =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/language/prelude.policy"))
            .unwrap();
    vec![
        File { name: "retention.policy".into(), text: text.to_owned() },
        File { name: "prelude.policy".into(), text: prelude },
    ]
}

fn read(text: &str) -> Policy {
    let (policy, found) = Policy::read(files(text));
    policy.unwrap_or_else(|| panic!("{found:#?}"))
}

/// Each rule's key with all it says, in words and as the tree.
fn rules(policy: &Policy) -> BTreeMap<String, String> {
    let kinds = |rule: &policy::Rule| -> Vec<String> {
        rule.kinds.iter().filter_map(|kind| policy.kind(kind)).map(|kind| kind.name.clone()).collect()
    };
    let told = |rule: &policy::Rule| {
        let words = rule_words(policy, rule, Voice::You);
        format!(
            "{words} {:?} {:?} {:?} {:?} {:?}",
            rule.phrase,
            rule.condition,
            kinds(rule),
            rule.then,
            rule.was
        )
    };
    policy.rules.iter().map(|rule| (rule.key.clone(), told(rule))).collect()
}

#[test]
fn laying_out_changes_no_rule() {
    let text = retention();
    let file = File { name: "retention.policy".into(), text: text.clone() };
    let written = fmt::format(&file).unwrap();
    assert_eq!(rules(&read(&written)), rules(&read(&text)));
    assert_eq!(fmt::format(&File { text: written.clone(), ..file }).unwrap(), written);
}

#[test]
fn the_order_of_keeps_changes_no_rule() {
    let text = retention();
    let keeps: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("  keep      ") && line.contains("case closed"))
        .collect();
    let (one, other) = (keeps[0], keeps[1]);
    let turned = text.replace(one, "@").replace(other, one).replace('@', other);
    assert_eq!(rules(&read(&turned)), rules(&read(&text)));
}

#[test]
fn a_condition_is_part_of_a_rules_key_and_was_finds_it_again() {
    let policy = read(&retention());
    let keys: Vec<&str> = policy.rules.iter().map(|rule| rule.key.as_str()).collect();
    for key in [
        "cases/report, appendices if outcome is upheld",
        "cases if employed by the client at the time",
        "cases otherwise",
        "repairs",
        "repairs longer",
    ] {
        assert!(keys.contains(&key), "{key} of {keys:#?}");
    }
    let is = |old: &str| match policy.successor(old) {
        Successor::Rule(rule) => rule.key.clone(),
        Successor::Ends => "ends".to_owned(),
        Successor::Gone => "gone".to_owned(),
    };
    assert_eq!(is("old repairs longer"), "repairs longer");
    assert_eq!(is("old repairs/visit notes"), "repairs/visit notes");
    assert_eq!(is("cases/name"), "cases if employed by the client at the time");
    assert_eq!(is("old coaching/coaching notes"), "ends");
    assert_eq!(is("old coaching"), "gone");
}

//! The reference page has an example of every statement, and its examples are understood.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::fmt::format;
use policy::parse::statements::{CLAUSES, OPENERS};
use policy::source::File;

fn page() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policy-language.md")).unwrap()
}

#[test]
fn every_example_is_made_of_statements_and_formatted() {
    let page = page();
    let examples: Vec<&str> = page.split("```\n").skip(1).step_by(2).collect();
    assert!(examples.len() >= 6);
    for example in examples {
        let file = File { name: "policy-language.md".to_owned(), text: example.to_owned() };
        assert_eq!(format(&file).as_deref(), Ok(example));
    }
}

#[test]
fn every_statement_has_an_example() {
    let page = page();
    let clauses = CLAUSES.iter().flat_map(|(_, clauses)| clauses.iter());
    for keyword in OPENERS.iter().chain(clauses) {
        let in_block = page
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("{keyword} ")) || line == *keyword);
        let in_table = page.contains(&format!("`{keyword} "));
        assert!(in_block || in_table, "{keyword}");
    }
}

#[test]
fn every_purpose_deed_event_and_record_is_named() {
    let page = page();
    let purposes = policy::activity::Purpose::ALL.iter().map(|(_, name)| *name);
    let deeds = policy::role::Deed::ALL.iter().map(|(_, name)| *name);
    let events = policy::phrase::PERSON_EVENTS.iter().map(|(name, _)| *name);
    let records = policy::kind::RECORDS.iter().map(|(name, _)| *name);
    for name in purposes.chain(deeds).chain(events).chain(records) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

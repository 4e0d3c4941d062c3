//! The reference page has an example of every statement, and its examples are understood.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::fmt::format;
use policy::parse::statements::{CLAUSES, OPENERS};
use policy::phrase::Scope;
use policy::source::File;
use policy::{Policy, Span};

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
fn every_phrase_of_the_table_is_understood() {
    let page = page();
    let table = page.split("## How long").nth(1).and_then(|rest| rest.split("What hangs on").next()).unwrap();
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap();
    let (policy, _) = Policy::read(vec![File { name: "cti.policy".to_owned(), text }]);
    let scope = Scope::of(&policy.unwrap());
    let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
    let phrases: Vec<&str> = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect();
    assert!(phrases.len() >= 14);
    for phrase in phrases.into_iter().filter(|phrase| *phrase != "calendar year") {
        let read = policy::phrase::read(phrase, Span::default(), &scope);
        assert!(read.is_ok(), "{phrase}: {read:?}");
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

//! The register of processing: one row an activity, under the regulator's columns.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use policy::Policy;
use policy::register::{self, COLUMNS, to_csv};
use policy::source::File;

fn cti() -> Policy {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    let text = std::fs::read_to_string(path).unwrap();
    Policy::read(vec![File { name: "cti.policy".into(), text }]).0.unwrap()
}

fn column(name: &str) -> usize {
    COLUMNS.iter().position(|column| column.starts_with(name)).unwrap()
}

#[test]
fn every_activity_has_a_row_and_every_row_every_column() {
    let policy = cti();
    let register = register::of(&policy);
    assert_eq!(register.rows.len(), policy.activities.len());
    assert!(register.rows.iter().all(|row| row.len() == COLUMNS.len()));
    assert!(register.head.iter().any(|(label, value)| *label == "Controller" && value == "CTI"));
}

#[test]
fn a_row_says_basis_period_transfers_and_rights() {
    let policy = cti();
    let register = register::of(&policy);
    let row = |name: &str| {
        let at = policy.activities.iter().position(|activity| activity.name == name).unwrap();
        &register.rows[at]
    };
    let coaching = row("coaching");
    assert_eq!(coaching[column("Business function")], "Service provision");
    assert_eq!(coaching[column("Article 6")], "Article 6(1)(a) - consent");
    assert!(coaching[column("Retention")].starts_with("6 months after the coaching programme is completed"));
    assert_eq!(coaching[column("Categories of recipients")], "the coach");
    assert!(coaching[column("Rights")].contains("portability; withdrawal of consent"));
    let offers = row("offers by phone");
    assert_eq!(offers[column("Link to record of legitimate")], "assessments/offers.md");
    assert_eq!(offers[column("Names of third countries")], "USA");
    assert!(
        !row("proof")[column("Rights")].contains("erasure"),
        "what a law requires is not erased on request"
    );
}

#[test]
fn the_csv_has_a_line_for_each_row() {
    let register = register::of(&cti());
    let csv = to_csv(&register);
    let lines = csv.trim_end().split("\r\n").count();
    assert_eq!(lines, register.head.len() + 2 + register.rows.len());
}

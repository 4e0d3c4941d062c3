//! The register of processing: one row an activity, under the regulator's columns.

#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

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
    // Every column has something to say, if only that there is nothing.
    for (row, activity) in register.rows.iter().zip(&policy.activities) {
        for (cell, column) in row.iter().zip(COLUMNS) {
            assert!(!cell.trim().is_empty(), "{}: {column}", activity.name);
        }
    }
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
fn a_row_says_what_the_policy_knows_of_assessments_incidents_and_consents() {
    let policy = cti();
    let register = register::of(&policy);
    let row = |name: &str| {
        let at = policy.activities.iter().position(|activity| activity.name == name).unwrap();
        register.rows[at].clone()
    };
    let (coaching, offers) = (row("coaching"), row("offers by phone"));
    assert!(coaching[column("Link to record of consent")].starts_with("the consent record of each person"));
    assert!(offers[column("Link to record of consent")].starts_with("not applicable"));
    assert!(coaching[column("Link to record of legitimate")].starts_with("not applicable"));
    assert!(offers[column("Data protection impact assessment required")].starts_with("none known to be"));
    assert!(offers[column("Has a personal data breach")].contains("business manager keeps the list"));
    assert!(offers[column("Link to retention")].starts_with("the policy itself, version 3"));
    assert!(offers[column("Safeguards")].contains("mailer: privacy shield"));
    let (kept, why) = (column("Is personal data retained"), column("Reasons for not adhering"));
    let mut row = coaching;
    let on = jiff::civil::date(2026, 11, 22);
    register::retained(&mut row, on, &[("CTI-13", true, String::new())]);
    assert_eq!(row[kept], "yes: looked at on 2026-11-22 and found kept (CTI-13)");
    register::retained(
        &mut row,
        on,
        &[("CTI-13", true, String::new()), ("CTI-14", false, "entry 7".to_owned())],
    );
    assert_eq!(row[kept], "no: looked at on 2026-11-22 and found broken (CTI-14)");
    assert_eq!(row[why], "entry 7");
}

#[test]
fn the_csv_has_a_line_for_each_row() {
    let register = register::of(&cti());
    let csv = to_csv(&register);
    let lines = csv.trim_end().split("\r\n").count();
    assert_eq!(lines, register.head.len() + 2 + register.rows.len());
}

#[test]
fn the_sheets_are_rectangular_and_name_what_there_is() {
    let policy = cti();
    let sheets = register::sheets(&policy);
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name).collect();
    assert_eq!(
        names,
        [
            "Register of processing",
            "Processors",
            "Recipients",
            "Information assets",
            "Assessments and reviews"
        ]
    );
    for sheet in &sheets {
        assert!(sheet.name.len() <= 31, "a spreadsheet takes no longer names");
        assert!(!sheet.rows.is_empty(), "{}", sheet.name);
        assert!(sheet.rows.iter().all(|row| row.len() == sheet.columns.len()), "{}", sheet.name);
    }
    let mailer = sheets[1].rows.iter().find(|row| row[0] == "mailer").unwrap();
    assert!(mailer[4] == "USA" && mailer[5] == "privacy shield" && mailer[2].contains("email"));
    let associate = sheets[2].rows.iter().find(|row| row[1] == "Finding you a coach").unwrap();
    assert!(associate[2].contains("name") && associate[3].contains("to confirm"), "{associate:?}");
    let notes = sheets[3].rows.iter().find(|row| row[0] == "coaching notes").unwrap();
    assert!(notes[3] == "confidential" && notes[4] == "Coaching sessions");
    assert!(notes[6].contains("coach") && !notes[6].contains("assistant"), "{notes:?}");
    assert!(notes[7].contains("6 months after"), "{notes:?}");
    let offers = sheets[4].rows.iter().find(|row| row[1] == "assessments/offers.md").unwrap();
    assert_eq!((offers[4].as_str(), offers[5].as_str()), ("2026-11-02", "2027-11-02"));
    assert_eq!(offers[2].split("; ").count(), 3, "three activities rest on one assessment");
}

/// Every value of a key anywhere in a document.
fn all<'v>(value: &'v serde_json::Value, key: &str, found: &mut Vec<&'v serde_json::Value>) {
    match value {
        serde_json::Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|value| all(value, key, found));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| all(value, key, found)),
        _ => {}
    }
}

#[test]
fn one_activity_is_described_with_all_that_it_refers_to() {
    let policy = cti();
    let activity = policy.activity_named("coaching").unwrap();
    let described = register::described(&policy, activity);
    let ids: Vec<&str> = described.nodes.iter().filter_map(|node| node["@id"].as_str()).collect();
    assert!(ids.contains(&described.process.as_str()) && ids.contains(&described.controller.as_str()));
    assert_eq!(described.nodes.iter().filter(|node| node["@type"] == "dpv:Process").count(), 1);
    for node in &described.nodes {
        for key in ["hasPersonalData", "hasDataSubject", "hasDataProcessor", "hasDataController"] {
            let mut named = Vec::new();
            all(node, key, &mut named);
            let one = |value: &&serde_json::Value| value.as_array().is_none();
            let (ones, many): (Vec<_>, Vec<_>) = named.into_iter().partition(one);
            let each = ones.into_iter().chain(many.into_iter().flat_map(|many| many.as_array().unwrap()));
            for id in each {
                assert!(ids.contains(&id.as_str().unwrap()), "{id} is not there");
            }
        }
    }
}

#[test]
fn the_linked_data_names_every_activity_with_purpose_basis_and_storage() {
    let policy = cti();
    let linked = register::to_jsonld(&policy);
    let nodes = linked["@graph"].as_array().unwrap();
    let processes: Vec<_> = nodes.iter().filter(|node| node["@type"] == "dpv:Process").collect();
    assert_eq!(processes.len(), policy.activities.len());
    for (process, activity) in processes.iter().zip(&policy.activities) {
        assert_eq!(process["title"], activity.title.as_str());
        assert!(process["hasPurpose"]["@type"].as_str().unwrap().starts_with("dpv:"));
        assert_eq!(process["hasStorageCondition"].as_array().unwrap().len(), activity.rules.len());
    }
    let coaching = processes.iter().find(|process| process["title"] == "Coaching sessions").unwrap();
    assert_eq!(coaching["hasLegalBasis"][0]["@type"][0], "eu-gdpr:A6-1-a");
    let search = processes.iter().find(|process| process["title"] == "Finding you a coach").unwrap();
    assert_eq!(search["hasStorageCondition"][0]["hasDuration"]["rdf:value"]["@value"], "P3M");
    // Every reference within the document leads to a node of it.
    let ids: std::collections::BTreeSet<&str> =
        nodes.iter().filter_map(|node| node["@id"].as_str()).collect();
    assert_eq!(ids.len(), nodes.len(), "ids are unique");
    for key in ["hasPersonalData", "hasDataSubject", "hasDataProcessor", "hasProcess"] {
        let mut found = Vec::new();
        all(&linked["@graph"], key, &mut found);
        assert!(!found.is_empty(), "{key}");
        for id in found.iter().flat_map(|value| value.as_array().unwrap()) {
            assert!(ids.contains(id.as_str().unwrap()), "{key}: {id}");
        }
    }
    // Every term used as a key is in the context.
    let context = linked["@context"].as_object().unwrap();
    for node in nodes {
        for key in node.as_object().unwrap().keys().filter(|key| !key.starts_with('@')) {
            assert!(context.contains_key(key), "{key}");
        }
    }
}

#[test]
fn special_data_carries_its_condition_schedule_and_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let basis = "  basis     contract, at the person's request\n";
    let with = format!(
        "{basis}  condition substantial public interest, \"safeguarding\", policy document \"documents/safeguarding.md\"\n"
    );
    let sensitive = "\"your career and life history\"                     confidential";
    let text = text
        .replace(sensitive, "\"your career and life history\" special")
        .replacen(basis, &with, 1)
        .replacen(
            "data      name, email, phone, organisation, enquiry,",
            "data      name, email, phone, organisation, life history, enquiry,",
            1,
        );
    let (policy, found) = Policy::read(vec![File { name: "a".into(), text }]);
    let policy = policy.unwrap_or_else(|| panic!("{found:?}"));
    let row = &register::of(&policy).rows[0];
    assert!(row[column("Article 9")].contains("9(2)(g)"), "{}", row[column("Article 9")]);
    assert!(row[column("Data Protection Act 2018 Schedule 1")].contains("safeguarding: "));
    assert_eq!(row[column("Link to retention")], "documents/safeguarding.md");
    let documents = register::documents(&policy);
    let document = documents.iter().find(|document| document.what == "appropriate policy document").unwrap();
    assert_eq!(document.next.unwrap().to_string(), "2027-11-02");
    let said = register::to_jsonld(&policy)["@graph"].to_string();
    assert!(said.contains("eu-gdpr:A9-2-g"), "{said}");
}

#[test]
fn whoever_gets_data_at_its_end_is_a_recipient_everywhere() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let archived = "\nrecipient archive \"the county archive\"\n\nactivity chronicle \"The chronicle\"\n  for client\n  \
        so that \"those after us know what was done here\"\n  purpose RecordManagement\n  basis legal obligation, under \
        \"Public Records Act 1958\"\n  data name\n  from the person\n  keep 5 years after last contact\n  then transfer to \
        archive, then erase\n";
    let (policy, found) = Policy::read(vec![File { name: "a".into(), text: text.clone() + archived }]);
    let policy = policy.unwrap_or_else(|| panic!("{found:?}"));
    let row = register::of(&policy).rows.pop().unwrap();
    assert_eq!(row[column("Categories of recipients")], "the county archive, at the end");
    let list = register::recipient_list(&policy);
    let last = list.rows.last().unwrap();
    assert_eq!(
        (last[0].as_str(), last[1].as_str(), last[2].as_str()),
        ("the county archive", "The chronicle", "name")
    );
    assert!(last[4].starts_with("at the end: 5 years after"), "{last:?}");
    let linked = register::to_jsonld(&policy);
    let nodes = linked["@graph"].as_array().unwrap();
    let process = nodes.iter().find(|node| node["title"] == "The chronicle").unwrap();
    assert!(process["hasRecipient"][0].as_str().unwrap().ends_with("recipient:archive"), "{process}");
    assert!(process["hasProcessing"].to_string().contains("dpv:Share"));
    let notice = policy::notice::to_markdown(&policy::notice::of(&policy));
    let section = notice.split("## Who else gets your data").nth(1).unwrap().split("\n## ").next().unwrap();
    assert!(section.contains("we give the county archive what we hold under The chronicle."), "{section}");
    let today = jiff::civil::date(2026, 11, 22);
    let found = policy::check::check(&policy, today);
    assert!(!found.iter().any(|finding| finding.code == "W-RECIPIENT"), "it gets something: {found:?}");
    let never = format!("{text}{archived}\nnever share anything\n");
    let (policy, _) = Policy::read(vec![File { name: "a".into(), text: never }]);
    let found = policy::check::check(&policy.unwrap(), today);
    let against = found.iter().filter(|finding| finding.code == "E-CONTRADICTION").count();
    assert!(against > 1, "what is handed over at the end is shared too: {found:?}");
}

//! How copies of somebody's data leave, as a policy says it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::Policy;
use policy::notice::to_markdown;
use policy::source::File;

fn read(clause: &str) -> (Option<Policy>, Vec<policy::diagnostic::Diagnostic>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replacen("  register  access:", &format!("{clause}\n  register  access:"), 1);
    Policy::read(vec![File { name: "cti.policy".into(), text }])
}

#[test]
fn either_part_stands_alone_and_neither_is_what_it_is_where_nothing_is_said() {
    let said = |clause: &str| {
        let requests = read(clause).0.unwrap().requests;
        (requests.copies_read_by_two, requests.copies_days)
    };
    assert_eq!(said(""), (false, 14));
    assert_eq!(said("  copies read by two before they leave"), (true, 14));
    assert_eq!(said("  copies fetched by a link within 3 days"), (false, 3));
    assert_eq!(said("  copies fetched by a link within 1 day, read by two before they leave"), (true, 1));
}

#[test]
fn what_is_meant_is_said_where_it_is_not_understood() {
    for (clause, help) in [
        ("  copies read by three before they leave", "read by two before they leave"),
        ("  copies fetched by a link within 0 days", "from 1 to 365"),
        ("  copies fetched by a link within 2 weeks", "from 1 to 365"),
    ] {
        let (_, found) = read(clause);
        assert!(found.iter().any(|one| format!("{one:?}").contains(help)), "{clause}: {found:?}");
    }
}

#[test]
fn the_notice_says_that_two_read_it() {
    let text = |clause: &str| to_markdown(&policy::notice::of(&read(clause).0.unwrap()));
    assert!(text("  copies read by two before they leave").contains("reads that again"));
    assert!(!text("").contains("reads that again"));
}

//! The policy of CTI reads without a finding, and says what it is known to say.

use policy::Policy;
use policy::source::File;

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

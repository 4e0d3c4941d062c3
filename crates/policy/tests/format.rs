//! The formatter settles at once, changes no meaning, and CTI's policy is written as it writes it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::Policy;
use policy::fmt::format;
use policy::source::File;

fn cti() -> File {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");
    File { name: "cti.policy".to_owned(), text: std::fs::read_to_string(path).unwrap() }
}

#[test]
fn the_policy_of_cti_is_formatted() {
    let file = cti();
    let written = format(&file).unwrap();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy"), &written).unwrap();
        return;
    }
    assert!(written == file.text, "run this test with BLESS=1 to write it");
    assert_eq!(format(&File { text: written.clone(), ..file }).unwrap(), written);
}

#[test]
fn a_policy_squeezed_to_the_left_means_the_same_and_formats_the_same() {
    let file = cti();
    let squeezed: String = file.text.lines().map(|line| format!("{}\n", line.trim_start())).collect();
    let squeezed = File { text: squeezed, ..file.clone() };
    assert_eq!(format(&squeezed).unwrap(), format(&file).unwrap());
    let (one, other) = (Policy::read(vec![file]).0.unwrap(), Policy::read(vec![squeezed]).0.unwrap());
    let words = |policy: &Policy| policy.rules.iter().map(|rule| rule.words.clone()).collect::<Vec<_>>();
    assert_eq!(words(&one), words(&other));
    assert_eq!(one.promises, other.promises);
}

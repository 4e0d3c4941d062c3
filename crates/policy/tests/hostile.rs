//! Whatever text comes in, reading it ends, finds its faults inside it, and can be shown.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use policy::source::File;
use policy::{Policy, Severity, diagnostic};
use proptest::prelude::*;
use proptest::sample::Index;

fn cti() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap()
}

/// Reads, formats and renders; what is found lies within the text.
fn survive(text: String) {
    let files = vec![File { name: "a.policy".to_owned(), text }];
    let (policy, found) = Policy::read(files.clone());
    assert_eq!(policy.is_none(), found.iter().any(|finding| finding.severity == Severity::Error));
    for finding in &found {
        assert!(
            finding.span.start <= finding.span.end && finding.span.end as usize <= files[0].text.len(),
            "{finding:?}"
        );
        assert!(!finding.message.ends_with('.') && !finding.message.is_empty(), "{finding:?}");
    }
    assert!(!diagnostic::render(&found, &files, false).is_empty());
    assert!(diagnostic::to_json(&found, &files).starts_with('['));
    if let Ok(written) = policy::fmt::format(&files[0]) {
        let again = File { name: "a.policy".to_owned(), text: written.clone() };
        assert_eq!(policy::fmt::format(&again), Ok(written), "formatting twice differs");
    }
    if let Some(policy) = policy {
        for clause in policy.places.keys() {
            assert!(!policy.clause_text(clause).is_empty() && !policy.clause_words(clause).is_empty());
        }
    }
}

/// A word that means something to the language, or upsets it.
const WORDS: &[&str] = &[
    "keep",
    "then",
    "activity",
    "policy",
    "\"",
    "\"\n\n",
    ",",
    ";",
    ":",
    "#",
    "promise CTI-01",
    "promise",
    "until",
    "99999999999999999999",
    "65535 years",
    "0 days",
    "2026-02-30",
    "é",
    "“",
    "\t",
    "\r\n",
    "\n",
    "or",
    "include \"a.policy\"",
    "every",
    "of",
    "the",
    "with",
    "<@>",
    "never",
    "role",
    "may see",
    "in",
    "at most",
    "\u{202e}",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "(?s).{0,400}") {
        survive(text);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        survive(String::from_utf8_lossy(&bytes).into_owned());
    }

    #[test]
    fn words_of_the_language_in_any_order(words in proptest::collection::vec(0..WORDS.len(), 0..60)) {
        survive(words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" "));
    }

    #[test]
    fn the_policy_of_cti_with_a_line_gone(at: Index) {
        let text = cti();
        let lines: Vec<&str> = text.lines().collect();
        let gone = at.index(lines.len());
        let rest = lines.iter().enumerate().filter(|(number, _)| *number != gone);
        survive(rest.map(|(_, line)| format!("{line}\n")).collect());
    }

    #[test]
    fn the_policy_of_cti_with_something_put_in(at: Index, word in 0..WORDS.len(), cut in 0usize..40) {
        let text = cti();
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        let before = letters.iter().take(at);
        let after = letters.iter().skip(at + cut);
        survive(before.copied().chain(WORDS[word].chars()).chain(after.copied()).collect());
    }
}

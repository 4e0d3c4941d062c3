//! Whatever text comes in, reading it ends, finds its faults inside it, and can be shown.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it stands")]

use std::path::PathBuf;
use std::sync::LazyLock;

use policy::check::check;
use policy::clock::{Facts, Outcome, clock_of};
use policy::editor::{complete, define, hover};
use policy::source::File;
use policy::{Policy, Severity, diagnostic};
use proptest::prelude::*;
use proptest::sample::Index;

fn cti() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap()
}

/// A day on which nothing is known of anybody.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

/// Every text there is to begin from: the policies that come with the program, the examples of the findings, and
/// texts made to upset a reader.
static CORPUS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut folders =
        vec![here.join("../../policies"), here.join("tests/corpus"), here.join("tests/language")];
    let suite = std::fs::read_dir(here.join("tests/suite")).unwrap();
    folders.extend(suite.map(|entry| entry.unwrap().path()));
    folders.sort();
    let mut texts = Vec::new();
    for folder in folders {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in
            paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "policy"))
        {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    assert!(texts.len() > 200, "{}", texts.len());
    texts
});

/// Reads, checks, formats and renders; what is found lies within the text, and no period ends without a fact.
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
    let half = files[0].text.len() / 2;
    let half = (0..=half).rev().find(|at| files[0].text.is_char_boundary(*at)).unwrap();
    drop((complete(&files, 0, half), define(&files, 0, half), hover(&files, &found, 0, half, TODAY)));
    assert!(policy::sarif::to_sarif(&found, &files, "0").contains("2.1.0"));
    if let Some(policy) = policy {
        let found = check(&policy, TODAY);
        assert!(found.iter().all(|finding| finding.span.end as usize <= files[0].text.len()), "{found:?}");
        for rule in &policy.rules {
            let clock = clock_of(rule, &Facts::default(), TODAY);
            assert!(!matches!(clock.outcome, Outcome::Due { .. }), "a date out of nothing: {}", rule.words);
        }
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

/// Few by themselves, since each case reads a whole policy again and again; more with `PROPTEST_CASES`.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    ProptestConfig { cases: (given.cases / 4).max(64), failure_persistence: None, ..given }
}

proptest! {
    #![proptest_config(config())]

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

    #[test]
    fn any_text_of_the_corpus_with_lines_taken_doubled_and_moved(
        which: Index, cuts in proptest::collection::vec((any::<Index>(), any::<Index>(), 0..4usize), 1..6)
    ) {
        let mut lines: Vec<String> = which.get(&CORPUS).lines().map(str::to_owned).collect();
        for (one, other, how) in cuts {
            if lines.is_empty() {
                break;
            }
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            match how {
                0 => drop(lines.remove(one)),
                1 => lines.insert(other, lines[one].clone()),
                2 => lines.swap(one, other),
                _ => lines.truncate(one.max(1)),
            }
        }
        survive(lines.join("\n"));
    }

    #[test]
    fn two_texts_of_the_corpus_run_together(one: Index, other: Index, cut: Index, join: Index) {
        let first: Vec<char> = one.get(&CORPUS).chars().collect();
        let second: Vec<char> = other.get(&CORPUS).chars().collect();
        let from = first.iter().take(cut.index(first.len() + 1));
        survive(from.chain(second.iter().skip(join.index(second.len() + 1))).collect());
    }
}

#[test]
fn every_text_of_the_corpus_is_survived() {
    CORPUS.iter().cloned().for_each(survive);
}

#[test]
fn a_period_as_deep_as_a_file_is_refused() {
    for part in [
        "the earlier of ",
        "the later of ",
        "until ",
        "1 day after completed, at most ",
        "6 months after a, or as agreed with b, ",
    ] {
        let deep = part.repeat(200_000 / part.len());
        let whole =
            cti().replacen("keep      3 months after last contact", &format!("keep {deep}completed"), 1);
        let (policy, found) = Policy::read(vec![File { name: "a.policy".to_owned(), text: whole }]);
        assert!(policy.is_none());
        assert!(found.iter().any(|finding| finding.code == "E-PHRASE"), "{part}: {found:?}");
        assert!(policy::phrase::read_alone(&deep).is_err());
    }
}

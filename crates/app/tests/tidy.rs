//! The house rules a compiler does not know: which crate may use which, how long a file may be, what the
//! pure crates never do, and the few places where a sealed value may be revealed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// No file of ours is longer than a person reads in one sitting, tests included.
const FILE_LINES_MAX: usize = 600;

/// Where a value may leave its seal: pages, API answers, mail, print, export. Nowhere else.
const MAY_REVEAL: &[&str] = &[
    "crates/custody/src/sealed.rs",
    "crates/app/src/web/show.rs",
    "crates/app/src/web/api/",
    "crates/app/src/mail/",
    "crates/app/src/print/",
];

/// Which of our crates each may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("policy", &[]),
    ("custody", &["policy"]),
    ("store", &["custody", "policy"]),
    ("print", &[]),
    ("read", &[]),
    ("app", &["custody", "policy", "print", "read", "store"]),
];

/// What a pure crate never mentions.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
    "async fn",
    "tokio",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// Every source file under `crates/NAME/src`, by its path from the root, with its text.
fn ours() -> Vec<(String, String)> {
    within(&["src"])
}

/// Every source file and every test.
fn all_of_ours() -> Vec<(String, String)> {
    within(&["src", "tests"])
}

fn within(folders: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    for (name, _) in ARROWS {
        for folder in folders.iter().map(|folder| root.join("crates").join(name).join(folder)) {
            if folder.is_dir() {
                sources(&folder, &mut found);
            }
        }
    }
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// The code of a file: what stands before its tests.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn crates_only_use_those_below_them() {
    for (name, may) in ARROWS {
        let manifest = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
        let uses = manifest.split("[dev-dependencies]").next().unwrap();
        for (other, _) in ARROWS {
            let depends = uses.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(*other));
            assert_eq!(depends, may.contains(other), "`{name}` depends on `{other}`, or does so no more");
        }
    }
}

#[test]
fn files_are_read_in_one_sitting() {
    let long: Vec<_> = all_of_ours()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .collect();
    assert!(long.is_empty(), "longer than {FILE_LINES_MAX} lines: {long:?}");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<_> = all_of_ours()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "no `//!` line at the top: {silent:?}");
}

#[test]
fn pure_crates_do_no_io_and_ask_no_clock() {
    for (path, text) in ours() {
        if path.starts_with("crates/policy/") || path.starts_with("crates/custody/") {
            for word in IMPURE {
                let said = code(&text)
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .any(|line| line.contains(word));
                assert!(!said, "`{path}` mentions `{word}`");
            }
        }
    }
}

#[test]
fn sealed_values_are_revealed_only_where_they_leave() {
    let reveals = |text: &str| [".reveal()", "::reveal"].iter().any(|word| code(text).contains(word));
    let revealing: Vec<_> =
        ours().into_iter().filter(|(_, text)| reveals(text)).map(|(path, _)| path).collect();
    for path in &revealing {
        assert!(MAY_REVEAL.iter().any(|may| path.starts_with(may)), "`{path}` reveals a sealed value");
    }
    for may in MAY_REVEAL {
        assert!(
            revealing.iter().any(|path| path.starts_with(may)),
            "nothing is revealed in `{may}` any more"
        );
    }
}

#[test]
fn only_dialect_knows_which_database_it_is() {
    for (path, text) in ours() {
        // The error type turns each driver's errors into ours, and a transaction with its rows and values is what
        // everything else sees instead of the two drivers: these have to name them.
        let knows = ["dialect", "db", "error.rs", "tx"]
            .iter()
            .any(|known| path.starts_with(&format!("crates/store/src/{known}")));
        if path.starts_with("crates/store/") && !knows {
            for word in ["rusqlite::", "postgres::", "fts5", "pg_trgm"] {
                let said = code(&text)
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .any(|line| line.contains(word));
                assert!(!said, "`{path}` mentions `{word}`: differences live in dialect/");
            }
        }
    }
}

#[test]
fn what_backups_hold_is_deleted_in_one_place() {
    // Tables that no backup holds, and settings, which say nothing of anybody. A database about to be filled is empty but
    // for what made it, and what was opened lies in a file of its own until it moves into the log.
    let free = ["search_text", "session", "sign_in_attempt", "setting"];
    let knows = [
        "crates/store/src/ring_duty.rs",
        "crates/store/src/backup/restore.rs",
        "crates/store/src/dialect/views.rs",
    ];
    let mut looked = 0;
    for (path, text) in ours() {
        if knows.contains(&path.as_str()) || path.starts_with("crates/app/src/bin/") {
            continue;
        }
        for (_, from) in code(&text)
            .match_indices("DELETE FROM ")
            .map(|(at, words)| (at, &code(&text)[at + words.len()..]))
        {
            let table = from.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap();
            looked += 1;
            assert!(
                free.contains(&table),
                "`{path}` deletes from `{table}`: let go of rows with `ring_duty::delete`, or backups bring them back"
            );
        }
    }
    assert!(looked > 5, "this looks at nothing");
}

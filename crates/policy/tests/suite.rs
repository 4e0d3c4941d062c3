//! Each finding has a policy that has it and one that has not: `suite/CODE/bad.policy` and `good.policy`, built on
//! `suite/base/`. `#! "..."` below a bad one says which words are underlined. `BLESS=1` writes what is found: read it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::civil::{Date, date};
use policy::check::{Code, check, code, codes, explain};
use policy::diagnostic::{Diagnostic, Severity, render, to_json};
use policy::source::File;
use policy::{Policy, fmt};

const TODAY: Date = date(2026, 11, 22);

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite"))
}

/// The files of an example: itself, and whatever it includes.
fn files(text: &str) -> Vec<File> {
    let mut files = vec![File { name: "example.policy".to_owned(), text: bare(text) }];
    let mut at = 0;
    while let Some(file) = files.get(at).cloned() {
        for name in policy::parse::includes(&file.text) {
            if let Ok(text) = std::fs::read_to_string(folder().join("base").join(&name)) {
                files.push(File { name, text });
            }
        }
        at += 1;
    }
    // As whoever reads a policy from the disk does where a text it rests on is not there.
    if let (Some(policy), _) = Policy::read(files.clone()) {
        let documents = policy::register::documents(&policy).into_iter();
        let missing = documents.filter(|document| document.file.starts_with("missing/"));
        files.extend(missing.map(|document| File { name: document.file, text: String::new() }));
    }
    files
}

fn bare(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("#! ")).map(|line| format!("{line}\n")).collect()
}

fn found(files: &[File]) -> Vec<Diagnostic> {
    match Policy::read(files.to_vec()) {
        (Some(policy), found) => [found, check(&policy, TODAY)].concat(),
        (None, found) => found,
    }
}

/// The words a finding underlines, on one line.
fn underlined(finding: &Diagnostic, files: &[File]) -> String {
    let text = &files.get(usize::from(finding.span.file)).unwrap().text;
    finding.span.of(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The example with `#!` lines for what is underlined in it.
fn annotated(text: &str, code: &str) -> String {
    let files = files(text);
    let mut written = bare(text);
    for finding in found(&files).iter().filter(|finding| finding.code == code) {
        written.push_str(&format!("#! {}\n", underlined(finding, &files)));
    }
    written
}

fn path(code: &Code, which: &str) -> PathBuf {
    folder().join(code.code).join(format!("{which}.policy"))
}

#[test]
fn each_finding_is_found_in_its_bad_example_where_it_says() {
    let mut wrong = Vec::new();
    for code in codes() {
        let actual = annotated(code.bad, code.code);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path(code, "bad"), &actual).unwrap();
        } else if actual != code.bad {
            wrong.push(actual.clone());
        }
        let files = files(code.bad);
        let findings = found(&files);
        if !findings.iter().any(|finding| finding.code == code.code) {
            wrong.push(format!(
                "{} is not in its bad example\n{}",
                code.code,
                render(&findings, &files, false)
            ));
        }
        let others = |finding: &&Diagnostic| {
            finding.severity == Severity::Error && finding.code != code.code && finding.accepted.is_none()
        };
        if let Some(other) = findings.iter().find(others) {
            wrong.push(format!("{}'s bad example has {other:?}", code.code));
        }
        for finding in findings.iter().filter(|finding| finding.code == code.code) {
            assert_eq!(finding.severity, code.severity());
            if code.law.is_some() {
                assert_eq!(finding.law.as_deref(), code.law, "{}", code.code);
                assert!(finding.help.is_some(), "{} helps nobody", code.code);
            }
        }
        assert!(to_json(&findings, &files).contains(code.code));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
}

#[test]
fn nothing_is_found_in_the_good_examples() {
    let mut wrong = Vec::new();
    for code in codes() {
        let files = files(code.good);
        let findings = found(&files);
        let stands = |finding: &Diagnostic| {
            finding.accepted.is_none() && (finding.code == code.code || finding.severity != Severity::Advice)
        };
        if findings.iter().any(stands) {
            wrong.push(format!("{}\n{}", code.code, render(&findings, &files, false)));
        }
        let laid_out = fmt::format(files.first().unwrap()).unwrap();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path(code, "good"), &laid_out).unwrap();
        } else if laid_out != code.good {
            wrong.push(format!("{} is not laid out", code.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
}

#[test]
fn every_folder_of_the_suite_is_a_finding() {
    let folders: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "base")
        .collect();
    assert_eq!(folders, codes().map(|code| code.code.to_owned()).collect());
}

#[test]
fn every_explanation_shows_law_wording_and_both_examples() {
    for known in codes() {
        let said = explain(known.code).unwrap();
        assert!(said.contains("Found here:\n\n    ") && said.contains("Not here:\n\n    "), "{said}");
        assert!(!said.contains("#!") && !said.contains("include \"all"), "{said}");
        assert!(known.law.is_none_or(|law| said.contains(law)), "{said}");
        assert_eq!(known.acceptable, said.contains("because \"...\" until DATE`."), "{said}");
    }
    assert!(code("E-SHIELD").is_some_and(|code| code.severity() == Severity::Error));
}

/// The page `docs/findings.md`, as it must be.
fn page() -> String {
    let mut page = "# What `probity check` finds\n\n\
        Errors (`E-`) keep a policy from being adopted unless they are accepted; warnings (`W-`) and advice (`A-`) do not.\n\
        `probity check --explain CODE` shows a policy that has the finding, and one that has not. This page is written from the\n\
        findings themselves (`BLESS=1 cargo test -p policy --test suite`).\n\n\
        | code | what is wrong | the law | write |\n|---|---|---|---|\n"
        .to_owned();
    for code in codes() {
        let cells = [code.title, code.law.unwrap_or(""), code.wording].map(|cell| cell.replace('|', "\\|"));
        page.push_str(&format!("| `{}` | {} |\n", code.code, cells.join(" | ")));
    }
    page
}

#[test]
fn the_page_lists_every_finding() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/findings.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), page(), "run with BLESS=1, then read it");
}

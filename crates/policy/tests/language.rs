//! The language's own tests: each file of `language/` says below its lines what is found in them.
//! `#! error[E-UNKNOWN] 13-19 message` speaks of columns of the line above; `#! help ...` of the
//! finding above. Run with `BLESS=1` to write what is found, then read it.

use std::path::PathBuf;

use policy::Policy;
use policy::diagnostic::{Diagnostic, line_and_column};
use policy::source::File;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/language"))
}

/// The file with what was found written below each line.
fn annotated(text: &str, found: &[Diagnostic]) -> String {
    let mut written = String::new();
    for (number, line) in text.lines().enumerate() {
        written.push_str(line);
        written.push('\n');
        let here = |finding: &&Diagnostic| line_and_column(text, finding.span.start).0 == number + 1;
        for finding in found.iter().filter(|finding| finding.span.file == 0).filter(here) {
            let (_, from) = line_and_column(text, finding.span.start);
            let (last, to) = line_and_column(text, finding.span.end);
            let to = if last == number + 1 { to.to_string() } else { "...".to_owned() };
            let (severity, code, message) = (finding.severity.word(), finding.code, &finding.message);
            written.push_str(&format!("#! {severity}[{code}] {from}-{to} {message}\n"));
            if let Some(help) = &finding.help {
                written.push_str(&format!("#! help {help}\n"));
            }
        }
    }
    written
}

#[test]
fn every_file_says_what_is_found_in_it() {
    let prelude = std::fs::read_to_string(folder().join("prelude.policy")).unwrap();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    for path in files.iter().filter(|path| !path.ends_with("prelude.policy")) {
        let expected = std::fs::read_to_string(path).unwrap();
        let bare: String = expected
            .lines()
            .filter(|line| !line.starts_with("#! "))
            .map(|line| format!("{line}\n"))
            .collect();
        let files = vec![
            File { name: path.display().to_string(), text: bare.clone() },
            File { name: "prelude.policy".to_owned(), text: prelude.clone() },
        ];
        let (policy, found) = Policy::read(files.clone());
        assert_eq!(policy.is_none(), found.iter().any(|finding| finding.severity == policy::Severity::Error));
        assert!(
            found.iter().all(|finding| finding.span.file == 0 || !expected.contains("prelude")),
            "{found:?}"
        );
        assert!(found.iter().all(|finding| policy::check::explain(finding.code).is_some()), "{found:?}");
        let actual = annotated(&bare, &found);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, actual).unwrap();
        } else if actual != expected {
            wrong.push(actual);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n----\n"));
}

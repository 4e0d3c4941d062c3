//! The colours that editors show know every statement of the language.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use policy::activity::Purpose;
use policy::parse::statements::{CLAUSES, OPENERS};

fn file(path: &str) -> String {
    std::fs::read_to_string(format!("{}/../../editors/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn every_statement_and_purpose_has_a_colour() {
    let grammar: serde_json::Value =
        serde_json::from_str(&file("vscode/syntaxes/probity.tmLanguage.json")).unwrap();
    let words = |rule: &str| -> Vec<String> {
        let pattern = grammar["repository"][rule]["match"].as_str().unwrap();
        let inside = pattern.split_once('(').unwrap().1.rsplit_once(')').unwrap().0;
        inside.split('|').map(|word| word.replace("\\s+", " ")).collect()
    };
    let (openers, clauses) = (words("opener"), words("clause"));
    let vim = file("neovim/syntax/probity.vim");
    for opener in OPENERS {
        assert!(openers.iter().any(|word| word == opener), "{opener} has no colour");
        assert!(vim.contains(opener), "{opener} has no colour in Vim");
    }
    for clause in CLAUSES.iter().flat_map(|(_, clauses)| clauses.iter()) {
        assert!(clauses.iter().chain(&openers).any(|word| word == clause), "{clause} has no colour");
        assert!(vim.contains(clause), "{clause} has no colour in Vim");
    }
    let known = |word: &String| {
        OPENERS.contains(&word.as_str())
            || CLAUSES.iter().any(|(_, clauses)| clauses.contains(&word.as_str()))
    };
    assert!(openers.iter().chain(&clauses).all(known), "a word that begins no statement");
    let text = grammar.to_string();
    assert!(Purpose::ALL.iter().all(|(_, name)| text.contains(name)));
}

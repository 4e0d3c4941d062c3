//! What a policy author uses, over real pipes: the language server, and `check` with its three forms of output.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop where it stands"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

struct Editor {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Editor {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_probity"))
            .args(["lsp", "--stdio", "--today", "2026-11-22"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut editor = Self { child, input, output, next: 0 };
        let able = editor.ask("initialize", json!({ "capabilities": {} }));
        assert_eq!(able["capabilities"]["hoverProvider"], true);
        editor.tell("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server hung up");
            if line.trim().is_empty() {
                break;
            }
            length = line.trim().strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let answer = self.receive();
        assert_eq!(answer["id"], id, "{answer}");
        answer["result"].clone()
    }

    /// The findings sent for a file.
    fn findings(&mut self, uri: &str) -> Vec<Value> {
        loop {
            let message = self.receive();
            assert_eq!(message["method"], "textDocument/publishDiagnostics");
            if message["params"]["uri"] == uri {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }
}

/// Line and character of the first byte of some words.
fn at(text: &str, words: &str) -> Value {
    let byte = text.find(words).unwrap();
    let line = text[..byte].matches('\n').count();
    let start = text[..byte].rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": line, "character": text[start..byte].encode_utf16().count() })
}

#[test]
fn an_editor_is_helped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("our policy.policy");
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap();
    std::fs::write(&path, &text).unwrap();
    let uri = format!("file://{}", path.display().to_string().replace(' ', "%20"));
    let document = json!({ "uri": uri });
    let mut editor = Editor::start();

    let open = json!({ "textDocument": { "uri": uri, "languageId": "probity", "version": 1, "text": text } });
    editor.tell("textDocument/didOpen", open);
    let found = editor.findings(&uri);
    let shield = found.iter().find(|finding| finding["code"] == "E-SHIELD").unwrap();
    assert_eq!(shield["severity"], 4, "accepted: {shield}");
    assert_eq!(shield["range"]["start"], at(&text, "privacy shield"));
    assert!(found.iter().all(|finding| finding["severity"] != 1), "{found:?}");

    // A fault typed is found, and gone when it is put right.
    let broken = text.replacen("purpose   ServiceProvision", "purpose   ServiceProvison", 1);
    let change = |text: &str| json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": text }] });
    editor.tell("textDocument/didChange", change(&broken));
    let found = editor.findings(&uri);
    let wrong = found.iter().find(|finding| finding["severity"] == 1).unwrap();
    assert_eq!(wrong["range"]["start"], at(&broken, "ServiceProvison"));
    assert!(wrong["message"].as_str().unwrap().contains("did you mean `ServiceProvision`"), "{wrong}");

    let ask = json!({ "textDocument": document, "range": wrong["range"], "context": { "diagnostics": [] } });
    let actions = editor.ask("textDocument/codeAction", ask);
    assert_eq!(actions[0]["edit"]["changes"][&uri][0]["newText"], "ServiceProvision", "{actions}");
    assert_eq!(actions[0]["edit"]["changes"][&uri][0]["range"], wrong["range"]);

    // While it is broken, names and purposes are still offered.
    let mut end = at(&broken, "ServiceProvison");
    end["character"] = json!(end["character"].as_u64().unwrap() + 7);
    let offered = editor.ask("textDocument/completion", json!({ "textDocument": document, "position": end }));
    let labels: Vec<&str> =
        offered.as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["ServiceProvision"]);
    assert_eq!(offered[0]["textEdit"]["newText"], "ServiceProvision");

    editor.tell("textDocument/didChange", change(&text));
    assert!(editor.findings(&uri).iter().all(|finding| finding["severity"] != 1));

    let keep = json!({ "textDocument": document, "position": at(&text, "6 months after completed") });
    let said = editor.ask("textDocument/hover", keep);
    let said = said["contents"]["value"].as_str().unwrap();
    assert!(said.contains("2026-11-22") && said.contains("2027-05-22"), "{said}");

    let place = json!({ "textDocument": document, "position": at(&text, "coaching client, once completed") });
    let found = editor.ask("textDocument/definition", place);
    assert_eq!(found["range"]["start"], at(&text, "coaching client       \"our"));

    let untidy = text.replacen("  home        UK", "home UK", 1);
    editor.tell("textDocument/didChange", change(&untidy));
    editor.findings(&uri);
    let edits = editor.ask("textDocument/formatting", json!({ "textDocument": document, "options": {} }));
    assert_eq!(edits[0]["newText"], text);

    assert_eq!(editor.ask("textDocument/rename", json!({})), Value::Null);
    assert_eq!(editor.ask("shutdown", Value::Null), Value::Null);
    editor.tell("exit", Value::Null);
    assert!(editor.child.wait().unwrap().success());
}

#[test]
fn a_part_of_a_policy_is_read_with_the_whole_and_rubbish_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy")).unwrap();
    let cut = text.find("# ---- Housekeeping").unwrap();
    let (first, rest) = text.split_at(cut);
    std::fs::write(folder.path().join("whole.policy"), format!("{first}include \"rest.policy\"\n")).unwrap();
    let part = folder.path().join("rest.policy");
    std::fs::write(&part, rest).unwrap();
    let uri = format!("file://{}", part.display());
    let mut editor = Editor::start();
    let open = json!({ "textDocument": { "uri": uri, "languageId": "probity", "version": 1, "text": rest } });
    editor.tell("textDocument/didOpen", open);
    let found = editor.findings(&uri);
    editor.findings(&uri.replace("rest.policy", "whole.policy"));
    assert!(found.iter().any(|finding| finding["code"] == "E-SHIELD"), "{found:?}");
    assert!(found.iter().all(|finding| finding["severity"] != 1), "{found:?}");

    editor.input.write_all(b"Content-Length: 3\r\n\r\n{{{").unwrap();
    editor.input.flush().unwrap();
    assert_eq!(editor.receive()["error"]["code"], -32700);
    let nowhere =
        json!({ "textDocument": { "uri": "untitled:1" }, "position": { "line": 9, "character": 9 } });
    assert_eq!(editor.ask("textDocument/hover", nowhere), Value::Null);
    drop(editor.input);
    assert!(!editor.child.wait().unwrap().success(), "no `exit` was said");
}

fn check(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_probity")).arg("check").args(arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

const CTI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/cti.policy");

#[test]
fn check_fails_on_errors_that_are_not_accepted() {
    let (code, said) = check(&[CTI, "--today", "2026-11-22"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("0 errors, ") && said.contains("accepted (next lapses 2027-03-31)"), "{said}");
    let (code, said) = check(&[CTI, "--today", "2027-03-31"]);
    assert_eq!(code, 1, "an acceptance has lapsed: {said}");
    assert!(
        said.contains("error[E-SHIELD]") && said.contains("accepted until 2027-03-31: decide again"),
        "{said}"
    );
    assert_eq!(check(&["nowhere.policy"]).0, 2);
}

#[test]
fn check_writes_json_and_sarif() {
    let (code, said) = check(&[CTI, "--today", "2026-11-22", "--format", "json"]);
    assert_eq!(code, 0);
    let rows: Vec<Value> = serde_json::from_str(&said).unwrap();
    let shield = rows.iter().find(|row| row["code"] == "E-SHIELD").unwrap();
    let mut names: Vec<&str> = shield.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let contract = ["accepted", "code", "column", "file", "law", "line", "message", "severity", "suggestion"];
    assert_eq!(names, contract);
    assert_eq!((&shield["severity"], &shield["accepted"]), (&json!("error"), &json!(true)));
    assert!(rows.iter().any(|row| row["severity"] == "advice"));

    let (code, said) = check(&[CTI, "--today", "2027-03-31", "--format", "sarif"]);
    assert_eq!(code, 1);
    let log: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let same_day: Vec<Value> =
        serde_json::from_str(&check(&[CTI, "--today", "2027-03-31", "--format", "json"]).1).unwrap();
    assert_eq!(results.len(), same_day.len());
    let shield = results.iter().find(|result| result["ruleId"] == "E-SHIELD").unwrap();
    assert!(shield.get("suppressions").is_none(), "lapsed");
    assert!(results.iter().any(|result| result["suppressions"][0]["kind"] == "inSource"));
}

#[test]
fn check_teaches_each_finding() {
    let (code, said) = check(&["--explain", "e-shield"]);
    assert_eq!(code, 0);
    for part in
        ["16 July 2020", "Law: UK GDPR Art 44", "Write: ", "Found here:", "under privacy shield", "Not here:"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(check(&["--explain", "E-SHEILD"]).0, 2);
}

#[test]
fn an_assessment_that_is_named_and_not_there_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let starter = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter.policy");
    let text = std::fs::read_to_string(starter).unwrap();
    let path = folder.path().join("starter.policy");
    std::fs::write(&path, &text).unwrap();
    let texts = folder.path().join("assessments/starter");
    std::fs::create_dir_all(&texts).unwrap();
    std::fs::write(texts.join("staff.md"), "Weighed.\n").unwrap();
    let missing = || {
        let (code, said) = check(&[path.to_str().unwrap(), "--today", "2026-12-01", "--format", "json"]);
        assert_eq!(code, 0, "{said}");
        let rows: Vec<Value> = serde_json::from_str(&said).unwrap();
        let named = rows.iter().filter(|row| row["code"] == "W-NOT-ON-FILE");
        named.map(|row| row["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(missing(), ["`assessments/starter/correspondence.md` is not there, or says nothing"]);
    std::fs::write(texts.join("correspondence.md"), "\n").unwrap();
    assert_eq!(missing().len(), 1, "what says nothing was not weighed");
    std::fs::write(texts.join("correspondence.md"), "Weighed too.\n").unwrap();
    assert!(missing().is_empty());
}

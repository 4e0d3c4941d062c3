//! What the editor has open, which policy each file belongs to, and what is found in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use policy::editor::position_of;
use policy::source::File;
use policy::{Diagnostic, Policy, Severity, Span};
use serde_json::{Value, json};

/// A policy's files with what was found in them. The file asked about is `file`.
pub(super) struct Reading {
    pub(super) files: Vec<File>,
    pub(super) found: Vec<Diagnostic>,
    pub(super) file: u16,
}

pub(super) struct House {
    pub(super) today: Date,
    /// The texts that are open, by their paths.
    open: BTreeMap<PathBuf, String>,
    /// The files that findings were sent for, by the file that made us look.
    told: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl House {
    pub(super) fn new(today: Date) -> Self {
        Self { today, open: BTreeMap::new(), told: BTreeMap::new() }
    }

    /// Takes a notification in; gives the findings it leads to.
    pub(super) fn told(&mut self, method: &str, params: &Value) -> Vec<Value> {
        let document = params.get("textDocument").unwrap_or(&Value::Null);
        let Some(path) = document.get("uri").and_then(Value::as_str).and_then(path_of) else {
            return Vec::new();
        };
        let text = match method {
            "textDocument/didOpen" => document.get("text"),
            "textDocument/didChange" => {
                params.pointer("/contentChanges").and_then(|changes| changes.as_array()?.last()?.get("text"))
            }
            "textDocument/didSave" => None,
            "textDocument/didClose" => {
                self.open.remove(&path);
                let told = self.told.remove(&path).unwrap_or_default();
                return told.iter().map(|file| published(file, Vec::new())).collect();
            }
            _ => return Vec::new(),
        };
        if let Some(text) = text.and_then(Value::as_str) {
            self.open.insert(path.clone(), text.to_owned());
        }
        self.look(&path)
    }

    /// The findings of the policy a file belongs to, file by file; empty for those that have none any more.
    fn look(&mut self, path: &Path) -> Vec<Value> {
        let Some(reading) = self.reading(path) else { return Vec::new() };
        let mut by_file: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
        let own = policy::parse::included(&reading.files);
        for (_, file) in reading.files.iter().enumerate().filter(|(at, _)| own.contains(at)) {
            by_file.entry(PathBuf::from(&file.name)).or_default();
        }
        for finding in &reading.found {
            if let Some(file) = reading.files.get(usize::from(finding.span.file)) {
                by_file.entry(PathBuf::from(&file.name)).or_default().push(diagnostic(finding, &file.text));
            }
        }
        let now: BTreeSet<PathBuf> = by_file.keys().cloned().collect();
        let before = self.told.insert(path.to_owned(), now).unwrap_or_default();
        for gone in before {
            by_file.entry(gone).or_default();
        }
        by_file.into_iter().map(|(file, found)| published(&file, found)).collect()
    }

    /// The policy a file belongs to: itself, if it has a head, or a file beside it that includes it.
    pub(super) fn reading(&self, path: &Path) -> Option<Reading> {
        let text = self.text(path)?;
        let root =
            if has_head(&text) { path.to_owned() } else { self.includer(path).unwrap_or(path.to_owned()) };
        let mut files = self.files(&root)?;
        let file = files.iter().position(|file| Path::new(&file.name) == path)?;
        let file = u16::try_from(file).ok()?;
        // A part of a policy by itself says nothing of the whole: only its own grammar is looked at.
        if !files.iter().any(|file| has_head(&file.text)) {
            let found = policy::parse::parse(file, &text).1;
            return Some(Reading { files, found, file });
        }
        if let (Some(policy), _) = Policy::read(files.clone()) {
            let beside = root.parent().unwrap_or(Path::new(""));
            for document in policy::register::documents(&policy) {
                let place = beside.join(&document.file);
                let name = place.display().to_string();
                let known = files.iter().any(|file| file.name == name);
                if !known && !policy::parse::leads_out(&document.file) {
                    files.push(File { name, text: self.text(&place).unwrap_or_default() });
                }
            }
        }
        let (policy, mut found) = Policy::read(files.clone());
        found.extend(policy.iter().flat_map(|policy| policy::check::check(policy, self.today)));
        Some(Reading { files, found, file })
    }

    fn text(&self, path: &Path) -> Option<String> {
        self.open.get(path).cloned().or_else(|| std::fs::read_to_string(path).ok())
    }

    fn files(&self, root: &Path) -> Option<Vec<File>> {
        let mut files: Vec<File> = Vec::new();
        let mut waiting = vec![root.to_owned()];
        while let Some(path) = waiting.pop() {
            let name = path.display().to_string();
            let Some(text) = self.text(&path).filter(|_| !files.iter().any(|file| file.name == name)) else {
                continue;
            };
            let beside = path.parent().unwrap_or(Path::new(""));
            waiting.extend(policy::parse::includes(&text).iter().rev().map(|include| beside.join(include)));
            files.push(File { name, text });
        }
        (!files.is_empty()).then_some(files)
    }

    fn includer(&self, path: &Path) -> Option<PathBuf> {
        let name = path.file_name()?.to_str()?;
        let mut beside: Vec<PathBuf> = std::fs::read_dir(path.parent()?)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "policy"))
            .take(200)
            .collect();
        beside.sort();
        beside.into_iter().find(|other| {
            other != path
                && self.text(other).is_some_and(|text| {
                    has_head(&text) && policy::parse::includes(&text).iter().any(|include| include == name)
                })
        })
    }
}

fn has_head(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("policy \""))
}

fn published(file: &Path, found: Vec<Value>) -> Value {
    let params = json!({ "uri": uri_of(file), "diagnostics": found });
    json!({ "jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params })
}

fn diagnostic(finding: &Diagnostic, text: &str) -> Value {
    let severity = match (finding.accepted, finding.severity) {
        (Some(_), _) => 4,
        (None, Severity::Error) => 1,
        (None, Severity::Warning) => 2,
        (None, Severity::Advice) => 3,
    };
    let mut message = finding.message.clone();
    if !finding.label.is_empty() {
        message.push_str(&format!(" ({})", finding.label));
    }
    message.extend(finding.law.iter().map(|law| format!("\nlaw: {law}")));
    message.extend(finding.help.iter().map(|help| format!("\nhelp: {help}")));
    message.extend(finding.accepted.iter().map(|until| format!("\naccepted until {until}")));
    json!({
        "range": range(text, finding.span),
        "severity": severity,
        "code": finding.code,
        "source": "probity",
        "message": message,
    })
}

/// A place of a text as the protocol says it.
pub(super) fn range(text: &str, span: Span) -> Value {
    let place = |byte| {
        let place = position_of(text, byte);
        json!({ "line": place.line, "character": place.character })
    };
    json!({ "start": place(span.start), "end": place(span.end) })
}

/// `file:///home/a%20b` as a path; `None` for what is no file.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let mut bytes = Vec::new();
    let mut letters = rest.bytes();
    while let Some(byte) = letters.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [letters.next()?, letters.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// A path as `file:///home/a%20b`.
pub(super) fn uri_of(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.display().to_string().bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte))
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_are_the_same_both_ways() {
        let path = Path::new("/home/ä b/our policy.policy");
        assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
        assert_eq!(path_of("untitled:one"), None);
        assert_eq!(path_of("file:///a%2"), None);
    }
}

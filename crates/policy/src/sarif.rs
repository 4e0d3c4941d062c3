//! Findings as a SARIF 2.1.0 log, for tools that gather them. The names are those of the standard; nothing is decided.

use serde_json::{Value, json};

use crate::check::{Code, codes};
use crate::diagnostic::{Diagnostic, Lines, Severity};
use crate::source::File;

/// Where the schema of the standard is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Every finding, accepted ones as suppressed, with the rules they fall under.
#[must_use]
pub fn to_sarif(diagnostics: &[Diagnostic], files: &[File], version: &str) -> String {
    let rules: Vec<&Code> = codes().collect();
    let lines: Vec<Lines> = files.iter().map(|file| Lines::of(&file.text)).collect();
    let results: Vec<Value> =
        diagnostics.iter().map(|finding| result(finding, files, &lines, &rules)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "probity",
                "version": version,
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn rule(code: &Code) -> Value {
    let mut rule = json!({
        "id": code.code,
        "shortDescription": { "text": code.title },
        "fullDescription": { "text": code.text },
        "defaultConfiguration": { "level": level(code.severity()) },
    });
    if let (Some(law), Some(rule)) = (code.law, rule.as_object_mut()) {
        rule.insert("properties".to_owned(), json!({ "law": law }));
    }
    if let (false, Some(rule)) = (code.wording.is_empty(), rule.as_object_mut()) {
        rule.insert("help".to_owned(), json!({ "text": format!("Write: {}", code.wording) }));
    }
    rule
}

fn result(finding: &Diagnostic, files: &[File], lines: &[Lines], rules: &[&Code]) -> Value {
    let mut text = finding.message.clone();
    for more in [finding.law.as_ref().map(|law| format!("Law: {law}")), finding.help.clone()] {
        text.extend(more.map(|more| format!("\n{more}")));
    }
    let mut result = json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [],
    });
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(at) = rules.iter().position(|code| code.code == finding.code) {
        fields.insert("ruleIndex".to_owned(), json!(at));
    }
    let at = usize::from(finding.span.file);
    if let Some((file, lines)) = files.get(at).zip(lines.get(at)) {
        let (line, column) = lines.place(&file.text, finding.span.start);
        let (last, end) = lines.place(&file.text, finding.span.end);
        let region =
            json!({ "startLine": line, "startColumn": column, "endLine": last, "endColumn": end.max(1) });
        let place = json!({ "artifactLocation": { "uri": uri(&file.name) }, "region": region });
        fields.insert("locations".to_owned(), json!([{ "physicalLocation": place }]));
    }
    if let Some(until) = finding.accepted {
        let why = format!("accepted in the policy until {until}");
        fields.insert(
            "suppressions".to_owned(),
            json!([{ "kind": "inSource", "status": "accepted", "justification": why }]),
        );
    }
    result
}

/// A path as a relative reference (RFC 3986): what may not stand in one is written `%20`.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    /// What the published schema requires of an object, and all it allows, for the objects written here.
    const SHAPES: &[(&str, &[&str], &[&str])] = &[
        ("log", &["version", "runs"], &["$schema", "version", "runs"]),
        ("run", &["tool"], &["tool", "columnKind", "results"]),
        ("driver", &["name"], &["name", "version", "rules"]),
        (
            "rule",
            &["id"],
            &["id", "shortDescription", "fullDescription", "defaultConfiguration", "properties", "help"],
        ),
        ("result", &["message"], &["ruleId", "ruleIndex", "level", "message", "locations", "suppressions"]),
        ("suppression", &["kind"], &["kind", "status", "justification"]),
    ];

    fn shaped(name: &str, value: &Value) {
        let (_, required, allowed) = SHAPES.iter().find(|(known, ..)| *known == name).unwrap_or(&SHAPES[0]);
        let fields = value.as_object().unwrap_or_else(|| panic!("{name} is no object"));
        assert!(required.iter().all(|field| fields.contains_key(*field)), "{name}: {value}");
        assert!(fields.keys().all(|field| allowed.contains(&field.as_str())), "{name}: {value}");
    }

    #[test]
    fn the_log_has_the_shape_of_the_standard() {
        let files = [File { name: "our policy.policy".to_owned(), text: "é\nprocessor x\n".to_owned() }];
        let mut accepted = Diagnostic::of_code("W-REVIEW", Span { file: 0, start: 0, end: 2 }, "old");
        accepted.accepted = Some(jiff::civil::date(2027, 3, 31));
        let found = [
            Diagnostic::of_code("E-SHIELD", Span { file: 0, start: 13, end: 14 }, "gone")
                .lawful()
                .help("`x`"),
            accepted,
            Diagnostic::of_code("A-VITAL", Span { file: 7, start: 0, end: 0 }, "elsewhere"),
        ];
        let log: Value = serde_json::from_str(&to_sarif(&found, &files, "0.1.0")).unwrap_or_default();
        shaped("log", &log);
        let run = &log["runs"][0];
        shaped("run", run);
        shaped("driver", &run["tool"]["driver"]);
        let rules = run["tool"]["driver"]["rules"].as_array().cloned().unwrap_or_default();
        rules.iter().for_each(|rule| shaped("rule", rule));
        assert_eq!(rules.len(), codes().count());
        let results = run["results"].as_array().cloned().unwrap_or_default();
        results.iter().for_each(|result| shaped("result", result));
        let at = results[0]["ruleIndex"].as_u64().unwrap_or_default();
        assert_eq!(rules[usize::try_from(at).unwrap_or_default()]["id"], "E-SHIELD");
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "our%20policy.policy");
        assert_eq!(place["region"]["startLine"], 2);
        assert_eq!(place["region"]["startColumn"], 11);
        assert_eq!(place["region"]["endColumn"], 12);
        assert_eq!(results[0]["level"], "error");
        assert!(results[0].get("suppressions").is_none());
        shaped("suppression", &results[1]["suppressions"][0]);
        assert_eq!(results[2]["level"], "note");
        assert_eq!(results[2]["locations"], json!([]));
    }
}

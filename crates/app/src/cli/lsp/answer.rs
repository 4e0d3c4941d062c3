//! Answers to what an editor asks about a place in a file. `null` where there is nothing to say.

use std::path::Path;

use policy::editor::{self, Position, Sort, offset_of};
use policy::fix;
use policy::source::File;
use policy::{Diagnostic, Span, fmt};
use serde_json::{Value, json};

use super::house::{House, Reading, path_of, range, uri_of};

/// The file a request speaks of, and the byte.
fn place(house: &House, params: &Value) -> Option<(Reading, usize)> {
    let path = path_of(params.pointer("/textDocument/uri")?.as_str()?)?;
    let reading = house.reading(&path)?;
    let number = |field: &str| params.pointer(field)?.as_u64().and_then(|number| u32::try_from(number).ok());
    let at = Position { line: number("/position/line")?, character: number("/position/character")? };
    let byte = offset_of(&text(&reading)?.text, at);
    Some((reading, byte))
}

fn text(reading: &Reading) -> Option<&File> {
    reading.files.get(usize::from(reading.file))
}

pub(super) fn completion(house: &House, params: &Value) -> Value {
    let Some((reading, byte)) = place(house, params) else { return Value::Null };
    let Some(file) = text(&reading) else { return Value::Null };
    let end = u32::try_from(byte).unwrap_or(u32::MAX);
    let items: Vec<Value> = editor::complete(&reading.files, reading.file, byte)
        .into_iter()
        .map(|one| {
            // Keyword, value and enumeration member, as the protocol numbers them.
            let kind = match one.sort {
                Sort::Statement => 14,
                Sort::Name => 12,
                Sort::Word => 20,
            };
            let start = u32::try_from(one.from).unwrap_or(u32::MAX);
            let span = Span { file: reading.file, start, end };
            json!({
                "label": one.label,
                "kind": kind,
                "detail": one.detail,
                "filterText": one.label,
                "textEdit": { "range": range(&file.text, span), "newText": one.label },
            })
        })
        .collect();
    json!(items)
}

pub(super) fn hover(house: &House, params: &Value) -> Value {
    let said = place(house, params).and_then(|(reading, byte)| {
        editor::hover(&reading.files, &reading.found, reading.file, byte, house.today)
    });
    said.map_or(Value::Null, |said| json!({ "contents": { "kind": "markdown", "value": said } }))
}

pub(super) fn definition(house: &House, params: &Value) -> Value {
    let found = place(house, params).and_then(|(reading, byte)| {
        let declared = editor::define(&reading.files, reading.file, byte)?;
        let file = reading.files.get(usize::from(declared.span.file))?;
        Some(json!({ "uri": uri_of(Path::new(&file.name)), "range": range(&file.text, declared.span) }))
    });
    found.unwrap_or(Value::Null)
}

/// The edits that answer the findings in a range, each tried before it is offered.
pub(super) fn actions(house: &House, params: &Value) -> Value {
    let path = params.pointer("/textDocument/uri").and_then(Value::as_str).and_then(path_of);
    let Some(reading) = path.and_then(|path| house.reading(&path)) else { return Value::Null };
    let Some(file) = text(&reading) else { return Value::Null };
    let end = |name: &str| {
        let number =
            |field: &str| params.pointer(&format!("/range/{name}/{field}"))?.as_u64()?.try_into().ok();
        Some(offset_of(&file.text, Position { line: number("line")?, character: number("character")? }))
    };
    let (Some(from), Some(to)) = (end("start"), end("end")) else { return Value::Null };
    let here = |finding: &&Diagnostic| {
        finding.span.file == reading.file
            && finding.accepted.is_none()
            && finding.span.start as usize <= to
            && from <= finding.span.end as usize
    };
    let uri = uri_of(Path::new(&file.name));
    let actions = reading.found.iter().filter(here).filter_map(|finding| {
        let fix = fix::fix(&reading.files, finding, &reading.found, house.today)?;
        let edit = json!({ "range": range(&file.text, fix.span), "newText": fix.new });
        Some(json!({
            "title": format!("{}: {}", finding.code, finding.help.as_deref().unwrap_or_default()),
            "kind": "quickfix",
            "isPreferred": true,
            "edit": { "changes": { &uri: [edit] } },
        }))
    });
    json!(actions.collect::<Vec<_>>())
}

/// The whole text, laid out; no edit where it cannot be, or already is.
pub(super) fn formatting(house: &House, params: &Value) -> Value {
    let path = params.pointer("/textDocument/uri").and_then(Value::as_str).and_then(path_of);
    let Some(reading) = path.and_then(|path| house.reading(&path)) else { return Value::Null };
    let Some(file) = text(&reading) else { return Value::Null };
    match fmt::format(file) {
        Ok(laid_out) if laid_out != file.text => {
            let end = u32::try_from(file.text.len()).unwrap_or(u32::MAX);
            let whole = Span { file: 0, start: 0, end };
            json!([{ "range": range(&file.text, whole), "newText": laid_out }])
        }
        Ok(_) => json!([]),
        Err(_) => Value::Null,
    }
}

//! The notice as data for the typesetter: sections in one row with their levels, blocks, runs and links.

use serde_json::{Value, json};

use super::{Block, Line, Notice, Run, Section};

/// The notice as the typesetter's template takes it.
#[must_use]
pub fn to_paper(notice: &Notice, organisation: &str) -> Value {
    let mut sections = Vec::new();
    notice.sections.iter().for_each(|section| flatten(&mut sections, section, 1));
    json!({
        "title": notice.title,
        "organisation": organisation,
        "version": notice.version.to_string(),
        "from": notice.from.to_string(),
        "opening": notice.opening.iter().filter_map(block).collect::<Vec<_>>(),
        "sections": sections,
    })
}

fn flatten(sections: &mut Vec<Value>, section: &Section, level: u8) {
    let own: Vec<Value> = section.blocks.iter().filter_map(block).collect();
    sections.push(json!({ "level": level, "id": section.id, "title": section.heading, "blocks": own }));
    for part in &section.blocks {
        if let Block::Part(part) = part {
            flatten(sections, part, level + 1);
        }
    }
}

fn block(block: &Block) -> Option<Value> {
    match block {
        Block::Paragraph(line) => Some(json!({ "sort": "paragraph", "runs": runs(line) })),
        Block::List(lines) => {
            Some(json!({ "sort": "list", "items": lines.iter().map(runs).collect::<Vec<_>>() }))
        }
        Block::Table { caption, columns, rows } => Some(json!({
            "sort": "table",
            "caption": caption,
            "columns": columns,
            "rows": rows.iter().map(|row| row.iter().map(runs).collect::<Vec<_>>()).collect::<Vec<_>>(),
        })),
        Block::Part(_) => None,
    }
}

fn runs(line: &Line) -> Value {
    line.0
        .iter()
        .map(|run| match run {
            Run::Text(text) => json!({ "text": text }),
            Run::Link { text, to } => json!({ "text": text, "to": to }),
        })
        .collect()
}

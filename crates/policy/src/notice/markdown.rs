//! The notice as Markdown, a line a paragraph.

use super::{Block, Line, Notice, Run, Section};

/// The notice as Markdown.
#[must_use]
pub fn to_markdown(notice: &Notice) -> String {
    let mut text = format!("# {}\n\n", escape(&notice.title));
    notice.opening.iter().for_each(|block| write(&mut text, block, 2));
    notice.sections.iter().for_each(|section| write_section(&mut text, section, 2));
    format!("{}\n", text.trim_end())
}

fn write_section(text: &mut String, section: &Section, level: usize) {
    text.push_str(&format!("{} {}\n\n", "#".repeat(level), escape(&section.heading)));
    section.blocks.iter().for_each(|block| write(text, block, level + 1));
}

fn write(text: &mut String, block: &Block, level: usize) {
    match block {
        Block::Paragraph(line) => text.push_str(&format!("{}\n\n", runs(line))),
        Block::List(lines) => {
            lines.iter().for_each(|line| text.push_str(&format!("- {}\n", runs(line))));
            text.push('\n');
        }
        Block::Table { columns, rows, .. } => {
            let heads: Vec<String> = columns.iter().map(|column| escape(column)).collect();
            text.push_str(&format!("| {} |\n|{}\n", heads.join(" | "), " --- |".repeat(columns.len())));
            for row in rows {
                let cells: Vec<String> = row.iter().map(runs).collect();
                text.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
            text.push('\n');
        }
        Block::Part(section) => write_section(text, section, level),
    }
}

fn runs(line: &Line) -> String {
    line.0
        .iter()
        .map(|run| match run {
            Run::Text(text) => escape(text),
            // Headings have no ids of their own here, so that links within the notice are words only.
            Run::Link { text, to } if to.starts_with('#') => escape(text),
            Run::Link { text, to } => format!("[{}](<{}>)", escape(text), to.replace(['<', '>', '\n'], "")),
        })
        .collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '|' | '#' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            '\n' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

//! The notice as plain, semantic HTML: headings, paragraphs, lists, tables. No styles, no scripts.

use super::{Block, Line, Notice, Run, Section};

/// The notice as a fragment with its own heading: one `h1`, sections with ids.
#[must_use]
pub fn to_html(notice: &Notice) -> String {
    format!("<h1>{}</h1>\n{}", escape(&notice.title), to_body(notice))
}

/// The notice without its title, for a page that has an `h1` already.
#[must_use]
pub fn to_body(notice: &Notice) -> String {
    let mut html = String::new();
    notice.opening.iter().for_each(|block| write(&mut html, block, 3));
    html.push_str("<nav aria-label=\"On this page\">\n<ul>\n");
    for section in &notice.sections {
        let (id, heading) = (escape(&section.id), escape(&section.heading));
        html.push_str(&format!("<li><a href=\"#{id}\">{heading}</a></li>\n"));
    }
    html.push_str("</ul>\n</nav>\n");
    notice.sections.iter().for_each(|section| write_section(&mut html, section, 2));
    html
}

/// The sections alone, for a short page that needs no list of them.
#[must_use]
pub fn to_sections(notice: &Notice) -> String {
    let mut html = opening_html(notice);
    notice.sections.iter().for_each(|section| write_section(&mut html, section, 2));
    html
}

/// The blocks that stand before the sections.
#[must_use]
pub fn opening_html(notice: &Notice) -> String {
    let mut html = String::new();
    notice.opening.iter().for_each(|block| write(&mut html, block, 3));
    html
}

/// One section of the notice, its heading at a level from 1 to 6.
#[must_use]
pub fn section_html(section: &Section, level: u8) -> String {
    let mut html = String::new();
    write_section(&mut html, section, level);
    html
}

/// The notice as a whole page.
#[must_use]
pub fn to_page(notice: &Notice) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n</head>\n<body>\n\
         <main>\n{}</main>\n</body>\n</html>\n",
        escape(&notice.title),
        to_html(notice)
    )
}

fn write_section(html: &mut String, section: &Section, level: u8) {
    let id = escape(&section.id);
    html.push_str(&format!("<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n"));
    html.push_str(&format!("<h{level} id=\"{id}-heading\">{}</h{level}>\n", escape(&section.heading)));
    section.blocks.iter().for_each(|block| write(html, block, level + 1));
    html.push_str("</section>\n");
}

fn write(html: &mut String, block: &Block, level: u8) {
    match block {
        Block::Paragraph(line) => html.push_str(&format!("<p>{}</p>\n", runs(line))),
        Block::List(lines) => {
            html.push_str("<ul>\n");
            lines.iter().for_each(|line| html.push_str(&format!("<li>{}</li>\n", runs(line))));
            html.push_str("</ul>\n");
        }
        Block::Table { caption, columns, rows } => {
            html.push_str(&format!("<table>\n<caption>{}</caption>\n<thead>\n<tr>", escape(caption)));
            columns
                .iter()
                .for_each(|column| html.push_str(&format!("<th scope=\"col\">{}</th>", escape(column))));
            html.push_str("</tr>\n</thead>\n<tbody>\n");
            rows.iter().for_each(|row| write_row(html, row));
            html.push_str("</tbody>\n</table>\n");
        }
        Block::Part(section) => write_section(html, section, level),
    }
}

fn write_row(html: &mut String, row: &[Line]) {
    html.push_str("<tr>");
    for (number, cell) in row.iter().enumerate() {
        match number {
            0 => html.push_str(&format!("<th scope=\"row\">{}</th>", runs(cell))),
            _ => html.push_str(&format!("<td>{}</td>", runs(cell))),
        }
    }
    html.push_str("</tr>\n");
}

fn runs(line: &Line) -> String {
    line.0
        .iter()
        .map(|run| match run {
            Run::Text(text) => escape(text),
            Run::Link { text, to } => format!("<a href=\"{}\">{}</a>", escape(to), escape(text)),
        })
        .collect()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

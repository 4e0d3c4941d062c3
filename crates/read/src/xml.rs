//! The words of XML: what flows, and what stands in attributes. It is read as a stream whose entities are never followed.

use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};

use crate::plain;

/// The text of XML with what stands in attributes that hold words: who wrote a comment, what a picture shows, where a
/// link leads.
pub(crate) fn said(bytes: &[u8]) -> Option<String> {
    let mut text = flow(bytes)?;
    for value in attributes(bytes)? {
        text.push_str(&value);
        text.push('\n');
    }
    Some(text)
}

/// Words in attributes.
pub(crate) fn attributes(bytes: &[u8]) -> Option<Vec<String>> {
    let mut beside: Vec<String> = Vec::new();
    let mut reader = Reader::from_reader(bytes);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) | Event::Empty(tag) => {
                let outward = tag.attributes().flatten().any(|one| one.value.as_ref() == b"External");
                let called = tag.local_name();
                let of_its_own =
                    SAYING_OF.iter().filter(|(element, _)| element.as_bytes() == called.as_ref());
                let of_its_own: Vec<&str> = of_its_own.map(|(_, key)| *key).collect();
                for one in tag.attributes() {
                    let one = one.ok()?;
                    let key = String::from_utf8_lossy(one.key.local_name().as_ref()).to_ascii_lowercase();
                    let value = one.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
                    let says = SAYING.contains(&key.as_str()) || (key == "target" && outward);
                    let named = of_its_own.contains(&key.as_str()) && is_somebodys(&value);
                    if (says || named) && value.chars().any(char::is_alphabetic) && !beside.contains(&value) {
                        beside.push(value);
                    }
                }
            }
            Event::Eof => return Some(beside),
            _ => {}
        }
        buffer.clear();
    }
}

/// Attributes that hold words of people.
const SAYING: &[&str] = &[
    "author",
    "authors",
    "creator",
    "initials",
    "descr",
    "title",
    "alt",
    "tooltip",
    "display",
    "displayname",
    "href",
    "userid",
    "username",
    "lastmodifiedby",
    "prompt",
    "prompttitle",
    "error",
    "errortitle",
    "string-value",
    "fullname",
    "caption",
    "company",
    "manager",
    "instr",
    "refreshedby",
    "string",
    "producer",
    "contributor",
];

/// Attributes that hold words of people on these elements only: names of sheets, cells, bookmarks, styles, themes, fields and
/// variables, what is printed before numbers, what can be chosen.
const SAYING_OF: &[(&str, &str)] = &[
    ("definedName", "name"),
    ("sheet", "name"),
    ("cellStyle", "name"),
    ("tableColumn", "name"),
    ("lvlText", "val"),
    ("name", "val"),
    ("bookmarkStart", "name"),
    ("bookmark", "name"),
    ("bookmark-start", "name"),
    ("table", "name"),
    ("style", "display-name"),
    ("alias", "val"),
    ("tag", "val"),
    ("docVar", "name"),
    ("docVar", "val"),
    ("listEntry", "val"),
    ("listItem", "displaytext"),
    ("listItem", "value"),
    ("default", "val"),
    ("statusText", "val"),
    ("helpText", "val"),
    ("hyperlink", "anchor"),
    ("docPr", "name"),
    ("cNvPr", "name"),
    ("theme", "name"),
    ("clrScheme", "name"),
    ("fontScheme", "name"),
    ("fmtScheme", "name"),
    ("property", "name"),
    ("user-defined", "name"),
];

/// The words of which programs make the names that they give by themselves.
const GIVEN: &str = "
    normal heading default paragraph font no list spacing title subtitle table toc index bullet number continue body text
    indent first footer header footnote endnote reference caption plain light medium dark colorful grid shading accent quote
    intense subtle strong emphasis hyperlink followed html preformatted code keyboard sample typewriter variable address cite
    definition acronym annotation subject balloon comment revision placeholder page line office theme standard char web
    closing signature salutation date note block document map message e mail envelope return macro toa authorities of figures
    classic columns simple elegant professional contemporary effects bibliography book unresolved mention smart link hashtag
    sheet picture textbox box rectangle goback ref hlk d
";

/// Whether a name was given by somebody, and not by the program alone.
fn is_somebodys(name: &str) -> bool {
    let small = name.to_lowercase();
    let mut words = small.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    small.chars().filter(|c| c.is_alphabetic()).count() > 1
        && words.any(|word| !GIVEN.split_whitespace().any(|given| given == word))
}

/// The text of XML that flows: words as they follow, a line for each paragraph, row and break.
fn flow(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(bytes);
    let mut text = String::new();
    let (mut start_of_deleted, mut buffer) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) if tag.local_name().as_ref() == b"del" => start_of_deleted.push(text.len()),
            Event::Empty(tag) => match tag.local_name().as_ref() {
                b"tab" => text.push('\t'),
                b"br" | b"cr" | b"line-break" => text.push('\n'),
                b"s" => text.push(' '),
                b"noBreakHyphen" => text.push('\u{2011}'),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                // Words struck out while changes were tracked are still in the file.
                b"del" => {
                    if let Some(start) = start_of_deleted.pop().filter(|start| *start < text.len()) {
                        text.insert_str(start, "[struck out: ");
                        text.push(']');
                    }
                }
                b"p" | b"h" | b"tr" | b"table-row" | b"title" | b"creator" | b"lastModifiedBy"
                | b"subject" | b"keywords" | b"description" => {
                    text.push('\n');
                }
                b"tc" | b"table-cell" => text.push('\t'),
                _ => {}
            },
            Event::Text(words) => text.push_str(&words.decode().ok()?),
            Event::CData(words) => text.push_str(&words.decode().ok()?),
            Event::GeneralRef(name) => text.extend(plain::reference(&name.decode().ok()?)),
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    Some(tidied(&text))
}

/// Without the blank that lays XML out.
pub(crate) fn tidied(text: &str) -> String {
    let lines = text.lines().map(str::trim_end);
    let mut tidy = String::with_capacity(text.len());
    let mut blank = 0;
    for line in lines {
        blank = if line.trim().is_empty() { blank + 1 } else { 0 };
        if blank < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

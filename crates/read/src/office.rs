//! Word and OpenDocument texts, workbooks: archives of XML. What an archive unpacks to is bounded, and XML is read as
//! a stream whose entities are never followed, so that small files stay small.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::{Reading, Sort, plain};

/// The most one member of an archive may unpack to, and all of them together, in bytes.
const MEMBER_MAX: u64 = 32 * 1024 * 1024;
const ARCHIVE_MAX: u64 = 96 * 1024 * 1024;
/// The most members that are looked at.
const MEMBERS_MAX: usize = 4_096;

struct Archive<'a> {
    zip: zip::ZipArchive<Cursor<&'a [u8]>>,
    names: Vec<String>,
    left: u64,
}

/// Why a member was not unpacked.
struct TooMuch;

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let mut names = Vec::new();
        for place in 0..zip.len().min(MEMBERS_MAX) {
            if let Ok(member) = zip.by_index_raw(place) {
                names.push(String::from_utf8_lossy(member.name_raw()).into_owned());
            }
        }
        Some(Self { zip, names, left: ARCHIVE_MAX })
    }

    /// A member's bytes; `None` where there is none of the name or it cannot be unpacked.
    fn member(&mut self, name: &str) -> Result<Option<Vec<u8>>, TooMuch> {
        let Ok(member) = self.zip.by_name(name) else { return Ok(None) };
        let most = MEMBER_MAX.min(self.left);
        let mut bytes = Vec::new();
        if member.take(most + 1).read_to_end(&mut bytes).is_err() {
            return Ok(None);
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > most {
            return Err(TooMuch);
        }
        self.left -= length;
        Ok(Some(bytes))
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    fn under(&self, start: &str, end: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .names
            .iter()
            .filter(|name| name.starts_with(start) && name.ends_with(end))
            .cloned()
            .collect();
        // `sheet10` comes after `sheet2`.
        found.sort_by_key(|name| (name.len(), name.clone()));
        found
    }
}

/// Reads an archive that is a document or a workbook.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    let Some(mut archive) = Archive::open(bytes) else {
        return Reading::unread("its archive is damaged");
    };
    let read = if archive.has("word/document.xml") {
        word(&mut archive)
    } else if archive.has("xl/workbook.xml") {
        workbook(&mut archive)
    } else if archive.has("content.xml") {
        open_document(&mut archive)
    } else {
        return Reading::unread("it is an archive of other files, which are not opened here");
    };
    read.unwrap_or_else(|TooMuch| Reading::unread("it unpacks to more than is read of one file"))
}

fn word(archive: &mut Archive<'_>) -> Result<Reading, TooMuch> {
    let mut reading = Reading::new(Sort::Document);
    let mut members = vec![("word/document.xml".to_owned(), String::new())];
    for (start, name) in [
        ("word/header", "heading"),
        ("word/footer", "foot"),
        ("word/footnotes", "footnotes"),
        ("word/endnotes", "endnotes"),
        ("word/comments", "comments"),
    ] {
        members.extend(archive.under(start, ".xml").into_iter().map(|member| (member, name.to_owned())));
    }
    members.push(("docProps/core.xml".to_owned(), "properties".to_owned()));
    for (member, name) in members {
        let Some(bytes) = archive.member(&member)? else { continue };
        match flow(&bytes) {
            Some(text) => reading.part(name, text),
            None => reading.not_read(member, "its XML is damaged"),
        }
    }
    pictures(archive, "word/media/", &mut reading);
    embedded(archive, "word/embeddings/", &mut reading);
    Ok(reading)
}

fn open_document(archive: &mut Archive<'_>) -> Result<Reading, TooMuch> {
    let kind = archive.member("mimetype")?.unwrap_or_default();
    let sheet = String::from_utf8_lossy(&kind).contains("spreadsheet");
    let mut reading = Reading::new(if sheet { Sort::Sheet } else { Sort::Document });
    for (member, name) in [("content.xml", ""), ("styles.xml", "heads and feet"), ("meta.xml", "properties")]
    {
        let Some(bytes) = archive.member(member)? else { continue };
        match flow(&bytes) {
            Some(text) => reading.part(name, text),
            None => reading.not_read(member, "its XML is damaged"),
        }
    }
    pictures(archive, "Pictures/", &mut reading);
    embedded(archive, "Object ", &mut reading);
    Ok(reading)
}

fn pictures(archive: &Archive<'_>, under: &str, reading: &mut Reading) {
    let count = archive.under(under, "").len();
    if count > 0 {
        let what = if count == 1 { "a picture in it".to_owned() } else { format!("{count} pictures in it") };
        reading.not_read(what, "pictures are not read; a person has to look");
    }
}

fn embedded(archive: &Archive<'_>, under: &str, reading: &mut Reading) {
    if !archive.under(under, "").is_empty() {
        reading.not_read("a file inside it", "files inside documents are not read");
    }
}

/// The text of XML that flows: words as they follow, a line for each paragraph, row and break.
fn flow(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(bytes);
    let mut text = String::new();
    // How deep in what is only for programs: field codes and the like.
    let mut silent = 0_usize;
    let (mut start_of_deleted, mut buffer) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"instrText" => silent += 1,
                b"del" => start_of_deleted.push(text.len()),
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                b"tab" => text.push('\t'),
                b"br" | b"cr" | b"line-break" => text.push('\n'),
                b"s" => text.push(' '),
                b"noBreakHyphen" => text.push('\u{2011}'),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                b"instrText" => silent = silent.saturating_sub(1),
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
            Event::Text(words) if silent == 0 => text.push_str(&words.decode().ok()?),
            Event::CData(words) if silent == 0 => text.push_str(&words.decode().ok()?),
            Event::GeneralRef(name) => text.extend(plain::reference(&name.decode().ok()?)),
            Event::Eof => break,
            _ => {}
        }
        buffer.clear();
    }
    Some(tidied(&text))
}

/// Without the blank that lays XML out.
fn tidied(text: &str) -> String {
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

fn workbook(archive: &mut Archive<'_>) -> Result<Reading, TooMuch> {
    let mut reading = Reading::new(Sort::Sheet);
    let shared = match archive.member("xl/sharedStrings.xml")? {
        Some(bytes) => shared(&bytes).unwrap_or_default(),
        None => Vec::new(),
    };
    let names = match archive.member("xl/workbook.xml")? {
        Some(bytes) => sheet_names(&bytes).unwrap_or_default(),
        None => Vec::new(),
    };
    for (place, member) in archive.under("xl/worksheets/sheet", ".xml").into_iter().enumerate() {
        let Some(bytes) = archive.member(&member)? else { continue };
        let name = names.get(place).cloned().unwrap_or_else(|| format!("sheet {}", place + 1));
        match cells(&bytes, &shared) {
            Some(text) => reading.part(name, text),
            None => reading.not_read(name, "its XML is damaged"),
        }
    }
    for (start, name) in
        [("xl/comments", "comments"), ("xl/threadedComments/", "comments"), ("docProps/core", "properties")]
    {
        for member in archive.under(start, ".xml") {
            if let Some(text) = archive.member(&member)?.as_deref().and_then(flow) {
                reading.part(name, text);
            }
        }
    }
    pictures(archive, "xl/media/", &mut reading);
    embedded(archive, "xl/embeddings/", &mut reading);
    Ok(reading)
}

fn sheet_names(bytes: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader::from_reader(bytes);
    let (mut names, mut buffer) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == b"sheet" => {
                let name = tag.try_get_attribute("name").ok()??;
                names.push(String::from_utf8_lossy(&name.value).into_owned());
            }
            Event::Eof => return Some(names),
            _ => {}
        }
        buffer.clear();
    }
}

/// The strings that cells refer to by number.
fn shared(bytes: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader::from_reader(bytes);
    let (mut strings, mut one, mut buffer) = (Vec::new(), String::new(), Vec::new());
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) if tag.local_name().as_ref() == b"si" => one.clear(),
            Event::End(tag) if tag.local_name().as_ref() == b"si" => strings.push(std::mem::take(&mut one)),
            Event::Text(words) => one.push_str(&words.decode().ok()?),
            Event::GeneralRef(name) => one.extend(plain::reference(&name.decode().ok()?)),
            Event::Eof => return Some(strings),
            _ => {}
        }
        buffer.clear();
    }
}

/// A sheet's cells: a line for a row, a tab between.
fn cells(bytes: &[u8], shared: &[String]) -> Option<String> {
    let mut reader = Reader::from_reader(bytes);
    let (mut text, mut value, mut buffer) = (String::new(), String::new(), Vec::new());
    let (mut by_number, mut inside) = (false, false);
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"c" => {
                    let kind = tag.try_get_attribute("t").ok()?;
                    by_number = kind.is_some_and(|kind| kind.value.as_ref() == b"s");
                    value.clear();
                }
                b"v" | b"t" => inside = true,
                _ => {}
            },
            Event::Text(words) if inside => value.push_str(&words.decode().ok()?),
            Event::GeneralRef(name) if inside => value.extend(plain::reference(&name.decode().ok()?)),
            Event::End(tag) => match tag.local_name().as_ref() {
                b"v" | b"t" => inside = false,
                b"c" => {
                    let held = by_number.then(|| shared.get(value.parse::<usize>().ok()?)).flatten();
                    text.push_str(held.map_or(value.as_str(), String::as_str));
                    text.push('\t');
                }
                b"row" => text.push('\n'),
                _ => {}
            },
            Event::Eof => return Some(tidied(&text)),
            _ => {}
        }
        if text.len() > crate::TEXT_MAX {
            return Some(text);
        }
        buffer.clear();
    }
}

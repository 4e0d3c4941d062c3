//! Word and OpenDocument texts, workbooks: archives of XML. What an archive unpacks to is bounded, and XML is read as
//! a stream whose entities are never followed, so that small files stay small.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::xml::{attributes, said, tidied};
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

/// A member's bytes; one that is there and does not unpack is listed.
fn member(archive: &mut Archive<'_>, name: &str, reading: &mut Reading) -> Result<Option<Vec<u8>>, TooMuch> {
    let found = archive.member(name)?;
    if found.is_none() && archive.has(name) {
        reading.not_read(name, "it does not unpack");
    }
    Ok(found)
}

/// Reads members as XML that flows, each as a part.
fn flowing(
    archive: &mut Archive<'_>,
    members: &[(String, &str)],
    reading: &mut Reading,
) -> Result<(), TooMuch> {
    for (name, part) in members {
        let Some(bytes) = member(archive, name, reading)? else { continue };
        match said(&bytes) {
            Some(text) => reading.part(*part, text),
            None => reading.not_read(name, "its XML is damaged"),
        }
    }
    Ok(())
}

/// What members are called in a document, by how their names begin.
const WORD: &[(&str, &str)] = &[
    ("word/document.xml", ""),
    ("word/header", "heading"),
    ("word/footer", "foot"),
    ("word/footnotes", "footnotes"),
    ("word/endnotes", "endnotes"),
    ("word/comments", "comments"),
    ("word/people", "people"),
    ("word/settings", "settings"),
    ("word/numbering", "numbering"),
    ("word/styles", "names of styles"),
    ("word/theme/", "names of styles"),
    ("word/_rels/", "links"),
    ("word/charts/chart", "charts"),
    ("customXml/", "data in it"),
    ("docProps/core", "properties"),
    ("docProps/app", "properties"),
    ("docProps/custom", "properties"),
];

/// The same of a workbook; sheets and their strings apart.
const WORKBOOK: &[(&str, &str)] = &[
    ("xl/workbook.xml", "names in the workbook"),
    ("xl/styles", "names of styles"),
    ("xl/theme/", "names of styles"),
    ("xl/comments", "comments"),
    ("xl/threadedComments/", "comments"),
    ("xl/persons/", "people"),
    ("xl/drawings/", "text boxes"),
    ("xl/charts/chart", "charts"),
    ("xl/tables/", "tables"),
    ("xl/externalLinks/", "links"),
    ("xl/connections", "links"),
    ("xl/_rels/", "links"),
    ("xl/worksheets/_rels/", "links"),
    ("customXml/", "data in it"),
    ("docProps/core", "properties"),
    ("docProps/app", "properties"),
    ("docProps/custom", "properties"),
];

const OPEN: &[(&str, &str)] =
    &[("content.xml", ""), ("styles.xml", "heads and feet"), ("meta.xml", "properties")];

/// Members that say nothing of anybody: how it looks, and what lies where.
const HARMLESS: &[&str] = &[
    "[Content_Types].xml",
    "_rels/.rels",
    "mimetype",
    "META-INF/manifest.xml",
    "settings.xml",
    "manifest.rdf",
    "word/fontTable",
    "word/webSettings",
    "xl/calcChain",
    "xl/metadata",
    "xl/charts/style",
    "xl/charts/colors",
    "word/charts/style",
    "word/charts/colors",
];

fn listed(archive: &Archive<'_>, known: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for (start, part) in known {
        for end in [".xml", ".rels", ".vml"] {
            found.extend(archive.under(start, end).into_iter().map(|name| (name, *part)));
        }
    }
    found
}

/// Lists what was neither read nor is known to say nothing.
fn rest(archive: &Archive<'_>, read: &[String], reading: &mut Reading) {
    let pictures = |name: &str| {
        ["word/media/", "xl/media/", "Pictures/", "Thumbnails/", "docProps/thumbnail"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let left = archive.names.iter().filter(|name| {
        !name.ends_with('/')
            && !read.contains(name)
            && !HARMLESS
                .iter()
                .any(|known| name.as_str() == *known || (!known.ends_with(".xml") && name.starts_with(known)))
    });
    let (pictures, others): (Vec<&String>, Vec<&String>) = left.partition(|name| pictures(name));
    match pictures.len() {
        0 => {}
        1 => reading.not_read("a picture in it", "pictures are not read; a person has to look"),
        count => {
            reading.not_read(format!("{count} pictures in it"), "pictures are not read; a person has to look")
        }
    }
    for name in others {
        let why = if name.contains("embeddings/") || name.starts_with("Object ") {
            "files inside documents are not read"
        } else {
            "this part of the file is not read here"
        };
        reading.not_read(name, why);
    }
    if archive.zip.len() > archive.names.len() {
        reading.not_read("more files inside it", "it has more parts than are looked at, or some do not open");
    }
}

fn word(archive: &mut Archive<'_>) -> Result<Reading, TooMuch> {
    let mut reading = Reading::new(Sort::Document);
    let members = listed(archive, WORD);
    flowing(archive, &members, &mut reading)?;
    let read: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
    rest(archive, &read, &mut reading);
    Ok(reading)
}

fn open_document(archive: &mut Archive<'_>) -> Result<Reading, TooMuch> {
    let kind = archive.member("mimetype")?.unwrap_or_default();
    let sheet = String::from_utf8_lossy(&kind).contains("spreadsheet");
    let mut reading = Reading::new(if sheet { Sort::Sheet } else { Sort::Document });
    let members = listed(archive, OPEN);
    flowing(archive, &members, &mut reading)?;
    let read: Vec<String> = members.into_iter().map(|(name, _)| name).collect();
    rest(archive, &read, &mut reading);
    Ok(reading)
}

fn workbook(archive: &mut Archive<'_>) -> Result<Reading, TooMuch> {
    let mut reading = Reading::new(Sort::Sheet);
    let strings = "xl/sharedStrings.xml";
    let shared = match member(archive, strings, &mut reading)? {
        Some(bytes) => shared(&bytes).unwrap_or_else(|| {
            reading.not_read(strings, "its XML is damaged, so that cells are empty");
            Vec::new()
        }),
        None => Vec::new(),
    };
    let names = match archive.member("xl/workbook.xml")? {
        Some(bytes) => sheet_names(&bytes).unwrap_or_default(),
        None => Vec::new(),
    };
    let mut read = vec![strings.to_owned()];
    for (place, sheet) in archive.under("xl/worksheets/", ".xml").into_iter().enumerate() {
        read.push(sheet.clone());
        let Some(bytes) = member(archive, &sheet, &mut reading)? else { continue };
        let name = names.get(place).cloned().unwrap_or_else(|| format!("sheet {}", place + 1));
        match cells(&bytes, &shared) {
            Some(text) => reading.part(name, text),
            None => reading.not_read(name, "its XML is damaged"),
        }
    }
    let members = listed(archive, WORKBOOK);
    flowing(archive, &members, &mut reading)?;
    read.extend(members.into_iter().map(|(name, _)| name));
    rest(archive, &read, &mut reading);
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

/// What is printed around a sheet, and formulas and lists that hold words.
fn set_around(tag: &[u8]) -> bool {
    tag.ends_with(b"Header") || tag.ends_with(b"Footer") || tag.starts_with(b"formula")
}

/// A sheet's cells: a line for a row, a tab between.
fn cells(bytes: &[u8], shared: &[String]) -> Option<String> {
    let mut reader = Reader::from_reader(bytes);
    let (mut text, mut value, mut buffer) = (String::new(), String::new(), Vec::new());
    let (mut by_number, mut inside, mut reckons) = (false, false, false);
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                b"c" => {
                    let kind = tag.try_get_attribute("t").ok()?;
                    by_number = kind.is_some_and(|kind| kind.value.as_ref() == b"s");
                    value.clear();
                }
                b"v" | b"t" => inside = true,
                b"f" => reckons = true,
                tag if set_around(tag) => {
                    value.clear();
                    inside = true;
                }
                _ => {}
            },
            // A formula may hold words that its result does not show.
            Event::Text(words) if reckons => {
                let formula = words.decode().ok()?;
                if formula.contains('"') {
                    text.push_str(&formula);
                    text.push('\t');
                }
            }
            Event::Text(words) if inside => value.push_str(&words.decode().ok()?),
            Event::GeneralRef(name) if inside => value.extend(plain::reference(&name.decode().ok()?)),
            Event::End(tag) => match tag.local_name().as_ref() {
                b"v" | b"t" => inside = false,
                b"f" => reckons = false,
                b"c" => {
                    let held = by_number.then(|| shared.get(value.parse::<usize>().ok()?)).flatten();
                    text.push_str(held.map_or(value.as_str(), String::as_str));
                    text.push('\t');
                }
                b"row" => text.push('\n'),
                tag if set_around(tag) => {
                    inside = false;
                    text.push_str(&std::mem::take(&mut value));
                    text.push('\n');
                }
                _ => {}
            },
            Event::Eof => {
                // What its attributes say of links and of what may be typed into cells.
                for line in attributes(bytes)? {
                    text.push_str(&line);
                    text.push('\n');
                }
                return Some(tidied(&text));
            }
            _ => {}
        }
        if text.len() > crate::TEXT_MAX {
            return Some(text);
        }
        buffer.clear();
    }
}

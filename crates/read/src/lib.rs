//! What stands in a file: its text, part by part, and what of it could not be read, with the reason.
//!
//! A leaf: it knows no person, policy or database, and touches no disk and no network. Files come from anybody, so
//! everything here runs in a short-lived process with limits; what is taken out of archives is bounded as well.

mod alone;
mod columns;
mod find;
mod letter;
mod mail;
mod office;
mod pdf;
mod plain;
mod rebuild;
mod xml;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

pub use alone::{NotAlone, alone, is_archive};
pub use find::{Looked, everything};
pub use letter::{Attached, Came, Letter, letter};
pub use mail::is_mail;
pub use rebuild::{Removal, text_without, without};

/// How deep files in files are followed.
const DEPTH_MAX: usize = 4;
/// The most text that is taken from one file, in bytes.
const TEXT_MAX: usize = 16 * 1024 * 1024;

/// What sort of file it is, which decides how it is made anew without something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Sort {
    /// Plain text, or a table as text.
    Text,
    /// A page for browsers.
    Html,
    /// A message with its attachments.
    Mail,
    /// A text document: Word, OpenDocument.
    Document,
    /// A workbook.
    Sheet,
    /// PDF.
    Pdf,
    /// Nothing that is read here.
    Other,
}

/// What was read of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reading {
    /// What sort of file it is.
    pub sort: Sort,
    /// Its text, in order.
    pub parts: Vec<Part>,
    /// What of it could not be read.
    pub unread: Vec<Unread>,
}

/// A part of a file: a page, a sheet, an attachment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Part {
    /// Which: `page 2`. Empty where a file has one part.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unread {
    /// Which part; empty for the whole file.
    pub what: String,
    /// Why, in words for whoever has to look themselves.
    pub why: String,
}

impl Reading {
    fn new(sort: Sort) -> Self {
        Self { sort, parts: Vec::new(), unread: Vec::new() }
    }

    /// A file of which nothing was read.
    #[must_use]
    pub fn unread(why: &str) -> Self {
        let unread = vec![Unread { what: String::new(), why: why.to_owned() }];
        Self { sort: Sort::Other, parts: Vec::new(), unread }
    }

    fn part(&mut self, name: impl Into<String>, text: impl Into<String>) {
        let text: String = text.into();
        if !text.trim().is_empty() {
            self.parts.push(Part { name: name.into(), text });
        }
    }

    fn not_read(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.unread.push(Unread { what: what.into(), why: why.into() });
    }
}

/// Reads a file. Its name helps only where its bytes do not say what it is.
///
/// What a library underneath does not survive is unread, not the end of it.
#[must_use]
pub fn text(name: &str, bytes: &[u8]) -> Reading {
    let read = catch_unwind(AssertUnwindSafe(|| at_depth(name, bytes, 0)));
    let mut reading = read.unwrap_or_else(|_| Reading::unread("it is damaged in a way that cannot be read"));
    // What comes after the first that does not fit goes, too: parts are known by their number.
    let mut left = TEXT_MAX;
    let fit = reading.parts.iter().take_while(|part| {
        let fits = part.text.len() <= left;
        left = left.saturating_sub(part.text.len());
        fits
    });
    let fit = fit.count();
    if fit < reading.parts.len() {
        reading.parts.truncate(fit);
        reading.not_read("", "it has more text than is read of one file");
    }
    reading
}

fn at_depth(name: &str, bytes: &[u8], depth: usize) -> Reading {
    if depth > DEPTH_MAX {
        return Reading::unread("it lies too deep in other files");
    }
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    if bytes.is_empty() {
        return Reading::unread("it is empty");
    }
    if bytes.get(..1024.min(bytes.len())).is_some_and(|head| head.windows(5).any(|some| some == b"%PDF-")) {
        return pdf::read(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return office::read(bytes);
    }
    if let Some(what) = picture(bytes, &end) {
        return Reading::unread(what);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Reading::unread("it is an older Word, Excel or Outlook file, whose text is not read here");
    }
    if bytes.starts_with(b"{\\rtf") {
        return Reading::unread("it is rich text, which is not read here");
    }
    match end.as_str() {
        "eml" => return mail::read(bytes, depth),
        "html" | "htm" | "xhtml" => return plain::html(bytes),
        _ => {}
    }
    if plain::is_html(bytes) {
        return plain::html(bytes);
    }
    if mail::is_mail(bytes) {
        return mail::read(bytes, depth);
    }
    plain::read(bytes)
}

/// What sort of picture, sound or film the bytes are, said as a reason.
fn picture(bytes: &[u8], end: &str) -> Option<&'static str> {
    let starts = |with: &[u8]| bytes.starts_with(with);
    let at = |place: usize, with: &[u8]| bytes.get(place..place + with.len()) == Some(with);
    if starts(b"\x89PNG")
        || starts(b"\xFF\xD8\xFF")
        || starts(b"GIF8")
        || starts(b"II*\0")
        || starts(b"MM\0*")
        || (starts(b"BM") && end == "bmp")
        || (starts(b"RIFF") && at(8, b"WEBP"))
        || (at(4, b"ftyp") && (at(8, b"heic") || at(8, b"mif1") || at(8, b"avif")))
    {
        return Some("it is a picture; a person has to look at it");
    }
    if starts(b"ID3") || (starts(b"RIFF") && at(8, b"WAVE")) || starts(b"OggS") || starts(b"fLaC") {
        return Some("it is a sound recording; a person has to listen to it");
    }
    (at(4, b"ftyp") || starts(&[0x1A, 0x45, 0xDF, 0xA3]))
        .then_some("it is a film; a person has to look at it")
}

//! Everything that is said anywhere in a finished file, for looking whether what was removed is gone: the text shown,
//! and whatever lies beside it: properties, bookmarks, notes, attachments, thumbnails, and every stream unpacked.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Dict, MaybeRef, Object};
use serde::{Deserialize, Serialize};

use crate::{Reading, plain};

/// How deep objects are followed inside each other.
const NESTED_MAX: usize = 32;
/// The most bytes that are unpacked of one file.
const UNPACKED_MAX: usize = 256 * 1024 * 1024;

/// What a file says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Looked {
    /// The text that a reader is shown.
    pub shown: Vec<String>,
    /// Whatever else stands in it, as bytes turned into characters one by one, and decoded where it is text.
    pub beside: Vec<String>,
    /// What could not be looked into.
    pub closed: Vec<String>,
}

/// Everything said in a file, and in the files inside it.
#[must_use]
pub fn everything(name: &str, bytes: &[u8]) -> Looked {
    let reading: Reading = crate::text(name, bytes);
    let mut looked = Looked {
        shown: reading.parts.into_iter().map(|part| part.text).collect(),
        beside: Vec::new(),
        closed: Vec::new(),
    };
    beside(name, bytes, 0, &mut 0, &mut looked);
    looked
}

/// Whatever stands in a file beside what is shown, `depth` files deep; `unpacked` counts what all of them unpack to.
fn beside(name: &str, bytes: &[u8], depth: usize, unpacked: &mut usize, looked: &mut Looked) {
    looked.beside.extend([latin(bytes), wide(bytes)]);
    if bytes.starts_with(b"%PDF") {
        match Pdf::new(bytes.to_vec()) {
            Ok(pdf) => objects(&pdf, depth, unpacked, looked),
            Err(_) => looked.closed.push("the file does not open".to_owned()),
        }
    } else if bytes.starts_with(b"PK\x03\x04") {
        members(bytes, depth, unpacked, looked);
    } else if name.to_ascii_lowercase().ends_with(".eml") || crate::mail::is_mail(bytes) {
        for (number, attached) in crate::mail::attached(bytes).into_iter().enumerate() {
            deeper(&format!("attachment {number}"), &attached, depth, unpacked, looked);
        }
    }
}

/// What stands in a file inside another: what it shows, too.
fn deeper(name: &str, bytes: &[u8], depth: usize, unpacked: &mut usize, looked: &mut Looked) {
    *unpacked += bytes.len();
    if depth >= crate::DEPTH_MAX || *unpacked > UNPACKED_MAX {
        looked.closed.push("there are more files inside it than are looked at".to_owned());
        return;
    }
    looked.beside.extend(crate::text(name, bytes).parts.into_iter().map(|part| part.text));
    beside(name, bytes, depth + 1, unpacked, looked);
}

/// Whether bytes are a file that has files or streams inside.
fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF") || bytes.starts_with(b"PK\x03\x04") || crate::mail::is_mail(bytes)
}

/// What a PDF has beside its pages.
pub(crate) struct Beside {
    /// Strings: properties, bookmarks, notes, form values, addresses of links, names of attachments.
    pub(crate) said: String,
    /// What is not read, and why.
    pub(crate) closed: Vec<(&'static str, &'static str)>,
}

/// Things that a dictionary's key says are there, and that are not read.
const CLOSED: &[(&str, &str, &str)] = &[
    ("EF", "a file attached to it", "files inside a PDF are not opened here; a person has to look"),
    (
        "OCProperties",
        "its layers",
        "it has layers that can be switched off; a person has to look at all of them",
    ),
    ("XFA", "its form", "it has a form in a language that is not read here"),
    ("JS", "a program in it", "it has a program, which is not read"),
    ("PatternType", "its patterns", "what is drawn in patterns is not read; a person has to look"),
    ("AP", "its notes and fields", "how notes and fields are drawn is not read; a person has to look"),
    ("PieceInfo", "what a program left in it", "it has data of the program that made it, which are not read"),
];

/// Looks for what a PDF has beside its pages.
pub(crate) fn beside_pages(pdf: &Pdf) -> Beside {
    let mut said = BTreeSet::new();
    let mut closed: Vec<(&'static str, &'static str)> = Vec::new();
    for object in pdf.objects() {
        keys(&object, 0, &mut |key| {
            for (_, what, why) in CLOSED.iter().filter(|(known, ..)| *known == key) {
                if !closed.contains(&(*what, *why)) {
                    closed.push((*what, *why));
                }
            }
        });
        strings(&object, 0, &mut |key, text| {
            if !TECHNICAL.contains(&key) && is_prose(&text) {
                said.insert(text);
            }
        });
        said.extend(destinations(&object));
        let Object::Stream(stream) = &object else { continue };
        let kind = stream.dict().get::<hayro::hayro_syntax::object::Name<'_>>("Type");
        match kind.as_deref() {
            Some(b"EmbeddedFile") => {
                let one =
                    ("a file attached to it", "files inside a PDF are not opened here; a person has to look");
                if !closed.contains(&one) {
                    closed.push(one);
                }
            }
            Some(b"Metadata") => match stream.decoded() {
                Ok(bytes) => match crate::xml::said(&bytes) {
                    Some(text) => drop(said.insert(text)),
                    None => closed.push(("its properties", "their XML is damaged")),
                },
                Err(_) => closed.push(("its properties", "they do not unpack")),
            },
            _ => {}
        }
    }
    Beside { said: said.into_iter().collect::<Vec<_>>().join("\n"), closed }
}

/// Keys under which strings say nothing of anybody: how a file is built, locked, dated and drawn.
const TECHNICAL: &[&str] = &[
    "ID",
    "DA",
    "DS",
    "NM",
    "Registry",
    "Ordering",
    "CreationDate",
    "ModDate",
    "M",
    "Lang",
    "O",
    "U",
    "OE",
    "UE",
    "Perms",
    "CharSet",
    "CheckSum",
    "Cert",
    "Panose",
    "Style",
    "Limits",
    "Producer",
];

/// Whether a string is words, and not bytes that only look like a few.
fn is_prose(text: &str) -> bool {
    let odd = text.chars().filter(|c| (c.is_control() && !c.is_whitespace()) || *c == '\u{fffd}').count();
    text.chars().any(char::is_alphabetic) && odd * 10 <= text.chars().count()
}

/// The names of places in a document that its catalogue lists by name.
fn destinations(object: &Object<'_>) -> Vec<String> {
    let Object::Dict(dict) = object else { return Vec::new() };
    let named: Option<Dict<'_>> = dict.get("Dests");
    let names = named.into_iter().flat_map(|named| {
        named.entries().map(|(key, _)| String::from_utf8_lossy(key.as_ref()).into_owned()).collect::<Vec<_>>()
    });
    names.filter(|name| !["Kids", "Names", "Limits"].contains(&name.as_str()) && is_prose(name)).collect()
}

/// Calls for each key of an object's dictionaries.
fn keys(object: &Object<'_>, depth: usize, say: &mut dyn FnMut(&str)) {
    if depth > NESTED_MAX {
        return;
    }
    let dict = match object {
        Object::Dict(dict) => dict,
        Object::Stream(stream) => stream.dict(),
        Object::Array(array) => {
            for item in array.raw_iter() {
                if let MaybeRef::NotRef(item) = item {
                    keys(&item, depth + 1, say);
                }
            }
            return;
        }
        _ => return,
    };
    for (key, value) in dict.entries() {
        say(&String::from_utf8_lossy(key.as_ref()));
        if let MaybeRef::NotRef(value) = value {
            keys(&value, depth + 1, say);
        }
    }
}

fn objects(pdf: &Pdf, depth: usize, unpacked: &mut usize, looked: &mut Looked) {
    for object in pdf.objects() {
        strings(&object, 0, &mut |_, text| looked.beside.push(text));
        looked.beside.extend(destinations(&object));
        if let Object::Stream(stream) = &object {
            if *unpacked > UNPACKED_MAX {
                looked.closed.push("it unpacks to more than is looked at".to_owned());
                return;
            }
            match stream.decoded() {
                Ok(bytes) if is_packed(&bytes) => deeper("", &bytes, depth, unpacked, looked),
                Ok(bytes) => {
                    *unpacked += bytes.len();
                    // The raw samples of a picture spell nothing; what is painted in it was painted over.
                    looked.beside.push(latin(&bytes));
                    looked.beside.push(wide(&bytes));
                }
                Err(_) => looked.closed.push("a stream does not unpack".to_owned()),
            }
        }
    }
}

/// Calls for each string in an object, with the key it stands under.
fn strings(object: &Object<'_>, depth: usize, say: &mut dyn FnMut(&str, String)) {
    under("", object, depth, say);
}

fn under(key: &str, object: &Object<'_>, depth: usize, say: &mut dyn FnMut(&str, String)) {
    if depth > NESTED_MAX {
        return;
    }
    match object {
        Object::String(text) => say(key, decoded(text.as_bytes())),
        Object::Dict(dict) => each(dict, depth, say),
        Object::Stream(stream) => each(stream.dict(), depth, say),
        Object::Array(array) => {
            for item in array.raw_iter() {
                if let MaybeRef::NotRef(item) = item {
                    under(key, &item, depth + 1, say);
                }
            }
        }
        _ => {}
    }
}

fn each(dict: &Dict<'_>, depth: usize, say: &mut dyn FnMut(&str, String)) {
    for (key, value) in dict.entries() {
        if let MaybeRef::NotRef(value) = value {
            under(&String::from_utf8_lossy(key.as_ref()), &value, depth + 1, say);
        }
    }
}

/// A PDF string as text: UTF-16 or UTF-8 with a mark, else a character a byte.
fn decoded(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xFF, 0xFE, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
    }
}

fn members(bytes: &[u8], depth: usize, unpacked: &mut usize, looked: &mut Looked) {
    let Ok(mut zip) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        looked.closed.push("the archive does not open".to_owned());
        return;
    };
    looked.beside.push(latin(zip.comment()));
    for place in 0..zip.len() {
        let Ok(member) = zip.by_index(place) else {
            looked.closed.push("a file in the archive does not open".to_owned());
            continue;
        };
        let (mut inner, name) = (Vec::new(), String::from_utf8_lossy(member.name_raw()).into_owned());
        looked.beside.push(member.comment().to_owned());
        let left = u64::try_from(UNPACKED_MAX.saturating_sub(*unpacked)).unwrap_or(0);
        if member.take(left + 1).read_to_end(&mut inner).is_err() {
            looked.closed.push("a file in the archive does not unpack".to_owned());
        }
        looked.beside.push(name.clone());
        if u64::try_from(inner.len()).unwrap_or(u64::MAX) > left {
            looked.closed.push("it unpacks to more than is looked at".to_owned());
            return;
        }
        if is_packed(&inner) {
            deeper(&name, &inner, depth, unpacked, looked);
        } else {
            *unpacked += inner.len();
            looked.beside.push(plain::decoded(&inner));
        }
    }
}

/// The fewest characters in a row among bytes that may spell something.
const SPELLS_MIN: usize = 4;

/// Bytes as text: whatever of them is UTF-8, without what is too short to spell anything. Samples of pictures and packed
/// bytes are most of a file, and nearly nothing of them is left.
fn latin(bytes: &[u8]) -> String {
    let mut said = String::new();
    for chunk in bytes.utf8_chunks() {
        if chunk.valid().trim().len() >= SPELLS_MIN {
            said.push_str(chunk.valid());
            said.push('\n');
        }
    }
    said
}

/// Bytes as text of two bytes a character, with the high byte nought: how many formats keep names.
fn wide(bytes: &[u8]) -> String {
    // Only runs of printable characters beside noughts: `T\0o\0m\0`, in either order.
    let mut said = String::new();
    let mut place = 0;
    while let (Some(one), Some(two)) = (bytes.get(place), bytes.get(place + 1)) {
        match (one, two) {
            (0, c) | (c, 0) if c.is_ascii_graphic() || *c == b' ' => {
                said.push(char::from(*c));
                place += 2;
            }
            _ => {
                if !said.ends_with('\n') {
                    said.push('\n');
                }
                place += 1;
            }
        }
    }
    said
}

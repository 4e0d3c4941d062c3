//! Text, tables as text, and pages for browsers.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use crate::{Reading, Sort};

/// Tags after which a line ends.
const BLOCKS: &[&str] = &[
    "p",
    "br",
    "div",
    "tr",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "blockquote",
    "title",
    "td",
    "th",
    "dt",
    "dd",
    "hr",
];

/// The bytes as text in whatever encoding they are most likely in.
pub(crate) fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, marked)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(marked..).unwrap_or_default()).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            detector.guess(None, Utf8Detection::Allow).decode(bytes).0.into_owned()
        }
    }
}

/// Reads a text; what is none is unread.
pub(crate) fn read(bytes: &[u8]) -> Reading {
    let text = decoded(bytes);
    let odd = text.chars().filter(|c| c.is_control() && !c.is_whitespace()).count();
    let total = text.chars().count().max(1);
    if odd * 50 > total {
        return Reading::unread("it is of a sort that is not read here");
    }
    let mut reading = Reading::new(Sort::Text);
    reading.part("", text.replace("\r\n", "\n"));
    reading
}

/// Whether the bytes begin as a page does.
pub(crate) fn is_html(bytes: &[u8]) -> bool {
    let head =
        decoded(bytes.get(..512.min(bytes.len())).unwrap_or_default()).trim_start().to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html")
}

/// Reads a page: what a browser shows, and what stands in the attributes that are read out or followed.
pub(crate) fn html(bytes: &[u8]) -> Reading {
    let mut reading = Reading::new(Sort::Html);
    reading.part("", html_text(&decoded(bytes)));
    if decoded(bytes).to_ascii_lowercase().contains("<img") {
        reading.not_read("pictures", "the page shows pictures, which are not read");
    }
    reading
}

/// The text of a page, without scripts and styles.
pub(crate) fn html_text(page: &str) -> String {
    let mut text = String::with_capacity(page.len() / 2);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = from.strip_prefix("<!--") {
            // A comment is in the file: whoever gets it can read it.
            let (inside, tail) = after.split_once("-->").unwrap_or((after, ""));
            text.push_str(inside);
            rest = tail;
            continue;
        }
        let (tag, tail) = from.split_once('>').unwrap_or((from, ""));
        let name: String =
            tag.trim_start_matches(['<', '/']).chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        rest = tail;
        for attribute in ["alt=", "title=", "href=\"mailto:", "href=\"tel:"] {
            if let Some((_, value)) = tag.split_once(attribute) {
                let value =
                    value.trim_start_matches(['"', '\'']).split(['"', '\'']).next().unwrap_or_default();
                text.push_str(&format!(" {value} "));
            }
        }
        if (name == "script" || name == "style") && !tag.starts_with("</") && !tag.ends_with('/') {
            let closing = format!("</{name}");
            let end = rest.to_ascii_lowercase().find(&closing);
            rest = end.and_then(|end| rest.get(end..)).unwrap_or_default();
        }
        if BLOCKS.contains(&name.as_str()) {
            text.push('\n');
        }
    }
    text.push_str(rest);
    unescaped(&text)
}

/// Character references as the characters they stand for.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let inside =
            from.get(1..).and_then(|after| after.split_once(';')).filter(|(name, _)| name.len() < 10);
        let found = inside.and_then(|(name, tail)| Some((reference(name)?, tail)));
        match found {
            Some((c, tail)) => {
                plain.push(c);
                rest = tail;
            }
            None => {
                plain.push('&');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// What a reference stands for: `amp`, `#39`, `#x27`.
pub(crate) fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "rsquo" => '\u{2019}',
        "lsquo" => '\u{2018}',
        "ndash" => '\u{2013}',
        "mdash" => '\u{2014}',
        "eacute" => 'é',
        "egrave" => 'è',
        "uuml" => 'ü',
        "ouml" => 'ö',
        "auml" => 'ä',
        "szlig" => 'ß',
        "pound" => '£',
        "euro" => '€',
        "shy" => '\u{ad}',
        _ => return None,
    })
}

//! Messages: headings, text, and their own attachments.

use mail_parser::{Address, HeaderForm, HeaderValue, Message, MessageParser, MimeHeaders};

use crate::{Reading, Sort, at_depth, plain};

/// Headings a message as a file begins with.
const HEADINGS: &[&str] =
    &["from:", "to:", "subject:", "received:", "return-path:", "date:", "message-id:", "mime-version:"];

/// Headings that are read as what they are, say only how the message is built, or number it.
const TAKEN: &[&str] = &[
    "from",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "date",
    "subject",
    "mime-version",
    "content-transfer-encoding",
    "message-id",
    "in-reply-to",
    "references",
];

/// Whether the bytes are a message: two headings of its first lines say so.
#[must_use]
pub fn is_mail(bytes: &[u8]) -> bool {
    let head = plain::decoded(bytes.get(..2048.min(bytes.len())).unwrap_or_default()).to_ascii_lowercase();
    let first = head.lines().next().unwrap_or_default();
    HEADINGS.iter().any(|heading| first.starts_with(heading))
        && head.lines().filter(|line| HEADINGS.iter().any(|heading| line.starts_with(heading))).count() >= 2
}

/// The files that hang on a message, and what its parts say once they are unpacked.
pub(crate) fn attached(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Some(message) = MessageParser::default().parse(bytes) else { return Vec::new() };
    message.parts.iter().skip(1).map(|part| part.contents().to_vec()).collect()
}

/// Reads a message.
pub(crate) fn read(bytes: &[u8], depth: usize) -> Reading {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return Reading::unread("it looks like a message and cannot be read as one");
    };
    let mut reading = Reading::new(Sort::Mail);
    take(&message, "", depth, &mut reading);
    reading
}

fn take(message: &Message<'_>, within: &str, depth: usize, reading: &mut Reading) {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("{name}: {value}\n"));
        }
    };
    line("From", addresses(message.from()));
    line("To", addresses(message.to()));
    line("Cc", addresses(message.cc()));
    line("Bcc", addresses(message.bcc()));
    line("Reply-To", addresses(message.reply_to()));
    line("Date", message.date().map(|date| date.to_rfc822()).unwrap_or_default());
    line("Subject", message.subject().unwrap_or_default().to_owned());
    // Every other heading as it stands: who really sent it, and to whom it was brought without saying so.
    for (name, raw) in message.headers_raw() {
        if !TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
            line(name, raw.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    for header in message.headers() {
        let decoded = match &header.value {
            HeaderValue::Text(value) => value.to_string(),
            HeaderValue::TextList(values) => values.join(", "),
            HeaderValue::Address(value) => addresses(Some(value)),
            _ => continue,
        };
        let name = header.name.as_str();
        let raw = message.header_raw(name).unwrap_or_default();
        if raw.contains("=?") && !TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) {
            // Headings that nobody standardised are taken as they stand: once more as they are meant.
            let meant = message.header_as(header.name.clone(), HeaderForm::Text);
            let meant = meant.iter().filter_map(HeaderValue::as_text).find(|meant| !meant.contains("=?"));
            line(name, meant.map_or(decoded, str::to_owned));
        }
    }
    // What is attached may be called after somebody: its name is a word of the text, and heads no part.
    for (number, part) in message.attachments().enumerate() {
        line(&format!("Attachment {}", number + 1), part.attachment_name().unwrap_or_default().to_owned());
    }
    text.push('\n');
    for place in 0..message.text_body_count() {
        if let Some(body) = message.body_text(place) {
            text.push_str(&body.replace("\r\n", "\n"));
            text.push('\n');
        }
    }
    reading.part(within, text);
    // The same words again for programs that show pages; they may say something else.
    for place in 0..message.html_body_count() {
        if let Some(body) =
            message.html_part(u32::try_from(place).unwrap_or(u32::MAX)).and_then(|part| match &part.body {
                mail_parser::PartType::Html(page) => Some(plain::html_text(page)),
                _ => None,
            })
        {
            reading.part(named(within, "as a page"), body);
        }
    }
    for (number, part) in message.attachments().enumerate() {
        let file = part.attachment_name().unwrap_or_default();
        let name = format!("attachment {}", number + 1);
        if let Some(inner) = part.message() {
            if depth < crate::DEPTH_MAX {
                take(inner, &named(within, &name), depth + 1, reading);
            } else {
                reading.not_read(named(within, &name), "it lies too deep in other messages");
            }
            continue;
        }
        let inner = at_depth(file, part.contents(), depth + 1);
        for part in inner.parts {
            reading.part(named(&named(within, &name), &part.name), part.text);
        }
        for unread in inner.unread {
            reading.not_read(named(&named(within, &name), &unread.what), unread.why);
        }
    }
}

fn named(within: &str, name: &str) -> String {
    match (within.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => within.to_owned(),
        _ => format!("{within}, {name}"),
    }
}

fn addresses(some: Option<&Address<'_>>) -> String {
    let said = |name: Option<&str>, address: Option<&str>| match (name, address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    };
    some.map(|some| some.iter().map(|one| said(one.name(), one.address())).collect::<Vec<_>>().join(", "))
        .unwrap_or_default()
}

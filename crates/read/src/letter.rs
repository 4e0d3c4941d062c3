//! A message as it lies in a mailbox: from whom it says it comes, what it says, what hangs on it, and whether a person or
//! a machine wrote it.
//!
//! Nothing in a message proves who sent it. Mail is built by anybody, in any way: what is taken of it is bounded, and what
//! cannot be read is said.

mod sort;

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{MessageParser, MimeHeaders};
use serde::{Deserialize, Serialize};

/// The most text that is taken of a message, in bytes.
const TEXT_MAX: usize = 90_000;
/// The longest subject, in bytes.
const SUBJECT_MAX: usize = 500;
/// The longest name of a sender or a file, in bytes.
const NAME_MAX: usize = 200;
/// The most addresses that are taken from a report.
const WHOM_MAX: usize = 20;
/// The most files that are taken from one message.
const FILES_MAX: usize = 50;
/// The longest address (RFC 5321, 4.5.3.1).
const ADDRESS_MAX: usize = 320;

/// What sort of message it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Came {
    /// Somebody wrote it.
    Letter,
    /// A machine answered for them: away, on holiday, received with thanks.
    Automatic,
    /// A machine wants us to show that we are none before it delivers what we sent.
    Challenge,
    /// It went to a list, or to many.
    List,
    /// A message of ours came back.
    Bounce {
        /// Nobody has the address there; else it may still arrive, or was refused for another reason.
        hard: bool,
        /// To whom it went.
        whom: Vec<String>,
        /// Its Message-ID, where the report has that.
        of: Option<String>,
    },
    /// A report that a message of ours is under way, or has arrived: nothing came back.
    UnderWay {
        /// To whom it goes.
        whom: Vec<String>,
    },
    /// Whoever got a message of ours called it unwanted, as their provider tells us (RFC 5965).
    Unwanted {
        /// To whom it went, where the report says.
        whom: Vec<String>,
        /// Its Message-ID, where the report has that.
        of: Option<String>,
    },
}

/// A message that was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// What tells it from every other message and is the same in every copy of it; nothing where only its bytes do.
    pub identity: Option<String>,
    /// What sort it is.
    pub came: Came,
    /// The address it says it comes from.
    pub from: Option<String>,
    /// The name beside that address.
    pub name: String,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// What of it was left out or could not be read, in words.
    pub left_out: Vec<String>,
}

/// A file that hung on a message: its name, and its bytes.
pub type Attached = (String, Vec<u8>);

impl Letter {
    fn unread(why: &str) -> Self {
        Self {
            identity: None,
            came: Came::Letter,
            from: None,
            name: String::new(),
            subject: String::new(),
            text: String::new(),
            left_out: vec![why.to_owned()],
        }
    }
}

/// Reads a message of a mailbox. What a library underneath does not survive is unread, not the end of it.
#[must_use]
pub fn letter(bytes: &[u8]) -> (Letter, Vec<Attached>) {
    let read = catch_unwind(AssertUnwindSafe(|| taken(bytes)));
    read.unwrap_or_else(|_| (Letter::unread("it is damaged in a way that cannot be read"), Vec::new()))
}

fn taken(bytes: &[u8]) -> (Letter, Vec<Attached>) {
    let Some(message) = MessageParser::default().parse(bytes) else {
        return (Letter::unread("it cannot be read as a message"), Vec::new());
    };
    let sender = message.from().and_then(|from| from.first());
    let from = sender.and_then(|sender| sender.address()).and_then(address);
    let name = sender.and_then(|sender| sender.name()).unwrap_or_default();
    let subject = one_line(message.subject().unwrap_or_default(), SUBJECT_MAX);
    let mut left_out = Vec::new();
    let mut text = body(&message);
    if text.len() > TEXT_MAX {
        text = cut(&text, TEXT_MAX).to_owned();
        left_out.push("what it says after the first 90,000 characters".to_owned());
    }
    let mut files = Vec::new();
    for (number, part) in message.attachments().enumerate() {
        let name = part.attachment_name().map_or_else(|| format!("attachment {}", number + 1), str::to_owned);
        if number == FILES_MAX {
            left_out.push(format!("files after the first {FILES_MAX}"));
            break;
        }
        files.push((one_line(&name, NAME_MAX), part.contents().to_vec()));
    }
    let id = message.message_id().unwrap_or_default();
    // Programs are known to give many messages one number: it alone tells too little.
    let date = message.date().map(|date| date.to_rfc3339()).unwrap_or_default();
    let said_by = from.as_deref().unwrap_or_default();
    let identity =
        (!id.is_empty()).then(|| format!("{}\n{date}\n{said_by}\n{subject}", cut(id, SUBJECT_MAX)));
    let came = sort::of(&message, &subject, &text);
    (Letter { identity, came, from, name: one_line(name, NAME_MAX), subject, text, left_out }, files)
}

/// What it says, as plain text.
fn body(message: &mail_parser::Message<'_>) -> String {
    let mut text = String::new();
    for place in 0..message.text_body_count() {
        text.push_str(&message.body_text(place).unwrap_or_default());
        text.push('\n');
        if text.len() > TEXT_MAX * 2 {
            break;
        }
    }
    text.replace("\r\n", "\n").replace('\0', "").trim().to_owned()
}

/// An address as mail programs write it, or nothing.
fn address(said: &str) -> Option<String> {
    let said = said.trim().trim_start_matches('<').trim_end_matches('>');
    let fits = said.len() <= ADDRESS_MAX && said.contains('@') && !said.chars().any(char::is_control);
    fits.then(|| said.to_owned())
}

fn one_line(text: &str, most: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cut(line.split_whitespace().collect::<Vec<_>>().join(" ").as_str(), most).to_owned()
}

/// The beginning of a text, at most so many bytes, and no half character.
fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

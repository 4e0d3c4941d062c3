//! One message: text and HTML that say the same, the footer of the policy character for character, and
//! the headers that let people leave with one click (RFC 8058). What is written to many is Markdown; what is written to one
//! is the words as they were typed, and nothing in them is a mark.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use pulldown_cmark::{CowStr, Event, LinkType, Parser, Tag, TagEnd};
use store::picture::Picture;

use super::plain;

/// What sort of message it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Written by one person to one person.
    Personal,
    /// One text to many: must carry a footer and a way to leave with one click.
    Bulk,
    /// One text to many about what concerns them, which nobody can stop: must carry a footer, and offers no way to leave, which a
    /// press in a mail program would find empty.
    Notice,
    /// Sent by the program: an answer to a request, a confirmation.
    Service,
}

/// A message to one person, its values opened at the last moment.
#[derive(Clone)]
pub struct Outgoing {
    /// What sort it is.
    pub kind: Kind,
    /// From: `CTI <hello@cti.example>`.
    pub from: String,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<String>,
    /// The address.
    pub to: String,
    /// The name of the person, for the address line.
    pub to_name: Option<String>,
    /// Subject.
    pub subject: String,
    /// The text: Markdown without HTML where it goes to many, else words as they stand.
    pub body: String,
    /// The pictures that the text may show, where it goes to many. No other is ever shown, least of all one from outside.
    pub pictures: Arc<Vec<Picture>>,
    /// The channel's footer as the policy writes it, with `{notice}` and `{unsubscribe}`.
    pub footer: Option<String>,
    /// What `{notice}` becomes.
    pub notice_url: String,
    /// What `{unsubscribe}` becomes: a page that asks, so that a scanner which opens it stops nothing.
    pub unsubscribe_url: Option<String>,
    /// The address that a mail program POSTs to (RFC 8058).
    pub one_click_url: Option<String>,
    /// The list's name: `news.cti.example`.
    pub list_id: Option<String>,
    /// What stands before the `@` of the Message-ID: random, never about the person.
    pub message_token: String,
    /// When it was written.
    pub at: Timestamp,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({:?}, {})", self.kind, self.message_token)
    }
}

/// Why a message cannot be put together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ComposeError {
    /// An address is none. Holds which one: `to`, `from`, `reply to`.
    Address(&'static str),
    /// A line break or control character stands where a header would carry it.
    Control(&'static str),
    /// Mail to many must end with the policy's footer.
    NoFooter,
    /// The footer promises a link that was not given: `{unsubscribe}`.
    NoLink(&'static str),
    /// Mail to many must be left with one click.
    NoOneClick,
    /// What nobody can stop offers a way to stop it.
    OneClickInVain,
    /// The mail library refused it.
    Library(String),
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(which) => write!(f, "the {which} address is not an e-mail address"),
            Self::Control(which) => write!(f, "the {which} contains a line break or control character"),
            Self::NoFooter => f.write_str("a message to many people needs the footer its channel declares"),
            Self::NoLink(which) => write!(f, "the footer has {which} and there is no link to put there"),
            Self::NoOneClick => {
                f.write_str("a message to many people needs an https address to unsubscribe with one click")
            }
            Self::OneClickInVain => {
                f.write_str("a message that nobody can stop may not offer to be unsubscribed from")
            }
            Self::Library(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for ComposeError {}

/// Puts a message together.
///
/// # Errors
/// [`ComposeError`] when something it must carry is missing, or would break a header.
pub fn compose(outgoing: &Outgoing) -> Result<Message, ComposeError> {
    let from = mailbox("from", &outgoing.from)?;
    let to = recipient(outgoing)?;
    no_control("subject", &outgoing.subject)?;
    let host = from.email.domain().to_owned();
    if !outgoing.message_token.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        || outgoing.message_token.is_empty()
    {
        return Err(ComposeError::Control("message token"));
    }
    let mut message = Message::builder()
        .from(from)
        .to(to)
        .subject(outgoing.subject.as_str())
        .date(moment(outgoing.at))
        .message_id(Some(format!("<{}@{host}>", outgoing.message_token)));
    if let Some(reply_to) = &outgoing.reply_to {
        message = message.reply_to(mailbox("reply to", reply_to)?);
    }
    for (name, value) in headers(outgoing)? {
        message = message.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let footer = footer(outgoing)?;
    let (body, inner) = match outgoing.kind {
        Kind::Bulk | Kind::Notice => {
            let (body, at) = (&outgoing.body, At::Mail(&outgoing.message_token));
            (text_with(body, &outgoing.pictures), inner_with(body, footer.as_deref(), &outgoing.pictures, at))
        }
        Kind::Personal | Kind::Service => {
            (outgoing.body.trim_end().to_owned(), as_typed(&outgoing.body, footer.as_deref()))
        }
    };
    let plain = std::iter::once(body).chain(footer).collect::<Vec<_>>().join("\n\n");
    let whole = match shown(outgoing).as_slice() {
        [] => MultiPart::alternative_plain_html(plain + "\n", html(&inner)),
        pictures => {
            let mut related = MultiPart::related().singlepart(SinglePart::html(html(&inner)));
            for picture in pictures {
                related = related.singlepart(attached(&outgoing.message_token, picture)?);
            }
            MultiPart::alternative().singlepart(SinglePart::plain(plain + "\n")).multipart(related)
        }
    };
    message.multipart(whole).map_err(|error| ComposeError::Library(error.to_string()))
}

/// The pictures that the text shows: no other is sent along.
fn shown(outgoing: &Outgoing) -> Vec<&Picture> {
    let to_many = matches!(outgoing.kind, Kind::Bulk | Kind::Notice);
    if !to_many || outgoing.pictures.is_empty() {
        return Vec::new();
    }
    let said: Vec<i64> = pictures(&outgoing.body).iter().filter_map(|to| number(to)).collect();
    outgoing.pictures.iter().filter(|picture| said.contains(&picture.number)).collect()
}

/// A picture as it goes along with a message, so that nothing is fetched to show it.
fn attached(token: &str, picture: &Picture) -> Result<SinglePart, ComposeError> {
    let sort =
        ContentType::parse(&picture.media).map_err(|error| ComposeError::Library(error.to_string()))?;
    Ok(Attachment::new_inline(called(token, picture)).body(picture.bytes.clone(), sort))
}

/// What a picture is called within its message: of the form of an address, which some mail programs insist on (RFC 2392).
fn called(token: &str, picture: &Picture) -> String {
    format!("{token}-{}@picture", picture.number)
}

/// Where the pictures are that a text shows.
#[derive(Clone, Copy, Debug)]
pub enum At<'a> {
    /// In the message itself, which is known by this.
    Mail(&'a str),
    /// On pages of ours, below this address.
    Page(&'a str),
}

/// The widest a picture is shown, in points: what a mail program shows without scrolling.
const WIDEST: i64 = 600;

/// Where each picture of a text in Markdown is said to be.
#[must_use]
pub fn pictures(body: &str) -> Vec<String> {
    let picture = |event| match event {
        Event::Start(Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    };
    Parser::new(body).filter_map(picture).collect()
}

/// The number of a picture of ours, by where it is said to be: `picture:1`.
#[must_use]
pub fn number(to: &str) -> Option<i64> {
    to.strip_prefix("picture:")?.parse().ok()
}

/// The footer as it will stand in the message: the policy's characters, the two links filled in.
///
/// # Errors
/// [`ComposeError`] when a message to many has none, or a link is missing.
pub fn footer(outgoing: &Outgoing) -> Result<Option<String>, ComposeError> {
    let Some(footer) = &outgoing.footer else {
        let to_many = matches!(outgoing.kind, Kind::Bulk | Kind::Notice);
        return if to_many { Err(ComposeError::NoFooter) } else { Ok(None) };
    };
    let unsubscribe = outgoing.unsubscribe_url.as_deref();
    if footer.contains("{unsubscribe}") && unsubscribe.is_none() {
        return Err(ComposeError::NoLink("{unsubscribe}"));
    }
    if footer.contains("{notice}") && outgoing.notice_url.is_empty() {
        return Err(ComposeError::NoLink("{notice}"));
    }
    Ok(Some(
        footer
            .replace("{notice}", &outgoing.notice_url)
            .replace("{unsubscribe}", unsubscribe.unwrap_or_default()),
    ))
}

/// Whether a mail program can be given an address to press: it only POSTs to https; plain http is for trying it out on this machine.
#[must_use]
pub fn may_be_pressed(url: &str) -> bool {
    let local =
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|host| url.starts_with(host));
    (url.starts_with("https://") || local)
        && url.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'))
}

fn headers(outgoing: &Outgoing) -> Result<Vec<(&'static str, String)>, ComposeError> {
    let mut headers = Vec::new();
    match &outgoing.one_click_url {
        Some(_) if outgoing.kind == Kind::Notice => return Err(ComposeError::OneClickInVain),
        Some(url) => {
            if !may_be_pressed(url) {
                return Err(ComposeError::NoOneClick);
            }
            headers.push(("List-Unsubscribe", format!("<{url}>")));
            headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        }
        None if outgoing.kind == Kind::Bulk => return Err(ComposeError::NoOneClick),
        None => {}
    }
    if let Some(list) = &outgoing.list_id {
        if list.is_empty() || !list.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')) {
            return Err(ComposeError::Control("list name"));
        }
        headers.push(("List-ID", format!("<{list}>")));
    }
    match outgoing.kind {
        Kind::Personal => {}
        Kind::Bulk | Kind::Notice => headers.push(("Precedence", "bulk".to_owned())),
        Kind::Service => headers.push(("Auto-Submitted", "auto-generated".to_owned())),
    }
    Ok(headers)
}

fn no_control(which: &'static str, text: &str) -> Result<(), ComposeError> {
    if text.chars().any(char::is_control) { Err(ComposeError::Control(which)) } else { Ok(()) }
}

fn mailbox(which: &'static str, text: &str) -> Result<Mailbox, ComposeError> {
    no_control(which, text)?;
    text.trim().parse().map_err(|_| ComposeError::Address(which))
}

fn recipient(outgoing: &Outgoing) -> Result<Mailbox, ComposeError> {
    no_control("to", &outgoing.to)?;
    let written = store::normal::sent_to(outgoing.to.trim());
    let address = written.parse().map_err(|_| ComposeError::Address("to"))?;
    // A name out of a record may hold anything; its line breaks become spaces rather than stop the message.
    let name = outgoing.to_name.as_deref().map(|name| {
        let flat: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        flat.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    Ok(Mailbox::new(name.filter(|name| !name.is_empty()), address))
}

fn moment(at: Timestamp) -> SystemTime {
    u64::try_from(at.as_second())
        .map_or(SystemTime::UNIX_EPOCH, |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// A page around what stands in the message.
fn html(inner: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en-GB\"><head><meta charset=\"utf-8\"></head><body>{inner}</body></html>\n"
    )
}

/// The plain text of a body in Markdown that shows no pictures.
#[must_use]
pub fn text(body: &str) -> String {
    text_with(body, &[])
}

/// The plain text of a body in Markdown: where a picture is shown it says what of.
#[must_use]
pub fn text_with(body: &str, pictures: &[Picture]) -> String {
    plain::text(tame(body, pictures, None).into_iter())
}

/// What stands between the tags of a message in Markdown that shows no pictures.
#[must_use]
pub fn inner(body: &str, footer: Option<&str>) -> String {
    inner_with(body, footer, &[], At::Page(""))
}

/// What stands between the tags of a message in Markdown: what a preview shows, and what is sent.
#[must_use]
pub fn inner_with(body: &str, footer: Option<&str>, pictures: &[Picture], at: At<'_>) -> String {
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, tame(body, pictures, Some(at)).into_iter());
    push_footer(&mut out, footer);
    out
}

/// The same of words that are no Markdown: their lines and paragraphs as they stand, their links made clickable.
fn as_typed(body: &str, footer: Option<&str>) -> String {
    let mut out = String::new();
    for paragraph in body.replace("\r\n", "\n").split("\n\n").filter(|paragraph| !paragraph.trim().is_empty())
    {
        out.push_str("<p>");
        push_lines(&mut out, paragraph.trim_matches('\n'));
        out.push_str("</p>\n");
    }
    push_footer(&mut out, footer);
    out
}

/// The footer's own lines, below a line across.
fn push_footer(out: &mut String, footer: Option<&str>) {
    if let Some(footer) = footer {
        out.push_str("<hr><p>");
        push_lines(out, footer);
        out.push_str("</p>");
    }
}

fn push_lines(out: &mut String, text: &str) {
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            out.push_str("<br>\n");
        }
        push_linked(out, line);
    }
}

/// Markdown without what has no place in a letter: raw HTML becomes text, odd links go, and so does every picture that is none of
/// these. `at` says where these are; without it each is said in words.
fn tame<'a>(body: &'a str, pictures: &[Picture], at: Option<At<'_>>) -> Vec<Event<'a>> {
    let allowed =
        |url: &CowStr<'_>| ["https://", "http://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
    let ours = |url: &CowStr<'_>| {
        let number = number(url)?;
        pictures.iter().find(|picture| picture.number == number)
    };
    let mut dropped_links = 0_usize;
    let mut out = Vec::new();
    let mut events = Parser::new(body);
    while let Some(event) = events.next() {
        let kept = match event {
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
            Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Image { ref dest_url, .. }) => {
                ours(dest_url).map(|picture| drawn(picture, &within(&mut events), at))
            }
            Event::End(TagEnd::Image) => None,
            Event::Start(Tag::Link { ref dest_url, link_type, .. })
                if !allowed(dest_url) && link_type != LinkType::Email =>
            {
                dropped_links += 1;
                None
            }
            Event::End(TagEnd::Link) if dropped_links > 0 => {
                dropped_links -= 1;
                None
            }
            // The plain text keeps the writer's line ends; so does the HTML.
            Event::SoftBreak => Some(Event::HardBreak),
            other => Some(other),
        };
        out.extend(kept);
    }
    out
}

/// The words within a picture of Markdown, up to its end.
fn within<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> String {
    let (mut words, mut deep) = (String::new(), 0_usize);
    for event in events {
        match event {
            Event::Start(Tag::Image { .. }) => deep += 1,
            Event::End(TagEnd::Image) if deep == 0 => break,
            Event::End(TagEnd::Image) => deep -= 1,
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => words.push(' '),
            _ => {}
        }
    }
    words
}

/// A picture of ours: in HTML from where it is, else in words.
fn drawn<'a>(picture: &Picture, said: &str, at: Option<At<'_>>) -> Event<'a> {
    let alt = if said.trim().is_empty() { picture.alt.as_str() } else { said.trim() };
    // A page of ours has its own style; a mail has none but this, and some are read on a telephone.
    let (from, style) = match at {
        None => return Event::Text(format!("[Picture: {alt}]").into()),
        Some(At::Mail(token)) => {
            (format!("cid:{}", called(token, picture)), " style=\"max-width:100%;height:auto\"")
        }
        Some(At::Page(base)) => (format!("{base}/pictures/{}", picture.number), ""),
    };
    let (from, alt, width) = (escaped(&from), escaped(alt), picture.width.min(WIDEST));
    Event::InlineHtml(format!("<img src=\"{from}\" alt=\"{alt}\" width=\"{width}\"{style}>").into())
}

fn push_linked(out: &mut String, line: &str) {
    for (at, word) in line.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let url = word.trim_end_matches(['.', ',', ';', ')']);
        if url.starts_with("https://") || url.starts_with("http://") {
            let tail = word.get(url.len()..).unwrap_or_default();
            out.push_str(&format!("<a href=\"{0}\">{0}</a>{1}", escaped(url), escaped(tail)));
        } else {
            out.push_str(&escaped(word));
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

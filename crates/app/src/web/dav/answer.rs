//! What an address book answers: a status for each resource with the properties it has and those it has not (RFC 4918, section 13).
//! It writes XML and knows nobody.

use std::fmt::Write;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use quick_xml::escape::escape;

use super::asked::{CARD, DAV, Prop, SERVER};

/// An answer about several resources, as it grows.
pub struct Multi {
    text: String,
}

impl Multi {
    /// An answer about nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            text: format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:multistatus xmlns:D=\"{DAV}\" xmlns:C=\"{CARD}\" xmlns:S=\"{SERVER}\">"
            ),
        }
    }

    /// A resource with what it has, in XML, and what it has not.
    pub fn found(&mut self, href: &str, has: &[(Prop, String)], has_not: &[Prop]) {
        self.text.push_str("<D:response>");
        self.href(href);
        if !has.is_empty() || has_not.is_empty() {
            self.text.push_str("<D:propstat><D:prop>");
            for (prop, value) in has {
                let (begin, end) = tags(prop);
                let _ = write!(self.text, "<{begin}>{value}</{end}>");
            }
            self.text.push_str("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>");
        }
        if !has_not.is_empty() {
            self.text.push_str("<D:propstat><D:prop>");
            for prop in has_not {
                let _ = write!(self.text, "<{}/>", tags(prop).0);
            }
            self.text.push_str("</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>");
        }
        self.text.push_str("</D:response>");
    }

    /// A resource that is not there, or of which there are more than were asked for.
    pub fn only(&mut self, href: &str, status: StatusCode) {
        self.text.push_str("<D:response>");
        self.href(href);
        let words = status.canonical_reason().unwrap_or_default();
        let _ = write!(self.text, "<D:status>HTTP/1.1 {} {words}</D:status></D:response>", status.as_u16());
    }

    /// What stands at its end, in XML.
    pub fn end(&mut self, xml: &str) {
        self.text.push_str(xml);
    }

    fn href(&mut self, href: &str) {
        let _ = write!(self.text, "<D:href>{}</D:href>", escape(href));
    }

    /// All of it.
    #[must_use]
    pub fn response(mut self) -> Response {
        self.text.push_str("</D:multistatus>");
        xml(StatusCode::MULTI_STATUS, self.text)
    }
}

impl Default for Multi {
    fn default() -> Self {
        Self::new()
    }
}

/// How a property is opened and closed. What a program calls it is what it gets back.
fn tags(prop: &Prop) -> (String, String) {
    let known = [(DAV, "D"), (CARD, "C"), (SERVER, "S")];
    match known.iter().find(|(space, _)| *space == prop.space) {
        Some((_, prefix)) => (format!("{prefix}:{}", prop.name), format!("{prefix}:{}", prop.name)),
        None if prop.space.is_empty() => (prop.name.clone(), prop.name.clone()),
        None => (format!("X:{} xmlns:X=\"{}\"", prop.name, escape(&prop.space)), format!("X:{}", prop.name)),
    }
}

fn xml(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/xml; charset=utf-8")], text).into_response()
}

/// Why something is refused, as RFC 4918 and those after it name it: `<D:valid-sync-token/>`.
#[must_use]
pub fn refused(status: StatusCode, condition: &str) -> Response {
    xml(
        status,
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:error xmlns:D=\"{DAV}\" xmlns:C=\"{CARD}\">{condition}</D:error>"
        ),
    )
}

/// Text within an element.
#[must_use]
pub fn said(text: &str) -> String {
    // No control character has a place in XML 1.0 but these three.
    let fits = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
    let text: String = text.chars().filter(fits).collect();
    // Readers of XML make a lone line feed of every line's end: a card's are written out.
    escape(text.as_str()).replace('\r', "&#13;")
}

//! What goes out of the house as a file, to a processor or for a network: the page that says of whom something would go and of whom not,
//! and the file itself. It decides about nobody.

use askama::Template;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use store::{Tx, disclosure};

use super::outreach::shown;
use super::page::{Audience, Link, Page};
use super::{frame, html};
use crate::acts::audience::Audience as Found;
use crate::fault::Fault;

/// A page about something that may go.
#[derive(Template)]
#[template(path = "sheet/sheet.html")]
struct Sheet {
    page: Page,
    what: What,
    audience: Audience,
    may_go: bool,
    base: String,
}

/// What would go, in words.
pub(super) struct What {
    /// The page before.
    pub(super) back: Link,
    pub(super) heading: String,
    pub(super) activity: String,
    /// What goes of each person, and in what form.
    pub(super) kinds: String,
    pub(super) form: &'static str,
    /// What stands above those of whom it goes.
    pub(super) will: &'static str,
    pub(super) action: &'static str,
    /// What is written down, and what has to be done.
    pub(super) then: String,
}

/// Which people of an audience.
#[derive(Deserialize, Clone)]
pub struct Of {
    pub(super) of: String,
}

/// A name as part of an address.
pub(super) fn slug(name: &str) -> String {
    name.replace(' ', "-")
}

/// The page: two columns that add up, and below them what makes the file.
pub(super) fn preview(page: Page, what: What, found: &Found, base: String) -> Result<Html<String>, Fault> {
    let (audience, may_go) = (shown(found, &base, true), !found.will.is_empty());
    html(&Sheet { page, what, audience, may_go, base })
}

/// What somebody got so far: `Details of 12 people, last on Mon 2 Nov 2026.`
pub(super) fn given(tx: &Tx<'_>, what: &str, with: &str) -> Result<String, Fault> {
    let (people, last) = disclosure::given(tx, with)?;
    Ok(match last {
        Some(last) => {
            let people = policy::count::counted(people.unsigned_abs(), "person");
            format!("{what} of {people}, last on {}.", frame::words(last))
        }
        None => "Nothing.".to_owned(),
    })
}

/// A file of lines as an answer, to be kept and not to be shown.
pub(super) fn csv(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, bytes).into_response()
}

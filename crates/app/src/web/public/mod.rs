//! Pages for everybody, without signing in: the privacy notice, rendered from the policy in force.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use policy::notice::{self, Block};

use super::page::Page;
use super::{Answer, House, Trouble, Visitor, frame, html};

#[derive(Template)]
#[template(path = "public/notice.html")]
struct NoticePage {
    page: Page,
    heading: String,
    version: String,
    short: Vec<Short>,
    html: String,
    pdf: String,
}

struct Short {
    who: String,
    words: String,
    href: String,
}

/// `GET /privacy`.
pub async fn notice(State(house): House, visitor: Visitor) -> Answer {
    let policy = house.policy();
    let mut notice = notice::of(&policy);
    // The version stands under the heading already.
    notice.opening.retain(|block| match block {
        Block::Paragraph(line) => !line.text().starts_with(&format!("Version {},", policy.version)),
        _ => true,
    });
    let page = NoticePage {
        page: frame::public(&house, notice.title.clone(), "/privacy"),
        version: version(notice.version, notice.from),
        heading: notice.title.clone(),
        short: Vec::new(),
        html: notice::to_body(&notice),
        pdf: String::new(),
    };
    html(&page).map_err(|fault| Trouble::new(fault, &visitor))
}

/// `GET /privacy.md`.
pub async fn markdown(State(house): House) -> Response {
    let text = notice::to_markdown(&notice::of(&house.policy()));
    ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response()
}

/// Which version of the policy, from when.
#[must_use]
pub fn version(version: u32, from: Date) -> String {
    format!("Version {version}, in force from {}", frame::words(from))
}

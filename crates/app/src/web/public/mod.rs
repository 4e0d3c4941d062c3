//! Pages for everybody, without signing in: the privacy notice, rendered from the policy in force.

use askama::Template;
use axum::extract::State;
use policy::notice;

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
    let notice = notice::of(&policy);
    let page = NoticePage {
        page: frame::public(&house, notice.title.clone(), "/privacy"),
        version: format!("Version {}, from {}", notice.version, frame::words(notice.from)),
        heading: notice.title.clone(),
        short: Vec::new(),
        html: notice::to_body(&notice),
        pdf: String::new(),
    };
    html(&page).map_err(|fault| Trouble::new(fault, &visitor))
}

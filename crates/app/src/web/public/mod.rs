//! Pages for everybody, without signing in: the privacy notice in every version and on paper, the cookies page and the
//! forms, rendered from the policy.

pub mod agree;
pub mod ask;
pub mod fetch;
pub mod form;
pub mod known;
pub mod onward;
mod paper;
mod versions;

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use policy::Policy;
use policy::notice::{self, Block, Notice};
use policy::periods::Own;
use store::{cookie, policy_version};

use super::page::Page;
use super::visits::Said;
use super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::fault::Fault;
use crate::instance::{Instance, read_policy};

pub use paper::pdf;
pub(crate) use versions::when;
pub use versions::{all as versions, one as one_version};

#[derive(Template)]
#[template(path = "public/notice.html")]
struct NoticePage {
    page: Page,
    heading: String,
    version: String,
    over: String,
    html: String,
    pdf: String,
    versions: bool,
    /// What the visitor said about their visits being counted, on the page where they can say it.
    visits: Option<Counted>,
}

/// The choice about visits, as it stands.
struct Counted {
    now: String,
    may_choose: bool,
}

/// `GET /privacy`.
pub async fn notice(State(house): House, visits: Said, visitor: Visitor) -> Answer {
    let said = blocking(move || {
        let mut notice = in_force(&house)?;
        // The version stands under the heading already.
        opened(&mut notice);
        html(&NoticePage {
            page: frame::counted(&house, visits, notice.title.clone(), "/privacy"),
            version: version(notice.version, notice.from),
            over: String::new(),
            heading: notice.title.clone(),
            html: notice::to_body(&notice),
            pdf: "/privacy.pdf".to_owned(),
            versions: true,
            visits: None,
        })
    });
    said.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// `GET /privacy.md`.
pub async fn markdown(State(house): House, visitor: Visitor) -> Answer<Response> {
    let text = blocking(move || Ok(notice::to_markdown(&in_force(&house)?))).await;
    let text = text.map_err(|fault| Trouble::new(fault, &visitor))?;
    Ok(([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response())
}

/// `GET /privacy/cookies`.
pub async fn cookies(State(house): House, said: Said, visitor: Visitor) -> Answer {
    let policy = house.policy();
    let page = notice::cookies(&policy, &cookie::listed(visitor.secure, &policy));
    let page = NoticePage {
        // The choice stands on the page itself.
        page: frame::public(&house, page.title.clone(), "/privacy/cookies"),
        version: version(page.version, page.from),
        over: String::new(),
        heading: page.title.clone(),
        html: notice::to_sections(&page),
        pdf: String::new(),
        versions: false,
        visits: policy.visits.is_some().then(|| Counted {
            now: said.words(policy.days(Own::Visitors)),
            may_choose: said != Said::ByBrowser,
        }),
    };
    html(&page).map_err(|fault| Trouble::new(fault, &visitor))
}

/// The notice in force, with what changed since the version before it.
fn in_force(house: &Instance) -> Result<Notice, Fault> {
    let policy = house.policy();
    Ok(match before(house, policy.version)? {
        Some(before) => notice::since(&policy, &before),
        None => notice::of(&policy),
    })
}

/// The version before one, if there was any.
fn before(house: &Instance, version: u32) -> Result<Option<Policy>, Fault> {
    let files = house.store.read(|tx| {
        let all = policy_version::all(tx)?;
        Ok::<_, Fault>(all.into_iter().find(|adopted| adopted.version < version).map(|adopted| adopted.files))
    })?;
    files.map(read_policy).transpose()
}

fn opened(notice: &mut Notice) {
    let lead = format!("Version {},", notice.version);
    notice.opening.retain(|block| match block {
        Block::Paragraph(line) => !line.text().starts_with(&lead),
        _ => true,
    });
}

/// Which version of the policy, from when.
#[must_use]
pub fn version(version: u32, from: Date) -> String {
    format!("Version {version}, in force from {}", frame::words(from))
}

//! `/privacy/versions`: every version of the notice that was in force, with its days. What is adopted and has not
//! begun is shown too, so that people can read it before it counts.

use askama::Template;
use axum::extract::{Path, State};
use jiff::civil::Date;
use policy::notice;
use store::policy_version::{self, Adopted};

use super::{NoticePage, before, opened, version};
use crate::fault::Fault;
use crate::instance::read_policy;
use crate::web::page::{Link, Page};
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html};

#[derive(Template)]
#[template(path = "public/versions.html")]
struct Versions {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    link: Link,
    when: String,
}

/// `GET /privacy/versions`.
pub async fn all(State(house): House, visitor: Visitor) -> Answer {
    let said = blocking(move || {
        let all = house.store.read(policy_version::all)?;
        let today = house.clock.today();
        let rows = all
            .iter()
            .map(|adopted| Row {
                link: Link {
                    href: format!("/privacy/versions/{}", adopted.version),
                    words: format!("Version {}", adopted.version),
                },
                when: when(&all, adopted, today),
            })
            .collect();
        html(&Versions {
            page: frame::public(&house, "Versions of our privacy notice", "/privacy/versions"),
            rows,
        })
    });
    said.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// `GET /privacy/versions/{n}`.
pub async fn one(State(house): House, visitor: Visitor, Path(number): Path<u32>) -> Answer {
    let said = blocking(move || {
        let all = house.store.read(policy_version::all)?;
        let adopted = all.iter().find(|adopted| adopted.version == number).ok_or(Fault::NotFound)?;
        let policy = read_policy(adopted.files.clone())?;
        let mut notice = match before(&house, number)? {
            Some(before) => notice::since(&policy, &before),
            None => notice::of(&policy),
        };
        opened(&mut notice);
        let now = number == house.policy().version;
        let today = house.clock.today();
        html(&NoticePage {
            page: frame::public(&house, notice.title.clone(), "/privacy/versions"),
            version: version(notice.version, notice.from),
            over: if now { String::new() } else { format!("{}.", when(&all, adopted, today)) },
            heading: notice.title.clone(),
            html: notice::to_body(&notice),
            pdf: String::new(),
            versions: true,
            visits: None,
        })
    });
    said.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// "In force from Mon 2 Nov 2026", "In force from ... to ...", "Will be in force from ...".
pub(crate) fn when(all: &[Adopted], adopted: &Adopted, today: Date) -> String {
    let next = all.iter().rev().find(|next| next.version > adopted.version);
    let until = next.and_then(|next| next.from.yesterday().ok()).filter(|until| *until < today);
    let from = frame::words(adopted.from);
    match until {
        _ if today < adopted.from && all.len() > 1 => format!("Will be in force from {from}"),
        Some(until) if until < adopted.from => "Was never in force".to_owned(),
        Some(until) => format!("In force from {from} to {}", frame::words(until)),
        None => format!("In force from {from}"),
    }
}

//! Administration: health in sentences, staff, what has gone, the log. Everything here says ids and counts only.

pub mod backups;
pub mod key;
pub mod phones;
pub mod staff;
pub mod visits;
pub mod webhooks;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, log};

use super::page::{Page, Pager, Tab};
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, read};
use crate::acts::health::{self, Line as Found, State as How};
use crate::acts::{Acting, actor_words, backup};
use crate::fault::Fault;
use crate::instance::Instance;

/// How many rows a page shows.
const PAGE: u32 = 100;

#[derive(Template)]
#[template(path = "admin/admin.html")]
struct Admin {
    page: Page,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    leave_href: String,
}

struct Line {
    tone: String,
    state: String,
    words: String,
    href: String,
    action: String,
    post: bool,
}

/// The tabs of administration.
#[must_use]
pub fn tabs(here: &str) -> Vec<Tab> {
    let all = [
        ("/admin", "Health"),
        ("/admin/staff", "Staff"),
        ("/admin/backups", "Backups"),
        ("/admin/webhooks", "Webhooks"),
        ("/admin/gone", "What has gone"),
        ("/admin/visits", "Visits"),
        ("/admin/log", "Log"),
    ];
    let tab = |(href, words): (&str, &str)| Tab {
        href: href.to_owned(),
        words: words.to_owned(),
        here: href == here,
    };
    all.into_iter().map(tab).collect()
}

/// `GET /admin`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    read(house, &visitor, move |acting, tx| page(acting, tx, Vec::new())).await
}

/// `POST /admin/dns`: the same page, and first what the DNS says of the domains that mail comes from.
pub async fn dns(State(house): House, visitor: Visitor) -> Answer {
    read(State(house.clone()), &visitor, |acting, _| {
        acting.must(Deed::ManageStaff)?;
        acting.instance.config.smtp.as_ref().map(|_| ()).ok_or(Fault::NotFound)
    })
    .await?;
    let instance = house.clone();
    let said = blocking(move || Ok(health::records::all(&instance.config))).await;
    let said = said.map_err(|fault| Trouble::new(fault, &visitor))?;
    read(State(house), &visitor, move |acting, tx| page(acting, tx, said)).await
}

/// The page, with these lines before the others.
fn page(acting: &Acting<'_>, tx: &Tx<'_>, first: Vec<Found>) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManageStaff)?;
    html(&Admin {
        page: frame::page(acting, "Admin", "admin", "/admin"),
        tabs: tabs("/admin"),
        lines: first.into_iter().chain(health::look(acting.instance, tx)?).map(line).collect(),
        leave_href: String::new(),
    })
}

fn line(found: Found) -> Line {
    let tone = match found.state {
        How::Well => "good",
        How::NeedsYou => "wait",
        How::Failed => "late",
    };
    Line {
        tone: tone.to_owned(),
        state: found.state.word().to_owned(),
        words: found.words,
        href: found.way.map_or_else(String::new, |way| way.href.to_owned()),
        action: found.way.map_or_else(String::new, |way| way.action.to_owned()),
        post: found.way.is_some_and(|way| way.post),
    }
}

/// `POST /admin/backup`.
pub async fn back_up(State(house): State<Arc<Instance>>, visitor: Visitor) -> Answer<Redirect> {
    let actor = read(State(house.clone()), &visitor, |acting, _| {
        acting.must(Deed::ManagePolicy)?;
        Ok(actor_words(&acting.actor))
    })
    .await?;
    match blocking(move || backup::make_here(&house, &actor)).await {
        Ok(_) => Ok(Redirect::to("/admin/backups?said=backed-up")),
        // The page says why: whoever may see it is who can put it right.
        Err(fault @ (Fault::Store(_) | Fault::Other(_))) => {
            tracing::error!(%fault, "no backup could be made");
            Ok(Redirect::to("/admin/backups"))
        }
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

/// `POST /admin/quarantine`: ends it.
pub async fn end_quarantine(house: House, visitor: Visitor) -> Answer<Redirect> {
    super::end_quarantine(house, &visitor).await?;
    Ok(Redirect::to("/admin"))
}

/// From where on a list goes on.
#[derive(Deserialize)]
pub struct After {
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "admin/log.html")]
struct Log {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<LogRow>,
    pager: Pager,
    verified: String,
    whole: bool,
}

struct LogRow {
    at: String,
    who: String,
    what: String,
    more: String,
}

/// What an event says beside its name, as words: ids, kinds and counts, never a value about anybody.
fn plain(body: &serde_json::Value) -> String {
    use serde_json::Value;
    let joined = |each: Vec<String>, with: &str| {
        each.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(with)
    };
    match body {
        Value::Null => String::new(),
        Value::String(words) => words.clone(),
        Value::Array(all) => joined(all.iter().map(plain).collect(), "; "),
        Value::Object(all) => {
            let said = all.iter().filter(|(_, value)| !value.is_null());
            joined(
                said.map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value))).collect(),
                ", ",
            )
        }
        other => other.to_string(),
    }
}

/// `GET /admin/log`.
pub async fn log_page(house: House, visitor: Visitor, Query(asks): Query<After>) -> Answer {
    let path = visitor.path.clone();
    let instance = Arc::clone(&house.0);
    blocking(move || Ok(instance.store.gather()?)).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        let staff = store::staff::all(tx)?;
        let found = log::newest(tx, asks.after, PAGE)?;
        let last = found.last().filter(|_| found.len() as u32 == PAGE).map(|last| last.id);
        let who = |actor: &str| {
            let id = actor.strip_prefix("staff ").and_then(|id| id.parse().ok());
            let known = staff.iter().find(|account| Some(account.id.0) == id);
            known.map_or_else(|| actor.to_owned(), |account| account.name.clone())
        };
        let rows = found.iter().map(|event| LogRow {
            at: frame::moment(acting.instance, event.at),
            who: who(&event.actor),
            what: event.act.replace('.', ": "),
            more: event.body.as_ref().map_or_else(String::new, plain),
        });
        let (whole, verified) = match log::verify(tx, acting.instance.store.keys(), None) {
            Ok(summary) => (
                true,
                format!(
                    "{} events, in order and unchanged; {} not yet closed over.",
                    summary.size, summary.waiting
                ),
            ),
            Err(broken) => (false, super::error::sentence(&broken.to_string())),
        };
        html(&Log {
            page: frame::page(acting, "Log", "admin", &path),
            tabs: tabs("/admin/log"),
            rows: rows.collect(),
            pager: Pager {
                older: last.map_or_else(String::new, |last| format!("/admin/log?after={last}")),
                ..Pager::default()
            },
            verified,
            whole,
        })
    })
    .await
}

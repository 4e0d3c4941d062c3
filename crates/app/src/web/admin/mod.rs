//! Administration: health in sentences, staff, what has gone, the log. Everything here says ids and counts only.

pub mod staff;

use askama::Template;
use axum::extract::Query;
use jiff::tz::TimeZone;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, log, sweep};

use super::page::{Page, Pager, Tab};
use super::{Answer, House, Visitor, frame, html, read};
use crate::acts::Acting;
use crate::fault::Fault;

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

fn line(well: bool, words: String) -> Line {
    let (tone, state) = if well { ("good", "Well") } else { ("late", "Needs you") };
    Line {
        tone: tone.to_owned(),
        state: state.to_owned(),
        words,
        href: String::new(),
        action: String::new(),
        post: false,
    }
}

/// The tabs of administration.
#[must_use]
pub fn tabs(here: &str) -> Vec<Tab> {
    let all = [
        ("/admin", "Health"),
        ("/admin/staff", "Staff"),
        ("/admin/gone", "What has gone"),
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
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        html(&Admin {
            page: frame::page(acting, "Admin", "admin", &path),
            tabs: tabs("/admin"),
            lines: health(acting, tx)?,
            leave_href: String::new(),
        })
    })
    .await
}

fn health(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Vec<Line>, Fault> {
    let instance = acting.instance;
    let mut lines = Vec::new();
    let night = sweep::runs(tx, 1)?.into_iter().next();
    lines.push(match night {
        Some(run) if run.on >= acting.today.yesterday()? => line(
            true,
            format!(
                "The last sweep was in the night of {}: {} rows went.",
                frame::words(run.on),
                run.disposed
            ),
        ),
        Some(run) => line(
            false,
            format!(
                "The last sweep was on {}. The server must run at two in the morning.",
                frame::words(run.on)
            ),
        ),
        None => line(true, "The first sweep is tonight at two.".to_owned()),
    });
    lines.push(match instance.store.dialect() {
        store::dialect::Dialect::Sqlite => {
            line(true, "Database and files are encrypted with your key.".to_owned())
        }
        store::dialect::Dialect::Postgres => line(
            true,
            "Files are encrypted with your key. The disk of the PostgreSQL server is yours to encrypt."
                .to_owned(),
        ),
    });
    lines.push(match &instance.config.smtp {
        Some(smtp) => line(true, format!("Mail leaves by {}.", smtp.host)),
        None if instance.is_practice() => line(true, "This is practice: no message leaves.".to_owned()),
        None => line(false, "No mail server is set in probity.toml, so no message leaves.".to_owned()),
    });
    let staff = store::staff::all(tx)?.into_iter().filter(|account| account.until.is_none()).count();
    lines.push(line(true, format!("{staff} on the staff have access.")));
    if let Some(checkpoint) = log::checkpoint(tx)? {
        lines.push(line(
            true,
            format!("The log holds {} events, closed with a signed checkpoint.", checkpoint.size),
        ));
    }
    Ok(lines)
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
    href: String,
}

/// `GET /admin/log`.
pub async fn log_page(house: House, visitor: Visitor, Query(asks): Query<After>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        let staff = store::staff::all(tx)?;
        let found = log::newest(tx, asks.after, PAGE)?;
        let last = found.last().filter(|_| found.len() as u32 == PAGE).map(|last| last.id);
        let zone: &TimeZone = acting.instance.clock.zone();
        let who = |actor: &str| {
            let id = actor.strip_prefix("staff ").and_then(|id| id.parse().ok());
            let known = staff.iter().find(|account| Some(account.id.0) == id);
            known.map_or_else(|| actor.to_owned(), |account| account.name.clone())
        };
        let rows = found.iter().map(|event| LogRow {
            at: zone.to_datetime(event.at).strftime("%a %-d %b %Y, %H:%M").to_string(),
            who: who(&event.actor),
            what: match &event.body {
                Some(body) => format!("{} {body}", event.act),
                None => event.act.clone(),
            },
            href: String::new(),
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

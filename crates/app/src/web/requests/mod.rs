//! The rights desk: who waits for an answer.

use askama::Template;
use axum::extract::Query;
use custody::id::PersonId;
use custody::{Grant, Sealed};
use jiff::civil::Date;
use serde::Deserialize;
use store::request::{self, Kind, SubjectRequest};
use store::{Tx, person};

use super::page::{Day, Page, Step, Tab};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read};
use crate::acts::request as acts;
use crate::acts::{Acting, identity};
use crate::fault::Fault;

pub mod erasure;
mod found;
pub mod new;
pub mod one;
pub mod registers;
pub mod review;
pub mod words;

/// How many requests a list shows.
const ROWS: u32 = 100;

#[derive(Template)]
#[template(path = "requests/requests.html")]
struct Requests {
    page: Page,
    grant: Grant,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    open: bool,
}

struct Row {
    href: String,
    who: Option<Sealed>,
    initials: String,
    kind: String,
    received: Day,
    due: Day,
    left: String,
    tone: String,
    steps: Vec<Step>,
    owner: String,
}

/// What the address of the desk says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    state: String,
}

/// The tabs of the desk, with the one that is shown.
pub(super) fn tabs(here: &str) -> Vec<Tab> {
    [
        ("/requests", "Open"),
        ("/requests?state=answered", "Answered"),
        ("/complaints", "Complaints"),
        ("/incidents", "Incidents"),
        ("/mail", "Mail"),
        ("/registers", "Registers"),
    ]
    .iter()
    .map(|(href, words)| Tab { href: (*href).to_owned(), words: (*words).to_owned(), here: *words == here })
    .collect()
}

/// The name a list shows for a request: as we hold it, or as they gave it.
fn name(
    tx: &Tx<'_>,
    acting: &Acting<'_>,
    asked: &SubjectRequest,
    grant: &Grant,
) -> Result<Option<Sealed>, Fault> {
    let Some(whom) = asked.person else { return Ok(None) };
    let held = person::names(tx, &acting.policy, &[whom])?;
    let held = held.into_iter().find(|name| name.open(grant).is_ok());
    Ok(held.or_else(|| asked.name.clone().filter(|name| name.open(grant).is_ok())))
}

/// How it stands with the day: words and tone.
fn left(asked: &SubjectRequest, today: Date) -> (String, &'static str) {
    if let Some(on) = asked.answered_on.or(asked.closed_on) {
        return (format!("answered {}", frame::words(on)), "good");
    }
    let Some(due) = asked.due_on else {
        let since =
            asked.paused_on.or(asked.identity_asked_on).or(asked.fee_asked_on).unwrap_or(asked.received_on);
        return (format!("waits for them since {}", frame::words(since)), "wait");
    };
    match due.since(today).map_or(0, |span| span.get_days()) {
        0 => ("today is the last day".to_owned(), "late"),
        1 => ("1 day left".to_owned(), "wait"),
        days @ 2.. => (format!("{days} days left"), if days <= 7 { "wait" } else { "" }),
        -1 => ("1 day overdue".to_owned(), "late"),
        days => (format!("{} days overdue", -days), "late"),
    }
}

/// The bar of a request: what is behind it and where it stands.
fn bar(asked: &SubjectRequest, steps: &[request::Step]) -> Vec<Step> {
    let has = |names: &[&str]| steps.iter().any(|step| names.contains(&step.step.as_str()));
    let answered = asked.answered_on.is_some();
    let mut bar = vec![("Received", true), ("Identity", identity::on_record(steps))];
    match asked.kind {
        _ if asked.outcome.as_deref() == Some(request::NOTHING_HELD) => bar.push(("Nothing held", true)),
        Kind::Access | Kind::Portability => bar.push(("Pack", has(&["pack made"]))),
        Kind::Erasure => bar.push(match asked.outcome.as_deref() {
            Some(request::REFUSED) => ("Refused", true),
            Some(request::NOTHING_YET) => ("Nothing erased yet", has(&["erased"])),
            Some("partly") => ("Erased in part", has(&["erased"])),
            _ => ("Erased", has(&["erased"])),
        }),
        Kind::Restriction => bar.push(("Restricted", has(&["restricted"]))),
        Kind::NoContact => bar.push(("Stopped", has(&["stopped"]))),
        Kind::Rectification if has(&[request::CORRECTED]) => bar.push(("Corrected", true)),
        Kind::Rectification | Kind::Objection => {}
    }
    bar.push(("Answered", answered));
    let here = bar.iter().position(|(_, done)| !done);
    bar.into_iter()
        .enumerate()
        .map(|(place, (words, done))| Step { words: words.to_owned(), done, here: Some(place) == here })
        .collect()
}

/// `GET /requests?state=`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(policy::role::Deed::AnswerRequests)?;
        let open = asks.state != "answered";
        let found = match open {
            true => request::open_ones(tx, &acting.policy, ROWS)?,
            false => request::closed_ones(tx, &acting.policy, None, ROWS)?,
        };
        let people: Vec<PersonId> = found.iter().filter_map(|asked| asked.person).collect();
        let grant = acts::listing(acting, tx, &people)?;
        let staff = store::staff::all(tx)?;
        let mut rows = Vec::new();
        for asked in &found {
            let (left, tone) = left(asked, acting.today);
            rows.push(Row {
                href: format!("/requests/{}", asked.id),
                who: name(tx, acting, asked, &grant)?,
                initials: asked.initials.clone().unwrap_or_else(|| "somebody".to_owned()),
                kind: acts::words(asked.kind).to_owned(),
                received: frame::day(asked.received_on, acting.today),
                due: frame::day(asked.due_on.unwrap_or(asked.received_on), acting.today),
                left,
                tone: tone.to_owned(),
                steps: bar(asked, &request::steps(tx, &acting.policy, asked)?),
                owner: frame::owner(&staff, asked.owner),
            });
        }
        let tabs = tabs(if open { "Open" } else { "Answered" });
        html(&Requests { page: frame::page(acting, "Requests", "requests", &path), grant, tabs, rows, open })
    })
    .await
}

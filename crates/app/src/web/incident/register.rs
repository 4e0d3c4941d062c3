//! The register of incidents: every one, told to the regulator or not, with what happened, what came of it, what was done and why. On the
//! page, on one page to print, and as CSV.

use askama::Template;
use axum::extract::Query;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use custody::id::IncidentId;
use custody::{Grant, Sealed};
use policy::count::counted_len;
use policy::policy::Clause;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;
use store::incident::{self, ASSESSED, Considered, Incident, Step, Whom};
use store::staff::Account;

use super::{moment, owner};
use crate::acts::Acting;
use crate::acts::incident as acts;
use crate::fault::Fault;
use crate::print::copy;
use crate::web::page::{Link, Page, Pager};
use crate::web::requests::registers::plain;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read};

/// How many rows a page shows.
const ROWS: u32 = 50;

/// How many rows a page to print has at most; what is longer is taken as CSV.
const ALL: u32 = 5_000;

/// What the columns are called.
const HEADS: &[&str] = &[
    "Reference",
    "Found",
    "Happened",
    "What it is like",
    "What happened",
    "Found by",
    "How much it is",
    "How bad it may be",
    "Whose data",
    "The regulator",
    "The regulator\u{2019}s reference",
    "The people",
    "Organisations",
    "The police",
    "So that it does not happen again",
    "Who sees to it",
    "Closed",
];

#[derive(Template)]
#[template(path = "incident/register.html")]
struct Register {
    page: Page,
    grant: Grant,
    promises: Vec<Link>,
    heads: Vec<&'static str>,
    rows: Vec<Row>,
    pager: Pager,
    print: String,
}

struct Row {
    cells: Vec<Cell>,
    href: String,
}

struct Cell {
    words: String,
    sealed: Option<Sealed>,
}

/// What the address says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    after: Option<i64>,
    /// All on one page, to print.
    all: Option<String>,
}

/// `GET /incidents/register`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let all = asks.all.is_some();
        let limit = if all { ALL } else { ROWS };
        let found = incident::register(tx, &acting.policy, asks.after.map(IncidentId), limit)?;
        let grant = acts::investigating(acting, tx, &found)?;
        let more = found.last().filter(|_| found.len() as u64 == u64::from(limit));
        let base = "/incidents/register";
        let pager = Pager {
            shown: String::new(),
            newer: if asks.after.is_some() { base.to_owned() } else { String::new() },
            older: more.map_or_else(String::new, |last| format!("{base}?after={}", last.id)),
        };
        let staff = store::staff::all(tx)?;
        let row = |one: &Incident| -> Result<Row, Fault> {
            Ok(Row { cells: cells(acting, tx, one, &staff)?, href: format!("/incidents/{}", one.id) })
        };
        let promises = custody::refusal::promises_on(&acting.policy, &Clause::Incidents);
        let promise = |id: String| Link { href: format!("/policy/proof#{id}"), words: id };
        html(&Register {
            page: frame::page(acting, "Register of incidents", "requests", &path),
            promises: promises.into_iter().map(promise).collect(),
            heads: HEADS.to_vec(),
            rows: found.iter().map(row).collect::<Result<_, Fault>>()?,
            pager,
            print: if all { String::new() } else { format!("{base}?all=yes") },
            grant,
        })
    })
    .await
}

/// What an incident shows in each column.
fn cells(acting: &Acting<'_>, tx: &Tx<'_>, found: &Incident, staff: &[Account]) -> Result<Vec<Cell>, Fault> {
    let steps = incident::steps(tx, &acting.policy, found)?;
    let words = |words: String| Cell { words, sealed: None };
    let sealed = |sealed: &Option<Sealed>| Cell { words: String::new(), sealed: sealed.clone() };
    let on = |at: Option<jiff::Timestamp>| words(at.map_or_else(String::new, |at| moment(acting, at)));
    let last = |name: &str| steps.iter().rev().find(|step| step.step == name);
    let why = |name: &str| last(name).and_then(|step| step.note.clone());
    let risk = found.risk.map_or("not said yet", incident::Risk::name).to_owned();
    let whom = |whom: Whom| Cell { words: said(acting, &steps, whom), sealed: why(whom.considered()) };
    Ok(vec![
        words(store::id::reference(found.id.0)),
        on(Some(found.found_at)),
        on(found.happened_at),
        words(found.sort.words().to_owned()),
        Cell { words: String::new(), sealed: Some(found.what.clone()) },
        sealed(&found.found_by),
        sealed(&found.extent),
        Cell { words: risk, sealed: why(ASSESSED) },
        words(counted_len(incident::people(tx, found.id)?.len(), "person")),
        whom(Whom::Regulator),
        sealed(&found.regulator_reference),
        whom(Whom::People),
        whom(Whom::Organisations),
        whom(Whom::Police),
        sealed(&found.measures),
        words(owner(staff, found.owner)),
        words(found.closed_on.map_or_else(String::new, frame::words)),
    ])
}

/// Whether somebody was told, and when.
fn said(acting: &Acting<'_>, steps: &[Step], whom: Whom) -> String {
    let told = steps.iter().rev().find(|step| step.step == whom.told());
    match incident::considered(steps, whom) {
        Considered::NotYet if incident::decided_again(steps, whom) => {
            "to be decided again, as it looks worse; before".to_owned()
        }
        Considered::NotYet => String::new(),
        Considered::NoNeed => "need not be told".to_owned(),
        Considered::ToTell => "to be told".to_owned(),
        Considered::Told => told.map_or_else(String::new, |step| format!("told {}", moment(acting, step.at))),
    }
}

/// `GET /incidents/register/csv`.
pub async fn csv(house: House, visitor: Visitor) -> Answer<Response> {
    let text = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Export)?;
        let mut csv = csv::Writer::from_writer(Vec::new());
        let broken = |error: csv::Error| Fault::Other(error.to_string());
        csv.write_record(HEADS).map_err(broken)?;
        let staff = store::staff::all(tx)?;
        let mut after = None;
        loop {
            let found = incident::register(tx, &acting.policy, after, ROWS)?;
            let grant = acts::investigating(acting, tx, &found)?;
            let Some(last) = found.last() else { break };
            after = Some(last.id);
            for one in &found {
                let mut line = Vec::new();
                for cell in cells(acting, tx, one, &staff)? {
                    let sealed = cell.sealed.map(|sealed| copy::text(&sealed, &grant)).transpose()?;
                    let both =
                        [Some(cell.words), sealed].into_iter().flatten().filter(|text| !text.is_empty());
                    line.push(plain(both.collect::<Vec<_>>().join(": ")));
                }
                csv.write_record(&line).map_err(broken)?;
            }
        }
        csv.into_inner().map_err(|error| Fault::Other(error.to_string()))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"incidents.csv\""),
    ];
    Ok((headers, text.await?).into_response())
}

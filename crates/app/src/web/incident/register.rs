//! The register of incidents: every one, told to the regulator or not, with what happened, what came of it, what was done and why. On the
//! page, on one page to print, and as CSV.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use custody::id::IncidentId;
use custody::{Grant, Sealed};
use policy::count::counted;
use policy::policy::Clause;
use policy::role::Deed;
use store::Tx;
use store::incident::{self, ASSESSED, Considered, Incident, Step, Whom};
use store::staff::Account;

use crate::acts::Acting;
use crate::acts::incident as acts;
use crate::fault::Fault;
use crate::intake::outgoing;
use crate::print::copy;
use crate::web::page::{Link, Page, Pager};
use crate::web::requests::registers::{Asks, ROWS};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, sheet};

/// Where it is.
const HERE: &str = "/incidents/register";

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

/// `GET /incidents/register`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let found = incident::register(tx, &acting.policy, asks.after.map(IncidentId), asks.limit())?;
        let grant = acts::investigating(acting, tx, &found)?;
        let staff = store::staff::all(tx)?;
        let row = |one: &Incident| -> Result<Row, Fault> {
            Ok(Row { cells: cells(acting, tx, one, &staff)?, href: format!("/incidents/{}", one.id) })
        };
        html(&Register {
            page: frame::page(acting, "Register of incidents", "requests", &path),
            promises: frame::promises(&acting.policy, &Clause::Incidents),
            heads: HEADS.to_vec(),
            rows: found.iter().map(row).collect::<Result<_, Fault>>()?,
            pager: asks.pager(HERE, found.len(), found.last().map(|last| last.id.0)),
            print: asks.print(HERE),
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
    let on = |at: Option<jiff::Timestamp>| {
        words(at.map_or_else(String::new, |at| frame::moment(acting.instance, at)))
    };
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
        words(counted(incident::how_many(tx, found.id)?, "person")),
        whom(Whom::Regulator),
        sealed(&found.regulator_reference),
        whom(Whom::People),
        whom(Whom::Organisations),
        whom(Whom::Police),
        sealed(&found.measures),
        words(frame::owner(staff, found.owner)),
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
        Considered::Told => {
            told.map_or_else(String::new, |step| format!("told {}", frame::moment(acting.instance, step.at)))
        }
    }
}

/// `GET /incidents/register/csv`.
pub async fn csv(house: House, visitor: Visitor) -> Answer<Response> {
    let bytes = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Export)?;
        let mut rows: Vec<Vec<String>> = vec![HEADS.iter().map(|head| (*head).to_owned()).collect()];
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
                    line.push(both.collect::<Vec<_>>().join(": "));
                }
                rows.push(line);
            }
        }
        outgoing::csv(rows).map_err(|error| Fault::Other(error.to_string()))
    });
    Ok(sheet::csv("incidents.csv", bytes.await?))
}

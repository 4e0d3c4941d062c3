//! The registers the policy promises, with exactly its columns, on the page and as CSV.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::{Redirect, Response};
use custody::id::{ComplaintId, PersonId, RequestId};
use custody::{Grant, Sealed};
use jiff::civil::Date;
use policy::policy::{Clause, Register};
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;
use store::complaint::{self, Complaint};
use store::request::{self, Kind, SubjectRequest};

use super::super::page::{Link, Page, Pager, Tab};
use super::super::show::filters;
use super::super::{Answer, House, Visitor, frame, html, read, sheet};
use crate::acts::Acting;
use crate::acts::request as acts;
use crate::fault::Fault;
use crate::intake::outgoing;
use crate::print::copy;

/// How many rows a page shows.
pub(in crate::web) const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "requests/registers.html")]
struct Registers {
    page: Page,
    grant: Grant,
    tabs: Vec<Tab>,
    which: Vec<Tab>,
    title: String,
    about: String,
    promises: Vec<Link>,
    heads: Vec<String>,
    rows: Vec<Row>,
    pager: Pager,
    csv: String,
    print: String,
}

struct Row {
    cells: Vec<Cell>,
    href: String,
}

#[derive(Default)]
struct Cell {
    words: String,
    sealed: Option<Sealed>,
}

/// What the address of a register says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    pub(in crate::web) after: Option<i64>,
    /// All on one page, to print.
    all: Option<String>,
}

impl Asks {
    /// How many rows the page has at most.
    pub(in crate::web) fn limit(&self) -> u32 {
        if self.all.is_some() { ALL } else { ROWS }
    }

    /// What leads on from the page of so many rows, of which the last has this number.
    pub(in crate::web) fn pager(&self, base: &str, rows: usize, last: Option<i64>) -> Pager {
        let more = last.filter(|_| rows as u64 == u64::from(self.limit()));
        Pager {
            shown: String::new(),
            newer: if self.after.is_some() { base.to_owned() } else { String::new() },
            older: more.map_or_else(String::new, |last| format!("{base}?after={last}")),
        }
    }

    /// Where all of it stands on one page, to print; empty there.
    pub(in crate::web) fn print(&self, base: &str) -> String {
        if self.all.is_some() { String::new() } else { format!("{base}?all=yes") }
    }
}

/// How many rows a page to print has at most; what is longer is taken as CSV.
const ALL: u32 = 5_000;

/// What stands in a register: a request or a complaint.
enum Entered {
    Request(SubjectRequest),
    Complaint(Complaint),
}

impl Entered {
    fn number(&self) -> i64 {
        match self {
            Self::Request(asked) => asked.id.0,
            Self::Complaint(found) => found.id.0,
        }
    }

    fn person(&self) -> Option<PersonId> {
        match self {
            Self::Request(asked) => asked.person,
            Self::Complaint(found) => found.person,
        }
    }

    fn href(&self) -> String {
        match self {
            Self::Request(asked) => format!("/requests/{}", asked.id),
            Self::Complaint(found) => format!("/complaints/{}", found.id),
        }
    }
}

/// Whether the program keeps a register of this name.
fn is_kept(register: &Register) -> bool {
    register.name == "complaints" || Kind::named(&register.name).is_some()
}

/// A page of a register.
fn entered(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    register: &Register,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Entered>, Fault> {
    let policy = &acting.policy;
    if register.name == "complaints" {
        let found = complaint::register(tx, policy, after.map(ComplaintId), limit)?;
        return Ok(found.into_iter().map(Entered::Complaint).collect());
    }
    let kind = Kind::named(&register.name).ok_or(Fault::NotFound)?;
    let asked = request::register(tx, policy, kind, after.map(RequestId), limit)?;
    Ok(asked.into_iter().map(Entered::Request).collect())
}

/// The address of a register.
fn href(register: &Register) -> String {
    format!("/registers/{}", register.name.replace(' ', "-"))
}

/// `GET /registers`: the first one.
pub async fn first(house: House, visitor: Visitor) -> Answer<Redirect> {
    let to = read(house, &visitor, move |acting, _| {
        acting.must(Deed::AnswerRequests)?;
        let registers = &acting.policy.requests.registers;
        registers.iter().find(|one| is_kept(one)).map(href).ok_or(Fault::NotFound)
    });
    Ok(Redirect::to(&to.await?))
}

/// A register of the policy by its word in an address, with its place among them.
fn found<'p>(acting: &'p Acting<'_>, name: &str) -> Result<(usize, &'p Register), Fault> {
    acting.must(Deed::AnswerRequests)?;
    let name = name.replace('-', " ");
    let registers = acting.policy.requests.registers.iter().enumerate();
    registers.into_iter().find(|(_, one)| one.name == name && is_kept(one)).ok_or(Fault::NotFound)
}

/// `GET /registers/{which}`.
pub async fn get(
    house: House,
    visitor: Visitor,
    Path(which): Path<String>,
    Query(asks): Query<Asks>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (at, register) = found(acting, &which)?;
        let asked = entered(acting, tx, register, asks.after, asks.limit())?;
        let grant = grant(acting, tx, &asked)?;
        let base = href(register);
        let title = format!("Register of requests: {}", register.name);
        html(&Registers {
            page: frame::page(acting, title.clone(), "requests", &path),
            tabs: super::tabs("Registers"),
            which: acting
                .policy
                .requests
                .registers
                .iter()
                .filter(|one| is_kept(one))
                .map(|one| Tab {
                    href: href(one),
                    words: super::super::people::capital(&one.name),
                    here: one.name == register.name,
                })
                .collect(),
            about: format!("Kept as the policy says: {}.", register.columns.join(", ")),
            promises: frame::promises(&acting.policy, &Clause::Register(at)),
            heads: register.columns.iter().map(|column| super::super::people::capital(column)).collect(),
            pager: asks.pager(&base, asked.len(), asked.last().map(Entered::number)),
            csv: format!("{base}/csv"),
            print: asks.print(&base),
            rows: asked
                .iter()
                .map(|asked| {
                    Ok(Row {
                        cells: register
                            .columns
                            .iter()
                            .map(|column| cell(acting, tx, (asked, &grant), column))
                            .collect::<Result<_, Fault>>()?,
                        href: asked.href(),
                    })
                })
                .collect::<Result<_, Fault>>()?,
            title,
            grant,
        })
    })
    .await
}

fn grant(acting: &Acting<'_>, tx: &Tx<'_>, asked: &[Entered]) -> Result<Grant, Fault> {
    let people: Vec<PersonId> = asked.iter().filter_map(Entered::person).collect();
    acts::listing(acting, tx, &people)
}

/// What a request shows in a column of the policy. The line of somebody of whom something cannot be read stands without what is sealed
/// of them.
fn cell(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (entered, grant): (&Entered, &Grant),
    column: &str,
) -> Result<Cell, Fault> {
    let cell = match entered {
        Entered::Request(asked) => of_request(acting, tx, asked, column)?,
        Entered::Complaint(found) => of_complaint(acting, tx, found, column)?,
    };
    let unread = cell
        .sealed
        .as_ref()
        .is_some_and(|sealed| !grant.people().contains_key(&sealed.person()) && sealed.open(grant).is_err());
    Ok(if unread { Cell { words: "cannot be read".to_owned(), sealed: None } } else { cell })
}

/// What a complaint shows in a column of the policy.
fn of_complaint(acting: &Acting<'_>, tx: &Tx<'_>, found: &Complaint, column: &str) -> Result<Cell, Fault> {
    let words = |words: String| Ok(Cell { words, sealed: None });
    let on = |on: Option<Date>| words(on.map_or_else(String::new, frame::words));
    let sealed = |sealed: &Option<Sealed>, otherwise: &str| match sealed.clone() {
        Some(value) => Ok(Cell { words: String::new(), sealed: Some(value) }),
        None => words(otherwise.to_owned()),
    };
    match column {
        "person" | "name" => sealed(&found.name, ""),
        "request" => sealed(&found.words, "A complaint"),
        "answer" => sealed(&found.answer, ""),
        "received" => on(Some(found.received_on)),
        "answered" => on(found.answered_on),
        actions if actions.starts_with("actions") => {
            let steps = complaint::steps(tx, &acting.policy, found)?;
            let said: Vec<String> =
                steps.iter().map(|step| format!("{} {}", step.step, frame::words(step.on))).collect();
            words(said.join("; "))
        }
        _ => words(String::new()),
    }
}

fn of_request(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest, column: &str) -> Result<Cell, Fault> {
    let words = |words: String| Ok(Cell { words, sealed: None });
    let on = |on: Option<Date>| words(on.map_or_else(String::new, frame::words));
    match column {
        "person" | "name" => match asked.name.clone() {
            Some(name) => Ok(Cell { words: String::new(), sealed: Some(name) }),
            None => words(asked.initials.clone().unwrap_or_default()),
        },
        "initials" => words(asked.initials.clone().unwrap_or_default()),
        "organisation" => words(asked.organisation.clone().unwrap_or_default()),
        "request" => match asked.words.clone() {
            Some(said) => Ok(Cell { words: String::new(), sealed: Some(said) }),
            None => words(acts::words(asked.kind).to_owned()),
        },
        "received" => on(Some(asked.received_on)),
        "answered" => on(asked.answered_on),
        "answer" => match asked.answer.clone() {
            Some(answer) => Ok(Cell { words: String::new(), sealed: Some(answer) }),
            None => words(asked.outcome.as_deref().map_or_else(String::new, super::super::people::capital)),
        },
        actions if actions.starts_with("actions") => {
            let steps = request::steps(tx, &acting.policy, asked)?;
            let refuses = steps.iter().any(|step| step.step == request::REFUSED);
            let step = |step: &request::Step| {
                // What was done in part, or not at all, says so, and why; refused by a letter, the answer is all there is of it.
                let came = match (step.step.as_str(), asked.outcome.as_deref()) {
                    ("erased", Some(request::NOTHING_YET)) => {
                        return format!("uses ended, nothing erased yet {}", frame::words(step.on));
                    }
                    ("erased", Some("partly")) => " in part",
                    ("answered", Some(request::REFUSED)) if !refuses => ": refused",
                    ("answered", Some(request::NOTHING_HELD)) => ": nothing else is held",
                    ("answered", Some("partly")) if asked.kind != Kind::Erasure => ": done in part",
                    _ => "",
                };
                format!("{}{came} {}", step.step, frame::words(step.on))
            };
            let stays =
                asked.stays.iter().map(|stays| format!("stays: {}", crate::acts::erasure::sentence(stays)));
            let told = steps.iter().filter(|step| !crate::acts::redaction::is_seal(&step.step));
            let said: Vec<String> = told.map(step).chain(stays).collect();
            words(said.join("; "))
        }
        _ => words(String::new()),
    }
}

/// `GET /registers/{which}/csv`.
pub async fn csv(house: House, visitor: Visitor, Path(which): Path<String>) -> Answer<Response> {
    let bytes = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Export)?;
        let (_, register) = found(acting, &which)?;
        let mut rows = vec![register.columns.clone()];
        let mut after = None;
        loop {
            let asked = entered(acting, tx, register, after, ROWS)?;
            let Some(last) = asked.last() else { break };
            after = Some(last.number());
            let grant = grant(acting, tx, &asked)?;
            for asked in &asked {
                let mut line = Vec::new();
                for column in &register.columns {
                    let cell = cell(acting, tx, (asked, &grant), column)?;
                    line.push(match &cell.sealed {
                        Some(sealed) => copy::text(sealed, &grant)?,
                        None => cell.words,
                    });
                }
                rows.push(line);
            }
        }
        outgoing::csv(rows).map_err(|error| Fault::Other(error.to_string()))
    });
    Ok(sheet::csv("register.csv", bytes.await?))
}

//! The third step: what will happen to each row. Rows that cannot be taken are put right here; people who
//! are held back are shown, and let in only on their own later word.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query};
use axum::response::{Html, Redirect};
use custody::Grant;
use custody::id::{ImportId, NOBODY};
use custody::sealed::Sealed;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;
use store::import::{self as batches, ImportRow, Outcome};
use store::normal::Shape;

use super::columns::shown_as;
use super::{offered, steps};
use crate::acts::Acting;
use crate::acts::import::{self as acts, Importing};
use crate::fault::Fault;
use crate::intake::{Target, draft};
use crate::web::page::{Link, Page, Pager, Step, Tab};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, people, read, write};

/// Rows on one page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "import/rows.html")]
struct Rows {
    page: Page,
    grant: Grant,
    base: String,
    steps: Vec<Step>,
    total: u64,
    create: u64,
    update: u64,
    same: u64,
    held: u64,
    wrong: u64,
    /// Rows of whoever was erased since the file came.
    out: u64,
    offered: String,
    filter: Vec<Tab>,
    shown: String,
    wrong_rows: Vec<WrongRow>,
    held_rows: Vec<HeldRow>,
    plain_rows: Vec<PlainRow>,
    pager: Pager,
}

struct WrongRow {
    n: i64,
    cells: Vec<Cell>,
}

struct Cell {
    name: String,
    label: String,
    value: Sealed,
    error: String,
}

struct HeldRow {
    n: i64,
    name: Sealed,
    because: String,
    promise: Option<Link>,
    may_return: bool,
}

struct PlainRow {
    n: i64,
    name: Sealed,
    email: Sealed,
    words: String,
    href: String,
}

/// What the address of the rows says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    show: String,
    #[serde(default)]
    after: i64,
}

/// The lists of rows: their word in the address, what they are called, the outcomes they show.
const LISTS: &[(&str, &str, &[Outcome])] = &[
    ("wrong", "Needs you", &[Outcome::Wrong]),
    ("held", "Held back", &[Outcome::Held]),
    ("match", "Here already", &[Outcome::Update, Outcome::Same]),
    ("all", "All", &[]),
];

/// `GET /import/{id}/rows`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    read(house, &visitor, move |acting, tx| page(acting, tx, ImportId(id), &asks)).await
}

fn page(acting: &Acting<'_>, tx: &Tx<'_>, id: ImportId, asks: &Asks) -> Result<Html<String>, Fault> {
    acting.must(Deed::Import)?;
    let importing = Importing::load(&acting.policy, tx, id)?;
    let grant = acts::preview(acting, &importing)?;
    let counts = batches::counts(tx, id)?;
    let sum = |outcomes: &[Outcome]| -> u64 {
        counts
            .iter()
            .filter(|(outcome, _)| outcomes.is_empty() || outcomes.contains(outcome))
            .map(|(_, n)| n)
            .sum()
    };
    let chosen = LISTS.iter().find(|(word, ..)| *word == asks.show);
    let first_with_rows = || LISTS.iter().find(|(_, _, outcomes)| !outcomes.is_empty() && sum(outcomes) > 0);
    let (shown, _, outcomes) = chosen.or_else(first_with_rows).or(LISTS.last()).ok_or(Fault::NotFound)?;
    let rows = batches::rows(tx, id, outcomes, asks.after, PAGE)?;
    let base = format!("/import/{id}");
    let last = rows.last().map_or(0, |row| row.line);
    let more = rows.len() == PAGE as usize && !batches::rows(tx, id, outcomes, last, 1)?.is_empty();
    let pager = Pager {
        shown: if more || asks.after > 0 { format!("{} rows in all", sum(outcomes)) } else { String::new() },
        newer: if asks.after > 0 { format!("{base}/rows?show={shown}") } else { String::new() },
        older: if more { format!("{base}/rows?show={shown}&after={last}") } else { String::new() },
    };
    let mut page = Rows {
        page: frame::page(acting, "What will happen", "people", &format!("{base}/rows")),
        grant,
        steps: steps(2),
        total: sum(&[]),
        create: sum(&[Outcome::Create, Outcome::Back]),
        update: sum(&[Outcome::Update]),
        same: sum(&[Outcome::Same]),
        held: sum(&[Outcome::Held]),
        wrong: sum(&[Outcome::Wrong]),
        out: sum(&[Outcome::LeftOut]),
        offered: offered(&acting.policy, &importing, false),
        filter: LISTS
            .iter()
            .map(|(word, words, outcomes)| Tab {
                href: format!("{base}/rows?show={word}"),
                words: format!("{words} {}", sum(outcomes)),
                here: word == shown,
            })
            .collect(),
        base,
        shown: (*shown).to_owned(),
        wrong_rows: Vec::new(),
        held_rows: Vec::new(),
        plain_rows: Vec::new(),
        pager,
    };
    for row in &rows {
        match *shown {
            "wrong" => page.wrong_rows.push(wrong(&importing, row)),
            "held" => page.held_rows.push(held(&importing, row)),
            _ => page.plain_rows.push(plain(&importing, row)),
        }
    }
    html(&page)
}

fn wrong(importing: &Importing<'_>, row: &ImportRow) -> WrongRow {
    let problems = importing.draft(row).err().unwrap_or_default();
    let whole: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.column.is_none())
        .map(|problem| problem.message.as_str())
        .collect();
    let cells = importing.cells(row);
    let mut shown = Vec::new();
    for (at, target) in importing.targets.iter().enumerate() {
        let Some(kind) = shown_as(importing, *target) else { continue };
        let error =
            problems.iter().find(|problem| problem.column == Some(at)).map(|problem| problem.message.clone());
        let value = cells.get(&at).cloned().unwrap_or_default();
        let wanted =
            matches!(target, Target::Name(..)) || !value.is_empty() || error.is_some() || !whole.is_empty();
        if wanted {
            let error = error.or_else(|| if shown.is_empty() { Some(whole.join(" ")) } else { None });
            let error =
                error.filter(|error| !error.is_empty()).map(|error| crate::web::error::sentence(&error));
            shown.push(Cell {
                name: format!("column-{at}"),
                label: importing.said.headings.get(at).cloned().unwrap_or_default(),
                value: Sealed::new(NOBODY, kind, value),
                error: error.unwrap_or_default(),
            });
        }
    }
    WrongRow { n: row.line, cells: shown }
}

fn held(importing: &Importing<'_>, row: &ImportRow) -> HeldRow {
    let (name, _) = names(importing, row);
    HeldRow {
        n: row.line,
        name,
        because: people::capital(row.reason.as_deref().unwrap_or("held back")),
        promise: promise(importing, row),
        may_return: true,
    }
}

/// The promise that keeps somebody out.
fn promise(importing: &Importing<'_>, row: &ImportRow) -> Option<Link> {
    let clause = importing.clause_behind(row.reason.as_deref()?)?;
    let id = custody::refusal::promises_on(importing.policy, &clause).into_iter().next()?;
    Some(Link { href: format!("/policy/proof#{id}"), words: id })
}

fn plain(importing: &Importing<'_>, row: &ImportRow) -> PlainRow {
    let (name, email) = names(importing, row);
    let reason = row.reason.clone().unwrap_or_default();
    let words = match row.outcome {
        Outcome::Create => "New".to_owned(),
        Outcome::Back => "New: asked to come back".to_owned(),
        Outcome::Update => format!("Here already: {reason} added"),
        Outcome::Same if reason.is_empty() => "Here already, nothing changes".to_owned(),
        Outcome::Same => people::capital(&reason),
        Outcome::Held => format!("Held back: {reason}"),
        Outcome::Wrong => format!("To put right: {reason}"),
        _ => people::capital(&reason),
    };
    let href = row.person.map_or_else(String::new, |person| format!("/people/{person}"));
    PlainRow { n: row.line, name, email, words, href }
}

/// The name and the address in a row, as far as it can be read; what a row lacks is empty.
fn names(importing: &Importing<'_>, row: &ImportRow) -> (Sealed, Sealed) {
    let any = importing.kinds.first().map_or(policy::KindId(0), |kind| kind.id);
    let kept = importing.draft(row).ok();
    let find = |fits: &dyn Fn(&str) -> bool| {
        let items = kept.iter().flat_map(|draft| &draft.items);
        let mut named = items.filter_map(|(id, value)| {
            let kind = importing.kinds.iter().find(|kind| kind.id == *id)?;
            fits(&kind.name).then(|| Sealed::new(NOBODY, *id, value.clone()))
        });
        named.next()
    };
    let empty = || Sealed::new(NOBODY, any, String::new());
    let email = find(&|kind| Shape::of(kind) == Shape::Email);
    let phone = || find(&|kind| Shape::of(kind) == Shape::Phone);
    let name = find(&draft::is_name).or_else(|| email.clone()).or_else(phone);
    (name.unwrap_or_else(empty), email.unwrap_or_else(empty))
}

/// `POST /import/{id}/rows/{n}`: cells put right, named `column-0` and on.
pub async fn put_right(
    house: House,
    visitor: Visitor,
    Path((id, n)): Path<(i64, i64)>,
    Posted(answers): Posted<BTreeMap<String, String>>,
) -> Answer<Redirect> {
    let cells: BTreeMap<usize, String> = answers
        .into_iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("column-")?.parse().ok()?, value)))
        .collect();
    write(house, &visitor, move |acting, tx| acts::put_right(acting, tx, ImportId(id), n, &cells)).await?;
    Ok(Redirect::to(&format!("/import/{id}/rows?show=wrong")))
}

/// What is answered about somebody held back.
#[derive(Deserialize)]
pub struct HeldAnswer {
    #[serde(default)]
    answer: String,
}

/// `POST /import/{id}/held/{n}`.
pub async fn held_back(
    house: House,
    visitor: Visitor,
    Path((id, n)): Path<(i64, i64)>,
    Posted(given): Posted<HeldAnswer>,
) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| match given.answer.as_str() {
        "back" => acts::welcome_back(acting, tx, ImportId(id), n),
        _ => Err(Fault::field("answer", "Say whether they asked to come back.")),
    })
    .await?;
    Ok(Redirect::to(&format!("/import/{id}/rows?show=held")))
}

//! The last step: the rows being taken, the sum that adds up, and undoing it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State as Shared};
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::ImportId;
use jiff::ToSpan;
use policy::count::counted;
use policy::role::Deed;
use store::Tx;
use store::import::{self as batches, Batch, Outcome, State};

use super::{offered, steps};
use crate::acts::Acting;
use crate::acts::import::{self as acts, Importing, Tally};
use crate::fault::Fault;
use crate::web::page::{Day, Link, Page, Step};
use crate::web::{Answer, House, Visitor, blocking, frame, html, people, read, write};

/// How many of the lines that stayed are named.
const STAYED: u32 = 50;

#[derive(Template)]
#[template(path = "import/progress.html")]
struct Progress {
    page: Page,
    steps: Vec<Step>,
    done: u64,
    total: u64,
    words: String,
    running: bool,
    href: String,
}

#[derive(Template)]
#[template(path = "import/result.html")]
struct ImportResult {
    page: Page,
    base: String,
    steps: Vec<Step>,
    file: String,
    total: u64,
    sums: Vec<Sum>,
    people_href: String,
    undo_until: Option<Day>,
    undone: String,
    stayed: Vec<Link>,
    seconds: String,
    offered: String,
    tell: String,
    tell_href: String,
    held: Vec<HeldBack>,
}

struct HeldBack {
    count: u64,
    because: String,
    clause: String,
    promises: Vec<Link>,
}

struct Sum {
    words: String,
    count: u64,
    href: String,
}

/// `POST /import/{id}/run`: takes the rows, while the visitor watches or not.
pub async fn run(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Redirect> {
    let id = ImportId(id);
    write(house.clone(), &visitor, move |acting, tx| acts::start(acting, tx, id)).await?;
    in_background(house, id, |instance, id| acts::run(instance, id, |_| {}));
    Ok(Redirect::to(&format!("/import/{id}/progress")))
}

/// `POST /import/{id}/undo`.
pub async fn undo(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Redirect> {
    let id = ImportId(id);
    write(house.clone(), &visitor, move |acting, tx| acts::start_undo(acting, tx, id)).await?;
    in_background(house, id, acts::run_undo);
    Ok(Redirect::to(&format!("/import/{id}/progress")))
}

fn in_background(
    Shared(instance): House,
    id: ImportId,
    work: impl FnOnce(&crate::instance::Instance, ImportId) -> Result<(), Fault> + Send + 'static,
) {
    tokio::spawn(async move {
        if let Err(fault) = blocking(move || work(&instance, id)).await {
            tracing::error!(
                import = id.0,
                "an import stopped, and goes on when the program starts again: {fault}"
            );
        }
    });
}

/// `GET /import/{id}/progress`.
pub async fn progress(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let href = format!("/import/{id}/result");
    let shown = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Import)?;
        let batch = batches::one(tx, ImportId(id))?;
        match batch.state {
            State::Running | State::Undoing => Ok(Some(under_way(acting, tx, &batch)?)),
            _ => Ok(None),
        }
    });
    Ok(match shown.await? {
        Some(page) => page.into_response(),
        None => Redirect::to(&href).into_response(),
    })
}

fn under_way(acting: &Acting<'_>, tx: &Tx<'_>, batch: &Batch) -> Result<Html<String>, Fault> {
    let undoing = batch.state == State::Undoing;
    let counts = batches::counts(tx, batch.id)?;
    let settled = |outcome: &Outcome| match (undoing, outcome) {
        (true, Outcome::Created | Outcome::Updated) => false,
        (true, _) => true,
        (false, outcome) => !outcome.is_plan(),
    };
    let tally = Tally {
        done: counts.iter().filter(|(outcome, _)| settled(outcome)).map(|(_, n)| n).sum(),
        total: u64::try_from(batch.rows).unwrap_or(0),
    };
    let path = format!("/import/{}/progress", batch.id);
    html(&Progress {
        page: frame::page(acting, if undoing { "Undoing an import" } else { "Importing" }, "people", &path),
        steps: steps(3),
        done: tally.done,
        total: tally.total,
        words: if undoing { format!("{} taken out again", tally.words()) } else { tally.words() },
        running: true,
        href: path,
    })
}

/// `GET /import/{id}/result`.
pub async fn result(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let shown = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Import)?;
        let batch = batches::one(tx, ImportId(id))?;
        match batch.state {
            State::Finished | State::Undone => Ok(Some(finished(acting, tx, &batch)?)),
            _ => Ok(None),
        }
    });
    Ok(match shown.await? {
        Some(page) => page.into_response(),
        None => Redirect::to(&format!("/import/{id}")).into_response(),
    })
}

fn finished(acting: &Acting<'_>, tx: &Tx<'_>, batch: &Batch) -> Result<Html<String>, Fault> {
    let counts = batches::counts(tx, batch.id)?;
    let n = |outcome: Outcome| counts.get(&outcome).copied().unwrap_or(0);
    let sum = |words: &str, outcome: Outcome| Sum {
        words: words.to_owned(),
        count: n(outcome),
        href: String::new(),
    };
    let sums = if batch.state == State::Undone {
        vec![
            sum("taken out again", Outcome::Gone),
            sum("stayed, because somebody has worked on them since", Outcome::Stayed),
            sum("had changed nothing", Outcome::Unchanged),
            sum("were held back", Outcome::LeftOut),
            sum("were skipped", Outcome::Skipped),
        ]
    } else {
        vec![
            sum("created", Outcome::Created),
            sum("updated", Outcome::Updated),
            sum("the same already", Outcome::Unchanged),
            sum("held back", Outcome::LeftOut),
            sum("skipped", Outcome::Skipped),
        ]
    };
    let importing = Importing::load(&acting.policy, tx, batch.id)?;
    let last = acts::undoable_until(acting.instance, batch).filter(|last| acting.today <= *last);
    let undone = batch.undone_at.map(|at| {
        format!(
            "Undone on {}: {} taken out again, {} stayed.",
            frame::words(acting.instance.clock.on(at)),
            counted(n(Outcome::Gone), "row"),
            n(Outcome::Stayed)
        )
    });
    html(&ImportResult {
        page: frame::page(acting, "Imported", "people", &format!("/import/{}/result", batch.id)),
        base: format!("/import/{}", batch.id),
        steps: steps(4),
        file: super::called(&batch.name),
        total: u64::try_from(batch.rows).unwrap_or(0),
        sums,
        people_href: format!("/people?category={}", people::escape(importing.category_name())),
        undo_until: last.map(|last| frame::day(last, acting.today)),
        undone: undone.unwrap_or_default(),
        stayed: stayed(tx, batch.id)?,
        seconds: format!("{}.{} seconds", importing.said.took / 1000, importing.said.took % 1000 / 100),
        offered: if batch.state == State::Finished {
            offered(&acting.policy, &importing, true)
        } else {
            String::new()
        },
        tell: tell(acting, batch, &importing, n(Outcome::Created)),
        tell_href: String::new(),
        held: held_back(tx, &importing, batch)?,
    })
}

/// The lines that were not taken out again, each with whom it is about.
fn stayed(tx: &Tx<'_>, import: ImportId) -> Result<Vec<Link>, Fault> {
    let rows = batches::rows(tx, import, &[Outcome::Stayed], 0, STAYED)?;
    let link = |row: batches::ImportRow| {
        let href = row.person.map_or_else(String::new, |person| format!("/people/{person}"));
        Link { href, words: format!("line {}", row.line) }
    };
    Ok(rows.into_iter().map(link).collect())
}

/// How many were held back for which reason, and by which clause.
fn held_back(tx: &Tx<'_>, importing: &Importing<'_>, batch: &Batch) -> Result<Vec<HeldBack>, Fault> {
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    let mut after = 0;
    loop {
        let rows = batches::rows(tx, batch.id, &[Outcome::LeftOut], after, 500)?;
        let Some(last) = rows.last() else { break };
        after = last.line;
        for row in &rows {
            *reasons.entry(row.reason.clone().unwrap_or_default()).or_default() += 1;
        }
    }
    let each = reasons.into_iter().map(|(reason, count)| {
        let clause = importing.clause_behind(&reason);
        let promises =
            clause.iter().flat_map(|clause| custody::refusal::promises_on(importing.policy, clause));
        HeldBack {
            count,
            clause: clause
                .as_ref()
                .map_or_else(String::new, |clause| custody::refusal::clause_words(importing.policy, clause)),
            promises: promises.map(|id| Link { href: format!("/policy/proof#{id}"), words: id }).collect(),
            because: people::capital(if reason.is_empty() { "held back" } else { &reason }),
        }
    });
    Ok(each.collect())
}

/// People whom nobody has told must hear from us within a month (UK GDPR Art 14(3)).
fn tell(acting: &Acting<'_>, batch: &Batch, importing: &Importing<'_>, created: u64) -> String {
    if importing.said.told != "nobody" || created == 0 || batch.state != State::Finished {
        return String::new();
    }
    let began = acting.instance.clock.on(batch.created_at);
    let last = began.checked_add(1.month()).map_or_else(|_| "a month from now".to_owned(), frame::words);
    let whom =
        if created == 1 { "this person".to_owned() } else { format!("these {}", counted(created, "person")) };
    format!("Nobody has told {whom} yet that we hold their details: write to them by {last}.")
}

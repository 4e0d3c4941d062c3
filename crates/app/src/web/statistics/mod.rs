//! Statistics: what the policy lets be told of people in numbers, the tables that were made of it, and one of them, with what had to be
//! hidden said beside it. Numbers only; nobody is named or opened.

use askama::Template;
use axum::Form as Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use policy::count::counted_len;
use policy::policy::{Clause, Statistics};
use serde::Deserialize;
use store::statistics::{Made, Part, Release};

use super::page::{Link, Page, Tab};
use super::people::capital;
use super::{Answer, House, Visitor, frame, html, policy as policy_pages, read, sheet, write};
use crate::acts::Acting;
use crate::acts::statistics as acts;

/// Where they are listed.
const HERE: &str = "/statistics";

#[derive(Template)]
#[template(path = "statistics/statistics.html")]
struct All {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Stated>,
    earlier: Vec<Link>,
}

struct Stated {
    title: String,
    said: String,
    promises: Vec<Link>,
    made: Vec<Link>,
    work: bool,
}

#[derive(Template)]
#[template(path = "statistics/table.html")]
struct One {
    page: Page,
    tabs: Vec<Tab>,
    title: String,
    said: String,
    hidden: String,
    csv: String,
    works: Vec<Work>,
}

struct Work {
    id: String,
    title: String,
    years: Vec<i64>,
    rows: Vec<Row>,
    all: Vec<Bar>,
}

struct Row {
    words: String,
    cells: Vec<Cell>,
}

struct Cell {
    words: String,
    hidden: bool,
    since: String,
}

struct Bar {
    year: i64,
    cell: Cell,
    width: u64,
}

/// Of which statistics a table is asked for.
#[derive(Deserialize, Clone)]
pub struct Asked {
    title: String,
}

/// Whom statistics count, in words.
fn whom(names: &[String]) -> String {
    if names.is_empty() { "everybody".to_owned() } else { names.join(", ") }
}

fn link(release: &Release) -> Link {
    Link { href: format!("{HERE}/{}", release.id), words: frame::words(release.made_on) }
}

fn stated(acting: &Acting<'_>, (at, stated): (usize, &Statistics), made: &[Release]) -> Stated {
    let policy = &acting.policy;
    let said = format!(
        "Of {}. A number of fewer than {} people is not shown.",
        whom(&store::statistics::whom(policy, stated)),
        policy.least_count()
    );
    Stated {
        title: stated.title.clone(),
        said,
        promises: frame::promises(policy, &Clause::Statistics(at)),
        made: made.iter().filter(|release| release.title == stated.title).map(link).collect(),
        work: store::statistics::works(policy, &stated.of).next().is_some(),
    }
}

/// `GET /statistics`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let made = acts::releases(acting, tx)?;
        let all = &acting.policy.statistics;
        let gone = made.iter().filter(|release| all.iter().all(|stated| stated.title != release.title));
        let earlier = gone.map(|release| Link {
            words: format!("{}, {}", release.title, frame::words(release.made_on)),
            ..link(release)
        });
        html(&All {
            page: frame::page(acting, "Statistics", "policy", &path),
            tabs: policy_pages::tabs(&acting.policy, acting.today, HERE),
            rows: all.iter().enumerate().map(|one| stated(acting, one, &made)).collect(),
            earlier: earlier.collect(),
        })
    })
    .await
}

/// `POST /statistics`: makes a table.
pub async fn make(house: House, visitor: Visitor, Posted(asked): Posted<Asked>) -> Answer<Response> {
    let release = write(house, &visitor, move |acting, tx| acts::release(acting, tx, &asked.title)).await?;
    Ok(Redirect::to(&format!("{HERE}/{release}?said=table")).into_response())
}

/// `GET /statistics/{release}`.
pub async fn get(house: House, visitor: Visitor, Path(release): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (made, before) = acts::one(acting, tx, release)?;
        let Release { title, whom: names, made_on, .. } = &made.release;
        html(&One {
            page: frame::page(acting, title.clone(), "policy", &path),
            tabs: policy_pages::tabs(&acting.policy, acting.today, HERE),
            title: title.clone(),
            said: format!(
                "Of {}, as of {}: by the kind of work, the year in which it began, and how far it has come. Everybody counts once in a year, \
                 where they came furthest. Whose data may only be stored counts nowhere.",
                whom(names),
                frame::words(*made_on)
            ),
            hidden: hidden(&made),
            csv: format!("{HERE}/{release}/csv"),
            works: works(acting, &made, before.as_ref()),
        })
    })
    .await
}

/// What is hidden, and why.
fn hidden(made: &Made) -> String {
    match acts::hides(made) {
        0 => "No number had to be hidden.".to_owned(),
        hides => format!(
            "{} hidden: of fewer than {} people, or of nobody; or it would give such a number away, from the others here or \
             from an earlier table; or the difference to that would be of so few.",
            if hides == 1 {
                "1 number is".to_owned()
            } else {
                format!("{} are", counted_len(hides, "number"))
            },
            made.release.least
        ),
    }
}

fn works(acting: &Acting<'_>, made: &Made, before: Option<&Made>) -> Vec<Work> {
    let mut works: Vec<Work> = Vec::new();
    let most = made.parts.iter().filter_map(|part| part.line.all).max().unwrap_or(0);
    for (at, parts) in made.parts.chunk_by(|one, next| one.work == next.work).enumerate() {
        let Some(first) = parts.first() else { continue };
        let earlier = |part: &Part| {
            let same = |known: &&Part| known.work == part.work && known.year == part.year;
            before.and_then(|made| made.parts.iter().find(same)).map(|known| &known.line)
        };
        let of = |part: &Part, step: &str| {
            cell(part.line.cell(step), earlier(part).and_then(|line| line.cell(step)))
        };
        let rows = first.line.cells.iter().map(|(step, _)| Row {
            words: capital(step),
            cells: parts.iter().map(|part| of(part, step)).collect(),
        });
        let all = parts.iter().map(|part| Bar {
            year: part.year,
            cell: cell(part.line.all, earlier(part).and_then(|line| line.all)),
            width: part.line.all.map_or(0, |all| frame::width(all, most)),
        });
        let title = acting.policy.work_named(&first.work).map_or(&first.work, |work| &work.title);
        works.push(Work {
            id: format!("work-{at}"),
            title: capital(title),
            years: parts.iter().map(|part| part.year).collect(),
            rows: rows.collect(),
            all: all.collect(),
        });
    }
    works
}

/// A number, and by how much it differs from the one before.
fn cell(now: Option<u64>, before: Option<u64>) -> Cell {
    let since = match (now, before) {
        (Some(now), Some(before)) if now > before => format!("{} more", now - before),
        (Some(now), Some(before)) if now < before => format!("{} fewer", before - now),
        _ => String::new(),
    };
    let words = now.map_or_else(|| acts::HIDDEN.to_owned(), |now| now.to_string());
    Cell { words, hidden: now.is_none(), since }
}

/// `GET /statistics/{release}/csv`.
pub async fn csv(house: House, visitor: Visitor, Path(release): Path<i64>) -> Answer<Response> {
    let (bytes, name) = read(house, &visitor, move |acting, tx| {
        let (made, _) = acts::one(acting, tx, release)?;
        Ok((acts::csv(&made)?, format!("statistics-{}.csv", made.release.made_on)))
    })
    .await?;
    Ok(sheet::csv(&name, bytes))
}

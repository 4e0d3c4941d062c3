//! `GET /admin/visits`: how often our public pages were read, of whoever let us count. Numbers only.

use std::collections::BTreeMap;

use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::phrase::period_words;

use crate::acts::{Acting, visit};
use crate::web::page::{Page, Tab};
use crate::web::visits::PAGES;
use crate::web::{Answer, House, Visitor, frame, html, read};

/// How many days the page tells one by one.
const DAYS: i32 = 30;

#[derive(Template)]
#[template(path = "admin/visits.html")]
struct Visits {
    page: Page,
    tabs: Vec<Tab>,
    said: String,
    pages: Vec<Row>,
    days: Vec<Row>,
    sites: Vec<Row>,
}

struct Row {
    words: String,
    count: u64,
    width: u64,
}

/// `GET /admin/visits`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let from = acting.today.saturating_sub((DAYS - 1).days());
        let counts = visit::counts(tx, from)?;
        let mut pages: BTreeMap<String, u64> = BTreeMap::new();
        let mut days: BTreeMap<Date, u64> = BTreeMap::new();
        for count in counts {
            *pages.entry(called(&count.path)).or_default() += count.visits;
            *days.entry(count.on).or_default() += count.visits;
        }
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let days = days.into_iter().rev().map(|(on, count)| (frame::words(on), count)).collect();
        html(&Visits {
            page: frame::page(acting, "Visits", "admin", &path),
            tabs: super::tabs("/admin/visits"),
            said: said(acting),
            pages: rows(pages),
            days: rows(days),
            sites: rows(visit::sites(tx)?),
        })
    })
    .await
}

/// What the policy says of it.
fn said(acting: &Acting<'_>) -> String {
    let Some(stated) = &acting.policy.visits else {
        return "The policy does not say that visits are counted, so none is.".to_owned();
    };
    format!(
        "Only of visitors who said yes, so there were more. Which page, when and from which other site, never who. Each \
         single visit goes after {}; the numbers by page and day stay.",
        period_words(&stated.kept)
    )
}

/// A page in words.
fn called(path: &str) -> String {
    PAGES.iter().find(|(known, _)| *known == path).map_or(path, |(_, words)| words).to_owned()
}

fn rows(counts: Vec<(String, u64)>) -> Vec<Row> {
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let row = |(words, count): (String, u64)| Row { words, count, width: frame::width(count, most) };
    counts.into_iter().map(row).collect()
}

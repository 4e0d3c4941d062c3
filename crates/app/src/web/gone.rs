//! What has gone: the certificates of disposal. They name nobody; what they count can never be opened again.

use askama::Template;
use axum::Form as Posted;
use axum::extract::Query;
use axum::response::Html;
use custody::id::CertificateId;
use policy::Disposal;
use policy::policy::Clause;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;
use store::certificate::{self, Certificate};

use super::page::{Day, Form, Link, Page, Pager, Tab};
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::{Acting, gone as acts};
use crate::fault::Fault;

/// How many a page shows.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "admin/gone.html")]
struct Gone {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    counts: Vec<Counted>,
    waiting: String,
    pager: Pager,
    may_ask: bool,
    form: Form,
    answer: String,
}

struct Row {
    id: String,
    on: Day,
    rule: String,
    cause: String,
    counts: String,
    how: String,
    by: String,
    promise: Option<Link>,
}

/// A count that stays of what was made anonymous.
struct Counted {
    year: i64,
    what: String,
    by: String,
    people: i64,
    rows: i64,
}

/// What the address says.
#[derive(Deserialize, Clone, Copy, Default)]
pub struct Asks {
    after: Option<i64>,
}

/// `GET /admin/gone`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, asks, (Form::default(), String::new()), &path))
        .await
}

/// What the question's form sends.
#[derive(Deserialize, Clone)]
pub struct Said {
    #[serde(default)]
    said: String,
}

/// `POST /admin/gone`: was somebody of this address, number or name let go?
pub async fn ask(house: House, visitor: Visitor, Posted(given): Posted<Said>) -> Answer {
    write(house, &visitor, move |acting, tx| {
        let told = match acts::asked(acting, tx, &given.said) {
            Ok(found) => (Form::default(), acts::answer(&found)),
            Err(Fault::Invalid(errors)) => (Form { errors, ..Form::default() }, String::new()),
            Err(fault) => return Err(fault),
        };
        page(acting, tx, Asks::default(), told, "/admin/gone")
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asks: Asks,
    (form, answer): (Form, String),
    path: &str,
) -> Result<Html<String>, Fault> {
    may_see(acting)?;
    let take = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let mut found = certificate::page(tx, asks.after.map(CertificateId), take)?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let (counts, waiting) = anonymous(acting, tx)?;
    let older = found.last().filter(|_| more).map(|last| format!("/admin/gone?after={}", last.id));
    html(&Gone {
        page: frame::page(acting, "What has gone", "admin", path),
        tabs: super::admin::tabs("/admin/gone"),
        rows: found.into_iter().map(|one| row(acting, &one)).collect(),
        counts,
        waiting,
        pager: Pager { older: older.unwrap_or_default(), ..Pager::default() },
        may_ask: acting.may(Deed::AnswerRequests),
        form,
        answer,
    })
}

/// What stays of what was made anonymous: counts, and how many rows wait until they are enough to be one.
fn anonymous(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<(Vec<Counted>, String), Fault> {
    let (mut counts, mut waiting) = (Vec::new(), 0);
    for rule in acting.policy.rules.iter().filter(|rule| rule.then == Disposal::Anonymise) {
        let (found, waits) = store::anonymous::of_rule(tx, &rule.key)?;
        waiting += waits;
        counts.extend(found.into_iter().map(|count| {
            Counted {
                year: count.year,
                what: super::people::capital(&count.kind),
                by: count
                    .by
                    .into_iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect::<Vec<_>>()
                    .join(", "),
                people: count.people,
                rows: count.rows,
            }
        }));
    }
    let least = acting.policy.least_count();
    Ok((
        counts,
        match waiting {
            0 => String::new(),
            1 => format!(
                "1 row waits until it is one of {least} people\u{2019}s: fewer would show who they are."
            ),
            rows => format!(
                "{rows} rows wait until they are of {least} people each: fewer would show who they are."
            ),
        },
    ))
}

/// A certificate is a record the policy names; a role that may not see it finds no page.
fn may_see(acting: &Acting<'_>) -> Result<(), Fault> {
    let kind = acting.policy.kind_named("certificate").ok_or(Fault::NotFound)?;
    let role = acting.role().ok_or(Fault::NotFound)?;
    if custody::decide::sees(&acting.policy, role.id).contains(kind.id) {
        Ok(())
    } else {
        Err(Fault::NotFound)
    }
}

fn row(acting: &Acting<'_>, one: &Certificate) -> Row {
    let rules = || one.rules.iter().filter_map(|key| acting.policy.rule_keyed(key));
    let mut titles: Vec<&str> = rules()
        .filter_map(|rule| acting.policy.activity(rule.activity))
        .map(|activity| activity.title.as_str())
        .collect();
    titles.dedup();
    let mut promises =
        rules().flat_map(|rule| custody::refusal::promises_on(&acting.policy, &Clause::Keep(rule.id)));
    let counts = crate::acts::waiting::counted(&one.counts);
    Row {
        id: one.id.to_string(),
        on: frame::day(one.on, acting.today),
        rule: titles.join("; "),
        cause: super::people::capital(
            &one.reasons.iter().chain(&one.note).cloned().collect::<Vec<_>>().join("; "),
        ),
        counts,
        how: how(&one.disposal),
        by: match one.cause.as_str() {
            "sweep" => "the night's sweep".to_owned(),
            certificate::BY_HAND => "somebody by hand".to_owned(),
            _ => "a granted request".to_owned(),
        },
        promise: promises.next().map(|id| Link { href: format!("/policy/proof#{id}"), words: id }),
    }
}

/// What was done with it, in words.
fn how(disposal: &str) -> String {
    let each = disposal.split(", ").map(|one| match one {
        "erase" => "erased",
        "anonymise" => "made anonymous: counted, and erased",
        "count and forget" => "counted, and erased",
        "return then erase" => "given back, and ours erased",
        "deliver then erase" => "delivered, and ours erased",
        "transfer then erase" => "transferred, and ours erased",
        other => other,
    });
    super::people::capital(&each.collect::<Vec<_>>().join("; "))
}

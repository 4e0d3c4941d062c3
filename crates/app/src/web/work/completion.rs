//! Completing a piece of work: what will happen, in numbers and days, before it happens.

use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::EngagementId;
use jiff::civil::Date;
use policy::Sort;
use policy::policy::Clause;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;

use super::page::promises;
use crate::acts::engagement::{self as acts, Ahead, OnHand};
use crate::acts::{Acting, consent as consents, document as documents};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::error::Told;
use crate::web::page::{Form, Link, Page, Refused};
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "work/completion.html")]
struct Completion {
    page: Page,
    base: String,
    title: String,
    refused: Option<Refused>,
    on: String,
    form: Form,
    checklist: Vec<Check>,
    ready: bool,
    sums: Vec<String>,
    keep: Vec<Line>,
    go: Vec<Line>,
    ask: Vec<String>,
}

struct Check {
    done: bool,
    words: String,
    href: String,
    action: String,
}

struct Line {
    count: u64,
    words: String,
    until: String,
    promise: Option<Link>,
}

/// What the address says.
#[derive(Deserialize, Default, Clone)]
pub struct Asks {
    #[serde(default)]
    on: String,
}

/// `GET /work/{id}/completion?on=`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let on = asks.on.parse().unwrap_or(acting.today);
        page(acting, tx, EngagementId(id), on, Form::default(), None, &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: EngagementId,
    on: Date,
    form: Form,
    refused: Option<Refused>,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::RunWork)?;
    let hand = acts::on_hand(acting, tx, id)?;
    let last = hand.work.milestones.last().ok_or(Fault::NotFound)?;
    let ahead = acts::ahead(acting, tx, &hand, Some((last, on)))?;
    let base = format!("/work/{id}");
    let checklist = checklist(acting, tx, &hand, &base)?;
    html(&Completion {
        page: frame::page(acting, "Complete this work", "work", path),
        title: super::title(acting, &hand.engagement),
        ready: custody::decide::may_happen(&acting.policy, hand.life()?, id, last, on).is_ok(),
        sums: sums(&hand, &ahead),
        keep: ahead.stays.iter().map(|line| shown(acting, line, false)).collect(),
        go: ahead.goes.iter().map(|line| shown(acting, line, true)).collect(),
        ask: acts::asked_once(acting, hand.work, last)
            .into_iter()
            .map(|(activity, with)| format!("Ask them{with}: {}. Silence is no consent.", activity.title))
            .collect(),
        on: on.to_string(),
        base,
        refused,
        form,
        checklist,
    })
}

fn checklist(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>, base: &str) -> Result<Vec<Check>, Fault> {
    let policy = &acting.policy;
    let life = hand.life()?;
    let id = hand.engagement.id;
    let mut checks = Vec::new();
    let happened = acts::happened(tx, id)?;
    for name in hand.work.milestones.iter().take(hand.work.milestones.len().saturating_sub(1)) {
        let there = happened.iter().find(|there| there.name == *name);
        checks.push(Check {
            done: there.is_some(),
            words: match there {
                Some(there) => format!("{} on {}", super::capital(name), frame::words(there.on)),
                None => format!("{} was not recorded", super::capital(name)),
            },
            href: if there.is_some() { String::new() } else { base.to_owned() },
            action: "Record it".to_owned(),
        });
    }
    if let Some((activity, kind, _)) = consents::asked_for(policy, hand.work) {
        let done = custody::basis::standing(policy, activity, life, Some(id), acting.today).stands();
        let kind = policy.kind(kind).map_or("consent form", |kind| kind.name.as_str());
        checks.push(Check {
            done,
            words: if done {
                format!("The signed {kind} is on file")
            } else {
                format!("The signed {kind} is not on file")
            },
            href: if done { String::new() } else { format!("{base}#consent") },
            action: "Put it on file".to_owned(),
        });
    }
    let grant = acts::reading(acting, &[life])?;
    let held = documents::shown(acting, tx, hand, &grant)?;
    let last = hand.work.milestones.last().map_or("", String::as_str);
    let owed = hand.work.agreement.as_ref().filter(|agreement| {
        acts::is_person(hand.work, &agreement.when) && hand.engagement.paid_by_person.is_some()
    });
    let asked_with = acts::asked_once(acting, hand.work, last).into_iter().filter_map(|(activity, _)| {
        match &activity.basis {
            policy::Basis::Consent {
                form: policy::basis::ConsentForm::OptIn { asked_with: Some(kind) },
                ..
            } => Some(*kind),
            _ => None,
        }
    });
    for kind in owed.map(|agreement| agreement.document).into_iter().chain(asked_with) {
        let name = policy.kind(kind).map_or("document", |kind| kind.name.as_str());
        let done = held.iter().any(|document| document.kind == kind);
        checks.push(Check {
            done,
            words: if done { format!("The {name} is on file") } else { format!("No {name} is on file yet") },
            href: if done { String::new() } else { base.to_owned() },
            action: "Add it".to_owned(),
        });
    }
    Ok(checks)
}

/// `12 notes, 3 documents and the client's details go after Wed 30 Sep 2026.`: one sentence for each day.
fn sums(hand: &OnHand<'_>, ahead: &Ahead) -> Vec<String> {
    let part = hand.work.parts.first().map_or("person", |part| part.name.as_str());
    let mut days: Vec<Option<Date>> = ahead.stays.iter().map(|line| line.until).collect();
    days.dedup();
    let mut said = Vec::new();
    for day in days.into_iter().flatten() {
        let on_it = || ahead.stays.iter().filter(|line| line.until == Some(day));
        let count = |sort: Sort| on_it().filter(|line| line.sort == sort).map(|line| line.count).sum::<u64>();
        let (notes, documents) = (count(Sort::Entry), count(Sort::Document));
        let mut parts = Vec::new();
        if notes > 0 {
            parts.push(policy::count::counted(notes, "note"));
        }
        if documents > 0 {
            parts.push(policy::count::counted(documents, "document"));
        }
        if count(Sort::Item) > 0 {
            parts.push(format!("the {part}'s details"));
        }
        if !parts.is_empty() {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let one = parts.len() == 1 && notes + documents == 1;
            let verb = if one { "goes" } else { "go" };
            said.push(format!("{} {verb} after {}.", custody::refusal::listed(&parts), frame::words(day)));
        }
    }
    said.iter().map(|words| super::capital(words)).collect()
}

fn shown(acting: &Acting<'_>, line: &acts::Line, tonight: bool) -> Line {
    let rule = line.rule.and_then(|rule| acting.policy.rules.get(rule.index()));
    let clause = line.rule.map(Clause::Keep);
    Line {
        count: line.count,
        words: super::capital(&if line.sort == Sort::Item {
            "details".to_owned()
        } else {
            line.what.clone()
        }),
        until: match (line.until, rule) {
            _ if tonight => "nothing covers it then".to_owned(),
            (Some(until), _) => format!("until {}", frame::words(until)),
            (None, Some(rule)) => rule.words.clone(),
            (None, None) => String::new(),
        },
        promise: clause.and_then(|clause| promises(acting, &clause).into_iter().next()),
    }
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Sent {
    on: String,
    /// The day for which the page showed what will happen.
    #[serde(default)]
    seen: String,
}

/// `POST /work/{id}/completion`. For another day than the page spoke of, the page is shown again.
pub async fn complete(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Sent>,
) -> Answer<Response> {
    if given.on != given.seen
        && let Ok(on) = given.on.parse::<Date>()
    {
        return Ok(Redirect::to(&format!("/work/{id}/completion?on={on}")).into_response());
    }
    let sent = given.clone();
    let done = write(State(Arc::<Instance>::clone(&house)), &visitor, move |acting, tx| {
        let on = sent.on.parse().map_err(|_| Fault::field("on", "Choose a day."))?;
        let hand = acts::on_hand(acting, tx, EngagementId(id))?;
        let last = hand.work.milestones.last().ok_or(Fault::NotFound)?.clone();
        acts::record(acting, tx, EngagementId(id), &last, on)
    });
    let (status, errors, refused) = match done.await {
        Ok(()) => return Ok(Redirect::to(&format!("/work/{id}?said=completed")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
            Told::Refused(refused) => (StatusCode::FORBIDDEN, Vec::new(), Some(*refused)),
        },
    };
    let path = visitor.path.clone();
    let page = read(State(house), &visitor, move |acting, tx| {
        let on = given.on.parse().unwrap_or(acting.today);
        page(acting, tx, EngagementId(id), on, Form { errors, ..Form::default() }, refused, &path)
    });
    Ok((status, page.await?).into_response())
}

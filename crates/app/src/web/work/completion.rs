//! Completing a piece of work, and every milestone that may end something: what will happen, in numbers and days,
//! before it happens.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::coverage::Suspended;
use custody::id::EngagementId;
use custody::life::Needs;
use jiff::civil::Date;
use policy::policy::Clause;
use policy::role::Deed;
use policy::{Disposal, Sort, Work};
use serde::Deserialize;
use store::Tx;

use crate::acts::engagement::{self as acts, Ahead, Fate, OnHand};
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
    heading: String,
    lead: String,
    milestone: String,
    label: String,
    button: String,
    refused: Option<Refused>,
    on: String,
    form: Form,
    checklist: Vec<Check>,
    ready: bool,
    sums: Vec<String>,
    keep: Vec<Foreseen>,
    go: Vec<Foreseen>,
    wait: Vec<Foreseen>,
    kept: Vec<Foreseen>,
    ask: Vec<String>,
}

struct Check {
    done: bool,
    words: String,
    href: String,
    action: String,
}

/// What of one sort becomes of it, and why.
pub struct Foreseen {
    pub(in crate::web) count: u64,
    pub(in crate::web) words: String,
    pub(in crate::web) until: String,
    pub(in crate::web) promise: Option<Link>,
}

/// What the address says.
#[derive(Deserialize, Default, Clone)]
pub struct Asks {
    #[serde(default)]
    on: String,
    #[serde(default)]
    milestone: String,
}

/// `GET /work/{id}/completion?on=&milestone=`; the last one where none is said.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let on = asks.on.parse().unwrap_or(acting.today);
        page(acting, tx, EngagementId(id), (&asks.milestone, on), Form::default(), None, &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: EngagementId,
    (milestone, on): (&str, Date),
    form: Form,
    refused: Option<Refused>,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::RunWork)?;
    let hand = acts::on_show(acting, tx, id)?;
    let milestone = one_of(hand.work, milestone)?;
    let completes = hand.work.milestones.last().is_some_and(|last| last == milestone);
    let ahead = acts::ahead(acting, tx, &hand, Some((milestone, on)))?;
    let base = format!("/work/{id}");
    let checklist = checklist(acting, tx, &hand, milestone, &base)?;
    let heading = match completes {
        true => "Complete this work".to_owned(),
        false => format!("Record \u{201c}{milestone}\u{201d}"),
    };
    let part = hand.work.parts.first().map_or("person", |part| part.name.as_str());
    let back = if completes { "Completing" } else { "It" };
    let shown = |lines: &[acts::Line]| shown(acting, lines, ahead.by);
    html(&Completion {
        page: frame::page(acting, &heading, "work", path),
        heading,
        lead: format!(
            "What will happen, before it happens. {back} can be taken back; what has gone by then stays gone."
        ),
        label: if completes { "Completed on".to_owned() } else { "On".to_owned() },
        button: if completes { "Complete it".to_owned() } else { format!("Record {milestone}") },
        title: super::title(acting, &hand.engagement),
        ready: custody::decide::may_happen(&acting.policy, hand.life()?, id, milestone, on).is_ok(),
        sums: [tonight(&ahead), sums(part, &ahead)].concat(),
        keep: shown(&ahead.stays),
        go: shown(&ahead.goes),
        wait: shown(&ahead.waits),
        kept: shown(&ahead.kept),
        ask: acts::asked_once(acting, hand.work, milestone)
            .into_iter()
            .map(|(activity, with)| format!("Ask them{with}: {}. Silence is no consent.", activity.title))
            .collect(),
        milestone: milestone.to_owned(),
        on: on.to_string(),
        base,
        refused,
        form,
        checklist,
    })
}

/// The milestone of a name; the last one where none is said.
fn one_of<'w>(work: &'w Work, name: &str) -> Result<&'w str, Fault> {
    let found = match name {
        "" => work.milestones.last(),
        name => work.milestones.iter().find(|known| *known == name),
    };
    found.map(String::as_str).ok_or(Fault::NotFound)
}

fn checklist(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    milestone: &str,
    base: &str,
) -> Result<Vec<Check>, Fault> {
    let policy = &acting.policy;
    let life = hand.life()?;
    let id = hand.engagement.id;
    let mut checks = Vec::new();
    let happened = acts::happened(tx, id)?;
    for name in hand.work.milestones.iter().take_while(|name| *name != milestone) {
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
    let completes = hand.work.milestones.last().is_some_and(|last| last == milestone);
    let owed = hand.work.agreement.as_ref().filter(|agreement| {
        completes && acts::is_person(hand.work, &agreement.when) && hand.engagement.paid_by_person.is_some()
    });
    let asked_with = acts::asked_once(acting, hand.work, milestone).into_iter().filter_map(
        |(activity, _)| match &activity.basis {
            policy::Basis::Consent {
                form: policy::basis::ConsentForm::OptIn { asked_with: Some(kind), .. },
                ..
            } => Some(*kind),
            _ => None,
        },
    );
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

fn until(line: &acts::Line) -> Option<Date> {
    match line.fate {
        Fate::Stays(until) => until,
        _ => None,
    }
}

/// What the coming night does, in numbers.
pub(in crate::web) fn tonight(ahead: &Ahead) -> Vec<String> {
    let sum = |lines: &[acts::Line]| lines.iter().map(|line| line.count).sum::<u64>();
    let listed = |lines: &[acts::Line]| {
        let mut each: BTreeMap<String, u32> = BTreeMap::new();
        for line in lines {
            *each.entry(named(line).to_lowercase()).or_insert(0) +=
                u32::try_from(line.count).unwrap_or(u32::MAX);
        }
        crate::acts::waiting::counted(&each)
    };
    let one = |count: u64, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    let mut said = Vec::new();
    if !ahead.goes.is_empty() {
        let goes = one(sum(&ahead.goes), "goes", "go");
        said.push(format!("Tonight {goes}: {}.", listed(&ahead.goes)));
    }
    if !ahead.waits.is_empty() {
        let by = ahead.by.map_or_else(String::new, |by| format!(", by {}", frame::words(by)));
        let waits = one(sum(&ahead.waits), "Waits", "Wait");
        said.push(format!("{waits} until somebody has seen to it{by}: {}.", listed(&ahead.waits)));
    }
    if !ahead.kept.is_empty() {
        let kept = one(sum(&ahead.kept), "Is", "Are");
        said.push(format!("{kept} kept although the time is over: {}.", listed(&ahead.kept)));
    }
    said
}

/// What a line is called.
fn named(line: &acts::Line) -> String {
    super::capital(match line.sort {
        Sort::Item => "details",
        _ => &line.what,
    })
}

/// `12 notes, 3 documents and the client's details go after Wed 30 Sep 2026.`: one sentence for each day.
pub(in crate::web) fn sums(part: &str, ahead: &Ahead) -> Vec<String> {
    let mut days: Vec<Option<Date>> = ahead.stays.iter().map(until).collect();
    days.dedup();
    let mut said = Vec::new();
    for day in days.into_iter().flatten() {
        let on_it = || ahead.stays.iter().filter(|line| until(line) == Some(day));
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

/// Lines as pages show them.
pub(in crate::web) fn shown(acting: &Acting<'_>, lines: &[acts::Line], by: Option<Date>) -> Vec<Foreseen> {
    lines.iter().map(|line| one(acting, line, by)).collect()
}

fn one(acting: &Acting<'_>, line: &acts::Line, by: Option<Date>) -> Foreseen {
    let rule = line.rule.and_then(|rule| acting.policy.rules.get(rule.index()));
    let clause = line.rule.map(Clause::Keep);
    let words = rule.map_or_else(|| "no clause keeps it then".to_owned(), |rule| rule.words.clone());
    let by = by.map_or_else(String::new, |by| format!(", a task until {}", frame::words(by)));
    Foreseen {
        count: line.count,
        words: named(line),
        until: match line.fate {
            Fate::Stays(Some(until)) => format!("until {}", frame::words(until)),
            Fate::Stays(None) => rule.map_or_else(String::new, |rule| rule.words.clone()),
            Fate::Goes(Disposal::Anonymise) => {
                format!("counted without anybody\u{2019}s name and erased: {words}")
            }
            Fate::Goes(Disposal::Count) => format!("counted and erased: {words}"),
            Fate::After => format!("erased, once what is owed is handed over: {words}"),
            Fate::Goes(_) => format!("erased: {words}"),
            Fate::Waits(Disposal::ReturnThenErase) => {
                format!("to be given back first{by}; then ours is erased")
            }
            Fate::Waits(Disposal::DeliverThenErase) => {
                format!("to be delivered first{by}; then ours is erased")
            }
            Fate::Waits(_) => format!("on paper or elsewhere, to be destroyed by hand{by}"),
            Fate::Kept(Suspended::Hold) => "kept by a hold, and used for nothing else".to_owned(),
            Fate::Kept(Suspended::Restriction) => "kept by a restriction: somebody decides".to_owned(),
            Fate::Kept(Suspended::Request(Needs::Access)) => {
                "kept for the open request for a copy".to_owned()
            }
            Fate::Kept(Suspended::Request(Needs::Portability)) => {
                "kept for the open request to take it elsewhere".to_owned()
            }
            Fate::Kept(Suspended::Request(Needs::Restriction)) => {
                "kept for the open request to have it kept".to_owned()
            }
            Fate::Kept(Suspended::Untold) => "kept until they have been told".to_owned(),
        },
        promise: clause.and_then(|clause| frame::promises(&acting.policy, &clause).into_iter().next()),
    }
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Sent {
    on: String,
    /// The day for which the page showed what will happen.
    #[serde(default)]
    seen: String,
    /// The milestone; the last one where none is said.
    #[serde(default)]
    milestone: String,
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
        let milestone = crate::web::people::escape(&given.milestone);
        let to = format!("/work/{id}/completion?on={on}&milestone={milestone}");
        return Ok(Redirect::to(&to).into_response());
    }
    let sent = given.clone();
    let done = write(State(Arc::<Instance>::clone(&house)), &visitor, move |acting, tx| {
        let on = sent.on.parse().map_err(|_| Fault::field("on", "Choose a day."))?;
        let hand = acts::on_hand(acting, tx, EngagementId(id))?;
        let milestone = one_of(hand.work, &sent.milestone)?.to_owned();
        let completes = hand.work.milestones.last() == Some(&milestone);
        acts::record(acting, tx, EngagementId(id), &milestone, on)?;
        let said = if completes { "completed" } else { "recorded" };
        // Nobody may be on it any more, and nothing kept for the work itself: then it goes in the coming night.
        Ok(match acts::on_hand(acting, tx, EngagementId(id)) {
            Ok(_) => format!("/work/{id}?said={said}"),
            Err(_) => format!("/work?said={said}"),
        })
    });
    let (status, errors, refused) = match done.await {
        Ok(to) => return Ok(Redirect::to(&to).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
            Told::Refused(refused) => (StatusCode::FORBIDDEN, Vec::new(), Some(*refused)),
        },
    };
    let path = visitor.path.clone();
    let page = read(State(house), &visitor, move |acting, tx| {
        let on = given.on.parse().unwrap_or(acting.today);
        let form = Form { errors, ..Form::default() };
        page(acting, tx, EngagementId(id), (&given.milestone, on), form, refused, &path)
    });
    Ok((status, page.await?).into_response())
}

//! Starting a piece of work: who is on it, who of the staff, who pays.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::act::Asked;
use custody::id::{OrganisationId, PersonId, StaffId};
use custody::{Gate, Grant, Life, Verb};
use policy::role::Deed;
use policy::{KindSet, Policy, Work};
use serde::Deserialize;
use store::{Tx, staff};

use crate::acts::engagement::{self as acts, NewWork, Payer};
use crate::acts::{Acting, person::act};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::error::Told;
use crate::web::page::{Choice, FieldError, Form, Page, Refused};
use crate::web::people::{capital, field};
use crate::web::pick::{self, Picker};
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// The name of the payer's choice that is the person the work is for.
const PERSON: &str = "person";

#[derive(Template)]
#[template(path = "work/new.html")]
struct New {
    page: Page,
    kind: String,
    kind_words: String,
    form: Form,
    parts: Vec<Picker>,
    staff: Vec<Choice>,
    payer: Option<Picker>,
    today: String,
    refused: Option<Refused>,
}

/// What the address says.
#[derive(Deserialize, Default, Clone)]
pub struct Asks {
    #[serde(default)]
    work: String,
    person: Option<i64>,
}

/// `GET /work/new?work=&person=`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let kind = kind(acting, &asks.work)?;
        let mut form = Form::default();
        if let (Some(part), Some(person)) = (kind.parts.first(), asks.person) {
            form.values.insert(field(&part.name), person.to_string());
        }
        page(acting, tx, kind, form, None, &path)
    })
    .await
}

fn kind<'p>(acting: &'p Acting<'_>, name: &str) -> Result<&'p Work, Fault> {
    match acting.policy.work_named(name) {
        Some(work) => Ok(work),
        None if name.is_empty() => acting.policy.works.first().ok_or(Fault::NotFound),
        None => Err(Fault::NotFound),
    }
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    work: &Work,
    form: Form,
    refused: Option<Refused>,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::RunWork)?;
    let mut parts = Vec::new();
    for (index, part) in work.parts.iter().enumerate() {
        let mut picker = of_part(acting, tx, part, capital(&part.name), &form)?;
        if index > 0 {
            picker.fixed = vec![pick::none("Not yet", &form, &picker.name)];
        }
        parts.push(picker);
    }
    html(&New {
        page: frame::page(
            acting,
            format!("Start {}", policy::count::with_article(&work.title)),
            "work",
            path,
        ),
        kind: work.name.clone(),
        kind_words: policy::count::with_article(&work.title),
        staff: staff_choices(acting, tx, form.value("staff"))?,
        payer: payers(acting, tx, work, &form)?,
        today: acting.today.to_string(),
        form,
        parts,
        refused,
    })
}

/// The question who of the people held plays a part of a piece of work.
pub(super) fn of_part(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    part: &policy::policy::Part,
    question: String,
    form: &Form,
) -> Result<Picker, Fault> {
    let category = acting.policy.categories.get(part.category.index());
    let category = category.map_or("", |found| found.name.as_str());
    pick::of_people(acting, tx, (&field(&part.name), &question), category, form)
}

/// What lets these people be named in a list.
pub(in crate::web) fn naming(acting: &Acting<'_>, lives: &[Life]) -> Result<Grant, Fault> {
    let kinds: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let lives: Vec<_> = lives.iter().collect();
    let act = act(Verb::List, None, Asked::WhatMayBeSeen(kinds));
    match acting.decide(&act, &lives, &Gate::default()) {
        // None of them may be named: their work is listed without them, as it would be beside another's.
        Err(Fault::Refused(_)) => acting.decide(&act, &[], &Gate::default()),
        decided => decided,
    }
}

pub(super) fn staff_choices(acting: &Acting<'_>, tx: &Tx<'_>, chosen: &str) -> Result<Vec<Choice>, Fault> {
    let nobody = Choice { words: "Nobody yet".to_owned(), ..Choice::default() };
    let runs =
        |role: &str| acting.policy.role_named(role).is_some_and(|role| role.deeds.contains(&Deed::RunWork));
    let all = staff::all(tx)?.into_iter().filter(|account| account.until.is_none() && runs(&account.role));
    let each = all.map(|account| Choice {
        value: account.id.to_string(),
        words: format!("{}, {}", account.name, account.role),
        hint: String::new(),
        chosen: account.id.to_string() == chosen,
    });
    Ok(std::iter::once(nobody).chain(each).collect())
}

/// The question who pays: the person the work is for, or one of the organisations, as the policy says.
fn payers(acting: &Acting<'_>, tx: &Tx<'_>, work: &Work, form: &Form) -> Result<Option<Picker>, Fault> {
    let (theirs, others): (Vec<&String>, Vec<&String>) =
        work.paid_by.iter().partition(|payer| acts::is_person(work, payer));
    if work.paid_by.is_empty() {
        return Ok(None);
    }
    let mut picker = pick::of_organisations(acting, tx, ("payer", "Who pays?"), form)?;
    picker.only_fixed = others.is_empty();
    let themselves = theirs.into_iter().map(|payer| Choice {
        value: PERSON.to_owned(),
        words: capital(payer),
        hint: String::new(),
        chosen: form.value("payer") == PERSON,
    });
    picker.fixed = themselves.collect();
    Ok(Some(picker))
}

/// The payer of a form or a call: `person`, or the number of an organisation.
///
/// # Errors
/// [`Fault::Invalid`] for anything else.
pub fn payer(given: &str) -> Result<Payer, Fault> {
    match given {
        "" => Ok(Payer::Nobody),
        PERSON => Ok(Payer::Person),
        other => {
            let id = other.parse().map_err(|_| Fault::field("payer", "Choose who pays."))?;
            Ok(Payer::Organisation(OrganisationId(id)))
        }
    }
}

/// `POST /work`.
pub async fn add(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let values: BTreeMap<String, String> = given.into_iter().collect();
    if let Some(errors) = unfinished(&house.policy(), &values) {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Ok((status, again(house, &visitor, values, errors, None).await?).into_response());
    }
    let sent = values.clone();
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        let value = |name: &str| sent.get(name).map_or("", String::as_str);
        let work = kind(acting, value("kind"))?;
        let chosen = work
            .parts
            .iter()
            .filter_map(|part| Some((part.name.clone(), PersonId(value(&field(&part.name)).parse().ok()?))));
        let new = NewWork {
            work: work.name.clone(),
            parts: chosen.collect(),
            staff: value("staff").parse().ok().map(StaffId),
            payer: payer(value("payer"))?,
            opened_on: value("opened").parse().map_err(|_| Fault::field("opened", "Choose a day."))?,
        };
        acts::start(acting, tx, &new)
    });
    let (status, errors, refused) = match done.await {
        Ok(id) => return Ok(Redirect::to(&format!("/work/{id}?said=started")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
            Told::Refused(refused) => (StatusCode::FORBIDDEN, Vec::new(), Some(*refused)),
        },
    };
    Ok((status, again(house, &visitor, values, errors, refused).await?).into_response())
}

/// Whether somebody was still looking for one of the people or the payer.
fn unfinished(policy: &Policy, values: &BTreeMap<String, String>) -> Option<Vec<FieldError>> {
    let work = values.get("kind").and_then(|kind| policy.work_named(kind));
    let parts = work.map_or(&[][..], |work| work.parts.as_slice());
    let names: Vec<String> = parts.iter().map(|part| field(&part.name)).chain(["payer".to_owned()]).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    pick::unfinished(|name| values.get(name).cloned().unwrap_or_default(), &names)
}

/// The form again, with everything that was typed.
async fn again(
    house: std::sync::Arc<Instance>,
    visitor: &Visitor,
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
    refused: Option<Refused>,
) -> Answer {
    let path = visitor.path.clone();
    let errors = errors.into_iter().map(|error| FieldError { field: field(&error.field), ..error }).collect();
    let form = Form { values, errors };
    read(State(house), visitor, move |acting, tx| {
        let kind = kind(acting, form.value("kind"))?;
        page(acting, tx, kind, form, refused, &path)
    })
    .await
}

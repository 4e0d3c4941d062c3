//! Starting a piece of work: who is on it, who of the staff, who pays.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::act::Asked;
use custody::id::{OrganisationId, PersonId, StaffId};
use custody::{Gate, Grant, Sealed, Verb};
use policy::role::Deed;
use policy::{KindSet, Work};
use serde::Deserialize;
use store::{Tx, organisation, person, staff};

use crate::acts::engagement::{self as acts, NewWork, Payer};
use crate::acts::{Acting, person::act};
use crate::fault::Fault;
use crate::web::error::Told;
use crate::web::page::{Choice, Form, Page, Refused};
use crate::web::people::capital;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// How many people a part's list shows.
const LISTED: u32 = 500;

/// The name of the payer's choice that is the person the work is for.
const PERSON: &str = "person";

#[derive(Template)]
#[template(path = "work/new.html")]
struct New {
    page: Page,
    grant: Grant,
    kind: String,
    kind_words: String,
    form: Form,
    parts: Vec<Part>,
    staff: Vec<Choice>,
    payers: Vec<Choice>,
    today: String,
    refused: Option<Refused>,
}

/// A part of the work, and who of the people held can play it.
pub struct Part {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) required: bool,
    pub(super) people: Vec<Who>,
}

/// Somebody to choose.
pub struct Who {
    pub(super) id: String,
    pub(super) name: Sealed,
    pub(super) chosen: bool,
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
            form.values.insert(part.name.clone(), person.to_string());
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
    let mut listed = Vec::new();
    for part in &work.parts {
        let category = acting.policy.categories.get(part.category.index()).map(|found| found.name.clone());
        let filter = person::Filter { category, ..person::Filter::default() };
        listed.push((part, person::page(tx, &acting.reach(), &filter, acting.today, None, LISTED)?));
    }
    let people: Vec<PersonId> = listed.iter().flat_map(|(_, people)| people).copied().collect();
    let grant = naming(acting, tx, &people)?;
    let mut parts = Vec::new();
    for (index, (part, people)) in listed.into_iter().enumerate() {
        let chosen = form.value(&part.name).to_owned();
        parts.push(Part {
            name: part.name.clone(),
            words: capital(&part.name),
            required: index == 0,
            people: whom(acting, tx, &people, &grant, &chosen)?,
        });
    }
    acting.opens("work.new", &grant);
    html(&New {
        page: frame::page(acting, format!("Start a {}", work.title), "work", path),
        kind: work.name.clone(),
        kind_words: work.title.clone(),
        staff: staff_choices(acting, tx, form.value("staff"))?,
        payers: payers(tx, work, form.value("payer"))?,
        today: acting.today.to_string(),
        grant,
        form,
        parts,
        refused,
    })
}

/// What lets these people be named in a list.
pub(super) fn naming(acting: &Acting<'_>, tx: &Tx<'_>, people: &[PersonId]) -> Result<Grant, Fault> {
    let lives = store::life::load_to_decide(tx, &acting.policy, people, acting.today)?;
    let kinds: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let lives: Vec<_> = lives.iter().collect();
    acting.decide(&act(Verb::List, None, Asked::WhatMayBeSeen(kinds)), &lives, &Gate::default())
}

pub(super) fn whom(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    people: &[PersonId],
    grant: &Grant,
    chosen: &str,
) -> Result<Vec<Who>, Fault> {
    let names = super::names(acting, tx, people, grant)?;
    let who = names.into_iter().map(|name| {
        let id = name.person().to_string();
        Who { chosen: id == chosen, id, name }
    });
    Ok(who.collect())
}

fn staff_choices(acting: &Acting<'_>, tx: &Tx<'_>, chosen: &str) -> Result<Vec<Choice>, Fault> {
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

fn payers(tx: &Tx<'_>, work: &Work, chosen: &str) -> Result<Vec<Choice>, Fault> {
    let mut found = Vec::new();
    for payer in &work.paid_by {
        if acts::is_person(work, payer) {
            let value = PERSON.to_owned();
            found.push(Choice { chosen: value == chosen, value, words: capital(payer), hint: String::new() });
        } else {
            for organisation in organisation::page(tx, "", None, LISTED)? {
                let value = organisation.id.to_string();
                let chosen = value == chosen;
                found.push(Choice { value, words: organisation.details.name, hint: String::new(), chosen });
            }
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let ask = Choice { words: "Choose who pays".to_owned(), ..Choice::default() };
    Ok(std::iter::once(ask).chain(found).collect())
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
    let values: std::collections::BTreeMap<String, String> = given.into_iter().collect();
    let sent = values.clone();
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        let value = |name: &str| sent.get(name).map_or("", String::as_str);
        let work = kind(acting, value("kind"))?;
        let chosen = work
            .parts
            .iter()
            .filter_map(|part| Some((part.name.clone(), PersonId(value(&part.name).parse().ok()?))));
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
    let path = visitor.path.clone();
    let page = read(State(house), &visitor, move |acting, tx| {
        let kind = kind(acting, values.get("kind").map_or("", String::as_str))?;
        page(acting, tx, kind, Form { values, errors }, refused, &path)
    });
    Ok((status, page.await?).into_response())
}

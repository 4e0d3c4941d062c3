//! Holds: placing one from somebody's page, and looking at one again, whether it goes on or ends.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{EngagementId, PersonId, StaffId};
use custody::{Grant, Sealed};
use jiff::ToSpan;
use policy::role::Deed;
use serde::Deserialize;
use store::hold::{self, Hold};
use store::staff::Account;
use store::{Tx, engagement, person, staff};

use super::page::{Choice, Day, FieldError, Form, Page};
use super::people::capital;
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::hold::{self as acts, Asking, REVIEW_DAYS};
use crate::acts::{Acting, request};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "hold/place.html")]
struct Place {
    page: Page,
    grant: Grant,
    base: String,
    name: Option<Sealed>,
    works: Vec<Choice>,
    owners: Vec<Choice>,
    helpers: Vec<Choice>,
    review: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "hold/hold.html")]
struct Look {
    page: Page,
    grant: Grant,
    action: String,
    whom: Vec<Whom>,
    on_work: Option<String>,
    reason: Option<Sealed>,
    owner: String,
    with: String,
    since: Day,
    by: Day,
    late: bool,
    owners: Vec<Choice>,
    helpers: Vec<Choice>,
    review: String,
    form: Form,
}

struct Whom {
    href: String,
    name: Option<Sealed>,
}

/// How many of those on a piece of work a page names.
const NAMED: usize = 20;

/// What the forms send. Somebody is named with a hold by a box of their own.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Given {
    work: String,
    why: String,
    owner: String,
    review: String,
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

impl Given {
    fn asking(&self) -> Result<Asking, Fault> {
        let number = |text: &str, field| {
            let number = text.parse().map_err(|_| Fault::field(field, "Choose one of these."));
            if text.is_empty() { Ok(None) } else { number.map(Some) }
        };
        let review = self.review.parse().map_err(|_| Fault::field("review", "Choose a day."))?;
        Ok(Asking {
            work: number(&self.work, "work")?.map(EngagementId),
            why: self.why.clone(),
            owner: number(&self.owner, "owner")?.map(StaffId),
            helpers: self.helpers(),
            review_on: Some(review),
        })
    }

    fn helpers(&self) -> Vec<StaffId> {
        let named = self.others.keys().filter_map(|name| name.strip_prefix("helper-")?.parse().ok());
        named.map(StaffId).collect()
    }

    fn back(&self, errors: Vec<FieldError>) -> Form {
        let values =
            [("work", &self.work), ("why", &self.why), ("owner", &self.owner), ("review", &self.review)];
        let values = values.map(|(name, value)| (name.to_owned(), value.clone()));
        Form { values: values.into_iter().chain(self.others.clone()).collect(), errors }
    }
}

/// The staff as choices for who answers for a hold, and as boxes for whom it names.
pub(super) fn staff_choices(
    here: &[Account],
    owner: Option<StaffId>,
    named: &[StaffId],
) -> (Vec<Choice>, Vec<Choice>) {
    let here = here.iter().filter(|account| account.until.is_none());
    let choice = |account: &Account, chosen| Choice {
        value: account.id.to_string(),
        words: account.name.clone(),
        hint: account.role.clone(),
        chosen,
    };
    let owners = here.clone().map(|account| choice(account, Some(account.id) == owner));
    (owners.collect(), here.map(|account| choice(account, named.contains(&account.id))).collect())
}

/// What opens the names of those a hold is about, and why it stands: what this role may open of it.
fn grant(acting: &Acting<'_>, tx: &Tx<'_>, people: &[PersonId]) -> Result<Grant, Fault> {
    if acting.may(Deed::AnswerRequests) {
        return request::listing(acting, tx, people);
    }
    let lives = acting.lives(tx, people)?;
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let read = crate::acts::person::act(custody::Verb::Read, None, custody::act::Asked::WhatMayBeSeen(kinds));
    let lives: Vec<_> = lives.iter().collect();
    match acting.decide(&read, &lives, &custody::Gate::default()) {
        Err(Fault::Refused(_)) => acting.decide(&read, &[], &custody::Gate::default()),
        decided => {
            let grant = decided?;
            acting.opens("hold.read", &grant);
            Ok(grant)
        }
    }
}

/// `GET /people/{id}/hold`.
pub async fn new(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| place_page(acting, tx, PersonId(id), Form::default(), &[], &path))
        .await
}

fn place_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    form: Form,
    named: &[StaffId],
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManagePolicy)?;
    acting.life(tx, id)?;
    let grant = grant(acting, tx, &[id])?;
    let name = super::person::called(acting, tx, id, &grant)?;
    let owner = form.value("owner").parse().ok().map(StaffId).or(acting.staff_id());
    let (owners, helpers) = staff_choices(&staff::all(tx)?, owner, named);
    html(&Place {
        page: frame::page(acting, "Hold what we have", "people", path),
        base: format!("/people/{id}"),
        name,
        works: works(acting, tx, id, form.value("work"))?,
        owners,
        helpers,
        review: typed_or_later(acting, &form)?,
        form,
        grant,
    })
}

/// The day that was typed, or the one on which somebody looks again unless they say otherwise.
pub(super) fn typed_or_later(acting: &Acting<'_>, form: &Form) -> Result<String, Fault> {
    let later = acting.today.checked_add(REVIEW_DAYS.days())?.to_string();
    Ok(if form.value("review").is_empty() { later } else { form.value("review").to_owned() })
}

/// What a hold can be on: the person, or everybody on a piece of work of theirs.
fn works(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId, chosen: &str) -> Result<Vec<Choice>, Fault> {
    let person =
        Choice { words: "Everything about them".to_owned(), chosen: chosen.is_empty(), ..Choice::default() };
    let works = engagement::of_person(tx, &acting.policy, id)?.into_iter().map(|work| {
        let kind = work.work.and_then(|id| acting.policy.works.get(id.index()));
        let title = kind.map_or("work", |work| work.title.as_str());
        let value = work.id.to_string();
        Choice {
            words: format!("Everything about everybody on the {title} from {}", frame::words(work.opened_on)),
            chosen: value == chosen,
            value,
            ..Choice::default()
        }
    });
    Ok(std::iter::once(person).chain(works).collect())
}

/// `POST /people/{id}/hold`.
pub async fn place(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    let State(instance) = &house;
    let sent = given.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        acts::place(acting, tx, PersonId(id), &sent.asking()?)
    });
    let Err(trouble) = done.await else {
        return Ok(Redirect::to(&format!("/people/{id}?said=held")).into_response());
    };
    let form = given.back(trouble.invalid()?);
    let path = visitor.path.clone();
    let page = read(house, &visitor, move |acting, tx| {
        place_page(acting, tx, PersonId(id), form, &given.helpers(), &path)
    });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
}

/// `GET /holds/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, id, Form::default(), None, &path)).await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: i64,
    form: Form,
    named: Option<Vec<StaffId>>,
    path: &str,
) -> Result<Html<String>, Fault> {
    let mut people = hold::people(tx, id)?;
    people.truncate(NAMED);
    let found = acts::mine(acting, tx, id, people.first().copied())?;
    let grant = grant(acting, tx, &people)?;
    let names = person::names(tx, &acting.policy, &people)?;
    let whom = people.iter().map(|person| Whom {
        href: format!("/people/{person}"),
        name: names.iter().find(|name| name.person() == *person && name.open(&grant).is_ok()).cloned(),
    });
    let here = staff::all(tx)?;
    let known = hold::helpers(tx, id)?;
    let owner = form.value("owner").parse().ok().map(StaffId).or(Some(found.owner));
    let (owners, helpers) = staff_choices(&here, owner, named.as_deref().unwrap_or(&known));
    html(&Look {
        page: frame::page(acting, "A hold", "people", path),
        action: format!("/holds/{id}"),
        whom: whom.collect(),
        on_work: found.engagement.map(|work| format!("/work/{work}")),
        owner: called(&here, found.owner),
        with: known.iter().map(|staff| called(&here, *staff)).collect::<Vec<_>>().join(", "),
        since: frame::day(found.since, acting.today),
        by: frame::day(found.review_on, acting.today),
        late: found.review_on < acting.today,
        reason: found.reason.filter(|reason| reason.open(&grant).is_ok()),
        owners,
        helpers,
        review: typed_or_later(acting, &form)?,
        form,
        grant,
    })
}

/// What a member of staff is called.
pub(super) fn called(here: &[Account], staff: StaffId) -> String {
    let known = here.iter().find(|account| account.id == staff);
    known.map_or_else(|| "nobody who is here".to_owned(), |account| account.name.clone())
}

/// `POST /holds/{id}`: it goes on.
pub async fn prolong(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    done(house, visitor, id, given, |acting, tx, id, given| acts::prolong(acting, tx, id, &given.asking()?))
        .await
}

/// `POST /holds/{id}/end`.
pub async fn end(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    done(house, visitor, id, given, |acting, tx, id, given| {
        let ended = acts::end(acting, tx, id, given.others.get("ended").map_or("", String::as_str));
        ended.map_err(|fault| match fault {
            // The page asks twice why: for going on, and for ending.
            Fault::Invalid(errors) => Fault::Invalid(
                errors.into_iter().map(|error| FieldError { field: "ended".to_owned(), ..error }).collect(),
            ),
            fault => fault,
        })
    })
    .await
}

async fn done(
    house: House,
    visitor: Visitor,
    id: i64,
    given: Given,
    act: fn(&Acting<'_>, &Tx<'_>, i64, &Given) -> Result<(), Fault>,
) -> Answer<Response> {
    let State(instance) = &house;
    let sent = given.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let whose = hold::people(tx, id)?;
        act(acting, tx, id, &sent)?;
        Ok(whose)
    });
    match done.await {
        Ok(whose) => Ok(Redirect::to(&match whose.as_slice() {
            [person] => format!("/people/{person}?said=saved"),
            _ => "/?said=saved".to_owned(),
        })
        .into_response()),
        Err(trouble) => {
            let form = given.back(trouble.invalid()?);
            let path = visitor.path.clone();
            let named = given.helpers();
            let page =
                read(house, &visitor, move |acting, tx| page(acting, tx, id, form, Some(named), &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

/// A hold as somebody's page shows it.
pub struct Shown {
    /// What it suspends, whose it is and until when, in words.
    pub words: String,
    /// Why, where this role may read it.
    pub reason: Option<Sealed>,
    /// Where it is looked at again; empty for somebody who may not.
    pub href: String,
}

/// The holds that stand for a person, in words.
///
/// # Errors
/// Whatever the store says.
pub fn shown(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId, grant: &Grant) -> Result<Vec<Shown>, Fault> {
    let standing = hold::of_person(tx, id, acts::kind(acting)?, acting.today)?;
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let here = staff::all(tx)?;
    standing.into_iter().map(|hold| one_shown(acting, tx, &here, hold, grant)).collect()
}

fn one_shown(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    here: &[Account],
    hold: Hold,
    grant: &Grant,
) -> Result<Shown, Fault> {
    let on = match hold.engagement {
        Some(work) => {
            let kind = engagement::one(tx, &acting.policy, work)?.work;
            let kind = kind.and_then(|id| acting.policy.works.get(id.index()));
            format!(" about everybody on this {}", kind.map_or("work", |work| work.title.as_str()))
        }
        None => String::new(),
    };
    let helpers = hold::helpers(tx, hold.id)?;
    let with = match helpers.as_slice() {
        [] => String::new(),
        named => format!(
            ", with {}",
            named.iter().map(|staff| called(here, *staff)).collect::<Vec<_>>().join(" and ")
        ),
    };
    let late = if hold.review_on < acting.today { "was to look" } else { "looks" };
    Ok(Shown {
        words: format!(
            "Nothing{on} is let go, whatever has run out or is asked to be erased. {} answers for it{with}, and {late} again \
             by {}. It stands since {}.",
            capital(&called(here, hold.owner)),
            frame::words(hold.review_on),
            frame::words(hold.since)
        ),
        href: if acts::is_mine(acting, &hold) { format!("/holds/{}", hold.id) } else { String::new() },
        reason: hold.reason.filter(|reason| reason.open(grant).is_ok()),
    })
}

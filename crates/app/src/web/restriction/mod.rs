//! Restrictions: what one would do before it does it, and looking at one again, whether it goes on or is lifted.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{PersonId, RequestId, StaffId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::{Tx, staff};

use super::hold::{called, staff_choices, typed_or_later};
use super::page::{Choice, Day, FieldError, Form, Page};
use super::requests::erasure::{Asks, name};
use super::requests::one::ways;
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::restriction::{self as acts, Asking};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "restriction/place.html")]
struct Place {
    page: Page,
    grant: Grant,
    base: String,
    name: Option<Sealed>,
    active: usize,
    owners: Vec<Choice>,
    asked: String,
    review: String,
    request: String,
    form: Form,
}

#[derive(Template)]
#[template(path = "restriction/look.html")]
struct Look {
    page: Page,
    grant: Grant,
    base: String,
    name: Option<Sealed>,
    reason: Option<Sealed>,
    owner: String,
    known: Vec<Choice>,
    since: Day,
    by: Day,
    late: bool,
    active: usize,
    owners: Vec<Choice>,
    review: String,
    request: String,
    form: Form,
}

/// What the forms send.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Given {
    request: String,
    why: String,
    on: String,
    owner: String,
    review: String,
    told: String,
    known: String,
}

impl Given {
    fn request(&self) -> Option<RequestId> {
        self.request.parse().ok().map(RequestId)
    }

    fn asking(&self) -> Result<Asking, Fault> {
        let day = |text: &str, field, words| match text {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Fault::field(field, words)),
        };
        Ok(Asking {
            why: self.why.clone(),
            on: day(&self.on, "on", "Choose the day they asked.")?,
            owner: self.owner.parse().ok().map(StaffId),
            review_on: day(&self.review, "review", "Choose a day.")?,
            request: self.request(),
        })
    }

    fn back(&self, errors: Vec<FieldError>) -> Form {
        let said = [
            ("why", &self.why),
            ("on", &self.on),
            ("owner", &self.owner),
            ("review", &self.review),
            ("told", &self.told),
            ("known", &self.known),
        ];
        Form {
            values: said.into_iter().map(|(field, text)| (field.to_owned(), text.clone())).collect(),
            errors,
        }
    }
}

/// `GET /people/{id}/restriction?request=`: what restricting would do, or what stands and whether it still has to.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        page(acting, tx, PersonId(id), &asks.request, Form::default(), &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    request: &str,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let life = acting.life(tx, id)?;
    let (name, grant) = name(acting, tx, id)?;
    let active = life.grounds.iter().filter(|ground| ground.active(acting.today)).count();
    let here = staff::all(tx)?;
    let chosen = form.value("owner").parse().ok().map(StaffId);
    let review = typed_or_later(acting, &form)?;
    let base = format!("/people/{id}");
    let request = request.to_owned();
    if life.restriction.is_none() {
        return html(&Place {
            page: frame::page(acting, "Keep it, but do not use it", "requests", path),
            active,
            owners: staff_choices(&here, chosen.or(acting.staff_id()), &[]).0,
            asked: match form.value("on") {
                "" => acting.today.to_string(),
                typed => typed.to_owned(),
            },
            grant,
            base,
            name,
            review,
            request,
            form,
        });
    }
    let found = acts::standing(acting, tx, id)?;
    html(&Look {
        page: frame::page(acting, "A restriction", "requests", path),
        owner: called(&here, found.owner),
        since: frame::day(found.since, acting.today),
        known: ways(form.value("known"), false),
        by: frame::day(found.review_on, acting.today),
        late: found.review_on < acting.today,
        reason: Some(found.reason).filter(|reason| reason.open(&grant).is_ok()),
        active,
        owners: staff_choices(&here, chosen.or(Some(found.owner)), &[]).0,
        grant,
        base,
        name,
        review,
        request,
        form,
    })
}

/// `POST /people/{id}/restriction`.
pub async fn place(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    done(house, visitor, id, given, |acting, tx, id, given| acts::place(acting, tx, id, &given.asking()?))
        .await
}

/// `POST /people/{id}/restriction/review`: it goes on.
pub async fn prolong(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    done(house, visitor, id, given, |acting, tx, id, given| acts::prolong(acting, tx, id, &given.asking()?))
        .await
}

/// `POST /people/{id}/restriction/lift`.
pub async fn lift(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    done(house, visitor, id, given, |acting, tx, id, given| {
        acts::lift(acting, tx, id, (&given.told, &given.known))
    })
    .await
}

async fn done(
    house: House,
    visitor: Visitor,
    id: i64,
    given: Given,
    act: fn(&Acting<'_>, &Tx<'_>, PersonId, &Given) -> Result<(), Fault>,
) -> Answer<Response> {
    let State(instance) = &house;
    let sent = given.clone();
    let done =
        write(State(instance.clone()), &visitor, move |acting, tx| act(acting, tx, PersonId(id), &sent));
    match done.await {
        Ok(()) => {
            let to = match given.request() {
                Some(request) => format!("/requests/{request}?said=saved"),
                None => format!("/people/{id}?said=saved"),
            };
            Ok(Redirect::to(&to).into_response())
        }
        Err(trouble) => {
            let form = given.back(trouble.invalid()?);
            let path = visitor.path.clone();
            let page = read(house, &visitor, move |acting, tx| {
                page(acting, tx, PersonId(id), &given.request, form, &path)
            });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

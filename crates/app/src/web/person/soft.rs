//! How we got somebody's address, where that lets us write to it without having asked.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::{Tx, soft_opt_in};

use super::{called, named};
use crate::acts::Acting;
use crate::acts::soft_opt_in::{self as acts, Got};
use crate::fault::Fault;
use crate::web::error::{Told, told_page};
use crate::web::page::{Choice, Form, Page};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "person/soft.html")]
struct HowWeGotIt {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    form: Form,
    activities: Vec<Choice>,
    recorded: Vec<Recorded>,
}

struct Recorded {
    words: String,
    undo: String,
}

/// `GET /people/{id}/soft-opt-in`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, PersonId(id), Form::default(), &path)).await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (life, grant) = named(acting, tx, id)?;
    let name = called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let activities = acts::offered(acting, &life).into_iter().map(|activity| Choice {
        value: activity.name.clone(),
        words: activity.title.clone(),
        hint: String::new(),
        chosen: activity.name == form.value("activity"),
    });
    let base = format!("/people/{id}");
    let title = |name: &str| {
        acting.policy.activity_named(name).map_or_else(|| name.to_owned(), |activity| activity.title.clone())
    };
    let recorded = soft_opt_in::of_person(tx, &acting.policy, id)?.into_iter().map(|one| Recorded {
        words: format!(
            "{}: we got it on {}{}",
            title(&one.activity),
            frame::words(one.on),
            if one.stands { "" } else { ". They have another address now, which this does not cover" }
        ),
        undo: format!("{base}/soft-opt-in/{}/undo", one.id),
    });
    html(&HowWeGotIt {
        page: frame::page(acting, "How did we get their address?", "people", path),
        activities: activities.collect(),
        recorded: recorded.collect(),
        base,
        form,
        name,
        grant,
    })
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Given {
    #[serde(default)]
    activity: String,
    #[serde(default)]
    how: String,
    #[serde(default)]
    refusal: String,
    #[serde(default)]
    own: String,
}

impl Given {
    fn got(&self) -> Got {
        Got {
            activity: self.activity.clone(),
            how: self.how.clone(),
            refusal: self.refusal.clone(),
            own: !self.own.is_empty(),
        }
    }
}

/// `POST /people/{id}/soft-opt-in`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    let got = given.got();
    let done =
        write(State(house.clone()), &visitor, move |acting, tx| acts::record(acting, tx, PersonId(id), &got));
    match done.await {
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let typed = [
                    ("activity", given.activity),
                    ("how", given.how),
                    ("refusal", given.refusal),
                    ("own", given.own),
                ];
                let values = typed.into_iter().map(|(name, typed)| (name.to_owned(), typed)).collect();
                let form = Form { values, errors };
                let path = format!("/people/{id}/soft-opt-in");
                let shown = read(State(house), &visitor, move |acting, tx| {
                    page(acting, tx, PersonId(id), form, &path)
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}

/// `POST /people/{id}/soft-opt-in/{row}/undo`.
pub async fn undo(house: House, visitor: Visitor, Path((id, row)): Path<(i64, i64)>) -> Answer<Response> {
    let done = write(house, &visitor, move |acting, tx| acts::take_back(acting, tx, PersonId(id), row));
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response()),
        Err(trouble) => Ok(told_page(trouble.told()?)),
    }
}

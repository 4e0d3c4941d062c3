//! What somebody who is here already is to us as well: first which category, then what the policy asks about it.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::Tx;

use super::agreeing::{chosen_row, rows};
use super::{called, named};
use crate::acts::Acting;
use crate::acts::category as acts;
use crate::acts::consent;
use crate::fault::Fault;
use crate::web::api::category::{Becoming, becomes};
use crate::web::error::{Told, told_page};
use crate::web::page::{Choice, Form, Page, ticked};
use crate::web::people::capital;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "person/category.html")]
struct Becomes {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    form: Form,
    /// The one that was chosen; empty until one is.
    category: String,
    words: String,
    categories: Vec<Choice>,
    agreed: Vec<Choice>,
    shows: Vec<Choice>,
    rows: Vec<Choice>,
    offers: Vec<Choice>,
    since: String,
    /// What they became today, and may never have been.
    new: Vec<String>,
}

/// Which category the form is for.
#[derive(Deserialize)]
pub struct Asks {
    #[serde(default)]
    category: String,
}

/// `GET /people/{id}/categories`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        page(acting, tx, PersonId(id), &asks.category, (Form::default(), &[]), &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    category: &str,
    (form, ticked): (Form, &[String]),
    path: &str,
) -> Result<Html<String>, Fault> {
    let (life, grant) = named(acting, tx, id)?;
    let name = called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    crate::acts::fact::may_tell(acting, &life)?;
    let all = acts::may_give(acting, &life);
    let chosen = all.iter().copied().find(|known| known.name == category);
    let choice = |value: &str, words: String, hint: &str, chosen: bool| Choice {
        value: value.to_owned(),
        words,
        hint: hint.to_owned(),
        chosen,
    };
    let categories =
        all.iter().map(|known| choice(&known.name, capital(&known.name), &known.words, false)).collect();
    let agreeable = chosen.map_or_else(Vec::new, |chosen| acts::agreeable(acting, &life, chosen));
    let hint = "Tick it only if they said yes themselves. Silence is no consent.";
    let agreed =
        agreeable.iter().map(|one| choice(&one.name, one.title.clone(), hint, ticked.contains(&one.name)));
    let agreed = agreed.collect();
    let offered = chosen.map_or_else(Vec::new, |chosen| acts::offers(acting, &life, chosen));
    let titles: Vec<&str> = offered.iter().map(|activity| activity.title.as_str()).collect();
    let hint = format!("{}. Unless you tick this, they are not entered there.", titles.join("; "));
    let words = "They may also be told what we offer".to_owned();
    let offers = choice("yes", words, &hint, !form.value("offers").is_empty());
    let shows = std::iter::once(("", "choose what shows it")).chain(consent::choices());
    let shows = shows.map(|(name, words)| choice(name, capital(words), "", form.value("evidence") == name));
    let since = form.value("since");
    let new = acts::may_take_back(acting, &life).into_iter().map(|known| known.name.clone());
    html(&Becomes {
        new: new.collect(),
        page: frame::page(acting, "What are they as well?", "people", path),
        base: format!("/people/{id}"),
        category: chosen.map_or_else(String::new, |chosen| chosen.name.clone()),
        words: chosen.map_or_else(String::new, |chosen| capital(&chosen.name)),
        categories,
        shows: shows.collect(),
        rows: if agreeable.is_empty() { Vec::new() } else { rows(acting, tx, &life, form.value("row"))? },
        offers: if titles.is_empty() { Vec::new() } else { vec![offers] },
        since: if since.is_empty() { acting.today.to_string() } else { since.to_owned() },
        agreed,
        form,
        name,
        grant,
    })
}

/// `POST /people/{id}/categories`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let person = PersonId(id);
    let typed = given.clone();
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        becomes(acting, tx, person, &becoming(&given)?)
    });
    let Err(trouble) = done.await else {
        return Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response());
    };
    match trouble.told()? {
        Told::Invalid(errors) => {
            let agreed = ticked(&typed, "agreed");
            let form = Form { values: typed.into_iter().collect(), errors };
            let path = format!("/people/{id}/categories");
            let shown = read(State(house), &visitor, move |acting, tx| {
                let category = form.value("category").to_owned();
                page(acting, tx, person, &category, (form, &agreed), &path)
            });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
        }
        told @ Told::Refused(_) => Ok(told_page(told)),
    }
}

/// What is taken back.
#[derive(Deserialize)]
pub struct Slip {
    category: String,
}

/// `POST /people/{id}/categories/undo`.
pub async fn undo(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Slip>,
) -> Answer<Response> {
    let done =
        write(house, &visitor, move |acting, tx| acts::take_back(acting, tx, PersonId(id), &given.category));
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said=undone")).into_response()),
        Err(trouble) => Ok(told_page(trouble.told()?)),
    }
}

/// What the form says.
fn becoming(given: &[(String, String)]) -> Result<Becoming, Fault> {
    let value = |name: &str| given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
    let since = value("since").parse().map_err(|_| Fault::field("since", "Choose the day."))?;
    let agreed = ticked(given, "agreed").into_iter().filter(|name| !name.is_empty());
    Ok(Becoming {
        category: value("category").to_owned(),
        since: Some(since),
        agreed: agreed.collect(),
        evidence: value("evidence").to_owned(),
        row: chosen_row(value("row"))?,
        note: Some(value("note").to_owned()),
        offers: !value("offers").is_empty(),
    })
}

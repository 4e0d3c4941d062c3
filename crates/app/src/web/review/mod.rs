//! A review: somebody looks whether what is held of a person under one activity is still needed.

use askama::Template;
use axum::Form as Posted;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{GroundId, PersonId};
use custody::{Grant, Sealed};
use policy::count::with_article;
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;

use super::page::{Choice, Day, Form, Page};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::{Acting, review};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "review/review.html")]
struct Review {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    title: String,
    kinds: String,
    due: Option<Day>,
    /// That their account here ended.
    left: String,
    late: bool,
    action: String,
    /// Whether it may be let go here: it has a review.
    may_let_go: bool,
    categories: Vec<Choice>,
    form: Form,
}

/// `GET /people/{id}/reviews/{ground}`.
pub async fn get(house: House, visitor: Visitor, Path((id, ground)): Path<(i64, i64)>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, (id, ground), Form::default(), &path)).await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (id, ground): (i64, i64),
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManagePolicy)?;
    let (life, grant) = super::person::named(acting, tx, PersonId(id))?;
    let held = life.grounds.iter().find(|held| held.id == GroundId(ground)).ok_or(Fault::NotFound)?;
    let rule = acting.policy.rules.get(held.rule.index()).ok_or(Fault::NotFound)?;
    let activity = acting.policy.activity(rule.activity).ok_or(Fault::NotFound)?;
    let left = super::ending::account_ended(acting, tx, &life)?;
    if held.review_on.is_none() && left.is_empty() {
        return Err(Fault::NotFound);
    }
    let name = super::person::called(acting, tx, life.person, &grant)?.ok_or(Fault::NotFound)?;
    html(&Review {
        page: frame::page(acting, "A review", "people", path),
        base: format!("/people/{id}"),
        title: activity.title.clone(),
        kinds: custody::refusal::kind_names(&acting.policy, rule.kinds),
        late: held.review_on.is_some_and(|due| due < acting.today),
        due: held.review_on.map(|due| frame::day(due, acting.today)),
        left,
        may_let_go: held.review_on.is_some() && held.active(acting.today),
        action: format!("/people/{id}/reviews/{ground}"),
        categories: activity
            .for_whom
            .iter()
            .filter(|whom| life.has(whom.category, acting.today))
            .filter_map(|whom| acting.policy.categories.get(whom.category.index()))
            .map(|category| Choice {
                value: category.name.clone(),
                words: with_article(&category.name),
                ..Choice::default()
            })
            .collect(),
        form,
        name,
        grant,
    })
}

/// What the form sends by which something goes on.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Needed {
    why: String,
}

/// `POST /people/{id}/reviews/{ground}`.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path((id, ground)): Path<(i64, i64)>,
    Posted(given): Posted<Needed>,
) -> Answer<Response> {
    let why = given.why.clone();
    let done = write(house.clone(), &visitor, move |acting, tx| {
        review::still_needed(acting, tx, PersonId(id), GroundId(ground), &why)
    });
    let Err(trouble) = done.await else {
        return Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response());
    };
    let values = [("why".to_owned(), given.why)].into_iter().collect();
    let form = Form { values, errors: trouble.invalid()? };
    let path = visitor.path.clone();
    let page = read(house, &visitor, move |acting, tx| page(acting, tx, (id, ground), form, &path));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
}

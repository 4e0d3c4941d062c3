//! A review: somebody looks whether what is held of a person under one activity is still needed.

use askama::Template;
use axum::extract::Path;
use axum::response::Redirect;
use custody::id::{GroundId, PersonId};
use custody::{Grant, Sealed};
use policy::role::Deed;
use store::person;

use super::page::{Day, Page};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::review;
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
    due: Day,
    late: bool,
    action: String,
}

/// `GET /people/{id}/reviews/{ground}`.
pub async fn get(house: House, visitor: Visitor, Path((id, ground)): Path<(i64, i64)>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManagePolicy)?;
        let (life, grant) = super::person::named(acting, tx, PersonId(id))?;
        let held = life.grounds.iter().find(|held| held.id == GroundId(ground)).ok_or(Fault::NotFound)?;
        let rule = acting.policy.rules.get(held.rule.index()).ok_or(Fault::NotFound)?;
        let activity = acting.policy.activity(rule.activity).ok_or(Fault::NotFound)?;
        let due = held.review_on.ok_or(Fault::NotFound)?;
        let names = person::names(tx, &acting.policy, &[life.person])?;
        let name = names.into_iter().find(|name| name.open(&grant).is_ok()).ok_or(Fault::NotFound)?;
        html(&Review {
            page: frame::page(acting, "A review", "people", &path),
            base: format!("/people/{id}"),
            title: activity.title.clone(),
            kinds: custody::refusal::kind_names(&acting.policy, rule.kinds),
            late: due < acting.today,
            due: frame::day(due, acting.today),
            action: format!("/people/{id}/reviews/{ground}"),
            name,
            grant,
        })
    })
    .await
}

/// `POST /people/{id}/reviews/{ground}`.
pub async fn post(house: House, visitor: Visitor, Path((id, ground)): Path<(i64, i64)>) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| {
        review::still_needed(acting, tx, PersonId(id), GroundId(ground))
    })
    .await?;
    Ok(Redirect::to(&format!("/people/{id}?said=recorded")))
}

//! What a person agreed to, on their page, and taking it back in one step.

use axum::Form as Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use custody::Life;
use custody::id::{EngagementId, PersonId};
use serde::Deserialize;

use crate::acts::{Acting, consent as acts};
use crate::web::{Answer, House, Visitor, frame, write};

/// A consent that stands.
pub struct Agreed {
    pub(super) activity: String,
    pub(super) engagement: String,
    pub(super) words: String,
}

/// What they have agreed to and not taken back.
pub(super) fn standing(acting: &Acting<'_>, life: &Life) -> Vec<Agreed> {
    let each = acts::standing(acting, life).into_iter().map(|given| Agreed {
        activity: given.activity,
        engagement: given.engagement.map_or_else(String::new, |id| id.to_string()),
        words: format!("{}, since {}", given.title, frame::words(given.given_on)),
    });
    each.collect()
}

/// What the form sends.
#[derive(Deserialize)]
pub struct TakesBack {
    activity: String,
    #[serde(default)]
    engagement: String,
}

/// `POST /people/{id}/consents/withdrawal`.
pub async fn withdraw(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<TakesBack>,
) -> Answer<Response> {
    write(house, &visitor, move |acting, tx| {
        let engagement = given.engagement.parse().ok().map(EngagementId);
        acts::withdraw(acting, tx, PersonId(id), &given.activity, engagement)
    })
    .await?;
    Ok(Redirect::to(&format!("/people/{id}?said=withdrawn")).into_response())
}

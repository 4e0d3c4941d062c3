//! What a person was not entered in when they came, on their page, and entering them by hand with a reason.

use axum::Form as Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::PersonId;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, not_entered};

use crate::acts::{Acting, person as acts};
use crate::fault::Fault;
use crate::web::error::told_page;
use crate::web::{Answer, House, Visitor, frame, write};

/// Something we offer that the person is not told of.
pub struct Out {
    pub(super) activity: String,
    pub(super) words: String,
    pub(super) may_enter: bool,
}

/// What they are not entered in today.
pub(super) fn out(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Vec<Out>, Fault> {
    let standing = not_entered::standing(tx, id)?.into_iter().filter_map(|(name, since)| {
        let activity = acting.policy.activity_named(&name)?;
        let words = format!("{}, not since they came on {}", activity.title, frame::words(since));
        Some(Out { words, may_enter: acting.may(Deed::AddPeople), activity: name })
    });
    Ok(standing.collect())
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Entering {
    activity: String,
    #[serde(default)]
    why: String,
}

/// `POST /people/{id}/entered`.
pub async fn enter(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Entering>,
) -> Answer<Response> {
    let done = write(house, &visitor, move |acting, tx| {
        acts::enter(acting, tx, PersonId(id), &given.activity, &given.why)
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said=saved")).into_response()),
        Err(trouble) => Ok(told_page(trouble.told()?)),
    }
}

//! Whether a person was told that we hold their details, on their page, and writing down that they were.

use axum::Form as Posted;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::PersonId;
use jiff::civil::Date;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, told};

use crate::acts::{Acting, told as acts};
use crate::fault::Fault;
use crate::web::error::told_page;
use crate::web::{Answer, House, Visitor, frame, write};

/// What the page says of it.
pub struct Said {
    pub(super) words: Vec<String>,
    /// Until when they must be told, where nobody has.
    pub(super) owed: String,
    pub(super) may_say: bool,
    pub(super) today: String,
}

/// How and when they were told.
pub(super) fn said(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Said, Fault> {
    let all = told::of_person(tx, id)?;
    let words = all.iter().rev().take(3).map(|told| {
        let version =
            told.version.map_or_else(String::new, |version| format!(", version {version} of our notice"));
        format!("{} {}{version}", frame::words(told.on), told.way.words())
    });
    let owed = if all.is_empty() { owed(acting, tx, id)? } else { String::new() };
    Ok(Said {
        words: words.collect(),
        owed,
        may_say: acting.may(Deed::AddPeople),
        today: acting.today.to_string(),
    })
}

fn owed(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<String, Fault> {
    let Some(collected) = told::owed_since(tx, id)? else { return Ok(String::new()) };
    let until = acting.policy.notice.within.and_then(|within| collected.checked_add(within).ok());
    Ok(match until {
        Some(until) => format!("Nobody has told them yet. Somebody must by {}.", frame::words(until)),
        None => "Nobody has told them yet.".to_owned(),
    })
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Telling {
    way: String,
    on: String,
}

/// `POST /people/{id}/told`.
pub async fn tell(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Telling>,
) -> Answer<Response> {
    let done = write(house, &visitor, move |acting, tx| {
        let on: Date = given.on.parse().map_err(|_| Fault::field("told-on", "Type the day."))?;
        let way =
            acts::said(&given.way).ok_or_else(|| Fault::field("told-way", "Choose how they were told."))?;
        acts::by_staff(acting, tx, PersonId(id), (way, on))
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said=saved")).into_response()),
        Err(trouble) => Ok(told_page(trouble.told()?)),
    }
}

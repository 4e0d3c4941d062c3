//! What somebody is to us, by the API: what they may become as well, and that they have.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::PersonId;
use jiff::civil::Date;
use policy::Activity;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;

use super::body;
use crate::acts::Acting;
use crate::acts::category::{self as acts, Also};
use crate::acts::consent;
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// What somebody is as well: `{"category": "supporter", "agreed": ["supporters"], "evidence": "mail", "row": 12}`.
#[derive(Deserialize, Clone, Default, Debug)]
#[serde(deny_unknown_fields)]
pub struct Becoming {
    /// The category, as the policy names it.
    pub category: String,
    /// Since when; today unless said.
    #[serde(default)]
    pub since: Option<Date>,
    /// What they agreed to on that day, by name.
    #[serde(default)]
    pub agreed: Vec<String>,
    /// What shows that they did: `mail`, `call`, `form`, `paper`, `in person`.
    #[serde(default)]
    pub evidence: String,
    /// The line, document or call that it is.
    #[serde(default)]
    pub row: Option<i64>,
    /// What they said, or where the paper is kept.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether they may also be told what we offer.
    #[serde(default)]
    pub offers: bool,
}

/// Writes it down.
///
/// # Errors
/// As [`acts::give`]; [`Fault::Invalid`] for what shows a yes that nobody is said to have given.
pub fn becomes(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId, given: &Becoming) -> Result<(), Fault> {
    let note = given.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let silent = given.evidence.is_empty() && given.row.is_none() && note.is_none();
    let evidence = match (given.agreed.is_empty(), silent) {
        (true, true) => None,
        (true, false) => {
            let words = "Say what they agreed to, or leave out what shows it: alone it would not be kept.";
            return Err(Fault::field("agreed", words));
        }
        (false, _) => Some(consent::said(&given.evidence, given.row, note)?),
    };
    let also = Also {
        category: &given.category,
        since: given.since.unwrap_or(acting.today),
        agreed: &given.agreed,
        evidence,
        offers: given.offers,
    };
    acts::give(acting, tx, who, &also)
}

/// What they may become, and what may be taken back of what they became today; each with what they can agree to as they do, and what they would be told that we offer.
///
/// # Errors
/// [`Fault::NotFound`] if they are out of reach.
pub fn listed(acting: &Acting<'_>, tx: &Tx<'_>, who: PersonId) -> Result<Value, Fault> {
    let life = acting.life(tx, who)?;
    let names = |all: Vec<&Activity>| all.into_iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    let all = acts::may_give(acting, &life).into_iter().map(|category| {
        json!({
            "category": category.name,
            "agreed": names(acts::agreeable(acting, &life, category)),
            "offers": names(acts::offers(acting, &life, category)),
        })
    });
    let back = acts::may_take_back(acting, &life).into_iter().map(|category| category.name.clone());
    Ok(json!({ "may_become": all.collect::<Vec<_>>(), "may_take_back": back.collect::<Vec<_>>() }))
}

/// `GET /api/v1/people/{id}/categories`.
pub async fn list(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| listed(acting, tx, PersonId(id)));
    Ok(Json(found.await?))
}

/// `POST /api/v1/people/{id}/categories`.
pub async fn give(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Becoming>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| becomes(acting, tx, PersonId(id), &given)).await?;
    Ok(StatusCode::CREATED.into_response())
}

/// `DELETE /api/v1/people/{id}/categories/{category}`: a slip of today is taken back.
pub async fn take_back(
    house: House,
    visitor: Visitor,
    Path((id, category)): Path<(i64, String)>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::take_back(acting, tx, PersonId(id), &category)).await?;
    Ok(StatusCode::NO_CONTENT)
}

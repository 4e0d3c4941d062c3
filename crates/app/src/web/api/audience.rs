//! Audiences, by the API: who would be written to and who not and why, as numbers; views that are kept; and a mailing begun for one.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;
use store::saved_audience::Saved;

use super::body;
use crate::acts::audience::criteria::QUESTIONS;
use crate::acts::audience::{self, Criteria};
use crate::acts::{Acting, saved_audience as acts};
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// `GET /api/v1/audiences?activity=news`: the same questions as on the page, `work=course/delivered&since=2024-01-01`.
pub async fn look(
    house: House,
    visitor: Visitor,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        // A question that is misspelt would leave nobody out.
        let known = |name: &&String| *name == "activity" || QUESTIONS.contains(&name.as_str());
        if let Some(odd) = asked.keys().find(|name| !known(name)) {
            let questions = QUESTIONS.join(", ");
            return Err(Fault::field(
                odd,
                format!("There is no such question; there is activity, {questions}."),
            ));
        }
        let activity = asked.get("activity").map_or("", String::as_str);
        shown(acting, tx, activity, &Criteria::of_address(&asked)?)
    });
    Ok(Json(found.await?))
}

/// An audience as numbers: nobody is named.
///
/// # Errors
/// [`Fault::Refused`] where people may not be picked out so.
pub fn shown(acting: &Acting<'_>, tx: &Tx<'_>, activity: &str, criteria: &Criteria) -> Result<Value, Fault> {
    acting.must(policy::role::Deed::Send)?;
    let way = acts::way(&acting.policy, activity)?;
    let found = audience::mailed(acting, tx, &way, criteria)?;
    let reasons: Vec<Value> = found
        .left_out
        .iter()
        .map(|out| {
            json!({
                "count": out.people.len(), "because": out.because, "clause": out.clause, "promises": out.promises,
                "next_step": out.next_step,
            })
        })
        .collect();
    Ok(json!({
        "activity": way.activity.name, "sentence": criteria.sentence(acting, tx, way.activity)?, "criteria": criteria,
        "will": found.will.len(), "will_not": found.not(), "reasons": reasons, "out_of_reach": found.beyond,
    }))
}

/// `{"activity": "news", "criteria": {"work": "course", "since": "2024-01-01", ...}, "name": "...", "shared": true}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    activity: String,
    #[serde(default)]
    criteria: Criteria,
    #[serde(default)]
    name: String,
    #[serde(default)]
    shared: bool,
}

/// `POST /api/v1/audiences/saved`: what is asked is kept, and never who it is.
pub async fn save(
    house: House,
    visitor: Visitor,
    given: Result<Json<Asked>, JsonRejection>,
) -> Answer<Response> {
    let asked = body(given, &visitor)?;
    let kept = write(house, &visitor, move |acting, tx| {
        acts::save(acting, tx, (&asked.activity, &asked.criteria), &asked.name, asked.shared)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": kept.await? }))).into_response())
}

/// `GET /api/v1/audiences/saved`: one's own, and what colleagues share.
pub async fn saved(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    let found = read(house, &visitor, |acting, tx| {
        acts::all(acting, tx)?.iter().map(kept).collect::<Result<Vec<_>, Fault>>()
    });
    Ok(Json(json!({ "audiences": found.await? })))
}

/// A kept audience: what it asks.
///
/// # Errors
/// [`Fault::Other`] if another version of the program wrote it.
pub fn kept(held: &Saved) -> Result<Value, Fault> {
    let criteria = Criteria::of_saved(&held.criteria)?;
    Ok(json!({
        "id": held.id, "name": held.name, "activity": held.activity, "criteria": criteria, "shared": held.shared,
        "kept_by": held.kept_by.map(|staff| staff.0), "kept_at": held.kept_at,
    }))
}

/// `GET /api/v1/audiences/saved/{id}`: who that is today.
pub async fn one(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        let held = acts::one(acting, tx, id)?;
        shown(acting, tx, &held.activity, &Criteria::of_saved(&held.criteria)?)
    });
    Ok(Json(found.await?))
}

/// `DELETE /api/v1/audiences/saved/{id}`.
pub async fn forget(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::forget(acting, tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/mailings`: a mailing to those who fit, its words still to be written on the page.
pub async fn begin(
    house: House,
    visitor: Visitor,
    given: Result<Json<Asked>, JsonRejection>,
) -> Answer<Response> {
    let asked = body(given, &visitor)?;
    let begun =
        write(house, &visitor, move |acting, tx| acts::begin(acting, tx, &asked.activity, &asked.criteria));
    Ok((StatusCode::CREATED, Json(json!({ "id": begun.await?.0 }))).into_response())
}

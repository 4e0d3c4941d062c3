//! What periods hang on, by the API: facts taken back, events of a person recorded and taken back.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::{EngagementId, PersonId};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;

use super::body;
use crate::acts::{event as events, fact as facts};
use crate::web::{Answer, House, Visitor, write};

/// `DELETE /api/v1/people/{id}/facts/{fact}`.
pub async fn untell(
    house: House,
    visitor: Visitor,
    Path((id, fact)): Path<(i64, i64)>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| facts::take_back(acting, tx, (None, Some(PersonId(id))), fact))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// About whom a fact of work is, where it is not whom the work is for.
#[derive(Deserialize, Clone, Copy, Default)]
pub struct Whose {
    person: Option<i64>,
}

/// `DELETE /api/v1/engagements/{id}/facts/{fact}`, with `?person=` where it is not whom the work is for.
pub async fn untell_on(
    house: House,
    visitor: Visitor,
    Path((id, fact)): Path<(i64, i64)>,
    Query(whose): Query<Whose>,
) -> Answer<StatusCode> {
    let of = (Some(EngagementId(id)), whose.person.map(PersonId));
    write(house, &visitor, move |acting, tx| facts::take_back(acting, tx, of, fact)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Something that happened: `{"event": "payment", "on": "2026-03-31"}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    event: String,
    #[serde(default)]
    on: Option<Date>,
}

/// `POST /api/v1/people/{id}/events`: an event of the person that the policy declares.
pub async fn happened(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Happened>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let event = write(house, &visitor, move |acting, tx| {
        events::record(acting, tx, PersonId(id), (&given.event, given.on.unwrap_or(acting.today)))
    })
    .await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": event }))).into_response())
}

/// `DELETE /api/v1/people/{id}/events/{event}`.
pub async fn unhappened(
    house: House,
    visitor: Visitor,
    Path((id, event)): Path<(i64, i64)>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| events::take_back(acting, tx, PersonId(id), event)).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Webhooks, by the API: setting them up, looking at them, changing and taking them away. A secret is in the answer to the call
//! that makes it, and in no other.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use policy::role::Deed;
use serde::Deserialize;
use serde_json::{Value, json};
use store::webhook::{self, Webhook};
use store::{Keys, Tx};

use super::body;
use crate::acts::webhook::{self as acts, said};
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// A webhook to be set up: `{"url": "https://hooks.example.org/probity", "events": ["person.changed"]}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Adding {
    url: String,
    events: Vec<String>,
}

/// What a webhook is to be from now on, and at which version it was seen: `{"version": 1, "url": "...", "events": [...],
/// "on": true}`. Without `on` it stays on or off.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Changing {
    version: i64,
    url: String,
    events: Vec<String>,
    #[serde(default)]
    on: Option<bool>,
}

/// A webhook as programs read it, without its secret.
///
/// # Errors
/// Whatever the store says.
pub fn shown(keys: &Keys, tx: &Tx<'_>, held: &Webhook) -> Result<Value, Fault> {
    Ok(json!({
        "id": held.id, "version": held.version, "url": acts::address(keys, held)?, "events": held.events.split(' ').collect::<Vec<_>>(),
        "on": held.off_at.is_none(), "off_at": held.off_at, "off_why": held.off_why, "added_at": held.added_at,
        "taken_at": held.taken_at, "failing_since": held.failing_since, "trouble": held.trouble,
        "waiting": webhook::waiting(tx, held.id)?,
    }))
}

/// `GET /api/v1/webhooks`: all there are, and the events there are.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        let keys = acting.instance.store.keys();
        webhook::all(tx)?.iter().map(|held| shown(keys, tx, held)).collect::<Result<Vec<_>, Fault>>()
    });
    let events: Vec<&str> = said::EVENTS.iter().map(|event| event.name).collect();
    Ok(Json(json!({ "webhooks": found.await?, "events": events })))
}

/// `GET /api/v1/webhooks/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        shown(acting.instance.store.keys(), tx, &webhook::one(tx, id)?)
    });
    Ok(Json(found.await?))
}

/// `POST /api/v1/webhooks`: answers its number and its secret.
pub async fn add(
    house: House,
    visitor: Visitor,
    given: Result<Json<Adding>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let (id, secret) =
        write(house, &visitor, move |acting, tx| acts::add(acting, tx, &given.url, &given.events)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "secret": secret }))).into_response())
}

/// `PUT /api/v1/webhooks/{id}`.
pub async fn change(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Changing>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| {
        acts::change(acting, tx, (id, given.version), &given.url, &given.events)?;
        given.on.map_or(Ok(()), |on| acts::switch(acting, tx, id, on))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/webhooks/{id}`.
pub async fn remove(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::remove(acting, tx, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/webhooks/{id}/secret`: another secret; for a day messages are signed with the one before as well.
pub async fn rotate(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let secret = write(house, &visitor, move |acting, tx| acts::rotate(acting, tx, id)).await?;
    Ok(Json(json!({ "secret": secret })))
}

/// `POST /api/v1/webhooks/{id}/trial`: it is told that it works.
pub async fn trial(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::try_out(acting, tx, id)).await?;
    Ok(StatusCode::ACCEPTED)
}

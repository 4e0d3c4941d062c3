//! Mailings, by the API: what became of them, and when and how fast they leave. What they say is written on the page, where one sees
//! who will read it.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use custody::id::MailingId;
use jiff::civil::DateTime;
use policy::role::Deed;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::mailing::{self, Mailing};
use store::{Tx, message};

use super::body;
use crate::acts::came_back;
use crate::acts::mailing::{self as acts, leaving};
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// How many one answer holds.
const PAGE: u32 = 50;

/// Where a list goes on.
#[derive(Deserialize, Clone, Copy)]
pub struct After {
    after: Option<i64>,
}

/// `GET /api/v1/mailings`: the newest first, fifty at a time; `?after=` goes on after one.
pub async fn list(house: House, visitor: Visitor, Query(asks): Query<After>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let found = mailing::page(tx, asks.after.map(MailingId), PAGE)?;
        shown(tx, &found)
    });
    Ok(Json(json!({ "mailings": found.await? })))
}

/// `GET /api/v1/mailings/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        Ok(shown(tx, &[mailing::one(tx, MailingId(id))?])?.into_iter().next().unwrap_or_default())
    });
    Ok(Json(found.await?))
}

/// Mailings with how many of their messages are in which state, all counted at once.
fn shown(tx: &Tx<'_>, found: &[Mailing]) -> Result<Vec<Value>, Fault> {
    let ids: Vec<MailingId> = found.iter().map(|held| held.id).collect();
    let mut counts = message::counts(tx, &ids)?;
    let shown = found.iter().map(|held| {
        let of_it = counts.remove(&held.id).unwrap_or_default().into_iter();
        let messages: Map<String, Value> = of_it.map(|(state, count)| (state, count.into())).collect();
        json!({
            "id": held.id.0, "version": held.version, "activity": held.draft.activity, "subject": held.draft.subject, "state": held.state,
            "created_at": held.created_at, "sent_at": held.sent_at, "leaves_at": held.leaves_at, "paused_at": held.paused_at,
            "per_minute": held.per_minute, "from": held.sender, "queueing": held.filling, "queueing_of": held.filling_of,
            "calling_back": held.recalling, "messages": messages,
        })
    });
    Ok(shown.collect())
}

/// How a mailing leaves: `{"version": 3}` in ten minutes, `{"version": 3, "at": "2026-12-01T09:00"}` at that hour where the
/// organisation is, to whoever may have it then.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    version: i64,
    #[serde(default)]
    at: Option<DateTime>,
}

/// `POST /api/v1/mailings/{id}/send`.
pub async fn send(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Leaving>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| match given.at {
        Some(at) => leaving::later(acting, tx, MailingId(id), given.version, at).map(drop),
        None => acts::send(acting, tx, MailingId(id), given.version),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/mailings/{id}/send`: what was to leave later is a draft again; what has not left of another is called back.
pub async fn call_back(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| match mailing::one(tx, MailingId(id))?.state.as_str() {
        "scheduled" => leaving::draft_again(acting, tx, MailingId(id)),
        _ => acts::call_back(acting, tx, MailingId(id)).map(drop),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/mailings/{id}/pause`: nothing more of it leaves.
pub async fn pause(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| leaving::pause(acting, tx, MailingId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why it goes on, where too much of it came back.
#[derive(Deserialize, Clone)]
pub struct Why {
    why: Option<String>,
}

/// `DELETE /api/v1/mailings/{id}/pause`: it goes on; with `?why=` where it pauses because too much of it came back.
pub async fn resume(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asks): Query<Why>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| match &asks.why {
        Some(why) => came_back::go_on(acting, tx, MailingId(id), why),
        None => leaving::go_on(acting, tx, MailingId(id)),
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `{"per_minute": 60}`, or null for as fast as the mail server takes them.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    per_minute: Option<i64>,
}

/// `PUT /api/v1/mailings/{id}/pace`.
pub async fn pace(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Pace>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| leaving::pace(acting, tx, MailingId(id), given.per_minute))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Who is perhaps here twice, by the API: the pairs, putting two together and taking them apart.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::PersonId;
use serde::Deserialize;
use serde_json::{Value, json};
use store::merge::{self, MergeId, Merged};

use super::body;
use crate::acts::merging as acts;
use crate::web::person::named;
use crate::web::{Answer, House, Visitor, duplicates, read, write};

/// The most pairs of one answer.
const LISTED: u32 = 1000;

/// `GET /api/v1/duplicates`: the pairs of whom both are within reach, with what agrees and never what it says.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    read(house, &visitor, |acting, tx| {
        let (pairs, _) = duplicates::proposed(acting, tx, LISTED)?;
        let pairs: Vec<Value> = pairs
            .iter()
            .map(|pair| {
                let why: Vec<&str> = pair.why.iter().map(|sign| sign.code()).collect();
                json!({ "one": pair.one.0, "other": pair.other.0, "why": why, "found_on": pair.found_on })
            })
            .collect();
        Ok(Json(json!({ "pairs": pairs })))
    })
    .await
}

/// `DELETE /api/v1/duplicates/{one}/{other}`: they are two, and are not proposed again.
pub async fn two(house: House, visitor: Visitor, Path((one, other)): Path<(i64, i64)>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::two(acting, tx, (PersonId(one), PersonId(other)))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/people/{id}/merges`: what was put together into this entry and can be taken apart.
pub async fn merges(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    read(house, &visitor, move |acting, tx| {
        named(acting, tx, PersonId(id))?;
        let mut merges = Vec::new();
        for merged in merge::of_person(tx, PersonId(id))? {
            let may = merge::may_take_apart(tx, &merged)?;
            merges.push(json!({ "merge": written(&merged), "can_be_taken_apart": may }));
        }
        Ok(Json(json!({ "merges": merges })))
    })
    .await
}

/// With whom somebody is put together.
#[derive(Deserialize, Clone, Copy)]
#[serde(deny_unknown_fields)]
pub struct With {
    with: i64,
}

/// `POST /api/v1/people/{id}/merges`: the two are one. The older number stays.
pub async fn together(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<With>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let merged = write(house, &visitor, move |acting, tx| {
        acts::together(acting, tx, (PersonId(id), PersonId(given.with)), None)
    });
    Ok((StatusCode::CREATED, Json(written(&merged.await?))).into_response())
}

/// `DELETE /api/v1/people/{id}/merges/{merge}`: they are two again.
pub async fn apart(
    house: House,
    visitor: Visitor,
    Path((id, merge)): Path<(i64, i64)>,
) -> Answer<Json<Value>> {
    let merged =
        write(house, &visitor, move |acting, tx| acts::apart(acting, tx, PersonId(id), MergeId(merge)));
    Ok(Json(written(&merged.await?)))
}

fn written(merged: &Merged) -> Value {
    json!({ "id": merged.id.0, "person": merged.kept.0, "was": merged.was.0, "on": merged.on })
}

//! Statistics, by the API: what the policy states, making a table, and the tables that were made. A number that is hidden is `null`.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;
use store::statistics::{Made, Release};

use super::body;
use crate::acts::Acting;
use crate::acts::statistics as acts;
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// A table to be made: `{"title": "What we tell those who pay for our work"}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    title: String,
}

fn released(release: &Release) -> Value {
    json!({
        "release": release.id, "title": release.title, "of": release.whom, "least": release.least, "made_on": release.made_on.to_string(),
    })
}

/// What the policy states, and the tables that were made, the newest first.
///
/// # Errors
/// [`Fault::Refused`] unless the role may.
pub fn all(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Value, Fault> {
    let made = acts::releases(acting, tx)?;
    let stated = acting.policy.statistics.iter().map(|stated| {
        let of = store::statistics::whom(&acting.policy, stated);
        json!({ "title": stated.title, "of": of, "least": acting.policy.least_count() })
    });
    Ok(json!({
        "statistics": stated.collect::<Vec<_>>(),
        "releases": made.iter().map(released).collect::<Vec<_>>(),
    }))
}

/// A table with its numbers.
#[must_use]
pub fn shown(made: &Made) -> Value {
    let parts = made.parts.iter().map(|part| {
        let cells = part.line.cells.iter().map(|(step, people)| json!({ "step": step, "people": people }));
        json!({ "work": part.work, "year": part.year, "steps": cells.collect::<Vec<_>>(), "all": part.line.all })
    });
    let mut answer = released(&made.release);
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("parts".to_owned(), parts.collect());
    }
    answer
}

/// `GET /api/v1/statistics`.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    Ok(Json(read(house, &visitor, all).await?))
}

/// `GET /api/v1/statistics/{release}`.
pub async fn get(house: House, visitor: Visitor, Path(release): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| Ok(shown(&acts::one(acting, tx, release)?.0)));
    Ok(Json(found.await?))
}

/// `POST /api/v1/statistics`: makes a table, and answers its number.
pub async fn make(
    house: House,
    visitor: Visitor,
    asked: Result<Json<Asked>, JsonRejection>,
) -> Answer<Response> {
    let asked = body(asked, &visitor)?;
    let release = write(house, &visitor, move |acting, tx| acts::release(acting, tx, &asked.title)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "release": release }))).into_response())
}

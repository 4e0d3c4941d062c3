//! Holds and reviews, by the API: placing one, looking at it again, ending it; going on with what was to be reviewed.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::{EngagementId, GroundId, PersonId, StaffId};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;
use store::hold::{self, Hold};

use super::body;
use crate::acts::hold::{self as acts, Asking};
use crate::acts::{Acting, review};
use crate::fault::Fault;
use crate::web::person as page;
use crate::web::{Answer, House, Visitor, read, write};

/// A hold to be placed or looked at again: `{"why": "the claim of 3 May", "review_on": "2027-01-31"}`. `owner` and
/// `helpers` are numbers of the staff; `engagement` holds everybody on a piece of work of theirs.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    why: String,
    review_on: Date,
    #[serde(default)]
    engagement: Option<i64>,
    #[serde(default)]
    owner: Option<i64>,
    #[serde(default)]
    helpers: Vec<i64>,
}

impl Holding {
    fn asking(&self) -> Asking {
        Asking {
            work: self.engagement.map(EngagementId),
            why: self.why.clone(),
            owner: self.owner.map(StaffId),
            helpers: self.helpers.iter().copied().map(StaffId).collect(),
            review_on: Some(self.review_on),
        }
    }
}

/// `POST /api/v1/people/{id}/holds`.
pub async fn place(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Holding>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let hold =
        write(house, &visitor, move |acting, tx| acts::place(acting, tx, PersonId(id), &given.asking()))
            .await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": hold }))).into_response())
}

/// `GET /api/v1/people/{id}/holds`: those that stand.
pub async fn list(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let holds = read(house, &visitor, move |acting, tx| {
        let (_, grant) = page::reading(acting, tx, PersonId(id))?;
        let standing = hold::of_person(tx, PersonId(id), acts::kind(acting)?, acting.today)?;
        standing.iter().map(|hold| shown(tx, hold, &grant)).collect::<Result<Vec<_>, Fault>>()
    });
    Ok(Json(json!({ "holds": holds.await? })))
}

/// A hold as programs read it. Its reason is left out where this role may not read it.
///
/// # Errors
/// Whatever the store says.
pub fn shown(tx: &Tx<'_>, hold: &Hold, grant: &custody::Grant) -> Result<Value, Fault> {
    let helpers: Vec<i64> = hold::helpers(tx, hold.id)?.into_iter().map(|staff| staff.0).collect();
    let why = hold.reason.as_ref().and_then(|reason| crate::print::copy::text(reason, grant).ok());
    Ok(json!({
        "id": hold.id, "person": hold.person.map(|person| person.0), "engagement": hold.engagement.map(|work| work.0),
        "why": why, "owner": hold.owner.0, "helpers": helpers, "since": hold.since, "review_on": hold.review_on,
    }))
}

/// `PUT /api/v1/holds/{id}`: it goes on.
pub async fn prolong(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Holding>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| acts::prolong(acting, tx, id, &given.asking())).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Why something ends or goes on.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Why {
    why: String,
}

/// `POST /api/v1/holds/{id}/end`.
pub async fn end(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Why>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| acts::end(acting, tx, id, &given.why)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/people/{id}/reviews/{ground}`: what the ground covers is still needed, and why.
pub async fn reviewed(
    house: House,
    visitor: Visitor,
    Path((id, ground)): Path<(i64, i64)>,
    given: Result<Json<Why>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting: &Acting<'_>, tx| {
        review::still_needed(acting, tx, PersonId(id), GroundId(ground), &given.why)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

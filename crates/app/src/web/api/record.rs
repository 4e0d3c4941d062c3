//! What is put on file about a person, and what is passed on, by the API.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Multipart, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::PersonId;
use jiff::civil::Date;
use policy::KindSet;
use serde::Deserialize;
use serde_json::json;

use super::body;
use crate::acts::disclosure::{self, Passing};
use crate::acts::document::{self, NewPiece};
use crate::fault::Fault;
use crate::web::work::upload::Sent;
use crate::web::{Answer, House, Trouble, Visitor, write};

/// Details to be passed on.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Disclosing {
    to: String,
    #[serde(default)]
    to_person: Option<i64>,
    kinds: Vec<String>,
    #[serde(default)]
    activity: Option<String>,
}

/// `POST /api/v1/people/{id}/disclosures`: asks whether these kinds may go to a recipient of the policy, and writes
/// down that they did. Passing them on is the caller's to do.
pub async fn disclose(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Disclosing>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let row = write(house, &visitor, move |acting, tx| {
        let unknown =
            |name: &String| Fault::field("kinds", format!("The policy has no kind of data {name}."));
        let kinds: Result<KindSet, Fault> = given
            .kinds
            .iter()
            .map(|name| acting.policy.kind_named(name).map(|kind| kind.id).ok_or_else(|| unknown(name)))
            .collect();
        let activity = match &given.activity {
            None => None,
            Some(name) => Some(
                acting
                    .policy
                    .activity_named(name)
                    .map(|activity| activity.id)
                    .ok_or_else(|| Fault::field("activity", "The policy has no such activity."))?,
            ),
        };
        let to_person = given.to_person.map(PersonId);
        let passing = Passing { to: given.to.clone(), to_person, kinds: kinds?, activity };
        disclosure::pass(acting, tx, PersonId(id), &passing)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": row.await? }))).into_response())
}

/// `POST /api/v1/people/{id}/documents`: multipart with `class`, `dated` and either a file or a `place`; with `elsewhere` `yes`
/// that is a laptop or another program, and no paper.
pub async fn add_document(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    form: Multipart,
) -> Answer<Response> {
    let mut sent = Sent::read(form, "file").await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let place = sent.place().map_err(|fault| Trouble::new(fault, &visitor))?;
    let mut piece = NewPiece { kind: sent.value("class").to_owned(), on: Date::ZERO, place };
    let document = write(house, &visitor, move |acting, tx| {
        piece.on = sent.value("dated").parse().map_err(|_| Fault::field("dated", "Write the day."))?;
        document::add_to(acting, tx, PersonId(id), &mut piece)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": document.await?.0 }))).into_response())
}

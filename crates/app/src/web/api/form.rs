//! The policy's public forms, for a program that stands where a form stands: what each asks, and what somebody sent by it. Whoever
//! runs that program shows the notice, and says which version.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body;
use crate::acts::form::{self as acts, Sent};
use crate::web::{Answer, House, Visitor, read, write};

/// `GET /api/v1/forms`: each form, where it is, what it asks, how it may file what it brings, and the version of the notice to show.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    read(house, &visitor, |acting, _| {
        let policy = &acting.policy;
        let forms = acts::served(policy).map(|form| {
            let asks: Vec<&str> = acts::fields(policy, form).map(|kind| kind.name.as_str()).collect();
            let ways = acts::ways(policy, form).into_iter().map(|way| {
                json!({ "about": way.key(), "title": way.activity.title, "by_consent": way.by_consent() })
            });
            json!({
                "form": form.name, "title": form.title, "address": acts::address(form), "asks": asks,
                "files": ways.collect::<Vec<_>>(), "tick": form.tick, "notice": policy.version,
            })
        });
        Ok(Json(json!({ "forms": forms.collect::<Vec<_>>() })))
    })
    .await
}

/// What somebody sent: `{"values": {"name": "Wren Novak", ...}, "about": "enquirer under enquiries", "ticked": true, "notice": 3}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Given {
    values: BTreeMap<String, String>,
    #[serde(default)]
    about: String,
    #[serde(default)]
    ticked: bool,
    /// The version of the notice that they were shown.
    notice: u32,
}

/// `POST /api/v1/forms/{form}`: it is taken as if it had been sent by the page; the answer has the reference to tell them.
pub async fn take(
    house: House,
    visitor: Visitor,
    Path(form): Path<String>,
    given: Result<Json<Given>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let sent = Sent {
        form,
        values: given.values.into_iter().collect(),
        about: given.about,
        ticked: given.ticked,
        // What is held only by consent is asked on our own page.
        agreed: false,
        version: given.notice,
    };
    let taken = write(house, &visitor, move |acting, tx| acts::take(acting, tx, &sent)).await?;
    let answer = json!({ "id": taken.submission, "reference": taken.reference });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

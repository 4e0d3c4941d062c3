//! Templates, by the API: what is kept to begin mailings and letters with, and from which address a mailing leaves.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::{MailingId, TemplateId};
use policy::role::Deed;
use serde::Deserialize;
use serde_json::{Value, json};
use store::template::{self, Changed, Template, Words};

use super::body;
use crate::acts::{mailing, template as acts};
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// A template as it is to be: `{"name": "Spring", "activity": "supporters", "subject": "For {given name}", "text": "Dear {name}, ..."}`.
/// `version` is the one seen, where it is changed.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Given {
    name: String,
    activity: String,
    #[serde(default)]
    subject: String,
    text: String,
    #[serde(default)]
    version: i64,
}

impl Given {
    fn words(&self) -> Words {
        Words {
            name: self.name.clone(),
            activity: self.activity.clone(),
            subject: self.subject.clone(),
            body: self.text.clone(),
        }
    }
}

fn shown(held: &Template) -> Value {
    let Words { name, activity, subject, body } = &held.words;
    json!({
        "id": held.id.0, "version": held.version, "name": name, "activity": activity, "subject": subject, "text": body,
        "kept_by": held.kept_by.map(|staff| staff.0), "kept_at": held.kept_at,
    })
}

/// `GET /api/v1/templates`: all of them, by name.
pub async fn list(house: House, visitor: Visitor) -> Answer<Json<Value>> {
    let found = read(house, &visitor, |acting, tx| {
        acting.must(Deed::Send)?;
        Ok(template::all(tx)?.iter().map(shown).collect::<Vec<_>>())
    });
    Ok(Json(json!({ "templates": found.await? })))
}

/// `GET /api/v1/templates/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        Ok(shown(&template::one(tx, TemplateId(id))?))
    });
    Ok(Json(found.await?))
}

/// `POST /api/v1/templates`.
pub async fn keep(
    house: House,
    visitor: Visitor,
    given: Result<Json<Given>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let kept = write(house, &visitor, move |acting, tx| acts::keep(acting, tx, &given.words()));
    Ok((StatusCode::CREATED, Json(json!({ "id": kept.await?.0 }))).into_response())
}

/// `PUT /api/v1/templates/{id}`: refused with 409 if somebody changed it since the version seen.
pub async fn change(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Given>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| {
        match acts::change(acting, tx, TemplateId(id), given.version, &given.words())? {
            Changed::Stored(_) => Ok(()),
            Changed::Conflict(_) => Err(Fault::Changed),
        }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/templates/{id}`.
pub async fn forget(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::forget(acting, tx, TemplateId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// From which address: `{"version": 3, "from": "CTI News <news@cti.example>"}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Whence {
    version: i64,
    from: String,
}

/// `PUT /api/v1/mailings/{id}/sender`: a draft leaves from one of the addresses that are set up for its channel.
pub async fn sender(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Whence>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| {
        mailing::sender::choose(acting, tx, MailingId(id), given.version, &given.from)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

//! What people agreed to, by the API: listed with what shows it, and written down on somebody who is here already.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use custody::id::{ConsentId, PersonId};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;

use super::body;
use crate::acts::Acting;
use crate::acts::consent::{self as acts, Given};
use crate::acts::engagement::reading;
use crate::fault::Fault;
use crate::web::{Answer, House, Visitor, read, write};

/// A consent to be written down.
#[derive(Deserialize, Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct Agreeing {
    /// What they agreed to, by its name in the policy.
    pub activity: String,
    /// The day; today unless said.
    #[serde(default)]
    pub on: Option<Date>,
    /// What shows it: `mail`, `call`, `form`, `paper`, `in person`.
    pub evidence: String,
    /// The line, document or call that it is.
    #[serde(default)]
    pub row: Option<i64>,
    /// What they said, or where the paper is kept.
    #[serde(default)]
    pub note: Option<String>,
}

/// Writes it down.
///
/// # Errors
/// As [`acts::agree`].
pub fn agreed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: PersonId,
    given: &Agreeing,
) -> Result<ConsentId, Fault> {
    let evidence = acts::said(&given.evidence, given.row, given.note.as_deref())?;
    let shown = Given::shown(given.on.unwrap_or(acting.today), evidence);
    acts::agree(acting, tx, person, &given.activity, shown)
}

/// `POST /api/v1/people/{id}/consents`.
pub async fn agree(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Agreeing>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let consent = write(house, &visitor, move |acting, tx| agreed(acting, tx, PersonId(id), &given));
    Ok((StatusCode::CREATED, Json(json!({ "id": consent.await?.0 }))).into_response())
}

/// Everything they agreed to, the newest first: what is agreed to and since when, in which words, and what shows it.
///
/// # Errors
/// [`Fault::NotFound`] if they, or what they agreed to, are out of reach.
pub fn listed(acting: &Acting<'_>, tx: &Tx<'_>, person: PersonId) -> Result<Value, Fault> {
    let life = acting.life(tx, person)?;
    let grant = reading(acting, &[&life]).map_err(|_| Fault::NotFound)?;
    let kind = acting.policy.kind_named("consent record").map(|kind| kind.id);
    if !kind.is_some_and(|kind| grant.covers(person, kind)) {
        return Err(Fault::NotFound);
    }
    acting.opens("consent.read", &grant);
    let mut all = Vec::new();
    for consent in store::consent::of_person(tx, &acting.policy, person)? {
        let note = consent.note.as_ref().map(|note| note.open(&grant)).transpose()?;
        let last = life.consents.iter().find(|known| known.id == consent.id).and_then(|known| {
            let activity = acting.policy.activity(known.activity)?;
            custody::basis::last_day(&acting.policy, activity, known)
        });
        all.push(json!({
            "id": consent.id.0,
            "activity": consent.activity,
            "engagement": consent.engagement.map(|id| id.0),
            "form": consent.form,
            "given_on": consent.given_on.to_string(),
            "withdrawn_on": consent.withdrawn_on.map(|on| on.to_string()),
            "lapses_on": last.map(|on| on.to_string()),
            "confirm_by": consent.confirm_by.map(|on| on.to_string()),
            "confirmed_on": consent.confirmed_on.map(|on| on.to_string()),
            "wording": consent.wording.open(&grant)?.reveal(),
            "notice_version": consent.version,
            "how": consent.how.open(&grant)?.reveal(),
            "evidence": consent.shows.name(),
            "row": consent.evidence,
            "gone": consent.gone,
            "note": note.map(custody::Shown::reveal),
        }));
    }
    Ok(json!({ "consents": all }))
}

/// `GET /api/v1/people/{id}/consents`.
pub async fn list(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    let found = read(house, &visitor, move |acting, tx| listed(acting, tx, PersonId(id)));
    Ok(Json(found.await?))
}

/// `GET /api/v1/people/{id}/consents/{consent}/receipt`: what they agreed to, for them to keep.
pub async fn receipt(
    house: House,
    visitor: Visitor,
    Path((id, consent)): Path<(i64, i64)>,
) -> Answer<Response> {
    let made =
        read(house, &visitor, move |acting, tx| acts::receipt(acting, tx, PersonId(id), ConsentId(consent)));
    let name = format!("attachment; filename=\"consent-{consent}.jsonld\"");
    let head =
        [(header::CONTENT_TYPE, "application/ld+json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((head, made.await?.to_string()).into_response())
}

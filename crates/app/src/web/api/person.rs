//! People by the API: list, read, add, note, change.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::{EngagementId, ItemId, OrganisationId, PersonId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::entry::Direction;
use store::item::Changed;
use store::{Tx, item, organisation, person};

use super::body;
use crate::acts::entry::{self as entries, NewNote};
use crate::acts::person::{self as acts, Added, NewPerson};
use crate::acts::soft_opt_in::{self, Got};
use crate::acts::{Acting, consent, told};
use crate::fault::Fault;
use crate::web::{Answer, House, Trouble, Visitor, cleared, people, person as page, read, write};

/// A value on its way into an answer: opened with the grant, or absent.
fn open(value: &Sealed, grant: &Grant) -> Option<String> {
    value.open(grant).ok().map(|shown| shown.reveal().to_owned())
}

#[derive(Serialize)]
struct Listed {
    id: i64,
    name: Option<String>,
    categories: Vec<String>,
}

/// `GET /api/v1/people?q=&category=&after=`.
pub async fn list(house: House, visitor: Visitor, Query(asks): Query<people::Asks>) -> Answer<Json<Value>> {
    read(house, &visitor, move |acting, tx| listed(acting, tx, &asks).map(Json)).await
}

/// People as the API lists them.
///
/// # Errors
/// As [`people::list`].
pub fn listed(acting: &Acting<'_>, tx: &Tx<'_>, asks: &people::Asks) -> Result<Value, Fault> {
    let listed = people::list(acting, tx, asks)?;
    let ids: Vec<PersonId> = listed.lives.iter().map(|life| life.person).collect();
    let names = person::names(tx, &acting.policy, &ids)?;
    let people = listed.lives.iter().filter_map(|life| {
        let name = names.iter().find(|name| name.person() == life.person)?;
        Some(Listed {
            id: life.person.0,
            name: Some(open(name, &listed.grant)?),
            categories: people::categories(&acting.policy, life, acting.today)
                .split(", ")
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    });
    let people: Vec<Listed> = people.collect();
    let next = listed.last.filter(|_| listed.more).map(|last| last.0);
    Ok(json!({ "people": people, "after": next, "unread": listed.unread }))
}

#[derive(Serialize)]
struct Detail {
    id: i64,
    kind: String,
    value: Option<String>,
    source: String,
    collected_on: Date,
    version: i64,
}

#[derive(Serialize)]
struct Line {
    id: i64,
    kind: String,
    on: Date,
    direction: Option<&'static str>,
    text: Option<String>,
    version: i64,
}

/// `GET /api/v1/people/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<Value>> {
    read(house, &visitor, move |acting, tx| shown(acting, tx, PersonId(id)).map(Json)).await
}

/// A person as the API shows them: what this role may see.
///
/// # Errors
/// [`Fault::NotFound`] if there is nobody, or nobody within reach.
pub fn shown(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Value, Fault> {
    let (life, grant) = page::reading(acting, tx, id)?;
    let kind = |kind| acting.policy.kind(kind).map_or_else(String::new, |kind| kind.name.clone());
    let (items, hidden) = acts::shown(&grant, item::of_person(tx, &acting.policy, life.person)?);
    let items: Vec<Detail> = items
        .into_iter()
        .map(|item| Detail {
            id: item.id.0,
            kind: kind(item.kind),
            value: open(&item.value, &grant),
            source: item.source,
            collected_on: item.collected_on,
            version: item.version,
        })
        .collect();
    let lines = store::entry::of_person(tx, &acting.policy, life.person, (None, None), 100)?;
    let entries: Vec<Line> = entries::shown(acting, &grant, &life, lines)
        .into_iter()
        .map(|line| Line {
            id: line.id.0,
            kind: kind(line.kind),
            on: line.on,
            direction: line.direction.map(Direction::name),
            text: open(&line.body, &grant),
            version: line.version,
        })
        .collect();
    let why: Vec<_> = custody::why(&acting.policy, &life, acting.today)
        .into_iter()
        .map(|card| {
            json!({
                "ground": card.ground.0, "activity": acting.policy.activity(card.activity).map(|activity| activity.name.as_str()),
                "title": card.title, "kinds": card.kinds, "basis": card.basis,
                "since": card.since, "until": card.until, "paused": card.paused,
            })
        })
        .collect();
    Ok(json!({
        "id": life.person.0,
        "categories": life.categories.iter().filter_map(|held| {
            let category = acting.policy.categories.get(held.category.index())?;
            Some(json!({ "name": category.name, "since": held.since, "until": held.until }))
        }).collect::<Vec<_>>(),
        "organisations": organisations(acting, tx, &life, &grant)?,
        "items": items, "hidden": hidden, "entries": entries, "why": why,
    }))
}

/// To which organisations somebody belongs or belonged, where this role may see that.
fn organisations(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life, grant: &Grant) -> Result<Vec<Value>, Fault> {
    if !organisation::kinds(&acting.policy).iter().any(|kind| grant.covers(life.person, kind)) {
        return Ok(Vec::new());
    }
    let theirs = organisation::of_people(tx, &[life.person])?.into_iter();
    let one = |belongs: organisation::Belonging| {
        json!({
            "id": belongs.organisation.0, "name": belongs.name, "since": belongs.since, "until": belongs.until,
        })
    };
    Ok(theirs.map(one).collect())
}

/// Somebody to be added.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Adding {
    category: String,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    collected_on: Option<Date>,
    #[serde(default)]
    organisation: Option<i64>,
    /// Activities they agreed to, by name.
    #[serde(default)]
    agreed: Vec<String>,
    /// What shows that they did: `in person`, `paper`; needed where they agreed to something.
    #[serde(default)]
    agreed_by: String,
    /// What they said, and to whom, or where the paper is kept.
    #[serde(default)]
    agreed_note: String,
    /// Whether they may also be told what we offer.
    #[serde(default)]
    offers: bool,
    /// Who told them that we hold this: `staff`, `source`, or nobody yet.
    #[serde(default)]
    told: Option<String>,
    /// Values by the names of their kinds.
    items: BTreeMap<String, String>,
}

/// `POST /api/v1/people`.
pub async fn add(
    house: House,
    visitor: Visitor,
    given: Result<Json<Adding>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let shown = consent::said_of_somebody_new(&given.agreed, &given.agreed_by, &given.agreed_note);
    let shown = shown.map_err(|fault| Trouble::new(fault, &visitor))?;
    let new = NewPerson {
        category: given.category,
        values: given.items.into_iter().collect(),
        source: given.source.unwrap_or_default(),
        collected_on: given.collected_on,
        organisation: given.organisation.map(OrganisationId),
        agreed: given.agreed,
        shown,
        offers: given.offers,
        told: given.told.as_deref().and_then(told::said),
    };
    let person = write(house, &visitor, move |acting, tx| acts::add(acting, tx, &new)).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": person.0 }))).into_response())
}

/// How an address was got.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct HowGot {
    activity: String,
    how: String,
    refusal: String,
    #[serde(default)]
    own: bool,
}

/// `POST /api/v1/people/{id}/soft-opt-ins`.
pub async fn add_soft_opt_in(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<HowGot>, JsonRejection>,
) -> Answer<Response> {
    let HowGot { activity, how, refusal, own } = body(given, &visitor)?;
    let got = Got { activity, how, refusal, own };
    let row = write(house, &visitor, move |acting, tx| soft_opt_in::record(acting, tx, PersonId(id), &got));
    let row = row.await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": row }))).into_response())
}

/// `DELETE /api/v1/people/{id}/soft-opt-ins/{row}`.
pub async fn remove_soft_opt_in(
    house: House,
    visitor: Visitor,
    Path((id, row)): Path<(i64, i64)>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| soft_opt_in::take_back(acting, tx, PersonId(id), row)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A detail to be added.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct AddingItem {
    kind: String,
    value: String,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    collected_on: Option<Date>,
}

/// `POST /api/v1/people/{id}/items`.
pub async fn add_item(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<AddingItem>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let item = write(house, &visitor, move |acting, tx| {
        let collected = given.collected_on.unwrap_or(acting.today);
        let source = given.source.as_deref().unwrap_or_default();
        acts::add_item(acting, tx, PersonId(id), (&given.kind, &given.value), (source, collected))
    });
    let added = match item.await? {
        Added::Item(item) => json!({ "id": item.0 }),
        Added::Organisation(organisation) => json!({ "organisation": organisation.0 }),
    };
    Ok((StatusCode::CREATED, Json(added)).into_response())
}

/// A detail to be changed.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct ChangingItem {
    value: String,
    version: i64,
    /// From whom it is now: a source of the policy, or `as it was`.
    #[serde(default)]
    source: String,
    /// The day it was collected.
    #[serde(default)]
    collected_on: Option<Date>,
    /// Why it changes now, while they wait for a copy.
    #[serde(default)]
    why: String,
}

/// `PUT /api/v1/people/{id}/items/{item}`: 409 with the value as it is now, if somebody was quicker.
pub async fn change_item(
    house: House,
    visitor: Visitor,
    Path((id, item)): Path<(i64, i64)>,
    given: Result<Json<ChangingItem>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let changed = write(house, &visitor, move |acting, tx| {
        let whose = (PersonId(id), ItemId(item));
        let origin = acts::Origin { source: &given.source, collected_on: given.collected_on };
        let said = (given.value.as_str(), given.why.as_str());
        let changed = acts::change_item_from(acting, tx, whose, given.version, said, origin)?;
        let Changed::Conflict(theirs) = changed else { return Ok((changed, None)) };
        let (_, grant) = page::reading(acting, tx, PersonId(id))?;
        let now = json!({ "version": theirs.version, "value": open(&theirs.value, &grant) });
        Ok((Changed::Conflict(theirs), Some(now)))
    });
    match changed.await? {
        (Changed::Stored(version), _) => Ok(Json(json!({ "version": version })).into_response()),
        (Changed::Conflict(_), now) => {
            Ok((StatusCode::CONFLICT, Json(json!({ "error": "changed in the meantime", "now": now })))
                .into_response())
        }
    }
}

/// `DELETE /api/v1/people/{id}/items/{item}?version=`.
pub async fn remove_item(
    house: House,
    visitor: Visitor,
    Path((id, item)): Path<(i64, i64)>,
    Query(seen): Query<Seen>,
) -> Answer<StatusCode> {
    write(house.clone(), &visitor, move |acting, tx| {
        acts::remove_item(acting, tx, (PersonId(id), ItemId(item)), seen.version, &seen.why)
    })
    .await?;
    cleared(&house).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The version a caller saw.
#[derive(Deserialize)]
pub struct Seen {
    version: i64,
    /// Why it goes now, while they wait for a copy.
    #[serde(default)]
    why: String,
}

/// A line of the timeline to be written.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct AddingEntry {
    kind: String,
    text: String,
    #[serde(default)]
    on: Option<Date>,
    /// `in`, `out`, `both`, or nothing for what is no contact.
    #[serde(default)]
    direction: Option<String>,
    #[serde(default)]
    engagement: Option<i64>,
}

/// `POST /api/v1/people/{id}/entries`.
pub async fn add_entry(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<AddingEntry>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let entry = write(house, &visitor, move |acting, tx| {
        let direction = match given.direction.as_deref() {
            None => None,
            Some(name) => Some(
                Direction::named(name).ok_or_else(|| Fault::field("direction", "Write in, out or both."))?,
            ),
        };
        let note = NewNote {
            kind: given.kind.clone(),
            body: given.text.clone(),
            on: given.on.unwrap_or(acting.today),
            direction,
            engagement: given.engagement.map(EngagementId),
        };
        entries::add(acting, tx, PersonId(id), &note)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": entry.await?.0 }))).into_response())
}

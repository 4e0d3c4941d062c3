//! Work by the API: list, read, start, milestones, the agreed period, notes, consents, documents.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Multipart, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::{EngagementId, PersonId, StaffId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::engagement::{self, Engagement};
use store::entry;

use super::body;
use crate::acts::document::{self as documents, NewPiece};
use crate::acts::engagement::{self as acts, AgreedPeriod, NewWork};
use crate::acts::entry::{self as entries, NewNote};
use crate::acts::{Acting, consent as consents};
use crate::fault::Fault;
use crate::web::work::list::{Asks, list as listed, told_by};
use crate::web::work::{new, upload::Sent};
use crate::web::{Answer, House, Trouble, Visitor, read, write};

#[derive(Serialize)]
struct Line {
    id: i64,
    work: String,
    opened_on: Date,
    closed_on: Option<Date>,
    people: Vec<Playing>,
    stage: String,
    next: String,
}

#[derive(Serialize)]
struct Playing {
    person: i64,
    part: String,
}

fn line(
    acting: &Acting<'_>,
    tx: &store::Tx<'_>,
    found: &Engagement,
    life: &custody::Life,
) -> Result<Line, Fault> {
    let (stage, next) = crate::web::work::list::stage(acting, tx, found, life)?;
    let people = engagement::people(tx, found.id)?;
    Ok(Line {
        id: found.id.0,
        work: found.work_name.clone(),
        opened_on: found.opened_on,
        closed_on: found.closed_on,
        people: people.into_iter().map(|who| Playing { person: who.person.0, part: who.part }).collect(),
        stage,
        next,
    })
}

/// `GET /api/v1/engagements?state=&kind=&after=`.
pub async fn list(
    house: House,
    visitor: Visitor,
    Query(asks): Query<Asks>,
) -> Answer<Json<serde_json::Value>> {
    read(house, &visitor, move |acting, tx| {
        let found = listed(acting, tx, &asks)?;
        let mut lines = Vec::new();
        for work in &found.works {
            let playing = engagement::people(tx, work.id)?;
            if let Some(life) = told_by(acting, &found, work, &playing) {
                lines.push(line(acting, tx, work, life)?);
            }
        }
        let after = found.last.filter(|_| found.more).map(|last| last.0);
        Ok(Json(json!({ "engagements": lines, "after": after, "unread": found.unread })))
    })
    .await
}

/// `GET /api/v1/engagements/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Json<serde_json::Value>> {
    read(house, &visitor, move |acting, tx| {
        let hand = acts::on_show(acting, tx, EngagementId(id))?;
        let life = hand.life()?;
        let grant = acts::reading(acting, &[life])?;
        acting.opens("work.read", &grant);
        let kind = |kind| acting.policy.kind(kind).map_or_else(String::new, |kind| kind.name.clone());
        let lines = entry::of_engagement(tx, &acting.policy, hand.engagement.id, None, 100)?;
        let notes: Vec<_> = entries::shown(acting, &grant, life, lines)
            .into_iter()
            .map(|note| {
                let until = acts::last_day(&acting.policy, life, &entries::datum(&note), acting.today);
                let text = note.body.open(&grant).ok().map(|shown| shown.reveal().to_owned());
                json!({ "id": note.id.0, "kind": kind(note.kind), "on": note.on, "text": text, "until": until })
            })
            .collect();
        let held: Vec<_> = documents::shown(acting, tx, &hand, &grant)?
            .into_iter()
            .map(|document| {
                let until = acts::last_day(&acting.policy, life, &documents::datum(&document), acting.today);
                json!({
                    "id": document.id.0, "kind": kind(document.kind), "on": document.on, "media": document.media,
                    "size": document.size, "on_paper": document.file.is_none() && !document.elsewhere,
                    "elsewhere": document.elsewhere, "until": until,
                })
            })
            .collect();
        let milestones: Vec<_> = acts::happened(tx, hand.engagement.id)?
            .into_iter()
            .map(|there| json!({ "milestone": there.name, "on": there.on }))
            .collect();
        let mine = life.works.iter().find(|on| on.engagement == hand.engagement.id);
        let agreed = mine.and_then(|on| on.agreed.as_ref());
        let due = life.grounds.iter().filter(|ground| ground.engagement == Some(hand.engagement.id));
        let due = due.filter(|ground| ground.active(acting.today)).filter_map(|ground| ground.due_on).max();
        Ok(Json(json!({
            "engagement": line(acting, tx, &hand.engagement, life)?, "milestones": milestones, "entries": notes,
            "documents": held, "due_on": due,
            "agreed": agreed.map(|agreed| json!({ "period": agreed.period.to_string(), "reason": agreed.reason })),
        })))
    })
    .await
}

/// Work to be started.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Starting {
    work: String,
    /// People by the names of their parts.
    people: BTreeMap<String, i64>,
    #[serde(default)]
    staff: Option<i64>,
    /// `person`, or the number of an organisation.
    #[serde(default)]
    payer: Option<String>,
    #[serde(default)]
    opened_on: Option<Date>,
}

/// `POST /api/v1/engagements`.
pub async fn start(
    house: House,
    visitor: Visitor,
    given: Result<Json<Starting>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let started = write(house, &visitor, move |acting, tx| {
        let new = NewWork {
            work: given.work.clone(),
            parts: given.people.iter().map(|(part, person)| (part.clone(), PersonId(*person))).collect(),
            staff: given.staff.map(StaffId),
            payer: new::payer(given.payer.as_deref().unwrap_or_default())?,
            opened_on: given.opened_on.unwrap_or(acting.today),
        };
        acts::start(acting, tx, &new)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": started.await?.0 }))).into_response())
}

/// A milestone to be recorded.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    milestone: String,
    #[serde(default)]
    on: Option<Date>,
}

/// `POST /api/v1/engagements/{id}/milestones`.
pub async fn happen(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Happening>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| {
        acts::record(acting, tx, EngagementId(id), &given.milestone, given.on.unwrap_or(acting.today))
    })
    .await?;
    Ok((StatusCode::CREATED, Json(json!({ "recorded": true }))).into_response())
}

/// `DELETE /api/v1/engagements/{id}/milestones/{milestone}`: takes it back.
pub async fn take_back(
    house: House,
    visitor: Visitor,
    Path((id, milestone)): Path<(i64, String)>,
) -> Answer<StatusCode> {
    write(house, &visitor, move |acting, tx| acts::take_back(acting, tx, EngagementId(id), &milestone))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A fact to be recorded: `{"fact": "employed by the client", "value": "yes"}`.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Told {
    fact: String,
    value: String,
    #[serde(default)]
    on: Option<Date>,
    #[serde(default)]
    person: Option<i64>,
}

/// `POST /api/v1/engagements/{id}/facts`: what a period hangs on, of the person the work is for unless another is
/// named.
pub async fn tell(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Told>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    recorded(house, &visitor, Some(EngagementId(id)), given.person.map(PersonId), given).await
}

/// `POST /api/v1/people/{id}/facts`: what a period hangs on, of the person by themselves.
pub async fn tell_of(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Told>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    recorded(house, &visitor, None, Some(PersonId(id)), given).await
}

async fn recorded(
    house: House,
    visitor: &Visitor,
    engagement: Option<EngagementId>,
    person: Option<PersonId>,
    given: Told,
) -> Answer<Response> {
    let fact = write(house, visitor, move |acting, tx| {
        let on = given.on.unwrap_or(acting.today);
        let telling = crate::acts::fact::Telling {
            engagement,
            person,
            name: given.fact.clone(),
            value: given.value.clone(),
            on,
        };
        crate::acts::fact::tell(acting, tx, &telling)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(json!({ "recorded": true, "id": fact }))).into_response())
}

/// A period to be agreed.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Agreeing {
    months: i32,
    #[serde(default)]
    reason: String,
    /// Who agreed, by their parts: `["client", "coach"]`.
    by: Vec<String>,
}

/// `PUT /api/v1/engagements/{id}/agreed`.
pub async fn agree(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Agreeing>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    let new = AgreedPeriod { months: given.months, reason: given.reason, by: given.by };
    write(house, &visitor, move |acting, tx| acts::agree(acting, tx, EngagementId(id), &new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A note to be written.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Noting {
    kind: String,
    text: String,
    #[serde(default)]
    on: Option<Date>,
    #[serde(default)]
    direction: Option<String>,
}

/// `POST /api/v1/engagements/{id}/entries`.
pub async fn add_entry(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Noting>, JsonRejection>,
) -> Answer<Response> {
    let given = body(given, &visitor)?;
    let entry = write(house, &visitor, move |acting, tx| {
        let hand = acts::on_hand(acting, tx, EngagementId(id))?;
        let note = NewNote {
            kind: given.kind.clone(),
            body: given.text.clone(),
            on: given.on.unwrap_or(acting.today),
            direction: given.direction.as_deref().and_then(entry::Direction::named),
            engagement: Some(EngagementId(id)),
        };
        entries::add(acting, tx, hand.client, &note)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": entry.await?.0 }))).into_response())
}

/// `POST /api/v1/engagements/{id}/consents`: multipart with `signed` and either a file `form` or a `place`.
pub async fn sign(house: House, visitor: Visitor, Path(id): Path<i64>, form: Multipart) -> Answer<Response> {
    let mut sent = received(form, "form", &visitor).await?;
    let mut place = Some(sent.place().map_err(|fault| Trouble::new(fault, &visitor))?);
    let consent = write(house, &visitor, move |acting, tx| {
        let signed = sent.value("signed").parse().map_err(|_| Fault::field("signed", "Write the day."))?;
        consents::sign(acting, tx, EngagementId(id), signed, &mut place)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": consent.await?.0 }))).into_response())
}

/// `POST /api/v1/engagements/{id}/documents`: multipart with `class`, `dated` and either a file or a `place`; with
/// `elsewhere` `yes` that is a laptop or another program, and no paper.
pub async fn add_document(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    form: Multipart,
) -> Answer<Response> {
    let mut sent = received(form, "file", &visitor).await?;
    let place = sent.place().map_err(|fault| Trouble::new(fault, &visitor))?;
    let mut piece = NewPiece { kind: sent.value("class").to_owned(), on: Date::ZERO, place };
    let document = write(house, &visitor, move |acting, tx| {
        piece.on = sent.value("dated").parse().map_err(|_| Fault::field("dated", "Write the day."))?;
        documents::add(acting, tx, EngagementId(id), &mut piece)
    });
    Ok((StatusCode::CREATED, Json(json!({ "id": document.await?.0 }))).into_response())
}

async fn received(form: Multipart, file: &str, visitor: &Visitor) -> Result<Sent, Trouble> {
    Sent::read(form, file).await.map_err(|fault| Trouble::new(fault, visitor))
}

/// A consent to be taken back.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Withdrawing {
    activity: String,
    #[serde(default)]
    engagement: Option<i64>,
}

/// `POST /api/v1/people/{id}/consents/withdrawal`.
pub async fn withdraw(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    given: Result<Json<Withdrawing>, JsonRejection>,
) -> Answer<StatusCode> {
    let given = body(given, &visitor)?;
    write(house, &visitor, move |acting, tx| {
        consents::withdraw(acting, tx, PersonId(id), &given.activity, given.engagement.map(EngagementId))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

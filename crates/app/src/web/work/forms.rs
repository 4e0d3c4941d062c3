//! The forms on the page of a piece of work. Each is one act; what it refuses is shown on the page, beside
//! what was typed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form as Posted;
use axum::body::Body;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use custody::id::{DocumentId, EngagementId, PersonId, StaffId};
use jiff::civil::Date;
use store::Tx;
use store::entry::Direction;

use super::page::{Asks, Back, page};
use super::upload::Sent;
use crate::acts::document::{self as documents, NewPiece, Place};
use crate::acts::engagement::{self as acts, AgreedPeriod};
use crate::acts::entry::{self as entries, NewNote};
use crate::acts::{Acting, consent as consents, fact as facts};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::error::Told;
use crate::web::page::{FieldError, Form};
use crate::web::people::field;
use crate::web::pick;
use crate::web::{Answer, House, Trouble, Visitor, read, write};

type Values = BTreeMap<String, String>;

fn value<'v>(values: &'v Values, name: &str) -> &'v str {
    values.get(name).map_or("", String::as_str)
}

fn day(values: &Values, name: &str, field: &str) -> Result<Date, Fault> {
    value(values, name).parse().map_err(|_| Fault::field(field, "Choose a day."))
}

/// Which form of the page something came back to.
pub(super) type Into = fn(&mut Back) -> &mut Form;

/// Runs an act; goes back to the page with what was done, or shows it again with what was refused.
async fn run(
    house: Arc<Instance>,
    visitor: Visitor,
    id: i64,
    said: &'static str,
    (values, into): (Values, Into),
    act: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<(), Fault> + Send + 'static,
) -> Answer<Response> {
    let done = write(State(Arc::clone(&house)), &visitor, act).await;
    let Err(trouble) = done else {
        return Ok(Redirect::to(&format!("/work/{id}?said={said}")).into_response());
    };
    again(house, visitor, id, (values, into), trouble).await
}

/// The page of the work again, with what was refused or is to put right.
pub(super) async fn again(
    house: Arc<Instance>,
    visitor: Visitor,
    id: i64,
    (values, into): (Values, Into),
    trouble: Trouble,
) -> Answer<Response> {
    let mut back = Back::default();
    let status = match trouble.told()? {
        Told::Invalid(errors) => {
            *into(&mut back) = Form { values, errors };
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Told::Refused(refused) => {
            *into(&mut back) = Form { values, errors: Vec::new() };
            back.refused = Some(*refused);
            StatusCode::FORBIDDEN
        }
    };
    Ok((status, shown(house, &visitor, id, back).await?).into_response())
}

/// The page with what came back.
async fn shown(house: Arc<Instance>, visitor: &Visitor, id: i64, back: Back) -> Answer {
    let path = format!("/work/{id}");
    read(State(house), visitor, move |acting, tx| {
        page(acting, tx, EngagementId(id), Asks::default(), back, &path)
    })
    .await
}

/// What a form does.
type Deed = fn(&Acting<'_>, &Tx<'_>, EngagementId, &Values) -> Result<(), Fault>;

/// The address of a form: it does one thing, and says so or comes back into its place on the page.
fn form(said: &'static str, into: Into, deed: Deed) -> MethodRouter<Arc<Instance>> {
    post(move |State(house): House, visitor: Visitor, Path(id): Path<i64>, Posted(given): Posted<Values>| {
        let sent = given.clone();
        run(house, visitor, id, said, (given, into), move |acting, tx| {
            deed(acting, tx, EngagementId(id), &sent)
        })
    })
}

/// `POST /work/{id}/milestones`.
pub fn happen() -> MethodRouter<Arc<Instance>> {
    form(
        "recorded",
        |back| &mut back.stone,
        |acting, tx, id, given| {
            let on = day(given, "milestone-on", "on")?;
            acts::record(acting, tx, id, value(given, "milestone"), on)
        },
    )
}

/// `POST /work/{id}/milestones/undo`.
pub fn take_back() -> MethodRouter<Arc<Instance>> {
    form(
        "undone",
        |back| &mut back.stone,
        |acting, tx, id, given| acts::take_back(acting, tx, id, value(given, "milestone")),
    )
}

/// `POST /work/{id}/people`: a part nobody plays yet.
pub fn join() -> MethodRouter<Arc<Instance>> {
    post(
        |State(house): House, visitor: Visitor, Path(id): Path<i64>, Posted(given): Posted<Values>| async move {
            let part = value(&given, "part").to_owned();
            let name = field(&part);
            if let Some(errors) = pick::unfinished(|name| value(&given, name).to_owned(), &[&name]) {
                let status =
                    if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
                let errors =
                    errors.into_iter().map(|error| FieldError { field: part.clone(), ..error }).collect();
                let back = Back { join: Form { values: given, errors }, ..Back::default() };
                return Ok((status, shown(house, &visitor, id, back).await?).into_response());
            }
            let chosen = value(&given, &name).parse::<i64>().ok();
            run(house, visitor, id, "added", (given, |back| &mut back.join), move |acting, tx| {
                let person = chosen.ok_or_else(|| Fault::field(&part, "Choose somebody."))?;
                acts::join(acting, tx, EngagementId(id), &part, PersonId(person))
            })
            .await
        },
    )
}

/// `POST /work/{id}/assigned`: who of the staff sees and runs it.
pub fn hand_over() -> MethodRouter<Arc<Instance>> {
    form(
        "saved",
        |back| &mut back.assigned,
        |acting, tx, id, given| {
            acts::hand_over(acting, tx, id, value(given, "staff").parse().ok().map(StaffId))
        },
    )
}

/// `POST /work/{id}/agreed`.
pub fn agree() -> MethodRouter<Arc<Instance>> {
    form(
        "agreed",
        |back| &mut back.agreed,
        |acting, tx, id, given| {
            let hand = acts::on_hand(acting, tx, id)?;
            let rule = acts::agreeable(&acting.policy, hand.work.id).ok_or(Fault::NotFound)?;
            let months = value(given, "months")
                .trim()
                .parse()
                .map_err(|_| Fault::field("months", "Type a number of months."))?;
            // The tick says that those whom the clause names agreed; without it nobody did.
            let by = if value(given, "theirs").is_empty() { Vec::new() } else { acts::agreed_by(rule) };
            let new = AgreedPeriod { months, reason: value(given, "reason").to_owned(), by };
            acts::agree(acting, tx, id, &new)
        },
    )
}

/// `POST /work/{id}/answer`: what the person said when asked for an opt-in.
pub fn answer() -> MethodRouter<Arc<Instance>> {
    form(
        "recorded",
        |back| &mut back.asking,
        |acting, tx, id, given| {
            let on = day(given, "answered", "answered")?;
            let yes = value(given, "yes") == "yes";
            consents::answered(acting, tx, id, value(given, "activity"), (yes, on), value(given, "said"))
        },
    )
}

/// `POST /work/{id}/entries`.
pub fn add_entry() -> MethodRouter<Arc<Instance>> {
    form(
        "noted",
        |back| &mut back.composer,
        |acting, tx, id, given| {
            let hand = acts::on_hand(acting, tx, id)?;
            let note = NewNote {
                kind: value(given, "kind").to_owned(),
                body: value(given, "text").to_owned(),
                on: day(given, "on", "on")?,
                direction: if value(given, "spoke").is_empty() { None } else { Some(Direction::Both) },
                engagement: Some(id),
            };
            entries::add(acting, tx, hand.client, &note).map(drop)
        },
    )
}

/// `POST /work/{id}/consent`, with the signed form.
pub async fn sign(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    form: Multipart,
) -> Answer<Response> {
    let into: Into = |back| &mut back.consent;
    let (values, place) = match received(form, "form").await {
        Ok(received) => received,
        Err((values, fault)) => {
            let trouble = Trouble::new(fault, &visitor);
            return again(house, visitor, id, (values, into), trouble).await;
        }
    };
    let (sent, mut place) = (values.clone(), Some(place));
    run(house, visitor, id, "recorded", (values, into), move |acting, tx| {
        let signed = day(&sent, "signed", "signed")?;
        consents::sign(acting, tx, EngagementId(id), signed, &mut place).map(drop)
    })
    .await
}

/// `POST /work/{id}/documents`, with the document.
pub async fn add_document(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    form: Multipart,
) -> Answer<Response> {
    let into: Into = |back| &mut back.document;
    let (values, place) = match received(form, "file").await {
        Ok(received) => received,
        Err((values, fault)) => {
            let trouble = Trouble::new(fault, &visitor);
            return again(house, visitor, id, (values, into), trouble).await;
        }
    };
    let kind = value(&values, "class").to_owned();
    let sent = values.clone();
    let mut piece = NewPiece { kind, on: Date::ZERO, place };
    run(house, visitor, id, "added", (values, into), move |acting, tx| {
        piece.on = day(&sent, "dated", "on")?;
        documents::add(acting, tx, EngagementId(id), &mut piece).map(drop)
    })
    .await
}

async fn received(form: Multipart, file: &str) -> Result<(Values, Place), (Values, Fault)> {
    let mut sent = Sent::read(form, file).await.map_err(|fault| (Values::new(), fault))?;
    let place = sent.place();
    match place {
        Ok(place) => Ok((sent.values, place)),
        Err(fault) => Err((sent.values, fault)),
    }
}

/// `GET /work/{id}/documents/{document}`.
pub async fn document(
    house: House,
    visitor: Visitor,
    Path((id, which)): Path<(i64, i64)>,
) -> Answer<Response> {
    let opened = read(house, &visitor, move |acting, tx| {
        documents::open(acting, tx, EngagementId(id), DocumentId(which))
    })
    .await?;
    sent(opened, &visitor).await
}

/// A document on its way to whoever opened it.
pub(in crate::web) async fn sent(mut opened: documents::Opened, visitor: &Visitor) -> Answer<Response> {
    if let Some(letter) = opened.letter.take() {
        let stamp = letter.on.parse::<Date>().map_or(0, |on| i64::from(on.day()));
        let printed = crate::print::run(print::Template::Letter, &letter, stamp).await;
        let pdf = printed.map_err(|error| Trouble::new(Fault::Other(error.to_string()), visitor))?;
        opened.content = pdf.into();
        opened.media = "application/pdf".to_owned();
    }
    // A scan may be looked at in the browser; anything else is only ever saved.
    let is_scan = matches!(opened.media.as_str(), "application/pdf" | "image/jpeg" | "image/png");
    let place = if is_scan { "inline" } else { "attachment" };
    let mut response = Response::new(Body::from(opened.content.to_vec()));
    let headers = response.headers_mut();
    let text = |text: String| {
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
    };
    headers.insert(header::CONTENT_TYPE, text(opened.media));
    headers.insert(header::CONTENT_DISPOSITION, text(format!("{place}; filename=\"{}\"", opened.name)));
    Ok(response)
}

/// Whom a form of a fact is about.
fn whom(given: &Values) -> Option<PersonId> {
    value(given, "person").parse().ok().map(PersonId)
}

/// `POST /work/{id}/facts`.
pub fn tell() -> MethodRouter<Arc<Instance>> {
    form(
        "recorded",
        |back| &mut back.known,
        |acting, tx, id, given| {
            let telling = facts::Telling {
                engagement: Some(id),
                person: whom(given),
                name: value(given, "name").to_owned(),
                value: value(given, "value").to_owned(),
                on: day(given, "on", "on")?,
            };
            facts::tell(acting, tx, &telling).map(drop)
        },
    )
}

/// `POST /work/{id}/facts/undo`.
pub fn untell() -> MethodRouter<Arc<Instance>> {
    form(
        "undone",
        |back| &mut back.known,
        |acting, tx, id, given| {
            let row = value(given, "row").parse().map_err(|_| Fault::NotFound)?;
            facts::take_back(acting, tx, (Some(id), whom(given)), row)
        },
    )
}

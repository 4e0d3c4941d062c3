//! The pack: everything held about whoever asks, as pages, as data and as one archive with the files enclosed; and
//! deciding, before it is made, about texts that also speak of somebody else.

use askama::Template;
use axum::Form as Posted;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::{EntryId, RequestId};
use custody::{Grant, Life, Sealed};
use serde::Deserialize;
use store::request::SubjectRequest;
use store::{Tx, document};

use super::page;
use crate::acts::request as acts;
use crate::acts::{Acting, delivery, person, reading, waiting};
use crate::fault::Fault;
use crate::print::{self, Pack as Copy, copy, portable};
use crate::web::page::{Form, Page};
use crate::web::{Answer, House, Trouble, Visitor, frame, html, people, read, write};

/// A text about whoever asks that also speaks of somebody else.
pub(super) struct Text {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) words: String,
    pub(super) of: String,
    pub(super) body: Sealed,
    pub(super) choice: String,
    pub(super) reason: String,
}

/// What goes unless the answer comes in time.
pub(super) fn waits_words(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<String, Fault> {
    Ok(waiting::would_go(acting, tx, asked)?.map_or_else(String::new, |(due, going)| {
        let count: u32 = going.values().sum();
        format!(
            "Unless the pack is made and they are answered by {}, {count} {} that night: {}. Until then it is kept, and \
             not used for anything else.",
            frame::words(due),
            if count == 1 { "thing goes" } else { "things go" },
            waiting::counted(&going)
        )
    }))
}

pub(super) fn to_read(acting: &Acting<'_>, text: reading::Reading) -> Text {
    let kind = acting.policy.kind(text.kind).map_or_else(String::new, |kind| people::capital(&kind.name));
    let (choice, reason) = match text.choice {
        Some(choice) => (if choice.included { "include" } else { "withhold" }, choice.reason),
        None => ("", String::new()),
    };
    Text {
        id: text.entry.to_string(),
        version: text.version,
        words: format!("{kind}, {}", frame::words(text.on)),
        of: text.of,
        body: text.body,
        choice: choice.to_owned(),
        reason,
    }
}

/// What is decided about a text.
#[derive(Deserialize)]
pub struct Decided {
    version: i64,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    why: String,
}

/// `POST /requests/{id}/texts/{entry}`: whether a text that speaks of others goes into the pack.
pub async fn read_text(
    house: House,
    visitor: Visitor,
    Path((id, entry)): Path<(i64, i64)>,
    Posted(given): Posted<Decided>,
) -> Answer<Response> {
    let done = write(house.clone(), &visitor, move |acting, tx| {
        let which = (EntryId(entry), given.version);
        reading::decide(acting, tx, RequestId(id), which, (&given.answer, &given.why))
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/requests/{id}?said=saved#texts")).into_response()),
        Err(trouble) => {
            let form = Form { errors: trouble.invalid()?, ..Form::default() };
            let path = format!("/requests/{id}");
            let page = read(house, &visitor, move |acting, tx| page(acting, tx, RequestId(id), form, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

/// Everything held about whoever asks, opened for them.
///
/// # Errors
/// [`Fault::NotFound`] once they are gone; [`Fault::Refused`] unless the role may see all of it to answer.
pub fn copied(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId) -> Result<Copy, Fault> {
    let asked = acts::on_desk(acting, tx, id)?;
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let kinds = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let all = person::act(
        custody::Verb::Answer,
        Some(policy::role::Deed::AnswerRequests),
        custody::act::Asked::Exactly(kinds),
    );
    let grant = acting.decide(&all, &[&life], &custody::Gate::default())?;
    acting.opens("pack.opened", &grant);
    let choices = reading::decided(acting, tx, &asked)?;
    copy::of(acting, tx, &life, &grant, Some(&asked), &choices)
}

/// A pack and what is enclosed with it, before it is printed.
pub struct Taken {
    pack: Copy,
    enclosed: Vec<(String, Vec<u8>)>,
}

/// The same for the person themselves, by a link and a code that only they have.
///
/// # Errors
/// As [`copied`].
pub fn taken(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Taken, Fault> {
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let grant = delivery::grant(acting, &life)?;
    acting.opens("pack.fetched", &grant);
    let choices = reading::decided(acting, tx, asked)?;
    let pack = copy::of(acting, tx, &life, &grant, Some(asked), &choices)?;
    let enclosed = files(acting, tx, &life, &grant, asked)?;
    Ok(Taken { pack, enclosed })
}

/// One archive: the pages, the data as JSON and as sheets, what describes it, and every file that is enclosed.
///
/// # Errors
/// If it cannot be printed.
pub async fn archived(taken: Taken, at: i64) -> Result<Vec<u8>, Fault> {
    let trouble = |error: String| Fault::Other(error);
    let printed = print::run(::print::Template::Pack, &taken.pack, at).await;
    let pdf = printed.map_err(|error| trouble(error.to_string()))?;
    let json = taken.pack.to_json().map_err(|error| trouble(error.to_string()))?;
    let mut files = vec![
        ("pack.pdf".to_owned(), pdf),
        ("pack.json".to_owned(), json.into_bytes()),
        ("pack.schema.json".to_owned(), portable::SCHEMA.as_bytes().to_vec()),
    ];
    files.extend(portable::sheets(&taken.pack).map_err(trouble)?);
    files.extend(taken.enclosed);
    print::archive::zip(&files).map_err(|error| trouble(error.to_string()))
}

/// The files that a pack says are enclosed with it, opened for whoever asked.
///
/// # Errors
/// As [`copied`]; whatever the disk says.
pub fn enclosures(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let asked = acts::on_desk(acting, tx, id)?;
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let grant = acts::answering(acting, &[&life])?;
    files(acting, tx, &life, &grant, &asked)
}

fn files(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    grant: &Grant,
    asked: &SubjectRequest,
) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let mut documents = document::of_person(tx, &acting.policy, life.person)?;
    if asked.kind == store::request::Kind::Portability {
        let movable = portable::kinds(&acting.policy, life, acting.today);
        documents.retain(|document| portable::moves_document(movable, document));
    }
    let mut files = Vec::new();
    for (which, name) in copy::enclosed(&documents, grant)? {
        let held = documents.iter().find(|document| document.id == which);
        let Some((file, key)) = held.and_then(|document| document.file.as_ref()) else { continue };
        files.push((name, store::files::read(&acting.instance.store, file, key)?.to_vec()));
    }
    Ok(files)
}

/// `GET /requests/{id}/pack.zip`: the pages, the data, what describes it, and every file they say is enclosed.
pub async fn zip(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let (taken, at) = read(house, &visitor, move |acting, tx| {
        let id = RequestId(id);
        let taken = Taken { pack: copied(acting, tx, id)?, enclosed: enclosures(acting, tx, id)? };
        Ok((taken, acting.now.as_millisecond()))
    })
    .await?;
    let bytes = archived(taken, at).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let name = format!("attachment; filename=\"request-{id}.zip\"");
    Ok(([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}

#[derive(Template)]
#[template(path = "requests/offer.html")]
struct OfferPage {
    page: Page,
    back: String,
    link: String,
    code: String,
    days: i64,
}

/// `POST /requests/{id}/pack/link`: a link to the pack and its code, shown once.
pub async fn offer(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let path = format!("/requests/{id}");
    let shown = path.clone();
    let done = write(house.clone(), &visitor, move |acting, tx| {
        let offer = delivery::offer(acting, tx, RequestId(id))?;
        html(&OfferPage {
            page: frame::page(acting, "Hand it over by a link", "requests", &shown),
            back: shown.clone(),
            link: offer.link,
            code: offer.code,
            days: delivery::DAYS,
        })
    });
    match done.await {
        Ok(page) => Ok(page.into_response()),
        Err(trouble) => {
            let form = Form { errors: trouble.invalid()?, ..Form::default() };
            let page = read(house, &visitor, move |acting, tx| page(acting, tx, RequestId(id), form, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

/// `GET /requests/{id}/pack.json`.
pub async fn json(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let pack = read(house, &visitor, move |acting, tx| copied(acting, tx, RequestId(id))).await?;
    let text = pack.to_json().map_err(|error| Trouble::new(Fault::Other(error.to_string()), &visitor))?;
    let name = format!("attachment; filename=\"request-{id}.json\"");
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// `GET /requests/{id}/pack.pdf`: set in a process of its own.
pub async fn pdf(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let (pack, at) = read(house, &visitor, move |acting, tx| {
        Ok((copied(acting, tx, RequestId(id))?, acting.now.as_millisecond()))
    })
    .await?;
    let printed = print::run(::print::Template::Pack, &pack, at).await;
    let pdf = printed.map_err(|error| Trouble::new(Fault::Other(error.to_string()), &visitor))?;
    let name = format!("inline; filename=\"request-{id}.pdf\"");
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], pdf)
        .into_response())
}

//! The pack: everything held about whoever asks, as pages, as data and as one archive with the files enclosed, without
//! what was taken out of it for others' sake.

use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use custody::id::RequestId;
use jiff::ToSpan;
use serde::Deserialize;
use store::Tx;
use store::request::{Kind, SubjectRequest};

use super::super::review;
use super::page;
use crate::acts::redaction::{self, Gathered, Made, Released};
use crate::acts::request as acts;
use crate::acts::{Acting, delivery, onward, waiting};
use crate::attachment::Reader;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print::{self, Pack as Copy, portable};
use crate::web::page::{Form, Page};
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};

/// What goes unless the answer comes in time.
pub(super) fn waits_words(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<String, Fault> {
    Ok(waiting::would_go(acting, tx, asked)?.map_or_else(String::new, |(due, going)| {
        let count: u32 = going.values().sum();
        let unless = match asked.kind {
            Kind::Restriction => "it is restricted or they are",
            _ => "the pack is made and they are",
        };
        format!(
            "Unless {unless} answered by {}, {count} {} that night: {}. Until then it is kept, and \
             not used for anything else.",
            frame::words(due),
            if count == 1 { "thing goes" } else { "things go" },
            waiting::counted(&going)
        )
    }))
}

/// What is kept for a request that waits for its person, in a sentence, and by when somebody decides about it.
pub(super) fn kept_words(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
) -> Result<Option<super::Kept>, Fault> {
    let Some(waits) = waiting::kept_for(acting, tx, asked.id)? else { return Ok(None) };
    let kept = waiting::counted(&waiting::kept(acting, tx, waits.person)?);
    if kept.is_empty() {
        return Ok(None);
    }
    let asks = waits.asks_from <= acting.today;
    let asks_for = match asked.kind {
        Kind::Portability => "take it elsewhere",
        Kind::Restriction => "have it kept",
        _ => "see it",
    };
    let mut words = format!(
        "The time of this has ended, and it is kept, and not used, only because they asked to {asks_for}: {kept}. We have waited \
         for them since {}.",
        frame::words(waits.since)
    );
    if let Some(until) = waits.kept_until {
        words.push_str(&format!(" Somebody keeps it on until {}.", frame::words(until)));
    }
    if asks {
        words.push_str(&format!(" Decide by {}.", frame::words(waits.decide_by)));
    }
    let last = acting.today.checked_add(waiting::MONTHS_MAX.months())?;
    Ok(Some(super::Kept { words, asks, limits: format!("required max={last}") }))
}

/// How far reading has come, in a sentence: of the copy's own texts, and whether files are enclosed. Nothing for other requests.
pub(super) fn read_words(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<String, Fault> {
    let gathered = match redaction::gather(acting, tx, asked.id, false) {
        Ok(gathered) => gathered,
        Err(Fault::Refused(_)) => return Ok("Somebody whose role sees all of it reads it first.".to_owned()),
        Err(fault) => return Err(fault),
    };
    let review = redaction::review(acting, tx, asked.id, &gathered, &[])?;
    Ok(match review.progress() {
        (_, 0) => "Nothing in its texts speaks of anybody else that we could find.".to_owned(),
        (decided, all) => {
            format!("{decided} of {all} decided: whether what speaks of others goes into the pack.")
        }
    })
}

/// Everything held about whoever asks, opened for them, without what was taken out of its texts.
///
/// # Errors
/// [`Fault::NotFound`] once they are gone; [`Fault::Refused`] unless the role may see all of it to answer;
/// [`Fault::Invalid`] while something that speaks of others is undecided.
pub fn copied(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId) -> Result<Copy, Fault> {
    acts::entitled(&acts::on_desk(acting, tx, id)?)?;
    let gathered = redaction::gather(acting, tx, id, false)?;
    let review = redaction::review(acting, tx, id, &gathered, &[])?;
    Ok(redaction::released(&gathered, &[], &review, &this()?)?.pack)
}

/// What goes into the archive, unread: for the person themselves, by a link and a code that only they have.
///
/// # Errors
/// [`Fault::NotFound`] once they are gone; [`Fault::Refused`] if the policy in force does not let them have it.
pub fn taken(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<Gathered, Fault> {
    acts::entitled(asked)?;
    let life = acting.life(tx, asked.person.ok_or(Fault::NotFound)?)?;
    let grant = delivery::grant(acting, &life)?;
    acting.opens("pack.fetched", &grant);
    redaction::gather_with(acting, tx, asked, (&life, &grant), true)
}

fn this() -> Result<Reader, Fault> {
    Reader::this().map_err(|error| Fault::Other(error.to_string()))
}

/// One archive: the pages, the data as JSON and as sheets, what describes it, and every file that is enclosed, without what
/// was taken out for others' sake, and each opened again and searched before it leaves.
///
/// # Errors
/// [`Fault::Invalid`] while something is undecided; [`Fault::Other`] if it cannot be printed, or still has something.
pub async fn archived(house: Arc<Instance>, taken: Gathered, at: i64) -> Result<Vec<u8>, Fault> {
    let (_, files) = leaving(house, taken, at, (true, ALL)).await?;
    print::archive::zip(&files).map_err(|error| Fault::Other(error.to_string()))
}

/// Everything that would leave, looked through, and the word for what was found in it: whatever goes out, as one file or
/// all of them, is taken from here. `sealed` says that it must be what was found when the pack was made. Where nothing was
/// taken out there is nothing to look for in what nobody asked for, and only what was is made.
async fn leaving(
    house: Arc<Instance>,
    taken: Gathered,
    at: i64,
    (sealed, wanted): (bool, &'static str),
) -> Answered {
    let reader = this()?;
    let (released, seal) = {
        let reader = reader.clone();
        blocking(move || {
            let readings = taken.readings(&reader);
            let acting = Acting::system(&house, "pack");
            let (review, seal) = house.store.read(|tx| {
                let review = redaction::review(&acting, tx, taken.request, &taken, &readings)?;
                let seal = review.seal(house.store.keys());
                if sealed {
                    redaction::still_sealed(&acting, tx, taken.request, &seal)?;
                }
                Ok::<_, Fault>((review, seal))
            })?;
            Ok((redaction::released(&taken, &readings, &review, &reader)?, seal))
        })
        .await?
    };
    let files = match wanted {
        ALL => ready(released, &reader, at).await?,
        one if released.is_whole() => vec![(one.to_owned(), own_file(&released, &reader, one, at).await?)],
        _ => ready(released, &reader, at).await?,
    };
    Ok((seal, files))
}

/// Everything, and the two files that are asked for by themselves.
const ALL: &str = "";
const PAGES: &str = "pack.pdf";
const DATA: &str = "pack.json";

/// One of the copy's own files by itself.
async fn own_file(released: &Released, reader: &Reader, name: &str, at: i64) -> Result<Vec<u8>, Fault> {
    let trouble = |error: String| Fault::Other(error);
    if name == DATA {
        return released.pack.to_json().map(String::into_bytes).map_err(|error| trouble(error.to_string()));
    }
    let pages = print::run_with(reader.program(), ::print::Template::Pack, &released.pack, at).await;
    pages.map_err(|error| trouble(error.to_string()))
}

/// The word for what was found, and the files.
type Answered = Result<(String, Vec<(String, Vec<u8>)>), Fault>;

/// Everything that would leave to somebody here who asks for it.
async fn for_desk(
    house: House,
    visitor: &Visitor,
    id: i64,
    asked: (bool, &'static str),
) -> Answer<(String, Vec<(String, Vec<u8>)>)> {
    let State(instance) = &house;
    let instance = instance.clone();
    let (taken, at) = read(house, visitor, move |acting, tx| {
        let asked = acts::on_desk(acting, tx, RequestId(id))?;
        acts::entitled(&asked)?;
        acts::identified(acting, tx, &asked)?;
        Ok((redaction::gather(acting, tx, RequestId(id), true)?, acting.now.as_millisecond()))
    })
    .await?;
    leaving(instance, taken, at, asked).await.map_err(|fault| Trouble::new(fault, visitor))
}

/// Tries to make the pack, all of it, and gives the word for what was found in it.
pub(super) async fn tried(house: House, visitor: &Visitor, id: i64) -> Answer<String> {
    Ok(for_desk(house, visitor, id, (false, ALL)).await?.0)
}

/// One of the files that leave.
async fn one_of(house: House, visitor: &Visitor, id: i64, name: &'static str) -> Answer<Vec<u8>> {
    let (_, files) = for_desk(house, visitor, id, (true, name)).await?;
    let file = files.into_iter().find(|(its, _)| its == name).map(|(_, bytes)| bytes);
    file.ok_or_else(|| Trouble::new(Fault::NotFound, visitor))
}

/// The files of a pack by their names, its pages first, its data second, all looked through for what was removed.
///
/// # Errors
/// [`Fault::Other`] naming the file that could not be made or still has something.
pub async fn ready(released: Released, reader: &Reader, at: i64) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let trouble = |error: String| Fault::Other(error);
    let json = |data: Result<Vec<u8>, serde_json::Error>| data.map_err(|error| trouble(error.to_string()));
    // The pages and every file that is set anew, each in a process, as many at once as there are processors.
    let mut to_set = vec![(::print::Template::Pack, json(serde_json::to_vec(&released.pack))?)];
    for (_, made) in &released.files {
        if let Made::Typed(typed) = made {
            to_set.push((::print::Template::Text, json(serde_json::to_vec(typed))?));
        }
    }
    let mut set = all_set(reader, to_set, at).await?.into_iter();
    let pages = set.next().unwrap_or_default();
    let data = released.pack.to_json().map_err(|error| trouble(error.to_string()))?;
    let mut own = vec![
        (PAGES.to_owned(), pages),
        (DATA.to_owned(), data.into_bytes()),
        ("pack.schema.json".to_owned(), portable::SCHEMA.as_bytes().to_vec()),
    ];
    own.extend(portable::sheets(&released.pack).map_err(trouble)?);
    let (mut enclosed, mut numbers) = (Vec::new(), Vec::new());
    for (number, (name, made)) in released.files.iter().enumerate() {
        let bytes = match made {
            Made::Withheld => continue,
            Made::AsItIs(bytes) | Made::Drawn(bytes) => bytes.clone(),
            Made::Typed(_) => set.next().unwrap_or_default(),
        };
        numbers.push(number);
        enclosed.push((name.clone(), bytes));
    }
    let reader = reader.clone();
    blocking(move || {
        redaction::verified(&released, &own, &numbers, &enclosed, &reader)?;
        Ok(own.into_iter().chain(enclosed).collect())
    })
    .await
}

/// Sets several documents, in their order.
async fn all_set(
    reader: &Reader,
    documents: Vec<(::print::Template, Vec<u8>)>,
    at: i64,
) -> Result<Vec<Vec<u8>>, Fault> {
    let hands = std::thread::available_parallelism().map_or(1, usize::from);
    let hands = Arc::new(tokio::sync::Semaphore::new(hands));
    let setting = documents.into_iter().map(|(template, data)| {
        let (program, hands) = (reader.program().to_owned(), hands.clone());
        tokio::spawn(async move {
            let hand = hands.acquire().await;
            let set = print::set(&program, template, &data, at).await;
            drop(hand);
            set
        })
    });
    let mut all = Vec::new();
    for one in setting.collect::<Vec<_>>() {
        let set = one.await.map_err(|error| Fault::Other(error.to_string()))?;
        all.push(set.map_err(|error| Fault::Other(error.to_string()))?);
    }
    Ok(all)
}

/// `GET /requests/{id}/pack.zip`: the pages, the data, what describes it, and every file they say is enclosed.
pub async fn zip(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let (_, files) = for_desk(house, &visitor, id, (true, ALL)).await?;
    let bytes = print::archive::zip(&files).map_err(|error| Fault::Other(error.to_string()));
    let bytes = bytes.map_err(|fault| Trouble::new(fault, &visitor))?;
    let name = format!("attachment; filename=\"request-{}.zip\"", store::id::reference(id));
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
    /// The other organisation and its address; empty where it goes to the person.
    to: String,
    mailed: bool,
}

/// What the form that hands it over sends: which page it was pressed on.
#[derive(Deserialize)]
pub struct Seen {
    #[serde(default)]
    version: String,
}

/// `POST /requests/{id}/pack/link`: a link to the pack and its code, shown once.
pub async fn offer(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(seen): Posted<Seen>,
) -> Answer<Response> {
    handed(house, visitor, (id, seen), |acting, tx, id| {
        Ok((delivery::offer(acting, tx, id)?, String::new(), false))
    })
    .await
}

/// `POST /requests/{id}/onward/link`: the same for another organisation, at the address that the person confirmed.
pub async fn onward(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(seen): Posted<Seen>,
) -> Answer<Response> {
    handed(house, visitor, (id, seen), |acting, tx, id| {
        let sent = onward::offer(acting, tx, id)?;
        Ok((sent.offer, sent.to, sent.mailed))
    })
    .await
}

/// Makes a link: it and its code, to whom, and whether it was mailed there.
type Making = fn(&Acting<'_>, &Tx<'_>, RequestId) -> Result<(delivery::Offer, String, bool), Fault>;

async fn handed(house: House, visitor: Visitor, (id, seen): (i64, Seen), make: Making) -> Answer<Response> {
    let path = format!("/requests/{id}");
    let shown = path.clone();
    if !super::forms::still(&house, &visitor, id, &seen.version).await? {
        return super::forms::late(house, &visitor, id, std::collections::BTreeMap::new()).await;
    }
    // What would be fetched is decided, its files too, or the link would lead to nothing.
    let read_through =
        review::reviewed(house.clone(), &visitor, RequestId(id), |_, _, _, _, review| review.done());
    let done = match read_through.await {
        Ok(()) => {
            write(house.clone(), &visitor, move |acting, tx| {
                super::forms::as_seen(acting, tx, RequestId(id), &seen.version)?;
                let (offer, to, mailed) = make(acting, tx, RequestId(id))?;
                html(&OfferPage {
                    page: frame::page(acting, "Hand it over by a link", "requests", &shown),
                    back: shown.clone(),
                    link: offer.link,
                    code: offer.code,
                    days: acting.policy.requests.copies_days,
                    to,
                    mailed,
                })
            })
            .await
        }
        Err(trouble) => Err(trouble),
    };
    match done {
        Ok(page) => Ok(page.into_response()),
        Err(trouble) if matches!(trouble.fault(), Fault::Changed) => {
            super::forms::late(house, &visitor, id, std::collections::BTreeMap::new()).await
        }
        Err(trouble) => {
            let form = Form { errors: trouble.invalid()?, ..Form::default() };
            let page = read(house, &visitor, move |acting, tx| page(acting, tx, RequestId(id), form, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

/// `GET /requests/{id}/pack.json`.
pub async fn json(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let text = one_of(house, &visitor, id, DATA).await?;
    let name = format!("attachment; filename=\"request-{}.json\"", store::id::reference(id));
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}

/// `GET /requests/{id}/pack.pdf`: set in a process of its own.
pub async fn pdf(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let pdf = one_of(house, &visitor, id, PAGES).await?;
    let name = format!("inline; filename=\"request-{}.pdf\"", store::id::reference(id));
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], pdf)
        .into_response())
}

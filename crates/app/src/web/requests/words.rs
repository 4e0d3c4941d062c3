//! Looking for whoever asks in what is held about others, and for themselves a second time.

use std::time::{Duration, Instant};

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::RequestId;
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::mention::elsewhere::OfOthers;

use super::super::page::{FieldError, Form, Page};
use super::super::people::capital;
use super::super::show::filters;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use super::found::{self, Shown};
use super::one::forms::{as_seen, changed, still, wrong};
use crate::acts::elsewhere::{self, Inside};
use crate::acts::request as desk;
use crate::attachment::Reader;
use crate::fault::Fault;

/// How long files are looked inside before the page says how far that came.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Template)]
#[template(path = "requests/words.html")]
struct WordsPage {
    page: Page,
    base: String,
    version: i64,
    said: String,
    form: Form,
    found: Shown,
}

/// What the form sends: words of one's own, one a line, and whether the search goes on record.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Looking {
    also: String,
    act: String,
    version: String,
}

/// `GET /requests/{id}/words`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    shown(house, &visitor, id, (String::new(), Vec::new())).await
}

async fn shown(house: House, visitor: &Visitor, id: i64, (also, wrong): (String, Vec<FieldError>)) -> Answer {
    let path = visitor.path.clone();
    read(house, visitor, move |acting, tx| {
        let (found, form) = match elsewhere::look(acting, tx, RequestId(id), &also) {
            Err(Fault::Invalid(errors)) => {
                let form = Form { values: [("also".to_owned(), also)].into(), errors };
                (elsewhere::look(acting, tx, RequestId(id), "")?, form)
            }
            found => (found?, Form { values: [("also".to_owned(), also)].into(), errors: wrong }),
        };
        let asked = desk::on_desk(acting, tx, RequestId(id))?;
        let sought = elsewhere::sought(tx, &asked, form.value("also"))?;
        let shown = found::of(acting, tx, (&found, &sought))?;
        html(&WordsPage {
            page: frame::page(acting, "Where else they are spoken of", "requests", &path),
            base: format!("/requests/{id}"),
            version: asked.version,
            said: elsewhere::words(&found),
            form,
            found: shown,
        })
    })
    .await
}

/// `POST /requests/{id}/words`: looks, also for words of one's own, and puts it on record where that was asked.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Looking>,
) -> Answer<Response> {
    if !still(&house, &visitor, id, &given.version).await? {
        let page = shown(house, &visitor, id, (given.also, vec![changed()])).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    if given.act != "record" {
        return Ok(shown(house, &visitor, id, (given.also, Vec::new())).await?.into_response());
    }
    let (also, version) = (given.also.clone(), given.version);
    let found = read(house.clone(), &visitor, move |acting, tx| {
        Ok((elsewhere::look(acting, tx, RequestId(id), &also)?, version))
    });
    let done = match found.await {
        Ok((found, version)) => {
            write(house.clone(), &visitor, move |acting, tx| {
                as_seen(acting, tx, RequestId(id), &version)?;
                elsewhere::record(acting, tx, RequestId(id), &found)
            })
            .await
        }
        Err(trouble) => Err(trouble),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/requests/{id}?said=saved")).into_response()),
        Err(trouble) => {
            let (status, errors) = wrong(trouble)?;
            Ok((status, shown(house, &visitor, id, (given.also, errors)).await?).into_response())
        }
    }
}

#[derive(Template)]
#[template(path = "requests/files.html")]
struct FilesPage {
    page: Page,
    base: String,
    version: i64,
    said: String,
    also: String,
    found: Vec<File>,
    perhaps: Vec<File>,
    unread: Vec<File>,
    grant: Grant,
    left: i64,
    before: i64,
}

/// A file of others.
struct File {
    href: String,
    words: String,
    name: Option<Sealed>,
}

/// From where files are looked inside.
#[derive(Deserialize, Clone, Default)]
pub struct Before {
    /// The document looked inside last; none to begin with the newest.
    #[serde(default)]
    before: Option<i64>,
    /// Words of one's own, one a line.
    #[serde(default)]
    also: String,
    /// What the page it was sent from showed.
    #[serde(default)]
    version: String,
}

/// `POST /requests/{id}/files`: looks inside files of others, from the newest back, and puts on record how far it came.
pub async fn files(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Before>,
) -> Answer<Response> {
    if !still(&house, &visitor, id, &given.version).await? {
        let errors = vec![changed()];
        let page = shown(house, &visitor, id, (given.also, errors)).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let (began, id) = (Instant::now(), RequestId(id));
    let mut seen = Inside::default();
    let mut before = given.before.unwrap_or(i64::MAX);
    while began.elapsed() < PATIENCE {
        let also = given.also.clone();
        let next = move |acting: &crate::acts::Acting<'_>, tx: &store::Tx<'_>| {
            elsewhere::next(acting, tx, id, (before, &also))
        };
        let Some(batch) = read(house.clone(), &visitor, next).await? else { break };
        let State(instance) = house.clone();
        let looked = blocking(move || {
            let reader = Reader::this().map_err(|error| Fault::Other(error.to_string()))?;
            elsewhere::inside(&instance, &reader, batch)
        });
        seen = seen.and(looked.await.map_err(|fault| Trouble::new(fault, &visitor))?);
        before = seen.last.map_or(before, |(document, _)| document.0);
    }
    let (path, also) = (visitor.path.clone(), given.also.clone());
    let done = write(house.clone(), &visitor, move |acting, tx| {
        as_seen(acting, tx, id, &given.version)?;
        let left = elsewhere::record_inside(acting, tx, id, &seen)?;
        let said = match seen.looked {
            0 => "There was no file of others to look inside, or nothing to look for.".to_owned(),
            many => format!(
                "{} of others looked inside, for {}.",
                policy::count::said(many, "files"),
                seen.words.iter().chain(&seen.also).cloned().collect::<Vec<_>>().join(", ")
            ),
        };
        let all = [&seen.found, &seen.perhaps, &seen.unread].into_iter().flatten();
        let people = all.filter_map(|file| file.whose).collect();
        let (people, grant) = found::reading(acting, tx, people)?;
        let names = super::super::work::names(acting, tx, &people, &grant)?;
        let may_know = |file: &OfOthers| {
            let kind = acting.policy.kind_named(&file.kind).map(|kind| kind.id);
            file.whose.zip(kind).is_some_and(|(who, kind)| grant.covers(who, kind))
        };
        let shown =
            |files: &[OfOthers]| files.iter().map(|file| of_others(file, &names, may_know(file))).collect();
        html(&FilesPage {
            page: frame::page(acting, "Inside the files of others", "requests", &path),
            base: format!("/requests/{id}"),
            version: desk::on_desk(acting, tx, id)?.version,
            said,
            also: given.also.clone(),
            found: shown(&seen.found),
            perhaps: shown(&seen.perhaps),
            unread: shown(&seen.unread),
            grant,
            left,
            before,
        })
    });
    match done.await {
        Ok(page) => Ok(page.into_response()),
        Err(trouble) => {
            let (status, errors) = wrong(trouble)?;
            Ok((status, shown(house, &visitor, id.0, (also, errors)).await?).into_response())
        }
    }
}

/// What a file is, as far as whoever looks may know, whom it is about, and where it is opened.
fn of_others(file: &OfOthers, names: &[Sealed], seen: bool) -> File {
    File {
        href: match (file.whose, file.work) {
            (Some(person), _) => format!("/people/{person}#documents"),
            (None, Some(work)) => format!("/work/{work}"),
            (None, None) => "/work".to_owned(),
        },
        words: format!(
            "{} of {}",
            capital(if seen { file.kind.as_str() } else { "a file" }),
            frame::words(file.on)
        ),
        name: names.iter().find(|name| Some(name.person()) == file.whose).cloned(),
    }
}

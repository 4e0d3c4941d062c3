//! Looking for whoever asks in what is held about others, and for themselves a second time.

use std::time::{Duration, Instant};

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::RequestId;
use serde::Deserialize;
use store::mention::elsewhere::OfOthers;

use super::super::page::{Link, Page};
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use crate::acts::elsewhere::{self, Inside};
use crate::attachment::Reader;
use crate::fault::Fault;

/// How long files are looked inside before the page says how far that came.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Template)]
#[template(path = "requests/words.html")]
struct WordsPage {
    page: Page,
    base: String,
    said: String,
    lines: Vec<Link>,
    people: Vec<Link>,
    alike: Vec<Link>,
}

/// `GET /requests/{id}/words`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let found = elsewhere::look(acting, tx, RequestId(id))?;
        let numbered = |sort: &str, what: &str, ids: Vec<i64>| {
            ids.into_iter()
                .map(|id| Link { href: format!("/{sort}/{id}"), words: format!("{what} {id}") })
                .collect::<Vec<_>>()
        };
        html(&WordsPage {
            page: frame::page(acting, "Where else they are spoken of", "requests", &path),
            base: format!("/requests/{id}"),
            said: elsewhere::words(&found),
            lines: numbered("entries", "Line", found.lines),
            people: numbered("people", "Person", found.people.iter().map(|person| person.0).collect()),
            alike: numbered("people", "Person", found.alike.iter().map(|person| person.0).collect()),
        })
    })
    .await
}

/// `POST /requests/{id}/words`: looks, and puts it on record.
pub async fn post(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let found =
        read(house.clone(), &visitor, move |acting, tx| elsewhere::look(acting, tx, RequestId(id))).await?;
    write(house, &visitor, move |acting, tx| elsewhere::record(acting, tx, RequestId(id), &found)).await?;
    Ok(Redirect::to(&format!("/requests/{id}?said=saved")).into_response())
}

#[derive(Template)]
#[template(path = "requests/files.html")]
struct FilesPage {
    page: Page,
    base: String,
    said: String,
    found: Vec<Link>,
    unread: Vec<Link>,
    left: i64,
    before: i64,
}

/// From where files are looked inside.
#[derive(Deserialize, Clone, Default)]
pub struct Before {
    /// The document looked inside last; none to begin with the newest.
    #[serde(default)]
    before: Option<i64>,
}

/// `POST /requests/{id}/files`: looks inside files of others, from the newest back, and puts on record how far it came.
pub async fn files(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Before>,
) -> Answer {
    let (began, id) = (Instant::now(), RequestId(id));
    let mut seen = Inside::default();
    let mut before = given.before.unwrap_or(i64::MAX);
    while began.elapsed() < PATIENCE {
        let next = move |acting: &crate::acts::Acting<'_>, tx: &store::Tx<'_>| {
            elsewhere::next(acting, tx, id, before)
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
    let path = visitor.path.clone();
    write(house, &visitor, move |acting, tx| {
        let left = elsewhere::record_inside(acting, tx, id, &seen)?;
        let said = match seen.looked {
            0 if seen.words.is_empty() => {
                "There was no file of others to look inside, or nothing to look for.".to_owned()
            }
            many => format!(
                "{} of others looked inside, for {}.",
                policy::count::said(many, "files"),
                seen.words.join(", ")
            ),
        };
        html(&FilesPage {
            page: frame::page(acting, "Inside the files of others", "requests", &path),
            base: format!("/requests/{id}"),
            said,
            found: links(&seen.found),
            unread: links(&seen.unread),
            left,
            before,
        })
    })
    .await
}

/// Where each file is opened.
fn links(files: &[OfOthers]) -> Vec<Link> {
    let link = |file: &OfOthers| Link {
        href: match (file.whose, file.work) {
            (Some(person), _) => format!("/people/{person}#documents"),
            (None, Some(work)) => format!("/work/{work}"),
            (None, None) => "/work".to_owned(),
        },
        words: format!("Document {} of {}", file.document, frame::words(file.on)),
    };
    files.iter().map(link).collect()
}

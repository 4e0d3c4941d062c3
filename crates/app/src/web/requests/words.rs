//! Looking for whoever asks in what is held about others, and for themselves a second time.

use std::time::{Duration, Instant};

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::{PersonId, RequestId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::mention::elsewhere::OfOthers;

use super::super::page::{Form, Link, Page};
use super::super::show::filters;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html, people, read, write};
use crate::acts::elsewhere::{self, Inside};
use crate::attachment::Reader;
use crate::fault::Fault;

/// How long files are looked inside before the page says how far that came.
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Template)]
#[template(path = "requests/words.html")]
struct WordsPage {
    page: Page,
    grant: Grant,
    base: String,
    said: String,
    form: Form,
    lines: Vec<Link>,
    lines_perhaps: Vec<Link>,
    people: Vec<Whom>,
    people_perhaps: Vec<Whom>,
    alike: Vec<Whom>,
}

/// Somebody, by name where whoever looks may see it.
struct Whom {
    href: String,
    number: String,
    name: Option<Sealed>,
}

/// What the form sends: words of one's own, one a line, and whether the search goes on record.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Looking {
    also: String,
    act: String,
}

/// `GET /requests/{id}/words`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    shown(house, &visitor, id, String::new()).await
}

async fn shown(house: House, visitor: &Visitor, id: i64, also: String) -> Answer {
    let path = visitor.path.clone();
    read(house, visitor, move |acting, tx| {
        let (found, form) = match elsewhere::look(acting, tx, RequestId(id), &also) {
            Err(Fault::Invalid(errors)) => {
                let form = Form { values: [("also".to_owned(), also)].into(), errors };
                (elsewhere::look(acting, tx, RequestId(id), "")?, form)
            }
            found => (found?, Form { values: [("also".to_owned(), also)].into(), ..Form::default() }),
        };
        let everybody = [&found.people, &found.people_perhaps, &found.alike];
        let everybody: Vec<PersonId> = everybody.into_iter().flatten().copied().collect();
        let seen = store::person::within(tx, &acting.reach(), everybody)?;
        let lives = store::life::load_readable(tx, &acting.policy, &seen, acting.today)?;
        let grant = people::grant(acting, &lives)?;
        if !grant.people().is_empty() {
            acting.opens("request.searched", &grant);
        }
        let names = super::super::work::names(acting, tx, &seen, &grant)?;
        let whom = |some: &[PersonId]| {
            let whom = some.iter().map(|person| Whom {
                href: format!("/people/{person}"),
                number: person.to_string(),
                name: names.iter().find(|name| name.person() == *person).cloned(),
            });
            whom.collect::<Vec<_>>()
        };
        let lines = |lines: &[i64]| {
            let link = |id: &i64| Link { href: format!("/entries/{id}"), words: format!("Line {id}") };
            lines.iter().map(link).collect::<Vec<_>>()
        };
        html(&WordsPage {
            page: frame::page(acting, "Where else they are spoken of", "requests", &path),
            base: format!("/requests/{id}"),
            said: elsewhere::words(&found),
            form,
            lines: lines(&found.lines),
            lines_perhaps: lines(&found.lines_perhaps),
            people: whom(&found.people),
            people_perhaps: whom(&found.people_perhaps),
            alike: whom(&found.alike),
            grant,
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
    if given.act != "record" {
        return Ok(shown(house, &visitor, id, given.also).await?.into_response());
    }
    let found = read(house.clone(), &visitor, move |acting, tx| {
        elsewhere::look(acting, tx, RequestId(id), &given.also)
    })
    .await?;
    write(house, &visitor, move |acting, tx| elsewhere::record(acting, tx, RequestId(id), &found)).await?;
    Ok(Redirect::to(&format!("/requests/{id}?said=saved")).into_response())
}

#[derive(Template)]
#[template(path = "requests/files.html")]
struct FilesPage {
    page: Page,
    base: String,
    said: String,
    also: String,
    found: Vec<Link>,
    perhaps: Vec<Link>,
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
    /// Words of one's own, one a line.
    #[serde(default)]
    also: String,
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
    let path = visitor.path.clone();
    write(house, &visitor, move |acting, tx| {
        let left = elsewhere::record_inside(acting, tx, id, &seen)?;
        let said = match seen.looked {
            0 => "There was no file of others to look inside, or nothing to look for.".to_owned(),
            many => format!(
                "{} of others looked inside, for {}.",
                policy::count::said(many, "files"),
                seen.words.iter().chain(&seen.also).cloned().collect::<Vec<_>>().join(", ")
            ),
        };
        html(&FilesPage {
            page: frame::page(acting, "Inside the files of others", "requests", &path),
            base: format!("/requests/{id}"),
            said,
            also: given.also.clone(),
            found: links(&seen.found),
            perhaps: links(&seen.perhaps),
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

//! Looking for whoever asks in what is held about others, and for themselves a second time.

use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::RequestId;

use super::super::page::{Link, Page};
use super::super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::elsewhere;

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

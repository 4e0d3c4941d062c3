//! A task: what somebody must do by hand, and confirming that it is done.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::response::Redirect;
use custody::id::TaskId;
use serde::Deserialize;

use super::page::{Day, Link, Page};
use super::people::capital;
use super::{Answer, House, Visitor, blocking, frame, html, read, write};
use crate::acts::task as acts;
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "task/task.html")]
struct TaskPage {
    page: Page,
    heading: String,
    what: String,
    due: Day,
    late: bool,
    action: String,
    about: Vec<Link>,
    done: bool,
}

/// `GET /tasks/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let task = acts::mine(acting, tx, TaskId(id))?;
        let due = task.due_on.unwrap_or(acting.today);
        let person = task
            .person
            .map(|person| Link { href: format!("/people/{person}"), words: "Whom it is about".to_owned() });
        let request = task.request.map(|request| Link {
            href: format!("/requests/{request}"),
            words: "The request it belongs to".to_owned(),
        });
        html(&TaskPage {
            page: frame::page(acting, "A task", "today", &path),
            heading: capital(super::today::words(task.kind)),
            what: task.what,
            late: due < acting.today && task.done_on.is_none(),
            due: frame::day(due, acting.today),
            action: format!("/tasks/{id}"),
            about: person.into_iter().chain(request).collect(),
            done: task.done_on.is_some(),
        })
    })
    .await
}

/// What the form sends.
#[derive(Deserialize)]
pub struct Done {
    #[serde(default)]
    outcome: String,
}

/// `POST /tasks/{id}`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Done>,
) -> Answer<Redirect> {
    let instance = house.clone();
    let done = write(State(house), &visitor, move |acting, tx| {
        acts::confirm(acting, tx, TaskId(id), (acting.today, &given.outcome))
    })
    .await?;
    // The rows are gone; bytes that will not go now are unreadable already.
    let removed = blocking(move || {
        done.bytes
            .files
            .iter()
            .try_for_each(|name| store::files::remove(&instance.store, name).map_err(Fault::from))
    });
    if let Err(fault) = removed.await {
        tracing::warn!(%fault, "the bytes of a finished task could not be removed");
    }
    Ok(Redirect::to("/?said=recorded"))
}

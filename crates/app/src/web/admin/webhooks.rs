//! Webhooks: which other programs are told of what, whether they take it, and their secrets, each shown once.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use policy::count::counted;
use policy::role::Deed;
use store::Tx;
use store::webhook::{self, Webhook};

use crate::acts::Acting;
use crate::acts::webhook::{self as acts, host, said};
use crate::fault::Fault;
use crate::web::error::{Told, told_page};
use crate::web::page::{Choice, Form, Page, Tab, ticked};
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// Where they are listed.
const HERE: &str = "/admin/webhooks";

#[derive(Template)]
#[template(path = "admin/webhooks.html")]
struct Webhooks {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    form: Form,
    events: Vec<Choice>,
}

struct Row {
    href: String,
    host: String,
    state: String,
    tone: String,
    events: String,
    last: String,
}

#[derive(Template)]
#[template(path = "admin/webhook.html")]
struct One {
    page: Page,
    tabs: Vec<Tab>,
    href: String,
    host: String,
    state: String,
    tone: String,
    on: bool,
    lines: Vec<String>,
    form: Form,
    events: Vec<Choice>,
    secret: String,
}

/// What a form sent: the address, the events ticked, and everything as it was typed.
struct Typed {
    url: String,
    events: Vec<String>,
    all: Vec<(String, String)>,
}

impl Typed {
    fn of(all: Vec<(String, String)>) -> Self {
        let url = all.iter().find(|(name, _)| name == "url").map_or_else(String::new, |(_, url)| url.clone());
        Self { url, events: ticked(&all, "events"), all }
    }

    fn number(&self, asked: &str) -> i64 {
        self.all.iter().find(|(name, _)| name == asked).and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
    }
}

fn choices(ticked: &[String]) -> Vec<Choice> {
    let choice = |event: &said::Event| Choice {
        value: event.name.to_owned(),
        words: event.words.to_owned(),
        hint: event.name.to_owned(),
        chosen: ticked.iter().any(|name| name == event.name),
    };
    said::EVENTS.iter().map(choice).collect()
}

fn state(held: &Webhook) -> (String, String) {
    let (words, tone) = match (held.off_at, held.failing_since) {
        (Some(_), _) if held.off_why.is_some() => ("Switched off", "late"),
        (Some(_), _) => ("Off", ""),
        (None, Some(_)) => ("Takes nothing", "wait"),
        (None, None) => ("On", "good"),
    };
    (words.to_owned(), tone.to_owned())
}

fn last(acting: &Acting<'_>, held: &Webhook) -> String {
    held.taken_at.map_or_else(
        || "Nothing was taken yet.".to_owned(),
        |at| format!("Took the last message on {}.", frame::moment(acting.instance, at)),
    )
}

/// `GET /admin/webhooks`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| all(acting, tx, Form::default(), &[], &path)).await
}

fn all(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    form: Form,
    ticked: &[String],
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManageStaff)?;
    let rows = webhook::all(tx)?.into_iter().map(|held| {
        let (state, tone) = state(&held);
        Row {
            href: format!("/admin/webhooks/{}", held.id),
            host: host(acting.instance.store.keys(), &held),
            state,
            tone,
            last: last(acting, &held),
            events: held.events.replace(' ', ", "),
        }
    });
    html(&Webhooks {
        page: frame::page(acting, "Webhooks", "admin", path),
        tabs: super::tabs(HERE),
        rows: rows.collect(),
        form,
        events: choices(ticked),
    })
}

/// `POST /admin/webhooks`: sets one up, and shows its secret.
pub async fn add(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let typed = Typed::of(given);
    let (url, events) = (typed.url.clone(), typed.events.clone());
    let done =
        write(State(house.clone()), &visitor, move |acting, tx| acts::add(acting, tx, &url, &events)).await;
    match done {
        Ok((id, secret)) => {
            let shown =
                read(State(house), &visitor, move |acting, tx| one(acting, tx, id, (None, secret), HERE));
            Ok(shown.await?.into_response())
        }
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let form = Form { values: typed.all.into_iter().collect(), errors };
                let ticked = typed.events;
                let shown =
                    read(State(house), &visitor, move |acting, tx| all(acting, tx, form, &ticked, HERE));
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}

/// `GET /admin/webhooks/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| one(acting, tx, id, (None, String::new()), &path)).await
}

fn one(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: i64,
    (form, secret): (Option<(Form, Vec<String>)>, String),
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManageStaff)?;
    let held = webhook::one(tx, id)?;
    let (state, tone) = state(&held);
    let mut lines = vec![last(acting, &held)];
    if let Some((since, why)) = held.failing_since.zip(held.trouble.as_deref()) {
        lines.push(format!("Has taken nothing since {}: {why}.", frame::moment(acting.instance, since)));
    }
    match webhook::waiting(tx, id)? {
        0 => {}
        many => lines.push(format!("{} to be sent.", counted(many.unsigned_abs(), "message"))),
    }
    if let Some(at) = held.off_at {
        let why = held.off_why.as_deref().map_or_else(String::new, |why| format!(": {why}"));
        lines.push(format!(
            "Off since {}{why}. Of what happens meanwhile it is never told.",
            frame::moment(acting.instance, at)
        ));
    }
    if let Some((_, until)) = &held.old {
        lines.push(format!(
            "Messages are signed with the secret before as well until {}.",
            frame::moment(acting.instance, *until)
        ));
    }
    let keys = acting.instance.store.keys();
    let url = acts::address(keys, &held)?;
    let (form, ticked) = form.unwrap_or_else(|| {
        let values = [("url", url), ("version", held.version.to_string())];
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let ticked = held.events.split(' ').map(str::to_owned).collect();
        (Form { values, errors: Vec::new() }, ticked)
    });
    html(&One {
        page: frame::page(acting, "Webhook", "admin", path),
        tabs: super::tabs(HERE),
        href: format!("/admin/webhooks/{id}"),
        host: host(keys, &held),
        state,
        tone,
        on: held.off_at.is_none(),
        lines,
        form,
        events: choices(&ticked),
        secret,
    })
}

/// `POST /admin/webhooks/{id}`: another address, or other events.
pub async fn change(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let typed = Typed::of(given);
    let (url, events, version) = (typed.url.clone(), typed.events.clone(), typed.number("version"));
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        acts::change(acting, tx, (id, version), &url, &events)
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/webhooks/{id}?said=saved")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let form = Form { values: typed.all.into_iter().collect(), errors };
                let form = Some((form, typed.events));
                let shown = read(State(house), &visitor, move |acting, tx| {
                    one(acting, tx, id, (form, String::new()), HERE)
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}

/// `POST /admin/webhooks/{id}/secret`: another secret, shown once.
pub async fn secret(State(house): House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let made = write(State(house.clone()), &visitor, move |acting, tx| acts::rotate(acting, tx, id)).await?;
    let shown = read(State(house), &visitor, move |acting, tx| one(acting, tx, id, (None, made), HERE));
    Ok(shown.await?.into_response())
}

/// `POST /admin/webhooks/{id}/switch`: on or off.
pub async fn switch(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Redirect> {
    let on = given.iter().any(|(name, value)| name == "on" && value == "yes");
    write(house, &visitor, move |acting, tx| acts::switch(acting, tx, id, on)).await?;
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?said=saved")))
}

/// `POST /admin/webhooks/{id}/trial`.
pub async fn trial(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| acts::try_out(acting, tx, id)).await?;
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?said=leaving")))
}

/// `POST /admin/webhooks/{id}/removal`.
pub async fn remove(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| acts::remove(acting, tx, id)).await?;
    Ok(Redirect::to("/admin/webhooks?said=removed"))
}

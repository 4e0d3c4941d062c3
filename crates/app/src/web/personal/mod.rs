//! Writing to one person: under what, and the words, on an empty page or begun with a template; below them stands what the policy
//! has stand there.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{PersonId, TemplateId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::Tx;

use super::error::{Told, told_page};
use super::page::{Choice, Form, Link, Page};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::{Acting, personal, template};
use crate::fault::Fault;
use crate::mail::letter::{self, Links};

#[derive(Template)]
#[template(path = "personal/write.html")]
struct Write {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    form: Form,
    ways: Vec<Choice>,
    /// What stands below the words, for each of them that has something.
    below: Vec<Below>,
    /// What the letter may begin with.
    templates: Vec<Link>,
    closed: Vec<(String, String)>,
    mail_ready: bool,
}

struct Below {
    /// The channel's title, or nothing where there is only one.
    of: String,
    words: String,
}

/// What the address says: with which template the letter begins.
#[derive(Deserialize, Clone, Copy, Default)]
pub struct With {
    template: Option<i64>,
}

/// `GET /people/{id}/mail`.
pub async fn get(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(With { template }): Query<With>,
) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let form = match template {
            Some(template) => begun(acting, tx, PersonId(id), TemplateId(template))?,
            None => Form::default(),
        };
        page(acting, tx, PersonId(id), form, &path)
    })
    .await
}

/// The form as a template begins it.
fn begun(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId, with: TemplateId) -> Result<Form, Fault> {
    let words = template::for_one(acting, tx, with, id)?;
    let values = [("activity", words.activity), ("subject", words.subject), ("text", words.body)];
    Ok(Form { values: values.map(|(name, value)| (name.to_owned(), value)).into(), ..Form::default() })
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (life, grant) = super::person::named(acting, tx, id)?;
    let name = super::person::called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let found = personal::ways(acting, tx, &life)?;
    let alone = found.open.len() == 1;
    let ways = found.open.iter().map(|(activity, channel)| Choice {
        value: activity.name.clone(),
        words: activity.title.clone(),
        // The policy names a channel as the notice says it, to the person.
        hint: channel.title.replace("your own", "their own"),
        chosen: alone || form.value("activity") == activity.name,
    });
    let ways = ways.collect();
    let links = Links::preview(acting.instance);
    let mut below: Vec<Below> = Vec::new();
    for (_, channel) in &found.open {
        let Some(footer) = &channel.footer else { continue };
        let of = if alone { String::new() } else { channel.title.clone() };
        if !below.iter().any(|known| known.of == of) {
            below.push(Below { of, words: letter::filled(footer, &links) });
        }
    }
    let base = format!("/people/{id}");
    let kept = store::template::all(tx)?.into_iter();
    let open = |held: &store::template::Template| {
        found.open.iter().any(|(activity, _)| activity.name == held.words.activity)
    };
    let templates = kept
        .filter(open)
        .map(|held| Link { href: format!("{base}/mail?template={}", held.id), words: held.words.name });
    let templates = templates.collect();
    html(&Write {
        page: frame::page(acting, "Write to them", "people", path),
        base,
        templates,
        closed: found.closed,
        mail_ready: acting.instance.config.smtp.is_some(),
        ways,
        below,
        form,
        name,
        grant,
    })
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Words {
    #[serde(default)]
    activity: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
}

/// `POST /people/{id}/mail`.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Words>,
) -> Answer<Response> {
    let typed = given.clone();
    let done = write(house.clone(), &visitor, move |acting, tx| {
        personal::send(acting, tx, PersonId(id), &given.activity, (&given.subject, &given.text))
    });
    let trouble = match done.await {
        Ok(_) => return Ok(Redirect::to(&format!("/people/{id}?said=leaving")).into_response()),
        Err(trouble) => trouble,
    };
    match trouble.told()? {
        Told::Invalid(errors) => {
            let values = [("activity", typed.activity), ("subject", typed.subject), ("text", typed.text)];
            let form = Form { values: values.map(|(name, value)| (name.to_owned(), value)).into(), errors };
            let path = format!("/people/{id}/mail");
            let shown =
                read(house, &visitor, move |acting, tx| page(acting, tx, PersonId(id), form, &path)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
        told @ Told::Refused(_) => Ok(told_page(told)),
    }
}

//! Templates: the texts that are kept to begin mailings and letters with, and one of them to write.

use askama::Template;
use axum::Form as Posted;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::TemplateId;
use policy::role::Deed;
use serde::Deserialize;
use store::picture::Of;
use store::template::{self, Changed, Words};
use store::{Tx, staff};

use super::error::{Told, told_page};
use super::outreach::{for_anybody, tabs};
use super::page::{Choice, Day, Form, Page, Tab};
use super::picture::{Listed, listed};
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::{Acting, template as acts};
use crate::fault::Fault;
use crate::mail::compose::{self, At};

mod pictures;

pub use pictures::{add_picture, picture, remove_picture};

#[derive(Template)]
#[template(path = "template/templates.html")]
struct Templates {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    called: String,
    purpose: String,
    by: String,
    on: Day,
}

#[derive(Template)]
#[template(path = "template/template.html")]
struct One {
    page: Page,
    /// Where the form is sent.
    base: String,
    /// What it is called as it is kept; empty where it is new.
    called: String,
    version: i64,
    form: Form,
    activities: Vec<Choice>,
    theirs: Option<Words>,
    /// The subject and the text as they would look to anybody.
    subject: String,
    shown: String,
    pictures: Vec<Listed>,
    /// Where a mailing is begun with it; empty where it is for writing to one.
    begin: String,
}

/// `GET /outreach/templates`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Send)?;
        let accounts = staff::all(tx)?;
        let rows = template::all(tx)?.into_iter().map(|held| Row {
            href: format!("/outreach/templates/{}", held.id),
            purpose: purpose(acting, &held.words.activity),
            by: accounts
                .iter()
                .find(|account| Some(account.id) == held.kept_by)
                .map_or_else(String::new, |account| account.name.clone()),
            on: frame::day(acting.instance.clock.on(held.kept_at), acting.today),
            called: held.words.name,
        });
        let rows = rows.collect();
        html(&Templates {
            page: frame::page(acting, "Templates", "outreach", &path),
            tabs: tabs(&acting.policy, "/outreach/templates"),
            rows,
        })
    })
    .await
}

/// What a template is for, in words.
fn purpose(acting: &Acting<'_>, activity: &str) -> String {
    acting.policy.activity_named(activity).map_or_else(
        || format!("{activity}, which the policy no longer has"),
        |activity| activity.title.clone(),
    )
}

/// `GET /outreach/templates/new`.
pub async fn new(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, None, Back::default(), &path)).await
}

/// `GET /outreach/templates/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, Some(TemplateId(id)), Back::default(), &path))
        .await
}

/// What a form came back with.
#[derive(Clone, Default)]
struct Back {
    form: Option<Form>,
    conflict: bool,
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    which: Option<TemplateId>,
    back: Back,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::Send)?;
    let held = which.map(|which| template::one(tx, which)).transpose()?;
    let version = held.as_ref().map_or(0, |held| held.version);
    let words = held.map(|held| held.words).unwrap_or_default();
    let mut form = back.form.unwrap_or_default();
    for (field, value) in [
        ("name", &words.name),
        ("activity", &words.activity),
        ("subject", &words.subject),
        ("text", &words.body),
    ] {
        form.values.entry(field.to_owned()).or_insert_with(|| value.clone());
    }
    let many = |activity: &str| acts::to_many(&acting.policy, activity);
    let activities = acts::purposes(&acting.policy).into_iter().map(|activity| Choice {
        value: activity.name.clone(),
        words: activity.title.clone(),
        hint: if many(&activity.name) { "To many".to_owned() } else { "To one at a time".to_owned() },
        chosen: form.value("activity") == activity.name,
    });
    let activities = activities.collect();
    let all = "/outreach/templates".to_owned();
    let base = which.map_or(all, |which| format!("/outreach/templates/{which}"));
    let drawn = which.map(|which| store::picture::all(tx, Of::Template(which))).transpose()?;
    let drawn = drawn.unwrap_or_default();
    html(&One {
        page: frame::page(acting, "A template", "outreach", path),
        pictures: which.map(|which| listed(tx, Of::Template(which), &base)).transpose()?.unwrap_or_default(),
        called: words.name.clone(),
        begin: which
            .filter(|_| many(&words.activity))
            .map_or_else(String::new, |which| format!("/outreach/new?template={which}")),
        subject: words.subject.clone(),
        shown: for_anybody(&compose::inner_with(&words.body, None, &drawn, At::Page(&base))),
        base,
        theirs: back.conflict.then_some(words),
        version,
        form,
        activities,
    })
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    activity: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    version: i64,
}

impl Typed {
    fn words(&self) -> Words {
        Words {
            name: self.name.clone(),
            activity: self.activity.clone(),
            subject: self.subject.clone(),
            body: self.text.clone(),
        }
    }

    fn form(self) -> Form {
        let values = [
            ("name", self.name),
            ("activity", self.activity),
            ("subject", self.subject),
            ("text", self.text),
        ];
        Form { values: values.map(|(field, value)| (field.to_owned(), value)).into(), ..Form::default() }
    }
}

/// `POST /outreach/templates`: a new one.
pub async fn keep(house: House, visitor: Visitor, Posted(given): Posted<Typed>) -> Answer<Response> {
    let words = given.words();
    let kept = write(house.clone(), &visitor, move |acting, tx| acts::keep(acting, tx, &words)).await;
    match kept {
        Ok(kept) => Ok(Redirect::to(&format!("/outreach/templates/{kept}?said=saved")).into_response()),
        Err(trouble) => again(house, visitor, None, trouble.told()?, given.form()).await,
    }
}

/// `POST /outreach/templates/{id}`.
pub async fn change(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Typed>,
) -> Answer<Response> {
    let (words, seen, which) = (given.words(), given.version, TemplateId(id));
    let changed =
        write(house.clone(), &visitor, move |acting, tx| acts::change(acting, tx, which, seen, &words)).await;
    match changed {
        Ok(Changed::Stored(_)) => {
            Ok(Redirect::to(&format!("/outreach/templates/{id}?said=saved")).into_response())
        }
        Ok(Changed::Conflict(_)) => {
            let back = Back { form: Some(given.form()), conflict: true };
            shown(house, visitor, Some(which), StatusCode::CONFLICT, back).await
        }
        Err(trouble) => again(house, visitor, Some(which), trouble.told()?, given.form()).await,
    }
}

/// `POST /outreach/templates/{id}/forget`.
pub async fn forget(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    write(house, &visitor, move |acting, tx| acts::forget(acting, tx, TemplateId(id))).await?;
    Ok(Redirect::to("/outreach/templates?said=removed").into_response())
}

async fn again(
    house: House,
    visitor: Visitor,
    which: Option<TemplateId>,
    told: Told,
    form: Form,
) -> Answer<Response> {
    match told {
        Told::Invalid(errors) => {
            let back = Back { form: Some(Form { errors, ..form }), conflict: false };
            shown(house, visitor, which, StatusCode::UNPROCESSABLE_ENTITY, back).await
        }
        told @ Told::Refused(_) => Ok(told_page(told)),
    }
}

async fn shown(
    house: House,
    visitor: Visitor,
    which: Option<TemplateId>,
    status: StatusCode,
    back: Back,
) -> Answer<Response> {
    let path = visitor.path.clone();
    let page = read(house, &visitor, move |acting, tx| page(acting, tx, which, back, &path)).await?;
    Ok((status, page).into_response())
}

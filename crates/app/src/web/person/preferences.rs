//! What a person told us about being contacted: a no counts at once, a yes only as their own later word.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::life::Scope as Objected;
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use store::Tx;

use super::{called, named};
use crate::acts::{Acting, objection as acts};
use crate::fault::Fault;
use crate::web::error::{Told, told_page};
use crate::web::page::{Choice, Form, Page};
use crate::web::people::choices;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// What can be stopped, as the form and [`acts::scope`] call it, with the words of the question.
const SCOPES: &[(&str, &str, &str)] = &[
    ("marketing", "Being told what we offer", "They do want it again"),
    ("calls", "Being called about what we offer", "They may be called again"),
    ("all contact", "Any contact at all", "They may be contacted again"),
];

/// How people tell us.
const HOW: &[&str] = &["by telephone", "by e-mail", "by letter", "in person"];

#[derive(Template)]
#[template(path = "person/preferences.html")]
struct Preferences {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    form: Form,
    scopes: Vec<Scope>,
    how: Vec<Choice>,
    today: String,
}

struct Scope {
    name: String,
    words: String,
    now: String,
    may_say_yes: bool,
    yes_words: String,
}

/// `GET /people/{id}/preferences`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, PersonId(id), Form::default(), &path)).await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (life, grant) = named(acting, tx, id)?;
    let name = called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let how: Vec<String> = HOW.iter().map(|how| (*how).to_owned()).collect();
    html(&Preferences {
        page: frame::page(acting, "What did they tell us?", "people", path),
        base: format!("/people/{id}"),
        scopes: SCOPES.iter().filter_map(|scope| asked(acting, &life, *scope)).collect(),
        how: choices(&how, form.value("how")),
        today: acting.today.to_string(),
        form,
        name,
        grant,
    })
}

fn asked(acting: &Acting<'_>, life: &Life, (name, words, yes): (&str, &str, &str)) -> Option<Scope> {
    let scope = acts::scope(&acting.policy, name)?;
    let no = since(life, &scope, acting.today);
    Some(Scope {
        name: name.replace(' ', "-"),
        words: words.to_owned(),
        now: no.map_or_else(
            || "nothing against it".to_owned(),
            |day| format!("no, since {}", frame::words(day)),
        ),
        may_say_yes: no.is_some(),
        yes_words: yes.to_owned(),
    })
}

/// Since when an objection in a scope stands.
fn since(life: &Life, scope: &Objected, today: Date) -> Option<Date> {
    let standing = life.objections.iter().filter(|objection| {
        objection.scope == *scope && objection.lifted_on.is_none_or(|lifted| today < lifted)
    });
    standing.map(|objection| objection.made_on).min()
}

/// `POST /people/{id}/preferences`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let value = |name: &str| {
        given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str()).to_owned()
    };
    let said: Vec<(&str, String)> = SCOPES
        .iter()
        .map(|(name, ..)| (*name, value(&format!("choice-{}", name.replace(' ', "-")))))
        .filter(|(_, said)| !said.is_empty())
        .collect();
    let (how, on) = (value("how"), value("on"));
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        let on: Date = on.parse().map_err(|_| Fault::field("on", "Choose the day they told us."))?;
        if said.is_empty() {
            return Err(Fault::field("choice-marketing", "Choose what they told us, or go back."));
        }
        for (name, answer) in &said {
            let scope = acts::scope(&acting.policy, name).ok_or(Fault::NotFound)?;
            match answer.as_str() {
                "no" => {
                    acts::record(acting, tx, PersonId(id), &scope, (on, how.trim_start_matches("by ")))?;
                }
                _ => acts::lift(acting, tx, PersonId(id), &scope, on)?,
            }
        }
        Ok(())
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let form = Form { values: given.into_iter().collect(), errors };
                let path = format!("/people/{id}/preferences");
                let shown = read(State(house), &visitor, move |acting, tx| {
                    page(acting, tx, PersonId(id), form, &path)
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}

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
use policy::activity::Purpose;
use policy::{Activity, Basis, Policy};
use store::Tx;

use super::{called, named};
use crate::acts::preference::topics;
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

/// The words that take a no to one topic back.
const AGAIN: &str = "They do want it again";

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
        scopes: asked_all(acting, tx, &life)?,
        how: choices(&how, form.value("how")),
        today: acting.today.to_string(),
        form,
        name,
        grant,
    })
}

/// The topics of a policy that are stopped by a no: what rests on a yes is stopped by taking that back, beside it on the page of the
/// person.
fn topics_of(policy: &Policy) -> impl Iterator<Item = &Activity> {
    policy.activities.iter().filter(|activity| {
        activity.purpose == Purpose::DirectMarketing && !matches!(activity.basis, Basis::Consent { .. })
    })
}

/// What is asked of somebody: all that promotes us, each topic that is for them, calls, any contact.
fn asked_all(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Scope>, Fault> {
    let theirs = topics::topics(acting, tx, life.person)?;
    let theirs = topics_of(&acting.policy)
        .filter(|activity| theirs.iter().any(|topic| topic.name == activity.name))
        .map(|activity| (activity.name.as_str(), activity.title.as_str(), AGAIN));
    let (all, others) = (SCOPES.iter().copied().take(1), SCOPES.iter().copied().skip(1));
    Ok(all.chain(theirs).chain(others).filter_map(|row| asked(acting, life, row)).collect())
}

fn asked(acting: &Acting<'_>, life: &Life, (name, words, yes): (&str, &str, &str)) -> Option<Scope> {
    let scope = acts::scope(&acting.policy, name)?;
    let no = since(life, &scope, acting.today);
    Some(Scope {
        name: field(name),
        words: words.to_owned(),
        now: no.map_or_else(
            || with(acting, life, &scope).unwrap_or_else(|| "nothing against it".to_owned()),
            |day| format!("no, since {}", frame::words(day)),
        ),
        may_say_yes: no.is_some(),
        yes_words: yes.to_owned(),
    })
}

/// What a scope is called in the form.
fn field(name: &str) -> String {
    name.replace(' ', "-")
}

/// That a wider no stops it as well, in words.
fn with(acting: &Acting<'_>, life: &Life, scope: &Objected) -> Option<String> {
    let wider: &[&str] = match scope {
        Objected::AllContact => &[],
        Objected::Purpose(_) => &["all contact"],
        Objected::Calls | Objected::Activity(_) => &["all contact", "marketing"],
    };
    wider.iter().find_map(|wider| {
        let day = since(life, &acts::scope(&acting.policy, wider)?, acting.today)?;
        let (_, words, _) = SCOPES.iter().find(|(name, ..)| name == wider)?;
        Some(format!("no, with \u{201c}{words}\u{201d}, since {}", frame::words(day)))
    })
}

/// What somebody said no to that stands, for the page of the person: its words, and why.
pub(super) fn refused(acting: &Acting<'_>, life: &Life) -> Vec<(String, String)> {
    let topics = topics_of(&acting.policy).map(|activity| (activity.name.as_str(), activity.title.as_str()));
    let rows = SCOPES.iter().map(|(name, words, _)| (*name, *words)).chain(topics);
    let standing = rows.filter_map(|(name, words)| {
        let day = since(life, &acts::scope(&acting.policy, name)?, acting.today)?;
        Some((words.to_owned(), format!("they asked on {}", custody::explain::day(day))))
    });
    standing.collect()
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
    let said: Vec<(String, String)> = given
        .iter()
        .filter_map(|(key, said)| Some((key.strip_prefix("choice-")?.to_owned(), said.clone())))
        .filter(|(_, said)| !said.is_empty())
        .collect();
    let (how, on) = (value("how"), value("on"));
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        let on: Date = on.parse().map_err(|_| Fault::field("on", "Choose the day they told us."))?;
        if said.is_empty() {
            return Err(Fault::field("choice-marketing", "Choose what they told us, or go back."));
        }
        let topics = topics_of(&acting.policy).map(|activity| activity.name.as_str());
        let names: Vec<&str> = SCOPES.iter().map(|(name, ..)| *name).chain(topics).collect();
        for (asked, answer) in &said {
            let name = names.iter().find(|name| field(name) == *asked).ok_or(Fault::NotFound)?;
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

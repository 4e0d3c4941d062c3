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
use crate::web::people::{capital, choices};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// What can be stopped beside single topics: how the form calls it, its words, and those that take a no back.
const WIDE: &[(&str, &str, &str, Objected)] = &[
    (
        "marketing",
        "being told what we offer",
        "They do want it again",
        Objected::Purpose(Purpose::DirectMarketing),
    ),
    ("calls", "being called about what we offer", "They may be called again", Objected::Calls),
    ("all-contact", "any contact at all", "They may be contacted again", Objected::AllContact),
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
        scopes: asked(acting, tx, &life)?,
        how: choices(&how, form.value("how")),
        today: acting.today.to_string(),
        form,
        name,
        grant,
    })
}

/// What somebody can say no to.
struct Question {
    field: String,
    words: String,
    /// What takes a no back.
    again: &'static str,
    scope: Objected,
}

/// What can be said no to: all that promotes us, each topic of it, calls, any contact. What rests on a yes is stopped by taking that
/// back, beside it on the page of the person.
fn questions(policy: &Policy) -> Vec<Question> {
    let wide = |(field, words, again, scope): &(&str, &str, &'static str, Objected)| Question {
        field: (*field).to_owned(),
        words: capital(words),
        again,
        scope: scope.clone(),
    };
    let stopped = |activity: &&Activity| {
        activity.purpose == Purpose::DirectMarketing && !matches!(activity.basis, Basis::Consent { .. })
    };
    let topics = policy.activities.iter().filter(stopped).map(|activity| Question {
        // A topic may be called `marketing`, too.
        field: format!("topic-{}", activity.name.replace(' ', "-")),
        words: activity.title.clone(),
        again: "They do want it again",
        scope: Objected::Activity(activity.id),
    });
    let (all, others) = WIDE.split_at(1);
    all.iter().map(wide).chain(topics).chain(others.iter().map(wide)).collect()
}

/// What is asked of somebody: of the topics those that are for them.
fn asked(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Scope>, Fault> {
    let theirs = topics::topics(acting, tx, life.person)?;
    let for_them = |question: &Question| match question.scope {
        Objected::Activity(id) => {
            let activity = acting.policy.activity(id);
            activity.is_some_and(|activity| theirs.iter().any(|topic| topic.name == activity.name))
        }
        Objected::Purpose(_) | Objected::Calls | Objected::AllContact => true,
    };
    let scope = |question: Question| {
        let no = since(life, &question.scope, acting.today);
        let now = no.map(|day| format!("no, since {}", frame::words(day)));
        Scope {
            name: question.field,
            words: question.words,
            now: now
                .or_else(|| with(life, &question.scope, acting.today))
                .unwrap_or_else(|| "nothing against it".to_owned()),
            may_say_yes: no.is_some(),
            yes_words: question.again.to_owned(),
        }
    };
    Ok(questions(&acting.policy).into_iter().filter(for_them).map(scope).collect())
}

/// That a wider no stops it as well, in words.
fn with(life: &Life, scope: &Objected, today: Date) -> Option<String> {
    let wider: &[Objected] = match scope {
        Objected::AllContact => &[],
        Objected::Purpose(_) => &[Objected::AllContact],
        Objected::Calls | Objected::Activity(_) => {
            &[Objected::AllContact, Objected::Purpose(Purpose::DirectMarketing)]
        }
    };
    wider.iter().find_map(|wider| {
        let day = since(life, wider, today)?;
        let (_, words, ..) = WIDE.iter().find(|(.., scope)| scope == wider)?;
        Some(format!("no, with \u{201c}{}\u{201d}, since {}", capital(words), frame::words(day)))
    })
}

/// What somebody said no to that stands, for the page of the person: its words, and why.
pub(super) fn refused(acting: &Acting<'_>, life: &Life) -> Vec<(String, String)> {
    let standing = questions(&acting.policy).into_iter().filter_map(|question| {
        let day = since(life, &question.scope, acting.today)?;
        Some((question.words, format!("they asked on {}", custody::explain::day(day))))
    });
    standing.collect()
}

/// What somebody said no to, in a sentence: `being told what we offer`.
pub(in crate::web) fn said_no_to(policy: &Policy, scope: &Objected) -> String {
    if let Some((_, words, ..)) = WIDE.iter().find(|(.., wide)| wide == scope) {
        return (*words).to_owned();
    }
    match scope {
        Objected::Activity(id) => policy.activity(*id).map_or_else(
            || "a use that the policy no longer has".to_owned(),
            |activity| format!("\u{201c}{}\u{201d}", activity.title),
        ),
        scope => {
            let (_, named) = store::objection::scope_name(policy, scope);
            named.unwrap_or("a use of their details").to_owned()
        }
    }
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
        let questions = questions(&acting.policy);
        for (asked, answer) in &said {
            let question = questions.iter().find(|question| question.field == *asked);
            let scope = &question.ok_or(Fault::NotFound)?.scope;
            match answer.as_str() {
                "no" => {
                    acts::record(acting, tx, PersonId(id), scope, (on, how.trim_start_matches("by ")))?;
                }
                _ => acts::lift(acting, tx, PersonId(id), scope, on)?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Pack;

    #[test]
    fn a_topic_that_is_called_like_all_of_them_is_asked_about_by_itself() {
        let policy = Pack::named("chorus").unwrap().policy().unwrap();
        let topic = Objected::Activity(policy.activity_named("marketing").unwrap().id);
        let questions = questions(&policy);
        let of =
            |field: &str| questions.iter().filter(|question| question.field == field).collect::<Vec<_>>();
        assert!(
            matches!(of("marketing")[..], [all] if all.scope == Objected::Purpose(Purpose::DirectMarketing))
        );
        assert!(
            matches!(of("topic-marketing")[..], [one] if one.scope == topic && one.words == "Our campaigns")
        );
    }
}

//! A line of a timeline: changing what it says, taking it away, and taking back what was just done to it.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{EntryId, PersonId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::Tx;
use store::entry::Changed;

use super::error::Told;
use super::page::{Day, Form, Page};
use super::people::{capital, escape};
use super::show::filters;
use super::{Answer, House, Trouble, Visitor, cleared, frame, html, read, write};
use crate::acts::{Acting, entry as acts, request};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "line/line.html")]
struct LinePage {
    page: Page,
    grant: Grant,
    back: String,
    action: String,
    form: Form,
    kind: String,
    when: Day,
    by: String,
    text: Sealed,
    typed: Option<String>,
    conflict: bool,
    version: i64,
    /// Whether it may be taken away: not while a hold stands.
    may_remove: bool,
    /// That somebody in it waits for a copy of what we hold.
    waits: String,
    why: String,
}

/// What the forms send, and what an address says.
#[derive(Deserialize, Clone, Default)]
pub struct Sent {
    #[serde(default)]
    text: String,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    back: String,
    /// Why it changes or goes now, while somebody in it waits for a copy.
    #[serde(default)]
    why: String,
}

/// Where somebody came from: a page of a person or of work, and nowhere else.
fn back_to(back: &str) -> &str {
    let ours = ["/people/", "/work/"].iter().any(|begins| back.starts_with(begins));
    if ours && back.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '/') {
        back
    } else {
        "/"
    }
}

/// The address of a line's page, which leads back to where it was shown.
#[must_use]
pub fn href(entry: EntryId, back: &str) -> String {
    format!("/entries/{entry}?back={}", escape(back))
}

/// `GET /entries/{id}?back=`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(sent): Query<Sent>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        page(acting, tx, EntryId(id), &sent, Form::default(), None, &path)
    })
    .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: EntryId,
    sent: &Sent,
    form: Form,
    conflict: Option<()>,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (held, grant) = acts::opened(acting, tx, id)?;
    acting.opens("entry.read", &grant);
    let again = conflict.is_some() || !form.errors.is_empty();
    let staff = store::staff::all(tx)?;
    html(&LinePage {
        page: frame::page(acting, "A line of the timeline", "people", path),
        back: back_to(&sent.back).to_owned(),
        action: format!("/entries/{id}"),
        kind: acting.policy.kind(held.kind).map_or_else(String::new, |kind| capital(&kind.name)),
        when: frame::day(held.on, acting.today),
        by: staff
            .iter()
            .find(|staff| Some(staff.id) == held.author)
            .map_or_else(String::new, |staff| staff.name.clone()),
        typed: again.then(|| sent.text.clone()),
        conflict: conflict.is_some(),
        version: held.version,
        may_remove: acts::may_remove(acting, tx, &held)?,
        waits: waits(tx, &held.people)?,
        why: if again { sent.why.clone() } else { String::new() },
        text: held.body,
        form,
        grant,
    })
}

/// That somebody a line is about waits for a copy; nothing if nobody does.
fn waits(tx: &Tx<'_>, people: &[(PersonId, custody::coverage::Role)]) -> Result<String, Fault> {
    for (person, _) in people {
        if let Some(words) = request::waits(tx, *person)? {
            return Ok(words);
        }
    }
    Ok(String::new())
}

/// `POST /entries/{id}`.
pub async fn change(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    let (given, back) = (sent.clone(), back_to(&sent.back).to_owned());
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        acts::change(acting, tx, EntryId(id), given.version, (&given.text, &given.why))
    });
    let (status, errors, conflict) = match done.await {
        Ok(Changed::Stored(version)) => {
            let to = format!("{back}?said=saved&undo=entries-{id}-{version}");
            return Ok(Redirect::to(&to).into_response());
        }
        Ok(Changed::Conflict(_)) => (StatusCode::CONFLICT, Vec::new(), Some(())),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
            Told::Refused(refused) => return Ok(super::error::refused_page(&refused)),
        },
    };
    let path = visitor.path.clone();
    let form = Form { errors, ..Form::default() };
    let page = read(State(house), &visitor, move |acting, tx| {
        page(acting, tx, EntryId(id), &sent, form, conflict, &path)
    });
    Ok((status, page.await?).into_response())
}

/// `POST /entries/{id}/removal`.
pub async fn remove(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(sent): Posted<Sent>,
) -> Answer<Response> {
    let to = format!("{}?said=removed", back_to(&sent.back));
    let given = sent.clone();
    let done = write(house.clone(), &visitor, move |acting, tx| {
        acts::remove(acting, tx, EntryId(id), given.version, &given.why)
    });
    let Err(trouble) = done.await else {
        cleared(&house).await.map_err(|fault| Trouble::new(fault, &visitor))?;
        return Ok(Redirect::to(&to).into_response());
    };
    let form = Form { errors: trouble.invalid()?, ..Form::default() };
    let path = visitor.path.clone();
    let page = read(house, &visitor, move |acting, tx| {
        // What it says is not typed anew: only why it goes.
        let (held, grant) = acts::opened(acting, tx, EntryId(id))?;
        let sent = Sent { text: crate::print::copy::text(&held.body, &grant).unwrap_or_default(), ..sent };
        page(acting, tx, EntryId(id), &sent, form, None, &path)
    });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
}

/// `POST /entries/{id}/undo?version=&back=`: what was just done is taken back: the change, or the line itself.
pub async fn undo(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(sent): Query<Sent>,
) -> Answer<Redirect> {
    let to = format!("{}?said=undone", back_to(&sent.back));
    write(house, &visitor, move |acting, tx| acts::undo(acting, tx, EntryId(id), sent.version)).await?;
    Ok(Redirect::to(&to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        assert_eq!(back_to("/people/7"), "/people/7");
        assert_eq!(back_to("/work/7"), "/work/7");
        for elsewhere in
            ["", "//evil.example", "/people/..//evil", "https://evil.example", "/people/7?x", "/admin"]
        {
            assert_eq!(back_to(elsewhere), "/", "{elsewhere}");
        }
    }
}

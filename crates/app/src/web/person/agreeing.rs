//! Writing down on somebody who is here already what they agreed to: which day, and what shows it.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use store::Tx;

use super::{called, named};
use crate::acts::Acting;
use crate::acts::consent::{self as acts, Given};
use crate::fault::Fault;
use crate::web::error::{Told, told_page};
use crate::web::page::{Choice, Form, Page};
use crate::web::people::capital;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "person/agreeing.html")]
struct Agreeing {
    page: Page,
    base: String,
    /// What they are called; nothing where nothing of theirs may be shown today.
    called: Option<(Sealed, Grant)>,
    form: Form,
    activities: Vec<Choice>,
    shows: Vec<Choice>,
    rows: Vec<Choice>,
    on: String,
}

/// `GET /people/{id}/consents`.
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
    let (life, called) = match named(acting, tx, id) {
        Ok((life, grant)) => {
            let name = called(acting, tx, id, &grant)?;
            (life, name.map(|name| (name, grant)))
        }
        Err(Fault::Refused(_)) => (acting.life(tx, id)?, None),
        Err(fault) => return Err(fault),
    };
    acts::may_take(acting, &life)?;
    let choice = |value: &str, words: String, chosen: bool| Choice {
        value: value.to_owned(),
        words,
        hint: String::new(),
        chosen,
    };
    let asked = acts::askable(acting, &life).into_iter();
    let activities =
        asked.map(|asked| choice(&asked.name, asked.title.clone(), form.value("activity") == asked.name));
    let shows = acts::choices().into_iter();
    let shows = shows.map(|(name, words)| choice(name, capital(words), form.value("evidence") == name));
    let on = form.value("agreed");
    html(&Agreeing {
        page: frame::page(acting, "What did they agree to?", "people", path),
        base: format!("/people/{id}"),
        activities: activities.collect(),
        shows: shows.collect(),
        rows: rows(acting, tx, &life, form.value("row"))?,
        on: if on.is_empty() { acting.today.to_string() } else { on.to_owned() },
        form,
        called,
    })
}

/// The lines, documents and calls of theirs that whoever acts may see: their kind and day, and nothing that stands in them.
pub(super) fn rows(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    chosen: &str,
) -> Result<Vec<Choice>, Fault> {
    let choice =
        |value: String, words: String| Choice { chosen: value == chosen, value, words, hint: String::new() };
    let nothing = choice(String::new(), "Nothing that is here".to_owned());
    let offered = acts::on_file(acting, tx, life)?;
    let offered = offered.into_iter().filter_map(|held| {
        let kind = acting.policy.kind(held.kind)?;
        Some(choice(held.row.to_string(), format!("{}, {}", capital(&kind.name), frame::words(held.on))))
    });
    Ok(std::iter::once(nothing).chain(offered).collect())
}

/// The line, document or call that was chosen of [`rows`]; nothing where none was.
pub(super) fn chosen_row(chosen: &str) -> Result<Option<i64>, Fault> {
    match chosen.trim() {
        "" => Ok(None),
        number => number
            .parse()
            .map(Some)
            .map_err(|_| Fault::field("row", "Nothing of theirs has this number that could show it.")),
    }
}

/// `POST /people/{id}/consents`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let value = |name: &str| {
        given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str()).to_owned()
    };
    let (activity, evidence, row) = (value("activity"), value("evidence"), value("row"));
    let (on, note) = (value("agreed"), value("note"));
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        let on: Date = on.parse().map_err(|_| Fault::field("agreed", "Choose the day they agreed."))?;
        let evidence = acts::said(&evidence, chosen_row(&row)?, Some(note.as_str()))?;
        acts::agree(acting, tx, PersonId(id), &activity, Given::shown(on, evidence))
    });
    match done.await {
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let form = Form { values: given.into_iter().collect(), errors };
                let path = format!("/people/{id}/consents");
                let shown = read(State(house), &visitor, move |acting, tx| {
                    page(acting, tx, PersonId(id), form, &path)
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}

//! Recording that something of a person has ended (they left their organisation, they are no longer what they were held as):
//! what will happen tonight, in numbers, before it is recorded; and taking it back until then.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{OrganisationId, PersonId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::count::with_article;
use serde::Deserialize;
use store::{Tx, organisation, person};

use super::error::{Told, told_page};
use super::page::{Form, Page};
use super::show::filters;
use super::work::{Foreseen, shown, sums, tonight};
use super::{Answer, House, Visitor, frame, html, write};
use crate::acts::Acting;
use crate::acts::ending::{self as acts, Ending};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "ending/ending.html")]
struct Ahead {
    page: Page,
    grant: Grant,
    base: String,
    name: Option<Sealed>,
    heading: String,
    action: String,
    category: String,
    on: String,
    form: Form,
    sums: Vec<String>,
    keep: Vec<Foreseen>,
    go: Vec<Foreseen>,
    wait: Vec<Foreseen>,
    kept: Vec<Foreseen>,
}

#[derive(Template)]
#[template(path = "ending/ended.html")]
struct Over {
    page: Page,
    grant: Grant,
    base: String,
    name: Option<Sealed>,
    ended: Vec<Undone>,
    sums: Vec<String>,
}

/// Something recorded that can be taken back from a page.
pub struct Undone {
    pub(super) sort: &'static str,
    pub(super) row: i64,
    pub(super) words: String,
}

/// What can be taken back of somebody, as their page shows it.
///
/// # Errors
/// Whatever the store says.
pub(super) fn undone(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Undone>, Fault> {
    let ended = acts::standing(acting, tx, life)?.into_iter();
    let shown = |one: acts::Ended| Undone {
        sort: one.sort,
        row: one.row,
        words: format!("{}, since {}", one.words, frame::words(one.on)),
    };
    Ok(ended.map(shown).collect())
}

/// The page of somebody of whom everything has ended by what staff recorded: what goes tonight, and how to take it back.
///
/// # Errors
/// [`Fault::NotFound`] if there is nothing that whoever acts may take back.
pub(super) fn over(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    path: &str,
) -> Result<Html<String>, Fault> {
    let life = acting.life(tx, id)?;
    let grant = acts::named(acting, &life)?;
    let ended = undone(acting, tx, &life)?;
    if ended.is_empty() {
        return Err(Fault::NotFound);
    }
    let ahead = crate::acts::engagement::ahead_of(acting, tx, &life)?;
    html(&Over {
        page: frame::page(acting, "What has ended", "people", path),
        base: format!("/people/{id}"),
        name: name(acting, tx, id, &grant)?,
        sums: [tonight(&ahead), sums("person", &ahead)].concat(),
        ended,
        grant,
    })
}

fn name(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId, grant: &Grant) -> Result<Option<Sealed>, Fault> {
    let names = person::names(tx, &acting.policy, &[id])?;
    Ok(names.into_iter().find(|name| name.open(grant).is_ok()))
}

/// What the address of a preview says, and what its form sends.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Asks {
    on: String,
    /// The day for which the page showed what will happen.
    seen: String,
    category: String,
}

/// Where a preview is: of whom, and below which address.
#[derive(Clone)]
struct Place {
    whom: PersonId,
    ending: Ending,
    action: String,
    /// Where what was recorded is seen.
    to: String,
}

impl Place {
    fn left(organisation: i64, person: i64) -> Self {
        Self {
            whom: PersonId(person),
            ending: Ending::Left(OrganisationId(organisation)),
            action: format!("/organisations/{organisation}/people/{person}/left"),
            to: format!("/people/{person}?said=recorded#ended"),
        }
    }

    fn no_longer(person: i64, ground: i64, category: &str) -> Self {
        Self {
            whom: PersonId(person),
            ending: Ending::NoLonger(category.to_owned()),
            action: format!("/people/{person}/reviews/{ground}/ended"),
            to: format!("/people/{person}?said=ended#ended"),
        }
    }
}

/// `GET /organisations/{id}/people/{person}/left?on=`.
pub async fn leaving(
    house: House,
    visitor: Visitor,
    Path((id, person)): Path<(i64, i64)>,
    Query(asks): Query<Asks>,
) -> Answer {
    ahead(house, visitor, Place::left(id, person), asks).await
}

/// `POST /organisations/{id}/people/{person}/left`.
pub async fn left(
    house: House,
    visitor: Visitor,
    Path((id, person)): Path<(i64, i64)>,
    Posted(given): Posted<Asks>,
) -> Answer<Response> {
    record(house, visitor, Place::left(id, person), given).await
}

/// `GET /people/{id}/reviews/{ground}/ended?category=&on=`.
pub async fn ending(
    house: House,
    visitor: Visitor,
    Path((id, ground)): Path<(i64, i64)>,
    Query(asks): Query<Asks>,
) -> Answer {
    ahead(house, visitor, Place::no_longer(id, ground, &asks.category), asks).await
}

/// `POST /people/{id}/reviews/{ground}/ended`.
pub async fn ended(
    house: House,
    visitor: Visitor,
    Path((id, ground)): Path<(i64, i64)>,
    Posted(given): Posted<Asks>,
) -> Answer<Response> {
    record(house, visitor, Place::no_longer(id, ground, &given.category), given).await
}

async fn ahead(house: House, visitor: Visitor, place: Place, asks: Asks) -> Answer {
    let path = visitor.path.clone();
    write(house, &visitor, move |acting, tx| page(acting, tx, &place, &asks, Form::default(), &path)).await
}

async fn record(house: House, visitor: Visitor, place: Place, given: Asks) -> Answer<Response> {
    // What it does on another day is shown first.
    if given.on != given.seen && given.on.parse::<Date>().is_ok() {
        let category = super::people::escape(&given.category);
        let to = format!("{}?category={category}&on={}", place.action, given.on);
        return Ok(Redirect::to(&to).into_response());
    }
    let (there, sent) = (place.clone(), given.clone());
    let done = write(house.clone(), &visitor, move |acting, tx| {
        let on = sent.on.parse().map_err(|_| Fault::field("on", "Choose a day."))?;
        acts::record(acting, tx, there.whom, (&there.ending, on))
    });
    let errors = match done.await {
        Ok(()) => return Ok(Redirect::to(&place.to).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => errors,
            told @ Told::Refused(_) => return Ok(told_page(told)),
        },
    };
    let form = Form { errors, ..Form::default() };
    let path = visitor.path.clone();
    let page = write(house, &visitor, move |acting, tx| {
        let today = Asks { on: String::new(), ..given.clone() };
        page(acting, tx, &place, &today, form.clone(), &path)
    });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    place: &Place,
    asks: &Asks,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (_, grant) = super::person::named(acting, tx, place.whom)?;
    let on: Date = asks.on.parse().unwrap_or(acting.today);
    let heading = match &place.ending {
        Ending::Left(from) => format!("They have left {}", organisation::one(tx, *from)?.details.name),
        Ending::NoLonger(category) => format!("They are no longer {}", with_article(category)),
    };
    let ahead = acts::preview(acting, tx, place.whom, (&place.ending, on))?;
    let lines = |lines: &[_]| shown(acting, lines, ahead.by);
    html(&Ahead {
        page: frame::page(acting, &heading, "people", path),
        base: format!("/people/{}", place.whom),
        name: name(acting, tx, place.whom, &grant)?,
        heading,
        action: place.action.clone(),
        category: match &place.ending {
            Ending::Left(_) => String::new(),
            Ending::NoLonger(category) => category.clone(),
        },
        on: on.to_string(),
        form,
        sums: [tonight(&ahead), sums("person", &ahead)].concat(),
        keep: lines(&ahead.stays),
        go: lines(&ahead.goes),
        wait: lines(&ahead.waits),
        kept: lines(&ahead.kept),
        grant,
    })
}

/// What the form sends by which something is taken back.
#[derive(Deserialize, Clone)]
pub struct Back {
    sort: String,
    row: i64,
}

/// `POST /people/{id}/ended/undo`.
pub async fn undo(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Back>,
) -> Answer<Response> {
    let State(instance) = &house;
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        acts::take_back(acting, tx, PersonId(id), (&given.sort, given.row))
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/people/{id}?said=undone")).into_response()),
        Err(trouble) => Ok(told_page(trouble.told()?)),
    }
}

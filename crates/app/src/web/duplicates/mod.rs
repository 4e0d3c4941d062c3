//! Who is perhaps here twice: the pairs that are proposed, two entries side by side, and taking apart what was put together.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::PersonId;
use custody::{Grant, Life, Sealed};
use serde::Deserialize;
use store::alike::{self, Proposed};
use store::merge::{self, MergeId};
use store::{Tx, item, person};

use super::page::{FieldError, Form, Link, Page};
use super::person::preferences::said_no_to;
use super::person::{called, named, reading};
use super::pick::{self, Picker};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, people, read, write};
use crate::acts::{Acting, merging as acts, person as person_acts};
use crate::fault::Fault;

/// How many pairs a page lists.
const LISTED: u32 = 100;

/// The question for the other entry.
const OTHER: &str = "other";

#[derive(Template)]
#[template(path = "duplicates/list.html")]
struct List {
    page: Page,
    grant: Grant,
    rows: Vec<Row>,
    count: i64,
    looked: String,
}

struct Row {
    href: String,
    one: Sealed,
    other: Sealed,
    why: String,
    since: String,
}

#[derive(Template)]
#[template(path = "duplicates/pair.html")]
struct Pair {
    page: Page,
    base: String,
    one: Side,
    other: Side,
    why: Vec<&'static str>,
    form: Form,
}

/// One of the two.
struct Side {
    href: String,
    grant: Grant,
    name: Sealed,
    version: i64,
    since: String,
    categories: String,
    items: Vec<Detail>,
    hidden: u64,
    said: Vec<String>,
    works: Vec<String>,
    lines: i64,
}

struct Detail {
    label: String,
    value: Sealed,
    source: String,
    on: String,
}

#[derive(Template)]
#[template(path = "duplicates/apart.html")]
struct Apart {
    page: Page,
    grant: Grant,
    base: String,
    action: String,
    name: Sealed,
    on: String,
    may: bool,
    form: Form,
}

#[derive(Template)]
#[template(path = "duplicates/twin.html")]
struct Twin {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    other: Picker,
}

/// `GET /people/{id}/here-twice`: which other entry is the same person, where nothing proposed it. Once one is chosen, the two
/// side by side.
pub async fn twin(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Answer<Response> {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (_, grant) = named(acting, tx, PersonId(id))?;
        let name = called(acting, tx, PersonId(id), &grant)?.ok_or(Fault::NotFound)?;
        let mut form = Form { values: asked, ..Form::default() };
        let unfinished = pick::unfinished(|name| form.value(name).to_owned(), &[OTHER]);
        let chosen = form.value(OTHER).parse::<i64>().ok().filter(|_| unfinished.is_none());
        match chosen {
            Some(other) if other != id => {
                return Ok(Redirect::to(&format!("/duplicates/{id}/{other}")).into_response());
            }
            Some(_) => {
                let words = "This is the entry itself: choose the other one.".to_owned();
                form.errors.push(FieldError { field: OTHER.to_owned(), words });
            }
            None => form.errors.extend(unfinished.unwrap_or_default()),
        }
        let other = pick::of_people(acting, tx, (OTHER, "Who else is the same person?"), "", &form)?;
        let page = frame::page(acting, "Here twice?", "people", &path);
        Ok(html(&Twin { page, base: format!("/people/{id}"), name, grant, other })?.into_response())
    })
    .await
}

/// `GET /duplicates`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (pairs, grant) = proposed(acting, tx, LISTED)?;
        let both: Vec<PersonId> = pairs.iter().flat_map(|pair| [pair.one, pair.other]).collect();
        let names = person::names(tx, &acting.policy, &both)?;
        let name = |who: PersonId| {
            names.iter().find(|name| name.person() == who && name.open(&grant).is_ok()).cloned()
        };
        let rows = pairs.iter().filter_map(|pair| {
            Some(Row {
                href: format!("/duplicates/{}/{}", pair.one, pair.other),
                one: name(pair.one)?,
                other: name(pair.other)?,
                why: pair.why.iter().map(|sign| sign.words()).collect::<Vec<_>>().join(", "),
                since: frame::words(pair.found_on),
            })
        });
        let looked = alike::looked_at(tx)?.map(|at| frame::words(acting.instance.clock.on(at)));
        html(&List {
            rows: rows.collect(),
            count: alike::open_count(tx, &acting.reach(), i64::MAX)?,
            looked: looked.unwrap_or_default(),
            page: frame::page(acting, "Perhaps here twice", "people", &path),
            grant,
        })
    })
    .await
}

/// The pairs that stand of whom both are within reach, and what opens their names.
///
/// # Errors
/// If the role may see nobody at all.
pub fn proposed(acting: &Acting<'_>, tx: &Tx<'_>, limit: u32) -> Result<(Vec<Proposed>, Grant), Fault> {
    let pairs = alike::open(tx, &acting.reach(), limit)?;
    let mut both: Vec<PersonId> = pairs.iter().flat_map(|pair| [pair.one, pair.other]).collect();
    both.sort_unstable();
    both.dedup();
    let lives = acting.lives(tx, &both)?;
    let grant = people::grant(acting, &lives)?;
    acting.opens("duplicates.listed", &grant);
    Ok((pairs, grant))
}

/// `GET /duplicates/{one}/{other}`.
pub async fn get(house: House, visitor: Visitor, Path((one, other)): Path<(i64, i64)>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        pair(acting, tx, (PersonId(one), PersonId(other)), Form::default(), &path)
    })
    .await
}

fn pair(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (one, other): (PersonId, PersonId),
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    if one == other {
        return Err(Fault::NotFound);
    }
    let (older, younger) = (one.min(other), one.max(other));
    html(&Pair {
        one: side(acting, tx, older)?,
        other: side(acting, tx, younger)?,
        why: alike::why(tx, older, younger)?.into_iter().map(alike::Sign::words).collect(),
        page: frame::page(acting, "One person or two?", "people", path),
        base: format!("/duplicates/{older}/{younger}"),
        form,
    })
}

fn side(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Side, Fault> {
    let (life, grant) = reading(acting, tx, id)?;
    let policy = &acting.policy;
    let name = called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let (items, hidden) = person_acts::shown(&grant, item::of_person(tx, policy, id)?);
    let detail = |item: item::Item| Detail {
        label: policy.kind(item.kind).map_or_else(String::new, |kind| people::capital(&kind.name)),
        value: item.value,
        source: item.source,
        on: frame::words(item.collected_on),
    };
    let categories = life.categories.iter().filter(|held| held.until.is_none());
    let categories: Vec<&str> = categories
        .filter_map(|held| Some(policy.categories.get(held.category.index())?.name.as_str()))
        .collect();
    let works = life.works.iter().filter_map(|on| policy.works.get(on.work.index()));
    Ok(Side {
        href: format!("/people/{id}"),
        version: person::version(tx, id)?,
        since: life.events.iter().map(|(_, on)| *on).min().map_or_else(String::new, frame::words),
        categories: categories.join(", "),
        items: items.into_iter().map(detail).collect(),
        said: said(acting, &life),
        works: works.map(|work| people::capital(&work.name)).collect(),
        lines: store::entry::count_of_person(tx, id)?,
        hidden,
        name,
        grant,
    })
}

/// What they said yes and no to, and what keeps or limits what we hold.
fn said(acting: &Acting<'_>, life: &Life) -> Vec<String> {
    let policy = &acting.policy;
    let mut said: Vec<String> = Vec::new();
    for objection in life.objections.iter().filter(|objection| objection.lifted_on.is_none()) {
        let what = said_no_to(policy, &objection.scope);
        said.push(format!("Said no to {what} on {}", frame::words(objection.made_on)));
    }
    for consent in &life.consents {
        let Some(activity) = policy.activity(consent.activity) else { continue };
        said.push(match consent.withdrawn_on {
            Some(on) => {
                format!(
                    "Took back their consent to \u{201c}{}\u{201d} on {}",
                    activity.title,
                    frame::words(on)
                )
            }
            None => {
                format!("Agreed to \u{201c}{}\u{201d} on {}", activity.title, frame::words(consent.given_on))
            }
        });
    }
    if life.hold.is_some() {
        said.push("Kept by a hold".to_owned());
    }
    said
}

/// What the form sends.
#[derive(Deserialize, Clone)]
pub struct Given {
    are: String,
    one: i64,
    other: i64,
}

/// `POST /duplicates/{one}/{other}`: they are one, or they are two.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path((one, other)): Path<(i64, i64)>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    let State(instance) = &house;
    let pair_of = (PersonId(one), PersonId(other));
    let sent = given.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| match sent.are.as_str() {
        "one" => {
            let merged = acts::together(acting, tx, pair_of, Some((sent.one, sent.other)))?;
            Ok(format!("/people/{}?said=saved", merged.kept))
        }
        "two" => {
            acts::two(acting, tx, pair_of)?;
            Ok("/duplicates?said=saved".to_owned())
        }
        _ => Err(Fault::field("are", "Say whether they are one or two.")),
    });
    match done.await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(trouble) => {
            let form = back(trouble.invalid()?);
            let path = visitor.path.clone();
            let shown = read(house, &visitor, move |acting, tx| pair(acting, tx, pair_of, form, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
        }
    }
}

fn back(errors: Vec<FieldError>) -> Form {
    Form { errors, ..Form::default() }
}

/// The ways to take apart what was put together into an entry, the latest first.
///
/// # Errors
/// Whatever the store says.
pub fn links(tx: &Tx<'_>, id: PersonId) -> Result<Vec<Link>, Fault> {
    let link = |merged: &merge::Merged| Link {
        href: format!("/people/{id}/merges/{}", merged.id.0),
        words: format!("Put together from two entries on {}", frame::words(merged.on)),
    };
    Ok(merge::of_person(tx, id)?.iter().map(link).collect())
}

/// `GET /people/{id}/merges/{merge}`: what taking them apart would do.
pub async fn together(house: House, visitor: Visitor, Path((id, merge)): Path<(i64, i64)>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        apart_page(acting, tx, PersonId(id), MergeId(merge), Form::default(), &path)
    })
    .await
}

fn apart_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    merge: MergeId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (_, grant) = named(acting, tx, id)?;
    let name = called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let merged = merge::of_person(tx, id)?.into_iter().find(|merged| merged.id == merge);
    let merged = merged.ok_or(Fault::NotFound)?;
    html(&Apart {
        page: frame::page(acting, "Take apart", "people", path),
        base: format!("/people/{id}"),
        action: format!("/people/{id}/merges/{}", merge.0),
        on: frame::words(merged.on),
        may: merge::may_take_apart(tx, &merged)?,
        name,
        grant,
        form,
    })
}

/// `POST /people/{id}/merges/{merge}`: they are two after all.
pub async fn apart(house: House, visitor: Visitor, Path((id, merge)): Path<(i64, i64)>) -> Answer<Response> {
    let State(instance) = &house;
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        acts::apart(acting, tx, PersonId(id), MergeId(merge))
    });
    match done.await {
        Ok(merged) => {
            let to = format!("/duplicates/{}/{}?said=saved", merged.kept, merged.was);
            Ok(Redirect::to(&to).into_response())
        }
        Err(trouble) => {
            let form = back(trouble.invalid()?);
            let path = visitor.path.clone();
            let shown = read(house, &visitor, move |acting, tx| {
                apart_page(acting, tx, PersonId(id), MergeId(merge), form, &path)
            });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
        }
    }
}

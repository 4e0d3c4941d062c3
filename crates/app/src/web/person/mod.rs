//! One person's page: what is held, the timeline, and why. Every form on it goes through an act and comes
//! back with what was refused or is to put right.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::act::Asked;
use custody::explain::Segment;
use custody::id::{EntryId, ItemId, PersonId};
use custody::{Gate, Grant, Life, Sealed, Verb};
use policy::role::Deed;
use policy::{KindSet, Sort};
use serde::Deserialize;
use store::entry::Direction;
use store::item::Changed;
use store::{Tx, engagement, item, merge, organisation, person};

use super::ending::{Endings, Undone};
use super::error::Told;
use super::hold::Shown as Held;
use super::known::{self, Known};
use super::page::{Choice, Day, FieldError, Form, Link, Page, Pager, Refused};
use super::people::{capital, choices, input};
use super::show::filters;
use super::{Answer, House, Trouble, Visitor, cleared, frame, html, read, write};
use crate::acts::entry::{self as entries, NewNote};
use crate::acts::{Acting, disclosure, person as acts, request};
use crate::fault::Fault;

pub mod agreeing;
pub mod category;
mod consent;
mod entered;
mod parts;
pub mod preferences;
pub mod soft;
mod told;
mod why;

pub(in crate::web) use consent::may_agree;
pub use consent::withdraw;
pub use entered::enter;
use parts::*;
pub use told::tell as told;
use why::Why;

/// How many lines of the timeline a page shows.
const LINES: u32 = 50;

#[derive(Template)]
#[template(path = "person/person.html")]
struct PersonPage {
    page: Page,
    grant: Grant,
    base: String,
    name: Sealed,
    categories: Vec<String>,
    striped: Vec<Striped>,
    holds: Vec<Held>,
    refused: Option<Refused>,
    items: Vec<Item>,
    hidden: u64,
    hidden_who: String,
    addable: Vec<Choice>,
    add_form: Form,
    sources: Vec<Choice>,
    today: String,
    organisations: Vec<Belongs>,
    /// Entries that were put together into this one, and can be taken apart.
    together: Vec<Link>,
    works: Vec<OnWork>,
    start_work: Vec<Link>,
    preferences: Vec<Preference>,
    agreed: Vec<consent::Agreed>,
    may_agree: bool,
    out: Vec<entered::Out>,
    told: told::Said,
    composer: Composer,
    kinds: Vec<Choice>,
    entries: Vec<Entry>,
    pager: Pager,
    /// Whether only lines of one kind are shown.
    only: bool,
    why: Vec<Why>,
    known: Vec<Known>,
    ended: Vec<Undone>,
    endings: Vec<Link>,
    left: String,
    still: Vec<Link>,
    partings: Vec<String>,
    verbs: Vec<Link>,
    may_ask: bool,
    may_say_how: bool,
    /// That they wait for a copy of what we hold; nothing if they do not.
    waits: String,
    may_write: bool,
    may_pass: bool,
    may_join: bool,
    may_hold: bool,
}

struct Striped {
    title: String,
    words: String,
    href: String,
    action: String,
}

struct Item {
    id: String,
    label: String,
    value: Sealed,
    source: String,
    version: i64,
    may_change: bool,
    may_remove: bool,
    hint: String,
    kind: String,
    error: String,
    typed: Option<String>,
    /// From whom it can be once it is changed, and the day on which it was collected then.
    sources: Vec<Choice>,
    collected: String,
    theirs: Option<Sealed>,
}

struct Belongs {
    href: String,
    words: String,
    since: String,
}

struct OnWork {
    href: String,
    words: String,
    state: String,
    tone: String,
}

/// Whether a channel may be used, and why.
pub struct Preference {
    words: String,
    yes: bool,
    because: String,
}

struct Composer {
    may_write: bool,
    form: Form,
    kinds: Vec<Choice>,
    works: Vec<Choice>,
    directions: Vec<Choice>,
}

struct Entry {
    id: String,
    kind: String,
    inward: bool,
    on: Day,
    by: String,
    work: Option<Link>,
    body: Sealed,
    class: String,
    until: String,
    href: String,
}

/// What the address of the page says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    kind: String,
    after: Option<i64>,
}

/// A page of the timeline, and the way to the one after.
fn page_of_lines(
    tx: &Tx<'_>,
    policy: &policy::Policy,
    id: PersonId,
    asks: &Asks,
    base: &str,
) -> Result<(Vec<store::entry::Entry>, Pager), Fault> {
    let kind = Some(asks.kind.as_str()).filter(|kind| !kind.is_empty());
    let mut lines = store::entry::of_person(tx, policy, id, (kind, asks.after.map(EntryId)), LINES + 1)?;
    let more = lines.len() > LINES as usize;
    lines.truncate(LINES as usize);
    let link =
        |after: i64| format!("{base}?kind={}&after={after}#timeline", crate::web::people::escape(&asks.kind));
    let older = lines.last().filter(|_| more).map_or_else(String::new, |last| link(last.id.0));
    let newer = match asks.after {
        Some(_) => format!("{base}?kind={}#timeline", crate::web::people::escape(&asks.kind)),
        None => String::new(),
    };
    Ok((lines, Pager { older, newer, ..Pager::default() }))
}

/// What a form on the page came back with.
#[derive(Default)]
struct Back {
    refused: Option<Refused>,
    item: Option<(ItemId, String)>,
    typed: Option<String>,
    /// From whom a detail is, and since when, as it was typed.
    from: (String, String),
    conflict: Option<store::item::Item>,
    add_form: Form,
    composer: Form,
    known: Form,
}

/// `GET /people/{id}`.
pub async fn get(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Query(asks): Query<Asks>,
) -> Answer<Response> {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        // A number that was put together with an older one leads there.
        if let Some(into) = merge::into(tx, PersonId(id))? {
            return Ok(Redirect::to(&format!("/people/{into}")).into_response());
        }
        let shown = page(acting, tx, PersonId(id), &asks, Back::default(), &path);
        // Of whom everything has just ended, there is still the page that says so, and on which a slip is taken back.
        match shown {
            Err(Fault::Refused(_) | Fault::NotFound) => {
                super::ending::over(acting, tx, PersonId(id), &path).or(shown)
            }
            shown => shown,
        }
        .map(IntoResponse::into_response)
    })
    .await
}

/// What this role may read of a person today.
///
/// # Errors
/// [`Fault::NotFound`] if there is nobody, or nobody within reach.
pub fn reading(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<(Life, Grant), Fault> {
    let life = acting.life(tx, id)?;
    let kinds: KindSet = acting.policy.kinds.iter().map(|kind| kind.id).collect();
    let act = acts::act(Verb::Read, None, Asked::WhatMayBeSeen(kinds));
    let grant = acting.decide(&act, &[&life], &Gate::default())?;
    acting.opens("person.read", &grant);
    Ok((life, grant))
}

/// What opens a person's name, as a list shows it: also of somebody whose data may only be stored for now.
///
/// # Errors
/// [`Fault::NotFound`] if there is nobody, or nobody within reach.
pub fn named(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<(Life, Grant), Fault> {
    let life = acting.life(tx, id)?;
    let items: KindSet =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
    let grant = acting.decide(
        &acts::act(Verb::List, None, Asked::WhatMayBeSeen(items)),
        &[&life],
        &Gate::default(),
    )?;
    acting.opens("person.named", &grant);
    Ok((life, grant))
}

/// The first name of somebody that the grant opens.
///
/// # Errors
/// Whatever the store says.
pub fn called(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    grant: &Grant,
) -> Result<Option<Sealed>, Fault> {
    let names = person::names(tx, &acting.policy, &[id])?;
    Ok(names.into_iter().find(|name| name.open(grant).is_ok()))
}

/// Why something of what we hold is not shown.
fn hidden_who(acting: &Acting<'_>, life: &Life) -> &'static str {
    let ceased = |ground: &custody::life::Ground| {
        custody::ground::ceased(&acting.policy, life, ground, Verb::Read, acting.today)
    };
    let rests = life.grounds.iter().any(|ground| ground.active(acting.today) && ceased(ground));
    if rests { "It is out of use by now, and kept until its end." } else { "Another role can." }
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    asks: &Asks,
    back: Back,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (life, grant) = reading(acting, tx, id)?;
    let policy = &acting.policy;
    let name = called(acting, tx, id, &grant)?.ok_or(Fault::NotFound)?;
    let (held, hidden) = acts::shown(&grant, item::of_person(tx, policy, id)?);
    let addable: Vec<_> = acts::addable(acting, &life);
    let base = format!("/people/{id}");
    let (lines, pager) = page_of_lines(tx, policy, id, asks, &base)?;
    let written = store::entry::kinds_of_person(tx, policy, id)?;
    let kinds = held.iter().map(|item| item.kind).chain(written.iter());
    let there = why::there(&life, kinds);
    let Endings { endings, left, still } = super::ending::endings(acting, tx, &life)?;
    let cards = |found| crate::acts::audience::as_suppressed(acting, tx, &life, found);
    html(&PersonPage {
        page: frame::page(acting, "A person", "people", path),
        categories: categories(acting, &life),
        striped: striped(acting, tx, &life)?,
        holds: super::hold::shown(acting, tx, id, &grant)?,
        items: held
            .into_iter()
            .map(|held| shown_item(acting, tx, &life, held, &back))
            .collect::<Result<_, Fault>>()?,
        hidden,
        hidden_who: hidden_who(acting, &life).to_owned(),
        addable: kind_choices(acting, &addable, back.add_form.value("kind")),
        sources: choices(&sources(acting, &life), back.add_form.value("source")),
        today: acting.today.to_string(),
        organisations: belongings(tx, id)?,
        together: super::duplicates::links(tx, id)?,
        works: works(acting, tx, id)?,
        start_work: start_work(acting, &life, &base),
        preferences: why::preferences(
            cards(custody::why(policy, &life, acting.today))?,
            preferences::refused(acting, &life),
        ),
        agreed: consent::standing(acting, tx, &life, &grant, &base)?,
        may_agree: consent::may_agree(acting, &life),
        out: entered::out(acting, tx, id)?,
        told: told::said(acting, tx, id)?,
        composer: composer(acting, tx, &life, back.composer)?,
        kinds: shown_kinds(acting, &asks.kind),
        pager,
        only: !asks.kind.is_empty(),
        why: why::cards(
            acting,
            tx,
            (&life, &grant),
            cards(custody::explain::why_of(policy, &life, there, acting.today))?,
        )?,
        known: known::of(acting, tx, &life, (None, None), &back.known)?,
        ended: super::ending::undone(acting, tx, &life)?,
        endings,
        left,
        still,
        partings: crate::acts::parting::told(acting, tx, id)?,
        verbs: verbs(&base),
        may_write: acting.may(Deed::Send),
        may_join: acting.may(Deed::AddPeople),
        may_pass: acting.may(Deed::Send) && !disclosure::shares(policy, &life, acting.today).is_empty(),
        may_ask: acting.may(Deed::AnswerRequests),
        may_say_how: !crate::acts::soft_opt_in::offered(acting, &life).is_empty(),
        waits: request::waits(tx, id)?.unwrap_or_default(),
        may_hold: acting.may(Deed::ManagePolicy),
        entries: timeline(acting, tx, &life, &grant, lines)?,
        refused: back.refused,
        add_form: back.add_form,
        base,
        name,
        grant,
    })
}

/// What the form for a new detail sends.
#[derive(Deserialize)]
pub struct NewItem {
    kind: String,
    value: String,
    #[serde(default)]
    source: String,
    collected: String,
}

/// `POST /people/{id}/items`.
pub async fn add_item(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<NewItem>,
) -> Answer<Response> {
    let State(instance) = &house;
    let values = [("kind", &given.kind), ("value", &given.value), ("source", &given.source)];
    let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let collected = given.collected.parse().map_err(|_| Fault::field("collected", "Choose a day."))?;
        acts::add_item(acting, tx, PersonId(id), (&given.kind, &given.value), (&given.source, collected))
    });
    match done.await {
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}?said=added")).into_response()),
        Err(trouble) => {
            let told = trouble.told()?;
            back(house, visitor, id, told, move |errors| Back {
                add_form: Form { values, errors },
                ..Back::default()
            })
            .await
        }
    }
}

/// What the form for a change sends.
#[derive(Deserialize)]
pub struct Change {
    version: i64,
    #[serde(default)]
    value: String,
    #[serde(default)]
    remove: String,
    /// From whom it is now, and the day on which it was collected.
    #[serde(default)]
    source: String,
    #[serde(default)]
    collected: String,
    /// Why it changes now, while they wait for a copy.
    #[serde(default)]
    why: String,
}

impl Change {
    /// From whom it is now. A form that asks only for the value says nothing of it, and its day is of nobody then.
    fn origin(&self) -> Result<acts::Origin<'_>, Fault> {
        let on = Some(self.collected.trim()).filter(|on| !on.is_empty() && !self.source.is_empty());
        let on = on.map(str::parse::<jiff::civil::Date>).transpose();
        let collected_on =
            on.map_err(|_| Fault::field("collected", "Choose the day on which you got it."))?;
        Ok(acts::Origin { source: &self.source, collected_on })
    }
}

/// `POST /people/{id}/items/{item}`.
pub async fn change_item(
    house: House,
    visitor: Visitor,
    Path((id, item)): Path<(i64, i64)>,
    Posted(given): Posted<Change>,
) -> Answer<Response> {
    let State(instance) = &house;
    let whose = (PersonId(id), ItemId(item));
    let typed = Some(given.value.clone()).filter(|_| given.remove.is_empty());
    let from = (given.source.clone(), given.collected.clone());
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        if given.remove.is_empty() {
            let said = (given.value.as_str(), given.why.as_str());
            return acts::change_item_from(acting, tx, whose, given.version, said, given.origin()?);
        }
        acts::remove_item(acting, tx, whose, given.version, &given.why)?;
        Ok(Changed::Stored(0))
    });
    match done.await {
        // What was removed has no version any more, and does not come back.
        Ok(Changed::Stored(0)) => {
            cleared(&house).await.map_err(|fault| Trouble::new(fault, &visitor))?;
            Ok(Redirect::to(&format!("/people/{id}?said=removed")).into_response())
        }
        Ok(Changed::Stored(version)) => {
            let to = format!("/people/{id}?said=saved&undo=items-{item}-{version}");
            Ok(Redirect::to(&to).into_response())
        }
        Ok(Changed::Conflict(theirs)) => {
            let words = "Somebody changed this in the meantime. What you typed stands below and is not saved: save it \
                         if it is right."
                .to_owned();
            let item = Some((ItemId(item), words));
            let answer = Back { item, typed, from, conflict: Some(theirs), ..Back::default() };
            show(house, visitor, id, StatusCode::CONFLICT, answer).await
        }
        Err(trouble) => {
            let told = trouble.told()?;
            back(house, visitor, id, told, move |errors| Back {
                item: errors.into_iter().next().map(|error| (ItemId(item), error.words)),
                typed,
                from,
                ..Back::default()
            })
            .await
        }
    }
}

/// At which version something is taken back.
#[derive(Deserialize, Clone, Copy)]
pub struct Undoing {
    version: i64,
}

/// `POST /people/{id}/items/{item}/undo?version=`.
pub async fn undo_item(
    house: House,
    visitor: Visitor,
    Path((id, item)): Path<(i64, i64)>,
    Query(Undoing { version }): Query<Undoing>,
) -> Answer<Redirect> {
    let whose = (PersonId(id), ItemId(item));
    write(house, &visitor, move |acting, tx| acts::undo_item(acting, tx, whose, version)).await?;
    Ok(Redirect::to(&format!("/people/{id}?said=undone")))
}

/// What the composer sends.
#[derive(Deserialize)]
pub struct Note {
    #[serde(default)]
    kind: String,
    text: String,
    on: String,
    #[serde(default)]
    work: String,
    #[serde(default)]
    direction: String,
}

/// `POST /people/{id}/entries`.
pub async fn add_entry(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Note>,
) -> Answer<Response> {
    let State(instance) = &house;
    let values = [
        ("kind", &given.kind),
        ("text", &given.text),
        ("on", &given.on),
        ("work", &given.work),
        ("direction", &given.direction),
    ];
    let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let note = NewNote {
            kind: given.kind.clone(),
            body: given.text.clone(),
            on: given.on.parse().map_err(|_| Fault::field("on", "Choose the day it happened."))?,
            direction: Direction::named(&given.direction),
            engagement: given.work.parse().ok().map(custody::id::EngagementId),
        };
        entries::add(acting, tx, PersonId(id), &note)
    });
    match done.await {
        Ok(entry) => {
            let to = format!("/people/{id}?said=noted&undo=entries-{entry}-1");
            Ok(Redirect::to(&to).into_response())
        }
        Err(trouble) => {
            let told = trouble.told()?;
            back(house, visitor, id, told, move |errors| Back {
                composer: Form { values, errors },
                ..Back::default()
            })
            .await
        }
    }
}

/// Shows the page again with what is to put right in the form of a fact or an event.
pub(super) async fn known_again(
    house: House,
    visitor: Visitor,
    id: i64,
    values: std::collections::BTreeMap<String, String>,
    told: Told,
) -> Answer<Response> {
    back(house, visitor, id, told, move |errors| Back { known: Form { values, errors }, ..Back::default() })
        .await
}

/// Shows the page again with what was refused or is to put right.
async fn back(
    house: House,
    visitor: Visitor,
    id: i64,
    told: Told,
    with: impl FnOnce(Vec<FieldError>) -> Back,
) -> Answer<Response> {
    match told {
        Told::Invalid(errors) => {
            show(house, visitor, id, StatusCode::UNPROCESSABLE_ENTITY, with(errors)).await
        }
        Told::Refused(refused) => {
            let answer = Back { refused: Some(*refused), ..with(Vec::new()) };
            show(house, visitor, id, StatusCode::FORBIDDEN, answer).await
        }
    }
}

async fn show(house: House, visitor: Visitor, id: i64, status: StatusCode, answer: Back) -> Answer<Response> {
    let path = format!("/people/{id}");
    let page = read(house, &visitor, move |acting, tx| {
        page(acting, tx, PersonId(id), &Asks::default(), answer, &path)
    });
    Ok((status, page.await?).into_response())
}

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
use jiff::civil::Date;
use policy::role::Deed;
use policy::{KindSet, Sort};
use serde::Deserialize;
use store::entry::Direction;
use store::item::Changed;
use store::{Tx, engagement, item, organisation, person};

use super::error::Told;
use super::page::{Choice, Day, FieldError, Form, Link, Page, Pager, Refused};
use super::people::{capital, choices, input};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::entry::{self as entries, NewNote};
use crate::acts::{Acting, person as acts};
use crate::fault::Fault;

mod consent;
mod why;

pub use consent::withdraw;
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
    refused: Option<Refused>,
    items: Vec<Item>,
    hidden: u64,
    hidden_who: String,
    addable: Vec<Choice>,
    add_form: Form,
    sources: Vec<Choice>,
    today: String,
    organisations: Vec<Belongs>,
    works: Vec<OnWork>,
    start_work: Vec<Link>,
    preferences: Vec<Preference>,
    agreed: Vec<consent::Agreed>,
    composer: Composer,
    kinds: Vec<Choice>,
    shown_kind: String,
    entries: Vec<Entry>,
    pager: Pager,
    why: Vec<Why>,
    verbs: Vec<Link>,
    may_ask: bool,
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
    kind: String,
    error: String,
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

/// What a form on the page came back with.
#[derive(Default)]
struct Back {
    refused: Option<Refused>,
    item: Option<(ItemId, String)>,
    conflict: Option<store::item::Item>,
    add_form: Form,
    composer: Form,
}

/// `GET /people/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, PersonId(id), &asks, Back::default(), &path))
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
    let name = person::names(tx, policy, &[id])?
        .into_iter()
        .find(|name| name.open(&grant).is_ok())
        .ok_or(Fault::NotFound)?;
    let (held, hidden) = acts::shown(&grant, item::of_person(tx, policy, id)?);
    let addable: Vec<_> = acts::addable(acting, &life);
    let lines = store::entry::of_person(tx, policy, id, asks.after.map(EntryId), LINES)?;
    let kinds = held.iter().map(|item| item.kind).chain(lines.iter().map(|line| line.kind));
    let there = why::there(&life, kinds);
    let base = format!("/people/{id}");
    html(&PersonPage {
        page: frame::page(acting, "A person", "people", path),
        categories: categories(acting, &life),
        striped: striped(&life, acting.today),
        items: held.into_iter().map(|held| shown_item(acting, &life, held, &back)).collect(),
        hidden,
        hidden_who: "Another role can.".to_owned(),
        addable: kind_choices(acting, &addable, back.add_form.value("kind")),
        sources: choices(&sources(acting, &life), back.add_form.value("source")),
        today: acting.today.to_string(),
        organisations: belongings(tx, id)?,
        works: works(acting, tx, id)?,
        start_work: start_work(acting, &life, &base),
        preferences: why::preferences(acting, &life),
        agreed: consent::standing(acting, &life),
        composer: composer(acting, tx, &life, back.composer)?,
        kinds: shown_kinds(acting, &asks.kind),
        shown_kind: asks.kind.clone(),
        pager: Pager::default(),
        why: why::cards(acting, &life, there),
        verbs: verbs(&base),
        may_ask: acting.may(Deed::AnswerRequests),
        entries: timeline(acting, tx, &life, &grant, lines, &asks.kind)?,
        refused: back.refused,
        add_form: back.add_form,
        base,
        name,
        grant,
    })
}

fn categories(acting: &Acting<'_>, life: &Life) -> Vec<String> {
    let held = life.categories.iter().filter(|held| held.until.is_none_or(|until| acting.today < until));
    held.filter_map(|held| {
        let category = acting.policy.categories.get(held.category.index())?;
        Some(format!("{} since {}", category.name, frame::words(held.since)))
    })
    .collect()
}

fn striped(life: &Life, today: Date) -> Vec<Striped> {
    let base = format!("/people/{}", life.person);
    let mut striped = Vec::new();
    if let Some(restriction) = life.restriction.as_ref().filter(|restriction| restriction.since <= today) {
        striped.push(Striped {
            title: "Restricted".to_owned(),
            words: format!(
                "What we hold may be stored and nothing else, until somebody decides by {}.",
                frame::words(restriction.review_on)
            ),
            href: format!("{base}/restriction"),
            action: "Lift it".to_owned(),
        });
    }
    if let Some(hold) = life.hold.as_ref().filter(|hold| hold.since <= today) {
        striped.push(Striped {
            title: "On hold".to_owned(),
            words: format!(
                "Nothing is let go until the hold ends; it is looked at again by {}.",
                frame::words(hold.review_on)
            ),
            href: String::new(),
            action: String::new(),
        });
    }
    striped
}

fn shown_item(acting: &Acting<'_>, life: &Life, held: store::item::Item, back: &Back) -> Item {
    let kind = acting.policy.kind(held.kind);
    let name = kind.map_or("", |kind| kind.name.as_str());
    let long = kind.is_some_and(|kind| kind.sensitivity != policy::Sensitivity::Ordinary);
    Item {
        id: held.id.to_string(),
        label: capital(name),
        source: format!("from {}, {}", held.source, frame::words(held.collected_on)),
        version: held.version,
        may_change: acts::may_change(acting, life, held.kind),
        kind: if long { "long".to_owned() } else { input(name).to_owned() },
        error: back
            .item
            .as_ref()
            .filter(|(item, _)| *item == held.id)
            .map_or_else(String::new, |(_, words)| words.clone()),
        theirs: back
            .conflict
            .as_ref()
            .filter(|theirs| theirs.id == held.id)
            .map(|theirs| theirs.value.clone()),
        value: held.value,
    }
}

fn kind_choices(acting: &Acting<'_>, kinds: &[policy::KindId], chosen: &str) -> Vec<Choice> {
    let kinds = kinds.iter().filter_map(|kind| acting.policy.kind(*kind));
    kinds
        .map(|kind| Choice {
            value: kind.name.clone(),
            words: capital(&kind.name),
            hint: String::new(),
            chosen: kind.name == chosen,
        })
        .collect()
}

fn sources(acting: &Acting<'_>, life: &Life) -> Vec<String> {
    let mut sources = Vec::new();
    for category in acting.policy.categories.iter().filter(|category| life.has(category.id, acting.today)) {
        for source in acts::sources_for(&acting.policy, category) {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
    }
    if sources.is_empty() { vec!["the person".to_owned()] } else { sources }
}

fn belongings(tx: &Tx<'_>, id: PersonId) -> Result<Vec<Belongs>, Fault> {
    let belongings = organisation::of_people(tx, &[id])?.into_iter().map(|belonging| Belongs {
        href: format!("/organisations/{}", belonging.organisation),
        words: belonging.name,
        since: match (belonging.since, belonging.until) {
            (_, Some(until)) => format!("until {}", frame::words(until)),
            (Some(since), None) => format!("since {}", frame::words(since)),
            (None, None) => String::new(),
        },
    });
    Ok(belongings.collect())
}

fn works(acting: &Acting<'_>, tx: &Tx<'_>, id: PersonId) -> Result<Vec<OnWork>, Fault> {
    let works = engagement::of_person(tx, &acting.policy, id)?.into_iter().map(|work| {
        let title = work
            .work
            .and_then(|id| acting.policy.works.get(id.index()))
            .map_or("work", |work| work.title.as_str());
        let (state, tone) = match work.closed_on {
            Some(on) => (format!("completed {}", frame::words(on)), ""),
            None => ("running".to_owned(), "good"),
        };
        OnWork {
            href: format!("/work/{}", work.id),
            words: format!("{} from {}", capital(title), frame::words(work.opened_on)),
            state,
            tone: tone.to_owned(),
        }
    });
    Ok(works.collect())
}

fn start_work(acting: &Acting<'_>, life: &Life, base: &str) -> Vec<Link> {
    if !acting.may(Deed::RunWork) {
        return Vec::new();
    }
    let person = base.trim_start_matches("/people/");
    let works = acting
        .policy
        .works
        .iter()
        .filter(|work| work.parts.first().is_some_and(|part| life.has(part.category, acting.today)));
    works
        .map(|work| Link {
            href: format!("/work/new?work={}&person={person}", super::people::escape(&work.name)),
            words: format!("Start a {}", work.title),
        })
        .collect()
}

fn composer(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life, form: Form) -> Result<Composer, Fault> {
    let mut kinds = entries::writable(acting, life, None);
    let mut works = vec![Choice { words: "About the person".to_owned(), ..Choice::default() }];
    for work in engagement::of_person(tx, &acting.policy, life.person)? {
        let on_work = entries::writable(acting, life, Some(work.id));
        if on_work.is_empty() {
            continue;
        }
        let title = work
            .work
            .and_then(|id| acting.policy.works.get(id.index()))
            .map_or("work", |work| work.title.as_str());
        let value = work.id.to_string();
        let chosen = form.value("work") == value;
        let words = format!("{} from {}", capital(title), frame::words(work.opened_on));
        works.push(Choice { value, words, hint: String::new(), chosen });
        kinds.extend(on_work);
    }
    kinds.sort_unstable();
    kinds.dedup();
    let mut kinds = kind_choices(acting, &kinds, form.value("kind"));
    if !kinds.iter().any(|kind| kind.chosen) {
        if let Some(first) = kinds.first_mut() {
            first.chosen = true;
        }
    }
    Ok(Composer { may_write: !kinds.is_empty(), form, kinds, works })
}

fn shown_kinds(acting: &Acting<'_>, chosen: &str) -> Vec<Choice> {
    let all = Choice { words: "everything".to_owned(), chosen: chosen.is_empty(), ..Choice::default() };
    let entries: Vec<_> =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Entry).map(|kind| kind.id).collect();
    std::iter::once(all).chain(kind_choices(acting, &entries, chosen)).collect()
}

fn timeline(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
    grant: &Grant,
    lines: Vec<store::entry::Entry>,
    kind: &str,
) -> Result<Vec<Entry>, Fault> {
    let wanted = acting.policy.kind_named(kind).map(|kind| kind.id);
    let staff = store::staff::all(tx)?;
    let lines = entries::shown(acting, grant, life, lines)
        .into_iter()
        .filter(|line| wanted.is_none_or(|kind| line.kind == kind));
    Ok(lines
        .map(|line| Entry {
            id: line.id.to_string(),
            kind: acting.policy.kind(line.kind).map_or_else(String::new, |kind| capital(&kind.name)),
            inward: line.direction == Some(Direction::In),
            on: frame::day(line.on, acting.today),
            by: staff
                .iter()
                .find(|staff| Some(staff.id) == line.author)
                .map_or_else(String::new, |staff| staff.name.clone()),
            work: line
                .engagements
                .first()
                .map(|work| Link { href: format!("/work/{work}"), words: "on the work".to_owned() }),
            body: line.body,
            class: String::new(),
            until: String::new(),
            href: String::new(),
        })
        .collect())
}

/// The rights in ordinary words; each opens a preview.
fn verbs(base: &str) -> Vec<Link> {
    [
        ("access", "show what we hold"),
        ("erasure", "erase what we hold"),
        ("objection", "stop using it"),
        ("rectification", "correct it"),
        ("restriction", "keep it but not use it"),
    ]
    .iter()
    .map(|(kind, words)| Link {
        href: format!("/requests/new?kind={kind}&person={}", base.trim_start_matches("/people/")),
        words: (*words).to_owned(),
    })
    .collect()
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
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        if given.remove.is_empty() {
            return acts::change_item(acting, tx, whose, given.version, &given.value);
        }
        acts::remove_item(acting, tx, whose, given.version)?;
        Ok(Changed::Stored(0))
    });
    match done.await {
        Ok(Changed::Stored(_)) => Ok(Redirect::to(&format!("/people/{id}?said=saved")).into_response()),
        Ok(Changed::Conflict(theirs)) => {
            let words = "Somebody changed this in the meantime; nothing of yours was saved.".to_owned();
            let answer =
                Back { item: Some((ItemId(item), words)), conflict: Some(theirs), ..Back::default() };
            show(house, visitor, id, StatusCode::CONFLICT, answer).await
        }
        Err(trouble) => {
            let told = trouble.told()?;
            back(house, visitor, id, told, move |errors| Back {
                item: errors.into_iter().next().map(|error| (ItemId(item), error.words)),
                ..Back::default()
            })
            .await
        }
    }
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
    let values = [("kind", &given.kind), ("text", &given.text), ("work", &given.work)];
    let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let note = NewNote {
            kind: given.kind.clone(),
            body: given.text.clone(),
            on: given.on.parse().map_err(|_| Fault::field("text", "Choose the day it happened."))?,
            direction: Direction::named(&given.direction),
            engagement: given.work.parse().ok().map(custody::id::EngagementId),
        };
        entries::add(acting, tx, PersonId(id), &note)
    });
    match done.await {
        Ok(_) => Ok(Redirect::to(&format!("/people/{id}?said=noted")).into_response()),
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

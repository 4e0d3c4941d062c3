//! The list of people: search and filter. Scoped by reach in its query; one event in the log for each page shown.

use askama::Template;
use axum::extract::Query;
use axum::response::Html;
use custody::act::Asked;
use custody::id::PersonId;
use custody::life::Scope;
use custody::{Grant, Life, Sealed, Verb};
use jiff::civil::Date;
use policy::role::Deed;
use policy::{KindSet, Policy, Sort};
use serde::Deserialize;
use store::life::{For, load_readable};
use store::{Tx, entry, organisation, person, search};

use super::page::{Choice, Day, Link, Page, Pager, Tab};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read};
use crate::acts::Acting;
use crate::acts::person as acts;
use crate::acts::request::{self, Referred};
use crate::fault::Fault;

pub(super) mod new;

pub use new::{add, choices, field, get as new, input};

/// How many people a page shows.
const PAGE: usize = 50;

/// How many the search box shows while somebody types.
const GLANCE: usize = 8;

/// Of so many who match a search it is looked who may be seen, at most.
pub(super) const SOUGHT: usize = 500;

/// Of pairs who are perhaps here twice no more are counted.
const PAIRS: i64 = 100;

/// What the address of the list says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    q: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    activity: String,
    /// An activity under which the last day is this week.
    #[serde(default)]
    leaving: String,
    after: Option<i64>,
    fragment: Option<u8>,
}

impl Asks {
    /// A search, or a page of one category.
    #[must_use]
    pub fn finding(q: &str, category: &str, after: Option<i64>) -> Self {
        Self {
            q: q.to_owned(),
            category: category.to_owned(),
            after,
            activity: String::new(),
            leaving: String::new(),
            fragment: None,
        }
    }
}

#[derive(Template)]
#[template(path = "people/people.html")]
struct People {
    page: Page,
    grant: Grant,
    q: String,
    views: Vec<Tab>,
    categories: Vec<Choice>,
    rows: Vec<Row>,
    asked: String,
    referred: Option<Link>,
    pager: Pager,
    leaving_href: String,
    waiting: u64,
    unread: String,
    pairs: String,
    any: bool,
    may_add: bool,
    may_import: bool,
}

struct Row {
    href: String,
    name: Sealed,
    categories: String,
    organisation: String,
    last_contact: String,
    next: Option<Day>,
    next_words: String,
    may: String,
    state: String,
}

#[derive(Template)]
#[template(path = "people/found.html")]
struct Found {
    grant: Grant,
    referred: Option<Link>,
    rows: Vec<Glance>,
    waiting: u64,
    unread: String,
    more: u64,
    all_href: String,
}

struct Glance {
    href: String,
    name: Sealed,
    words: String,
}

/// `GET /people`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        if asks.fragment.is_some() {
            glance(acting, tx, &asks, list(acting, tx, &asks)?)
        } else {
            page(acting, tx, &asks, list(acting, tx, &asks)?, &path)
        }
    })
    .await
}

/// People within reach that a list may show, with the grant that opens it.
pub struct Listed {
    /// Their lives, in the list's order.
    pub lives: Vec<Life>,
    /// What opens their names and details.
    pub grant: Grant,
    /// Whether there are more.
    pub more: bool,
    /// After whom the next page begins.
    pub last: Option<PersonId>,
    /// How many are left out since what is stored of them cannot be read, as far as whoever looks is told.
    pub unread: usize,
}

/// Finds the people an address asks for, decides what may be shown of them, and notes that it is shown.
///
/// # Errors
/// [`Fault::Refused`] if the role may see nobody.
pub fn list(acting: &Acting<'_>, tx: &Tx<'_>, asks: &Asks) -> Result<Listed, Fault> {
    let limit = if asks.fragment.is_some() { GLANCE } else { PAGE };
    if !asks.q.trim().is_empty()
        && let Some(listed) = searched(acting, tx, asks, limit)?
    {
        return Ok(listed);
    }
    let reach = acting.reach();
    let take = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let people = if asks.q.trim().is_empty() {
        let category = Some(asks.category.clone()).filter(|name| !name.is_empty());
        let activity = Some(asks.activity.clone()).filter(|name| !name.is_empty());
        let leaving = Some(asks.leaving.clone()).filter(|name| !name.is_empty());
        let week = acting.today.checked_add(jiff::Span::new().days(7))?;
        let leaving = leaving.map(|activity| (activity, week));
        let filter = person::Filter { category, activity, leaving, organisation: None };
        person::page(tx, &reach, &filter, acting.today, asks.after.map(PersonId), take)?
    } else {
        // Whoever wrote by a form was told a reference, and gives it when they ask what became of it.
        store::submission::referred(tx, &asks.q, &reach)?.into_iter().collect()
    };
    let more = people.len() > limit;
    let people: Vec<PersonId> = people.into_iter().take(limit).collect();
    let last = people.last().copied();
    let (lives, unread) = in_order(acting, tx, asks, people)?;
    let (lives, grant) = told_of(acting, tx, lives, None)?;
    acting.opens("people.listed", &grant);
    Ok(Listed { lives, grant, more, last, unread: told_unread(acting, unread) })
}

/// How many of so many who cannot be read whoever looks is told of. They may be restricted, or past a review: only whoever decides about
/// such people is told that they are here.
pub(super) fn told_unread(acting: &Acting<'_>, unread: usize) -> usize {
    if custody::decide::decides(&acting.policy, &acting.actor) { unread } else { 0 }
}

/// Those found by the words of a search; nothing where these find nobody. Of whom whoever looks is told nothing takes nobody else's place.
fn searched(acting: &Acting<'_>, tx: &Tx<'_>, asks: &Asks, limit: usize) -> Result<Option<Listed>, Fault> {
    let (reach, mut take) = (acting.reach(), limit + 1);
    let category = Some((asks.category.as_str(), acting.today)).filter(|(name, _)| !name.is_empty());
    loop {
        let most = u32::try_from(take).unwrap_or(u32::MAX);
        let people = search::find_in(tx, &asks.q, &reach, category, most)?;
        if people.is_empty() {
            return Ok(None);
        }
        let all = people.len() < take;
        let (lives, unread) = in_order(acting, tx, asks, people)?;
        let (mut lives, mut may) = told_of(acting, tx, lives, Some(&asks.q))?;
        if lives.len() <= limit && !all && take < SOUGHT {
            take = SOUGHT.min(take * 4);
            continue;
        }
        let more = lives.len() > limit;
        if more {
            lives.truncate(limit);
            may = grant(acting, &lives)?;
        }
        let last = lives.last().map(|life| life.person);
        acting.opens("people.listed", &may);
        let unread = told_unread(acting, unread);
        return Ok(Some(Listed { lives, grant: may, more, last, unread }));
    }
}

/// The lives of people in this order, of those of the category that is asked for, and how many cannot be read.
fn in_order(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asks: &Asks,
    people: Vec<PersonId>,
) -> Result<(Vec<Life>, usize), Fault> {
    let found = load_readable(tx, &acting.policy, &people, acting.today, For::Decisions)?;
    let wanted = acting.policy.category_named(&asks.category).map(|category| category.id);
    let mut lives: Vec<Life> = Vec::with_capacity(people.len());
    for person in people {
        let life = found.lives.iter().find(|life| life.person == person);
        lives.extend(life.filter(|life| wanted.is_none_or(|wanted| life.has(wanted, acting.today))).cloned());
    }
    Ok((lives, found.unread.len()))
}

/// Those of these people of whom whoever looks is told, with what opens their names. Of whom nothing may be seen only whoever decides
/// about them is told that they are here; and nobody is found by what may not be seen of them.
fn told_of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    mut lives: Vec<Life>,
    words: Option<&str>,
) -> Result<(Vec<Life>, Grant), Fault> {
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    let may = grant(acting, &lives)?;
    let names = person::names(tx, &acting.policy, &people)?;
    let seen = |who: PersonId| names.iter().any(|name| name.person() == who && name.open(&may).is_ok());
    let sees = |who: PersonId, kind: policy::KindId| may.covers(who, kind);
    let found = match words {
        Some(words) => Some(search::by_what_is_seen(tx, &acting.policy, words, &people, &sees)?),
        None => None,
    };
    let decides = custody::decide::decides(&acting.policy, &acting.actor);
    lives.retain(|life| match seen(life.person) {
        true => found.as_ref().is_none_or(|found| found.contains(&life.person)),
        false => decides,
    });
    if lives.len() == people.len() {
        return Ok((lives, may));
    }
    let may = grant(acting, &lives)?;
    Ok((lives, may))
}

/// What a list may show of these people: items only.
///
/// # Errors
/// If the role may see nobody at all.
pub fn grant(acting: &Acting<'_>, lives: &[Life]) -> Result<Grant, Fault> {
    let items: KindSet =
        acting.policy.kinds.iter().filter(|kind| kind.sort == Sort::Item).map(|kind| kind.id).collect();
    let act = acts::act(Verb::List, None, Asked::WhatMayBeSeen(items));
    let all: Vec<&Life> = lives.iter().collect();
    match acting.decide(&act, &all, &custody::Gate::default()) {
        // Nobody on this page may be shown: an empty grant for an empty list, not a refusal of the page.
        Err(Fault::Refused(_)) => acting.decide(&act, &[], &custody::Gate::default()),
        decided => decided,
    }
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asks: &Asks,
    listed: Listed,
    path: &str,
) -> Result<Html<String>, Fault> {
    let Listed { lives, grant, more, last, unread } = listed;
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    let names = person::names(tx, &acting.policy, &people)?;
    let belongings = organisation::of_people(tx, &people)?;
    let belongs = organisation::kinds(&acting.policy);
    let last_contact = entry::last_contacts(tx, &people)?;
    let rows: Vec<Row> = lives
        .iter()
        .filter_map(|life| {
            let name = names.iter().find(|name| name.person() == life.person && name.open(&grant).is_ok())?;
            let organisation = belongings.iter().find(|belonging| {
                belonging.person == life.person
                    && belonging.until.is_none()
                    && (belongs.is_empty() || belongs.iter().any(|kind| grant.covers(life.person, kind)))
            });
            let next = next(life, acting.today);
            Some(Row {
                href: format!("/people/{}", life.person),
                name: name.clone(),
                categories: categories(&acting.policy, life, acting.today),
                organisation: organisation.map_or_else(String::new, |belonging| belonging.name.clone()),
                last_contact: last_contact
                    .get(&life.person)
                    .map_or_else(String::new, |day| frame::words(*day)),
                next_words: next.map_or_else(String::new, |(_, words)| words.to_owned()),
                next: next.map(|(day, _)| frame::day(day, acting.today)),
                may: may(life),
                state: state(life, acting.today),
            })
        })
        .collect();
    let shown_rows = rows.len() as u64;
    let last = last.filter(|_| more && asks.q.is_empty());
    let older = last.map_or_else(String::new, |last| {
        format!(
            "/people?category={}&activity={}&leaving={}&after={last}",
            escape(&asks.category),
            escape(&asks.activity),
            escape(&asks.leaving)
        )
    });
    let shown = match rows.len() {
        0 => String::new(),
        n if more => format!("The first {n}"),
        n => policy::count::counted_len(n, "person"),
    };
    let mut asked = Vec::new();
    if !asks.q.is_empty() {
        asked.push(format!("\u{201c}{}\u{201d}", asks.q));
    }
    if !asks.category.is_empty() {
        asked.push(asks.category.clone());
    }
    if let Some(activity) = acting.policy.activity_named(&asks.activity) {
        asked.push(format!("\u{201c}{}\u{201d}", activity.title));
    }
    if let Some(activity) = acting.policy.activity_named(&asks.leaving) {
        asked.push(format!("\u{201c}{}\u{201d}, with the last day within a week", activity.title));
    }
    html(&People {
        page: frame::page(acting, "People", "people", path),
        grant,
        q: asks.q.clone(),
        views: views(acting, &asks.category),
        categories: category_choices(acting, &asks.category),
        rows,
        asked: asked.join(", "),
        referred: referred(acting, tx, &asks.q)?,
        pager: Pager { shown, newer: String::new(), older },
        leaving_href: leaving_href(asks),
        waiting: (lives.len() as u64).saturating_sub(shown_rows),
        unread: frame::unread(unread),
        any: person::any(tx)?,
        pairs: pairs(store::alike::open_count(tx, &acting.reach(), PAIRS)?),
        may_add: acting.may(Deed::AddPeople),
        may_import: acting.may(Deed::Import),
    })
}

/// How many pairs are perhaps here twice, in words; none for none.
fn pairs(count: i64) -> String {
    match count {
        ..=0 => String::new(),
        1 => "1 pair".to_owned(),
        PAIRS.. => format!("{PAIRS} or more pairs"),
        _ => format!("{count} pairs"),
    }
}

/// Where the forecast of the activity stands that an address asks for.
fn leaving_href(asks: &Asks) -> String {
    let activity = if asks.leaving.is_empty() { &asks.activity } else { &asks.leaving };
    if activity.is_empty() { String::new() } else { format!("/leaving?activity={}", escape(activity)) }
}

fn glance(acting: &Acting<'_>, tx: &Tx<'_>, asks: &Asks, listed: Listed) -> Result<Html<String>, Fault> {
    let Listed { lives, grant, more, unread, .. } = listed;
    let rows = glances(acting, tx, &lives, &grant)?;
    let waiting = (lives.len() as u64).saturating_sub(rows.len() as u64);
    html(&Found {
        referred: referred(acting, tx, &asks.q)?,
        rows,
        waiting,
        unread: frame::unread(unread),
        grant,
        more: u64::from(more),
        all_href: format!("/people?q={}", escape(&asks.q)),
    })
}

/// What somebody asked of us whose reference was typed, for whoever may answer it.
fn referred(acting: &Acting<'_>, tx: &Tx<'_>, said: &str) -> Result<Option<Link>, Fault> {
    let link = |what: &str, under: &str, id: i64| Link {
        href: format!("/{under}/{id}"),
        words: format!("{what} {}", store::id::reference(id)),
    };
    Ok(request::referred(acting, tx, said)?.map(|found| match found {
        Referred::Request(id) => link("Request", "requests", id.0),
        Referred::Complaint(id) => link("Complaint", "complaints", id.0),
    }))
}

/// People as a short list shows them: those whose names a grant opens.
fn glances(acting: &Acting<'_>, tx: &Tx<'_>, lives: &[Life], grant: &Grant) -> Result<Vec<Glance>, Fault> {
    let people: Vec<PersonId> = lives.iter().map(|life| life.person).collect();
    let names = person::names(tx, &acting.policy, &people)?;
    let rows = lives.iter().filter_map(|life| {
        let name = names.iter().find(|name| name.person() == life.person && name.open(grant).is_ok())?;
        Some(Glance {
            href: format!("/people/{}", life.person),
            name: name.clone(),
            words: glanced(&acting.policy, life, acting.today),
        })
    });
    Ok(rows.collect())
}

/// Who somebody is, and whether a decision about them is owed.
fn glanced(policy: &Policy, life: &Life, today: Date) -> String {
    let words = categories(policy, life, today);
    match state(life, today).as_str() {
        "" => words,
        state if words.is_empty() => state.to_owned(),
        state => format!("{words}, {state}"),
    }
}

/// The categories of a person today, in words.
#[must_use]
pub fn categories(policy: &Policy, life: &Life, today: Date) -> String {
    let standing = policy.categories.iter().filter(|category| life.has(category.id, today));
    standing.map(|category| category.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The next day on which something happens to what is held: a review, or the end of a ground.
fn next(life: &Life, today: Date) -> Option<(Date, &'static str)> {
    let active = life.grounds.iter().filter(|ground| ground.active(today));
    let dates = active.flat_map(|ground| {
        let due = ground.due_on.map(|day| (day, "until"));
        due.into_iter().chain(ground.review_on.map(|day| (day, "review by")))
    });
    dates.min()
}

fn may(life: &Life) -> String {
    let mut not = Vec::new();
    for objection in life.objections.iter().filter(|objection| objection.lifted_on.is_none()) {
        let words = match objection.scope {
            Scope::AllContact => "no contact",
            Scope::Calls => "no calls",
            Scope::Purpose(policy::activity::Purpose::DirectMarketing) => "no marketing",
            Scope::Purpose(_) | Scope::Activity(_) => "objected to part",
        };
        if !not.contains(&words) {
            not.push(words);
        }
    }
    not.join(", ")
}

fn state(life: &Life, today: Date) -> String {
    if life.restriction.as_ref().is_some_and(|restriction| restriction.since <= today) {
        "restricted".to_owned()
    } else if life
        .grounds
        .iter()
        .any(|ground| ground.active(today) && ground.review_on.is_some_and(|review| review < today))
    {
        "restricted: its review has passed".to_owned()
    } else if life.hold.as_ref().is_some_and(|hold| hold.since <= today) {
        "on hold".to_owned()
    } else {
        String::new()
    }
}

fn views(acting: &Acting<'_>, category: &str) -> Vec<Tab> {
    let all = Tab { href: "/people".to_owned(), words: "Everybody".to_owned(), here: category.is_empty() };
    let each = visible_categories(acting).into_iter().map(|name| Tab {
        href: format!("/people?category={}", escape(&name)),
        words: capital(&policy::count::plural(&name)),
        here: name == category,
    });
    std::iter::once(all).chain(each).collect()
}

fn category_choices(acting: &Acting<'_>, chosen: &str) -> Vec<Choice> {
    let all = Choice {
        value: String::new(),
        words: "Everybody".to_owned(),
        hint: String::new(),
        chosen: chosen.is_empty(),
    };
    let each = visible_categories(acting).into_iter().map(|name| Choice {
        words: capital(&name),
        hint: String::new(),
        chosen: name == chosen,
        value: name,
    });
    std::iter::once(all).chain(each).collect()
}

/// The categories of which this role may see somebody.
fn visible_categories(acting: &Acting<'_>) -> Vec<String> {
    let sights = acting.role().map_or(&[][..], |role| role.sights.as_slice());
    let visible =
        |id| sights.iter().any(|sight| sight.categories.is_empty() || sight.categories.contains(&id));
    acting
        .policy
        .categories
        .iter()
        .filter(|category| visible(category.id))
        .map(|category| category.name.clone())
        .collect()
}

/// Words with a capital first.
#[must_use]
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// Words as part of an address.
#[must_use]
pub fn escape(words: &str) -> String {
    words
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

//! The list of work, scoped by reach in its query: who is on it, where it stands, what comes next, when it goes.

use askama::Template;
use axum::extract::Query;
use custody::id::{EngagementId, PersonId};
use custody::{Grant, Life, Sealed};
use policy::role::Deed;
use serde::Deserialize;
use store::Tx;
use store::engagement::{self, Engagement, Playing};
use store::life::{For, load_readable};
use store::reach::{Part as Within, Reach};

use super::board;
use super::new::naming;
use crate::acts::engagement as acts;
use crate::acts::{Acting, consent};
use crate::fault::Fault;
use crate::web::page::{Day, Link, Page, Pager, Tab};
use crate::web::people::{capital, escape};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read};

/// How many a page shows.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "work/list.html")]
struct List {
    page: Page,
    grant: Option<Grant>,
    views: Vec<Tab>,
    rows: Vec<Row>,
    any: bool,
    asked: String,
    pager: Pager,
    unread: String,
    start: Vec<Link>,
    kinds: Vec<Tab>,
    other: Link,
}

/// A piece of work as a line of the table and as a card of the board.
pub(super) struct Row {
    /// Its page; nothing where it may not be opened any more.
    pub(super) href: String,
    pub(super) title: String,
    pub(super) people: Vec<Part>,
    pub(super) stage: String,
    pub(super) next: String,
    pub(super) due: Option<Day>,
    pub(super) tone: String,
}

pub(super) struct Part {
    pub(super) part: String,
    pub(super) name: Sealed,
    pub(super) href: String,
}

/// What the address of the list says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    /// `open`, `mine`, `completed` or `all`.
    #[serde(default)]
    pub(super) state: String,
    /// A kind of work.
    #[serde(default)]
    pub(super) kind: String,
    /// `board`, or the table.
    #[serde(default, rename = "as")]
    pub(super) shape: String,
    pub(super) after: Option<i64>,
}

impl Asks {
    /// The address that asks for this.
    pub(super) fn address(&self) -> String {
        let said = [("state", &self.state), ("kind", &self.kind), ("as", &self.shape)];
        let said: Vec<String> = said
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        if said.is_empty() { "/work".to_owned() } else { format!("/work?{}", said.join("&")) }
    }

    fn tab(&self, words: &str, here: bool, change: impl Fn(&mut Self)) -> Tab {
        let mut asks = Self { after: None, ..self.clone() };
        change(&mut asks);
        Tab { href: asks.address(), words: words.to_owned(), here }
    }

    /// The same work in its other shape.
    pub(super) fn other(&self) -> Link {
        let (shape, words) =
            if self.shape == "board" { ("", "Show as a table") } else { ("board", "Show as a board") };
        let asks = Self { after: None, shape: shape.to_owned(), ..self.clone() };
        Link { href: asks.address(), words: words.to_owned() }
    }
}

/// Work within reach that a list may show.
pub struct Listed {
    /// The work, the newest first.
    pub works: Vec<Engagement>,
    /// Those on it.
    pub lives: Vec<Life>,
    /// What opens their names; nothing where there is nobody.
    pub grant: Option<Grant>,
    /// Whether there is more.
    pub more: bool,
    /// After which the next page begins.
    pub last: Option<EngagementId>,
    /// How many pieces of it, and of those on it, are left out since what is stored of them cannot be read.
    pub unread: usize,
}

/// Finds the work an address asks for, and decides what may be shown of those on it.
///
/// # Errors
/// [`Fault::Refused`] if the role may see nobody.
pub fn list(acting: &Acting<'_>, tx: &Tx<'_>, asks: &Asks) -> Result<Listed, Fault> {
    let (reach, open) = meant(acting, asks);
    let kind = Some(asks.kind.as_str()).filter(|kind| !kind.is_empty());
    let take = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let after = asks.after.map(EngagementId);
    let found = engagement::page(tx, &acting.policy, &reach, kind, open, after, take)?;
    let more = found.len() > PAGE;
    let (mut works, mut unread, mut last) = (Vec::with_capacity(PAGE), 0, None);
    let mut people: Vec<PersonId> = Vec::new();
    for (id, work) in found.into_iter().take(PAGE) {
        last = Some(id);
        let Some(work) = work else {
            unread += 1;
            continue;
        };
        match engagement::people(tx, id) {
            Err(error) if error.is_unreadable() => {
                tracing::warn!(work = id.0, %error, "who is on a piece of work cannot be read");
                unread += 1;
            }
            playing => {
                people.extend(playing?.into_iter().map(|playing| playing.person));
                works.push(work);
            }
        }
    }
    people.sort_unstable();
    people.dedup();
    let read = load_readable(tx, &acting.policy, &people, acting.today, For::Clocks)?;
    let grant = if people.is_empty() { None } else { Some(naming(acting, &read.lives)?) };
    if let Some(grant) = &grant {
        acting.opens("work.listed", grant);
    }
    Ok(Listed { works, lives: read.lives, grant, more, last, unread: unread + read.unread.len() })
}

/// Whose work an address asks for, and whether what is open, what is over, or both.
pub fn meant(acting: &Acting<'_>, asks: &Asks) -> (Reach, Option<bool>) {
    let reach = match (asks.state.as_str(), acting.staff_id()) {
        ("mine", Some(me)) => assigned(acting.reach(), me, acting.today),
        _ => acting.reach(),
    };
    let open = match asks.state.as_str() {
        "completed" => Some(false),
        "all" => None,
        _ => Some(true),
    };
    (reach, open)
}

/// Only work to which one member of staff is assigned.
fn assigned(reach: Reach, me: custody::id::StaffId, today: jiff::civil::Date) -> Reach {
    let mine = |part: Within| Within { assigned_to: Some(me), ..part };
    match reach {
        Reach::Everyone => Reach::Some(vec![Within { categories: Vec::new(), assigned_to: Some(me), today }]),
        Reach::Some(parts) => Reach::Some(parts.into_iter().map(mine).collect()),
    }
}

/// Where a piece of work stands, and what comes next, in words.
///
/// # Errors
/// Whatever the store says.
pub fn stage(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    found: &Engagement,
    life: &Life,
) -> Result<(String, String), Fault> {
    let Some(work) = found.work.and_then(|id| acting.policy.works.get(id.index())) else {
        return Ok((String::new(), String::new()));
    };
    let happened = acts::happened(tx, found.id)?;
    let stage = acts::stage(work, &happened).unwrap_or("opened").to_owned();
    let asked = consent::asked_for(&acting.policy, work);
    let awaited = asked.filter(|(activity, ..)| {
        !custody::basis::standing(&acting.policy, activity, life, Some(found.id), acting.today).stands()
    });
    let next = match (awaited, acts::next(work, &happened)) {
        (_, None) => String::new(),
        (Some((_, form, _)), Some(_)) => {
            let form = acting.policy.kind(form).map_or("form", |kind| kind.name.as_str());
            format!("Put the signed {form} on file")
        }
        (None, Some(next)) => capital(next),
    };
    Ok((stage, next))
}

/// `GET /work`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        if asks.shape == "board" {
            return board::page(acting, tx, asks.clone(), &path);
        }
        let listed = list(acting, tx, &asks)?;
        let mut rows = Vec::new();
        for found in &listed.works {
            rows.extend(row(acting, tx, &listed, found)?);
        }
        let last = listed.last.filter(|_| listed.more);
        let any = !rows.is_empty()
            || !engagement::page(tx, &acting.policy, &acting.reach(), None, None, None, 1)?.is_empty();
        html(&List {
            page: frame::page(acting, "Work", "work", &path),
            views: views(&asks),
            rows,
            any,
            asked: words(&asks).to_owned(),
            pager: Pager {
                older: last.map_or_else(String::new, |last| older(&asks, last)),
                ..Pager::default()
            },
            unread: frame::unread(listed.unread),
            start: start(acting),
            kinds: kinds(acting, &asks),
            other: asks.other(),
            grant: listed.grant,
        })
    })
    .await
}

/// Where the next page is.
pub(super) fn older(asks: &Asks, last: EngagementId) -> String {
    let here = asks.address();
    let joint = if here.contains('?') { '&' } else { '?' };
    format!("{here}{joint}after={last}")
}

/// Whose life tells where a piece of work stands: whom it is for, or else the first of those on it. Of whoever cannot be read nobody
/// knows.
pub fn told_by<'l>(
    acting: &Acting<'_>,
    listed: &'l Listed,
    found: &Engagement,
    playing: &[Playing],
) -> Option<&'l Life> {
    let client = found.work.and_then(|id| acting.policy.works.get(id.index())?.parts.first());
    let client = client.and_then(|part| playing.iter().find(|playing| playing.part == part.name));
    let whom = client.or(playing.first())?.person;
    listed.lives.iter().find(|life| life.person == whom)
}

/// A piece of work as it is listed; nothing where nobody on it may be named.
pub(super) fn row(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    listed: &Listed,
    found: &Engagement,
) -> Result<Option<Row>, Fault> {
    let Some(grant) = &listed.grant else { return Ok(None) };
    let playing = engagement::people(tx, found.id)?;
    let people: Vec<PersonId> = playing.iter().map(|playing| playing.person).collect();
    let names = super::names(acting, tx, &people, grant)?;
    let Some(life) = told_by(acting, listed, found, &playing) else { return Ok(None) };
    let (stage, next) = stage(acting, tx, found, life)?;
    let due = life
        .grounds
        .iter()
        .filter(|ground| ground.engagement == Some(found.id) && ground.active(acting.today));
    let due = due.filter_map(|ground| ground.due_on).max();
    let tone = if found.closed_on.is_some() {
        ""
    } else if next.starts_with("Put") {
        "wait"
    } else {
        "good"
    };
    let people = playing.iter().filter_map(|playing| {
        let name = names.iter().find(|name| name.person() == playing.person)?;
        Some(Part {
            part: playing.part.clone(),
            name: name.clone(),
            href: format!("/people/{}", playing.person),
        })
    });
    // Work may be over for whoever looks while something of it waits to be handed over: it stands here, and does not open.
    let opens = acts::reading(acting, &[life]).is_ok();
    Ok(Some(Row {
        href: if opens { format!("/work/{}", found.id) } else { String::new() },
        title: super::title(acting, found),
        people: people.collect(),
        stage,
        next,
        due: due.map(|due| frame::day(due, acting.today)),
        tone: tone.to_owned(),
    }))
}

const VIEWS: &[(&str, &str)] =
    &[("", "Under way"), ("mine", "Mine"), ("completed", "Completed"), ("all", "All")];

pub(super) fn views(asks: &Asks) -> Vec<Tab> {
    let tab = |(state, words): &(&str, &str)| {
        asks.tab(words, *state == asks.state, |asks| (*state).clone_into(&mut asks.state))
    };
    VIEWS.iter().map(tab).collect()
}

/// The kinds of work there are, where there are several.
pub(super) fn kinds(acting: &Acting<'_>, asks: &Asks) -> Vec<Tab> {
    let works = &acting.policy.works;
    if works.len() < 2 {
        return Vec::new();
    }
    let all = asks.tab("Every kind", asks.kind.is_empty(), |asks| asks.kind.clear());
    let each = works.iter().map(|work| {
        asks.tab(&capital(&work.title), asks.kind == work.name, |asks| asks.kind.clone_from(&work.name))
    });
    // A board has the stages of one kind.
    let all = Some(all).filter(|_| asks.shape != "board");
    all.into_iter().chain(each).collect()
}

pub(super) fn words(asks: &Asks) -> &'static str {
    match asks.state.as_str() {
        "mine" => "work assigned to you",
        "completed" => "completed work that is still here",
        "all" => "work",
        _ => "work under way",
    }
}

pub(super) fn start(acting: &Acting<'_>) -> Vec<Link> {
    if !acting.may(Deed::RunWork) {
        return Vec::new();
    }
    let link = |work: &policy::Work| Link {
        href: format!("/work/new?work={}", escape(&work.name)),
        words: format!("Start {}", policy::count::with_article(&work.title)),
    };
    acting.policy.works.iter().map(link).collect()
}

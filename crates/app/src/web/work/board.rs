//! The same work as a board: a column for each stage of one kind of work, a card for each piece of it. A card moves by its
//! menu, or by hand where there is a mouse; what a move would end is seen before.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::Grant;
use custody::id::EngagementId;
use policy::Work;
use policy::count::said;
use policy::role::Deed;
use store::task;
use store::{Tx, engagement};

use super::forms::again;
use super::list::{Asks, Row, kinds, list, meant, older, row, start, views, words};
use crate::acts::Acting;
use crate::acts::engagement as acts;
use crate::fault::Fault;
use crate::web::page::{Choice, Link, Page, Pager, Tab};
use crate::web::people::{capital, escape};
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// What goes back to the stage before.
const BACK: &str = "back";

#[derive(Template)]
#[template(path = "work/board.html")]
struct Board {
    page: Page,
    grant: Option<Grant>,
    views: Vec<Tab>,
    kinds: Vec<Tab>,
    other: Link,
    columns: Vec<Column>,
    any: bool,
    asked: String,
    kind: String,
    state: String,
    pager: Pager,
    unread: String,
    start: Vec<Link>,
}

struct Column {
    stage: String,
    title: String,
    /// How many stand there in all, not only on this page.
    count: u64,
    cards: Vec<Card>,
}

struct Card {
    id: EngagementId,
    row: Row,
    /// What still has to be done by hand: "2 originals to return".
    owed: Vec<String>,
    moves: Vec<Choice>,
}

/// The board of one kind of work.
///
/// # Errors
/// [`Fault::Refused`] if the role may see nobody.
pub fn page(acting: &Acting<'_>, tx: &Tx<'_>, mut asks: Asks, path: &str) -> Result<Html<String>, Fault> {
    let works = &acting.policy.works;
    if !works.iter().any(|work| work.name == asks.kind) {
        asks.kind = first(acting, tx)?;
    }
    let listed = list(acting, tx, &asks)?;
    let work = works.iter().find(|work| work.name == asks.kind);
    let stages = work.map_or(&[][..], |work| &work.milestones);
    let mut cards: BTreeMap<String, Vec<Card>> = BTreeMap::new();
    for found in &listed.works {
        let Some(row) = row(acting, tx, &listed, found)? else { continue };
        let stage = row.stage.clone();
        let moves = match work {
            Some(work) if acting.may(Deed::RunWork) => moves(acting, tx, work, found.id)?,
            _ => Vec::new(),
        };
        let card = Card { id: found.id, owed: owed(tx, found.id)?, row, moves };
        cards.entry(stage).or_default().push(card);
    }
    let any = !cards.is_empty();
    let columns = std::iter::once("opened").chain(stages.iter().map(String::as_str));
    let counts = match work {
        Some(work) => {
            let (reach, open) = meant(acting, &asks);
            engagement::stages(tx, &reach, work, open)?
        }
        None => Vec::new(),
    };
    let columns = columns.zip(counts.into_iter().chain(std::iter::repeat(0))).map(|(stage, count)| Column {
        stage: stage.to_owned(),
        title: capital(stage),
        count,
        cards: cards.remove(stage).unwrap_or_default(),
    });
    let last = listed.last.filter(|_| listed.more);
    html(&Board {
        page: frame::page(acting, "Work", "work", path),
        views: views(&asks),
        kinds: kinds(acting, &asks),
        other: asks.other(),
        columns: columns.collect(),
        any,
        asked: words(&asks).to_owned(),
        pager: Pager { older: last.map_or_else(String::new, |last| older(&asks, last)), ..Pager::default() },
        start: start(acting),
        unread: frame::unread(listed.unread),
        kind: asks.kind,
        state: asks.state,
        grant: listed.grant,
    })
}

/// The first kind of work of which there is any, or the first there could be.
fn first(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<String, Fault> {
    for work in &acting.policy.works {
        let open = Some(true);
        let name = Some(work.name.as_str());
        if !engagement::page(tx, &acting.policy, &acting.reach(), name, open, None, 1)?.is_empty() {
            return Ok(work.name.clone());
        }
    }
    Ok(acting.policy.works.first().map(|work| work.name.clone()).unwrap_or_default())
}

/// Where a piece of work can go: to any later stage, or back to the one before.
fn moves(acting: &Acting<'_>, tx: &Tx<'_>, work: &Work, id: EngagementId) -> Result<Vec<Choice>, Fault> {
    let happened = acts::happened(tx, id)?;
    let there = |name: &String| happened.iter().any(|milestone| milestone.name == *name);
    let at = work.milestones.iter().rposition(there);
    let later = work.milestones.iter().skip(at.map_or(0, |at| at + 1)).map(|name| Choice {
        value: name.clone(),
        words: capital(name),
        hint: match seen_before(acting, work, name) {
            true => "you see what it ends first".to_owned(),
            false => String::new(),
        },
        chosen: false,
    });
    let before = |at: usize| work.milestones.iter().take(at).rfind(|name| there(name));
    let back = at.map(|at| Choice {
        value: BACK.to_owned(),
        words: format!("Back to {}", before(at).map_or("opened", String::as_str)),
        hint: before(at).cloned().unwrap_or_else(|| "opened".to_owned()),
        chosen: false,
    });
    Ok(later.chain(back).collect())
}

/// Whether what this may end is shown before it is recorded.
fn seen_before(acting: &Acting<'_>, work: &Work, milestone: &str) -> bool {
    work.milestones.last().is_some_and(|last| last == milestone)
        || acts::may_end(&acting.policy, work, milestone)
}

/// What still has to be done by hand before it is really over.
fn owed(tx: &Tx<'_>, id: EngagementId) -> Result<Vec<String>, Fault> {
    let tasks = task::of_engagement(tx, id)?;
    let of = |kind: task::Kind| tasks.iter().filter(|task| task.kind == kind).count();
    let each = [
        (task::Kind::Return, "originals to return"),
        (task::Kind::Deliver, "copies to deliver"),
        (task::Kind::DestroyPaper, "papers or copies elsewhere to destroy"),
        (task::Kind::Other, "things to do by hand"),
    ];
    let owed = each.into_iter().map(|(kind, what)| (of(kind), what)).filter(|(count, _)| *count > 0);
    Ok(owed.map(|(count, what)| said(count, what)).collect())
}

/// What the menu of a card sends.
#[derive(serde::Deserialize, Clone, Default)]
#[serde(default)]
pub struct Moving {
    to: String,
    /// The stage it was seen at.
    from: String,
    kind: String,
    state: String,
}

/// `POST /work/{id}/move`: to a stage, or back to the one before. What may end something is looked at first.
pub async fn go(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Moving>,
) -> Answer<Response> {
    let to = given.to.clone();
    let look = read(State(house.clone()), &visitor, move |acting, tx| {
        let hand = acts::on_hand(acting, tx, EngagementId(id))?;
        let last = hand.work.milestones.last().is_some_and(|last| *last == to);
        Ok((to != BACK && seen_before(acting, hand.work, &to)).then_some(last))
    });
    if let Some(last) = look.await? {
        let page = format!("/work/{id}/completion");
        let page = if last { page } else { format!("{page}?milestone={}", escape(&given.to)) };
        return Ok(Redirect::to(&page).into_response());
    }
    let (to, from) = (given.to.clone(), given.from.clone());
    let done = write(State(house.clone()), &visitor, move |acting, tx| {
        if to != BACK {
            return acts::record(acting, tx, EngagementId(id), &to, acting.today).map(|()| "recorded");
        }
        let hand = acts::on_hand(acting, tx, EngagementId(id))?;
        let happened = acts::happened(tx, EngagementId(id))?;
        match acts::stage(hand.work, &happened) {
            // Somebody has moved it meanwhile: what would go back is not what was seen.
            Some(stage) if stage != from => Err(Fault::Changed),
            Some(stage) => acts::take_back(acting, tx, EngagementId(id), stage).map(|()| "undone"),
            None => Err(Fault::NotFound),
        }
    });
    match done.await {
        Ok(said) => {
            let board = Asks { kind: given.kind, state: given.state, shape: "board".to_owned(), after: None };
            Ok(Redirect::to(&format!("{}&said={said}", board.address())).into_response())
        }
        Err(trouble) => again(house, visitor, id, (BTreeMap::new(), |back| &mut back.stone), trouble).await,
    }
}

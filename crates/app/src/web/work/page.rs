//! The page of one piece of work: who is on it, its notes and documents, its milestones, the consent it rests
//! on, and when all of it goes.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Html;
use custody::coverage::Datum;
use custody::id::{EngagementId, EntryId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::policy::Clause;
use policy::role::Deed;
use policy::{KindId, Sort};
use serde::Deserialize;
use store::{Tx, entry, staff, task};

use super::new::of_part;
use crate::acts::engagement::{self as acts, OnHand};
use crate::acts::{Acting, consent as consents, document as documents, entry as entries, question};
use crate::fault::Fault;
use crate::web::known::{self, Known};
use crate::web::page::{Choice, Day, Form, Link, Page, Pager, Refused};
use crate::web::people::capital;
use crate::web::pick::Picker;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read};

mod lines;
mod resting;
mod stones;

use lines::*;
use resting::*;
use stones::*;

/// How many notes a page shows.
const LINES: u32 = 50;

#[derive(Template)]
#[template(path = "work/work.html")]
struct WorkPage {
    page: Page,
    grant: Grant,
    base: String,
    title: String,
    parties: Vec<Party>,
    about: String,
    staff: Vec<Choice>,
    assigned: Form,
    joins: Vec<Join>,
    striped: Vec<Striped>,
    unread: String,
    refused: Option<Refused>,
    milestones: Vec<Milestone>,
    next: Option<NextStone>,
    undo_error: String,
    tasks: Vec<String>,
    told: Vec<String>,
    today: String,
    consent: Option<Consent>,
    asking: Vec<Asking>,
    agreed: Option<Agreed>,
    due: String,
    due_when: Option<Day>,
    sides: Vec<Side>,
    known: Vec<Known>,
    composer: Composer,
    entries: Vec<Entry>,
    pager: Pager,
    documents: Vec<Document>,
    classes: Vec<Choice>,
    may_attach: bool,
    document_form: Form,
    closing: Option<Link>,
}

struct Striped {
    title: String,
    words: String,
    href: String,
    action: String,
}

/// A part nobody plays yet.
struct Join {
    part: String,
    words: String,
    picker: Picker,
}

struct Party {
    part: String,
    name: Sealed,
    href: String,
    /// Where it is said that they are no longer on it; nothing where that may not be.
    leaves: String,
}

struct Composer {
    may_write: bool,
    why_not: String,
    form: Form,
    kinds: Vec<Choice>,
}

struct Entry {
    id: String,
    kind: String,
    on: Day,
    by: String,
    body: Sealed,
    until: String,
    href: String,
}

struct Document {
    href: String,
    name: String,
    place: Option<Sealed>,
    class: String,
    size: String,
    until: String,
}

/// What the address of the page says.
#[derive(Deserialize, Clone, Copy, Default)]
pub struct Asks {
    after: Option<i64>,
}

/// What a form on the page came back with.
#[derive(Clone, Default)]
pub(super) struct Back {
    pub(super) refused: Option<Refused>,
    pub(super) composer: Form,
    pub(super) stone: Form,
    pub(super) consent: Form,
    pub(super) agreed: Form,
    pub(super) document: Form,
    pub(super) join: Form,
    pub(super) assigned: Form,
    pub(super) asking: Form,
    pub(super) known: Form,
}

/// `GET /work/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let shown = page(acting, tx, EngagementId(id), asks, Back::default(), &path);
        // Whose work has just ended everything there was of them: what goes, and how a slip is taken back.
        match shown {
            Err(Fault::NotFound) => over(acting, tx, EngagementId(id), &path).or(shown),
            shown => shown,
        }
    })
    .await
}

fn over(acting: &Acting<'_>, tx: &Tx<'_>, id: EngagementId, path: &str) -> Result<Html<String>, Fault> {
    let (hand, _) = acts::as_far_as_readable(acting, tx, id)?;
    crate::web::ending::over(acting, tx, hand.client, path)
}

pub(super) fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: EngagementId,
    asks: Asks,
    mut back: Back,
    path: &str,
) -> Result<Html<String>, Fault> {
    let hand = acts::on_show(acting, tx, id)?;
    let grant = acts::reading(acting, &hand.everything().collect::<Vec<_>>())?;
    acting.opens("work.read", &grant);
    let life = hand.life()?;
    let base = format!("/work/{id}");
    if let Some(refused) = &mut back.refused
        && let Some((activity, ..)) = consents::asked_for(&acting.policy, hand.work)
    {
        let basis = custody::refusal::clause_words(&acting.policy, &Clause::Basis(activity.id));
        if refused.clause == basis && refused.next_href.is_empty() {
            refused.next_href = format!("{base}#consent");
        }
    }
    let runs = acting.may(Deed::RunWork);
    let found = documents::shown(acting, tx, &hand, &grant)?;
    let lines = entry::of_engagement(tx, &acting.policy, id, asks.after.map(EntryId), LINES)?;
    let more = lines.len() == LINES as usize;
    let last = lines.last().map(|line| line.id);
    // What nobody is in any more is the work's own.
    let (left, lines): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.people.is_empty());
    let own = hand.alone.as_ref().map_or_else(Vec::new, |alone| entries::shown(acting, &grant, alone, left));
    let mut lines = entries::shown(acting, &grant, life, lines);
    lines.extend(own);
    lines.sort_by_key(|line| std::cmp::Reverse((line.on, line.id)));
    let lines: Vec<_> = lines.into_iter().filter(|line| line.body.open(&grant).is_ok()).collect();
    let happened = acts::happened(tx, id)?;
    let joins = joins(acting, tx, &hand, runs, &back.join)?;
    let staff = staff(acting, tx, &hand, runs, &back.assigned)?;
    let classes = classes(acting, life, id, back.document.value("class"));
    let due = due(acting, &hand, life);
    let tasks: Vec<String> = task::of_engagement(tx, id)?.into_iter().map(|task| task.what).collect();
    html(&WorkPage {
        page: frame::page(acting, super::title(acting, &hand.engagement), "work", path),
        title: super::title(acting, &hand.engagement),
        parties: parties(acting, tx, &hand, &grant, runs)?,
        about: about(acting, tx, &hand)?,
        joins,
        striped: striped(life, acting.today),
        unread: unread(&hand),
        refused: back.refused,
        milestones: milestones(tx, &hand, &happened, runs)?,
        undo_error: back.stone.error("milestone").to_owned(),
        next: if runs { next(acting, &hand, life, &happened, back.stone, &base) } else { None },
        today: acting.today.to_string(),
        consent: consent(acting, &hand, life, &found, back.consent, &base),
        asking: asking(acting, tx, &hand, life, (&happened, &tasks), &back.asking)?,
        told: question::told(acting, tx, &hand)?,
        tasks,
        agreed: agreed(acting, &hand, life, back.agreed, runs),
        due: due.0,
        due_when: due.1,
        sides: sides(acting, tx, &hand, &grant)?,
        known: known(acting, tx, &hand, &grant, &back.known)?,
        staff,
        assigned: back.assigned,
        composer: composer(acting, life, id, back.composer),
        entries: shown_lines(acting, tx, life, lines)?,
        pager: Pager {
            older: last.filter(|_| more).map_or_else(String::new, |last| format!("{base}?after={last}")),
            ..Pager::default()
        },
        documents: found.into_iter().map(|document| shown_document(acting, life, document, &base)).collect(),
        may_attach: runs && !classes.is_empty(),
        classes,
        document_form: back.document,
        closing: closing(&hand, &happened, runs, &base),
        base,
        grant,
    })
}

/// What the clauses of everybody on it want to know: with their names where several are on it.
fn known(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    grant: &Grant,
    back: &Form,
) -> Result<Vec<Known>, Fault> {
    let names = super::names(acting, tx, &hand.people(), grant)?;
    let mut found = Vec::new();
    for life in &hand.lives {
        let whose = names.iter().find(|name| name.person() == life.person).filter(|_| hand.lives.len() > 1);
        found.extend(known::of(acting, tx, life, (Some(hand.engagement.id), whose.cloned()), back)?);
    }
    Ok(found)
}

fn parties(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    grant: &Grant,
    runs: bool,
) -> Result<Vec<Party>, Fault> {
    let names = super::names(acting, tx, &hand.people(), grant)?;
    let parties = hand.parts.iter().filter(|playing| playing.until.is_none()).filter_map(|playing| {
        let name = names.iter().find(|name| name.person() == playing.person)?.clone();
        let may_leave = runs && playing.person != hand.client && hand.engagement.closed_on.is_none();
        Some(Party {
            part: playing.part.clone(),
            name,
            href: format!("/people/{}", playing.person),
            leaves: match may_leave {
                true => format!("/work/{}/people/{}/left", hand.engagement.id, playing.person),
                false => String::new(),
            },
        })
    });
    Ok(parties.collect())
}

/// Since when, who pays, who of the staff: no personal value of anybody held.
fn about(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>) -> Result<String, Fault> {
    let mut said = vec![format!("Opened {}", frame::words(hand.engagement.opened_on))];
    match (hand.engagement.paid_by_organisation, hand.engagement.paid_by_person) {
        (Some(organisation), _) => {
            let found = store::organisation::one(tx, organisation)?;
            said.push(format!("paid by {}", found.details.name));
        }
        (None, Some(_)) => {
            let part = hand.work.parts.first().map_or("person", |part| part.name.as_str());
            said.push(format!("paid by the {part}"));
        }
        (None, None) => {}
    }
    let assigned = store::engagement::staff(tx, hand.engagement.id, acting.today)?;
    let names: Vec<String> = staff::all(tx)?
        .into_iter()
        .filter(|staff| assigned.contains(&staff.id))
        .map(|staff| staff.name)
        .collect();
    said.push(match names.as_slice() {
        [] => "assigned to nobody".to_owned(),
        names => format!("assigned to {}", names.join(", ")),
    });
    Ok(format!("{}.", said.join(", ")))
}

/// Those of the staff whom it may be given to; nobody where it is over, or this role may not say.
fn staff(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    runs: bool,
    form: &Form,
) -> Result<Vec<Choice>, Fault> {
    if !runs || hand.engagement.closed_on.is_some() {
        return Ok(Vec::new());
    }
    let has = store::engagement::staff(tx, hand.engagement.id, acting.today)?;
    let has = has.first().map(ToString::to_string).unwrap_or_default();
    super::new::staff_choices(acting, tx, if form.errors.is_empty() { &has } else { form.value("staff") })
}

/// The parts nobody plays yet, with those who could.
fn joins(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    runs: bool,
    form: &Form,
) -> Result<Vec<Join>, Fault> {
    let taken = |name: &str| hand.parts.iter().any(|playing| playing.part == name && playing.until.is_none());
    let is_open = runs && hand.engagement.closed_on.is_none();
    let open = hand.work.parts.iter().filter(|part| is_open && !taken(&part.name));
    open.map(|part| {
        let theirs = if form.value("part") == part.name { form.clone() } else { Form::default() };
        let mut picker = of_part(acting, tx, part, format!("Who is the {}?", part.name), &theirs)?;
        picker.error = theirs.error(&part.name).to_owned();
        Ok(Join { part: part.name.clone(), words: capital(&part.name), picker })
    })
    .collect()
}

/// What is said of those on it of whom nothing is shown since it cannot be read.
fn unread(hand: &OnHand<'_>) -> String {
    let known = |person| hand.lives.iter().any(|life| life.person == person);
    let unread: BTreeSet<_> = hand.parts.iter().map(|one| one.person).filter(|who| !known(*who)).collect();
    frame::unread(unread.len())
}

fn striped(life: &Life, today: Date) -> Vec<Striped> {
    let href = format!("/people/{}", life.person);
    let mut striped = Vec::new();
    if let Some(restriction) = life.restriction.as_ref().filter(|restriction| restriction.since <= today) {
        striped.push(Striped {
            title: "Restricted".to_owned(),
            words: format!(
                "What we hold may be stored and nothing else, until somebody decides by {}.",
                frame::words(restriction.review_on)
            ),
            href: href.clone(),
            action: "See the person".to_owned(),
        });
    }
    if let Some(hold) = life.hold.as_ref().filter(|hold| hold.since <= today) {
        let words = format!(
            "Nothing is let go until the hold ends; it is looked at again by {}.",
            frame::words(hold.review_on)
        );
        striped.push(Striped {
            title: "On hold".to_owned(),
            words,
            href,
            action: "See the person".to_owned(),
        });
    }
    striped
}

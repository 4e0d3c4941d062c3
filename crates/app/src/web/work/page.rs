//! The page of one piece of work: who is on it, its notes and documents, its milestones, the consent it rests
//! on, and when all of it goes.

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Html;
use custody::coverage::Datum;
use custody::id::{EngagementId, EntryId, PersonId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::phrase::{Voice, period_words, rule_words};
use policy::policy::Clause;
use policy::role::Deed;
use policy::{KindId, Sort};
use serde::Deserialize;
use store::{Tx, entry, person, staff, task};

use super::new::{Part, naming, whom};
use crate::acts::engagement::{self as acts, OnHand};
use crate::acts::{Acting, consent as consents, document as documents, entry as entries, question};
use crate::fault::Fault;
use crate::web::page::{Choice, Day, Form, Link, Page, Pager, Refused};
use crate::web::people::capital;
use crate::web::show::filters;
use crate::web::{Answer, House, Visitor, frame, html, read};

mod lines;

use lines::*;

/// How many notes a page shows.
const LINES: u32 = 50;

/// How many people the choice for a part nobody plays yet shows.
const LISTED: u32 = 500;

#[derive(Template)]
#[template(path = "work/work.html")]
struct WorkPage {
    page: Page,
    grant: Grant,
    naming: Grant,
    base: String,
    title: String,
    parties: Vec<Party>,
    about: String,
    joins: Vec<Part>,
    join_form: Form,
    striped: Vec<Striped>,
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

struct Party {
    part: String,
    name: Sealed,
    href: String,
}

struct Milestone {
    key: String,
    name: String,
    on: Day,
    by: String,
    may_undo: bool,
}

struct NextStone {
    name: String,
    words: String,
    blocked: String,
    href: String,
    form: Form,
}

struct Consent {
    on_file: bool,
    words: String,
    clause: String,
    promises: Vec<Link>,
    href: String,
    place: Option<Sealed>,
    form: Form,
    may_record: bool,
    withdraw: Option<Withdraw>,
}

struct Withdraw {
    href: String,
    activity: String,
    engagement: String,
}

struct Asking {
    activity: String,
    words: String,
    error: String,
}

struct Agreed {
    words: String,
    usual: String,
    who: String,
    promises: Vec<Link>,
    form: Form,
    may_change: bool,
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
    pub(super) asking: Form,
}

/// `GET /work/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, EngagementId(id), asks, Back::default(), &path))
        .await
}

pub(super) fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: EngagementId,
    asks: Asks,
    mut back: Back,
    path: &str,
) -> Result<Html<String>, Fault> {
    let hand = acts::on_hand(acting, tx, id)?;
    let grant = acts::reading(acting, &hand.lives.iter().collect::<Vec<_>>())?;
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
    let lines: Vec<_> = entries::shown(acting, &grant, life, lines)
        .into_iter()
        .filter(|line| line.body.open(&grant).is_ok())
        .collect();
    let happened = acts::happened(tx, id)?;
    let (joins, naming) = joins(acting, tx, &hand, runs)?;
    let classes = classes(acting, life, id, back.document.value("class"));
    let due = due(acting, &hand, life);
    let tasks: Vec<String> = task::of_engagement(tx, id)?.into_iter().map(|task| task.what).collect();
    html(&WorkPage {
        page: frame::page(acting, super::title(acting, &hand.engagement), "work", path),
        title: super::title(acting, &hand.engagement),
        parties: parties(acting, tx, &hand, &grant)?,
        about: about(acting, tx, &hand)?,
        joins,
        join_form: back.join,
        naming,
        striped: striped(life, acting.today),
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

fn parties(acting: &Acting<'_>, tx: &Tx<'_>, hand: &OnHand<'_>, grant: &Grant) -> Result<Vec<Party>, Fault> {
    let names = super::names(acting, tx, &hand.people(), grant)?;
    let parties = hand.parts.iter().filter(|playing| playing.until.is_none()).filter_map(|playing| {
        let name = names.iter().find(|name| name.person() == playing.person)?.clone();
        Some(Party { part: playing.part.clone(), name, href: format!("/people/{}", playing.person) })
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

/// The parts nobody plays yet, with those who could.
fn joins(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    runs: bool,
) -> Result<(Vec<Part>, Grant), Fault> {
    let mut people: Vec<PersonId> = Vec::new();
    let mut open = Vec::new();
    let taken = |name: &str| hand.parts.iter().any(|playing| playing.part == name && playing.until.is_none());
    let is_open = runs && hand.engagement.closed_on.is_none();
    for part in hand.work.parts.iter().filter(|part| is_open && !taken(&part.name)) {
        let category = acting.policy.categories.get(part.category.index()).map(|found| found.name.clone());
        let filter = person::Filter { category, ..person::Filter::default() };
        let found = person::page(tx, &acting.reach(), &filter, acting.today, None, LISTED)?;
        people.extend(&found);
        open.push((part, found));
    }
    let naming = naming(acting, tx, &people)?;
    let mut parts = Vec::new();
    for (part, found) in open {
        let people = whom(acting, tx, &found, &naming, "")?;
        if !people.is_empty() {
            parts.push(Part { name: part.name.clone(), words: capital(&part.name), required: true, people });
        }
    }
    Ok((parts, naming))
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
            action: String::new(),
        });
    }
    if let Some(hold) = life.hold.as_ref().filter(|hold| hold.since <= today) {
        let words = format!(
            "Nothing is let go until the hold ends; it is looked at again by {}.",
            frame::words(hold.review_on)
        );
        striped.push(Striped { title: "On hold".to_owned(), words, href, action: String::new() });
    }
    striped
}

fn milestones(
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    happened: &[store::engagement::Milestone],
    runs: bool,
) -> Result<Vec<Milestone>, Fault> {
    let staff = staff::all(tx)?;
    let last =
        hand.work.milestones.iter().rev().find(|name| happened.iter().any(|there| there.name == **name));
    let each = happened.iter().map(|there| Milestone {
        key: there.name.clone(),
        name: capital(&there.name),
        on: Day { near: String::new(), ..frame::day(there.on, there.on) },
        by: staff
            .iter()
            .find(|staff| Some(staff.id) == there.by)
            .map_or_else(String::new, |staff| staff.name.clone()),
        may_undo: runs && last == Some(&there.name),
    });
    Ok(each.collect())
}

fn next(
    acting: &Acting<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    happened: &[store::engagement::Milestone],
    form: Form,
    base: &str,
) -> Option<NextStone> {
    let name = acts::next(hand.work, happened)?;
    let may = custody::decide::may_happen(&acting.policy, life, hand.engagement.id, name, acting.today);
    let is_last = hand.work.milestones.last().is_some_and(|last| last == name);
    Some(NextStone {
        name: name.to_owned(),
        words: format!("Record {name}"),
        blocked: may.err().map_or_else(String::new, |refusal| refusal.next_step),
        href: if is_last { format!("{base}/completion") } else { String::new() },
        form,
    })
}

fn closing(
    hand: &OnHand<'_>,
    happened: &[store::engagement::Milestone],
    runs: bool,
    base: &str,
) -> Option<Link> {
    let last = hand.work.milestones.last()?;
    let over = happened.iter().any(|there| there.name == *last);
    (runs && !over).then(|| Link { href: format!("{base}/completion"), words: "Complete it".to_owned() })
}

/// The promises that stand on a clause, as links.
pub(super) fn promises(acting: &Acting<'_>, clause: &Clause) -> Vec<Link> {
    custody::refusal::promises_on(&acting.policy, clause)
        .into_iter()
        .map(|id| Link { href: format!("/policy/proof#{id}"), words: id })
        .collect()
}

fn consent(
    acting: &Acting<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    documents: &[store::document::Document],
    form: Form,
    base: &str,
) -> Option<Consent> {
    let policy = &acting.policy;
    let (activity, kind, before) = consents::asked_for(policy, hand.work)?;
    let id = hand.engagement.id;
    let given = custody::basis::standing_consent(policy, activity, life, Some(id), acting.today);
    let document = given.and_then(|given| given.document);
    let held = document.and_then(|document| documents.iter().find(|held| held.id == document));
    let kind = policy.kind(kind).map_or("consent form", |kind| kind.name.as_str());
    let ended =
        hand.work.milestones.last().is_some_and(|last| {
            life.works.iter().any(|on| on.engagement == id && on.milestone(last).is_some())
        });
    Some(Consent {
        on_file: given.is_some(),
        words: match given {
            Some(given) => format!("Signed on {}.", frame::words(given.given_on)),
            None => {
                format!(
                    "Until the signed {kind} is on file there is no place for notes, and {before} cannot be recorded."
                )
            }
        },
        clause: format!("{}: consent, signed on {kind}, before {before}", activity.name),
        promises: promises(acting, &Clause::Basis(activity.id)),
        href: held
            .filter(|held| held.file.is_some())
            .map_or_else(String::new, |held| format!("{base}/documents/{}", held.id)),
        place: held.and_then(|held| held.paper_place.clone()),
        form,
        may_record: acting.may(Deed::RunWork) && !ended,
        withdraw: given.map(|given| Withdraw {
            href: format!("/people/{}/consents/withdrawal", life.person),
            activity: activity.name.clone(),
            engagement: given.engagement.map_or_else(String::new, |id| id.to_string()),
        }),
    })
}

/// What the policy asks the person once the last milestone has happened, while nobody has asked.
fn asking(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    life: &Life,
    (happened, tasks): (&[store::engagement::Milestone], &[String]),
    form: &Form,
) -> Result<Vec<Asking>, Fault> {
    let put = store::question::of_engagement(tx, hand.engagement.id)?;
    let mut asking = Vec::new();
    for there in happened {
        for (activity, with) in acts::asked_once(acting, hand.work, &there.name) {
            let stands = custody::basis::standing_consent(&acting.policy, activity, life, None, acting.today);
            let by_hand = tasks.iter().any(|task| task.contains(&activity.title));
            let open = put.iter().any(|put| {
                put.answer.is_none() && put.asks == store::question::Asks::OptIn(activity.name.clone())
            });
            if stands.is_none() && (by_hand || open) {
                asking.push(Asking {
                    activity: activity.name.clone(),
                    words: if by_hand {
                        format!("Ask{with}: {}. Silence is no consent.", activity.title)
                    } else {
                        format!("Asked by e-mail{with}: {}. Write down what they tell you; silence is no consent.", activity.title)
                    },
                    error: form.error("answered").to_owned(),
                });
            }
        }
    }
    Ok(asking)
}

fn agreed(acting: &Acting<'_>, hand: &OnHand<'_>, life: &Life, form: Form, runs: bool) -> Option<Agreed> {
    let rule = acts::agreeable(&acting.policy, hand.work.id)?;
    let agreed =
        life.works.iter().find(|on| on.engagement == hand.engagement.id).and_then(|on| on.agreed.as_ref());
    let by = acts::agreed_by(rule);
    let names: Vec<&str> = by.iter().map(String::as_str).collect();
    let who = custody::refusal::listed(&names);
    Some(Agreed {
        words: match agreed {
            Some(agreed) => match &agreed.reason {
                Some(reason) => format!("{} (longer than usual: {reason})", period_words(&agreed.period)),
                None => period_words(&agreed.period),
            },
            None => "nothing else was agreed".to_owned(),
        },
        usual: format!("The policy says: {}.", rule.words),
        who,
        promises: promises(acting, &Clause::Keep(rule.id)),
        form,
        may_change: runs,
    })
}

/// When everything here goes, as a sentence, and the day if it is known.
fn due(acting: &Acting<'_>, hand: &OnHand<'_>, life: &Life) -> (String, Option<Day>) {
    let id = hand.engagement.id;
    let grounds =
        || life.grounds.iter().filter(|ground| ground.engagement == Some(id) && ground.active(acting.today));
    if let Some(due) = grounds().filter_map(|ground| ground.due_on).max() {
        let day = frame::day(due, acting.today);
        return (format!("Notes, documents and details go after {}.", day.words), Some(day));
    }
    let Some(rule) = acts::agreeable(&acting.policy, hand.work.id) else { return (String::new(), None) };
    let agreed = life.works.iter().find(|on| on.engagement == id).and_then(|on| on.agreed.as_ref());
    let words = match agreed {
        Some(agreed) => {
            let event =
                rule.phrase.events().into_iter().next().map_or_else(String::new, |event| event.written());
            format!("{} after {event}", period_words(&agreed.period))
        }
        None => rule_words(&acting.policy, rule, Voice::They),
    };
    (format!("Notes, documents and details are kept {words}."), None)
}

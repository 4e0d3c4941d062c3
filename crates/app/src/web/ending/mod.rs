//! Recording that something of a person has ended (they left their organisation, they are no longer what they were held as):
//! what will happen tonight, in numbers, before it is recorded; and taking it back until then.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{EngagementId, GroundId, OrganisationId, PersonId};
use custody::{Grant, Life, Sealed};
use jiff::civil::Date;
use policy::count::with_article;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, organisation, person};

use super::error::{Told, told_page};
use super::page::{Form, Link, Page};
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
    /// Whether another day may be chosen.
    dated: bool,
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
    /// What they said themselves, which nobody here takes back.
    said: Vec<String>,
    sums: Vec<String>,
    /// Whether a yes of theirs may be written down, which is what may bring it into use again.
    may_agree: bool,
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
    Ok(shown_undone(acts::by_itself(acting, tx, life)?))
}

/// What of somebody may have ended and whoever acts may record: with where that is said, and what would follow.
pub(super) struct Endings {
    pub(super) endings: Vec<Link>,
    pub(super) left: String,
    pub(super) still: Vec<Link>,
}

/// What may have ended of somebody, as their page offers it.
///
/// # Errors
/// Whatever the store says.
pub(super) fn endings(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Endings, Fault> {
    let base = format!("/people/{}", life.person);
    let held = acts::of_them(acting, life);
    let mut endings: Vec<Link> = held
        .iter()
        .map(|category| Link {
            href: format!("{base}/no-longer?category={}", super::people::escape(category)),
            words: format!("They are no longer {}", with_article(category)),
        })
        .collect();
    if crate::acts::fact::may_tell(acting, life).is_ok() {
        for belongs in crate::acts::organisation::belongs(tx, life.person)? {
            let href = format!("/organisations/{}/people/{}/left", belongs.organisation, life.person);
            endings.push(Link { href, words: format!("They have left {}", belongs.name) });
        }
    }
    let left = if held.is_empty() { String::new() } else { account_ended(acting, tx, life)? };
    let mut still = Vec::new();
    if !left.is_empty() && acting.may(Deed::ManagePolicy) {
        let counts = |rule: &policy::Rule| {
            held.iter().any(|category| rule.events().contains(&format!("no longer {category}")))
        };
        for ground in life.grounds.iter().filter(|ground| ground.active(acting.today)) {
            let Some(rule) = acting.policy.rules.get(ground.rule.index()).filter(|rule| counts(rule)) else {
                continue;
            };
            let title = acting.policy.activity(rule.activity).map_or("", |activity| activity.title.as_str());
            let words = format!("{title}: it goes on, and why");
            still.push(Link { href: format!("{base}/reviews/{}", ground.id), words });
        }
    }
    Ok(Endings { endings, left, still })
}

/// That whoever works here no more had an account, in a sentence; nothing where they had none, or have one still.
///
/// # Errors
/// Whatever the store says.
pub(super) fn account_ended(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<String, Fault> {
    let ended = store::staff::account_ended(tx, life.person)?.filter(|on| *on <= acting.today);
    Ok(ended.map_or_else(String::new, |on| format!("Their account here ended on {}.", frame::words(on))))
}

fn shown_undone(ended: Vec<acts::Ended>) -> Vec<Undone> {
    let shown = |one: acts::Ended| Undone {
        sort: one.sort,
        row: one.row,
        words: format!("{}, since {}", one.words, frame::words(one.on)),
    };
    ended.into_iter().map(shown).collect()
}

/// The page of somebody of whom everything has ended: what was recorded, what goes tonight, and how to take back what staff
/// recorded by a slip.
///
/// # Errors
/// [`Fault::NotFound`] if something of them goes on, or there is nothing that whoever acts may see of its end.
pub(super) fn over(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    path: &str,
) -> Result<Html<String>, Fault> {
    let life = acting.life(tx, id)?;
    let seen = crate::acts::objection::seen(acting, &life)?;
    if !acts::all_over(acting, &life) {
        return Err(Fault::NotFound);
    }
    let ended = [acts::standing(acting, tx, &life)?, acts::spoken(acting, tx, &life)?].concat();
    let back = acts::named(acting, &life).ok().filter(|_| !ended.is_empty());
    let records = crate::acts::engagement::reading(acting, &[&life]).ok();
    let said = records.as_ref().map_or_else(Vec::new, |grant| acts::said(acting, &life, grant));
    let tonight_goes = life.grounds.iter().any(|held| !held.active(acting.today) && !held.swept);
    if ended.is_empty() && said.is_empty() && !tonight_goes {
        return Err(Fault::NotFound);
    }
    let name = back.as_ref().map_or(Ok(None), |grant| name(acting, tx, id, grant))?;
    let ahead = crate::acts::engagement::ahead_of(acting, tx, &life)?;
    html(&Over {
        page: frame::page(acting, "What has ended", "people", path),
        base: format!("/people/{id}"),
        name,
        sums: [tonight(&ahead), sums("person", &ahead)].concat(),
        ended: shown_undone(ended),
        said: said.into_iter().map(|(words, on)| format!("{words}, on {}", frame::words(on))).collect(),
        grant: back.unwrap_or(seen),
        may_agree: super::person::may_agree(acting, &life),
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

    fn no_longer(person: i64, category: &str) -> Self {
        Self {
            whom: PersonId(person),
            ending: Ending::NoLonger(category.to_owned()),
            action: format!("/people/{person}/no-longer"),
            to: format!("/people/{person}?said=ended#ended"),
        }
    }

    fn let_go(person: i64, ground: i64) -> Self {
        Self {
            whom: PersonId(person),
            ending: Ending::LetGo(GroundId(ground)),
            action: format!("/people/{person}/reviews/{ground}/let-go"),
            to: format!("/people/{person}?said=ended#ended"),
        }
    }

    fn off_work(work: i64, person: i64) -> Self {
        Self {
            whom: PersonId(person),
            ending: Ending::OffWork(EngagementId(work)),
            action: format!("/work/{work}/people/{person}/left"),
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

/// `GET /work/{id}/people/{person}/left?on=`.
pub async fn leaving_work(
    house: House,
    visitor: Visitor,
    Path((id, person)): Path<(i64, i64)>,
    Query(asks): Query<Asks>,
) -> Answer {
    ahead(house, visitor, Place::off_work(id, person), asks).await
}

/// `POST /work/{id}/people/{person}/left`.
pub async fn left_work(
    house: House,
    visitor: Visitor,
    Path((id, person)): Path<(i64, i64)>,
    Posted(given): Posted<Asks>,
) -> Answer<Response> {
    record(house, visitor, Place::off_work(id, person), given).await
}

/// `GET /people/{id}/reviews/{ground}/let-go`.
pub async fn letting_go(house: House, visitor: Visitor, Path((id, ground)): Path<(i64, i64)>) -> Answer {
    ahead(house, visitor, Place::let_go(id, ground), Asks::default()).await
}

/// `POST /people/{id}/reviews/{ground}/let-go`.
pub async fn let_go(
    house: House,
    visitor: Visitor,
    Path((id, ground)): Path<(i64, i64)>,
    Posted(given): Posted<Asks>,
) -> Answer<Response> {
    record(house, visitor, Place::let_go(id, ground), given).await
}

/// `GET /people/{id}/no-longer?category=&on=`.
pub async fn ending(house: House, visitor: Visitor, Path(id): Path<i64>, Query(asks): Query<Asks>) -> Answer {
    ahead(house, visitor, Place::no_longer(id, &asks.category), asks).await
}

/// `POST /people/{id}/no-longer`.
pub async fn ended(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Asks>,
) -> Answer<Response> {
    record(house, visitor, Place::no_longer(id, &given.category), given).await
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
        Ending::OffWork(_) => "They are no longer on this work".to_owned(),
        Ending::LetGo(_) => "We need this no more".to_owned(),
    };
    let preview = |on| acts::preview(acting, tx, place.whom, (&place.ending, on));
    let (on, ahead, form) = match preview(on) {
        // What is wrong with another day stands beside it, and the page is worked out for today.
        Err(Fault::Invalid(errors)) if on != acting.today => {
            (acting.today, preview(acting.today)?, Form { errors, ..form })
        }
        ahead => (on, ahead?, form),
    };
    let lines = |lines: &[_]| shown(acting, lines, ahead.by);
    html(&Ahead {
        page: frame::page(acting, &heading, "people", path),
        base: format!("/people/{}", place.whom),
        name: name(acting, tx, place.whom, &grant)?,
        heading,
        action: place.action.clone(),
        category: match &place.ending {
            Ending::NoLonger(category) => category.clone(),
            Ending::Left(_) | Ending::OffWork(_) | Ending::LetGo(_) => String::new(),
        },
        on: on.to_string(),
        dated: !matches!(place.ending, Ending::LetGo(_)),
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

//! What staff record that ends something of a person: they left their organisation, they are no longer what they were held as,
//! they are no longer on a piece of work. What follows is said in numbers before, and until the night it can be taken back, as
//! can whatever else was recorded that ended everything. What ends, the policy says.

use custody::act::Asked;
use custody::id::{EngagementId, GroundId, OrganisationId, PersonId};
use custody::known;
use custody::life::{State, StopCause};
use custody::{Gate, Grant, Ground, Life, Verb};
use jiff::civil::Date;
use policy::count::with_article;
use policy::phrase::{LEFT_THE_ORGANISATION, plain};
use policy::role::Deed;
use policy::{KindSet, Rule};
use serde_json::json;
use store::{Tx, fact, ground, life_event, organisation, person};

use super::engagement::{self, Ahead, ahead_of};
use super::person::act;
use super::{Acting, disclosure, review};
use crate::fault::Fault;
use crate::web::people::capital;

/// What is recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// They have left an organisation.
    Left(OrganisationId),
    /// They are no longer of this category.
    NoLonger(String),
    /// They are no longer on this piece of work.
    OffWork(EngagementId),
    /// What this ground covers is needed no more, as whoever reviewed it decided.
    LetGo(GroundId),
}

/// Records it, from a day on.
///
/// # Errors
/// As [`super::organisation::left`] and [`engagement::leave`]; [`Fault::Refused`] unless whoever acts may change what we hold
/// of them, or review it; [`Fault::Invalid`] if they are not that, or the day has not come.
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    (what, on): (&Ending, Date),
) -> Result<(), Fault> {
    match what {
        Ending::Left(from) => super::organisation::left(acting, tx, whom, *from, on),
        Ending::NoLonger(category) => no_longer(acting, tx, whom, category, on),
        Ending::OffWork(work) => engagement::leave(acting, tx, whom, *work, on),
        Ending::LetGo(_) if on != acting.today => {
            Err(Fault::field("on", "What is let go at a review ends on the day somebody decides so."))
        }
        Ending::LetGo(ground) => review::let_go(acting, tx, whom, *ground),
    }
}

fn no_longer(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    category: &str,
    on: Date,
) -> Result<(), Fault> {
    let life = acting.life(tx, whom)?;
    may_end(acting, &life)?;
    if on > acting.today {
        return Err(Fault::field("on", "This day has not come yet."));
    }
    let held = acting.policy.category_named(category).filter(|held| life.has(held.id, acting.today));
    let Some(held) = held else {
        return Err(Fault::field("category", format!("They are no {category} today.")));
    };
    let since = life.categories.iter().filter(|own| own.category == held.id).map(|own| own.since).max();
    if since.is_some_and(|since| on < since) {
        return Err(Fault::field("on", "They became it after this day."));
    }
    person::end_category(tx, whom, &held.name, on)?;
    acting.settle(tx, whom)?;
    acting.log(tx, "category.ended", &[whom], &json!({ "category": held.name, "on": on.to_string() }))
}

/// Asks whether whoever acts may say that somebody is no longer what they are held as: whoever may change what we hold of them,
/// and whoever may review it, also when its review was passed.
fn may_end(acting: &Acting<'_>, life: &Life) -> Result<(), Fault> {
    super::fact::may_tell(acting, life).or_else(|why| review::may(acting, life).map_err(|_| why))
}

/// What they are that some clause ends with, and that whoever acts may say they no longer are: category by category.
#[must_use]
pub fn of_them(acting: &Acting<'_>, life: &Life) -> Vec<String> {
    if may_end(acting, life).is_err() {
        return Vec::new();
    }
    let held = known::ending(&acting.policy).filter(|category| life.has(category.id, acting.today));
    held.map(|category| category.name.clone()).collect()
}

/// The organisations that somebody belongs to, and that whoever acts may record them as having left.
///
/// # Errors
/// Whatever the store says.
pub fn to_leave(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
) -> Result<Vec<organisation::Belonging>, Fault> {
    match super::fact::may_tell(acting, life) {
        Ok(()) => super::organisation::belongs(tx, life.person),
        Err(_) => Ok(Vec::new()),
    }
}

/// The work that somebody has a part on beside whoever it is for, and that whoever acts may record them as being off: with that
/// part, in words.
///
/// # Errors
/// Whatever the store says.
pub fn to_be_off(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    life: &Life,
) -> Result<Vec<(EngagementId, String)>, Fault> {
    let mut found: Vec<(EngagementId, String)> = Vec::new();
    for on in &life.works {
        let hand = match engagement::on_hand(acting, tx, on.engagement) {
            Ok(hand) => hand,
            Err(Fault::NotFound | Fault::Refused(_)) => continue,
            Err(fault) => return Err(fault),
        };
        let mut theirs = hand.parts.iter().filter(|one| one.person == life.person && one.until.is_none());
        let (Some(playing), false) = (theirs.next(), hand.client == life.person) else { continue };
        let known = found.iter().any(|(work, _)| *work == on.engagement);
        if !known && engagement::may_run(acting, Verb::Change, hand.life()?, Some(on.engagement)).is_ok() {
            found.push((on.engagement, format!("{} on {}", playing.part, with_article(&hand.work.title))));
        }
    }
    Ok(found)
}

/// What is held of somebody under review, and whoever acts may let go: ground by ground, with what it is for.
#[must_use]
pub fn to_let_go<'a>(acting: &'a Acting<'_>, life: &Life) -> Vec<(GroundId, &'a str)> {
    if review::may(acting, life).is_err() {
        return Vec::new();
    }
    let held = life.grounds.iter().filter(|held| held.state == State::Active && held.review_on.is_some());
    held.filter_map(|held| {
        let rule = acting.policy.rules.get(held.rule.index())?;
        Some((held.id, acting.policy.activity(rule.activity)?.title.as_str()))
    })
    .collect()
}

/// What would stay until when, and what the coming night would take: it is recorded and taken back.
///
/// # Errors
/// As [`record`].
pub fn preview(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    what: (&Ending, Date),
) -> Result<Ahead, Fault> {
    tx.tried(|tx| {
        record(acting, tx, whom, what)?;
        let life = acting.life(tx, whom)?;
        ahead_of(acting, tx, &life)
    })
}

/// Something recorded that can be taken back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
    /// What sort: `organisation`, `category`, `work`, `review`, `event`, `fact` or `milestone`.
    pub sort: &'static str,
    /// Its row; of work the work, of a review the ground.
    pub row: i64,
    /// What it says: `They have left Brightwell Ltd`.
    pub words: String,
    /// The first day.
    pub on: Date,
}

/// What was recorded of somebody that ended something, and whoever acts may take back.
///
/// # Errors
/// Whatever the store says.
pub fn standing(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Ended>, Fault> {
    let mut found = Vec::new();
    if may_take_back(acting, life, Deed::AddPeople).is_ok() {
        let belongs = organisation::of_people(tx, &[life.person])?;
        let again = |left: &organisation::Belonging| {
            belongs.iter().any(|other| other.organisation == left.organisation && other.until.is_none())
        };
        for left in belongs.iter().filter(|left| !again(left)) {
            let Some(on) = left.until else { continue };
            let words = format!("They have left {}", left.name);
            found.push(Ended { sort: "organisation", row: left.id, words, on });
        }
    }
    if may_take_an_end_back(acting, life).is_ok() {
        for (row, category, on) in person::ended_categories(tx, life.person)? {
            let words = format!("They are no longer {}", with_article(&category));
            found.push(Ended { sort: "category", row, words, on });
        }
    }
    if may_take_back(acting, life, Deed::ManagePolicy).is_ok() {
        for held in life.grounds.iter().filter(|held| !held.swept) {
            let State::Stopped { on, cause: StopCause::LetGo } = held.state else { continue };
            let rule = acting.policy.rules.get(held.rule.index());
            let activity = rule.and_then(|rule| acting.policy.activity(rule.activity));
            let title = activity.map_or("something", |activity| activity.title.as_str());
            let words = format!("Let go at its review: {title}");
            found.push(Ended { sort: "review", row: held.id.0, words, on });
        }
    }
    if may_take_back(acting, life, Deed::RunWork).is_ok() {
        for left in store::engagement::parts_left(tx, life.person)? {
            let Some(on) = left.until else { continue };
            let work = life.works.iter().find(|on| on.engagement == left.engagement).map(|on| on.work);
            let work = work.and_then(|work| acting.policy.works.get(work.index()));
            let title = work.map_or("work", |work| work.title.as_str());
            let words = format!("They are no longer the {} on {}", left.part, with_article(title));
            found.push(Ended { sort: "work", row: left.engagement.0, words, on });
        }
    }
    Ok(found)
}

/// What else was recorded by which something of somebody ended that no night has dealt with: events, facts, milestones.
///
/// # Errors
/// Whatever the store says.
pub fn spoken(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Ended>, Fault> {
    let slipped = life.grounds.iter().filter(|held| {
        let by_word = matches!(
            held.state,
            State::Stopped { cause: StopCause::Event(_) | StopCause::Due | StopCause::Annulled, .. }
        );
        by_word && !held.swept
    });
    let ended: Vec<(&Rule, &Ground)> =
        slipped.filter_map(|held| Some((acting.policy.rules.get(held.rule.index())?, held))).collect();
    let mut found: Vec<Ended> = Vec::new();
    let told = may_take_back(acting, life, Deed::AddPeople).is_ok();
    for (rule, held) in &ended {
        let (events, facts, engagement) = (rule.events(), rule.facts(), &held.engagement);
        for name in known::recordable(&acting.policy).filter(|name| told && events.iter().any(|e| e == name))
        {
            for (row, on) in life_event::of_person(tx, life.person, name)? {
                found.push(Ended { sort: "event", row, words: capital(name), on });
            }
        }
        // With where they were it stands among the endings; of themselves, in a call or because that is not known.
        if told
            && let State::Stopped { on, cause: StopCause::Event(event) } = &held.state
            && event == LEFT_THE_ORGANISATION
        {
            let rows = life_event::of_person(tx, life.person, LEFT_THE_ORGANISATION)?;
            for (row, on) in rows.into_iter().filter(|(_, day)| day == on) {
                let words = "They have left their organisation".to_owned();
                found.push(Ended { sort: "event", row, words, on });
            }
        }
        for place in [None, *engagement].into_iter().take(if engagement.is_some() { 2 } else { 1 }) {
            for (row, one) in fact::of_person(tx, life.person, place)? {
                if told && facts.contains(&plain(&one.name)) {
                    let words = format!("{}: {}", capital(&one.name), one.value);
                    found.push(Ended { sort: "fact", row, words, on: one.on });
                }
            }
        }
        if let Some(engagement) = engagement
            && may_take_back(acting, life, Deed::RunWork).is_ok()
        {
            let there = engagement::happened(tx, *engagement)?;
            for one in there.into_iter().filter(|one| events.contains(&one.name)) {
                found.push(Ended { sort: "milestone", row: one.id, words: capital(&one.name), on: one.on });
            }
        }
    }
    found.sort_by_key(|one| (one.sort, std::cmp::Reverse((one.on, one.row))));
    found.dedup();
    Ok(found)
}

/// What was recorded of somebody of whom something goes on, that their page offers to take back by itself: what ended something
/// for good, and of events and facts those that nothing which goes on asks for. The others stand beside what they decide.
///
/// # Errors
/// Whatever the store says.
pub fn by_itself(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Vec<Ended>, Fault> {
    let events = known::events(&acting.policy, life, acting.today);
    let facts = known::facts(&acting.policy, life, None, acting.today);
    let elsewhere = |one: &Ended| match one.sort {
        "event" => events.iter().any(|name| capital(name) == one.words),
        "fact" => facts.iter().any(|fact| one.words.starts_with(&format!("{}: ", capital(&fact.name)))),
        // On the page of the work.
        _ => true,
    };
    let mut found = standing(acting, tx, life)?;
    found.extend(spoken(acting, tx, life)?.into_iter().filter(|one| !elsewhere(one)));
    Ok(found)
}

/// What a person themselves said that ended something, and when: nobody here takes it back. Only for whoever may see the record
/// of it.
#[must_use]
pub fn said(acting: &Acting<'_>, life: &Life, grant: &Grant) -> Vec<(String, Date)> {
    let seen =
        |name: &str| acting.policy.kind_named(name).is_none_or(|kind| grant.covers(life.person, kind.id));
    let mut found = Vec::new();
    for consent in life.consents.iter().filter(|_| seen("consent record")) {
        let activity = acting.policy.activity(consent.activity);
        if let Some((on, activity)) = consent.withdrawn_on.zip(activity) {
            found.push((format!("They took back what they agreed to: {}", activity.title), on));
        }
    }
    let objections =
        life.objections.iter().filter(|made| made.lifted_on.is_none() && seen("objection record"));
    found.extend(objections.map(|made| {
        let (kind, named) = store::objection::scope_name(&acting.policy, &made.scope);
        let against = match (kind, named) {
            ("activity", Some(name)) => {
                acting.policy.activity_named(name).map_or(name.to_owned(), |activity| activity.title.clone())
            }
            ("calls", _) => "being called about what we offer".to_owned(),
            ("all contact", _) => "any contact at all".to_owned(),
            _ => "being told what we offer".to_owned(),
        };
        (format!("They objected: {against}"), made.made_on)
    }));
    found
}

/// Whether nothing lets us use any detail of somebody any more, and the night has still to come.
#[must_use]
pub fn all_over(acting: &Acting<'_>, life: &Life) -> bool {
    let items = |rule: &Rule| {
        let mut kinds = rule.kinds.iter().filter_map(|kind| acting.policy.kind(kind));
        kinds.any(|kind| kind.sort == policy::Sort::Item)
    };
    let mut active = life.grounds.iter().filter(|held| held.active(acting.today));
    !active.any(|held| acting.policy.rules.get(held.rule.index()).is_some_and(items))
}

/// Takes back what was recorded by a slip: what ended with it and has not gone goes on.
///
/// # Errors
/// [`Fault::Refused`] if this role may not; [`Fault::NotFound`] if it does not stand.
pub fn take_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    (sort, row): (&str, i64),
) -> Result<(), Fault> {
    let life = acting.life(tx, whom)?;
    let (said, body) = match sort {
        "organisation" => {
            may_take_back(acting, &life, Deed::AddPeople)?;
            let to = organisation::stay(tx, &acting.policy, whom, row)?;
            ("organisation.left taken back", json!({ "organisation": to.0 }))
        }
        "category" => {
            may_take_an_end_back(acting, &life)?;
            let category = person::stay_in_category(tx, whom, row)?;
            ("category.ended taken back", json!({ "category": category }))
        }
        "review" => {
            may_take_back(acting, &life, Deed::ManagePolicy)?;
            ground::goes_on(tx, whom, GroundId(row))?;
            ("ground.let go taken back", json!({ "ground": row }))
        }
        "work" => {
            may_take_back(acting, &life, Deed::RunWork)?;
            return engagement::back_on(acting, tx, whom, EngagementId(row));
        }
        "event" => {
            may_take_back(acting, &life, Deed::AddPeople)?;
            return super::event::undo(acting, tx, whom, row);
        }
        "fact" => {
            may_take_back(acting, &life, Deed::AddPeople)?;
            let places = std::iter::once(None).chain(life.works.iter().map(|on| Some(on.engagement)));
            for place in places {
                if fact::of_person(tx, whom, place)?.iter().any(|(known, _)| *known == row) {
                    return super::fact::undo(acting, tx, (place, whom), row);
                }
            }
            return Err(Fault::NotFound);
        }
        "milestone" => {
            may_take_back(acting, &life, Deed::RunWork)?;
            for on in &life.works {
                let there = engagement::happened(tx, on.engagement)?;
                if let Some(one) = there.iter().find(|one| one.id == row) {
                    let hand = engagement::loaded(acting, tx, on.engagement)?;
                    return engagement::undo(acting, tx, &hand, &one.name);
                }
            }
            return Err(Fault::NotFound);
        }
        _ => return Err(Fault::NotFound),
    };
    let after = acting.settle(tx, whom)?;
    disclosure::taken_back(acting, tx, (&life, &after), None)?;
    acting.log(tx, said, &[whom], &body)
}

/// What opens the name of somebody of whom everything has ended by what staff recorded, so that it can be taken back
/// before the night.
///
/// # Errors
/// [`Fault::Refused`] if this role may take nothing back of them.
pub fn named(acting: &Acting<'_>, life: &Life) -> Result<Grant, Fault> {
    may_take_an_end_back(acting, life)
        .or_else(|_| may_take_back(acting, life, Deed::RunWork))
        .inspect(|grant| acting.opens("person.ended", grant))
}

fn may_take_an_end_back(acting: &Acting<'_>, life: &Life) -> Result<Grant, Fault> {
    may_take_back(acting, life, Deed::AddPeople)
        .or_else(|why| may_take_back(acting, life, Deed::ManagePolicy).map_err(|_| why))
}

fn may_take_back(acting: &Acting<'_>, life: &Life, deed: Deed) -> Result<Grant, Fault> {
    let policy = &acting.policy;
    let called = |kind: &&policy::Kind| ["name", "email"].contains(&kind.name.as_str());
    let kinds: KindSet = policy.kinds.iter().filter(called).map(|kind| kind.id).collect();
    let back = act(Verb::TakeBack, Some(deed), Asked::WhatMayBeSeen(kinds));
    acting.decide(&back, &[life], &Gate::default())
}

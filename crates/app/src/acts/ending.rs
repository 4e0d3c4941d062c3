//! What staff record that ends something of a person: they left their organisation, they are no longer what they were held
//! as. What follows is said in numbers before, and until the night it can be taken back. What ends, the policy says.

use custody::act::Asked;
use custody::id::{OrganisationId, PersonId};
use custody::{Gate, Grant, Life, Verb};
use jiff::civil::Date;
use policy::KindSet;
use policy::count::with_article;
use policy::role::Deed;
use serde_json::json;
use store::{Tx, organisation, person};

use super::engagement::{Ahead, ahead_of};
use super::person::act;
use super::{Acting, review};
use crate::fault::Fault;

/// What is recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// They have left an organisation.
    Left(OrganisationId),
    /// They are no longer of this category.
    NoLonger(String),
}

/// Records it, from a day on.
///
/// # Errors
/// As [`super::organisation::left`] and [`review::no_longer`].
pub fn record(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whom: PersonId,
    (what, on): (&Ending, Date),
) -> Result<(), Fault> {
    match what {
        Ending::Left(from) => super::organisation::left(acting, tx, whom, *from, on),
        Ending::NoLonger(category) => review::no_longer(acting, tx, whom, category, on),
    }
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
    /// What sort: `organisation` or `category`.
    pub sort: &'static str,
    /// Its row.
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
    if may_take_back(acting, life, Deed::ManagePolicy).is_ok() {
        for (row, category, on) in person::ended_categories(tx, life.person)? {
            let words = format!("They are no longer {}", with_article(&category));
            found.push(Ended { sort: "category", row, words, on });
        }
    }
    Ok(found)
}

/// Takes back what was recorded by a slip: what ended with it and has not gone begins again.
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
            may_take_back(acting, &life, Deed::ManagePolicy)?;
            let category = person::stay_in_category(tx, whom, row)?;
            ("category.ended taken back", json!({ "category": category }))
        }
        _ => return Err(Fault::NotFound),
    };
    acting.settle(tx, whom)?;
    acting.log(tx, said, &[whom], &body)
}

/// What opens the name of somebody of whom everything has ended by what staff recorded, so that it can be taken back
/// before the night.
///
/// # Errors
/// [`Fault::Refused`] if this role may take nothing back of them.
pub fn named(acting: &Acting<'_>, life: &Life) -> Result<Grant, Fault> {
    may_take_back(acting, life, Deed::AddPeople)
        .or_else(|_| may_take_back(acting, life, Deed::ManagePolicy))
        .inspect(|grant| acting.opens("person.ended", grant))
}

fn may_take_back(acting: &Acting<'_>, life: &Life, deed: Deed) -> Result<Grant, Fault> {
    let policy = &acting.policy;
    let called = |kind: &&policy::Kind| ["name", "email"].contains(&kind.name.as_str());
    let kinds: KindSet = policy.kinds.iter().filter(called).map(|kind| kind.id).collect();
    let back = act(Verb::TakeBack, Some(deed), Asked::WhatMayBeSeen(kinds));
    acting.decide(&back, &[life], &Gate::default())
}

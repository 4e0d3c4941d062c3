//! Looking ahead: what is held of the person a piece of work is for, and until when, if a milestone happened
//! on some day. It asks the policy's own clocks on a copy of the facts, and changes nothing.

use std::collections::BTreeMap;

use custody::coverage::{Datum, covers};
use custody::ground;
use custody::life::{Ground, Life};
use jiff::civil::Date;
use policy::{Policy, Rule, RuleId, Sort};
use store::{Tx, dispose};

use super::OnHand;
use crate::acts::Acting;
use crate::fault::Fault;

/// The first number given to grounds that exist only while looking ahead.
const IMAGINED: i64 = i64::MAX / 2;

/// How many of something is held, and until when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its kind, or `detail` for all that the person's own details are.
    pub what: String,
    /// What sort of kind.
    pub sort: Sort,
    /// How many.
    pub count: u64,
    /// The last day, where one is known.
    pub until: Option<Date>,
    /// The clause that keeps it longest; none if nothing does.
    pub rule: Option<RuleId>,
}

/// What will be held until when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ahead {
    /// What stays, the first to go first.
    pub stays: Vec<Line>,
    /// What the next night takes.
    pub goes: Vec<Line>,
}

/// What would be held until when if the milestone happened on a day, or as things are without one.
///
/// # Errors
/// Whatever the store says.
pub fn ahead(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    hand: &OnHand<'_>,
    milestone: Option<(&str, Date)>,
) -> Result<Ahead, Fault> {
    let policy = &acting.policy;
    let mut life = hand.life()?.clone();
    if let Some((name, on)) = milestone {
        for work in life.works.iter_mut().filter(|work| work.engagement == hand.engagement.id) {
            work.milestones.push((name.to_owned(), on));
        }
    }
    let changes = ground::settle(policy, &life, acting.today);
    let life = ground::settled(&life, &changes, acting.today, IMAGINED);
    let held = dispose::holdings(tx, policy, life.person)?;
    let mut stays: BTreeMap<Key, u64> = BTreeMap::new();
    let mut goes: BTreeMap<Key, u64> = BTreeMap::new();
    for datum in &held.data {
        let Some(kind) = policy.kind(datum.kind) else { continue };
        let what = if kind.sort == Sort::Item { "detail".to_owned() } else { kind.name.clone() };
        match longest(policy, &life, datum, acting.today) {
            Some((ground, rule)) => {
                let until = ground.due_on;
                *stays
                    .entry((until.unwrap_or(Date::MAX), rank(kind.sort), what, Some(rule.id)))
                    .or_insert(0) += 1;
            }
            None => *goes.entry((acting.today, rank(kind.sort), what, None)).or_insert(0) += 1,
        }
    }
    Ok(Ahead { stays: lines(stays), goes: lines(goes) })
}

/// Last day, sort, kind, clause.
type Key = (Date, u8, String, Option<RuleId>);

fn rank(sort: Sort) -> u8 {
    match sort {
        Sort::Entry => 0,
        Sort::Document => 1,
        Sort::Item => 2,
        Sort::Record => 3,
    }
}

fn lines(counted: BTreeMap<Key, u64>) -> Vec<Line> {
    let sorts = [Sort::Entry, Sort::Document, Sort::Item, Sort::Record];
    let line = |((until, sort, what, rule), count): (Key, u64)| Line {
        what,
        sort: sorts.get(usize::from(sort)).copied().unwrap_or(Sort::Record),
        count,
        until: Some(until).filter(|until| *until != Date::MAX),
        rule,
    };
    counted.into_iter().map(line).collect()
}

/// The grounds that hold today and cover a datum.
fn covering<'a>(
    policy: &'a Policy,
    life: &'a Life,
    datum: &'a Datum,
    today: Date,
) -> impl Iterator<Item = (&'a Ground, &'a Rule)> {
    let active = life.grounds.iter().filter(move |ground| ground.active(today));
    active
        .filter(move |ground| covers(policy, ground, life.person, datum))
        .filter_map(|ground| Some((ground, policy.rules.get(ground.rule.index())?)))
}

/// The ground that keeps a datum longest.
fn longest<'a>(
    policy: &'a Policy,
    life: &'a Life,
    datum: &'a Datum,
    today: Date,
) -> Option<(&'a Ground, &'a Rule)> {
    covering(policy, life, datum, today).max_by_key(|(ground, _)| ground.due_on.unwrap_or(Date::MAX))
}

/// The last day of a datum, if every ground that covers it has one.
#[must_use]
pub fn last_day(policy: &Policy, life: &Life, datum: &Datum, today: Date) -> Option<Date> {
    longest(policy, life, datum, today)?.0.due_on
}

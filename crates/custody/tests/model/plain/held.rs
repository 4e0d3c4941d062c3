//! What grounds cover: which rows may stay, which go and how.

use jiff::civil::Date;
use policy::{Disposal, Policy, Sort};

use super::basis;
use super::each;
use super::ground::{Ground, Why};
use super::person::Person;

/// A row about people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Row {
    pub table: String,
    pub number: i64,
    pub kind: String,
    /// Whom it is about, and whether they are its subject.
    pub people: Vec<(i64, bool)>,
    /// On which work, under which other kind's name there.
    pub works: Vec<(i64, Option<String>)>,
    pub paper: bool,
}

fn of_sort(policy: &Policy, row: &Row, sorts: &[Sort]) -> bool {
    policy.kinds.iter().any(|kind| kind.name == row.kind && sorts.contains(&kind.sort))
}

/// Whether a ground covers a row of its person, leaving aside whether it holds.
pub fn covers(policy: &Policy, ground: &Ground, row: &Row) -> bool {
    let Some(rule) = policy.rule_keyed(&ground.key) else { return false };
    let Some(kind) = policy.kinds.iter().find(|kind| kind.name == row.kind) else { return false };
    let Some(work) = ground.work.filter(|_| matches!(kind.sort, Sort::Entry | Sort::Document)) else {
        return rule.kinds.contains(kind.id);
    };
    row.works.iter().filter(|(number, _)| *number == work).any(|(_, class)| match class {
        None => rule.kinds.contains(kind.id),
        Some(name) => policy
            .kinds
            .iter()
            .find(|kind| kind.name == *name)
            .is_some_and(|kind| rule.kinds.contains(kind.id) && !rule.except.contains(kind.id)),
    })
}

/// Whether a person's grounds keep a row today.
pub fn covered(policy: &Policy, person: &Person, grounds: &[Ground], row: &Row, today: Date) -> bool {
    grounds.iter().filter(|ground| ground.holds(today)).any(|ground| {
        // Whoever relies on a consent must be able to show it.
        let rests = || {
            let activity = policy.activity(policy.rule_keyed(&ground.key)?.activity)?;
            let consent = basis::consent(policy, person, activity, ground.work, today)?;
            (consent.number == row.number).then_some(())
        };
        // The record of a piece of work has the days that clocks of that work count from.
        let of_work = row.table == "engagement" && ground.work == Some(row.number);
        let lasts = || each::over(policy, person, ground, row, today).is_none_or(|after| today < after);
        (covers(policy, ground, row) && lasts()) || of_work || (row.table == "consent" && rests().is_some())
    })
}

/// Whether a ground that covers a row holds it no longer: it ended, or the row did by itself.
fn let_go(policy: &Policy, person: &Person, ground: &Ground, row: &Row, today: Date) -> bool {
    !ground.holds(today) || each::over(policy, person, ground, row, today).is_some_and(|after| after <= today)
}

/// How a ground lets go. What was handed over already is not owed again.
fn way_of(policy: &Policy, person: &Person, ground: &Ground) -> Option<Disposal> {
    let rule = policy.rule_keyed(&ground.key)?;
    let milestones = person.works.iter().filter(|work| Some(work.number) == ground.work);
    let mut names = milestones.flat_map(|work| work.milestones.iter().map(|(name, _)| name));
    let done = rule.unless.as_ref().is_some_and(|unless| names.any(|name| name == unless));
    Some(if done { Disposal::Erase } else { rule.then })
}

/// The grounds of somebody that covered a row and have ended: since when, and how each lets go.
fn ways_of(
    policy: &Policy,
    person: &Person,
    grounds: &[Ground],
    row: &Row,
    today: Date,
) -> Vec<(Option<Date>, Option<Disposal>)> {
    let over = |ground: &Ground| {
        let whole = match ground.ended {
            Some((on, _)) => Some(on),
            None => ground.last.and_then(|last| last.day.tomorrow().ok()),
        };
        [whole, each::over(policy, person, ground, row, today)].into_iter().flatten().min()
    };
    let ended = grounds
        .iter()
        .filter(|ground| covers(policy, ground, row) && let_go(policy, person, ground, row, today));
    ended.map(|ground| (over(ground), way_of(policy, person, ground))).collect()
}

/// Of everybody in a row, the grounds that ended last: how each lets go.
fn last_ways(policy: &Policy, whose: &[(Person, Vec<Ground>)], row: &Row, today: Date) -> Vec<Disposal> {
    let ended = whose.iter().flat_map(|(person, grounds)| ways_of(policy, person, grounds, row, today));
    let ended: Vec<_> = ended.collect();
    let last = ended.iter().filter_map(|(on, _)| *on).max();
    ended.into_iter().filter(|(on, _)| *on == last).filter_map(|(_, way)| way).collect()
}

/// What becomes of a row that nothing covers any more: handed over first, destroyed by hand, or gone by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Goes,
    Return,
    Deliver,
    Paper,
}

/// `whose` is everybody in it.
pub fn way(policy: &Policy, whose: &[(Person, Vec<Ground>)], row: &Row, today: Date) -> Way {
    let ways = last_ways(policy, whose, row, today);
    if !of_sort(policy, row, &[Sort::Document, Sort::Entry]) {
        // A detail or a record is no original: nobody can hand it over.
        return if row.paper { Way::Paper } else { Way::Goes };
    }
    if ways.contains(&Disposal::ReturnThenErase) {
        Way::Return
    } else if ways.contains(&Disposal::DeliverThenErase) {
        Way::Deliver
    } else if row.paper {
        Way::Paper
    } else {
        Way::Goes
    }
}

/// What is owed back though another ground keeps a copy.
pub fn owed(policy: &Policy, person: &Person, grounds: &[Ground], row: &Row, today: Date) -> Option<Way> {
    if !of_sort(policy, row, &[Sort::Document]) {
        return None;
    }
    // What never was owes nothing, nor what has begun again.
    let again = |key: &str| {
        let mut same = grounds.iter().filter(|ground| ground.key == key);
        same.any(|ground| covers(policy, ground, row) && !let_go(policy, person, ground, row, today))
    };
    let was = |ground: &&Ground| ground.ended.is_none_or(|(_, why)| why != Why::NeverWas);
    let ended = grounds
        .iter()
        .filter(was)
        .filter(|ground| let_go(policy, person, ground, row, today))
        .filter(|ground| covers(policy, ground, row) && !again(&ground.key));
    let mut ways = ended.filter_map(|ground| match way_of(policy, person, ground)? {
        Disposal::ReturnThenErase => Some(Way::Return),
        Disposal::DeliverThenErase => Some(Way::Deliver),
        _ => None,
    });
    ways.next()
}

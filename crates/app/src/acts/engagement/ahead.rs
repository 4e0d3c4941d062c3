//! Looking ahead: what becomes of what a piece of work holds in the night after a milestone. It asks the policy's own
//! clocks on a copy of the facts, and the same questions as the sweep, so that what it says is what happens; it
//! changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use custody::coverage::{self, Datum, Outcome, Suspended, Uncovered, covers};
use custody::ground;
use custody::handing::{self, Before};
use custody::id::{EngagementId, PersonId};
use custody::life::{Ground, Life};
use custody::moment::Now;
use jiff::civil::{Date, Time};
use policy::periods::Own;
use policy::{Disposal, Policy, Rule, RuleId, Sort, Work};
use store::life::{For, load_readable, readable_works};
use store::{Tx, dispose, owing, paper};

use super::OnHand;
use crate::acts::Acting;
use crate::fault::Fault;

/// The first number given to grounds that exist only while looking ahead.
const IMAGINED: i64 = i64::MAX / 2;

/// How many of something there are, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its kind, or `detail` for all that people's own details are.
    pub what: String,
    /// What sort of kind.
    pub sort: Sort,
    /// How many.
    pub count: u64,
    /// The clause that keeps it longest, or kept it last.
    pub rule: Option<RuleId>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    /// It stays until this day; or nobody can tell yet.
    Stays(Option<Date>),
    /// The night takes it in this way.
    Goes(Disposal),
    /// Somebody must first give it back, deliver it or destroy it: a task.
    Waits(Disposal),
    /// It goes in the night after what is owed beside it was handed over.
    After,
    /// Its time is over, and something keeps it.
    Kept(Suspended),
}

/// What will be where.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ahead {
    /// What stays, the first to go first.
    pub stays: Vec<Line>,
    /// What the next night takes.
    pub goes: Vec<Line>,
    /// What waits for somebody's hand, and what goes only after it.
    pub waits: Vec<Line>,
    /// What would go, but something keeps it.
    pub kept: Vec<Line>,
    /// The day by which somebody must have done it.
    pub by: Option<Date>,
}

/// Whether any clause of this kind of work speaks of a milestone: then recording it may end something.
#[must_use]
pub fn may_end(policy: &Policy, work: &Work, milestone: &str) -> bool {
    let plain = policy::phrase::plain(milestone);
    let mut rules = policy.rules.iter().filter(|rule| rule.work == Some(work.id));
    rules.any(|rule| {
        let unless = rule.unless.as_deref().is_some_and(|done| policy::phrase::plain(done) == plain);
        unless || rule.events().iter().any(|event| policy::phrase::plain(event) == plain)
    })
}

/// What would be held until when, and what goes or waits in the coming night, if the milestone happened on a day; or as
/// things are without one.
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
    let night = acting.today.tomorrow()?;
    let id = hand.engagement.id;
    let happened = milestone.map(|(name, on)| (id, name, on));
    let mut lives: Vec<Life> =
        hand.lives.iter().map(|life| imagined(policy, life, happened, night)).collect();
    let mut held: Held = BTreeMap::new();
    let alone = hand.alone.as_ref().map(|life| imagined(policy, life, happened, night));
    if let Some(alone) = &alone {
        for life in &mut lives {
            life.of_work.retain(|ground| ground.engagement != Some(id));
            life.of_work.extend(alone.grounds.iter().cloned());
        }
        let left = dispose::of_work(tx, policy, id)?.data;
        held.extend(left.into_iter().map(|datum| ((datum.table, datum.id), datum)));
    }
    for life in &lives {
        let theirs = dispose::holdings(tx, policy, life.person)?.data;
        // Of those on the work beside whom it is for, only what lies on the work.
        let on_it = theirs
            .into_iter()
            .filter(|datum| life.person == hand.client || datum.engagements.iter().any(|(on, _)| *on == id));
        held.extend(on_it.map(|datum| ((datum.table, datum.id), datum)));
    }
    let looked = Looked { lives, alone, on: Some((id, hand.client)) };
    counted(acting, tx, &looked, held, night)
}

/// What of one person would be held until when, and what goes or waits in the coming night, with the facts of `life` as
/// they would be then.
///
/// # Errors
/// Whatever the store says.
pub fn ahead_of(acting: &Acting<'_>, tx: &Tx<'_>, life: &Life) -> Result<Ahead, Fault> {
    let night = acting.today.tomorrow()?;
    let lives = vec![imagined(&acting.policy, life, None, night)];
    let theirs = dispose::holdings(tx, &acting.policy, life.person)?.data;
    let held = theirs.into_iter().map(|datum| ((datum.table, datum.id), datum)).collect();
    counted(acting, tx, &Looked { lives, alone: None, on: None }, held, night)
}

/// What is held, each row once.
type Held = BTreeMap<(&'static str, i64), Datum>;

/// Whose lives are looked at, as they will be: those of one piece of work, or of one person wherever they are.
struct Looked {
    lives: Vec<Life>,
    alone: Option<Life>,
    on: Option<(EngagementId, PersonId)>,
}

fn counted(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    Looked { lives, alone, on }: &Looked,
    mut held: Held,
    night: Date,
) -> Result<Ahead, Fault> {
    let policy = &acting.policy;
    let strangers: BTreeSet<PersonId> =
        held.values().flat_map(|datum| &datum.people).map(|(who, _)| *who).collect();
    let strangers: Vec<PersonId> =
        strangers.into_iter().filter(|who| lives.iter().all(|life| life.person != *who)).collect();
    let strangers = load_readable(tx, policy, &strangers, night, For::Clocks)?;
    // Other work they lie on keeps them too.
    let works: BTreeSet<EngagementId> =
        held.values().flat_map(|datum| &datum.engagements).map(|(on, _)| *on).collect();
    let works: Vec<EngagementId> =
        works.into_iter().filter(|other| on.is_none_or(|(on, _)| *other != on)).collect();
    let (works, unread_works) = readable_works(tx, policy, &works, night)?;
    // What somebody is in who cannot be read, or what lies on such work, stays for now: nobody can say what becomes of it.
    held.retain(|_, datum| {
        datum.people.iter().all(|(who, _)| !strangers.unread.contains(who))
            && datum.engagements.iter().all(|(on, _)| !unread_works.contains(on))
    });
    let works: Vec<Life> = works.iter().map(|life| imagined(policy, life, None, night)).collect();
    let held: Vec<Datum> = held.into_values().collect();
    let all: Vec<&Life> = lives.iter().chain(alone).chain(&strangers.lives).chain(&works).collect();
    let at = Now::at(night, acting.now.max(midnight(acting, night)?));
    let mut counted: BTreeMap<Key, u64> = BTreeMap::new();
    let on_it: Vec<&Life> = lives.iter().chain(alone).collect();
    let leaving = leaving(tx, policy, (&on_it, &all), &held, at)?;
    for datum in &held {
        let Some(kind) = policy.kind(datum.kind) else { continue };
        let what = if kind.sort == Sort::Item { "detail".to_owned() } else { kind.name.clone() };
        let (fate, rule) = fate(policy, &all, datum, leaving.get(&(datum.table, datum.id)), night);
        *counted.entry((fate, rank(kind.sort), what, rule)).or_insert(0) += 1;
    }
    for life in lives {
        let on_it = paper::standing(tx, life.person)?.into_iter().filter(|file| {
            on.is_none_or(|(on, client)| life.person == client || file.engagement == Some(on))
        });
        for _ in on_it.filter(|file| !owing::paper_needed(policy, life, file.engagement, night)) {
            let fate = match coverage::suspended(life, night) {
                Some(why) => Fate::Kept(why),
                None => Fate::Waits(Disposal::Erase),
            };
            *counted.entry((fate, rank(Sort::Document), "paper file".to_owned(), None)).or_insert(0) += 1;
        }
    }
    let by = night.checked_add(jiff::Span::new().days(policy.days(Own::ByHand))).ok();
    Ok(sorted(counted, by))
}

fn sorted(counted: BTreeMap<Key, u64>, by: Option<Date>) -> Ahead {
    let mut ahead = Ahead { by, ..Ahead::default() };
    for (key, count) in counted {
        let line = line(key, count);
        match line.fate {
            Fate::Stays(_) => ahead.stays.push(line),
            Fate::Goes(_) => ahead.goes.push(line),
            Fate::Waits(_) | Fate::After => ahead.waits.push(line),
            Fate::Kept(_) => ahead.kept.push(line),
        }
    }
    ahead.stays.sort_by_key(|line| match line.fate {
        Fate::Stays(Some(until)) => until,
        _ => Date::MAX,
    });
    ahead
}

fn midnight(acting: &Acting<'_>, night: Date) -> Result<jiff::Timestamp, Fault> {
    Ok(night.to_datetime(Time::midnight()).to_zoned(store::life::zone(&acting.policy))?.timestamp())
}

/// A life as it will be in the night, with the milestone.
fn imagined(
    policy: &Policy,
    life: &Life,
    milestone: Option<(EngagementId, &str, Date)>,
    night: Date,
) -> Life {
    let mut life = life.clone();
    if let Some((engagement, name, on)) = milestone {
        for work in life.works.iter_mut().filter(|work| work.engagement == engagement) {
            work.milestones.push((name.to_owned(), on));
        }
    }
    let changes = ground::settle(policy, &life, night);
    ground::settled(&life, &changes, night, IMAGINED)
}

/// What leaves whom in the night, by row. Where several people let go of one row, handing it over comes first.
fn leaving(
    tx: &Tx<'_>,
    policy: &Policy,
    (lives, all): (&[&Life], &[&Life]),
    held: &[Datum],
    at: Now,
) -> Result<BTreeMap<(&'static str, i64), Uncovered>, Fault> {
    let mut found: BTreeMap<(&'static str, i64), Uncovered> = BTreeMap::new();
    for life in lives {
        let mut theirs = coverage::uncovered(policy, life, all, held, at);
        theirs.extend(owing::owed(tx, policy, life, held, at)?);
        theirs.extend(coverage::owed_before_cut(policy, life, &theirs, held, at));
        let before = match life.alone {
            true => Before::default(),
            false => owing::asked_before(tx, policy, life.person)?,
        };
        handing::foreseen(policy, &mut theirs, &before);
        owing::delivered(tx, &mut theirs)?;
        for one in theirs.into_iter().filter(|one| one.outcome != Outcome::CutLink) {
            let place = found.entry((one.table, one.id)).or_insert_with(|| one.clone());
            if matches!(one.outcome, Outcome::Task(_)) {
                *place = one;
            }
        }
    }
    Ok(found)
}

fn fate(
    policy: &Policy,
    all: &[&Life],
    datum: &Datum,
    leaving: Option<&Uncovered>,
    night: Date,
) -> (Fate, Option<RuleId>) {
    if let Some(one) = leaving {
        let fate = match (one.suspended, one.outcome) {
            (Some(why), _) => Fate::Kept(why),
            (None, Outcome::Task(disposal)) => Fate::Waits(disposal),
            (None, Outcome::Dispose(disposal)) if disposal.hands_over() => Fate::After,
            (None, Outcome::Dispose(disposal)) => Fate::Goes(disposal),
            (None, Outcome::CutLink) => Fate::Stays(None),
        };
        return (fate, one.rule);
    }
    // The record of the work goes with the last of those on it.
    if !all.iter().any(|life| coverage::covered(policy, life, datum, night)) {
        return (Fate::Goes(Disposal::Erase), None);
    }
    let mut longest = all.iter().filter_map(|life| longest(policy, life, datum, night));
    let first = longest.next();
    let kept = longest.fold(first, |kept, next| {
        let day = |ground: &Ground| ground.due_on.unwrap_or(Date::MAX);
        kept.filter(|kept| day(kept.0) >= day(next.0)).or(Some(next))
    });
    (Fate::Stays(kept.and_then(|(ground, _)| ground.due_on)), kept.map(|(_, rule)| rule.id))
}

/// What becomes of it, sort, kind, clause.
type Key = (Fate, u8, String, Option<RuleId>);

fn rank(sort: Sort) -> u8 {
    match sort {
        Sort::Entry => 0,
        Sort::Document => 1,
        Sort::Item => 2,
        Sort::Record => 3,
    }
}

fn line((fate, sort, what, rule): Key, count: u64) -> Line {
    let sorts = [Sort::Entry, Sort::Document, Sort::Item, Sort::Record];
    Line { what, sort: sorts.get(usize::from(sort)).copied().unwrap_or(Sort::Record), count, rule, fate }
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

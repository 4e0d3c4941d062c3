//! Clauses that count from each row (`30 days, rolling`, `2 years after sent`, `the latest`): when one row by itself
//! is over. The ground goes on while any row is left; what of its rows has ended it no longer covers.

use jiff::civil::Date;
use policy::clock::{self, Clock, Facts, Outcome};
use policy::phrase::{Phrase, ROW_EVENTS};
use policy::{Policy, Rule, Sort};

use crate::coverage::{self, Datum};
use crate::facts::facts_for;
use crate::life::{Ground, Kept, Life};
use crate::moment::{Last, Moment, Now};

/// Whether a ground that stands still holds this row of what it covers.
#[must_use]
pub fn holds(policy: &Policy, life: &Life, ground: &Ground, datum: &Datum, now: Now) -> bool {
    last_of(policy, life, ground, datum, now.today).is_none_or(|last| !last.over(now))
}

/// The end of one row under a ground, where the row goes by itself and its end is known.
#[must_use]
pub fn last_of(policy: &Policy, life: &Life, ground: &Ground, datum: &Datum, today: Date) -> Option<Last> {
    let rule = policy.rules.get(ground.rule.index())?;
    if !by_itself(policy, rule, datum) {
        return None;
    }
    let kept =
        life.records.iter().find(|kept| kept.datum.id == datum.id && kept.datum.table == datum.table)?;
    Clocks::of(policy, life, rule, ground, today).last(kept)
}

/// How the rows of a ground stand that go one by one.
#[derive(Default)]
pub(crate) struct Standing {
    /// The end of the first to go, those over but still here included: what the sweep must look at next.
    pub(crate) next: Option<Last>,
    /// What one of them still waits for: until then the ground goes on.
    pub(crate) awaited: Option<Vec<String>>,
}

pub(crate) fn standing(policy: &Policy, life: &Life, rule: &Rule, ground: &Ground, today: Date) -> Standing {
    let mut standing = Standing::default();
    if !rule.by_row {
        return standing;
    }
    let now = Now::from(today);
    let clocks = Clocks::of(policy, life, rule, ground, today);
    let theirs = |kept: &&Kept| {
        by_itself(policy, rule, &kept.datum) && coverage::covers(policy, ground, life.person, &kept.datum)
    };
    for kept in life.records.iter().filter(theirs) {
        let clock = clocks.clock(kept);
        let last = last(&clock);
        match (last, clock.outcome) {
            // What another ground keeps is not this one's to let go.
            (Some(last), _) if !last.over(now) || !coverage::covered(policy, life, &kept.datum, now) => {
                standing.next = Some(standing.next.map_or(last, |next| next.min(last)));
            }
            (None, Outcome::Awaiting(events)) => standing.awaited = standing.awaited.or(Some(events)),
            _ => {}
        }
    }
    standing
}

/// The kinds of which every row that there is has ended under a ground: it lets nobody see them any more.
pub(crate) fn over(policy: &Policy, life: &Life, ground: &Ground, now: Now) -> policy::KindSet {
    let mut over = policy::KindSet::none();
    let mut standing = policy::KindSet::none();
    let Some(rule) = policy.rules.get(ground.rule.index()).filter(|rule| rule.by_row) else { return over };
    let clocks = Clocks::of(policy, life, rule, ground, now.today);
    for kept in life.records.iter().filter(|kept| coverage::covers(policy, ground, life.person, &kept.datum))
    {
        let last = clocks.last(kept).filter(|last| by_itself(policy, rule, &kept.datum) && last.over(now));
        match last {
            None => standing.insert(kept.datum.kind),
            Some(_) => over.insert(kept.datum.kind),
        }
    }
    over.minus(standing)
}

/// Whether the row has a clock of its own under a rule: details only where the clause says so.
fn by_itself(policy: &Policy, rule: &Rule, datum: &Datum) -> bool {
    let detail = policy.kind(datum.kind).is_some_and(|kind| kind.sort == Sort::Item);
    rule.by_row && (!detail || rule.details_by_row())
}

/// The clocks of a ground's rows: the facts of the ground, with those of each row in their place.
struct Clocks<'a> {
    policy: &'a Policy,
    life: &'a Life,
    rule: &'a Rule,
    facts: Facts,
    /// Whether it matters that a newer row took a row's place.
    versions: bool,
}

impl<'a> Clocks<'a> {
    fn of(policy: &'a Policy, life: &'a Life, rule: &'a Rule, ground: &Ground, today: Date) -> Self {
        // Most clauses of this sort speak of nothing but the row.
        let events = rule.phrase.events();
        let of_rows = rule.condition.is_none()
            && plain(&rule.phrase)
            && events.iter().all(|event| ROW_EVENTS.contains(&event.name.as_str()));
        let versions = events.iter().any(|event| event.name == "newer version");
        let facts = match of_rows {
            true => Facts::default(),
            false => facts_for(policy, life, rule, ground.engagement, Some(ground), today),
        };
        Self { policy, life, rule, facts, versions }
    }

    fn last(&self, kept: &Kept) -> Option<Last> {
        last(&self.clock(kept))
    }

    fn clock(&self, kept: &Kept) -> Clock {
        let mut facts = self.facts.clone();
        let work = self.rule.work.and_then(|work| self.policy.works.get(work.index()));
        let mut put = |event: &str, moment: Option<&Moment>| {
            if work.is_none_or(|work| work.milestones.iter().all(|milestone| milestone != event)) {
                facts.put(
                    event,
                    moment.map(|moment| moment.day),
                    moment.and_then(|moment| moment.at.clone()),
                );
            }
        };
        put("recorded", Some(&kept.recorded));
        put("sent", kept.sent.as_ref());
        put("closed", kept.closed_on.map(Moment::from).as_ref());
        if self.versions {
            put("newer version", newer(self.life, kept).as_ref());
        }
        clock::clock(&self.rule.phrase, None, None, &facts, kept.recorded.day)
    }
}

fn last(clock: &Clock) -> Option<Last> {
    match clock.outcome {
        Outcome::Due { on, at_once: true } => Some(Last { on: on.yesterday().ok()?, at: None }),
        Outcome::Due { on, at_once: false } => Some(Last { on, at: clock.at }),
        Outcome::Awaiting(_) | Outcome::Never => None,
    }
}

/// Whether a phrase hangs on nothing but its events.
fn plain(phrase: &Phrase) -> bool {
    let own = !matches!(
        phrase,
        Phrase::Agreed { .. }
            | Phrase::WhileSo(_)
            | Phrase::Longer { .. }
            | Phrase::Cases { .. }
            | Phrase::Outside { .. }
            | Phrase::While(_)
    );
    own && phrase.parts().into_iter().all(plain)
}

/// When a later row of the same kind on the same work took this one's place. Which is the later one the day it is of
/// says, and where they are of one day, when they were written.
fn newer(life: &Life, kept: &Kept) -> Option<Moment> {
    let order = |kept: &Kept| {
        let at = kept.recorded.at.as_ref().map(jiff::Zoned::timestamp);
        (kept.dated.unwrap_or(kept.recorded.day), kept.recorded.day, at, kept.datum.id)
    };
    let works = |kept: &Kept| -> Vec<crate::id::EngagementId> {
        kept.datum.engagements.iter().map(|(on, _)| *on).collect()
    };
    let mine = works(kept);
    let beside = |other: &&Kept| {
        let theirs = works(other);
        other.datum.kind == kept.datum.kind
            && other.datum.table == kept.datum.table
            && (mine.iter().any(|on| theirs.contains(on)) || (mine.is_empty() && theirs.is_empty()))
    };
    let later = life.records.iter().filter(beside).filter(|other| order(other) > order(kept));
    let first = later.min_by_key(|other| (other.recorded.day, other.datum.id))?;
    // A version that was entered late was no newer one before this row was there.
    let day = first.recorded.day.max(kept.recorded.day);
    Some(Moment::from(day))
}

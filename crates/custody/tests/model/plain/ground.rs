//! Grounds, looked at day by day: which begin, until when they hold, what ends them.

use jiff::civil::Date;
use policy::phrase::Phrase;
use policy::{Activity, Basis, Policy, Rule};

use super::basis::{self, Stands};
use super::clock::{self, Clock, End, Last};
use super::each;
use super::facts::{self, counted, part_of, part_until};
use super::person::{Person, Work};

/// What ended a ground.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    Withdrawn,
    Objected,
    Lapsed,
    Event,
    Due,
    Erased,
    NeverWas,
    RuleGone,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ground {
    /// The rule's key.
    pub key: String,
    pub work: Option<i64>,
    pub opened: Date,
    pub reviewed: Option<Date>,
    /// As last looked at.
    pub last: Option<Last>,
    pub review: Option<Date>,
    /// The first day on which it no longer holds, and why.
    pub ended: Option<(Date, Why)>,
    /// Whether a night has passed over its end.
    pub swept: bool,
}

impl Ground {
    /// Whether it holds on a day, whether or not anybody has looked since.
    pub fn holds(&self, today: Date) -> bool {
        let ended = self.ended.is_some_and(|(on, _)| on <= today);
        let over = self.last.and_then(|last| last.day.tomorrow().ok()).is_some_and(|after| after <= today);
        !ended && !over
    }
}

/// What the facts say of one ground today.
struct Reading {
    last: Option<Last>,
    review: Option<Date>,
    over: Option<(Date, Why)>,
}

/// Looks at every ground of a person: ends, dates, then beginnings.
pub fn look(policy: &Policy, person: &Person, grounds: &mut Vec<Ground>, today: Date) {
    let had = of_work(grounds);
    let before: Vec<bool> = grounds.iter().map(|ground| ground.ended.is_some()).collect();
    for ground in grounds.iter_mut().filter(|ground| ground.ended.is_none()) {
        let Some(rule) = policy.rule_keyed(&ground.key) else {
            ground.ended = Some((today, Why::RuleGone));
            continue;
        };
        ground.key.clone_from(&rule.key);
        if !reason(policy, person, rule, (ground.work, &had), today, false) {
            ground.ended = Some((today, Why::NeverWas));
            continue;
        }
        let reading = read(policy, person, rule, ground, &had, today);
        // Who was held too long already is not held on for a fact that came late.
        let late = ground.last.and_then(|last| last.day.tomorrow().ok()).filter(|after| *after <= today);
        let why = if rule.ask_again.is_some() { Why::Lapsed } else { Why::Due };
        match reading.over.or(late.map(|after| (after, why))) {
            Some(over) => ground.ended = Some(over),
            None => (ground.last, ground.review) = (reading.last, reading.review),
        }
    }
    for rule in &policy.rules {
        for work in places(policy, person, rule) {
            let stands =
                |ground: &Ground| ground.key == rule.key && ground.work == work && ground.ended.is_none();
            if grounds.iter().any(stands) || !begins(policy, person, rule, work, grounds, today) {
                continue;
            }
            // What was ended by a word that is taken back before the night goes on as if it had not been said.
            if let Some(at) = resumable(grounds, &before, &rule.key, work) {
                let again = Ground { ended: None, ..grounds[at].clone() };
                let reading = read(policy, person, rule, &again, &of_work(grounds), today);
                if reading.over.is_none() {
                    grounds[at] = Ground { last: reading.last, review: reading.review, ..again };
                    continue;
                }
            }
            let mut ground = Ground {
                key: rule.key.clone(),
                work,
                opened: today,
                reviewed: None,
                last: None,
                review: None,
                ended: None,
                swept: false,
            };
            let reading = read(policy, person, rule, &ground, &of_work(grounds), today);
            if reading.over.is_none() {
                (ground.last, ground.review) = (reading.last, reading.review);
                grounds.push(ground);
            }
        }
    }
}

/// The newest ground of a clause in a place, where it was over before today's look, by something that was written down and
/// not by its own clock, and no night has passed since.
fn resumable(grounds: &[Ground], before: &[bool], key: &str, work: Option<i64>) -> Option<usize> {
    let at = grounds.iter().rposition(|ground| ground.key == key && ground.work == work)?;
    let ground = &grounds[at];
    let (on, why) = ground.ended?;
    let by_word = matches!(why, Why::Event | Why::Due | Why::NeverWas);
    let own_clock = why != Why::NeverWas && ground.last.and_then(Last::after) == Some(on);
    (before.get(at) == Some(&true) && by_word && !own_clock && !ground.swept).then_some(at)
}

/// A night passes: what has ended is dealt with.
pub fn night(grounds: &mut [Ground]) {
    grounds.iter_mut().filter(|ground| ground.ended.is_some()).for_each(|ground| ground.swept = true);
}

/// Where a clause may hold somebody: by themselves, or on each piece of work of its kind and before the first.
fn places(policy: &Policy, person: &Person, rule: &Rule) -> Vec<Option<i64>> {
    let Some(kind) = rule.work.map(|id| &policy.works[id.index()].name) else { return vec![None] };
    let mut places: Vec<Option<i64>> = Vec::new();
    for on in person.works.iter().filter(|on| on.kind == *kind) {
        if !places.contains(&Some(on.number)) {
            places.push(Some(on.number));
        }
    }
    places.push(None);
    places
}

fn read(
    policy: &Policy,
    person: &Person,
    rule: &Rule,
    ground: &Ground,
    had: &[(String, Date)],
    today: Date,
) -> Reading {
    let activity = policy.activity(rule.activity).unwrap();
    let work = ground.work;
    let facts = facts::of(policy, person, rule, work, (ground.opened, ground.reviewed), today);
    let Clock { mut end, review } = clock::of_rule(rule, &facts);
    if each::each(policy, rule) {
        let in_it = reason(policy, person, rule, (work, had), today, true);
        end = each::of_ground(policy, person, rule, (ground, &facts), in_it, today);
    }
    let mut ends: Vec<(Date, Why)> = Vec::new();
    let mut last = match end {
        End::Known(last) => {
            let why = if last.whole { Why::Due } else { Why::Event };
            ends.extend(last.after().map(|after| (after, why)));
            Some(last)
        }
        End::Waits | End::Never | End::Impossible => None,
    };
    let other = rule.condition.as_ref().is_some_and(|condition| clock::so(condition, &facts) == Some(false));
    if other || matches!(rule.phrase, Phrase::NotKept { .. }) {
        ends.push((today, Why::NeverWas));
    }
    match basis::stands(policy, person, activity, work, today) {
        Stands::Yes | Stands::Disputed => {}
        Stands::Never => ends.push((today, Why::NeverWas)),
        Stands::Withdrawn(on) => ends.push((on, Why::Withdrawn)),
        Stands::Lapsed(on) => ends.push((on, Why::Lapsed)),
        Stands::Objected(on) => ends.push((on, Why::Objected)),
    }
    if let Some(consent) = basis::consent(policy, person, activity, work, today)
        && let Some(lapses) = basis::last_day(policy, activity, consent)
        && last.is_none_or(|last| lapses <= last.day)
    {
        last = Some(Last { day: lapses, whole: true });
    }
    // Of ends on one day the person's own will is named first.
    let weight = |why: Why| match why {
        Why::Withdrawn => 0,
        Why::Objected => 1,
        Why::Lapsed => 2,
        Why::Event => 3,
        _ => 4,
    };
    let over = ends.into_iter().filter(|(on, _)| *on <= today).min_by_key(|(on, why)| (*on, weight(*why)));
    Reading { last, review, over }
}

fn begins(
    policy: &Policy,
    person: &Person,
    rule: &Rule,
    work: Option<i64>,
    grounds: &[Ground],
    today: Date,
) -> bool {
    let activity = policy.activity(rule.activity).unwrap();
    !person.kept_out.contains(&activity.name)
        && reason(policy, person, rule, (work, &of_work(grounds)), today, true)
        && basis::stands(policy, person, activity, work, today).holds()
        && !barred(policy, person, activity, rule, work, grounds, today)
}

/// The clauses that held somebody on a piece of work, and since when.
fn of_work(grounds: &[Ground]) -> Vec<(String, Date)> {
    let on_work = grounds.iter().filter(|ground| ground.work.is_some());
    on_work.map(|ground| (ground.key.clone(), ground.opened)).collect()
}

/// Whether the policy has no other place for who somebody of a category is than their work.
fn nowhere_else(policy: &Policy, name: &str) -> bool {
    let named = policy.kinds.iter().find(|kind| kind.name == "name").map(|kind| kind.id);
    !policy.rules.iter().filter(|rule| rule.work.is_none()).any(|rule| {
        let activity = policy.activity(rule.activity).unwrap();
        let whom = |whom: &policy::activity::ForWhom| {
            whom.once.is_none() && policy.categories[whom.category.index()].name == name
        };
        !activity.for_everyone
            && !matches!(activity.basis, Basis::Consent { .. })
            && activity.for_whom.iter().any(whom)
            && named.is_none_or(|named| rule.kinds.contains(named))
    })
}

/// Whether the person is one of those the activity is for, on this work where it speaks of work; with `now`, today.
fn reason(
    policy: &Policy,
    person: &Person,
    rule: &Rule,
    (work, had): (Option<i64>, &[(String, Date)]),
    today: Date,
    now: bool,
) -> bool {
    let activity = policy.activity(rule.activity).unwrap();
    if activity.for_everyone {
        let on_it = rule.work.is_none() || work.is_some_and(|number| person.on(number).is_some());
        return on_it && !counted(policy, person, activity, rule).is_empty();
    }
    activity.for_whom.iter().any(|whom| {
        let name = policy.categories[whom.category.index()].name.as_str();
        // Who came in `once` something had happened need not be one any more.
        let today_only = now && whom.once.is_none();
        let plays = |on: &&Work| part_of(policy, &on.kind, &on.part) == Some(name);
        let parts: Vec<&Work> = person
            .works
            .iter()
            .filter(plays)
            .filter(|on| on.since <= today && (!today_only || on.until.is_none_or(|until| today < until)))
            .collect();
        let one = if today_only { person.is_now(name, today) } else { person.ever_was(name) };
        let here = match (rule.work, work) {
            (None, _) => {
                let still = |on: &&Work| {
                    !today_only || part_until(policy, person, on).is_none_or(|until| today < until)
                };
                one || parts.iter().any(still)
            }
            (Some(_), Some(number)) => parts.iter().any(|on| on.number == number),
            // Before the first piece of work the person waits for it, unless a consent for that work is asked first.
            (Some(kind), None) => {
                let kind = &policy.works[kind.index()].name;
                let gated = matches!(activity.basis, Basis::Consent { before: Some(_), .. });
                let since =
                    person.categories.iter().filter(|held| held.name == name).map(|held| held.since).max();
                // That work is over, though its record may have gone.
                let over = had
                    .iter()
                    .any(|(key, opened)| *key == rule.key && since.is_none_or(|since| *opened >= since));
                one && !gated
                    && !over
                    && nowhere_else(policy, name)
                    && !person.works.iter().any(|on| on.kind == *kind && plays(&on))
            }
        };
        let Some(event) = &whom.once else { return here };
        let happened = person.events.iter().any(|(name, day)| name == event && *day <= today)
            || parts
                .iter()
                .filter(|on| rule.work.is_none() || Some(on.number) == work)
                .flat_map(|on| &on.milestones)
                .any(|(name, day)| name == event && *day <= today);
        // When the record of that work has gone, nobody takes back that it happened.
        here && (happened || (!now && work.is_none() && parts.is_empty()))
    })
}

/// What the person ended, and what was erased, begins again only by what the person does later.
fn barred(
    policy: &Policy,
    person: &Person,
    activity: &Activity,
    rule: &Rule,
    work: Option<i64>,
    grounds: &[Ground],
    today: Date,
) -> bool {
    let before = grounds.iter().filter(|ground| ground.key == rule.key && ground.work == work);
    let Some((on, why)) = before.filter_map(|ground| ground.ended).max_by_key(|(on, _)| *on) else {
        return false;
    };
    let agreed = |since: &dyn Fn(Date) -> bool| {
        let theirs = person.consents.iter().filter(|consent| consent.activity == activity.name);
        theirs.filter_map(basis::heard).filter(|day| *day <= today).any(since)
    };
    match why {
        Why::Withdrawn => !agreed(&|given| given >= on),
        Why::Objected => {
            let lifted = person.objections.iter().filter_map(|made| made.lifted);
            !agreed(&|given| given >= on) && !lifted.into_iter().any(|day| day >= on && day <= today)
        }
        Why::Erased => {
            let came = person.categories.iter().any(|held| held.since > on)
                || person.works.iter().any(|joined| joined.since > on)
                || (activity.for_everyone
                    && counted(policy, person, activity, rule).iter().any(|kept| kept.recorded > on));
            !came && !agreed(&|given| given > on)
        }
        Why::Lapsed | Why::Event | Why::Due | Why::NeverWas | Why::RuleGone => false,
    }
}

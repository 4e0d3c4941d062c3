//! What may happen in a random history under any policy: the numbers of a step choose among what the policy declares.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use policy::basis::ConsentForm;
use policy::phrase::PERSON_EVENTS;
use policy::{Basis, Policy, Sort};
use proptest::prelude::*;

use crate::plain::person::{self, Against, Confirmed, Form};
use crate::plain::{Person, Row};

/// One thing that happens, so many days after the last; the numbers choose among what the policy declares.
#[derive(Clone, Debug)]
pub struct Step {
    pub days_later: u16,
    pub sweeps: bool,
    pub what: What,
    pub which: usize,
    pub other: usize,
    pub back: u16,
}

#[derive(Clone, Copy, Debug)]
pub enum What {
    Becomes,
    IsNoLonger,
    NeverWas,
    KeptOut,
    Entered,
    Joins,
    Leaves,
    WasNeverOn,
    Milestone,
    Undone,
    Agrees,
    Consents,
    Confirms,
    Withdraws,
    Objects,
    Upheld,
    Lifted,
    Event,
    Tells,
    Born,
    Writes,
    Closes,
    Reviewed,
    Erased,
    Restricted,
    Nothing,
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    use What::{
        Agrees, Becomes, Born, Closes, Confirms, Consents, Entered, Erased, Event, IsNoLonger, Joins,
        KeptOut, Leaves, Lifted, Milestone, NeverWas, Nothing, Objects, Restricted, Reviewed, Tells, Undone,
        Upheld, WasNeverOn, Withdraws, Writes,
    };
    let often = [
        Becomes, Becomes, Joins, Joins, Milestone, Milestone, Milestone, Consents, Consents, Confirms, Event,
        Event, Tells, Writes,
    ];
    let seldom = [
        IsNoLonger, NeverWas, KeptOut, Entered, Leaves, WasNeverOn, Undone, Agrees, Withdraws, Objects,
        Upheld, Lifted, Born, Closes, Reviewed, Erased, Restricted, Nothing,
    ];
    let what = prop_oneof![
        3 => proptest::sample::select(often.to_vec()),
        2 => proptest::sample::select(seldom.to_vec()),
    ];
    let days = prop_oneof![2 => Just(0_u16), 4 => 1_u16..40, 3 => 40_u16..400, 1 => 400_u16..1500];
    let back = prop_oneof![3 => Just(0_u16), 1 => 0_u16..60];
    let step = (days, any::<bool>(), what, 0_usize..97, 0_usize..97, back).prop_map(
        |(days_later, sweeps, what, which, other, back)| Step {
            days_later,
            sweeps,
            what,
            which,
            other,
            back,
        },
    );
    proptest::collection::vec(step, 1..22)
}

/// Numbers of the two pieces of work of each kind that can begin.
pub fn number(kind: usize, other: usize) -> i64 {
    i64::try_from(10 * (kind + 1) + other % 2).unwrap()
}

fn choose<T>(of: &[T], at: usize) -> Option<&T> {
    if of.is_empty() { None } else { of.get(at % of.len()) }
}

/// Makes a step a fact of the person; the program's own mark of an erasure and a review is made by the caller.
pub fn happens(policy: &Policy, person: &mut Person, step: &Step, today: Date) {
    let day = today.checked_sub(i64::from(step.back).days()).unwrap();
    let (which, other) = (step.which, step.other);
    let fresh = i64::try_from(1 + person.consents.len() + person.objections.len()).unwrap();
    match step.what {
        What::Becomes => {
            let name = &choose(&policy.categories, which).unwrap().name;
            if !person.is_now(name, today) {
                person.categories.push(person::Category { name: name.clone(), since: day, until: None });
            }
        }
        What::IsNoLonger => {
            let at = person.categories.len();
            if let Some(held) = person.categories.get_mut(which % at.max(1)) {
                held.until = held.until.or(Some(today));
            }
        }
        What::NeverWas => {
            let name = &choose(&policy.categories, which).unwrap().name;
            person.categories.retain(|held| held.name != *name);
        }
        What::KeptOut => {
            person.kept_out.insert(choose(&policy.activities, which).unwrap().name.clone());
        }
        What::Entered => {
            person.kept_out.pop_first();
        }
        What::Joins => {
            let Some(kind) = choose(&policy.works, which) else { return };
            let part = choose(&kind.parts, other / 2).unwrap();
            let number = number(which % policy.works.len(), other);
            if person.on(number).is_none() {
                person.births.push((number, part.name.clone(), person.born));
                // Whoever else is on it was born on a day that is known or not.
                for beside in kind.parts.iter().filter(|beside| beside.name != part.name) {
                    let years = i64::try_from(10 + other % 20).unwrap();
                    let born = today.checked_sub(years.years()).unwrap();
                    let born = (!other.is_multiple_of(3)).then_some(born);
                    person.births.push((number, beside.name.clone(), born));
                }
                person.works.push(person::Work {
                    number,
                    kind: kind.name.clone(),
                    part: part.name.clone(),
                    since: today,
                    until: None,
                    milestones: Vec::new(),
                    agreed: None,
                });
            }
        }
        What::Leaves => on_some(person, which, |on| on.until = on.until.or(Some(today))),
        What::WasNeverOn => {
            if let Some(number) = choose(&person.works, which).map(|on| on.number) {
                person.works.retain(|on| on.number != number);
                person.births.retain(|(on, ..)| *on != number);
            }
        }
        What::Milestone => on_some(person, which, |on| {
            let kind = policy.work_named(&on.kind).unwrap();
            let name = choose(&kind.milestones, other).unwrap();
            on.milestones.retain(|(known, _)| known != name);
            on.milestones.push((name.clone(), day));
        }),
        What::Undone => on_some(person, which, |on| {
            on.milestones.pop();
        }),
        What::Agrees => on_some(person, which, |on| {
            let months = i64::try_from(1 + other % 90).unwrap();
            on.agreed = Some((Span::new().months(months), step.back.is_multiple_of(2)));
        }),
        What::Consents => {
            let asks: Vec<_> = policy
                .activities
                .iter()
                .filter(|activity| matches!(activity.basis, Basis::Consent { .. }))
                .collect();
            let Some(activity) = choose(&asks, which) else { return };
            let Basis::Consent { form, before } = &activity.basis else { return };
            let form = match form {
                ConsentForm::Signed(kind) => {
                    Form::Signed(policy.kind(*kind).unwrap().name.clone(), other % 6 != 0)
                }
                ConsentForm::OptIn { .. } => Form::OptIn,
                ConsentForm::Explicit if other % 6 == 0 => Form::OptIn,
                ConsentForm::Explicit => Form::Explicit,
            };
            let work = before.as_ref().and_then(|_| choose(&person.works, other)).map(|on| on.number);
            person.consents.push(person::Consent {
                number: fresh,
                activity: activity.name.clone(),
                work,
                form,
                given: day,
                withdrawn: None,
                // Whether a yes has to be confirmed is said with it, whatever the policy asks today.
                confirmed: if other % 4 == 1 { Confirmed::Waits } else { Confirmed::NotAsked },
            });
            person.consents.sort_by_key(|consent| (consent.given, consent.number));
        }
        What::Confirms => {
            let waiting = |consent: &&mut person::Consent| consent.confirmed == Confirmed::Waits;
            if let Some(consent) = person.consents.iter_mut().find(waiting) {
                consent.confirmed = Confirmed::On(today);
            }
        }
        What::Withdraws => {
            let Some(activity) = choose(&person.consents, which).map(|consent| consent.activity.clone())
            else {
                return;
            };
            for consent in person.consents.iter_mut().filter(|consent| consent.activity == activity) {
                consent.withdrawn = consent.withdrawn.or(Some(day.max(consent.given)));
            }
        }
        What::Objects => {
            let against = match other % 5 {
                0 => Against::Marketing,
                1 => Against::Calls,
                2 => Against::AllContact,
                _ => Against::Activity(choose(&policy.activities, which).unwrap().name.clone()),
            };
            person.objections.push(person::Objection {
                number: fresh,
                against,
                made: day,
                upheld: None,
                lifted: None,
            });
            person.objections.sort_by_key(|made| made.made);
        }
        What::Upheld => {
            person.objections.iter_mut().for_each(|made| made.upheld = made.upheld.or(Some(today)));
        }
        What::Lifted => {
            person.objections.iter_mut().for_each(|made| made.lifted = made.lifted.or(Some(today)));
        }
        What::Event => {
            let builtin = PERSON_EVENTS.iter().map(|(name, _)| (*name).to_owned());
            // What consents and rows say by themselves is not told a second time.
            let derived = [
                "consent withdrawn",
                "consent given",
                "closed",
                "sent",
                "recorded",
                "newer version",
                "asked not to call",
                "asked us to stop",
            ];
            let own = policy.events.iter().map(|event| event.name.clone());
            let all: Vec<String> =
                builtin.chain(own).filter(|name| !derived.contains(&name.as_str())).collect();
            person.events.push((choose(&all, which).unwrap().clone(), day));
        }
        What::Tells => {
            let Some(fact) = choose(&policy.facts, which) else { return };
            let kind = fact.work.map(|id| &policy.works[id.index()].name);
            let works: Vec<_> = person.works.iter().filter(|on| Some(&on.kind) == kind).collect();
            let work = choose(&works, other).map(|on| on.number);
            if kind.is_some() != work.is_some() {
                return;
            }
            let later = today.checked_add(i64::try_from(other * 40).unwrap().days()).unwrap();
            let value = choose(&fact.values, other).cloned().unwrap_or_else(|| later.to_string());
            person.told.push(person::Told { name: fact.name.clone(), work, value, on: day });
        }
        What::Born => {
            let years = i64::try_from(8 + which % 30).unwrap();
            let born = today.checked_sub(years.years()).unwrap();
            person.born = Some(born.checked_sub(i64::from(step.back).days()).unwrap());
            let own: Vec<(i64, String)> =
                person.works.iter().map(|on| (on.number, on.part.clone())).collect();
            for (on, part, known) in &mut person.births {
                if own.contains(&(*on, part.clone())) {
                    *known = person.born;
                }
            }
        }
        What::Writes => {
            // Details count by their rows only where a clause says so.
            let own = |kind: &policy::Kind| {
                policy.rules.iter().any(|rule| rule.kinds.contains(kind.id) && rule.details_by_row())
            };
            // Suppressions and certificates are rows of nobody: they open no ground.
            let nobodys = |kind: &policy::Kind| matches!(kind.name.as_str(), "suppression" | "certificate");
            let rows = policy.kinds.iter().filter(|kind| kind.sort != Sort::Item || own(kind));
            let mut rows: Vec<_> = rows.filter(|kind| !nobodys(kind)).collect();
            // Often one of those that a clause names and lets go one by one, so that several of a kind meet.
            if other % 5 < 3 {
                let one_by_one = |kind: &policy::Kind| {
                    let named = |rule: &policy::Rule| rule.by_row && rule.names_kinds;
                    policy.rules.iter().any(|rule| named(rule) && rule.kinds.contains(kind.id))
                };
                rows.retain(|kind| one_by_one(kind));
            }
            let kind = choose(&rows, which).unwrap();
            let lies_on_work = matches!(kind.sort, Sort::Entry | Sort::Document);
            let work = choose(&person.works, other).filter(|_| lies_on_work && other % 3 == 0);
            let sent = (other % 2 == 0).then_some(today);
            person.kept.push(person::Kept {
                row: Row {
                    table: "any".to_owned(),
                    number: i64::try_from(1 + person.kept.len()).unwrap(),
                    kind: kind.name.clone(),
                    people: vec![(1, true)],
                    works: work.map(|on| (on.number, None)).into_iter().collect(),
                    paper: false,
                },
                dated: Some(day),
                recorded: today,
                closed: None,
                sent,
            });
        }
        What::Closes => {
            let open = person.kept.iter_mut().filter(|kept| kept.closed.is_none());
            let all = step.other.is_multiple_of(2);
            open.enumerate()
                .filter(|(at, _)| all || at.is_multiple_of(2))
                .for_each(|(_, kept)| kept.closed = Some(today));
        }
        What::Restricted => person.restricted = !person.restricted,
        What::Reviewed | What::Erased | What::Nothing => {}
    }
}

fn on_some(person: &mut Person, which: usize, change: impl FnOnce(&mut person::Work)) {
    let at = person.works.len();
    person.works.get_mut(which % at.max(1)).map(change);
}

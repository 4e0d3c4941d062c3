//! Random histories under any policy, on the rules alone: what happens is told to the program and to the plain model, and after
//! every step they must hold the same grounds with the same dates, cover the same rows and let the same be used.

use std::collections::BTreeSet;

use custody::act::Asked;
use custody::coverage::{Datum, Role};
use custody::id::{ConsentId, DocumentId, EngagementId, ObjectionId, PersonId, StaffId};
use custody::life::{
    Agreed, Consent, HeldCategory, Kept, Life, Objection, OnWork, Restriction, Scope, State, StopCause, Told,
};
use custody::{Act, Actor, Gate, Verb, decide, settle, settled, uncovered};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::phrase::PERSON_EVENTS;
use policy::source::File;
use policy::{Basis, Policy, Sort};
use proptest::prelude::*;

use crate::common;
use crate::plain::person::{self, Against, Form};
use crate::plain::used::{self, Use};
use crate::plain::{Ground, Person, Row, Why, ground, held};

const EVERY: &[(&str, &str)] = &[
    ("cti", include_str!("../../../../policies/cti.policy")),
    ("cmp", include_str!("../../../../policies/cmp.policy")),
    ("cli", include_str!("../../../../policies/cli.policy")),
    ("blue-turtle", include_str!("../../../../policies/blue-turtle.policy")),
    ("chorus", include_str!("../../../../policies/chorus.policy")),
    ("forms", include_str!("forms.policy")),
];

fn read(name: &str) -> Policy {
    let text = EVERY.iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
    let (policy, found) = Policy::read(vec![File { name: format!("{name}.policy"), text }]);
    policy.unwrap_or_else(|| panic!("{name}: {found:#?}"))
}

/// One thing that happens, so many days after the last; the numbers choose among what the policy declares.
#[derive(Clone, Debug)]
struct Step {
    days_later: u16,
    sweeps: bool,
    what: What,
    which: usize,
    other: usize,
    back: u16,
}

#[derive(Clone, Copy, Debug)]
enum What {
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

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use What::{
        Agrees, Becomes, Born, Closes, Consents, Entered, Erased, Event, IsNoLonger, Joins, KeptOut, Leaves,
        Lifted, Milestone, NeverWas, Nothing, Objects, Restricted, Reviewed, Tells, Undone, Upheld,
        WasNeverOn, Withdraws, Writes,
    };
    let often = [
        Becomes, Becomes, Joins, Joins, Milestone, Milestone, Milestone, Consents, Consents, Event, Event,
        Tells, Writes,
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
fn number(kind: usize, other: usize) -> i64 {
    i64::try_from(10 * (kind + 1) + other % 2).unwrap()
}

fn choose<T>(of: &[T], at: usize) -> Option<&T> {
    if of.is_empty() { None } else { of.get(at % of.len()) }
}

/// Makes a step a fact of the person; the program's own mark of an erasure and a review is made by the caller.
fn happens(policy: &Policy, person: &mut Person, step: &Step, today: Date) {
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
                person.births.push((number, person.born));
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
                person.births.retain(|(on, _)| *on != number);
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
            });
            person.consents.sort_by_key(|consent| (consent.given, consent.number));
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
            person.births.iter_mut().for_each(|(_, known)| *known = person.born);
        }
        What::Writes => {
            let rows: Vec<_> = policy.kinds.iter().filter(|kind| kind.sort != Sort::Item).collect();
            let kind = &choose(&rows, which).unwrap().name;
            person.kept.retain(|kept| kept.kind != *kind);
            let sent = (other % 2 == 0).then_some(today);
            person.kept.push(person::Kept { kind: kind.clone(), recorded: today, closed: None, sent });
        }
        What::Closes => person.kept.iter_mut().for_each(|kept| kept.closed = kept.closed.or(Some(today))),
        What::Restricted => person.restricted = !person.restricted,
        What::Reviewed | What::Erased | What::Nothing => {}
    }
}

fn on_some(person: &mut Person, which: usize, change: impl FnOnce(&mut person::Work)) {
    let at = person.works.len();
    person.works.get_mut(which % at.max(1)).map(change);
}

/// The same facts as the program reads them from its store.
fn life(policy: &Policy, person: &Person, grounds: Vec<custody::life::Ground>, today: Date) -> Life {
    let activity = |name: &str| policy.activity_named(name).unwrap().id;
    let mut life = Life::new(PersonId(1));
    life.grounds = grounds;
    life.categories = person
        .categories
        .iter()
        .map(|held| HeldCategory {
            category: common::category(policy, &held.name),
            since: held.since,
            until: held.until,
        })
        .collect();
    life.works = person
        .works
        .iter()
        .map(|on| OnWork {
            engagement: EngagementId(on.number),
            work: policy.work_named(&on.kind).unwrap().id,
            part: on.part.clone(),
            since: on.since,
            until: on.until,
            opened_on: on.since,
            milestones: on.milestones.clone(),
            agreed: on
                .agreed
                .map(|(period, reasoned)| Agreed { period, reason: reasoned.then(|| "asked".to_owned()) }),
        })
        .collect();
    life.consents = person
        .consents
        .iter()
        .map(|consent| Consent {
            id: ConsentId(consent.number),
            activity: activity(&consent.activity),
            engagement: consent.work.map(EngagementId),
            form: match &consent.form {
                Form::Signed(kind, _) => ConsentForm::Signed(common::kind(policy, kind)),
                Form::OptIn => ConsentForm::OptIn { asked_with: None },
                Form::Explicit => ConsentForm::Explicit,
            },
            document: matches!(consent.form, Form::Signed(_, true)).then_some(DocumentId(consent.number)),
            given_on: consent.given,
            lapses_on: None,
            withdrawn_on: consent.withdrawn,
        })
        .collect();
    life.objections = (1..)
        .zip(&person.objections)
        .map(|(id, made)| Objection {
            id: ObjectionId(id),
            scope: match &made.against {
                Against::Marketing => Scope::Purpose(Purpose::DirectMarketing),
                Against::Calls => Scope::Calls,
                Against::AllContact => Scope::AllContact,
                Against::Activity(name) => Scope::Activity(activity(name)),
            },
            made_on: made.made,
            upheld_on: made.upheld,
            lifted_on: made.lifted,
        })
        .collect();
    life.events = person.events.clone();
    life.facts = person
        .told
        .iter()
        .map(|told| Told {
            name: told.name.clone(),
            engagement: told.work.map(EngagementId),
            value: told.value.clone(),
            on: told.on,
        })
        .collect();
    life.born = person.born;
    life.births = person.births.iter().map(|(on, born)| (EngagementId(*on), *born)).collect();
    life.not_entered = person.kept_out.iter().map(|name| activity(name)).collect();
    life.records = person
        .kept
        .iter()
        .map(|kept| Kept {
            kind: common::kind(policy, &kept.kind),
            recorded_on: kept.recorded,
            closed_on: kept.closed,
            sent_on: kept.sent,
        })
        .collect();
    life.restriction =
        person.restricted.then_some(Restriction { since: today, owner: StaffId(1), review_on: Date::MAX });
    life
}

type Standing = (String, Option<i64>, Date, Option<Date>, Option<Date>);

fn of_program(policy: &Policy, life: &Life, today: Date) -> Vec<Standing> {
    let active = life.grounds.iter().filter(|ground| ground.active(today));
    let mut all: Vec<Standing> = active
        .map(|ground| {
            let key = policy.rules[ground.rule.index()].key.clone();
            (key, ground.engagement.map(|on| on.0), ground.opened_on, ground.due_on, ground.review_on)
        })
        .collect();
    all.sort();
    all
}

fn of_model(grounds: &[Ground], today: Date) -> Vec<Standing> {
    let active = grounds.iter().filter(|ground| ground.holds(today));
    let mut all: Vec<Standing> = active
        .map(|ground| {
            (ground.key.clone(), ground.work, ground.opened, ground.last.map(|last| last.day), ground.review)
        })
        .collect();
    all.sort();
    all
}

/// One row of every kind, on no work and on each there may be, and on each as another kind.
fn rows(policy: &Policy) -> Vec<Row> {
    let mut all = Vec::new();
    for kind in &policy.kinds {
        let mut places = vec![Vec::new()];
        if matches!(kind.sort, Sort::Entry | Sort::Document) {
            for at in 0..policy.works.len() {
                for other in 0..2 {
                    places.push(vec![(number(at, other), None)]);
                }
                let classes = policy.kinds.iter().filter(|kind| kind.sort == Sort::Document);
                places.extend(classes.map(|class| vec![(number(at, 0), Some(class.name.clone()))]));
            }
        }
        for works in places {
            let number = i64::try_from(all.len()).unwrap() + 1000;
            all.push(Row {
                table: "any".to_owned(),
                number,
                kind: kind.name.clone(),
                people: vec![(1, true)],
                works,
                paper: false,
            });
        }
    }
    all
}

fn datum(policy: &Policy, row: &Row) -> Datum {
    Datum {
        table: "any",
        id: row.number,
        kind: common::kind(policy, &row.kind),
        people: vec![(PersonId(1), Role::Subject)],
        engagements: row.works.iter().map(|(on, class)| (EngagementId(*on), class.clone())).collect(),
        paper: false,
    }
}

/// What the program lets be used for a purpose, kind by kind.
fn let_use(policy: &Policy, life: &Life, purpose: Purpose, today: Date) -> BTreeSet<String> {
    let all = policy.kinds.iter().map(|kind| kind.id).collect();
    let act = Act {
        verb: Verb::Change,
        deed: None,
        kinds: Asked::WhatMayBeSeen(all),
        purpose: Some(purpose),
        activity: None,
        engagement: None,
        channel: None,
        recipient: None,
    };
    match decide(policy, &Actor::System("intake"), &act, &[life], &Gate::default(), common::now(), today) {
        Err(_) => BTreeSet::new(),
        Ok(grant) => {
            let granted = policy.kinds.iter().filter(|kind| grant.covers(life.person, kind.id));
            granted.map(|kind| kind.name.clone()).collect()
        }
    }
}

fn first_free(life: &Life) -> i64 {
    life.grounds.iter().map(|ground| ground.id.0).max().unwrap_or(0) + 1
}

fn settle_on(policy: &Policy, life: &Life, day: Date) -> Life {
    let changes = settle(policy, life, day);
    settled(life, &changes, day, first_free(life))
}

/// Plays a history to both, and compares them after every step and on days on which nobody acts.
fn play(policy: &Policy, rows: &[Row], history: &[Step]) {
    let data: Vec<Datum> = rows.iter().map(|row| datum(policy, row)).collect();
    let mut today = common::day("2024-01-01");
    let mut person = Person::default();
    let mut program = Life::new(PersonId(1));
    let mut grounds: Vec<Ground> = Vec::new();
    for (at, step) in history.iter().enumerate() {
        let next = today.checked_add(i64::from(step.days_later).days()).unwrap();
        while today < next {
            today = today.tomorrow().unwrap();
            ground::look(policy, &person, &mut grounds, today);
            if step.sweeps {
                program = life(policy, &person, program.grounds, today);
                program = settle_on(policy, &program, today);
            }
        }
        happens(policy, &mut person, step, today);
        match step.what {
            What::Erased => {
                for held in program.grounds.iter_mut().filter(|held| held.active(today)) {
                    held.state = State::Stopped { on: today, cause: StopCause::Erased };
                }
                for held in grounds.iter_mut().filter(|held| held.holds(today)) {
                    held.ended = Some((today, Why::Erased));
                }
            }
            What::Reviewed => {
                for held in program.grounds.iter_mut().filter(|held| held.active(today)) {
                    held.reviewed_on = Some(today);
                }
                for held in grounds.iter_mut().filter(|held| held.holds(today)) {
                    held.reviewed = Some(today);
                }
            }
            _ => {}
        }
        program = life(policy, &person, program.grounds, today);
        program = settle_on(policy, &program, today);
        ground::look(policy, &person, &mut grounds, today);
        let said = || format!("step {at} on {today}: {step:?}\n{person:#?}");
        assert_eq!(settle(policy, &program, today), [], "settled is settled, {}", said());
        assert_eq!(
            of_program(policy, &program, today),
            of_model(&grounds, today),
            "program, model, {}",
            said()
        );
        for (purpose, _) in Purpose::ALL {
            let may = used::kinds(policy, &person, &grounds, *purpose, Use::Read, today);
            assert_eq!(let_use(policy, &program, *purpose, today), may, "for {purpose:?}, {}", said());
        }
        for ahead in [0, 1, 40, 400, 3000] {
            let day = today.checked_add(ahead.days()).unwrap();
            let gone: BTreeSet<i64> =
                uncovered(policy, &program, &[], &data, day).iter().map(|gone| gone.id).collect();
            let loose = rows.iter().filter(|row| !held::covered(policy, &person, &grounds, row, day));
            let loose: BTreeSet<i64> = loose.map(|row| row.number).collect();
            assert_eq!(gone, loose, "covered on {day}, {}", said());
        }
    }
}

/// More with `PROPTEST_CASES=20000`.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { failure_persistence: None, max_shrink_iters: 4000, ..default }
}

macro_rules! under {
    ($($test:ident: $name:literal),* $(,)?) => {
        proptest! {
            #![proptest_config(config())]
            $(
                #[test]
                fn $test(history in steps()) {
                    thread_local! {
                        static POLICY: (Policy, Vec<Row>) = {
                            let policy = read($name);
                            let rows = rows(&policy);
                            (policy, rows)
                        };
                    }
                    POLICY.with(|(policy, rows)| play(policy, rows, &history));
                }
            )*
        }
    };
}

// The plain model does not follow what is asked or told before an end, as CTI and Chorus promise: see docs/meaning.md.
under! {
    under_cmp_they_agree: "cmp",
    under_cli_they_agree: "cli",
    under_blue_turtle_they_agree: "blue-turtle",
    under_every_form_they_agree: "forms",
}

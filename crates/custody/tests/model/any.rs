//! Random histories under any policy, on the rules alone: what happens is told to the program and to the plain model, and after
//! every step they must hold the same grounds with the same dates, cover the same rows and let the same be used.

use std::collections::BTreeSet;

use custody::act::Asked;
use custody::coverage::{Datum, Role};
use custody::id::{ConsentId, DocumentId, EngagementId, ObjectionId, PersonId, StaffId};
use custody::life::{
    Agreed, Birth, Consent, HeldCategory, Kept, Life, Objection, OnWork, Restriction, Scope, State,
    StopCause, Told,
};
use custody::{Act, Actor, Gate, Moment, Verb, decide, settle, settled, uncovered};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use policy::source::File;
use policy::{Policy, Sort};
use proptest::prelude::*;

use crate::common;
use crate::plain::person::{Against, Confirmed, Form};
use crate::plain::used::{self, Use};
use crate::plain::{Ground, Person, Row, Why, ground, held};
use crate::step::{Step, What, happens, number, steps};

pub const EVERY: &[(&str, &str)] = &[
    ("cti", include_str!("../../../../policies/cti.policy")),
    ("cmp", include_str!("../../../../policies/cmp.policy")),
    ("cli", include_str!("../../../../policies/cli.policy")),
    ("blue-turtle", include_str!("../../../../policies/blue-turtle.policy")),
    ("chorus", include_str!("../../../../policies/chorus.policy")),
    ("starter", include_str!("../../../../policies/starter.policy")),
    ("forms", include_str!("forms.policy")),
];

/// A policy as the model reads it. It knows people only: to it what is kept for the work is kept for those on it.
pub fn text(name: &str) -> String {
    EVERY.iter().find(|(known, _)| *known == name).unwrap().1.replace(" for the work", "")
}

pub fn read(name: &str) -> Policy {
    let text = text(name);
    let (policy, found) = Policy::read(vec![File { name: format!("{name}.policy"), text }]);
    policy.unwrap_or_else(|| panic!("{name}: {found:#?}"))
}

/// The same facts as the program reads them from its store.
pub fn life(policy: &Policy, person: &Person, grounds: Vec<custody::life::Ground>, today: Date) -> Life {
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
                Form::OptIn => ConsentForm::OptIn { asked_with: None, confirmed: None },
                Form::Explicit => ConsentForm::Explicit,
            },
            document: matches!(consent.form, Form::Signed(_, true)).then_some(DocumentId(consent.number)),
            given_on: consent.given,
            lapses_on: None,
            withdrawn_on: consent.withdrawn,
            confirm_by: (consent.confirmed != Confirmed::NotAsked).then_some(consent.given),
            confirmed_on: match consent.confirmed {
                Confirmed::On(day) => Some(day),
                Confirmed::NotAsked | Confirmed::Waits => None,
            },
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
    let births = person.births.iter();
    life.births = births
        .map(|(on, part, born)| Birth { engagement: EngagementId(*on), part: part.clone(), born: *born })
        .collect();
    life.not_entered = person.kept_out.iter().map(|name| activity(name)).collect();
    life.records = person
        .kept
        .iter()
        .map(|kept| Kept {
            datum: datum(policy, &kept.row),
            dated: kept.dated,
            recorded: kept.recorded.into(),
            closed_on: kept.closed,
            sent: kept.sent.map(Moment::from),
        })
        .collect();
    life.restriction =
        person.restricted.then_some(Restriction { since: today, owner: StaffId(1), review_on: Date::MAX });
    life
}

pub type Standing = (String, Option<i64>, Date, Option<Date>, Option<Date>);

pub fn of_program(policy: &Policy, life: &Life, today: Date) -> Vec<Standing> {
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
pub fn rows(policy: &Policy) -> Vec<Row> {
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

pub fn datum(policy: &Policy, row: &Row) -> Datum {
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

pub fn settle_on(policy: &Policy, life: &Life, day: Date) -> Life {
    let changes = settle(policy, life, day);
    settled(life, &changes, day, first_free(life))
}

/// The nights are the same for both: what they dealt with in the model they dealt with.
fn swept(policy: &Policy, program: &mut Life, grounds: &[Ground]) {
    for held in program.grounds.iter_mut().filter(|held| held.state != State::Active) {
        let key = &policy.rules[held.rule.index()].key;
        let work = held.engagement.map(|on| on.0);
        held.swept |= grounds.iter().any(|ground| {
            ground.swept && ground.key == *key && ground.work == work && ground.opened == held.opened_on
        });
    }
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
            ground::night(&mut grounds);
            if step.sweeps {
                program = life(policy, &person, program.grounds, today);
                program = settle_on(policy, &program, today);
            }
            swept(policy, &mut program, &grounds);
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
        // Whoever looks late finds that the nights were there without them.
        swept(policy, &mut program, &grounds);
        let said = || format!("step {at} on {today}: {step:?}\n{person:#?}");
        assert_eq!(settle(policy, &program, today), [], "settled is settled, {}", said());
        assert_eq!(
            of_program(policy, &program, today),
            of_model(&grounds, today),
            "program, model, {}",
            said()
        );
        for (purpose, _) in Purpose::ALL {
            let may = used::kinds(policy, &person, &grounds, *purpose, Use::Change, today);
            assert_eq!(let_use(policy, &program, *purpose, today), may, "for {purpose:?}, {}", said());
        }
        let own: Vec<&Row> = person.kept.iter().map(|kept| &kept.row).collect();
        let of_own: Vec<Datum> = own.iter().map(|row| datum(policy, row)).collect();
        for ahead in [0, 1, 40, 400, 3000] {
            let day = today.checked_add(ahead.days()).unwrap();
            let gone: BTreeSet<i64> =
                uncovered(policy, &program, &[], &data, day).iter().map(|gone| gone.id).collect();
            let gone_by_itself = uncovered(policy, &program, &[], &of_own, day);
            let gone: BTreeSet<i64> =
                gone.into_iter().chain(gone_by_itself.iter().map(|gone| gone.id)).collect();
            let loose = rows
                .iter()
                .chain(own.iter().copied())
                .filter(|row| !held::covered(policy, &person, &grounds, row, day));
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

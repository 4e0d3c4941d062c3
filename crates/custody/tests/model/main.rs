//! A second, slow reading of `docs/meaning.md` sections 1 to 4, and random histories on which the program and it must agree
//! after every step: once written by hand for CTI's policy without its parser, clocks or grounds, and once for any
//! policy ([`plain`]), tried on every organisation's and on one that has every form of phrase.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, which may fail loudly"
)]

mod any;
#[path = "../common/mod.rs"]
mod common;
mod history;
mod interpreter;
mod order;
mod plain;
mod rows;
mod step;

use custody::coverage::Role;
use custody::id::{EngagementId, PersonId};
use custody::life::{Life, State};
use custody::{Datum, settle, settled, uncovered};
use history::{Step, apply, steps};
use interpreter::{Held, Model, Thing};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use proptest::prelude::*;

/// What the program says is held.
fn program(policy: &Policy, life: &Life, today: Date) -> Vec<Held> {
    let active = life.grounds.iter().filter(|ground| ground.active(today));
    let mut held: Vec<_> = active
        .map(|ground| {
            let key = policy.rules[ground.rule.index()].key.clone();
            (key, ground.engagement.map(|engagement| engagement.0), ground.due_on, ground.review_on)
        })
        .collect();
    held.sort();
    held
}

/// One of everything that could be held, on no work and on each of two programmes.
fn things() -> Vec<Thing> {
    let mut all = Vec::new();
    for name in ["name", "email", "phone", "address", "job title", "organisation", "life history"] {
        all.push(Thing { kind: name, on: None, of_work: false });
    }
    for name in ["consent record", "message record", "request record", "work record", "objection record"] {
        all.push(Thing { kind: name, on: None, of_work: false });
    }
    for name in [
        "contact record",
        "enquiry",
        "coaching notes",
        "consent form",
        "evaluation form",
        "service agreement",
    ] {
        all.extend([None, Some(7), Some(8)].map(|on| Thing { kind: name, on, of_work: true }));
    }
    all
}

fn datum(policy: &Policy, thing: &Thing, id: usize) -> Datum {
    Datum {
        table: "any",
        id: i64::try_from(id).unwrap(),
        kind: common::kind(policy, thing.kind),
        people: vec![(PersonId(1), Role::Subject)],
        engagements: thing.on.map(|number| (EngagementId(number), None)).into_iter().collect(),
        paper: false,
    }
}

/// Plays a history to both, and compares them after every step and on days nobody acts.
fn play(policy: &Policy, history: &[Step]) {
    let things = things();
    let data: Vec<Datum> = things.iter().enumerate().map(|(id, thing)| datum(policy, thing, id)).collect();
    let mut today = common::day("2024-01-01");
    let mut life = Life::new(PersonId(1));
    let mut model = Model::new(today);
    for (number, step) in history.iter().enumerate() {
        let next = today.checked_add(i64::from(step.days_later).days()).unwrap();
        // The nights between: the model lives through each; the program's jobs run on some or on none.
        model.live_until(&life, next);
        let nights = next > today;
        if step.sweeps {
            let mut night = today;
            while night < next {
                night = night.tomorrow().unwrap();
                let changes = settle(policy, &life, night);
                life = settled(&life, &changes, night, first_free(&life));
            }
        }
        // What has ended by then the nights have dealt with.
        let over = |ground: &&mut custody::Ground| ground.state != State::Active && nights;
        life.grounds.iter_mut().filter(over).for_each(|ground| ground.swept = true);
        today = next;
        apply(policy, &mut life, &mut model, step, today);
        let changes = settle(policy, &life, today);
        life = settled(&life, &changes, today, first_free(&life));
        assert_eq!(
            settle(policy, &life, today),
            [],
            "settled is settled, step {number} on {today}: {step:?}"
        );
        model.live_until(&life, today);
        model.look(&life, today);
        assert_eq!(
            program(policy, &life, today),
            model.held(),
            "step {number} on {today}: {step:?}\n{life:#?}"
        );
        for ahead in [0, 1, 40, 200, 800] {
            let day = today.checked_add(ahead.days()).unwrap();
            let mut later = model.clone();
            later.expire_only(day);
            let gone: Vec<i64> =
                uncovered(policy, &life, &[], &data, day).iter().map(|gone| gone.id).collect();
            let model_gone: Vec<i64> =
                (0i64..).zip(&things).filter(|(_, thing)| !later.covers(thing)).map(|(id, _)| id).collect();
            assert_eq!(gone, model_gone, "coverage on {day}, step {number} on {today}: {step:?}");
            let rows: Vec<Datum> = life.records.iter().map(|kept| kept.datum.clone()).collect();
            let gone: Vec<i64> =
                uncovered(policy, &life, &[], &rows, day).iter().map(|gone| gone.id).collect();
            let of_model = life.records.iter().filter(|row| !later.covers_row(row, day));
            let model_gone: Vec<i64> = of_model.map(|row| row.datum.id).collect();
            assert_eq!(gone, model_gone, "rows on {day}, step {number} on {today}: {step:?}");
        }
    }
}

fn first_free(life: &Life) -> i64 {
    life.grounds.iter().map(|ground| ground.id.0).max().unwrap_or(0) + 1
}

/// More with `PROPTEST_CASES=20000`.
pub fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: default.cases.max(400),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..default
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_program_and_the_model_agree_after_every_step(history in steps()) {
        thread_local! { static POLICY: Policy = common::cti(); }
        POLICY.with(|policy| play(policy, &history));
    }
}

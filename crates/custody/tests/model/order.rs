//! Two properties of every policy, on random lives: the order in which its clauses stand changes neither a clock nor a
//! decision, and one more ground, or one more reason to hold somebody, never shortens anything.

use std::collections::{BTreeMap, BTreeSet};

use custody::act::Asked;
use custody::id::{EngagementId, GroundId};
use custody::life::{Ground, Life, State};
use custody::{Act, Actor, Datum, Gate, Verb, decide, uncovered};
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Policy;
use policy::activity::Purpose;
use policy::source::File;
use proptest::prelude::*;

use crate::any::{EVERY, datum, life, of_program, read, rows, settle_on, text};
use crate::common;
use crate::plain::{Person, Row};
use crate::step::{Step, What, happens, steps};

/// Every policy that comes with the program, and the one with every form.
const NAMES: [&str; 7] = ["cti", "cmp", "cli", "blue-turtle", "chorus", "starter", "forms"];

/// A policy's text with the clauses of each activity, the keeps that one `then` serves, and the activities themselves in
/// an order that the numbers give. `was` stays below its `keep` and `then` below what it serves: they speak of them.
fn shuffled(text: &str, numbers: &[u16]) -> String {
    let mut sections: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        if line.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            sections.push(Vec::new());
        }
        sections.last_mut().unwrap().push(line);
    }
    let mut numbers = numbers.iter().copied().cycle();
    let mut turn = move |mut all: Vec<String>| {
        all.sort_by_cached_key(|_| numbers.next().unwrap());
        all
    };
    let is_activity =
        |section: &&Vec<&str>| section.first().is_some_and(|head| head.starts_with("activity "));
    let mut turned = Vec::new();
    for section in sections.iter().filter(is_activity) {
        let mut clauses: Vec<String> = Vec::new();
        let mut rest = String::new();
        for line in section.iter().skip(1) {
            let begins = line
                .strip_prefix("  ")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
            match clauses.last_mut() {
                _ if begins => clauses.push(format!("{line}\n")),
                Some(last) if line.starts_with("   ") => last.push_str(&format!("{line}\n")),
                _ => rest.push_str(&format!("{line}\n")),
            }
        }
        let keyword = |clause: &str| clause.split_whitespace().next().unwrap_or_default().to_owned();
        let mut units: Vec<String> = Vec::new();
        let mut keeps: Vec<String> = Vec::new();
        let mut first = String::new();
        for clause in clauses {
            match (keyword(&clause).as_str(), keeps.last_mut()) {
                ("keep", _) => keeps.push(clause),
                ("was", Some(keep)) => keep.push_str(&clause),
                ("was", None) => first.push_str(&clause),
                ("then", _) => units.push(turn(std::mem::take(&mut keeps)).concat() + &clause),
                _ => units.push(clause),
            }
        }
        units.push(turn(keeps).concat());
        turned.push(format!("{}\n{first}{}{rest}", section[0], turn(units).concat()));
    }
    let mut activities = turn(turned).into_iter();
    let section = |section: &Vec<&str>| match is_activity(&section) {
        true => activities.next().unwrap(),
        false => section.iter().map(|line| format!("{line}\n")).collect(),
    };
    sections.iter().map(section).collect()
}

/// Every decision there is about a life: what is done, for what, on which work, and which kinds it is granted for.
fn decisions(policy: &Policy, life: &Life, today: Date) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let all = policy.kinds.iter().map(|kind| kind.id).collect();
    let mut decided = BTreeMap::new();
    let mut works: Vec<Option<EngagementId>> = life.works.iter().map(|on| Some(on.engagement)).collect();
    works.push(None);
    for verb in [Verb::Read, Verb::Store, Verb::Change, Verb::Send, Verb::Call, Verb::Disclose] {
        for (purpose, name) in Purpose::ALL {
            for engagement in &works {
                let act = Act {
                    verb,
                    deed: None,
                    kinds: Asked::WhatMayBeSeen(all),
                    purpose: Some(*purpose),
                    activity: None,
                    engagement: *engagement,
                    channel: None,
                    recipient: None,
                };
                let actor = Actor::System("intake");
                let grant = decide(policy, &actor, &act, &[life], &Gate::default(), common::now(), today);
                let kinds = grant.ok().map(|grant| {
                    let granted = policy.kinds.iter().filter(|kind| grant.covers(life.person, kind.id));
                    granted.map(|kind| kind.name.clone()).collect()
                });
                decided.insert(format!("{verb:?} {name} {engagement:?}"), kinds);
            }
        }
    }
    decided
}

fn gone(policy: &Policy, life: &Life, rows: &[Row], day: Date) -> BTreeSet<i64> {
    let data: Vec<Datum> = rows.iter().map(|row| datum(policy, row)).collect();
    uncovered(policy, life, &[], &data, day).iter().map(|gone| gone.id).collect()
}

/// A person after a history, under a policy settled after every step.
fn lived(policy: &Policy, history: &[Step], each: &mut dyn FnMut(&Person, Date)) {
    let mut today = common::day("2024-01-01");
    let mut person = Person::default();
    for step in history {
        today = today.checked_add(i64::from(step.days_later).days()).unwrap();
        happens(policy, &mut person, step, today);
        each(&person, today);
    }
}

fn order(name: &str, policy: &Policy, rows: &[Row], history: &[Step], numbers: &[u16]) {
    let text = shuffled(&text(name), numbers);
    let (other, found) = Policy::read(vec![File { name: format!("{name}.policy"), text: text.clone() }]);
    let other = other.unwrap_or_else(|| panic!("{name}: {found:#?}\n{text}"));
    let keys = |policy: &Policy| policy.rules.iter().map(|rule| rule.key.clone()).collect::<BTreeSet<_>>();
    assert_eq!(keys(policy), keys(&other));
    let (mut grounds, mut others) = (Vec::new(), Vec::new());
    let mut last = None;
    lived(policy, history, &mut |person, today| {
        let one = settle_on(policy, &life(policy, person, std::mem::take(&mut grounds), today), today);
        let two = settle_on(&other, &life(&other, person, std::mem::take(&mut others), today), today);
        assert_eq!(
            of_program(policy, &one, today),
            of_program(&other, &two, today),
            "{name} on {today}\n{text}"
        );
        grounds.clone_from(&one.grounds);
        others.clone_from(&two.grounds);
        last = Some((one, two, today));
    });
    let Some((one, two, today)) = last else { return };
    assert_eq!(decisions(policy, &one, today), decisions(&other, &two, today), "{name} on {today}\n{text}");
    for ahead in [1, 400, 3000] {
        let day = today.checked_add(ahead.days()).unwrap();
        assert_eq!(gone(policy, &one, rows, day), gone(&other, &two, rows, day), "{name} on {day}\n{text}");
    }
}

fn never_shorter(name: &str, policy: &Policy, rows: &[Row], history: &[Step], extra: &[Step]) {
    let mut person = Person::default();
    let mut today = common::day("2024-01-01");
    let mut grounds = Vec::new();
    lived(policy, history, &mut |now, day| {
        grounds = settle_on(policy, &life(policy, now, std::mem::take(&mut grounds), day), day).grounds;
        (person, today) = (now.clone(), day);
    });
    let before = life(policy, &person, grounds.clone(), today);
    let days = [0, 1, 40, 400, 3000].map(|ahead: i64| today.checked_add(ahead.days()).unwrap());
    let held = |life: &Life| days.map(|day| gone(policy, life, rows, day));
    let without = held(&before);
    // A ground under any clause, on any work, whatever its last day.
    for step in extra {
        let rule = &policy.rules[step.which % policy.rules.len()];
        let works: Vec<EngagementId> = before.works.iter().map(|on| on.engagement).collect();
        let engagement = rule.work.and_then(|_| works.get(step.other % works.len().max(1)).copied());
        let mut more = before.clone();
        more.grounds.push(Ground {
            id: GroundId(1_000_000),
            rule: rule.id,
            engagement,
            opened_on: today,
            due_on: (step.back % 2 == 0)
                .then(|| today.checked_add(i64::from(step.days_later).days()).unwrap()),
            review_on: None,
            awaiting: None,
            reviewed_on: None,
            row: None,
            state: State::Active,
            swept: false,
        });
        for (less, more) in without.iter().zip(held(&more)) {
            assert!(more.is_subset(less), "{name}: a ground under {} lost {:?}", rule.key, &more - less);
        }
    }
    // One more reason to hold them: a category, a piece of work. What was held before is held at least as long. (A consent
    // is a contact besides, from which a period that nothing had started may begin to run.)
    for step in extra {
        let what = [What::Becomes, What::Joins][step.other % 2];
        let mut with = person.clone();
        happens(policy, &mut with, &Step { what, back: 0, ..step.clone() }, today);
        let now = settle_on(policy, &before, today);
        let more = settle_on(policy, &life(policy, &with, grounds.clone(), today), today);
        for day in days {
            let (less, more) = (gone(policy, &now, rows, day), gone(policy, &more, rows, day));
            assert!(more.is_subset(&less), "{name}: {what:?} lost {:?} on {day}\n{with:#?}", &more - &less);
        }
    }
}

/// Few by themselves, since each case reads a policy anew; more with `PROPTEST_CASES=20000`.
fn config() -> ProptestConfig {
    let given = crate::config().cases;
    ProptestConfig { cases: (given / 10).max(12), ..crate::config() }
}

fn policies() -> Vec<(&'static str, Policy, Vec<Row>)> {
    let read = |name| {
        let policy = read(name);
        let rows = rows(&policy);
        (name, policy, rows)
    };
    NAMES.into_iter().map(read).collect()
}

thread_local! { static POLICIES: Vec<(&'static str, Policy, Vec<Row>)> = policies(); }

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_order_of_clauses_never_changes_a_clock_or_a_decision(
        which in 0..NAMES.len(), history in steps(), numbers in prop::collection::vec(any::<u16>(), 97),
    ) {
        POLICIES.with(|all| {
            let (name, policy, rows) = &all[which];
            order(name, policy, rows, &history, &numbers);
        });
    }

    #[test]
    fn one_more_ground_or_reason_never_shortens_anything(
        which in 0..NAMES.len(), history in steps(), extra in steps(),
    ) {
        POLICIES.with(|all| {
            let (name, policy, rows) = &all[which];
            never_shorter(name, policy, rows, &history, &extra);
        });
    }
}

#[test]
fn a_policy_turned_about_is_another_text_with_the_same_clauses() {
    let text = EVERY.iter().find(|(known, _)| *known == "forms").unwrap().1;
    let numbers: Vec<u16> = (0..97u16).map(|at| (at * 31) % 97).collect();
    let turned = shuffled(text, &numbers);
    assert_ne!(turned, text);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&turned), sorted(text));
    let places = |text: &str| text.lines().position(|line| line.starts_with("activity insurance"));
    assert_ne!(places(&turned), places(text), "activities move");
}

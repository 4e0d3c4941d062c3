//! Statistics: what two organisations promise about their numbers, and how each promise is broken behind the program's back.

use std::collections::BTreeSet;

use custody::id::PersonId;
use custody::proof::{Verdict, obligations};
use custody::statistics::Line;
use jiff::civil::date;
use policy::{Policy, Work};
use store::engagement::NewEngagement;
use store::statistics::{self, Release};
use store::told::{Told, Way};
use store::{Error, Store, Tx, engagement, person, told};

use super::town::{CAME, TODAY, town};
use super::{look, not_seen};
use crate::harness::pack;
use crate::prove::{Sabotage, sabotage};
use crate::story::{noon, settle};

/// Somebody whom the statistics count, on a piece of work of their own that has come so far.
fn somebody(
    tx: &Tx<'_>,
    policy: &Policy,
    (at, work): (usize, &Work),
    milestones: &[&String],
) -> Result<PersonId, Error> {
    let of = &policy.statistics[at].of;
    let part = work.parts.iter().find(|part| of.is_empty() || of.contains(&part.category)).unwrap();
    let who = person::add(tx, noon(CAME))?;
    person::give_category(tx, policy, who, part.category, CAME, None)?;
    let told_by = Told { on: CAME, way: Way::Staff, version: Some(policy.version) };
    told::record(tx, who, &told_by, None, noon(CAME))?;
    let new = NewEngagement {
        work: work.id,
        title: "A piece of work",
        opened_on: CAME,
        paid_by_organisation: None,
        paid_by_person: None,
    };
    let opened = engagement::open(tx, policy, &new, noon(CAME))?;
    engagement::join(tx, opened, who, &part.name, CAME)?;
    for milestone in milestones {
        engagement::record_milestone(tx, policy, opened, milestone, CAME, None, noon(CAME))?;
    }
    settle(tx, policy, who, CAME)?;
    Ok(who)
}

/// A table of these people, made as the act makes it.
fn release(store: &Store, policy: &Policy, at: usize, may: &BTreeSet<PersonId>) -> i64 {
    let stated = &policy.statistics[at];
    store
        .write(|tx| {
            let found = statistics::reached(tx, policy, &stated.of, date(2022, 1, 1))?;
            let parts = statistics::table(policy, stated, (&found, may), 2026, &statistics::all(tx)?);
            let made = Release {
                id: 0,
                title: stated.title.clone(),
                whom: statistics::whom(policy, stated),
                least: u64::from(policy.least_count()),
                made_on: TODAY,
                made_by: None,
            };
            statistics::keep(tx, &made, &parts, noon(TODAY))
        })
        .unwrap()
}

/// The line of this year of a table.
fn line(store: &Store, release: i64, work: &Work) -> Line {
    let all = store.read(statistics::all).unwrap();
    let made = all.into_iter().find(|made| made.release.id == release).unwrap();
    made.parts.into_iter().find(|part| part.work == work.name && part.year == 2026).unwrap().line
}

/// Every way in which such a promise is broken.
fn ways(promise: &'static str, work: &Work, (first, second): (i64, i64)) -> Vec<Sabotage> {
    let (one, two) = (&work.milestones[0], &work.milestones[1]);
    let done = format!("{two}, then {}", work.milestones.last().unwrap());
    let of = |release: i64| format!("release_id = {release} AND work = '{}' AND year = 2026", work.name);
    let cell = |says, release: i64, step: &str, to: &str, was: &str| {
        let sql = |people: &str| {
            format!("UPDATE statistics_cell SET people = {people} WHERE {} AND step = '{step}'", of(release))
        };
        sabotage(promise, says, sql(to), sql(was))
    };
    vec![
        cell("the number of those at", first, &done, "3", "NULL"),
        cell("what the hidden numbers come to is of fewer than 5 people", first, two, "12", "NULL"),
        cell("differs by fewer than 5 people from one before", second, one, "22", "20"),
        cell("the number of all differs by fewer than 5", second, "", "33", "35"),
        cell("the number of all is of fewer than 5 people", first, "", "4", "35"),
        sabotage(
            promise,
            "can be computed",
            format!(
                "UPDATE statistics_cell SET people = 5 WHERE {} AND people IS NULL AND step <> '{done}'",
                of(first)
            ),
            format!(
                "UPDATE statistics_cell SET people = NULL WHERE {} AND step NOT IN ('{one}', '')",
                of(first)
            ),
        ),
        sabotage(
            promise,
            "count from 1999 on, and not from 2022",
            format!("UPDATE statistics_cell SET year = 1999 WHERE release_id = {first} AND year = 2022"),
            format!("UPDATE statistics_cell SET year = 2022 WHERE release_id = {first} AND year = 1999"),
        ),
        sabotage(
            promise,
            "show numbers from 3 people on, and not from 5",
            format!("UPDATE statistics_release SET shown_from = 3 WHERE id = {first}"),
            format!("UPDATE statistics_release SET shown_from = 5 WHERE id = {first}"),
        ),
    ]
}

fn kept_until_broken(store: &Store, name: &str, (promise, at): (&'static str, usize)) {
    let policy = pack(name);
    town(store, &policy);
    assert!(obligations(&policy)[promise].iter().any(|one| one.name() == "statistics-hide"));
    let kept = |tables: &str| {
        let found = look(store, &policy, promise, TODAY);
        assert_eq!((found.verdict, found.counterexamples), (Verdict::Kept, Vec::new()));
        assert!(found.figure.contains(tables), "{}", found.figure);
    };
    kept("0 tables of statistics");
    let work = statistics::works(&policy, &policy.statistics[at].of).next().unwrap();
    let (one, two, end) = (&work.milestones[0], &work.milestones[1], work.milestones.last().unwrap());
    let people = |milestones: &[&String], how_many: usize| {
        let add = |tx: &Tx<'_>| {
            (0..how_many)
                .map(|_| somebody(tx, &policy, (at, work), milestones))
                .collect::<Result<Vec<_>, _>>()
        };
        store.write(add).unwrap()
    };
    let mut may: BTreeSet<PersonId> = people(&[one], 20).into_iter().collect();
    may.extend(people(&[one, two], 12));
    may.extend(people(&[one, two, end], 3));
    let (first, second) = (release(store, &policy, at, &may), release(store, &policy, at, &may));
    let shown = line(store, first, work);
    assert_eq!((shown.cell(one), shown.cell(two), shown.all), (Some(20), None, Some(35)), "{shown:?}");
    assert_eq!(shown, line(store, second, work));
    kept("2 tables of statistics");
    let wrong = not_seen(store, &policy, &ways(promise, work, (first, second)), &|_| Verdict::Kept);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));

    // Two more came: what would say so is not shown. Once five came, it is.
    may.extend(people(&[one], 2));
    let third = line(store, release(store, &policy, at, &may), work);
    assert_eq!((third.cell(one), third.all), (None, None), "{third:?}");
    kept("3 tables of statistics");
    may.extend(people(&[one], 3));
    let fourth = line(store, release(store, &policy, at, &may), work);
    assert_eq!((fourth.cell(one), fourth.cell(two), fourth.all), (Some(25), None, Some(40)), "{fourth:?}");
    kept("4 tables of statistics");
}

both! {
    fn what_cli_promises_about_its_reports(store) {
        kept_until_broken(store, "cli", ("CLI-09", 0));
    }

    fn what_cli_promises_about_who_applies(store) {
        kept_until_broken(store, "cli", ("CLI-11", 1));
    }

    fn what_blue_turtle_promises_about_its_numbers(store) {
        kept_until_broken(store, "blue-turtle", ("BT-03", 0));
    }
}

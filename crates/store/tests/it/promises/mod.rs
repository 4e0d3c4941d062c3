//! What policy and notice alone decide, for all five organisations: each promise in the list is kept on a town that has
//! something to look at, and broken, with the counter-example named, by every way listed for it. A promise without one
//! fails the test.

mod desk;
mod forms;
mod held;
mod incidents;
mod notice;
mod outreach;
mod seen;
mod shared;
mod statistics;
mod town;
mod whom;

use std::collections::BTreeSet;

use custody::proof::{Finding, Obligation, Verdict, not_looked_at, obligations};
use jiff::SignedDuration;
use jiff::civil::{Date, date};
use policy::Policy;
use store::disclosure::{self, NewDisclosure};
use store::{Store, ground, life, policy_version, prove};

use crate::harness::{bare_pack, pack};
use crate::prove::{Sabotage, run_sql};
use crate::story::noon;
use town::{TODAY, Town, town};

/// The promises, by pack.
const PROMISES: &[(&str, &[&str])] = &[
    ("cti", &["CTI-04", "CTI-05", "CTI-06", "CTI-25"]),
    (
        "cmp",
        &["CMP-01", "CMP-02", "CMP-03", "CMP-04", "CMP-05", "CMP-14", "CMP-19", "CMP-25", "CMP-29", "CMP-33"],
    ),
    (
        "cli",
        &[
            "CLI-01", "CLI-02", "CLI-06", "CLI-07", "CLI-08", "CLI-10", "CLI-16", "CLI-17", "CLI-19",
            "CLI-20", "CLI-21", "CLI-28", "CLI-35", "CLI-37",
        ],
    ),
    (
        "blue-turtle",
        &["BT-01", "BT-02", "BT-06", "BT-07", "BT-08", "BT-17", "BT-24", "BT-25", "BT-26", "BT-34"],
    ),
    (
        "chorus",
        &["CHO-01", "CHO-02", "CHO-06", "CHO-08", "CHO-15", "CHO-16", "CHO-19", "CHO-24", "CHO-25", "CHO-26"],
    ),
];

fn every_way(town: &Town, pack: &str) -> Vec<Sabotage> {
    let of = [notice::ways, held::ways, whom::ways, seen::ways, shared::ways, outreach::ways, forms::ways];
    of.into_iter().flat_map(|ways| ways(town, pack)).collect()
}

fn look(store: &Store, policy: &Policy, promise: &str, today: Date) -> Finding {
    prove::promise(store, policy, promise, noon(today), today).unwrap().unwrap()
}

fn kept_until_broken(store: &Store, name: &str) {
    let policy = pack(name);
    let town = town(store, &policy);
    let (_, promises) = PROMISES.iter().find(|(pack, _)| *pack == name).unwrap();
    let ways = every_way(&town, name);
    let mut wrong = Vec::new();
    // A promise of which a clause is not looked at yet is broken by the others all the same.
    let signed = |promise: &str| {
        obligations(&policy)[promise].iter().any(|one| matches!(one, Obligation::Attested { .. }))
    };
    let whole = |promise: &str| match (not_looked_at(&policy, promise).is_empty(), signed(promise)) {
        (true, false) => Verdict::Kept,
        (true, true) => Verdict::Attested,
        (false, _) => Verdict::Open,
    };
    for promise in *promises {
        let found = look(store, &policy, promise, TODAY);
        if found.verdict != whole(promise) || found.figure.is_empty() {
            wrong.push(format!("{promise} is not kept: {found:?}"));
        }
        if !ways.iter().any(|way| way.promise == *promise) {
            wrong.push(format!("nothing breaks {promise}"));
        }
    }
    wrong.extend(not_seen(store, &policy, &ways, &whole));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Breaks promises in each of these ways and mends them again: in which of them the break is not found, or the promise not as it
/// was when it is `whole`.
fn not_seen(
    store: &Store,
    policy: &Policy,
    ways: &[Sabotage],
    whole: &dyn Fn(&str) -> Verdict,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for way in ways {
        run_sql(store, &way.breaks);
        let found = look(store, policy, way.promise, TODAY);
        run_sql(store, &way.mends);
        if found.verdict != Verdict::Broken || !found.counterexamples.iter().any(|one| one.contains(way.says))
        {
            wrong.push(format!("{} by `{}`, expected `{}`: {found:?}", way.promise, way.breaks, way.says));
        }
        let mended = look(store, policy, way.promise, TODAY);
        if mended.verdict != whole(way.promise) {
            wrong.push(format!(
                "{} was not mended by `{}`: {:?}",
                way.promise, way.mends, mended.counterexamples
            ));
        }
    }
    wrong
}

both! {
    fn what_cti_promises_is_kept_until_somebody_breaks_it(store) {
        kept_until_broken(store, "cti");
    }

    fn what_cmp_promises_is_kept_until_somebody_breaks_it(store) {
        kept_until_broken(store, "cmp");
    }

    fn what_cli_promises_is_kept_until_somebody_breaks_it(store) {
        kept_until_broken(store, "cli");
    }

    fn what_blue_turtle_promises_is_kept_until_somebody_breaks_it(store) {
        kept_until_broken(store, "blue-turtle");
    }

    fn what_chorus_promises_is_kept_until_somebody_breaks_it(store) {
        kept_until_broken(store, "chorus");
    }

    fn what_was_to_be_looked_at_again_and_was_not_breaks_its_promise(store) {
        let policy = pack("cli");
        town(store, &policy);
        let late = date(2027, 11, 3);
        let says = |promise: &str, words: &str| {
            let found = look(store, &policy, promise, late);
            assert!(found.counterexamples.iter().any(|one| one.contains(words)), "{found:?}");
        };
        says("CLI-35", "version 1 was to be looked at again by 2027-11-02");
        says("CLI-19", "assessments/cli/support.md was to be looked at again by 2027-11-02");
    }

    fn what_was_passed_on_before_its_use_ended_that_day_was_let_through_and_what_came_after_it_was_not(store) {
        let policy = pack("cli");
        let who = town(store, &policy).one("client");
        let day = date(2026, 11, 20);
        let at = |hours: i64| noon(day).checked_add(SignedDuration::from_hours(hours)).unwrap();
        let before = look(store, &policy, "CLI-20", TODAY);
        let pass = |hours: i64| {
            let kinds = ["name", "phone"].map(|kind| policy.kind_named(kind).unwrap().id);
            let new = NewDisclosure {
                person: who,
                recipient: "police",
                recipient_person: None,
                kinds: kinds.into_iter().collect(),
                activity: "support",
                reason: "as the law requires",
                engagement: None,
                safeguard: None,
                place: None,
                on: day,
                by: None,
            };
            store.write(|tx| disclosure::record(tx, &policy, &new, at(hours))).unwrap()
        };
        pass(0);
        store
            .write(|tx| {
                let life = life::load(tx, &policy, who, day)?;
                ground::erase(tx, &policy, &life, &BTreeSet::new(), day, "staff 1", at(1))
            })
            .unwrap();
        let found = look(store, &policy, "CLI-20", TODAY);
        assert_eq!((found.verdict, found.counterexamples), (before.verdict, before.counterexamples));
        let late = pass(2);
        let forbidden = |which: i64| {
            let found = look(store, &policy, "CLI-20", TODAY);
            found.counterexamples.contains(&format!("disclosure {which} of {day} was forbidden"))
        };
        assert!(forbidden(late), "nothing let it through any more");
        run_sql(store, &format!("DELETE FROM disclosure WHERE id = {late}"));
        assert!(!forbidden(late));
        // Of an end of which nothing says when on its day it came, no disclosure of that day is the earlier.
        run_sql(store, &format!("UPDATE ground SET stopped_at = NULL WHERE person_id = {who}"));
        assert_eq!(look(store, &policy, "CLI-20", TODAY).verdict, Verdict::Broken);
    }

    fn a_list_has_a_day_to_follow_a_no_and_a_yes_after_it_ends_that(store) {
        let policy = pack("cmp");
        let who = town(store, &policy).one("delegate");
        let listed = Obligation::NoneListedAfterNo { activity: policy.activity_named("promotion").unwrap().id };
        let broken = |today: Date, hours: i64| {
            let now = noon(today).checked_add(SignedDuration::from_hours(hours)).unwrap();
            prove::obligation(store, &policy, &listed, now, today).unwrap().broken.len()
        };
        assert_eq!(broken(TODAY, 0), 0);
        let objects = format!(
            "INSERT INTO objection (id, person_id, scope, named, made_on, upheld_on, how, recorded_at)
                VALUES (4, {who}, 'purpose', 'DirectMarketing', '{TODAY}', '{TODAY}', 'x', {})",
            noon(TODAY).as_millisecond()
        );
        run_sql(store, &objects);
        let tomorrow = TODAY.tomorrow().unwrap();
        assert_eq!((broken(TODAY, 1), broken(tomorrow, -1), broken(tomorrow, 1)), (0, 0, 1));
        run_sql(store, "UPDATE processor_person SET state = 'stopped'");
        assert_eq!(broken(tomorrow, 1), 0, "they were stopped there");
        run_sql(store, &format!("UPDATE processor_person SET state = 'there'; UPDATE objection SET lifted_on = '{tomorrow}' WHERE id = 4"));
        assert_eq!(broken(tomorrow, 1), 0, "they want it again");
    }

    fn an_assessment_or_policy_document_that_is_not_on_file_breaks_its_promise(store) {
        let policy = bare_pack("blue-turtle");
        town(store, &policy);
        for (promise, file) in [("BT-07", "investigations.md"), ("BT-08", "employment-law.md")] {
            let found = look(store, &policy, promise, TODAY);
            let says = format!("assessments/blue-turtle/{file} is not on file with version 1");
            assert!(found.counterexamples.contains(&says), "{found:?}");
        }
    }

    fn a_program_that_works_from_another_text_than_was_adopted_breaks_every_promise_of_the_notice(store) {
        let policy = pack("chorus");
        store.write(|tx| policy_version::adopt(tx, &bare_pack("chorus"), noon(TODAY), None)).unwrap();
        let found = look(store, &policy, "CHO-24", TODAY);
        assert!(found.counterexamples.iter().any(|one| one.contains("another text than version 1")), "{found:?}");
    }
}

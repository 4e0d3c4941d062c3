//! Rows that go one by one: what their grounds do meanwhile, and when their use stops.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

mod common;

use common::{category, day, kind, kinds};
use custody::act::Asked;
use custody::coverage::{Datum, Outcome, Role, uncovered};
use custody::id::{PersonId, StaffId};
use custody::life::{HeldCategory, Kept, Life};
use custody::proof::{self, Obligation};
use custody::{Act, Actor, Gate, Moment, Now, Verb, decide, settle, settled};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use policy::source::File;
use policy::{Disposal, Policy};

fn policy_of(change: impl Fn(String) -> String) -> Policy {
    let text = change(include_str!("../../policy/tests/each.policy").to_owned());
    let (policy, found) = Policy::read(vec![File { name: "each.policy".to_owned(), text }]);
    policy.unwrap_or_else(|| panic!("{found:#?}"))
}

fn policy() -> Policy {
    policy_of(|text| text)
}

fn zoned(at: &str) -> jiff::Zoned {
    at.parse::<DateTime>().unwrap().to_zoned(TimeZone::get("Europe/London").unwrap()).unwrap()
}

fn instant(at: &str) -> Timestamp {
    zoned(at).timestamp()
}

fn now(at: &str) -> Now {
    Now::at(zoned(at).date(), instant(at))
}

fn row(policy: &Policy, table: &'static str, name: &str, id: i64, at: &str) -> Kept {
    Kept {
        datum: Datum {
            table,
            id,
            kind: kind(policy, name),
            people: vec![(PersonId(1), Role::Subject)],
            engagements: Vec::new(),
            paper: false,
        },
        dated: None,
        recorded: Moment::at(zoned(at)),
        closed_on: None,
        sent: None,
    }
}

fn resident(policy: &Policy, rows: Vec<Kept>) -> Life {
    let mut life = Life::new(PersonId(1));
    life.categories.push(HeldCategory {
        category: category(policy, "resident"),
        since: day("2024-01-01"),
        until: None,
    });
    life.records = rows;
    life
}

fn on(policy: &Policy, life: &Life, today: Date) -> Life {
    let next = life.grounds.iter().map(|ground| ground.id.0).max().unwrap_or(0) + 1;
    let life = settled(life, &settle(policy, life, today), today, next);
    assert_eq!(settle(policy, &life, today), [], "settled is settled");
    life
}

fn ground<'a>(policy: &Policy, life: &'a Life, key: &str, today: &str) -> Option<&'a custody::Ground> {
    let rule = policy.rule_keyed(key).unwrap().id;
    life.grounds.iter().find(|ground| ground.rule == rule && ground.active(day(today)))
}

#[test]
fn a_ground_goes_on_without_rows_while_a_new_one_may_come() {
    let policy = policy();
    let mut life = on(&policy, &resident(&policy, Vec::new()), day("2026-03-01"));
    let open = ground(&policy, &life, "living/visit note", "2026-03-01").unwrap();
    assert_eq!((open.due_on, open.row), (None, None), "{open:?}");
    life.records.push(row(&policy, "entry", "visit note", 1, "2026-03-01T12:00"));
    life.records.push(row(&policy, "entry", "visit note", 2, "2026-03-20T12:00"));
    life = on(&policy, &life, day("2026-03-20"));
    let open = ground(&policy, &life, "living/visit note", "2026-03-20").unwrap();
    assert_eq!(open.due_on, None);
    assert_eq!(open.row.map(|row| row.on), Some(day("2026-03-31")), "the first to go");
    // Moved out: nothing can come any more, and the ground ends with the last row.
    life.categories[0].until = Some(day("2026-04-05"));
    life = on(&policy, &life, day("2026-04-05"));
    let open = ground(&policy, &life, "living/visit note", "2026-04-05").unwrap();
    assert_eq!(open.due_on, Some(day("2026-04-19")));
    life = on(&policy, &life, day("2026-04-20"));
    assert!(ground(&policy, &life, "living/visit note", "2026-04-20").is_none());
}

#[test]
fn whoever_leaves_without_a_row_leaves_no_empty_ground_behind() {
    let policy = policy();
    let mut life = on(&policy, &resident(&policy, Vec::new()), day("2026-03-01"));
    life.categories[0].until = Some(day("2026-04-05"));
    life = on(&policy, &life, day("2026-04-05"));
    assert!(ground(&policy, &life, "living/door log", "2026-04-05").is_none());
    assert!(ground(&policy, &life, "living", "2026-04-05").is_some(), "the name stays two years");
}

#[test]
fn use_stops_on_the_minute() {
    let policy = policy();
    let life = resident(&policy, vec![row(&policy, "entry", "door log", 1, "2026-03-01T14:30")]);
    let life = on(&policy, &life, day("2026-03-01"));
    let manager = Actor::Staff { id: StaffId(1), role: policy.role_named("manager").unwrap().id };
    let read = Act {
        verb: Verb::Read,
        deed: None,
        kinds: Asked::Exactly(kinds(&policy, &["door log"])),
        purpose: None,
        activity: None,
        engagement: None,
        channel: None,
        recipient: None,
    };
    let may = |at: &str| {
        decide(&policy, &manager, &read, &[&life], &Gate::default(), instant(at), zoned(at).date()).is_ok()
    };
    assert!(may("2026-03-02T16:29"));
    assert!(!may("2026-03-02T16:30"));
    let rows: Vec<Datum> = life.records.iter().map(|kept| kept.datum.clone()).collect();
    assert_eq!(uncovered(&policy, &life, &[], &rows, now("2026-03-02T16:29")), []);
    let gone = uncovered(&policy, &life, &[], &rows, now("2026-03-02T16:30"));
    assert_eq!(gone[0].outcome, Outcome::Dispose(Disposal::Erase));
    assert_eq!(gone[0].reason, "door log 26 hours after recorded");
}

#[test]
fn a_row_that_another_clause_keeps_stays() {
    let policy = policy_of(|text| {
        text.replace("  data      message record", "  data      visit note, message record").replace(
            "keep      message record 48",
            "keep      visit note 90 days after recorded\n  keep      message record 48",
        )
    });
    let life = resident(&policy, vec![row(&policy, "entry", "visit note", 1, "2026-03-01T12:00")]);
    let life = on(&policy, &life, day("2026-03-01"));
    let rows: Vec<Datum> = life.records.iter().map(|kept| kept.datum.clone()).collect();
    let gone = |today: &str| uncovered(&policy, &life, &[], &rows, day(today));
    assert_eq!(gone("2026-05-30"), []);
    let gone = gone("2026-05-31");
    assert_eq!(gone[0].outcome, Outcome::Dispose(Disposal::Erase), "the last to let go says how");
    // And the first to let go does not call the sweep every night for it.
    let life = on(&policy, &life, day("2026-04-10"));
    assert_eq!(ground(&policy, &life, "living/visit note", "2026-04-10").unwrap().row, None);
}

#[test]
fn promises_on_such_clauses_are_looked_at_and_not_open() {
    let policy = policy();
    for (id, obligations) in proof::obligations(&policy) {
        let each = obligations.iter().any(|one| matches!(one, Obligation::EachInTime { .. }));
        assert!(each, "{id}: {obligations:?}");
    }
    // What the program does not keep yet still says so.
    let coarse = policy_of(|text| {
        text.replace("door log 26 hours after recorded", "door log 26 hours after moved out")
    });
    assert_eq!(proof::obligations(&coarse)["ACME-01"], []);
    let staged = policy_of(|text| {
        text.replace(
            "door log 26 hours after recorded",
            "door log 2 years after recorded, archived for 1 year",
        )
    });
    assert_eq!(proof::obligations(&staged)["ACME-01"], []);
}

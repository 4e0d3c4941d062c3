//! Rows that go one by one, read a second time: by counting hours and days on a number line, without the program's
//! clocks, phrases or grounds. Random rows written at random hours, some replaced, looked at at random hours.

use custody::coverage::{Datum, Role, covered};
use custody::id::{EngagementId, PersonId};
use custody::life::{HeldCategory, Kept, Life};
use custody::{Moment, Now, settle, settled};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use policy::Policy;
use policy::source::File;
use proptest::prelude::*;

use crate::common;

fn policy() -> Policy {
    let text = include_str!("../../../policy/tests/each.policy").to_owned();
    let (policy, found) = Policy::read(vec![File { name: "each.policy".to_owned(), text }]);
    policy.unwrap_or_else(|| panic!("{found:#?}"))
}

const KINDS: &[(&str, &str)] = &[
    ("door log", "entry"),
    ("visit note", "entry"),
    ("risk assessment", "document"),
    ("meter reading", "item"),
    ("message record", "message"),
    ("name", "item"),
];

/// A row: which kind, how many hours after the beginning it was written and, of messages, sent; on which stay; and how
/// many days before it was written it says that it is of.
#[derive(Clone, Debug)]
struct Row {
    kind: usize,
    hours: i64,
    sent_after: Option<i64>,
    on: Option<i64>,
    dated_back: i32,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0..KINDS.len(),
        0_i64..40_000,
        proptest::option::of(0_i64..50),
        proptest::option::of(1_i64..3),
        prop_oneof![3 => Just(0), 1 => 0..400],
    );
    let row = row.prop_map(|(kind, hours, sent_after, on, dated_back)| Row {
        kind,
        hours,
        sent_after,
        on,
        dated_back,
    });
    proptest::collection::vec(row, 1..14)
}

const BEGIN: Timestamp = Timestamp::constant(1_704_067_200, 0);

fn at(hours: i64) -> Timestamp {
    BEGIN.checked_add(SignedDuration::from_hours(hours)).unwrap()
}

fn local(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(TimeZone::get("Europe/London").unwrap())
}

fn kept(policy: &Policy, row: &Row, id: i64) -> Kept {
    let (kind, table) = KINDS[row.kind];
    let recorded = local(at(row.hours));
    let (detail, message) = (table == "item", table == "message");
    let dated = recorded.date().checked_sub(row.dated_back.days()).unwrap();
    Kept {
        datum: Datum {
            table,
            id,
            kind: common::kind(policy, kind),
            people: vec![(PersonId(1), Role::Subject)],
            engagements: row
                .on
                .filter(|_| !detail && !message)
                .map(|on| (EngagementId(on), None))
                .into_iter()
                .collect(),
            paper: false,
        },
        dated: Some(if detail { recorded.date() } else { dated }),
        recorded: if detail { recorded.date().into() } else { Moment::at(recorded) },
        closed_on: None,
        sent: row.sent_after.filter(|_| message).map(|after| Moment::at(local(at(row.hours + after)))),
    }
}

/// The last day of a row written on a day: so many days, or years with their odd days.
fn plus(day: Date, years: i16, days: i64) -> Date {
    let of_year = |of_month: i8| Date::new(day.year() + years, day.month(), of_month).ok();
    let moved = of_year(day.day()).or_else(|| of_year(28)).unwrap();
    (0..days).fold(moved, |day, _| day.tomorrow().unwrap())
}

/// Whether the model still holds a row at an hour.
fn stands(all: &[Kept], row: &Kept, name: &str, now: Timestamp) -> bool {
    let today = local(now).date();
    let replaced_on = || {
        let order = |kept: &Kept| {
            let at = kept.recorded.at.as_ref().map(jiff::Zoned::timestamp);
            (kept.dated, kept.recorded.day, at, kept.datum.id)
        };
        all.iter()
            .filter(|other| {
                other.datum.kind == row.datum.kind && other.datum.engagements == row.datum.engagements
            })
            .filter(|other| order(other) > order(row))
            .map(|other| other.recorded.day.max(row.recorded.day))
            .min()
    };
    match name {
        "door log" => now < row.recorded.at.as_ref().unwrap().timestamp() + SignedDuration::from_hours(26),
        "message record" => match &row.sent {
            Some(sent) => now < sent.at.as_ref().unwrap().timestamp() + SignedDuration::from_hours(48),
            None => true,
        },
        "visit note" => today <= plus(row.recorded.day, 0, 30),
        "risk assessment" => {
            replaced_on().is_none_or(|on| today < on) || today <= plus(row.recorded.day, 3, 0)
        }
        "meter reading" => replaced_on().is_none_or(|on| today < on),
        _ => true,
    }
}

fn agree(policy: &Policy, rows: &[Row], looks: &[i64]) {
    let mut life = Life::new(PersonId(1));
    let category = common::category(policy, "resident");
    life.categories.push(HeldCategory { category, since: date(2024, 1, 1), until: None });
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.hours);
    let last = rows.last().map_or(0, |row| row.hours);
    for (id, row) in (1_i64..).zip(&rows) {
        life.records.push(kept(policy, row, id));
        let today = local(at(row.hours)).date();
        let changes = settle(policy, &life, today);
        life = settled(&life, &changes, today, id * 100);
        assert_eq!(settle(policy, &life, today), [], "settled is settled");
    }
    for look in looks {
        let now = at(last + look);
        let today = local(now).date();
        let changes = settle(policy, &life, today);
        let settled = settled(&life, &changes, today, 100_000);
        for (row, kept) in rows.iter().zip(&life.records) {
            let name = KINDS[row.kind].0;
            let program = covered(policy, &settled, &kept.datum, Now::at(today, now));
            assert_eq!(
                program,
                stands(&life.records, kept, name, now),
                "{name} {row:?} at {now}\n{settled:#?}"
            );
        }
        // The day the sweep must look again is the first on which something still here goes, or lies behind.
        for ground in settled.grounds.iter().filter(|ground| ground.active(today)) {
            let rule = &policy.rules[ground.rule.index()];
            let theirs =
                rows.iter().zip(&life.records).filter(|(_, kept)| rule.kinds.contains(kept.datum.kind));
            for (row, kept) in theirs.filter(|_| rule.by_row) {
                let after = ground.row.and_then(|row| row.on.tomorrow().ok());
                let still = |day: Date| {
                    let midnight = day.to_zoned(TimeZone::get("Europe/London").unwrap()).unwrap().timestamp();
                    stands(&life.records, kept, KINDS[row.kind].0, midnight)
                };
                let first = (0..1500).filter_map(|ahead| today.checked_add(i64::from(ahead).days()).ok());
                let goes = first.into_iter().find(|day| !still(*day));
                assert!(
                    goes.is_none_or(|goes| after.is_some_and(|after| after <= goes)),
                    "{row:?} goes on {goes:?} and nobody looks before {after:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..crate::config() })]

    #[test]
    fn each_row_goes_when_its_own_time_ends(
        rows in rows(),
        looks in proptest::collection::vec(prop_oneof![0_i64..60, 0_i64..900, 0_i64..40_000], 1..4),
    ) {
        thread_local! { static POLICY: Policy = policy(); }
        POLICY.with(|policy| agree(policy, &rows, &looks));
    }
}

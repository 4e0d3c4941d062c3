//! A night that is only tried says what the night then does: in each organisation's world, month after month.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;

use app::instance::Instance;
use app::world::PACKS;
use jiff::ToSpan;
use jiff::civil::Date;
use store::sweep::{self, Report};

use super::at_its_end;

/// How many months each world goes on after its story.
const MONTHS: i64 = 48;

/// What both must say: rows by kind; people gone, links cut, tasks; what is kept, and why.
fn said(report: &Report) -> (BTreeMap<String, u32>, [u32; 3], [u32; 4]) {
    let kept = [report.held, report.restricted, report.for_requests, report.untold];
    (report.disposed.clone(), [report.gone, report.cut, report.tasks], kept)
}

fn world(name: &str) {
    let pack = PACKS.iter().find(|pack| pack.name == name).unwrap();
    let (data, secret) = at_its_end(pack);
    let instance = Instance::open(data.path(), None, &secret).unwrap();
    let policy = instance.policy();
    let first: Date = instance.clock.today();
    let mut went = 0;
    for month in 0..MONTHS {
        let day = first.checked_add(month.months()).expect("a day");
        let now = instance.clock.at(day, 2);
        let night = |dry| sweep::run(&instance.store, &policy, day, &|| now, dry).unwrap();
        let (tried, done) = (night(true), night(false));
        assert_eq!(said(&tried), said(&done), "{name}, the night of {day}");
        went += done.rows();
    }
    assert!(went > 50, "{name}: {went} rows went in {MONTHS} months");
}

#[test]
fn cti() {
    world("cti");
}

#[test]
fn cmp() {
    world("cmp");
}

#[test]
fn cli() {
    world("cli");
}

#[test]
fn blue_turtle() {
    world("blue-turtle");
}

#[test]
fn chorus() {
    world("chorus");
}

//! A night that is only tried says what the night then does: in each organisation's world, month after month.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;
use std::path::Path;

use app::instance::Instance;
use app::world::{PACKS, World, play};
use jiff::ToSpan;
use jiff::civil::Date;
use store::keys::Secret;
use store::sweep::{self, Report};

/// How many months each world goes on after its story.
const MONTHS: i64 = 48;

/// What both must say: rows by kind; people gone, links cut, tasks; what is kept, and why.
fn said(report: &Report) -> (BTreeMap<String, u32>, [u32; 3], [u32; 4]) {
    let kept = [report.held, report.restricted, report.for_requests, report.untold];
    (report.disposed.clone(), [report.gone, report.cut, report.tasks], kept)
}

fn world(name: &str) {
    let pack = PACKS.iter().find(|pack| pack.name == name).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../worlds/{name}.toml"));
    let world = World::read(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (data, secret) = (tempfile::tempdir().unwrap(), Secret::random().unwrap());
    let policy = pack.policy().unwrap();
    let instance = Instance::create(data.path(), None, &secret, policy, Some(world.begins)).unwrap();
    play(&instance, &world).unwrap();
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

//! Every policy that comes with the program is sound, formatted, keeps all its promises' ids, and has a world that
//! plays to its end with nothing broken, and a year on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use app::acts::proof;
use app::instance::Instance;
use app::jobs::night;
use app::world::{PACKS, Pack, World, play};
use custody::proof::Verdict;
use jiff::civil::date;
use policy::diagnostic::{Severity, render};
use policy::source::File;
use store::keys::Secret;

/// Each organisation's promises: how many there are, numbered from 1.
const PROMISES: &[(&str, &str, usize)] = &[
    ("cti", "CTI", 25),
    ("cmp", "CMP", 33),
    ("cli", "CLI", 38),
    ("blue-turtle", "BT", 34),
    ("chorus", "CHO", 26),
];

#[test]
fn every_pack_is_sound_and_formatted() {
    for pack in PACKS {
        let policy = pack.policy().unwrap();
        let found = policy::check::check(&policy, date(2026, 11, 23));
        let open: Vec<_> = found
            .into_iter()
            .filter(|finding| finding.accepted.is_none() && finding.severity == Severity::Error)
            .collect();
        assert!(open.is_empty(), "{}", render(&open, &policy.files, false));
        let file = File { name: pack.file.to_owned(), text: pack.policy.to_owned() };
        assert_eq!(policy::fmt::format(&file).as_deref(), Ok(pack.policy), "{}", pack.name);
    }
}

#[test]
fn every_promise_stands_on_a_clause() {
    let mut all = 0;
    for (name, prefix, count) in PROMISES {
        let policy = Pack::named(name).unwrap().policy().unwrap();
        let expected: BTreeSet<String> = (1..=*count).map(|number| format!("{prefix}-{number:02}")).collect();
        let stated: BTreeSet<String> = policy.promises.keys().cloned().collect();
        assert_eq!(stated, expected, "{name}");
        all += stated.len();
    }
    assert_eq!(all, 156);
}

#[test]
fn the_sign_in_shown_is_somebodys() {
    for pack in PACKS {
        let world = pack.world().unwrap();
        assert_eq!(
            world.staff.first().map(|first| first.email.as_str()),
            Some(pack.sign_in),
            "{}",
            pack.name
        );
        assert_eq!(pack.policy().unwrap().name, pack.title);
    }
}

/// How many promises of a world may be kept with nothing to look at.
const EMPTY_MAX: usize = 3;

/// Plays a world as it lies in its file, which need not be compiled in again to be tried.
fn holds_for_a_year(name: &str, people_at_least: i64) {
    let pack = Pack::named(name).unwrap();
    let file = format!("{}/../../worlds/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let world = World::read(&std::fs::read_to_string(file).unwrap()).unwrap();
    let data = tempfile::tempdir().unwrap();
    let secret = Secret::random().unwrap();
    let instance =
        Instance::create(data.path(), None, &secret, pack.policy().unwrap(), Some(world.begins)).unwrap();
    play(&instance, &world).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    let seen = proof::look(&instance, None).unwrap();
    let broken: Vec<_> = seen.found.iter().filter(|found| found.verdict == Verdict::Broken.word()).collect();
    assert!(broken.is_empty(), "{name}: {broken:?}");
    let people = instance.store.read(store::person::count).unwrap();
    assert!(people >= people_at_least, "{name} holds {people} people");
    // A proof that looks at nothing proves nothing: each world has what its promises speak of.
    let empty = seen.found.iter().filter(|found| {
        found.verdict == Verdict::Kept.word() && found.figure.split("; ").all(|said| said.starts_with("0 "))
    });
    let empty: Vec<&str> = empty.map(|found| found.id.as_str()).collect();
    assert!(empty.len() <= EMPTY_MAX, "{name}: {:?}", figures(&seen, &empty));
    for month in 1..=12 {
        let day = world.today.checked_add(jiff::Span::new().months(month)).unwrap();
        instance.set_practice_clock(instance.clock.at(day, 9)).unwrap();
        night::run(&instance, day).unwrap();
    }
}

fn figures<'s>(seen: &'s proof::Proof, ids: &[&str]) -> Vec<(&'s str, &'s str)> {
    let named = seen.found.iter().filter(|found| ids.contains(&found.id.as_str()));
    named.map(|found| (found.id.as_str(), found.figure.as_str())).collect()
}

#[test]
fn the_world_of_cmp_holds_for_a_year() {
    holds_for_a_year("cmp", 25);
}

#[test]
fn the_world_of_cli_holds_for_a_year() {
    holds_for_a_year("cli", 25);
}

#[test]
fn the_world_of_blue_turtle_holds_for_a_year() {
    holds_for_a_year("blue-turtle", 25);
}

#[test]
fn the_world_of_chorus_holds_for_a_year() {
    holds_for_a_year("chorus", 25);
}

//! Every policy that comes with the program is sound, formatted, and keeps all its promises' ids. That its world plays to
//! its end with nothing broken, and on, is looked at night by night in `robust/years.rs`.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use app::world::{PACKS, Pack};
use jiff::civil::date;
use policy::diagnostic::{Severity, render};
use policy::source::File;

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

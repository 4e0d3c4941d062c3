//! Every policy that comes with the program is sound, formatted, and keeps all its promises' ids. That its world plays to
//! its end with nothing broken, and on, is looked at night by night in `robust/years.rs`.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use app::fault::Fault;
use app::instance::Instance;
use app::world::{PACKS, Pack, World, play};
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

/// A story of one day, in which somebody comes on as of an organisation.
fn comes_on(category: &str) -> Result<(), Fault> {
    let world = format!(
        "begins = \"2026-11-02\"\ntoday = \"2026-11-02\"\n\
         [[staff]]\nkey = \"nadia\"\nname = \"Nadia Frost\"\nemail = \"nadia.frost@cmp.example\"\nrole = \"information manager\"\n\
         [[organisation]]\nkey = \"acorn\"\nname = \"Acorn Homes\"\n\
         [[person]]\nkey = \"freya\"\nas = \"{category}\"\non = \"2026-11-02\"\nat = \"acorn\"\nname = \"Freya Munn\"\n"
    );
    let world = World::read(&world).unwrap();
    let data = tempfile::tempdir().unwrap();
    let policy = Pack::named("cmp").unwrap().policy().unwrap();
    let instance =
        Instance::create(data.path(), None, &Secret::random().unwrap(), policy, Some(world.begins)).unwrap();
    play(&instance, &world)
}

#[test]
fn nobodys_organisation_is_kept_where_no_activity_has_it() {
    comes_on("commissioner").unwrap();
    let refused = comes_on("enquirer").unwrap_err().to_string();
    assert!(refused.contains("organisation"), "{refused}");
}

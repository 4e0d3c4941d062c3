//! Every policy that comes with the program is sound, formatted, and keeps all its promises' ids. That its world plays to
//! its end with nothing broken, and on, is looked at night by night in `robust/years.rs`.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::collections::BTreeSet;

use app::acts::{Acting, engagement};
use app::fault::Fault;
use app::instance::Instance;
use app::jobs::night;
use app::world::{PACKS, Pack, World, play};
use custody::id::EngagementId;
use jiff::civil::date;
use policy::Sort;
use policy::diagnostic::{Severity, render};
use policy::source::File;
use store::keys::Secret;

use super::common::{Data, changed, played};

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

/// Records the next milestone of every piece of work under way in Blue Turtle's world, one a day. How many rows went and
/// how many tasks were made, which must be as many as the page said before.
fn tonight_is_as_said(from: &str, to: &str) -> (u64, u64) {
    let file = format!("{}/../../worlds/blue-turtle.toml", env!("CARGO_MANIFEST_DIR"));
    let world = std::fs::read_to_string(file).unwrap();
    let data = Data::on(None);
    let policy = changed("blue-turtle", &[(from, to)]);
    let instance = played(&data, &Secret::random().unwrap(), policy, &world);
    let store = &instance.store;
    let count = |sql: &str, work: EngagementId| {
        store.read(|tx| tx.count(sql, &[work.into()])).unwrap().unsigned_abs()
    };
    const HELD: &str = "SELECT (SELECT COUNT(*) FROM document_work WHERE engagement_id = ?1)
        + (SELECT COUNT(*) FROM entry_work WHERE engagement_id = ?1)";
    const OWED: &str = "SELECT COUNT(*) FROM task WHERE engagement_id = ?1 AND done_on IS NULL
        AND kind IN ('return', 'deliver', 'destroy paper') AND about IS NOT NULL AND owner_id IS NOT NULL";
    let works: Vec<EngagementId> = store
        .read(|tx| {
            tx.all("SELECT id FROM engagement WHERE closed_on IS NULL ORDER BY id", &[], |row| {
                Ok(EngagementId(row.int(0)?))
            })
        })
        .unwrap();
    let (mut went, mut waits) = (0, 0);
    for work in works {
        let today = instance.clock.today();
        let (held, owed) = (count(HELD, work), count(OWED, work));
        let said = store.write(|tx| {
            let vera = store::staff::all(tx)?
                .into_iter()
                .find(|account| account.role == "managing director")
                .unwrap();
            let acting = Acting::staff(&instance, vera)?;
            let hand = engagement::on_hand(&acting, tx, work)?;
            let Some(next) = engagement::next(hand.work, &engagement::happened(tx, work)?) else {
                return Ok(None);
            };
            let said = engagement::ahead(&acting, tx, &hand, Some((next, today)))?;
            engagement::record(&acting, tx, work, next, today)?;
            Ok::<_, Fault>(Some(said))
        });
        let Ok(Some(said)) = said else { continue };
        let of_work = |lines: &[engagement::Line]| {
            let lines = lines.iter().filter(|line| matches!(line.sort, Sort::Entry | Sort::Document));
            lines.map(|line| line.count).sum::<u64>()
        };
        let day = today.tomorrow().unwrap();
        instance.set_practice_clock(instance.clock.at(day, 9)).unwrap();
        night::run(&instance, day).unwrap();
        assert_eq!(held - count(HELD, work), of_work(&said.goes), "{said:?}");
        assert_eq!(count(OWED, work) - owed, of_work(&said.waits), "{said:?}");
        went += of_work(&said.goes);
        waits += of_work(&said.waits);
    }
    (went, waits)
}

#[test]
fn what_is_said_before_a_milestone_happens_in_its_night() {
    let (went, waits) = tonight_is_as_said("then erase", "then erase");
    assert!(went > 2, "letters, and what was handed over: {went}");
    assert_eq!(waits, 0, "what was handed over is not to be delivered again");
    let (_, waits) = tonight_is_as_said(
        "deliver to employer unless handed over, then erase",
        "deliver to employer, then erase",
    );
    assert!(waits > 1, "a policy that says so has somebody deliver it: {waits}");
}

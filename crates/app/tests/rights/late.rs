//! What ended before anybody wrote it down is for the night after it was: until then nothing is late, and after that it is.

use app::acts::person::{self, NewPerson};
use app::acts::request::{self as desk, Arrived, Who};
use custody::id::PersonId;
use custody::proof::Verdict;
use jiff::civil::{Date, date};

use super::common::{newcomer, night};
use super::house::{House, on_both};

/// Somebody who is held for nothing but news.
pub(super) fn supporter(house: &House) -> PersonId {
    house
        .act(|acting, tx| {
            let new = NewPerson {
                collected_on: Some(acting.today),
                agreed: vec!["supporters".into()],
                shown: Some((
                    store::consent::Shows::InPerson,
                    "told us when they gave their details".to_owned(),
                )),
                ..newcomer("supporter", "the person", &[("name", "Nia Reed"), ("email", "nia@post.example")])
            };
            person::add(acting, tx, &new)
        })
        .unwrap()
}

/// What is broken, with what breaks it.
pub(super) fn broken(house: &House) -> Vec<String> {
    let (policy, clock) = (house.instance.policy(), &house.instance.clock);
    let findings = store::prove::run(&house.instance.store, &policy, clock.now(), clock.today()).unwrap();
    let broken = findings.into_iter().filter(|finding| finding.verdict == Verdict::Broken);
    broken.map(|finding| format!("{}: {:?}", finding.id, finding.counterexamples)).collect()
}

fn stopped_late(house: &House, who: PersonId, received: Date) {
    let new = Arrived {
        ask: "advertising".into(),
        who: Who::Held(who),
        received_on: received,
        channel: "letter".into(),
        words: String::new(),
    };
    house.act(|acting, tx| desk::open(acting, tx, &new)).unwrap();
}

#[test]
fn a_stop_that_was_written_down_days_later_is_dealt_with_by_the_night_after_it_was() {
    on_both(|house| {
        let nia = supporter(house);
        house.go_to(date(2026, 11, 10));
        let before = broken(house);
        stopped_late(house, nia, date(2026, 11, 6));
        assert_eq!(broken(house), before, "nobody could have known it sooner");
        // Behind the program's back it is as if it had been known on its day.
        let known = "UPDATE ground SET dated_on = NULL WHERE state = 'stopped' AND cause = 'objected'";
        house.spoil(known);
        let late = broken(house);
        assert!(late.len() > before.len(), "{late:?}");
        assert!(
            late.iter().any(|one| one.contains(&format!("of person {nia} is held without a ground"))),
            "{late:?}"
        );
        house.spoil(
            "UPDATE ground SET dated_on = '2026-11-10' WHERE state = 'stopped' AND cause = 'objected'",
        );
        // A night that did not come is late from three in the morning.
        house.go_to(date(2026, 11, 11));
        assert!(broken(house).len() > before.len());
        night(&house.instance, date(2026, 11, 11));
        assert_eq!(broken(house), before);
        let sql = format!("SELECT COUNT(*) FROM item WHERE person_id = {nia}");
        assert_eq!(house.read(|tx| tx.count(&sql, &[])), 0);
    });
}

#[test]
fn an_end_that_its_own_day_announced_is_late_whoever_looks_at_it_again() {
    on_both(|house| {
        let nia = supporter(house);
        house.go_to(date(2029, 1, 10));
        let before = broken(house);
        assert!(before.iter().any(|one| one.contains("still stands")), "{before:?}");
        // Settling marks what was over for weeks; it was known all the time.
        house.act(|acting, tx| acting.settle(tx, nia)).unwrap();
        let after = broken(house);
        assert!(after.iter().any(|one| one.contains("is held without a ground")), "{after:?}");
    });
}

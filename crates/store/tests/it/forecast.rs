//! What is foretold is what the sweep does, and the history of the proof says what it was told; on both databases.

use jiff::civil::{Date, date};
use store::forecast::{self, Asked, Line, Which};
use store::proof_run::{self, Found, Run};
use store::reach::{Part, Reach};
use store::{Store, hold, sweep};

use crate::harness::policy;
use crate::story::{complete, noon, tara};

fn asked(reach: &Reach, today: Date) -> Asked<'_> {
    let (from, until) = forecast::window(today, 12);
    Asked { reach, today, from, until, activity: None, awaiting: None }
}

fn lines(store: &Store, reach: &Reach, today: Date, which: Which) -> Vec<Line> {
    let asked = asked(reach, today);
    let counted = store.read(|tx| forecast::counts(tx, &asked, which)).unwrap();
    let mut all: Vec<Line> = Vec::new();
    loop {
        let after = all.last().map(|line| line.ground);
        let some = store.read(|tx| forecast::page(tx, &asked, which, after, 1)).unwrap();
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    assert_eq!(counted.iter().map(|one| one.count).sum::<i64>(), i64::try_from(all.len()).unwrap());
    all
}

#[test]
fn twelve_months_are_twelve_months_from_today() {
    assert_eq!(forecast::window(date(2026, 11, 23), 12), (date(2026, 11, 23), date(2027, 11, 22)));
    assert_eq!(
        forecast::window(date(2024, 2, 29), 12).1,
        date(2025, 2, 27),
        "the last of a shorter month begins one"
    );
    assert_eq!(forecast::window(date(2026, 11, 1), 1).1, date(2026, 11, 30));
}

#[test]
fn every_day_of_twelve_months_is_in_one_of_twelve() {
    let mut today = date(2026, 11, 1);
    while today < date(2028, 4, 1) {
        let (from, until) = forecast::window(today, 12);
        let periods = forecast::periods(from, until);
        assert_eq!(periods.len(), 12, "{today}");
        assert_eq!((periods[0].0, periods[11].1), (from, until));
        for two in periods.windows(2) {
            assert_eq!(two[0].1.tomorrow().unwrap(), two[1].0, "{today}");
        }
        today = today.tomorrow().unwrap();
    }
    assert_eq!(
        forecast::periods(date(2027, 1, 31), date(2027, 3, 30)).last(),
        Some(&(date(2027, 2, 28), date(2027, 3, 30)))
    );
}

both! {
    fn what_is_foretold_is_what_the_sweep_does(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let today = date(2026, 3, 31);
        let everyone = Reach::Everyone;
        let waits = lines(store, &everyone, today, Which::Awaiting);
        assert!(waits.iter().any(|line| line.awaiting.as_deref() == Some("completed")), "{waits:?}");
        complete(store, &policy, &tara, today);
        let dated = lines(store, &everyone, today, Which::Dated);
        let coaching = dated.iter().find(|line| line.activity == "coaching").unwrap();
        assert_eq!((coaching.person, coaching.on), (tara.person, Some(date(2026, 9, 30))), "{dated:?}");
        let months = store.read(|tx| forecast::months(tx, &asked(&everyone, today))).unwrap();
        assert_eq!(months.iter().map(|month| month.last_days).sum::<i64>(), i64::try_from(dated.len()).unwrap());
        assert!(months.iter().any(|month| (month.from, month.until) == (date(2026, 9, 30), date(2026, 10, 30)) && month.activity == "coaching"), "{months:?}");
        let foretold = store.read(|tx| {
            let life = store::life::load(tx, &policy, tara.person, today)?;
            forecast::night(tx, &policy, &life, coaching, today)
        }).unwrap();
        assert_eq!(foretold.goes.get("coaching notes"), Some(&1), "{foretold:?}");

        // Nobody out of reach is counted; whoever is on hold is counted beside.
        for reach in [Reach::Some(Vec::new()), Reach::Some(vec![Part { categories: vec!["supplier".to_owned()], assigned_to: None, today }])] {
            for which in [Which::Dated, Which::Whole, Which::Kept, Which::Ended, Which::Review, Which::Awaiting] {
                assert_eq!(lines(store, &reach, today, which), [], "{which:?}");
            }
        }
        store.write(|tx| {
            let new = hold::NewHold {
                person: Some(tara.person), engagement: None, reason: "a claim", owner: tara.coach, since: today, review_on: date(2026, 6, 1),
            };
            hold::place(tx, &new, noon(today))
        }).unwrap();
        assert_eq!(lines(store, &everyone, today, Which::Dated), []);
        assert_eq!(lines(store, &everyone, today, Which::Kept).len(), dated.len());
        store.write(|tx| tx.exec("UPDATE hold SET ended_on = '2026-04-01'", &[])).unwrap();
        let night = date(2026, 10, 1);
        let report = sweep::run(store, &policy, night, &|| noon(night), false).unwrap();
        for (kind, count) in &foretold.goes {
            assert_eq!(report.disposed.get(kind), Some(count), "{kind}: {report:?}");
        }
    }

    fn a_promise_has_its_history(store) {
        let run = |on: Date, verdict: &str, broken: i64, words: &str| {
            let run = Run { id: 0, at: noon(on), on, version: 1, by_hand: false, took_ms: 12, counts: [1, 0, 0, 0] };
            let found = Found {
                run: 0, promise: "CTI-13".into(), verdict: verdict.into(), figure: "1 ground".into(), broken, words: words.into(),
            };
            store.write(|tx| proof_run::record(tx, &run, std::slice::from_ref(&found))).unwrap()
        };
        let standing = || store.read(|tx| proof_run::standing(tx, "CTI-13")).unwrap();
        assert_eq!((standing().kept_since, standing().broken), (None, None));
        let first = run(date(2026, 11, 1), "kept", 0, "");
        run(date(2026, 11, 2), "kept", 0, "");
        assert_eq!(standing().kept_since, Some(date(2026, 11, 1)));
        run(date(2026, 11, 3), "broken", 2, "a ground of a person");
        assert_eq!(standing().kept_since, None);
        run(date(2026, 11, 4), "attested", 0, "");
        run(date(2026, 11, 5), "kept", 0, "");
        assert_eq!(standing().kept_since, Some(date(2026, 11, 4)));
        assert_eq!(standing().broken, Some((date(2026, 11, 3), 2, "a ground of a person".to_owned())));
        assert_eq!(store.read(|tx| proof_run::found_since(tx, first)).unwrap().len(), 5);
        store.write(|tx| proof_run::tidy(tx, date(2026, 11, 4))).unwrap();
        assert_eq!(store.read(|tx| proof_run::latest(tx, 9)).unwrap().len(), 2);
        assert_eq!(standing().broken, None);
        assert_eq!(store.read(|tx| proof_run::since(tx, date(2026, 1, 1))).unwrap(), (2, 0));
    }
}

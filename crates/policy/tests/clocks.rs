//! What holds of every clock, whatever the phrase and whatever is known.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

use jiff::Span as Period;
use jiff::civil::Date;
use policy::clock::{Agreed, Clock, Facts, Outcome, clock};
use policy::phrase::{Event, Phrase, Which};
use proptest::prelude::*;

const EVENTS: [&str; 4] = ["completed", "sent", "closed", "left"];

fn day() -> impl Strategy<Value = Date> {
    (2000i16..2100, 1i8..=12, 1i8..=31)
        .prop_filter_map("a day of the calendar", |(y, m, d)| Date::new(y, m, d).ok())
}

fn period() -> impl Strategy<Value = Period> {
    prop_oneof![
        (1i64..90).prop_map(|days| Period::new().days(days)),
        (1i64..40).prop_map(|months| Period::new().months(months)),
        (1i64..9).prop_map(|years| Period::new().years(years)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    (0..EVENTS.len(), prop_oneof![Just(Which::Only), Just(Which::First), Just(Which::Last)])
        .prop_map(|(at, which)| Event { name: EVENTS[at].to_owned(), which })
}

fn part() -> impl Strategy<Value = Phrase> {
    prop_oneof![
        (period(), event()).prop_map(|(period, event)| Phrase::After { period, event }),
        event().prop_map(Phrase::Until),
        Just(Phrase::Indefinitely),
    ]
}

fn phrase() -> impl Strategy<Value = Phrase> {
    part().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Phrase::Earlier),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Phrase::Later),
            (inner.clone(), inner).prop_map(|(a, b)| Phrase::AtMost(Box::new(a), Box::new(b))),
        ]
    })
}

/// One day at most for each event, so that a fact is never replaced, only added.
fn facts() -> impl Strategy<Value = Facts> {
    prop::collection::vec(prop::option::of(day()), EVENTS.len()).prop_map(|days| {
        let known = EVENTS.iter().zip(days).filter_map(|(event, day)| Some((event, day?)));
        known.fold(Facts::default(), |facts, (event, day)| facts.with(event, day))
    })
}

fn run(phrase: &Phrase, facts: &Facts) -> Clock {
    clock(phrase, None, None, facts, jiff::civil::date(2026, 1, 1))
}

/// Later is greater; what has no day is greatest.
fn end(clock: &Clock) -> (bool, Option<Date>) {
    match clock.outcome {
        Outcome::Due { on, .. } => (false, Some(on)),
        _ => (true, None),
    }
}

proptest! {
    #[test]
    fn another_branch_of_the_earlier_never_makes_it_later(a in phrase(), b in phrase(), facts in facts()) {
        let alone = run(&a, &facts);
        let both = run(&Phrase::Earlier(vec![a, b]), &facts);
        prop_assert!(end(&both) <= end(&alone));
    }

    #[test]
    fn another_branch_of_the_later_never_makes_it_earlier(a in phrase(), b in phrase(), facts in facts()) {
        let alone = run(&a, &facts);
        let both = run(&Phrase::Later(vec![a, b]), &facts);
        prop_assert!(end(&both) >= end(&alone));
    }

    #[test]
    fn the_order_of_branches_never_matters(parts in prop::collection::vec(phrase(), 2..5), facts in facts()) {
        let mut turned = parts.clone();
        turned.reverse();
        let sorted = |clock: Clock| match clock.outcome {
            Outcome::Awaiting(mut events) => { events.sort(); Outcome::Awaiting(events) }
            other => other,
        };
        prop_assert_eq!(sorted(run(&Phrase::Earlier(parts.clone()), &facts)), sorted(run(&Phrase::Earlier(turned.clone()), &facts)));
        prop_assert_eq!(sorted(run(&Phrase::Later(parts), &facts)), sorted(run(&Phrase::Later(turned), &facts)));
    }

    #[test]
    fn a_cap_caps(inner in phrase(), cap in phrase(), facts in facts()) {
        let capped = run(&Phrase::AtMost(Box::new(inner), Box::new(cap.clone())), &facts);
        prop_assert!(end(&capped) <= end(&run(&cap, &facts)));
    }

    #[test]
    fn learning_that_something_happened_never_lengthens_a_phrase_without_later(
        parts in prop::collection::vec(part(), 1..5), facts in facts(), happened in 0..EVENTS.len(), on in day(),
    ) {
        prop_assume!(!facts.events.contains_key(EVENTS[happened]));
        let phrase = Phrase::Earlier(parts);
        let before = run(&phrase, &facts);
        let after = run(&phrase, &facts.clone().with(EVENTS[happened], on));
        prop_assert!(end(&after) <= end(&before));
        // And what was said to be able to shorten it is the only thing that did.
        if end(&after) < end(&before) && end(&before).1.is_some() {
            prop_assert!(before.may_shorten.iter().any(|event| event.ends_with(EVENTS[happened])));
        }
    }

    #[test]
    fn nothing_unknown_is_guessed(phrase in phrase(), facts in facts()) {
        let known = run(&phrase, &facts);
        for awaited in match &known.outcome { Outcome::Awaiting(events) => events.clone(), _ => Vec::new() } {
            let bare = awaited.trim_start_matches("first ").trim_start_matches("last ").to_owned();
            prop_assert!(!facts.events.contains_key(&bare), "{awaited} is known");
        }
    }

    #[test]
    fn an_agreed_period_stays_under_a_firm_cap(
        default in period(), agreed in period(), cap in period(), event in event(), facts in facts(), reasoned: bool,
    ) {
        let cap = Phrase::After { period: cap, event: event.clone() };
        let phrase = Phrase::Agreed {
            default: Box::new(Phrase::After { period: default, event }),
            by: "the person".into(),
            at_most: Some(Box::new(cap.clone())),
            normally: false,
        };
        let facts = Facts { agreed: Some(Agreed { period: agreed, reasoned }), ..facts };
        prop_assert!(end(&run(&phrase, &facts)) <= end(&run(&cap, &facts)));
    }

    #[test]
    fn months_land_in_the_right_month(from in day(), months in 1i64..60) {
        let phrase = Phrase::After { period: Period::new().months(months), event: Event::only("sent") };
        let Outcome::Due { on, .. } = run(&phrase, &Facts::default().with("sent", from)).outcome else { panic!("due") };
        let counted = i64::from(from.year()) * 12 + i64::from(from.month()) + months - 1;
        prop_assert_eq!((i64::from(on.year()), i64::from(on.month())), (counted / 12, counted % 12 + 1));
        prop_assert!(on.day() == from.day() || (on.day() < from.day() && on == on.last_of_month()));
    }

    #[test]
    fn reading_never_panics(text in "([a-z0-9,; é]{0,12}|until|6 months|after|completed|or|and|the later of|at most|every| ){0,9}") {
        let _ = policy::phrase::read_alone(&text);
    }
}

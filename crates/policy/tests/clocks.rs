//! What holds of every clock, whatever the phrase and whatever is known.

#![expect(clippy::indexing_slicing, reason = "a test may stop where it stands")]

use jiff::Span as Period;
use jiff::civil::Date;
use policy::clock::{Agreed, Clock, Facts, Outcome, clock};
use policy::phrase::{Condition, Event, Phrase, Which};
use proptest::prelude::*;

const EVENTS: [&str; 4] = ["completed", "sent", "closed", "left"];

/// What the language is made of.
const GRAMMAR: &[&str] = &[
    "6 months",
    "1 year",
    "26 hours",
    "31 December 2030",
    "2030-12-31",
    "after",
    "completed",
    "until",
    "while",
    "the earlier of",
    "the later of",
    "and",
    "or",
    ",",
    ";",
    "at most",
    "at least",
    "if",
    "under 16",
    "then",
    "otherwise",
    "longer while",
    "a dispute is open",
    "and then only",
    "name",
    "except those used in the report",
    "cleared out",
    "every 31 August",
    "review",
    "every 2 years",
    "ask",
    "30 days",
    "before",
    "no answer ends it",
    "tell the person",
    "stop calling",
    "erase",
    "anonymise",
    "archive for",
    "never",
    "the latest",
    "those of the last",
    "as",
    "\"the funder\"",
    "requires",
    "rolling",
    "the end of the tax year of",
    "the last of their",
    "orders closed",
    "they turn 18",
    "the last of the people on it is 21",
    "to",
    "about",
    "necessary",
    "\"",
];

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

fn condition() -> impl Strategy<Value = Condition> {
    (0..2usize).prop_map(|at| {
        let fact = ["dispute open", "upheld"][at].to_owned();
        Condition::Is { written: fact.clone(), fact, value: "yes".to_owned() }
    })
}

fn phrase() -> impl Strategy<Value = Phrase> {
    part().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Phrase::Earlier),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Phrase::Later),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Phrase::AtMost(Box::new(a), Box::new(b))),
            (condition(), inner.clone(), inner.clone())
                .prop_map(|(so, a, b)| Phrase::Cases { cases: vec![(so, a)], otherwise: Box::new(b) }),
            (inner.clone(), condition())
                .prop_map(|(a, during)| Phrase::Longer { phrase: Box::new(a), during }),
            (inner, period()).prop_map(|(a, period)| Phrase::More { phrase: Box::new(a), period }),
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
        parts in prop::collection::vec(part(), 1..5), mut facts in facts(), happened in 0..EVENTS.len(), on in day(),
    ) {
        facts.events.remove(EVENTS[happened]);
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
    fn a_case_that_is_not_known_has_no_date(a in phrase(), b in phrase(), so in condition(), facts in facts()) {
        let cases = Phrase::Cases { cases: vec![(so.clone(), a.clone())], otherwise: Box::new(b.clone()) };
        prop_assert!(matches!(run(&cases, &facts).outcome, Outcome::Awaiting(_)));
        let fact = so.facts()[0].to_owned();
        prop_assert_eq!(end(&run(&cases, &facts.clone().knowing(&fact, "yes"))), end(&run(&a, &facts.clone().knowing(&fact, "yes"))));
        prop_assert_eq!(end(&run(&cases, &facts.clone().knowing(&fact, "no"))), end(&run(&b, &facts.knowing(&fact, "no"))));
    }

    #[test]
    fn the_order_of_cases_never_changes_the_date_and_another_case_never_shortens_it(
        parts in prop::collection::vec(phrase(), 2..5), otherwise in phrase(), facts in facts(),
        known in prop::collection::vec(prop::option::of(any::<bool>()), 4), from in 0..4usize,
    ) {
        let so = |at: usize| Condition::Is { fact: format!("f{at}"), value: "yes".into(), written: format!("f{at}") };
        let all = |value: &str, facts: Facts| (0..4).fold(facts, |facts, at| match known[at] {
            Some(known) => facts.knowing(&format!("f{at}"), if known { "yes" } else { "no" }),
            None if value.is_empty() => facts,
            None => facts.knowing(&format!("f{at}"), value),
        });
        let facts_now = all("", facts.clone());
        let cases: Vec<(Condition, Phrase)> = parts.iter().enumerate().map(|(at, part)| (so(at), part.clone())).collect();
        let whole = |cases: Vec<(Condition, Phrase)>| Phrase::Cases { cases, otherwise: Box::new(otherwise.clone()) };
        let sorted = |clock: Clock| match clock.outcome {
            Outcome::Awaiting(mut events) => { events.sort(); Outcome::Awaiting(events) }
            other => other,
        };
        let mut turned = cases.clone();
        turned.rotate_left(from % cases.len());
        let mut reversed = turned.clone();
        reversed.reverse();
        let straight = run(&whole(cases.clone()), &facts_now);
        prop_assert_eq!(sorted(straight.clone()), sorted(run(&whole(turned), &facts_now)));
        prop_assert_eq!(sorted(straight.clone()), sorted(run(&whole(reversed), &facts_now)));
        // No case that is so ends after the whole does, and whatever is still to be learnt never makes a date earlier.
        for (at, part) in parts.iter().enumerate().filter(|(at, _)| known[*at] == Some(true)) {
            prop_assert!(end(&straight) >= end(&run(part, &facts_now)), "case {at}");
        }
        for value in ["yes", "no"] {
            let later = run(&whole(cases.clone()), &all(value, facts.clone()));
            if matches!(straight.outcome, Outcome::Due { .. }) {
                prop_assert_eq!(&later.outcome, &straight.outcome, "what was not awaited has moved it");
            }
        }
    }

    #[test]
    fn what_goes_on_longer_never_ends_before_it_would_have(a in phrase(), during in condition(), facts in facts(), on in day()) {
        let longer = Phrase::Longer { phrase: Box::new(a.clone()), during: during.clone() };
        let fact = during.facts()[0].to_owned();
        for known in ["yes", "no"] {
            let facts = facts.clone().knowing(&fact, known);
            prop_assert!(end(&run(&longer, &facts)) >= end(&run(&a, &facts)));
        }
        let mut ended = facts.knowing(&fact, "no");
        ended.known.insert(fact, policy::clock::Known { value: "no".into(), ended: Some(on) });
        let ends = end(&run(&longer, &ended));
        prop_assert!(ends >= end(&run(&a, &ended)) && (ends.0 || ends.1 >= Some(on)));
    }

    #[test]
    fn a_batch_runs_on_the_first_of_its_days(from in day(), month in 1i8..=12, of in 1i8..=28) {
        use policy::phrase::Batch;
        let batch = Batch::Yearly { month, day: of };
        let next = batch.next(from).unwrap();
        prop_assert!(next >= from && (next.month(), next.day()) == (month, of));
        prop_assert!(next.checked_sub(Period::new().years(1)).unwrap() < from);
        let end = Batch::MonthEnd.next(from).unwrap();
        prop_assert_eq!(end, from.last_of_month());
    }

    #[test]
    fn words_of_the_grammar_in_any_order_never_panic_and_give_no_date_of_nothing(
        words in prop::collection::vec(proptest::sample::select(GRAMMAR), 0..14)
    ) {
        let text = words.join(" ");
        if let Ok(read) = policy::phrase::read_alone(&text) {
            let nothing = read.clock(&Facts::default(), jiff::civil::date(2026, 1, 1));
            prop_assert!(!matches!(nothing.outcome, Outcome::Due { .. }) && nothing.review_on.is_none(), "{text}");
            let _ = read.words(policy::phrase::Voice::You);
        }
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

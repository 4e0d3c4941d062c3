//! Clauses by which each row goes by itself: which they are, and what hours come to.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it stands")]

use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use policy::clock::{Clock, Facts, Outcome};
use policy::phrase::read::read_alone;
use policy::source::File;
use policy::{Disposal, Policy};

fn policy() -> Policy {
    let text = include_str!("each.policy").to_owned();
    let (policy, found) = Policy::read(vec![File { name: "each.policy".to_owned(), text }]);
    policy.unwrap_or_else(|| panic!("{found:#?}"))
}

fn clock(phrase: &str, event: &str, at: &str) -> Clock {
    let at: DateTime = at.parse().unwrap();
    let mut facts = Facts::default();
    facts.put(event, Some(at.date()), Some(at.to_zoned(TimeZone::get("Europe/London").unwrap()).unwrap()));
    read_alone(phrase).unwrap().clock(&facts, date(2026, 1, 1))
}

#[test]
fn what_counts_from_a_row_goes_row_by_row() {
    let policy = policy();
    let by_row = |key: &str| policy.rule_keyed(key).unwrap_or_else(|| panic!("{key}")).by_row;
    for key in ["living/door log", "living/visit note", "living/risk assessment", "living/care note", "proof"]
    {
        assert!(by_row(key), "{key}");
    }
    assert!(!by_row("living"), "no longer a resident is the person's");
    let counts = |phrase: &str, milestones: &[&str]| {
        let milestones: Vec<String> = milestones.iter().map(|name| (*name).to_owned()).collect();
        read_alone(phrase).unwrap().phrase.counts_from_rows(&milestones)
    };
    assert!(counts("6 years after closed", &[]));
    assert!(!counts("6 years after closed", &["closed"]), "that is the work's own milestone");
    assert!(!counts("2 years after last sent", &[]), "the last of them is the person's");
    assert!(counts("the later of 1 year after recorded and 2 years after last contact", &[]));
    assert!(!counts("2 years after last contact", &[]));
}

#[test]
fn details_go_row_by_row_only_where_the_clause_says_so() {
    let policy = policy();
    let details = |key: &str| policy.rule_keyed(key).unwrap().details_by_row();
    assert!(details("living/meter reading") && details("living/visit note"));
    assert!(!details("proof") && !details("living/door log"));
}

#[test]
fn counting_and_forgetting_is_an_ending_of_its_own() {
    let policy = policy();
    assert_eq!(policy.rule_keyed("living/visit note").unwrap().then, Disposal::Count);
    assert_eq!(policy.rule_keyed("living/door log").unwrap().then, Disposal::Erase);
}

#[test]
fn hours_end_on_the_minute_whatever_the_clocks_do() {
    let ends = |phrase: &str, at: &str| {
        let clock = clock(phrase, "recorded", at);
        let at = clock.at.unwrap().to_zoned(TimeZone::get("Europe/London").unwrap()).datetime();
        assert!(matches!(clock.outcome, Outcome::Due { on, at_once: false } if on == at.date()), "{clock:?}");
        at.to_string()
    };
    assert_eq!(ends("26 hours after recorded", "2026-03-01T14:30"), "2026-03-02T16:30:00");
    // The clocks go forward on 29 March and back on 25 October: 26 hours are 26 hours.
    assert_eq!(ends("26 hours after recorded", "2026-03-28T20:00"), "2026-03-29T23:00:00");
    assert_eq!(ends("26 hours, rolling", "2026-10-24T20:00"), "2026-10-25T21:00:00");
    let midnight = clock("24 hours after recorded", "recorded", "2026-03-01T00:00");
    assert!(matches!(midnight.outcome, Outcome::Due { on, .. } if on == date(2026, 3, 1)), "{midnight:?}");
    assert_eq!(clock("26 days after recorded", "recorded", "2026-03-01T14:30").at, None);
}

#[test]
fn of_an_hour_and_a_day_the_sooner_counts() {
    let at = |phrase: &str| clock(phrase, "recorded", "2026-03-01T14:30");
    let sooner = at("26 hours after recorded, at most 1 day after recorded");
    assert!(matches!(sooner.outcome, Outcome::Due { on, .. } if on == date(2026, 3, 2)));
    assert!(sooner.at.is_some(), "the hour comes before the end of its day");
    let longer = at("26 hours after recorded, at least 1 day after recorded");
    assert_eq!(longer.at, None, "the whole day outlasts the hour");
}

#[test]
fn hours_of_what_has_only_a_day_are_known() {
    let phrase = |text: &str| read_alone(text).unwrap().phrase;
    assert!(!phrase("26 hours after recorded").hours_of_days(&[]));
    assert!(!phrase("2 years after contact").hours_of_days(&[]));
    assert!(phrase("26 hours after last contact").hours_of_days(&[]));
    assert!(phrase("26 hours after closed").hours_of_days(&[]));
    assert!(phrase("26 hours after sent").hours_of_days(&["sent".to_owned()]));
}

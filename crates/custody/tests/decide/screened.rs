//! Calls that promote us: only to numbers that were looked for in registers new enough.

use custody::gate::Screened;

use super::*;

fn call(policy: &Policy) -> Act {
    Act {
        verb: Verb::Call,
        deed: Some(Deed::Call),
        kinds: exactly(policy, &["name", "phone"]),
        ..mail(policy, "offers by phone", "call")
    }
}

fn checked(file: &str, listed: bool, not_objecting: Option<&str>) -> Gate {
    let screened = Screened {
        registers: vec![("tps".to_owned(), day(file)), ("ctps".to_owned(), day(file))],
        listed,
        own_list: true,
        on_own_list: false,
        not_objecting: not_objecting.map(day),
    };
    let people = [(PersonId(1), Reachable { screened: Some(screened), ..Reachable::default() })].into();
    Gate { footer_complete: false, people, ..Gate::default() }
}

#[test]
fn marketing_calls_are_screened_on_files_fewer_than_28_days_old() {
    let policy = cti();
    let told = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let life = told.life;
    let calling =
        |gate: &Gate, today: &str| ask(&policy, &manager(&policy), &call(&policy), &life, gate, today);
    let refusal = calling(&Gate::default(), "2026-11-10").unwrap_err();
    assert_eq!(
        (refusal.question, refusal.because.as_str()),
        (Question::Gate, "this number has not been checked")
    );
    assert_eq!(refusal.promises, ["CTI-07"]);
    // A file dated 2 November 2026 serves up to and including the 29th.
    assert!(calling(&checked("2026-11-02", false, None), "2026-11-29").is_ok());
    let refusal = calling(&checked("2026-11-02", false, None), "2026-11-30").unwrap_err();
    assert_eq!(
        refusal.because,
        "the tps file is dated 2 Nov 2026: 28 days old, and it must be fewer than 28"
    );
    assert!(
        calling(&checked("2026-12-02", false, None), "2026-11-30").is_err(),
        "a file from the future screens nothing"
    );
    assert!(calling(&checked("2026-11-02", true, None), "2026-11-10").is_err());
    assert!(calling(&checked("2026-11-02", true, Some("2026-10-01")), "2026-11-10").is_ok());
    assert!(calling(&checked("2026-11-02", true, Some("2026-11-11")), "2026-11-10").is_err());
    let mut own = checked("2026-11-02", false, Some("2026-10-01"));
    own.people.get_mut(&PersonId(1)).unwrap().screened.as_mut().unwrap().on_own_list = true;
    assert!(calling(&own, "2026-11-10").is_err());
    let mut half = checked("2026-11-02", false, None);
    half.people.get_mut(&PersonId(1)).unwrap().screened.as_mut().unwrap().registers.pop();
    assert!(calling(&half, "2026-11-10").unwrap_err().because.contains("ctps"));
    // A call about their own enquiry is no marketing call.
    let own_matter = Act { activity: Some(activity(&policy, "enquiries")), ..call(&policy) };
    assert!(ask(&policy, &manager(&policy), &own_matter, &life, &Gate::default(), "2026-11-10").is_ok());
}

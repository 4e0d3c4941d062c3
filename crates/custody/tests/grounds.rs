//! Grounds open, move and stop as the policy and the facts say.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may fail loudly")]

mod common;

use common::{cti, day, told};
use custody::life::{Agreed, Scope, State, StopCause};
use custody::{ending, settle, settled};
use jiff::ToSpan;
use policy::activity::Purpose;

fn last_cause(told: &common::Told<'_>, key: &str) -> StopCause {
    let rule = common::rule(told.policy, key);
    let ended = told.life.grounds.iter().filter(|ground| ground.rule == rule);
    let causes = ended.filter_map(|ground| match &ground.state {
        State::Stopped { cause, .. } => Some(cause.clone()),
        State::Active => None,
    });
    causes.collect::<Vec<_>>().pop().unwrap()
}

#[test]
fn coaching_opens_only_with_the_signed_form() {
    let policy = cti();
    let client = told(&policy).is("coaching client", "2026-01-02").programme(7, "client", "2026-01-02");
    let client = client.event("contact", "2026-01-02").on("2026-01-02");
    assert_eq!(client.held("2026-01-02"), [("coach search".to_owned(), Some(day("2026-04-02")))]);
    let client = client.signed(7, "2026-01-05").on("2026-01-05");
    assert!(client.has("coaching", "2026-01-05"));
    assert_eq!(client.due("coaching", "2026-01-05"), None);
}

#[test]
fn a_form_without_a_document_is_no_form() {
    let policy = cti();
    let mut client = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05");
    client.life.consents[0].document = None;
    assert!(!client.on("2026-01-05").has("coaching", "2026-01-05"));
}

#[test]
fn a_form_signed_after_the_first_session_opens_nothing() {
    let policy = cti();
    let late = told(&policy)
        .programme(7, "client", "2026-01-02")
        .milestone(7, "first session", "2026-01-12")
        .signed(7, "2026-01-13");
    assert!(!late.on("2026-01-13").has("coaching", "2026-01-13"));
    let same_day = told(&policy)
        .programme(7, "client", "2026-01-02")
        .milestone(7, "first session", "2026-01-12")
        .signed(7, "2026-01-12");
    assert!(same_day.on("2026-01-12").has("coaching", "2026-01-12"));
}

#[test]
fn a_consent_serves_its_own_programme_only() {
    let policy = cti();
    let client = told(&policy)
        .programme(7, "client", "2026-01-02")
        .programme(8, "client", "2026-01-02")
        .signed(7, "2026-01-05");
    let client = client.on("2026-01-05");
    assert_eq!(client.held("2026-01-05").iter().filter(|(key, _)| key == "coaching").count(), 1);
}

#[test]
fn the_coach_on_a_programme_is_not_coached() {
    let policy = cti();
    let coach =
        told(&policy).is("associate", "2025-01-02").programme(7, "coach", "2026-01-02").on("2026-01-05");
    assert!(!coach.has("coaching", "2026-01-05"));
    assert!(coach.has("assignments", "2026-01-05"));
}

#[test]
fn six_months_after_completed_or_as_agreed() {
    let policy = cti();
    let client = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05").on("2026-01-05");
    let client = client.milestone(7, "completed", "2026-03-31").on("2026-03-31");
    assert_eq!(client.due("coaching", "2026-03-31"), Some(day("2026-09-30")));
    assert!(client.has("coaching", "2026-09-30"));
    assert!(!client.has("coaching", "2026-10-01"), "use stops whether or not any job ran");
    let client = client.on("2026-12-01");
    let stopped = State::Stopped { on: day("2026-10-01"), cause: StopCause::Due };
    assert!(
        client.life.grounds.iter().any(|ground| ground.state == stopped),
        "stopped when it ran out, not when seen"
    );

    let mut agreed =
        told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05").on("2026-01-05");
    agreed.life.works[0].agreed = Some(Agreed { period: 2.years(), reason: None });
    let agreed = agreed.milestone(7, "completed", "2026-03-31").on("2026-03-31");
    assert_eq!(agreed.due("coaching", "2026-03-31"), Some(day("2028-03-31")));
}

#[test]
fn more_than_the_cap_needs_a_reason() {
    let policy = cti();
    let mut client = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05").milestone(
        7,
        "completed",
        "2026-03-31",
    );
    client.life.works[0].agreed = Some(Agreed { period: 7.years(), reason: None });
    let mut client = client.on("2026-04-01");
    assert_eq!(client.due("coaching", "2026-04-01"), Some(day("2031-03-31")));
    client.life.works[0].agreed =
        Some(Agreed { period: 7.years(), reason: Some("asked by the client".to_owned()) });
    assert_eq!(client.on("2026-04-01").due("coaching", "2026-04-01"), Some(day("2033-03-31")));
}

#[test]
fn a_milestone_undone_takes_its_event_back() {
    let policy = cti();
    let mut client = told(&policy)
        .programme(7, "client", "2026-01-02")
        .signed(7, "2026-01-05")
        .milestone(7, "completed", "2026-03-31")
        .on("2026-03-31");
    client.life.works[0].milestones.clear();
    let mut client = client.on("2026-04-02");
    assert_eq!(client.due("coaching", "2026-04-02"), None);
    client.life.works[0].milestones.push(("completed".to_owned(), day("2026-03-31")));
    let mut client = client.on("2026-10-05");
    assert!(!client.has("coaching", "2026-10-05"));
    client.life.works[0].milestones.clear();
    assert!(client.on("2026-10-06").has("coaching", "2026-10-06"), "a case reopened opens its ground again");
}

#[test]
fn withdrawal_ends_at_once_and_only_a_later_consent_begins_again() {
    let policy = cti();
    let supporter =
        told(&policy).is("supporter", "2025-05-01").opted_in("supporters", "2025-05-01").on("2025-05-01");
    assert_eq!(supporter.due("supporters", "2025-05-01"), Some(day("2027-05-01")));
    let supporter = supporter.withdrew("supporters", "2025-09-10").on("2025-09-10");
    assert!(!supporter.has("supporters", "2025-09-10"));
    assert_eq!(last_cause(&supporter, "supporters"), StopCause::Withdrawn);
    assert!(!supporter.life.grounds[0].active(day("2025-09-10")));
    assert!(supporter.life.grounds[0].active(day("2025-09-09")));
    let supporter = supporter.on("2025-09-11");
    assert!(!supporter.has("supporters", "2025-09-11"));
    let again = supporter.opted_in("supporters", "2025-10-01").on("2025-10-01");
    assert_eq!(again.due("supporters", "2025-10-01"), Some(day("2027-10-01")));
}

#[test]
fn a_consent_not_renewed_lapses() {
    let policy = cti();
    let supporter =
        told(&policy).is("supporter", "2024-02-29").opted_in("supporters", "2024-02-29").on("2024-02-29");
    assert_eq!(supporter.due("supporters", "2024-02-29"), Some(day("2026-02-28")));
    let supporter = supporter.on("2026-03-01");
    assert_eq!(last_cause(&supporter, "supporters"), StopCause::Lapsed);
    let renewed = supporter.opted_in("supporters", "2026-03-05").on("2026-03-05");
    assert!(renewed.has("supporters", "2026-03-05"));
}

#[test]
fn greetings_wait_for_completion_and_for_an_opt_in() {
    let policy = cti();
    let client = told(&policy)
        .programme(7, "client", "2026-01-02")
        .opted_in("greetings", "2026-01-03")
        .on("2026-01-05");
    assert!(!client.has("greetings", "2026-01-05"));
    let client = client.milestone(7, "completed", "2026-03-31").on("2026-03-31");
    assert!(client.has("greetings", "2026-03-31"));
}

#[test]
fn objecting_to_marketing_ends_it_on_every_basis_and_nothing_else() {
    let policy = cti();
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let marketing = ["offers by phone", "tailored offers", "news for organisations"];
    assert!(marketing.iter().all(|key| contact.has(key, "2026-01-02")));
    let contact = contact.objected(Scope::Purpose(Purpose::DirectMarketing), "2026-02-01").on("2026-02-01");
    assert!(marketing.iter().all(|key| !contact.has(key, "2026-02-01")));
    assert_eq!(last_cause(&contact, "news for organisations"), StopCause::Objected);
    assert!(contact.has("enquiries", "2026-02-01"));
}

#[test]
fn asking_not_to_be_called_ends_the_calls_only() {
    let policy = cti();
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let contact = contact.objected(Scope::Calls, "2026-02-01").on("2026-02-01");
    assert!(!contact.has("offers by phone", "2026-02-01"));
    assert!(contact.has("tailored offers", "2026-02-01"));
}

#[test]
fn other_objections_end_only_what_is_decided_for_the_person() {
    let policy = cti();
    let enquiries = common::activity(&policy, "enquiries");
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let mut contact = contact.objected(Scope::Activity(enquiries), "2026-02-01").on("2026-02-01");
    assert!(contact.has("enquiries", "2026-02-01"));
    contact.life.objections[0].upheld_on = Some(day("2026-02-10"));
    let mut contact = contact.on("2026-02-10");
    assert!(!contact.has("enquiries", "2026-02-10"));
    contact.life.objections.clear();
    assert!(
        !contact.on("2026-02-11").has("enquiries", "2026-02-11"),
        "never again but by the person's own act"
    );
}

#[test]
fn a_consent_after_an_objection_speaks_for_its_own_activity_only() {
    let policy = cti();
    let person =
        told(&policy).is("organisation contact", "2026-01-02").is("supporter", "2026-01-02").on("2026-01-02");
    let person = person.objected(Scope::Purpose(Purpose::DirectMarketing), "2026-02-01").on("2026-02-01");
    let person = person.opted_in("supporters", "2026-03-01").on("2026-03-01");
    assert!(person.has("supporters", "2026-03-01"));
    assert!(!person.has("news for organisations", "2026-03-01"));
}

#[test]
fn leaving_the_organisation_ends_at_once() {
    let policy = cti();
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let contact = contact.event("left the organisation", "2026-05-04").on("2026-05-04");
    assert!(!contact.has("tailored offers", "2026-05-04"));
    assert_eq!(last_cause(&contact, "tailored offers"), StopCause::Event("left the organisation".to_owned()));
}

/// As a night leaves it that has dealt with all that ended.
fn after_the_night<'a>(mut told: common::Told<'a>, today: &str) -> common::Told<'a> {
    for ground in told.life.grounds.iter_mut().filter(|ground| !ground.active(day(today))) {
        ground.swept = true;
    }
    told
}

#[test]
fn nothing_is_done_any_more_with_whoever_left_their_organisation() {
    let policy = cti();
    let over = |contact: &common::Told<'_>, on: &str, name: &str| {
        ending::is_over(&policy, &contact.life, common::category(&policy, name), day(on))
    };
    let contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    assert!(!over(&contact, "2026-01-02", "organisation contact"));
    let contact = contact.event("left the organisation", "2026-05-04").on("2026-05-04");
    assert!(contact.has("offers by phone", "2026-05-04"), "that does not end with it");
    assert!(!over(&contact, "2026-05-04", "organisation contact"), "until the night it can be taken back");
    let contact = after_the_night(contact, "2026-05-04");
    assert!(over(&contact, "2026-05-05", "organisation contact"));
    assert!(!over(&contact, "2026-05-05", "supplier"), "what never began is not over");
}

#[test]
fn nothing_is_done_any_more_once_all_of_it_ended() {
    let policy = cti();
    let over = |person: &common::Told<'_>, on: &str| {
        ending::is_over(&policy, &person.life, common::category(&policy, "associate"), day(on))
    };
    let associate = told(&policy).is("associate", "2025-01-02").on("2025-01-02");
    let associate = associate.objected(Scope::Purpose(Purpose::DirectMarketing), "2025-06-01");
    let associate = after_the_night(associate.on("2025-06-01"), "2025-06-01");
    assert!(!associate.has("associate news", "2025-06-02") && associate.has("assignments", "2025-06-02"));
    assert!(!over(&associate, "2025-06-02"), "the news ended, by another word than that they left");
    let associate = associate.no_longer("associate", "2026-06-30").on("2026-06-30");
    assert!(!over(&associate, "2026-06-30"));
    assert!(over(&after_the_night(associate, "2026-06-30"), "2026-07-01"));
}

#[test]
fn a_category_no_longer_held_is_a_date_and_one_that_never_was_annuls() {
    let policy = cti();
    let associate = told(&policy).is("associate", "2025-01-02").on("2025-01-02");
    let ended = associate.no_longer("associate", "2026-06-30").on("2026-06-30");
    assert_eq!(last_cause(&ended, "assignments"), StopCause::Event("no longer associate".to_owned()));
    let again = ended.is("associate", "2026-08-01").on("2026-08-01");
    assert!(again.has("assignments", "2026-08-01"));

    let mut never = told(&policy).is("associate", "2025-01-02").on("2025-01-02");
    never.life.categories.clear();
    let never = never.on("2025-01-03");
    assert_eq!(last_cause(&never, "assignments"), StopCause::Annulled);
}

#[test]
fn what_was_erased_stays_away_until_the_person_comes_again() {
    let policy = cti();
    let mut contact = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    for ground in &mut contact.life.grounds {
        ground.state = State::Stopped { on: day("2026-02-01"), cause: StopCause::Erased };
    }
    let contact = contact.on("2026-02-01").on("2026-02-02");
    assert_eq!(contact.held("2026-02-02"), []);
    let contact = contact
        .no_longer("organisation contact", "2026-02-02")
        .is("organisation contact", "2026-06-01")
        .on("2026-06-01");
    assert!(contact.has("enquiries", "2026-06-01"));
}

#[test]
fn records_open_what_holds_them_and_an_open_one_keeps_the_clock_waiting() {
    let policy = cti();
    let person = told(&policy).keeps("request record", "2026-01-02", None).on("2026-01-02");
    let key = "rights and complaints/request record, complaint record";
    assert_eq!(person.held("2026-01-02"), [(key.to_owned(), None)]);
    let person = person.keeps("request record", "2026-01-02", Some("2026-01-20")).on("2026-01-20");
    assert_eq!(person.due(key, "2026-01-20"), Some(day("2029-01-20")));
    let person = person.keeps("request record", "2027-01-02", None).on("2027-01-02");
    assert_eq!(person.due(key, "2027-01-02"), None);
    assert!(person.has(key, "2030-01-20"));
}

#[test]
fn a_rule_gone_stops_its_grounds() {
    let policy = cti();
    let mut person = told(&policy).is("associate", "2025-01-02").on("2025-01-02");
    person.life.grounds[0].rule = policy::RuleId(999);
    let changes = settle(&policy, &person.life, day("2025-01-03"));
    let life = settled(&person.life, &changes, day("2025-01-03"), 50);
    assert_eq!(life.grounds[0].state, State::Stopped { on: day("2025-01-03"), cause: StopCause::RuleGone });
}

#[test]
fn facts_and_their_order_do_not_matter_only_what_they_say() {
    let policy = cti();
    let step_by_step = told(&policy)
        .is("coaching client", "2026-01-02")
        .programme(7, "client", "2026-01-02")
        .on("2026-01-02")
        .signed(7, "2026-01-05")
        .on("2026-01-05");
    let step_by_step = step_by_step.milestone(7, "completed", "2026-03-31").on("2026-03-31");
    let at_once = told(&policy)
        .is("coaching client", "2026-01-02")
        .programme(7, "client", "2026-01-02")
        .signed(7, "2026-01-05")
        .milestone(7, "completed", "2026-03-31")
        .on("2026-03-31");
    assert_eq!(step_by_step.held("2026-03-31"), at_once.held("2026-03-31"));
}

#[test]
fn what_ran_out_is_not_revived_by_a_later_fact() {
    let policy = cti();
    let contact = told(&policy)
        .is("organisation contact", "2024-01-02")
        .event("contact", "2024-01-02")
        .on("2024-01-02");
    assert_eq!(contact.due("enquiries", "2024-01-02"), Some(day("2026-01-02")));
    // No job ran, and the person writes again two months too late: that is a new beginning.
    let contact = contact.event("contact", "2026-03-01").on("2026-03-01");
    let rule = common::rule(&policy, "enquiries");
    let grounds: Vec<_> = contact.life.grounds.iter().filter(|ground| ground.rule == rule).collect();
    assert_eq!(grounds[0].state, State::Stopped { on: day("2026-01-03"), cause: StopCause::Due });
    assert_eq!((grounds[1].opened_on, grounds[1].due_on), (day("2026-03-01"), Some(day("2028-03-01"))));
}

/// Who has held a category and who has had a part, in every order in which they may end.
#[test]
fn a_part_makes_somebody_one_while_its_work_stands() {
    let policy = cti();
    let coach = || told(&policy).is("associate", "2026-01-02").programme(7, "coach", "2026-02-02");

    // They hold the category themselves: the end of the programme ends nothing of it.
    let still = coach().on("2026-02-02").milestone(7, "completed", "2026-06-01").on("2026-06-01");
    assert!(still.has("assignments", "2026-06-01") && still.has("assignments", "2027-01-01"));
    // Somebody says that they are no longer one, after the programme.
    let gone = still.no_longer("associate", "2026-11-23").on("2026-11-23");
    assert!(!gone.has("assignments", "2026-11-23"));
    assert_eq!(last_cause(&gone, "assignments"), StopCause::Event("no longer associate".to_owned()));

    // Said while the programme runs, it counts as well.
    let gone = coach().on("2026-02-02").no_longer("associate", "2026-03-01").on("2026-03-01");
    assert!(!gone.has("assignments", "2026-03-01"));

    // Who joined after that is one by the part, until it is over.
    let mut back = told(&policy).is("associate", "2026-01-02").no_longer("associate", "2026-01-20");
    back = back.programme(7, "coach", "2026-02-02").on("2026-02-02");
    assert!(back.has("assignments", "2026-02-02"));
    let over = back.milestone(7, "completed", "2026-06-01").on("2026-06-01");
    assert!(!over.has("assignments", "2026-06-01"));

    // Leaving the part alone ends it, too.
    let mut left = told(&policy).programme(7, "coach", "2026-02-02").on("2026-02-02");
    assert!(left.has("assignments", "2026-02-02"));
    left.life.works[0].until = Some(day("2026-04-01"));
    let left = left.on("2026-04-01");
    assert!(!left.has("assignments", "2026-04-01"));

    // Nothing begins for a part whose work is over.
    let late = told(&policy).programme(7, "coach", "2026-02-02").milestone(7, "completed", "2026-06-01");
    assert_eq!(late.on("2026-07-01").held("2026-07-01"), []);
}

#[test]
fn what_is_taken_back_before_the_night_is_reviewed_when_it_was_to_be() {
    let policy = cti();
    let rule = common::rule(&policy, "suppliers");
    let supplier = || told(&policy).is("supplier", "2024-12-10").on("2024-12-10");
    let review = |told: &common::Told<'_>| {
        let mut held = told.life.grounds.iter().filter(|ground| ground.rule == rule);
        held.rfind(|ground| ground.state == State::Active).and_then(|ground| ground.review_on)
    };
    assert_eq!(review(&supplier()), Some(day("2026-12-10")));
    let mut slip = supplier().on("2026-12-12").no_longer("supplier", "2026-12-12").on("2026-12-12");
    assert_eq!(review(&slip), None);
    slip.life.categories[0].until = None;
    let again = slip.on("2026-12-12");
    assert_eq!(review(&again), Some(day("2026-12-10")), "nobody has looked");
    assert_eq!(again.life.grounds.iter().filter(|ground| ground.rule == rule).count(), 1);

    // Said for a day before, or given again instead of taken back: the same.
    let slip = supplier().on("2026-12-12").no_longer("supplier", "2026-11-01").on("2026-12-12");
    assert_eq!(review(&slip.is("supplier", "2026-12-12").on("2026-12-12")), Some(day("2026-12-10")));

    // Once a night has dealt with it, what begins is new.
    let mut gone = supplier().no_longer("supplier", "2026-12-12").on("2026-12-12");
    gone.life.grounds.iter_mut().for_each(|ground| ground.swept = true);
    gone.life.categories[0].until = None;
    assert_eq!(review(&gone.on("2026-12-14")), Some(day("2028-12-14")));
}

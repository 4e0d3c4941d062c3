//! Five questions about every act.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, which may fail loudly")]

#[path = "decide/asked_first.rs"]
mod asked_first;
mod common;
#[path = "decide/handing.rs"]
mod handing;
#[path = "decide/incidents.rs"]
mod incidents;
#[path = "decide/picking.rs"]
mod picking;
#[path = "decide/screened.rs"]
mod screened;

use common::{activity, cti, day, kinds, now, role, told};
use custody::act::Asked;
use custody::gate::{Line, Reachable};
use custody::id::{EngagementId, PersonId, StaffId};
use custody::life::{Hold, Life, Restriction, Scope};
use custody::refusal::Question;
use custody::{Act, Actor, Gate, Grant, Refusal, Verb, decide, may_happen};
use policy::Policy;
use policy::activity::Purpose;
use policy::policy::Clause;
use policy::role::Deed;

fn act(verb: Verb, asked: Asked) -> Act {
    Act {
        verb,
        deed: None,
        kinds: asked,
        purpose: None,
        activity: None,
        engagement: None,
        channel: None,
        recipient: None,
    }
}

fn exactly(policy: &Policy, names: &[&str]) -> Asked {
    Asked::Exactly(kinds(policy, names))
}

fn staff(policy: &Policy, name: &str) -> Actor {
    Actor::Staff { id: StaffId(5), role: role(policy, name) }
}

fn manager(policy: &Policy) -> Actor {
    staff(policy, "business manager")
}

fn ask(
    policy: &Policy,
    actor: &Actor,
    act: &Act,
    life: &Life,
    gate: &Gate,
    today: &str,
) -> Result<Grant, Refusal> {
    decide(policy, actor, act, &[life], gate, now(), day(today))
}

fn refused(policy: &Policy, actor: &Actor, act: &Act, life: &Life, today: &str) -> Refusal {
    ask(policy, actor, act, life, &Gate::default(), today).unwrap_err()
}

fn client(policy: &Policy) -> Life {
    told(policy)
        .is("coaching client", "2026-01-02")
        .event("contact", "2026-01-02")
        .programme(7, "client", "2026-01-02")
        .assigned(5)
        .on("2026-01-02")
        .life
}

fn coached(policy: &Policy) -> Life {
    let client = told(policy).is("coaching client", "2026-01-02").event("contact", "2026-01-02").programme(
        7,
        "client",
        "2026-01-02",
    );
    client.signed(7, "2026-01-05").assigned(5).on("2026-01-05").life
}

fn organisation(policy: &Policy) -> Life {
    told(policy).is("organisation contact", "2026-01-02").event("contact", "2026-01-02").on("2026-01-02").life
}

#[test]
fn no_notes_before_the_form_is_signed() {
    let policy = cti();
    let coach = staff(&policy, "coach");
    let store =
        Act { engagement: Some(EngagementId(7)), ..act(Verb::Store, exactly(&policy, &["coaching notes"])) };
    let refusal = refused(&policy, &coach, &store, &client(&policy), "2026-02-03");
    assert_eq!(refusal.question, Question::Basis);
    assert_eq!(refusal.clause_words, "coaching: basis");
    assert!(refusal.promises.contains(&"CTI-14".to_owned()), "{refusal:?}");
    assert_eq!(refusal.because, "coaching notes may be kept only once the signed consent form is on file");
    assert_eq!(refusal.next_step, "Record the signed consent form on the programme first.");
    assert!(ask(&policy, &coach, &store, &coached(&policy), &Gate::default(), "2026-02-03").is_ok());
    let nowhere = Act { engagement: None, ..store };
    assert!(ask(&policy, &coach, &nowhere, &coached(&policy), &Gate::default(), "2026-02-03").is_err());
}

#[test]
fn no_session_before_the_form_is_signed() {
    let policy = cti();
    let refusal = may_happen(&policy, &client(&policy), EngagementId(7), "first session", day("2026-02-03"))
        .unwrap_err();
    assert_eq!((refusal.question, refusal.clause_words.as_str()), (Question::Basis, "coaching: basis"));
    assert_eq!(
        may_happen(&policy, &coached(&policy), EngagementId(7), "first session", day("2026-02-03")),
        Ok(())
    );
    assert_eq!(may_happen(&policy, &client(&policy), EngagementId(7), "agreed", day("2026-02-03")), Ok(()));
    assert!(
        may_happen(&policy, &coached(&policy), EngagementId(7), "first session", day("2026-01-04")).is_err()
    );
}

#[test]
fn what_no_activity_allows_for_this_person_is_refused_by_its_data_clause() {
    let policy = cti();
    let store = act(Verb::Store, exactly(&policy, &["life history"]));
    let refusal = refused(&policy, &manager(&policy), &store, &organisation(&policy), "2026-02-03");
    assert_eq!((refusal.question, refusal.clause_words.as_str()), (Question::Ground, "coaching: data"));
    assert!(refusal.promises.contains(&"CTI-01".to_owned()));
    assert_eq!(refusal.because, "life history may be held about a coaching client only (coaching)");
    let named = Act {
        activity: Some(activity(&policy, "tailored offers")),
        ..act(Verb::Store, exactly(&policy, &["address"]))
    };
    let refusal = refused(&policy, &manager(&policy), &named, &organisation(&policy), "2026-02-03");
    assert_eq!(refusal.because, "the policy does not declare address for tailored offers");
}

#[test]
fn a_role_sees_what_the_policy_says_within_its_reach() {
    let policy = cti();
    let notes = act(Verb::Read, exactly(&policy, &["coaching notes"]));
    let refusal = refused(&policy, &manager(&policy), &notes, &coached(&policy), "2026-02-03");
    assert_eq!(refusal.question, Question::Role);
    assert_eq!(refusal.because, "the role business manager may see coaching notes only to answer a request");
    let answer =
        Act { deed: Some(Deed::AnswerRequests), ..act(Verb::Answer, exactly(&policy, &["coaching notes"])) };
    assert!(
        ask(&policy, &manager(&policy), &answer, &coached(&policy), &Gate::default(), "2026-02-03").is_ok()
    );
    let mut elsewhere = coached(&policy);
    elsewhere.assigned.clear();
    let refusal = refused(&policy, &staff(&policy, "coach"), &notes, &elsewhere, "2026-02-03");
    assert_eq!(refusal.clause, Some(Clause::Role(role(&policy, "coach"))));
    assert!(
        ask(&policy, &staff(&policy, "coach"), &notes, &coached(&policy), &Gate::default(), "2026-02-03")
            .is_ok()
    );
    let import = Act { deed: Some(Deed::Import), ..act(Verb::Store, exactly(&policy, &["name"])) };
    let refusal = refused(&policy, &staff(&policy, "coach"), &import, &coached(&policy), "2026-02-03");
    assert_eq!(refusal.because, "the role coach may not import");
}

#[test]
fn reading_a_page_shows_what_it_may() {
    let policy = cti();
    let all = policy.kinds.iter().map(|kind| kind.id).collect();
    let read = act(Verb::Read, Asked::WhatMayBeSeen(all));
    let grant =
        ask(&policy, &manager(&policy), &read, &coached(&policy), &Gate::default(), "2026-02-03").unwrap();
    let seen = grant.people()[&PersonId(1)];
    assert!(seen.contains(common::kind(&policy, "life history")));
    assert!(!seen.contains(common::kind(&policy, "coaching notes")));
    assert!(!seen.contains(common::kind(&policy, "job title")));
    assert!(grant.covers(PersonId(1), common::kind(&policy, "name")));
    assert!(!grant.covers(PersonId(2), common::kind(&policy, "name")));
    let late =
        ask(&policy, &manager(&policy), &read, &Life::new(PersonId(3)), &Gate::default(), "2026-02-03");
    assert!(late.is_err(), "nothing left is a refusal");
}

#[test]
fn use_stops_the_day_after_the_last_day() {
    let policy = cti();
    let told = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05").on("2026-01-05");
    let life = told.milestone(7, "completed", "2026-03-31").on("2026-03-31").life;
    let read = act(Verb::Read, exactly(&policy, &["name"]));
    assert!(ask(&policy, &manager(&policy), &read, &life, &Gate::default(), "2026-09-30").is_ok());
    let refusal = refused(&policy, &manager(&policy), &read, &life, "2026-10-01");
    assert_eq!((refusal.question, refusal.clause_words.as_str()), (Question::Ground, "coaching: keep"));
    assert_eq!(refusal.because, "name for coaching ended on 1 Oct 2026: the period ran out");
}

#[test]
fn restricted_data_are_stored_and_nothing_else() {
    let policy = cti();
    let mut life = coached(&policy);
    life.restriction =
        Some(Restriction { since: day("2026-02-01"), owner: StaffId(9), review_on: day("2026-05-01") });
    for verb in [Verb::Read, Verb::List, Verb::Change, Verb::Remove, Verb::Export] {
        assert!(
            ask(
                &policy,
                &manager(&policy),
                &act(verb, exactly(&policy, &["name"])),
                &life,
                &Gate::default(),
                "2026-02-03"
            )
            .is_err()
        );
    }
    let answer = act(Verb::Answer, exactly(&policy, &["name"]));
    assert!(ask(&policy, &manager(&policy), &answer, &life, &Gate::default(), "2026-02-03").is_ok());
    let upkeep = act(Verb::Maintain, exactly(&policy, &["name"]));
    assert!(ask(&policy, &Actor::System("backup"), &upkeep, &life, &Gate::default(), "2026-02-03").is_ok());
    let owner = Actor::Staff { id: StaffId(9), role: role(&policy, "business manager") };
    assert!(
        ask(
            &policy,
            &owner,
            &act(Verb::Read, exactly(&policy, &["name"])),
            &life,
            &Gate::default(),
            "2026-02-03"
        )
        .is_ok()
    );
    let request = act(Verb::Store, exactly(&policy, &["request record"]));
    assert!(ask(&policy, &manager(&policy), &request, &life, &Gate::default(), "2026-02-03").is_ok());
}

#[test]
fn anybody_of_the_staff_writes_down_what_somebody_asks_and_opens_nothing_by_it() {
    let policy = cti();
    let client = told(&policy).is("coaching client", "2026-01-02").on("2026-01-02").life;
    let take = act(Verb::TakeDown, exactly(&policy, &["request record"]));
    for role in ["business manager", "coach", "assistant"] {
        let grant =
            ask(&policy, &staff(&policy, role), &take, &client, &Gate::default(), "2026-02-03").unwrap();
        let granted: Vec<_> = grant.people().values().copied().collect();
        assert_eq!(
            granted,
            [kinds(&policy, &["request record"])],
            "{role}: what they wrote, and nothing else"
        );
        for more in [&["request record", "name"][..], &["contact record"], &["life history"]] {
            let more = act(Verb::TakeDown, exactly(&policy, more));
            assert!(
                ask(&policy, &staff(&policy, role), &more, &client, &Gate::default(), "2026-02-03").is_err()
            );
        }
    }
    let read = act(Verb::Store, exactly(&policy, &["request record"]));
    let refusal = refused(&policy, &staff(&policy, "assistant"), &read, &client, "2026-02-03");
    assert_eq!(refusal.question, Question::Role, "no other act of theirs reaches it");
    let program = Actor::System("intake");
    assert!(ask(&policy, &program, &take, &client, &Gate::default(), "2026-02-03").is_err());
}

#[test]
fn a_review_passed_or_an_objection_undecided_restricts_what_rests_on_it() {
    let policy = cti();
    let associate = told(&policy).is("associate", "2024-01-02").on("2024-01-02").life;
    let read =
        Act { purpose: Some(Purpose::VendorManagement), ..act(Verb::Read, exactly(&policy, &["phone"])) };
    assert!(ask(&policy, &manager(&policy), &read, &associate, &Gate::default(), "2026-01-02").is_ok());
    let refusal = refused(&policy, &manager(&policy), &read, &associate, "2026-01-03");
    assert_eq!(refusal.because, "phone had to be reviewed by 2 Jan 2026, and nobody has decided");
    let enquiries = activity(&policy, "enquiries");
    let objecting = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let objecting = objecting.objected(Scope::Activity(enquiries), "2026-02-01").on("2026-02-01").life;
    let read = act(Verb::Read, exactly(&policy, &["address"]));
    let refusal = refused(&policy, &manager(&policy), &read, &objecting, "2026-02-03");
    assert_eq!((refusal.question, refusal.clause_words.as_str()), (Question::Basis, "enquiries: basis"));
    // Whoever decides finds them and what it is about; nobody else does, and nobody uses it.
    let narrowed = |verb| act(verb, Asked::WhatMayBeSeen(kinds(&policy, &["address"])));
    let may = |by: &str, verb| {
        ask(&policy, &staff(&policy, by), &narrowed(verb), &objecting, &Gate::default(), "2026-02-03").is_ok()
    };
    assert!(may("business manager", Verb::Read) && may("business manager", Verb::List));
    assert!(!may("business manager", Verb::Export) && !may("assistant", Verb::Read));
}

fn mail(policy: &Policy, activity_name: &str, channel: &str) -> Act {
    let channel = policy.channel_named(channel).unwrap().id;
    Act {
        deed: Some(Deed::Send),
        activity: Some(activity(policy, activity_name)),
        channel: Some(channel),
        ..act(Verb::Send, exactly(policy, &["name", "email"]))
    }
}

fn ready() -> Gate {
    Gate { footer_complete: true, ..Gate::default() }
}

#[test]
fn news_leaves_only_with_its_footer_and_to_nobody_suppressed() {
    let policy = cti();
    let life = organisation(&policy);
    let news = mail(&policy, "news for organisations", "mailing");
    assert!(ask(&policy, &manager(&policy), &news, &life, &at_company(), "2026-02-03").is_ok());
    let bare = Gate { footer_complete: false, ..at_company() };
    let refusal = ask(&policy, &manager(&policy), &news, &life, &bare, "2026-02-03").unwrap_err();
    assert_eq!(
        (refusal.question, refusal.promises.as_slice()),
        (Question::Gate, ["CTI-10".to_owned()].as_slice())
    );
    let mut gate = at_company();
    gate.people.insert(PersonId(1), Reachable { suppressed: true, ..Reachable::default() });
    let refusal = ask(&policy, &manager(&policy), &news, &life, &gate, "2026-02-03").unwrap_err();
    assert!(refusal.promises.contains(&"CTI-21".to_owned()), "{refusal:?}");
    // Where mail comes back, nothing that promotes us leaves until somebody says that the address is right.
    let back = Some("2026-01-30".parse().unwrap());
    let facts = Reachable { line: Line::Corporate, came_back: back, ..Reachable::default() };
    gate.people.insert(PersonId(1), facts);
    let refusal = ask(&policy, &manager(&policy), &news, &life, &gate, "2026-02-03").unwrap_err();
    assert_eq!(refusal.because, "mail to their address came back on 30 Jan 2026");
    let letter = Act { channel: Some(policy.channel_named("letter").unwrap().id), ..news };
    let refusal = ask(&policy, &manager(&policy), &letter, &life, &ready(), "2026-02-03").unwrap_err();
    assert_eq!(refusal.because, "news for organisations does not reach people by letter");
}

/// Somebody at a company or public body.
fn at_company() -> Gate {
    let facts = Reachable { line: Line::Corporate, ..Reachable::default() };
    Gate { people: [(PersonId(1), facts)].into(), ..ready() }
}

#[test]
fn no_more_contact_means_none_but_the_answer() {
    let policy = cti();
    let told = told(&policy)
        .is("organisation contact", "2026-01-02")
        .event("contact", "2026-01-02")
        .on("2026-01-02");
    let life = told
        .objected(Scope::AllContact, "2026-01-20")
        .keeps("request record", "2026-01-20", None)
        .on("2026-01-20")
        .life;
    let about_work = mail(&policy, "enquiries", "email");
    assert_eq!(
        ask(&policy, &manager(&policy), &about_work, &life, &ready(), "2026-02-03").unwrap_err().question,
        Question::Gate
    );
    let answer = Act {
        kinds: exactly(&policy, &["request record"]),
        ..mail(&policy, "rights and complaints", "email")
    };
    assert!(ask(&policy, &manager(&policy), &answer, &life, &ready(), "2026-02-03").is_ok());
}

#[test]
fn a_client_is_left_alone_while_a_programme_runs_and_after_it_unless_they_agreed() {
    let policy = cti();
    let running = told(&policy)
        .is("coaching client", "2026-01-02")
        .is("supporter", "2026-01-02")
        .opted_in("supporters", "2026-01-02");
    let running = running
        .event("contact", "2026-01-02")
        .programme(7, "client", "2026-01-02")
        .signed(7, "2026-01-05")
        .on("2026-01-05");
    let news = mail(&policy, "supporters", "mailing");
    let refusal = ask(&policy, &manager(&policy), &news, &running.life, &ready(), "2026-02-03").unwrap_err();
    assert_eq!((refusal.question, refusal.clause), (Question::Ground, Some(Clause::Never(0))));
    let work = mail(&policy, "coaching", "email");
    assert!(ask(&policy, &manager(&policy), &work, &running.life, &ready(), "2026-02-03").is_ok());

    let over = running.milestone(7, "completed", "2026-03-31").on("2026-03-31");
    assert!(
        ask(&policy, &manager(&policy), &work, &over.life, &ready(), "2026-03-31").is_ok(),
        "the question goes out on the day"
    );
    let refusal = ask(&policy, &manager(&policy), &work, &over.life, &ready(), "2026-04-01").unwrap_err();
    assert_eq!(refusal.clause, Some(Clause::Never(1)));
    assert_eq!(refusal.promises, ["CTI-02"]);
    let greetings = mail(&policy, "greetings", "mailing");
    assert!(ask(&policy, &manager(&policy), &greetings, &over.life, &ready(), "2026-04-01").is_err());
    let agreed = over.opted_in("greetings", "2026-04-02").on("2026-04-02");
    assert!(ask(&policy, &manager(&policy), &greetings, &agreed.life, &ready(), "2026-04-02").is_ok());
    let again = agreed.programme(8, "client", "2026-05-01").signed(8, "2026-05-02").on("2026-05-02");
    assert!(
        ask(&policy, &manager(&policy), &work, &again.life, &ready(), "2026-05-02").is_ok(),
        "a new programme is a new time"
    );
}

#[test]
fn disclosures_go_to_whom_the_policy_names_with_what_it_names() {
    let policy = cti();
    let told = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05").on("2026-01-05");
    let pass = |names: &[&str], to: &str| Act {
        activity: Some(activity(&policy, "coaching")),
        recipient: Some(to.to_owned()),
        ..act(Verb::Disclose, exactly(&policy, names))
    };
    let all = ready();
    let may = |act: &Act, life: &Life, today: &str| ask(&policy, &manager(&policy), act, life, &all, today);
    assert!(may(&pass(&["name", "email"], "coach"), &told.life, "2026-02-03").is_ok());
    let refusal = may(&pass(&["name", "life history"], "the coach"), &told.life, "2026-02-03").unwrap_err();
    assert_eq!((refusal.question, refusal.clause_words.as_str()), (Question::Disclosure, "coaching: share"));
    assert_eq!(refusal.because, "the coach gets name, email and phone and not life history");
    assert!(may(&pass(&["name"], "a newspaper"), &told.life, "2026-02-03").is_err());
    assert!(may(&pass(&["name"], "address book"), &told.life, "2026-02-03").is_ok());
    assert!(may(&pass(&["life history"], "address book"), &told.life, "2026-02-03").is_err());
    let over = told.milestone(7, "completed", "2026-03-31").on("2026-03-31").life;
    assert!(
        may(&pass(&["name"], "coach"), &over, "2026-03-31").unwrap_err().because.contains("until completed")
    );
}

#[test]
fn what_is_never_shared_for_several_purposes_is_shared_for_none_of_them() {
    let mut policy = cti();
    let offers = activity(&policy, "tailored offers");
    let life = organisation(&policy);
    let pass = Act {
        activity: Some(offers),
        deed: Some(policy::role::Deed::Export),
        recipient: Some("address book".to_owned()),
        ..act(Verb::Export, exactly(&policy, &["name", "email"]))
    };
    let may = |policy: &Policy| ask(policy, &manager(policy), &pass, &life, &ready(), "2026-12-03");
    assert!(may(&policy).is_ok());
    let mut never = policy.prohibitions.last().unwrap().clone();
    for (words, forbidden) in [
        (vec!["sale", "marketing"], true),
        (vec!["fundraising"], true),
        (vec!["sale", "RecordManagement"], false),
        (vec![], true),
    ] {
        never.what = policy::channel::Forbidden::Share(words.iter().map(|word| (*word).to_owned()).collect());
        policy.prohibitions = vec![never.clone()];
        assert_eq!(may(&policy).is_err(), forbidden, "{words:?}");
    }
}

#[test]
fn nothing_goes_where_no_safeguard_stands_that_day() {
    let policy = cti();
    let life = organisation(&policy);
    let pass = |to: &str| Act {
        deed: Some(policy::role::Deed::Export),
        recipient: Some(to.to_owned()),
        ..act(Verb::Export, exactly(&policy, &["name", "email"]))
    };
    let may = |policy: &Policy, to: &str, today: &str| {
        ask(policy, &manager(policy), &pass(to), &life, &ready(), today)
    };
    assert!(may(&policy, "address book", "2026-12-03").is_ok());
    let refusal = may(&policy, "mailer", "2026-12-03").unwrap_err();
    assert_eq!(refusal.clause_words, "never share outside UK, unless safeguarded");
    assert!(
        refusal.because.contains("mailer keeps data in USA, and Privacy Shield ended 2020-07-16"),
        "{refusal:?}"
    );
    assert!(refusal.next_step.contains("under data bridge"), "{refusal:?}");
    let refusal = custody::decide::may_receive(&policy, "mailer", day("2026-12-03")).unwrap_err();
    assert_eq!(refusal.promises, ["CTI-04", "CTI-24"]);
    assert_eq!((refusal.question, refusal.clause_words.as_str()), (Question::Disclosure, "processor mailer"));
    assert!(custody::decide::may_receive(&policy, "a friend", day("2026-12-03")).is_err());

    // Under a safeguard that stands it may go, and the day before it stands it may not.
    let agreed = told_with("under privacy shield", "under IDTA signed 2026-12-03, assessed in \"mailer.md\"");
    assert!(may(&agreed, "mailer", "2026-12-03").is_ok());
    assert!(
        may(&agreed, "mailer", "2026-12-02").unwrap_err().because.contains("stands only from 2026-12-03")
    );
}

/// CTI's policy with some words changed.
fn told_with(from: &str, to: &str) -> Policy {
    let file = cti().files.swap_remove(0);
    let text = file.text.replace(from, to);
    assert_ne!(text, file.text);
    Policy::read(vec![policy::source::File { name: file.name, text }]).0.unwrap()
}

#[test]
fn the_program_is_decided_about_too() {
    let policy = cti();
    let life = coached(&policy);
    let read = act(Verb::Read, exactly(&policy, &["name"]));
    assert!(ask(&policy, &Actor::System("sweep"), &read, &life, &ready(), "2026-02-03").is_err());
    let dispose = act(Verb::Dispose, exactly(&policy, &["name", "coaching notes"]));
    assert!(ask(&policy, &Actor::System("sweep"), &dispose, &life, &ready(), "2026-02-03").is_ok());
    assert!(ask(&policy, &Actor::System("index"), &dispose, &life, &ready(), "2026-02-03").is_err());
    assert!(ask(&policy, &Actor::System("nobody"), &dispose, &life, &ready(), "2026-02-03").is_err());
}

#[test]
fn a_person_acts_on_their_own_data_only() {
    let policy = cti();
    let (one, two) = (coached(&policy), organisation(&policy));
    let read = act(Verb::Read, exactly(&policy, &["name", "coaching notes"]));
    assert!(ask(&policy, &Actor::Subject, &read, &one, &ready(), "2026-02-03").is_ok());
    assert!(
        decide(&policy, &Actor::Subject, &read, &[&one, &two], &ready(), now(), day("2026-02-03")).is_err()
    );
}

#[test]
fn what_a_hold_keeps_is_put_right_and_not_taken_away() {
    let policy = cti();
    let mut life = coached(&policy);
    let by_hand = |life: &Life, verb: Verb, on: &str| {
        let act = Act { deed: Some(Deed::AddPeople), ..act(verb, exactly(&policy, &["phone"])) };
        ask(&policy, &manager(&policy), &act, life, &Gate::default(), on)
    };
    assert!(by_hand(&life, Verb::Remove, "2026-02-03").is_ok());
    life.hold = Some(Hold {
        since: day("2026-02-04"),
        owner: StaffId(5),
        helpers: Vec::new(),
        review_on: day("2026-05-01"),
    });
    assert!(by_hand(&life, Verb::Remove, "2026-02-03").is_ok(), "it has not begun");
    let refusal = by_hand(&life, Verb::Remove, "2026-02-04").unwrap_err();
    assert_eq!(refusal.because, "a hold stands: nothing of what we hold may be let go");
    assert!(by_hand(&life, Verb::Change, "2026-02-04").is_ok());
}

#[test]
fn refusals_hold_no_values_and_always_say_what_next() {
    let policy = cti();
    let lives = [client(&policy), coached(&policy), organisation(&policy)];
    let verbs = [
        Verb::List,
        Verb::Read,
        Verb::Store,
        Verb::Change,
        Verb::Remove,
        Verb::Send,
        Verb::Call,
        Verb::Disclose,
        Verb::Export,
    ];
    for life in &lives {
        for kind in &policy.kinds {
            for verb in verbs {
                let asked = act(verb, Asked::Exactly([kind.id].into_iter().collect()));
                for name in ["business manager", "coach", "assistant"] {
                    if let Err(refusal) =
                        ask(&policy, &staff(&policy, name), &asked, life, &Gate::default(), "2026-12-03")
                    {
                        assert!(
                            !refusal.because.is_empty() && refusal.next_step.ends_with('.'),
                            "{refusal:?}"
                        );
                        assert!(
                            !refusal.because.contains('!') && !refusal.because.ends_with('.'),
                            "{refusal:?}"
                        );
                    }
                }
            }
        }
    }
}

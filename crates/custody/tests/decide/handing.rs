//! Handing something over: whoever was given that opens it and where it goes, though its use has ended, and nothing else.

use custody::gate::Owed;
use custody::id::TaskId;
use custody::life::Hold;

use super::*;

const TODAY: &str = "2026-02-03";

fn owed(policy: &Policy, owner: i64) -> Gate {
    let kinds = kinds(policy, &["consent form", "name", "email"]);
    Gate { owed: Some(Owed { task: TaskId(3), owner: Some(StaffId(owner)), kinds }), ..Gate::default() }
}

#[test]
fn what_is_handed_over_is_opened_to_whoever_was_given_that_and_whoever_answers_requests() {
    let policy = cti();
    // Nobody holds them for anything any more.
    let life = Life { grounds: Vec::new(), assigned: Vec::new(), ..client(&policy) };
    let hand = act(Verb::HandOver, exactly(&policy, &["consent form", "name"]));
    let assistant = staff(&policy, "assistant");
    assert!(ask(&policy, &assistant, &act(Verb::Read, hand.kinds), &life, &owed(&policy, 5), TODAY).is_err());
    let grant = ask(&policy, &assistant, &hand, &life, &owed(&policy, 5), TODAY).unwrap();
    assert_eq!(grant.people()[&life.person], kinds(&policy, &["consent form", "name"]));
    let needs: Vec<String> = grant.needs().iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["task 3"]);
    assert_eq!(needs[0].parse(), Ok(custody::Need::Task(TaskId(3))));
    assert!(ask(&policy, &manager(&policy), &hand, &life, &owed(&policy, 9), TODAY).is_ok());

    // Somebody else's, nobody's, and more than that.
    let refusal = ask(&policy, &assistant, &hand, &life, &owed(&policy, 9), TODAY).unwrap_err();
    assert_eq!(
        (refusal.question, refusal.because.as_str()),
        (Question::Role, "somebody else was given this to hand over")
    );
    let refusal = refused(&policy, &manager(&policy), &hand, &life, TODAY);
    assert_eq!(refusal.because, "nothing of theirs waits to be handed over");
    let more = act(Verb::HandOver, exactly(&policy, &["consent form", "phone"]));
    assert!(ask(&policy, &assistant, &more, &life, &owed(&policy, 5), TODAY).is_err());
    let program = Actor::System("sweep");
    assert!(ask(&policy, &program, &hand, &life, &owed(&policy, 5), TODAY).is_err());
    assert!(ask(&policy, &Actor::Subject, &hand, &life, &owed(&policy, 5), TODAY).is_err());
}

#[test]
fn nothing_is_opened_to_be_handed_over_while_it_may_not_be_let_go() {
    let policy = cti();
    let hand = act(Verb::HandOver, exactly(&policy, &["name"]));
    let mut life = client(&policy);
    life.restriction =
        Some(Restriction { since: day("2026-02-01"), owner: StaffId(9), review_on: day("2026-05-01") });
    let refusal = ask(&policy, &manager(&policy), &hand, &life, &owed(&policy, 5), TODAY).unwrap_err();
    assert_eq!(refusal.question, Question::Ground);
    life.restriction = None;
    life.hold = Some(Hold {
        since: day("2026-02-01"),
        owner: StaffId(9),
        helpers: Vec::new(),
        review_on: day("2026-05-01"),
    });
    let refusal = ask(&policy, &manager(&policy), &hand, &life, &owed(&policy, 5), TODAY).unwrap_err();
    assert_eq!(refusal.because, "a hold stands: nothing of what we hold may be let go");
}

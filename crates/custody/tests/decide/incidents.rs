//! Who looks into incidents: the role that the policy names, whoever was in them; and nothing else is opened by it.

use super::*;

#[test]
fn anybody_writes_an_incident_down_and_one_role_looks_into_it_whoever_was_in_it() {
    let policy = cti();
    let mut life = client(&policy);
    let take = act(Verb::TakeDown, exactly(&policy, &["incident record"]));
    let look = act(Verb::Investigate, exactly(&policy, &["incident record"]));
    for role in ["business manager", "coach", "assistant"] {
        let grant =
            ask(&policy, &staff(&policy, role), &take, &life, &Gate::default(), "2026-02-03").unwrap();
        assert_eq!(grant.people()[&life.person], kinds(&policy, &["incident record"]), "{role}");
    }
    // The law's clock waits for nobody: neither for a restriction, nor for a role that sees little else of them.
    life.restriction =
        Some(Restriction { since: day("2026-02-01"), owner: StaffId(9), review_on: day("2026-05-01") });
    let grant = ask(&policy, &manager(&policy), &look, &life, &Gate::default(), "2026-02-03").unwrap();
    assert_eq!(grant.people()[&life.person], kinds(&policy, &["incident record"]));
    assert_eq!(grant.needs().iter().map(ToString::to_string).collect::<Vec<_>>(), ["incident"]);
    let refusal = refused(&policy, &staff(&policy, "coach"), &look, &life, "2026-02-03");
    assert_eq!((refusal.question, refusal.clause), (Question::Role, Some(Clause::Incidents)));
    assert_eq!(refusal.promises, ["CTI-22"]);
    assert_eq!(refusal.next_step, "Ask the business manager.");
    let more = act(Verb::Investigate, exactly(&policy, &["incident record", "name"]));
    assert!(ask(&policy, &manager(&policy), &more, &life, &Gate::default(), "2026-02-03").is_err());
}

#[test]
fn where_the_policy_names_nobody_whoever_sees_to_it_looks_into_incidents() {
    let mut policy = cti();
    policy.incidents = None;
    let life = client(&policy);
    let look = act(Verb::Investigate, exactly(&policy, &["incident record"]));
    assert!(ask(&policy, &manager(&policy), &look, &life, &Gate::default(), "2026-02-03").is_ok());
    let refusal = refused(&policy, &staff(&policy, "assistant"), &look, &life, "2026-02-03");
    assert!(refusal.because.contains("may not manage policy"), "{}", refusal.because);
}

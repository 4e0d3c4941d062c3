//! By what an audience may be narrowed, and which clause says no.

use custody::decide::{By, heard_by, may_pick};
use policy::source::File;

use super::*;

fn pack(name: &str) -> Policy {
    let path = format!("{}/../../policies/{name}.policy", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let (policy, found) = Policy::read(vec![File { name: format!("{name}.policy"), text }]);
    policy.unwrap_or_else(|| panic!("{name}: {found:?}"))
}

fn staff(policy: &Policy, name: &str) -> Actor {
    Actor::Staff { id: StaffId(1), role: role(policy, name) }
}

/// What is said of a criterion: nothing, or the clause and why.
fn asked(policy: &Policy, actor: &Actor, news: &str, by: By<'_>) -> Result<(), (Option<Clause>, String)> {
    let activity = policy.activity_named(news).unwrap();
    may_pick(policy, actor, activity, by).map_err(|refusal| (refusal.clause, refusal.because))
}

#[test]
fn people_are_picked_out_by_what_the_activity_is_for_and_may_hold() {
    let chorus = pack("chorus");
    let officer = staff(&chorus, "security officer");
    let work = |name: &str| By::Work(chorus.work_named(name).unwrap().id);
    let category = |name: &str| By::Category(chorus.category_named(name).unwrap().id);
    // Campaigns hold the organisation and the record of the campaign.
    for by in [By::Kind("organisation"), work("campaign"), By::Written, category("marketing contact")] {
        assert_eq!(asked(&chorus, &officer, "marketing", by), Ok(()), "{by:?}");
    }
    let marketing = activity(&chorus, "marketing");
    let (clause, because) = asked(&chorus, &officer, "marketing", category("applicant")).unwrap_err();
    assert_eq!(clause, Some(Clause::For(marketing)));
    assert!(because.contains("applicant"), "{because}");
    let (clause, _) = asked(&chorus, &officer, "marketing", By::Kind("phone")).unwrap_err();
    assert_eq!(clause, Some(Clause::Data(marketing)));
    let (clause, _) = asked(&chorus, &officer, "marketing", By::Heard).unwrap_err();
    assert_eq!(clause, Some(Clause::Data(marketing)), "campaigns hold no line of the timeline");
    let campaigns = chorus.activity_named("marketing").unwrap();
    assert!(heard_by(&chorus, &officer, campaigns).is_empty());

    // CMP tells those who were on its courses of others; of which organisation they are, that may not use.
    let cmp = pack("cmp");
    let manager = staff(&cmp, "information manager");
    let course = By::Work(cmp.work_named("course").unwrap().id);
    let case = By::Work(cmp.work_named("case").unwrap().id);
    assert_eq!(asked(&cmp, &manager, "promotion", course), Ok(()));
    let (clause, because) = asked(&cmp, &manager, "promotion", case).unwrap_err();
    assert_eq!(clause, Some(Clause::Data(activity(&cmp, "promotion"))), "{because}");
    let (clause, _) = asked(&cmp, &manager, "promotion", By::Kind("organisation")).unwrap_err();
    assert_eq!(clause, Some(Clause::Data(activity(&cmp, "promotion"))));
}

#[test]
fn nobody_is_picked_out_by_what_was_told_in_confidence_or_is_of_a_special_category() {
    let cli = pack("cli");
    let manager = staff(&cli, "data protection manager");
    for (kind, word) in [
        ("religion", "special category"),
        ("offending history", "offences"),
        ("biography", "told in confidence"),
    ] {
        let (clause, because) = asked(&cli, &manager, "updates", By::Kind(kind)).unwrap_err();
        assert_eq!(clause, Some(Clause::Kind(cli.kind_named(kind).unwrap().id)), "{because}");
        assert!(because.contains(word), "{because}");
    }
    // News goes to clients, too; that somebody was supported by this charity says what nobody is picked out by.
    let support = cli.work_named("support").unwrap().id;
    let (clause, because) = asked(&cli, &manager, "updates", By::Work(support)).unwrap_err();
    assert!(matches!(clause, Some(Clause::Data(_))) && because.contains("special categories"), "{because}");
}

#[test]
fn nobody_is_picked_out_by_what_the_role_may_not_see() {
    let cmp = pack("cmp");
    let trainer = staff(&cmp, "trainer");
    let (clause, because) = asked(&cmp, &trainer, "promotion", By::Written).unwrap_err();
    assert_eq!(clause, Some(Clause::Role(role(&cmp, "trainer"))), "{because}");
    assert!(because.contains("message record"), "{because}");
    assert!(asked(&cmp, &Actor::Subject, "promotion", By::Written).is_err());
    assert_eq!(asked(&cmp, &Actor::System("sender"), "promotion", By::Written), Ok(()));
}

//! What is owed to be said before an end, what waits because it was not, and whether it may be said.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

use custody::act::Asked;
use custody::coverage::{Datum, Role, Suspended, uncovered};
use custody::gate::Reachable;
use custody::ground::{settle, settled};
use custody::id::{ObjectionId, PersonId, StaffId};
use custody::life::{HeldCategory, Life, Objection, Restriction, Scope};
use custody::parting::{self, Owed, Said, Says};
use custody::{Act, Actor, Gate, Verb, decide};
use jiff::civil::{Date, date};
use policy::Policy;
use policy::source::File;

const POLICY: &str = r#"
policy "Acme"
  version     1, from 2024-01-01
  law         uk, england-wales
  home        UK
  controller  "Acme", a company
  contact     "Manager" <privacy@acme.example>, 01632 960100
  registered  "ZA000000"
  officer     none, because "none of the three cases applies"
  complaints  to us by e-mail or letter; then to the regulator

category buyer    "people who buy from us"
category alumnus  "people who trained with us"

item     name, email, shoe size

activity orders "Orders"
  for       buyer
  so that   "we can deliver"
  purpose   ServiceProvision
  basis     contract
  data      name, email
  from      the person
  send      by email
  keep      2 years after no longer buyer; tell the person 30 days before
  then      erase

activity circle "Our circle"
  for       alumnus
  so that   "you stay in touch"
  purpose   CommunicationManagement
  basis     contract
  data      name, email
  from      the person
  send      by email
  keep      18 months after confirmed; ask 30 days before, no answer ends it
  then      erase

activity sizes "Sizes"
  for       alumnus
  so that   "your shoes fit"
  purpose   ServiceProvision
  basis     contract
  data      shoe size
  from      the person
  keep      18 months after collected; ask 30 days before, no answer ends it
  then      erase

channel email "e-mail to one person"
  by  email, one to one
"#;

const TODAY: Date = date(2026, 11, 1);
const ENDS: Date = date(2026, 12, 1);

fn policy() -> Policy {
    let (policy, found) = Policy::read(vec![File { name: "a.policy".into(), text: POLICY.to_owned() }]);
    policy.unwrap_or_else(|| panic!("{found:#?}"))
}

fn settled_on(policy: &Policy, life: &Life, today: Date) -> Life {
    settled(life, &settle(policy, life, today), today, 1)
}

/// Somebody who is no buyer any more since 1 December 2024: what is held of them ends two years later.
fn buyer(policy: &Policy) -> Life {
    let mut life = Life::new(PersonId(1));
    let category = policy.category_named("buyer").unwrap().id;
    life.categories.push(HeldCategory { category, since: date(2024, 1, 1), until: None });
    let mut life = settled_on(policy, &life, date(2024, 1, 1));
    life.categories[0].until = Some(date(2024, 12, 1));
    let life = settled_on(policy, &life, date(2024, 12, 1));
    assert_eq!(life.grounds[0].due_on, Some(ENDS));
    life
}

fn said(life: &Life, says: Says, said_on: Option<Date>) -> Said {
    Said { ground: life.grounds[0].id, says, ends: life.grounds[0].due_on.unwrap(), said_on }
}

fn days(owed: &[Owed]) -> Vec<(Says, Date, Date)> {
    owed.iter().map(|owed| (owed.says, owed.from, owed.ends)).collect()
}

#[test]
fn telling_is_owed_from_its_day_on_and_once() {
    let policy = policy();
    let mut life = buyer(&policy);
    assert_eq!(parting::owed(&policy, &life, TODAY.yesterday().unwrap()), []);
    assert_eq!(days(&parting::owed(&policy, &life, TODAY)), [(Says::Told, TODAY, ENDS)]);
    // Past the end too, as long as its parting ground lasts.
    assert_eq!(parting::owed(&policy, &life, date(2026, 12, 31)).len(), 1);
    assert_eq!(parting::owed(&policy, &life, date(2027, 1, 1)), []);
    life.said.push(said(&life, Says::Told, None));
    assert_eq!(parting::owed(&policy, &life, TODAY), [], "it is on its way");
    // An end that moved is another end.
    life.grounds[0].due_on = Some(date(2026, 12, 20));
    assert_eq!(parting::owed(&policy, &life, date(2026, 11, 20)).len(), 1);
}

#[test]
fn what_somebody_was_to_be_told_of_waits_until_they_are() {
    let policy = policy();
    let mut life = buyer(&policy);
    let name = Datum {
        table: "item",
        id: 1,
        kind: policy.kind_named("name").unwrap().id,
        people: vec![(PersonId(1), Role::Subject)],
        engagements: Vec::new(),
        paper: false,
    };
    let why = |life: &Life, day: Date| {
        let gone = uncovered(&policy, life, &[], std::slice::from_ref(&name), day);
        gone.first().map(|one| (one.suspended, one.reason.clone()))
    };
    assert_eq!(why(&life, ENDS), None, "it is covered on its last day");
    assert_eq!(why(&life, date(2026, 12, 2)).unwrap().0, Some(Suspended::Untold));
    life.said.push(said(&life, Says::Told, None));
    assert_eq!(why(&life, date(2026, 12, 31)).unwrap().0, Some(Suspended::Untold), "begun is not told");
    let (kept, reason) = why(&life, date(2027, 1, 1)).unwrap();
    assert!(kept.is_none() && reason.contains("could not be told"), "{reason}");
    life.said[0].said_on = Some(TODAY);
    let (kept, reason) = why(&life, date(2026, 12, 2)).unwrap();
    assert!(kept.is_none() && reason.ends_with("(they were told on 2026-11-01)"), "{reason}");
}

#[test]
fn a_question_is_owed_only_where_a_yes_changes_something() {
    let policy = policy();
    let mut life = Life::new(PersonId(1));
    let category = policy.category_named("alumnus").unwrap().id;
    life.categories.push(HeldCategory { category, since: date(2026, 1, 1), until: None });
    life.events.push(("collected".to_owned(), date(2026, 1, 1)));
    life.events.push(("confirmed".to_owned(), date(2026, 1, 1)));
    let life = settled_on(&policy, &life, date(2026, 1, 1));
    assert!(life.grounds.iter().all(|ground| ground.due_on == Some(date(2027, 7, 1))), "{:?}", life.grounds);
    let owed = parting::owed(&policy, &life, date(2027, 6, 1));
    assert_eq!(days(&owed), [(Says::Asked, date(2027, 6, 1), date(2027, 7, 1))]);
    assert_eq!(owed[0].rule, policy.rule_keyed("circle").unwrap().id);
    // Once it has ended nobody is asked any more.
    assert_eq!(parting::owed(&policy, &life, date(2027, 7, 2)), []);
}

#[test]
fn it_is_said_on_a_ground_of_its_own_and_to_nobody_who_asked_for_silence() {
    let policy = policy();
    let life = buyer(&policy);
    let may = |life: &Life, day: Date, suppressed: bool| {
        let orders = policy.activity_named("orders").unwrap();
        let kinds = ["name", "email"].iter().map(|kind| policy.kind_named(kind).unwrap().id).collect();
        let act = Act {
            verb: Verb::Part,
            deed: None,
            kinds: Asked::Exactly(kinds),
            purpose: Some(orders.purpose),
            activity: Some(orders.id),
            engagement: None,
            channel: Some(policy.channel_named("email").unwrap().id),
            recipient: None,
        };
        let mut gate = Gate { footer_complete: true, ..Gate::default() };
        gate.people.insert(life.person, Reachable { suppressed, ..Reachable::default() });
        decide(&policy, &Actor::System("parting"), &act, &[life], &gate, jiff::Timestamp::UNIX_EPOCH, day)
            .map_err(|refusal| refusal.because)
    };
    assert!(may(&life, TODAY, false).is_ok());
    assert!(may(&life, date(2026, 12, 31), false).is_ok(), "thirty days after the end");
    assert!(may(&life, date(2027, 1, 1), false).unwrap_err().contains("nothing that ends"));
    assert!(may(&life, TODAY, true).unwrap_err().contains("our list"));
    let mut silent = life.clone();
    silent.objections.push(Objection {
        id: ObjectionId(1),
        scope: Scope::AllContact,
        made_on: date(2026, 1, 1),
        upheld_on: None,
        lifted_on: None,
    });
    assert!(may(&silent, TODAY, false).unwrap_err().contains("they asked on"));
    let mut restricted = life.clone();
    restricted.restriction =
        Some(Restriction { since: date(2026, 1, 1), owner: StaffId(1), review_on: date(2027, 1, 1) });
    assert!(may(&restricted, TODAY, false).unwrap_err().contains("restricted"));
}

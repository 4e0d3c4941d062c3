//! Grounds whose period hangs on facts: every case waits until it is known which it is; then the others are annulled.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]

use custody::Verb;
use custody::coverage::{Datum, Role, uncovered};
use custody::ground::{ceased, settle, settled};
use custody::id::{EngagementId, PersonId};
use custody::life::{HeldCategory, Life, OnWork, Told};
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

category participant "people who take part in an investigation"
category buyer       "people who buy from us"

item     name, email, date of birth, card number
entry    letters
document report

work case "investigation"
  milestones  opened, case closed
  people      employee is participant
  facts       employed by the client: yes or no;
              dispute open: yes or no, no unless recorded

work order "order"
  milestones  placed, order closed
  people      buyer is buyer

activity cases "Investigations"
  for       participant
  so that   "we can find out what happened"
  purpose   ServiceProvision
  basis     contract
  data      name, letters, report
  from      the person
  keep      letters until case closed, except those used in the report
  keep      report 2 years after case closed, longer while a dispute is open
  keep      6 years after case closed, if employed by the client at the time
  keep      review 6 years after case closed, otherwise
  then      erase

activity orders "Orders"
  for       buyer
  so that   "we can deliver"
  purpose   ServiceProvision
  basis     contract
  data      name, email, date of birth, card number
  from      the person
  keep      email stop writing 1 year after the last of their orders closed, erase 2 years after the last of their orders closed
  keep      card number never; charge it, note the result, discard
  keep      until the person is 25
  then      erase
"#;

fn policy() -> Policy {
    let (policy, found) = Policy::read(vec![File { name: "a.policy".into(), text: POLICY.to_owned() }]);
    policy.unwrap_or_else(|| panic!("{found:#?}"))
}

/// A person on the first kind of work the policy has, with one part and milestones.
fn on_work(policy: &Policy, life: &mut Life, work: &str, number: i64, milestones: &[(&str, Date)]) {
    let kind = policy.work_named(work).unwrap();
    life.works.push(OnWork {
        engagement: EngagementId(number),
        work: kind.id,
        part: kind.parts[0].name.clone(),
        since: date(2024, 1, 1),
        until: None,
        opened_on: date(2024, 1, 1),
        milestones: milestones.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect(),
        agreed: None,
    });
    let category = kind.parts[0].category;
    life.categories.push(HeldCategory { category, since: date(2024, 1, 1), until: None });
}

fn told(life: &mut Life, name: &str, value: &str, on: Date) {
    let engagement = Some(EngagementId(7));
    life.facts.push(Told { name: name.to_owned(), engagement, value: value.to_owned(), on });
}

fn settle_on(policy: &Policy, life: &Life, today: Date) -> Life {
    let changes = settle(policy, life, today);
    let next = life.grounds.iter().map(|ground| ground.id.0).max().unwrap_or(0) + 1;
    let life = settled(life, &changes, today, next);
    assert_eq!(settle(policy, &life, today), [], "settled is settled");
    life
}

/// What stands of a rule: its last day, its review, what it awaits.
fn standing(
    policy: &Policy,
    life: &Life,
    key: &str,
    today: Date,
) -> Option<(Option<Date>, Option<Date>, Option<String>)> {
    let rule = policy.rules.iter().find(|rule| rule.key == key).unwrap_or_else(|| panic!("{key}")).id;
    let ground = life
        .grounds
        .iter()
        .find(|ground| ground.rule == rule && ground.engagement.is_some() && ground.active(today))
        .or_else(|| life.grounds.iter().find(|ground| ground.rule == rule && ground.active(today)));
    ground.map(|ground| (ground.due_on, ground.review_on, ground.awaiting.clone()))
}

const EMPLOYED: &str = "cases if employed by the client at the time";
const OTHERWISE: &str = "cases otherwise";

#[test]
fn every_case_waits_until_it_is_known_and_then_the_others_are_annulled() {
    let policy = policy();
    let today = date(2026, 4, 1);
    let mut life = Life::new(PersonId(1));
    on_work(
        &policy,
        &mut life,
        "case",
        7,
        &[("opened", date(2024, 1, 1)), ("case closed", date(2026, 3, 31))],
    );
    let unknown = settle_on(&policy, &life, today);
    for key in [EMPLOYED, OTHERWISE] {
        let awaits = Some("whether employed by the client at the time".to_owned());
        assert_eq!(standing(&policy, &unknown, key, today), Some((None, None, awaits)), "{key}");
    }
    let mut yes = unknown.clone();
    told(&mut yes, "employed by the client", "yes", today);
    let yes = settle_on(&policy, &yes, today);
    assert_eq!(standing(&policy, &yes, EMPLOYED, today), Some((Some(date(2032, 3, 31)), None, None)));
    assert_eq!(standing(&policy, &yes, OTHERWISE, today), None);
    let mut no = unknown;
    told(&mut no, "employed by the client", "no", today);
    let no = settle_on(&policy, &no, today);
    assert_eq!(standing(&policy, &no, EMPLOYED, today), None);
    assert_eq!(standing(&policy, &no, OTHERWISE, today), Some((None, Some(date(2032, 3, 31)), None)));
}

#[test]
fn a_dispute_keeps_the_report_until_it_is_over() {
    let policy = policy();
    let mut life = Life::new(PersonId(1));
    on_work(
        &policy,
        &mut life,
        "case",
        7,
        &[("opened", date(2024, 1, 1)), ("case closed", date(2026, 3, 31))],
    );
    let plain = settle_on(&policy, &life, date(2026, 4, 1));
    assert_eq!(
        standing(&policy, &plain, "cases/report", date(2026, 4, 1)),
        Some((Some(date(2028, 3, 31)), None, None))
    );
    told(&mut life, "dispute open", "yes", date(2027, 1, 1));
    let disputed = settle_on(&policy, &life, date(2028, 6, 1));
    let awaits = Some("no longer a dispute is open".to_owned());
    assert_eq!(standing(&policy, &disputed, "cases/report", date(2028, 6, 1)), Some((None, None, awaits)));
    told(&mut life, "dispute open", "no", date(2029, 5, 2));
    let mut over = life.clone();
    over.grounds = disputed.grounds;
    let over = settle_on(&policy, &over, date(2029, 5, 2));
    assert_eq!(standing(&policy, &over, "cases/report", date(2029, 5, 2)), None);
}

#[test]
fn what_was_used_in_the_report_is_kept_as_long_as_the_report() {
    let policy = policy();
    let today = date(2026, 4, 1);
    let mut life = Life::new(PersonId(1));
    on_work(&policy, &mut life, "case", 7, &[("opened", date(2024, 1, 1))]);
    let life = settle_on(&policy, &life, today);
    let mut closed = life.clone();
    closed.works[0].milestones.push(("case closed".to_owned(), today));
    let closed = settle_on(&policy, &closed, today);
    let letter = |id: i64, class: Option<&str>| Datum {
        table: "entry",
        id,
        kind: policy.kind_named("letters").unwrap().id,
        people: vec![(PersonId(1), Role::Subject)],
        engagements: vec![(EngagementId(7), class.map(str::to_owned))],
        paper: false,
    };
    let letters = [letter(1, None), letter(2, Some("report"))];
    assert!(uncovered(&policy, &life, &[], &letters, today).is_empty());
    let gone: Vec<i64> =
        uncovered(&policy, &closed, &[], &letters, today).iter().map(|gone| gone.id).collect();
    assert_eq!(gone, [1]);
}

#[test]
fn the_last_of_their_orders_and_a_birthday_end_it_and_nothing_opens_for_what_is_never_kept() {
    let policy = policy();
    let today = date(2026, 4, 1);
    let mut life = Life::new(PersonId(1));
    on_work(&policy, &mut life, "order", 7, &[("order closed", date(2025, 1, 31))]);
    on_work(&policy, &mut life, "order", 8, &[]);
    let open = settle_on(&policy, &life, today);
    let awaits = Some("last of all order closed".to_owned());
    assert_eq!(standing(&policy, &open, "orders/email", today), Some((None, None, awaits)));
    let born = Some("date of birth".to_owned());
    assert_eq!(standing(&policy, &open, "orders", today), Some((None, None, born)));
    assert_eq!(standing(&policy, &open, "orders/card number", today), None);
    life.works[1].milestones.push(("order closed".to_owned(), date(2026, 3, 31)));
    life.born = Some(date(2004, 2, 29));
    let closed = settle_on(&policy, &life, today);
    assert_eq!(
        standing(&policy, &closed, "orders/email", today),
        Some((Some(date(2028, 3, 31)), None, None))
    );
    assert_eq!(standing(&policy, &closed, "orders", today), Some((Some(date(2029, 2, 28)), None, None)));
}

#[test]
fn a_stage_stops_its_use_from_the_next_day_and_nothing_else() {
    let policy = policy();
    let mut life = Life::new(PersonId(1));
    on_work(&policy, &mut life, "order", 7, &[("order closed", date(2026, 3, 31))]);
    let life = settle_on(&policy, &life, date(2026, 4, 1));
    let rule = policy.rules.iter().find(|rule| rule.key == "orders/email").unwrap().id;
    let ground = life.grounds.iter().find(|ground| ground.rule == rule).unwrap();
    let stops = |verb, on| ceased(&policy, &life, ground, verb, on);
    assert!(!stops(Verb::Send, date(2027, 3, 31)));
    assert!(stops(Verb::Send, date(2027, 4, 1)));
    assert!(!stops(Verb::Read, date(2027, 4, 1)) && !stops(Verb::Call, date(2027, 4, 1)));
}

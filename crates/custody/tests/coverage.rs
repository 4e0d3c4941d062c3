//! What grounds cover, and what becomes of the rest.

mod common;

use common::{cti, day, kind, rule, told};
use custody::coverage::owed_beside;
use custody::coverage::{Outcome, Role, Suspended};
use custody::handing::{Before, foreseen};
use custody::id::{EngagementId, GroundId, PersonId, StaffId};
use custody::life::{Hold, Life, Needs, OpenRequest, Restriction, State, StopCause};
use custody::{Datum, Uncovered, covered, covers, owed, uncovered};
use policy::{Disposal, KindId, Policy};

fn datum(policy: &Policy, id: i64, name: &str, engagements: &[i64]) -> Datum {
    let kind = kind(policy, name);
    let engagements = engagements.iter().map(|number| (EngagementId(*number), None)).collect();
    Datum { table: "item", id, kind, people: vec![(PersonId(1), Role::Subject)], engagements, paper: false }
}

fn client(policy: &Policy) -> Life {
    let client = told(policy).is("coaching client", "2026-01-02").event("contact", "2026-01-02");
    let client = client.programme(7, "client", "2026-01-02").signed(7, "2026-01-05").on("2026-01-05");
    client.milestone(7, "completed", "2026-03-31").on("2026-03-31").life
}

#[test]
fn items_belong_to_the_person_and_notes_to_their_programme() {
    let policy = cti();
    let life = client(&policy);
    let coaching = life.grounds.iter().find(|ground| ground.rule == rule(&policy, "coaching")).unwrap();
    let me = PersonId(1);
    assert!(covers(&policy, coaching, me, &datum(&policy, 1, "name", &[])));
    assert!(covers(&policy, coaching, me, &datum(&policy, 2, "coaching notes", &[7])));
    assert!(!covers(&policy, coaching, me, &datum(&policy, 3, "coaching notes", &[])));
    assert!(!covers(&policy, coaching, me, &datum(&policy, 4, "coaching notes", &[8])));
    assert!(!covers(&policy, coaching, PersonId(2), &datum(&policy, 5, "name", &[])));
    assert!(!covers(&policy, coaching, me, &datum(&policy, 6, "job title", &[])));
}

#[test]
fn the_record_of_a_consent_stays_as_long_as_something_rests_on_it() {
    let policy = cti();
    let told = told(&policy).is("coaching client", "2026-01-02").programme(7, "client", "2026-01-02");
    let told = told.signed(7, "2026-01-05").on("2026-01-05");
    let consent = told.life.consents[0].id.0;
    let record = |id: i64| Datum { table: "consent", ..datum(&policy, id, "consent record", &[]) };
    // Long after the six years for which such records are kept, on a programme that never came to its end.
    let later = day("2033-06-01");
    assert!(covered(&policy, &told.life, &record(consent), later));
    assert!(
        !covered(&policy, &told.life, &record(consent + 1), later),
        "another consent proves nothing here"
    );
    let ended = told.milestone(7, "completed", "2032-06-01").on("2032-06-01").life;
    assert!(!covered(&policy, &ended, &record(consent), later), "and goes with what rested on it");
}

#[test]
fn the_class_on_the_work_decides_what_a_document_is_there() {
    let policy = cti();
    let life = client(&policy);
    let coaching = life.grounds.iter().find(|ground| ground.rule == rule(&policy, "coaching")).unwrap();
    let mut paper = datum(&policy, 1, "enquiry", &[]);
    paper.engagements = vec![(EngagementId(7), Some("evaluation form".to_owned()))];
    assert!(covers(&policy, coaching, PersonId(1), &paper));
    paper.engagements = vec![(EngagementId(7), Some("enquiry".to_owned()))];
    assert!(!covers(&policy, coaching, PersonId(1), &paper));
    paper.engagements = vec![(EngagementId(7), Some("a class nobody knows".to_owned()))];
    assert!(!covers(&policy, coaching, PersonId(1), &paper));
}

#[test]
fn notes_go_the_day_after_the_last_day_with_the_clause_as_the_reason() {
    let policy = cti();
    let life = client(&policy);
    let data = [datum(&policy, 1, "coaching notes", &[7]), datum(&policy, 2, "name", &[])];
    assert_eq!(uncovered(&policy, &life, &[], &data, day("2026-09-30")), []);
    let gone = uncovered(&policy, &life, &[], &data, day("2026-10-01"));
    assert_eq!(gone.iter().map(|gone| gone.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(gone[0].outcome, Outcome::Dispose(Disposal::Erase));
    assert!(gone[0].reason.starts_with("6 months after completed"), "{}", gone[0].reason);
    assert_eq!(gone[0].suspended, None);
}

#[test]
fn another_ground_keeps_what_it_names_and_no_more() {
    let policy = cti();
    let client = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05").on("2026-01-05");
    let client = client
        .milestone(7, "completed", "2026-03-31")
        .opted_in("greetings", "2026-04-01")
        .on("2026-04-01")
        .on("2026-10-02");
    let data = [
        datum(&policy, 1, "coaching notes", &[7]),
        datum(&policy, 2, "email", &[]),
        datum(&policy, 3, "phone", &[]),
    ];
    let gone: Vec<i64> =
        uncovered(&policy, &client.life, &[], &data, day("2026-10-02")).iter().map(|gone| gone.id).collect();
    assert_eq!(gone, [1, 3]);
}

#[test]
fn paper_is_a_task_and_what_nothing_ever_allowed_goes_too() {
    let policy = cti();
    let life = client(&policy);
    let mut form = datum(&policy, 1, "consent form", &[7]);
    form.paper = true;
    let odd = datum(&policy, 2, "job title", &[]);
    let gone = uncovered(&policy, &life, &[], &[form, odd], day("2026-10-01"));
    assert_eq!(gone[0].outcome, Outcome::Task(Disposal::Erase));
    assert_eq!((gone[1].rule, gone[1].reason.as_str()), (None, "no activity allows it"));
}

#[test]
fn what_is_about_two_people_stays_for_the_other() {
    let policy = cti();
    let first = client(&policy);
    let mut other = told(&policy).programme(7, "client", "2026-01-02").signed(7, "2026-01-05");
    other.life.person = PersonId(2);
    let other = other.on("2026-01-05").life;
    let mut note = datum(&policy, 1, "coaching notes", &[7]);
    note.people.push((PersonId(2), Role::Mentioned));
    let both = uncovered(&policy, &first, &[&first, &other], std::slice::from_ref(&note), day("2026-10-01"));
    assert_eq!(both[0].outcome, Outcome::CutLink);
    let alone = uncovered(&policy, &first, &[&first], &[note], day("2026-10-01"));
    assert_eq!(alone[0].outcome, Outcome::Dispose(Disposal::Erase));
}

#[test]
fn holds_restrictions_and_open_requests_that_need_it_suspend() {
    let policy = cti();
    let mut life = client(&policy);
    let data = [datum(&policy, 1, "coaching notes", &[7])];
    let today = day("2026-10-01");
    let suspended = |life: &Life| uncovered(&policy, life, &[], &data, today)[0].suspended;
    for needs in [Needs::Restriction, Needs::Portability, Needs::Access] {
        life.requests.push(OpenRequest { needs, due_on: day("2026-10-01") });
        assert_eq!(suspended(&life), Some(Suspended::Request(needs)), "a copy before anything else");
    }
    life.requests = vec![OpenRequest { needs: Needs::Portability, due_on: day("2026-09-30") }];
    assert_eq!(suspended(&life), None);
    life.restriction =
        Some(Restriction { since: day("2026-09-01"), owner: StaffId(1), review_on: day("2026-12-01") });
    assert_eq!(suspended(&life), Some(Suspended::Restriction));
    life.hold = Some(Hold {
        since: day("2026-09-01"),
        owner: StaffId(1),
        helpers: Vec::new(),
        review_on: day("2026-12-01"),
    });
    assert_eq!(suspended(&life), Some(Suspended::Hold));
}

#[test]
fn grounds_that_stopped_together_return_first_and_anonymise_only_if_all_say_so() {
    let mut policy = cti();
    let life = client(&policy);
    let mut life = life;
    let coaching =
        life.grounds.iter().find(|ground| ground.rule == rule(&policy, "coaching")).unwrap().clone();
    let mut second = coaching.clone();
    second.id = GroundId(900);
    second.rule = rule(&policy, "enquiries");
    life.grounds = vec![coaching, second];
    let name = [datum(&policy, 1, "name", &[])];
    let ways = |policy: &mut Policy, a: Disposal, b: Disposal, life: &Life| {
        let (first, other) = (rule(policy, "coaching"), rule(policy, "enquiries"));
        policy.rules[first.index()].then = a;
        policy.rules[other.index()].then = b;
        uncovered(policy, life, &[], &name, day("2026-10-01"))[0].outcome
    };
    use Disposal::{Anonymise, DeliverThenErase, Erase, ReturnThenErase};
    assert_eq!(ways(&mut policy, Anonymise, Erase, &life), Outcome::Dispose(Erase));
    assert_eq!(ways(&mut policy, Anonymise, Anonymise, &life), Outcome::Dispose(Anonymise));
    assert_eq!(ways(&mut policy, Erase, ReturnThenErase, &life), Outcome::Dispose(ReturnThenErase));
    assert_eq!(ways(&mut policy, DeliverThenErase, Anonymise, &life), Outcome::Dispose(DeliverThenErase));
    // Nobody who ended it themselves is counted.
    for ground in &mut life.grounds {
        ground.state = State::Stopped { on: day("2026-09-30"), cause: StopCause::Objected };
    }
    assert_eq!(ways(&mut policy, Anonymise, Anonymise, &life), Outcome::Dispose(Erase));
}

#[test]
fn everybody_in_a_document_lets_go_of_it_together_and_nothing_is_taken_from_under_a_hold() {
    let mut policy = cti();
    let one = client(&policy);
    let mut other = one.clone();
    other.person = PersonId(2);
    let second = rule(&policy, "enquiries");
    for ground in &mut other.grounds {
        if ground.rule == rule(&policy, "coaching") {
            (ground.id, ground.rule) = (GroundId(ground.id.0 + 500), second);
        }
    }
    let mut shared = datum(&policy, 1, "name", &[]);
    shared.people.push((PersonId(2), Role::Subject));
    let (erases, returns) = (rule(&policy, "coaching"), second);
    policy.rules[erases.index()].then = Disposal::Erase;
    policy.rules[returns.index()].then = Disposal::ReturnThenErase;
    let night = day("2026-10-01");
    let of =
        |life: &Life, beside: &Life| uncovered(&policy, life, &[beside], &[shared.clone()], night)[0].outcome;
    // Whoever's night comes first, what is owed comes before it.
    assert_eq!(of(&one, &other), Outcome::Dispose(Disposal::ReturnThenErase));
    assert_eq!(of(&other, &one), Outcome::Dispose(Disposal::ReturnThenErase));
    // A hold keeps what is the other's: only the link to the first is cut.
    other.hold =
        Some(Hold { since: night, owner: StaffId(1), helpers: Vec::new(), review_on: day("2027-01-01") });
    assert_eq!(of(&one, &other), Outcome::CutLink);
    let kept = uncovered(&policy, &other, &[&one], &[shared.clone()], night);
    assert_eq!(kept[0].suspended, Some(Suspended::Hold));
}

#[test]
fn all_work_that_a_document_lies_on_lets_go_of_it_together() {
    let mut policy = cti();
    let work = |number: i64, name: &str, policy: &Policy| {
        let mut life = client(policy);
        (life.person, life.alone) = (PersonId(number), true);
        life.grounds.retain(|ground| ground.rule == rule(policy, "coaching"));
        for ground in &mut life.grounds {
            (ground.id, ground.rule) = (GroundId(number), rule(policy, name));
            ground.engagement = Some(EngagementId(number));
        }
        life
    };
    let (erases, delivers) = (rule(&policy, "coaching"), rule(&policy, "enquiries"));
    policy.rules[erases.index()].then = Disposal::Erase;
    policy.rules[delivers.index()].then = Disposal::DeliverThenErase;
    let kinds = policy.rules[erases.index()].kinds;
    policy.rules[delivers.index()].kinds = kinds;
    let one = work(7, "coaching", &policy);
    let mut other = work(8, "enquiries", &policy);
    for name in ["coaching", "enquiries"] {
        let which = rule(&policy, name);
        policy.rules[which.index()].for_work = true;
    }
    let mut shared = datum(&policy, 1, "consent form", &[7, 8]);
    shared.people.clear();
    let data = [shared];
    let night = day("2026-10-01");
    let of = |life: &Life, beside: &Life| uncovered(&policy, life, &[beside], &data, night)[0].clone();
    // Both end this night: whoever's turn is first, it is delivered for the second.
    for (life, beside) in [(&one, &other), (&other, &one)] {
        let goes = of(life, beside);
        assert_eq!(goes.outcome, Outcome::Task(Disposal::DeliverThenErase));
        assert_eq!((goes.engagement, goes.copy), (Some(EngagementId(8)), false));
    }
    // A hold on the second keeps what the first would let go of.
    other.hold =
        Some(Hold { since: night, owner: StaffId(1), helpers: Vec::new(), review_on: day("2027-01-01") });
    assert_eq!(of(&one, &other).suspended, Some(Suspended::Hold));
    // The first goes on, and the second ended: it stays, and is owed to the second all the same.
    other.hold = None;
    let mut on = one.clone();
    for ground in &mut on.grounds {
        ground.due_on = Some(day("2030-01-01"));
    }
    let leaving = uncovered(&policy, &other, &[&on], &data, night);
    assert_eq!(leaving[0].outcome, Outcome::CutLink);
    assert_eq!(owed(&policy, &other, &data, night), []);
    let owes = owed_beside(&policy, &other, &leaving, &data, night);
    assert_eq!(owes[0].outcome, Outcome::Task(Disposal::DeliverThenErase));
    assert_eq!((owes[0].engagement, owes[0].copy), (Some(EngagementId(8)), true));
}

#[test]
fn what_a_milestone_says_was_handed_over_is_not_owed_again() {
    let mut policy = cti();
    let coaching = rule(&policy, "coaching");
    policy.rules[coaching.index()].then = Disposal::DeliverThenErase;
    let over = told(&policy)
        .programme(7, "client", "2026-01-02")
        .signed(7, "2026-01-05")
        .on("2026-01-05")
        .milestone(7, "completed", "2026-03-31")
        .on("2026-10-01")
        .life;
    let form = [datum(&policy, 1, "coaching notes", &[7])];
    let outcome = |policy: &Policy| uncovered(policy, &over, &[], &form, day("2026-10-01"))[0].outcome;
    assert_eq!(outcome(&policy), Outcome::Task(Disposal::DeliverThenErase));
    policy.rules[coaching.index()].unless = Some("another day".to_owned());
    assert_eq!(outcome(&policy), Outcome::Task(Disposal::DeliverThenErase), "that has not happened");
    policy.rules[coaching.index()].unless = Some("completed".to_owned());
    assert_eq!(outcome(&policy), Outcome::Dispose(Disposal::Erase));
}

#[test]
fn returning_is_owed_even_if_another_ground_keeps_a_copy() {
    let mut policy = cti();
    let coaching = rule(&policy, "coaching");
    policy.rules[coaching.index()].then = Disposal::ReturnThenErase;
    let two = told(&policy)
        .programme(7, "client", "2026-01-02")
        .programme(8, "client", "2026-01-02")
        .signed(7, "2026-01-05")
        .signed(8, "2026-01-05");
    let two = two.on("2026-01-05").milestone(7, "completed", "2026-03-31").on("2026-10-01").life;
    let form = datum(&policy, 1, "consent form", &[7, 8]);
    assert!(covered(&policy, &two, &form, day("2026-10-01")));
    let tasks = owed(&policy, &two, &[form], day("2026-10-01"));
    assert_eq!(
        tasks.iter().map(|task| task.outcome).collect::<Vec<_>>(),
        [Outcome::Task(Disposal::ReturnThenErase)]
    );
}

#[test]
fn a_detail_is_nothing_to_give_back() {
    let mut policy = cti();
    let coaching = rule(&policy, "coaching");
    policy.rules[coaching.index()].then = Disposal::ReturnThenErase;
    let mut life = client(&policy);
    life.grounds.retain(|ground| ground.rule == coaching);
    let [form, notes, email] = ["consent form", "coaching notes", "email"].map(|kind| {
        uncovered(&policy, &life, &[], &[datum(&policy, 1, kind, &[7])], day("2026-10-01"))[0].outcome
    });
    assert_eq!(form, Outcome::Task(Disposal::ReturnThenErase));
    assert_eq!(notes, Outcome::Task(Disposal::ReturnThenErase));
    assert_eq!(email, Outcome::Dispose(Disposal::ReturnThenErase), "it goes after them");
    // While something else keeps it, nobody is asked to give it back either.
    let mut other = life.grounds[0].clone();
    (other.id, other.rule) = (GroundId(900), rule(&policy, "enquiries"));
    (other.engagement, other.due_on) = (None, Some(day("2030-01-01")));
    life.grounds.push(other);
    let kept = [datum(&policy, 1, "email", &[7])];
    assert!(covered(&policy, &life, &kept[0], day("2026-10-01")));
    assert_eq!(owed(&policy, &life, &kept, day("2026-10-01")), []);
}

#[test]
fn an_entry_about_two_goes_to_each_whose_clause_says_so() {
    let mut policy = cti();
    let delivers = rule(&policy, "coaching").index();
    policy.rules[delivers].then = Disposal::DeliverThenErase;
    let one = client(&policy);
    let mut other = Life { person: PersonId(2), ..one.clone() };
    let both = vec![(PersonId(1), Role::Subject), (PersonId(2), Role::Subject)];
    let notes = Datum { table: "entry", people: both.clone(), ..datum(&policy, 3, "coaching notes", &[7]) };
    let gets = |policy: &Policy, life: &Life, beside: &Life| {
        let leaves = uncovered(policy, life, &[beside], std::slice::from_ref(&notes), day("2026-10-01"));
        assert_eq!(leaves.len(), 1);
        assert_eq!(leaves[0].outcome, Outcome::Task(Disposal::DeliverThenErase));
        (leaves[0].theirs, leaves[0].beside.clone())
    };
    assert_eq!(gets(&policy, &one, &other), (true, vec![PersonId(2)]));
    assert_eq!(gets(&policy, &other, &one), (true, vec![PersonId(1)]));
    // So does a copy of a document; an original goes back once.
    let form = Datum { table: "document", people: both, ..datum(&policy, 4, "consent form", &[7]) };
    let mut alone = one.clone();
    alone.grounds.retain(|ground| ground.rule == rule(&policy, "coaching"));
    let with = Life { person: PersonId(2), ..alone.clone() };
    for (then, beside) in
        [(Disposal::ReturnThenErase, Vec::new()), (Disposal::DeliverThenErase, vec![PersonId(2)])]
    {
        policy.rules[delivers].then = then;
        let leaves = uncovered(&policy, &alone, &[&with], std::slice::from_ref(&form), day("2026-10-01"));
        assert_eq!((leaves[0].outcome, leaves[0].beside.clone()), (Outcome::Task(then), beside));
    }
    // The other has had theirs already, and their clause erases.
    policy.rules[delivers].unless = Some("first session".to_owned());
    other.works[0].milestones.push(("first session".to_owned(), day("2026-02-01")));
    assert_eq!(gets(&policy, &one, &other), (true, Vec::new()));
    assert_eq!(gets(&policy, &other, &one), (false, vec![PersonId(1)]));
    // It goes to somebody else, once.
    policy.rules[delivers].unless = None;
    policy.rules[delivers].to = Some("the county archive".to_owned());
    assert_eq!(gets(&policy, &one, &other), (true, Vec::new()));
}

#[test]
fn an_address_waits_for_what_is_handed_over_to_them_and_for_nothing_else() {
    let mut policy = cti();
    let (delivers, erases) = (rule(&policy, "coaching"), rule(&policy, "enquiries"));
    policy.rules[delivers.index()].then = Disposal::DeliverThenErase;
    let after = Outcome::Dispose(Disposal::DeliverThenErase);
    let tonight = Outcome::Dispose(Disposal::Erase);
    let by_hand = Outcome::Task(Disposal::DeliverThenErase);
    let leaves = |table, id, name, rule, outcome| Uncovered {
        table,
        id,
        kind: kind(&policy, name),
        outcome,
        rule: Some(rule),
        reason: String::new(),
        suspended: None,
        engagement: None,
        copy: false,
        theirs: true,
        beside: Vec::new(),
    };
    let form = leaves("document", 1, "consent form", delivers, by_hand);
    let notes = leaves("entry", 2, "coaching notes", delivers, by_hand);
    let email = leaves("item", 3, "email", erases, tonight);
    let job = leaves("item", 4, "job title", erases, tonight);
    let name = leaves("item", 5, "name", delivers, after);
    let found = |policy: &Policy, rows: &[&Uncovered], before: &Before| -> Vec<Outcome> {
        let mut rows: Vec<Uncovered> = rows.iter().copied().cloned().collect();
        foreseen(policy, &mut rows, before);
        rows.into_iter().map(|row| row.outcome).collect()
    };
    let nothing = Before::default();
    let open = |key: &str| Before { open: vec![key.to_owned()], ..Before::default() };
    assert_eq!(found(&policy, &[&form, &email, &job], &nothing), [by_hand, after, tonight]);
    assert_eq!(found(&policy, &[&notes, &email], &nothing), [by_hand, after]);
    // What was asked for on an earlier night says so too.
    assert_eq!(found(&policy, &[&email, &job], &open("coaching")), [after, tonight]);
    assert_eq!(found(&policy, &[&email], &open("enquiries")), [tonight]);
    // What follows what is handed over waits for that alone.
    assert_eq!(found(&policy, &[&name], &nothing), [tonight]);
    assert_eq!(found(&policy, &[&name], &open("enquiries")), [after]);
    // What was handed over goes, and keeps nothing.
    let done = Before { done: [("entry", 2)].into(), ..Before::default() };
    assert_eq!(found(&policy, &[&notes, &email, &name], &done), [tonight, tonight, tonight]);
    // Whoever has had theirs, or gets none, is not waited for by what says where they are.
    let had = Before { theirs: [("entry", 2)].into(), ..Before::default() };
    assert_eq!(found(&policy, &[&notes, &email, &name], &had), [by_hand, tonight, tonight]);
    let others = Uncovered { theirs: false, ..notes.clone() };
    assert_eq!(found(&policy, &[&others, &email, &name], &nothing), [by_hand, tonight, tonight]);
    let copy = Uncovered { copy: true, ..form.clone() };
    let done = Before { done: [("document", 1)].into(), ..Before::default() };
    assert_eq!(found(&policy, &[&copy, &email], &done), [Outcome::CutLink, tonight]);
    // While something keeps it nobody hands it over.
    let held = Uncovered { suspended: Some(Suspended::Hold), ..form.clone() };
    assert_eq!(found(&policy, &[&held, &name], &nothing), [by_hand, tonight]);
    // It goes to somebody else: nobody needs their address.
    policy.rules[delivers.index()].to = Some("the county archive".to_owned());
    assert_eq!(found(&policy, &[&form, &email, &name], &nothing), [by_hand, tonight, after]);
}

#[test]
fn adding_a_ground_never_shortens() {
    let policy = cti();
    let life = client(&policy);
    let all: Vec<Datum> = (0..policy.kinds.len())
        .map(|at| Datum { kind: KindId(at as u16), ..datum(&policy, at as i64, "name", &[7]) })
        .collect();
    for extra in &policy.rules {
        let mut more = life.clone();
        let mut ground = life.grounds[0].clone();
        ground.rule = extra.id;
        ground.due_on = None;
        more.grounds.push(ground);
        for today in ["2026-02-01", "2026-09-30", "2026-10-01", "2027-01-01"] {
            for datum in &all {
                let before = covered(&policy, &life, datum, day(today));
                assert!(!before || covered(&policy, &more, datum, day(today)));
            }
        }
    }
}

#[test]
fn the_record_of_work_goes_with_the_last_of_those_on_it() {
    let policy = cti();
    let life = client(&policy);
    let mut coach = Life::new(PersonId(2));
    let record = |people: &[i64]| Datum {
        table: "engagement",
        people: people.iter().map(|person| (PersonId(*person), Role::Subject)).collect(),
        ..datum(&policy, 7, "work record", &[7])
    };
    let out = day("2026-10-01");
    let of = |others: &[&Life], people: &[i64]| uncovered(&policy, &life, others, &[record(people)], out);
    assert!(matches!(of(&[], &[1])[0].outcome, Outcome::Dispose(Disposal::Erase)));
    // The other is let go of on the same night: what lies on the work is still weighed by it.
    coach.grounds.clear();
    assert_eq!(of(&[&coach], &[1, 2])[0].outcome, Outcome::CutLink);
}

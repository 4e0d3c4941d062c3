//! What somebody objects to is weighed use by use: nothing but advertising stops before it is known who asks, whoever decides still
//! finds them, each use has its own answer, and what was decided happens when they are told.

use app::acts::asking::{self, Asking};
use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::person::{self, NewPerson, act};
use app::acts::request::weighing::{self, Answered, Stage};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::{Acting, identity, restriction};
use app::fault::Fault;
use custody::act::Asked;
use custody::id::{LetterId, PersonId, RequestId};
use custody::{Gate, Verb};
use jiff::civil::date;
use policy::activity::Purpose;
use store::objection::Verdict;
use store::{disclosure, request, task};

use super::common::{newcomer, night};
use super::house::{House, TODAY, invalid, on_both, went};

fn by_the_form(house: &House, word: &str) -> RequestId {
    let asking = Asking {
        ask: word.into(),
        name: "Tara Quill".into(),
        reach: "tara.quill@brightwell.example".into(),
        words: "Leave me alone.".into(),
        ..Asking::default()
    };
    let taken = house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking));
    RequestId(store::id::referred(&taken.unwrap().reference).unwrap())
}

/// Whether a kind of hers may be had, for a purpose or to be read.
fn may(house: &House, who: PersonId, verb: Verb, kind: &str, purpose: Option<Purpose>) -> bool {
    let done = house.act(|acting, tx| {
        let life = acting.life(tx, who)?;
        let kind = acting.policy.kind_named(kind).unwrap().id;
        let mut wanted = act(verb, None, Asked::WhatMayBeSeen([kind].into_iter().collect()));
        wanted.purpose = purpose;
        acting.decide(&wanted, &[&life], &Gate::default())
    });
    done.is_ok()
}

fn serves(house: &House, who: PersonId) -> bool {
    may(house, who, Verb::Export, "email", Some(Purpose::ServiceProvision))
}

fn uses(house: &House, id: RequestId) -> Vec<weighing::Use> {
    let asked = house.request(id);
    house.act(|acting, tx| weighing::uses(acting, tx, &asked)).unwrap()
}

fn stage(house: &House, id: RequestId) -> Stage {
    let asked = house.request(id);
    house.act(|acting, tx| weighing::came_to(acting, tx, &asked)).unwrap()
}

fn answered(of: &weighing::Use, because: &str) -> Answered {
    let verdict = if because.is_empty() { Verdict::Stops } else { Verdict::GoesOn };
    Answered { objection: of.objection, verdict: Some(verdict), because: because.to_owned() }
}

fn held(house: &House, who: PersonId, kind: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM item WHERE person_id = {who} AND kind = '{kind}'");
    house.read(|tx| tx.count(&sql, &[]))
}

#[test]
fn a_stranger_stops_nothing_of_anybodys_but_offers() {
    on_both(|house| {
        let tara = house.tara();
        let id = by_the_form(house, "objection");
        assert!(serves(house, tara), "nobody knows yet who asks");
        assert!(!may(house, tara, Verb::Send, "email", Some(Purpose::DirectMarketing)), "at once");
        assert_eq!(stage(house, id), Stage::Nothing);
        let finding = || {
            let sql = format!(
                "SELECT COUNT(*) FROM task WHERE request_id = {} AND due_on = '{TODAY}' AND done_on IS NULL
                    AND kind <> 'tell recipient'",
                id.0
            );
            house.read(|tx| tx.count(&sql, &[]))
        };
        assert_eq!(finding(), 1, "somebody finds out today whether it is she");
        let early = house.act(|acting, tx| desk::answer(acting, tx, id, Outcome::Done, ("We stop.", TODAY)));
        assert!(invalid(&early.unwrap_err(), "identity"));
        // The same of a name on the telephone, until whoever takes it says how they know.
        let rung = house.opened("objection", Who::Held(tara));
        assert!(serves(house, tara) && uses(house, rung).is_empty());
        house.known(id);
        assert!(!serves(house, tara), "until it is decided it is stored only");
        assert_eq!(finding(), 0, "and that is done");
        assert_eq!(uses(house, id).len(), 2, "what rests on an interest of ours, and no more");
        assert!(uses(house, rung).is_empty());
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
        house.spoil(&format!(
            "DELETE FROM request_step WHERE step = '{}' AND request_id = {}",
            identity::KNOWN,
            id.0
        ));
        let broken = house.look("identity-known").broken;
        assert!(
            broken
                .iter()
                .all(|one| one.contains("stops more than advertising, and nothing says how we knew"))
                && broken.len() == 2,
            "{broken:?}"
        );
    });
}

#[test]
fn no_contact_by_the_form_stops_offers_and_the_rest_when_it_is_known_who_asks() {
    on_both(|house| {
        let tara = house.tara();
        let id = by_the_form(house, "no contact");
        let scopes = || {
            let sql = format!("SELECT scope FROM objection WHERE person_id = {tara} ORDER BY id");
            house.read(|tx| tx.all(&sql, &[], |row| row.text(0)))
        };
        assert_eq!((scopes(), house.request(id).closed_on), (vec!["purpose".to_owned()], None));
        let asked = house.request(id);
        assert!(asked.due_on.is_some() && asked.owner.is_some(), "somebody sees to it");
        house.known(id);
        assert_eq!(scopes(), ["purpose", "all contact"]);
        let closed = house.request(id);
        assert_eq!(closed.closed_on, Some(TODAY));
        let keys = house.instance.store.keys();
        let email = "tara.quill@brightwell.example";
        let stands = house.read(|tx| store::suppression::standing(tx, keys, "email", email));
        assert_eq!(stands.len(), 2, "advertising, and all contact");
        let outcome = house.act(|acting, tx| Ok(request::steps(tx, &acting.policy, &closed)?));
        assert!(outcome.unwrap().iter().any(|step| step.step == "stopped"));
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
        house.spoil(&format!(
            "DELETE FROM request_step WHERE step = '{}' AND request_id = {}",
            identity::KNOWN,
            id.0
        ));
        let broken = house.look("identity-known").broken;
        assert!(broken.len() == 1 && broken[0].contains("stops more than advertising"), "{broken:?}");
    });
}

#[test]
fn no_contact_for_another_stops_theirs_and_not_the_address_of_whoever_asks() {
    on_both(|house| {
        let tara = house.tara();
        let asking = Asking {
            ask: "no contact".into(),
            name: "Tara Quill".into(),
            reach: "post@solicitors.example".into(),
            behalf: "Jo Wren".into(),
            authority: "her solicitor".into(),
            ..Asking::default()
        };
        let taken =
            house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking));
        let id = RequestId(store::id::referred(&taken.unwrap().reference).unwrap());
        let keys = house.instance.store.keys();
        let stands = |email: &'static str| {
            house.read(|tx| store::suppression::standing(tx, keys, "email", email)).len()
        };
        assert_eq!(stands("post@solicitors.example"), 0, "offers to a solicitor are no business of hers");
        house.act(|acting, tx| desk::tie(acting, tx, id, (tara, "known"))).unwrap();
        assert_eq!(house.request(id).closed_on, None, "nobody has seen what lets them ask");
        house.act(|acting, tx| desk::authority_seen(acting, tx, id, TODAY)).unwrap();
        assert_eq!(house.request(id).closed_on, Some(TODAY));
        assert_eq!(stands("tara.quill@brightwell.example"), 2, "advertising, and all contact");
        assert_eq!(stands("post@solicitors.example"), 0);
    });
}

#[test]
fn whoever_decides_still_finds_whoever_objects_and_nobody_uses_it() {
    on_both(|house| {
        let tara = house.tara();
        let id = house.opened("objection", Who::Held(tara));
        house.known(id);
        for kind in ["name", "email"] {
            assert!(may(house, tara, Verb::Read, kind, None), "{kind} on her page");
            assert!(may(house, tara, Verb::List, kind, None), "{kind} in a list");
            assert!(!may(house, tara, Verb::Change, kind, None), "{kind} is not changed");
            assert!(!may(house, tara, Verb::Export, kind, None), "{kind} goes nowhere");
        }
        // Whoever does not decide finds nothing to use.
        let other = house.by(&house.assistant, |acting, tx| {
            let life = acting.life(tx, tara)?;
            let name = acting.policy.kind_named("name").unwrap().id;
            let read = act(Verb::Read, None, Asked::WhatMayBeSeen([name].into_iter().collect()));
            acting.decide(&read, &[&life], &Gate::default())
        });
        assert!(matches!(other, Err(Fault::Refused(_))), "{other:?}");
    });
}

#[test]
fn each_use_has_its_answer_and_what_was_decided_happens_when_they_are_told() {
    on_both(|house| {
        let tara = house.tara();
        let id = house.opened("objection", Who::Held(tara));
        house.known(id);
        let both = uses(house, id);
        let [enquiries, correspondence] = &both[..] else { panic!("{both:?}") };
        assert!(enquiries.title.starts_with("Answering enquiries"), "{enquiries:?}");
        let weigh = |answers: &[Answered]| house.act(|acting, tx| weighing::weigh(acting, tx, id, answers));
        // Every use has an answer, and what goes on a reason.
        let Err(Fault::Invalid(wrong)) = weigh(&[Answered {
            objection: correspondence.objection,
            verdict: Some(Verdict::GoesOn),
            because: " ".into(),
        }]) else {
            panic!("taken")
        };
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field.clone()).collect();
        let (first, second) = (enquiries.objection, correspondence.objection);
        assert_eq!(fields, [format!("use-{first}"), format!("why-{second}")]);
        let partly = house.act(|acting, tx| desk::answer(acting, tx, id, Outcome::Partly, ("Some.", TODAY)));
        assert!(invalid(&partly.unwrap_err(), "answer"), "which part?");

        // What it would do is seen first, and looking changes nothing.
        let why = "we must be able to show what we promised her";
        let answers = [answered(enquiries, ""), answered(correspondence, why)];
        let ahead = house.act(|acting, tx| weighing::foreseen(acting, tx, id, &answers)).unwrap();
        assert!(ahead.goes.iter().any(|line| line.what == "detail"), "{:?}", ahead.goes);
        assert!(ahead.stays.iter().any(|line| line.what == "contact record"), "{:?}", ahead.stays);
        assert_eq!(stage(house, id), Stage::Open);

        weigh(&answers).unwrap();
        assert_eq!(stage(house, id), Stage::Came(Outcome::Partly));
        assert!(!serves(house, tara), "nothing goes on before she is told");
        night(&house.instance, date(2026, 11, 4));
        assert_eq!(held(house, tara, "email"), 1, "and nothing stops for good");
        for wrong in [Outcome::Done, Outcome::Refused] {
            let other =
                house.act(|acting, tx| desk::answer(acting, tx, id, wrong, ("As we said.", acting.today)));
            assert!(invalid(&other.unwrap_err(), "answer"), "{wrong:?}");
        }
        let draft =
            |sort| house.act(|acting, tx| letter::draft(acting, tx, About::Request(id), sort, ("", None)));
        for wrong in [Sort::Answer, Sort::Extension, Sort::Fee] {
            assert!(invalid(&draft(wrong).unwrap_err(), "letter-why"), "{wrong:?}");
        }
        let early = draft(Sort::Part).unwrap();
        // Decided again, the letter of before says what is no longer so.
        weigh(&answers).unwrap();
        let send = |letter| {
            house.act(|acting, tx| {
                letter::send(acting, tx, (letter, 1), Leaves::ByHand(acting.today, "by post"))
            })
        };
        assert!(invalid(&send(early).unwrap_err(), "body"));
        let last = draft(Sort::Part).unwrap();
        let sql = format!("SELECT body FROM letter WHERE id = {}", last.0);
        let body = house.read(|tx| tx.one(&sql, &[], |row| row.text(0)));
        for said in [
            format!("- {}: we have stopped.", enquiries.title),
            format!("- {}: we go on. Why: W{}.", correspondence.title, &why[1..]),
            // Whether or not they ever had any.
            "You get no advertising from us, whatever".to_owned(),
            "Information Commissioner".to_owned(),
        ] {
            assert!(body.contains(&said), "{said}: {body}");
        }
        assert!(send(last).unwrap().closed);
        let closed = house.request(id);
        assert_eq!(closed.outcome.as_deref(), Some("partly"));
        let sql = format!("SELECT answer FROM request WHERE id = {}", id.0);
        let answer = house.read(|tx| tx.one(&sql, &[], |row| row.text(0)));
        assert!(
            answer.contains(&format!("Stopped: {}. Goes on: {}.", enquiries.title, correspondence.title))
        );
        assert!(!serves(house, tara));
        assert!(may(house, tara, Verb::Read, "contact record", None), "what goes on is used again");
        night(&house.instance, date(2026, 11, 5));
        assert_eq!(held(house, tara, "email"), 0, "upheld, it goes with the next night");
        let lines = "SELECT COUNT(*) FROM entry WHERE kind = 'contact record'";
        assert_eq!(house.read(|tx| tx.count(lines, &[])), 1);
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
    });
}

#[test]
fn whoever_turns_out_to_ask_for_themselves_needs_nothing_that_lets_them() {
    on_both(|house| {
        let tara = house.tara();
        let id = house.opened("objection", Who::Held(tara));
        let from = request::From { behalf: Some("Jo"), authority: Some("a letter"), ..Default::default() };
        house.act(|acting, tx| desk::asked_from(acting, tx, id, &from)).unwrap();
        house.known(id);
        assert!(uses(house, id).is_empty(), "nobody has seen what lets Jo ask");
        let own = request::From::default();
        house.act(|acting, tx| desk::asked_from(acting, tx, id, &own)).unwrap();
        assert_eq!(uses(house, id).len(), 2);
        assert!(!serves(house, tara));
    });
}

#[test]
fn nothing_is_refused_of_what_they_do_not_object_to() {
    on_both(|house| {
        let tara = house.tara();
        let id = house.opened("objection", Who::Held(tara));
        house.known(id);
        let all = |verdict, because: &str| {
            let each = uses(house, id);
            let answers = each.iter().map(|one| Answered {
                objection: one.objection,
                verdict: Some(verdict),
                because: because.to_owned(),
            });
            let answers: Vec<Answered> = answers.collect();
            house.act(|acting, tx| weighing::weigh(acting, tx, id, &answers)).unwrap();
        };
        all(Verdict::GoesOn, "a claim of hers is open");
        assert_eq!(stage(house, id), Stage::Came(Outcome::Refused));
        let decided = uses(house, id);
        assert_eq!(
            weighing::stage(&decided, true),
            Stage::Came(Outcome::Partly),
            "what they took back was done"
        );
        // She had written about something else, and what nobody asked for is not refused.
        all(Verdict::NotMeant, "");
        assert_eq!(stage(house, id), Stage::Came(Outcome::Done));
        assert!(!serves(house, tara), "nothing goes on before she is told");
        let draft =
            |sort| house.act(|acting, tx| letter::draft(acting, tx, About::Request(id), sort, ("", None)));
        assert!(invalid(&draft(Sort::Refusal).unwrap_err(), "letter-why"));
        let answer = draft(Sort::Answer).unwrap();
        let sql = format!("SELECT body FROM letter WHERE id = {}", answer.0);
        let body = house.read(|tx| tx.one(&sql, &[], |row| row.text(0)));
        for one in &decided {
            let said =
                format!("- {}: this goes on, since we understand that you do not object to it.", one.title);
            assert!(body.contains(&said), "{said}: {body}");
        }
        assert!(!body.contains("claim of hers"), "{body}");
        house
            .act(|acting, tx| letter::send(acting, tx, (answer, 1), Leaves::ByHand(TODAY, "by post")))
            .unwrap();
        assert_eq!(house.request(id).outcome.as_deref(), Some(Outcome::Done.word()));
        let sql = format!("SELECT answer FROM request WHERE id = {}", id.0);
        let kept = house.read(|tx| tx.one(&sql, &[], |row| row.text(0)));
        assert!(kept.contains("Not objected to: ") && !kept.contains("Stopped"), "{kept}");
        assert!(serves(house, tara), "it goes on");
    });
}

#[test]
fn one_answer_for_all_of_it_is_still_one_answer() {
    on_both(|house| {
        let tara = house.tara();
        let id = house.opened("objection", Who::Held(tara));
        house.known(id);
        let told = || {
            let sql = "SELECT COUNT(*) FROM task WHERE kind = 'tell recipient'";
            house.read(|tx| tx.count(sql, &[]))
        };
        assert_eq!(told(), 1, "whoever has it from us may only store it until it is decided");
        let why = "A claim of hers is open. You can complain.";
        house.act(|acting, tx| desk::answer(acting, tx, id, Outcome::Refused, (why, TODAY))).unwrap();
        assert!(serves(house, tara), "it goes on");
        assert_eq!(told(), 0, "nobody had heard of it, and nothing is in doubt any more");
        let sql = "SELECT COUNT(*) FROM objection WHERE weighed = 'goes on' AND lifted_on IS NOT NULL AND because IS NOT NULL";
        assert_eq!(house.read(|tx| tx.count(sql, &[])), 2);
        let again = house.opened("objection", Who::Held(tara));
        house.known(again);
        house
            .act(|acting, tx| desk::answer(acting, tx, again, Outcome::Done, ("You are right.", TODAY)))
            .unwrap();
        assert_eq!(told(), 1, "asked again, and stopped");
        assert!(!serves(house, tara));
    });
}

#[test]
fn the_letter_says_what_was_taken_back_and_of_nothing_else_that_it_has_stopped() {
    on_both(|house| {
        // Somebody who is held for nothing but what she agreed to: there is nothing to weigh.
        let new = NewPerson {
            collected_on: Some(TODAY),
            agreed: vec!["supporters".into()],
            shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
            ..newcomer("supporter", "the person", &[("name", "Nia Reed"), ("email", "nia@post.example")])
        };
        let nia = house.act(|acting, tx| person::add(acting, tx, &new)).unwrap();
        let id = house.opened("objection", Who::Held(nia));
        let back = || house.act(|acting, tx| weighing::take_back(acting, tx, id, ("supporters", None)));
        assert!(invalid(&back().unwrap_err(), "identity"), "nobody has said how we know who asks");
        house.known(id);
        assert_eq!(stage(house, id), Stage::Nothing);
        let draft = || {
            let about = About::Request(id);
            house.act(|acting, tx| letter::draft(acting, tx, about, Sort::Answer, ("", None))).unwrap()
        };
        let body = |letter: LetterId| {
            let sql = format!("SELECT body FROM letter WHERE id = {}", letter.0);
            house.read(|tx| tx.one(&sql, &[], |row| row.text(0)))
        };
        let early = draft();
        let said = body(early);
        assert!(!said.to_lowercase().contains("we have stopped"), "nothing else has: {said}");
        assert!(said.contains("it stands until you take it back"), "{said}");
        back().unwrap();
        let send = |letter| {
            house.act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::ByHand(TODAY, "by post")))
        };
        assert!(invalid(&send(early).unwrap_err(), "body"), "it does not say so");
        let last = draft();
        let title = house.instance.policy().activity_named("supporters").unwrap().title.clone();
        assert!(body(last).contains(&format!("- {title}: we have stopped.")), "{}", body(last));
        assert!(send(last).unwrap().closed);
        assert!(matches!(back(), Err(Fault::Changed)));
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
        let known =
            format!("DELETE FROM request_step WHERE step = '{}' AND request_id = {}", identity::KNOWN, id.0);
        house.spoil(&known);
        let broken = house.look("identity-known").broken;
        let said = format!("request {} was carried out, and nothing says how we knew who asked", id.0);
        assert_eq!(broken, [said]);
    });
}

#[test]
fn whoever_has_it_for_a_use_that_goes_on_is_not_told_to_stop() {
    on_both(|house| {
        let tara = house.tara();
        // Morgan Pike has it for enquiries; two more for what else is done with it.
        let passed = |recipient: &str, activity: &str| {
            house.act(|acting, tx| went(acting, tx, tara, ("name", recipient, activity))).unwrap()
        };
        passed("Robin Vale", "coach search");
        passed("Kim Ash", "correspondence");
        let id = house.opened("objection", Who::Held(tara));
        house.known(id);
        let told = || {
            let tasks = house.read(|tx| task::of_request(tx, id)).into_iter();
            let mut told: Vec<String> =
                tasks.filter(|task| task.kind == task::Kind::TellRecipient).map(|task| task.what).collect();
            told.sort();
            told
        };
        let stored = |who: &str| disclosure::Telling::Restricted.task(who, "");
        assert_eq!(told(), [stored("Kim Ash"), stored("Morgan Pike")], "a contract is in no doubt");
        let both = uses(house, id);
        let [enquiries, correspondence] = &both[..] else { panic!("{both:?}") };
        let answers = [answered(enquiries, "a claim of hers is open"), answered(correspondence, "")];
        house.act(|acting, tx| weighing::weigh(acting, tx, id, &answers)).unwrap();
        house.act(|acting, tx| desk::answer(acting, tx, id, Outcome::Partly, ("", TODAY))).unwrap();
        let stops: Vec<String> = told().into_iter().filter(|what| what.contains("we have stopped")).collect();
        let [only] = &stops[..] else { panic!("{stops:?}") };
        assert!(only.starts_with("Tell Kim Ash that they objected"), "{only}");
        // A restriction is of all of it.
        let all = house.opened("restriction", Who::Held(tara));
        let asking = restriction::Asking {
            why: "she disputes it".into(),
            request: Some(all),
            ..restriction::Asking::default()
        };
        house.act(|acting, tx| restriction::place(acting, tx, tara, &asking)).unwrap();
        let tasks = house.read(|tx| task::of_request(tx, all));
        assert_eq!(tasks.iter().filter(|task| task.kind == task::Kind::TellRecipient).count(), 3);
    });
}

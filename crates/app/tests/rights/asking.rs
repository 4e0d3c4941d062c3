//! The door that needs no sign-in: what it answers, whom it finds, and what it lets nobody find out.

use app::acts::asking::{self, Asking, Taken};
use app::acts::letter::{self, About, Sort};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::{self, Acting};
use app::jobs::night;
use custody::proof::Obligation;
use jiff::civil::date;
use store::message;
use store::request::{self, From, Kind};

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};
use super::late::{broken, supporter};

fn ask(house: &House, word: &str, reach: &str) -> Taken {
    let asking = Asking {
        ask: word.into(),
        name: "Tara Quill".into(),
        reach: reach.into(),
        words: "All of it, please.".into(),
        ..Asking::default()
    };
    house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking)).unwrap()
}

#[test]
fn whoever_asks_is_told_a_day_and_nothing_of_whether_we_hold_them() {
    on_both(|house| {
        let tara = house.tara();
        let held = ask(house, "access", "Tara.Quill@brightwell.example");
        let strange = ask(house, "access", "nobody@elsewhere.example");
        assert_eq!((held.due, held.at_once), (strange.due, strange.at_once));
        assert_eq!(held.due, Some(date(2026, 12, 3)));
        assert_eq!(held.reference.len(), strange.reference.len());
        let known = custody::id::RequestId(store::id::referred(&held.reference).unwrap());
        let found = house.request(known);
        assert_eq!((found.person, found.kind, found.channel.as_str()), (Some(tara), Kind::Access, "form"));
        assert!(found.owner.is_some(), "somebody sees to it");
        assert!(found.reach.is_some());
        let other = custody::id::RequestId(store::id::referred(&strange.reference).unwrap());
        assert_ne!(house.request(other).person, Some(tara));
        // Nothing has left: the policy does not say that it does by itself.
        let policy = house.instance.policy();
        assert!(house.read(|tx| message::of_request(tx, &policy, known)).is_empty());
    });
}

#[test]
fn what_nobody_may_weigh_is_done_at_once_and_is_no_machines_decision() {
    on_both(|house| {
        let tara = house.tara();
        let done = ask(house, "advertising", "01632 960123");
        assert!(done.at_once);
        assert_eq!(found(house, &done).closed_on, Some(TODAY));
        assert!(found(house, &done).reach.is_some(), "where they can be reached is kept all the same");
        let life = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
        assert!(life.objections.iter().any(|made| made.lifted_on.is_none()));
        let (policy, now) = (house.instance.policy(), house.instance.clock.now());
        let look = || {
            let decided = &Obligation::PeopleDecide;
            store::prove::obligation(&house.instance.store, &policy, decided, now, TODAY).unwrap().broken
        };
        assert_eq!(look(), Vec::<String>::new());
        let sql = "UPDATE request SET kind = 'access' WHERE closed_on IS NOT NULL";
        house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        assert_eq!(look().len(), 1, "an answer that somebody has to weigh has somebody's name");
    });
}

fn found(house: &House, taken: &Taken) -> request::SubjectRequest {
    house.request(custody::id::RequestId(store::id::referred(&taken.reference).unwrap()))
}

#[test]
fn an_objection_is_called_done_only_where_it_is_certain_whom_it_stops() {
    on_both(|house| {
        house.tara();
        let held = ask(house, "advertising", "tara.quill@brightwell.example");
        assert!(found(house, &held).closed_on.is_some());
        let nobody = ask(house, "no contact", "tara.quill@brightwell.example");
        assert!(found(house, &nobody).closed_on.is_none(), "not before it is known who asks");
        for reach in ["12 High Street, Ely", "tara@elsewhere.example"] {
            for word in ["advertising", "no contact"] {
                let taken = ask(house, word, reach);
                let known = found(house, &taken);
                assert_eq!(known.closed_on, None, "{word} of {reach}: nobody we hold is stopped");
                assert!(known.owner.is_some() && known.due_on.is_some(), "somebody sees to it");
                let held = if word == "advertising" { &held } else { &nobody };
                assert_eq!((taken.due, taken.at_once), (held.due, held.at_once), "the page says the same");
                let tasks = house.read(|tx| store::task::of_request(tx, known.id));
                assert_eq!(tasks.len(), 1);
                assert_eq!(tasks[0].due_on, Some(TODAY), "today");
                let answer = || {
                    house.act(|acting, tx| {
                        desk::answer(acting, tx, known.id, Outcome::Done, ("Stopped.", TODAY))
                    })
                };
                assert!(invalid(&answer().unwrap_err(), "answer"), "not before somebody has found out");
                let confirm = (TODAY, "it is Tara Quill, who has objected by now");
                house.act(|acting, tx| acts::task::confirm(acting, tx, tasks[0].id, confirm)).unwrap();
                if word == "no contact" {
                    assert!(invalid(&answer().unwrap_err(), "answer"), "only what we offer has stopped");
                } else {
                    answer().unwrap();
                }
            }
        }
        let keys = house.instance.store.keys();
        let email = "tara@elsewhere.example";
        let stands = house.read(|tx| store::suppression::standing(tx, keys, "email", email));
        assert!(!stands.is_empty(), "what was given is stopped, whoever has it");
        // A name that somebody here wrote down stops nobody either.
        let named = house.opened("no contact", Who::Said("Quentin Marsh".into()));
        assert_eq!(house.request(named).closed_on, None);
    });
}

#[test]
fn a_stop_from_an_address_that_nobody_has_stays_somebodys_task_and_is_not_called_done() {
    on_both(|house| {
        let nia = supporter(house);
        let before = broken(house);
        let asked = found(house, &ask(house, "no contact", "nobody@elsewhere.example")).id;
        assert_eq!(broken(house), before, "anybody can ask this, and no promise is broken by it");
        // A night in which all that was held of somebody else goes.
        house.opened("advertising", Who::Held(nia));
        house.go_to(date(2026, 11, 4));
        night::run(&house.instance, date(2026, 11, 4)).unwrap();
        let held = format!("SELECT COUNT(*) FROM item WHERE person_id = {nia}");
        assert_eq!(house.read(|tx| tx.count(&held, &[])), 0);
        let tasks = house.read(|tx| store::task::of_request(tx, asked));
        assert!(matches!(&tasks[..], [task] if task.done_on.is_none()), "nobody has found out");
        assert!(!broken(house).iter().any(|one| one.contains("or something that went")), "nobody went");
        // Nothing says that it is done before it is.
        let on = house.instance.clock.today();
        let answer =
            |outcome, told| house.act(|acting, tx| desk::answer(acting, tx, asked, outcome, (told, on)));
        let draft = |sort, why| {
            house.act(|acting, tx| letter::draft(acting, tx, About::Request(asked), sort, (why, None)))
        };
        assert!(invalid(&answer(Outcome::Done, "We have stopped.").unwrap_err(), "answer"));
        assert!(invalid(&draft(Sort::Answer, "").unwrap_err(), "letter-why"));
        house.act(|acting, tx| acts::task::confirm(acting, tx, tasks[0].id, (on, "nobody knows"))).unwrap();
        assert!(invalid(&answer(Outcome::Done, "We have stopped.").unwrap_err(), "answer"), "ticked or not");
        assert!(invalid(&draft(Sort::Answer, "").unwrap_err(), "letter-why"));
        draft(Sort::Part, "We hold nobody with this address.").unwrap();
        answer(Outcome::Partly, "We hold nobody with this address.").unwrap();
        assert_eq!(house.request(asked).closed_on, Some(on));
    });
}

#[test]
fn an_acknowledgement_carries_nothing_that_whoever_asked_wrote_and_few_leave_for_one_address() {
    let edit = |text: String| {
        text.replace("  register  access:", "  acknowledge at once, by e-mail\n  register  access:")
    };
    on_both_keeping(edit, |house| {
        let breaks = Asking {
            ask: "access".into(),
            name: "Buy now\nat spam.example".into(),
            reach: "victim@elsewhere.example".into(),
            ..Asking::default()
        };
        let Err(app::fault::Fault::Invalid(wrong)) = asking::checked(&breaks) else { panic!("taken") };
        assert_eq!(wrong[0].field, "name");
        for _ in 0..5 {
            ask(house, "access", "victim@elsewhere.example");
        }
        let bodies = house.read(|tx| tx.all("SELECT body FROM message", &[], |row| row.text(0)));
        assert_eq!(bodies.len(), 3, "the others wait as drafts");
        assert!(bodies.iter().all(|body| body.starts_with("Hello,") && !body.contains("Tara Quill")));
        let drafts = "SELECT COUNT(*) FROM letter WHERE sent_on IS NULL";
        assert_eq!(house.read(|tx| tx.count(drafts, &[])), 2);
        ask(house, "access", "12 High Street, Ely");
        assert_eq!(house.read(|tx| tx.count(drafts, &[])), 3, "a draft waits for whoever no e-mail reaches");
    });
}

#[test]
fn an_acknowledgement_leaves_by_itself_only_where_the_policy_says_so() {
    let edit = |text: String| {
        text.replace("  register  access:", "  acknowledge at once, by e-mail\n  register  access:")
    };
    on_both_keeping(edit, |house| {
        house.tara();
        let taken = ask(house, "erasure", "new.address@elsewhere.example");
        let id = custody::id::RequestId(store::id::referred(&taken.reference).unwrap());
        let sent = house.read(|tx| {
            tx.all("SELECT body, address FROM message WHERE request_id = ?1", store::params![id], |row| {
                Ok((row.text(0)?, row.text(1)?))
            })
        });
        let [(body, address)] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(address, "new.address@elsewhere.example", "where they want to be answered");
        assert!(body.contains("Thu 3 Dec 2026") && body.contains(&taken.reference), "{body}");
        // Staff write one down: whoever we hold an address of hears at once, too.
        let opened = house.opened("access", Who::Said("tara.quill@brightwell.example".into()));
        let count = "SELECT COUNT(*) FROM message WHERE request_id = ?1";
        assert_eq!(house.read(|tx| tx.count(count, store::params![opened])), 1);
        let complaint = ask(house, "complaint", "tara.quill@brightwell.example");
        assert_eq!(complaint.due, Some(date(2026, 12, 3)), "thirty days");
        let heard = "SELECT COUNT(*) FROM complaint WHERE acknowledged_on IS NOT NULL";
        assert_eq!(house.read(|tx| tx.count(heard, &[])), 1);
    });
}

#[test]
fn nobody_gets_somebody_elses_data_on_an_authority_that_nobody_saw() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        let from = |authority: Option<&'static str>| From {
            reach: None,
            behalf: Some("Jo Quill"),
            authority,
            seen_on: None,
        };
        let without = house.act(|acting, tx| desk::asked_from(acting, tx, asked, &from(None)));
        assert!(invalid(&without.unwrap_err(), "authority"));
        house.act(|acting, tx| desk::asked_from(acting, tx, asked, &from(Some("her solicitor")))).unwrap();
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        let answer =
            || house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("Here.", TODAY)));
        assert!(invalid(&answer().unwrap_err(), "answer"), "nobody has seen it");
        house.act(|acting, tx| desk::noted(acting, tx, asked, "identity known", "known")).unwrap();
        let offered = house.act(|acting, tx| acts::delivery::offer(acting, tx, asked));
        assert!(invalid(&offered.unwrap_err(), "answer"), "no link");
        let copied = house.act(|acting, tx| app::web::requests::one::pack::copied(acting, tx, asked));
        assert!(matches!(copied, Err(app::fault::Fault::Invalid(_))), "no pack");
        let erasure = house.opened("erasure", Who::Held(tara));
        house.act(|acting, tx| desk::asked_from(acting, tx, erasure, &from(Some("her solicitor")))).unwrap();
        for which in [Some(erasure), None] {
            let erased = house.act(|acting, tx| {
                let nobody = acts::confirmation::Telling::Nobody;
                acts::erasure::carry_out(
                    acting,
                    tx,
                    tara,
                    which,
                    (app::acts::erasure::Reason::Asked.known(), None),
                    nobody,
                )
            });
            assert!(invalid(&erased.unwrap_err(), "answer"), "nothing is erased");
        }
        house.act(|acting, tx| desk::authority_seen(acting, tx, asked, TODAY)).unwrap();
        answer().unwrap();
        assert_eq!(house.request(asked).authority_seen_on, Some(TODAY));
        let steps = house.read(|tx| {
            request::steps(tx, &house.instance.policy(), &request::one(tx, &house.instance.policy(), asked)?)
        });
        assert!(steps.iter().any(|step| step.step == "authority seen"));
    });
}

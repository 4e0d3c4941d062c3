//! Letters: drafted from the policy and the facts, leaving only because somebody says so, and doing what they say.

use app::acts::Acting;
use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::restriction::{self, Asking};
use app::acts::undone::Undone;
use app::acts::{identity, person, task as tasks};
use app::fault::Fault;
use custody::id::{LetterId, PersonId, RequestId};
use jiff::civil::date;
use store::letter::Change;
use store::{disclosure, item, request, task};

use super::house::{House, TODAY, invalid, on_both, went};

fn drafted(house: &House, request: RequestId, sort: Sort, why: &str) -> LetterId {
    house.act(|acting, tx| letter::draft(acting, tx, About::Request(request), sort, (why, None))).unwrap()
}

fn texts(house: &House, sql: &str) -> Vec<String> {
    house.read(|tx| tx.all(sql, &[], |row| row.text(0)))
}

fn mail(house: &House, letter: LetterId, version: i64) -> Result<desk::Done, Fault> {
    house.act(|acting, tx| letter::send(acting, tx, (letter, version), Leaves::Mail("held")))
}

/// A policy that has a register, whether or not it had it.
fn with_register(name: &'static str) -> impl Fn(String) -> String {
    move |text| match text.contains(&format!("register  {name}:")) {
        true => text,
        false => text.replace(
            "  register  access:",
            &format!("  register  {name}: received, person, actions\n  register  access:"),
        ),
    }
}

const MAILED: &str = "SELECT body FROM message WHERE sort = 'rights' ORDER BY id";

#[test]
fn a_letter_that_asks_who_they_are_stops_the_clock_and_its_link_starts_it_again() {
    on_both(|house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let asked = house.opened("access", Who::Held(tara));
        let letter = drafted(house, asked, Sort::Identity, "");
        assert!(texts(house, MAILED).is_empty(), "a draft leaves nobody");
        assert!(house.request(asked).due_on.is_some(), "and stops nothing");
        mail(house, letter, 1).unwrap();
        assert_eq!(house.request(asked).due_on, None);
        let body = texts(house, MAILED).pop().unwrap();
        let token =
            body.split("/known/").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap().to_owned();
        assert!(!body.contains("{code}") && !body.contains("{link}"), "{body}");
        // It leaves once.
        assert!(matches!(mail(house, letter, 2), Err(Fault::Changed)));
        house.go_to(date(2026, 11, 9));
        let press = |token: &str| {
            let token = token.to_owned();
            house
                .instance
                .store
                .write(|tx| identity::pressed(&Acting::subject(&house.instance), tx, &token))
                .unwrap()
        };
        let behind = house
            .instance
            .store
            .read(|tx| identity::behind(&Acting::subject(&house.instance), tx, &token))
            .unwrap();
        assert_eq!(behind, Some(asked), "opening it changes nothing");
        assert_eq!(house.request(asked).due_on, None);
        assert!(!press("0000000000000000000000000000000f"));
        assert!(press(&token));
        assert_eq!(house.request(asked).due_on, Some(date(2026, 12, 9)), "the month counts from that day");
        assert!(!press(&token), "it works once");
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
    });
}

#[test]
fn a_code_is_tried_five_times() {
    on_both(|house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let asked = house.opened("access", Who::Held(tara));
        mail(house, drafted(house, asked, Sort::Identity, ""), 1).unwrap();
        let body = texts(house, MAILED).pop().unwrap();
        let code = body.split("this code: ").nth(1).unwrap().get(..6).unwrap().to_owned();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let tried = |code: &str| house.act(|acting, tx| identity::code(acting, tx, asked, code));
        for _ in 0..identity::TRIES - 1 {
            assert!(!tried(wrong).unwrap());
        }
        // Another request's code is none of this one.
        let other = house.opened("access", Who::Held(tara));
        assert!(!house.act(|acting, tx| identity::code(acting, tx, other, &code)).unwrap());
        assert!(tried(&format!(" {} {} ", &code[..3], &code[3..])).unwrap(), "spaces are no matter");
        assert!(house.request(asked).due_on.is_some());
        mail(house, drafted(house, other, Sort::Identity, ""), 1).unwrap();
        for _ in 1..identity::TRIES {
            assert!(!house.act(|acting, tx| identity::code(acting, tx, other, wrong)).unwrap());
        }
        let body = texts(house, MAILED).pop().unwrap();
        let right = body.split("this code: ").nth(1).unwrap().get(..6).unwrap().to_owned();
        let late = house.act(|acting, tx| identity::code(acting, tx, other, &right));
        assert!(invalid(&late.unwrap_err(), "code"), "the right one comes too late");
    });
}

#[test]
fn an_extension_and_a_refusal_happen_when_their_letters_leave() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        let without = house
            .act(|acting, tx| letter::draft(acting, tx, About::Request(asked), Sort::Extension, (" ", None)));
        assert!(invalid(&without.unwrap_err(), "letter-why"), "an extension has its reason");
        let letter = drafted(house, asked, Sort::Extension, "nine years of letters in three places");
        house
            .act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::ByHand(acting.today, "by post")))
            .unwrap();
        assert_eq!(house.request(asked).due_on, Some(date(2027, 2, 3)));
        let refusal = drafted(house, asked, Sort::Refusal, "a court has forbidden it");
        mail(house, refusal, 1).unwrap();
        let closed = house.request(asked);
        assert_eq!(closed.closed_on, Some(TODAY));
        let body = texts(house, MAILED).pop().unwrap();
        for words in [
            "A court has forbidden it.",
            "complain to us, by form, e-mail or letter",
            "ico.org.uk",
            "go to court",
            "Tara Quill",
        ] {
            assert!(body.contains(words), "{words}: {body}");
        }
        let late = house
            .act(|acting, tx| letter::draft(acting, tx, About::Request(asked), Sort::Progress, ("x", None)));
        assert!(matches!(late, Err(Fault::Changed)), "nothing more is written to them about it");
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
    });
}

#[test]
fn two_people_on_one_letter_or_request_never_overwrite_each_other() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        let letter = drafted(house, asked, Sort::Acknowledgement, "");
        let change = |version, body: &'static str| {
            house
                .act(|acting, tx| letter::change(acting, tx, letter, version, ("Your request", body)))
                .unwrap()
        };
        assert_eq!(change(1, "Helen's words"), Change::Stored);
        assert_eq!(change(1, "Ivo's words"), Change::Conflict);
        assert_eq!(texts(house, "SELECT body FROM letter"), ["Helen's words"]);
        assert!(
            matches!(mail(house, letter, 1), Err(Fault::Changed)),
            "nobody sends what they have not read"
        );
        assert!(matches!(
            house.act(|acting, tx| letter::discard(acting, tx, letter, 1)),
            Err(Fault::Changed)
        ));
        mail(house, letter, 2).unwrap();
        assert_eq!(change(3, "afterwards"), Change::Conflict, "what has left stays as it was");
        // The request itself.
        let seen = house.request(asked).version;
        house.act(|acting, tx| desk::assign(acting, tx, asked, acting.staff_id())).unwrap();
        let late = house.act(|acting, tx| desk::unchanged(acting, tx, asked, seen));
        assert!(matches!(late, Err(Fault::Changed)));
    });
}

fn told(house: &House, recipient: &str, kind: &str, tara: PersonId) {
    house.act(|acting, tx| went(acting, tx, tara, (kind, recipient, "enquiries"))).unwrap();
}

#[test]
fn whoever_had_what_was_corrected_is_told_and_nobody_else() {
    on_both(|house| {
        let tara = house.tara();
        told(house, "Robin Vale", "phone", tara);
        let asked = house.opened("rectification", Who::Held(tara));
        let number = house
            .read(|tx| item::of_person(tx, &house.instance.policy(), tara))
            .into_iter()
            .find(|item| house.instance.policy().kind(item.kind).is_some_and(|kind| kind.name == "phone"))
            .unwrap();
        house
            .act(|acting, tx| {
                person::change_item(acting, tx, (tara, number.id), number.version, ("01632 960124", ""))
            })
            .unwrap();
        house.known(asked);
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("Corrected.", acting.today)))
            .unwrap();
        let tell = house.read(|tx| task::of_request(tx, asked));
        assert_eq!(tell.len(), 1, "{tell:?}");
        assert_eq!(tell[0].what, "Tell Robin Vale that the phone we passed on is corrected");
        assert_eq!(
            house.read(|tx| tx.count("SELECT COUNT(*) FROM item_history", &[])),
            1,
            "the old number is kept"
        );
        // What they answered is written down.
        house
            .act(|acting, tx| {
                tasks::confirm(
                    acting,
                    tx,
                    tell[0].id,
                    (acting.today, "told by e-mail; they have corrected it"),
                )
            })
            .unwrap();
        assert_eq!(
            texts(house, "SELECT outcome FROM task WHERE kind = 'tell recipient'"),
            ["told by e-mail; they have corrected it"]
        );
    });
}

#[test]
fn a_letter_to_whoever_had_it_says_what_its_task_says() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("objection", Who::Held(tara));
        house.known(asked);
        let draft = |which| {
            let about = About::Request(asked);
            house.act(|acting, tx| letter::draft(acting, tx, about, Sort::Recipient, ("", which)))
        };
        assert!(matches!(draft(None), Err(Fault::Changed)), "it is a task that it says");
        let tell = |says: &str| {
            let tasks = house.read(|tx| task::of_request(tx, asked));
            tasks.into_iter().find(|task| task.what.contains(says)).unwrap().id
        };
        let bodies = || texts(house, "SELECT body FROM letter WHERE recipient = 'Morgan Pike' ORDER BY id");
        let disputed = tell("may only be stored for now");
        draft(Some(disputed)).unwrap();
        let body = bodies().pop().unwrap();
        let says = "You had data about Tara Quill from us. We have to tell you that what we passed on may only be stored for now, and \
                    not be used.";
        assert!(body.contains(says) && !body.contains("erased"), "{body}");
        // What they answered is told, and so is not written about again.
        let answered = (TODAY, "they keep it apart");
        house.act(|acting, tx| tasks::confirm(acting, tx, disputed, answered)).unwrap();
        assert!(matches!(draft(Some(disputed)), Err(Fault::Changed)));
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("You are right.", TODAY)))
            .unwrap();
        draft(Some(tell("they objected and we have stopped"))).unwrap();
        let body = bodies().pop().unwrap();
        assert!(
            body.contains("is to be used no more, and erased. Please see to it with you, too."),
            "{body}"
        );
        assert_eq!(bodies().len(), 1, "the draft that says what is no longer so has gone");
    });
}

#[test]
fn whoever_had_what_is_erased_is_told_of_whom_and_the_name_goes_with_the_task_or_after_thirty_days() {
    on_both(|house| {
        let tara = house.tara();
        told(house, "Robin Vale", "phone", tara);
        let asked = house.opened("erasure", Who::Held(tara));
        house
            .act(|acting, tx| {
                let why = (app::acts::erasure::Reason::Asked.known(), None);
                let told = app::acts::confirmation::Telling::Already("by telephone");
                app::acts::erasure::carry_out(acting, tx, tara, Some(asked), why, told)
            })
            .unwrap();
        let of = |recipient: &str| {
            let says = format!("Tell {recipient} that");
            let tasks = house.read(|tx| task::of_request(tx, asked));
            tasks.into_iter().find(|task| task.what.starts_with(&says)).unwrap()
        };
        let letter = |recipient| house.act(|acting, tx| letter::of_task(acting, tx, &of(recipient))).unwrap();
        let body = letter("Morgan Pike").unwrap().1;
        let says = "You had data about Tara Quill from us. We have to tell you that the details we passed on are erased. Please";
        assert!(body.contains(says), "{body}");
        assert!(!house.left().contains("Quill"), "and nothing else says it: {}", house.left());
        // Told, and the name has gone.
        let robin = of("Robin Vale");
        assert_eq!((robin.about.as_deref(), robin.person), (Some("Tara Quill"), None));
        // What they answered stays, and says of whom it was by nothing: any number may be theirs.
        for says in [
            "Tara is out of it",
            "they rang 01632 960123",
            "tara.quill@brightwell.example is gone",
            "T.Q. is gone",
        ] {
            let refused = house.act(|acting, tx| tasks::confirm(acting, tx, robin.id, (TODAY, says)));
            assert!(invalid(&refused.unwrap_err(), "note"), "{says}");
        }
        house.act(|acting, tx| tasks::confirm(acting, tx, robin.id, (TODAY, "it is gone there"))).unwrap();
        assert_eq!((of("Robin Vale").about, letter("Robin Vale")), (None, None));
        let named = || {
            let broken = house.look("recipients-told").broken;
            broken.iter().any(|one| one.ends_with("still names somebody who was erased"))
        };
        house.go_to(date(2026, 12, 3));
        let forget = || letter::forget_names(&house.instance, &mut Undone::default()).unwrap();
        assert_eq!((forget(), named()), (0, false));
        // Nobody has told the other, and no night has come.
        house.go_to(date(2026, 12, 4));
        assert!(named());
        // Behind the program's back: nobody can read any more when it was noted.
        let (task, sql) = (of("Morgan Pike").id, "SELECT created_at FROM task WHERE id = ?1");
        let made = house.read(|tx| tx.one(sql, &[task.0.into()], |row| row.int(0)));
        house.spoil(&format!("UPDATE task SET created_at = 9223372036854775807 WHERE id = {task}"));
        assert_eq!(forget(), 0, "it stays, and is tried again");
        house.spoil(&format!("UPDATE task SET created_at = {made} WHERE id = {task}"));
        assert_eq!((forget(), named()), (1, false));
        assert!(!house.everything().contains("Quill") && letter("Morgan Pike").is_none());
    });
}

#[test]
fn what_is_still_to_be_told_of_an_erasure_says_so_when_the_record_of_the_request_has_gone() {
    super::house::on_both_keeping(with_register("correction"), |house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        house
            .act(|acting, tx| {
                let why = (app::acts::erasure::Reason::Asked.known(), None);
                let told = app::acts::confirmation::Telling::Already("by telephone");
                app::acts::erasure::carry_out(acting, tx, tara, Some(asked), why, told)
            })
            .unwrap();
        let tasks = house.read(|tx| task::of_request(tx, asked));
        let tell = tasks.iter().find(|task| task.kind == task::Kind::TellRecipient).unwrap().id;
        let sql = "UPDATE task SET request_id = NULL WHERE kind = 'tell recipient'";
        house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        let tell = house.read(|tx| task::one(tx, tell));
        let letter = house.act(|acting, tx| letter::of_task(acting, tx, &tell)).unwrap();
        assert!(letter.is_some_and(|(_, body)| body.contains("You had data about Tara Quill from us")));
        house.go_to(date(2027, 1, 20));
        let late = format!("task {}: whoever had the details from us was to be told by", tell.id.0);
        let found = |register: &str| {
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let register = policy.requests.registers.iter().position(|one| one.name == register).unwrap();
            let told = custody::proof::Obligation::RecipientsTold { register };
            let store = &house.instance.store;
            let seen = store::prove::obligation(store, &policy, &told, clock.now(), clock.today()).unwrap();
            seen.broken.iter().any(|one| one.starts_with(&late))
        };
        assert!(found("erasure") && !found("correction"), "it is no correction");
    });
}

#[test]
fn whoever_may_use_it_no_more_still_has_it_until_they_confirm_that_no_copy_is_left() {
    on_both(|house| {
        let tara = house.tara();
        told(house, "Robin Vale", "phone", tara);
        let sql = "UPDATE disclosure SET ended_on = on_date WHERE recipient = 'Robin Vale'";
        house.spoil(sql);
        let tells = |asked: RequestId| {
            let tasks = house.read(|tx| task::of_request(tx, asked));
            let tells = tasks.into_iter().filter(|task| task.what.starts_with("Tell Robin Vale that"));
            tells.map(|task| task.kind).collect::<Vec<_>>()
        };
        let objects = || {
            let asked = house.opened("objection", Who::Held(tara));
            house.known(asked);
            let told = tells(asked);
            let why = "A claim of hers is open. You can complain.";
            house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Refused, (why, TODAY))).unwrap();
            told
        };
        assert_eq!(objects(), [task::Kind::TellRecipient], "their leave has ended, and their copy has not");
        // They were asked for it, and have not answered yet.
        let confirm = house
            .act(|acting, tx| {
                let ask = disclosure::Telling::NoCopy;
                let what = ask.task("Robin Vale", "");
                let new = task::NewTask { person: Some(tara), ..ask.new_task(("Robin Vale", None), &what) };
                Ok(task::add(tx, &new, acting.now)?)
            })
            .unwrap();
        assert_eq!(objects().len(), 1);
        house.act(|acting, tx| tasks::confirm(acting, tx, confirm, (TODAY, "shredded, she says"))).unwrap();
        assert!(objects().is_empty());
        let asked = house.opened("erasure", Who::Held(tara));
        house
            .act(|acting, tx| {
                let why = (app::acts::erasure::Reason::Asked.known(), None);
                let told = app::acts::confirmation::Telling::Already("by telephone");
                app::acts::erasure::carry_out(acting, tx, tara, Some(asked), why, told)
            })
            .unwrap();
        assert!(tells(asked).is_empty(), "nothing is left with them");
        let tells = house.read(|tx| task::of_request(tx, asked));
        assert!(tells.iter().any(|task| task.what.starts_with("Tell Morgan Pike that")), "{tells:?}");
    });
}

#[test]
fn whoever_has_what_is_restricted_is_told_and_the_person_before_it_is_lifted() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("restriction", Who::Held(tara));
        house
            .act(|acting, tx| {
                let asking =
                    Asking { why: "she disputes it".into(), request: Some(asked), ..Asking::default() };
                restriction::place(acting, tx, tara, &asking)
            })
            .unwrap();
        let tell = house.read(|tx| task::of_request(tx, asked));
        assert!(
            tell.iter().any(|task| task
                .what
                .starts_with("Tell Morgan Pike that what we passed on may only be stored"))
        );
        assert!(invalid(
            &house.act(|acting, tx| restriction::lift(acting, tx, tara, (" ", "known"))).unwrap_err(),
            "told"
        ));
        let letter = drafted(
            house,
            asked,
            Sort::Lifting,
            "the number is right, as you told us; it ends on 10 November",
        );
        mail(house, letter, 1).unwrap();
        let steps = house.read(|tx| {
            request::steps(tx, &house.instance.policy(), &request::one(tx, &house.instance.policy(), asked)?)
        });
        assert!(steps.iter().any(|step| step.step == letter::LIFTING_TOLD));
        house
            .act(|acting, tx| restriction::lift(acting, tx, tara, ("by our letter", "same address")))
            .unwrap();
        // What no longer stands does not end once more.
        let about = letter::About::Request(asked);
        let again =
            house.act(|acting, tx| letter::draft(acting, tx, about, Sort::Lifting, ("it ends", None)));
        assert!(invalid(&again.unwrap_err(), "letter-why"));
    });
}

#[test]
fn the_link_that_shows_who_they_are_goes_to_no_address_that_came_after_they_asked() {
    on_both(|house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let asked = house.opened("access", Who::Held(tara));
        house.go_to(date(2026, 11, 5));
        let email = house
            .read(|tx| item::of_person(tx, &house.instance.policy(), tara))
            .into_iter()
            .find(|item| house.instance.policy().kind(item.kind).is_some_and(|kind| kind.name == "email"))
            .unwrap();
        let set = (tara, email.id);
        house
            .act(|acting, tx| {
                person::change_item(
                    acting,
                    tx,
                    set,
                    email.version,
                    ("thief@elsewhere.example", "they told us"),
                )
            })
            .unwrap();
        mail(house, drafted(house, asked, Sort::Identity, ""), 1).unwrap();
        let body = texts(house, MAILED).pop().unwrap();
        assert!(!body.contains("/known/") && !body.contains("this code"), "{body}");
    });
}

#[test]
fn a_letter_that_does_not_leave_is_somebodys_task_and_stops_no_clock_unseen() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        mail(house, drafted(house, asked, Sort::Clarification, "which years?"), 1).unwrap();
        app::jobs::outbox::give_up(&house.instance, "the mail server answered 550").unwrap();
        let todo = house.read(|tx| task::of_request(tx, asked)).pop().unwrap();
        assert!(todo.what.starts_with("Tell them otherwise") && !todo.what.contains('@'), "{}", todo.what);
        assert_eq!((todo.due_on, todo.owner), (Some(TODAY), house.request(asked).owner));
        let about = About::Request(asked);
        let shown = house.act(|acting, tx| letter::about(acting, tx, about, Some(tara))).unwrap();
        assert!(shown[0].stopped());
        house.go_to(date(2026, 11, 4));
        let broken = house.look("clock-recorded").broken;
        assert!(broken.iter().any(|one| one.contains("(clarification) that did not leave")), "{broken:?}");
        let told = (date(2026, 11, 4), "by telephone");
        house.act(|acting, tx| tasks::confirm(acting, tx, todo.id, told)).unwrap();
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
    });
}

#[test]
fn an_answer_by_mail_has_its_copy_behind_a_link_and_a_refusal_the_ways_to_complain() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        for step in ["identity known", "pack made"] {
            house.act(|acting, tx| desk::noted(acting, tx, asked, step, "")).unwrap();
        }
        let answer = drafted(house, asked, Sort::Answer, "");
        assert!(invalid(&mail(house, answer, 1).unwrap_err(), "to"), "no copy would go with it");
        assert_eq!(house.request(asked).closed_on, None);
        house.act(|acting, tx| app::acts::delivery::offer(acting, tx, asked)).unwrap();
        mail(house, answer, 1).unwrap();
        assert_eq!(house.request(asked).closed_on, Some(TODAY));

        let asked = house.opened("access", Who::Held(tara));
        let refusal = drafted(house, asked, Sort::Refusal, "a court has forbidden it");
        let bare = ("No", "We will not, because we never do.");
        house.act(|acting, tx| letter::change(acting, tx, refusal, 1, bare)).unwrap();
        assert!(invalid(&mail(house, refusal, 2).unwrap_err(), "body"));
        let whole = "We have not done it: you asked the same last week. Complain to us, to ico.org.uk, or go to court.";
        house.act(|acting, tx| letter::change(acting, tx, refusal, 2, ("No", whole))).unwrap();
        house
            .act(|acting, tx| letter::because(acting, tx, (refusal, 3), "the same was asked last week"))
            .unwrap();
        mail(house, refusal, 3).unwrap();
        let answers = texts(house, "SELECT answer FROM request WHERE answer LIKE 'Refused%'");
        assert_eq!(
            answers,
            ["Refused: the same was asked last week"],
            "the register says what the letter says"
        );
    });
}

#[test]
fn a_restriction_of_which_nobody_is_to_tell_whoever_had_it_is_found() {
    super::house::on_both_keeping(with_register("restriction"), |house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        house.spoil("UPDATE disclosure SET ended_on = '2026-11-03'");
        let asked = house.opened("restriction", Who::Held(tara));
        house
            .act(|acting, tx| {
                let asking =
                    Asking { why: "she disputes it".into(), request: Some(asked), ..Asking::default() };
                restriction::place(acting, tx, tara, &asking)
            })
            .unwrap();
        let broken = || {
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let register =
                policy.requests.registers.iter().position(|one| one.name == "restriction").unwrap();
            let told = custody::proof::Obligation::RecipientsTold { register };
            let store = &house.instance.store;
            store::prove::obligation(store, &policy, &told, clock.now(), clock.today()).unwrap().broken
        };
        assert_eq!(broken(), Vec::<String>::new());
        house
            .instance
            .store
            .write(|tx| tx.exec("DELETE FROM task WHERE kind = 'tell recipient'", &[]))
            .unwrap();
        assert!(
            broken().iter().any(|one| one.ends_with("1 had the details from us, and 0 are to be told")),
            "{:?}",
            broken()
        );
        // What was restricted longer ago can get no such task any more.
        house.go_to(date(2027, 11, 8));
        assert!(!broken().iter().any(|one| one.ends_with("are to be told")), "{:?}", broken());
    });
}

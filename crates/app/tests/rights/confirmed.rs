//! Whoever asked to be erased hears that it was done: the message is the one thing that still holds their address, and
//! not for long.

use app::acts::confirmation::{self, Telling};
use app::acts::person::NewPerson;
use app::acts::request::{Outcome, Who};
use app::acts::undone::Undone;
use app::acts::{self, Acting, erasure};
use app::fault::Fault;
use app::jobs::outbox;
use custody::id::{PersonId, RequestId};
use custody::proof::{Finding, Verdict};
use jiff::civil::date;
use store::suppression::Forbids;
use store::{message, params, request, task};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both, on_both_keeping, went};

const ADDRESS: &str = "tara.quill@brightwell.example";

fn promising(text: String) -> String {
    text.replace("\nrequests\n", "\nrequests\n  confirm   erasure, before the address goes  promise CTI-99\n")
}

fn erased(house: &House, who: PersonId, asked: RequestId, telling: Telling<'_>) -> Result<(), Fault> {
    house.act(|acting, tx| {
        erasure::carry_out(acting, tx, who, Some(asked), (erasure::Reason::Asked.known(), None), telling)
            .map(drop)
    })
}

/// The subject and the text of the message that tells them.
fn said(house: &House, asked: RequestId) -> (String, String) {
    let sql = "SELECT subject, body FROM message WHERE request_id = ?1";
    house.read(|tx| tx.one(sql, params![asked], |row| Ok((row.text(0)?, row.text(1)?))))
}

/// A supplier who has our news as well, whose details we passed on.
fn sam(house: &House, values: &[(&str, &str)]) -> PersonId {
    house
        .act(|acting, tx| {
            let new = newcomer("supplier", "the person", values);
            let sam = acts::person::add(acting, tx, &new)?;
            went(acting, tx, sam, ("name", "Morgan Pike", "suppliers"))?;
            acting.settle(tx, sam)?;
            Ok(sam)
        })
        .unwrap()
}

const SAM: [(&str, &str); 3] =
    [("name", "Sam Vane"), ("email", "sam@vane.example"), ("phone", "01632 960555")];

fn proof(house: &House) -> Finding {
    let (policy, clock) = (house.instance.policy(), &house.instance.clock);
    store::prove::promise(&house.instance.store, &policy, "CTI-99", clock.now(), clock.today())
        .unwrap()
        .unwrap()
}

fn break_with(house: &House, sql: &str, asked: RequestId) -> Finding {
    house.instance.store.write(|tx| tx.exec(sql, params![asked])).unwrap();
    proof(house)
}

#[test]
fn the_message_that_it_is_done_leaves_and_takes_the_address_with_it() {
    on_both_keeping(promising, |house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert!(preview.by_email && preview.promised);
        let refused = erased(house, tara, asked, Telling::Nobody).unwrap_err();
        assert!(invalid(&refused, "tell"), "{refused:?}");
        assert!(house.everything().contains("960123"), "a refusal erases nothing");
        erased(house, tara, asked, Telling::ByEmail).unwrap();

        let left = house.everything();
        assert!(!left.contains("960123") && !left.contains("team of nine"), "{left}");
        let holding: Vec<&str> = left.lines().filter(|line| line.contains(ADDRESS)).collect();
        assert_eq!(holding, [format!("message.address: {ADDRESS}")], "the message alone still holds it");
        let body = left.lines().find(|line| line.starts_with("message.body: Dear Tara Quill")).unwrap();
        assert!(!body.contains('{'), "{body}");
        let (subject, body) = said(house, asked);
        assert_eq!(subject, "It is done: what we held about you is erased");
        for words in [
            "This message still holds your address. It goes from it when the message has left.",
            "In our backups what we erased is locked away at once and not used; the backups themselves go 3 months after they were made.",
            "Whoever had your details from us is to be told, too. For that your name stays until they are, for 30 days at most.",
            "We have erased what no law or contract has us keep, today. Some records stay",
            "And you can go to court.",
        ] {
            assert!(body.contains(words), "{words}: {body}");
        }
        let message = house.read(|tx| message::of_request(tx, &house.instance.policy(), asked)).remove(0);
        assert_eq!(proof(house).verdict, Verdict::Kept, "{:?}", proof(house));

        let waiting = confirmation::waiting(&house.instance).unwrap();
        assert_eq!(waiting, [message.id]);
        outbox::play_these(&house.instance, &waiting).unwrap();
        let left = house.left();
        for word in ["Tara", "Quill", ADDRESS] {
            assert!(!left.contains(word), "{word} is left: {left}");
        }
        let sent = house.read(|tx| message::of_request(tx, &house.instance.policy(), asked)).remove(0);
        assert_eq!(sent.state, "sent");
        assert_eq!(proof(house).verdict, Verdict::Kept, "{:?}", proof(house));

        // Behind the program's back: the address again, and then no message at all.
        let kept = "UPDATE message SET address = 'tara@brightwell.example' WHERE request_id = ?1";
        let found = break_with(house, kept, asked);
        assert!(
            found.verdict == Verdict::Broken && found.counterexamples[0].contains("still holds the address")
        );
        let found = break_with(house, "DELETE FROM message WHERE request_id = ?1", asked);
        assert!(found.verdict == Verdict::Broken, "{found:?}");
        assert_eq!(
            found.counterexamples,
            [format!("request {asked}: nobody told them that they were erased")]
        );
    });
}

#[test]
fn what_the_mail_server_does_not_take_is_somebodys_task_and_forgotten_after_thirty_days() {
    on_both_keeping(promising, |house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        erased(house, tara, asked, Telling::ByEmail).unwrap();
        let policy = house.instance.policy();
        let fail = |acting: &Acting<'_>, tx: &store::Tx<'_>| {
            let held = message::of_request(tx, &policy, asked)?.remove(0);
            message::claim(tx, &policy, held.id, acting.now)?;
            message::failed(tx, held.id, "the mail server answered 550", None)?;
            confirmation::stopped(acting, tx, &held)
        };
        house.act(fail).unwrap();
        let tasks = house.read(|tx| task::of_request(tx, asked));
        let todo = tasks.into_iter().find(|task| task.kind == task::Kind::Other).unwrap();
        assert_eq!(todo.due_on, Some(date(2026, 12, 3)));
        assert!(!todo.what.contains('@'), "{}", todo.what);
        let (_, grant) = house.act(|acting, tx| confirmation::last(acting, tx, asked)).unwrap().unwrap();
        assert!(grant.is_some(), "whoever answers requests may read where to write");

        house.go_to(date(2026, 12, 3));
        assert_eq!(
            confirmation::forget(&house.instance, &mut Undone::default()).unwrap(),
            0,
            "thirty days are not over"
        );
        house.go_to(date(2026, 12, 4));
        assert!(proof(house).verdict == Verdict::Broken, "it is still there and nobody has told them");
        assert_eq!(confirmation::forget(&house.instance, &mut Undone::default()).unwrap(), 1);
        assert!(!house.everything().contains(ADDRESS));
        let (_, grant) = house.act(|acting, tx| confirmation::last(acting, tx, asked)).unwrap().unwrap();
        assert!(grant.is_none());
        assert_eq!(confirmation::forget(&house.instance, &mut Undone::default()).unwrap(), 0);
        house
            .act(|acting, tx| app::acts::task::confirm(acting, tx, todo.id, (acting.today, "by letter")))
            .unwrap();
        assert_eq!(proof(house).verdict, Verdict::Kept, "{:?}", proof(house));
    });
}

#[test]
fn somebody_who_told_them_says_how_and_our_own_decision_owes_nothing() {
    on_both_keeping(promising, |house| {
        let tara = house.tara();
        assert!(Telling::read("told", " ").is_err());
        let asked = house.opened("erasure", Who::Held(tara));
        erased(house, tara, asked, Telling::read("told", "by telephone").unwrap()).unwrap();
        assert!(!house.everything().contains(ADDRESS));
        assert_eq!(proof(house).verdict, Verdict::Kept, "{:?}", proof(house));
        let other = house.tara();
        house
            .act(|acting, tx| {
                erasure::carry_out(
                    acting,
                    tx,
                    other,
                    None,
                    (erasure::Reason::NotNeeded.into(), None),
                    Telling::Nobody,
                )
                .map(drop)
            })
            .unwrap();
        let found = proof(house);
        assert!(found.verdict == Verdict::Kept && found.figure.starts_with('1'), "{found:?}");
        let sql =
            "UPDATE request_step SET step = 'noted' WHERE request_id = ?1 AND step = 'told that it is done'";
        assert_eq!(break_with(house, sql, asked).verdict, Verdict::Broken);
    });
}

#[test]
fn what_they_are_told_is_read_over_before_and_leaves_as_it_was_changed() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        let (ahead, drafted) = house
            .act(|acting, tx| {
                let (ahead, drafted) = erasure::drafted(acting, tx, tara, Some(asked))?;
                let grant = acts::request::answering(acting, &[&acting.life(tx, tara)?])?;
                Ok((ahead, app::print::copy::text(&drafted.unwrap(), &grant).unwrap()))
            })
            .unwrap();
        assert!(ahead.by_email && drafted.starts_with("Dear Tara Quill,"), "{drafted}");
        assert!(drafted.contains("asked us to erase") && drafted.contains("ico.org.uk"), "{drafted}");
        let tell = |text: &str| erased(house, tara, asked, Telling::Written(text));
        assert!(invalid(&tell(" ").unwrap_err(), "words"));
        assert!(
            invalid(&tell("Dear Tara, it is all gone.").unwrap_err(), "words"),
            "it says nowhere else to go"
        );
        tell(&drafted.replace("Dear Tara Quill,", "Dear Tara, thank you for the nine years.")).unwrap();
        let (_, body) = said(house, asked);
        assert!(body.starts_with("Dear Tara, thank you for the nine years."), "{body}");
        assert!(body.contains("ico.org.uk"), "{body}");
    });
}

#[test]
fn without_the_promise_whoever_asked_hears_of_it_all_the_same() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert!(preview.by_email && preview.asks && !preview.promised);
        assert!(invalid(&erased(house, tara, asked, Telling::Nobody).unwrap_err(), "tell"));
        assert!(house.everything().contains(ADDRESS), "nothing has gone");
        erased(house, tara, asked, Telling::Already("by telephone")).unwrap();
        assert_eq!(house.instance.clock.today(), TODAY);
        assert!(!house.everything().contains(ADDRESS));

        // Of our own decision they need not hear; asked on the telephone and written down by nobody it is none.
        let other = house.tara();
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, other, None)).unwrap();
        assert!(!preview.asks);
        let erase = |why: erasure::Because<'static>| {
            house.act(|acting, tx| erasure::carry_out(acting, tx, other, None, (why, None), Telling::Nobody))
        };
        assert!(invalid(&erase(erasure::Reason::Asked.known()).unwrap_err(), "tell"));
        erase(erasure::Reason::NotNeeded.into()).unwrap();
        assert!(!house.everything().contains(ADDRESS));

        // A form that says nothing of it chooses nothing.
        assert!(matches!(Telling::read("", ""), Err(Fault::Invalid(_))));
        assert_eq!(Telling::read("nobody", "").unwrap(), Telling::Nobody);
    });
}

#[test]
fn whoever_is_erased_in_part_hears_what_went_and_what_stays_and_where_else_to_go() {
    // Of a supplier the news has a kind of its own, which goes with them; the rest the contract needs.
    let news = |text: String| {
        let (before, after) = text.split_once("\nactivity supplier news ").unwrap();
        let after = after.replacen("data      name, email\n", "data      name, email, job title\n", 1);
        format!("{before}\nactivity supplier news {after}")
    };
    on_both_keeping(news, |house| {
        let [name, email, phone] = SAM;
        let sam = sam(house, &[name, email, phone, ("job title", "Owner")]);
        let asked = house.opened("erasure", Who::Held(sam));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, sam, Some(asked))).unwrap();
        assert!(preview.outcome == Outcome::Partly && preview.takes(), "{preview:?}");
        assert_eq!(preview.told.len(), 1, "{preview:?}");
        erased(house, sam, asked, Telling::ByEmail).unwrap();
        let (subject, body) = said(house, asked);
        assert_eq!(subject, "What we erased, and what we keep");
        assert_eq!(house.request(asked).outcome.as_deref(), Some("partly"));
        for words in [
            "you asked us to erase what we hold about you. We have erased what no law or contract has us keep, today. The rest stays:",
            "for \u{201c}Buying from our suppliers\u{201d}",
            "our contract with you still needs it",
            "what you asked of us and how we answered",
            "- That this message left is kept with them, for \u{201c}Proof of what we did\u{201d}",
            "Whoever had your details from us is to be told, too.",
            "And you can go to court.",
        ] {
            assert!(body.contains(words), "{words}: {body}");
        }
        // Their name and their address stay for the contract, and no paper is destroyed.
        for words in ["holds your address", "your name stays", "on paper", "nothing else", " them still"] {
            assert!(!body.contains(words), "{words}: {body}");
        }
        assert!(house.everything().contains("item.value: sam@vane.example"), "the address stays");
    });
}

#[test]
fn whoever_of_whom_nothing_goes_but_a_use_ends_is_not_told_of_an_erasure() {
    on_both(|house| {
        let sam = sam(house, &SAM);
        let asked = house.opened("erasure", Who::Held(sam));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, sam, Some(asked))).unwrap();
        assert!(preview.outcome == Outcome::Partly && !preview.takes(), "{preview:?}");
        erased(house, sam, asked, Telling::ByEmail).unwrap();
        let (subject, body) = said(house, asked);
        assert_eq!(subject, "What we use no more, and what we keep");
        // The request says the same, and the register.
        let found = house.request(asked);
        assert_eq!(found.outcome.as_deref(), Some(request::NOTHING_YET));
        let answer = house.read(|tx| {
            let sql = "SELECT outcome, stays FROM request WHERE id = ?1";
            tx.one(sql, params![asked], |row| Ok((row.text(0)?, row.opt_text(1)?)))
        });
        assert!(answer.0 == "nothing erased yet" && answer.1.is_some(), "{answer:?}");
        for words in [
            "From today we use what we hold about you no more for this:\n",
            "\n- News for our suppliers\n",
            "Nothing of it is erased yet. This stays:\n- We keep ",
            "for \u{201c}Buying from our suppliers\u{201d}",
            "And you can go to court.",
        ] {
            assert!(body.contains(words), "{words}: {body}");
        }
        // Nobody has to be told: nothing of what was passed on has gone.
        let told = house.read(|tx| task::of_request(tx, asked));
        assert!(!told.iter().any(|task| task.kind == task::Kind::TellRecipient), "{told:?}");
        for words in
            ["We have erased", "holds your address", "backups", "Whoever had your details", "your name stays"]
        {
            assert!(!body.contains(words), "{words}: {body}");
        }
    });
}

#[test]
fn the_message_names_the_mark_that_stays_and_what_it_is_for_and_the_texts_that_are_left_as_they_are() {
    on_both(|house| {
        let tara = house.tara();
        house
            .act(|acting, tx| {
                let calls = custody::life::Scope::Calls;
                acts::objection::record(acting, tx, tara, &calls, (acting.today, "telephone"))
            })
            .unwrap();
        let asked = house.opened("erasure", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert_eq!(preview.marks.iter().copied().collect::<Vec<_>>(), [Forbids::Calls]);
        let alone = [("entry", 0)];
        let masking = erasure::Masking { these: &[], alone: &alone };
        let why = erasure::Because { masking, ..erasure::Reason::Asked.known() };
        house
            .act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, Some(asked), (why, None), Telling::ByEmail).map(drop)
            })
            .unwrap();
        let (_, body) = said(house, asked);
        for words in [
            "so that we do not ring you there with what we offer.",
            "- You are still spoken of in a text about somebody else",
            "- We keep what you asked of us and how we answered",
        ] {
            assert!(body.contains(words), "{words}: {body}");
        }
        assert!(!body.contains("what we offer, and"), "it blocks calls and no more: {body}");
    });
}

/// Una Brook, whom nobody has worked with yet.
fn una(house: &House) -> PersonId {
    let new = NewPerson {
        collected_on: Some(TODAY),
        ..newcomer("coaching client", "the person", &[("name", "Una Brook"), ("email", "una@brook.example")])
    };
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

#[test]
fn the_message_says_what_lies_on_paper_still_and_the_request_waits_for_it() {
    use app::acts::document::{self, NewPiece, Place};
    on_both(|house| {
        let una = una(house);
        let form = house
            .act(|acting, tx| {
                let place = Place::Paper("filing cabinet 1".into());
                let mut piece = NewPiece { kind: "consent form".into(), on: acting.today, place };
                document::add_to(acting, tx, una, &mut piece)
            })
            .unwrap();
        let asked = house.opened("erasure", Who::Held(una));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, una, Some(asked))).unwrap();
        assert!(preview.outcome == Outcome::Done && preview.paper, "{preview:?}");
        erased(house, una, asked, Telling::ByEmail).unwrap();
        let (subject, body) = said(house, asked);
        assert_eq!(subject, "What we held about you is erased, but for what lies on paper or elsewhere");
        assert!(
            body.contains("What is on paper or lies elsewhere is destroyed by hand, as soon as we can."),
            "{body}"
        );
        assert!(!body.contains("It is done"), "{body}");
        let sql = "SELECT COUNT(*) FROM document WHERE id = ?1";
        assert_eq!(
            house.read(|tx| tx.count(sql, params![form])),
            1,
            "it is there until somebody destroys it"
        );
        assert!(house.request(asked).closed_on.is_none(), "and the request waits for that");
    });
}

#[test]
fn a_copy_on_a_laptop_is_deleted_there_by_somebody_and_the_request_waits_for_it() {
    use app::acts::document::{self, NewPiece, Place};
    on_both(|house| {
        let una = una(house);
        let on = |lies: &str| {
            house.act(|acting, tx| {
                let place = Place::Elsewhere(lies.to_owned());
                let mut piece = NewPiece { kind: "consent form".into(), on: acting.today, place };
                document::add_to(acting, tx, una, &mut piece)
            })
        };
        assert!(invalid(&on(" ").unwrap_err(), "place"), "somebody must be able to find it");
        let copy = on("Helen's laptop").unwrap();
        let asked = house.opened("erasure", Who::Held(una));
        erased(house, una, asked, Telling::Already("by letter")).unwrap();
        let tasks = house.read(|tx| store::task::of_request(tx, asked));
        let [task] = &tasks[..] else { panic!("{tasks:?}") };
        assert_eq!(task.what, "Delete the consent form that lies elsewhere");
        assert_eq!(task.place.as_deref(), Some("Helen's laptop"));
        assert!(task.blocks && task.owner.is_some() && task.due_on.is_some(), "{task:?}");
        assert!(house.request(asked).closed_on.is_none());
        let done = house.act(|acting, tx| acts::task::confirm(acting, tx, task.id, (TODAY, "")));
        assert!(done.unwrap().closed && house.request(asked).closed_on.is_some());
        let step =
            "SELECT COUNT(*) FROM request_step WHERE request_id = ?1 AND step = 'copy elsewhere deleted'";
        assert_eq!(house.read(|tx| tx.count(step, &[asked.0.into()])), 1);
        let there = "SELECT COUNT(*) FROM document WHERE id = ?1";
        assert_eq!(house.read(|tx| tx.count(there, params![copy])), 0);
    });
}

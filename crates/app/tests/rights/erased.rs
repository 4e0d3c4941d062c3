//! What an erasure makes of what else they had asked: of somebody of whom nothing is left nothing stays open, and nobody is told of a
//! detail that was put right and is gone.

use app::acts::confirmation::{self, Telling};
use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::person::{self, NewPerson};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::undone::Undone;
use app::acts::{self, erasure};
use app::fault::Fault;
use app::jobs::outbox;
use custody::id::{ItemId, PersonId, RequestId};
use jiff::civil::date;
use store::disclosure::Telling as Told;
use store::{item, request, task};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both, on_both_keeping, went};
use super::redaction::file;

const NEW: &str = "01632 960777";

/// The first item of a kind.
fn one(house: &House, whose: PersonId, kind: &str) -> (ItemId, i64) {
    let policy = house.instance.policy();
    let kind = policy.kind_named(kind).unwrap().id;
    let items = house.read(|tx| item::of_person(tx, &policy, whose));
    let found = items.iter().find(|item| item.kind == kind).unwrap();
    (found.id, found.version)
}

/// Somebody's phone was passed on, and they say that it is another.
fn asks_for_another_phone(house: &House, whose: PersonId) -> RequestId {
    let asked = house.opened("rectification", Who::Held(whose));
    house.known(asked);
    let (phone, version) = one(house, whose, "phone");
    house
        .act(|acting, tx| {
            for recipient in ["Morgan Pike", "the coach"] {
                went(acting, tx, whose, ("phone", recipient, "enquiries"))?;
            }
            person::change_item(acting, tx, (whose, phone), version, (NEW, "")).map(drop)
        })
        .unwrap();
    asked
}

fn erase(house: &House, whose: PersonId, asked: RequestId, telling: Telling<'_>) -> erasure::Carried {
    let why = (erasure::Reason::Asked.known(), None);
    house.act(|acting, tx| erasure::carry_out(acting, tx, whose, Some(asked), why, telling)).unwrap()
}

/// What is still to be told recipients, for which request, and of what.
fn to_tell(house: &House) -> Vec<(Option<RequestId>, Option<Told>, String)> {
    let open = house.read(|tx| task::open(tx, None, 50)).into_iter();
    let told = open.filter(|task| task.kind == task::Kind::TellRecipient);
    told.map(|task| (task.request, task.told, task.recipient.unwrap_or_default())).collect()
}

#[test]
fn a_correction_of_what_is_erased_ends_with_it_and_whoever_was_to_be_told_is_told_of_the_erasure() {
    on_both(|house| {
        let tara = house.tara();
        let correct = asks_for_another_phone(house, tara);
        let letter = house
            .act(|acting, tx| {
                let why = ("Her phone 01632 960777 has to be looked at", None);
                letter::draft(acting, tx, About::Request(correct), Sort::Extension, why)
            })
            .unwrap();
        house
            .act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::ByHand(TODAY, "by post")))
            .unwrap();
        let object = house.opened("objection", Who::Held(tara));
        house.known(object);
        assert_eq!(to_tell(house).iter().filter(|(_, told, _)| *told == Some(Told::Corrected)).count(), 2);
        let corrected = house.read(|tx| task::of_request(tx, correct)).remove(0);

        let asked = house.opened("erasure", Who::Held(tara));
        let ahead = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert_eq!(ahead.outcome, Outcome::Done, "{ahead:?}");
        let both = [(request::Kind::Objection, TODAY), (request::Kind::Rectification, TODAY)];
        assert_eq!(ahead.ends, both, "the page says what ends with it");
        assert!(house.request(correct).closed_on.is_none(), "a preview ends nothing");
        erase(house, tara, asked, Telling::ByEmail);

        let body = house.read(|tx| {
            let sql = "SELECT body FROM message WHERE request_id = ?1";
            tx.one(sql, store::params![asked], |row| row.text(0))
        });
        let says =
            "What else you asked us, on Tue 3 Nov 2026 (\u{201c}Correct it\u{201d}), is closed with this";
        assert!(body.contains(says), "{body}");
        for ended in [correct, object] {
            let found = house.request(ended);
            assert_eq!(found.closed_on, Some(TODAY));
            assert_eq!(found.outcome.as_deref(), Some(request::ENDED));
            assert!(found.name.is_none() && found.words.is_none());
            assert_eq!(found.initials.as_deref(), Some("T.Q."));
            let steps = house.read(|tx| request::steps(tx, &house.instance.policy(), &found));
            assert!(steps.iter().any(|step| step.step == request::ENDED_STEP && step.by.is_some()));
            assert!(steps.iter().all(|step| step.note.is_none()), "{steps:?}");
        }
        // Each recipient is told once, by the erasure.
        let mut told = to_tell(house);
        told.sort();
        let erased = |who: &str| (Some(asked), Some(Told::Erased), who.to_owned());
        assert_eq!(told, [erased("Morgan Pike"), erased("the coach")]);
        let again = house.act(|acting, tx| {
            let task = ("", Some(corrected.id));
            letter::draft(acting, tx, About::Request(correct), Sort::Recipient, task)
        });
        assert!(again.is_err(), "nobody writes that a phone is corrected that is gone");
        let answer = house
            .act(|acting, tx| desk::answer(acting, tx, correct, Outcome::Done, ("It is corrected.", TODAY)));
        assert!(matches!(answer, Err(Fault::Changed)), "{answer:?}");

        let waiting = confirmation::waiting(&house.instance).unwrap();
        outbox::play_these(&house.instance, &waiting).unwrap();
        let left = house.left();
        for word in ["Tara", "Quill", "tara.quill", "960123", "960777"] {
            let found: Vec<_> = left.lines().filter(|line| line.contains(word)).collect();
            assert!(found.is_empty(), "{word} is still there: {found:?}");
        }

        // That it was extended still has a word, and none of theirs.
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        // Open again behind the program's back, it is found.
        assert_eq!(house.look("initials-only").broken, Vec::<String>::new());
        house.spoil(&format!("UPDATE request SET closed_on = NULL WHERE id = {}", correct.0));
        let says = format!("request {} is open, and all that it is about was erased", correct.0);
        assert_eq!(house.look("initials-only").broken, [says]);
    });
}

#[test]
fn a_correction_of_what_stays_goes_on() {
    on_both(|house| {
        let new = NewPerson {
            collected_on: Some(date(2026, 10, 1)),
            ..newcomer(
                "associate",
                "the person",
                &[("name", "Delphine Moreau"), ("email", "d@moreau.example")],
            )
        };
        let who = house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap();
        let correct = house.opened("rectification", Who::Held(who));
        house.known(correct);
        let asked = house.opened("erasure", Who::Held(who));
        let carried = erase(house, who, asked, Telling::Already("by letter"));
        assert_eq!(carried.came.outcome, Outcome::Partly, "{:?}", carried.came);
        let found = house.request(correct);
        assert!(found.closed_on.is_none() && found.words.is_some(), "her name is held, and may be wrong");
        assert_eq!(house.look("initials-only").broken, Vec::<String>::new());
    });
}

#[test]
fn a_recipient_of_whom_nothing_says_any_more_whom_it_is_about_is_closed_with_the_reason_and_proved_as_that() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        erase(house, tara, asked, Telling::Already("by letter"));
        let task = house.read(|tx| task::of_request(tx, asked)).remove(0);
        let close = |why: &str| {
            house.act(|acting, tx| {
                acts::task::untold(acting, tx, task.id, (acting.today, why)).map(|done| done.closed)
            })
        };
        assert!(matches!(close("they moved"), Err(Fault::Changed)), "the letter stands there still");
        house.go_to(date(2026, 12, 4));
        assert_eq!(letter::forget_names(&house.instance, &mut Undone::default()).unwrap(), 1);
        let broken = house.look("recipients-told").broken;
        assert!(broken.iter().any(|one| one.starts_with(&format!("task {}:", task.id))), "{broken:?}");
        assert!(invalid(&close(" ").unwrap_err(), "note"));
        close("nobody saw to it in time").unwrap();
        let seen = house.look("recipients-told");
        assert_eq!(seen.broken, Vec::<String>::new());
        assert!(seen.figure.ends_with("of whom one could no longer be told"), "{}", seen.figure);
        let outcome = house.read(|tx| task::one(tx, task.id)).outcome;
        assert_eq!(outcome.as_deref(), Some("could no longer be told: nobody saw to it in time"));
        // Nothing but the reason makes it one that was not told.
        house.spoil(&format!("UPDATE task SET outcome = 'they erased it' WHERE id = {}", task.id));
        assert!(!house.look("recipients-told").figure.contains("no longer"));
        assert!(matches!(close("twice"), Err(Fault::Changed)));
    });
}

#[test]
fn an_erasure_of_which_nobody_is_to_tell_whoever_had_the_details_is_found() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        erase(house, tara, asked, Telling::Already("by letter"));
        assert_eq!(house.look("recipients-told").broken, Vec::<String>::new());
        // Also where the task is all that says of what it was.
        house.spoil("UPDATE task SET request_id = NULL, ground_id = NULL WHERE kind = 'tell recipient'");
        assert_eq!(house.look("recipients-told").broken, Vec::<String>::new());
        // Behind the program's back: nobody is to tell them.
        house.spoil("DELETE FROM task WHERE kind = 'tell recipient'");
        let broken = house.look("recipients-told").broken;
        let says = "others have from us what was erased on 2026-11-03, and nobody is to tell them";
        assert!(
            matches!(&broken[..], [one] if one.starts_with("certificate ") && one.ends_with(says)),
            "{broken:?}"
        );
        // Of longer ago nobody can be given such a task any more.
        house.go_to(date(2027, 11, 8));
        assert_eq!(house.look("recipients-told").broken, Vec::<String>::new());
    });
}

#[test]
fn an_erasure_is_not_done_before_whoever_keeps_it_for_us_has_confirmed_that_it_is_erased_there() {
    on_both(|house| {
        let tara = house.tara();
        house.act(|acting, tx| went(acting, tx, tara, ("name", "address book", "enquiries"))).unwrap();
        let asked = house.opened("erasure", Who::Held(tara));
        let ahead = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        let told = "that the details we passed on are erased";
        let waits = format!("address book {told}; the request stays open until they have confirmed it");
        assert!(ahead.told.len() == 2 && ahead.for_us, "{:?}", ahead.told);
        assert!(ahead.told.contains(&waits) && ahead.told.contains(&format!("Morgan Pike {told}")));
        erase(house, tara, asked, Telling::ByEmail);
        let of = |recipient: &str| {
            let tasks = house.read(|tx| task::of_request(tx, asked)).into_iter();
            tasks.filter(|task| task.recipient.as_deref() == Some(recipient)).collect::<Vec<_>>().remove(0)
        };
        let (theirs, ours) = (of("Morgan Pike"), of("address book"));
        let said = "SELECT subject, body FROM message WHERE request_id = ?1";
        let (subject, body) =
            house.read(|tx| tx.one(said, store::params![asked], |row| Ok((row.text(0)?, row.text(1)?))));
        assert!(!subject.starts_with("It is done"), "{subject}");
        assert!(body.contains("What a company keeps for us is erased there, too"), "{body}");
        assert!(ours.blocks && ours.owner.is_some() && ours.due_on.is_some(), "{ours:?}");
        assert!(!theirs.blocks, "what they do with it is for them to answer for");
        let confirmed = |task| {
            house
                .act(|acting, tx| acts::task::confirm(acting, tx, task, (TODAY, "it is gone there")))
                .unwrap()
        };
        assert!(!confirmed(theirs.id).closed && house.request(asked).closed_on.is_none());
        assert!(confirmed(ours.id).closed && house.request(asked).closed_on == Some(TODAY));
        let waited = house.look("erasure-waits-for-paper");
        assert_eq!((waited.figure.as_str(), waited.broken.len()), ("1 thing an erasure waited for", 0));
        // Whom they told goes with that, and that each was told stays.
        let named = "SELECT COUNT(*) FROM task WHERE recipient IS NOT NULL";
        assert_eq!(house.read(|tx| tx.count(named, &[])), 0);
        assert_eq!(house.look("recipients-told").broken, Vec::<String>::new());
        house.spoil(&format!("UPDATE task SET done_on = NULL WHERE id = {}", ours.id));
        let broken = house.look("erasure-waits-for-paper").broken;
        assert_eq!(broken, [format!("request {} was closed while task {} was not done", asked.0, ours.id)]);
        // One task fewer than there are recipients.
        house.spoil(&format!("DELETE FROM task WHERE id = {}", theirs.id));
        let broken = house.look("recipients-told").broken;
        let says = "others have from us what was erased on 2026-11-03, and nobody is to tell them";
        assert!(matches!(&broken[..], [one] if one.ends_with(says)), "{broken:?}");
    });
}

/// What the clause of enquiries lets go of is given back first, and a form may be among it.
fn lent(text: String) -> String {
    let clause =
        "keep      until left the organisation, at most 2 years after last contact\n  then      erase\n";
    let returns = clause.replace("erase", "return originals to the person, confirm, then erase");
    let data = "email, phone, address, job title, organisation, enquiry\n";
    assert!(text.contains(clause) && text.contains(data));
    text.replace(clause, &returns).replace(data, &data.replace("enquiry", "enquiry, consent form"))
}

const ADDRESS: &str = "tara.quill@brightwell.example";

#[test]
fn where_nothing_is_there_to_give_back_details_go_at_once() {
    on_both_keeping(lent, |house| {
        let tara = house.tara();
        let asked = house.opened("erasure", Who::Held(tara));
        let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
        assert!(preview.go.contains_key("email") && preview.go.contains_key("name"), "{preview:?}");
        assert!(preview.after.is_empty() && !preview.handed && preview.tasks.is_empty(), "{preview:?}");
        let why = || (erasure::Reason::Asked.known(), None);
        let carried = house
            .act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, Some(asked), why(), Telling::Already("by letter"))
            })
            .unwrap();
        assert_eq!(carried.went, preview.go, "what was shown is what went");
        assert!(carried.done.closed && !house.left().contains(ADDRESS), "{carried:?}");
    });
}

/// `before`: it was to be given back before anybody asked for the erasure, and no task keeps that open.
fn details_go_after_what_is_given_back(house: &House, before: bool) {
    let tara = house.tara();
    file(house, tara, "A form", "text/plain", b"lent");
    let asked = house.opened("erasure", Who::Held(tara));
    let preview = house.act(|acting, tx| erasure::preview(acting, tx, tara, Some(asked))).unwrap();
    assert!(preview.handed && !preview.go.contains_key("email"), "{preview:?}");
    assert!(preview.after.contains_key("email") && preview.after.contains_key("name"), "{preview:?}");
    let why = || (erasure::Reason::Asked.known(), None);
    let carried = house
        .act(|acting, tx| {
            erasure::carry_out(acting, tx, tara, Some(asked), why(), Telling::Already("by letter"))
        })
        .unwrap();
    assert!(carried.waits && house.everything().contains(ADDRESS), "they say whom to give it back to");
    if before {
        house.spoil("UPDATE task SET request_id = NULL, blocks = 0 WHERE kind = 'return'");
    }
    let early = house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
    assert!(invalid(&early.unwrap_err(), "answer"));
    let early = house.act(|acting, tx| erasure::finish(acting, tx, asked)).unwrap();
    assert!(!early.closed && house.request(asked).closed_on.is_none(), "not done while they are held");
    let tasks = house.read(|tx| task::open_of_person(tx, tara));
    let back: Vec<_> = tasks.iter().filter(|task| task.kind == task::Kind::Return).collect();
    assert_eq!(back.len(), 1, "the form, and no name or address: {tasks:?}");
    house
        .act(|acting, tx| acts::task::confirm(acting, tx, back[0].id, (acting.today, "signed for")))
        .unwrap();
    assert!(house.request(asked).closed_on.is_some(), "the last thing done by hand closes it");
    let left = house.left();
    let found: Vec<_> = left.lines().filter(|line| line.contains(ADDRESS)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn details_go_with_what_is_given_back_and_nothing_is_done_before() {
    on_both_keeping(lent, |house| details_go_after_what_is_given_back(house, false));
}

#[test]
fn what_was_to_be_given_back_before_is_waited_for_too() {
    on_both_keeping(lent, |house| details_go_after_what_is_given_back(house, true));
}

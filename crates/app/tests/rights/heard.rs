//! Whoever had somebody's details hears what became of what was in doubt, and of what goes because the person took back their word;
//! nobody is told twice, or what is no longer so.

use app::acts::person::{self, NewPerson};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::restriction::{self, Asking};
use app::acts::{self, consent, letter, task as tasks};
use custody::id::{PersonId, RequestId};
use jiff::civil::date;
use store::disclosure::Telling;
use store::task::{self, Task};

use super::common::{newcomer, night};
use super::house::{House, TODAY, invalid, on_both, on_both_keeping, went};

fn passed(house: &House, whose: PersonId, (recipient, activity): (&str, &str)) {
    house.act(|acting, tx| went(acting, tx, whose, ("name", recipient, activity))).unwrap();
}

/// Every task of telling, open ones and done ones: whom and what.
fn told(house: &House) -> Vec<(String, Telling, bool)> {
    let ids = house.read(|tx| {
        tx.all("SELECT id FROM task WHERE kind = 'tell recipient' ORDER BY id", &[], |row| row.int(0))
    });
    let all = ids.into_iter().map(|id| one(house, id));
    all.map(|task| (task.recipient.unwrap(), task.told.unwrap(), task.done_on.is_some())).collect()
}

fn one(house: &House, id: i64) -> Task {
    house.read(|tx| task::one(tx, custody::id::TaskId(id)))
}

/// Nia Reed, who agreed to news for supporters.
fn supporter(house: &House) -> PersonId {
    let new = NewPerson {
        collected_on: Some(TODAY),
        agreed: vec!["supporters".into()],
        shown: Some((store::consent::Shows::InPerson, "She said so to Helen".into())),
        ..newcomer("supporter", "the person", &[("name", "Nia Reed"), ("email", "nia@post.example")])
    };
    house.act(|acting, tx| person::add(acting, tx, &new)).unwrap()
}

/// What went in a night, is with others, and of which nobody is to tell them: what any clause says of it.
fn nobody(house: &House) -> Vec<String> {
    let (policy, clock) = (house.instance.policy(), &house.instance.clock);
    let all = policy.rules.iter().flat_map(|rule| {
        let done = custody::proof::Obligation::DoneByHand { rule: rule.id };
        let (now, today) = (clock.now(), clock.today());
        store::prove::obligation(&house.instance.store, &policy, &done, now, today).unwrap().broken
    });
    all.filter(|one| one.ends_with("nobody is to tell them")).collect()
}

fn objects(house: &House, who: PersonId) -> RequestId {
    let asked = house.opened("objection", Who::Held(who));
    house.known(asked);
    asked
}

fn answer(house: &House, asked: RequestId, outcome: Outcome) {
    house.act(|acting, tx| desk::answer(acting, tx, asked, outcome, ("As we wrote.", TODAY))).unwrap();
}

#[test]
fn whoever_heard_that_it_may_only_be_stored_hears_that_it_goes_on_and_nobody_else() {
    on_both(|house| {
        let tara = house.tara();
        passed(house, tara, ("Kim Ash", "enquiries"));
        let asked = objects(house, tara);
        let stored = |who: &str, done| (who.to_owned(), Telling::Restricted, done);
        assert_eq!(told(house), [stored("Morgan Pike", false), stored("Kim Ash", false)]);
        // Morgan hears of it, and Kim does not before it is decided.
        let morgan = house.read(|tx| task::of_request(tx, asked)).remove(0).id;
        let heard = (TODAY, "they keep it apart");
        house.act(|acting, tx| tasks::confirm(acting, tx, morgan, heard)).unwrap();
        answer(house, asked, Outcome::Refused);
        let goes_on = ("Morgan Pike".to_owned(), Telling::GoesOn, false);
        assert_eq!(told(house), [stored("Morgan Pike", true), goes_on]);
        let task = house.read(|tx| task::of_request(tx, asked)).pop().unwrap();
        assert!(task.what.contains("may be used again") && task.due_on.is_some(), "{}", task.what);
        // Asked once more, and stopped: nobody is told any more to store it only, or that it goes on.
        let again = objects(house, tara);
        answer(house, again, Outcome::Done);
        let stops = |who: &str| (who.to_owned(), Telling::Stopped, false);
        let all = [stored("Morgan Pike", true), stops("Morgan Pike"), stops("Kim Ash")];
        assert_eq!(told(house), all);
        // What goes in the night because of it is told of by that.
        night(&house.instance, date(2026, 11, 4));
        assert_eq!(told(house), all);
    });
}

#[test]
fn whoever_had_what_goes_because_they_took_back_their_consent_is_told_of_whom_and_once() {
    on_both(|house| {
        let nia = supporter(house);
        passed(house, nia, ("The Mill", "supporters"));
        passed(house, nia, ("The Mill", "supporters"));
        passed(house, nia, ("Kim Ash", "correspondence"));
        house.act(|acting, tx| consent::withdraw(acting, tx, nia, "supporters", None)).unwrap();
        assert!(told(house).is_empty(), "nothing has gone yet");
        night(&house.instance, date(2026, 11, 4));
        let items = format!("SELECT COUNT(*) FROM item WHERE person_id = {nia}");
        assert_eq!(house.read(|tx| tx.count(&items, &[])), 0);
        assert_eq!(told(house), [("The Mill".to_owned(), Telling::Withdrawn, false)]);
        let id = house
            .read(|tx| tx.one("SELECT id FROM task WHERE kind = 'tell recipient'", &[], |row| row.int(0)));
        let task = one(house, id);
        assert_eq!((task.about.as_deref(), task.person), (Some("Nia Reed"), None), "the name goes with it");
        assert!(task.owner.is_some() && task.due_on == Some(date(2026, 11, 18)), "{task:?}");
        let (_, body) = house.act(|acting, tx| letter::of_task(acting, tx, &task)).unwrap().unwrap();
        assert!(
            body.contains("Nia Reed") && body.contains("they took back what they had agreed to"),
            "{body}"
        );
        night(&house.instance, date(2026, 11, 5));
        assert_eq!(told(house).len(), 1);
        let named =
            house.act(|acting, tx| tasks::confirm(acting, tx, task.id, (acting.today, "Nia Reed is out")));
        assert!(invalid(&named.unwrap_err(), "note"), "the answer outlives her name");
        house.act(|acting, tx| tasks::confirm(acting, tx, task.id, (acting.today, "it is gone"))).unwrap();
        assert_eq!(one(house, id).about, None, "and her name goes with the answer");
    });
}

#[test]
fn whoever_had_it_for_what_they_took_back_is_told_also_where_the_same_stays_for_something_else() {
    on_both(|house| {
        let tara = house.tara();
        house
            .act(|acting, tx| {
                let supporter = acting.policy.category_named("supporter").unwrap().id;
                store::person::give_category(tx, &acting.policy, tara, supporter, acting.today, None)?;
                let yes = consent::Given::said(acting.today, "She said so to Helen");
                consent::give(acting, tx, tara, "supporters", yes)
            })
            .unwrap();
        passed(house, tara, ("The Mill", "supporters"));
        // It does what we say, and gets nothing more from us.
        passed(house, tara, ("mailer", "supporters"));
        passed(house, tara, ("Kim Ash", "enquiries"));
        house.act(|acting, tx| consent::withdraw(acting, tx, tara, "supporters", None)).unwrap();
        night(&house.instance, date(2026, 11, 4));
        let email = format!("SELECT COUNT(*) FROM item WHERE person_id = {tara} AND kind = 'email'");
        assert_eq!(house.read(|tx| tx.count(&email, &[])), 1, "it stays for her enquiries");
        assert_eq!(told(house), [("The Mill".to_owned(), Telling::Withdrawn, false)]);
        night(&house.instance, date(2026, 11, 5));
        assert_eq!(told(house).len(), 1, "once");
        assert_eq!(house.look("recipients-told").broken, Vec::<String>::new());
        // Behind the program's back: nobody is to tell them.
        house.spoil("DELETE FROM task WHERE kind = 'tell recipient'");
        let broken = house.look("recipients-told").broken;
        let said =
            "said no to it on 2026-11-03, and nobody is to tell whoever had the details from us for it";
        assert!(broken.len() == 1 && broken[0].contains(said), "{broken:?}");
    });
}

fn restricted(house: &House, who: PersonId, request: Option<RequestId>) {
    let asking = Asking { why: "she disputes it".into(), request, ..Asking::default() };
    house.act(|acting, tx| restriction::place(acting, tx, who, &asking)).unwrap();
}

fn lifted(house: &House, who: PersonId) {
    house.act(|acting, tx| restriction::lift(acting, tx, who, ("by telephone", "known"))).unwrap();
}

/// Somebody told a recipient what the first open task says, and it is written down.
fn hears(house: &House, recipient: &str) {
    let sql = format!(
        "SELECT MIN(id) FROM task WHERE kind = 'tell recipient' AND recipient = '{recipient}' AND done_on IS NULL"
    );
    let id = house.read(|tx| tx.one(&sql, &[], |row| row.int(0)));
    let task = custody::id::TaskId(id);
    house.act(|acting, tx| tasks::confirm(acting, tx, task, (TODAY, "they have seen it"))).unwrap();
}

#[test]
fn whoever_heard_of_a_restriction_hears_that_it_has_ended_and_nobody_else() {
    on_both(|house| {
        let tara = house.tara();
        passed(house, tara, ("Kim Ash", "enquiries"));
        let asked = house.opened("restriction", Who::Held(tara));
        let stored = |who: &str, done| (who.to_owned(), Telling::Restricted, done);
        let ended = |done| ("Morgan Pike".to_owned(), Telling::Lifted, done);
        restricted(house, tara, Some(asked));
        assert_eq!(told(house), [stored("Morgan Pike", false), stored("Kim Ash", false)]);
        hears(house, "Morgan Pike");
        lifted(house, tara);
        assert_eq!(told(house), [stored("Morgan Pike", true), ended(false)], "Kim never heard of it");
        let task = house.read(|tx| task::of_request(tx, asked)).pop().unwrap();
        assert!(task.due_on.is_some() && task.what.contains("has ended"), "{task:?}");
        let about = letter::About::Request(asked);
        let drafted = house
            .act(|acting, tx| letter::draft(acting, tx, about, letter::Sort::Recipient, ("", Some(task.id))));
        drafted.unwrap();
        let body = "SELECT body FROM letter WHERE sort = 'recipient'";
        let body = house.read(|tx| tx.one(body, &[], |row| row.text(0)));
        assert!(body.contains("Tara Quill") && body.contains("may be used again"), "{body}");
        assert!(!body.contains("Article 19") && !body.contains("Please see to it"), "{body}");
        // Restricted once more before they heard: that it has ended is told to nobody any more. Nobody need have asked for it.
        restricted(house, tara, None);
        assert_eq!(
            told(house),
            [stored("Morgan Pike", true), stored("Morgan Pike", false), stored("Kim Ash", false)]
        );
        let drafts = "SELECT COUNT(*) FROM letter WHERE sort = 'recipient'";
        assert_eq!(house.read(|tx| tx.count(drafts, &[])), 0, "nor stands it in a draft");
        hears(house, "Kim Ash");
        lifted(house, tara);
        let heard = [stored("Morgan Pike", true), stored("Kim Ash", true)];
        let end = ["Morgan Pike", "Kim Ash"].map(|who| (who.to_owned(), Telling::Lifted, false));
        assert_eq!(told(house), [&heard[..], &end[..]].concat());
    });
}

#[test]
fn a_restriction_that_has_ended_frees_nothing_that_is_in_doubt() {
    on_both(|house| {
        let tara = house.tara();
        let asked = objects(house, tara);
        hears(house, "Morgan Pike");
        restricted(house, tara, None);
        hears(house, "Morgan Pike");
        lifted(house, tara);
        let stored = ("Morgan Pike".to_owned(), Telling::Restricted, true);
        assert_eq!(told(house), [stored.clone(), stored.clone()], "what she objects to is not weighed yet");
        answer(house, asked, Outcome::Refused);
        let goes_on = ("Morgan Pike".to_owned(), Telling::GoesOn, false);
        assert_eq!(told(house), [stored.clone(), stored, goes_on]);
    });
}

#[test]
fn whoever_had_what_was_to_be_erased_and_had_to_wait_is_told_in_the_night_in_which_it_goes() {
    on_both(|house| {
        let tara = house.tara();
        let copy = house.opened("access", Who::Held(tara));
        let asked = house.opened("erasure", Who::Held(tara));
        house
            .act(|acting, tx| {
                let why = (acts::erasure::Reason::Asked.known(), None);
                let by_letter = acts::confirmation::Telling::Already("by letter");
                acts::erasure::carry_out(acting, tx, tara, Some(asked), why, by_letter).map(drop)
            })
            .unwrap();
        let items = format!("SELECT COUNT(*) FROM item WHERE person_id = {tara}");
        assert!(house.read(|tx| tx.count(&items, &[])) > 0, "she waits for a copy of it");
        assert!(told(house).is_empty(), "nothing of it is erased yet");
        answer(house, copy, Outcome::Refused);
        night(&house.instance, date(2026, 11, 4));
        assert_eq!(house.read(|tx| tx.count(&items, &[])), 0);
        assert_eq!(told(house), [("Morgan Pike".to_owned(), Telling::Erased, false)]);
        let about = "SELECT about FROM task WHERE kind = 'tell recipient'";
        assert_eq!(house.read(|tx| tx.one(about, &[], |row| row.text(0))), "Tara Quill");
        night(&house.instance, date(2026, 11, 5));
        assert_eq!(told(house).len(), 1);
        assert_eq!(nobody(house), Vec::<String>::new());
        // Behind the program's back: nobody is to tell them.
        house.spoil("DELETE FROM task WHERE kind = 'tell recipient'");
        assert!(
            nobody(house).iter().any(|one| one.contains("what went on 2026-11-04")),
            "{:?}",
            nobody(house)
        );
    });
}

#[test]
fn what_a_processor_keeps_for_us_is_told_of_when_it_goes_here_and_found_where_nobody_is_to() {
    on_both(|house| {
        let nia = supporter(house);
        passed(house, nia, ("address book", "supporters"));
        house.act(|acting, tx| consent::withdraw(acting, tx, nia, "supporters", None)).unwrap();
        night(&house.instance, date(2026, 11, 4));
        assert_eq!(told(house), [("address book".to_owned(), Telling::Withdrawn, false)]);
        assert_eq!(nobody(house), Vec::<String>::new());
        house.spoil("DELETE FROM task WHERE kind = 'tell recipient'");
        let found = nobody(house);
        let says = "others have from us what went on 2026-11-04, and nobody is to tell them";
        assert!(
            matches!(&found[..], [one] if one.starts_with("certificate ") && one.ends_with(says)),
            "{found:?}"
        );
        // A list there that the program keeps is put right by the program: nobody of the staff sent it.
        house.spoil("UPDATE disclosure SET disclosed_by = NULL");
        assert_eq!(nobody(house), Vec::<String>::new());
    });
}

#[test]
fn what_ends_by_no_word_of_theirs_is_told_to_nobody() {
    on_both(|house| {
        let tara = house.tara();
        let firm = house.act(|acting, tx| Ok(store::organisation::named(tx, "Brightwell Ltd", acting.now)?));
        let firm = firm.unwrap();
        house.act(|acting, tx| acts::organisation::left(acting, tx, tara, firm, acting.today)).unwrap();
        night(&house.instance, date(2026, 11, 4));
        let email = format!("SELECT COUNT(*) FROM item WHERE person_id = {tara} AND kind = 'email'");
        assert_eq!(house.read(|tx| tx.count(&email, &[])), 0, "it went with her leaving");
        assert!(told(house).is_empty());
    });
}

#[test]
fn a_correction_that_nobody_asked_for_has_its_letter_with_the_task() {
    on_both(|house| {
        let tara = house.tara();
        let items = house.read(|tx| store::item::of_person(tx, &house.instance.policy(), tara));
        let kind = house.instance.policy().kind_named("name").unwrap().id;
        let name = items.iter().find(|item| item.kind == kind).unwrap();
        let right = ("Tara Quil", "");
        house
            .act(|acting, tx| person::change_item(acting, tx, (tara, name.id), name.version, right))
            .unwrap();
        assert_eq!(told(house), [("Morgan Pike".to_owned(), Telling::Corrected, false)]);
        let id = house
            .read(|tx| tx.one("SELECT id FROM task WHERE kind = 'tell recipient'", &[], |row| row.int(0)));
        let task = one(house, id);
        assert_eq!((task.request, task.detail.as_deref()), (None, Some("name")));
        let letter = |task: &Task| house.act(|acting, tx| letter::of_task(acting, tx, task)).unwrap();
        let (subject, body) = letter(&task).unwrap();
        assert!(subject.starts_with("Data that you had from us"), "{subject}");
        assert!(
            body.contains("data about Tara Quil from us")
                && body.contains("the name we passed on is corrected")
        );
        // Whoever may not answer requests reads no name by it.
        let other = house.assistant.clone();
        let theirs = house.by(&other, |acting, tx| letter::of_task(acting, tx, &task)).unwrap();
        assert_eq!(theirs, None);
        house
            .act(|acting, tx| tasks::confirm(acting, tx, task.id, (TODAY, "they have corrected it")))
            .unwrap();
        assert_eq!(letter(&one(house, id)), None, "it is done");
    });
}

#[test]
fn a_restriction_that_ended_before_anybody_was_to_hear_of_it_is_told_to_nobody() {
    let register = "  register  restriction: received, person, actions\n  register  access:";
    on_both_keeping(
        |text: String| text.replace("  register  access:", register),
        |house| {
            let tara = house.tara();
            house.go_to(date(2026, 11, 4));
            let asked = house.opened("restriction", Who::Held(tara));
            house
                .act(|acting, tx| {
                    let asking =
                        Asking { why: "she disputes it".into(), request: Some(asked), ..Asking::default() };
                    restriction::place(acting, tx, tara, &asking)?;
                    restriction::lift(acting, tx, tara, ("by telephone", "known"))
                })
                .unwrap();
            let told = "SELECT COUNT(*) FROM task WHERE kind = 'tell recipient'";
            assert_eq!(house.read(|tx| tx.count(told, &[])), 0);
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let register =
                policy.requests.registers.iter().position(|one| one.name == "restriction").unwrap();
            let promised = custody::proof::Obligation::RecipientsTold { register };
            let look = |store| {
                store::prove::obligation(store, &policy, &promised, clock.now(), clock.today())
                    .unwrap()
                    .broken
            };
            assert_eq!(look(&house.instance.store), Vec::<String>::new());
            // Not where it had stood for longer than anybody may wait to hear of it.
            house.spoil("UPDATE request_step SET on_date = '2026-11-30' WHERE step = 'lifted'");
            let broken = look(&house.instance.store);
            assert!(broken.iter().any(|one| one.ends_with("and 0 are to be told")), "{broken:?}");
        },
    );
}

#[test]
fn whoever_has_it_from_us_hears_within_as_many_days_as_the_policy_says() {
    let says = "\nperiods\n  recipients  told within 5 days  promise CTI-25\n\nrequests\n";
    on_both_keeping(
        |text: String| text.replace("\nrequests\n", says),
        |house| {
            let tara = house.tara();
            let asked = house.opened("erasure", Who::Held(tara));
            house
                .act(|acting, tx| {
                    let why = (acts::erasure::Reason::Asked.known(), None);
                    let told = acts::confirmation::Telling::Already("by telephone");
                    acts::erasure::carry_out(acting, tx, tara, Some(asked), why, told)
                })
                .unwrap();
            let mut tells = house.read(|tx| task::of_request(tx, asked));
            tells.retain(|task| task.kind == task::Kind::TellRecipient);
            let in_time = tells.iter().all(|task| task.due_on == Some(date(2026, 11, 8)));
            assert!(in_time && !tells.is_empty(), "{tells:?}");
            // Whatever day is put on the task, the policy's counts.
            let later = "UPDATE task SET due_on = '2027-02-01' WHERE kind = 'tell recipient'";
            house.instance.store.write(|tx| tx.exec(later, &[])).unwrap();
            let late = || {
                let broken = house.look("recipients-told").broken;
                broken.iter().filter(|one| one.ends_with("was to be told by 2026-11-08")).count()
            };
            house.go_to(date(2026, 11, 8));
            assert_eq!(late(), 0, "the last day");
            house.go_to(date(2026, 11, 9));
            assert_eq!(late(), tells.len());
        },
    );
}

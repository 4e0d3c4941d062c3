//! A request to correct something is called done only where something was corrected, and says what; what is disputed and kept gets a
//! note of what they say.

use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::person::{self, Origin};
use app::acts::request::correcting::{self, places};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::{entry, entry::NewNote};
use app::fault::Fault;
use custody::id::{LetterId, PersonId, RequestId};
use jiff::civil::date;
use store::item::Item;
use store::{item, request, task};

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

fn phone(house: &House, whose: PersonId) -> Item {
    detail(house, whose, "phone")
}

fn detail(house: &House, whose: PersonId, what: &str) -> Item {
    let items = house.read(|tx| item::of_person(tx, &house.instance.policy(), whose));
    let policy = house.instance.policy();
    items.into_iter().find(|item| policy.kind(item.kind).is_some_and(|kind| kind.name == what)).unwrap()
}

fn answer(house: &House, id: RequestId, outcome: Outcome, told: &str) -> Result<desk::Done, Fault> {
    house.act(|acting, tx| desk::answer(acting, tx, id, outcome, (told, TODAY)))
}

fn draft(house: &House, id: RequestId, sort: Sort, why: &str) -> Result<LetterId, Fault> {
    house.act(|acting, tx| letter::draft(acting, tx, About::Request(id), sort, (why, None)))
}

fn send(house: &House, letter: LetterId) -> Result<desk::Done, Fault> {
    house.act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::ByHand(TODAY, "by post")))
}

fn body(house: &House, letter: LetterId) -> String {
    let sql = format!("SELECT body FROM letter WHERE id = {}", letter.0);
    house.read(|tx| tx.one(&sql, &[], |row| row.text(0)))
}

fn said(house: &House, id: RequestId) -> String {
    let sql = format!("SELECT answer FROM request WHERE id = {}", id.0);
    house.read(|tx| tx.one(&sql, &[], |row| row.text(0)))
}

fn right(house: &House, id: RequestId) -> Vec<String> {
    let came = house.act(|acting, tx| {
        let asked = request::one(tx, &acting.policy, id)?;
        correcting::corrections(acting, tx, &asked, &request::steps(tx, &acting.policy, &asked)?)
    });
    came.unwrap().right
}

#[test]
fn nothing_is_called_corrected_before_something_is_and_the_answer_says_what() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        for outcome in [Outcome::Done, Outcome::Partly] {
            assert!(invalid(&answer(house, asked, outcome, "It is.").unwrap_err(), "answer"), "{outcome:?}");
        }
        for sort in [Sort::Answer, Sort::Part] {
            assert!(invalid(&draft(house, asked, sort, "the rest").unwrap_err(), "letter-why"), "{sort:?}");
        }
        let was = phone(house, tara);
        // Saved as it was, nothing is put right.
        let as_it_was = ("01632 960123", "");
        house
            .act(|acting, tx| person::change_item(acting, tx, (tara, was.id), was.version, as_it_was))
            .unwrap();
        assert!(right(house, asked).is_empty());
        house
            .act(|acting, tx| {
                person::change_item(acting, tx, (tara, was.id), was.version, ("01632 960124", ""))
            })
            .unwrap();
        assert_eq!(right(house, asked), ["phone"]);
        let early = draft(house, asked, Sort::Answer, "").unwrap();
        assert!(body(house, early).contains("We have corrected: phone."), "{}", body(house, early));
        assert!(!body(house, early).contains("told of it"), "nobody had it from us");
        // What is taken back is no longer corrected, and the letter of before does not leave.
        house.act(|acting, tx| person::undo_item(acting, tx, (tara, was.id), was.version + 1)).unwrap();
        assert!(right(house, asked).is_empty());
        assert!(invalid(&answer(house, asked, Outcome::Done, "").unwrap_err(), "answer"));
        assert!(invalid(&send(house, early).unwrap_err(), "body"));
        house.act(|acting, tx| person::undo_item(acting, tx, (tara, was.id), was.version + 2)).unwrap();
        assert_eq!(right(house, asked), ["phone"], "taken back again, it is right again");
        assert!(invalid(&send(house, early).unwrap_err(), "body"), "it is drafted again all the same");
        // What stands on paper somebody says.
        let paper = |what: &str| house.act(|acting, tx| correcting::elsewhere(acting, tx, asked, what));
        assert!(invalid(&paper("  ").unwrap_err(), "corrected"));
        paper("her title on the paper file.").unwrap();
        let last = draft(house, asked, Sort::Answer, "").unwrap();
        let says = "We have corrected: phone; her title on the paper file.";
        assert!(body(house, last).contains(says), "{}", body(house, last));
        assert!(send(house, last).unwrap().closed);
        assert_eq!(said(house, asked), "Done: Corrected: phone; her title on the paper file.");
        assert!(matches!(paper("more").unwrap_err(), Fault::Changed), "it is closed");
    });
}

#[test]
fn a_line_that_is_corrected_stands_on_the_request_and_whoever_had_it_is_named_in_the_answer() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        let line = house
            .read(|tx| {
                let kind = (Some("contact record"), None);
                store::entry::of_person(tx, &house.instance.policy(), tara, kind, 1)
            })
            .remove(0);
        let says = ("Tara Quill rang about coaching for her team of nine.", "");
        house.act(|acting, tx| entry::change(acting, tx, line.id, line.version, says)).unwrap();
        assert!(right(house, asked).is_empty(), "it says what it said");
        let version = line.version + 1;
        let says = ("She rang about coaching for her team of eight.", "");
        house.act(|acting, tx| entry::change(acting, tx, line.id, version, says)).unwrap();
        let items = house.read(|tx| item::of_person(tx, &house.instance.policy(), tara));
        let name =
            items.iter().find(|item| item.kind == house.instance.policy().kind_named("name").unwrap().id);
        let name = name.unwrap();
        house
            .act(|acting, tx| {
                person::change_item(acting, tx, (tara, name.id), name.version, ("Tara Quil", ""))
            })
            .unwrap();
        assert_eq!(right(house, asked), ["contact record", "name"]);
        let letter = draft(house, asked, Sort::Answer, "").unwrap();
        let says = "We have corrected: contact record; name. Whoever had it from us is to be told of it: Morgan Pike.";
        assert!(body(house, letter).contains(says), "{}", body(house, letter));
        // Nobody is called told before somebody has told them.
        let task = house.read(|tx| task::of_request(tx, asked)).remove(0);
        house
            .act(|acting, tx| {
                app::acts::task::confirm(acting, tx, task.id, (TODAY, "put right there")).map(drop)
            })
            .unwrap();
        let letter = draft(house, asked, Sort::Answer, "").unwrap();
        let says = "Whoever had it from us has been told of it: Morgan Pike.";
        assert!(body(house, letter).contains(says), "{}", body(house, letter));
        assert!(!body(house, letter).contains("is to be told"), "{}", body(house, letter));
        // Without a request a line that changes is ordinary work.
        assert!(send(house, letter).unwrap().closed);
        let tasks = "SELECT COUNT(*) FROM task WHERE kind = 'tell recipient'";
        let told = house.read(|tx| tx.count(tasks, &[]));
        let says = ("She rang about coaching for her team of ten.", "");
        house.act(|acting, tx| entry::change(acting, tx, line.id, version + 1, says)).unwrap();
        assert_eq!(house.read(|tx| tx.count(tasks, &[])), told);
    });
}

#[test]
fn what_is_disputed_and_kept_gets_a_note_of_what_they_say_and_is_answered_as_a_part() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("rectification", Who::Held(tara));
        let note = |place: &str, words: &str| {
            house.act(|acting, tx| correcting::note(acting, tx, asked, (place, words)))
        };
        assert!(invalid(&note("contact record", "It was her colleague.").unwrap_err(), "identity"));
        house.known(asked);
        assert!(invalid(&note("contact record", " ").unwrap_err(), "note-words"));
        assert!(invalid(&note("a margin", "It was her colleague.").unwrap_err(), "note-place"));
        let known = house.act(|acting, tx| Ok(places(acting, &acting.life(tx, tara)?))).unwrap();
        assert!(known.iter().any(|place| place.word == "contact record"), "{known:?}");
        note("contact record", "It was her colleague who rang.").unwrap();
        let stands = "Disputed, and kept as it is. They say: It was her colleague who rang.";
        assert!(house.everything().contains(stands), "a line of her timeline");
        assert!(invalid(&answer(house, asked, Outcome::Done, "").unwrap_err(), "answer"), "nothing changed");
        let letter = draft(house, asked, Sort::Part, "we cannot tell who rang").unwrap();
        let text = body(house, letter);
        let says = "A note of what you say stands beside what we hold. What we have not done, and why: We cannot tell who rang.";
        assert!(text.contains(says) && !text.contains("We have done a part"), "{text}");
        // A note that is taken away again is no note.
        let line = house
            .read(|tx| {
                let kind = (Some("contact record"), None);
                store::entry::of_person(tx, &house.instance.policy(), tara, kind, 1)
            })
            .remove(0);
        house.act(|acting, tx| entry::undo(acting, tx, line.id, 1)).unwrap();
        assert!(invalid(&send(house, letter).unwrap_err(), "body"));
        note("contact record", "It was her colleague who rang.").unwrap();
        let letter = draft(house, asked, Sort::Part, "we cannot tell who rang").unwrap();
        assert!(send(house, letter).unwrap().closed);
        let register = said(house, asked);
        assert!(
            register.starts_with("Partly done: A note of what they say stands beside what is disputed."),
            "{register}"
        );
    });
}

#[test]
fn a_correction_called_done_of_which_nothing_says_what_is_found() {
    let register = "  register  correction: received, person, actions\n  register  access:";
    let with_register = |text: String| text.replace("  register  access:", register);
    on_both_keeping(with_register, |house| {
        let tara = house.tara();
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        house.act(|acting, tx| correcting::elsewhere(acting, tx, asked, "her title, on paper")).unwrap();
        answer(house, asked, Outcome::Done, "").unwrap();
        let policy = house.instance.policy();
        let at = policy.requests.registers.iter().position(|one| one.name == "correction").unwrap();
        let look = || {
            let (now, today) = (house.instance.clock.now(), house.instance.clock.today());
            let shape = custody::proof::Obligation::RegisterShape { register: at };
            store::prove::obligation(&house.instance.store, &policy, &shape, now, today).unwrap().broken
        };
        assert_eq!(look(), Vec::<String>::new());
        house.spoil("UPDATE request_step SET step = 'looked at' WHERE step = 'corrected'");
        let says = format!("request {} was answered as corrected, and nothing says what was", asked.0);
        assert!(look().contains(&says), "{:?}", look());
    });
}

/// Of what was put right nobody is to tell others who have it, as the proof says it.
fn untold(house: &House) -> Vec<String> {
    let policy = house.instance.policy();
    let register = policy.requests.registers.iter().position(|one| one.name == "correction").unwrap();
    let (now, today) = (house.instance.clock.now(), house.instance.clock.today());
    let told = custody::proof::Obligation::RecipientsTold { register };
    store::prove::obligation(&house.instance.store, &policy, &told, now, today).unwrap().broken
}

#[test]
fn a_correction_of_which_nobody_is_to_tell_whoever_had_it_is_found() {
    let register = "  register  correction: received, person, actions\n  register  access:";
    let with_register = |text: String| text.replace("  register  access:", register);
    on_both_keeping(with_register, |house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        let look = || untold(house);
        // Others have her name from us, and not her number; on paper or on her page is the same.
        let was = phone(house, tara);
        let number = ("01632 960777", "");
        house.act(|acting, tx| person::change_item(acting, tx, (tara, was.id), was.version, number)).unwrap();
        house.act(|acting, tx| correcting::elsewhere(acting, tx, asked, "name")).unwrap();
        assert_eq!(right(house, asked), ["phone", "name"]);
        let tasks = house.read(|tx| task::of_request(tx, asked));
        assert!(matches!(&tasks[..], [one] if one.detail.as_deref() == Some("name")), "{tasks:?}");
        assert_eq!(look(), Vec::<String>::new());
        house.spoil("DELETE FROM task WHERE kind = 'tell recipient'");
        let says =
            format!("request {}: what was corrected others had from us, and nobody is to tell them", asked.0);
        assert_eq!(look(), [says]);
    });
}

#[test]
fn what_is_put_right_though_nobody_asked_is_told_whoever_had_it_and_found_where_nobody_is_to() {
    let register = "  register  correction: received, person, actions\n  register  access:";
    let with_register = |text: String| text.replace("  register  access:", register);
    on_both_keeping(with_register, |house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let look = || untold(house);
        // Others have her name from us, and not her number.
        for (what, value) in [("phone", "01632 960777"), ("name", "Tara Quill-Marsh")] {
            let was = detail(house, tara, what);
            house
                .act(|acting, tx| {
                    person::change_item(acting, tx, (tara, was.id), was.version, (value, "")).map(drop)
                })
                .unwrap();
        }
        let tell = "SELECT COUNT(*) FROM task WHERE kind = 'tell recipient' AND detail = 'name'";
        assert_eq!(house.read(|tx| tx.count(tell, &[])), 1);
        assert_eq!(look(), Vec::<String>::new());
        house.spoil("DELETE FROM task WHERE kind = 'tell recipient'");
        let name = detail(house, tara, "name");
        let says = format!(
            "item {}: others had from us what was put right on 2026-11-04 (version 1), and nobody is to tell them",
            name.id
        );
        assert_eq!(look(), [says]);
        // Whoever hears what is right now need not hear what was wrong before.
        house.act(|acting, tx| person::undo_item(acting, tx, (tara, name.id), name.version)).unwrap();
        assert_eq!(look(), Vec::<String>::new());
    });
}

#[test]
fn a_line_that_is_new_is_no_correction_until_it_is_taken_away() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        let new = NewNote {
            kind: "contact record".into(),
            body: "She rang again.".into(),
            on: TODAY,
            direction: None,
            engagement: None,
        };
        let line = house.act(|acting, tx| entry::add(acting, tx, tara, &new)).unwrap();
        house.act(|acting, tx| entry::undo(acting, tx, line, 1)).unwrap();
        assert!(right(house, asked).is_empty(), "a slip that is undone puts nothing right");
        let line = house.act(|acting, tx| entry::add(acting, tx, tara, &new)).unwrap();
        house.act(|acting, tx| entry::remove(acting, tx, line, 1, "")).unwrap();
        assert_eq!(right(house, asked), ["contact record"]);
    });
}

#[test]
fn a_detail_that_they_have_put_right_is_from_them_since_that_day_and_the_history_keeps_where_the_old_one_was_from()
 {
    on_both(|house| {
        let tara = house.tara();
        let from = |item: &Item| (item.source.clone(), item.collected_on);
        let was = phone(house, tara);
        let before = ("their organisation".to_owned(), date(2026, 10, 1));
        assert_eq!(from(&was), before);
        let change = |seen: i64, value: &str, origin: Origin<'_>| {
            house.act(|acting, tx| {
                person::change_item_from(acting, tx, (tara, was.id), seen, (value, ""), origin)
            })
        };
        // Without a request nothing is said of it, and what is only written down right is from where it was.
        change(1, "01632 960125", Origin::default()).unwrap();
        assert_eq!(from(&phone(house, tara)), before);
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        let as_it_was = Origin { source: person::AS_IT_WAS, collected_on: Some(TODAY) };
        change(2, "01632 960126", as_it_was).unwrap();
        assert_eq!(from(&phone(house, tara)), before);
        // While they ask, it is from them, unless somebody says otherwise.
        change(3, "01632 960127", Origin::default()).unwrap();
        assert_eq!(from(&phone(house, tara)), ("the person".to_owned(), TODAY));
        let sql = "SELECT source FROM item_history WHERE version = 3";
        assert_eq!(house.read(|tx| tx.one(sql, &[], |row| row.text(0))), "their organisation");
        // Taken back, it is from where it was.
        house.act(|acting, tx| person::undo_item(acting, tx, (tara, was.id), 4)).unwrap();
        assert_eq!(from(&phone(house, tara)), before);

        let nowhere = Origin { source: "the moon", collected_on: None };
        assert!(matches!(change(5, "01632 960128", nowhere), Err(Fault::Refused(_))));
        let to_come = Origin { source: "the person", collected_on: Some(date(2027, 1, 1)) };
        assert!(invalid(&change(5, "01632 960128", to_come).unwrap_err(), "collected"));
    });
}

#[test]
fn saying_only_from_whom_a_detail_is_puts_nothing_right() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("rectification", Who::Held(tara));
        house.known(asked);
        let was = phone(house, tara);
        let origin = Origin { source: "the person", collected_on: Some(date(2026, 11, 2)) };
        let same = ("01632 960123", "");
        house
            .act(|acting, tx| person::change_item_from(acting, tx, (tara, was.id), 1, same, origin).map(drop))
            .unwrap();
        let now = phone(house, tara);
        assert_eq!((now.source.as_str(), now.collected_on), ("the person", date(2026, 11, 2)));
        assert!(right(house, asked).is_empty(), "the number is what it was");
    });
}

//! What is changed or removed while somebody waits for a copy: nobody does it unawares, and what was held when they asked is in it.

use app::acts::letter::{self, About, Sort};
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::{entry, person};
use app::print::copy;
use custody::id::{EntryId, PersonId};
use jiff::civil::date;
use store::item::Item;
use store::request::{self, kept_then};

use super::house::{House, invalid, on_both};

fn detail(house: &House, whose: PersonId, kind: &str) -> Item {
    let policy = house.instance.policy();
    let items = house.read(|tx| store::item::of_person(tx, &policy, whose));
    items.into_iter().find(|item| policy.kind(item.kind).is_some_and(|known| known.name == kind)).unwrap()
}

fn line(house: &House, whose: PersonId) -> (EntryId, i64) {
    let policy = house.instance.policy();
    let lines = house.read(|tx| store::entry::of_person(tx, &policy, whose, (None, None), 10));
    (lines[0].id, lines[0].version)
}

#[test]
fn what_goes_while_somebody_waits_is_in_their_copy_as_it_was_with_the_reason() {
    on_both(|house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let asked = house.opened("access", Who::Held(tara));
        house.go_to(date(2026, 11, 6));
        let number = detail(house, tara, "phone");
        let whose = (tara, number.id);
        let remove = |why: &'static str| {
            house.act(|acting, tx| person::remove_item(acting, tx, whose, number.version, why))
        };
        let without = remove(" ").unwrap_err();
        assert!(invalid(&without, "why"), "{without:?}");
        assert!(
            format!("{without:?}").contains("They asked on Wed 4 Nov 2026"),
            "whoever removes it is told"
        );
        let said = house.read(|tx| Ok(desk::waits(tx, tara).unwrap()));
        assert!(said.is_some_and(|said| said.starts_with("They asked on Wed 4 Nov 2026")));
        remove("it is the switchboard's by now").unwrap();
        let email = detail(house, tara, "email");
        let set = (tara, email.id);
        let change = |value: &'static str, why: &'static str| {
            let version = detail(house, tara, "email").version;
            house.act(|acting, tx| person::change_item(acting, tx, set, version, (value, why)))
        };
        assert!(invalid(&change("t.quill@brightwell.example", "").unwrap_err(), "why"));
        change("t.quill@brightwell.example", "she wrote from it").unwrap();
        change("tq@brightwell.example", "she wrote again").unwrap();
        let (entry, version) = line(house, tara);
        let remove =
            |why: &'static str| house.act(|acting, tx| entry::remove(acting, tx, entry, version, why));
        assert!(invalid(&remove("").unwrap_err(), "why"));
        remove("written down twice").unwrap();
        // The request says so, the letter says so, and the copy has it.
        let policy = house.instance.policy();
        let steps = house.read(|tx| request::steps(tx, &policy, &request::one(tx, &policy, asked)?));
        let touched = desk::touched(&steps);
        assert_eq!(touched.iter().map(|(_, goes, _)| *goes).collect::<Vec<_>>(), [true, false, false, true]);
        assert_eq!(house.read(|tx| kept_then(tx, asked)), 3, "three things, one of them changed twice");
        let pack = house.gathered(asked);
        let all = pack.to_json().unwrap();
        for words in [
            "01632 960123",
            "it is the switchboard's by now",
            "tara.quill@brightwell.example",
            "she wrote from it",
            "Tara Quill rang about coaching for her team of nine.",
            "written down twice",
        ] {
            assert!(all.contains(words), "{words} is not in the copy");
        }
        assert!(
            pack.letter.iter().any(|words| words.starts_with("3 things that we held when you asked were"))
        );
        assert!(!pack.items.iter().any(|item| item.kind == "phone"), "it is not held any more");
        let about = About::Request(asked);
        let letter =
            house.act(|acting, tx| letter::draft(acting, tx, about, Sort::Answer, ("", None))).unwrap();
        let body = house
            .act(|acting, tx| {
                let (letter, grant) = letter::on_desk(acting, tx, letter)?;
                Ok(copy::text(&letter.body, &grant)?)
            })
            .unwrap();
        assert!(body.contains("3 things that we held when you asked"), "{body}");
        // Once they have it nothing of it is kept.
        house.known(asked);
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        let told = ("Here it is.", date(2026, 11, 6));
        house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, told)).unwrap();
        assert_eq!(house.read(|tx| kept_then(tx, asked)), 0);
        assert!(!house.everything().contains("01632 960123"), "what was removed is gone");
    });
}

#[test]
fn what_came_after_they_asked_changes_without_a_word_and_a_slip_is_taken_back() {
    on_both(|house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 4));
        let asked = house.opened("access", Who::Held(tara));
        house.go_to(date(2026, 11, 6));
        let email = detail(house, tara, "email");
        let set = (tara, email.id);
        let why = ("wrong@brightwell.example", "she wrote from it");
        house.act(|acting, tx| person::change_item(acting, tx, set, email.version, why)).unwrap();
        let version = detail(house, tara, "email").version;
        house.act(|acting, tx| person::undo_item(acting, tx, set, version)).unwrap();
        let note = entry::NewNote {
            kind: "contact record".into(),
            body: "She rang again.".into(),
            on: date(2026, 11, 6),
            direction: None,
            engagement: None,
        };
        let line = house.act(|acting, tx| entry::add(acting, tx, tara, &note)).unwrap();
        house
            .act(|acting, tx| entry::change(acting, tx, line, 1, ("She rang twice.", "")).map(drop))
            .unwrap();
        house.act(|acting, tx| entry::undo(acting, tx, line, 2)).unwrap();
        assert_eq!(house.read(|tx| kept_then(tx, asked)), 1, "what was changed and taken back");
        // Whoever waits for nothing is in nobody's way.
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Refused, ("no", acting.today)))
            .unwrap();
        let email = detail(house, tara, "email");
        house.act(|acting, tx| person::remove_item(acting, tx, set, email.version, "")).unwrap();
    });
}

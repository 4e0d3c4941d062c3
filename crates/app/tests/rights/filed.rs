//! What somebody asks to have erased is filed as their request, by what and on which day they asked, and never as a decision of our own.

use app::acts::confirmation::Telling;
use app::acts::erasure::{self, Asking, Because, Carried, Reason};
use app::acts::hold;
use app::fault::Fault;
use custody::id::PersonId;
use jiff::civil::{Date, date};
use store::request::{self, SubjectRequest};

use super::house::{House, TODAY, invalid, on_both};

fn erase(house: &House, who: PersonId, why: Because<'static>) -> Result<Carried, Fault> {
    house.act(|acting, tx| {
        erasure::carry_out(acting, tx, who, None, (why, None), Telling::Already("by telephone"))
    })
}

/// As somebody asked on the telephone.
fn rang(on: Option<Date>) -> Because<'static> {
    let asked = Asking { channel: "telephone", on, words: "Delete me, please." };
    Because { asked: Some(asked), ..Reason::Asked.known() }
}

fn theirs(house: &House, who: PersonId) -> Vec<SubjectRequest> {
    house.read(|tx| request::of_person(tx, &house.instance.policy(), who))
}

#[test]
fn what_they_ask_on_the_telephone_is_their_request_with_its_day_its_clock_and_its_answer() {
    on_both(|house| {
        let tara = house.tara();
        house.go_to(date(2026, 11, 6));
        assert!(invalid(&erase(house, tara, Reason::Asked.into()).unwrap_err(), "asked-how"));
        for channel in ["", "our own decision"] {
            let asked = Asking { channel, on: None, words: "" };
            let why = Because { asked: Some(asked), ..Reason::Asked.known() };
            assert!(invalid(&erase(house, tara, why).unwrap_err(), "asked-how"), "{channel}");
        }
        assert!(invalid(&erase(house, tara, rang(Some(date(2026, 11, 7)))).unwrap_err(), "asked-on"));
        assert!(theirs(house, tara).is_empty(), "nothing of it was done");

        let carried = erase(house, tara, rang(Some(TODAY))).unwrap();
        let filed = house.request(carried.request);
        assert_eq!((filed.channel.as_str(), filed.received_on), ("telephone", TODAY));
        assert_eq!(filed.due_on, Some(date(2026, 12, 3)), "its clock ran from the day they rang");
        assert_eq!((filed.outcome.as_deref(), filed.closed_on), (Some("done"), Some(date(2026, 11, 6))));
        assert_eq!(filed.initials.as_deref(), Some("T.Q."));
        assert!(!house.everything().contains("Delete me"), "their words went with the rest");
        for name in ["identity-known", "clock-recorded", "answered-in-time"] {
            assert_eq!(house.look(name).broken, Vec::<String>::new(), "{name}");
        }
        // That we knew who asked is looked for, as of any request.
        house.spoil("DELETE FROM request_step WHERE step = 'identity known'");
        let says = format!("request {} was carried out, and nothing says how we knew who asked", filed.id.0);
        assert!(house.look("identity-known").broken.contains(&says));
    });
}

#[test]
fn a_decision_of_ours_stays_one_and_what_they_ask_beside_it_is_theirs() {
    on_both(|house| {
        let tara = house.tara();
        let asking = hold::Asking {
            why: "The Northbank claim".into(),
            review_on: Some(date(2027, 1, 31)),
            ..hold::Asking::default()
        };
        house.act(|acting, tx| hold::place(acting, tx, tara, &asking)).unwrap();
        let ours = erase(house, tara, Reason::NotNeeded.into()).unwrap();
        assert_eq!(house.request(ours.request).channel, request::OUR_OWN);
        // Nothing of it may go: refused by a letter, it is filed all the same.
        let letter =
            house.act(|acting, tx| erasure::refuse_by_letter(acting, tx, tara, (None, None), &rang(None)));
        letter.unwrap();
        let open: Vec<_> =
            theirs(house, tara).into_iter().filter(|asked| asked.closed_on.is_none()).collect();
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!((open[0].channel.as_str(), open[0].received_on), ("telephone", TODAY));
        // Whoever carries it out now answers that one.
        let carried = erase(house, tara, rang(None)).unwrap();
        assert_eq!(carried.request, open[0].id);
        let unasked = house.act(|acting, tx| {
            erasure::refuse_by_letter(acting, tx, tara, (None, None), &Reason::NotNeeded.into())
        });
        assert!(unasked.unwrap_err().to_string().contains("Nobody asked for it"));
    });
}

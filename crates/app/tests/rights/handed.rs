//! What a link hands over: what was looked over when it was made, or nothing; one link at a time, and none once it is over.

use app::acts::confirmation::Telling;
use app::acts::delivery::{self, Offer};
use app::acts::entry::NewNote;
use app::acts::request::{self as desk, Outcome, Who};
use app::acts::{self, Acting};
use app::print::portable;
use custody::id::{PersonId, RequestId};
use jiff::civil::date;
use store::task;

use super::house::{House, TODAY, on_both};

fn ready(house: &House, tara: PersonId) -> RequestId {
    let asked = house.opened("access", Who::Held(tara));
    for step in ["identity known", "pack made"] {
        house.act(|acting, tx| desk::noted(acting, tx, asked, step, "")).unwrap();
    }
    asked
}

fn offered(house: &House, asked: RequestId) -> (String, Offer) {
    let offer = house.act(|acting, tx| delivery::offer(acting, tx, asked)).unwrap();
    (offer.link.rsplit('/').next().unwrap().to_owned(), offer)
}

fn works(house: &House, token: &str) -> bool {
    let behind = |tx: &store::Tx<'_>| delivery::behind(&Acting::subject(&house.instance), tx, token);
    house.instance.store.read(behind).unwrap().is_some()
}

#[test]
fn what_came_after_the_link_was_made_leaves_by_no_link() {
    on_both(|house| {
        let tara = house.tara();
        let asked = ready(house, tara);
        let (token, _) = offered(house, asked);
        let unchanged = || {
            let found = house.request(asked);
            let same = |tx: &store::Tx<'_>| {
                delivery::unchanged(&Acting::subject(&house.instance), tx, (&found, &token))
            };
            house.instance.store.read(same).unwrap()
        };
        assert!(unchanged(), "nothing has changed, and being offered is no change");
        let note = NewNote {
            kind: "contact record".into(),
            body: "Rang again; her colleague is ill.".into(),
            on: TODAY,
            direction: None,
            engagement: None,
        };
        house.act(|acting, tx| acts::entry::add(acting, tx, tara, &note).map(drop)).unwrap();
        assert!(!unchanged());
        for _ in 0..2 {
            let found = house.request(asked);
            let tell = |tx: &store::Tx<'_>| delivery::changed(&Acting::subject(&house.instance), tx, &found);
            house.instance.store.write(tell).unwrap();
        }
        let todo = house.read(|tx| task::of_request(tx, asked));
        assert_eq!(todo.len(), 1, "somebody is told, once");
        assert_eq!((todo[0].owner, todo[0].due_on), (house.request(asked).owner, Some(TODAY)));
    });
}

#[test]
fn one_link_works_at_a_time_and_none_after_a_refusal_or_an_erasure() {
    on_both(|house| {
        let tara = house.tara();
        let asked = ready(house, tara);
        let (first, _) = offered(house, asked);
        let (second, _) = offered(house, asked);
        assert!(!works(house, &first) && works(house, &second));
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Refused, ("Not theirs.", TODAY)))
            .unwrap();
        assert!(!works(house, &second));
        let asked = ready(house, tara);
        let (third, _) = offered(house, asked);
        assert!(works(house, &third));
        house
            .act(|acting, tx| {
                acts::erasure::carry_out(
                    acting,
                    tx,
                    tara,
                    None,
                    (app::acts::erasure::Reason::Asked.known(), None),
                    Telling::Already("by letter"),
                )
            })
            .unwrap();
        assert!(!works(house, &third));
        let left = "SELECT COUNT(*) FROM invitation WHERE purpose LIKE 'pack%'";
        assert_eq!(house.read(|tx| tx.count(left, &[])), 0);
    });
}

#[test]
fn a_link_ends_by_the_clock_of_the_instance_and_no_night_takes_it_before() {
    on_both(|house| {
        let tara = house.tara();
        let asked = ready(house, tara);
        let (token, _) = offered(house, asked);
        house.go_to(date(2026, 11, 16));
        app::jobs::night::run(&house.instance, date(2026, 11, 16)).unwrap();
        assert!(works(house, &token), "fourteen days, whatever the machine's calendar says");
        house.go_to(date(2026, 11, 18));
        assert!(!works(house, &token), "the fifteenth day");
        assert!(matches!(house.act(|acting, tx| delivery::stands(acting, tx, asked)), Ok(false)));
    });
}

#[test]
fn no_spreadsheet_takes_a_cell_of_a_pack_for_a_formula() {
    let house = House::new(None);
    let asked = house.opened("access", Who::Held(house.tara()));
    let mut pack = house.pack(asked);
    pack.items[0].value = " =HYPERLINK(1)".to_owned();
    let sheets = portable::sheets(&pack).unwrap();
    let items = String::from_utf8(sheets[0].1.clone()).unwrap();
    assert!(items.contains("' =HYPERLINK(1)"), "{items}");
}

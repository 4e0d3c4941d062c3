//! Taking it elsewhere: what somebody gave us themselves under a consent or a contract, in a form that comes in again; and a
//! copy handed over by a link with a code.

use app::acts::delivery::{self, Offer};
use app::acts::person::NewPerson;
use app::acts::request::{self as desk, Who};
use app::acts::{self, Acting, waiting};
use app::jobs::night;
use app::print::portable;
use custody::coverage;
use custody::id::{PersonId, RequestId};
use jiff::civil::date;
use store::normal;

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both};
use super::late::{broken, supporter};

/// An associate is held under a contract, and for news under an interest.
pub(super) fn wren(house: &House) -> PersonId {
    house
        .act(|acting, tx| {
            let values =
                [("name", "Wren Novak"), ("email", "wren.novak@post.example"), ("phone", "01632 960177")];
            let new = NewPerson { collected_on: Some(TODAY), ..newcomer("associate", "the person", &values) };
            acts::person::add(acting, tx, &new)
        })
        .unwrap()
}

#[test]
fn what_they_gave_under_a_contract_goes_with_them_and_nothing_else() {
    on_both(|house| {
        let wren = wren(house);
        let asked = house.opened("portability", Who::Held(wren));
        let pack = house.pack(asked);
        let kinds: Vec<&str> = pack.items.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!(kinds, ["name", "email", "phone"]);
        assert!(
            pack.activities.iter().all(|held| held.activity != "associate news"),
            "that rests on an interest"
        );
        assert!(pack.records.is_empty() && pack.disclosures.is_empty() && pack.works.is_empty());
        // Tara's organisation gave her details, for interests of ours: none of it is hers to take.
        let tara = house.tara();
        let hers = house.pack(house.opened("portability", Who::Held(tara)));
        assert!(hers.items.is_empty() && hers.timeline.is_empty() && hers.activities.is_empty());
        assert!(
            !house.pack(house.opened("access", Who::Held(tara))).items.is_empty(),
            "to see it is another right"
        );

        // What describes the form names every field that there is, and no other.
        let schema: serde_json::Value = serde_json::from_str(portable::SCHEMA).unwrap();
        let data: serde_json::Value = serde_json::from_str(&pack.to_json().unwrap()).unwrap();
        let fields =
            |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&schema["properties"]), fields(&data));
        let item = &schema["properties"]["items"]["items"]["properties"];
        assert_eq!(fields(item), fields(&data["items"][0]));
        let sheets = portable::sheets(&pack).unwrap();
        let items = String::from_utf8(sheets[0].1.clone()).unwrap();
        assert!(
            items.starts_with("kind,value,source,collected_on\nname,Wren Novak,the person,2026-11-03\n"),
            "{items}"
        );
        assert!(items.contains("email,wren.novak@post.example,"), "{items}");
        assert!(
            normal::phone("01632 960177")
                .is_some_and(|number| items.contains(&number) || items.contains("01632 960177"))
        );
    });
}

/// A night after which somebody who asked for something first has told us to stop what we hold them for.
fn after_a_stop(house: &House, ask: &str) -> (PersonId, RequestId) {
    let nia = supporter(house);
    let asked = house.opened(ask, Who::Held(nia));
    house.opened("advertising", Who::Held(nia));
    house.go_to(date(2026, 11, 4));
    night::run(&house.instance, date(2026, 11, 4)).unwrap();
    (nia, asked)
}

fn details(house: &House, who: PersonId) -> i64 {
    house.read(|tx| tx.count(&format!("SELECT COUNT(*) FROM item WHERE person_id = {who}"), &[]))
}

#[test]
fn what_they_asked_to_take_or_to_have_kept_stays_unused_until_they_are_answered_and_no_longer() {
    for ask in ["portability", "restriction"] {
        on_both(|house| {
            let (nia, asked) = after_a_stop(house, ask);
            assert_eq!(details(house, nia), 2, "{ask}: it is theirs until they are answered");
            let late =
                |one: &String| one.contains("is held without a ground") || one.contains("still stands");
            assert!(!broken(house).iter().any(late), "{:?}", broken(house));
            let life = house.act(|acting, tx| acting.life(tx, nia)).unwrap();
            assert!(coverage::suspended(&life, house.instance.clock.today()).is_some());
            let going = house.act(|acting, tx| {
                let found = store::request::one(tx, &acting.policy, asked)?;
                waiting::would_go(acting, tx, &found)
            });
            let (until, going) = going.unwrap().unwrap();
            assert_eq!(Some(until), house.request(asked).due_on, "it is said what goes after their last day");
            assert_eq!((going.get("name"), going.get("email")), (Some(&1), Some(&1)), "{going:?}");
            let told = ("This right does not reach so far.", house.instance.clock.today());
            house.act(|acting, tx| desk::answer(acting, tx, asked, desk::Outcome::Refused, told)).unwrap();
            house.go_to(date(2026, 11, 5));
            night::run(&house.instance, date(2026, 11, 5)).unwrap();
            assert_eq!(details(house, nia), 0, "{ask}: nothing keeps it any more");
        });
    }
    on_both(|house| {
        let (nia, _) = after_a_stop(house, "rectification");
        assert_eq!(details(house, nia), 0, "to be corrected needs nothing to stay");
    });
}

#[test]
fn what_was_theirs_to_take_when_they_asked_is_in_the_copy_though_its_time_has_ended() {
    on_both(|house| {
        let (nia, asked) = after_a_stop(house, "portability");
        let pack = house.pack(asked);
        let kinds: Vec<&str> = pack.items.iter().map(|item| item.kind.as_str()).collect();
        assert_eq!(kinds, ["name", "email"]);
        for kind in &kinds {
            let why = pack.activities.iter().filter(|held| held.kinds.iter().any(|one| one == kind));
            let why: Vec<&str> = why.filter_map(|held| held.until.as_deref()).collect();
            assert!(
                why.iter().any(|why| why.contains("only because you asked to take it elsewhere")),
                "{why:?}"
            );
        }
        assert!(pack.withheld.is_empty(), "nothing has gone");
        // An erasure leaves it until they have it, and says so; to give up a restriction is not to give up the copy.
        let stays = || {
            let preview = house.act(|acting, tx| acts::erasure::preview(acting, tx, nia, None)).unwrap();
            preview.stay.iter().any(|stays| stays.because.contains("They asked to take it elsewhere"))
        };
        assert!(stays());
        let asking = acts::restriction::Asking { why: "she disputes it".into(), ..Default::default() };
        house.act(|acting, tx| acts::restriction::place(acting, tx, nia, &asking)).unwrap();
        assert!(stays());
    });
}

fn offered(house: &House, asked: RequestId) -> Offer {
    house.act(|acting, tx| delivery::offer(acting, tx, asked)).unwrap()
}

#[test]
fn a_copy_is_fetched_by_its_link_and_a_code_that_is_tried_five_times() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        let early = house.act(|acting, tx| delivery::offer(acting, tx, asked));
        assert!(invalid(&early.unwrap_err(), "identity"), "we know first who they are");
        house.act(|acting, tx| desk::noted(acting, tx, asked, "identity known", "known")).unwrap();
        let early = house.act(|acting, tx| delivery::offer(acting, tx, asked));
        assert!(invalid(&early.unwrap_err(), "pack"));
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        let offer = offered(house, asked);
        let token = offer.link.rsplit('/').next().unwrap().to_owned();
        assert!(
            !house.everything().contains(&token) && !house.everything().contains(&offer.code),
            "only hashes are kept"
        );
        let tries = |token: &str, code: &str| {
            let (token, code) = (token.to_owned(), code.to_owned());
            house
                .instance
                .store
                .write(|tx| delivery::open(&Acting::subject(&house.instance), tx, (&token, &code)))
                .unwrap()
                .map(|(_, right)| right)
        };
        assert_eq!(tries("ffffffffffffffffffffffffffffffff", &offer.code), None);
        assert_eq!(tries(&token, "AAAAAAAA"), Some(false));
        assert_eq!(tries(&token, &offer.code.to_lowercase()), Some(true));
        let whole = house.instance.store.write(|tx| {
            let acting = Acting::subject(&house.instance);
            let found = delivery::behind(&acting, tx, &token)?.unwrap();
            app::web::requests::one::pack::taken(&acting, tx, &found).map(drop)
        });
        whole.unwrap();
        for _ in 0..delivery::TRIES - 1 {
            assert_eq!(tries(&token, "AAAAAAAA"), Some(false));
        }
        assert_eq!(tries(&token, &offer.code), None, "five wrong ones, and it works no more");
        // Another link begins afresh; once whoever asked is erased there is nothing behind it.
        let again = offered(house, asked);
        let token = again.link.rsplit('/').next().unwrap().to_owned();
        assert_eq!(tries(&token, &again.code), Some(true));
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, desk::Outcome::Done, ("Here.", TODAY)))
            .unwrap();
        house
            .act(|acting, tx| {
                let told = app::acts::confirmation::Telling::Already("by letter");
                acts::erasure::carry_out(
                    acting,
                    tx,
                    tara,
                    None,
                    (app::acts::erasure::Reason::Asked.known(), None),
                    told,
                )
            })
            .unwrap();
        let behind =
            house.instance.store.read(|tx| delivery::behind(&Acting::subject(&house.instance), tx, &token));
        if let Ok(Some(found)) = behind {
            let items =
                house.read(|tx| store::item::of_person(tx, &house.instance.policy(), found.person.unwrap()));
            assert!(items.is_empty(), "nothing of theirs is left to be fetched");
        }
    });
}

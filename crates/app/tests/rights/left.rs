//! A message that comes back asks whether somebody has left their organisation, and ends nothing by itself.

use app::acts::{self, organisation};
use app::mail::{SendError, Stage};
use custody::id::PersonId;
use custody::life::State;
use store::task::{self, Kind};

use super::house::{House, TODAY, on_both};

fn answered(code: u16, message: &str) -> SendError {
    SendError { permanent: true, lost: false, at: Stage::To, code: Some(code), message: message.to_owned() }
}

/// Whether what is held because they work there still stands.
fn offers_stand(house: &House, who: PersonId) -> bool {
    let policy = house.instance.policy();
    let offers = policy.activity_named("tailored offers").unwrap().id;
    let life = house.read(|tx| store::life::load(tx, &policy, who, house.instance.clock.today()));
    life.grounds
        .iter()
        .any(|ground| policy.rules[ground.rule.index()].activity == offers && ground.state == State::Active)
}

#[test]
fn a_mail_server_that_knows_nobody_there_is_told_from_one_that_dislikes_the_text() {
    assert!(answered(550, "5.1.1 no such user").knows_nobody());
    assert!(!answered(550, "5.7.1 looks like spam").knows_nobody());
    assert!(!answered(554, "no thanks").knows_nobody());
    // The same answer to whom it comes from, or to what it says, is not about whoever was to have it.
    for at in [Stage::Connection, Stage::From, Stage::Text] {
        let other = SendError { at, ..answered(550, "not accepted") };
        assert!(!other.knows_nobody(), "{other:?}");
    }
}

#[test]
fn a_bounce_asks_whether_they_left_and_the_answer_decides() {
    on_both(|house| {
        let tara = house.tara();
        house.act(|acting, tx| organisation::doubted(acting, tx, tara)).unwrap();
        house.act(|acting, tx| organisation::doubted(acting, tx, tara)).unwrap();
        let open = |who| house.read(|tx| task::open_of_person(tx, who));
        let asked = open(tara);
        assert_eq!(asked.len(), 1, "it is asked once");
        assert_eq!(asked[0].kind, Kind::Left);
        assert!(asked[0].what.contains("Brightwell Ltd") && !asked[0].what.contains("Quill"));
        assert!(offers_stand(house, tara), "a bounce alone ends nothing");

        house.act(|acting, tx| organisation::answered(acting, tx, asked[0].id, (None, TODAY))).unwrap();
        assert!(offers_stand(house, tara) && open(tara).is_empty());

        house.act(|acting, tx| organisation::doubted(acting, tx, tara)).unwrap();
        let again = open(tara).remove(0);
        let place =
            house.read(|tx| organisation::belongs(tx, tara).map_err(|_| store::Error::Missing)).remove(0);
        let from = (Some(place.organisation), TODAY);
        house.act(|acting, tx| organisation::answered(acting, tx, again.id, from)).unwrap();
        assert!(!offers_stand(house, tara), "they have left");
        assert!(open(tara).is_empty());
        let sole = house
            .act(|acting, tx| {
                let tara = acts::person::NewPerson {
                    category: "supplier".into(),
                    values: vec![
                        ("name".into(), "Sol Webb".into()),
                        ("email".into(), "sol@post.example".into()),
                    ],
                    source: "the person".into(),
                    collected_on: Some(TODAY),
                    organisation: None,
                    agreed: Vec::new(),
                    shown: None,
                    offers: true,
                    told: None,
                };
                acts::person::add(acting, tx, &tara)
            })
            .unwrap();
        house.act(|acting, tx| organisation::doubted(acting, tx, sole)).unwrap();
        assert!(open(sole).is_empty(), "nothing of theirs ends when they leave");
    });
}

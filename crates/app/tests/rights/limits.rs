//! What may not be done with anybody: contact after they asked for none, use while it is restricted, more than a processor may hold.

use app::acts::confirmation::Telling;
use app::acts::entry::NewNote;
use app::acts::person::NewPerson;
use app::acts::request::{Outcome, Who};
use app::acts::{self, Acting, erasure, request as desk, restriction};
use app::fault::Fault;
use jiff::civil::date;
use store::entry::Direction;
use store::suppression::{self, Forbids};
use store::{disclosure, organisation, person};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both};

#[test]
fn no_more_contact_ends_marketing_at_once_and_is_remembered_of_anybody() {
    on_both(|house| {
        let tara = house.tara();
        let policy = house.instance.policy();
        let marketing = |life: &custody::Life| {
            let active = life.grounds.iter().filter(|ground| ground.active(TODAY));
            active
                .filter_map(|ground| {
                    policy.rules.get(ground.rule.index()).and_then(|rule| policy.activity(rule.activity))
                })
                .filter(|activity| activity.purpose == policy::activity::Purpose::DirectMarketing)
                .count()
        };
        let before = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
        assert!(marketing(&before) >= 2);
        let asked = house.opened("no contact", Who::Held(tara));
        assert_eq!(marketing(&house.act(|acting, tx| acting.life(tx, tara)).unwrap()), 0);
        let found = house.request(asked);
        assert_eq!(found.closed_on, Some(TODAY), "there is nothing to weigh and nothing to wait for");
        assert!(found.name.is_some(), "this register has names");
        let stranger = house.opened("no contact", Who::Said("stranger@elsewhere.example".into()));
        assert!(house.request(stranger).closed_on.is_some());
        let keys = house.instance.store.keys();
        for email in ["tara.quill@brightwell.example", "Stranger@elsewhere.example"] {
            let stands = house.read(|tx| suppression::standing(tx, keys, "email", email));
            assert!(stands.contains(&Forbids::AllContact), "{email}");
        }
    });
}

#[test]
fn a_sole_traders_details_are_their_persons() {
    on_both(|house| {
        let details = |phone: Option<&str>| organisation::Details {
            name: "Wren and Daughters".into(),
            subscriber: organisation::Subscriber::Individual,
            phone: phone.map(str::to_owned),
            email: None,
            address: None,
            website: None,
            notes: None,
        };
        let own = details(Some("01632 960275"));
        let refused = house.act(|acting, tx| acts::organisation::add(acting, tx, &own));
        assert!(invalid(&refused.unwrap_err(), "subscriber"), "that number is a person's");
        let firm = house.act(|acting, tx| acts::organisation::add(acting, tx, &details(None))).unwrap();
        let new = NewPerson {
            collected_on: Some(TODAY),
            organisation: Some(firm),
            ..newcomer(
                "organisation contact",
                "the person",
                &[("name", "Jo Wren"), ("phone", "01632 960275")],
            )
        };
        let jo = house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap();
        let asked = house.opened("access", Who::Held(jo));
        house.known(asked);
        let pack = house.pack(asked);
        assert_eq!(pack.organisations.len(), 1);
        assert!(pack.to_json().unwrap().contains("01632 960275"), "their number is in their pack");
        // What is asked for stays until it is answered.
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        house
            .act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("Here it is.", TODAY)))
            .unwrap();
        house
            .act(|acting, tx| {
                erasure::carry_out(
                    acting,
                    tx,
                    jo,
                    None,
                    (erasure::Reason::Asked.known(), None),
                    Telling::Already("by letter"),
                )
            })
            .unwrap();
        let everything = house.everything();
        // The registers of requests list the organisation, as the policy says they do.
        let elsewhere = |line: &&str| line.contains("Wren") && !line.starts_with("request.organisation: ");
        let left: Vec<_> = everything.lines().filter(elsewhere).collect();
        assert!(left.is_empty(), "the name goes with the last who belongs to it: {left:?}");
    });
}

#[test]
fn an_export_holds_what_a_processor_may_hold_and_goes_nowhere_unprotected() {
    use app::acts::export::{self, Way};
    on_both(|house| {
        let tara = house.tara();
        let export = |to: &str| {
            house.act(|acting, tx| {
                let processor = export::processor(acting, to)?;
                let activity = acting.policy.activity_named("enquiries").unwrap();
                let way = Way { processor, activity };
                let lines = export::part(acting, tx, &way, &export::whom(acting, tx, &way)?)?;
                export::sheet(acting, &way, lines)
            })
        };
        let sheet = export("address book").unwrap();
        let text = String::from_utf8(sheet.csv).unwrap();
        assert_eq!(
            text.trim_start_matches('\u{feff}'),
            "Name,Email,Phone,Organisation\r\nTara Quill,tara.quill@brightwell.example,01632 960123,Brightwell Ltd\r\n"
        );
        assert_eq!((sheet.people, sheet.name.as_str()), (1, "address-book-2026-11-03.csv"));
        let given = |to: &str| house.read(|tx| disclosure::given(tx, to));
        assert_eq!(given("address book"), (1, Some(TODAY)));

        let Fault::Refused(refusal) = export("mailer").unwrap_err() else { panic!("not refused") };
        assert_eq!(refusal.clause_words, "processor mailer");
        assert_eq!(refusal.promises, ["CTI-04", "CTI-24"]);
        assert!(refusal.because.contains("Privacy Shield ended 2020-07-16"), "{refusal:?}");
        assert!(refusal.next_step.contains("under data bridge"), "{refusal:?}");
        assert_eq!(given("mailer"), (0, None));
        assert!(matches!(export("newspaper"), Err(Fault::NotFound)));

        // Whoever is restricted is left out, and told apart.
        let asked = house.opened("restriction", Who::Held(tara));
        house
            .act(|acting, tx| {
                restriction::place(
                    acting,
                    tx,
                    tara,
                    &restriction::Asking {
                        why: "she disputes it".into(),
                        request: Some(asked),
                        ..Default::default()
                    },
                )
            })
            .unwrap();
        let found = house
            .act(|acting, tx| {
                let processor = export::processor(acting, "address book")?;
                let activity = acting.policy.activity_named("enquiries").unwrap();
                export::audience(acting, tx, &Way { processor, activity })
            })
            .unwrap();
        assert_eq!((found.will.len(), found.not()), (0, 1));
        assert!(invalid(&export("address book").unwrap_err(), "activity"));
        // So is whoever was in it when somebody asked, and is restricted by the step in which it would go.
        let part = house.act(|acting, tx| {
            let processor = export::processor(acting, "address book")?;
            let activity = acting.policy.activity_named("enquiries").unwrap();
            export::part(acting, tx, &Way { processor, activity }, &[tara])
        });
        assert_eq!((part.unwrap(), given("address book")), (Vec::<Vec<String>>::new(), (1, Some(TODAY))));
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        assert!(matches!(export::processor(&assistant, "address book"), Err(Fault::Refused(_))));
    });
}

#[test]
fn a_restriction_stops_use_until_they_were_told() {
    let house = House::new(None);
    let tara = house.tara();
    let asked = house.opened("restriction", Who::Held(tara));
    let early = house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today)));
    assert!(invalid(&early.unwrap_err(), "answer"));
    house
        .act(|acting, tx| {
            restriction::place(
                acting,
                tx,
                tara,
                &restriction::Asking {
                    why: "she disputes it".into(),
                    request: Some(asked),
                    ..Default::default()
                },
            )
        })
        .unwrap();
    let note = NewNote {
        kind: "contact record".into(),
        body: "rang".into(),
        on: TODAY,
        direction: Some(Direction::In),
        engagement: None,
    };
    let refused = house.act(|acting, tx| acts::entry::add(acting, tx, tara, &note));
    assert!(matches!(refused, Err(Fault::Refused(_))));
    house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("", acting.today))).unwrap();
    assert!(invalid(
        &house.act(|acting, tx| restriction::lift(acting, tx, tara, (" ", "known"))).unwrap_err(),
        "told"
    ));
    house.act(|acting, tx| restriction::lift(acting, tx, tara, ("by telephone", "known"))).unwrap();
    house.act(|acting, tx| acts::entry::add(acting, tx, tara, &note)).unwrap();
    assert!(house.read(|tx| person::exists(tx, tara)));
}

#[test]
fn a_restriction_is_looked_at_again_or_breaks_the_promise() {
    on_both(|house| {
        let tara = house.tara();
        let asking = restriction::Asking {
            why: "she disputes it".into(),
            review_on: Some(date(2026, 12, 1)),
            ..Default::default()
        };
        house.act(|acting, tx| restriction::place(acting, tx, tara, &asking)).unwrap();
        let policy = house.instance.policy();
        let enquiries = policy.activity_named("enquiries").unwrap().id;
        let rule = policy.rules.iter().find(|rule| rule.activity == enquiries).unwrap().id;
        let look = || {
            let obligation = custody::proof::Obligation::HoldsAnswered { rule };
            let clock = &house.instance.clock;
            store::prove::obligation(&house.instance.store, &policy, &obligation, clock.now(), clock.today())
                .unwrap()
        };
        assert_eq!(look().broken, Vec::<String>::new());
        assert!(look().figure.starts_with("1 restriction"), "{}", look().figure);
        house.go_to(date(2026, 12, 2));
        assert!(look().broken[0].contains("was to be looked at again by 2026-12-01"), "{:?}", look().broken);

        let on = |why: &str, review: Option<jiff::civil::Date>| restriction::Asking {
            why: why.into(),
            review_on: review,
            owner: Some(house.assistant.id),
            ..Default::default()
        };
        let refused = |asking: &restriction::Asking, field: &str| {
            let fault = house.act(|acting, tx| restriction::prolong(acting, tx, tara, asking)).unwrap_err();
            assert!(invalid(&fault, field), "{fault:?}");
        };
        refused(&on("", None), "why");
        refused(&on("the body looks", Some(date(2026, 12, 1))), "review");
        let asking = on("the body looks", None);
        house.act(|acting, tx| restriction::prolong(acting, tx, tara, &asking)).unwrap();
        let standing = house.act(|acting, tx| restriction::standing(acting, tx, tara)).unwrap();
        assert_eq!(standing.review_on, date(2027, 3, 2));
        assert_eq!(standing.owner, house.assistant.id);
        assert_eq!(look().broken, Vec::<String>::new());

        let gone = "UPDATE restriction SET reviewed_why = ' '";
        house.instance.store.write(|tx| tx.exec(gone, &[])).unwrap();
        assert!(look().broken[0].contains("nobody said why"), "{:?}", look().broken);
        house.act(|acting, tx| restriction::lift(acting, tx, tara, ("by telephone", "known"))).unwrap();
        assert_eq!((look().broken, look().figure), (Vec::new(), String::new()));
    });
}

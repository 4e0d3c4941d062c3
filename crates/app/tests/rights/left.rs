//! A message that comes back asks whether somebody has left their organisation, and ends nothing by itself.

use app::acts::ending::{self, Ending};
use app::acts::form::{self, Sent};
use app::acts::person::Added;
use app::acts::undone::Undone;
use app::acts::{self, Acting, organisation};
use app::mail::{SendError, Stage};
use custody::id::PersonId;
use custody::life::State;
use store::disclosure::Telling;
use store::task::{self, Kind};
use store::{reach, search};

use super::common::newcomer;
use super::house::{House, TODAY, on_both, on_both_keeping, went};
use super::late::broken;

fn answered(code: u16, message: &str) -> SendError {
    SendError { permanent: true, lost: false, at: Stage::To, code: Some(code), message: message.to_owned() }
}

/// Whether what is held because they work there still stands.
fn offers_stand(house: &House, who: PersonId) -> bool {
    stands(house, who, "tailored offers")
}

fn stands(house: &House, who: PersonId, activity: &str) -> bool {
    let policy = house.instance.policy();
    let offers = policy.activity_named(activity).unwrap().id;
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
                    collected_on: Some(TODAY),
                    ..newcomer(
                        "supplier",
                        "the person",
                        &[("name", "Sol Webb"), ("email", "sol@post.example")],
                    )
                };
                acts::person::add(acting, tx, &tara)
            })
            .unwrap();
        house.act(|acting, tx| organisation::doubted(acting, tx, sole)).unwrap();
        assert!(open(sole).is_empty(), "nothing of theirs ends when they leave");
    });
}

/// Somebody of Kiln Works who wrote by the form.
fn by_the_form(house: &House) -> PersonId {
    let values = [
        ("name", "Wren Novak"),
        ("email", "wren@kiln.example"),
        ("organisation", "Kiln  Works"),
        ("enquiry", "Do you teach?"),
    ];
    let sent = Sent {
        form: "enquiry".into(),
        values: values.iter().map(|(kind, value)| ((*kind).into(), (*value).into())).collect(),
        about: "organisation contact under enquiries".into(),
        ticked: false,
        agreed: false,
        version: house.instance.policy().version,
    };
    let taken = house
        .instance
        .store
        .write(|tx| form::take(&Acting::system(&house.instance, form::BY), tx, &sent))
        .unwrap();
    taken.person
}

/// Somebody who was typed in, with these details.
fn typed_in(house: &House, values: &[(&str, &str)]) -> PersonId {
    let new = newcomer("organisation contact", "the person", values);
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

#[test]
fn whoever_names_an_organisation_belongs_to_it_by_whichever_door_they_came_and_can_have_left_it() {
    on_both(|house| {
        let before = broken(house);
        let wren = by_the_form(house);
        let theirs = [("name", "Ida Stone"), ("email", "ida@kiln.example"), ("organisation", "kiln works")];
        let ida = typed_in(house, &theirs);
        let jan = typed_in(house, &[("name", "Jan Moss"), ("email", "jan@kiln.example")]);
        let named = ("organisation", " Kiln Works ");
        let add = || {
            house.act(|acting, tx| {
                acts::person::add_item(acting, tx, jan, named, ("the person", acting.today))
            })
        };
        let Added::Organisation(kiln) = add().unwrap() else { panic!("it is no detail beside the others") };
        assert_eq!(add().unwrap(), Added::Organisation(kiln), "said twice, they belong to it once");

        // One organisation, with all three, and no words beside it.
        for who in [wren, ida, jan] {
            let theirs = house.read(|tx| store::organisation::of_people(tx, &[who]));
            let theirs: Vec<_> = theirs.iter().map(|one| (one.organisation, one.name.as_str())).collect();
            assert_eq!(theirs, [(kiln, "Kiln Works")]);
        }
        assert_eq!(
            house.read(|tx| tx.count("SELECT COUNT(*) FROM item WHERE kind = 'organisation'", &[])),
            0
        );
        let mut found = house.read(|tx| search::find(tx, "kiln", &reach::Reach::Everyone, 9));
        found.sort_unstable();
        let mut all = [wren, ida, jan];
        all.sort_unstable();
        assert_eq!(found, all, "they are found by it");
        let members = house.read(|tx| store::organisation::members(tx, kiln, TODAY));
        assert_eq!(members, all, "and chosen by it");

        // A message that came back asks the question that can end something, and the answer ends it.
        for (who, activity) in [(wren, "enquiries"), (ida, "tailored offers"), (jan, "tailored offers")] {
            assert!(house.act(|acting, tx| organisation::doubted(acting, tx, who)).unwrap());
            let asked = house.read(|tx| task::open_of_person(tx, who));
            let asked = asked.iter().find(|task| task.kind == Kind::Left).unwrap();
            assert!(asked.what.contains("Kiln Works"), "{}", asked.what);
            assert!(stands(house, who, activity));
            let left = Ending::Left(kiln);
            house.act(|acting, tx| ending::record(acting, tx, who, (&left, TODAY))).unwrap();
            assert!(!stands(house, who, activity), "{activity} is over");
            let slip = house
                .act(|acting, tx| {
                    let life = acting.life(tx, who)?;
                    ending::standing(acting, tx, &life)
                })
                .unwrap();
            house.act(|acting, tx| ending::take_back(acting, tx, who, (slip[0].sort, slip[0].row))).unwrap();
            assert!(stands(house, who, activity), "a slip, taken back");
        }
        assert_eq!(broken(house), before);
    });
}

/// What the proof finds of the only share of enquiries, with the regulator.
fn of_the_share(house: &House) -> Vec<String> {
    let policy = house.instance.policy();
    let activity = policy.activity_named("enquiries").unwrap().id;
    let share = custody::proof::Obligation::SharedAsStated { activity, share: 0 };
    let (now, today) = (house.instance.clock.now(), house.instance.clock.today());
    let seen = store::prove::obligation(&house.instance.store, &policy, &share, now, today).unwrap();
    seen.broken.into_iter().filter(|said| said.contains("regulator")).collect()
}

#[test]
fn what_is_shared_until_they_left_ends_with_an_ordinary_leaving() {
    let keep = "  keep      until left the organisation, at most 2 years after last contact\n";
    let share = "  share     name with regulator, to report what happened, until left the organisation\n";
    on_both_keeping(
        |text| text.replacen(keep, &format!("{share}{keep}"), 1),
        |house| {
            let tara = house.tara();
            house.act(|acting, tx| went(acting, tx, tara, ("name", "regulator", "enquiries"))).unwrap();
            assert_eq!(of_the_share(house), Vec::<String>::new());
            let firm = house.read(|tx| store::organisation::of_people(tx, &[tara]))[0].organisation;
            let left = Ending::Left(firm);
            house.act(|acting, tx| ending::record(acting, tx, tara, (&left, acting.today))).unwrap();
            let ended =
                "SELECT COUNT(*) FROM disclosure WHERE recipient = 'regulator' AND ended_on = '2026-11-03'";
            assert_eq!(house.read(|tx| tx.count(ended, &[])), 1);
            house.go_to(TODAY.tomorrow().unwrap());
            assert_eq!(of_the_share(house), Vec::<String>::new());
            // Behind the program's back: it goes on, though nothing but the organisation says that they left.
            house.spoil("UPDATE disclosure SET ended_on = NULL WHERE recipient = 'regulator'");
            let found = of_the_share(house);
            assert!(
                found.iter().any(|said| said.contains("not ended on left the organisation of 2026-11-03")),
                "{found:?}"
            );
            // The night ends what it finds so, as where it happened before a version of the policy said so.
            acts::disclosure::night(&house.instance, &mut Undone::default()).unwrap();
            assert_eq!(house.read(|tx| tx.count(ended, &[])), 1);
            assert_eq!(of_the_share(house), Vec::<String>::new());
            house.spoil("UPDATE disclosure SET ended_on = NULL WHERE recipient = 'regulator'");
            // Whoever belongs somewhere since has not left, whatever is remembered of where they were before.
            house.spoil(&format!("UPDATE belonging SET until = NULL WHERE person_id = {tara}"));
            house.spoil(&format!(
                "INSERT INTO life_event (id, person_id, name, on_date, recorded_at)
                    VALUES (9, {tara}, 'left the organisation', '2026-11-03', 0)"
            ));
            assert_eq!(of_the_share(house), Vec::<String>::new());
        },
    );
}

#[test]
fn what_a_leaving_ended_goes_on_once_it_is_taken_back_and_nothing_else_does() {
    let keep = "  keep      until left the organisation, at most 2 years after last contact\n";
    let share = "  share     name with regulator, to report what happened, until left the organisation, then destroyed\n";
    on_both_keeping(
        |text| text.replacen(keep, &format!("{share}{keep}"), 1),
        |house| {
            let tara = house.tara();
            let passed_on = || {
                house.act(|acting, tx| went(acting, tx, tara, ("name", "regulator", "enquiries"))).unwrap()
            };
            let (earlier, now) = (passed_on(), passed_on());
            house.spoil(&format!("UPDATE disclosure SET ended_on = '2026-11-02' WHERE id = {earlier}"));
            let firm = house.read(|tx| store::organisation::of_people(tx, &[tara]))[0].organisation;
            let leave = || {
                let left = Ending::Left(firm);
                house.act(|acting, tx| ending::record(acting, tx, tara, (&left, acting.today))).unwrap();
            };
            let take_back = || {
                let slip =
                    house.act(|acting, tx| ending::standing(acting, tx, &acting.life(tx, tara)?)).unwrap();
                let which = (slip[0].sort, slip[0].row);
                house.act(|acting, tx| ending::take_back(acting, tx, tara, which)).unwrap();
            };
            let standing = || {
                let all = house.read(|tx| store::disclosure::standing(tx, tara)).into_iter();
                all.filter(|one| one.recipient == "regulator").map(|one| one.id).collect::<Vec<_>>()
            };
            let asked = || {
                let open = house.read(|tx| task::open_of_person(tx, tara)).into_iter();
                open.filter(|task| task.told == Some(Telling::NoCopy)).map(|task| task.id).collect::<Vec<_>>()
            };
            leave();
            assert_eq!((standing(), asked().len()), (vec![], 1));
            take_back();
            assert_eq!((standing(), asked().len()), (vec![now], 0));
            assert_eq!(of_the_share(house), Vec::<String>::new());
            // Whoever confirmed meanwhile that no copy is left has nothing to go on with.
            leave();
            let confirmed = asked().remove(0);
            house.act(|acting, tx| acts::task::confirm(acting, tx, confirmed, (TODAY, "shredded"))).unwrap();
            take_back();
            assert_eq!((standing(), asked().len()), (vec![], 0));
        },
    );
}

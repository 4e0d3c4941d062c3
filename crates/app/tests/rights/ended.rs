//! What staff record that ends something: said in numbers before, taken back until the night, and what goes is what was said.

use app::acts::ending::{self, Ending};
use app::acts::engagement::Ahead;
use app::acts::{self, Acting, restriction};
use app::fault::Fault;
use custody::id::PersonId;
use jiff::civil::date;
use store::organisation;

use super::common::{newcomer, night};
use super::house::{House, TODAY, invalid, on_both};

fn sum(ahead: &Ahead) -> u64 {
    ahead.goes.iter().map(|line| line.count).sum()
}

fn active(house: &House, who: PersonId) -> usize {
    let life = house.act(|acting, tx| acting.life(tx, who)).unwrap();
    life.grounds.iter().filter(|ground| ground.active(house.instance.clock.today())).count()
}

fn rows(house: &House, who: PersonId) -> u64 {
    let held = house.act(|acting, tx| Ok(store::dispose::holdings(tx, &acting.policy, who)?));
    held.map_or(0, |held| held.data.len() as u64)
}

fn count(house: &House, sql: &str) -> i64 {
    house.read(|tx| tx.count(sql, &[]))
}

fn sql(house: &House, sql: &str) {
    house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
}

/// Somebody of whom nothing else is held.
fn somebody(house: &House, category: &str, name: &str, email: &str) -> PersonId {
    let new = acts::person::NewPerson {
        collected_on: Some(date(2026, 10, 1)),
        offers: false,
        ..newcomer(category, "the person", &[("name", name), ("email", email)])
    };
    house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap()
}

fn petra(house: &House) -> PersonId {
    somebody(house, "supplier", "Petra Simmonds", "petra@simmonds.example")
}

#[test]
fn leaving_an_organisation_is_foretold_taken_back_and_then_does_what_was_said() {
    on_both(|house| {
        let tara = house.tara();
        let firm = house.read(|tx| organisation::of_people(tx, &[tara]))[0].organisation;
        let left = Ending::Left(firm);
        let before = (active(house, tara), rows(house, tara));
        let ahead = house.act(|acting, tx| ending::preview(acting, tx, tara, (&left, acting.today))).unwrap();
        assert!(sum(&ahead) >= 1, "her details go tonight: {ahead:?}");
        assert_eq!((active(house, tara), rows(house, tara)), before, "looking ahead changes nothing");

        // A slip, taken back: nothing has ended, and nothing goes in the night.
        house.act(|acting, tx| ending::record(acting, tx, tara, (&left, acting.today))).unwrap();
        assert!(active(house, tara) < before.0);
        let standing = |house: &House| {
            house
                .act(|acting, tx| {
                    let life = acting.life(tx, tara)?;
                    ending::standing(acting, tx, &life)
                })
                .unwrap()
        };
        let slip = standing(house);
        assert_eq!(slip.len(), 1, "{slip:?}");
        assert_eq!(slip[0].words, "They have left Brightwell Ltd");
        house.act(|acting, tx| ending::take_back(acting, tx, tara, (slip[0].sort, slip[0].row))).unwrap();
        assert_eq!(standing(house), []);
        assert_eq!(active(house, tara), before.0, "what ended began again");
        let twice = house.act(|acting, tx| ending::take_back(acting, tx, tara, (slip[0].sort, slip[0].row)));
        assert!(matches!(twice, Err(Fault::NotFound)), "{twice:?}");
        let held = rows(house, tara);
        go_to_bed(house);
        assert_eq!(rows(house, tara), held, "nothing went");

        // In earnest: what goes is what was said.
        let ahead = house.act(|acting, tx| ending::preview(acting, tx, tara, (&left, acting.today))).unwrap();
        let held = rows(house, tara);
        house.act(|acting, tx| ending::record(acting, tx, tara, (&left, acting.today))).unwrap();
        go_to_bed(house);
        assert_eq!(held - rows(house, tara), sum(&ahead), "{ahead:?}");
    });
}

/// The night of tomorrow passes.
fn go_to_bed(house: &House) {
    let day = house.instance.clock.today().tomorrow().unwrap();
    night(&house.instance, day);
}

#[test]
fn being_no_longer_a_supplier_is_taken_back_before_the_night() {
    on_both(|house| {
        let petra = petra(house);
        let before = active(house, petra);
        let over = Ending::NoLonger("supplier".into());
        let ahead =
            house.act(|acting, tx| ending::preview(acting, tx, petra, (&over, acting.today))).unwrap();
        assert!(sum(&ahead) >= 2, "name and e-mail go tonight: {ahead:?}");
        house.act(|acting, tx| ending::record(acting, tx, petra, (&over, TODAY))).unwrap();
        assert_eq!(active(house, petra), 0, "nothing holds her any more");
        let slip = house
            .act(|acting, tx| {
                let life = acting.life(tx, petra)?;
                ending::named(acting, &life)?;
                ending::standing(acting, tx, &life)
            })
            .unwrap();
        assert_eq!(slip[0].words, "They are no longer a supplier");
        house.act(|acting, tx| ending::take_back(acting, tx, petra, (slip[0].sort, slip[0].row))).unwrap();
        assert_eq!(active(house, petra), before);
        go_to_bed(house);
        assert_eq!(rows(house, petra), 2);

        let late = house.act(|acting, tx| ending::record(acting, tx, petra, (&over, date(2027, 1, 1))));
        assert!(invalid(&late.unwrap_err(), "on"));

        // Whoever may change what we hold of them may say it and take it back; nobody else may do either.
        let assistant = Acting::staff(&house.instance, house.assistant.clone()).unwrap();
        let (mine, nobodys) = (&assistant, Acting::subject(&house.instance));
        let write = |acting: &Acting<'_>| {
            house.instance.store.write(|tx| ending::record(acting, tx, petra, (&over, acting.today)))
        };
        assert!(matches!(write(&nobodys), Err(Fault::Refused(_))));
        write(mine).unwrap();
        let row = count(house, &format!("SELECT MAX(id) FROM person_category WHERE person_id = {petra}"));
        let back = |acting: &Acting<'_>| {
            house.instance.store.write(|tx| ending::take_back(acting, tx, petra, ("category", row)))
        };
        assert!(matches!(back(&nobodys), Err(Fault::Refused(_))));
        back(mine).unwrap();
        assert_eq!(active(house, petra), before);
    });
}

#[test]
fn a_slip_and_its_undo_put_no_review_off() {
    on_both(|house| {
        let petra = petra(house);
        let grounds = |house: &House| {
            let sql = "SELECT id, opened_on, review_on FROM ground WHERE person_id = ?1 AND state = 'active' ORDER BY id";
            house.read(|tx| {
                tx.all(sql, &[petra.into()], |row| Ok((row.int(0)?, row.date(1)?, row.opt_date(2)?)))
            })
        };
        let before = grounds(house);
        let passed = before.iter().filter_map(|(.., review)| *review).min().unwrap();
        // The day after a review that nobody did.
        house.go_to(passed.tomorrow().unwrap());
        let over = Ending::NoLonger("supplier".into());
        house.act(|acting, tx| ending::record(acting, tx, petra, (&over, acting.today))).unwrap();
        assert_eq!(active(house, petra), 0);
        let row = count(house, &format!("SELECT id FROM person_category WHERE person_id = {petra}"));
        house.act(|acting, tx| ending::take_back(acting, tx, petra, ("category", row))).unwrap();
        assert_eq!(grounds(house), before, "the same grounds, and nobody has looked");
        let proved = app::acts::proof::look(&house.instance, Some("CTI-17")).unwrap();
        let said = format!("its review of {passed} was passed");
        assert!(proved.found[0].counterexamples.iter().any(|one| one.contains(&said)), "{:?}", proved.found);
    });
}

#[test]
fn who_leaves_a_piece_of_work_is_off_it_until_that_was_a_slip() {
    on_both(|house| {
        let dana = somebody(house, "associate", "Dana Price", "dana@price.example");
        let client = somebody(house, "coaching client", "Gwen Rook", "gwen@rook.example");
        let new = acts::engagement::NewWork {
            work: "programme".into(),
            parts: vec![("client".into(), client), ("coach".into(), dana)],
            staff: None,
            payer: acts::engagement::Payer::Person,
            opened_on: TODAY,
        };
        let work = house.act(|acting, tx| acts::engagement::start(acting, tx, &new)).unwrap();
        let off = Ending::OffWork(work);
        let theirs = house.act(|acting, tx| ending::record(acting, tx, client, (&off, acting.today)));
        assert!(invalid(&theirs.unwrap_err(), "on"), "whom it is for leaves with its end");
        house.act(|acting, tx| ending::preview(acting, tx, dana, (&off, acting.today))).unwrap();
        let open =
            format!("SELECT COUNT(*) FROM engagement_person WHERE person_id = {dana} AND until IS NULL");
        assert_eq!(count(house, &open), 1, "looking ahead records nothing");
        house.act(|acting, tx| ending::record(acting, tx, dana, (&off, acting.today))).unwrap();
        assert_eq!(count(house, &open), 0);
        assert!(active(house, dana) > 0, "an associate still");
        let slip = house.act(|acting, tx| ending::standing(acting, tx, &acting.life(tx, dana)?)).unwrap();
        assert_eq!(slip[0].words, "They are no longer the coach on a coaching programme");
        house.act(|acting, tx| ending::take_back(acting, tx, dana, (slip[0].sort, slip[0].row))).unwrap();
        assert_eq!(count(house, &open), 1);

        // The programme completed: held by themselves, they are an associate until somebody says otherwise.
        for milestone in ["agreed", "first session", "completed"] {
            let insert = format!(
                "INSERT INTO milestone (id, engagement_id, name, on_date, recorded_at) VALUES ({}, {work}, '{milestone}', '{TODAY}', 0)",
                700 + milestone.len()
            );
            sql(house, &insert);
        }
        sql(house, &format!("UPDATE engagement SET closed_on = '{TODAY}' WHERE id = {work}"));
        house.act(|acting, tx| acting.settle(tx, dana)).unwrap();
        assert!(active(house, dana) > 0);
        let over = Ending::NoLonger("associate".into());
        let ahead = house.act(|acting, tx| ending::preview(acting, tx, dana, (&over, acting.today))).unwrap();
        assert!(sum(&ahead) > 0, "her name goes tonight: {ahead:?}");
        house.act(|acting, tx| ending::record(acting, tx, dana, (&over, acting.today))).unwrap();
        go_to_bed(house);
        assert_eq!(count(house, &format!("SELECT COUNT(*) FROM item WHERE person_id = {dana}")), 0);
    });
}

#[test]
fn nobody_restricted_is_said_to_have_left_or_to_be_no_longer_what_they_were() {
    on_both(|house| {
        let (tara, petra) = (house.tara(), petra(house));
        let firm = house.read(|tx| organisation::of_people(tx, &[tara]))[0].organisation;
        let asking = restriction::Asking { why: "they dispute it".into(), ..Default::default() };
        for who in [tara, petra] {
            house.act(|acting, tx| restriction::place(acting, tx, who, &asking)).unwrap();
        }
        let refused = |who: PersonId, what: &Ending| {
            for done in [
                house.act(|acting, tx| ending::record(acting, tx, who, (what, acting.today))),
                house.act(|acting, tx| ending::preview(acting, tx, who, (what, acting.today))).map(drop),
            ] {
                let Err(Fault::Refused(why)) = done else { panic!("{what:?}: {done:?}") };
                assert!(why.because.contains("restricted"), "{why:?}");
            }
        };
        refused(tara, &Ending::Left(firm));
        refused(petra, &Ending::NoLonger("supplier".into()));
        assert!(house.read(|tx| organisation::of_people(tx, &[tara]))[0].until.is_none());
        let told = house.act(|acting, tx| {
            acts::told::by_staff(acting, tx, tara, (store::told::Way::Staff, acting.today))
        });
        assert!(matches!(told, Err(Fault::Refused(_))), "{told:?}");
    });
}

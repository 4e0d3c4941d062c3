//! The lists of the preference registers, as they come: with their day, as changes, in an archive; and whoever answers instead of one.

use app::acts::person::{self, NewPerson};
use app::acts::{call, health, proof};
use app::fault::Fault;
use axum::http::StatusCode;
use custody::id::{OrganisationId, PersonId};
use jiff::civil::{Date, date};
use store::organisation::{self, Details, Subscriber};
use store::register::Loaded;

use crate::common::{edited, newcomer};
use crate::town::Town;

fn load(town: &Town, file: &str, dated: Option<Date>, as_it_is: bool) -> Result<Loaded, Fault> {
    load_into(town, "tps", (file, dated), as_it_is)
}

fn load_into(
    town: &Town,
    register: &str,
    (file, dated): (&str, Option<Date>),
    as_it_is: bool,
) -> Result<Loaded, Fault> {
    let found = call::read_register(file.as_bytes())?;
    town.act(|acting, tx| call::load_register(acting, tx, register, dated, &found, as_it_is))
}

/// The question that something is wrong with, and the words.
fn wrong(done: Result<Loaded, Fault>) -> (String, String) {
    match done.unwrap_err() {
        Fault::Invalid(wrong) => (wrong[0].field.clone(), wrong[0].words.clone()),
        other => panic!("{other}"),
    }
}

/// One program answers for each register: of 001 that it is listed, of 002 that it is not, of others nothing in time.
const CHECKERS: &str = r#"
[screening.tps]
command = ["/bin/sh", "-c", "read n; case $n in *001) echo listed;; *002) echo not listed;; *) exec sleep 60;; esac"]
seconds = 1
[screening.ctps]
command = ["/bin/sh", "-c", "echo not listed 2026-11-01"]
"#;

/// Somebody at a company, with a number.
fn contact(town: &Town, name: &str, phone: &str) -> PersonId {
    town.act(|acting, tx| {
        let firm = store::organisation::named(tx, "Brightwell Ltd", acting.now)?;
        let new = NewPerson {
            organisation: Some(firm),
            ..newcomer("organisation contact", "their organisation", &[("name", name), ("phone", phone)])
        };
        person::add(acting, tx, &new)
    })
    .unwrap()
}

both! {
    /// A number that is held for something else is not the one that is checked, shown and called.
    fn a_number_that_calling_may_not_hold_is_not_called(town) {
        let amy = contact(town, "Amy Ross", "01632 960001");
        town.act(|acting, tx| {
            person::add_item(acting, tx, amy, ("phone", "01632 960002"), ("their organisation", acting.today))
        })
        .unwrap();
        let policy = edited("cti", |text| {
            let phone = text.lines().find(|line| line.starts_with("item ") && line.contains(" phone ")).unwrap();
            text.replacen(phone, &format!("{phone}\nitem     home phone  \"your number at home\""), 1)
        });
        let calling = policy.activity_named("offers by phone").unwrap();
        let store = &town.instance().store;
        let called = || store.read(|tx| store::call::called_at(tx, (&policy, calling), amy)).unwrap().map(|(_, number)| number);
        assert_eq!(called().as_deref(), Some("+441632960001"), "the one given first");
        store.write(|tx| tx.exec("UPDATE item SET kind = 'home phone' WHERE value LIKE '%960001'", &[])).unwrap();
        assert_eq!(called().as_deref(), Some("+441632960002"));
        store.write(|tx| tx.exec("UPDATE item SET kind = 'home phone' WHERE value LIKE '%960002'", &[])).unwrap();
        assert_eq!(called(), None);
    }

    fn whoever_answers_for_a_register_is_asked_and_what_they_say_grows_stale(town) {
        town.reopen(CHECKERS);
        let amy = contact(town, "Amy Ross", "01632 960001");
        let ben = contact(town, "Ben Ash", "01632 960002");
        let cat = contact(town, "Cat Orr", "01632 960003");
        let cookie = town.sign_in();
        let page = |who: PersonId| town.page(&cookie, &format!("/calls/{who}")).text;
        let check = |who: PersonId| {
            let done = town.press(&cookie, &format!("/calls/{who}/check"), "");
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
            done.place().split_once("said=").unwrap().1.to_owned()
        };
        let answers = || town.count("SELECT count(*) FROM screening WHERE asked = 1");
        assert!(page(ben).contains("has not been checked against tps"), "{}", page(ben));
        assert_eq!((check(amy), check(ben)), ("checked".to_owned(), "checked".to_owned()));
        assert!(page(amy).contains("This number is on a preference list"), "{}", page(amy));
        assert!(page(ben).contains("may be called"), "{}", page(ben));
        // No answer is no check, and nobody is called on that.
        assert_eq!(check(cat), "unanswered");
        assert!(page(cat).contains("has not been checked against tps"), "{}", page(cat));
        let refused = town.press(&cookie, &format!("/calls/{cat}"), "result=talked");
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
        assert_eq!(answers(), 5);
        check(ben);
        assert_eq!(answers(), 5, "what is new enough is not asked again");
        let may = town.act(call::audience).unwrap();
        assert_eq!((may.will, may.left_out.iter().map(|out| out.people.len()).sum::<usize>()), (vec![ben], 2));

        let health = town.instance().store.read(|tx| health::look(town.instance(), tx)).unwrap();
        let said = "No TPS file is loaded: each number is asked about as it is checked.";
        assert!(health.iter().any(|line| line.words == said), "{health:?}");

        let called = town.press(&cookie, &format!("/calls/{ben}"), "result=talked");
        assert_eq!(called.status, StatusCode::SEE_OTHER, "{}", called.text);
        let verdict = || proof::look(town.instance(), Some("CTI-07")).unwrap().found[0].verdict.clone();
        assert_eq!(verdict(), "kept");
        // Behind the program's back the answer was another.
        let other = "UPDATE screening SET listed = 1 WHERE register = 'tps' AND asked = 1 AND listed = 0";
        assert_eq!(town.instance().store.write(|tx| tx.exec(other, &[])).unwrap(), 1);
        assert_eq!(verdict(), "broken");
        let mended = "UPDATE screening SET listed = 0 WHERE register = 'tps' AND person_id = ?1";
        town.instance().store.write(|tx| tx.exec(mended, store::params![ben])).unwrap();

        // The answer of one of them stays that of an old day, and counts no more.
        town.later(30);
        assert_eq!(check(ben), "checked");
        assert!(page(ben).contains("and it must be fewer than 28"), "{}", page(ben));
    }

    fn a_company_is_called_at_its_own_number_once_that_is_checked(town) {
        let firm = |subscriber: Subscriber, name: &str| -> OrganisationId {
            let phone = (subscriber == Subscriber::Corporate).then(|| "01632 960010".to_owned());
            let (email, address, website, notes) = (None, None, None, None);
            let details = Details { name: name.into(), subscriber, phone, email, address, website, notes };
            town.act(|acting, tx| Ok(organisation::add(tx, &details, acting.now)?)).unwrap()
        };
        let (acme, trader) = (firm(Subscriber::Corporate, "Acme Ltd"), firm(Subscriber::Individual, "Jo Plumb"));
        let cookie = town.sign_in();
        let path = format!("/organisations/{acme}/call");
        let page = || town.page(&cookie, &path).text;
        let record = |result: &str| town.press(&cookie, &path, &format!("result={result}"));
        let calls = || town.count("SELECT count(*) FROM call WHERE organisation_id IS NOT NULL AND person_id IS NULL");
        assert!(town.page(&cookie, &format!("/organisations/{acme}")).text.contains(&path));
        let theirs = town.page(&cookie, &format!("/organisations/{trader}/call"));
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "what a sole trader has is a person's");

        // Never unchecked, never on a list, though nobody there was ever in touch with us.
        assert!(page().contains("has not been checked against tps") && !page().contains("01632 960010"));
        assert_eq!(record("talked").status, StatusCode::FORBIDDEN);
        let day = Some(date(2026, 11, 2));
        load_into(town, "tps", ("01632960099\n", day), false).unwrap();
        load_into(town, "ctps", ("01632960010\n", day), false).unwrap();
        assert!(page().contains("on a preference list"), "{}", page());
        assert_eq!(record("talked").status, StatusCode::FORBIDDEN);
        assert_eq!(calls(), 0, "what may not be made is not written down");

        load_into(town, "ctps", ("01632960098\n", Some(date(2026, 11, 3))), false).unwrap();
        assert_eq!(town.press(&cookie, &format!("{path}/check"), "").status, StatusCode::SEE_OTHER);
        assert!(page().contains("may be called") && page().contains("01632 960010"), "{}", page());
        assert_eq!(record("left").status, StatusCode::UNPROCESSABLE_ENTITY, "nobody in particular was called");
        assert_eq!(record("talked").status, StatusCode::SEE_OTHER);
        assert_eq!(calls(), 1);
        let verdict = || proof::look(town.instance(), Some("CTI-07")).unwrap().found[0].verdict.clone();
        assert_eq!(verdict(), "kept");

        // They ask not to be called, and are not.
        assert_eq!(record("asked+not+to+call").status, StatusCode::SEE_OTHER);
        assert!(page().contains("do not call") && !page().contains("01632 960010"), "{}", page());
        assert_eq!(record("talked").status, StatusCode::FORBIDDEN);
        assert_eq!(calls(), 2);

        let unchecked = "DELETE FROM screening WHERE register = 'ctps'";
        assert!(town.instance().store.write(|tx| tx.exec(unchecked, &[])).unwrap() > 0);
        assert_eq!(verdict(), "broken");
    }

    fn a_list_says_its_day_itself_or_somebody_does(town) {
        let list = "# Full list of 2026-11-02\r\n01632 960001\r\n0207  3787244\r\n";
        let (field, words) = wrong(load(town, list, Some(date(2026, 11, 1)), false));
        assert_eq!(field, "dated");
        assert!(words.contains("The file itself says"), "{words}");
        let loaded = load(town, list, None, false).unwrap();
        assert_eq!((loaded.dated_on, loaded.numbers), (date(2026, 11, 2), 2));
        assert_eq!(wrong(load(town, "01632960001\n", None, false)).0, "dated", "nobody says it");
        let lines = "number,date\n01632960001,2026-11-02\n01632960002,2026-11-03\n";
        let (field, words) = wrong(load(town, lines, Some(date(2026, 11, 2)), false));
        assert!(field == "dated" && words.contains("the list is no older"), "{words}");
        assert_eq!(load(town, lines, None, false).unwrap().dated_on, date(2026, 11, 3));
        assert_eq!(wrong(load(town, "# 2026-11-04\n01632960001\n", None, false)).0, "dated", "not yet");
        assert_eq!(wrong(load(town, "PK\u{3}\u{4} and no archive", None, false)).0, "file");
    }

    fn changes_that_do_not_follow_the_list_there_is_are_asked_about(town) {
        load(town, "# 2026-11-02\n01632960001\n01632960002\n", None, false).unwrap();
        let changes = "A,01632960003\nD,01632960001\n";
        assert_eq!(load(town, changes, Some(date(2026, 11, 3)), false).unwrap().numbers, 2);
        town.later(1);
        let (field, words) = wrong(load(town, changes, Some(date(2026, 11, 4)), false));
        assert!(field == "as-it-is" && words.contains("do not fit the list there is"), "{words}");
        assert_eq!(load(town, changes, Some(date(2026, 11, 4)), true).unwrap().numbers, 2);
    }
}

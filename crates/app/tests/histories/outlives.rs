//! What outlives the row that says so: a period that counts from the last contact goes on when the record of the
//! consent that was this contact has had its own time.

use app::acts::consent;
use app::acts::document::Place;
use app::acts::engagement::{self, NewWork, Payer};
use app::acts::person::NewPerson;
use app::fault::Fault;
use jiff::civil::{Date, date};

use crate::house::{House, On, read, server};
use crate::text;

const BEGINS: Date = date(2026, 12, 1);

/// A backup that was made while a message about work was waiting is restored when work and client have gone.
fn a_message_that_waited(on: On) {
    let (file, text) = text("cti");
    let house = House::new(read(file, text), BEGINS, on);
    let new = NewPerson {
        category: "coaching client".to_owned(),
        values: vec![
            ("name".to_owned(), "Sol Winter".to_owned()),
            ("email".to_owned(), "sol@post.example".to_owned()),
        ],
        source: "the person".to_owned(),
        collected_on: Some(BEGINS),
        organisation: None,
        agreed: Vec::new(),
        shown: None,
        offers: false,
        told: None,
    };
    let sol = house.act(|acting, tx| app::acts::person::add(acting, tx, &new)).unwrap();
    let programme = NewWork {
        work: "programme".to_owned(),
        parts: vec![("client".to_owned(), sol)],
        staff: None,
        payer: Payer::Person,
        opened_on: BEGINS,
    };
    let work = house.act(|acting, tx| engagement::start(acting, tx, &programme)).unwrap();
    house.act(|acting, tx| engagement::record(acting, tx, work, "agreed", BEGINS)).unwrap();
    let mut place = Some(Place::Paper("cabinet 1".to_owned()));
    house.act(|acting, tx| consent::sign(acting, tx, work, BEGINS, &mut place)).unwrap();
    let waiting = "SELECT count(*) FROM message WHERE state = 'queued'";
    assert_eq!(house.count(waiting), 1, "the agreement waits to be sent");
    let made = app::acts::backup::make(&house.instance, &house.backups().into(), "system backup");
    made.unwrap();
    let points = store::backup::points(&house.backups().into(), house.instance.store.keys()).unwrap();
    let at = points.last().unwrap().at();
    for milestone in ["first session", "completed"] {
        house.act(|acting, tx| engagement::record(acting, tx, work, milestone, BEGINS)).unwrap();
    }
    house.nights_until(date(2029, 3, 18)).unwrap();
    assert_eq!(house.count("SELECT count(*) FROM engagement"), 0, "the work has gone");
    app::acts::backup::forget(&house.instance).unwrap();
    let back = house.brought_back(at, &house.second_safe(), false).unwrap();
    assert_eq!((back.count(waiting), back.count("SELECT count(*) FROM engagement")), (0, 0));
}

#[test]
fn a_message_that_waited_for_work_that_has_gone_keeps_nobody_from_a_restore() {
    a_message_that_waited(On::Sqlite);
    if server().is_some() {
        a_message_that_waited(On::Postgres);
    }
}

#[test]
fn a_contact_outlives_the_record_of_the_consent_that_was_it() {
    let (file, text) = text("blue-turtle");
    let begins = date(2026, 12, 1);
    let house = House::new(read(file, text), begins, On::Sqlite);
    let new = NewPerson {
        category: "individual client".to_owned(),
        values: vec![
            ("name".to_owned(), "Sol Winter".to_owned()),
            ("email".to_owned(), "sol@post.example".to_owned()),
        ],
        source: "the person".to_owned(),
        collected_on: Some(begins),
        organisation: None,
        agreed: vec!["news".to_owned()],
        shown: Some((store::consent::Shows::InPerson, "told us when they gave their details".to_owned())),
        offers: false,
        told: None,
    };
    house.act(|acting, tx| app::acts::person::add(acting, tx, &new)).unwrap();
    let due = || {
        let sql = "SELECT due_on FROM ground WHERE rule = 'clients' AND state = 'active'";
        house.read(|tx| tx.maybe(sql, &[], |row| row.opt_date(0))).flatten()
    };
    let consents = || house.count("SELECT count(*) FROM consent");
    // Six years after the end of the financial year in which they agreed.
    assert_eq!((due(), consents()), (Some(date(2033, 3, 31)), 1));
    house.nights_until(date(2032, 12, 10)).unwrap();
    assert_eq!((due(), consents()), (Some(date(2033, 3, 31)), 0), "the record went before its time was over");
    house.nights_until(date(2033, 4, 1)).unwrap();
    assert_eq!(due(), None);
}

#[test]
fn a_birthday_that_ends_what_would_keep_it_is_not_stored() {
    let house = House::new(read("forms.policy", crate::FORMS), BEGINS, On::Sqlite);
    let buyer = |born: Option<&str>| {
        let born = born.map(|born| ("date of birth".to_owned(), born.to_owned()));
        let new = NewPerson {
            category: "buyer".to_owned(),
            values: [("name".to_owned(), "Sol Winter".to_owned())].into_iter().chain(born).collect(),
            source: "the person".to_owned(),
            collected_on: Some(BEGINS),
            organisation: None,
            agreed: Vec::new(),
            shown: None,
            offers: false,
            told: None,
        };
        house.act(|acting, tx| app::acts::person::add(acting, tx, &new))
    };
    // Kept until they are 25, and for nothing else.
    assert!(matches!(buyer(Some("1974-12-12")), Err(Fault::Refused(_))));
    buyer(Some("2010-12-12")).unwrap();
    let older = buyer(None).unwrap();
    let say = |born: &str| {
        let from = ("the person", BEGINS);
        house.act(|acting, tx| app::acts::person::add_item(acting, tx, older, ("date of birth", born), from))
    };
    assert!(matches!(say("1974-12-12"), Err(Fault::Refused(_))));
    say("2010-12-12").unwrap();
    assert_eq!(house.count("SELECT count(*) FROM item WHERE kind = 'date of birth'"), 2);
}

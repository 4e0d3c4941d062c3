//! What outlives the row that says so: a period that counts from the last contact goes on when the record of the
//! consent that was this contact has had its own time.

use app::acts::person::NewPerson;
use jiff::civil::date;

use crate::house::{House, On, read};
use crate::text;

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

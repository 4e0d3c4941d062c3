//! Who is here twice, over the store: written down from either side, gone when it no longer agrees, decided for good.

use custody::id::PersonId;
use jiff::civil::{Date, date};
use policy::Policy;
use store::alike::{self, Found, Sign};
use store::reach::Reach;
use store::restriction::{self, NewRestriction};
use store::staff::{self, NewAccount};
use store::{Store, item};

use crate::harness::policy;
use crate::story::{noon, someone};

const DAY: Date = date(2026, 12, 1);

fn somebody(store: &Store, policy: &Policy, items: &[(&str, &str)]) -> PersonId {
    someone(store, policy, "organisation contact", DAY, items)
}

fn look(store: &Store, policy: &Policy) -> Found {
    alike::look(store, policy, DAY, noon(DAY)).unwrap()
}

fn rows(store: &Store) -> i64 {
    store.read(|tx| tx.count("SELECT COUNT(*) FROM alike", &[])).unwrap()
}

both! {
    fn whoever_is_here_twice_is_found_until_somebody_says(store) {
        let policy = policy();
        let kate = somebody(store, &policy, &[
            ("name", "Katherine Ashworth-Bell"), ("email", "kate.bell@post.example"), ("phone", "01632 960123")]);
        let same = somebody(store, &policy, &[
            ("name", "Bell, Kate"), ("email", "kate.bell@post.exmaple"), ("phone", "+44 1632 960123")]);
        // A couple's telephone and address of theirs both are one; the two are not.
        somebody(store, &policy, &[
            ("name", "Thomas Ashworth-Bell"), ("email", "kate.bell@post.example"), ("phone", "01632 960123")]);
        let found = look(store, &policy);
        assert_eq!((found.people, found.pairs, found.new), (3, 1, 1));
        let open = store.read(|tx| alike::open(tx, &Reach::Everyone, 10)).unwrap();
        assert_eq!((open[0].one, open[0].other), (kate.min(same), kate.max(same)));
        assert!(open[0].why.contains(&Sign::Short) && open[0].why.contains(&Sign::Phone), "{:?}", open[0].why);
        assert_eq!(rows(store), 2);
        let counted = [0, 10].map(|most| store.read(|tx| alike::open_count(tx, &Reach::Everyone, most)).unwrap());
        assert_eq!(counted, [0, 1]);
        // Nothing of what agreed is kept, and nobody sees a pair of whom they may not see both.
        let why = store.read(|tx| tx.all("SELECT why FROM alike", &[], |row| row.text(0))).unwrap();
        assert!(why.iter().all(|why| !why.to_lowercase().contains("bell") && !why.contains("960123")), "{why:?}");
        assert_eq!(store.read(|tx| alike::open_count(tx, &Reach::Some(Vec::new()), 10)).unwrap(), 0);
        // A second night finds nothing new.
        assert_eq!((look(store, &policy).new, rows(store)), (0, 2));
        // Whoever may only be stored is not compared.
        let restriction = store.write(|tx| {
            let new = NewAccount { name: "Bea", email: "b@cti.example", role: "business manager", person: None, since: DAY };
            let owner = staff::add(tx, &new, noon(DAY))?;
            let new = NewRestriction { person: kate, reason: "disputed", owner, since: DAY, review_on: DAY, request: None };
            restriction::place(tx, &new, noon(DAY))
        }).unwrap();
        assert_eq!((look(store, &policy).people, rows(store)), (2, 0));
        store.write(|tx| restriction::lift(tx, restriction, DAY, "by letter", None)).unwrap();
        assert_eq!(look(store, &policy).pairs, 1);
        // What somebody said stays said.
        store.write(|tx| alike::apart(tx, same, kate, DAY, None, noon(DAY))).unwrap();
        assert_eq!((look(store, &policy).pairs, rows(store)), (0, 2));
        assert!(store.read(|tx| alike::open(tx, &Reach::Everyone, 10)).unwrap().is_empty());
    }

    fn what_no_longer_agrees_is_not_asked(store) {
        let policy = policy();
        somebody(store, &policy, &[("name", "Priya Nair"), ("email", "priya@post.example")]);
        let other = somebody(store, &policy, &[("name", "Priya Nair"), ("email", "priya@post.example")]);
        assert_eq!(look(store, &policy).pairs, 1);
        let items = store.read(|tx| item::of_person(tx, &policy, other)).unwrap();
        let name = items.iter().find(|one| policy.kind(one.kind).unwrap().name == "name").unwrap();
        store.write(|tx| item::set(tx, &policy, name.id, 1, "Rohan Nair", None, noon(DAY))).unwrap();
        assert_eq!((look(store, &policy).pairs, rows(store)), (0, 0));
    }

    fn a_name_is_known_by_its_other_forms(store) {
        let policy = policy();
        let kate = somebody(store, &policy, &[("name", "Kate Bell")]);
        for name in ["Katherine Bell", "Bell, Kate", "kate bell"] {
            assert_eq!(store.read(|tx| alike::of_name(tx, "name", name)).unwrap(), [kate], "{name}");
        }
        assert!(store.read(|tx| alike::of_name(tx, "name", "Thomas Bell")).unwrap().is_empty());
    }
}

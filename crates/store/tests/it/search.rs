//! People are found by any part of what they are known by, on both databases alike.

use custody::id::{PersonId, StaffId};
use jiff::civil::date;
use policy::{KindId, Policy, Sensitivity};
use store::dialect::Dialect;
use store::reach::{Part, Reach};
use store::search::{FoundBy, by_what_is_seen, find, forget, index, join};
use store::{Error, Store, id, params};

use crate::harness::policy;
use crate::story::{employ, someone};

fn people(store: &Store, known: &[(&str, &str, &str, &str)]) -> Vec<PersonId> {
    store
        .write(|tx| {
            let mut people = Vec::new();
            for (name, email, phone, organisation) in known {
                let person = PersonId(id::next());
                tx.exec("INSERT INTO person (id, created_at, version) VALUES (?1, 0, 1)", params![person])?;
                index(
                    tx,
                    person,
                    &[
                        (FoundBy::Words, name),
                        (FoundBy::Email, email),
                        (FoundBy::Phone, phone),
                        (FoundBy::Words, organisation),
                    ],
                )?;
                people.push(person);
            }
            Ok::<_, Error>(people)
        })
        .unwrap()
}

fn found(store: &Store, query: &str) -> Vec<PersonId> {
    store.read(|tx| find(tx, query, &Reach::Everyone, 50)).unwrap()
}

both! {
    fn any_part_of_anything_finds(store) {
        let who = people(store, &[
            ("Zoë O’Neill-Hart", "zoe@harbour.example", "+44 1632 960001", "Harbour Trust"),
            ("Ann Obi", "ann.obi@quay.example", "01632 960002", "100% Quay \"Works\""),
            ("Li Wei", "li@east.example", "+86 10 6552 9988", "East & Co"),
        ]);
        for (query, whom) in [
            ("zoe", 0), ("ZOË", 0), ("oneill", 0), ("o'neill", 0), ("neillhart", 0), ("hart zoe", 0), ("arbour tru", 0),
            ("harbour.example", 0), ("01632 960001", 0), ("+44 1632 960 001", 0), ("+44 (0)1632 960001", 0), ("00441632960001", 0), ("441632960001", 0), ("+441632 960001", 0),
            ("960001", 0), ("ann ob", 1), ("obi@quay", 1), ("100%", 1), ("\"works\"", 1), ("li", 2), ("6552", 2), ("li wei", 2),
        ] {
            assert_eq!(found(store, query), vec![who[whom]], "{query}");
        }
        assert_eq!(found(store, "example"), vec![who[1], who[2], who[0]], "in the order of names");
        for nothing in ["", "  ", "%", "_", "xyz", "zoe obi", "AND", "\" OR \"", "*", "96000_"] {
            assert_eq!(found(store, nothing), vec![], "{nothing}");
        }
    }

    fn an_address_is_found_in_either_spelling_of_its_domain(store) {
        let who = people(store, &[
            ("Sam Hill", "sam@M\u{fc}nchen.example", "", ""),
            ("Ann Obi", "ann@xn--kln-sna.example", "", ""),
        ]);
        for (query, whom) in [
            ("sam@m\u{fc}nchen.example", 0), ("sam@munchen", 0), ("sam@xn--mnchen-3ya.example", 0), ("mnchen-3ya", 0),
            ("ann@k\u{f6}ln.example", 1), ("ann@xn--kln-sna.example", 1),
        ] {
            assert_eq!(found(store, query), vec![who[whom]], "{query}");
        }
    }

    fn a_change_and_a_farewell_reach_the_index(store) {
        let who = people(store, &[("Ada Quill", "ada@quill.example", "01632 960003", "")]);
        store.write(|tx| index(tx, who[0], &[(FoundBy::Words, "Ada Stone")])).unwrap();
        assert_eq!(found(store, "quill"), vec![]);
        assert_eq!(found(store, "stone"), who);
        store.write(|tx| forget(tx, who[0])).unwrap();
        assert_eq!(found(store, "stone"), vec![]);
    }

    fn pieces_of_the_index_are_put_together_and_find_the_same(store) {
        // Each commit leaves a piece of its own.
        let who: Vec<PersonId> = ["Ada One", "Ada Three", "Ada Two"].into_iter().flat_map(|name| people(store, &[(name, "", "", "")])).collect();
        let pieces = || match store.dialect() {
            Dialect::Sqlite => store.read(|tx| tx.count("SELECT COUNT(DISTINCT segid) FROM search_index_idx", &[])).unwrap(),
            Dialect::Postgres => 1,
        };
        assert!(pieces() == 3 || store.dialect() == Dialect::Postgres);
        join(store).unwrap();
        assert_eq!(pieces(), 1);
        assert_eq!(found(store, "ada"), who);
        store.write(|tx| forget(tx, who[1])).unwrap();
        join(store).unwrap();
        assert_eq!(found(store, "ada"), vec![who[0], who[2]]);
        assert_eq!(found(store, "three"), vec![]);
    }

    fn what_is_out_of_reach_is_not_found(store) {
        let who = people(store, &[("Ada One", "", "", ""), ("Ada Two", "", "", ""), ("Ada Three", "", "", "")]);
        let (today, staff, work) = (date(2026, 12, 1), StaffId(id::next()), id::next());
        store.write(|tx| {
            tx.exec("INSERT INTO staff (id, name, email, role, totp_confirmed, since, failures, created_at, version)
                     VALUES (?1, 'Coach', 'coach@cti.example', 'coach', 0, '2026-01-01', 0, 0, 1)", params![staff])?;
            tx.exec("INSERT INTO engagement (id, work, title, opened_on, created_at, version) VALUES (?1, 'programme', 'P', '2026-01-01', 0, 1)", params![work])?;
            for person in &who[..2] {
                tx.exec("INSERT INTO engagement_person (engagement_id, person_id, part, since) VALUES (?1, ?2, 'client', '2026-01-01')", params![work, person])?;
            }
            tx.exec("INSERT INTO engagement_staff (engagement_id, staff_id, since, until) VALUES (?1, ?2, '2026-01-01', '2026-12-02')", params![work, staff])?;
            for (person, until) in [(who[1], Some(date(2026, 12, 1))), (who[2], None)] {
                tx.exec("INSERT INTO person_category (id, person_id, category, since, until) VALUES (?1, ?2, 'supplier', '2026-01-01', ?3)",
                    params![id::next(), person, until])?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let within = |parts: Vec<Part>| store.read(|tx| find(tx, "ada", &Reach::Some(parts), 50)).unwrap();
        let assigned = |today| Part { categories: vec![], assigned_to: Some(staff), today };
        let supplier = Part { categories: vec!["supplier".into(), "other".into()], assigned_to: None, today };
        assert_eq!(within(vec![]), vec![]);
        assert_eq!(within(vec![assigned(today)]), vec![who[0], who[1]]);
        assert_eq!(within(vec![assigned(date(2026, 12, 2))]), vec![]);
        assert_eq!(within(vec![supplier.clone()]), vec![who[2]]);
        assert_eq!(within(vec![supplier, assigned(today)]), vec![who[0], who[2], who[1]]);
    }

    /// Whatever the policy calls where somebody belongs, it finds nobody for whoever may not see it; what may be seen of them does.
    fn nobody_is_found_by_where_they_belong_if_that_may_not_be_seen(store) {
        let mut policy = policy();
        let who = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Ada Hill")]);
        employ(store, &policy, who, "Quayside Ltd", date(2026, 1, 1));
        for called in ["organisation", "employer"] {
            for kind in policy.kinds.iter_mut().filter(|kind| kind.name == "organisation") {
                kind.name = called.to_owned();
            }
            let place = policy.kind_named(called).unwrap().id;
            let by = |query: &str, all: bool| {
                assert_eq!(found(store, query), [who], "{query}");
                let sees = |_: PersonId, kind: KindId| all || kind != place;
                store.read(|tx| by_what_is_seen(tx, &policy, query, &[who], &sees)).unwrap().len()
            };
            assert_eq!((by("quayside", true), by("quayside", false)), (1, 0), "{called}");
            assert_eq!((by("hill", true), by("hill", false)), (1, 1), "{called}");
        }
    }

    /// The index still has it from when it was ordinary.
    fn nobody_is_found_by_what_a_new_version_calls_confidential(store) {
        let mut policy = policy();
        let details = [("name", "Ada Hill"), ("email", "ada@post.example")];
        let who = someone(store, &policy, "supporter", date(2026, 1, 1), &details);
        let by = |policy: &Policy, query: &str| {
            assert_eq!(found(store, query), [who], "{query}");
            store.read(|tx| by_what_is_seen(tx, policy, query, &[who], &|_, _| true)).unwrap().len()
        };
        assert_eq!((by(&policy, "post.example"), by(&policy, "hill")), (1, 1));
        for kind in policy.kinds.iter_mut().filter(|kind| kind.name == "email") {
            kind.sensitivity = Sensitivity::Confidential;
        }
        assert_eq!((by(&policy, "post.example"), by(&policy, "hill")), (0, 1));
    }
}

//! Somebody is named in everything that is written about somebody else: it is found wherever it stands, and can be taken out
//! there. What is found is asked of the schema; nothing here names a column.

use std::collections::BTreeSet;

use custody::coverage::Role;
use jiff::Timestamp;
use jiff::civil::date;
use store::entry::NewEntry;
use store::mention::own::own;
use store::mention::{prose, texts};
use store::organisation::{Details, Subscriber};
use store::staff::NewAccount;
use store::{Error, entry, hold, organisation, params, person, staff, task};

use crate::canary::{everything, plant};
use crate::erase::erased;
use crate::story::{noon, settle, someone};

const WORDS: &str = "Zebedee Quixworth was there.";

both! {
    fn whoever_is_named_in_what_is_written_about_others_is_found_and_taken_out(store) {
        let (zebedee, other) = (plant(store, "one").person, plant(store, "other").person);
        let policy = crate::harness::policy();
        let tables = prose::tables();
        store.write(|tx| {
            let sql = "UPDATE item SET kind = 'name', value = 'Zebedee Quixworth', normal = 'zebedee quixworth' WHERE person_id = ?1";
            tx.exec(sql, params![zebedee])?;
            person::refind(tx, &policy, zebedee)?;
            for one in &tables {
                // A detail whose value has a form is somebody else's name, not what is written about them.
                let whose = match (one.table.name, one.table.about_person()) {
                    ("organisation", _) => "id IN (SELECT organisation_id FROM belonging WHERE person_id = ?1)".to_owned(),
                    (_, Some(theirs)) => theirs,
                    // Nobody's: the one that was planted last.
                    (name, None) => format!("id = (SELECT MAX(t.id) FROM {name} t WHERE t.id > ?1)"),
                };
                for column in &one.columns {
                    let sql = format!("UPDATE {} SET {column} = ?2 WHERE {whose}", one.table.name);
                    assert_eq!(tx.exec(&sql, params![other, WORDS])?, 1, "{}.{column}", one.table.name);
                }
            }
            tx.exec("UPDATE item SET kind = 'job title', normal = 'zebedee quixworth was there.' WHERE person_id = ?1", params![other])?;
            person::refind(tx, &policy, other)?;
            tx.exec("UPDATE organisation SET name = 'Zebedee Quixworth Ltd', normal = 'zebedee quixworth ltd'", &[])?;
            Ok::<_, Error>(())
        }).unwrap();

        let found = store.read(|tx| texts::texts(tx, zebedee, &|| true)).unwrap();
        let places: BTreeSet<&str> = found.found.iter().map(|text| text.table).collect();
        assert_eq!(places, tables.iter().map(|one| one.table.name).collect());
        assert_eq!(found.organisations.len(), 2, "an organisation that is called after them is said");
        assert_eq!(found.sure().len(), tables.len() + 2);
        assert!(found.whole && found.found.len() == tables.len(), "{found:?}");
        for text in &found.found {
            let theirs = store::schema::table(text.table).is_some_and(|table| table.about_person().is_some());
            let whose = theirs.then_some(other);
            assert_eq!(text.whose(), whose, "{}", text.table);
        }
        // Where time runs out it says so.
        assert!(!store.read(|tx| texts::texts(tx, zebedee, &|| false)).unwrap().whole);

        store.write(|tx| {
            let own = own(tx, zebedee)?;
            for text in &found.found {
                assert!(texts::mask(tx, &own, (text.table, text.id), "[gone]")? || text.table.ends_with("_history"), "{}", text.table);
            }
            Ok::<_, Error>(())
        }).unwrap();
        assert_eq!(store.read(|tx| texts::texts(tx, zebedee, &|| true)).unwrap().found, []);
        let left: Vec<_> = everything(store).into_iter().filter(|(_, _, text)| text.to_lowercase().contains("quixworth")).collect();
        assert!(left.iter().all(|(table, _, _)| ["item", "search_text", "organisation"].contains(table)), "{left:?}");
        assert_eq!(left.iter().filter(|(table, column, _)| (*table, *column) == ("item", "value")).count(), 1, "their own name alone: {left:?}");
        assert!(everything(store).iter().any(|(_, _, text)| text == "[gone] was there."));
    }

    fn whoever_was_called_otherwise_before_is_found_by_that_too(store) {
        let policy = crate::harness::policy();
        let day = date(2026, 1, 1);
        let who = someone(store, &policy, "supporter", day, &[("name", "Zebedee Quixworth"), ("email", "zebedee@quixworth.example")]);
        someone(store, &policy, "supporter", day, &[("name", "Omar Finch"), ("email", "omar@finch.example")]);
        store.write(|tx| {
            // A name and an address that were theirs, and one that was theirs by mistake and is somebody else's.
            let were = [(1_i64, "name", "Zebedee Marlowe"), (2, "email", "Zeb@marlowe.example"), (3, "email", "omar@finch.example")];
            for (version, kind, value) in were {
                let item = tx.one("SELECT id FROM item WHERE person_id = ?1 AND kind = ?2", params![who, kind], |row| row.int(0))?;
                tx.exec(
                    "INSERT INTO item_history (id, item_id, person_id, version, value, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![9_000_000_i64 + version, item, who, version, value, version],
                )?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let known = store.read(|tx| own(tx, who)).unwrap();
        for text in ["Zebedee Quixworth rang", "Zebedee Marlowe rang", "write to zeb@marlowe.example"] {
            assert!(known.spoken_of(text).is_some(), "{text}");
            assert!(!known.masked(text, "[gone]").unwrap().to_lowercase().contains("marlowe"), "{text}");
        }
        assert!(known.spoken_of("write to omar@finch.example").is_none(), "that is how somebody else is reached");
    }

    fn every_organisation_is_looked_at_for_whoever_it_is_called_after(store) {
        let policy = crate::harness::policy();
        let zebedee = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Zebedee Quixworth")]);
        let called = ["Quixworth, Zebedee Trust", "Z. Quixworth & Sons", "Zebedee J Quixworth Ltd"];
        // More than are asked for at once, and one of his in each part.
        let names = (0..4_500).map(|number| match number % 2_000 {
            17 => called[number / 2_000].to_owned(),
            _ => format!("Works {number} of Quixworth Road, Zebedee House"),
        });
        store.write(|tx| {
            for name in names.clone() {
                organisation::named(tx, &name, Timestamp::UNIX_EPOCH)?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let found = store.read(|tx| texts::texts(tx, zebedee, &|| true)).unwrap();
        let listed: Vec<&str> = found.organisations.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(listed, called);
        assert!(found.whole && found.organisations.iter().all(|one| one.sure), "{found:?}");
    }

    fn what_an_organisation_is_reached_by_goes_only_where_somebody_says_that_it_is_theirs(store) {
        let policy = crate::harness::policy();
        let known = [("name", "Zebedee Quixworth"), ("phone", "01632 960777"), ("email", "zeb@quixworth.example")];
        let zebedee = someone(store, &policy, "supporter", date(2026, 1, 1), &known);
        let add = |name: &str, notes: Option<&str>| {
            let new = Details {
                name: name.to_owned(),
                subscriber: Subscriber::Corporate,
                phone: Some("01632 960 777".to_owned()),
                email: Some("zeb@quixworth.example".to_owned()),
                address: None,
                website: None,
                notes: notes.map(str::to_owned),
            };
            store.write(|tx| organisation::add(tx, &new, Timestamp::UNIX_EPOCH)).unwrap()
        };
        let (harbour, quay) = (add("Harbour Ltd", None), add("Quay Ltd", Some("Ask for Zebedee Quixworth")));
        let found = store.read(|tx| texts::texts(tx, zebedee, &|| true)).unwrap();
        let listed: Vec<_> = found.found.iter().map(|text| (text.table, text.id, text.sure)).collect();
        assert_eq!(listed, [("organisation", quay.0, true), ("organisation", harbour.0, false)]);
        assert_eq!(found.sure(), [("organisation", quay.0)]);
        store.write(|tx| {
            let own = own(tx, zebedee)?;
            assert!(texts::mask(tx, &own, ("organisation", harbour.0), "[gone]")?);
            Ok::<_, Error>(())
        }).unwrap();
        let held = |which| store.read(|tx| organisation::one(tx, which)).unwrap().details;
        assert_eq!((held(harbour).phone, held(harbour).email), (None, None), "what is no number is not kept as one");
        assert!(held(quay).phone.is_some());
        let compared = "SELECT COUNT(*) FROM organisation WHERE phone_normal IS NOT NULL";
        assert_eq!(store.read(|tx| tx.count(compared, &[])).unwrap(), 1);
    }

    fn what_is_still_kept_of_whoever_is_erased_says_what_it_said(store) {
        let policy = crate::harness::pack("blue-turtle");
        let (on, today) = (date(2026, 5, 25), date(2026, 6, 1));
        let two = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|name| someone(store, &policy, "client contact", date(2026, 5, 20), &[("name", name)]));
            let line = |kind: &str, body: &str| store.write(|tx| {
                let new = NewEntry {
                    kind: policy.kind_named(kind).unwrap().id, on, direction: Some(entry::Direction::Both), body, source: "the person",
                    import: None, people: &[(one, Role::Subject), (other, Role::Subject)], engagements: &[], author: None,
                };
                let line = entry::add(tx, &policy, &new, noon(on))?;
                settle(tx, &policy, one, on)?;
                settle(tx, &policy, other, on)?;
                Ok::<_, Error>(line)
            }).unwrap();
            ([one, other], line("service use", "Ada Lorne used it."), line("enquiry", "Ada Lorne asked."))
        };
        let says = |line| store.read(|tx| tx.one("SELECT body FROM entry WHERE id = ?1", params![line], |row| row.text(0))).unwrap();
        // The books keep the one of her; the other stays for somebody else alone.
        let ([ada, _], books, asked) = two("Ada Lorne", "Ben Quist");
        assert!(erased(store, &policy, (ada, "Ada Lorne"), today).departed.cut > 0);
        assert_eq!((says(books).as_str(), says(asked).as_str()), ("Ada Lorne used it.", "[removed] asked."));
        // On hold nothing of her goes, and nothing that was to go before is touched.
        let ([ada, _], books, asked) = two("Ada Lorne", "Cleo Hurst");
        let on_hold = |whom| store.write(|tx| {
            let new = NewAccount { name: "Dora Pell", email: &format!("dora{whom}@bt.example"), role: &policy.roles[0].name, person: None, since: on };
            let owner = staff::add(tx, &new, noon(on))?;
            let new = hold::NewHold { person: Some(whom), engagement: None, reason: "claim", owner, since: on, review_on: date(2026, 12, 1) };
            hold::place(tx, &new, noon(on))
        }).unwrap();
        on_hold(ada);
        let later = date(2026, 9, 1);
        assert_eq!(erased(store, &policy, (ada, "Ada Lorne"), later).departed.cut, 0);
        assert_eq!((says(books).as_str(), says(asked).as_str()), ("Ada Lorne used it.", "Ada Lorne asked."));
        // It is also about somebody on hold, of whom no detail is left: it is masked once that has ended, and not forgotten till then.
        let ([ada, ben], _, asked) = two("Ada Lorne", "Ben Vane");
        on_hold(ben);
        store.write(|tx| tx.exec("DELETE FROM item WHERE person_id = ?1", params![ben])).unwrap();
        assert!(erased(store, &policy, (ada, "Ada Lorne"), today).departed.cut > 0);
        let open = store.read(|tx| task::open(tx, None, 99)).unwrap();
        assert!(open.iter().any(|task| task.entry == Some(asked) && task.mask.is_some()), "{open:?}");
        assert_eq!(says(asked), "Ada Lorne asked.");
    }
}

//! Two entries put together and taken apart: nothing is lost, nothing stands twice, the strictest word wins, and what was
//! let go of stays gone.

use std::collections::{BTreeMap, BTreeSet};

use custody::id::{ItemId, ObjectionId, PersonId};
use custody::life::Scope;
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use policy::Policy;
use policy::activity::Purpose;
use policy::basis::ConsentForm;
use store::consent::{self, Evidence, NewConsent};
use store::engagement::{self, NewEngagement};
use store::merge::{self, By, Merged};
use store::objection::{self, NewObjection};
use store::schema::{self, Form, Owner};
use store::suppression::{self, Forbids};
use store::{Error, Store, alike, certificate, drill, item, life, log, params, person, prove, sweep};

use crate::canary::plant;
use crate::erase::as_written;
use crate::harness::policy;
use crate::story::{noon, settle, someone};

const DAY: Date = date(2026, 12, 1);

fn by(on: Date) -> By {
    By { staff: None, today: on, now: noon(on) }
}

fn together(store: &Store, policy: &Policy, pair: (PersonId, PersonId)) -> Merged {
    store.write(|tx| merge::put_together(tx, policy, pair, &by(DAY))).unwrap()
}

fn apart(store: &Store, policy: &Policy, merged: &Merged) -> Result<(), Error> {
    store.write(|tx| merge::take_apart(tx, policy, merged, &by(DAY)))
}

/// Every row about somebody but what a merge writes itself and what is counted with every change.
fn rows_about(store: &Store, whom: PersonId) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for table in schema::personal()
        .filter(|table| !["merge", "merge_row", "alike", "search_text"].contains(&table.name))
    {
        let Some(about) = table.about_person() else { continue };
        let shown = |column: &&schema::Column| {
            column.form != Form::Bytes && (table.name, column.name) != ("person", "version")
        };
        let cells: Vec<String> = table
            .columns
            .iter()
            .filter(shown)
            .map(|column| format!("COALESCE(CAST({} AS TEXT), '-')", column.name))
            .collect();
        let sql = format!("SELECT {} FROM {} WHERE {about}", cells.join(" || ' ' || "), table.name);
        let rows = store.read(|tx| tx.all(&sql, params![whom], |row| row.text(0))).unwrap();
        if !rows.is_empty() {
            all.insert(table.name, rows.into_iter().collect());
        }
    }
    all
}

fn two(store: &Store, policy: &Policy) -> (PersonId, PersonId) {
    let items = |email| [("name", "Priya Nair"), ("email", email)];
    let one = someone(store, policy, "organisation contact", DAY, &items("priya@post.example"));
    let other = someone(store, policy, "organisation contact", DAY, &items("p.nair@work.example"));
    (one, other)
}

fn consent(store: &Store, policy: &Policy, who: PersonId, activity: &str, on: Date) {
    store
        .write(|tx| {
            let new = NewConsent {
                person: who,
                activity: policy.activity_named(activity).unwrap().id,
                engagement: None,
                form: &ConsentForm::OptIn { asked_with: None, confirmed: None },
                document: None,
                given_on: on,
                lapses_on: None,
                wording: "Yes, send me your news.",
                notice_version: Some(1),
                how: "on the website",
                evidence: Evidence::PAGE,
                by: None,
            };
            consent::record(tx, policy, &new, noon(on))
        })
        .unwrap();
}

fn object(store: &Store, policy: &Policy, who: PersonId, scope: &Scope, on: Date) {
    store
        .write(|tx| {
            let new = NewObjection {
                person: who,
                scope,
                made_on: on,
                how: "by letter",
                words: None,
                request: None,
                by: None,
            };
            objection::record(tx, policy, &new, noon(on))?;
            if let Some(forbids) = Forbids::by(scope) {
                suppression::add_person(tx, store.keys(), who, forbids, on, "objection", noon(on))?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
}

both! {
    fn every_table_is_put_together_and_taken_apart(store) {
        let policy = policy();
        let planted = [plant(store, "one"), plant(store, "other")];
        as_written(store, &[&planted[0], &planted[1]]);
        let (one, other) = (planted[0].person, planted[1].person);
        // What was said before a ground ends is of a ground of theirs.
        let own = "UPDATE parting SET ground_id = (SELECT MAX(g.id) FROM ground g WHERE g.person_id = parting.person_id)";
        store.write(|tx| tx.exec(own, &[])).unwrap();
        let before = (rows_about(store, one), rows_about(store, other));
        assert!(before.1.len() > 25, "{:?}", before.1.keys());
        let merged = together(store, &policy, (other, one));
        assert_eq!((merged.kept, merged.was), (one, other));
        // Nothing is left at the younger number but the number, and what has a clock of its own.
        let left = rows_about(store, other);
        let left: Vec<&str> = left.keys().copied().filter(|table| !["person", "certificate", "certificate_hash"].contains(table)).collect();
        assert!(left.is_empty(), "{left:?}");
        // Nothing is lost: what the two had between them is the one's.
        let after = rows_about(store, one);
        for (table, rows) in &before.1 {
            let joined = ["untold", "person", "certificate"].contains(table);
            let there = after.get(table).map_or(0, BTreeSet::len);
            let had = before.0.get(table).map_or(0, BTreeSet::len);
            assert!(joined || there == had + rows.len(), "{table}: {there} of {had} and {}", rows.len());
        }
        assert!(!store.read(|tx| person::exists(tx, other)).unwrap());
        let counted = drill::missing(store, store, "2100-01-01T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(counted, (store.read(person::count).unwrap().unsigned_abs(), Vec::new()));
        assert_eq!(store.read(|tx| merge::into(tx, other)).unwrap(), Some(one));
        apart(store, &policy, &merged).unwrap();
        let after = (rows_about(store, one), rows_about(store, other));
        for (before, after) in [(&before.0, &after.0), (&before.1, &after.1)] {
            for (table, rows) in before {
                assert_eq!(after.get(table), Some(rows), "{table}");
            }
        }
    }

    fn what_stands_twice_stands_once_and_comes_back(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let work = policy.works.iter().find(|work| !work.parts.is_empty()).unwrap();
        let part = work.parts[0].name.clone();
        let engagement = store.write(|tx| {
            let new = NewEngagement { work: work.id, title: "Leading well", opened_on: DAY, paid_by_organisation: None, paid_by_person: None };
            let engagement = engagement::open(tx, &policy, &new, noon(DAY))?;
            engagement::join(tx, engagement, one, &part, date(2026, 12, 1))?;
            engagement::join(tx, engagement, other, &part, date(2026, 11, 1))?;
            tx.exec("UPDATE engagement_person SET until = '2026-12-20' WHERE person_id = ?1", params![other])?;
            tx.exec("UPDATE engagement SET paid_by_person_id = ?2 WHERE id = ?1", params![engagement, other])?;
            Ok::<_, Error>(engagement)
        }).unwrap();
        let before = (rows_about(store, one), rows_about(store, other));
        let merged = together(store, &policy, (one, other));
        let rows = || store.read(|tx| tx.all(
            "SELECT person_id, since, until FROM engagement_person WHERE engagement_id = ?1 ORDER BY person_id",
            params![engagement], |row| Ok((row.int(0)?, row.text(1)?, row.opt_text(2)?)))).unwrap();
        assert_eq!(rows(), [(one.0, "2026-11-01".to_owned(), None)]);
        let pays = || store.read(|tx| tx.one("SELECT paid_by_person_id FROM engagement WHERE id = ?1", params![engagement], |row| row.int(0))).unwrap();
        assert_eq!(pays(), one.0);
        apart(store, &policy, &merged).unwrap();
        assert_eq!((rows_about(store, one), rows_about(store, other)), before);
        assert_eq!(pays(), other.0);
        // What was changed while they were one is of both, and the rest as it was.
        let again = together(store, &policy, (one, other));
        store.write(|tx| tx.exec("UPDATE engagement_person SET until = '2026-12-24' WHERE person_id = ?1", params![one])).unwrap();
        apart(store, &policy, &again).unwrap();
        let until = || Some("2026-12-24".to_owned());
        assert_eq!(rows(), [(one.0, "2026-12-01".to_owned(), until()), (other.0, "2026-11-01".to_owned(), until())]);
    }

    fn the_strictest_word_wins(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let marketing = policy.activities.iter().find(|activity| activity.purpose == Purpose::DirectMarketing).unwrap();
        object(store, &policy, one, &Scope::Purpose(Purpose::DirectMarketing), date(2026, 11, 1));
        consent(store, &policy, other, &marketing.name, date(2026, 11, 20));
        let stands = |who| {
            let life = store.read(|tx| life::load(tx, &policy, who, DAY)).unwrap();
            life.objections.iter().any(|objection| !custody::basis::lifted(marketing, &life, objection, DAY))
        };
        assert!(stands(one) && !stands(other));
        let merged = together(store, &policy, (one, other));
        // A consent that the other had given later does not lift it.
        assert!(stands(one));
        // What is said while they are one holds for both after.
        object(store, &policy, one, &Scope::AllContact, DAY);
        apart(store, &policy, &merged).unwrap();
        let scopes = |who| {
            let life = store.read(|tx| life::load(tx, &policy, who, DAY)).unwrap();
            life.objections.into_iter().map(|objection| objection.scope).collect::<Vec<_>>()
        };
        assert_eq!(scopes(one), [Scope::Purpose(Purpose::DirectMarketing), Scope::AllContact]);
        assert_eq!(scopes(other), [Scope::AllContact]);
    }

    fn what_is_lost_behind_the_programs_back_is_named(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        object(store, &policy, other, &Scope::AllContact, DAY);
        store.write(|tx| log::append(tx, noon(DAY), "staff 1", "x", &[], &serde_json::json!({}))).unwrap();
        together(store, &policy, (one, other));
        let look = || prove::obligation(store, &policy, &Obligation::NothingLostInMerging, noon(DAY), DAY).unwrap().broken;
        assert_eq!(look(), Vec::<String>::new());
        for (breaks, mends, says) in [
            (format!("UPDATE objection SET person_id = {other} WHERE person_id = {one}"),
                format!("UPDATE objection SET person_id = {one} WHERE person_id = {other}"), "an objection is gone"),
            (format!("UPDATE item SET person_id = {other} WHERE value = 'p.nair@work.example'"),
                format!("UPDATE item SET person_id = {one} WHERE person_id = {other}"), "a detail is gone"),
            (format!("UPDATE ground SET person_id = {other} WHERE id = (SELECT MAX(id) FROM ground)"),
                format!("UPDATE ground SET person_id = {one}"), "has something of its own (ground)"),
            (format!("UPDATE objection SET lifted_on = '2026-12-01' WHERE person_id = {one}"),
                "UPDATE objection SET lifted_on = NULL".to_owned(), "an objection was ended"),
            (format!("UPDATE person SET into_person_id = NULL WHERE id = {other}"),
                format!("UPDATE person SET into_person_id = {one} WHERE id = {other}"), "does not lead there"),
        ] {
            store.write(|tx| tx.exec(&breaks, &[])).unwrap();
            let found = look();
            assert!(found.iter().any(|said| said.contains(says)), "{breaks}: {found:?}");
            store.write(|tx| tx.exec(&mends, &[])).unwrap();
            assert_eq!(look(), Vec::<String>::new(), "{mends}");
        }
        let proved = &custody::proof::obligations(&policy)["CTI-21"];
        assert!(proved.contains(&Obligation::NothingLostInMerging), "{proved:?}");
    }

    fn what_was_done_under_a_number_that_leads_on_says_why(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let third = someone(store, &policy, "organisation contact", DAY, &[("name", "P. Nair"), ("email", "pn@post.example")]);
        object(store, &policy, other, &Scope::AllContact, date(2026, 11, 20));
        let nothing = serde_json::json!({});
        // Ended in the morning of the day on which they are put together.
        let morning = DAY.at(9, 0, 0, 0).to_zoned(policy::law::uk::london()).unwrap().timestamp();
        store.write(|tx| {
            let said = tx.one("SELECT id FROM objection", &[], |row| Ok(ObjectionId(row.int(0)?)))?;
            objection::lift(tx, said, DAY)?;
            log::append(tx, morning, "staff 1", "objection.lifted", &[other], &nothing)
        }).unwrap();
        together(store, &policy, (other, third));
        // Removed from an entry that becomes part of another itself.
        store.write(|tx| {
            let email = tx.one("SELECT id FROM item WHERE value = 'pn@post.example'", &[], |row| Ok(ItemId(row.int(0)?)))?;
            item::remove(tx, &policy, email)?;
            log::append(tx, noon(DAY), "staff 1", "item.removed", &[other], &nothing)
        }).unwrap();
        together(store, &policy, (one, other));
        let look = || prove::obligation(store, &policy, &Obligation::NothingLostInMerging, noon(DAY), DAY).unwrap().broken;
        assert_eq!(look(), Vec::<String>::new());
        store.write(|tx| tx.exec("UPDATE log_event SET act = 'x'", &[])).unwrap();
        let found = look();
        for says in ["a detail is gone", "an objection was ended"] {
            assert!(found.iter().any(|said| said.contains(says)), "{says}: {found:?}");
        }
    }

    fn what_was_let_go_of_is_not_taken_apart(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let merged = together(store, &policy, (one, other));
        assert!(store.read(|tx| merge::may_take_apart(tx, &merged)).unwrap());
        let theirs = store.read(|tx| item::of_person(tx, &policy, one)).unwrap();
        assert_eq!(theirs.len(), 4);
        store.write(|tx| item::remove(tx, &policy, theirs.iter().map(|item| item.id).max().unwrap())).unwrap();
        assert!(!store.read(|tx| merge::may_take_apart(tx, &merged)).unwrap());
        assert!(matches!(apart(store, &policy, &merged), Err(Error::Malformed(_))));
        assert_eq!(store.read(|tx| merge::of_person(tx, one)).unwrap(), [merged]);
    }

    fn whoever_goes_takes_both_numbers_along(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let third = someone(store, &policy, "organisation contact", DAY, &[("name", "Priya Nair-Hall")]);
        let earlier = "INSERT INTO certificate (id, person_number, at, on_date, rules, cause, disposal, counts, note)
            VALUES (1, ?1, 0, '2026-11-01', '[]', 'sweep', 'erase', '{}', 'As Priya asked')";
        store.write(|tx| tx.exec(earlier, params![other])).unwrap();
        together(store, &policy, (one, other));
        together(store, &policy, (one, third));
        let theirs = store.read(|tx| certificate::of_person(tx, one)).unwrap();
        assert_eq!(theirs.iter().map(|one| (one.person, one.note.as_deref())).collect::<Vec<_>>(), [(other, Some("As Priya asked"))]);
        store.write(|tx| {
            tx.exec("UPDATE person_category SET annulled_at = 1 WHERE person_id = ?1", params![one])?;
            settle(tx, &policy, one, DAY)
        }).unwrap();
        let later = date(2027, 1, 1);
        store.write(|tx| sweep::person(tx, &policy, store.keys(), one, later, noon(later))).unwrap();
        for table in ["person", "item", "merge", "merge_row", "search_text"] {
            assert_eq!(store.read(|tx| tx.count(&format!("SELECT COUNT(*) FROM {table}"), &[])).unwrap(), 0, "{table}");
        }
        // The certificate stays, and what was written beside it goes.
        let note = "SELECT note FROM certificate WHERE id = 1";
        assert_eq!(store.read(|tx| tx.one(note, &[], |row| row.opt_text(0))).unwrap(), None);
    }

    fn what_a_detail_said_before_goes_back_with_it(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let merged = together(store, &policy, (one, other));
        store.write(|tx| {
            for value in ["priya@post.example", "p.nair@work.example"] {
                let sql = "SELECT id FROM item WHERE value = ?1";
                let email = tx.one(sql, params![value], |row| Ok(ItemId(row.int(0)?)))?;
                item::set(tx, &policy, email, 1, &format!("new.{value}"), None, noon(DAY))?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        apart(store, &policy, &merged).unwrap();
        let said = |who| store.read(|tx| tx.all(
            "SELECT value FROM item_history WHERE person_id = ?1", params![who], |row| row.text(0))).unwrap();
        assert_eq!((said(one), said(other)), (vec!["priya@post.example".to_owned()], vec!["p.nair@work.example".to_owned()]));
    }

    fn what_was_said_of_their_pairs_goes_with_them_and_comes_back(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let third = someone(store, &policy, "organisation contact", DAY, &[("name", "Priya Nair")]);
        store.write(|tx| alike::apart(tx, third, other, DAY, None, noon(DAY))).unwrap();
        // Nobody has looked yet at whether the third is the one.
        let asked = "INSERT INTO alike (id, person_id, other_person_id, why, state, found_on) VALUES (?1, ?2, ?3, '', 'open', ?4)";
        store.write(|tx| {
            tx.put(asked, params![1_i64, one, third, DAY])?;
            tx.put(asked, params![2_i64, third, one, DAY])
        }).unwrap();
        let pairs = || store.read(|tx| tx.all(
            "SELECT person_id, other_person_id, state FROM alike ORDER BY person_id, other_person_id", &[],
            |row| Ok((PersonId(row.int(0)?), PersonId(row.int(1)?), row.text(2)?)))).unwrap();
        let said = |one, other| (one, other, "apart".to_owned());
        let merged = together(store, &policy, (one, other));
        assert_eq!(pairs(), [said(one, third), said(third, one)]);
        // Nobody is told apart from a number that only leads to somebody.
        let shell = store.write(|tx| alike::apart(tx, third, other, DAY, None, noon(DAY)));
        assert!(matches!(shell, Err(Error::Missing)), "{shell:?}");
        apart(store, &policy, &merged).unwrap();
        assert_eq!(pairs(), [said(one, other), said(other, one), said(other, third), said(third, other)]);
    }

    fn a_chain_is_taken_apart_from_its_end(store) {
        let policy = policy();
        let (one, other) = two(store, &policy);
        let third = someone(store, &policy, "organisation contact", DAY, &[("name", "P. Nair")]);
        let before: Vec<_> = [one, other, third].into_iter().map(|who| rows_about(store, who)).collect();
        let first = together(store, &policy, (other, third));
        let second = together(store, &policy, (one, other));
        assert_eq!(store.read(|tx| merge::into(tx, third)).unwrap(), Some(one));
        assert_eq!(store.read(|tx| merge::of_person(tx, one)).unwrap().len(), 2);
        let moved = Merged { kept: one, ..first };
        assert!(!store.read(|tx| merge::may_take_apart(tx, &moved)).unwrap());
        apart(store, &policy, &second).unwrap();
        assert_eq!(store.read(|tx| merge::into(tx, third)).unwrap(), Some(other));
        apart(store, &policy, &first).unwrap();
        let after: Vec<_> = [one, other, third].into_iter().map(|who| rows_about(store, who)).collect();
        assert_eq!(before, after);
    }
}

#[test]
fn every_table_about_people_is_moved_or_said_why_not() {
    let said = ["person", "search_text", "alike", "certificate"];
    let moved = store::merge::moved();
    for table in schema::personal() {
        if let Owner::Person(_) = table.owner {
            assert!(moved.contains(table.name) != said.contains(&table.name), "{}", table.name);
        }
    }
}

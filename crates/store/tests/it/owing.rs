//! What is owed by hand says of what and where when its person is gone, has an owner, and says no more once it is done.

use std::collections::{BTreeMap, BTreeSet};

use custody::Need;
use custody::coverage::Role;
use custody::id::{PersonId, RequestId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use policy::Policy;
use store::document::{NewDocument, Where};
use store::engagement::{self, NewEngagement};
use store::entry::NewEntry;
use store::forecast::{self, Asked, Night, Which};
use store::log::View;
use store::organisation::{self, Details, Subscriber};
use store::reach::Reach;
use store::request::{self, NewRequest};
use store::task::{self, Kind, Task};
use store::{Error, Store, certificate, document, entry, erase, files, hold, paper, prove, staff, sweep};

use crate::harness::{pack, reworded};
use crate::prove::run_sql;
use crate::story::{ACTOR, noon, settle, someone};
use crate::work_alone;

const OPENED: Date = date(2018, 1, 22);
const CLOSED: Date = date(2018, 5, 14);
const OVER: Date = date(2024, 5, 15);
const PAPERS: &str = "bank records, statements 6 years after case closed  promise BT-12
  because    \"a dispute about work can come to court for six years\"
  then       return to employer, then erase";

fn owed(store: &Store) -> Vec<Task> {
    store.read(|tx| task::open(tx, None, 99)).unwrap()
}

/// A case of 2018 with an original and a folder; who runs it.
fn case(store: &Store, policy: &Policy) -> custody::id::StaffId {
    let edna = someone(
        store,
        policy,
        "employee",
        OPENED,
        &[("name", "Edna Frith"), ("email", "edna.frith@forge.example")],
    );
    let file = files::write(store, &b"her file"[..]).unwrap();
    store
        .write(|tx| {
            let ned = staff::add(
                tx,
                &staff::NewAccount {
                    name: "Ned Harker",
                    email: "ned@blue-turtle.example",
                    role: "investigator",
                    person: None,
                    since: OPENED,
                },
                noon(OPENED),
            )?;
            let payer = organisation::add(
                tx,
                &Details {
                    name: "Forge Lane School".into(),
                    subscriber: Subscriber::Corporate,
                    phone: None,
                    email: None,
                    address: None,
                    website: None,
                    notes: None,
                },
                noon(OPENED),
            )?;
            let new = NewEngagement {
                work: policy.work_named("investigation").unwrap().id,
                title: "The case of Edna Frith",
                opened_on: OPENED,
                paid_by_organisation: Some(payer),
                paid_by_person: None,
            };
            let work = engagement::open(tx, policy, &new, noon(OPENED))?;
            engagement::join(tx, work, edna, "employee", OPENED)?;
            engagement::assign(tx, work, ned, OPENED)?;
            engagement::record_milestone(tx, policy, work, "instructed", OPENED, None, noon(OPENED))?;
            settle(tx, policy, edna, OPENED)?;
            document::add(
                tx,
                policy,
                &NewDocument {
                    kind: policy.kind_named("hr file").unwrap().id,
                    title: "Edna Frith, personnel",
                    place: Where::File(&file, "text/plain"),
                    on: date(2018, 1, 24),
                    source: "the person",
                    people: &[(edna, Role::Subject)],
                    engagements: &[(work, None)],
                    by: None,
                },
                noon(OPENED),
            )?;
            paper::add(
                tx,
                &paper::NewPaper {
                    person: edna,
                    engagement: Some(work),
                    what: "blue folder",
                    place: "cabinet 3",
                    since: OPENED,
                    by: None,
                },
                noon(OPENED),
            )?;
            engagement::record_milestone(tx, policy, work, "case closed", CLOSED, None, noon(CLOSED))?;
            engagement::unassign(tx, work, ned, CLOSED)?;
            settle(tx, policy, edna, CLOSED)?;
            Ok::<_, Error>(ned)
        })
        .unwrap()
}

both! {
    fn a_task_says_of_what_and_where_without_the_person(store) {
        let policy = pack("blue-turtle");
        let ned = case(store, &policy);
        let report = sweep::run(store, &policy, OVER, &|| noon(OVER), false).unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
        let tasks = owed(store);
        let back = tasks.iter().find(|task| task.kind == Kind::Return).unwrap();
        assert_eq!(back.what, "Give this hr file back to the employer");
        let about = back.about.as_deref().unwrap();
        assert_eq!(about, "hr file of 24 Jan 2018, investigation opened on 22 Jan 2018, paid by Forge Lane School");
        assert_eq!(back.owner, Some(ned), "whoever ran the work last");
        assert_eq!(back.due_on, Some(date(2024, 5, 29)));
        let shred = tasks.iter().find(|task| task.kind == Kind::DestroyPaper).unwrap();
        assert_eq!(shred.place.as_deref(), Some("cabinet 3: blue folder"));
        assert!(shred.about.as_deref().unwrap().starts_with("paper file of 22 Jan 2018, investigation"), "{shred:?}");
        // Nothing in them says who: the title of the work and of the document did.
        for task in &tasks {
            let said = format!("{:?} {:?} {}", task.about, task.place, task.what);
            assert!(!said.contains("Edna") && !said.contains("Frith"), "{said}");
        }

        // A folder that is moved is looked for where it stands.
        store.write(|tx| paper::move_to(tx, shred.paper.unwrap(), "the cellar")).unwrap();
        let moved = store.read(|tx| task::one(tx, shred.id)).unwrap();
        assert_eq!(moved.place.as_deref(), Some("the cellar: blue folder"));

        // Done, the task says nothing of it any more.
        for task in tasks {
            let (done, _) = store.write(|tx| sweep::confirm(tx, &policy, task.id, OVER, Some(ned), Some("by hand"), noon(OVER))).unwrap();
            assert_eq!((done.about, done.place), (None, None));
        }
        assert_eq!(store.read(|tx| tx.count("SELECT COUNT(*) FROM document", &[])).unwrap(), 0);
    }

    fn what_is_delivered_says_to_whom_as_the_clause_does(store) {
        const CLAUSE: &str = "deliver to employer unless handed over, then erase";
        let (declared, named) = ("deliver to employer, then erase", "transfer to \"the county archive\", then erase");
        let ways = [
            (declared, "Deliver a copy of this report to the employer", "deliver then erase"),
            (named, "Hand this report over to the county archive", "transfer then erase"),
        ];
        for (then, words, way) in ways {
            let policy = reworded("blue-turtle", CLAUSE, then);
            work_alone::case(store, &policy);
            work_alone::night(store, &policy, OVER, false);
            let tasks = owed(store);
            let deliver: Vec<&str> =
                tasks.iter().filter(|task| task.kind == Kind::Deliver).map(|task| task.what.as_str()).collect();
            assert_eq!(deliver, [words]);
            for task in tasks {
                store.write(|tx| sweep::confirm(tx, &policy, task.id, OVER, None, Some("signed for"), noon(OVER))).unwrap();
            }
            let last = "SELECT disposal FROM certificate WHERE cause = 'by hand' ORDER BY id DESC LIMIT 1";
            assert_eq!(store.read(|tx| tx.one(last, &[], |row| row.text(0))).unwrap(), way);
        }
    }

    fn an_entry_that_was_handed_over_is_certified_as_that(store) {
        let ways = [
            ("deliver, then erase", "deliver then erase"),
            ("return to employer, then erase", "return then erase"),
            ("transfer to \"the county archive\", then erase", "transfer then erase"),
        ];
        for ((then, way), day) in ways.into_iter().zip([15, 18, 21]) {
            let clause = PAPERS.replace("statements 6 years", "statements, interview notes 6 years");
            let policy = reworded("blue-turtle", PAPERS, &clause.replace("return to employer, then erase", then));
            let notes = policy.kind_named("interview notes").unwrap().id;
            let (edna, work) = work_alone::case(store, &policy);
            store.write(|tx| {
                let new = NewEntry {
                    kind: notes, on: date(2018, 4, 1), direction: None, body: "Edna Frith denies it all.", source: "the person",
                    import: None, people: &[(edna, Role::Subject)], engagements: &[(work, None)], author: None,
                };
                entry::add(tx, &policy, &new, noon(date(2018, 4, 1)))?;
                settle(tx, &policy, edna, CLOSED)
            }).unwrap();
            let first = date(2024, 5, day);
            work_alone::night(store, &policy, first, false);
            // Nobody has handed it over yet: it is there, for as many nights as that takes.
            let over = first.tomorrow().unwrap();
            work_alone::night(store, &policy, over, false);
            assert_eq!(work_alone::count(store, "SELECT COUNT(*) FROM entry"), 1);
            let task = owed(store).into_iter().find(|task| task.entry.is_some()).unwrap();
            store.write(|tx| sweep::confirm(tx, &policy, task.id, over, None, Some("signed for"), noon(over))).unwrap();
            let next = over.tomorrow().unwrap();
            work_alone::night(store, &policy, next, false);
            assert_eq!(work_alone::count(store, "SELECT COUNT(*) FROM entry"), 0);

            let written = store.read(|tx| certificate::of_person(tx, edna)).unwrap();
            let (handed, erased): (Vec<_>, Vec<_>) = written.iter().partition(|one| one.disposal != "erase");
            assert_eq!(handed.len(), 1, "{written:?}");
            assert_eq!(handed[0].disposal, way);
            assert_eq!(handed[0].counts, BTreeMap::from([("interview notes".to_owned(), 1)]));
            let erased: BTreeSet<&str> = erased.iter().flat_map(|one| one.counts.keys()).map(String::as_str).collect();
            assert!(erased.contains("name") && erased.contains("email") && !erased.contains("interview notes"), "{written:?}");
            assert!(!format!("{written:?}").contains("Edna"), "{written:?}");
            let rule = policy.rules.iter().find(|rule| rule.kinds.contains(notes) && rule.then.hands_over()).unwrap().id;
            let look = prove::obligation(store, &policy, &Obligation::Certified { rule }, noon(next), next).unwrap();
            assert_eq!(look.broken, Vec::<String>::new());
        }
    }

    fn an_entry_about_two_is_handed_over_to_each_of_them(store) {
        let clause = PAPERS.replace("statements 6 years", "statements, interview notes 6 years");
        let policy = reworded("blue-turtle", PAPERS, &clause.replace("return to employer, then erase", "deliver, then erase"));
        let notes = policy.kind_named("interview notes").unwrap().id;
        let (edna, work) = work_alone::case(store, &policy);
        let tom = someone(store, &policy, "employee", OPENED, &[("name", "Tom Birch"), ("email", "tom.birch@forge.example")]);
        store.write(|tx| {
            engagement::join(tx, work, tom, "employee", OPENED)?;
            let new = NewEntry {
                kind: notes, on: date(2018, 4, 1), direction: None, body: "They deny it all.", source: "the person",
                import: None, people: &[(edna, Role::Subject), (tom, Role::Subject)], engagements: &[(work, None)], author: None,
            };
            entry::add(tx, &policy, &new, noon(date(2018, 4, 1)))?;
            settle(tx, &policy, edna, CLOSED)?;
            settle(tx, &policy, tom, CLOSED)
        }).unwrap();
        let asked = || -> BTreeMap<PersonId, Task> {
            let open = owed(store).into_iter().filter(|task| task.entry.is_some());
            open.map(|task| (task.person.unwrap(), task)).collect()
        };
        let handed = |task: &Task, day: Date| {
            store.write(|tx| sweep::confirm(tx, &policy, task.id, day, None, Some("signed for"), noon(day))).unwrap();
        };
        let details = |who: PersonId| work_alone::count(store, &format!("SELECT COUNT(*) FROM item WHERE person_id = {who}"));
        let made = || work_alone::count(store, "SELECT COUNT(*) FROM task WHERE entry_id IS NOT NULL");
        let tried = work_alone::night(store, &policy, OVER, true);
        let done = work_alone::night(store, &policy, OVER, false);
        assert_eq!((tried.tasks, tried.disposed), (done.tasks, done.disposed), "a night tried is the night done");
        let each = asked();
        assert_eq!(each.keys().copied().collect::<BTreeSet<_>>(), [edna, tom].into());
        assert!(each.values().all(|task| task.kind == Kind::Deliver), "{each:?}");

        // Behind the program's back: nobody is to hand it over to Tom.
        let next = date(2024, 5, 16);
        let rule = policy.rules.iter().find(|rule| rule.kinds.contains(notes) && rule.then.hands_over()).unwrap().id;
        let by_hand = || prove::obligation(store, &policy, &Obligation::DoneByHand { rule }, noon(next), next).unwrap().broken;
        assert_eq!(by_hand(), Vec::<String>::new());
        run_sql(store, "CREATE TABLE aside AS SELECT * FROM task");
        run_sql(store, &format!("DELETE FROM task WHERE person_id = {tom} AND entry_id IS NOT NULL"));
        let said = format!("entry {} is to be handed over to others in it, and not to person {tom}", each[&tom].entry.unwrap());
        assert_eq!(by_hand(), [said]);
        run_sql(store, "DELETE FROM task; INSERT INTO task SELECT * FROM aside; DROP TABLE aside");

        // What Edna has had is not sent to her again, and stays until Tom has it.
        handed(&each[&edna], OVER);
        work_alone::night(store, &policy, next, false);
        assert_eq!((made(), asked().into_keys().collect::<Vec<_>>()), (2, vec![tom]));
        assert_eq!(work_alone::count(store, "SELECT COUNT(*) FROM entry"), 1);
        assert_eq!((details(edna), details(tom)), (0, 2), "where Tom is reached stays");
        let look = |day| prove::obligation(store, &policy, &Obligation::GoneInTime { rule }, noon(day), day).unwrap().broken;
        let of_notes = |day| look(day).into_iter().filter(|found| found.starts_with("interview notes ")).collect::<Vec<_>>();
        assert_eq!(of_notes(next), Vec::<String>::new(), "somebody is to hand it over");

        handed(&each[&tom], next);
        let last = date(2024, 5, 17);
        work_alone::night(store, &policy, last, false);
        assert_eq!(work_alone::count(store, "SELECT COUNT(*) FROM entry"), 0);
        assert_eq!((details(edna), details(tom)), (0, 0));
        assert_eq!(of_notes(last), Vec::<String>::new());
    }

    fn a_copy_of_a_document_about_two_is_delivered_to_each_of_them(store) {
        let policy = reworded("blue-turtle", "return to employer, then erase", "deliver, then erase");
        let kind = policy.kind_named("hr file").unwrap().id;
        let (edna, work) = work_alone::case(store, &policy);
        let tom = someone(store, &policy, "employee", OPENED, &[("name", "Tom Birch"), ("email", "tom.birch@forge.example")]);
        let (file, on) = (files::write(store, &b"their files"[..]).unwrap(), date(2018, 4, 1));
        let both = store.write(|tx| {
            engagement::join(tx, work, tom, "employee", OPENED)?;
            let new = NewDocument {
                kind, title: "Their files", place: Where::File(&file, "text/plain"), on, source: "the person",
                people: &[(edna, Role::Subject), (tom, Role::Subject)], engagements: &[(work, None)], by: None,
            };
            let both = document::add(tx, &policy, &new, noon(on))?;
            settle(tx, &policy, edna, CLOSED)?;
            settle(tx, &policy, tom, CLOSED).map(|_| both)
        }).unwrap();
        let asked = || -> BTreeMap<PersonId, Task> {
            let open = owed(store).into_iter().filter(|task| task.document == Some(both) && task.kind == Kind::Deliver);
            open.map(|task| (task.person.unwrap(), task)).collect()
        };
        let handed = |task: &Task, day: Date| {
            store.write(|tx| sweep::confirm(tx, &policy, task.id, day, None, Some("signed for"), noon(day))).unwrap();
        };
        let count = |sql: &str| work_alone::count(store, sql);
        let details = |who: PersonId| count(&format!("SELECT COUNT(*) FROM item WHERE person_id = {who}"));
        let lies = || count(&format!("SELECT COUNT(*) FROM document_work WHERE document_id = {both}"));
        let tried = work_alone::night(store, &policy, OVER, true);
        assert_eq!(tried.tasks, work_alone::night(store, &policy, OVER, false).tasks);
        let each = asked();
        assert_eq!(each.keys().copied().collect::<BTreeSet<_>>(), [edna, tom].into());

        // Behind the program's back: nobody is to deliver Tom's.
        let next = date(2024, 5, 16);
        let rule = policy.rules.iter().find(|rule| rule.kinds.contains(kind) && rule.then.hands_over()).unwrap().id;
        let by_hand = || prove::obligation(store, &policy, &Obligation::DoneByHand { rule }, noon(next), next).unwrap().broken;
        assert_eq!(by_hand(), Vec::<String>::new());
        run_sql(store, "CREATE TABLE aside AS SELECT * FROM task");
        run_sql(store, &format!("DELETE FROM task WHERE person_id = {tom} AND document_id = {both}"));
        assert_eq!(by_hand(), [format!("document {both} is to be handed over to others in it, and not to person {tom}")]);
        run_sql(store, "DELETE FROM task; INSERT INTO task SELECT * FROM aside; DROP TABLE aside");

        // Edna has had hers: it stays where it lies until Tom has his, and she is not asked for again.
        handed(&each[&edna], OVER);
        work_alone::night(store, &policy, next, false);
        assert_eq!((asked().into_keys().collect::<Vec<_>>(), lies(), details(edna), details(tom)), (vec![tom], 1, 0, 2));
        handed(&each[&tom], next);
        assert_eq!((count(&format!("SELECT COUNT(*) FROM document WHERE id = {both}")), lies()), (0, 0));
        work_alone::night(store, &policy, date(2024, 5, 17), false);
        assert_eq!((details(edna), details(tom), asked().len()), (0, 0, 0));
    }

    fn where_something_is_to_be_delivered_stays_until_it_was(store) {
        let policy = reworded("blue-turtle", "return to employer, then erase", "deliver, then erase");
        case(store, &policy);
        let details = || store.read(|tx| tx.count("SELECT COUNT(*) FROM item", &[])).unwrap();
        work_alone::night(store, &policy, OVER, false);
        let next = date(2024, 5, 16);
        work_alone::night(store, &policy, next, false);
        assert_eq!(details(), 2, "her name, and where the report is sent");
        let email = policy.kind_named("email").unwrap().id;
        let rules = || policy.rules.iter().filter(|rule| rule.kinds.contains(email));
        let broken = |day| {
            let look = |rule| prove::obligation(store, &policy, &Obligation::GoneInTime { rule }, noon(day), day).unwrap().broken;
            let theirs = |found: &String| found.starts_with("email ") || found.starts_with("name ");
            rules().flat_map(|rule| look(rule.id)).filter(theirs).collect::<Vec<_>>()
        };
        assert_eq!(broken(next), Vec::<String>::new());

        // Behind the program's back: nobody is to deliver anything, and her address is kept all the same.
        run_sql(store, "CREATE TABLE aside AS SELECT * FROM task");
        run_sql(store, "DELETE FROM task WHERE kind = 'deliver'");
        let found = broken(next);
        assert!(found.iter().any(|one| one.starts_with("email ") && one.contains("is held without a ground")), "{found:?}");
        run_sql(store, "DELETE FROM task; INSERT INTO task SELECT * FROM aside; DROP TABLE aside");

        for task in owed(store) {
            store.write(|tx| sweep::confirm(tx, &policy, task.id, next, None, Some("signed for"), noon(next))).unwrap();
        }
        assert_eq!(broken(next), Vec::<String>::new(), "it goes in the night after");
        let after = date(2024, 5, 17);
        work_alone::night(store, &policy, after, false);
        assert_eq!(details(), 0);
        assert_eq!(broken(after), Vec::<String>::new());
    }

    fn what_was_asked_back_before_keeps_an_erasure_open(store) {
        let policy = pack("blue-turtle");
        let ned = case(store, &policy);
        work_alone::night(store, &policy, OVER, false);
        let before = owed(store);
        let mut kinds: Vec<Kind> = before.iter().map(|task| task.kind).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [Kind::DestroyPaper, Kind::Return]);
        assert!(before.iter().all(|task| task.request.is_none() && !task.blocks), "{before:?}");
        let edna = before[0].person.unwrap();
        let erase = |request: RequestId, day: Date| {
            let keep = BTreeSet::new();
            store.write(|tx| erase::grant(tx, &policy, store.keys(), edna, &keep, request, None, ACTOR, day, noon(day))).unwrap()
        };
        let ask = |day: Date| {
            let new = NewRequest {
                kind: request::Kind::Erasure, person: edna, name: "Edna Frith", organisation: None, received_on: day, channel: "letter",
                words: None, owner: None, by: None,
            };
            store.write(|tx| {
                let request = request::open(tx, &policy, &new, noon(day))?;
                settle(tx, &policy, edna, day)?;
                Ok::<_, Error>(request)
            }).unwrap()
        };
        let next = date(2024, 5, 16);
        let asked = ask(next);
        run_sql(store, "DELETE FROM ring_duty");
        let erased = erase(asked, next);
        assert_eq!(erased.departed.tasks, 0, "nobody is asked twice: {erased:?}");
        let noted = "SELECT COUNT(*) FROM ring_duty WHERE table_name = 'task' AND what = 'kept'";
        assert_eq!(work_alone::count(store, noted), 2, "no restore forgets that a request waits for them");
        let after = owed(store);
        assert_eq!(after.len(), 2, "{after:?}");
        assert!(after.iter().all(|task| task.request == Some(asked) && task.blocks), "{after:?}");
        let blocked = || store.read(|tx| task::blocking(tx, asked)).unwrap();
        for task in after {
            assert!(blocked(), "it is not done before both are");
            store.write(|tx| sweep::confirm(tx, &policy, task.id, next, Some(ned), Some("signed for"), noon(next))).unwrap();
        }
        assert!(!blocked());
    }

    fn what_is_foretold_of_an_address_is_what_becomes_of_it(store) {
        let theirs = PAPERS.replace("return to employer", "deliver");
        let earlier = theirs.replace("6 years after", "1 year after");
        let last = date(2024, 5, 14);
        let foretold = |policy: &Policy, today: Date| {
            let (from, until) = forecast::window(today, 84);
            let asked = Asked { reach: &Reach::Everyone, today, from, until, activity: None, awaiting: None };
            store.read(|tx| {
                let lines = forecast::page(tx, &asked, Which::Dated, None, 99)?;
                let line = lines.iter().find(|line| line.rule == "investigation" && line.on == Some(last)).unwrap();
                let life = store::life::load(tx, policy, line.person, today)?;
                forecast::night(tx, policy, &life, line, today)
            }).unwrap()
        };
        let goes = |night: &Night| ["name", "email"].map(|kind| night.goes.get(kind).copied().unwrap_or(0));
        let [employer, both, papers] = [PAPERS, &theirs, &earlier].map(|words| reworded("blue-turtle", PAPERS, words));
        case(store, &employer);
        let closed = date(2018, 6, 1);
        // It goes back to somebody else: nothing of hers waits for it.
        let night = foretold(&employer, closed);
        assert_eq!((goes(&night), night.after), ([1, 1], 0), "{night:?}");
        let night = foretold(&both, closed);
        assert_eq!((goes(&night), night.after), ([0, 0], 2), "{night:?}");
        // Five years before, it was handed over long ago.
        let night = foretold(&papers, closed);
        assert_eq!((goes(&night), night.after), ([1, 1], 0), "{night:?}");
        let night = foretold(&both, last);
        assert_eq!((goes(&night), night.after), ([0, 0], 2), "{night:?}");
        let report = sweep::run(store, &both, OVER, &|| noon(OVER), false).unwrap();
        assert!(report.problems.is_empty(), "{report:?}");
        assert_eq!(["name", "email"].map(|kind| report.disposed.get(kind).copied().unwrap_or(0)), [0, 0]);
    }

    fn what_nobody_sees_to_by_its_day_breaks_the_clause(store) {
        let policy = pack("blue-turtle");
        let ned = case(store, &policy);
        sweep::run(store, &policy, OVER, &|| noon(OVER), false).unwrap();
        let promised = |id: &str, day: Date| {
            let found = prove::promise(store, &policy, id, noon(day), day).unwrap().unwrap();
            found.counterexamples
        };
        let next = date(2024, 5, 16);
        assert_eq!(promised("BT-12", date(2024, 5, 29)), Vec::<String>::new(), "there is time until its day");
        let (back, shred) = {
            let tasks = owed(store);
            let of = |kind| tasks.iter().find(|task| task.kind == kind).unwrap().id;
            (of(Kind::Return), of(Kind::DestroyPaper))
        };
        let late = promised("BT-12", date(2024, 5, 30));
        let said = format!("task {back} (Give this hr file back to the employer), which is staff {ned}'s, was to be done by 2024-05-29");
        assert!(late.contains(&said), "{late:?}");
        let said = format!("task {shred} (Destroy the paper file), which is staff {ned}'s, was to be done by 2024-05-29");
        assert!(late.contains(&said), "{late:?}");
        assert!(late.iter().all(|said| !said.contains("Edna") && !said.contains("Frith")), "{late:?}");
        // Another clause has nothing to do with it.
        assert_eq!(promised("BT-15", date(2024, 5, 30)), Vec::<String>::new());

        // Behind the program's back: the day moved into the past, or taken away, the task deleted, or called done.
        let finds = |breaks: String, says: &str| {
            run_sql(store, "CREATE TABLE aside AS SELECT * FROM task");
            run_sql(store, &breaks);
            let broken = promised("BT-12", next);
            assert!(broken.iter().any(|found| found.contains(says)), "{breaks}: {broken:?}");
            run_sql(store, "DELETE FROM task; INSERT INTO task SELECT * FROM aside; DROP TABLE aside");
            assert_eq!(promised("BT-12", next), Vec::<String>::new(), "mended after {breaks}");
        };
        for task in [back, shred] {
            let of = |what: &str| format!("UPDATE task SET {what} WHERE id = {task}");
            finds(of("due_on = '2024-05-15'"), "was to be done by 2024-05-15");
            finds(of("due_on = NULL, owner_id = NULL"), "which is nobody's, has no day");
            finds(of("done_on = '2024-05-16', done_by = owner_id"), &format!("task {task} stands as done on 2024-05-16, and nobody said so"));
        }
        finds(format!("DELETE FROM task WHERE id = {back}"), "hr file ");
        finds(format!("DELETE FROM task WHERE id = {shred}"), "of 2018-01-22 is needed no more, and nobody is to destroy it");
        finds(format!("UPDATE task SET done_on = '2024-05-16' WHERE id = {shred}"), "of 2018-01-22 is needed no more, and nobody is to destroy it");
        // An instance of before, whose tasks do not say under which clause paper was kept.
        finds(format!("UPDATE task SET rule = NULL, due_on = '2024-05-15' WHERE id = {shred}"), "was to be done by 2024-05-15");

        for task in [back, shred] {
            store.write(|tx| sweep::confirm(tx, &policy, task, next, Some(ned), Some("signed for"), noon(next))).unwrap();
        }
        assert_eq!(promised("BT-12", date(2024, 7, 1)), Vec::<String>::new());
    }

    fn details_go_the_night_after_what_is_owed_was_handed_over(store) {
        let clause = "promise BT-12\n  then       erase\n  reading";
        let policy = reworded("blue-turtle", clause, "promise BT-12\n  then       return to employer, then erase\n  reading");
        let ned = case(store, &policy);
        let details = || store.read(|tx| tx.count("SELECT COUNT(*) FROM item", &[])).unwrap();
        let night = |day: Date| {
            let report = sweep::run(store, &policy, day, &|| noon(day), false).unwrap();
            assert!(report.problems.is_empty(), "{report:?}");
        };
        let groundless = |day: Date| {
            let found = prove::promise(store, &policy, "BT-12", noon(day), day).unwrap().unwrap();
            let held = found.counterexamples.into_iter().filter(|said| said.contains("is held without a ground"));
            held.collect::<Vec<_>>()
        };
        night(OVER);
        assert_eq!(details(), 2, "they say whom to give it back to");
        let tasks = owed(store);
        let of = |kind| tasks.iter().filter(|task| task.kind == kind).collect::<Vec<_>>();
        assert_eq!(of(Kind::Return).len(), 1, "the file, and nothing for a name or an address: {tasks:?}");
        // Each night looks again, and asks nobody twice.
        let later = date(2024, 5, 20);
        night(later);
        assert_eq!((details(), owed(store).len()), (2, tasks.len()));
        assert_eq!(groundless(later), Vec::<String>::new());

        // Behind the program's back: the task called done, or deleted, and they stay.
        let back = of(Kind::Return)[0].id;
        run_sql(store, &format!("UPDATE task SET done_on = '2024-05-16' WHERE id = {back}"));
        assert!(groundless(later).iter().any(|said| said.starts_with("email ")), "{:?}", groundless(later));
        run_sql(store, &format!("UPDATE task SET done_on = NULL WHERE id = {back}"));
        run_sql(store, "CREATE TABLE aside AS SELECT * FROM task");
        run_sql(store, &format!("DELETE FROM task WHERE id = {back}"));
        assert!(groundless(later).iter().any(|said| said.starts_with("email ")), "{:?}", groundless(later));
        run_sql(store, "DELETE FROM task; INSERT INTO task SELECT * FROM aside; DROP TABLE aside");

        store.write(|tx| sweep::confirm(tx, &policy, back, later, Some(ned), Some("signed for"), noon(later))).unwrap();
        assert_eq!(groundless(later), Vec::<String>::new(), "the night takes them");
        night(date(2024, 5, 21));
        assert_eq!(details(), 0);
        assert_eq!(owed(store).iter().filter(|task| task.kind == Kind::Return).count(), 0);
    }

    fn what_is_opened_to_be_handed_over_is_opened_for_a_task_that_says_so(store) {
        let policy = pack("blue-turtle");
        let ned = case(store, &policy);
        sweep::run(store, &policy, OVER, &|| noon(OVER), false).unwrap();
        let back = owed(store).into_iter().find(|task| task.kind == Kind::Return).unwrap();
        let view = View {
            at: noon(OVER),
            actor: format!("staff {ned}"),
            act: "document.read",
            people: back.person.into_iter().collect(),
            role: Some("investigator".to_owned()),
            needs: [Need::Task(back.id)].into(),
        };
        store.write(|tx| view.write(tx)).unwrap();
        let role = policy.role_named("investigator").unwrap().id;
        let look = || prove::obligation(store, &policy, &Obligation::SeenByNeed { role }, noon(OVER), OVER).unwrap().broken;
        assert_eq!(look(), Vec::<String>::new());
        run_sql(store, &format!("UPDATE task SET kind = 'other' WHERE id = {}", back.id));
        let said = format!("staff {ned} opened something for task {}, which hands nothing over", back.id);
        assert!(look().iter().any(|found| found.contains(&said)), "{:?}", look());
    }

    fn what_is_on_hold_is_not_late(store) {
        let policy = pack("blue-turtle");
        let ned = case(store, &policy);
        sweep::run(store, &policy, OVER, &|| noon(OVER), false).unwrap();
        let late = date(2024, 6, 3);
        let rule = policy.rules.iter().find(|rule| rule.then == policy::Disposal::ReturnThenErase).unwrap().id;
        let look = || prove::obligation(store, &policy, &Obligation::DoneByHand { rule }, noon(late), late).unwrap();
        assert_eq!(look().broken.len(), 2, "the file and the folder");
        let edna = store.read(|tx| tx.one("SELECT id FROM person", &[], |row| row.int(0))).unwrap();
        let new = hold::NewHold {
            person: Some(PersonId(edna)), engagement: None, reason: "a claim", owner: ned,
            since: date(2024, 5, 20), review_on: date(2024, 9, 1),
        };
        let hold = store.write(|tx| hold::place(tx, &new, noon(late))).unwrap();
        assert_eq!(look().broken, Vec::<String>::new(), "nobody may see to it");
        store.write(|tx| hold::end(tx, hold, date(2024, 6, 1), "settled", None)).unwrap();
        assert_eq!(look().broken.len(), 2, "the file and the folder");
    }

    fn whoever_left_owns_nothing(store) {
        let policy = pack("blue-turtle");
        let ned = case(store, &policy);
        let vera = store.write(|tx| {
            let vera = staff::add(tx, &staff::NewAccount {
                name: "Vera Quill", email: "vera@blue-turtle.example", role: "managing director", person: None, since: OPENED,
            }, noon(OPENED))?;
            staff::leave(tx, ned, CLOSED)?;
            Ok::<_, Error>(vera)
        }).unwrap();
        sweep::run(store, &policy, OVER, &|| noon(OVER), false).unwrap();
        let tasks = owed(store);
        assert!(!tasks.is_empty());
        assert!(tasks.iter().all(|task| task.owner == Some(vera)), "{tasks:?}");
    }
}

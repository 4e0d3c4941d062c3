//! What is owed by hand says of what and where when its person is gone, has an owner, and says no more once it is done.

use custody::coverage::Role;
use jiff::civil::{Date, date};
use policy::Policy;
use store::document::{NewDocument, Where};
use store::engagement::{self, NewEngagement};
use store::organisation::{self, Details, Subscriber};
use store::task::{self, Kind, Task};
use store::{Error, Store, document, files, paper, staff, sweep};

use crate::harness::pack;
use crate::story::{noon, settle, someone};

const OPENED: Date = date(2018, 1, 22);
const CLOSED: Date = date(2018, 5, 14);
const OVER: Date = date(2024, 5, 15);

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
            let (done, _) = store.write(|tx| sweep::confirm(tx, task.id, OVER, Some(ned), Some("by hand"), noon(OVER))).unwrap();
            assert_eq!((done.about, done.place), (None, None));
        }
        assert_eq!(store.read(|tx| tx.count("SELECT COUNT(*) FROM document", &[])).unwrap(), 0);
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

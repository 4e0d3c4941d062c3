//! What a clause keeps for the work itself: it stays when everybody on the work has gone, is kept by a hold, has an end of its
//! own, and is proved.

use custody::coverage::Role;
use custody::id::{DocumentId, EngagementId, PersonId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use policy::Policy;
use store::document::{NewDocument, Where};
use store::engagement::{self, NewEngagement};
use store::hold::{self, NewHold};
use store::task::{self, Kind, Task};
use store::{Error, Of, Store, document, files, ground, prove, staff, sweep};

use crate::harness::pack;
use crate::prove::run_sql;
use crate::story::{ACTOR, noon, settle, someone};

pub const OPENED: Date = date(2018, 1, 22);
pub const CLOSED: Date = date(2018, 5, 14);
pub const LEFT: Date = date(2020, 6, 1);
pub const OVER: Date = date(2024, 5, 15);

pub const RULE: &str = "investigation/report, appendices";

/// A case with its report, closed; Edna, whom it was about.
pub fn case(store: &Store, policy: &Policy) -> (PersonId, EngagementId) {
    let edna = someone(
        store,
        policy,
        "employee",
        OPENED,
        &[("name", "Edna Frith"), ("email", "edna.frith@forge.example")],
    );
    let file = files::write(store, &b"the report"[..]).unwrap();
    store
        .write(|tx| {
            let new = NewEngagement {
                work: policy.work_named("investigation").unwrap().id,
                title: "Investigation of Edna Frith",
                opened_on: OPENED,
                paid_by_organisation: None,
                paid_by_person: None,
            };
            let case = engagement::open(tx, policy, &new, noon(OPENED))?;
            engagement::join(tx, case, edna, "employee", OPENED)?;
            settle(tx, policy, edna, OPENED)?;
            let new = NewDocument {
                kind: policy.kind_named("report").unwrap().id,
                title: "report",
                place: Where::File(&file, "application/pdf"),
                on: date(2018, 5, 1),
                source: "us",
                people: &[(edna, Role::Subject)],
                engagements: &[(case, None)],
                by: None,
            };
            document::add(tx, policy, &new, noon(date(2018, 5, 1)))?;
            engagement::record_milestone(tx, policy, case, "case closed", CLOSED, None, noon(CLOSED))?;
            settle(tx, policy, edna, CLOSED)?;
            Ok::<_, Error>((edna, case))
        })
        .unwrap()
}

/// Edna was erased at her request; the night that takes what nothing covers.
pub fn erased(store: &Store, policy: &Policy, edna: PersonId) -> sweep::Report {
    run_sql(
        store,
        &format!(
            "UPDATE ground SET state = 'stopped', stopped_on = '{LEFT}', cause = 'erased' WHERE person_id = {edna}"
        ),
    );
    let tried = night(store, policy, LEFT, true);
    let done = night(store, policy, LEFT, false);
    assert_eq!(
        (tried.disposed, tried.cut, tried.gone),
        (done.disposed.clone(), done.cut, done.gone),
        "a night tried is the night done"
    );
    done
}

pub fn night(store: &Store, policy: &Policy, day: Date, dry: bool) -> sweep::Report {
    let report = sweep::run(store, policy, day, &|| noon(day), dry).unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
    report
}

/// Somebody looked through what stays for others.
pub fn looked_through(store: &Store, policy: &Policy, day: Date) {
    store
        .write(|tx| {
            for task in task::open(tx, None, 99)?.iter().filter(|task| task.kind == Kind::Mask) {
                sweep::confirm(tx, policy, task.id, day, None, Some("masked"), noon(day))?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
}

pub fn broken(store: &Store, policy: &Policy, day: Date) -> Vec<String> {
    let rule = policy.rule_keyed(RULE).unwrap().id;
    let all = [
        Obligation::GoneInTime { rule },
        Obligation::CacheAgrees { rule },
        Obligation::HoldsAnswered { rule },
        Obligation::Certified { rule },
        Obligation::DoneByHand { rule },
    ];
    let look = |obligation| prove::obligation(store, policy, obligation, noon(day), day).unwrap().broken;
    all.iter().flat_map(look).collect()
}

pub fn count(store: &Store, sql: &str) -> i64 {
    store.read(|tx| tx.count(sql, &[])).unwrap()
}

/// A report in a place, of which the client gets a copy before it is destroyed there.
fn destroyed_after_delivery(store: &Store, place: &str, elsewhere: u8, what: &str) {
    let policy = pack("blue-turtle");
    let (edna, case) = case(store, &policy);
    let lies = format!(
        "file = NULL, file_key = NULL, paper_place = '{}', elsewhere = {elsewhere}",
        place.replace('\'', "''")
    );
    run_sql(store, &format!("UPDATE document SET {lies}"));
    erased(store, &policy, edna);
    looked_through(store, &policy, LEFT);
    night(store, &policy, OVER, false);
    let asked = || -> Vec<Task> {
        let open = store.read(|tx| task::open(tx, None, 9)).unwrap();
        open.into_iter().filter(|task| task.document.is_some()).collect()
    };
    let handed = |task: &Task, day: Date| {
        store.write(|tx| sweep::confirm(tx, &policy, task.id, day, None, Some("done"), noon(day))).unwrap();
    };
    let deliver = asked();
    assert_eq!(deliver.iter().map(|task| task.kind).collect::<Vec<_>>(), [Kind::Deliver]);
    handed(&deliver[0], OVER);
    let [destroy] = &asked()[..] else { panic!("{:?}", asked()) };
    assert_eq!((destroy.kind, destroy.what.as_str()), (Kind::DestroyPaper, what));
    assert_eq!((destroy.place.as_deref(), &destroy.about), (Some(place), &deliver[0].about));
    assert_eq!((destroy.engagement, &destroy.rule), (Some(case), &deliver[0].rule));
    // Nobody is asked for either again, and it is proved while it waits.
    let next = OVER.tomorrow().unwrap();
    assert_eq!((night(store, &policy, next, false).tasks, asked().len()), (0, 1));
    assert_eq!(broken(store, &policy, next), Vec::<String>::new());
    let late = OVER.checked_add(jiff::Span::new().days(400)).unwrap();
    let said = broken(store, &policy, late);
    assert!(said.iter().any(|said| said.contains(&format!("({what}), which is nobody's"))), "{said:?}");
    handed(destroy, next);
    assert_eq!(count(store, "SELECT COUNT(*) FROM document"), 0);
    let after = next.tomorrow().unwrap();
    assert_eq!(night(store, &policy, after, false).disposed.get("work record"), Some(&1));
    assert_eq!(broken(store, &policy, after), Vec::<String>::new());
}

both! {
    fn what_is_kept_for_the_work_stays_when_its_people_go(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        let own = "SELECT COUNT(*) FROM ground WHERE person_id IS NULL AND due_on = '2024-05-14' AND state = 'active'";
        assert_eq!(count(store, own), 1);
        // As long as she is held for the case, the report is hers to see as well.
        night(store, &policy, date(2018, 6, 1), false);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document_person"), 1);
        assert_eq!(broken(store, &policy, date(2018, 6, 1)), Vec::<String>::new());

        let done = erased(store, &policy, edna);
        assert_eq!((done.gone, count(store, "SELECT COUNT(*) FROM person")), (1, 0));
        assert_eq!(count(store, "SELECT COUNT(*) FROM document_person"), 0);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document_work"), 1, "the report is the client's");
        let report = DocumentId(count(store, "SELECT id FROM document"));
        let report = store.read(|tx| document::one_of(tx, &policy, report, Of::Work(case))).unwrap();
        assert_eq!(report.map(|found| found.title.person()), Some(PersonId(case.0)), "under the work's own number");
        let title = store.read(|tx| tx.one("SELECT title FROM engagement", &[], |row| row.text(0))).unwrap();
        assert_eq!(title, "investigation", "and says no more whose case it was");
        let tasks = store.read(|tx| task::open(tx, None, 9)).unwrap();
        assert_eq!(tasks.iter().map(|task| task.kind).collect::<Vec<_>>(), [Kind::Mask]);
        assert_eq!(broken(store, &policy, LEFT), Vec::<String>::new());
        let late = LEFT.checked_add(jiff::Span::new().days(31)).unwrap();
        let said = broken(store, &policy, late);
        assert!(said.iter().any(|said| said.contains("Look through this report")), "nobody has looked through it: {said:?}");
        looked_through(store, &policy, LEFT);
        assert_eq!(broken(store, &policy, late), Vec::<String>::new());

        // Behind the program's back.
        let ground = "person_id IS NULL";
        run_sql(store, &format!("UPDATE ground SET state = 'stopped', stopped_on = '2020-05-01', cause = 'due' WHERE {ground}"));
        let said = broken(store, &policy, LEFT);
        assert!(said.iter().any(|said| said.starts_with("report ") && said.ends_with(" of nobody is held without a ground")), "{said:?}");
        run_sql(store, &format!("UPDATE ground SET state = 'active', stopped_on = NULL, cause = NULL, due_on = '2020-05-01' WHERE {ground}"));
        let said = broken(store, &policy, LEFT);
        assert!(said.iter().any(|said| said.ends_with("of work alone was due 2020-05-01 and still stands")), "{said:?}");
        run_sql(store, &format!("UPDATE ground SET due_on = '2030-01-01' WHERE {ground}"));
        let said = broken(store, &policy, LEFT);
        let facts = format!("of work {case}: the facts say 2024-05-14");
        assert!(said.iter().any(|said| said.ends_with(&facts)), "{said:?}");
        run_sql(store, &format!("UPDATE ground SET due_on = '2024-05-14' WHERE {ground}"));
        assert_eq!(broken(store, &policy, LEFT), Vec::<String>::new());
    }

    fn a_hold_on_the_work_keeps_it_and_handing_over_ends_it(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        erased(store, &policy, edna);
        looked_through(store, &policy, LEFT);
        let hold = store.write(|tx| {
            let new = staff::NewAccount { name: "Ned", email: "ned@blue-turtle.example", role: "investigator", person: None, since: OPENED };
            let owner = staff::add(tx, &new, noon(OPENED))?;
            let new = NewHold { person: None, engagement: Some(case), reason: "a claim", owner, since: date(2024, 5, 1), review_on: date(2024, 9, 1) };
            hold::place(tx, &new, noon(date(2024, 5, 1)))
        }).unwrap();
        let kept = night(store, &policy, OVER, false);
        assert!(kept.held > 0 && kept.rows() == 0, "{kept:?}");
        assert_eq!(broken(store, &policy, OVER), Vec::<String>::new());
        store.write(|tx| hold::end(tx, hold, date(2024, 5, 20), "settled", None)).unwrap();

        let next = date(2024, 5, 21);
        let owed = night(store, &policy, next, false);
        assert_eq!((owed.tasks, owed.rows()), (1, 0), "{owed:?}");
        let tasks = store.read(|tx| task::open(tx, None, 9)).unwrap();
        let deliver = tasks.iter().find(|task| task.kind == Kind::Deliver).unwrap();
        assert_eq!(count(store, "SELECT COUNT(*) FROM document WHERE usable = 1"), 0);
        assert_eq!(broken(store, &policy, next), Vec::<String>::new());
        let (_, bytes) = store.write(|tx| sweep::confirm(tx, &policy, deliver.id, next, None, Some("signed for"), noon(next))).unwrap();
        assert_eq!(bytes.files.len(), 1);
        let by_hand = format!("SELECT COUNT(*) FROM certificate WHERE cause = 'by hand' AND person_number = {case}");
        assert_eq!(count(store, &by_hand), 1);

        let after = date(2024, 5, 22);
        let gone = night(store, &policy, after, false);
        assert_eq!(gone.disposed.get("work record"), Some(&1), "{gone:?}");
        for table in ["engagement", "milestone", "document", "ground WHERE person_id IS NULL"] {
            assert_eq!(count(store, &format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
        }
        assert_eq!(broken(store, &policy, after), Vec::<String>::new());
        assert_eq!(night(store, &policy, date(2024, 5, 23), false).rows(), 0, "the second night finds nothing");
    }

    fn what_was_handed_over_goes_by_itself_with_the_record_of_the_work(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        erased(store, &policy, edna);
        looked_through(store, &policy, LEFT);
        let over = date(2023, 1, 2);
        store.write(|tx| {
            engagement::record_milestone(tx, &policy, case, "handed over", over, None, noon(over))?;
            ground::settle_works(tx, &policy, &[case], over, ACTOR, noon(over)).map(drop)
        }).unwrap();
        let tried = night(store, &policy, over, true);
        let done = night(store, &policy, over, false);
        assert_eq!(tried.disposed, done.disposed);
        assert_eq!((done.disposed.get("report"), done.disposed.get("work record")), (Some(&1), Some(&1)), "{done:?}");
        let certificate = "SELECT COUNT(*) FROM certificate WHERE cause = 'sweep' AND rules LIKE '%report, appendices%'";
        assert_eq!(count(store, certificate), 1);
        assert_eq!(broken(store, &policy, over), Vec::<String>::new());
    }
    fn what_a_copy_was_delivered_of_is_destroyed_where_it_lies(store) {
        destroyed_after_delivery(store, "cabinet 2", 0, "Destroy the report on paper");
    }

    fn a_copy_that_lies_elsewhere_is_deleted_there_after_the_delivery(store) {
        destroyed_after_delivery(store, "Ned's laptop", 1, "Delete the report that lies elsewhere");
    }
}

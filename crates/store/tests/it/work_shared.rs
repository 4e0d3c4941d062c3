//! What work keeps for itself beside others: those who leave on its last night, somebody who is kept, other work on which the
//! same document lies, a new version of the policy.

use custody::coverage::Role;
use custody::id::{EngagementId, PersonId, TaskId};
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use policy::Policy;
use store::document::{NewDocument, Where};
use store::engagement::{self, NewEngagement};
use store::entry::NewEntry;
use store::hold::{self, NewHold};
use store::request::{self, NewRequest};
use store::task::{self, Kind, NewTask};
use store::{Error, Store, Tx, adoption, document, entry, erase, files, prove, staff, sweep};

use crate::harness::{pack, reworded};
use crate::prove::run_sql;
use crate::story::{ACTOR, noon, settle, someone};
use crate::work_alone::{CLOSED, LEFT, OPENED, OVER, broken, case, count, erased, night};

/// A client contact on the case, of whom something is held for as long as for the case.
fn contact(store: &Store, policy: &Policy, case: EngagementId) -> PersonId {
    let who = someone(store, policy, "client contact", OPENED, &[("name", "Colin Frame")]);
    store
        .write(|tx| {
            engagement::join(tx, case, who, "client", OPENED)?;
            settle(tx, policy, who, CLOSED).map(drop)
        })
        .unwrap();
    who
}

/// Another case on which the same report lies, closed on a day.
fn second(store: &Store, policy: &Policy, closed: Date) -> EngagementId {
    store
        .write(|tx| {
            let new = NewEngagement {
                work: policy.work_named("investigation").unwrap().id,
                title: "Another investigation",
                opened_on: OPENED,
                paid_by_organisation: None,
                paid_by_person: None,
            };
            let case = engagement::open(tx, policy, &new, noon(OPENED))?;
            tx.exec(
                "INSERT INTO document_work (document_id, engagement_id) SELECT id, ?1 FROM document",
                store::params![case],
            )?;
            engagement::record_milestone(tx, policy, case, "case closed", closed, None, noon(closed))?;
            store::ground::settle_works(tx, policy, &[case], closed, ACTOR, noon(closed))?;
            Ok::<_, Error>(case)
        })
        .unwrap()
}

/// A night as it was tried before.
fn as_tried(store: &Store, policy: &Policy, day: Date) -> sweep::Report {
    let tried = night(store, policy, day, true);
    let done = night(store, policy, day, false);
    let said = |report: &sweep::Report| (report.disposed.clone(), report.gone, report.cut, report.tasks);
    assert_eq!(said(&tried), said(&done), "a night tried is the night done");
    done
}

fn deliveries(store: &Store) -> Vec<(TaskId, Option<EngagementId>)> {
    let open = store.read(|tx| task::open(tx, None, 9)).unwrap();
    open.iter().filter(|task| task.kind == Kind::Deliver).map(|task| (task.id, task.engagement)).collect()
}

fn confirm(store: &Store, policy: &Policy, which: TaskId, on: Date) {
    store.write(|tx| sweep::confirm(tx, policy, which, on, None, Some("signed for"), noon(on))).unwrap();
}

fn hold_on(store: &Store, person: Option<PersonId>, engagement: Option<EngagementId>, since: Date) -> i64 {
    store
        .write(|tx| {
            let new = staff::NewAccount {
                name: "Ned",
                email: "ned@blue-turtle.example",
                role: "investigator",
                person: None,
                since: OPENED,
            };
            let owner = staff::add(tx, &new, noon(OPENED))?;
            let review_on = since.saturating_add(jiff::Span::new().days(120));
            let new = NewHold { person, engagement, reason: "a claim", owner, since, review_on };
            hold::place(tx, &new, noon(since))
        })
        .unwrap()
}

/// Somebody has looked through what speaks of whoever was erased.
fn looked_through(store: &Store, policy: &Policy) {
    let open = store.read(|tx| task::open(tx, None, 9)).unwrap();
    for task in open.iter().filter(|task| task.kind == Kind::Mask) {
        let said = |tx: &Tx<'_>| sweep::confirm(tx, policy, task.id, LEFT, None, Some("masked"), noon(LEFT));
        store.write(said).unwrap();
    }
}

/// Edna has asked to be erased from the first of two cases that her file lies on. It is handed over for her, and stays on that case for
/// Tom, who is in it as well.
fn handed_over_for_one_of_two(store: &Store, policy: &Policy, how: Kind) {
    let kind = policy.kind_named("hr file").unwrap().id;
    let (edna, first) = case(store, policy);
    let tom = someone(
        store,
        policy,
        "employee",
        OPENED,
        &[("name", "Tom Birch"), ("email", "tom.birch@forge.example")],
    );
    let file = files::write(store, &b"their files"[..]).unwrap();
    let (on, later) = (date(2018, 4, 1), date(2020, 5, 14));
    let both = store
        .write(|tx| {
            engagement::join(tx, first, tom, "employee", OPENED)?;
            let new = NewEngagement {
                work: policy.work_named("investigation").unwrap().id,
                title: "Another investigation",
                opened_on: OPENED,
                paid_by_organisation: None,
                paid_by_person: None,
            };
            let second = engagement::open(tx, policy, &new, noon(OPENED))?;
            engagement::join(tx, second, edna, "employee", OPENED)?;
            let new = NewDocument {
                kind,
                title: "Their files",
                place: Where::File(&file, "text/plain"),
                on,
                source: "the person",
                people: &[(edna, Role::Subject), (tom, Role::Subject)],
                engagements: &[(first, None), (second, None)],
                by: None,
            };
            let both = document::add(tx, policy, &new, noon(on))?;
            engagement::record_milestone(tx, policy, second, "case closed", later, None, noon(later))?;
            settle(tx, policy, edna, later)?;
            settle(tx, policy, tom, later)?;
            Ok::<_, Error>(both)
        })
        .unwrap();
    let of_first = format!("WHERE person_id = {edna} AND engagement_id = {first}");
    run_sql(
        store,
        &format!("UPDATE ground SET state = 'stopped', stopped_on = '{LEFT}', cause = 'erased' {of_first}"),
    );
    let asked = || {
        let open = store.read(|tx| task::open(tx, None, 50)).unwrap().into_iter();
        let theirs = open.filter(|task| task.document == Some(both) && task.kind == how);
        theirs.map(|task| (task.person, task.engagement, task.id)).collect::<Vec<_>>()
    };
    let lies = |on: &str| {
        count(store, &format!("SELECT COUNT(*) FROM document_work WHERE document_id = {both} {on}"))
    };
    as_tried(store, policy, LEFT);
    let hers = asked();
    assert!(matches!(&hers[..], [(who, work, _)] if (*who, *work) == (Some(edna), Some(first))), "{hers:?}");
    confirm(store, policy, hers[0].2, LEFT);
    assert_eq!(lies(""), 2, "Tom's clause needs it on the first");
    // Whenever a night looks at her again.
    run_sql(store, &format!("UPDATE ground SET swept_at = NULL {of_first}"));
    let next = LEFT.tomorrow().unwrap();
    as_tried(store, policy, next);
    assert_eq!(asked().len(), 0, "it was handed over");
    let rule =
        policy.rules.iter().find(|rule| rule.kinds.contains(kind) && rule.then.hands_over()).unwrap().id;
    let by_hand = prove::obligation(store, policy, &Obligation::DoneByHand { rule }, noon(next), next);
    assert_eq!(by_hand.unwrap().broken, Vec::<String>::new());
    // Once nobody on it needs it any more, it leaves the first case with what is handed over for her.
    run_sql(store, &format!("UPDATE task SET done_on = NULL WHERE id = {}", hers[0].2));
    run_sql(
        store,
        &format!(
            "UPDATE ground SET state = 'stopped', stopped_on = '{LEFT}', cause = 'erased' WHERE person_id = {tom}"
        ),
    );
    confirm(store, policy, hers[0].2, next);
    let on_first = format!("AND engagement_id = {first}");
    assert_eq!((lies(""), lies(&on_first)), (1, 0));
}

both! {
    fn what_is_given_back_for_one_stays_on_the_work_for_another_who_needs_it_there(store) {
        handed_over_for_one_of_two(store, &pack("blue-turtle"), Kind::Return);
    }

    fn what_one_gets_a_copy_of_stays_on_the_work_for_another_who_needs_it_there(store) {
        let policy = reworded("blue-turtle", "return to employer, then erase", "deliver, then erase");
        handed_over_for_one_of_two(store, &policy, Kind::Deliver);
    }

    fn the_last_person_leaves_on_the_last_night_of_the_work_and_the_report_is_still_delivered(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        contact(store, &policy, case);
        erased(store, &policy, edna);
        looked_through(store, &policy);
        assert_eq!(count(store, "SELECT COUNT(*) FROM engagement_person"), 1);
        let done = as_tried(store, &policy, OVER);
        assert_eq!((done.cut, done.disposed.get("work record")), (1, None), "{done:?}");
        assert_eq!(count(store, "SELECT COUNT(*) FROM engagement_person"), 0);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document_work"), 1, "the report has not lost its work");
        let owed = deliveries(store);
        assert_eq!(owed.iter().map(|(_, work)| *work).collect::<Vec<_>>(), [Some(case)]);
        assert_eq!(broken(store, &policy, OVER), Vec::<String>::new());
        let next = OVER.tomorrow().unwrap();
        assert_eq!(as_tried(store, &policy, next).rows(), 0, "it waits for somebody's hand");
        confirm(store, &policy, owed[0].0, next);
        let last = next.tomorrow().unwrap();
        assert_eq!(as_tried(store, &policy, last).disposed.get("work record"), Some(&1));
        for table in ["engagement", "document", "ground WHERE person_id IS NULL"] {
            assert_eq!(count(store, &format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
        }
        assert_eq!(broken(store, &policy, last), Vec::<String>::new());
    }

    fn work_is_not_done_with_while_somebody_on_it_is_kept(store) {
        let policy = pack("blue-turtle");
        let (edna, _) = case(store, &policy);
        let hold = hold_on(store, Some(edna), None, date(2024, 5, 1));
        let kept = night(store, &policy, OVER, false);
        assert!(kept.held > 0 && kept.rows() == 0, "{kept:?}");
        let waits = "SELECT COUNT(*) FROM ground WHERE person_id IS NULL AND state = 'stopped' AND swept_at IS NULL";
        assert_eq!(count(store, waits), 1, "the report is still there");
        store.write(|tx| hold::end(tx, hold, date(2024, 6, 1), "settled", None)).unwrap();
        let next = date(2024, 6, 2);
        as_tried(store, &policy, next);
        let owed = deliveries(store);
        assert_eq!(owed.len(), 1);
        confirm(store, &policy, owed[0].0, next);
        night(store, &policy, next.tomorrow().unwrap(), false);
        assert_eq!(count(store, waits), 0);
        assert_eq!(count(store, "SELECT COUNT(*) FROM engagement"), 0);
    }

    fn a_report_on_two_cases_is_delivered_for_each_and_stays_for_the_second(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        let other = second(store, &policy, date(2020, 5, 14));
        erased(store, &policy, edna);
        looked_through(store, &policy);
        let done = as_tried(store, &policy, OVER);
        assert_eq!((done.tasks, done.rows()), (1, 0), "{done:?}");
        let owed = deliveries(store);
        assert_eq!(owed.iter().map(|(_, work)| *work).collect::<Vec<_>>(), [Some(case)]);
        let usable = "SELECT COUNT(*) FROM document WHERE usable = 1";
        assert_eq!(count(store, usable), 1, "the other case goes on with it");
        assert_eq!(night(store, &policy, date(2024, 5, 16), false).tasks, 0, "asked once");
        // Behind the program's back nobody is asked any more: it is not without a ground, and owed all the same.
        run_sql(store, "CREATE TABLE aside AS SELECT * FROM task; DELETE FROM task");
        let said = broken(store, &policy, date(2024, 5, 16));
        let lies = format!("still lies on work {case}, which let go of it on 2024-05-15, and nobody is to hand it over");
        assert!(said.iter().any(|said| said.ends_with(&lies)), "{said:?}");
        run_sql(store, "INSERT INTO task SELECT * FROM aside; DROP TABLE aside");
        assert_eq!(broken(store, &policy, date(2024, 5, 16)), Vec::<String>::new());
        confirm(store, &policy, owed[0].0, date(2024, 5, 17));
        assert_eq!(count(store, usable), 1);
        let on = format!("SELECT COUNT(*) FROM document_work WHERE engagement_id = {other}");
        assert_eq!((count(store, "SELECT COUNT(*) FROM document_work"), count(store, &on)), (1, 1));
        let gone = night(store, &policy, date(2024, 5, 18), false);
        assert_eq!(gone.disposed.get("work record"), Some(&1), "the first case goes, {gone:?}");
        assert_eq!(broken(store, &policy, date(2024, 5, 18)), Vec::<String>::new());

        let end = date(2026, 5, 15);
        as_tried(store, &policy, end);
        let owed = deliveries(store);
        assert_eq!(owed.iter().map(|(_, work)| *work).collect::<Vec<_>>(), [Some(other)]);
        assert_eq!(count(store, usable), 0);
        confirm(store, &policy, owed[0].0, end);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document"), 0);
    }

    fn cases_that_end_together_each_hand_over_the_report(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        let other = second(store, &policy, CLOSED);
        erased(store, &policy, edna);
        looked_through(store, &policy);
        as_tried(store, &policy, OVER);
        let mut owed = deliveries(store);
        owed.sort_by_key(|(_, work)| *work);
        assert_eq!(owed.iter().map(|(_, work)| *work).collect::<Vec<_>>(), [Some(case), Some(other)]);
        confirm(store, &policy, owed[0].0, OVER);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document"), 1, "the second has not been delivered");
        confirm(store, &policy, owed[1].0, OVER);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document"), 0);
    }

    fn whose_clause_ends_first_gets_a_copy_before_they_are_cut_out_of_what_stays_for_another(store) {
        let policy = reworded("blue-turtle", "return to employer, then erase", "deliver, then erase");
        let kind = policy.kind_named("hr file").unwrap().id;
        let (edna, first) = case(store, &policy);
        let tom = someone(store, &policy, "employee", OPENED, &[("name", "Tom Birch"), ("email", "tom.birch@forge.example")]);
        let (file, on, later) = (files::write(store, &b"their files"[..]).unwrap(), date(2018, 4, 1), date(2020, 5, 14));
        let both = store.write(|tx| {
            let new = NewEngagement {
                work: policy.work_named("investigation").unwrap().id,
                title: "Another investigation",
                opened_on: OPENED,
                paid_by_organisation: None,
                paid_by_person: None,
            };
            let second = engagement::open(tx, &policy, &new, noon(OPENED))?;
            engagement::join(tx, second, tom, "employee", OPENED)?;
            settle(tx, &policy, tom, OPENED)?;
            let new = NewDocument {
                kind, title: "Their files", place: Where::File(&file, "text/plain"), on, source: "the person",
                people: &[(edna, Role::Subject), (tom, Role::Subject)], engagements: &[(first, None), (second, None)], by: None,
            };
            let both = document::add(tx, &policy, &new, noon(on))?;
            engagement::record_milestone(tx, &policy, second, "case closed", later, None, noon(later))?;
            settle(tx, &policy, edna, CLOSED)?;
            settle(tx, &policy, tom, later)?;
            Ok::<_, Error>(both)
        }).unwrap();
        let asked = || {
            let open = store.read(|tx| task::open(tx, None, 50)).unwrap().into_iter();
            let theirs = open.filter(|task| task.document == Some(both) && task.kind == Kind::Deliver);
            theirs.map(|task| (task.person, task.id)).collect::<Vec<_>>()
        };
        let of = |who: PersonId| count(store, &format!("SELECT COUNT(*) FROM document_person WHERE document_id = {both} AND person_id = {who}"));
        let details = |who: PersonId| count(store, &format!("SELECT COUNT(*) FROM item WHERE person_id = {who}"));
        let stays = format!("SELECT COUNT(*) FROM document d JOIN document_work w ON w.document_id = d.id WHERE d.id = {both} AND d.usable = 1");
        let rule = policy.rules.iter().find(|rule| rule.kinds.contains(kind) && rule.then.hands_over()).unwrap().id;
        let by_hand = |day| prove::obligation(store, &policy, &Obligation::DoneByHand { rule }, noon(day), day).unwrap().broken;

        // Her clause ends years before his: she is asked for once, and in it until she has her copy. For him it goes on.
        as_tried(store, &policy, OVER);
        let next = date(2024, 5, 16);
        assert_eq!(as_tried(store, &policy, next).tasks, 0);
        let hers = asked();
        assert_eq!(hers.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [Some(edna)]);
        assert_eq!((of(edna), details(edna), count(store, &stays)), (1, 2, 2), "with her name, and where it goes");
        assert_eq!(by_hand(next), Vec::<String>::new());
        // Behind the program's back nobody is asked any more.
        run_sql(store, "CREATE TABLE aside AS SELECT * FROM task");
        run_sql(store, &format!("DELETE FROM task WHERE document_id = {both}"));
        assert!(by_hand(next).iter().any(|said| said.starts_with(&format!("document {both} still lies on work {first}"))), "{:?}", by_hand(next));
        run_sql(store, "DELETE FROM task; INSERT INTO task SELECT * FROM aside; DROP TABLE aside");
        confirm(store, &policy, hers[0].1, next);
        assert_eq!((of(edna), by_hand(next)), (1, vec![]), "the night is still to come");
        as_tried(store, &policy, date(2024, 5, 17));
        assert_eq!((of(edna), of(tom), details(edna), count(store, &stays)), (0, 1, 0, 1), "her work goes with her");
        assert_eq!(by_hand(date(2024, 5, 17)), Vec::<String>::new());

        let end = date(2026, 5, 15);
        as_tried(store, &policy, end);
        let his = asked();
        assert_eq!(his.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [Some(tom)]);
        confirm(store, &policy, his[0].1, end);
        assert_eq!(count(store, &format!("SELECT COUNT(*) FROM document WHERE id = {both}")), 0);
    }

    fn a_hold_on_the_second_case_keeps_the_report_when_the_first_ends(store) {
        let policy = pack("blue-turtle");
        let (edna, _) = case(store, &policy);
        let other = second(store, &policy, CLOSED);
        erased(store, &policy, edna);
        looked_through(store, &policy);
        hold_on(store, None, Some(other), date(2024, 5, 1));
        let kept = as_tried(store, &policy, OVER);
        assert_eq!((kept.tasks, kept.rows()), (0, 0), "{kept:?}");
        assert!(kept.held >= 2, "{kept:?}");
        assert_eq!(broken(store, &policy, OVER), Vec::<String>::new());
    }

    fn a_preview_lists_what_work_itself_would_lose(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        erased(store, &policy, edna);
        looked_through(store, &policy);
        let shorter = reworded("blue-turtle", "handed over, at most 6 years after case closed", "handed over, at most 1 year after case closed");
        let same = adoption::preview(store, &policy, &policy, LEFT).unwrap();
        assert_eq!(same.of_works, []);
        let preview = adoption::preview(store, &policy, &shorter, LEFT).unwrap();
        let lost: Vec<_> = preview.of_works.iter().map(|one| (one.work, one.kind.as_str())).collect();
        assert_eq!(lost, [(case, "report"), (case, "work record")]);
    }

    fn whoever_should_have_been_cut_from_what_work_keeps_is_found(store) {
        let policy = pack("blue-turtle");
        let (edna, _) = case(store, &policy);
        erased(store, &policy, edna);
        looked_through(store, &policy);
        let rita = someone(store, &policy, "reader", OPENED, &[("name", "Rita Reed")]);
        assert_eq!(broken(store, &policy, LEFT), Vec::<String>::new());
        run_sql(store, &format!("INSERT INTO document_person (document_id, person_id, role) SELECT id, {rita}, 'subject' FROM document"));
        let said = broken(store, &policy, LEFT);
        assert!(said.iter().any(|said| said.contains(&format!("person {rita}")) && said.ends_with("is still in it")), "{said:?}");
    }

    fn only_what_waits_for_a_hand_excuses_a_record_of_work_that_nobody_is_on(store) {
        let policy = pack("blue-turtle");
        let (edna, case) = case(store, &policy);
        erased(store, &policy, edna);
        looked_through(store, &policy);
        for sql in ["DELETE FROM document_work", "DELETE FROM document", "DELETE FROM task",
            "UPDATE ground SET state = 'stopped', stopped_on = '2020-05-01', cause = 'due' WHERE person_id IS NULL"] {
            run_sql(store, sql);
        }
        let record = policy.kind_named("work record").unwrap().id;
        let rule = policy.rules.iter().find(|rule| rule.kinds.contains(record) && policy.activity(rule.activity).unwrap().name == "investigation").unwrap().id;
        let found = || {
            let obligation = Obligation::GoneInTime { rule };
            let broken = prove::obligation(store, &policy, &obligation, noon(LEFT), LEFT).unwrap().broken;
            broken.iter().any(|said| said.starts_with("work record"))
        };
        assert!(found());
        let owe = |kind| store.write(|tx| task::add(tx, &NewTask { engagement: Some(case), ..NewTask::new(kind, "Do it") }, noon(LEFT))).unwrap();
        owe(Kind::Other);
        assert!(found(), "any task is no excuse");
        owe(Kind::Deliver);
        assert!(!found());
    }

    fn whoever_is_erased_is_masked_in_notes_kept_for_the_work(store) {
        let policy = reworded("blue-turtle", "keep       report, appendices for the work until", "keep       report, appendices, interview notes for the work until");
        let (edna, case) = case(store, &policy);
        let request = store.write(|tx| {
            let new = NewEntry {
                kind: policy.kind_named("interview notes").unwrap().id,
                on: date(2018, 4, 1),
                direction: None,
                body: "Edna Frith was on the late shift.",
                source: "the person",
                import: None,
                people: &[(edna, Role::Subject)],
                engagements: &[(case, None)],
                author: None,
            };
            entry::add(tx, &policy, &new, noon(date(2018, 4, 1)))?;
            settle(tx, &policy, edna, LEFT)?;
            let new = NewRequest {
                kind: request::Kind::Erasure, person: edna, name: "Edna Frith", organisation: None, received_on: LEFT,
                channel: "letter", words: None, owner: None, by: None,
            };
            let request = request::open(tx, &policy, &new, noon(LEFT))?;
            let life = store::life::load(tx, &policy, edna, LEFT)?;
            let parts = erase::proposal(&policy, &life, LEFT);
            let stays = parts.iter().find(|part| part.refused == Some(erase::Why::Work)).unwrap();
            assert_eq!(stays.until, Some(date(2024, 5, 14)), "the answer says so");
            erase::grant(tx, &policy, store.keys(), edna, &Default::default(), request, None, ACTOR, LEFT, noon(LEFT))?;
            Ok::<_, Error>(request)
        });
        request.unwrap();
        assert_eq!(count(store, "SELECT COUNT(*) FROM entry_person"), 0);
        let body = store.read(|tx| tx.one("SELECT body FROM entry", &[], |row| row.text(0))).unwrap();
        assert_eq!(body, "[removed] was on the late shift.");
        assert_eq!(count(store, "SELECT COUNT(*) FROM document_person"), 0);
        assert_eq!(count(store, "SELECT COUNT(*) FROM document_work"), 1);
    }
}

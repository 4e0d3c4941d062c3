//! Complaints: acknowledged within thirty days of those that the duty covers, answered, in their register, forgotten in time.

use app::acts::complaint::{self, Arrived};
use app::acts::confirmation::Telling;
use app::acts::erasure;
use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::request::Who;
use app::fault::Fault;
use custody::id::ComplaintId;
use custody::proof::Obligation;
use jiff::civil::{Date, date};
use store::complaint as kept;

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

fn complained(house: &House, who: Who, received: Date) -> ComplaintId {
    let new = Arrived {
        received_on: received,
        channel: "telephone".into(),
        words: "You wrote to my old address.".into(),
        reach: Some("tara@elsewhere.example".into()),
        behalf: None,
    };
    house.act(|acting, tx| complaint::open(acting, tx, &who, &new)).unwrap()
}

fn found(house: &House, id: ComplaintId) -> kept::Complaint {
    house.read(|tx| kept::one(tx, &house.instance.policy(), id))
}

/// Each is written down on its day and acknowledged on its last one, and the proof is kept in between.
fn due_in(nation: &'static str, vectors: &[(Date, Option<Date>)]) {
    let edit = move |text: String| text.replace("uk, england-wales", &format!("uk, {nation}"));
    on_both_keeping(edit, |house| {
        let broken = || {
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let heard = &Obligation::ComplaintsAcknowledged;
            store::prove::obligation(&house.instance.store, &policy, heard, clock.now(), clock.today())
                .unwrap()
                .broken
        };
        let kept = || assert_eq!(broken(), Vec::<String>::new());
        for (received, due) in vectors {
            house.go_to(*received);
            let id = complained(house, Who::Said(format!("Whoever of {received}")), *received);
            assert_eq!(found(house, id).due_on, *due, "{received} in {nation}");
            let Some(due) = *due else { continue };
            house.go_to(due);
            kept();
            house.go_to(due.tomorrow().unwrap());
            assert_eq!(broken(), [format!("complaint {id} was not acknowledged by {due}")], "in {nation}");
            house.go_to(due);
            house
                .act(|acting, tx| complaint::acknowledged(acting, tx, id, (acting.today, "by telephone")))
                .unwrap();
            house.go_to(due.tomorrow().unwrap());
            kept();
        }
    });
}

/// Examples 36 to 38: the one from before the duty is never late.
#[test]
fn thirty_days_on_to_a_working_day_and_nothing_before_the_duty() {
    let before = (date(2026, 6, 18), None);
    let one = (date(2026, 6, 19), Some(date(2026, 7, 20)));
    due_in("england-wales", &[before, one, (date(2026, 12, 2), Some(date(2027, 1, 4)))]);
    due_in("scotland", &[before, one, (date(2026, 12, 2), Some(date(2027, 1, 5)))]);
    due_in("northern-ireland", &[before, one, (date(2026, 12, 2), Some(date(2027, 1, 4)))]);
}

#[test]
fn a_complaint_goes_from_its_day_to_its_outcome_by_letters() {
    on_both(|house| {
        let tara = house.tara();
        let id = complained(house, Who::Held(tara), TODAY);
        let write = |sort, why: &'static str| {
            house
                .act(|acting, tx| letter::draft(acting, tx, About::Complaint(id), sort, (why, None)))
                .unwrap()
        };
        let send =
            |letter, to| house.act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::Mail(to)));
        send(write(Sort::Acknowledgement, ""), "given").unwrap();
        assert_eq!(found(house, id).acknowledged_on, Some(TODAY));
        house
            .act(|acting, tx| complaint::noted(acting, tx, id, ("looked into", "an old list was used")))
            .unwrap();
        send(write(Sort::Progress, "we have found the old list"), "held").unwrap();
        house.go_to(date(2026, 11, 12));
        assert!(invalid(
            &house.act(|acting, tx| complaint::answer(acting, tx, id, (" ", acting.today))).unwrap_err(),
            "told"
        ));
        send(write(Sort::Outcome, "the old list is gone, and we are sorry"), "held").unwrap();
        let closed = found(house, id);
        assert_eq!(
            (closed.answered_on, closed.closed_on),
            (Some(date(2026, 11, 12)), Some(date(2026, 11, 12)))
        );
        let bodies = house.read(|tx| {
            tx.all("SELECT address, body FROM message WHERE sort = 'rights' ORDER BY id", &[], |row| {
                Ok((row.text(0)?, row.text(1)?))
            })
        });
        assert_eq!(bodies.len(), 3);
        assert_eq!(bodies[0].0, "tara@elsewhere.example");
        assert!(
            bodies[2].1.contains("The old list is gone") && bodies[2].1.contains("Information Commissioner"),
            "{}",
            bodies[2].1
        );
        assert!(matches!(
            house.act(|acting, tx| complaint::noted(acting, tx, id, ("looked into", "more"))),
            Err(Fault::Changed)
        ));
        assert_eq!(house.read(|tx| kept::register(tx, &house.instance.policy(), None, 10)).len(), 1);
        // What an erasure leaves of it is that it was made and answered.
        house
            .act(|acting, tx| {
                erasure::carry_out(
                    acting,
                    tx,
                    tara,
                    None,
                    (erasure::Reason::Asked.known(), None),
                    Telling::Already("by letter"),
                )
            })
            .unwrap();
        let everything = house.left();
        for gone in ["old list", "tara@elsewhere.example", "Tara Quill"] {
            assert!(!everything.contains(gone), "{gone} is still there");
        }
        assert_eq!(
            house.read(|tx| tx.count("SELECT COUNT(*) FROM complaint WHERE answered_on IS NOT NULL", &[])),
            1
        );
    });
}

#[test]
fn an_acknowledgement_that_does_not_leave_acknowledges_nothing() {
    on_both(|house| {
        let tara = house.tara();
        let id = complained(house, Who::Held(tara), TODAY);
        let draft = || {
            let sort = Sort::Acknowledgement;
            house.act(|acting, tx| letter::draft(acting, tx, About::Complaint(id), sort, ("", None))).unwrap()
        };
        let one = draft();
        house.act(|acting, tx| letter::send(acting, tx, (one, 1), Leaves::Mail("held"))).unwrap();
        assert_eq!(found(house, id).acknowledged_on, Some(TODAY));
        app::jobs::outbox::give_up(&house.instance, "the mail server answered 550").unwrap();
        assert_eq!(found(house, id).acknowledged_on, None);
        let task = "SELECT COUNT(*) FROM task WHERE what LIKE 'Tell them otherwise%' AND done_on IS NULL";
        assert_eq!(house.read(|tx| tx.count(task, &[])), 1);
        // Behind the program's back it counts as told all the same, and is found the day after.
        let sql = "UPDATE complaint SET acknowledged_on = '2026-11-03'";
        house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        house.go_to(date(2026, 11, 4));
        let broken = || {
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let heard = &Obligation::ComplaintsAcknowledged;
            let seen =
                store::prove::obligation(&house.instance.store, &policy, heard, clock.now(), clock.today());
            seen.unwrap().broken
        };
        assert!(
            broken()[0].contains("counts on a letter (acknowledgement) that did not leave"),
            "{:?}",
            broken()
        );
        let again = draft();
        let by_hand = |on| Leaves::ByHand(on, "read out on the telephone");
        let early = house.act(|acting, tx| letter::send(acting, tx, (again, 1), by_hand(TODAY)));
        assert!(invalid(&early.unwrap_err(), "on"), "not before it was written");
        house.act(|acting, tx| letter::send(acting, tx, (again, 1), by_hand(acting.today))).unwrap();
        assert_eq!(broken(), Vec::<String>::new());
    });
}

#[test]
fn a_complaint_that_nobody_acknowledged_breaks_the_promise() {
    on_both(|house| {
        let id = complained(house, Who::Said("Somebody".into()), TODAY);
        let broken = || {
            let (policy, clock) = (house.instance.policy(), &house.instance.clock);
            let heard = &Obligation::ComplaintsAcknowledged;
            store::prove::obligation(&house.instance.store, &policy, heard, clock.now(), clock.today())
                .unwrap()
                .broken
        };
        assert_eq!(broken(), Vec::<String>::new());
        house.go_to(date(2026, 12, 4));
        assert_eq!(broken(), [format!("complaint {id} was not acknowledged by 2026-12-03")]);
        house
            .act(|acting, tx| complaint::acknowledged(acting, tx, id, (date(2026, 12, 3), "by telephone")))
            .unwrap();
        assert_eq!(broken(), Vec::<String>::new());
        let spoil = |sql: &str| assert_eq!(house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap(), 1);
        spoil("UPDATE complaint SET acknowledged_on = '2026-12-04'");
        assert!(broken()[0].contains("was not acknowledged by"));
        spoil("UPDATE complaint SET acknowledged_on = '2026-12-01', due_on = '2027-06-01'");
        assert!(broken()[0].contains("goes by a later day than the law's"));
        spoil("UPDATE complaint SET due_on = NULL");
        assert!(broken()[0].contains("goes by no day"));
        spoil(
            "UPDATE complaint SET due_on = '2026-12-03', closed_on = '2026-12-04', answered_on = '2026-12-04'",
        );
        assert!(broken()[0].contains("was closed without an outcome"));
    });
}

#[test]
fn a_moved_complaint_has_neither_the_name_nor_the_letters_of_whoever_it_was_filed_to() {
    on_both(|house| {
        let tara = house.tara();
        let id = complained(house, Who::Said("tara.quill@brightwell.example".into()), TODAY);
        assert_eq!(found(house, id).person, Some(tara));
        let name = || {
            let sql = "SELECT asked_by FROM complaint";
            house.read(|tx| tx.one(sql, &[], |row| row.text(0)))
        };
        assert_eq!(name(), "Tara Quill");
        let sent = |sort: Sort, why: &'static str| {
            let about = About::Complaint(id);
            let drafted = house.act(|acting, tx| letter::draft(acting, tx, about, sort, (why, None)));
            let letter = drafted.unwrap();
            let how = Leaves::ByHand(TODAY, "by post");
            house.act(|acting, tx| letter::send(acting, tx, (letter, 1), how)).unwrap();
            letter
        };
        let misfiled = || house.act(|acting, tx| complaint::misfiled(acting, tx, id, "her mother wrote"));
        let first = sent(Sort::Acknowledgement, "");
        misfiled().unwrap();
        assert_eq!(name(), "Somebody else");
        let whose = format!("SELECT person_id FROM letter WHERE id = {}", first.0);
        assert_eq!(house.read(|tx| tx.one(&whose, &[], |row| row.int(0))), tara.0, "what she got stays hers");
        // What left while it was nobody's left to somebody else.
        sent(Sort::Progress, "we look into it");
        house.go_to(date(2026, 11, 4));
        house.act(|acting, tx| complaint::tie(acting, tx, id, (tara, "known"))).unwrap();
        misfiled().unwrap();
    });
}

#[test]
fn a_moved_complaint_says_nothing_of_what_was_found_out_of_whoever_it_was_filed_to() {
    on_both(|house| {
        let tara = house.tara();
        let id = complained(house, Who::Said("tara.quill@brightwell.example".into()), TODAY);
        let note = |step: &'static str, note: &'static str| {
            house.act(|acting, tx| complaint::noted(acting, tx, id, (step, note))).unwrap();
        };
        let misfiled = || house.act(|acting, tx| complaint::misfiled(acting, tx, id, "her mother wrote"));
        note("looked into", "Tara Quill left the firm in May");
        misfiled().unwrap();
        let notes = || {
            let sql = "SELECT note FROM complaint_step WHERE note IS NOT NULL ORDER BY id";
            house.read(|tx| tx.all(sql, &[], |row| row.text(0)))
        };
        assert_eq!(notes(), ["her mother wrote"], "why it was moved, and nothing of her");
        // What somebody else was told of it does not make it Tara's.
        note(kept::PROGRESS, "we told her on the telephone");
        house.go_to(date(2026, 11, 4));
        house.act(|acting, tx| complaint::tie(acting, tx, id, (tara, "known"))).unwrap();
        misfiled().unwrap();
        assert_eq!(notes(), ["her mother wrote", "her mother wrote"]);
        house.act(|acting, tx| complaint::tie(acting, tx, id, (tara, "known"))).unwrap();
        note(kept::PROGRESS, "we rang, and said what we had found");
        assert!(invalid(&misfiled().unwrap_err(), "misfiled-why"), "she was told");
        assert_eq!(found(house, id).person, Some(tara));
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
    });
}

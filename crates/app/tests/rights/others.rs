//! What the desk's pages say to others: to whoever reads the registers, and to whoever got somebody's details from us.

use app::acts::confirmation::Telling;
use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::request::{self as desk, Arrived, Who};
use app::acts::{erasure, identity};
use custody::id::{PersonId, RequestId, TaskId};
use store::paper::{self, NewPaper};

use super::doors::{Doors, on_both};
use super::house::{invalid, went};

fn opened(doors: &Doors, ask: &str) -> RequestId {
    let new = Arrived {
        ask: ask.into(),
        who: Who::Held(PersonId(doors.ada())),
        received_on: jiff::civil::date(2026, 11, 20),
        channel: "letter".into(),
        words: "Please.".into(),
    };
    doors.act("helen", |acting, tx| desk::open(acting, tx, &new))
}

/// Ada's number went to Morgan Pike.
fn passed(doors: &Doors) {
    let ada = PersonId(doors.ada());
    doors.act("helen", |acting, tx| went(acting, tx, ada, ("phone", "Morgan Pike", "enquiries")));
}

#[test]
fn a_register_says_what_a_letter_has_refused() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let id = opened(doors, "erasure");
        let register = || doors.get("/registers/erasure", &helen).text;
        assert!(register().contains("A.M.") && !register().contains(": refused"), "{}", register());
        doors.act("helen", |acting, tx| {
            let why = ("a court has us keep it", None);
            let refusal = letter::draft(acting, tx, About::Request(id), Sort::Refusal, why)?;
            letter::send(acting, tx, (refusal, 1), Leaves::ByHand(acting.today, "by post")).map(drop)
        });
        assert!(register().contains("answered: refused Fri 20 Nov 2026"), "{}", register());
        // Refused by the act that looks at each part it says so once.
        let steps = "INSERT INTO request_step (id, request_id, on_date, step, recorded_at)
            SELECT 9000001, request_id, on_date, 'refused', recorded_at FROM request_step WHERE step = 'answered'";
        doors.act("helen", |_, tx| Ok(tx.exec(steps, &[])?));
        assert_eq!(register().matches("refused Fri").count(), 1, "{}", register());
    });
}

#[test]
fn what_a_recipient_answered_is_asked_for_by_its_name_and_stands_with_the_task_and_its_request() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        passed(doors);
        let id = opened(doors, "objection");
        doors.act("helen", |acting, tx| identity::known(acting, tx, id, ("known", acting.today)));
        let task = doors.number("SELECT id FROM task WHERE kind = 'tell recipient'");
        let page = doors.get(&format!("/tasks/{task}"), &helen);
        assert!(page.text.contains("What they answered"), "{}", page.text);
        assert!(!doors.get(&format!("/requests/{id}"), &helen).text.contains("They answered:"));
        let form = "on=2026-11-20&note=they+keep+it+apart";
        assert_eq!(doors.post(&format!("/tasks/{task}"), &helen, form).status, 303);
        for page in [format!("/tasks/{task}"), format!("/requests/{id}")] {
            let page = doors.get(&page, &helen).text;
            assert!(page.contains("on Fri 20 Nov 2026. They answered: they keep it apart"), "{page}");
        }
    });
}

#[test]
fn the_task_of_telling_whoever_had_what_is_erased_has_the_letter_and_whom_it_is_about() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = PersonId(doors.ada());
        passed(doors);
        let id = opened(doors, "erasure");
        doors.act("helen", |acting, tx| {
            let why = (erasure::Reason::Asked.known(), None);
            erasure::carry_out(acting, tx, ada, Some(id), why, Telling::Already("by telephone"))
        });
        let task = doors.number("SELECT id FROM task WHERE kind = 'tell recipient'");
        let page = doors.get(&format!("/tasks/{task}"), &helen).text;
        for said in
            ["About whom", "You had data about Ada Marlowe from us.", "the details we passed on are erased"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
        let form = "on=2026-11-20&note=it+is+gone+there";
        assert_eq!(doors.post(&format!("/tasks/{task}"), &helen, form).status, 303);
        let page = doors.get(&format!("/tasks/{task}"), &helen).text;
        assert!(page.contains("They answered: it is gone there") && !page.contains("Marlowe"), "{page}");
    });
}

#[test]
fn while_paper_waits_the_letter_to_whoever_had_it_stands_with_its_task_and_what_they_answer_stays() {
    on_both(|doors| {
        let helen = doors.sign_in("helen");
        let ada = PersonId(doors.ada());
        passed(doors);
        let id = opened(doors, "erasure");
        doors.act("helen", |acting, tx| {
            let file = NewPaper {
                person: ada,
                engagement: None,
                what: "notes of calls",
                place: "cabinet 2",
                since: acting.today,
                by: acting.staff_id(),
            };
            paper::add(tx, &file, acting.now)?;
            let why = (erasure::Reason::Asked.known(), None);
            erasure::carry_out(acting, tx, ada, Some(id), why, Telling::Already("by telephone"))
        });
        let task = doors.number("SELECT id FROM task WHERE kind = 'tell recipient'");
        let page = doors.get(&format!("/requests/{id}"), &helen).text;
        let there = format!("href=\"/tasks/{task}\">The letter, and confirm</a>");
        assert!(page.contains(&there) && !page.contains("Draft a letter to them"), "{page}");
        let page = doors.get(&format!("/tasks/{task}"), &helen).text;
        assert!(page.contains("You had data about Ada Marlowe from us."), "{page}");
        // A page of before offers it still: it does not write of somebody without a name.
        let drafted = doors.act("helen", |acting, tx| {
            let which = ("", Some(TaskId(task)));
            Ok(letter::draft(acting, tx, About::Request(id), Sort::Recipient, which)
                .map_err(|fault| invalid(&fault, "sort")))
        });
        assert_eq!(drafted, Err(true));

        // What they answer stays when the request is closed, and so has no name in it.
        let named = "on=2026-11-20&note=all+of+Ms+Marlowe+is+gone+there";
        let page = doors.post(&format!("/tasks/{task}"), &helen, named);
        assert_eq!(page.status, 422);
        assert!(page.text.contains("says who they are"), "{}", page.text);
        let form = "on=2026-11-20&note=it+is+gone+there";
        assert_eq!(doors.post(&format!("/tasks/{task}"), &helen, form).status, 303);
        let paper = doors.number("SELECT id FROM task WHERE kind = 'destroy paper'");
        let form = "on=2026-11-20&note=shredded+at+cabinet+2";
        assert_eq!(doors.post(&format!("/tasks/{paper}"), &helen, form).status, 303);
        assert_eq!(doors.number("SELECT COUNT(*) FROM request WHERE closed_on IS NOT NULL"), 1);
        let page = doors.get(&format!("/requests/{id}"), &helen).text;
        let told =
            "Tell whoever had the details from us: done on Fri 20 Nov 2026. They answered: it is gone there";
        assert!(page.contains(told) && page.contains("Done by hand"), "{page}");
        let kept = doors.read(|tx| {
            let sql = "SELECT COALESCE(what, '') || COALESCE(outcome, '') || COALESCE(about, '') FROM task WHERE done_on IS NOT NULL";
            tx.all(sql, &[], |row| row.text(0))
        });
        let kept = kept.concat();
        assert!(!kept.contains("Marlowe") && !kept.contains("cabinet"), "{kept}");
    });
}

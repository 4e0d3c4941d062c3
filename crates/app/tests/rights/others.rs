//! What the desk's pages say to others: to whoever reads the registers, and to whoever got somebody's details from us.

use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::request::{self as desk, Arrived, Who};
use custody::id::{PersonId, RequestId};

use super::doors::{Doors, on_both};

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

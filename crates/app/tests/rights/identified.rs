//! Nothing is given out, put right or erased for whoever asks before it is written down how we know who asks: to know them is enough,
//! and it has to be said.

use app::acts::confirmation::Telling;
use app::acts::delivery;
use app::acts::erasure::{self, Because, Reason};
use app::acts::request::{self as desk, Outcome, Who, correcting};
use app::acts::restriction::{self, Asking};
use app::fault::Fault;
use custody::id::RequestId;
use custody::life::Scope;
use store::objection::{self, NewObjection};

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

fn answer(house: &House, id: RequestId, outcome: Outcome) -> Result<desk::Done, Fault> {
    house.act(|acting, tx| {
        desk::answer(acting, tx, id, outcome, ("As we wrote. You can complain.", acting.today))
    })
}

fn found(house: &House, words: &str) {
    let broken = house.look("identity-known").broken;
    assert!(broken.iter().any(|one| one.contains(words)), "{words}: {broken:?}");
}

#[test]
fn no_copy_and_no_correction_before_it_is_said_how_we_know_who_asks() {
    on_both(|house| {
        let tara = house.tara();
        let copy = house.opened("access", Who::Held(tara));
        house.act(|acting, tx| desk::noted(acting, tx, copy, "pack made", "")).unwrap();
        let offered = house.act(|acting, tx| delivery::offer(acting, tx, copy));
        assert!(invalid(&offered.unwrap_err(), "identity"), "no link");
        assert!(invalid(&answer(house, copy, Outcome::Done).unwrap_err(), "identity"), "no answer");
        let right = house.opened("rectification", Who::Held(tara));
        assert!(invalid(&answer(house, right, Outcome::Partly).unwrap_err(), "identity"));
        let stop = house.opened("objection", Who::Held(tara));
        assert!(invalid(&answer(house, stop, Outcome::Done).unwrap_err(), "identity"), "nothing is stopped");
        // A refusal gives nothing out, and stops nothing.
        answer(house, house.opened("access", Who::Held(tara)), Outcome::Refused).unwrap();
        answer(house, stop, Outcome::Refused).unwrap();
        house.known(copy);
        let paper =
            || house.act(|acting, tx| correcting::elsewhere(acting, tx, right, "her title, on paper"));
        assert!(invalid(&paper().unwrap_err(), "identity"), "nothing is put right");
        house.known(right);
        paper().unwrap();
        answer(house, copy, Outcome::Done).unwrap();
        answer(house, right, Outcome::Done).unwrap();
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
        house.spoil(&format!(
            "DELETE FROM request_step WHERE step = 'identity known' AND request_id = {}",
            copy.0
        ));
        found(house, &format!("request {} was carried out, and nothing says how we knew who asked", copy.0));
    });
}

#[test]
fn nothing_is_erased_for_somebody_who_asks_and_of_whom_nobody_says_how_we_know_them() {
    on_both(|house| {
        let tara = house.tara();
        let erase = |asked: Option<RequestId>, why: Because<'static>| {
            house.act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, asked, (why, None), Telling::Already("by letter"))
            })
        };
        let asked = house.opened("erasure", Who::Held(tara));
        for why in [Reason::Asked, Reason::NotNeeded] {
            assert!(invalid(&erase(Some(asked), why.into()).unwrap_err(), "known"), "they asked: {why:?}");
        }
        let wrong = Because { known: Some("a feeling"), ..Reason::Asked.into() };
        assert!(invalid(&erase(Some(asked), wrong).unwrap_err(), "known"));
        assert!(house.everything().contains("Tara Quill"), "nothing has gone");
        erase(Some(asked), Reason::Asked.known()).unwrap();
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
        // It has to be on record before, and not after.
        let sql = "UPDATE request_step SET id = (SELECT MAX(id) + 1 FROM request_step) WHERE step = 'identity known'";
        house.spoil(sql);
        found(house, "nothing says how we knew who asked");
    });
    on_both(|house| {
        let tara = house.tara();
        let erase = |why: Because<'static>| {
            house.act(|acting, tx| {
                erasure::carry_out(acting, tx, tara, None, (why, None), Telling::Already("by letter"))
            })
        };
        // Asked on the telephone and written down by nobody it is no decision of our own.
        assert!(invalid(&erase(Reason::Asked.into()).unwrap_err(), "asked-how"));
        let unknown = Because { known: None, ..Reason::Asked.known() };
        assert!(invalid(&erase(unknown).unwrap_err(), "known"));
        erase(Reason::NotNeeded.into()).unwrap();
        assert_eq!(
            house.look("identity-known").broken,
            Vec::<String>::new(),
            "our own decision: nobody asks"
        );
    });
}

#[test]
fn a_restriction_is_lifted_once_whoever_it_is_of_was_told_and_it_is_said_how_we_know_that() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("restriction", Who::Held(tara));
        let asking = Asking { why: "she disputes it".into(), request: Some(asked), ..Asking::default() };
        house.act(|acting, tx| restriction::place(acting, tx, tara, &asking)).unwrap();
        let lift = |known: &'static str| {
            house.act(|acting, tx| restriction::lift(acting, tx, tara, ("by telephone", known)))
        };
        assert!(invalid(&lift("").unwrap_err(), "known"));
        lift("known").unwrap();
        let lifted =
            format!("SELECT COUNT(*) FROM request_step WHERE step = 'lifted' AND request_id = {}", asked.0);
        assert_eq!(house.read(|tx| tx.count(&lifted, &[])), 1);
    });
}

#[test]
fn a_policy_that_asks_everybody_who_they_are_is_content_with_knowing_them() {
    let edit = |text: String| {
        text.replace("  register  access:", "  identity  asked of everybody\n  register  access:")
    };
    on_both_keeping(edit, |house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        assert!(invalid(&answer(house, asked, Outcome::Done).unwrap_err(), "identity"));
        house.known(asked);
        answer(house, asked, Outcome::Done).unwrap();
        assert_eq!(house.request(asked).answered_on, Some(TODAY));
    });
}

#[test]
fn an_objection_that_is_weighed_and_refused_never_brings_marketing_back() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("objection", Who::Held(tara));
        house.known(asked);
        answer(house, asked, Outcome::Refused).unwrap();
        let scopes = |so: &str| {
            let sql = format!("SELECT COUNT(*) FROM objection WHERE scope = 'purpose' AND {so}");
            house.read(|tx| tx.count(&sql, &[]))
        };
        assert_eq!(scopes("upheld_on IS NOT NULL AND lifted_on IS NULL"), 1, "it is absolute (Art 21(3))");
        assert_eq!(scopes("lifted_on IS NOT NULL"), 0);
        let weighed = "SELECT COUNT(*) FROM objection WHERE scope = 'activity' AND lifted_on IS NULL";
        assert_eq!(house.read(|tx| tx.count(weighed, &[])), 0, "what was weighed goes on");
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
        house.spoil(
            "UPDATE objection SET lifted_on = NULL WHERE id = (SELECT MIN(id) FROM objection WHERE scope = 'activity')",
        );
        found(house, &format!("was never decided, though request {} is closed", asked.0));
    });
}

#[test]
fn what_is_never_weighed_stands_though_the_weighed_uses_are_refused() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("objection", Who::Held(tara));
        house.known(asked);
        for scope in [Scope::AllContact, Scope::Calls] {
            let new = NewObjection {
                person: tara,
                scope: &scope,
                made_on: TODAY,
                how: "letter",
                words: None,
                request: Some(asked),
                by: None,
            };
            let made = house.act(|acting, tx| Ok(objection::record(tx, &acting.policy, &new, acting.now)?));
            made.unwrap();
        }
        answer(house, asked, Outcome::Refused).unwrap();
        let came = |so: &str| {
            let sql = format!("SELECT scope FROM objection WHERE person_id = {tara} AND {so} ORDER BY scope");
            house.read(|tx| tx.all(&sql, &[], |row| row.text(0)))
        };
        assert_eq!(
            came("upheld_on IS NOT NULL AND lifted_on IS NULL"),
            ["all contact", "calls", "purpose"],
            "a refusal brings no contact back"
        );
        assert_eq!(came("lifted_on IS NOT NULL"), ["activity", "activity"], "what was weighed goes on");
    });
}

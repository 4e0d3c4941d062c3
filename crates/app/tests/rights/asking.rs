//! The door that needs no sign-in: what it answers, whom it finds, and what it lets nobody find out.

use app::acts::Acting;
use app::acts::asking::{self, Asking, Taken};
use app::acts::request::{self as desk, Outcome, Who};
use custody::proof::Obligation;
use jiff::civil::date;
use store::message;
use store::request::{self, From, Kind};

use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

fn ask(house: &House, word: &str, reach: &str) -> Taken {
    let asking = Asking {
        ask: word.into(),
        name: "Tara Quill".into(),
        reach: reach.into(),
        words: "All of it, please.".into(),
        ..Asking::default()
    };
    house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking)).unwrap()
}

#[test]
fn whoever_asks_is_told_a_day_and_nothing_of_whether_we_hold_them() {
    on_both(|house| {
        let tara = house.tara();
        let held = ask(house, "access", "Tara.Quill@brightwell.example");
        let strange = ask(house, "access", "nobody@elsewhere.example");
        assert_eq!((held.due, held.done), (strange.due, strange.done));
        assert_eq!(held.due, Some(date(2026, 12, 3)));
        assert_eq!(held.reference.len(), strange.reference.len());
        let known = custody::id::RequestId(store::id::referred(&held.reference).unwrap());
        let found = house.request(known);
        assert_eq!((found.person, found.kind, found.channel.as_str()), (Some(tara), Kind::Access, "form"));
        assert!(found.owner.is_some(), "somebody sees to it");
        assert!(found.reach.is_some());
        let other = custody::id::RequestId(store::id::referred(&strange.reference).unwrap());
        assert_ne!(house.request(other).person, Some(tara));
        // Nothing has left: the policy does not say that it does by itself.
        let policy = house.instance.policy();
        assert!(house.read(|tx| message::of_request(tx, &policy, known)).is_empty());
    });
}

#[test]
fn what_nobody_may_weigh_is_done_at_once_and_is_no_machines_decision() {
    on_both(|house| {
        let tara = house.tara();
        let done = ask(house, "no contact", "01632 960123");
        assert!(done.done);
        let life = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
        assert!(life.objections.iter().any(|made| made.lifted_on.is_none()));
        let (policy, now) = (house.instance.policy(), house.instance.clock.now());
        let look = || {
            let decided = &Obligation::PeopleDecide;
            store::prove::obligation(&house.instance.store, &policy, decided, now, TODAY).unwrap().broken
        };
        assert_eq!(look(), Vec::<String>::new());
        let sql = "UPDATE request SET kind = 'access'";
        house.instance.store.write(|tx| tx.exec(sql, &[])).unwrap();
        assert_eq!(look().len(), 1, "an answer that somebody has to weigh has somebody's name");
    });
}

#[test]
fn an_acknowledgement_leaves_by_itself_only_where_the_policy_says_so() {
    let edit = |text: String| {
        text.replace("  register  access:", "  acknowledge at once, by e-mail\n  register  access:")
    };
    on_both_keeping(edit, |house| {
        house.tara();
        let taken = ask(house, "erasure", "new.address@elsewhere.example");
        let id = custody::id::RequestId(store::id::referred(&taken.reference).unwrap());
        let sent = house.read(|tx| {
            tx.all("SELECT body, address FROM message WHERE request_id = ?1", store::params![id], |row| {
                Ok((row.text(0)?, row.text(1)?))
            })
        });
        let [(body, address)] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(address, "new.address@elsewhere.example", "where they want to be answered");
        assert!(body.contains("Thu 3 Dec 2026") && body.contains(&taken.reference), "{body}");
        // Staff write one down: whoever we hold an address of hears at once, too.
        let opened = house.opened("access", Who::Said("tara.quill@brightwell.example".into()));
        let count = "SELECT COUNT(*) FROM message WHERE request_id = ?1";
        assert_eq!(house.read(|tx| tx.count(count, store::params![opened])), 1);
        let complaint = ask(house, "complaint", "tara.quill@brightwell.example");
        assert_eq!(complaint.due, Some(date(2026, 12, 3)), "thirty days");
        let heard = "SELECT COUNT(*) FROM complaint WHERE acknowledged_on IS NOT NULL";
        assert_eq!(house.read(|tx| tx.count(heard, &[])), 1);
    });
}

#[test]
fn nobody_gets_somebody_elses_data_on_an_authority_that_nobody_saw() {
    on_both(|house| {
        let tara = house.tara();
        let asked = house.opened("access", Who::Held(tara));
        let from = |authority: Option<&'static str>| From {
            reach: None,
            behalf: Some("Jo Quill"),
            authority,
            seen_on: None,
        };
        let without = house.act(|acting, tx| desk::asked_from(acting, tx, asked, &from(None)));
        assert!(invalid(&without.unwrap_err(), "authority"));
        house.act(|acting, tx| desk::asked_from(acting, tx, asked, &from(Some("her solicitor")))).unwrap();
        house.act(|acting, tx| desk::noted(acting, tx, asked, "pack made", "")).unwrap();
        let answer =
            || house.act(|acting, tx| desk::answer(acting, tx, asked, Outcome::Done, ("Here.", TODAY)));
        assert!(invalid(&answer().unwrap_err(), "answer"), "nobody has seen it");
        house.act(|acting, tx| desk::authority_seen(acting, tx, asked, TODAY)).unwrap();
        answer().unwrap();
        assert_eq!(house.request(asked).authority_seen_on, Some(TODAY));
        let steps = house.read(|tx| {
            request::steps(tx, &house.instance.policy(), &request::one(tx, &house.instance.policy(), asked)?)
        });
        assert!(steps.iter().any(|step| step.step == "authority seen"));
    });
}

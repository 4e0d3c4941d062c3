//! Anybody of the staff writes down what somebody asks, whoever answers it; and learns nothing by it.

use app::acts::asking;
use app::acts::person::NewPerson;
use app::acts::request::{self as desk, Arrived, Who};
use app::acts::{self, complaint};
use app::fault::Fault;
use custody::id::{PersonId, RequestId};
use jiff::civil::date;
use store::request::{From, Kind};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both, on_both_keeping};

fn arrived(ask: &str, who: Who) -> Arrived {
    Arrived {
        ask: ask.into(),
        who,
        received_on: TODAY,
        channel: "telephone".into(),
        words: "All of it.".into(),
    }
}

fn said(who: &str) -> Who {
    Who::Said(who.into())
}

fn taken(house: &House, ask: &str, who: Who) -> Result<RequestId, Fault> {
    house.by(&house.assistant, |acting, tx| desk::open(acting, tx, &arrived(ask, who.clone())))
}

/// A client, whom an assistant does not see.
fn client(house: &House) -> PersonId {
    house
        .act(|acting, tx| {
            let values = [("name", "Una Brook"), ("email", "una@brook.example")];
            let new =
                NewPerson { collected_on: Some(TODAY), ..newcomer("coaching client", "the person", &values) };
            acts::person::add(acting, tx, &new)
        })
        .unwrap()
}

#[test]
fn whoever_takes_the_call_writes_it_down_and_whoever_answers_answers() {
    on_both(|house| {
        let (tara, una) = (house.tara(), client(house));
        // By the address, also of somebody whom whoever takes it does not see; by a whole name only within sight.
        for (who, whose) in [
            (said("tara.quill@brightwell.example"), Some(tara)),
            (said("01632 960123"), Some(tara)),
            (said("Tara Quill"), Some(tara)),
            (said("una@brook.example"), Some(una)),
            (said("Una Brook"), None),
            (said("Tara"), None),
            (said("nobody@elsewhere.example"), None),
            (Who::Held(tara), Some(tara)),
        ] {
            let id = taken(house, "access", who.clone()).unwrap();
            let asked = house.request(id);
            assert_eq!(asked.kind, Kind::Access);
            assert_eq!(asked.owner, Some(house.manager.id), "{who:?}: somebody who answers sees to it");
            assert_eq!(asked.due_on, Some(date(2026, 12, 3)), "the clock runs from the call");
            assert_eq!(asked.unknown_since.is_none(), whose.is_some(), "{who:?}");
            match whose {
                Some(whose) => assert_eq!(asked.person, Some(whose), "{who:?}"),
                None => assert!(![Some(tara), Some(una)].contains(&asked.person), "{who:?}"),
            }
            assert!(asked.name.is_some(), "{who:?}: the register has a name");
            let looks = house.by(&house.assistant, |acting, tx| desk::on_desk(acting, tx, id));
            assert!(matches!(looks, Err(Fault::Refused(_))), "taking it down opens nothing");
        }
        let out = taken(house, "access", Who::Held(una));
        assert!(matches!(out, Err(Fault::NotFound)), "nobody writes for somebody they may not see: {out:?}");
        assert!(invalid(&taken(house, "access", said(" ")).unwrap_err(), "who"));
        // Nothing of theirs was opened for whoever took it.
        let opened = "SELECT COUNT(*) FROM log_event WHERE act IN ('request.read', 'requests.listed')";
        assert_eq!(house.read(|tx| tx.count(opened, &[])), 0);
        assert_eq!(house.look("clock-recorded").broken, Vec::<String>::new());
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
    });
}

#[test]
fn what_counts_at_once_counts_whoever_takes_it() {
    on_both(|house| {
        let tara = house.tara();
        let id = taken(house, "no contact", said("01632 960123")).unwrap();
        assert_eq!(house.request(id).closed_on, Some(TODAY));
        let life = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
        assert!(life.objections.iter().any(|made| made.lifted_on.is_none()));
        let unknown = taken(house, "advertising", said("Whoever Rang")).unwrap();
        let asked = house.request(unknown);
        assert!(asked.closed_on.is_none() && asked.unknown_since.is_some());
        let tasks = house.read(|tx| store::task::of_request(tx, unknown));
        assert_eq!((tasks.len(), tasks[0].owner, tasks[0].due_on), (1, Some(house.manager.id), Some(TODAY)));
    });
}

#[test]
fn whoever_takes_it_says_how_they_know_and_for_whom_somebody_else_asks() {
    on_both(|house| {
        let tara = house.tara();
        let take = |from: From<'static>, known: Option<&'static str>| {
            house.by(&house.assistant, |acting, tx| {
                desk::taken(acting, tx, &arrived("erasure", Who::Held(tara)), (&from, known))
            })
        };
        let known = |id: RequestId| {
            let policy = house.instance.policy();
            let steps =
                house.read(|tx| store::request::steps(tx, &policy, &store::request::one(tx, &policy, id)?));
            acts::identity::on_record(&steps)
        };
        assert!(known(take(From::default(), Some("known")).unwrap()));
        assert!(!known(take(From::default(), None).unwrap()));
        assert!(invalid(&take(From::default(), Some("a feeling")).unwrap_err(), "known"));
        let behalf = From { behalf: Some("Jo Quill"), authority: Some("her solicitor"), ..From::default() };
        let id = take(behalf, Some("known")).unwrap();
        assert!(!known(id), "to know who rings for them is not to know them");
        assert!(house.request(id).behalf.is_some());
        let without = From { authority: None, ..behalf };
        assert!(invalid(&take(without, None).unwrap_err(), "authority"));
    });
}

#[test]
fn how_they_know_is_kept_of_what_is_done_at_once_and_of_whoever_asks_for_another() {
    on_both(|house| {
        let tara = house.tara();
        let take = |ask: &str, from: &From<'_>| {
            let new = arrived(ask, Who::Held(tara));
            house
                .by(&house.assistant, |acting, tx| desk::taken(acting, tx, &new, (from, Some("known"))))
                .unwrap()
        };
        let notes = |id: RequestId, step: &str| {
            let sql =
                format!("SELECT note FROM request_step WHERE request_id = {} AND step = '{step}'", id.0);
            house.read(|tx| tx.all(&sql, &[], |row| row.text(0)))
        };
        for ask in ["no contact", "advertising"] {
            let id = take(ask, &From::default());
            assert_eq!(house.request(id).closed_on, Some(TODAY), "{ask}");
            assert_eq!(notes(id, acts::identity::KNOWN), ["known"], "{ask}");
        }
        let behalf = From { behalf: Some("Jo Quill"), authority: Some("her solicitor"), ..From::default() };
        for ask in ["access", "advertising"] {
            let id = take(ask, &behalf);
            assert_eq!(notes(id, acts::identity::ASKER_KNOWN), ["known"], "{ask}");
            assert_eq!(
                notes(id, acts::identity::KNOWN),
                Vec::<String>::new(),
                "{ask}: of her nothing is known"
            );
        }
        assert_eq!(house.look("identity-known").broken, Vec::<String>::new());
    });
}

#[test]
fn a_complaint_is_taken_by_anybody_too_and_what_the_policy_acknowledges_leaves_by_itself() {
    let edit = |text: String| {
        text.replace("  register  access:", "  acknowledge at once, by e-mail\n  register  access:")
    };
    on_both_keeping(edit, |house| {
        house.tara();
        let new = complaint::Arrived {
            received_on: TODAY,
            channel: "telephone".into(),
            words: "You wrote to my old address.".into(),
            reach: None,
            behalf: None,
        };
        let who = said("tara.quill@brightwell.example");
        let id = house.by(&house.assistant, |acting, tx| complaint::open(acting, tx, &who, &new)).unwrap();
        let found = house.read(|tx| store::complaint::one(tx, &house.instance.policy(), id));
        assert_eq!(found.owner, Some(house.manager.id));
        assert_eq!(found.acknowledged_on, Some(TODAY), "they hear at once");
        let looks = house.by(&house.assistant, |acting, tx| complaint::on_desk(acting, tx, id));
        assert!(matches!(looks, Err(Fault::Refused(_))));
        let id = taken(house, "access", who).unwrap();
        let count = "SELECT COUNT(*) FROM message WHERE request_id = ?1";
        assert_eq!(house.read(|tx| tx.count(count, store::params![id])), 1);
        assert!(asking::is_known("access"));
    });
}

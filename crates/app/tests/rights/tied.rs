//! A request from an address that nobody has: somebody who answers says whose it is, once, and takes it back as long as nothing was
//! given out.

use app::acts::asking::{self, Asking};
use app::acts::letter::{self, About, Leaves, Sort};
use app::acts::request::{self as desk, Outcome};
use app::acts::{self, Acting};
use app::fault::Fault;
use custody::id::{PersonId, RequestId};
use jiff::civil::date;
use store::request::{self, Move};

use super::common::newcomer;
use super::house::{House, TODAY, invalid, on_both};

fn asked(house: &House, word: &str) -> RequestId {
    let asking = Asking {
        ask: word.into(),
        name: "T. Quill".into(),
        reach: "tara@home.example".into(),
        words: "All of it, please.".into(),
        ..Asking::default()
    };
    let taken = house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking));
    RequestId(store::id::referred(&taken.unwrap().reference).unwrap())
}

fn tie(house: &House, request: RequestId, to: PersonId, how: &str) -> Result<desk::Done, Fault> {
    house.act(|acting, tx| desk::tie(acting, tx, request, (to, how)))
}

fn steps(house: &House, id: RequestId) -> Vec<String> {
    let policy = house.instance.policy();
    let steps = house.read(|tx| request::steps(tx, &policy, &request::one(tx, &policy, id)?));
    steps.into_iter().map(|step| step.step).collect()
}

fn whole(house: &House) {
    for name in ["clock-recorded", "identity-known", "answered-in-time"] {
        assert_eq!(house.look(name).broken, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn it_is_said_whose_it_is_once_with_how_we_know_and_moves_no_day() {
    on_both(|house| {
        let tara = house.tara();
        let id = asked(house, "access");
        let before = house.request(id);
        assert!(before.unknown_since.is_some() && steps(house, id).contains(&request::UNKNOWN.to_owned()));
        let nobody = before.person.unwrap();
        house.go_to(date(2026, 11, 6));
        assert!(invalid(&tie(house, id, tara, "a feeling").unwrap_err(), "identity"));
        assert!(invalid(&tie(house, id, nobody, "known").unwrap_err(), "whose"));
        let other = house.by(&house.assistant, |acting, tx| desk::tie(acting, tx, id, (tara, "known")));
        assert!(matches!(other, Err(Fault::Refused(_))), "answering is for whoever answers");
        tie(house, id, tara, "document").unwrap();
        let now = house.request(id);
        assert_eq!(
            (now.person, now.due_on, now.tied_on),
            (Some(tara), before.due_on, Some(date(2026, 11, 6)))
        );
        assert_eq!(
            (now.initials.as_deref(), now.organisation.as_deref()),
            (Some("T.Q."), Some("Brightwell Ltd"))
        );
        assert!(matches!(tie(house, id, tara, "known"), Err(Fault::Changed)), "once");
        let stays = house.read(|tx| store::person::exists(tx, nobody));
        assert!(!stays, "whoever it was written down for had nothing else");
        let said = steps(house, id);
        assert!(said.contains(&request::TIED.to_owned()) && said.contains(&acts::identity::KNOWN.to_owned()));
        whole(house);
        // What we hold of them is in the copy now.
        assert!(house.gathered(id).items.iter().any(|item| item.value == "Head of Learning"));
    });
}

#[test]
fn it_is_taken_back_while_nothing_was_given_out_and_leaves_nothing_with_them() {
    on_both(|house| {
        let tara = house.tara();
        let id = asked(house, "objection");
        let before = house.request(id);
        let active = |house: &House| {
            let life = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
            life.grounds.iter().filter(|ground| ground.active(TODAY)).count()
        };
        let had = active(house);
        tie(house, id, tara, "known").unwrap();
        let disputed = |house: &House| {
            let life = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
            life.objections.iter().filter(|made| made.lifted_on.is_none()).count()
        };
        assert!(disputed(house) > 0, "what they object to is theirs from now on");
        let tells = || {
            let sql = "SELECT COUNT(*) FROM task WHERE kind = 'tell recipient'";
            house.read(|tx| tx.count(sql, &[]))
        };
        assert_eq!(tells(), 1);
        house.act(|acting, tx| desk::untie(acting, tx, id)).unwrap();
        let now = house.request(id);
        assert!(now.unknown_since.is_some() && now.tied_on.is_none() && now.person != Some(tara));
        assert_eq!((now.initials, now.due_on), (before.initials, before.due_on));
        assert_eq!((disputed(house), tells()), (0, 0));
        assert_eq!(active(house), had, "what ended by the slip goes on");
        let keys = house.instance.store.keys();
        let email = "tara.quill@brightwell.example";
        assert!(house.read(|tx| store::suppression::standing(tx, keys, "email", email)).is_empty());
        let hers = house.read(|tx| request::of_person(tx, &house.instance.policy(), tara));
        assert!(hers.is_empty(), "nothing of it stays with her");
        whole(house);
        // How it was known who she is says nothing of whoever it is; and it can be said anew.
        let answered =
            house.act(|acting, tx| desk::answer(acting, tx, id, Outcome::Done, ("We stop.", acting.today)));
        assert!(answered.is_ok(), "an objection takes nothing away");
        let id = asked(house, "access");
        tie(house, id, tara, "known").unwrap();
        house.act(|acting, tx| desk::noted(acting, tx, id, "pack made", "")).unwrap();
        let late = house.act(|acting, tx| desk::untie(acting, tx, id));
        assert!(invalid(&late.unwrap_err(), "whose"), "the copy was made");
        // To be asked who they are tells them nothing.
        let id = house.opened("portability", desk::Who::Held(tara));
        let about = About::Request(id);
        let letter =
            house.act(|acting, tx| letter::draft(acting, tx, about, Sort::Identity, ("", None))).unwrap();
        let how = Leaves::ByHand(TODAY, "by post");
        house.act(|acting, tx| letter::send(acting, tx, (letter, 1), how)).unwrap();
        house.act(|acting, tx| desk::misfiled(acting, tx, id, "another answered")).unwrap();
        // Once a letter has told them of it, it is too late.
        let id = asked(house, "rectification");
        tie(house, id, tara, "known").unwrap();
        let about = About::Request(id);
        let letter = house
            .act(|acting, tx| letter::draft(acting, tx, about, Sort::Extension, ("it takes time", None)));
        let how = Leaves::ByHand(TODAY, "by post");
        house.act(|acting, tx| letter::send(acting, tx, (*letter.as_ref().unwrap(), 1), how)).unwrap();
        let late = house.act(|acting, tx| desk::untie(acting, tx, id));
        assert!(invalid(&late.unwrap_err(), "whose"), "a letter has left");
        whole(house);
    });
}

#[test]
fn what_counts_at_once_stops_for_whoever_it_is_of_and_closes() {
    on_both(|house| {
        let tara = house.tara();
        for (word, ticked) in [("advertising", false), ("advertising", true), ("no contact", false)] {
            let id = asked(house, word);
            assert!(house.request(id).closed_on.is_none());
            if ticked {
                // Somebody ticks the task before they say whose it is.
                let ticks = house.act(|acting, tx| {
                    for task in store::task::of_request(tx, id)? {
                        store::task::done(tx, task.id, acting.today, acting.staff_id(), Some("asked"))?;
                    }
                    Ok(())
                });
                ticks.unwrap();
            }
            assert!(tie(house, id, tara, "same address").unwrap().closed);
            let closed = house.request(id);
            assert_eq!((closed.closed_on, closed.person), (Some(TODAY), Some(tara)));
            let tasks = house.read(|tx| store::task::of_request(tx, id));
            assert!(tasks.iter().all(|task| task.done_on.is_some()));
            let back = house.act(|acting, tx| desk::untie(acting, tx, id));
            assert!(matches!(back, Err(Fault::Changed)));
        }
        let weighed = "SELECT COUNT(*) FROM objection WHERE scope = 'activity'";
        assert_eq!(house.read(|tx| tx.count(weighed, &[])), 0, "nothing else of hers is disputed");
        let keys = house.instance.store.keys();
        for (kind, value) in [("email", "tara.quill@brightwell.example"), ("email", "tara@home.example")] {
            let stands = house.read(|tx| store::suppression::standing(tx, keys, kind, value));
            assert!(!stands.is_empty(), "{value}");
        }
        whole(house);
    });
}

#[test]
fn asking_who_they_are_goes_on_waiting_and_an_erasure_of_the_tied_is_theirs() {
    on_both(|house| {
        let tara = house.tara();
        let id = asked(house, "erasure");
        house.act(|acting, tx| desk::moved(acting, tx, id, Move::IdentityAsked, acting.today)).unwrap();
        tie(house, id, tara, "same address").unwrap();
        assert_eq!(house.request(id).due_on, None, "what we asked for ends its own wait");
        house.known(id);
        assert_eq!(house.request(id).due_on, Some(date(2026, 12, 3)));
        let carried = house.act(|acting, tx| {
            let why = (acts::erasure::Reason::Asked.into(), None);
            acts::erasure::carry_out(
                acting,
                tx,
                tara,
                Some(id),
                why,
                acts::confirmation::Telling::Already("by letter"),
            )
        });
        assert!(carried.is_ok(), "{carried:?}");
        let everything = house.left();
        assert!(!everything.contains("Tara Quill") && !everything.contains("T. Quill"), "{everything}");
        whole(house);
    });
}

#[test]
fn a_request_that_becomes_somebodys_behind_the_programs_back_is_found() {
    on_both(|house| {
        let tara = house.tara();
        let id = asked(house, "access");
        let found = |words: &str| {
            let broken = house.look("identity-known").broken;
            assert!(broken.iter().any(|one| one.contains(words)), "{words}: {broken:?}");
        };
        let nobody = house.request(id).person.unwrap();
        house.spoil(&format!("UPDATE request SET unknown_since = NULL WHERE id = {}", id.0));
        found("whose it is was changed, and nothing says by whom or how we know");
        house.spoil(&format!("UPDATE request SET unknown_since = '{TODAY}' WHERE id = {}", id.0));
        whole(house);
        house.spoil(&format!("UPDATE request SET person_id = {tara} WHERE id = {}", id.0));
        found("is somebody else's than the log says");
        house.spoil(&format!("UPDATE request SET person_id = {nobody} WHERE id = {}", id.0));
        // With a step, but not in the log.
        house.spoil(&format!(
            "UPDATE request SET unknown_since = NULL, tied_on = '{TODAY}' WHERE id = {}",
            id.0
        ));
        house.spoil(&format!(
            "INSERT INTO request_step (id, request_id, on_date, step, recorded_at)
                SELECT MAX(id) + 1, {}, '{TODAY}', '{}', 0 FROM request_step",
            id.0,
            request::TIED
        ));
        found("was given to somebody 1 times, and the log knows of 0");
    });
}

#[test]
fn a_request_at_a_shared_address_is_moved_with_its_reason_and_no_day_of_it() {
    on_both(|house| {
        let tara = house.tara();
        let new = app::acts::request::Arrived {
            ask: "objection".into(),
            who: app::acts::request::Who::Said("tara.quill@brightwell.example".into()),
            received_on: TODAY,
            channel: "e-mail".into(),
            words: "Stop it.".into(),
        };
        let id = house.act(|acting, tx| desk::open(acting, tx, &new)).unwrap();
        house.known(id);
        let before = house.request(id);
        assert_eq!(before.person, Some(tara));
        let move_it = |why: &'static str| house.act(|acting, tx| desk::misfiled(acting, tx, id, why));
        assert!(invalid(&move_it(" ").unwrap_err(), "misfiled-why"));
        house.go_to(date(2026, 11, 5));
        move_it("her colleague reads the same address").unwrap();
        let now = house.request(id);
        assert!(now.unknown_since.is_some() && now.person != Some(tara));
        assert_eq!((now.due_on, now.received_on), (before.due_on, before.received_on));
        let life = house.act(|acting, tx| acting.life(tx, tara)).unwrap();
        assert!(life.objections.iter().all(|made| made.lifted_on.is_some()), "nothing of it stays with her");
        let sql = "SELECT note FROM request_step WHERE step = 'not theirs after all'";
        let note = house.read(|tx| tx.one(sql, &[], |row| row.text(0)));
        assert_eq!(note, "her colleague reads the same address");
        whole(house);
        assert!(matches!(move_it("again"), Err(Fault::Changed)));
        tie(house, id, tara, "known").unwrap();
        assert_eq!(house.request(id).due_on, before.due_on);
        whole(house);
        // Once something was given out it is too late.
        house.act(|acting, tx| desk::untie(acting, tx, id)).unwrap();
        let copy = house.opened("access", app::acts::request::Who::Held(tara));
        house.act(|acting, tx| desk::noted(acting, tx, copy, "pack made", "")).unwrap();
        let late = house.act(|acting, tx| desk::misfiled(acting, tx, copy, "too late"));
        assert!(invalid(&late.unwrap_err(), "whose"));
    });
}

#[test]
fn whoever_a_request_is_moved_off_was_known_and_whoever_it_is_of_may_be_asked() {
    on_both(|house| {
        let tara = house.tara();
        let new = desk::Arrived {
            ask: "access".into(),
            who: desk::Who::Said("tara.quill@brightwell.example".into()),
            received_on: TODAY,
            channel: "e-mail".into(),
            words: "All of it, please.".into(),
        };
        let id = house.act(|acting, tx| desk::open(acting, tx, &new)).unwrap();
        house.known(id);
        let ask = || house.act(|acting, tx| desk::moved(acting, tx, id, Move::IdentityAsked, acting.today));
        assert!(invalid(&ask().unwrap_err(), "why"), "how we know her is on record");
        house.act(|acting, tx| desk::misfiled(acting, tx, id, "another reads the address")).unwrap();
        ask().unwrap();
        assert_eq!(house.request(id).due_on, None, "it waits until they say who they are");
        tie(house, id, tara, "document").unwrap();
        house.known(id);
        assert_eq!(house.request(id).due_on, Some(date(2026, 12, 3)));
        whole(house);
    });
}

#[test]
fn moving_a_request_brings_no_advertising_back_to_where_it_came_from_or_was_stopped_before() {
    on_both(|house| {
        let tara = house.tara();
        let keys = house.instance.store.keys();
        let marketing = store::suppression::Forbids::Marketing;
        // Whoever had her number before her asked us to stop.
        let before = house.act(|acting, tx| {
            let since = date(2026, 10, 1);
            let (kind, number, now) = ("phone", "01632 960123", acting.now);
            Ok(store::suppression::add(tx, keys, kind, number, marketing, since, "objection", now)?)
        });
        assert!(before.unwrap());
        house.go_to(date(2026, 11, 4));
        let asking = Asking {
            ask: "objection".into(),
            name: "Jo Quill".into(),
            reach: "tara.quill@brightwell.example".into(),
            words: "Stop it.".into(),
            ..Asking::default()
        };
        let taken =
            house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking));
        let id = RequestId(store::id::referred(&taken.unwrap().reference).unwrap());
        assert_eq!(house.request(id).person, Some(tara));
        house.act(|acting, tx| desk::misfiled(acting, tx, id, "Jo reads the same address")).unwrap();
        for (kind, value) in [("phone", "01632 960123"), ("email", "tara.quill@brightwell.example")] {
            let stands = house.read(|tx| store::suppression::standing(tx, keys, kind, value));
            assert!(stands.contains(&marketing), "{value}");
        }
        whole(house);
    });
}

#[test]
fn what_is_moved_carries_nothing_of_the_one_it_was_filed_to_into_the_copy_of_the_next() {
    on_both(|house| {
        let tara = house.tara();
        let new = acts::person::NewPerson {
            collected_on: Some(date(2026, 10, 1)),
            organisation: Some(
                house
                    .act(|acting, tx| Ok(store::organisation::named(tx, "Brightwell Ltd", acting.now)?))
                    .unwrap(),
            ),
            ..newcomer(
                "organisation contact",
                "their organisation",
                &[("name", "Jo Ellis"), ("email", "jo@brightwell.example")],
            )
        };
        let jo = house.act(|acting, tx| acts::person::add(acting, tx, &new)).unwrap();
        house.go_to(date(2026, 11, 4));
        let new = desk::Arrived {
            ask: "access".into(),
            who: desk::Who::Said("tara.quill@brightwell.example".into()),
            received_on: date(2026, 11, 4),
            channel: "e-mail".into(),
            words: "All of it, please.".into(),
        };
        let id = house.act(|acting, tx| desk::open(acting, tx, &new)).unwrap();
        house.go_to(date(2026, 11, 6));
        let policy = house.instance.policy();
        let items = house.read(|tx| store::item::of_person(tx, &policy, tara));
        let phone = items
            .into_iter()
            .find(|item| policy.kind(item.kind).is_some_and(|known| known.name == "phone"))
            .unwrap();
        let change = house.act(|acting, tx| {
            let said = ("01632 960999", "her switchboard moved");
            acts::person::change_item(acting, tx, (tara, phone.id), phone.version, said)
        });
        change.unwrap();
        let searched = acts::elsewhere::SEARCHED;
        house.act(|acting, tx| desk::noted(acting, tx, id, searched, "for Tara Quill")).unwrap();
        let about = About::Request(id);
        let draft = || {
            house
                .act(|acting, tx| letter::draft(acting, tx, about, Sort::Acknowledgement, ("", None)))
                .unwrap()
        };
        let (left, _) = (draft(), draft());
        let how = Leaves::ByHand(date(2026, 11, 6), "by post");
        house.act(|acting, tx| letter::send(acting, tx, (left, 1), how)).unwrap();
        house.act(|acting, tx| desk::misfiled(acting, tx, id, "another reads the address")).unwrap();
        tie(house, id, jo, "known").unwrap();
        let letters = house.read(|tx| {
            tx.all("SELECT person_id FROM letter ORDER BY id", &[], |row| Ok(PersonId(row.int(0)?)))
        });
        assert_eq!(letters, [tara], "what she got stays hers, and a draft to her goes to nobody");
        let copy = house.gathered(id).to_json().unwrap();
        assert!(copy.contains("Jo Ellis"));
        for words in ["01632 960123", "her switchboard moved", "for Tara Quill", request::CHANGED] {
            assert!(!copy.contains(words), "{words} is in the copy of another");
        }
        let left = house.read(|tx| request::steps(tx, &policy, &request::one(tx, &policy, id)?));
        assert!(desk::touched(&left).is_empty(), "nothing of Jo's was changed");
        whole(house);
    });
}

#[test]
fn a_complaint_of_nobody_known_is_tied_moved_and_watched_as_a_request_is() {
    on_both(|house| {
        let tara = house.tara();
        let asking = Asking {
            ask: asking::COMPLAINT.into(),
            name: "T. Quill".into(),
            reach: "tara@home.example".into(),
            words: "Nobody answers.".into(),
            ..Asking::default()
        };
        let taken =
            house.instance.store.write(|tx| asking::take(&Acting::subject(&house.instance), tx, &asking));
        let id = custody::id::ComplaintId(store::id::referred(&taken.unwrap().reference).unwrap());
        let found = || house.read(|tx| store::complaint::one(tx, &house.instance.policy(), id));
        let before = found();
        assert!(before.unknown_since.is_some());
        let nobody = before.person.unwrap();
        let tie =
            |to, how: &'static str| house.act(|acting, tx| acts::complaint::tie(acting, tx, id, (to, how)));
        assert!(invalid(&tie(tara, "a feeling").unwrap_err(), "identity"));
        assert!(invalid(&tie(nobody, "known").unwrap_err(), "whose"));
        tie(tara, "known").unwrap();
        let now = found();
        assert_eq!((now.person, now.due_on, now.unknown_since), (Some(tara), before.due_on, None));
        assert!(!house.read(|tx| store::person::exists(tx, nobody)), "whoever it was written down for goes");
        whole(house);
        assert!(matches!(tie(tara, "known"), Err(Fault::Changed)));
        house.act(|acting, tx| acts::complaint::misfiled(acting, tx, id, "her mother wrote")).unwrap();
        assert!(found().unknown_since.is_some() && found().person != Some(tara));
        whole(house);
        house.spoil(&format!(
            "UPDATE complaint SET unknown_since = NULL, person_id = {tara} WHERE id = {}",
            id.0
        ));
        let broken = house.look("identity-known").broken;
        assert!(
            broken.iter().any(|one| one.starts_with(&format!("complaint {id}: whose it is was changed"))),
            "{broken:?}"
        );
        assert!(broken.iter().any(|one| one.contains("is somebody else's than the log says")), "{broken:?}");
    });
}

#[test]
fn whoever_we_hold_nothing_of_is_answered_that_and_nothing_else() {
    on_both(|house| {
        let tara = house.tara();
        for word in ["access", "erasure", "portability", "rectification", "restriction", "objection"] {
            let id = asked(house, word);
            let draft = |sort| {
                house.act(|acting, tx| letter::draft(acting, tx, About::Request(id), sort, ("", None)))
            };
            let letter = draft(Sort::Answer).unwrap();
            let sql = format!("SELECT body FROM letter WHERE id = {}", letter.0);
            let body = house.read(|tx| tx.one(&sql, &[], |row| row.text(0)));
            assert!(body.contains("hold nothing about you but this request"), "{word}: {body}");
            for untrue in ["enclosed", "It is done", "corrected", "We store your data", "Here it is"] {
                assert!(!body.contains(untrue), "{word}: {body}");
            }
            let done =
                house.act(|acting, tx| letter::send(acting, tx, (letter, 1), Leaves::Mail("given"))).unwrap();
            assert!(done.closed, "{word}");
            let found = house.request(id);
            assert_eq!(found.outcome.as_deref(), Some(request::NOTHING_HELD), "{word}");
            whole(house);
        }
        assert_eq!(house.look("initials-only").broken, Vec::<String>::new());
        // Not once somebody we hold has what they gave: then it is said first whose it is.
        let id = asked(house, "access");
        let (theirs, from) = (("email", "tara@home.example"), ("the person", TODAY));
        house.act(|acting, tx| acts::person::add_item(acting, tx, tara, theirs, from)).unwrap();
        let early =
            house.act(|acting, tx| desk::answer(acting, tx, id, Outcome::Done, ("Nothing.", acting.today)));
        assert!(invalid(&early.unwrap_err(), "answer"), "she has that address");
    });
}

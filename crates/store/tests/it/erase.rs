//! Erased means gone: from every table, file and index; what a duty keeps says nothing; what comes back is known.

use std::collections::BTreeSet;

use custody::coverage::Role;
use custody::id::{PersonId, RequestId};
use jiff::civil::date;
use policy::Policy;
use store::complaint::{self, NewComplaint};
use store::entry::NewEntry;
use store::erase::{Erased, Why};
use store::message::{NewMessage, Sort};
use store::request::{Kind, NewRequest};
use store::schema::{self, Form, Owner};
use store::{
    Error, Store, certificate, entry, erase, files, hold, item, life, message, paper, params, person,
    request, search, suppression, sweep, task,
};

use crate::canary::{Planted, plant, plant_typed};
use crate::harness::policy;
use crate::story::{ACTOR, noon, settle, someone, tara};

fn ask(store: &Store, policy: &Policy, who: PersonId, name: &str, on: jiff::civil::Date) -> RequestId {
    store
        .write(|tx| {
            let new = NewRequest {
                kind: Kind::Erasure,
                person: who,
                name,
                organisation: Some("Harbour Ltd"),
                received_on: on,
                channel: "letter",
                words: Some("please delete me"),
                owner: None,
                by: None,
            };
            let request = request::open(tx, policy, &new, noon(on))?;
            settle(tx, policy, who, on)?;
            Ok::<_, Error>(request)
        })
        .unwrap()
}

/// Erases somebody as they ask on a day, but for what is refused.
pub fn erased(
    store: &Store,
    policy: &Policy,
    (who, name): (PersonId, &str),
    on: jiff::civil::Date,
) -> Erased {
    let request = ask(store, policy, who, name, on);
    store
        .write(|tx| {
            let keep = BTreeSet::new();
            erase::grant(tx, policy, store.keys(), who, &keep, request, None, ACTOR, on, noon(on))
        })
        .unwrap()
}

/// Every text column of every table, with the rows in which these words stand.
fn found(store: &Store, words: &str) -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for table in schema::tables() {
        for column in table.columns.iter().filter(|column| column.form == Form::Text) {
            let sql = format!("SELECT count(*) FROM {} WHERE {} LIKE ?1", table.name, column.name);
            if store.read(|tx| tx.count(&sql, params![format!("%{words}%")])).unwrap() > 0 {
                places.insert(format!("{}.{}", table.name, column.name));
            }
        }
    }
    places
}

/// The canaries fill every column; makes of them what the program could have written, and plants those that stand beside the
/// values.
pub fn as_written(store: &Store, planted: &[&Planted]) {
    store
        .write(|tx| {
            for sql in [
                "UPDATE ground SET state = 'active', rule = 'assignments', activity = 'assignments' WHERE person_id = ?1",
                "UPDATE hold SET ended_on = '2026-02-01' WHERE person_id = ?1",
                "UPDATE agreement SET period = 'P1Y' WHERE person_id = ?1",
                "UPDATE request SET kind = 'access', closed_on = '2026-02-01' WHERE person_id = ?1",
                "UPDATE complaint SET closed_on = '2026-02-01' WHERE person_id = ?1",
                "UPDATE incident SET closed_on = '2026-02-01' WHERE id IN (SELECT incident_id FROM incident_person WHERE person_id = ?1)",
                "UPDATE message SET sent_at = 1770000000000 WHERE person_id = ?1",
                "UPDATE task SET done_on = '2026-02-01' WHERE person_id = ?1",
                "UPDATE message SET state = 'sent' WHERE person_id = ?1",
            ] {
                for who in planted {
                    tx.exec(sql, params![who.person])?;
                }
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    for (who, tag) in planted.iter().zip(["one", "other"]) {
        plant_typed(store, who, tag);
    }
}

both! {
    fn no_value_of_any_declared_column_survives(store) {
        let policy = policy();
        let today = date(2026, 12, 1);
        let planted = plant(store, "one");
        let other = plant(store, "other");
        as_written(store, &[&planted, &other]);
        assert!(found(store, "canary one").len() > 30);
        let others = found(store, "canary other");
        let request = ask(store, &policy, planted.person, "One Canary", today);
        let erased = store.write(|tx| {
            erase::grant(tx, &policy, store.keys(), planted.person, &BTreeSet::new(), request, None, ACTOR, today, noon(today))
        }).unwrap();
        assert!(erased.departed.kept.is_empty(), "{erased:?}");
        // Paper keeps the request open until somebody has been there.
        store.write(|tx| request::answer(tx, request, today, "done", None, noon(today))).unwrap();
        for open in store.read(|tx| task::of_request(tx, request)).unwrap().into_iter().filter(|open| open.done_on.is_none()) {
            store.write(|tx| sweep::confirm(tx, &policy, open.id, today, None, Some("shredded"), noon(today))).unwrap();
        }
        store.write(|tx| request::close(tx, &policy, request, today, None, noon(today))).unwrap();
        // Records that the policy has us keep stay for their time, and the person's number with them.
        let later = date(2040, 1, 1);
        store.write(|tx| sweep::person(tx, &policy, store.keys(), planted.person, later, noon(later))).unwrap();
        let left = store.read(|tx| tx.all("SELECT rule, awaiting FROM ground WHERE person_id = ?1 AND state = 'active'", params![planted.person], |row| Ok((row.text(0)?, row.opt_text(1)?)))).unwrap();
        assert!(!store.read(|tx| person::exists(tx, planted.person)).unwrap(), "{left:?}");

        // What is left of the words belongs to nobody's account or number: staff, and keyed hashes.
        let about: BTreeSet<&str> = schema::tables().filter(|table| table.about_person().is_none()).map(|table| table.name).collect();
        let left: Vec<String> = found(store, "canary one").into_iter().filter(|place| !about.contains(place.split('.').next().unwrap())).collect();
        assert_eq!(left, Vec::<String>::new());
        assert!(!found(store, "canary one").iter().any(|place| place.starts_with("organisation.")));
        for table in schema::tables().filter(|table| table.name != "log_subject" && table.owner != Owner::Person("person_number")) {
            for column in table.columns.iter().filter(|column| column.form == Form::Id && column.name.ends_with("person_id")) {
                let sql = format!("SELECT 1 FROM {} WHERE {} = ?1", table.name, column.name);
                assert!(!store.read(|tx| tx.any(&sql, params![planted.person])).unwrap(), "{}.{}", table.name, column.name);
            }
        }
        assert_eq!(found(store, "canary other"), others, "somebody else's data went");
        assert!(store.read(|tx| tx.count("SELECT count(*) FROM log_event WHERE body LIKE '%canary%'", &[])).unwrap() == 0);
    }

    fn the_index_forgets_every_part_of_the_name(store) {
        let policy = policy();
        let today = date(2026, 12, 1);
        let who = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Zqjx Vwkpt")]);
        assert_eq!(store.read(|tx| search::find(tx, "qjx", &store::reach::Reach::Everyone, 9)).unwrap(), [who]);
        erased(store, &policy, (who, "Zqjx Vwkpt"), today);
        assert!(store.read(|tx| search::find(tx, "qjx", &store::reach::Reach::Everyone, 9)).unwrap().is_empty());
        if store.dialect() == store::dialect::Dialect::Sqlite {
            // No part of the name is in the index's own pages either.
            for part in ["zqj", "qjx", "wkp"] {
                let sql = "SELECT count(*) FROM search_index_data WHERE instr(block, ?1) > 0";
                assert_eq!(store.read(|tx| tx.count(sql, params![part.as_bytes()])).unwrap(), 0, "{part}");
            }
        }
    }

    fn a_duty_keeps_the_record_and_nothing_that_says_who(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let today = date(2026, 6, 1);
        let file = files::write(store, &b"canary in a file"[..]).unwrap();
        store.write(|tx| {
            let new = NewMessage {
                person: Some(tara.person), mailing: None, sort: Sort::Personal, activity: Some("coaching"), channel: "email",
                address: "tara.quill@home.example", subject: "Your session", body: "Dear Tara", html: None, token: None,
                not_before: None, request: None, by: None,
            };
            let gone = message::queue(tx, &new, today, noon(today))?;
            message::claim(tx, &policy, gone, noon(today))?;
            message::sent(tx, gone, noon(today))?;
            message::queue(tx, &new, today, noon(today))?;
            paper::add(tx, &paper::NewPaper { person: tara.person, engagement: Some(tara.programme), what: "folder", place: "cabinet 3", since: today, by: None }, noon(today))?;
            let new = store::document::NewDocument {
                kind: policy.kind_named("evaluation form").unwrap().id, title: "Evaluation", place: store::document::Where::File(&file, "text/plain"),
                on: today, source: "the person", people: &[(tara.person, Role::Subject)], engagements: &[(tara.programme, None)], by: None,
            };
            store::document::add(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, tara.person, today)
        }).unwrap();
        let request = ask(store, &policy, tara.person, "Tara Quill", today);
        let life = store.read(|tx| life::load(tx, &policy, tara.person, today)).unwrap();
        let proposal = erase::proposal(&policy, &life, today);
        let refused: BTreeSet<&str> = proposal.iter().filter(|part| part.refused == Some(Why::LegalDuty))
            .filter_map(|part| policy.activity(part.activity)).map(|activity| activity.name.as_str()).collect();
        assert_eq!(refused, ["proof", "rights and complaints"].into());
        assert!(proposal.iter().all(|part| policy.activity(part.activity).unwrap().name != "coaching" || part.refused.is_none()));
        let keep = proposal.iter().filter(|part| part.refused.is_some()).map(|part| part.ground).collect();
        let erased = store.write(|tx| {
            erase::grant(tx, &policy, store.keys(), tara.person, &keep, request, None, ACTOR, today, noon(today))
        }).unwrap();
        assert_eq!(erased.departed.counts.get("coaching notes"), Some(&1), "{erased:?}");
        assert_eq!(erased.departed.bytes.files, BTreeSet::from([file.name.clone()]));
        files::remove(store, &file.name).unwrap();
        assert!(!files::exists(store, &file.name).unwrap());
        assert!(store.read(|tx| item::of_person(tx, &policy, tara.person)).unwrap().is_empty());
        assert_eq!(found(store, "Tara"), BTreeSet::new());
        assert_eq!(found(store, "tara.quill"), BTreeSet::new());
        assert_eq!(store.read(|tx| message::waiting(tx, noon(today), 9)).unwrap(), []);

        // Paper: the consent form and the folder. Until they are destroyed the request stays open.
        let tasks = store.read(|tx| task::of_request(tx, request)).unwrap();
        assert_eq!(tasks.iter().filter(|task| task.blocks).count(), 2, "{tasks:?}");
        store.write(|tx| request::answer(tx, request, today, "done", None, noon(today))).unwrap();
        let early = store.write(|tx| request::close(tx, &policy, request, today, None, noon(today)));
        assert!(matches!(early, Err(Error::Malformed(_))), "{early:?}");
        for task in tasks.into_iter().filter(|task| task.blocks) {
            store.write(|tx| sweep::confirm(tx, &policy, task.id, today, None, None, noon(today))).unwrap();
        }
        store.write(|tx| request::close(tx, &policy, request, today, None, noon(today))).unwrap();
        let listed = store.read(|tx| request::register(tx, &policy, Kind::Erasure, None, 9)).unwrap();
        assert_eq!((listed[0].initials.as_deref(), listed[0].person, listed[0].organisation.as_deref()), (Some("T.Q."), None, Some("Harbour Ltd")));
        assert!(listed[0].name.is_none() && listed[0].words.is_none());
        assert_eq!(found(store, "cabinet"), BTreeSet::new());
        let known = store.read(|tx| certificate::known(tx, store.keys(), "phone", "+44 1632 960001")).unwrap().unwrap();
        assert!(known.erased);
    }

    fn what_was_written_about_somebody_goes_where_the_record_of_it_stays(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let (who, today) = (tara.person, date(2026, 6, 1));
        let said = "Tara Quill said so";
        let done = store.write(|tx| {
            let restriction = "INSERT INTO restriction (id, person_id, reason, owner_id, since, review_on, reviewed_on, reviewed_why, lifted_on, recorded_at)
                VALUES (1, ?1, ?2, ?3, '2026-02-01', '2026-03-01', '2026-02-20', ?2, '2026-02-20', 0)";
            tx.exec(restriction, params![who, said, tara.coach])?;
            let hold = "INSERT INTO hold (id, person_id, reason, owner_id, since, review_on, ended_on, ended_why, sweep_due, recorded_at)
                VALUES (2, ?1, ?2, ?3, '2026-02-01', '2026-03-01', '2026-02-20', ?2, 0, 0)";
            tx.exec(hold, params![who, said, tara.coach])?;
            let entered = "INSERT INTO not_entered (id, person_id, activity, since, entered_on, reason) VALUES (3, ?1, 'news', '2026-02-01', '2026-02-02', ?2)";
            tx.exec(entered, params![who, said])?;
            for sql in [
                "INSERT INTO not_objecting (id, person_id, number, said_by, said_on, recorded_at) VALUES (4, ?1, '+441632960001', ?2, '2026-05-31', ?3)",
                "INSERT INTO objection (id, person_id, scope, made_on, lifted_on, how, because, recorded_at)
                    VALUES (5, ?1, 'all contact', '2026-02-01', '2026-02-02', 'letter', ?2, ?3)",
            ] {
                tx.exec(sql, params![who, said, noon(date(2026, 5, 31))])?;
            }
            let incident = "INSERT INTO incident (id, sort, what, found_at, found_by, risk, closed_on, recorded_at, version)
                VALUES (6, 'lost', 'The file of Tara Quill was lost', ?1, 'Tara Quill', 'unlikely', '2026-05-31', ?1, 1)";
            tx.exec(incident, params![noon(date(2026, 5, 30))])?;
            tx.exec("INSERT INTO incident_person (incident_id, person_id) VALUES (6, ?1)", params![who])?;
            let step = "INSERT INTO incident_step (id, incident_id, step, done_at, note, recorded_at) VALUES (7, 6, 'noted', ?1, 'Rang Tara', ?1)";
            tx.exec(step, params![noon(date(2026, 5, 31))])?;
            let new = task::NewTask { person: Some(who), ..task::NewTask::new(task::Kind::Other, "Ring Tara Quill.") };
            let done = task::add(tx, &new, noon(today))?;
            task::done(tx, done, today, None, Some("Tara will write"))?;
            settle(tx, &policy, who, today)?;
            Ok::<_, Error>(done)
        }).unwrap();
        erased(store, &policy, (who, "Tara Quill"), today);
        assert!(store.read(|tx| person::exists(tx, who)).unwrap(), "records of them stay");
        for words in ["Tara", "Quill", "960001"] {
            assert_eq!(found(store, words), BTreeSet::new(), "{words}");
        }
        let reasons = ["hold.ended_why", "hold.reason", "not_entered.reason", "objection.because", "restriction.reason", "restriction.reviewed_why"];
        assert_eq!(found(store, "forgotten with whoever it was about"), reasons.map(str::to_owned).into(), "that there was a reason stays");
        let task = store.read(|tx| task::one(tx, done)).unwrap();
        assert_eq!((task.what.as_str(), task.outcome.as_deref()), ("Ring [removed].", Some("[removed] will write")));
        // No backup brings it back.
        for table in ["restriction", "hold", "not_entered", "not_objecting", "objection", "task"] {
            let lost = "SELECT 1 FROM ring_duty WHERE table_name = ?1 AND what = 'lost'";
            assert!(store.read(|tx| tx.any(lost, params![table])).unwrap(), "{table}");
        }
    }

    fn an_erasure_that_waited_for_a_copy_leaves_nothing_that_says_who(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let (who, today) = (tara.person, date(2026, 6, 1));
        let (access, sent) = store.write(|tx| {
            let new = NewMessage {
                person: Some(who), mailing: None, sort: Sort::Personal, activity: Some("coaching"), channel: "email",
                address: "tara.quill@home.example", subject: "Your session", body: "Dear Tara", html: None, token: None,
                not_before: None, request: None, by: None,
            };
            let sent = message::queue(tx, &new, today, noon(today))?;
            message::claim(tx, &policy, sent, noon(today))?;
            message::sent(tx, sent, noon(today))?;
            let new = NewRequest {
                kind: Kind::Access, person: who, name: "Tara Quill", organisation: None, received_on: today, channel: "letter",
                words: Some("Tara Quill asks to see it"), owner: None, by: None,
            };
            let access = request::open(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, who, today)?;
            Ok::<_, Error>((access, sent))
        }).unwrap();
        let erased = erased(store, &policy, (who, "Tara Quill"), today);
        assert!(!erased.departed.kept.is_empty(), "they wait for a copy of it: {erased:?}");
        assert!(found(store, "Tara").contains("item.value"));

        store.write(|tx| {
            let on = date(2026, 6, 3);
            request::answer(tx, access, on, "handed to Tara Quill", None, noon(on))?;
            request::close(tx, &policy, access, on, None, noon(on))?;
            settle(tx, &policy, who, on)
        }).unwrap();
        let night = date(2026, 6, 4);
        assert_eq!(store.read(|tx| sweep::due(tx, night)).unwrap(), [who]);
        store.write(|tx| sweep::person(tx, &policy, store.keys(), who, night, noon(night))).unwrap();
        assert!(store.read(|tx| person::exists(tx, who)).unwrap(), "records of them stay");
        assert_eq!(store.read(|tx| message::one(tx, &policy, sent)).unwrap().state, "sent", "that it left stays");
        for words in ["Tara", "Quill", "tara.quill"] {
            assert_eq!(found(store, words), BTreeSet::new(), "{words}");
        }
    }

    fn a_complaint_that_was_open_says_who_complained_no_more_once_it_is_answered(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let (who, today) = (tara.person, date(2026, 6, 1));
        let complaint = store.write(|tx| {
            let new = NewComplaint {
                person: who, name: "Tara Quill", received_on: today, channel: "letter", words: Some("You wrote to Tara Quill"),
                reach: Some("tara.quill@post.example"), behalf: None, owner: None, by: None,
            };
            let complaint = complaint::open(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, who, today)?;
            Ok::<_, Error>(complaint)
        }).unwrap();
        erased(store, &policy, (who, "Tara Quill"), today);
        assert!(found(store, "Tara").contains("complaint.asked_by"), "it is still to be answered");
        assert_eq!(store.read(erase::closed_since).unwrap(), []);
        store.write(|tx| complaint::answer(tx, complaint, today, "Tara Quill is right", None, noon(today))).unwrap();
        assert_eq!(store.read(erase::closed_since).unwrap(), [who]);
        store.write(|tx| erase::close(tx, who)).unwrap();
        for words in ["Tara", "Quill", "tara.quill"] {
            assert_eq!(found(store, words), BTreeSet::new(), "{words}");
        }
        let held = store.read(|tx| complaint::one(tx, &policy, complaint)).unwrap();
        assert!(held.closed_on == Some(today) && held.person == Some(who), "that it was made and answered stays");
        assert_eq!(store.read(erase::closed_since).unwrap(), []);
    }

    fn a_complaint_of_somebody_who_had_no_ground_at_all_says_no_more_either_who_complained(store) {
        let policy = policy();
        let today = date(2026, 12, 1);
        // A supporter who never agreed to the news: nothing of theirs has a ground.
        let who = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Zqjx Vwkpt"), ("email", "zqjx@post.example")]);
        let complaint = store.write(|tx| {
            let new = NewComplaint {
                person: who, name: "Zqjx Vwkpt", received_on: today, channel: "letter", words: Some("You wrote to Zqjx Vwkpt"),
                reach: Some("zqjx@post.example"), behalf: None, owner: None, by: None,
            };
            let complaint = complaint::open(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, who, today)?;
            Ok::<_, Error>(complaint)
        }).unwrap();
        // Somebody else has a complaint closed, and was never erased.
        let other = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Mia Oak")]);
        store.write(|tx| {
            let new = NewComplaint {
                person: other, name: "Mia Oak", received_on: today, channel: "letter", words: Some("No news"),
                reach: None, behalf: None, owner: None, by: None,
            };
            let complaint = complaint::open(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, other, today)?;
            complaint::answer(tx, complaint, today, "sorry", None, noon(today))?;
            tx.exec("DELETE FROM item WHERE person_id = ?1", params![other])?;
            Ok::<_, Error>(())
        }).unwrap();
        let request = ask(store, &policy, who, "Zqjx Vwkpt", today);
        store.write(|tx| erase::grant(tx, &policy, store.keys(), who, &BTreeSet::new(), request, None, ACTOR, today, noon(today))).unwrap();
        let stopped = "SELECT 1 FROM ground WHERE person_id = ?1 AND cause = 'erased'";
        assert!(!store.read(|tx| tx.any(stopped, params![who])).unwrap(), "there was none to stop");
        assert!(found(store, "Zqjx").contains("complaint.asked_by"), "it is still to be answered");
        assert_eq!(store.read(erase::closed_since).unwrap(), []);
        store.write(|tx| complaint::answer(tx, complaint, today, "Zqjx Vwkpt is right", None, noon(today))).unwrap();
        assert_eq!(store.read(erase::closed_since).unwrap(), [who]);
        store.write(|tx| erase::close(tx, who)).unwrap();
        for words in ["Zqjx", "Vwkpt", "zqjx@"] {
            assert_eq!(found(store, words), BTreeSet::new(), "{words}");
        }
        let held = store.read(|tx| complaint::one(tx, &policy, complaint)).unwrap();
        assert!(held.closed_on == Some(today) && held.person == Some(who), "that it was made and answered stays");
        assert_eq!(store.read(erase::closed_since).unwrap(), []);
    }

    fn an_address_that_was_changed_before_is_known_as_the_last_one_is(store) {
        let policy = policy();
        let today = date(2026, 12, 1);
        let who = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Zqjx Vwkpt"), ("email", "zqjx@post.example")]);
        // What was written down for them by mistake is somebody else's: by that nobody was erased.
        someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Mia Oak"), ("email", "mia@post.example")]);
        let (email, name) = (policy.kind_named("email").unwrap().id, policy.kind_named("name").unwrap().id);
        let items = store.read(|tx| item::of_person(tx, &policy, who)).unwrap();
        let of = |kind: policy::KindId| items.iter().find(|item| item.kind == kind).unwrap().id;
        store.write(|tx| {
            for (which, seen, value) in
                [(email, 1, "mia@post.example"), (email, 2, "vwkpt@new.example"), (name, 1, "Zqjx Brfgh")]
            {
                item::set(tx, &policy, of(which), seen, value, None, noon(today))?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        let asked = |said: &str| store.read(|tx| certificate::asked(tx, store.keys(), said)).unwrap();
        assert_eq!(asked("zqjx@post.example"), [], "they are still here");
        let request = ask(store, &policy, who, "Zqjx Brfgh", today);
        store.write(|tx| erase::grant(tx, &policy, store.keys(), who, &BTreeSet::new(), request, None, ACTOR, today, noon(today))).unwrap();
        let last = asked("vwkpt@new.example");
        assert!(last.len() == 1 && last[0].erased && last[0].on == today, "{last:?}");
        for before in ["ZQJX@post.example", "zqjx vwkpt", "Zqjx Brfgh"] {
            assert_eq!(asked(before), last, "{before}");
        }
        assert_eq!(asked("mia@post.example"), []);
        let known = |email: &str| store.read(|tx| certificate::known(tx, store.keys(), "email", email)).unwrap();
        assert_eq!(known("zqjx@post.example"), last.first().cloned(), "nor does a list bring them back by it");
        for words in ["Zqjx", "zqjx@", "vwkpt@", "Brfgh"] {
            assert_eq!(found(store, words), BTreeSet::new(), "{words}");
        }
    }

    fn a_request_that_was_open_says_who_asked_no_more_once_it_is_answered(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let (who, today) = (tara.person, date(2026, 6, 1));
        let asked = |kind| NewRequest {
            kind, person: who, name: "Tara Quill", organisation: Some("Quill Ltd"), received_on: today, channel: "letter",
            words: Some("Tara Quill asks"), owner: None, by: None,
        };
        let open = store.write(|tx| {
            let open = [Kind::Access, Kind::Rectification].map(|kind| request::open(tx, &policy, &asked(kind), noon(today)));
            settle(tx, &policy, who, today)?;
            open.into_iter().collect::<Result<Vec<_>, Error>>()
        }).unwrap();
        erased(store, &policy, (who, "Tara Quill"), today);
        assert!(found(store, "Tara").contains("item.value"), "it is kept until they have their copy, or its day is over");
        // Nobody answers either in time: the rest goes, and what is still to be answered says whom to answer.
        let night = date(2026, 9, 1);
        store.write(|tx| sweep::person(tx, &policy, store.keys(), who, night, noon(night))).unwrap();
        let left = found(store, "Tara");
        assert!(left.contains("request.asked_by") && !left.contains("item.value"), "{left:?}");
        assert_eq!(store.read(erase::closed_since).unwrap(), []);
        store.write(|tx| {
            for each in &open {
                request::answer(tx, *each, night, "told Tara Quill", None, noon(night))?;
                request::close(tx, &policy, *each, night, None, noon(night))?;
            }
            Ok::<_, Error>(())
        }).unwrap();
        assert_eq!(store.read(erase::closed_since).unwrap(), [who]);
        store.write(|tx| erase::close(tx, who)).unwrap();
        for words in ["Tara", "Quill", "tara.quill"] {
            assert_eq!(found(store, words), BTreeSet::new(), "{words}");
        }
        let held = store.read(|tx| request::one(tx, &policy, open[0])).unwrap();
        assert!(held.closed_on == Some(night) && held.person == Some(who), "that it was asked and answered stays");
        assert_eq!(store.read(erase::closed_since).unwrap(), []);
    }

    fn what_they_asked_before_keeps_no_organisation_that_is_called_after_them(store) {
        let policy = policy();
        let today = date(2026, 12, 1);
        let who = someone(store, &policy, "supporter", date(2026, 1, 1), &[("name", "Zqjx Vwkpt")]);
        let asked = |kind, organisation, on| NewRequest {
            kind, person: who, name: "Zqjx Vwkpt", organisation: Some(organisation), received_on: on, channel: "letter", words: None,
            owner: None, by: None,
        };
        let earlier = store.write(|tx| {
            let on = date(2026, 11, 2);
            let earlier = request::open(tx, &policy, &asked(Kind::Access, "Vwkpt Ltd", on), noon(on))?;
            request::answer(tx, earlier, on, "sent", None, noon(on))?;
            request::close(tx, &policy, earlier, on, None, noon(on))?;
            tx.exec("DELETE FROM ring_duty", &[])?;
            Ok::<_, Error>(earlier)
        }).unwrap();
        erased(store, &policy, (who, "Zqjx Vwkpt"), today);
        let (called, told) = store.read(|tx| {
            let told = "SELECT 1 FROM ring_duty WHERE table_name = 'request' AND row_id = ?1 AND what = 'lost'";
            Ok::<_, Error>((request::one(tx, &policy, earlier)?.organisation, tx.any(told, params![earlier])?))
        }).unwrap();
        assert_eq!(called.as_deref(), Some("[removed] Ltd"));
        assert!(told, "no backup brings it back");
    }

    fn what_was_to_be_done_about_somebody_goes_with_them(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let omar = someone(store, &policy, "supplier", date(2026, 1, 1), &[("name", "Omar Finch")]);
        let today = date(2026, 6, 1);
        let (agreement, shelf, his) = store.write(|tx| {
            let new = task::NewTask {
                person: Some(tara.person), engagement: Some(tara.programme), ..task::NewTask::new(task::Kind::Other, "Send the agreement.")
            };
            let agreement = task::add(tx, &new, noon(today))?;
            // Paid for by an organisation, so about nobody but the work.
            let new = task::NewTask { engagement: Some(tara.programme), ..task::NewTask::new(task::Kind::Other, "Send it to the payer.") };
            let shelf = task::add(tx, &new, noon(today))?;
            let new = task::NewTask { person: Some(omar), ..task::NewTask::new(task::Kind::Other, "Ring him.") };
            let his = task::add(tx, &new, noon(today))?;
            paper::add(tx, &paper::NewPaper { person: tara.person, engagement: Some(tara.programme), what: "folder", place: "cabinet 3", since: today, by: None }, noon(today))?;
            settle(tx, &policy, tara.person, today)?;
            Ok::<_, Error>((agreement, shelf, his))
        }).unwrap();
        erased(store, &policy, (tara.person, "Tara Quill"), today);
        let open = store.read(|tx| task::open(tx, None, 50)).unwrap();
        assert!(!open.iter().any(|task| task.id == agreement || task.id == shelf), "{open:?}");
        assert!(open.iter().any(|task| task.id == his), "somebody else's stays");
        assert!(open.iter().any(|task| task.kind == task::Kind::DestroyPaper), "what the disposal owes stays");
    }

    fn an_objection_outlives_the_person(store) {
        let policy = policy();
        let today = date(2026, 12, 1);
        let who = someone(store, &policy, "organisation contact", date(2026, 11, 1), &[("name", "Omar Finch"), ("email", "omar@harbour.example"), ("phone", "01632 960017")]);
        let request = ask(store, &policy, who, "Omar Finch", today);
        store.write(|tx| {
            let new = store::objection::NewObjection {
                person: who, scope: &custody::life::Scope::AllContact, made_on: today, how: "letter", words: None, request: Some(request), by: None,
            };
            store::objection::record(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, who, today)?;
            erase::grant(tx, &policy, store.keys(), who, &BTreeSet::new(), request, None, ACTOR, today, noon(today))
        }).unwrap();
        for (kind, value) in [("email", "OMAR@harbour.example"), ("phone", "+441632960017")] {
            assert!(store.read(|tx| suppression::bars(tx, store.keys(), kind, value, false, false)).unwrap(), "{kind}");
        }
        assert!(!store.read(|tx| suppression::bars(tx, store.keys(), "email", "else@harbour.example", true, true)).unwrap());
    }

    fn what_is_held_is_refused(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let today = date(2026, 6, 1);
        store.write(|tx| {
            let new = hold::NewHold { person: Some(tara.person), engagement: None, reason: "claim", owner: tara.coach, since: today, review_on: date(2026, 9, 1) };
            hold::place(tx, &new, noon(today))
        }).unwrap();
        let request = ask(store, &policy, tara.person, "Tara Quill", today);
        let life = store.read(|tx| life::load(tx, &policy, tara.person, today)).unwrap();
        let parts = erase::proposal(&policy, &life, today);
        assert!(parts.iter().all(|part| matches!(part.refused, Some(Why::Hold | Why::LegalDuty))), "{parts:?}");
        assert!(parts.iter().any(|part| part.refused == Some(Why::Hold)), "{parts:?}");
        let erased = store.write(|tx| {
            erase::grant(tx, &policy, store.keys(), tara.person, &BTreeSet::new(), request, None, ACTOR, today, noon(today))
        }).unwrap();
        assert_eq!(erased.departed.rows(), 0);
        assert_eq!((erased.stopped, erased.departed.gone), (0, false), "{erased:?}");
    }

    fn a_text_about_two_people_stays_for_the_other(store) {
        let policy = policy();
        let tara = tara(store, &policy);
        let today = date(2026, 6, 1);
        let omar = someone(store, &policy, "supplier", date(2026, 1, 1), &[("name", "Omar Finch")]);
        let shared = store.write(|tx| {
            let new = NewEntry {
                kind: policy.kind_named("contact record").unwrap().id, on: date(2026, 5, 1), direction: Some(entry::Direction::Both),
                body: "Tara Quill (01632 960001) rang about Omar Finch", source: "the person", import: None,
                people: &[(tara.person, Role::Subject), (omar, Role::Subject)], engagements: &[], author: None,
            };
            let shared = entry::add(tx, &policy, &new, noon(today))?;
            settle(tx, &policy, tara.person, today)?;
            settle(tx, &policy, omar, today)?;
            Ok::<_, Error>(shared)
        }).unwrap();
        let request = ask(store, &policy, tara.person, "Tara Quill", today);
        let erased = store.write(|tx| {
            erase::grant(tx, &policy, store.keys(), tara.person, &BTreeSet::new(), request, None, ACTOR, today, noon(today))
        }).unwrap();
        assert_eq!(erased.departed.cut, 1, "{erased:?}");
        let left = store.read(|tx| entry::one(tx, &policy, shared)).unwrap();
        assert_eq!(left.people, [(omar, Role::Subject)]);
        assert_eq!(found(store, "Tara"), BTreeSet::new());
        assert_eq!(found(store, "rang about Omar Finch"), BTreeSet::from(["entry.body".to_owned()]));
        assert!(store.read(|tx| task::open(tx, None, 9)).unwrap().iter().any(|task| task.kind == task::Kind::Mask && task.entry == Some(shared)));
    }
}

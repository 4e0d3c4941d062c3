//! What leaves leaves once, what is listed is found, and requests keep the law's calendar.

use custody::id::{PersonId, StaffId};
use jiff::civil::date;
use policy::Policy;
use store::call::{Line, screen};
use store::mailing::{self, Draft, Filling};
use store::message::{NewMessage, Sort, Text, many};
use store::request::{Kind, Move, NewRequest};
use store::suppression::Forbids;
use store::{Error, Store, log, message, not_objecting, register, request, suppression};

use crate::harness::policy;
use crate::story::{noon, settle, someone};

fn omar(store: &Store, policy: &Policy) -> PersonId {
    someone(
        store,
        policy,
        "organisation contact",
        date(2026, 9, 1),
        &[("name", "Omar Finch"), ("phone", "01632 960017")],
    )
}

both! {
    fn a_message_is_claimed_once_and_comes_back_after_a_failure(store) {
        let policy = policy();
        let who = omar(store, &policy);
        let (on, later) = (date(2026, 11, 1), date(2026, 11, 2));
        let id = store.write(|tx| {
            let new = NewMessage {
                person: Some(who), mailing: None, sort: Sort::Personal, activity: Some("enquiries"), channel: "email", address: "omar@harbour.example",
                subject: "s", body: "b", html: None, token: Some(b"abc"), not_before: None, request: None, by: None,
            };
            message::queue(tx, &new, on, noon(on))
        }).unwrap();
        assert_eq!(store.read(|tx| message::waiting(tx, noon(date(2026, 10, 31)), 9)).unwrap(), []);
        assert_eq!(store.read(|tx| message::waiting(tx, noon(on), 9)).unwrap(), [id]);
        let claimed = store.write(|tx| message::claim(tx, &policy, id, noon(on))).unwrap();
        assert!(matches!(claimed.address, Text::Sealed(_)));
        assert!(matches!(store.write(|tx| message::claim(tx, &policy, id, noon(on))), Err(Error::Missing)));
        store.write(|tx| message::failed(tx, id, "451 try later", Some(noon(later)))).unwrap();
        assert_eq!(store.read(|tx| message::waiting(tx, noon(on), 9)).unwrap(), []);
        assert_eq!(store.read(|tx| message::waiting(tx, noon(later), 9)).unwrap(), [id]);
        // A sender that never came back gives its messages up.
        store.write(|tx| message::claim(tx, &policy, id, noon(later))).unwrap();
        assert_eq!(store.write(|tx| message::unclaim(tx, noon(date(2026, 11, 3)))).unwrap(), 1);
        let last = store.write(|tx| { let last = message::claim(tx, &policy, id, noon(later))?; message::sent(tx, id, noon(later))?; Ok::<_, Error>(last) }).unwrap();
        assert_eq!(last.attempts, 3);
        assert!(matches!(store.write(|tx| message::sent(tx, id, noon(later))), Err(Error::Missing)));
        assert_eq!(store.read(|tx| message::by_token(tx, &policy, b"abc")).unwrap().unwrap().id, id);
        assert!(matches!(store.write(|tx| message::refuse(tx, id, "x")), Err(Error::Missing)));
    }

    fn messages_of_a_mailing_are_claimed_and_written_down_many_at_once(store) {
        let policy = policy();
        let on = date(2026, 11, 1);
        let names = ["ada", "ben", "cal"];
        let people = names.map(|name| {
            let email = format!("{name}@harbour.example");
            someone(store, &policy, "organisation contact", date(2026, 9, 1), &[("name", name), ("email", &email)])
        });
        let (mailing, three) = store.write(|tx| {
            let draft = Draft {
                title: "News".into(), activity: "news for organisations".into(), channel: "mailing".into(), subject: "s".into(), body: "b".into(),
            };
            let mailing = mailing::add(tx, &draft, None, noon(on))?;
            mailing::moved(tx, mailing, "draft", "queued", noon(on))?;
            let mut three = Vec::new();
            for (name, who) in names.iter().zip(&people) {
                let address = format!("{name}@harbour.example");
                let new = NewMessage {
                    person: Some(*who), mailing: Some(mailing), sort: Sort::Mailing, activity: Some("news for organisations"), channel: "mailing",
                    address: &address, subject: "s", body: "b", html: None, token: None, not_before: None, request: None, by: None,
                };
                three.push(message::queue(tx, &new, on, noon(on))?);
            }
            Ok::<_, Error>((mailing, three))
        }).unwrap();
        assert_eq!(store.read(|tx| message::waiting_of_mailings(tx, noon(on), 9)).unwrap(), three);
        assert_eq!(store.read(|tx| message::waiting_by_itself(tx, noon(on), 9)).unwrap(), []);
        store.write(|tx| many::claim(tx, &three, 7, noon(on))).unwrap();
        assert!(matches!(store.write(|tx| many::claim(tx, &three, 8, noon(on))), Err(Error::Missing)), "once");
        let still = |claim| store.read(|tx| many::still(tx, &three, claim)).unwrap().len();
        assert_eq!((still(7), still(8)), (3, 0));
        store.write(|tx| mailing::pause(tx, mailing, noon(on))).unwrap();
        assert_eq!(still(7), 0, "it pauses");
        store.write(|tx| mailing::go_on(tx, mailing)).unwrap();
        assert_eq!(store.read(many::claimed).unwrap(), three.iter().map(|id| (*id, 7)).collect::<Vec<_>>());
        // An address that is theirs no more, of one of them.
        let moved = || store.read(|tx| many::moved(tx, store.keys(), &three)).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(moved(), []);
        let other = "UPDATE item SET value = 'x@harbour.example', normal = 'x@harbour.example' WHERE normal = 'ben@harbour.example'";
        assert_eq!(store.write(|tx| tx.exec(other, &[])).unwrap(), 1);
        assert_eq!(moved(), [three[1]]);
        // What is logged of somebody is counted, and of nobody else.
        let counts = || store.read(|tx| log::counts_since(tx, &people, 0)).unwrap();
        let before = counts();
        store.write(|tx| log::append(tx, noon(on), "staff 1", "objected", &[people[2]], &serde_json::json!({}))).unwrap();
        let changed: Vec<_> = people.iter().filter(|who| counts().get(*who) != before.get(*who)).collect();
        assert_eq!(changed, [&people[2]]);
        // So is what is done to nobody, and what is said at an address.
        let others = |since| store.read(|tx| Ok::<_, Error>((log::count_of(tx, "objected", since)?, suppression::count_since(tx, since)?)));
        let before = others(0).unwrap();
        store.write(|tx| {
            log::append(tx, noon(on), "staff 1", "objected", &[], &serde_json::json!({}))?;
            suppression::add(tx, store.keys(), "email", "zoe@harbour.example", Forbids::Marketing, on, "link", noon(on))
        }).unwrap();
        assert_eq!(others(0).unwrap(), (before.0 + 1, before.1 + 1));
        assert_eq!(others(store::id::next()).unwrap(), (0, 0), "before that");
        let left = noon(date(2026, 11, 2));
        store.write(|tx| { many::give_back(tx, &three[2..])?; many::sent(tx, &[(three[0], left), (three[2], left)]) }).unwrap();
        let states: Vec<_> = store.read(|tx| many::several(tx, &policy, &three)).unwrap();
        let states: Vec<_> = states.iter().map(|held| (held.state.as_str(), held.attempts, held.sent_at)).collect();
        assert_eq!(states, [("sent", 1, Some(left)), ("claimed", 1, None), ("queued", 0, None)], "what waits again did not leave");
        // It counts in the minute in which it left, not in that in which it was claimed.
        store.write(|tx| mailing::pace(tx, mailing, Some(1))).unwrap();
        let waiting = |at| store.read(|tx| message::waiting_of_mailings(tx, at, 9)).unwrap();
        assert_eq!((waiting(left), waiting(left + jiff::SignedDuration::from_secs(61))), (vec![], vec![three[2]]));
    }

    fn what_is_to_leave_at_once_is_brought_forward_in_steps_and_a_next_try_is_not(store) {
        let policy = policy();
        let on = date(2026, 11, 1);
        let after = |minutes| noon(on) + jiff::SignedDuration::from_mins(minutes);
        let who = omar(store, &policy);
        let (mailing, three) = store.write(|tx| {
            let draft = Draft { title: "t".into(), activity: "a".into(), channel: "mailing".into(), subject: "s".into(), body: "b".into() };
            let mailing = mailing::add(tx, &draft, None, noon(on))?;
            assert!(matches!(mailing::hurry(tx, mailing, noon(on)), Err(Error::Missing)), "a draft");
            mailing::moved(tx, mailing, "draft", "queued", noon(on))?;
            let new = NewMessage {
                person: Some(who), mailing: Some(mailing), sort: Sort::Mailing, activity: Some("a"), channel: "mailing", address: "omar@harbour.example",
                subject: "s", body: "b", html: None, token: None, not_before: Some(after(10)), request: None, by: None,
            };
            let three = (0..3).map(|_| message::queue(tx, &new, on, noon(on))).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, Error>((mailing, three))
        }).unwrap();
        let waiting = |at| store.read(|tx| message::waiting_of_mailings(tx, at, 9)).unwrap();
        store.write(|tx| mailing::hurry(tx, mailing, after(1))).unwrap();
        assert_eq!(store.read(|tx| mailing::hurried(tx, mailing)).unwrap(), Some(after(1)));
        assert_eq!(store.read(mailing::in_steps).unwrap(), [mailing]);
        let some = || store.write(|tx| many::hurry(tx, mailing, after(1), 2)).unwrap();
        assert_eq!((some(), waiting(after(1))), (2, three[..2].to_vec()));
        store.write(|tx| { message::claim(tx, &policy, three[0], after(2))?; message::failed(tx, three[0], "451", Some(after(4))) }).unwrap();
        assert_eq!((some(), waiting(after(2))), (1, three[1..].to_vec()), "one waits for its next try");
        assert_eq!(some(), 0);
        store.write(|tx| mailing::hurried_whole(tx, mailing)).unwrap();
        assert_eq!(store.read(mailing::in_steps).unwrap(), []);
    }

    fn a_mailing_in_steps_is_not_at_its_end_before_it_is_whole(store) {
        let on = date(2026, 11, 1);
        let mailing = store.write(|tx| {
            let draft = Draft { title: "t".into(), activity: "a".into(), channel: "c".into(), subject: "s".into(), body: "b".into() };
            mailing::add(tx, &draft, None, noon(on))
        }).unwrap();
        let filling = Filling { to: PersonId(5), by: StaffId(1), not_before: noon(on), of: Some(7) };
        assert!(matches!(store.write(|tx| mailing::fills(tx, mailing, &filling)), Err(Error::Missing)), "a draft");
        store.write(|tx| mailing::moved(tx, mailing, "draft", "queued", noon(on))).unwrap();
        store.write(|tx| mailing::fills(tx, mailing, &filling)).unwrap();
        assert_eq!(store.read(|tx| mailing::filling(tx, mailing)).unwrap(), Some(filling));
        assert_eq!(store.read(mailing::fillings).unwrap(), [mailing]);
        assert_eq!(store.write(mailing::finish).unwrap(), 0);
        let soon = noon(date(2026, 10, 1));
        store.write(|tx| mailing::hurry(tx, mailing, soon)).unwrap();
        assert_eq!(store.read(|tx| mailing::filling(tx, mailing)).unwrap(), Some(Filling { not_before: soon, ..filling }));
        store.write(|tx| mailing::draft_again(tx, mailing)).unwrap();
        let held = store.read(|tx| mailing::one(tx, mailing)).unwrap();
        assert_eq!((held.state.as_str(), held.sent_at, held.filling, held.filling_of), ("draft", None, false, None));
        store.write(|tx| mailing::moved(tx, mailing, "draft", "queued", noon(on))).unwrap();
        store.write(|tx| mailing::fills(tx, mailing, &filling)).unwrap();
        store.write(|tx| mailing::filled(tx, mailing)).unwrap();
        assert_eq!((store.read(mailing::fillings).unwrap(), store.write(mailing::finish).unwrap()), (vec![], 1));
        assert!(matches!(store.write(|tx| mailing::draft_again(tx, mailing)), Err(Error::Missing)), "it was sent");
    }

    fn an_audience_of_more_than_a_few_is_told_from_one_of_few(store) {
        let policy = policy();
        for name in ["Ann Hill", "Bea Moss", "Cal Reed"] {
            someone(store, &policy, "organisation contact", date(2026, 9, 1), &[("name", name)]);
        }
        let more = |categories: &[&str], on, few| {
            store.read(|tx| mailing::are_more_than(tx, categories, &[], on, few)).unwrap()
        };
        let (on, contacts) = (date(2026, 11, 1), "organisation contact");
        assert_eq!((more(&[contacts], on, 2), more(&[contacts], on, 3)), (true, false));
        assert!(!more(&[contacts, contacts], on, 3), "each counts once");
        assert!(!more(&[contacts], date(2026, 8, 1), 0), "nobody was yet");
    }

    fn a_listed_number_is_found_among_very_many(store) {
        let policy = policy();
        let mut file = String::new();
        for n in 0..100_000_u32 {
            file.push_str(&format!("0{}\n", 1_632_000_000_u32 + n * 7));
        }
        let numbers = register::read(file.as_bytes()).unwrap();
        assert_eq!((numbers.numbers.len(), numbers.junk), (100_000, 0));
        let on = date(2026, 11, 1);
        let loaded = store.write(|tx| register::load(tx, "tps", on, &numbers, None, noon(on))).unwrap();
        assert_eq!(loaded.numbers, 100_000);
        for n in [0, 1, 4095, 4096, 50_000, 99_999] {
            let listed = format!("+44{}", 1_632_000_000_u32 + n * 7);
            let free = format!("+44{}", 1_632_000_001_u32 + n * 7);
            assert!(store.read(|tx| register::listed(tx, "tps", &listed)).unwrap(), "{listed}");
            assert!(!store.read(|tx| register::listed(tx, "tps", &free)).unwrap(), "{free}");
        }
        assert!(!store.read(|tx| register::listed(tx, "tps", "+44100000000")).unwrap());
        assert!(!store.read(|tx| register::listed(tx, "ctps", "+441632000000")).unwrap());
        // A newer file takes the place of the old one; an older one is refused.
        let fewer = register::read(&b"01632 960017\n"[..]).unwrap();
        assert!(store.write(|tx| register::load(tx, "tps", date(2026, 10, 1), &fewer, None, noon(on))).is_err());
        store.write(|tx| register::load(tx, "tps", date(2026, 11, 20), &fewer, None, noon(on))).unwrap();
        assert!(!store.read(|tx| register::listed(tx, "tps", "+441632000000")).unwrap());
        assert_eq!(store.read(|tx| tx.count("SELECT count(*) FROM register_block", &[])).unwrap(), 1);

        let who = omar(store, &policy);
        let screening = policy.channel_named("call").unwrap().screening.clone().unwrap();
        let line = Line { person: Some(who), organisation: None };
        let today = date(2026, 11, 25);
        let look = || store.write(|tx| screen(tx, store.keys(), &screening, line, "01632 960017", None, today, noon(today))).unwrap();
        let found = look();
        assert!(found.listed && !found.on_own_list && found.not_objecting.is_none());
        assert_eq!(found.registers, [("tps".to_owned(), date(2026, 11, 20))], "a register never loaded was not looked at");
        store.write(|tx| not_objecting::record(tx, line, "+44 1632 960017", "Omar, the director", today, None, noon(today))).unwrap();
        assert_eq!(look().not_objecting, Some(today));
        store.write(|tx| not_objecting::withdraw(tx, "01632960017", today)).unwrap();
        assert_eq!(look().not_objecting, None);
        store.write(|tx| suppression::add(tx, store.keys(), "phone", "01632 960017", suppression::Forbids::Calls, today, "objection", noon(today))).unwrap();
        assert!(look().on_own_list);
    }

    fn changes_make_the_list_of_their_day_of_the_one_before(store) {
        let load = |name: &str, file: &str, on| {
            let found = register::read(file.as_bytes()).unwrap();
            store.write(|tx| register::load(tx, name, on, &found, None, noon(on)))
        };
        let changes = "A,01632960003\nD,01632960001\n";
        let unfitting = || {
            let found = register::read(changes.as_bytes()).unwrap();
            store.read(|tx| register::unfitting(tx, "tps", &found)).unwrap()
        };
        let first = date(2026, 11, 1);
        load("tps", "01632 960001\n01632 960002\n", first).unwrap();
        assert_eq!(unfitting(), 0);
        let refused = load("tps", changes, first).unwrap_err();
        assert!(refused.to_string().contains("load the whole list first"), "{refused}");
        assert!(load("ctps", changes, first).is_err(), "there is nothing to change");
        assert_eq!(load("tps", changes, date(2026, 11, 10)).unwrap().numbers, 2);
        let listed = |number: &str| store.read(|tx| register::listed(tx, "tps", number)).unwrap();
        assert!(listed("+441632960003") && listed("+441632960002") && !listed("+441632960001"));
        assert_eq!(unfitting(), 2, "they have been made already");
        assert_eq!(store.read(|tx| register::newest(tx, "tps")).unwrap().unwrap().dated_on, date(2026, 11, 10));
    }

    fn a_request_is_due_as_the_law_says(store) {
        let policy = policy();
        let who = omar(store, &policy);
        let on = date(2026, 11, 3);
        let open = |kind, on| store.write(|tx| {
            let new = NewRequest { kind, person: who, name: "Omar Finch", organisation: None, received_on: on, channel: "e-mail", words: None, owner: None, by: None };
            let request = request::open(tx, &policy, &new, noon(on))?;
            settle(tx, &policy, who, on)?;
            Ok::<_, Error>(request)
        }).unwrap();
        let access = open(Kind::Access, on);
        let due = |request| store.read(|tx| request::one(tx, &policy, request)).unwrap().due_on;
        let moved = |request, how, on| store.write(|tx| request::moved(tx, &policy, request, how, on, None, noon(on)));
        assert_eq!(due(access), Some(date(2026, 12, 3)));
        // Asked on the 10th, answered on the 14th: five days do not count.
        moved(access, Move::Paused, date(2026, 11, 10)).unwrap();
        assert_eq!(due(access), None);
        moved(access, Move::Resumed, date(2026, 11, 14)).unwrap();
        assert_eq!(due(access), Some(date(2026, 12, 8)));
        moved(access, Move::Extended("three years of letters"), date(2026, 11, 20)).unwrap();
        assert_eq!(due(access), Some(date(2027, 2, 8)));
        assert!(moved(access, Move::Extended("again"), date(2026, 11, 21)).is_err());
        let erasure = open(Kind::Erasure, on);
        assert!(moved(erasure, Move::Paused, on).is_err(), "only an access request pauses");
        assert!(moved(erasure, Move::IdentityProved, on).is_err());
        moved(erasure, Move::IdentityAsked, on).unwrap();
        assert_eq!(due(erasure), None);
        moved(erasure, Move::IdentityProved, date(2026, 11, 9)).unwrap();
        assert_eq!(due(erasure), Some(date(2026, 12, 9)));
        assert_eq!(store.read(|tx| request::open_ones(tx, &policy, 9)).unwrap().len(), 2);
        assert!(store.write(|tx| request::close(tx, &policy, access, on, None, noon(on))).is_err(), "not answered yet");
    }
}

//! Nobody gets a mailing twice: where the mail server's answer was lost, or the program was stopped with a message in hand, it is
//! uncertain, and leaves again only when somebody says so. A message that names somebody erased since waits for somebody to look. What no
//! mail server takes goes in its time.

use std::sync::atomic::Ordering::SeqCst;

use app::acts::engagement::{self, NewWork, Payer};
use app::acts::erasure::{self, Masking};
use app::acts::{objection, personal, uncertain};
use app::jobs::{night, outbox};
use custody::id::{MailingId, MessageId};
use custody::life::Scope;
use custody::proof::Obligation;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use policy::activity::Purpose;
use store::message::{NewMessage, Sort};
use store::{message, params, prove, task};

use crate::post_office::{PostOffice, settings};
use crate::town::Town;

fn addresses(how_many: usize) -> Vec<String> {
    (0..how_many).map(|n| format!("p{n}@post.example")).collect()
}

/// A mailing to so many that waits to leave by this post office.
fn waiting(town: &mut Town, office: &PostOffice, how_many: usize) -> MailingId {
    town.reopen(&settings(office.port));
    town.many(how_many);
    town.queue().unwrap()
}

/// Hours pass, in which the outbox is looked at again and again.
fn hours(town: &Town) {
    for _ in 0..4 {
        let clock = &town.instance().clock;
        clock.set(clock.now() + SignedDuration::from_mins(31));
        outbox::run(town.instance()).unwrap();
    }
}

fn open_tasks(town: &Town) -> Vec<String> {
    let open = town.instance().store.read(|tx| task::open(tx, None, 50)).unwrap();
    open.into_iter().map(|task| task.what).collect()
}

/// The program is stopped with the next messages in hand.
fn in_hand(town: &Town, how_many: u32) -> Vec<MessageId> {
    let (store, policy, now) =
        (&town.instance().store, town.instance().policy(), town.instance().clock.now());
    let some = store.read(|tx| message::waiting(tx, now, how_many)).unwrap();
    for id in &some {
        store.write(|tx| message::claim(tx, &policy, *id, now)).unwrap();
    }
    some
}

both! {
    fn an_answer_that_was_lost_makes_it_uncertain_and_nobody_gets_it_twice(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 6);
        office.swallows.store(2, SeqCst);
        outbox::run(town.instance()).unwrap();
        hours(town);
        assert_eq!((town.addresses(mailing, "sent").len(), town.addresses(mailing, "uncertain").len()), (4, 2));
        let taken = office.taken();
        assert_eq!(taken.keys().cloned().collect::<Vec<_>>(), addresses(6), "nobody is left out");
        assert!(taken.values().all(|times| *times == 1), "{taken:?}");
        let said = open_tasks(town);
        assert_eq!(said.iter().filter(|what| what.contains("nobody knows whether they arrived")).count(), 1, "{said:?}");
        // Somebody says that they arrived: they count as sent, and the task is done.
        town.act(|acting, tx| uncertain::say(acting, tx, mailing, true)).unwrap();
        hours(town);
        assert_eq!(town.addresses(mailing, "sent").len(), 6);
        assert!(office.taken().values().all(|times| *times == 1));
        assert!(!open_tasks(town).iter().any(|what| what.contains("nobody knows")));
        assert!(town.act(|acting, tx| uncertain::say(acting, tx, mailing, false)).is_err(), "said already");
    }

    fn a_server_that_closes_between_two_messages_costs_no_message_a_try(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 4);
        office.closes.store(3, SeqCst);
        outbox::run(town.instance()).unwrap();
        assert_eq!(town.addresses(mailing, "sent"), addresses(4), "none waits for another try");
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE attempts > 1"), 0);
        assert!(office.taken().values().all(|times| *times == 1));
    }

    fn broken_off_before_the_message_went_over_it_is_tried_again(town) {
        // Nobody listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        town.reopen(&settings(port));
        town.supporter("Sam Hill", "sam@post.example");
        let mailing = town.queue().unwrap();
        outbox::run(town.instance()).unwrap();
        assert_eq!(town.addresses(mailing, "queued"), ["sam@post.example"]);
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        hours(town);
        assert_eq!(town.addresses(mailing, "sent"), ["sam@post.example"]);
    }

    fn what_was_in_hand_when_the_program_stopped_leaves_only_when_somebody_says_so(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 5);
        let in_hand = in_hand(town, 2);
        hours(town);
        assert_eq!((town.addresses(mailing, "sent").len(), town.addresses(mailing, "uncertain").len()), (3, 2));
        assert_eq!(office.taken().len(), 3);
        // One of the two said no meanwhile: decided again as it leaves.
        let sql = "SELECT person_id FROM message WHERE id = ?1";
        let store = &town.instance().store;
        let who = store.read(|tx| tx.one(sql, params![in_hand[0]], |row| Ok(custody::id::PersonId(row.int(0)?)))).unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        town.act(|acting, tx| objection::record(acting, tx, who, &marketing, (acting.today, "telephone"))).unwrap();
        town.act(|acting, tx| uncertain::say(acting, tx, mailing, false)).unwrap();
        outbox::run(town.instance()).unwrap();
        assert_eq!((town.addresses(mailing, "sent").len(), town.addresses(mailing, "refused").len()), (4, 1));
        assert!(office.taken().values().all(|times| *times == 1));
        assert_eq!(town.count("SELECT COUNT(*) FROM mailing WHERE state = 'sent'"), 1);
    }

    fn of_a_mailing_that_was_called_back_nothing_is_sent_again(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 3);
        in_hand(town, 1);
        let clock = &town.instance().clock;
        clock.set(clock.now() + SignedDuration::from_mins(31));
        let lost = |acting: &app::acts::Acting<'_>, tx: &store::Tx<'_>| uncertain::lost(acting, tx, acting.now);
        assert_eq!(town.act(lost).unwrap(), 1);
        town.act(|acting, tx| app::acts::mailing::call_back(acting, tx, mailing)).unwrap();
        assert!(town.act(|acting, tx| uncertain::say(acting, tx, mailing, false)).is_err(), "called back");
        hours(town);
        assert!(office.taken().is_empty());
        town.act(|acting, tx| uncertain::say(acting, tx, mailing, true)).unwrap();
        assert_eq!(town.addresses(mailing, "sent").len(), 1);
    }

    /// What the mail server refuses for good has been said to nobody: whatever it was, somebody asks or says it by other means, once.
    fn what_the_mail_server_refuses_for_good_is_somebodys_to_say(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        let client = town.somebody(("coaching client", "the person"), "Priya Example", "priya@person.example", None);
        let coach = town.somebody(("associate", "the person"), "Callum Example", "callum@coach.example", None);
        // The agreement goes out by a link, as a question.
        let by = town.manager().id;
        town.act(|acting, tx| {
            let new = NewWork {
                work: "programme".into(),
                parts: vec![("client".into(), client), ("coach".into(), coach)],
                staff: Some(by),
                payer: Payer::Person,
                opened_on: acting.today,
            };
            engagement::start(acting, tx, &new)
        })
        .unwrap();
        let omar = town.contact("Omar Finch", "omar@post.example");
        town.act(|acting, tx| personal::send(acting, tx, omar, "enquiries", ("Terms", "Dear Omar, here they are."))).unwrap();
        let owed = |begins: &str| open_tasks(town).iter().filter(|what| what.starts_with(begins)).count();
        let (agreement, told) = ("Send the service agreement", "A message to them did not leave (the mail server answered 554)");
        assert_eq!((owed(agreement), owed(told)), (0, 0), "they wait to leave");
        office.rejects.store(2, SeqCst);
        outbox::run(town.instance()).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE state = 'failed'"), 2);
        assert_eq!((owed(agreement), owed(told)), (1, 1), "{:?}", open_tasks(town));
        hours(town);
        assert_eq!((owed(agreement), owed(told)), (1, 1), "once");
        assert!(office.taken().is_empty());
    }

    /// The same of one that may have arrived: it is not sent again with their name in it.
    fn one_that_may_have_arrived_and_names_somebody_erased_is_not_sent_again(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Moorcroft", "una@post.example");
        let mailing = town.queue().unwrap();
        let set = "UPDATE message SET body = 'Una Moorcroft wrote this. ' || body, state = 'uncertain' WHERE address = 'sam@post.example'";
        assert_eq!(town.instance().store.write(|tx| tx.exec(set, &[])).unwrap(), 1);
        let texts = town.act(|acting, tx| erasure::spoken(acting, tx, una)).unwrap();
        let these: Vec<_> = texts.found.iter().map(|text| (text.table, text.id)).collect();
        assert!(these.iter().any(|(table, _)| *table == "message"), "{these:?}");
        town.erase_masking(una, Masking { these: &these, alone: &[] });
        assert_eq!(town.addresses(mailing, "failed"), ["sam@post.example"]);
        assert!(town.act(|acting, tx| uncertain::say(acting, tx, mailing, false)).is_err(), "nothing is uncertain");
    }

    /// Where no mail server is set, what waits is kept no longer than what left, and what it was to say is not lost without a word.
    fn what_never_left_goes_in_its_time_and_somebody_is_told(town) {
        let sam = town.supporter("Sam Hill", "sam@post.example");
        let omar = town.contact("Omar Finch", "omar@post.example");
        town.queue().unwrap();
        town.act(|acting, tx| personal::send(acting, tx, omar, "enquiries", ("Terms", "Dear Omar, here they are."))).unwrap();
        // To one of the staff, whose record is nobody else's.
        let new = NewMessage {
            person: None, mailing: None, sort: Sort::Staff, activity: None, channel: "email", address: "helen.marsh@cti.example",
            subject: "To do", body: "Three things are to be done.", html: None, token: None, not_before: None, request: None, by: None,
        };
        town.act(|acting, tx| Ok(message::queue(tx, &new, acting.today, acting.now)?)).unwrap();
        let last = town.instance().clock.today().checked_add(2_i64.years()).unwrap();
        // They are held for something else, whatever ends meanwhile.
        town.later(600);
        town.also_supplies(sam);
        town.also_supplies(omar);
        let waits = "SELECT COUNT(*) FROM message WHERE queued_on < '2027-01-01'";
        let late = |day: Date| {
            town.go_to(day);
            let (instance, policy) = (town.instance(), town.instance().policy());
            let each = Obligation::EachInTime { rule: policy.rule_keyed("proof/message record").unwrap().id };
            prove::obligation(&instance.store, &policy, &each, instance.clock.now(), day).unwrap().broken
        };
        assert_eq!(late(last), [] as [String; 0], "it is their last day");
        night::run(town.instance(), last).unwrap();
        assert_eq!(town.count(waits), 3);

        let after = last.tomorrow().unwrap();
        let named = late(after);
        assert_eq!(named.len(), 2, "{named:?}");
        assert!(named.iter().all(|said| said.starts_with("message record") && said.ends_with("outlived its own end")), "{named:?}");
        let report = night::run(town.instance(), after).unwrap();
        assert_eq!(report.disposed.get("message record"), Some(&3), "{report:?}");
        assert_eq!(town.count(waits), 0);
        assert_eq!(late(after), [] as [String; 0]);
        assert_eq!(town.count("SELECT COUNT(*) FROM mailing WHERE state <> 'sent'"), 0, "nothing of it waits any more");
        let said = open_tasks(town);
        let told = |begins: &str| said.iter().filter(|what| what.starts_with(begins)).count();
        assert_eq!(told("A message to them did not leave (it waited to leave for as long as messages are kept)"), 1, "{said:?}");
        assert_eq!(told("2 messages waited to leave for as long as messages are kept, and never left"), 1, "{said:?}");
    }

    fn a_message_that_names_somebody_erased_since_waits_for_somebody_to_look(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        town.supporter("Sam Hill", "sam@post.example");
        let una = town.supporter("Una Moorcroft", "una@post.example");
        let mailing = town.queue().unwrap();
        let set = "UPDATE message SET body = 'Una Moorcroft wrote this. ' || body WHERE address = 'sam@post.example'";
        assert_eq!(town.instance().store.write(|tx| tx.exec(set, &[])).unwrap(), 1);
        let texts = town.act(|acting, tx| erasure::spoken(acting, tx, una)).unwrap();
        let these: Vec<_> = texts.found.iter().map(|text| (text.table, text.id)).collect();
        assert!(these.iter().any(|(table, _)| *table == "message"), "{these:?}");
        town.erase_masking(una, Masking { these: &these, alone: &[] });
        outbox::run(town.instance()).unwrap();
        assert_eq!(town.addresses(mailing, "sent"), [] as [&str; 0]);
        assert_eq!(town.addresses(mailing, "failed"), ["sam@post.example"]);
        assert!(office.taken().is_empty());
        let said = open_tasks(town);
        assert!(said.iter().any(|what| what.contains("named somebody who was erased")), "{said:?}");
    }
}

#[test]
fn a_server_that_starts_again_sends_nothing_of_a_mailing_twice() {
    let mut town = Town::new(None);
    let office = PostOffice::open();
    let mailing = waiting(&mut town, &office, 5);
    in_hand(&town, 2);
    outbox::take_back(town.instance()).unwrap();
    outbox::run(town.instance()).unwrap();
    assert_eq!((town.addresses(mailing, "sent").len(), town.addresses(mailing, "uncertain").len()), (3, 2));
    assert_eq!(office.taken().len(), 3);
}

/// What somebody does while a mailing leaves of which all messages are in hand already, and the mail server takes its time over each.
fn meanwhile(town: &Town, office: &PostOffice, done: impl FnOnce()) {
    office.takes.store(200, SeqCst);
    let (instance, before) = (town.instance(), office.taken().len());
    std::thread::scope(|threads| {
        threads.spawn(|| outbox::run(instance).unwrap());
        while office.taken().len() == before {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let waits = "SELECT COUNT(*) FROM message WHERE state = 'queued'";
        assert_eq!(town.count(waits), 0, "all of them are in hand");
        done();
    });
    office.takes.store(0, SeqCst);
}

both! {
    /// A no that is said when a message is in hand already, and has not been handed over, stops it; the others leave once.
    fn a_no_said_while_it_is_in_hand_stops_it(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 12);
        let last = |n: usize| {
            let sql = "SELECT person_id FROM message WHERE address = ?1";
            let address = format!("p{n}@post.example");
            let store = &town.instance().store;
            store.read(|tx| tx.one(sql, params![&address], |row| Ok(custody::id::PersonId(row.int(0)?)))).unwrap()
        };
        let (objects, erased) = (last(11), last(10));
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        meanwhile(town, &office, || {
            town.act(|acting, tx| objection::record(acting, tx, objects, &marketing, (acting.today, "telephone"))).unwrap();
            town.erase(erased);
        });
        let taken = office.taken();
        let ten: std::collections::BTreeMap<_, _> = addresses(10).into_iter().map(|address| (address, 1)).collect();
        assert_eq!(taken, ten, "each of the others once");
        assert_eq!(town.addresses(mailing, "refused"), ["", "p11@post.example"], "of whoever was erased no address is left");
        assert_eq!(town.addresses(mailing, "sent").len(), 10);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE attempts <> 1 AND state = 'sent'"), 0);
    }

    /// A mail server may take its time before the text can go over: a no that is said meanwhile stops it, and costs no try.
    fn a_no_said_while_the_mail_server_takes_its_time(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 3);
        office.ponders.store(1000, SeqCst);
        let sql = "SELECT person_id FROM message WHERE address = 'p0@post.example'";
        let store = &town.instance().store;
        let who = store.read(|tx| tx.one(sql, &[], |row| Ok(custody::id::PersonId(row.int(0)?)))).unwrap();
        let marketing = Scope::Purpose(Purpose::DirectMarketing);
        std::thread::scope(|threads| {
            let instance = town.instance();
            threads.spawn(move || outbox::run(instance).unwrap());
            while office.asked.load(SeqCst) == 0 {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            town.act(|acting, tx| objection::record(acting, tx, who, &marketing, (acting.today, "telephone"))).unwrap();
        });
        office.ponders.store(0, SeqCst);
        outbox::run(town.instance()).unwrap();
        assert_eq!(town.addresses(mailing, "refused"), ["p0@post.example"]);
        assert_eq!(town.addresses(mailing, "sent"), ["p1@post.example", "p2@post.example"]);
        assert_eq!(office.taken().into_keys().collect::<Vec<_>>(), ["p1@post.example", "p2@post.example"]);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE attempts <> 1 AND state = 'sent'"), 0);
    }

    /// What counted as lost, since the server that had it in hand did not come back for long, is known once that is there again; but for
    /// what the mail server was just being given.
    fn what_counted_as_lost_is_known_once_its_server_is_there_again(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 3);
        let (store, now, claim) = (&town.instance().store, town.instance().clock.now(), 78);
        let three = store.read(|tx| message::waiting(tx, now, 3)).unwrap();
        store.write(|tx| message::many::claim(tx, &three, claim, now)).unwrap();
        let run = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        let [left, unknown, _] = three[..] else { panic!("{three:?}") };
        let said = format!("run {}\nclaim {claim}\nbegins {left}\nleft {left}\nbegins {unknown}\n", run.trim());
        std::fs::write(store.data().join("outbox"), said).unwrap();
        let soon = now + SignedDuration::from_secs(1);
        assert_eq!(town.act(|acting, tx| uncertain::lost(acting, tx, soon)).unwrap(), 3);
        assert_eq!(store.write(store::mailing::finish).unwrap(), 1);
        outbox::take_back(town.instance()).unwrap();
        let states = ["sent", "uncertain", "queued"].map(|state| town.addresses(mailing, state).len());
        assert_eq!(states, [1, 1, 1], "sent, uncertain, waiting");
        outbox::run(town.instance()).unwrap();
        assert_eq!((office.taken().len(), town.addresses(mailing, "sent").len()), (1, 2));
        assert!(open_tasks(town).iter().any(|what| what.contains("nobody knows whether they arrived")));
        town.act(|acting, tx| uncertain::say(acting, tx, mailing, true)).unwrap();
        assert_eq!(town.addresses(mailing, "sent").len(), 3);
    }

    /// What an organisation is, is nothing that is done to anybody, and stops what is in hand all the same: whoever is at a company no
    /// more is to be asked first.
    fn a_company_that_is_none_any_more_while_it_is_in_hand(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        for (n, address) in addresses(12).iter().enumerate() {
            town.contact(&format!("Person {n}"), address);
        }
        let mailing = town.queue_of(crate::town::OFFERS).unwrap();
        meanwhile(town, &office, || {
            town.act(|acting, tx| {
                let firm = store::organisation::named(tx, "Brightwell Ltd", acting.now)?;
                let held = store::organisation::one(tx, firm)?;
                // What is held of its own would be its owner's.
                let details = store::organisation::Details {
                    subscriber: store::organisation::Subscriber::Individual,
                    phone: None,
                    email: None,
                    address: None,
                    website: None,
                    ..held.details
                };
                app::acts::organisation::change(acting, tx, firm, held.version, &details).map(drop)
            })
            .unwrap();
        });
        let (sent, refused) = (town.addresses(mailing, "sent"), town.addresses(mailing, "refused"));
        assert!(refused.len() > 6 && sent.len() + refused.len() == 12, "{sent:?} {refused:?}");
        assert_eq!(office.taken().into_keys().collect::<Vec<_>>().len(), sent.len());
    }

    /// A mail server that lets in fewer connections than there would be gets all of it on those, and no message loses a try.
    fn a_server_that_lets_in_few_connections_gets_all_of_it(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 40);
        office.takes.store(5, SeqCst);
        office.lets_in.store(1, SeqCst);
        outbox::run(town.instance()).unwrap();
        assert_eq!((office.taken().len(), town.addresses(mailing, "sent").len()), (40, 40));
        assert!(office.taken().values().all(|times| *times == 1));
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE attempts <> 1"), 0);
        // Let in, several are there at once.
        office.lets_in.store(0, SeqCst);
        let again = town.queue().unwrap();
        outbox::run(town.instance()).unwrap();
        assert_eq!(town.addresses(again, "sent").len(), 40);
        assert!(office.taken().values().all(|times| *times == 2));
    }

    /// A pause holds, and a call takes back, what is in hand and was not begun.
    fn a_pause_and_a_call_back_while_it_is_in_hand(town) {
        let office = PostOffice::open();
        let mailing = waiting(town, &office, 12);
        meanwhile(town, &office, || {
            town.act(|acting, tx| app::acts::mailing::leaving::pause(acting, tx, mailing)).unwrap();
        });
        let held = town.addresses(mailing, "queued").len();
        assert!((6..12).contains(&held), "{held} wait");
        assert_eq!(office.taken().len() + held, 12);
        assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE state = 'queued' AND attempts > 0"), 0);
        town.act(|acting, tx| app::acts::mailing::leaving::go_on(acting, tx, mailing)).unwrap();
        meanwhile(town, &office, || {
            town.act(|acting, tx| app::acts::mailing::call_back(acting, tx, mailing).map(drop)).unwrap();
        });
        assert_eq!(town.addresses(mailing, "queued"), [] as [&str; 0], "what was called back goes");
        assert!(office.taken().len() < 12 && office.taken().values().all(|times| *times == 1));
        assert_eq!(town.addresses(mailing, "sent").len(), office.taken().len());
        hours(town);
        assert_eq!(town.addresses(mailing, "sent").len(), office.taken().len(), "nothing of it leaves any more");
    }
}

/// What a program that was killed left in its journal is known when the next one starts: who got it, who waits, and of whom nobody knows.
#[test]
fn what_was_begun_when_the_program_was_killed_is_known_from_its_journal() {
    let mut town = Town::new(None);
    let office = PostOffice::open();
    let mailing = waiting(&mut town, &office, 6);
    let store = &town.instance().store;
    let (now, claim) = (town.instance().clock.now(), 77);
    let six = store.read(|tx| message::waiting(tx, now, 6)).unwrap();
    store.write(|tx| message::many::claim(tx, &six, claim, now)).unwrap();
    let run = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let [left, refused, unknown, ..] = six[..] else { panic!("{six:?}") };
    let said = format!(
        "run {}\nclaim {claim}\nbegins {left}\nbegins {refused}\nleft {left}\nwaits {refused}\nbegins {unknown}\n",
        run.trim()
    );
    std::fs::write(store.data().join("outbox"), said).unwrap();
    outbox::take_back(town.instance()).unwrap();
    let states = ["sent", "uncertain", "queued"].map(|state| town.addresses(mailing, state).len());
    assert_eq!(states, [1, 1, 4], "sent, uncertain, waiting");
    outbox::run(town.instance()).unwrap();
    assert_eq!((office.taken().len(), town.addresses(mailing, "sent").len()), (4, 5));
    // The same after the machine went down: what was written last may be missing, so nobody knows of any.
    let again = waiting(&mut town, &office, 0);
    let (store, now) = (&town.instance().store, town.instance().clock.now());
    let some = store.read(|tx| message::waiting(tx, now, 9)).unwrap();
    store.write(|tx| message::many::claim(tx, &some, claim, now)).unwrap();
    std::fs::write(store.data().join("outbox"), format!("run another\nclaim {claim}\n")).unwrap();
    outbox::take_back(town.instance()).unwrap();
    assert_eq!((some.len(), town.addresses(again, "uncertain").len()), (6, 6));
}

//! When a mailing leaves and how fast: at its hour to whoever may have it then, with a pause, so many a minute. A stop of the program
//! in between changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use app::acts::mailing::{self, filling, leaving};
use app::acts::objection;
use app::fault::Fault;
use app::instance::Instance;
use app::jobs::{self, outbox};
use axum::http::StatusCode;
use custody::id::{MailingId, PersonId};
use custody::life::Scope;
use jiff::civil::DateTime;
use jiff::{SignedDuration, ToSpan};
use policy::activity::Purpose;
use serde_json::json;
use store::{Error, message, params, setting, task};

use crate::post_office::{PostOffice, settings};
use crate::town::{NEWS, Town};

fn draft(town: &Town) -> MailingId {
    let drafted = town.act(|acting, tx| {
        let mailing = mailing::begin(acting, tx, NEWS)?;
        mailing::write(acting, tx, mailing, 1, "News", "Dear {name}, there is news.")?;
        Ok(mailing)
    });
    drafted.unwrap()
}

/// Tomorrow at nine.
fn tomorrow(town: &Town) -> DateTime {
    town.instance().clock.today().checked_add(1.days()).unwrap().at(9, 0, 0, 0)
}

fn later(town: &Town, mailing: MailingId, seen: i64) {
    let at = tomorrow(town);
    town.act(|acting, tx| leaving::later(acting, tx, mailing, seen, at).map(drop)).unwrap();
}

fn state(town: &Town, mailing: MailingId) -> String {
    town.instance().store.read(|tx| store::mailing::one(tx, mailing)).unwrap().state
}

fn objects(town: &Town, who: PersonId) {
    let marketing = Scope::Purpose(Purpose::DirectMarketing);
    town.act(|acting, tx| objection::record(acting, tx, who, &marketing, (acting.today, "telephone")))
        .unwrap();
}

fn tasks(town: &Town) -> Vec<String> {
    let open = town.instance().store.read(|tx| task::open(tx, None, 50)).unwrap();
    open.into_iter().map(|task| task.what).collect()
}

fn leaves(town: &Town) {
    outbox::run(town.instance()).unwrap();
}

fn everybody(how_many: usize) -> BTreeMap<String, usize> {
    (0..how_many).map(|n| (format!("p{n}@post.example"), 1)).collect()
}

/// A mailing to so many that leaves by this post office, as soon as it may.
fn leaving_to(town: &mut Town, office: &PostOffice, how_many: usize) -> MailingId {
    town.reopen(&settings(office.port));
    town.many(how_many);
    town.queue().unwrap()
}

/// The next step of what is being put into the outbox. How many messages there are then.
fn one_step(town: &Town) -> i64 {
    filling::go_on_for(town.instance(), Duration::ZERO).unwrap();
    town.count("SELECT COUNT(*) FROM message")
}

/// All of what is being put into the outbox is there.
fn prepared(instance: &Instance) {
    while !instance.store.read(store::mailing::fillings).unwrap().is_empty() {
        jobs::mailings(instance).unwrap();
    }
}

fn passes(town: &Town, seconds: i64) {
    let now = town.instance().clock.now() + SignedDuration::from_secs(seconds);
    town.instance().set_practice_clock(now).unwrap();
}

both! {
    /// Who may have it is decided at its hour, not when it was written; the program may have been stopped in between.
    fn at_its_hour_it_leaves_to_whoever_may_have_it_then(town) {
        let office = PostOffice::open();
        town.supporter("Tara Quill", "tara@post.example");
        let una = town.supporter("Una Reed", "una@post.example");
        let mailing = draft(town);
        later(town, mailing, 2);
        let changed = town.act(|acting, tx| mailing::write(acting, tx, mailing, 3, "News", "Otherwise").map(drop));
        assert!(changed.unwrap_err().to_string().contains("make it a draft again to change it"));
        town.reopen(&settings(office.port));
        leaves(town);
        assert_eq!((state(town, mailing).as_str(), town.count("SELECT COUNT(*) FROM message")), ("scheduled", 0));
        objects(town, una);
        town.supporter("Kate Munro", "kate@post.example");
        town.later(1);
        leaves(town);
        let taken: Vec<_> = office.taken().into_keys().collect();
        assert_eq!(taken, ["kate@post.example", "tara@post.example"]);
        assert_eq!(state(town, mailing), "sent");
        leaves(town);
        assert!(office.taken().values().all(|times| *times == 1), "once");
    }

    /// What cannot leave at its hour is a draft again, and somebody is told; so is what is found long after it.
    fn what_cannot_leave_at_its_hour_stays(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        let una = town.supporter("Una Reed", "una@post.example");
        let (nobody, late, again) = (draft(town), draft(town), draft(town));
        later(town, nobody, 2);
        later(town, again, 2);
        town.act(|acting, tx| leaving::draft_again(acting, tx, again)).unwrap();
        objects(town, una);
        town.later(1);
        leaves(town);
        assert_eq!(state(town, nobody), "draft");
        assert!(tasks(town).iter().any(|what| what.contains("was to leave on") && what.contains("it is a draft again. Nobody may have this today")));
        town.supporter("Tara Quill", "tara@post.example");
        later(town, late, 2);
        town.later(3);
        leaves(town);
        assert_eq!((state(town, late).as_str(), state(town, again).as_str()), ("draft", "draft"));
        assert!(tasks(town).iter().any(|what| what.contains("more than a day ago")), "{:?}", tasks(town));
        assert_eq!(office.taken(), BTreeMap::new());
        // Too near, and changed since.
        let soon = town.instance().clock.zone().to_datetime(town.instance().clock.now());
        let near = town.act(|acting, tx| leaving::later(acting, tx, again, 4, soon)).unwrap_err();
        assert!(matches!(&near, Fault::Invalid(wrong) if wrong[0].field == "on"), "{near:?}");
        let at = tomorrow(town);
        let changed = town.act(|acting, tx| leaving::later(acting, tx, again, 3, at)).unwrap_err();
        assert!(matches!(changed, Fault::Changed), "{changed:?}");
    }

    /// What was to leave later when a backup was made may have left since: after a restore none of it leaves by itself.
    fn after_a_restore_nothing_leaves_at_its_hour(town) {
        town.supporter("Tara Quill", "tara@post.example");
        let mailing = draft(town);
        later(town, mailing, 2);
        let backup = town.back_up();
        town.restore(&backup);
        assert_eq!(state(town, mailing), "draft");
        assert!(tasks(town).iter().any(|what| what.contains("restored from a backup")), "{:?}", tasks(town));
    }

    /// A pause holds what has not left, over a stop too, until somebody lets it go on; others' mail leaves meanwhile.
    fn a_pause_holds_what_has_not_left(town) {
        let office = PostOffice::open();
        let mailing = leaving_to(town, &office, 3);
        let now = town.instance().clock.now();
        let waits = town.instance().store.read(|tx| message::waiting(tx, now, 9)).unwrap();
        assert_eq!(waits.len(), 3);
        town.act(|acting, tx| leaving::pause(acting, tx, mailing)).unwrap();
        assert!(matches!(town.act(|acting, tx| leaving::pause(acting, tx, mailing)), Err(Fault::Changed)));
        let policy = town.instance().policy();
        let claimed = town.instance().store.write(|tx| message::claim(tx, &policy, waits[0], now));
        assert!(matches!(claimed, Err(Error::Missing)), "what was about to be taken is not");
        passes(town, 60);
        town.reopen(&settings(office.port));
        leaves(town);
        assert_eq!((office.taken(), state(town, mailing).as_str()), (BTreeMap::new(), "queued"));
        let other = town.queue().unwrap();
        leaves(town);
        assert_eq!((office.taken(), state(town, other).as_str()), (everybody(3), "sent"));
        town.act(|acting, tx| leaving::go_on(acting, tx, mailing)).unwrap();
        leaves(town);
        assert!(office.taken().values().all(|times| *times == 2), "{:?}", office.taken());
        assert_eq!(state(town, mailing), "sent");
        assert!(matches!(town.act(|acting, tx| leaving::go_on(acting, tx, mailing)), Err(Fault::Changed)));
    }

    /// So many a minute and no more, over a stop too, and nobody is left out or written to twice.
    fn so_many_leave_in_a_minute(town) {
        let office = PostOffice::open();
        let mailing = leaving_to(town, &office, 5);
        for wrong in [0, -1, 10_001] {
            let fault = town.act(|acting, tx| leaving::pace(acting, tx, mailing, Some(wrong))).unwrap_err();
            assert!(matches!(&fault, Fault::Invalid(wrong) if wrong[0].field == "per-minute"), "{fault:?}");
        }
        town.act(|acting, tx| leaving::pace(acting, tx, mailing, Some(2))).unwrap();
        for left in [2, 2, 4, 5, 5] {
            leaves(town);
            assert_eq!(office.taken().len(), left);
            if left == 2 {
                passes(town, 31);
            } else {
                passes(town, 61);
                town.reopen(&settings(office.port));
            }
        }
        assert_eq!((office.taken(), state(town, mailing).as_str()), (everybody(5), "sent"));
    }

    /// What the mail server refuses for now counts in its minute too: a server that takes no more is not asked more often.
    fn what_was_put_off_counts_in_its_minute(town) {
        let office = PostOffice::open();
        let mailing = leaving_to(town, &office, 5);
        town.act(|acting, tx| leaving::pace(acting, tx, mailing, Some(2))).unwrap();
        office.puts_off.store(9, SeqCst);
        for put_off in [2, 2, 4] {
            leaves(town);
            assert_eq!(town.count("SELECT COUNT(*) FROM message WHERE attempts > 0"), put_off);
            passes(town, 31);
        }
        assert_eq!((office.puts_off.load(SeqCst), office.taken()), (5, BTreeMap::new()));
    }

    /// A mailing of which nothing waits any more pauses no more either.
    fn a_pause_ends_with_the_mailing(town) {
        let office = PostOffice::open();
        let mailing = leaving_to(town, &office, 1);
        let (policy, now) = (town.instance().policy(), town.instance().clock.now());
        let store = &town.instance().store;
        let waits = store.read(|tx| message::waiting(tx, now, 9)).unwrap();
        store.write(|tx| message::claim(tx, &policy, waits[0], now)).unwrap();
        town.act(|acting, tx| leaving::pause(acting, tx, mailing)).unwrap();
        store.write(|tx| message::uncertain(tx, waits[0], "its answer never came")).unwrap();
        leaves(town);
        let held = store.read(|tx| store::mailing::one(tx, mailing)).unwrap();
        assert_eq!((held.state.as_str(), held.paused_at), ("sent", None));
    }

    /// The page and the API say when it leaves, and let it be changed.
    fn the_page_and_the_api_say_when(town) {
        town.supporter("Tara Quill", "tara@post.example");
        let mailing = draft(town);
        let cookie = town.sign_in();
        let (page, call) = (format!("/outreach/{mailing}"), format!("/api/v1/mailings/{mailing}"));
        let wrong = town.press(&cookie, &format!("{page}/schedule"), "version=2&on=&at=10%3A30");
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("Choose a day.") && wrong.text.contains("10:30"), "{}", wrong.text);
        let done = town.press(&cookie, &format!("{page}/schedule"), "version=2&on=2026-11-05&at=10%3A30");
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        let shown = town.page(&cookie, &page).text;
        assert!(shown.contains("Leaves on Thu 5 Nov 2026 at 10:30") && shown.contains("Would receive today"), "{shown}");
        assert_eq!(town.press(&cookie, &format!("{page}/draft"), "").status, StatusCode::SEE_OTHER);
        assert!(town.page(&cookie, &page).text.contains("Send to 1"));

        let sends = json!({ "version": 4, "at": "2026-11-05T10:30" });
        let sent = town.api("POST", &format!("{call}/send"), &sends);
        assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}", sent.text);
        assert_eq!(town.api("GET", &call, &json!({})).json()["leaves_at"], "2026-11-05T10:30:00Z");
        assert_eq!(town.api("DELETE", &format!("{call}/send"), &json!({})).status, StatusCode::NO_CONTENT);
        let sent = town.api("POST", &format!("{call}/send"), &json!({ "version": 6 }));
        assert_eq!(sent.status, StatusCode::NO_CONTENT, "{}", sent.text);
        let paced = town.api("PUT", &format!("{call}/pace"), &json!({ "per_minute": 30 }));
        assert_eq!(paced.status, StatusCode::NO_CONTENT, "{}", paced.text);
        assert_eq!(town.api("PUT", &format!("{call}/pause"), &json!({})).status, StatusCode::NO_CONTENT);
        assert_eq!(town.api("PUT", &format!("{call}/pause"), &json!({})).status, StatusCode::CONFLICT, "it pauses already");
        let shown = town.page(&cookie, &page).text;
        assert!(shown.contains("Paused since") && shown.contains("At most 30 a minute"), "{shown}");
        let listed = town.api("GET", "/api/v1/mailings", &json!({})).json();
        assert_eq!((&listed["mailings"][0]["state"], &listed["mailings"][0]["messages"]["queued"]), (&json!("queued"), &json!(1)));
        assert!(listed["mailings"][0]["paused_at"].is_string() && listed["mailings"][0]["per_minute"] == 30);
        let one = town.api("GET", &call, &json!({})).json();
        assert_eq!(one, listed["mailings"][0], "one by itself is counted as in the list");
        assert_eq!(town.api("DELETE", &format!("{call}/pause"), &json!({})).status, StatusCode::NO_CONTENT);
        assert_eq!(town.press(&cookie, &format!("{page}/pause"), "").status, StatusCode::SEE_OTHER);
        assert_eq!(town.press(&cookie, &format!("{page}/resume"), "").status, StatusCode::SEE_OTHER);
        assert_eq!(town.press(&cookie, &format!("{page}/pace"), "per-minute=many").status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(town.press(&cookie, &format!("{page}/pace"), "per-minute=").status, StatusCode::SEE_OTHER);
    }

    /// To more than a few it goes into the outbox in steps, over a stop too: nobody twice, nobody skipped, and whoever says no meanwhile
    /// has no message. Whoever sends it waits for none of that. Nothing of it leaves, nor is it at its end, before it is whole.
    fn to_very_many_it_is_queued_in_steps(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        let people = town.many(300);
        let mailing = draft(town);
        town.act(|acting, tx| mailing::send(acting, tx, mailing, 2)).unwrap();
        let all = "SELECT COUNT(*) FROM message";
        assert_eq!(town.count(all), 0, "nobody was decided for while others waited");
        let (cookie, page) = (town.sign_in(), format!("/outreach/{mailing}"));
        let shown = town.page(&cookie, &page).text;
        assert!(shown.contains("being prepared: whom it is for is being counted"), "{shown}");
        let first = one_step(town);
        assert!((1..256).contains(&first), "a step is short: {first}");
        let shown = town.page(&cookie, &page).text;
        assert!(shown.contains(&format!("being prepared: {first} of 300 messages so far")), "{shown}");
        assert!(shown.contains("Call it back") && shown.contains(">Pause<"), "{shown}");
        let told = town.api("GET", &format!("/api/v1/mailings/{mailing}"), &json!({})).json();
        assert_eq!((&told["queueing"], &told["queueing_of"]), (&json!(true), &json!(300)));
        // As soon as all of them are there.
        town.act(|acting, tx| mailing::hurry(acting, tx, mailing)).unwrap();
        objects(town, people[5]);
        leaves(town);
        assert_eq!((office.taken(), state(town, mailing).as_str()), (BTreeMap::new(), "queued"));
        let shown = town.page(&cookie, &page).text;
        assert!(!shown.contains("when you pressed"), "how many there are is not known yet: {shown}");
        objects(town, people[299]);
        objects(town, people[280]);
        town.reopen(&settings(office.port));
        let next = one_step(town);
        assert!((first + 1..298).contains(&next), "it goes on where it was: {next}");
        prepared(town.instance());
        assert_eq!(town.count(all), 298);
        let told = town.api("GET", &format!("/api/v1/mailings/{mailing}"), &json!({})).json();
        assert_eq!((&told["queueing"], &told["queueing_of"]), (&json!(false), &json!(null)));
        for _ in 0..3 {
            leaves(town);
        }
        let shown = town.page(&cookie, &page).text;
        assert!(shown.contains("298 messages when you pressed, 297 left: 1 because"), "{shown}");
        let taken = office.taken();
        assert_eq!((taken.len(), state(town, mailing).as_str()), (297, "sent"));
        assert!(taken.values().all(|times| *times == 1) && !taken.contains_key("p299@post.example"));
        let said = "SELECT COUNT(*) FROM log_event WHERE act = 'mailing.queued' AND body LIKE '%\"will\":298%'";
        assert_eq!(town.count(said), 1, "said once, when it is whole");
    }

    /// Whoever writes something while a mailing is put into the outbox waits for a step of it, and not for all.
    fn who_writes_meanwhile_waits_for_a_step(town) {
        town.many(300);
        let mailing = draft(town);
        town.act(|acting, tx| mailing::send(acting, tx, mailing, 2)).unwrap();
        let (instance, all) = (town.instance(), "SELECT COUNT(*) FROM message");
        let seen = std::thread::scope(|threads| {
            let filling = threads.spawn(|| prepared(instance));
            let mut seen = BTreeSet::new();
            while !filling.is_finished() {
                instance.store.write(|tx| setting::set(tx, "beside it", "1")).unwrap();
                seen.insert(town.count(all));
                // Whoever writes all the time leaves others no turn.
                std::thread::sleep(Duration::from_millis(5));
            }
            filling.join().unwrap();
            seen
        });
        assert_eq!(town.count(all), 300);
        let between = seen.iter().filter(|count| (1..300).contains(*count)).count();
        assert!(between >= 3, "so many were there after each write: {seen:?}");
    }

    /// Where nobody may have it any more once it is looked at, it is a draft again, and somebody is told.
    fn to_nobody_of_very_many_it_is_a_draft_again(town) {
        town.many(140);
        let mailing = town.queue().unwrap();
        let over = "UPDATE person_category SET until = since";
        town.instance().store.write(|tx| tx.exec(over, &[])).unwrap();
        jobs::mailings(town.instance()).unwrap();
        let held = town.instance().store.read(|tx| store::mailing::one(tx, mailing)).unwrap();
        assert_eq!((held.state.as_str(), held.sent_at, held.filling), ("draft", None, false));
        let told = |what: &String| what.contains("was to leave and did not: it is a draft again. Nobody may have this today");
        assert!(tasks(town).iter().any(told), "{:?}", tasks(town));
        jobs::mailings(town.instance()).unwrap();
        assert_eq!(town.count("SELECT COUNT(*) FROM message"), 0);
    }

    /// Whoever of them cannot be read gets nothing and is counted with those who get nothing; all others get theirs.
    fn one_of_very_many_who_cannot_be_read_keeps_it_from_nobody_else(town) {
        let people = town.many(140);
        let mailing = town.queue().unwrap();
        let spoiled = "UPDATE person_category SET since = '2020-13-99' WHERE person_id = ?1";
        town.instance().store.write(|tx| tx.exec(spoiled, params![people[139]])).unwrap();
        // Of another it can be decided, and not read what is written to.
        let spoiled = "UPDATE item SET collected_on = '2020-13-99' WHERE person_id = ?1";
        town.instance().store.write(|tx| tx.exec(spoiled, params![people[7]])).unwrap();
        prepared(town.instance());
        assert_eq!(town.instance().store.read(store::mailing::fillings).unwrap(), Vec::<MailingId>::new());
        assert!(!tasks(town).iter().any(|what| what.contains("The mailing")), "{mailing}: {:?}", tasks(town));
        assert_eq!(town.count("SELECT COUNT(*) FROM message"), 138);
        let none = "SELECT COUNT(*) FROM message WHERE person_id = ?1";
        for who in [people[139], people[7]] {
            assert_eq!(town.instance().store.read(|tx| tx.count(none, params![who])).unwrap(), 0);
        }
        let said = "SELECT COUNT(*) FROM log_event WHERE act = 'mailing.queued' AND body LIKE '%\"will\":138%' AND body LIKE '%\"not\":2%'";
        assert_eq!(town.count(said), 1);
    }

    /// Nor does what was sent to many stay unwritten since one of them cannot be read by now: the next night settles them, if it can.
    fn what_left_is_written_down_of_all_but_whoever_cannot_be_read(town) {
        let people = town.many(3);
        let spoiled = "UPDATE ground SET opened_on = '2020-13-99' WHERE person_id = ?1";
        town.instance().store.write(|tx| tx.exec(spoiled, params![people[1]])).unwrap();
        town.instance().store.write(|tx| tx.exec("DELETE FROM ground WHERE person_id = ?1", params![people[2]])).unwrap();
        let grounds = "SELECT COUNT(*) FROM ground WHERE person_id = ?1 AND state = 'active'";
        town.act(|acting, tx| acting.settle_records(tx, &people)).unwrap();
        assert!(town.instance().store.read(|tx| tx.count(grounds, params![people[2]])).unwrap() > 0, "the others are settled");
        let left = town.instance().store.read(|tx| setting::get(tx, "settle everybody")).unwrap();
        assert_eq!(left, Some(format!("[{}]", people[1])));
    }

    /// That it leaves at once, and that it is called back, is carried out of very many in steps, over a stop too. From the moment on in which
    /// it was called back nothing of it leaves, and nobody counts as written to by it.
    fn of_very_many_second_thoughts_are_carried_out_in_steps(town) {
        let office = PostOffice::open();
        town.reopen(&settings(office.port));
        for n in 0..300 {
            town.supporter(&format!("Person {n}"), &format!("p{n}@post.example"));
        }
        let mailing = draft(town);
        town.act(|acting, tx| mailing::send(acting, tx, mailing, 2)).unwrap();
        prepared(town.instance());
        town.act(|acting, tx| mailing::hurry(acting, tx, mailing)).unwrap();
        let soon = "SELECT COUNT(*) FROM message WHERE not_before = (SELECT MIN(not_before) FROM message)";
        assert_eq!(town.count(soon), 256, "the first of them");
        town.reopen(&settings(office.port));
        jobs::mailings(town.instance()).unwrap();
        assert_eq!(town.count(soon), 300);
        assert_eq!(town.instance().store.read(store::mailing::in_steps).unwrap(), []);

        assert_eq!(town.act(|acting, tx| mailing::call_back(acting, tx, mailing)).unwrap(), 100);
        let waits = "SELECT COUNT(*) FROM message WHERE state = 'queued'";
        assert_eq!((town.count(waits), state(town, mailing).as_str()), (200, "called back"));
        let (cookie, page) = (town.sign_in(), format!("/outreach/{mailing}"));
        let shown = town.page(&cookie, &page).text;
        assert!(shown.contains("200 messages are still being taken out of the outbox"), "{shown}");
        let call = format!("/api/v1/mailings/{mailing}");
        assert_eq!(town.api("GET", &call, &json!({})).json()["calling_back"], json!(true));
        let again = town.act(|acting, tx| mailing::call_back(acting, tx, mailing).map(drop));
        assert!(matches!(again, Err(Fault::NotFound)), "once: {again:?}");
        let hurried = town.act(|acting, tx| mailing::hurry(acting, tx, mailing));
        assert!(matches!(hurried, Err(Fault::Changed)), "{hurried:?}");
        town.reopen(&settings(office.port));
        passes(town, 3600);
        leaves(town);
        let (policy, now) = (town.instance().policy(), town.instance().clock.now());
        let store = &town.instance().store;
        let one = store.read(|tx| message::many::waiting_of(tx, mailing, 1)).unwrap()[0];
        let claimed = store.write(|tx| message::claim(tx, &policy, one, now));
        assert!(matches!(claimed, Err(Error::Missing)), "what was about to be taken is not");
        assert_eq!((town.count(waits), office.taken()), (200, BTreeMap::new()));
        let since = town.instance().clock.today();
        let written = store.read(|tx| store::narrowing::written_since(tx, NEWS, since)).unwrap();
        assert_eq!(written, [], "nobody was, and nobody is about to be");
        jobs::mailings(town.instance()).unwrap();
        assert_eq!((town.count("SELECT COUNT(*) FROM message"), state(town, mailing).as_str()), (0, "called back"));
        let gone = "SELECT COUNT(*) FROM ring_duty WHERE table_name = 'message' AND what = 'gone'";
        assert_eq!(town.count(gone), 300, "and from every backup");
        let said = "SELECT COUNT(*) FROM log_event WHERE act = 'mailing.called back' AND body LIKE '%\"messages\":300%'";
        assert_eq!(town.count(said), 1, "said once, when all of it went");
        assert_eq!(town.api("GET", &call, &json!({})).json()["calling_back"], json!(false));
    }

    /// One address gets one mail in steps as well: whoever had their message in a step before has it there, though they were to come
    /// later by now; where they are gone before it left the other gets it, and nobody is left out for somebody who gets none.
    fn one_address_gets_one_mail_in_steps_too(town) {
        let late = town.contact("Ada Stone", "p296@post.example");
        let of = |n: usize| match n {
            299 => 0,
            298 => 10,
            n => n,
        };
        let people =
            town.supporters((0..300).map(|n| (format!("Person {n}"), format!("p{}@post.example", of(n)))));
        let mailing = draft(town);
        let will = town.act(|acting, tx| {
            let held = store::mailing::one(tx, mailing)?;
            Ok(mailing::audience(acting, tx, &held)?.will)
        });
        assert_eq!(will.unwrap(), people[..298], "as its page says");
        town.act(|acting, tx| mailing::send(acting, tx, mailing, 2)).unwrap();
        while one_step(town) < 40 {}
        assert!(town.count("SELECT COUNT(*) FROM message") < 290, "not all of them");
        town.erase(people[10]);
        // They have their message in the outbox already, and it is stopped when it is to leave.
        objects(town, people[20]);
        // They may have it from now on, and it is past them.
        town.act(|acting, tx| {
            let supporter = acting.policy.category_named("supporter").unwrap().id;
            store::person::give_category(tx, &acting.policy, late, supporter, acting.today, None)?;
            acting.settle(tx, late)
        })
        .unwrap();
        town.agrees(late);
        prepared(town.instance());
        let queued = town.addresses(mailing, "queued");
        let distinct: BTreeMap<String, usize> = queued.iter().map(|address| (address.clone(), 1)).collect();
        assert_eq!((queued.len(), distinct), (298, everybody(298)));
        let said = "SELECT body FROM log_event WHERE act = 'mailing.queued'";
        let said = town.instance().store.read(|tx| tx.one(said, &[], |row| row.text(0))).unwrap();
        assert!(said.contains("\"will\":298"), "as its page says: {said}");
        assert!(said.contains("\"not\":2"), "one has no address of their own, one came too late, and nobody is counted twice: {said}");
    }

    /// Called back, or after a restore, nobody more is queued; nor when whoever sends it has left, and then somebody is told.
    fn what_is_queued_in_steps_stops(town) {
        town.many(300);
        let all = "SELECT COUNT(*) FROM message";
        let send = |town: &Town| {
            let mailing = draft(town);
            town.act(|acting, tx| mailing::send(acting, tx, mailing, 2)).unwrap();
            mailing
        };
        let back = send(town);
        assert!(one_step(town) > 0);
        town.act(|acting, tx| mailing::call_back(acting, tx, back).map(drop)).unwrap();
        for _ in 0..3 {
            jobs::mailings(town.instance()).unwrap();
        }
        assert_eq!((town.count(all), state(town, back).as_str()), (0, "called back"));
        let (none, gone) = (send(town), "UPDATE staff SET until = ?1");
        let today = town.instance().clock.today();
        let (leave, come) = (
            || town.instance().store.write(|tx| tx.exec(gone, params![today])).unwrap(),
            || town.instance().store.write(|tx| tx.exec("UPDATE staff SET until = NULL", &[])).unwrap(),
        );
        leave();
        filling::go_on(town.instance()).unwrap();
        assert_eq!((town.count(all), state(town, none).as_str()), (0, "draft"));
        let told = |what: &String| what.contains("was to leave and did not: it is a draft again") && what.contains("not on the staff");
        assert!(tasks(town).iter().any(told), "{:?}", tasks(town));
        come();
        let part = send(town);
        let some = one_step(town);
        leave();
        filling::go_on(town.instance()).unwrap();
        assert_eq!((town.count(all), state(town, part).as_str()), (some, "queued"));
        let words = format!("went into the outbox for {some} people, and for no more of those it was for");
        assert!(tasks(town).iter().any(|what| what.contains(&words)), "{:?}", tasks(town));
        come();
        filling::go_on(town.instance()).unwrap();
        assert_eq!(town.count(all), some, "it stays a part");
        let cut = send(town);
        let more = one_step(town);
        let backup = town.back_up();
        town.restore(&backup);
        filling::go_on(town.instance()).unwrap();
        assert_eq!((town.count(all), state(town, cut).as_str()), (more, "sent"), "nobody knows who has it");
        let words = format!("outbox for {} people", more - some);
        let told = |what: &String| what.contains(&words) && what.contains("restored from a backup since");
        assert!(tasks(town).iter().any(told), "{:?}", tasks(town));
    }
}

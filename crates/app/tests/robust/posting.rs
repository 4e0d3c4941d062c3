//! A mail server that goes away in the middle of messages, and one that is not there: nobody is mailed twice,
//! nobody is left out. A clock that goes backwards disturbs neither the numbers nor the log.

use std::sync::atomic::Ordering::SeqCst;

use app::jobs::outbox;
use jiff::SignedDuration;

use super::common::House;
use super::post_office::{PostOffice, queue, recorded, settings};

/// A house with a mail server, closed and opened again so that it reads its settings.
fn house(port: u16) -> (tempfile::TempDir, app::instance::Instance) {
    let data = tempfile::tempdir().unwrap();
    super::binary::made(super::WORLD, data.path(), None);
    std::fs::write(data.path().join("probity.toml"), settings(port)).unwrap();
    let instance = super::binary::opened(data.path(), None);
    (data, instance)
}

fn later(instance: &app::instance::Instance, minutes: i64) {
    instance.clock.set(instance.clock.now().saturating_add(SignedDuration::from_mins(minutes)).unwrap());
}

fn count(instance: &app::instance::Instance, sql: &str) -> i64 {
    instance.store.read(|tx| tx.count(sql, &[])).unwrap()
}

#[test]
fn a_mail_server_that_breaks_off_gets_each_message_once_in_the_end() {
    let office = PostOffice::open();
    let (_data, instance) = house(office.port);
    let everybody: Vec<String> = (0..20).map(|n| format!("p{n}@post.example")).collect();
    queue(&instance, &everybody);
    office.breaks.store(9, SeqCst);
    for _ in 0..12 {
        outbox::run(&instance).unwrap();
        later(&instance, 10);
    }
    let taken = office.taken();
    assert!(everybody.iter().all(|address| taken.contains_key(address)), "nobody is left out: {taken:?}");
    assert!(taken.values().all(|times| *times == 1), "nobody is mailed twice: {taken:?}");
    let recorded = recorded(&instance);
    assert!(everybody.iter().all(|address| recorded.contains(address)), "{recorded:?}");
}

#[test]
fn a_turn_goes_on_while_the_mail_server_takes_and_ends_when_it_takes_no_more() {
    let office = PostOffice::open();
    let (_data, instance) = house(office.port);
    let everybody: Vec<String> = (0..70).map(|n| format!("p{n}@post.example")).collect();
    queue(&instance, &everybody);
    outbox::run(&instance).unwrap();
    assert_eq!(office.taken().len(), 70, "more than are looked for at once");
    let more: Vec<String> = (0..70).map(|n| format!("q{n}@post.example")).collect();
    queue(&instance, &more);
    office.puts_off.store(1000, SeqCst);
    outbox::run(&instance).unwrap();
    let tried = instance
        .store
        .read(|tx| tx.count("SELECT count(*) FROM message WHERE attempts > 0 AND state = 'queued'", &[]));
    assert_eq!(tried.unwrap(), 50, "whoever asks for patience is not asked on and on");
    assert_eq!(office.taken().len(), 70);
}

#[test]
fn a_mail_server_that_is_not_there_makes_messages_wait() {
    // A port on which nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (data, instance) = house(port);
    queue(&instance, &["a@post.example".to_owned()]);
    // For days, which cost no message a try.
    for _ in 0..40 {
        outbox::run(&instance).unwrap();
        later(&instance, 6 * 60);
    }
    assert_eq!(count(&instance, "SELECT count(*) FROM message WHERE state = 'queued' AND attempts = 0"), 1);
    let said = |instance: &app::instance::Instance| {
        let lines = instance.store.read(|tx| app::acts::health::look(instance, tx)).unwrap();
        lines.into_iter().find(|line| line.words.contains("mail leaves")).map(|line| line.words)
    };
    let urgent = || {
        let lines = instance.store.read(|tx| app::acts::health::urgent(&instance, tx)).unwrap();
        lines.into_iter().filter(|line| line.words.contains("no mail leaves")).count()
    };
    assert_eq!(urgent(), 0, "it may just start again");
    let long = app::clock::machine().as_millisecond() - 16 * 60 * 1000;
    let earlier = "UPDATE setting SET value = ?1 WHERE name = 'mail waits'";
    let value = format!("{long} the mail server 127.0.0.1 cannot be reached");
    assert_eq!(instance.store.write(|tx| tx.exec(earlier, &[value.as_str().into()])).unwrap(), 1);
    assert_eq!(urgent(), 1, "somebody has to look");
    let why = said(&instance).unwrap();
    assert!(why.starts_with("Since ") && why.contains("cannot be reached"), "{why}");
    drop(instance);
    let office = PostOffice::open();
    std::fs::write(data.path().join("probity.toml"), settings(office.port)).unwrap();
    let instance = super::binary::opened(data.path(), None);
    // Now, or when its turn comes again.
    for _ in 0..3 {
        outbox::run(&instance).unwrap();
        later(&instance, 6 * 60);
    }
    assert_eq!(office.taken().values().sum::<usize>(), 1, "once");
    assert_eq!(said(&instance), None, "it is there again");
}

#[test]
fn an_address_that_we_may_not_write_from_ends_no_message_and_accuses_nobody() {
    let office = PostOffice::open();
    let (_data, instance) = house(office.port);
    queue(&instance, &["a@post.example".to_owned(), "b@post.example".to_owned()]);
    office.shuns.store(2, SeqCst);
    for _ in 0..3 {
        outbox::run(&instance).unwrap();
    }
    assert_eq!(count(&instance, "SELECT count(*) FROM message WHERE state = 'queued'"), 2);
    assert_eq!(count(&instance, "SELECT count(*) FROM message WHERE bounced_on IS NOT NULL"), 0);
    later(&instance, 10);
    outbox::run(&instance).unwrap();
    assert_eq!(office.taken().len(), 2);
}

#[test]
fn one_that_cannot_be_taken_in_hand_keeps_no_other() {
    let office = PostOffice::open();
    let (_data, instance) = house(office.port);
    let three: Vec<String> = ["a", "b", "c"].map(|name| format!("{name}@post.example")).into();
    queue(&instance, &three);
    let spoilt = "UPDATE message SET sort = 'nonsense' WHERE address = 'b@post.example'";
    assert_eq!(instance.store.write(|tx| tx.exec(spoilt, &[])).unwrap(), 1);
    outbox::run(&instance).unwrap();
    assert_eq!(office.taken().keys().collect::<Vec<_>>(), ["a@post.example", "c@post.example"]);
    assert_eq!(count(&instance, "SELECT count(*) FROM message WHERE state = 'queued' AND attempts = 0"), 1);
    // It is looked at again later, not at every turn.
    let waiting = instance.store.read(|tx| store::message::waiting(tx, instance.clock.now(), 9)).unwrap();
    assert!(waiting.is_empty(), "{waiting:?}");
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_numbers_rising_and_the_log_whole() {
    let house = House::of(super::WORLD);
    let cookie = house.sign_in("helen.marsh").await;
    let key = house.key("helen.marsh");
    let add = |name: &str| serde_json::json!({ "category": "organisation contact", "source": "the person", "items": { "name": name } });
    let first =
        house.api("POST", "/api/v1/people", &key, &add("Ada One")).await.json()["id"].as_i64().unwrap();
    for day in ["2026-01-31", "2025-06-01", "2026-02-03"] {
        let set = house.post("/practice/clock", &cookie, &format!("date={day}")).await;
        assert!(set.status.is_redirection(), "{day}: {}", set.text);
        let answer = house.api("POST", "/api/v1/people", &key, &add("Ada Two")).await;
        // Before the policy, nobody may be held under it; either way the answer is words.
        assert!(answer.status.is_success() || answer.status.is_client_error(), "{day}: {}", answer.text);
        if answer.status.is_success() {
            assert!(answer.json()["id"].as_i64().unwrap() > first, "{day}");
        }
        for path in ["/", "/people", "/policy/proof", "/work"] {
            let answer = house.get(path, &cookie).await;
            assert!(!answer.status.is_server_error(), "{path} on {day}: {}", answer.text);
        }
    }
    let instance = &house.instance;
    let now = instance.clock.now();
    while instance.store.write(|tx| store::log::sequence(tx, instance.store.keys(), now)).unwrap() {}
    let verified =
        instance.store.read(|tx| Ok::<_, store::Error>(store::log::verify(tx, instance.store.keys(), None)));
    assert!(verified.unwrap().is_ok());
}

//! Servers: nobody on record as mailed is mailed again, and whoever was answered for is there.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use app::jobs::outbox;

use super::super::binary::{Server, made, request, somebody};
use super::super::common::{account, newcomer};
use super::super::post_office::{PostOffice, queue, recorded, settings};
use super::{Database, Kills, Template, count, opened, sound};

#[test]
fn nobody_on_record_as_mailed_is_mailed_again() {
    let each = 4;
    let mut kills = Kills::of("mailing", each);
    while kills.more() {
        let office = PostOffice::open();
        let data = tempfile::tempdir().unwrap();
        made(crate::WORLD, data.path(), None);
        std::fs::write(data.path().join("probity.toml"), settings(office.port)).unwrap();
        let everybody: Vec<String> = (0..60).map(|n| format!("p{n}@post.example")).collect();
        queue(&opened(data.path(), None), &everybody);
        let mut on_record = BTreeSet::new();
        for _ in 0..each {
            let mut server = Server::start(data.path(), &[]);
            // The outbox is looked at every two seconds.
            std::thread::sleep(
                Duration::from_millis(1950) + Duration::from_millis(kills.chance.below(250) as u64),
            );
            kills.now(&mut server.child);
            let instance = opened(data.path(), None);
            sound(&instance);
            on_record.extend(recorded(&instance).into_iter().filter(|address| everybody.contains(address)));
        }
        let sent_before = office.taken();
        let instance = opened(data.path(), None);
        outbox::take_back(&instance).unwrap();
        outbox::run(&instance).unwrap();
        outbox::run(&instance).unwrap();
        let taken = office.taken();
        assert!(everybody.iter().all(|address| taken.contains_key(address)), "nobody is left out: {taken:?}");
        for address in &on_record {
            assert_eq!(taken[address], sent_before[address], "{address} was on record and is mailed again");
        }
        let twice = taken.values().filter(|times| **times > 1).count();
        assert!(twice <= each, "{twice} got it twice: more than one in hand at each kill");
        let recorded = recorded(&instance);
        assert!(everybody.iter().all(|address| recorded.contains(address)), "{recorded:?}");
    }
    kills.end();
}

#[test]
fn who_was_added_before_the_kill_is_there_whole() {
    let template = Template::sqlite();
    let key = &template.key;
    let mut kills = Kills::of("adding", 2);
    while kills.more() {
        let data = template.copy();
        let mut server = Server::start(data.path(), &[]);
        let next = std::sync::atomic::AtomicUsize::new(0);
        let wait = Duration::from_millis(100) + Duration::from_millis(kills.chance.below(500) as u64);
        let added: Vec<usize> = std::thread::scope(|scope| {
            let (address, next) = (server.address, &next);
            let clients: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(move || {
                        let mut added = Vec::new();
                        loop {
                            let n = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                            let body = somebody(n);
                            match request(
                                address,
                                "POST",
                                "/api/v1/people",
                                key,
                                "application/json",
                                body.as_bytes(),
                            ) {
                                Some((201, _)) => added.push(n),
                                Some((status, words)) => panic!("{status} {words}"),
                                None => return added,
                            }
                        }
                    })
                })
                .collect();
            std::thread::sleep(wait);
            kills.now(&mut server.child);
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        let instance = opened(data.path(), None);
        sound(&instance);
        for n in &added {
            let sql = "SELECT count(*) FROM item WHERE value = ?1 OR value = ?2";
            let both = instance.store.read(|tx| {
                tx.count(sql, &[format!("p{n}@post.example").into(), format!("Person Number {n}").into()])
            });
            assert_eq!(both.unwrap(), 2, "person {n} was answered for");
        }
        let names = count(&instance.store, "SELECT count(*) FROM item WHERE value LIKE 'Person Number %'");
        let whole = "SELECT count(*) FROM item a JOIN item b ON a.person_id = b.person_id
            WHERE a.value LIKE 'Person Number %' AND b.kind = 'email' AND b.value LIKE 'p%@post.example'";
        assert_eq!(count(&instance.store, whole), names, "nobody by half");
        assert!(names >= added.len() as i64);
    }
    kills.end();
}

/// How many connections to the mail server there are: so many messages are being given to it at most.
const CONNECTIONS: usize = 4;

/// Everybody gets a mailing once, or it is reported as uncertain and nobody gets it twice by itself.
#[test]
fn a_mailing_reaches_each_address_once_or_says_that_it_is_uncertain() {
    a_mailing_killed(None, 10);
}

/// The same; on PostgreSQL a second server works beside the one that is killed, and goes on where that was.
pub fn a_mailing_killed(server: Option<&str>, each: usize) {
    let mut kills = Kills::of("mailing to many", each);
    let office = PostOffice::open();
    office.takes.store(8, SeqCst);
    let data = tempfile::tempdir().unwrap();
    let database = server.map(|server| Database::new(server, None));
    let url = database.as_ref().map(Database::url);
    let open = || opened(data.path(), url.as_deref());
    let start = || {
        let at: Vec<&str> = url.iter().flat_map(|url| ["--database", url.as_str()]).collect();
        Server::start(data.path(), &at)
    };
    made(crate::WORLD, data.path(), url.as_deref());
    // Each server listens elsewhere; the links in the messages lead to one address all the same.
    let settings = format!("public_address = \"https://cti.example\"\n{}", settings(office.port));
    std::fs::write(data.path().join("probity.toml"), settings).unwrap();
    // As many as make every kill come before the last of them got theirs.
    let everybody: Vec<String> = (0..40 * kills.enough).map(|n| format!("p{n}@many.example")).collect();
    let mailing = mailing_to(&open(), &everybody);
    let mut beside = server.map(|_| start());
    while kills.more() {
        let mut killed = match beside.take() {
            Some(older) => {
                beside = Some(start());
                older
            }
            None => start(),
        };
        let taken = office.taken().len();
        // In the middle of it: as soon as some more were taken.
        let began = std::time::Instant::now();
        while office.taken().len() < taken + 3 && began.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(kills.chance.below(20_000) as u64));
        kills.now(&mut killed.child);
        if server.is_none() {
            sound(&open());
        }
    }
    if let Some(beside) = beside {
        beside.end();
    }
    let instance = open();
    sound(&instance);
    outbox::take_back(&instance).unwrap();
    app::acts::mailing::filling::go_on(&instance).unwrap();
    while count(&instance.store, "SELECT count(*) FROM message WHERE state = 'queued'") > 0 {
        outbox::run(&instance).unwrap();
    }
    let states = |state: &str| {
        let sql = "SELECT address FROM message WHERE mailing_id = ?1 AND state = ?2";
        let found = instance.store.read(|tx| tx.all(sql, store::params![mailing, state], |row| row.text(0)));
        found.unwrap().into_iter().collect::<BTreeSet<_>>()
    };
    let (sent, uncertain, taken) = (states("sent"), states("uncertain"), office.taken());
    assert_eq!(sent.len() + uncertain.len(), everybody.len(), "nobody is skipped");
    assert!(taken.values().all(|times| *times == 1), "nobody gets it twice: {taken:?}");
    assert!(sent.iter().all(|address| taken.contains_key(address)), "what counts as sent was taken");
    let most = CONNECTIONS * kills.hit;
    assert!(uncertain.len() <= most, "what was being given to the mail server at each kill: {uncertain:?}");
    kills.end();
}

/// Killed while it is put into the outbox, a mailing goes on from where it was: everybody has one message of it, and nothing leaves before
/// the last has theirs.
#[test]
fn a_mailing_killed_while_it_is_prepared_goes_on_from_there() {
    preparing_killed(None, 5);
}

/// The same on either database.
pub fn preparing_killed(server: Option<&str>, each: usize) {
    let mut kills = Kills::of("mailing being prepared", each);
    while kills.more() {
        let office = PostOffice::open();
        let data = tempfile::tempdir().unwrap();
        let database = server.map(|server| Database::new(server, None));
        let url = database.as_ref().map(Database::url);
        let open = || opened(data.path(), url.as_deref());
        let key = made(crate::WORLD, data.path(), url.as_deref());
        let settings = format!("public_address = \"https://cti.example\"\n{}", settings(office.port));
        std::fs::write(data.path().join("probity.toml"), settings).unwrap();
        let everybody: Vec<String> = (0..400).map(|n| format!("p{n}@many.example")).collect();
        let mailing = mailing_to(&open(), &everybody);
        let all = format!("SELECT count(*) FROM message WHERE mailing_id = {mailing}");
        let (mut there, mut in_the_middle) = (0, 0);
        for _ in 0..each {
            let at: Vec<&str> = url.iter().flat_map(|url| ["--database", url.as_str()]).collect();
            let mut server = Server::start(data.path(), &at);
            // As soon as some more are in it.
            let began = std::time::Instant::now();
            while let (true, queued) = preparing(&server, mailing, &key)
                && queued <= there
                && began.elapsed() < Duration::from_secs(60)
            {
                std::thread::sleep(Duration::from_millis(10));
            }
            std::thread::sleep(Duration::from_micros(kills.chance.below(20_000) as u64));
            kills.now(&mut server.child);
            let instance = open();
            sound(&instance);
            let more = count(&instance.store, &all);
            assert!(more >= there, "{more} after {there}: what is in it stays");
            there = more;
            if instance.store.read(store::mailing::fillings).unwrap().is_empty() {
                break;
            }
            assert_eq!(office.taken().len(), 0, "{there} are in it, and some left");
            in_the_middle += 1;
        }
        assert!(in_the_middle > 0, "no kill came in the middle: {there} were in it");
        let instance = open();
        outbox::take_back(&instance).unwrap();
        while !instance.store.read(store::mailing::fillings).unwrap().is_empty() {
            app::jobs::mailings(&instance).unwrap();
        }
        let each_once = format!("SELECT count(DISTINCT person_id) FROM message WHERE mailing_id = {mailing}");
        let whole = everybody.len() as i64;
        assert_eq!((count(&instance.store, &all), count(&instance.store, &each_once)), (whole, whole));
        while count(&instance.store, "SELECT count(*) FROM message WHERE state = 'queued'") > 0 {
            outbox::run(&instance).unwrap();
        }
        let uncertain = count(&instance.store, "SELECT count(*) FROM message WHERE state = 'uncertain'");
        let taken = office.taken();
        assert!(taken.values().all(|times| *times == 1), "nobody gets it twice: {taken:?}");
        assert!(taken.len() as i64 + uncertain >= whole, "{} and {uncertain} of {whole}", taken.len());
    }
    kills.end();
}

/// Whether a mailing is still being put into the outbox, as the server says, and how many of its messages are there.
fn preparing(server: &Server, mailing: custody::id::MailingId, key: &str) -> (bool, i64) {
    let path = format!("/api/v1/mailings/{mailing}");
    let answered = request(server.address, "GET", &path, key, "application/json", b"");
    let (_, body) = answered.unwrap_or_default();
    let told: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    (told["queueing"] != false, told["messages"]["queued"].as_i64().unwrap_or_default())
}

/// From the moment on in which somebody called a mailing back nothing more of it leaves, though the server is killed before the last of its
/// messages is out of the outbox.
#[test]
fn what_was_called_back_does_not_leave_after_a_kill() {
    let office = PostOffice::open();
    office.takes.store(8, SeqCst);
    let data = tempfile::tempdir().unwrap();
    let key = made(crate::WORLD, data.path(), None);
    let settings = format!("public_address = \"https://cti.example\"\n{}", settings(office.port));
    std::fs::write(data.path().join("probity.toml"), settings).unwrap();
    let everybody: Vec<String> = (0..400).map(|n| format!("p{n}@many.example")).collect();
    let mailing = mailing_to(&opened(data.path(), None), &everybody);
    let mut server = Server::start(data.path(), &[]);
    let began = std::time::Instant::now();
    while office.taken().len() < 3 && began.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let path = format!("/api/v1/mailings/{mailing}/send");
    let answered = request(server.address, "DELETE", &path, &key, "application/json", b"");
    server.kill();
    assert_eq!(answered.map(|(status, _)| status), Some(204));
    // What the mail server had in hand at that moment it has taken by now.
    std::thread::sleep(Duration::from_millis(200));
    let left = office.taken();
    assert!((3..everybody.len()).contains(&left.len()), "{} left", left.len());
    let instance = opened(data.path(), None);
    sound(&instance);
    outbox::take_back(&instance).unwrap();
    for _ in 0..2 {
        outbox::run(&instance).unwrap();
        app::jobs::mailings(&instance).unwrap();
    }
    assert_eq!(office.taken(), left, "nothing more of it leaves");
    let waits = "SELECT count(*) FROM message WHERE state IN ('queued', 'claimed')";
    assert_eq!(count(&instance.store, waits), 0);
}

/// A mailing to people with these addresses, who agreed to it, that waits to leave.
fn mailing_to(instance: &app::instance::Instance, addresses: &[String]) -> custody::id::MailingId {
    use app::acts::{Acting, mailing, person};
    let helen = account(instance, "helen.marsh");
    for some in addresses.chunks(50) {
        instance
            .store
            .write(|tx| {
                let acting = Acting::staff(instance, helen.clone())?;
                for address in some {
                    let values = [("name", "Sam Hill"), ("email", address.as_str())];
                    let new = person::NewPerson {
                        agreed: vec!["supporters".into()],
                        shown: Some((
                            store::consent::Shows::InPerson,
                            "told us when they gave their details".to_owned(),
                        )),
                        ..newcomer("supporter", "the person", &values)
                    };
                    person::add(&acting, tx, &new)?;
                }
                Ok::<_, app::fault::Fault>(())
            })
            .unwrap();
    }
    instance
        .store
        .write(|tx| {
            let acting = Acting::staff(instance, helen.clone())?;
            let id = mailing::begin(&acting, tx, "supporters")?;
            mailing::write(&acting, tx, id, 1, "Spring news", "Dear {name}, there is news.")?;
            mailing::send(&acting, tx, id, 2)?;
            mailing::hurry(&acting, tx, id)?;
            Ok::<_, app::fault::Fault>(id)
        })
        .unwrap()
}

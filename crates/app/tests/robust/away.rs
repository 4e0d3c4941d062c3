//! A PostgreSQL that goes away in the middle and comes back, and two servers side by side on one.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::binary::{Server, made, opened, run};
use super::common::copied::Database;
use super::common::postgres;

/// A database of its own on the PostgreSQL of the tests, if there is one.
fn database() -> Option<Database> {
    let server = postgres();
    if server.is_none() {
        eprintln!("skipped: PROBITY_TEST_POSTGRES names no database");
    }
    server.map(|server| Database::new(&server, None))
}

/// Its address through somebody in between.
fn through(database: &Database, wire: &Wire) -> String {
    database.url().replace(&host(&database.server), &format!("127.0.0.1:{}", wire.port))
}

/// `127.0.0.1:54329` of an address.
fn host(url: &str) -> String {
    url.split("://").nth(1).unwrap().split(['/', '?']).next().unwrap().rsplit('@').next().unwrap().to_owned()
}

/// A wire to a database that can be cut.
struct Wire {
    port: u16,
    whole: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Self {
            port: listener.local_addr().unwrap().port(),
            whole: Arc::new(AtomicBool::new(true)),
            open: Arc::default(),
        };
        let (whole, open) = (Arc::clone(&wire.whole), Arc::clone(&wire.open));
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if !whole.load(SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&target) else { continue };
                let both = |stream: &TcpStream| stream.try_clone().unwrap();
                open.lock().unwrap().extend([both(&near), both(&far)]);
                let pairs = [(both(&near), both(&far)), (far, near)];
                for (from, to) in pairs {
                    std::thread::spawn(move || carry(from, to));
                }
            }
        });
        wire
    }

    fn cut(&self) {
        self.whole.store(false, SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.whole.store(true, SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16384];
    while let Ok(n) = from.read(&mut bytes) {
        if n == 0 || to.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

/// Tries until it is done, for half a minute.
fn soon(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what} takes too long");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_database_that_goes_away_is_said_and_used_again_when_it_is_back() {
    let Some(database) = database() else { return };
    let data = tempfile::tempdir().unwrap();
    let key = made(super::WORLD, data.path(), Some(&database.url()));
    let wire = Wire::to(host(&database.server));
    let server = Server::start(data.path(), &["--database", &through(&database, &wire)]);
    assert_eq!(server.add(&key, 0).unwrap().0, 201);
    // While four add people, the wire is cut three times.
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(1));
    let (taken, unsure) = (AtomicUsize::new(1), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(SeqCst) {
                    match server.add(&key, next.fetch_add(1, SeqCst)) {
                        Some((201, _)) => drop(taken.fetch_add(1, SeqCst)),
                        Some((status, words)) => {
                            assert!(matches!(status, 500 | 503), "{status} {words}");
                            assert!(words.contains("number"), "{words}");
                            unsure.fetch_add(1, SeqCst);
                            std::thread::sleep(Duration::from_millis(50));
                        }
                        None => panic!("the server did not answer"),
                    }
                }
            });
        }
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(700));
            wire.cut();
            let (status, words) = server.add(&key, next.fetch_add(1, SeqCst)).unwrap();
            assert_eq!(status, 503, "{words}");
            assert!(words.contains("The database does not answer"), "{words}");
            assert_eq!(server.get("/healthz", "").unwrap().0, 200, "the server itself is well");
            wire.mend();
            soon("coming back", || {
                let back = server.add(&key, next.fetch_add(1, SeqCst)).unwrap().0 == 201;
                taken.fetch_add(usize::from(back), SeqCst);
                back
            });
        }
        stop.store(true, SeqCst);
    });
    let said = server.logged("an act failed");
    assert!(!said.is_empty() && said.iter().all(|line| line.contains("number")), "{said:?}");
    assert!(
        said.iter().all(|line| !line.contains("post.example") && !line.contains("Person Number")),
        "{said:?}"
    );
    drop(server);
    let instance = opened(data.path(), Some(&database.url()));
    let count = |sql: &str| instance.store.read(|tx| tx.count(sql, &[])).unwrap();
    let held = count("SELECT count(*) FROM item WHERE value LIKE 'p%@post.example'");
    let (taken, unsure) = (taken.load(SeqCst) as i64, unsure.load(SeqCst) as i64);
    // A cut between commit and answer leaves it open to whoever asked; the database has it whole or not at all.
    assert!((taken..=taken + unsure + 3).contains(&held), "{taken} taken, {unsure} unsure, {held} held");
    assert_eq!(count("SELECT count(*) FROM item WHERE value LIKE 'Person Number %'"), held, "nobody by half");
    drop(instance);
    run(&["log", "verify", "--data", data.path().to_str().unwrap(), "--database", &database.url()]).well();
}

#[test]
fn a_command_on_a_database_that_is_not_there_says_so() {
    let Some(database) = database() else { return };
    let data = tempfile::tempdir().unwrap();
    made(super::WORLD, data.path(), Some(&database.url()));
    let wire = Wire::to(host(&database.server));
    wire.cut();
    let place = data.path().to_str().unwrap();
    for command in [&["prove"][..], &["serve"], &["sweep"], &["log", "verify"]] {
        let url = through(&database, &wire);
        let refused = run(&[command, &["--data", place, "--database", &url]].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains("the database cannot be reached"), "{refused:?}");
    }
    run(&["prove", "--data", place, "--database", "mysql://x"]).refused("starts with postgres://");
}

#[test]
fn two_servers_work_side_by_side_on_one_postgresql() {
    let Some(database) = database() else { return };
    let data = tempfile::tempdir().unwrap();
    let key = made(super::WORLD, data.path(), Some(&database.url()));
    let url = database.url();
    let servers = [(); 2].map(|()| Server::start(data.path(), &["--database", &url]));
    std::thread::scope(|scope| {
        for (at, server) in servers.iter().enumerate() {
            let key = &key;
            scope.spawn(move || {
                for n in 0..20 {
                    let (status, words) = server.add(key, at * 1000 + n).unwrap();
                    assert_eq!(status, 201, "{words}");
                }
            });
        }
    });
    for server in &servers {
        let found = server.get("/api/v1/people?q=p1019%40post.example", &key).unwrap();
        assert!(found.1.contains("Person Number 1019"), "{found:?}");
    }
    drop(servers);
    run(&["log", "verify", "--data", data.path().to_str().unwrap(), "--database", &url]).well();
}

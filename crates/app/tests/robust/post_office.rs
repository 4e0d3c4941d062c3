//! A mail server in this process that outlives whoever is killed: it keeps what it has taken, and breaks off in the
//! middle of messages when it is told to.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone)]
pub struct PostOffice {
    pub port: u16,
    /// Recipients of messages taken, in order.
    taken: Arc<Mutex<Vec<String>>>,
    /// The messages taken, as they came.
    pub letters: Arc<Mutex<Vec<String>>>,
    /// How many of the next messages are broken off in their middle.
    pub breaks: Arc<AtomicUsize>,
    /// How many of the next messages are taken without an answer.
    pub swallows: Arc<AtomicUsize>,
    /// How many of the next messages end their connection, once they are taken and answered.
    pub closes: Arc<AtomicUsize>,
    /// How many of the next messages are refused for now.
    pub puts_off: Arc<AtomicUsize>,
    /// How many of the next messages are refused for good.
    pub rejects: Arc<AtomicUsize>,
    /// How many connections it lets in at once; any number where it is none.
    pub lets_in: Arc<AtomicUsize>,
    held: Arc<AtomicUsize>,
    /// How long it takes over each message before it answers, in milliseconds.
    pub takes: Arc<AtomicU64>,
    /// How long it takes before it says that a text may come, in milliseconds, and how often it was asked.
    pub ponders: Arc<AtomicU64>,
    pub asked: Arc<AtomicUsize>,
    /// How many of the next messages are refused for whom they are from, before it is said to whom they go.
    pub shuns: Arc<AtomicUsize>,
}

impl PostOffice {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let office = Self {
            port: listener.local_addr().unwrap().port(),
            taken: Arc::default(),
            letters: Arc::default(),
            breaks: Arc::default(),
            swallows: Arc::default(),
            closes: Arc::default(),
            puts_off: Arc::default(),
            rejects: Arc::default(),
            lets_in: Arc::default(),
            held: Arc::default(),
            takes: Arc::default(),
            ponders: Arc::default(),
            asked: Arc::default(),
            shuns: Arc::default(),
        };
        let ours = office.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let ours = ours.clone();
                std::thread::spawn(move || {
                    let held = ours.held.fetch_add(1, SeqCst) + 1;
                    let most = ours.lets_in.load(SeqCst);
                    if most == 0 || held <= most {
                        ours.talk(&stream);
                    } else {
                        let _ = (&stream).write_all(b"421 too many connections\r\n");
                    }
                    ours.held.fetch_sub(1, SeqCst);
                });
            }
        });
        office
    }

    /// How often each recipient was sent to.
    pub fn taken(&self) -> std::collections::BTreeMap<String, usize> {
        let mut times = std::collections::BTreeMap::new();
        for to in self.taken.lock().unwrap().iter() {
            *times.entry(to.clone()).or_insert(0) += 1;
        }
        times
    }

    fn talk(&self, stream: &TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream).lines();
        let mut out = stream;
        let mut say = |words: &str| out.write_all(words.as_bytes()).and_then(|()| out.flush()).ok();
        say("220 post.example\r\n")?;
        let mut to = String::new();
        while let Some(Ok(line)) = lines.next() {
            let upper = line.to_ascii_uppercase();
            if upper.starts_with("EHLO") {
                say("250-post.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")?;
            } else if upper.starts_with("MAIL FROM")
                && self.shuns.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok()
            {
                say("550 we take nothing from there\r\n")?;
            } else if upper.starts_with("RCPT TO") {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                say("250 ok\r\n")?;
            } else if upper == "DATA" {
                self.asked.fetch_add(1, SeqCst);
                std::thread::sleep(Duration::from_millis(self.ponders.load(SeqCst)));
                say("354 go on\r\n")?;
                // Read half, then gone.
                if self.breaks.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    lines.next();
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                    return None;
                }
                let mut letter = Vec::new();
                loop {
                    match lines.next()?.ok()?.as_str() {
                        "." => break,
                        line => letter.push(line.to_owned()),
                    }
                }
                let letter = letter.join("\n");
                std::thread::sleep(Duration::from_millis(self.takes.load(SeqCst)));
                if self.puts_off.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    say("451 later\r\n")?;
                    continue;
                }
                if self.rejects.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    say("554 no\r\n")?;
                    continue;
                }
                self.letters.lock().unwrap().push(letter);
                self.taken.lock().unwrap().push(to.clone());
                if self.swallows.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                    return None;
                }
                say("250 taken\r\n")?;
                if self.closes.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
                    let _ = stream.shutdown(std::net::Shutdown::Both);
                    return None;
                }
            } else if upper == "QUIT" {
                say("221 bye\r\n")?;
                return Some(());
            } else {
                say("250 ok\r\n")?;
            }
        }
        Some(())
    }
}

/// What `probity.toml` says of it.
pub fn settings(port: u16) -> String {
    format!(
        "[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"CTI <hello@cti.example>\"\n"
    )
}

/// Puts answers to a request into the outbox, one to each of some addresses.
pub fn queue(instance: &app::instance::Instance, addresses: &[String]) {
    let (today, now) = (instance.clock.today(), instance.clock.now());
    instance
        .store
        .write(|tx| {
            let person = custody::id::PersonId(tx.count("SELECT max(id) FROM person", &[])?);
            for address in addresses {
                let new = store::message::NewMessage {
                    person: Some(person),
                    mailing: None,
                    sort: store::message::Sort::Rights,
                    activity: None,
                    channel: "email",
                    address,
                    subject: "Your request",
                    body: "This is what you asked for.\n".repeat(20).leak(),
                    html: None,
                    token: None,
                    not_before: None,
                    request: None,
                    by: None,
                };
                store::message::queue(tx, &new, today, now)?;
            }
            Ok::<_, store::Error>(())
        })
        .unwrap();
}

/// The addresses whose messages are recorded as having left.
pub fn recorded(instance: &app::instance::Instance) -> Vec<String> {
    instance
        .store
        .read(|tx| tx.all("SELECT address FROM message WHERE state = 'sent'", &[], |row| row.text(0)))
        .unwrap()
}

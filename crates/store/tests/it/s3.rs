//! A real S3 server beside the tests, and a way to it on which things go wrong when they are told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use store::place::{Bucket, Place, Reach};

/// The server and the keys it knows. It ends with this process.
pub struct Server {
    _child: Mutex<Child>,
    pub port: u16,
    /// Everything is allowed with it.
    pub key: (String, String),
    /// Only reading is.
    pub reader: (String, String),
}

impl Server {
    /// One for all tests of this process.
    pub fn here() -> &'static Self {
        static HERE: OnceLock<Server> = OnceLock::new();
        HERE.get_or_init(Self::start)
    }

    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bin/s3-for-tests");
        let python = std::env::var("PROBITY_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let piped = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = piped.unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Vec<&str> = line.split_whitespace().collect();
        let [_, port, key, secret, reader, readers] = said[..] else {
            panic!("bin/s3-for-tests needs python3 with moto, flask and flask-cors: {line}")
        };
        let both = |key: &str, secret: &str| (key.to_owned(), secret.to_owned());
        Self {
            _child: Mutex::new(child),
            port: port.parse().unwrap(),
            key: both(key, secret),
            reader: both(reader, readers),
        }
    }

    pub fn reach(&self) -> Reach {
        Reach {
            endpoint: format!("http://127.0.0.1:{}", self.port),
            region: "us-east-1".into(),
            key: self.key.0.clone(),
            secret: self.key.1.clone().into(),
            authority: None,
        }
    }

    pub fn place(&self, name: &str) -> Place {
        reached(name, &self.reach())
    }
}

/// A place of a bucket, reached in a way of the test's own.
pub fn reached(name: &str, reach: &Reach) -> Place {
    Place::Bucket(Bucket::named(name, |_| Ok(reach.clone())).unwrap())
}

/// A prefix that no other test has.
pub fn apart(bucket: &str) -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("s3://{bucket}/of-{}-{}", std::process::id(), NEXT.fetch_add(1, SeqCst))
}

/// A way to the server that hands on one request a connection, and does to it what it is told.
#[derive(Clone, Default)]
pub struct Way {
    pub port: u16,
    /// How many of the next requests are answered with 503.
    pub fails: Arc<AtomicUsize>,
    /// How many of the next uploads are broken off in their middle.
    pub breaks_up: Arc<AtomicUsize>,
    /// How many of the next downloads are broken off in their middle.
    pub breaks_down: Arc<AtomicUsize>,
    /// How many of the next uploads arrive and are never answered.
    pub loses: Arc<AtomicUsize>,
    /// How long every answer takes, in milliseconds.
    pub slow: Arc<AtomicU64>,
    /// After how many more uploads no more is handed on, and whoever asks waits: nought is never.
    pub stops_after: Arc<AtomicUsize>,
    /// Every request that was made: its first line.
    pub asked: Arc<Mutex<Vec<String>>>,
}

impl Way {
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let ours = way.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let ours = ours.clone();
                std::thread::spawn(move || ours.hand_on(&stream, server));
            }
        });
        way
    }

    /// How the server is reached on this way.
    pub fn reach(&self, server: &Server) -> Reach {
        Reach { endpoint: format!("http://127.0.0.1:{}", self.port), ..server.reach() }
    }

    pub fn uploads(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|line| line.starts_with("PUT ")).count()
    }

    fn hand_on(&self, mut from: &TcpStream, server: u16) -> Option<()> {
        let mut reader = BufReader::new(from);
        let (mut head, mut length, mut first) = (String::new(), 0, String::new());
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if first.is_empty() {
                first = line.trim_end().to_owned();
            }
            let lower = line.to_ascii_lowercase();
            if let Some(said) = lower.strip_prefix("content-length:") {
                length = said.trim().parse().ok()?;
            }
            if line == "\r\n" {
                head.push_str("connection: close\r\n\r\n");
                break;
            }
            if !lower.starts_with("connection:") && !lower.starts_with("expect:") {
                head.push_str(&line);
            }
        }
        let upload = first.starts_with("PUT ");
        let asked = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(first);
            asked.iter().filter(|line| line.starts_with("PUT ")).count()
        };
        let stops = self.stops_after.load(SeqCst);
        if upload && stops > 0 && asked > stops {
            std::thread::sleep(Duration::from_secs(600));
        }
        let take =
            |count: &AtomicUsize| count.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
        if upload && length > 0 && take(&self.breaks_up) {
            reader.take(length / 2).read_to_end(&mut Vec::new()).ok()?;
            return from.shutdown(std::net::Shutdown::Both).ok();
        }
        let mut body = Vec::new();
        reader.take(length).read_to_end(&mut body).ok()?;
        std::thread::sleep(Duration::from_millis(self.slow.load(SeqCst)));
        if take(&self.fails) {
            let words = "<Error><Code>SlowDown</Code></Error>";
            let length = words.len();
            let answer = format!(
                "HTTP/1.1 503 Slow Down\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{words}"
            );
            return from.write_all(answer.as_bytes()).ok();
        }
        let mut to = TcpStream::connect(("127.0.0.1", server)).ok()?;
        to.write_all(head.as_bytes()).and_then(|()| to.write_all(&body)).ok()?;
        let mut answer = Vec::new();
        to.read_to_end(&mut answer).ok()?;
        if upload && take(&self.loses) {
            return from.shutdown(std::net::Shutdown::Both).ok();
        }
        if answer.starts_with(b"HTTP/1.1 206") && take(&self.breaks_down) {
            answer.truncate(answer.len() * 2 / 3);
        }
        from.write_all(&answer).ok()?;
        from.shutdown(std::net::Shutdown::Both).ok()
    }
}

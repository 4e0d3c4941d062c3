//! The real program, as an operator runs it: commands with what they say and their exit code, servers, requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::instance::Instance;
use app::world::{Pack, World, play};
use store::keys::Secret;

use super::common::account;

/// What a command said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// That it refused with a sentence: exit code 2, one line for the terminal that holds these words.
    #[track_caller]
    pub fn refused(&self, words: &str) {
        assert_eq!(self.code, Some(2), "{self:?}");
        assert!(self.err.contains(words), "not `{words}`: {self:?}");
        assert!(!self.err.contains("panicked") && !self.err.contains("os error"), "{self:?}");
    }

    #[track_caller]
    pub fn well(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.out
    }
}

/// The program, with none of the machine's own settings.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_probity"));
    for name in [
        "DATA",
        "DATABASE",
        "KEY",
        "KEY_FILE",
        "PASSPHRASE",
        "LISTEN",
        "LOG",
        "S3_ENDPOINT",
        "S3_KEY",
        "S3_SECRET",
    ] {
        command.env_remove(format!("PROBITY_{name}"));
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Said {
    said(program().args(arguments))
}

/// What erases whoever has this number, who asked for it and was told.
pub fn erasing(number: &str) -> [&str; 9] {
    ["erase", "person", number, "--why", "asked", "--known", "known", "--told", "by letter"]
}

pub fn said(command: &mut Command) -> Said {
    let done = command.output().unwrap();
    Said {
        code: done.status.code(),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

/// A practice instance of a world, its key beside its data, closed again.
pub fn made(world: &str, data: &Path, url: Option<&str>) -> String {
    let world = World::read(world).unwrap();
    let policy = Pack::named("cti").unwrap().policy().unwrap();
    let secret = Secret::random().unwrap();
    secret.write_to(&data.join("key")).unwrap();
    let instance = Instance::create(data, url, &secret, policy, Some(world.begins)).unwrap();
    play(&instance, &world).unwrap();
    app::acts::sign_in::api_key(&instance, &account(&instance, "helen.marsh"), "test").unwrap()
}

/// Opens a practice instance in this process.
pub fn opened(data: &Path, url: Option<&str>) -> Instance {
    Instance::open(data, url, &Secret::from_file(&data.join("key")).unwrap()).unwrap()
}

/// A running server. It is killed when dropped.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
    /// What it wrote to standard error.
    pub log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts `probity serve` on any free port.
    pub fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more);
        Self::of(&mut command)
    }

    pub fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (into, errors) = (Arc::clone(&log), child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                let mut log = into.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = loop {
            let Some(Ok(line)) = lines.next() else {
                child.wait().unwrap();
                std::thread::sleep(Duration::from_millis(100));
                panic!("no server: {}", log.lock().unwrap());
            };
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().parse().unwrap();
            }
        };
        // What it still says is read and forgotten, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, log }
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, as a service manager does; how it ended.
    pub fn end(mut self) -> std::process::ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap()
    }

    /// The lines of the log that hold some words.
    pub fn logged(&self, words: &str) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }

    pub fn get(&self, path: &str, key: &str) -> Option<(u16, String)> {
        request(self.address, "GET", path, key, "application/json", b"")
    }

    pub fn post(&self, path: &str, key: &str, json: &str) -> Option<(u16, String)> {
        request(self.address, "POST", path, key, "application/json", json.as_bytes())
    }

    /// Adds somebody by the API; the status, and the answer.
    pub fn add(&self, key: &str, number: usize) -> Option<(u16, String)> {
        self.post("/api/v1/people", key, &somebody(number))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A person as the API takes one.
pub fn somebody(number: usize) -> String {
    format!(
        r#"{{"category": "organisation contact", "source": "the person", "items": {{"name": "Person Number {number}", "email": "p{number}@post.example"}}}}"#
    )
}

/// One request over a connection of its own; nothing if it was not answered whole.
pub fn request(
    to: SocketAddr,
    method: &str,
    path: &str,
    key: &str,
    form: &str,
    body: &[u8],
) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(to).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {to}\r\nAuthorization: Bearer {key}\r\nContent-Type: {form}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    // A server that refuses a large body may close before all of it was sent.
    let sent = stream.write_all(body);
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let whole = sent.is_ok() && read.is_ok();
    (whole || !text.is_empty())
        .then(|| (status, text.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned())))
}

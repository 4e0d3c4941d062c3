//! A program in this process that is told things by HTTP: it keeps what it was sent, and answers what it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request, as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub line: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// What is answered to the next requests, with headers of their own; `200 OK` once these are used up.
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl Receiver {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = Self { port, heard: Arc::default(), answers: Arc::default() };
        let ours = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let ours = ours.clone();
                std::thread::spawn(move || ours.talk(&stream));
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/told?by=probity", self.port)
    }

    /// Answers the next requests so: `503 Busy\r\nRetry-After: 900`.
    pub fn answers(&self, next: &[&str]) {
        self.answers.lock().unwrap().extend(next.iter().map(|answer| (*answer).to_owned()));
    }

    /// What it was sent since it was last asked.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }

    fn talk(&self, stream: &TcpStream) -> Option<()> {
        let mut from = BufReader::new(stream);
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            from.read_line(&mut header).ok()?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
        from.read_exact(&mut body).ok()?;
        let heard = Heard { line: line.trim_end().to_owned(), headers, body: String::from_utf8(body).ok()? };
        self.heard.lock().unwrap().push(heard);
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or_else(|| "200 OK".to_owned());
        let mut out = stream;
        out.write_all(
            format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .ok()
    }
}

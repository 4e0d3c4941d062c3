//! Clients on the loopback: as many threads as asked for, each with one connection it keeps, as browsers and
//! programs do. Latency is from the first byte sent to the last received.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use app::cli::Failure;

use super::measure::since;

/// A request.
pub struct Asked {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// A body in JSON.
    pub body: Option<String>,
}

impl Asked {
    /// A `GET`.
    pub fn get(path: String) -> Self {
        Self { method: "GET", path, body: None }
    }
}

/// What a number of clients came to.
pub struct Driven {
    /// Each request's milliseconds.
    pub took: Vec<f64>,
    /// Milliseconds from the first request to the last answer.
    pub whole: f64,
}

/// Sends requests from several clients at once, each of them the same number. Every answer must be of the
/// status `2xx`.
pub fn drive(
    address: SocketAddr,
    key: &str,
    clients: usize,
    each: usize,
    ask: impl Fn(usize, usize) -> Asked + Sync,
) -> Result<Driven, Failure> {
    let began = Instant::now();
    let done: Vec<Result<Vec<f64>, Failure>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| {
                let ask = &ask;
                scope.spawn(move || one_client(address, key, each, |n| ask(client, n)))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(Failure("a client ended early".to_owned()))))
            .collect()
    });
    let whole = since(began);
    let mut took = Vec::new();
    for one in done {
        took.extend(one?);
    }
    Ok(Driven { took, whole })
}

fn one_client(
    address: SocketAddr,
    key: &str,
    each: usize,
    ask: impl Fn(usize) -> Asked,
) -> Result<Vec<f64>, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut took = Vec::with_capacity(each);
    for n in 0..each {
        let asked = ask(n);
        let body = asked.body.as_deref().unwrap_or("");
        let json = if asked.body.is_some() { "content-type: application/json\r\n" } else { "" };
        let request = format!(
            "{} {} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n{json}content-length: {}\r\n\r\n{body}",
            asked.method,
            asked.path,
            body.len()
        );
        let began = Instant::now();
        stream.write_all(request.as_bytes())?;
        let (status, answer) = answer(&mut stream)?;
        took.push(since(began));
        if !(200..300).contains(&status) {
            let said = String::from_utf8_lossy(&answer).chars().take(300).collect::<String>();
            return Err(Failure(format!("{} {} answered {status}: {said}", asked.method, asked.path)));
        }
    }
    Ok(took)
}

fn answer(stream: &mut TcpStream) -> Result<(u16, Vec<u8>), Failure> {
    let broken = |what: &str| Failure(format!("an answer without {what}"));
    let mut got = Vec::with_capacity(16 * 1024);
    let mut chunk = [0; 16 * 1024];
    let end = loop {
        if let Some(end) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err(broken("an end of its head"));
        }
        got.extend_from_slice(chunk.get(..read).unwrap_or_default());
    };
    let head = String::from_utf8_lossy(got.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| broken("a status"))?;
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let length = length.ok_or_else(|| broken("a length"))?;
    while got.len() < end + 4 + length {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err(broken("its end"));
        }
        got.extend_from_slice(chunk.get(..read).unwrap_or_default());
    }
    Ok((status, got.split_off(end + 4)))
}

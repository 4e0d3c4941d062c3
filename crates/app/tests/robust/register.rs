//! A preference register as large as the real ones goes into a running server as it arrives: in little memory, all
//! of it or nothing.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::binary::{Server, made, request};

const FORM: &str = "multipart/form-data; boundary=X";
/// What the whole process may take beyond what it takes idle.
const BEYOND_IDLE: u64 = 32 * 1024;

/// The form as a browser sends it, with a file of this many numbers.
fn form(numbers: u32, dated: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(numbers as usize * 13 + 400);
    for (name, value) in [("register", "tps"), ("dated", dated)] {
        write!(body, "--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
    }
    write!(body, "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"tps.txt\"\r\n\r\n")
        .unwrap();
    // Not in order, each once: 7919 has no factor in common with the count of possible numbers.
    for number in 0..u64::from(numbers) {
        writeln!(body, "07{:09}", number * 7919 % 1_000_000_000).unwrap();
    }
    body.extend_from_slice(b"\r\n--X--\r\n");
    body
}

/// A figure of the process in KiB, as Linux has it.
fn figure(server: &Server, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn shown(server: &Server, key: &str, numbers: &str) -> bool {
    let (status, page) = server.get("/calls", key).unwrap();
    assert_eq!(status, 200, "{page}");
    page.contains(numbers)
}

#[test]
fn two_million_numbers_go_in_within_32_mib() {
    let data = tempfile::tempdir().unwrap();
    let key = made(super::WORLD, data.path(), None);
    let server = Server::start(data.path(), &[]);
    assert!(!shown(&server, &key, " numbers"));
    let body = form(2_000_000, "2026-02-01");
    // Sets the mark of the most it ever took back to what it takes now.
    std::fs::write(format!("/proc/{}/clear_refs", server.child.id()), "5").unwrap();
    let idle = figure(&server, "VmRSS");
    let begun = Instant::now();
    let (status, answer) = request(server.address, "POST", "/calls/files", &key, FORM, &body).unwrap();
    let took = begun.elapsed();
    assert_eq!(status, 303, "{answer}");
    let most = figure(&server, "VmHWM");
    println!("idle {} MiB, at most {} MiB, in {took:?}", idle / 1024, most / 1024);
    assert!(most - idle < BEYOND_IDLE, "idle {idle} KiB, at most {most} KiB");
    assert!(shown(&server, &key, "2,000,000 numbers"));
}

#[test]
fn an_upload_that_breaks_off_leaves_the_list_there_was() {
    let data = tempfile::tempdir().unwrap();
    let key = made(super::WORLD, data.path(), None);
    let server = Server::start(data.path(), &[]);
    let (status, answer) =
        request(server.address, "POST", "/calls/files", &key, FORM, &form(1000, "2026-01-20")).unwrap();
    assert_eq!(status, 303, "{answer}");
    let body = form(200_000, "2026-02-01");
    let mut stream = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "POST /calls/files HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        server.address,
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&body[..body.len() / 2]).unwrap();
    drop(stream);
    std::thread::sleep(Duration::from_secs(1));
    assert!(shown(&server, &key, "1,000 numbers"));
    // A body that ends in the middle of the file, said to be whole, is no file either.
    let half = &body[..body.len() / 2];
    let (status, answer) = request(server.address, "POST", "/calls/files", &key, FORM, half).unwrap();
    assert_eq!(status, 422, "{answer}");
    assert!(shown(&server, &key, "1,000 numbers"));
    // Whoever is not signed in is answered, and sent to sign in.
    let (status, answer) = request(server.address, "POST", "/calls/files", "nobody", FORM, &body).unwrap();
    assert!(status == 303 || status == 401, "{status} {answer}");
    assert!(shown(&server, &key, "1,000 numbers"));
}

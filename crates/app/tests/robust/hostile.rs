//! Everything that reads what others wrote, fed with what nobody would write: the files of `tests/corpus`, as they are
//! and changed by chance. Nothing panics, nothing takes long, nothing is answered with "something went wrong". What is
//! found is kept in the corpus and tried first ever after. `PROBITY_FUZZ_SECONDS` says how long for each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use app::intake::{Sheet, Target, column, draft};
use axum::body::Body;
use axum::http::{Request, header};
use policy::source::File;
use policy::{Policy, diagnostic};

use super::chance::Chance;
use super::common::House;

/// How long one input may keep a processor busy: built for tests, which is many times slower.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long this thread has kept a processor busy: other work on the machine takes nothing from anybody's patience.
fn busy() -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(said.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

fn corpus(of: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(of)
}

fn seeds(of: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(corpus(of)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no corpus for {of}");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Bytes that upset readers.
const UPSETTING: &[&[u8]] = &[
    b"\0",
    b"\"",
    b"\"\"",
    b"\n",
    b"\r\n",
    b"\r",
    b",",
    b";",
    b"=",
    b"&",
    b"%",
    b"%00",
    b"%FF",
    b"+",
    b"@",
    b"--X",
    b"--X--",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b"\xcc\x81",
    b"99999999999999999999",
    b"-1",
    b"0",
    b"65535",
    b"1e999",
    b"2026-02-30",
    b"-9999-01-01",
    b"9999-12-31",
    b"{",
    b"}",
    b"[",
    b"null",
    b"\\u0000",
    b"\\ud800",
    b"'; DROP TABLE person; --",
    b"<script>",
    b"../",
    b"=cmd|' /C calc'!A0",
    b" of ",
    b" until ",
    b" at most ",
    b" or ",
    b"promise ",
    b"years",
    b"include ",
    b"#",
    b":",
    b"\t",
];

/// A seed with a few things changed.
fn changed(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = chance.one(seeds).clone();
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len() + 1);
        let to = (at + chance.below(40)).min(bytes.len());
        match chance.below(8) {
            0 => drop(bytes.drain(at..to)),
            1 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
            2 => {
                let again = bytes[at..to].to_vec();
                let most = if chance.below(20) == 0 { 3000 } else { 4 };
                let times = 1 + chance.below(most);
                let more: Vec<u8> = again.iter().copied().cycle().take(again.len() * times).collect();
                drop(bytes.splice(at..at, more));
            }
            3 => {
                let other = chance.one(seeds);
                let from = chance.below(other.len() + 1);
                let until = (from + chance.below(200)).min(other.len());
                drop(bytes.splice(at..to, other[from..until].iter().copied()));
            }
            4 => bytes.truncate(at),
            _ => drop(bytes.splice(at..at, chance.one(UPSETTING).iter().copied())),
        }
    }
    bytes.truncate(200_000);
    bytes
}

/// Feeds a reader with its corpus, then with changes to it; keeps what it fails on.
fn feed(of: &str, mut read: impl FnMut(&[u8])) {
    let seeds = seeds(of);
    let mut chance = Chance::of(of);
    let seconds = std::env::var("PROBITY_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    let least = if seconds.is_some() { 0 } else { 120 };
    let mut tried = 0;
    let mut queue = seeds.clone().into_iter();
    loop {
        let input = match queue.next() {
            Some(seed) => seed,
            None if tried < least + seeds.len() || Instant::now() < until => changed(&mut chance, &seeds),
            None => break,
        };
        tried += 1;
        let began = busy();
        let done = catch_unwind(AssertUnwindSafe(|| read(&input)));
        if done.is_err() || busy().saturating_sub(began) > PATIENCE {
            let name = format!(
                "found-{:016x}",
                input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                    (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
                })
            );
            std::fs::write(corpus(of).join(&name), &input).unwrap();
            panic!(
                "{of}/{name} fails, after {:?}: {}",
                busy().saturating_sub(began),
                String::from_utf8_lossy(&input)
            );
        }
    }
    eprintln!("{of}: {tried} inputs");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn policies() {
    let today = "2026-11-22".parse().unwrap();
    feed("policy", |bytes| {
        let files = vec![File { name: "a.policy".to_owned(), text: text(bytes) }];
        let (policy, mut found) = Policy::read(files.clone());
        if let Some(policy) = &policy {
            found.extend(policy::check::check(policy, today));
        }
        for finding in &found {
            assert!(finding.span.end as usize <= files[0].text.len(), "{finding:?}");
        }
        assert!(found.is_empty() || !diagnostic::render(&found, &files, false).is_empty());
        if let Ok(written) = policy::fmt::format(&files[0]) {
            let again = File { name: "a.policy".to_owned(), text: written.clone() };
            assert_eq!(
                policy::fmt::format(&again).as_deref(),
                Ok(written.as_str()),
                "laid out twice differs"
            );
        }
    });
}

#[test]
fn phrases() {
    let day = "2024-02-29".parse().unwrap();
    feed("phrase", |bytes| {
        if let Ok(read) = policy::phrase::read::read_alone(&text(bytes)) {
            let mut facts = policy::clock::Facts::default();
            for event in read.phrase.events() {
                facts = facts.with(&event.written(), day);
            }
            let clock = policy::clock::clock(
                &read.phrase,
                read.review.as_ref(),
                read.ask_again.as_ref(),
                &facts,
                day,
            );
            assert!(!policy::clock::say(&clock).is_empty());
        }
    });
}

#[test]
fn lists() {
    let policy = app::world::Pack::named("cti").unwrap().policy().unwrap();
    let activity = policy.activity_named("enquiries").unwrap();
    let kinds = column::choices(&policy, activity);
    feed("list", |bytes| {
        let Ok(sheet) = Sheet::read(bytes) else { return };
        let guesses = column::guess(&sheet, &activity.name, &kinds);
        assert_eq!(guesses.len(), sheet.headers.len());
        let targets: Vec<Target> = guesses.iter().map(|guess| guess.target).collect();
        for row in &sheet.rows {
            match draft::draft(row, &targets, &kinds) {
                Ok(draft) => assert!(draft.items.iter().all(|(_, value)| !value.contains('\0'))),
                Err(problems) => assert!(!problems.is_empty()),
            }
        }
    });
}

#[test]
fn messages() {
    feed("mail", |bytes| {
        let (letter, files) = ::read::letter(bytes);
        assert!(letter.text.len() <= 90_000 && letter.subject.len() <= 500 && letter.name.len() <= 200);
        assert!(files.len() <= 50 && !letter.text.contains('\0') && !letter.subject.contains(['\0', '\n']));
        assert!(letter.from.is_none_or(|from| from.contains('@') && from.len() <= 320));
        let _ = app::acts::mailbox::asks::suggested(&letter.subject, &letter.text);
        // Another name, and it is a file among others.
        let _ = ::read::text("m.eml", bytes);
    });
}

#[test]
fn files_put_on_file() {
    feed("file", |bytes| {
        let read = ::read::text("file", bytes);
        assert!(read.parts.iter().map(|part| part.text.len()).sum::<usize>() <= 16 * 1024 * 1024);
        let looked = ::read::everything("file", bytes);
        assert!(looked.shown.len() == read.parts.len());
        // Whatever was read can be taken out again, or it is said why not.
        let all = read.parts.iter().enumerate().map(|(part, read)| ::read::Removal {
            part,
            span: 0..read.text.len(),
            instead: "[removed]".to_owned(),
        });
        let all: Vec<::read::Removal> = all.collect();
        if read.sort == ::read::Sort::Pdf {
            let _ = ::read::without(bytes, "A document", &all);
        }
        let _ = app::acts::document::Upload::take("file", bytes.to_vec());
    });
}

#[test]
fn pictures_for_mail() {
    use app::mail::picture::bare;
    feed("picture", |bytes| {
        // What is taken has a size, and nothing more to lose.
        if let Ok(taken) = bare(bytes) {
            assert!((1..=5_000).contains(&taken.width));
            assert!(bare(&taken.bytes).is_ok_and(|again| again == taken));
        }
    });
    for name in ["drawing.png", "photograph.jpg"] {
        let whole = std::fs::read(corpus("picture").join(name)).unwrap();
        let taken = bare(&whole).unwrap_or_else(|why| panic!("{why}"));
        for gone in ["home", "cam", "film", "after"] {
            assert!(!taken.bytes.windows(gone.len()).any(|some| some == gone.as_bytes()), "{gone}");
        }
    }
}

#[test]
fn preference_registers() {
    feed("register", |bytes| {
        let Ok(found) = store::register::read(bytes) else { return };
        assert!(!found.numbers.is_empty() || !found.removed.is_empty(), "a list of no numbers is refused");
        for numbers in [&found.numbers, &found.removed] {
            let all: Vec<i64> = numbers.iter().collect();
            assert!(all.len() == numbers.len() && all.iter().all(|number| *number > 0), "{all:?}");
            assert!(all.is_sorted_by(|one, next| one < next), "each once, the lowest first: {all:?}");
        }
        assert!(found.examples.len() <= found.junk, "{found:?}");
    });
}

#[test]
fn addresses_numbers_and_names() {
    use store::normal;
    feed("address", |bytes| {
        let text = text(bytes);
        if let Some(email) = normal::email(&text) {
            assert_eq!(normal::email(&email).as_deref(), Some(email.as_str()), "normal twice");
        }
        if let Some(phone) = normal::phone(&text) {
            assert_eq!(normal::phone(&phone).as_deref(), Some(phone.as_str()), "normal twice");
            assert!(normal::phone_digits(&phone).is_some());
        }
        let name = normal::name(&text);
        assert_eq!(normal::name(&name), name, "normal twice");
        assert!(normal::initials(&text).len() <= text.len() * 4 + 4);
        assert!(normal::value("email", &text).len() <= text.len() * 8 + 8);
        assert!(!column::looks_like_email(&text) || text.contains('@'));
    });
}

/// A house that requests are sent to, by somebody signed in.
struct Door {
    runtime: tokio::runtime::Runtime,
    house: House,
    cookie: String,
    key: String,
}

impl Door {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let house = House::of(super::WORLD);
        let cookie = runtime.block_on(house.sign_in("helen.marsh"));
        let key = house.key("helen.marsh");
        Self { runtime, house, cookie, key }
    }

    /// Sends it; an answer that something went wrong, or a bare one, is a mistake of ours.
    fn send(&self, method: &str, path: &str, kind: &str, cookie: &[u8], body: &[u8]) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, kind)
            .header(header::COOKIE, cookie);
        let request = match path.starts_with("/api/") {
            true => request.header(header::AUTHORIZATION, format!("Bearer {}", self.key)),
            false => request,
        };
        // What is no request at all never gets here.
        let Ok(request) = request.body(Body::from(body.to_vec())) else { return };
        let answer = self.runtime.block_on(self.house.send(request));
        assert!(!answer.status.is_server_error(), "{method} {path}: {} {}", answer.status, answer.text);
        let kind = answer.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        assert!(
            !answer.status.is_client_error() || kind.is_some_and(|kind| !kind.starts_with("text/plain")),
            "{method} {path}: {} bare: {}",
            answer.status,
            answer.text
        );
    }
}

#[test]
fn forms() {
    let door = Door::new();
    let paths = [
        "/people",
        "/people/new",
        "/organisations",
        "/requests",
        "/work",
        "/sign-in",
        "/outreach",
        "/admin/staff",
        "/me/password",
        "/practice/clock",
        "/policy/attestations/0",
        "/me/keys",
    ];
    let mut turn = 0;
    feed("form", |bytes| {
        turn += 1;
        let path = paths[turn % paths.len()];
        door.send("POST", path, "application/x-www-form-urlencoded", door.cookie.as_bytes(), bytes);
        let query: String = bytes
            .iter()
            .take(4000)
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'=' | b'&' | b'%' | b'+' | b'-' => {
                    char::from(*byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect();
        door.send("GET", &format!("/people?{query}"), "text/plain", door.cookie.as_bytes(), b"");
        door.send("GET", &format!("/requests/new?{query}"), "text/plain", door.cookie.as_bytes(), b"");
    });
}

#[test]
fn json() {
    let door = Door::new();
    let person = door.house.count("SELECT max(id) FROM person");
    let work = door.house.count("SELECT max(id) FROM engagement");
    let paths = [
        "/api/v1/people".to_owned(),
        format!("/api/v1/people/{person}/items"),
        format!("/api/v1/people/{person}/entries"),
        format!("/api/v1/people/{person}/consents/withdrawal"),
        "/api/v1/engagements".to_owned(),
        format!("/api/v1/engagements/{work}/milestones"),
        format!("/api/v1/engagements/{work}/entries"),
    ];
    let mut turn = 0;
    feed("json", |bytes| {
        turn += 1;
        door.send("POST", &paths[turn % paths.len()], "application/json", b"", bytes);
    });
}

#[test]
fn files_by_form() {
    let door = Door::new();
    let work = door.house.count("SELECT max(id) FROM engagement");
    let paths = [
        "/import".to_owned(),
        "/calls/files".to_owned(),
        format!("/work/{work}/documents"),
        format!("/work/{work}/consent"),
    ];
    let mut turn = 0;
    feed("multipart", |bytes| {
        turn += 1;
        let path = &paths[turn % paths.len()];
        door.send("POST", path, "multipart/form-data; boundary=X", door.cookie.as_bytes(), bytes);
    });
}

#[test]
fn links_and_cookies() {
    let door = Door::new();
    feed("link", |bytes| {
        door.send("GET", "/people", "text/plain", bytes, b"");
        let segment: String = bytes
            .iter()
            .take(2000)
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(*byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        for path in ["/unsubscribe", "/set-up", "/people", "/requests", "/tasks", "/assets", "/registers"] {
            door.send("GET", &format!("{path}/{segment}"), "text/plain", door.cookie.as_bytes(), b"");
        }
        door.send(
            "POST",
            &format!("/unsubscribe/{segment}"),
            "application/x-www-form-urlencoded",
            b"",
            b"List-Unsubscribe=One-Click",
        );
    });
}

//! Broken requests: each is answered with words a person understands, or JSON a program does, and the door stays open.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::common::{Answer, House};

struct Front {
    house: House,
    cookie: String,
    key: String,
}

impl Front {
    async fn new() -> Self {
        let house = House::of(super::WORLD);
        let cookie = house.sign_in("helen.marsh").await;
        let key = house.key("helen.marsh");
        Self { house, cookie, key }
    }

    async fn send(&self, method: &str, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
        request = match path.starts_with("/api/") {
            true => request.header(header::AUTHORIZATION, format!("Bearer {}", self.key)),
            false => request.header(header::COOKIE, &self.cookie),
        };
        self.house.send(request.body(body.into()).unwrap()).await
    }

    /// Rows in the tables that acts write to.
    fn rows(&self) -> Vec<i64> {
        ["person", "item", "entry", "import_batch", "message", "engagement", "organisation", "document"]
            .map(|table| {
                self.house
                    .instance
                    .store
                    .read(|tx| tx.count(&format!("SELECT count(*) FROM {table}"), &[]))
                    .unwrap()
            })
            .into()
    }
}

/// That an answer says in words that something cannot be taken, with every header of a page.
#[track_caller]
fn in_words(case: &str, answer: &Answer) {
    let status = answer.status;
    assert!(status.is_client_error(), "{case}: {status} {}", answer.text);
    let kind = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
    assert!(answer.headers.contains_key("content-security-policy"), "{case}: a bare answer");
    if kind.starts_with("application/json") {
        let words: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
        assert!(words["error"].as_str().is_some_and(|words| words.len() > 5), "{case}: {}", answer.text);
    } else {
        assert!(kind.starts_with("text/html"), "{case}: {kind}: {}", answer.text);
        assert!(answer.text.contains("<h1") && answer.text.contains("</html>"), "{case}: {}", answer.text);
    }
    for jargon in ["deserialize", "Deserialize", "rejection", "multipart stream", "i64", "panicked"] {
        assert!(
            kind.contains("json") || !answer.text.contains(jargon),
            "{case} says {jargon}: {}",
            answer.text
        );
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

#[tokio::test]
async fn what_cannot_be_read_is_said_and_changes_nothing() {
    let front = Front::new().await;
    let before = front.rows();
    let long = "a".repeat(60_000);
    let deep = "[".repeat(50_000);
    let cases: Vec<(&str, &str, &str, &str, Vec<u8>)> = vec![
        ("no number", "GET", "/people/abc", FORM, vec![]),
        ("too large a number", "GET", "/people/99999999999999999999999", FORM, vec![]),
        ("a negative number", "GET", "/people/-1", FORM, vec![]),
        ("a number that is none in the query", "GET", "/people?after=99999999999999999999", FORM, vec![]),
        ("a NUL in a search", "GET", "/people?q=%00%FF", FORM, vec![]),
        ("a form in another form", "POST", "/people", JSON, b"{}".to_vec()),
        ("a form without a type", "POST", "/people", "nonsense", b"a=b".to_vec()),
        ("no fields", "POST", "/people", FORM, vec![]),
        ("bytes that are no text", "POST", "/people", FORM, b"category=\xff\xfe&name=\xff".to_vec()),
        ("escaped bytes that are no text", "POST", "/people", FORM, b"category=%FF%FE&name=%00".to_vec()),
        ("half an escape", "POST", "/people", FORM, b"category=%F&name=%".to_vec()),
        (
            "the same field a thousand times",
            "POST",
            "/practice/clock",
            FORM,
            b"date=2026-03-01&".repeat(1000),
        ),
        (
            "a form of three megabytes",
            "POST",
            "/organisations",
            FORM,
            [b"name=", "x".repeat(3_000_000).as_bytes()].concat(),
        ),
        (
            "a body past every limit",
            "POST",
            "/import",
            "multipart/form-data; boundary=X",
            vec![b'x'; 70_000_000],
        ),
        ("no boundary", "POST", "/import", "multipart/form-data", b"x".to_vec()),
        ("no multipart at all", "POST", "/import", FORM, b"file=x".to_vec()),
        (
            "half a part",
            "POST",
            "/import",
            "multipart/form-data; boundary=X",
            b"--X\r\nContent-Disp".to_vec(),
        ),
        (
            "a part that never ends",
            "POST",
            "/import",
            "multipart/form-data; boundary=X",
            b"--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nName".to_vec(),
        ),
        ("a day that is none", "POST", "/practice/clock", FORM, b"date=2026-02-30".to_vec()),
        ("a day in the year 0", "POST", "/practice/clock", FORM, b"date=0000-01-01".to_vec()),
        ("a day in the year 1000", "POST", "/practice/clock", FORM, b"date=1000-01-01".to_vec()),
        ("a day in the year 9999", "POST", "/practice/clock", FORM, b"date=9999-12-31".to_vec()),
        ("a day in the year 99999", "POST", "/practice/clock", FORM, b"date=99999-01-01".to_vec()),
        ("a method nobody knows", "PATCH", "/people", FORM, vec![]),
        ("JSON cut short", "POST", "/api/v1/people", JSON, b"{\"category\": ".to_vec()),
        ("JSON of another shape", "POST", "/api/v1/people", JSON, b"[1, 2]".to_vec()),
        ("JSON fifty thousand deep", "POST", "/api/v1/people", JSON, deep.into_bytes()),
        ("JSON that is no text", "POST", "/api/v1/people", JSON, b"{\"category\": \"\xff\"}".to_vec()),
        (
            "JSON with a NUL in a name",
            "POST",
            "/api/v1/people",
            JSON,
            br#"{"category": "organisation contact", "source": "the person", "items": {"name": "A\u0000B"}}"#.to_vec(),
        ),
        (
            "JSON with a field nobody knows",
            "POST",
            "/api/v1/people",
            JSON,
            br#"{"category": "x", "items": {}, "shoe size": 4}"#.to_vec(),
        ),
        (
            "JSON with an absurd day",
            "POST",
            "/api/v1/people",
            JSON,
            br#"{"category": "organisation contact", "source": "the person", "collected_on": "99999-01-01", "items": {"name": "A"}}"#
                .to_vec(),
        ),
        (
            "a day not yet come",
            "POST",
            "/api/v1/people",
            JSON,
            br#"{"category": "organisation contact", "source": "the person", "collected_on": "2199-01-01", "items": {"name": "A"}}"#
                .to_vec(),
        ),
        ("an address of the API that is none", "GET", "/api/v1/people/abc", JSON, vec![]),
        ("an address nobody serves", "GET", "/nothing/here", FORM, vec![]),
        ("a token that is none", "GET", "/set-up/%00%FF", FORM, vec![]),
    ];
    for (case, method, path, kind, body) in cases {
        in_words(case, &front.send(method, path, kind, body).await);
    }
    let found = front.send("GET", &format!("/people?q={long}"), FORM, vec![]).await;
    assert_eq!(found.status, StatusCode::OK, "a search may be as long as it likes");
    assert_eq!(front.rows(), before, "nothing was changed");
    assert_eq!(front.send("GET", "/", FORM, vec![]).await.status, StatusCode::OK);
    let good =
        br#"{"category": "organisation contact", "source": "the person", "items": {"name": "Ada Marlowe"}}"#
            .to_vec();
    assert_eq!(front.send("POST", "/api/v1/people", JSON, good).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_comes_from_another_site_or_with_forged_tokens_is_refused_in_words() {
    let front = Front::new().await;
    let request = Request::post("/people")
        .header("host", "here.example")
        .header("origin", "https://elsewhere.example")
        .header(header::COOKIE, &front.cookie);
    in_words("another site", &front.house.send(request.body(Body::from("a=b")).unwrap()).await);
    for token in ["", "0", "zz", "%00", "../../etc", &"f".repeat(64), &"f".repeat(5000)] {
        for path in [format!("/unsubscribe/{token}"), format!("/unsubscribe/{token}/undo")] {
            // Whoever was erased has no link any more, and is told no more than anybody: nothing is sent to them.
            let answer = front.send("POST", &path, FORM, "List-Unsubscribe=One-Click").await;
            assert!(!answer.status.is_server_error(), "{path}: {} {}", answer.status, answer.text);
        }
        let request =
            Request::get("/people").header(header::COOKIE, format!("probity={}", token.replace('%', "")));
        let answer = front.house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{token} opened a session");
    }
    let objections = front.house.count("SELECT count(*) FROM objection");
    assert_eq!(objections, 0, "a forged link objects for nobody");
}

/// A file of an import, as a browser sends it.
fn upload(bytes: &[u8]) -> Vec<u8> {
    [
        b"--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\n".as_slice(),
        bytes,
        b"\r\n--X--\r\n",
    ]
    .concat()
}

#[tokio::test]
async fn files_that_are_no_lists_are_refused_by_the_wizard() {
    let front = Front::new().await;
    let columns = vec!["x"; 10_000].join(",");
    let mut chance = super::chance::Chance::of("noise");
    let noise: Vec<u8> = (0..100_000).flat_map(|_| chance.next().to_le_bytes()).collect();
    let cell = format!("Name,Email\n\"{}\",a@post.example\n", "x".repeat(50_000_000));
    for (case, bytes, words) in [
        ("random bytes", noise.as_slice(), "This is not a text file"),
        ("a cell of 50 MB", cell.as_bytes(), "at most 40 MB"),
        ("10,000 columns", columns.as_bytes(), "10000 columns"),
        ("nothing", b"", "Choose a file"),
    ] {
        let answer = front.send("POST", "/import", "multipart/form-data; boundary=X", upload(bytes)).await;
        in_words(case, &answer);
        assert!(answer.text.contains(words), "{case}: {}", answer.text);
    }
    assert_eq!(front.send("GET", "/", FORM, vec![]).await.status, StatusCode::OK);
}

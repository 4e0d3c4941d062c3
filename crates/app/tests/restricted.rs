//! Restricted is stored and nothing else, whichever door somebody tries: every address that changes anything is asked about
//! somebody whose data is restricted, and about their twin whose data is not. A new address without an answer here fails.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod common;
#[path = "common/restricted.rs"]
mod table;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use common::House;
use table::TABLE;

const STAFF: &str = include_str!("common/office.toml");

const ASSISTANT: &str = include_str!("common/assistant.toml");

const TWIN: &str = r#"
[[person]]
key = "KEY"
as = "organisation contact"
on = "2026-11-03"
at = "northbank"
name = "NAME"
email = "KEY@northbank.example"
phone = "01632 960PHONE"
story = [
  "2026-11-03 is also a coaching client",
  "2026-11-03 is also a supplier",
  "2026-11-04 they ring: NAME asks about coaching",
  "2026-11-05 starts programme with ruth",
  "2026-11-10 signs consent form",
  "2026-11-10 milestone: agreed",
]
"#;

/// What an address says to whoever would change somebody's data while it is restricted.
enum Says {
    /// No. The address about somebody, and what is sent there.
    No(&'static str, Sent),
    /// The same, where the twin is told no as well, for a reason of their own.
    NoToBoth(&'static str, Sent),
    /// It is about nobody whose data we hold, or decides about each by themselves; where that is tested.
    NotThere(&'static str),
    /// Their own right, word or will, which a restriction does not take away.
    Theirs(&'static str),
}

#[derive(Clone, Copy)]
enum Sent {
    Form(&'static str),
    Json(&'static str, &'static str),
    File(&'static [(&'static str, &'static str)]),
}

use Says::{No, NoToBoth, NotThere, Theirs};
use Sent::{File, Form, Json};

/// The addresses of `routes.rs` to which something can be sent.
fn addresses() -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes.rs")).unwrap();
    let (_, routes) = text.split_once("Router::new()").unwrap();
    let one = |route: &str| {
        let (address, how) = route.split_once('"').unwrap().1.split_once('"').unwrap();
        let only_read =
            how.trim_start_matches([',', ' ', '\n']).starts_with("get(") && !how.contains(").post(");
        (!only_read).then(|| address.to_owned())
    };
    routes.split(".route(").skip(1).filter_map(one).collect()
}

#[test]
fn every_address_that_changes_something_has_an_answer() {
    let known: BTreeSet<String> = TABLE.iter().map(|(address, _)| (*address).to_owned()).collect();
    assert_eq!(known.len(), TABLE.len(), "an address stands here twice");
    let why = |says: &Says| matches!(says, NotThere(why) | Theirs(why) if why.is_empty());
    assert!(!TABLE.iter().any(|(_, says)| why(says)), "an answer says why");
    let there = addresses();
    let unanswered: Vec<_> = there.difference(&known).collect();
    assert!(unanswered.is_empty(), "say in TABLE what these do with somebody restricted: {unanswered:?}");
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(gone.is_empty(), "no address any more: {gone:?}");
}

struct Twins {
    house: House,
    cookie: String,
    key: String,
}

impl Twins {
    async fn new() -> Self {
        let twin = |key: &str, name: &str, phone: &str| {
            TWIN.replace("KEY", key).replace("NAME", name).replace("PHONE", phone)
        };
        let world = [
            format!("{STAFF}\n{ASSISTANT}"),
            twin("tara", "Tara Quill", "123"),
            twin("ursula", "Ursula Vane", "124"),
        ];
        let house = House::of(&world.concat());
        let (cookie, key) = (house.sign_in("helen").await, house.key("helen"));
        Self { house, cookie, key }
    }

    /// The numbers of what is held about somebody, by their letters in the table.
    fn numbers(&self, name: &str) -> BTreeMap<&'static str, i64> {
        let person = self.house.count(&format!("SELECT person_id FROM item WHERE value = '{name}'"));
        let of = |sql: &str| self.house.count(&sql.replace("{P}", &person.to_string()));
        BTreeMap::from([
            ("{P}", person),
            ("{I}", of("SELECT id FROM item WHERE person_id = {P} AND kind = 'email'")),
            ("{E}", of("SELECT entry_id FROM entry_person WHERE person_id = {P} ORDER BY entry_id LIMIT 1")),
            ("{G}", of("SELECT MIN(id) FROM ground WHERE person_id = {P} AND state = 'active'")),
            ("{W}", of("SELECT engagement_id FROM engagement_person WHERE person_id = {P}")),
            ("{O}", of("SELECT organisation_id FROM belonging WHERE person_id = {P}")),
            ("{B}", of("SELECT id FROM belonging WHERE person_id = {P}")),
            ("{T}", of("SELECT id FROM task WHERE person_id = {P} AND kind = 'destroy paper'")),
        ])
    }

    async fn send(&self, to: &str, sent: Sent, numbers: &BTreeMap<&'static str, i64>) -> StatusCode {
        let put = |text: &str| {
            numbers.iter().fold(text.to_owned(), |text, (at, n)| text.replace(at, &n.to_string()))
        };
        let to = put(to);
        match sent {
            Form(form) => self.house.post(&to, &self.cookie, &put(form)).await.status,
            Json(method, json) => {
                let to =
                    if method == "DELETE" && to.contains("/items/") { format!("{to}?version=1") } else { to };
                let json = serde_json::from_str(&put(json)).unwrap();
                self.house.api(method, &to, &self.key, &json).await.status
            }
            File(fields) => {
                let mut body = String::new();
                for (name, value) in fields {
                    body.push_str(&format!(
                        "--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    ));
                }
                body.push_str("--part--\r\n");
                let request = Request::post(&to)
                    .header(header::CONTENT_TYPE, "multipart/form-data; boundary=part")
                    .header(header::COOKIE, if to.starts_with("/api") { "" } else { &self.cookie })
                    .header(
                        header::AUTHORIZATION,
                        if to.starts_with("/api") { format!("Bearer {}", self.key) } else { String::new() },
                    );
                self.house.send(request.body(Body::from(body)).unwrap()).await.status
            }
        }
    }

    /// All that is held about anybody.
    fn everything(&self) -> Vec<String> {
        self.house
            .instance
            .store
            .read(|tx| {
                let mut all = Vec::new();
                for table in store::schema::tables().filter(|table| table.about_person().is_some()) {
                    if table.name.starts_with("log_") {
                        continue;
                    }
                    let columns =
                        table.columns.iter().filter(|column| column.form != store::schema::Form::Bytes);
                    let columns: Vec<String> = columns
                        .map(|column| format!("COALESCE(CAST({} AS TEXT), '-')", column.name))
                        .collect();
                    let sql = format!("SELECT {} FROM {}", columns.join(" || '|' || "), table.name);
                    all.extend(tx.all(&sql, &[], |row| Ok(format!("{}: {}", table.name, row.text(0)?)))?);
                }
                all.sort();
                Ok::<_, store::Error>(all)
            })
            .unwrap()
    }
}

#[tokio::test]
async fn whatever_is_tried_with_somebody_restricted_is_refused_and_changes_nothing() {
    let twins = Twins::new().await;
    let house = &twins.house;
    for name in ["Tara Quill", "Ursula Vane"] {
        let person = house.count(&format!("SELECT person_id FROM item WHERE value = '{name}'"));
        paper_to_destroy(house, person);
    }
    let (tara, ursula) = (twins.numbers("Tara Quill"), twins.numbers("Ursula Vane"));
    let restrict = format!("/people/{}/restriction", tara["{P}"]);
    let why = "why=they+dispute+it&on=2026-11-20&review=2027-01-20";
    let restricted = house.post(&restrict, &twins.cookie, why).await;
    assert_eq!(restricted.status, StatusCode::SEE_OTHER, "{}", restricted.text);

    let mut wrong: Vec<String> = Vec::new();
    let mut before = twins.everything();
    for (address, says) in TABLE {
        let (No(to, sent) | NoToBoth(to, sent)) = says else { continue };
        let status = twins.send(to, *sent, &tara).await;
        if !matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
            wrong.push(format!("{address}: {status} about somebody restricted"));
        }
        let after = twins.everything();
        let new: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
        if !new.is_empty() || after.len() != before.len() {
            wrong.push(format!("{address} changed {new:?}"));
        }
        before = after;
    }
    // The same is not refused for anybody whose data is not restricted: it is the restriction that refuses.
    for (address, says) in TABLE {
        let No(to, sent) = says else { continue };
        let status = twins.send(to, *sent, &ursula).await;
        if matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) || status.is_server_error() {
            wrong.push(format!("{address}: {status} about somebody who is not restricted"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The addresses of `routes.rs` that are only read, or read too, and say of nothing which.
fn read_addresses() -> BTreeSet<String> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes.rs")).unwrap();
    let (_, routes) = text.split_once("Router::new()").unwrap();
    let one = |route: &str| {
        let (address, how) = route.split_once('"').unwrap().1.split_once('"').unwrap();
        // A PDF is set by the program in a process of its own, which a test has not; the page beside it says the same.
        let here = !address.contains('{') && !address.ends_with(".pdf");
        let read = how.trim_start_matches([',', ' ', '\n']).starts_with("get(") && here;
        read.then(|| address.to_owned())
    };
    routes.split(".route(").skip(1).filter_map(one).collect()
}

impl Twins {
    /// What an address answers to one of the staff.
    async fn read(&self, address: &str, (cookie, key): (&str, &str)) -> (StatusCode, String) {
        let answer = match address.starts_with("/api/") {
            true => self.house.api("GET", address, key, &serde_json::json!({})).await,
            false => self.house.get(address, cookie).await,
        };
        (answer.status, answer.text)
    }

    /// Which of these addresses name somebody: by name, address or number.
    async fn naming(
        &self,
        addresses: &[String],
        (who, cookie, key): (&str, &str, &str),
        words: &[&str],
    ) -> Vec<String> {
        let mut naming = Vec::new();
        for address in addresses {
            let (status, text) = self.read(address, (cookie, key)).await;
            assert!(!status.is_server_error(), "{address} to {who}: {status}");
            if words.iter().any(|words| text.contains(words)) {
                naming.push(format!("{address} to {who}"));
            }
        }
        naming
    }
}

const TARA: &[&str] = &["Tara Quill", "tara@northbank", "960123"];
const URSULA: &[&str] = &["Ursula Vane", "ursula@northbank", "960124"];

/// Where whoever decides about somebody finds them: lists and searches of people, what is owed, and where one of them is chosen.
const DECIDED: &[&str] = &[
    "/",
    "/people",
    "/leaving",
    "/requests",
    "/requests/new",
    "/work",
    "/work/new",
    "/pick/people",
    "/api/v1/people",
];

#[tokio::test]
async fn nothing_that_is_read_names_somebody_restricted_but_to_whoever_decides() {
    let twins = Twins::new().await;
    for name in ["Tara Quill", "Ursula Vane"] {
        let person = twins.house.count(&format!("SELECT person_id FROM item WHERE value = '{name}'"));
        paper_to_destroy(&twins.house, person);
    }
    let tara = twins.numbers("Tara Quill");
    let restrict = format!("/people/{}/restriction", tara["{P}"]);
    let why = "why=they+dispute+it&on=2026-11-20&review=2027-01-20";
    assert_eq!(twins.house.post(&restrict, &twins.cookie, why).await.status, StatusCode::SEE_OTHER);

    // No list, no search, no page about them, of their work or their organisation, for an assistant and the coach of both.
    let mut all: Vec<String> = read_addresses().into_iter().collect();
    assert!(all.len() > 60, "this reads nothing: {all:?}");
    let of_them = ["/people/{P}", "/work/{W}", "/organisations/{O}", "/api/v1/people/{P}"];
    all.extend(of_them.iter().map(|address| {
        tara.iter().fold((*address).to_owned(), |text, (at, number)| text.replace(at, &number.to_string()))
    }));
    // What is looked for stands in the box again: not as it would be written.
    let sought = ["tara", "quill", "TARA%40NORTHBANK.example", "01632960+123"];
    all.extend(sought.iter().flat_map(|q| {
        ["/people?q=", "/people?fragment=1&q=", "/api/v1/people?q=", "/pick/people?name=client&category=&q="]
            .map(|address| format!("{address}{q}"))
    }));
    all.extend(["/people?fragment=1&q=vane".to_owned(), "/leaving?what=awaiting".to_owned()]);
    for who in ["ivo", "ruth"] {
        let (cookie, key) = (twins.house.sign_in(who).await, twins.house.key(who));
        let reads = (who, cookie.as_str(), key.as_str());
        assert_eq!(twins.naming(&all, reads, TARA).await, Vec::<String>::new());
        assert!(twins.naming(&all, reads, URSULA).await.len() > 2, "{who} sees the twin");
    }

    // Beside those, no report, no figures, no register and no list of whom something goes to names them to whoever decides.
    let decided: BTreeSet<&str> = DECIDED.iter().copied().collect();
    let reports: Vec<String> =
        read_addresses().into_iter().filter(|address| !decided.contains(address.as_str())).collect();
    let files = ["/policy/register/register.csv", "/policy/register/register.jsonld"];
    let lists = ["/processors/address-book/enquiries", "/processors/address-book/enquiries/people?of=will"];
    let more = files.iter().chain(&lists).map(|address| (*address).to_owned());
    let reports: Vec<String> = reports.into_iter().chain(more).collect();
    let reads = ("helen", twins.cookie.as_str(), twins.key.as_str());
    assert_eq!(twins.naming(&reports, reads, TARA).await, Vec::<String>::new());
    assert!(!twins.naming(&reports, reads, URSULA).await.is_empty(), "the list names the twin");

    // Nor does a sheet that leaves.
    let sheet = twins.house.post("/processors/address-book/enquiries", &twins.cookie, "").await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.text);
    assert!(sheet.text.contains("Ursula Vane") && !TARA.iter().any(|words| sheet.text.contains(words)));
    let given = format!("SELECT COUNT(*) FROM disclosure WHERE person_id = {}", tara["{P}"]);
    assert_eq!(twins.house.count(&given), 0);
}

/// A paper file of somebody, and the task to destroy it.
fn paper_to_destroy(house: &House, person: i64) {
    use custody::id::PersonId;
    use store::task::{Kind, NewTask};
    let now = house.instance.clock.now();
    let task = NewTask {
        person: Some(PersonId(person)),
        ..NewTask::new(Kind::DestroyPaper, "Destroy the old file")
    };
    house
        .instance
        .store
        .write(|tx| store::task::add(tx, &task, now))
        .unwrap_or_else(|fault| panic!("{fault}"));
}

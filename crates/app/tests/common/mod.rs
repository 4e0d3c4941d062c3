//! An instance and its front door, as several tests use them. On SQLite; with `PROBITY_TEST_ON=postgres` on the
//! database that `PROBITY_TEST_POSTGRES` names, where `bin/test` runs the tests of importing once more. Asynchronous tests
//! cannot: they ask the store on a thread of their runtime, where a client of PostgreSQL may not wait.

#![allow(dead_code, reason = "not every test needs all of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

pub mod copied;

use std::sync::Arc;

use app::acts::person::NewPerson;
use app::instance::Instance;
use app::world::{PASSWORD, Pack, World, play};
use app::{routes, server};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use copied::{Database, copy_of};
use jiff::civil::Date;
use policy::Policy;
use store::keys::Secret;
use store::staff::{Account, NewAccount};
use store::sweep::Report;
use tower::ServiceExt;

/// A practice instance with its routes and everything around them, and the directory it lives in.
pub struct House {
    pub instance: Arc<Instance>,
    pub app: Router,
    pub data: Data,
}

/// A data directory, and on PostgreSQL a database of its own. Both go with it.
pub struct Data {
    directory: tempfile::TempDir,
    database: Option<Database>,
}

impl Data {
    pub fn new() -> Self {
        Self::on(chosen())
    }

    /// On this PostgreSQL; on SQLite without one.
    pub fn on(server: Option<String>) -> Self {
        let database = server.map(|server| Database::new(&server, None));
        Self { directory: tempfile::tempdir().unwrap(), database }
    }

    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// The address of the database, if it is not SQLite.
    pub fn url(&self) -> Option<String> {
        self.database.as_ref().map(Database::url)
    }
}

/// The PostgreSQL that tests may use, if there is one.
pub fn postgres() -> Option<String> {
    std::env::var("PROBITY_TEST_POSTGRES").ok().filter(|server| !server.is_empty())
}

/// The PostgreSQL for tests that know one database at a time; SQLite unless `PROBITY_TEST_ON` says so.
fn chosen() -> Option<String> {
    let there = std::env::var("PROBITY_TEST_ON").as_deref() == Ok("postgres");
    there.then(|| postgres().expect("PROBITY_TEST_POSTGRES names the server"))
}

/// A practice instance under a policy, with a world played on it.
pub fn played(data: &Data, secret: &Secret, policy: Policy, world: &str) -> Instance {
    let (world, url) = (World::read(world).unwrap(), data.url());
    let instance = Instance::create(data.path(), url.as_deref(), secret, policy, Some(world.begins)).unwrap();
    play(&instance, &world).unwrap();
    instance
}

/// The policy of a pack, its text edited.
pub fn edited(pack: &str, edit: impl FnOnce(&str) -> String) -> Policy {
    let mut files = Pack::named(pack).unwrap().policy().unwrap().files;
    files[0].text = edit(&files[0].text);
    let (policy, found) = Policy::read(files);
    policy.unwrap_or_else(|| panic!("{pack}: {found:?}"))
}

/// The same, with these words for those, where they first stand.
pub fn changed(pack: &str, changes: &[(&str, &str)]) -> Policy {
    edited(pack, |text| {
        changes.iter().fold(text.to_owned(), |text, &(from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
    })
}

/// A practice instance under a policy that begins on a day, with nobody in it.
pub fn begun(data: &Data, policy: Policy, on: Date) -> Instance {
    let (url, secret) = (data.url(), Secret::random().unwrap());
    Instance::create(data.path(), url.as_deref(), &secret, policy, Some(on)).unwrap()
}

/// Somebody comes to the staff, whose address begins with their first name.
pub fn hired(instance: &Instance, name: &str, role: &str) -> Account {
    let who = name.split(' ').next().unwrap().to_lowercase();
    let email = format!("{who}@cti.example");
    let new = NewAccount { name, email: &email, role, person: None, since: instance.clock.today() };
    instance.store.write(|tx| store::staff::add(tx, &new, instance.clock.now())).unwrap();
    account(instance, &who)
}

/// Somebody who is about to be added, and may be told what we offer.
pub fn newcomer(category: &str, source: &str, values: &[(&str, &str)]) -> NewPerson {
    NewPerson {
        category: category.to_owned(),
        values: values.iter().map(|&(kind, value)| (kind.to_owned(), value.to_owned())).collect(),
        source: source.to_owned(),
        offers: true,
        ..NewPerson::default()
    }
}

/// The account of somebody of the staff.
pub fn account(instance: &Instance, who: &str) -> Account {
    let email = format!("{who}@cti.example");
    instance.store.read(|tx| store::staff::by_email(tx, &email)).unwrap().unwrap()
}

/// What the night before a day did; it is the morning after.
pub fn night(instance: &Instance, day: Date) -> Report {
    instance.set_practice_clock(instance.clock.at(day, 2)).unwrap();
    let report = app::jobs::night::run(instance, day).unwrap();
    instance.set_practice_clock(instance.clock.at(day, 9)).unwrap();
    report
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl House {
    /// Of a world under CTI's policy.
    pub fn of(world: &str) -> Self {
        Self::on(world, chosen().as_deref())
    }

    /// The same on this PostgreSQL; on SQLite without one.
    pub fn on(world: &str, server: Option<&str>) -> Self {
        let secret = Secret::of([5; 32]);
        let data = copy_of(world, server, |data| {
            drop(played(data, &secret, Pack::named("cti").unwrap().policy().unwrap(), world));
        });
        let instance = Instance::open(data.path(), data.url().as_deref(), &secret).unwrap();
        Self::around(instance, data)
    }

    /// Opens the doors of an instance.
    pub fn around(instance: Instance, data: Data) -> Self {
        let instance = Arc::new(instance);
        let app = server::layered(routes::routes(Arc::clone(&instance)), &instance.config);
        Self { instance, app, data }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&to_bytes(body, 10_000_000).await.unwrap()).into_owned();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    /// What stands on a page, which opens.
    pub async fn page(&self, path: &str, cookie: &str) -> String {
        let answer = self.get(path, cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text
    }

    pub async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub async fn api(&self, method: &str, path: &str, key: &str, json: &serde_json::Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(json.to_string())).unwrap()).await
    }

    pub async fn sign_in(&self, who: &str) -> String {
        let form = format!("email={who}@cti.example&password={}", PASSWORD.replace(' ', "+"));
        let answer = self.post("/sign-in", "", &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        answer.cookie()
    }

    /// A key of a program for a member of staff.
    pub fn key(&self, who: &str) -> String {
        app::acts::sign_in::api_key(&self.instance, &account(&self.instance, who), "test").unwrap()
    }

    /// The number that the database has.
    pub fn count(&self, sql: &str) -> i64 {
        self.instance.store.read(|tx| tx.count(sql, &[])).unwrap()
    }

    pub async fn person(&self, key: &str, name: &str) -> i64 {
        let found = self.api("GET", &format!("/api/v1/people?q={name}"), key, &serde_json::json!({})).await;
        let found: serde_json::Value = serde_json::from_str(&found.text).unwrap();
        found["people"][0]["id"].as_i64().unwrap_or_else(|| panic!("nobody is called {name}: {found}"))
    }
}

impl Answer {
    pub fn cookie(&self) -> String {
        let set = self.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
        set.split(';').next().unwrap().to_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub fn place(&self) -> &str {
        self.headers.get(header::LOCATION).unwrap().to_str().unwrap()
    }
}

//! The pages around the acts: every one answers, none without signing in but the public ones; the notice speaks of
//! every activity; the proof of a world played fairly breaks nothing, and going behind the program's back shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what is wrong by failing"
)]

use std::sync::Arc;

use app::acts::proof;
use app::instance::Instance;
use app::world::{PASSWORD, Pack, World, play};
use app::{routes, server};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use store::keys::Secret;
use tower::ServiceExt;

const WORLD: &str = r#"
begins = "2026-11-03"
today = "2026-11-20"
[[staff]]
key = "helen"
name = "Helen Marsh"
email = "helen.marsh@cti.example"
role = "business manager"
[[staff]]
key = "ruth"
name = "Ruth Adler"
email = "ruth.adler@cti.example"
role = "coach"
[[organisation]]
key = "northbank"
name = "Northbank Housing Trust"
[[person]]
key = "tara"
as = "coaching client"
on = "2026-11-03"
name = "Tara Whitfield"
email = "tara.whitfield@post.example"
story = [
  "2026-11-03 starts programme with ruth",
  "2026-11-10 signs consent form",
  "2026-11-10 milestone: agreed",
  "2026-11-11 milestone: first session",
]
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-11-04"
at = "northbank"
name = "Priya Nair"
email = "priya.nair@northbank.example"
"#;

/// Every page of the frame, that a business manager may open.
const PAGES: &[&str] = &[
    "/policy",
    "/policy/findings",
    "/policy/register",
    "/policy/proof",
    "/policy/source",
    "/admin",
    "/admin/staff",
    "/admin/log",
    "/admin/gone",
    "/organisations",
    "/processors",
    "/processors/address-book/enquiries",
    "/me",
    "/help",
];

struct House {
    instance: Arc<Instance>,
    app: Router,
    _data: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let world = World::read(WORLD).unwrap();
        let policy = Pack::named("cti").unwrap().policy().unwrap();
        let secret = Secret::random().unwrap();
        let instance = Instance::create(data.path(), None, &secret, policy, Some(world.begins)).unwrap();
        play(&instance, &world).unwrap();
        let instance = Arc::new(instance);
        let app = server::layered(routes::routes(Arc::clone(&instance)), &instance.config);
        Self { instance, app, _data: data }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, header::HeaderMap, String) {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&to_bytes(body, 10_000_000).await.unwrap()).into_owned();
        (parts.status, parts.headers, text)
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let (status, _, text) = self.send(request).await;
        (status, text)
    }

    async fn post(&self, path: &str, cookie: &str, form: &str) -> (StatusCode, header::HeaderMap, String) {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        self.send(request).await
    }

    async fn sign_in(&self, who: &str) -> String {
        let form = format!("email={who}@cti.example&password={}", PASSWORD.replace(' ', "+"));
        let (status, headers, text) = self.post("/sign-in", "", &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
        let cookie = headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// What the latest look at everything finds broken.
    fn broken(&self) -> Vec<String> {
        let found = proof::look(&self.instance, None).unwrap().found;
        found.into_iter().filter(|found| found.verdict == "broken").map(|found| found.id).collect()
    }
}

#[tokio::test]
async fn every_page_answers_whoever_is_signed_in_and_nobody_else() {
    let house = House::new();
    let cookie = house.sign_in("helen.marsh").await;
    for path in PAGES {
        let (status, text) = house.get(path, &cookie).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        assert_eq!(text.matches("<h1").count(), 1, "{path} has one heading");
        let request = Request::get(*path).body(Body::empty()).unwrap();
        let (status, headers, _) = house.send(request).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{path} without signing in");
        assert!(headers.get(header::LOCATION).unwrap().to_str().unwrap().starts_with("/sign-in"), "{path}");
    }
}

#[tokio::test]
async fn a_coach_administers_nothing() {
    let house = House::new();
    let cookie = house.sign_in("ruth.adler").await;
    for path in ["/admin", "/admin/staff", "/admin/log"] {
        assert_eq!(house.get(path, &cookie).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/policy/proof", "/admin/backup", "/policy/attestations/0"] {
        assert_eq!(house.post(path, &cookie, "evidence=").await.0, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn the_notice_speaks_of_every_activity_to_anybody() {
    let house = House::new();
    let (status, page) = house.get("/privacy", "").await;
    assert_eq!(status, StatusCode::OK);
    let (_, markdown) = house.get("/privacy.md", "").await;
    let policy = house.instance.policy();
    for activity in &policy.activities {
        assert!(page.contains(&activity.title), "the page on {}", activity.name);
        assert!(markdown.contains(&activity.title), "the text on {}", activity.name);
    }
    assert!(page.contains(&format!("Version {}, in force from", policy.version)));
}

#[tokio::test]
async fn the_policy_page_sets_each_promise_beside_what_keeps_it() {
    let house = House::new();
    let cookie = house.sign_in("helen.marsh").await;
    let (_, page) = house.get("/policy", &cookie).await;
    for promise in house.instance.policy().promises.keys() {
        assert!(page.contains(&format!("/policy/proof#{promise}")), "{promise} is on the page");
    }
}

#[tokio::test]
async fn a_world_played_fairly_breaks_nothing_else_and_sabotage_shows() {
    let house = House::new();
    assert!(house.broken().is_empty(), "{:?}", house.broken());
    let deep = "UPDATE staff SET password = 'practice makes perfect' WHERE email = 'ruth.adler@cti.example'";
    house.instance.store.write(|tx| tx.exec(deep, &[])).unwrap();
    assert_eq!(house.broken(), ["CTI-03"]);
    let cookie = house.sign_in("helen.marsh").await;
    let (status, ..) = house.post("/policy/proof", &cookie, "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = house.get("/policy/proof", &cookie).await;
    assert!(page.contains("is not kept as a slow hash"), "the counter-example is named");
    assert!(page.contains("1 broken"));
}

#[tokio::test]
async fn nobody_signs_in_anothers_place() {
    let house = House::new();
    let cookie = house.sign_in("helen.marsh").await;
    let (status, ..) = house.post("/policy/attestations/0", &cookie, "evidence=walked+round").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (_, page) = house.get("/policy/proof", &cookie).await;
    assert!(page.contains("Signed by Helen Marsh"), "the signature stands beside its promise");
    let signed: i64 =
        house.instance.store.read(|tx| tx.count("SELECT count(*) FROM attestation", &[])).unwrap();
    assert_eq!(signed, 1 + house.instance.policy().attestations.len() as i64);
}

//! Changing the policy: checked while it is written, weighed against the people held, adopted on a date, taken back
//! until then; the notice changes on the day, and the data the night after.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what is wrong by failing")]

use app::jobs::night;
use app::world::Pack;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::common;

const WORLD: &str = concat!(
    include_str!("../common/office.toml"),
    r#"
[[person]]
key = "tara"
as = "coaching client"
on = "2026-11-03"
name = "Tara Whitfield"
email = "tara.whitfield@post.example"
phone = "01632 960111"
[[person]]
key = "priya"
as = "organisation contact"
on = "2026-11-04"
at = "northbank"
name = "Priya Nair"
email = "priya.nair@northbank.example"
"#
);

struct House {
    house: common::House,
    cookie: String,
}

impl House {
    async fn new(who: &str) -> Self {
        let house = common::House::of(WORLD);
        let cookie = house.sign_in(who).await;
        Self { house, cookie }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, header::HeaderMap, String) {
        let answer = self.house.send(request).await;
        (answer.status, answer.headers, answer.text)
    }

    async fn get(&self, path: &str) -> String {
        self.house.page(path, &self.cookie).await
    }

    async fn post(&self, path: &str, form: &[(&str, String)]) -> (StatusCode, header::HeaderMap, String) {
        let escape = |text: &str| -> String {
            text.bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                    other => format!("%{other:02X}"),
                })
                .collect()
        };
        let body: Vec<String> = form.iter().map(|(key, value)| format!("{key}={}", escape(value))).collect();
        let answer = self.house.post(path, &self.cookie, &body.join("&")).await;
        (answer.status, answer.headers, answer.text)
    }

    /// Writes a draft, as the editor does.
    async fn draft(&self, text: &str) {
        let form = [("text", text.to_owned()), ("then", "check".to_owned())];
        let (status, _, said) = self.post("/policy/edit", &form).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{said}");
    }

    /// What adopting the draft would do, and the mark that stands for it; none where it cannot be adopted.
    async fn preview(&self) -> (String, Option<String>) {
        let page = self.get("/policy/preview").await;
        let mark = page
            .split("name=\"mark\" value=\"")
            .nth(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned());
        (page, mark)
    }

    async fn adopt(&self, mark: &str) -> StatusCode {
        self.post("/policy/adoption", &[("mark", mark.to_owned())]).await.0
    }

    fn phones(&self) -> i64 {
        self.house.count("SELECT count(*) FROM item WHERE kind = 'phone'")
    }

    fn events(&self, act: &str) -> i64 {
        let sql = "SELECT count(*) FROM log_event WHERE act = ?1";
        self.house.instance.store.read(|tx| tx.count(sql, &[act.into()])).unwrap()
    }
}

/// The policy with some of its text changed, as the next version.
fn next(changes: &[(&str, &str)]) -> String {
    let text = Pack::named("cti").unwrap().policy().unwrap().files[0].text.clone();
    let mut text = text.replacen("version     3, from 2026-11-02", "version     4, from 2026-12-01", 1);
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
}

const NO_PHONE: (&str, &str) = (
    "data      name, email, phone, organisation, enquiry, consent form,",
    "data      name, email, organisation, enquiry, consent form,",
);
const NO_PHONE_SHARED: (&str, &str) = (
    "share     name, email, phone with associate, to confirm",
    "share     name, email with associate, to confirm",
);

#[tokio::test]
async fn a_version_is_weighed_adopted_and_begins_on_its_day() {
    let house = House::new("helen").await;
    assert_eq!(house.phones(), 1);
    house.draft(&next(&[NO_PHONE, NO_PHONE_SHARED])).await;
    let (page, mark) = house.preview().await;
    assert!(page.contains("Finding you a coach, what we hold: no longer: your phone number."), "{page}");
    assert!(page.contains("<strong>1</strong> detail or note would have no reason left"), "{page}");
    assert!(page.contains("Tara Whitfield"), "people are named to whoever may see them");
    assert!(page.contains("person must be told what changes in: Finding you a coach"), "{page}");
    let mark = mark.unwrap_or_else(|| panic!("nothing stands in its way: {page}"));

    // What was not seen is not adopted.
    assert_eq!(house.adopt("0123456789abcdef").await, StatusCode::CONFLICT);
    assert_eq!(house.adopt(&mark).await, StatusCode::SEE_OTHER);
    assert_eq!(house.events("policy.adopted"), 1);

    // Until its day nothing is different, but everybody can read it.
    assert_eq!(house.house.instance.policy().version, 3);
    assert!(house.get("/privacy").await.contains("Version 3, in force from"));
    assert!(house.get("/privacy/versions").await.contains("Will be in force from Tue 1 Dec 2026"));
    night::practise_until(&house.house.instance, jiff::civil::date(2026, 11, 30)).unwrap();
    assert_eq!((house.house.instance.policy().version, house.phones()), (3, 1));

    // On its day the notice changes, and what lost its ground goes that night.
    night::practise_until(&house.house.instance, jiff::civil::date(2026, 12, 1)).unwrap();
    assert_eq!((house.house.instance.policy().version, house.phones()), (4, 0));
    assert_eq!(house.events("policy.began"), 1);
    let notice = house.get("/privacy").await;
    assert!(notice.contains("Version 4, in force from Tue 1 Dec 2026"));
    assert!(notice.contains("What is new since version 3"), "{notice}");
    let old = house.get("/privacy/versions/3").await;
    assert!(
        old.contains("In force from Mon 2 Nov 2026 to Mon 30 Nov 2026") && !old.contains("What is new"),
        "{old}"
    );
    // Nothing more happens the next night.
    night::practise_until(&house.house.instance, jiff::civil::date(2026, 12, 2)).unwrap();
    assert_eq!(house.events("policy.began"), 1);
    let one = house.house.get("/policy/versions/3", "").await;
    assert_eq!((one.status, one.place()), (StatusCode::SEE_OTHER, "/privacy/versions/3"));
    let versions = house.get("/policy/versions").await;
    assert!(versions.contains("Adopted by Helen Marsh") && !versions.contains("withdrawal"), "{versions}");
}

#[tokio::test]
async fn an_adoption_can_be_taken_back_until_its_day() {
    let house = House::new("helen").await;
    house.draft(&next(&[NO_PHONE, NO_PHONE_SHARED])).await;
    let (_, mark) = house.preview().await;
    assert_eq!(house.adopt(&mark.unwrap()).await, StatusCode::SEE_OTHER);
    let (status, ..) = house.post("/policy/versions/4/withdrawal", &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(house.get("/policy/edit").await.contains("from 2026-12-01"), "its text is the draft again");
    night::practise_until(&house.house.instance, jiff::civil::date(2026, 12, 2)).unwrap();
    assert_eq!((house.house.instance.policy().version, house.phones()), (3, 1));
    // One that has begun cannot.
    let (status, ..) = house.post("/policy/versions/3/withdrawal", &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_would_drop_people_without_a_word_is_not_adopted() {
    let house = House::new("helen").await;
    let text = next(&[]);
    let from = text.find("activity coach search ").unwrap();
    let to = text.find("# Notes of sessions are held here").unwrap();
    let without =
        format!("{}{}", &text[..from], &text[to..]).replace(", coaching client under coach search", "");
    house.draft(&without).await;
    let (page, mark) = house.preview().await;
    assert!(mark.is_none(), "it cannot be adopted");
    assert!(page.contains("`coach search` is gone, and 1 people are held under it"), "{page}");

    // Nor one whose number or date has been, nor one with faults.
    house.draft(&next(&[("version     4, from 2026-12-01", "version     3, from 2026-11-02")])).await;
    let (page, mark) = house.preview().await;
    assert!(
        mark.is_none() && page.contains("Write `version 4` at the top") && page.contains("begin after today"),
        "{page}"
    );
    house
        .draft(&next(&[("keep      3 months after last contact", "keep      3 moons after last contact")]))
        .await;
    let (page, mark) = house.preview().await;
    assert!(mark.is_none() && page.contains("It cannot be read."), "{page}");
}

#[tokio::test]
async fn the_findings_come_while_somebody_types_and_keep_nothing() {
    let house = House::new("helen").await;
    let text = next(&[("keep      3 months after last contact", "keep      indefinitely")]);
    let (status, _, said) = house.post("/policy/edit/check", &[("text", text.clone())]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(said.contains("E-INDEFINITE") && said.contains("data-line="), "{said}");
    assert!(house.get("/policy/edit").await.contains("Nothing is saved yet."));
    // Without scripts the button does the same.
    house.draft(&text).await;
    assert!(house.get("/policy/edit").await.contains("E-INDEFINITE"));
    let (status, ..) =
        house.post("/policy/edit", &[("text", String::new()), ("then", "discard".to_owned())]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(house.get("/policy/edit").await.contains("Nothing is saved yet."));
}

#[tokio::test]
async fn a_suggestion_is_taken_with_one_press_while_the_notice_changes_beside_it() {
    let house = House::new("helen").await;
    let text = next(&[(
        "data      name, email, phone, organisation, enquiry",
        "data      name, emial, phone, organisation, enquiry",
    )]);
    let (_, _, said) = house.post("/policy/edit/check", &[("text", text.clone())]).await;
    assert!(!said.contains("The notice as it would read"), "what cannot be read has no notice");
    let value = said.split("name=\"fix\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let value = value.replace("&#34;", "\"").replace("&quot;", "\"");
    let form = |text: &str| [("text", text.replace('\n', "\r\n")), ("fix", value.clone())];
    let (status, ..) = house.post("/policy/edit", &form(&text)).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = house.get("/policy/edit").await;
    assert!(!page.contains("emial") && page.contains("The notice as it would read"), "{page}");
    // Pressed after the text went on, it changes nothing.
    let (status, ..) = house.post("/policy/edit", &form("policy \"Something else\"")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(house.get("/policy/edit").await.contains("The notice as it would read"));
    assert!(house.get("/policy/register").await.contains("href=\"/policy/texts/assessments/offers.md\""));
    assert!(house.get("/policy/texts/assessments/offers.md").await.contains("as it was adopted"));
}

#[tokio::test]
async fn a_coach_changes_no_policy() {
    let house = House::new("ruth").await;
    for path in ["/policy/edit", "/policy/preview"] {
        let request = Request::get(path).header(header::COOKIE, &house.cookie).body(Body::empty()).unwrap();
        assert_eq!(house.send(request).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let text = ("text", next(&[]));
    assert_eq!(house.post("/policy/edit", &[text]).await.0, StatusCode::FORBIDDEN);
    assert_eq!(house.adopt("x").await, StatusCode::FORBIDDEN);
    assert_eq!(house.post("/policy/versions/3/withdrawal", &[]).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_register_goes_as_files_and_the_cookies_page_names_the_cookie() {
    let house = House::new("helen").await;
    for (file, begins) in [
        ("register.csv", "Controller,CTI"),
        ("processors.csv", "Name,"),
        ("recipients.csv", "Who gets it,"),
        ("assets.csv", "Owner,"),
        ("documents.csv", "What,"),
        ("register.jsonld", "{"),
        ("register.xlsx", "PK"),
    ] {
        let text = house.get(&format!("/policy/register/{file}")).await;
        assert!(text.starts_with(begins), "{file}");
    }
    // Once the proof has looked, the table says of each activity whether its periods are kept.
    house.post("/policy/proof", &[]).await;
    let looked = house.get("/policy/register/register.csv").await;
    assert!(looked.contains("found kept (CTI-13)") && !looked.contains("not looked at here"), "{looked}");
    let request = Request::get("/privacy/cookies").body(Body::empty()).unwrap();
    let (status, headers, page) = house.send(request).await;
    assert_eq!(status, StatusCode::OK);
    assert!(headers.get(header::SET_COOKIE).is_none(), "reading about cookies sets none");
    let name = house.cookie.split('=').next().unwrap();
    assert!(page.contains(&format!("<th scope=\"row\">{name}</th>")), "the cookie of a sign-in is declared");
}

//! The house from the front door: signing in, the headers, adding, changing and refusing, by page and by API.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::sync::Arc;

use app::instance::Instance;
use app::world::{PASSWORD, Pack};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use custody::id::PersonId;
use store::keys::Secret;
use store::suppression::{self, Forbids};
use tower::ServiceExt;

use super::common::{self, House, account};

const WORLD: &str = concat!(
    include_str!("../common/small.toml"),
    r#"
[[staff]]
key = "jo"
name = "Jo Whitlam"
email = "jo.whitlam@cti.example"
role = "assistant"
"#
);

fn house() -> House {
    House::of(WORLD)
}

#[tokio::test]
async fn what_was_typed_when_the_session_ended_is_handed_back() {
    let house = house();
    let form = "kind=contact+record&text=She+will+%3Ccall%3E+on+Monday&on=2026-02-02";
    let page = house.post("/people/1/entries?x=1", "", form).await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{}", page.text);
    assert!(
        page.text.contains("You were signed out") && page.text.contains(r#"action="/people/1/entries?x=1""#)
    );
    assert!(page.text.contains("She will &#60;call&#62; on Monday"), "{}", page.text);
    let secret = house.post("/me/recovery", "", "password=practice").await;
    assert_eq!(secret.status, StatusCode::SEE_OTHER, "{}", secret.text);
    let file = Request::post("/import").header(header::REFERER, "http://127.0.0.1/import/new?a=b");
    let file = file
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x")
        .body(Body::from("--x--"))
        .unwrap();
    let answer = house.send(file).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.place(), "/sign-in?next=/import/new");
}

#[tokio::test]
async fn a_timeline_is_shown_to_its_end_and_an_earlier_no_at_an_address_too() {
    let house = house();
    let (key, cookie) = (house.key("helen.marsh"), house.sign_in("helen.marsh").await);
    let priya = house.person(&key, "Priya").await;
    for number in 1..=51 {
        let form = format!("kind=contact+record&text=Line+{number}+ends&on=2026-02-02&direction=none");
        let answer = house.post(&format!("/people/{priya}/entries"), &cookie, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    }
    let path = format!("/people/{priya}?kind=contact%20record");
    let first = house.get(&path, &cookie).await.text;
    assert!(first.contains("Line 51 ends") && !first.contains("Line 1 ends"));
    let older = first.split("&#38;after=").nth(1).unwrap().split('#').next().unwrap();
    let last = house.get(&format!("{path}&after={older}"), &cookie).await.text;
    assert!(last.contains("Line 1 ends") && !last.contains("Line 2 ends"), "{last}");

    let said = "somebody at this address or number asked us not to";
    assert!(!last.contains(said));
    let at = "priya.nair@northbank.example";
    let (store, now, today) =
        (&house.instance.store, house.instance.clock.now(), house.instance.clock.today());
    store
        .write(|tx| suppression::add(tx, store.keys(), "email", at, Forbids::Marketing, today, "asked", now))
        .unwrap();
    assert!(house.get(&path, &cookie).await.text.contains(said));
}

#[tokio::test]
async fn work_is_given_to_somebody_else_and_with_it_the_sight_of_it() {
    let house = house();
    let (helen, ruth) = (house.sign_in("helen.marsh").await, house.sign_in("ruth.adler").await);
    let tara = format!("/people/{}", house.person(&house.key("helen.marsh"), "Tara").await);
    assert_eq!(house.get(&tara, &ruth).await.status, StatusCode::OK);
    let number = |sql| house.instance.store.read(|tx| tx.one(sql, &[], |row| row.int(0))).unwrap();
    let work = format!("/work/{}", number("SELECT id FROM engagement"));
    let coach = number("SELECT id FROM staff WHERE email = 'ruth.adler@cti.example'");
    assert!(house.get(&work, &helen).await.text.contains("assigned to Ruth Adler"));
    let nobody = house.post(&format!("{work}/assigned"), &helen, "staff=").await;
    assert_eq!(nobody.status, StatusCode::SEE_OTHER, "{}", nobody.text);
    assert!(house.get(&work, &helen).await.text.contains("assigned to nobody"));
    assert!(house.get(&tara, &ruth).await.status.is_client_error(), "out of her sight");
    let not_hers = house.post(&format!("{work}/assigned"), &ruth, &format!("staff={coach}")).await;
    assert!(not_hers.status.is_client_error(), "{}", not_hers.text);
    house.post(&format!("{work}/assigned"), &helen, &format!("staff={coach}")).await;
    assert_eq!(house.get(&tara, &ruth).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_headers_and_no_form_from_elsewhere_is_taken() {
    let house = house();
    let page = house.get("/privacy", "").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for name in ["x-content-type-options", "referrer-policy", "x-frame-options", "x-request-id"] {
        assert!(page.headers.contains_key(name), "{name} is missing");
    }
    assert!(
        !page.text.contains("http://") || page.text.contains("http://localhost"),
        "the notice asks somebody else"
    );
    let request = Request::post("/sign-in")
        .header("host", "here.example")
        .header("origin", "https://elsewhere.example");
    assert_eq!(house.send(request.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_sees_a_page_of_the_staff_without_signing_in_and_signing_out_ends_it() {
    let house = house();
    for path in ["/", "/people", "/organisations", "/admin", "/policy/proof", "/me"] {
        let answer = house.get(path, "probity=0123").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.place().starts_with("/sign-in"), "{path} leads to {}", answer.place());
    }
    assert_eq!(house.get("/api/v1/people", "").await.status, StatusCode::UNAUTHORIZED);
    let cookie = house.sign_in("helen.marsh").await;
    for path in
        ["/", "/people", "/organisations", "/admin", "/admin/staff", "/admin/log", "/policy", "/me", "/help"]
    {
        let answer = house.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    }
    assert_eq!(house.post("/sign-out", &cookie, "").await.status, StatusCode::SEE_OTHER);
    assert_eq!(house.get("/people", &cookie).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn whoever_guesses_must_wait_even_with_the_right_password() {
    let house = house();
    for _ in 0..5 {
        let answer =
            house.post("/sign-in", "", "email=helen.marsh%40cti.example&password=wrong+wrong+wrong").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("is not right"), "{}", answer.text);
    }
    let form = format!("email=helen.marsh%40cti.example&password={}", PASSWORD.replace(' ', "+"));
    let answer = house.post("/sign-in", "", &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("Too many attempts"));
}

#[tokio::test]
async fn after_signing_in_nobody_is_sent_to_another_site() {
    let house = house();
    for (next, to) in
        [("/people", "/people"), ("//elsewhere.example", "/"), ("https://elsewhere.example", "/")]
    {
        let form =
            format!("email=jo.whitlam@cti.example&password={}&next={next}", PASSWORD.replace(' ', "+"));
        assert_eq!(house.post("/sign-in", "", &form).await.place(), to);
    }
}

#[tokio::test]
async fn the_code_from_the_telephone_is_asked_for_once_it_is_set_up() {
    let house = house();
    let cookie = house.sign_in("helen.marsh").await;
    let page = house.get("/me/second-factor", &cookie).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let account = account(&house.instance, "helen.marsh");
    let factor = app::acts::sign_in::seed(&house.instance, &account).unwrap();
    assert!(page.text.contains(&factor.written()), "the page shows the secret to type");
    let now = app::clock::machine().as_second().unsigned_abs();
    assert_eq!(
        house.post("/me/second-factor", &cookie, "code=000000").await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let code = factor.code(now).unwrap();
    let sheet = house.post("/me/second-factor", &cookie, &format!("code={code}")).await;
    assert_eq!(sheet.status, StatusCode::OK);
    assert_eq!(sheet.headers["cache-control"], "no-store");
    let codes = recovery_codes(&sheet.text);
    assert_eq!(codes.len(), 10, "{}", sheet.text);

    let cookie = house.sign_in("helen.marsh").await;
    let answer = house.get("/people", &cookie).await;
    assert_eq!((answer.status, answer.place()), (StatusCode::SEE_OTHER, "/sign-in/code"));
    // Whoever knows only the password neither sees the set-up page nor replaces the telephone by looking at it.
    let peek = house.get("/me/second-factor", &cookie).await;
    assert_eq!((peek.status, peek.place()), (StatusCode::SEE_OTHER, "/sign-in/code"));
    for form in ["/me/recovery", "/me/second-factor/another"] {
        let answer = house.post(form, &cookie, &password("password")).await;
        assert_eq!((answer.status, answer.place()), (StatusCode::SEE_OTHER, "/sign-in/code"), "{form}");
    }
    let again = house.post("/sign-in/code", &cookie, &format!("code={code}")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "a code opens once");
    let next = factor.code(now + 30).unwrap();
    assert_eq!(
        house.post("/sign-in/code", &cookie, &format!("code={next}")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(house.get("/people", &cookie).await.status, StatusCode::OK);
}

/// The codes on a page that shows them.
fn recovery_codes(page: &str) -> Vec<String> {
    page.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

fn password(field: &str) -> String {
    format!("{field}={}", PASSWORD.replace(' ', "+"))
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_telephone_once_and_an_administrator_lets_somebody_begin_anew() {
    let house = house();
    let account = || account(&house.instance, "ruth.adler");
    let ruth = house.sign_in("ruth.adler").await;
    house.get("/me/second-factor", &ruth).await;
    let factor = app::acts::sign_in::seed(&house.instance, &account()).unwrap();
    let code = factor.code(app::clock::machine().as_second().unsigned_abs()).unwrap();
    let codes = recovery_codes(&house.post("/me/second-factor", &ruth, &format!("code={code}")).await.text);

    // One of them signs her in, once; what is kept is no code.
    let used = format!("code={}", codes[0].to_uppercase().replace('-', "+"));
    let half = house.sign_in("ruth.adler").await;
    let signed_in = house.post("/sign-in/code", &half, &used).await;
    assert_eq!((signed_in.status, signed_in.place()), (StatusCode::SEE_OTHER, "/me?said=recovery"));
    let me = house.get("/me?said=recovery", &half).await;
    assert!(me.text.contains("9 recovery codes left of 10."), "{}", me.text);
    let again = house.sign_in("ruth.adler").await;
    assert_eq!(house.post("/sign-in/code", &again, &used).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let helen = house.sign_in("helen.marsh").await;
    let theirs = house
        .instance
        .store
        .read(|tx| tx.all("SELECT hash FROM invitation WHERE purpose = 'recovery'", &[], |row| row.hash(0)));
    let theirs = theirs.unwrap();
    assert!(
        theirs.len() == 10 && !theirs.iter().any(|hash| codes.iter().any(|code| hash == code.as_bytes()))
    );

    // A new sheet asks for the password and ends the old one.
    let wrong = house.post("/me/recovery", &half, "password=not+mine").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("This is not your password."), "{}", wrong.text);
    let renewed =
        recovery_codes(&house.post("/me/recovery", &half, &password("recovery-password")).await.text);
    assert_eq!(renewed.len(), 10);
    let old = house.post("/sign-in/code", &again, &format!("code={}", codes[1])).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Both lost: an administrator takes them away, nobody else does, her sessions end and the log says so.
    let reset = format!("/admin/staff/{}/second-factor", account().id);
    assert_eq!(house.post(&reset, &half, "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.post(&reset, &helen, "").await.status, StatusCode::SEE_OTHER);
    assert!(house.get("/me", &half).await.place().starts_with("/sign-in"));
    assert!(!account().totp_confirmed);
    let anew = house.sign_in("ruth.adler").await;
    let lost = house.post("/sign-in/code", &anew, &format!("code={}", renewed[0])).await;
    assert_eq!(lost.status, StatusCode::UNPROCESSABLE_ENTITY);
    let log = house.get("/admin/log", &helen).await;
    for said in ["recovery codes made", "recovery code used", "second proof reset"] {
        assert!(log.text.contains(said), "the log does not say {said}: {}", log.text);
    }
}

#[tokio::test]
async fn a_note_is_written_down_and_what_the_policy_does_not_declare_has_no_place() {
    let house = house();
    let cookie = house.sign_in("helen.marsh").await;
    let key = house.key("helen.marsh");
    let priya = house.person(&key, "priya").await;
    let page = format!("/people/{priya}");

    let done = house
        .post(
            &format!("{page}/entries"),
            &cookie,
            "kind=contact+record&text=Rang+about+dates&on=2026-02-02&direction=in",
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let shown = house.get(&page, &cookie).await;
    assert!(shown.text.contains("Rang about dates"));
    assert!(!shown.text.contains("value=\"coaching notes\" checked"), "no place for notes of coaching");

    // What was chosen beside the text is still chosen when it comes back.
    let bare = "kind=contact+record&text=&on=2026-02-02&direction=out";
    let bare = house.post(&format!("{page}/entries"), &cookie, bare).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in ["name=\"on\" value=\"2026-02-02\"", "<option value=\"out\" selected>"] {
        assert!(bare.text.contains(kept), "{kept}: {}", bare.text);
    }
    let undated = "kind=contact+record&text=Rang&on=&direction=out";
    let undated = house.post(&format!("{page}/entries"), &cookie, undated).await;
    assert_eq!(undated.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(undated.text.contains("id=\"on-error\""), "{}", undated.text);

    let refused =
        house.post(&format!("{page}/entries"), &cookie, "kind=star+sign&text=Leo&on=2026-02-02").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = house
        .api(
            "POST",
            &format!("/api/v1/people/{priya}/items"),
            &key,
            &serde_json::json!({ "kind": "star sign", "value": "Leo" }),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let said = refused.json();
    assert!(said["clause"].as_str().is_some_and(|clause| clause.contains("data")), "{said}");
    assert!(
        said["promises"].as_array().is_some_and(|promises| promises.contains(&"CTI-01".into())),
        "{said}"
    );

    let declared = serde_json::json!({ "kind": "life history", "value": "Twelve years in housing" });
    let refused = house.api("POST", &format!("/api/v1/people/{priya}/items"), &key, &declared).await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "declared, but not for people in organisations: {}",
        refused.text
    );
}

#[tokio::test]
async fn of_two_who_change_the_same_detail_the_second_sees_both() {
    let house = house();
    let key = house.key("helen.marsh");
    let priya = house.person(&key, "priya").await;
    let read =
        house.api("GET", &format!("/api/v1/people/{priya}"), &key, &serde_json::json!({})).await.json();
    let phone =
        read["items"].as_array().unwrap().iter().find(|item| item["kind"] == "phone").unwrap().clone();
    let path = format!("/api/v1/people/{priya}/items/{}", phone["id"]);
    let mine = serde_json::json!({ "value": "01632 960777", "version": phone["version"] });
    assert_eq!(house.api("PUT", &path, &key, &mine).await.status, StatusCode::OK);
    let late = serde_json::json!({ "value": "01632 960778", "version": phone["version"] });
    let answer = house.api("PUT", &path, &key, &late).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["now"]["value"], "01632 960777");

    let cookie = house.sign_in("helen.marsh").await;
    let page = format!("/people/{priya}/items/{}", phone["id"]);
    let both = house.post(&page, &cookie, &format!("version={}&value=01632+960779", phone["version"])).await;
    assert_eq!(both.status, StatusCode::CONFLICT);
    assert!(both.text.contains("01632 960777") && both.text.contains("in the meantime"), "{}", both.text);
    assert!(both.text.contains("value=\"01632 960779\""), "what was typed second is kept: {}", both.text);
}

#[tokio::test]
async fn what_is_out_of_reach_is_not_found_and_what_a_role_may_not_see_is_not_sent() {
    let house = house();
    let helen = house.key("helen.marsh");
    let tara = house.person(&helen, "tara").await;
    let priya = house.person(&helen, "priya").await;
    let nothing = serde_json::json!({});
    // An assistant does not see coaching clients, by name or by number.
    let jo = house.key("jo.whitlam");
    let found = house.api("GET", "/api/v1/people?q=tara", &jo, &nothing).await.json();
    assert_eq!(found["people"].as_array().map(Vec::len), Some(0), "{found}");
    let hers = house.api("GET", &format!("/api/v1/people/{tara}"), &jo, &nothing).await;
    assert!(hers.status.is_client_error() && !hers.text.contains("Whitfield"), "{}", hers.text);
    // A coach sees those on their own work, and nobody else.
    let ruth = house.key("ruth.adler");
    let read = house.api("GET", &format!("/api/v1/people/{tara}"), &ruth, &nothing).await;
    assert!(read.text.contains("return to planning work"), "{}", read.text);
    let hers = house.api("GET", &format!("/api/v1/people/{priya}"), &ruth, &nothing).await;
    assert!(hers.status.is_client_error() && !hers.text.contains("Nair"), "{}", hers.text);
    // The business manager sees the client, and not the notes.
    let read = house.api("GET", &format!("/api/v1/people/{tara}"), &helen, &nothing).await;
    assert!(read.text.contains("Tara Whitfield") && !read.text.contains("planning work"), "{}", read.text);
}

#[tokio::test]
async fn the_practice_clock_lets_notes_go_on_the_right_day_and_leaves_a_certificate() {
    let house = house();
    let key = house.key("ruth.adler");
    let work = house.count("SELECT max(id) FROM engagement");
    let done = serde_json::json!({ "milestone": "completed", "on": "2026-02-02" });
    let done = house.api("POST", &format!("/api/v1/engagements/{work}/milestones"), &key, &done).await;
    assert!(done.status.is_success(), "{} {}", done.status, done.text);
    let notes = || house.count("SELECT count(*) FROM entry WHERE kind = 'coaching notes'");
    let helen = house.sign_in("helen.marsh").await;
    // Six months after 2 February: 2 August is the last day, the night after takes them.
    assert!(house.post("/practice/clock", &helen, "date=2026-08-02").await.status.is_redirection());
    assert_eq!(notes(), 1);
    assert!(house.post("/practice/clock", &helen, "date=2026-08-03").await.status.is_redirection());
    assert_eq!(notes(), 0);
    let gone = house.get("/admin/gone", &helen).await;
    assert!(gone.text.contains("1 coaching note"), "{}", gone.text);
    assert!(!gone.text.contains("Whitfield"));
}

#[tokio::test]
async fn the_first_link_makes_the_administrator_once() {
    let data = common::Data::new();
    let policy = Pack::named("cti").unwrap().policy().unwrap();
    let url = data.url();
    let instance =
        Instance::create(data.path(), url.as_deref(), &Secret::random().unwrap(), policy, None).unwrap();
    let link = app::acts::staff::first_link(&instance).unwrap();
    let house = House::around(instance, data);
    let page = house.get(&format!("/set-up/{link}"), "").await;
    assert!(page.text.contains("Create the administrator"), "{}", page.text);
    let weak = "name=Ada+Marlowe&email=ada%40org.example&password=password1234&again=password1234";
    assert_eq!(
        house.post(&format!("/set-up/{link}"), "", weak).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let good =
        "name=Ada+Marlowe&email=ada%40org.example&password=kettle+bramble+yard&again=kettle+bramble+yard";
    let made = house.post(&format!("/set-up/{link}"), "", good).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    assert_eq!(house.get("/admin/staff", &made.cookie()).await.status, StatusCode::OK);
    assert_eq!(house.get(&format!("/set-up/{link}"), "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.post(&format!("/set-up/{link}"), "", good).await.status, StatusCode::NOT_FOUND);
    let clock = house.post("/practice/clock", &made.cookie(), "date=2027-01-01").await;
    assert_eq!(clock.status, StatusCode::NOT_FOUND, "a real instance has no such switch");
}

#[tokio::test]
async fn staff_who_leave_lose_their_sessions_and_hand_over() {
    let house = house();
    let ruth = house.sign_in("ruth.adler").await;
    let helen = house.sign_in("helen.marsh").await;
    let id = |who: &str| account(&house.instance, who).id;
    let (leaver, heir) = (id("ruth.adler"), id("helen.marsh"));
    assert_eq!(house.get("/work", &ruth).await.status, StatusCode::OK);
    let left = house.post(&format!("/admin/staff/{leaver}/left"), &helen, &format!("heir={heir}")).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text);
    assert_eq!(house.get("/work", &ruth).await.status, StatusCode::SEE_OTHER, "the session is gone");
    let mine = house.instance.store.read(|tx| {
        tx.count(
            "SELECT count(*) FROM engagement_staff WHERE staff_id = ?1 AND until IS NULL",
            &[heir.into()],
        )
    });
    assert_eq!(mine.unwrap(), 1, "the programme is handed over");
    let last = house.post(&format!("/admin/staff/{heir}/left"), &helen, &format!("heir={leaver}")).await;
    assert_eq!(last.status, StatusCode::UNPROCESSABLE_ENTITY, "the last administrator stays");
}

#[tokio::test]
async fn a_no_counts_at_once_and_only_their_own_later_word_lifts_it() {
    let house = house();
    let cookie = house.sign_in("helen.marsh").await;
    let key = house.key("helen.marsh");
    let priya = house.person(&key, "priya").await;
    let page = format!("/people/{priya}/preferences");
    assert_eq!(house.get(&page, &cookie).await.status, StatusCode::OK);
    let nothing = house.post(&page, &cookie, "how=by+telephone&on=2026-02-02").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let no = house.post(&page, &cookie, "choice-calls=no&how=by+telephone&on=2026-02-02").await;
    assert_eq!(no.status, StatusCode::SEE_OTHER, "{}", no.text);
    let shown = house.get(&page, &cookie).await;
    assert!(shown.text.contains("no, since Mon 2 Feb 2026"), "{}", shown.text);
    let early = house.post(&page, &cookie, "choice-calls=yes&how=by+telephone&on=2026-02-01").await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    let yes = house.post(&page, &cookie, "choice-calls=yes&how=by+telephone&on=2026-02-02").await;
    assert_eq!(yes.status, StatusCode::SEE_OTHER, "{}", yes.text);
    assert!(!house.page(&page, &cookie).await.contains("no, since"));
}

#[tokio::test]
async fn behind_a_trusted_proxy_over_tls_the_cookie_is_secure() {
    let mut house = house();
    let mut config = app::config::Config::default();
    config.trusted_proxies.push("127.0.0.1".parse().unwrap());
    let app = {
        let House { instance, app, data } = house;
        drop(app);
        let mut instance = Arc::into_inner(instance).expect("nobody else holds it");
        instance.config = config;
        house = House::around(instance, data);
        house.app.clone()
    };
    let sign_in = |peer: &str| {
        let form = format!("email=jo.whitlam@cti.example&password={}", PASSWORD.replace(' ', "+"));
        let mut request = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-for", "203.0.113.9")
            .body(Body::from(form))
            .unwrap();
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let app = app.clone();
        async move {
            app.oneshot(request).await.unwrap().headers()[header::SET_COOKIE].to_str().unwrap().to_owned()
        }
    };
    let through_proxy = sign_in("127.0.0.1:5000").await;
    assert!(
        through_proxy.starts_with("__Host-probity=") && through_proxy.contains("; Secure"),
        "{through_proxy}"
    );
    let from_outside = sign_in("198.51.100.7:5000").await;
    assert!(!from_outside.contains("Secure"), "nobody else's word counts: {from_outside}");
    drop(house);
}

#[tokio::test]
async fn whoever_is_added_has_the_grounds_that_settling_would_give_them() {
    let house = house();
    let key = house.key("helen.marsh");
    let northbank = house.count("SELECT id FROM organisation");
    for body in [
        serde_json::json!({ "category": "supporter", "agreed": ["supporters"], "agreed_by": "in person", "agreed_note": "Yes please, to Helen",
            "items": { "name": "Wilf Oakes", "email": "wilf.oakes@post.example" } }),
        serde_json::json!({ "category": "organisation contact", "organisation": northbank, "collected_on": "2025-11-30", "source": "their organisation",
            "items": { "name": "Ines Carver", "phone": "01632 960177" } }),
        serde_json::json!({ "category": "coaching client", "source": "the person", "items": { "name": "Bea Lund" } }),
    ] {
        let added = house.api("POST", "/api/v1/people", &key, &body).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
        let who = PersonId(added.json()["id"].as_i64().unwrap());
        let (policy, now) = (house.instance.policy(), house.instance.clock.now());
        let today = house.instance.clock.today();
        let settled = house
            .instance
            .store
            .write(|tx| store::ground::settle(tx, &policy, who, today, "system test", now))
            .unwrap();
        assert!(settled.changes.is_empty(), "{body}: {:?}", settled.changes);
        assert!(!settled.life.grounds.is_empty(), "{body}");
    }
}

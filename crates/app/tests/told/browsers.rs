//! What pages set in browsers.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::web::cookies;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use custody::proof::Obligation;
use store::cookie;
use tower::ServiceExt;

use super::common::House;
use super::{WORLD, broken};

#[tokio::test]
async fn no_public_page_sets_a_cookie_and_a_sign_in_sets_the_one_that_is_listed() {
    let house = House::of(WORLD);
    for path in [
        "/privacy",
        "/privacy.md",
        "/privacy/cookies",
        "/privacy/versions",
        "/privacy/versions/3",
        "/ask",
        "/forms/enquiry",
        "/sign-in",
        "/healthz",
        "/unsubscribe/abc",
        "/answer/abc",
        "/set-up/abc",
        "/nowhere",
    ] {
        let answer = house.get(path, "").await;
        assert!(answer.headers.get(header::SET_COOKIE).is_none(), "{path} sets a cookie");
    }
    for path in ["/unsubscribe/abc", "/answer/abc", "/ask", "/forms/enquiry"] {
        assert!(
            house.post(path, "", "").await.headers.get(header::SET_COOKIE).is_none(),
            "{path} sets a cookie"
        );
    }
    let set = || house.instance.store.read(cookie::all).unwrap();
    assert_eq!(set(), []);
    let signed_in = house.sign_in("helen").await;
    let name = signed_in.split('=').next().unwrap();
    let seen: Vec<_> = set().into_iter().map(|seen| (seen.name, seen.page)).collect();
    assert_eq!(seen, [(name.to_owned(), "/sign-in".to_owned())]);
    assert_eq!(broken(&house, &Obligation::CookiesListed), Vec::<String>::new());
    let page = house.get("/privacy/cookies", "").await.text;
    assert!(page.contains(&format!("<th scope=\"row\">{name}</th>")), "{page}");

    // A page that sets another one is seen, whatever the program thinks it does.
    let sly = Router::new()
        .route("/privacy", get(|| async { ([(header::SET_COOKIE, "_ga=1; Path=/")], "hello") }))
        .layer(from_fn_with_state(Arc::clone(&house.instance), cookies::noted));
    for _ in 0..2 {
        sly.clone().oneshot(Request::get("/privacy").body(Body::empty()).unwrap()).await.unwrap();
    }
    let found = broken(&house, &Obligation::CookiesListed);
    let says = "cookie _ga was set by /privacy on 2026-11-20 and is not on the cookies page";
    assert_eq!(found, [says]);
}

/// What pages keep by script is on the cookies page too.
#[test]
fn scripts_keep_only_what_is_listed() {
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/js");
    let mut kept = BTreeSet::new();
    for entry in std::fs::read_dir(scripts).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("document.cookie"), "a script sets a cookie");
        assert!(
            !text.contains("sessionStorage") && !text.contains("indexedDB"),
            "a script keeps something elsewhere"
        );
        for after in text.split("localStorage.").skip(1) {
            kept.insert(after.split('"').nth(1).unwrap().to_owned());
        }
    }
    assert_eq!(kept, BTreeSet::from(["single-keys".to_owned()]));
    assert!(cookie::KEPT.iter().any(|known| known.names == ["single-keys"]));
}

//! A form that came after its session had ended: what was typed stands on the page that says so, and goes again once
//! whoever typed it has signed in. Keeps nothing on the server, and no password anywhere.

use askama::Template;
use axum::Form;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::House;
use super::page::Page;
use crate::web::frame;

/// The largest form that is handed back, in bytes. A file is not.
const FORM_BYTES_MAX: usize = 1024 * 1024;

/// What is typed to sign in, and stands on no page again.
const SECRETS: &[&str] = &["password", "old", "again", "code", "token"];

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOut {
    page: Page,
    action: String,
    fields: Vec<(String, String)>,
}

/// Hands a form back where the answer would only have been to sign in. Stands inside the check that a form comes from here.
pub async fn hand_back(State(instance): House, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if request.method() != Method::POST || path.starts_with("/api/") || path == "/sign-out" {
        return next.run(request).await;
    }
    let from = page_before(request.headers());
    let action = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    if !is_form(&request) {
        return back_to(from, next.run(request).await);
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, FORM_BYTES_MAX).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let again = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let response = next.run(again).await;
    if !asks_to_sign_in(&response) {
        return response;
    }
    let typed = Request::from_parts(parts, Body::from(bytes));
    let Ok(Form(fields)) = Form::<Vec<(String, String)>>::from_request(typed, &()).await else {
        return back_to(from, response);
    };
    if fields.is_empty() || fields.iter().any(|(name, _)| SECRETS.contains(&name.as_str())) {
        return back_to(from, response);
    }
    let page =
        SignedOut { page: frame::public(&instance, "You were signed out", "/sign-in"), action, fields };
    match page.render() {
        Ok(page) => (StatusCode::UNAUTHORIZED, Html(page)).into_response(),
        Err(_) => response,
    }
}

/// Whether it is a form of text, and small enough to be kept.
fn is_form(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        && request.body().size_hint().exact().is_some_and(|length| length <= FORM_BYTES_MAX as u64)
}

fn asks_to_sign_in(response: &Response) -> bool {
    let place = response.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
    response.status() == StatusCode::SEE_OTHER
        && place.is_some_and(|place| place == "/sign-in" || place.starts_with("/sign-in?next="))
}

/// The page the form stood on, without what was looked for there. Only our own pages send where they are
/// (`Referrer-Policy: same-origin`).
fn page_before(headers: &HeaderMap) -> Option<String> {
    let whole: axum::http::Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    Some(whole.path().to_owned())
}

/// After signing in the page before is the one to be on: where a form is sent there is nothing to look at.
fn back_to(from: Option<String>, mut response: Response) -> Response {
    if let Some(from) = from.filter(|_| asks_to_sign_in(&response))
        && let Ok(place) = HeaderValue::from_str(&format!("/sign-in?next={}", super::error::percent(&from)))
    {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

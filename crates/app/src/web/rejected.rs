//! What never reached an act, in words: an address that cannot be read, a body that is too large or broken, a form
//! from another site, an answer that took too long. Says nothing of what was sent.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::error::sorry;
use crate::server::BODY_BYTES_MAX;

/// The most of a rejection's own words that is handed on to a program.
const DETAIL_BYTES_MAX: usize = 2000;

/// Puts a page, or JSON for programs, in the place of the bare line a rejection is.
pub async fn in_words(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_bare(&response) {
        return response;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        tracing::error!("an answer took too long");
    }
    let (heading, words) = said(status);
    if !is_api {
        return with_headers_of(&response, sorry(status, heading, &words, None));
    }
    let (parts, body) = response.into_parts();
    let detail = axum::body::to_bytes(body, DETAIL_BYTES_MAX).await.unwrap_or_default();
    let detail = String::from_utf8_lossy(&detail);
    let answer =
        (status, Json(json!({ "error": heading.to_lowercase(), "because": words, "detail": detail.trim() })))
            .into_response();
    with_headers_of(&Response::from_parts(parts, Body::empty()), answer)
}

/// Whether it is a line of text or nothing, and no page of ours.
fn is_bare(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/plain")))
}

fn with_headers_of(from: &Response, mut to: Response) -> Response {
    for name in [header::ALLOW, header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
        if let Some(value) = from.headers().get(&name) {
            to.headers_mut().insert(name, value.clone());
        }
    }
    to
}

fn said(status: StatusCode) -> (&'static str, String) {
    let (heading, words) = match status {
        StatusCode::FORBIDDEN => (
            "This form was not sent from here",
            "A form is only taken from a page of this site, under the address the page was opened at. Nothing was \
             changed; open the page again and send it once more.",
        ),
        StatusCode::NOT_FOUND => {
            ("There is nothing here", "The address is wrong, or what was here has gone.")
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            ("This cannot be done here", "This address is for something else. Nothing was changed.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            return (
                "This is too large",
                format!(
                    "It is larger than what is taken here: at most {} MB at once, and less on most pages. Nothing was \
                     changed; send it in parts.",
                    BODY_BYTES_MAX / 1024 / 1024
                ),
            );
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            "This cannot be read",
            "It was sent in another form than the one that is taken here. Nothing was changed.",
        ),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => (
            "This took too long",
            "The answer did not come in time. What was being done may still be finished: look before you do it again.",
        ),
        status if status.is_client_error() => (
            "This cannot be read",
            "Part of the address or of what was sent is not in the form that is expected here. Nothing was changed.",
        ),
        _ => ("Something went wrong here", "Nothing was changed, and it has been noted."),
    };
    (heading, words.to_owned())
}

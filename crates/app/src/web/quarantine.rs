//! While an instance is in quarantine after a restore whose safe was too old: administrators read pages, whoever has a
//! link stops e-mails, and nothing else is changed or leaves. It looks at what comes in and at what would go out, so
//! that no address has to remember to ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::error::sorry;
use crate::instance::Instance;

/// How long whoever is turned away may wait, in seconds.
const LATER: HeaderValue = HeaderValue::from_static("3600");

/// Where something may be written all the same: the way in, the way out of quarantine, and the wish to get no more
/// e-mails, which only forbids something and would be lost.
fn may_write(path: &str) -> bool {
    let entering =
        ["/sign-in", "/sign-in/code", "/sign-out", "/me/second-factor", "/me/second-factor/another"];
    entering.contains(&path)
        || path == "/admin/quarantine"
        || path.starts_with("/set-up/")
        || (path.starts_with("/unsubscribe/") && !path.ends_with("/undo") && !path.ends_with("/topics"))
}

/// What anybody may take: what the program brings with it, and the notice.
fn is_public(path: &str) -> bool {
    path == "/healthz" || path.starts_with("/assets/") || path.starts_with("/privacy")
}

/// Lets through what may pass.
pub async fn kept(State(instance): State<Arc<Instance>>, request: Request, next: Next) -> Response {
    if instance.quarantine().is_none() {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    // Opening the link of a question writes down that somebody was told.
    if (!reads && !may_write(&path)) || path.starts_with("/answer/") {
        return closed(&path);
    }
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let page = kind.is_none_or(|kind| kind.starts_with("text/html"));
    // What is no page is something to take away, unless it only says why there is nothing.
    match reads && response.status().is_success() && !page && !is_public(&path) {
        true => closed(&path),
        false => response,
    }
}

fn closed(path: &str) -> Response {
    let words = "This organisation's system was brought back from a backup and is being looked through before anything is changed, \
                 sent or handed out. Nothing of yours was saved; please come back later.";
    let mut response = match path.starts_with("/api/") {
        true => {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "in quarantine", "because": words })))
                .into_response()
        }
        false => sorry(StatusCode::SERVICE_UNAVAILABLE, "Not now", words, None),
    };
    response.headers_mut().insert(header::RETRY_AFTER, LATER);
    response
}

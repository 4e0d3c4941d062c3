//! The HTTP server: the layers every request passes, the headers every answer carries, and an orderly end.
//! Logs paths and numbers, never values.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::config::Config;

/// The largest body taken, in bytes: an import of a large organisation's people.
pub const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How long requests under way may take once the process is asked to end.
const FINISH_WITHIN: Duration = Duration::from_secs(10);

/// What a browser may load and where it may send forms: this site, nothing else.
const CONTENT_SECURITY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()"),
    ("x-robots-tag", "noindex, nofollow"),
    ("cache-control", "no-store"),
];

/// Puts the layers around the routes.
pub fn layered(routes: Router, config: &Config) -> Router {
    let csrf = match &config.address {
        Some(address) => CsrfLayer::new().add_trusted_origin(address).unwrap_or_default(),
        None => CsrfLayer::new(),
    };
    // A mail program presses the link of a message from wherever it runs (RFC 8058); the link alone says whose it is, and no
    // cookie is looked at there.
    let csrf = csrf.with_insecure_bypass(|_, uri| uri.path().starts_with("/unsubscribe/"));
    let mut app = routes.layer(
        ServiceBuilder::new()
            .layer(axum::middleware::from_fn(crate::web::rejected::in_words))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_WITHIN))
            .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
            .layer(csrf),
    );
    for &(name, value) in HEADERS {
        app = app.layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        ));
    }
    if config.is_https() {
        app = app.layer(SetResponseHeaderLayer::if_not_present(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        ));
    }
    let id = HeaderName::from_static("x-request-id");
    app.layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::new(id.clone(), Numbered))
            // What fails is logged once, where it is known why.
            .layer(TraceLayer::new_for_http().make_span_with(span).on_failure(()))
            .layer(PropagateRequestIdLayer::new(id))
            .layer(CompressionLayer::new()),
    )
}

/// Listens and answers until asked to stop; requests under way are finished first, for [`FINISH_WITHIN`] at most: who
/// opens a connection and never says a whole request would otherwise keep the process alive for ever.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (asked, heard) = tokio::sync::oneshot::channel::<()>();
    let stop = async move {
        stop.await;
        drop(asked);
    };
    let enough = async move {
        drop(heard.await);
        tokio::time::sleep(FINISH_WITHIN).await;
    };
    let served = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stop);
    tokio::select! { ended = served => ended, () = enough => Ok(()) }
}

/// Resolves when the process is asked to end: Ctrl+C or SIGTERM.
pub async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => drop(interrupt.await),
    }
}

#[derive(Clone, Copy)]
struct Numbered;

impl MakeRequestId for Numbered {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let number = getrandom::u32().ok()?;
        HeaderValue::from_str(&format!("{number:08x}")).ok().map(RequestId::new)
    }
}

/// Only the method, the path's first word and the number: a path may carry a token, a query a name.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id =
        request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("");
    let area = request.uri().path().split('/').nth(1).unwrap_or("");
    tracing::info_span!("request", id, method = %request.method(), area)
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong here, and it has been noted. Nothing was changed.\n",
    )
        .into_response()
}

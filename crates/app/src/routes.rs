//! Every address the server answers, on one page.

use axum::Router;
use axum::routing::get;

use crate::web;

/// The routes, without the layers around them.
pub fn routes() -> Router {
    Router::new()
        .route("/healthz", get(web::health::get))
        .route("/assets/{*path}", get(web::asset::get))
        .fallback(web::error::not_found)
}

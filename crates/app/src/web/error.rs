//! What a visitor sees when something cannot be done: a refusal names its clause, a fault only its number.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// Answers for an address nobody serves.
pub async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no such page.\n").into_response()
}

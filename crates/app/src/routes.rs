//! Every address the server answers, on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

use crate::instance::Instance;
use crate::web::{api, asset, error, health, import, people, person, practice, sign_in, today};

/// The routes, without the layers around them.
pub fn routes(instance: Arc<Instance>) -> Router {
    Router::new()
        // Without signing in.
        .route("/healthz", get(health::get))
        .route("/assets/{*path}", get(asset::get))
        .route("/sign-in", get(sign_in::get).post(sign_in::post))
        .route("/sign-in/code", get(sign_in::code).post(sign_in::give_code))
        .route("/me/second-factor", get(sign_in::enrol).post(sign_in::enrolled))
        .route("/set-up/{token}", get(sign_in::set_up).post(sign_in::chosen))
        .route("/sign-out", post(sign_in::sign_out))
        // Staff.
        .route("/", get(today::get))
        .route("/people", get(people::get).post(people::add))
        .route("/people/new", get(people::new))
        .route("/people/{id}", get(person::get))
        .route("/people/{id}/items", post(person::add_item))
        .route("/people/{id}/items/{item}", post(person::change_item))
        .route("/people/{id}/entries", post(person::add_entry))
        .route("/import", get(import::get).post(import::post).layer(DefaultBodyLimit::disable()))
        .route("/import/new", get(import::new))
        .route("/import/{id}", get(import::one))
        .route("/import/{id}/columns", get(import::columns::get).post(import::columns::post))
        .route("/import/{id}/rows", get(import::rows::get))
        .route("/import/{id}/rows/{n}", post(import::rows::put_right))
        .route("/import/{id}/held/{n}", post(import::rows::held_back))
        .route("/import/{id}/run", post(import::outcome::run))
        .route("/import/{id}/progress", get(import::outcome::progress))
        .route("/import/{id}/result", get(import::outcome::result))
        .route("/import/{id}/undo", post(import::outcome::undo))
        .route("/practice/clock", post(practice::set))
        // Programs, and pages that ask in the background.
        .route("/api/v1/people", get(api::person::list).post(api::person::add))
        .route("/api/v1/people/{id}", get(api::person::get))
        .route("/api/v1/people/{id}/items", post(api::person::add_item))
        .route(
            "/api/v1/people/{id}/items/{item}",
            put(api::person::change_item).delete(api::person::remove_item),
        )
        .route("/api/v1/people/{id}/entries", post(api::person::add_entry))
        .fallback(error::not_found)
        .with_state(instance)
}

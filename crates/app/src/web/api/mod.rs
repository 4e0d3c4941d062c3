//! The JSON API under `/api/v1`: the same acts, grants and refusals as the pages. A session or a key of a
//! program (`Authorization: Bearer`) says who asks; a refusal answers 403 and names the clause.

pub mod audience;
pub mod category;
pub mod consent;
pub mod duplicates;
pub mod ending;
pub mod form;
pub mod hold;
pub mod incident;
pub mod known;
pub mod mailing;
pub mod network;
pub mod person;
pub mod record;
pub mod statistics;
pub mod template;
pub mod webhook;
pub mod work;

use axum::Json;
use axum::extract::rejection::JsonRejection;

use super::{Trouble, Visitor};
use crate::fault::Fault;

/// The body of a call, or what is wrong with it.
///
/// # Errors
/// A 422 that says what could not be read.
pub fn body<T>(given: Result<Json<T>, JsonRejection>, visitor: &Visitor) -> Result<T, Trouble> {
    given.map(|Json(body)| body).map_err(|error| {
        let text = error.body_text();
        // What follows the reader's own words for it says which part.
        let said = text.split_once(": ").map_or(text.as_str(), |(_, part)| part);
        Trouble::new(
            Fault::field("body", format!("This cannot be read as JSON for this call: {said}")),
            visitor,
        )
    })
}

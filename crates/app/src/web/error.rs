//! What a visitor sees when something cannot be done: a refusal names its clause, a fault only its number.

use askama::Template;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::Refusal;
use serde_json::json;

use super::Visitor;
use super::page::{FieldError, Link, Page, Refused};
use crate::fault::Fault;

/// A fault on its way to whoever asked.
#[derive(Debug)]
pub struct Trouble {
    fault: Fault,
    path: String,
    is_api: bool,
    is_program: bool,
}

/// Nothing of what was sent was done: the page shows what stands there now, and beside it what was typed.
#[must_use]
pub fn changed(thing: &str) -> FieldError {
    let words = format!(
        "Somebody else has changed this {thing} since you opened it, so nothing of yours was done. What stands here is theirs; what you \
         wrote is below. Look, and send it again if it still fits."
    );
    FieldError { field: "changed".to_owned(), words }
}

/// A page that says why there is nothing to show.
#[derive(Template)]
#[template(path = "error.html")]
struct Sorry {
    page: Page,
    heading: String,
    words: String,
    refused: Option<Refused>,
}

impl Trouble {
    /// A fault that answers this visitor.
    #[must_use]
    pub fn new(fault: Fault, visitor: &Visitor) -> Self {
        Self { fault, path: visitor.path.clone(), is_api: visitor.is_api, is_program: visitor.is_program }
    }

    /// The fault itself.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// What is to put right in a form; anything else stays trouble.
    ///
    /// # Errors
    /// Itself, if it is nothing to put right.
    pub fn invalid(self) -> Result<Vec<FieldError>, Self> {
        match self.fault {
            Fault::Invalid(fields) => Ok(fields),
            fault => Err(Self { fault, ..self }),
        }
    }

    /// What was wrong with a form, to be shown with it again: its page showed this `thing` (a request, an incident) as it no longer is,
    /// or its fields. Anything else stays trouble.
    ///
    /// # Errors
    /// Itself, if it is neither.
    pub fn of_form(self, thing: &str) -> Result<(StatusCode, Vec<FieldError>), Self> {
        match self.fault {
            Fault::Changed => Ok((StatusCode::CONFLICT, vec![changed(thing)])),
            _ => Ok((StatusCode::UNPROCESSABLE_ENTITY, self.invalid()?)),
        }
    }

    /// What a form can show beside what was typed; anything else stays trouble.
    ///
    /// # Errors
    /// Itself, if it is neither a refusal nor something to put right.
    pub fn told(self) -> Result<Told, Self> {
        match self.fault {
            Fault::Invalid(fields) => Ok(Told::Invalid(fields)),
            Fault::Refused(refusal) => Ok(Told::Refused(Box::new(refused(&refusal)))),
            fault => Err(Self { fault, ..self }),
        }
    }
}

/// What a form can show beside what was typed.
#[derive(Debug)]
pub enum Told {
    /// What is to put right, field by field.
    Invalid(Vec<FieldError>),
    /// What the policy does not allow.
    Refused(Box<Refused>),
}

/// A refusal as pages show it.
#[must_use]
pub fn refused(refusal: &Refusal) -> Refused {
    Refused {
        clause: refusal.clause_words.clone(),
        because: sentence(&refusal.because),
        next_step: refusal.next_step.clone(),
        next_href: String::new(),
        promises: refusal
            .promises
            .iter()
            .map(|id| Link { href: format!("/policy/proof#{id}"), words: id.clone() })
            .collect(),
    }
}

/// Words as a sentence: a capital first, a full stop last.
#[must_use]
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '?']) {
        sentence.push('.');
    }
    sentence
}

/// A page of its own for what a form could not show.
#[must_use]
pub fn told_page(told: Told) -> Response {
    match told {
        Told::Refused(refused) => {
            sorry(StatusCode::FORBIDDEN, "The policy does not allow this", "", Some(*refused))
        }
        Told::Invalid(fields) => {
            let words = fields.iter().map(|field| sentence(&field.words)).collect::<Vec<_>>().join(" ");
            sorry(StatusCode::UNPROCESSABLE_ENTITY, "This cannot be taken as it is", &words, None)
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        if self.is_api {
            return self.as_json();
        }
        let next = if self.path.starts_with('/') && self.path != "/" { self.path.as_str() } else { "" };
        match self.fault {
            Fault::SignIn if next.is_empty() => Redirect::to("/sign-in").into_response(),
            Fault::SignIn => Redirect::to(&format!("/sign-in?next={}", percent(next))).into_response(),
            Fault::SecondFactor => Redirect::to("/sign-in/code").into_response(),
            Fault::Refused(refusal) => {
                sorry(StatusCode::FORBIDDEN, "The policy does not allow this", "", Some(refused(&refusal)))
            }
            Fault::Invalid(fields) => {
                let words = fields.iter().map(|field| sentence(&field.words)).collect::<Vec<_>>().join(" ");
                sorry(StatusCode::UNPROCESSABLE_ENTITY, "This cannot be taken as it is", &words, None)
            }
            Fault::Changed => sorry(
                StatusCode::CONFLICT,
                "Somebody else was quicker",
                "What you were changing has been changed since you opened it. Nothing of yours was saved; go back, look again and save once more.",
                None,
            ),
            Fault::NotFound => not_found_page(),
            Fault::Store(_) | Fault::Other(_) => {
                let number = note(&self.fault);
                let (status, heading, words) = broken(&self.fault);
                let words = format!(
                    "{words}Nothing was changed. It has been noted under the number {number}; give it to whoever runs this instance."
                );
                sorry(status, heading, &words, None)
            }
        }
    }
}

impl Trouble {
    fn as_json(&self) -> Response {
        let (status, body) = match &self.fault {
            Fault::SignIn => (StatusCode::UNAUTHORIZED, json!({ "error": "sign in first" })),
            Fault::SecondFactor => {
                (StatusCode::UNAUTHORIZED, json!({ "error": "the second factor is still to come" }))
            }
            Fault::Refused(refusal) => (
                StatusCode::FORBIDDEN,
                json!({
                    "error": "refused",
                    "clause": refusal.clause_words,
                    "promises": refusal.promises,
                    "because": refusal.because,
                    "next_step": refusal.next_step,
                }),
            ),
            Fault::Invalid(fields) => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|field| json!({ "field": field.field, "words": field.words }))
                    .collect();
                (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "invalid", "fields": fields }))
            }
            Fault::Changed => (StatusCode::CONFLICT, json!({ "error": "changed in the meantime" })),
            Fault::NotFound => (StatusCode::NOT_FOUND, json!({ "error": "not found" })),
            Fault::Store(_) | Fault::Other(_) => {
                let number = note(&self.fault);
                let (status, heading, _) = broken(&self.fault);
                (status, json!({ "error": "failed", "because": heading, "number": number }))
            }
        };
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED && self.is_program {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// How a fault of the house looks to a visitor: what they can know and do about it.
fn broken(fault: &Fault) -> (StatusCode, &'static str, &'static str) {
    match fault {
        Fault::Store(store::Error::Full) => (
            StatusCode::INSUFFICIENT_STORAGE,
            "There is no room left",
            "The disk of this instance is full, and somebody must make room before anything can be kept. ",
        ),
        Fault::Store(store::Error::Away(_)) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The database does not answer",
            "It may be starting again; try once more in a minute. ",
        ),
        Fault::Store(store::Error::Contended) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Too much at once",
            "Others kept changing the same things; try once more. ",
        ),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here", ""),
    }
}

/// Logs a fault once, under a number that the visitor is told.
fn note(fault: &Fault) -> String {
    let number = getrandom::u32().map_or_else(|_| "00000000".to_owned(), |number| format!("{number:08x}"));
    tracing::error!(number, %fault, "an act failed");
    number
}

/// Answers for an address nobody serves.
pub async fn not_found(uri: axum::http::Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return (StatusCode::NOT_FOUND, Json(json!({ "error": "not found" }))).into_response();
    }
    not_found_page()
}

fn not_found_page() -> Response {
    sorry(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "It may have been let go, as the policy says, or it is out of your reach, or the address is wrong.",
        None,
    )
}

/// A refusal as a page of its own.
#[must_use]
pub fn refused_page(refused: &Refused) -> Response {
    sorry(StatusCode::FORBIDDEN, "The policy does not allow this", "", Some(refused.clone()))
}

pub(super) fn sorry(status: StatusCode, heading: &str, words: &str, refused: Option<Refused>) -> Response {
    let page = Page { title: heading.to_owned(), organisation: "Probity".to_owned(), ..Page::default() };
    let sorry = Sorry { page, heading: heading.to_owned(), words: words.to_owned(), refused };
    match sorry.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the page for errors could not be written");
            (status, heading.to_owned()).into_response()
        }
    }
}

pub(super) fn percent(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

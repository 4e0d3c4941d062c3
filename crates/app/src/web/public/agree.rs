//! The link by which somebody confirms that they agree to something: opening it does nothing, one press confirms.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::super::page::Page;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::{Acting, consent};
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/agree.html")]
struct Agree {
    page: Page,
    action: String,
    wording: String,
    done: bool,
    email: String,
}

fn page(house: &Instance, action: String, wording: String, done: bool) -> Result<Html<String>, Fault> {
    let email = house.policy().contact.email.clone();
    html(&Agree { page: frame::public(house, "Do you agree?", "/agree"), action, wording, done, email })
}

/// `GET /agree/{token}`: the words, and the button. Scanners that open every link agree to nothing.
pub async fn get(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let waiting = house.store.read(|tx| consent::behind(&Acting::subject(&house), tx, &token))?;
        match waiting {
            Some(waiting) => page(&house, format!("/agree/{token}"), waiting.wording, false),
            None => page(&house, String::new(), String::new(), false),
        }
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// `POST /agree/{token}`.
pub async fn post(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let done = house.store.write(|tx| consent::pressed(&Acting::subject(&house), tx, &token))?;
        page(&house, String::new(), String::new(), done)
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

//! The link that shows who asks: opening it does nothing, one press says that they read what goes to the address we hold.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;

use super::super::page::Page;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::{Acting, identity};
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/known.html")]
struct Known {
    page: Page,
    action: String,
    done: bool,
    email: String,
}

fn page(house: &Instance, action: String, done: bool) -> Result<Html<String>, Fault> {
    let email = house.policy().contact.email.clone();
    html(&Known { page: frame::public(house, "Was it you?", "/known"), action, done, email })
}

/// `GET /known/{token}`: the button. Scanners that open every link show nobody.
pub async fn get(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let works = house.store.read(|tx| identity::behind(&Acting::subject(&house), tx, &token))?.is_some();
        let action = if works { format!("/known/{token}") } else { String::new() };
        page(&house, action, false)
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// `POST /known/{token}`.
pub async fn post(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let done = house.store.write(|tx| identity::pressed(&Acting::subject(&house), tx, &token))?;
        page(&house, String::new(), done)
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

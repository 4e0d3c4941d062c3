//! The link by which somebody confirms where their data shall go: opening it does nothing, one press confirms.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use custody::{Grant, Sealed};

use super::super::page::Page;
use super::super::show::filters;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::{Acting, onward};
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/onward.html")]
struct Onward {
    page: Page,
    action: String,
    to: Option<(Sealed, Grant)>,
    done: bool,
    email: String,
}

fn page(
    house: &Instance,
    action: String,
    to: Option<(Sealed, Grant)>,
    done: bool,
) -> Result<Html<String>, Fault> {
    let email = house.policy().contact.email.clone();
    html(&Onward { page: frame::public(house, "Shall it go there?", "/onward"), action, to, done, email })
}

/// `GET /onward/{token}`: where it shall go, and the button. Scanners that open every link confirm nothing.
pub async fn get(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let (to, views) = house.store.read(|tx| {
            let acting = Acting::subject(&house);
            Ok::<_, Fault>((onward::behind(&acting, tx, &token)?, acting.into_views()))
        })?;
        house.store.note(views)?;
        let action = if to.is_some() { format!("/onward/{token}") } else { String::new() };
        page(&house, action, to, false)
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// `POST /onward/{token}`.
pub async fn post(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let done = house.store.write(|tx| onward::pressed(&Acting::subject(&house), tx, &token))?;
        page(&house, String::new(), None, done)
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

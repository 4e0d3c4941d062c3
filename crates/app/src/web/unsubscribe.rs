//! The link below every message to many: opening it changes nothing, one press stops what promotes us, and so does
//! a mail program's own one-click POST (RFC 8058). No sign-in, no questions.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use store::Tx;

use super::page::Page;
use super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::{Acting, preference};
use crate::fault::Fault;
use crate::mail::letter;

#[derive(Template)]
#[template(path = "public/unsubscribe.html")]
struct Unsubscribe {
    page: Page,
    action: String,
    done: bool,
    undo: String,
    preferences: String,
    what: String,
}

/// `GET /unsubscribe/{token}`: shows the button. Scanners that open every link stop nothing.
pub async fn get(house: House, visitor: Visitor, Path(token): Path<String>) -> Answer<Response> {
    if token == letter::PREVIEW {
        let State(instance) = &house;
        let page = html(&preview(instance, &visitor.path)).map_err(|fault| Trouble::new(fault, &visitor))?;
        return Ok(page.into_response());
    }
    with(house, visitor, token, preference::stopped).await
}

/// The page behind the link of a message that was only looked at.
fn preview(instance: &crate::instance::Instance, path: &str) -> Unsubscribe {
    Unsubscribe {
        page: frame::public(instance, "Stop the e-mails", path),
        done: false,
        undo: String::new(),
        action: String::new(),
        preferences: String::new(),
        what: format!("news and offers from {}", instance.policy().name),
    }
}

/// `POST /unsubscribe/{token}`: stops it, by the button or by a mail program.
pub async fn post(house: House, visitor: Visitor, Path(token): Path<String>) -> Answer<Response> {
    with(house, visitor, token, |acting, tx, person| {
        preference::stop_marketing(acting, tx, person, preference::BY_LINK)?;
        Ok(true)
    })
    .await
}

/// `POST /unsubscribe/{token}/undo`: that was a mistake.
pub async fn undo(house: House, visitor: Visitor, Path(token): Path<String>) -> Answer<Response> {
    with(house, visitor, token, |acting, tx, person| {
        preference::resume_marketing(acting, tx, person)?;
        Ok(false)
    })
    .await
}

async fn with(
    State(instance): House,
    visitor: Visitor,
    link: String,
    act: impl Fn(&Acting<'_>, &Tx<'_>, custody::id::PersonId) -> Result<bool, Fault> + Send + 'static,
) -> Answer<Response> {
    let path = visitor.path.clone();
    let done = blocking(move || {
        let token = letter::token_in(&link);
        let stopped = instance.store.write(|tx| {
            let acting = Acting::subject(&instance);
            let holder = match &token {
                Some(token) => preference::holder(&acting, tx, token)?,
                None => None,
            };
            // Nobody behind the link any more: nothing of theirs is held, and nothing is sent.
            let Some(person) = holder else { return Ok::<_, Fault>(None) };
            let done = act(&acting, tx, person)?;
            crate::acts::told::on_page(&acting, tx, person)?;
            Ok(Some(done))
        })?;
        let policy = instance.policy();
        let action = format!("/unsubscribe/{link}");
        let page = html(&Unsubscribe {
            page: frame::public(&instance, "Stop the e-mails", &path),
            done: stopped.unwrap_or(true),
            undo: if stopped == Some(true) { format!("{action}/undo") } else { String::new() },
            action,
            preferences: String::new(),
            what: format!("news and offers from {}", policy.name),
        })?;
        Ok((StatusCode::OK, page).into_response())
    });
    done.await.map_err(|fault| Trouble::new(fault, &visitor))
}

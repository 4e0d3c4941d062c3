//! One's own account: what one may see, the password, the second proof, sessions. And help.

use askama::Template;
use axum::Form as Posted;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use policy::count::counted;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::page::{FieldError, Form, Page};
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, session};
use crate::acts::{Acting, recovery, sign_in, staff as acts};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "me.html")]
struct Me {
    page: Page,
    form: Form,
    name: String,
    email: String,
    role: String,
    sees: Vec<String>,
    factor: String,
    factor_on: bool,
    codes: String,
    sessions: Vec<Session>,
    key: String,
}

struct Session {
    words: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "help.html")]
struct Help {
    page: Page,
    contact: String,
    manual: String,
}

/// `GET /help`.
pub async fn help(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, _| {
        let contact = &acting.policy.contact;
        let phone = contact.phone.as_ref().map_or_else(String::new, |phone| format!(", {phone}"));
        html(&Help {
            page: frame::page(acting, "Help", "", &path),
            contact: format!("Ask the {}: {}{phone}.", contact.title.to_lowercase(), contact.email),
            manual: String::new(),
        })
    })
    .await
}

/// `GET /me`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    let here = visitor.session;
    read(house, &visitor, move |acting, tx| page(acting, tx, Form::default(), here, String::new(), &path))
        .await
}

fn page(
    acting: &Acting<'_>,
    tx: &store::Tx<'_>,
    form: Form,
    here: Option<[u8; 32]>,
    key: String,
    path: &str,
) -> Result<Html<String>, Fault> {
    let account = acting.account.clone().ok_or(Fault::SignIn)?;
    let zone = acting.instance.clock.zone();
    let sessions = store::session::of_staff(tx, account.id)?.into_iter().map(|session| Session {
        words: format!(
            "{}, last used {}",
            session.agent.as_deref().map_or("a browser", |agent| if agent.starts_with("key: ") {
                agent
            } else {
                browser(agent)
            }),
            zone.to_datetime(session.seen_at).strftime("%a %-d %b, %H:%M")
        ),
        here: Some(session.hash) == here,
    });
    let sees = acting.role().map(|role| super::admin::staff::sees(&acting.policy, role)).unwrap_or_default();
    html(&Me {
        page: frame::page(acting, "Your account", "", path),
        form,
        sees: sees.split("; ").map(super::error::sentence).collect(),
        factor: if account.totp_confirmed {
            "Your account asks for a code from your phone beside the password.".to_owned()
        } else {
            "Your account asks for the password only. A code from your phone makes it safer.".to_owned()
        },
        factor_on: account.totp_confirmed,
        codes: match recovery::left(tx, account.id)? {
            0 => "No recovery codes are left: make new ones, for the day the phone is lost.".to_owned(),
            left => format!("{} left of {}.", counted(left.unsigned_abs(), "recovery code"), recovery::CODES),
        },
        sessions: sessions.collect(),
        key,
        name: account.name,
        email: account.email,
        role: account.role,
    })
}

fn browser(agent: &str) -> &'static str {
    let known = [("Firefox", "Firefox"), ("Edg/", "Edge"), ("Chrome", "Chrome"), ("Safari", "Safari")];
    known.iter().find(|(sign, _)| agent.contains(sign)).map_or("a browser", |(_, name)| name)
}

/// What the form for a new password sends.
#[derive(Deserialize)]
pub struct NewPassword {
    old: SecretString,
    password: SecretString,
    again: SecretString,
}

/// `POST /me/password`: every other session ends, and this one goes on under a new token.
pub async fn password(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<NewPassword>,
) -> Answer<Response> {
    let same = given.password.expose_secret() == given.again.expose_secret();
    let (instance, hash, from) = (house.clone(), visitor.session, visitor.from.clone());
    let done = blocking(move || {
        let policy = instance.policy();
        let account = instance.store.read(|tx| sign_in::whose(tx, &policy, hash.ok_or(Fault::SignIn)?))?.0;
        if !same {
            return Err(Fault::field("again", "The two passwords are not the same."));
        }
        acts::change_password(&instance, &account, &given.old, &given.password)?;
        sign_in::open_again(&instance, &account, &from)
    });
    match done.await {
        Ok(token) => {
            let cookie = session::keep(&token, visitor.secure);
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/me?said=saved")).into_response())
        }
        Err(Fault::Invalid(errors)) => again(house, &visitor, errors).await,
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

/// The page again, with what is to put right.
///
/// # Errors
/// Whatever the store says.
pub async fn again(
    house: std::sync::Arc<crate::instance::Instance>,
    visitor: &Visitor,
    errors: Vec<FieldError>,
) -> Answer<Response> {
    let here = visitor.session;
    let shown = read(State(house), visitor, move |acting, tx| {
        page(acting, tx, Form { errors, ..Form::default() }, here, String::new(), "/me")
    });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
}

/// `POST /me/sessions`: ends every other session.
pub async fn sessions(State(house): House, visitor: Visitor) -> Answer<Response> {
    let (instance, hash, from) = (house, visitor.session, visitor.from.clone());
    let done = blocking(move || {
        let policy = instance.policy();
        let account = instance.store.read(|tx| sign_in::whose(tx, &policy, hash.ok_or(Fault::SignIn)?))?.0;
        instance.store.write(|tx| store::session::end_all(tx, account.id))?;
        sign_in::open_again(&instance, &account, &from)
    });
    let token = done.await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let cookie = session::keep(&token, visitor.secure);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/me?said=saved")).into_response())
}

/// What a new key is called.
#[derive(Deserialize)]
pub struct NewKey {
    called: String,
}

/// `POST /me/keys`: makes a key for a program and shows it, once.
pub async fn key(State(house): House, visitor: Visitor, Posted(given): Posted<NewKey>) -> Answer<Response> {
    let called = given.called.trim().to_owned();
    if called.is_empty() {
        let words = "Say which program it is for, so that you know it again.".to_owned();
        return again(house, &visitor, vec![FieldError { field: "called".to_owned(), words }]).await;
    }
    let (instance, hash) = (house.clone(), visitor.session);
    let made = blocking(move || {
        let policy = instance.policy();
        let account = instance.store.read(|tx| sign_in::whose(tx, &policy, hash.ok_or(Fault::SignIn)?))?.0;
        sign_in::api_key(&instance, &account, &called)
    });
    let made = made.await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let here = visitor.session;
    let shown = read(State(house), &visitor, move |acting, tx| {
        page(acting, tx, Form::default(), here, made.clone(), "/me")
    });
    Ok(shown.await?.into_response())
}

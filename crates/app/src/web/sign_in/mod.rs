//! Signing in and out, and choosing a password behind a one-time link.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;

use super::page::{FieldError, Form, Page};
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, session};
use crate::acts::sign_in::{self, Next};
use crate::acts::staff::{self, Behind, Chosen};
use crate::fault::Fault;
use crate::instance::Instance;

mod factor;

pub use factor::{another, code, enrol, enrolled, give_code, renew};

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignIn {
    page: Page,
    form: Form,
    next: String,
    practice_hint: String,
}

#[derive(Template)]
#[template(path = "sign_in/set_up.html")]
struct SetUp {
    page: Page,
    form: Form,
    email: String,
    first: bool,
    action: String,
    health: Vec<String>,
}

/// Where to go after signing in.
#[derive(Deserialize)]
pub struct Onward {
    #[serde(default)]
    next: String,
}

/// What the sign-in form sends.
#[derive(Deserialize)]
pub struct Credentials {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`.
pub async fn get(State(house): House, visitor: Visitor, Query(onward): Query<Onward>) -> Answer {
    html(&sign_in_page(&house, Form::default(), onward.next)).map_err(|fault| Trouble::new(fault, &visitor))
}

fn sign_in_page(house: &Instance, form: Form, next: String) -> SignIn {
    let practice_hint =
        if house.is_practice() { crate::world::sign_in_hint(&house.policy()) } else { String::new() };
    SignIn { page: frame::public(house, "Sign in", "/sign-in"), form, next, practice_hint }
}

/// `POST /sign-in`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Credentials>,
) -> Answer<Response> {
    let (instance, from) = (house.clone(), visitor.from.clone());
    let (email, password) = (given.email.clone(), given.password);
    let done = blocking(move || sign_in::sign_in(&instance, &email, &password, &from)).await;
    match done {
        Ok(signed_in) => {
            let to = match signed_in.next {
                Next::Done => here(&given.next),
                Next::Code => "/sign-in/code",
                Next::SetUp => "/me/second-factor",
            };
            Ok(([(header::SET_COOKIE, session::keep(&signed_in.token, visitor.secure))], Redirect::to(to))
                .into_response())
        }
        Err(Fault::Invalid(errors)) => {
            let form = Form { values: [("email".to_owned(), given.email)].into(), errors };
            let page = html(&sign_in_page(&house, form, given.next))
                .map_err(|fault| Trouble::new(fault, &visitor))?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

/// An address of this site, never another's: a link must not send anybody elsewhere after signing in.
fn here(next: &str) -> &str {
    let ours = super::is_ours(next);
    if ours { next } else { "/" }
}

/// `POST /sign-out`.
pub async fn sign_out(State(house): House, visitor: Visitor) -> Answer<Response> {
    if let Some(hash) = visitor.session {
        blocking(move || sign_in::sign_out(&house, hash))
            .await
            .map_err(|fault| Trouble::new(fault, &visitor))?;
    }
    Ok(([(header::SET_COOKIE, session::drop(visitor.secure))], Redirect::to("/sign-in")).into_response())
}

/// What the form behind a one-time link sends.
#[derive(Deserialize)]
pub struct Chosing {
    name: String,
    #[serde(default)]
    email: String,
    password: SecretString,
    again: SecretString,
}

/// `GET /set-up/{token}`.
pub async fn set_up(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    set_up_page(&house, &visitor, token, Form::default()).await
}

async fn set_up_page(
    house: &std::sync::Arc<Instance>,
    visitor: &Visitor,
    token: String,
    mut form: Form,
) -> Answer {
    let instance = house.clone();
    let done = blocking(move || {
        let behind = instance.store.read(|tx| staff::behind(tx, &token))?;
        let (email, first) = match behind {
            Behind::First => (String::new(), true),
            Behind::Password(account) => {
                form.values.entry("name".to_owned()).or_insert_with(|| account.name.clone());
                (account.email, false)
            }
        };
        let page = frame::public(&instance, if first { "Set up" } else { "Choose your password" }, "/set-up");
        let health = health(&instance);
        html(&SetUp { page, form, email, first, action: format!("/set-up/{token}"), health })
    });
    done.await.map_err(|fault| Trouble::new(fault, visitor))
}

/// What the instance found about itself, in sentences.
fn health(instance: &Instance) -> Vec<String> {
    let policy = instance.policy();
    let kept = match instance.store.dialect() {
        store::dialect::Dialect::Sqlite => "The database and the files are encrypted with your key.",
        store::dialect::Dialect::Postgres => {
            "Files are encrypted with your key; the database server’s disk must be, too."
        }
    };
    let mail = match &instance.config.smtp {
        Some(smtp) => format!("Mail leaves by {}.", smtp.host),
        None => "No mail server is set in probity.toml yet, so nothing leaves by mail.".to_owned(),
    };
    vec![
        format!(
            "Version {} of the policy of {}, from {}.",
            policy.version,
            policy.controller,
            frame::words(policy.from)
        ),
        kept.to_owned(),
        mail,
    ]
}

/// `POST /set-up/{token}`.
pub async fn chosen(
    State(house): House,
    visitor: Visitor,
    Path(token): Path<String>,
    Posted(given): Posted<Chosing>,
) -> Answer<Response> {
    use secrecy::ExposeSecret;
    let values = [("name".to_owned(), given.name.clone()), ("email".to_owned(), given.email.clone())].into();
    let same = given.password.expose_secret() == given.again.expose_secret();
    let (instance, from, link) = (house.clone(), visitor.from.clone(), token.clone());
    let done = blocking(move || {
        if !same {
            return Err(Fault::field("again", "The two passwords are not the same."));
        }
        let chosen = Chosen { name: given.name, email: given.email, password: given.password };
        let account = staff::choose(&instance, &link, &chosen)?;
        let onward = sign_in::onward(&instance, &account)?;
        Ok((sign_in::open_for(&instance, &account, &from)?, onward))
    });
    match done.await {
        Ok((signed_in, onward)) => {
            let to = match (signed_in.next, onward) {
                (Next::SetUp, _) => "/me/second-factor",
                (_, "/") => "/?said=hello",
                (_, onward) => onward,
            };
            Ok(([(header::SET_COOKIE, session::keep(&signed_in.token, visitor.secure))], Redirect::to(to))
                .into_response())
        }
        Err(Fault::Invalid(errors)) => again(&house, &visitor, token, Form { values, errors }).await,
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

async fn again(
    house: &std::sync::Arc<Instance>,
    visitor: &Visitor,
    token: String,
    form: Form,
) -> Answer<Response> {
    let page: Html<String> = set_up_page(house, visitor, token, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Errors of a form as the page lists them.
#[must_use]
pub fn errors(fields: Vec<FieldError>) -> Form {
    Form { errors: fields, ..Form::default() }
}

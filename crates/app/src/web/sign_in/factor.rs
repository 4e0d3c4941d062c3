//! The second proof: giving a code, setting a telephone up by a picture to scan, and the recovery codes, which are
//! shown once.

use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;

use crate::acts::recovery;
use crate::acts::sign_in::{self, Proved};
use crate::acts::staff::its_password;
use crate::fault::Fault;
use crate::instance::Instance;
use crate::picture::Picture;
use crate::web::page::{Form, Page};
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html};

#[derive(Template)]
#[template(path = "sign_in/second_factor.html")]
struct SecondFactor {
    page: Page,
    form: Form,
    why: String,
    practice: String,
}

#[derive(Template)]
#[template(path = "sign_in/enrol_factor.html")]
struct EnrolFactor {
    page: Page,
    form: Form,
    picture: Option<Picture>,
    secret: String,
    why: String,
    practice: String,
}

#[derive(Template)]
#[template(path = "sign_in/recovery.html")]
struct Recovery {
    page: Page,
    codes: Vec<String>,
    whose: String,
    on: String,
    /// Where to go on: an administrator who has still to print the recovery sheet goes there.
    onward: &'static str,
}

/// What the form for a code sends.
#[derive(Deserialize)]
pub struct Code {
    code: String,
}

const WHY_CODE: &str = "Your account asks for a second proof beside the password.";

/// `GET /sign-in/code`; whoever has none set up yet goes there first.
pub async fn code(State(house): House, visitor: Visitor) -> Answer<Response> {
    code_page(&house, &visitor, Form::default()).await
}

async fn code_page(house: &Arc<Instance>, visitor: &Visitor, form: Form) -> Answer<Response> {
    let (instance, hash) = (house.clone(), visitor.session);
    let done = blocking(move || {
        let (account, session) = sign_in::half_way(&instance, hash.ok_or(Fault::SignIn)?)?;
        if !account.totp_confirmed && !session.second_factor {
            return Ok(Redirect::to("/me/second-factor").into_response());
        }
        let page = html(&SecondFactor {
            page: frame::public(&instance, "Your code", "/sign-in/code"),
            form,
            why: WHY_CODE.to_owned(),
            practice: sign_in::practice_code(&instance, &account)?.unwrap_or_default(),
        })?;
        Ok(unkept(page))
    });
    done.await.map_err(|fault| Trouble::new(fault, visitor))
}

/// `POST /sign-in/code`.
pub async fn give_code(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Code>,
) -> Answer<Response> {
    let (instance, hash) = (house.clone(), visitor.session);
    let done = blocking(move || sign_in::give_code(&instance, hash.ok_or(Fault::SignIn)?, &given.code)).await;
    match done {
        Ok(Proved::Recovery) => Ok(Redirect::to("/me?said=recovery").into_response()),
        Ok(_) => Ok(Redirect::to("/").into_response()),
        Err(Fault::Invalid(errors)) => {
            let page = code_page(&house, &visitor, Form { errors, ..Form::default() }).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

/// `GET /me/second-factor`.
pub async fn enrol(State(house): House, visitor: Visitor) -> Answer<Response> {
    enrol_page(&house, &visitor, Form::default()).await
}

async fn enrol_page(house: &Arc<Instance>, visitor: &Visitor, form: Form) -> Answer<Response> {
    let (instance, hash) = (house.clone(), visitor.session);
    let done = blocking(move || {
        let account = sign_in::setting_up(&instance, hash.ok_or(Fault::SignIn)?)?;
        if account.totp_confirmed {
            return Ok(Redirect::to("/me#second-proof").into_response());
        }
        let policy = instance.policy();
        let factor = sign_in::seed(&instance, &account)?;
        let why = if sign_in::asks_second_factor(&policy, &account.role) {
            format!(
                "Your role, {}, sees data that the policy guards with a password and a code from your phone.",
                account.role
            )
        } else {
            "A code from your phone, beside the password, keeps out whoever finds the password.".to_owned()
        };
        let page = html(&EnrolFactor {
            page: frame::public(&instance, "Your second proof", "/me/second-factor"),
            form,
            picture: factor.picture(&policy.name, &account.email),
            secret: factor.written(),
            practice: if instance.is_practice() {
                factor.code(now()).unwrap_or_default()
            } else {
                String::new()
            },
            why,
        })?;
        Ok(unkept(page))
    });
    done.await.map_err(|fault| Trouble::new(fault, visitor))
}

fn now() -> u64 {
    crate::clock::machine().as_second().unsigned_abs()
}

/// An answer with a secret in it: no browser and no proxy keeps a copy.
fn unkept(page: Html<String>) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], page).into_response()
}

/// `POST /me/second-factor`: the first code of a telephone; the recovery codes are the answer.
pub async fn enrolled(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Code>,
) -> Answer<Response> {
    let (instance, hash) = (house.clone(), visitor.session);
    let done = blocking(move || {
        let hash = hash.ok_or(Fault::SignIn)?;
        let account = sign_in::setting_up(&instance, hash)?;
        match sign_in::give_code(&instance, hash, &given.code)? {
            Proved::SetUp => sheet(&instance, &account).map(Some),
            Proved::Code | Proved::Recovery => Ok(None),
        }
    });
    match done.await {
        Ok(Some(page)) => Ok(page),
        Ok(None) => Ok(Redirect::to("/me").into_response()),
        Err(Fault::Invalid(errors)) => {
            let page = enrol_page(&house, &visitor, Form { errors, ..Form::default() }).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

/// New recovery codes, on a page to print.
fn sheet(instance: &Instance, account: &store::staff::Account) -> Result<Response, Fault> {
    let codes = recovery::renew(instance, account)?;
    let page = html(&Recovery {
        page: frame::public(instance, "Your recovery codes", "/me"),
        codes,
        whose: account.email.clone(),
        onward: sign_in::onward(instance, account)?,
        on: frame::words(instance.clock.today()),
    })?;
    Ok(unkept(page))
}

/// What a form that asks for the password again sends.
#[derive(Deserialize)]
pub struct Again {
    #[serde(alias = "recovery-password", alias = "another-password")]
    password: SecretString,
}

/// `POST /me/recovery`: a new sheet of codes; the one before stops working.
pub async fn renew(State(house): House, visitor: Visitor, Posted(given): Posted<Again>) -> Answer<Response> {
    proved(house, visitor, given, "recovery-password", sheet).await
}

/// `POST /me/second-factor/another`: another telephone.
pub async fn another(
    State(house): House,
    visitor: Visitor,
    Posted(given): Posted<Again>,
) -> Answer<Response> {
    proved(house, visitor, given, "another-password", |instance, account| {
        recovery::another_telephone(instance, account)?;
        Ok(Redirect::to("/me/second-factor").into_response())
    })
    .await
}

/// Does something for an account that is signed in completely and types its password again.
async fn proved(
    house: Arc<Instance>,
    visitor: Visitor,
    given: Again,
    field: &'static str,
    act: impl FnOnce(&Instance, &store::staff::Account) -> Result<Response, Fault> + Send + 'static,
) -> Answer<Response> {
    let (instance, hash) = (house.clone(), visitor.session);
    let done = blocking(move || {
        let policy = instance.policy();
        let account = instance.store.read(|tx| sign_in::whose(tx, &policy, hash.ok_or(Fault::SignIn)?))?.0;
        its_password(&instance, &account, &given.password, field)?;
        act(&instance, &account)
    });
    match done.await {
        Ok(answer) => Ok(answer),
        Err(Fault::Invalid(errors)) => crate::web::me::again(house, &visitor, errors).await,
        Err(fault) => Err(Trouble::new(fault, &visitor)),
    }
}

//! The key and its recovery sheet: shown to whoever may manage staff, after their password and their code are asked for
//! again, on a page that nobody keeps a copy of; and that somebody has it in their hands.

use askama::Template;
use axum::Form as Posted;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use policy::role::Deed;
use secrecy::SecretString;
use serde::Deserialize;

use crate::acts::key::{self as acts, Sheet};
use crate::acts::staff::its_password;
use crate::acts::{Acting, restore, sign_in};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::print;
use crate::web::page::{Form, Page, Tab};
use crate::web::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};

#[derive(Template)]
#[template(path = "admin/key.html")]
struct Key {
    page: Page,
    tabs: Vec<Tab>,
    form: Form,
    confirmed: String,
    wanted: bool,
    code: bool,
    practice: String,
}

#[derive(Template)]
#[template(path = "admin/sheet.html")]
struct SheetPage {
    page: Page,
    sheet: Sheet,
    on: String,
}

/// `GET /admin/key`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    page(house, &visitor, Form::default()).await
}

async fn page(house: House, visitor: &Visitor, form: Form) -> Answer<Html<String>> {
    let path = visitor.path.clone();
    read(house, visitor, move |acting, tx| {
        acting.must(Deed::ManageStaff)?;
        let instance = acting.instance;
        let account = acting.account.as_ref().ok_or(Fault::SignIn)?;
        html(&Key {
            page: frame::page(acting, "Recovery sheet", "admin", &path),
            tabs: super::tabs("/admin"),
            form,
            confirmed: acts::confirmed(instance, tx)?.map_or_else(String::new, frame::words),
            wanted: acts::wanted(instance),
            code: account.totp_confirmed,
            practice: sign_in::practice_code(instance, account)?.unwrap_or_default(),
        })
    })
    .await
}

async fn again(
    house: House,
    visitor: &Visitor,
    errors: Vec<crate::web::page::FieldError>,
) -> Answer<Response> {
    let shown = page(house, visitor, Form { errors, ..Form::default() }).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// What the form sends that asks who one is once more.
#[derive(Deserialize)]
pub struct Again {
    password: SecretString,
    #[serde(default)]
    code: String,
    #[serde(default, rename = "as")]
    form: String,
}

/// `POST /admin/key/sheet`: the sheet, as a page to print or as a PDF.
pub async fn sheet(State(house): House, visitor: Visitor, Posted(given): Posted<Again>) -> Answer<Response> {
    let (instance, hash) = (house.clone(), visitor.session);
    let pdf = given.form == "pdf";
    let made = blocking(move || proved(&instance, hash, &given)).await;
    let (sheet, shown) = match made {
        Ok(made) => made,
        Err(Fault::Invalid(errors)) => return again(State(house), &visitor, errors).await,
        Err(fault) => return Err(Trouble::new(fault, &visitor)),
    };
    if !pdf {
        return Ok(([(header::CACHE_CONTROL, "no-store")], shown).into_response());
    }
    let stamp = crate::clock::machine().as_millisecond();
    let bytes = print::run(::print::Template::Sheet, &sheet, stamp).await;
    let bytes = bytes.map_err(|failure| Trouble::new(Fault::Other(failure.to_string()), &visitor))?;
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"recovery-sheet.pdf\""),
    ];
    Ok((headers, bytes).into_response())
}

/// The sheet, for whoever has proved once more who they are.
fn proved(
    instance: &Instance,
    hash: Option<[u8; 32]>,
    given: &Again,
) -> Result<(Sheet, Html<String>), Fault> {
    let policy = instance.policy();
    let account = instance.store.read(|tx| sign_in::whose(tx, &policy, hash.ok_or(Fault::SignIn)?))?.0;
    let acting = Acting::staff(instance, account.clone())?;
    acting.must(Deed::ManageStaff)?;
    restore::refused(instance)?;
    its_password(instance, &account, &given.password, "password")?;
    sign_in::its_code(instance, &account, &given.code)?;
    let sheet = instance.store.write(|tx| acts::sheet(&acting, tx))?;
    let mut shown = SheetPage {
        page: frame::public(instance, "Recovery sheet", "/admin/key"),
        on: frame::words(sheet.on),
        sheet,
    };
    let page = html(&shown)?;
    shown.page = Page::default();
    Ok((shown.sheet, page))
}

/// What somebody typed off the sheet.
#[derive(Deserialize)]
pub struct Group {
    group: String,
}

/// `POST /admin/key/confirmation`: somebody holds the sheet.
pub async fn confirm(house: House, visitor: Visitor, Posted(given): Posted<Group>) -> Answer<Response> {
    let done =
        write(house.clone(), &visitor, move |acting, tx| acts::confirm(acting, tx, &given.group)).await;
    match done {
        Ok(()) => Ok(Redirect::to("/admin/key?said=sheet").into_response()),
        Err(trouble) => again(house, &visitor, trouble.invalid()?).await,
    }
}

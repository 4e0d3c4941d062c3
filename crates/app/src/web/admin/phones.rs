//! Address books on phones of a member of staff: switched on for categories of people, and ended.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::StaffId;
use policy::count::counted;
use policy::role::Deed;
use store::phone::Phone;
use store::{Tx, phone};

use crate::acts::{Acting, phone as acts};
use crate::fault::Fault;
use crate::web::error::{Told, told_page};
use crate::web::page::{Choice, Form, Page, Tab, ticked};
use crate::web::people::capital;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "admin/phones.html")]
struct Phones {
    page: Page,
    tabs: Vec<Tab>,
    called: String,
    email: String,
    server: String,
    here: String,
    may: bool,
    rows: Vec<Row>,
    form: Form,
    categories: Vec<Choice>,
    password: String,
}

struct Row {
    href: String,
    whom: String,
    state: String,
    tone: String,
    last: String,
    stands: bool,
}

/// `GET /admin/staff/{id}/phones`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, StaffId(id), (Form::default(), &[], ""), &path))
        .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    whose: StaffId,
    (form, ticked, password): (Form, &[String], &str),
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManageStaff)?;
    let account = store::staff::get(tx, whose)?;
    let categories = acting.policy.categories.iter().map(|category| Choice {
        value: category.name.clone(),
        words: capital(&category.name),
        hint: String::new(),
        chosen: ticked.contains(&category.name),
    });
    let rows = phone::of_staff(tx, whose)?.into_iter().map(|held| row(acting, whose, held));
    html(&Phones {
        page: frame::page(acting, "Phones", "admin", path),
        tabs: super::tabs("/admin/staff"),
        called: account.name,
        email: account.email,
        server: format!("{}/dav/", acting.instance.public_address()),
        here: format!("/admin/staff/{whose}/phones"),
        may: account.until.is_none(),
        rows: rows.collect(),
        form,
        categories: categories.collect(),
        password: password.to_owned(),
    })
}

fn row(acting: &Acting<'_>, whose: StaffId, held: Phone) -> Row {
    let on = |at| frame::words(acting.instance.clock.zone().to_datetime(at).date());
    let looked = held.seen_at.map_or_else(
        || "It has not looked yet.".to_owned(),
        |at| {
            let people = counted(held.people.unsigned_abs(), "person");
            format!("It looked on {}, and was told of {people}.", on(at))
        },
    );
    let (state, tone, last) = match (held.ended_on, held.emptied_on) {
        (None, _) => ("On", "good", looked),
        (Some(ended), Some(emptied)) => {
            let last = format!(
                "Ended on {}; told on {} that nobody is in it.",
                frame::words(ended),
                frame::words(emptied)
            );
            ("Ended", "", last)
        }
        (Some(ended), None) if held.people > 0 => {
            let last =
                format!("Ended on {}. It has not looked since, and may hold copies.", frame::words(ended));
            ("Ended", "wait", last)
        }
        (Some(ended), None) => ("Ended", "", format!("Ended on {}.", frame::words(ended))),
    };
    Row {
        href: format!("/admin/staff/{whose}/phones/{}/end", held.id),
        whom: capital(&held.categories),
        state: state.to_owned(),
        tone: tone.to_owned(),
        last,
        stands: held.ended_on.is_none(),
    }
}

/// `POST /admin/staff/{id}/phones`: switches one on, and shows its password.
pub async fn add(
    State(house): House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let ticked = ticked(&given, "categories");
    let (whose, categories) = (StaffId(id), ticked.clone());
    let done =
        write(State(house.clone()), &visitor, move |acting, tx| acts::add(acting, tx, whose, &categories));
    let here = format!("/admin/staff/{id}/phones");
    match done.await {
        Ok((_, password)) => {
            let shown = read(State(house), &visitor, move |acting, tx| {
                page(acting, tx, whose, (Form::default(), &[], &password), &here)
            });
            Ok(shown.await?.into_response())
        }
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let form = Form { errors, ..Form::default() };
                let shown = read(State(house), &visitor, move |acting, tx| {
                    page(acting, tx, whose, (form, &ticked, ""), &here)
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, shown.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(told_page(told)),
        },
    }
}

/// `POST /admin/staff/{id}/phones/{phone}/end`.
pub async fn end(house: House, visitor: Visitor, Path((id, phone)): Path<(i64, i64)>) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| acts::end(acting, tx, phone)).await?;
    Ok(Redirect::to(&format!("/admin/staff/{id}/phones?said=saved")))
}

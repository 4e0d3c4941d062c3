//! Members of staff: inviting, a new sign-in link, leaving.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::StaffId;
use policy::Policy;
use policy::count::with_article;
use policy::role::{Deed, Reach, Role};
use serde::Deserialize;
use store::Tx;
use store::staff::{Account, NewAccount};

use crate::acts::{Acting, recovery, sign_in, staff as acts};
use crate::fault::Fault;
use crate::web::error::Told;
use crate::web::page::{Choice, Form, Link, Page, Tab};
use crate::web::people::capital;
use crate::web::{Answer, House, Visitor, frame, html, read, write};

#[derive(Template)]
#[template(path = "admin/staff.html")]
struct Staff {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    form: Form,
    roles: Vec<Choice>,
    link: String,
    link_for: String,
}

struct Row {
    href: String,
    name: String,
    email: String,
    role: String,
    sees: String,
    last: String,
    state: String,
    tone: String,
    factor: String,
    resets: bool,
    leaving: bool,
    heirs: Vec<Choice>,
    roles: Vec<Choice>,
    /// Of whoever has left: what they are still held as here, with where that is ended.
    held: Vec<Link>,
}

/// `GET /admin/staff`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, Form::default(), None, &path)).await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    form: Form,
    made: Option<(String, String)>,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::ManageStaff)?;
    let all = store::staff::all(tx)?;
    let rows =
        all.iter().map(|account| Ok(Row { held: held(acting, tx, account)?, ..row(acting, account, &all) }));
    let rows = rows.collect::<Result<_, Fault>>()?;
    let (link_for, link) = made.unwrap_or_default();
    let roles = acting.policy.roles.iter().map(|role| Choice {
        value: role.name.clone(),
        words: capital(&role.name),
        hint: sees(&acting.policy, role),
        chosen: form.value("role") == role.name,
    });
    html(&Staff {
        page: frame::page(acting, "Staff", "admin", path),
        tabs: super::tabs("/admin/staff"),
        rows,
        roles: roles.collect(),
        form,
        link,
        link_for,
    })
}

/// What whoever has left is still held as, where whoever looks may say that they no longer are.
fn held(acting: &Acting<'_>, tx: &Tx<'_>, account: &Account) -> Result<Vec<Link>, Fault> {
    let Some(until) = account.until else { return Ok(Vec::new()) };
    let mut links = Vec::new();
    for person in store::staff::held_as(tx, account)? {
        for category in crate::acts::ending::of_them(acting, &acting.life(tx, person)?) {
            let words = with_article(&category);
            let category = crate::web::people::escape(&category);
            links.push(Link {
                href: format!("/people/{person}/no-longer?category={category}&on={until}"),
                words: format!("Held as {words}: they no longer are"),
            });
        }
    }
    Ok(links)
}

fn row(acting: &Acting<'_>, account: &Account, all: &[Account]) -> Row {
    let policy = &acting.policy;
    let here = account.until.is_none();
    let (state, tone) = match (&account.until, &account.password) {
        (Some(until), _) => (format!("left on {}", frame::words(*until)), ""),
        (None, None) => ("invited".to_owned(), "wait"),
        (None, Some(_)) => ("here".to_owned(), "good"),
    };
    let factor = match (account.totp_confirmed, sign_in::asks_second_factor(policy, &account.role)) {
        (true, _) => "second proof set up",
        (false, true) => "second proof still to be set up",
        (false, false) => "",
    };
    let heirs = all.iter().filter(|other| other.until.is_none() && other.id != account.id);
    Row {
        href: format!("/admin/staff/{}", account.id),
        name: account.name.clone(),
        email: account.email.clone(),
        sees: policy
            .role_named(&account.role)
            .map_or_else(|| "not in this policy".to_owned(), |role| sees(policy, role)),
        role: account.role.clone(),
        last: format!("since {}", frame::words(account.since)),
        roles: policy
            .roles
            .iter()
            .map(|role| Choice {
                value: role.name.clone(),
                words: capital(&role.name),
                hint: String::new(),
                chosen: role.name == account.role,
            })
            .collect(),
        state,
        tone: tone.to_owned(),
        factor: factor.to_owned(),
        resets: here && account.totp_confirmed,
        leaving: here,
        held: Vec::new(),
        heirs: heirs
            .map(|heir| Choice {
                value: heir.id.to_string(),
                words: heir.name.clone(),
                hint: String::new(),
                chosen: false,
            })
            .collect(),
    }
}

/// What a role may see, in words.
#[must_use]
pub fn sees(policy: &Policy, role: &Role) -> String {
    let sights = role.sights.iter().map(|sight| {
        let kinds = sight.kinds.iter().filter_map(|kind| policy.kind(kind));
        let kinds: Vec<&str> = kinds.map(|kind| kind.name.as_str()).collect();
        let what = if kinds.len() * 3 > policy.kinds.len() * 2 {
            "nearly everything".to_owned()
        } else {
            kinds.join(", ")
        };
        let categories = sight.categories.iter().filter_map(|id| policy.categories.get(id.index()));
        let whom: Vec<&str> = categories.map(|category| category.name.as_str()).collect();
        let of = if whom.is_empty() { String::new() } else { format!(" of {}", whom.join(", ")) };
        let near = if sight.reach == Reach::Assigned { ", on work assigned to them" } else { "" };
        let only = if sight.only_to_answer { ", only to answer a request" } else { "" };
        format!("{what}{of}{near}{only}")
    });
    sights.collect::<Vec<_>>().join("; ")
}

/// What the form for an invitation sends.
#[derive(Deserialize, Clone)]
pub struct Inviting {
    name: String,
    email: String,
    #[serde(default)]
    role: String,
}

/// `POST /admin/staff`.
pub async fn invite(house: House, visitor: Visitor, Posted(given): Posted<Inviting>) -> Answer<Response> {
    let State(instance) = &house;
    let values = [("name", &given.name), ("email", &given.email), ("role", &given.role)];
    let values = values.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let name = given.name.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let new = NewAccount {
            name: &given.name,
            email: &given.email,
            role: &given.role,
            person: None,
            since: acting.today,
        };
        acts::invite(acting, tx, &new).map(|(_, link)| link)
    });
    match done.await {
        Ok(link) => shown(house, visitor, StatusCode::OK, Form::default(), Some((name, link))).await,
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                shown(house, visitor, StatusCode::UNPROCESSABLE_ENTITY, Form { values, errors }, None).await
            }
            told @ Told::Refused(_) => Ok(crate::web::error::told_page(told)),
        },
    }
}

async fn shown(
    house: House,
    visitor: Visitor,
    status: StatusCode,
    form: Form,
    made: Option<(String, String)>,
) -> Answer<Response> {
    let State(instance) = &house;
    let address = instance.public_address();
    let made = made.map(|(name, token)| (name, format!("{address}/set-up/{token}")));
    let page =
        read(house, &visitor, move |acting, tx| page(acting, tx, form.clone(), made.clone(), "/admin/staff"));
    Ok((status, page.await?).into_response())
}

/// `POST /admin/staff/{id}/link`.
pub async fn link(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let State(instance) = &house;
    let made = write(State(instance.clone()), &visitor, move |acting, tx| {
        let account = store::staff::get(tx, StaffId(id))?;
        Ok((account.name, acts::link(acting, tx, StaffId(id))?))
    });
    let made = made.await?;
    shown(house, visitor, StatusCode::OK, Form::default(), Some(made)).await
}

/// Who takes over.
#[derive(Deserialize)]
pub struct Leaving {
    heir: i64,
}

/// `POST /admin/staff/{id}/left`.
pub async fn left(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Leaving>,
) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| acts::leave(acting, tx, StaffId(id), StaffId(given.heir)))
        .await?;
    Ok(Redirect::to("/admin/staff?said=left"))
}

/// `POST /admin/staff/{id}/second-factor`: phone and recovery codes are lost, so they begin anew.
pub async fn begin_anew(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| recovery::begin_anew(acting, tx, StaffId(id))).await?;
    Ok(Redirect::to("/admin/staff?said=anew"))
}

/// Which role is given.
#[derive(Deserialize)]
pub struct Given {
    role: String,
}

/// `POST /admin/staff/{id}/role`.
pub async fn role(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Redirect> {
    write(house, &visitor, move |acting, tx| acts::give_role(acting, tx, StaffId(id), &given.role)).await?;
    Ok(Redirect::to("/admin/staff?said=role"))
}

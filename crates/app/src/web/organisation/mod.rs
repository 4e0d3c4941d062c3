//! Organisations: the list, and one with the people who belong to it.

use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{OrganisationId, PersonId};
use custody::{Grant, Sealed};
use policy::role::Deed;
use serde::Deserialize;
use store::life::{For, load_readable};
use store::organisation::{self, Changed, Details, Subscriber};
use store::{Tx, item, person};

use super::error::Told;
use super::page::{Choice, FieldError, Form, Link, Page, Pager};
use super::people::{escape, grant, told_unread};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::{Acting, organisation as acts};
use crate::fault::Fault;

mod ringing;

pub use ringing::{call_page, check_number, record_call};

/// How many organisations a page shows.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "organisation/organisations.html")]
struct Organisations {
    page: Page,
    q: String,
    rows: Vec<Row>,
    pager: Pager,
    form: Form,
    lines: Vec<Choice>,
    any: bool,
    may_add: bool,
}

struct Row {
    href: String,
    name: String,
    people: u64,
    words: String,
}

#[derive(Template)]
#[template(path = "organisation/organisation.html")]
struct OrganisationPage {
    page: Page,
    grant: Grant,
    base: String,
    name: String,
    typed: String,
    version: i64,
    lines: Vec<Choice>,
    phone: String,
    website: String,
    form: Form,
    facts: Vec<Fact>,
    people: Vec<Member>,
    former: Vec<Member>,
    unread: String,
    works: Vec<Link>,
    /// Where it is called; empty where it is not, or not by whoever looks.
    ring: String,
    may_change: bool,
}

struct Fact {
    label: String,
    words: String,
}

struct Member {
    href: String,
    name: Sealed,
    job: Option<Sealed>,
    since: String,
    left_href: String,
}

/// What the address of the list says.
#[derive(Deserialize, Default, Clone)]
pub struct Asks {
    #[serde(default)]
    q: String,
    after: Option<i64>,
}

/// `GET /organisations`.
pub async fn list(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| list_page(acting, tx, &asks, Form::default(), &path)).await
}

fn list_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asks: &Asks,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let found = organisation::page(tx, &asks.q, asks.after.map(OrganisationId), PAGE)?;
    let more = found.len() as u32 == PAGE;
    let last = found.last().filter(|_| more).map(|last| last.id);
    let mut rows = Vec::with_capacity(found.len());
    for organisation in found {
        let members = organisation::members(tx, organisation.id, acting.today)?;
        rows.push(Row {
            href: format!("/organisations/{}", organisation.id),
            words: organisation.details.phone.clone().unwrap_or_default(),
            name: organisation.details.name,
            people: members.len() as u64,
        });
    }
    let older =
        last.map_or_else(String::new, |last| format!("/organisations?q={}&after={last}", escape(&asks.q)));
    html(&Organisations {
        page: frame::page(acting, "Organisations", "people", path),
        any: !rows.is_empty() || !asks.q.is_empty(),
        q: asks.q.clone(),
        rows,
        pager: Pager { older, ..Pager::default() },
        lines: lines(Subscriber::named(form.value("subscriber"))),
        form,
        may_add: acting.may(Deed::AddPeople),
    })
}

/// What the form for a new organisation, or a changed one, sends. What it leaves away stays as it is.
#[derive(Deserialize)]
pub struct Named {
    name: String,
    #[serde(default)]
    version: i64,
    subscriber: Option<String>,
    phone: Option<String>,
    website: Option<String>,
}

impl Named {
    /// What is known of the organisation with what the form says.
    fn on(&self, was: Details) -> Details {
        let subscriber = self.subscriber.as_deref().map_or(was.subscriber, Subscriber::named);
        let or_as_it_was = |typed: &Option<String>, was: Option<String>| match typed.as_deref().map(str::trim)
        {
            Some(typed) => Some(typed.to_owned()).filter(|typed| !typed.is_empty()),
            None => was,
        };
        let phone = or_as_it_was(&self.phone, was.phone);
        let website = or_as_it_was(&self.website, was.website);
        Details { name: self.name.trim().to_owned(), subscriber, phone, website, ..was }
    }

    /// The same as the form shows it again.
    fn typed(&self, errors: Vec<FieldError>) -> Form {
        let mut values = vec![("name".to_owned(), self.name.clone())];
        let others = [("subscriber", &self.subscriber), ("phone", &self.phone), ("website", &self.website)];
        values.extend(others.into_iter().filter_map(|(name, typed)| Some((name.to_owned(), typed.clone()?))));
        Form { values: values.into_iter().collect(), errors }
    }
}

/// What sort of organisation it is, to choose from.
fn lines(chosen: Subscriber) -> Vec<Choice> {
    let all = [
        (Subscriber::Unknown, "Not known yet"),
        (Subscriber::Corporate, "A company, a limited liability partnership or a public body"),
        (Subscriber::Individual, "A sole trader or an ordinary partnership"),
    ];
    let choice = |(line, words): (Subscriber, &str)| Choice {
        value: line.name().to_owned(),
        words: words.to_owned(),
        hint: String::new(),
        chosen: line == chosen,
    };
    all.map(choice).into()
}

/// `POST /organisations`.
pub async fn add(house: House, visitor: Visitor, Posted(given): Posted<Named>) -> Answer<Response> {
    let State(instance) = &house;
    let details = given.on(nothing_known());
    match write(State(instance.clone()), &visitor, move |acting, tx| acts::add(acting, tx, &details)).await {
        Ok(organisation) => {
            Ok(Redirect::to(&format!("/organisations/{organisation}?said=added")).into_response())
        }
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => {
                let form = given.typed(errors);
                let page = read(house, &visitor, move |acting, tx| {
                    list_page(acting, tx, &Asks::default(), form.clone(), "/organisations")
                });
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
            }
            told @ Told::Refused(_) => Ok(super::error::told_page(told)),
        },
    }
}

fn nothing_known() -> Details {
    Details {
        name: String::new(),
        subscriber: Subscriber::Unknown,
        phone: None,
        email: None,
        address: None,
        website: None,
        notes: None,
    }
}

/// `GET /organisations/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, OrganisationId(id), Form::default(), &path))
        .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: OrganisationId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let organisation = organisation::one(tx, id)?;
    let mut ids: Vec<PersonId> = organisation::members(tx, id, acting.today)?;
    ids.extend(organisation::former_members(tx, id, acting.today)?);
    ids.sort_unstable();
    ids.dedup();
    let read = load_readable(tx, &acting.policy, &ids, acting.today, For::Decisions)?;
    let ids: Vec<PersonId> = read.lives.iter().map(|life| life.person).collect();
    let unread = person::within(tx, &acting.reach(), read.unread)?.len();
    let grant = grant(acting, &read.lives)?;
    if !grant.people().is_empty() {
        acting.opens("organisation.read", &grant);
    }
    let names = person::names(tx, &acting.policy, &ids)?;
    let title = acting.policy.kind_named("job title").map(|kind| kind.id);
    let jobs = item::of_people(tx, &acting.policy, &ids)?;
    let belongings = organisation::of_people(tx, &ids)?;
    let (mut here, mut former) = (Vec::new(), Vec::new());
    for belonging in belongings.into_iter().filter(|belonging| belonging.organisation == id) {
        let name = names.iter().find(|name| name.person() == belonging.person && name.open(&grant).is_ok());
        let Some(name) = name.cloned() else { continue };
        let job = jobs.iter().find(|job| job.person == belonging.person && Some(job.kind) == title);
        let gone = belonging.until.is_some_and(|until| until <= acting.today);
        let member = Member {
            href: format!("/people/{}", belonging.person),
            name,
            job: job.map(|job| job.value.clone()).filter(|job| job.open(&grant).is_ok()),
            since: match (belonging.since, belonging.until) {
                (_, Some(until)) => format!("until {}", frame::words(until)),
                (Some(since), None) => format!("since {}", frame::words(since)),
                (None, None) => String::new(),
            },
            left_href: match gone || !acting.may(Deed::AddPeople) {
                true => String::new(),
                false => format!("/organisations/{id}/people/{}/left", belonging.person),
            },
        };
        if gone { former.push(member) } else { here.push(member) }
    }
    let rings = crate::acts::ringing::may_ring(acting, &organisation.details);
    html(&OrganisationPage {
        page: frame::page(acting, "An organisation", "people", path),
        base: format!("/organisations/{id}"),
        facts: facts(&organisation.details),
        typed: match form.value("name") {
            "" => organisation.details.name.clone(),
            typed => typed.to_owned(),
        },
        lines: lines(match form.value("subscriber") {
            "" => organisation.details.subscriber,
            typed => Subscriber::named(typed),
        }),
        phone: match form.values.get("phone") {
            Some(typed) => typed.clone(),
            None => organisation.details.phone.unwrap_or_default(),
        },
        website: match form.values.get("website") {
            Some(typed) => typed.clone(),
            None => organisation.details.website.unwrap_or_default(),
        },
        name: organisation.details.name,
        version: organisation.version,
        form,
        people: here,
        former,
        unread: frame::unread(told_unread(acting, unread)),
        works: Vec::new(),
        ring: if rings { format!("/organisations/{id}/call") } else { String::new() },
        may_change: acting.may(Deed::AddPeople),
        grant,
    })
}

fn facts(details: &Details) -> Vec<Fact> {
    let line = match details.subscriber {
        Subscriber::Corporate => {
            "a company's: the corporate preference list counts too, and offers may be e-mailed to addresses of its own"
        }
        Subscriber::Individual => {
            "an individual's, as a sole trader's or a partnership's is: offers are e-mailed only to whoever agreed"
        }
        Subscriber::Unknown => {
            "not known yet; both lists are looked at, and offers are e-mailed only to whoever agreed"
        }
    };
    let known = [
        ("Phone", &details.phone),
        ("E-mail", &details.email),
        ("Address", &details.address),
        ("Website", &details.website),
    ];
    let known = known.into_iter().filter_map(|(label, words)| Some((label, words.clone()?)));
    known
        .chain([("Their line is", line.to_owned())])
        .map(|(label, words)| Fact { label: label.to_owned(), words })
        .collect()
}

/// `POST /organisations/{id}`.
pub async fn change(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Named>,
) -> Answer<Response> {
    let State(instance) = &house;
    let given = Arc::new(given);
    let wanted = Arc::clone(&given);
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let was = organisation::one(tx, OrganisationId(id))?;
        acts::change(acting, tx, OrganisationId(id), wanted.version, &wanted.on(was.details))
    });
    let errors = match done.await {
        Ok(Changed::Stored(_)) => {
            return Ok(Redirect::to(&format!("/organisations/{id}?said=saved")).into_response());
        }
        Ok(Changed::Conflict(now)) => {
            let words = format!(
                "Somebody changed this in the meantime: it is called \u{201c}{}\u{201d} now. What you typed stands \
                 below and is not saved.",
                now.details.name
            );
            vec![FieldError { field: "name".to_owned(), words }]
        }
        Err(trouble) => match trouble.told()? {
            Told::Invalid(errors) => errors,
            told @ Told::Refused(_) => return Ok(super::error::told_page(told)),
        },
    };
    let form = given.typed(errors);
    let shown = read(house, &visitor, move |acting, tx| {
        page(acting, tx, OrganisationId(id), form.clone(), &format!("/organisations/{id}"))
    });
    Ok((StatusCode::CONFLICT, shown.await?).into_response())
}

//! Mail of which nobody has said whose it is: what waits, one message as the mailbox has it, and what becomes of it. What is
//! shown of a message is fetched for the page and held nowhere.

use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::PersonId;
use policy::role::Deed;
use store::Tx;
use store::mailbox::Waiting;

use super::error::Told;
use super::page::{Choice, Day, Form, Page, Refused, Tab};
use super::pick::{self, Picker};
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, people, read, requests, write};
use crate::acts::mailbox::{Arrived, UNREADABLE, asks, having, waiting as acts};
use crate::acts::{Acting, request};
use crate::attachment::Reader;
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "mailbox/waiting.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    /// Whether a mailbox is read at all.
    read: bool,
}

struct Row {
    href: String,
    words: String,
    why: String,
    arrived: Day,
}

#[derive(Template)]
#[template(path = "mailbox/message.html")]
struct Message {
    page: Page,
    action: String,
    why: String,
    arrived: Day,
    /// What the mailbox says of it, or why nothing.
    shown: Option<Shown>,
    trouble: String,
    asks: String,
    whose: Option<Picker>,
    categories: Vec<Choice>,
    may_open: bool,
    refused: Option<Refused>,
    form: Form,
}

/// A message as it lies in the mailbox.
struct Shown {
    from: String,
    name: String,
    subject: String,
    text: String,
    files: Vec<String>,
    left_out: Vec<String>,
}

/// Why nobody has a message, in words.
fn why(waiting: &Waiting) -> &'static str {
    match waiting.why.as_str() {
        "unknown" => "From an address we do not know",
        "several" => "From an address that several people have",
        "refused" => "From somebody we know, about whom the policy has no place for it",
        UNREADABLE => "About somebody of whom what is stored cannot be read: have it put right first",
        "challenge" => "A machine asks us to show that a person writes to it",
        _ => "It could not be read",
    }
}

/// What it may be asking, in words.
fn may_ask(asks: Option<&str>) -> String {
    let known = request::ASKS.iter().find(|(word, ..)| Some(*word) == asks).map(|(.., words)| *words);
    match (known, asks) {
        (Some(words), _) => format!("\u{201c}{words}\u{201d}"),
        (None, Some(_)) => "a complaint".to_owned(),
        (None, None) => String::new(),
    }
}

/// `GET /mail`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let rows = acts::all(acting, tx)?.into_iter().map(|waiting| {
            let asks = may_ask(waiting.asks.as_deref());
            Row {
                href: format!("/mail/{}", waiting.id),
                words: why(&waiting).to_owned(),
                why: if asks.is_empty() { String::new() } else { format!("It may be a request: {asks}") },
                arrived: frame::day(waiting.arrived_on, acting.today),
            }
        });
        let rows = rows.collect();
        let tabs = match acting.may(Deed::AnswerRequests) {
            true => requests::tabs("Mail"),
            false => Vec::new(),
        };
        let read = acting.instance.config.imap.is_some();
        html(&List { page: frame::page(acting, "Mail", "requests", &path), tabs, rows, read })
    })
    .await
}

/// One that waits, and what the mailbox says of it.
async fn fetched(
    instance: &Arc<crate::instance::Instance>,
    visitor: &Visitor,
    id: i64,
) -> Answer<Result<Option<Arrived>, String>> {
    let waiting =
        read(State(Arc::clone(instance)), visitor, move |acting, tx| acts::one(acting, tx, id)).await?;
    let instance = Arc::clone(instance);
    let found = blocking(move || {
        let Some(imap) = &instance.config.imap else {
            return Ok(Err("no mailbox is set in probity.toml any more".to_owned()));
        };
        let reader = Reader::this().map_err(|error| Fault::Other(error.to_string()))?;
        Ok(acts::fetched(&instance, imap, &reader, &waiting))
    });
    let found = found.await;
    found.map_err(|fault| Trouble::new(fault, visitor))
}

/// `GET /mail/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    page(house, &visitor, id, Form::default(), None).await
}

async fn page(
    State(instance): House,
    visitor: &Visitor,
    id: i64,
    form: Form,
    refused: Option<Refused>,
) -> Answer {
    let found = fetched(&instance, visitor, id).await?;
    let path = visitor.path.clone();
    read(State(instance), visitor, move |acting, tx| {
        let waiting = acts::one(acting, tx, id)?;
        let (shown, trouble) = match &found {
            Ok(Some(arrived)) => (Some(shown(arrived)), String::new()),
            Ok(None) => (None, "It does not lie in the mailbox any more.".to_owned()),
            Err(why) => (None, format!("It cannot be read now: {why}.")),
        };
        let whose = match &found {
            Ok(Some(arrived)) => Some(whose(acting, tx, arrived, form)?),
            _ => None,
        };
        let (whose, form) = whose.map_or((None, Form::default()), |(whose, form)| (Some(whose), form));
        let may_add = acting.may(Deed::AddPeople) && shown.is_some();
        html(&Message {
            page: frame::page(acting, "A message", "requests", &path),
            action: format!("/mail/{id}"),
            why: why(&waiting).to_owned(),
            arrived: frame::day(waiting.arrived_on, acting.today),
            asks: may_ask(waiting.asks.as_deref()),
            may_open: shown.is_some(),
            categories: if may_add { people::new::categories(acting) } else { Vec::new() },
            shown,
            trouble,
            whose,
            refused,
            form,
        })
    })
    .await
}

fn shown(arrived: &Arrived) -> Shown {
    let letter = &arrived.letter;
    Shown {
        from: letter.from.clone().unwrap_or_else(|| "no address".to_owned()),
        name: letter.name.clone(),
        subject: letter.subject.clone(),
        text: letter.text.clone(),
        files: arrived.files().map(str::to_owned).collect(),
        left_out: letter.left_out.clone(),
    }
}

/// Whom it is filed to: whoever has the address by now is chosen to begin with.
fn whose(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    arrived: &Arrived,
    mut form: Form,
) -> Result<(Picker, Form), Fault> {
    let from = arrived.letter.from.as_deref();
    if form.value("person").is_empty()
        && let Some([one]) = from.map(|from| having(acting, tx, from)).transpose()?.as_deref()
    {
        form.values.insert("person".to_owned(), one.to_string());
    }
    Ok((pick::of_people(acting, tx, ("person", "Whose is it?"), "", &form)?, form))
}

/// `POST /mail/{id}`: file it, add them, open a request, or leave it where it lies.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let value = |name: &str| {
        given.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str()).to_owned()
    };
    let State(instance) = &house;
    let form = |errors| Form { values: given.iter().cloned().collect(), errors };
    match value("do").as_str() {
        "leave" => {
            write(house, &visitor, move |acting, tx| acts::leave(acting, tx, id)).await?;
            return Ok(Redirect::to("/mail?said=left-there").into_response());
        }
        "add" | "open" => {
            let Ok(Some(arrived)) = fetched(instance, &visitor, id).await? else {
                return Ok(page(house, &visitor, id, form(Vec::new()), None).await?.into_response());
            };
            let (category, add) = (value("category"), value("do") == "add");
            let page = read(house, &visitor, move |acting, tx| match add {
                true => people::new::from_mail(acting, tx, &category, &arrived),
                false => requests::new::from_mail(acting, tx, id, &arrived),
            });
            return Ok(page.await?.into_response());
        }
        _ => {}
    }
    if let Some(errors) = pick::unfinished(value, &["person"]) {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Ok((status, page(house, &visitor, id, form(errors), None).await?).into_response());
    }
    let Ok(person) = value("person").parse().map(PersonId) else {
        let errors = vec![super::page::FieldError {
            field: "person".to_owned(),
            words: "Choose whose it is.".to_owned(),
        }];
        let page = page(house, &visitor, id, form(errors), None).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let Ok(Some(mut arrived)) = fetched(instance, &visitor, id).await? else {
        return Ok(page(house, &visitor, id, form(Vec::new()), None).await?.into_response());
    };
    let filed =
        write(house.clone(), &visitor, move |acting, tx| acts::file(acting, tx, id, person, &mut arrived));
    match filed.await {
        Ok(_) => Ok(Redirect::to(&format!("/people/{person}?said=noted")).into_response()),
        Err(trouble) => match trouble.told()? {
            Told::Refused(refused) => {
                let page = page(house, &visitor, id, form(Vec::new()), Some(*refused)).await?;
                Ok((StatusCode::FORBIDDEN, page).into_response())
            }
            Told::Invalid(errors) => {
                let page = page(house, &visitor, id, form(errors), None).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
        },
    }
}

/// What a message may be asking, for the form that opens a request.
pub(super) fn suggested(arrived: &Arrived) -> Option<&'static str> {
    asks::suggested(&arrived.letter.subject, &arrived.letter.text)
}

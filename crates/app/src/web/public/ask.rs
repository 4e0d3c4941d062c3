//! Asking us, without signing in and without JavaScript: what it is about in ordinary words, where to answer, the answers once
//! more to check, and then a reference with the day by which we answer. The page says the same to everybody.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use policy::law::uk::REGULATOR;
use serde::Deserialize;

use super::super::page::{Choice, FieldError, Form, Page};
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::Acting;
use crate::acts::asking::{self, Asking, CHOICES, COMPLAINT, Taken};
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/ask.html")]
struct Ask {
    page: Page,
    kinds: Vec<Choice>,
    form: Form,
    contact: Contact,
}

#[derive(Template)]
#[template(path = "public/check.html")]
struct Check {
    page: Page,
    given: Given,
    lines: Vec<(String, String, String)>,
    due: String,
}

#[derive(Template)]
#[template(path = "public/taken.html")]
struct TakenPage {
    page: Page,
    reference: String,
    due: String,
    at_once: bool,
    complaint: bool,
    no_contact: bool,
    contact: Contact,
}

/// How to reach us, and where else to complain.
struct Contact {
    email: String,
    phone: String,
    regulator: String,
    site: String,
    helpline: String,
}

/// What the form sends, and what an address that opens it may say.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Given {
    kind: String,
    name: String,
    reach: String,
    words: String,
    behalf: String,
    authority: String,
    step: String,
}

impl Given {
    fn asking(&self) -> Asking {
        let text = |text: &String| text.trim().to_owned();
        Asking {
            ask: self.kind.clone(),
            name: text(&self.name),
            reach: text(&self.reach),
            words: self.words.clone(),
            behalf: text(&self.behalf),
            authority: text(&self.authority),
        }
    }

    fn form(&self, errors: Vec<FieldError>) -> Form {
        let values = [
            ("name", &self.name),
            ("reach", &self.reach),
            ("words", &self.words),
            ("behalf", &self.behalf),
            ("authority", &self.authority),
        ];
        Form {
            values: values.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect(),
            errors,
        }
    }
}

fn contact(house: &Instance) -> Contact {
    let policy = house.policy();
    let named = policy.recipients.iter().find(|recipient| recipient.name == "regulator");
    Contact {
        email: policy.contact.email.clone(),
        phone: policy.contact.phone.clone().unwrap_or_default(),
        regulator: named.map_or_else(|| REGULATOR.name.to_owned(), |recipient| recipient.words.clone()),
        site: REGULATOR.site.to_owned(),
        helpline: REGULATOR.phone.to_owned(),
    }
}

fn page(house: &Instance, given: &Given, errors: Vec<FieldError>) -> Result<Html<String>, Fault> {
    let kinds = CHOICES.iter().map(|(word, words, hint)| Choice {
        value: (*word).to_owned(),
        words: (*words).to_owned(),
        hint: (*hint).to_owned(),
        chosen: *word == given.kind,
    });
    html(&Ask {
        page: frame::public(house, "Ask us about your data", "/ask"),
        kinds: kinds.collect(),
        form: given.form(errors),
        contact: contact(house),
    })
}

/// `GET /ask?kind=`.
pub async fn get(State(house): House, visitor: Visitor, Query(given): Query<Given>) -> Answer {
    page(&house, &given, Vec::new()).map_err(|fault| Trouble::new(fault, &visitor))
}

/// `POST /ask`: the answers once more, or back to them, or it is sent.
pub async fn post(State(house): House, visitor: Visitor, Posted(given): Posted<Given>) -> Answer<Response> {
    let trouble = |fault: Fault| Trouble::new(fault, &visitor);
    let back = |status: StatusCode, errors: Vec<FieldError>| {
        page(&house, &given, errors).map(|page| (status, page).into_response()).map_err(trouble)
    };
    if given.step == "change" {
        return back(StatusCode::OK, Vec::new());
    }
    if let Err(Fault::Invalid(errors)) = asking::checked(&given.asking()) {
        return back(StatusCode::UNPROCESSABLE_ENTITY, errors);
    }
    if given.step != "send" {
        return check(&house, &given).map(IntoResponse::into_response).map_err(trouble);
    }
    if let Some(wait) = too_often(&house, &visitor) {
        return back(StatusCode::TOO_MANY_REQUESTS, vec![wait]);
    }
    let (instance, asking) = (house.clone(), given.asking());
    let taken = blocking(move || {
        instance.store.write(|tx| {
            let acting = Acting::subject(&instance);
            let taken = asking::take(&acting, tx, &asking)?;
            acting.into_views().iter().try_for_each(|view| view.write(tx))?;
            Ok::<_, Fault>(taken)
        })
    });
    match taken.await {
        Ok(taken) => said(&house, &given, &taken).map(IntoResponse::into_response).map_err(trouble),
        Err(Fault::Invalid(errors)) => back(StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(fault) => Err(trouble(fault)),
    }
}

/// Whether too much came from there, or from everywhere, in the last hour.
fn too_often(house: &Instance, visitor: &Visitor) -> Option<FieldError> {
    let now = crate::clock::machine();
    let some = house.asked.count(visitor.from.address.as_deref(), now).is_err();
    let words = format!(
        "A great many requests came in the last hour, so this one was not taken. Nothing you wrote is lost: send it again later, \
         or write to {}. It counts from the day it reaches us, however it comes.",
        house.policy().contact.email
    );
    some.then(|| FieldError { field: "main".to_owned(), words })
}

/// The day that would be named today, for the page that checks.
fn due(house: &Instance, kind: &str) -> String {
    let (policy, today) = (house.policy(), house.clock.today());
    let due = match kind {
        COMPLAINT => store::complaint::due(&policy, today).due,
        asking::BY_ANYBODY => None,
        _ => {
            let none = store::request::Events::default();
            store::request::Clock::of(&policy, store::request::Kind::Access, today, &none).due
        }
    };
    due.map_or_else(String::new, frame::words)
}

fn check(house: &Instance, given: &Given) -> Result<Html<String>, Fault> {
    let kind = CHOICES.iter().find(|(word, ..)| *word == given.kind).map_or("", |(_, words, _)| *words);
    let line =
        |label: &str, words: &str, field: &str| (label.to_owned(), words.trim().to_owned(), field.to_owned());
    let mut lines = vec![
        line("What you want", kind, "kind"),
        line("Your name", &given.name, "name"),
        line("Where we answer", &given.reach, "reach"),
        line("In your words", &given.words, "words"),
        line("Asked for you by", &given.behalf, "behalf"),
        line("What lets them ask", &given.authority, "authority"),
    ];
    lines.retain(|(_, words, _)| !words.is_empty());
    html(&Check {
        page: frame::public(house, "Check what you are sending", "/ask"),
        given: given.clone(),
        lines,
        due: due(house, &given.kind),
    })
}

fn said(house: &Instance, given: &Given, taken: &Taken) -> Result<Html<String>, Fault> {
    html(&TakenPage {
        page: frame::public(house, "We have it", "/ask"),
        reference: taken.reference.clone(),
        due: taken.due.map_or_else(String::new, frame::words),
        at_once: taken.at_once,
        complaint: given.kind == COMPLAINT,
        no_contact: given.kind == "no contact",
        contact: contact(house),
    })
}

//! The policy's public forms, without signing in and without JavaScript: what the form declares and nothing else, what becomes of it
//! in the words of the notice, and then a reference and what happens next. The page says the same to everybody.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use policy::notice::{self, Section, slug};
use policy::phrase::{Voice, rule_words};
use policy::policy::Form as Declared;
use policy::{Activity, Kind, Policy, Sort};
use store::normal::Shape;

use super::super::page::{Choice, FieldError, Form, Page};
use super::super::people::capital;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::form::{self as acts, Sent, Taken, Way};
use crate::acts::{Acting, consent};
use crate::clock::machine;
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/form.html")]
struct FormPage {
    page: Page,
    action: String,
    title: String,
    fields: Vec<Field>,
    /// What it may be about, where the form knows several ways.
    ways: Vec<Choice>,
    /// What is held only if they agree to it, in the words they agree to.
    boxes: Vec<Choice>,
    tick: String,
    ticked: bool,
    told: Vec<Told>,
    version: u32,
    when: String,
    contact: Contact,
    form: Form,
}

#[derive(Template)]
#[template(path = "public/form_taken.html")]
struct TakenPage {
    page: Page,
    reference: String,
    when: String,
    contact: Contact,
}

/// One question.
struct Field {
    name: String,
    label: String,
    hint: String,
    kind: &'static str,
    autocomplete: &'static str,
    /// Whether several lines may be written.
    long: bool,
}

/// What the notice says of one activity.
struct Told {
    title: String,
    lines: Vec<String>,
    /// The whole part, as the notice's own renderer writes it, which escapes.
    html: String,
}

/// How else to reach us.
struct Contact {
    email: String,
    phone: String,
}

fn contact(policy: &Policy) -> Contact {
    Contact { email: policy.contact.email.clone(), phone: policy.contact.phone.clone().unwrap_or_default() }
}

/// One question of those that a form asks.
fn field(asked: &[&Kind], kind: &Kind) -> Field {
    let (shape, long) = (Shape::of(&kind.name), kind.sort == Sort::Entry);
    let lines = asked.iter().filter(|kind| kind.sort == Sort::Entry).count();
    let hint = match asked.iter().filter(|kind| acts::reaches(kind)).count() {
        _ if acts::needed(asked, kind) => "",
        _ if long || shape == Shape::Words => "You may leave this out.",
        1 => "",
        _ => "One way to reach you is enough.",
    };
    Field {
        name: slug(&kind.name),
        label: match (long, lines) {
            (true, 1) => "Your message".to_owned(),
            _ => capital(&kind.words),
        },
        hint: hint.to_owned(),
        kind: match shape {
            Shape::Email => "email",
            Shape::Phone => "tel",
            Shape::Words => "text",
        },
        autocomplete: match (shape, kind.name.as_str()) {
            (Shape::Email, _) => "email",
            (Shape::Phone, _) => "tel",
            (Shape::Words, "name") => "name",
            (Shape::Words, "organisation") => "organization",
            (Shape::Words, "job title") => "organization-title",
            (Shape::Words, _) => "off",
        },
        long,
    }
}

/// What the notice says of an activity: the least of it, and the whole part.
fn told(policy: &Policy, activity: &Activity) -> Told {
    let mut lines = Vec::new();
    if let Some(so_that) = &activity.so_that {
        lines.push(format!(
            "We ({}) use what you write so that {}.",
            policy.controller,
            so_that.trim_end_matches('.')
        ));
    }
    let rules = activity.rules.iter().filter_map(|id| policy.rules.get(id.index()));
    lines.extend(rules.map(|rule| format!("How long: {}.", rule_words(policy, rule, Voice::You))));
    let part = notice::of_activity(policy, activity);
    // No two things on the page may have the same id.
    let part = Section { id: format!("notice-{}", part.id), ..part };
    // What it leads to stands in the whole notice.
    let html = notice::section_html(&part, 3).replace("href=\"#", "href=\"/privacy#");
    Told { title: activity.title.clone(), lines, html }
}

fn page(
    house: &Instance,
    name: &str,
    given: &[(String, String)],
    errors: Vec<FieldError>,
) -> Result<Html<String>, Fault> {
    let policy = house.policy();
    let declared = acts::named(&policy, name).ok_or(Fault::NotFound)?;
    let ways = acts::ways(&policy, declared);
    let activities = each_once(ways.iter());
    let one_activity = activities.len() == 1;
    let chosen = value(given, "about");
    let shared = |way: &Way<'_>| ways.iter().filter(|other| other.activity.id == way.activity.id).count() > 1;
    let about = ways.iter().filter(|_| ways.len() > 1).map(|way| Choice {
        value: way.key(),
        words: match (one_activity, shared(way)) {
            (true, _) => capital(&way.category.words),
            (false, true) => format!("{}: {}", way.activity.title, way.category.words),
            (false, false) => way.activity.title.clone(),
        },
        hint: match &way.activity.so_that {
            Some(so_that) if !one_activity => format!("So that {so_that}."),
            _ => String::new(),
        },
        chosen: way.key() == chosen,
    });
    let boxes = each_once(ways.iter().filter(|way| way.by_consent())).into_iter().map(|activity| Choice {
        value: activity.name.clone(),
        words: consent::wording(&policy, activity),
        hint: String::new(),
        chosen: agrees(given, activity),
    });
    let asked: Vec<&Kind> = acts::fields(&policy, declared).collect();
    html(&FormPage {
        page: frame::public(house, declared.title.clone(), &acts::address(declared)),
        action: acts::address(declared),
        title: declared.title.clone(),
        fields: asked.iter().map(|kind| field(&asked, kind)).collect(),
        ways: about.collect(),
        boxes: boxes.collect(),
        tick: declared.tick.clone().unwrap_or_default(),
        ticked: !value(given, "tick").is_empty(),
        told: activities.iter().map(|activity| told(&policy, activity)).collect(),
        version: policy.version,
        when: super::version(policy.version, policy.from),
        contact: contact(&policy),
        form: Form { values: given.iter().cloned().collect(), errors },
    })
}

/// The activities of some ways, each once.
fn each_once<'w, 'p: 'w>(ways: impl Iterator<Item = &'w Way<'p>>) -> Vec<&'p Activity> {
    let mut all: Vec<&Activity> = Vec::new();
    for way in ways {
        if !all.iter().any(|known| known.id == way.activity.id) {
            all.push(way.activity);
        }
    }
    all
}

/// Whether the box of an activity was ticked.
fn agrees(given: &[(String, String)], activity: &Activity) -> bool {
    given.iter().any(|(field, value)| field == "agreed" && *value == activity.name)
}

fn value<'g>(given: &'g [(String, String)], field: &str) -> &'g str {
    given.iter().find(|(known, _)| known == field).map_or("", |(_, value)| value.as_str())
}

/// What the form sends, as the act takes it.
fn sent(policy: &Policy, declared: &Declared, given: &[(String, String)]) -> Sent {
    let about = value(given, "about").to_owned();
    let ways = acts::ways(policy, declared);
    let chosen = match ways.as_slice() {
        [only] => Some(only),
        all => all.iter().find(|way| way.key() == about),
    };
    let values = acts::fields(policy, declared)
        .map(|kind| (kind.name.clone(), value(given, &slug(&kind.name)).to_owned()));
    Sent {
        form: declared.name.clone(),
        values: values.collect(),
        agreed: chosen.is_some_and(|way| agrees(given, way.activity)),
        about,
        ticked: !value(given, "tick").is_empty(),
        version: value(given, "notice").parse().unwrap_or_default(),
    }
}

/// `GET /forms/{form}`.
pub async fn get(State(house): House, visitor: Visitor, Path(name): Path<String>) -> Answer {
    page(&house, &name, &[], Vec::new()).map_err(|fault| Trouble::new(fault, &visitor))
}

/// `POST /forms/{form}`.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(name): Path<String>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let trouble = |fault: Fault| Trouble::new(fault, &visitor);
    let back = |status: StatusCode, errors: Vec<FieldError>| {
        page(&house, &name, &given, errors).map(|page| (status, page).into_response()).map_err(trouble)
    };
    let sent = match looked_at(&house, &name, &given) {
        Ok(sent) => sent,
        Err(Fault::Invalid(errors)) => return back(StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(fault) => return Err(trouble(fault)),
    };
    if let Some(wait) = too_often(&house, &visitor) {
        return back(StatusCode::TOO_MANY_REQUESTS, vec![wait]);
    }
    let instance = house.clone();
    let taken = blocking(move || {
        let take = || {
            instance.store.write(|tx| {
                let acting = Acting::system(&instance, acts::BY);
                let taken = acts::take(&acting, tx, &sent)?;
                acting.into_views().iter().try_for_each(|view| view.write(tx))?;
                Ok::<_, Fault>(taken)
            })
        };
        instance.written_lately.once(&sent, machine(), take)
    });
    match taken.await {
        Ok(taken) => said(&house, &taken).map(IntoResponse::into_response).map_err(trouble),
        Err(Fault::Invalid(errors)) => back(StatusCode::UNPROCESSABLE_ENTITY, errors),
        // Whoever wrote can do nothing about it, and keeps what they wrote.
        Err(Fault::Refused(refusal)) => {
            tracing::error!(clause = %refusal.clause_words, "the policy has no place for what its own form brought");
            back(StatusCode::FORBIDDEN, vec![no_place(&house)])
        }
        Err(fault) => Err(trouble(fault)),
    }
}

/// What came has no place under the policy, which `probity check` finds in most cases (`W-FORM`).
fn no_place(house: &Instance) -> FieldError {
    let words = format!(
        "We cannot take this here: our own rules have no place for it. Nothing you wrote is lost. Please send it to {} instead, \
         and tell us that this form does not work.",
        house.policy().contact.email
    );
    FieldError { field: "main".to_owned(), words }
}

/// What was sent, if nothing of it is to put right.
fn looked_at(house: &Instance, name: &str, given: &[(String, String)]) -> Result<Sent, Fault> {
    let policy = house.policy();
    let declared = acts::named(&policy, name).ok_or(Fault::NotFound)?;
    let sent = sent(&policy, declared, given);
    acts::checked(&policy, declared, &sent)?;
    Ok(sent)
}

/// Whether too much came from there, or from everywhere, in the last hour.
fn too_often(house: &Instance, visitor: &Visitor) -> Option<FieldError> {
    let now = machine();
    let some = house.written.count(visitor.from.address.as_deref(), now).is_err();
    let words = format!(
        "A great many messages came in the last hour, so this one was not taken. Nothing you wrote is lost: send it again later, \
         or write to {}.",
        house.policy().contact.email
    );
    some.then(|| FieldError { field: "main".to_owned(), words })
}

fn said(house: &Instance, taken: &Taken) -> Result<Html<String>, Fault> {
    let policy = house.policy();
    html(&TakenPage {
        page: frame::public(house, "We have it", "/forms"),
        reference: taken.reference.clone(),
        when: super::version(policy.version, policy.from),
        contact: contact(&policy),
    })
}

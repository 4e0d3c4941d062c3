//! Writing down what somebody asks, in ten seconds, by whoever takes the call: whether they may answer or not, and whether we
//! know who asks or not. Whoever may not answer hears our reference and the day, and nothing of whom it was filed to.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{PersonId, TaskId};
use custody::{Grant, Sealed};
use jiff::civil::Date;
use policy::law::uk;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, request};

use super::super::page::{Choice, FieldError, Form, Page};
use super::super::people::{capital, escape};
use super::super::person::called;
use super::super::show::filters;
use super::super::{Answer, House, Visitor, frame, html, mailbox as mail, read, today, write};
use super::one::ways;
use crate::acts::asking::{self, COMPLAINT};
use crate::acts::mailbox::{self, Asked};
use crate::acts::request::{self as acts, Arrived, Who};
use crate::acts::{Acting, complaint, task};
use crate::fault::Fault;

/// How a request can reach us.
const CHANNELS: &[&str] =
    &["e-mail", "telephone", "letter", "form", "in person", "text message", "social media"];

#[derive(Template)]
#[template(path = "requests/new.html")]
struct New {
    page: Page,
    grant: Grant,
    form: Form,
    person: Option<Sealed>,
    person_id: String,
    kinds: Vec<Choice>,
    how: Vec<Choice>,
    today: String,
    /// The message it is opened from, and what opens its words.
    asked: Option<Asked>,
    /// What asked whether a message is a request.
    task: String,
    /// The message that waits, where it is nobody's yet.
    mail: String,
    /// Whether whoever writes it down may answer it, too.
    answers: bool,
    /// What was just written down: our reference, the day and who sees to it, in sentences.
    taken: Vec<String>,
    known: Vec<Choice>,
}

/// What the form sends, and what an address that opens it may say.
#[derive(Deserialize, Clone, Default)]
pub struct Opening {
    #[serde(default)]
    person: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    how: String,
    #[serde(default)]
    received: String,
    #[serde(default)]
    reach: String,
    #[serde(default)]
    behalf: String,
    #[serde(default)]
    authority: String,
    #[serde(default)]
    seen: String,
    #[serde(default)]
    task: String,
    #[serde(default)]
    mail: String,
    /// How whoever takes it knows who asks.
    #[serde(default)]
    known: String,
    /// The reference of what was just written down.
    #[serde(default)]
    taken: String,
}

fn new_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    given: &Opening,
    errors: Vec<FieldError>,
    path: &str,
) -> Result<Html<String>, Fault> {
    let answers = acting.may(Deed::AnswerRequests);
    let mut given = given.clone();
    let asked = match given.task.parse() {
        // What was typed already is not filled in again.
        Ok(task) if errors.is_empty() => mailbox::asked(acting, tx, TaskId(task))?,
        _ => None,
    };
    if let Some(asked) = &asked {
        given.person = asked.person.to_string();
        given.kind.clone_from(&asked.asks);
        given.how = asked.how.to_owned();
        given.received = asked.on.to_string();
    }
    let whom = given.person.parse().ok().map(PersonId);
    let grant = match answers {
        true => acts::listing(acting, tx, whom.as_slice())?,
        false => today::names(acting, tx, whom.as_slice())?,
    };
    let named = match whom {
        Some(whom) => called(acting, tx, whom, &grant)?,
        None => None,
    };
    let received = given.received.parse().unwrap_or(acting.today);
    let values = [
        ("who", &given.who),
        ("words", &given.words),
        ("reach", &given.reach),
        ("behalf", &given.behalf),
        ("authority", &given.authority),
        ("seen", &given.seen),
    ];
    let form = Form {
        values: values.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        errors,
    };
    html(&New {
        page: frame::page(acting, "New request", "requests", path),
        grant,
        form,
        person_id: given.person.clone(),
        person: named,
        kinds: kinds(acting, &given.kind, received),
        how: channels(acting).iter().map(|how| choice(how, how, &given.how)).collect(),
        today: received.to_string(),
        asked,
        task: given.task.clone(),
        mail: given.mail.clone(),
        answers,
        taken: taken(acting, tx, &given)?,
        known: known(&given.known),
    })
}

/// How whoever takes it knows who asks: it need not be said at once.
fn known(chosen: &str) -> Vec<Choice> {
    let later =
        Choice { words: "Not sure: whoever answers finds out".to_owned(), chosen: true, ..Choice::default() };
    std::iter::once(later).chain(ways(chosen, false)).collect()
}

/// What whoever took it and may not answer is told of it: nothing but what follows from what they wrote themselves.
fn taken(acting: &Acting<'_>, tx: &Tx<'_>, given: &Opening) -> Result<Vec<String>, Fault> {
    if store::id::referred(&given.taken).is_none() {
        return Ok(Vec::new());
    }
    let received = given.received.parse().unwrap_or(acting.today);
    let due = match given.kind.as_str() {
        kind if asking::AT_ONCE.contains(&kind) => {
            "It counts at once, for whoever has what you wrote.".to_owned()
        }
        COMPLAINT => match store::complaint::due(&acting.policy, received).due {
            Some(due) => format!("They hear by {} that we have it.", frame::words(due)),
            None => String::new(),
        },
        _ => {
            let none = request::Events::default();
            let due = request::Clock::of(&acting.policy, request::Kind::Access, received, &none).due;
            due.map_or_else(String::new, |due| format!("They have an answer by {}.", frame::words(due)))
        }
    };
    let staff = store::staff::all(tx)?;
    let who = task::whoever(acting, tx, Deed::AnswerRequests, &[])?;
    let who = staff.iter().find(|account| Some(account.id) == who);
    let who =
        who.map_or_else(String::new, |account| format!("{}, {}, sees to it.", account.name, account.role));
    let said = format!("Written down. Our reference is {}: give it to whoever asks.", given.taken);
    Ok([said, due, who].into_iter().filter(|words| !words.is_empty()).collect())
}

/// The form filled in from a message that waits.
///
/// # Errors
/// Whatever the store says.
pub(in crate::web) fn from_mail(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: i64,
    arrived: &mailbox::Arrived,
) -> Result<Html<String>, Fault> {
    let from = arrived.letter.from.clone().unwrap_or_default();
    let given = Opening {
        who: from.clone(),
        kind: mail::suggested(arrived).unwrap_or_default().to_owned(),
        words: arrived.letter.text.clone(),
        how: "e-mail".to_owned(),
        received: arrived.on.to_string(),
        reach: from,
        mail: id.to_string(),
        ..Opening::default()
    };
    new_page(acting, tx, &given, Vec::new(), "/requests/new")
}

/// What a request was opened from is answered with it.
fn came_by_mail(acting: &Acting<'_>, tx: &Tx<'_>, given: &Opening) -> Result<(), Fault> {
    if let Ok(task) = given.task.parse() {
        mailbox::is_request(acting, tx, TaskId(task))?;
    }
    match given.mail.parse() {
        Ok(id) => mailbox::waiting::opened(acting, tx, id),
        Err(_) => Ok(()),
    }
}

/// How it can have reached us: in the ways that the policy names, and in those that count whether it names them or not.
pub(super) fn channels(acting: &Acting<'_>) -> Vec<String> {
    let mut ways: Vec<String> = acting.policy.requests.asked.clone();
    for way in CHANNELS {
        // A policy says `phone` and `post`.
        let same = |known: &String| {
            known == way || matches!((known.as_str(), *way), ("phone", "telephone") | ("post", "letter"))
        };
        if !ways.iter().any(same) {
            ways.push((*way).to_owned());
        }
    }
    ways
}

pub(super) fn choice(value: &str, words: &str, chosen: &str) -> Choice {
    Choice { value: value.to_owned(), words: capital(words), hint: String::new(), chosen: value == chosen }
}

/// What can be asked, each with the day its answer would be due.
fn kinds(acting: &Acting<'_>, chosen: &str, received: Date) -> Vec<Choice> {
    let law = uk::deadline(&uk::Asked::new(uk::Kind::Access, received, acting.policy.nation)).due;
    let own = acting.policy.requests.own_period.and_then(|period| received.checked_add(period).ok());
    let due = law.into_iter().chain(own).min().map_or_else(String::new, frame::words);
    let complaint = Choice {
        hint: store::complaint::due(&acting.policy, received)
            .due
            .map_or_else(String::new, |due| format!("Say by {} that we have it", frame::words(due))),
        ..choice(COMPLAINT, "They complain about how we handle their data", chosen)
    };
    acts::ASKS
        .iter()
        .map(|(word, _, words)| Choice {
            hint: match *word {
                "no contact" | "advertising" => "Done at once".to_owned(),
                _ => format!("Answer by {due}"),
            },
            ..choice(word, words, chosen)
        })
        .chain([complaint])
        .collect()
}

/// `GET /requests/new?kind=&person=`.
pub async fn new(house: House, visitor: Visitor, Query(given): Query<Opening>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| new_page(acting, tx, &given, Vec::new(), &path)).await
}

/// `POST /requests`.
pub async fn open(house: House, visitor: Visitor, Posted(given): Posted<Opening>) -> Answer<Response> {
    let State(instance) = &house;
    let arrived = given.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let who = match arrived.person.parse() {
            Ok(person) => Who::Held(PersonId(person)),
            Err(_) => Who::Said(arrived.who.clone()),
        };
        came_by_mail(acting, tx, &arrived)?;
        let received = arrived.received.parse();
        let some = |text: &'_ String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (reach, behalf, authority) =
            (some(&arrived.reach), some(&arrived.behalf), some(&arrived.authority));
        if arrived.kind == COMPLAINT {
            let new = complaint::Arrived {
                received_on: received
                    .map_err(|_| Fault::field("received", "Choose the day it reached us."))?,
                channel: arrived.how.clone(),
                words: arrived.words.clone(),
                reach,
                behalf: behalf.map(|who| format!("{who}: {}", authority.unwrap_or_default())),
            };
            let complaint = complaint::open(acting, tx, &who, &new)?;
            return Ok(to(acting, &arrived, ("complaints", complaint.0)));
        }
        let new = Arrived {
            ask: arrived.kind.clone(),
            who,
            received_on: received.map_err(|_| Fault::field("received", "Choose the day it reached us."))?,
            channel: arrived.how.clone(),
            words: arrived.words.clone(),
        };
        let from = request::From {
            reach: reach.as_deref(),
            behalf: behalf.as_deref(),
            authority: authority.as_deref(),
            seen_on: arrived.seen.parse().ok(),
        };
        let known = Some(arrived.known.as_str()).filter(|known| !known.is_empty());
        let request = acts::taken(acting, tx, &new, (&from, known))?;
        Ok(to(acting, &arrived, ("requests", request.0)))
    });
    match done.await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(trouble) => {
            let errors = trouble.invalid()?;
            let path = visitor.path.clone();
            let page = read(house, &visitor, move |acting, tx| new_page(acting, tx, &given, errors, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

/// Where whoever wrote it down goes: to what they answer, or to the form again, which says what to tell whoever asks.
fn to(acting: &Acting<'_>, given: &Opening, (page, id): (&str, i64)) -> String {
    if acting.may(Deed::AnswerRequests) {
        return format!("/{page}/{id}?said=noted");
    }
    let reference = store::id::reference(id);
    format!(
        "/requests/new?taken={}&kind={}&received={}",
        escape(&reference),
        escape(&given.kind),
        escape(&given.received)
    )
}

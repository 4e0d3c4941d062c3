//! The rights desk: who waits for an answer, and writing down what somebody asks in ten seconds.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{PersonId, TaskId};
use custody::{Grant, Sealed};
use jiff::civil::Date;
use policy::law::uk;
use serde::Deserialize;
use store::request::{self, Kind, SubjectRequest};
use store::staff::Account;
use store::{Tx, person};

use super::page::{Choice, Day, FieldError, Form, Page, Step, Tab};
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::asking::COMPLAINT;
use crate::acts::mailbox::{self, Asked};
use crate::acts::request::{self as acts, Arrived, Who};
use crate::acts::{Acting, complaint};
use crate::fault::Fault;

pub mod erasure;
pub mod one;
pub mod registers;
pub mod review;
pub mod words;

/// How many requests a list shows.
const ROWS: u32 = 100;

/// How a request can reach us.
const CHANNELS: &[&str] =
    &["e-mail", "telephone", "letter", "form", "in person", "text message", "social media"];

#[derive(Template)]
#[template(path = "requests/requests.html")]
struct Requests {
    page: Page,
    grant: Grant,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    open: bool,
}

struct Row {
    href: String,
    who: Option<Sealed>,
    initials: String,
    kind: String,
    received: Day,
    due: Day,
    left: String,
    tone: String,
    steps: Vec<Step>,
    owner: String,
}

/// What the address of the desk says.
#[derive(Deserialize, Clone, Default)]
pub struct Asks {
    #[serde(default)]
    state: String,
}

/// The tabs of the desk, with the one that is shown.
pub(super) fn tabs(here: &str) -> Vec<Tab> {
    [
        ("/requests", "Open"),
        ("/requests?state=answered", "Answered"),
        ("/complaints", "Complaints"),
        ("/mail", "Mail"),
        ("/registers", "Registers"),
    ]
    .iter()
    .map(|(href, words)| Tab { href: (*href).to_owned(), words: (*words).to_owned(), here: *words == here })
    .collect()
}

/// The name a list shows for a request: as we hold it, or as they gave it.
fn name(
    tx: &Tx<'_>,
    acting: &Acting<'_>,
    asked: &SubjectRequest,
    grant: &Grant,
) -> Result<Option<Sealed>, Fault> {
    let Some(whom) = asked.person else { return Ok(None) };
    let held = person::names(tx, &acting.policy, &[whom])?;
    let held = held.into_iter().find(|name| name.open(grant).is_ok());
    Ok(held.or_else(|| asked.name.clone().filter(|name| name.open(grant).is_ok())))
}

/// How it stands with the day: words and tone.
fn left(asked: &SubjectRequest, today: Date) -> (String, &'static str) {
    if let Some(on) = asked.answered_on.or(asked.closed_on) {
        return (format!("answered {}", frame::words(on)), "good");
    }
    let Some(due) = asked.due_on else {
        let since =
            asked.paused_on.or(asked.identity_asked_on).or(asked.fee_asked_on).unwrap_or(asked.received_on);
        return (format!("waits for them since {}", frame::words(since)), "wait");
    };
    match due.since(today).map_or(0, |span| span.get_days()) {
        0 => ("today is the last day".to_owned(), "late"),
        1 => ("1 day left".to_owned(), "wait"),
        days @ 2.. => (format!("{days} days left"), if days <= 7 { "wait" } else { "" }),
        -1 => ("1 day overdue".to_owned(), "late"),
        days => (format!("{} days overdue", -days), "late"),
    }
}

/// The bar of a request: what is behind it and where it stands.
fn bar(asked: &SubjectRequest, steps: &[request::Step]) -> Vec<Step> {
    let has = |names: &[&str]| steps.iter().any(|step| names.contains(&step.step.as_str()));
    let answered = asked.answered_on.is_some();
    let mut bar = vec![("Received", true), ("Identity", has(&["identity known", "identity proved"]))];
    match asked.kind {
        Kind::Access | Kind::Portability => bar.push(("Pack", has(&["pack made"]))),
        Kind::Erasure => bar.push(match asked.outcome.as_deref() {
            Some(request::REFUSED) => ("Refused", true),
            Some("partly") => ("Erased in part", has(&["erased"])),
            _ => ("Erased", has(&["erased"])),
        }),
        Kind::Restriction => bar.push(("Restricted", has(&["restricted"]))),
        Kind::NoContact => bar.push(("Stopped", has(&["stopped"]))),
        Kind::Rectification | Kind::Objection => {}
    }
    bar.push(("Answered", answered));
    let here = bar.iter().position(|(_, done)| !done);
    bar.into_iter()
        .enumerate()
        .map(|(place, (words, done))| Step { words: words.to_owned(), done, here: Some(place) == here })
        .collect()
}

fn owner(staff: &[Account], asked: &SubjectRequest) -> String {
    let known = staff.iter().find(|account| Some(account.id) == asked.owner);
    known.map_or_else(|| "nobody yet".to_owned(), |account| account.name.clone())
}

/// `GET /requests?state=`.
pub async fn get(house: House, visitor: Visitor, Query(asks): Query<Asks>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(policy::role::Deed::AnswerRequests)?;
        let open = asks.state != "answered";
        let found = match open {
            true => request::open_ones(tx, &acting.policy, ROWS)?,
            false => request::closed_ones(tx, &acting.policy, None, ROWS)?,
        };
        let people: Vec<PersonId> = found.iter().filter_map(|asked| asked.person).collect();
        let grant = acts::listing(acting, tx, &people)?;
        let staff = store::staff::all(tx)?;
        let mut rows = Vec::new();
        for asked in &found {
            let (left, tone) = left(asked, acting.today);
            rows.push(Row {
                href: format!("/requests/{}", asked.id),
                who: name(tx, acting, asked, &grant)?,
                initials: asked.initials.clone().unwrap_or_else(|| "somebody".to_owned()),
                kind: acts::words(asked.kind).to_owned(),
                received: frame::day(asked.received_on, acting.today),
                due: frame::day(asked.due_on.unwrap_or(asked.received_on), acting.today),
                left,
                tone: tone.to_owned(),
                steps: bar(asked, &request::steps(tx, &acting.policy, asked)?),
                owner: owner(&staff, asked),
            });
        }
        let tabs = tabs(if open { "Open" } else { "Answered" });
        html(&Requests { page: frame::page(acting, "Requests", "requests", &path), grant, tabs, rows, open })
    })
    .await
}

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
}

fn new_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    given: &Opening,
    errors: Vec<FieldError>,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(policy::role::Deed::AnswerRequests)?;
    let mut given = given.clone();
    let asked = match given.task.parse() {
        // What was typed already is not filled in again.
        Ok(task) if errors.is_empty() => mailbox::asked(acting, tx, TaskId(task))?,
        _ => None,
    };
    if let Some(asked) = &asked {
        given.person = asked.person.to_string();
        given.kind.clone_from(&asked.asks);
        given.how = "e-mail".to_owned();
        given.received = asked.on.to_string();
    }
    let whom = given.person.parse().ok().map(PersonId);
    let grant = acts::listing(acting, tx, whom.as_slice())?;
    let named = match whom {
        Some(whom) => {
            person::names(tx, &acting.policy, &[whom])?.into_iter().find(|name| name.open(&grant).is_ok())
        }
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
    })
}

/// The form filled in from a message that waits.
///
/// # Errors
/// [`Fault::Refused`] unless the role answers requests.
pub(super) fn from_mail(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: i64,
    arrived: &mailbox::Arrived,
) -> Result<Html<String>, Fault> {
    let from = arrived.letter.from.clone().unwrap_or_default();
    let given = Opening {
        who: from.clone(),
        kind: super::mailbox::suggested(arrived).unwrap_or_default().to_owned(),
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
fn channels(acting: &Acting<'_>) -> Vec<String> {
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

fn choice(value: &str, words: &str, chosen: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        words: super::people::capital(words),
        hint: String::new(),
        chosen: value == chosen,
    }
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
            return Ok(format!("/complaints/{}", complaint::open(acting, tx, &who, &new)?));
        }
        let new = Arrived {
            ask: arrived.kind.clone(),
            who,
            received_on: received.map_err(|_| Fault::field("received", "Choose the day it reached us."))?,
            channel: arrived.how.clone(),
            words: arrived.words.clone(),
        };
        let request = acts::open(acting, tx, &new)?;
        let open = request::one(tx, &acting.policy, request)?.closed_on.is_none();
        if open && (reach.is_some() || behalf.is_some()) {
            let from = request::From {
                reach: reach.as_deref(),
                behalf: behalf.as_deref(),
                authority: authority.as_deref(),
                seen_on: arrived.seen.parse().ok(),
            };
            acts::asked_from(acting, tx, request, &from)?;
        }
        Ok(format!("/requests/{request}"))
    });
    match done.await {
        Ok(to) => Ok(Redirect::to(&format!("{to}?said=noted")).into_response()),
        Err(trouble) => {
            let errors = trouble.invalid()?;
            let path = visitor.path.clone();
            let page = read(house, &visitor, move |acting, tx| new_page(acting, tx, &given, errors, &path));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
        }
    }
}

//! The link below every message to many: opening it changes nothing, one press stops what promotes us, and so does
//! a mail program's own one-click POST (RFC 8058). No sign-in, no questions. What it could not stop it says, and offers
//! another way.

use askama::Template;
use axum::Form as Posted;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use custody::id::ConsentId;
use serde::Deserialize;
use store::Tx;

use super::page::{Choice, Page, ticked};
use super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::preference::agreed::{self, Agreed};
use crate::acts::preference::topics::{self, Topic};
use crate::acts::preference::{Behind, Now};
use crate::acts::{Acting, preference, told};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::mail::letter;

#[derive(Template)]
#[template(path = "public/unsubscribe.html")]
struct Unsubscribe {
    page: Page,
    /// Where the button leads; empty in a preview.
    action: String,
    stopped: bool,
    /// Where it is taken back; empty where it cannot be here.
    undo: String,
    what: String,
    /// What leaves all the same, and why; empty for nothing.
    goes_on: String,
    /// What they chose just now, in words; empty where they chose nothing.
    chosen: String,
    topics: Vec<Choice>,
    /// What they had before they chose, to take it back.
    before: Vec<String>,
    /// What they agreed to, each taken back by one press.
    agreed: Vec<Agreed>,
    /// What they took back lately, to agree to it again.
    again: Vec<Agreed>,
}

/// What whoever has a link sees that leads to nobody and nothing any more.
#[derive(Template)]
#[template(path = "public/unsubscribe_unknown.html")]
struct Unknown {
    page: Page,
    email: String,
}

/// `GET /unsubscribe/{token}`: shows the button. Scanners that open every link stop nothing and change nothing.
pub async fn get(house: House, visitor: Visitor, Path(token): Path<String>) -> Answer<Response> {
    let State(instance) = house;
    let path = visitor.path.clone();
    let done = blocking(move || {
        if token == letter::PREVIEW {
            return Ok(html(&preview(&instance, &path))?.into_response());
        }
        instance.store.read(|tx| {
            let acting = Acting::subject(&instance);
            let behind = Behind::find(&acting, tx, &token)?;
            shown(&acting, tx, behind.as_ref(), &token, &path, Vec::new())
        })
    });
    done.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// The page behind the link of a message that was only looked at.
fn preview(instance: &Instance, path: &str) -> Unsubscribe {
    Unsubscribe {
        page: frame::public(instance, "Stop the e-mails", path),
        action: String::new(),
        stopped: false,
        undo: String::new(),
        what: format!("news and offers from {}", instance.policy().name),
        goes_on: String::new(),
        chosen: String::new(),
        topics: Vec::new(),
        before: Vec::new(),
        agreed: Vec::new(),
        again: Vec::new(),
    }
}

/// `POST /unsubscribe/{token}`: stops it, by the button or by a mail program. The body says which, and nothing else.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(token): Path<String>,
    body: Bytes,
) -> Answer<Response> {
    // A mail program shows nobody the page that comes back, nor the notice below it.
    let seen = !body.windows(ONE_CLICK.len()).any(|part| part == ONE_CLICK);
    with(house, visitor, token, seen, |behind, acting, tx| {
        behind.stop(acting, tx)?;
        Ok(Vec::new())
    })
    .await
}

/// What a mail program sends, as a form of either sort.
const ONE_CLICK: &[u8] = b"One-Click";

/// `POST /unsubscribe/{token}/undo`: that was a mistake.
pub async fn undo(house: House, visitor: Visitor, Path(token): Path<String>) -> Answer<Response> {
    with(house, visitor, token, true, |behind, acting, tx| {
        behind.undo(acting, tx)?;
        Ok(Vec::new())
    })
    .await
}

/// `POST /unsubscribe/{token}/topics`: of what promotes us they want this, and nothing else.
pub async fn choose(
    house: House,
    visitor: Visitor,
    Path(token): Path<String>,
    Posted(given): Posted<Vec<(String, String)>>,
) -> Answer<Response> {
    let wanted = ticked(&given, "topic");
    with(house, visitor, token, true, move |behind, acting, tx| {
        let Some(person) = behind.person else { return Ok(Vec::new()) };
        let before = topics::topics(acting, tx, person)?;
        behind.choose(acting, tx, &wanted)?;
        Ok(before)
    })
    .await
}

/// The one thing a press of theirs is about.
#[derive(Deserialize)]
pub struct One {
    #[serde(default)]
    one: String,
}

/// `POST /unsubscribe/{token}/consents`: they take this one consent back.
pub async fn take_back(
    house: House,
    visitor: Visitor,
    Path(token): Path<String>,
    Posted(given): Posted<One>,
) -> Answer<Response> {
    with(house, visitor, token, true, move |behind, acting, tx| {
        if let (Some(person), Ok(consent)) = (behind.person, given.one.parse()) {
            agreed::take_back(acting, tx, person, ConsentId(consent))?;
        }
        Ok(Vec::new())
    })
    .await
}

/// `POST /unsubscribe/{token}/consents/again`: that was a mistake, they agree.
pub async fn again(
    house: House,
    visitor: Visitor,
    Path(token): Path<String>,
    Posted(given): Posted<One>,
) -> Answer<Response> {
    with(house, visitor, token, true, move |behind, acting, tx| {
        if let Some(person) = behind.person {
            agreed::again(acting, tx, person, &given.one)?;
        }
        Ok(Vec::new())
    })
    .await
}

async fn with(
    State(instance): House,
    visitor: Visitor,
    link: String,
    seen: bool,
    act: impl Fn(&Behind, &Acting<'_>, &Tx<'_>) -> Result<Vec<Topic>, Fault> + Send + 'static,
) -> Answer<Response> {
    let path = visitor.path.clone();
    let done = blocking(move || {
        // Whoever makes links up keeps nobody else from writing.
        let unknown = instance.store.read(|tx| {
            let acting = Acting::subject(&instance);
            match Behind::find(&acting, tx, &link)? {
                Some(_) => Ok(None),
                None => shown(&acting, tx, None, &link, &path, Vec::new()).map(Some),
            }
        })?;
        if let Some(page) = unknown {
            return Ok(page);
        }
        instance.store.write(|tx| {
            let acting = Acting::subject(&instance);
            let behind = Behind::find(&acting, tx, &link)?;
            let mut before = Vec::new();
            if let Some(behind) = &behind {
                before = act(behind, &acting, tx)?;
                if let Some(person) = behind.person.filter(|_| seen) {
                    told::on_page(&acting, tx, person)?;
                }
            }
            shown(&acting, tx, behind.as_ref(), &link, &path, before)
        })
    });
    done.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// What they get now, in a sentence.
fn said(topics: &[Topic]) -> String {
    let chosen: Vec<String> = topics
        .iter()
        .filter(|topic| topic.chosen)
        .map(|topic| format!("\u{201c}{}\u{201d}", topic.words))
        .collect();
    match chosen.split_last() {
        None => String::new(),
        Some((last, [])) => format!("From now on you get {last}, and nothing else that promotes us."),
        Some((last, more)) => {
            format!("From now on you get {} and {last}, and nothing else that promotes us.", more.join(", "))
        }
    }
}

fn shown(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    behind: Option<&Behind>,
    link: &str,
    path: &str,
    before: Vec<Topic>,
) -> Result<Response, Fault> {
    let policy = &acting.policy;
    let Some(behind) = behind else {
        let page = html(&Unknown {
            page: frame::public(acting.instance, "Stop the e-mails", path),
            email: policy.contact.email.clone(),
        })?;
        // A mail program is told as well that nothing was stopped.
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    };
    let now = behind.now(acting, tx)?;
    let action = format!("/unsubscribe/{link}");
    let other = behind.other(acting);
    let goes_on = match other {
        Some(other) if (now != Now::Open || !preference::stops(other)) && behind.goes_on(acting, tx)? => {
            format!(
                "\u{201c}{}\u{201d} does not stop with it: it rests on {}.",
                other.title,
                other.basis.words()
            )
        }
        _ => String::new(),
    };
    let topics =
        behind.person.map(|person| topics::topics(acting, tx, person)).transpose()?.unwrap_or_default();
    let (agreed, again) =
        behind.person.map(|person| agreed::agreed(acting, tx, person)).transpose()?.unwrap_or_default();
    let chosen = if before.is_empty() { String::new() } else { said(&topics) };
    let choice = |topic: Topic| Choice {
        value: topic.name,
        words: topic.words,
        hint: topic.hint,
        chosen: topic.chosen,
    };
    let offers = format!("news and offers from {}", policy.name);
    let page = html(&Unsubscribe {
        page: frame::public(acting.instance, "Stop the e-mails", path),
        stopped: now != Now::Open,
        undo: if now == (Now::Stopped { undo: true }) { format!("{action}/undo") } else { String::new() },
        // Of an address alone no more is stopped than what promotes us.
        what: match other.filter(|_| behind.person.is_some()) {
            Some(other) if goes_on.is_empty() => format!("\u{201c}{}\u{201d} and {offers}", other.title),
            _ => offers,
        },
        action,
        goes_on,
        chosen,
        topics: topics.into_iter().map(choice).collect(),
        before: before.into_iter().filter(|topic| topic.chosen).map(|topic| topic.name).collect(),
        agreed,
        again,
    })?;
    Ok((StatusCode::OK, page).into_response())
}

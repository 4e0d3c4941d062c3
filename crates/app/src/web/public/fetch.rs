//! Where somebody takes their copy: a link, and a code that came another way. The page says of a link that works no more that it
//! works no more, and of everything else nothing.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use store::request::SubjectRequest;

use super::super::page::Page;
use super::super::requests::one::pack;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::redaction::Gathered;
use crate::acts::{Acting, delivery};
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/fetch.html")]
struct Fetch {
    page: Page,
    action: String,
    wrong: bool,
    changed: bool,
    email: String,
}

fn page(house: &Instance, action: String, (wrong, changed): (bool, bool)) -> Result<Html<String>, Fault> {
    let email = house.policy().contact.email.clone();
    html(&Fetch { page: frame::public(house, "Your copy", "/pack"), action, wrong, changed, email })
}

/// `GET /pack/{token}`: asks for the code.
pub async fn get(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let acting = Acting::subject(&house);
        let works = house.store.read(|tx| delivery::behind(&acting, tx, &token))?.is_some();
        page(&house, if works { format!("/pack/{token}") } else { String::new() }, (false, false))
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// What the form sends.
#[derive(Deserialize, Clone, Default)]
pub struct Given {
    #[serde(default)]
    code: String,
}

/// What came of a code.
enum Came {
    /// The link works no more.
    Nothing,
    /// It was wrong, and whether the link still works.
    Wrong(bool),
    /// It was right, and what is held is not what was looked over.
    Changed,
    /// The copy.
    Taken(Box<Gathered>, Box<SubjectRequest>),
}

/// Counts the try first, for good; what is taken is put together afterwards, while others write.
fn tried(house: &Instance, token: &str, code: &str) -> Result<Came, Fault> {
    let opened = house.store.write(|tx| delivery::open(&Acting::subject(house), tx, (token, code)))?;
    let asked = match opened {
        None => return Ok(Came::Nothing),
        Some((_, false)) => {
            let works = house.store.read(|tx| delivery::behind(&Acting::subject(house), tx, token))?;
            return Ok(Came::Wrong(works.is_some()));
        }
        Some((asked, true)) => asked,
    };
    let (taken, views) = house.store.read(|tx| {
        let acting = Acting::subject(house);
        let taken = match delivery::unchanged(&acting, tx, (&asked, token))? {
            false => None,
            true => Some(pack::taken(&acting, tx, &asked)?),
        };
        Ok::<_, Fault>((taken, acting.into_views()))
    })?;
    house.store.note(views)?;
    match taken {
        Some(taken) => Ok(Came::Taken(Box::new(taken), Box::new(asked))),
        None => {
            changed(house, &asked)?;
            Ok(Came::Changed)
        }
    }
}

fn changed(house: &Instance, asked: &SubjectRequest) -> Result<(), Fault> {
    house.store.write(|tx| delivery::changed(&Acting::subject(house), tx, asked))
}

/// `POST /pack/{token}`: the whole copy, if the code is right.
pub async fn post(
    State(house): House,
    visitor: Visitor,
    Path(token): Path<String>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    let trouble = |fault: Fault| Trouble::new(fault, &visitor);
    let (instance, link) = (house.clone(), token.clone());
    let came = blocking(move || tried(&instance, &link, &given.code)).await.map_err(trouble)?;
    let (status, action, said) = match came {
        Came::Taken(taken, asked) => {
            let at = house.clock.now().as_millisecond();
            match pack::archived(house.clone(), *taken, at).await {
                Ok(bytes) => {
                    let (instance, link) = (house.clone(), token.clone());
                    let passed = blocking(move || {
                        instance.store.write(|tx| delivery::left(&Acting::subject(&instance), tx, &link))
                    });
                    passed.await.map_err(trouble)?;
                    let name = "attachment; filename=\"your-data.zip\"";
                    let head =
                        [(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, name)];
                    return Ok((head, bytes).into_response());
                }
                // Whom a text speaks of may have changed with somebody else: then it is to be read again, too.
                Err(Fault::Invalid(_)) => {
                    let instance = house.clone();
                    let told = blocking(move || changed(&instance, &asked));
                    told.await.map_err(trouble)?;
                    (StatusCode::CONFLICT, String::new(), (false, true))
                }
                Err(fault) => return Err(trouble(fault)),
            }
        }
        Came::Wrong(true) => (StatusCode::UNPROCESSABLE_ENTITY, format!("/pack/{token}"), (true, false)),
        Came::Changed => (StatusCode::CONFLICT, String::new(), (false, true)),
        Came::Nothing | Came::Wrong(false) => (StatusCode::GONE, String::new(), (false, false)),
    };
    let page = page(&house, action, said).map_err(trouble)?;
    Ok((status, page).into_response())
}

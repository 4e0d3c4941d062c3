//! Where somebody takes their copy: a link, and a code that came another way. The page says of a link that works no more that it
//! works no more, and of everything else nothing.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::super::page::Page;
use super::super::requests::one::pack;
use super::super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::{Acting, delivery};
use crate::fault::Fault;
use crate::instance::Instance;

#[derive(Template)]
#[template(path = "public/fetch.html")]
struct Fetch {
    page: Page,
    action: String,
    wrong: bool,
    email: String,
}

fn page(house: &Instance, action: String, wrong: bool) -> Result<Html<String>, Fault> {
    let email = house.policy().contact.email.clone();
    html(&Fetch { page: frame::public(house, "Your copy", "/pack"), action, wrong, email })
}

/// `GET /pack/{token}`: asks for the code.
pub async fn get(State(house): House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    let shown = blocking(move || {
        let acting = Acting::subject(&house);
        let works = house.store.read(|tx| delivery::behind(&acting, tx, &token))?.is_some();
        page(&house, if works { format!("/pack/{token}") } else { String::new() }, false)
    });
    shown.await.map_err(|fault| Trouble::new(fault, &visitor))
}

/// What the form sends.
#[derive(Deserialize, Clone, Default)]
pub struct Given {
    #[serde(default)]
    code: String,
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
    let tried = blocking(move || {
        instance.store.write(|tx| {
            let acting = Acting::subject(&instance);
            let Some((asked, right)) = delivery::open(&acting, tx, (&link, &given.code))? else {
                return Ok(None);
            };
            let taken = if right { Some(pack::taken(&acting, tx, &asked)?) } else { None };
            acting.into_views().iter().try_for_each(|view| view.write(tx))?;
            Ok::<_, Fault>(Some(taken))
        })
    });
    let (action, wrong) = match tried.await.map_err(trouble)? {
        Some(Some(taken)) => {
            let bytes = pack::archived(house.clone(), taken, house.clock.now().as_millisecond())
                .await
                .map_err(trouble)?;
            let name = "attachment; filename=\"your-data.zip\"";
            let kind = "application/zip";
            return Ok(
                ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response()
            );
        }
        Some(None) => {
            let instance = house.clone();
            let link = token.clone();
            let works = blocking(move || {
                let acting = Acting::subject(&instance);
                Ok(instance.store.read(|tx| delivery::behind(&acting, tx, &link))?.is_some())
            });
            let works = works.await.map_err(trouble)?;
            (if works { format!("/pack/{token}") } else { String::new() }, works)
        }
        None => (String::new(), false),
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::GONE };
    let page = page(&house, action, wrong).map_err(trouble)?;
    Ok((status, page).into_response())
}

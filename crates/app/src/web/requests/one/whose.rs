//! Whose a request is: chosen among those we hold, with how we know, where nobody was known by what was given.

use std::collections::BTreeMap;

use axum::Form as Posted;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::{PersonId, RequestId};
use store::Tx;
use store::request::SubjectRequest;

use super::forms::{again, as_seen, done, wrong};
use crate::acts::Acting;
use crate::acts::request as acts;
use crate::fault::Fault;
use crate::print::copy;
use crate::web::page::{FieldError, Form};
use crate::web::pick::{self, Picker};
use crate::web::{Answer, House, Visitor};

/// The question's name in the form.
const WHOSE: &str = "whose";

/// What the page says of whose it is.
#[derive(Default)]
pub(super) struct Whose {
    /// In a sentence; nothing where it was known from the beginning.
    pub(super) words: String,
    /// Those to choose from, while nobody is known.
    pub(super) picker: Option<Picker>,
    /// Whether it can still be taken back.
    pub(super) undo: bool,
}

/// Whose it is, and what can be said about that now. Whoever has the name that was given is looked for to begin with.
pub(super) fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    form: &Form,
) -> Result<Whose, Fault> {
    if asked.closed_on.is_some() {
        return Ok(Whose::default());
    }
    if asked.unknown_since.is_some() {
        let mut sought = Form { values: form.values.clone(), errors: Vec::new() };
        if sought.value(WHOSE).is_empty() && sought.value(&pick::typed_as(WHOSE)).is_empty() {
            sought.values.insert(pick::typed_as(WHOSE), given(acting, tx, asked)?);
        }
        let mut picker = pick::of_people(acting, tx, (WHOSE, "Whose is it?"), "", &sought)?;
        picker.error = form.error(WHOSE).to_owned();
        let words = "Nobody we hold is known by what they gave, or several are. Its day counts all the same. If we hold nobody \
                     like that, answer that we hold nothing but this request.";
        return Ok(Whose { words: words.to_owned(), picker: Some(picker), undo: false });
    }
    let Some(on) = asked.tied_on else { return Ok(Whose::default()) };
    let undo = acts::given_out(acting, tx, asked)?.is_none();
    let words = format!("Somebody here said on {} whose it is.", crate::web::frame::words(on));
    Ok(Whose { words, picker: None, undo })
}

/// The name that was given, where whoever answers may see it.
fn given(acting: &Acting<'_>, tx: &Tx<'_>, asked: &SubjectRequest) -> Result<String, Fault> {
    let (Some(person), Some(name)) = (asked.person, &asked.name) else { return Ok(String::new()) };
    let grant = acts::answering(acting, &[&acting.life(tx, person)?])?;
    acting.opens("request.read", &grant);
    Ok(copy::text(name, &grant).unwrap_or_default())
}

/// `POST /requests/{id}/whose`: find them, or say whose it is and how we know.
pub async fn tie(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (whose, how, version) = (value(WHOSE), value("identity"), value("version"));
    let unfinished = pick::unfinished(value, &[WHOSE]);
    let form = |errors| Form { values: fields, errors };
    if let Some(errors) = unfinished {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return again(house, &visitor, id, status, form(errors)).await;
    }
    let Ok(to) = whose.parse().map(PersonId) else {
        let errors = vec![FieldError { field: WHOSE.to_owned(), words: "Choose whose it is.".to_owned() }];
        return again(house, &visitor, id, StatusCode::UNPROCESSABLE_ENTITY, form(errors)).await;
    };
    let tied = crate::web::write(house.clone(), &visitor, move |acting, tx| {
        as_seen(acting, tx, RequestId(id), &version)?;
        acts::tie(acting, tx, RequestId(id), (to, &how))
    });
    match tied.await {
        Ok(did) => {
            done(&house, &visitor, did).await?;
            Ok(Redirect::to(&format!("/requests/{id}?said=saved")).into_response())
        }
        Err(trouble) => {
            let (status, errors) = wrong(trouble)?;
            again(house, &visitor, id, status, form(errors)).await
        }
    }
}

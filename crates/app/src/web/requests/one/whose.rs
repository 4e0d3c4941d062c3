//! Whose a request or a complaint is: chosen among those we hold, with how we know, where nobody was known by what was given; and
//! taken off whoever it was filed to by an address that several share.

use std::collections::BTreeMap;

use axum::Form as Posted;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::Sealed;
use custody::id::{PersonId, RequestId};
use store::Tx;
use store::request::{Kind, Step, SubjectRequest};

use super::forms::{again, as_seen, done, wrong};
use crate::acts::request as acts;
use crate::acts::{Acting, identity};
use crate::fault::Fault;
use crate::print::copy;
use crate::web::page::{FieldError, Form};
use crate::web::pick::{self, Picker};
use crate::web::{Answer, House, Visitor, frame};

/// The question's name in the form.
const WHOSE: &str = "whose";

/// What the page says of whose it is.
#[derive(Default)]
pub(in crate::web) struct Whose {
    /// In a sentence; nothing where it was known from the beginning.
    pub(in crate::web) words: String,
    /// Those to choose from, while nobody is known.
    pub(in crate::web) picker: Option<Picker>,
    /// Whether it can still be taken back.
    pub(in crate::web) undo: bool,
    /// Whether it can be taken off whoever it was filed to from the beginning.
    pub(in crate::web) misfiled: bool,
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
        return unknown(acting, tx, form, || given(acting, tx, asked.person, asked.name.as_ref()));
    }
    let moves = asked.person.is_some() && acts::given_out(acting, tx, asked)?.is_none();
    let Some(on) = asked.tied_on else { return Ok(Whose { misfiled: moves, ..Whose::default() }) };
    let words = format!("Somebody here said on {} whose it is.", frame::words(on));
    Ok(Whose { words, undo: moves, ..Whose::default() })
}

/// What is on record of how we know who asks, in a sentence or two.
pub(super) fn known(asked: &SubjectRequest, steps: &[Step], open: bool) -> String {
    let on = steps.iter().rfind(|step| step.step == identity::KNOWN || step.step == "identity proved");
    let stops = open && asked.kind == Kind::NoContact;
    let words = match (identity::on_record(steps), on, asked.identity_asked_on.is_some()) {
        (true, ..) if stops => "What we offer has stopped, and all other contact stops when somebody here has seen what lets them ask.".to_owned(),
        (true, Some(step), _) => format!("We know who they are, since {}.", frame::words(step.on)),
        (true, None, _) => "We know who they are.".to_owned(),
        (false, ..) if stops && acts::entitled(asked).is_err() => {
            "What we offer has stopped. Say how we know who asks, and look at what lets them ask: all other contact stops with that.".to_owned()
        }
        (false, ..) if stops => {
            "What we offer has stopped. Say how we know who asks, and all other contact stops with that.".to_owned()
        }
        (false, ..) if !open => "Nobody wrote down how we knew who they were.".to_owned(),
        (false, _, true) => "We asked who they are and wait for it.".to_owned(),
        (false, _, false) => "It has to be said before anything is given out or erased. Ask only if there is a reasonable doubt.".to_owned(),
    };
    let asker = steps.iter().rfind(|step| step.step == identity::ASKER_KNOWN);
    match asker.filter(|_| asked.behalf.is_some()) {
        Some(step) => {
            format!(
                "{words} Whoever asks for them was known when it was taken, on {}.",
                frame::words(step.on)
            )
        }
        None => words,
    }
}

/// The question whose it is. Whoever has the name that was given is looked for to begin with.
pub(in crate::web) fn unknown(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    form: &Form,
    name: impl FnOnce() -> Result<String, Fault>,
) -> Result<Whose, Fault> {
    let mut sought = Form { values: form.values.clone(), errors: Vec::new() };
    if sought.value(WHOSE).is_empty() && sought.value(&pick::typed_as(WHOSE)).is_empty() {
        sought.values.insert(pick::typed_as(WHOSE), name()?);
    }
    let mut picker = pick::of_people(acting, tx, (WHOSE, "Whose is it?"), "", &sought)?;
    picker.error = form.error(WHOSE).to_owned();
    let words = "Nobody we hold is known by what they gave, or several are. Its day counts all the same. If we hold nobody \
                 like that, answer that we hold nothing else of them.";
    Ok(Whose { words: words.to_owned(), picker: Some(picker), ..Whose::default() })
}

/// What a form says of whose it is: whom, how we know, and the version it was written on; or what is still to choose.
pub(in crate::web) struct Chosen {
    pub(in crate::web) to: PersonId,
    pub(in crate::web) how: String,
    pub(in crate::web) version: String,
}

/// Reads it; the errors of a form that is still being filled in, with its status.
pub(in crate::web) fn chosen(
    fields: &BTreeMap<String, String>,
) -> Result<Chosen, (StatusCode, Vec<FieldError>)> {
    let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if let Some(errors) = pick::unfinished(value, &[WHOSE]) {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return Err((status, errors));
    }
    let to = value(WHOSE).parse().map(PersonId).map_err(|_| {
        let errors = vec![FieldError { field: WHOSE.to_owned(), words: "Choose whose it is.".to_owned() }];
        (StatusCode::UNPROCESSABLE_ENTITY, errors)
    })?;
    Ok(Chosen { to, how: value("identity"), version: value("version") })
}

/// The name that was given, where whoever answers may see it.
pub(in crate::web) fn given(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    person: Option<PersonId>,
    name: Option<&Sealed>,
) -> Result<String, Fault> {
    let (Some(person), Some(name)) = (person, name) else { return Ok(String::new()) };
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
    let form = |errors| Form { values: fields.clone(), errors };
    let Chosen { to, how, version } = match chosen(&fields) {
        Ok(chosen) => chosen,
        Err((status, errors)) => return again(house, &visitor, id, status, form(errors)).await,
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

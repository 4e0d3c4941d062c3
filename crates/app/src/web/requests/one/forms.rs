//! What can be done to a request from its page: each form is one act, and comes back with what is to put right.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, post};
use custody::id::{EngagementId, RequestId, StaffId};
use jiff::civil::Date;
use serde::Deserialize;
use store::Tx;
use store::request::Move;

use crate::acts::letter::About;
use crate::acts::request::{self as acts, Outcome};
use crate::acts::{Acting, identity, onward, redaction, waiting};
use crate::fault::Fault;
use crate::instance::Instance;
use crate::web::letter::{self, Beginning};
use crate::web::page::{FieldError, Form};
use crate::web::{Answer, House, Trouble, Visitor, blocking, error, read, write};

/// What any form on the page sends.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Given {
    identity: String,
    why: String,
    on: String,
    #[serde(rename = "where")]
    place: String,
    answer: String,
    told: String,
    #[serde(rename = "fee-why")]
    fee: String,
    #[serde(rename = "kept-until")]
    kept_until: String,
    #[serde(rename = "kept-why")]
    kept_why: String,
    organisation: String,
    #[serde(rename = "onward-address")]
    onward: String,
    #[serde(rename = "onward-how")]
    onward_how: String,
    #[serde(rename = "misfiled-why")]
    misfiled: String,
    corrected: String,
    #[serde(rename = "note-words")]
    note_words: String,
    #[serde(rename = "note-place")]
    note_place: String,
    activity: String,
    engagement: String,
    staff: String,
    version: String,
}

impl Given {
    fn on(&self, acting: &Acting<'_>) -> Result<Date, Fault> {
        if self.on.is_empty() {
            return Ok(acting.today);
        }
        self.on.parse().map_err(|_| Fault::field("on", "Choose a day."))
    }
}

/// What a form does.
type Deed = fn(&Acting<'_>, &Tx<'_>, RequestId, &Given) -> Result<acts::Done, Fault>;

/// The address of a form: it does one thing to a request and shows it again, with what is to put right if
/// something is.
pub fn form(deed: Deed) -> MethodRouter<Arc<Instance>> {
    post(move |house: House, visitor: Visitor, Path(id): Path<i64>, Posted(given): Posted<Given>| {
        sent(house, visitor, id, given, deed)
    })
}

/// Nobody does anything to a request that is no longer as their page showed it.
pub(in crate::web::requests) fn as_seen(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    version: &str,
) -> Result<(), Fault> {
    let seen = version.parse().map_err(|_| Fault::Changed)?;
    acts::unchanged(acting, tx, id, seen)
}

/// Whether a request is still as a page showed it, before something is begun that takes its time.
pub(in crate::web::requests) async fn still(
    house: &House,
    visitor: &Visitor,
    id: i64,
    version: &str,
) -> Answer<bool> {
    let version = version.to_owned();
    read(house.clone(), visitor, move |acting, tx| match as_seen(acting, tx, RequestId(id), &version) {
        Ok(()) => Ok(true),
        Err(Fault::Changed) => Ok(false),
        Err(fault) => Err(fault),
    })
    .await
}

/// What an act left to be done once it is committed: the bytes of files go.
pub(in crate::web) async fn done(house: &House, visitor: &Visitor, done: acts::Done) -> Answer<()> {
    let State(instance) = house;
    let instance = instance.clone();
    let gone = blocking(move || {
        acts::remove_files(&instance, &done.bytes);
        Ok(())
    });
    gone.await.map_err(|fault| Trouble::new(fault, visitor))
}

/// What was wrong with a form, to be shown with it again: a page that was no longer as it is, or its fields.
pub(in crate::web::requests) fn wrong(trouble: Trouble) -> Result<(StatusCode, Vec<FieldError>), Trouble> {
    trouble.of_form("request")
}

async fn sent(
    house: House,
    visitor: Visitor,
    id: i64,
    given: Given,
    deed: impl Fn(&Acting<'_>, &Tx<'_>, RequestId, &Given) -> Result<acts::Done, Fault> + Send + 'static,
) -> Answer<Response> {
    let sent = given.clone();
    let did = write(house.clone(), &visitor, move |acting, tx| {
        as_seen(acting, tx, RequestId(id), &sent.version)?;
        deed(acting, tx, RequestId(id), &sent)
    });
    match did.await {
        Ok(did) => {
            done(&house, &visitor, did).await?;
            Ok(Redirect::to(&format!("/requests/{id}?said=saved")).into_response())
        }
        Err(trouble) => {
            let (status, errors) = wrong(trouble)?;
            let values = [
                ("identity", given.identity),
                ("why", given.why),
                ("where", given.place),
                ("answer", given.answer),
                ("told", given.told),
                ("fee-why", given.fee),
                ("kept-why", given.kept_why),
                ("kept-until", given.kept_until),
                ("organisation", given.organisation),
                ("onward-address", given.onward),
                ("onward-how", given.onward_how),
                ("misfiled-why", given.misfiled),
                ("corrected", given.corrected),
                ("note-words", given.note_words),
                ("note-place", given.note_place),
            ];
            let values = values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let path = format!("/requests/{id}");
            let form = Form { values, errors };
            let page =
                read(house, &visitor, move |acting, tx| super::page(acting, tx, RequestId(id), form, &path));
            Ok((status, page.await?).into_response())
        }
    }
}

/// Nothing of what was sent was done: the page shows what stands there now, and beside it what was typed.
pub(in crate::web::requests) fn changed() -> FieldError {
    error::changed("request")
}

/// `POST /requests/{id}/identity`: we know who they are, and how.
///
/// # Errors
/// As the act says.
pub fn known(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    identity::known(acting, tx, id, (&given.identity, given.on(acting)?))?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/whose/undo`: it is not theirs after all.
///
/// # Errors
/// As the act says.
pub fn untie(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    match acts::on_desk(acting, tx, id)?.tied_on {
        Some(_) => acts::untie(acting, tx, id)?,
        None => acts::misfiled(acting, tx, id, &given.misfiled)?,
    }
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/pause`: we asked who they are, what they want to see, or for a fee.
///
/// # Errors
/// As the act says.
pub fn pause(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    let how = match given.why.as_str() {
        "identity" => Move::IdentityAsked,
        "fee" => Move::FeeAsked(given.fee.trim()),
        _ => Move::Paused,
    };
    acts::moved(acting, tx, id, how, given.on(acting)?)?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/resume`: what we waited for is here.
///
/// # Errors
/// As the act says.
pub fn resume(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    let asked = acts::on_desk(acting, tx, id)?;
    let how = match (asked.paused_on, asked.identity_asked_on.filter(|_| asked.identity_proved_on.is_none()))
    {
        (Some(_), _) => Move::Resumed,
        (None, Some(_)) => Move::IdentityProved,
        (None, None) => Move::FeePaid,
    };
    acts::moved(acting, tx, id, how, given.on(acting)?)?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/extend`: two further months.
///
/// # Errors
/// As the act says.
pub fn extend(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    acts::moved(acting, tx, id, Move::Extended(given.why.trim()), given.on(acting)?)?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/keep`: what waits for them is kept on until a day.
///
/// # Errors
/// As the act says.
pub fn keep(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    let until = given.kept_until.parse().map_err(|_| Fault::field("kept-until", "Choose a day."))?;
    waiting::keep_on(acting, tx, id, (until, &given.kept_why))?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/search`: where else we looked.
///
/// # Errors
/// As the act says.
pub fn search(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    acts::noted(acting, tx, id, "searched", &given.place)?;
    Ok(acts::Done::default())
}

/// In which forms every copy is made.
const FORMS: &str = "PDF, JSON, CSV";

/// `POST /requests/{id}/pack`: the pack is made, with its files, and looked through; what was found in it is kept, and it
/// leaves as that or not at all.
pub async fn make(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    if !still(&house, &visitor, id, &given.version).await? {
        return late(house, &visitor, id, BTreeMap::new()).await;
    }
    let seal = match super::pack::tried(house.clone(), &visitor, id).await {
        Ok(seal) => seal,
        Err(trouble) => {
            let form = Form { errors: trouble.invalid()?, ..Form::default() };
            return again(house, &visitor, id, StatusCode::UNPROCESSABLE_ENTITY, form).await;
        }
    };
    sent(house, visitor, id, given, move |acting, tx, id, _| {
        acts::identified(acting, tx, &acts::on_desk(acting, tx, id)?)?;
        super::pack::copied(acting, tx, id)?;
        acts::noted(acting, tx, id, "pack made", FORMS)?;
        redaction::keep_seal(acting, tx, id, &seal)?;
        Ok(acts::Done::default())
    })
    .await
}

/// `POST /requests/{id}/onward`: to which organisation it shall go; they are asked to confirm it.
///
/// # Errors
/// As the act says.
pub fn onward(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    onward::name(acting, tx, id, (&given.organisation, &given.onward))?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/onward/confirmed`: they confirmed it to somebody here.
///
/// # Errors
/// As the act says.
pub fn onward_confirmed(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    given: &Given,
) -> Result<acts::Done, Fault> {
    onward::confirmed_to_us(acting, tx, id, &given.onward_how)?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/answer`.
///
/// # Errors
/// As the act says.
pub fn answer(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    let outcome =
        Outcome::named(&given.answer).ok_or_else(|| Fault::field("answer", "Choose what we did."))?;
    acts::answer(acting, tx, id, outcome, (&given.told, given.on(acting)?))
}

/// `POST /requests/{id}/corrected`: something was put right where the program sees no change.
///
/// # Errors
/// As the act says.
pub fn corrected(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    given: &Given,
) -> Result<acts::Done, Fault> {
    acts::correcting::elsewhere(acting, tx, id, &given.corrected)?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/correction-note`: what they say is written beside what stays as it is.
///
/// # Errors
/// As the act says.
pub fn correction_note(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    given: &Given,
) -> Result<acts::Done, Fault> {
    acts::correcting::note(acting, tx, id, (&given.note_place, &given.note_words))?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/seen`: somebody looked at what lets whoever asks do so for another.
///
/// # Errors
/// As the act says.
pub fn seen(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    acts::authority_seen(acting, tx, id, given.on(acting)?)?;
    Ok(acts::Done::default())
}

/// `POST /requests/{id}/taken-back`: they take back what they agreed to.
///
/// # Errors
/// As the act says.
pub fn take_back(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: RequestId,
    given: &Given,
) -> Result<acts::Done, Fault> {
    let engagement = given.engagement.parse().ok().map(EngagementId);
    acts::weighing::take_back(acting, tx, id, (&given.activity, engagement))?;
    Ok(acts::Done::default())
}

/// What the form for a code sends.
#[derive(Deserialize, Clone, Default)]
pub struct Code {
    #[serde(default)]
    code: String,
    #[serde(default)]
    version: String,
}

/// `POST /requests/{id}/code`: they read out what we mailed. A wrong one is counted, so it is not undone with the page.
pub async fn code(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Code>,
) -> Answer<Response> {
    let right = write(house.clone(), &visitor, move |acting, tx| {
        as_seen(acting, tx, RequestId(id), &given.version)?;
        identity::code(acting, tx, RequestId(id), &given.code)
    });
    let errors = match right.await {
        Ok(true) => return Ok(Redirect::to(&format!("/requests/{id}?said=saved")).into_response()),
        Ok(false) => vec![FieldError {
            field: "code".to_owned(),
            words: "This is not the code we mailed, or it is too old.".to_owned(),
        }],
        Err(trouble) => match trouble.fault() {
            Fault::Changed => return late(house, &visitor, id, BTreeMap::new()).await,
            _ => trouble.invalid()?,
        },
    };
    again(house, &visitor, id, StatusCode::UNPROCESSABLE_ENTITY, Form { errors, ..Form::default() }).await
}

/// What the form that begins a letter sends.
#[derive(Deserialize)]
pub struct Drafting {
    #[serde(flatten)]
    letter: Beginning,
    #[serde(default)]
    version: String,
}

/// `POST /requests/{id}/letters`: a letter about it begins.
pub async fn write_letter(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Drafting>,
) -> Answer<Response> {
    let (given, version) = (given.letter, given.version);
    let values = [("letter-why".to_owned(), given.why.clone())].into();
    if !still(&house, &visitor, id, &version).await? {
        return late(house, &visitor, id, values).await;
    }
    match letter::begin(house.clone(), &visitor, About::Request(RequestId(id)), given).await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(trouble) => {
            let form = Form { values, errors: trouble.invalid()? };
            again(house, &visitor, id, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
    }
}

/// Somebody else was quicker: the page shows what stands there now.
pub(super) async fn late(
    house: House,
    visitor: &Visitor,
    id: i64,
    values: BTreeMap<String, String>,
) -> Answer<Response> {
    let form = Form { values: values.into_iter().collect(), errors: vec![changed()] };
    again(house, visitor, id, StatusCode::CONFLICT, form).await
}

pub(super) async fn again(
    house: House,
    visitor: &Visitor,
    id: i64,
    status: StatusCode,
    form: Form,
) -> Answer<Response> {
    let path = format!("/requests/{id}");
    let page = read(house, visitor, move |acting, tx| super::page(acting, tx, RequestId(id), form, &path));
    Ok((status, page.await?).into_response())
}

/// `POST /requests/{id}/owner`.
///
/// # Errors
/// As the act says.
pub fn assign(acting: &Acting<'_>, tx: &Tx<'_>, id: RequestId, given: &Given) -> Result<acts::Done, Fault> {
    acts::assign(acting, tx, id, given.staff.parse().ok().map(StaffId))?;
    Ok(acts::Done::default())
}

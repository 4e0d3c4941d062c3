//! What is done about an incident on its page: each step, whose data it was, and the letters to them.

use std::collections::BTreeMap;

use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::{IncidentId, NOBODY, PersonId, StaffId};
use store::Tx;
use store::incident::{Risk, Sort, Whom};

use super::one::page;
use super::{happened, typed};
use crate::acts::Acting;
use crate::acts::incident::{self as acts, Told, many};
use crate::acts::letter::About;
use crate::fault::Fault;
use crate::web::letter::{self, Beginning};
use crate::web::page::{FieldError, Form};
use crate::web::pick;
use crate::web::{Answer, House, Visitor, read, write};

/// The name of the question whose data it was, too.
pub(super) const WHOM: &str = "whom";

/// The name of the button that looks who is behind a list, and of the one by which they join.
pub(super) const MANY: &str = "many";

/// `POST /incidents/{id}`: what was done, by its step.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    let State(instance) = &house;
    let sent = fields.clone();
    let done =
        write(State(instance.clone()), &visitor, move |acting, tx| act(acting, tx, IncidentId(id), &sent));
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}?said=saved")).into_response()),
        Err(trouble) => {
            let (status, errors) = trouble.of_form("incident")?;
            let step = fields.get("step").map_or("", String::as_str);
            let prefix = step.split('-').next().filter(|one| *one == "risk" || Whom::named(one).is_some());
            let named = |error: FieldError| match prefix {
                Some(prefix) if error.field != "changed" => {
                    FieldError { field: format!("{prefix}-{}", error.field), ..error }
                }
                _ => error,
            };
            let errors = errors.into_iter().map(named).collect();
            back(house, &visitor, (id, NOBODY), status, Form { values: fields, errors }).await
        }
    }
}

fn act(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: IncidentId,
    sent: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    let value = |name: &str| sent.get(name).map_or("", String::as_str);
    acts::unchanged(acting, tx, id, value("version").parse().map_err(|_| Fault::Changed)?)?;
    match value("step") {
        "noted" => acts::noted(acting, tx, id, (Sort::named(value("sort")), value("note"))),
        "extent" => acts::extent(acting, tx, id, value("extent")),
        "prevented" => acts::prevented(acting, tx, id, value("measures")),
        "close" => acts::close(acting, tx, id),
        "hours" => {
            let found_at = typed(acting, "found-on", value("found-on"), value("found-at"))?;
            let happened_at = happened(acting, value("happened"), value("happened-at"))?;
            acts::put_right(acting, tx, id, (found_at, happened_at), value("hours-why"))
        }
        "reopen" => acts::reopen(acting, tx, id, value("reopen-why")),
        "owner" => acts::assign(acting, tx, id, value("staff").parse().ok().map(StaffId)),
        "risk" => {
            let risk = Risk::named(value("risk-risk"))
                .ok_or_else(|| Fault::field("risk", "Choose how bad it may be."))?;
            acts::assessed(acting, tx, id, (risk, value("risk-why")))
        }
        step => match step.split_once('-') {
            Some(("unlink", whom)) => {
                let whom = whom.parse().map_err(|_| Fault::NotFound)?;
                acts::unlink(acting, tx, id, PersonId(whom))
            }
            Some((whom, what)) => {
                let whom = Whom::named(whom).ok_or(Fault::NotFound)?;
                of_whom(acting, tx, id, (whom, what), sent)
            }
            None => Err(Fault::NotFound),
        },
    }
}

/// That somebody is to be told, or was.
fn of_whom(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: IncidentId,
    (whom, what): (Whom, &str),
    sent: &BTreeMap<String, String>,
) -> Result<(), Fault> {
    let value = |part: &str| sent.get(&format!("{}-{part}", whom.name())).map_or("", String::as_str);
    if what != "told" {
        let tell = match value("tell") {
            "yes" => true,
            "no" => false,
            _ => return Err(Fault::field("tell", "Choose whether they must be told.")),
        };
        return acts::considered(acting, tx, id, whom, (tell, value("why")));
    }
    let told = Told {
        at: typed(acting, "on", value("on"), value("at"))?,
        how: value("how"),
        late: value("late"),
        reference: value("reference"),
    };
    acts::told(acting, tx, id, whom, told)
}

/// `POST /incidents/{id}/people`: find somebody, or say that it is their data, too; or the same of all behind a list.
pub async fn affected(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    if fields.contains_key(MANY) {
        return affected_many(house, visitor, id, fields).await;
    }
    let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if let Some(errors) = pick::unfinished(value, &[WHOM]) {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return back(house, &visitor, (id, NOBODY), status, Form { values: fields, errors }).await;
    }
    let (whom, version) = (value(WHOM), value("version"));
    let done = write(house.clone(), &visitor, move |acting, tx| {
        acts::unchanged(acting, tx, IncidentId(id), version.parse().map_err(|_| Fault::Changed)?)?;
        let whom = whom.parse().map_err(|_| Fault::field(WHOM, "Choose whose data it is."))?;
        acts::link(acting, tx, IncidentId(id), PersonId(whom))
    });
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}?said=saved")).into_response()),
        Err(trouble) => {
            let (status, errors) = trouble.of_form("incident")?;
            back(house, &visitor, (id, NOBODY), status, Form { values: fields, errors }).await
        }
    }
}

/// A list of many: who is behind it is on the page that comes back, before anybody joins.
async fn affected_many(
    house: House,
    visitor: Visitor,
    id: i64,
    fields: BTreeMap<String, String>,
) -> Answer<Response> {
    let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
    if value(MANY) != "join" {
        let form = Form { values: fields, errors: Vec::new() };
        return back(house, &visitor, (id, NOBODY), StatusCode::OK, form).await;
    }
    let asked = (value("list"), value("found"), value("version"));
    match joined(&house, &visitor, IncidentId(id), asked).await {
        Ok(()) => Ok(Redirect::to(&format!("/incidents/{id}?said=saved")).into_response()),
        Err(trouble) => {
            let (status, errors) = trouble.of_form("incident")?;
            back(house, &visitor, (id, NOBODY), status, Form { values: fields, errors }).await
        }
    }
}

/// All behind a list join, in steps. Where something stops that, those who joined are in it, and the same list adds the others.
async fn joined(
    house: &House,
    visitor: &Visitor,
    id: IncidentId,
    (list, seen, version): (String, String, String),
) -> Answer<()> {
    let behind = read(house.clone(), visitor, move |acting, tx| {
        acts::unchanged(acting, tx, id, version.parse().map_err(|_| Fault::Changed)?)?;
        let behind = many::look(acting, tx, id, &list)?;
        if behind.mark() != seen {
            return Err(Fault::field("list", "Others are behind it than were looked at: look again."));
        }
        Ok(behind.join)
    });
    for some in behind.await?.chunks(many::AT_ONCE) {
        let some = some.to_vec();
        write(house.clone(), visitor, move |acting, tx| many::join(acting, tx, id, &some)).await?;
    }
    Ok(())
}

/// `POST /incidents/{id}/people/{person}/letters`: a letter to one of those whose data it was begins.
pub async fn write_letter(
    house: House,
    visitor: Visitor,
    Path((id, person)): Path<(i64, i64)>,
    Posted(given): Posted<Beginning>,
) -> Answer<Response> {
    let about = About::Incident(IncidentId(id), PersonId(person));
    let (field, typed) = (format!("why-{person}"), given.why.clone());
    match letter::begin(house.clone(), &visitor, about, given).await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(trouble) => {
            let (status, errors) = trouble.of_form("incident")?;
            let named = |error: FieldError| match error.field.as_str() {
                "letter-why" => FieldError { field: field.clone(), ..error },
                _ => error,
            };
            let errors = errors.into_iter().map(named).collect();
            // They stand on the page that begins with them, however many come before.
            let before = PersonId(person.saturating_sub(1));
            let form = Form { values: [(field.clone(), typed)].into(), errors };
            back(house, &visitor, (id, before), status, form).await
        }
    }
}

async fn back(
    house: House,
    visitor: &Visitor,
    (id, after): (i64, PersonId),
    status: StatusCode,
    form: Form,
) -> Answer<Response> {
    let path = format!("/incidents/{id}");
    let page = read(house, visitor, move |acting, tx| page(acting, tx, IncidentId(id), (form, after), &path));
    Ok((status, page.await?).into_response())
}

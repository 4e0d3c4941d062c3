//! Incidents: anybody of the staff writes down that something has gone wrong; whoever looks into it sees the list, with how long there
//! still is to tell the regulator.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::{Grant, Sealed};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use policy::count::counted;
use policy::role::Deed;
use store::Tx;
use store::incident::{self, Incident, Sort};

use super::page::{Choice, Form, Page, Tab};
use super::requests::tabs;
use super::show::filters;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::incident::{self as acts, Seen};
use crate::fault::Fault;

mod forms;
mod one;
pub mod register;

pub use forms::{affected, post, write_letter};
pub use one::get;

/// How many a list shows.
const ROWS: u32 = 100;

#[derive(Template)]
#[template(path = "incident/incidents.html")]
struct Incidents {
    page: Page,
    tabs: Vec<Tab>,
    /// Those there are, for whoever looks into them.
    looked: Option<Looked>,
    /// Who does, for whoever does not.
    by: String,
    sorts: Vec<Choice>,
    day: String,
    hour: String,
    found_by: String,
    form: Form,
}

struct Looked {
    grant: Grant,
    groups: Vec<Group>,
}

struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    what: Sealed,
    found: String,
    left: String,
    tone: &'static str,
    owner: String,
}

/// How long something is, in hours, or in minutes where it is less than one.
fn long(from: Timestamp, to: Timestamp) -> String {
    let between = to.duration_since(from);
    match (between.as_hours().unsigned_abs(), between.as_mins().unsigned_abs()) {
        (0, minutes) => counted(minutes, "minute"),
        (hours, _) => counted(hours, "hour"),
    }
}

/// How it stands with telling the regulator: words and tone.
pub(super) fn left(acting: &Acting<'_>, found: &Incident) -> (String, &'static str) {
    if let Some(on) = found.closed_on {
        return (format!("closed {}", frame::words(on)), "good");
    }
    match (found.regulator_told_at, found.tell, found.due_at) {
        (Some(at), _, Some(due)) if at > due => (format!("regulator told {} late", long(due, at)), "late"),
        (Some(_), ..) => ("regulator told".to_owned(), "good"),
        (None, Some(false), _) => ("the regulator need not be told".to_owned(), "good"),
        (None, _, None) => ("open".to_owned(), "wait"),
        (None, _, Some(due)) if acting.now > due => (format!("{} overdue", long(due, acting.now)), "late"),
        (None, _, Some(due)) => {
            let hours = due.duration_since(acting.now).as_hours();
            (format!("{} left", long(acting.now, due)), if hours < 24 { "wait" } else { "" })
        }
    }
}

/// A day and an hour of a form as the moment they are where the organisation is.
///
/// # Errors
/// [`Fault::Invalid`] on `field` for what is none.
pub(super) fn typed(acting: &Acting<'_>, field: &str, on: &str, at: &str) -> Result<Timestamp, Fault> {
    let on: Date = on.trim().parse().map_err(|_| Fault::field(field, "Choose a day."))?;
    let at: Time = at.trim().parse().map_err(|_| Fault::field(field, "Choose an hour, like 09:00."))?;
    let there = acting.instance.clock.zone().to_timestamp(on.to_datetime(at));
    there.map_err(|_| Fault::field(field, "Choose a day."))
}

/// When it happened, as a form says it: at the beginning of a day where no hour is said, and nothing without a day.
///
/// # Errors
/// [`Fault::Invalid`] for what is no day, or no hour.
fn happened(acting: &Acting<'_>, on: &str, at: &str) -> Result<Option<Timestamp>, Fault> {
    match (on.trim(), at.trim()) {
        ("", _) => Ok(None),
        (on, "") => typed(acting, "happened", on, "00:00").map(Some),
        (on, at) => typed(acting, "happened", on, at).map(Some),
    }
}

/// The day and the hour of a moment, as fields of a form have them.
pub(super) fn fields(acting: &Acting<'_>, at: Timestamp) -> (String, String) {
    let there = acting.instance.clock.zone().to_datetime(at);
    (there.date().to_string(), there.strftime("%H:%M").to_string())
}

/// `GET /incidents`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, Form::default(), &path)).await
}

fn page(acting: &Acting<'_>, tx: &Tx<'_>, form: Form, path: &str) -> Result<Html<String>, Fault> {
    let looked = if acts::investigates(acting) { Some(looked(acting, tx)?) } else { None };
    let by = acting.policy.incidents.as_ref().and_then(|incidents| {
        let role = acting.policy.roles.get(incidents.by.index())?;
        Some(format!("The {}", role.name))
    });
    let given = |name: &str, otherwise: String| match form.value(name) {
        "" => otherwise,
        typed => typed.to_owned(),
    };
    let (day, hour) = fields(acting, acting.now);
    let myself = acting.account.as_ref().map_or_else(String::new, |account| account.name.clone());
    html(&Incidents {
        page: frame::page(acting, "Incidents", "requests", path),
        tabs: if acting.may(Deed::AnswerRequests) { tabs("Incidents") } else { Vec::new() },
        looked,
        by: by.unwrap_or_else(|| "Whoever looks after the policy".to_owned()),
        sorts: sorts(form.value("sort")),
        day: given("found-on", day),
        hour: given("found-at", hour),
        found_by: given("found-by", myself),
        form,
    })
}

fn sorts(chosen: &str) -> Vec<Choice> {
    let choice = |(sort, name, words): &(Sort, &str, &str)| Choice {
        value: (*name).to_owned(),
        words: (*words).to_owned(),
        hint: String::new(),
        chosen: *name == chosen || (chosen.is_empty() && *sort == Sort::Unclear),
    };
    Sort::ALL.iter().map(choice).collect()
}

fn looked(acting: &Acting<'_>, tx: &Tx<'_>) -> Result<Looked, Fault> {
    let mut all = incident::open_ones(tx, &acting.policy, ROWS)?;
    let newest = incident::register(tx, &acting.policy, None, ROWS)?;
    all.extend(newest.into_iter().filter(|one| one.closed_on.is_some()));
    let grant = acts::investigating(acting, tx, &all)?;
    let staff = store::staff::all(tx)?;
    let row = |found: &Incident| {
        let (left, tone) = left(acting, found);
        Row {
            href: format!("/incidents/{}", found.id),
            what: found.what.clone(),
            found: frame::moment(acting.instance, found.found_at),
            left,
            tone,
            owner: frame::owner(&staff, found.owner),
        }
    };
    let of = |closed: bool| -> Vec<Row> {
        all.iter().filter(|one| one.closed_on.is_some() == closed).map(row).collect()
    };
    let mut groups = vec![Group { title: "Open", rows: of(false) }];
    groups.extend(Some(Group { title: "Closed", rows: of(true) }).filter(|group| !group.rows.is_empty()));
    Ok(Looked { grant, groups })
}

/// `POST /incidents`: something has gone wrong.
pub async fn open(
    house: House,
    visitor: Visitor,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    let State(instance) = &house;
    let sent = fields.clone();
    let done = write(State(instance.clone()), &visitor, move |acting, tx| {
        let value = |name: &str| sent.get(name).map_or("", String::as_str);
        let seen = Seen {
            sort: Sort::named(value("sort")).unwrap_or(Sort::Unclear),
            what: value("what").to_owned(),
            found_at: typed(acting, "found-on", value("found-on"), value("found-at"))?,
            found_by: value("found-by").to_owned(),
            happened_at: happened(acting, value("happened"), value("happened-at"))?,
        };
        let incident = acts::open(acting, tx, &seen)?;
        Ok(match acts::investigates(acting) {
            true => format!("/incidents/{incident}?said=saved"),
            false => "/incidents?said=incident".to_owned(),
        })
    });
    match done.await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(trouble) => {
            let form = Form { errors: trouble.invalid()?, values: fields };
            let path = visitor.path.clone();
            let page = read(house, &visitor, move |acting, tx| page(acting, tx, form, &path)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

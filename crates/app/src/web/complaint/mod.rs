//! Complaints on the desk: who waits to hear that we have theirs, what was done, what came of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{ComplaintId, PersonId, StaffId};
use custody::{Grant, Sealed};
use jiff::civil::Date;
use serde::Deserialize;
use store::complaint::{self, Complaint};
use store::{Tx, person};

use super::letter::{self, Beginning, Line};
use super::page::{Choice, Day, FieldError, Form, Page, Step, Tab};
use super::requests::one::forms::done;
use super::requests::one::ways;
use super::requests::one::whose::{self, Chosen, Whose};
use super::requests::tabs;
use super::show::filters;
use super::task::owners;
use super::{Answer, House, Visitor, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::complaint as acts;
use crate::acts::letter::{About, Sort};
use crate::acts::request::listing;
use crate::fault::Fault;

/// How many a list shows.
const ROWS: u32 = 200;

#[derive(Template)]
#[template(path = "complaint/complaints.html")]
struct Complaints {
    page: Page,
    grant: Grant,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    who: Option<Sealed>,
    received: Day,
    left: String,
    tone: &'static str,
    steps: Vec<Step>,
    owner: String,
}

#[derive(Template)]
#[template(path = "complaint/complaint.html")]
struct ComplaintPage {
    page: Page,
    grant: Grant,
    base: String,
    who: Option<Sealed>,
    person_href: String,
    reference: String,
    words: Option<Sealed>,
    reach: Option<Sealed>,
    behalf: Option<Sealed>,
    received: Day,
    how: String,
    left: String,
    tone: &'static str,
    due_why: String,
    clock: String,
    steps: Vec<Step>,
    history: Vec<Past>,
    letters: Vec<Line>,
    sorts: Vec<Choice>,
    open: bool,
    acknowledged: bool,
    answer: Option<Sealed>,
    done: String,
    owner: String,
    owners: Vec<Choice>,
    today: String,
    version: i64,
    form: Form,
    changed: bool,
    /// Whose it is, where that was not known from the beginning.
    whose: Whose,
    whose_ways: Vec<Choice>,
}

struct Past {
    on: Day,
    words: String,
    note: Option<Sealed>,
    by: String,
}

/// How it stands with the day: words and tone.
pub(super) fn left(found: &Complaint, today: Date) -> (String, &'static str) {
    if let Some(on) = found.closed_on {
        return (format!("answered {}", frame::words(on)), "good");
    }
    if let Some(on) = found.acknowledged_on {
        let days = found.received_on.until(today).map_or(0, |span| span.get_days());
        return (format!("acknowledged {}; open for {days} days", frame::words(on)), "wait");
    }
    let Some(due) = found.due_on else { return ("open".to_owned(), "wait") };
    match due.since(today).map_or(0, |span| span.get_days()) {
        days @ 0.. => {
            (format!("say by {} that we have it", frame::words(due)), if days <= 7 { "wait" } else { "" })
        }
        days => (format!("{} days late to say that we have it", -days), "late"),
    }
}

fn bar(found: &Complaint, looked: bool) -> Vec<Step> {
    let bar = [
        ("Received", true),
        ("Acknowledged", found.acknowledged_on.is_some() || found.closed_on.is_some()),
        ("Looked into", looked || found.closed_on.is_some()),
        ("Outcome told", found.closed_on.is_some()),
    ];
    let here = bar.iter().position(|(_, done)| !done);
    bar.iter()
        .enumerate()
        .map(|(place, (words, done))| Step {
            words: (*words).to_owned(),
            done: *done,
            here: Some(place) == here,
        })
        .collect()
}

fn name(tx: &Tx<'_>, acting: &Acting<'_>, found: &Complaint, grant: &Grant) -> Result<Option<Sealed>, Fault> {
    let Some(whom) = found.person else { return Ok(None) };
    let held = person::names(tx, &acting.policy, &[whom])?;
    let held = held.into_iter().find(|name| name.open(grant).is_ok());
    Ok(held.or_else(|| found.name.clone().filter(|name| name.open(grant).is_ok())))
}

/// `GET /complaints`: open ones first, then those that were answered.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(policy::role::Deed::AnswerRequests)?;
        let mut found = complaint::open_ones(tx, &acting.policy, ROWS)?;
        let closed = complaint::register(tx, &acting.policy, None, ROWS)?;
        found.extend(closed.into_iter().filter(|one| one.closed_on.is_some()));
        let people: Vec<PersonId> = found.iter().filter_map(|one| one.person).collect();
        let grant = listing(acting, tx, &people)?;
        let staff = store::staff::all(tx)?;
        let mut rows = Vec::new();
        for one in &found {
            let (left, tone) = left(one, acting.today);
            let steps = complaint::steps(tx, &acting.policy, one)?;
            rows.push(Row {
                href: format!("/complaints/{}", one.id),
                who: name(tx, acting, one, &grant)?,
                received: frame::day(one.received_on, acting.today),
                left,
                tone,
                steps: bar(one, steps.iter().any(|step| step.step == "looked into")),
                owner: frame::owner(&staff, one.owner),
            });
        }
        let page = frame::page(acting, "Complaints", "requests", &path);
        html(&Complaints { page, grant, tabs: tabs("Complaints"), rows })
    })
    .await
}

/// `GET /complaints/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, ComplaintId(id), Form::default(), &path)).await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: ComplaintId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    let found = acts::on_desk(acting, tx, id)?;
    let grant = grant(acting, tx, &found)?;
    let steps = complaint::steps(tx, &acting.policy, &found)?;
    let staff = store::staff::all(tx)?;
    let open = found.closed_on.is_none();
    let (left, tone) = left(&found, acting.today);
    let who = name(tx, acting, &found, &grant)?;
    let mut sorts = vec![Sort::Progress, Sort::Outcome];
    if found.acknowledged_on.is_none() {
        sorts.insert(0, Sort::Acknowledgement);
    }
    let law = complaint::due(&acting.policy, found.received_on);
    let seen = |text: &Option<Sealed>| text.clone().filter(|text| text.open(&grant).is_ok());
    html(&ComplaintPage {
        page: frame::page(acting, "A complaint", "requests", path),
        base: format!("/complaints/{id}"),
        whose: whose(acting, tx, &found, &form)?,
        whose_ways: ways(form.value("identity"), false),
        person_href: found.person.map_or_else(String::new, |whom| format!("/people/{whom}")),
        reference: store::id::reference(id.0),
        words: seen(&found.words),
        reach: seen(&found.reach),
        behalf: seen(&found.behalf),
        received: frame::day(found.received_on, acting.today),
        how: found.channel.clone(),
        clock: crate::web::error::sentence(&left),
        left,
        tone,
        due_why: law
            .trace
            .iter()
            .map(|line| crate::web::error::sentence(&crate::web::requests::one::dated(line)))
            .collect::<Vec<_>>()
            .join(" "),
        steps: bar(&found, steps.iter().any(|step| step.step == "looked into")),
        history: steps
            .iter()
            .map(|step| Past {
                on: frame::day(step.on, acting.today),
                words: super::people::capital(&step.step),
                note: seen(&step.note),
                by: step.by.map_or_else(String::new, |by| frame::owner(&staff, Some(by))),
            })
            .collect(),
        letters: letter::lines(acting, tx, About::Complaint(id), found.person)?,
        sorts: letter::sorts(&sorts, form.value("sort")),
        open,
        acknowledged: found.acknowledged_on.is_some(),
        answer: seen(&found.answer),
        done: found
            .closed_on
            .map_or_else(String::new, |on| format!("Answered and closed on {}.", frame::words(on))),
        owner: frame::owner(&staff, found.owner),
        owners: owners(&staff, found.owner),
        today: acting.today.to_string(),
        version: found.version,
        changed: form.errors.iter().any(|error| error.field == "changed"),
        form,
        who,
        grant,
    })
}

/// Whose it is, and what can be said about that now.
fn whose(acting: &Acting<'_>, tx: &Tx<'_>, found: &Complaint, form: &Form) -> Result<Whose, Fault> {
    if found.closed_on.is_some() {
        return Ok(Whose::default());
    }
    if found.unknown_since.is_some() {
        return whose::unknown(acting, tx, form, || {
            whose::given(acting, tx, found.person, found.name.as_ref())
        });
    }
    let words = found
        .tied_on
        .map_or_else(String::new, |on| format!("Somebody here said on {} whose it is.", frame::words(on)));
    Ok(Whose { words, misfiled: true, ..Whose::default() })
}

/// `POST /complaints/{id}/whose`: find them, or say whose it is and how we know.
pub async fn tie(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    let Chosen { to, how, version } = match whose::chosen(&fields) {
        Ok(chosen) => chosen,
        Err((status, errors)) => {
            return back(house, &visitor, id, status, Form { values: fields, errors }).await;
        }
    };
    let tied = write(house.clone(), &visitor, move |acting, tx| {
        let version = version.parse().map_err(|_| Fault::Changed)?;
        acts::unchanged(acting, tx, ComplaintId(id), version)?;
        acts::tie(acting, tx, ComplaintId(id), (to, &how))
    });
    match tied.await {
        Ok(did) => {
            done(&house, &visitor, did).await?;
            Ok(Redirect::to(&format!("/complaints/{id}?said=saved")).into_response())
        }
        Err(trouble) => {
            let (status, errors) = trouble.of_form("complaint")?;
            back(house, &visitor, id, status, Form { values: fields, errors }).await
        }
    }
}

fn grant(acting: &Acting<'_>, tx: &Tx<'_>, found: &Complaint) -> Result<Grant, Fault> {
    let lives = match found.person {
        Some(whom) => vec![acting.life(tx, whom)?],
        None => Vec::new(),
    };
    let grant = crate::acts::request::answering(acting, &lives.iter().collect::<Vec<_>>())?;
    acting.opens("complaint.read", &grant);
    Ok(grant)
}

/// What the forms of the page send.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Given {
    version: i64,
    step: String,
    on: String,
    how: String,
    note: String,
    told: String,
    staff: String,
    #[serde(rename = "misfiled-why")]
    misfiled: String,
}

/// `POST /complaints/{id}`: what was done, by its step.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    let State(instance) = &house;
    let sent = given.clone();
    let done =
        write(State(instance.clone()), &visitor, move |acting, tx| act(acting, tx, ComplaintId(id), &sent));
    match done.await {
        Ok(()) => Ok(Redirect::to(&format!("/complaints/{id}?said=saved")).into_response()),
        Err(trouble) => {
            let (status, errors) = trouble.of_form("complaint")?;
            again(
                house,
                &visitor,
                id,
                status,
                errors,
                &[
                    ("how", given.how),
                    ("note", given.note),
                    ("told", given.told),
                    ("misfiled-why", given.misfiled),
                ],
            )
            .await
        }
    }
}

async fn again(
    house: House,
    visitor: &Visitor,
    id: i64,
    status: StatusCode,
    errors: Vec<FieldError>,
    typed: &[(&str, String)],
) -> Answer<Response> {
    let values = typed.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    back(house, visitor, id, status, Form { values, errors }).await
}

async fn back(house: House, visitor: &Visitor, id: i64, status: StatusCode, form: Form) -> Answer<Response> {
    let path = format!("/complaints/{id}");
    let page = read(house, visitor, move |acting, tx| page(acting, tx, ComplaintId(id), form, &path));
    Ok((status, page.await?).into_response())
}

fn act(acting: &Acting<'_>, tx: &Tx<'_>, id: ComplaintId, given: &Given) -> Result<(), Fault> {
    acts::unchanged(acting, tx, id, given.version)?;
    let on = || match given.on.as_str() {
        "" => Ok(acting.today),
        on => on.parse().map_err(|_| Fault::field("on", "Choose a day.")),
    };
    match given.step.as_str() {
        "acknowledged" => {
            acting.must(policy::role::Deed::AnswerRequests)?;
            if given.how.trim().is_empty() {
                return Err(Fault::field("how", "Write how they were told that we have it."));
            }
            acts::acknowledged(acting, tx, id, (on()?, &given.how))
        }
        "progress" => acts::noted(acting, tx, id, (complaint::PROGRESS, &given.note)),
        "misfiled" => acts::misfiled(acting, tx, id, &given.misfiled),
        "owner" => acts::assign(acting, tx, id, given.staff.parse().ok().map(StaffId)),
        "answer" => acts::answer(acting, tx, id, (&given.told, on()?)),
        _ => acts::noted(acting, tx, id, ("looked into", &given.note)),
    }
}

/// `POST /complaints/{id}/letters`: a letter about it begins.
pub async fn write_letter(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Beginning>,
) -> Answer<Response> {
    let typed = [("letter-why", given.why.clone())];
    match letter::begin(house.clone(), &visitor, About::Complaint(ComplaintId(id)), given).await {
        Ok(to) => Ok(Redirect::to(&to).into_response()),
        Err(trouble) => {
            again(house, &visitor, id, StatusCode::UNPROCESSABLE_ENTITY, trouble.invalid()?, &typed).await
        }
    }
}

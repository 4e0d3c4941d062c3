//! Calls: the preference files with their ages, who may be called, and one call. The number is shown only once it
//! is checked and the policy lets it be called.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::act::Asked;
use custody::id::PersonId;
use custody::{Gate, Grant, Sealed, Verb};
use jiff::Unit;
use jiff::civil::Date;
use policy::KindSet;
use policy::role::Deed;
use serde::Deserialize;
use store::{Tx, call, item, organisation, person, register};

use super::error::{Told, refused as refused_box, sentence};
use super::outreach::{people_page, shown, tabs};
use super::page::{Audience, Choice, Day, Form, Page, Pager, Refused, Tab};
use super::sheet::Of;
use super::show::filters;
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use crate::acts::checking::{self, Answer as Answered, Question};
use crate::acts::{Acting, call as acts, person as people_acts};
use crate::fault::Fault;

/// How many people the list shows.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "calls/calls.html")]
struct Calls {
    page: Page,
    grant: Grant,
    tabs: Vec<Tab>,
    files: Vec<RegisterFile>,
    /// The registers that somebody answers for, number by number.
    answered: String,
    form: Form,
    registers: Vec<Choice>,
    may_load: bool,
    audience: Audience,
    rows: Vec<Row>,
    pager: Pager,
}

struct RegisterFile {
    name: String,
    numbers: String,
    dated: Day,
    age: String,
    tone: String,
    words: String,
}

struct Row {
    href: String,
    name: Sealed,
    organisation: String,
    last: String,
    state: String,
    tone: String,
}

#[derive(Template)]
#[template(path = "calls/call.html")]
struct Call {
    page: Page,
    grant: Grant,
    base: String,
    person: String,
    name: Sealed,
    organisation: String,
    phone: Option<Sealed>,
    screening: Screening,
    refused: Option<Refused>,
    script: String,
    may_record: bool,
    results: Vec<Choice>,
    form: Form,
    before: Vec<Before>,
}

struct Screening {
    passed: bool,
    words: String,
    tone: String,
    state: String,
}

struct Before {
    on: Day,
    words: String,
}

/// `GET /calls`.
pub async fn list(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, Form::default(), &path)).await
}

fn page(acting: &Acting<'_>, tx: &Tx<'_>, form: Form, path: &str) -> Result<Html<String>, Fault> {
    let found = acts::audience(acting, tx)?;
    let whom: Vec<PersonId> = found.will.iter().copied().take(PAGE).collect();
    let grant = names(acting, tx, &whom)?;
    let belongings = organisation::of_people(tx, &whom)?;
    let rows = person::names(tx, &acting.policy, &whom)?
        .into_iter()
        .filter(|name| grant.covers(name.person(), name.kind()))
        .map(|name| {
            let last = call::of_person(tx, &acting.policy, name.person(), 1)?.into_iter().next();
            let theirs = |belongs: &&organisation::Belonging| belongs.person == name.person();
            let belongs = belongings.iter().filter(theirs).find(|belongs| belongs.until.is_none());
            Ok(Row {
                href: format!("/calls/{}", name.person()),
                organisation: belongs.map_or_else(String::new, |belongs| belongs.name.clone()),
                last: last.map_or_else(
                    || "Never called.".to_owned(),
                    |call| format!("Called last on {}.", frame::words(acting.instance.clock.on(call.at))),
                ),
                state: "may be called".to_owned(),
                tone: "good".to_owned(),
                name,
            })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    let registers = acts::registers(&acting.policy);
    html(&Calls {
        page: frame::page(acting, "Calls", "outreach", path),
        tabs: tabs(&acting.policy, "/calls"),
        files: files(acting, tx, &registers)?,
        answered: {
            let config = &acting.instance.config;
            let asked = registers.iter().filter(|name| config.screening.contains_key(*name));
            asked.map(|name| register_words(name)).collect::<Vec<_>>().join(", ")
        },
        registers: registers
            .iter()
            .map(|name| Choice {
                value: name.clone(),
                words: register_words(name),
                hint: String::new(),
                chosen: form.value("register") == name,
            })
            .collect(),
        form,
        may_load: acting.may(Deed::Call),
        audience: shown(&found, "/calls", true),
        pager: Pager { shown: format!("{} of {}", rows.len(), found.will.len()), ..Pager::default() },
        rows,
        grant,
    })
}

fn names(acting: &Acting<'_>, tx: &Tx<'_>, whom: &[PersonId]) -> Result<Grant, Fault> {
    let lives = acting.lives(tx, whom)?;
    let all: Vec<_> = lives.iter().collect();
    let names: KindSet = acting.policy.kind_named("name").map(|kind| kind.id).into_iter().collect();
    let act = people_acts::act(Verb::List, None, Asked::WhatMayBeSeen(names));
    let grant = match acting.decide(&act, &all, &Gate::default()) {
        Err(Fault::Refused(_)) => acting.decide(&act, &[], &Gate::default())?,
        decided => decided?,
    };
    acting.opens("calls.listed", &grant);
    Ok(grant)
}

fn register_words(name: &str) -> String {
    match name {
        "tps" => "Telephone Preference Service".to_owned(),
        "ctps" => "Corporate Telephone Preference Service".to_owned(),
        name => name.to_owned(),
    }
}

fn files(acting: &Acting<'_>, tx: &Tx<'_>, registers: &[String]) -> Result<Vec<RegisterFile>, Fault> {
    let limit = acts::way(&acting.policy).map_or(28, |(_, screening)| screening.fewer_than_days);
    let mut files = Vec::new();
    for name in registers {
        let Some(loaded) = register::newest(tx, name)? else { continue };
        let age = loaded.dated_on.until((Unit::Day, acting.today))?.get_days();
        let stale = age >= i32::from(limit);
        let last = loaded.dated_on.checked_add(jiff::Span::new().days(i64::from(limit) - 1))?;
        files.push(RegisterFile {
            name: register_words(name),
            numbers: match loaded.junk {
                0 => policy::count::counted(loaded.numbers.unsigned_abs(), "number"),
                junk => format!(
                    "{} ({} held none)",
                    policy::count::counted(loaded.numbers.unsigned_abs(), "number"),
                    policy::count::counted(junk.unsigned_abs(), "line")
                ),
            },
            dated: frame::day(loaded.dated_on, acting.today),
            age: format!("{} old", policy::count::counted(age.unsigned_abs().into(), "day")),
            tone: if stale { "late" } else { "good" }.to_owned(),
            words: if stale {
                "Too old: no marketing call may be made on it.".to_owned()
            } else {
                format!("The last day to call on it is {}.", frame::words(last))
            },
        });
    }
    Ok(files)
}

/// `GET /calls/people`.
pub async fn people(house: House, visitor: Visitor, Query(asks): Query<Of>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let found = acts::audience(acting, tx)?;
        let back = ("/calls".to_owned(), "Calls".to_owned());
        people_page(acting, tx, &found, &asks.of, back, "outreach", &path)
    })
    .await
}

/// The largest register file, in bytes: some four million numbers.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// `POST /calls/files`: a register file, or one in an archive. The numbers are taken out of it as it arrives, and
/// nothing is kept of it before all of it was there.
pub async fn load(State(house): House, visitor: Visitor, mut parts: Multipart) -> Answer<Response> {
    let mut register = String::new();
    let mut dated = String::new();
    let mut as_it_is = false;
    let mut numbers = Err(Fault::field("file", "Choose the file of the list."));
    let broken =
        |_| Trouble::new(Fault::field("file", "The file did not arrive whole. Try again."), &visitor);
    // Only staff may load one. Whoever may not is told so when all was sent: a browser hears nothing before.
    let may = read(State(house.clone()), &visitor, |acting, _| acting.must(Deed::Call)).await;
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        match part.name() {
            Some("register") => register = part.text().await.map_err(broken)?,
            Some("dated") => dated = part.text().await.map_err(broken)?,
            Some("as-it-is") => as_it_is = !part.text().await.map_err(broken)?.is_empty(),
            Some("file") if may.is_ok() => {
                let (sending, arriving) = super::arriving::way();
                let reading = blocking(move || acts::read_register(arriving));
                let (sent, found) = tokio::join!(sending.all(part), reading);
                sent.map_err(broken)?;
                numbers = found;
            }
            _ => {}
        }
    }
    may?;
    let values = [("register".to_owned(), register.clone()), ("dated".to_owned(), dated.clone())].into();
    let form = Form { values, ..Form::default() };
    let loaded = match numbers {
        Err(fault) => Err(Trouble::new(fault, &visitor)),
        Ok(numbers) => {
            write(State(house.clone()), &visitor, move |acting, tx| {
                let dated: Option<Date> = match dated.trim() {
                    "" => None,
                    day => {
                        Some(day.parse().map_err(|_| Fault::field("dated", "Choose the date of the list."))?)
                    }
                };
                acts::load_register(acting, tx, &register, dated, &numbers, as_it_is)
            })
            .await
        }
    };
    let Err(trouble) = loaded else { return Ok(Redirect::to("/calls?said=loaded").into_response()) };
    match trouble.told()? {
        Told::Invalid(errors) => {
            let form = Form { errors, ..form };
            let page =
                read(State(house), &visitor, move |acting, tx| page(acting, tx, form.clone(), "/calls"))
                    .await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Told::Refused(refused) => Ok(super::error::refused_page(&refused)),
    }
}

/// `GET /calls/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| call_page(acting, tx, PersonId(id), Form::default(), &path)).await
}

fn call_page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: PersonId,
    form: Form,
    path: &str,
) -> Result<Html<String>, Fault> {
    acting.must(Deed::Call)?;
    let policy = &acting.policy;
    let (life, reading) = super::person::reading(acting, tx, id)?;
    let name = super::person::called(acting, tx, id, &reading)?.ok_or(Fault::NotFound)?;
    let decided = acts::decide(acting, tx, &life);
    let at = acts::called_at(acting, tx, id)?;
    let phone = item::of_person(tx, policy, id)?.into_iter().find(|item| Some(item.id) == at);
    let (passed, refused) = match decided {
        Ok(_) => (phone.is_some(), None),
        Err(Fault::Refused(refusal)) => (false, Some(refused_box(&refusal))),
        Err(fault) => return Err(fault),
    };
    let screening = Screening {
        passed,
        words: match (&refused, &phone) {
            (_, None) => "No telephone number of theirs is held.".to_owned(),
            (None, Some(_)) => {
                "Checked just now against the lists loaded, and ours. The check is kept with the call."
                    .to_owned()
            }
            (Some(refused), Some(_)) => sentence(&refused.because),
        },
        tone: if passed { "good" } else { "late" }.to_owned(),
        state: if passed { "may be called" } else { "do not call" }.to_owned(),
    };
    let belongs = organisation::of_people(tx, &[id])?;
    let before = call::of_person(tx, policy, id, 20)?.into_iter().map(|call| Before {
        on: frame::day(acting.instance.clock.on(call.at), acting.today),
        words: call.screened.map_or_else(String::new, |looked| format!("Checked against {looked}.")),
    });
    let before = before.collect();
    html(&Call {
        page: frame::page(acting, "A call", "outreach", path),
        base: format!("/calls/{id}"),
        person: format!("/people/{id}"),
        name,
        organisation: belongs
            .into_iter()
            .find(|belongs| belongs.until.is_none())
            .map_or_else(String::new, |belongs| belongs.name),
        phone: phone.map(|phone| phone.value).filter(|phone| reading.covers(phone.person(), phone.kind())),
        script: acts::script(policy).filter(|_| passed).unwrap_or_default(),
        may_record: passed,
        screening,
        refused,
        results: acts::results(policy)
            .iter()
            .map(|result| Choice {
                value: result.name.clone(),
                words: result.words.clone(),
                hint: String::new(),
                chosen: form.value("result") == result.name,
            })
            .collect(),
        form,
        before,
        grant: reading,
    })
}

/// `POST /calls/{id}/check`: checks the number and keeps the check.
pub async fn check(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Response> {
    let person = PersonId(id);
    let questions = move |acting: &Acting<'_>, tx: &Tx<'_>| checking::questions(acting, tx, person);
    let keep = move |acting: &Acting<'_>, tx: &Tx<'_>, answers: &[Answered]| {
        checking::answered(acting, tx, person, answers)?;
        acts::check(acting, tx, person).map(drop)
    };
    let said = ask_about(house, &visitor, questions, keep).await?;
    Ok(Redirect::to(&format!("/calls/{id}?said={said}")).into_response())
}

/// Asks whoever answers for a register about a number, in between, while nothing waits for the database, and keeps what was answered.
/// What the page then says: `checked`, or `unanswered` where one of them gave no answer.
pub(super) async fn ask_about(
    house: House,
    visitor: &Visitor,
    questions: impl FnMut(&Acting<'_>, &Tx<'_>) -> Result<Vec<Question>, Fault> + Send + 'static,
    mut keep: impl FnMut(&Acting<'_>, &Tx<'_>, &[Answered]) -> Result<(), Fault> + Send + 'static,
) -> Answer<&'static str> {
    let to_ask = write(house.clone(), visitor, questions).await?;
    let asking = blocking(move || Ok(to_ask.into_iter().map(Question::ask).collect::<Vec<_>>()));
    let answers = asking.await.map_err(|fault| Trouble::new(fault, visitor))?;
    let said = if answers.iter().all(Answered::is_there) { "checked" } else { "unanswered" };
    write(house, visitor, move |acting, tx| keep(acting, tx, &answers)).await?;
    Ok(said)
}

/// What the call's form sends.
#[derive(Deserialize, Clone)]
pub struct Made {
    #[serde(default)]
    result: String,
    #[serde(default)]
    text: String,
}

/// `POST /calls/{id}`: what came of it.
pub async fn record(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Made>,
) -> Answer<Response> {
    let typed = given.clone();
    let done = write(house.clone(), &visitor, move |acting, tx| {
        acts::record(acting, tx, PersonId(id), &given.result, &given.text)
    })
    .await;
    let Err(trouble) = done else {
        return Ok(Redirect::to(&format!("/people/{id}?said=recorded")).into_response());
    };
    match trouble.told()? {
        Told::Invalid(errors) => {
            let values = [("result".to_owned(), typed.result), ("text".to_owned(), typed.text)].into();
            let form = Form { values, errors };
            let path = visitor.path.clone();
            let page = read(house, &visitor, move |acting, tx| {
                call_page(acting, tx, PersonId(id), form.clone(), &path)
            })
            .await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Told::Refused(refused) => Ok(super::error::refused_page(&refused)),
    }
}

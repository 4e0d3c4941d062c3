//! The import wizard: what a file is, what its columns hold, what will happen to each row, what happened.
//! Nothing is taken before the last step; a wrong answer never loses the file.

use askama::Template;
use axum::extract::{Multipart, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::ImportId;
use policy::channel::Means;
use policy::role::Deed;
use policy::{Activity, CategoryId, Policy};
use store::import::{self as batches, Batch, Outcome, State};
use store::{Tx, staff};

use super::error::Told;
use super::page::{Choice, Day, FieldError, Form, Page, Step};
use super::{Answer, House, Trouble, Visitor, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::import::{self as acts, Naming};
use crate::acts::person;
use crate::fault::Fault;

pub mod columns;
pub mod outcome;
pub mod rows;

/// Imports on one page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "import/imports.html")]
struct Imports {
    page: Page,
    rows: Vec<Row>,
    may_import: bool,
}

struct Row {
    href: String,
    file: String,
    on: Day,
    by: String,
    activity: String,
    sum: String,
    state: String,
    tone: String,
}

#[derive(Template)]
#[template(path = "import/what.html")]
struct What {
    page: Page,
    form: Form,
    steps: Vec<Step>,
    kept: String,
    file_id: String,
    activities: Vec<Choice>,
    sources: Vec<Choice>,
    told: Vec<Choice>,
    offers: Vec<Choice>,
}

/// Who told the people, as the form asks it: what is kept, and what is read.
const TOLD: &[(&str, &str)] = &[
    ("source", "They gave it to us, or whoever gave it to us told them"),
    ("we", "We have told them"),
    ("nobody", "Nobody yet: we write to them within a month"),
];

/// The wizard's stages, with the one at hand.
fn steps(here: usize) -> Vec<Step> {
    ["What it is", "Columns", "Rows", "Result"]
        .iter()
        .enumerate()
        .map(|(at, words)| Step { words: (*words).to_owned(), done: at < here, here: at == here })
        .collect()
}

/// `GET /import`.
pub async fn get(house: House, visitor: Visitor) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Import)?;
        let mut rows = Vec::new();
        for batch in batches::page(tx, None, PAGE)? {
            rows.push(listed(acting, tx, &batch)?);
        }
        html(&Imports { page: frame::page(acting, "Imports", "people", &path), rows, may_import: true })
    })
    .await
}

fn listed(acting: &Acting<'_>, tx: &Tx<'_>, batch: &Batch) -> Result<Row, Fault> {
    let by = match batch.by {
        Some(who) => staff::get(tx, who)?.name,
        None => "the command line".to_owned(),
    };
    let (state, tone) = match batch.state {
        State::Asked | State::Named | State::Planned => ("a preview", "wait"),
        State::Running => ("running", "wait"),
        State::Finished => ("imported", "good"),
        State::Undoing => ("being undone", "wait"),
        State::Undone => ("undone", ""),
    };
    Ok(Row {
        href: format!("/import/{}", batch.id),
        file: called(&batch.name),
        on: frame::day(acting.instance.clock.on(batch.created_at), acting.today),
        by,
        activity: batch.activity.clone(),
        sum: sum(tx, batch)?,
        state: state.to_owned(),
        tone: tone.to_owned(),
    })
}

/// `198 created, 2 held back, 0 skipped of 200`.
fn sum(tx: &Tx<'_>, batch: &Batch) -> Result<String, Fault> {
    let counts = batches::counts(tx, batch.id)?;
    let n = |outcome: Outcome| counts.get(&outcome).copied().unwrap_or(0);
    Ok(match batch.state {
        State::Finished => format!(
            "{} created, {} updated, {} the same, {} held back, {} skipped of {}",
            n(Outcome::Created),
            n(Outcome::Updated),
            n(Outcome::Unchanged),
            n(Outcome::LeftOut),
            n(Outcome::Skipped),
            batch.rows
        ),
        State::Undone => {
            format!("{} taken out, {} stayed of {}", n(Outcome::Gone), n(Outcome::Stayed), batch.rows)
        }
        _ => policy::count::counted(batch.rows.unsigned_abs(), "row"),
    })
}

/// `GET /import/new`.
pub async fn new(house: House, visitor: Visitor) -> Answer {
    read(house, &visitor, move |acting, _| {
        acting.must(Deed::Import)?;
        html(&what(acting, Form::default(), None))
    })
    .await
}

/// `GET /import/{id}`: to wherever the import stands.
pub async fn one(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer<Redirect> {
    let state = read(house, &visitor, move |acting, tx| {
        acting.must(Deed::Import)?;
        Ok(batches::one(tx, ImportId(id))?.state)
    })
    .await?;
    let step = match state {
        State::Asked | State::Named => "columns",
        State::Planned => "rows",
        State::Running | State::Undoing => "progress",
        State::Finished | State::Undone => "result",
    };
    Ok(Redirect::to(&format!("/import/{id}/{step}")))
}

fn what(acting: &Acting<'_>, form: Form, kept: Option<&Batch>) -> What {
    let policy = &acting.policy;
    let activities = acts::activities(policy);
    let choices = activities.iter().filter_map(|(activity, category)| {
        let category = policy.categories.get(category.index())?;
        let value = format!("{}|{}", activity.name, category.name);
        let kinds: Vec<&str> =
            crate::intake::column::choices(policy, activity).iter().map(|kind| kind.name.as_str()).collect();
        Some(Choice {
            words: format!("{}: {}", super::people::capital(&category.name), activity.title),
            hint: format!("May hold {}.", kinds.join(", ")),
            chosen: form.value("activity") == value,
            value,
        })
    });
    let sources = crate::acts::person::sources(activities.iter().map(|(activity, _)| *activity));
    let source = |source: String| Choice {
        words: super::people::capital(&source),
        hint: String::new(),
        chosen: form.value("source") == source,
        value: source,
    };
    let nothing = Choice { words: "Choose".to_owned(), ..Choice::default() };
    What {
        page: frame::page(acting, "Import a file", "people", "/import/new"),
        steps: steps(0),
        kept: kept.map_or_else(String::new, |batch| {
            format!("{}, {}.", called(&batch.name), policy::count::counted(batch.rows.unsigned_abs(), "row"))
        }),
        file_id: kept.map_or_else(String::new, |batch| batch.id.to_string()),
        activities: choices.collect(),
        sources: std::iter::once(nothing).chain(sources.into_iter().map(source)).collect(),
        told: TOLD
            .iter()
            .map(|(value, words)| Choice {
                value: (*value).to_owned(),
                words: (*words).to_owned(),
                hint: String::new(),
                chosen: form.value("told") == *value,
            })
            .collect(),
        offers: offers_choice(policy, &activities, kept, form.value("offers")),
        form,
    }
}

/// The box that lets people brought in for one thing be told what we offer as well. It is not ticked by itself.
fn offers_choice(
    policy: &Policy,
    activities: &[(&Activity, CategoryId)],
    kept: Option<&Batch>,
    chosen: &str,
) -> Vec<Choice> {
    let mut offers: Vec<&Activity> = Vec::new();
    for (activity, category) in activities {
        for other in person::offers(policy, *category, Some(activity.id)) {
            if !offers.iter().any(|known| known.id == other.id) {
                offers.push(other);
            }
        }
    }
    if offers.is_empty() {
        return Vec::new();
    }
    let (phone, email) = (by(policy, &offers, Means::Phone), by(policy, &offers, Means::Email));
    let rows = kept.map_or_else(String::new, |batch| {
        format!(" {} of", policy::count::every(batch.rows.unsigned_abs(), "row"))
    });
    vec![Choice {
        value: "yes".to_owned(),
        words: "They may also be told what we offer".to_owned(),
        hint: format!(
            "Unless you tick this,{rows} the file is kept out of the {} things we do to offer something ({phone} by \
             phone, {email} by e-mail), but for what you chose above. Steps 3 and 4 say how many people it is.",
            offers.len()
        ),
        chosen: !chosen.is_empty(),
    }]
}

/// How many of these activities use a means.
fn by(policy: &Policy, activities: &[&Activity], means: Means) -> usize {
    let uses = |activity: &&&Activity| {
        let mut channels = activity.channels.iter();
        channels.any(|id| policy.channels.get(id.index()).is_some_and(|channel| channel.means == means))
    };
    activities.iter().filter(uses).count()
}

/// What being told what we offer comes to for the people of an import, in numbers; nothing if nobody would be.
fn offered(policy: &Policy, importing: &acts::Importing<'_>, is_done: bool) -> String {
    let offers = importing.offers(policy);
    if offers.is_empty() {
        return String::new();
    }
    let said = &importing.said;
    let phones = if by(policy, &offers, Means::Phone) > 0 { said.phones } else { 0 };
    let emails = if by(policy, &offers, Means::Email) > 0 { said.emails } else { 0 };
    let titles: Vec<&str> = offers.iter().map(|activity| activity.title.as_str()).collect();
    let titles = titles.join("; ");
    match (said.offers, is_done) {
        (true, _) => format!(
            "They may also be told what we offer: {phones} by phone, {emails} by e-mail. That is: {titles}."
        ),
        (false, false) => format!(
            "Nobody of them will be told what we offer, though {phones} have a phone number and {emails} an e-mail \
             address: they will not be entered in {titles}. Step 1 has the box that would change that."
        ),
        (false, true) => format!(
            "Nobody of them is told what we offer, though {phones} have a phone number and {emails} an e-mail address: \
             they are not entered in {titles}. Each person's page can enter them, with a reason."
        ),
    }
}

/// What the first step's form sends.
#[derive(Clone, Default)]
struct Posted {
    form: Form,
    name: String,
    bytes: Option<axum::body::Bytes>,
}

async fn posted(mut parts: Multipart) -> Result<Posted, Fault> {
    let unread = |error: axum::extract::multipart::MultipartError| {
        let words = match error.status() {
            axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
                "The file is too large; at most 40 MB are read at a time."
            }
            _ => "The file did not arrive whole. Choose it again.",
        };
        Fault::field("file", words)
    };
    let mut posted = Posted::default();
    while let Some(part) = parts.next_field().await.map_err(unread)? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            posted.name = part.file_name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(unread)?;
            if !bytes.is_empty() {
                posted.bytes = Some(bytes);
            }
        } else {
            posted.form.values.insert(name, part.text().await.map_err(unread)?);
        }
    }
    Ok(posted)
}

/// `POST /import`: what the file is.
pub async fn post(house: House, visitor: Visitor, parts: Multipart) -> Answer<Response> {
    let posted = posted(parts).await.map_err(|fault| Trouble::new(fault, &visitor))?;
    let mut kept = posted.form.value("kept").parse().ok().map(ImportId);
    if let Some(bytes) = posted.bytes.clone() {
        let name = posted.name.clone();
        let received = read(house.clone(), &visitor, move |acting, _| {
            Ok(acts::receive(acting.instance, acting, &name, &bytes)?.0)
        });
        match received.await {
            Ok(received) => {
                kept = Some(
                    write(house.clone(), &visitor, move |acting, tx| acts::keep(acting, tx, &received))
                        .await?,
                );
            }
            Err(trouble) => return again(house, &visitor, posted.form, None, errors(trouble)?).await,
        }
    }
    let Some(id) = kept else {
        let error = FieldError { field: "file".to_owned(), words: "Choose a file.".to_owned() };
        return again(house, &visitor, posted.form, None, vec![error]).await;
    };
    let naming = naming(&posted.form);
    let named =
        write(house.clone(), &visitor, move |acting, tx| acts::name_it(acting, tx, id, &naming)).await;
    match named {
        Ok(()) => Ok(Redirect::to(&format!("/import/{id}/columns")).into_response()),
        Err(trouble) => again(house, &visitor, posted.form, Some(id), errors(trouble)?).await,
    }
}

/// What a form says of an act that did not happen; anything else stays trouble.
fn errors(trouble: Trouble) -> Result<Vec<FieldError>, Trouble> {
    Ok(match trouble.told()? {
        Told::Invalid(errors) => errors,
        Told::Refused(refused) => {
            let words = format!("{} {}", refused.because, refused.next_step);
            vec![FieldError { field: "activity".to_owned(), words }]
        }
    })
}

fn naming(form: &Form) -> Naming {
    let (activity, category) = form.value("activity").split_once('|').unwrap_or((form.value("activity"), ""));
    Naming {
        activity: activity.to_owned(),
        category: category.to_owned(),
        source: form.value("source").to_owned(),
        collected_on: form.value("collected").parse().ok(),
        told: TOLD
            .iter()
            .map(|(told, _)| *told)
            .find(|told| *told == form.value("told"))
            .unwrap_or("")
            .to_owned(),
        offers: !form.value("offers").is_empty(),
    }
}

/// The first step once more, with what was typed, the file that was kept, and what is to put right.
async fn again(
    house: House,
    visitor: &Visitor,
    mut form: Form,
    kept: Option<ImportId>,
    errors: Vec<FieldError>,
) -> Answer<Response> {
    form.errors = errors;
    let page = read(house, visitor, move |acting, tx| {
        let batch = kept.map(|id| batches::one(tx, id)).transpose()?;
        html(&what(acting, form, batch.as_ref()))
    });
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page.await?).into_response())
}

/// What a file was called; its name goes with it.
fn called(name: &str) -> String {
    if name.is_empty() { "A file that has gone".to_owned() } else { name.to_owned() }
}

//! One letter: read it over, change it, and let it leave by e-mail or otherwise. What two people write at once is shown side by
//! side, and neither is lost.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use custody::id::{ComplaintId, IncidentId, LetterId, RequestId, TaskId};
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::Tx;
use store::letter::{Change, Letter};

use super::page::{Choice, Day, FieldError, Form, Page};
use super::show::filters;
use super::{Answer, House, Trouble, Visitor, blocking, frame, html, read, write};
use crate::acts::Acting;
use crate::acts::letter::{self as acts, About, Leaves, Sort};
use crate::acts::request::remove_files;
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "letter/letter.html")]
struct LetterPage {
    page: Page,
    grant: Grant,
    base: String,
    back: String,
    title: String,
    subject: Sealed,
    body: Sealed,
    typed: Option<(String, String)>,
    conflict: bool,
    version: i64,
    ways: Vec<Way>,
    what_follows: String,
    why: Option<Sealed>,
    needs: String,
    gone: String,
    today: String,
    written: Day,
    form: Form,
}

struct Way {
    value: &'static str,
    words: &'static str,
    address: Sealed,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "letter/paper.html")]
struct Paper {
    page: Page,
    grant: Grant,
    subject: Sealed,
    body: Sealed,
    day: Day,
}

/// A letter in a list.
pub(super) struct Line {
    pub(super) href: String,
    pub(super) words: String,
    pub(super) state: String,
    pub(super) tone: &'static str,
}

/// The letters about something, as a list shows them.
pub(super) fn lines(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    about: About,
    person: Option<custody::id::PersonId>,
) -> Result<Vec<Line>, Fault> {
    Ok(acts::about(acting, tx, about, person)?.iter().map(line).collect())
}

/// One letter, as a list shows it.
pub(super) fn line(letter: &Letter) -> Line {
    let (state, tone) = match (letter.sent_on, letter.message) {
        (Some(on), Some(_)) if letter.stopped() => {
            (format!("did not leave on {}: tell them otherwise", frame::words(on)), "late")
        }
        (Some(on), Some(_)) => (format!("left by e-mail on {}", frame::words(on)), "good"),
        (Some(on), None) => (format!("left on {}", frame::words(on)), "good"),
        (None, _) => ("a draft: nothing has left".to_owned(), "wait"),
    };
    let words = Sort::named(&letter.sort).map_or("", Sort::button).to_owned();
    Line { href: format!("/letters/{}", letter.id), words, state, tone }
}

/// Sorts as the choices of a form that begins a letter.
pub(super) fn sorts(sorts: &[Sort], chosen: &str) -> Vec<Choice> {
    let choice = |sort: &Sort| Choice {
        value: sort.name().to_owned(),
        words: sort.button().to_owned(),
        hint: sort.needs().unwrap_or_default().to_owned(),
        chosen: sort.name() == chosen,
    };
    sorts.iter().map(choice).collect()
}

fn back(about: About) -> String {
    match about {
        About::Request(RequestId(id)) => format!("/requests/{id}"),
        About::Complaint(ComplaintId(id)) => format!("/complaints/{id}"),
        About::Incident(IncidentId(id), _) => format!("/incidents/{id}"),
    }
}

/// What happens when it leaves, in words.
fn what_follows(sort: Sort) -> &'static str {
    match sort {
        Sort::Identity => "From the day it leaves no day counts, until what shows who they are arrives.",
        Sort::Clarification => "The days from when it leaves until they answer do not count.",
        Sort::Fee => "From the day it leaves no day counts, until it is paid.",
        Sort::Extension => {
            "When it leaves, the request has two further months; it must leave before its first time ends."
        }
        Sort::Answer | Sort::Part | Sort::Refusal => "When it leaves, the request is answered and closed.",
        Sort::Outcome => "When it leaves, the complaint is answered and closed.",
        Sort::Lifting => "When it has left, the restriction can be lifted.",
        Sort::Recipient => "Write down what they answer where the task stands.",
        Sort::Incident => "When it leaves, they were told: the incident says so, and when.",
        Sort::Acknowledgement | Sort::Progress => "That it left goes into the record.",
    }
}

/// `GET /letters/{id}`.
pub async fn get(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| page(acting, tx, LetterId(id), (None, false), Vec::new(), &path))
        .await
}

fn page(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    id: LetterId,
    (typed, conflict): (Option<(String, String)>, bool),
    errors: Vec<FieldError>,
    path: &str,
) -> Result<Html<String>, Fault> {
    let (letter, grant) = acts::on_desk(acting, tx, id)?;
    let sort = Sort::named(&letter.sort).ok_or(Fault::NotFound)?;
    let to_others = sort == Sort::Recipient;
    let (addresses, _) = acts::addresses(acting, tx, letter.about)?;
    let last = addresses.len().saturating_sub(1);
    let ways = addresses.into_iter().enumerate().filter(|_| !to_others).map(|(place, one)| Way {
        value: one.word,
        words: if one.word == "held" {
            "The address we hold"
        } else {
            "The address they gave, which we did not hold"
        },
        address: one.address,
        chosen: place == 0 && (last == 0 || sort != Sort::Acknowledgement)
            || (place == last && sort == Sort::Acknowledgement),
    });
    let gone = letter.sent_on.map_or_else(String::new, |on| {
        if letter.stopped() {
            return format!(
                "It was to leave by e-mail on {}, and the mail server did not take it. Nothing that it says has reached them: a task says \
                 so.",
                frame::words(on)
            );
        }
        let how = if letter.message.is_some() { " by e-mail" } else { "" };
        format!("It left on {}{how}, and stays as it was.", frame::words(on))
    });
    html(&LetterPage {
        page: frame::page(acting, "A letter", "requests", path),
        base: format!("/letters/{id}"),
        back: back(letter.about),
        title: sort.button().to_owned(),
        subject: letter.subject,
        body: letter.body,
        typed,
        conflict,
        version: letter.version,
        ways: ways.collect(),
        what_follows: what_follows(sort).to_owned(),
        why: letter.why,
        needs: sort.needs().unwrap_or_default().to_owned(),
        gone,
        today: acting.today.to_string(),
        written: frame::day(letter.written_on, acting.today),
        form: Form { errors, ..Form::default() },
        grant,
    })
}

/// What the forms of the page send.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Given {
    version: i64,
    subject: String,
    body: String,
    to: String,
    on: String,
    how: String,
    step: String,
    #[serde(rename = "letter-why")]
    why: Option<String>,
}

enum Came {
    Back(String, store::dispose::Bytes),
    Conflict,
}

/// `POST /letters/{id}`: kept, thrown away, or on its way. What stands in the fields is kept first, whatever was pressed.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(given): Posted<Given>,
) -> Answer<Response> {
    let State(instance) = &house;
    let instance = instance.clone();
    let sent = given.clone();
    let done =
        write(State(instance.clone()), &visitor, move |acting, tx| act(acting, tx, LetterId(id), &sent));
    let (status, errors, conflict) = match done.await {
        Ok(Came::Back(to, bytes)) => {
            let gone = blocking(move || {
                remove_files(&instance, &bytes);
                Ok(())
            });
            gone.await.map_err(|fault| Trouble::new(fault, &visitor))?;
            return Ok(Redirect::to(&to).into_response());
        }
        Ok(Came::Conflict) => (StatusCode::CONFLICT, Vec::new(), true),
        Err(trouble) => match trouble.fault() {
            Fault::Changed => (StatusCode::CONFLICT, Vec::new(), true),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, trouble.invalid()?, false),
        },
    };
    let path = format!("/letters/{id}");
    let typed = Some((given.subject, given.body));
    let page = read(house, &visitor, move |acting, tx| {
        page(acting, tx, LetterId(id), (typed, conflict), errors, &path)
    });
    Ok((status, page.await?).into_response())
}

fn act(acting: &Acting<'_>, tx: &Tx<'_>, id: LetterId, given: &Given) -> Result<Came, Fault> {
    let (letter, _) = acts::on_desk(acting, tx, id)?;
    let to = back(letter.about);
    if given.step == "discard" {
        acts::discard(acting, tx, id, given.version)?;
        return Ok(Came::Back(format!("{to}?said=removed"), store::dispose::Bytes::default()));
    }
    if acts::change(acting, tx, id, given.version, (&given.subject, &given.body))? == Change::Conflict {
        return Ok(Came::Conflict);
    }
    if let Some(why) = &given.why {
        acts::because(acting, tx, (id, given.version + 1), why)?;
    }
    let leaves = match given.step.as_str() {
        "mail" => Leaves::Mail(&given.to),
        "hand" => {
            let on = given.on.parse().map_err(|_| Fault::field("on", "Choose the day it left."))?;
            Leaves::ByHand(on, &given.how)
        }
        _ => return Ok(Came::Back(format!("/letters/{id}?said=saved"), store::dispose::Bytes::default())),
    };
    let said = if matches!(leaves, Leaves::Mail(_)) { "leaving" } else { "letter-left" };
    let done = acts::send(acting, tx, (id, given.version + 1), leaves)?;
    Ok(Came::Back(format!("{to}?said={said}"), done.bytes))
}

/// `GET /letters/{id}/paper`: as it is printed.
pub async fn paper(house: House, visitor: Visitor, Path(id): Path<i64>) -> Answer {
    let path = visitor.path.clone();
    read(house, &visitor, move |acting, tx| {
        let (letter, grant) = acts::on_desk(acting, tx, LetterId(id))?;
        html(&Paper {
            page: frame::page(acting, "A letter", "requests", &path),
            grant,
            subject: letter.subject,
            body: letter.body,
            day: frame::day(letter.sent_on.unwrap_or(acting.today), acting.today),
        })
    })
    .await
}

/// What a form that begins a letter sends.
#[derive(Deserialize, Clone, Default)]
#[serde(default)]
pub struct Beginning {
    sort: String,
    #[serde(rename = "letter-why")]
    pub(super) why: String,
    task: String,
}

/// Begins a letter, and where it can be read over.
pub(super) async fn begin(house: House, visitor: &Visitor, about: About, given: Beginning) -> Answer<String> {
    let begun = write(house, visitor, move |acting, tx| {
        let sort = Sort::named(&given.sort).ok_or_else(|| Fault::field("sort", "Choose what it says."))?;
        let task = given.task.trim().parse().ok().map(TaskId);
        acts::draft(acting, tx, about, sort, (&given.why, task))
    });
    Ok(format!("/letters/{}", begun.await?))
}

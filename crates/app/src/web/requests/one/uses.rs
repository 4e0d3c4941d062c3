//! What somebody objects to, use by use: what stops and what goes on is seen before it is decided, and happens when they are told.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form as Posted;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use custody::id::RequestId;
use custody::{Grant, Life, Sealed};
use store::Tx;
use store::objection::{Verdict, Weighed};
use store::request::{Kind, SubjectRequest};

use super::forms::{again, as_seen, late, still, wrong};
use crate::acts::request as acts;
use crate::acts::request::weighing::{self, Answered, Stage, Use};
use crate::acts::{Acting, consent};
use crate::fault::Fault;
use crate::web::page::{Choice, Form, Page};
use crate::web::work::{Foreseen, shown};
use crate::web::{Answer, House, Visitor, frame, html, read, write};

/// The card on the page of the request.
pub(super) struct Uses {
    /// How it stands, in a sentence.
    pub(super) words: String,
    /// Each use, with the questions about it.
    pub(super) all: Vec<Question>,
    /// Whether all of it was decided already.
    pub(super) decided: bool,
    /// What they agreed to and can take back.
    pub(super) agreed: Vec<Agreed>,
    /// What they took back with this request, and when.
    pub(super) back: Vec<(String, Sealed)>,
    /// What opens the reasons.
    pub(super) grant: Grant,
}

/// Something they agreed to.
pub(super) struct Agreed {
    pub(super) words: String,
    pub(super) activity: String,
    pub(super) engagement: String,
}

/// One use.
pub(super) struct Question {
    pub(super) title: String,
    pub(super) so_that: String,
    pub(super) stops: bool,
    pub(super) not_meant: bool,
    pub(super) because: Option<Sealed>,
    pub(super) choice: String,
    pub(super) choices: Vec<Choice>,
    pub(super) why: String,
    pub(super) typed: String,
}

/// What is decided, before it is.
#[derive(Template)]
#[template(path = "requests/weighing.html")]
struct Preview {
    page: Page,
    base: String,
    version: String,
    uses: Vec<Decision>,
    sent: BTreeMap<String, String>,
    keep: Vec<Foreseen>,
    go: Vec<Foreseen>,
    wait: Vec<Foreseen>,
    kept: Vec<Foreseen>,
}

struct Decision {
    title: String,
    stops: bool,
    because: String,
}

/// The card of a request that objects to more than advertising; nothing for any other.
pub(super) fn of(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    asked: &SubjectRequest,
    (known, form): (bool, &Form),
) -> Result<(Option<Uses>, Stage), Fault> {
    let open = asked.closed_on.is_none();
    let Some(person) = asked.person.filter(|_| asked.kind == Kind::Objection && open) else {
        return Ok((None, Stage::Nothing));
    };
    let uses = weighing::uses(acting, tx, asked)?;
    let life = acting.life(tx, person)?;
    let grant = acts::answering(acting, &[&life])?;
    let back = weighing::taken_back(acting, tx, asked)?;
    let stage = weighing::stage(&uses, !back.is_empty());
    if stage != Stage::Nothing || !back.is_empty() {
        acting.opens("request.read", &grant);
    }
    let may = known && asked.unknown_since.is_none() && acts::entitled(asked).is_ok();
    let agreed = if may { agreed(acting, &life) } else { Vec::new() };
    let words = match stage {
        _ if asked.unknown_since.is_some() => {
            "Nothing of anybody has stopped but advertising at the address they gave. Say first whose it is."
        }
        Stage::Nothing if !known && acts::entitled(asked).is_err() => {
            "Advertising has stopped. All else goes on until you say how we know who asks, and somebody here has seen what lets them ask: \
             then what rests on an interest of ours is stored and not used, until you have decided of each use."
        }
        Stage::Nothing if acts::entitled(asked).is_err() => {
            "Advertising has stopped. Say first what lets them ask, and that somebody here has seen it: then what rests on an interest of \
             ours is stored and not used, until you have decided of each use."
        }
        Stage::Nothing if !known => {
            "Advertising has stopped. All else goes on until you say how we know who asks: then what rests on an interest of ours is \
             stored and not used, until you have decided of each use."
        }
        Stage::Nothing if !agreed.is_empty() => {
            "Advertising has stopped. Nothing else that we do with their data rests on an interest of ours, so there is nothing to weigh. \
             What they agreed to stands until it is taken back here."
        }
        Stage::Nothing => {
            "Advertising has stopped. Nothing else that we do with their data rests on an interest of ours, so there is nothing to weigh."
        }
        Stage::Open => {
            "Advertising has stopped. What is named here is stored and not used until you decide; all else goes on. What goes on needs a \
             reason that outweighs what they say, or a legal claim (Art 21(1)). Where what they ask is about something else, say that they \
             do not object to it."
        }
        Stage::Came(_) => {
            "This is decided, and happens when they are told: by the letter, or when you record the answer. Until then what is named \
             here is stored and not used."
        }
    };
    let all = uses.into_iter().map(|one| question(one, form)).collect();
    let back = back.into_iter().map(|(on, title)| (frame::words(on), title)).collect();
    let decided = matches!(stage, Stage::Came(_));
    Ok((Some(Uses { words: words.to_owned(), all, decided, agreed, back, grant }), stage))
}

/// Each consent of theirs that stands, to be taken back in one step.
fn agreed(acting: &Acting<'_>, life: &Life) -> Vec<Agreed> {
    let each = consent::standing(acting, life).into_iter().map(|given| Agreed {
        words: format!("{}, since {}", given.title, frame::words(given.given_on)),
        activity: given.activity,
        engagement: given.engagement.map_or_else(String::new, |id| id.to_string()),
    });
    each.collect()
}

fn question(one: Use, form: &Form) -> Question {
    let (choice, why) = (format!("use-{}", one.objection), format!("why-{}", one.objection));
    let choices = VERDICTS.map(|(_, value, words)| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        hint: String::new(),
        chosen: form.value(&choice) == value,
    });
    let (stops, not_meant) = match one.decided {
        Some(Weighed::Stops) => (true, false),
        Some(Weighed::NotMeant) => (false, true),
        Some(Weighed::GoesOn(_)) | None => (false, false),
    };
    let because = match one.decided {
        Some(Weighed::GoesOn(because)) => Some(because),
        _ => None,
    };
    Question {
        title: one.title,
        so_that: one.so_that.unwrap_or_default(),
        stops,
        not_meant,
        because,
        choices: choices.to_vec(),
        typed: form.value(&why).to_owned(),
        choice,
        why,
    }
}

/// What can be said of a use, and how the form reads.
const VERDICTS: [(Verdict, &str, &str); 3] = [
    (Verdict::Stops, "stops", "We stop"),
    (Verdict::GoesOn, "goes on", "We go on, for a reason"),
    (Verdict::NotMeant, "not meant", "They do not object to this"),
];

fn verdict(word: &str) -> Option<Verdict> {
    VERDICTS.iter().find(|(_, value, _)| *value == word).map(|(verdict, ..)| *verdict)
}

/// What the form says of each use.
fn answers(uses: &[Use], fields: &BTreeMap<String, String>) -> Vec<Answered> {
    let value = |name: String| fields.get(&name).cloned().unwrap_or_default();
    uses.iter()
        .map(|one| Answered {
            objection: one.objection,
            verdict: verdict(&value(format!("use-{}", one.objection))),
            because: value(format!("why-{}", one.objection)),
        })
        .collect()
}

/// `POST /requests/{id}/uses`: what stops and what goes on, to look at first, to decide, or to change again.
pub async fn weigh(
    house: House,
    visitor: Visitor,
    Path(id): Path<i64>,
    Posted(fields): Posted<BTreeMap<String, String>>,
) -> Answer<Response> {
    let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let (act, version) = (value("act"), value("version"));
    let form = |errors| Form { values: fields.clone(), errors };
    if act == "change" {
        return again(house, &visitor, id, StatusCode::OK, form(Vec::new())).await;
    }
    if !still(&house, &visitor, id, &version).await? {
        let typed = fields.iter().filter(|(name, _)| name.starts_with("why-"));
        let typed = typed.map(|(name, text)| (name.clone(), text.clone())).collect();
        return late(house, &visitor, id, typed).await;
    }
    let (sent, path) = (fields.clone(), visitor.path.clone());
    let done = match act.as_str() {
        "decide" => {
            let done = write(house.clone(), &visitor, move |acting, tx| {
                as_seen(acting, tx, RequestId(id), &version)?;
                let asked = acts::on_desk(acting, tx, RequestId(id))?;
                let uses = weighing::uses(acting, tx, &asked)?;
                weighing::weigh(acting, tx, RequestId(id), &answers(&uses, &sent))
            });
            done.await.map(|()| Redirect::to(&format!("/requests/{id}?said=saved#uses")).into_response())
        }
        _ => {
            let looked = read(house.clone(), &visitor, move |acting, tx| {
                preview(acting, tx, (RequestId(id), version), &sent, &path)
            });
            looked.await.map(IntoResponse::into_response)
        }
    };
    match done {
        Ok(done) => Ok(done),
        Err(trouble) => {
            let (status, errors) = wrong(trouble)?;
            again(house, &visitor, id, status, form(errors)).await
        }
    }
}

fn preview(
    acting: &Acting<'_>,
    tx: &Tx<'_>,
    (id, version): (RequestId, String),
    sent: &BTreeMap<String, String>,
    path: &str,
) -> Result<axum::response::Html<String>, Fault> {
    let asked = acts::on_desk(acting, tx, id)?;
    let uses = weighing::uses(acting, tx, &asked)?;
    let answers = answers(&uses, sent);
    let ahead = weighing::foreseen(acting, tx, id, &answers)?;
    let decisions = uses.iter().zip(&answers).map(|(one, answer)| Decision {
        title: one.title.clone(),
        stops: answer.verdict == Some(Verdict::Stops),
        because: match answer.verdict {
            Some(Verdict::NotMeant) => "They do not object to this.".to_owned(),
            _ => answer.because.trim().to_owned(),
        },
    });
    let fields = sent.iter().filter(|(name, _)| name.starts_with("use-") || name.starts_with("why-"));
    html(&Preview {
        page: frame::page(acting, "What stops and what goes on", "requests", path),
        base: format!("/requests/{id}"),
        version,
        uses: decisions.collect(),
        sent: fields.map(|(name, text)| (name.clone(), text.clone())).collect(),
        keep: shown(acting, &ahead.stays, None),
        go: shown(acting, &ahead.goes, None),
        wait: shown(acting, &ahead.waits, ahead.by),
        kept: shown(acting, &ahead.kept, None),
    })
}

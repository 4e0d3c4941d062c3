//! The link of a question: opening it agrees to nothing, one press answers. No sign-in, and nothing is ticked before.

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Path, State};
use axum::response::Html;
use custody::{Grant, Sealed};
use serde::Deserialize;
use store::Tx;
use store::message::Text;
use store::question::Asks;

use super::page::Page;
use super::show::filters;
use super::{Answer, House, Trouble, Visitor, blocking, frame, html};
use crate::acts::parting::Standing;
use crate::acts::{Acting, preference, question as acts, told};
use crate::fault::Fault;

#[derive(Template)]
#[template(path = "public/answer.html")]
struct Question {
    page: Page,
    grant: Option<Grant>,
    action: String,
    text: Option<Sealed>,
    wording: String,
    form: String,
    /// How what it asks about stands; nothing where it asks something else.
    stands: Option<Stands>,
    said: String,
    kept: bool,
    problem: String,
}

/// How what shall go on or end stands.
struct Stands {
    words: Vec<String>,
    /// Whether an answer may still be given.
    open: bool,
}

impl Stands {
    fn of(standing: &Standing, contact: &str) -> Self {
        let ends = frame::words(standing.ends);
        let words = match standing.goes_on.map(frame::words) {
            _ if standing.over => vec![format!(
                "It has ended, and nothing is changed by an answer any more. If you have a question, write to us: {contact}."
            )],
            None => vec![
                format!("It ends on {ends}, unless you say yes. If you do nothing, it ends on that day."),
                "You can change your mind here until then.".to_owned(),
            ],
            Some(on) => {
                let later = match (standing.by_consent, standing.open) {
                    (true, _) => "You can take it back here at any time until then.".to_owned(),
                    (false, true) => format!("You can change your mind here until {ends}."),
                    (false, false) => format!("If you do not want that any more, write to us: {contact}."),
                };
                vec![format!("It goes on until {on}."), later]
            }
        };
        Self { words, open: standing.open }
    }
}

/// What the form sends.
#[derive(Deserialize, Clone, Default)]
pub struct Said {
    #[serde(default)]
    answer: String,
    #[serde(default)]
    words: String,
}

/// `GET /answer/{token}`: the question. Scanners that open every link agree to nothing.
pub async fn get(house: House, visitor: Visitor, Path(token): Path<String>) -> Answer {
    with(house, visitor, token, |_, _, _| Ok(false)).await
}

/// `POST /answer/{token}`: yes, no, or what they thought.
pub async fn post(
    house: House,
    visitor: Visitor,
    Path(token): Path<String>,
    Posted(said): Posted<Said>,
) -> Answer {
    with(house, visitor, token, move |acting, tx, token| {
        let yes = match said.answer.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        acts::answer(acting, tx, token, yes, &said.words)?;
        if let Some(person) = preference::holder(acting, tx, token)? {
            told::on_page(acting, tx, person)?;
        }
        Ok(!said.words.trim().is_empty())
    })
    .await
}

async fn with(
    State(instance): House,
    visitor: Visitor,
    link: String,
    act: impl Fn(&Acting<'_>, &Tx<'_>, &[u8]) -> Result<bool, Fault> + Send + 'static,
) -> Answer {
    let path = visitor.path.clone();
    let done = blocking(move || {
        let token = crate::mail::link::read(instance.store.keys(), &link).ok_or(Fault::NotFound)?.token;
        let mut problem = String::new();
        let kept = instance.store.write(|tx| {
            let acting = Acting::subject(&instance);
            act(&acting, tx, &token)
        });
        let kept = match kept {
            Ok(kept) => kept,
            Err(Fault::Refused(refusal)) => {
                problem = super::error::sentence(&refusal.because);
                false
            }
            Err(Fault::Invalid(fields)) => {
                problem = fields.first().map_or_else(String::new, |field| field.words.clone());
                false
            }
            Err(fault) => return Err(fault),
        };
        instance.store.write(|tx| {
            let acting = Acting::subject(&instance);
            let put = acts::put(&acting, tx, &token)?;
            let shown = page(&acting, put, format!("/answer/{link}"), kept, problem.clone(), &path)?;
            acting.into_views().iter().try_for_each(|view| view.write(tx))?;
            Ok(shown)
        })
    });
    done.await.map_err(|fault| Trouble::new(fault, &visitor))
}

fn page(
    acting: &Acting<'_>,
    put: Option<acts::Put>,
    action: String,
    kept: bool,
    problem: String,
    path: &str,
) -> Result<Html<String>, Fault> {
    let title = match &put {
        Some(put) if put.question.asks == Asks::Agreement => "Our agreement with you",
        Some(put) if put.question.asks == Asks::Stay => "Shall it go on?",
        Some(_) => "Two questions",
        None => "Nothing is asked here any more",
    };
    let said = put.as_ref().and_then(|put| put.question.answer).map_or_else(String::new, |(yes, on)| {
        format!("You said {} on {}.", if yes { "yes" } else { "no" }, frame::words(on))
    });
    let text = put.as_ref().filter(|put| put.question.asks == Asks::Agreement).and_then(|put| {
        match &put.message.body {
            Text::Sealed(body) => Some(body.clone()),
            Text::Plain(_) => None,
        }
    });
    html(&Question {
        page: frame::public(acting.instance, title, path),
        wording: put.as_ref().map_or_else(String::new, |put| put.wording.clone()),
        form: put.as_ref().map_or_else(String::new, |put| put.form.clone()),
        stands: put
            .as_ref()
            .and_then(|put| put.standing.as_ref())
            .map(|standing| Stands::of(standing, &acting.policy.contact.email)),
        grant: put.map(|put| put.grant),
        action,
        text,
        said,
        kept,
        problem,
    })
}

//! What can be answered to a request as it stands, and how it was closed. Nothing here answers one.

use store::request::{self, Kind, SubjectRequest};

use crate::acts::letter::Sort;
use crate::acts::request::Outcome;
use crate::acts::request::weighing::Stage;
use crate::web::page::{Choice, Form};

/// How it was closed: an erasure says whether it was one.
pub(super) fn closed_as(asked: &SubjectRequest) -> &'static str {
    match (asked.kind, asked.outcome.as_deref()) {
        (_, Some(request::REFUSED)) => "Refused",
        (_, Some(request::ENDED)) => "Ended when they were erased",
        (_, Some(request::NOTHING_HELD)) => "We hold nothing of them but this request: answered",
        (_, Some(request::NOTHING_YET)) => {
            "Nothing is erased yet, since all of it is still needed. What else it was used for has stopped: answered"
        }
        (Kind::Erasure, Some("partly")) => "Erased in part, answered",
        (_, Some("partly")) => "Done in part, answered",
        _ => "Answered",
    }
}

/// What can be answered, or written, where nobody knows whose a request is: that nothing else is held of them, and nothing of it in part.
pub(super) fn of_nobody(asked: &SubjectRequest, mut choices: Vec<Choice>) -> Vec<Choice> {
    if asked.unknown_since.is_none() || asked.kind == Kind::NoContact {
        return choices;
    }
    choices.retain(|choice| ![Sort::Part.name(), Outcome::Partly.word()].contains(&choice.value.as_str()));
    let done = [Sort::Answer.name(), Outcome::Done.word()];
    for choice in choices.iter_mut().filter(|choice| done.contains(&choice.value.as_str())) {
        "We hold nothing of them but this request".clone_into(&mut choice.words);
    }
    choices
}

/// The answers that fit what was decided and done.
pub(super) fn answers(asked: &SubjectRequest, form: &Form, erased: bool, weighing: Stage) -> Vec<Choice> {
    let all = Outcome::ALL.iter();
    let fit = all.filter(|(outcome, ..)| match weighing {
        Stage::Came(came) => came == *outcome,
        _ => {
            let nobodys = asked.unknown_since.is_some();
            nobodys || asked.kind != Kind::Erasure || erased || *outcome == Outcome::Refused
        }
    });
    fit.map(|(_, value, words)| Choice {
        value: (*value).to_owned(),
        words: (*words).to_owned(),
        hint: String::new(),
        chosen: *value == form.value("answer") || matches!(weighing, Stage::Came(_)),
    })
    .collect()
}

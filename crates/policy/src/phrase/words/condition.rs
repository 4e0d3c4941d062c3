//! Conditions in words: "you were employed by the client".

use super::event::happens;
use super::{Speech, Voice, list, they};
use crate::phrase::{Condition, plain};

pub(super) fn said(condition: &Condition, speech: Speech<'_>) -> String {
    match condition {
        Condition::Is { fact, value, written } => {
            let declared = speech.facts.iter().find(|known| plain(&known.name) == *fact);
            let words = declared.filter(|known| known.words != known.name).map(|known| known.words.as_str());
            let words = match (words, value.as_str()) {
                (Some(words), "yes") => words.to_owned(),
                (Some(words), value) => format!("{words} is {value}"),
                (None, _) => written.clone(),
            };
            match speech.voice {
                Voice::You => words,
                Voice::They => they(&words),
            }
        }
        Condition::Not(inner) => format!("it is not so that {}", said(inner, speech)),
        Condition::Any(parts) => list(&parts.iter().map(|part| said(part, speech)).collect::<Vec<_>>(), "or"),
        Condition::Under { years, .. } => speech
            .voice
            .pick(&format!("you were under {years} then"), &format!("they were under {years} then")),
        Condition::GivenBefore(event) => {
            let before = happens(event, speech, true);
            speech.voice.pick(&format!("you agreed before {before}"), &format!("they agreed before {before}"))
        }
    }
}

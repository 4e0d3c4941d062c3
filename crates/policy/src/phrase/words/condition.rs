//! Conditions in words: "you were employed by the client".

use super::event::{clause, happens};
use super::{Speech, Voice, describes, list, they};
use crate::phrase::{Condition, ages, plain};
use crate::policy::Fact;

/// After `if` and `unless`, where a few words that say how something was will do: "if given with tax relief".
pub(super) fn said(condition: &Condition, speech: Speech<'_>) -> String {
    sentence(condition, speech, false)
}

/// After `as long as` and `while`: a sentence of its own.
pub(super) fn lasts(condition: &Condition, speech: Speech<'_>) -> String {
    sentence(condition, speech, true)
}

fn sentence(condition: &Condition, speech: Speech<'_>, whole: bool) -> String {
    let said = |condition: &Condition| sentence(condition, speech, whole);
    match condition {
        Condition::Is { fact, value, written } => {
            let declared = speech.facts.iter().find(|known| plain(&known.name) == *fact);
            let words = declared.filter(|known| known.words != known.name).map(|known| known.words.as_str());
            let words = match (words, value.as_str()) {
                (Some(words), "yes") => words.to_owned(),
                (Some(words), value) => format!("{words} is {value}"),
                (None, value) => unworded(written, value, declared, whole),
            };
            match speech.voice {
                Voice::You => words,
                Voice::They => they(&words),
            }
        }
        Condition::Not(inner) => format!("it is not so that {}", said(inner)),
        Condition::Any(parts) => list(&parts.iter().map(said).collect::<Vec<_>>(), "or"),
        Condition::Aged { from, under, .. } => {
            let ages = ages(*from, *under);
            speech.voice.pick(&format!("you were {ages} then"), &format!("they were {ages} then"))
        }
        Condition::GivenBefore(event) => {
            let before = happens(event, speech, true);
            speech.voice.pick(&format!("you agreed before {before}"), &format!("they agreed before {before}"))
        }
    }
}

/// A fact that its author gave no words: a clause as it stands, how somebody is, or what is noted.
fn unworded(written: &str, value: &str, declared: Option<&Fact>, whole: bool) -> String {
    let begins = |words: &[&str]| words.iter().any(|word| written.starts_with(word));
    if value != "yes" {
        let the = if begins(&["the ", "a ", "an ", "your ", "our "]) { "" } else { "the " };
        return format!("{the}{written}");
    }
    if clause(written) || begins(&["you ", "we ", "they ", "it ", "your "]) {
        return written.to_owned();
    }
    let of_work = declared.is_some_and(|fact| fact.work.is_some());
    let (it, of) = if of_work { ("it is", "of it") } else { ("you are", "of you") };
    let describes = describes(written);
    let done = written.len() > 3 && PARTICIPLES.iter().any(|ending| written.ends_with(ending));
    match describes || done || written.contains(' ') {
        true if !whole => written.to_owned(),
        true if describes => format!("{it} {written}"),
        _ => format!("we have noted {of}: {written}"),
    }
}

/// How words end that say what was done: upheld, paid, made, known, taught, sold, taken.
const PARTICIPLES: &[&str] = &["ed", "eld", "aid", "ade", "wn", "ught", "old", "en", "ent"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_without_words_of_its_own_still_makes_a_sentence() {
        for (written, value, words) in [
            ("employed by the client at the time", "yes", "employed by the client at the time"),
            ("given with tax relief", "yes", "given with tax relief"),
            ("in dispute", "yes", "in dispute"),
            ("upheld", "yes", "upheld"),
            ("a dispute is open", "yes", "a dispute is open"),
            ("outcome is upheld", "upheld", "the outcome is upheld"),
            ("vip", "yes", "we have noted of you: vip"),
        ] {
            assert_eq!(unworded(written, value, None, false), words);
        }
        assert_eq!(
            unworded("given with tax relief", "yes", None, true),
            "we have noted of you: given with tax relief"
        );
        assert_eq!(unworded("in dispute", "yes", None, true), "you are in dispute");
    }
}

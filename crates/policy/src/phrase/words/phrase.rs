//! Phrases in words: "6 months after the coaching programme is completed".

use super::event::happens;
use super::{Speech, Voice, condition, list, period_words};
use crate::phrase::{Condition, Event, Phrase, Whose, Year};

pub(super) fn said(phrase: &Phrase, speech: Speech<'_>) -> String {
    let voice = speech.voice;
    let say = |event: &Event| happens(event, speech, true);
    let comes = |event: &Event| happens(event, speech, false);
    match phrase {
        Phrase::After { period, event } if matches!(event.birthday(), Some((_, None))) => {
            let is = match event.birthday() {
                Some((Whose::Part(part), _)) => format!("the {part} is"),
                Some((Whose::Everybody, _)) => "the last of the people on it is".to_owned(),
                _ => voice.pick("you are", "they are"),
            };
            format!("until {is} {} old", period_words(period))
        }
        Phrase::After { period, event } => format!("{} after {}", period_words(period), say(event)),
        Phrase::AfterYear { period, year, event } => {
            let end = match year {
                Year::NextMonth => format!("the end of the month after {}", say(event)),
                year => {
                    let words = say(event);
                    // "in which you paid us", but "of the last gift".
                    let clause =
                        [" is ", " are ", " was ", " were ", " has "].iter().any(|verb| words.contains(verb))
                            || ["you ", "they ", "we ", "your ", "their "]
                                .iter()
                                .any(|who| words.starts_with(who))
                            || words.starts_with("the last of ")
                            || event.birthday().is_some();
                    format!(
                        "the end of the {} {} {words}",
                        year.name(),
                        if clause { "in which" } else { "of" }
                    )
                }
            };
            if period.is_zero() {
                format!("until {end}")
            } else {
                format!("{} after {end}", period_words(period))
            }
        }
        Phrase::Review { period, event } => {
            format!("until we look at it, {} after {}, and decide", period_words(period), say(event))
        }
        Phrase::Until(event) => format!("until {}", comes(event)),
        Phrase::While(category) => {
            let as_long = voice.pick("as long as you are", "as long as they are");
            format!("{as_long} {}", speech.one_of(category))
        }
        Phrase::Earlier(parts) if parts.iter().all(|part| matches!(part, Phrase::Until(_))) => {
            let events: Vec<String> = phrase.events().iter().map(comes).collect();
            format!("until {}", list(&events, "or"))
        }
        Phrase::Earlier(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| said(part, speech)).collect();
            format!("{}, whichever comes first", list(&parts, "or"))
        }
        Phrase::Later(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| said(part, speech)).collect();
            format!("{}, whichever comes last", list(&parts, "or"))
        }
        Phrase::AtMost(phrase, cap) => {
            format!("{}, and never longer than {}", said(phrase, speech), said(cap, speech))
        }
        Phrase::Agreed { default, by, at_most, normally } => {
            let mut whole =
                format!("{}, or for as long as {} agree", said(default, speech), parties(by, voice));
            if let Some(cap) = at_most {
                let cap = said(cap, speech);
                whole.push_str(if *normally {
                    ", normally no longer than "
                } else {
                    ", and never longer than "
                });
                whole.push_str(&cap);
            }
            whole
        }
        Phrase::Indefinitely => "with no end set".to_owned(),
        Phrase::WhileSo(condition) => format!("as long as {}", condition::lasts(condition, speech)),
        Phrase::Longer { phrase, during } => {
            format!("{}, and longer while {}", said(phrase, speech), condition::lasts(during, speech))
        }
        Phrase::Cases { cases, otherwise } => {
            let said_of = |(condition, phrase): &(Condition, Phrase)| {
                format!("if {}, {}", condition::said(condition, speech), said(phrase, speech))
            };
            let all: Vec<String> = cases.iter().map(said_of).collect();
            let together = if exclusive(cases) {
                ""
            } else {
                "; where more than one of these is so, whichever is longest"
            };
            format!("{}, but {}{together}", said(otherwise, speech), all.join(", and "))
        }
        Phrase::Batch { phrase, day } => {
            format!("{}; we clear out {}", said(phrase, speech), day.written())
        }
        Phrase::More { phrase, period } => {
            format!("{}, and then {} in our archive", said(phrase, speech), period_words(period))
        }
        Phrase::Outside { by } => format!("for as long as {by} requires"),
        Phrase::Latest { and_last: None } => "until a newer version takes its place".to_owned(),
        Phrase::Latest { and_last: Some(period) } => {
            format!("until a newer version takes its place, and never less than {}", period_words(period))
        }
        Phrase::Rolling { period } => format!("{}, each entry by itself", period_words(period)),
        Phrase::NotKept { instead } if instead.is_empty() => "not at all".to_owned(),
        Phrase::NotKept { instead } => format!("not at all: we {}", list(instead, "and")),
    }
}

/// Whether no two cases can be so at once.
fn exclusive(cases: &[(Condition, Phrase)]) -> bool {
    cases.iter().enumerate().all(|(at, (one, _))| {
        cases.get(at + 1..).unwrap_or_default().iter().all(|(other, _)| one.excludes(other))
    })
}

/// `client and coach` as the reader is called.
fn parties(by: &str, voice: Voice) -> String {
    if let Some(("client" | "the client" | "person" | "the person", other)) = by.split_once(" and ") {
        let other = other.strip_prefix("the ").unwrap_or(other);
        return voice.pick(&format!("you and your {other}"), &format!("the client and the {other}"));
    }
    match by {
        "person" | "the person" | "client" | "the client" => voice.pick("you and we", "the person and we"),
        _ => by.to_owned(),
    }
}

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
                    let ends = year.ends().map_or(String::new(), |day| format!(" (which ends on {day})"));
                    format!(
                        "the end of the {}{ends} {} {words}",
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
        Phrase::UntilDay(day) => format!("until {}", crate::notice::day(*day)),
        Phrase::While(category) => {
            let as_long = voice.pick("as long as you are", "as long as they are");
            format!("{as_long} {}", speech.one_of(category))
        }
        Phrase::Earlier(parts) if parts.iter().all(|part| matches!(part, Phrase::Until(_))) => {
            let events: Vec<String> = phrase.events().iter().map(comes).collect();
            format!("until {}", list(&events, "or"))
        }
        Phrase::Earlier(parts) | Phrase::Later(parts) if parts.iter().any(compound) => {
            choice(phrase, speech, 0)
        }
        Phrase::Earlier(parts) | Phrase::Later(parts) => {
            let said: Vec<String> = parts.iter().map(|part| said(part, speech)).collect();
            format!("{}, {}", list(&said, "or"), which(phrase))
        }
        Phrase::AtMost(phrase, cap) => match &**cap {
            Phrase::UntilDay(day) => {
                format!("{}, and never beyond {}", said(phrase, speech), crate::notice::day(*day))
            }
            cap => format!("{}, and never longer than {}", said(phrase, speech), said(cap, speech)),
        },
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

/// Whether a phrase says several things itself, so that within a list of others nobody could tell where it ends.
fn compound(phrase: &Phrase) -> bool {
    !phrase.parts().is_empty()
}

fn which(phrase: &Phrase) -> &'static str {
    if matches!(phrase, Phrase::Earlier(_)) { "whichever comes first" } else { "whichever comes last" }
}

/// A choice with other choices in it. What is chosen is said before the list and each of the list has a mark, so that
/// it can be read in one way only: "whichever comes first of these two: (1) ..., or (2) whichever comes last of (a) ...
/// and (b) ...".
fn choice(phrase: &Phrase, speech: Speech<'_>, depth: usize) -> String {
    const NUMBERS: &[&str] = &["two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let parts = match phrase {
        Phrase::Earlier(parts) if parts.iter().all(|part| matches!(part, Phrase::Until(_))) => {
            return said(phrase, speech);
        }
        Phrase::Earlier(parts) | Phrase::Later(parts) => parts,
        other => return said(other, speech),
    };
    let marked: Vec<String> = parts
        .iter()
        .enumerate()
        .map(|(at, part)| format!("({}) {}", mark(at, depth), choice(part, speech, depth + 1)))
        .collect();
    let these = match NUMBERS.get(parts.len().saturating_sub(2)) {
        Some(number) if depth == 0 => format!("these {number}: "),
        _ => String::new(),
    };
    let joint = if depth == 0 { "; " } else { ", " };
    match marked.split_last() {
        Some((last, rest)) => format!("{} of {these}{}{joint}and {last}", which(phrase), rest.join(joint)),
        None => String::new(),
    }
}

/// Numbers, in them letters, and in these numbers again.
fn mark(at: usize, depth: usize) -> String {
    match u8::try_from(at).ok().filter(|at| depth % 2 == 1 && *at < 26) {
        Some(at) => char::from(b'a' + at).to_string(),
        None => (at + 1).to_string(),
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

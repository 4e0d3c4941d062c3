//! Says a retention phrase in plain English, for the notice and for a person's page. One phrase, one wording:
//! both say what the clock computes from the same tree.

use jiff::Span as Period;

use super::{Event, Phrase, Which, Year};
use crate::policy::{Policy, Work};
use crate::rule::Rule;

/// Who is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Voice {
    /// The person: "you take back your consent".
    You,
    /// Staff, about the person: "they take back their consent".
    They,
}

impl Voice {
    fn pick(self, you: &str, they: &str) -> String {
        match self {
            Self::You => you.to_owned(),
            Self::They => they.to_owned(),
        }
    }
}

/// A period in words: "6 months", "1 year and 6 months".
#[must_use]
pub fn period_words(period: &Period) -> String {
    let parts = [
        (i64::from(period.get_years()), "year"),
        (i64::from(period.get_months()), "month"),
        (i64::from(period.get_weeks()), "week"),
        (i64::from(period.get_days()), "day"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number != 0)
        .map(|(number, unit)| format!("{number} {unit}{}", if *number == 1 { "" } else { "s" }))
        .collect();
    said.join(" and ")
}

/// How often, in words: "year", "2 years" (after "every").
fn every_words(period: &Period) -> String {
    let words = period_words(period);
    words.strip_prefix("1 ").map_or(words.clone(), str::to_owned)
}

/// An event as a clause: "the coaching programme is completed", "you take back your consent".
#[must_use]
pub fn event_words(event: &Event, voice: Voice, work: Option<&Work>) -> String {
    if let Some(category) = event.name.strip_prefix("no longer ") {
        return voice.pick(
            &format!("you are no longer {}", article(category)),
            &format!("they are no longer {}", article(category)),
        );
    }
    let milestone = work.filter(|work| work.milestones.contains(&event.name));
    if let Some(work) = milestone {
        return milestone_words(event, &work.title);
    }
    match (event.name.as_str(), event.which) {
        ("collected", _) => voice.pick("we first got your details", "we first got their details"),
        ("contact" | "incoming contact", Which::First) => {
            voice.pick("you were first in touch with us", "they were first in touch with us")
        }
        ("contact" | "incoming contact", _) => {
            voice.pick("you were last in touch with us", "they were last in touch with us")
        }
        ("communication", _) => {
            voice.pick("the last message between you and us", "the last message between them and us")
        }
        ("consent withdrawn", _) => voice.pick("you take back your consent", "they take back their consent"),
        ("consent given", _) => voice.pick("you gave your consent", "they gave their consent"),
        ("phone changes", _) => voice.pick("your number changes", "their number changes"),
        ("asked not to call", _) => voice.pick("you ask us not to call", "they ask us not to call"),
        ("asked us to stop", _) => voice.pick("you ask us to stop", "they ask us to stop"),
        ("left the organisation", _) => voice.pick(
            "we learn that you have left your organisation",
            "we learn that they have left their organisation",
        ),
        ("left", _) => voice.pick("you leave", "they leave"),
        ("closed", _) => "the matter is closed".to_owned(),
        ("sent", _) => "it was sent".to_owned(),
        ("recorded", _) => "it was recorded".to_owned(),
        ("born", _) => voice.pick("you were born", "they were born"),
        _ => milestone_words(event, "work"),
    }
}

/// "the programme is completed" for what is done, "the first session" for what takes place.
fn milestone_words(event: &Event, title: &str) -> String {
    let written = event.written();
    let done = written.ends_with("ed") && event.which == Which::Only;
    match (done, written.rsplit_once(' ')) {
        (true, None) => format!("the {title} is {written}"),
        (true, Some((subject, verb))) => format!("the {subject} is {verb}"),
        _ => format!("the {written}"),
    }
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// A phrase in words: "6 months after the coaching programme is completed".
#[must_use]
pub fn words(phrase: &Phrase, voice: Voice, work: Option<&Work>) -> String {
    let say = |event: &Event| event_words(event, voice, work);
    match phrase {
        Phrase::After { period, event } if event.name == "born" => {
            let person = voice.pick("you are", "they are");
            format!("until {person} {} old", period_words(period))
        }
        Phrase::After { period, event } => format!("{} after {}", period_words(period), say(event)),
        Phrase::AfterYear { period, year, event } => {
            let end = format!("the end of the {} in which {}", year_words(*year), say(event));
            if period.is_zero() {
                format!("until {end}")
            } else {
                format!("{} after {end}", period_words(period))
            }
        }
        Phrase::Review { period, event } => {
            format!("until we look at it, {} after {}, and decide", period_words(period), say(event))
        }
        Phrase::Until(event) => format!("until {}", say(event)),
        Phrase::While(category) => {
            let as_long = voice.pick("as long as you are", "as long as they are");
            format!("{as_long} {}", article(category))
        }
        Phrase::Earlier(parts) if parts.iter().all(|part| matches!(part, Phrase::Until(_))) => {
            let events: Vec<String> = phrase.events().iter().map(say).collect();
            format!("until {}", list(&events, "or"))
        }
        Phrase::Earlier(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| words(part, voice, work)).collect();
            format!("{}, whichever comes first", list(&parts, "or"))
        }
        Phrase::Later(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| words(part, voice, work)).collect();
            format!("{}, whichever comes last", list(&parts, "or"))
        }
        Phrase::AtMost(phrase, cap) => {
            format!("{}, and never longer than {}", words(phrase, voice, work), words(cap, voice, work))
        }
        Phrase::Agreed { default, by, at_most, normally } => {
            let mut said =
                format!("{}, or for as long as {} agree", words(default, voice, work), parties(by, voice));
            if let Some(cap) = at_most {
                let cap = words(cap, voice, work);
                said.push_str(if *normally {
                    ", normally no longer than "
                } else {
                    ", and never longer than "
                });
                said.push_str(&cap);
            }
            said
        }
        Phrase::Indefinitely => "with no end set".to_owned(),
    }
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

fn year_words(year: Year) -> String {
    format!("{} year", year.name())
}

/// "a", "a or b", "a, b or c".
fn list(parts: &[String], joint: &str) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A phrase with its review and its asking again.
#[must_use]
pub fn keep_words(
    phrase: &Phrase,
    review: Option<&Period>,
    ask_again: Option<&Period>,
    voice: Voice,
    work: Option<&Work>,
) -> String {
    let mut said = words(phrase, voice, work);
    if let Some(every) = review {
        said.push_str(&format!("; we look at it every {}", every_words(every)));
    }
    if let Some(every) = ask_again {
        let them = voice.pick("you", "them");
        let they = voice.pick("you do not answer", "they do not answer");
        said.push_str(&format!(
            "; we ask {them} again every {}, and let it go if {they}",
            every_words(every)
        ));
    }
    said
}

/// How long a rule keeps: the wording of the notice and of a person's page.
#[must_use]
pub fn rule_words(policy: &Policy, rule: &Rule, voice: Voice) -> String {
    let work = rule.work.and_then(|work| policy.works.get(work.index()));
    let ask_again = rule.ask_again.as_ref().map(|ask| &ask.every);
    keep_words(&rule.phrase, rule.review.as_ref(), ask_again, voice, work)
}

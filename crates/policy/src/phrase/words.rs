//! Says a retention phrase in plain English, for the notice and for a person's page. One phrase, one wording:
//! both say what the clock computes from the same tree.

use jiff::Span as Period;

use super::{Event, Phrase, Which, Year};
use crate::policy::{Category, Policy, Work};
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

/// Everything it takes to say an event in words.
#[derive(Clone, Copy)]
struct Speech<'a> {
    voice: Voice,
    work: Option<&'a Work>,
    categories: &'a [Category],
}

impl Speech<'_> {
    /// "an associate", or as the notice calls the category: "one of the people who supply us".
    fn one_of(&self, category: &str) -> String {
        match self.categories.iter().find(|known| known.name == category) {
            Some(known) if known.words.starts_with("our ") || known.words.starts_with("the ") => {
                format!("one of {}", known.words)
            }
            Some(known) if known.words != known.name => format!("one of the {}", known.words),
            _ => article(category),
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
    happens(event, Speech { voice, work, categories: &[] }, true)
}

/// An event that is waited for, or (`past`) one that a span is counted from.
fn happens(event: &Event, speech: Speech<'_>, past: bool) -> String {
    let Speech { voice, work, .. } = speech;
    if let Some(category) = event.name.strip_prefix("no longer ") {
        let one = speech.one_of(category);
        return voice.pick(&format!("you are no longer {one}"), &format!("they are no longer {one}"));
    }
    if let Some(work) = work.filter(|work| work.milestones.contains(&event.name)) {
        return milestone_words(event, &work.title);
    }
    let first = event.which == Which::First;
    let (you, they) = match (event.name.as_str(), past) {
        ("collected", _) => ("we first got your details", "we first got their details"),
        ("contact" | "incoming contact", true) if first => {
            ("you were first in touch with us", "they were first in touch with us")
        }
        ("contact" | "incoming contact", true) => {
            ("you were last in touch with us", "they were last in touch with us")
        }
        ("contact" | "incoming contact", false) => ("you are in touch with us", "they are in touch with us"),
        ("communication", _) => {
            ("the last message between you and us", "the last message between them and us")
        }
        ("consent withdrawn", _) => ("you take back your consent", "they take back their consent"),
        ("consent given", true) => ("you gave your consent", "they gave their consent"),
        ("consent given", false) => ("you give your consent", "they give their consent"),
        ("phone changes", _) => ("your number changes", "their number changes"),
        ("asked not to call", _) => ("you ask us not to call", "they ask us not to call"),
        ("asked us to stop", _) => ("you ask us to stop", "they ask us to stop"),
        ("left the organisation", _) => (
            "we learn that you have left your organisation",
            "we learn that they have left their organisation",
        ),
        ("left", _) => ("you leave", "they leave"),
        ("closed", _) => ("the matter is closed", "the matter is closed"),
        ("sent", _) => ("the message was sent", "the message was sent"),
        ("recorded", _) => ("the entry was made", "the entry was made"),
        ("born", _) => ("you were born", "they were born"),
        _ => return milestone_words(event, "work"),
    };
    voice.pick(you, they)
}

/// "the programme is completed" for what is done, "the first session" for what takes place.
fn milestone_words(event: &Event, title: &str) -> String {
    let written = event.written();
    if written.contains(" is ") || written.contains(" are ") {
        return written;
    }
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
    phrase_said(phrase, Speech { voice, work, categories: &[] })
}

fn phrase_said(phrase: &Phrase, speech: Speech<'_>) -> String {
    let voice = speech.voice;
    let say = |event: &Event| happens(event, speech, true);
    let comes = |event: &Event| happens(event, speech, false);
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
            let parts: Vec<String> = parts.iter().map(|part| phrase_said(part, speech)).collect();
            format!("{}, whichever comes first", list(&parts, "or"))
        }
        Phrase::Later(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| phrase_said(part, speech)).collect();
            format!("{}, whichever comes last", list(&parts, "or"))
        }
        Phrase::AtMost(phrase, cap) => {
            format!("{}, and never longer than {}", phrase_said(phrase, speech), phrase_said(cap, speech))
        }
        Phrase::Agreed { default, by, at_most, normally } => {
            let mut said =
                format!("{}, or for as long as {} agree", phrase_said(default, speech), parties(by, voice));
            if let Some(cap) = at_most {
                let cap = phrase_said(cap, speech);
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
    keep_said(phrase, review, ask_again, Speech { voice, work, categories: &[] })
}

fn keep_said(
    phrase: &Phrase,
    review: Option<&Period>,
    ask_again: Option<&Period>,
    speech: Speech<'_>,
) -> String {
    let voice = speech.voice;
    let mut said = phrase_said(phrase, speech);
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
    let speech = Speech { voice, work, categories: &policy.categories };
    keep_said(&rule.phrase, rule.review.as_ref(), ask_again, speech)
}

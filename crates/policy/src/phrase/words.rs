//! Says a retention phrase in plain English, for the notice and for a person's page. One phrase, one wording:
//! both say what the clock computes from the same tree.

mod condition;
mod event;
mod phrase;
mod rule;

use jiff::Span as Period;

use super::{Event, Phrase};
use crate::activity::Activity;
use crate::policy::{Category, Fact, Part, PersonEvent, Policy, Work};

pub use rule::{counts_words, keep_words, rule_words};

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
    works: &'a [Work],
    events: &'a [PersonEvent],
    facts: &'a [Fact],
    /// Whether it is papers of the work that are spoken of: they are handed over, and not the work.
    papers: bool,
    /// The part of whom the work is for, where the reader is somebody else: what is done on it, they do.
    doer: Option<&'a str>,
}

impl<'a> Speech<'a> {
    fn plain(voice: Voice, work: Option<&'a Work>) -> Self {
        Self { voice, work, categories: &[], works: &[], events: &[], facts: &[], papers: false, doer: None }
    }

    fn of(policy: &'a Policy, voice: Voice, work: Option<&'a Work>) -> Self {
        Self {
            voice,
            work,
            categories: &policy.categories,
            works: &policy.works,
            events: &policy.events,
            facts: &policy.facts,
            papers: false,
            doer: None,
        }
    }

    /// Said to the people of an activity.
    fn to(self, activity: &Activity) -> Self {
        let first = self.work.and_then(|work| work.parts.first());
        let others = |part: &&Part| {
            !activity.for_everyone && activity.for_whom.iter().any(|whom| whom.category != part.category)
        };
        Self { doer: first.filter(others).map(|part| part.name.as_str()), ..self }
    }

    /// "an associate", or as the notice calls the category: "one of the people who supply us".
    fn one_of(&self, category: &str) -> String {
        match self.categories.iter().find(|known| known.name == category) {
            Some(known) if known.words != known.name => one_of_these(&known.words),
            _ if describes(category) => category.to_owned(),
            _ => crate::count::with_article(category),
        }
    }
}

/// One of whoever some words mean: "one of our clients", "one of those who teach here", "somebody who supplies us".
fn one_of_these(words: &str) -> String {
    let rest = |leads: &[&str]| leads.iter().find_map(|lead| words.strip_prefix(lead));
    if let Some(rest) = rest(&["whoever "]) {
        return format!("somebody who {rest}");
    }
    // "Everyone who teaches here": the verb is that of one.
    if let Some(rest) = rest(&["anybody ", "anyone ", "somebody ", "someone ", "everybody ", "everyone "]) {
        return format!("somebody {rest}");
    }
    if let Some(rest) = rest(&["all those ", "all "]) {
        let of_us = ["our ", "the ", "your "].iter().any(|lead| rest.starts_with(lead));
        return if of_us { format!("one of {rest}") } else { format!("one of those {rest}") };
    }
    if rest(&["a ", "an "]).is_some() {
        return words.to_owned();
    }
    match rest(&["our ", "the ", "those ", "these ", "your "]) {
        Some(_) => format!("one of {words}"),
        None => format!("one of the {words}"),
    }
}

/// Whether words say how somebody is, and not what: `under contract`, `employed by us`, `active`.
fn describes(words: &str) -> bool {
    let first = words.split([' ', '-']).next().unwrap_or_default();
    BEFORE.contains(&first)
        || STATES.contains(&first) && !words.contains(' ')
        || first.len() > 3 && first.ends_with("ed") && !words.contains(" person")
}

/// Words that stand before a noun, and with it say how somebody is.
const BEFORE: &[&str] = &[
    "under",
    "in",
    "on",
    "at",
    "with",
    "without",
    "within",
    "between",
    "out",
    "off",
    "from",
    "of",
    "over",
    "being",
    "living",
    "working",
    "owing",
    "waiting",
    "taking",
    "receiving",
    "known",
    "subject",
    "entitled",
];

/// Words that say how somebody is by themselves.
const STATES: &[&str] = &[
    "active",
    "alive",
    "away",
    "abroad",
    "bound",
    "current",
    "eligible",
    "enrolled",
    "homeless",
    "ill",
    "live",
    "liable",
    "open",
    "overdue",
    "paid",
    "responsible",
    "retired",
    "sick",
    "unwell",
    "valid",
    "well",
];

/// A period in words: "6 months", "1 year and 6 months".
#[must_use]
pub fn period_words(period: &Period) -> String {
    let parts = [
        (i64::from(period.get_years()), "year"),
        (i64::from(period.get_months()), "month"),
        (i64::from(period.get_weeks()), "week"),
        (i64::from(period.get_days()), "day"),
        (i64::from(period.get_hours()), "hour"),
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

/// An event as a clause, said to the people of an activity: "the pupil left school" to a parent.
#[must_use]
pub fn event_of(activity: &Activity, event: &Event, voice: Voice, work: Option<&Work>) -> String {
    event::happens(event, Speech::plain(voice, work).to(activity), true)
}

/// An event as a clause: "the coaching programme is completed", "you take back your consent".
#[must_use]
pub fn event_words(event: &Event, voice: Voice, work: Option<&Work>) -> String {
    event::happens(event, Speech::plain(voice, work), true)
}

/// An event that the policy declares as a clause, in its own words: "they paid us"; nothing of any other.
#[must_use]
pub fn declared_words(policy: &Policy, event: &Event, voice: Voice) -> Option<String> {
    let declared = policy.events.iter().any(|known| known.name == event.name);
    declared.then(|| event::happens(&Event::only(event.name.as_str()), Speech::of(policy, voice, None), true))
}

/// A condition as a clause: "you were employed by the client".
#[must_use]
pub fn condition_words(policy: &Policy, condition: &super::Condition, voice: Voice) -> String {
    condition::said(condition, Speech::of(policy, voice, None))
}

/// A phrase in words: "6 months after the coaching programme is completed".
#[must_use]
pub fn words(phrase: &Phrase, voice: Voice, work: Option<&Work>) -> String {
    phrase::said(phrase, Speech::plain(voice, work))
}

/// What is said to the person, said about them: "we wrote to you about what you owe us" becomes "we wrote to them about
/// what they owe us". Whether they do it or it is done to them shows in the word that follows.
fn they(words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    let said: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let bare = word.trim_end_matches([',', ';', '.']);
            let ends = bare.len() < word.len() || words.get(at + 1).is_none_or(|next| AFTER.contains(next));
            let said = match bare {
                "you" if ends && at > 0 => "them",
                "you" => "they",
                "your" => "their",
                "yours" => "theirs",
                "yourself" => "themselves",
                other => other,
            };
            word.replacen(bare, said, 1)
        })
        .collect();
    said.join(" ")
}

/// Words that follow somebody to whom something is done.
const AFTER: &[&str] = &[
    "about", "after", "as", "at", "because", "before", "by", "during", "for", "from", "if", "in", "of", "on",
    "through", "to", "unless", "until", "when", "with", "without",
];

/// "a", "a or b", "a, b or c".
fn list(parts: &[String], joint: &str) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_category_is_said_as_its_author_calls_them() {
        for (words, said) in [
            ("people who supply us", "one of the people who supply us"),
            ("our clients", "one of our clients"),
            ("those who deliver our courses and cases", "one of those who deliver our courses and cases"),
            ("everyone who teaches here", "somebody who teaches here"),
            ("all who teach here", "one of those who teach here"),
            ("all our members", "one of our members"),
            ("whoever supplies us", "somebody who supplies us"),
            ("anybody who asks", "somebody who asks"),
            ("a parent of a pupil", "a parent of a pupil"),
        ] {
            assert_eq!(one_of_these(words), said);
        }
    }
}

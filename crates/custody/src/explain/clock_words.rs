//! When a ground ends, and what would change that, in sentences.

use jiff::civil::Date;
use policy::activity::Purpose;
use policy::basis::Basis;
use policy::clock::{self, Facts, Outcome};
use policy::phrase::{
    Ceases, Event, Phrase, Voice, Which, declared_words, event_words, period_words, rule_words,
};
use policy::{Activity, Disposal, Policy, Rule, Work};

use crate::basis;
use crate::facts::facts_for;
use crate::ground;
use crate::life::{Ground, Life};

use super::{Segment, day};

pub(super) fn sentences(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    rule: &Rule,
    today: Date,
) -> Vec<Vec<Segment>> {
    let facts = facts_for(policy, life, rule, ground.engagement, Some(ground), today);
    let work = rule.work.and_then(|id| policy.works.get(id.index()));
    let mut said = vec![match ground.due_on {
        Some(due) => match counted_from(&rule.phrase, &facts, due, today) {
            Some((event, on)) => counted(policy, life, ground, &event, on, due, work),
            None => until(policy, life, ground, rule, due, today),
        },
        None => {
            let mut words = vec![text(format!("We keep it {}.", rule_words(policy, rule, Voice::They)))];
            let waits = |on: &str| ground.awaiting.as_deref().filter(|awaiting| awaiting.contains(on));
            if let Some(whether) =
                ground.awaiting.as_deref().filter(|awaiting| awaiting.starts_with("whether "))
            {
                words.push(text(format!(" It is not known yet {whether}.")));
            } else if let Some(birth) = waits("date of birth") {
                words.push(text(format!(" Not known yet: {birth}.")));
            } else if ground.awaiting.is_some() && !matches!(rule.phrase, Phrase::Until(_) | Phrase::While(_))
            {
                words.push(text(" That has not happened yet.".to_owned()));
            }
            words
        }
    }];
    if let Some(row) = ground.row.filter(|row| Some(row.on) != ground.due_on) {
        said.push(vec![
            text("Each of them goes by itself, the next after ".to_owned()),
            strong(day(row.on)),
            text(".".to_owned()),
        ]);
    }
    if let Some(review) = ground.review_on.filter(|review| *review >= today) {
        said.push(vec![
            text("We look at it again by ".to_owned()),
            strong(day(review)),
            text(".".to_owned()),
        ]);
    }
    said.extend(stage(policy, life, ground, rule, today));
    said
}

/// "We stopped writing to them on **1 Apr 2027**.", or from when we are going to.
fn stage(policy: &Policy, life: &Life, ground: &Ground, rule: &Rule, today: Date) -> Option<Vec<Segment>> {
    let from = ground::stage_from(policy, life, ground, today)?;
    if ground.due_on.is_some_and(|due| due < from) {
        return None;
    }
    let begins = if from <= today { ceasing(rule)? } else { going_to(rule)? };
    let ends = if archived(rule) { ": it can be found and read, and is not used." } else { "." };
    Some(vec![text(format!("{} ", capital(begins))), strong(day(from)), text(ends.to_owned())])
}

/// What a stage of the clause has stopped and since when, if it has begun: "we stopped writing to them on 1 Apr 2027".
pub(crate) fn stopped(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    rule: &Rule,
    today: Date,
) -> Option<String> {
    let since = ground::stage_since(policy, life, ground, today)?;
    Some(format!("{} {}", ceasing(rule)?, day(since)))
}

/// The words before the day on which the stage of a clause began.
fn ceasing(rule: &Rule) -> Option<&'static str> {
    Some(match rule.stage.as_ref()?.what {
        Ceases::Use if archived(rule) => "it has been in the archive since",
        Ceases::Use => "we stopped using it on",
        Ceases::Writing => "we stopped writing to them on",
        Ceases::Calling => "we stopped calling them on",
        Ceases::Contacting => "we stopped contacting them on",
        Ceases::Sharing => "we have not passed it on since",
    })
}

/// The words before the day on which the stage of a clause is going to begin.
fn going_to(rule: &Rule) -> Option<&'static str> {
    Some(match rule.stage.as_ref()?.what {
        Ceases::Use if archived(rule) => "it goes into the archive on",
        Ceases::Use => "we stop using it on",
        Ceases::Writing => "we stop writing to them on",
        Ceases::Calling => "we stop calling them on",
        Ceases::Contacting => "we stop contacting them on",
        Ceases::Sharing => "we pass it on no more from",
    })
}

fn archived(rule: &Rule) -> bool {
    matches!(rule.phrase, Phrase::More { .. })
}

/// The event that the last day is counted from, and its day.
fn counted_from(phrase: &Phrase, facts: &Facts, due: Date, today: Date) -> Option<(Event, Date)> {
    match phrase {
        // A birthday is a detail like others: who may not see it is not told it here.
        Phrase::After { event, .. } | Phrase::AfterYear { event, .. } if event.birthday().is_some() => None,
        Phrase::After { event, .. } | Phrase::AfterYear { event, .. } => {
            let ends = clock::clock(phrase, None, None, facts, today).outcome
                == Outcome::Due { on: due, at_once: false };
            ends.then(|| Some((event.clone(), facts.day(event)?)))?
        }
        Phrase::Earlier(parts) | Phrase::Later(parts) => {
            parts.iter().find_map(|part| counted_from(part, facts, due, today))
        }
        Phrase::AtMost(inner, cap) => {
            counted_from(inner, facts, due, today).or_else(|| counted_from(cap, facts, due, today))
        }
        Phrase::Agreed { default, at_most, .. } => {
            let whole = clock::clock(phrase, None, None, facts, today).outcome
                == Outcome::Due { on: due, at_once: false };
            let cap = at_most.as_deref().and_then(|cap| counted_from(cap, facts, due, today));
            let event = default.events().into_iter().next();
            cap.or_else(|| {
                whole.then(|| event.and_then(|event| Some((event.clone(), facts.day(&event)?))))?
            })
        }
        // What moves a date, or chooses among periods, has no one event to name.
        _ => None,
    }
}

/// "The coaching programme was completed on **31 Mar 2026**, so we remove it after **30 Sep 2026**."
fn counted(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    event: &Event,
    on: Date,
    due: Date,
    work: Option<&Work>,
) -> Vec<Segment> {
    let agreed = life
        .works
        .iter()
        .find(|on| Some(on.engagement) == ground.engagement)
        .and_then(|on| on.agreed.as_ref());
    let rule = policy.rules.get(ground.rule.index());
    let may_agree = rule.is_some_and(|rule| matches!(rule.phrase, Phrase::Agreed { .. }));
    let goes = rule.map_or("remove it", goes);
    let so = match agreed.filter(|_| may_agree) {
        Some(agreed) => format!(" and {} are agreed, so we {goes} after ", period_words(&agreed.period)),
        None => format!(", so we {goes} after "),
    };
    vec![
        text(format!("{} on ", happened(event, work))),
        strong(day(on)),
        text(so),
        strong(day(due)),
        text(".".to_owned()),
    ]
}

/// What we do with it after its last day: what is made anonymous stays, and says nothing about anybody.
fn goes(rule: &Rule) -> &'static str {
    if rule.then == Disposal::Anonymise { "make it anonymous" } else { "remove it" }
}

/// A last day that comes from a consent running out, or from an event already known to come.
fn until(policy: &Policy, life: &Life, ground: &Ground, rule: &Rule, due: Date, today: Date) -> Vec<Segment> {
    let consent = policy
        .activity(rule.activity)
        .and_then(|activity| basis::standing_consent(policy, activity, life, ground.engagement, today));
    match consent {
        Some(consent) => vec![
            text("They last agreed on ".to_owned()),
            strong(day(consent.given_on)),
            text(format!("; unless they agree again, we {} after ", goes(rule))),
            strong(day(due)),
            text(".".to_owned()),
        ],
        None => vec![text(format!("We {} after ", goes(rule))), strong(day(due)), text(".".to_owned())],
    }
}

/// An event that has happened, as the beginning of a sentence.
fn happened(event: &Event, work: Option<&Work>) -> String {
    let words = event_words(event, Voice::They, work);
    let past = [
        (" is ", " was "),
        (" are ", " were "),
        (" has ", " "),
        ("they leave", "they left"),
        ("they join", "they joined"),
        ("they enrol", "they enrolled"),
        ("they graduate", "they graduated"),
        ("they resign", "they resigned"),
        ("they retire", "they retired"),
        ("they move ", "they moved "),
        ("they ask ", "they asked "),
        ("they take back", "they took back"),
        ("number changes", "number changed"),
        ("we learn ", "we learnt "),
    ];
    let told =
        past.iter().find(|(now, _)| words.contains(now)).map(|(now, then)| words.replacen(now, then, 1));
    let has_verb = [" was ", " were ", " got ", " gave "].iter().any(|verb| words.contains(verb));
    let told = told.unwrap_or_else(|| if has_verb { words.clone() } else { format!("{words} was") });
    capital(&told)
}

/// What would move the date or end the ground, one event a line.
pub(super) fn changes(
    policy: &Policy,
    life: &Life,
    ground: &Ground,
    rule: &Rule,
    activity: &Activity,
    today: Date,
) -> Vec<String> {
    let facts = facts_for(policy, life, rule, ground.engagement, Some(ground), today);
    let work = rule.work.and_then(|id| policy.works.get(id.index()));
    let mut lines: Vec<String> = Vec::new();
    let mut add = |line: String| {
        if !lines.contains(&line) {
            lines.push(line);
        }
    };
    for event in rule.phrase.events() {
        let again = matches!(event.name.as_str(), "contact" | "incoming contact" | "communication");
        match facts.day(&event) {
            Some(_) if again => add("They are in touch with us again: the period begins anew.".to_owned()),
            // What the policy declares may happen once more; where the first time counts, that changes nothing.
            Some(_) if event.which != Which::First => {
                if let Some(words) = declared_words(policy, &event, Voice::They) {
                    add(format!("{} again: the period begins anew.", capital(&words)));
                }
            }
            Some(_) => {}
            None if again => {}
            None if event.birthday().is_some() => {
                let whose = event.birthday().map(|(whose, _)| whose.birth().written());
                add(format!("It is recorded: {}.", whose.unwrap_or_default()));
            }
            None => {
                let declared = declared_words(policy, &event, Voice::They);
                let words = declared.unwrap_or_else(|| event_words(&event, Voice::They, work));
                add(format!("{}.", capital(&words)));
            }
        }
    }
    let asked = rule.facts();
    let about = policy.facts.iter().filter(|fact| asked.contains(&policy::phrase::plain(&fact.name)));
    for fact in about {
        add(match facts.known.contains_key(&policy::phrase::plain(&fact.name)) {
            true => format!("It is recorded anew: {}.", fact.name),
            false => format!("It is recorded: {}.", fact.name),
        });
    }
    if let Phrase::Agreed { .. } = &rule.phrase {
        add("Another period is agreed.".to_owned());
    }
    match &activity.basis {
        Basis::Consent { .. } => add("They take back their consent: it ends at once.".to_owned()),
        _ if activity.purpose == Purpose::DirectMarketing => add("They object: it ends at once.".to_owned()),
        Basis::LegitimateInterests { .. } | Basis::PublicTask { .. } | Basis::RecognisedInterest { .. } => {
            add("They object: it is restricted until somebody decides.".to_owned());
        }
        _ => {}
    }
    if rule.ask_again.is_some() || rule.ask_before.is_some() {
        add("They agree again when we ask: the period begins anew.".to_owned());
    }
    lines
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn text(words: String) -> Segment {
    Segment::Text(words)
}

fn strong(words: String) -> Segment {
    Segment::Strong(words)
}

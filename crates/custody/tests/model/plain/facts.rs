//! What a clause's clock is told about a person, and about one piece of work where the clause speaks of work.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use jiff::civil::Date;
use policy::phrase::{Condition, Event, Phrase, Which, Whose, of_work, plain};
use policy::{Activity, Basis, Policy, Rule, Sort};

use super::basis::{self, aimed_at, lifted};
use super::calendar::turns;
use super::each::details;
use super::person::{Against, Kept, Person, Work};

/// What is known.
#[derive(Clone, Debug)]
pub struct Facts {
    pub days: BTreeMap<String, Vec<Date>>,
    /// What has not happened on every piece of work of a kind.
    pub unfinished: BTreeSet<String>,
    /// What cannot happen any more.
    pub never: BTreeSet<String>,
    /// Categories with the day they were no longer held.
    pub categories: BTreeMap<String, Option<Date>>,
    pub known: BTreeMap<String, Known>,
    pub agreed: Option<(Span, bool)>,
    pub opened: Date,
    pub reviewed: Option<Date>,
    pub confirmed: Option<Date>,
}

#[derive(Clone, Debug)]
pub struct Known {
    pub value: String,
    pub ended: Option<Date>,
}

impl Facts {
    pub fn none(opened: Date) -> Self {
        Self {
            days: BTreeMap::new(),
            unfinished: BTreeSet::new(),
            never: BTreeSet::new(),
            categories: BTreeMap::new(),
            known: BTreeMap::new(),
            agreed: None,
            opened,
            reviewed: None,
            confirmed: None,
        }
    }

    fn add(&mut self, name: &str, day: Date) {
        self.days.entry(name.to_owned()).or_default().push(day);
    }

    pub fn latest(&self, name: &str) -> Option<Date> {
        self.days.get(name)?.iter().max().copied()
    }

    pub fn no_longer(&self, category: &str) -> Option<Date> {
        self.categories.get(category).copied().flatten()
    }

    /// The day on which what a condition names was no longer so, the last of several.
    pub fn stopped_being(&self, condition: &Condition) -> Option<Date> {
        let names: Vec<&str> = match condition {
            Condition::Is { fact, .. } => vec![fact],
            Condition::Not(inner) => return self.stopped_being(inner),
            Condition::Any(parts) => return parts.iter().filter_map(|part| self.stopped_being(part)).max(),
            Condition::Aged { .. } | Condition::GivenBefore(_) => Vec::new(),
        };
        names.into_iter().filter_map(|name| self.known.get(name)?.ended).max()
    }
}

/// The day on which somebody reaches an age.
pub fn turned(facts: &Facts, whose: &str, years: i32) -> Option<Date> {
    turns(facts.latest(whose)?, years)
}

/// By which name the model knows somebody's birthday.
fn born(whose: &Whose) -> &str {
    match whose {
        Whose::Own => "born",
        Whose::Everybody => "people born",
        Whose::Part(part) => part,
    }
}

/// The day of an event, by which of its days the author means.
pub fn day_of(facts: &Facts, event: &Event) -> Option<Date> {
    if event.which == Which::All && facts.unfinished.contains(&event.name) {
        return None;
    }
    match event.birthday() {
        Some((whose, Some(years))) => return turned(facts, born(&whose), i32::from(years)),
        Some((whose, None)) => return facts.latest(born(&whose)),
        None => {}
    }
    let days = facts.days.get(&event.name).or_else(|| facts.days.get(&event.written()));
    match (days, event.which) {
        (Some(days), Which::First) => days.iter().min().copied(),
        (Some(days), _) => days.iter().max().copied(),
        (None, _) => facts.no_longer(event.name.strip_prefix("no longer ")?),
    }
}

/// Everything a clause's clock is told.
pub fn of(
    policy: &Policy,
    person: &Person,
    rule: &Rule,
    work: Option<i64>,
    (opened, reviewed): (Date, Option<Date>),
    today: Date,
) -> Facts {
    let activity = policy.activity(rule.activity).unwrap();
    let mut facts = Facts { reviewed, ..Facts::none(opened) };
    let since = if activity.for_everyone {
        counted(policy, person, activity, rule).iter().map(|kept| kept.recorded).max()
    } else {
        came(policy, person, activity, today)
    };
    for (name, day) in &person.events {
        // What ended an earlier time with us says nothing about this one.
        if !(says_until(&rule.phrase, name) && since.is_some_and(|since| *day < since)) {
            facts.add(name, *day);
        }
    }
    for day in person.consents.iter().filter_map(basis::heard).filter(|day| *day <= today) {
        facts.add("incoming contact", day);
    }
    for (narrow, wide) in [("incoming contact", "contact"), ("contact", "communication")] {
        for day in facts.days.get(narrow).cloned().unwrap_or_default() {
            facts.add(wide, day);
        }
    }
    consents(policy, person, activity, work, (today, since.unwrap_or(opened)), &mut facts);
    for objection in person.objections.iter().filter(|made| !lifted(person, activity, made, today)) {
        if !matches!(objection.against, Against::Activity(_)) {
            facts.add("asked not to call", objection.made);
        }
        if objection.against == Against::AllContact || aimed_at(policy, activity, &objection.against) {
            facts.add("asked us to stop", objection.made);
        }
    }
    rows(policy, person, activity, rule, &mut facts);
    categories(policy, person, &mut facts);
    let kind = rule.work.and_then(|id| policy.works.get(id.index()));
    if let Some(kind) = kind {
        for name in &kind.milestones {
            facts.days.remove(name);
        }
        if let Some(on) = work.and_then(|number| person.on(number)) {
            on.milestones.iter().for_each(|(name, day)| facts.add(name, *day));
            facts.agreed = on.agreed;
        }
    }
    told(policy, person, work, today, &mut facts);
    if let Some(born) = person.born {
        facts.add("born", born);
    }
    let mut births: BTreeMap<&str, Vec<Option<Date>>> = BTreeMap::new();
    for (_, part, born) in person.births.iter().filter(|(on, ..)| Some(*on) == work) {
        births.entry("people born").or_default().push(*born);
        births.entry(part).or_default().push(*born);
    }
    for (whose, days) in births {
        // Of several the last, and one that nobody knows may be the last.
        if days.iter().all(Option::is_some) {
            days.into_iter().flatten().for_each(|born| facts.add(whose, born));
        }
    }
    every_work(policy, person, rule, today, &mut facts);
    facts
}

/// The day the person last became one of those the activity is for.
fn came(policy: &Policy, person: &Person, activity: &Activity, today: Date) -> Option<Date> {
    let names: Vec<&str> =
        activity.for_whom.iter().map(|whom| policy.categories[whom.category.index()].name.as_str()).collect();
    let own =
        person.categories.iter().filter(|held| names.contains(&held.name.as_str())).map(|held| held.since);
    let parts = person
        .works
        .iter()
        .filter(|on| part_of(policy, &on.kind, &on.part).is_some_and(|name| names.contains(&name)))
        .map(|on| on.since);
    own.chain(parts).filter(|day| *day <= today).max()
}

/// The category that a part on a kind of work makes somebody.
pub fn part_of<'p>(policy: &'p Policy, kind: &str, part: &str) -> Option<&'p str> {
    let work = policy.works.iter().find(|work| work.name == kind)?;
    let part = work.parts.iter().find(|known| known.name == part)?;
    Some(policy.categories[part.category.index()].name.as_str())
}

fn says_until(phrase: &Phrase, name: &str) -> bool {
    match phrase {
        Phrase::Until(event) => event.name == name,
        Phrase::Earlier(parts) | Phrase::Later(parts) => parts.iter().any(|part| says_until(part, name)),
        Phrase::AtMost(inner, cap) => says_until(inner, name) || says_until(cap, name),
        Phrase::Agreed { default: phrase, .. }
        | Phrase::Longer { phrase, .. }
        | Phrase::Batch { phrase, .. }
        | Phrase::More { phrase, .. } => says_until(phrase, name),
        Phrase::Cases { cases, otherwise } => {
            cases.iter().any(|(_, phrase)| says_until(phrase, name)) || says_until(otherwise, name)
        }
        _ => false,
    }
}

fn consents(
    policy: &Policy,
    person: &Person,
    activity: &Activity,
    work: Option<i64>,
    (today, since): (Date, Date),
    facts: &mut Facts,
) {
    let asks = matches!(activity.basis, Basis::Consent { .. });
    for consent in &person.consents {
        let Some(day) = basis::heard(consent) else { continue };
        // Where the activity rests on something else, whatever they agreed to since they came is meant.
        if if asks { consent.activity == activity.name } else { day >= since } {
            facts.add("consent given", day);
        }
    }
    match basis::consent(policy, person, activity, work, today) {
        Some(standing) => facts.confirmed = basis::heard(standing),
        None => {
            let theirs = person.consents.iter().filter(|consent| consent.activity == activity.name);
            if let Some(day) =
                theirs.filter_map(|consent| consent.withdrawn).filter(|day| *day <= today).max()
            {
                facts.add("consent withdrawn", day);
            }
        }
    }
}

/// The rows that a clause of an activity for everyone counts from: of the kinds it names, or of its activity's where
/// it names none that the program keeps rows of.
pub fn counted<'a>(
    policy: &'a Policy,
    person: &'a Person,
    activity: &Activity,
    rule: &Rule,
) -> Vec<&'a Kept> {
    let rows = |kinds: policy::KindSet| -> Vec<&'a str> {
        let all = policy.kinds.iter().filter(|kind| kinds.contains(kind.id) && kind.sort != Sort::Item);
        all.map(|kind| kind.name.as_str()).collect()
    };
    let mut names = rows(rule.kinds);
    if names.is_empty() {
        names = rows(activity.kinds);
    }
    person.kept.iter().filter(|kept| names.contains(&kept.row.kind.as_str())).collect()
}

fn rows(policy: &Policy, person: &Person, activity: &Activity, rule: &Rule, facts: &mut Facts) {
    let mut kept = counted(policy, person, activity, rule);
    kept.extend(details(policy, person, rule));
    if let Some(day) = kept.iter().map(|kept| kept.recorded).max() {
        facts.add("recorded", day);
    }
    if let Some(day) = kept.iter().filter_map(|kept| kept.sent).max() {
        facts.add("sent", day);
    }
    // One that is open leaves the end unknown.
    if !kept.is_empty() && kept.iter().all(|kept| kept.closed.is_some()) {
        let last = kept.iter().filter_map(|kept| kept.closed).max();
        last.into_iter().for_each(|day| facts.add("closed", day));
    }
}

/// Until when a part makes somebody one of its category: not after they left, nor once that work is over, nor after it was
/// said, at or since their joining, that they are it no longer.
pub fn part_until(policy: &Policy, person: &Person, on: &Work) -> Option<Date> {
    let mut ends: Vec<Date> = on.until.into_iter().collect();
    let kind = policy.works.iter().find(|kind| kind.name == on.kind);
    if let Some(closing) = kind.and_then(|kind| kind.milestones.last()) {
        ends.extend(on.milestones.iter().filter(|(name, _)| name == closing).map(|(_, day)| *day).max());
    }
    let name = part_of(policy, &on.kind, &on.part);
    for held in person.categories.iter().filter(|held| Some(held.name.as_str()) == name) {
        ends.extend(held.until.filter(|until| on.since <= *until));
    }
    ends.into_iter().min()
}

/// A category has ended once it has on every side it was held.
fn categories(policy: &Policy, person: &Person, facts: &mut Facts) {
    let own = person.categories.iter().map(|held| (held.name.as_str(), held.until));
    let parts = person
        .works
        .iter()
        .filter_map(|on| Some((part_of(policy, &on.kind, &on.part)?, part_until(policy, person, on))));
    let mut all: BTreeMap<&str, Vec<Option<Date>>> = BTreeMap::new();
    for (name, until) in own.chain(parts) {
        all.entry(name).or_default().push(until);
    }
    for (name, ends) in all {
        let ended = if ends.iter().all(Option::is_some) { ends.into_iter().flatten().max() } else { None };
        facts.categories.insert(name.to_owned(), ended);
    }
}

fn told(policy: &Policy, person: &Person, work: Option<i64>, today: Date, facts: &mut Facts) {
    for fact in &policy.facts {
        if fact.work.is_some() && work.is_none() {
            continue;
        }
        let about = work.filter(|_| fact.work.is_some());
        let mut rows: Vec<(Date, &str)> = person
            .told
            .iter()
            .filter(|told| told.name == fact.name && told.work == about && told.on <= today)
            .map(|told| (told.on, told.value.as_str()))
            .collect();
        rows.sort_by_key(|(day, _)| *day);
        let mut value: Option<&str> = fact.default.as_deref();
        let mut ended = None;
        for (day, next) in rows {
            ended = match (value, next) {
                (Some("yes"), "no") => Some(day),
                (_, "no") => ended,
                _ => None,
            };
            value = Some(next);
        }
        if let Some(value) = value {
            facts.known.insert(plain(&fact.name), Known { value: value.to_owned(), ended });
        }
    }
}

/// `the last of their orders closed`: what has happened on each, and whether anything is still to come.
fn every_work(policy: &Policy, person: &Person, rule: &Rule, today: Date, facts: &mut Facts) {
    for event in rule.phrase.events().iter().filter(|event| event.which == Which::All) {
        for kind in &policy.works {
            let Some(milestone) = kind.milestones.iter().find(|name| of_work(&kind.name, name) == event.name)
            else {
                continue;
            };
            facts.days.remove(&event.name);
            for on in person.works.iter().filter(|on| on.kind == kind.name) {
                let day =
                    on.milestones.iter().filter(|(name, _)| name == milestone).map(|(_, day)| *day).max();
                match day {
                    Some(day) => facts.add(&event.name, day),
                    None if on.until.is_some_and(|until| until <= today) => {}
                    None => {
                        facts.unfinished.insert(event.name.clone());
                    }
                }
            }
        }
    }
}

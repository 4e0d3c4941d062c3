//! Clocks: a retention phrase and facts make the last day on which data may be held. Civil dates only;
//! this module never looks at today to decide, and never guesses a fact it was not given.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Span as Period, civil::Date};

use crate::phrase::{Event, Phrase, Which, Year, period_words};
use crate::rule::AskAgain;

/// What is known. Dates are civil, in the organisation's time zone.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Each event's days, by its name; what was undone is not here.
    pub events: BTreeMap<String, Vec<Date>>,
    /// Events that can no longer happen.
    pub impossible: BTreeSet<String>,
    /// Categories with the day they were no longer held; `None` while held.
    pub categories: BTreeMap<String, Option<Date>>,
    /// The period agreed with the person, where one was.
    pub agreed: Option<Agreed>,
    /// The day the ground opened.
    pub opened: Option<Date>,
    /// The day of the last review.
    pub reviewed: Option<Date>,
    /// The day the person last gave or confirmed their consent.
    pub confirmed: Option<Date>,
}

/// A period agreed with the person.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// How long, from the clause's own event.
    pub period: Period,
    /// Whether a reason is on record for more than a cap that takes one (`normally at most`).
    pub reasoned: bool,
}

/// When a ground ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// `on` is the last day; with `at_once` the ground has ended in the course of that day.
    Due {
        /// The day.
        on: Date,
        /// Whether the event it waited for has happened on it.
        at_once: bool,
    },
    /// Waits for these events, as a policy writes them.
    Awaiting(Vec<String>),
    /// Never by itself.
    Never,
}

/// A clock as the facts stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clock {
    /// When it ends.
    pub outcome: Outcome,
    /// When somebody must have looked at it.
    pub review_on: Option<Date>,
    /// How it came about, a line a step, for people.
    pub trace: Vec<String>,
    /// Events that have not happened and would make it shorter.
    pub may_shorten: Vec<String>,
}

impl Facts {
    /// The day of an event, by which of its days counts; `no longer CATEGORY` is the end of a category.
    #[must_use]
    pub fn day(&self, event: &Event) -> Option<Date> {
        let listed = self.events.get(&event.name).or_else(|| self.events.get(&event.written()));
        let ended = || {
            let category = event.name.strip_prefix("no longer ")?;
            self.categories.get(category).copied().flatten()
        };
        match (listed, event.which) {
            (Some(days), Which::First) => days.iter().min().copied(),
            (Some(days), _) => days.iter().max().copied(),
            (None, _) => ended(),
        }
    }

    /// Adds a day on which an event happened.
    #[must_use]
    pub fn with(mut self, event: &str, on: Date) -> Self {
        self.events.entry(event.to_owned()).or_default().push(on);
        self
    }
}

/// The clock of a phrase, with what a `keep` adds to it: a review, and asking again.
#[must_use]
pub fn clock(
    phrase: &Phrase,
    review: Option<&Period>,
    ask_again: Option<&AskAgain>,
    facts: &Facts,
    today: Date,
) -> Clock {
    let mut step = evaluate(phrase, facts);
    if let Some(ask) = ask_again {
        step = earlier(vec![step, lapse(ask, facts)]);
    }
    let mut clock = step.clock();
    if let Some(every) = review {
        let (base, what) = review_base(facts);
        match base.and_then(|base| later_by(base, every)) {
            Some(on) => {
                clock.trace.push(format!("review {} after {what}: {on}", period_words(every)));
                clock.review_on = [clock.review_on, Some(on)].into_iter().flatten().min();
            }
            None => clock.trace.push(format!("review every {}, from the day it begins", period_words(every))),
        }
    }
    if let Outcome::Due { on, at_once } = clock.outcome
        && (on < today || (at_once && on <= today))
    {
        clock.trace.push(format!("ended on {on}"));
    }
    clock
}

/// The outcome on one line, as `probity when` prints it: a date, `review DATE`, `awaiting EVENT, EVENT` or `never`.
#[must_use]
pub fn say(clock: &Clock) -> String {
    match (&clock.outcome, clock.review_on) {
        (Outcome::Due { on, .. }, _) => on.to_string(),
        (_, Some(review)) => format!("review {review}"),
        (Outcome::Awaiting(events), None) => format!("awaiting {}", events.join(", ")),
        (Outcome::Never, None) => "never".to_owned(),
    }
}

/// An agreed period that goes beyond the cap of its clause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OverCap {
    /// The last day the cap allows.
    pub cap: Date,
    /// Whether more is taken with a reason and a decider.
    pub with_reason: bool,
}

/// Whether a period somebody wants to agree on goes beyond the clause's cap, counting both from `from`
/// (the day of the clause's event, or any day where it has not happened yet).
#[must_use]
pub fn over_cap(phrase: &Phrase, wanted: &Period, from: Date) -> Option<OverCap> {
    match phrase {
        Phrase::Agreed { default, at_most: Some(cap), normally, .. } => {
            let mut facts = Facts::default();
            for event in default.events().iter().chain(&cap.events()) {
                facts = facts.with(&event.name, from);
            }
            let Ends::Due { on: cap, .. } = evaluate(cap, &facts).ends else { return None };
            let Ends::Due { on: wanted, .. } = agreed_step(default, wanted, &facts).ends else { return None };
            (wanted > cap).then_some(OverCap { cap, with_reason: *normally })
        }
        Phrase::Earlier(parts) | Phrase::Later(parts) => {
            parts.iter().find_map(|part| over_cap(part, wanted, from))
        }
        Phrase::AtMost(inner, _) => over_cap(inner, wanted, from),
        _ => None,
    }
}

/// A day and a period after it: months clamp to the month's end. `None` past the end of the calendar.
fn later_by(day: Date, period: &Period) -> Option<Date> {
    day.checked_add(*period).ok()
}

/// How one part of a phrase stands.
enum Ends {
    Due {
        on: Date,
        at_once: bool,
    },
    Awaiting(Vec<String>),
    /// What it waits for cannot happen any more.
    Impossible,
    Never,
}

struct Step {
    ends: Ends,
    review_on: Option<Date>,
    trace: Vec<String>,
    may_shorten: Vec<String>,
}

impl Step {
    fn new(ends: Ends, line: String) -> Self {
        Self { ends, review_on: None, trace: vec![line], may_shorten: Vec::new() }
    }

    fn clock(self) -> Clock {
        let outcome = match self.ends {
            Ends::Due { on, at_once } => Outcome::Due { on, at_once },
            Ends::Awaiting(events) => Outcome::Awaiting(events),
            Ends::Impossible | Ends::Never => Outcome::Never,
        };
        Clock { outcome, review_on: self.review_on, trace: self.trace, may_shorten: self.may_shorten }
    }
}

fn due(on: Date, at_once: bool, line: String) -> Step {
    Step::new(Ends::Due { on, at_once }, line)
}

fn never(line: String) -> Step {
    Step::new(Ends::Never, line)
}

fn waiting(event: &Event, facts: &Facts) -> Step {
    let written = event.written();
    if facts.impossible.contains(&event.name) || facts.impossible.contains(&written) {
        return Step::new(Ends::Impossible, format!("{written}: cannot happen any more"));
    }
    let line = format!("{written}: not yet");
    Step::new(Ends::Awaiting(vec![written]), line)
}

fn evaluate(phrase: &Phrase, facts: &Facts) -> Step {
    match phrase {
        Phrase::After { period, event } => after(event, period, facts),
        Phrase::AfterYear { period, year, event } => after_year(event, *year, period, facts),
        Phrase::Review { period, event } => review_after(event, period, facts),
        Phrase::Until(event) => until(event, facts),
        Phrase::While(category) => until(&Event::only(format!("no longer {category}")), facts),
        Phrase::Earlier(parts) => earlier(parts.iter().map(|part| evaluate(part, facts)).collect()),
        Phrase::Later(parts) => later(parts.iter().map(|part| evaluate(part, facts)).collect()),
        Phrase::AtMost(inner, cap) => earlier(vec![evaluate(inner, facts), evaluate(cap, facts)]),
        Phrase::Agreed { default, at_most, normally, .. } => {
            agreed(default, at_most.as_deref(), *normally, facts)
        }
        Phrase::Indefinitely => never("indefinitely: it never ends by itself".to_owned()),
    }
}

fn until(event: &Event, facts: &Facts) -> Step {
    match facts.day(event) {
        Some(on) => due(on, true, format!("{} {on}: ends at once", event.written())),
        None => waiting(event, facts),
    }
}

fn after(event: &Event, period: &Period, facts: &Facts) -> Step {
    let Some(day) = facts.day(event) else { return waiting(event, facts) };
    match later_by(day, period) {
        Some(on) => due(
            on,
            false,
            format!("{} {day}, plus {}{}", event.written(), period_words(period), clamped(day, on, period)),
        ),
        None => never(format!(
            "{} {day}, plus {}: past the end of the calendar",
            event.written(),
            period_words(period)
        )),
    }
}

/// Says so where the month had no such day.
fn clamped(from: Date, to: Date, period: &Period) -> String {
    let only_months = period.get_days() == 0 && period.get_weeks() == 0;
    if only_months && from.day() != to.day() {
        format!(", clamped to the end of {}", to.strftime("%B"))
    } else {
        String::new()
    }
}

fn after_year(event: &Event, year: Year, period: &Period, facts: &Facts) -> Step {
    let Some(day) = facts.day(event) else { return waiting(event, facts) };
    let said = format!("{} {day}, in the {} year", event.written(), year.name());
    match year_end(day, year).and_then(|end| Some((end, later_by(end, period)?))) {
        Some((end, on)) if period.is_zero() => due(on, false, format!("{said} to {end}")),
        Some((end, on)) => due(on, false, format!("{said} to {end}, plus {}", period_words(period))),
        None => never(format!("{said}: past the end of the calendar")),
    }
}

fn year_end(day: Date, year: Year) -> Option<Date> {
    let (month, last) = year.last_day();
    let end = Date::new(day.year(), month, last).ok()?;
    if day <= end { Some(end) } else { Date::new(day.year().checked_add(1)?, month, last).ok() }
}

fn review_after(event: &Event, period: &Period, facts: &Facts) -> Step {
    let mut step = after(event, period, facts);
    if let Ends::Due { on, .. } = step.ends {
        step.ends = Ends::Never;
        step.review_on = Some(on);
        step.trace.iter_mut().for_each(|line| line.insert_str(0, "review: "));
    }
    step
}

fn agreed(default: &Phrase, cap: Option<&Phrase>, normally: bool, facts: &Facts) -> Step {
    let Some(agreed) = &facts.agreed else {
        let mut step = evaluate(default, facts);
        step.trace.push("no other period agreed".to_owned());
        return step;
    };
    let mut step = agreed_step(default, &agreed.period, facts);
    step.trace.push(format!("as agreed: {}", period_words(&agreed.period)));
    match cap {
        Some(_) if normally && agreed.reasoned => step,
        Some(cap) => earlier(vec![step, evaluate(cap, facts)]),
        None => step,
    }
}

/// The agreed period counted from the event of what it replaces.
fn agreed_step(default: &Phrase, period: &Period, facts: &Facts) -> Step {
    match default {
        Phrase::After { event, .. } => after(event, period, facts),
        Phrase::AfterYear { event, year, .. } => after_year(event, *year, period, facts),
        other => evaluate(other, facts),
    }
}

/// The earliest known; what is not known yet may shorten it.
fn earlier(parts: Vec<Step>) -> Step {
    let mut soonest: Option<(Date, bool)> = None;
    let mut awaited = Vec::new();
    let mut endless = false;
    let mut whole = Step { ends: Ends::Never, review_on: None, trace: Vec::new(), may_shorten: Vec::new() };
    for part in parts {
        match part.ends {
            // Of two on one day, the one that ends within it comes first.
            Ends::Due { on, at_once } => {
                if soonest.is_none_or(|(day, once)| (on, !at_once) < (day, !once)) {
                    soonest = Some((on, at_once));
                }
            }
            Ends::Awaiting(events) => awaited.extend(events),
            Ends::Never => endless = true,
            Ends::Impossible => {}
        }
        whole.trace.extend(part.trace);
        whole.may_shorten.extend(part.may_shorten);
        whole.review_on = [whole.review_on, part.review_on].into_iter().flatten().min();
    }
    whole.ends = match soonest {
        Some((on, at_once)) => {
            whole.may_shorten.append(&mut awaited);
            Ends::Due { on, at_once }
        }
        None if !awaited.is_empty() => Ends::Awaiting(distinct(awaited)),
        None if endless => Ends::Never,
        None => Ends::Impossible,
    };
    whole.may_shorten = distinct(whole.may_shorten);
    whole
}

/// The latest, once all that can still happen has.
fn later(parts: Vec<Step>) -> Step {
    let mut latest: Option<(Date, bool)> = None;
    let mut awaited = Vec::new();
    let mut endless = false;
    let mut whole = Step { ends: Ends::Never, review_on: None, trace: Vec::new(), may_shorten: Vec::new() };
    for part in parts {
        match part.ends {
            Ends::Due { on, at_once } => {
                if latest.is_none_or(|(day, once)| (on, !at_once) > (day, !once)) {
                    latest = Some((on, at_once));
                }
            }
            Ends::Awaiting(events) => awaited.extend(events),
            Ends::Never => endless = true,
            Ends::Impossible => {}
        }
        whole.trace.extend(part.trace);
        whole.may_shorten.extend(part.may_shorten);
        whole.review_on = [whole.review_on, part.review_on].into_iter().flatten().max();
    }
    whole.may_shorten = distinct(whole.may_shorten);
    whole.ends = match latest {
        _ if !awaited.is_empty() => Ends::Awaiting(distinct(awaited)),
        _ if endless => Ends::Never,
        Some((on, at_once)) => Ends::Due { on, at_once },
        None => Ends::Impossible,
    };
    whole
}

fn distinct(events: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    events.into_iter().filter(|event| seen.insert(event.clone())).collect()
}

fn lapse(ask: &AskAgain, facts: &Facts) -> Step {
    let given = facts.confirmed.or_else(|| facts.day(&Event::only("consent given"))).or(facts.opened);
    match given.and_then(|day| Some((day, later_by(day, &ask.every)?))) {
        Some((day, on)) => due(on, false, format!("last confirmed {day}, plus {}", period_words(&ask.every))),
        None => waiting(&Event::only("consent given"), facts),
    }
}

/// A review is counted from the last one, from the day the ground opened, or else from the first thing known.
fn review_base(facts: &Facts) -> (Option<Date>, String) {
    let first = facts.events.values().flatten().min().copied();
    match (facts.reviewed, facts.opened, first) {
        (Some(day), ..) => (Some(day), format!("the last review {day}")),
        (None, Some(day), _) => (Some(day), format!("it began {day}")),
        (None, None, Some(day)) => (Some(day), format!("the first fact known {day}")),
        (None, None, None) => (None, String::new()),
    }
}

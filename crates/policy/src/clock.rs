//! Clocks: a retention phrase and facts make the last day on which data may be held. Civil dates only;
//! this module never looks at today to decide, and never guesses a fact it was not given.

mod evaluate;
mod facts;
mod given;
mod step;

use jiff::{Span as Period, Timestamp, civil::Date};

use evaluate::{agreed_step, evaluate, later_by};
pub use facts::{Agreed, Facts, Known};
pub use given::given;
use step::{End, Ends, Step, due, earlier, waiting};

use crate::phrase::{Ceases, Condition, Event, Phrase, Stage, period_words};
use crate::rule::{AskAgain, Rule};

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
    /// The moment it ends on its last day, where a period in hours ends it.
    pub at: Option<Timestamp>,
    /// When somebody must have looked at it.
    pub review_on: Option<Date>,
    /// How it came about, a line a step, for people.
    pub trace: Vec<String>,
    /// Events that have not happened and would make it shorter.
    pub may_shorten: Vec<String>,
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
    if let (Some(ask), Outcome::Due { on, .. }) = (ask_again, &clock.outcome)
        && let Ok(day) = on.checked_sub(ask.within)
    {
        clock.trace.push(format!("ask on {day}; no answer ends it"));
    }
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

/// The clock of a rule, with its condition, its stage and its asking.
#[must_use]
pub fn clock_of(rule: &Rule, facts: &Facts, today: Date) -> Clock {
    let clock = clock(&rule.phrase, rule.review.as_ref(), rule.ask_again.as_ref(), facts, today);
    told(clock, rule.condition.as_ref(), rule.stage.as_ref(), rule.ask_before.as_ref(), facts, today)
}

/// Puts a clause's condition, stage and asking to the clock of its period. Where the condition is not known the
/// clause awaits it; where it is not so the clause says nothing, and nothing ends by it.
pub(crate) fn told(
    mut clock: Clock,
    condition: Option<&Condition>,
    stage: Option<&Stage>,
    ask_before: Option<&Period>,
    facts: &Facts,
    today: Date,
) -> Clock {
    if let Some(condition) = condition {
        match facts.so(condition) {
            Ok(true) => clock.trace.insert(0, format!("{}: yes", condition.written())),
            Ok(false) => {
                let line = format!("{}: no, so this clause does not apply", condition.written());
                return Clock {
                    outcome: Outcome::Never,
                    at: None,
                    review_on: None,
                    trace: vec![line],
                    may_shorten: Vec::new(),
                };
            }
            Err(awaited) => {
                clock.trace.insert(0, format!("not known yet: {}", awaited.join(", ")));
                clock.outcome = Outcome::Awaiting(awaited);
                clock.at = None;
                clock.review_on = None;
                clock.may_shorten.clear();
            }
        }
    }
    if let Some(stage) = stage {
        let word = Ceases::ALL.iter().find(|(what, _)| *what == stage.what).map_or("", |(_, word)| word);
        let when = say(&self::clock(&stage.phrase, None, None, facts, today));
        clock.trace.push(format!("stop {word}: {when}"));
    }
    if let (Some(before), Outcome::Due { on, .. }) = (ask_before, &clock.outcome)
        && let Ok(ask) = on.checked_sub(*before)
    {
        clock.trace.push(format!("ask on {ask}; no answer ends it"));
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
            let Ends::Due(End { on: cap, .. }) = evaluate(cap, &facts).ends else { return None };
            let Ends::Due(End { on: wanted, .. }) = agreed_step(default, wanted, &facts).ends else {
                return None;
            };
            (wanted > cap).then_some(OverCap { cap, with_reason: *normally })
        }
        Phrase::AtMost(inner, _) => over_cap(inner, wanted, from),
        other => other.parts().into_iter().find_map(|part| over_cap(part, wanted, from)),
    }
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

//! What a phrase comes to on given facts: a last day, something awaited, or no end at all. What is not known is never guessed.

use jiff::civil::Date;
use policy::Rule;
use policy::phrase::{Condition, Phrase, plain};

use super::calendar::{batch_day, plus, year_end};
use super::facts::{Facts, day_of, turned};

/// A last day. What ends by an event ends in the course of it; everything else is held the whole of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Last {
    pub day: Date,
    pub whole: bool,
}

impl Last {
    /// The first day on which it does not hold any more.
    pub fn after(self) -> Option<Date> {
        if self.whole { self.day.tomorrow().ok() } else { Some(self.day) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Known(Last),
    Waits,
    Never,
    /// What it waits for cannot happen any more.
    Impossible,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    pub end: End,
    pub review: Option<Date>,
}

fn on(day: Option<Date>) -> Clock {
    let end = day.map_or(End::Never, |day| End::Known(Last { day, whole: true }));
    Clock { end, review: None }
}

fn within(day: Date) -> Clock {
    Clock { end: End::Known(Last { day, whole: false }), review: None }
}

const WAITS: Clock = Clock { end: End::Waits, review: None };
const IMPOSSIBLE: Clock = Clock { end: End::Impossible, review: None };
const NEVER: Clock = Clock { end: End::Never, review: None };

/// The clock of a clause: its phrase, asking again, its review, and its own condition.
pub fn of_rule(rule: &Rule, facts: &Facts) -> Clock {
    let mut clock = of_phrase(&rule.phrase, facts);
    if let Some(ask) = &rule.ask_again {
        let last = facts.confirmed.or_else(|| facts.latest("consent given")).unwrap_or(facts.opened);
        clock = soonest(&[clock, on(plus(last, &ask.every))]);
    }
    if let Some(every) = &rule.review {
        let next = plus(facts.reviewed.unwrap_or(facts.opened), every);
        clock.review = [clock.review, next].into_iter().flatten().min();
    }
    match rule.condition.as_ref().map(|condition| so(condition, facts)) {
        Some(None) => WAITS,
        Some(Some(false)) => NEVER,
        Some(Some(true)) | None => clock,
    }
}

pub fn of_phrase(phrase: &Phrase, facts: &Facts) -> Clock {
    match phrase {
        Phrase::After { period, event } => match day_of(facts, event) {
            Some(day) => on(plus(day, period)),
            None => waits(facts, &event.name),
        },
        Phrase::AfterYear { period, year, event } => match day_of(facts, event) {
            Some(day) => on(year_end(*year, day).and_then(|end| plus(end, period))),
            None => waits(facts, &event.name),
        },
        Phrase::Review { period, event } => match day_of(facts, event) {
            // Who has looked since looks again when as long has passed once more.
            Some(day) => {
                let looked = facts.reviewed.filter(|looked| *looked > day);
                Clock { end: End::Never, review: plus(looked.unwrap_or(day), period) }
            }
            None => waits(facts, &event.name),
        },
        Phrase::Until(event) => day_of(facts, event).map_or(waits(facts, &event.name), within),
        Phrase::UntilDay(day) => on(Some(*day)),
        Phrase::While(category) => facts.no_longer(category).map_or(WAITS, within),
        Phrase::Earlier(parts) => {
            soonest(&parts.iter().map(|part| of_phrase(part, facts)).collect::<Vec<_>>())
        }
        Phrase::Later(parts) => latest(&parts.iter().map(|part| of_phrase(part, facts)).collect::<Vec<_>>()),
        Phrase::AtMost(inner, cap) => soonest(&[of_phrase(inner, facts), of_phrase(cap, facts)]),
        Phrase::Agreed { default, at_most, normally, .. } => {
            let Some((period, reasoned)) = &facts.agreed else { return of_phrase(default, facts) };
            let wanted = match &**default {
                Phrase::After { event, .. } => {
                    of_phrase(&Phrase::After { period: *period, event: event.clone() }, facts)
                }
                Phrase::AfterYear { event, year, .. } => of_phrase(
                    &Phrase::AfterYear { period: *period, year: *year, event: event.clone() },
                    facts,
                ),
                other => of_phrase(other, facts),
            };
            match at_most {
                Some(cap) if !(*normally && *reasoned) => soonest(&[wanted, of_phrase(cap, facts)]),
                _ => wanted,
            }
        }
        Phrase::Indefinitely | Phrase::NotKept { .. } => NEVER,
        Phrase::WhileSo(condition) => match (so(condition, facts), facts.stopped_being(condition)) {
            (Some(false), Some(day)) => within(day),
            _ => WAITS,
        },
        Phrase::Longer { phrase, during } => {
            let alone = of_phrase(phrase, facts);
            match (so(during, facts), facts.stopped_being(during)) {
                (Some(false), None) => alone,
                (Some(false), Some(day)) => latest(&[alone, within(day)]),
                // It goes on as long as it is so, and as long as nobody knows whether it is.
                _ => latest(&[alone, WAITS]),
            }
        }
        Phrase::Cases { cases, otherwise } => {
            // Each case that is so is a period of its own, and the longest of them counts.
            let of = |is: Option<bool>| {
                let all = cases.iter().filter(move |(condition, _)| so(condition, facts) == is);
                all.map(|(_, phrase)| of_phrase(phrase, facts)).collect::<Vec<_>>()
            };
            let (so, unknown) = (of(Some(true)), of(None));
            match (so.is_empty(), unknown.is_empty()) {
                (true, true) => of_phrase(otherwise, facts),
                (true, false) => WAITS,
                (false, _) => {
                    let longest = latest(&so);
                    // Nobody waits to hear what would change nothing.
                    let may_lengthen = |case: &Clock| match (case.end, longest.end) {
                        (_, End::Never) | (End::Impossible, _) => false,
                        (End::Known(case), End::Known(longest)) => case > longest,
                        _ => true,
                    };
                    if unknown.iter().any(may_lengthen) { latest(&[longest, WAITS]) } else { longest }
                }
            }
        }
        Phrase::Batch { phrase, day } => {
            let clock = of_phrase(phrase, facts);
            match clock.end {
                End::Known(last) => Clock { review: clock.review, ..on(batch_day(*day, last.day)) },
                _ => clock,
            }
        }
        Phrase::More { phrase, period } => {
            let clock = of_phrase(phrase, facts);
            match clock.end {
                End::Known(last) => Clock { review: clock.review, ..on(plus(last.day, period)) },
                _ => clock,
            }
        }
        Phrase::Outside { by } => {
            match facts.known.get(&plain(by)).and_then(|known| known.value.parse::<Date>().ok()) {
                Some(day) => on(Some(day)),
                None => WAITS,
            }
        }
        Phrase::Latest { and_last } => {
            let newer = facts.latest("newer version").map_or(waits(facts, "newer version"), within);
            match and_last {
                None => newer,
                Some(period) => {
                    let old = facts
                        .latest("recorded")
                        .map_or(waits(facts, "recorded"), |day| on(plus(day, period)));
                    latest(&[newer, old])
                }
            }
        }
        Phrase::Rolling { period } => {
            facts.latest("recorded").map_or(waits(facts, "recorded"), |day| on(plus(day, period)))
        }
    }
}

/// Nothing is known of an event yet, or it cannot happen any more.
fn waits(facts: &Facts, event: &str) -> Clock {
    if facts.never.contains(event) { IMPOSSIBLE } else { WAITS }
}

/// The earliest that is known; what is not known may only come before it.
fn soonest(parts: &[Clock]) -> Clock {
    let known = parts.iter().filter_map(|part| match part.end {
        End::Known(last) => Some(last),
        _ => None,
    });
    let end = match known.min() {
        Some(last) => End::Known(last),
        None if parts.iter().any(|part| part.end == End::Waits) => End::Waits,
        None if parts.iter().any(|part| part.end == End::Never) => End::Never,
        None => End::Impossible,
    };
    Clock { end, review: parts.iter().filter_map(|part| part.review).min() }
}

/// The latest, once every one is known.
fn latest(parts: &[Clock]) -> Clock {
    let end = if parts.iter().any(|part| part.end == End::Waits) {
        End::Waits
    } else if parts.iter().any(|part| part.end == End::Never) {
        End::Never
    } else {
        let known = parts.iter().filter_map(|part| match part.end {
            End::Known(last) => Some(last),
            _ => None,
        });
        known.max().map_or(End::Impossible, End::Known)
    };
    Clock { end, review: parts.iter().filter_map(|part| part.review).max() }
}

/// Whether something is so: yes, no, or nobody knows.
pub fn so(condition: &Condition, facts: &Facts) -> Option<bool> {
    match condition {
        Condition::Is { fact, value, .. } => facts.known.get(fact).map(|known| known.value == *value),
        Condition::Not(inner) => so(inner, facts).map(|so| !so),
        Condition::Any(parts) => {
            let all: Vec<Option<bool>> = parts.iter().map(|part| so(part, facts)).collect();
            if all.contains(&Some(true)) {
                Some(true)
            } else if all.contains(&None) {
                None
            } else {
                Some(false)
            }
        }
        Condition::Aged { from, under, at } => {
            let day = day_of(facts, at)?;
            let old = |years: i16| Some(turned(facts, "born", i32::from(years))? <= day);
            let young = under.map_or(Some(true), |under| old(under).map(|old| !old))?;
            Some(young && (*from == 0 || old(*from)?))
        }
        Condition::GivenBefore(event) => {
            let given = facts.days.get("consent given").and_then(|days| days.iter().min().copied());
            match (given, day_of(facts, event)) {
                (Some(given), Some(day)) => Some(given <= day),
                (Some(_), None) => Some(true),
                (None, Some(_)) => Some(false),
                (None, None) => None,
            }
        }
    }
}

//! What each form of phrase comes to on given facts.

use jiff::Span as Period;
use jiff::civil::{Date, DateTime};

use super::Facts;
use super::step::{End, Ends, Step, Within, distinct, due, earlier, later, never, waiting};
use crate::phrase::{Batch, Condition, Event, Phrase, Year, period_words};

/// A day and a period after it: months clamp to the month's end. `None` past the end of the calendar.
pub(super) fn later_by(day: Date, period: &Period) -> Option<Date> {
    day.checked_add(*period).ok()
}

pub(super) fn evaluate(phrase: &Phrase, facts: &Facts) -> Step {
    match phrase {
        Phrase::After { period, event } => after(event, period, facts),
        Phrase::AfterYear { period, year, event } => after_year(event, *year, period, facts),
        Phrase::Review { period, event } => review_after(event, period, facts),
        Phrase::Until(event) => until(event, facts),
        Phrase::UntilDay(day) => due(*day, false, format!("until {day}")),
        Phrase::While(category) => until(&Event::only(format!("no longer {category}")), facts),
        Phrase::Earlier(parts) => earlier(parts.iter().map(|part| evaluate(part, facts)).collect()),
        Phrase::Later(parts) => later(parts.iter().map(|part| evaluate(part, facts)).collect()),
        Phrase::AtMost(inner, cap) => earlier(vec![evaluate(inner, facts), evaluate(cap, facts)]),
        Phrase::Agreed { default, at_most, normally, .. } => {
            agreed(default, at_most.as_deref(), *normally, facts)
        }
        Phrase::Indefinitely => never("indefinitely: it never ends by itself".to_owned()),
        Phrase::WhileSo(condition) => while_so(condition, facts),
        Phrase::Longer { phrase, during } => longer(phrase, during, facts),
        Phrase::Cases { cases, otherwise } => case_of(cases, otherwise, facts),
        Phrase::Batch { phrase, day } => batched(phrase, *day, facts),
        Phrase::More { phrase, period } => more(phrase, period, facts),
        Phrase::Outside { by } => outside(by, facts),
        Phrase::Latest { and_last } => latest(and_last.as_ref(), facts),
        Phrase::Rolling { period } => after(&Event::only("recorded"), period, facts),
        Phrase::NotKept { instead } => match instead.is_empty() {
            true => never("it is never kept".to_owned()),
            false => never(format!("it is never kept: {}", instead.join(", "))),
        },
    }
}

fn unknown(awaited: Vec<String>) -> Step {
    let line = format!("not known yet: {}", awaited.join(", "));
    Step::new(Ends::Awaiting(awaited), line)
}

/// Ends at once when the fact is no longer so. One that never was so, or ended on a day nobody knows, awaits it.
fn while_so(condition: &Condition, facts: &Facts) -> Step {
    let written = condition.written();
    match (facts.so(condition), facts.ended(condition)) {
        (Err(awaited), _) => unknown(awaited),
        (Ok(false), Some(on)) => due(on, true, format!("no longer {written} {on}: ends at once")),
        (Ok(_), _) => {
            let awaited = format!("no longer {written}");
            Step::new(Ends::Awaiting(vec![awaited.clone()]), format!("{awaited}: not yet"))
        }
    }
}

/// Never before the phrase alone, and not while the fact is so.
fn longer(phrase: &Phrase, during: &Condition, facts: &Facts) -> Step {
    let alone = evaluate(phrase, facts);
    let written = during.written();
    match (facts.so(during), facts.ended(during)) {
        (Err(awaited), _) => later(vec![alone, unknown(awaited)]),
        (Ok(true), _) | (Ok(false), Some(_)) => later(vec![alone, while_so(during, facts)]),
        (Ok(false), None) => {
            let mut step = alone;
            step.trace.push(format!("{written}: no, so no longer than that"));
            step
        }
    }
}

/// Of the cases that are so the longest counts, in whatever order they stand. One that may still turn out to be so is
/// awaited, unless it could not lengthen anything: nothing is lost a day too early.
fn case_of(cases: &[(Condition, Phrase)], otherwise: &Phrase, facts: &Facts) -> Step {
    let mut so = Vec::new();
    let mut lines = Vec::new();
    let mut open = Vec::new();
    for (condition, phrase) in cases {
        match facts.so(condition) {
            Ok(true) => {
                lines.push(format!("{}: yes", condition.written()));
                so.push(evaluate(phrase, facts));
            }
            Ok(false) => lines.push(format!("{}: no", condition.written())),
            Err(awaited) => open.push((awaited, evaluate(phrase, facts))),
        }
    }
    let mut step = match (so.is_empty(), open.is_empty()) {
        (true, true) => evaluate(otherwise, facts),
        (true, false) => {
            return unknown(distinct(open.into_iter().flat_map(|(awaited, _)| awaited).collect()));
        }
        (false, _) => later(so),
    };
    let matters = |case: &Step| match (&case.ends, &step.ends) {
        (Ends::Impossible, _) | (_, Ends::Never) => false,
        (Ends::Due(end), Ends::Due(known)) => end > known,
        _ => true,
    };
    let awaited: Vec<String> =
        open.into_iter().filter(|(_, case)| matters(case)).flat_map(|(awaited, _)| awaited).collect();
    if !awaited.is_empty() {
        step = later(vec![step, unknown(distinct(awaited))]);
    }
    step.trace.splice(0..0, lines);
    step
}

fn batched(phrase: &Phrase, day: Batch, facts: &Facts) -> Step {
    let mut step = evaluate(phrase, facts);
    if let Ends::Due(End { on, .. }) = step.ends {
        match day.next(on) {
            Some(next) => {
                step.trace.push(format!("cleared out {}: {next}", day.written()));
                step.ends = Ends::Due(End { on: next, within: Within::Day });
            }
            None => step.ends = Ends::Never,
        }
    }
    step
}

fn more(phrase: &Phrase, period: &Period, facts: &Facts) -> Step {
    let mut step = evaluate(phrase, facts);
    if let Ends::Due(End { on, .. }) = step.ends {
        step.trace.push(format!("archived for {}", period_words(period)));
        step.ends = match later_by(on, period) {
            Some(on) => Ends::Due(End { on, within: Within::Day }),
            None => Ends::Never,
        };
    }
    step
}

/// Until the day the other body said, once it has.
fn outside(by: &str, facts: &Facts) -> Step {
    let said = facts.known.get(&crate::phrase::plain(by)).and_then(|known| known.value.parse::<Date>().ok());
    match said {
        Some(on) => due(on, false, format!("{by} requires it until {on}")),
        None => unknown(vec![format!("until when {by} requires it")]),
    }
}

fn latest(and_last: Option<&Period>, facts: &Facts) -> Step {
    let newer = until(&Event::only("newer version"), facts);
    match and_last {
        None => newer,
        Some(period) => later(vec![newer, after(&Event::only("recorded"), period, facts)]),
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
    if period.get_hours() != 0 {
        return after_hours(event, day, period, facts);
    }
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

/// Hours count from the moment it happened and end at a moment, whatever the clocks did in between. Where only the
/// day is known they count from its beginning, and the day they end on is the last.
fn after_hours(event: &Event, day: Date, period: &Period, facts: &Facts) -> Step {
    let said = |at: DateTime| at.strftime("%Y-%m-%d %H:%M").to_string();
    let line = |begun| format!("{} {}, plus {}", event.written(), said(begun), period_words(period));
    let past = |begun| never(format!("{}: past the end of the calendar", line(begun)));
    match facts.times.get(&event.name).filter(|at| at.date() == day) {
        Some(begun) => match begun.checked_add(*period) {
            Ok(end) => {
                let within = Within::At(end.timestamp());
                let line = format!("{}: {}", line(begun.datetime()), said(end.datetime()));
                // What ends with the first moment of a day had the day before for its last.
                let on = match end.time() == jiff::civil::Time::midnight() {
                    true => end.date().yesterday().unwrap_or(end.date()),
                    false => end.date(),
                };
                Step::new(Ends::Due(End { on, within }), line)
            }
            Err(_) => past(begun.datetime()),
        },
        None => {
            let begun = day.to_datetime(jiff::civil::Time::midnight());
            match begun.checked_add(*period) {
                Ok(end) => due(end.date(), false, format!("{}: {}", line(begun), said(end))),
                Err(_) => past(begun),
            }
        }
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
    let said = format!("{} {day}, in the {}", event.written(), year.name());
    match year.end(day).and_then(|end| Some((end, later_by(end, period)?))) {
        Some((end, on)) if period.is_zero() => due(on, false, format!("{said} to {end}")),
        Some((end, on)) => due(on, false, format!("{said} to {end}, plus {}", period_words(period))),
        None => never(format!("{said}: past the end of the calendar")),
    }
}

/// Somebody who has looked since it happened, and kept it, looks again when as long has passed once more.
fn review_after(event: &Event, period: &Period, facts: &Facts) -> Step {
    let mut step = after(event, period, facts);
    if let Ends::Due(End { on, .. }) = step.ends {
        let looked = facts.reviewed.filter(|looked| facts.day(event).is_some_and(|day| *looked > day));
        let again = looked.and_then(|looked| Some((looked, later_by(looked, period)?)));
        if let Some((looked, _)) = again {
            step.trace.push(format!("the last review {looked}, plus {}", period_words(period)));
        }
        let on = again.map_or(on, |(_, next)| next);
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
pub(super) fn agreed_step(default: &Phrase, period: &Period, facts: &Facts) -> Step {
    match default {
        Phrase::After { event, .. } => after(event, period, facts),
        Phrase::AfterYear { event, year, .. } => after_year(event, *year, period, facts),
        other => evaluate(other, facts),
    }
}

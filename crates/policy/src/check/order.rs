//! Which of two periods is always over before the other, whatever happens: what the order of a work's milestones, and
//! of a life, say about them. Knows no person and no date.

use jiff::Span as Period;
use jiff::civil::date;

use crate::phrase::{Event, Phrase, Which, Whose, Year, period_words};

/// Where a period begins, and the least and the most days that it takes from there.
struct Leaf<'a> {
    event: &'a Event,
    year: Option<Year>,
    least: i64,
    most: i64,
}

/// Whether one phrase always ends before another does, or on the same day, with milestones in this order.
pub(super) fn before(one: &Phrase, other: &Phrase, milestones: &[String]) -> bool {
    before_and_more(one, other, milestones, 0)
}

/// The same for a phrase that ends so many days later.
fn before_and_more(one: &Phrase, other: &Phrase, milestones: &[String], more: i64) -> bool {
    let first = |one: &Phrase, other: &Phrase| before_and_more(one, other, milestones, more);
    match (one, other) {
        (Phrase::Earlier(_) | Phrase::AtMost(..), _) => {
            one.parts().into_iter().any(|part| first(part, other))
        }
        (Phrase::Later(_) | Phrase::Cases { .. }, _) => {
            one.parts().into_iter().all(|part| first(part, other))
        }
        (Phrase::Batch { phrase, .. }, _) => before_and_more(phrase, other, milestones, more + 366),
        (Phrase::More { phrase, period }, _) => {
            before_and_more(phrase, other, milestones, more + days(*period))
        }
        (_, Phrase::Later(_)) => other.parts().into_iter().any(|part| first(one, part)),
        (_, Phrase::Earlier(_) | Phrase::AtMost(..) | Phrase::Cases { .. }) => {
            other.parts().into_iter().all(|part| first(one, part))
        }
        (_, Phrase::Longer { phrase, .. } | Phrase::Batch { phrase, .. }) => first(one, phrase),
        (_, Phrase::More { phrase, period }) => {
            before_and_more(one, phrase, milestones, more - days(*period))
        }
        _ => match (leaf(one), leaf(other)) {
            (Some(one), Some(other)) if one.event == other.event && one.year == other.year => {
                one.least + more <= other.least
            }
            (Some(one), Some(other)) => {
                one.most + more <= other.least && never_after(one.event, other.event, milestones)
            }
            _ => false,
        },
    }
}

fn leaf(phrase: &Phrase) -> Option<Leaf<'_>> {
    let from = |event, period| Leaf { event, year: None, least: days(period), most: days(period) };
    match phrase {
        Phrase::After { period, event } | Phrase::Review { period, event } => Some(from(event, *period)),
        Phrase::Until(event) => Some(from(event, Period::new())),
        Phrase::AfterYear { period, year, event } => {
            let plain = from(event, *period);
            Some(Leaf { year: Some(*year), most: plain.most + days(year.at_most()), ..plain })
        }
        _ => None,
    }
}

/// Whether an event can only be on the day of another, or sooner, where both happen.
fn never_after(one: &Event, other: &Event, milestones: &[String]) -> bool {
    if one.name == other.name {
        return one.which == other.which || one.which == Which::First || other.which == Which::Last;
    }
    let at = |event: &Event| milestones.iter().position(|milestone| *milestone == event.name);
    if let (Some(one), Some(other)) = (at(one), at(other)) {
        return one < other;
    }
    if let Some((whose, age)) = one.birthday() {
        return match other.birthday() {
            Some((others, turns)) => whose == others && age.unwrap_or(0) <= turns.unwrap_or(0),
            None => whose == Whose::Own && age.is_none(),
        };
    }
    match one.name.as_str() {
        // Of whom we are told may have been in touch with somebody before; work for them begins later.
        "collected" => at(other).is_some(),
        "consent given" => one.which == Which::First && other.name == "consent withdrawn",
        "recorded" => other.name == "closed" || other.name == "newer version",
        _ => false,
    }
}

/// How many days a period is, roughly: months and years as they fall from the middle of 2026 on.
pub(super) fn days(period: Period) -> i64 {
    let from = date(2026, 7, 1);
    from.checked_add(period)
        .ok()
        .and_then(|end| from.until(end).ok())
        .map_or(i64::from(i32::MAX), |span| i64::from(span.get_days()))
}

/// How a part is named in a finding: `6 years after finished`.
pub(super) fn named(phrase: &Phrase) -> String {
    match phrase {
        Phrase::After { period, event } if period.is_zero() => format!("`{}`", event.written()),
        Phrase::After { period, event } => format!("`{} after {}`", period_words(period), event.written()),
        Phrase::Review { period, event } => {
            format!("`review {} after {}`", period_words(period), event.written())
        }
        Phrase::AfterYear { period, year, event } if period.is_zero() => {
            format!("`the end of the {} of {}`", year.name(), event.written())
        }
        Phrase::AfterYear { period, year, event } => {
            format!("`{} after the end of the {} of {}`", period_words(period), year.name(), event.written())
        }
        Phrase::Until(event) => format!("`until {}`", event.written()),
        _ => "the rest".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrase::read_alone;

    fn phrase(words: &str) -> Phrase {
        read_alone(words).map(|read| read.phrase).unwrap_or(Phrase::Indefinitely)
    }

    #[test]
    fn what_comes_first_follows_from_the_order_of_events_and_the_length_of_periods() {
        let milestones = ["agreed", "started", "finished"].map(str::to_owned);
        for (one, other, first) in [
            ("1 month after agreed", "6 years after started", true),
            ("6 years after started", "1 month after agreed", false),
            ("8 years after agreed", "6 years after finished", false),
            ("6 years after agreed", "6 years after finished", true),
            ("1 year after finished", "6 years after agreed", false),
            ("2 years after last contact", "2 years after last contact", true),
            ("1 year after first contact", "2 years after last contact", true),
            ("1 year after last contact", "2 years after first contact", false),
            ("3 years after collected", "6 years after last contact", false),
            ("3 years after collected", "6 years after finished", true),
            ("1 year after the end of the tax year of agreed", "2 years after finished", true),
            ("1 year after the end of the tax year of agreed", "20 months after finished", false),
            (
                "the later of 1 year after agreed and 2 years after last contact",
                "6 years after finished",
                false,
            ),
            (
                "1 year after agreed",
                "the later of 6 years after finished and 2 years after last contact",
                true,
            ),
            (
                "1 year after agreed",
                "the earlier of 6 years after finished and 2 years after last contact",
                false,
            ),
            ("6 months after finished, archived for 5 years", "6 years after finished", true),
            ("6 months after finished, archived for 5 years", "5 years after finished", false),
            ("1 month after consent withdrawn", "2 years after last contact", false),
        ] {
            assert_eq!(before(&phrase(one), &phrase(other), &milestones), first, "{one} before {other}");
        }
    }
}

//! Periods that say nothing or something that can never be: longer than anybody lives, two of which only one ever
//! counts, a stage that begins when nothing is left.

use jiff::Span as Period;
use jiff::civil::date;

use super::Review;
use super::period::shorter;
use crate::activity::Activity;
use crate::phrase::{Event, Phrase, Year, period_words};
use crate::rule::Rule;

/// Nobody has lived longer.
const LIFETIME: i64 = 120;

/// What a period is counted from.
type Anchor<'a> = (&'a Event, Option<Year>);

impl Review<'_> {
    pub(super) fn senseless(&mut self, activity: &Activity, rule: &Rule) {
        let stage = rule.stage.as_ref().map(|stage| &stage.phrase);
        let too_long = periods(&rule.phrase).into_iter().find(outlives);
        if let Some(period) = too_long {
            let message = format!("{} are longer than anybody lives", period_words(&period));
            self.find_in(&activity.name, "W-LIFETIME", rule.span, message, "");
        }
        if let Some((message, help)) = one_never_counts(&rule.phrase) {
            self.find_in(&activity.name, "W-NEVER-COUNTS", rule.span, message, help);
        }
        let never_comes = stage.and_then(|stage| {
            let ((from, stops), (of_end, end)) = (counted(stage)?, counted(&rule.phrase)?);
            (from == of_end && !shorter(stops, end)).then_some((stops, end))
        });
        if let Some((stops, end)) = never_comes {
            let message = format!("after {} there is nothing left to stop", said(end));
            let help = format!("stop sooner than after {}, or say only when it goes", said(stops));
            self.find_in(&activity.name, "W-STAGE", rule.span, message, help);
        }
    }
}

fn outlives(period: &Period) -> bool {
    let from = date(1900, 1, 1);
    let end = from.checked_add(*period);
    end.is_err()
        || from.checked_add(Period::new().years(LIFETIME)).is_ok_and(|life| end.is_ok_and(|end| end > life))
}

/// Every period of a phrase.
pub(super) fn periods(phrase: &Phrase) -> Vec<Period> {
    let own = match phrase {
        Phrase::After { period, .. }
        | Phrase::AfterYear { period, .. }
        | Phrase::Review { period, .. }
        | Phrase::More { period, .. }
        | Phrase::Rolling { period } => Some(*period),
        Phrase::Latest { and_last } => *and_last,
        _ => None,
    };
    own.into_iter().chain(phrase.parts().into_iter().flat_map(periods)).collect()
}

/// What a phrase is counted from, and how long after it ends; where it has one such anchor.
fn counted(phrase: &Phrase) -> Option<(Anchor<'_>, Period)> {
    match phrase {
        Phrase::After { period, event } => Some(((event, None), *period)),
        Phrase::AfterYear { period, year, event } => Some(((event, Some(*year)), *period)),
        Phrase::Until(event) => Some(((event, None), Period::new())),
        _ => None,
    }
}

/// Two periods from one event of which the same one counts whatever happens.
fn one_never_counts(phrase: &Phrase) -> Option<(String, String)> {
    let (parts, shorter_counts): (Vec<&Phrase>, bool) = match phrase {
        Phrase::Earlier(parts) => (parts.iter().collect(), true),
        Phrase::Later(parts) => (parts.iter().collect(), false),
        Phrase::AtMost(inner, cap) => (vec![inner, cap], true),
        Phrase::Agreed { default, at_most: Some(cap), .. } => {
            let ((from, usual), (capped, most)) = (counted(default)?, counted(cap)?);
            let over = from == capped && shorter(most, usual);
            return over.then(|| {
                let message =
                    format!("without an agreement {} are kept, and the cap is {}", said(usual), said(most));
                (message, "let the cap be the longer of the two".to_owned())
            });
        }
        _ => (Vec::new(), false),
    };
    for (at, one) in parts.iter().enumerate() {
        for other in parts.get(at + 1..).unwrap_or_default() {
            let (Some((a, one)), Some((b, other))) = (counted(one), counted(other)) else { continue };
            if a == b {
                let (short, long) = if shorter(other, one) { (other, one) } else { (one, other) };
                let (counts, never) = if shorter_counts { (short, long) } else { (long, short) };
                let message = format!("both count from `{}`: {} never counts", a.0.written(), named(never));
                return Some((message, format!("leave one out: only {} ever counts", named(counts))));
            }
        }
    }
    phrase.parts().into_iter().find_map(one_never_counts)
}

fn said(period: Period) -> String {
    if period.is_zero() { "it has happened".to_owned() } else { period_words(&period) }
}

fn named(period: Period) -> String {
    if period.is_zero() { "the day itself".to_owned() } else { format!("`{}`", period_words(&period)) }
}

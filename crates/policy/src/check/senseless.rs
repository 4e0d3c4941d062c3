//! Periods that say nothing or something that can never be: longer than anybody lives, two of which only one ever
//! counts, a stage that begins when nothing is left.

use jiff::Span as Period;
use jiff::civil::date;

use super::Review;
use super::order::{before, named};
use super::period::shorter;
use crate::activity::Activity;
use crate::phrase::{Event, Phrase, Year, period_words};
use crate::rule::Rule;

/// Nobody has lived longer.
const LIFETIME: i64 = 120;

impl Review<'_> {
    pub(super) fn senseless(&mut self, activity: &Activity, rule: &Rule) {
        let work = rule.work.and_then(|work| self.policy.works.get(work.index()));
        let milestones = work.map(|work| work.milestones.as_slice()).unwrap_or_default();
        let too_long = periods(&rule.phrase).into_iter().find(outlives);
        if let Some(period) = too_long {
            let message = format!("{} are as long as anybody lives, or longer", period_words(&period));
            self.find_in(&activity.name, "W-LIFETIME", rule.span, message, "");
        }
        if let Some(event) = over_at_once(&rule.phrase, milestones) {
            let message = format!("`until {event}` is over on the day it begins");
            let help = format!("say how long after it: `6 months after {event}`");
            self.find_in(&activity.name, "W-NEVER-COUNTS", rule.span, message, help);
        }
        if let Some(Vain { code, message, help }) = one_never_counts(&rule.phrase, milestones) {
            self.find_in(&activity.name, code, rule.span, message, help);
        }
        let stage = rule.stage.as_ref().map(|stage| &stage.phrase);
        if let Some(stage) = stage.filter(|stage| before(&rule.phrase, stage, milestones)) {
            let message = match counted(&rule.phrase).zip(counted(stage)) {
                Some(((of_end, end), (from, _))) if of_end == from => {
                    format!("after {} there is nothing left to stop", said(end))
                }
                _ => format!("it is gone before {}: there is nothing left to stop", named(stage)),
            };
            let help = format!("stop sooner than {}, or say only when it goes", named(stage));
            self.find_in(&activity.name, "W-STAGE", rule.span, message, help);
        }
    }
}

/// What has happened already on the day on which anything is held, where a phrase waits for it.
fn over_at_once<'a>(phrase: &'a Phrase, milestones: &[String]) -> Option<&'a str> {
    let own = match phrase {
        Phrase::Until(event) => Some(event.name.as_str()),
        _ => None,
    };
    let begun = |name: &&str| {
        ["collected", "recorded"].contains(name) && !milestones.iter().any(|milestone| milestone == name)
    };
    own.filter(begun).or_else(|| phrase.parts().into_iter().find_map(|part| over_at_once(part, milestones)))
}

fn outlives(period: &Period) -> bool {
    let from = date(1900, 1, 1);
    let end = from.checked_add(*period);
    end.is_err()
        || from.checked_add(Period::new().years(LIFETIME)).is_ok_and(|life| end.is_ok_and(|end| end >= life))
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
fn counted(phrase: &Phrase) -> Option<((&Event, Option<Year>), Period)> {
    match phrase {
        Phrase::After { period, event } | Phrase::Review { period, event } => Some(((event, None), *period)),
        Phrase::AfterYear { period, year, event } => Some(((event, Some(*year)), *period)),
        Phrase::Until(event) => Some(((event, None), Period::new())),
        _ => None,
    }
}

/// A part of a clause that changes nothing.
struct Vain {
    code: &'static str,
    message: String,
    help: String,
}

/// Two parts of a phrase of which the same one counts whatever happens.
fn one_never_counts(phrase: &Phrase, milestones: &[String]) -> Option<Vain> {
    let (parts, soonest) = match phrase {
        Phrase::Earlier(_) | Phrase::AtMost(..) => (ends(phrase), true),
        Phrase::Later(parts) => (parts.iter().collect(), false),
        Phrase::Agreed { default, at_most: Some(cap), .. } => {
            return cut_by_the_cap(default, cap, milestones);
        }
        _ => (Vec::new(), false),
    };
    for (at, one) in parts.iter().enumerate() {
        for other in parts.get(at + 1..).unwrap_or_default() {
            let (sooner, later) = match (before(other, one, milestones), before(one, other, milestones)) {
                (true, _) => (*other, *one),
                (_, true) => (*one, *other),
                _ => continue,
            };
            // A look at it ends nothing: what comes after it counts all the same.
            let looks = |phrase: &Phrase| matches!(phrase, Phrase::Review { .. });
            match (soonest, looks(sooner), looks(later)) {
                (_, true, _) => {}
                (true, false, true) => return Some(looked_at_too_late(sooner, later)),
                (true, ..) => return Some(vain(sooner, later, true)),
                // Details may come to us later than the contact they tell of.
                (false, ..) if came_later(sooner, later) => {}
                (false, ..) => return Some(vain(later, sooner, false)),
            }
        }
    }
    phrase.parts().into_iter().find_map(|part| one_never_counts(part, milestones))
}

/// Whether one counts from the day we got the details, and the other from something else.
fn came_later(sooner: &Phrase, later: &Phrase) -> bool {
    let from = |phrase| counted(phrase).map(|((event, _), _)| event.name.as_str());
    from(sooner) == Some("collected") && from(later) != Some("collected")
}

/// Every part by which a phrase may end, where the first of them ends it.
fn ends(phrase: &Phrase) -> Vec<&Phrase> {
    match phrase {
        Phrase::Earlier(_) | Phrase::AtMost(..) => phrase.parts().into_iter().flat_map(ends).collect(),
        other => vec![other],
    }
}

fn vain(counts: &Phrase, never: &Phrase, sooner: bool) -> Vain {
    let same = counted(counts).zip(counted(never)).filter(|((one, _), (other, _))| one == other);
    let (message, only) = match same {
        Some(((from, counts), (_, never))) => {
            let span = |period: Period| match period.is_zero() {
                true => "the day itself".to_owned(),
                false => format!("`{}`", period_words(&period)),
            };
            let message = format!("both count from `{}`: {} never counts", from.0.written(), span(never));
            (message, span(counts))
        }
        None => {
            let comes = if sooner { "first" } else { "last" };
            (format!("{} always comes {comes}: {} never counts", named(counts), named(never)), named(counts))
        }
    };
    Vain { code: "W-NEVER-COUNTS", message, help: format!("leave one out: only {only} ever counts") }
}

fn looked_at_too_late(end: &Phrase, review: &Phrase) -> Vain {
    Vain {
        code: "W-LATE-REVIEW",
        message: format!("{} ends it: nobody ever comes to {}", named(end), named(review)),
        help: "let the review come sooner than the cap, or leave it out".to_owned(),
    }
}

/// What is kept without an agreement, where the cap of an agreement would end it sooner.
fn cut_by_the_cap(default: &Phrase, cap: &Phrase, milestones: &[String]) -> Option<Vain> {
    let same = counted(default).zip(counted(cap)).filter(|((one, _), (other, _))| one == other);
    let message = match same {
        Some(((_, usual), (_, most))) if shorter(most, usual) => {
            format!("without an agreement {} are kept, and the cap is {}", said(usual), said(most))
        }
        None if before(cap, default, milestones) => {
            format!("without an agreement it is kept until {}, and the cap is {}", named(default), named(cap))
        }
        _ => return None,
    };
    let help = "let the cap be the longer of the two".to_owned();
    Some(Vain { code: "W-NEVER-COUNTS", message, help })
}

fn said(period: Period) -> String {
    if period.is_zero() { "it has happened".to_owned() } else { period_words(&period) }
}

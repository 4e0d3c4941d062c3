//! Periods beside their reviews, and work that stops half way.

use jiff::Span as Period;
use jiff::civil::date;

use super::Review;
use super::senseless::periods;
use crate::activity::Activity;
use crate::kind::Sort;
use crate::phrase::{Event, PERSON_EVENTS, Phrase, Which, of_work, period_words};
use crate::policy::Work;
use crate::rule::{Disposal, Rule};

/// What happens by a yes to the question whether to go on.
const RENEWED_BY_A_YES: &[&str] =
    &["confirmed", "consent given", "contact", "incoming contact", "communication"];

/// How long work may go on, where a cap is proposed that must not cut it short, in years.
const LONG_WORK: i64 = 15;

impl Review<'_> {
    pub(super) fn periods(&mut self) {
        let policy = self.policy;
        self.milestones();
        for activity in &policy.activities {
            for rule in activity.rules.iter().filter_map(|id| policy.rules.get(id.index())) {
                self.late_review(activity, rule);
                self.stalled(activity, rule);
                self.asked_in_vain(activity, rule);
                self.too_soon(activity, rule);
                self.senseless(activity, rule);
                self.fixed_day(activity, rule);
                self.nothing_to_hand_over(activity, rule);
                if rule.then == Disposal::Anonymise && rule.counts_by.is_none() {
                    let message = "nothing says which counts stay";
                    // Where the period says itself how it ends, nothing more may be said behind `then`.
                    let staged = rule.stage.is_some() && !matches!(rule.phrase, Phrase::More { .. });
                    let help =
                        "write it behind the period: `anonymise 3 years after closed, keep counts by year`";
                    let help = if staged { help } else { "" };
                    self.find_in(&activity.name, "W-ANONYMISE", rule.span, message, help);
                }
            }
        }
    }

    /// What is handed over is a document or an entry: of anything else nobody is asked for anything.
    fn nothing_to_hand_over(&mut self, activity: &Activity, rule: &Rule) {
        let policy = self.policy;
        let of_text = |rule: &Rule| {
            let mut kinds = rule.kinds.iter().filter_map(|kind| policy.kind(kind));
            kinds.any(|kind| matches!(kind.sort, Sort::Document | Sort::Entry))
        };
        // One `then` serves several clauses: what it hands over may stand in another of them.
        let served =
            |other: &Rule| other.activity == rule.activity && other.then == rule.then && other.to == rule.to;
        if rule.then.hands_over() && !policy.rules.iter().any(|other| served(other) && of_text(other)) {
            let message = "nothing of this is handed over: a detail or a record is only erased";
            let help = "name a document or an entry too, or write `then erase`";
            self.find_in(&activity.name, "W-HAND-OVER", rule.span, message, help);
        }
    }

    /// A milestone takes the place of an event of the same name in every clause, in those for everyone too.
    fn milestones(&mut self) {
        for work in &self.policy.works {
            let events = PERSON_EVENTS.iter().map(|(name, _)| *name);
            for name in events.filter(|name| work.milestones.iter().any(|milestone| milestone == name)) {
                let message = format!("`{name}` also says something of every person and record");
                let help = format!("call the milestone `{} {name}`", work.name);
                self.find_in(&work.name, "W-MILESTONE", work.span, message, help);
            }
        }
    }

    fn late_review(&mut self, activity: &Activity, rule: &Rule) {
        let looks = [rule.review, rule.ask_again.as_ref().map(|ask| ask.every)];
        let Some(lasts) = longest(&rule.phrase) else { return };
        for every in looks.into_iter().flatten().filter(|every| !shorter(*every, lasts)) {
            let lasts = period_words(&lasts);
            // What counts from several days, or from one that comes again, has no one day on which it is over.
            let message = match rule.phrase.events().as_slice() {
                [only] if only.which != Which::Last => {
                    format!("after {} there is nothing left to look at", lasts.trim_start_matches("a "))
                }
                _ => format!("it is mostly over within {lasts}, and nobody looks at it before"),
            };
            let help = format!("review sooner than every {}, or not at all", period_words(&every));
            self.find_in(&activity.name, "W-LATE-REVIEW", rule.span, message, help);
        }
    }

    /// A yes moves the end only where the period counts from what a yes is.
    fn asked_in_vain(&mut self, activity: &Activity, rule: &Rule) {
        let moves = |event: &crate::phrase::Event| RENEWED_BY_A_YES.contains(&event.name.as_str());
        if rule.ask_before.is_some() && rule.ask_again.is_none() && !rule.phrase.events().iter().any(moves) {
            let message = "whatever they answer, it ends on the same day";
            self.find_in(&activity.name, "W-ASK-VAIN", rule.span, message, "");
        }
    }

    /// Nobody can be asked or told before there is anything to ask about.
    fn too_soon(&mut self, activity: &Activity, rule: &Rule) {
        let Some(lasts) = longest(&rule.phrase) else { return };
        let told = rule.tell_before.as_ref().map(|before| (before, "told"));
        let asked = rule.ask_before.as_ref().map(|before| (before, "asked"));
        for (before, done) in told.into_iter().chain(asked).filter(|(before, _)| shorter(lasts, **before)) {
            let message = format!(
                "they would be {done} {} before the end of {}",
                period_words(before),
                period_words(&lasts)
            );
            self.find_in(&activity.name, "W-ASK-VAIN", rule.span, message, "a time shorter than the period");
        }
    }

    fn stalled(&mut self, activity: &Activity, rule: &Rule) {
        let of_all = |work: &Work, event: &Event| {
            let late = work.milestones.iter().skip(1).any(|late| of_work(&work.name, late) == event.name);
            event.which == Which::All && late
        };
        let works = &self.policy.works;
        let events = rule.phrase.events();
        let work = rule.work.and_then(|work| works.get(work.index()));
        let work = work.or_else(|| works.iter().find(|work| events.iter().any(|event| of_all(work, event))));
        let Some(work) = work.filter(|_| rule.review.is_none() && rule.ask_again.is_none()) else { return };
        let first = work.milestones.first();
        let late = |event: &Event| {
            of_all(work, event) || work.milestones.contains(&event.name) && Some(&event.name) != first
        };
        if let Some(event) = stalls(&rule.phrase, &late) {
            let name = event.name.as_str();
            let article = if work.name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            let message = format!("{article} {} that never gets as far as `{name}` has no period", work.name);
            // A cap counts from the last contact while the work goes on, too: it must outlast the longest work.
            let spans = periods(&rule.phrase).into_iter().filter(|span| span.get_hours() == 0);
            let lasts = spans.reduce(|one, other| if shorter(one, other) { other } else { one });
            let lasts = lasts.unwrap_or_default();
            let cap = lasts.years(i64::from(lasts.get_years()).saturating_add(LONG_WORK).min(9000));
            let help = format!(
                "add `review every 2 years`; or, if no {} ever lasts longer than {LONG_WORK} years, `at most {} after last \
                 contact`",
                work.name,
                period_words(&cap)
            );
            self.find_in(&activity.name, "A-STALLED", rule.span, message, help);
        }
    }
}

/// The longest that a period can last once everything it counts from has happened; nothing where its words set no
/// such limit.
pub(super) fn longest(phrase: &Phrase) -> Option<Period> {
    let sooner = |one: Period, other: Period| if shorter(one, other) { one } else { other };
    let later = |one: Period, other: Period| if shorter(one, other) { other } else { one };
    let last_of = |parts: Vec<&Phrase>| {
        let spans: Option<Vec<Period>> = parts.into_iter().map(longest).collect();
        spans.and_then(|spans| spans.into_iter().reduce(later))
    };
    match phrase {
        Phrase::After { period, .. } | Phrase::Rolling { period } => Some(*period),
        Phrase::AfterYear { period, year, .. } => and_more(*period, year.at_most()),
        Phrase::AtMost(phrase, cap) => [longest(phrase), longest(cap)].into_iter().flatten().reduce(sooner),
        Phrase::Earlier(parts) => parts.iter().filter_map(longest).reduce(sooner),
        Phrase::Later(_) | Phrase::Cases { .. } | Phrase::Agreed { at_most: Some(_), .. } => {
            last_of(phrase.parts())
        }
        Phrase::More { phrase, period } => longest(phrase).and_then(|span| and_more(span, *period)),
        Phrase::Batch { phrase, .. } => {
            longest(phrase).and_then(|span| and_more(span, Period::new().years(1)))
        }
        _ => None,
    }
}

/// One period and then another, as days where their units do not go together.
fn and_more(period: Period, more: Period) -> Option<Period> {
    period.checked_add((more, date(2026, 7, 1))).ok()
}

/// The longest that anything goes without being looked at again, in years.
pub(super) const LOOKED_AT_YEARS: i64 = 3;

/// Whether somebody looks so seldom that it is as good as never.
pub(super) fn seldom(every: Period) -> bool {
    shorter(Period::new().years(LOOKED_AT_YEARS), every)
}

/// Whether one period is over before another, counted from the same day.
pub(super) fn shorter(period: Period, other: Period) -> bool {
    let from = date(2026, 7, 1);
    matches!((from.checked_add(period), from.checked_add(other)), (Ok(a), Ok(b)) if a < b)
}

/// The event without which a phrase never ends, if work may stop before it.
fn stalls(phrase: &Phrase, late: &dyn Fn(&Event) -> bool) -> Option<Event> {
    match phrase {
        Phrase::After { event, .. }
        | Phrase::AfterYear { event, .. }
        | Phrase::Until(event)
        | Phrase::Review { event, .. } => late(event).then(|| event.clone()),
        // The first of them ends it: all must wait.
        Phrase::Earlier(_) | Phrase::AtMost(..) => {
            let waits: Option<Vec<Event>> =
                phrase.parts().into_iter().map(|part| stalls(part, late)).collect();
            waits?.into_iter().next()
        }
        _ => phrase.parts().into_iter().find_map(|part| stalls(part, late)),
    }
}

//! The proof of consents: whether it lasts for as long as they are relied on.

use jiff::Span as Period;

use super::Review;
use super::keep::Ending;
use super::period::{longest, shorter};
use crate::activity::Activity;
use crate::basis::Basis;
use crate::phrase::Phrase;
use crate::rule::Rule;

impl Review<'_> {
    pub(super) fn consent_proof(&mut self, activity: &Activity, rule: &Rule) {
        if !rule.kinds.and(self.set(&["consent record"])).is_empty() && self.short_after_consent(&rule.phrase)
        {
            let help = "count from `consent withdrawn`, or keep it for longer than a consent lasts";
            self.find_in(
                &activity.name,
                "W-CONSENT-PROOF",
                rule.span,
                "the proof may go while the consent is still relied on",
                help,
            );
        }
    }

    /// Counted from when it was given, a consent's proof may go while the consent is still relied on.
    fn short_after_consent(&self, phrase: &Phrase) -> bool {
        match phrase {
            Phrase::After { event, period } | Phrase::AfterYear { event, period, .. } => {
                let from_giving = ["consent given", "collected", "recorded"].contains(&event.name.as_str());
                from_giving && self.policy.activities.iter().any(|other| self.outlasts(other, *period))
            }
            Phrase::Earlier(parts) => parts.iter().any(|part| self.short_after_consent(part)),
            Phrase::AtMost(phrase, cap) => self.short_after_consent(phrase) || self.short_after_consent(cap),
            Phrase::Later(parts) => parts.iter().all(|part| self.short_after_consent(part)),
            _ => false,
        }
    }

    /// Whether an activity relies on one consent for longer than a period. Each yes to being asked again is another.
    fn outlasts(&self, activity: &Activity, period: Period) -> bool {
        let rules = || activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index()));
        if !matches!(activity.basis, Basis::Consent { .. }) {
            return false;
        }
        if let Some(ask) = rules().filter_map(|rule| rule.ask_again.as_ref()).map(|ask| ask.every).next() {
            return shorter(period, ask);
        }
        rules().any(|rule| match longest(&rule.phrase) {
            Some(lasts) => shorter(period, lasts),
            None => !matches!(self.ending(&rule.phrase), Ending::Dated),
        })
    }
}

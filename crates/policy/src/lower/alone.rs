//! `keep report for the work ...`: what a piece of work holds for itself, whoever is on it. There is nobody to ask, to tell or
//! to agree with, so such a clause counts from what happens on the work and from nothing else.

use crate::activity::Activity;
use crate::basis::Basis;
use crate::diagnostic::Diagnostic;
use crate::kind::Sort;
use crate::lower::Lower;
use crate::phrase::{Phrase, Which, plain};
use crate::rule::{Disposal, Rule};

impl Lower<'_> {
    /// Finds what a clause for the work itself cannot say.
    pub(super) fn alone(&mut self, rule: &Rule, activity: &Activity) {
        let Some((message, help)) = self.not_of_work(rule, activity) else { return };
        self.found.push(Diagnostic::error("E-PHRASE", rule.span, message).help(help));
    }

    fn not_of_work(&self, rule: &Rule, activity: &Activity) -> Option<(&'static str, &'static str)> {
        let of_work = |kind| {
            self.policy.kind(kind).is_some_and(|kind| matches!(kind.sort, Sort::Entry | Sort::Document))
        };
        if !rule.names_kinds || !rule.kinds.iter().all(of_work) {
            return Some((
                "only documents and entries are kept for the work itself",
                "name them: `keep report for the work 6 years after case closed`",
            ));
        }
        let milestones = rule
            .work
            .and_then(|work| self.policy.works.get(work.index()))
            .map_or(&[][..], |work| work.milestones.as_slice());
        let happens = |event: &crate::phrase::Event| {
            event.which != Which::All && milestones.iter().any(|milestone| plain(milestone) == event.name)
        };
        if !counts(&rule.phrase) || !rule.phrase.events().iter().all(happens) || rule.by_row {
            return Some((
                "what is kept for the work itself counts from the milestones of that work",
                "write `6 years after case closed`, `until handed over`, or the earlier or later of such",
            ));
        }
        let asks = rule.review.is_some()
            || rule.ask_again.is_some()
            || rule.ask_before.is_some()
            || rule.tell_before.is_some()
            || rule.condition.is_some()
            || !rule.except.is_empty();
        if asks || rule.then == Disposal::Anonymise || rule.then == Disposal::Count {
            return Some((
                "the work is nobody to ask, to tell or to count",
                "leave out what speaks of a person, or keep it without `for the work`",
            ));
        }
        matches!(activity.basis, Basis::Consent { .. }).then_some((
            "nobody can consent for the work itself",
            "keep it without `for the work`, or under an activity with another basis",
        ))
    }
}

/// Whether a period can count for work alone.
fn counts(phrase: &Phrase) -> bool {
    match phrase {
        Phrase::After { .. } | Phrase::AfterYear { .. } | Phrase::Until(_) => true,
        Phrase::Earlier(_)
        | Phrase::Later(_)
        | Phrase::AtMost(..)
        | Phrase::Batch { .. }
        | Phrase::More { .. } => phrase.parts().into_iter().all(counts),
        _ => false,
    }
}

//! Periods that may be agreed with the person: whether anybody could write down what was agreed. Knows nothing of how long
//! such a period may be.

use super::Review;
use crate::activity::Activity;
use crate::count::with_article;
use crate::phrase::{Phrase, Voice, period_words, words};
use crate::policy::Work;
use crate::rule::Rule;

impl Review<'_> {
    /// What is agreed is written down once for a piece of work: there must be one, and one clause that it is about.
    pub(super) fn agreed_nowhere(&mut self, activity: &Activity, rule: &Rule) {
        let policy = self.policy;
        let Some(agreed) = rule.phrase.agreed() else { return };
        let Some(work) = rule.work.and_then(|work| policy.works.get(work.index())) else {
            let message = "what is agreed could be written down nowhere: a period is agreed on a piece of work, and this counts from \
                nothing that happens on one";
            let help = match policy.works.iter().find_map(|work| Some((work, work.milestones.last()?))) {
                Some((work, milestone)) => on_work(agreed, work, milestone),
                None => "leave `or as agreed` out: no work is declared on which anything could be agreed"
                    .to_owned(),
            };
            return self.find_in(&activity.name, "E-AGREED", rule.span, message, help);
        };
        let mut of_work = policy.rules.iter().filter(|other| other.work == rule.work);
        let first = of_work.find_map(|other| other.phrase.agreed());
        // The same in another clause is agreed on in one go.
        if first.is_some_and(|first| terms(first, work) != terms(agreed, work)) {
            let message = format!(
                "one period is agreed for {}, and another clause says already by whom and how long: nobody could agree on this one",
                with_article(&work.name)
            );
            let help = "say the same in both, or leave `or as agreed` out of one of them";
            self.find_in(&activity.name, "E-AGREED", rule.span, message, help);
        }
    }
}

/// By whom it is agreed, and how long it may be: whether more is taken with a reason, and the cap in words.
fn terms<'p>(agreed: &'p Phrase, work: &Work) -> Option<(&'p str, bool, Option<String>)> {
    let Phrase::Agreed { by, at_most, normally, .. } = agreed else { return None };
    let cap = at_most.as_deref().map(|cap| words(cap, Voice::They, Some(work)));
    Some((by.as_str(), *normally, cap))
}

/// The same clause, counted from what happens on work.
fn on_work(agreed: &Phrase, work: &Work, milestone: &str) -> String {
    let period = match agreed {
        Phrase::Agreed { default, .. } => match &**default {
            Phrase::After { period, .. } | Phrase::AfterYear { period, .. } => Some(period),
            _ => None,
        },
        _ => None,
    };
    let usual = period.map_or_else(|| "6 months".to_owned(), period_words);
    format!(
        "count it from what happens on {}: `{usual} after {milestone}, or as agreed by ...`; or leave `or as agreed` out",
        with_article(&work.name)
    )
}

//! The record of whom something was passed to: whether it lasts for as long as what was passed on. Without it nobody can be told of an
//! erasure or a correction (Art 19), and nobody who asks can be told who has it.

use jiff::Span as Period;

use super::Review;
use super::consent::short_after;
use super::period::{longest, shorter};
use crate::activity::Activity;
use crate::kind::{KindSet, RECORDS};
use crate::phrase::period_words;
use crate::rule::Rule;

/// No record of it is advised to be kept for longer than so many years.
const YEARS_MAX: i64 = 200;

impl Review<'_> {
    pub(super) fn disclosures_last(&mut self, activity: &Activity, rule: &Rule) {
        if rule.kinds.and(self.set(&["disclosure record"])).is_empty() {
            return;
        }
        let Some((whose, lasts)) = self.longest_passed_on() else { return };
        if !short_after(&rule.phrase, &["collected", "recorded"], &|period| shorter(period, lasts)) {
            return;
        }
        let message = format!(
            "what `{whose}` passes on is held for {}, and who has it is forgotten sooner",
            period_words(&lasts)
        );
        let mut longer = (1..=YEARS_MAX).map(|years| Period::new().years(years));
        let help = longer.find(|longer| shorter(lasts, *longer)).map_or_else(String::new, |longer| {
            let longer = period_words(&longer);
            format!(
                "keep it for longer than what was passed on: `keep disclosure record {longer} after recorded`"
            )
        });
        self.find_in(&activity.name, "W-DISCLOSURE-RECORD", rule.span, message, help);
    }

    /// Of what is passed on what is held for longest, and how long. A clause without a longest time says nothing here: what it holds is
    /// passed on anew as long as it is used.
    fn longest_passed_on(&self) -> Option<(&str, Period)> {
        let mut found: Option<(&str, Period)> = None;
        for activity in &self.policy.activities {
            let passed = self.passed_on(activity);
            let rules = activity.rules.iter().filter_map(|id| self.policy.rules.get(id.index()));
            let held = rules.filter(|rule| !rule.kinds.and(passed).is_empty());
            for lasts in held.filter_map(|rule| longest(&rule.phrase)) {
                if found.is_none_or(|(_, most)| shorter(most, lasts)) {
                    found = Some((activity.name.as_str(), lasts));
                }
            }
        }
        found
    }

    /// What of an activity somebody else has: whom it is shared with, unless they confirm that no copy is left, and where it lies with a
    /// processor. The program's own records go to an authority for the case they are about, and are no details of whoever is in them.
    fn passed_on(&self, activity: &Activity) -> KindSet {
        let shared = activity.shares.iter().filter(|share| !share.then_destroyed).map(|share| share.kinds);
        let there =
            self.policy.processors.iter().filter(|processor| activity.places.contains(&processor.name));
        let lies = there.map(|processor| processor.kinds.and(activity.kinds));
        let records: Vec<&str> = RECORDS.iter().map(|(record, _)| *record).collect();
        shared.chain(lies).fold(KindSet::none(), KindSet::or).minus(self.set(&records))
    }
}

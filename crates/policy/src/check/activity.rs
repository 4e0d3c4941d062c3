//! Activities: the basis, what it allows, and whether the activity holds what it speaks of.

use std::collections::BTreeMap;

use super::Review;
use super::period::seldom;
use crate::activity::{Activity, Purpose};
use crate::basis::{Basis, ConsentForm};
use crate::channel::Means;
use crate::condition::Condition;
use crate::kind::{KindSet, Sensitivity, Sort};
use crate::name::KindId;
use crate::policy::Clause;

impl Review<'_> {
    pub(super) fn activities(&mut self) {
        for activity in &self.policy.activities {
            self.basis(activity);
            self.reason(activity);
            self.sensitive(activity);
            self.shares(activity);
            self.against_prohibitions(activity);
        }
        self.bundled();
        self.records();
        self.unused();
    }

    fn basis(&mut self, activity: &Activity) {
        let marketing = activity.purpose == Purpose::DirectMarketing;
        match &activity.basis {
            Basis::LegitimateInterests { assessed, review, last, soft_opt_in } => {
                self.interests(activity, assessed.is_some(), *review, *last);
                if marketing && soft_opt_in.is_none() {
                    self.subscribers(activity);
                }
            }
            Basis::Consent { form, .. } => {
                self.imbalance(activity);
                self.confirmed(activity, form);
            }
            other if marketing => {
                let message = format!("marketing cannot rest on {}", other.words());
                self.find_in(
                    &activity.name,
                    "E-MARKETING-BASIS",
                    activity.basis_span,
                    message,
                    "write `basis consent, opt-in`, or `basis legitimate interests, assessed in \"FILE\"`",
                );
            }
            _ => {}
        }
    }

    fn interests(
        &mut self,
        activity: &Activity,
        assessed: bool,
        review: Option<jiff::Span>,
        last: Option<jiff::civil::Date>,
    ) {
        let (name, span) = (&activity.name, activity.basis_span);
        if !assessed {
            self.find_in(
                name,
                "E-UNASSESSED",
                span,
                "these interests were not weighed",
                "write the assessment, then `assessed in \"FILE\", review every year`",
            );
            return;
        }
        let due = review.zip(last).and_then(|(every, last)| last.checked_add(every).ok());
        match (review, due) {
            (None, _) => self.find_in(
                name,
                "W-ASSESSMENT",
                span,
                "nothing says when the assessment is looked at again",
                "add `review every year`",
            ),
            (_, Some(due)) if due < self.today => {
                self.find_in(
                    name,
                    "W-ASSESSMENT",
                    span,
                    format!("the assessment was to be looked at by {due}"),
                    "look at it, and write the day: `last DATE`",
                );
            }
            _ if last.is_some_and(|day| day > self.today) => {
                let message = "nobody can have looked at the assessment on a day that is yet to come";
                let help = "write the day on which somebody last did: `last DATE`";
                self.find_in(name, "W-ASSESSMENT", span, message, help);
            }
            (Some(every), _) if seldom(every) => {
                let message = "an assessment looked at so seldom is as good as never looked at";
                self.find_in(name, "W-ASSESSMENT", span, message, "write `review every year`");
            }
            _ => {}
        }
    }

    /// Whoever is written to without having been asked must not be a person or a sole trader.
    fn subscribers(&mut self, activity: &Activity) {
        let written = activity.channels.iter().filter_map(|id| self.policy.channels.get(id.index()));
        if written.into_iter().any(|channel| matches!(channel.means, Means::Email | Means::Text)) {
            let span = self.place(&Clause::Send(activity.id));
            self.find_in(
                &activity.name,
                "W-SUBSCRIBERS",
                span,
                "people and sole traders must have agreed to this first",
                "write only to companies and public bodies, or ask for consent",
            );
        }
    }

    fn reason(&mut self, activity: &Activity) {
        if activity.so_that.is_some() {
            return;
        }
        let (code, message) = match activity.basis {
            Basis::LegitimateInterests { .. } => {
                ("E-INTEREST", "the notice must say what these interests are")
            }
            _ => ("W-REASON", "the notice will give no purpose but the title"),
        };
        self.find_in(&activity.name, code, activity.span, message, "write `so that \"...\"`");
    }

    fn sensitive(&mut self, activity: &Activity) {
        if activity.basis.is_express_consent() {
            return;
        }
        for (kind, span) in &activity.data {
            let Some(kind) = self.policy.kind(*kind) else { continue };
            let code = match kind.sensitivity {
                Sensitivity::Special => "E-SPECIAL",
                Sensitivity::Criminal => "E-CRIMINAL",
                _ => continue,
            };
            let serves = |condition: &&Condition| condition.serves(kind.sensitivity);
            match activity.conditions.iter().find(serves) {
                Some(condition) if condition.lacks_document() => {
                    let message = format!("`{}` needs a policy document", condition.known.words);
                    self.find_in(
                        &activity.name,
                        "E-POLICY-DOCUMENT",
                        condition.span,
                        message,
                        "write it, then `, policy document \"FILE\"`",
                    );
                    continue;
                }
                Some(_) => continue,
                None => {}
            }
            let message = format!("`{}` needs more than {}", kind.name, activity.basis.words());
            self.find_in(
                &activity.name,
                code,
                *span,
                message,
                "write `basis consent, explicit`, or a `condition` such as `condition legal claims`",
            );
        }
    }

    fn shares(&mut self, activity: &Activity) {
        for share in &activity.shares {
            let missing = self.names(share.kinds.minus(activity.kinds));
            if !missing.is_empty() && share.kinds != KindSet::all() {
                let message = format!("this shares {missing}, which the activity does not hold");
                self.find_in(
                    &activity.name,
                    "E-SHARE",
                    share.span,
                    message,
                    "name it in `data`, or leave it out here",
                );
            }
        }
    }

    pub(super) fn names(&self, kinds: KindSet) -> String {
        let names: Vec<String> = kinds
            .iter()
            .filter_map(|id| self.policy.kind(id))
            .map(|kind| format!("`{}`", kind.name))
            .collect();
        names.join(", ")
    }

    /// One form, several consents.
    fn bundled(&mut self) {
        let mut forms: BTreeMap<KindId, Vec<&Activity>> = BTreeMap::new();
        for activity in &self.policy.activities {
            if let Basis::Consent { form: ConsentForm::Signed(form), .. } = activity.basis {
                forms.entry(form).or_default().push(activity);
            }
        }
        for activities in forms.into_values() {
            for activity in activities.iter().skip(1) {
                self.find_in(
                    &activity.name,
                    "W-BUNDLED",
                    activity.basis_span,
                    "the same form carries another activity's consent",
                    "let people sign for each apart",
                );
            }
        }
    }

    fn unused(&mut self) {
        let policy = self.policy;
        let held = policy.activities.iter().fold(KindSet::none(), |held, activity| held.or(activity.kinds));
        for kind in policy.kinds.iter().filter(|kind| kind.sort != Sort::Record && !held.contains(kind.id)) {
            self.find(
                "W-KIND",
                kind.span,
                format!("no activity may hold `{}`", kind.name),
                "name it in an activity's `data`, or take it out",
            );
        }
        for category in &policy.categories {
            let used = policy
                .activities
                .iter()
                .any(|activity| activity.for_whom.iter().any(|whom| whom.category == category.id));
            if !used {
                self.find(
                    "W-CATEGORY",
                    category.span,
                    format!("no activity is for `{}`", category.name),
                    "write one, or take the category out",
                );
            }
        }
    }
}

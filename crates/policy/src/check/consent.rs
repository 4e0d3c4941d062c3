//! The proof of consents: whether it lasts for as long as they are relied on.

use jiff::Span as Period;

use super::Review;
use super::keep::Ending;
use super::period::{longest, shorter};
use super::wording::{found, words};
use crate::activity::{Activity, Purpose};
use crate::basis::{Basis, ConsentForm};
use crate::kind::{Kind, Shape};
use crate::phrase::Phrase;
use crate::rule::Rule;

/// Who depends on whoever writes the policy, as categories are named and described: who works for them, who wants to,
/// and who is in their care, their house, their school or their power.
const DEPENDENT: &[&str] = &[
    "staff|employee|employees|apprentice*|interns|colleagues|workforce|volunteer|volunteers|trainee|trainees",
    "work_for_us|works_for_us|working_for_us|work_here|works_here|we_employ|employed_by_us|on_our_payroll",
    "our .. workers|team|drivers|cleaners|teachers|carers|nurses|managers|doctors|assistants|engineers|cooks|guards",
    "worker*|driver*|cleaner*|teacher*|carer*|nurse*|manager*|doctor*|assistant*|engineer*|cook|cooks|guard* at|on|in .. our",
    "applicant|applicants|candidate|candidates|jobseeker*|apply|applies|applying .. for|to",
    "pupil|pupils|student|students|patient|patients|in_our_care|in_care|we_care_for|we_treat|we_teach|live_in_our|service_user|\
     service_users|people_we_support|people_we_look_after|detainee*|prisoner|prisoners|inmate*|in_prison|in_custody",
    "schoolchild*|children|child|infants|toddlers ~ at|in|on|we .. our|school|nursery|class|classes|teach|mind",
    "learner|learners|boarder|boarders|cadet|cadets|recruit|recruits|conscript*",
    "children|child|young_people|adults|people|families|somebody|whoever .. in .. our|supported|sheltered|foster|residential|temporary|emergency \
     .. care|home|homes|school|nursery|hostel|shelter|housing|accommodation|hospital|ward|refuge|unit",
    "we feed|clothe|house|foster|shelter|detain|supervise|guard|look_after",
    "nursery|school|foster|adopted|looked-after children|child",
    "learning_disabilit*|dementia|special_needs|additional_needs",
    "claimant|claimants",
    "job|internship|college|university applicant|applicants|candidate|candidates|seeker|seekers",
    "asylum*|refugee*|migrant*|homeless|rough_sleepers|victim|victims|survivor|survivors|care_leavers|looked-after|foster_children",
    "probation|parole|on_licence|on_remand|offender*|in_detention|detained|sectioned|under_supervision|on_bail",
    "people|adults|whoever|somebody|those .. live|lives|living|stay|stays|staying|sleep .. with_us|here|in_our|at_our|in_a|in_supported|in_sheltered",
    "people|adults|families|those|whoever .. need|needs|depend|depends|rely|relies .. our|us|help|care|support|food|shelter",
    "people|families|those|whoever .. come .. to .. food_bank|foodbank|refuge|shelter|hostel|soup_kitchen",
    "people|families|those .. in debt|crisis|need|distress|hospital|prison|custody|treatment",
    "tenant|tenants|lodger*|resident|residents|rent_from_us|live_in_our_homes",
    "claimant|claimants|beneficiary|beneficiaries|on_benefits|get|receive|given|decide .. grants|benefits|allowances|bursaries",
];

/// Who depends on somebody else, or no longer, or only knows somebody who does.
const OF_OTHERS: &[&str] = &[
    "staff|employee*|colleagues|apprentice*|team|workers|managers|volunteers|pupils|patients|tenants|residents ~ \
     whose|who_refer|sent_by",
    "staff|employee*|colleagues|apprentice*|team|workers|managers|volunteers|pupils|patients|tenants|residents|students of|at|from",
    "parent|parents|famil*|relative*|friend*|neighbour*|landlord*|employer*|doctor*|teacher*|referee*|contact|contacts|supporter*|\
     carers of|to|for|in",
    "former|past|ex-staff|ex-pupils|alumn*|graduate|graduates",
    "applicant*|candidate* .. name|names|named",
    "referees|landlords|parents|relatives",
];

/// Whose they are is said after all.
const OURS_ALL_THE_SAME: &[&str] = &[
    "at|on|in our",
    "pupils|students|patients|residents|tenants|staff of our",
    "famil* .. in .. temporary|emergency|supported|sheltered|crisis|need",
];

/// And then of whom they are.
const OURS: &[&str] = &["our supplier*|customer*|client*|partner*|funder*|member*"];

/// Words by which whoever is asked can see that nothing hangs on it.
const AS_THEY_LIKE: &[&str] = &[
    "if_you|you_want|you_would_like|you_like|you_wish|you_choose|optional*|voluntar*|up_to_you|nothing_changes",
];

impl Review<'_> {
    /// Whoever depends on somebody can hardly refuse them (recital 43): staff and applicants above all.
    pub(super) fn imbalance(&mut self, activity: &Activity) {
        let said = |text: &str, patterns: &[&str]| {
            let text = text.to_lowercase();
            found(patterns, &words(&text, 0)).is_some()
        };
        let dependent = || {
            let categories =
                activity.for_whom.iter().filter_map(|whom| self.policy.categories.get(whom.category.index()));
            categories.into_iter().any(|category| {
                let all = format!("{}: {}", category.name, category.words);
                let here = said(&all, OURS_ALL_THE_SAME) && !said(&all, OURS);
                let others = said(&all, OF_OTHERS) && !here;
                said(&all, DEPENDENT) && !others
            })
        };
        let optional = activity.purpose == Purpose::DirectMarketing
            || said(activity.so_that.as_deref().unwrap_or_default(), AS_THEY_LIKE);
        let personnel = activity.purpose == Purpose::PersonnelManagement;
        if personnel || (!optional && dependent()) {
            let help = "prefer contract or legal obligation; where they may really say no, let the sentence show it: \
                        `so that \"..., if you want to\"`";
            let help = if personnel { "prefer contract or legal obligation" } else { help };
            let message = "those who depend on you can hardly refuse";
            self.find_in(&activity.name, "W-IMBALANCE", activity.basis_span, message, help);
        }
    }

    /// Whoever is to confirm by e-mail must have an address there.
    pub(super) fn confirmed(&mut self, activity: &Activity, form: &ConsentForm) {
        let ConsentForm::OptIn { confirmed: Some(_), .. } = form else { return };
        let policy = self.policy;
        let is_address = |kind: &Kind| Shape::of(&kind.name) == Shape::Email;
        let held = activity.kinds.iter().any(|id| policy.kind(id).is_some_and(is_address));
        if !held {
            let message = "nothing here is an address to confirm it at";
            let help = "hold their e-mail address: `data name, email`";
            self.find_in(&activity.name, "E-CONFIRM", activity.basis_span, message, help);
        }
    }

    pub(super) fn consent_proof(&mut self, activity: &Activity, rule: &Rule) {
        if !rule.kinds.and(self.set(&["consent record"])).is_empty() && self.short_after_consent(&rule.phrase)
        {
            let help = "keep it for longer than a consent is relied on, and ask again where that has no end: `ask again every 2 years`";
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
        let short = |period| self.policy.activities.iter().any(|other| self.outlasts(other, period));
        short_after(phrase, &["consent given", "collected", "recorded"], &short)
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
            None => !matches!(self.ending(activity, &rule.phrase), Ending::Dated),
        })
    }
}

/// Whether a phrase lets go of something after a period that is too short, counted from one of some events at the beginning.
pub(super) fn short_after(phrase: &Phrase, events: &[&str], short: &dyn Fn(Period) -> bool) -> bool {
    match phrase {
        Phrase::After { event, period } | Phrase::AfterYear { event, period, .. } => {
            events.contains(&event.name.as_str()) && short(*period)
        }
        Phrase::Earlier(parts) => parts.iter().any(|part| short_after(part, events, short)),
        Phrase::AtMost(phrase, cap) => short_after(phrase, events, short) || short_after(cap, events, short),
        Phrase::Later(parts) => parts.iter().all(|part| short_after(part, events, short)),
        _ => false,
    }
}

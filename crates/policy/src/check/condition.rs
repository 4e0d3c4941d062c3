//! Conditions: whether each is for data that is held, and for a body that may use it.

use super::Review;
use crate::kind::Sensitivity;

/// Bodies that Art 9(2)(d) is not for: they have another aim than its four.
const OTHER_BODIES: &[&str] = &["company", "partnership", "sole trader", "public authority"];

/// Words of which one stands in each paragraph of Schedule 1 Part 2: the list is closed.
const SCHEDULE: &[&str] = &[
    "statutory",
    "government",
    "parliament",
    "justice",
    "equality",
    "equal opportunit",
    "equal treatment",
    "diversity",
    "unlawful",
    "crime",
    "offence",
    "dishonest",
    "malpractice",
    "regulatory",
    "journalism",
    "academi",
    "artistic",
    "literary",
    "fraud",
    "terroris",
    "laundering",
    "disabilit",
    "medical condition",
    "counselling",
    "advice",
    "safeguard",
    "economic well",
    "economic wellbeing",
    "insurance",
    "pension",
    "political",
    "elected",
    "prisoner",
    "judgment",
    "doping",
    "sport",
    "para",
];

impl Review<'_> {
    pub(super) fn conditions(&mut self) {
        let policy = self.policy;
        let careful = policy.kinds_of(Sensitivity::Special).or(policy.kinds_of(Sensitivity::Criminal));
        for activity in &policy.activities {
            for condition in &activity.conditions {
                if activity.kinds.and(careful).is_empty() {
                    let message = "the activity holds nothing that needs a condition";
                    self.find_in(&activity.name, "W-CONDITION", condition.span, message, "");
                }
                let named = condition.name.as_deref().map(str::to_lowercase);
                let listed = |name: &String| SCHEDULE.iter().any(|mark| name.contains(mark));
                if condition.known.needs_name && !named.as_ref().is_some_and(listed) && named.is_some() {
                    let message =
                        "the list of the Data Protection Act 2018 (Sch 1 Part 2) has no such interest";
                    let help = "name one of its paragraphs: `\"safeguarding of children\"`, `\"preventing fraud\"`, \
                                `\"equality of opportunity\"`";
                    self.find_in(&activity.name, "W-CONDITION", condition.span, message, help);
                }
                let members = condition.known.words.starts_with("members");
                if members && OTHER_BODIES.iter().any(|body| policy.form.contains(body)) {
                    let message = format!("this is not for a {}", policy.form);
                    self.find_in(&activity.name, "E-MEMBERS", condition.span, message, "");
                }
            }
        }
    }
}

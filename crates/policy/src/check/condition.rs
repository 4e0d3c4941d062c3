//! Conditions: whether each is for data that is held, and for a body that may use it.

use super::Review;
use crate::kind::Sensitivity;

/// Bodies that Art 9(2)(d) is not for: they have another aim than its four.
const OTHER_BODIES: &[&str] = &["company", "partnership", "sole trader", "public authority"];

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
                let members = condition.known.words.starts_with("members");
                if members && OTHER_BODIES.iter().any(|body| policy.form.contains(body)) {
                    let message = format!("this is not for a {}", policy.form);
                    self.find_in(&activity.name, "E-MEMBERS", condition.span, message, "");
                }
            }
        }
    }
}

//! Bases: whether the one chosen can carry what it is chosen for.

use super::Review;
use crate::activity::{Activity, Purpose};
use crate::basis::{Basis, SoftOptIn};

/// Annex 1 of the UK GDPR, each condition with words by which an author may mean it.
const RECOGNISED: &[(&str, &[&str])] = &[
    ("a public body's request", &["request", "disclos"]),
    ("national security, public security and defence", &["security", "defence"]),
    ("emergencies", &["emergenc"]),
    ("crime", &["crime", "criminal", "offend", "fraud"]),
    ("safeguarding", &["safeguard"]),
];

/// What only ever is an ordinary interest (Art 6(11)).
const ORDINARY: &[&str] =
    &["marketing", "network", "information security", "it security", "intra-group", "admin"];

/// Words of a purpose that advertises.
const ADVERTISING: &[&str] =
    &["newsletter", "our news", "our offers", "promot", "advertis", "marketing", "special offers"];

impl Review<'_> {
    pub(super) fn lawful(&mut self) {
        for activity in &self.policy.activities {
            match &activity.basis {
                Basis::RecognisedInterest { condition } => self.recognised(activity, condition),
                Basis::VitalInterests => self.find_in(
                    &activity.name,
                    "A-VITAL",
                    activity.basis_span,
                    "this is for life and death, where nothing else fits",
                    "",
                ),
                Basis::LegitimateInterests { soft_opt_in, .. } => {
                    if let Some(soft) = soft_opt_in {
                        self.soft(activity, *soft);
                    }
                    if self.policy.form.contains("public authority") {
                        let message = "a public authority cannot rest its tasks on this";
                        self.find_in(&activity.name, "W-PUBLIC-INTERESTS", activity.basis_span, message, "");
                    }
                }
                _ => {}
            }
            self.hidden_marketing(activity);
        }
    }

    fn recognised(&mut self, activity: &Activity, condition: &str) {
        let words = condition.to_lowercase();
        let says = |marks: &[&str]| marks.iter().any(|mark| words.contains(mark));
        if says(ORDINARY) || !RECOGNISED.iter().any(|(_, marks)| says(marks)) {
            let known: Vec<&str> = RECOGNISED.iter().map(|(name, _)| *name).collect();
            let message = format!("`{condition}` is none of the five interests the law recognises");
            let help = format!(
                "they are {}; for others write `basis legitimate interests, assessed in \"FILE\"`",
                known.join("; ")
            );
            self.find_in(&activity.name, "E-RECOGNISED", activity.basis_span, message, help);
        }
    }

    fn soft(&mut self, activity: &Activity, soft: SoftOptIn) {
        let form = self.policy.form.to_lowercase();
        if soft == SoftOptIn::Supporters && !form.contains("charit") {
            let message = format!("only a charity may, and this is a {}", self.policy.form);
            self.find_in(&activity.name, "E-CHARITY", activity.basis_span, message, "");
        }
        let others: Vec<&str> =
            activity.from.iter().map(String::as_str).filter(|from| *from != "the person").collect();
        if !others.is_empty() || activity.from.is_empty() {
            let message = match others.is_empty() {
                true => "nothing says that the details came from the person".to_owned(),
                false => format!("details from {} are not covered", others.join(", ")),
            };
            self.find_in(&activity.name, "E-SOFT-OPT-IN", activity.basis_span, message, "");
        }
    }

    fn hidden_marketing(&mut self, activity: &Activity) {
        let words = activity.so_that.as_deref().unwrap_or_default().to_lowercase();
        let says = ADVERTISING.iter().find(|mark| words.contains(*mark));
        if let (Some(mark), false) = (says, activity.purpose == Purpose::DirectMarketing) {
            let message = format!("`{mark}` is marketing, and the purpose is something else");
            self.find_in(&activity.name, "W-HIDDEN-MARKETING", activity.span, message, "");
        }
    }
}

//! Bases: whether the one chosen can carry what it is chosen for.

use super::Review;
use crate::activity::{Activity, THE_PERSON};
use crate::basis::{Basis, SoftOptIn};

/// A condition of Annex 1 of the UK GDPR, and how an author may name it.
struct Recognised {
    name: &'static str,
    /// One word of each group must stand there.
    needs: &'static [&'static [&'static str]],
    /// And these may; with any other it is something else that is meant.
    may: &'static [&'static str],
}

const RECOGNISED: &[Recognised] = &[
    Recognised {
        name: "a public body's request for its task",
        needs: &[
            &["request", "requests", "requested", "disclosure", "disclosures", "disclosing"],
            &["public", "official", "police", "council", "councils", "courts", "government", "hmrc"],
        ],
        may: &[
            "bodies",
            "body",
            "body's",
            "task",
            "tasks",
            "authority",
            "authorities",
            "authority's",
            "function",
            "functions",
            "local",
            "made",
            "needed",
            "performing",
            "carrying",
            "its",
            "that",
            "which",
            "out",
            "who",
            "need",
            "needs",
            "it",
        ],
    },
    Recognised {
        name: "national security, public security and defence",
        needs: &[&["security", "defence"], &["national", "public", "defence"]],
        may: &["protecting", "protection", "safeguarding", "country", "purposes"],
    },
    Recognised {
        name: "emergencies",
        needs: &[&["emergency", "emergencies"]],
        may: &["responding", "response", "civil", "contingencies", "act", "2004", "dealing"],
    },
    Recognised {
        name: "crime",
        needs: &[&["crime", "crimes", "offender", "offenders", "offence", "offences", "fraud", "laundering"]],
        may: &[
            "criminal",
            "detecting",
            "detection",
            "detect",
            "investigating",
            "investigation",
            "investigate",
            "preventing",
            "prevention",
            "prevent",
            "apprehending",
            "apprehension",
            "prosecuting",
            "prosecution",
            "money",
            "theft",
            "reporting",
        ],
    },
    Recognised {
        name: "safeguarding vulnerable people",
        needs: &[&["safeguarding", "safeguard"]],
        may: &[
            "vulnerable",
            "individual",
            "individuals",
            "people",
            "person",
            "persons",
            "child",
            "children",
            "adult",
            "adults",
            "young",
            "risk",
            "under",
            "18",
            "eighteen",
            "harm",
            "neglect",
            "abuse",
            "physical",
            "mental",
            "emotional",
            "well-being",
            "wellbeing",
            "protecting",
            "protection",
        ],
    },
];

/// Words that change nothing about which condition is meant.
const SMALL: &[&str] = &[
    "a",
    "an",
    "and",
    "annex",
    "as",
    "at",
    "by",
    "condition",
    "for",
    "from",
    "gdpr",
    "in",
    "interest",
    "interests",
    "legitimate",
    "of",
    "on",
    "or",
    "our",
    "para",
    "paragraph",
    "recognised",
    "the",
    "their",
    "to",
    "uk",
    "under",
    "we",
    "with",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
];

/// Words of a purpose that advertises for somebody else.
const OF_OTHERS: &[&str] = &[
    "of our partner",
    "of partner",
    "of our sponsor",
    "of sponsor",
    "of other compan",
    "of other organisation",
    "of others",
    "of third part",
    "partners' ",
    "sponsors' ",
];

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
        let said = condition.to_lowercase();
        let inner = |letter: char| letter.is_alphanumeric() || ['-', '\''].contains(&letter);
        let words: Vec<&str> = said.split(|letter| !inner(letter)).filter(|word| !word.is_empty()).collect();
        let names = |known: &Recognised| {
            let needed = |word: &&str| known.needs.iter().any(|group| group.contains(word));
            let fits = |word: &&str| needed(word) || known.may.contains(word) || SMALL.contains(word);
            known.needs.iter().all(|group| words.iter().any(|word| group.contains(word)))
                && words.iter().all(fits)
        };
        if !RECOGNISED.iter().any(names) {
            let known: Vec<&str> = RECOGNISED.iter().map(|known| known.name).collect();
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
        let words = activity.so_that.as_deref().unwrap_or_default().to_lowercase();
        if let Some(mark) = OF_OTHERS.iter().find(|mark| words.contains(*mark)) {
            let message = format!("`{mark}`: it covers what is your own only");
            self.find_in(&activity.name, "E-SOFT-OPT-IN", activity.basis_span, message, "");
        }
        let others: Vec<&str> =
            activity.from.iter().map(String::as_str).filter(|from| *from != THE_PERSON).collect();
        if !others.is_empty() || activity.from.is_empty() {
            let message = match others.is_empty() {
                true => "nothing says that the details came from the person".to_owned(),
                false => format!("details from {} are not covered", others.join(", ")),
            };
            self.find_in(&activity.name, "E-SOFT-OPT-IN", activity.basis_span, message, "");
        }
    }
}

//! The head: what every notice must be able to say about the controller.

use super::Review;
use super::period::seldom;
use super::wording::{found, words};
use crate::kind::Sensitivity;
use crate::policy::{Clause, Stated};

/// Reasons that speak of how many people work there, as patterns of `wording`.
const SIZE: &[&str] = &[
    "250|few_staff|few_employees|few_people_work|no_staff|no_employees|staff_of|one-person|one_person|sole_trader",
    "small company|charity|business|organisation|team|firm|practice|school|church|club|society|group|enterprise",
    "too|very|quite|so small|little",
    "we are small",
    "{number}|fewer|less|under|below|only .. staff|employees|employed|workers|volunteers",
];

/// What a reason for having no officer speaks of: what is watched or held, and on what scale, or who they are.
const SCALE: &[&str] = &[
    "scale|large-scale|monitor*|track*|watch*|observ*|profil*|systematic*|follow|special|special-category|sensitive",
    "health|criminal|offence|offences|core_activit*|core_activities|public_authority|public_body|not_public|art_37|article_37",
];

/// Words that are no reason, however many of them stand there.
const FILLING: &[&str] = &[
    "n",
    "a",
    "na",
    "not",
    "none",
    "no",
    "nil",
    "nothing",
    "required",
    "require",
    "requires",
    "needed",
    "need",
    "needs",
    "necessary",
    "applicable",
    "apply",
    "applies",
    "applied",
    "reason",
    "reasons",
    "because",
    "we",
    "us",
    "our",
    "do",
    "does",
    "don",
    "doesn",
    "t",
    "is",
    "are",
    "it",
    "this",
    "that",
    "to",
    "for",
    "the",
    "law",
    "here",
    "one",
    "number",
    "have",
    "has",
    "register",
    "registered",
    "registration",
    "tbc",
    "tba",
    "tbd",
    "unknown",
    "yet",
    "there",
    "exempt",
    "exempted",
    "by",
    "in",
    "any",
    "at",
    "all",
    "so",
    "and",
    "or",
    "of",
    "too",
    "small",
    "x",
    "known",
];

fn says(because: &str, patterns: &[&str]) -> bool {
    found(patterns, &words(because, 0)).is_some()
}

/// Whether a reason is none: `n/a`, `not required`, `we do not need to`.
fn says_nothing(because: &str) -> bool {
    let because = because.to_lowercase();
    let mut words = because.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| FILLING.contains(&word))
}

impl Review<'_> {
    pub(super) fn head_findings(&mut self) {
        let policy = self.policy;
        match &policy.officer {
            Stated::No { because } if because.trim().is_empty() => {
                self.find(
                    "E-OFFICER",
                    self.head("officer"),
                    "no reason is given for having no data protection officer",
                    "write `officer none, because \"no large-scale monitoring\"`",
                );
            }
            Stated::No { .. } if policy.form.contains("public authority") => {
                self.find(
                    "E-OFFICER",
                    self.head("officer"),
                    "a public authority must have a data protection officer",
                    "name one: `officer \"NAME\" <dpo@acme.example>`",
                );
            }
            Stated::No { because } => {
                let help =
                    "say what is not on a large scale: monitoring, and special-category or criminal data";
                let message = match because.to_lowercase() {
                    because if says(&because, SIZE) => "how many work for you says nothing about it",
                    because if !says(&because, SCALE) => "this does not say why none is needed",
                    _ => "",
                };
                if !message.is_empty() {
                    self.find("W-OFFICER", self.head("officer"), message, help);
                }
                self.officer();
            }
            Stated::Yes(name) if name.trim().is_empty() => {
                let help =
                    "name them: `officer \"NAME\" <dpo@acme.example>`, or write `none, because \"...\"`";
                self.find(
                    "E-OFFICER",
                    self.head("officer"),
                    "nobody is named as data protection officer",
                    help,
                );
            }
            Stated::Yes(_) if policy.officer_contact.is_none() => {
                self.find(
                    "E-OFFICER",
                    self.head("officer"),
                    "nothing says how people can reach the data protection officer",
                    "write `officer \"NAME\" <dpo@acme.example>, 01632 960001`",
                );
            }
            Stated::Yes(_) => {}
        }
        self.registered();
        match policy.complaints.len() {
            0 => self.find(
                "E-COMPLAINTS",
                self.head("complaints"),
                "nobody is told how to complain to you",
                "write `complaints to us by form, e-mail or letter; then to the regulator`",
            ),
            1 => self.find(
                "W-COMPLAINTS",
                self.head("complaints"),
                "there is only one way to complain",
                "add another: `form, e-mail or letter`",
            ),
            _ => {}
        }
        if !policy.people_decide {
            self.find(
                "A-DECISIONS",
                self.head("version"),
                "nothing is said about decisions by a machine",
                "",
            );
        }
        self.policy_review();
        self.promises();
    }

    fn registered(&mut self) {
        let message = match &self.policy.registered {
            Stated::Yes(number) if number.trim().is_empty() => "no number is given",
            Stated::No { because } if because.trim().is_empty() => {
                "no reason is given for not being registered"
            }
            Stated::No { because } if says(&because.to_lowercase(), SIZE) => {
                "how small you are does not exempt you from it"
            }
            Stated::No { because } if says_nothing(because) => "this does not say why there is no number",
            _ => return,
        };
        let help = "write the number, or what exempts you: `none, because \"we are a not-for-profit body and hold only our \
                    members' details\"`";
        self.find("E-REGISTERED", self.head("registered"), message, help);
    }

    fn officer(&mut self) {
        let careful = [Sensitivity::Special, Sensitivity::Criminal];
        let held = self.policy.kinds.iter().find(|kind| careful.contains(&kind.sensitivity));
        if let Some(kind) = held {
            let message = format!("no data protection officer, and `{}` is held", kind.name);
            self.find(
                "W-OFFICER",
                self.head("officer"),
                message,
                "say in the reason why that is not on a large scale",
            );
        }
    }

    fn policy_review(&mut self) {
        match self.policy.review {
            None => self.find(
                "W-REVIEW",
                self.head("version"),
                "nothing says when this policy is looked at again",
                "write `review every year, last DATE`",
            ),
            Some((every, last)) => {
                let due = last.checked_add(every).ok();
                let place = self.head("review");
                let (message, help) = match due {
                    Some(due) if due < self.today => {
                        (format!("this policy was to be looked at by {due}"), "look at it, and write the day")
                    }
                    _ if last > self.today => (
                        "nobody can have looked at this on a day that is yet to come".to_owned(),
                        "write the day on which somebody last looked at it",
                    ),
                    _ if seldom(every) => (
                        "by then neither the law nor your work is what it was".to_owned(),
                        "write `review every year`",
                    ),
                    _ => return,
                };
                self.find("W-REVIEW", place, message, help);
            }
        }
    }

    fn promises(&mut self) {
        for (id, clauses) in &self.policy.promises {
            let mut seen = std::collections::BTreeSet::new();
            if let Some(twice) = clauses.iter().find(|clause| !seen.insert(*clause)) {
                self.find(
                    "W-PROMISE",
                    self.place(twice),
                    format!("promise `{id}` stands twice on this"),
                    "take one away",
                );
            }
            let open = clauses.iter().find(|clause| matches!(clause, Clause::Open(_)));
            if let (Some(open), 1) = (open, clauses.len()) {
                let message = format!("promise `{id}` is stated, and no clause keeps it");
                self.find("W-UNKEPT", self.place(open), message, "");
            }
            if let (Some(open), true) = (open, clauses.len() > 1) {
                self.find(
                    "W-PROMISE",
                    self.place(open),
                    format!("promise `{id}` is said to be open, and a clause keeps it"),
                    "take the open statement away",
                );
            }
        }
    }
}

//! The head: what every notice must be able to say about the controller.

use super::Review;
use super::period::seldom;
use crate::kind::Sensitivity;
use crate::policy::{Clause, Stated};

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
                let because = because.to_lowercase();
                if ["250", "few staff", "small company", "small charity", "we are small"]
                    .iter()
                    .any(|mark| because.contains(mark))
                {
                    let message = "how many work for you says nothing about it";
                    let help =
                        "say what is not on a large scale: monitoring, and special-category or criminal data";
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
        if matches!(&policy.registered, Stated::No { because } if because.trim().is_empty()) {
            self.find(
                "E-REGISTERED",
                self.head("registered"),
                "no reason is given for not being registered",
                "write the number, or `none, because \"...\"`",
            );
        }
        if matches!(&policy.registered, Stated::Yes(number) if number.trim().is_empty()) {
            let help = "write the number, or `none, because \"...\"`";
            self.find("E-REGISTERED", self.head("registered"), "no number is given", help);
        }
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

//! What is to be handed over by hand before ours goes: to whom. Nothing here hands it over, or says that it is.

use policy::Policy;
use store::task::{Kind, Task};

/// Who gets what a task hands over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum To {
    /// Whoever it is about.
    Them,
    /// Whoever the clause names: `the employer`.
    Named(String),
    /// The policy in force has the clause no more; the words of the task say it.
    AsWritten,
}

/// Who gets what a task hands over; nothing where it hands nothing over.
#[must_use]
pub fn to(policy: &Policy, task: &Task) -> Option<To> {
    if !matches!(task.kind, Kind::Return | Kind::Deliver) {
        return None;
    }
    let rule = policy.rules.iter().find(|rule| Some(rule.key.as_str()) == task.rule.as_deref());
    Some(match rule {
        Some(rule) => rule.handed_to(policy).map_or(To::Them, To::Named),
        None => To::AsWritten,
    })
}

//! The decision: five questions about one act, in their order, and a grant only if all agree.
//!
//! INVARIANT (only a decision grants): nothing else in the crate makes a [`Grant`].

use jiff::{Timestamp, civil::Date};
use policy::Policy;

use crate::act::{Act, Actor};
use crate::gate::Gate;
use crate::grant::Grant;
use crate::life::Life;
use crate::refusal::{Question, Refusal};

/// Grants an act on these people's data, or refuses with the first question that fails.
///
/// # Errors
/// A [`Refusal`] naming that question, the clause and the next step.
pub fn decide(policy: &Policy, actor: &Actor, act: &Act, lives: &[&Life], gate: &Gate, now: Timestamp, today: Date) -> Result<Grant, Refusal> {
    let _ = (policy, actor, act, lives, gate, now, today);
    Err(Refusal {
        question: Question::Role,
        clause: None,
        promises: Vec::new(),
        because: "nothing is decided yet".to_owned(),
        next_step: String::new(),
        clause_words: String::new(),
    })
}

/// Whether a milestone may be recorded for a person on a day: a consent asked for before it must be on file.
///
/// # Errors
/// A [`Refusal`] naming the basis clause.
pub fn may_happen(policy: &Policy, life: &Life, engagement: crate::id::EngagementId, milestone: &str, on: Date) -> Result<(), Refusal> {
    let _ = (policy, life, engagement, milestone, on);
    Ok(())
}
